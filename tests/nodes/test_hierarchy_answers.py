"""The lines of the three tiers as map and card tell them: drawn, counted, worded, refused."""

import json
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest

from network_map.i18n import LANGUAGES, number_text, text
from network_map.maps.payload import update_state
from network_map.maps.spec import HierarchyLayer, LineKind
from network_map.nodes.layers import hierarchy_layer, hierarchy_table, nothing_drawn
from network_map.nodes.query import OverviewQuery
from network_map.nodes.report import network_map
from network_map.reach.tables import HIERARCHY
from network_map.tables.check import check
from network_map.terms import NodeKind
from tests import shipped
from tests.shipped import places, roads

LINES = OverviewQuery()


@cache
def table_of(name: str) -> pd.DataFrame:
    return hierarchy_table(places(), shipped.dataset(name), roads())


def layer(query: OverviewQuery = LINES) -> HierarchyLayer:
    found = hierarchy_layer(shipped.dataset("demo"), table_of("demo"), query=query)
    assert found is not None
    return found


def test_every_county_and_every_sub_market_of_the_demonstration_has_one_line() -> None:
    drawn = layer()
    divisions = places().divisions
    counties = divisions.loc[divisions["level"] == "county"].set_index("adcode")["parent_adcode"]
    assert sorted(line.adcode for line in drawn.lines if line.adcode) == sorted(counties.index)
    nodes = shipped.dataset("demo").nodes
    own = set(nodes.loc[nodes["kind"] == NodeKind.SUB_MARKET, "prefecture_adcode"])
    for line in drawn.lines:
        if line.adcode:
            is_own = counties[line.adcode] in own
            assert line.kind is (LineKind.OWN if is_own else LineKind.ORPHAN)
    has_own = int(counties.isin(own).sum())
    assert [(kind, count) for kind, _, count in drawn.samples] == [
        (LineKind.OWN, has_own), (LineKind.ORPHAN, 129 - has_own), (LineKind.UPPER, 10),
    ]  # fmt: skip


def test_the_legend_counts_the_lines_of_the_shown_prefecture() -> None:
    drawn = layer(replace(LINES, prefecture_adcode="530600"))
    assert [count for _, _, count in drawn.samples] == [11, 0, 1]
    orphans = layer(replace(LINES, prefecture_adcode="530100"))
    assert [count for _, _, count in orphans.samples] == [0, 14, 0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_line_says_node_kilometres_and_method_of_its_row(language: str) -> None:
    rows = {row["from_id"]: row for row in table_of("demo").to_dict("records")}
    drawn = layer(replace(LINES, language=language))
    assert {rows[line.adcode]["method"] for line in drawn.lines if line.adcode} == {
        "road_network_km", "geodesic_x_circuity",
    }  # fmt: skip
    for line in drawn.lines:
        if not line.adcode:
            continue
        row = rows[line.adcode]
        assert str(row["to_node_name"]) in line.label
        if row["km"] > 0:
            assert number_text(row["km"], 0) in line.label
            assert text(f"term.distance_method.{row['method']}", language) in line.label
        else:
            assert text("hierarchy.same_place", language) in line.label


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_named_sub_market_there_is_a_sentence_and_no_line(language: str) -> None:
    table = table_of("public")
    check(HIERARCHY, table)
    dataset = shipped.dataset("public")
    assert hierarchy_layer(dataset, table, query=replace(LINES, language=language)) is None
    note = nothing_drawn(table, language)
    assert note == text("hierarchy.none", language)


def test_sub_markets_without_coordinates_are_not_said_to_be_unnamed() -> None:
    dataset = shipped.dataset("demo")
    is_sub_market = dataset.nodes["kind"] == NodeKind.SUB_MARKET
    nodes = dataset.nodes.assign(
        lon=dataset.nodes["lon"].mask(is_sub_market), lat=dataset.nodes["lat"].mask(is_sub_market)
    )
    unplaced = replace(dataset, nodes=nodes)
    table = hierarchy_table(places(), unplaced, roads())
    assert hierarchy_layer(unplaced, table, query=LINES) is None
    assert nothing_drawn(table, "zh") == text("hierarchy.no_coordinates", "zh")


def test_lines_that_cannot_be_drawn_are_counted_in_the_note() -> None:
    dataset = shipped.dataset("demo")
    nodes = dataset.nodes
    gone = nodes["prefecture_adcode"].eq("530600") & (nodes["kind"] == NodeKind.SUB_MARKET)
    fewer = replace(
        dataset, nodes=nodes.assign(lon=nodes["lon"].mask(gone), lat=nodes["lat"].mask(gone))
    )
    drawn = hierarchy_layer(fewer, hierarchy_table(places(), fewer, roads()), query=LINES)
    assert drawn is not None
    assert len(drawn.lines) == 139 - 12
    assert text("hierarchy.not_drawn", "zh", count=12) in drawn.note


def test_lines_travel_as_a_file_and_a_rerun_stays_small() -> None:
    spec = replace(network_map(shipped.dataset("demo"), query=LINES), hierarchy=layer())
    told = update_state(spec, nodes_url="n", seen_event=None, hierarchy_url="h")
    assert told["hierarchy"] == {"url": "h"}
    assert len(json.dumps(told, ensure_ascii=False).encode()) < 4_000
