"""The list of gaps as the page shows it: codes in words, rows as the browser reads them."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from network_map.gaps.answer import Gaps
from network_map.gaps.gaps_calls import call_table
from network_map.gaps.query import REACH_KINDS, GapQuery
from network_map.gaps.report import code_words_of
from network_map.gaps.tables import GAP_CALLS, GAPS
from network_map.i18n import text
from network_map.maps.table_rows import table_rows
from network_map.places.sources_reference import Places
from network_map.places.words import place_names

_COLUMNS = [
    "rank", "rank_low", "rank_high", "county_name", "prefecture_name", "score",
    "suggested_action", *(f"{kind}_verdict" for kind in REACH_KINDS), "consortium_verdict",
    "absorption_contract_count", "reason",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class GapRows:
    """What the list is called, and its rows as the browser reads them."""

    title: str
    json_bytes: bytes


def gap_rows(places: Places, answer: Gaps, *, query: GapQuery) -> GapRows:
    """Return the list of an answer; a column without any value is left out.

    Parameters
    ----------
    places
        The reference tables.
    answer
        What ``gaps.gap_answer`` returned for the query.
    query
        Its language and prefecture.
    """
    language, table = query.language, answer.table
    area = (
        text("frame.whole_province", language)
        if query.prefecture_adcode is None
        else place_names(places.divisions, language)[query.prefecture_adcode]
    )
    title = text("gap.table", language, area=area, count=len(table))
    words = code_words_of(language)
    shown = [name for name in _COLUMNS if table[name].notna().any()]
    worded = table.assign(**{n: _worded(table[n], words[n]) for n in shown if n in words})
    return GapRows(
        title,
        table_rows(worded, GAPS, columns=shown, id_column="adcode", label=title, language=language),
    )


@dataclass(frozen=True, slots=True)
class CallRows:
    """Whom to ask first, as the browser reads it.

    Parameters
    ----------
    title, json_bytes
        What the list is called, and its rows.
    counties
        Code of the place of each row, by the row's id; empty where there is nothing to ask.
    """

    title: str
    json_bytes: bytes
    counties: Mapping[str, str]


def call_rows(places: Places, calls: pd.DataFrame, *, language: str) -> CallRows:
    """Return whom to ask first as a list; ``calls`` as ``gaps_calls.calls_of`` returned it."""
    table = call_table(places, calls, language)
    title = text("gap.calls_title", language)
    shown = table_rows(
        table, GAP_CALLS, columns=GAP_CALLS.names[:-1], id_column="order", label=title,
        language=language,
    )  # fmt: skip
    return CallRows(title, shown, dict(zip(map(str, table["order"]), table["adcode"], strict=True)))


def _worded(codes: pd.Series, words: Mapping[str, str]) -> pd.Series:
    return pd.Series([words.get(code) for code in codes.tolist()], codes.index, dtype="str")
