"""Severities of the gaps in presence and reach, with what is unknown bounded by all lists.

Presence: the share of possible lists in which a county lacks a centre; one being built is half a
gap. Reach: a nondecreasing, piecewise linear function of distance over standard, 0 up to half the
standard and 1 from one and a half times the standard on, averaged over all possible lists. The
shape follows the declining coverage of Berman & Krass (2002): no cliff at the standard. A node of
a higher tier serves in the place of one of a lower tier, where it is nearer. The title of a
demonstration county counts in reach alone, and the distance to the provincial market by itself
counts nothing: nobody can act on it.

References
----------
Berman, O., Krass, D. (2002). The generalized maximal covering location problem.
Computers & Operations Research 29, 563–581.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from network_map.completion.choice import Flags, Floats
from network_map.completion.ensemble import Ensemble
from network_map.completion.shares import (
    NearestCost,
    expected_severity,
    nearest_cost_distribution,
    nearest_of_kinds,
)
from network_map.reach.cost import CostMatrix
from network_map.reach.coverage import own_places
from network_map.reach.service import own_first, without_order
from network_map.reach.standards import Service, checked_standard
from network_map.terms import NodeKind, ServiceRule

PRESENCE_SHARES: Mapping[str, float] = MappingProxyType({NodeKind.COUNTY_CENTRE.value: 1.0})
"""What each kind counts in the severity of presence."""

PLANNED_SEVERITY = 0.5
"""Severity of presence where a node is being built: between there and absent."""

REACH_SHARES: Mapping[str, float] = MappingProxyType(
    {NodeKind.SUB_MARKET.value: 0.6, NodeKind.DEMONSTRATION_COUNTY.value: 0.4}
)
"""What each kind counts in the severity of reach."""

FREE_RATIO, FULL_RATIO = 0.5, 1.5
"""Distance over standard up to which the severity is 0, and from which on it is 1."""


def reach_severity(km: Floats, standard_km: Floats | float) -> Floats:
    """Return the severity of distances against service standards.

    Parameters
    ----------
    km
        Kilometres, any shape; infinite where nothing serves the point.
    standard_km
        Kilometres, 0 or more, broadcast against ``km``: distances (draws, n) against standards
        (draws, 1). Against a standard of 0 any distance above 0 is 1.

    Returns
    -------
    numpy.ndarray
        From 0 to 1, missing where ``km`` is. Never falls as the distance grows, never rises as
        the standard does.
    """
    standard = np.asarray(standard_km, dtype=np.float64)
    has_standard = standard > 0
    # Beyond the range of floats a ratio is as good as infinite.
    with np.errstate(over="ignore"):
        ratio = km / np.where(has_standard, standard, 1.0)
    ratio = np.where(has_standard | (km <= 0) | np.isnan(km), ratio, np.inf)
    return np.clip((ratio - FREE_RATIO) / (FULL_RATIO - FREE_RATIO), 0.0, 1.0)


def summed_severities(parts: Iterable[tuple[float, pd.DataFrame]]) -> pd.DataFrame:
    """Return the severity of a component from those of its kinds.

    Parameters
    ----------
    parts
        What each kind counts, summing to 1, and its ``expected, low, high`` by adcode, all over
        the same counties.

    Returns
    -------
    pandas.DataFrame
        ``expected, low, high`` indexed by adcode, within [0, 1] and in order: rounding may carry
        a sum a hair beyond.
    """
    total = sum((share * table[["expected", "low", "high"]] for share, table in parts), start=0.0)
    if not isinstance(total, pd.DataFrame):
        raise ValueError("a component needs at least one kind")  # noqa: TRY004 (no wrong type)
    low, high = total["low"].clip(0.0, 1.0), total["high"].clip(0.0, 1.0)
    high = high.where(high > low, low)
    return pd.DataFrame(
        {"expected": total["expected"].clip(low, high), "low": low, "high": high}
    )  # fmt: skip


def missing_bounds(found: pd.DataFrame, *, planned: Container[str] = ()) -> pd.DataFrame:
    """Return ``expected, low, high`` of a node lacking, by adcode, from inclusion shares.

    Parameters
    ----------
    found
        What ``completion_shares.inclusion_shares`` returned.
    planned
        Codes of the places whose node is being built.
    """
    lacks = 1.0 - found["share_of_lists"].to_numpy(dtype=np.float64)
    is_planned = np.array([code in planned for code in found["adcode"]], dtype=np.bool_)
    values = {
        "expected": np.where(np.isnan(lacks), 0.5, lacks),
        "low": np.where(lacks == 1, 1.0, 0.0),
        "high": np.where(lacks == 0, 0.0, 1.0),
    }
    return pd.DataFrame(
        {name: np.where(is_planned, PLANNED_SEVERITY, ends) for name, ends in values.items()},
        index=pd.Index(found["adcode"], name="adcode"),
    )


@dataclass(frozen=True, slots=True, eq=False)
class KindReach:
    """How a kind of node reaches n counties from the m places of its ensemble.

    Parameters
    ----------
    ensemble
        The completions of the kind.
    share
        What the kind counts in the severity of reach.
    standard_km
        The service standard in kilometres.
    cost
        Counties by places of the ensemble, in its order.
    is_own
        Which places come first for a county whatever the distance, (n, m); None for the nearest.
    higher
        The kinds that serve in its place, over the same counties; their standards play no part.
    """

    ensemble: Ensemble
    share: float
    standard_km: float
    cost: CostMatrix
    is_own: Flags | None = None
    higher: tuple["KindReach", ...] = ()

    def nearest(self) -> NearestCost:
        """Return the distribution of the kilometres to the node that serves, of this kind alone."""
        costs = pd.DataFrame(
            own_first(self.cost.km, self.is_own),
            index=pd.Index(self.cost.demand_ids, name="adcode"),
            columns=self.ensemble.adcodes,
        )
        found = nearest_cost_distribution(self.ensemble, costs)
        return replace(found, costs=without_order(found.costs))


def kind_reach(
    ensemble: Ensemble,
    cost: CostMatrix,
    service: Service,
    counties: pd.DataFrame,
    *,
    share: float | None = None,
) -> KindReach:
    """Return how a kind of node reaches the counties by its service rule.

    Parameters
    ----------
    ensemble
        The completions of the kind.
    cost
        Counties by places of the ensemble (ids ``adcode`` on both sides).
    service
        Rule and standard of the kind.
    counties
        ``adcode, prefecture_adcode``; a place that is no county is a prefecture.
    share
        What the kind counts; by default as in `REACH_SHARES`, a kind that is not there nothing.

    Raises
    ------
    QueryError
        If the standard is negative, not a number or infinite.
    KeyError
        If ``cost`` lacks a county or a place.
    """
    chosen = cost.select(ensemble.adcodes, demand_ids=counties["adcode"])
    own_share = REACH_SHARES.get(ensemble.kind, 0.0) if share is None else share
    places = np.array(ensemble.adcodes, dtype="object")
    if service.rule is ServiceRule.OWN_COUNTY or service.standard_km is None:
        here = counties["adcode"].to_numpy("object")[:, None] == places[None]
        at = np.where(here, 0.0, np.inf)
        return KindReach(
            ensemble, own_share, 1.0, replace(chosen, km=at, low_km=at, high_km=at)
        )  # fmt: skip
    standard = checked_standard(service.kind, service.standard_km)
    if service.rule is ServiceRule.NEAREST:
        return KindReach(ensemble, own_share, standard, chosen)
    is_own = own_places(counties, ensemble.adcodes)
    return KindReach(ensemble, own_share, standard, chosen, is_own)


def kind_severities(reach: KindReach) -> pd.DataFrame:
    """Return ``expected, low, high`` of the severity of reach of one kind, by adcode.

    Over all lists, at the estimate of each distance; without an ensemble the expectation is the
    middle of the bounds.
    """
    nearest = nearest_of_kinds([part.nearest() for part in (reach, *reach.higher)])
    found = expected_severity(nearest, lambda km: reach_severity(km, reach.standard_km))
    middle = (found["least"] + found["most"]) / 2
    return pd.DataFrame(
        {
            "expected": found["expected"].fillna(middle),
            "low": found["least"],
            "high": found["most"],
        }
    )
