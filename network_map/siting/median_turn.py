"""The smallest change of one county's demand with which the p-median chooses otherwise.

What a plan costs is a straight line in the demand of one county, with the county's distance for
its slope; the best of many plans is concave. So the best plan on the other side of a choice, less
the plan in force, is concave, and above zero today: where it is zero it was not below before. The
value is found from above, by going from crossing to crossing (Newton's method on a concave
function; Dinkelbach 1967, On nonlinear fractional programming).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from network_map.completion.choice import Floats, Ints
from network_map.siting.conditional import ConditionalPlans

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
