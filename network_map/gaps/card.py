"""What the card of a county says beside its score: what a closure would do, how active it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp

import pandas as pd

from network_map.activity.tables import ActivitySide
from network_map.gaps.report import code_words_of
from network_map.gaps.tables import FRAGILE_KINDS
from network_map.i18n import count_text, number_text, text

Lines = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CardPart:
    """A part of the card.

    Parameters
    ----------
    title
        Above it.
    lines
        Label and value, in order.
    notes
        Sentences below them.
    """

    title: str
    lines: Lines
    notes: tuple[str, ...] = ()


def card_parts(row: pd.Series, kinds: Mapping[str, str], *, language: str) -> tuple[CardPart, ...]:
    """Return the parts of the card; what is not known has no line.

    Parameters
    ----------
    row
        A row of table ``gaps``.
    kinds
        Short name of each kind of node.
    language
        ``zh`` or ``en``.
    """
    parts = (
        CardPart(text("gap.card.closure", language), _closure_lines(row, kinds, language)),
        _activity_part(row, language),
    )
    return tuple(part for part in parts if part.lines)


def _closure_lines(row: pd.Series, kinds: Mapping[str, str], language: str) -> Lines:
    lines = []
    for kind in FRAGILE_KINDS:
        name, km = row[f"{kind}_second_node_name"], row[f"{kind}_second_km"]
        if pd.isna(row[f"{kind}_node_name"]):
            continue
        second = (
            text("gap.card.no_second", language)
            if pd.isna(name) or pd.isna(km)
            else text("gap.card.second_value", language, name=name, km=number_text(km, 1))
        )
        if row[f"{kind}_only_one"]:
            second = text("gap.card.only_one", language, second=second)
        lines.append((text("gap.card.second", language, kind=kinds[kind]), second))
    return tuple(lines)


def _activity_part(row: pd.Series, language: str) -> CardPart:
    words = code_words_of(language)
    states = tuple(
        (text(f"gap.card.{name}", language), words[name][row[name]])
        for name in ("blank_state", "centre_state")
        if pd.notna(row[name])
    )
    if pd.isna(row["contract_years"]):
        return CardPart(text("gap.card.activity_none", language), states)
    sides = [line for side in ActivitySide for line in _side_lines(row, side.value, language)]
    notes = [text("gap.card.partial", language)]
    if pd.notna(row["peer_names"]):
        notes.append(text("gap.card.peers", language, names=row["peer_names"]))
    title = text("gap.card.activity", language, years=count_text(int(row["contract_years"])))
    return CardPart(title, (*sides, *states), tuple(notes))


def _side_lines(row: pd.Series, side: str, language: str) -> Lines:
    name = text(f"gap.card.side.{side}", language)

    def line(what: str, **values: str) -> tuple[str, str]:
        label = text(f"gap.card.{what}", language, side=name)
        return label, text(f"gap.card.{what}_value", language, **values)

    lines = []
    if pd.notna(row[f"{side}_contract_count"]):
        lines.append(line("count", count=count_text(int(row[f"{side}_contract_count"]))))
    own, peer = row[f"{side}_per_10k"], row[f"{side}_peer_per_10k"]
    if pd.notna(own) and pd.notna(peer):
        lines.append(line("rate", own=number_text(own, 2), peer=number_text(peer, 2)))
    if pd.notna(row[f"{side}_value_log_ratio"]):
        ratio = float(row[f"{side}_value_log_ratio"])
        times = number_text(exp(ratio), 2)
        lines.append(line("value", times=times, log=f"{ratio:+.2f}"))
    if pd.notna(row[f"{side}_trend"]):
        trend = text(f"activity.trend.{row[f'{side}_trend']}", language)
        lines.append(line("trend", trend=trend))
    return tuple(lines)
