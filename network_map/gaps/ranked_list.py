"""The ranked list beside the gap map, as the browser reads it: what each view says of a county."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import pandas as pd

from network_map.gaps.map import COLOURS
from network_map.gaps.next_node import NextNode
from network_map.gaps.query import GapQuery, GapView
from network_map.gaps.tables import TIERS, ReachVerdict
from network_map.gaps.views import fill_classes
from network_map.i18n import number_text, text
from network_map.maps.spec import INVENTED_ORIGINS
from network_map.places.reference import Places, place_names
from network_map.terms import AdminLevel, MapGap

ALL_COUNTIES, _PEOPLE_UNIT, _LEAST_KM = 129, 10_000, 0.5
_10K_IN_100M = 10_000
_INVENTED = frozenset(origin.value for origin in INVENTED_ORIGINS)


def next_list(places: Places, answer: NextNode, query: GapQuery) -> bytes:
    """Return the places that may take one more node, most counties first.

    Parameters
    ----------
    places
        The reference tables, for short names.
    answer
        What :func:`~network_map.gaps.next_node.next_node` returned for the query.
    query
        Its language.
    """
    rows = answer.gains
    names = place_names(places.divisions, query.language, short=True)
    parents = dict(zip(places.divisions["adcode"], places.divisions["parent_adcode"], strict=True))
    place = [
        [names[code], names[parents[code]] if parents[code] in names and not code.endswith("00")
         else ""]
        for code in rows["site_adcode"]
    ]  # fmt: skip
    columns = [
        _Column("order", "order", list(range(1, len(rows) + 1)), digits=0),
        _Column("next_place", "place", place),
        _range(rows, "gained_counties", 1.0, 1),
        _range(rows, "gained_residents", _PEOPLE_UNIT, 0),
        _number("next_value", rows["gained_value_10k_yuan"] / _10K_IN_100M, 1),
    ]
    return _written((rows["site_adcode"], columns), query)


def _range(rows: pd.DataFrame, name: str, unit: float, digits: int) -> "_Column":
    """Return an expected gain with the range over the lists behind it, where there is one."""
    ends = zip(rows[name], rows[f"{name}_low"], rows[f"{name}_high"], strict=True)
    cells = [gain_text(at / unit, low / unit, high / unit, digits) for at, low, high in ends]
    return _Column(name.replace("gained", "next"), "note", cells)


def gain_text(at: float, low: float, high: float, digits: int) -> str:
    """Return an expected gain, with its range over the possible lists where they differ."""
    if low == high:
        return number_text(at, 0)
    return f"{number_text(at, digits)} ({number_text(low, 0)}–{number_text(high, 0)})"


def gap_list(places: Places, rows: pd.DataFrame, query: GapQuery) -> bytes:
    """Return the ranked list of a view as the browser reads it.

    Parameters
    ----------
    places
        The reference tables, for short names.
    rows
        What :func:`~network_map.gaps.views.shown_rows` returned for the query, or where it lists
        prefectures :func:`~network_map.gaps.views.prefecture_rows`.
    query
        Its view and level.
    """
    if query.level is AdminLevel.PREFECTURE:
        return _written(_prefecture_columns(places, rows, query), query)
    colours = {str(code): colour for code, colour in COLOURS[query.view].items()}
    short = place_names(places.divisions, query.language, short=True)
    place = [
        [short[county], short[prefecture], colours.get(fill)]
        for county, prefecture, fill in zip(
            rows["adcode"], rows["prefecture_adcode"], fill_classes(rows, query), strict=True
        )
    ]
    columns = [
        _Column("order", "order", list(range(1, len(rows) + 1)), digits=0),
        _Column("place", "place", place),
        *_view_columns(rows, query),
    ]
    return _written((rows["adcode"], columns), query)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the list: the key of its heading, how it is drawn, its cells."""

    heading: str
    kind: str
    cells: Sequence[object]
    digits: int | None = None
    most: int = 0


def _view_columns(rows: pd.DataFrame, query: GapQuery) -> list[_Column]:
    """Return what the list of a view says beside the name."""
    view, language = query.view, query.language
    if view in TIERS:
        band = [
            "" if pd.isna(low) else f"{number_text(low, 0)}–{number_text(high, 0)}"
            for low, high in zip(rows[f"{view}_low_km"], rows[f"{view}_high_km"], strict=True)
        ]
        found = [_km(rows, view.value), _Column("band", "note", band), _people(rows)]
    elif view is GapView.PRIORITY and rows["rank"].notna().any():
        ends = zip(rows["rank_low"], rows["rank"], rows["rank_high"], strict=True)
        interval = [[_plain(low), _plain(at), _plain(high)] for low, at, high in ends]
        found = [
            _number("score", rows["score"], 1),
            _Column("interval", "interval", interval, most=ALL_COUNTIES),
            _number("top", rows["top_percent"], 0),
        ]
    elif view is GapView.COUNTY_CENTRE:
        found = [_presence("centre", rows, "county_centre", language), _people(rows)]
    elif view is GapView.CONTRACT_COVERAGE:
        found = [
            *(_km(rows, kind) for kind in TIERS),
            _number("ratio", rows["absorption_peer_ratio"], 2),
        ]
    elif view is GapView.INDUSTRY_CONSORTIUM:
        found = [_number("member", rows["member_km"], 0), _people(rows)]
    elif view is GapView.NETWORK:
        found = [
            _presence("centre", rows, "county_centre", language),
            _presence("demonstration", rows, "demonstration_county", language),
            _presence("sub_market_here", rows, "sub_market", language),
        ]
    else:
        found = [*(_km(rows, kind) for kind in TIERS), _people(rows)]
    return found


def _presence(heading: str, rows: pd.DataFrame, kind: str, language: str) -> _Column:
    pairs = zip(rows[f"{kind}_presence"], rows[f"{kind}_presence_origin"], strict=True)
    words = [_presence_word(presence, origin, language) for presence, origin in pairs]
    return _Column(heading, "note", words)


def _prefecture_columns(
    places: Places, rows: pd.DataFrame, query: GapQuery
) -> tuple[pd.Series, list[_Column]]:
    names = (MapGap.ACTIVE_OUT_OF_REACH, MapGap.OUT_OF_REACH)
    short = place_names(places.divisions, query.language, short=True)
    place = [[short[code], ""] for code in rows["prefecture_adcode"]]
    return rows["prefecture_adcode"], [
        _Column("order", "order", list(range(1, len(rows) + 1)), digits=0),
        _Column("prefecture", "place", place),
        _presence("sub_market_here", rows, "sub_market", query.language),
        *(_number(name.value, rows[f"{name.value}_count"], 0) for name in names),
        _number("people", rows["gap_residents"] / _PEOPLE_UNIT, 0),
    ]


def _presence_word(presence: object, origin: object, language: str) -> str:
    """Return present, planned, absent or unknown, with the word for an assumed one."""
    word = text(f"gap.mark.{presence}", language)
    if origin in _INVENTED:
        return word + text("gap.row.assumed", language)
    return word


def _km(rows: pd.DataFrame, kind: str) -> _Column:
    """Return distances: what they are sure to be, and red by how much they are beyond."""
    names = ("verdict", "km", "low_km", "high_km", "excess_km")
    cells = [
        _km_cell(*row)
        for row in rows[[f"{kind}_{name}" for name in names]].itertuples(index=False, name=None)
    ]
    return _Column(f"{kind}_km", "excess", cells)


def shown_km(verdict: str, km: float, low: float, high: float) -> str:
    """Return kilometres as far as they are sure: a bound or a range where a list is not public."""
    if verdict == ReachVerdict.CERTAIN_GAP:
        return f"≥{number_text(low, 0)}"
    if verdict == ReachVerdict.CERTAIN_COVERED:
        return f"≤{number_text(high, 0)}"
    if verdict == ReachVerdict.POSSIBLE:
        return f"{number_text(low, 0)}–{number_text(high, 0)}"
    return number_text(km, 0)


def _km_cell(verdict: str, km: float, low: float, high: float, excess: float) -> list[object]:
    """Return kilometres to sort by, as written, the excess, and whether it is a gap for certain."""
    if isnan(km):
        return [None, None, "", False]
    shown = shown_km(verdict, km, low, high)
    is_gap = verdict in {ReachVerdict.GAP, ReachVerdict.CERTAIN_GAP}
    written = f"+{number_text(excess, 0)}" if excess >= _LEAST_KM else ""
    return [float(km), shown, written, is_gap]


def _people(rows: pd.DataFrame) -> _Column:
    return _number("people", rows["residents"] / _PEOPLE_UNIT, 0)


def _number(heading: str, cells: pd.Series, digits: int) -> _Column:
    return _Column(heading, "number", [_plain(cell) for cell in cells], digits=digits)


def _plain(value: object) -> float | None:
    return None if pd.isna(value) else float(value)  # type: ignore[call-overload, arg-type]


def _written(found: tuple[pd.Series, Sequence[_Column]], query: GapQuery) -> bytes:
    codes, columns = found
    language = query.language
    unit = text(f"unit.{query.unit.value}", language)
    document = {
        "label": text(f"gap.view.{query.view.value}", language),
        "missing": text("gap.presence.unknown", language),
        "columns": [
            {
                "heading": text(f"gap.list.{column.heading}", language, unit=unit),
                "about": "",
                "kind": column.kind,
                "numeric": column.digits is not None,
                "digits": column.digits or 0,
                "most": column.most,
            }
            for column in columns
        ],
        "rows": [
            {"id": str(code), "cells": list(cells)}
            for code, *cells in zip(codes, *(column.cells for column in columns), strict=True)
        ],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
