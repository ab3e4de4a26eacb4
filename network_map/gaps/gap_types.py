"""Types of gap: which kind of gap a county has, three-valued over all possible lists.

A county can have several types at once. Each rests on facts of its own: reach on where nodes
stand and how far they are, the centre on the list of centres, activity on the contract register,
industry on the lists of consortia. What rests on a list that is not public holds in a share of
the possible lists: in all of them (certain), in some (possible), or in none.

Out of reach means that the whole distance band lies beyond the standard, so a gap is never a
matter of the estimate. A higher tier serves the lower one: where a sub-market or the provincial
market lies within the standard of demonstration counties, no demonstration county is lacking.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from network_map.completion.choice import Flags, Floats
from network_map.completion.shares import NearestCost
from network_map.terms import Certainty, GapType, MapGap

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
