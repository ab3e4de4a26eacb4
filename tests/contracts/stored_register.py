"""Registers as data frames: a whole one to be stored, and what a version holds."""

import pyarrow as pa
import pyarrow.parquet as pq

from network_map.contracts.register.tables import (
    TABLES,
    ContractTables,
    RegisterChange,
    arrow_table,
    data_frame,
    in_order,
)
from network_map.contracts.register.versions import ContractSnapshot
from network_map.contracts.tables import CONTRACTS


def whole_register(tables: ContractTables) -> RegisterChange:
    """Return data frames as a register that holds nothing else."""
    return RegisterChange(
        lambda: iter([arrow_table(CONTRACTS, tables.contracts)]), tables.paid_values
    )


def read_tables(snapshot: ContractSnapshot) -> ContractTables:
    """Return the register of a version as data frames, in order of their keys."""
    parts = {
        table.name: [pq.read_table(file) for file in snapshot.files(table.name)] for table in TABLES
    }
    frames = [
        data_frame(table, in_order(table, pa.concat_tables(parts[table.name]))) for table in TABLES
    ]
    return ContractTables(*frames)
