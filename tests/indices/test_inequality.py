"""Inequality: equal to brute force, blind to units, and its parts add up."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.errors import QueryError
from network_map.indices.distribution import inequality, lorenz_curve, theil_groups
from network_map.indices.tables import INEQUALITY, LORENZ, THEIL_GROUPS
from network_map.tables.check import check

_PLACES = st.lists(
    st.tuples(
        st.one_of(st.just(0.0), st.floats(0.01, 1000)),
        st.integers(1, 500),
        st.sampled_from(["530100", "530600", "532900"]),
    ),
    min_size=2,
    max_size=15,
)
Place = tuple[float, int, str]


def columns(places: list[Place]) -> tuple[pd.Series, pd.Series, pd.Series]:
    values, weights, groups = zip(*places, strict=True)
    return pd.Series(values), pd.Series(weights), pd.Series(groups)


def gini(values: pd.Series, weights: pd.Series) -> float:
    return measure(values, weights, "gini")


def theil(values: pd.Series, weights: pd.Series) -> float:
    return measure(values, weights, "theil")


def measure(values: pd.Series, weights: pd.Series, code: str) -> float:
    table = inequality(values, weights, pd.Series("530100", index=values.index))
    return float(table.set_index("measure_code")["index_value"][code])


def total(values: pd.Series, weights: pd.Series) -> float:
    return float((values * weights).sum())


@pytest.mark.oracle
@pytest.mark.law
@settings(max_examples=25)
@given(places=_PLACES)
def test_gini_equals_half_the_mean_difference_of_all_pairs_of_people(places: list[Place]) -> None:
    values, weights, _ = columns(places)
    if total(values, weights) == 0:
        assert np.isnan(gini(values, weights))
        return
    people = np.repeat(values.to_numpy(), weights)
    ranked = np.sort(people)
    size = ranked.size
    differences = 2 * ((2 * np.arange(1, size + 1) - size - 1) * ranked).sum()
    expected = differences / (2 * size**2 * ranked.mean())
    assert gini(values, weights) == pytest.approx(expected, abs=1e-9)


@pytest.mark.oracle
@pytest.mark.law
@settings(max_examples=25)
@given(places=_PLACES)
def test_theil_equals_the_sum_over_people(places: list[Place]) -> None:
    values, weights, _ = columns(places)
    if total(values, weights) == 0:
        assert np.isnan(theil(values, weights))
        return
    ratio = np.repeat(values.to_numpy(), weights)
    ratio = ratio / ratio.mean()
    expected = np.where(ratio > 0, ratio * np.log(np.where(ratio > 0, ratio, 1)), 0).mean()
    assert theil(values, weights) == pytest.approx(expected, abs=1e-9)


@pytest.mark.long
@pytest.mark.law
@settings(max_examples=25)
@given(places=_PLACES)
def test_the_parts_of_theil_add_up_and_between_is_theil_of_the_group_means(
    places: list[Place],
) -> None:
    values, weights, groups = columns(places)
    parts = theil_groups(values, weights, groups)
    check(THEIL_GROUPS, parts)
    table = inequality(values, weights, groups)
    check(INEQUALITY, table)
    if total(values, weights) == 0:
        assert table["index_value"].isna().all()
        return
    found = table.set_index("measure_code")["index_value"]
    assert found["theil_between"] + found["theil_within"] == pytest.approx(found["theil"], abs=1e-9)
    means = (values * weights).groupby(groups).sum() / weights.groupby(groups).sum()
    between = theil(means, weights.groupby(groups).sum())
    assert found["theil_between"] == pytest.approx(between, abs=1e-9)
    assert found["theil_between"] >= -1e-9
    assert parts["share_value"].sum() == pytest.approx(1)


@pytest.mark.law
@settings(max_examples=25)
@given(places=_PLACES, factor=st.floats(0.001, 1000), order=st.randoms(use_true_random=False))
def test_units_and_order_change_no_index(places: list[Place], factor: float, order: object) -> None:
    shuffled = list(places)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    values, weights, groups = columns(places)
    others, their_weights, their_groups = columns(shuffled)
    plain = inequality(values, weights, groups)
    scaled = inequality(others * factor, their_weights * 3, their_groups)
    pd.testing.assert_frame_equal(plain, scaled, rtol=1e-6, atol=1e-9)


def test_level_values_have_no_inequality() -> None:
    level, people = pd.Series([2.0, 2.0, 2.0]), pd.Series([1, 5, 9])
    assert gini(level, people) == pytest.approx(0)
    assert theil(level, people) == pytest.approx(0)


def test_the_lorenz_curve_runs_from_nothing_to_all_below_the_diagonal() -> None:
    curve = lorenz_curve(pd.Series([3.0, 1.0, None]), pd.Series([1, 1, 7]))
    check(LORENZ, curve)
    assert curve.to_numpy().tolist() == [[0, 0], [0.5, 0.25], [1, 1]]


def test_a_place_without_data_is_counted_as_missing_and_not_as_zero() -> None:
    table = inequality(
        pd.Series([1.0, 3.0, None]), pd.Series([1, 1, 1]), pd.Series(["530100", "530600", "530600"])
    )
    assert table["place_count"].tolist() == [2] * 4
    assert table["missing_count"].tolist() == [1] * 4
    assert table["index_value"][0] == pytest.approx(0.25)


def test_nothing_known_gives_no_index_and_no_curve() -> None:
    empty, people = pd.Series([None, None], dtype="float64"), pd.Series([1, 1])
    assert np.isnan(gini(empty, people))
    assert lorenz_curve(empty, people).empty
    assert theil_groups(empty, people, pd.Series(["530100", "530600"])).empty


@pytest.mark.parametrize("wrong", [-1.0, float("inf")])
def test_negative_and_infinite_values_are_refused(wrong: float) -> None:
    with pytest.raises(QueryError) as caught:
        gini(pd.Series([1.0, wrong]), pd.Series([1, 1]))
    assert caught.value.code == "inequality_negative"


def test_values_and_weights_of_other_places_are_refused() -> None:
    with pytest.raises(QueryError) as caught:
        gini(pd.Series([1.0], index=["530102"]), pd.Series([1], index=["530103"]))
    assert caught.value.code == "inequality_index"
