"""Solve the OR-Library graphs as p-median and p-centre and compare with what is published.

Beasley (1990), OR-Library: distributing test problems by electronic mail. The folder holds
``pmed1.txt`` … in the library's format and ``optima.csv`` (``instance,p_median,p_center``). Where
an edge occurs twice the last one counts; distances are shortest paths; every vertex is a demand
point of weight 1 and a site. ``python scripts/or_library.py FOLDER`` prints a table and fails
unless every optimum is equal and proven.
"""

import argparse
import csv
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from network_map.crs import FloatArray
from network_map.siting.p_center_solver import solve_p_center
from network_map.siting.p_median_solver import solve_p_median
from network_map.siting.solving import Solved, SolveStatus, plain_limits


def read_graph(path: Path) -> tuple[FloatArray, int]:
    """Return the shortest distances between all vertices, and p."""
    head, *lines = (line.split() for line in path.read_text().splitlines() if line.strip())
    n, count = int(head[0]), int(head[2])
    length: dict[tuple[int, int], float] = {}
    for start, end, km in lines:
        pair = int(start) - 1, int(end) - 1
        length[min(pair), max(pair)] = float(km)
    ends = np.array(list(length))
    graph = sparse.csr_array((list(length.values()), (ends[:, 0], ends[:, 1])), shape=(n, n))
    return np.asarray(dijkstra(graph, directed=False), dtype=np.float64), count


def solve_both(path: Path, seconds: float) -> dict[str, Solved]:
    """Return the p-median and the p-centre of a graph."""
    cost, count = read_graph(path)
    weight, limits = np.ones(len(cost)), plain_limits(len(cost), count)
    return {
        "p_median": solve_p_median(cost, weight, limits, time_limit=seconds),
        "p_center": solve_p_center(cost, weight, limits, time_limit=seconds),
    }


def is_as_published(found: Mapping[str, Solved], published: Mapping[str, str]) -> bool:
    """Return whether both optima are proven and equal."""
    return all(
        one.status is SolveStatus.OPTIMAL and one.objective == float(published[model])
        for model, one in found.items()
    )


def main() -> int:
    """Print a line for each graph; return 1 if an optimum is missed or not proven, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="with pmed*.txt and optima.csv")
    parser.add_argument("--seconds", type=float, default=300.0, help="most for each solve")
    options = parser.parse_args()
    with (options.folder / "optima.csv").open(encoding="utf-8") as lines:
        published = list(csv.DictReader(lines))
    wrong = []
    print("| graph | p-median | s | p-centre | s | as published |\n|---|---|---|---|---|---|")
    for row in published:
        found = solve_both(options.folder / f"{row['instance']}.txt", options.seconds)
        cells = " | ".join(f"{one.objective:.0f} | {one.seconds:.1f}" for one in found.values())
        is_right = is_as_published(found, row)
        print(f"| {row['instance']} | {cells} | {'yes' if is_right else 'NO'} |", flush=True)
        if not is_right:
            wrong.append(row["instance"])
    if wrong:
        print("not as published: " + ", ".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
