"""What the contract page shows where there is no register: published figures, the target apart."""

from dataclasses import replace
from functools import partial
from html import escape

import streamlit as st

from network_map.app import contract_cached
from network_map.app.contract_map import MAP_HEIGHT_PX, draw_map
from network_map.app.contract_target import target_card
from network_map.app.kit import choices as state
from network_map.app.kit import contract_state
from network_map.app.kit.frame import Page, told
from network_map.app.kit.kept_choices import KEPT, kept
from network_map.app.kit.tables import LIST_FORMATS, column_config, later_download_buttons
from network_map.contracts.figures import CONTRACTS_PREFECTURE, CONTRACTS_PROVINCE
from network_map.contracts.map import map_spec_of
from network_map.contracts.published import (
    Published,
    published_bundle,
    published_layer,
    shown_figures,
    whole_years,
)
from network_map.contracts.query import ContractMeasure
from network_map.i18n import count_text, number_text, text
from network_map.maps.charts import Bar, column_chart
from network_map.tables.columns import Table
from network_map.terms import DatasetName

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
    published = contract_cached.published()
    language = page.language
    query = replace(contract_state.query(), measure=_choose(language))
    state.write_link(page.dataset)
    if st.session_state["dataset"] == DatasetName.PUBLIC.value:
        st.caption(text("monitor.published.intro", language))
    _show_latest(published, language)
    map_place, card_place = st.columns([3.2, 1])
    with map_place, told(language):
        areas = published_layer(published, page.places, query)
        draw_map(map_spec_of(query, areas=areas, flows=None))
    with card_place.container(height=MAP_HEIGHT_PX, border=True):
        st.html(target_card(published.target, language))
        _show_years(published, language)
    st.caption(
        text("monitor.published.note", language) + " " + text("monitor.published.grades", language)
    )
    _show_table(published, "province", CONTRACTS_PROVINCE, _PROVINCE_COLUMNS, language)
    _show_table(published, "prefecture", CONTRACTS_PREFECTURE, _PREFECTURE_COLUMNS, language)


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
