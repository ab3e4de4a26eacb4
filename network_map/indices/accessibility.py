"""Floating catchment accessibility: supply within reach, shared with everyone who reaches it.

Two steps (Luo and Wang 2003): each facility's supply is divided by the demand within its
catchment; each demand point adds up the ratios of the facilities within its own. In the enhanced
form (Luo and Qi 2009) both steps weigh by distance zone. All supply that somebody can reach is
handed out: the sum of access times demand is the reachable supply.

References
----------
Luo, W. and Wang, F. (2003). Measures of spatial accessibility to health care in a GIS
environment: synthesis and a case study in the Chicago region. Environment and Planning B 30,
865-884.

Luo, W. and Qi, Y. (2009). An enhanced two-step floating catchment area (E2SFCA) method for
measuring spatial accessibility to primary care physicians. Health & Place 15, 1100-1107.
"""

from collections.abc import Hashable, Iterable, Sequence
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from network_map.activity.windows import Floats, numbers
from network_map.errors import QueryError
from network_map.indices.tables import ACCESSIBILITY, FACILITY_RATIOS

LUO_QI_WEIGHTS = (1.0, 0.68, 0.22)
"""Weights of the three zones in Luo and Qi (2009), from a Gaussian; the gentler of their two."""
_EXAMPLES = 3

Steps = Sequence[tuple[float, float]]
"""Distance zones from near to far: upper bound in kilometres, included, and weight."""


class Costs(Protocol):
    """A cost matrix: demand points down, facilities across."""

    @property
    def demand_ids(self) -> Sequence[Any]:
        """Ids of the n rows."""

    @property
    def facility_ids(self) -> Sequence[Any]:
        """Ids of the m columns."""

    @property
    def km(self) -> Any:  # noqa: ANN401 (any array of numbers)
        """Kilometres, n by m; NaN where unknown."""


def luo_qi_steps(catchment_km: float) -> tuple[tuple[float, float], ...]:
    """Return three equal zones of a catchment with the weights of Luo and Qi (2009).

    Parameters
    ----------
    catchment_km
        Radius of the catchment in kilometres.

    Examples
    --------
    >>> luo_qi_steps(120)
    ((40.0, 1.0), (80.0, 0.68), (120.0, 0.22))
    """
    count = len(LUO_QI_WEIGHTS)
    return tuple(
        (catchment_km * (zone + 1) / count, weight) for zone, weight in enumerate(LUO_QI_WEIGHTS)
    )


def zoned_access(
    cost: Costs, demand: pd.Series, supply: pd.Series, *, steps: Steps
) -> pd.DataFrame:
    """Return E2SFCA accessibility (Luo and Qi 2009): a catchment with weighted zones.

    Parameters
    ----------
    cost
        The cost matrix.
    demand
        Demand (people, say) by demand id, not negative. Aligned by id, never by position.
    supply
        Supply by facility id, not negative.
    steps
        The zones, see :data:`Steps`; :func:`luo_qi_steps` gives the usual three, and a single
        one makes it 2SFCA (Luo and Wang 2003).

    Returns
    -------
    pandas.DataFrame
        Table ``accessibility`` in the order of the demand ids: ``demand_id``, ``access``
        (supply per unit of demand), ``reachable_count``, ``unknown_cost_count``. An unknown cost
        counts as out of reach.

    Raises
    ------
    QueryError
        If ids are missing, repeated or too many, an amount is missing or negative, bounds are
        not above 0 or do not increase, or a farther zone weighs more.
    """
    weights, ratios = _weighed(cost, demand, supply, steps)
    ratio = np.nan_to_num(numbers(ratios["ratio"]), nan=0.0)
    table = pd.DataFrame(
        {
            "demand_id": pd.Series(list(cost.demand_ids), dtype="str"),
            "access": weights @ ratio,
            "reachable_count": (weights > 0).sum(axis=1),
            "unknown_cost_count": _unknown(cost).sum(axis=1),
        }
    )
    counts = dict.fromkeys(("reachable_count", "unknown_cost_count"), "Int64")
    return table.astype(counts).loc[:, ACCESSIBILITY.names]


def facility_ratios(
    cost: Costs, demand: pd.Series, supply: pd.Series, *, steps: Steps
) -> pd.DataFrame:
    """Return the first step: each facility's supply against the demand within its catchment.

    Parameters
    ----------
    cost, demand, supply, steps
        As in :func:`zoned_access`.

    Returns
    -------
    pandas.DataFrame
        Table ``facility_ratios`` in the order of the facility ids. A facility whose catchment
        holds no demand has no ratio; the supply of the others is the reachable supply.

    Raises
    ------
    QueryError
        As in :func:`zoned_access`.
    """
    return _weighed(cost, demand, supply, steps)[1]


def _weighed(
    cost: Costs, demand: pd.Series, supply: pd.Series, steps: Steps
) -> tuple[Floats, pd.DataFrame]:
    """Return the weights of the pairs and the table of ratios."""
    amount = _aligned(demand, cost.demand_ids, ("access_demand_ids", "access_demand"))
    offer = _aligned(supply, cost.facility_ids, ("access_supply_ids", "access_supply"))
    weights = _zone_weights(np.asarray(cost.km, dtype="float64"), steps)
    weighted = amount @ weights
    has_demand = weighted > 0
    ratio = np.where(has_demand, offer / np.where(has_demand, weighted, 1.0), np.nan)
    table = pd.DataFrame(
        {
            "facility_id": pd.Series(list(cost.facility_ids), dtype="str"),
            "supply": offer,
            "weighted_demand": weighted,
            "ratio": ratio,
            "unknown_cost_count": _unknown(cost).sum(axis=0),
        }
    )
    return weights, table.astype({"unknown_cost_count": "Int64"}).loc[:, FACILITY_RATIOS.names]


def _unknown(cost: Costs) -> NDArray[np.bool_]:
    return np.asarray(np.isnan(np.asarray(cost.km, dtype="float64")), dtype="bool")


def _zone_weights(km: Floats, steps: Steps) -> Floats:
    """Return the weight of the zone that each distance lies in, 0 beyond and where unknown."""
    bounds, weights = [bound for bound, _ in steps], [weight for _, weight in steps]
    is_good = (
        bool(steps)
        and all(np.isfinite(value) for value in (*bounds, *weights))
        and bounds[0] > 0
        and all(near < far for near, far in pairwise(bounds))
        and all(near >= far >= 0 for near, far in pairwise([*weights, 0.0]))
        and weights[0] > 0
    )
    if not is_good:
        found = ", ".join(f"{bound:g}: {weight:g}" for bound, weight in steps)
        raise QueryError("access_steps", found=found or "-")
    zone = np.searchsorted(np.asarray(bounds, dtype="float64"), km, side="left")
    # A missing distance sorts beyond every bound.
    return np.asarray([*weights, 0.0], dtype="float64")[zone]


def _aligned(amounts: pd.Series, ids: Sequence[Any], codes: tuple[str, str]) -> Floats:
    """Return the amounts in the order of the ids; the codes are for wrong ids and wrong amounts.

    Raises
    ------
    QueryError
        With up to three ids that are wrong.
    """
    wanted = pd.Index(list(ids))
    repeated = wanted[wanted.duplicated()].append(amounts.index[amounts.index.duplicated()])
    _refuse(codes[0], repeated if len(repeated) else wanted.symmetric_difference(amounts.index))
    values = numbers(amounts.reindex(wanted))
    _refuse(codes[1], wanted[~(np.isfinite(values) & (values >= 0))])
    return values


def _refuse(code: str, wrong: Iterable[Hashable]) -> None:
    named = [str(wrong_id) for wrong_id in wrong]
    if named:
        raise QueryError(code, found=", ".join(named[:_EXAMPLES]), count=len(named))
