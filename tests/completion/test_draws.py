"""Drawn completions keep to what is known, and are spread as the exact shares say."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from network_map.completion.draws import (
    completion_draws,
    joint_draws,
    nested_draws,
    node_count_draws,
)
from network_map.completion.ensemble import nested_ensemble
from network_map.completion.shares import inclusion_shares
from network_map.errors import QueryError
from network_map.i18n import error_text
from network_map.nodes.presence import KLEENE, kleene_table, presence_and, presence_not, presence_or
from network_map.tables.check import conform
from tests.completion.world import (
    CENTRE,
    COUNTIES,
    DEMONSTRATION,
    PROVINCE,
    Facts,
    ensemble,
    every_completion,
    kinds,
)

WEIGHTS = dict(zip(COUNTIES, [0.2, 1.0, 3.0, 0.7, 9.0, 1.5, 0.4], strict=True))
CASES = [
    Facts({PROVINCE: 3}, named=COUNTIES[:1]),
    Facts({PROVINCE: 3}, named=COUNTIES[:1], weights=WEIGHTS),
    Facts({PROVINCE: 6}, named=COUNTIES[:1], weights=WEIGHTS),
    Facts({PROVINCE: 4, "530100": 2}, named=COUNTIES[:1], withdrawn=COUNTIES[6:]),
    Facts({PROVINCE: 4}, named=COUNTIES[:1], unplaced=["530100", "530600"]),
    Facts({PROVINCE: 4}, named=COUNTIES[:1], one_per_place=False),
    Facts({PROVINCE: 3, "530600": 1}, one_per_place=False, weights=WEIGHTS),
    Facts({PROVINCE: 3}, unplaced=["530100"], one_per_place=False),
]
DRAWS = 4000
# Five standard deviations: about one miss in two million comparisons.
DEVIATIONS = 5.0


@pytest.mark.oracle
@pytest.mark.parametrize("facts", CASES)
def test_every_draw_is_a_completion_and_their_shares_are_the_exact_ones(facts: Facts) -> None:
    found = ensemble(facts)
    counts = node_count_draws(found, count=DRAWS, seed=11)
    allowed = {added for added, _ in every_completion(facts)}
    known = np.array([facts.named.count(code) for code in COUNTIES])
    assert {tuple(row) for row in (counts - known).tolist()} <= allowed
    exact = inclusion_shares(found)["share_of_lists"].to_numpy()
    drawn = completion_draws(found, count=DRAWS, seed=11).mean(axis=0)
    bound = DEVIATIONS * np.sqrt(exact * (1 - exact) / DRAWS) + 1e-9
    assert (np.abs(drawn - exact) <= bound).all()


@pytest.mark.oracle
@pytest.mark.parametrize("facts", CASES)
def test_each_completion_is_drawn_as_often_as_it_weighs(facts: Facts) -> None:
    counts = node_count_draws(ensemble(facts), count=DRAWS, seed=2)
    known = np.array([facts.named.count(code) for code in COUNTIES])
    rows, times = np.unique(counts - known, axis=0, return_counts=True)
    drawn = {tuple(row): n for row, n in zip(rows.tolist(), times.tolist(), strict=True)}
    every = dict(every_completion(facts))
    total = sum(every.values())
    for added, weight in every.items():
        share = weight / total
        bound = DEVIATIONS * np.sqrt(share * (1 - share) * DRAWS) + 5
        assert abs(drawn.get(added, 0) - share * DRAWS) <= bound


@pytest.mark.oracle
@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_nested_draws_give_every_demonstration_county_a_centre(
    weights: dict[str, float] | None,
) -> None:
    inner = Facts({PROVINCE: 3}, named=COUNTIES[:1], kind=DEMONSTRATION, weights=weights)
    outer = Facts({PROVINCE: 5, "530600": 1}, named=COUNTIES[1:2])
    nested = nested_ensemble(kinds(inner, outer))
    draws = nested_draws(nested, count=DRAWS, seed=4)
    assert not (draws[DEMONSTRATION] & ~draws[CENTRE]).any()
    assert set(draws[DEMONSTRATION].sum(axis=1)) == {3}
    assert set(draws[CENTRE].sum(axis=1)) == {5}
    for kind, drawn in draws.items():
        exact = inclusion_shares(nested, kind=kind)["share_of_lists"].to_numpy()
        bound = DEVIATIONS * np.sqrt(exact * (1 - exact) / DRAWS) + 1e-9
        assert (np.abs(drawn.mean(axis=0) - exact) <= bound).all()


def test_a_seed_gives_the_same_draws_and_each_kind_its_own() -> None:
    pair = Facts({PROVINCE: 3}), Facts({PROVINCE: 3}, kind=DEMONSTRATION)
    by_kind = kinds(*pair)
    first = joint_draws(by_kind, count=50, seed=1)
    again = joint_draws(by_kind, count=50, seed=1)
    other = joint_draws(by_kind, count=50, seed=2)
    assert (first[CENTRE] == again[CENTRE]).all()
    assert (first[CENTRE] != other[CENTRE]).any()
    assert (first[CENTRE] != first[DEMONSTRATION]).any()
    assert (completion_draws(by_kind[CENTRE], count=50, seed=1) == first[CENTRE]).all()
    nested = joint_draws(by_kind, count=50, seed=1, nested=nested_ensemble(by_kind))
    assert not (nested[DEMONSTRATION] & ~nested[CENTRE]).any()


@pytest.mark.law
@settings(max_examples=15)
@given(facts=st.sampled_from(CASES), order=st.permutations(COUNTIES))
def test_reordering_the_places_permutes_the_draws(facts: Facts, order: list[str]) -> None:
    moved = Facts(**(vars(facts) | {"order": order}))
    by_code = pd.DataFrame(node_count_draws(ensemble(facts), count=20, seed=9), columns=COUNTIES)
    again = pd.DataFrame(node_count_draws(ensemble(moved), count=20, seed=9), columns=order)
    assert (by_code == again[COUNTIES]).all(axis=None)


@pytest.mark.law
@settings(max_examples=15)
@given(seed=st.integers(0, 2**40), named=st.integers(0, 7), missing=st.integers(0, 7))
def test_draws_keep_the_named_and_come_to_the_declared_total(
    seed: int, named: int, missing: int
) -> None:
    assume(named + missing <= len(COUNTIES))
    found = ensemble(Facts({PROVINCE: named + missing}, named=COUNTIES[:named]))
    draws = completion_draws(found, count=30, seed=seed)
    assert draws[:, :named].all()
    assert (draws.sum(axis=1) == named + missing).all()


def test_settling_one_fact_leaves_the_random_numbers_of_the_others() -> None:
    before = completion_draws(ensemble(Facts({PROVINCE: 3})), count=400, seed=7)
    after = completion_draws(
        ensemble(Facts({PROVINCE: 3}, withdrawn=COUNTIES[:1])), count=400, seed=7
    )
    untouched = ~before[:, 0]
    assert untouched.any()
    assert (before[untouched] == after[untouched]).all()


@pytest.mark.parametrize(
    ("declared", "count", "seed"), [(1, 0, 1), (1, 5, -1), (9, 5, 1), (None, 5, 1)]
)
def test_draws_that_cannot_be_made_are_refused_in_both_languages(
    declared: int | None, count: int, seed: int
) -> None:
    found = ensemble(Facts({} if declared is None else {PROVINCE: declared}))
    with pytest.raises(QueryError) as raised:
        completion_draws(found, count=count, seed=seed)
    assert error_text(raised.value, "zh") != error_text(raised.value, "en")


def test_no_pair_of_lists_is_drawn_where_a_demonstration_county_is_known_to_lack_a_centre() -> None:
    inner = Facts({PROVINCE: 1}, named=COUNTIES[:1], kind=DEMONSTRATION)
    outer = Facts({PROVINCE: 2}, withdrawn=COUNTIES[:1])
    nested = nested_ensemble(kinds(inner, outer))
    with pytest.raises(QueryError) as raised:
        nested_draws(nested, count=5, seed=1)
    assert "示范县" in error_text(raised.value)


# --- three-valued logic -------------------------------------------------------------------------


def test_three_valued_logic_is_that_of_kleene() -> None:
    table = conform(KLEENE, kleene_table())
    rows = {
        (row.left, row.right): (row.both, row.either, row.not_left)
        for row in table.itertuples(index=False)
    }
    assert len(rows) == 9
    assert rows["absent", "unknown"] == ("absent", "unknown", "present")
    assert rows["present", "unknown"] == ("unknown", "present", "absent")
    assert rows["unknown", "unknown"] == ("unknown", "unknown", "unknown")
    assert rows["present", "absent"] == ("absent", "present", "absent")


def test_three_valued_logic_obeys_de_morgan_and_takes_many_columns() -> None:
    table = kleene_table()
    left, right = table["left"], table["right"]
    mirrored = presence_not(presence_or(presence_not(left), presence_not(right)))
    assert presence_and(left, right).tolist() == mirrored.tolist()
    assert presence_or(left, right, right).tolist() == presence_or(right, left).tolist()
    with pytest.raises(ValueError, match="maybe"):
        presence_not(pd.Series(["present", "maybe"]))
