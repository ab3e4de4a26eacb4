"""The blocks of the import page: choose a file, see what would be taken, answer, confirm."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from html import escape

import streamlit as st

from network_map.app.kit import choices as state
from network_map.app.kit import memo as cached
from network_map.app.kit.choices import KEPT, kept
from network_map.app.kit.frame import Page, told
from network_map.app.kit.import_parts import (
    WIDTHS,
    choose_columns,
    choose_options,
    decide,
    show_problems,
)
from network_map.app.kit.memo import LruCache, session_cache
from network_map.app.kit.tables import (
    LIST_FILE_TYPES,
    UPLOAD_MEGABYTES,
    column_config,
    download_buttons,
    plain,
)
from network_map.datasets.node_changes import change_sentences
from network_map.datasets.node_import import apply_node_list, planned_changes, preview_node_list
from network_map.datasets.node_outcome import (
    counts_by_outcome,
    file_problems,
    import_state,
    open_questions,
    problem_bundle,
    row_table,
    template_bundle,
)
from network_map.i18n import problem_text, text
from network_map.nodes.importing.options import CompleteClaim
from network_map.nodes.importing.preview import (
    NodeListOptions,
    NodeListPreview,
    NodeListReference,
    open_reference,
)
from network_map.nodes.tables import IMPORT_ROWS
from network_map.places.reference import kind_names, place_names
from network_map.places.tables import PROVINCE_ADCODE
from network_map.terms import OWN, AdminLevel
from network_map.workspace.register import current_snapshot

_ROWS_HEIGHT_PX = 260
_PREVIEW_KEY = "import_preview"
_KEPT_PREVIEWS = 4


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a person gave, and what they said about it."""

    content: bytes
    file_name: str
    options: NodeListOptions


@st.cache_resource(max_entries=1, show_spinner=False)
def _reference() -> NodeListReference:
    """Return what a node list is read against."""
    return open_reference()


def choose_file(page: Page) -> Upload | None:
    """Draw the choice of a file; return it with what was said about it, None without one."""
    language = page.language
    _say_result(language)
    st.caption(text("import.page.intro", language))
    current = current_snapshot(cached.settings().workspace_dir)
    version = "—" if current is None else current.snapshot_id[:8]
    st.caption(text("import.page.current", language, version=version))
    given = st.file_uploader(
        text("import.page.upload", language),
        type=LIST_FILE_TYPES,
        max_upload_size=UPLOAD_MEGABYTES,
        key=f"import_file_{st.session_state.get('import_round', 0)}",
    )
    if given is None:
        with st.expander(text("import.page.template", language)):
            download_buttons(template_bundle(language), key="template")
        return None
    return Upload(given.getvalue(), given.name, choose_options(page))


def preview(page: Page, upload: Upload) -> NodeListPreview:
    """Draw what was understood and the open questions; return the list as answered."""
    language = page.language
    first = _previewed(upload, upload.options)
    with st.expander(text("import.page.columns", language)):
        columns = choose_columns(first, language)
    options = replace(upload.options, columns=columns)
    matched = _previewed(upload, options)
    for problem in file_problems(matched):
        st.warning(plain(problem_text(problem, language)))
    options = _answered(matched, options, language)
    return _previewed(upload, options)


def show_preview(page: Page, answered: NodeListPreview) -> None:
    """Show what would be taken, row by row, and everything there is to say about it."""
    language = page.language
    counts = counts_by_outcome(answered)
    st.html(f'<h2 class="section">{escape(text("import.page.preview", language))}</h2>')
    st.text(text("import.result.counts", language, **counts))
    st.dataframe(
        row_table(answered, page.places, language),
        hide_index=True,
        height=_ROWS_HEIGHT_PX,
        column_config=column_config(IMPORT_ROWS, language, WIDTHS),
        key="import_rows",
        placeholder="—",
    )
    if answered.problems:
        title = text("import.page.problems", language, count=len(answered.problems))
        show_problems(
            problem_bundle(answered, language),
            title=title, expanded=not answered.is_clean, key="import_problems", language=language,
        )  # fmt: skip


def confirm(page: Page, answered: NodeListPreview) -> None:
    """Draw the declaration of completeness and the button that applies the list."""
    language = page.language
    claims = _choose_claims(page, answered)
    skip_rows = False
    if answered.open_problems and not file_problems(answered):
        rows = len({problem.row for problem in answered.open_problems})
        skip_rows = st.checkbox(
            text("import.page.skip_rows", language, count=rows),
            key=f"import_skip_rows_{answered.file_sha256[:8]}",
        )
    status = import_state(answered, confirm=False, skip_rows=skip_rows)
    if status != "waiting":
        message = text(f"import.page.{status}", language, open_count=len(answered.open_problems))
        st.info(message)
    kinds = kind_names(answered.node_kinds, language)
    taken = answered.nodes["kind"].value_counts()
    separator = text("import.page.separator", language)
    effect = separator.join(f"{kinds[str(kind)]} {count}" for kind, count in taken.items())
    if effect:
        st.text(text("import.page.effect", language, effect=effect))
        _show_changes(answered, language)
    pressed = st.button(
        text("import.page.confirm", language),
        type="primary",
        disabled=status != "waiting",
        key="import_confirm",
    )
    if pressed:
        with told(language):
            done = apply_node_list(
                answered,
                cached.settings().workspace_dir,
                complete=claims,
                skip_rows=skip_rows,
            )
            result = "applied" if done.is_changed else "unchanged"
            st.session_state["import_result"] = (result, done.snapshot_id, done.left_out_rows)
            st.session_state["import_round"] = st.session_state.get("import_round", 0) + 1
            st.session_state.pop(_PREVIEW_KEY, None)
            state.open_dataset_next(OWN)
            st.rerun()


def _show_changes(answered: NodeListPreview, language: str) -> None:
    """Show what the import adds, removes and changes by name; what goes stands in red."""
    changes = planned_changes(cached.settings().workspace_dir, answered)
    for sentence, removes in change_sentences(changes, answered.node_kinds, language):
        st.markdown(f":red[{plain(sentence)}]" if removes else plain(sentence))


def _say_result(language: str) -> None:
    result = st.session_state.pop("import_result", None)
    if result is None:
        return
    name, snapshot_id, left_out_rows = result
    sentences = [text(f"import.result.{name}", language, snapshot_id=snapshot_id[:8])]
    if left_out_rows:
        rows = text("import.page.separator", language).join(str(row) for row in left_out_rows)
        sentences.append(text("import.result.left_out", language, rows=rows))
    sentences.append(text("import.page.see_result", language))
    st.success(" ".join(sentences))


def _previewed(upload: Upload, options: NodeListOptions) -> NodeListPreview:
    """Return the preview; the last ones are kept in the session, never shared."""
    previews: LruCache[NodeListPreview] = session_cache(_PREVIEW_KEY, _KEPT_PREVIEWS)
    key = (sha256(upload.content).hexdigest(), f"{upload.file_name}|{options!r}")
    return previews.get(
        key,
        lambda: preview_node_list(
            upload.content,
            upload.file_name,
            options,
            workspace=cached.settings().workspace_dir,
            reference=_reference(),
        ),
    )


def _answered(matched: NodeListPreview, options: NodeListOptions, language: str) -> NodeListOptions:
    """Draw the open questions and return the options with what was decided."""
    questions = open_questions(matched, language)
    if questions.empty:
        return options
    title = text("import.page.questions", language, count=len(questions))
    st.html(f'<h2 class="section">{escape(title)}</h2>')
    st.caption(text("import.page.questions_hint", language))
    decisions = decide(
        questions,
        key=f"import_questions_{matched.file_sha256[:8]}_{language}",
        language=language,
    )
    return replace(options, answers=decisions.answers, exclude_rows=decisions.exclude_rows)


def _choose_claims(page: Page, answered: NodeListPreview) -> list[CompleteClaim]:
    """Draw the question whether the list is complete and return the claims made."""
    language = page.language
    kinds = kind_names(answered.node_kinds, language)
    present = [kind for kind in kinds if kind in set(answered.nodes["kind"])]
    # A declaration is about one file: the next one does not find it there.
    file = answered.file_sha256[:8]
    kinds_key, area_key = f"import_complete_kinds_{file}", f"import_complete_area_{file}"
    is_complete = st.radio(
        text("import.page.complete", language),
        [False, True],
        format_func=lambda whole: text(
            "import.page.complete_yes" if whole else "import.page.complete_no", language
        ),
        key=kept(f"import_complete_{file}"),
        persist_state=KEPT,
        help=text("import.page.complete_help", language),
        horizontal=True,
    )
    if not is_complete:
        return []
    kind_place, area_place, date_place = st.columns([2, 1, 1])
    st.session_state.setdefault(kinds_key, present)
    chosen = kind_place.multiselect(
        text("import.page.complete_kinds", language),
        present,
        format_func=lambda kind: kinds.get(kind, kind),
        key=kept(kinds_key),
        persist_state=KEPT,
        placeholder=text("import.page.complete_none", language),
    )
    divisions = page.places.divisions
    names = place_names(divisions, language)
    prefectures = divisions.loc[divisions["level"] == AdminLevel.PREFECTURE, "adcode"]
    area = area_place.selectbox(
        text("import.page.complete_area", language),
        [PROVINCE_ADCODE, *prefectures],
        format_func=lambda adcode: names[adcode],
        key=kept(area_key),
        persist_state=KEPT,
    )
    today = datetime.now(UTC).astimezone().date()
    as_of = date_place.date_input(
        text("import.page.complete_as_of", language),
        value=today,
        format="YYYY-MM-DD",
        key=f"import_complete_as_of_{file}",
    )
    return [CompleteClaim(kind, area, as_of.isoformat()) for kind in chosen]
