"""Atomic files, immutable snapshots of any set of tables, and the pointer to the current one.

Snapshots are folders of tables that are written once and never changed. The id of a snapshot is the
hash of its content, so it depends on neither time nor machine: the same tables make the same
snapshot. Files are written so that a reader sees the old content or the new one, never a part.

Beside them ``register`` (pointer, journal, lock) and ``imports`` (what an import did or would do).
No subject is known here.
"""

import json
import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from network_map.errors import DamagedFileError, TableError
from network_map.tables import Table
from network_map.tables.check import conform

# --- files that are never half written ------------------------------------------------------------


TEMPORARY = ".tmp-"
"""How the name of everything begins that is not finished."""


def write_file(path: Path, content: bytes) -> None:
    """Write a file under a temporary name, force it to disk, and give it its name."""
    temporary = path.with_name(f"{TEMPORARY}{path.name}-{os.getpid()}")
    write_synced(temporary, content)
    temporary.replace(path)
    sync_folder(path.parent)


def write_synced(path: Path, content: bytes) -> None:
    """Write a file in place and force it to disk."""
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def write_folder(folder: Path, fill: Callable[[Path], None]) -> None:
    """Fill a folder under a temporary name, then give it its name; replace what has the name."""

    def named(new: Path) -> Path:
        fill(new)
        return folder

    write_named_folder(folder.parent, named)


def write_named_folder(parent: Path, fill: Callable[[Path], Path | None]) -> None:
    """Fill a folder whose name follows from what is in it.

    Parameters
    ----------
    parent
        Where it stands; made if it is not there.
    fill
        Fills the folder that it is given, and returns its name in `parent`, or None where there
        is one of the same content and the new one is not wanted.
    """
    parent.mkdir(parents=True, exist_ok=True)
    temporary = parent / f"{TEMPORARY}{os.getpid()}"
    remove(temporary)
    try:
        temporary.mkdir()
        folder = fill(temporary)
        if folder is None:
            return
        sync_folder(temporary)
        remove(folder)  # only ever a damaged one: a whole one was found before
        temporary.rename(folder)
        sync_folder(parent)
    finally:
        remove(temporary)


def sync_file(path: Path) -> None:
    """Force a file that another library wrote to disk."""
    with path.open("r+b") as stream:
        os.fsync(stream.fileno())


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal, read in pieces."""
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Force the names in a folder to disk, where the system can."""
    if os.name == "nt":  # a folder cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def json_bytes(value: Mapping[str, object]) -> bytes:
    """Return JSON that is the same for the same content."""
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
    return f"{text}\n".encode()


def hash_of(content: bytes) -> str:
    """Return the SHA-256 of a content in hexadecimal."""
    return sha256(content).hexdigest()


def remove_unfinished(folder: Path) -> None:
    """Remove what a killed writer left behind under temporary names."""
    for path in folder.glob(f"{TEMPORARY}*"):
        remove(path)


def remove(path: Path) -> None:
    """Remove a file or a folder with all it holds."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


# --- snapshots ------------------------------------------------------------------------------------


FORMAT = 1
"""Version of the snapshot's format; a newer one is refused, not guessed."""
MANIFEST = "manifest.json"
SNAPSHOTS = "snapshots"
_ID = re.compile(r"[0-9a-f]{16}")

Tables = Mapping[str, pd.DataFrame]
"""The tables of a register by name."""


@dataclass(frozen=True, slots=True)
class TableSet:
    """The tables that the snapshots of a register are made of, each a file.

    Parameters
    ----------
    required
        Every snapshot has them.
    further
        Tables that a register may have besides: one without rows has no file, so that a register
        that never had them keeps its id, and versions from before they were known can be read.
    order
        By the name of a table the columns that its rows are sorted by; its key where none stand.
    """

    required: tuple[Table, ...]
    further: tuple[Table, ...] = ()
    order: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One version of a register.

    Parameters
    ----------
    snapshot_id
        Hash of the content, 16 hexadecimal digits.
    tables
        Every table of the set; the further ones may have no rows.
    file_sha256
        SHA-256 of each file by its name.
    source_file, source_sha256
        The file whose import made this version first.
    """

    snapshot_id: str
    tables: Tables
    file_sha256: Mapping[str, str]
    source_file: str
    source_sha256: str


def write_snapshot(
    workspace: Path, table_set: TableSet, tables: Tables, *, source_file: str, source_sha256: str
) -> str:
    """Write a snapshot, unless the same content is there already, and return its id.

    Parameters
    ----------
    workspace
        The workspace; the caller holds its lock.
    table_set
        What the register is made of.
    tables
        Its tables; the further ones may be missing.
    source_file, source_sha256
        The imported file.

    Raises
    ------
    OSError
        If the disk is full or the folder cannot be written.
    """
    further = (t for t in table_set.further if t.name in tables and not tables[t.name].empty)
    written = (*table_set.required, *further)
    contents = {
        f"{table.name}.csv": _csv_bytes(table, tables[table.name], table_set) for table in written
    }
    hashes = {name: hash_of(content) for name, content in contents.items()}
    snapshot_id = _snapshot_id(hashes)
    if _is_whole(workspace, table_set, snapshot_id):
        return snapshot_id
    manifest = {
        "format": FORMAT,
        "snapshot_id": snapshot_id,
        "files": {
            f"{table.name}.csv": {
                "sha256": hashes[f"{table.name}.csv"],
                "rows": len(tables[table.name]),
            }
            for table in written
        },
        "source": {"file_name": source_file, "sha256": source_sha256},
    }

    def fill(folder: Path) -> None:
        for name, content in {**contents, MANIFEST: json_bytes(manifest)}.items():
            write_synced(folder / name, content)

    write_folder(snapshot_folder(workspace, snapshot_id), fill)
    return snapshot_id


def read_snapshot(workspace: Path, table_set: TableSet, snapshot_id: str) -> Snapshot:
    """Return a snapshot whose every file has its recorded hash.

    Parameters
    ----------
    workspace
        The workspace.
    table_set
        What the register is made of.
    snapshot_id
        Id of the version.

    Raises
    ------
    DamagedFileError
        If a file is missing, changed, or written by a newer program.
    """
    folder = snapshot_folder(workspace, snapshot_id)
    if not folder.is_dir():
        raise DamagedFileError(
            "snapshot_missing", snapshot_id=snapshot_id, known="、".join(snapshot_ids(workspace))
        )
    manifest, hashes = _manifest(folder, snapshot_id)
    further = (table for table in table_set.further if f"{table.name}.csv" in hashes)
    there = (*table_set.required, *further)
    tables = {table.name: _table(folder, table, hashes, snapshot_id) for table in there}
    if any(manifest["files"][f"{name}.csv"]["rows"] != len(rows) for name, rows in tables.items()):
        raise DamagedFileError("snapshot_file_damaged", snapshot_id=snapshot_id, file=MANIFEST)
    tables |= {t.name: _without_rows(t) for t in table_set.further if t.name not in tables}
    source = manifest.get("source")
    source = source if isinstance(source, dict) else {}
    return Snapshot(
        snapshot_id,
        tables,
        hashes,
        str(source.get("file_name", "")),
        str(source.get("sha256", "")),
    )


def snapshot_folder(workspace: Path, snapshot_id: str) -> Path:
    """Return the folder of a snapshot."""
    return workspace / SNAPSHOTS / snapshot_id


def snapshot_ids(workspace: Path) -> tuple[str, ...]:
    """Return the ids of the snapshots in a workspace, sorted."""
    folder = workspace / SNAPSHOTS
    if not folder.is_dir():
        return ()
    return tuple(sorted(path.name for path in folder.iterdir() if is_snapshot_id(path.name)))


def is_snapshot_id(text: str) -> bool:
    """Return whether a text can be the id of a snapshot (and so no path out of the folder)."""
    return _ID.fullmatch(text) is not None


def _snapshot_id(hashes: Mapping[str, str]) -> str:
    return hash_of(json_bytes({"format": FORMAT, "files": dict(hashes)}))[:16]


def _csv_bytes(table: Table, frame: pd.DataFrame, table_set: TableSet) -> bytes:
    """Return a table as CSV that is the same for the same rows in any order of import."""
    order = list(table_set.order.get(table.name, table.key))
    typed = conform(table, frame).sort_values(order, ignore_index=True)
    return typed.to_csv(index=False, lineterminator="\n").encode()


def _without_rows(table: Table) -> pd.DataFrame:
    return conform(table, pd.DataFrame(columns=table.names, dtype="object"))


def _is_whole(workspace: Path, table_set: TableSet, snapshot_id: str) -> bool:
    """Return whether the snapshot is there and undamaged."""
    try:
        read_snapshot(workspace, table_set, snapshot_id)
    except DamagedFileError:
        return False
    return True


def _manifest(folder: Path, snapshot_id: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the manifest and the recorded hashes, which must give the snapshot's own id."""
    damaged = DamagedFileError("snapshot_file_damaged", snapshot_id=snapshot_id, file=MANIFEST)
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        found = manifest["format"]
        hashes = {str(name): str(entry["sha256"]) for name, entry in manifest["files"].items()}
        _ = [int(entry["rows"]) for entry in manifest["files"].values()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged from error
    if found != FORMAT:
        raise DamagedFileError(
            "snapshot_too_new", snapshot_id=snapshot_id, found=found, known=FORMAT
        )
    if _snapshot_id(hashes) != snapshot_id:
        raise damaged
    return manifest, hashes


def _table(folder: Path, table: Table, hashes: Mapping[str, str], snapshot_id: str) -> pd.DataFrame:
    name = f"{table.name}.csv"
    damaged = DamagedFileError("snapshot_file_damaged", snapshot_id=snapshot_id, file=name)
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise damaged from error
    if hash_of(content) != hashes.get(name):
        raise damaged
    try:
        raw = pd.read_csv(BytesIO(content), dtype="str", keep_default_na=False, na_values=[""])
        return conform(table, raw)
    except (ValueError, TableError) as error:
        raise damaged from error
