"""A rate where hardly a county has contracts: the one that has most comes first."""

import numpy as np
import pytest

from network_map.activity import activity
from network_map.activity.activity import moment_prior, prior_of_others


@pytest.mark.parametrize(
    "counts",
    [[20, 0, 0, 0, 0], [20, 1, 0, 0, 0], [300, 1, 1, 1, 1], [20, 0, 0, 0, 40], [1, 0, 0, 0, 0]],
)
def test_the_county_with_the_highest_rate_is_first(counts: list[int]) -> None:
    events = np.array([*counts, *[0] * 124], dtype="float64")
    base = np.linspace(3.0, 90.0, events.size)
    prior = activity.county_priors(events, base)
    rates = prior.smoothed(events, base)
    assert rates.argmax() == (events / base).argmax()


def test_ordinary_counties_keep_the_prior_of_the_others() -> None:
    events = np.arange(1.0, 130.0) ** 1.5
    base = np.linspace(3.0, 90.0, events.size)
    others, used = prior_of_others(events, base), activity.county_priors(events, base)
    assert np.array_equal(others.variance, used.variance)
    assert np.array_equal(others.mean, used.mean)
    assert moment_prior(events, base).variance > 0
