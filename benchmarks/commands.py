"""Processor time of commands from a cold start, against importing pandas and geopandas alone.

``python -m benchmarks.commands`` prints the table and fails when a promise is not kept;
``--write`` puts it into ``commands.md``. The commands and the yardstick take turns. Their processor
time is compared: what else the machine does changes it least.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

RESULTS = Path(__file__).with_name("commands.md")
REPEATS = 5
LIST_ROWS = 60
YARDSTICK: tuple[str, ...] = ("-c", "import pandas, geopandas")


@dataclass(frozen=True)
class Command:
    """A command and how many times the yardstick it may take."""

    words: tuple[str, ...]
    limit: float


COMMANDS = (
    Command(("nodes", "--dataset", "demo"), 1.5),
    Command(("import", "contracts", "LIST"), 2.0),
    Command(("gaps", "--dataset", "public"), 2.5),
    Command(("gaps", "--dataset", "demo"), 3.0),
    Command(("contracts", "--dataset", "demo"), 3.0),
)


def contract_list() -> str:
    """Return a short contract list as a planner has it."""
    heads = (
        "合同登记编号,项目名称,合同类型,卖方名称,买方名称,卖方所在地,买方所在地,"
        "合同成交额(万元),技术交易额(万元),签订日期,认定登记日期,登记状态"
    )
    rows = [
        f"202453{n:06d},项目{n},技术服务,卖方{n % 7},买方{n % 9},昆明市五华区,大理市,"
        f"{10 + n},{5 + n},2024-06-{1 + n % 28:02d},2024-07-01,已登记"
        for n in range(LIST_ROWS)
    ]
    return "\n".join((heads, *rows, ""))


def environment(workspace: Path) -> dict[str, str]:
    """Return the environment of a program: byte code is kept, as in an installed package."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "NETWORK_MAP_WORKSPACE": str(workspace)}


def processor_seconds(words: Sequence[str], workspace: Path) -> float:
    """Return the processor time of a program of this interpreter, its output thrown away."""
    began = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, *words], check=True, stdout=subprocess.DEVNULL,
        env=environment(workspace),
    )  # fmt: skip
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime


def measured() -> dict[tuple[str, ...], list[float]]:
    """Return the times of the yardstick and of each command, measured turn by turn."""
    with TemporaryDirectory() as folder:
        written = Path(folder) / "contracts.csv"
        written.write_text(contract_list(), encoding="utf-8")
        programs = {YARDSTICK: YARDSTICK}
        for command in COMMANDS:
            asked = [str(written) if word == "LIST" else word for word in command.words]
            programs[command.words] = ("-m", "network_map", *asked)
        times: dict[tuple[str, ...], list[float]] = {name: [] for name in programs}
        for turn in range(REPEATS + 1):
            for name, words in programs.items():
                spent = processor_seconds(words, Path(folder))
                if turn:  # the first reads the files from the disk
                    times[name].append(spent)
    return times


def measure_and_print(*, is_written: bool) -> list[str]:
    """Print the table, write it where asked, and return the promises that are not kept."""
    times = measured()
    floor = times[YARDSTICK]
    lines = [
        f"| `{' '.join(YARDSTICK)}` | {min(floor):.2f} | {statistics.median(floor):.2f} | | | |"
    ]
    broken = []
    for command in COMMANDS:
        found = times[command.words]
        least = min(found) / min(floor)
        middle = statistics.median(found) / statistics.median(floor)
        lines.append(
            f"| `{' '.join(command.words)}` | {min(found):.2f} | {statistics.median(found):.2f} "
            f"| {least:.2f} | {middle:.2f} | ≤ {command.limit} |"
        )
        if least > command.limit:
            broken.append(f"{' '.join(command.words)}: {least:.2f} times the yardstick")
    table = "\n".join(
        (
            "# Commands from a cold start, measured",
            "",
            "`python -m benchmarks.commands --write`",
            "",
            f"Processor time, least and median of {REPEATS}, in turn; the promise is about the",
            f"least. `LIST` has {LIST_ROWS} contracts and is previewed.",
            "",
            "| program | least, s | median, s | least, × | median, × | limit |",
            "|---|---|---|---|---|---|",
            *lines,
            "",
        )
    )
    print(table)
    if is_written:
        RESULTS.write_text(table, encoding="utf-8")
    return broken


def main() -> int:
    """Return 0 if every promise is kept, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.commands", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    broken = measure_and_print(is_written=parser.parse_args().write)
    if broken:
        print("not kept: " + "; ".join(broken), file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
