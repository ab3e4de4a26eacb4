"""Severities and types of gap, with what is unknown bounded by all possible lists.

Presence: the share of possible lists in which a county lacks a centre; one being built is half a
gap. Reach: a nondecreasing, piecewise linear function of distance over standard, 0 up to half the
standard and 1 from one and a half times the standard on, averaged over all possible lists. The
shape follows the declining coverage of Berman & Krass (2002): no cliff at the standard. A node of
a higher tier serves in the place of one of a lower tier, where it is nearer. The title of a
demonstration county counts in reach alone, and the distance to the provincial market by itself
counts nothing: nobody can act on it.

Types of gap: which kind of gap a county has, three-valued over all possible lists.

A county can have several types at once. Each rests on facts of its own: reach on where nodes
stand and how far they are, the centre on the list of centres, activity on the contract register,
industry on the lists of consortia. What rests on a list that is not public holds in a share of
the possible lists: in all of them (certain), in some (possible), or in none.

Out of reach means that the whole distance band lies beyond the standard, so a gap is never a
matter of the estimate. A higher tier serves the lower one: where a sub-market or the provincial
market lies within the standard of demonstration counties, no demonstration county is lacking.

References
----------
Berman, O., Krass, D. (2002). The generalized maximal covering location problem.
Computers & Operations Research 29, 563–581.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from network_map.reach.cost import CostMatrix, own_first, without_order
from network_map.reach.coverage import own_places
from network_map.reach.standards import Service, checked_standard
from network_map.terms import Certainty, GapType, MapGap, NodeKind, ServiceRule

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


# --- types of gap ---------------------------------------------------------------------------------


FEW_SHARE = 0.5
"""A county absorbs few contracts where its rate is below this share of its peers' median."""


@dataclass(frozen=True, slots=True, eq=False)
class TierDistances:
    """How far n counties are from the tiers that serve them, over all lists.

    The distances are the near ends of the bands: beyond a standard there, beyond it for certain.

    Parameters
    ----------
    sub_market, demonstration
        Distribution of the distance to the serving node in kilometres, infinite without one; the
        rows are the same n counties.
    market_km
        Distance to the provincial market, infinite where its place is not known: (n,).
    """

    sub_market: NearestCost
    demonstration: NearestCost
    market_km: Floats

    def __post_init__(self) -> None:
        """Refuse tables of different counties: they would be combined row by row."""
        if list(self.sub_market.demand_ids) != list(self.demonstration.demand_ids):
            raise ValueError("the distances of both tiers must be of the same counties in order")


@dataclass(frozen=True, slots=True, eq=False)
class ReachGaps:
    """In which share of the lists n counties are out of reach.

    Parameters
    ----------
    sub_market, demonstration
        Of each tier by itself: share, least and most over the lists, columns ``share, least,
        most`` indexed by county; the share is missing where it cannot be told.
    either
        Of one of them at least.
    """

    sub_market: pd.DataFrame
    demonstration: pd.DataFrame
    either: pd.DataFrame


def reach_gaps(
    distances: TierDistances,
    *,
    sub_market_km: float,
    demonstration_km: float,
    higher_tier_serves: bool = True,
) -> ReachGaps:
    """Return in which share of the possible lists counties lie beyond the standards.

    The lists of the two kinds are independent of each other; a sub-market that serves a county in
    place of a demonstration county ties the two together, and is counted so.

    Parameters
    ----------
    distances
        Of n counties.
    sub_market_km, demonstration_km
        The service standards in kilometres.
    higher_tier_serves
        Whether a node of a higher tier counts for the lower one as well.
    """
    sub, demo = distances.sub_market, distances.demonstration
    market = distances.market_km[:, None]
    at = np.minimum(sub.costs, market) if higher_tier_serves else sub.costs
    lacks_sub = at > sub_market_km
    not_replaced = at > demonstration_km if higher_tier_serves else np.ones_like(lacks_sub)
    lacks_demo = (demo.costs > demonstration_km).astype(np.float64)
    own = _mean(demo.shares, lacks_demo)

    def combined(alone: Flags, with_demo: Flags) -> pd.DataFrame:
        """Of each list of sub-markets: 1 where it decides alone, else what the other list says."""
        value = {
            name: np.where(alone, 1.0, np.where(with_demo, own[name].to_numpy()[:, None], 0.0))
            for name in ("share", "least", "most")
        }
        is_possible = sub.shares != 0
        least = np.where(is_possible, value["least"], np.inf).min(axis=1)
        most = np.where(is_possible, value["most"], -np.inf).max(axis=1)
        share = np.where(is_possible, sub.shares * value["share"], 0.0).sum(axis=1)
        return _settled(share, least, most, sub.demand_ids)

    none = np.zeros_like(lacks_sub)
    return ReachGaps(
        sub_market=combined(lacks_sub, none),
        demonstration=combined(none, not_replaced),
        either=combined(lacks_sub, not_replaced & ~lacks_sub),
    )


def _mean(shares: Floats, values: Floats) -> pd.DataFrame:
    is_possible = shares != 0
    return pd.DataFrame(
        {
            "share": np.where(is_possible, shares * values, 0.0).sum(axis=1),
            "least": np.where(is_possible, values, np.inf).min(axis=1),
            "most": np.where(is_possible, values, -np.inf).max(axis=1),
        }
    )


def _settled(share: Floats, least: Floats, most: Floats, index: pd.Index) -> pd.DataFrame:
    """Return shares between their bounds; one that does not hold everywhere is never 1, nor 0."""
    inside = np.clip(share, np.nextafter(0.0, 1.0), np.nextafter(1.0, 0.0))
    told = np.where(least == most, least, inside)
    return pd.DataFrame({"share": told, "least": least, "most": most}, index=index)


@dataclass(frozen=True, slots=True, eq=False)
class CountyFacts:
    """What else is known of n counties, in the order of the reach.

    Parameters
    ----------
    centre_share
        Share of the lists in which the county has a built centre: (n,); missing where unknown.
    centre_planned
        Whether a centre is being built: (n,).
    rate, peer_rate
        Contracts absorbed per 10 000 residents, and the median of the peers; missing without a
        register: (n,).
    is_blank
        Whether there is no contract at all in the period: (n,).
    lacks_consortium
        Whether the industry is there without a member within reach: 1, 0, or missing: (n,).
    is_idle
        Whether a list of the work of centres calls the centre idle; None without one: (n,).
    """

    centre_share: Floats
    centre_planned: Flags
    rate: Floats
    peer_rate: Floats
    is_blank: Flags
    lacks_consortium: Floats
    is_idle: Flags | None = None

    is_active: Floats = field(init=False)
    """Whether a county absorbs as much as its peers or more: 1, 0, or missing: (n,)."""
    absorbs_few: Floats = field(init=False)
    """Whether it absorbs under half of its peers or nothing, or idles: 1, 0, or missing: (n,)."""

    def __post_init__(self) -> None:
        """Compare each county with its peers."""
        is_known = np.isfinite(self.rate) & np.isfinite(self.peer_rate)
        active = np.where(is_known, self.rate >= self.peer_rate, np.nan)
        few = (self.rate < FEW_SHARE * self.peer_rate) | self.is_blank
        object.__setattr__(self, "is_active", np.where(self.is_blank & is_known, 0.0, active))
        told = np.where(is_known, few, np.nan)
        object.__setattr__(
            self, "absorbs_few", told if self.is_idle is None else np.where(self.is_idle, 1.0, told)
        )


def gap_types(reach: ReachGaps, facts: CountyFacts) -> pd.DataFrame:
    """Return for each county and type in which share of the possible lists it holds.

    Parameters
    ----------
    reach
        What :func:`reach_gaps` returned.
    facts
        Of the same counties in the same order.

    Returns
    -------
    pandas.DataFrame
        Indexed by county: for each :class:`GapType` a column of its share, 0 to 1, missing where
        it cannot be told; ``…_certainty`` (a :class:`Certainty`) beside it; ``map_gap`` (a
        :class:`MapGap`).
    """
    out = reach.either["share"].to_numpy(dtype=np.float64)
    has_centre = facts.centre_share
    lacks = 1.0 - has_centre
    shares: Mapping[GapType, Floats] = {
        GapType.ACTIVE_OUT_OF_REACH: _and(out, facts.is_active),
        GapType.OUT_OF_REACH: out,
        GapType.NO_CENTRE: np.where(facts.centre_planned, 0.0, lacks),
        GapType.CENTRE_PLANNED: np.where(facts.centre_planned, lacks, 0.0),
        GapType.IDLE_NODE: _and(has_centre, facts.absorbs_few),
        GapType.NO_CONSORTIUM: facts.lacks_consortium,
    }
    columns: dict[str, object] = {}
    for kind, share in shares.items():
        columns[kind.value] = share
        columns[f"{kind.value}_certainty"] = certainty(share)
    table = pd.DataFrame(columns, index=reach.either.index)
    return table.assign(map_gap=map_gap(table))


def _and(share: Floats, condition: Floats) -> Floats:
    """Return the share of a type that also needs a condition no list changes; 0 wins over unknown.

    Kleene's conjunction: what is false on one side is false, whatever the other side is.
    """
    both = share * condition
    return np.where((share == 0) | (condition == 0), 0.0, both)


def certainty(share: Floats) -> Sequence[str]:
    """Return the word for shares of lists: all, some, none, or not known."""
    known = np.select(
        [share == 1, share == 0, np.isfinite(share)],
        [Certainty.CERTAIN.value, Certainty.CERTAIN_NOT.value, Certainty.POSSIBLE.value],
        Certainty.UNKNOWN.value,
    )
    return [str(word) for word in known]


def map_gap(types: pd.DataFrame) -> pd.Series:
    """Return what the map shows of each county: the first type that is certain.

    Parameters
    ----------
    types
        Shares by type, indexed by county.
    """
    shown = pd.Series(MapGap.NONE.value, index=types.index, dtype="str")
    shares = types[[kind.value for kind in GapType]]
    is_open = ((shares > 0) & (shares < 1)).any(axis=1) | shares.isna().any(axis=1)
    shown = shown.mask(is_open, MapGap.UNKNOWN.value)
    for kind in reversed(GapType):
        shown = shown.mask(types[kind.value] == 1, kind.value)
    return shown
