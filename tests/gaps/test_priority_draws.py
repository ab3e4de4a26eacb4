"""Rank intervals: seeded, blind to the order of rows, equal to a plain loop over the draws."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.completion.ensemble import Ensemble
from network_map.errors import QueryError
from network_map.gaps.ask_first import LEAST_CHANGES, ask_first, list_effects
from network_map.gaps.priority import Severities, orders
from network_map.gaps.rank_draws import (
    DrawInputs,
    NetworkLists,
    draw_inputs,
    drawn_reach,
    drawn_severities,
    fact_numbers,
    serving_tiers,
)
from network_map.gaps.rank_interval import is_noise, joint_numbers, rank_intervals
from network_map.gaps.severity import kind_severities
from network_map.gaps.weights import COMPONENTS, PRESETS
from network_map.i18n import LANGUAGES, text
from network_map.terms import ServiceRule
from tests.completion.world import CENTRE, COUNTIES, DEMONSTRATION, PROVINCE, Facts, ensemble
from tests.gaps.world import (
    KNOWN,
    OPEN,
    distances,
    lists,
    matrix,
    presence_of,
    severities,
    with_lists,
)

BALANCED = PRESETS["balanced"]
SURPLUS = (OPEN[0], Facts({PROVINCE: 1}, named=COUNTIES[:2], kind=DEMONSTRATION))


def inputs(
    facts: Sequence[Facts] = OPEN,
    *,
    rule: ServiceRule = ServiceRule.NEAREST,
    count: int = 60,
) -> DrawInputs:
    """Return what is drawn from, of the small province."""
    network = lists(facts, rule=rule)
    return draw_inputs(severities(network), network, count=count, seed=4)


def turned(found: Severities, order: list[int]) -> Severities:
    """Return the severities with their rows in another order."""
    return Severities(
        tuple(found.adcodes[i] for i in order), found.components,
        found.expected[order], found.low[order], found.high[order],
    )  # fmt: skip


def banded(middle: float, low: float, high: float, position: float) -> float:
    """Return a value in its band, from the definition."""
    return middle + position * (high - middle if position > 0 else middle - low)


def looped_ranks(given_inputs: DrawInputs, draws: int, seed: int) -> list[dict[str, int]]:
    """Return the joint ranks, draw by draw and county by county, with the same numbers."""
    numbers = joint_numbers(given_inputs, BALANCED, draws=draws, seed=seed)
    found = given_inputs.severities
    reach = given_inputs.reach[0]
    all_ranks = []
    for draw in range(draws):
        rows = []
        open_places = reach.is_open[draw % len(reach.is_open)]
        for i, code in enumerate(found.adcodes):
            presence = sum(
                part.share * part.lacking[draw % len(part.lacking), i]
                for part in given_inputs.presence
            )
            allowed = open_places
            if reach.is_own is not None and (open_places & reach.is_own[i]).any():
                allowed = open_places & reach.is_own[i]
            at = int(min(np.flatnonzero(allowed), key=lambda j: reach.km[i, j]))
            km = banded(
                reach.km[i, at], reach.low_km[i, at], reach.high_km[i, at], numbers.band[draw, i]
            )
            for tier in reach.higher:
                there = np.flatnonzero(tier.is_open[draw % len(tier.is_open)])
                place = there[tier.km[i, there].argmin()]
                ends = (tier.km[i, place], tier.low_km[i, place], tier.high_km[i, place])
                km = min(km, banded(*ends, numbers.band[draw, i]))
            standard = reach.standard_km * numbers.standards[DEMONSTRATION][draw]
            parts = [presence, float(np.clip(km / standard - 0.5, 0, 1))]
            for place, name in ((2, "activity"), (3, "consortium")):
                position = numbers.positions[name][draw, i] if name in numbers.positions else 0.0
                middle, low, high = (
                    float(values[i, place]) for values in (found.expected, found.low, found.high)
                )
                parts.append(banded(middle, low, high, position))
            score = float(np.dot(parts, numbers.weights[draw]))
            rows.append({"adcode": code, "score": round(100 * score, 9)})
        table = pd.DataFrame(rows).sort_values(["score", "adcode"], ascending=[False, True])
        all_ranks.append(dict(zip(table["adcode"], range(1, len(table) + 1), strict=True)))
    return all_ranks


@pytest.mark.parametrize("rule", [ServiceRule.NEAREST, ServiceRule.OWN_PREFECTURE])
def test_a_plain_loop_over_the_draws_gives_the_same_ranks(rule: ServiceRule) -> None:
    found = inputs(rule=rule)
    table = rank_intervals(found, BALANCED, draws=60, seed=7, top_count=3).set_index("adcode")
    loop = pd.DataFrame(looped_ranks(found, 60, 7))[list(table.index)]
    ordered = np.sort(loop.to_numpy(), axis=0)
    assert table["rank_low"].tolist() == ordered[2].tolist()
    assert table["rank_high"].tolist() == ordered[57].tolist()
    assert table["share_in_top"].to_numpy() == pytest.approx((loop <= 3).mean().to_numpy())


@settings(max_examples=6)
@given(order=st.permutations(range(len(COUNTIES))), seed=st.integers(0, 50))
def test_the_order_of_rows_changes_no_interval_and_a_seed_repeats_it(
    order: list[int], seed: int
) -> None:
    network = lists()
    plain = severities(network)
    first, second = (
        rank_intervals(
            draw_inputs(found, network, count=40, seed=seed), BALANCED, draws=40, seed=seed
        )
        .set_index("adcode")
        .sort_index()
        for found in (plain, turned(plain, order))
    )
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize("preset", PRESETS)
def test_severities_drawn_once_hold_for_every_set_of_weights(preset: str) -> None:
    found = inputs()
    drawn = drawn_severities(found, fact_numbers(found, draws=60, seed=7))
    anew = rank_intervals(found, PRESETS[preset], draws=60, seed=7)
    again = rank_intervals(found, PRESETS[preset], draws=60, seed=7, drawn=drawn)
    pd.testing.assert_frame_equal(anew, again)


@given(
    scores=st.lists(
        st.lists(st.sampled_from([0.0, 1e-10, 1e-9, 12.5, 99.9999999994, 100.0, 1e12]),
                 min_size=5, max_size=5), min_size=1, max_size=6,
    )
)  # fmt: skip
def test_orders_are_those_of_scores_to_nine_decimals_and_then_of_codes(
    scores: list[list[float]],
) -> None:
    codes = ["c", "a", "e", "b", "d"]
    found = orders(np.array(scores), codes)
    for row, order in zip(scores, found, strict=True):
        keys = [(-round(score * 1e9), code) for score, code in zip(row, codes, strict=True)]
        assert order.tolist() == sorted(range(5), key=lambda place, k=keys: k[place])  # type: ignore[misc]


def test_another_seed_gives_other_draws() -> None:
    found = inputs(count=5)
    first, second = (joint_numbers(found, BALANCED, draws=20, seed=seed) for seed in (1, 2))
    assert (first.weights != second.weights).any(axis=1).all()
    assert (first.band != second.band).all(axis=1).all()


def test_without_anything_to_vary_no_rank_moves() -> None:
    step = np.linspace(0.1, 0.9, len(COUNTIES))[:, None]
    fixed = Severities(tuple(COUNTIES), ("reach",), step, step, step)
    table = rank_intervals(DrawInputs(fixed), {"reach": 1.0}, draws=20, seed=1)
    assert (table["rank_low"] == table["rank_high"]).all()
    assert not is_noise(table)


def test_ranks_that_move_over_a_third_of_the_province_in_half_of_the_counties_are_noise() -> None:
    low = np.arange(1, 10)
    for width, expected in ((3, False), (4, True)):
        high = low + np.array([width] * 5 + [0] * 4)
        assert is_noise(pd.DataFrame({"rank_low": low, "rank_high": high})) is expected


def test_drawn_lists_at_the_estimates_average_to_the_expected_severities() -> None:
    found = inputs(count=4000)
    numbers = fact_numbers(found, draws=4000, seed=2, standard_spread=0.0)
    still = replace(numbers, band=np.zeros_like(numbers.band), positions={})
    moved = drawn_severities(found, still).moved
    assert set(moved) == {"presence", "reach"}
    for place, name in enumerate(("presence", "reach")):
        mean = moved[name].mean(axis=0)
        assert mean == pytest.approx(found.severities.expected[:, place], abs=0.03)


def test_a_centre_that_is_being_built_is_half_a_gap_in_every_draw() -> None:
    network = replace(lists(KNOWN), planned=frozenset(COUNTIES[:2]))
    found = draw_inputs(severities(network), network, count=10, seed=1)
    drawn = found.presence[0].lacking
    assert drawn[:, :2].tolist() == [[0.5, 0.5]] * len(drawn)
    table = presence_of(network)
    assert table["expected"].tolist() == [0.5, 0.5, 0, 0, 0, 0, 1]
    assert (table["low"] == table["high"]).all()


def test_a_list_with_a_surplus_is_drawn_within_its_bounds() -> None:
    network = lists(SURPLUS)
    found = draw_inputs(severities(network), network, count=10, seed=1)
    assert {part.name for part in found.bounded} == {f"reach {DEMONSTRATION}"}
    table = rank_intervals(found, BALANCED, draws=40, seed=1)
    assert (table["rank_low"] < table["rank_high"]).any()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"draws": 0}, "completion_draw_count"),
        ({"seed": -1}, "completion_seed"),
        ({"concentration": 0.0}, "priority_concentration"),
        ({"concentration": float("nan")}, "priority_concentration"),
        ({"standard_spread": 1.0}, "priority_spread"),
    ],
)
def test_draws_that_cannot_be_made_are_refused_with_one_sentence(
    options: dict[str, float], code: str
) -> None:
    with pytest.raises(QueryError) as caught:
        rank_intervals(
            inputs(count=5),
            BALANCED,
            draws=int(options.get("draws", 5)),
            seed=int(options.get("seed", 1)),
            concentration=options.get("concentration", 50.0),
            standard_spread=options.get("standard_spread", 0.1),
        )
    assert caught.value.code == code
    for language in LANGUAGES:
        sentence = text(f"error.{code}", language, **caught.value.values)
        assert str(next(iter(options.values()))) in sentence


# --- which list to ask for first ----------------------------------------------------------------


def with_one(ensemble: Ensemble, place: int, *, has: bool) -> Ensemble:
    """Return the ensemble once a place is known to have or to lack a node."""
    known, candidates = ensemble.known_counts.copy(), ensemble.is_candidate.copy()
    known[place] += int(has)
    candidates[place] = False
    return replace(
        ensemble, known_counts=known, is_candidate=candidates,
        missing_count=(ensemble.missing_count or 0) - int(has), bounds=ensemble.bounds - int(has),
    )  # fmt: skip


def with_list(ensemble: Ensemble, taken: Sequence[int]) -> Ensemble:
    """Return the ensemble once the places of all nodes are known."""
    for place in np.flatnonzero(ensemble.is_candidate):
        ensemble = with_one(ensemble, int(place), has=place in taken)
    return ensemble


def entries(values: Severities, found: Severities) -> int:
    """Return how many counties are among the first three of some severities and not of others."""
    own = np.array([BALANCED[name] for name in COMPONENTS])
    tops = []
    for one in (values, found):
        scores = pd.Series(np.round(100 * one.expected @ own, 9), index=one.adcodes)
        order = scores.sort_index().sort_values(ascending=False, kind="stable")
        tops.append(set(order.index[:3]))
    return len(tops[0] - tops[1])


def asked(
    network: NetworkLists,
    *,
    activity: bool = True,
    draws: int = 3000,
    weights: Mapping[str, float] = BALANCED,
) -> pd.DataFrame:
    found = draw_inputs(severities(network, activity=activity), network, count=draws, seed=1)
    effects = list_effects(found, network)
    return ask_first(found, weights, effects, seed=1, draws=draws, top_count=3)


@pytest.mark.oracle
@pytest.mark.parametrize("rule", [ServiceRule.NEAREST, ServiceRule.OWN_PREFECTURE])
def test_a_list_changes_the_top_as_each_of_the_possible_lists_does(rule: ServiceRule) -> None:
    network = lists(rule=rule)
    found, table = severities(network), asked(network)
    for kind in (DEMONSTRATION, CENTRE):
        ensemble = network.by_kind[kind]
        places = np.flatnonzero(ensemble.is_candidate)
        changes = []
        for taken in combinations(map(int, places), ensemble.missing_count or 0):
            other = with_lists(network, kind, with_list(ensemble, taken))
            changes.append(entries(severities(other), found))
        whole = table[(table["list_code"] == kind) & table["adcode"].isna()]
        shown = float(whole["expected_changes"].sum())
        assert shown == pytest.approx(np.mean(changes), abs=0.15)


@pytest.mark.oracle
def test_a_settled_place_moves_severities_as_the_ensemble_built_anew_does() -> None:
    network = lists()
    found = draw_inputs(severities(network), network, count=6000, seed=1)
    (own,) = (e for e in list_effects(found, network) if e.kind == DEMONSTRATION)
    reach = network.reaches[0]
    before = kind_severities(reach)["expected"].to_numpy()
    assert own.adcodes == tuple(COUNTIES[1:])
    for row, code in enumerate(own.adcodes):
        settled = with_one(reach.ensemble, COUNTIES.index(code), has=True)
        anew = kind_severities(replace(reach, ensemble=settled))["expected"].to_numpy()
        assert own.settled["reach"][row] == pytest.approx(anew - before, abs=0.06)


@pytest.mark.oracle
def test_a_list_of_a_higher_tier_moves_the_severity_of_the_lower_one() -> None:
    network = lists()
    reach = network.reaches[0]
    facts = Facts({PROVINCE: 2}, named=COUNTIES[6:], kind="sub_market")
    higher = replace(reach, ensemble=ensemble(facts), cost=matrix(distances(8)))
    tiers = replace(network, reaches=(replace(reach, higher=(higher,)),))
    expected = kind_severities(tiers.reaches[0])["expected"].to_numpy()
    found = draw_inputs(severities(tiers), tiers, count=6000, seed=1)
    drawn = drawn_reach(found.reach[0], serving_tiers(found.reach), 6000)
    assert drawn.mean(axis=0) == pytest.approx(expected, abs=0.03)
    effects = {effect.kind: effect for effect in list_effects(found, tiers)}
    for row, code in enumerate(effects["sub_market"].adcodes):
        settled = with_list(higher.ensemble, [COUNTIES.index(code)])
        part = replace(reach, higher=(replace(higher, ensemble=settled),))
        anew = kind_severities(part)["expected"].to_numpy()
        moved = effects["sub_market"].settled["reach"][row]
        assert moved == pytest.approx(anew - expected, abs=0.06)
    table = rank_intervals(found, BALANCED, draws=60, seed=7, top_count=3).set_index("adcode")
    loop = pd.DataFrame(looped_ranks(found, 60, 7))[list(table.index)]
    assert table["share_in_top"].to_numpy() == pytest.approx((loop <= 3).mean().to_numpy())


def test_facts_stand_below_their_list_and_what_changes_nothing_is_left_out() -> None:
    table = asked(lists())
    assert table["order"].tolist() == list(range(1, len(table) + 1))
    assert (table["expected_changes"] >= LEAST_CHANGES).all()
    starts = table["adcode"].isna()
    assert starts.iloc[0]
    assert table.loc[starts, "expected_changes"].is_monotonic_decreasing
    for _, group in table.groupby(starts.cumsum()):
        assert len(set(group["list_code"])) == 1
        assert group["expected_changes"].iloc[1:].is_monotonic_decreasing


def test_a_complete_register_leaves_only_the_unknown_industry_to_ask_for() -> None:
    table = asked(lists(KNOWN), draws=50, weights={"consortium": 1.0})
    assert set(table["list_code"]) == {"consortium"}
    assert set(table["adcode"].dropna()) <= set(COUNTIES[5:])


def test_a_register_that_is_not_loaded_is_one_question() -> None:
    table = asked(lists(KNOWN), activity=False, draws=50)
    register = table[table["list_code"] == "register"]
    assert register["adcode"].isna().tolist() == [True]
    assert 0 < register["expected_changes"].iloc[0] <= 3
