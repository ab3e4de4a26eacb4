"""Importing the lists beside the nodes: preview, then one new version.

A list of members replaces the consortia that occur in it, a list of industries the rows of the
industries that occur in it, a list of the work of centres the same centres in the same years;
what a list does not name stays.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from network_map.activity.importing import CENTRE_SYNONYMS, preview_centre_activity
from network_map.activity.tables import CENTRE_ACTIVITY
from network_map.consortia.importing import (
    INDUSTRY_SYNONYMS,
    MEMBER_SYNONYMS,
    preview_industries,
    preview_members,
)
from network_map.consortia.tables import CONSORTIA, CONSORTIUM_MEMBERS, COUNTY_INDUSTRY
from network_map.datapackage import read_table
from network_map.datasets.node_import import register_before
from network_map.datasets.open import REGISTER
from network_map.i18n import LANGUAGES, problem_text, text
from network_map.listfiles.open import read_file
from network_map.nodes.importing.preview import NodeListOptions
from network_map.nodes.importing.small_lists import ListPreview
from network_map.places.gazetteer import Gazetteer, open_gazetteer
from network_map.places.tables import DIVISION_ALIASES, DIVISIONS
from network_map.tables.check import conform
from network_map.tables.columns import Table
from network_map.workspace.register import Committed, commit, import_move, open_current
from network_map.workspace.snapshots import Snapshot, Tables

CONSORTIUM_LIST = "consortia"
INDUSTRY_LIST = "industries"
CENTRE_LIST = "centre-activity"
LIST_COLUMNS: Mapping[str, tuple[str, ...]] = {
    CONSORTIUM_LIST: tuple(MEMBER_SYNONYMS),
    INDUSTRY_LIST: tuple(INDUSTRY_SYNONYMS),
    CENTRE_LIST: tuple(CENTRE_SYNONYMS),
}
"""Columns that each list may have."""
# The columns whose values decide which rows of the workspace a list replaces.
_REPLACED_BY: Mapping[Table, list[str]] = {
    CONSORTIA: ["consortium_id"], CONSORTIUM_MEMBERS: ["consortium_id"],
    COUNTY_INDUSTRY: ["industry"], CENTRE_ACTIVITY: list(CENTRE_ACTIVITY.key),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class ListOutcome:
    """What an import did, or why it did nothing yet.

    Parameters
    ----------
    preview
        What would be taken of the list.
    state
        ``applied``, ``unchanged``, ``waiting`` (for the confirmation), ``blocked`` (by errors or
        open questions) or ``nothing`` (no row left).
    snapshot_id
        The current version of the workspace now, None if there is none.
    """

    preview: ListPreview
    state: str
    snapshot_id: str | None

    @property
    def counts(self) -> dict[str, int]:
        """Rows of each table that the list fills."""
        return {name: len(table) for name, table in self.preview.tables.items()}

    def sentences(self, language: str) -> tuple[str, ...]:
        """Return what there is to say about the import as a whole."""
        counts = [
            text(f"consortium_import.count_{name}", language, count=count)
            for name, count in self.counts.items()
        ]
        state = text(
            f"import.result.{self.state}",
            language,
            snapshot_id=self.snapshot_id or "",
            open_count=len(self.preview.open_problems),
        )
        rows = "、".join(str(row) for row in self.preview.left_out)
        is_told = bool(rows) and self.state not in {"blocked", "nothing"}
        left_out = [text("import.result.left_out", language, rows=rows)] if is_told else []
        return (*counts, state, *left_out)

    def to_json(self) -> dict[str, object]:
        """Return the outcome as plain values."""
        return {
            "applied": self.state in {"applied", "unchanged"},
            "state": self.state,
            "snapshot_id": self.snapshot_id,
            "file": {"name": self.preview.file_name, "sha256": self.preview.file_sha256},
            "counts": {"rows": self.preview.row_count, **self.counts},
            "left_out_rows": list(self.preview.left_out),
            "dropped_columns": list(self.preview.dropped_columns),
            "problems": [
                {
                    "row": problem.row,
                    "severity": problem.severity.value,
                    "code": problem.code,
                    "message": {name: problem_text(problem, name) for name in LANGUAGES},
                }
                for problem in self.preview.problems
            ],
            "message": {language: list(self.sentences(language)) for language in LANGUAGES},
        }


def run_list_import(
    what: str,
    file: Path,
    workspace: Path,
    *,
    options: NodeListOptions | None = None,
    confirm: bool = False,
    skip_rows: bool = False,
    who: str | None = None,
    at: datetime | None = None,
) -> ListOutcome:
    """Preview a list and, if it is confirmed and may be, apply it.

    Parameters
    ----------
    what
        :data:`CONSORTIUM_LIST`, :data:`INDUSTRY_LIST` or :data:`CENTRE_LIST`.
    file
        Its path.
    workspace
        The folder; without ``confirm`` nothing in it is touched.
    options
        What a person says about the list.
    confirm
        Whether to apply the list.
    skip_rows
        Whether rows with problems may be left out.
    who, at
        For the journal: the account of the process and the present moment by default.

    Raises
    ------
    FileFormatError, MissingFileError
        If the file cannot be read as a list.
    WorkspaceError, DamagedFileError
        If the workspace cannot be read or written.
    """
    preview = preview_list(what, file, workspace=workspace, options=options)
    state = list_state(preview, confirm=confirm, skip_rows=skip_rows)
    if state != "applied":
        current = open_current(workspace, REGISTER)
        return ListOutcome(preview, state, None if current is None else current.snapshot_id)
    done = apply_list(preview, workspace, who=who, at=at)
    return ListOutcome(preview, state if done.is_changed else "unchanged", done.snapshot_id)


def preview_list(
    what: str,
    source: Path | bytes,
    file_name: str | None = None,
    *,
    workspace: Path,
    options: NodeListOptions | None = None,
    gazetteer: Gazetteer | None = None,
) -> ListPreview:
    """Return what would be taken of a list; nothing is stored.

    Parameters
    ----------
    what, workspace, options
        As in :func:`run_list_import`.
    source
        The path of a file, or its content.
    file_name
        Its name; a path brings its own.
    gazetteer
        The divisions; the shipped ones by default.

    Raises
    ------
    FileFormatError, MissingFileError
        If the file cannot be read as a list.
    WorkspaceError, DamagedFileError
        If the workspace cannot be read.
    """
    known = gazetteer or open_gazetteer(read_table(DIVISIONS), read_table(DIVISION_ALIASES))
    content = source if isinstance(source, bytes) else read_file(source)
    name = file_name or (source.name if isinstance(source, Path) else "")
    return _READERS[what](content, name, known, open_current(workspace, REGISTER), options)


def apply_list(
    preview: ListPreview, workspace: Path, *, who: str | None = None, at: datetime | None = None
) -> Committed:
    """Put a list that may be applied into a workspace: all that can be taken of it, or nothing.

    Parameters
    ----------
    preview
        What :func:`preview_list` returned.
    workspace
        The folder; it is created if it does not exist.
    who, at
        For the journal: the account of the process and the present moment by default.

    Raises
    ------
    WorkspaceError
        If the workspace is busy or cannot be written; it is then unchanged.
    DamagedFileError
        If the current version of the workspace is damaged.
    """
    move = import_move(
        preview.file_name, preview.file_sha256, left_out_rows=preview.left_out, who=who, at=at
    )
    return commit(workspace, REGISTER, lambda before: _with_list(before, preview.tables), move)


_Options = NodeListOptions | None
_Read = Callable[[bytes, str, Gazetteer, Snapshot | None, _Options], ListPreview]


def _members(
    content: bytes, name: str, gazetteer: Gazetteer, current: Snapshot | None, options: _Options
) -> ListPreview:
    return preview_members(content, name, gazetteer, _known(current), options)


def _industries(
    content: bytes, name: str, gazetteer: Gazetteer, _current: Snapshot | None, options: _Options
) -> ListPreview:
    return preview_industries(content, name, gazetteer, options)


def _centres(
    content: bytes, name: str, gazetteer: Gazetteer, current: Snapshot | None, options: _Options
) -> ListPreview:
    tables = register_before(current)
    return preview_centre_activity(content, name, gazetteer, tables["nodes"], options)


_READERS: Mapping[str, _Read] = {
    CONSORTIUM_LIST: _members, INDUSTRY_LIST: _industries, CENTRE_LIST: _centres,
}  # fmt: skip


def _known(current: Snapshot | None) -> pd.DataFrame:
    """Return the public consortia and those of the workspace."""
    public = read_table(CONSORTIA)
    own = public.iloc[:0] if current is None else current.tables[CONSORTIA.name]
    return _replaced(CONSORTIA, public, own)


def list_state(preview: ListPreview, *, confirm: bool, skip_rows: bool) -> str:
    """Return ``applied`` if the list may be applied now, else what stands in the way."""
    about_file = any(problem.row is None for problem in preview.open_problems)
    if about_file or (preview.open_problems and not skip_rows):
        return "blocked"
    if all(table.empty for table in preview.tables.values()):
        return "nothing"
    return "applied" if confirm else "waiting"


def _with_list(current: Snapshot | None, tables: Tables) -> Tables:
    """Return the register with the rows of a list in the place of those that it renews."""
    base = register_before(current)
    renewed = {
        table.name: _replaced(table, base[table.name], tables[table.name])
        if table.name in base
        else tables[table.name]
        for table in _REPLACED_BY
        if table.name in tables
    }
    return {**base, **renewed}


def _replaced(table: Table, old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Return the new rows and the old ones that they do not replace."""
    columns = _REPLACED_BY[table]
    staying = old[
        ~pd.MultiIndex.from_frame(old[columns]).isin(pd.MultiIndex.from_frame(new[columns]))
    ]
    if staying.empty or new.empty:
        return conform(table, new if staying.empty else staying)
    return conform(table, pd.concat([staying, new], ignore_index=True))
