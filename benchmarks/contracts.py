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

from benchmarks.contract_page import PAGES, measure_page_here

if TYPE_CHECKING:  # the ways without ibis must not carry its memory
    from network_map.contracts.register.engine import ContractRegister

RESULTS = Path(__file__).with_name("contracts.md")
ROWS = 10_000_000
SMALL = 10_000
REPEATS, TURNS = 5, 2
PAGE = "page"
LIMIT_SQL, LIMIT_PANDAS, LIMIT_MEMORY, LIMIT_PAGE = 1.2, 8.0, 0.5, 2.0
KEYS = ["seller_adcode", "signed_year", "contract_kind"]
VALUES = ["contract_value_fen", "technology_value_fen"]

PARQUET = "(FORMAT parquet, COMPRESSION lz4_raw, ROW_GROUP_SIZE 131072)"

# Contracts of 129 counties in five and a half years; hashes of the row number stand for chance.
# 2025 ends on 11 June: every comparison of that year is up to a day.
INVENTED = """
    SELECT *, make_date(signed_year, signed_month, signed_day)::VARCHAR AS signed_on,
        NULL::VARCHAR AS registered_on
    FROM (SELECT lpad(i::VARCHAR, 16, '0') AS contract_id,
        'registered' AS contract_status,
        $kinds[1 + h % len($kinds)] AS contract_kind,
        'five' AS kind_scheme,
        $places[1 + (h >> 8) % len($places)] AS seller_adcode,
        $places[1 + (h >> 16) % len($places)] AS buyer_adcode,
        $fields[1 + (h >> 24) % len($fields)] AS technology_field,
        $parties[1 + (h >> 28) % len($parties)] AS seller_kind,
        $parties[1 + (h >> 30) % len($parties)] AS buyer_kind,
        $ips[1 + (h >> 32) % len($ips)] AS ip_kind,
        $plans[1 + (h >> 36) % len($plans)] AS plan_source,
        (1 + (h >> 20) % 100000000)::BIGINT AS contract_value_fen,
        (1 + (h >> 20) % 50000000)::BIGINT AS technology_value_fen,
        (2020 + (h >> 40) % 6)::INTEGER AS signed_year,
        (1 + (h >> 44) % 12)::INTEGER AS signed_month,
        (1 + (h >> 50) % 28)::INTEGER AS signed_day
    FROM (SELECT i, (hash(i) >> 2)::BIGINT AS h FROM range($rows) AS t(i)))
    WHERE signed_year < 2025 OR (signed_month, signed_day) <= (6, 11)
"""


def make_register(folder: Path, rows: int) -> None:
    """Write an invented register as the store keeps it: a file for each year, and rollups."""
    from network_map import terms  # noqa: PLC0415 (the children need none)
    from network_map.catalog import read_shipped  # noqa: PLC0415 (the same)
    from network_map.contracts.register.tables import write_rollups  # noqa: PLC0415 (the same)

    divisions = read_shipped("divisions")
    told = {
        "rows": rows,
        "places": divisions.loc[divisions["level"] == "county", "adcode"].tolist(),
        "kinds": [code.value for code in terms.ContractKind],
        "fields": [code.value for code in terms.TechnologyField],
        "parties": [code.value for code in terms.PartyKind],
        "ips": [code.value for code in terms.IpKind],
        "plans": [code.value for code in terms.PlanSource],
    }
    folder.mkdir()
    with duckdb.connect() as engine:
        engine.execute("SET enable_progress_bar = false")
        engine.execute(f"CREATE TABLE invented AS {INVENTED}", told)
        for year in range(2020, 2026):
            path = str(folder / f"contracts.{year}.parquet")
            copy = f"COPY (SELECT * FROM invented WHERE signed_year = {year}) TO $1 {PARQUET}"  # noqa: S608 (our own)
            engine.execute(copy, [path])
    files = sorted(folder.glob("contracts.*.parquet"))
    write_rollups(files, folder)


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


WAYS = {"ibis": by_ibis, "sql": by_sql, "pandas": by_pandas}


def _register(folder: Path) -> "ContractRegister":
    from network_map.contracts.register.engine import open_register_version  # noqa: PLC0415
    from network_map.contracts.register.versions import ContractSnapshot  # noqa: PLC0415

    names = {path.name: "" for path in folder.glob("*.parquet")}
    return open_register_version(ContractSnapshot("bench", folder, names, {}, "", ""))


def _volume(register: "ContractRegister") -> pd.DataFrame:
    from network_map.contracts.register.engine import fetch  # noqa: PLC0415 (the same)
    from network_map.contracts.volumes import volume  # noqa: PLC0415 (the same)
    from network_map.terms import AdminLevel  # noqa: PLC0415 (the same)

    asked = volume(
        register.contracts, {}, side="output", by=AdminLevel.COUNTY, period="year",
        cuts=["contract_kind"],
    )  # fmt: skip
    return fetch(register, asked)


# --- measuring ----------------------------------------------------------------------------------


def peak_mb() -> float:
    """Return the most memory that this process ever held; ``getrusage`` counts its parent's."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def measure_here(way: str, folder: Path) -> dict[str, float]:
    """Return the quickest time and the memory beyond the imports of one way here."""
    ask = WAYS[way](folder)
    before = peak_mb()
    times = []
    for _ in range(REPEATS + 1):
        began = time.perf_counter()
        ask()
        times.append(time.perf_counter() - began)
    after = peak_mb()
    return {
        "ms": 1000 * min(times[1:]),
        "mb": after - before,
        "peak_mb": after,
    }


def measure(way: str, folder: Path) -> dict[str, float]:
    """Return the same, or the times of the page, measured in a process of its own."""
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
        rounds = [{way: measure(way, large) for way in WAYS} for _ in range(TURNS)]
        turns = [(measure(PAGE, small), measure(PAGE, large)) for _ in range(TURNS)]
    few, many = ({name: min(turn[n][name] for turn in turns) for name in PAGES} for n in (0, 1))
    found = {
        way: {name: min(one[way][name] for one in rounds) for name in rounds[0][way]}
        for way in WAYS
    }
    ibis, sql, pandas = found["ibis"], found["sql"], found["pandas"]
    ratios = [
        ("ibis / SQL by hand, time", ibis["ms"] / sql["ms"], LIMIT_SQL, True),
        ("pandas / ibis, time", pandas["ms"] / ibis["ms"], LIMIT_PANDAS, False),
        ("ibis / pandas, peak memory", ibis["peak_mb"] / pandas["peak_mb"], LIMIT_MEMORY, True),
        *(
            (f"page, {name}: {rows:,} / {SMALL:,}", many[name] / few[name], LIMIT_PAGE, True)
            for name in PAGES
        ),
    ]
    lines = [
        f"{rows:,} contracts, county × year × kind; quickest of {REPEATS * TURNS}.",
        f"The register and its rollups were made in {made:.0f} s.",
        "",
        "| way | ms | memory it added, MB | peak of the process, MB |",
        "|---|---|---|---|",
        *(_line(way, one) for way, one in found.items()),
        "",
        f"The page 合同监测, every block of it, quickest of {REPEATS * TURNS}, in turn:",
        "",
        f"| rerun after choosing | {SMALL:,} contracts, ms | {rows:,} contracts, ms |",
        "|---|---|---|",
        *(f"| {name} | {few[name]:.0f} | {many[name]:.0f} |" for name in PAGES),
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


def measure_and_print(rows: int = ROWS, *, is_written: bool) -> list[str]:
    """Measure, print the table, write it if asked, and return the promises that are not kept."""
    table, broken = report(rows)
    print(table)
    if is_written:
        heading = (
            "# The contract register, measured\n\n`python -m benchmarks.contracts --write`\n\n"
        )
        RESULTS.write_text(f"{heading}{table}\n", encoding="utf-8")
    return broken


def main() -> int:
    """Return 0 if every promise is kept, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.contracts", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    parser.add_argument("--way", choices=[*WAYS, PAGE], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        is_page = options.way == PAGE
        of_way = {} if is_page else measure_here(options.way, options.folder)
        print(json.dumps(measure_page_here(options.folder) if is_page else of_way))
        return 0
    broken = measure_and_print(options.rows, is_written=options.write)
    if broken:
        print("not kept: " + "; ".join(broken), file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
