"""Covering models solved as one integer model by HiGHS: own prefecture first, twice, capacities.

Covering by the rule *own prefecture first*: one's own node takes over from a neighbour's.
A county without a node of its own prefecture is served by the nearest of all; once its prefecture
has one, by that, even where it lies beyond the standard. So a new node can stand in the way of a
county that a neighbour's new node would serve. None of the classical models knows this; it is two
families of rows in maximal covering (Church and ReVelle 1974) and in set covering.

With capacities demand may be split between the sites that serve a point, and one model serves all
three goals: ``y`` opens a site, ``x`` is the share of a point's demand that a site serves. Pirkul
and Schilling (1991), The maximal covering location problem with capacities on total workload;
Current and Storbeck (1988), Capacitated covering models; Sridharan (1995), The capacitated plant
location problem, of which the p-median with capacities is the case of a number of sites in place of
their costs.

Backup covering: everybody within the standard once, and as much demand as possible twice.
Hogan and ReVelle (1986), Concepts and applications of backup coverage, Management Science 32.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import sparse

from network_map.completion.choice import Flags, Floats, Ints
from network_map.siting.cover_solvers import solve_max_cover, solve_set_cover
from network_map.siting.highs import HALF, HighsModel, ModelOutcome, ModelState
from network_map.siting.solving import (
    SiteLimits,
    Solved,
    SolveProgress,
    SolveStatus,
    SolveWatch,
    no_plan,
    relative_gap,
)

# --- own prefecture first -------------------------------------------------------------------------


_TRACE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class CoverRows:
    """What new sites do to R rows, each a county in the lists in which it is out of reach alike.

    Parameters
    ----------
    county
        Number of the county of each row: (R,).
    covers
        Whether a new node in a place would serve the row within the standard: (R, m).
    own_covers
        The same of the county's own places alone: (R, m).
    blocks
        Own places whose node would serve the row beyond the standard, and no neighbour's any more:
        (R, m).
    weight_by_list
        What the row counts in each of L lists, 0 where it is not out of reach in it: (L, R).
    """

    county: Ints
    covers: Flags
    own_covers: Flags
    blocks: Flags
    weight_by_list: Floats

    @property
    def weight(self) -> Floats:
        """What each row counts in the mean over the lists: (R,)."""
        return np.asarray(self.weight_by_list.mean(axis=0), dtype=np.float64)


def relieved_rows(rows: CoverRows, sites: Ints) -> Flags:
    """Return which rows some new sites, given by their numbers, bring within the standard: (R,)."""
    own = rows.own_covers[:, sites].any(axis=1)
    taken = rows.blocks[:, sites].any(axis=1)
    return np.asarray(own | (rows.covers[:, sites].any(axis=1) & ~taken), dtype=np.bool_)


def greatest_cover(
    rows: CoverRows,
    weight: Floats,
    limits: SiteLimits,
    *,
    time_limit: float | None = None,
    progress: SolveProgress | None = None,
) -> Solved:
    """Return the new sites that bring the most weight within the standard.

    Parameters
    ----------
    rows
        The rows.
    weight
        What each counts: (R,).
    limits
        What may be opened; existing nodes are part of the rows already, none is fixed here but
        sites that every plan shall have.
    time_limit, progress
        As for the other solvers.
    """
    counted = np.flatnonzero((weight > 0) & (rows.covers & _usable(limits)).any(axis=1))
    if not rows.blocks[counted].any():
        return solve_max_cover(
            rows.covers[counted], weight[counted], limits, time_limit=time_limit, progress=progress
        )
    watch = SolveWatch(time_limit, progress)
    model = _cover_model(rows, counted, limits, -weight[counted])
    found = model.solve(watch.remaining, lambda bound, best: watch.is_over(-bound, -best))
    return _cover_solved(rows, counted, weight[counted], found, watch)


def fewest_sites(
    rows: CoverRows,
    limits: SiteLimits,
    *,
    time_limit: float | None = None,
    progress: SolveProgress | None = None,
) -> Solved:
    """Return the fewest new sites that bring all rows within the standard that can be brought.

    Parameters
    ----------
    rows, limits, time_limit, progress
        As in :func:`greatest_cover`.

    Returns
    -------
    Solved
        ``objective`` is the number of new sites; the assignment says -1 of rows left out.
    """
    is_there = rows.weight > 0
    counted = np.flatnonzero(is_there & (rows.covers & _usable(limits)).any(axis=1))
    is_plain = limits.count is None and not len(limits.upper)
    if is_plain and not rows.blocks[counted].any():
        return solve_set_cover(
            rows.covers[counted], limits, time_limit=time_limit, progress=progress
        )
    # How many can be brought at all, all together: with a rule or limits not all that one could.
    watch = SolveWatch(time_limit, progress)
    ones = is_there.astype(np.float64)
    most = greatest_cover(rows, ones, limits, time_limit=watch.remaining, progress=progress)
    if most.status is not SolveStatus.OPTIMAL:
        return no_plan(most.status, len(counted), np.nan, watch)
    m = rows.covers.shape[1]
    price = np.concatenate([(~limits.fixed).astype(np.float64), np.zeros(len(counted))])
    model = _cover_model(rows, counted, limits, price[m:], price[:m])
    total = np.concatenate([np.zeros(m), np.ones(len(counted))])[None, :]
    model.add_rows(sparse.csr_array(total), np.array([most.objective]), np.array([np.inf]))
    found = model.solve(watch.remaining, watch.is_over)
    return _cover_solved(rows, counted, None, found, watch)


@dataclass(frozen=True, slots=True, eq=False)
class RegretSolved:
    """The sites with the least greatest regret.

    Parameters
    ----------
    sites
        Their numbers.
    regret
        What they fall short of the best choice by, in the list where that is most.
    bound
        No sites have a smaller one.
    status, seconds
        As of a plan.
    """

    sites: Ints
    regret: float
    bound: float
    status: SolveStatus
    seconds: float


def least_regret(
    rows: CoverRows,
    best: Floats,
    limits: SiteLimits,
    *,
    time_limit: float | None = None,
    progress: SolveProgress | None = None,
) -> RegretSolved:
    """Return the sites whose greatest shortfall against the best of each list is least.

    Parameters
    ----------
    rows, limits, time_limit, progress
        As in :func:`greatest_cover`.
    best
        What the best sites of each list gain in it: (L,).
    """
    watch = SolveWatch(time_limit, progress)
    counted = np.flatnonzero((rows.weight > 0) & (rows.covers & _usable(limits)).any(axis=1))
    m, r = rows.covers.shape[1], len(counted)
    # Lists alike ask the same.
    table = np.unique(np.column_stack([best, rows.weight_by_list[:, counted]]), axis=0)
    model = _cover_model(rows, counted, limits, np.zeros(r), regret=True)
    short = np.hstack([np.zeros((len(table), m)), table[:, 1:], np.ones((len(table), 1))])
    model.add_rows(sparse.csr_array(short), table[:, 0], np.full(len(table), np.inf))
    found = model.solve(watch.remaining, watch.is_over)
    if found.values is None:
        status = watch.ended or SolveStatus.TIME_LIMIT
        return RegretSolved(np.zeros(0, dtype=np.int64), np.nan, np.nan, status, watch.seconds)
    sites = np.flatnonzero(found.values[:m] > HALF)
    gained = rows.weight_by_list @ relieved_rows(rows, sites)
    regret = float(np.max(best - gained, initial=0.0))
    is_done = found.state is ModelState.OPTIMAL
    status = SolveStatus.OPTIMAL if is_done else watch.ended or SolveStatus.TIME_LIMIT
    return RegretSolved(
        sites, regret, regret if is_done else float(found.bound), status, watch.seconds
    )


def _usable(limits: SiteLimits) -> Flags:
    return np.asarray(limits.fixed | limits.allowed, dtype=np.bool_)


def _cover_model(
    rows: CoverRows,
    counted: Ints,
    limits: SiteLimits,
    price: Floats,
    site_price: Floats | None = None,
    *,
    regret: bool = False,
) -> HighsModel:
    """Return the model: m sites, a column for each row that can be relieved, one for the regret."""
    m, r, tail = rows.covers.shape[1], len(counted), int(regret)
    size = m + r + tail
    model = HighsModel(
        cost=np.concatenate([np.zeros(m) if site_price is None else site_price, price,
                             np.ones(tail)]),
        lower=np.concatenate([limits.fixed.astype(np.float64), np.zeros(r + tail)]),
        upper=np.concatenate([_usable(limits).astype(np.float64), np.ones(r),
                              np.full(tail, np.inf)]),
        is_integer=np.arange(size) < m,
    )  # fmt: skip
    eye = sparse.eye_array(r, format="csr")
    end = sparse.csr_array((r, tail))
    covers = sparse.csr_array(rows.covers[counted].astype(np.float64))
    served = sparse.csr_array(sparse.hstack([-covers, eye, end]))
    model.add_rows(served, np.full(r, -np.inf), np.zeros(r))
    at, place = np.nonzero(rows.blocks[counted])
    if len(at):
        own = sparse.csr_array(rows.own_covers[counted][at].astype(np.float64))
        taken = sparse.csr_array((np.ones(len(at)), (np.arange(len(at)), place)),
                                 shape=(len(at), m))  # fmt: skip
        block = sparse.hstack([taken - own, eye[at], sparse.csr_array((len(at), tail))])
        model.add_rows(sparse.csr_array(block), np.full(len(at), -np.inf), np.ones(len(at)))
    is_new = (limits.allowed & ~limits.fixed).astype(np.float64)
    limit_rows = [limits.rows_of(np.arange(m)).toarray() * is_new]
    upper = [limits.upper]
    if limits.count is not None:
        limit_rows.append(is_new[None, :])
        upper.append(np.array([float(limits.count)]))
    wide = np.vstack(limit_rows)
    wide = np.hstack([wide, np.zeros((len(wide), r + tail))])
    model.add_rows(sparse.csr_array(wide), np.full(len(wide), -np.inf), np.concatenate(upper))
    return model


def _cover_solved(
    rows: CoverRows,
    counted: Ints,
    weight: Floats | None,
    found: ModelOutcome,
    watch: SolveWatch,
) -> Solved:
    """Return what HiGHS found; without a weight the number of new sites is what was sought."""
    if found.state is ModelState.INFEASIBLE:
        return no_plan(SolveStatus.INFEASIBLE, len(counted), np.nan, watch)
    sign = 1.0 if weight is None else -1.0
    if found.values is None:
        status = watch.ended or SolveStatus.TIME_LIMIT
        return no_plan(status, len(counted), sign * found.bound, watch)
    m = rows.covers.shape[1]
    sites = np.flatnonzero(found.values[:m] > HALF)
    relieved = relieved_rows(rows, sites)[counted]
    objective = found.objective if weight is None else float(weight[relieved].sum())
    bound = sign * found.bound
    if found.state is ModelState.OPTIMAL or abs(bound - objective) <= _TRACE * abs(objective):
        bound = objective
    first = np.where(relieved, 0, -1).astype(np.intp)
    return Solved(
        status=watch.closing_status(objective, bound, 0.0), sites=sites, assignment=first,
        objective=objective, bound=bound, gap=relative_gap(objective, bound),
        seconds=watch.seconds,
    )  # fmt: skip


# --- sites of limited capacity --------------------------------------------------------------------


class CapacityGoal(StrEnum):
    """What a model with capacities is after."""

    MOST_SERVED = "most_served"
    """The most demand served."""
    FEWEST_SITES = "fewest_sites"
    """The fewest new sites with which all demand is served."""
    LEAST_COST = "least_cost"
    """The least demand times cost with all demand served."""


@dataclass(frozen=True, slots=True, eq=False)
class SplitSolved:
    """Sites of limited capacity and what each of them serves.

    Parameters
    ----------
    status, objective, bound, gap, seconds
        As of a plan.
    is_open
        Which sites are open: (m,).
    shares
        Share of the demand of each point that each site serves: (n, m).
    """

    status: SolveStatus
    objective: float
    bound: float
    gap: float
    seconds: float
    is_open: Flags
    shares: Floats


def solve_with_capacity(
    cost: Floats,
    may_serve: Flags,
    weight: Floats,
    capacity: Floats,
    limits: SiteLimits,
    *,
    goal: CapacityGoal,
    time_limit: float | None = None,
    progress: SolveProgress | None = None,
) -> SplitSolved:
    """Return the sites and shares that are best under capacities.

    Parameters
    ----------
    cost, may_serve
        From demand point to site, and whether the site may serve it: (n, m).
    weight
        Demand: (n,).
    capacity
        Most demand a site serves: (m,).
    limits
        What may be opened.
    goal
        What is sought.
    time_limit, progress
        As for the other solvers.
    """
    watch = SolveWatch(time_limit, progress)
    sign = -1.0 if goal is CapacityGoal.MOST_SERVED else 1.0
    is_usable = limits.fixed | limits.allowed
    points, sites = np.nonzero(may_serve & is_usable & (weight > 0)[:, None])
    m = cost.shape[1]
    model = _model(points, sites, cost, weight, limits=limits, goal=goal)
    _add_service_rows(model, points, sites, weight, site_count=m, goal=goal)
    _add_capacity_rows(model, points, sites, weight, capacity)
    _add_limit_rows(model, limits, len(points))
    found = model.solve(
        watch.remaining, lambda bound, best: watch.is_over(sign * bound, sign * best)
    )
    return _solved(found, points, sites, cost.shape, sign=sign, watch=watch)


def _model(
    points: np.ndarray,
    sites: np.ndarray,
    cost: Floats,
    weight: Floats,
    *,
    limits: SiteLimits,
    goal: CapacityGoal,
) -> HighsModel:
    """Return the model with its columns: the m sites, then the pairs of a point and a site."""
    m = len(limits.fixed)
    price = np.zeros(m + len(points))
    if goal is CapacityGoal.FEWEST_SITES:
        price[:m] = (~limits.fixed).astype(np.float64)
    elif goal is CapacityGoal.LEAST_COST:
        price[m:] = weight[points] * cost[points, sites]
    else:
        price[m:] = -weight[points]
    is_usable = limits.fixed | limits.allowed
    lower = np.concatenate([limits.fixed.astype(np.float64), np.zeros(len(points))])
    upper = np.concatenate([is_usable.astype(np.float64), np.ones(len(points))])
    return HighsModel(price, lower, upper, np.arange(len(price)) < m)


def _add_service_rows(
    model: HighsModel,
    points: np.ndarray,
    sites: np.ndarray,
    weight: Floats,
    *,
    site_count: int,
    goal: CapacityGoal,
) -> None:
    """Serve every point once at most, wholly where that is asked for; only by what is open."""
    n, m, pairs = len(weight), site_count, len(points)
    at = m + np.arange(pairs)
    total = sparse.csr_array((np.ones(pairs), (points, at)), shape=(n, m + pairs))
    is_whole = (weight > 0) & (goal is not CapacityGoal.MOST_SERVED)
    model.add_rows(total, is_whole.astype(np.float64), np.ones(n))
    rows = np.arange(pairs)
    opens = sparse.csr_array(
        (
            np.concatenate([np.ones(pairs), -np.ones(pairs)]),
            (np.concatenate([rows, rows]), np.concatenate([at, sites])),
        ),
        shape=(pairs, m + pairs),
    )
    model.add_rows(opens, np.full(pairs, -np.inf), np.zeros(pairs))


def _add_capacity_rows(
    model: HighsModel, points: np.ndarray, sites: np.ndarray, weight: Floats, capacity: Floats
) -> None:
    m, pairs = len(capacity), len(points)
    served = sparse.csr_array((weight[points], (sites, m + np.arange(pairs))), shape=(m, m + pairs))
    held = sparse.hstack([sparse.diags_array(capacity), sparse.csr_array((m, pairs))])
    model.add_rows(sparse.csr_array(served - held), np.full(m, -np.inf), np.zeros(m))


def _add_limit_rows(model: HighsModel, limits: SiteLimits, further: int) -> None:
    """Keep number, groups and budget of the new sites; ``further`` columns follow the sites."""
    m = len(limits.fixed)
    is_new = (limits.allowed & ~limits.fixed).astype(np.float64)
    if limits.count is not None:
        row = np.concatenate([is_new, np.zeros(further)])
        model.add_rows(
            sparse.csr_array(row[None, :]), np.array([-np.inf]), np.array([float(limits.count)])
        )
    if len(limits.upper):
        rows = limits.rows_of(np.arange(m)).toarray() * is_new
        wide = np.hstack([rows, np.zeros((len(rows), further))])
        model.add_rows(sparse.csr_array(wide), np.full(len(rows), -np.inf), limits.upper)


def _solved(
    found: ModelOutcome,
    points: np.ndarray,
    sites: np.ndarray,
    shape: tuple[int, ...],
    *,
    sign: float,
    watch: SolveWatch,
) -> SplitSolved:
    n, m = shape
    shares, is_open = np.zeros((n, m)), np.zeros(m, dtype=np.bool_)
    objective, bound = sign * found.objective, sign * found.bound
    if found.values is not None:
        # The solver leaves traces on closed sites.
        is_open = found.values[:m] > HALF
        kept = np.where(is_open[sites], np.clip(found.values[m:], 0.0, 1.0), 0.0)
        shares[points, sites] = np.where(kept > 1e-9, kept, 0.0)  # noqa: PLR2004
    gap = relative_gap(objective, bound)
    status = watch.ended or SolveStatus.TIME_LIMIT
    if found.state is ModelState.INFEASIBLE:
        status = SolveStatus.INFEASIBLE
    elif found.state is ModelState.OPTIMAL:
        status, gap, bound = SolveStatus.OPTIMAL, 0.0, objective
    return SplitSolved(status, objective, bound, gap, watch.seconds, is_open, shares)


# --- backup covering ------------------------------------------------------------------------------


def solve_backup_cover(
    covers: Flags,
    weight: Floats,
    limits: SiteLimits,
    *,
    time_limit: float | None = None,
    progress: SolveProgress | None = None,
) -> Solved:
    """Return the sites that cover every point with demand, and the most demand a second time.

    Parameters
    ----------
    covers
        Whether a site covers a point: (n, m).
    weight
        Demand: (n,).
    limits
        What may be opened.
    time_limit, progress
        As for the other solvers.

    Returns
    -------
    Solved
        ``objective`` is the demand covered by two open sites or more.
    """
    watch = SolveWatch(time_limit, progress)
    n, m = covers.shape
    has_demand = weight > 0
    rows = np.flatnonzero(has_demand)
    is_usable = limits.fixed | limits.allowed
    model = HighsModel(
        cost=np.concatenate([np.zeros(m), -weight[rows]]),
        lower=np.concatenate([limits.fixed.astype(np.float64), np.zeros(len(rows))]),
        upper=np.concatenate([is_usable.astype(np.float64), np.ones(len(rows))]),
        # A point is covered twice or not: half a time is none.
        is_integer=np.ones(m + len(rows), dtype=np.bool_),
    )
    cover = sparse.csr_array(covers[rows].astype(np.float64))
    twice = sparse.csr_array(sparse.hstack([cover, -sparse.eye_array(len(rows))]))
    model.add_rows(twice, np.ones(len(rows)), np.full(len(rows), np.inf))
    is_new = (limits.allowed & ~limits.fixed).astype(np.float64)
    tail = np.zeros(len(rows))
    if limits.count is not None:
        total = np.concatenate([is_new, tail])[None, :]
        model.add_rows(
            sparse.csr_array(total), np.array([-np.inf]), np.array([float(limits.count)])
        )
    if len(limits.upper):
        taken = limits.rows_of(np.arange(m)).toarray() * is_new
        wide = np.hstack([taken, np.zeros((len(taken), len(rows)))])
        model.add_rows(sparse.csr_array(wide), np.full(len(taken), -np.inf), limits.upper)
    found = model.solve(watch.remaining, lambda bound, best: watch.is_over(-bound, -best))
    if found.state is ModelState.INFEASIBLE:
        return no_plan(SolveStatus.INFEASIBLE, n, np.nan, watch)
    if found.values is None:
        return no_plan(watch.ended or SolveStatus.TIME_LIMIT, n, -found.bound, watch)
    sites = np.flatnonzero(found.values[:m] > HALF)
    inside = covers[:, sites]
    objective = float(weight[inside.sum(axis=1) > 1].sum())
    bound = objective if found.state is ModelState.OPTIMAL else max(objective, -found.bound)
    first = np.where(inside.any(axis=1), sites[inside.argmax(axis=1)], -1)
    return Solved(
        status=watch.closing_status(objective, bound, 0.0), sites=sites, assignment=first,
        objective=objective, bound=bound, gap=relative_gap(objective, bound),
        seconds=watch.seconds,
    )  # fmt: skip
