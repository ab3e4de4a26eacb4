"""Several tiers at once, and the order of building, against every choice tried."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.siting.models import SiteTier, mclp, mclp_tiers, nested_order
from network_map.siting.problem import SitingPlan
from tests.siting.world import choices, covered, random_world

FEW = settings(max_examples=12)
ALL = ("s1", "s2", "s3", "s4", "s5")


@pytest.mark.oracle
@FEW
@given(st.integers(0, 200))
def test_a_higher_site_serves_the_lower_tier_too_and_the_best_choice_is_found(seed: int) -> None:
    demand, cost = random_world(seed)
    further, upper_cost = random_world(seed + 1000)
    upper = SiteTier(name="upper", cost=upper_cost, service_standard=30.0, facility_count=1)
    lower = SiteTier(name="lower", cost=cost, service_standard=10.0, facility_count=2, fixed=["s5"])
    try:
        plans = mclp_tiers({"upper": further, "lower": demand}, [upper, lower])
    except ValueError:
        return  # nobody within the standard of any site
    best = 0.0
    for one, two in product(choices(ALL, 1), choices(ALL[:4], 2)):
        near = (cost[[*two, "s5"]] <= 10).any(axis=1)
        if one:
            near |= (upper_cost[list(one)] <= 10).any(axis=1)
        sums = covered(further, upper_cost, one, 30.0) + demand.reindex(cost.index)[near].sum()
        best = max(best, float(sums))
    assert plans["upper"].objective + plans["lower"].objective == pytest.approx(best)
    assert plans["lower"].fixed == ("s5",)
    assert len(plans["upper"].sites) <= 1
    assert len(plans["lower"].sites) <= 2


@pytest.mark.law
@FEW
@given(st.integers(0, 200))
def test_an_order_of_building_only_adds_and_its_loss_is_that_against_the_best(seed: int) -> None:
    demand, cost = random_world(seed)

    def solve(count: int, chosen: tuple[str, ...]) -> SitingPlan:
        return mclp(demand, cost, service_standard=25, facility_count=count, fixed=chosen)

    order = nested_order(solve, facility_count=3)
    chosen: list[str] = []
    for step, row in enumerate(order.to_dict("records"), start=1):
        chosen.append(row["site_id"])
        assert row["nested_objective"] == pytest.approx(covered(demand, cost, chosen, 25))
        most = max(covered(demand, cost, some, 25) for some in choices(ALL, step))
        assert row["best_objective"] == pytest.approx(most)
        assert row["loss"] == pytest.approx((most - row["nested_objective"]) / most)
    assert order["loss"].iloc[0] == pytest.approx(0.0)
    assert len(set(chosen)) == len(chosen)
