"""What a session remembers from one page to the next, and the link that says it again.

A query declares the names of its widgets and of its parameters in a link; here is what carries
values between the two. A link may hold the choices of every page: those of other pages than the
open one are loaded only where it does.

Streamlit keeps what a widget holds while it is not drawn, if the widget asks for it. Writing the
value again at every run would keep it too, but then the browser is told with every answer what
it told the server before: a person who has clicked on meanwhile loses the newer click.

A button unfolds a part of the page; what is folded is not drawn at all. Streamlit draws the inside
of its popovers at every run, seen or not, unless their opening reruns the page. Then their closing
does too: a click on another page's name closes one, and Streamlit runs the page that was just left
once more, over the new one.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar, cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

from network_map.config import Settings
from network_map.errors import Problem, QueryError, Severity
from network_map.i18n import LANGUAGES, text
from network_map.maps.spec import MAXIMUM_CLASSES, MINIMUM_CLASSES
from network_map.places.query import AreaQuery
from network_map.places.reference import Places
from network_map.query import (
    Context,
    parameters_of,
    query_link,
    query_of_link,
    query_of_state,
    query_state,
)
from network_map.terms import OWN, Classifier, CostUnit, DatasetName, DistanceMethod

DATASETS = (DatasetName.DEMO.value, DatasetName.PUBLIC.value, OWN)
WHOLE_PROVINCE = ""
LINK_VERSION = "2"
_OF_EVERY_LINK = frozenset({"v", "dataset", "lang"})
_Query = TypeVar("_Query", bound=AreaQuery)


def follow_history() -> None:
    """After a step back or forward in the browser, forget the choices: the address has them."""
    run = get_script_run_ctx()
    if run is None or not run.is_history_navigation or not st.query_params:
        return
    forgotten = {key for query in _started() for key in query_state(query())}
    for key in (*forgotten, "language", "dataset", "queries"):
        st.session_state.pop(key, None)


def open_dataset_next(name: str) -> None:
    """Open a data set at the next run: this run has drawn its selector already."""
    st.session_state["next_dataset"] = name


def start_session(settings: Settings) -> None:
    """At the first run of a session, take language and data set from the link or the settings."""
    if "next_dataset" in st.session_state:
        st.session_state["dataset"] = st.session_state.pop("next_dataset")
    if "language" in st.session_state:
        return
    problems: list[Problem] = []
    st.session_state["language"] = _first_choice(
        "lang", LANGUAGES, settings.language, "link_language", problems
    )
    st.session_state["dataset"] = _first_choice(
        "dataset", DATASETS, settings.dataset, "link_dataset", problems
    )
    st.session_state["link_problems"] = problems


def start_query(query: type[AreaQuery], places: Places, context: Context) -> None:
    """Take the choices of a page from the link, at the first run of a session those of all pages.

    Parameters
    ----------
    query
        What the page asks.
    places
        The reference tables.
    context
        The codes of the open data set.
    """
    is_first = "queries" not in st.session_state
    parameters = {name: str(st.query_params[name]) for name in st.query_params} if is_first else {}
    wanted: Sequence[type[AreaQuery]] = (query,)
    if not parameters.keys() <= _OF_EVERY_LINK | {part.link for part in parameters_of(query)}:
        wanted = _all_queries()
    started: list[type[AreaQuery]] = st.session_state.setdefault("queries", [])
    problems: dict[tuple[str | None, str], Problem] = {}
    for fresh in wanted:
        if fresh in started:
            continue
        started.append(fresh)
        found, refused = query_of_link(fresh, parameters, context)
        for key, held in query_state(found).items():
            st.session_state.setdefault(key, held)
        problems |= {(problem.column, problem.value): problem for problem in refused}
    keep_possible(places, context)
    if is_first:
        st.session_state["link_problems"] += problems.values()
        st.session_state["first_link"] = _link(context)


def keep_possible(places: Places, context: Context) -> None:
    """Take away choices that the open data set or the chosen prefecture does not have.

    Parameters
    ----------
    places
        The reference tables.
    context
        The codes of the open data set.
    """
    for part in (part for query in _started() for part in parameters_of(query)):
        # Written only where something is taken away: what is written goes back to the browser
        # and there replaces what the person has clicked meanwhile.
        held = st.session_state.get(part.key) if part.key else None
        if held is not None and (kept_part := part.type.possible(held, context)) is not held:
            st.session_state[part.key] = kept_part
    prefecture, selected = st.session_state["prefecture"], st.session_state["selected"]
    divisions = places.divisions
    inside = divisions.loc[divisions["parent_adcode"] == prefecture, "adcode"]
    if prefecture != WHOLE_PROVINCE and selected not in set(inside):
        select_county(None)


def chosen_query(query: type[_Query], context: Context) -> _Query:
    """Return the query that the session's choices ask for; what cannot be used is left out."""
    return checked_query(query, context)[0]


def checked_query(query: type[_Query], context: Context) -> tuple[_Query, tuple[QueryError, ...]]:
    """Return the query that the session's choices ask for, and what of them cannot be used."""
    return query_of_state(query, session(), context)


def link_problems(context: Context) -> Sequence[Problem]:
    """Return what in the link could not be used, until the person changes the view."""
    if _link(context) != st.session_state.get("first_link"):
        st.session_state["link_problems"] = []
    problems: Sequence[Problem] = st.session_state.get("link_problems", [])
    return problems


def write_link(context: Context) -> None:
    """Put the view into the address, so that the address restores it on whatever page."""
    wanted = _link(context)
    if {name: st.query_params[name] for name in st.query_params} != wanted:
        st.query_params.from_dict(wanted)


def select_county(adcode: str | None) -> None:
    """Select a county everywhere: on the map, in the table and on the card."""
    st.session_state["selected"] = adcode


def _link(context: Context) -> dict[str, str]:
    found = {
        "v": LINK_VERSION,
        "dataset": st.session_state["dataset"],
        "lang": st.session_state["language"],
    }
    for query in _started():
        found |= query_link(chosen_query(query, context), context)
    return found


def _all_queries() -> Sequence[type[AreaQuery]]:
    """Return the queries of all pages, in the order of a link that asks for another page."""
    from network_map.consortia.answer import ConsortiumQuery  # noqa: PLC0415 (not for every page)
    from network_map.contracts.query import ContractQuery  # noqa: PLC0415 (the same)
    from network_map.gaps.query import GapQuery  # noqa: PLC0415 (the same)
    from network_map.indices.answer import IndexQuery  # noqa: PLC0415 (the same)
    from network_map.siting.query import SitingQuery  # noqa: PLC0415 (the same)

    return (GapQuery, SitingQuery, ContractQuery, IndexQuery, ConsortiumQuery)


def _started() -> Sequence[type[AreaQuery]]:
    """Return the queries whose choices the session has."""
    found: Sequence[type[AreaQuery]] = st.session_state.get("queries", ())
    return found


def session() -> Mapping[str, Any]:
    """Return what the session holds, by the keys of widgets."""
    return cast("Mapping[str, Any]", st.session_state)


def _first_choice(
    name: str, allowed: Sequence[str], usual: str, code: str, problems: list[Problem]
) -> str:
    parameters: Mapping[str, str] = st.query_params
    value = parameters.get(name, "")
    if value in allowed:
        return value
    if value:
        problems.append(Problem(code, Severity.NOTE, column=name, value=value[:40]))
    return usual


KEPT: Literal["session"] = "session"
"""For ``persist_state`` of a widget whose choice is kept from one page to the next."""
_KEYS = "kept_choices"


def kept(key: str) -> str:
    """Return the key of a widget, remembered as one whose choice is kept.

    Parameters
    ----------
    key
        Names the widget.
    """
    st.session_state.setdefault(_KEYS, set()).add(key)
    return key


def say_again() -> None:
    """Tell the browser every kept choice once more, after a change of language or of page.

    A list sends back the words of its choice, and in another language the words are others; the
    choices that stand on every page are other widgets on each.
    """
    for key in st.session_state.get(_KEYS, ()):
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]


def choose_classes(places: Sequence[DeltaGenerator], unit: str, language: str) -> None:
    """Draw the choices of the classes.

    Parameters
    ----------
    places
        Where the three of them stand.
    unit
        The unit that own breaks are written in, for people.
    language
        ``zh`` or ``en``.
    """
    classifier_place, count_place, breaks_place = places
    classifier_place.selectbox(
        text("overview.classifier", language),
        [value.value for value in Classifier],
        format_func=lambda value: text(f"term.classifier.{value}", language),
        key=kept("classifier"),
        persist_state=KEPT,
    )
    is_own = st.session_state["classifier"] == Classifier.OWN_BREAKS
    count_place.number_input(
        text("overview.class_count", language),
        min_value=MINIMUM_CLASSES,
        max_value=MAXIMUM_CLASSES,
        key=kept("class_count"),
        persist_state=KEPT,
        disabled=is_own,
    )
    breaks_place.text_input(
        text("overview.own_breaks", language, unit=unit),
        key=kept("own_breaks_text"),
        persist_state=KEPT,
        disabled=not is_own,
        help=text("overview.own_breaks_help", language),
    )


_ICONS = {False: ":material/expand_more:", True: ":material/expand_less:"}


def unfolds(place: DeltaGenerator, words: str, *, key: str) -> bool:
    """Draw the button and return whether its part is unfolded.

    Parameters
    ----------
    place
        Where the button stands.
    words
        On the button.
    key
        Names the button on its page; the part stays as it is from one page to the next.
    """
    is_open = bool(st.session_state.get(_unfolded(key)))
    place.button(
        words,
        key=key,
        icon=_ICONS[is_open],
        on_click=_turn,
        args=(key, not is_open),
    )
    return is_open


def _unfolded(key: str) -> str:
    """Return where the session remembers that a part is unfolded."""
    return f"unfolded.{key}"


def _turn(key: str, is_open: bool) -> None:  # noqa: FBT001 - as Streamlit hands it over
    st.session_state[_unfolded(key)] = is_open


def choose_method(
    key: str, methods: Sequence[DistanceMethod], context: Mapping[str, Any], language: str
) -> None:
    """Draw the choice of how distances are found.

    Parameters
    ----------
    key
        Of the widget.
    methods
        What there is to choose from.
    context
        The codes of the open data set: methods of own travel times are offered where it has any.
    language
        ``zh`` or ``en``.
    """
    offered = [
        method.value
        for method in methods
        if method.unit is CostUnit.KM
        or method in context["travel"]
        or method.value == st.session_state[key]
    ]
    st.selectbox(
        text("gap.method_label", language),
        offered,
        format_func=lambda value: text(f"term.distance_method.{value}", language),
        key=kept(key),
        persist_state=KEPT,
        help=None if context["travel"] else text("gap.travel.bring", language),
    )
