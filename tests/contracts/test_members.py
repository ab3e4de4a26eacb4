"""Contracts of a group of parties: inside, out and in, exactly as a count by hand gives them."""

from collections import Counter
from collections.abc import Collection

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.consortia.answer import member_contracts
from network_map.contracts.register.engine import fetch, register_of
from network_map.contracts.volumes import member_contract_counts, member_volumes
from tests.consortia.world import members_of
from tests.contracts.world import ROWS, Row, as_sums, tables_of

NAMES = ["卖方0001", "卖方0002", "买方0001", "\\.", "甲(集团)公司"]


def row(seller: str | None, buyer: str | None, value: int, status: str = "registered") -> Row:
    return {
        "contract_kind": "service", "kind_scheme": "five", "contract_status": status,
        "seller_name": seller, "buyer_name": buyer, "contract_value_fen": value,
    }  # fmt: skip


def by_hand(rows: list[Row], members: Collection[str]) -> dict[tuple[str], tuple[int, int]]:
    found: dict[str, list[int]] = {}
    for one in rows:
        sides = (one["seller_name"] in members, one["buyer_name"] in members)
        if one["contract_status"] != "cancelled" and any(sides):
            direction = "inside" if all(sides) else ("out" if sides[0] else "in")
            found.setdefault(direction, []).append(one["contract_value_fen"])
    return {(name,): (len(values), sum(values)) for name, values in found.items()}


@pytest.mark.long
@pytest.mark.oracle
@settings(max_examples=12)
@given(ROWS, st.sets(st.sampled_from(NAMES)))
def test_every_direction_is_counted_once_and_to_the_fen(rows: list[Row], members: set[str]) -> None:
    register = register_of("test", tables_of(rows))
    found = as_sums(fetch(register, member_volumes(register.contracts, members)))
    assert found == by_hand(rows, members)
    live = [one for one in rows if one["contract_status"] != "cancelled"]
    sold = Counter(one["seller_name"] for one in live)
    bought = Counter(one["buyer_name"] for one in live)
    counts = fetch(register, member_contract_counts(register.contracts, members))
    assert {
        name: (sells, buys) for name, sells, buys in counts.itertuples(index=False, name=None)
    } == {n: (sold[n], bought[n]) for n in members if sold[n] + bought[n]}


def test_a_member_is_found_by_its_register_name_and_with_brackets_of_either_width() -> None:
    rows = [
        row("卖方0001", "甲\uff08集团\uff09公司", 300),
        row("甲(集团)公司", "别家", 50),
        row("别家", "卖方0001", 7),
        row("卖方0001", "别家", 1000, "cancelled"),
        row(None, None, 9),
    ]
    members = members_of(("甲(集团)公司", "530102"), ("乙公司", None), ("丙公司", "outside"))
    members.loc[members["member_name"] == "乙公司", "register_name"] = "卖方0001"
    found = member_contracts(register_of("test", tables_of(rows)), members)
    assert as_sums(found.volumes) == {("inside",): (1, 300), ("out",): (1, 50), ("in",): (1, 7)}
    columns = ["member_name", "sold_count", "bought_count"]
    assert list(found.counts[columns].itertuples(index=False, name=None)) == [
        ("甲(集团)公司", 1, 1), ("乙公司", 1, 1), ("丙公司", 0, 0),
    ]  # fmt: skip
    assert found.matched_count == 2


def test_a_register_without_contracts_gives_three_zeros() -> None:
    found = member_contracts(register_of("test", tables_of([])), members_of(("甲", None)))
    assert list(found.volumes["contract_count"]) == [0, 0, 0]
    assert list(found.volumes["contract_value_fen"]) == [0, 0, 0]
    assert found.matched_count == 0
