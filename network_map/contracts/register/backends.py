"""The contract register of a workspace: its size, and loading it to a shared place."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from network_map.contracts.register.versions import current_contracts
from network_map.errors import WorkspaceError
from network_map.workspace.register import import_move


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded where.

    Parameters
    ----------
    address
        The address without credentials.
    snapshot_id
        The version that was loaded.
    contract_count, payment_count
        Its rows.
    """

    address: str
    snapshot_id: str
    contract_count: int
    payment_count: int


@dataclass(frozen=True, slots=True)
class ContractCounts:
    """The current version of a contract register, and its rows."""

    snapshot_id: str
    contract_count: int
    payment_count: int


def current_contract_counts(workspace: Path) -> ContractCounts | None:
    """Return version and size of a workspace's contract register, None if there is none.

    Raises
    ------
    DamagedFileError
        If a file of the register is missing or not what it should be.
    WorkspaceError
        If the workspace cannot be read.
    """
    snapshot = current_contracts(workspace)
    if snapshot is None:
        return None
    counts = snapshot.row_counts
    return ContractCounts(snapshot.snapshot_id, counts["contracts"], counts["paid_values"])


def load_register(
    workspace: Path, url: str, *, who: str | None = None, at: datetime | None = None
) -> Loaded:
    """Write the current contract register of a workspace to an address, all of it or nothing.

    Parameters
    ----------
    workspace
        The folder.
    url
        Where to, as ``NETWORK_MAP_CONTRACTS`` names it.
    who, at
        For the journal: the account of the process and the present moment by default.

    Raises
    ------
    ConfigError
        If the address is not understood, or its driver is not installed.
    WorkspaceError
        If the workspace has no contracts, or the place cannot be written.
    DamagedFileError
        If a file of the register is not what it should be.
    """
    from network_map.contracts.register.store_backends import load_contracts  # noqa: PLC0415 (ibis: 0.5 s)

    snapshot = current_contracts(workspace, is_verified=True)
    if snapshot is None:
        raise WorkspaceError("contracts_none_imported", path=str(workspace))
    move = import_move(snapshot.source_file, snapshot.source_sha256, who=who, at=at)
    address = load_contracts(snapshot, url, move)
    counts = snapshot.row_counts
    return Loaded(address, snapshot.snapshot_id, counts["contracts"], counts["paid_values"])
