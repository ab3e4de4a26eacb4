"""Opening the contract register of a data set or at an address, and loading one there.

``duckdb://`` and ``pyspark://`` read the Parquet files of a folder: the workspace, or one that
every node of a cluster sees. ``postgres://`` reads tables of a database, in transactions that
cannot write. User and password come from the environment, as PostgreSQL's own tools take them.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from network_map.config import Settings
from network_map.contracts.register import (
    DUCKDB,
    POSTGRES,
    SPARK,
    Address,
    engine_errors,
    first_line,
    missing_driver,
    parse_address,
)
from network_map.contracts.register.engine import (
    ContractRegister,
    OpenContracts,
    cut_off_date,
    open_register_version,
    origins_and_sources,
    register_of_files,
)
from network_map.contracts.register.tables import ROLLUPS
from network_map.contracts.register.versions import (
    ContractSnapshot,
    added_to,
    commit_contracts,
    contract_folder,
    current_contracts,
    read_contracts,
)
from network_map.contracts.tables import CONTRACTS, PAID_VALUES
from network_map.datapackage import table_path, table_sha256
from network_map.errors import WorkspaceError
from network_map.terms import OWN, DatasetName
from network_map.workspace import snapshot_ids
from network_map.workspace.register import Move, import_move


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded where.

    Parameters
    ----------
    address
        The address without credentials.
    snapshot_id
        The version that was loaded.
    contract_count, payment_count
        Its rows.
    """

    address: str
    snapshot_id: str
    contract_count: int
    payment_count: int


@dataclass(frozen=True, slots=True)
class ContractCounts:
    """The current version of a contract register, and its rows."""

    snapshot_id: str
    contract_count: int
    payment_count: int


def current_contract_counts(workspace: Path) -> ContractCounts | None:
    """Return version and size of a workspace's contract register, None if there is none.

    Raises
    ------
    DamagedFileError
        If a file of the register is missing or not what it should be.
    WorkspaceError
        If the workspace cannot be read.
    """
    snapshot = current_contracts(workspace)
    if snapshot is None:
        return None
    counts = snapshot.row_counts
    return ContractCounts(snapshot.snapshot_id, counts["contracts"], counts["paid_values"])


def load_register(
    workspace: Path, url: str, *, who: str | None = None, at: datetime | None = None
) -> Loaded:
    """Write the current contract register of a workspace to an address, all of it or nothing.

    Parameters
    ----------
    workspace
        The folder.
    url
        Where to, as ``NETWORK_MAP_CONTRACTS`` names it.
    who, at
        For the journal: the account of the process and the present moment by default.

    Raises
    ------
    ConfigError
        If the address is not understood, or its driver is not installed.
    WorkspaceError
        If the workspace has no contracts, or the place cannot be written.
    DamagedFileError
        If a file of the register is not what it should be.
    """
    snapshot = current_contracts(workspace, is_verified=True)
    if snapshot is None:
        raise WorkspaceError("contracts_none_imported", path=str(workspace))
    move = import_move(snapshot.source_file, snapshot.source_sha256, who=who, at=at)
    address = load_contracts(snapshot, url, move)
    counts = snapshot.row_counts
    return Loaded(address, snapshot.snapshot_id, counts["contracts"], counts["paid_values"])


NAMES = (CONTRACTS.name, PAID_VALUES.name, *(rollup.name for rollup in ROLLUPS))
INFO = "contract_register"
"""The table of a database that says which version was loaded."""
_CONNECT_SECONDS = "10"
_BATCH_ROWS = 50_000
_SQL_TYPES = {
    pa.string(): "text", pa.int64(): "bigint", pa.int32(): "integer", pa.bool_(): "boolean",
}  # fmt: skip


def open_register(url: str, workspace: Path) -> ContractRegister | None:
    """Return the register at an address, read-only; None if no contracts were ever put there.

    Parameters
    ----------
    url
        What ``NETWORK_MAP_CONTRACTS`` says; ``duckdb://`` is the workspace.
    workspace
        The folder of the planner's own data.

    Raises
    ------
    ConfigError
        If the address is not understood, or its driver is not installed.
    WorkspaceError
        If the server does not answer or has no register.
    DamagedFileError
        If a file of the register is not what it should be.
    """
    address = parse_address(url)
    if address.engine == POSTGRES:
        return _postgres_register(address)
    snapshot = current_contracts(address.folder(workspace))
    if snapshot is None:
        return None
    return (
        open_register_version(snapshot) if address.engine == DUCKDB else _spark(address, snapshot)
    )


def load_contracts(snapshot: ContractSnapshot, url: str, move: Move) -> str:
    """Write a validated version of a register to an address, all of it or nothing.

    Parameters
    ----------
    snapshot
        The version, as a workspace keeps it.
    url
        Where to; a folder becomes a register of its own, a database gets its tables filled.
    move
        Who and when, for the journal of a folder.

    Returns
    -------
    str
        The address without credentials.

    Raises
    ------
    ConfigError
        If the address is not understood, names no place, or its driver is not installed.
    WorkspaceError
        If the place cannot be written.
    """
    address = parse_address(url)
    if address.engine == POSTGRES:
        _load_postgres(snapshot, address)
    else:
        # The folder that the files come from already holds them: the same content, no change.
        target = address.folder(snapshot.folder.parents[2])
        commit_contracts(target, lambda _: added_to(snapshot), move)
    return address.shown


# --- Spark --------------------------------------------------------------------------------------


def _spark(address: Address, snapshot: ContractSnapshot) -> ContractRegister:
    import ibis  # noqa: PLC0415 (0.5 s: only where a register is asked)

    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise missing_driver(SPARK) from error
    try:
        builder = SparkSession.builder.appName("network-map")
        for name, value in address.options.items():
            builder = builder.config(name, value)
        # A session of its own: the tables' names are shared with nobody.
        session = builder.getOrCreate().newSession()
        backend = ibis.pyspark.connect(session)
        tables = {}
        for name in NAMES:
            files = [str(file) for file in snapshot.files(name)]
            session.read.parquet(*files).createOrReplaceTempView(name)
            tables[name] = backend.table(name)
    except engine_errors(SPARK) as error:
        raise _silent(address, error) from error
    return ContractRegister(snapshot.snapshot_id, lambda: (backend, tables))


# --- PostgreSQL ---------------------------------------------------------------------------------


def _postgres_register(address: Address) -> ContractRegister:
    backend = _postgres(address, options="-c default_transaction_read_only=on")
    with ExitStack() as opened:
        opened.callback(backend.disconnect)
        try:
            there = set(backend.list_tables())
            tables = {name: backend.table(name) for name in NAMES if name in there}
            register_id = address.shown
            if INFO in there:
                register_id = backend.table(INFO).to_pyarrow()["snapshot_id"][0].as_py()
        except engine_errors(POSTGRES) as error:
            raise _silent(address, error) from error
        if CONTRACTS.name not in tables:
            raise WorkspaceError("contracts_not_loaded", address=address.shown)
        opened.pop_all()
    return ContractRegister(register_id, lambda: (backend, tables))


def _postgres(address: Address, **settings: str) -> Any:  # noqa: ANN401 (ibis has no types)
    import ibis  # noqa: PLC0415 (0.5 s: only where a register is asked)

    database, _, schema = address.path.strip("/").partition("/")
    told: Mapping[str, Any] = {
        "host": address.host,
        "port": address.port,  # None: PGPORT decides
        "connect_timeout": _CONNECT_SECONDS,
        **address.options,
        **settings,
    }
    try:
        return ibis.postgres.connect(
            user=address.user, database=database or None, schema=schema or None, **told
        )
    except ImportError as error:
        raise missing_driver(POSTGRES) from error
    except engine_errors(POSTGRES) as error:
        raise _silent(address, error) from error


def _load_postgres(snapshot: ContractSnapshot, address: Address) -> None:
    """Fill the tables in one transaction: others see the old register or the new one."""
    connection = _postgres(address).con
    try:
        with connection.transaction(), connection.cursor() as cursor:
            for name in NAMES:
                schema = pq.read_schema(snapshot.files(name)[0])
                _make_empty(cursor, name, schema)
                for file in snapshot.files(name):
                    _copy(cursor, name, file)
            _make_empty(cursor, INFO, pa.schema({"snapshot_id": pa.string()}))
            cursor.execute(f"INSERT INTO {INFO} VALUES (%s)", [snapshot.snapshot_id])  # noqa: S608 (declared above)
    except engine_errors(POSTGRES) as error:
        raise WorkspaceError(
            "contracts_not_written", address=address.shown, detail=first_line(error)
        ) from error
    finally:
        connection.close()


def _make_empty(cursor: Any, name: str, schema: Any) -> None:  # noqa: ANN401 (drivers' objects)
    """Make a table, or empty the one that is there: the rights on it stay."""
    columns = [f"{field.name} {_SQL_TYPES[field.type]}" for field in schema]
    cursor.execute(f"CREATE TABLE IF NOT EXISTS {name} ({', '.join(columns)})")
    # One that an earlier program made may have fewer columns.
    added = ", ".join(f"ADD COLUMN IF NOT EXISTS {column}" for column in columns)
    cursor.execute(f"ALTER TABLE {name} {added}")
    cursor.execute(f"TRUNCATE {name}")


def _copy(cursor: Any, name: str, file: Path) -> None:  # noqa: ANN401 (the driver's object)
    from pyarrow import csv  # noqa: PLC0415 (only where a database is filled)

    parquet = pq.ParquetFile(file)
    columns = ", ".join(parquet.schema_arrow.names)
    plain = csv.WriteOptions(include_header=False)
    with cursor.copy(f"COPY {name} ({columns}) FROM STDIN (FORMAT csv)") as copy:
        for batch in parquet.iter_batches(_BATCH_ROWS):
            lines = BytesIO()
            csv.write_csv(batch, lines, plain)
            copy.write(lines.getvalue())


def _silent(address: Address, error: BaseException) -> WorkspaceError:
    return WorkspaceError(
        "contracts_server_silent", address=address.shown, detail=first_line(error)
    )


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
    register = register_of_files(
        f"demo-{DEMO_SEED}", {name: [path] for name, path in paths.items()}
    )
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
