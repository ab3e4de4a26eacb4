"""The blocks of the contract monitor, in the order a planner reads them."""

from dataclasses import replace
from functools import partial
from html import escape

import streamlit as st

from network_map.app import contract_answers, contract_charts
from network_map.app.contract_charts import draw_map, in_100m, show_parties, show_published
from network_map.app.kit import choices as state
from network_map.app.kit.choices import KEPT, choose_classes, kept
from network_map.app.kit.frame import HEADED_HEIGHT, Page, page_links, panes, told
from network_map.app.kit.tables import LIST_FORMATS, later_download_buttons, linked_table, plain
from network_map.contracts.query import (
    LATEST,
    PART_KEYS,
    PARTS,
    ContractMeasure,
    ContractPeriod,
    ContractPicture,
    ContractQuery,
    ContractSide,
)
from network_map.contracts.register.engine import OpenContracts, register_line
from network_map.contracts.report import (
    ContractMonitor,
    contract_monitor,
    place_bundle,
    places_stem,
    unit_name,
    years_of,
)
from network_map.contracts.tables import CONTRACT_BALANCE, CONTRACT_VOLUMES
from network_map.contracts.target import TargetProgress, target_source
from network_map.errors import QueryError
from network_map.i18n import count_text, error_text, share_text, text
from network_map.maps.charts import Gauge, gauge, table_rows
from network_map.query import parse_numbers
from network_map.terms import OWN, AdminLevel, Classifier, ContractKind, TechnologyField

_VOLUME_COLUMNS = [
    "rank", "place_name", "contract_count", "contract_value_10k_yuan", "value_growth_percent",
]  # fmt: skip
_PER_PART_COLUMNS = ["value_per_10k_people", "value_per_100m_gdp"]
_BALANCE_COLUMNS = [
    "rank", "place_name", "output_value_10k_yuan", "absorption_value_10k_yuan",
    "net_value_10k_yuan",
]  # fmt: skip
QUERY = ContractQuery
"""What the page asks."""


@st.fragment
def show(page: Page) -> None:
    """Show the monitor; a choice or a click in it reruns this part only, not the whole page.

    Parameters
    ----------
    page
        What the page works with.
    """
    with told(page.language):
        with st.spinner(text("monitor.reading", page.language)):
            opened = contract_answers.opened_register()
        if opened is not None:
            _show_register(page, opened)
            return
        if st.session_state["dataset"] == OWN:
            st.info(text("monitor.own_missing", page.language))
        show_published(page)


def _show_register(page: Page, opened: OpenContracts) -> None:
    counts = contract_answers.counts(opened, state.chosen_query(ContractQuery, page.context))
    choose(page, opened, years_of(counts))
    # Sentences come and go in a place of their own: the map keeps its number and the browser it.
    with st.container():
        query = chosen(page, opened, years_of(counts))
        answer = _answer(page, opened, query)
        _say_limits(opened, answer, query)
    state.write_link(page.context)
    contract_charts.show_sums(answer, query)
    list_pane, map_pane, card_pane = panes()
    with map_pane, told(page.language):
        draw_map(answer.map_spec)
    with list_pane:
        _show_table(page, opened, answer, query)
    with card_pane:
        _show_target(opened, query)
        page_links("gaps", language=page.language)
    contract_charts.show_series(page, opened, answer, query)
    contract_charts.show_cuts(page, opened, answer, query)
    contract_charts.show_flows(page, opened, answer, query)
    show_parties(page, opened, query, answer.span_text)
    contract_charts.show_subsidy(page, opened, query)


def choose(page: Page, opened: OpenContracts, years: tuple[int, ...]) -> None:
    """Draw the choices above the map.

    Parameters
    ----------
    page, opened
        The page and its register.
    years
        Years that contracts were signed in.
    """
    language = page.language
    places = st.columns([1.25, 1.45, 1.1, 0.95, 0.8, 0.9, 1.15, 0.95], vertical_alignment="bottom")
    with places[0]:
        _select("side", [side.value for side in ContractSide], language)
    with places[1]:
        _select("measure", [measure.value for measure in ContractMeasure], language)
    with places[2]:
        _select_level(page)
    with places[3]:
        _select("period", [period.value for period in ContractPeriod], language)
    period = ContractPeriod(st.session_state["contract_period"])
    if period is not ContractPeriod.ALL and opened.as_of is not None:
        with places[4]:
            _select_year(years, opened.as_of.year, language)
        if (key := PART_KEYS.get(period)) is not None:
            with places[5]:
                _select_part(key, period, opened, language)
    with places[6]:
        _select("picture", [picture.value for picture in ContractPicture], language)
    with places[7].popover(text("monitor.more", language), width="stretch"):
        _choose_more(page)


def chosen(page: Page, opened: OpenContracts, years: tuple[int, ...]) -> ContractQuery:
    """Return what was chosen, and say what of it cannot be shown."""
    query = state.chosen_query(ContractQuery, page.context)
    if page.prefecture_adcode is not None and query.level is AdminLevel.PREFECTURE:
        query = replace(query, level=AdminLevel.COUNTY)
    if opened.as_of is None:
        st.info(text("monitor.no_dates", page.language))
    elif query.year is not None and query.year not in years:
        st.info(text("monitor.year_unknown", page.language, year=query.year))
    found = st.session_state["own_breaks_text"]
    if query.classifier is Classifier.OWN_BREAKS and parse_numbers(found) is None:
        st.warning(plain(text("monitor.own_breaks_not_numbers", page.language, found=found)))
        return replace(query, classifier=ContractQuery().classifier)
    return query


def _answer(page: Page, opened: OpenContracts, query: ContractQuery) -> ContractMonitor:
    """Return the answer; classes that cannot be made are named and replaced by the usual ones."""
    counts = contract_answers.counts(opened, query)
    flows = contract_answers.flows(opened, query)
    try:
        return contract_monitor(opened, counts, page.places, flows, query=query)
    except QueryError as error:
        st.warning(plain(error_text(error, page.language)))
        usual = ContractQuery()
        query = replace(query, classifier=usual.classifier, class_count=usual.class_count)
        return contract_monitor(opened, counts, page.places, flows, query=query)


def _say_limits(opened: OpenContracts, answer: ContractMonitor, query: ContractQuery) -> None:
    said = []
    if opened.is_demo:
        said.append(text("monitor.demo", query.language))
    else:
        said.append(register_line(opened, query.language))
    if query.side is not ContractSide.OUTPUT:
        said.append(text("monitor.partial_absorption", query.language))
    if answer.span.is_partial and answer.undated:
        said.append(text("monitor.undated", query.language, count=answer.undated))
    if said:
        st.caption(" ".join(said))


def _show_table(
    page: Page, opened: OpenContracts, answer: ContractMonitor, query: ContractQuery
) -> None:
    """Show the places; a chosen county is selected on the map too."""
    language = query.language
    side = text(f"monitor.side.{query.side.value}", language)
    title = text(
        "monitor.table.title", language, area=page.area_name, span=answer.span_text, side=side
    )
    later_download_buttons(
        partial(place_bundle, opened, page.places, query),
        file_stem=places_stem(opened, query),
        key="contract_places",
        label=text("monitor.download_places", language),
        language=query.language,
        formats=LIST_FORMATS,
    )
    rows = answer.places.table
    rows = rows.assign(row_id=rows["adcode"].fillna(rows["row_kind"]))
    linked_table(
        table_rows(
            rows,
            answer.places.declaration,
            columns=_columns(query),
            id_column="row_id",
            label=title,
            language=language,
            missing="–",
        ),
        key="contract_table",
        selected=_selected_row(page, query),
        height=HEADED_HEIGHT,
        on_choose=partial(_choose_row, frozenset(rows.loc[rows["row_kind"] == "place", "adcode"])),
    )


def _columns(query: ContractQuery) -> list[str]:
    is_both = query.side is ContractSide.BOTH
    columns = _BALANCE_COLUMNS if is_both else _VOLUME_COLUMNS
    declaration = CONTRACT_BALANCE if is_both else CONTRACT_VOLUMES
    per_part = (ContractMeasure.VALUE_PER_PEOPLE, ContractMeasure.VALUE_PER_GDP)
    if query.measure in per_part and not is_both:
        columns = [*columns, *_PER_PART_COLUMNS]
    return [name for name in columns if name in declaration.names]


def _selected_row(page: Page, query: ContractQuery) -> str | None:
    selected: str | None = st.session_state["selected"]
    if selected is None or query.level is AdminLevel.COUNTY:
        return selected
    divisions = page.places.divisions
    return str(divisions.loc[divisions["adcode"] == selected, "parent_adcode"].iloc[0])


def _choose_row(adcodes: frozenset[str], row_id: str | None) -> None:
    """Select a county; the map outlines counties only, so another row selects none."""
    is_county = row_id in adcodes and not str(row_id).endswith("00")
    state.select_county(row_id if is_county else None)


# --- the choices ----------------------------------------------------------------------------------


def _select(name: str, options: list[str], language: str) -> None:
    st.selectbox(
        text(f"monitor.{name}_label", language),
        options,
        format_func=lambda value: text(f"monitor.{name}.{value}", language),
        key=kept(f"contract_{name}"),
        persist_state=KEPT,
    )


def _select_level(page: Page) -> None:
    st.selectbox(
        text("monitor.level_label", page.language),
        [AdminLevel.COUNTY.value, AdminLevel.PREFECTURE.value],
        format_func=lambda value: text(f"term.level.{value}", page.language),
        key=kept("contract_level"),
        persist_state=KEPT,
        disabled=page.prefecture_adcode is not None,
        help=text("monitor.prefecture_level", page.language) if page.prefecture_adcode else None,
    )


def _select_year(years: tuple[int, ...], latest: int, language: str) -> None:
    if st.session_state["contract_year"] == LATEST:
        st.session_state["contract_year"] = latest
    options = sorted({*years, latest, st.session_state["contract_year"]}, reverse=True)
    st.selectbox(
        text("monitor.year_label", language),
        options,
        format_func=str,
        key=kept("contract_year"),
        persist_state=KEPT,
    )


def _select_part(key: str, period: ContractPeriod, opened: OpenContracts, language: str) -> None:
    count = PARTS[period]
    if st.session_state[key] == LATEST and opened.as_of is not None:
        st.session_state[key] = (opened.as_of.month - 1) * count // 12 + 1
    st.selectbox(
        text(f"monitor.{period.value}_label", language),
        list(range(1, count + 1)),
        format_func=lambda part: text(f"monitor.span.{period.value}_part", language, part=part),
        key=kept(key),
        persist_state=KEPT,
    )


def _choose_more(page: Page) -> None:
    language = page.language
    st.multiselect(
        text("monitor.filter.kind", language),
        [kind.value for kind in ContractKind],
        format_func=lambda code: text(f"monitor.contract_kind.{code}", language),
        placeholder=text("monitor.every", language),
        key=kept("contract_kinds"),
        persist_state=KEPT,
    )
    st.multiselect(
        text("monitor.filter.field", language),
        [code.value for code in TechnologyField],
        format_func=lambda code: text(f"monitor.technology_field.{code}", language),
        placeholder=text("monitor.every", language),
        key=kept("contract_fields"),
        persist_state=KEPT,
    )
    places = [st.container() for _ in range(3)]
    choose_classes(places, unit_name(state.chosen_query(ContractQuery, page.context)), language)


def _show_target(opened: OpenContracts, query: ContractQuery) -> None:
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
