"""Activity: rates that small counties cannot swing, values against peers, and what is unknown."""

from datetime import date
from math import comb
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from scipy.stats import binom

from network_map.activity.activity import (
    activity_severity,
    county_activity,
    county_peers,
    moment_prior,
    prior_of_others,
    trend_p,
)
from network_map.activity.tables import ACTIVITY, ACTIVITY_SEVERITY, ActivitySide
from network_map.errors import QueryError
from network_map.tables.check import check
from tests.activity.world import COUNTIES, WINDOW, counties, monthly, volumes

PEOPLE = np.array([100.0, 90.0, 30.0, 80.0, 130.0])


def activity(
    output: pd.DataFrame | None,
    absorption: pd.DataFrame | None = None,
    *,
    indicators: pd.DataFrame | None = None,
    covers_from: date | None = None,
    is_checked: bool = True,
) -> Any:  # noqa: ANN401 (a table whose cells are compared freely)
    places = counties() if indicators is None else indicators
    peers = county_peers(places, peer_count=3)
    table = county_activity(
        places, output, absorption, peers, window=WINDOW, covers_from=covers_from
    )
    if is_checked:
        check(ACTIVITY, table)
    return table.set_index("adcode")


# --- smoothing ----------------------------------------------------------------------------------


def smoothed_rates(counts: ArrayLike, exposure: ArrayLike) -> np.ndarray:
    return moment_prior(counts, exposure).smoothed(counts, exposure)


def test_the_smoothed_rate_is_the_posterior_mean_of_the_gamma_poisson_model() -> None:
    counts = np.array([3.0, 40.0, 0.0, 12.0, 90.0])
    prior = moment_prior(counts, PEOPLE)
    shape, rate = prior.mean**2 / prior.variance, prior.mean / prior.variance
    assert smoothed_rates(counts, PEOPLE) == pytest.approx((counts + shape) / (PEOPLE + rate))


def test_the_prior_of_others_equals_leaving_each_county_out_by_hand() -> None:
    counts = np.array([3.0, 40.0, 0.0, 12.0, 90.0])
    found = prior_of_others(counts, PEOPLE)
    for place in range(counts.size):
        others = np.arange(counts.size) != place
        alone = moment_prior(counts[others], PEOPLE[others])
        assert found.mean[place] == pytest.approx(float(alone.mean))
        assert found.variance[place] == pytest.approx(float(alone.variance), abs=1e-12)


_COUNTS = st.lists(st.integers(0, 2000), min_size=5, max_size=5)


@pytest.mark.law
@given(counts=_COUNTS)
def test_a_smoothed_rate_lies_between_the_raw_rate_and_the_mean(counts: list[int]) -> None:
    raw = np.array(counts) / PEOPLE
    mean = sum(counts) / PEOPLE.sum()
    smoothed = smoothed_rates(counts, PEOPLE)
    slack = 1e-9 * (1 + mean)
    assert (smoothed >= np.minimum(raw, mean) - slack).all()
    assert (smoothed <= np.maximum(raw, mean) + slack).all()


def test_a_small_county_is_drawn_farther_than_a_large_one_with_the_same_rate() -> None:
    smoothed = smoothed_rates([0, 0, 50, 60], [1.0, 100.0, 10.0, 10.0])
    assert smoothed[0] > smoothed[1] > 0


def test_rates_that_chance_explains_all_become_the_mean() -> None:
    assert smoothed_rates([10, 10, 11], [10.0, 10.0, 10.0]) == pytest.approx([31 / 30] * 3)


# --- what a county gets -------------------------------------------------------------------------


def test_counts_values_and_rates_of_a_county_are_those_of_the_window() -> None:
    output = volumes(
        ("530102", 2023, 1, 30), ("530102", 2025, 12, 20), ("530102", 2022, 12, 7),
        ("530103", 2024, 1, 9), (None, 2019, 1, 1),
    )  # fmt: skip
    row = activity(output).loc["530102"]
    assert row["output_contract_count"] == 50
    assert row["output_contract_value_fen"] == 5_000_000
    assert row["output_technology_value_fen"] == 2_000_000
    assert row["output_per_10k"] == pytest.approx(0.5)
    assert row["output_per_100m_gdp"] == pytest.approx(0.05)
    assert row["output_value_per_100m_gdp"] == pytest.approx(5 / 1000)
    assert row["output_yuan_per_head"] == pytest.approx(0.05)
    assert row["output_before_count"] == 7
    assert (row["window_from"], row["window_to"]) == ("2023-01-01", "2025-12-31")


def test_output_and_absorption_stand_apart() -> None:
    table = activity(monthly([50, 1, 1, 1, 1]), monthly([1, 1, 1, 1, 80]))
    assert table.loc["530102", "output_contract_count"] == 50
    assert table.loc["530102", "absorption_contract_count"] == 1
    assert table.loc["530627", "absorption_contract_count"] == 80
    assert not [name for name in ACTIVITY.names if name.startswith("contract_count")]


def test_severity_is_what_a_county_lacks_of_its_peers_and_nothing_above_them() -> None:
    table = activity(monthly([50, 10, 0, 4, 90]))
    for own, theirs, found in zip(
        table["output_smoothed_per_10k"], table["output_peer_per_10k"], table["output_severity"],
        strict=True,
    ):  # fmt: skip
        assert found == pytest.approx(1 - own / theirs if own < theirs else 0.0)
    assert table["output_severity"].idxmax() == "530127"
    assert (table["output_severity"] == 0).any()


def test_a_county_level_with_its_peers_and_a_province_without_contracts_lack_nothing() -> None:
    even = activity(monthly([100, 90, 30, 80, 130]))
    assert even["output_severity"].to_numpy() == pytest.approx([0.0] * 5)
    none = activity(monthly([0] * 5))
    assert none["output_severity"].tolist() == [0.0] * 5
    assert none["output_contract_count"].tolist() == [0] * 5


@pytest.mark.law
@settings(max_examples=8)
@given(counts=_COUNTS, place=st.integers(0, 4), more=st.integers(1, 500))
def test_more_contracts_never_raise_a_countys_severity(
    counts: list[int], place: int, more: int
) -> None:
    richer = [count + more * (place == n) for n, count in enumerate(counts)]
    before, after = (activity(monthly(each), is_checked=False) for each in (counts, richer))
    code = COUNTIES[place]
    for name in ("output_severity", "output_severity_low", "output_severity_high"):
        assert after.loc[code, name] <= before.loc[code, name] + 1e-12
    assert after.loc[code, "output_smoothed_per_10k"] >= (
        before.loc[code, "output_smoothed_per_10k"] - 1e-12
    )


@pytest.mark.long
@pytest.mark.law
@settings(max_examples=8)
@given(counts=_COUNTS, order=st.permutations(range(5)))
def test_the_order_of_rows_changes_nothing(counts: list[int], order: list[int]) -> None:
    plain = activity(monthly(counts))
    places = counties().iloc[order]
    shuffled = activity(monthly(counts).iloc[[0, *(n + 1 for n in order)]], indicators=places)
    pd.testing.assert_frame_equal(plain, shuffled, rtol=1e-9)


@pytest.mark.long
@pytest.mark.law
@settings(max_examples=8)
@given(counts=_COUNTS)
def test_new_codes_change_nothing_but_the_codes(counts: list[int]) -> None:
    renamed = [f"99{code[2:]}" for code in COUNTIES]
    theirs = activity(monthly(counts, codes=renamed), indicators=counties(codes=renamed)).set_axis(
        pd.Index(COUNTIES, name="adcode")
    )
    pd.testing.assert_frame_equal(
        activity(monthly(counts)), theirs, check_index_type=False, rtol=1e-12
    )


def test_values_are_compared_with_the_median_of_the_peers_and_zero_has_a_logarithm() -> None:
    table = activity(volumes(
        ("530102", 2024, 5, 4000), ("530103", 2024, 5, 900), ("530602", 2024, 5, 1600),
        (None, 2019, 1, 1),
    ))  # fmt: skip
    per_head = table["output_yuan_per_head"]
    assert per_head.to_dict() == pytest.approx(
        {"530102": 4.0, "530103": 1.0, "530127": 0.0, "530602": 2.0, "530627": 0.0}
    )
    peers = county_peers(counties(), peer_count=3)
    theirs = peers.loc[peers["adcode"] == "530127", "peer_adcode"]
    median = float(per_head[theirs].median())
    assert table.loc["530127", "output_peer_yuan_per_head"] == median
    assert table.loc["530127", "output_value_log_ratio"] == pytest.approx(-np.log(1 + median))


# --- unknown is not zero ------------------------------------------------------------------------


def test_without_a_register_everything_is_unknown_with_both_bounds() -> None:
    table = activity(None, monthly([1, 2, 3, 4, 5]))
    assert table["output_contract_count"].isna().all()
    assert table["output_severity"].isna().all()
    assert set(table["output_reason_code"]) == {"no_register"}
    assert set(table["output_coverage_code"]) == {"none"}
    assert (table["output_severity_low"].tolist(), table["output_severity_high"].tolist()) == (
        [0.0] * 5, [1.0] * 5,
    )  # fmt: skip
    assert table["absorption_severity"].notna().all()


def test_an_empty_register_is_loaded_and_its_counties_have_zero() -> None:
    table = activity(volumes(), covers_from=date(2010, 1, 1))
    assert table["output_contract_count"].tolist() == [0] * 5
    assert set(table["output_reason_code"]) == {"known"}


def test_a_county_without_people_has_counts_and_no_rate_and_the_others_still_have_one() -> None:
    indicators = counties(people=(1_000_000, None, 300_000, 800_000, 1_300_000))
    table = activity(monthly([5, 6, 7, 8, 9]), indicators=indicators)
    row = table.loc["530103"]
    assert row["output_contract_count"] == 6
    assert pd.isna(row["output_per_10k"])
    assert row["output_reason_code"] == "no_population"
    assert (row["output_severity_low"], row["output_severity_high"]) == (0.0, 1.0)
    assert table.drop("530103")["output_severity"].notna().all()


def test_a_county_alone_has_no_peers_and_is_unknown() -> None:
    table = activity(monthly([7], codes=COUNTIES[:1]), indicators=counties().head(1))
    assert table["output_reason_code"].tolist() == ["no_peers"]
    assert table["output_per_10k"].tolist() == pytest.approx([0.07])
    assert table["output_severity"].isna().all()


def test_contracts_without_exact_date_widen_the_bounds_and_are_not_counted() -> None:
    known = monthly([50, 10, 2, 4, 90])
    table = activity(pd.concat([known, volumes(("530127", None, None, 30))], ignore_index=True))
    plain = activity(known)
    row = table.loc["530127"]
    assert (row["output_contract_count"], row["output_undated_count"]) == (2, 30)
    assert row["output_severity"] == plain.loc["530127", "output_severity"]
    assert row["output_severity_low"] < row["output_severity"]
    assert (table["output_severity"] <= table["output_severity_high"]).all()
    assert (table["output_severity_high"] > table["output_severity"]).any()


def test_a_register_that_begins_inside_the_window_says_so() -> None:
    short = volumes(("530102", 2024, 5, 5))
    table = activity(short)
    assert set(table["output_coverage_code"]) == {"part"}
    assert set(table["output_trend_code"]) == {"unknown"}
    assert table["output_before_count"].isna().all()
    declared = activity(short, covers_from=date(2023, 1, 1))
    assert set(declared["output_coverage_code"]) == {"window"}


# --- trend --------------------------------------------------------------------------------------


def test_a_trend_has_a_sign_only_where_chance_does_not_explain_it() -> None:
    table = activity(volumes(
        ("530102", 2021, 5, 40), ("530102", 2024, 5, 80),
        ("530103", 2021, 5, 40), ("530103", 2024, 5, 45),
        ("530127", 2021, 5, 60), ("530127", 2024, 5, 20),
        (None, 2019, 1, 1),
    ))  # fmt: skip
    assert table["output_trend_code"].tolist() == [
        "rising", "steady", "falling", "steady", "steady",
    ]  # fmt: skip
    assert table.loc["530602", "output_trend_p"] == 1.0


def test_where_all_counties_grow_alike_none_is_rising() -> None:
    rows = [(code, 2021, 5, 20 * n) for n, code in enumerate(COUNTIES, 1)]
    rows += [(code, 2024, 5, 60 * n) for n, code in enumerate(COUNTIES, 1)]
    assert set(activity(volumes(*rows, (None, 2019, 1, 1)))["output_trend_code"]) == {"steady"}


@pytest.mark.oracle
@pytest.mark.parametrize(("now", "then"), [(0, 0), (5, 0), (0, 5), (3, 9), (40, 80), (7, 7)])
def test_the_trend_test_equals_the_binomial_sum(now: int, then: int) -> None:
    share = 365 / (365 + 366)
    total = now + then
    terms = [comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(total + 1)]
    expected = min(1.0, 2 * min(sum(terms[: now + 1]), sum(terms[now:])))
    found = trend_p(np.array([float(now)]), np.array([float(then)]), share=share)
    assert found[0] == pytest.approx(expected)


@pytest.mark.oracle
@given(
    counts=st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3000)), min_size=1, max_size=9),
    share=st.floats(0, 1),
)
def test_the_trend_test_equals_that_of_scipy(counts: list[tuple[int, int]], share: float) -> None:
    now, then = np.array(counts, dtype="float64").T
    tails = np.minimum(binom.cdf(now, now + then, share), binom.sf(now - 1, now + then, share))
    found = trend_p(now, then, share=share)
    assert found == pytest.approx(np.minimum(2 * tails, 1), rel=1e-8, abs=1e-290)


@pytest.mark.parametrize("level", [0, 1, -0.1, float("nan")])
def test_a_trend_level_that_is_none_is_refused(level: float) -> None:
    peers = county_peers(counties())
    with pytest.raises(QueryError):
        county_activity(counties(), None, None, peers, window=WINDOW, trend_level=level)


def test_the_severity_for_the_score_is_absorption_unless_asked_otherwise() -> None:
    table = activity(monthly([9, 1, 1, 1, 1]), monthly([1, 1, 1, 1, 9])).reset_index()
    plain = activity_severity(table)
    check(ACTIVITY_SEVERITY, plain)
    assert set(plain["side"]) == {"absorption"}
    assert plain["activity_severity"].tolist() == table["absorption_severity"].tolist()
    other = activity_severity(table, side=ActivitySide.OUTPUT)
    assert other["activity_severity_low"].tolist() == table["output_severity_low"].tolist()


def test_the_heading_of_absorption_says_what_it_holds() -> None:
    absorbed = [column for column in ACTIVITY.columns if column.name.startswith("absorption_")]
    assert absorbed
    assert all("仅含本省登记" in column.zh for column in absorbed)
