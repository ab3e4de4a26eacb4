"""The shipped boundaries of province, prefectures and counties."""

from pathlib import Path

import geopandas as gpd

from network_map.crs import STORAGE_CRS
from network_map.datapackage import declared_table, table_path
from network_map.places.tables import BOUNDARIES
from network_map.terms import AdminLevel


def read_boundaries(level: AdminLevel, root: Path | None = None) -> gpd.GeoDataFrame:
    """Return the boundaries of a level: ``adcode``, ``name_zh`` and ``geometry`` in EPSG:4490.

    Parameters
    ----------
    level
        Province, prefectures or counties; sorted by code.
    root
        Folder of the tables; the application's own by default.

    Raises
    ------
    MissingFileError
        If the file is not there.
    DamagedFileError
        If it cannot be read, or its rows break the declaration.
    """
    path = table_path(f"boundaries_{AdminLevel(level).value}", root)
    frame = declared_table(BOUNDARIES, path, gpd.read_parquet)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=STORAGE_CRS)
