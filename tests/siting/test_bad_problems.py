"""Every input that cannot be solved is told in a sentence, and all that is wrong at once."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from network_map.errors import SitingError
from network_map.i18n import LANGUAGES, error_text, problem_text
from network_map.siting.models import lscp, lscp_backup, mclp, p_center, p_median
from network_map.siting.problem import SiteRules, siting_problem

DEMAND = pd.Series({"a": 1.0, "b": 2.0, "c": 0.0})
COST = pd.DataFrame({"x": [1.0, 5.0, 9.0], "y": [9.0, 2.0, 3.0]}, index=["a", "b", "c"])


def problems_of(demand: pd.Series, cost: pd.DataFrame, **asked: Any) -> list[str]:  # noqa: ANN401 (any input, also one that cannot be used)
    with pytest.raises(SitingError) as caught:
        siting_problem(demand, cost, **{"facility_count": 1, **asked})
    for language in LANGUAGES:
        assert error_text(caught.value, language)
        for problem in caught.value.problems:
            sentence = problem_text(problem, language)
            assert sentence.endswith(("。", "."))
            assert "{" not in sentence
    return [problem.code.removeprefix("siting_") for problem in caught.value.problems]


def with_cell(cost: pd.DataFrame, value: float) -> pd.DataFrame:
    changed = cost.copy()
    changed.loc["b", "x"] = value
    return changed


def with_row(cost: pd.DataFrame, point: str, value: float) -> pd.DataFrame:
    changed = cost.copy()
    changed.loc[point] = value
    return changed


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"facility_count": 0}, "count"),
        ({"facility_count": 1.5}, "count"),
        ({"facility_count": True}, "count"),
        ({"facility_count": 3}, "count_large"),
        ({"facility_count": 2, "forbidden": ["x"]}, "count_large"),
        ({"facility_count": 2, "fixed": ["x"]}, "count_large"),
        ({"facility_count": None, "forbidden": ["x", "y"]}, "no_candidates"),
        ({"service_standard": 0.5}, "none_within"),
        ({"service_standard": -1.0}, "standard"),
        ({"service_standard": float("nan")}, "standard"),
        ({"fixed": ["z"]}, "fixed_unknown"),
        ({"forbidden": ["z"]}, "forbidden_unknown"),
        ({"rules": SiteRules(candidates=["x", "z"])}, "candidate_unknown"),
        ({"fixed": ["x"], "forbidden": ["x"]}, "fixed_forbidden"),
        ({"rules": SiteRules(most_per_group=-1, groups={})}, "group_most"),
        ({"rules": SiteRules(most_per_group=1)}, "groups_missing"),
        ({"rules": SiteRules(budget=-2.0, site_costs={"x": 1, "y": 1})}, "budget"),
        ({"rules": SiteRules(budget=2.0, site_costs={"x": 1})}, "site_cost"),
        ({"rules": SiteRules(budget=2.0)}, "site_cost"),
        ({"rules": SiteRules(capacity={"x": 1.0, "y": -1.0})}, "capacity"),
    ],
)
def test_what_cannot_be_asked_is_told(asked: dict[str, Any], code: str) -> None:
    assert problems_of(DEMAND, COST, **asked) == [code]


@pytest.mark.parametrize(
    ("demand", "cost", "code"),
    [
        (DEMAND * 0, COST, "demand_zero"),
        (DEMAND - 1, COST, "demand_negative"),
        (DEMAND.replace(1.0, np.nan), COST, "demand_no_number"),
        (pd.Series({"a": "many", "b": 1, "c": 1}), COST, "demand_no_number"),
        (DEMAND.drop("b"), COST, "demand_missing"),
        (pd.concat([DEMAND, pd.Series({"d": 1.0})]), COST, "demand_unknown"),
        (pd.concat([DEMAND, DEMAND.tail(1)]), COST, "demand_repeated"),
        (DEMAND, pd.concat([COST, COST.tail(1)]), "row_repeated"),
        (DEMAND, pd.concat([COST, COST[["x"]]], axis=1), "site_repeated"),
        (DEMAND, with_cell(COST, np.nan), "cost_missing"),
        (DEMAND, with_cell(COST, -1.0), "cost_negative"),
        (DEMAND, with_row(COST, "b", np.inf), "unreachable"),
    ],
)
def test_a_table_that_cannot_be_used_is_told(
    demand: pd.Series, cost: pd.DataFrame, code: str
) -> None:
    assert problems_of(demand, cost) == [code]


def test_a_whole_row_without_a_distance_names_its_demand_point() -> None:
    with pytest.raises(SitingError) as caught:
        p_median(DEMAND, with_row(COST, "b", np.nan), facility_count=1)
    (problem,) = caught.value.problems
    assert problem.value == "b"
    assert "b" in problem_text(problem, "zh")


def test_everything_that_is_wrong_is_told_at_once() -> None:
    found = problems_of(
        DEMAND.drop("a") - 1, with_cell(COST, np.nan), facility_count=0, fixed=["z"],
        service_standard=-1.0,
    )  # fmt: skip
    assert set(found) == {
        "demand_missing", "demand_negative", "cost_missing", "count", "fixed_unknown", "standard",
    }  # fmt: skip


def test_a_point_without_demand_need_neither_be_reached_nor_covered() -> None:
    lonely = with_row(COST, "c", np.inf)
    assert p_median(DEMAND, lonely, facility_count=1).is_optimal
    assert lscp(DEMAND, lonely, service_standard=9).objective == 1
    assert mclp(DEMAND, lonely, service_standard=1, facility_count=2).objective == 1


def test_a_model_without_capacities_refuses_them() -> None:
    rules = SiteRules(capacity={"x": 1.0, "y": 1.0})
    with pytest.raises(SitingError) as caught:
        p_center(DEMAND, COST, facility_count=1, rules=rules)
    assert "p_center" in problem_text(caught.value.problems[0], "en")
    with pytest.raises(SitingError):
        lscp_backup(DEMAND, COST, service_standard=9, rules=rules)
