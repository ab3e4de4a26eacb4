"""Time of reading a planner's roads: an .osm.pbf of many ways, written here, to all county seats.

``python -m benchmarks.road_file`` prints the table and fails when a promise is not kept;
``--write`` puts it into ``road_file.md``. The grid of roads covers the province; every way has
nine nodes between its ends, a class drawn at random, and one in ten is one-way.
"""

import argparse
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import osmium

from benchmarks.contracts import peak_mb
from network_map.places.reference import open_places
from network_map.reach.travel_times import osm_network_time

RESULTS = Path(__file__).with_name("road_file.md")
WAY_COUNTS, REPEATS, LIMIT_SECONDS = (20_000, 100_000), 3, 5.0
_CLASSES = ("trunk", "primary", "secondary", "tertiary", "residential")
_BETWEEN = 10
_BOX = ((97.5, 106.2), (21.2, 29.2))


def write_roads(path: Path, way_count: int) -> int:
    """Write a grid of at least so many ways and return their number."""
    side = int((way_count / 2) ** 0.5) + 1
    last = side * _BETWEEN - _BETWEEN + 1
    lon, lat = (np.linspace(*ends, last) for ends in _BOX)
    drawn = np.random.default_rng(1)
    count = 0
    with osmium.SimpleWriter(str(path)) as writer:
        for row in range(last):
            for column in range(last):
                if row % _BETWEEN == 0 or column % _BETWEEN == 0:
                    place = (float(lon[row]), float(lat[column]))
                    node = osmium.osm.mutable.Node(id=row * last + column + 1, location=place)
                    writer.add_node(node)
        for line in range(0, last, _BETWEEN):
            for start in range(0, last - 1, _BETWEEN):
                steps = range(start, start + _BETWEEN + 1)
                for nodes in (
                    [line * last + step + 1 for step in steps],
                    [step * last + line + 1 for step in steps],
                ):
                    tags = {"highway": _CLASSES[int(drawn.integers(len(_CLASSES)))]}
                    if drawn.random() < 0.1:
                        tags["oneway"] = "yes"
                    count += 1
                    writer.add_way(osmium.osm.mutable.Way(id=count, nodes=nodes, tags=tags))
    return count


def measure_and_print(*, is_written: bool) -> list[str]:
    """Measure, print, and return the promises that are not kept."""
    seats = open_places().county_seats.rename(columns={"adcode": "place_id"})
    rows, quickest = [], {}
    for wanted in WAY_COUNTS:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "roads.osm.pbf"
            count = write_roads(path, wanted)
            content = path.read_bytes()
        seconds = []
        for _ in range(REPEATS):
            begun = time.perf_counter()
            osm_network_time(content, seats, seats)
            seconds.append(time.perf_counter() - begun)
        quickest[wanted] = min(seconds)
        rows.append(f"| {count:,} | {quickest[wanted]:.1f} |")
    is_kept = quickest[WAY_COUNTS[0]] <= LIMIT_SECONDS
    lines = [
        "# A planner's roads, measured", "", "`python -m benchmarks.road_file --write`", "",
        (f"An .osm.pbf read in its own process, times between all {len(seats)} county seats, "
        f"quickest of {REPEATS}; the reading process began anew each time. "
        f"This process used {peak_mb():.0f} MB at most."),
        "", "| ways | s |", "|---|---|", *rows, "",
        "| promise | measured | limit |", "|---|---|---|",
        f"| {WAY_COUNTS[0]:,} ways, s | {quickest[WAY_COUNTS[0]]:.1f} | ≤ {LIMIT_SECONDS:g} |", "",
    ]  # fmt: skip
    print("\n".join(lines))
    if is_written:
        RESULTS.write_text("\n".join(lines), encoding="utf-8")
    return [] if is_kept else ["road file of 20 000 ways"]


def main() -> int:
    """Return 0 if every promise is kept, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.road_file", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    broken = measure_and_print(is_written=parser.parse_args().write)
    if broken:
        print("not kept: " + "; ".join(broken), file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
