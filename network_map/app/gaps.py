"""The blocks of the page of coverage gaps, in the order a planner reads them.

The choices above the map of coverage gaps, and what of them cannot be used.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from html import escape

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from network_map.app import gap_answers
from network_map.app.kit import choices as state
from network_map.app.kit import memo as cached
from network_map.app.kit.choices import KEPT, kept, unfolds
from network_map.app.kit.frame import Page, told
from network_map.app.kit.map import missing_assets, show_map
from network_map.app.kit.tables import (
    LIST_FORMATS,
    column_config,
    later_download_buttons,
    linked_table,
    plain,
)
from network_map.config import day_of_making
from network_map.errors import MissingFileError, QueryError
from network_map.gaps.answer import Gaps, verdict_counts
from network_map.gaps.calls import call_bundle, call_stem
from network_map.gaps.card import CardPart, card_parts
from network_map.gaps.closures import loss_bundle, loss_stem
from network_map.gaps.map import gap_map
from network_map.gaps.query import (
    GAP_METHODS,
    GAP_RULES,
    MOST_SEED,
    MOST_YEARS,
    REACH_KINDS,
    GapPicture,
    GapQuery,
    ListOdds,
    held_weights,
)
from network_map.gaps.report import gap_bundle, gap_stem, parts_text, weights_text
from network_map.gaps.tables import GAP_LOSSES
from network_map.gaps.weights import (
    COMPONENTS,
    OWN_WEIGHTS,
    PRESETS,
    as_tuple,
    is_scaled,
    preset_of,
)
from network_map.i18n import error_text, number_text, text
from network_map.maps.charts import Bar, bar_list
from network_map.places.reference import kind_names, place_names
from network_map.terms import AdminLevel

CHOICE_WIDTH_PX, PRESET_WIDTH_PX = 210, 150

_OF_WEIGHTS = frozenset({"weight_invalid", "weights_all_zero"})


def choose(page: Page, settings_place: DeltaGenerator) -> None:
    """Draw the choices that are no weights.

    Parameters
    ----------
    page
        What the page works with.
    settings_place
        Where standards and rules unfold.
    """
    language = page.language
    kinds = kind_names(page.dataset.node_kinds, language, short=True)
    st.selectbox(
        text("gap.choose_map", language),
        [picture.value for picture in GapPicture],
        format_func=lambda picture: text(f"gap.picture.{picture}", language),
        key=kept("gap_picture"),
        persist_state=KEPT,
        width=CHOICE_WIDTH_PX,
    )
    st.selectbox(
        text("gap.tier", language), REACH_KINDS, format_func=lambda kind: kinds[kind],
        key=kept("gap_tier"), persist_state=KEPT, width=CHOICE_WIDTH_PX,
    )  # fmt: skip
    row = st.container(width="content")
    if unfolds(row, text("gap.settings", language), key="gap_settings"):
        with settings_place, st.container(border=True):
            _choose_settings(kinds, language)


def choose_weights(language: str) -> None:
    """Draw the choice of the weights."""
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    row.selectbox(
        text("gap.weights_label", language),
        [*PRESETS, OWN_WEIGHTS],
        format_func=partial(_preset_word, language=language),
        key=kept("gap_preset"),
        persist_state=KEPT,
        on_change=_take_preset,
        width=PRESET_WIDTH_PX,
    )
    with row.popover(text("gap.edit_weights", language)):
        _choose_weights(language)


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
        for key, value in problem.values.items()  # noqa: PD011 - no frame
    }
    return QueryError(problem.code, **values)


def _preset_word(name: str, language: str) -> str:
    key = "gap.own_weights" if name == OWN_WEIGHTS else f"gap.preset.{name}"
    return text(key, language)


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


def _select(label: str, key: str, options: list[str], words: str, language: str) -> None:
    st.selectbox(
        text(f"gap.{label}", language),
        [str(option) for option in options],
        format_func=lambda value: text(f"{words}.{value}", language),
        key=kept(key),
        persist_state=KEPT,
    )


def _choose_weights(language: str) -> None:
    st.caption(text("gap.weight_help", language))
    for name in COMPONENTS:
        st.number_input(
            text(f"gap.component.{name}", language),
            step=0.05,
            format="%.2f",
            key=kept(f"gap_weight_{name}"),
            persist_state=KEPT,
            on_change=_take_weight,
        )


def _choose_settings(kinds: dict[str, str], language: str) -> None:
    st.caption(text("gap.standards_note", language))
    # All kinds in one row, so that the map stays in sight below.
    fields = st.columns(2 * len(REACH_KINDS), vertical_alignment="bottom")
    for kind, km_place, rule_place in zip(REACH_KINDS, fields[::2], fields[1::2], strict=True):
        km_place.number_input(
            text("gap.standard_label", language, kind=kinds[kind]),
            step=10.0,
            format="%.0f",
            key=kept(f"gap_km_{kind}"),
            persist_state=KEPT,
        )
        rule_place.selectbox(
            text("gap.rule_label", language, kind=kinds[kind]),
            [rule.value for rule in GAP_RULES],
            format_func=lambda rule: text(f"term.service_rule.{rule}", language),
            key=kept(f"gap_rule_{kind}"),
            persist_state=KEPT,
        )
    method_place, years_place, seed_place = st.columns([2, 1, 1], vertical_alignment="bottom")
    with method_place:
        _select(
            "method_label", "gap_method", [method.value for method in GAP_METHODS],
            "term.distance_method", language,
        )  # fmt: skip
    years_place.number_input(
        text("gap.years_label", language),
        min_value=1,
        max_value=MOST_YEARS,
        key=kept("gap_years"),
        persist_state=KEPT,
    )
    seed_place.number_input(
        text("gap.seed_label", language),
        min_value=0,
        max_value=MOST_SEED,
        key=kept("gap_seed"),
        persist_state=KEPT,
    )
    with st.container(horizontal=True, gap="large", vertical_alignment="bottom"):
        st.toggle(
            text("gap.one_per_place", language), key=kept("gap_one_per_place"), persist_state=KEPT
        )
        st.toggle(text("gap.nested", language), key=kept("gap_nested"), persist_state=KEPT)
        st.toggle(
            text("gap.higher_tier", language), key=kept("gap_higher_tier"), persist_state=KEPT
        )
        st.selectbox(
            text("gap.odds_label", language),
            [odds.value for odds in ListOdds],
            format_func=lambda odds: text(f"gap.odds.{odds}", language),
            key=kept("gap_odds"),
            persist_state=KEPT,
            help=text("gap.odds_help", language),
            width=CHOICE_WIDTH_PX,
        )


MAP_HEIGHT_PX = 520
TABLE_HEIGHT_PX = 380
CALLS_HEIGHT_PX = 260
LOSSES_HEIGHT_PX = 320
QUERY = GapQuery
"""What the page asks."""


@st.fragment
def show(page: Page) -> None:
    """Show the page; a choice in it reruns this part only, not the whole page.

    Parameters
    ----------
    page
        What the page works with.
    """
    with told(page.language):
        # The choices are drawn after the answer, into a place kept for them: the browser then has
        # the answer while it still builds the rest.
        choices_place = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
        settings_place = st.container()
        show_answer(page)
        with choices_place:
            choose(page, settings_place)


@st.fragment
def show_answer(page: Page) -> None:
    """Show weights, map and lists; a moved weight or a chosen county reruns these alone.

    Parameters
    ----------
    page
        What the page works with.
    """
    with told(page.language):
        # Sentences come and go in a place of their own, so that the map keeps its number.
        notes_place = st.container()
        try:
            with notes_place:
                query, answer = _counted(page)
        finally:
            # The weights stand above the contributions that they make, also where nothing else can.
            map_place, card_place = st.columns([2.6, 1])
            with card_place.container(height=MAP_HEIGHT_PX, border=True):
                choose_weights(page.language)
                county_place = st.container()
        state.write_link(page.context)
        if answer.table.empty:
            map_place.info(text("gap.table_empty", page.language, area=page.area_name))
            return
        with map_place:
            _show_map(page, answer, query)
        with county_place:
            _show_county(page, answer, query)
        _show_table(page, query)
        _show_downloads(page, query)
        _show_calls(page, query)
        _show_fragile(page, query)


def _counted(page: Page) -> tuple[GapQuery, Gaps]:
    """Return query and answer, and say what there is to say.

    All of the part is counted before any of it is drawn: the browser draws once, and what it then
    fetches does not wait for a server that counts.
    """
    query = chosen(page)
    answer = gap_answers.answer(page.dataset, query)
    gap_answers.rows(page.dataset, query)
    gap_answers.call_list(page.dataset, query)
    _say_notes(page, answer, query)
    if answer.weights_in_effect:
        shown = parts_text(answer.weights_in_effect, page.language)
        st.caption(text("gap.weights_in_effect", page.language, weights=shown))
    return query, answer


def _say_notes(page: Page, answer: Gaps, query: GapQuery) -> None:
    """Count the verdicts of the chosen kind, say what its list lacks, and keep the rest at hand."""
    language = page.language
    kind = kind_names(page.dataset.node_kinds, language, short=True)[query.tier]
    counts = " · ".join(
        f"{text(f'gap.verdict.{verdict.value}', language)} {count}"
        for verdict, count in verdict_counts(answer, query.tier).items()
    )
    first = answer.list_notes.get(query.tier)
    others = [note for note in answer.notes if note != first]
    line = text("gap.summary", language, kind=kind, counts=counts)
    said = plain(" ".join(said for said in (line, first) if said))
    if not others:
        st.caption(said)
        return
    said_place, rest_place = st.columns([5, 1], vertical_alignment="center")
    said_place.caption(said)
    with rest_place.popover(text("gap.more_notes", language, count=len(others)), width="stretch"):
        st.markdown("\n\n".join(map(plain, others)))


def _show_map(page: Page, answer: Gaps, query: GapQuery) -> None:
    with told(page.language):
        if missing := missing_assets():
            raise MissingFileError("map_asset_missing", files="、".join(missing))
        show_map(
            gap_map(page.dataset, answer, query=query, tier=gap_answers.tier(page.dataset, query)),
            key="gap_map",
            height=MAP_HEIGHT_PX,
            on_click=state.select_county,
            tile_layers=cached.settings().tile_layers,
        )


def _show_county(page: Page, answer: Gaps, query: GapQuery) -> None:
    """Show where the score of the selected county comes from, another one beside it."""
    language = page.language
    row = _row_of(answer, query.selected_adcode)
    if row is None:
        st.caption(text("gap.card_hint", language))
        return
    most = 100.0 * max(query.weights)  # of both counties, so that they compare
    kinds = kind_names(page.dataset.node_kinds, language, short=True)
    st.html(_county_html(row, most, kinds, language))
    names = place_names(page.places.divisions, language)
    counties = page.places.divisions
    codes = counties.loc[counties["level"] == AdminLevel.COUNTY, "adcode"]
    st.selectbox(
        text("gap.compare_label", language),
        ["", *codes],
        format_func=lambda code: names.get(code, text("gap.compare_none", language)),
        key=kept("gap_compare"),
        persist_state=KEPT,
    )
    if query.compared_adcode is None:
        return
    whole = gap_answers.answer(page.dataset, replace(query, prefecture_adcode=None))
    other = _row_of(whole, query.compared_adcode)
    if other is not None:
        st.html(_county_html(other, most, kinds, language))


def _row_of(answer: Gaps, adcode: str | None) -> pd.Series | None:
    """Return the row of a county, None where the list has none."""
    place = {code: place for place, code in enumerate(answer.table["adcode"].tolist())}.get(adcode)
    return None if place is None else answer.table.iloc[place]


def _county_html(row: pd.Series, most: float, kinds: Mapping[str, str], language: str) -> str:
    parts = "".join(map(_part_html, card_parts(row, kinds, language=language)))
    rest = f'<div class="card"><p>{escape(str(row["reason"]))}</p>{parts}</div>'
    name = f"<h2>{escape(str(row['county_name']))}</h2>"
    if pd.isna(row["rank"]):
        return f'<div class="card">{name}</div>{rest}'
    lines = [text("gap.score_line", language, score=number_text(row["score"], 2))]
    ends = {"low": row["rank_low"], "high": row["rank_high"]}
    lines.append(text("gap.rank_interval_line", language, rank=row["rank"], **ends))
    bars = [
        Bar(
            text(f"gap.component.{name}", language),
            float(row[f"contribution_{name}"]),
            text("gap.points", language, points=number_text(row[f"contribution_{name}"], 2)),
        )
        for name in COMPONENTS
    ]
    title = text(
        "gap.contributions", language, name=row["county_name"], score=number_text(row["score"], 2)
    )
    told_lines = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return f'<div class="card">{name}{told_lines}</div>{bar_list(title, bars, most=most)}{rest}'


def _part_html(part: CardPart) -> str:
    lines = "".join(
        f'<div class="line"><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>'
        for label, value in part.lines
    )
    notes = "".join(f"<p>{escape(note)}</p>" for note in part.notes)
    return f"<h3>{escape(part.title)}</h3><dl>{lines}</dl>{notes}"


def _show_table(page: Page, query: GapQuery) -> None:
    """Show the list; a chosen row selects the county on the map."""
    rows = gap_answers.rows(page.dataset, query)
    st.html(f'<h2 class="section">{escape(rows.title)}</h2>')
    linked_table(
        rows.json_bytes,
        key="gap_table",
        selected=query.selected_adcode,
        height=TABLE_HEIGHT_PX,
        on_choose=state.select_county,
    )


def _show_downloads(page: Page, query: GapQuery) -> None:
    query = replace(query, made_on=day_of_making(os.environ))
    later_download_buttons(
        partial(
            gap_bundle,
            page.places,
            page.dataset,
            gap_answers.facts(page.dataset, query),
            query=query,
        ),
        file_stem=gap_stem(page.dataset, query),
        key="gap_list",
        label=text("gap.download", page.language),
        language=page.language,
    )


def _show_calls(page: Page, query: GapQuery) -> None:
    """Show which unknown fact, settled by one call, would change the first ten most."""
    language = page.language
    calls = gap_answers.calls(page.dataset, query)
    rows = gap_answers.call_list(page.dataset, query)
    st.html(f'<h2 class="section">{escape(rows.title)}</h2>')
    if not rows.counties:
        st.caption(text("gap.calls_none", language))
        return
    linked_table(
        rows.json_bytes,
        key="gap_calls",
        selected=None,
        height=CALLS_HEIGHT_PX,
        on_choose=partial(_choose_call, rows.counties),
    )
    st.caption(text("gap.calls_note", language))
    later_download_buttons(
        partial(call_bundle, page.places, page.dataset, calls, query=query),
        file_stem=call_stem(page.dataset),
        key="gap_calls_file",
        label=text("gap.calls_download", language),
        language=language,
        formats=LIST_FORMATS,
    )


def _choose_call(counties: Mapping[str, str], row_id: str | None) -> None:
    """Select the county of a call; a prefecture or the province is none."""
    adcode = counties.get(str(row_id))
    if isinstance(adcode, str) and not adcode.endswith("00"):
        state.select_county(adcode)


def _show_fragile(page: Page, query: GapQuery) -> None:
    """Show the named nodes whose closure would make the verdict of counties worse."""
    language = page.language
    lost = gap_answers.fragile(page.dataset, query)
    bars = [
        Bar(name, float(count), text("gap.fragile_count", language, count=count))
        for name, count in lost
    ]
    none = f"<p>{escape(text('gap.fragile_none', language))}</p>"
    title = f'<h2 class="section">{escape(text("gap.fragile", language))}</h2>'
    st.html(title + (bar_list("", bars) if bars else none))
    if not bars:
        return
    row = st.container(horizontal=True)
    if not unfolds(row, text("gap.losses_open", language), key="gap_losses_open"):
        return
    st.caption(text("gap.losses_note", language))
    bundle = partial(
        loss_bundle, page.places, page.dataset, gap_answers.facts(page.dataset, query), query=query
    )
    st.dataframe(
        bundle().table,
        hide_index=True,
        height=LOSSES_HEIGHT_PX,
        column_config=column_config(GAP_LOSSES, language),
        column_order=GAP_LOSSES.names[:-2],
        key="gap_losses",
        placeholder="—",
    )
    later_download_buttons(
        bundle,
        file_stem=loss_stem(page.dataset, query),
        key="gap_losses_file",
        label=text("gap.losses_download", language),
        language=language,
        formats=LIST_FORMATS,
    )
