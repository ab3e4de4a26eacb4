"""The gap map: ranked list, map and card of a county in one viewport, under one row of views."""

import os
from dataclasses import replace
from functools import partial
from html import escape

import streamlit as st

from network_map.app import gap_answers
from network_map.app.kit import choices as state
from network_map.app.kit import memo as cached
from network_map.app.kit.choices import KEPT, choose_method, kept
from network_map.app.kit.frame import HEADED_HEIGHT, Page, page_links, panes, say_version, told
from network_map.app.kit.map import component, missing_assets, show_map, static_address
from network_map.app.kit.tables import (
    LIST_FORMATS,
    later_download_buttons,
    linked_table,
    list_download_buttons,
    plain,
)
from network_map.config import app_root, day_of_making
from network_map.errors import MissingFileError, QueryError
from network_map.gaps.ask_first import call_bundle, call_stem
from network_map.gaps.card import (
    card_html,
    comparison_html,
    next_card_html,
    short_unit,
)
from network_map.gaps.facts import travel_notes
from network_map.gaps.next_node import NextNode, loss_bundle, loss_stem
from network_map.gaps.query import (
    GAP_METHODS,
    GAP_RULES,
    MOST_SEED,
    MOST_YEARS,
    REACH_KINDS,
    GapOverlay,
    GapQuery,
    GapView,
    ListOdds,
    NextKind,
    held_weights,
)
from network_map.gaps.ranked_list import next_list
from network_map.gaps.report import gap_bundle, gap_stem, weights_text
from network_map.gaps.tables import TIERS
from network_map.gaps.weights import (
    COMPONENTS,
    OWN_WEIGHTS,
    PRESETS,
    as_tuple,
    is_scaled,
    preset_of,
)
from network_map.i18n import count_text, error_text, text
from network_map.places.reference import kind_names, place_names
from network_map.terms import AdminLevel, CostUnit, DistanceMethod, MapGap, NodeKind

QUERY = GapQuery
"""What the page asks."""
_ANSWER = "gap_answer"
"""Key of the part of the page that lists and counts the counties."""
_FINDING = "gap_finding"
_OF_WEIGHTS = frozenset({"weight_invalid", "weights_all_zero"})


@st.fragment
def show(page: Page) -> None:
    """Show the page in three parts, one in the other: a choice reruns its part and what is in it.

    Around stand the settings, then what lists and counts the counties, and in the middle list,
    map and card: a click in them is answered without drawing the rest again.

    Parameters
    ----------
    page
        What the page works with.
    """
    with st.container(key="gap_page", gap=None):
        settings = st.container(key="gap_settings", horizontal=True, vertical_alignment="center")
        with told(page.language), settings:
            _choose_settings(page)
        _show_answer(page)


@st.fragment(key=_ANSWER)
def _show_answer(page: Page) -> None:
    """Show views, finding and files, and the panes below them."""
    bar = st.container(key="gap_bar", horizontal=True, vertical_alignment="center", gap="small")
    finding_place = st.container(key="gap_finding_row")
    notes_place = st.container(key="gap_notes")
    with bar:
        _choose_view(page)
    with told(page.language):
        with notes_place:
            query = chosen(page)
        # What cannot be answered is said here, before anything of it is drawn.
        gap_answers.counties(page.dataset, query)
        with finding_place:
            _show_finding(page, query)
        with bar:
            _show_downloads(page, query)
        _show_panes(page)


@st.fragment
def _show_panes(page: Page) -> None:
    """Show list, map and card; a click in one is seen in all of them."""
    if st.session_state.pop("prefecture_chosen", False):
        st.rerun()  # it stands in the bar of the page too, which this part does not draw
    list_pane, map_pane, card_pane = panes()
    with told(page.language):
        query = state.chosen_query(GapQuery, page.context)
        following = gap_answers.following_nodes(page.dataset, query)
        state.write_link(page.context)
        with map_pane, told(page.language):
            _show_map(page, query)
        with list_pane:
            _show_list(page, query, following)
        with card_pane:
            _show_card_pane(page, query, following)


# --- the choices ----------------------------------------------------------------------------------


def _choose_view(page: Page) -> None:
    language = page.language
    st.pills(
        text("gap.choose_view", language),
        [view.value for view in _VIEWS],
        required=True,
        format_func=lambda view: text(f"gap.view.{view}", language),
        key=kept("gap_view"),
        persist_state=KEPT,
        label_visibility="collapsed",
        wrap=False,
    )
    st.toggle(text("gap.only_gaps", language), key=kept("gap_only_gaps"), persist_state=KEPT)


_VIEWS = (
    GapView.GAP_TYPE, GapView.NETWORK, GapView.SUB_MARKET, GapView.DEMONSTRATION_COUNTY,
    GapView.COUNTY_CENTRE, GapView.CONTRACT_COVERAGE, GapView.INDUSTRY_CONSORTIUM,
    GapView.PRIORITY,
)  # fmt: skip


_SIGNS = {
    "star": "★", "square": "■", "triangle": "▲", "circle": "●", "diamond": "◆", "cross": "✚",
}  # fmt: skip


def _answer_again() -> None:
    """Draw the finding and the files again too: they are about what was just chosen."""
    st.rerun(_ANSWER)


def _answer_network() -> None:
    """Draw the finding again where it counts the kinds of nodes that are drawn."""
    if st.session_state["gap_view"] == GapView.NETWORK:
        _answer_again()


def _choose_layers(page: Page) -> None:
    language = page.language
    names = kind_names(page.dataset.node_kinds, language, short=True)
    names |= {kind: text(f"gap.layer.{kind}", language) for kind in NodeKind if kind in names}
    signs = dict(zip(page.dataset.node_kinds["kind"], page.dataset.node_kinds["symbol"],
                     strict=True))  # fmt: skip
    names = {kind: f"{_SIGNS.get(signs[kind], '')} {name}" for kind, name in names.items()}
    names |= {layer.value: text(f"gap.layer.{layer}", language) for layer in GapOverlay}
    tiers = [kind for kind in page.shown_kinds if kind in set(NodeKind)]
    offered = [*tiers, *(layer.value for layer in GapOverlay), *page.shown_kinds]
    st.pills(
        text("gap.choose_layers", language),
        list(dict.fromkeys([*offered, *st.session_state["gap_layers"]])),
        selection_mode="multi",
        format_func=lambda layer: plain(names.get(layer) or layer),
        key=kept("gap_layers"),
        persist_state=KEPT,
        on_change=_answer_network,
        label_visibility="collapsed",
        wrap=False,
    )


def _choose_settings(page: Page) -> None:
    """Draw standards, rules, method, weights and lists, over the page and only when asked for."""
    language = page.language
    kinds = kind_names(page.dataset.node_kinds, language, short=True)
    unit = DistanceMethod(st.session_state["gap_method"]).unit
    written = text(f"unit.{unit.value}", language)
    standards = " · ".join(
        text(f"gap.standard_short.{kind}", language, unit=short_unit(unit, language),
             km=f"{st.session_state[f'gap_{unit.value}_{kind}']:g}")
        for kind in REACH_KINDS[:2]
    )  # fmt: skip
    st.html(f'<span class="note">{escape(standards)}</span>', width="content")
    with st.popover(text("gap.settings", language)):
        st.caption(text("gap.standards_note", language))
        for kind in REACH_KINDS[:2]:
            km_place, rule_place = st.columns(2)
            km_place.number_input(
                text("gap.standard_label", language, kind=kinds[kind], unit=written),
                step=10.0,
                format="%.0f",
                key=kept(f"gap_{unit.value}_{kind}"),
                persist_state=KEPT,
            )
            rule_place.selectbox(
                text("gap.rule_label", language, kind=kinds[kind]),
                [rule.value for rule in GAP_RULES],
                format_func=lambda rule: text(f"term.service_rule.{rule}", language),
                key=kept(f"gap_rule_{kind}"),
                persist_state=KEPT,
            )
        method_place, years_place = st.columns(2)
        with method_place:
            choose_method("gap_method", GAP_METHODS, page.context, language)
        years_place.number_input(
            text("gap.years_label", language),
            min_value=1,
            max_value=MOST_YEARS,
            key=kept("gap_years"),
            persist_state=KEPT,
        )
        _choose_weights(language)
        _choose_lists(language)


def _choose_weights(language: str) -> None:
    st.selectbox(
        text("gap.weights_label", language),
        [*PRESETS, OWN_WEIGHTS],
        format_func=partial(_preset_word, language=language),
        key=kept("gap_preset"),
        persist_state=KEPT,
        on_change=_take_preset,
        help=text("gap.weight_help", language),
    )
    for place, name in zip(st.columns(len(COMPONENTS)), COMPONENTS, strict=True):
        place.number_input(
            text(f"gap.component.{name}", language),
            step=0.05,
            format="%.2f",
            key=kept(f"gap_weight_{name}"),
            persist_state=KEPT,
            on_change=_take_weight,
        )


def _choose_lists(language: str) -> None:
    odds_place, seed_place = st.columns(2)
    odds_place.selectbox(
        text("gap.odds_label", language),
        [odds.value for odds in ListOdds],
        format_func=lambda odds: text(f"gap.odds.{odds}", language),
        key=kept("gap_odds"),
        persist_state=KEPT,
        help=text("gap.odds_help", language),
    )
    seed_place.number_input(
        text("gap.seed_label", language),
        min_value=0,
        max_value=MOST_SEED,
        key=kept("gap_seed"),
        persist_state=KEPT,
    )
    st.toggle(text("gap.one_per_place", language), key=kept("gap_one_per_place"),
              persist_state=KEPT)  # fmt: skip
    st.toggle(text("gap.nested", language), key=kept("gap_nested"), persist_state=KEPT)
    st.toggle(text("gap.higher_tier", language), key=kept("gap_higher_tier"), persist_state=KEPT)


def _preset_word(name: str, language: str) -> str:
    return text("gap.own_weights" if name == OWN_WEIGHTS else f"gap.preset.{name}", language)


def _take_preset() -> None:
    """Write the weights of the chosen preset into the four fields."""
    preset = PRESETS.get(st.session_state["gap_preset"])
    for name, weight in (preset or {}).items():
        st.session_state[f"gap_weight_{name}"] = weight


def _take_weight() -> None:
    """Call the weights own ones where they are no preset any more."""
    try:
        found = preset_of(as_tuple(held_weights(state.session())))
    except QueryError:
        found = None
    st.session_state["gap_preset"] = found or OWN_WEIGHTS


def chosen(page: Page) -> GapQuery:
    """Return what was chosen, and say what of it cannot be used."""
    language = page.language
    query, problems = state.checked_query(GapQuery, page.context)
    for problem in problems:
        st.warning(plain(error_text(_in_words(problem, page), language)))
        if problem.code in _OF_WEIGHTS:
            st.warning(text("gap.weights_refused", language))
    written = held_weights(state.session())
    if is_scaled(written) and not any(p.code in _OF_WEIGHTS for p in problems):
        shown = weights_text(query.weights, language)
        total = f"{sum(written.values()):.3g}"
        st.caption(text("gap.scaled", language, total=total, weights=shown))
    if st.session_state["gap_nested"] and not query.one_per_place:
        st.caption(text("gap.nested_needs_one", language))
    return query


def _in_words(problem: QueryError, page: Page) -> QueryError:
    """Return a problem whose components and kinds are called as the page calls them."""
    language = page.language
    words = {name: text(f"gap.component.{name}", language) for name in COMPONENTS}
    words |= kind_names(page.dataset.node_kinds, language, short=True)
    comma = "、"
    values = {
        key: comma.join(words.get(part, part) for part in value.split(comma))
        if isinstance(value, str)
        else value
        for key, value in problem.values.items()
    }
    return QueryError(problem.code, **values)


# --- the panes ------------------------------------------------------------------------------------


def _show_finding(page: Page, query: GapQuery) -> None:
    """Show the finding; its numbers are the filters of the list."""
    travel = gap_answers.facts(page.dataset, query).cost.travel
    missing = "" if travel is None else count_text(travel.missing_count)
    component(_FINDING, static_address("static/finding/finding.js"))(
        key=_FINDING,
        data={
            "mark": text("gap.invented", query.language) if page.dataset.is_demo else "",
            "parts": [
                [part.text, None if part.gap is None else part.gap.value]
                for part in gap_answers.finding(page.dataset, query)
            ],
            "filters": [gap.value for gap in query.gap_filter],
            "note": text("gap.travel.short", query.language, missing=missing) if missing else "",
            "failure": "".join(part.text for part in gap_answers.finding(page.dataset, query)),
        },
        on_gap_change=_take_filter,
    )


def _take_filter() -> None:
    _turn_filter(str(getattr(st.session_state.get(_FINDING), "gap", None)))


def _travel_notes(page: Page, query: GapQuery) -> tuple[str, ...]:
    kinds = kind_names(page.dataset.node_kinds, page.language, short=True)
    return travel_notes(gap_answers.facts(page.dataset, query), kinds, page.language)


def _turn_filter(code: str) -> None:
    """List only the counties of a class, or all of them again."""
    known = [gap.value for gap in MapGap]
    held = [str(gap) for gap in st.session_state["gap_filter"]]
    if code in known:
        st.session_state["gap_filter"] = [gap for gap in known if (gap in held) != (gap == code)]


def _show_map(page: Page, query: GapQuery) -> None:
    _choose_layers(page)
    if missing := missing_assets():
        raise MissingFileError("map_asset_missing", files="、".join(missing))
    show_map(
        gap_answers.drawn_map(page.dataset, query),
        key="gap_map",
        height=HEADED_HEIGHT,
        on_click=state.select_county,
        on_legend=_turn_class,
        tile_layers=cached.settings().tile_layers,
    )


def _turn_class(code: str) -> None:
    _turn_filter(code)
    _answer_again()


def _show_list(page: Page, query: GapQuery, following: NextNode | None) -> None:
    language = page.language
    head = st.container(horizontal=True, vertical_alignment="center", gap="small")
    head.segmented_control(
        text("gap.choose_level", language),
        [AdminLevel.COUNTY.value, AdminLevel.PREFECTURE.value],
        required=True,
        format_func=lambda level: text(f"gap.level.{level}", language),
        key=kept("level"),
        persist_state=KEPT,
        on_change=_answer_again,
        label_visibility="collapsed",
    )
    if query.view in TIERS:
        is_on = query.next_kind.value == query.view.value
        head.button(
            text("gap.next.button", language), key="gap_next_button",
            type="primary" if is_on else "secondary",
            on_click=_turn_next, args=(NextKind.NONE if is_on else NextKind(query.view.value),),
        )  # fmt: skip
    if following is not None:
        linked_table(
            next_list(page.places, following, query),
            key="gap_next_table",
            selected=query.next_place,
            height=HEADED_HEIGHT,
            on_choose=_choose_next,
        )
        return
    is_county = query.level is AdminLevel.COUNTY
    if is_county:
        unit = text(f"unit.{query.unit.value}", language)
        order = text(f"gap.order.{query.view}", language, unit=unit)
        head.html(
            f'<span class="note">{escape(order)}</span>',
            width="content",
        )
    linked_table(
        gap_answers.listed(page.dataset, query),
        key="gap_table",
        selected=query.selected_adcode if is_county else query.prefecture_adcode,
        height=HEADED_HEIGHT,
        on_choose=state.select_county if is_county else _choose_prefecture,
    )


def _turn_next(kind: NextKind) -> None:
    st.session_state["gap_next"] = kind.value
    st.session_state["gap_next_place"] = None
    _answer_again()


def _choose_next(adcode: str | None) -> None:
    st.session_state["gap_next_place"] = adcode


def _show_next(page: Page, query: GapQuery, following: NextNode) -> None:
    kinds = kind_names(page.dataset.node_kinds, page.language, short=True)
    st.html(next_card_html(following, query.next_place, query=query, kind=kinds[query.view.value]))
    if st.button(text("siting.page.open", page.language), key="gap_to_siting"):
        kind = query.view.value
        standard = {service.kind: service.standard_km for service in query.services}[kind]
        st.session_state["site_kind"] = kind
        field = "site_standard" if query.unit is CostUnit.KM else "site_minutes"
        st.session_state[field] = standard
        st.session_state["site_method"] = query.method.value
        st.switch_page(app_root() / "pages" / "siting.py")


def _choose_prefecture(adcode: str | None) -> None:
    st.session_state["prefecture"] = adcode or state.WHOLE_PROVINCE
    st.session_state["prefecture_chosen"] = True


def _show_card_pane(page: Page, query: GapQuery, following: NextNode | None) -> None:
    if following is not None:
        _show_next(page, query, following)
    elif query.next_kind.value == query.view.value:
        st.caption(text("gap.next.no_lists", page.language))
    if note := gap_answers.hierarchy_note(page.dataset, query):
        st.caption(note)
    _show_card(page, query, is_hint=following is None)
    for note in _travel_notes(page, query):
        st.caption(plain(note))
    if not page.dataset.is_demo:
        say_version(page.dataset, page.language)


def _show_card(page: Page, query: GapQuery, *, is_hint: bool) -> None:
    """Show the card of the selected county, another one beside it, and the way to its details."""
    if query.selected_adcode is None:
        if is_hint:
            st.html(gap_answers.hint(page.dataset, query))
        return
    language, rows = page.language, gap_answers.county_rows(page.dataset, query)
    kinds = kind_names(page.dataset.node_kinds, language, short=True)
    st.html(
        card_html(
            rows[query.selected_adcode], query=query, kinds=kinds,
            nodes=gap_answers.node_names(page.dataset, language),
            scores=gap_answers.score_rows(page.dataset, query)[query.selected_adcode],
        )
    )  # fmt: skip
    names = place_names(page.places.divisions, language)
    st.selectbox(
        text("gap.compare_label", language),
        ["", *rows],
        format_func=lambda code: names.get(code, text("gap.compare_none", language)),
        key=kept("gap_compare"),
        persist_state=KEPT,
        label_visibility="collapsed",
    )
    page_links("contracts", "consortia", "indices", language=language)
    if query.compared_adcode is not None:
        one, other = rows[query.selected_adcode], rows[query.compared_adcode]
        st.html(comparison_html(one, other, query=query, kinds=kinds))


def _show_downloads(page: Page, query: GapQuery) -> None:
    """Show one button; the files are listed once it was pressed."""
    opener = st.popover(
        text("gap.export", page.language), type="primary", key="gap_files", on_change="rerun"
    )
    if not opener.open:
        return
    query = replace(query, made_on=day_of_making(os.environ))
    facts = gap_answers.facts(page.dataset, query)
    asked_lists = gap_answers.calls(page.dataset, query)
    calls = partial(call_bundle, page.places, page.dataset, asked_lists, query=query)
    losses = partial(loss_bundle, page.places, page.dataset, facts, query=query)
    with opener:
        list_download_buttons(
            partial(gap_bundle, page.places, page.dataset, facts, query=query),
            file_stem=gap_stem(page.dataset, query),
            key="gap_list",
            language=page.language,
        )
        for make, stem, name in (
            (calls, call_stem(page.dataset), "calls_download"),
            (losses, loss_stem(page.dataset, query), "losses_download"),
        ):
            later_download_buttons(
                make,
                file_stem=stem,
                key=f"gap_{name}",
                label=text(f"gap.{name}", page.language),
                language=page.language,
                formats=LIST_FORMATS,
            )
