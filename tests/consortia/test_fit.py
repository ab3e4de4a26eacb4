"""Consortium fit: gaps, what is not known, and what can never make a gap."""

from collections.abc import Mapping, Sequence
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.consortia.fit import consortium_fit, industry_presence, member_reach
from network_map.errors import QueryError
from network_map.i18n import LANGUAGES, error_text
from tests.consortia.world import (
    COUNTIES,
    PARENTS,
    Place,
    SmallCost,
    consortia_of,
    cost_of,
    industry_of,
    members_of,
)

EVERYWHERE = industry_of(**{f"c{code}": "present" for code in COUNTIES})
LINE = cost_of([0, 40, 200, 400])
PLACES: tuple[Place, ...] = (*COUNTIES, "530100", "530600", "outside", None)
LINES = st.lists(st.integers(0, 1000), min_size=4, max_size=4)
MEMBERS = st.lists(st.sampled_from(PLACES), min_size=1, max_size=5)
STANDARDS = st.integers(1, 600).map(float)
PRESENCES = st.dictionaries(
    st.sampled_from([f"c{code}" for code in COUNTIES]), st.sampled_from(["present", "absent"])
)


def fit_of(
    places: Sequence[Place],
    cost: SmallCost = LINE,
    industry: pd.DataFrame = EVERYWHERE,
    *,
    standard_km: float = 100.0,
) -> pd.DataFrame:
    members = members_of(*((f"m{number}", place) for number, place in enumerate(places)))
    return consortium_fit(
        consortia_of("c"), members, industry, cost, PARENTS, standard_km=standard_km
    )


def verdicts(fit: pd.DataFrame) -> list[str]:
    return list(fit.set_index("adcode")["fit_verdict"][list(COUNTIES)])


def test_a_county_beyond_the_standard_is_a_gap_and_one_within_it_is_covered() -> None:
    fit = fit_of(["530102"])
    assert verdicts(fit) == ["covered", "covered", "gap", "gap"]
    assert list(fit["reason_code"]) == ["covered_here", "covered", "gap", "gap"]
    assert list(fit["nearest_km"]) == [0, 40, 200, 400]
    assert list(fit["fit_severity"]) == [0, 0, 1, 1]


def test_a_band_across_the_standard_is_uncertain_and_its_severity_has_bounds() -> None:
    fit = fit_of(["530102"], standard_km=190).set_index("adcode").loc["530602"]
    assert (fit["fit_verdict"], fit["reason_code"]) == ("uncertain", "uncertain")
    severities = fit[["fit_severity_low", "fit_severity", "fit_severity_high"]].astype(float)
    assert list(severities) == pytest.approx([0, 10 / 190, 30 / 190])


def test_a_county_that_no_table_lists_is_unknown_and_one_without_the_industry_is_not_judged() -> (
    None
):
    fit = fit_of(["530102"], industry=industry_of(c530602="absent", c530627="present"))
    assert verdicts(fit) == ["unknown", "unknown", "not_concerned", "gap"]
    assert list(fit["fit_severity"].isna()) == [True, True, False, False]
    assert list(fit["fit_severity_high"]) == [0, 0, 0, 1]
    assert list(fit["fit_severity_low"]) == [0, 0, 0, 1]


def test_members_that_nobody_listed_are_unknown_and_not_absent() -> None:
    fit = fit_of([])
    assert set(fit["fit_verdict"]) == {"unknown"}
    assert set(fit["reason_code"]) == {"members_unknown"}
    assert (set(fit["fit_severity_low"]), set(fit["fit_severity_high"])) == ({0.0}, {1.0})


def test_a_consortium_whose_members_are_all_outside_leaves_gaps() -> None:
    fit = fit_of(["outside"])
    assert set(fit["reason_code"]) == {"gap_no_member"}
    assert list(fit["fit_severity"]) == [1.0] * 4


def test_a_member_of_unknown_place_takes_the_gap_away_and_says_so() -> None:
    fit = fit_of(["530102", None])
    assert verdicts(fit) == ["covered", "covered", "uncertain", "uncertain"]
    far = fit.set_index("adcode").loc["530627"]
    assert far["reason_code"] == "place_unknown"
    assert np.isnan(far["fit_severity"])
    assert (far["fit_severity_low"], far["fit_severity_high"]) == (0, 1)


def test_a_member_of_a_prefecture_is_bounded_by_its_nearest_and_farthest_county() -> None:
    reach = member_reach(members_of(("m", "530600")), LINE, PARENTS, consortia=["c"])
    assert list(reach["nearest_low_km"]) == pytest.approx([180, 144, 0, 0])
    assert list(reach["nearest_high_km"]) == pytest.approx([440, 396, 220, 220])
    assert reach["nearest_km"].isna().all()
    fit = fit_of(["530600"])
    assert list(fit["fit_verdict"]) == ["gap", "gap", "uncertain", "uncertain"]
    assert list(fit["reason_code"]) == ["place_bounded"] * 2 + ["place_unknown"] * 2
    sure = fit_of(["530627", "530100"], standard_km=60)
    assert list(sure["fit_verdict"])[:2] == ["covered", "covered"]
    assert list(sure["reason_code"])[:2] == ["place_bounded", "place_bounded"]
    assert list(sure["fit_severity"])[:2] == [0, 0]


def test_industries_are_joined_by_or_and_no_industry_at_all_is_unknown() -> None:
    table = industry_of(c530102="present", c530103="absent")
    both = consortia_of("two", industries="花卉;锡铟")
    found = industry_presence(both, table, COUNTIES)["industry_presence"]
    assert list(found) == ["present", "unknown", "unknown", "unknown"]
    none = industry_presence(consortia_of("none", industries=None), table, COUNTIES)
    assert set(none["industry_presence"]) == {"unknown"}
    fit = consortium_fit(
        consortia_of("c", industries=None), members_of(("m", "530102")), table, LINE, PARENTS,
        standard_km=100,
    )  # fmt: skip
    assert set(fit["reason_code"]) == {"industries_unknown"}


def test_no_consortium_gives_no_row() -> None:
    nothing = consortia_of("c").iloc[:0]
    fit = consortium_fit(nothing, members_of(), EVERYWHERE, LINE, PARENTS, standard_km=100)
    assert fit.empty


@pytest.mark.parametrize("standard", [0.0, -5.0, float("nan"), float("inf")])
def test_a_standard_that_is_no_distance_is_refused_with_a_sentence(standard: float) -> None:
    with pytest.raises(QueryError) as refused:
        fit_of(["530102"], standard_km=standard)
    assert all(error_text(refused.value, language) for language in LANGUAGES)


def test_a_member_in_a_county_without_distances_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="530627"):
        member_reach(
            members_of(("m", "530627")), cost_of([0], ["530102"]), PARENTS, consortia=["c"]
        )


# --- laws ---------------------------------------------------------------------------------------


@pytest.mark.law
@settings(max_examples=20)
@given(LINES, MEMBERS, st.sampled_from(PLACES), STANDARDS, PRESENCES)
def test_a_further_member_never_adds_a_gap_and_never_raises_the_severity(
    line: list[int],
    places: list[Place],
    further: Place,
    standard_km: float,
    presence: Mapping[str, str],
) -> None:
    cost, industry = cost_of(line), industry_of(**presence)
    before = fit_of(places, cost, industry, standard_km=standard_km)
    after = fit_of([*places, further], cost, industry, standard_km=standard_km)
    assert not ((after["fit_verdict"] == "gap") & (before["fit_verdict"] != "gap")).any()
    assert not ((before["fit_verdict"] == "covered") & (after["fit_verdict"] != "covered")).any()
    for bound in ("fit_severity_low", "fit_severity_high"):
        assert (after[bound] <= before[bound]).all()


@pytest.mark.law
@settings(max_examples=20)
@given(LINES, MEMBERS, STANDARDS, STANDARDS)
def test_a_higher_standard_never_adds_a_gap(
    line: list[int], places: list[Place], one: float, other: float
) -> None:
    strict, lenient = (
        fit_of(places, cost_of(line), standard_km=standard) for standard in sorted((one, other))
    )
    gained = (lenient["fit_verdict"] == "gap") & (strict["fit_verdict"] != "gap")
    assert not gained.any()
    assert (lenient["fit_severity_high"] <= strict["fit_severity_high"]).all()


@pytest.mark.law
@settings(max_examples=20)
@given(LINES, MEMBERS, STANDARDS, PRESENCES, st.randoms(use_true_random=False))
def test_the_order_of_rows_counties_and_facilities_changes_nothing(
    line: list[int],
    places: list[Place],
    standard_km: float,
    presence: Mapping[str, str],
    random: Random,
) -> None:
    members = members_of(*((f"m{n}", place) for n, place in enumerate(places)))
    industry, cost = industry_of(**presence), cost_of(line)
    rows, demand, supply = (list(range(n)) for n in (len(members), 4, 4))
    for order in (rows, demand, supply):
        random.shuffle(order)
    shuffled = SmallCost(
        tuple(COUNTIES[place] for place in demand),
        tuple(COUNTIES[place] for place in supply),
        cost.km[np.ix_(demand, supply)],
    )
    plain, mixed = (
        consortium_fit(consortia_of("c"), table, other, costs, PARENTS, standard_km=standard_km)
        for table, other, costs in (
            (members, industry, cost),
            (members.iloc[rows], industry.iloc[::-1], shuffled),
        )
    )
    ordered = mixed.sort_values("adcode", ignore_index=True)
    pd.testing.assert_frame_equal(plain.sort_values("adcode", ignore_index=True), ordered)


@pytest.mark.law
@settings(max_examples=20)
@given(LINES, MEMBERS, STANDARDS, PRESENCES)
def test_a_severity_lies_between_its_bounds(
    line: list[int], places: list[Place], standard_km: float, presence: Mapping[str, str]
) -> None:
    fit = fit_of(places, cost_of(line), industry_of(**presence), standard_km=standard_km)
    known = fit[fit["fit_severity"].notna()]
    assert (fit["fit_severity_low"] <= fit["fit_severity_high"]).all()
    assert (known["fit_severity_low"] <= known["fit_severity"]).all()
    assert (known["fit_severity"] <= known["fit_severity_high"]).all()
    assert fit["fit_severity_low"].between(0, 1).all()
    assert fit["fit_severity_high"].between(0, 1).all()


# --- oracle -------------------------------------------------------------------------------------


def possible_verdicts(
    county: int, places: Sequence[Place], cost: SmallCost, standard_km: float
) -> set[bool]:
    """Return whether a member is within the standard, in every case the unknown allows."""
    options = []
    for place in places:
        if place == "outside":
            continue
        if place is None:
            options.append({True, False})
            continue
        inside = [
            n for n, code in enumerate(COUNTIES) if place in {code, PARENTS[code]}
        ]  # fmt: skip
        options.append(
            {
                bound[county, n] <= standard_km
                for n in inside
                for bound in (cost.low_km, cost.high_km)
            }
        )
    best = any(True in option for option in options)
    worst = any(option == {True} for option in options)
    return {best, worst}


@pytest.mark.oracle
@settings(max_examples=20)
@given(LINES, MEMBERS, STANDARDS)
def test_the_verdict_holds_in_every_case_that_the_unknown_allows(
    line: list[int], places: list[Place], standard_km: float
) -> None:
    cost = cost_of(line)
    expected = {
        frozenset({True}): "covered",
        frozenset({False}): "gap",
        frozenset({True, False}): "uncertain",
    }
    by_hand = [
        expected[frozenset(possible_verdicts(county, places, cost, standard_km))]
        for county in range(4)
    ]
    assert verdicts(fit_of(places, cost, standard_km=standard_km)) == by_hand
