"""Opening the contract register of a data set: the demonstration's, or the planner's own."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from network_map.config import Settings
from network_map.contracts.register.backends import open_register
from network_map.contracts.register.engine import (
    ContractRegister,
    OpenContracts,
    cut_off_date,
    open_register_version,
    origins_and_sources,
    register_of_files,
)
from network_map.contracts.register.engines import DUCKDB, engine_errors, first_line, parse_address
from network_map.contracts.register.versions import (
    contract_folder,
    current_contracts,
    read_contracts,
)
from network_map.contracts.tables import CONTRACTS, PAID_VALUES
from network_map.datapackage import table_path, table_sha256
from network_map.errors import DamagedFileError, WorkspaceError
from network_map.terms import OWN, DatasetName
from network_map.workspace.snapshots import snapshot_ids

DEMO_SEED = 2024
"""Seed of the shipped demonstration register."""
DEMO_AS_OF = date(2025, 12, 31)
"""Its cut-off date: periods count back from here."""


def open_contract_register(
    dataset_name_or_path: str | Path, settings: Settings
) -> OpenContracts | None:
    """Return the contract register of a data set, None where there is none.

    Parameters
    ----------
    dataset_name_or_path
        ``demo``: the shipped demonstration register. ``public``: None,
        because no register is public, only totals are. ``own``: the register of the workspace, or
        the shared one that the settings name. A folder: the register of that workspace.
    settings
        Where the workspace and the shared register are.

    Raises
    ------
    ConfigError
        If the address of the register is not understood or its driver is not installed.
    WorkspaceError
        If the register cannot be reached.
    DamagedFileError, MissingFileError
        If a file is not there or not what it should be.
    """
    if dataset_name_or_path == DatasetName.PUBLIC.value:
        return None
    if dataset_name_or_path == DatasetName.DEMO.value:
        return demo_contract_register()
    if dataset_name_or_path == OWN:
        return _own(settings)
    folder = Path(dataset_name_or_path)
    return _own(replace(settings, workspace_dir=folder, contracts_url=f"{DUCKDB}://"))


def open_contract_version(
    dataset_name: str, settings: Settings, register_id: str | None
) -> OpenContracts | None:
    """Return the version of a contract register that has an id, whichever is current.

    Parameters
    ----------
    dataset_name
        ``demo``, ``public`` or ``own``.
    settings
        Where the workspace and the shared register are.
    register_id
        Id of the version; None where there was no register.

    Returns
    -------
    OpenContracts or None
        The demonstration register and one on a server have no versions: it is the present one,
        whatever its id.

    Raises
    ------
    ConfigError
        As :func:`open_contract_register`.
    WorkspaceError
        If the workspace has no such version, or a server does not answer.
    DamagedFileError
        If a file of it is not what it should be.
    """
    if register_id is None:
        return None
    address = parse_address(settings.contracts_url)
    if dataset_name != OWN or address.engine != DUCKDB:
        return open_contract_register(dataset_name, settings)
    folder = contract_folder(address.folder(settings.workspace_dir))
    if register_id not in (known := snapshot_ids(folder)):
        raise WorkspaceError(
            "workspace_no_snapshot",
            path=str(folder), snapshot_id=register_id, known="、".join(known),
        )  # fmt: skip
    snapshot = read_contracts(folder, register_id)
    return _opened(open_register_version(snapshot), snapshot.file_sha256)


def contract_register_id(settings: Settings) -> str | None:
    """Return what names the planner's own register now, without opening it; None: there is none.

    Parameters
    ----------
    settings
        Where the register is. For a folder it is the id of the current version; a server is
        named by its address.

    Raises
    ------
    ConfigError
        If the address is not understood.
    DamagedFileError, WorkspaceError
        If the folder cannot be read.
    """
    address = parse_address(settings.contracts_url)
    if address.engine != DUCKDB:
        return address.shown
    snapshot = current_contracts(address.folder(settings.workspace_dir))
    return None if snapshot is None else snapshot.snapshot_id


def demo_contract_register() -> OpenContracts:
    """Return the shipped demonstration register; its cells are not checked anew.

    Raises
    ------
    DamagedFileError, MissingFileError
        If a shipped file is not there or cannot be read.
    """
    names = {table.name: f"demo_{table.name}" for table in (CONTRACTS, PAID_VALUES)}
    paths = {name: table_path(shipped) for name, shipped in names.items()}
    created_from = {paths[name].name: table_sha256(names[name]) for name in names}
    try:
        register = register_of_files(
            f"demo-{DEMO_SEED}", {name: [path] for name, path in paths.items()}
        )
    except engine_errors(DUCKDB) as error:
        files = "、".join(created_from)
        raise DamagedFileError("data_damaged", file=files, detail=first_line(error)) from error
    origins, sources = origins_and_sources(register)
    return OpenContracts(
        name=DatasetName.DEMO.value,
        register=register,
        as_of=DEMO_AS_OF,
        origins=origins,
        sources=sources,
        is_demo=True,
        created_from=created_from,
    )


def _own(settings: Settings) -> OpenContracts | None:
    register = open_register(settings.contracts_url, settings.workspace_dir)
    return None if register is None else _opened(register, _files(settings, register))


def _opened(register: ContractRegister, files: Mapping[str, str]) -> OpenContracts:
    origins, sources = origins_and_sources(register)
    return OpenContracts(
        name=OWN,
        register=register,
        as_of=cut_off_date(register),
        origins=origins,
        sources=sources,
        is_demo=False,
        created_from=dict(files),
    )


def _files(settings: Settings, register: ContractRegister) -> dict[str, str]:
    """Return the files of the version that was opened; a server's register has none here."""
    address = parse_address(settings.contracts_url)
    if address.engine != DUCKDB:
        return {}
    snapshot = current_contracts(address.folder(settings.workspace_dir))
    if snapshot is None or snapshot.snapshot_id != register.register_id:
        return {}
    return dict(snapshot.file_sha256)
