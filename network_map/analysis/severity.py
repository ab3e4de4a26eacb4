"""Severities of the gaps in presence and reach, with what is unknown bounded by all lists.

Presence: the share of possible lists in which a county lacks a node. Reach: a nondecreasing,
piecewise linear function of distance over standard, 0 up to half the standard and 1 from one and
a half times the standard on, averaged over all possible lists. The shape follows the declining
coverage of Berman & Krass (2002): no cliff at the standard.

References
----------
Berman, O., Krass, D. (2002). The generalized maximal covering location problem.
Computers & Operations Research 29, 563–581.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from network_map.analysis.completion import Ensemble, NestedEnsemble
from network_map.analysis.completion_shares import (
    expected_severity,
    inclusion_shares,
    nearest_cost_distribution,
)
from network_map.analysis.constrained_choice import Flags, Floats
from network_map.analysis.cost import NO_METHOD, CostMatrix
from network_map.analysis.service import Service, checked_standard
from network_map.terms import NodeKind, ServiceRule

PRESENCE_SHARES: Mapping[str, float] = MappingProxyType(
    {NodeKind.COUNTY_CENTRE.value: 0.6, NodeKind.DEMONSTRATION_COUNTY.value: 0.4}
)
"""What each kind counts in the severity of presence."""

REACH_SHARES: Mapping[str, float] = MappingProxyType(
    {
        NodeKind.SUB_MARKET.value: 0.5,
        NodeKind.DEMONSTRATION_COUNTY.value: 0.35,
        NodeKind.PROVINCIAL_MARKET.value: 0.15,
    }
)
"""What each kind counts in the severity of reach."""

FREE_RATIO, FULL_RATIO = 0.5, 1.5
"""Distance over standard up to which the severity is 0, and from which on it is 1."""

# Puts what another prefecture has behind all of one's own; no distance comes near it.
_BEHIND_KM = 1e6


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


def presence_severities(
    by_kind: Mapping[str, Ensemble],
    *,
    nested: NestedEnsemble | None = None,
    shares: Mapping[str, float] = PRESENCE_SHARES,
) -> pd.DataFrame:
    """Return the severity of what each county lacks, over all lists.

    Parameters
    ----------
    by_kind
        The ensembles of the kinds in ``shares``, all over the same counties.
    nested
        The pairs of lists to count in place of single lists.
    shares
        What each kind counts, summing to 1.

    Returns
    -------
    pandas.DataFrame
        ``expected, low, high`` indexed by adcode. A county of unknown presence without an
        ensemble counts 0.5 in [0, 1].
    """
    total: pd.DataFrame | None = None
    for kind, share in shares.items():
        ensemble = by_kind[kind] if nested is None else nested
        found = inclusion_shares(ensemble, kind=kind if nested is not None else None)
        own = share * missing_bounds(found)
        total = own if total is None else total.add(own)
    if total is None:
        raise ValueError("presence needs at least one kind")
    return _ordered(total)


def missing_bounds(found: pd.DataFrame) -> pd.DataFrame:
    """Return ``expected, low, high`` of a node lacking, by adcode, from inclusion shares.

    Parameters
    ----------
    found
        What ``completion_shares.inclusion_shares`` returned.
    """
    lacks = 1.0 - found["share_of_lists"].to_numpy(dtype=np.float64)
    return pd.DataFrame(
        {
            "expected": np.where(np.isnan(lacks), 0.5, lacks),
            "low": np.where(lacks == 1, 1.0, 0.0),
            "high": np.where(lacks == 0, 0.0, 1.0),
        },
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
    """

    ensemble: Ensemble
    share: float
    standard_km: float
    cost: CostMatrix
    is_own: Flags | None = None


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
        Counties by places of the ensemble (ids ``adcode`` on both sides), as
        :func:`place_costs` makes it.
    service
        Rule and standard of the kind.
    counties
        ``adcode, prefecture_adcode``; a place that is no county is a prefecture.
    share
        What the kind counts; by default as in `REACH_SHARES`.

    Raises
    ------
    QueryError
        If the standard is negative, not a number or infinite.
    KeyError
        If ``cost`` lacks a county or a place.
    """
    chosen = cost.select(ensemble.adcodes, demand_ids=counties["adcode"])
    own_share = REACH_SHARES[ensemble.kind] if share is None else share
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
    area = dict(zip(counties["adcode"], counties["prefecture_adcode"], strict=True))
    areas = np.array([area.get(place, place) for place in ensemble.adcodes], dtype="object")
    is_own = counties["prefecture_adcode"].to_numpy("object")[:, None] == areas[None]
    return KindReach(ensemble, own_share, standard, chosen, np.asarray(is_own, dtype=np.bool_))


def place_costs(cost: CostMatrix, sites: Mapping[str, Sequence[str]]) -> CostMatrix:
    """Return the distances to places that each have one site or several: the nearest of them.

    Parameters
    ----------
    cost
        n demand points by facilities.
    sites
        By place: ids of the facilities in it. A named node stands where it is; a place that may
        take an unnamed one has its county seat, a prefecture the seat county of its own.

    Returns
    -------
    CostMatrix
        n demand points by places. Least estimate and least ends of the band, each on its own;
        missing where a place has no site at a known distance.

    Raises
    ------
    KeyError
        If the matrix lacks a site.
    """
    parts = [cost.select(names) for names in sites.values()]
    methods = [_nearest_method(part) for part in parts]
    n = len(cost.demand_ids)
    return replace(
        cost,
        facility_ids=tuple(sites),
        km=_joined([_least(part.km) for part in parts], n),
        low_km=_joined([_least(part.low_km) for part in parts], n),
        high_km=_joined([_least(part.high_km) for part in parts], n),
        method=_joined(methods, n).astype("int8"),
        facility_leg_km=np.full(len(sites), np.nan),
    )


def reach_severities(reaches: Iterable[KindReach]) -> pd.DataFrame:
    """Return the severity of the distances to the nearest nodes, over all lists.

    Parameters
    ----------
    reaches
        The kinds, shares summing to 1, all over the same counties.

    Returns
    -------
    pandas.DataFrame
        ``expected, low, high`` indexed by adcode, at the estimate of each distance. Without an
        ensemble the expectation is the middle of the bounds.
    """
    total: pd.DataFrame | None = None
    for part in reaches:
        own = part.share * kind_severities(part)
        total = own if total is None else total.add(own)
    if total is None:
        raise ValueError("reach needs at least one kind")
    return _ordered(total)


def kind_severities(reach: KindReach) -> pd.DataFrame:
    """Return ``expected, low, high`` of the severity of reach of one kind, by adcode."""
    costs = pd.DataFrame(
        ruled_km(reach),
        index=pd.Index(reach.cost.demand_ids, name="adcode"),
        columns=reach.ensemble.adcodes,
    )
    found = expected_severity(
        nearest_cost_distribution(reach.ensemble, costs),
        lambda values: ruled_severity(values, reach.standard_km),
    )
    middle = (found["least"] + found["most"]) / 2
    return pd.DataFrame(
        {
            "expected": found["expected"].fillna(middle),
            "low": found["least"],
            "high": found["most"],
        }
    )


def ruled_km(reach: KindReach) -> Floats:
    """Return distances by which places serve in order of the rule, own ones first: (n, m)."""
    km = np.asarray(reach.cost.km)
    return km if reach.is_own is None else np.where(reach.is_own, km, km + _BEHIND_KM)


def ruled_severity(km: Floats, standard_km: float) -> Floats:
    """Return the severity of distances that :func:`ruled_km` returned, in the same shape."""
    is_behind = np.isfinite(km) & (km >= _BEHIND_KM)
    return reach_severity(np.where(is_behind, km - _BEHIND_KM, km), standard_km)


def _ordered(total: pd.DataFrame) -> pd.DataFrame:
    """Return the sums within [0, 1] and in order: rounding may carry one a hair beyond."""
    low, high = total["low"].clip(0.0, 1.0), total["high"].clip(0.0, 1.0)
    high = high.where(high > low, low)
    return pd.DataFrame(
        {"expected": total["expected"].clip(low, high), "low": low, "high": high}
    )  # fmt: skip


def _least(values: Floats) -> Floats:
    least = np.where(np.isnan(values), np.inf, values).min(axis=1, initial=np.inf)
    is_known = (~np.isnan(values)).any(axis=1)
    return np.where(is_known, least, np.nan)


def _nearest_method(part: CostMatrix) -> Floats:
    if not part.facility_ids:
        return np.full(len(part.demand_ids), NO_METHOD, dtype=np.float64)
    known = np.where(np.isnan(part.km), np.inf, part.km)
    nearest = part.method[np.arange(len(known)), known.argmin(axis=1)]
    return np.asarray(nearest, dtype=np.float64)


def _joined(columns: list[Floats], n: int) -> Floats:
    return np.stack(columns, axis=1) if columns else np.empty((n, 0))
