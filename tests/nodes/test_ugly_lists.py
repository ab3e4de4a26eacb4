"""Ugly node lists, each with what must become of it row by row."""

import pandas as pd
import pytest

from network_map.i18n import LANGUAGES, problem_text
from network_map.nodes.importing.preview import NodeListReference, open_reference
from network_map.nodes.tables import NODES
from network_map.tables.check import check
from tests.nodes.ugly_lists import EXPECTED, codes, preview
from tests.paths import NODE_LISTS


@pytest.fixture(scope="module")
def reference() -> NodeListReference:
    return open_reference()


def test_every_list_in_the_folder_has_an_expectation() -> None:
    files = {path.name for path in NODE_LISTS.iterdir() if path.suffix not in {".py", ""}}
    assert files == set(EXPECTED) | {"ticks.xlsx"}


@pytest.mark.parametrize("name", EXPECTED)
def test_an_ugly_list_becomes_what_it_says(reference: NodeListReference, name: str) -> None:
    expected, found = EXPECTED[name], preview(reference, name)
    rows = {
        row: (outcome, None if pd.isna(kind) else kind, None if pd.isna(adcode) else adcode)
        for row, outcome, kind, adcode in found.rows[
            ["row", "outcome", "kind", "adcode"]
        ].itertuples(index=False)
    }
    if name == "dates.csv":
        rows = {row: (outcome, kind, None) for row, (outcome, kind, _) in rows.items()}
    assert rows == dict(expected.rows)
    assert expected.codes <= codes(found)
    assert found.dropped_columns == expected.dropped
    check(NODES, found.nodes)
    assert len(found.nodes) == len(found.accepted) + len(found.corrected)


@pytest.mark.parametrize("name", EXPECTED)
def test_every_problem_is_a_sentence_in_both_languages(
    reference: NodeListReference, name: str
) -> None:
    for problem in preview(reference, name).problems:
        sentences = [problem_text(problem, language) for language in LANGUAGES]
        assert all("{" not in sentence and "None" not in sentence for sentence in sentences)
