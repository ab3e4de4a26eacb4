"""Build the road skeleton: nodes and edges of a generalised network around Yunnan, and paths.

Run ``python -m scripts.build_roads``. The source is OpenStreetMap as it is carried by the Python
package ``scgraph_data``; the cut is under the same ODbL, see DATA-LICENSES.md. Routes may leave
the province and come back, so the cut is a box with a margin.
"""

import io
import json
import re

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from network_map.catalog import SHIPPED
from network_map.reach.roads import road_graph, seat_paths
from network_map.tables import ColumnType
from network_map.tables.check import conform
from scripts.build_common import DATA, PinnedFile, pinned_file, read_built, write_bytes

SOURCE = PinnedFile(
    package="scgraph_data",
    version="2.0.0",
    member="scgraph_data/world_highways.py",
    sha256="91c582eae485fae96b4eb4eec32510bb4013ee3c337e534cd34330fa868cbacf",
)
# Degrees; the province lies within 97.5-106.2 E, 21.1-29.3 N.
WEST, EAST, SOUTH, NORTH = 96.0, 108.0, 20.0, 30.5
NODE_COUNT, EDGE_COUNT = 14_759, 21_837


def network(text: str) -> tuple[np.ndarray, pd.DataFrame]:
    """Return the points (latitude, longitude) and the edges of the package's module.

    The module is read as text: it is data, and running it would need another package.
    """
    points = re.search(r"^nodes=(.*)$", text, re.MULTILINE)
    links = re.search(r"^graph=(.*)$", text, re.MULTILINE)
    if points is None or links is None:
        raise SystemExit("roads: the module has another form than expected")
    graph = json.loads(re.sub(r"(\d+): ", r'"\1": ', links.group(1)))
    edges = [
        (start, int(end), length)
        for start, ends in enumerate(graph)
        for end, length in ends.items()
        if start < int(end)
    ]
    frame = pd.DataFrame(edges, columns=["start", "end", "length_km"])
    return np.array(json.loads(points.group(1))), frame


def cut(points: np.ndarray, edges: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the nodes inside the box, numbered anew, and the edges between them."""
    lat, lon = points.T
    inside = (lon >= WEST) & (lon <= EAST) & (lat >= SOUTH) & (lat <= NORTH)
    numbers = np.cumsum(inside) - 1
    kept = edges[inside[edges["start"]] & inside[edges["end"]]]
    nodes = pd.DataFrame(
        {"road_node_id": np.arange(inside.sum()), "lon": lon[inside], "lat": lat[inside]}
    )
    renumbered = pd.DataFrame(
        {
            "from_road_node_id": numbers[kept["start"]],
            "to_road_node_id": numbers[kept["end"]],
            "length_km": kept["length_km"],
        }
    )
    return nodes, renumbered.sort_values(
        ["from_road_node_id", "to_road_node_id"], ignore_index=True
    )


def write_parquet(name: str, table: pd.DataFrame) -> None:
    """Write a declared table as Parquet, whole numbers as steps from one to the next."""
    declared = conform(SHIPPED[name], table)
    numbers = [c.name for c in SHIPPED[name].columns if c.type is ColumnType.NUMBER]
    steps = {name: "DELTA_BINARY_PACKED" for name in declared.columns if name not in numbers}
    content = io.BytesIO()
    parquet.write_table(
        pa.Table.from_pandas(declared, preserve_index=False),
        content,
        compression="zstd",
        compression_level=19,
        use_dictionary=numbers,
        column_encoding=steps,
    )
    write_bytes(DATA / f"{name}.parquet", content.getvalue())


def write_paths() -> None:
    """Write the paths between the seats, found on the written network."""
    graph = road_graph(
        *(pd.read_parquet(DATA / f"road_{part}.parquet") for part in ("nodes", "edges"))
    )
    table = conform(SHIPPED["road_paths"], seat_paths(graph, read_built("county_seats")))
    content = io.BytesIO()
    lengths = ["straight_km", "path_km"]
    parquet.write_table(
        pa.Table.from_pandas(table, preserve_index=False),
        content,
        compression="zstd",
        compression_level=19,
        use_dictionary=[name for name in table.columns if name not in lengths],
        use_byte_stream_split=lengths,
    )
    write_bytes(DATA / "road_paths.parquet", content.getvalue())


def main() -> None:
    """Write the nodes, the edges and the paths between seats."""
    with pinned_file(SOURCE) as path:
        points, edges = network(path.read_text(encoding="utf-8"))
    nodes, kept = cut(points, edges)
    if (len(nodes), len(kept)) != (NODE_COUNT, EDGE_COUNT):
        raise SystemExit(f"roads: {len(nodes)} nodes and {len(kept)} edges are not what they were")
    write_parquet("road_nodes", nodes)
    write_parquet("road_edges", kept)
    write_paths()


if __name__ == "__main__":
    main()
