"""Every file that the application hands out is the one that was frozen.

After a change that is meant: ``python -m tests.house.golden_exports --freeze``, and read the
difference of ``golden/exports.json``. To see what changed, write the contents from two checkouts
with ``--write FOLDER`` and compare the folders.
"""

from functools import cache

import pytest

from tests.house.golden_content import Frozen
from tests.house.golden_exports import GROUPS, VARIANTS, differences, frozen_now, kept, report_names

pytestmark = pytest.mark.golden


@cache
def kept_of(group: str) -> dict[str, Frozen]:
    return {name: entry for name, entry in kept().items() if name.startswith(f"{group}/")}


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS)
def test_every_file_says_what_it_said_when_it_was_frozen(group: str) -> None:
    found = differences(kept_of(group), frozen_now(group))
    assert found == [], "\n".join(found)


def test_every_report_is_frozen() -> None:
    assert set(VARIANTS) == report_names()
    assert all(kept_of(group) for group in GROUPS)


def test_every_frozen_file_belongs_to_a_group() -> None:
    assert [name for name in kept() if not name.startswith(tuple(f"{g}/" for g in GROUPS))] == []


@pytest.mark.parametrize(
    ("told", "derived"),
    [
        ("commands/nodes.csv", "demo/nodes/zh/first.csv"),
        ("commands/contracts.csv", "demo/contracts/zh/place/first.csv"),
        ("commands/gaps.csv", "demo/gaps/zh/first.csv"),
        ("commands/indices.csv", "demo/county_index/zh/first.csv"),
        ("commands/groups.csv", "demo/index_groups/zh/output.csv"),
    ],
)
def test_a_command_writes_the_file_of_the_report(told: str, derived: str) -> None:
    assert kept()[told].sha256 == kept()[derived].sha256
