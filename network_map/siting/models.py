"""The location models: set covering, backup covering, maximal covering, p-median, p-center.

All take demand and cost aligned by id, keep what stands already, and return a plan with its proof::

    plan = mclp(demand, cost, service_standard=150.0, facility_count=3, fixed=["530300"])

Toregas, Swain, ReVelle and Bergman (1971), The location of emergency service facilities; Hogan and
ReVelle (1986), Concepts and applications of backup coverage; Church and ReVelle (1974), The
maximal covering location problem; Hakimi (1964), Optimum locations of switching centers; Pirkul
and Schilling (1991), The maximal covering location problem with capacities on total workload.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypedDict

import numpy as np
import pandas as pd

from network_map.completion.choice import Flags
from network_map.errors import Problem, SitingError
from network_map.siting.backup import solve_backup_cover
from network_map.siting.capacity import CapacityGoal, SplitSolved, solve_with_capacity
from network_map.siting.limits import IntArray
from network_map.siting.max_cover_solver import solve_max_cover
from network_map.siting.p_center_solver import solve_p_center
from network_map.siting.p_median_solver import solve_p_median
from network_map.siting.plan import SitingPlan
from network_map.siting.problem import NO_RULES, SiteRules, SitingProblem, siting_problem
from network_map.siting.set_cover_solver import solve_set_cover
from network_map.siting.solved import Solved, SolveProgress, SolveStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveEffort:
    """How much is spent on a plan.

    Parameters
    ----------
    time_limit
        Seconds; None lets it run until it is proven.
    gap
        Relative gap at which to stop; 0 proves the optimum.
    progress
        Called now and then with bound, best objective and seconds; ends the solve by returning
        False.
    part_progress
        Called after each of many solves with the name of the part of the evidence they belong to,
        their number so far and in all (0 where nobody knows).
    """

    time_limit: float | None = None
    gap: float = 0.0
    progress: SolveProgress | None = None
    part_progress: Callable[[str, int, int], None] | None = None


FULL_PROOF = SolveEffort()


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
