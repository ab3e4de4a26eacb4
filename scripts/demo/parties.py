"""The invented sellers and buyers of the demonstration register, and where they sit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from network_map.terms import AdminLevel, PartyKind
from scripts.demo.draws import Draws, Flags, Whole, below, draws, picked, skewed
from scripts.demo.totals import KUNMING

SELLERS = 2600
BUYERS = 6500
"""About how many there are; at most 9999, so that a name has four digits."""

# How often a party of a kind occurs, among those that are no university or institute of a table.
_SELLER_KINDS = {
    PartyKind.DOMESTIC_FIRM: 860, PartyKind.OTHER_INSTITUTION: 50,
    PartyKind.RESEARCH_INSTITUTE: 35, PartyKind.HEALTH_INSTITUTION: 15, PartyKind.GOVERNMENT: 8,
    PartyKind.ASSOCIATION: 10, PartyKind.HK_MACAO_TAIWAN_FIRM: 7, PartyKind.FOREIGN_FIRM: 15,
}  # fmt: skip
_BUYER_KINDS = {
    PartyKind.DOMESTIC_FIRM: 690, PartyKind.GOVERNMENT: 120, PartyKind.OTHER_INSTITUTION: 70,
    PartyKind.UNIVERSITY: 35, PartyKind.RESEARCH_INSTITUTE: 30, PartyKind.HEALTH_INSTITUTION: 35,
    PartyKind.ASSOCIATION: 5, PartyKind.HK_MACAO_TAIWAN_FIRM: 5, PartyKind.FOREIGN_FIRM: 10,
}  # fmt: skip
_OUTSIDE = {
    "110000": 20, "310000": 10, "440000": 14, "510000": 12, "500000": 6, "520000": 8,
    "320000": 6, "330000": 6, "370000": 4, "420000": 4, "430000": 4, "450000": 4, "610000": 4,
    "120000": 2, "130000": 2, "350000": 2, "360000": 2, "410000": 2, "340000": 2, "540000": 2,
    "630000": 1, "620000": 1, "460000": 1, "210000": 1, "140000": 1, "650000": 1, "640000": 1,
    "150000": 1, "220000": 1, "230000": 1,
}  # fmt: skip
_SAME_PREFECTURE_IN_100 = 30
_IN_PROVINCE_IN_100 = 64
_MOST_INSTITUTIONS = 6
_FEWEST_IN_PLACE = 4
_MIDDLING = 5


@dataclass(frozen=True, slots=True)
class Parties:
    """The parties of one side, in the order of their places.

    Parameters
    ----------
    kinds
        Kind of each party, a code.
    first, counts
        Number of the first party of each place, and how many it has.
    """

    kinds: Sequence[str]
    first: Whole
    counts: Whole


def counties_with_weights(
    divisions: pd.DataFrame,
    county_indicators: pd.DataFrame,
    institutions: pd.DataFrame,
    *,
    seed: int,
) -> pd.DataFrame:
    """Return the counties with what their parties depend on.

    Returns
    -------
    pandas.DataFrame
        One row for a county, by code: ``adcode``, ``prefecture_adcode``, ``universities_count``,
        ``institutes_count``, ``economy`` (GDP of 2021 in million yuan) and ``seller_weight``, all
        whole numbers.
    """
    counties = divisions.loc[divisions["level"] == AdminLevel.COUNTY, ["adcode", "parent_adcode"]]
    table = counties.merge(
        county_indicators[["adcode", "gdp_2021_100m"]],
        how="left", on="adcode", validate="one_to_one",
    ).sort_values("adcode", ignore_index=True)  # fmt: skip
    economy = (table["gdp_2021_100m"].fillna(0) * 100).round().astype("int64") + 1
    seats = divisions.set_index("adcode")["seat_adcode"]
    # An institution whose county is not known counts at the seat of its prefecture.
    places = institutions["adcode"].fillna(institutions["prefecture_adcode"].map(seats))
    is_university = institutions["institution_kind"] == "university"
    universities = _counted(table["adcode"], places[is_university])
    institutes = _counted(table["adcode"], places[~is_university])
    count = universities + institutes
    is_capital = (table["parent_adcode"] == KUNMING).to_numpy()
    luck = _luck(len(table), count.to_numpy() > 0, is_capital, seed=seed)
    return pd.DataFrame(
        {
            "adcode": table["adcode"],
            "prefecture_adcode": table["parent_adcode"],
            "universities_count": universities,
            "institutes_count": institutes,
            "economy": economy,
            "seller_weight": economy * (2 + count.clip(upper=_MOST_INSTITUTIONS)) * luck,
        }
    )


def _counted(adcodes: pd.Series, places: pd.Series) -> pd.Series:
    """Return how many of the places are in each county."""
    return adcodes.map(places.value_counts()).fillna(0).astype("int64")


def _luck(count: int, has_institution: Flags, is_capital: Flags, *, seed: int) -> Whole:
    """Return a factor for each county; some sell nothing, so that a gap can be seen."""
    factors = np.array([0, 0, 0, 1, 1, 2, 3, 4, 4, 5, 5, 6, 6, 7, 8, 9])
    drawn = factors[below(draws(seed, "luck", count), len(factors))]
    drawn = np.where(has_institution, np.maximum(drawn, _MIDDLING), drawn)
    return np.asarray(np.where(is_capital, _MIDDLING, drawn))


def sellers(counties: pd.DataFrame, *, seed: int) -> Parties:
    """Return the sellers; a county's universities and institutes stand first in it."""
    weight = counties["seller_weight"].to_numpy()
    counts = np.maximum(weight * SELLERS // int(weight.sum()), _FEWEST_IN_PLACE)
    known = [counties[name].to_numpy() for name in ("universities_count", "institutes_count")]
    counts = np.maximum(counts, known[0] + known[1] + 1)
    counts = np.where(weight == 0, 0, counts)
    parties = _parties(counts, _SELLER_KINDS, draws(seed, "seller kind", int(counts.sum())))
    kinds = list(parties.kinds)
    named = (PartyKind.UNIVERSITY.value, PartyKind.RESEARCH_INSTITUTE.value)
    for first, *numbers in zip(parties.first.tolist(), *known, strict=True):
        listed = [kind for kind, n in zip(named, numbers, strict=True) for _ in range(n)]
        kinds[first : first + len(listed)] = listed
    return Parties(kinds, parties.first, parties.counts)


def buyer_places(counties: pd.DataFrame) -> list[str]:
    """Return the codes of the places buyers sit in: the counties, then other provinces."""
    return [*counties["adcode"], *sorted(_OUTSIDE)]


def buyers(counties: pd.DataFrame, *, seed: int) -> Parties:
    """Return the buyers of the places of :func:`buyer_places`."""
    outside = np.array([_OUTSIDE[code] for code in sorted(_OUTSIDE)])
    economy = counties["economy"].to_numpy()
    counts = np.concatenate(
        [
            economy * (BUYERS * 2 // 3) // int(economy.sum()),
            outside * (BUYERS // 3) // int(outside.sum()),
        ]
    )
    counts = np.maximum(counts, _FEWEST_IN_PLACE)
    return _parties(counts, _BUYER_KINDS, draws(seed, "buyer kind", int(counts.sum())))


def _parties(counts: Whole, kinds: dict[PartyKind, int], numbers: Draws) -> Parties:
    codes = [kind.value for kind in kinds]
    chosen = picked(numbers, list(kinds.values()))
    first = np.cumsum(counts) - counts
    return Parties([codes[position] for position in chosen], first, counts)


def chosen_parties(parties: Parties, places: Whole, numbers: Draws) -> Whole:
    """Return the number of a party in each place; the first ones of a place are busiest."""
    return parties.first[places] + skewed(numbers, parties.counts[places])


def seller_places(counties: pd.DataFrame, is_capital: Flags, numbers: Draws) -> Whole:
    """Return the position of a county for each contract: one of Kunming, or one of the others."""
    weight = counties["seller_weight"].to_numpy()
    inside = (counties["prefecture_adcode"] == KUNMING).to_numpy()
    return np.asarray(
        np.where(
            is_capital,
            picked(numbers, np.where(inside, weight, 0)),
            picked(numbers, np.where(inside, 0, weight)),
        )
    )


def chosen_buyer_places(counties: pd.DataFrame, seats: Whole, *, seed: int) -> Whole:
    """Return the position of the buyer's place for the seller's county of each contract."""
    count = len(seats)
    economy = counties["economy"].to_numpy()
    numbers = draws(seed, "buyer place", count)
    sort = below(draws(seed, "buyer distance", count), 100)
    outside = [_OUTSIDE[code] for code in sorted(_OUTSIDE)]
    places = np.where(
        sort < _IN_PROVINCE_IN_100,
        picked(numbers, economy),
        len(counties) + picked(numbers, outside),
    )
    prefecture = counties["prefecture_adcode"].to_numpy()
    of_seller = prefecture[seats]
    for code in dict.fromkeys(prefecture):
        near = (sort < _SAME_PREFECTURE_IN_100) & (of_seller == code)
        own = picked(numbers, np.where(prefecture == code, economy, 0))
        places = np.where(near, own, places)
    return np.asarray(places)
