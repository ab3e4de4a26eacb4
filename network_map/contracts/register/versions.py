"""Versions of the contract register: Parquet by year of signing, written once, never changed.

They lie in ``contracts`` inside the workspace, beside the register of nodes and under the same
mechanism: immutable snapshots, a journal, one pointer (:mod:`network_map.workspace`).
The id is the hash of the cells, so the same register has the same id on every machine.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from network_map.contracts.register.tables import (
    TABLES,
    Pieces,
    RegisterChange,
    arrow_table,
    content_hash,
    data_frame,
    empty_tables,
    no_contracts,
    write_contract_files,
    write_parquet,
    write_rollups,
)
from network_map.contracts.tables import CONTRACTS, PAID_VALUES
from network_map.errors import DamagedFileError
from network_map.workspace import (
    MANIFEST,
    SNAPSHOTS,
    file_hash,
    hash_of,
    json_bytes,
    snapshot_folder,
    snapshot_ids,
    sync_file,
    write_named_folder,
    write_synced,
)
from network_map.workspace.register import (
    Committed,
    JournalEntry,
    Move,
    commit_snapshot,
    current_id,
    history,
    roll_back_snapshot,
)

FORMAT = 2
"""Version of the format; a newer one is refused, not guessed."""
_READABLE = (1, FORMAT)
"""The first one hashed the contracts in another order; its files are the same."""
FOLDER = "contracts"


@dataclass(frozen=True, slots=True)
class ContractSnapshot:
    """A version of the contract register.

    Parameters
    ----------
    snapshot_id
        Hash of the content, 16 hexadecimal digits.
    folder
        Where its files lie.
    file_sha256
        SHA-256 of each file by its name.
    row_counts
        Rows of ``contracts`` and ``paid_values``.
    source_file, source_sha256
        The file whose import made this version first.
    """

    snapshot_id: str
    folder: Path
    file_sha256: Mapping[str, str]
    row_counts: Mapping[str, int]
    source_file: str
    source_sha256: str

    def files(self, table: str) -> list[Path]:
        """Return the Parquet files of ``contracts``, ``paid_values`` or a rollup."""
        names = (name for name in sorted(self.file_sha256) if name.split(".")[0] == table)
        return [self.folder / name for name in names]


Build = Callable[[ContractSnapshot | None], RegisterChange]
"""Makes the new register from the current one, None for the first."""


def added_to(
    held: ContractSnapshot | None,
    contracts: Pieces = no_contracts,
    paid_values: pd.DataFrame | None = None,
) -> RegisterChange:
    """Return what a version becomes when contracts are added, or replaced by their ids.

    Parameters
    ----------
    held
        The version, None for an empty register.
    contracts
        Yields the contracts, as in :class:`RegisterChange`.
    paid_values
        Table ``paid_values`` of the new register; by default that of the version.

    Raises
    ------
    DamagedFileError
        If what was paid cannot be read.
    """
    if held is None:
        paid = empty_tables().paid_values if paid_values is None else paid_values
        return RegisterChange(contracts, paid)
    paid = read_paid_values(held) if paid_values is None else paid_values
    return RegisterChange(contracts, paid, held.files(CONTRACTS.name))


def contract_folder(workspace: Path) -> Path:
    """Return the folder of a workspace's contract register."""
    return workspace / FOLDER


def commit_contracts(workspace: Path, build: Build, move: Move) -> Committed:
    """Make a new version of the contract register and make it current: all of it or nothing.

    Parameters
    ----------
    workspace
        The workspace; it is created if it does not exist.
    build
        Makes the new register; it is called under the lock.
    move
        Who, when, with which file.

    Raises
    ------
    WorkspaceError
        If the workspace is busy or cannot be written; it is then unchanged.
    DamagedFileError
        If the current version is damaged.
    """
    folder = contract_folder(workspace)

    def write(current: ContractSnapshot | None) -> str:
        return write_contracts(
            folder, build(current), source_file=move.source_file, source_sha256=move.source_sha256
        )

    return commit_snapshot(folder, read_contracts, write, move)


def roll_back_contracts(workspace: Path, snapshot_id: str, move: Move) -> Committed:
    """Make an earlier version of the contract register current again.

    Raises
    ------
    WorkspaceError
        If there is no such version, or the workspace cannot be written.
    DamagedFileError
        If that version is damaged.
    """
    return roll_back_snapshot(contract_folder(workspace), snapshot_id, move, read=read_contracts)


def contract_history(workspace: Path) -> tuple[JournalEntry, ...]:
    """Return the moves of the contract register, oldest first."""
    return history(contract_folder(workspace))


def current_contracts(workspace: Path, *, is_verified: bool = False) -> ContractSnapshot | None:
    """Return the current version, None if no contracts were ever imported.

    Parameters
    ----------
    workspace
        The workspace.
    is_verified
        Whether to read every file and compare its hash; without, only that each is there.

    Raises
    ------
    DamagedFileError
        If a file is missing or not what it should be.
    WorkspaceError
        If the workspace cannot be read.
    """
    folder = contract_folder(workspace)
    snapshot_id = current_id(folder)
    if snapshot_id is None:
        return None
    return (read_contracts if is_verified else _found)(folder, snapshot_id)


def write_contracts(
    folder: Path, change: RegisterChange, *, source_file: str, source_sha256: str
) -> str:
    """Write a version with its rollups, unless the same content is there, and return its id."""

    def fill(new: Path) -> Path | None:
        written = write_contract_files(change, new)
        paid = arrow_table(PAID_VALUES, change.paid_values)
        content = {CONTRACTS.name: written.content, PAID_VALUES.name: content_hash(paid)}
        snapshot_id = hash_of(json_bytes({"format": FORMAT, "content": content}))[:16]
        place = snapshot_folder(folder, snapshot_id)
        if _is_whole(folder, snapshot_id):
            found.append(snapshot_id)
            return None
        files = [*written.files, *write_rollups(written.files, new)]
        files.append(write_parquet(paid, new / f"{PAID_VALUES.name}.parquet"))
        for file in files:
            sync_file(file)
        manifest = {
            "format": FORMAT,
            "snapshot_id": snapshot_id,
            "content": content,
            "rows": {CONTRACTS.name: written.row_count, PAID_VALUES.name: paid.num_rows},
            "source": {"file_name": source_file, "sha256": source_sha256},
            "files": {file.name: file_hash(file) for file in files},
        }
        write_synced(new / MANIFEST, json_bytes(manifest))
        found.append(snapshot_id)
        return place

    found: list[str] = []
    write_named_folder(folder / SNAPSHOTS, fill)
    return found[-1]


def read_contracts(folder: Path, snapshot_id: str) -> ContractSnapshot:
    """Return a version whose every file has its recorded hash.

    Raises
    ------
    DamagedFileError
        If a file is missing, changed, or written by a newer program.
    """
    snapshot = _found(folder, snapshot_id)
    for name, sha256 in snapshot.file_sha256.items():
        if file_hash(snapshot.folder / name) != sha256:
            raise _damaged(snapshot_id, name)
    return snapshot


def read_contracts_of(snapshot: ContractSnapshot, contract_ids: pd.Series) -> pd.DataFrame:
    """Return the contracts of a version that have one of these ids, for a preview.

    Parameters
    ----------
    snapshot
        The version.
    contract_ids
        The ids; those that the register does not know are not found.

    Raises
    ------
    DamagedFileError
        If a file cannot be read.
    """
    wanted = pa.array(contract_ids, type=pa.string())
    parts = []
    for file in snapshot.files(CONTRACTS.name):
        try:
            known = pq.read_table(file, columns=["contract_id"])["contract_id"]
            is_wanted = pc.is_in(known, value_set=wanted)
            if pc.any(is_wanted).as_py():
                parts.append(pq.read_table(file).filter(is_wanted).select(CONTRACTS.names))
        except (pa.ArrowException, OSError) as error:
            raise _damaged(snapshot.snapshot_id, file.name) from error
    if not parts:
        return empty_tables().contracts
    return data_frame(CONTRACTS, pa.concat_tables(parts))


def read_paid_values(snapshot: ContractSnapshot) -> pd.DataFrame:
    """Return what was paid, as a version has it.

    Raises
    ------
    DamagedFileError
        If the file cannot be read.
    """
    (file,) = snapshot.files(PAID_VALUES.name)
    try:
        return data_frame(PAID_VALUES, pq.read_table(file))
    except (pa.ArrowException, OSError) as error:
        raise _damaged(snapshot.snapshot_id, file.name) from error


def known_contract_ids(snapshot: ContractSnapshot, contract_ids: pd.Series) -> pd.Series:
    """Return for each id whether a version has a contract of that id."""
    wanted = pa.array(contract_ids, type=pa.string())
    known = pa.chunked_array(
        [
            chunk
            for file in snapshot.files(CONTRACTS.name)
            for chunk in pq.read_table(file, columns=["contract_id"])["contract_id"].chunks
        ],
        type=pa.string(),
    )
    is_known = pc.is_in(wanted, value_set=known.combine_chunks())
    return pd.Series(is_known.to_numpy(zero_copy_only=False), index=contract_ids.index)


def _found(folder: Path, snapshot_id: str) -> ContractSnapshot:
    """Return a version by its manifest, every file of it being there."""
    place = snapshot_folder(folder, snapshot_id)
    if not place.is_dir():
        known = "、".join(snapshot_ids(folder))
        raise DamagedFileError("snapshot_missing", snapshot_id=snapshot_id, known=known)
    try:
        manifest = json.loads((place / MANIFEST).read_bytes())
        found, content = manifest["format"], manifest["content"]
        snapshot = ContractSnapshot(
            snapshot_id,
            place,
            {str(name): str(sha256) for name, sha256 in manifest["files"].items()},
            {table.name: int(manifest["rows"][table.name]) for table in TABLES},
            str(manifest["source"]["file_name"]),
            str(manifest["source"]["sha256"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(snapshot_id, MANIFEST) from error
    if found not in _READABLE:
        raise DamagedFileError(
            "snapshot_too_new", snapshot_id=snapshot_id, found=found, known=FORMAT
        )
    if hash_of(json_bytes({"format": found, "content": content}))[:16] != snapshot_id:
        raise _damaged(snapshot_id, MANIFEST)
    for name in snapshot.file_sha256:
        if not (place / name).is_file():
            raise _damaged(snapshot_id, name)
    return snapshot


def _is_whole(folder: Path, snapshot_id: str) -> bool:
    try:
        read_contracts(folder, snapshot_id)
    except DamagedFileError:
        return False
    return True


def _damaged(snapshot_id: str, file: str) -> DamagedFileError:
    return DamagedFileError("snapshot_file_damaged", snapshot_id=snapshot_id, file=file)
