"""The tables of the contract register as Arrow tables: types, exact dates, order and hash."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from network_map.schema.check import conform
from network_map.schema.columns import ColumnType, Table
from network_map.schema.contracts import CONTRACTS, PAID_VALUES

TABLES = (CONTRACTS, PAID_VALUES)
DATES = {
    CONTRACTS.name: ("signed_on", ("signed_year", "signed_month", "signed_day")),
    PAID_VALUES.name: ("paid_on", ("paid_year",)),
}
"""For each table the date that it is counted by, and the whole numbers taken from it."""
_DATE_PARTS = ((0, 4, 4), (5, 7, 7), (8, 10, 10))
"""Start and stop of year, month and day in an ISO date, and how long the date is at least."""
_TYPES = {ColumnType.INTEGER: pa.int64(), ColumnType.BOOLEAN: pa.bool_()}


@dataclass(frozen=True, eq=False)
class ContractTables:
    """The register of contracts with what was paid for them.

    Parameters
    ----------
    contracts
        Table ``contracts``.
    paid_values
        Table ``paid_values``; empty where no file of payments was brought in.
    """

    contracts: pd.DataFrame
    paid_values: pd.DataFrame


def empty_tables() -> ContractTables:
    """Return a register without contracts."""
    nothing = pd.DataFrame(dtype="object")
    return ContractTables(conform(CONTRACTS, nothing), conform(PAID_VALUES, nothing))


def arrow_table(table: Table, frame: pd.DataFrame) -> Any:  # noqa: ANN401 (pyarrow has no types)
    """Return a declared table for an engine: rows in order of their key, dates in numbers too.

    Parameters
    ----------
    table
        ``contracts`` or ``paid_values``.
    frame
        The table, typed as declared.
    """
    fields = [
        pa.field(column.name, _TYPES.get(column.type, pa.string())) for column in table.columns
    ]
    arrow = pa.Table.from_pandas(frame[table.names], pa.schema(fields), preserve_index=False)
    arrow = arrow.replace_schema_metadata(None)
    arrow = in_order(table, arrow)
    date, names = DATES[table.name]
    for name, (start, stop, length) in zip(names, _DATE_PARTS, strict=False):
        arrow = arrow.append_column(name, _date_part(arrow[date], start, stop, length))
    return arrow


def in_order(table: Table, arrow: Any) -> Any:  # noqa: ANN401 (pyarrow has no types)
    """Return the rows in order of the table's key; without a key whole rows decide."""
    keys = [(name, "ascending") for name in table.key or table.names]
    order = pc.sort_indices(arrow, sort_keys=keys)
    with ThreadPoolExecutor(max_workers=2) as threads:
        columns = [*threads.map(lambda cells: cells.take(order), arrow.columns)]
    return pa.table(columns, schema=arrow.schema)


def data_frame(table: Table, arrow: Any) -> pd.DataFrame:  # noqa: ANN401 (pyarrow has no types)
    """Return the declared columns of an Arrow table, typed as declared."""
    frame: pd.DataFrame = arrow.select(table.names).to_pandas(
        types_mapper={pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}.get
    )
    texts = [column.name for column in table.columns if column.type not in _TYPES]
    return frame.astype(dict.fromkeys(texts, "str"))


def content_hash(arrow: Any) -> str:  # noqa: ANN401 (pyarrow has no types)
    """Return a hash of the cells alone, whatever library writes or packs them."""
    digest = sha256()
    for name in arrow.column_names:
        chunks = arrow[name].chunks
        cells = pa.concat_arrays(chunks) if arrow.num_rows else pa.array([])
        digest.update(f"{name}:{len(cells)};".encode())
        digest.update(pc.is_valid(cells).cast(pa.uint8()).to_numpy(zero_copy_only=False).data)
        digest.update(_bytes(cells))
    return digest.hexdigest()


def _bytes(cells: Any) -> bytes:  # noqa: ANN401 (pyarrow has no types)
    """Return the values of a column, and for texts their lengths, as they lie in memory."""
    if pa.types.is_null(cells.type):
        return b""
    if pa.types.is_string(cells.type):
        return _text_bytes(pc.fill_null(cells, ""))
    filled = pc.fill_null(cells, pa.scalar(0).cast(cells.type))
    if pa.types.is_boolean(cells.type):
        filled = filled.cast(pa.uint8())
    numbers: np.ndarray = filled.to_numpy(zero_copy_only=False)
    return numbers.tobytes()


def _text_bytes(texts: Any) -> bytes:  # noqa: ANN401 (pyarrow has no types)
    lengths: np.ndarray = pc.binary_length(texts).to_numpy(zero_copy_only=False)
    _, ends, letters = texts.buffers()
    first, last = np.frombuffer(ends, "int32")[[texts.offset, texts.offset + len(texts)]]
    written: bytes = letters[int(first) : int(last)].to_pybytes() if letters else b""
    return lengths.tobytes() + written


def _date_part(dates: Any, start: int, stop: int, length: int) -> Any:  # noqa: ANN401 (the same)
    """Return the year, month or day of ISO dates, missing where a date is not that exact."""
    part = pc.utf8_slice_codeunits(dates, start, stop)
    is_exact = pc.greater_equal(pc.utf8_length(dates), length)
    return pc.if_else(is_exact, part, pa.scalar(None, pa.string())).cast(pa.int32())
