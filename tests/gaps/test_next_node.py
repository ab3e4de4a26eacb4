"""The next node against every addition tried by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.gaps.next_node import (
    DrawnLists,
    next_node_gains,
    out_of_reach,
    relieved_shares,
    standard_curve,
)


def gap_by_hand(lists: DrawnLists, row: int, county: int, nodes: set[int]) -> bool:
    """Return whether a county is out of reach with these nodes, from the definition alone."""
    own = set() if lists.is_own is None else {p for p in nodes if lists.is_own[county, p]}
    serving = own or nodes
    km = min((lists.low_km[county, place] for place in serving), default=np.inf)
    higher = np.atleast_2d(lists.higher_km)
    return min(km, higher[row % len(higher), county]) > lists.standard_km


@st.composite
def worlds(draw: st.DrawFn) -> DrawnLists:
    n, m, count = (draw(st.integers(1, 5)) for _ in range(3))
    seed = draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    is_open = draw(st.booleans())
    higher = rng.choice([50.0, 100.0, 101.0, np.inf], size=(count, n) if is_open else n)
    return DrawnLists(
        adcodes=tuple(f"53010{i}" for i in range(n)),
        places=tuple(f"53020{i}" for i in range(m)),
        has_node=rng.random((count, m)) < 0.4,
        low_km=rng.choice([0.0, 99.0, 100.0, 100.5, 300.0, np.inf], size=(n, m)),
        standard_km=100.0,
        higher_km=higher,
        is_own=rng.random((n, m)) < 0.3 if draw(st.booleans()) else None,
    )


@pytest.mark.law
@pytest.mark.oracle
@given(worlds())
@settings(deadline=None, derandomize=True, max_examples=150)
def test_the_gain_of_every_place_is_that_of_adding_it_by_hand(lists: DrawnLists) -> None:
    people = pd.DataFrame(
        {"residents": [10.0 * (i + 1) for i in range(len(lists.adcodes))]}, index=lists.adcodes
    )
    gains = next_node_gains(lists, people, candidates=lists.places).set_index("place_adcode")
    for number, place in enumerate(lists.places):
        relieved = np.zeros((len(lists.has_node), len(lists.adcodes)))
        worse = np.zeros_like(relieved)
        for row, has in enumerate(lists.has_node):
            nodes = {p for p, is_there in enumerate(has) if is_there}
            for county in range(len(lists.adcodes)):
                before = gap_by_hand(lists, row, county, nodes)
                after = gap_by_hand(lists, row, county, nodes | {number})
                relieved[row, county] = before and not after
                worse[row, county] = after and not before
        found = gains.loc[place]
        assert found["counties"] == pytest.approx(relieved.sum(axis=1).mean())
        sums = relieved @ people["residents"].to_numpy()
        assert found["residents"] == pytest.approx(sums.mean())
        assert found["residents_low"] <= found["residents_high"]
        assert {found["residents_low"], found["residents_high"]} <= set(sums)
        assert found["worse_counties"] == pytest.approx(worse.sum(axis=1).mean())
        shares = relieved_shares(lists, place)
        np.testing.assert_allclose(shares["relieved_share"], relieved.mean(axis=0))
        np.testing.assert_allclose(shares["worse_share"], worse.mean(axis=0))


@pytest.mark.law
@given(worlds())
@settings(deadline=None, derandomize=True, max_examples=60)
def test_a_higher_standard_leaves_no_more_counties_out_of_reach(lists: DrawnLists) -> None:
    weights = pd.DataFrame({"residents": [1.0] * len(lists.adcodes)}, index=lists.adcodes)
    curve = standard_curve(lists, weights, np.array([0.0, 50.0, 100.0, 100.5, 1e4]))
    assert (curve["counties"].diff().dropna() <= 0).all()
    own = standard_curve(lists, weights, np.array([lists.standard_km]))
    assert own["counties"].iloc[0] == pytest.approx(out_of_reach(lists).sum(axis=1).mean())


def test_only_places_that_lack_a_node_in_some_list_are_proposed_most_counties_first() -> None:
    lists = DrawnLists(
        adcodes=("530101", "530102", "530103"), places=("530100", "530200", "530300"),
        has_node=np.array([[True, False, False]]),
        low_km=np.array([[10.0, 500.0, 90.0], [500.0, 80.0, 100.0], [500.0, 300.0, 100.1]]),
        standard_km=100.0, higher_km=np.full(3, np.inf),
    )  # fmt: skip
    people = pd.DataFrame({"residents": [5.0, np.nan, 7.0]}, index=lists.adcodes)
    found = next_node_gains(lists, people)
    assert found["place_adcode"].tolist() == ["530200", "530300"]
    assert found["counties"].tolist() == [1, 1]
    assert found["residents"].tolist() == [0, 0]
    with pytest.raises(KeyError):
        relieved_shares(lists, "530900")
