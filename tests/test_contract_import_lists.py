"""Ugly contract registers, each with what must become of it row by row."""

import pandas as pd
import pytest

from network_map.errors import FileFormatError
from network_map.i18n import LANGUAGES, error_text, problem_text
from network_map.schema.check import check
from network_map.schema.contracts import CONTRACTS
from network_map.sources.contract_list import preview_contracts
from network_map.sources.divisions import Gazetteer
from network_map.workspace import open_reference
from tests.ugly_contracts import LETTERS, LISTS, REFUSED, UGLY, preview


@pytest.fixture(scope="module")
def reference() -> Gazetteer:
    return open_reference().gazetteer


def test_every_register_in_the_folder_has_an_expectation() -> None:
    files = {path.name for path in LISTS.iterdir() if path.suffix not in {".py", ""}}
    assert files == set(UGLY) | set(REFUSED)
    assert len(files) >= 40


@pytest.mark.parametrize("name", UGLY)
def test_an_ugly_register_becomes_what_it_says(reference: Gazetteer, name: str) -> None:
    expected, found = UGLY[name], preview(reference, name)
    assert list(found.rows["outcome"]) == [LETTERS[letter] for letter in expected.outcomes]
    assert expected.codes <= {problem.code for problem in found.problems}
    assert found.totals.contract_value_fen == expected.fen
    check(CONTRACTS, found.contracts)
    for column, values in expected.cells.items():
        cells = [None if pd.isna(cell) else cell for cell in found.contracts[column]]
        assert cells == list(values), column


@pytest.mark.parametrize("name", UGLY)
def test_every_problem_of_a_register_is_a_sentence_in_both_languages(
    reference: Gazetteer, name: str
) -> None:
    for problem in preview(reference, name).problems:
        sentences = [problem_text(problem, language) for language in LANGUAGES]
        assert all("{" not in sentence and "None" not in sentence for sentence in sentences)


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_register_is_refused_with_a_sentence(
    reference: Gazetteer, name: str
) -> None:
    _, code = REFUSED[name]
    for given in ((LISTS / name).read_bytes(), LISTS / name):
        with pytest.raises(FileFormatError) as raised:
            preview_contracts(given, name, reference)
        assert raised.value.code == code
        assert all(error_text(raised.value, language) for language in LANGUAGES)
