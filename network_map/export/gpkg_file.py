"""GeoPackage in EPSG:4490: the rows as a layer, the layers around them, and their description.

The same bundle gives the same bytes: GDAL is told a fixed date instead of reading the clock.

A GeoPackage as plain tables: SQLite reads it in memory, no geometry library touches it.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd

from network_map.crs import STORAGE_CRS
from network_map.errors import QueryError
from network_map.export.bundle import Bundle, Layer, plain_value, writable_text
from network_map.export.meta import (
    MOST_CELLS,
    MOST_TEXT_BYTES,
    Cell,
    Grid,
    Reading,
    content_sha256,
    embedded_json,
    in_limits,
    not_ours,
    parsed_meta,
)
from network_map.tables import Column, ColumnType

if TYPE_CHECKING:
    import sqlite3

    import geopandas as gpd

_META_LAYER = "network_map_meta"
_MOST_STEPS = 200_000_000
_MOST_COLUMNS = 200
_LONGEST_VALUE = 1_000_000
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
    return content_sha256(json.dumps(listed).encode())


@contextmanager
def _opened(data: bytes) -> Iterator[sqlite3.Connection]:
    import sqlite3  # noqa: PLC0415 (only where one is read)

    with closing(sqlite3.connect(":memory:")) as base:
        looks = iter(range(_MOST_STEPS // _STEPS_PER_LOOK))
        base.set_progress_handler(lambda: next(looks, None) is None, _STEPS_PER_LOOK)
        base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
        base.text_factory = _TextBudget().decode
        try:
            base.deserialize(data)
            # No function or virtual table named in the file's own schema may run.
            base.execute("PRAGMA trusted_schema = OFF")
            base.execute("PRAGMA query_only = ON")
            base.execute("PRAGMA cell_size_check = ON")
            yield base
        except (sqlite3.Error, OverflowError, MemoryError, UnicodeDecodeError) as error:
            raise not_ours() from error


class _TextBudget:
    """Decodes the texts of a database, up to a number of bytes together."""

    def __init__(self) -> None:
        self._byte_count = 0

    def decode(self, data: bytes) -> str:
        self._byte_count += len(data)
        in_limits("text_bytes", self._byte_count, MOST_TEXT_BYTES)
        return data.decode()


def _layers(base: sqlite3.Connection) -> tuple[Grid, ...]:
    names = [
        name for (name,) in base.execute("SELECT table_name FROM gpkg_contents ORDER BY rowid")
    ]
    if len(set(names)) < len(names):
        raise not_ours()
    found = [_cells(base, name) for name in names if name != _META_LAYER]
    grids = tuple(grid for grid in found if grid is not None)
    in_limits("cells", sum(len(grid.rows) * len(grid.headings) for grid in grids), MOST_CELLS)
    return grids


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
    columns = base.execute(f'PRAGMA table_xinfo("{quoted}")').fetchall()
    in_limits("columns", len(columns), _MOST_COLUMNS)
    if any(hidden for *_, hidden in columns):  # its value is made while it is read
        raise not_ours()
    cursor = base.execute(f'SELECT * FROM "{quoted}" ORDER BY 1')  # noqa: S608 -- an identifier, quoted
    headings = tuple(str(column[0]) for column in cursor.description)
    rows = []
    for row in cursor:
        rows.append(tuple(_cell(value) for value in row))
        in_limits("cells", len(rows) * len(headings), MOST_CELLS)
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
    return f"sha256:{content_sha256(blob)}"


META_LAYER = "network_map_meta"
"""Name of the layer without places that holds the description, in one row of one column."""
MARK_COLUMN = "data_nature"
"""Column that marks each row of the demonstration."""
# Not the time of writing: the same bundle gives the same bytes.
_CREATED = "2000-01-01T00:00:00.000Z"
_VERSION = "1.3"
_DTYPES = {
    ColumnType.INTEGER: "Int64",
    ColumnType.NUMBER: "float64",
    ColumnType.BOOLEAN: "boolean",
}


def gpkg_bytes(bundle: Bundle) -> bytes:
    """Return the rows and the layers around them as a GeoPackage.

    Columns carry their declared names and the codes, as in GeoJSON. Areas are multipolygons,
    points are points; a row without a place is kept without one. The description is the layer
    :data:`META_LAYER`.

    Raises
    ------
    QueryError
        If the bundle has no places.
    ValueError
        If two layers have the same name.
    """
    if not bundle.has_places:
        raise QueryError("export_without_places", title=bundle.title, format="GPKG")
    rows = Layer(
        bundle.layer_name or bundle.declaration.name,
        _placed(bundle),
        bundle.declaration,
        bundle.is_demo,
    )
    layers = [rows, *(bundle.layers() if bundle.layers is not None else ())]
    if len({layer.name for layer in layers}) < len(layers):
        msg = f"two layers have one name: {[layer.name for layer in layers]}"
        raise ValueError(msg)
    frames = {layer.name: _frame(layer, bundle) for layer in layers}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export.gpkg"
        _write(path, frames.items())
        meta = embedded_json(bundle, layers_sha256(path.read_bytes()))
        _write(path, [(META_LAYER, pd.DataFrame({"meta": [meta]}))])
        return path.read_bytes()


def _placed(bundle: Bundle) -> gpd.GeoDataFrame:
    """Return the rows of a bundle with the place of each."""
    import geopandas as gpd  # noqa: PLC0415 (only where shapes are asked for)
    import shapely  # noqa: PLC0415 (the same)

    if bundle.points is not None:
        lon, lat = (
            pd.to_numeric(bundle.table[name]).astype("float64").to_numpy() for name in bundle.points
        )
        missing = pd.isna(lon) | pd.isna(lat)
        shapes = shapely.points(lon, lat)
        shapes[missing] = None
        return gpd.GeoDataFrame(bundle.table, geometry=shapes, crs=STORAGE_CRS)
    if bundle.shapes is not None:
        shapes = bundle.shapes().to_numpy()
        return gpd.GeoDataFrame(bundle.table, geometry=shapes, crs=STORAGE_CRS)
    return gpd.GeoDataFrame(bundle.table).to_crs(STORAGE_CRS)


def _frame(layer: Layer, bundle: Bundle) -> pd.DataFrame:
    """Return a layer as it is written: declared columns, clean cells, the mark, the places."""
    import geopandas as gpd  # noqa: PLC0415 (only where shapes are asked for)

    cells = {column.name: _series(layer.table, column) for column in layer.declaration.columns}
    frame = pd.DataFrame(cells)
    if layer.is_demo:
        frame = frame.assign(**{MARK_COLUMN: bundle.demo_mark})
    if not isinstance(layer.table, gpd.GeoDataFrame):
        return frame
    placed: pd.DataFrame = gpd.GeoDataFrame(
        frame, geometry=layer.table.geometry.to_numpy(), crs=STORAGE_CRS
    )
    return placed


def _series(table: pd.DataFrame, column: Column) -> pd.Series:
    found = [plain_value(value) for value in table[column.name]]
    dtype = _DTYPES.get(column.type)
    if dtype is not None:
        return pd.Series(found, dtype=dtype)
    return pd.Series(
        [None if value is None else writable_text(str(value)) for value in found], dtype="object"
    )


def _write(path: Path, frames: Iterable[tuple[str, pd.DataFrame]]) -> None:
    # Set once and left: the whole process writes no other GeoPackage, and threads do not quarrel.
    import geopandas as gpd  # noqa: PLC0415 (only where shapes are asked for)
    import pyogrio  # noqa: PLC0415 (loads GDAL: only where a GeoPackage is written)

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _CREATED})
    for name, frame in frames:
        options: dict[str, object] = (
            {"dataset_options": {"VERSION": _VERSION}} if not path.exists() else {}
        )
        if isinstance(frame, gpd.GeoDataFrame):
            kind = _geometry_type(frame)
            options |= {"geometry_type": kind, "promote_to_multi": kind.startswith("Multi")}
        pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", **options)


def _geometry_type(frame: gpd.GeoDataFrame) -> str:
    kinds = set(frame.geometry.dropna().geom_type)
    if kinds <= {"Point"} and kinds:
        return "Point"
    if kinds <= {"Polygon", "MultiPolygon"} and kinds:
        return "MultiPolygon"
    if kinds <= {"LineString", "MultiLineString"} and kinds:
        return "MultiLineString"
    return "Unknown"
