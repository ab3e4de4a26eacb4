"""The card of a county: why it is a gap, what to do, what would overturn it, what stands there.

The card is HTML made of finished rows of table ``county_gaps``; it computes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from network_map.gaps.map import gap_chips
from network_map.gaps.next_node import NextNode
from network_map.gaps.query import GapQuery
from network_map.gaps.ranked_list import shown_km
from network_map.gaps.tables import TIERS, ReachVerdict
from network_map.gaps.weights import COMPONENTS
from network_map.i18n import count_text, number_text, people_text, text
from network_map.maps.charts import Bar, bar_list
from network_map.nodes.report import KindCount
from network_map.terms import CostUnit

_PRESENCE_KINDS = ("county_centre", "demonstration_county", "sub_market")
_BY_LISTS = (ReachVerdict.CERTAIN_GAP, ReachVerdict.POSSIBLE, ReachVerdict.CERTAIN_COVERED)


def card_html(
    row: pd.Series,
    *,
    query: GapQuery,
    kinds: Mapping[str, str],
    nodes: Mapping[tuple[str, str], str],
    scores: pd.Series | None = None,
) -> str:
    """Return the card of a county.

    Parameters
    ----------
    row
        Its row of table ``county_gaps``.
    query
        Gives the language.
    kinds
        Short name of each kind of node.
    nodes
        What a node is called in short, by kind and name.
    scores
        Its contributions ``contribution_*``; None where nothing is ranked.
    """
    language = query.language
    parts = [_head(row, language), _why(row, language), _presence(row, kinds, language),
             _distances(row, kinds, nodes, query)]  # fmt: skip
    if scores is not None and pd.notna(row["rank"]):
        parts.append(_bars(scores, query))
    parts.append(_details(row, language))
    return f'<div class="card gap-card">{"".join(parts)}</div>'


def hint_html(
    counts: Iterable[KindCount],
    calls: pd.DataFrame,
    *,
    language: str,
    top: Sequence[tuple[str, str]] = (),
) -> str:
    """Return what stands instead of a card: how to choose a county, and what is on the lists.

    Parameters
    ----------
    counts
        The kinds of node with what is named of each.
    calls
        Table ``gap_calls``: which list to ask for first.
    top
        The first counties of the list, and what is suggested for each.
    language
        ``zh`` or ``en``.
    """
    lines = []
    for count in counts:
        if not count.is_counted:
            continue
        parts = [text("gap.card.named", language, count=count.named_count)]
        if count.assumed_count:
            parts = [text("gap.card.assumed", language, count=count.assumed_count)]
            if real := count.named_count - count.assumed_count:
                parts.insert(0, text("gap.card.named", language, count=real))
        if missing := max(0, (count.declared_count or 0) - count.named_count):
            parts = parts if count.named_count else []
            parts.append(text("gap.card.not_public", language, count=missing))
        lines.append((count.label, "、".join(parts) if language == "zh" else ", ".join(parts)))
    head = (
        f"<h2>{escape(text('gap.card.choose', language))}</h2>"
        f"<p>{escape(text('gap.card.how', language))}</p>"
    )
    told = _section(text("gap.card.lists", language), lines)
    if top:
        told = _section(text("gap.card.top", language), top) + told
    whole = calls[calls["adcode"].isna()].head(_ASKED)
    asked = [
        (
            f"{name} · {keeper}",
            text("gap.card.moves", language, count=number_text(changes, 0))
            if changes >= 1
            else text("gap.card.moves_little", language),
        )
        for name, keeper, changes in zip(
            whole["list_name"], whole["keeper"], whole["expected_changes"], strict=True
        )
    ]
    if asked:
        told += _section(text("gap.card.ask", language), asked)
        told += f"<p>{escape(text('gap.card.ask_note', language))}</p>"
    return f'<div class="card gap-card">{head}{told}</div>'


_ASKED = 6
_ALL_PERCENT = 100


def next_card_html(answer: NextNode, place: str | None, *, query: GapQuery, kind: str) -> str:
    """Return what one more node in a place would bring, county by county, and the curve.

    Parameters
    ----------
    answer
        What :func:`~network_map.gaps.next_node.next_node` returned for the query.
    place
        Code of the chosen place; None for none.
    query
        Gives the language.
    kind
        Short name of the kind of node.
    """
    language = query.language
    parts = [f"<h2>{escape(text('gap.next.head', language, kind=kind))}</h2>"]
    gains = answer.gains[answer.gains["site_adcode"] == place]
    if gains.empty or answer.counties is None:
        parts.append(f"<p>{escape(text('gap.next.how', language))}</p>")
    else:
        row = gains.iloc[0]
        parts.append(f"<p class='why'>{escape(_gain_text(row, kind, language))}</p>")
        lines = [
            (
                str(name),
                ""
                if percent == _ALL_PERCENT
                else text("gap.next.of_lists", language, percent=number_text(percent, 0)),
            )
            for name, percent in zip(
                answer.counties["county_name"], answer.counties["relieved_percent"], strict=True
            )
            if percent > 0
        ]
        parts.append(_section(text("gap.next.gained", language), lines))
        if row["worse_counties"] > 0:
            worse = text("gap.next.worse", language, count=number_text(row["worse_counties"], 1))
            parts.append(f"<p>{escape(worse)}</p>")
    curve = answer.curve[answer.curve["standard_km"].isin(_CURVE_KM)]
    bars = [
        Bar(f"{km:g} {short_unit(query.unit, query.language)}", float(counties),
            text("gap.next.beyond", language, counties=number_text(counties, 0),
                 people=number_text(people / 10_000, 0)))
        for km, counties, people in curve.itertuples(index=False)
    ]  # fmt: skip
    parts.append(bar_list(text("gap.next.curve", language), bars))
    return f'<div class="card gap-card">{"".join(parts)}</div>'


_CURVE_KM = (60, 80, 100, 120, 150, 180, 200, 240)


def _gain_text(row: pd.Series, kind: str, language: str) -> str:
    is_sure = row["gained_counties_low"] == row["gained_counties_high"]
    return text(
        "gap.next.gain_sure" if is_sure else "gap.next.gain", language,
        place=str(row["site_name"]), kind=kind,
        counties=number_text(row["gained_counties"], 0 if is_sure else 1),
        low=number_text(row["gained_counties_low"], 0),
        high=number_text(row["gained_counties_high"], 0),
        people=people_text(row["gained_residents"], language),
    )  # fmt: skip


def comparison_html(
    row: pd.Series, other: pd.Series, *, query: GapQuery, kinds: Mapping[str, str]
) -> str:
    """Return two counties beside each other, with how much the second differs.

    Parameters
    ----------
    row, other
        Their rows of table ``county_gaps``.
    query
        Gives the language.
    kinds
        Short name of each kind of node.
    """
    language = query.language
    names = (
        *(
            (
                f"{kind}_km",
                text(
                    "gap.compare.km",
                    language,
                    kind=kinds[kind],
                    unit=short_unit(query.unit, query.language),
                ),
                0,
            )
            for kind in TIERS
        ),
        ("residents", text("gap.compare.residents", language), 0),
        ("absorption_per_10k", text("gap.compare.rate", language), 2),
        ("absorption_value_10k_yuan", text("gap.compare.value", language), 0),
        ("member_km", text("gap.compare.member", language), 0),
        ("score", text("gap.compare.score", language), 1),
    )
    lines = []
    for name, label, digits in names:
        first, second = row[name], other[name]
        if pd.isna(first) and pd.isna(second):
            continue
        change = "" if pd.isna(first) or pd.isna(second) else _signed(second - first, digits)
        cells = (label, _written(first, digits, language), _written(second, digits, language),
                 change)  # fmt: skip
        lines.append("".join(f"<td>{escape(cell)}</td>" for cell in cells))
    heads = ("", str(row["county_name"]), str(other["county_name"]),
             text("gap.compare.difference", language))  # fmt: skip
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<table class="compare"><tr>{head}</tr>{body}</table>'


def short_unit(unit: CostUnit, language: str) -> str:
    """Return the unit of distances where there is little room."""
    return unit.value if unit is CostUnit.KM else text(f"unit.{unit.value}", language)


def _written(value: Any, digits: int, language: str) -> str:  # noqa: ANN401 (a cell)
    if pd.isna(value):
        return text("gap.presence.unknown", language)
    return number_text(float(value), digits)


def _signed(value: float, digits: int) -> str:
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return sign + number_text(abs(value), digits)


def _head(row: pd.Series, language: str) -> str:
    told = [str(row["prefecture_name"])]
    if pd.notna(row["residents"]):
        told.append(text("gap.card.residents", language, count=count_text(int(row["residents"]))))
    if pd.notna(row["rank"]):
        told.append(
            text("gap.card.rank", language, rank=int(row["rank"]), low=int(row["rank_low"]),
                 high=int(row["rank_high"]))
        )  # fmt: skip
    chips = "".join(
        f'<span class="chip {certainty} {code}">{escape(word)}</span>'
        for code, word, certainty in gap_chips(row, language)
    )
    none = text(f"gap.map_gap.{row['map_gap']}", language)
    chips = chips or f'<span class="chip">{escape(none)}</span>'
    return (
        f"<h2>{escape(str(row['county_name']))}</h2>"
        f'<p class="note">{escape(" · ".join(told))}</p><p class="chips">{chips}</p>'
    )


def _why(row: pd.Series, language: str) -> str:
    key = "suggestion_if" if row["rests_on_assumed"] else "suggestion"
    label = text(f"gap.card.{key}", language)
    return (
        f'<p class="why">{escape(str(row["reason"]))}</p>'
        f'<div class="advice"><b>{escape(label)}{escape(str(row["suggestion"]))}</b>'
        f"<span>{escape(str(row['overturn']))}</span></div>"
    )


def _presence(row: pd.Series, kinds: Mapping[str, str], language: str) -> str:
    lines = []
    for kind in _PRESENCE_KINDS:
        presence, origin = row[f"{kind}_presence"], row[f"{kind}_presence_origin"]
        word = text(f"gap.presence.{presence}", language)
        if pd.notna(origin):
            word += text(
                "gap.card.origin", language, origin=text(f"term.origin.{origin}", language)
            )
        lines.append((_here(kind, kinds, language), word))
    return _section(text("gap.card.presence", language), lines)


def _here(kind: str, kinds: Mapping[str, str], language: str) -> str:
    name = kinds[kind]
    return text("gap.card.of_prefecture", language, kind=name) if kind == "sub_market" else name


def _distances(
    row: pd.Series,
    kinds: Mapping[str, str],
    nodes: Mapping[tuple[str, str], str],
    query: GapQuery,
) -> str:
    language, unit = query.language, text(f"unit.{query.unit.value}", query.language)
    lines: list[tuple[str, str]] = []
    for kind in TIERS:
        km = row[f"{kind}_km"]
        if pd.isna(km):
            lines.append((kinds[kind], text("gap.presence.unknown", language)))
            continue
        node = row[f"{kind}_node_name"]
        label = nodes.get((row[f"{kind}_node_kind"], node), kinds[kind])
        low, high = row[f"{kind}_low_km"], row[f"{kind}_high_km"]
        if row[f"{kind}_verdict"] in _BY_LISTS:
            known = shown_km(str(row[f"{kind}_verdict"]), km, low, high)
            lines.append((label, text("gap.card.by_lists", language, km=known, unit=unit)))
            continue
        if km == 0:
            lines.append((label, text("gap.card.here", language)))
            continue
        band = text("gap.card.band", language, km=number_text(km, 0), unit=unit,
                    low=number_text(low, 0), high=number_text(high, 0))  # fmt: skip
        lines.append((label, band))
        other = row[f"{kind}_other_km"]
        if pd.notna(other):
            name = text(
                "gap.card.other",
                language,
                name=nodes.get((kind, row[f"{kind}_other_node_name"]), ""),
            )
            lines.append((name, text("gap.card.km", language, km=number_text(other, 0), unit=unit)))
    market = row["provincial_market_km"]
    if pd.notna(market):
        label = text("gap.card.market", language)
        lines.append((label, text("gap.card.km", language, km=number_text(market, 0), unit=unit)))
    return _section(text("gap.card.distances", language), lines)


def _bars(scores: pd.Series, query: GapQuery) -> str:
    language = query.language
    bars = [
        Bar(
            text(f"gap.component.{name}", language),
            float(scores[f"contribution_{name}"]),
            number_text(float(scores[f"contribution_{name}"]), 1),
        )
        for name in COMPONENTS
    ]
    title = text("gap.card.parts", language, score=number_text(float(scores["score"]), 1))
    return bar_list(title, bars, most=100.0 * max(query.weights))


def _details(row: pd.Series, language: str) -> str:
    """Return peers and contracts, folded."""
    lines = []
    for side in ("absorption", "output"):
        if pd.isna(row[f"{side}_contract_count"]):
            continue
        lines.append((
            text(f"gap.card.{side}", language),
            text("gap.card.contracts", language,
                 count=count_text(int(row[f"{side}_contract_count"])),
                 value=number_text(float(row[f"{side}_value_10k_yuan"]), 0)),
        ))  # fmt: skip
        if pd.notna(row[f"{side}_per_10k"]):
            lines.append((
                text("gap.card.rate", language),
                text("gap.card.against", language, rate=number_text(row[f"{side}_per_10k"], 2),
                     peers=_written(row[f"{side}_peer_per_10k"], 2, language)),
            ))  # fmt: skip
    if pd.notna(row["peer_names"]):
        lines.append((text("gap.card.peers", language), str(row["peer_names"])))
    if not lines:
        return ""
    summary = escape(text("gap.card.details", language))
    return f"<details><summary>{summary}</summary>{_lines(lines)}</details>"


def _section(title: str, lines: Sequence[tuple[str, str]]) -> str:
    return f"<h3>{escape(title)}</h3>{_lines(lines)}"


def _lines(lines: Iterable[tuple[str, str]]) -> str:
    rows = "".join(
        f'<div class="line"><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>'
        for label, value in lines
    )
    return f"<dl>{rows}</dl>"
