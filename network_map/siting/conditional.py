"""The best plan under a condition: with some places, and without others.

A place belongs into a plan where the best plan that has it is no worse than the best that has it
not. Both are solved here, by the model of the problem, and measured by one number: the greater the
better, whatever the model seeks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from network_map.completion.choice import Floats, Ints
from network_map.siting.budget import SolveBudget
from network_map.siting.limits import SiteLimits
from network_map.siting.models import SolveEffort
from network_map.siting.own_first_cover import CoverRows, greatest_cover, relieved_rows
from network_map.siting.provincial import NetworkProblem, network_limits
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
        count = max(self.problem.query.count - len(kept), 0)
        limits = network_limits(self.problem, count=count, kept=kept, left_out=[*left_out, *kept])
        solved = self.budget.solved(partial(self._solved, limits))
        sites = np.union1d(solved.sites, self.problem.numbers(kept)).astype(np.int64)
        return self.worth(sites), sites

    def _solved(self, limits: SiteLimits, effort: SolveEffort) -> Solved:
        return greatest_cover(
            self.rows, self.rows.weight, limits,
            time_limit=effort.time_limit, progress=effort.progress,
        )  # fmt: skip

    def worth(self, sites: Ints) -> float:
        """Return what some sites are worth, the greater the better."""
        return float(self.rows.weight @ relieved_rows(self.rows, sites))

    def sides(self, place: str) -> tuple[float, float]:
        """Return the worth of the best plan with a place and of the best without it."""
        return self.best(kept=[place])[0], self.best(left_out=[place])[0]

    def gains_by_list(self, sites: Ints) -> Floats:
        """Return what some sites gain in each list: (L,)."""
        return np.asarray(self.rows.weight_by_list @ relieved_rows(self.rows, sites))

    def names(self, sites: Ints) -> tuple[str, ...]:
        """Return the codes of some sites."""
        return tuple(self.problem.lists.places[int(one)] for one in sites)
