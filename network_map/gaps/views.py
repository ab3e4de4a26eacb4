"""The views of the gap map: which counties are listed, in which order, how filled; the finding.

Pure functions of the table ``county_gaps`` and a query. List, legend, fill and finding are counted
from the same rows. A filter of classes narrows list and finding alone: the legend goes on counting
every class, else none could be chosen back. With the next node the map has a legend of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from network_map.consortia.answer import DEFAULT_STANDARD_KM
from network_map.gaps.query import GapQuery, GapView
from network_map.gaps.tables import PREFECTURE_GAPS, TIERS, ReachVerdict
from network_map.i18n import count_text, people_text, text
from network_map.tables.check import assembled
from network_map.terms import FitVerdict, GapType, MapGap, NodeKind, NodePresence

UNKNOWN = "unknown"
SCORE_CLASSES = (20.0, 40.0, 60.0, 80.0)
"""Upper ends of the classes of the priority but the last, the same on every map."""
_DISTANCES, _ACTIVITIES = ("near", "middle", "far"), ("low", "middle", "high")
_CORNER = "far_high"
_CENTRE = NodeKind.COUNTY_CENTRE.value
_COUNTY_KINDS = (_CENTRE, NodeKind.DEMONSTRATION_COUNTY.value)
_SUB = NodeKind.SUB_MARKET.value
_GAPS = (ReachVerdict.GAP.value, ReachVerdict.CERTAIN_GAP.value)
_OPEN = (UNKNOWN, ReachVerdict.POSSIBLE.value)
_NAMED = 3
_MOST_WIDTH = 128  # of an interval of ranks over 129 counties
_BY_LISTS = (
    ReachVerdict.POSSIBLE.value, ReachVerdict.CERTAIN_GAP.value,
    ReachVerdict.CERTAIN_COVERED.value,
)  # fmt: skip
_WORST_PRESENCE = (NodePresence.ABSENT, NodePresence.PLANNED, NodePresence.UNKNOWN)
_WORST_FIT = (
    FitVerdict.GAP, FitVerdict.UNCERTAIN, FitVerdict.UNKNOWN, FitVerdict.COVERED,
    FitVerdict.NOT_CONCERNED,
)  # fmt: skip
_WORST_REACH = (
    ReachVerdict.CERTAIN_GAP, ReachVerdict.GAP, ReachVerdict.POSSIBLE, ReachVerdict.UNCERTAIN,
    ReachVerdict.UNKNOWN, ReachVerdict.CERTAIN_COVERED, ReachVerdict.COVERED,
)  # fmt: skip
CLASSES: Mapping[GapView, tuple[str, ...]] = {
    GapView.NETWORK: tuple(NodePresence),
    GapView.GAP_TYPE: tuple(MapGap),
    GapView.SUB_MARKET: _WORST_REACH,
    GapView.DEMONSTRATION_COUNTY: _WORST_REACH,
    GapView.COUNTY_CENTRE: (*_WORST_PRESENCE, NodePresence.PRESENT),
    GapView.CONTRACT_COVERAGE: (
        *(f"{far}_{active}" for far in reversed(_DISTANCES) for active in reversed(_ACTIVITIES)),
        UNKNOWN,
    ),
    GapView.INDUSTRY_CONSORTIUM: _WORST_FIT,
    GapView.PRIORITY: (*(f"score_{n}" for n in range(len(SCORE_CLASSES) + 1, 0, -1)), UNKNOWN),
}
"""The classes of fill of each view, the worst first."""


@dataclass(frozen=True, slots=True)
class LegendClass:
    """A class of fill: its code and word, and what of the rows has it.

    ``is_open`` where the count is 0 and lists that are not public could make it another: no 0.
    """

    code: str
    label: str
    county_count: int
    residents: int
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class FindingPart:
    """A piece of the finding.

    Parameters
    ----------
    text
        Its words.
    gap
        The filter that a click on it sets.
    code, county_count
        The class of fill that it counts.
    """

    text: str
    gap: MapGap | None = None
    code: str = ""
    county_count: int = 0


def fill_classes(rows: pd.DataFrame, query: GapQuery) -> pd.Series:
    """Return the class of fill of each row in the view of a query, one of :data:`CLASSES`."""
    return pd.Series(_FILLS[query.view](rows, query), index=rows.index, dtype="str")


def fill_widths(rows: pd.DataFrame, query: GapQuery) -> pd.Series:
    """Return how uncertain the fill of each row is, from 0 to 1, 1 where nothing is known."""
    view = query.view
    if view in TIERS:
        share = rows[f"{view}_gap_percent"] / 100
        return (1 - (2 * share - 1).abs()).fillna(1.0)
    if view is GapView.COUNTY_CENTRE:
        share = rows[f"{_CENTRE}_present_percent"] / 100
        return (1 - (2 * share - 1).abs()).fillna(1.0)
    if view is GapView.PRIORITY:
        ranks = rows[["rank_low", "rank_high"]].astype("float64")
        return ((ranks["rank_high"] - ranks["rank_low"]) / _MOST_WIDTH).clip(0, 1).fillna(1.0)
    if view is GapView.GAP_TYPE:
        return rows["certainty_width"]
    return (fill_classes(rows, query) == UNKNOWN).astype("float64")


def _network(rows: pd.DataFrame, query: GapQuery) -> np.ndarray:
    """Return whether a county has one of the chosen kinds, its prefecture if only that is asked."""
    kinds = [kind for kind in _COUNTY_KINDS if kind in query.layers]
    if not kinds:
        kinds = [_SUB] if _SUB in query.layers else []
    found = np.full(len(rows), NodePresence.ABSENT.value, dtype="object")
    for presence in (NodePresence.UNKNOWN, NodePresence.PLANNED, NodePresence.PRESENT):
        for kind in kinds:
            found[(rows[f"{kind}_presence"] == presence).to_numpy(dtype=bool)] = presence.value
    return found


def _coverage(rows: pd.DataFrame, _query: GapQuery) -> np.ndarray:
    far = rows["distance_class"].to_numpy("float64", na_value=np.nan)
    active = rows["absorption_class"].to_numpy("float64", na_value=np.nan)
    return np.array(
        [
            UNKNOWN if np.isnan(d) or np.isnan(a) else f"{_DISTANCES[int(d)]}_{_ACTIVITIES[int(a)]}"
            for d, a in zip(far, active, strict=True)
        ],
        dtype="object",
    )


def _scores(rows: pd.DataFrame, _query: GapQuery) -> np.ndarray:
    scores = rows["score"].to_numpy("float64")
    number = np.searchsorted(SCORE_CLASSES, scores) + 1
    return np.where(np.isnan(scores), UNKNOWN, np.char.add("score_", number.astype("str")))


def _column(name: str) -> Callable[[pd.DataFrame, GapQuery], np.ndarray]:
    return lambda rows, _query: rows[name].to_numpy("object")


_FILLS: Mapping[GapView, Callable[[pd.DataFrame, GapQuery], np.ndarray]] = {
    GapView.NETWORK: _network,
    GapView.GAP_TYPE: _column("map_gap"),
    GapView.SUB_MARKET: _column("sub_market_verdict"),
    GapView.DEMONSTRATION_COUNTY: _column("demonstration_county_verdict"),
    GapView.COUNTY_CENTRE: _column("county_centre_presence"),
    GapView.CONTRACT_COVERAGE: _coverage,
    GapView.INDUSTRY_CONSORTIUM: _column("consortium_verdict"),
    GapView.PRIORITY: _scores,
}


def is_gap(rows: pd.DataFrame, query: GapQuery) -> pd.Series:
    """Return which rows are gaps for certain, as the view of a query understands it."""
    fills = fill_classes(rows, query)
    if query.view in TIERS:
        return fills.isin(_GAPS)
    if query.view in {GapView.NETWORK, GapView.COUNTY_CENTRE}:
        return fills.isin([NodePresence.ABSENT.value, NodePresence.PLANNED.value])
    if query.view is GapView.CONTRACT_COVERAGE:
        return ~fills.str.startswith("near") & (fills != UNKNOWN)
    if query.view is GapView.INDUSTRY_CONSORTIUM:
        return fills == FitVerdict.GAP.value
    return ~rows["map_gap"].isin([MapGap.NONE.value, MapGap.UNKNOWN.value])


def shown_rows(table: pd.DataFrame, query: GapQuery) -> pd.DataFrame:
    """Return the counties that a query lists, in the order of its view.

    Parameters
    ----------
    table
        Table ``county_gaps``.
    query
        Its prefecture, filters and view.
    """
    rows = filtered_rows(table, query)
    return rows.iloc[_order(rows, query)].reset_index(drop=True)


def filtered_rows(table: pd.DataFrame, query: GapQuery) -> pd.DataFrame:
    """Return the counties that a query lists, in the order of the table.

    Parameters
    ----------
    table, query
        As for :func:`shown_rows`.
    """
    rows = table
    if query.prefecture_adcode is not None:
        rows = rows[rows["prefecture_adcode"] == query.prefecture_adcode]
    if query.gap_filter:
        rows = rows[rows["map_gap"].isin([gap.value for gap in query.gap_filter])]
    if query.only_gaps:
        rows = rows[is_gap(rows, query)]
    return rows


def _order(rows: pd.DataFrame, query: GapQuery) -> np.ndarray:
    """Return the positions of the rows in the order of the view; ties by residents, then code."""
    view = query.view
    fills = fill_classes(rows, query)
    place = fills.map({code: n for n, code in enumerate(CLASSES[view])}).to_numpy("float64")
    keys: list[np.ndarray] = [place]
    if view is GapView.NETWORK:
        keys = [rows["name_key"].rank(method="dense").to_numpy("float64")]
    elif view in TIERS:
        # Where the lists differ, a county is neither beyond the standard nor within it.
        excess = rows[f"{view}_excess_km"].mask(rows[f"{view}_verdict"] == ReachVerdict.POSSIBLE, 0)
        keys = [-excess.to_numpy("float64"), -rows[f"{view}_gap_percent"].to_numpy("float64")]
    elif view is GapView.CONTRACT_COVERAGE:
        keys = [_from_corner(rows)]
    elif view is GapView.INDUSTRY_CONSORTIUM:
        keys = [place, -rows["member_km"].to_numpy("float64")]
    elif view is GapView.PRIORITY and rows["rank"].notna().any():
        keys = [rows["rank"].to_numpy("float64", na_value=np.nan)]
    elif view is GapView.PRIORITY:
        by_gap = {gap.value: n for n, gap in enumerate(MapGap)}
        keys = [rows["map_gap"].map(by_gap).to_numpy("float64")]
    residents = -rows["residents"].to_numpy("float64", na_value=np.nan)
    # The last key sorts first; a missing one stands behind all others.
    return np.lexsort((rows["adcode"].to_numpy("str"), residents, *reversed(keys)))


def _from_corner(rows: pd.DataFrame) -> np.ndarray:
    """Return how many steps of class each row is from the corner of the far and active."""
    far = rows["distance_class"].to_numpy("float64", na_value=np.nan)
    active = rows["absorption_class"].to_numpy("float64", na_value=np.nan)
    # Of rows equally near to the corner, the far ones first.
    return np.asarray((4 - far - active) - far / 10)


def legend(rows: pd.DataFrame, query: GapQuery) -> tuple[LegendClass, ...]:
    """Return the classes of a view with what of the rows has each; the worst first.

    Parameters
    ----------
    rows
        Rows of ``county_gaps``, as :func:`shown_rows` returned them or before any filter.
    query
        Its view and language. Verdicts that no row has are left out.
    """
    fills = fill_classes(rows, query)
    residents = rows["residents"].groupby(fills).sum()
    counts = fills.value_counts()
    shown = [
        code for code in CLASSES[query.view] if code in counts.index or query.view not in TIERS
    ]
    return tuple(
        LegendClass(
            code,
            _class_word(query.view, code, query.language),
            int(counts.get(code, 0)),
            int(residents.get(code, 0)),
            is_open=code not in counts.index
            and code not in _OPEN
            and bool(fills.isin(_OPEN).any()),
        )
        for code in shown
    )


def _class_word(view: GapView, code: str, language: str) -> str:
    if view in TIERS:
        return text(f"gap.verdict.{code}", language)
    if view is GapView.GAP_TYPE:
        return text(f"gap.map_gap.{code}", language)
    if view is GapView.INDUSTRY_CONSORTIUM:
        return text(f"term.fit_verdict.{code}", language)
    if view in {GapView.NETWORK, GapView.COUNTY_CENTRE}:
        return text(f"gap.presence.{code}", language)
    return text(f"gap.fill.{view.value}.{code}", language)


def view_finding(rows: pd.DataFrame, query: GapQuery) -> tuple[FindingPart, ...]:
    """Return one sentence about the rows, in pieces that can be clicked as filters.

    Parameters
    ----------
    rows
        What :func:`shown_rows` returned.
    query
        Its view, language and standards.
    """
    language = query.language
    if rows.empty:
        return (FindingPart(text("gap.finding.empty", language)),)
    parts = (
        [_first_places(rows, language)]
        if query.view is GapView.PRIORITY
        else _counted_parts(rows, query)
    )
    if query.view is GapView.SUB_MARKET and (without := _without_market(rows, language)):
        parts = [without, *parts]
    between = FindingPart(text("gap.finding.between", language))
    said = [piece for part in parts for piece in (between, part)][1:]
    by_lists = rows[[f"{kind}_verdict" for kind in TIERS]].isin(_BY_LISTS).any(axis=None)
    for key, is_so in (
        ("all_lists", query.view is GapView.GAP_TYPE and by_lists),
        ("assumed", rows["rests_on_assumed"].any()),
    ):
        if is_so:
            said = [FindingPart(text(f"gap.finding.{key}", language)), *said]
    return (*said, FindingPart(text("gap.finding.end", language)))


def _counted_parts(rows: pd.DataFrame, query: GapQuery) -> list[FindingPart]:
    view, language = query.view, query.language
    values: dict[str, object] = {
        "standard": f"{DEFAULT_STANDARD_KM:g}", "unit": text(f"unit.{query.unit.value}", language),
    }  # fmt: skip
    if view in TIERS:
        values["standard"] = f"{rows[f'{view}_standard_km'].iloc[0]:g}"
    parts: list[FindingPart] = []
    for entry in legend(rows, query):
        key = f"gap.finding.{view.value}.{entry.code}"
        if not entry.county_count or (
            view is GapView.CONTRACT_COVERAGE and entry.code not in _SAID
        ):
            continue
        if parts and entry.code == MapGap.OUT_OF_REACH:
            key += "_more"
        said = text(
            key, language, counties=counties_text(entry.county_count, language),
            count=count_text(entry.county_count), **values,
        )  # fmt: skip
        if not parts:
            people = people_text(entry.residents, language)
            said += text("gap.finding.people", language, people=people)
        gap = MapGap(entry.code) if view is GapView.GAP_TYPE else None
        parts.append(FindingPart(said, gap, entry.code, entry.county_count))
    none = [FindingPart(text("gap.finding.contract_coverage.none", language))]
    return parts or none


_SAID = (_CORNER, "near_low", UNKNOWN)


def _without_market(rows: pd.DataFrame, language: str) -> FindingPart | None:
    lacking = rows.loc[rows["sub_market_presence"] == NodePresence.ABSENT, "prefecture_adcode"]
    count = lacking.nunique()
    if not count:
        return None
    return FindingPart(text("gap.finding.without_market", language, count=count_text(count)))


def _first_places(rows: pd.DataFrame, language: str) -> FindingPart:
    if rows["rank"].isna().all():
        return FindingPart(text("gap.finding.noise", language))
    names = list(rows["county_name"].head(_NAMED))
    joined = ("、" if language == "zh" else ", ").join(names)
    return FindingPart(text("gap.finding.first_places", language, names=joined))


def counties_text(count: int, language: str) -> str:
    """Return a number of counties in words."""
    key = "gap.finding.county" if count == 1 else "gap.finding.counties"
    return text(key, language, count=count_text(count))


def prefecture_rows(table: pd.DataFrame, query: GapQuery) -> pd.DataFrame:
    """Return table ``prefecture_gaps`` of all prefectures or the chosen one, worst first.

    Parameters
    ----------
    table
        Table ``county_gaps``.
    query
        Its prefecture; filters of counties leave every prefecture in the list.
    """
    if query.prefecture_adcode is not None:
        table = table[table["prefecture_adcode"] == query.prefecture_adcode]
    gapped = ~table["map_gap"].isin([MapGap.NONE.value, MapGap.UNKNOWN.value])
    counted = table.assign(
        county_count=1,
        **{f"{gap.value}_count": table[f"{gap.value}_share"] == 1 for gap in GapType},
        **{f"{gap.value}_count": table["map_gap"] == gap for gap in (MapGap.UNKNOWN, MapGap.NONE)},
        gap_residents=table["residents"].where(gapped, 0),
    )
    names = [name for name in counted.columns if name.endswith("_count") and "contract" not in name]
    groups = counted.groupby("prefecture_adcode")
    rows = groups[[*names, "residents", "gap_residents"]].sum()
    told = ["prefecture_name", *(n for n in PREFECTURE_GAPS.names if n.startswith("sub_market_"))]
    rows = rows.join(groups[told].first(), validate="1:1")
    far = counted.sort_values(["sub_market_km", "adcode"], ascending=[False, True])
    far = far.drop_duplicates("prefecture_adcode").set_index("prefecture_adcode")
    for gap in GapType:
        # What a list that is not public could make another number is no 0.
        share = counted[f"{gap.value}_share"]
        is_open = (~share.isin([0.0, 1.0])).groupby(counted["prefecture_adcode"]).any()
        count = rows[f"{gap.value}_count"].astype("Int64")
        rows[f"{gap.value}_count"] = count.mask((count == 0) & is_open)
    rows["farthest_county_name"] = far["county_name"].where(far["sub_market_km"].notna())
    rows["farthest_km"] = far["sub_market_km"]
    rows = rows.reset_index().sort_values(
        ["gap_residents", "prefecture_adcode"], ascending=[False, True], ignore_index=True
    )
    return assembled(PREFECTURE_GAPS, rows)
