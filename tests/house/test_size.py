"""The package stays few rooms of a good size, and a page loads what it asks and no more."""

import io
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

from tests.paths import ROOT

MODULES = sorted((ROOT / "network_map").rglob("*.py"))
NOT_CODE = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE,
    tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER,
}  # fmt: skip

pytestmark = pytest.mark.promise


def code_lines(path: Path) -> int:
    """Return the lines with code: no blanks, no comments, no text that stands alone."""
    lines: set[int] = set()
    is_start = True
    for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
        if token.type not in NOT_CODE and not (is_start and token.type == tokenize.STRING):
            lines |= set(range(token.start[0], token.end[0] + 1))
        is_start = token.type in NOT_CODE
    return len(lines)


def test_the_package_has_few_modules_of_a_good_size() -> None:
    assert len(MODULES) <= 195
    assert sum(map(code_lines, MODULES)) / len(MODULES) >= 140


@pytest.mark.parametrize(("page", "most"), [("gaps", 125), ("data_check", 70)])
def test_a_page_loads_what_it_asks(page: str, most: int) -> None:
    code = (
        f"import sys, network_map.app.{page}\n"
        "print(sum(name.split('.')[0] == 'network_map' for name in sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, env={"PYTHONPATH": str(ROOT), "PATH": ""}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert int(done.stdout) <= most
