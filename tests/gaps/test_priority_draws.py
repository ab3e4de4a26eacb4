"""Rank intervals: seeded, blind to the order of rows, equal to a plain loop over the draws."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.completion.ensemble import Ensemble
from network_map.completion.shares import inclusion_shares
from network_map.errors import QueryError
from network_map.gaps.ask_first import ask_first, name_facts, presence_if_present, reach_if_present
from network_map.gaps.priority import Severities, orders
from network_map.gaps.rank_draws import DrawInputs, draw_inputs, drawn_severities, fact_numbers
from network_map.gaps.rank_interval import joint_numbers, rank_intervals
from network_map.gaps.severity import kind_severities, reach_severity
from network_map.gaps.tables import RankCause
from network_map.gaps.weights import COMPONENTS, PRESETS
from network_map.i18n import LANGUAGES, text
from network_map.terms import ServiceRule
from tests.completion.world import CENTRE, COUNTIES, DEMONSTRATION, PROVINCE, Facts
from tests.gaps.world import KNOWN, OPEN, lists, severities, with_lists

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
                part.share * (not part.is_present[draw % len(part.is_present), i])
                for part in given_inputs.presence
            )
            allowed = open_places
            if reach.is_own is not None and (open_places & reach.is_own[i]).any():
                allowed = open_places & reach.is_own[i]
            at = min(np.flatnonzero(allowed), key=lambda j: reach.km[i, j])
            km = banded(
                reach.km[i, at], reach.low_km[i, at], reach.high_km[i, at], numbers.band[draw, i]
            )
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


def test_a_complete_register_gives_completion_intervals_of_zero_width() -> None:
    table = rank_intervals(inputs(KNOWN), BALANCED, draws=50, seed=1)
    assert (table["rank_low_names"] == table["rank_high_names"]).all()
    assert not (table["largest_cause"] == "names").any()


def test_without_anything_to_vary_no_rank_moves_and_no_cause_is_named() -> None:
    step = np.linspace(0.1, 0.9, len(COUNTIES))[:, None]
    fixed = Severities(tuple(COUNTIES), ("reach",), step, step, step)
    table = rank_intervals(DrawInputs(fixed), {"reach": 1.0}, draws=20, seed=1)
    assert (table["rank_low"] == table["rank_high"]).all()
    assert set(table["largest_cause"]) == {"none"}


def test_each_cause_alone_leaves_the_others_at_their_expectation() -> None:
    found = inputs()
    numbers = joint_numbers(found, BALANCED, draws=60, seed=1)
    drawn = drawn_severities(found, numbers)
    expected = 100 * found.severities.expected
    own = np.array([BALANCED[name] for name in COMPONENTS])
    of_weights = drawn.scores(numbers.weights, RankCause.WEIGHTS)
    assert of_weights == pytest.approx(numbers.weights @ expected.T)
    of_facts = drawn.scores(own[None], RankCause.FACTS)
    assert of_facts[:, :5] == pytest.approx(np.broadcast_to(expected[:5] @ own, (60, 5)))
    is_fixed = joint_numbers(found, BALANCED, draws=60, seed=1, standard_spread=0.0)
    rest = replace(is_fixed, band=np.zeros_like(is_fixed.band))
    still = drawn_severities(found, rest).scores(own[None], RankCause.DISTANCES)
    assert still == pytest.approx(np.broadcast_to(expected @ own, still.shape))


def test_drawn_names_average_to_the_expected_score() -> None:
    found = inputs(count=4000)
    numbers = joint_numbers(found, BALANCED, draws=4000, seed=2)
    own = np.array([BALANCED[name] for name in COMPONENTS])
    scores = drawn_severities(found, numbers).scores(own[None], RankCause.NAMES)
    mean = scores.mean(axis=0)
    assert mean == pytest.approx(100 * found.severities.expected @ own, abs=1.0)


def test_a_list_with_a_surplus_is_drawn_within_its_bounds() -> None:
    network = lists(SURPLUS)
    found = draw_inputs(severities(network), network, count=10, seed=1)
    assert {part.name for part in found.bounded} == {
        f"presence {DEMONSTRATION}", f"reach {DEMONSTRATION}",
    }  # fmt: skip
    table = rank_intervals(found, BALANCED, draws=40, seed=1)
    assert (table["rank_low_names"] <= table["rank_high_names"]).all()
    assert (table["rank_low_names"] < table["rank_high_names"]).any()


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


# --- whom to ask first --------------------------------------------------------------------------


def with_one(ensemble: Ensemble, place: int, *, has: bool) -> Ensemble:
    """Return the ensemble once a place is known to have or to lack a node."""
    known, candidates = ensemble.known_counts.copy(), ensemble.is_candidate.copy()
    known[place] += int(has)
    candidates[place] = False
    return replace(
        ensemble, known_counts=known, is_candidate=candidates,
        missing_count=(ensemble.missing_count or 0) - int(has), bounds=ensemble.bounds - int(has),
    )  # fmt: skip


@pytest.mark.parametrize("rule", [ServiceRule.NEAREST, ServiceRule.OWN_PREFECTURE])
def test_settling_a_place_equals_the_ensemble_built_anew(rule: ServiceRule) -> None:
    network = lists(rule=rule)
    reach = network.reaches[0]
    lacks, severity = presence_if_present(reach.ensemble), reach_if_present(reach)
    for place in np.flatnonzero(reach.ensemble.is_candidate):
        settled = with_one(reach.ensemble, int(place), has=True)
        shares = inclusion_shares(settled)["share_of_lists"].to_numpy()
        assert lacks[place] == pytest.approx(1 - shares)
        anew = kind_severities(replace(reach, ensemble=settled))["expected"].to_numpy()
        assert severity[place] == pytest.approx(anew)


def test_expected_changes_equal_those_of_scores_computed_anew() -> None:
    network = lists()
    found = severities(network)
    table = ask_first(
        draw_inputs(found, network, count=5, seed=1), BALANCED, network, seed=1, top_count=3
    )
    own = np.array([BALANCED[name] for name in COMPONENTS])

    def top(values: Severities) -> set[str]:
        scores = pd.Series(np.round(100 * values.expected @ own, 9), index=values.adcodes)
        return set(scores.sort_index().sort_values(ascending=False, kind="stable").index[:3])

    asked = table[table["fact_kind"] == DEMONSTRATION].set_index("adcode")
    ensemble = network.by_kind[DEMONSTRATION]
    assert set(asked.index) == set(COUNTIES[1:])
    for code, row in asked.iterrows():
        place = COUNTIES.index(str(code))
        changes = 0.0
        for has in (True, False):
            other = with_lists(network, DEMONSTRATION, with_one(ensemble, place, has=has))
            share = row["share_yes"] if has else 1 - row["share_yes"]
            changes += share * len(top(severities(other)) - top(found))
        assert row["expected_changes"] == pytest.approx(changes)
    assert table["expected_changes"].is_monotonic_decreasing
    assert table["order"].tolist() == list(range(1, len(table) + 1))


def test_a_complete_register_leaves_only_the_unknown_industry_to_ask_for() -> None:
    network = lists(KNOWN)
    found = draw_inputs(severities(network), network, count=5, seed=1)
    table = ask_first(found, BALANCED, network, seed=1)
    assert set(table["fact_kind"]) == {"consortium"}
    assert set(table["adcode"]) == set(COUNTIES[5:])


def test_a_register_that_is_not_loaded_is_one_question() -> None:
    network = lists(KNOWN)
    found = draw_inputs(severities(network, activity=False), network, count=5, seed=1)
    table = ask_first(found, BALANCED, network, seed=1, draws=50, top_count=3)
    register = table[table["fact_kind"] == "register"]
    assert len(register) == 1
    assert 0 < register["expected_changes"].iloc[0] <= 3
    assert "activity" not in set(table["fact_kind"])


def test_drawn_lists_answer_for_pairs_of_lists() -> None:
    network = lists(is_nested=True)
    found = draw_inputs(severities(network), network, count=3000, seed=1)
    facts = {fact.kind: fact for fact in name_facts(found, BALANCED, network, seed=1, draws=3000)}
    exact = {fact.kind: fact for fact in name_facts(found, BALANCED, lists(), seed=1)}
    own = facts[DEMONSTRATION]
    places = [COUNTIES.index(code) for code in own.adcodes]
    more = own.changes - exact[DEMONSTRATION].changes
    # A county that turns out to be a demonstration county has a centre as well.
    at = np.arange(len(places)), places
    assert (more[at] > -6.0).all()
    assert (more[at][1:] < -2.0).all()
    more[at] = 0.0
    assert more == pytest.approx(np.zeros(more.shape), abs=2.5)
    assert CENTRE in facts


def test_brute_force_over_all_lists_agrees_with_the_exact_changes() -> None:
    network = lists()
    reach = network.reaches[0]
    exact = reach_if_present(reach)
    for place in range(1, len(COUNTIES)):
        rows = []
        for taken in combinations(range(1, len(COUNTIES)), 2):
            if place in taken:
                km = reach.cost.km[:, [0, *taken]].min(axis=1)
                rows.append(reach_severity(km, 100.0))
        assert exact[place] == pytest.approx(np.mean(rows, axis=0))
