"""Writing a version of the contract register: any number of rows, a bounded part in memory.

The rows come in pieces, in whatever order. DuckDB puts them in order of year and number, on disk
where they are many, and leaves out the held ones that are replaced; here they are hashed and
written, a file for each year of signing.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from network_map.contracts.register.bounded_engine import bounded_engine
from network_map.contracts.register.tables import CellHash, arrow_schema, with_dates
from network_map.contracts.tables import CONTRACTS

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
