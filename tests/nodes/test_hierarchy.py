"""The lines of the three tiers: own sub-market, orphans, and what cannot be drawn."""

import pandas as pd

from network_map.nodes.layers import hierarchy_lines
from network_map.reach.cost import CostMatrix
from network_map.reach.tables import HIERARCHY
from network_map.tables.check import check
from tests.nodes.world import nodes
from tests.reach.world import COUNTIES, costs

HERE, THERE = {"lon": 102.0, "lat": 25.0}, {"lon": 103.0, "lat": 25.0}
NEAR = [10.0, 20.0, 30.0, 80.0, 90.0]
FAR = [90.0, 80.0, 70.0, 10.0, 20.0]


def lines(
    cost: CostMatrix, register: pd.DataFrame, counties: pd.DataFrame = COUNTIES
) -> pd.DataFrame:
    table = hierarchy_lines(cost, counties, register)
    check(HIERARCHY, table)
    return table.set_index("from_id")


def test_a_county_belongs_to_its_prefecture_and_an_orphan_to_the_nearest() -> None:
    register = nodes(
        ("sub_market", "530100", HERE), ("sub_market", "532500", THERE),
        ("provincial_market", "530000", HERE),
    )  # fmt: skip
    table = lines(costs({"n0": NEAR, "n1": FAR}), register)
    counties = table[table["level"] == "county"]
    assert counties["to_node_id"].tolist() == ["n0", "n0", "n0", "n1", "n1"]
    assert counties["is_orphan"].tolist() == [False] * 3 + [True] * 2
    assert counties["km"].tolist() == [10, 20, 30, 10, 20]
    assert table["line"].eq("drawn").all()
    above = table[table["level"] == "sub_market"]
    assert above["to_node_id"].tolist() == ["n2", "n2"]
    assert above["from_lon"].tolist() == [102.0, 103.0]
    assert above["to_lon"].tolist() == [102.0, 102.0]
    assert not above["is_orphan"].any()


def test_a_node_without_coordinates_has_no_line_and_is_listed() -> None:
    register = nodes(
        ("sub_market", "530100"), ("sub_market", "530600", THERE), ("provincial_market", "530000")
    )
    table = lines(costs({"n1": FAR}), register)
    assert table["line"].tolist() == [
        *["node_unplaced"] * 3, "drawn", "drawn", "start_unplaced", "node_unplaced"
    ]  # fmt: skip
    assert table.loc["530102", "to_node_id"] == "n0"
    assert table.loc["530102", ["km", "to_lon"]].isna().all()
    assert table.loc["n1", "to_node_id"] == "n2"


def test_without_a_named_sub_market_nobody_is_called_an_orphan() -> None:
    table = lines(costs({}), nodes(("provincial_market", "530000", HERE)))
    assert table["line"].eq("no_node").all()
    assert table["is_orphan"].isna().all()
    assert len(table) == len(COUNTIES)


def test_withdrawn_and_planned_sub_markets_have_no_counties() -> None:
    register = nodes(
        ("sub_market", "530100", {**HERE, "status": "withdrawn"}),
        ("sub_market", "530100", {**HERE, "status": "planned"}),
        ("sub_market", "530600", THERE),
    )
    table = lines(costs({"n0": NEAR, "n1": NEAR, "n2": FAR}), register)
    assert table.loc[COUNTIES["adcode"], "to_node_id"].eq("n2").all()
    assert table.loc["n2", "line"] == "no_node"


def test_a_county_without_a_seat_has_no_line() -> None:
    counties = COUNTIES.assign(lon=COUNTIES["lon"].where(COUNTIES["adcode"] != "530102"))
    missing = [float("nan"), *NEAR[1:]]
    table = lines(costs({"n0": missing}), nodes(("sub_market", "530100", HERE)), counties)
    assert table.loc["530102", "line"] == "start_unplaced"
    assert table.loc["530102", "to_node_id"] == "n0"
