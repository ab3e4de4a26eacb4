"""Declared tables on screen, and their downloads."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from network_map.export import (
    FORMATS,
    MEDIA_TYPES,
    META_ENDING,
    Bundle,
    column_heading,
    file_bytes,
    formats_of,
    stem_name,
)
from network_map.i18n import text
from network_map.schema.columns import Column, ColumnType, Table

Width = Literal["small", "medium", "large"]
_USUAL = ("csv", "xlsx")
"""The downloads that stand on the page; the others open from one button."""


LIST_FORMATS = ("csv", "xlsx")
"""Formats of a list without places."""


def column_config(
    table: Table, language: str, widths: Mapping[str, Width] = MappingProxyType({})
) -> dict[str, Any]:
    """Return heading, help and number format of each column, from its declaration.

    Parameters
    ----------
    table
        The declaration.
    language
        ``zh`` or ``en``.
    widths
        ``small``, ``medium`` or ``large`` for the columns that need it.
    """
    return {
        column.name: _config(column, language, widths.get(column.name)) for column in table.columns
    }


def download_buttons(bundle: Bundle, *, key: str, label: str = "") -> None:
    """Show the downloads of a bundle; a file is made when it is asked for."""
    later_download_buttons(
        lambda: bundle,
        file_stem=bundle.file_stem,
        key=key,
        label=label,
        language=bundle.language,
        formats=formats_of(bundle),
    )


def later_download_buttons(
    make_bundle: Callable[[], Bundle],
    *,
    file_stem: str,
    key: str,
    label: str,
    language: str,
    formats: tuple[str, ...] = FORMATS,
) -> None:
    """Show the downloads of a bundle that is made, like its files, when it is asked for.

    Parameters
    ----------
    make_bundle
        Returns the bundle; called outside the page's run, so it must not read the session.
    file_stem
        Name of the files without their ending.
    key
        Distinguishes the buttons of a page.
    label
        Stands before the format.
    language
        ``zh`` or ``en``.
    formats
        The formats that can hold the bundle.
    """

    def button(place: DeltaGenerator, kind: str, words: str) -> None:
        place.download_button(
            words,
            data=partial(_file, make_bundle, kind),
            file_name=stem_name(file_stem, kind),
            mime=MEDIA_TYPES[kind],
            key=f"{key}_{kind}",
            on_click="ignore",
        )

    row = st.container(horizontal=True)
    for kind in _USUAL:
        button(row, kind, f"{label} {kind.upper()}".strip())
    # What is not seen is not drawn: a page has several of these, and draws them at every run.
    more = row.popover(text("download.more", language), on_change="rerun", key=f"{key}_more")
    if more.open:
        for kind in (*(kind for kind in formats if kind not in _USUAL), META_ENDING):
            button(more, kind, text(f"download.{kind.replace('.', '_')}", language))


def _file(make_bundle: Callable[[], Bundle], kind: str) -> bytes:
    return file_bytes(make_bundle(), kind)


def _config(column: Column, language: str, width: Width | None) -> object:
    heading = column_heading(column, language)
    about = (column.about_zh if language == "zh" else column.about_en) or None
    if column.type is ColumnType.INTEGER:
        return st.column_config.NumberColumn(heading, width=width, help=about, format="localized")
    if column.type is ColumnType.NUMBER:
        return st.column_config.NumberColumn(heading, width=width, help=about, format="%.2f")
    if column.type is ColumnType.BOOLEAN:
        return st.column_config.CheckboxColumn(heading, width=width, help=about)
    return st.column_config.TextColumn(heading, width=width, help=about)
