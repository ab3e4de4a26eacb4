"""The location models: set covering, backup covering, maximal covering, p-median, p-center.

All take demand and cost aligned by id, keep what stands already, and return a plan with its proof::

    plan = mclp(demand, cost, service_standard=150.0, facility_count=3, fixed=["530300"])

Toregas, Swain, ReVelle and Bergman (1971), The location of emergency service facilities; Hogan and
ReVelle (1986), Concepts and applications of backup coverage; Church and ReVelle (1974), The
maximal covering location problem; Hakimi (1964), Optimum locations of switching centers; Pirkul
and Schilling (1991), The maximal covering location problem with capacities on total workload.

Several tiers: a site of a higher tier does all that a lower one does.
Moore and ReVelle (1982), The hierarchical service location problem, Management Science 28. It is
maximal covering of pairs: a demand point asks for the service of each tier, and the sites of that
tier and of all above it can give it.

Building one site after the other: the greedy order beside the optimum, and what it loses.
A plan of five sites need not contain the plan of three. Who builds year by year wants an order in
which every step stands on the last; what that costs against the best plan of each size is said.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

import numpy as np
import pandas as pd
from scipy import sparse

from network_map.completion.choice import Flags, Floats
from network_map.errors import Problem, SitingError
from network_map.siting.cover_solvers import solve_max_cover, solve_set_cover
from network_map.siting.integer_models import (
    CapacityGoal,
    SplitSolved,
    solve_backup_cover,
    solve_with_capacity,
)
from network_map.siting.p_center_solver import solve_p_center
from network_map.siting.p_median_solver import solve_p_median
from network_map.siting.problem import (
    NO_RULES,
    SiteRules,
    SitingPlan,
    SitingProblem,
    siting_problem,
)
from network_map.siting.solving import (
    FULL_PROOF,
    IntArray,
    SiteLimits,
    Solved,
    SolveEffort,
    SolveProgress,
    SolveStatus,
)


def mclp(
    demand: pd.Series,
    cost: pd.DataFrame,
    *,
    service_standard: float,
    facility_count: int | None = None,
    fixed: Iterable[str] = (),
    forbidden: Iterable[str] = (),
    rules: SiteRules = NO_RULES,
    effort: SolveEffort = FULL_PROOF,
) -> SitingPlan:
    """Return the sites that bring the most demand within the standard.

    Parameters
    ----------
    demand
        Demand of each point, indexed by id in any order.
    cost
        Cost from demand points (rows) to sites (columns), by id; infinite where a site cannot
        serve.
    service_standard
        Largest cost at which a site covers a point.
    facility_count
        Most new sites; the fixed ones come on top. None where a budget alone decides.
    fixed, forbidden
        Ids of sites that stand and stay, and of sites that may not be chosen.
    rules
        Candidates, most per group, budget, capacities.
    effort
        Time, gap and progress.

    Returns
    -------
    SitingPlan
        The objective is the demand within the standard, that of the fixed sites included. There
        may be fewer new sites than asked for: one that adds nothing is not opened.

    Raises
    ------
    SitingError
        If anything is wrong with the input: all of it, a sentence each.
    """
    problem = siting_problem(
        demand, cost, facility_count=facility_count, service_standard=service_standard,
        fixed=fixed, forbidden=forbidden, rules=rules,
    )  # fmt: skip
    if problem.capacity is not None:
        return _split_plan("mclp", problem, CapacityGoal.MOST_SERVED, effort)
    solved = solve_max_cover(problem.covers, problem.weight, problem.limits, **_as_told(effort))
    return _plan("mclp", problem, solved, problem.covers)


def lscp(
    demand: pd.Series,
    cost: pd.DataFrame,
    *,
    service_standard: float,
    fixed: Iterable[str] = (),
    forbidden: Iterable[str] = (),
    rules: SiteRules = NO_RULES,
    effort: SolveEffort = FULL_PROOF,
) -> SitingPlan:
    """Return the fewest new sites with which every point with demand is within the standard.

    Parameters
    ----------
    demand, cost, service_standard, fixed, forbidden, rules, effort
        As in :func:`mclp`; a point without demand need not be covered.

    Returns
    -------
    SitingPlan
        The objective is the number of new sites. Where it cannot be done the status says so and
        ``blocking`` names the demand points that stay out whatever is chosen.

    Raises
    ------
    SitingError
        As :func:`mclp`.
    """
    problem = siting_problem(
        demand, cost, facility_count=None, service_standard=service_standard, fixed=fixed,
        forbidden=forbidden, rules=rules,
    )  # fmt: skip
    if problem.capacity is not None:
        return _split_plan("lscp", problem, CapacityGoal.FEWEST_SITES, effort)
    solved = solve_set_cover(problem.covers[problem.weight > 0], problem.limits, **_as_told(effort))
    return _plan("lscp", problem, solved, problem.covers)


def lscp_backup(
    demand: pd.Series,
    cost: pd.DataFrame,
    *,
    service_standard: float,
    fixed: Iterable[str] = (),
    forbidden: Iterable[str] = (),
    rules: SiteRules = NO_RULES,
    effort: SolveEffort = FULL_PROOF,
) -> SitingPlan:
    """Return, of all plans of :func:`lscp`, one that covers the most demand a second time.

    Parameters
    ----------
    demand, cost, service_standard, fixed, forbidden, rules, effort
        As in :func:`lscp`; capacities are refused.

    Returns
    -------
    SitingPlan
        The objective is the demand within the standard of two open sites or more.

    Raises
    ------
    SitingError
        As :func:`mclp`.
    """
    _without_capacity("lscp_backup", rules)
    first = lscp(
        demand, cost, service_standard=service_standard, fixed=fixed, forbidden=forbidden,
        rules=rules, effort=effort,
    )  # fmt: skip
    if first.status is not SolveStatus.OPTIMAL:
        return replace(first, method="lscp_backup", objective=np.nan, bound=np.nan, gap=np.inf)
    problem = siting_problem(
        demand, cost, facility_count=None, service_standard=service_standard, fixed=fixed,
        forbidden=forbidden, rules=rules,
    )  # fmt: skip
    least = replace(problem.limits, count=len(first.sites))
    left = None if effort.time_limit is None else max(effort.time_limit - first.seconds, 0.0)
    solved = solve_backup_cover(
        problem.covers, problem.weight, least, time_limit=left, progress=effort.progress
    )
    found = _plan("lscp_backup", problem, solved, problem.covers)
    return replace(found, seconds=found.seconds + first.seconds)


def p_median(
    demand: pd.Series,
    cost: pd.DataFrame,
    *,
    facility_count: int | None,
    fixed: Iterable[str] = (),
    forbidden: Iterable[str] = (),
    rules: SiteRules = NO_RULES,
    effort: SolveEffort = FULL_PROOF,
) -> SitingPlan:
    """Return the sites with the least sum of demand times cost to the nearest open site.

    Parameters
    ----------
    demand, cost, facility_count, fixed, forbidden, rules, effort
        As in :func:`mclp`.

    Returns
    -------
    SitingPlan
        The objective is the sum over all points of demand times cost.

    Raises
    ------
    SitingError
        As :func:`mclp`, and if no site at all can serve some point with demand.
    """
    problem = siting_problem(
        demand, cost, facility_count=facility_count, fixed=fixed, forbidden=forbidden, rules=rules
    )
    if problem.capacity is not None:
        return _split_plan("p_median", problem, CapacityGoal.LEAST_COST, effort)
    solved = solve_p_median(problem.cost, problem.weight, problem.limits, **_as_told(effort))
    return _plan("p_median", problem, solved, np.isfinite(problem.cost))


def p_center(
    demand: pd.Series,
    cost: pd.DataFrame,
    *,
    facility_count: int | None,
    fixed: Iterable[str] = (),
    forbidden: Iterable[str] = (),
    rules: SiteRules = NO_RULES,
    effort: SolveEffort = FULL_PROOF,
) -> SitingPlan:
    """Return the sites with the least cost of the point with demand that is worst off.

    Parameters
    ----------
    demand, cost, facility_count, fixed, forbidden, rules, effort
        As in :func:`mclp`; a point without demand does not count, capacities are refused.

    Returns
    -------
    SitingPlan
        The objective is the largest cost to the nearest open site.

    Raises
    ------
    SitingError
        As :func:`p_median`.
    """
    _without_capacity("p_center", rules)
    problem = siting_problem(
        demand, cost, facility_count=facility_count, fixed=fixed, forbidden=forbidden,
        rules=rules,
    )  # fmt: skip
    solved = solve_p_center(problem.cost, problem.weight, problem.limits, **_as_told(effort))
    return _plan("p_center", problem, solved, np.isfinite(problem.cost))


def _without_capacity(method: str, rules: SiteRules) -> None:
    if rules.capacity is not None:
        raise SitingError("siting_problem", [Problem("siting_capacity_model", value=method)])


class _Effort(TypedDict):
    time_limit: float | None
    gap: float
    progress: SolveProgress | None


def _as_told(effort: SolveEffort) -> _Effort:
    return {"time_limit": effort.time_limit, "gap": effort.gap, "progress": effort.progress}


def _plan(method: str, problem: SitingProblem, solved: Solved, may_serve: Flags) -> SitingPlan:
    """Return the plan of a solver's answer: everybody goes to the nearest site that may serve."""
    is_standing = problem.limits.fixed
    new = [int(site) for site in solved.sites if not is_standing[site]]
    has_plan = bool(np.isfinite(solved.objective))
    opened = np.union1d(solved.sites, np.flatnonzero(is_standing)).astype(np.intp)
    blocking: tuple[str, ...] = ()
    if solved.status is SolveStatus.INFEASIBLE:
        blocking = blocking_points(problem, may_serve)
    return SitingPlan(
        method=method,
        sites=tuple(problem.site_ids[site] for site in new),
        fixed=_ids(problem, np.flatnonzero(is_standing)),
        assignment=_nearest(problem, opened if has_plan else opened[:0], may_serve),
        objective=solved.objective,
        status=solved.status,
        bound=solved.bound,
        gap=solved.gap,
        seconds=solved.seconds,
        blocking=blocking,
    )


def _ids(problem: SitingProblem, sites: Iterable[int]) -> tuple[str, ...]:
    return tuple(problem.site_ids[int(site)] for site in sites)


def _nearest(problem: SitingProblem, opened: IntArray, may_serve: Flags) -> "pd.Series[str]":
    ids: list[str | None] = [None] * len(problem.demand_ids)
    if len(opened):
        cells = np.where(may_serve[:, opened], problem.cost[:, opened], np.inf)
        nearest = cells.argmin(axis=1)
        for row in np.flatnonzero(np.isfinite(cells[np.arange(len(cells)), nearest])):
            ids[row] = problem.site_ids[opened[nearest[row]]]
    return pd.Series(ids, index=list(problem.demand_ids), dtype="str", name="site_id")


def blocking_points(problem: SitingProblem, may_serve: Flags) -> tuple[str, ...]:
    """Return the demand points that stand in the way of serving everybody.

    Those that no site at all can serve; where there are none, those that stay out when as many
    points as the limits allow are served.
    """
    has_demand = problem.weight > 0
    reached = (may_serve & problem.is_usable).any(axis=1)
    out = has_demand & ~reached
    if not out.any():
        best = solve_max_cover(may_serve, has_demand.astype(np.float64), problem.limits)
        out = has_demand & ~may_serve[:, best.sites].any(axis=1)
    return tuple(problem.demand_ids[row] for row in np.flatnonzero(out))


def _split_plan(
    method: str, problem: SitingProblem, goal: CapacityGoal, effort: SolveEffort
) -> SitingPlan:
    """Return the plan of a model with capacities; each point is said to go to its main site."""
    may_serve = problem.covers
    solved = _with_capacity(problem, may_serve, goal, effort)
    blocking: tuple[str, ...] = ()
    if solved.status is SolveStatus.INFEASIBLE:
        most = _with_capacity(problem, may_serve, CapacityGoal.MOST_SERVED, effort)
        out = (problem.weight > 0) & (most.shares.sum(axis=1) < 1.0 - _TRACE)
        blocking = tuple(problem.demand_ids[row] for row in np.flatnonzero(out))
    opened = np.flatnonzero(solved.is_open)
    main = solved.shares.argmax(axis=1)
    is_served = solved.shares.max(axis=1, initial=0.0) > 0
    ids = [problem.site_ids[m] if s else None for m, s in zip(main, is_served, strict=True)]
    index = list(problem.demand_ids)
    return SitingPlan(
        method=method,
        sites=_ids(problem, [int(one) for one in opened if not problem.limits.fixed[one]]),
        fixed=_ids(problem, np.flatnonzero(problem.limits.fixed)),
        assignment=pd.Series(ids, index=index, dtype="str", name="site_id"),
        objective=solved.objective,
        status=solved.status,
        bound=solved.bound,
        gap=solved.gap,
        seconds=solved.seconds,
        blocking=blocking,
        shares=pd.DataFrame(
            solved.shares[:, opened], index=index, columns=list(_ids(problem, opened))
        ),
    )


_TRACE = 1e-6


def _with_capacity(
    problem: SitingProblem, may_serve: Flags, goal: CapacityGoal, effort: SolveEffort
) -> SplitSolved:
    total = float(problem.weight.sum())
    capacity = np.full(len(problem.site_ids), total)
    capacity = capacity if problem.capacity is None else problem.capacity
    return solve_with_capacity(
        problem.cost, may_serve, problem.weight, capacity, problem.limits, goal=goal,
        time_limit=effort.time_limit, progress=effort.progress,
    )  # fmt: skip


# --- several tiers at once ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SiteTier:
    """A tier of sites and the service that it gives.

    Parameters
    ----------
    name
        Of the tier.
    cost
        Cost from demand points (rows) to the sites of the tier (columns), by id.
    service_standard
        Largest cost at which a site of this tier or a higher one gives this tier's service.
    facility_count
        Most new sites of the tier.
    fixed, forbidden
        Ids of its sites that stand, and of those that may not be chosen.
    """

    name: str
    cost: pd.DataFrame
    service_standard: float
    facility_count: int
    fixed: Iterable[str] = ()
    forbidden: Iterable[str] = ()


def mclp_tiers(
    demand: Mapping[str, pd.Series],
    tiers: Sequence[SiteTier],
    *,
    effort: SolveEffort = FULL_PROOF,
) -> dict[str, SitingPlan]:
    """Return the sites of all tiers that together give the most demand its services.

    Parameters
    ----------
    demand
        Demand for the service of each tier by its name, each indexed by demand id.
    tiers
        The highest first; every cost matrix has the same demand points.
    effort
        Time, gap and progress.

    Returns
    -------
    dict
        By tier a plan: its own new sites, and as objective the demand that has its service; the
        site that is told for a point may be one of a higher tier. Status, bound, gap and seconds
        are those of all tiers together.

    Raises
    ------
    SitingError
        If anything is wrong with a tier's input.
    """
    problems = [
        siting_problem(
            demand[tier.name], tier.cost, facility_count=tier.facility_count,
            service_standard=tier.service_standard, fixed=tier.fixed, forbidden=tier.forbidden,
        )
        for tier in tiers
    ]  # fmt: skip
    points = problems[0].demand_ids
    costs = [
        pd.DataFrame(problem.cost, index=list(problem.demand_ids)).loc[list(points)].to_numpy()
        for problem in problems
    ]
    weights = [demand[tier.name].reindex(list(points)).to_numpy(dtype=np.float64) for tier in tiers]
    coverage = _stacked(costs, [tier.service_standard for tier in tiers])
    solved = solve_max_cover(
        coverage, np.concatenate(weights), _joint_limits(problems),
        time_limit=effort.time_limit, gap=effort.gap, progress=effort.progress,
    )  # fmt: skip
    return {
        tier.name: _tier_plan(problems[: number + 1], costs, weights[number], solved, tier)
        for number, tier in enumerate(tiers)
    }


def _stacked(costs: Sequence[Floats], standards: Sequence[float]) -> Flags:
    """Return which site of which tier gives which point which service."""
    rows = [
        np.hstack([
            (cells <= standard) if number <= service else np.zeros(cells.shape, dtype=np.bool_)
            for number, cells in enumerate(costs)
        ])
        for service, standard in enumerate(standards)
    ]  # fmt: skip
    return np.asarray(np.vstack(rows), dtype=np.bool_)


def _joint_limits(problems: Sequence[SitingProblem]) -> SiteLimits:
    """Return the limits of all tiers side by side, a row for the number of each."""
    sizes = [len(problem.site_ids) for problem in problems]
    rows = np.zeros((len(problems), sum(sizes)))
    for number, start in enumerate(np.cumsum([0, *sizes[:-1]])):
        rows[number, start : start + sizes[number]] = 1.0
    return SiteLimits(
        fixed=np.concatenate([problem.limits.fixed for problem in problems]),
        allowed=np.concatenate([problem.limits.allowed for problem in problems]),
        rows=sparse.csr_array(rows),
        upper=np.array([float(problem.limits.count or 0) for problem in problems]),
    )


def _tier_plan(
    problems: Sequence[SitingProblem],
    costs: Sequence[Floats],
    weight: Floats,
    solved: Solved,
    tier: SiteTier,
) -> SitingPlan:
    """Return the plan of the last of some tiers, to which all of them give its service."""
    number = len(problems) - 1
    starts = np.cumsum([0, *(len(problem.site_ids) for problem in problems)])
    ids = [name for problem in problems for name in problem.site_ids]
    opened = [int(site) for site in solved.sites if site < starts[number + 1]]
    cells = np.hstack(costs[: number + 1])[:, opened]
    near = cells.min(axis=1, initial=np.inf) <= tier.service_standard
    served = [
        ids[opened[int(row.argmin())]] if is_near else None
        for row, is_near in zip(cells, near, strict=True)
    ]
    own = [site for site in opened if site >= starts[number]]
    is_fixed = problems[number].limits.fixed
    return SitingPlan(
        method="mclp",
        sites=tuple(ids[one] for one in own if not is_fixed[one - starts[number]]),
        fixed=tuple(ids[one] for one in own if is_fixed[one - starts[number]]),
        assignment=pd.Series(
            served, index=list(problems[0].demand_ids), dtype="str", name="site_id"
        ),
        objective=float(weight[near].sum()),
        status=solved.status,
        bound=solved.bound,
        gap=solved.gap,
        seconds=solved.seconds,
    )


# --- one site after the other ---------------------------------------------------------------------


SolvePlan = Callable[[int, tuple[str, ...]], SitingPlan]
"""Returns the plan of so many new sites with these chosen already."""


def nested_order(solve: SolvePlan, *, facility_count: int) -> pd.DataFrame:
    """Return the sites in the order in which each adds the most to those before it.

    Parameters
    ----------
    solve
        Solves the model: called with a number of new sites and the sites that stand besides the
        existing ones.
    facility_count
        Length of the order.

    Returns
    -------
    pandas.DataFrame
        ``step, site_id, nested_objective, best_objective, loss, is_proven``: the objective with
        the sites so far, that of the best plan of as many sites, the difference as a share of the
        latter, and whether that best plan is proven. It ends early where no site adds anything.
    """
    chosen: tuple[str, ...] = ()
    rows: list[dict[str, object]] = []
    for step in range(1, facility_count + 1):
        added = solve(1, chosen)
        if not added.sites:
            break
        chosen = (*chosen, *added.sites)
        best = solve(step, ())
        size = abs(best.objective)
        loss = abs(best.objective - added.objective) / size if size > 0 else 0.0
        rows.append(
            {"step": step, "site_id": added.sites[0], "nested_objective": added.objective,
             "best_objective": best.objective, "loss": loss, "is_proven": best.is_optimal}
        )  # fmt: skip
    names = ["step", "site_id", "nested_objective", "best_objective", "loss", "is_proven"]
    return pd.DataFrame(rows, columns=names)
