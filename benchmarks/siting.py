"""Site selection against spopt: this province's size, and a synthetic China with proof.

``python -m benchmarks.siting`` prints the tables and fails when a promise is not kept; ``--write``
puts them into ``siting.md``. Everything runs on one thread; each national size runs in a process
of its own, so that its memory is its own. Both sides of a ratio are taken in one run. With
``--kept FILE`` every national measurement is kept in a file, and a run that was broken off goes on
from there.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import pulp
from spopt.locate import LSCP, MCLP, PCenter, PMedian

from benchmarks.contracts import peak_mb
from network_map.crs import FloatArray
from network_map.siting.cover_solvers import solve_max_cover, solve_set_cover
from network_map.siting.p_center_solver import solve_p_center
from network_map.siting.p_median_bounds import CutModel, PriceSearch, median_problem, priced_bound
from network_map.siting.p_median_solver import solve_p_median
from network_map.siting.solving import Solved, SolveProgress, SolveWatch, plain_limits

Found = TypeVar("Found")

RESULTS = Path(__file__).with_name("siting.md")
STANDARD_KM = 100.0
PROVINCE, PROVINCE_COUNT = 129, 12
NATION = 2_850
SHARES = (0.25, 0.5, 1.0)
COUNTS = (10, 30, 100, 300)
MODELS = ("max_cover", "p_median", "p_center", "set_cover")
SECONDS = {"max_cover": 45.0, "p_median": 180.0, "p_center": 90.0, "set_cover": 45.0}
SPOPT_SECONDS = 30.0
WANTED_GAP = 0.001
PRICE_MOVES = 240
LEAST_PROVINCE, LEAST_NATION = 5.0, 20.0
MOST_SECONDS, MOST_SECONDS_GAP, MOST_MB = 180.0, 40.0, 4_000.0


def places(size: int) -> tuple[FloatArray, FloatArray]:
    """Return great-circle kilometres between random points in a box, and weights of residents.

    The box has the size of the country, or for up to 129 points that of the province.
    """
    rng = np.random.default_rng(1)
    west, east, south, north = (97, 106, 21, 29) if size <= PROVINCE else (80, 125, 22, 45)
    lon, lat = rng.uniform(west, east, size), rng.uniform(south, north, size)
    weight = np.round(rng.lognormal(12.8, 0.7, size))
    lon, lat = np.radians(lon), np.radians(lat)
    point = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    chord = np.sqrt(np.clip(2.0 - 2.0 * (point @ point.T), 0.0, 4.0))
    np.fill_diagonal(chord, 0.0)
    return 2.0 * 6371.0088 * np.arcsin(chord / 2.0), weight


def kernel(
    model: str,
    cost: FloatArray,
    weight: FloatArray,
    count: int,
    progress: SolveProgress | None = None,
) -> Solved:
    """Return what a kernel finds."""
    limits, most = plain_limits(len(cost), count), SECONDS[model]
    within = cost <= STANDARD_KM
    if model == "max_cover":
        return solve_max_cover(within, weight, limits, time_limit=most, progress=progress)
    if model == "set_cover":
        free = plain_limits(len(cost))
        return solve_set_cover(within, free, time_limit=most, progress=progress)
    solve = solve_p_median if model == "p_median" else solve_p_center
    return solve(cost, weight, limits, time_limit=most, progress=progress)


def spopt_objective(
    model: str, cost: FloatArray, weight: FloatArray, count: int, seconds: float
) -> float:
    """Return what spopt finds with HiGHS, from the same matrix, building not counted in the limit.

    At the limit spopt too speaks of an optimum: seconds tell.
    """
    solver = pulp.HiGHS(msg=False, threads=1, gapRel=0.0, timeLimit=seconds)
    if model == "max_cover":
        built = MCLP.from_cost_matrix(cost, weight, STANDARD_KM, p_facilities=count)
    elif model == "set_cover":
        built = LSCP.from_cost_matrix(cost, STANDARD_KM)
    elif model == "p_median":
        built = PMedian.from_cost_matrix(cost, weight, p_facilities=count)
    else:
        built = PCenter.from_cost_matrix(cost, p_facilities=count)
    return float(pulp.value(built.solve(solver).problem.objective))


def timed(way: Callable[[], Found]) -> tuple[Found, float]:
    """Return what a way gives, and its seconds."""
    began = time.perf_counter()
    found = way()
    return found, time.perf_counter() - began


def province() -> list[dict[str, object]]:
    """Return seconds of every model at the size of the province, ours and spopt's."""
    cost, weight = places(PROVINCE)
    lines: list[dict[str, object]] = []
    for model in MODELS:
        kernel(model, cost, weight, PROVINCE_COUNT)  # the first call pays for the imports
        ours, seconds = timed(partial(kernel, model, cost, weight, PROVINCE_COUNT))
        theirs, slow = timed(
            partial(spopt_objective, model, cost, weight, PROVINCE_COUNT, SPOPT_SECONDS)
        )
        is_stopped = slow >= SPOPT_SECONDS
        if not is_stopped and abs(ours.objective - theirs) > 1e-6 * max(abs(theirs), 1.0):
            raise RuntimeError(f"{model}: {ours.objective} is not spopt's {theirs}")
        lines.append(
            {"model": model, "status": str(ours.status), "seconds": seconds, "spopt": slow}
        )
    return lines


def nation(model: str, size: int, count: int) -> dict[str, object]:
    """Return what a kernel finds for a share of a synthetic China, with time and memory."""
    cost, weight = places(size)
    reached: list[float] = []

    def progress(bound: float, best: float, seconds: float) -> bool:
        if bound > 0 and not reached and abs(best - bound) <= WANTED_GAP * best:
            reached.append(seconds)
        return True

    found = kernel(model, cost, weight, count, progress)
    bare = bare_linear_seconds(cost, weight, count) if model == "p_median" else float("nan")
    within = reached[0] if reached else found.seconds
    return {
        "model": model, "size": size, "count": count, "status": str(found.status),
        "objective": found.objective, "gap": found.gap, "seconds": found.seconds,
        "within_seconds": within, "bare_seconds": bare, "peak_mb": peak_mb(),
    }  # fmt: skip


def bare_linear_seconds(cost: FloatArray, weight: FloatArray, count: int) -> float:
    """Return the seconds HiGHS takes for the linear model of the cuts around good prices."""
    problem = median_problem(cost, weight, plain_limits(len(cost), count))
    watch, search = SolveWatch(None, None), PriceSearch(problem)
    best = problem.value(search_start(problem.cost, count))
    master = CutModel(problem)
    master.add_around(priced_bound(search, problem, best, watch, PRICE_MOVES).prices)
    return timed(lambda: master.solve(np.inf))[1]


def search_start(cost: FloatArray, count: int) -> np.ndarray:
    """Return columns far from each other: a plan whose value is a scale for the steps."""
    chosen = [0]
    near = cost[:, 0].copy()
    for _ in range(count - 1):
        chosen.append(int(np.argmax(near)))
        near = np.minimum(near, cost[:, chosen[-1]])
    return np.array(chosen, dtype=np.intp)


def spopt_nation() -> dict[str, object]:
    """Return the seconds spopt takes to build and solve MCLP at national size."""
    cost, weight = places(NATION)
    _, seconds = timed(lambda: spopt_objective("max_cover", cost, weight, 100, 600.0))
    return {"seconds": seconds, "peak_mb": peak_mb()}


def measured(kept: Path | None, *words: str) -> dict[str, object]:
    """Return one measurement, made in a process of its own, or found among those kept."""
    name = " ".join(words)
    lines = kept.read_text(encoding="utf-8").splitlines() if kept and kept.exists() else []
    before = {one["name"]: one["found"] for one in map(json.loads, lines)}
    if name in before:
        return dict(before[name])
    command = [sys.executable, "-m", "benchmarks.siting", "--one", *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    print(name, done.stdout.splitlines()[-1], file=sys.stderr, flush=True)
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])  # HiGHS greets first
    if kept:
        with kept.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"name": name, "found": found}) + "\n")
    return found


def _number(one: Mapping[str, object], name: str) -> float:
    return float(str(one[name]))


def _line(one: Mapping[str, object]) -> str:
    bare = _number(one, "bare_seconds")
    ratio = "" if np.isnan(bare) else f"{_number(one, 'seconds') / bare:.1f}"
    count = "" if one["model"] == "set_cover" else f"{one['count']}"
    return (
        f"| {one['model']} | {one['size']} | {count} | {one['status']} "
        f"| {_number(one, 'gap'):.2%} | {_number(one, 'seconds'):.1f} "
        f"| {_number(one, 'within_seconds'):.1f} | {ratio} | {_number(one, 'peak_mb'):.0f} |"
    )


def report(kept: Path | None) -> tuple[str, list[str]]:
    """Return the tables, and the promises that are not kept."""
    tasks = [(model, NATION, count) for model in MODELS[:3] for count in COUNTS]
    tasks += [("p_median", round(NATION * share), 100) for share in SHARES[:-1]]
    tasks += [("set_cover", NATION, 0)]
    nations = [measured(kept, model, str(size), str(count)) for model, size, count in tasks]
    slow = measured(kept, "spopt")
    here = province()
    medians = [one for one in nations if one["model"] == "p_median" and one["size"] == NATION]
    cover = next(one for one in nations if one["model"] == "max_cover" and one["count"] == 100)
    least = min(_number(one, "spopt") / _number(one, "seconds") for one in here)
    ratio = _number(slow, "seconds") / _number(cover, "seconds")
    unproven = sum(one["status"] != "optimal" for one in medians)
    promises = [
        ("province, spopt / ours, least of all models", least, ">=", LEAST_PROVINCE),
        ("nation, MCLP, p = 100, spopt / ours", ratio, ">=", LEAST_NATION),
        ("nation, p-median not proven", float(unproven), "<=", 0.0),
        ("nation, p-median proven, s", _most(medians, "seconds"), "<=", MOST_SECONDS),
        ("nation, p-median gap 0.1 %, s", _most(medians, "within_seconds"), "<=", MOST_SECONDS_GAP),
        ("nation, peak of a process, MB", _most(nations, "peak_mb"), "<=", MOST_MB),
    ]
    lines = [
        (
            f"{PROVINCE} × {PROVINCE}, {STANDARD_KM:.0f} km, {PROVINCE_COUNT} sites; spopt 0.7 "
            f"builds its model from the same matrix; HiGHS is stopped after {SPOPT_SECONDS:.0f} s:"
        ),
        "",
        "| model | status | ours, s | spopt, s | spopt / ours |",
        "|---|---|---|---|---|",
        *(
            f"| {one['model']} | {one['status']} | {_number(one, 'seconds'):.3f} "
            f"| {_number(one, 'spopt'):.2f} "
            f"| {_number(one, 'spopt') / _number(one, 'seconds'):.0f} |"
            for one in here
        ),
        "",
        (
            "A synthetic China; set cover and MCLP stop after 45 s, p-centre after 90 s. The ratio "
            "is to HiGHS's solve of the linear model of one round of cuts, in the same process:"
        ),
        "",
        (
            "| model | points | p | status | gap | s | s to a gap of 0.1 % | s / bare linear model "
            "| peak of the process, MB |"
        ),
        "|---|---|---|---|---|---|---|---|---|",
        *(_line(one) for one in nations),
        "",
        (
            f"spopt with HiGHS, MCLP, {NATION} × {NATION}, p = 100: "
            f"{_number(slow, 'seconds'):.0f} s, "
            f"{_number(slow, 'peak_mb'):.0f} MB."
        ),
        "",
        "| promise | measured | limit |",
        "|---|---|---|",
        *(
            f"| {promise} | {value:.1f} | {'≥' if sign == '>=' else '≤'} {limit:g} |"
            for promise, value, sign, limit in promises
        ),
    ]
    broken = [
        promise
        for promise, value, sign, limit in promises
        if (value < limit if sign == ">=" else value > limit)
    ]
    return "\n".join(lines), broken


def _most(lines: list[dict[str, object]], name: str) -> float:
    return max(_number(one, name) for one in lines)


def measure_and_print(*, is_written: bool, kept: Path | None = None) -> list[str]:
    """Print the tables, write them if asked, and return the promises that are not kept."""
    table, broken = report(kept)
    print(table)
    if is_written:
        # What was written by hand below the tables stays.
        before = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
        _, mark, notes = before.partition("\n## ")
        heading = "# Site selection, measured\n\n`python -m benchmarks.siting --write`\n\n"
        RESULTS.write_text(f"{heading}{table}\n{mark}{notes}", encoding="utf-8")
    return broken


def main() -> int:
    """Return 0 if every promise is kept, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.siting", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    parser.add_argument("--kept", type=Path, metavar="FILE", help="go on from these measurements")
    parser.add_argument("--one", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        model, *numbers = options.one
        found = spopt_nation() if model == "spopt" else nation(model, *map(int, numbers))
        print(json.dumps(found))
        return 0
    broken = measure_and_print(is_written=options.write, kept=options.kept)
    if broken:
        print("not kept: " + "; ".join(broken), file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
