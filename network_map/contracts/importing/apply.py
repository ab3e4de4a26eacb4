"""Importing contracts and payments into a workspace: preview, then one new version or nothing.

Unlike a list of nodes, an import adds to the register; see :mod:`contract_merge` for what becomes
of contracts and payments that it holds already. Contracts and payments are kept in one version
together, so an import of the ones leaves the others as they are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from network_map.contracts.importing.contract_merge import (
    Effect,
    Held,
    merged_payments,
    new_payments,
    settled_contracts,
)
from network_map.contracts.importing.options import (
    ContractOptions,
    ContractPreview,
    PaidPreview,
    RegisterPreview,
    exact_sum,
)
from network_map.contracts.importing.paid import preview_paid_values
from network_map.contracts.importing.preview import preview_contracts
from network_map.contracts.importing.reading import Progress
from network_map.contracts.register.contract_writing import RegisterChange
from network_map.contracts.register.tables import empty_tables
from network_map.contracts.register.versions import (
    ContractSnapshot,
    added_to,
    commit_contracts,
    current_contracts,
    known_contract_ids,
    read_contracts_of,
    read_paid_values,
)
from network_map.datapackage import read_table
from network_map.errors import Problem, QueryError, Severity
from network_map.listfiles.outcome import Outcome
from network_map.listfiles.preview import MOST_DESCRIBED
from network_map.places.gazetteer import Gazetteer, open_gazetteer
from network_map.places.tables import DIVISION_ALIASES, DIVISIONS
from network_map.workspace.register import SnapshotInfo, import_move

_OPEN = [Outcome.REFUSED.value, Outcome.DOUBTFUL.value]
_LEFT_OUT = [*_OPEN, Outcome.EXCLUDED.value]


@dataclass(frozen=True, eq=False)
class RegisterImport:
    """A list of contracts or payments as it would change a workspace.

    Parameters
    ----------
    preview
        What would be taken of it; rows that contradict the register are doubtful in it.
    effect
        What they do to the register.
    snapshot_id
        The version that it was judged against, None if there was none.
    notes
        What is worth saying about list and register together.
    build
        Makes the new register from the one that is current when the list is applied.
    """

    preview: ContractPreview | PaidPreview
    effect: Effect
    snapshot_id: str | None
    notes: tuple[Problem, ...]
    build: Callable[[ContractSnapshot | None], RegisterChange]

    @property
    def left_out_rows(self) -> tuple[int, ...]:
        """Numbers of the rows that are refused, unanswered or excluded."""
        return _rows_with(self.preview, _LEFT_OUT)

    def state(self, *, confirm: bool, skip_rows: bool) -> str:
        """Return ``applied`` if the list may be applied now, else what stands in the way."""
        if self.preview.file_problems or (self.preview.open_count and not skip_rows):
            return "blocked"
        if not _taken_count(self.preview):
            return "nothing"
        return "applied" if confirm else "waiting"


def preview_contract_list(
    source: Path | bytes,
    file_name: str | None = None,
    options: ContractOptions | None = None,
    *,
    workspace: Path,
    replaces_known: bool = False,
    gazetteer: Gazetteer | None = None,
    progress: Progress | None = None,
    most_described: int = MOST_DESCRIBED,
) -> RegisterImport:
    """Return what a contract register would change in a workspace; nothing is stored.

    Parameters
    ----------
    source
        The path of a file, or its content.
    file_name
        Its name; a path brings its own.
    options
        What a person says about the list.
    workspace
        The folder that it is meant for.
    replaces_known
        Whether the list is right wherever it contradicts what the workspace holds.
    gazetteer
        The divisions; the shipped ones by default.
    progress
        Told how many rows are done, and how many there are about.
    most_described
        Problems of one code that are described; all are counted.

    Raises
    ------
    FileFormatError, MissingFileError
        If the file cannot be read as a register.
    WorkspaceError, DamagedFileError
        If the workspace cannot be read.
    """
    listed = preview_contracts(
        source, _name(source, file_name), gazetteer or open_divisions(), options,
        progress=progress, most_described=most_described,
    )  # fmt: skip
    settle = partial(settled_contracts, listed, replaces_known=replaces_known)
    current = current_contracts(workspace)
    found = settle(_held(current), most_described=most_described)
    open_rows = _rows_with(found.preview, _OPEN)

    def build(before: ContractSnapshot | None) -> RegisterChange:
        new = found.new
        if not _is_same(before, current):  # another import came between
            now = settle(_held(before), most_described=0)
            if _rows_with(now.preview, _OPEN) != open_rows:
                raise QueryError("import_register_moved")
            new = now.new
        return added_to(before, new.chunks)

    snapshot_id = None if current is None else current.snapshot_id
    return RegisterImport(found.preview, found.effect, snapshot_id, found.notes, build)


def preview_payment_list(
    source: Path | bytes,
    file_name: str | None = None,
    options: ContractOptions | None = None,
    *,
    workspace: Path,
    progress: Progress | None = None,
    most_described: int = MOST_DESCRIBED,
) -> RegisterImport:
    """Return what a list of payments would change in a workspace; nothing is stored.

    Parameters
    ----------
    source, file_name, options, workspace, progress, most_described
        As in :func:`preview_contract_list`.

    Raises
    ------
    FileFormatError, MissingFileError
        If the file cannot be read as such a list.
    WorkspaceError, DamagedFileError
        If the workspace cannot be read.
    """
    listed = preview_paid_values(
        source, _name(source, file_name), options,
        progress=progress, most_described=most_described,
    )  # fmt: skip
    current = current_contracts(workspace)
    ids = listed.paid_values["contract_id"]
    is_known = (
        pd.Series(data=False, index=ids.index)
        if current is None
        else known_contract_ids(current, ids)
    )
    new = new_payments(listed, _paid(current))
    same = len(listed.paid_values) - len(new)

    def build(before: ContractSnapshot | None) -> RegisterChange:
        held = _paid(before)
        paid = merged_payments(held, new_payments(listed, held))
        return added_to(before, paid_values=paid)

    notes = [
        Problem(code, Severity.NOTE, values={"count": count})
        for code, count in (
            ("paid_without_contract", int((~is_known.to_numpy(dtype="bool")).sum())),
            ("paid_known", same),
        )
        if count
    ]
    snapshot_id = None if current is None else current.snapshot_id
    return RegisterImport(listed, Effect(len(new), 0, 0, same), snapshot_id, tuple(notes), build)


def apply_register_import(
    planned: RegisterImport,
    workspace: Path,
    *,
    skip_rows: bool = False,
    who: str | None = None,
    at: datetime | None = None,
) -> SnapshotInfo:
    """Add the previewed list to the register of a workspace: all of it or nothing.

    Parameters
    ----------
    planned
        What :func:`preview_contract_list` or :func:`preview_payment_list` returned.
    workspace
        The folder; it is created if it does not exist.
    skip_rows
        Whether refused and unanswered rows may be left out; otherwise one of them stops all.
    who, at
        For the journal: the account of the process and the present moment by default.

    Raises
    ------
    QueryError
        If rows are open and may not be left out, if no row is left, or if another import changed
        the register meanwhile so that other rows of the list are open.
    WorkspaceError
        If the workspace is busy or cannot be written; it is then unchanged.
    DamagedFileError
        If the current version of the workspace is damaged.
    """
    state = planned.state(confirm=True, skip_rows=skip_rows)
    if state == "blocked":
        raise QueryError("import_open_rows", count=planned.preview.open_count)
    if state == "nothing":
        raise QueryError("import_no_rows")
    preview, left_out = planned.preview, planned.left_out_rows
    move = import_move(
        preview.file_name, preview.file_sha256, left_out_rows=left_out, who=who, at=at
    )
    done = commit_contracts(workspace, planned.build, move)
    return SnapshotInfo(done.snapshot_id, done.previous_snapshot_id, done.is_changed, left_out)


def open_divisions() -> Gazetteer:
    """Return the shipped divisions and every way of writing them.

    Raises
    ------
    MissingFileError, DamagedFileError
        If a shipped table is not there or not what it should be.
    """
    return open_gazetteer(read_table(DIVISIONS), read_table(DIVISION_ALIASES))


def import_totals(preview: ContractPreview | PaidPreview) -> dict[str, int]:
    """Return number and sums in fen of the rows that would be taken."""
    if isinstance(preview, PaidPreview):
        paid = preview.paid_values
        return {
            "payment_count": len(paid),
            "paid_value_fen": exact_sum(paid["paid_value_fen"]),
        }
    totals = preview.totals
    return {
        "contract_count": totals.contract_count,
        "contract_value_fen": totals.contract_value_fen,
        "technology_value_fen": totals.technology_value_fen,
        "unlocated_count": totals.unlocated_count,
        "unlocated_value_fen": totals.unlocated_value_fen,
        "cancelled_count": totals.cancelled_count,
    }


def _name(source: Path | bytes, file_name: str | None) -> str:
    return file_name or (source.name if isinstance(source, Path) else "")


def _taken_count(preview: ContractPreview | PaidPreview) -> int:
    if isinstance(preview, ContractPreview):
        return len(preview.taken)
    return len(preview.paid_values)


def _held(snapshot: ContractSnapshot | None) -> Held | None:
    return None if snapshot is None else partial(read_contracts_of, snapshot)


def _paid(snapshot: ContractSnapshot | None) -> pd.DataFrame:
    return empty_tables().paid_values if snapshot is None else read_paid_values(snapshot)


def _is_same(first: ContractSnapshot | None, second: ContractSnapshot | None) -> bool:
    return (first and first.snapshot_id) == (second and second.snapshot_id)


def _rows_with(preview: RegisterPreview, outcomes: list[str]) -> tuple[int, ...]:
    rows = preview.rows.loc[preview.rows["outcome"].isin(outcomes), "row"]
    return tuple(np.asarray(rows.to_numpy(), dtype="int64").tolist())
