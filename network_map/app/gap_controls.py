"""The choices above the map of coverage gaps, and what of them cannot be used."""

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from network_map.app.kit import gap_state
from network_map.app.kit.frame import Page
from network_map.app.kit.kept_choices import KEPT, kept
from network_map.app.kit.plain import plain
from network_map.app.kit.unfolding import unfolds
from network_map.errors import QueryError
from network_map.gaps.priority import COMPONENTS, PRESETS, is_scaled
from network_map.gaps.query import (
    GAP_METHODS,
    GAP_RULES,
    MOST_SEED,
    MOST_YEARS,
    REACH_KINDS,
    GapPicture,
    GapQuery,
    ListOdds,
)
from network_map.gaps.report import weights_text
from network_map.i18n import error_text, text
from network_map.places.words import kind_names

CHOICE_WIDTH_PX, PRESET_WIDTH_PX = 210, 150

_OF_WEIGHTS = frozenset({"weight_invalid", "weights_all_zero"})


def choose(page: Page, settings_place: DeltaGenerator) -> bool:
    """Draw the choices that are no weights; return whether the settings are unfolded.

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
    is_open = unfolds(row, text("gap.settings", language), key="gap_settings")
    if is_open:
        with settings_place, st.container(border=True):
            _choose_settings(kinds, language)
    return is_open


def choose_weights(language: str) -> None:
    """Draw the choice of the weights."""
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    row.selectbox(
        text("gap.weights_label", language),
        [*PRESETS, gap_state.OWN_WEIGHTS],
        format_func=partial(_preset_word, language=language),
        key=kept("gap_preset"),
        persist_state=KEPT,
        on_change=gap_state.take_preset,
        width=PRESET_WIDTH_PX,
    )
    with row.popover(text("gap.edit_weights", language)):
        _choose_weights(language)


def chosen(page: Page) -> GapQuery:
    """Return what was chosen, and say what of it cannot be used."""
    language = page.language
    query, problems = gap_state.query()
    for problem in problems:
        st.warning(plain(error_text(_in_words(problem, page), language)))
        if problem.code in _OF_WEIGHTS:
            st.warning(text("gap.weights_refused", language))
    written = gap_state.written_weights()
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


def _preset_word(name: str, language: str) -> str:
    key = "gap.own_weights" if name == gap_state.OWN_WEIGHTS else f"gap.preset.{name}"
    return text(key, language)


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
            on_change=gap_state.take_weight,
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
        st.selectbox(
            text("gap.odds_label", language),
            [odds.value for odds in ListOdds],
            format_func=lambda odds: text(f"gap.odds.{odds}", language),
            key=kept("gap_odds"),
            persist_state=KEPT,
            help=text("gap.odds_help", language),
            width=CHOICE_WIDTH_PX,
        )
