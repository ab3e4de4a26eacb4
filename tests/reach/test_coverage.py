"""Reach: who serves a county, how surely, and who would be missed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.errors import QueryError
from network_map.reach.cost import CostMatrix
from network_map.reach.coverage import closure_losses, counted_facilities, reach
from network_map.reach.standards import Service
from network_map.reach.tables import CLOSURE_LOSSES, REACH
from network_map.tables.check import check
from network_map.terms import ServiceRule, Verdict
from tests.nodes.world import nodes
from tests.reach.world import COUNTIES, costs

OWN, NEAREST, COUNTY = ServiceRule.OWN_PREFECTURE, ServiceRule.NEAREST, ServiceRule.OWN_COUNTY
RANK = {verdict.value: rank for rank, verdict in enumerate(Verdict)}
KUNMING, ZHAOTONG = ("sub_market", "530100"), ("sub_market", "530600")


def service(rule: ServiceRule, km: float | None = 100.0, kind: str = "sub_market") -> Service:
    return Service(kind, rule, km)


def one_service(
    cost: CostMatrix, register: pd.DataFrame, rule: ServiceRule, km: float | None = 100.0
) -> pd.DataFrame:
    return reach(cost, COUNTIES, register, services=[service(rule, km)]).set_index("adcode")


# --- who serves ---------------------------------------------------------------------------------


def test_own_prefecture_serves_before_a_nearer_neighbour_and_both_are_shown() -> None:
    register = nodes(KUNMING, ZHAOTONG)
    cost = costs({"n0": [10, 50, 150, 300, 400], "n1": [300, 200, 60, 20, 30]})
    table = one_service(cost, register, OWN)
    row = table.loc["530127"]
    assert (row["node_id"], row["km"], row["reach_verdict"]) == ("n0", 150, "gap")
    assert (row["nearest_node_id"], row["nearest_km"], row["nearest_verdict"]) == (
        "n1", 60, "covered"
    )  # fmt: skip
    assert (row["own_node_id"], row["own_km"], row["own_verdict"]) == ("n0", 150, "gap")
    # The nearest other node than the one that serves.
    assert (row["second_node_id"], row["second_km"]) == ("n1", 60)
    by_nearest = one_service(cost, register, NEAREST).loc["530127"]
    assert (by_nearest["second_node_id"], by_nearest["second_km"]) == ("n0", 150)
    assert (by_nearest["node_id"], by_nearest["reach_verdict"]) == ("n1", "covered")


def test_a_prefecture_without_a_node_is_served_by_the_nearest_and_the_rule_says_so() -> None:
    table = one_service(costs({"n0": [10, 20, 30, 80, 120]}), nodes(KUNMING), OWN)
    check(REACH, table.reset_index())
    assert table["service_rule"].tolist() == [OWN] * 3 + [NEAREST] * 2
    assert table["reach_verdict"].tolist() == ["covered"] * 4 + ["gap"]
    assert table["own_node_id"].isna().tolist() == [False] * 3 + [True] * 2
    assert table["own_verdict"].isna().tolist() == [False] * 3 + [True] * 2


def test_by_presence_a_county_is_covered_whatever_the_distance() -> None:
    register = nodes(("county_centre", "530102"), ("county_centre", "530602"))
    cost = costs({"n0": [40, 1, 2, 3, 4], "n1": [9, 9, 9, 9, 9]})
    table = reach(cost, COUNTIES, register, services=[service(COUNTY, None, "county_centre")])
    table = table.set_index("adcode")
    assert table["reach_verdict"].tolist() == ["covered", "gap", "gap", "covered", "gap"]
    assert table.loc["530102", "node_id"] == "n0"
    assert table.loc["530103", "node_id"] == "n0"
    assert table["standard_km"].isna().all()


def test_a_verdict_is_uncertain_where_the_band_straddles_the_standard() -> None:
    table = one_service(costs({"n0": [90, 91, 100, 111, 112]}), nodes(KUNMING), NEAREST)
    assert table["reach_verdict"].tolist() == [
        "covered", "uncertain", "uncertain", "uncertain", "gap"
    ]  # fmt: skip


def test_the_band_is_of_the_nearest_whichever_that_is() -> None:
    low = [[50, 95]] * 5
    cost = costs({"n0": [104] * 5, "n1": [100] * 5}, low=low)
    row = one_service(cost, nodes(KUNMING, ZHAOTONG), NEAREST).iloc[0]
    assert row["nearest_node_id"] == "n1"
    assert (row["low_km"], row["high_km"]) == (50, pytest.approx(110))


# --- which nodes count --------------------------------------------------------------------------


def test_built_and_unknown_nodes_count_planned_ones_on_request_withdrawn_ones_never() -> None:
    register = nodes(
        *(("sub_market", "530100", {"status": s}) for s in ("withdrawn", "planned", "unknown")),
        KUNMING,
    )
    assert counted_facilities(register, "sub_market")["node_id"].tolist() == ["n2", "n3"]
    with_planned = counted_facilities(register, "sub_market", include_planned=True)
    assert with_planned["node_id"].tolist() == ["n1", "n2", "n3"]
    cost = costs({f"n{i}": [10.0 + i] * 5 for i in range(4)})
    table = one_service(cost, register, NEAREST)
    assert table["node_id"].eq("n2").all()
    assert table["unknown_status_count"].eq(1).all()


def test_a_node_that_could_be_anywhere_forbids_a_gap_but_no_cover() -> None:
    table = one_service(costs({"n0": [10, 50, 150, 300, 400]}), nodes(KUNMING, ZHAOTONG), NEAREST)
    assert table["reach_verdict"].tolist() == ["covered", "covered"] + ["uncertain"] * 3
    assert table["unplaced_count"].eq(1).all()
    own = one_service(costs({"n0": [10, 50, 150, 300, 400]}), nodes(KUNMING, ZHAOTONG), OWN)
    assert own["reach_verdict"].tolist() == ["covered", "covered", "gap", "uncertain", "uncertain"]
    assert own["service_rule"].eq(OWN).all()
    assert own.loc["530602", ["node_id", "km"]].isna().all()


def test_a_list_without_a_node_leaves_gaps_without_distances() -> None:
    table = one_service(costs({}), nodes(), NEAREST)
    assert table["reach_verdict"].eq("gap").all()
    assert (
        table[["km", "low_km", "high_km", "node_id", "method", "second_km"]].isna().all(axis=None)
    )


# --- closures -----------------------------------------------------------------------------------


def test_closing_a_node_names_the_counties_that_would_miss_it() -> None:
    register = nodes(KUNMING, ZHAOTONG)
    cost = costs({"n0": [10, 50, 80, 300, 400], "n1": [300, 200, 100, 20, 30]})
    losses = closure_losses(cost, COUNTIES, register, services=[service(NEAREST)])
    check(CLOSURE_LOSSES, losses)
    assert losses[["node_id", "adcode", "verdict_after", "km_after"]].to_numpy().tolist() == [
        ["n0", "530102", "gap", 300],
        ["n0", "530103", "gap", 200],
        ["n0", "530127", "uncertain", 100],
        ["n1", "530602", "gap", 300],
        ["n1", "530627", "gap", 400],
    ]
    assert losses["is_new_gap"].tolist() == [True, True, False, True, True]


def test_a_prefecture_that_loses_its_only_node_goes_to_the_neighbour() -> None:
    cost = costs({"n0": [10, 50, 150, 300, 400], "n1": [300, 200, 60, 20, 30]})
    losses = closure_losses(cost, COUNTIES, nodes(KUNMING, ZHAOTONG), services=[service(OWN)])
    assert losses["adcode"].tolist() == ["530102", "530103", "530602", "530627"]
    table = one_service(cost, nodes(KUNMING, ZHAOTONG), OWN)
    assert table["only_one_within"].tolist() == [True, True, False, True, True]


def random_case(seed: int) -> tuple[CostMatrix, pd.DataFrame, dict[str, str]]:
    """Return distances, a register of up to five sub-markets, and new names for its nodes."""
    rng = np.random.default_rng(seed)
    m = int(rng.integers(0, 6))
    places = [ZHAOTONG if rng.random() < 0.4 else KUNMING for _ in range(m)]
    table = rng.uniform(0, 250, (5, m))
    table[:, rng.random(m) < 0.15] = np.nan
    cost = costs({f"n{j}": table[:, j].tolist() for j in range(m)}, spread=rng.uniform(0, 0.3))
    names = {f"n{j}": f"z{k}" for j, k in enumerate(rng.permutation(m))}
    return cost, nodes(*places), names


SEEDS = st.integers(0, 2**32 - 1)
RULES = st.sampled_from([OWN, NEAREST])


@pytest.mark.oracle
@settings(max_examples=6)
@given(seed=SEEDS, rule=RULES, standard=st.floats(0, 250))
def test_losses_are_what_striking_each_node_off_the_list_gives(
    seed: int, rule: ServiceRule, standard: float
) -> None:
    cost, register, _ = random_case(seed)
    before = one_service(cost, register, rule, standard)
    expected = {}
    for node_id in register["node_id"]:
        after = one_service(cost, register[register["node_id"] != node_id], rule, standard)
        worse = after["reach_verdict"].map(RANK) > before["reach_verdict"].map(RANK)
        for adcode in after.index[worse]:
            expected[node_id, adcode] = [
                after.loc[adcode, name] for name in ("reach_verdict", "km")
            ]
    losses = closure_losses(cost, COUNTIES, register, services=[service(rule, standard)])
    found = losses.set_index(["node_id", "adcode"])[["verdict_after", "km_after"]]
    wanted = pd.DataFrame(expected, index=["verdict_after", "km_after"]).T.reindex(found.index)
    assert set(found.index) == set(expected)
    assert found["verdict_after"].tolist() == wanted["verdict_after"].tolist()
    assert found["km_after"].to_numpy("float64") == pytest.approx(
        wanted["km_after"].to_numpy("float64"), nan_ok=True
    )
    fragile = {
        adcode
        for adcode, row in before.iterrows()
        if row["reach_verdict"] == "covered" and (row["node_id"], adcode) in expected
    }
    assert set(before.index[before["only_one_within"]]) == fragile


# --- higher tiers -------------------------------------------------------------------------------

TIERS = ("demonstration_county", "sub_market", "provincial_market")


def tier_case(seed: int) -> tuple[CostMatrix, pd.DataFrame, list[Service]]:
    """Return distances to up to six nodes of three tiers, and how each tier serves."""
    rng = np.random.default_rng(seed)
    m = int(rng.integers(1, 7))
    places = [(str(rng.choice(TIERS)), str(rng.choice(["530100", "530600"]))) for _ in range(m)]
    table = rng.uniform(0, 250, (5, m))
    table[:, rng.random(m) < 0.15] = np.nan
    cost = costs({f"n{j}": table[:, j].tolist() for j in range(m)}, spread=rng.uniform(0, 0.3))
    rules = [NEAREST, rng.choice([OWN, NEAREST]), NEAREST]
    services = [
        service(ServiceRule(rule), float(rng.uniform(20, 200)), kind)
        for kind, rule in zip(TIERS, rules, strict=True)
    ]
    return cost, nodes(*places), services


def tiers_of(cost: CostMatrix, register: pd.DataFrame, services: list[Service]) -> pd.DataFrame:
    table = reach(cost, COUNTIES, register, services=services, higher_tier_serves=True)
    return table.set_index(["kind", "adcode"])


@pytest.mark.law
@pytest.mark.oracle
@settings(max_examples=20)
@given(seed=SEEDS)
def test_a_higher_tier_serves_in_the_place_of_a_lower_one(seed: int) -> None:
    cost, register, services = tier_case(seed)
    found = tiers_of(cost, register, services)
    check(REACH, found.reset_index())
    alone = reach(cost, COUNTIES, register, services=services).set_index(["kind", "adcode"])
    order = {kind: place for place, kind in enumerate(TIERS)}
    km = {node: dict(zip(cost.demand_ids, cost.km[:, i], strict=True))
          for i, node in enumerate(cost.facility_ids)}  # fmt: skip
    for (kind, adcode), row in zip(found.index, found.to_dict("records"), strict=True):
        serving = [alone.loc[(tier, adcode)] for tier in TIERS[order[kind] :]]
        for name in ("km", "low_km", "high_km"):
            least = min((one[name] for one in serving if pd.notna(one[name])), default=np.nan)
            assert row[name] == pytest.approx(least, nan_ok=True)
        if any(one["high_km"] <= row["standard_km"] for one in serving):
            assert row["reach_verdict"] == "covered"
        elif all(not one["low_km"] <= row["standard_km"] for one in serving):
            unplaced = sum(one["unplaced_count"] for one in serving)
            assert row["reach_verdict"] == ("uncertain" if unplaced else "gap")
        else:
            assert row["reach_verdict"] == "uncertain"
        kinds = set(TIERS[order[kind] :])
        others = [
            km[node][adcode]
            for node in register.loc[register["kind"].isin(kinds), "node_id"]
            if node != row["node_id"] and not np.isnan(km[node][adcode])
        ]
        assert row["second_km"] == pytest.approx(min(others, default=np.nan), nan_ok=True)
        assert pd.isna(row["second_node_id"]) or row["second_node_id"] != row["node_id"]


@pytest.mark.oracle
@settings(max_examples=15)
@given(seed=SEEDS)
def test_losses_over_tiers_are_what_striking_each_node_off_gives(seed: int) -> None:
    cost, register, services = tier_case(seed)
    before = tiers_of(cost, register, services)
    expected = {}
    for node_id in register["node_id"]:
        after = tiers_of(cost, register[register["node_id"] != node_id], services)
        worse = after["reach_verdict"].map(RANK) > before["reach_verdict"].map(RANK)
        for kind, adcode in after.index[worse]:
            row = after.loc[(kind, adcode)]
            expected[kind, node_id, adcode] = (row["reach_verdict"], row["km"])
    losses = closure_losses(cost, COUNTIES, register, services=services, higher_tier_serves=True)
    check(CLOSURE_LOSSES, losses)
    found = {
        (row["kind"], row["node_id"], row["adcode"]): (row["verdict_after"], row["km_after"])
        for row in losses.to_dict("records")
    }
    assert set(found) == set(expected)
    for key, (verdict, kilometres) in expected.items():
        assert found[key][0] == verdict
        assert found[key][1] == pytest.approx(kilometres, nan_ok=True)
    for (kind, adcode), row in zip(before.index, before.to_dict("records"), strict=True):
        is_lost = (kind, row["node_id"], adcode) in expected
        assert row["only_one_within"] == (row["reach_verdict"] == "covered" and is_lost)


# --- laws ---------------------------------------------------------------------------------------


@pytest.mark.law
@settings(max_examples=6)
@given(seed=SEEDS, rule=RULES, standard=st.floats(0, 250), more=st.floats(0, 100))
def test_raising_a_standard_never_adds_a_gap(
    seed: int, rule: ServiceRule, standard: float, more: float
) -> None:
    cost, register, _ = random_case(seed)
    before = one_service(cost, register, rule, standard)
    after = one_service(cost, register, rule, standard + more)
    for name in ("reach_verdict", "nearest_verdict"):
        assert (after[name].map(RANK) <= before[name].map(RANK)).all()


@pytest.mark.law
@settings(max_examples=6)
@given(seed=SEEDS, rule=st.sampled_from([OWN, NEAREST, COUNTY]), standard=st.floats(0, 250))
def test_adding_a_node_never_adds_a_gap(seed: int, rule: ServiceRule, standard: float) -> None:
    cost, register, _ = random_case(seed)
    if register.empty:
        return
    fewer = register.iloc[:-1]
    before, after = (one_service(cost, list_, rule, standard) for list_ in (fewer, register))
    first = register["prefecture_adcode"].iloc[-1] not in set(fewer["prefecture_adcode"])
    is_gap, was_gap = after["reach_verdict"].eq("gap"), before["reach_verdict"].eq("gap")
    new_gap = is_gap & ~was_gap
    if rule is OWN and first:
        new_gap &= after["prefecture_adcode"] != register["prefecture_adcode"].iloc[-1]
    assert not new_gap.any()
    assert not (after["nearest_verdict"].eq("gap") & before["nearest_verdict"].ne("gap")).any()


def test_only_a_prefectures_first_node_can_take_a_county_from_a_nearer_neighbour() -> None:
    cost = costs({"n0": [10, 50, 60, 80, 85], "n1": [400, 300, 200, 20, 190]})
    before = one_service(cost, nodes(KUNMING), OWN)
    after = one_service(cost, nodes(KUNMING, ZHAOTONG), OWN)
    assert before.loc["530627", "reach_verdict"] == "covered"
    assert [after.loc["530627", name] for name in ("reach_verdict", "nearest_verdict")] == [
        "gap",
        "covered",
    ]


@pytest.mark.law
@settings(max_examples=6)
@given(seed=SEEDS, rule=RULES, standard=st.floats(0, 250))
def test_new_names_and_another_order_change_nothing(
    seed: int, rule: ServiceRule, standard: float
) -> None:
    cost, register, names = random_case(seed)
    plain = one_service(cost, register, rule, standard)
    turned_cost = CostMatrix(
        **{name: getattr(cost, name) for name in CostMatrix.__dataclass_fields__}
        | {"facility_ids": tuple(names[name] for name in cost.facility_ids)}
    ).select(sorted(names.values()), demand_ids=cost.demand_ids[::-1])
    turned_register = register.iloc[::-1].assign(node_id=lambda t: t["node_id"].map(names))
    turned = reach(
        turned_cost, COUNTIES.iloc[::-1], turned_register, services=[service(rule, standard)]
    ).set_index("adcode")
    ids = [name for name in plain.columns if name.endswith("node_id")]
    for name in ids:
        assert turned[name].dropna().to_dict() == plain[name].map(names).dropna().to_dict()
    rest = [name for name in plain.columns if name not in ids and not name.endswith("_name")]
    pd.testing.assert_frame_equal(turned.loc[plain.index, rest], plain[rest])


@pytest.mark.law
@settings(max_examples=6)
@given(seed=SEEDS, rule=RULES)
def test_the_band_of_every_row_is_in_order(seed: int, rule: ServiceRule) -> None:
    cost, register, _ = random_case(seed)
    table = one_service(cost, register, rule).dropna(subset=["km"])
    assert (table["low_km"] <= table["km"]).all()
    assert (table["km"] <= table["high_km"]).all()
    assert (table["nearest_km"] <= table["km"]).all()


# --- what cannot be -----------------------------------------------------------------------------


@pytest.mark.parametrize("standard", [-5.0, float("nan"), float("inf")])
def test_a_standard_that_is_no_distance_is_refused(standard: float) -> None:
    with pytest.raises(QueryError, match="standard_invalid"):
        reach(costs({}), COUNTIES, nodes(), services=[service(NEAREST, standard)])


def test_a_county_without_distances_is_refused() -> None:
    with pytest.raises(KeyError, match="530102"):
        reach(costs({}).select(demand_ids=["530103"]), COUNTIES, nodes())
