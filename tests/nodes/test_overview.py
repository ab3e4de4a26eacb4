"""One query gives counts, map, table and file that agree with each other."""

from dataclasses import replace

import pandas as pd
import pytest

from network_map.errors import QueryError
from network_map.export import csv_bytes
from network_map.i18n import LANGUAGES
from network_map.maps.spec import node_layer
from network_map.nodes.county_card import CountyCards
from network_map.nodes.data_check import DataCheck, data_check
from network_map.nodes.overview import Overview, county_bundle, overview
from network_map.nodes.presence import roll_of
from network_map.nodes.query import Overlay, OverviewQuery
from network_map.places.reference import read_boundaries
from network_map.terms import AdminLevel, Classifier
from tests import shipped
from tests.shipped import places

ZHAOTONG = "530600"


def _overview(name: str, query: OverviewQuery) -> Overview:
    dataset = shipped.dataset(name)
    nodes = node_layer(dataset.nodes, dataset.node_kinds)
    return overview(places(), dataset, roll_of(places(), dataset), nodes, query=query)


def _data_check(name: str, prefecture: str | None = None, language: str = "zh") -> DataCheck:
    dataset = shipped.dataset(name)
    levels = (AdminLevel.COUNTY, AdminLevel.PREFECTURE)
    boundaries = pd.concat([read_boundaries(level) for level in levels], ignore_index=True)
    roll = roll_of(places(), dataset)
    return data_check(
        places(), dataset, roll, boundaries, prefecture_adcode=prefecture, language=language
    )


def test_the_demonstration_has_the_published_totals() -> None:
    counts = _overview("demo", OverviewQuery()).counts
    counted = [count for count in counts if count.is_counted]
    assert [count.named_count for count in counted] == [1, 10, 33, 128]
    assert [count.declared_count for count in counted] == [1, 10, 33, 128]


def test_public_data_name_what_has_a_source_and_leave_the_rest_unknown() -> None:
    answer = _overview("public", OverviewQuery())
    counted = [count for count in answer.counts if count.is_counted]
    assert [count.named_count for count in counted] == [1, 0, 14, 2]
    assert all(count.assumed_count == 0 for count in answer.counts)
    check = _data_check("public")
    assert (check.gaps["presence"] == "unknown").all()
    assert check.totals["absent_count"].sum() == 0
    assert len(answer.map_spec.unplaced) == 1


def test_a_prefecture_filter_reaches_counts_map_table_and_file() -> None:
    answer = _overview("demo", OverviewQuery(prefecture_adcode=ZHAOTONG))
    assert len(answer.table) == 11
    assert answer.map_spec.prefecture_adcode == ZHAOTONG
    dataset = shipped.dataset("demo")
    query = OverviewQuery(prefecture_adcode=ZHAOTONG)
    file = county_bundle(places(), dataset, roll_of(places(), dataset), query=query)
    assert file.table["adcode"].tolist() == answer.table["adcode"].tolist()
    centres = next(count for count in answer.counts if count.kind == "county_centre")
    assert centres.named_count == (answer.table["county_centre"].str.startswith("有")).sum()
    assert centres.declared_count is None


@pytest.mark.parametrize("name", ["public", "demo"])
@pytest.mark.parametrize("prefecture", [None, ZHAOTONG])
@pytest.mark.parametrize("overlay", [overlay for overlay in Overlay if overlay is not Overlay.NONE])
def test_class_counts_and_no_data_fill_the_shown_area(
    name: str, prefecture: str | None, overlay: Overlay
) -> None:
    query = OverviewQuery(overlay=overlay, prefecture_adcode=prefecture)
    areas = _overview(name, query).map_spec.areas
    assert areas is not None
    expected = {AdminLevel.COUNTY: (129, 11), AdminLevel.PREFECTURE: (16, 1)}[areas.level]
    total = sum(entry.count for entry in areas.classes) + areas.missing_count
    assert total == expected[prefecture is not None]


@pytest.mark.parametrize("classifier", [c for c in Classifier if c is not Classifier.OWN_BREAKS])
def test_a_filter_does_not_change_the_class_of_a_county(classifier: Classifier) -> None:
    query = OverviewQuery(overlay=Overlay.POPULATION, classifier=classifier)
    whole = _overview("demo", query).map_spec.areas
    part = _overview("demo", replace(query, prefecture_adcode=ZHAOTONG)).map_spec.areas
    assert whole is not None
    assert part is not None
    assert whole.class_of == part.class_of


def test_own_breaks_that_cannot_be_used_are_refused() -> None:
    query = OverviewQuery(
        overlay=Overlay.GDP, classifier=Classifier.OWN_BREAKS, own_breaks=(5.0, 1.0)
    )
    with pytest.raises(QueryError):
        _overview("demo", query)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_county_has_a_card_whose_presence_equals_the_table(language: str) -> None:
    dataset = shipped.dataset("demo")
    roll = roll_of(places(), dataset)
    table = _overview("demo", OverviewQuery(language=language)).table.set_index("adcode")
    cards = CountyCards(places(), dataset, roll, language)
    for adcode in table.index:
        card = cards.card(str(adcode))
        words = [line.presence_word for line in card.presence]
        row = table.loc[adcode, ["sub_market", "demonstration_county", "county_centre"]]
        assert all(cell.startswith(word) for cell, word in zip(row, words, strict=True))
        assert len(card.nodes) == table.loc[adcode, "node_count"]


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
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["public", "demo"])
def test_the_data_check_of_prefectures_adds_up_to_the_province(name: str, language: str) -> None:
    whole = _data_check(name, language=language)
    prefectures = whole.by_prefecture["adcode"].unique()
    assert len(prefectures) == 16
    parts = [_data_check(name, str(prefecture), language) for prefecture in prefectures]
    for kind in ("sub_market", "demonstration_county", "county_centre"):
        gaps = sum((part.gaps["kind"] == kind).sum() for part in parts)
        assert gaps == (whole.gaps["kind"] == kind).sum()


def test_the_gap_file_holds_the_rows_of_the_screen() -> None:
    check = _data_check("public", ZHAOTONG)
    lines = csv_bytes(check.bundles["gaps"]).decode("utf-8-sig").split("\r\n")
    assert len([line for line in lines if line]) == len(check.gaps) + 1
    assert "名单未公开:公布总数 33 个,有名单 14 个,尚缺 19 个名称" in "".join(lines)
