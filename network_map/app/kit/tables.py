"""Declared tables on screen, and their downloads.

Text of people's own in places that read Markdown: shown as it was typed, never carried out.

The look that Streamlit's theme cannot set: a dense page whose biggest thing is the map.

A table on a page that is linked to the map: a row is chosen here, or marked from there.

Streamlit's own table sends all its rows again when another row is marked. This one fetches the
rows once, by their hash, and is told the chosen row only.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import streamlit as st

from network_map.app.kit.choices import unfolds
from network_map.app.kit.map import component, file_url, static_address
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
from network_map.i18n import DEFAULT_LANGUAGE, text
from network_map.listfiles.grid import DEFAULT_LIMITS
from network_map.tables import Column, ColumnType, Table

Width = Literal["small", "medium", "large"]
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
        What is downloaded, for the button that opens the formats.
    language
        ``zh`` or ``en``.
    formats
        The formats that can hold the bundle.
    """
    _menu(
        {kind: partial(_file, make_bundle, kind) for kind in (*formats, META_ENDING)},
        file_stem=file_stem,
        key=key,
        words=text("download.menu", language, what=label).strip(),
        language=language,
    )


def list_download_buttons(
    make_bundle: Callable[[], Bundle], *, file_stem: str, key: str, language: str
) -> None:
    """Show the downloads of a bundle one below the other; a file is made when it is asked for.

    Parameters
    ----------
    make_bundle, file_stem, key, language
        As for :func:`later_download_buttons`.
    """
    for kind in (*FORMATS, META_ENDING):
        st.download_button(
            text(f"download.{kind.replace('.', '_')}", language),
            data=partial(_file, make_bundle, kind),
            file_name=stem_name(file_stem, kind),
            mime=MEDIA_TYPES[kind],
            key=f"{key}_{kind}",
            on_click="ignore",
            width="stretch",
        )


@st.fragment
def _menu(
    files: Mapping[str, Callable[[], bytes]],
    *,
    file_stem: str,
    key: str,
    words: str,
    language: str,
) -> None:
    """Show one button that unfolds the formats: a page has several of these, drawn at every run."""
    row = st.container(horizontal=True)
    if not unfolds(row, words, key=f"{key}_files"):
        return
    for kind, make in files.items():
        row.download_button(
            text(f"download.{kind.replace('.', '_')}", language),
            data=make,
            file_name=stem_name(file_stem, kind),
            mime=MEDIA_TYPES[kind],
            key=f"{key}_{kind}",
            on_click="ignore",
        )


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


# What has a meaning inside a line, and what has one at its beginning. The rest stays as it is,
# because Streamlit reads labels to the blind with the backslashes in them.
_MEANT = re.compile(r"([\\`*_\[\]<>&~$]|:(?=[a-z]))")
_AT_START = re.compile(r"^(\d*)(?=[#+\-=|.)])")


def plain(text: str) -> str:
    """Return Markdown of one line that shows the text as it is: no picture, link or list in it.

    Streamlit reads the texts of its messages, labels and buttons as Markdown. A file's heading
    or a link's parameter could otherwise make the page fetch a picture from elsewhere. A
    backslash before ASCII punctuation takes its meaning away (CommonMark 0.31, 2.4).
    """
    line = " ".join(text.split())
    return _AT_START.sub(r"\1\\", _MEANT.sub(r"\\\1", line))


UPLOAD_MEGABYTES = DEFAULT_LIMITS.max_bytes // 1_000_000
LIST_FILE_TYPES = [
    "csv",
    "txt",
    "tsv",
    "xlsx",
    "xlsm",
    "xls",
    "et",
    "ods",
    "parquet",
    "geojson",
    "json",
    "gpkg",
    "zip",
]
"""Endings of the files that a list may come in."""
ROAD_FILE_TYPES = ["pbf"]
"""Endings of a file of roads."""

IN_DOCUMENT = "network-map-style"
"""Header of a connection whose page has the look from its start document already."""

_STYLE = Path(__file__).with_name("style.css").read_text("utf-8")


def upload_style(limit: str, refused: str) -> str:
    """Return the style element of a page whose uploads have a limit of their own.

    Parameters
    ----------
    limit
        How large a file may be.
    refused
        What is said of a file of another kind or a larger one.
    """
    return _words({"upload-limit": limit, "upload-refused": refused})


def base_style() -> str:
    """Return the style element of every page in every language."""
    return f"<style>{_STYLE}</style>"


def page_style(language: str, *, is_in_document: bool) -> str:
    """Return the style element of every page, with the words that only a style can replace.

    Parameters
    ----------
    language
        ``zh`` or ``en``.
    is_in_document
        Whether the page has `base_style` already.
    """
    words = _words({
        "upload-limit": text("frame.upload_limit", language, megabytes=UPLOAD_MEGABYTES),
        "upload-refused": text("frame.upload_refused", language, megabytes=UPLOAD_MEGABYTES),
        "upload-choose": text("frame.upload_choose", language),
        "running": text("frame.running", language),
        "product": text("frame.product", language),
    })  # fmt: skip
    return words if is_in_document else base_style() + words


def _words(words: Mapping[str, str]) -> str:
    lines = " ".join(f'--{name}: "{word}";' for name, word in words.items())
    return f"<style>:root {{ {lines} }}</style>"


_SCRIPT = "static/linked_table/linked_table.js"


def linked_table(
    rows: bytes,
    *,
    key: str,
    selected: str | None,
    height: int | str,
    on_choose: Callable[[str | None], None],
) -> None:
    """Show a table and call back with the id of a row that was chosen.

    Parameters
    ----------
    rows
        What :func:`network_map.maps.charts.table_rows` returned.
    key
        Names the table on its page.
    selected
        Id of the marked row, or None.
    height
        Pixels at most, or a length in CSS, which the table fills.
    on_choose
        Called before the page runs, with the id of the row, or None if it was let go.
    """

    def take() -> None:
        chosen = st.session_state[key].row
        if chosen is not None:
            on_choose(chosen or None)

    component("linked_table", static_address(_SCRIPT))(
        key=key,
        data={
            "url": file_url(rows) or "",
            "selected": selected,
            "height": height,
            "failure": text("table.missing", st.session_state.get("language", DEFAULT_LANGUAGE)),
        },
        on_row_change=take,
    )
