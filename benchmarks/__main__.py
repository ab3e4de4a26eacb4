"""Measure, print the table, and fail when a promise is not kept: ``python -m benchmarks``."""

import argparse
import sys
from pathlib import Path

from benchmarks import (
    commands,
    contract_imports,
    contracts,
    gaps,
    list_preview,
    reach,
    road_file,
)
from benchmarks.map_page import Size, limits, measure, page_of, report

RESULTS = Path(__file__).with_name("results.md")


def main() -> int:
    """Return 0 if every promise is kept, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    options = parser.parse_args()
    size = Size(rounds=1, crowd_clicks=4) if options.quick else Size()
    pages = measure(size)
    kept = limits(*pages)
    table = report(pages, kept, size)
    print(table)
    if options.write:
        # What was written by hand below the tables stays.
        _, mark, notes = RESULTS.read_text(encoding="utf-8").partition("\n## ")
        RESULTS.write_text(page_of(table) + mark + notes, encoding="utf-8")
    broken = [limit.promise for limit in kept if not limit.is_kept]
    part = 10 if options.quick else 1
    broken += contract_imports.measure_and_print(
        contract_imports.XLSX_ROWS // part,
        contract_imports.CSV_ROWS // part,
        is_written=options.write and not options.quick,
    )
    if not options.quick:
        broken += contracts.measure_and_print(is_written=options.write)
        broken += reach.measure_and_print(is_written=options.write)
        broken += road_file.measure_and_print(is_written=options.write)
        broken += commands.measure_and_print(is_written=options.write)
        broken += list_preview.measure_and_print(is_written=options.write)
        broken += gaps.measure_and_print(is_written=options.write)
    if broken:
        print("not kept: " + "; ".join(broken), file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
