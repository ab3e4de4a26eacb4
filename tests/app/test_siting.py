"""The page of site selection without a browser: it shows the answer and computes nothing."""

import os
from pathlib import Path

import pytest
from streamlit.runtime.scriptrunner import StopException
from streamlit.testing.v1 import AppTest

from network_map.app import siting_answers
from network_map.app.kit.memo import shipped_dataset
from network_map.cli import main
from network_map.config import day_of_making
from network_map.export import file_bytes
from network_map.gaps.facts import GapFacts
from network_map.nodes.dataset import Dataset
from network_map.places.reference import Places
from network_map.siting.answer import SiteAnswer, site_answer
from network_map.siting.models import SolveEffort
from network_map.siting.query import SiteModel, SitingQuery
from tests.app.test_pages import opened, texts

pytestmark = pytest.mark.page


def words(app: AppTest) -> str:
    return " ".join(texts(app))


def test_the_page_says_what_the_answer_says_and_follows_each_choice() -> None:
    app = opened("siting", dataset="demo")
    dataset = shipped_dataset("demo")
    assert siting_answers.answer(dataset, SitingQuery()).headline in words(app)
    app.selectbox(key="site_model").select(SiteModel.P_MEDIAN.value).run()
    app.number_input(key="site_count").set_value(2).run()
    asked = SitingQuery(model=SiteModel.P_MEDIAN, count=2)
    found = siting_answers.answer(dataset, asked)
    assert found.headline in words(app)
    assert found.proof in words(app)
    assert (app.query_params["site_model"], app.query_params["site_count"]) == ("p_median", "2")
    assert not app.exception


def test_a_link_with_what_is_left_out_opens_a_plan_without_it() -> None:
    first = siting_answers.answer(shipped_dataset("demo"), SitingQuery()).plan.sites[0]
    app = opened("siting", dataset="demo", site_exclude=first)
    found = siting_answers.answer(shipped_dataset("demo"), SitingQuery(excluded=(first,)))
    assert first not in found.plan.sites
    assert found.headline in words(app)


def test_a_supposed_node_changes_the_plan_and_is_taken_back_by_the_same_button() -> None:
    app = opened("siting", dataset="demo", county="532801")
    before = words(app)
    app.button(key="site_suppose_added").click().run()
    supposed = siting_answers.answer(shipped_dataset("demo"), SitingQuery(added=("532800",)))
    assert supposed.headline in words(app)
    assert "532800" not in supposed.plan.sites
    app.button(key="site_suppose_added").click().run()
    assert siting_answers.answer(shipped_dataset("demo"), SitingQuery()).headline in before
    assert siting_answers.answer(shipped_dataset("demo"), SitingQuery()).headline in words(app)


def test_a_kept_plan_is_compared_with_the_next_one_by_differences_of_sets() -> None:
    app = opened("siting", dataset="demo", site_count="2")
    app.button(key="site_keep").click().run()
    app.number_input(key="site_count").set_value(4).run()
    dataset = shipped_dataset("demo")
    first, second = (
        set(siting_answers.answer(dataset, SitingQuery(count=count)).effect.gained_counties)
        for count in (2, 4)
    )
    table = app.dataframe[0].value
    only = table.loc[table["side"] == "只有现在的方案", "adcode"]
    assert set(only) == second - first
    assert set(table["adcode"]) == first | second
    app.button(key="site_forget").click().run()
    assert not app.dataframe


def test_a_solve_that_is_ended_leaves_no_plan_until_it_is_asked_for_again() -> None:
    app = opened("siting", dataset="demo")
    app.session_state["site_ended"] = siting_answers.asked(SitingQuery())
    app.run()
    assert "求解已停止" in words(app)
    app.button(key="site_again").click().run()
    assert siting_answers.answer(shipped_dataset("demo"), SitingQuery()).headline in words(app)


def test_where_the_page_ends_its_run_the_solve_ends_and_nothing_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def tell(_report: siting_answers.SolveReport) -> None:
        raise StopException

    asked: list[bool] = []

    def reporting(
        places: Places,
        dataset: Dataset,
        facts: GapFacts,
        *,
        query: SitingQuery,
        effort: SolveEffort,
    ) -> SiteAnswer:
        assert effort.progress is not None
        asked.append(effort.progress(1.0, 0.0, 0.1))
        return site_answer(places, dataset, facts, query=query, effort=effort)

    monkeypatch.setattr(siting_answers, "site_answer", reporting)
    query = SitingQuery(model=SiteModel.P_CENTER, count=4)
    dataset = shipped_dataset("demo")
    with siting_answers.told_of_progress(tell), pytest.raises(StopException):
        siting_answers.answer(dataset, query)
    assert siting_answers.answer(dataset, query).plan.is_optimal
    assert asked == [False, True]


def test_the_page_hands_out_the_file_of_the_command_line(tmp_path: Path) -> None:
    out = tmp_path / "sites.csv"
    asked = ("site", "--dataset", "demo", "--kind", "sub_market", "--count", "2")
    assert main([*asked, "--format", "csv", "--out", str(out)]) == 0
    asked_here = SitingQuery(count=2, made_on=day_of_making(os.environ))
    bundle = siting_answers.bundle(shipped_dataset("demo"), asked_here)
    assert file_bytes(bundle, "csv") == out.read_bytes()
