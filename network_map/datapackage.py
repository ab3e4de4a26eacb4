"""Reading the tables that the application ships in its folder ``data``."""

from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pandas as pd

from network_map.config import app_root
from network_map.errors import DamagedFileError, MissingFileError, TableError
from network_map.tables import Table
from network_map.tables.check import conform

_PARQUET = ("boundaries_", "road_", "demo_contracts", "demo_paid_values")
"""How the names of the tables begin that are kept as Parquet; all others are CSV."""


def data_root() -> Path:
    """Return the folder of the shipped tables."""
    return app_root() / "data"


def table_path(name: str, root: Path | None = None) -> Path:
    """Return the file of a shipped table.

    Parameters
    ----------
    name
        Name of the file without its ending.
    root
        Folder of the tables; the application's own by default.
    """
    ending = "parquet" if name.startswith(_PARQUET) else "csv"
    return (root or data_root()) / f"{name}.{ending}"


def read_table(table: Table, name: str | None = None, root: Path | None = None) -> pd.DataFrame:
    """Return a shipped table without geometry, its columns in their declared types.

    Parameters
    ----------
    table
        Its declaration.
    name
        Name of the file without its ending; that of the table by default.
    root
        Folder of the tables; the application's own by default.

    Raises
    ------
    MissingFileError
        If the file is not there.
    DamagedFileError
        If it cannot be read, or its rows break the declaration.
    """
    path = table_path(name or table.name, root)
    read = _parquet if path.suffix == ".parquet" else _csv
    return declared_table(table, path, read)


def table_sha256(name: str, root: Path | None = None) -> str:
    """Return the SHA-256 of a shipped table's file in hexadecimal.

    Raises
    ------
    MissingFileError
        If the file is not there.
    DamagedFileError
        If it cannot be read.
    """
    return sha256(_content(table_path(name, root))).hexdigest()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise MissingFileError("data_missing", file=path.name) from error
    except OSError as error:
        raise DamagedFileError("data_damaged", file=path.name, detail=str(error)) from error


def _csv(content: BytesIO) -> pd.DataFrame:
    return pd.read_csv(content, dtype="str", keep_default_na=False, na_values=[""])


def _parquet(content: BytesIO) -> pd.DataFrame:
    # That of pandas loads what joins the files of folders.
    from pyarrow.parquet import ParquetFile  # noqa: PLC0415 (only where one is read)

    frame: pd.DataFrame = ParquetFile(content).read(use_threads=False).to_pandas()
    return frame


def declared_table(
    table: Table, path: Path, read: Callable[[BytesIO], pd.DataFrame]
) -> pd.DataFrame:
    """Return the rows of a shipped file, checked against their declaration.

    Parameters
    ----------
    table
        The declaration.
    path
        The file.
    read
        Reads its content; whatever it cannot read it says by ``ValueError`` or ``OSError``.

    Raises
    ------
    MissingFileError, DamagedFileError
        As :func:`read_table` does.
    """
    content = _content(path)
    try:
        # What pandas, pyarrow and geopandas say of a broken file are all kinds of these two.
        raw = read(BytesIO(content))
    except (ValueError, OSError) as error:
        raise DamagedFileError("data_damaged", file=path.name, detail=str(error)) from error
    absent = [name for name in table.names if name not in raw.columns]
    if absent:
        detail = "、".join(absent)
        raise DamagedFileError("data_columns_missing", file=path.name, columns=detail)
    try:
        return conform(table, raw)
    except TableError as error:
        raise DamagedFileError(
            "data_rows_damaged", file=path.name, problem_count=len(error.problems),
            rows="、".join(str(p.row) for p in error.problems[:3]),
        ) from error  # fmt: skip
