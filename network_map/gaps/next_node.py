"""The next node: what one more node in each place would bring within the standard.

For every place that may take one more node the counties are counted that are out of reach before
and not after, with their residents and the contracts they absorb. A county is out of reach where
the whole distance band to the node that serves it lies beyond the standard. Over possible lists
the gain is an expectation with the range of nine lists in ten; with one list all three are equal.

By the rule *own prefecture first* a prefecture's first node takes its counties from nearer
neighbours, so a county can also be worse off; such counties are told, never set off.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from network_map.completion.choice import Flags, Floats

RANGE = (0.05, 0.95)
"""Share of the lists below the low and the high end of a range."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnLists:
    """One kind of node in each of L possible lists, as n counties see it.

    Parameters
    ----------
    adcodes
        Codes of the counties: (n,).
    places
        Codes of the places that have or may get a node: (m,).
    has_node
        Whether a place has a node that serves in a list: (L, m).
    low_km
        Near end of the band of the distance to each place in kilometres: (n, m).
    is_own
        Which places come first for a county whatever the distance; None for the nearest: (n, m).
    standard_km
        The service standard.
    higher_km
        Near end of the band to the nearest node of a higher tier that serves in its place,
        infinite where none does: (n,), or (L, n) where that depends on the list.
    """

    adcodes: tuple[str, ...]
    places: tuple[str, ...]
    has_node: Flags
    low_km: Floats
    standard_km: float
    higher_km: Floats
    is_own: Flags | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Served:
    """Of L lists and n counties: has one of its own, is that within, is any within."""

    has_own: Flags
    own_within: Flags
    any_within: Flags
    higher_within: Flags

    @property
    def is_gap(self) -> Flags:
        by_rule = np.where(self.has_own, self.own_within, self.any_within)
        return np.asarray(~(by_rule | self.higher_within), dtype=np.bool_)


def _served(lists: DrawnLists) -> _Served:
    within, own = _within(lists), _own(lists)
    has = lists.has_node.astype(np.float32)
    return _Served(
        has_own=np.asarray(has @ own.T.astype(np.float32) > 0, dtype=np.bool_),
        own_within=np.asarray(has @ (own & within).T.astype(np.float32) > 0, dtype=np.bool_),
        any_within=np.asarray(has @ within.T.astype(np.float32) > 0, dtype=np.bool_),
        higher_within=np.broadcast_to(
            np.atleast_2d(lists.higher_km) <= lists.standard_km,
            (len(lists.has_node), len(lists.adcodes)),
        ),
    )


def _within(lists: DrawnLists) -> Flags:
    return np.asarray(lists.low_km <= lists.standard_km, dtype=np.bool_)


def _own(lists: DrawnLists) -> Flags:
    return np.zeros_like(_within(lists)) if lists.is_own is None else lists.is_own


def _with_node(served: _Served, lists: DrawnLists, place: int) -> _Served:
    within, own = _within(lists)[:, place], _own(lists)[:, place]
    return replace(
        served,
        has_own=served.has_own | own,
        own_within=served.own_within | (own & within),
        any_within=served.any_within | within,
    )


def out_of_reach(lists: DrawnLists) -> Flags:
    """Return which counties are out of reach in which list: (L, n)."""
    return _served(lists).is_gap


def relieved_shares(lists: DrawnLists, place: str) -> pd.DataFrame:
    """Return what one more node in a place would do to each county.

    Parameters
    ----------
    lists
        The possible lists.
    place
        Code of the place.

    Returns
    -------
    pandas.DataFrame
        ``relieved_share, worse_share`` of the lists, indexed by county.

    Raises
    ------
    KeyError
        If the place is not one of the lists'.
    """
    if place not in lists.places:
        raise KeyError(place)
    before = _served(lists)
    after = _with_node(before, lists, lists.places.index(place)).is_gap
    return pd.DataFrame(
        {
            "relieved_share": (before.is_gap & ~after).mean(axis=0),
            "worse_share": (~before.is_gap & after).mean(axis=0),
        },
        index=pd.Index(lists.adcodes, name="adcode"),
    )


def next_node_gains(
    lists: DrawnLists, weights: pd.DataFrame, *, candidates: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return what one more node in each place would bring within the standard.

    Parameters
    ----------
    lists
        The possible lists.
    weights
        What is summed over the counties that gain (residents, contract value), indexed by county;
        a missing value counts nothing.
    candidates
        Codes of the places; all that lack a node in some list by default.

    Returns
    -------
    pandas.DataFrame
        By place, most counties first, then the first of the weights, then the code:
        ``place_adcode``; ``lacking_share`` of the lists in which it has no node yet;
        ``counties, counties_low, counties_high``; the same three columns of each weight;
        ``worse_counties``, expected.

    Raises
    ------
    KeyError
        If a candidate is not a place of the lists, or a county has no weights.
    """
    before = _served(lists)
    was_gap = before.is_gap
    values = weights.loc[list(lists.adcodes)].fillna(0).to_numpy(dtype=np.float64)
    lacking = 1.0 - lists.has_node.mean(axis=0)
    chosen = [p for p, share in zip(lists.places, lacking, strict=True) if share > 0]
    rows = []
    for place in chosen if candidates is None else candidates:
        if place not in lists.places:
            raise KeyError(place)
        number = lists.places.index(place)
        after = _with_node(before, lists, number).is_gap
        gained = was_gap & ~after
        sums = gained.astype(np.float64) @ np.column_stack([np.ones(len(values)), values])
        low, high = np.quantile(sums, RANGE, axis=0, method="inverted_cdf")
        row = {"place_adcode": place, "lacking_share": lacking[number]}
        for name, mean, least, most in zip(
            ("counties", *weights.columns), sums.mean(axis=0), low, high, strict=True
        ):
            row |= {str(name): mean, f"{name}_low": least, f"{name}_high": most}
        rows.append(row | {"worse_counties": float((~was_gap & after).sum(axis=1).mean())})
    names = [f"{n}{end}" for n in ("counties", *weights.columns) for end in ("", "_low", "_high")]
    table = pd.DataFrame(rows, columns=["place_adcode", "lacking_share", *names, "worse_counties"])
    order = ["counties", *(str(name) for name in weights.columns[:1]), "place_adcode"]
    ascending = [False] * (len(order) - 1) + [True]
    return table.sort_values(order, ascending=ascending, ignore_index=True)


def standard_curve(lists: DrawnLists, weights: pd.DataFrame, kilometres: Floats) -> pd.DataFrame:
    """Return how many counties are out of reach at each standard, expected over the lists.

    Parameters
    ----------
    lists
        The possible lists; their own standard plays no part.
    weights
        What is summed over the counties that are out of reach, indexed by county.
    kilometres
        Standards.

    Returns
    -------
    pandas.DataFrame
        ``standard_km, counties`` and a column for each weight; none rises as the standard does.
    """
    values = weights.loc[list(lists.adcodes)].fillna(0).to_numpy(dtype=np.float64)
    columns = np.column_stack([np.ones(len(values)), values])
    sums = [
        (out_of_reach(replace(lists, standard_km=float(km))) @ columns).mean(axis=0)
        for km in kilometres
    ]
    table = pd.DataFrame(sums, columns=["counties", *weights.columns])
    table.insert(0, "standard_km", np.asarray(kilometres, dtype=np.float64))
    return table
