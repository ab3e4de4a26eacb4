"""The blocks that import the lists beside the nodes: consortia, industries, work of centres."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from html import escape

import streamlit as st

from network_map.activity.tables import CENTRE_ACTIVITY
from network_map.app.kit import choices as state
from network_map.app.kit import memo as cached
from network_map.app.kit.choices import KEPT, kept
from network_map.app.kit.frame import Page, told
from network_map.app.kit.import_parts import choose_origin, decide, match_columns, show_problems
from network_map.app.kit.memo import LruCache, session_cache
from network_map.app.kit.tables import LIST_FILE_TYPES, UPLOAD_MEGABYTES, column_config, plain
from network_map.consortia.tables import CONSORTIA, CONSORTIUM_MEMBERS, COUNTY_INDUSTRY
from network_map.datasets.list_import import (
    CENTRE_LIST,
    CONSORTIUM_LIST,
    INDUSTRY_LIST,
    LIST_COLUMNS,
    apply_list,
    list_state,
    preview_list,
)
from network_map.datasets.node_outcome import (
    counts_by_outcome,
    file_problems,
    open_questions,
    problem_bundle,
)
from network_map.i18n import problem_text, text
from network_map.nodes.importing.preview import NodeListOptions
from network_map.nodes.importing.small_lists import ListPreview
from network_map.nodes.tables import NODES
from network_map.tables.columns import Table
from network_map.terms import OWN

NODE_LIST = "nodes"
_LISTS = (NODE_LIST, CONSORTIUM_LIST, INDUSTRY_LIST, CENTRE_LIST)
_TABLES: Mapping[str, Table] = {
    table.name: table for table in (CONSORTIUM_MEMBERS, CONSORTIA, COUNTY_INDUSTRY, CENTRE_ACTIVITY)
}
_ROWS_HEIGHT_PX = 220
_PREVIEW_KEY = "import_list_preview"
_KEPT_PREVIEWS = 4


@dataclass(frozen=True, slots=True)
class ListUpload:
    """A file that a person gave, what it is a list of, and what they said about it."""

    what: str
    content: bytes
    file_name: str
    options: NodeListOptions


def choose_list(page: Page) -> str:
    """Draw the choice of what the list is, and return it."""
    return st.radio(
        text("import.page.what", page.language),
        _LISTS,
        format_func=lambda name: text(f"import.page.what_{name.replace('-', '_')}", page.language),
        key=kept("import_what"),
        persist_state=KEPT,
        horizontal=True,
    )


def choose_list_file(page: Page, what: str) -> ListUpload | None:
    """Draw the choice of a file; return it with what was said about it, None without one."""
    language = page.language
    result = st.session_state.pop("import_list_result", None)
    if result is not None:
        st.success(text(f"import.result.{result[0]}", language, snapshot_id=result[1][:8]))
    st.caption(text(f"import.page.intro_{what.replace('-', '_')}", language))
    given = st.file_uploader(
        text("import.page.upload", language),
        type=LIST_FILE_TYPES,
        max_upload_size=UPLOAD_MEGABYTES,
        key=f"import_{what}_file_{st.session_state.get('import_round', 0)}",
    )
    if given is None:
        return None
    options = NodeListOptions(origin=choose_origin(st.container(), language))
    return ListUpload(what, given.getvalue(), given.name, options)


def preview_upload(page: Page, upload: ListUpload) -> ListPreview:
    """Draw what was understood and the open questions; return the list as answered."""
    language = page.language
    first = _previewed(upload, upload.options)
    with st.expander(text("import.page.columns", language)):
        columns = match_columns(
            first,
            LIST_COLUMNS[upload.what],
            lambda name: _column_name(name, language),
            key=f"import_{upload.what}_column",
            language=language,
        )
    options = replace(upload.options, columns=columns)
    matched = _previewed(upload, options)
    for problem in file_problems(matched):
        st.warning(plain(problem_text(problem, language)))
    questions = open_questions(matched, language)
    if not questions.empty:
        title = text("import.page.questions", language, count=len(questions))
        st.html(f'<h2 class="section">{escape(title)}</h2>')
        st.caption(text("import.page.questions_hint", language))
        key = f"import_list_questions_{matched.file_sha256[:8]}_{language}"
        decisions = decide(questions, key=key, language=language)
        options = replace(options, answers=decisions.answers, exclude_rows=decisions.exclude_rows)
    return _previewed(upload, options)


def show_list(page: Page, answered: ListPreview) -> None:
    """Show the tables that the list would fill, and everything there is to say about it."""
    language = page.language
    st.html(f'<h2 class="section">{escape(text("import.page.preview", language))}</h2>')
    st.text(text("import.result.counts", language, **counts_by_outcome(answered)))
    for name, table in answered.tables.items():
        st.text(text(f"consortium_import.count_{name}", language, count=len(table)))
        st.dataframe(
            table,
            hide_index=True,
            height=_ROWS_HEIGHT_PX,
            column_config=column_config(_TABLES[name], language),
            key=f"import_list_{name}",
            placeholder="—",
        )
    if answered.problems:
        show_problems(
            problem_bundle(answered, language),
            title=text("import.page.problems", language, count=len(answered.problems)),
            expanded=bool(answered.open_problems),
            key="import_list_problems",
            language=language,
        )


def confirm_list(page: Page, answered: ListPreview) -> None:
    """Draw the button that puts the list into the data of the planner."""
    language = page.language
    skip_rows = False
    if answered.open_problems and not file_problems(answered):
        rows = len({problem.row for problem in answered.open_problems})
        skip_rows = st.checkbox(
            text("import.page.skip_rows", language, count=rows),
            key=f"import_list_skip_rows_{answered.file_sha256[:8]}",
        )
    status = list_state(answered, confirm=False, skip_rows=skip_rows)
    if status != "waiting":
        open_count = len(answered.open_problems)
        st.info(text(f"import.page.{status}", language, open_count=open_count))
    pressed = st.button(
        text("import.page.confirm", language),
        type="primary",
        disabled=status != "waiting",
        key="import_list_confirm",
    )
    if pressed:
        with told(language):
            done = apply_list(answered, cached.settings().workspace_dir)
            result = "applied" if done.is_changed else "unchanged"
            st.session_state["import_list_result"] = (result, done.snapshot_id)
            st.session_state["import_round"] = st.session_state.get("import_round", 0) + 1
            st.session_state.pop(_PREVIEW_KEY, None)
            state.open_dataset_next(OWN)
            st.rerun()


def _previewed(upload: ListUpload, options: NodeListOptions) -> ListPreview:
    """Return the preview; the last ones are kept in the session, never shared."""
    previews: LruCache[ListPreview] = session_cache(_PREVIEW_KEY, _KEPT_PREVIEWS)
    said = f"{upload.what}|{upload.file_name}|{options!r}"
    return previews.get(
        (sha256(upload.content).hexdigest(), said),
        lambda: preview_list(
            upload.what,
            upload.content,
            upload.file_name,
            workspace=cached.settings().workspace_dir,
            options=options,
            gazetteer=cached.gazetteer(),
        ),
    )


def _column_name(name: str, language: str) -> str:
    for table in (*_TABLES.values(), NODES):
        if name in table.names:
            return table.column(name).heading(language)
    return text(f"import.column.{name}", language)
