"""Build the demonstration's invented tables: its contract register, payments and consortia.

Run ``python -m scripts.build_demo`` after ``build_context``. No row of them is a fact.
"""

from io import BytesIO

import pandas as pd
import pyarrow.parquet as pq

from network_map.contracts.register.tables import ContractTables, arrow_table
from network_map.contracts.tables import CONTRACTS, PAID_VALUES
from network_map.datapackage import table_path
from network_map.tables import Table
from scripts.build_common import DATA, read_built, write_bytes, write_csv
from scripts.demo.consortia import demo_consortia
from scripts.demo.contracts import AS_OF, SEED, demo_contracts
from scripts.demo.paid import demo_paid_values

# What the numbers of rows count up in, and amounts, which no dictionary shortens.
_ENCODINGS = {
    "contract_id": "DELTA_BYTE_ARRAY",
    "title": "DELTA_BYTE_ARRAY",
    "contract_value_fen": "BYTE_STREAM_SPLIT",
    "technology_value_fen": "BYTE_STREAM_SPLIT",
    "paid_value_fen": "BYTE_STREAM_SPLIT",
}


def demo_register() -> ContractTables:
    """Return the invented register of the shipped seed, made from the tables already built."""
    tables = (
        "divisions", "county_indicators", "institutions",
        "contracts_province", "contracts_prefecture",
    )  # fmt: skip
    contracts = demo_contracts(*(read_built(name) for name in tables), seed=SEED)
    return ContractTables(contracts, demo_paid_values(contracts, AS_OF, seed=SEED))


def parquet_content(table: Table, frame: pd.DataFrame) -> bytes:
    """Return rows of the register as a Parquet file, as an engine holds them.

    Parameters
    ----------
    table
        ``contracts`` or ``paid_values``.
    frame
        The table, typed as declared.
    """
    arrow = arrow_table(table, frame)
    encodings = {name: code for name, code in _ENCODINGS.items() if name in arrow.column_names}
    stream = BytesIO()
    pq.write_table(
        arrow, stream, compression="zstd", compression_level=19,
        column_encoding=encodings,
        use_dictionary=[name for name in arrow.column_names if name not in encodings],
    )  # fmt: skip
    return stream.getvalue()


def main() -> None:
    """Write the register and the consortia of the demonstration."""
    register = demo_register()
    for table, frame in (
        (CONTRACTS, register.contracts),
        (PAID_VALUES, register.paid_values),
    ):
        write_bytes(table_path(f"demo_{table.name}", DATA), parquet_content(table, frame))
    made = demo_consortia(
        read_built("consortia"), read_built("divisions"), register.contracts, seed=SEED
    )
    write_csv("demo_consortia", made.consortia)
    write_csv("demo_consortium_members", made.members)
    write_csv("demo_county_industry", made.county_industry)


if __name__ == "__main__":
    main()
