"""The concentration of sellers or buyers, counted only where somebody asks for it.

The map of the contract page, the same element with a register and without.

The charts of the contract monitor: sums, series, cuts, flows, subsidy.

What the contract page shows where there is no register: published figures, the target apart.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from network_map.app import contract_answers
from network_map.app.kit import choices as state
from network_map.app.kit import memo as cached
from network_map.app.kit.choices import KEPT, kept, unfolds
from network_map.app.kit.frame import PANE_HEIGHT, Page, panes, told
from network_map.app.kit.map import missing_assets, show_map
from network_map.app.kit.tables import LIST_FORMATS, column_config, later_download_buttons, plain
from network_map.contracts.by_place import FEN_PER_10K_YUAN, FEN_PER_100M_YUAN
from network_map.contracts.flows import CUTS, cut_side, flow_sums
from network_map.contracts.query import ContractMeasure, ContractPeriod, ContractQuery, ContractSide
from network_map.contracts.register.engine import OpenContracts
from network_map.contracts.report import (
    ContractMonitor,
    cut_bundle,
    flow_bundle,
    map_spec_of,
    party_bundle,
    season_bundle,
    series_bundle,
    stem_of,
    subsidy_bundle,
)
from network_map.contracts.tables import (
    CONTRACT_FLOWS,
    CONTRACT_PARTIES,
    CONTRACT_SUBSIDY,
    CONTRACTS_PREFECTURE,
    CONTRACTS_PROVINCE,
    FLOW_KINDS,
    PARTY_ROWS,
)
from network_map.contracts.target import (
    Published,
    Target,
    published_bundle,
    published_layer,
    shown_figures,
    target_source,
    whole_years,
)
from network_map.errors import MissingFileError
from network_map.export import column_heading
from network_map.i18n import count_text, number_text, share_text, text
from network_map.maps.charts import Bar, bar_list, column_chart
from network_map.maps.spec import MapSpec
from network_map.tables import ColumnType, Table
from network_map.terms import DatasetName


def draw_map(spec: MapSpec) -> None:
    """Draw the map of the page; a click selects a county.

    Raises
    ------
    MissingFileError
        If a file that the map needs is not there.
    """
    if missing := missing_assets():
        raise MissingFileError("map_asset_missing", files="、".join(missing))
    show_map(
        replace(spec, selected_adcode=st.session_state["selected"]),
        key="contract_map",
        height=PANE_HEIGHT,
        on_click=state.select_county,
        tile_layers=cached.settings().tile_layers,
    )


_10K_IN_100M = 10_000
_SHOWN_PERIODS = 36
_WRITTEN_PERIODS = 13
_SHOWN_FLOWS = 300
_TABLE_HEIGHT_PX = 320
_FLOW_COLUMNS = [
    "flow_kind", "seller_place_name", "buyer_place_name", "contract_count",
    "contract_value_10k_yuan", "value_share_percent",
]  # fmt: skip
_SUBSIDY_COLUMNS = [
    "service_body_id", "paid_year", "basis", "payment_count", "related_unknown_count",
    "paid_10k_yuan", "subsidy_10k_yuan",
]  # fmt: skip


def show_sums(answer: ContractMonitor, query: ContractQuery) -> None:
    """Show the sums of the shown area in boxes."""
    rows = _both_sums(answer, query) if query.side is ContractSide.BOTH else _sums(answer, query)
    boxes = "".join(
        f'<div class="count" data-sum="{name}"><span class="kind">'
        f"{escape(text(f'monitor.kpi.{name}', query.language))}</span>"
        f"<b>{escape(number)}</b><span>{escape(note)}</span></div>"
        for name, number, note in rows
    )
    st.html(f'<div class="counts">{boxes}</div>')


def show_series(
    page: Page, opened: OpenContracts, answer: ContractMonitor, query: ContractQuery
) -> None:
    """Show the value of every period."""
    language = query.language
    side = text(f"monitor.side.{query.side.value}", language)
    head = text("monitor.series.section", language, side=side)
    st.html(f'<h2 class="section">{escape(head)}</h2>')
    dated = answer.series[answer.series["year"].notna()]
    sides = list(dict.fromkeys(dated["side"]))
    columns = _columns(dated, sides, query)
    names = [text(f"monitor.side.{name}", language) for name in sides]
    st.html(column_chart(columns[-_SHOWN_PERIODS:], names, label=head))
    if len(columns) > _SHOWN_PERIODS:
        st.caption(text("monitor.series.last", language, count=_SHOWN_PERIODS))
    if (line := _year_to_date(answer, opened, query)) is not None:
        st.caption(line)
    later_download_buttons(
        partial(series_bundle, opened, page.places, query),
        file_stem=stem_of(opened, query, "series"),
        key="contract_series",
        label=text("monitor.download_series", language),
        language=query.language,
        formats=LIST_FORMATS,
    )
    show_season_download(page, opened, query)


def show_cuts(
    page: Page, opened: OpenContracts, answer: ContractMonitor, query: ContractQuery
) -> None:
    """Show the five cuts."""
    language = query.language
    table = contract_answers.cuts(opened, query)
    side = text(f"monitor.side.{cut_side(query).value}", language)
    head = f"{text('monitor.cut.section', language, side=side)} · {answer.span_text}"
    st.html(f'<h2 class="section">{escape(head)}</h2>')
    charts = "".join(_cut_chart(table[table["cut"] == cut], cut, language) for cut in CUTS)
    unit = escape(text("monitor.cut.unit", language))
    st.html(f'<div class="card"><p>{unit}</p></div><div class="panels">{charts}</div>')
    later_download_buttons(
        partial(cut_bundle, opened, page.places, query),
        file_stem=stem_of(opened, query, "cuts"),
        key="contract_cuts",
        label=text("monitor.download_cuts", language),
        language=query.language,
        formats=LIST_FORMATS,
    )


def show_flows(
    page: Page, opened: OpenContracts, answer: ContractMonitor, query: ContractQuery
) -> None:
    """Show where the contracts go: by kind of flow, then the largest."""
    language = query.language
    table = contract_answers.flows(opened, query)
    head = f"{text('monitor.flow.section', language)} · {answer.span_text}"
    st.html(f'<h2 class="section">{escape(head)}</h2>')
    chart_place, table_place = st.columns([1, 2.2])
    sums = flow_sums(table)
    kinds = [kind for kind in FLOW_KINDS if kind in sums.index]
    values = sums.loc[kinds, "contract_value_10k_yuan"].astype("float64").tolist()
    whole = sum(values)
    bars = [
        _bar(text(f"monitor.flow_kind.{kind}", language), value, whole, language)
        for kind, value in zip(kinds, values, strict=True)
    ]
    chart_place.html(bar_list(text("monitor.cut.unit", language), bars))
    chart_place.caption(text("monitor.flow.hint", language))
    words = {kind: text(f"monitor.flow_kind.{kind}", language) for kind in FLOW_KINDS}
    shown = table.head(_SHOWN_FLOWS)
    table_place.dataframe(
        shown.assign(flow_kind=shown["flow_kind"].map(words))[_FLOW_COLUMNS],
        hide_index=True,
        height=_TABLE_HEIGHT_PX,
        column_config=money_config(CONTRACT_FLOWS, language),
        key="contract_flow_table",
        placeholder="–",
    )
    later_download_buttons(
        partial(flow_bundle, opened, page.places, query),
        file_stem=stem_of(opened, query, "flows"),
        key="contract_flows",
        label=text("monitor.download_flows", language),
        language=query.language,
        formats=LIST_FORMATS,
    )


def show_subsidy(page: Page, opened: OpenContracts, query: ContractQuery) -> None:
    """Show what the subsidy rule would pay, or why it cannot be estimated."""
    language = query.language
    st.html(f'<h2 class="section">{escape(text("monitor.subsidy.section", language))}</h2>')
    estimate = contract_answers.subsidy(opened, query)
    if estimate is None:
        st.caption(text("monitor.subsidy.none", language))
        return
    amounts = {
        "counted": estimate.counted_fen, "paid": estimate.paid_fen,
        "subsidy": estimate.subsidy_fen,
    }  # fmt: skip
    written = {name: number_text(fen / FEN_PER_10K_YUAN, 2) for name, fen in amounts.items()}
    st.caption(
        text("monitor.subsidy.summary", language, bodies=estimate.body_count, **written)
        + " "
        + text("monitor.subsidy.rule", language)
    )
    st.dataframe(
        estimate.table[_SUBSIDY_COLUMNS],
        hide_index=True,
        height=_TABLE_HEIGHT_PX,
        column_config=money_config(CONTRACT_SUBSIDY, language),
        key="contract_subsidy_table",
        placeholder="–",
    )
    later_download_buttons(
        partial(subsidy_bundle, opened, page.places, query, estimate),
        file_stem=stem_of(opened, query, "subsidy"),
        key="contract_subsidy",
        label=text("monitor.download_subsidy", language),
        language=query.language,
        formats=LIST_FORMATS,
    )


# --- the parts ------------------------------------------------------------------------------------


def _growth(percent: object, language: str) -> str:
    if isinstance(percent, float) and pd.notna(percent):
        return text("monitor.kpi.growth", language, growth=f"{percent:+.1f}%")
    return text("monitor.kpi.no_growth", language)


def _sums(answer: ContractMonitor, query: ContractQuery) -> list[tuple[str, str, str]]:
    total = answer.places.table.iloc[-1]
    language = query.language
    whole = int(total["contract_value_fen"]) or 1
    technology = total["technology_value_fen"]
    boxes = [
        (
            "count",
            text(
                "monitor.kpi.with_unit", language, number=count_text(int(total["contract_count"])),
                unit=text("monitor.unit.contracts", language),
            ),
            _growth(total["count_growth_percent"], language),
        ),
        (
            "value",
            money(int(total["contract_value_fen"]), language),
            _growth(total["value_growth_percent"], language),
        ),
        ("technology", "–" if pd.isna(technology) else money(int(technology), language), ""),
    ]  # fmt: skip
    for row_kind in ("outside", "unlocated"):
        rows = answer.places.of_kind(row_kind)
        if len(rows):
            fen = int(rows["contract_value_fen"].sum())
            share = text("monitor.kpi.share", language, share=share_text(fen / whole))
            boxes.append((row_kind, money(fen, language), share))
    return boxes


def _both_sums(answer: ContractMonitor, query: ContractQuery) -> list[tuple[str, str, str]]:
    table, language = answer.places.table, query.language
    inside = table[table["row_kind"].isin(["place", "coarse"])]
    outside = answer.places.of_kind("outside")
    total = table.iloc[-1]
    absorbed = int(inside["absorption_value_fen"].sum())
    output = int(total["output_value_fen"])
    boxes = [
        ("output", money(output, language), _growth(total["output_growth_percent"], language)),
        ("inside", money(absorbed, language), ""),
        ("net", money(int(inside["net_value_fen"].sum()), language), ""),
    ]
    if len(outside):
        fen = int(outside["absorption_value_fen"].sum())
        share = text("monitor.kpi.share", language, share=share_text(fen / (output or 1)))
        boxes.append(("outside", money(fen, language), share))
    return boxes


def money_config(table: Table, language: str) -> dict[str, Any]:
    """Return the columns as everywhere; amounts with separators, years without.

    Parameters
    ----------
    table
        The declaration of what is shown.
    language
        ``zh`` or ``en``.
    """
    config = column_config(table, language)
    formats = {"ten_thousand_yuan": "accounting", "": "%d"}
    for column in table.columns:
        is_number = column.type in {ColumnType.INTEGER, ColumnType.NUMBER}
        if is_number and column.unit in formats:
            heading = column_heading(column, language)
            config[column.name] = st.column_config.NumberColumn(
                heading, format=formats[column.unit]
            )
    return config


def _year_to_date(
    answer: ContractMonitor, opened: OpenContracts, query: ContractQuery
) -> str | None:
    sums = answer.year_to_date
    if sums is None or opened.as_of is None:
        return None
    before = sums.value_before_fen
    growth = f"{(sums.value_fen - before) / before:+.1%}" if before else "–"
    return text(
        "monitor.series.to_date", query.language,
        year=opened.as_of.year, day=f"{opened.as_of:%m-%d}", value=in_100m(sums.value_fen),
        count=count_text(sums.count), before=in_100m(before), growth=growth,
    )  # fmt: skip


def _columns(dated: pd.DataFrame, sides: Sequence[str], query: ContractQuery) -> list[list[Bar]]:
    language, period = query.language, query.period
    order = dated.sort_values(["year", "part"], na_position="last")
    by_period: dict[str, list[Bar]] = {}
    mark = "Q" if period is ContractPeriod.QUARTER else "-"
    columns = ["side", "period_name", "contract_value_fen", "value_growth_percent", "part", "year"]
    few = order["period_name"].nunique() <= _WRITTEN_PERIODS
    for side, name, fen, growth, part, year in order[columns].itertuples(index=False):
        value = in_100m(fen)
        written = "–" if pd.isna(growth) else f"{growth:+.1f}%"
        title = text("monitor.series.bar", language, period=name, value=value, growth=written)
        label = str(year) if pd.isna(part) else f"{year}{mark}{part}"
        by_period.setdefault(name, []).append(
            Bar(
                label, int(fen) / FEN_PER_100M_YUAN, value if few and len(sides) == 1 else "",
                title, sides.index(side),
            )
        )  # fmt: skip
    return list(by_period.values())


def _cut_chart(rows: pd.DataFrame, cut: str, language: str) -> str:
    values = rows["contract_value_10k_yuan"].astype("float64")
    whole = float(values.sum())
    bars = [
        _bar(label, value, whole, language)
        for label, value in zip(rows["label"], values, strict=True)
    ]
    return bar_list(text(f"monitor.cut.{cut}", language), bars)


def _bar(label: str, value_10k: float, whole_10k: float, language: str) -> Bar:
    value = number_text(value_10k / _10K_IN_100M, 2)
    share = share_text(value_10k / whole_10k) if whole_10k else "–"
    unit = text("monitor.unit.100m_yuan", language)
    return Bar(label, value_10k, f"{value} · {share}", f"{label} {value} {unit} · {share}")


_HEIGHT_PX = 498
_COLUMNS = [
    "party_row", "rank", "party_count", "contract_count", "contract_value_10k_yuan",
    "value_share_percent", "cumulative_share_percent",
]  # fmt: skip


def show_parties(page: Page, opened: OpenContracts, query: ContractQuery, span_text: str) -> None:
    """Show how much the largest sellers or buyers have; it takes a pass over every contract."""
    language = query.language
    side = text(f"monitor.parties.{cut_side(query).value}", language)
    head = f"{text('monitor.parties.section', language, side=side)} · {span_text}"
    st.html(f'<h2 class="section">{escape(head)}</h2>')
    row = st.container(horizontal=True)
    if not unfolds(row, text("monitor.parties.open", language), key="contract_parties_open"):
        return
    table = contract_answers.parties(opened, query)
    of_total = table[table["party_row"] == "total"].iloc[0]
    shares = table["cumulative_share_percent"].dropna()
    share = f"{shares.iloc[-1]:.1f}%" if len(shares) else "–"
    count = count_text(int(of_total["party_count"]))
    said = text("monitor.parties.summary", language, side=side, count=count,
                largest=len(shares), share=share)  # fmt: skip
    st.caption(plain(f"{said} {text('monitor.note.parties', language)}"))
    words = {row: text(f"monitor.party_row.{row}", language) for row in PARTY_ROWS}
    st.dataframe(
        table.assign(party_row=table["party_row"].map(words))[_COLUMNS],
        hide_index=True,
        height=_HEIGHT_PX,
        column_config=money_config(CONTRACT_PARTIES, language),
        key="contract_parties_table",
        placeholder="–",
    )
    later_download_buttons(
        partial(party_bundle, opened, page.places, query),
        file_stem=stem_of(opened, query, "parties"),
        key="contract_parties",
        label=text("monitor.parties.download", language),
        language=language,
        formats=LIST_FORMATS,
    )


_PROVINCE_COLUMNS = [
    "period_text", "figure_kind", "contracts_count", "contract_value_100m_yuan",
    "technology_value_100m_yuan", "contracts_growth_percent", "contract_value_growth_percent",
    "grade", "note",
]  # fmt: skip
_PREFECTURE_COLUMNS = [
    "area_name", "period_text", "figure_kind", "contracts_count", "contract_value_100m_yuan",
    "grade", "note",
]  # fmt: skip


def show_published(page: Page) -> None:
    """Show the published figures: a map of what is known, the figures, the target apart."""
    published = contract_answers.published()
    language = page.language
    query = replace(state.chosen_query(ContractQuery, page.context), measure=_choose(language))
    state.write_link(page.context)
    if st.session_state["dataset"] == DatasetName.PUBLIC.value:
        st.caption(text("monitor.published.intro", language))
    _show_latest(published, language)
    list_pane, map_pane, card_pane = panes()
    with map_pane, told(language):
        areas = published_layer(published, page.places, query)
        draw_map(map_spec_of(query, areas=areas, flows=None))
    with list_pane:
        _show_table(published, "prefecture", CONTRACTS_PREFECTURE, _PREFECTURE_COLUMNS, language)
    with card_pane:
        st.html(target_card(published.target, language))
        _show_years(published, language)
    st.caption(
        text("monitor.published.note", language) + " " + text("monitor.published.grades", language)
    )
    _show_table(published, "province", CONTRACTS_PROVINCE, _PROVINCE_COLUMNS, language)


def _choose(language: str) -> ContractMeasure:
    """Draw the one choice that published figures leave: value or number."""
    place, _ = st.columns([1, 4])
    with place:
        st.selectbox(
            text("monitor.measure_label", language),
            [ContractMeasure.VALUE.value, ContractMeasure.NUMBER.value],
            format_func=lambda value: text(f"monitor.measure.{value}", language),
            key=kept("published_measure"),
            persist_state=KEPT,
        )
    return ContractMeasure(st.session_state["published_measure"])


def _show_latest(published: Published, language: str) -> None:
    latest = whole_years(published).iloc[-1]
    grade = text("monitor.published.kpi_year", language, year=latest["year"], grade=latest["grade"])
    boxes = (
        (
            "count", count_text(int(latest["contracts_count"])),
            text("monitor.unit.contracts", language),
        ),
        (
            "value", number_text(float(latest["contract_value_100m_yuan"]), 2),
            text("monitor.unit.100m_yuan", language),
        ),
    )  # fmt: skip
    html = "".join(
        f'<div class="count" data-sum="{name}"><span class="kind">'
        f"{escape(text(f'monitor.kpi.{name}', language))}</span><b>{escape(number)} "
        f"{escape(unit)}</b><span>{escape(grade)}</span></div>"
        for name, number, unit in boxes
    )
    st.html(f'<div class="counts">{html}</div>')


def _show_years(published: Published, language: str) -> None:
    head = text("monitor.published.series", language)
    rows = whole_years(published)
    columns = [
        [
            Bar(
                str(year), float(value), number_text(float(value), 1),
                text(
                    "monitor.published.bar", language,
                    year=year, value=number_text(float(value), 2), grade=grade,
                ),
            )
        ]
        for year, value, grade in rows[
            ["year", "contract_value_100m_yuan", "grade"]
        ].itertuples(index=False)
    ]  # fmt: skip
    st.html(f'<h2 class="section">{escape(head)}</h2>{column_chart(columns, (), label=head)}')


def _show_table(
    published: Published, name: str, declaration: Table, columns: list[str], language: str
) -> None:
    title = text(f"monitor.published.{name}", language)
    st.html(f'<h2 class="section">{escape(title)}</h2>')
    table = published.province if name == "province" else published.prefecture
    st.dataframe(
        shown_figures(table, language)[columns],
        hide_index=True,
        column_config=column_config(declaration, language),
        key=f"published_{name}",
        placeholder="–",
    )
    later_download_buttons(
        partial(published_bundle, published, name, language),
        file_stem=f"contracts_published_{name}",
        key=f"published_{name}_file",
        label=text("monitor.download_published", language),
        language=language,
        formats=LIST_FORMATS,
    )


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
