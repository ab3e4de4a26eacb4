"""The page of coverage gaps without a browser, and the command line beside it."""

import os
import re
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from network_map.app import gap_answers, gaps
from network_map.cli import main
from network_map.config import day_of_making
from network_map.export import file_bytes, meta_bytes
from network_map.gaps.query import GapQuery, GapView, changed_standards
from network_map.gaps.report import gap_bundle
from network_map.gaps.views import shown_rows, view_finding
from network_map.i18n import LANGUAGES, text
from tests.app.test_pages import (
    CountyRows,
    county_rows,
    opened,
    own_list,
    texts,
    told_finding,
    workspace,
)
from tests.paths import ROOT
from tests.shipped import dataset, places

pytestmark = pytest.mark.page

__all__ = ["county_rows", "own_list", "workspace"]


def words(app: AppTest) -> str:
    return " ".join(texts(app))


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
    gap_answers.warm_first_page()
    made: list[str] = []
    for name in STEPS:
        monkeypatch.setattr(gap_answers, name, lambda *_, name=name, **__: made.append(name))
    assert not opened().exception
    assert made == []


def test_the_page_says_what_is_not_public_and_keeps_its_choices_in_the_link() -> None:
    app = opened(dataset="public", gap_km="sub_market:120", weights="coverage_first")
    told = words(app)
    assert text("gap.card.not_public", count=19) in told
    assert text("gap.card.not_public", count=10) in told
    assert "不确定 0" not in told
    assert app.query_params["gap_km"] == "sub_market:120"
    assert app.query_params["weights"] == "coverage_first"
    assert app.number_input(key="gap_weight_presence").value == pytest.approx(0.4)
    app.selectbox(key="gap_preset").set_value("activity_first").run()
    assert app.query_params["weights"] == "activity_first"
    app.session_state["selected"] = "530627"
    app.run()
    assert app.query_params["county"] == "530627"
    assert "镇雄县" in words(app)
    assert text("gap.compare.difference") not in words(app)
    app.selectbox(key="gap_compare").set_value("530102").run()
    assert app.query_params["compare"] == "530102"
    assert text("gap.compare.difference") in words(app)
    assert not app.exception


def test_weights_that_do_not_sum_are_scaled_and_said_and_impossible_ones_refused() -> None:
    app = opened(dataset="public")
    app.number_input(key="gap_weight_presence").set_value(0.8).run()
    assert "权重合计为 1.5" in words(app)
    assert app.selectbox(key="gap_preset").value == "own"
    app.number_input(key="gap_weight_presence").set_value(-1.0).run()
    (refused,) = (one.value for one in app.warning if "不小于 0" in one.value)
    assert "有无" in refused
    assert re.search("[a-z]", refused) is None
    assert text("gap.weights_refused") in words(app)
    assert finding(app)
    assert not app.exception


def test_a_negative_standard_is_refused_and_the_page_goes_on(county_rows: CountyRows) -> None:
    app = opened(dataset="public")
    app.number_input(key="gap_km_sub_market").set_value(-5.0).run()
    (refused,) = (one.value for one in app.warning if "-5" in one.value)
    assert "分市场" in refused
    assert re.search("[a-z]", refused) is None
    assert len(county_rows.cells) == 129
    assert finding(app)
    assert not app.exception


@pytest.mark.usefixtures("own_list")
def test_an_own_list_without_contracts_and_a_prefecture_without_nodes_are_told(
    county_rows: CountyRows,
) -> None:
    app = opened(dataset="own", prefecture="532800", view="contract_coverage")
    assert len(county_rows.cells) == 3
    assert text("gap.finding.contract_coverage.unknown", counties="3 个县", count=3) in finding(app)
    app.toggle(key="gap_one_per_place").set_value(False).run()
    assert app.query_params["several"] == "1"
    assert not app.exception


STEPS = (
    "gap_facts", "inputs_of", "drawn_of", "action_parts", "score_table", "with_intervals",
    "county_gaps",
)  # fmt: skip


def test_a_moved_weight_makes_neither_facts_nor_draws_anew_and_a_choice_of_rows_nothing(
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
    app = opened(dataset="public")
    made.clear()
    app.number_input(key="gap_weight_presence").set_value(0.37).run()
    assert not app.exception
    assert made == {"score_table": 1, "with_intervals": 1}
    made.clear()
    app.pills(key="gap_view").set_value("sub_market")
    app.toggle(key="gap_only_gaps").set_value(True)
    app.selectbox(key="prefecture").set_value("530600").run()
    app.session_state["selected"] = "530627"
    app.run()
    assert not app.exception
    assert made == {}


# --- the views ------------------------------------------------------------------------------------


def finding(app: AppTest) -> str:
    """The sentence above the panes: pieces in their order, the clickable ones too."""
    return "".join(text for text, _ in told_finding(app)["parts"])


class Finding:
    """Stands for the script of the finding: a click on a number is a button here."""

    def __call__(
        self, *, key: str, data: Mapping[str, Any], on_gap_change: Callable[[], None]
    ) -> None:
        """Draw the component: a button for each of its numbers."""
        assert key == "gap_finding"
        for label, code in data["parts"]:
            if code is not None:
                st.button(
                    label, key=f"finding_{code}", on_click=self.take, args=(code, on_gap_change)
                )

    @staticmethod
    def take(code: str, on_gap_change: Callable[[], None]) -> None:
        """Call back as Streamlit does for a trigger of a component."""
        st.session_state["gap_finding"] = SimpleNamespace(gap=code)
        on_gap_change()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["demo", "public"])
def test_every_view_draws_and_says_its_finding(
    name: str, language: str, county_rows: CountyRows
) -> None:
    app = opened(dataset=name, lang=language)
    said = set()
    for view in GapView:
        app.pills(key="gap_view").set_value(view.value).run()
        assert not app.exception
        assert not app.error
        told = finding(app)
        query = GapQuery(language=language, view=view)
        rows = shown_rows(gap_answers.counties(dataset(name), query), query)
        assert told == "".join(part.text for part in view_finding(rows, query))
        assert county_rows.content["label"] == text(f"gap.view.{view}", language)
        assert [row["id"] for row in county_rows.content["rows"]] == rows["adcode"].tolist()
        said.add(told)
    assert len(said) == len(GapView)


def test_a_question_asked_with_the_widgets_is_answered_in_the_order_of_excess(
    county_rows: CountyRows,
) -> None:
    """示范县, 100 公里, 昭通市, 只看缺口."""
    app = opened(dataset="demo")
    app.pills(key="gap_view").set_value("demonstration_county")
    app.number_input(key="gap_km_demonstration_county").set_value(100.0)
    app.toggle(key="gap_only_gaps").set_value(True)
    app.selectbox(key="prefecture").set_value("530600").run()
    assert not app.exception
    cells = county_rows.cells
    assert 0 < len(cells) <= 11
    assert str(cells[0][1]).startswith("['巧家', '昭通市'")
    found = [km for _, _, km, *_ in cells if isinstance(km, list)]
    assert len(found) == len(cells)
    kilometres = [km for km, *_ in found]
    assert kilometres == sorted(kilometres, reverse=True)
    for km, shown, excess, is_gap in found:
        assert (shown, excess) == (f"{km:.0f}", f"+{km - 100:.0f}")
        assert is_gap
    assert f"{len(cells)} 个县" in finding(app)
    app.number_input(key="gap_km_demonstration_county").set_value(60.0).run()
    assert len(county_rows.cells) > len(cells)


def test_a_clicked_number_of_the_finding_filters_the_list_and_is_let_go(
    county_rows: CountyRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gaps, "component", lambda *_: Finding())
    app = opened(dataset="demo")
    label = app.button(key="finding_active_out_of_reach").label
    count = int(re.findall(r"\d+", label)[0])
    app.button(key="finding_active_out_of_reach").click().run()
    assert app.query_params["gaps"] == "active_out_of_reach"
    assert len(county_rows.cells) == count < 129
    assert app.button(key="finding_active_out_of_reach").label == label
    app.button(key="finding_active_out_of_reach").click().run()
    assert "gaps" not in app.query_params
    assert len(county_rows.cells) == 129


def test_the_selected_county_and_the_comparison_survive_other_pages() -> None:
    app = opened(dataset="demo", county="530627", compare="530102", layers="flows,hierarchy")
    for page in ("contracts", "data_check", "gaps"):
        app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
        assert not app.exception
        link = app.query_params
        assert (link["county"], link["compare"]) == ("530627", "530102")
        assert link["layers"] == "flows,hierarchy"
    assert "镇雄县" in words(app)
    assert app.selectbox(key="gap_compare").value == "530102"


def test_prefectures_are_listed_and_a_chosen_one_is_the_filter(county_rows: CountyRows) -> None:
    app = opened(dataset="demo", level="prefecture")
    assert len(county_rows.cells) == 16
    app.selectbox(key="prefecture").set_value("530600").run()
    assert [row["id"] for row in county_rows.content["rows"]] == ["530600"]
