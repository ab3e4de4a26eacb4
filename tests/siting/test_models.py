"""The location models against every choice tried, and the laws that they keep."""

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.siting.models import lscp, lscp_backup, mclp, p_center, p_median
from network_map.siting.problem import SiteRules, SitingPlan
from network_map.siting.solving import SolveEffort, SolveStatus
from tests.siting.world import DEMANDS, SITES, choices, covered, random_world, travelled

STANDARD = 15.0
seeds = st.integers(0, 400)
FEW = settings(max_examples=15)
FREE = ("s1", "s2", "s3")
"""What may be chosen where s4 stands and s5 is excluded."""


def solved(model: Callable[..., SitingPlan], seed: int, **further: object) -> SitingPlan:
    demand, cost = random_world(seed)
    return model(demand, cost, fixed=["s4"], forbidden=["s5"], **further)


@pytest.mark.oracle
@FEW
@given(seeds)
def test_the_greatest_coverage_is_that_of_the_best_choice_tried(seed: int) -> None:
    demand, cost = random_world(seed)
    best = max(covered(demand, cost, (*two, "s4"), STANDARD) for two in choices(FREE, 2))
    try:
        plan = solved(mclp, seed, service_standard=STANDARD, facility_count=2)
    except ValueError:
        assert best == 0
        return
    assert plan.is_optimal
    assert plan.objective == pytest.approx(best)
    assert covered(demand, cost, (*plan.sites, "s4"), STANDARD) == pytest.approx(best)
    assert set(plan.sites) <= set(FREE)
    assert plan.fixed == ("s4",)
    assert plan.bound == pytest.approx(best)
    served = plan.assignment.dropna()
    assert demand.reindex(served.index).sum() == pytest.approx(best)
    nearest = cost[[*plan.sites, *plan.fixed]].min(axis=1)
    for point, site in zip(served.index, served, strict=True):
        assert cost.loc[point, site] == nearest[point] <= STANDARD


@pytest.mark.oracle
@FEW
@given(seeds)
def test_the_least_travel_and_the_least_worst_are_those_of_the_best_choice_tried(
    seed: int,
) -> None:
    demand, cost = random_world(seed)
    plan = solved(p_median, seed, facility_count=2)
    best = min(travelled(demand, cost, (*two, "s4")) for two in choices(FREE, 2))
    assert plan.is_optimal
    assert plan.objective == pytest.approx(best)
    centre = solved(p_center, seed, facility_count=2)
    counted = cost[demand.reindex(cost.index) > 0]
    least = min(counted[[*two, "s4"]].min(axis=1).max() for two in choices(FREE, 2))
    assert centre.is_optimal
    assert centre.objective == pytest.approx(least)


@pytest.mark.oracle
@FEW
@given(seeds, st.sampled_from([12.0, 20.0, 30.0]))
def test_the_fewest_sites_are_those_of_the_smallest_choice_tried(
    seed: int, standard: float
) -> None:
    demand, cost = random_world(seed)
    everybody = demand.sum()
    enough = [
        sites
        for sites in choices(FREE, 3)
        if covered(demand, cost, (*sites, "s4"), standard) == everybody
    ]
    try:
        plan = solved(lscp, seed, service_standard=standard)
    except ValueError:
        assert not enough
        return
    backup = solved(lscp_backup, seed, service_standard=standard)
    if not enough:
        assert plan.status is backup.status is SolveStatus.INFEASIBLE
        assert plan.sites == ()
        out = cost.index[(cost[[*FREE, "s4"]] > standard).all(axis=1)]
        assert set(plan.blocking) == {one for one in out if demand[one] > 0}
        return
    assert len(plan.sites) == plan.objective == len(enough[0])
    assert covered(demand, cost, (*plan.sites, "s4"), standard) == everybody
    twice = max(
        covered(demand, cost, (*sites, "s4"), standard, times=2)
        for sites in enough
        if len(sites) == len(enough[0])
    )
    assert backup.objective == pytest.approx(twice)
    assert len(backup.sites) == len(plan.sites)


@pytest.mark.law
@FEW
@given(seeds, st.randoms(use_true_random=False))
def test_no_order_of_ids_changes_a_plan_and_more_sites_are_never_worse(
    seed: int, shuffle: random.Random
) -> None:
    demand, cost = random_world(seed)
    rows, columns = list(DEMANDS), list(SITES)
    shuffle.shuffle(rows)
    shuffle.shuffle(columns)
    one = p_median(demand, cost, facility_count=2, fixed=["s4"])
    other = p_median(demand, cost.loc[rows, columns], facility_count=2, fixed=["s4"])
    assert one.objective == pytest.approx(other.objective)
    sums = [p_median(demand, cost, facility_count=p).objective for p in (1, 2, 3, 5)]
    assert sums == sorted(sums, reverse=True)


@pytest.mark.oracle
@FEW
@given(seeds)
def test_groups_and_budget_are_kept_by_every_model(seed: int) -> None:
    demand, cost = random_world(seed)
    groups = {"s1": "x", "s2": "x", "s3": "y", "s4": "x"}
    price = {"s1": 3.0, "s2": 2.0, "s3": 2.0, "s4": 2.0}
    rules = SiteRules(groups=groups, most_per_group=1, site_costs=price, budget=4.0)
    allowed = [
        two
        for two in choices(("s1", "s2", "s3", "s4"), 3)
        if sum(price[one] for one in two) <= 4.0
        and max((sum(groups[a] == groups[b] for a in two) for b in two), default=0) <= 1
    ]
    plan = p_median(demand, cost, facility_count=None, fixed=["s5"], forbidden=[], rules=rules)
    best = min(travelled(demand, cost, (*two, "s5")) for two in allowed)
    assert plan.objective == pytest.approx(best)
    assert tuple(sorted(plan.sites)) in [tuple(sorted(two)) for two in allowed]


def test_no_site_serves_more_than_its_capacity_and_split_demand_sums_to_the_whole() -> None:
    demand, cost = random_world(3)
    rules = SiteRules(capacity=dict.fromkeys(SITES, demand.sum() / 2))
    plan = p_median(demand, cost, facility_count=3, rules=rules)
    free = p_median(demand, cost, facility_count=3)
    assert plan.is_optimal
    assert plan.shares is not None
    load = plan.shares.mul(demand.reindex(cost.index), axis=0).sum()
    assert (load <= demand.sum() / 2 + 1e-6).all()
    has_demand = demand.reindex(cost.index) > 0
    assert plan.shares.sum(axis=1)[has_demand].to_numpy() == pytest.approx(1.0)
    assert plan.objective >= free.objective - 1e-9
    roomy = SiteRules(capacity=dict.fromkeys(SITES, demand.sum()))
    assert p_median(demand, cost, facility_count=3, rules=roomy).objective == pytest.approx(
        free.objective
    )
    half = mclp(demand, cost, service_standard=40, facility_count=1, rules=rules)
    assert half.objective == pytest.approx(demand.sum() / 2)
    assert len(lscp(demand, cost, service_standard=40, rules=rules).sites) == 2
    scarce = replace(rules, capacity=dict.fromkeys(SITES, 1.0))
    impossible = lscp(demand, cost, service_standard=40, rules=scarce)
    assert impossible.status is SolveStatus.INFEASIBLE
    assert impossible.blocking


def test_a_plan_that_time_cut_short_is_never_called_optimal() -> None:
    rng = np.random.default_rng(1)
    ids = [f"p{i}" for i in range(120)]
    cost = pd.DataFrame(rng.random((120, 120)) * 100, index=ids, columns=ids)
    demand = pd.Series(rng.random(120), index=ids)
    plan = p_median(demand, cost, facility_count=12, effort=SolveEffort(time_limit=0.0))
    assert not plan.is_optimal
    for language, words in (("zh", "未证明最优"), ("en", "not proven optimal")):
        assert words in plan.summary(language)
    done = p_median(demand.head(7), cost.iloc[:7, :5], facility_count=2)
    assert "已证明最优" in done.summary("zh")
    assert "proven optimal" in done.summary("en")


def test_a_plan_tells_of_each_site_whom_it_serves() -> None:
    demand = pd.Series({"a": 2.0, "b": 1.0, "c": 1.0})
    cost = pd.DataFrame(
        {"x": [1.0, 4.0, 9.0], "y": [9.0, 9.0, 2.0], "z": [9.0, 9.0, 9.0]}, index=list("abc")
    )
    plan = p_median(demand, cost, facility_count=1, fixed=["y"])
    assert plan.sites == ("x",)
    rows = plan.to_frame(demand, cost).to_dict("records")
    assert rows == [
        {"site_id": "x", "is_new": True, "points": 2, "demand": 3.0, "mean_cost": 2.0,
         "largest_cost": 4.0},
        {"site_id": "y", "is_new": False, "points": 1, "demand": 1.0, "mean_cost": 2.0,
         "largest_cost": 2.0},
    ]  # fmt: skip
