"""The best plan under a condition: with some places, and without others.

A place belongs into a plan where the best plan that has it is no worse than the best that has it
not. Both are solved here, by the model of the problem, and measured by one number: the greater the
better, whatever the model seeks.

The smallest change of one county's demand with which the p-median chooses otherwise:
What a plan costs is a straight line in the demand of one county, with the county's distance for
its slope; the best of many plans is concave. So the best plan on the other side of a choice, less
the plan in force, is concave, and above zero today: where it is zero it was not below before. The
value is found from above, by going from crossing to crossing (Newton's method on a concave
function; Dinkelbach 1967, On nonlinear fractional programming).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from network_map.completion.choice import Floats, Ints
from network_map.siting.integer_models import (
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
from network_map.siting.solving import SiteLimits, SolveBudget, Solved, SolveEffort


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


# --- where the p-median turns ---------------------------------------------------------------------


_ROUNDING = 1e-9
_MOST_TIMES = 10.0
"""Demands of one county are looked at up to so many times what they are."""
_MOST_CROSSINGS = 30


@dataclass(frozen=True, slots=True, eq=False)
class DemandSearch:
    """The other side of one choice.

    Parameters
    ----------
    plans
        The problem.
    chosen
        The sites in force.
    place, was_in
        The place, and whether it is among them: the other side lacks it, or has it.
    lead
        What the best plan of the other side costs more.
    """

    plans: ConditionalPlans
    chosen: Ints
    place: str
    was_in: bool
    lead: float

    def turns(self) -> Iterator[tuple[int, float]]:
        """Yield county and demand at which the other side costs no more, ever smaller changes.

        Changes are measured by the demand of the county. A county is solved only where it could
        turn the choice by less than the last one: the other side gains per unit of demand at most
        what the county comes nearer, or the plan in force what the county was nearer.
        """
        demand = self.plans.problem.demand.to_numpy(dtype=np.float64)
        smallest = np.inf
        for bound, county, sign in self._bounds(demand):
            if bound >= smallest:
                return
            most = min(_MOST_TIMES - 1.0 if sign > 0 else 1.0, smallest)
            change = self._crossing(county, sign, most * demand[county])
            if change is not None and change < smallest * demand[county]:
                smallest = change / demand[county]
                yield county, float(demand[county] + sign * change)

    def _bounds(self, demand: Floats) -> list[tuple[float, int, int]]:
        """Return the least change that could turn the choice, by county and direction."""
        problem = self.plans.problem
        others = [one for one in problem.candidates if not (self.was_in and one == self.place)]
        mine = self.plans.distances(self.chosen)[0]
        nearer = mine - self.plans.distances(problem.numbers(others))[0]
        farther = self.plans.distances(self.chosen[:0])[0] - mine
        found = []
        for sign, room in ((1, nearer), (-1, farther)):
            for county in np.flatnonzero((room > 0) & np.isfinite(room) & (demand > 0)):
                bound = max(self.lead, 0.0) / float(room[county] * demand[county])
                if sign > 0 or bound <= 1.0:
                    found.append((bound, int(county), sign))
        return sorted(found)

    def _crossing(self, county: int, sign: int, most: float) -> float | None:
        """Return the change at which the other side costs no more; None up to the most."""
        side = {"left_out": [self.place]} if self.was_in else {"kept": [self.place]}
        base, slope = self._line(self.chosen, county)
        now = float(self.plans.problem.demand.iloc[county])
        change, found = most, None
        for _ in range(_MOST_CROSSINGS):
            _, sites = self.plans.with_demand(county, now + sign * change).best(**side)
            cost, other = self._line(sites, county)
            per_unit = sign * (slope - other)
            short = (cost - base) - change * per_unit
            if short > -_ROUNDING * max(abs(base), 1.0):
                return found
            change = max((cost - base) / per_unit, 0.0)
            found = change
        return None

    def _line(self, sites: Ints, county: int) -> tuple[float, float]:
        """Return what sites cost with the demand of today, and by unit of a county's demand."""
        return -self.plans.worth(sites), float(self.plans.distances(sites)[0, county])
