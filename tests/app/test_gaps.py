"""The page of coverage gaps without a browser, and the command line beside it."""

import os
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from network_map.app import gap_answers
from network_map.cli import main
from network_map.config import day_of_making
from network_map.export import file_bytes, meta_bytes
from network_map.gaps.query import GapQuery, GapView, changed_standards
from network_map.gaps.report import gap_bundle
from network_map.nodes.dataset import Dataset
from tests.app.test_pages import county_rows, opened, own_list, texts, workspace
from tests.shipped import dataset, places

pytestmark = pytest.mark.page

__all__ = ["county_rows", "own_list", "workspace"]


def words(app: AppTest) -> str:
    return " ".join(texts(app))


def with_settings(app: AppTest) -> AppTest:
    """Unfold the settings, whose fields are drawn only then."""
    return app.button(key="gap_settings").click().run()


def page_files(ending: str) -> bytes:
    query = GapQuery(
        prefecture_adcode="530600", standards_km=changed_standards({"demonstration_county": 90.0}),
        view=GapView.DEMONSTRATION_COUNTY, only_gaps=True, made_on=day_of_making(os.environ),
    )  # fmt: skip
    found = gap_answers.facts(dataset("public"), query)
    bundle = gap_bundle(places(), dataset("public"), found, query=query)
    return meta_bytes(bundle) if ending == "meta.json" else file_bytes(bundle, ending)


ASKED = [
    "gaps", "--dataset", "public", "--prefecture", "昭通市", "--view", "demonstration_county",
    "--only-gaps", "--standard", "demonstration_county=90",
]  # fmt: skip


@pytest.mark.parametrize("ending", ["csv", "geojson", "html", "xlsx", "gpkg"])
def test_the_command_line_writes_the_file_of_the_page_and_verify_agrees(
    tmp_path: Path,
    ending: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    out = tmp_path / f"gaps.{ending}"
    assert main([*ASKED, "--out", str(out)]) == 0
    if ending in {"csv", "geojson", "html"}:
        assert out.read_bytes() == page_files(ending)
    capsys.readouterr()
    assert main(["verify", str(out)]) == 0
    assert "一致" in capsys.readouterr().out


def test_what_the_server_makes_beforehand_is_what_a_first_page_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[GapQuery] = []
    gap_answers.warm_first_page()
    for name in ("answer", "rows", "call_list", "tier", "fragile"):
        step = getattr(gap_answers, name)

        def noted(data: Dataset, query: GapQuery, step: Callable[..., object] = step) -> object:
            asked.append(query)
            return step(data, query)

        monkeypatch.setattr(gap_answers, name, noted)
    gap_answers.warm_first_page()
    made, asked[:] = {*asked}, []
    assert not opened("gaps").exception
    usual = {(gap_answers._list(query), gap_answers._tier(query)) for query in made}
    assert {(gap_answers._list(query), gap_answers._tier(query)) for query in asked} == usual


def test_the_page_says_what_is_not_public_and_keeps_its_choices_in_the_link() -> None:
    app = opened("gaps", dataset="public", county="530627", gap_km="sub_market:120")
    told = words(app)
    assert "不列位次和缺口优先度" in told
    assert "分市场:必然缺口 " in told
    assert "不确定 0" not in told
    assert "19 个示范县名单未公开" in told
    assert "没有载入合同登记数据" in told
    assert app.query_params["gap_km"] == "sub_market:120"
    app.selectbox(key="gap_preset").set_value("coverage_first").run()
    assert app.query_params["weights"] == "coverage_first"
    assert app.number_input(key="gap_weight_presence").value == pytest.approx(0.4)
    app.selectbox(key="gap_compare").set_value("530102").run()
    assert not app.exception
    demo = opened("gaps", dataset="demo", county="530627", compare="530102")
    assert "镇雄县:缺口优先度" in words(demo)
    assert "五华区:缺口优先度" in words(demo)
    assert "实际作用" in words(demo)


def test_weights_that_do_not_sum_are_scaled_and_said_and_impossible_ones_refused() -> None:
    app = opened("gaps", dataset="public")
    app.number_input(key="gap_weight_presence").set_value(0.8).run()
    assert "权重合计为 1.5" in words(app)
    assert app.selectbox(key="gap_preset").value == "own"
    app.number_input(key="gap_weight_presence").set_value(-1.0).run()
    (refused,) = (one.value for one in app.warning if "不小于 0" in one.value)
    assert "有无" in refused
    assert re.search("[a-z]", refused) is None
    assert "覆盖缺口" in words(app)
    assert not app.exception


def test_a_negative_standard_is_refused_and_the_page_goes_on() -> None:
    app = with_settings(opened("gaps", dataset="public"))
    app.number_input(key="gap_km_sub_market").set_value(-5.0).run()
    (refused,) = (one.value for one in app.warning if "-5" in one.value)
    assert "分市场" in refused
    assert re.search("[a-z]", refused) is None
    assert "不排位次" in words(app)
    assert not app.exception


@pytest.mark.usefixtures("own_list")
def test_an_own_list_without_contracts_and_a_prefecture_without_nodes_are_told() -> None:
    app = opened("gaps", dataset="own", prefecture="532800")
    told = words(app)
    assert "没有载入合同登记数据" in told
    assert "3 个县(市、区),不排位次" in told
    app = with_settings(app)
    app.toggle(key="gap_one_per_place").set_value(False).run()
    assert app.query_params["several"] == "1"
    assert not app.exception


STEPS = (
    "gap_facts", "fact_rows", "inputs_of", "drawn_of", "effects_of", "action_parts", "score_table",
    "with_intervals", "calls_of",
)  # fmt: skip


def test_a_moved_weight_makes_neither_facts_nor_draws_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: Counter[str] = Counter()

    def counted(name: str) -> Callable[..., object]:
        make = getattr(gap_answers, name)

        def counting(*args: object, **named: object) -> object:
            made[name] += 1
            return make(*args, **named)

        return counting

    for name in STEPS:
        monkeypatch.setattr(gap_answers, name, counted(name))
    app = opened("gaps", dataset="public")
    made.clear()
    app.number_input(key="gap_weight_presence").set_value(0.37).run()
    assert not app.exception
    assert made == {"score_table": 1, "with_intervals": 1, "calls_of": 1}
