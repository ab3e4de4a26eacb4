"""A command loads what its question needs, and no other library."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import CONTRACT_LISTS, ROOT

pytestmark = pytest.mark.long

SCREEN = {"streamlit", "starlette", "tornado"}
ENGINES = {"ibis", "duckdb", "sqlglot"}
MAP_FILE = {"folium", "branca", "requests"}
SHAPES = {"geopandas"}
WRITERS = {"xlsxwriter", "pyogrio"}
NUMBERS = {"scipy"}
SOLVER = {"highspy"}
ALL = SCREEN | ENGINES | MAP_FILE | SHAPES | WRITERS | NUMBERS | SOLVER

PROGRAM = """
import sys
from network_map.cli import main
code = main(sys.argv[1:])
print(code, *sorted(name for name in sys.modules if "." not in name), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        (["--help"], set()),
        (["nodes", "--dataset", "demo"], set()),
        (["contracts", "--dataset", "demo"], ENGINES | SHAPES),
        (["gaps", "--dataset", "public"], set()),
        (["gaps", "--dataset", "demo"], set()),
        (["indices", "--dataset", "public"], NUMBERS | SHAPES),
        (["site", "--dataset", "demo"], NUMBERS | SOLVER),
        (["import", "contracts", str(CONTRACT_LISTS / "kinds.csv")], set()),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else "",
)
def test_a_command_loads_the_libraries_of_its_question_alone(
    words: list[str], needed: set[str], tmp_path: Path
) -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        env={**os.environ, "NETWORK_MAP_WORKSPACE": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, encoding="utf-8", check=True, timeout=120,
    )  # fmt: skip
    code, *loaded = run.stderr.splitlines()[-1].split()
    assert code in {"0", "1"}
    assert ALL & set(loaded) == needed
