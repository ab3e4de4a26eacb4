"""What a change of the network does: which counties come within the standard, which drop out.

Whatever model chose the sites, gaps are judged as on the gap map: by the rule of the kind, with
higher tiers serving, over the same lists. By *own prefecture first* a new node can make a county
worse off; such counties are told, never set off.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from network_map.gaps.next_node import RANGE, DrawnLists, out_of_reach
from network_map.siting.provincial import WEIGHTS, NetworkProblem, changed_lists


@dataclass(frozen=True, slots=True, eq=False)
class NetworkEffect:
    """What some change does.

    Parameters
    ----------
    shares
        ``gained_share, lost_share, open_share`` of the lists in which a county comes within the
        standard, drops out, is beyond it with the change; indexed by county, every county.
    gained
        By weight (``counties, residents, value_10k_yuan``): mean over the lists, and the ends of
        nine lists in ten.
    lost
        The same of what drops out.
    """

    shares: pd.DataFrame
    gained: Mapping[str, tuple[float, float, float]]
    lost: Mapping[str, tuple[float, float, float]]

    @property
    def gained_counties(self) -> tuple[str, ...]:
        """Codes of the counties that come within the standard in some list."""
        return tuple(self.shares.index[self.shares["gained_share"] > 0])

    @property
    def lost_counties(self) -> tuple[str, ...]:
        """Codes of the counties that drop out in some list."""
        return tuple(self.shares.index[self.shares["lost_share"] > 0])


def network_effect(
    problem: NetworkProblem,
    *,
    added: Sequence[str] = (),
    closed: Sequence[str] = (),
    before: DrawnLists | None = None,
) -> NetworkEffect:
    """Return what new nodes in some places and the end of others do.

    Parameters
    ----------
    problem
        The problem.
    added, closed
        Places that get a node, and places that lose theirs.
    before
        The network to compare with; that of the problem by default.

    Raises
    ------
    QueryError
        If a place is none of the kind's.
    """
    start = problem.lists if before is None else before
    old = out_of_reach(start)
    new = out_of_reach(changed_lists(problem.lists, added=added, closed=closed))
    gained, lost = old & ~new, new & ~old
    return NetworkEffect(
        shares=pd.DataFrame(
            {
                "gained_share": gained.mean(axis=0),
                "lost_share": lost.mean(axis=0),
                "open_share": new.mean(axis=0),
            },
            index=pd.Index(problem.lists.adcodes, name="adcode"),
        ),
        gained=_told(gained, problem.weights),
        lost=_told(lost, problem.weights),
    )


def _told(changed: np.ndarray, weights: pd.DataFrame) -> dict[str, tuple[float, float, float]]:
    table = weights[list(WEIGHTS)].fillna(0.0).to_numpy(dtype=np.float64)
    sums = changed.astype(np.float64) @ table
    low, high = np.quantile(sums, RANGE, axis=0, method="inverted_cdf")
    return {
        name: (float(mean), float(least), float(most))
        for name, mean, least, most in zip(WEIGHTS, sums.mean(axis=0), low, high, strict=True)
    }
