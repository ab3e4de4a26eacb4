"""Consortium fit: which counties have a consortium's industry and no member within reach.

Three things may be unknown, and none of them is ever taken for absent: whether a county has the
industry, who the members are, and where a member is. An unknown place is bounded: a member known
to be in a prefecture is at its nearest or farthest county, one known to be in the province is at
the demand point itself or out of reach. The verdict follows Kleene (1952), Introduction to
Metamathematics, section 64: *covered* holds for every case, *gap* for every case, else
*uncertain*.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from network_map.consortia.tables import industry_words
from network_map.errors import QueryError
from network_map.terms import FitVerdict, Presence

FloatArray: TypeAlias = NDArray[np.float64]

_NOBODY = -1
_BY_DISTANCE = (FitVerdict.GAP.value, FitVerdict.UNCERTAIN.value, FitVerdict.COVERED.value)


class Cost(Protocol):
    """Distances from demand points to facilities, ids on both axes."""

    @property
    def demand_ids(self) -> Sequence[str]:
        """Codes of the counties, length m."""

    @property
    def facility_ids(self) -> Sequence[str]:
        """Codes of the counties in which a member may be, length n."""

    @property
    def km(self) -> FloatArray:
        """Estimates in kilometres, shape (m, n); NaN where there is none."""

    @property
    def low_km(self) -> FloatArray:
        """Lower bounds, shape (m, n)."""

    @property
    def high_km(self) -> FloatArray:
        """Upper bounds, shape (m, n)."""


@dataclass(frozen=True, slots=True)
class _Distances:
    """Distances from m counties to k members: estimates and bounds, shape (m, k)."""

    km: FloatArray
    low: FloatArray
    high: FloatArray


def member_reach(
    members: pd.DataFrame, cost: Cost, parents: Mapping[str, str], *, consortia: Sequence[str]
) -> pd.DataFrame:
    """Return how far each county is from the nearest member of each consortium.

    Parameters
    ----------
    members
        Table ``consortium_members``. Members outside the province are left out.
    cost
        Distances between the counties in kilometres.
    parents
        The prefecture of each county, by code.
    consortia
        Ids of the consortia, in the order of the result.

    Returns
    -------
    pandas.DataFrame
        One row for each consortium and county: ``consortium_id, adcode, member_count,
        nearest_member_name, nearest_adcode, nearest_km, nearest_low_km, nearest_high_km,
        placed_low_km``. ``nearest_km`` is infinite
        where the consortium has no member in the province, missing where no place of one is
        known; the bounds are 0 and infinite there. ``nearest_adcode`` is the county of the
        nearest member, by which its distance was found. ``placed_low_km`` is the lower bound by the
        members alone whose county is known. ``member_count`` counts those in the county.

    Raises
    ------
    ValueError
        If a member is in a county that the distances do not have.
    """
    inside = members[~members["is_outside_province"].astype("bool")]
    absent = set(inside["adcode"].dropna()) - set(cost.facility_ids)
    if absent:
        raise ValueError(f"distances to {sorted(absent)} expected, found none")
    parts = [
        _reach(name, inside[inside["consortium_id"] == name], cost, parents) for name in consortia
    ]
    nothing = _reach("", inside.iloc[:0], cost, parents).iloc[:0]
    return pd.concat(parts, ignore_index=True) if parts else nothing


def _reach(
    consortium_id: str, members: pd.DataFrame, cost: Cost, parents: Mapping[str, str]
) -> pd.DataFrame:
    # The order of the rows must not choose between two members that are equally near.
    ordered = members.sort_values(["member_name"], ignore_index=True)
    distances = _member_distances(ordered, cost, parents)
    counties = list(cost.demand_ids)
    nearest, chosen = _nearest(distances.km)
    names, places = ordered["member_name"].reindex(chosen), ordered["adcode"].reindex(chosen)
    here = ordered["adcode"].value_counts()
    return pd.DataFrame(
        {
            "consortium_id": consortium_id,
            "adcode": counties,
            "member_count": [int(here.get(code, 0)) for code in counties],
            "nearest_member_name": names.reset_index(drop=True),
            "nearest_adcode": places.reset_index(drop=True),
            "nearest_km": nearest,
            "nearest_low_km": _least(distances.low),
            "nearest_high_km": _least(distances.high),
            "placed_low_km": _least(distances.low[:, ordered["adcode"].notna().to_numpy()]),
        }
    )


def _member_distances(members: pd.DataFrame, cost: Cost, parents: Mapping[str, str]) -> _Distances:
    """Return the distances to each member, bounded where its place is not known exactly."""
    column = {code: place for place, code in enumerate(cost.facility_ids)}
    count = len(cost.demand_ids)
    low_km = np.where(np.isnan(cost.low_km), 0.0, cost.low_km)
    high_km = np.where(np.isnan(cost.high_km), np.inf, cost.high_km)
    km, low, high = [], [], []
    for code, prefecture in zip(members["adcode"], members["prefecture_adcode"], strict=True):
        if isinstance(code, str):
            places = [column[code]]
            km.append(cost.km[:, places[0]])
        else:
            places = [p for name, p in column.items() if parents.get(name) == prefecture]
            km.append(np.full(count, np.nan))
        low.append(low_km[:, places].min(axis=1) if places else np.zeros(count))
        high.append(high_km[:, places].max(axis=1) if places else np.full(count, np.inf))
    return _Distances(*(_columns(parts, count) for parts in (km, low, high)))


def _columns(parts: Sequence[FloatArray], count: int) -> FloatArray:
    return np.stack(parts, axis=1) if parts else np.empty((count, 0))


def _least(distances: FloatArray) -> FloatArray:
    """Return the least distance of each row, infinite where there is none."""
    return np.asarray(np.min(distances, axis=1, initial=np.inf))


def _nearest(km: FloatArray) -> tuple[FloatArray, NDArray[np.intp]]:
    """Return distance and place of the nearest member whose county is known, -1 for none."""
    known = np.where(np.isnan(km), np.inf, km)
    nearest = _least(known)
    if not km.shape[1]:
        return nearest, np.full(len(km), _NOBODY)
    chosen = np.where(np.isfinite(nearest), known.argmin(axis=1), _NOBODY)
    nothing_known = np.isinf(nearest) & np.isnan(km).any(axis=1)
    return np.where(nothing_known, np.nan, nearest), chosen


def industry_presence(
    consortia: pd.DataFrame, county_industry: pd.DataFrame, counties: Sequence[str]
) -> pd.DataFrame:
    """Return whether each county has an industry of each consortium.

    Parameters
    ----------
    consortia
        Table ``consortia``; one without industries has unknown ones.
    county_industry
        Table ``county_industry``; a county that it does not list for an industry is unknown.
    counties
        Codes of the counties.

    Returns
    -------
    pandas.DataFrame
        ``consortium_id``, ``adcode``, ``industry_presence``: present if one of the industries is
        there, absent if all of them are known not to be.
    """
    stated = {
        (adcode, industry): presence
        for adcode, industry, presence in county_industry[
            ["adcode", "industry", "presence"]
        ].itertuples(index=False, name=None)
    }
    rows = [
        (consortium_id, adcode, _any_present([stated.get((adcode, word)) for word in words]))
        for consortium_id, cell in zip(
            consortia["consortium_id"], consortia["industries"], strict=True
        )
        for words in [industry_words(cell)]
        for adcode in counties
    ]
    return pd.DataFrame(rows, columns=["consortium_id", "adcode", "industry_presence"])


def _any_present(values: Sequence[str | None]) -> str:
    """Return the disjunction of three values; None is unknown, and so is a list of nothing."""
    if Presence.PRESENT in values:
        return Presence.PRESENT.value
    is_absent = bool(values) and all(value == Presence.ABSENT for value in values)
    return (Presence.ABSENT if is_absent else Presence.UNKNOWN).value


def consortium_fit(
    consortia: pd.DataFrame,
    members: pd.DataFrame,
    county_industry: pd.DataFrame,
    cost: Cost,
    parents: Mapping[str, str],
    *,
    standard_km: float,
) -> pd.DataFrame:
    """Return for each consortium and county whether the industry is there without a member.

    Parameters
    ----------
    consortia, members, county_industry
        The declared tables ``consortia``, ``consortium_members``, ``county_industry``. Members
        are those that the table lists: of a consortium without any, none is known.
    cost
        Distances between the counties in kilometres, with bounds.
    parents
        The prefecture of each county, by code.
    standard_km
        The service standard in kilometres.

    Returns
    -------
    pandas.DataFrame
        The columns of :func:`member_reach` with ``industry_presence``, ``fit_verdict`` (a
        ``FitVerdict``), ``reason_code``, ``fit_severity``, ``fit_severity_low`` and
        ``fit_severity_high``. The severity is 0 up to the standard and rises evenly to 1 at
        twice the standard; it is missing where it cannot be told, its bounds never are.

    Raises
    ------
    QueryError
        If the standard is no positive number.
    """
    (fit,) = consortium_fits(
        consortia, members, county_industry, cost, parents, standards_km=(standard_km,)
    )
    return fit


def consortium_fits(
    consortia: pd.DataFrame,
    members: pd.DataFrame,
    county_industry: pd.DataFrame,
    cost: Cost,
    parents: Mapping[str, str],
    *,
    standards_km: Sequence[float],
) -> list[pd.DataFrame]:
    """Return what :func:`consortium_fit` returns for each of several standards.

    The distances to the members are found once for all of them.

    Parameters
    ----------
    consortia, members, county_industry, cost, parents
        As there.
    standards_km
        The service standards in kilometres.

    Raises
    ------
    QueryError
        If a standard is no positive number.
    """
    for standard_km in standards_km:
        if not (np.isfinite(standard_km) and standard_km > 0):
            raise QueryError("member_standard", found=f"{standard_km:g}")
    ids = list(consortia["consortium_id"])
    known = set(members["consortium_id"])
    table = member_reach(members, cost, parents, consortia=ids).merge(
        industry_presence(consortia, county_industry, cost.demand_ids),
        how="left", on=["consortium_id", "adcode"], validate="one_to_one",
    )  # fmt: skip
    is_known = table["consortium_id"].isin(known).to_numpy()
    words = [bool(industry_words(cell)) for cell in consortia["industries"]]
    has_words = table["consortium_id"].map(dict(zip(ids, words, strict=True)))
    return [_with_verdicts(table, is_known, has_words, standard_km) for standard_km in standards_km]


def _with_verdicts(
    table: pd.DataFrame, is_known: NDArray[np.bool_], has_words: pd.Series, standard_km: float
) -> pd.DataFrame:
    verdict = _verdicts(table, is_known, standard_km)
    reason = _reasons(
        table, verdict, is_known=is_known, has_words=has_words, standard_km=standard_km
    )
    severities = _severities(table, is_known, standard_km)
    # A member somewhere may be near: the known ones give no estimate then.
    open_place = (reason == "place_unknown").to_numpy()
    severities["fit_severity"] = np.where(open_place, np.nan, severities["fit_severity"])
    return table.assign(fit_verdict=verdict, reason_code=reason, **severities)


def _verdicts(table: pd.DataFrame, is_known: NDArray[np.bool_], standard_km: float) -> pd.Series:
    presence = table["industry_presence"]
    chosen = np.select(
        [
            presence == Presence.ABSENT,
            (presence == Presence.UNKNOWN) | ~is_known,
            table["nearest_high_km"] <= standard_km,
            table["nearest_low_km"] > standard_km,
        ],
        [
            FitVerdict.NOT_CONCERNED.value,
            FitVerdict.UNKNOWN.value,
            FitVerdict.COVERED.value,
            FitVerdict.GAP.value,
        ],
        FitVerdict.UNCERTAIN.value,
    )
    return pd.Series(chosen, index=table.index, dtype="str")


def _reasons(
    table: pd.DataFrame,
    verdict: pd.Series,
    *,
    is_known: NDArray[np.bool_],
    has_words: pd.Series,
    standard_km: float,
) -> pd.Series:
    """Return why: a code for the sentence of each row."""
    km = table["nearest_km"]
    is_unknown = verdict == FitVerdict.UNKNOWN
    chosen = np.select(
        [
            is_unknown & ~has_words,
            is_unknown & (table["industry_presence"] == Presence.UNKNOWN),
            is_unknown & ~is_known,
            (verdict == FitVerdict.COVERED) & (table["member_count"] > 0),
            (verdict == FitVerdict.GAP) & np.isinf(km),
            (verdict == FitVerdict.UNCERTAIN) & (table["placed_low_km"] > standard_km),
            verdict.isin(_BY_DISTANCE) & ~(km <= table["nearest_high_km"]),
        ],
        [
            "industries_unknown",
            "industry_unknown",
            "members_unknown",
            "covered_here",
            "gap_no_member",
            "place_unknown",
            "place_bounded",
        ],
        verdict.to_numpy(dtype="object"),
    )
    return pd.Series(chosen, index=table.index, dtype="str")


def _severities(
    table: pd.DataFrame, is_known: NDArray[np.bool_], standard_km: float
) -> dict[str, FloatArray]:
    presence = table["industry_presence"]
    is_absent = (presence == Presence.ABSENT).to_numpy()
    is_told = (presence == Presence.PRESENT).to_numpy() & is_known
    ramps = {
        name: np.clip((table[name].to_numpy() - standard_km) / standard_km, 0.0, 1.0)
        for name in ("nearest_km", "nearest_low_km", "nearest_high_km")
    }
    # A member of which only the prefecture is known may be surely nearer than the nearest known.
    estimate = np.minimum(ramps["nearest_km"], ramps["nearest_high_km"])
    expected = np.where(is_told, estimate, np.nan)
    high = np.where(is_known, ramps["nearest_high_km"], 1.0)
    return {
        "fit_severity": np.where(is_absent, 0.0, expected),
        "fit_severity_low": np.where(is_told, ramps["nearest_low_km"], 0.0),
        "fit_severity_high": np.where(is_absent, 0.0, high),
    }
