"""What a person says about a list before it is read: kind, origin, new kinds, columns."""

import streamlit as st

from network_map.app.kit.frame import Page
from network_map.app.kit.import_parts import match_columns
from network_map.app.kit.kept_choices import KEPT, kept
from network_map.i18n import text
from network_map.nodes.importing.node_kinds import parse_new_kind
from network_map.nodes.importing.preview import NodeListOptions, NodeListPreview
from network_map.nodes.importing.words import NODE_SYNONYMS
from network_map.nodes.tables import NODES
from network_map.places.words import kind_names
from network_map.terms import Origin

_AUTOMATIC = ""
_OFFERED_ORIGINS = (Origin.REPORTED, Origin.OFFICIAL)


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
    origin = origin_place.selectbox(
        text("import.page.origin", language),
        [value.value for value in _OFFERED_ORIGINS],
        format_func=lambda value: text(f"term.origin.{value}", language),
        key=kept("import_origin"),
        persist_state=KEPT,
    )
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
        origin=Origin(origin),
    )


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
