"""The layers around the nodes: county areas, nodes by name, aliases, lines of the three tiers.

The lines lead from each county to its sub-market and from each sub-market to the market.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from network_map.crs import STORAGE_CRS
from network_map.export import Layer
from network_map.i18n import count_text, number_text, text
from network_map.maps.spec import HierarchyLayer, HierarchyLine, LineKind
from network_map.nodes.dataset import Dataset
from network_map.nodes.tables import COUNTY_AREAS, NODE_LIST
from network_map.places.query import AreaQuery
from network_map.places.reference import Places, place_names, read_boundaries
from network_map.places.tables import DIVISION_ALIASES
from network_map.reach.cost import (
    NO_METHOD,
    BoolArray,
    CostMatrix,
    admitted,
    geodesic_x_circuity,
    method_names,
)
from network_map.reach.coverage import NO_PLACE, counted_facilities, nearest_of, own_facilities
from network_map.reach.roads import Roads, road_network_km
from network_map.reach.tables import HIERARCHY
from network_map.tables.check import conform
from network_map.terms import AdminLevel, NodeKind

if TYPE_CHECKING:
    import geopandas as gpd


# --- the lines of the three tiers -----------------------------------------------------------------


def hierarchy_lines(
    cost: CostMatrix,
    counties: pd.DataFrame,
    nodes: pd.DataFrame,
    *,
    include_planned: bool = False,
) -> pd.DataFrame:
    """Return to which node each county and each sub-market belongs, with the ends of the line.

    Parameters
    ----------
    cost
        Counties by nodes, ids ``adcode`` and ``node_id``; sub-markets may be missing from it.
    counties
        ``adcode, prefecture_adcode, lon, lat``, n rows, all of them in ``cost``.
    nodes
        Table ``nodes``.
    include_planned
        Whether nodes being built count already.

    Returns
    -------
    pandas.DataFrame
        Declared table ``hierarchy``: n counties, then the sub-markets by id. A county belongs to
        the nearest sub-market of its prefecture; where the prefecture has none it is an orphan
        and belongs to the nearest of all. A line without both ends is a row that says why.

    Raises
    ------
    KeyError
        If a county is not in ``cost``.
    """
    sub_markets, markets = (
        counted_facilities(nodes, kind, include_planned=include_planned)
        for kind in (NodeKind.SUB_MARKET, NodeKind.PROVINCIAL_MARKET)
    )
    to_sub_market = cost.covering(sub_markets["node_id"], demand_ids=counties["adcode"])
    to_market = geodesic_x_circuity(sub_markets, markets, demand_id="node_id")
    starts = counties.assign(level="county", from_id=counties["adcode"], from_name=None)
    middles = sub_markets.assign(
        level="sub_market", from_id=sub_markets["node_id"], from_name=sub_markets["node_name"]
    )
    no_own = np.zeros((len(sub_markets), len(markets)), dtype="bool")
    own = own_facilities(counties, sub_markets)
    tables = [
        _lines(starts, sub_markets, to_sub_market, own).assign(is_orphan=_orphans(own)),
        _lines(middles, markets, to_market, no_own).assign(is_orphan=False),
    ]
    return conform(HIERARCHY, pd.concat(tables, ignore_index=True))


def _lines(
    starts: pd.DataFrame, facilities: pd.DataFrame, cost: CostMatrix, is_own: BoolArray
) -> pd.DataFrame:
    admits = admitted(is_own)
    nearest = nearest_of(cost, admits).km
    # Without distances the node above is known only where there is just one that it can be.
    is_single = admits.sum(axis=1) == 1
    single = np.where(is_single, _first(admits), NO_PLACE)
    place = np.where(nearest.place == NO_PLACE, single, nearest.place)
    above = facilities.reset_index(drop=True).reindex(place)
    table = starts[["level", "from_id", "from_name", "prefecture_adcode"]].assign(
        to_node_id=above["node_id"].to_numpy(),
        to_node_name=above["node_name"].to_numpy(),
        km=np.where(np.isfinite(nearest.first), nearest.first, np.nan),
        method=_methods(cost, nearest.place),
        from_lon=starts["lon"],
        from_lat=starts["lat"],
        to_lon=above["lon"].to_numpy(),
        to_lat=above["lat"].to_numpy(),
    )
    line = np.select(
        [
            np.full(len(starts), len(facilities) == 0),
            (starts["lon"].isna() | starts["lat"].isna()).to_numpy(),
            nearest.place == NO_PLACE,
        ],
        ["no_node", "start_unplaced", "node_unplaced"],
        default="drawn",
    )
    return table.assign(line=line)


def _orphans(is_own: BoolArray) -> NDArray[np.object_]:
    """Return who has no sub-market of its own; unknown where the list names not a single one."""
    if is_own.shape[1] == 0:
        return np.full(len(is_own), None, dtype="object")
    return np.asarray(~np.asarray(is_own.any(axis=1)), dtype="object")


def _first(admits: BoolArray) -> NDArray[np.intp]:
    if admits.shape[1] == 0:
        return np.full(len(admits), NO_PLACE, dtype="intp")
    return np.asarray(admits.argmax(axis=1), dtype="intp")


def _methods(cost: CostMatrix, place: NDArray[np.intp]) -> list[str]:
    known = place != NO_PLACE
    codes = np.full(len(place), NO_METHOD, dtype="int8")
    codes[known] = cost.method[np.flatnonzero(known), place[known]]
    return method_names(codes).to_list()


def hierarchy_table(places: Places, dataset: Dataset, roads: Roads) -> pd.DataFrame:
    """Return which sub-market each county belongs to, and the lines above, by road.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    roads
        What :func:`network_map.reach.roads.open_roads` returned.

    Returns
    -------
    pandas.DataFrame
        Declared table ``hierarchy``. Distances start at the seats of the counties and are those
        of ``road_network_km`` with its fall-back; from a sub-market to the provincial market they
        are ``geodesic_x_circuity``. The column ``method`` tells them apart.
    """
    level = places.divisions["level"] == AdminLevel.COUNTY
    counties = places.divisions.loc[level, ["adcode", "parent_adcode"]].merge(
        places.county_seats[["adcode", "lon", "lat"]],
        how="left",
        on="adcode",
        validate="one_to_one",
    )
    counties = counties.rename(columns={"parent_adcode": "prefecture_adcode"})
    nodes = dataset.nodes
    cost = road_network_km(roads, counties, nodes[nodes["kind"] == NodeKind.SUB_MARKET])
    return hierarchy_lines(cost, counties, nodes)


# --- layers of a file and of the map --------------------------------------------------------------


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
    import shapely  # noqa: PLC0415 (the same)

    nodes = dataset.nodes
    if prefecture_adcode is not None:
        nodes = nodes[nodes["prefecture_adcode"] == prefecture_adcode]
    rows = node_rows(nodes, dataset.node_kinds, places, language=language)
    lon, lat = (rows[name].astype("float64").to_numpy() for name in ("lon", "lat"))
    points = shapely.points(lon, lat)
    points[pd.isna(lon) | pd.isna(lat)] = None
    table = gpd.GeoDataFrame(rows, geometry=points, crs=STORAGE_CRS)
    return Layer("nodes", table, NODE_LIST, is_demo=dataset.is_demo)


def hierarchy_layer(
    dataset: Dataset, table: pd.DataFrame, *, query: AreaQuery
) -> HierarchyLayer | None:
    """Return the lines of the shown area, or None where not a single one can be drawn.

    Parameters
    ----------
    dataset
        The open data set.
    table
        What :func:`hierarchy_table` returned for it.
    query
        The area and the language.
    """
    rows = table
    if query.prefecture_adcode is not None:
        rows = rows[rows["prefecture_adcode"] == query.prefecture_adcode]
    drawn = rows[rows["line"] == "drawn"]
    if drawn.empty:
        return None
    language = query.language
    kinds = _kinds(drawn)
    columns = ["level", "from_id", "from_lon", "from_lat", "to_lon", "to_lat"]
    lines = tuple(
        HierarchyLine(
            (from_lon, from_lat),
            (to_lon, to_lat),
            LineKind(kind),
            *((adcode, label) if level == "county" else ()),
        )
        for (level, adcode, from_lon, from_lat, to_lon, to_lat), kind, label in zip(
            drawn[columns].itertuples(index=False, name=None),
            kinds,
            _labels(drawn, language),
            strict=True,
        )
    )
    counts = kinds.value_counts()
    return HierarchyLayer(
        title=text("hierarchy.switch", language),
        note=_note(dataset, rows, language),
        lines=tuple(sorted(lines, key=lambda line: line.kind)),
        samples=tuple(
            (kind, text(f"hierarchy.{kind.name.lower()}", language), int(counts.get(kind, 0)))
            for kind in LineKind
        ),
    )


def above_sentence(table: pd.DataFrame, adcode: str, language: str) -> str:
    """Return to which sub-market a county belongs and how far it is, by which method.

    Parameters
    ----------
    table
        Table ``hierarchy``.
    adcode
        Code of the county.
    language
        ``zh`` or ``en``.
    """
    row = table[(table["level"] == "county") & (table["from_id"] == adcode)]
    if row["line"].iloc[0] == "no_node":
        return nothing_drawn(row, language)
    return _labels(row, language)[0]


def nothing_drawn(table: pd.DataFrame, language: str) -> str:
    """Return why not a single line can be drawn: nobody is named, or nobody has coordinates.

    Parameters
    ----------
    table
        Rows of the table ``hierarchy``, none of them drawn.
    language
        ``zh`` or ``en``.
    """
    is_unnamed = bool((table["line"] == "no_node").all())
    return text(f"hierarchy.{'none' if is_unnamed else 'no_coordinates'}", language)


def _kinds(rows: pd.DataFrame) -> pd.Series:
    kinds = rows["is_orphan"].map({True: LineKind.ORPHAN, False: LineKind.OWN}).astype("Int64")
    return kinds.mask(rows["level"] == "sub_market", LineKind.UPPER)


def _labels(rows: pd.DataFrame, language: str) -> list[str]:
    columns = ["to_node_name", "km", "method", "is_orphan"]
    return [
        text(
            "hierarchy.to_nearest" if is_orphan else "hierarchy.to_own",
            language,
            node=text("hierarchy.unplaced_node", language) if pd.isna(node) else node,
            distance=_distance(km, method, language),
        )
        for node, km, method, is_orphan in rows[columns].itertuples(index=False, name=None)
    ]


def _distance(km: float, method: str, language: str) -> str:
    if math.isnan(km):
        return text("hierarchy.no_distance", language)
    if km == 0:
        return text("hierarchy.same_place", language)
    words = text(f"term.distance_method.{method}", language)
    return text("hierarchy.distance", language, km=number_text(km, 0), method=words)


def _note(dataset: Dataset, rows: pd.DataFrame, language: str) -> str:
    """Return how distances were found, what is not drawn, and whether a place is assumed."""
    counties = rows[rows["level"] == "county"]
    counts = counties["method"].value_counts()
    methods = text("hierarchy.separator", language).join(
        f"{text(f'term.distance_method.{method}', language)} {count_text(int(count))}"
        for method, count in counts.items()
    )
    parts = [text("hierarchy.methods", language, methods=methods)] if methods else []
    missing = int((rows["line"] != "drawn").sum())
    if missing:
        parts.append(text("hierarchy.not_drawn", language, count=count_text(missing)))
    ends = dataset.nodes.loc[dataset.nodes["node_id"].isin(rows["to_node_id"]), "location_origin"]
    if (ends == "assumed").any():
        parts.append(text("hierarchy.assumed_place", language))
    return "".join(parts) if language == "zh" else " ".join(parts)
