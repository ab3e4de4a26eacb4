"""Blank counties and centres: zero needs a register, idle needs a table of what centres did."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

from network_map.activity.tables import BLANK_COUNTIES, CENTRE_ACTIVITY, CENTRE_STATES
from network_map.activity.windows import blank_counties, centre_states
from network_map.tables.check import check, conform
from tests.activity.world import WINDOW, volumes
from tests.nodes.world import DIVISIONS, nodes

OLD = (None, 2019, 1, 1)


def blanks(
    output: pd.DataFrame | None,
    absorption: pd.DataFrame | None = None,
    covers_from: date | None = None,
) -> pd.DataFrame:
    table = blank_counties(DIVISIONS, output, absorption, window=WINDOW, covers_from=covers_from)
    check(BLANK_COUNTIES, table)
    return table


def output_rows(table: pd.DataFrame) -> Any:  # noqa: ANN401 (cells are compared freely)
    return table[table["side"] == "output"].set_index("adcode")


def work(*rows: tuple[int, str, int | None, int | None, int | None]) -> pd.DataFrame:
    columns = ["year", "node_id", "staff_count", "service_count", "contracts_brokered_count"]
    table = pd.DataFrame(rows, columns=columns).assign(origin="official", source="test")
    return conform(CENTRE_ACTIVITY, table)


def test_a_county_without_a_contract_in_the_window_is_blank_and_its_last_one_is_told() -> None:
    rows = output_rows(blanks(volumes(
        OLD, ("530102", 2023, 1, 1), ("530103", 2022, 12, 4), ("530627", 2021, None, 4),
        ("530100", 2024, 1, 3),
    )))  # fmt: skip
    assert rows.loc["530102", "state_code"] == "active"
    assert rows.loc["530103", "state_code"] == "blank"
    assert rows.loc["530103", "last_signed_on"] == "2022-12"
    assert rows.loc["530627", "last_signed_on"] == "2021"
    assert pd.isna(rows.loc["530602", "last_signed_on"])
    assert rows["prefecture_only_count"].tolist() == [3, 3, 3, 0, 0]


def test_no_register_makes_no_county_blank() -> None:
    rows = output_rows(blanks(None, volumes(OLD, ("530102", 2024, 1, 1))))
    assert set(rows["state_code"]) == {"unknown"}
    assert set(rows["reason_code"]) == {"no_register"}
    assert rows["contract_count"].isna().all()


def test_a_register_that_begins_inside_the_window_makes_no_county_blank() -> None:
    short = volumes(("530102", 2024, 1, 1))
    rows = output_rows(blanks(short))
    assert rows["state_code"].tolist() == ["active", "unknown", "unknown", "unknown", "unknown"]
    assert set(rows["reason_code"]) == {"counted", "part_covered"}
    declared = output_rows(blanks(short, covers_from=date(2023, 1, 1)))
    assert declared["state_code"].tolist() == ["active", *["blank"] * 4]


def test_a_contract_that_may_lie_in_the_window_makes_a_zero_unknown() -> None:
    rows = output_rows(blanks(volumes(OLD, ("530103", None, None, 1))))
    assert rows.loc["530103", ["state_code", "reason_code"]].tolist() == ["unknown", "undated"]
    assert rows.loc["530602", "state_code"] == "blank"


CENTRES = nodes(
    ("county_centre", "530102"),
    ("county_centre", "530103"),
    ("county_centre", "530602"),
    ("county_centre", "530627", {"status": "withdrawn"}),
    ("county_centre", "530127", {"status": "planned"}),
    ("demonstration_county", "530103"),
)


def states(
    output: pd.DataFrame | None, absorption: pd.DataFrame | None, done: pd.DataFrame | None = None
) -> dict[str, str]:
    table = centre_states(CENTRES, blanks(output, absorption), done, window=WINDOW)
    check(CENTRE_STATES, table)
    return dict(zip(table["node_id"], table["centre_state_code"], strict=True))


def test_a_centre_without_contracts_in_its_county_is_a_proxy_and_never_idle() -> None:
    found = states(volumes(OLD, ("530102", 2024, 1, 1)), volumes(OLD, ("530103", 2024, 1, 1)))
    assert found == {
        "n0": "proxy_has_contract", "n1": "proxy_has_contract", "n2": "proxy_no_contract",
    }  # fmt: skip


def test_one_side_that_is_unknown_leaves_a_centre_unknown_unless_the_other_has_contracts() -> None:
    found = states(volumes(OLD, ("530102", 2024, 1, 1)), None)
    assert found == {"n0": "proxy_has_contract", "n1": "unknown", "n2": "unknown"}


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ((2025, "n0", 0, 0, 0), "idle"),
        ((2025, "n0", 3, 0, 0), "idle"),
        ((2025, "n0", 3, 5, 0), "working"),
        ((2025, "n0", 0, None, 2), "working"),
        ((2025, "n0", 0, None, 0), "proxy_has_contract"),  # what is not stated is not zero
        ((2022, "n0", 0, 0, 0), "proxy_has_contract"),  # before the window
        ((2026, "n0", 0, 0, 0), "proxy_has_contract"),  # after it
    ],
)
def test_only_the_table_of_centre_work_says_that_a_centre_is_idle(
    row: tuple[int, str, int | None, int | None, int | None], state: str
) -> None:
    register = volumes(OLD, ("530102", 2024, 1, 1))
    assert states(register, register, work(row))["n0"] == state


def test_the_latest_year_of_a_centre_counts_and_is_named() -> None:
    register = volumes(OLD)
    done = work((2024, "n2", 2, 4, 1), (2025, "n2", 1, 0, 0))
    table = centre_states(CENTRES, blanks(register, register), done, window=WINDOW)
    row: Any = table.set_index("node_id").loc["n2"]
    assert (row["centre_state_code"], row["activity_year"]) == ("idle", 2025)
    assert (row["origin"], row["source"]) == ("official", "test")
