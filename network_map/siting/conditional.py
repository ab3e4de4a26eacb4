"""The best plan under a condition: with some places, and without others.

A place belongs into a plan where the best plan that has it is no worse than the best that has it
not. Both are solved here, by the model of the problem, and measured by one number: the greater the
better, whatever the model seeks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from network_map.completion.choice import Floats, Ints
from network_map.siting.budget import SolveBudget
from network_map.siting.limits import SiteLimits
from network_map.siting.models import SolveEffort
from network_map.siting.own_first_cover import (
    CoverRows,
    fewest_sites,
    greatest_cover,
    relieved_rows,
)
from network_map.siting.provincial import (
    NetworkProblem,
    distance_solved,
    nearest_any_km,
    network_limits,
)
from network_map.siting.query import SiteModel
from network_map.siting.solved import Solved


@dataclass(frozen=True, slots=True, eq=False)
class ConditionalPlans:
    """What is solved again and again when a problem is changed a little.

    Parameters
    ----------
    problem
        The problem.
    rows
        Its rows, as :func:`~network_map.siting.provincial.cover_rows` returns them.
    budget
        The time of all solves.
    """

    problem: NetworkProblem
    rows: CoverRows
    budget: SolveBudget

    def best(self, *, kept: Sequence[str] = (), left_out: Sequence[str] = ()) -> tuple[float, Ints]:
        """Return what the best sites are worth that have some places and lack others, and they.

        Raises
        ------
        SolvesEndedError
            If the budget has ended.
        """
        query = self.problem.query
        count = max(query.count - len(kept), 0) if query.model.has_count else None
        limits = network_limits(self.problem, count=count, kept=kept, left_out=[*left_out, *kept])
        solved = self.budget.solved(partial(self._solved, limits))
        sites = np.union1d(solved.sites, self.problem.numbers(kept)).astype(np.int64)
        return self.worth(sites), sites

    def _solved(self, limits: SiteLimits, effort: SolveEffort) -> Solved:
        model = self.problem.query.model
        if model in {SiteModel.P_MEDIAN, SiteModel.P_CENTER}:
            return distance_solved(self.problem, limits, effort)
        if model is SiteModel.LSCP:
            return fewest_sites(
                self.rows, limits, time_limit=effort.time_limit, progress=effort.progress
            )
        return greatest_cover(
            self.rows, self.rows.weight, limits,
            time_limit=effort.time_limit, progress=effort.progress,
        )  # fmt: skip

    def worth(self, sites: Ints) -> float:
        """Return what some sites are worth, the greater the better.

        Set covering brings in as many rows as it can with as few sites as that takes; the p-median
        and the p-center have as little distance as they can.
        """
        model = self.problem.query.model
        demand = self.problem.demand.to_numpy(dtype=np.float64)
        if model is SiteModel.P_MEDIAN:
            return -float(demand @ self.distances(sites).mean(axis=0))
        if model is SiteModel.P_CENTER:
            return -float(self.distances(sites).max(axis=0)[demand > 0].max(initial=0.0))
        relieved = relieved_rows(self.rows, sites)
        if model is SiteModel.LSCP:
            room = len(self.problem.lists.places) + 1
            return float((relieved & (self.rows.weight > 0)).sum() * room - len(sites))
        return float(self.rows.weight @ relieved)

    def distances(self, sites: Ints) -> Floats:
        """Return how far each county is from the nearest node, new or standing, by list: (L, n)."""
        new = self.problem.lists.low_km[:, sites].min(axis=1, initial=np.inf)
        return np.asarray(np.minimum(nearest_any_km(self.problem), new), dtype=np.float64)

    def sides(self, place: str) -> tuple[float, float]:
        """Return the worth of the best plan with a place and of the best without it."""
        return self.best(kept=[place])[0], self.best(left_out=[place])[0]

    def gains_by_list(self, sites: Ints) -> Floats:
        """Return what some sites gain in each list: (L,)."""
        return np.asarray(self.rows.weight_by_list @ relieved_rows(self.rows, sites))

    def names(self, sites: Ints) -> tuple[str, ...]:
        """Return the codes of some sites."""
        return tuple(self.problem.lists.places[int(one)] for one in sites)

    def with_demand(self, county: int, value: float) -> "ConditionalPlans":
        """Return the same with another demand of one county, given by its number."""
        demand = self.problem.demand.copy()
        now, then = float(demand.iloc[county]), max(value, 0.0)
        demand.iloc[county] = then
        factor = np.where(self.rows.county == county, then / now if now > 0 else 0.0, 1.0)
        rows = replace(self.rows, weight_by_list=self.rows.weight_by_list * factor)
        return replace(self, problem=replace(self.problem, demand=demand), rows=rows)
