"""The blocks of the page of indices, in the order a planner reads them."""

from functools import partial
from html import escape
from math import isfinite

import pandas as pd
import streamlit as st

from network_map.app import gap_answers
from network_map.app.contract_answers import version_with_register
from network_map.app.kit import choices as state
from network_map.app.kit import memo as cached
from network_map.app.kit.choices import KEPT, kept
from network_map.app.kit.frame import HEADED_HEIGHT, PANE_HEIGHT, Page, page_links, panes, told
from network_map.app.kit.map import missing_assets, show_map
from network_map.app.kit.memo import memo
from network_map.app.kit.tables import (
    LIST_FORMATS,
    column_config,
    later_download_buttons,
    linked_table,
    plain,
)
from network_map.errors import MissingFileError
from network_map.gaps.query import GapQuery
from network_map.i18n import number_text, text
from network_map.indices.answer import (
    Index,
    IndexAnswer,
    IndexPicture,
    IndexQuery,
    county_neighbours,
    index_answer,
)
from network_map.indices.report import (
    groups_bundle,
    index_bundle,
    index_map,
    index_stem,
    measure_lines,
)
from network_map.indices.tables import COUNTY_INDEX, THEIL_BY_PREFECTURE, ClusterReason
from network_map.maps.charts import lorenz_chart, table_rows
from network_map.nodes.dataset import Dataset
from network_map.places.reference import code_words

TABLE_HEIGHT_PX = 330
CHOICE_WIDTH_PX = 280
_CODES = {"cluster_code": "indices.cluster", "cluster_reason_code": "indices.cluster_reason"}
QUERY = IndexQuery
"""What the page asks."""


_LISTED = ["county_name", "index_value", "rank", "cluster_code"]


@st.fragment
def show(page: Page) -> None:
    """Show the page; a choice or a click in it reruns this part only, not the whole page.

    Parameters
    ----------
    page
        What the page works with.
    """
    with told(page.language):
        choose(page)
        query = state.chosen_query(IndexQuery, page.context)
        answer = answer_of(page.dataset, query.index, query.language)
        state.write_link(page.context)
        list_pane, map_pane, card_pane = panes()
        with map_pane:
            _show_map(page, answer, query)
        with list_pane:
            _show_counties(page, answer, query)
        with card_pane:
            _show_measures(answer, query)
            _show_download(page, answer, query)
            st.caption(plain(" ".join(answer.notes)))
            page_links("gaps", language=page.language)
        _show_groups(page, answer, query)


def choose(page: Page) -> None:
    """Draw the choices above the map."""
    language = page.language
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    row.selectbox(
        text("index.choose", language),
        [index.value for index in Index],
        format_func=lambda name: text(f"index.title.{name}", language),
        key=kept("index_kind"),
        persist_state=KEPT,
        width=CHOICE_WIDTH_PX,
    )
    row.selectbox(
        text("index.choose_map", language),
        [picture.value for picture in IndexPicture],
        format_func=lambda name: text(f"index.picture.{name}", language),
        key=kept("index_picture"),
        persist_state=KEPT,
        width=CHOICE_WIDTH_PX,
    )


@memo(version_with_register)
def answer_of(dataset: Dataset, index: Index, language: str) -> IndexAnswer:
    """Return an index of a data set."""
    facts = gap_answers.facts(dataset, GapQuery())
    return index_answer(
        cached.dataset_places(dataset),
        dataset,
        facts,
        _neighbours(),
        index=index,
        language=language,
    )


@st.cache_resource(show_spinner=False)
def _neighbours() -> pd.DataFrame:
    return county_neighbours()


def _show_map(page: Page, answer: IndexAnswer, query: IndexQuery) -> None:
    with told(page.language):
        if missing := missing_assets():
            raise MissingFileError("map_asset_missing", files="、".join(missing))
        show_map(
            index_map(page.places, page.dataset, answer, query=query),
            key="index_map",
            height=PANE_HEIGHT,
            on_click=state.select_county,
            tile_layers=cached.settings().tile_layers,
        )


def _show_measures(answer: IndexAnswer, query: IndexQuery) -> None:
    """Show the measures, the Lorenz curve and the selected county."""
    language = query.language
    lines = "".join(
        f'<div class="line"><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>'
        for label, value in measure_lines(answer, language)
    )
    title = escape(text("index.measures", language))
    points = list(answer.curve.itertuples(index=False, name=None))
    label, note = (text(f"index.lorenz_{part}", language) for part in ("label", "note"))
    curve = lorenz_chart(points, label=label, note=note) if points else ""
    st.html(f'<div class="card"><h3>{title}</h3><dl>{lines}</dl>{curve}</div>')
    rows = answer.table[answer.table["adcode"] == query.selected_adcode].to_dict("records")
    if not rows:
        st.caption(text("overview.card_hint", language))
        return
    (row,) = rows
    said = text("index.county_none", language)
    if isfinite(row["index_value"]):
        unit = text(f"index.unit.{query.index.value}", language)
        value = number_text(row["index_value"], 2)
        said = text("index.county", language, value=value, unit=unit, rank=row["rank"])
    st.html(f'<div class="card"><h3>{escape(row["county_name"])}</h3><p>{escape(said)}</p></div>')


def _show_counties(page: Page, answer: IndexAnswer, query: IndexQuery) -> None:
    language = query.language
    table = answer.inside(page.places, query.prefecture_adcode)
    title = text("index.table", language, area=page.area_name, count=len(table))
    st.html(f'<h2 class="section">{escape(title)}</h2>')
    worded = table.assign(**{
        name: code_words(key, table[name], language) for name, key in _CODES.items()
    })  # fmt: skip
    # Not significant is known; only what has no value is unknown.
    is_chance = table["cluster_reason_code"] == ClusterReason.CHANCE
    worded["cluster_code"] = worded["cluster_code"].mask(
        is_chance, text("index.not_significant", language)
    )
    linked_table(
        table_rows(
            worded, COUNTY_INDEX,
            columns=_LISTED, id_column="adcode", label=title, language=language,
        ),
        key="index_table",
        selected=query.selected_adcode,
        height=HEADED_HEIGHT,
        on_choose=state.select_county,
    )  # fmt: skip


def _show_download(page: Page, answer: IndexAnswer, query: IndexQuery) -> None:
    language = query.language
    later_download_buttons(
        partial(
            index_bundle,
            page.places,
            page.dataset,
            gap_answers.facts(page.dataset, GapQuery()),
            answer,
            query=query,
        ),
        file_stem=index_stem(page.dataset, query),
        key="index_file",
        label=text("index.download", language),
        language=language,
    )


def _show_groups(page: Page, answer: IndexAnswer, query: IndexQuery) -> None:
    language = query.language
    if answer.groups.empty:
        return
    st.html(f'<h2 class="section">{escape(text("index.groups", language))}</h2>')
    st.caption(text("index.groups_note", language))
    st.dataframe(
        answer.groups,
        hide_index=True,
        height=TABLE_HEIGHT_PX,
        column_config=column_config(THEIL_BY_PREFECTURE, language),
        key="index_groups_table",
        placeholder="—",
    )
    later_download_buttons(
        partial(
            groups_bundle,
            page.places,
            page.dataset,
            gap_answers.facts(page.dataset, GapQuery()),
            answer,
            query=query,
        ),
        file_stem=index_stem(page.dataset, query, "groups"),
        key="index_groups_file",
        label=text("index.groups", language),
        language=language,
        formats=LIST_FORMATS,
    )
