"""The contract register that belongs to a data set."""

from pathlib import Path

from network_map.sources.demo_contracts import AS_OF, SEED, demo_contracts
from network_map.sources.package import read_table
from network_map.store.contract_tables import ContractTables, empty_tables
from network_map.store.contracts import ContractRegister, open_contracts, register_of
from network_map.terms import DatasetName

_DEMO_TABLES = (
    "divisions", "county_indicators", "institutions", "contracts_province", "contracts_prefecture",
)  # fmt: skip
DEMO_AS_OF = AS_OF
"""Cut-off date of the demonstration register."""


def open_register(dataset_name: str, workspace: Path) -> ContractRegister | None:
    """Return the contract register of a data set, None if it has none.

    Parameters
    ----------
    dataset_name
        ``public`` has no register, ``demo`` an invented one, ``own`` that of the workspace.
    workspace
        The workspace's folder.

    Raises
    ------
    MissingFileError, DamagedFileError
        If a table is not there or not what it should be.
    WorkspaceError
        If the workspace cannot be read.
    """
    if dataset_name == DatasetName.PUBLIC:
        return None
    if dataset_name != DatasetName.DEMO:
        return open_contracts(workspace)
    contracts = demo_contracts(*(read_table(name) for name in _DEMO_TABLES), seed=SEED)
    return register_of("demo", ContractTables(contracts, empty_tables().paid_values))
