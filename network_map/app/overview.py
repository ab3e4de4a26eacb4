"""The blocks of the overview page, in the order a planner reads them."""

from dataclasses import replace
from functools import partial
from html import escape

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from network_map.app.kit import choices as state
from network_map.app.kit import memo as cached
from network_map.app.kit.choices import KEPT, choose_classes, kept, unfolds
from network_map.app.kit.distances import roads
from network_map.app.kit.frame import Page, told
from network_map.app.kit.map import missing_assets
from network_map.app.kit.map import show_map as live_map
from network_map.app.kit.memo import dataset_version, memo
from network_map.app.kit.tables import later_download_buttons, linked_table, plain
from network_map.errors import MissingFileError, QueryError
from network_map.i18n import count_text, error_text, text
from network_map.nodes.county_card import CountyCard
from network_map.nodes.dataset import Dataset
from network_map.nodes.hierarchy import hierarchy_table
from network_map.nodes.overview import (
    FIGURES,
    KindCount,
    Overview,
    county_bundle,
    county_stem,
    overview,
)
from network_map.nodes.query import Overlay, OverviewQuery
from network_map.nodes.report import nodes_bundle, nodes_stem
from network_map.places.reference import kind_names
from network_map.query import parse_numbers
from network_map.terms import AdminLevel, Classifier, DatasetName

MAP_HEIGHT_PX = 540
TABLE_HEIGHT_PX = 330
OVERLAY_WIDTH_PX = 220

_ANSWER_COUNT = 64
QUERY = OverviewQuery
"""What the page asks."""


@st.fragment
def show(page: Page) -> None:
    """Show the overview; a choice or a click in it reruns this part only, not the whole page.

    Parameters
    ----------
    page
        What the page works with.
    """
    with told(page.language):
        # The map is drawn first and the choices above it later, into places kept for them: the
        # browser then has the map while it still builds the rest. Sentences come and go in a
        # place of their own, so that the map keeps its number and the browser keeps the map.
        choices_place = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
        classes_place, notes_place = st.container(), st.container()
        counts_place = st.empty()
        with notes_place:
            query = chosen(page)
            answer = get(page, query)
            if answer.hierarchy_note:
                st.caption(answer.hierarchy_note)
        show_counties(page, answer)
        counts_place.html(counts_html(answer, page.language))
        with choices_place:
            choose(page, classes_place)


@st.fragment
def show_counties(page: Page, answer: Overview) -> None:
    """Show map, card and table; a click on a county reruns these alone.

    Parameters
    ----------
    page
        What the page works with.
    answer
        What the choices ask for; the selected county is taken from the session.
    """
    with told(page.language):
        state.write_link(page.context)
        card_place = show_map(page, answer)
        with card_place:
            show_card(page)
        show_table(answer)


def choose(page: Page, classes_place: DeltaGenerator) -> None:
    """Draw the choices above the map.

    Parameters
    ----------
    page
        What the page works with.
    classes_place
        Where the classes unfold.
    """
    language = page.language
    labels = kind_names(page.dataset.node_kinds, language, short=True)
    shown = list(dict.fromkeys([*page.shown_kinds, *st.session_state["kinds"]]))
    st.pills(
        text("overview.kinds", language),
        shown,
        selection_mode="multi",
        format_func=lambda kind: plain(labels[kind]),
        key=kept("kinds"),
        persist_state=KEPT,
    )
    st.toggle(text("hierarchy.switch", language), key=kept("hierarchy_lines"), persist_state=KEPT)
    st.selectbox(
        text("overview.overlay", language),
        [overlay.value for overlay in Overlay],
        format_func=lambda overlay: text(f"overlay.{overlay}.title", language),
        key=kept("overlay"),
        persist_state=KEPT,
        width=OVERLAY_WIDTH_PX,
    )
    overlay = Overlay(st.session_state["overlay"])
    if overlay in FIGURES:
        row = st.container(width="content")
        if unfolds(row, text("overview.classes", language), key="overview_classes"):
            with classes_place:
                _choose_classes(overlay, language)


def chosen(page: Page) -> OverviewQuery:
    """Return what was chosen, and say what of it cannot be shown."""
    query = state.chosen_query(OverviewQuery, page.context)
    if not query.kinds:
        st.caption(text("overview.no_kind", page.language))
    found = st.session_state["own_breaks_text"]
    is_used = query.classifier is Classifier.OWN_BREAKS and query.overlay in FIGURES
    if is_used and parse_numbers(found) is None:
        sentence = text("overview.own_breaks_not_numbers", page.language, found=found)
        st.warning(plain(sentence))
        return replace(query, classifier=OverviewQuery().classifier)
    return query


def get(page: Page, query: OverviewQuery) -> Overview:
    """Return the answer; classes that cannot be made are named and replaced by the usual ones."""
    try:
        return _answer(page.dataset, query)
    except QueryError as error:
        st.warning(plain(error_text(error, page.language)))
        usual = OverviewQuery()
        return _answer(
            page.dataset, replace(query, classifier=usual.classifier, class_count=usual.class_count)
        )


def _without_selection(query: OverviewQuery) -> OverviewQuery:
    """Return a query for which a click on a county changes nothing."""
    return replace(query, selected_adcode=None)


@memo(dataset_version, part=_without_selection)
def _answer(dataset: Dataset, query: OverviewQuery) -> Overview:
    return overview(
        cached.places(),
        dataset,
        cached.roll(dataset),
        cached.nodes(dataset),
        query=query,
        hierarchy=hierarchy(dataset) if query.hierarchy else None,
    )


@memo(dataset_version, size=len(DatasetName))
def hierarchy(dataset: Dataset) -> pd.DataFrame:
    """Return the lines of the three tiers of a data set."""
    return hierarchy_table(cached.places(), dataset, roads())


def counts_html(answer: Overview, language: str) -> str:
    """Return how many nodes of each kind the shown area has, against the published totals."""
    boxes = "".join(_count_box(count, language) for count in answer.counts if count.is_counted)
    return f'<div class="counts">{boxes}</div>'


def show_map(page: Page, answer: Overview) -> DeltaGenerator:
    """Show the map; return the place beside it."""
    map_place, card_place = st.columns([3.2, 1])
    with map_place, told(page.language):
        missing = missing_assets()
        if missing:
            raise MissingFileError("map_asset_missing", files="、".join(missing))
        live_map(
            replace(answer.map_spec, selected_adcode=st.session_state["selected"]),
            key="overview_map",
            height=MAP_HEIGHT_PX,
            on_click=state.select_county,
            tile_layers=cached.settings().tile_layers,
        )
    return card_place.container(height=MAP_HEIGHT_PX, border=True)


def show_table(answer: Overview) -> None:
    """Show the counties of the area; a chosen row selects the county on the map too."""
    st.html(f'<h2 class="section">{escape(answer.table_title)}</h2>')
    linked_table(
        answer.table_json,
        key="county_table",
        selected=st.session_state["selected"],
        height=TABLE_HEIGHT_PX,
        on_choose=state.select_county,
    )


def show_downloads(page: Page) -> None:
    """Show the downloads: the counties of the shown area, and its nodes by name."""
    language = page.language
    query = OverviewQuery(language=language, prefecture_adcode=page.prefecture_adcode)
    later_download_buttons(
        partial(county_bundle, page.places, page.dataset, page.roll, query=query),
        file_stem=county_stem(page.dataset, page.prefecture_adcode),
        key="overview",
        label=text("overview.download_counties", language),
        language=language,
    )
    later_download_buttons(
        partial(
            nodes_bundle,
            page.dataset,
            page.places,
            prefecture_adcode=page.prefecture_adcode,
            language=language,
        ),
        file_stem=nodes_stem(page.dataset, page.prefecture_adcode),
        key="nodes",
        label=text("overview.download_nodes", language),
        language=language,
    )


def _choose_classes(overlay: Overlay, language: str) -> None:
    level_place, *places = st.columns(4, vertical_alignment="bottom")
    level_place.selectbox(
        text("overview.level", language),
        [AdminLevel.COUNTY.value, AdminLevel.PREFECTURE.value],
        format_func=lambda value: text(f"term.level.{value}", language),
        key=kept("level"),
        persist_state=KEPT,
    )
    choose_classes(places, text(f"unit.{FIGURES[overlay].unit}", language), language)


def _count_box(count: KindCount, language: str) -> str:
    notes = []
    if count.declared_count is not None:
        notes.append(text("overview.declared", language, count=count_text(count.declared_count)))
    if count.assumed_count:
        notes.append(text("overview.assumed", language, count=count_text(count.assumed_count)))
    return (
        f'<div class="count" data-kind="{escape(count.kind)}">'
        f'<span class="kind">{escape(count.label)}</span>'
        f"<b>{count_text(count.named_count)}</b>"
        f"<span>{escape(' · '.join(notes))}</span></div>"
    )


def show_card(page: Page) -> None:
    """Show what is known about the selected county, or how to select one."""
    selected = st.session_state["selected"]
    if selected is None:
        st.caption(text("overview.card_hint", page.language))
        return
    lines = hierarchy(page.dataset) if st.session_state["hierarchy_lines"] else None
    card = cached.cards(page.dataset, page.language).card(selected, lines)
    st.html(_card_html(card, page.language))
    st.button(
        text("overview.clear_selection", page.language),
        key="clear_selection",
        on_click=state.select_county,
        args=(None,),
    )


def _card_html(card: CountyCard, language: str) -> str:
    presence = "".join(
        f'<div class="line"><dt>{escape(line.label)}</dt>'
        f'<dd><span class="mark {escape(line.presence)}">{escape(line.presence_word)}</span></dd>'
        f"</div><p>{escape(line.basis)}</p>"
        for line in card.presence
    )
    figures = "".join(
        f'<div class="line"><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>'
        for label, value in card.figures
    )
    nodes = "".join(
        f"<li>{escape(node.name)}<p>{escape(node.kind)} · {escape(node.status)} · "
        f"{escape(node.origin)} · "
        f"{escape(text('card.established', language, date=node.established_on))}</p>"
        f"<p>{escape(node.source)}</p></li>"
        for node in card.nodes
    )
    heading = escape(text("hierarchy.switch", language))
    above = f"<h3>{heading}</h3><p>{escape(card.above)}</p>" if card.above else ""
    no_nodes = f"<p>{escape(text('card.no_nodes', language))}</p>"
    return (
        f'<div class="card"><h2>{escape(card.title)}</h2><p>{escape(card.subtitle)}</p>'
        f"<h3>{escape(text('card.presence', language))}</h3><dl>{presence}</dl>"
        f"{above}"
        f"<h3>{escape(text('card.figures', language))}</h3><dl>{figures}</dl>"
        f"<h3>{escape(text('card.nodes', language))}</h3>"
        f"{f'<ul>{nodes}</ul>' if nodes else no_nodes}</div>"
    )
