"""A link restores the view; what it gets wrong is named and replaced."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.i18n import LANGUAGES, problem_text
from network_map.nodes.query import (
    Overlay,
    OverviewQuery,
    link_parameters,
    parse_breaks,
    query_from_link,
)
from network_map.terms import AdminLevel, Classifier
from tests.nodes.world import DIVISIONS, KINDS

_KIND_IDS = list(KINDS["kind"])


@pytest.mark.law
@settings(deadline=None, derandomize=True)
@given(
    st.builds(
        OverviewQuery,
        prefecture_adcode=st.sampled_from([None, "530100", "530600"]),
        kinds=st.sets(st.sampled_from(_KIND_IDS)).map(
            lambda chosen: tuple(kind for kind in _KIND_IDS if kind in chosen)
        ),
        overlay=st.sampled_from(Overlay),
        level=st.sampled_from([AdminLevel.COUNTY, AdminLevel.PREFECTURE]),
        classifier=st.sampled_from(Classifier),
        class_count=st.integers(3, 9),
        own_breaks=st.lists(st.integers(0, 900), max_size=4).map(
            lambda numbers: tuple(float(number) for number in numbers)
        ),
        selected_adcode=st.sampled_from([None, "530627"]),
    )
)
def test_a_link_restores_the_query_it_was_made_from(query: OverviewQuery) -> None:
    restored, problems = query_from_link(link_parameters(query), DIVISIONS, KINDS, "zh")
    assert restored == query
    assert problems == ()


def test_the_usual_view_needs_no_parameters() -> None:
    assert link_parameters(OverviewQuery()) == {}


@pytest.mark.law
@settings(deadline=None, derandomize=True)
@given(
    st.dictionaries(
        st.sampled_from(["prefecture", "kinds", "overlay", "level", "classes", "k", "breaks"]),
        st.text(max_size=60),
    )
)
def test_no_link_is_fatal_and_each_problem_has_its_sentence(parameters: dict[str, str]) -> None:
    query, problems = query_from_link(parameters, DIVISIONS, KINDS, "en")
    assert isinstance(query, OverviewQuery)
    for problem in problems:
        for language in LANGUAGES:
            assert problem_text(problem, language)


def test_an_unknown_prefecture_is_named_and_the_province_is_shown() -> None:
    query, problems = query_from_link({"prefecture": "999999"}, DIVISIONS, KINDS, "zh")
    assert query.prefecture_adcode is None
    assert [problem.value for problem in problems] == ["999999"]
    assert "530600" in problem_text(problems[0], "zh")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("10, 20,30;40", (10.0, 20.0, 30.0, 40.0)), ("", ()), ("a,1", None), ("1 2", (1.0, 2.0))],
)
def test_breaks_are_read_with_chinese_and_latin_separators(
    text: str, numbers: tuple[float, ...] | None
) -> None:
    assert parse_breaks(text) == numbers
