"""No page, command, option, table, column, report or link parameter is lost or slips in.

After a change that is meant: ``python -m tests.house.feature_list``, and read the difference.
"""

from collections.abc import Mapping
from functools import cache

import pytest

from tests.house.feature_list import (
    FULL_LINK,
    SEVERAL_LINK,
    address_after,
    differences,
    features,
    kept,
)

pytestmark = pytest.mark.promise
present = cache(features)


@pytest.mark.parametrize("sort", kept())
def test_what_the_application_has_is_what_was_kept(sort: str) -> None:
    found = differences({sort: kept()[sort]}, {sort: present()[sort]})
    assert found == [], "\n".join(found)


def test_nothing_is_of_a_sort_that_was_not_kept() -> None:
    assert set(present()) == set(kept())


@pytest.mark.parametrize("link", [FULL_LINK, SEVERAL_LINK], ids=["nested", "several"])
def test_an_address_with_every_choice_comes_back_as_it_was(link: Mapping[str, str]) -> None:
    assert address_after(link) == dict(link)


def test_the_addresses_hold_every_link_parameter() -> None:
    # No shipped data set has travel times of its own: tests/app/test_travel.py holds those two.
    assert {*FULL_LINK, *SEVERAL_LINK, "gap_min", "gap_travel"} == set(kept()["link parameter"])


def test_a_lost_a_new_and_a_changed_feature_are_named() -> None:
    old = {"column": {"gaps.score": "number", "gaps.rank": "integer"}}
    new = {"column": {"gaps.score": "text", "gaps.place": "text"}}
    assert differences(old, new) == [
        "The column gaps.rank disappeared.",
        "The column gaps.place appeared.",
        "The column gaps.score was ‘number’ and is ‘text’.",
    ]
