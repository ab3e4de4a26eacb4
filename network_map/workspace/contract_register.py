"""Opening the contract register of a data set: the demonstration's, or the planner's own."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from network_map.config import Settings
from network_map.sources.demo_contracts import AS_OF, SEED, demo_contracts
from network_map.sources.demo_contracts_paid import demo_paid_values
from network_map.sources.package import read_table, table_path, table_sha256
from network_map.store.backends import open_register
from network_map.store.contract_snapshots import current_contracts
from network_map.store.contract_tables import ContractTables
from network_map.store.contracts import ContractRegister, register_of
from network_map.store.engines import DUCKDB, parse_address
from network_map.store.open_contracts import OpenContracts, cut_off_date, origins_and_sources
from network_map.terms import DatasetName
from network_map.workspace.datasets import OWN

_DEMO_TABLES = (
    "divisions", "county_indicators", "institutions", "contracts_province",
    "contracts_prefecture",
)  # fmt: skip


def open_contract_register(
    dataset_name_or_path: str | Path, settings: Settings
) -> OpenContracts | None:
    """Return the contract register of a data set, None where there is none.

    Parameters
    ----------
    dataset_name_or_path
        ``demo``: the seeded demonstration register, made anew (about a second). ``public``: None,
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
    """Return the seeded demonstration register, made anew.

    Raises
    ------
    DamagedFileError, MissingFileError
        If a shipped table is not there or not what it should be.
    """
    tables = [read_table(name) for name in _DEMO_TABLES]
    contracts = demo_contracts(*tables, seed=SEED)
    paid = demo_paid_values(contracts, AS_OF, seed=SEED)
    register = register_of(f"demo-{SEED}", ContractTables(contracts, paid))
    origins, sources = origins_and_sources(register)
    return OpenContracts(
        name=DatasetName.DEMO.value,
        register=register,
        as_of=date.fromisoformat(AS_OF),
        origins=origins,
        sources=sources,
        is_demo=True,
        created_from={table_path(name).name: table_sha256(name) for name in _DEMO_TABLES},
    )


def _own(settings: Settings) -> OpenContracts | None:
    register = open_register(settings.contracts_url, settings.workspace_dir)
    if register is None:
        return None
    origins, sources = origins_and_sources(register)
    return OpenContracts(
        name=OWN,
        register=register,
        as_of=cut_off_date(register),
        origins=origins,
        sources=sources,
        is_demo=False,
        created_from=_files(settings, register),
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
