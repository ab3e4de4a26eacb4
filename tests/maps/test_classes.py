"""Class breaks agree with the published methods and never lose a place."""

import mapclassify
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.errors import QueryError
from network_map.maps.charts import class_breaks, class_of
from network_map.terms import Classifier

COMPUTED = [Classifier.QUANTILE, Classifier.NATURAL_BREAKS, Classifier.EQUAL_INTERVAL]
ORACLES = {
    Classifier.QUANTILE: mapclassify.Quantiles,
    Classifier.NATURAL_BREAKS: mapclassify.FisherJenks,
    Classifier.EQUAL_INTERVAL: mapclassify.EqualInterval,
}


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore:Numba not installed")  # the oracle is slow without it, no more
@pytest.mark.parametrize("classifier", COMPUTED)
@pytest.mark.parametrize("class_count", [3, 5, 7])
def test_breaks_of_skewed_values_equal_mapclassify(
    classifier: Classifier, class_count: int
) -> None:
    values = np.random.default_rng(7).lognormal(3, 1.2, 129).round(3)
    ours = class_breaks(pd.Series(values), classifier=classifier, class_count=class_count)
    theirs = ORACLES[classifier](values, k=class_count)
    assert ours.uppers == pytest.approx(tuple(theirs.bins))
    assert ours.counts == tuple(int(count) for count in theirs.counts)


@pytest.mark.oracle
def test_own_breaks_equal_mapclassify_user_defined() -> None:
    values = pd.Series([0.0, 1, 2, 5, 9, 14, 30])
    ours = class_breaks(values, classifier=Classifier.OWN_BREAKS, own_breaks=[1, 5, 10])
    theirs = mapclassify.UserDefined(values, bins=[1, 5, 10, 30])
    assert ours.uppers == tuple(theirs.bins)
    assert ours.counts == tuple(int(count) for count in theirs.counts)


@pytest.mark.law
@settings(deadline=None, derandomize=True)
@given(
    values=st.lists(
        st.one_of(st.none(), st.just(0.0), st.floats(-1e6, 1e6, allow_nan=False)), max_size=60
    ),
    classifier=st.sampled_from(COMPUTED),
    class_count=st.integers(3, 9),
)
def test_every_place_is_in_one_class_or_missing(
    values: list[float | None], classifier: Classifier, class_count: int
) -> None:
    column = pd.Series(values, dtype="float64")
    breaks = class_breaks(column, classifier=classifier, class_count=class_count)
    assert sum(breaks.counts) + breaks.missing_count == len(values)
    if classifier is not Classifier.EQUAL_INTERVAL:
        assert all(count > 0 for count in breaks.counts)
    assert list(breaks.uppers) == sorted(set(breaks.uppers))
    classes = class_of(column, breaks)
    assert classes.isna().sum() == breaks.missing_count
    assert [int((classes == k).sum()) for k in range(len(breaks.counts))] == list(breaks.counts)


def test_heavy_zeros_leave_fewer_classes_instead_of_empty_ones() -> None:
    column = pd.Series([0.0] * 120 + [1, 2, 3, 4, 5, 6, 7, 8, 9])
    for classifier in COMPUTED:
        breaks = class_breaks(column, classifier=classifier, class_count=5)
        assert sum(breaks.counts) == 129
        assert breaks.counts[0] >= 120


def test_a_column_without_values_has_no_classes() -> None:
    breaks = class_breaks(pd.Series([None, None], dtype="float64"), classifier=COMPUTED[0])
    assert breaks.uppers == ()
    assert breaks.missing_count == 2


@pytest.mark.parametrize("own_breaks", [[], [3, 2], [1, 1], [float("nan")], list(range(9))])
def test_own_breaks_that_do_not_increase_are_refused(own_breaks: list[float]) -> None:
    with pytest.raises(QueryError):
        class_breaks(pd.Series([1.0, 2]), classifier=Classifier.OWN_BREAKS, own_breaks=own_breaks)


@pytest.mark.parametrize("class_count", [0, 2, 10])
def test_a_number_of_classes_out_of_range_is_refused(class_count: int) -> None:
    with pytest.raises(QueryError):
        class_breaks(pd.Series([1.0, 2]), classifier=Classifier.QUANTILE, class_count=class_count)
