"""Standards and verdicts on plain arrays, one question or thousands."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from network_map.errors import QueryError
from network_map.i18n import has_text, text
from network_map.reach.cost import (
    COVERED,
    GAP,
    UNCERTAIN,
    own_first,
    verdict_codes,
    without_order,
)
from network_map.reach.standards import DEFAULT_SERVICES, Service, services
from network_map.terms import DistanceMethod, ServiceRule, Verdict

KM = st.one_of(st.floats(0, 500), st.just(float("inf")), st.just(float("nan")))


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (80, 100, COVERED),
        (80, 100.1, UNCERTAIN),
        (100, 120, UNCERTAIN),
        (100.1, 120, GAP),
        (np.inf, np.inf, GAP),
        (np.nan, np.nan, UNCERTAIN),
    ],
)
def test_a_verdict_is_certain_only_where_the_whole_band_is(
    low: float, high: float, verdict: int
) -> None:
    assert verdict_codes(low, high, 100.0) == verdict


@pytest.mark.law
@given(low=KM, width=st.floats(0, 100), standard=st.floats(0, 500), more=st.floats(0, 100))
def test_a_larger_standard_never_gives_a_worse_verdict(
    low: float, width: float, standard: float, more: float
) -> None:
    before, after = verdict_codes(low, low + width, [standard, standard + more])
    assert after <= before


def test_many_standards_and_draws_are_one_question() -> None:
    low, high = np.array([[10.0, 90.0], [50.0, 150.0]]), np.array([[20.0, 110.0], [60.0, 170.0]])
    codes = verdict_codes(low, high, np.array([[100.0], [40.0]]))
    assert codes.tolist() == [[COVERED, UNCERTAIN], [GAP, GAP]]


def test_the_defaults_name_every_counted_kind_once() -> None:
    assert {service.kind: service.standard_km for service in DEFAULT_SERVICES} == {
        "provincial_market": 300.0,
        "sub_market": 150.0,
        "demonstration_county": 100.0,
        "county_centre": None,
    }


def test_a_standard_and_a_rule_can_be_replaced() -> None:
    changed = {s.kind: s for s in services({"sub_market": 80}, {"sub_market": ServiceRule.NEAREST})}
    assert changed["sub_market"] == Service("sub_market", ServiceRule.NEAREST, 80.0)
    assert changed["provincial_market"] == DEFAULT_SERVICES[0]
    by_distance = {s.kind: s for s in services({"county_centre": 50})}
    assert by_distance["county_centre"] == Service("county_centre", ServiceRule.NEAREST, 50.0)


@pytest.mark.parametrize("standard", [-1.0, float("nan"), float("inf")])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_standard_that_is_no_distance_is_named(standard: float, language: str) -> None:
    with pytest.raises(QueryError) as caught:
        services({"sub_market": standard})
    assert caught.value.code == "standard_invalid"
    sentence = text("error.standard_invalid", language, **caught.value.values)
    assert str(standard) in sentence


@pytest.mark.parametrize(
    ("standards", "rules", "code"),
    [
        ({"pilot_base": 10.0}, {}, "service_kind_unknown"),
        ({}, {"pilot_base": ServiceRule.NEAREST}, "service_kind_unknown"),
        ({}, {"county_centre": ServiceRule.NEAREST}, "standard_missing"),
    ],
)
def test_a_service_that_cannot_be_is_refused_with_a_sentence(
    standards: dict[str, float], rules: dict[str, ServiceRule], code: str
) -> None:
    with pytest.raises(QueryError) as caught:
        services(standards, rules)
    assert caught.value.code == code
    assert text(f"error.{code}", "zh", **caught.value.values)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_methods_rules_and_verdicts_have_their_words(language: str) -> None:
    for family, members in (
        ("distance_method", DistanceMethod),
        ("service_rule", ServiceRule),
        ("verdict", Verdict),
    ):
        assert all(has_text(f"term.{family}.{member}", language) for member in members)


@pytest.mark.law
@given(km=st.lists(st.floats(0, 3000), min_size=1, max_size=9), digits=st.integers(0, 9))
def test_a_distance_put_behind_those_of_the_own_prefecture_comes_back_to_the_micrometre(
    km: list[float], digits: int
) -> None:
    told = np.round(np.array([km, km]), digits)
    is_own = np.array([[True] * len(km), [False] * len(km)])
    ordered = own_first(told, is_own)
    assert ordered[1].min() > ordered[0].max()
    # Decimals as a table has them are whole again: a standard of as many is not passed by a hair.
    assert without_order(ordered).tolist() == told.tolist()
