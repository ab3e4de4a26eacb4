"""What a session remembers from one page to the next, and the link that says it again.

Choices that outlast the widget that shows them.

Streamlit keeps what a widget holds while it is not drawn, if the widget asks for it. Writing the
value again at every run would keep it too, but then the browser is told with every answer what
it told the server before: a person who has clicked on meanwhile loses the newer click.

How values are cut into classes: the same choices on every page with a coloured map.

A button that unfolds a part of the page; what is folded is not drawn at all.

Streamlit draws the inside of its popovers at every run, seen or not, unless their opening reruns
the page. Then their closing does too: a click on another page's name closes one, and Streamlit
runs the page that was just left once more, over the new one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

from network_map.app.kit import contract_state, gap_state, index_state
from network_map.config import Settings
from network_map.consortia.query import choice_from_link, consortium_link
from network_map.consortia.tables import consortium_tables
from network_map.errors import Problem, Severity
from network_map.i18n import LANGUAGES, text
from network_map.maps.classes import MAXIMUM_CLASSES, MINIMUM_CLASSES
from network_map.nodes.dataset import Dataset
from network_map.nodes.query import (
    LINK_VERSION,
    Overlay,
    OverviewQuery,
    link_parameters,
    parse_breaks,
    query_from_link,
)
from network_map.places.reference import Places
from network_map.terms import OWN, AdminLevel, Classifier, DatasetName

DATASETS = (DatasetName.DEMO.value, DatasetName.PUBLIC.value, OWN)
WHOLE_PROVINCE = ""

_ALL_CHOICES = (
    "language", "dataset", "prefecture", "kinds", "overlay", "level", "classifier", "class_count",
    "own_breaks_text", "hierarchy_lines", "consortium", "member_standard_km", "consortium_shown",
    *contract_state.CHOICES, *gap_state.CHOICES, *index_state.CHOICES,
)  # fmt: skip


def follow_history() -> None:
    """After a step back or forward in the browser, forget the choices: the address has them."""
    run = get_script_run_ctx()
    if run is None or not run.is_history_navigation or not st.query_params:
        return
    for key in _ALL_CHOICES:
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
    st.session_state["selected"] = None


def start_query(places: Places, dataset: Dataset) -> None:
    """At the first run of a session, take the view from the link."""
    if "prefecture" in st.session_state:
        return
    parameters = {name: str(st.query_params[name]) for name in st.query_params}
    query, problems = query_from_link(
        parameters, places.divisions, dataset.node_kinds, st.session_state["language"]
    )
    st.session_state["prefecture"] = query.prefecture_adcode or WHOLE_PROVINCE
    st.session_state["kinds"] = list(query.kinds)
    st.session_state["overlay"] = query.overlay.value
    st.session_state["level"] = query.level.value
    st.session_state["classifier"] = query.classifier.value
    st.session_state["class_count"] = query.class_count
    st.session_state["own_breaks_text"] = ", ".join(f"{value:g}" for value in query.own_breaks)
    st.session_state["hierarchy_lines"] = query.hierarchy
    st.session_state["selected"] = query.selected_adcode
    problems += contract_state.start(parameters)
    problems += gap_state.start(parameters, places.divisions)
    problems += index_state.start(parameters)
    known = list(consortium_tables(dataset).consortia["consortium_id"])
    wanted, standard_km, consortium_problems = choice_from_link(parameters, known)
    st.session_state["consortium"] = wanted
    st.session_state["member_standard_km"] = standard_km
    st.session_state["link_problems"] += [*problems, *consortium_problems]
    keep_possible(places, dataset)
    st.session_state["first_link"] = _link(chosen_query(dataset))


def keep_possible(places: Places, dataset: Dataset) -> None:
    """Take away choices that the open data set or the chosen prefecture does not have.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    """
    known = set(dataset.node_kinds["kind"])
    chosen = st.session_state["kinds"]
    # Written only where something is taken away: what is written goes back to the browser and
    # there replaces what the person has clicked meanwhile.
    if not known.issuperset(chosen):
        st.session_state["kinds"] = [kind for kind in chosen if kind in known]
    prefecture, selected = st.session_state["prefecture"], st.session_state["selected"]
    known_consortia = list(consortium_tables(dataset).consortia["consortium_id"])
    st.session_state["usual_consortium"] = known_consortia[0] if known_consortia else None
    if st.session_state["consortium"] not in known_consortia:
        st.session_state["consortium"] = st.session_state["usual_consortium"]
    divisions = places.divisions
    inside = divisions.loc[divisions["parent_adcode"] == prefecture, "adcode"]
    if prefecture != WHOLE_PROVINCE and selected not in set(inside):
        select_county(None)


def chosen_query(dataset: Dataset) -> OverviewQuery:
    """Return the view that the session's choices describe; own breaks that are none are left out.

    Parameters
    ----------
    dataset
        The open data set; its kinds give the order.
    """
    chosen = st.session_state
    return OverviewQuery(
        language=chosen["language"],
        prefecture_adcode=chosen["prefecture"] or None,
        kinds=tuple(kind for kind in dataset.node_kinds["kind"] if kind in chosen["kinds"]),
        overlay=Overlay(chosen["overlay"]),
        level=AdminLevel(chosen["level"]),
        classifier=Classifier(chosen["classifier"]),
        class_count=int(chosen["class_count"]),
        own_breaks=parse_breaks(chosen["own_breaks_text"]) or (),
        selected_adcode=chosen["selected"],
        hierarchy=bool(chosen["hierarchy_lines"]),
    )


def link_problems(dataset: Dataset) -> Sequence[Problem]:
    """Return what in the link could not be used, until the person changes the view."""
    if _link(chosen_query(dataset)) != st.session_state.get("first_link"):
        st.session_state["link_problems"] = []
    problems: Sequence[Problem] = st.session_state.get("link_problems", [])
    return problems


def write_link(dataset: Dataset) -> None:
    """Put the view into the address, so that the address restores it on whatever page."""
    wanted = _link(chosen_query(dataset))
    if {name: st.query_params[name] for name in st.query_params} != wanted:
        st.query_params.from_dict(wanted)


def with_classes(query: OverviewQuery, classifier: Classifier, class_count: int) -> OverviewQuery:
    """Return the query with other classes."""
    return replace(query, classifier=classifier, class_count=class_count)


def select_county(adcode: str | None) -> None:
    """Select a county everywhere: on the map, in the table and on the card."""
    st.session_state["selected"] = adcode


def _link(query: OverviewQuery) -> dict[str, str]:
    return {
        "v": LINK_VERSION,
        "dataset": st.session_state["dataset"],
        "lang": st.session_state["language"],
        **link_parameters(query),
        **contract_state.link(),
        **gap_state.link(),
        **index_state.link(),
        **consortium_link(
            st.session_state["consortium"],
            st.session_state["member_standard_km"],
            usual_id=st.session_state["usual_consortium"],
        ),
    }


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
