"""A program that imports contract registers until it is killed; see ``workspace/writer.py``."""

from pathlib import Path

import duckdb  # noqa: F401 - loaded before the children are forked
import pyarrow.parquet  # noqa: F401 - the same

from network_map.contracts.register.tables import ContractTables
from network_map.contracts.register.versions import commit_contracts
from tests.contracts.stored_register import whole_register
from tests.contracts.world import Row, tables_of
from tests.workspace.writer import MOVE, serve


def register(name: str, *, contract_count: int = 60) -> ContractTables:
    """Return a register whose every contract and payment carries the same name."""
    row: Row = {
        "contract_kind": "service", "kind_scheme": "five", "contract_status": "registered",
        "contract_value_fen": 100,
    }  # fmt: skip
    rows = [
        {**row, "seller_name": name, "signed_on": f"{2020 + number % 3}-05-01"}
        for number in range(contract_count)
    ]
    payment = {"number": 1, "paid_value_fen": 50, "service_body_id": name}
    return tables_of(rows, [payment])


def put(workspace: Path, name: str) -> None:
    """Import the register of that name."""
    tables = register(name)
    commit_contracts(workspace, lambda _: whole_register(tables), MOVE)


if __name__ == "__main__":
    serve(put)
