"""Asking the contract register: one table, or the rollup that will do, and exact results.

The register of a workspace, or a data frame, is asked through DuckDB in this process. A shared
one is opened by :mod:`network_map.contracts.register.open`. All of them are a
:class:`ContractRegister`.

A contract register as it is in use: until when it reaches and where its rows come from.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from network_map.contracts.register import (
    DUCKDB,
    OFFLINE,
    SPARK,
    engine_errors,
    first_line,
)
from network_map.contracts.register.tables import (
    ROLLUPS,
    ContractTables,
    arrow_table,
    smallest_rollup,
)
from network_map.contracts.register.versions import ContractSnapshot
from network_map.contracts.tables import CONTRACTS, PAID_VALUES
from network_map.contracts.volumes import MEASURES, standing
from network_map.errors import DamagedFileError, WorkspaceError
from network_map.i18n import text
from network_map.terms import ContractStatus

if TYPE_CHECKING:
    import ibis.expr.types as ir

_MEASURE_ENDINGS = ("_count", "_fen")
_WHOLE = pa.decimal128(38, 0)
_STATUS = "contract_status"
_FEW_ROWS = 1 << 18
"""So many are counted sooner here than an engine is loaded."""
_SURE_SUM = 2.0**62
"""Below it no sum leaves 64 bits."""


@dataclass(frozen=True, eq=False)
class ContractRegister:
    """A contract register that can be asked; it is read and never changed.

    Parameters
    ----------
    register_id
        Hash of the content where it is known, else the address without credentials.
    connect
        Returns the ibis backend, and by name ``contracts``, ``paid_values`` where there is one, and
        the rollups; called once, when an engine is asked first.
    files
        The Parquet files of each table, where they lie here.
    """

    register_id: str
    connect: Callable[[], tuple[Any, Mapping[str, ir.Table]]]
    files: Mapping[str, Sequence[Path]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock, repr=False)
    _opened: list[tuple[Any, Mapping[str, ir.Table]]] = field(
        default_factory=list, init=False, repr=False
    )
    _opening: Lock = field(default_factory=Lock, init=False, repr=False)

    def _engine(self) -> tuple[Any, Mapping[str, ir.Table]]:
        with self._opening:
            if not self._opened:
                self._opened.append(self.connect())
        return self._opened[0]

    @property
    def backend(self) -> Any:  # noqa: ANN401 (ibis has no types)
        """The ibis backend."""
        return self._engine()[0]

    @property
    def tables(self) -> Mapping[str, ir.Table]:
        """The tables by name."""
        return self._engine()[1]

    @property
    def contracts(self) -> ir.Table:
        """Every contract, cancelled ones too."""
        return self.tables[CONTRACTS.name]

    @property
    def paid_values(self) -> ir.Table | None:
        """What was paid, None where no file of payments is there."""
        return self.tables.get(PAID_VALUES.name)

    def table(self, columns: Collection[str]) -> ir.Table:
        """Return the smallest table that has the columns and the measures.

        Parameters
        ----------
        columns
            What the expression groups by and filters by, e.g. from ``volume_columns``.

        Returns
        -------
        ibis.expr.types.Table
            A rollup, or the contracts where no rollup holds all the columns; these have the
            dates themselves in place of ``is_to_date``.
        """
        rollup = smallest_rollup(columns)
        if rollup is None or rollup.name not in self.tables:
            return self.contracts
        table = self.tables[rollup.name]
        # An earlier program counted without some of the columns.
        return table if set(columns) <= set(table.columns) else self.contracts

    def close(self) -> None:
        """End the connection; the register answers nothing any more."""
        with self.lock:
            for backend, _ in self._opened:
                backend.disconnect()


def open_register_version(snapshot: ContractSnapshot) -> ContractRegister:
    """Return a version of a contract register, asked through DuckDB over its Parquet files."""
    names = [CONTRACTS.name, PAID_VALUES.name, *(rollup.name for rollup in ROLLUPS)]
    files = {name: found for name in names if (found := snapshot.files(name))}
    return register_of_files(snapshot.snapshot_id, files)


def register_of_files(register_id: str, files: Mapping[str, Sequence[Path]]) -> ContractRegister:
    """Return Parquet files as a register that DuckDB reads where they lie.

    Parameters
    ----------
    register_id
        A name for the content.
    files
        The files of each table, with the columns of :func:`arrow_table`.
    """
    lock = Lock()

    def connect() -> tuple[Any, Mapping[str, ir.Table]]:
        backend = _duckdb()
        return backend, _ParquetTables(backend, files, lock)

    return ContractRegister(register_id, connect, files, lock)


class _ParquetTables(Mapping[str, "ir.Table"]):
    """Tables over Parquet files, each described to the engine when it is asked for first.

    There are two dozen, most of them rollups, and few questions need more than three.
    """

    def __init__(self, backend: Any, files: Mapping[str, Sequence[Path]], lock: Lock) -> None:  # noqa: ANN401 (ibis has no types)
        self._backend, self._files, self._lock = backend, files, lock
        self._described: dict[str, ir.Table] = {}

    def __getitem__(self, name: str) -> ir.Table:
        paths = self._files[name]
        with self._lock:  # one connection does one thing at a time
            if name not in self._described:
                try:
                    self._described[name] = self._backend.read_parquet(
                        [str(path) for path in paths], table_name=name
                    )
                except engine_errors(DUCKDB) as error:
                    raise DamagedFileError(
                        "data_damaged", file="、".join(path.name for path in paths),
                        detail=first_line(error),
                    ) from error  # fmt: skip
            return self._described[name]

    def __contains__(self, name: object) -> bool:
        return name in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def register_of(register_id: str, tables: ContractTables) -> ContractRegister:
    """Return data frames as a register in memory; small ones need no rollups.

    Parameters
    ----------
    register_id
        A name for the content.
    tables
        The contracts and what was paid.
    """
    backend = _duckdb()
    frames = ((CONTRACTS, tables.contracts), (PAID_VALUES, tables.paid_values))
    named = {
        table.name: backend.create_table(table.name, arrow_table(table, frame))
        for table, frame in frames
    }
    return ContractRegister(register_id, lambda: (backend, named))


def fetch(register: ContractRegister, expression: ir.Table) -> pd.DataFrame:
    """Return the rows of an expression, exact and in an order that no engine decides.

    Parameters
    ----------
    register
        The register that the expression is made of.
    expression
        An expression of :mod:`network_map.contracts.volumes`.

    Returns
    -------
    pandas.DataFrame
        Whole numbers as ``Int64``, texts as ``str``; rows by all columns that are no measure,
        from left to right, what is missing last.

    Raises
    ------
    WorkspaceError
        If the engine cannot answer.
    """
    with register.lock:  # one connection answers one question at a time
        try:
            answer = _answer(register.backend, expression)
        except engine_errors(register.backend.name) as error:
            raise WorkspaceError(
                "contracts_engine_failed",
                engine=register.backend.name,
                detail=first_line(error),
            ) from error
    return _ordered(answer)


def rows_in_files(
    register: ContractRegister, keys: Collection[str], beside: Collection[str] = ()
) -> Any:  # noqa: ANN401 (pyarrow has no types)
    """Return columns of the contracts from their files: no engine need be loaded.

    Parameters
    ----------
    register
        The register.
    keys, beside
        The columns. A rollup that has the keys is read in place of the contracts, and has of the
        others what it has.

    Returns
    -------
    pyarrow.Table or None
        None where the engine must be asked: no file lies here, there are many rows, or it is the
        engine that can say what is wrong with them.
    """
    rollup = smallest_rollup(keys)
    names = (CONTRACTS.name,) if rollup is None else (rollup.name, CONTRACTS.name)
    paths = next((found for name in names if (found := register.files.get(name))), ())
    try:
        files = [pq.read_metadata(path) for path in paths]
        known = [set(file.schema.names) for file in files]
        is_whole = bool(files) and all(set(keys) <= columns for columns in known)
        if not is_whole or sum(file.num_rows for file in files) > _FEW_ROWS:
            return None
        columns = [name for name in (*keys, *beside) if name in known[0]]
        # Texts that come again and again are kept once.
        tables = [
            pq.ParquetFile(path, metadata=file, read_dictionary=columns).read(
                columns, use_threads=False
            )
            for path, file in zip(paths, files, strict=True)
        ]
    except (OSError, ValueError):  # what pyarrow says of a broken file is one of these
        return None
    return pa.concat_tables(tables).unify_dictionaries()


def summed_in_files(register: ContractRegister, keys: Sequence[str]) -> pd.DataFrame | None:
    """Return number and value of the standing contracts by columns, as :func:`fetch` would.

    The same sums as those of ``volumes.volume``, without a database.

    None as in :func:`rows_in_files`, and where a sum may not fit.
    """
    rows = rows_in_files(register, keys, (*MEASURES, _STATUS))
    if rows is None:
        return None
    if _STATUS in rows.column_names:
        rows = rows.filter(pc.not_equal(rows[_STATUS], ContractStatus.CANCELLED.value))
    sizes = (
        pc.sum(pc.abs(rows[name].cast(pa.float64(), safe=False))).as_py() for name in MEASURES[1:]
    )
    if any(size is not None and size > _SURE_SUM for size in sizes):
        return None
    count = (MEASURES[0], "sum") if MEASURES[0] in rows.column_names else ([], "count_all")
    sums = rows.group_by(list(keys), use_threads=False).aggregate(
        [count, *((name, "sum") for name in MEASURES[1:])]
    )
    return _ordered(sums.rename_columns([*keys, *MEASURES]))


def _ordered(answer: Any) -> pd.DataFrame:  # noqa: ANN401 (pyarrow has no types)
    """Return an Arrow table in the house's types, its rows by all that is no measure."""
    names = answer.column_names
    cells = [answer[name] for name in names]
    answer = pa.table(
        [c.cast(pa.string()) if pa.types.is_dictionary(c.type) else c for c in cells], names
    )
    keys = [name for name in names if not name.endswith(_MEASURE_ENDINGS)]
    answer = answer.sort_by([(name, "ascending") for name in keys or names])
    return pd.DataFrame({name: _series(answer[name]) for name in names})


def _answer(backend: Any, expression: ir.Table) -> Any:  # noqa: ANN401 (ibis has no types)
    """Return an Arrow table; ibis takes Spark's through floats, Spark itself does not."""
    if backend.name == SPARK:
        return backend.raw_sql(backend.compile(expression)).toArrow()
    return backend.to_pyarrow(expression)


def _series(cells: Any) -> pd.Series:  # noqa: ANN401 (pyarrow has no types)
    """Return a column of an answer in the house's types; sums come as decimals."""
    kind = cells.type
    if pa.types.is_decimal(kind):
        cells = cells.cast(_WHOLE).cast(pa.int64())
    if pa.types.is_decimal(kind) or pa.types.is_integer(kind):
        return pd.Series(
            cells.cast(pa.int64()).to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
        )
    if pa.types.is_boolean(kind):
        return pd.Series(cells.to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get))
    return pd.Series(cells.to_pandas(), dtype="str")


def _duckdb() -> Any:  # noqa: ANN401 (ibis has no types)
    import ibis  # noqa: PLC0415 (0.5 s: only where a register is asked)

    return ibis.duckdb.connect(**OFFLINE)


_EXACT_DATE = 10


@dataclass(frozen=True, eq=False)
class OpenContracts:
    """A contract register ready to be asked.

    Parameters
    ----------
    name
        ``demo`` or ``own``.
    register
        The register.
    as_of
        Its cut-off date: every span to date ends here, never today. None where no contract has
        a date.
    origins, sources
        Where its rows come from, each once, in order.
    is_demo
        Whether its rows are invented: every screen and export then says so.
    created_from
        SHA-256 of each file that the rows were read from, by file name.
    """

    name: str
    register: ContractRegister
    as_of: date | None
    origins: tuple[str, ...]
    sources: tuple[str, ...]
    is_demo: bool
    created_from: Mapping[str, str] = field(default_factory=dict)

    @property
    def register_id(self) -> str:
        """Names the content: the same id, the same answers."""
        return self.register.register_id

    def close(self) -> None:
        """End the connection to the register."""
        self.register.close()


def register_line(opened: OpenContracts, language: str) -> str:
    """Return which register the figures come from and until when it reaches."""
    label = text(f"monitor.register.{opened.name}", language)
    if opened.as_of is None:
        return label
    return text("monitor.register.line", language, label=label, day=opened.as_of.isoformat())


def cut_off_date(register: ContractRegister) -> date | None:
    """Return the latest day on which a contract that stands was signed or registered.

    None where no contract has a date that is exact to the day.
    """
    live = standing(register.contracts)
    found = []
    for name in ("signed_on", "registered_on"):
        exact = live.filter(live[name].length() == _EXACT_DATE)
        latest = fetch(register, exact.agg(latest=exact[name].max()))["latest"].iloc[0]
        found += [str(latest)] if isinstance(latest, str) else []
    return date.fromisoformat(max(found)) if found else None


def origins_and_sources(register: ContractRegister) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the origins and the sources that the rows name, each once."""
    names = ("origin", "source")
    table = rows_in_files(register, names)
    if table is not None:
        found = [pc.unique(table[name]).to_pylist() for name in names]
    else:
        contracts = register.contracts
        rows = fetch(register, contracts.group_by(names).agg(row_count=contracts.count()))
        found = [rows[name].dropna().to_list() for name in names]
    origins, sources = (tuple(sorted({*cells} - {None})) for cells in found)
    return origins, sources
