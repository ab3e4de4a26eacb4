"""Time and memory of importing a contract register, against the bare readers.

``python -m benchmarks.contract_imports`` prints the table and fails when a promise is not kept;
``--write`` puts it into ``contract_imports.md``. What is compared is measured in turn, each in a
process of its own, so that a busy machine slows both and the memory of each is its own. An import
is everything from the file to the workspace: reading, validating, judging against the register,
writing the version and its rollups.
"""

import argparse
import csv
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.contracts import peak_mb

RESULTS = Path(__file__).with_name("contract_imports.md")
XLSX_ROWS, CSV_ROWS = 100_000, 1_000_000
ROUNDS = 3
LIMIT_CALAMINE, LIMIT_OPENPYXL, LIMIT_DUCKDB, LIMIT_LINEAR = 5.0, 1.0, 10.0, 1.5
LIMIT_MEMORY = 1.5
MONEY = (9, 10)
HEADERS = (
    "合同登记编号", "项目名称", "合同类型", "卖方名称", "买方名称", "卖方行政区划代码",
    "买方行政区划代码", "卖方性质", "买方性质", "合同成交额(元)", "技术交易额(元)", "签订日期",
    "认定登记日期", "技术领域", "知识产权", "计划来源", "登记机构", "登记状态",
)  # fmt: skip
KINDS = ("技术开发", "技术转让", "技术许可", "技术咨询", "技术服务")
PARTIES = ("内资企业", "高等院校", "科研机构")
FIELDS = ("电子信息", "先进制造", "农业", "现代交通", "环境保护与资源综合利用")
PROPERTY = ("发明专利", "技术秘密", "未涉及知识产权")
PLACES = ("530102", "530627", "532504", "530103", "532331", "昆明市", "镇雄县", "")


def invented(rows: int) -> Iterator[list[str]]:
    """Yield invented contracts: old codes, names and blanks among the places."""
    chance = random.Random(1)  # noqa: S311 - the same file every time, no secret
    for number in range(rows):
        fen = chance.randrange(10**4, 10**9)
        year, month, day = (
            chance.randrange(20, 26),
            chance.randrange(1, 13),
            chance.randrange(1, 29),
        )
        yield [
            f"5301{number:012d}", f"项目{number}", KINDS[number % 5],
            f"卖方{chance.randrange(3_000):04d}", f"买方{chance.randrange(5_000):04d}",
            chance.choice(PLACES), chance.choice(PLACES),
            PARTIES[number % 3], PARTIES[number % 2], f"{fen / 100:.2f}", f"{fen // 2 / 100:.2f}",
            f"20{year}-{month:02d}-{day:02d}", f"2025-{month:02d}-{day:02d}",
            FIELDS[number % 5], PROPERTY[number % 3], "计划外", "登记处", "登记",
        ]  # fmt: skip


def write_csv(path: Path, rows: int) -> None:
    """Write an invented register as text."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        writer.writerows(invented(rows))


def write_xlsx(path: Path, rows: int) -> None:
    """Write an invented register as a workbook, its money as numbers."""
    from xlsxwriter import Workbook  # noqa: PLC0415 (the measured processes need none)

    with Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADERS)
        for number, row in enumerate(invented(rows), start=1):
            sheet.write_row(
                number, 0, [float(cell) if n in MONEY else cell for n, cell in enumerate(row)]
            )


# --- what is measured ---------------------------------------------------------------------------


def by_import(path: Path) -> Callable[[], None]:
    """Return the whole way from the file to a new workspace."""
    from network_map.contracts.importing.apply import contract_import  # noqa: PLC0415 (alone)
    from network_map.places.gazetteer import open_divisions  # noqa: PLC0415 (alone)

    gazetteer = open_divisions()

    def run() -> None:
        with TemporaryDirectory(prefix="imported") as workspace:
            folder = Path(workspace)
            done = contract_import(path, workspace=folder, gazetteer=gazetteer).apply(folder)
            if not done.is_changed:
                raise RuntimeError(done.snapshot_id)

    return run


def by_validation(path: Path) -> Callable[[], None]:
    """Return reading and validating alone, as the preview does."""
    from network_map.contracts.importing.preview import preview_contracts  # noqa: PLC0415 (alone)
    from network_map.places.gazetteer import open_divisions  # noqa: PLC0415 (alone)

    gazetteer = open_divisions()

    def run() -> None:
        preview_contracts(path, path.name, gazetteer)

    return run


def by_calamine(path: Path) -> Callable[[], None]:
    """Return calamine's bare read."""
    import python_calamine  # noqa: PLC0415 (alone)

    def run() -> None:
        python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()

    return run


def by_openpyxl(path: Path) -> Callable[[], None]:
    """Return openpyxl's bare read, in its fastest mode."""
    import openpyxl  # noqa: PLC0415 (alone)

    def run() -> None:
        sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
        for _ in sheet.iter_rows(values_only=True):
            pass

    return run


def by_duckdb(path: Path) -> Callable[[], None]:
    """Return DuckDB's bare read of a text file into a table."""
    import duckdb  # noqa: PLC0415 (alone)

    def run() -> None:
        with duckdb.connect() as engine:
            engine.execute("CREATE TABLE t AS SELECT * FROM read_csv($1)", [str(path)])

    return run


WAYS = {
    "import": by_import, "validation": by_validation, "calamine": by_calamine,
    "openpyxl": by_openpyxl, "duckdb": by_duckdb,
}  # fmt: skip


def cpu_seconds() -> float:
    """Return the processor time of this process and of the readers it waited for."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def measure_here(way: str, path: Path) -> dict[str, float]:
    """Return time, processor time and the peak memory of one way in this process."""
    run = WAYS[way](path)
    began, used = time.perf_counter(), cpu_seconds()
    run()
    return {
        "s": time.perf_counter() - began,
        "cpu": cpu_seconds() - used,
        "mb": peak_mb(),
        "reader_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
    }


def measure(ways: tuple[str, ...], path: Path, rounds: int = ROUNDS) -> dict[str, dict[str, float]]:
    """Return the least times and the largest peaks of each way, measured in turn."""
    found: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            command = [sys.executable, "-m", "benchmarks.contract_imports", "--way", way]
            done = subprocess.run(
                [*command, "--file", str(path)], check=True, capture_output=True, text=True
            )
            found[way].append(json.loads(done.stdout))
    return {
        way: {
            name: (max if name.endswith("mb") else min)(one[name] for one in measured)
            for name in measured[0]
        }
        for way, measured in found.items()
    }


def _line(kind: str, way: str, one: dict[str, float]) -> str:
    numbers = f"{one['s']:.2f} | {one['cpu']:.2f} | {one['mb']:.0f} | {one['reader_mb']:.0f}"
    return f"| {kind} | {way} | {numbers} |"


def _ratio(measured: dict[str, dict[str, float]], way: str, kind: str = "s") -> float:
    """Return the time of an import by that of a bare read."""
    return measured["import"][kind] / measured[way][kind]


def report(xlsx_rows: int, csv_rows: int, rounds: int = ROUNDS) -> tuple[str, list[str]]:
    """Return the table, and the promises that are not kept."""
    sizes = (csv_rows // 10, csv_rows * 3 // 10, csv_rows)
    with TemporaryDirectory(prefix="imports") as name:
        folder = Path(name)
        book = folder / "register.xlsx"
        write_xlsx(book, xlsx_rows)
        texts = {rows: folder / f"register{rows}.csv" for rows in sizes}
        for rows, path in texts.items():
            write_csv(path, rows)
        sheets = measure(("import", "validation", "calamine", "openpyxl"), book, rounds)
        lines = measure(("import", "validation", "duckdb"), texts[csv_rows], rounds)
        growth = {
            rows: measure(("import",), path, rounds)["import"]
            for rows, path in texts.items()
            if rows != csv_rows
        } | {csv_rows: lines["import"]}
    per_row = {rows: 1e6 * one["cpu"] / rows for rows, one in growth.items()}
    ratios = [
        ("XLSX, import / calamine's read", _ratio(sheets, "calamine"), LIMIT_CALAMINE),
        ("XLSX, import / openpyxl's read", _ratio(sheets, "openpyxl"), LIMIT_OPENPYXL),
        ("CSV, import / DuckDB's read", _ratio(lines, "duckdb"), LIMIT_DUCKDB),
        ("the same, processor time", _ratio(lines, "duckdb", "cpu"), LIMIT_DUCKDB),
        (f"processor time of a row, {csv_rows:,} rows / {sizes[1]:,} rows",
         per_row[csv_rows] / per_row[sizes[1]], LIMIT_LINEAR),
        (f"peak memory, {csv_rows:,} rows / {sizes[1]:,} rows",
         growth[csv_rows]["mb"] / growth[sizes[1]]["mb"], LIMIT_MEMORY),
    ]  # fmt: skip
    table = [
        f"{xlsx_rows:,} rows of XLSX and {csv_rows:,} rows of CSV, {len(HEADERS)} columns;",
        f"least of {rounds}, measured in turn. Processor time is that of the process and the",
        "reader that it starts.",
        "",
        "| file | way | s | processor, s | peak of the process, MB | of its reader, MB |",
        "|---|---|---|---|---|---|",
        *(_line("XLSX", way, one) for way, one in sheets.items()),
        *(_line("CSV", way, one) for way, one in lines.items()),
        "",
        "| CSV rows | import, processor s | µs a row | peak, MB |",
        "|---|---|---|---|",
        *(
            f"| {rows:,} | {one['cpu']:.2f} | {per_row[rows]:.1f} | {one['mb']:.0f} |"
            for rows, one in growth.items()
        ),
        "",
        "| promise | measured | limit |",
        "|---|---|---|",
        *(f"| {promise} | {ratio:.2f} | ≤ {limit:g} |" for promise, ratio, limit in ratios),
    ]
    return "\n".join(table), [promise for promise, ratio, limit in ratios if ratio > limit]


def measure_and_print(
    xlsx_rows: int = XLSX_ROWS, csv_rows: int = CSV_ROWS, rounds: int = ROUNDS, *, is_written: bool
) -> list[str]:
    """Measure, print the table, write it if asked, and return the promises that are not kept."""
    table, broken = report(xlsx_rows, csv_rows, rounds)
    print(table)
    if is_written:
        heading = "# Importing contracts, measured\n\n"
        heading += "`python -m benchmarks.contract_imports --write`\n\n"
        RESULTS.write_text(f"{heading}{table}\n", encoding="utf-8")
    return broken


def main() -> int:
    """Return 0 if every promise is kept, else 1."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.contract_imports", description=__doc__
    )
    parser.add_argument("--xlsx-rows", type=int, default=XLSX_ROWS)
    parser.add_argument("--csv-rows", type=int, default=CSV_ROWS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(measure_here(options.way, options.file)))
        return 0
    broken = measure_and_print(
        options.xlsx_rows, options.csv_rows, options.rounds, is_written=options.write
    )
    if broken:
        print("not kept: " + "; ".join(broken), file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
