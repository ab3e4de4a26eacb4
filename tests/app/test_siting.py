"""The page of site selection without a browser: it shows the answer and computes nothing."""

import io
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from streamlit.runtime.scriptrunner import StopException
from streamlit.testing.v1 import AppTest

from network_map.app import siting_answers
from network_map.app.kit.memo import dataset_places, shipped_dataset
from network_map.app.siting_answers import SolverPool
from network_map.cli import main
from network_map.config import day_of_making
from network_map.errors import QueryError
from network_map.export import file_bytes, formats_of
from network_map.i18n import LANGUAGES, error_text
from network_map.siting.answer import site_answer
from network_map.siting.query import SiteModel, SitingQuery
from network_map.siting.solve_process import SolveReport
from tests.app.test_pages import opened, texts

pytestmark = pytest.mark.page


@pytest.fixture
def pool() -> Iterator[SolverPool]:
    """Give one process at a time, ended afterwards."""
    made = SolverPool(1)
    yield made
    made.close()


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


def test_where_the_page_ends_its_run_the_solve_ends_and_nothing_is_kept() -> None:
    told: list[SolveReport] = []

    def tell(report: SolveReport) -> None:
        told.append(report)
        raise StopException

    query = SitingQuery(count=4, evidence=True)
    dataset = shipped_dataset("demo")
    with siting_answers.told_of_progress(tell), pytest.raises(StopException):
        siting_answers.answer(dataset, query)
    assert len(told) == 1
    with siting_answers.told_of_progress(told.append):
        answer = siting_answers.answer(dataset, query)
    assert answer.plan.is_optimal
    assert not answer.unfinished
    assert {"overturn", "curve", "robust"} <= {report.part for report in told}


def test_a_solve_beside_the_server_answers_as_one_in_it_and_refuses_alike(
    pool: SolverPool,
) -> None:
    dataset, query = shipped_dataset("demo"), SitingQuery(count=2)
    facts = siting_answers.facts(dataset, query)
    job = (dataset_places(dataset), dataset, facts, query)
    told: list[SolveReport] = []
    found = pool.solve(job, told.append)
    here = site_answer(*job[:3], query=query)
    assert (found.headline, found.cards, found.notes) == (here.headline, here.cards, here.notes)
    pd.testing.assert_frame_equal(found.rows, here.rows)
    pd.testing.assert_frame_equal(found.counties, here.counties)
    with pytest.raises(QueryError, match="site_count_large"):
        pool.solve((*job[:3], replace(query, count=40)), told.append)
    # One at a time: who comes second waits and is told so.
    inner: list[SolveReport] = []

    def second(report: SolveReport) -> None:
        inner.append(report)
        raise StopException

    def first(_report: SolveReport) -> None:
        if not inner:
            with pytest.raises(StopException):
                pool.solve(job, second)

    pool.solve((*job[:3], replace(query, evidence=True)), first)
    assert inner[0].is_waiting


def test_a_solver_that_dies_is_a_sentence_and_the_next_solve_gets_another(
    pool: SolverPool,
) -> None:
    dataset, query = shipped_dataset("demo"), SitingQuery(count=2)
    facts = siting_answers.facts(dataset, query)
    # What cannot be solved at all ends the process like a want of memory does.
    broken = replace(facts, by_kind={})
    with pytest.raises(QueryError, match="site_solver_ended") as caught:
        pool.solve((dataset_places(dataset), dataset, broken, query), lambda _: None)
    for language in LANGUAGES:
        assert "{" not in error_text(caught.value, language)
    found = pool.solve((dataset_places(dataset), dataset, facts, query), lambda _: None)
    assert found.plan.is_optimal


def test_the_page_hands_out_the_file_of_the_command_line(tmp_path: Path) -> None:
    out = tmp_path / "sites.csv"
    asked = ("site", "--dataset", "demo", "--kind", "sub_market", "--count", "2")
    assert main([*asked, "--format", "csv", "--out", str(out)]) == 0
    asked_here = SitingQuery(count=2, made_on=day_of_making(os.environ))
    bundle = siting_answers.bundle(shipped_dataset("demo"), asked_here)
    assert file_bytes(bundle, "csv") == out.read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_comparison_from_the_page_is_that_of_the_command_line_byte_for_byte(
    tmp_path: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETWORK_MAP_LANGUAGE", language)
    plans = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for plan, count in zip(plans, ("2", "4"), strict=True):
        asked = ("site", "--dataset", "demo", "--count", count, "--out", str(plan))
        assert main(list(asked)) == 0
    first, second = (
        SitingQuery(count=count, language=language, made_on=day_of_making(os.environ))
        for count in (2, 4)
    )
    dataset = shipped_dataset("demo")
    bundle = siting_answers.comparison(dataset, first, second)
    assert {"csv", "xlsx", "html"} <= set(formats_of(bundle))
    for name in ("csv", "html", "geojson"):
        out = tmp_path / f"compared.{name}"
        assert main(["compare", *map(str, plans), "--out", str(out)]) == 0
        assert file_bytes(bundle, name) == out.read_bytes()
    one, two = (set(siting_answers.answer(dataset, q).effect.gained_counties)
                for q in (first, second))  # fmt: skip
    side = bundle.table.set_index("adcode")["side"]
    assert set(side.index[side == "first_only"]) == one - two
    assert set(side.index[side == "second_only"]) == two - one
    assert set(side.index[side == "both"]) == one & two
    assert bundle.front is not None
    assert len(bundle.front.rows) == len(one | two)
    sheet = openpyxl.load_workbook(io.BytesIO(file_bytes(bundle, "xlsx"))).worksheets[0]
    cells = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value}
    assert set(bundle.front.headings) <= cells
    assert any(bundle.front.lines[0] in cell for cell in cells)
