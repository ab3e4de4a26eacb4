"""Twenty people click while one looks for sites: ``python -m benchmarks.siting_people --write``.

The same clicks with and without one person who asks for one plan with its evidence after another,
in turn, on one server. Only the ratio is a promise: seconds depend on who else uses the machine.
"""

import argparse
import asyncio
import itertools
import statistics
import sys
import time
from pathlib import Path

from benchmarks.people import APPLICATION, Person, Target, crowd
from benchmarks.servers import APPLICATION as SCRIPT
from benchmarks.servers import Server, served

RESULTS = Path(__file__).with_name("siting_people.md")
PEOPLE, CLICKS, ROUNDS, WARM_CLICKS = 20, 5, 5, 2
MOST_RATIO = 2.0
_MODELS = ("mclp", "p_median", "p_center", "lscp")
_PERCENTILE = 95


def percentile(seconds: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(seconds, n=100, method="inclusive")[_PERCENTILE - 1]


async def _solving(
    server: Server, numbers: "itertools.count[int]", done: list[float], most: int = sys.maxsize
) -> None:
    """Ask for one plan after another, each another one, until cancelled or so many are made."""
    while len(done) < most:
        number = next(numbers)
        count, model = 1 + number // len(_MODELS) % 10, _MODELS[number % len(_MODELS)]
        dataset = ("public", "demo")[number // (10 * len(_MODELS)) % 2]
        query = f"dataset={dataset}&site_evidence=1&site_model={model}&site_count={count}"
        solver = Person(server, Target(
            APPLICATION.element, APPLICATION.value, query=query, component=APPLICATION.component,
            page="siting",
        ))  # fmt: skip
        began = time.perf_counter()
        try:
            await solver.arrive()
        finally:
            await solver.leave()
        done.append(time.perf_counter() - began)


async def measured(server: Server, *, rounds: int = ROUNDS) -> list[tuple[float, float, int]]:
    """Return for each round the 95th percentile without and with one who solves, and her plans."""
    numbers, found = itertools.count(), []
    await crowd(server, APPLICATION, people_count=PEOPLE, click_count=WARM_CLICKS, seed=0)
    # The first plan of a server loads what the page needs: nobody solves yet.
    await _solving(server, numbers, [], most=2)
    for number in range(rounds):
        clicks = {"people_count": PEOPLE, "click_count": CLICKS, "seed": number}
        without = await crowd(server, APPLICATION, **clicks)
        done: list[float] = []
        solving = asyncio.create_task(_solving(server, numbers, done))
        with_one = await crowd(server, APPLICATION, **clicks)
        solving.cancel()
        await asyncio.gather(solving, return_exceptions=True)
        found.append((
            percentile([one.seconds for one in without]),
            percentile([one.seconds for one in with_one]),
            len(done),
        ))  # fmt: skip
    return found


def report(found: list[tuple[float, float, int]]) -> str:
    """Return the table."""
    lines = ["| round | p95 with one solving / without | plans meanwhile |", "|---|---|---|"]
    lines += [
        f"| {number} | {with_one / without:.2f} | {plans} |"
        for number, (without, with_one, plans) in enumerate(found, start=1)
    ]
    ratio = statistics.median(with_one / without for without, with_one, _ in found)
    kept = "kept" if ratio <= MOST_RATIO else "**not kept**"
    lines.append(f"| median | {ratio:.2f} (at most {MOST_RATIO:g}: {kept}) | |")
    return "\n".join(lines)


def main() -> int:
    """Return 0 if the promise is kept, else 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    options = parser.parse_args()
    with served(SCRIPT) as server:
        found = asyncio.run(measured(server, rounds=options.rounds))
    table = report(found)
    print(table)
    for without, with_one, _ in found:
        print(f"p95 {1000 * without:.0f} ms without, {1000 * with_one:.0f} ms with one solving")
    if options.write:
        _, mark, notes = RESULTS.read_text(encoding="utf-8").partition("\n## ")
        RESULTS.write_text(f"{_HEAD}\n\n{table}\n{mark}{notes}", encoding="utf-8")
    ratio = statistics.median(with_one / without for without, with_one, _ in found)
    return 0 if ratio <= MOST_RATIO else 1


_HEAD = """# Twenty people and one who looks for sites

`python -m benchmarks.siting_people --write`

Twenty people click counties of the overview every two seconds; one more asks for a plan with its
evidence, then for another, without pause. The same clicks with and without her, in turn."""


if __name__ == "__main__":
    sys.exit(main())
