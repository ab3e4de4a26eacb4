"""The blocks of the page of site selection: sites, map and reasons in one viewport."""

import os
from dataclasses import replace
from functools import partial
from html import escape
from math import isfinite

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from network_map.app import siting_answers
from network_map.app.kit import choices as state
from network_map.app.kit import memo as cached
from network_map.app.kit.choices import KEPT, choose_method, kept
from network_map.app.kit.frame import HEADED_HEIGHT, PANE_HEIGHT, Page, page_links, panes, told
from network_map.app.kit.map import missing_assets, show_map
from network_map.app.kit.tables import (
    column_config,
    later_download_buttons,
    linked_table,
    list_download_buttons,
    plain,
)
from network_map.config import day_of_making
from network_map.errors import MissingFileError
from network_map.gaps.query import GAP_METHODS, MOST_STANDARD_KM
from network_map.i18n import number_text, text
from network_map.maps.charts import Bar, column_chart, table_rows
from network_map.places.reference import kind_names, place_names
from network_map.siting.answer import SiteAnswer
from network_map.siting.map import site_map
from network_map.siting.query import (
    MOST_SECONDS,
    MOST_SITES,
    SITED_KINDS,
    SiteBand,
    SiteDemand,
    SiteModel,
    SitingQuery,
)
from network_map.siting.report import compared_plans, comparison_stem, site_stem
from network_map.siting.solve_process import SolveReport
from network_map.siting.tables import SITE_COMPARISON, SITE_PLAN
from network_map.terms import AdminLevel, CostUnit, DistanceMethod, NodeKind

QUERY = SitingQuery
"""What the page asks."""
_LISTED = ["order", "site_name", "gained_counties", "gained_residents", "chosen_percent"]
_DIGITS = {"gained_residents": 0, "chosen_percent": 0}
_PEOPLE = 10_000
_TABLE_HEIGHT_PX = 300


@st.fragment
def show(page: Page) -> None:
    """Show the page; a choice or a click in it reruns this part only, not the whole page.

    Parameters
    ----------
    page
        What the page works with.
    """
    with told(page.language):
        bar = st.container(
            key="site_bar", horizontal=True, vertical_alignment="bottom", gap="small"
        )
        with bar:
            choose(page)
        finding_place = st.empty()
        query = state.chosen_query(SitingQuery, page.context)
        state.write_link(page.context)
        answer = _solved(page, query, finding_place)
        if answer is None:
            return
        finding_place.html(f'<p class="site-finding">{escape(answer.headline)}</p>')
        list_pane, map_pane, card_pane = panes()
        with map_pane:
            _show_map(page, answer, query)
        with list_pane:
            _show_list(page, answer, query)
        with card_pane:
            _show_card(page, answer, query)
        with bar:
            _show_downloads(page, query)
        _show_curve(answer, query)
        _show_comparison(page, answer, query)


# --- the choices ----------------------------------------------------------------------------------


def choose(page: Page) -> None:
    """Draw what is built, how many, by which model, and the rest where it is asked for."""
    language = page.language
    kinds = kind_names(page.dataset.node_kinds, language, short=True)
    st.selectbox(
        text("siting.filter.kind", language), SITED_KINDS, format_func=kinds.__getitem__,
        key=kept("site_kind"), persist_state=KEPT, width=170,
    )  # fmt: skip
    st.number_input(
        text("siting.filter.count", language), min_value=1, max_value=MOST_SITES, step=1,
        key=kept("site_count"), persist_state=KEPT, width=120,
    )  # fmt: skip
    _select("model", [model.value for model in SiteModel], language, width=180)
    _select("demand", [demand.value for demand in SiteDemand], language, width=170)
    unit = DistanceMethod(st.session_state["site_method"]).unit
    st.number_input(
        text("siting.filter.standard", language, unit=text(f"unit.{unit.value}", language)),
        min_value=0.0, max_value=float(MOST_STANDARD_KM),
        step=10.0, format="%.0f", placeholder=text("siting.page.usual", language),
        key=kept("site_standard" if unit is CostUnit.KM else "site_minutes"),
        persist_state=KEPT, width=150,
    )  # fmt: skip
    st.toggle(
        text("siting.page.evidence", language), key=kept("site_evidence"), persist_state=KEPT,
        help=text("siting.page.evidence_help", language),
    )  # fmt: skip
    with st.popover(text("siting.page.more", language)):
        _choose_more(page)


def _select(name: str, options: list[str], language: str, *, width: int | None = None) -> None:
    st.selectbox(
        text(f"siting.filter.{name}", language),
        options,
        format_func=lambda value: text(f"siting.{name}.{value}", language),
        key=kept(f"site_{name}"),
        persist_state=KEPT,
        width="stretch" if width is None else width,
    )


def _choose_more(page: Page) -> None:
    """Draw what is left out, what is supposed to be there or gone, and how distances are taken."""
    language = page.language
    names = place_names(page.places.divisions, language)
    divisions = page.places.divisions
    level = _level_of(st.session_state["site_kind"])
    every = divisions.loc[divisions["level"].isin(["prefecture", "county"]), "adcode"].tolist()
    of_kind = divisions.loc[divisions["level"] == level.value, "adcode"].tolist()
    for name, options in (("excluded", every), ("added", of_kind), ("closed", of_kind)):
        held = [code for code in st.session_state[f"site_{name}"] if code not in options]
        st.multiselect(
            text(f"siting.filter.{name}", language),
            [*options, *held],
            format_func=lambda code: names.get(code, code),
            placeholder=text("siting.filter.none", language),
            key=kept(f"site_{name}"),
            persist_state=KEPT,
        )
    st.number_input(
        text("siting.filter.most", language), min_value=0, max_value=MOST_SITES, step=1,
        key=kept("site_per_prefecture"), persist_state=KEPT,
    )  # fmt: skip
    choose_method("site_method", GAP_METHODS, page.context, language)
    _select("band", [band.value for band in SiteBand], language)
    st.toggle(text("gap.higher_tier", language), key=kept("site_higher_tier"), persist_state=KEPT)
    st.number_input(
        text("siting.filter.seconds", language), min_value=1, max_value=MOST_SECONDS, step=30,
        key=kept("site_seconds"), persist_state=KEPT,
    )  # fmt: skip


def _level_of(kind: str) -> AdminLevel:
    return AdminLevel.PREFECTURE if kind == NodeKind.SUB_MARKET else AdminLevel.COUNTY


# --- the solve ------------------------------------------------------------------------------------


def _solved(page: Page, query: SitingQuery, place: DeltaGenerator) -> SiteAnswer | None:
    """Return the answer, its progress shown meanwhile; None where the person has ended it."""
    language = page.language
    asked = siting_answers.asked(query)
    if st.session_state.get("site_ended") == asked:
        with place.container(horizontal=True, vertical_alignment="center"):
            st.caption(text("siting.page.ended", language))
            st.button(
                text("siting.page.again", language), key="site_again",
                on_click=partial(st.session_state.pop, "site_ended", None),
            )  # fmt: skip
        return None
    with place.container(horizontal=True, vertical_alignment="center"):
        line = st.empty()
        st.button(text("siting.page.end", language), key="site_end", on_click=_end, args=(asked,))

    def tell(report: SolveReport) -> None:
        line.caption(_progress_words(report, language))

    with siting_answers.told_of_progress(tell):
        return siting_answers.answer(page.dataset, query)


def _progress_words(report: SolveReport, language: str) -> str:
    seconds = number_text(report.seconds, 0)
    if report.is_waiting:
        return text("siting.page.waiting", language, seconds=seconds)
    if report.part:
        return text(
            "siting.page.progress_part", language, seconds=seconds, done=report.done,
            part=text(f"siting.part.{report.part}", language),
            total=f"/{report.total}" if report.total else "",
        )  # fmt: skip
    return text(
        "siting.page.progress", language, best=_figure(report.best),
        bound=_figure(report.bound), seconds=seconds,
    )  # fmt: skip


def _figure(value: float) -> str:
    return number_text(value, 1) if isfinite(value) else "–"


def _end(asked: SitingQuery) -> None:
    st.session_state["site_ended"] = asked


# --- the panes ------------------------------------------------------------------------------------


def _show_map(page: Page, answer: SiteAnswer, query: SitingQuery) -> None:
    if missing := missing_assets():
        raise MissingFileError("map_asset_missing", files="、".join(missing))
    show_map(
        site_map(page.places, page.dataset, replace(answer, query=query)),
        key="site_map",
        height=PANE_HEIGHT,
        on_click=state.select_county,
        tile_layers=cached.settings().tile_layers,
    )


def _show_list(page: Page, answer: SiteAnswer, query: SitingQuery) -> None:
    language = query.language
    head = st.container(horizontal=True, vertical_alignment="center", gap="small")
    head.button(
        text("siting.page.keep", language), key="site_keep",
        on_click=_keep, args=(siting_answers.asked(query),),
    )  # fmt: skip
    if answer.standing:
        standing = text("siting.page.standing", language, count=len(answer.standing))
        head.html(f'<span class="note">{escape(standing)}</span>', width="content")
    columns = [
        name for name in _LISTED
        if name != "chosen_percent" or answer.rows["chosen_percent"].notna().any()
    ]  # fmt: skip
    names = place_names(page.places.divisions, language, short=True)
    linked_table(
        table_rows(
            answer.rows.assign(site_name=answer.rows["site_adcode"].map(names)), SITE_PLAN,
            columns=columns, id_column="site_adcode",
            label=answer.headline, language=language, missing="–",
            digits={**_DIGITS, "gained_counties": 1 if answer.is_open else 0},
        ),
        key="site_table",
        selected=_selected_site(answer),
        height=HEADED_HEIGHT,
        on_choose=_choose_site,
    )  # fmt: skip


def _selected_site(answer: SiteAnswer) -> str | None:
    held = st.session_state.get("site_selected")
    sites = answer.plan.sites
    return held if held in sites else next(iter(sites), None)


def _choose_site(adcode: str | None) -> None:
    st.session_state["site_selected"] = adcode


def _keep(asked: SitingQuery | None) -> None:
    st.session_state["site_first"] = asked


def _show_card(page: Page, answer: SiteAnswer, query: SitingQuery) -> None:
    """Show why the chosen site, how far the plan is proven, and the selected county."""
    language = query.language
    names = place_names(page.places.divisions, language)
    site = _selected_site(answer)
    parts = []
    # Who has clicked a county looks for it: it stands where the eye is.
    if query.selected_adcode is not None:
        _show_county(page, answer, query)
    if site is not None:
        parts.append(f"<h2>{escape(names[site])}</h2>")
        parts += [f'<p class="why">{escape(line)}</p>' for line in answer.cards.get(site, ())]
        if not query.evidence:
            parts.append(
                f'<p class="note">{escape(text("siting.page.evidence_hint", language))}</p>'
            )
    parts.append(f"<h3>{escape(text('siting.page.proof', language))}</h3>")
    parts += [f"<p>{escape(line)}</p>" for line in (answer.proof, *answer.notes)]
    st.html(f'<div class="card gap-card">{"".join(parts)}</div>')
    if query.selected_adcode is None:
        _show_county(page, answer, query)
    page_links("gaps", language=language)


def _show_county(page: Page, answer: SiteAnswer, query: SitingQuery) -> None:
    """Show what the plan does for the selected county, and what one may suppose there."""
    language, code = query.language, query.selected_adcode
    if code is None:
        st.caption(text("siting.page.county_hint", language))
        return
    names = place_names(page.places.divisions, language)
    rows = answer.counties[answer.counties["adcode"] == code].to_dict("records")
    said = text("siting.page.county_same", language)
    if rows:
        row = rows[0]
        key = "county"
        if not answer.is_open:
            key = "county_gained" if row["gained_percent"] else "county_lost"
        said = text(
            f"siting.page.{key}", language, site=row["site_name"],
            km=number_text(row["km"], 0), unit=text(f"unit.{query.unit.value}", language),
            gained=number_text(row["gained_percent"], 0), lost=number_text(row["lost_percent"], 0),
        )  # fmt: skip
    st.html(f'<div class="card"><h3>{escape(names[code])}</h3><p>{escape(said)}</p></div>')
    parents = page.places.divisions.set_index("adcode")["parent_adcode"]
    is_prefecture = _level_of(query.kind) is AdminLevel.PREFECTURE
    place = str(parents[code]) if is_prefecture else code
    row_place = st.container(horizontal=True, gap="small")
    for name in ("added", "closed"):
        is_on = place in st.session_state[f"site_{name}"]
        row_place.button(
            text(f"siting.page.{'not_' if is_on else ''}{name}", language, place=names[place]),
            key=f"site_suppose_{name}", on_click=_suppose, args=(name, place),
        )  # fmt: skip


def _suppose(name: str, place: str) -> None:
    """Suppose a node in a place, or that it is gone; supposed already, take it back."""
    held = list(st.session_state[f"site_{name}"])
    other = "closed" if name == "added" else "added"
    st.session_state[f"site_{name}"] = (
        [code for code in held if code != place] if place in held else sorted([*held, place])
    )
    st.session_state[f"site_{other}"] = [
        code for code in st.session_state[f"site_{other}"] if code != place
    ]
    state.say_again()


def _show_downloads(page: Page, query: SitingQuery) -> None:
    query = replace(query, made_on=day_of_making(os.environ))
    with st.popover(text("gap.export", page.language), type="primary"):
        list_download_buttons(
            partial(siting_answers.bundle, page.dataset, query),
            file_stem=site_stem(page.dataset, query),
            key="site_plan",
            language=page.language,
        )


# --- below the panes ------------------------------------------------------------------------------


def _show_curve(answer: SiteAnswer, query: SitingQuery) -> None:
    """Show counties and residents within the standard by the number of sites."""
    if answer.curve.empty:
        return
    language = query.language
    for figure, size, digits in (("counties", 1, 1), ("residents", _PEOPLE, 1)):
        head = text(f"siting.page.curve_{figure}", language)
        st.html(f'<h2 class="section">{escape(head)}</h2>')
        columns = [
            [
                Bar(
                    label=str(row["site_count"]),
                    size=float(row[f"{side}_{figure}"]) / size,
                    text=number_text(float(row[f"{side}_{figure}"]) / size, digits),
                    title=text(
                        "siting.page.curve_title",
                        language,
                        count=row["site_count"],
                        more=number_text(float(row[f"marginal_{figure}"]) / size, digits),
                    ),
                    series=number,
                )
                for number, side in enumerate(("best", "built"))
            ]
            for row in answer.curve.to_dict("records")
        ]
        names = [text(f"siting.page.curve_{side}", language) for side in ("best", "built")]
        st.html(column_chart(columns, names, label=head))


def _show_comparison(page: Page, answer: SiteAnswer, query: SitingQuery) -> None:
    """Show what the kept plan and this one have each alone."""
    first: SitingQuery | None = st.session_state.get("site_first")
    if first is None:
        return
    language = query.language
    st.html(f'<h2 class="section">{escape(text("siting.page.comparison", language))}</h2>')
    first = replace(first, language=language)
    first_answer = siting_answers.answer(page.dataset, first)
    found = compared_plans(page.places, first_answer, answer, language=language)
    st.write(plain(found.headline))
    for note in found.notes:
        st.caption(plain(note))
    sides = found.rows["side"].map(lambda side: text(f"siting.page.side_{side}", language))
    st.dataframe(
        found.rows.assign(side=sides),
        hide_index=True,
        height=_TABLE_HEIGHT_PX,
        column_config=column_config(SITE_COMPARISON, language),
        key="site_comparison_table",
        placeholder="—",
    )
    row = st.container(horizontal=True, gap="small")
    row.button(
        text("siting.page.forget", language), key="site_forget", on_click=_keep, args=(None,)
    )
    today = replace(query, made_on=day_of_making(os.environ))
    with row:
        later_download_buttons(
            partial(siting_answers.comparison, page.dataset, first, today),
            file_stem=comparison_stem(
                (page.dataset.name, page.dataset.name),
                (first_answer, answer),
                made_on=today.made_on,
            ),
            key="site_comparison",
            label=text("siting.page.comparison_files", language),
            language=language,
        )
