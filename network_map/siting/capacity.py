"""The models with capacities: demand may be split between the sites that serve a point.

One integer model for all three, solved by HiGHS: ``y`` opens a site, ``x`` is the share of a
point's demand that a site serves. Pirkul and Schilling (1991), The maximal covering location
problem with capacities on total workload; Current and Storbeck (1988), Capacitated covering
models; Sridharan (1995), The capacitated plant location problem, of which the p-median with
capacities is the case of a number of sites in place of their costs.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import sparse

from network_map.completion.choice import Flags, Floats
from network_map.siting.highs import HALF, HighsModel, ModelOutcome, ModelState
from network_map.siting.limits import SiteLimits
from network_map.siting.solved import SolveProgress, SolveStatus, SolveWatch, relative_gap


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
