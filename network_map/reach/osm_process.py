"""Reads the roads of an .osm.pbf file and writes driving times between points.

A program of its own, started by :mod:`network_map.reach.travel_times` in a process with limits: the
file is a stranger's, and the application must outlive what it makes the reading library do. The
arguments are the file and the memory in bytes. In: a line of JSON, speeds by class of road and the
points. Out: a line of JSON for each step; the last one holds the minutes.

Only nodes where ways meet or end, and those nearest to the points, are kept: what lies between is
summed. Paths are found among the nodes that all reach each other.

Dijkstra, E. W. (1959), A note on two problems in connexion with graphs, as implemented in
``scipy.sparse.csgraph``.
"""

import json
import sys
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from network_map.crs import FloatArray, earth_centred_km

NO_ROADS, DAMAGED = 3, 4
"""Exit codes: a file without a road of a known class; a file that cannot be read."""

LEG_KMH, LEG_FACTOR, LONGEST_LEG_KM = 25.0, 1.5, 10.0
"""From a point to the nearest road: road over straight line, its speed, and how far is too far."""

Ints = NDArray[np.int64]
_CLOSED = frozenset(("no", "private"))
_FORWARD = frozenset(("yes", "true", "1"))
_BACKWARD = frozenset(("-1", "reverse"))
_BLOCK_CELLS = 16_000_000
_STEP = 20_000
_PARTS = 1e7
"""Parts of a degree that a file counts in; a place that is not known is beyond all degrees."""
_MOST_DEGREES = (180.0, 90.0)


@dataclass(frozen=True, slots=True, eq=False)
class RoadWays:
    """The roads of a file.

    Parameters
    ----------
    refs, ends
        The ids of the nodes of all ways, one way behind the other; where each way ends in it.
    kmh
        Speed of each way.
    is_forward, is_backward
        Whether a way may be driven as it is drawn, and against that.
    """

    refs: Ints
    ends: Ints
    kmh: FloatArray
    is_forward: NDArray[np.bool_]
    is_backward: NDArray[np.bool_]


def directions(tags: Mapping[str, str]) -> tuple[bool, bool]:
    """Return whether a way may be driven as it is drawn, and against that."""
    said = tags.get("oneway", "")
    if said in _BACKWARD:
        return False, True
    is_implied = tags.get("junction") == "roundabout" or tags.get("highway", "").startswith(
        "motorway"
    )
    return True, not (said in _FORWARD or (is_implied and said != "no"))


def read_ways(path: str, speeds: Mapping[str, float]) -> RoadWays:
    """Return the roads of the classes that have a speed."""
    import osmium  # noqa: PLC0415 - an extra

    refs = array("q")
    ends = array("q")
    kmh: list[float] = []
    ways: list[tuple[bool, bool]] = []
    reader: Any = osmium.FileProcessor(path, osmium.osm.WAY).with_filter(
        osmium.filter.KeyFilter("highway")
    )
    for way in reader:
        tags: Any = way.tags
        speed = speeds.get(tags.get("highway", ""), 0.0)
        if speed <= 0 or tags.get("access") in _CLOSED or len(way.nodes) < 2:  # noqa: PLR2004
            continue
        refs.extend(node.ref for node in way.nodes)
        ends.append(len(refs))
        kmh.append(speed)
        ways.append(directions(tags))
        if len(ends) % _STEP == 0:
            tell(step="ways", count=len(ends))
    both = np.array(ways, dtype="bool").reshape(-1, 2)
    return RoadWays(
        np.array(refs, dtype="int64"), np.array(ends, dtype="int64"), np.array(kmh),
        both[:, 0], both[:, 1],
    )  # fmt: skip


def read_places(path: str, ids: Ints) -> FloatArray:
    """Return longitude and latitude of nodes, shape (k, 2); missing where the file has none."""
    import osmium  # noqa: PLC0415 - an extra

    nodes, x, y = array("q"), array("q"), array("q")
    reader: Any = osmium.FileProcessor(path, osmium.osm.NODE).with_filter(
        osmium.filter.IdFilter(ids.tolist())
    )
    for count, node in enumerate(reader, start=1):
        location = node.location
        nodes.append(node.id)
        x.append(location.x)
        y.append(location.y)
        if count % (10 * _STEP) == 0:
            tell(step="nodes", count=count)
    found = np.full((len(ids), 2), np.nan)
    places = np.column_stack([x, y]) / _PARTS
    is_known = (np.abs(places) <= _MOST_DEGREES).all(axis=1)
    at = np.searchsorted(ids, np.array(nodes, dtype="int64"))
    found[at[is_known]] = places[is_known]
    return found


def edges(
    ways: RoadWays, place: Ints, points: FloatArray, is_kept: NDArray[np.bool_]
) -> tuple[Ints, Ints, FloatArray]:
    """Return the edges between kept nodes: from, to and minutes, each direction by itself.

    Parameters
    ----------
    ways
        The roads.
    place
        Which node each of ``ways.refs`` is.
    points
        Nodes as earth-centred kilometres, shape (k, 3); missing where they have no place.
    is_kept
        Which nodes stay, (k,): the ends of every way among them.
    """
    way = np.repeat(np.arange(len(ways.ends)), np.diff(ways.ends, prepend=0))
    # A step leads from each node to the next of the same way.
    step = np.flatnonzero(way[:-1] == way[1:])
    km = np.linalg.norm(points[place[step + 1]] - points[place[step]], axis=1)
    begins = is_kept[place[step]]
    first = np.flatnonzero(begins)
    minutes = np.add.reduceat(km, first) / ways.kmh[way[step[first]]] * 60.0
    last = np.append(first[1:], len(step)) - 1
    tail, head, of = place[step[first]], place[step[last] + 1], way[step[first]]
    is_usable = np.isfinite(minutes) & (tail != head)
    on, back = is_usable & ways.is_forward[of], is_usable & ways.is_backward[of]
    return (
        np.concatenate([tail[on], head[back]]),
        np.concatenate([head[on], tail[back]]),
        np.concatenate([minutes[on], minutes[back]]),
    )


def driving_minutes(
    ways: RoadWays, lonlat: FloatArray, ids: Ints, asked: FloatArray, n: int
) -> Any:  # noqa: ANN401 (a matrix)
    """Return the minutes from the first n points to all, shape (n, m); missing where unreached.

    Parameters
    ----------
    ways, ids, lonlat
        The roads, the ids of their nodes in order, and where those are.
    asked
        Longitude and latitude of the points, (m, 2).
    n
        Number of those that a way begins at.
    """
    from scipy.sparse import coo_array  # noqa: PLC0415
    from scipy.sparse.csgraph import connected_components, dijkstra  # noqa: PLC0415
    from scipy.spatial import KDTree  # noqa: PLC0415

    place = np.searchsorted(ids, ways.refs)
    points = earth_centred_km(lonlat[:, 0], lonlat[:, 1])
    wanted = earth_centred_km(asked[:, 0], asked[:, 1])
    is_kept = np.bincount(place, minlength=len(ids)) > 1
    is_kept[place[ways.ends - 1]] = True
    is_kept[place[np.append(0, ways.ends[:-1])]] = True
    size = len(ids)
    # Which nodes all reach each other is told by the whole graph, before anything is left out.
    everywhere = np.ones(size, dtype="bool")
    tail, head, minutes = edges(ways, place, points, everywhere)
    whole = coo_array((np.ones(len(tail)), (tail, head)), shape=(size, size)).tocsr()
    _, piece = connected_components(whole, directed=True, connection="strong")
    inside = np.flatnonzero(piece == np.bincount(piece).argmax())
    _, near = KDTree(points[inside]).query(wanted)
    at = inside[near]
    leg = np.linalg.norm(points[at] - wanted, axis=1)
    is_kept[at] = True
    tail, head, minutes = edges(ways, place, points, is_kept)
    # Two ways between the same nodes: the quicker one.
    order = np.lexsort((minutes, head, tail))
    tail, head, minutes = tail[order], head[order], minutes[order]
    is_first = np.append(True, (tail[1:] != tail[:-1]) | (head[1:] != head[:-1]))
    nodes, ends = np.unique(np.concatenate([tail, head, at]), return_inverse=True)
    tail, head = ends[: len(tail)][is_first], ends[len(tail) : 2 * len(tail)][is_first]
    goals = np.searchsorted(nodes, at)
    shape = (len(nodes), len(nodes))
    graph = coo_array((np.maximum(minutes[is_first], 1e-9), (tail, head)), shape=shape).tocsr()
    found = np.empty((n, len(asked)))
    step = max(1, _BLOCK_CELLS // len(nodes))
    for start in range(0, n, step):
        paths = dijkstra(graph, directed=True, indices=goals[start : min(start + step, n)])
        found[start : start + step] = paths[:, goals]
        tell(step="paths", count=min(start + step, n))
    legs = np.where(leg <= LONGEST_LEG_KM, LEG_FACTOR * leg / LEG_KMH * 60.0, np.nan)
    found = found + legs[:n, None] + legs[None, :]
    return np.where(np.isfinite(found), found, np.nan)


def tell(**said: object) -> None:
    """Write a line of JSON."""
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def rows_of(minutes: FloatArray) -> Iterator[list[float | None]]:
    """Yield the rows of a matrix with hundredths of a minute, None for what is missing."""
    for row in minutes.tolist():
        yield [None if cell != cell else round(cell, 2) for cell in row]  # noqa: PLR0124


def main() -> int:
    """Read, compute, write; say by the exit code why it could not be done."""
    from network_map.listfiles.workbook_process import limit_memory  # noqa: PLC0415

    path, memory_bytes = sys.argv[1], int(sys.argv[2])
    limit_memory(memory_bytes)
    asked = json.loads(sys.stdin.readline())
    try:
        ways = read_ways(path, asked["speeds"])
        if not len(ways.ends):
            return NO_ROADS
        ids = np.unique(ways.refs)
        tell(step="nodes", count=0)
        lonlat = read_places(path, ids)
        if np.isfinite(lonlat).all(axis=1).sum() < 2:  # noqa: PLR2004 - a road has two ends
            return NO_ROADS
        points = np.array(asked["points"], dtype="float64").reshape(-1, 2)
        found = driving_minutes(ways, lonlat, ids, points, int(asked["origins"]))
        tell(step="done", ways=len(ways.ends), minutes=list(rows_of(found)))
    except (RuntimeError, ValueError, MemoryError):
        return DAMAGED
    return 0


if __name__ == "__main__":
    sys.exit(main())
