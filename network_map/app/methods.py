"""The blocks of the page on methods: contents, sections, one declared table at a time, download."""

from functools import partial
from html import escape

import streamlit as st

from network_map.app.kit.choices import KEPT, kept
from network_map.app.kit.frame import Page
from network_map.app.kit.memo import roads
from network_map.i18n import text
from network_map.methods import (
    MethodFacts,
    MethodTable,
    Section,
    method_sections,
    methods_document,
)

_CHOSEN = "methods_table"
_MOST_TABLES = 5
"""With more tables than this, a section shows one that is chosen from a list."""


def show(page: Page) -> None:
    """Show the contents, the download and every section.

    Parameters
    ----------
    page
        What the page works with.
    """
    language = page.language
    facts = MethodFacts(page.places, page.dataset.node_kinds, roads())
    sections = method_sections(facts, language)
    st.caption(text("methods.intro", language))
    contents_place, download_place = st.columns([5, 1], vertical_alignment="bottom")
    contents_place.html(_contents(sections, language))
    download_place.download_button(
        text("methods.download", language),
        data=partial(methods_document, facts, language),
        file_name=f"network_map_methods_{language}.md",
        mime="text/markdown",
        key="methods_md",
        on_click="ignore",
    )
    for section in sections:
        _show(section, language)


def _show(section: Section, language: str) -> None:
    st.subheader(section.title, anchor=section.key)
    sentences = "".join(f"<p>{escape(sentence)}</p>" for sentence in section.sentences)
    st.html(f'<div class="method">{sentences}</div>')
    if len(section.tables) <= _MOST_TABLES:
        for table in section.tables:
            st.html(_table(table))
        return
    chosen = st.selectbox(
        text("methods.choose_table", language),
        range(len(section.tables)),
        format_func=lambda place: section.tables[place].title,
        key=kept(_CHOSEN),
        persist_state=KEPT,
    )
    st.html(_table(section.tables[chosen]))


def _contents(sections: tuple[Section, ...], language: str) -> str:
    links = " · ".join(f'<a href="#{part.key}">{escape(part.title)}</a>' for part in sections)
    heading = escape(text("methods.contents", language))
    return f'<nav class="contents" aria-label="{heading}">{heading}: {links}</nav>'


def _table(table: MethodTable) -> str:
    headings = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in table.headings)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows
    )
    return (
        f'<table class="plain"><caption>{escape(table.title)}</caption>'
        f"<thead><tr>{headings}</tr></thead><tbody>{rows}</tbody></table>"
    )
