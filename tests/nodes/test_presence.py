"""Presence has three values, and declared totals are held against names."""

from collections.abc import Hashable
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.nodes.presence import place_roll, reconciliation
from tests.nodes.world import DIVISIONS, KINDS, complete, nodes, totals

CENTRE = "county_centre"
COUNTIES = ["530102", "530103", "530127", "530602", "530627"]


def _presence(roll: pd.DataFrame, kind: str) -> dict[str, str]:
    rows = roll[roll["kind"] == kind]
    return dict(zip(rows["adcode"], rows["presence"], strict=True))


def test_a_place_that_no_list_names_is_unknown_and_not_absent() -> None:
    roll = place_roll(nodes((CENTRE, "530102")), DIVISIONS, KINDS, complete())
    assert _presence(roll, CENTRE) == {
        "530102": "present",
        "530103": "unknown",
        "530127": "unknown",
        "530602": "unknown",
        "530627": "unknown",
    }


def test_absence_is_concluded_only_where_the_list_is_declared_complete() -> None:
    roll = place_roll(nodes((CENTRE, "530102")), DIVISIONS, KINDS, complete((CENTRE, "530100")))
    assert _presence(roll, CENTRE) == {
        "530102": "present",
        "530103": "absent",
        "530127": "absent",
        "530602": "unknown",
        "530627": "unknown",
    }
    assert _presence(roll, "sub_market") == {"530100": "unknown", "530600": "unknown"}


def test_a_province_wide_claim_covers_every_prefecture() -> None:
    roll = place_roll(nodes(), DIVISIONS, KINDS, complete(("sub_market", "530000")))
    assert _presence(roll, "sub_market") == {"530100": "absent", "530600": "absent"}


def test_a_withdrawn_node_is_an_absence_that_the_list_states() -> None:
    withdrawn = {"status": "withdrawn"}
    roll = place_roll(
        nodes((CENTRE, "530102", withdrawn), (CENTRE, "530103", withdrawn), (CENTRE, "530103")),
        DIVISIONS,
        KINDS,
        complete(),
    )
    presence = _presence(roll, CENTRE)
    assert presence["530102"] == "absent"
    assert presence["530103"] == "present"


def test_two_names_in_one_place_are_one_presence_with_the_weaker_origin() -> None:
    register = nodes((CENTRE, "530102"), (CENTRE, "530102", {"origin": "assumed"}))
    roll = place_roll(register, DIVISIONS, KINDS, complete())
    row = _rows(roll)[CENTRE, "530102"]
    assert str(row["node_names"]).count("、") == 1
    assert row["origin"] == "assumed"
    assert row["basis_code"] == "named_assumed"


def test_kinds_that_are_not_counted_are_not_reconciled() -> None:
    roll = place_roll(nodes(("pilot_base", "530102")), DIVISIONS, KINDS, complete())
    assert "pilot_base" not in set(roll["kind"])


def _rows(table: pd.DataFrame) -> dict[tuple[str, str], dict[Hashable, Any]]:
    return {(row["kind"], row["adcode"]): row for row in table.to_dict("records")}


def _table(register: pd.DataFrame, declared: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    roll = place_roll(register, DIVISIONS, KINDS, claims)
    return reconciliation(register, roll, DIVISIONS, declared)


def test_reconciliation_names_what_is_missing_and_what_is_too_much() -> None:
    register = nodes(
        (CENTRE, "530102"),
        (CENTRE, "530103", {"status": "planned"}),
        (CENTRE, "530127", {"status": "withdrawn"}),
        ("sub_market", "530100"),
        ("sub_market", "530600"),
    )
    declared = totals((CENTRE, "530000", 4), ("sub_market", "530000", 1))
    rows = _rows(_table(register, declared, complete()))
    centre = rows[CENTRE, "530000"]
    assert (centre["declared_count"], centre["named_count"], centre["unnamed_count"]) == (4, 2, 2)
    assert (centre["planned_count"], centre["withdrawn_count"]) == (1, 1)
    assert (centre["present_count"], centre["absent_count"], centre["unknown_count"]) == (2, 1, 2)
    assert centre["verdict_code"] == "names_missing"
    assert rows["sub_market", "530000"]["verdict_code"] == "surplus"
    assert rows[CENTRE, "530100"]["verdict_code"] == "undeclared"
    assert pd.isna(rows[CENTRE, "530100"]["declared_count"])
    assert ("provincial_market", "530100") not in rows


def test_a_list_declared_complete_with_too_few_names_contradicts_the_total() -> None:
    table = _table(
        nodes((CENTRE, "530102")), totals((CENTRE, "530000", 4)), complete((CENTRE, "530000"))
    )
    assert _rows(table)[CENTRE, "530000"]["verdict_code"] == "contradiction"


def test_the_latest_total_counts() -> None:
    older = totals((CENTRE, "530000", 2)).assign(as_of="2018-04")
    newer = totals((CENTRE, "530000", 4))
    table = _table(nodes(), pd.concat([newer, older]), complete())
    assert _rows(table)[CENTRE, "530000"]["declared_count"] == 4


@settings(deadline=None, derandomize=True, max_examples=25)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["county_centre", "demonstration_county"]),
            st.sampled_from(COUNTIES),
            st.sampled_from(["built", "planned", "withdrawn", "unknown"]),
        ),
        max_size=12,
    ),
    claims=st.sets(st.sampled_from([(CENTRE, "530100"), (CENTRE, "530600"), (CENTRE, "530000")])),
)
def test_the_three_values_fill_all_places_and_prefectures_add_up_to_the_province(
    rows: list[tuple[str, str, str]], claims: set[tuple[str, str]]
) -> None:
    register = nodes(*[(kind, adcode, {"status": status}) for kind, adcode, status in rows])
    table = _table(register, totals((CENTRE, "530000", 3)), complete(*claims))
    parts = table[["present_count", "absent_count", "unknown_count"]].sum(axis=1)
    assert (parts == table["place_count"]).all()
    county_kinds = table[table["kind"].isin(["county_centre", "demonstration_county"])]
    columns = ["named_count", "withdrawn_count", "present_count", "absent_count", "place_count"]
    province = county_kinds[county_kinds["level"] == "province"].set_index("kind")[columns]
    prefectures = county_kinds[county_kinds["level"] == "prefecture"]
    summed = prefectures.groupby("kind")[columns].sum()
    assert (province.sort_index() == summed.sort_index()).all(axis=None)
