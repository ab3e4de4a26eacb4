"""The target of the province on the contract page: a card of its own, never in another series."""

from functools import partial
from html import escape

import streamlit as st

from network_map.app import contract_answers
from network_map.app.kit.frame import Page
from network_map.app.kit.tables import LIST_FORMATS, later_download_buttons
from network_map.contracts.by_place import FEN_PER_100M_YUAN
from network_map.contracts.query import ContractQuery
from network_map.contracts.register.engine import OpenContracts
from network_map.contracts.report import (
    season_bundle,
    stem_of,
)
from network_map.contracts.target import Target, TargetProgress, target_source
from network_map.i18n import count_text, number_text, share_text, text
from network_map.maps.charts import Gauge, gauge


def show_target(opened: OpenContracts, query: ContractQuery) -> None:
    """Show the target and what the year may come to, apart from every other series."""
    language = query.language
    progress = contract_answers.target(opened, query)
    if progress is None:
        return
    head = text("monitor.target.section", language, year=progress.target.year)
    st.html(f'<h2 class="section">{escape(head)}</h2>')
    if progress.is_countable:
        mark = text("monitor.watermark", language) if opened.is_demo else ""
        st.html(gauge(_gauge(progress, mark, language)))
    lines = "".join(f"<li>{escape(line)}</li>" for line in _target_lines(progress, language))
    st.html(f'<div class="card"><ul>{lines}</ul></div>')


def show_season_download(page: Page, opened: OpenContracts, query: ContractQuery) -> None:
    """Show the download of the pace that the projection stands on."""
    progress = contract_answers.target(opened, query)
    if progress is None:
        return
    later_download_buttons(
        partial(season_bundle, opened, page.places, query, progress),
        file_stem=stem_of(opened, query, "season"),
        key="contract_season",
        label=text("monitor.download_season", query.language),
        language=query.language,
        formats=LIST_FORMATS,
    )


def target_card(target: Target, language: str) -> str:
    """Return the target alone as HTML: no actual figure is public."""
    lines = [
        text("monitor.target.target", language, value=in_100m(target.value_fen)),
        text("monitor.target.public", language),
        text("monitor.target.apart", language),
        target_source(target, language),
    ]
    head = text("monitor.target.section", language, year=target.year)
    body = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<h2 class="section">{escape(head)}</h2><div class="card"><ul>{body}</ul></div>'


def in_100m(fen: float) -> str:
    """Return an amount in 100 m yuan, without its unit."""
    return number_text(fen / FEN_PER_100M_YUAN, 2)


def money(fen: float, language: str) -> str:
    """Return an amount in 100 m yuan with its unit."""
    return text(
        "monitor.kpi.with_unit", language,
        number=in_100m(fen), unit=text("monitor.unit.100m_yuan", language),
    )  # fmt: skip


def _gauge(progress: TargetProgress, mark: str, language: str) -> Gauge:
    projection = progress.projection
    unit = f" {text('monitor.unit.100m_yuan', language)}"
    value = text("monitor.target.legend_value", language)
    aim = text("monitor.target.legend_target", language)
    range_label = ""
    if projection is not None:
        words = text("monitor.target.legend_range", language)
        range_label = f"{words} {in_100m(projection.low)} – {in_100m(projection.high)}{unit}"
    return Gauge(
        value=progress.value_fen,
        target=progress.target.value_fen,
        low=None if projection is None else projection.low,
        high=None if projection is None else projection.high,
        value_label=f"{progress.year} {value} {in_100m(progress.value_fen)}{unit}",
        target_label=f"{progress.target.year} {aim} {in_100m(progress.target.value_fen)}{unit}",
        range_label=range_label,
        watermark=mark,
    )


def _target_lines(progress: TargetProgress, language: str) -> list[str]:
    target, projection = progress.target, progress.projection
    if not progress.is_countable:
        return [text("monitor.target.not_countable", language)]
    share = share_text(progress.value_fen / target.value_fen)
    lines = [
        text(
            "monitor.target.value", language, year=progress.year, target_year=target.year,
            day=f"{progress.until:%m-%d}", value=in_100m(progress.value_fen), share=share,
        ),
        text(
            "monitor.target.months_left", language,
            target_year=target.year, months=progress.months_left,
        ),
    ]  # fmt: skip
    if projection is not None:
        lines.append(
            text(
                "monitor.target.projection", language, year=progress.year,
                value=in_100m(projection.value), low=in_100m(projection.low),
                high=in_100m(projection.high),
                years=f"{projection.years[0]}–{projection.years[-1]}",
            )
        )  # fmt: skip
        lines.append(text("monitor.target.method", language))
    elif (progress.until.month, progress.until.day) == (12, 31):
        lines.append(text("monitor.target.year_over", language, year=progress.year))
    else:
        lines.append(text("monitor.target.no_projection", language))
    if progress.year != target.year:
        lines.append(
            text(
                "monitor.target.other_year", language,
                year=progress.year, target_year=target.year,
            )
        )  # fmt: skip
    if progress.unknown_count:
        count = count_text(progress.unknown_count)
        lines.append(text("monitor.target.unknown", language, count=count))
    return [*lines, text("monitor.target.apart", language), target_source(target, language)]
