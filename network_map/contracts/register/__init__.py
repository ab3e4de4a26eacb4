"""The contract register as it is kept and asked.

Read in this order: ``tables`` (Arrow tables), ``versions`` (Parquet, written once), ``engine``
(questions), ``open`` (the register of a data set or at an address: DuckDB here, PostgreSQL or
Spark elsewhere). Here stand the engines that a register can be asked through: their addresses, what
they raise, and a DuckDB that holds a bounded part in memory and puts the rest on disk.
"""

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from network_map.errors import ConfigError, WorkspaceError

DUCKDB, POSTGRES, SPARK = "duckdb", "postgres", "pyspark"
_SCHEMES = {
    "duckdb": DUCKDB, "postgres": POSTGRES, "postgresql": POSTGRES, "pyspark": SPARK,
}  # fmt: skip
EXAMPLES = (
    "duckdb://", "duckdb:///folder", "postgres://host/database", "pyspark:///folder"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Address:
    """Where a register lies and which engine answers for it.

    Parameters
    ----------
    engine
        ``duckdb``, ``postgres`` or ``pyspark``.
    host, port, user
        Of a server; None leaves it to the environment (``PGHOST``, ``PGUSER`` …).
    path
        The folder of a register, or database and schema; empty for the workspace.
    options
        Further settings of the driver or of Spark.
    """

    engine: str
    host: str | None = None
    port: int | None = None
    user: str | None = None
    path: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """The address as it may be shown: without user and options."""
        port = "" if self.port is None else f":{self.port}"
        return f"{self.engine}://{self.host or ''}{port}{self.path}"

    def folder(self, workspace: Path) -> Path:
        """Return the folder of the register: the one named, else the workspace."""
        return Path(self.path) if self.path not in {"", "/"} else workspace


def parse_address(url: str) -> Address:
    """Return what an address says.

    Parameters
    ----------
    url
        ``duckdb://``, ``postgres://host:port/database/schema`` or
        ``pyspark:///folder?spark.master=…``.

    Raises
    ------
    ConfigError
        If the engine is unknown, the address is not one, or it carries a password: that belongs
        in the environment (``PGPASSWORD`` or ``PGPASSFILE``).
    """
    try:
        parts = urlsplit(url.strip())
        port, password = parts.port, parts.password
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError as error:
        raise _unknown(url) from error
    engine = _SCHEMES.get(parts.scheme)
    if engine is None or "://" not in url:
        raise _unknown(url)
    if password is not None or "password" in options:
        raise ConfigError("contracts_url_password")
    user = None if parts.username is None else unquote(parts.username)
    # A folder is not a host: duckdb://folder would silently mean the root.
    if engine != POSTGRES and parts.netloc:
        raise _unknown(url)
    return Address(engine, parts.hostname, port, user, unquote(parts.path), options)


def engine_errors(engine: str) -> tuple[type[BaseException], ...]:
    """Return what an engine and its driver raise when they cannot answer."""
    from ibis.common.exceptions import IbisError  # noqa: PLC0415 (0.5 s)

    return (OSError, IbisError, *_DRIVER_ERRORS[engine]())


def missing_driver(engine: str) -> ConfigError:
    """Return the error for a driver that is not installed."""
    extra = {POSTGRES: "postgres", SPARK: "spark"}[engine]
    return ConfigError("contracts_driver_missing", engine=engine, extra=extra)


def first_line(error: BaseException) -> str:
    """Return the first line of what a driver says, without user names and passwords."""
    text = str(error).strip().split("\n", maxsplit=1)[0] or type(error).__name__
    return re.sub(r"""(user|role|password) ["'][^"']*["']""", r"\1 …", text)


def _unknown(url: str) -> ConfigError:
    shown = re.sub(r"//[^/@]*@", "//…@", url).partition("?")[0]
    return ConfigError("contracts_url_unknown", value=shown, known="、".join(EXAMPLES))


def _duckdb_errors() -> tuple[type[BaseException], ...]:
    import duckdb  # noqa: PLC0415 (each driver where it is used)

    return (duckdb.Error,)


def _postgres_errors() -> tuple[type[BaseException], ...]:
    import psycopg  # noqa: PLC0415 (an extra)

    return (psycopg.Error,)


def _spark_errors() -> tuple[type[BaseException], ...]:
    from py4j.protocol import Py4JError  # noqa: PLC0415 (an extra)
    from pyspark.errors import PySparkException  # noqa: PLC0415 (an extra)

    return (PySparkException, Py4JError)


_DRIVER_ERRORS = {DUCKDB: _duckdb_errors, POSTGRES: _postgres_errors, SPARK: _spark_errors}


OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
"""DuckDB never looks for an extension on a network."""
# Each thread holds a part of its own: with more of them the memory would not be enough.
MEMORY, _THREADS = "256MB", 2


@contextmanager
def bounded_engine(folder: Path) -> Iterator[Any]:
    """Yield a DuckDB of its own for one piece of work.

    Parameters
    ----------
    folder
        An existing folder for what does not fit into memory; it is left as it was.

    Raises
    ------
    WorkspaceError
        If neither memory nor disk takes the work.
    """
    import duckdb  # noqa: PLC0415 (0.1 s: only where contracts are imported)

    aside = folder / "aside"
    config = {
        **OFFLINE, "memory_limit": MEMORY, "threads": _THREADS, "temp_directory": str(aside)
    }  # fmt: skip
    try:
        with duckdb.connect(config=config) as engine:
            engine.execute("SET enable_progress_bar = false")
            yield engine
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        detail = str(error).splitlines()[0]
        raise WorkspaceError("workspace_unwritable", path=str(folder), detail=detail) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
