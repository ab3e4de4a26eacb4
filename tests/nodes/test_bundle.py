"""The list of nodes that a planner takes away: the rows asked for, named, with their sources."""

import csv
import io
import json

import pandas as pd
import pytest

from network_map import export, i18n
from network_map.catalog import read_shipped
from network_map.errors import QueryError
from network_map.nodes.dataset import Dataset
from network_map.nodes.report import find_kinds, find_prefecture, nodes_bundle
from network_map.places.reference import Places


@pytest.fixture(scope="module")
def places() -> Places:
    nothing = pd.DataFrame()
    return Places(
        divisions=read_shipped("divisions"),
        county_seats=read_shipped("county_seats"),
        division_aliases=read_shipped("division_aliases"),
        county_indicators=nothing,
        prefecture_indicators=nothing,
    )


@pytest.fixture(scope="module", params=["public", "demo"])
def dataset(request: pytest.FixtureRequest) -> Dataset:
    name = str(request.param)
    return Dataset(
        dataset_id=name,
        name=name,
        nodes=read_shipped(f"{name}_nodes"),
        node_kinds=read_shipped("node_kinds"),
        declared_totals=read_shipped("declared_totals"),
        complete_lists=read_shipped("complete_lists"),
        is_demo=name == "demo",
        input_sha256={f"{name}_nodes.csv": "0" * 64},
    )


def csv_rows(bundle: export.Bundle) -> list[dict[str, str]]:
    text = export.csv_bytes(bundle).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_node_of_the_data_set_is_in_its_list_once(dataset: Dataset, places: Places) -> None:
    rows = csv_rows(nodes_bundle(dataset, places))
    assert sorted(row["节点编号"] for row in rows) == sorted(dataset.nodes["node_id"])
    assert all(row["来源性质"] in {"官方", "公开报道", "假定"} for row in rows)
    assert all(row["状态"] in {"已建", "在建", "撤销", "未知"} for row in rows)
    assert ("数据性质" in rows[0]) == dataset.is_demo


def test_a_prefecture_by_code_or_any_name_gives_the_same_rows(
    dataset: Dataset, places: Places
) -> None:
    by_code = export.csv_bytes(nodes_bundle(dataset, places, prefecture_adcode="530400"))
    for name in ("玉溪市", "玉溪", "Yuxi"):
        named = nodes_bundle(dataset, places, prefecture_adcode=name)
        assert export.csv_bytes(named) == by_code
    rows = csv_rows(nodes_bundle(dataset, places, prefecture_adcode="530400"))
    expected = dataset.nodes["prefecture_adcode"] == "530400"
    assert len(rows) == expected.sum()
    assert {row["州(市)"] for row in rows} <= {"玉溪市"}


def test_kinds_are_taken_by_id_or_name_in_the_order_of_the_tiers(
    dataset: Dataset, places: Places
) -> None:
    kinds = find_kinds(dataset.node_kinds, ["县域中心", "sub_market"])
    assert set(kinds) == {"county_centre", "sub_market"}
    bundle = nodes_bundle(dataset, places, kinds=kinds)
    expected = dataset.nodes["kind"].isin(kinds).sum()
    assert len(bundle.table) == expected
    order = list(dataset.node_kinds["kind"])
    assert [order.index(kind) for kind in bundle.table["kind"]] == sorted(
        order.index(kind) for kind in bundle.table["kind"]
    )


def test_no_kind_at_all_gives_an_empty_list_that_says_what_was_asked(
    dataset: Dataset, places: Places
) -> None:
    bundle = nodes_bundle(dataset, places, kinds=())
    assert csv_rows(bundle) == []
    assert dict(bundle.filters)["节点类型"] == "无"
    assert all(export.file_bytes(bundle, name) for name in export.FORMATS)


def test_an_unknown_prefecture_or_kind_is_named_with_what_there_is(
    dataset: Dataset, places: Places
) -> None:
    with pytest.raises(QueryError) as caught:
        find_prefecture(places, "999999")
    sentence = i18n.error_text(caught.value, "zh")
    assert "999999" in sentence
    assert "昭通市(530600)" in sentence
    with pytest.raises(QueryError) as caught:
        nodes_bundle(dataset, places, kinds=("sub_market", "不存在"))
    assert "不存在" in i18n.error_text(caught.value, "en")


def test_points_of_seats_say_so_and_bring_their_source(dataset: Dataset, places: Places) -> None:
    bundle = nodes_bundle(dataset, places)
    assert any("GeoNames CC BY 4.0" in line for line in bundle.sources)
    assert set(dataset.nodes["source"]) <= set(bundle.sources)
    assert len(set(bundle.sources)) == len(bundle.sources)
    assert any("驻地点" in note for note in bundle.method_notes)
    features = json.loads(export.geojson_bytes(bundle))["features"]
    assert len(features) == len(dataset.nodes)
    located = sum(feature["geometry"] is not None for feature in features)
    assert located == dataset.nodes["lon"].notna().sum()


def test_the_english_list_has_the_same_rows_in_english(dataset: Dataset, places: Places) -> None:
    chinese, english = (
        csv_rows(nodes_bundle(dataset, places, language=language)) for language in i18n.LANGUAGES
    )
    assert [row["Node id"] for row in english] == [row["节点编号"] for row in chinese]
    assert {row["Prefecture"] for row in english} >= {"Pu'er City"} or any(
        "Pu'er" in row["Prefecture"] for row in english
    )


def test_the_register_itself_is_left_as_it_was(dataset: Dataset, places: Places) -> None:
    before = dataset.nodes.copy()
    nodes_bundle(dataset, places, prefecture_adcode="530600")
    pd.testing.assert_frame_equal(dataset.nodes, before)
