"""Time and memory of the contract register at ten million contracts.

``python -m benchmarks.contracts`` prints the table and fails when a promise is not kept;
``--write`` puts it into ``contracts.md``, ``--rows`` makes it smaller. Each way of counting runs
in a process of its own, so that its memory is its own.
"""

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import pyarrow.parquet as pq

if TYPE_CHECKING:  # the ways without ibis must not carry its memory
    from network_map.analysis.contracts import Side
    from network_map.store.contracts import ContractRegister

RESULTS = Path(__file__).with_name("contracts.md")
ROWS = 10_000_000
SMALL = 10_000
REPEATS = 5
LIMIT_SQL, LIMIT_PANDAS, LIMIT_MEMORY, LIMIT_PAGE = 1.2, 8.0, 0.5, 2.0
KEYS = ["seller_adcode", "signed_year", "contract_kind"]
VALUES = ["contract_value_fen", "technology_value_fen"]

PARQUET = "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 131072)"

# Contracts of 129 counties in six years; hashes of the row number stand for chance.
INVENTED = """
    SELECT lpad(i::VARCHAR, 16, '0') AS contract_id,
        'registered' AS contract_status,
        ['development', 'transfer', 'licence', 'consulting', 'service'][1 + h % 5]
            AS contract_kind,
        'five' AS kind_scheme,
        (530101 + (h >> 8) % 129)::VARCHAR AS seller_adcode,
        (530101 + (h >> 16) % 129)::VARCHAR AS buyer_adcode,
        'field' || (h >> 24) % 11 AS technology_field,
        'seller' || (h >> 28) % 11 AS seller_kind,
        'buyer' || (h >> 30) % 11 AS buyer_kind,
        'ip' || (h >> 32) % 10 AS ip_kind,
        'plan' || (h >> 36) % 6 AS plan_source,
        (1 + (h >> 20) % 100000000)::BIGINT AS contract_value_fen,
        (1 + (h >> 20) % 50000000)::BIGINT AS technology_value_fen,
        (2020 + (h >> 40) % 6)::INTEGER AS signed_year,
        (1 + (h >> 44) % 12)::INTEGER AS signed_month,
        (1 + (h >> 50) % 28)::INTEGER AS signed_day
    FROM (SELECT i, (hash(i) >> 2)::BIGINT AS h FROM range($1) AS t(i))
"""


def make_register(folder: Path, rows: int) -> None:
    """Write an invented register as the store keeps it: a file for each year, and rollups."""
    from network_map.store.rollups import write_rollups  # noqa: PLC0415 (the children need none)

    folder.mkdir()
    with duckdb.connect() as engine:
        for year in range(2020, 2026):
            path = str(folder / f"contracts.{year}.parquet")
            copy = f"COPY (SELECT * FROM ({INVENTED}) WHERE signed_year = $2) TO $3 {PARQUET}"  # noqa: S608 (our own)
            engine.execute(copy, [rows, year, path])
    write_rollups(pq.read_table(sorted(folder.glob("contracts.*.parquet"))), folder)


# --- the ways of counting -----------------------------------------------------------------------


def by_ibis(folder: Path) -> Callable[[], pd.DataFrame]:
    """Return the project's way, over every contract."""
    register = _register(folder)
    return lambda: _volume(register)


def by_sql(folder: Path) -> Callable[[], pd.DataFrame]:
    """Return DuckDB's SQL written by hand."""
    engine = duckdb.connect()
    sql = f"""
        SELECT seller_adcode, signed_year, contract_kind, count(*) AS n,
            sum(contract_value_fen) AS v, sum(technology_value_fen) AS t
        FROM read_parquet('{folder}/contracts.*.parquet')
        WHERE contract_status <> 'cancelled' GROUP BY ALL
    """  # noqa: S608 (our own folder)
    return lambda: engine.execute(sql).fetch_df()


def by_pandas(folder: Path) -> Callable[[], pd.DataFrame]:
    """Return pandas' way: read the columns, filter, group."""
    columns = [*KEYS, *VALUES, "contract_status"]
    files = sorted(folder.glob("contracts.*.parquet"))

    def ask() -> pd.DataFrame:
        frame = pd.concat([pd.read_parquet(file, columns=columns) for file in files])
        frame = frame[frame["contract_status"] != "cancelled"]
        groups = frame.groupby(KEYS, dropna=False)
        return groups[VALUES].sum().assign(n=groups.size())

    return ask


def by_page(folder: Path) -> Callable[[], pd.DataFrame]:
    """Return what a page of the register asks at a rerun, through the rollups."""
    register = _register(folder)
    return lambda: _page(register)


WAYS = {"ibis": by_ibis, "sql": by_sql, "pandas": by_pandas, "page": by_page}


def _register(folder: Path) -> "ContractRegister":
    from network_map.store.contract_snapshots import ContractSnapshot  # noqa: PLC0415
    from network_map.store.contracts import open_snapshot  # noqa: PLC0415

    names = {path.name: "" for path in folder.glob("*.parquet")}
    return open_snapshot(ContractSnapshot("bench", folder, names, {}, "", ""))


def _volume(register: "ContractRegister") -> pd.DataFrame:
    from network_map.analysis.contracts import volume  # noqa: PLC0415 (the same)
    from network_map.store.contracts import fetch  # noqa: PLC0415 (the same)
    from network_map.terms import AdminLevel  # noqa: PLC0415 (the same)

    asked = volume(
        register.contracts, {}, side="output", by=AdminLevel.COUNTY, period="year",
        cuts=["contract_kind"],
    )  # fmt: skip
    return fetch(register, asked)


def _page(register: "ContractRegister") -> pd.DataFrame:
    """Ask for a map of one year and field, both sides, the five cuts, and the year to date."""
    from datetime import date  # noqa: PLC0415 (the same)

    from network_map.analysis import contracts as ask  # noqa: PLC0415 (the same)
    from network_map.store.contracts import fetch  # noqa: PLC0415 (the same)
    from network_map.terms import AdminLevel  # noqa: PLC0415 (the same)

    county, answers = AdminLevel.COUNTY, []
    sides: list[tuple[Side, str]] = [
        ("output", "seller_adcode"), ("absorption", "buyer_adcode"),
    ]  # fmt: skip
    for side, place in sides:
        table = register.table({place, "signed_year", "technology_field"})
        chosen = ask.chosen(table, {"signed_year": [2025], "technology_field": ["field1"]})
        answers.append(fetch(register, ask.volume(chosen, {}, side=side, by=county)))
    for cut in ("contract_kind", "technology_field", "seller_kind", "ip_kind", "plan_source"):
        table = register.table({"signed_year", cut})
        chosen = ask.chosen(table, {"signed_year": [2025]})
        answers.append(fetch(register, ask.total(chosen, cuts=[cut])))
    table = register.table({"seller_adcode", "signed_month", "signed_day"})
    to_date = ask.year_to_date(table, as_of=date(2025, 6, 11))
    answers.append(
        fetch(register, ask.volume(to_date, {}, side="output", by=county, period="year"))
    )
    return pd.concat(answers)


# --- measuring ----------------------------------------------------------------------------------


def peak_mb() -> float:
    """Return the most memory that this process ever held; ``getrusage`` counts its parent's."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def measure_here(way: str, folder: Path) -> dict[str, float]:
    """Return the median time and the most memory beyond the imports of one way in this process."""
    ask = WAYS[way](folder)
    before = peak_mb()
    times = []
    for _ in range(REPEATS + 1):
        began = time.perf_counter()
        ask()
        times.append(time.perf_counter() - began)
    after = peak_mb()
    ordered = sorted(times[1:])
    return {
        "ms": 1000 * ordered[len(ordered) // 2],
        "mb": after - before,
        "peak_mb": after,
    }


def measure(way: str, folder: Path) -> dict[str, float]:
    """Return the same, measured in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.contracts", "--way", way, "--folder", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _line(way: str, one: Mapping[str, float]) -> str:
    return f"| {way} | {one['ms']:.0f} | {one['mb']:.0f} | {one['peak_mb']:.0f} |"


def report(rows: int) -> tuple[str, list[str]]:
    """Return the table, and the promises that are not kept."""
    with TemporaryDirectory(prefix="contracts") as name:
        large, small = Path(name) / "large", Path(name) / "small"
        began = time.perf_counter()
        make_register(large, rows)
        made = time.perf_counter() - began
        make_register(small, SMALL)
        found = {way: measure(way, large) for way in WAYS}
        page = measure("page", small)
    ibis, sql, pandas = found["ibis"], found["sql"], found["pandas"]
    ratios = [
        ("ibis / SQL by hand, time", ibis["ms"] / sql["ms"], LIMIT_SQL, True),
        ("pandas / ibis, time", pandas["ms"] / ibis["ms"], LIMIT_PANDAS, False),
        ("ibis / pandas, peak memory", ibis["peak_mb"] / pandas["peak_mb"], LIMIT_MEMORY, True),
        (f"page on {rows:,} / on {SMALL:,}", found["page"]["ms"] / page["ms"], LIMIT_PAGE, True),
    ]
    lines = [
        f"{rows:,} contracts, county × year × kind; median of {REPEATS}.",
        f"The register and its rollups were made in {made:.0f} s.",
        "",
        "| way | ms | memory it added, MB | peak of the process, MB |",
        "|---|---|---|---|",
        *(_line(way, one) for way, one in found.items()),
        _line(f"page, {SMALL:,} contracts", page),
        "",
        "| promise | measured | limit |",
        "|---|---|---|",
        *(
            f"| {promise} | {ratio:.2f} | {'≤' if is_most else '≥'} {limit:g} |"
            for promise, ratio, limit, is_most in ratios
        ),
    ]
    broken = [
        promise
        for promise, ratio, limit, is_most in ratios
        if (ratio > limit if is_most else ratio < limit)
    ]
    return "\n".join(lines), broken


def main() -> int:
    """Return 0 if every promise is kept, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.contracts", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(measure_here(options.way, options.folder)))
        return 0
    table, broken = report(options.rows)
    print(table)
    if options.write:
        heading = (
            "# The contract register, measured\n\n`python -m benchmarks.contracts --write`\n\n"
        )
        RESULTS.write_text(f"{heading}{table}\n", encoding="utf-8")
    if broken:
        print("not kept: " + "; ".join(broken), file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
