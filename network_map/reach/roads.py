"""Distances over the road network: a graph made ready once, and matrices on it.

The shipped network is a skeleton from OpenStreetMap (© OpenStreetMap contributors, ODbL) with
lengths only. Its paths are short by a tenth; a factor fitted on five long trips mends that. What
it says of short trips in the mountains is not verified.

Distances between counties, made once for every page that asks for them.

How well the distance methods meet known trips: a table with every pair left out once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from network_map.crs import FloatArray, earth_centred_km, geodesic_km
from network_map.datapackage import read_table, table_path
from network_map.errors import DamagedFileError
from network_map.places.reference import Places
from network_map.places.tables import ROAD_EDGES, ROAD_NODES, ROAD_PATHS
from network_map.reach.cost import (
    CIRCUITY,
    METHODS,
    CircuityBand,
    CostMatrix,
    circuity_costs,
    geodesic_x_circuity,
    straight_km,
)
from network_map.reach.tables import KNOWN_PAIRS
from network_map.tables.check import conform
from network_map.terms import DistanceMethod

if TYPE_CHECKING:
    from scipy.spatial import KDTree


NETWORK_FACTOR = 1.121
"""What a path over the skeleton is multiplied with; `known_pairs` fits it again."""

NETWORK_ERROR = 0.11
"""Half the 5-95 % band of such a path: 1.645 times the root mean square of leaving out each of
the five known pairs, 6.7 %, as if errors were normal; `known_pairs` measures it again."""

LEG_FACTOR, LEG_LOW, LEG_HIGH = 1.5, 1.0, 2.3
"""Road over straight line on the way to the network, with its band: a straight road at best; at
worst the 95 % quantile of the roads between seats less than 25 km apart."""

LONGEST_LEG_KM = 10.0
"""Beyond this straight line from the network, the network says nothing of a point."""

SMALLEST_COMPONENT_SHARE = 0.01
"""Pieces of the graph with a smaller share of its nodes are scraps that lead nowhere."""

_NEIGHBOURS = 4
_BLOCK_CELLS = 16_000_000
_ROAD = METHODS.index(DistanceMethod.ROAD_NETWORK_KM)


@dataclass(frozen=True, eq=False)
class RoadGraph:
    """A road network made ready for routing; made once and shared, read-only.

    Parameters
    ----------
    lon, lat
        Of the k kept nodes, in degrees.
    component
        Number of the connected piece of each node, shape (k,).
    lengths_km
        Symmetric sparse matrix (k, k) of the lengths of edges, unscaled.
    tree
        Neighbour search among the nodes.
    """

    lon: FloatArray
    lat: FloatArray
    component: NDArray[np.int32]
    lengths_km: Any = field(repr=False)
    tree: KDTree = field(repr=False)

    @property
    def node_count(self) -> int:
        """Number of nodes."""
        return len(self.lon)


@dataclass(frozen=True, eq=False)
class Access:
    """Where points meet the network.

    Parameters
    ----------
    node
        Place of the nearest node in the graph, shape (n,); 0 where there is none.
    leg_km
        Straight line to it in kilometres, shape (n,); missing without coordinates, infinite where
        the graph is empty.
    """

    node: NDArray[np.intp]
    leg_km: FloatArray


@dataclass(frozen=True, eq=False)
class SeatPaths:
    """What was measured once between the k county seats over the shipped network.

    Parameters
    ----------
    places
        The number of the seat at each pair of longitude and latitude.
    leg_km
        Straight line to the network, shape (k,).
    straight_km, path_km
        Straight lines and shortest paths, unscaled; shape (k, k).
    """

    places: Mapping[tuple[float, float], int]
    leg_km: FloatArray
    straight_km: FloatArray
    path_km: FloatArray

    def numbers(self, points: pd.DataFrame) -> NDArray[np.intp] | None:
        """Return the seat at each of ``lon, lat``; None where one of the points is no seat."""
        pairs = zip(points["lon"].to_list(), points["lat"].to_list(), strict=True)
        found = [self.places.get(pair, -1) for pair in pairs]
        return None if -1 in found else np.array(found, dtype="intp")


class ShippedRoads:
    """The shipped network: its graph is made when a point is asked for that is no seat."""

    @cached_property
    def seats(self) -> SeatPaths:
        """What was measured between the seats."""
        return _seat_paths(read_table(ROAD_PATHS))

    @cached_property
    def graph(self) -> RoadGraph:
        """The network made ready for routing."""
        return road_graph(read_table(ROAD_NODES), read_table(ROAD_EDGES))


Roads: TypeAlias = RoadGraph | ShippedRoads
"""What distances can be measured over."""


@dataclass(frozen=True, eq=False)
class Ways:
    """What is measured between n and m points before any factor.

    Parameters
    ----------
    straight_km
        Straight lines, shape (n, m); missing without coordinates.
    leg_km
        Straight lines to the network, of shapes (n,) and (m,).
    paths_of
        Returns the shortest paths between those of the one and of the other that masks name.
    """

    straight_km: FloatArray
    leg_km: tuple[FloatArray, FloatArray]
    paths_of: Callable[[NDArray[np.bool_], NDArray[np.bool_]], FloatArray]


def road_graph(road_nodes: pd.DataFrame, road_edges: pd.DataFrame) -> RoadGraph:
    """Return the network made ready.

    Parameters
    ----------
    road_nodes
        Table ``road_nodes``.
    road_edges
        Table ``road_edges``: every edge once, passable both ways.

    Returns
    -------
    RoadGraph
        Without scraps: connected pieces of less than one node in a hundred.
    """
    from scipy.sparse import coo_array  # noqa: PLC0415 (0.3 s: only where roads are measured)
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 (the same)
    from scipy.spatial import KDTree  # noqa: PLC0415 (the same)

    order = pd.Index(road_nodes["road_node_id"])
    ends = [
        order.get_indexer(pd.Index(road_edges[name]))
        for name in ("from_road_node_id", "to_road_node_id")
    ]
    rows, columns = np.concatenate(ends), np.concatenate(ends[::-1])
    lengths = np.tile(road_edges["length_km"].to_numpy("float64"), 2)
    size = len(road_nodes)
    matrix = coo_array((lengths, (rows, columns)), shape=(size, size)).tocsr()
    _, piece = connected_components(matrix, directed=False)
    kept = np.bincount(piece, minlength=1)[piece] >= SMALLEST_COMPONENT_SHARE * size
    lon, lat = (road_nodes[name].to_numpy("float64")[kept] for name in ("lon", "lat"))
    return RoadGraph(
        lon=lon,
        lat=lat,
        component=piece[kept],
        lengths_km=matrix[kept][:, kept],
        tree=KDTree(earth_centred_km(lon, lat)),
    )


def access(graph: RoadGraph, lon: ArrayLike, lat: ArrayLike) -> Access:
    """Return the nearest node of each point and the straight line to it.

    Parameters
    ----------
    graph
        The network.
    lon, lat
        Degrees, shape (n,).
    """
    x, y = np.asarray(lon, dtype="float64"), np.asarray(lat, dtype="float64")
    node, leg = np.zeros(len(x), dtype="intp"), np.full(len(x), np.nan)
    known = np.isfinite(x) & np.isfinite(y)
    if graph.node_count == 0:
        return Access(node, np.where(known, np.inf, np.nan))
    neighbours = list(range(1, min(_NEIGHBOURS, graph.node_count) + 1))
    _, near = graph.tree.query(earth_centred_km(x[known], y[known]), k=neighbours)
    legs = geodesic_km(x[known, None], y[known, None], graph.lon[near], graph.lat[near])
    best = np.arange(len(near)), legs.argmin(axis=1) if len(near) else np.zeros(0, dtype="intp")
    node[known], leg[known] = near[best], legs[best]
    return Access(node, leg)


def network_km(
    graph: RoadGraph, from_nodes: NDArray[np.intp], to_nodes: NDArray[np.intp]
) -> FloatArray:
    """Return the shortest paths over the network, unscaled.

    Parameters
    ----------
    graph
        The network.
    from_nodes, to_nodes
        Places of nodes in the graph, shapes (n,) and (m,); may repeat.

    Returns
    -------
    numpy.ndarray
        Kilometres, shape (n, m), infinite where there is no path. The search starts from the
        side with fewer different nodes, and in blocks that keep the memory bounded.

    Notes
    -----
    Dijkstra, E. W. (1959), A note on two problems in connexion with graphs, as implemented in
    ``scipy.sparse.csgraph``.
    """
    from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415 (only where roads are measured)

    def search(starts: NDArray[np.intp], goals: NDArray[np.intp]) -> FloatArray:
        found = np.empty((len(starts), len(goals)))
        step = max(1, _BLOCK_CELLS // max(1, graph.node_count))
        for first in range(0, len(starts), step):
            block = slice(first, first + step)
            # The matrix holds both directions, so a directed search sees every edge once.
            paths = dijkstra(graph.lengths_km, directed=True, indices=starts[block])
            found[block] = paths[:, goals]
        return found

    return _from_the_fewer(search, from_nodes, to_nodes)


def _from_the_fewer(
    search: Callable[[NDArray[np.intp], NDArray[np.intp]], FloatArray],
    from_nodes: NDArray[np.intp],
    to_nodes: NDArray[np.intp],
) -> FloatArray:
    """Return the paths, found from the side with fewer different nodes: so is the last bit."""
    starts, start_of = np.unique(from_nodes, return_inverse=True)
    goals, goal_of = np.unique(to_nodes, return_inverse=True)
    if len(goals) < len(starts):
        return _from_the_fewer(search, to_nodes, from_nodes).T
    return search(starts, goals)[np.ix_(start_of, goal_of)]


def ways(roads: Roads, demand: pd.DataFrame, facilities: pd.DataFrame) -> Ways:
    """Return what is measured between points, looked up where all of them are county seats.

    Parameters
    ----------
    roads
        The network.
    demand, facilities
        ``lon, lat``, n and m rows; degrees of CGCS2000.
    """
    if isinstance(roads, ShippedRoads):
        known = roads.seats
        numbers = known.numbers(demand), known.numbers(facilities)
        if numbers[0] is not None and numbers[1] is not None:
            return _known_ways(known, numbers[0], numbers[1])
    graph = roads.graph if isinstance(roads, ShippedRoads) else roads
    ends = [access(graph, table["lon"], table["lat"]) for table in (demand, facilities)]
    return Ways(
        straight_km(demand, facilities),
        (ends[0].leg_km, ends[1].leg_km),
        lambda rows, columns: network_km(graph, ends[0].node[rows], ends[1].node[columns]),
    )


def _known_ways(known: SeatPaths, starts: NDArray[np.intp], goals: NDArray[np.intp]) -> Ways:
    def search(from_seats: NDArray[np.intp], to_seats: NDArray[np.intp]) -> FloatArray:
        return known.path_km[np.ix_(from_seats, to_seats)]

    return Ways(
        known.straight_km[np.ix_(starts, goals)],
        (known.leg_km[starts], known.leg_km[goals]),
        lambda rows, columns: _from_the_fewer(search, starts[rows], goals[columns]),
    )


def road_network_km(
    roads: Roads,
    demand: pd.DataFrame,
    facilities: pd.DataFrame,
    *,
    demand_id: str = "adcode",
    facility_id: str = "node_id",
    circuity: CircuityBand = CIRCUITY,
) -> CostMatrix:
    """Return the distances over the road network, with access legs and band.

    Parameters
    ----------
    roads
        The network.
    demand
        ``lon, lat`` and the column of ids, n rows; degrees of CGCS2000.
    facilities
        The same, m rows.
    demand_id, facility_id
        Names of the columns of ids.
    circuity
        For the cells that fall back.

    Returns
    -------
    CostMatrix
        ``NETWORK_FACTOR`` times the path plus `LEG_FACTOR` times both legs, never shorter than
        the straight line. A cell falls back to ``geodesic_x_circuity``, and its method says so,
        where a leg exceeds `LONGEST_LEG_KM`, where no path joins the two, and where the two are
        as near to each other as both legs together: then the network lies aside of their way.
    """
    found = ways(roads, demand, facilities)
    straight, leg_km = found.straight_km, found.leg_km
    other = circuity_costs(
        tuple(demand[demand_id]), tuple(facilities[facility_id]), straight, circuity=circuity
    )
    legs = np.add.outer(*leg_km)
    reached = np.logical_and.outer(*(leg <= LONGEST_LEG_KM for leg in leg_km))
    on_road = reached & (straight > legs)
    path = np.full(legs.shape, np.inf)
    rows, columns = (np.asarray(on_road.any(axis=axis)) for axis in (1, 0))
    path[np.ix_(rows, columns)] = found.paths_of(rows, columns)
    on_road &= np.isfinite(path)
    path = NETWORK_FACTOR * path
    bands = (
        (other.km, path + LEG_FACTOR * legs),
        (other.low_km, (1.0 - NETWORK_ERROR) * path + LEG_LOW * legs),
        (other.high_km, (1.0 + NETWORK_ERROR) * path + LEG_HIGH * legs),
    )
    km, low, high = (np.where(on_road, np.maximum(straight, own), other) for other, own in bands)
    return replace(
        other,
        km=km,
        low_km=low,
        high_km=high,
        method=np.where(on_road, _ROAD, other.method).astype("int8"),
        demand_leg_km=leg_km[0],
        facility_leg_km=leg_km[1],
    )


def road_network_blocks(
    roads: Roads,
    demand: pd.DataFrame,
    facilities: pd.DataFrame,
    *,
    block_rows: int = 256,
    demand_id: str = "adcode",
    facility_id: str = "node_id",
) -> Iterator[CostMatrix]:
    """Yield the matrix of `road_network_km` in blocks of demand points, for large networks.

    Parameters
    ----------
    roads, demand, facilities, demand_id, facility_id
        As there.
    block_rows
        Demand points of one block: the memory in use grows with it and not with n.
    """
    for first in range(0, len(demand), block_rows):
        yield road_network_km(
            roads,
            demand.iloc[first : first + block_rows],
            facilities,
            demand_id=demand_id,
            facility_id=facility_id,
        )


ROAD_TABLES = (ROAD_NODES.name, ROAD_EDGES.name)
"""Shipped tables that the distances, and `ROAD_PATHS`, are made of, beside the seats."""
ROADS_SOURCE = "P6"
"""Id of the road network in the table of data sources."""


def open_roads() -> ShippedRoads:
    """Return the shipped road network; its files are read, and may be missing, when it is asked."""
    return ShippedRoads()


def seat_paths(graph: RoadGraph, seats: pd.DataFrame) -> pd.DataFrame:
    """Return what is measured between all seats: the declared table ``road_paths``.

    Parameters
    ----------
    graph
        The network.
    seats
        Table ``county_seats``.
    """
    seats = seats.sort_values("adcode", ignore_index=True)
    found, is_any = ways(graph, seats, seats), np.ones(len(seats), dtype=np.bool_)
    size = len(seats)
    columns = {
        "from_adcode": seats["adcode"].repeat(size).array,
        "to_adcode": np.tile(seats["adcode"].to_numpy("object"), size),
        "from_lon": seats["lon"].repeat(size).array,
        "from_lat": seats["lat"].repeat(size).array,
        "from_leg_km": found.leg_km[0].repeat(size),
        "straight_km": found.straight_km.ravel(),
        "path_km": found.paths_of(is_any, is_any).ravel(),
    }
    return pd.DataFrame({name: columns[name] for name in ROAD_PATHS.names})


def _seat_paths(rows: pd.DataFrame) -> SeatPaths:
    codes = pd.unique(rows["from_adcode"])
    size = len(codes)
    # No pair stands twice: so many of them are all.
    if len(rows) != size**2 or set(rows["to_adcode"]) != set(codes):
        file = table_path(ROAD_PATHS.name).name
        raise DamagedFileError("data_damaged", file=file, detail=f"{len(rows)} ≠ {size} × {size}")
    rows = rows.sort_values(["from_adcode", "to_adcode"], ignore_index=True)
    first = rows.iloc[::size]
    pairs = zip(first["from_lon"].to_list(), first["from_lat"].to_list(), strict=True)
    lengths = (rows[name].to_numpy("float64") for name in ("straight_km", "path_km"))
    return SeatPaths(
        {pair: number for number, pair in enumerate(pairs)},
        first["from_leg_km"].to_numpy("float64"),
        *(cells.reshape(size, size) for cells in lengths),
    )


def county_cost(places: Places) -> CostMatrix:
    """Return the distances between all county seats, ids being codes of counties on both sides.

    Parameters
    ----------
    places
        The reference tables of places.

    Returns
    -------
    CostMatrix
        By ``road_network_km`` over the shipped network, with its fall-back to
        ``geodesic_x_circuity`` cell by cell; counties in the order of their codes.

    Raises
    ------
    MissingFileError, DamagedFileError
        If a table of the network is not there or not what it should be.
    """
    seats = places.county_seats.sort_values("adcode", ignore_index=True)
    return road_network_km(open_roads(), seats, seats, facility_id="adcode")


# --- known trips ----------------------------------------------------------------------------------


MEAN_CIRCUITY = 1.30
"""Known length over straight line, the mean of the five known trips: the factor at long range."""


@dataclass(frozen=True, slots=True)
class KnownPair:
    """A trip of known length between two county seats.

    Parameters
    ----------
    from_adcode, to_adcode
        Counties of the seats.
    known_km
        Length in kilometres.
    """

    from_adcode: str
    to_adcode: str
    known_km: float


EXPRESSWAY_PAIRS = (
    KnownPair("530102", "532901", 330.0),
    KnownPair("530102", "532801", 540.0),
    KnownPair("530102", "530602", 350.0),
    KnownPair("532901", "530702", 180.0),
    KnownPair("530102", "532503", 250.0),
)
"""Kunming-Dali, -Jinghong, -Zhaotong, Dali-Lijiang and Kunming-Mengzi: road lengths in common use,
rounded to ten kilometres, all on expressways. No short trip in the mountains is among them."""


def known_pairs(
    roads: Roads, seats: pd.DataFrame, *, pairs: Sequence[KnownPair] = EXPRESSWAY_PAIRS
) -> pd.DataFrame:
    """Return the known trips beside the estimates, each also estimated from the others alone.

    Parameters
    ----------
    roads
        The road network.
    seats
        ``adcode, lon, lat``: the ends of the trips.
    pairs
        Trips of known length, two at least.

    Returns
    -------
    pandas.DataFrame
        Declared table ``known_pairs``. The factor is what is known, less the access legs, over
        the paths, sums over sums.

    Raises
    ------
    KeyError
        If a county has no seat.
    """
    rows = pd.DataFrame(
        [(pair.from_adcode, pair.to_adcode, pair.known_km) for pair in pairs],
        columns=["from_adcode", "to_adcode", "known_km"],
    )
    used = seats[seats["adcode"].isin({*rows["from_adcode"], *rows["to_adcode"]})]
    seat_of = {adcode: place for place, adcode in enumerate(used["adcode"])}
    start = np.array([seat_of[adcode] for adcode in rows["from_adcode"]], dtype="intp")
    end = np.array([seat_of[adcode] for adcode in rows["to_adcode"]], dtype="intp")
    found, is_any = ways(roads, used, used), np.ones(len(used), dtype=np.bool_)
    path = found.paths_of(is_any, is_any)[start, end]
    leg = LEG_FACTOR * (found.leg_km[0][start] + found.leg_km[1][end])
    known = rows["known_km"].to_numpy("float64")
    factor = ((known - leg).sum() - (known - leg)) / (path.sum() - path)
    left_out = factor * path + leg
    road = road_network_km(roads, used, used, facility_id="adcode")
    plain = geodesic_x_circuity(used, used, facility_id="adcode")
    cells = start, end
    table = rows.assign(
        straight_km=found.straight_km[cells],
        path_km=path,
        leg_km=leg,
        road_km=road.km[cells],
        road_low_km=road.low_km[cells],
        road_high_km=road.high_km[cells],
        road_error_share=road.km[cells] / known - 1.0,
        left_out_factor=factor,
        left_out_km=left_out,
        left_out_error_share=left_out / known - 1.0,
        circuity_km=plain.km[cells],
        circuity_low_km=plain.low_km[cells],
        circuity_high_km=plain.high_km[cells],
    )
    return conform(KNOWN_PAIRS, table)
