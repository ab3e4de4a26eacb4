"""The blocks that import a list: choose a file, see what would be taken, answer, confirm.

They are the same for every kind of list; :class:`ListBlocks` declares what differs.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from typing import Any, TypeVar

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from network_map.activity.tables import CENTRE_ACTIVITY
from network_map.app.import_choices import (
    choose_claims,
    choose_speeds,
    offer_removal,
    road_style,
    shown_reading,
)
from network_map.app.kit import choices as state
from network_map.app.kit import memo as cached
from network_map.app.kit.choices import KEPT, kept
from network_map.app.kit.frame import Page, told
from network_map.app.kit.memo import LruCache, session_cache
from network_map.app.kit.tables import (
    LIST_FILE_TYPES,
    ROAD_FILE_TYPES,
    UPLOAD_MEGABYTES,
    Width,
    column_config,
    download_buttons,
    later_download_buttons,
    plain,
)
from network_map.consortia.tables import CONSORTIA, CONSORTIUM_MEMBERS, COUNTY_INDUSTRY
from network_map.datasets.imports import (
    ROADS,
    SMALL_LISTS,
    Decision,
    decisions_of,
    node_import,
    open_questions,
    preview_list,
    preview_node_list,
    problem_bundle,
    row_table,
    small_list_import,
    template_bundle,
)
from network_map.export import Bundle
from network_map.i18n import count_text, problem_text, text
from network_map.listfiles.grid import UPLOAD_BYTES
from network_map.listfiles.preview import Answers, ListOptions, ListPreview
from network_map.nodes.importing.coordinates import COORDINATE_SYSTEMS
from network_map.nodes.importing.preview import (
    NodeListOptions,
    NodeListPreview,
    NodeListReference,
    change_sentences,
    open_reference,
)
from network_map.nodes.importing.small_lists import SmallListPreview
from network_map.nodes.importing.travel_times import RoadOptions
from network_map.nodes.importing.words import NODE_SYNONYMS, parse_kind_words, parse_new_kind
from network_map.nodes.tables import IMPORT_PROBLEMS, IMPORT_QUESTIONS, IMPORT_ROWS, NODES
from network_map.places.reference import kind_names
from network_map.places.tables import COUNTY_FIGURES, COUNTY_INDICATORS
from network_map.reach.tables import TRAVEL_TIMES
from network_map.tables import Table
from network_map.terms import OWN, Origin
from network_map.workspace.imports import ImportPlan
from network_map.workspace.register import current_snapshot, has_register

NODE_LIST = "nodes"
_AUTOMATIC = ""
_OFFERED_ORIGINS = (Origin.OFFICIAL, Origin.REPORTED)
_MOST_QUESTIONS = 100
_KEPT_PREVIEWS = 4
_ROAD_MEGABYTES = UPLOAD_BYTES // 1_000_000
_ROWS_HEIGHT_PX = 260
# A sentence is read whole, not guessed from its beginning: Streamlit breaks lines in rows of more
# than 4 rem only.
_TALL_ROW_PX = 66
WIDTHS: dict[str, Width] = {
    "row": "small",
    "severity": "small",
    "decision": "small",
    "sentence": "large",
}


@dataclass(frozen=True, slots=True)
class ListBlocks:
    """How a page draws one kind of list.

    Parameters
    ----------
    key
        Begins the keys of all that is drawn, and of what the session holds.
    columns
        Columns that a header can be.
    tables
        Declarations that name them.
    words
        Where the catalogs name columns of the list alone.
    in_forms
        Whether choices wait for a button: to read a long list again takes time.
    """

    key: str
    columns: Collection[str]
    tables: Sequence[Table]
    words: str = "import.column"
    in_forms: bool = False

    def column_name(self, name: str, language: str) -> str:
        """Return the heading of a column."""
        for table in self.tables:
            if name in table.names:
                return table.column(name).heading(language)
        return text(f"{self.words}.{name}", language)


Asked = TypeVar("Asked", bound=ListOptions)
Look = Callable[[Asked], ListPreview]
"""Returns what would be taken of a list under options."""


def upload_key(blocks: ListBlocks) -> str:
    """Return the key of the box for a file: an empty one after each import."""
    return f"{blocks.key}_file_{st.session_state.get(f'{blocks.key}_round', 0)}"


def kept_previews(blocks: ListBlocks, version: str | None) -> LruCache[Any]:
    """Return the last previews of the session, which are never shared."""
    return session_cache(f"{blocks.key}_previews", _KEPT_PREVIEWS, version)


def choose_columns(blocks: ListBlocks, found: ListPreview, language: str) -> dict[str, str | None]:
    """Draw what was made of each header and return the matches that a person said."""
    file = found.file_sha256[:8]
    with st.expander(text("import.page.columns", language)):
        if blocks.in_forms:
            with st.form(f"{blocks.key}_columns_form_{file}", border=False):
                changed = _match_columns(blocks, found, language)
                st.form_submit_button(text("import_contracts.apply_columns", language))
        else:
            changed = _match_columns(blocks, found, language)
    repeated = {p.value for p in found.problems if p.code == "headers_repeated"}
    for match in found.columns.matches:
        if match.header in repeated and st.checkbox(
            text("import.page.first_of_equal", language, header=plain(match.header)),
            key=f"{blocks.key}_first_{file}_{match.position}",
        ):
            changed.setdefault(match.header, match.column)
    return changed


def _match_columns(blocks: ListBlocks, found: ListPreview, language: str) -> dict[str, str | None]:
    choices = [_AUTOMATIC, *blocks.columns]
    changed: dict[str, str | None] = {}
    places = st.columns(3)

    def name_of(name: str) -> str:
        if name == _AUTOMATIC:
            return text("import.page.not_read", language)
        return blocks.column_name(name, language)

    for match in found.columns.matches:
        if match.header in found.columns.dropped or not match.header:
            continue
        usual = match.column if match.column in choices else _AUTOMATIC
        box = f"{blocks.key}_column_{found.file_sha256[:8]}_{match.position}"
        st.session_state.setdefault(box, usual or _AUTOMATIC)
        confidence = text(f"import.confidence.{match.confidence.value}", language)
        label = text("import.page.header", language, header=match.header, confidence=confidence)
        chosen = places[match.position % len(places)].selectbox(
            plain(label), choices, format_func=name_of, key=kept(box), persist_state=KEPT
        )
        if chosen != (usual or _AUTOMATIC):
            changed[match.header] = chosen or None
    return changed


def answer_questions(
    blocks: ListBlocks, matched: ListPreview, options: Asked, language: str
) -> Asked:
    """Draw the questions about the file and the rows; return the options with the answers."""
    for problem in matched.file_problems:
        st.warning(plain(problem_text(problem, language)))
    questions = open_questions(matched, language)
    if questions.empty:
        return options
    count = max(len(questions), matched.open_count if blocks.in_forms else 0)
    title = text("import.page.questions", language, count=count_text(count))
    st.html(f'<h2 class="section">{escape(title)}</h2>')
    st.caption(text("import.page.questions_hint", language))
    key = f"{blocks.key}_questions_{matched.file_sha256[:8]}_{language}"
    if blocks.in_forms:
        if len(questions) > _MOST_QUESTIONS:
            st.caption(text("import_contracts.questions_shown", language, shown=_MOST_QUESTIONS))
        with st.form(f"{key}_form", border=False):
            answers, excluded = _decide(questions.head(_MOST_QUESTIONS), key, language)
            st.form_submit_button(text("import_contracts.apply_answers", language))
    else:
        answers, excluded = _decide(questions, key, language)
    return replace(options, answers=answers, exclude_rows=excluded)


def _decide(questions: pd.DataFrame, key: str, language: str) -> tuple[Answers, frozenset[int]]:
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


def show_counts(preview: ListPreview, language: str) -> None:
    """Show the heading of the preview, and what becomes of the rows."""
    st.html(f'<h2 class="section">{escape(text("import.page.preview", language))}</h2>')
    st.text(text("import.result.counts", language, **preview.counts))


def show_rows(table: pd.DataFrame, declaration: Table, key: str, language: str) -> None:
    """Show rows of a list."""
    st.dataframe(
        table,
        hide_index=True,
        height=_ROWS_HEIGHT_PX,
        column_config=column_config(declaration, language, WIDTHS),
        key=key,
        placeholder="—",
    )


def show_problems(
    blocks: ListBlocks,
    preview: ListPreview,
    language: str,
    whole: Callable[[], Bundle] | None = None,
) -> None:
    """Draw everything there is to say about a list, with its downloads.

    Parameters
    ----------
    whole
        Makes the bundle that is downloaded where it says more than the one shown: as text, which
        any number of rows fits into.
    """
    if not preview.problems:
        return
    bundle = problem_bundle(preview, language)
    title = text("import.page.problems", language, count=count_text(len(preview.problems)))
    key = f"{blocks.key}_problems"
    with st.expander(title, expanded=not preview.is_clean):
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


def confirm_import(
    blocks: ListBlocks, plan: ImportPlan[Any], language: str, effect: str = ""
) -> None:
    """Draw the button that applies a list, and what stands in its way.

    Parameters
    ----------
    effect
        What is said of an import that was applied, beside its version.
    """
    preview = plan.preview
    skip_rows = False
    if preview.open_count and not preview.file_problems:
        skip_rows = st.checkbox(
            _skip_words(preview, language), key=f"{blocks.key}_skip_rows_{preview.file_sha256[:8]}"
        )
    status = preview.state(confirm=False, skip_rows=skip_rows)
    if status != "waiting":
        st.info(text(f"import.page.{status}", language, open_count=preview.open_count))
    pressed = st.button(
        text("import.page.confirm", language),
        type="primary",
        disabled=status != "waiting",
        key=f"{blocks.key}_confirm",
    )
    if not pressed:
        return
    with told(language):
        folder = cached.settings().workspace_dir
        done = plan.apply(folder, skip_rows=skip_rows)
        said = text(
            f"import.result.{'applied' if done.is_changed else 'unchanged'}",
            language, snapshot_id=done.snapshot_id[:8],
        )  # fmt: skip
        if done.left_out_rows:
            rows = text("import.page.separator", language).join(map(str, done.left_out_rows))
            said = f"{said} {text('import.result.left_out', language, rows=rows)}"
        st.session_state[f"{blocks.key}_result"] = f"{said} {effect}".strip()
        st.session_state[f"{blocks.key}_round"] = st.session_state.get(f"{blocks.key}_round", 0) + 1
        st.session_state.pop(f"{blocks.key}_previews", None)
        if has_register(folder):
            state.open_dataset_next(OWN)
        st.rerun()


def _skip_words(preview: ListPreview, language: str) -> str:
    """Return what skipping does: rows without a sure place may stay, 未定位, the others go."""
    kept_count = len(preview.unanswered_rows)
    left = len(preview.open_rows) - kept_count
    skipped = text("import.page.skip_rows", language, count=count_text(left))
    if not kept_count:
        return skipped
    unlocated = text("import_contracts.skip_places", language, count=count_text(kept_count))
    return f"{unlocated} {skipped}" if left else unlocated


def say_result(blocks: ListBlocks) -> None:
    """Say once what an import did."""
    result = st.session_state.pop(f"{blocks.key}_result", None)
    if result is not None:
        st.success(result)


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


# --- lists of nodes and the lists beside them ---------------------------------------------------

_TABLES = {
    table.name: table
    for table in (
        CONSORTIUM_MEMBERS,
        CONSORTIA,
        COUNTY_INDUSTRY,
        CENTRE_ACTIVITY,
        TRAVEL_TIMES,
        COUNTY_FIGURES,
    )
}
_BLOCKS: Mapping[str, ListBlocks] = {
    # Columns that the reader tells apart by their cells have no name of their own.
    NODE_LIST: ListBlocks("import", [c for c in NODE_SYNONYMS if "_or_" not in c], (NODES,)),
    **{
        what: ListBlocks(
            f"import_{what.replace('-', '_')}",
            kind.columns,
            (*_TABLES.values(), NODES, COUNTY_INDICATORS),
        )
        for what, kind in SMALL_LISTS.items()
    },
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a person gave, what it is a list of, and what they said about it."""

    what: str
    content: bytes
    file_name: str
    file_id: str
    options: ListOptions


@st.cache_resource(max_entries=1, show_spinner=False)
def _reference() -> NodeListReference:
    """Return what a node list is read against."""
    return open_reference()


def choose_list(page: Page) -> str:
    """Draw the choice of what the list is, and return it."""
    return st.radio(
        text("import.page.what", page.language),
        list(_BLOCKS),
        format_func=lambda name: text(f"import.page.what_{name.replace('-', '_')}", page.language),
        key=kept("import_what"),
        persist_state=KEPT,
        horizontal=True,
    )


def choose_file(page: Page, what: str) -> Upload | None:
    """Draw the choice of a file; return it with what was said about it, None without one."""
    language, blocks = page.language, _BLOCKS[what]
    say_result(blocks)
    is_nodes = what == NODE_LIST
    intro = "intro" if is_nodes else f"intro_{what.replace('-', '_')}"
    st.caption(text(f"import.page.{intro}", language))
    st.caption(text("import.page.current", language, version=(_version() or "—")[:8]))
    if what == ROADS:
        st.html(road_style(_ROAD_MEGABYTES, language))
    given = st.file_uploader(
        text("travel.upload" if what == ROADS else "import.page.upload", language),
        type=ROAD_FILE_TYPES if what == ROADS else LIST_FILE_TYPES,
        max_upload_size=_ROAD_MEGABYTES if what == ROADS else UPLOAD_MEGABYTES,
        key=upload_key(blocks),
    )
    if given is None:
        if is_nodes:
            with st.expander(text("import.page.template", language)):
                download_buttons(template_bundle(language), key="template")
        offer_removal(what, language)
        return None
    if what == ROADS:
        options: ListOptions = RoadOptions(speeds=choose_speeds(language))
    elif is_nodes:
        options = _node_options(page)
    else:
        options = NodeListOptions(origin=choose_origin(st.container(), language))
    return Upload(what, given.getvalue(), given.name, given.file_id, options)


def preview_upload(page: Page, upload: Upload) -> NodeListPreview | SmallListPreview:
    """Draw what was understood and the open questions; return the list as answered."""
    blocks, language, look = _BLOCKS[upload.what], page.language, partial(_previewed, upload)
    if upload.what == ROADS:
        # There are neither headings to match nor rows to ask about.
        return look(upload.options)
    columns = choose_columns(blocks, look(upload.options), language)
    options = replace(upload.options, columns=columns)
    return look(answer_questions(blocks, look(options), options, language))


def show_preview(page: Page, upload: Upload, answered: NodeListPreview | SmallListPreview) -> None:
    """Show what would be taken, and everything there is to say about it."""
    language, blocks = page.language, _BLOCKS[upload.what]
    show_counts(answered, language)
    if isinstance(answered, NodeListPreview):
        show_rows(row_table(answered, page.places, language), IMPORT_ROWS, "import_rows", language)
    else:
        for name, table in answered.tables.items():
            st.text(text(f"consortium_import.count_{name}", language, count=len(table)))
            show_rows(table, _TABLES[name], f"import_list_{name}", language)
    show_problems(blocks, answered, language)


def confirm_upload(
    page: Page, upload: Upload, answered: NodeListPreview | SmallListPreview
) -> None:
    """Draw what else is asked, what the list changes, and the button that applies it."""
    language, folder = page.language, cached.settings().workspace_dir
    blocks, after = _BLOCKS[upload.what], text("import.page.see_result", language)
    if isinstance(answered, SmallListPreview):
        confirm_import(blocks, small_list_import(answered, folder), language, after)
        return
    claims = choose_claims(page, answered)
    plan = node_import(answered, folder, complete=claims, gazetteer=cached.gazetteer())
    kinds = kind_names(answered.node_kinds, language)
    separator = text("import.page.separator", language)
    effect = separator.join(f"{kinds[kind]} {count}" for kind, count in plan.totals.items())
    if effect:
        st.text(text("import.page.effect", language, effect=effect))
    for sentence, removes in change_sentences(plan.changes, answered.node_kinds, language):
        # What goes stands in red.
        st.markdown(f":red[{plain(sentence)}]" if removes else plain(sentence))
    for note in plan.notes:
        st.info(plain(problem_text(note, language)))
    confirm_import(blocks, plan, language, after)


def _version() -> str | None:
    current = current_snapshot(cached.settings().workspace_dir)
    return None if current is None else current.snapshot_id


def _previewed(upload: Upload, options: ListOptions) -> NodeListPreview | SmallListPreview:
    """Return the preview; the last ones are kept in the session."""
    previews = kept_previews(_BLOCKS[upload.what], _version())
    key = (upload.file_id, f"{upload.file_name}|{options!r}")
    folder = cached.settings().workspace_dir

    def read() -> NodeListPreview | SmallListPreview:
        if isinstance(options, NodeListOptions) and upload.what == NODE_LIST:
            return preview_node_list(
                upload.content, upload.file_name, options,
                workspace=folder, reference=_reference(),
            )  # fmt: skip
        with shown_reading(st.session_state["language"]):
            return preview_list(
                upload.what, upload.content, upload.file_name, options,
                workspace=folder, gazetteer=cached.gazetteer(),
            )  # fmt: skip

    found: NodeListPreview | SmallListPreview = previews.get(key, read)
    return found


def _node_options(page: Page) -> NodeListOptions:
    """Draw the choices about a list of nodes as a whole and return what was chosen."""
    language = page.language
    kinds = kind_names(page.dataset.node_kinds, language)
    kind_place, origin_place, new_place, system_place = st.columns(4)
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
    system = system_place.selectbox(
        text("import.page.coordinate_system", language),
        [_AUTOMATIC, *COORDINATE_SYSTEMS],
        format_func=lambda code: (
            text(f"import.system.{code.replace(':', '_')}", language)
            if code
            else text("import.page.automatic", language)
        ),
        key=kept("import_coordinate_system"),
        persist_state=KEPT,
        help=text("import.page.coordinate_system_help", language),
    )
    # 县级中心=县域中心 explains a word of the list, any other one declares a kind.
    names = [name.strip() for name in new_kinds.replace(",", ",").replace("、", ",").split(",")]
    return NodeListOptions(
        default_kind=default_kind or None,
        new_kinds=tuple(parse_new_kind(name) for name in names if name and "=" not in name),
        kind_words=parse_kind_words(name for name in names if "=" in name),
        origin=origin,
        coordinate_system=system or None,
    )
