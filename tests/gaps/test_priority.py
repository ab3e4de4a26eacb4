"""Scores: what they sum to, how they are bounded, and which weights are refused."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.completion.shares import inclusion_shares
from network_map.errors import QueryError
from network_map.gaps.priority import KindPart, Severities, priority, suggested_actions
from network_map.gaps.severity import (
    kind_severities,
    missing_bounds,
    reach_severity,
    summed_severities,
)
from network_map.gaps.tables import SuggestedAction
from network_map.gaps.weights import COMPONENTS, PRESETS, is_scaled, scaled_weights
from network_map.i18n import LANGUAGES, fields, text
from network_map.terms import ServiceRule
from tests.completion.world import (
    CENTRE,
    COUNTIES,
    DEMONSTRATION,
    PROVINCE,
    Facts,
    every_completion,
)
from tests.gaps.world import (
    KNOWN,
    OPEN,
    distances,
    lists,
    presence_of,
    reach_of,
    severities,
)

CODES = tuple(f"5301{number:02d}" for number in range(1, 16))
unit = st.floats(0, 1, width=32)


def random_severities(seed: int, n: int = len(CODES)) -> Severities:
    """Return severities with bounds about them."""
    rng = np.random.default_rng(seed)
    low, expected, high = np.sort(rng.random((3, n, len(COMPONENTS))), axis=0)
    return Severities(CODES[:n], COMPONENTS, expected, low, high)


weights = st.dictionaries(st.sampled_from(COMPONENTS), st.floats(0, 1e6), min_size=1).filter(
    lambda found: max(found.values()) > 0
)


@settings(max_examples=20)
@given(seed=st.integers(0, 1000), own=weights)
def test_contributions_sum_to_the_score_and_the_score_lies_in_its_bounds(
    seed: int, own: dict[str, float]
) -> None:
    table = priority(random_severities(seed), own)
    parts = table[[f"contribution_{name}" for name in COMPONENTS]].sum(axis=1)
    assert np.abs(parts - table["score"]).max() <= 1e-9
    assert (table["score_low"] <= table["score"] + 1e-9).all()
    assert (table["score"] <= table["score_high"] + 1e-9).all()
    assert sorted(table["rank"]) == list(range(1, len(CODES) + 1))


@settings(max_examples=20)
@given(
    seed=st.integers(0, 1000),
    county=st.integers(0, 14),
    part=st.integers(0, 3),
    by=unit,
    own=weights,
)
def test_a_severity_that_rises_never_lowers_the_score_of_its_county(
    seed: int, county: int, part: int, by: float, own: dict[str, float]
) -> None:
    before = random_severities(seed)
    expected, high = before.expected.copy(), before.high.copy()
    expected[county, part] = min(expected[county, part] + by, 1.0)
    high[county, part] = max(high[county, part], expected[county, part])
    after = Severities(CODES, COMPONENTS, expected, before.low, high)
    old, new = priority(before, own), priority(after, own)
    assert new["score"][county] >= old["score"][county] - 1e-12
    assert new["rank"][county] <= old["rank"][county]


@settings(max_examples=10)
@given(order=st.permutations(range(len(CODES))), seed=st.integers(0, 100))
def test_the_order_of_rows_changes_no_score(order: list[int], seed: int) -> None:
    found = random_severities(seed)
    turned = Severities(
        tuple(CODES[i] for i in order), COMPONENTS,
        found.expected[order], found.low[order], found.high[order],
    )  # fmt: skip
    expected = priority(found, PRESETS["balanced"]).set_index("adcode")
    again = priority(turned, PRESETS["balanced"]).set_index("adcode").reindex(expected.index)
    pd.testing.assert_frame_equal(expected, again)


def test_equal_scores_rank_by_code() -> None:
    same = np.full((3, 1), 0.5)
    table = priority(
        Severities(("530103", "530101", "530102"), ("reach",), same, same, same), {"reach": 1}
    )
    assert table["rank"].tolist() == [3, 1, 2]


def test_only_what_could_cross_the_line_is_to_be_verified_first() -> None:
    expected = np.array([[0.9], [0.8], [0.6], [0.5], [0.1]])
    low, high = expected.copy(), expected.copy()
    low[1], high[3], high[4] = 0.55, 0.85, 0.3
    found = Severities(CODES[:5], ("reach",), expected, low, high)
    table = priority(found, {"reach": 1.0}, top_count=2)
    assert table["verify_first"].tolist() == [False, True, False, True, False]


@pytest.mark.parametrize(
    ("own", "code"),
    [
        ({"reach": -0.1, "presence": 1.0}, "weight_invalid"),
        ({"reach": float("nan")}, "weight_invalid"),
        ({"reach": float("inf")}, "weight_invalid"),
        ({"reach": 0.0, "presence": 0.0}, "weights_all_zero"),
        ({}, "weights_all_zero"),
        ({"speed": 1.0}, "weight_unknown"),
    ],
)
def test_weights_that_cannot_be_used_are_refused_with_one_sentence(
    own: dict[str, float], code: str
) -> None:
    with pytest.raises(QueryError) as caught:
        priority(random_severities(1), own)
    assert caught.value.code == code
    for language in LANGUAGES:
        assert fields(text(f"error.{code}", language, **caught.value.values)) == set()


@given(own=weights)
def test_weights_are_scaled_to_one_and_keep_their_proportions(own: dict[str, float]) -> None:
    used = scaled_weights(own)
    assert list(used) == list(COMPONENTS)
    assert sum(used.values()) == pytest.approx(1.0, abs=1e-12)
    largest = max(own, key=lambda name: own[name])
    for name, value in own.items():
        assert used[name] == pytest.approx(used[largest] * value / own[largest], abs=1e-12)


def test_the_presets_sum_to_one_and_other_weights_are_said_to_be_scaled() -> None:
    assert not any(is_scaled(preset) for preset in PRESETS.values())
    assert is_scaled({"reach": 2.0})


def test_severities_out_of_order_are_refused() -> None:
    half = np.full((1, 1), 0.5)
    for bounds in ((half + 0.1, half), (half, half - 0.1), (half * np.nan, half)):
        with pytest.raises(ValueError, match="low <= expected <= high"):
            Severities(("530101",), ("reach",), half, *bounds)


def test_what_a_table_lacks_is_unknown_and_never_zero() -> None:
    table = pd.DataFrame({"expected": [0.2], "low": [0.2], "high": [0.2]}, index=["530101"])
    found = Severities.of(["530101", "530102"], {"activity": table})
    assert found.expected.ravel().tolist() == [0.2, 0.5]
    assert (found.low[1, 0], found.high[1, 0]) == (0.0, 1.0)


@pytest.mark.parametrize(("km", "severity"), [(0, 0), (50, 0), (75, 0.25), (100, 0.5), (150, 1)])
def test_the_severity_of_reach_is_linear_between_half_and_one_and_a_half_standards(
    km: float, severity: float
) -> None:
    assert reach_severity(np.array([km]), 100.0)[0] == pytest.approx(severity)
    assert reach_severity(np.array([np.inf]), 100.0)[0] == 1.0


@given(
    km=st.lists(st.floats(0, 1e4), min_size=2, max_size=2).map(sorted),
    standards=st.lists(st.floats(0, 1e4), min_size=2, max_size=2).map(sorted),
)
def test_severity_never_falls_with_distance_nor_rises_with_the_standard(
    km: list[float], standards: list[float]
) -> None:
    table = reach_severity(np.array(km)[:, None], np.array(standards)[None])
    assert (table[0] <= table[1]).all()
    assert (table[:, 0] >= table[:, 1]).all()


@pytest.mark.parametrize("rule", [ServiceRule.NEAREST, ServiceRule.OWN_PREFECTURE])
def test_reach_over_all_lists_equals_the_mean_over_each_of_them(rule: ServiceRule) -> None:
    facts = Facts({PROVINCE: 3}, named=COUNTIES[:1], kind=DEMONSTRATION)
    found = kind_severities(lists((OPEN[0], facts), rule=rule).reaches[0])
    km, totals, values = distances(), 0.0, []
    for counts, weight in every_completion(facts):
        has = np.array(counts) > 0
        has[0] = True
        row = []
        for county, code in enumerate(COUNTIES):
            own = has & np.array([other[:4] == code[:4] for other in COUNTIES])
            served = own if rule is ServiceRule.OWN_PREFECTURE and own.any() else has
            row.append(reach_severity(km[county, served].min(keepdims=True), 100.0)[0])
        values.append(row)
        totals += weight
    table = np.array(values)
    assert found["expected"].to_numpy() == pytest.approx(table.sum(axis=0) / totals)
    assert found["low"].to_numpy() == pytest.approx(table.min(axis=0))
    assert found["high"].to_numpy() == pytest.approx(table.max(axis=0))


def test_a_complete_register_leaves_no_width_to_presence_and_reach() -> None:
    network = lists(KNOWN)
    for table in (presence_of(network), reach_of(network)):
        assert (table["low"] == table["high"]).all()
        assert (table["low"] == table["expected"]).all()


def test_presence_charges_a_missing_centre_and_no_missing_title() -> None:
    table = presence_of(lists(KNOWN))
    assert table["expected"].tolist() == pytest.approx([0, 0, 0, 0, 0, 0, 1.0])


def test_a_component_without_kinds_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one kind"):
        summed_severities([])


def actions_of(facts: Sequence[Facts], weights: dict[str, float], *, activity: bool) -> pd.Series:
    """Return the actions of a small world, as the list of gaps asks for them."""
    network = lists(facts)
    found = severities(network, activity=activity)
    parts = [
        KindPart("presence", kind, share, *bounds_of(missing_bounds(inclusion_shares(ensemble))))
        for kind, share in network.presence_shares.items()
        for ensemble in [network.by_kind[kind]]
    ]
    parts += [
        KindPart("reach", part.ensemble.kind, part.share, *bounds_of(kind_severities(part)))
        for part in network.reaches
    ]
    centres = inclusion_shares(network.by_kind[CENTRE]).set_index("adcode")["share_of_lists"]
    flags = priority(found, weights).set_index("adcode")["verify_first"]
    codes = list(found.adcodes)
    return suggested_actions(
        found, weights, parts,
        is_flagged=flags.reindex(codes).to_numpy(dtype=bool),
        impossible={
            SuggestedAction.ACTIVATE_CENTRE: (centres.reindex(codes) == 0).to_numpy(dtype=bool)
        },
    )  # fmt: skip


def bounds_of(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    table = table.reindex(list(COUNTIES))
    return table["expected"].to_numpy(), table["low"].to_numpy()


def test_an_action_is_named_only_where_something_is_surely_lacking() -> None:
    unsure = actions_of(OPEN, {"presence": 1.0}, activity=False)
    assert set(unsure) <= {"verify_first", "none"}
    actions = actions_of(KNOWN, {"presence": 1.0}, activity=False)
    assert actions.iloc[-1] == "build_centre"
    assert actions.iloc[:6].tolist() == ["none"] * 6
    reach = actions_of(KNOWN, {"reach": 1.0}, activity=False)
    assert set(reach) == {"none", "grow_demonstration"}


def test_unknown_activity_never_asks_for_a_centre_to_be_activated() -> None:
    for is_known, action in ((True, "activate_centre"), (False, "verify_first")):
        actions = actions_of(KNOWN, {"activity": 1.0}, activity=is_known)
        assert set(actions.iloc[:6]) == {action}
        # A county without a centre has none to be activated.
        assert actions.iloc[6] == "none"


def test_ranks_follow_the_scores() -> None:
    table = priority(random_severities(3), PRESETS["balanced"]).sort_values("rank")
    assert all(higher >= lower - 1e-9 for higher, lower in pairwise(table["score"]))
