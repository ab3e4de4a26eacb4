"""Importing a node list into a workspace: preview, then one new snapshot or nothing.

A list replaces the workspace's rows of exactly the kinds that occur in it, and the completeness
claims of those kinds; rows of other kinds stay. So the lists of sub-markets, demonstration
counties and county centres can be brought in one after the other, in any order. The first import
starts from the public facts: what no list replaces, such as the provincial market, stays.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd

from network_map.datapackage import read_table
from network_map.datasets.node_changes import KindChange, node_changes
from network_map.datasets.open import REGISTER
from network_map.errors import QueryError, WorkspaceError
from network_map.listfiles.open import read_file
from network_map.nodes.importing.options import CompleteClaim, claim_table
from network_map.nodes.importing.preview import (
    NodeListOptions,
    NodeListPreview,
    NodeListReference,
    open_reference,
    preview_nodes,
)
from network_map.nodes.tables import COMPLETE_LISTS, DECLARED_TOTALS, NODE_KINDS, NODES
from network_map.tables.check import conform
from network_map.tables.columns import Table
from network_map.workspace.register import SnapshotInfo, commit, import_move, open_current
from network_map.workspace.snapshots import Snapshot, Tables


def preview_node_list(
    source: Path | bytes,
    file_name: str | None = None,
    options: NodeListOptions | None = None,
    *,
    workspace: Path | None = None,
    reference: NodeListReference | None = None,
) -> NodeListPreview:
    """Return what would be taken of a node list; nothing is stored.

    Parameters
    ----------
    source
        The path of a file, or its content.
    file_name
        Its name; a path brings its own.
    options
        What a person says about the list.
    workspace
        The folder it is meant for: kinds that were declared there are known.
    reference
        What the list is read against; read from the shipped tables by default.

    Raises
    ------
    FileFormatError
        If the file cannot be read as a list at all.
    MissingFileError
        If there is no such file.
    QueryError
        If an option names a kind that does not exist.
    """
    content = source if isinstance(source, bytes) else read_file(source)
    name = file_name or (source.name if isinstance(source, Path) else "")
    known = reference or open_reference()
    if workspace is not None:
        known = replace(known, node_kinds=_known_kinds(workspace, known.node_kinds))
    return preview_nodes(content, name, known, options)


def apply_node_list(
    preview: NodeListPreview,
    workspace: Path,
    *,
    complete: Sequence[CompleteClaim] = (),
    skip_rows: bool = False,
    who: str | None = None,
    at: datetime | None = None,
) -> SnapshotInfo:
    """Make the previewed list the register's rows of its kinds.

    Parameters
    ----------
    preview
        What :func:`preview_node_list` returned.
    workspace
        The folder; it is created if it does not exist.
    complete
        For which kinds and areas the list's owner declares it complete.
    skip_rows
        Whether refused and unanswered rows may be left out; otherwise one of them stops all.
    who, at
        For the journal: the account of the process and the present moment by default.

    Raises
    ------
    QueryError
        If rows are open and may not be left out, if no row is left, or if a list is declared
        complete though rows of it are left out.
    WorkspaceError
        If the workspace is busy or cannot be written; it is then unchanged.
    DamagedFileError
        If the current version of the workspace is damaged.
    """
    left_out = left_out_rows(preview)
    _check_applicable(preview, complete, skip_rows=skip_rows, left_out=left_out)
    move = import_move(
        preview.file_name, preview.file_sha256, left_out_rows=left_out, who=who, at=at
    )
    done = commit(
        workspace, REGISTER, lambda current: merged_register(current, preview, complete), move
    )
    return SnapshotInfo(done.snapshot_id, done.previous_snapshot_id, done.is_changed, left_out)


def left_out_rows(preview: NodeListPreview) -> tuple[int, ...]:
    """Return the numbers of the rows that are refused, unanswered or excluded."""
    rows = pd.concat([preview.refused, preview.doubtful, preview.excluded])["row"]
    return tuple(sorted(int(row) for row in rows))


def merged_register(
    current: Snapshot | None, preview: NodeListPreview, complete: Sequence[CompleteClaim]
) -> Tables:
    """Return the register after the import.

    Parameters
    ----------
    current
        The current version, None for an empty workspace.
    preview
        The list; its rows replace those of the same kinds.
    complete
        The owner's claims; they replace those of the list's kinds.

    Raises
    ------
    WorkspaceError
        If an id of the list is taken by a row that stays.
    """
    base = register_before(current)
    kinds = set(preview.nodes["kind"])
    staying = base["nodes"][~base["nodes"]["kind"].isin(kinds)]
    taken = sorted(set(staying["node_id"]) & set(preview.nodes["node_id"]))
    if taken:
        raise WorkspaceError("node_ids_taken", ids="、".join(taken[:3]), count=len(taken))
    claims = claim_table(complete, source=f"{preview.file_name} ({preview.file_sha256[:8]})")
    old_claims = base["complete_lists"]
    is_renewed = old_claims["kind"].isin(kinds) | _is_in(old_claims, claims)
    return {
        **base,
        "nodes": _stacked(NODES, staying, preview.nodes),
        "node_kinds": _all_kinds(base["node_kinds"], preview.node_kinds),
        "complete_lists": _stacked(COMPLETE_LISTS, old_claims[~is_renewed], claims),
    }


def _check_applicable(
    preview: NodeListPreview,
    complete: Sequence[CompleteClaim],
    *,
    skip_rows: bool,
    left_out: tuple[int, ...],
) -> None:
    about_file = [problem for problem in preview.open_problems if problem.row is None]
    if about_file or (preview.open_problems and not skip_rows):
        raise QueryError("import_open_rows", count=len(preview.open_problems))
    if preview.nodes.empty:
        raise QueryError("import_no_rows")
    unasked = sorted(set(left_out) - set(preview.excluded["row"]))
    if unasked and complete:
        raise QueryError("complete_but_rows_left_out", rows="、".join(map(str, unasked)))


def _known_kinds(workspace: Path, shipped: pd.DataFrame) -> pd.DataFrame:
    current = open_current(workspace, REGISTER)
    return shipped if current is None else _all_kinds(current.tables["node_kinds"], shipped)


def _all_kinds(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return the kinds of both tables; where both have a kind, as the second one has it."""
    return _stacked(NODE_KINDS, first[~first["kind"].isin(second["kind"])], second)


def register_before(current: Snapshot | None) -> Tables:
    """Return the register that an import starts from: a new workspace has the public facts.

    Raises
    ------
    MissingFileError, DamagedFileError
        If a shipped table is not there or not what it should be.
    """
    if current is not None:
        return current.tables
    return {
        "nodes": read_table(NODES, "public_nodes"),
        "node_kinds": read_table(NODE_KINDS),
        "declared_totals": read_table(DECLARED_TOTALS),
        "complete_lists": read_table(COMPLETE_LISTS, "complete_lists"),
    }


def planned_changes(workspace: Path, preview: NodeListPreview) -> tuple[KindChange, ...]:
    """Return what a previewed list would change in a workspace, kind by kind and by name.

    Raises
    ------
    WorkspaceError, DamagedFileError
        If the workspace cannot be read.
    """
    return node_changes(register_before(open_current(workspace, REGISTER)), preview.nodes)


def _is_in(old: pd.DataFrame, new: pd.DataFrame) -> pd.Series:
    """Return which claims have a newer one for the same kind and area."""
    renewed = set(zip(new["kind"], new["adcode"], strict=True))
    pairs = zip(old["kind"], old["adcode"], strict=True)
    return pd.Series([pair in renewed for pair in pairs], index=old.index, dtype="bool")


def _stacked(table: Table, first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of two tables of one declaration."""
    if first.empty or second.empty:
        return conform(table, second if first.empty else first)
    return conform(table, pd.concat([first, second], ignore_index=True))
