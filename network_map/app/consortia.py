"""The blocks of the consortia page: choice, map, verdicts by county, members, contracts."""

from functools import partial
from html import escape

import streamlit as st

from network_map.app.contract_answers import register_of, version_with_register
from network_map.app.kit import choices as state
from network_map.app.kit import memo as cached
from network_map.app.kit.choices import KEPT, kept
from network_map.app.kit.frame import HEADED_HEIGHT, PANE_HEIGHT, Page, page_links, panes, told
from network_map.app.kit.map import missing_assets, show_map
from network_map.app.kit.memo import county_distances, memo
from network_map.app.kit.tables import (
    column_config,
    download_buttons,
    later_download_buttons,
    linked_table,
    plain,
)
from network_map.consortia.answer import (
    LEAST_STANDARD_KM,
    LONGEST_STANDARD_KM,
    ConsortiumAnswer,
    ConsortiumQuery,
    MemberContracts,
    consortium_answer,
    has_industry_table,
    industries_of,
    member_contracts,
    members_of,
)
from network_map.consortia.report import (
    consortium_bundle,
    fit_bundle,
    fit_stem,
    member_bundle,
    member_table,
)
from network_map.consortia.tables import (
    CONSORTIA,
    CONSORTIUM_FIT,
    MEMBER_LIST,
    consortium_names,
    consortium_tables,
)
from network_map.errors import MissingFileError
from network_map.i18n import count_text, number_text, text
from network_map.maps.charts import table_rows
from network_map.nodes.dataset import Dataset
from network_map.places.reference import code_words
from network_map.terms import DatasetName, FitVerdict

_KEPT = 16
_FEN_IN_TEN_THOUSAND_YUAN = 1_000_000
_PUBLIC_COLUMNS = ["field_zh", "field_en", "founded_text", "source_on", "note"]
_FIT_COLUMNS = ["place_name", "fit_verdict", "nearest_km"]
_MEMBER_COLUMNS = [
    "role_name", "member_name", "place_name", "prefecture_name", "register_name", "sold_count",
    "bought_count", "origin",
]  # fmt: skip
QUERY = ConsortiumQuery
"""What the page asks."""


@st.fragment
def show(page: Page) -> None:
    """Show the page; a choice or a click in it reruns this part only, not the whole page.

    Parameters
    ----------
    page
        What the page works with.
    """
    with told(page.language):
        if consortium_tables(page.dataset).members.empty:
            show_fields(page)
            return
        choose(page)
        query = state.chosen_query(ConsortiumQuery, page.context)
        answer = consortium_answer(page.places, page.dataset, county_distances(), query=query)
        state.write_link(page.context)
        list_pane, map_pane, card_pane = panes()
        with map_pane:
            draw_map(answer)
        with list_pane:
            show_counties(page, answer, query)
        with card_pane:
            show_facts(page, answer, query)
            page_links("gaps", language=page.language)
        contracts = show_contracts(page, answer, query)
        show_members(page, answer, contracts)


def show_fields(page: Page) -> None:
    """Show what is known where nobody's members are: names and fields, and what is missing."""
    language = page.language
    if page.dataset.name != DatasetName.PUBLIC:
        st.info(plain(text("consortium.none_imported", language)))
        _section(text("consortium.list_columns", language))
        for name in ("members", "industries", "never"):
            st.markdown(plain(text(f"consortium.columns_{name}", language)))
        return
    st.markdown(plain(text("consortium.public_note", language)))
    _section(text("consortium.list_title", language))
    st.dataframe(
        consortium_tables(page.dataset).consortia[_PUBLIC_COLUMNS],
        hide_index=True,
        column_config=column_config(CONSORTIA, language),
        key="consortium_fields",
        placeholder="—",
    )
    download_buttons(
        consortium_bundle(page.dataset, language=language),
        key="consortium_fields_file",
        label=text("consortium.download_list", language),
    )


def choose(page: Page) -> None:
    """Draw the choices above the map."""
    language = page.language
    names = consortium_names(page.dataset, language)
    consortium_place, standard_place, _ = st.columns([2, 1, 2], vertical_alignment="bottom")
    consortium_place.selectbox(
        text("consortium.choose", language),
        list(names),
        format_func=lambda name: names[name],
        key=kept("consortium"),
        persist_state=KEPT,
    )
    standard_place.number_input(
        text("consortium.standard", language),
        min_value=LEAST_STANDARD_KM,
        max_value=LONGEST_STANDARD_KM,
        step=10.0,
        format="%.0f",
        help=text("consortium.standard_help", language),
        key=kept("member_standard_km"),
        persist_state=KEPT,
    )


def draw_map(answer: ConsortiumAnswer) -> None:
    """Draw the map of the consortium."""
    with told(st.session_state["language"]):
        missing = missing_assets()
        if missing:
            raise MissingFileError("map_asset_missing", files="、".join(missing))
        show_map(
            answer.map_spec,
            key="consortium_map",
            height=PANE_HEIGHT,
            on_click=state.select_county,
            tile_layers=cached.settings().tile_layers,
        )


def show_facts(page: Page, answer: ConsortiumAnswer, query: ConsortiumQuery) -> None:
    """Show the numbers, the selected county's verdict, and the file of all of them."""
    language = page.language
    for sentence in answer.summary:
        st.markdown(plain(sentence))
    if not has_industry_table(page.dataset, query.consortium_id):
        industries = "、".join(industries_of(page.dataset, query.consortium_id))
        st.warning(plain(text("consortium.no_industry", language, industries=industries)))
    _show_county(answer, query)
    st.caption(
        text(
            "consortium.lines_note" if answer.map_spec.lines else "consortium.no_lines",
            language,
        )
    )
    later_download_buttons(
        partial(fit_bundle, page.places, page.dataset, county_distances(), query=query),
        file_stem=fit_stem(page.dataset, query),
        key="consortium_fit_file",
        label=text("consortium.download_counties", language),
        language=language,
        formats=("csv", "xlsx"),
    )


def _show_county(answer: ConsortiumAnswer, query: ConsortiumQuery) -> None:
    """Show the verdict of the selected county and why."""
    rows = answer.fit[answer.fit["adcode"] == query.selected_adcode]
    if rows.empty:
        st.caption(text("overview.card_hint", query.language))
        return
    row = rows.iloc[0]
    verdict = text(f"term.fit_verdict.{row['fit_verdict']}", query.language)
    st.html(f'<h2 class="section">{escape(str(row["place_name"]))} · {escape(verdict)}</h2>')
    st.markdown(plain(str(row["reason"])))


def show_counties(page: Page, answer: ConsortiumAnswer, query: ConsortiumQuery) -> None:
    """Show the verdict of each county, gaps first; a chosen row selects the county on the map."""
    language = page.language
    st.session_state.setdefault("consortium_shown", "concerned")
    shown = st.segmented_control(
        text("consortium.show", language),
        ["concerned", "all"],
        format_func=lambda name: text(f"consortium.show_{name}", language),
        key=kept("consortium_shown"),
        persist_state=KEPT,
        label_visibility="collapsed",
    )
    fit = answer.fit
    if shown != "all":
        fit = fit[fit["fit_verdict"] != FitVerdict.NOT_CONCERNED]
    title = text("consortium.counties_title", language, area=page.area_name, count=len(fit))
    worded = fit.assign(
        fit_verdict=code_words("term.fit_verdict", fit["fit_verdict"], language),
    )
    linked_table(
        table_rows(
            worded,
            CONSORTIUM_FIT,
            columns=_FIT_COLUMNS,
            id_column="adcode",
            label=title,
            language=language,
        ),
        key="consortium_fit_table",
        selected=query.selected_adcode,
        height=HEADED_HEIGHT,
        on_choose=state.select_county,
    )


def show_contracts(
    page: Page, answer: ConsortiumAnswer, query: ConsortiumQuery
) -> MemberContracts | None:
    """Show the members' contracts inside and outside; None where there is no register."""
    language = page.language
    _section(text("consortium.contracts_title", language))
    with st.spinner(text("consortium.contracts_reading", language)):
        opened = register_of(page.dataset.name)
        contracts = _contracts(page.dataset, query.consortium_id)
    if opened is None or contracts is None:
        st.caption(text("consortium.contracts_none", language))
        return None
    boxes = st.columns(len(contracts.volumes))
    volumes = contracts.volumes[["direction", "contract_count", "contract_value_fen"]]
    for box, (direction, count, value_fen) in zip(
        boxes, volumes.itertuples(index=False, name=None), strict=True
    ):
        box.metric(
            text(
                "export.heading_with_unit",
                language,
                heading=text(f"term.contract_direction.{direction}", language),
                unit=text("unit.ten_thousand_yuan", language),
            ),
            number_text(int(value_fen) / _FEN_IN_TEN_THOUSAND_YUAN),
            text("consortium.contracts_count", language, count=count_text(int(count))),
            delta_color="off",
            delta_arrow="off",
            border=True,
        )
    matched = {"matched": contracts.matched_count, "members": len(answer.members)}
    if opened.as_of is not None:
        st.caption(text("consortium.contracts_note", language, as_of=opened.as_of, **matched))
    else:
        st.caption(text("consortium.contracts_note_undated", language, **matched))
    return contracts


@memo(version_with_register, size=_KEPT)
def _contracts(dataset: Dataset, consortium_id: str) -> MemberContracts | None:
    opened = register_of(dataset.name)
    if opened is None:
        return None
    return member_contracts(opened.register, members_of(dataset, consortium_id))


def show_members(page: Page, answer: ConsortiumAnswer, contracts: MemberContracts | None) -> None:
    """Show the members, the lead first."""
    language = page.language
    _section(text("consortium.members_title", language))
    rows = member_table(page.places, page.dataset, answer.members, contracts, language=language)
    worded = rows.assign(origin=code_words("term.origin", rows["origin"], language))
    st.dataframe(
        worded[_MEMBER_COLUMNS],
        hide_index=True,
        column_config=column_config(MEMBER_LIST, language),
        key="consortium_members",
        placeholder="—",
    )
    download_buttons(
        member_bundle(page.places, page.dataset, answer, contracts, language=language),
        key="consortium_members_file",
        label=text("consortium.download_members", language),
    )


def _section(title: str) -> None:
    st.html(f'<h2 class="section">{escape(title)}</h2>')
