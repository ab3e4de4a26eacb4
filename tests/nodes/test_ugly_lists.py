"""Ugly node lists, each with what must become of it row by row."""

import re

import pandas as pd
import pytest

from network_map.i18n import problem_text
from network_map.nodes.importing.preview import NodeListReference
from network_map.nodes.tables import NODES
from network_map.tables.check import check
from tests.nodes.ugly_lists import EXPECTED, codes, preview
from tests.paths import NODE_LISTS

ENGLISH_WORDS = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}")


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
    assert found.columns.dropped == expected.dropped
    check(NODES, found.nodes)
    assert len(found.nodes) == len(found.accepted) + len(found.corrected)


@pytest.mark.parametrize("name", EXPECTED)
def test_every_problem_is_a_sentence_in_both_languages(
    reference: NodeListReference, name: str
) -> None:
    for problem in preview(reference, name).problems:
        chinese, english = (problem_text(problem, language) for language in ("zh", "en"))
        assert all(
            "{" not in sentence and "None" not in sentence for sentence in (chinese, english)
        )
        assert re.search("[A-Za-z]{2,} [a-z]{2,}", english)
        assert not ENGLISH_WORDS.search(re.sub("“.*”", "", chinese))
