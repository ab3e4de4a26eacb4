"""Ugly files of every kind of list in every format: a right table or a clear sentence."""

from collections import Counter
from collections.abc import Iterator

import pandas as pd
import pytest

from network_map.errors import FileFormatError
from network_map.i18n import LANGUAGES, error_text, problem_text
from network_map.listfiles.preview import ListPreview
from tests.listfiles.every_list import CLEAN, READERS, table_of
from tests.listfiles.in_process import readers_in_process
from tests.listfiles.ugly_files import files
from tests.written import FORMATS

FILES = dict(files())
LETTERS = {"accepted": "A", "corrected": "C", "doubtful": "D", "refused": "R", "excluded": "X"}


def test_there_are_files_of_every_list_in_every_format() -> None:
    assert len(FILES) >= 150
    kinds = Counter((ugly.what, name.rpartition(".")[2]) for name, ugly in FILES.items())
    assert {*kinds} == {(what, kind) for what in CLEAN for kind in FORMATS}
    clean = [ugly for ugly in FILES.values() if set(ugly.outcomes) <= {"A"} and not ugly.is_open]
    assert 3 * len(clean) > len(FILES), "a third of them is there to catch false alarms"


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    with readers_in_process():
        yield


def whole(what: str, content: bytes, name: str) -> ListPreview | FileFormatError:
    try:
        return READERS[what](content, name)
    except FileFormatError as error:
        return error


@pytest.mark.parametrize("name", FILES)
def test_an_ugly_file_becomes_what_it_says(name: str) -> None:
    ugly = FILES[name]
    found = whole(ugly.what, ugly.content(), name)
    if isinstance(found, FileFormatError):
        assert all(error_text(found, language) for language in LANGUAGES)
        assert f"!{found.code}" == ugly.outcomes
        return
    said = {problem.code for problem in found.problems}
    assert all(problem_text(p, language) for p in found.problems for language in LANGUAGES)
    if ugly.outcomes.startswith("!"):  # of the whole file, though it could be read
        assert {p.code for p in found.file_problems} >= {ugly.outcomes[1:]}
        return
    outcomes = "".join(LETTERS[outcome] for outcome in found.rows.sort_values("row")["outcome"])
    told = [problem_text(p, "zh") for p in found.problems]
    assert (outcomes, sorted(ugly.codes - said)) == (ugly.outcomes, []), told
    assert (found.state(confirm=False, skip_rows=False) == "blocked") is ugly.is_open, told
    table = table_of(found)
    for column, values in ugly.cells.items():
        cells = [None if pd.isna(cell) else cell for cell in table[column]]
        assert cells == list(values), column
