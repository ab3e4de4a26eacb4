"""The tables of the contract register as Arrow tables: types, exact dates, order and hash.

Writing a version of the contract register: any number of rows, a bounded part in memory.

The rows come in pieces, in whatever order. DuckDB puts them in order of year and number, on disk
where they are many, and leaves out the held ones that are replaced; here they are hashed and
written, a file for each year of signing.

Rollups: the register counted once at import, so that a page need not count every contract.

A rollup has the columns it is grouped by and the three measures. The expressions of
``contracts.volumes`` take it in place of the contracts and give the same answer. Days are not
kept: which contracts were signed by the day of the year on which the register ends is.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from network_map.contracts.register import bounded_engine
from network_map.contracts.tables import CONTRACTS, PAID_VALUES, TO_DATE
from network_map.errors import WorkspaceError
from network_map.tables import ColumnType, Table
from network_map.tables.check import conform
from network_map.terms import ContractStatus

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


def arrow_schema(table: Table) -> Any:  # noqa: ANN401 (pyarrow has no types)
    """Return how an engine holds the declared columns of a table."""
    return pa.schema(
        [pa.field(column.name, _TYPES.get(column.type, pa.string())) for column in table.columns]
    )


def arrow_table(table: Table, frame: pd.DataFrame) -> Any:  # noqa: ANN401 (pyarrow has no types)
    """Return a declared table for an engine: rows in order of their key, dates in numbers too.

    Parameters
    ----------
    table
        ``contracts`` or ``paid_values``.
    frame
        The table, typed as declared.
    """
    arrow = pa.Table.from_pandas(frame[table.names], arrow_schema(table), preserve_index=False)
    return with_dates(table, in_order(table, arrow.replace_schema_metadata(None)))


def with_dates(table: Table, arrow: Any) -> Any:  # noqa: ANN401 (pyarrow has no types)
    """Return the declared columns of an Arrow table as an engine holds them, dates in numbers too.

    Parameters
    ----------
    table
        ``contracts`` or ``paid_values``.
    arrow
        At least the declared columns; flags may be the texts ``true`` and ``false``.
    """
    arrow = arrow.select(table.names).cast(arrow_schema(table))
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


class CellHash:
    """A hash of cells alone, whatever library writes or packs them, in however many pieces.

    Parameters
    ----------
    names
        Names of the columns.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.row_count = 0
        # What is there, how long the texts are, and the values, each for itself: so the pieces
        # leave no trace.
        self._digests = {name: (sha256(), sha256(), sha256()) for name in names}

    def add(self, rows: Any) -> None:  # noqa: ANN401 (pyarrow has no types)
        """Take in further rows: an Arrow table or record batch."""
        self.row_count += rows.num_rows
        for name, (is_there, lengths, values) in self._digests.items():
            for cells in _chunks(rows.column(name)):
                flags = pc.is_valid(cells).cast(pa.uint8())
                is_there.update(flags.to_numpy(zero_copy_only=False).data)
                if pa.types.is_string(cells.type):
                    sizes, letters = _text_bytes(pc.fill_null(cells, ""))
                    lengths.update(sizes)
                    values.update(letters)
                else:
                    values.update(_number_bytes(cells))

    def hexdigest(self) -> str:
        """Return the hash of everything taken in."""
        whole = sha256()
        for name, parts in self._digests.items():
            whole.update(f"{name}:{self.row_count};".encode())
            for part in parts:
                whole.update(part.digest())
        return whole.hexdigest()


def content_hash(arrow: Any) -> str:  # noqa: ANN401 (pyarrow has no types)
    """Return the hash of a whole Arrow table."""
    found = CellHash(arrow.column_names)
    found.add(arrow)
    return found.hexdigest()


def _chunks(cells: Any) -> list[Any]:  # noqa: ANN401 (pyarrow has no types)
    return cells.chunks if isinstance(cells, pa.ChunkedArray) else [cells]


def _number_bytes(cells: Any) -> bytes:  # noqa: ANN401 (pyarrow has no types)
    filled = pc.fill_null(cells, pa.scalar(0).cast(cells.type))
    if pa.types.is_boolean(cells.type):
        filled = filled.cast(pa.uint8())
    numbers: np.ndarray = filled.to_numpy(zero_copy_only=False)
    return numbers.tobytes()


def _text_bytes(texts: Any) -> tuple[bytes, bytes]:  # noqa: ANN401 (pyarrow has no types)
    """Return the lengths of texts and their letters, as they lie in memory."""
    lengths: np.ndarray = pc.binary_length(texts).to_numpy(zero_copy_only=False)
    _, ends, letters = texts.buffers()
    first, last = np.frombuffer(ends, "int32")[[texts.offset, texts.offset + len(texts)]]
    written: bytes = letters[int(first) : int(last)].to_pybytes() if letters else b""
    return lengths.tobytes(), written


def _date_part(dates: Any, start: int, stop: int, length: int) -> Any:  # noqa: ANN401 (the same)
    """Return the year, month or day of ISO dates, missing where a date is not that exact."""
    part = pc.utf8_slice_codeunits(dates, start, stop)
    is_exact = pc.greater_equal(pc.utf8_length(dates), length)
    return pc.if_else(is_exact, part, pa.scalar(None, pa.string())).cast(pa.int32())


_ROWS_IN_BATCH = 1 << 16
_ROWS_IN_GROUP = 1 << 17
_UNDATED = "undated"
# Declared with the dates in numbers, as every piece comes.
_COLUMNS = (*CONTRACTS.names, "signed_year", "signed_month", "signed_day")


Pieces = Callable[[], Iterator[Any]]
"""Yields Arrow tables, anew each time."""


@dataclass(frozen=True, eq=False)
class RegisterChange:
    """What becomes of a register.

    Parameters
    ----------
    contracts
        Yields Arrow tables with at least the columns of ``contracts``; no id twice.
    paid_values
        Table ``paid_values`` of the new register.
    held_files
        Parquet files of contracts that stay, unless one of the others has their id.
    """

    contracts: Pieces
    paid_values: pd.DataFrame
    held_files: Sequence[Path] = ()


def no_contracts() -> Iterator[Any]:
    """Yield nothing."""
    return iter(())


@dataclass(frozen=True, slots=True)
class WrittenContracts:
    """Files of contracts.

    Parameters
    ----------
    files
        One for each year of signing, and one for contracts without a year.
    content
        Hash of the cells.
    row_count
        Number of contracts.
    """

    files: list[Path]
    content: str
    row_count: int


def write_contract_files(change: RegisterChange, folder: Path) -> WrittenContracts:
    """Write the contracts of a new version into a folder.

    Parameters
    ----------
    change
        The contracts.
    folder
        An existing folder.

    Raises
    ------
    WorkspaceError
        If neither memory nor disk takes the work.
    """
    schema = with_dates(CONTRACTS, arrow_schema(CONTRACTS).empty_table()).schema
    cells = CellHash(schema.names)
    files = _YearFiles(folder, schema)
    pieces = (
        batch
        for table in change.contracts()
        for batch in with_dates(CONTRACTS, table).to_batches(max_chunksize=_ROWS_IN_BATCH)
    )
    given = pa.RecordBatchReader.from_batches(schema, pieces)
    with bounded_engine(folder) as engine, ThreadPoolExecutor(1) as other:
        ordered = _in_order(engine, given, change.held_files)
        # Putting in order, hashing and writing all leave the interpreter free.
        coming = other.submit(_next_of, ordered)
        while (batch := coming.result()) is not None:
            coming = other.submit(_hashed_then_next, cells, batch, ordered)
            files.add(batch)
    return WrittenContracts(files.close(), cells.hexdigest(), cells.row_count)


def write_parquet(table: Any, path: Path) -> Path:  # noqa: ANN401 (pyarrow, untyped)
    """Write a small table as a Parquet file and return its path."""
    # A third larger than with Zstandard, and counted over in two thirds of the time.
    pq.write_table(table, path, compression="lz4", row_group_size=_ROWS_IN_GROUP)
    return path


def _next_of(ordered: Any) -> Any:  # noqa: ANN401 (pyarrow, untyped)
    try:
        return ordered.read_next_batch()
    except StopIteration:
        return None


def _hashed_then_next(cells: CellHash, batch: Any, ordered: Any) -> Any:  # noqa: ANN401 (the same)
    cells.add(batch)
    return _next_of(ordered)


class _YearFiles:
    """Rows that come in order of their year, written to a file for each."""

    def __init__(self, folder: Path, schema: Any) -> None:  # noqa: ANN401 (pyarrow, untyped)
        self._folder, self._schema = folder, schema
        self._files: list[Path] = []
        self._writer: Any = None
        self._year: int | None = None
        self._waiting: list[Any] = []

    def add(self, batch: Any) -> None:  # noqa: ANN401 (the same)
        """Write rows of one or more years."""
        years = batch.column("signed_year").fill_null(0).to_numpy(zero_copy_only=False)
        starts = [0, *(np.flatnonzero(np.diff(years)) + 1), len(years)]
        for start, stop in pairwise(starts):
            if start < stop:
                self._turn_to(int(years[start]) or None)
                self._waiting.append(batch.slice(start, stop - start))
                if sum(len(part) for part in self._waiting) >= _ROWS_IN_GROUP:
                    self._write()

    def close(self) -> list[Path]:
        """Return the files, whole."""
        if not self._files:
            self._turn_to(None)
        self._end()
        return self._files

    def _turn_to(self, year: int | None) -> None:
        if self._writer is not None and year == self._year:
            return
        self._end()
        name = _UNDATED if year is None else f"{year:04d}"
        self._files.append(self._folder / f"{CONTRACTS.name}.{name}.parquet")
        self._writer = pq.ParquetWriter(self._files[-1], self._schema, compression="lz4")
        self._year = year

    def _write(self) -> None:
        table = pa.Table.from_batches(self._waiting, self._schema)
        self._waiting = []
        self._writer.write_table(table, row_group_size=_ROWS_IN_GROUP)

    def _end(self) -> None:
        if self._writer is not None:
            self._write()
            self._writer.close()


def _in_order(engine: Any, given: Any, held_files: Sequence[Path]) -> Any:  # noqa: ANN401 (the same)
    """Return the rows by year and number, those that a given one replaces left out."""
    names = ", ".join(_COLUMNS)
    engine.execute("SET preserve_insertion_order = false")
    engine.register("given", given)
    rows = f"SELECT {names} FROM given"  # noqa: S608 (the names are declared above)
    if held_files:
        engine.execute(f"CREATE TEMP TABLE new AS {rows}")
        engine.read_parquet([str(file) for file in held_files]).create_view("held")
        rows = (
            f"SELECT {names} FROM new UNION ALL "  # noqa: S608 (the same)
            f"SELECT {names} FROM held ANTI JOIN new USING (contract_id)"
        )
    ordered = engine.sql(f"{rows} ORDER BY signed_year NULLS LAST, contract_id")
    return ordered.to_arrow_reader(_ROWS_IN_BATCH)


_MONTHS = ("signed_year", "signed_month")
_KINDS = ("kind_scheme", "contract_kind")
_FIELD = "technology_field"
_PARTS = {
    "seller_adcode": (_FIELD, "seller_kind", "ip_kind", "plan_source"),
    "buyer_adcode": (
        _FIELD, "seller_kind", "buyer_kind", "ip_kind", "plan_source",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rollup:
    """A rollup: its name and what it is grouped by.

    Parameters
    ----------
    name
        Name of the table and of its file.
    columns
        The columns it is grouped by.
    """

    name: str
    columns: tuple[str, ...]


def _rollups() -> tuple[Rollup, ...]:
    found = []
    for place, parts in _PARTS.items():
        side = place.removesuffix("_adcode")
        months = (*_MONTHS, place, *_KINDS, TO_DATE)
        found.append(Rollup(f"rollup_{side}_month", months))
        found += [Rollup(f"rollup_{side}_{part}", (*months, part)) for part in parts]
        # A technology field and another part together are asked for by the year only: by the month
        # there would be nearly as many groups as contracts.
        years = ("signed_year", place, TO_DATE, _FIELD)
        found += [
            Rollup(f"rollup_{side}_field_{part}", (*years, part))
            for part in parts
            if part != _FIELD
        ]
    ends = ("seller_adcode", "buyer_adcode")
    found.append(Rollup("rollup_flow_year", ("signed_year", *ends)))
    found.append(Rollup("rollup_flow_month", (*_MONTHS, *ends)))
    found.append(Rollup("rollup_flow_kind", ("signed_year", *ends, *_KINDS)))
    found.append(Rollup("rollup_flow_field", ("signed_year", *ends, _FIELD)))
    return tuple(found)


ROLLUPS = _rollups()
"""Every rollup; coarser ones stand before the finer ones that hold the same columns."""
_CODES = tuple(
    dict.fromkeys(
        name for rollup in ROLLUPS for name in rollup.columns if name not in {*_MONTHS, TO_DATE}
    )
)


def smallest_rollup(columns: Collection[str]) -> Rollup | None:
    """Return the first rollup that has all the columns, None if only the contracts do."""
    wanted = set(columns)
    return next((rollup for rollup in ROLLUPS if wanted <= set(rollup.columns)), None)


def write_rollups(contracts: Sequence[Path], folder: Path) -> list[Path]:
    """Write every rollup of the contracts as a Parquet file, and return the files.

    Parameters
    ----------
    contracts
        The contracts as Parquet files.
    folder
        An existing folder.

    Raises
    ------
    WorkspaceError
        If a sum has more fen than a 64-bit number holds: no wrong sum is ever written. Or if
        neither memory nor disk takes the work.
    """
    import duckdb  # noqa: PLC0415 (0.1 s: only where contracts are imported)

    files = []
    with bounded_engine(folder) as engine:
        engine.read_parquet([str(file) for file in contracts]).create_view("contracts")
        _make_coded(engine)
        for rollup in ROLLUPS:
            path = folder / f"{rollup.name}.parquet"
            try:
                engine.execute(_sql(rollup), [str(path)])
            except duckdb.ConversionException as error:
                raise WorkspaceError("contracts_sum_too_large") from error
            files.append(path)
    return files


def _make_coded(engine: Any) -> None:  # noqa: ANN401 (duckdb's types are not complete)
    """Make the table that is counted: codes as numbers in order of their text, and ``TO_DATE``."""
    for name in _CODES:
        engine.execute(
            f"CREATE TYPE {name}_code AS ENUM "  # noqa: S608 (the names are declared above)
            f"(SELECT DISTINCT {name} FROM contracts WHERE {name} IS NOT NULL ORDER BY 1)"
        )
    month, day = _cut_off(engine)
    coded = ", ".join(f"{name}::{name}_code AS {name}" for name in _CODES)
    engine.execute(
        f"""
        CREATE TEMP TABLE coded AS SELECT signed_year, signed_month, {coded},
            CASE WHEN signed_day IS NOT NULL THEN
                signed_month < {month} OR (signed_month = {month} AND signed_day <= {day}) END
                AS {TO_DATE},
            contract_value_fen, technology_value_fen
        FROM contracts WHERE contract_status <> '{ContractStatus.CANCELLED}'
        """  # noqa: S608 (the same)
    )


def _cut_off(engine: Any) -> tuple[int, int]:  # noqa: ANN401 (the same)
    """Return month and day of the latest date of the register: as ``cut_off_date`` has it."""
    dates = " UNION ALL ".join(
        f"SELECT {name} AS day FROM contracts "  # noqa: S608 (the same)
        f"WHERE length({name}) = 10 AND contract_status <> '{ContractStatus.CANCELLED}'"
        for name in ("signed_on", "registered_on")
    )
    (latest,) = engine.execute(f"SELECT max(day) FROM ({dates})").fetchone()  # noqa: S608 (the same)
    return (12, 31) if latest is None else (int(latest[5:7]), int(latest[8:10]))


def _sql(rollup: Rollup) -> str:
    names = ", ".join(rollup.columns)
    texts = ", ".join(
        f"{name}::VARCHAR AS {name}" if name in _CODES else name for name in rollup.columns
    )
    return f"""
        COPY (
            SELECT {texts}, contract_count, contract_value_fen, technology_value_fen FROM (
                SELECT {names}, count(*) AS contract_count,
                    sum(contract_value_fen)::BIGINT AS contract_value_fen,
                    sum(technology_value_fen)::BIGINT AS technology_value_fen
                FROM coded GROUP BY ALL ORDER BY ALL
            )
        ) TO $1 (FORMAT parquet, COMPRESSION lz4_raw, ROW_GROUP_SIZE 65536)
    """  # noqa: S608 (the names are declared above)
