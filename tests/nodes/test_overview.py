"""One query gives counts, map, table and file that agree with each other."""

import json
from functools import cache

import pandas as pd
import pytest

from network_map.export import csv_bytes
from network_map.nodes.data_check import DataCheck, data_check
from network_map.nodes.presence import roll_of
from network_map.nodes.query import OverviewQuery
from network_map.nodes.report import county_bundle, county_table, kind_counts, network_map
from network_map.places.reference import read_boundaries
from network_map.terms import AdminLevel
from tests import shipped
from tests.shipped import places

ZHAOTONG = "530600"


def _table(name: str, query: OverviewQuery) -> pd.DataFrame:
    dataset = shipped.dataset(name)
    return county_table(places(), dataset, roll_of(places(), dataset), query=query)


@cache
def _boundaries() -> pd.DataFrame:
    levels = (AdminLevel.COUNTY, AdminLevel.PREFECTURE)
    return pd.concat([read_boundaries(level) for level in levels], ignore_index=True)


def _data_check(name: str, prefecture: str | None = None, language: str = "zh") -> DataCheck:
    dataset = shipped.dataset(name)
    roll = roll_of(places(), dataset)
    return data_check(
        places(), dataset, roll, _boundaries(), prefecture_adcode=prefecture, language=language
    )


def test_the_demonstration_has_the_published_totals() -> None:
    counts = kind_counts(shipped.dataset("demo"), OverviewQuery())
    counted = [count for count in counts if count.is_counted]
    assert [count.named_count for count in counted] == [1, 10, 33, 128]
    assert [count.declared_count for count in counted] == [1, 10, 33, 128]


def test_public_data_name_what_has_a_source_and_leave_the_rest_unknown() -> None:
    dataset = shipped.dataset("public")
    counts = kind_counts(dataset, OverviewQuery())
    counted = [count for count in counts if count.is_counted]
    assert [count.named_count for count in counted] == [1, 0, 14, 2]
    assert all(count.assumed_count == 0 for count in counts)
    check = _data_check("public")
    assert (check.gaps["presence"] == "unknown").all()
    assert check.totals["absent_count"].sum() == 0
    assert len(network_map(dataset, query=OverviewQuery()).unplaced) == 1


def test_a_prefecture_filter_reaches_counts_map_table_and_file() -> None:
    query = OverviewQuery(prefecture_adcode=ZHAOTONG)
    dataset, table = shipped.dataset("demo"), _table("demo", query)
    assert len(table) == 11
    shown = network_map(dataset, query=query)
    assert shown.prefecture_adcode == ZHAOTONG
    file = county_bundle(places(), dataset, roll_of(places(), dataset), query=query)
    assert file.table["adcode"].tolist() == table["adcode"].tolist()
    centres = next(count for count in kind_counts(dataset, query) if count.kind == "county_centre")
    assert centres.named_count == (table["county_centre"].str.startswith("有")).sum()
    assert centres.declared_count is None
    assert {s.kind: s.count for s in shown.symbols}["county_centre"] == centres.named_count


def test_a_map_of_some_kinds_has_the_nodes_of_these_only() -> None:
    kinds = ("sub_market",)
    shown = network_map(shipped.dataset("demo"), query=OverviewQuery(kinds=kinds))
    assert {symbol.kind for symbol in shown.symbols if symbol.is_visible} == set(kinds)
    assert shown.nodes is not None
    drawn = json.loads(shown.nodes.json_bytes)
    assert drawn["nodes"]["kind"] == ["sub_market"] * 10


def test_the_demonstration_shows_absence_because_its_lists_are_assumed_complete() -> None:
    check = _data_check("demo")
    assert check.totals.set_index("kind")["absent_count"].to_dict() == {
        "provincial_market": 0,
        "sub_market": 6,
        "demonstration_county": 96,
        "county_centre": 1,
    }
    assert check.totals["unknown_count"].sum() == 0
    violations = check.rules.set_index("rule_id")["violation_count"]
    assert violations.drop(index=["T11"]).sum() == 0


@pytest.mark.long
@pytest.mark.parametrize("name", ["public", "demo"])
def test_the_data_check_of_prefectures_adds_up_to_the_province(name: str) -> None:
    whole = _data_check(name)
    prefectures = whole.by_prefecture["adcode"].unique()
    assert len(prefectures) == 16
    parts = [_data_check(name, str(prefecture)) for prefecture in prefectures]
    for kind in ("sub_market", "demonstration_county", "county_centre"):
        gaps = sum((part.gaps["kind"] == kind).sum() for part in parts)
        assert gaps == (whole.gaps["kind"] == kind).sum()


def test_the_gap_file_holds_the_rows_of_the_screen() -> None:
    check = _data_check("public", ZHAOTONG)
    lines = csv_bytes(check.bundles["gaps"]).decode("utf-8-sig").split("\r\n")
    assert len([line for line in lines if line]) == len(check.gaps) + 1
    assert "名单未公开:公布总数 33 个,有名单 14 个,尚缺 19 个名称" in "".join(lines)
