"""A GeoPackage as plain tables: SQLite reads it in memory, no geometry library touches it."""

import json
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager

from network_map.export.meta import hash_of
from network_map.export.reading import (
    MOST_CELLS,
    Cell,
    Grid,
    Reading,
    in_limits,
    not_ours,
    parsed_meta,
)

_META_LAYER = "network_map_meta"
_MOST_STEPS = 2_000_000_000
_STEPS_PER_LOOK = 1_000_000
_HEADER_BYTES = {0: 8, 1: 40, 2: 56, 3: 56, 4: 72}
_ENVELOPE = 0b1110
_POINT = struct.Struct("<BIdd")


def read_gpkg(data: bytes) -> Reading:
    """Return every layer of a GeoPackage.

    Numbers and texts are plain cells; a point is its coordinates, another shape the hash of its
    bytes.

    Raises
    ------
    FileFormatError
        If it is no GeoPackage, or asks too much of the machine.
    """
    with _opened(data) as base:
        grids = _layers(base)
        meta = _cells(base, _META_LAYER)
    words = meta.rows[0][-1] if meta is not None and meta.rows else None
    return Reading(
        grids=grids,
        meta=parsed_meta(words) if isinstance(words, str) else None,
        body_sha256=_sha256(grids),
    )


def layers_sha256(data: bytes) -> str:
    """Return the hash of the cells of a GeoPackage, its description left out.

    Raises
    ------
    FileFormatError
        If it is no GeoPackage.
    """
    with _opened(data) as base:
        return _sha256(_layers(base))


def _sha256(grids: tuple[Grid, ...]) -> str:
    listed = [[grid.name, grid.headings, grid.rows] for grid in grids]
    return hash_of(json.dumps(listed).encode())


@contextmanager
def _opened(data: bytes) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as base:
        looks = iter(range(_MOST_STEPS // _STEPS_PER_LOOK))
        base.set_progress_handler(lambda: next(looks, None) is None, _STEPS_PER_LOOK)
        try:
            base.deserialize(data)
            # No function or virtual table named in the file's own schema may run.
            base.execute("PRAGMA trusted_schema = OFF")
            base.execute("PRAGMA query_only = ON")
            base.execute("PRAGMA cell_size_check = ON")
            yield base
        except (sqlite3.Error, OverflowError, MemoryError, UnicodeDecodeError) as error:
            raise not_ours() from error


def _layers(base: sqlite3.Connection) -> tuple[Grid, ...]:
    names = [
        name for (name,) in base.execute("SELECT table_name FROM gpkg_contents ORDER BY rowid")
    ]
    found = [_cells(base, name) for name in names if name != _META_LAYER]
    return tuple(grid for grid in found if grid is not None)


def _cells(base: sqlite3.Connection, name: object) -> Grid | None:
    """Return the cells of an ordinary table, never of a view or a virtual table."""
    known = base.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ? "
        "AND upper(sql) NOT LIKE 'CREATE VIRTUAL%'",
        (name,),
    ).fetchone()
    if known is None or not isinstance(name, str):
        return None
    quoted = name.replace('"', '""')
    cursor = base.execute(f'SELECT * FROM "{quoted}" ORDER BY 1')  # noqa: S608 -- an identifier, quoted
    headings = tuple(str(column[0]) for column in cursor.description)
    rows = []
    for row in cursor:
        rows.append(tuple(_cell(value) for value in row))
        in_limits(len(rows) * len(headings), MOST_CELLS)
    return Grid(name, "rows", headings, tuple(rows))


def _cell(value: object) -> Cell:
    if isinstance(value, bytes):
        return _shape_text(value)
    return value if isinstance(value, str | int | float) else None


def _shape_text(blob: bytes) -> str:
    """Return a point as its coordinates, any other geometry as the hash of its bytes."""
    header = _HEADER_BYTES.get((blob[3] & _ENVELOPE) >> 1, 0) if blob[:2] == b"GP" else 0
    shape = blob[header:] if len(blob) > header else b""
    if len(shape) == _POINT.size:
        order, kind, lon, lat = _POINT.unpack(shape)
        if (order, kind) == (1, 1):
            return f"POINT ({lon!r} {lat!r})"
    return f"sha256:{hash_of(blob)}"
