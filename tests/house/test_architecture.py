"""Whoever looks for a number finds it in three hops, and each name means one thing."""

import ast
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.paths import ROOT

PACKAGE = ROOT / "network_map"
# What every page or every command has by the same name: `app.gaps.show`, `cli.gaps.run`.
INTERFACES = {"app", "cli"}

pytestmark = pytest.mark.promise


def path_of(module: str) -> Path:
    return ROOT / f"{module.replace('.', '/')}.py"


def imported_by(module: str) -> set[str]:
    """Return the modules from which a module takes something."""
    found = set()
    for node in ast.walk(ast.parse(path_of(module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize(
    ("number", "hops"),
    [
        (
            "the score of 镇雄县",
            ("app.gap_answers", "gaps.answer", "gaps.priority"),
        ),
        (
            "a sum of contracts",
            ("app.contract_answers", "contracts.counts", "contracts.volumes"),
        ),
        (
            "the distance of 镇雄县 to its sub-market",
            ("app.gap_answers", "gaps.reach", "reach.roads"),
        ),
    ],
)
def test_a_number_is_found_in_three_hops(number: str, hops: tuple[str, ...]) -> None:
    page, answer, measure = (f"network_map.{name}" for name in hops)
    assert answer in imported_by(page), f"{number}: {page} does not ask {answer}"
    assert measure in imported_by(answer), f"{number}: {answer} does not ask {measure}"
    told = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for name in hops:
        assert f"`{name.replace('.', '/')}.py`" in told, f"{number}: the page on architecture"


def test_a_public_name_means_one_thing_in_the_package() -> None:
    homes = defaultdict(set)
    for path in sorted(PACKAGE.rglob("*.py")):
        module = path.relative_to(PACKAGE).with_suffix("").as_posix()
        if module.split("/")[0] in INTERFACES:
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].add(module)
    twice = {name: sorted(modules) for name, modules in homes.items() if len(modules) > 1}
    twice.pop("main", None)  # what a program of its own begins with
    assert twice == {}


def test_the_python_road_runs_as_it_is_written(tmp_path: Path) -> None:
    code = (
        "import doctest, sys, network_map\n"
        "failed, tried = doctest.testmod(network_map)\n"
        "assert tried > 10 and not failed\n"
        "assert 'streamlit' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": ""}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
