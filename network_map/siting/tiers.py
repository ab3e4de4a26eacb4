"""Several tiers of sites at once, where a site of a higher tier does all that a lower one does.

Moore and ReVelle (1982), The hierarchical service location problem, Management Science 28. It is
maximal covering of pairs: a demand point asks for the service of each tier, and the sites of that
tier and of all above it can give it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from network_map.completion.choice import Flags, Floats
from network_map.siting.limits import SiteLimits
from network_map.siting.max_cover_solver import solve_max_cover
from network_map.siting.models import FULL_PROOF, SolveEffort
from network_map.siting.plan import SitingPlan
from network_map.siting.problem import SitingProblem, siting_problem
from network_map.siting.solved import Solved


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
