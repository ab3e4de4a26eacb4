"""A DuckDB that holds a bounded part in memory and puts the rest on disk."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from network_map.errors import WorkspaceError

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
