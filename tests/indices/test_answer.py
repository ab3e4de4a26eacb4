"""Accessibility, inequality and clusters as the page, the files and the command line say them."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from network_map.app import gap_answers
from network_map.app.indices import answer_of
from network_map.cli import main
from network_map.export import Bundle, file_bytes, meta_bytes
from network_map.gaps.facts import GapFacts
from network_map.gaps.query import GapQuery
from network_map.indices.answer import (
    ACCESS_KINDS,
    PEOPLE,
    Index,
    IndexAnswer,
    IndexPicture,
    IndexQuery,
    county_neighbours,
    index_answer,
)
from network_map.indices.report import (
    CLUSTER_COLOURS,
    groups_bundle,
    index_bundle,
    index_map,
    measure_lines,
)
from network_map.indices.tables import COUNTY_INDEX, THEIL_BY_PREFECTURE
from network_map.tables.check import check
from tests.app.test_pages import CountyRows, county_rows, opened, texts
from tests.gaps.test_answer import facts
from tests.indices.test_inequality import gini
from tests.shipped import dataset, places

__all__ = ["county_rows"]


@pytest.fixture(scope="module")
def active() -> GapFacts:
    """The facts of the demonstration data with its register."""
    return gap_answers.facts(dataset("demo"), GapQuery())


@pytest.fixture(scope="module")
def neighbours() -> pd.DataFrame:
    return county_neighbours()


def people() -> "pd.Series[float]":
    return places().county_indicators.set_index("adcode")["pop_2020"].astype("float64")


def made(
    name: str, found: GapFacts, neighbours: pd.DataFrame, index: Index, language: str = "zh"
) -> IndexAnswer:
    return index_answer(places(), dataset(name), found, neighbours, index=index, language=language)


@pytest.mark.parametrize("index", list(Index))
def test_the_tables_are_as_declared_and_ranks_follow_the_values(
    active: GapFacts, neighbours: pd.DataFrame, index: Index
) -> None:
    answer = made("demo", active, neighbours, index)
    check(COUNTY_INDEX, answer.table)
    check(THEIL_BY_PREFECTURE, answer.groups)
    assert sorted(answer.table["adcode"]) == sorted(people().index)
    values = answer.table["index_value"].to_numpy()
    assert (np.diff(values) <= 0).all()
    whole = answer.table.set_index("adcode")["index_value"]
    measures = answer.measures.set_index("measure_code")["index_value"]
    weights = people().reindex(whole.index)
    assert measures["gini"] == pytest.approx(gini(whole, weights), abs=2e-3)  # of rounded values
    parts = answer.groups[["within_part", "between_part"]].to_numpy().sum()
    assert measures["theil"] == pytest.approx(parts)


@pytest.mark.parametrize("index", list(ACCESS_KINDS))
def test_access_times_people_is_what_the_nodes_offer(
    active: GapFacts, neighbours: pd.DataFrame, index: Index
) -> None:
    table = made("demo", active, neighbours, index).table.set_index("adcode")
    nodes = dataset("demo").nodes
    serving = nodes[
        (nodes["kind"] == ACCESS_KINDS[index]) & nodes["status"].isin(["built", "unknown"])
    ]
    reached = (table["index_value"] / PEOPLE * people().reindex(table.index)).sum()
    assert reached == pytest.approx(len(serving), rel=2e-3)  # shown values are rounded
    assert (table.loc[table["reachable_count"] == 0, "index_value"] == 0).all()


def test_names_that_are_not_public_are_told_and_without_a_register_there_is_no_rate(
    neighbours: pd.DataFrame,
) -> None:
    access = made("public", facts("public"), neighbours, Index.DEMONSTRATION_ACCESS)
    assert any("19 个示范县名单未公开" in note for note in access.notes)
    assert "下限" in access.notes[-1]
    none = made("public", facts("public"), neighbours, Index.SUB_MARKET_ACCESS)
    assert (none.table["index_value"] == 0).all()
    assert dict(measure_lines(none, "zh"))["基尼系数"] == "—"
    rate = made("public", facts("public"), neighbours, Index.ABSORPTION_RATE)
    assert rate.table["index_value"].isna().all()
    assert rate.table["rank"].isna().all()
    assert rate.notes == ("没有载入合同登记数据,不能计算这个指标。",)


@pytest.mark.parametrize("count", [1, 4])
def test_contracts_of_a_few_counties_give_no_rates_but_a_sentence(
    active: GapFacts, neighbours: pd.DataFrame, count: int
) -> None:
    assert active.activity is not None
    counts = active.activity["absorption_contract_count"].where(active.activity.index < count, 0)
    few = replace(active, activity=active.activity.assign(absorption_contract_count=counts))
    found = made("demo", few, neighbours, Index.ABSORPTION_RATE)
    assert found.table[["index_value", "rank"]].isna().all(axis=None)
    assert found.notes == (f"只有 {count} 个县(市、区)有合同,少于 5 个,不足以估计各县的比率。",)


def test_enough_permutations_are_drawn_to_find_clusters_among_all_counties(
    active: GapFacts, neighbours: pd.DataFrame
) -> None:
    found = made("demo", active, neighbours, Index.ABSORPTION_RATE)
    assert found.table["cluster_code"].notna().sum() >= 5


@pytest.mark.parametrize("picture", list(IndexPicture))
@pytest.mark.parametrize("prefecture", [None, "530600"])
def test_the_map_has_the_classes_of_the_list(
    active: GapFacts, neighbours: pd.DataFrame, picture: IndexPicture, prefecture: str | None
) -> None:
    answer = made("demo", active, neighbours, Index.ABSORPTION_RATE)
    query = IndexQuery(index=Index.ABSORPTION_RATE, picture=picture, prefecture_adcode=prefecture)
    areas = index_map(places(), dataset("demo"), answer, query=query).areas
    assert areas is not None
    shown = answer.inside(places(), prefecture)
    assert sum(entry.count for entry in areas.classes) + areas.missing_count == len(shown)
    if picture is IndexPicture.CLUSTER:
        codes = list(CLUSTER_COLOURS)
        for code, cluster in zip(shown["adcode"], shown["cluster_code"], strict=True):
            expected = len(codes) if pd.isna(cluster) else codes.index(cluster)
            assert areas.class_of[code] == expected
    else:
        whole = answer.table.sort_values("index_value")
        classes = [areas.class_of[code] for code in whole["adcode"]]
        assert classes == sorted(classes)


@pytest.mark.long
@pytest.mark.parametrize(
    ("make", "extra", "language"), [(index_bundle, [], "zh"), (groups_bundle, ["--groups"], "en")]
)
def test_the_files_of_page_and_command_line_are_the_same_and_verified(
    make: Callable[..., Bundle],
    extra: list[str],
    language: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    query = IndexQuery(index=Index.ABSORPTION_RATE, language=language, prefecture_adcode="530600")
    found = gap_answers.facts(dataset("demo"), GapQuery())
    answer = answer_of(dataset("demo"), query.index, language)
    asked = ["indices", "--dataset", "demo", "--prefecture", "530600", "--lang", language]
    out = tmp_path / "指标.csv"
    assert main([*asked, "--index", query.index, *extra, "--out", str(out)]) == 0
    bundle = make(places(), dataset("demo"), found, answer, query=query)
    assert out.read_bytes() == file_bytes(bundle, "csv")
    meta = out.with_suffix(".meta.json").read_bytes()
    assert json.loads(meta)["recipe"] == json.loads(meta_bytes(bundle))["recipe"]
    capsys.readouterr()
    assert main(["verify", str(out), "--lang", language]) == 0


@pytest.mark.page
def test_the_page_shows_the_measures_and_keeps_its_choices_in_the_link() -> None:
    app = opened("indices", dataset="demo", county="530627", index="absorption_rate")
    told = " ".join(texts(app))
    assert "基尼系数" in told
    assert "镇雄县" in told
    assert "吸纳仅含本省登记" in told
    app.selectbox(key="index_picture").set_value("cluster").run()
    link = dict(app.query_params)
    assert (link["index"], link["index_map"]) == ("absorption_rate", "cluster")
    again = opened("indices", dataset="demo", index="demonstration_access", index_map="月")
    assert any("月" in warning.value for warning in again.warning)
    assert again.session_state["index_kind"] == "demonstration_access"


@pytest.mark.page
def test_what_is_not_significant_is_not_called_unknown(county_rows: CountyRows) -> None:
    opened("indices", dataset="demo")
    place = county_rows.headings.index("聚集")
    said = {row[place] for row in county_rows.cells}
    assert "不显著" in said
    assert "未知" not in said
