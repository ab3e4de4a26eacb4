"""Time and memory of distances by road: this province, and a synthetic China in blocks.

``python -m benchmarks.reach`` prints the table and fails when a promise is not kept; ``--write``
puts it into ``reach.md``. Each size of the synthetic China runs in a process of its own, so that
its memory is its own.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import KDTree

from benchmarks.contracts import peak_mb
from network_map.catalog import read_shipped
from network_map.crs import earth_centred_km, geodesic_km
from network_map.reach.roads import (
    RoadGraph,
    access,
    road_graph,
    road_network_blocks,
    road_network_km,
)

RESULTS = Path(__file__).with_name("reach.md")
REPEATS = 15
LIMIT_BARE, LIMIT_MEMORY_MB = 1.2, 1000.0
DEMAND_COUNT, FACILITY_COUNT = 2_850, 3_000
SHARES = (0.25, 0.5, 1.0)
# Twice the nodes of the shipped skeleton; memory does not depend on it, for blocks bound it.
NODES_PER_COUNTY = 10
NEIGHBOURS = 3


def bare(graph: RoadGraph, seats: pd.DataFrame, nodes: pd.DataFrame) -> Callable[[], object]:
    """Return plain scipy on the same graph between the same road nodes, already known."""
    starts = access(graph, seats["lon"], seats["lat"]).node
    ends = access(graph, nodes["lon"], nodes["lat"]).node
    return lambda: dijkstra(graph.lengths_km, directed=True, indices=starts)[:, ends]


def least_ms(*ways: Callable[[], object]) -> list[float]:
    """Return the least times of several ways, measured turn by turn: noise only adds."""
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(REPEATS):
        for way, spent in zip(ways, times, strict=True):
            began = time.perf_counter()
            way()
            spent.append(time.perf_counter() - began)
    return [1000 * min(spent) for spent in times]


def province() -> dict[str, float]:
    """Return the times of the matrix of counties by demonstration nodes, and of bare scipy."""
    graph = road_graph(read_shipped("road_nodes"), read_shipped("road_edges"))
    seats = read_shipped("county_seats")
    nodes = read_shipped("demo_nodes")
    nodes = nodes[nodes["lon"].notna()]
    ours, yardstick = least_ms(
        lambda: road_network_km(graph, seats, nodes), bare(graph, seats, nodes)
    )
    return {"ms": ours, "bare_ms": yardstick, "rows": len(seats), "columns": len(nodes)}


def synthetic_china(share: float) -> dict[str, float]:
    """Return time and memory of a share of a synthetic China, in blocks that are let go."""
    rng = np.random.default_rng(1)
    n, m = round(DEMAND_COUNT * share), round(FACILITY_COUNT * share)
    graph = synthetic_roads(n * NODES_PER_COUNTY, rng)
    demand = scattered(n, rng).assign(adcode=[f"d{i}" for i in range(n)])
    facilities = scattered(m, rng).assign(node_id=[f"f{i}" for i in range(m)])
    before, began = peak_mb(), time.perf_counter()
    nearest = [block.km.min(axis=1) for block in road_network_blocks(graph, demand, facilities)]
    seconds = time.perf_counter() - began
    if np.concatenate(nearest).shape != (n,):
        raise RuntimeError("blocks are missing")
    return {
        "demand": n, "facilities": m, "road_nodes": graph.node_count,
        "seconds": seconds, "added_mb": peak_mb() - before, "peak_mb": peak_mb(),
    }  # fmt: skip


def scattered(size: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return random points in a box of the size of the country."""
    return pd.DataFrame({"lon": rng.uniform(80, 125, size), "lat": rng.uniform(22, 45, size)})


def synthetic_roads(size: int, rng: np.random.Generator) -> RoadGraph:
    """Return a random network in which every node has roads to its nearest neighbours."""
    places = scattered(size, rng).assign(road_node_id=range(size))
    place = earth_centred_km(places["lon"], places["lat"])
    _, near = KDTree(place).query(place, k=NEIGHBOURS + 1)
    pairs = np.stack([np.repeat(np.arange(size), NEIGHBOURS), near[:, 1:].ravel()], axis=1)
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    lon, lat = places["lon"].to_numpy(), places["lat"].to_numpy()
    edges = pd.DataFrame(pairs, columns=["from_road_node_id", "to_road_node_id"])
    start, end = pairs.T
    length = geodesic_km(lon[start], lat[start], lon[end], lat[end])
    return road_graph(places, edges.assign(length_km=length))


def measured(share: float) -> dict[str, float]:
    """Return `synthetic_china`, measured in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.reach", "--share", str(share)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _line(one: Mapping[str, float]) -> str:
    return (
        f"| {one['demand']:,.0f} × {one['facilities']:,.0f} | {one['road_nodes']:,.0f} "
        f"| {one['seconds']:.1f} | {one['added_mb']:.0f} | {one['peak_mb']:.0f} |"
    )


def report() -> tuple[str, list[str]]:
    """Return the table, and the promises that are not kept."""
    here = province()
    sizes = [measured(share) for share in SHARES]
    ratio, peak = here["ms"] / here["bare_ms"], max(size["peak_mb"] for size in sizes)
    kept = [
        ("road matrix / bare scipy dijkstra, time", ratio, LIMIT_BARE),
        ("synthetic China, peak of the process, MB", peak, LIMIT_MEMORY_MB),
    ]
    first = (
        f"{here['rows']:.0f} counties × {here['columns']:.0f} nodes on the shipped roads, quickest "
        f"of {REPEATS}: {here['ms']:.0f} ms with access, straight lines, fall-backs and band; "
        "bare `scipy.sparse.csgraph.dijkstra` between the same road nodes "
        f"{here['bare_ms']:.0f} ms."
    )
    lines = [
        first,
        "",
        "A synthetic China in blocks of 256 demand points:",
        "",
        "| demand × facilities | road nodes | s | memory it added, MB | peak of the process, MB |",
        "|---|---|---|---|---|",
        *(_line(size) for size in sizes),
        "",
        "| promise | measured | limit |",
        "|---|---|---|",
        *(f"| {promise} | {value:.2f} | ≤ {limit:g} |" for promise, value, limit in kept),
    ]
    return "\n".join(lines), [promise for promise, value, limit in kept if value > limit]


def measure_and_print(*, is_written: bool) -> list[str]:
    """Print the table, write it if asked, and return the promises that are not kept."""
    table, broken = report()
    print(table)
    if is_written:
        heading = "# Distances by road, measured\n\n`python -m benchmarks.reach --write`\n\n"
        RESULTS.write_text(f"{heading}{table}\n", encoding="utf-8")
    return broken


def main() -> int:
    """Return 0 if every promise is kept, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reach", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    parser.add_argument("--share", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.share:
        print(json.dumps(synthetic_china(options.share)))
        return 0
    broken = measure_and_print(is_written=options.write)
    if broken:
        print("not kept: " + "; ".join(broken), file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
