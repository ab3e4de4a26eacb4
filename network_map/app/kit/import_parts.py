"""What the import pages draw alike: header matches, open questions, the list of problems.

What a person says about a list before it is read: kind, origin, new kinds, columns.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from network_map.app.kit.choices import KEPT, kept
from network_map.app.kit.frame import Page
from network_map.app.kit.tables import (
    Width,
    column_config,
    download_buttons,
    later_download_buttons,
    plain,
)
from network_map.datasets.node_outcome import Decision, RowDecisions, decisions_of
from network_map.export import Bundle
from network_map.i18n import text
from network_map.listfiles.headers import HeaderMatch
from network_map.nodes.importing.preview import NodeListOptions, NodeListPreview
from network_map.nodes.importing.words import NODE_SYNONYMS, parse_new_kind
from network_map.nodes.tables import IMPORT_PROBLEMS, IMPORT_QUESTIONS, NODES
from network_map.places.reference import kind_names
from network_map.terms import Origin

AUTOMATIC = ""
# A sentence is read whole, not guessed from its beginning: Streamlit breaks lines in rows of more
# than 4 rem only.
_TALL_ROW_PX = 66
WIDTHS: dict[str, Width] = {
    "row": "small",
    "severity": "small",
    "decision": "small",
    "sentence": "large",
}


class MatchedList(Protocol):
    """A list whose headers were matched."""

    @property
    def headers(self) -> tuple[HeaderMatch, ...]:
        """What was made of each header."""

    @property
    def dropped_columns(self) -> tuple[str, ...]:
        """Headers of people and doors: never offered."""

    @property
    def file_sha256(self) -> str:
        """The file: another one has matches of its own."""


def match_columns(
    found: MatchedList,
    offered: Sequence[str],
    column_name: Callable[[str], str],
    *,
    key: str,
    language: str,
) -> dict[str, str | None]:
    """Draw what was made of each header and return the matches that a person changed.

    Parameters
    ----------
    found
        The list.
    offered
        Columns that a header can be.
    column_name
        Their words.
    key
        Begins the keys of the boxes.
    language
        ``zh`` or ``en``.
    """
    choices = [AUTOMATIC, *offered]
    changed: dict[str, str | None] = {}
    places = st.columns(3)
    for match in found.headers:
        if match.header in found.dropped_columns or not match.header:
            continue
        usual = match.column if match.column in choices else AUTOMATIC
        box = f"{key}_{found.file_sha256[:8]}_{match.position}"
        st.session_state.setdefault(box, usual or AUTOMATIC)
        confidence = text(f"import.confidence.{match.confidence.value}", language)
        label = text("import.page.header", language, header=match.header, confidence=confidence)
        chosen = places[match.position % len(places)].selectbox(
            plain(label),
            choices,
            format_func=lambda name: (
                text("import.page.not_read", language) if name == AUTOMATIC else column_name(name)
            ),
            key=kept(box),
            persist_state=KEPT,
        )
        if chosen != (usual or AUTOMATIC):
            changed[match.header] = chosen or None
    return changed


def decide(questions: pd.DataFrame, *, key: str, language: str) -> RowDecisions:
    """Draw the open questions of a list and return what a person decided.

    Parameters
    ----------
    questions
        Table ``import_questions``.
    key
        Of the table on screen.
    language
        ``zh`` or ``en``.
    """
    config = column_config(IMPORT_QUESTIONS, language, WIDTHS)
    words = [text(f"import.decision.{value.value}", language) for value in Decision]
    config["decision"] = st.column_config.SelectboxColumn(
        IMPORT_QUESTIONS.column("decision").heading(language), options=words, required=True
    )
    decided = st.data_editor(
        questions,
        hide_index=True,
        disabled=["row", "column", "sentence"],
        column_order=["sentence", "decision", "answer"],
        column_config=config,
        row_height=_TALL_ROW_PX,
        placeholder="",
        key=key,
    )
    return decisions_of(decided, language)


def show_problems(
    bundle: Bundle,
    *,
    title: str,
    expanded: bool,
    key: str,
    language: str,
    whole: Callable[[], Bundle] | None = None,
) -> None:
    """Draw everything there is to say about a list, with its downloads.

    Parameters
    ----------
    bundle
        Table ``import_problems``.
    title
        Above it.
    expanded
        Whether it is open at first.
    key
        Of the table; the downloads' keys begin with it.
    language
        ``zh`` or ``en``.
    whole
        Makes the bundle that is downloaded where it says more than the one shown: as text, which
        any number of rows fits into.
    """
    with st.expander(title, expanded=expanded):
        st.dataframe(
            bundle.table,
            hide_index=True,
            column_config=column_config(IMPORT_PROBLEMS, language, WIDTHS),
            row_height=_TALL_ROW_PX,
            key=key,
            placeholder="—",
        )
        files_key = key.removeprefix("import_")
        if whole is None:
            download_buttons(bundle, key=files_key)
            return
        later_download_buttons(
            whole,
            file_stem=bundle.file_stem,
            key=files_key,
            label=text("import.page.every_problem", language),
            language=language,
            formats=("csv",),
        )


_AUTOMATIC = ""
_OFFERED_ORIGINS = (Origin.OFFICIAL, Origin.REPORTED)


def choose_options(page: Page) -> NodeListOptions:
    """Draw the choices about the list as a whole and return what was chosen."""
    language = page.language
    kinds = kind_names(page.dataset.node_kinds, language)
    kind_place, origin_place, new_place = st.columns(3)
    default_kind = kind_place.selectbox(
        text("import.page.default_kind", language),
        [_AUTOMATIC, *kinds],
        format_func=lambda kind: kinds.get(kind, text("import.page.automatic", language)),
        key=kept("import_default_kind"),
        persist_state=KEPT,
        help=text("import.page.default_kind_help", language),
    )
    origin = choose_origin(origin_place, language)
    new_kinds = new_place.text_input(
        text("import.page.new_kinds", language),
        key=kept("import_new_kinds"),
        persist_state=KEPT,
        help=text("import.page.new_kinds_help", language),
    )
    names = [name.strip() for name in new_kinds.replace(",", ",").replace("、", ",").split(",")]
    return NodeListOptions(
        default_kind=default_kind or None,
        new_kinds=tuple(parse_new_kind(name) for name in names if name),
        origin=origin,
    )


def choose_origin(place: DeltaGenerator, language: str) -> Origin:
    """Draw the choice of where a list comes from, and return it."""
    chosen = place.selectbox(
        text("import.page.origin", language),
        [value.value for value in _OFFERED_ORIGINS],
        format_func=lambda value: text(f"term.origin.{value}", language),
        key=kept("import_origin"),
        persist_state=KEPT,
    )
    return Origin(chosen)


def choose_columns(preview: NodeListPreview, language: str) -> dict[str, str | None]:
    """Draw what was made of each header and return the matches that a person changed."""
    # Columns that the reader tells apart by their cells have no name of their own.
    offered = [name for name in NODE_SYNONYMS if "_or_" not in name]
    return match_columns(
        preview,
        offered,
        lambda name: _column_name(name, language),
        key="import_column",
        language=language,
    )


def _column_name(name: str, language: str) -> str:
    if name in NODES.names:
        return NODES.column(name).heading(language)
    return text(f"import.column.{name}", language)
