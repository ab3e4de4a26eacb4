"""The layers around the rows of an export: county areas, nodes by name, aliases of places.

Tables that exist only in exports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import shapely

from network_map.crs import STORAGE_CRS
from network_map.export import Layer
from network_map.i18n import text
from network_map.nodes.dataset import Dataset
from network_map.nodes.tables import COUNTY_AREAS, NODE_LIST
from network_map.places.reference import Places, place_names, read_boundaries
from network_map.places.tables import DIVISION_ALIASES
from network_map.terms import AdminLevel

if TYPE_CHECKING:
    import geopandas as gpd


def network_layers(
    places: Places,
    dataset: Dataset,
    *,
    prefecture_adcode: str | None,
    language: str,
    without: tuple[str, ...] = (),
) -> tuple[Layer, ...]:
    """Return ``counties``, ``nodes`` and ``aliases`` for the area of an export.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    prefecture_adcode
        Counties and nodes of this prefecture only; None takes all.
    language
        Of the names in the nodes: ``zh`` or ``en``.
    without
        Names of layers to leave out, because the rows themselves are that layer.
    """
    layers = place_layers(places, prefecture_adcode=prefecture_adcode)
    nodes = _node_layer(places, dataset, prefecture_adcode, language)
    counties, aliases = layers
    return tuple(layer for layer in (counties, nodes, aliases) if layer.name not in without)


def place_layers(places: Places, *, prefecture_adcode: str | None) -> tuple[Layer, ...]:
    """Return ``counties`` and ``aliases`` for the area of an export.

    Parameters
    ----------
    places
        The reference tables.
    prefecture_adcode
        Counties of this prefecture only; None takes all. The aliases are always all of them.
    """
    import geopandas as gpd  # noqa: PLC0415 (only where shapes are asked for)

    divisions = places.divisions
    counties = divisions[divisions["level"] == AdminLevel.COUNTY]
    if prefecture_adcode is not None:
        counties = counties[counties["parent_adcode"] == prefecture_adcode]
    table = counties.assign(
        prefecture_adcode=counties["parent_adcode"],
        prefecture_name_zh=counties["parent_adcode"].map(place_names(divisions, "zh")),
        source=text("map.source_line", "zh"),
    )[COUNTY_AREAS.names].reset_index(drop=True)
    areas = gpd.GeoDataFrame(table, geometry=area_shapes(table["adcode"]), crs=STORAGE_CRS)
    return (
        Layer("counties", areas, COUNTY_AREAS),
        Layer("aliases", places.division_aliases, DIVISION_ALIASES),
    )


def area_shapes(adcodes: pd.Series) -> gpd.GeoSeries:
    """Return the area of each place, whatever its level, in EPSG:4490.

    Parameters
    ----------
    adcodes
        Codes; a missing or unknown one has no area.

    Returns
    -------
    geopandas.GeoSeries
        With the index of ``adcodes``.
    """
    import geopandas as gpd  # noqa: PLC0415 (only where shapes are asked for)

    boundaries = [read_boundaries(level) for level in AdminLevel]
    shapes = {
        adcode: shape
        for areas in boundaries
        for adcode, shape in zip(areas["adcode"], areas.geometry, strict=True)
    }
    return gpd.GeoSeries(
        [shapes.get(adcode) for adcode in adcodes], index=adcodes.index, crs=STORAGE_CRS
    )


def node_rows(
    nodes: pd.DataFrame, node_kinds: pd.DataFrame, places: Places, *, language: str
) -> pd.DataFrame:
    """Return nodes as table ``node_list``, by kind in tier order, then by code and id.

    Parameters
    ----------
    nodes, node_kinds
        The declared tables of those names.
    places
        The reference tables.
    language
        Of the names of places: ``zh`` or ``en``.
    """
    divisions = places.divisions
    counties = divisions[divisions["level"] == AdminLevel.COUNTY]
    order = {kind: place for place, kind in enumerate(node_kinds["kind"])}
    named = nodes.assign(
        county_name=nodes["adcode"].map(place_names(counties, language)).astype("str"),
        prefecture_name=nodes["prefecture_adcode"]
        .map(place_names(divisions, language))
        .astype("str"),
        kind_order=nodes["kind"].map(order),
    )
    ordered = named.sort_values(["kind_order", "adcode", "node_id"], ignore_index=True)
    return ordered[NODE_LIST.names]


def _node_layer(
    places: Places, dataset: Dataset, prefecture_adcode: str | None, language: str
) -> Layer:
    import geopandas as gpd  # noqa: PLC0415 (only where shapes are asked for)

    nodes = dataset.nodes
    if prefecture_adcode is not None:
        nodes = nodes[nodes["prefecture_adcode"] == prefecture_adcode]
    rows = node_rows(nodes, dataset.node_kinds, places, language=language)
    lon, lat = (rows[name].astype("float64").to_numpy() for name in ("lon", "lat"))
    points = shapely.points(lon, lat)
    points[pd.isna(lon) | pd.isna(lat)] = None
    table = gpd.GeoDataFrame(rows, geometry=points, crs=STORAGE_CRS)
    return Layer("nodes", table, NODE_LIST, is_demo=dataset.is_demo)
