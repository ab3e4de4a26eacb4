"""Declared tables on screen, and their downloads.

Text of people's own in places that read Markdown: shown as it was typed, never carried out.

The look that Streamlit's theme cannot set: a dense page whose biggest thing is the map.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Literal

import streamlit as st

from network_map.app.kit.choices import unfolds
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
from network_map.listfiles.grid import DEFAULT_LIMITS
from network_map.tables.columns import Column, ColumnType, Table

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

IN_DOCUMENT = "network-map-style"
"""Header of a connection whose page has the look from its start document already."""

_CSS = """
.stMainBlockContainer { padding: 0.7rem 1.4rem 1rem; max-width: none; }
[data-testid="stHeader"] { height: 0; min-height: 0; background: none; }
[data-testid="stSidebar"] { width: 236px !important; min-width: 236px; }
[data-testid="stSidebarHeader"] { height: 2rem; margin-bottom: 0; padding: 0.3rem 0.6rem; }
[data-testid="stSidebarUserContent"] { padding-top: 0.4rem; }
[data-testid="stSidebarContent"] [data-testid="stVerticalBlock"] { gap: 0.5rem; }
[data-testid="stAlertContainer"] { padding: 0.3rem 0.8rem; min-height: 0; }
[data-testid="stAlertContainer"] p, [data-testid="stAlertContainer"] li { font-size: 0.88rem; }
[data-testid="stVerticalBlock"] { gap: 0.5rem; }
h1.page-title { font-size: 1.3rem; margin: 0; padding: 0; line-height: 1.5; }
h2.section { font-size: 1.02rem; margin: 0.4rem 0 0; padding: 0; }
.counts { display: flex; gap: 0.5rem; flex-wrap: wrap; }
.count { border: 1px solid #d5dbe1; border-radius: 4px; padding: 0.1rem 0.7rem; flex: 1 0 10rem;
  display: flex; align-items: baseline; gap: 0.45rem; flex-wrap: wrap; }
.count b { font-size: 1.35rem; font-weight: 600; line-height: 1.5; }
.count span { color: #55606c; font-size: 0.78rem; }
.count .kind { color: #1c2733; font-size: 0.88rem; }
.card h2 { font-size: 1.1rem; margin: 0; padding: 0; }
.card h3 { font-size: 0.85rem; margin: 0.6rem 0 0.2rem; padding: 0; color: #55606c; }
.card p { margin: 0; font-size: 0.82rem; color: #55606c; }
.card dl { margin: 0; padding: 0; font-size: 0.84rem; }
.lorenz { margin: 0.6rem 0; }
.lorenz .square { position: relative; width: 100%; aspect-ratio: 1; max-width: 180px;
  border: 1px solid #c9d2da; background: #fff; }
.lorenz i { position: absolute; inset: 0; }
.lorenz .level { background: linear-gradient(to bottom right, transparent calc(50% - 0.7px),
  #8a97a3 calc(50% - 0.7px), #8a97a3 calc(50% + 0.7px), transparent calc(50% + 0.7px)); }
.lorenz .below { background: #3a6d96; opacity: 0.55; }
.lorenz figcaption { font-size: 0.76rem; color: #5b6770; }
.card .line { display: flex; flex-wrap: wrap; column-gap: 0.5rem; padding: 0.08rem 0; }
.card dt { color: #55606c; margin: 0; padding: 0; font-weight: 400; }
.card dd { margin: 0 0 0 auto; padding: 0; text-align: right; }
.card .line + p { font-size: 0.76rem; margin: 0 0 0.25rem; }
.card ul { margin: 0; padding-left: 1rem; font-size: 0.83rem; }
.card li { overflow-wrap: anywhere; }
.mark { display: inline-block; border-radius: 3px; padding: 0 0.35rem; font-size: 0.8rem; }
.mark.present { background: #d7e8f2; color: #123b56; }
.mark.absent { background: #f6d9cd; color: #6b2710; }
.mark.unknown { background: #e4e6e8; color: #3d464e; }
.contents { font-size: 0.86rem; line-height: 1.8; }
.method { max-width: 62rem; }
.method p { margin: 0 0 0.35rem; font-size: 0.9rem; line-height: 1.6; }
table.plain { border-collapse: collapse; font-size: 0.84rem; margin: 0.3rem 0 0.5rem; }
table.plain caption { text-align: left; font-weight: 600; padding: 0.2rem 0; }
table.plain th, table.plain td { border: 1px solid #d5dbe1; padding: 0.15rem 0.6rem;
  text-align: left; vertical-align: top; overflow-wrap: anywhere; }
table.plain th { background: #eef1f3; font-weight: 600; }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(310px, 1fr));
  gap: 0.4rem 1.6rem; }
.bars h3 { font-size: 0.85rem; margin: 0.2rem 0; padding: 0; color: #55606c; }
.bar { display: grid; grid-template-columns: minmax(6.4rem, 40%) 1fr auto; gap: 0.5rem;
  align-items: center; font-size: 0.82rem; padding: 0.06rem 0; }
.bar .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.bar .track { background: #eef1f3; height: 0.7rem; }
.bar .track i { display: block; height: 100%; background: #3b6c8f; }
.bar .amount { min-width: 6.6rem; text-align: right; font-variant-numeric: tabular-nums; }
.columns { display: flex; align-items: flex-end; gap: 2px; height: 165px; }
.column { flex: 1 1 0; min-width: 0; height: 100%; display: flex; flex-direction: column;
  align-items: center; font-size: 0.74rem; color: #3d464e; max-width: 5.5rem; }
.column .stack { flex: 1 1 auto; min-height: 0; width: 76%; display: flex; gap: 1px;
  align-items: flex-end; border-bottom: 1px solid #8d959d; }
.column .stack i { flex: 1 1 0; background: #3b6c8f; min-height: 1px; }
.column .stack i.s1, .keys i.s1 { background: #b7792b; }
.column .top, .column .under { white-space: nowrap; font-variant-numeric: tabular-nums; }
.column .under { height: 1.2rem; }
.keys { font-size: 0.8rem; display: flex; gap: 1rem; color: #3d464e; }
.keys i { display: inline-block; width: 0.8rem; height: 0.8rem; margin-right: 0.3rem;
  background: #3b6c8f; vertical-align: -1px; }
.gauge { position: relative; font-size: 0.8rem; }
.gauge .dial { position: relative; height: 1.7rem; background: #eef1f3; margin: 0.5rem 0; }
.gauge .dial i { position: absolute; top: 0; bottom: 0; }
.gauge .dial .value { left: 0; top: 25%; bottom: 25%; background: #3b6c8f; }
.gauge .dial .band { background: #a9c4d8; }
.gauge .dial .aim { width: 3px; background: #c8321e; top: -4px; bottom: -4px; }
.gauge .key { display: inline-block; width: 0.8rem; height: 0.6rem; margin-right: 0.4rem; }
.gauge .key.value { background: #3b6c8f; }
.gauge .key.band { background: #a9c4d8; }
.gauge .key.aim { background: #c8321e; }
.gauge .watermark { position: absolute; right: 0; top: -0.3rem; font-size: 2.1rem; color: #9c2b00;
  opacity: 0.28; transform: rotate(-14deg); pointer-events: none;
  letter-spacing: 0.2em; z-index: 2; }
.stButtonGroup [role="toolbar"] { flex-wrap: wrap; height: auto; row-gap: 0.25rem; }
[data-testid="stColumn"]:has(.stDownloadButton) { min-width: 10rem; }
@media (max-width: 1020px) {
  [data-testid="stMain"] [data-testid="stColumn"] { min-width: 9.5rem; }
  [data-testid="stMain"] [data-testid="stColumn"]:has(.stButtonGroup, .card),
  [data-testid="stColumn"]:has([data-testid="stBidiComponentIsolated"]),
  [data-testid="stColumn"]:has([data-testid="stBidiComponentIsolated"])
    + [data-testid="stColumn"] { min-width: 100%; }
}
"""


# Streamlit's own widget texts stay English and its table menu would export rows without the
# marks that our files carry: the texts are replaced, the menus are left out.
_OWN_WORDS = """
[data-testid="stMainMenu"], [data-testid="stElementToolbar"] { display: none; }
[data-testid="stFileUploaderDropzoneInstructions"] { font-size: 0; }
[data-testid="stFileUploaderDropzoneInstructions"] * { font-size: 0 !important; }
[data-testid="stFileUploaderDropzoneInstructions"]::after { content: "%(limit)s";
  font-size: 0.85rem; color: #55606c; }
[data-testid="stFileUploaderDropzone"] > span button p { font-size: 0; }
[data-testid="stFileUploaderDropzone"] > span button p::after { content: "%(choose)s";
  font-size: 0.95rem; }
[data-testid="stFileUploaderDropzone"]:has([aria-invalid="true"]) { flex-wrap: wrap; }
[data-testid="stFileUploaderDropzone"]:has([aria-invalid="true"])::after {
  content: "%(refused)s"; flex-basis: 100%%; font-size: 0.88rem; color: #8a1f11; }
[data-testid="InputInstructions"] { display: none; }
"""


# Streamlit fades what a run has not reached yet. The fading gives each element a layer of its own
# and has the whole map painted again, twice for a click. One word says that a run takes longer;
# its colour waits, for colours need no layer. What stands for a part that is still on its way
# pulsates, each in a layer of its own, and the sidebar slides to its width while the page is built:
# both keep the processor from building it.
_CALM = """
[data-testid="stElementContainer"][data-stale="true"] { opacity: 1; transition: none; }
[data-testid="stSkeleton"] { animation: none; }
[data-testid="stSidebar"] { transition: none; }
.stApp::before { position: fixed; z-index: 999990; top: 0;
  left: calc(50% - 4.5rem); width: 9rem; text-align: center; font-size: 0.85rem;
  line-height: 1.6rem; border-radius: 0 0 4px 4px; color: transparent; pointer-events: none; }
.stApp[data-test-script-state="running"]::before { color: #ffffff; background-color: #1f5f8b;
  transition: color 0s 0.8s, background-color 0s 0.8s; }
"""

_RUNNING = '.stApp::before { content: "%(running)s"; }\n'


# A page whose files may be larger says so after the style of every page.
_UPLOAD_WORDS = """
[data-testid="stFileUploaderDropzoneInstructions"]::after { content: "%(limit)s"; }
[data-testid="stFileUploaderDropzone"]:has([aria-invalid="true"])::after {
  content: "%(refused)s"; }
"""


def upload_style(limit: str, refused: str) -> str:
    """Return the style element of a page whose uploads have a limit of their own.

    Parameters
    ----------
    limit
        How large a file may be.
    refused
        What is said of a file of another kind or a larger one.
    """
    return f"<style>{_UPLOAD_WORDS % {'limit': limit, 'refused': refused}}</style>"


def base_style() -> str:
    """Return the style element of every page in every language."""
    return f"<style>{_CSS}{_CALM}</style>"


def page_style(language: str, *, is_in_document: bool) -> str:
    """Return the style element of every page, with the words that only a style can replace.

    Parameters
    ----------
    language
        ``zh`` or ``en``.
    is_in_document
        Whether the page has `base_style` already.
    """
    words = {
        "limit": text("frame.upload_limit", language, megabytes=UPLOAD_MEGABYTES),
        "refused": text("frame.upload_refused", language, megabytes=UPLOAD_MEGABYTES),
        "choose": text("frame.upload_choose", language),
        "running": text("frame.running", language),
    }
    own = f"<style>{(_OWN_WORDS + _RUNNING) % words}</style>"
    return own if is_in_document else base_style() + own
