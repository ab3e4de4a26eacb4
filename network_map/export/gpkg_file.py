"""GeoPackage in EPSG:4490: the rows as a layer, the layers around them, and their description.

The same bundle gives the same bytes: GDAL is told a fixed date instead of reading the clock.
"""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from network_map.crs import STORAGE_CRS
from network_map.errors import QueryError
from network_map.export.bundle import Bundle
from network_map.export.cells import clean_text, plain_value
from network_map.export.layers import Layer
from network_map.export.meta import embedded_json
from network_map.export.reading_geopackage import layers_sha256
from network_map.tables.columns import Column, ColumnType

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
        [None if value is None else clean_text(str(value)) for value in found], dtype="object"
    )


def _write(path: Path, frames: Iterable[tuple[str, pd.DataFrame]]) -> None:
    # Set once and left: the whole process writes no other GeoPackage, and threads do not quarrel.
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
