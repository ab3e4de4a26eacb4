"""The register of a workspace: which snapshot is current, and how it came to be.

``current.json`` names the current snapshot and the number of the journal entry that made it so.
The entry is written first, then the pointer moves in one rename; an entry or snapshot beyond the
pointer is what a killed import left, and the next import removes it.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path
from typing import Protocol, TypeVar

from network_map.errors import DamagedFileError, WorkspaceError
from network_map.workspace import (
    SNAPSHOTS,
    Snapshot,
    Tables,
    TableSet,
    is_snapshot_id,
    json_bytes,
    read_snapshot,
    remove,
    remove_unfinished,
    snapshot_folder,
    snapshot_ids,
    write_file,
    write_snapshot,
)

POINTER = "current.json"
JOURNAL = "journal"
LOCK = ".lock"
LOCK_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One move of the pointer.

    Parameters
    ----------
    number
        Its place in the journal, from 1.
    at
        When, ISO 8601 with offset.
    who
        The person or account.
    action
        ``import`` or ``rollback``.
    snapshot_id, previous_snapshot_id
        The version that became current, and the one that was.
    source_file, source_sha256
        The imported file.
    left_out_rows
        Rows of the file that were skipped.
    """

    number: int
    at: str
    who: str
    action: str
    snapshot_id: str
    previous_snapshot_id: str | None
    source_file: str = ""
    source_sha256: str = ""
    left_out_rows: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """Who moves the pointer, when and with which file."""

    at: str
    who: str
    source_file: str = ""
    source_sha256: str = ""
    left_out_rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit did.

    Parameters
    ----------
    snapshot_id
        The current version now.
    previous_snapshot_id
        The current version before, None if there was none.
    is_changed
        Whether they differ.
    """

    snapshot_id: str
    previous_snapshot_id: str | None
    is_changed: bool


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """The version of a workspace after an import.

    Parameters
    ----------
    snapshot_id
        The current version.
    previous_snapshot_id
        The one before, None for a first import.
    is_changed
        Whether the import changed anything.
    left_out_rows
        Rows of the file that were skipped.
    """

    snapshot_id: str
    previous_snapshot_id: str | None
    is_changed: bool
    left_out_rows: tuple[int, ...] = ()


Build = Callable[[Snapshot | None], Tables]
"""Makes the new tables from the current snapshot."""


class HasId(Protocol):
    """A snapshot of any kind of register."""

    @property
    def snapshot_id(self) -> str:
        """Hash of its content, 16 hexadecimal digits."""


Kept = TypeVar("Kept", bound=HasId)


def has_register(workspace: Path) -> bool:
    """Return whether a list was ever imported into the folder."""
    return (workspace / POINTER).is_file()


def current_id(workspace: Path) -> str | None:
    """Return the id of the current snapshot, None for a folder without register.

    Raises
    ------
    DamagedFileError
        If the pointer is not what it should be.
    WorkspaceError
        If it cannot be read.
    """
    pointer = _pointer(workspace)
    return None if pointer is None else pointer[0]


def open_current(workspace: Path, table_set: TableSet) -> Snapshot | None:
    """Return the current snapshot, None for a folder without register.

    Parameters
    ----------
    workspace
        The workspace.
    table_set
        What its register is made of.

    Raises
    ------
    DamagedFileError
        If the pointer or a file of the snapshot is not what it should be.
    WorkspaceError
        If the workspace cannot be read.
    """
    snapshot_id = current_id(workspace)
    return None if snapshot_id is None else read_snapshot(workspace, table_set, snapshot_id)


def commit(workspace: Path, table_set: TableSet, build: Build, move: Move) -> Committed:
    """Make a new snapshot from the current one, and make it current.

    Parameters
    ----------
    workspace
        The workspace; it is created if it does not exist.
    table_set
        What its register is made of.
    build
        Makes the new tables; it is called under the lock, so no other import comes between.
    move
        Who, when, with which file.

    Raises
    ------
    WorkspaceError
        If the workspace is locked for too long or cannot be written; it is then unchanged.
    DamagedFileError
        If the current version is damaged.
    """

    def write(current: Snapshot | None) -> str:
        return write_snapshot(
            workspace,
            table_set,
            build(current),
            source_file=move.source_file,
            source_sha256=move.source_sha256,
        )

    def read(folder: Path, snapshot_id: str) -> Snapshot:
        return read_snapshot(folder, table_set, snapshot_id)

    return commit_snapshot(workspace, read, write, move)


def commit_snapshot(
    folder: Path,
    read: Callable[[Path, str], Kept],
    write: Callable[[Kept | None], str],
    move: Move,
) -> Committed:
    """Make a snapshot of any kind current: the one mechanism behind every register.

    Parameters
    ----------
    folder
        The folder of the register; it is created if it does not exist.
    read
        Returns the snapshot of an id in the folder, verified.
    write
        Writes the snapshot that follows the current one, and returns its id; it is called
        under the lock.
    move
        Who, when, with which file.

    Raises
    ------
    WorkspaceError, DamagedFileError
        As in :func:`commit`.
    """
    with _locked(folder):
        pointer = _pointer(folder)
        _remove_leftovers(folder, 0 if pointer is None else pointer[1])
        current = None if pointer is None else read(folder, pointer[0])
        snapshot_id = write(current)
        previous = None if current is None else current.snapshot_id
        if snapshot_id != previous:
            _move_pointer(folder, "import", snapshot_id, previous, move)
        return Committed(snapshot_id, previous, snapshot_id != previous)


def roll_back(workspace: Path, table_set: TableSet, snapshot_id: str, move: Move) -> Committed:
    """Make an earlier snapshot current again; nothing is removed.

    Parameters
    ----------
    workspace
        The workspace.
    table_set
        What its register is made of.
    snapshot_id
        The version to go back to.
    move
        Who and when.

    Raises
    ------
    WorkspaceError, DamagedFileError
        As in :func:`roll_back_snapshot`.
    """
    return roll_back_snapshot(
        workspace,
        snapshot_id,
        move,
        read=lambda folder, name: read_snapshot(folder, table_set, name),
    )


def roll_back_snapshot(
    workspace: Path,
    snapshot_id: str,
    move: Move,
    *,
    read: Callable[[Path, str], HasId],
) -> Committed:
    """Make an earlier snapshot of any kind current again: the mechanism behind every register.

    Parameters
    ----------
    workspace
        The folder of the register.
    snapshot_id
        The version to go back to.
    move
        Who and when.
    read
        Verifies a snapshot of this kind of register.

    Raises
    ------
    WorkspaceError
        If the workspace has no such snapshot, or cannot be written.
    DamagedFileError
        If that snapshot is damaged.
    """
    known = snapshot_ids(workspace)
    if snapshot_id not in known:
        raise WorkspaceError(
            "workspace_no_snapshot",
            path=str(workspace),
            snapshot_id=snapshot_id,
            known="、".join(known),
        )
    with _locked(workspace):
        read(workspace, snapshot_id)
        previous = _lenient_current(workspace)
        if snapshot_id != previous:
            _move_pointer(workspace, "rollback", snapshot_id, previous, move)
        return Committed(snapshot_id, previous, snapshot_id != previous)


def history(workspace: Path) -> tuple[JournalEntry, ...]:
    """Return the moves of the pointer, oldest first.

    Raises
    ------
    DamagedFileError
        If the pointer or an entry is not what it should be.
    """
    pointer = _pointer(workspace)
    last = 0 if pointer is None else pointer[1]
    return tuple(
        _entry(workspace, path) for number, path in _entry_files(workspace) if number <= last
    )


def current_snapshot(workspace: Path) -> SnapshotInfo | None:
    """Return the current version and how it came to be, None for a folder without register.

    Raises
    ------
    DamagedFileError
        If the journal is not what it should be.
    WorkspaceError
        If the workspace cannot be read.
    """
    entries = history(workspace)
    if not entries:
        return None
    last = entries[-1]
    return SnapshotInfo(
        last.snapshot_id,
        last.previous_snapshot_id,
        last.snapshot_id != last.previous_snapshot_id,
        tuple(last.left_out_rows),
    )


def import_move(
    file_name: str,
    file_sha256: str,
    *,
    left_out_rows: tuple[int, ...] = (),
    who: str | None = None,
    at: datetime | None = None,
) -> Move:
    """Return the move that an import makes.

    Parameters
    ----------
    file_name, file_sha256
        The imported file.
    left_out_rows
        Rows of it that are skipped.
    who, at
        The account of the process and the present moment by default.
    """
    moment = at or datetime.now(UTC)
    return Move(
        at=moment.isoformat(timespec="seconds"),
        who=who or _account(),
        source_file=file_name,
        source_sha256=file_sha256,
        left_out_rows=left_out_rows,
    )


@contextmanager
def _locked(workspace: Path) -> Iterator[None]:
    """Hold the workspace's lock, and say what went wrong with the disk in one sentence."""
    from filelock import FileLock, Timeout  # noqa: PLC0415 (only where a workspace is changed)

    try:
        workspace.mkdir(parents=True, exist_ok=True)
        with FileLock(workspace / LOCK, timeout=LOCK_SECONDS):
            yield
    except Timeout as error:
        raise WorkspaceError(
            "workspace_busy", path=str(workspace), seconds=f"{LOCK_SECONDS:.0f}"
        ) from error
    except OSError as error:
        detail = error.strerror or str(error)
        raise WorkspaceError("workspace_unwritable", path=str(workspace), detail=detail) from error


def _pointer(workspace: Path) -> tuple[str, int] | None:
    """Return the current snapshot's id and the number of its journal entry."""
    path = workspace / POINTER
    try:
        found = json.loads(path.read_bytes())
        snapshot_id, number = found["snapshot_id"], found["journal_number"]
        if not (is_snapshot_id(snapshot_id) and isinstance(number, int) and number > 0):
            raise _damaged_pointer(workspace)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        detail = error.strerror or str(error)
        raise WorkspaceError("workspace_unreadable", path=str(workspace), detail=detail) from error
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, DamagedFileError):
            raise
        raise _damaged_pointer(workspace) from error
    return snapshot_id, number


def _damaged_pointer(workspace: Path) -> DamagedFileError:
    known = "、".join(snapshot_ids(workspace))
    return DamagedFileError("snapshot_pointer_damaged", file=POINTER, known=known)


def _lenient_current(workspace: Path) -> str | None:
    """Return the current id where it can be read: going back must work on a damaged pointer."""
    try:
        return current_id(workspace)
    except DamagedFileError:
        return None


def _move_pointer(
    workspace: Path, action: str, snapshot_id: str, previous: str | None, move: Move
) -> None:
    number = max((number for number, _ in _entry_files(workspace)), default=0) + 1
    entry = JournalEntry(
        number, move.at, move.who, action, snapshot_id, previous,
        move.source_file, move.source_sha256, move.left_out_rows,
    )  # fmt: skip
    (workspace / JOURNAL).mkdir(exist_ok=True)
    write_file(workspace / JOURNAL / f"{number:06d}.json", json_bytes(asdict(entry)))
    pointer = {"snapshot_id": snapshot_id, "journal_number": number}
    write_file(workspace / POINTER, json_bytes(pointer))


def _remove_leftovers(workspace: Path, last_number: int) -> None:
    """Remove what a killed import left: unfinished files, entries and snapshots never current."""
    for folder in (workspace, workspace / SNAPSHOTS, workspace / JOURNAL):
        remove_unfinished(folder)
    entries = _entry_files(workspace)
    for number, path in entries:
        if number > last_number:
            remove(path)
    kept = {
        _entry(workspace, path).snapshot_id for number, path in entries if number <= last_number
    }
    for snapshot_id in snapshot_ids(workspace):
        if snapshot_id not in kept:
            remove(snapshot_folder(workspace, snapshot_id))


def _entry_files(workspace: Path) -> list[tuple[int, Path]]:
    folder = workspace / JOURNAL
    if not folder.is_dir():
        return []
    return sorted((int(path.stem), path) for path in folder.glob("*.json") if path.stem.isdecimal())


def _entry(workspace: Path, path: Path) -> JournalEntry:
    try:
        found: Mapping[str, object] = json.loads(path.read_bytes())
        return JournalEntry(**found)  # type: ignore[arg-type]  # a wrong field raises TypeError
    except (ValueError, TypeError) as error:
        known = "、".join(snapshot_ids(workspace))
        raise DamagedFileError("snapshot_pointer_damaged", file=path.name, known=known) from error


def _account() -> str:
    try:
        return getuser()
    except (KeyError, OSError, ImportError):  # no account name, as in some containers
        return ""
