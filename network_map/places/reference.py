"""The shipped boundaries of province, prefectures and counties.

The reference tables of places, the same for every data set.
"""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from network_map.crs import STORAGE_CRS
from network_map.datapackage import declared_table, read_table, table_path
from network_map.places.tables import (
    BOUNDARIES,
    COUNTY_INDICATORS,
    COUNTY_SEATS,
    DIVISION_ALIASES,
    DIVISIONS,
    PREFECTURE_INDICATORS,
)
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


@dataclass(frozen=True, eq=False)
class Places:
    """The reference tables of places, the same for every data set; treat them as read-only.

    Parameters
    ----------
    divisions, county_seats, division_aliases
        The declared tables of those names.
    county_indicators, prefecture_indicators
        The declared tables of those names.
    """

    divisions: pd.DataFrame
    county_seats: pd.DataFrame
    division_aliases: pd.DataFrame
    county_indicators: pd.DataFrame
    prefecture_indicators: pd.DataFrame


def open_places() -> Places:
    """Return the shipped tables of places.

    Raises
    ------
    MissingFileError, DamagedFileError
        If a shipped table is not there or not what it should be.
    """
    return Places(
        divisions=read_table(DIVISIONS),
        county_seats=read_table(COUNTY_SEATS),
        division_aliases=read_table(DIVISION_ALIASES),
        county_indicators=read_table(COUNTY_INDICATORS),
        prefecture_indicators=read_table(PREFECTURE_INDICATORS),
    )
