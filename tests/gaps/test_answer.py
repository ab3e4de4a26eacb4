"""The list of coverage gaps: verdicts over lists, scores, reasons, links."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from network_map.app import gap_answers
from network_map.app.kit.memo import shipped_dataset
from network_map.completion.draws import completion_draws
from network_map.consortia.fit import consortium_fit
from network_map.consortia.tables import consortium_tables
from network_map.errors import QueryError
from network_map.gaps.answer import (
    Gaps,
    drawn_of,
    gap_answer,
    inputs_of,
    score_table,
    scores_of,
)
from network_map.gaps.ask_first import call_table, calls_of
from network_map.gaps.county_gaps import reach_of
from network_map.gaps.facts import GapFacts, Register, gap_facts, list_odds
from network_map.gaps.query import (
    REACH_KINDS,
    GapQuery,
    ListOdds,
    changed_standards,
)
from network_map.gaps.reach import gap_costs, seats_of
from network_map.gaps.severity import REACH_SHARES, kind_severities, reach_severity
from network_map.gaps.tables import (
    ASK_FIRST,
    GAP_CALLS,
    GAPS,
    ReachVerdict,
    SuggestedAction,
)
from network_map.gaps.weights import COMPONENTS, as_tuple, weights_named
from network_map.query import query_of_link
from network_map.reach.cost import GAP, verdict_codes
from network_map.reach.standards import HIGHER_TIERS
from network_map.tables.check import check
from network_map.terms import DistanceMethod, NodeKind, ServiceRule
from tests.shipped import dataset, places, roads

GAP_WORDS = {ReachVerdict.GAP, ReachVerdict.CERTAIN_GAP}


@cache
def facts(name: str, query: GapQuery = GapQuery()) -> GapFacts:  # noqa: B008 (frozen)
    cost = gap_costs(places(), dataset(name), roads(), method=query.method)
    return gap_facts(places(), dataset(name), Register(), cost, query=query)


def answer(name: str, query: GapQuery = GapQuery()) -> Gaps:  # noqa: B008 (frozen)
    found = facts(name, query.facts_part)
    scores = score_table(found, query.weights)
    return gap_answer(places(), dataset(name), found, scores, query=query)


@pytest.mark.long
@pytest.mark.parametrize("name", ["public", "demo"])
@pytest.mark.parametrize("prefecture", [None, "530600"])
def test_list_and_calls_are_as_declared(name: str, prefecture: str | None) -> None:
    query = GapQuery(prefecture_adcode=prefecture, draws=50)
    found = facts(name, query.facts_part)
    scores = scores_of(found, query)
    check(GAPS, gap_answer(places(), dataset(name), found, scores, query=query).table)
    check(GAPS, answer(name, query).table)  # without ranges of ranks
    inputs = inputs_of(found, draws=query.draws, seed=query.seed)
    calls = calls_of(found, inputs, query)
    check(ASK_FIRST, calls)
    for language in ("zh", "en"):
        check(GAP_CALLS, call_table(places(), calls, language))


@pytest.mark.long
@given(st.lists(st.integers(1, 20), min_size=4, max_size=4), st.sampled_from(["public", "demo"]))
def test_shown_contributions_make_the_score_and_none_is_above_its_weight(
    parts: list[int], name: str
) -> None:
    weights = tuple(part / sum(parts) for part in parts)
    table = score_table(facts(name), weights)
    shown = table[[f"contribution_{component}" for component in COMPONENTS]].to_numpy("float64")
    assert np.abs(shown.sum(axis=1) - table["score"]).max() < 1e-9
    assert (shown >= 0).all()
    assert (shown <= np.round(100 * np.array(weights), 2) + 1e-9).all()


def test_the_distance_to_a_known_member_moves_the_draws_but_no_bound() -> None:
    found = facts("demo")
    fit = found.fit
    is_known = (fit["low"] == fit["high"]) & (fit["far"] > fit["near"])
    assert is_known.any()
    inputs = inputs_of(found, draws=200, seed=1)
    expected, low, high = inputs.severities.column("consortium")
    rows = is_known.reindex(inputs.severities.adcodes).to_numpy(bool)
    assert (low[rows] == expected[rows]).all()
    assert (high[rows] == expected[rows]).all()
    drawn = drawn_of(inputs, draws=200, seed=1).moved
    assert np.ptp(drawn["consortium"][:, rows], axis=0).min() > 0


def test_the_standard_of_consortia_is_drawn_with_its_spread_too() -> None:
    fit = facts("demo").fit
    assert (fit["near"] <= fit["severity"] + 1e-12).all()
    assert (fit["severity"] <= fit["far"] + 1e-12).all()
    tables, found = consortium_tables(dataset("demo")), facts("demo")
    codes = list(found.counties["adcode"])
    parents = dict(zip(codes, found.counties["prefecture_adcode"], strict=True))
    for standard, column, ends in (
        (110.0, "near", "fit_severity_low"),
        (90.0, "far", "fit_severity_high"),
    ):
        rows = consortium_fit(
            tables.consortia, tables.members, tables.county_industry,
            found.cost.select(codes, demand_ids=codes), parents, standard_km=standard,
        )  # fmt: skip
        is_told = rows["fit_severity"].notna()
        known = rows[is_told].groupby("adcode")[ends].max()
        only = known.index[~known.index.isin(rows.loc[~is_told, "adcode"])]
        assert len(only) > 60
        assert np.allclose(fit.loc[only, column], known[only])


@pytest.mark.parametrize("higher_tier_serves", [True, False])
def test_with_one_list_the_verdicts_are_those_of_reach_by_both_rules(
    *, higher_tier_serves: bool
) -> None:
    found = facts("demo", GapQuery(higher_tier_serves=higher_tier_serves).facts_part)
    served = found.served_by_tiers.set_index(["kind", "adcode"])
    for kind in REACH_KINDS:
        rows = served.loc[kind]
        own = found.reaches[kind].by_rule
        pd.testing.assert_series_equal(
            own[ServiceRule.NEAREST], rows["nearest_verdict"], check_names=False
        )
        rule = found.reaches[kind].service.rule
        pd.testing.assert_series_equal(own[rule], rows["reach_verdict"], check_names=False)


def nearest_km(km: np.ndarray, is_open: np.ndarray, is_own: np.ndarray) -> np.ndarray:
    """Return the distance to the nearest open place, to one's own where there is any."""
    is_own_open = is_open & is_own
    admits = np.where(is_own_open.any(axis=1, keepdims=True), is_own_open, is_open)
    return np.where(admits & ~np.isnan(km), km, np.inf).min(axis=1)


def test_the_share_of_lists_with_a_gap_is_that_of_drawn_lists() -> None:
    found = facts("public", GapQuery(higher_tier_serves=False).facts_part)
    kind = NodeKind.SUB_MARKET.value
    ensemble = found.by_kind[kind]
    drawn = completion_draws(ensemble, count=2000, seed=7)
    seat = seats_of(places())
    cost = found.cost.select([seat[code] for code in ensemble.adcodes])
    prefectures = found.counties["prefecture_adcode"].to_numpy()
    is_own = prefectures[:, None] == np.array(ensemble.adcodes)[None, :]
    low, high = (
        np.stack([nearest_km(km, is_open, is_own) for is_open in drawn])
        for km in (cost.low_km, cost.high_km)
    )
    gaps = verdict_codes(low, high, 150.0) == GAP
    exact = found.reaches[kind].rows["gap_share"].to_numpy()
    assert np.abs(gaps.mean(axis=0) - exact).max() < 0.04
    always, never = exact == 1, exact == 0
    assert always.any()
    assert gaps[:, always].all()
    assert not gaps[:, never].any()


def test_in_public_data_demonstration_counties_are_told_by_lists_alone() -> None:
    found = answer("public")
    verdicts = set(found.table["demonstration_county_verdict"])
    assert verdicts <= {"certain_gap", "possible", "certain_covered"}
    assert any(note.startswith("19 个示范县名单未公开") for note in found.notes)
    possible = found.table[found.table["demonstration_county_here_presence"] == "possible"]
    assert len(possible) == 115
    assert possible["reason"].str.contains("19 个示范县名单未公开,占可能名单的 16.5%").all()
    assert set(found.table["absorption_contract_count"].isna()) == {True}
    assert set(found.table["consortium_verdict"]) == {"unknown"}


def test_where_not_even_the_market_is_named_its_reach_is_unknown_and_no_gap() -> None:
    public = dataset("public")
    nodes = public.nodes[public.nodes["kind"] != NodeKind.PROVINCIAL_MARKET]
    bare = replace(public, nodes=nodes.reset_index(drop=True))
    cost = gap_costs(places(), bare, None, method=DistanceMethod.GEODESIC_X_CIRCUITY)
    found = gap_facts(places(), bare, Register(), cost, query=GapQuery())
    rows = found.reaches[NodeKind.PROVINCIAL_MARKET.value].rows
    assert set(rows["verdict"]) == {ReachVerdict.UNKNOWN.value}
    assert (rows["severity_low"] == 0).all()
    assert (rows["severity_high"] == 1).all()


@pytest.mark.long
@pytest.mark.parametrize("name", ["demo", "public"])
def test_a_higher_standard_never_adds_a_gap(name: str) -> None:
    before: pd.Series | None = None
    for kilometres in (60.0, 120.0, 200.0):
        query = GapQuery(standards_km=changed_standards({"sub_market": kilometres}))
        share = facts(name, query).reaches["sub_market"].rows["gap_share"]
        if before is not None:
            assert (share <= before + 1e-12).all()
        before = share


@pytest.mark.parametrize("name", ["demo", "public"])
def test_the_parts_add_up_to_the_score_as_shown(name: str) -> None:
    table = answer(name, GapQuery(weights=as_tuple({"presence": 1, "reach": 2}))).table
    parts = table[[f"contribution_{component}" for component in COMPONENTS]]
    assert np.allclose(parts.sum(axis=1), table["score"], atol=1e-9)
    assert (parts["contribution_activity"] == 0).all()
    assert list(table["rank"]) == sorted(table["rank"])


@pytest.mark.parametrize("name", ["demo", "public"])
def test_the_bounds_of_reach_are_those_of_the_lists_alone(name: str) -> None:
    found = facts(name)
    assert [part.ensemble.kind for part in found.parts] == list(REACH_SHARES)
    for part in found.parts:
        rows = found.reaches[part.ensemble.kind].rows
        table = kind_severities(part).reindex(rows.index)
        for ours, theirs in (("severity", "expected"), ("severity_low", "low"),
                             ("severity_high", "high")):  # fmt: skip
            assert np.allclose(rows[ours], table[theirs], atol=1e-9), part.ensemble.kind
        tiers = (part, *part.higher)
        if all(
            not found.lacks_names(tier.ensemble.kind) and tier.ensemble.missing_count == 0
            for tier in tiers
        ):
            assert np.allclose(rows["severity_low"], rows["severity_high"], atol=1e-12)


def test_a_prefecture_lists_its_counties_with_the_ranks_of_the_province() -> None:
    whole = answer("demo").table.set_index("adcode")
    part = answer("demo", GapQuery(prefecture_adcode="530600")).table
    assert len(part) == 11
    assert list(part["rank"]) == list(whole.loc[part["adcode"], "rank"])


@pytest.mark.long
def test_the_order_of_rows_changes_nothing() -> None:
    demo = dataset("demo")
    turned = replace(demo, nodes=demo.nodes.iloc[::-1].reset_index(drop=True))
    cost = gap_costs(places(), turned, roads(), method=GapQuery().method)
    found = gap_facts(places(), turned, Register(), cost, query=GapQuery())
    scores = score_table(found, GapQuery().weights)
    again = gap_answer(places(), turned, found, scores, query=GapQuery())
    pd.testing.assert_frame_equal(again.table, answer("demo").table)


def test_a_bad_part_of_a_link_is_named_and_the_rest_is_kept() -> None:
    link = {
        "gap_km": "sub_market:-5", "gap_rule": "sub_market:magic", "weights": "0,0,0,0",
        "years": "99", "gap_method": "teleport", "gap_tier": "demonstration_county",
    }  # fmt: skip
    query, problems = query_of_link(GapQuery, link)
    assert query == GapQuery(tier="demonstration_county")
    named = {problem.column for problem in problems}
    assert named == {"gap_km", "gap_rule", "weights", "years", "gap_method"}


def test_weights_are_a_preset_or_four_numbers_and_are_scaled() -> None:
    assert weights_named("覆盖优先") == (0.4, 0.4, 0.1, 0.1)
    assert weights_named("有无=1,距离=3") == (0.25, 0.75, 0.0, 0.0)
    for written in ("nothing", "presence=-1,reach=2", "presence=nan", "presence=0"):
        with pytest.raises(QueryError):
            weights_named(written)


# --- sense of every row ---------------------------------------------------------------------------


@cache
def active(name: str) -> GapFacts:
    """The facts with the register of the demonstration."""
    return gap_answers.facts(shipped_dataset(name), GapQuery())


@cache
def listed(name: str) -> pd.DataFrame:
    query = GapQuery(draws=500)
    found = active(name)
    return gap_answer(
        places(), dataset(name), found, scores_of(found, query), query=query
    ).table.set_index("adcode")


NAMES = pytest.mark.parametrize("name", ["demo", "public"])


@NAMES
def test_a_centre_is_to_be_activated_only_below_the_peers(name: str) -> None:
    table = listed(name)
    told = table[table["suggested_action"] == SuggestedAction.ACTIVATE_CENTRE]
    assert len(told) > 0 or name == "public"
    activity = active(name).activity
    if activity is None:
        assert told.empty
        return
    rates = activity.set_index("adcode").reindex(table.index)
    is_below = rates["absorption_smoothed_per_10k"] < rates["absorption_peer_per_10k"]
    assert is_below.loc[told.index].all()
    assert (table.loc[~is_below, "contribution_activity"] <= 0.01).all()  # a hundredth by rounding
    assert 30 < int((~is_below).sum()) < 100


@NAMES
def test_what_is_being_built_is_never_called_present_nor_absent(name: str) -> None:
    table, nodes = listed(name), dataset(name).nodes
    centres = nodes[nodes["kind"] == NodeKind.COUNTY_CENTRE]
    built = set(centres.loc[centres["status"].isin(["built", "unknown"]), "adcode"])
    planned = set(centres.loc[centres["status"] == "planned", "adcode"]) - built
    assert len(planned) > 0 or name == "public"
    shown = table["county_centre_presence"]
    assert set(shown.index[shown == "planned"]) == planned
    rows = table.loc[sorted(planned)]
    assert rows["contribution_presence"].dropna().tolist() == pytest.approx(
        [15.0] * int(rows["score"].notna().sum()), abs=0.011
    )
    told = set(rows["suggested_action"])
    assert not told & {SuggestedAction.ACTIVATE_CENTRE, SuggestedAction.BUILD_CENTRE}
    rest = set(table.loc[~table.index.isin(planned), "suggested_action"])
    assert SuggestedAction.FINISH_CENTRE not in rest


@NAMES
def test_where_a_market_serves_there_is_no_gap_of_a_lower_tier(name: str) -> None:
    found = active(name)
    by_kind = {kind: found.reaches[kind].nearest for kind in REACH_KINDS}
    for service in found.query.services:
        rows = found.reaches[service.kind].rows
        higher = [
            tier
            for tier in HIGHER_TIERS.get(service.kind, ())
            if tier != "provincial_market" or name == "demo"  # of the public one no place is known
        ]
        standard = float(service.standard_km or 0)
        for place, code in enumerate(rows.index):
            ends = {
                end: [
                    band.costs[place][band.shares[place] != 0]
                    for kind in (service.kind, *higher)
                    for band in [by_kind[kind][end]]
                ]
                for end in ("low_km", "high_km")
            }
            # One of the tiers within the standard in each of its lists: covered in all lists.
            if any((costs <= standard).all() for costs in ends["high_km"]):
                assert rows.loc[code, "verdict"] in {"covered", "certain_covered"}
            if any((costs <= standard).any() for costs in ends["low_km"]):
                assert rows.loc[code, "verdict"] not in GAP_WORDS
            else:
                assert rows.loc[code, "verdict"] in GAP_WORDS


@NAMES
def test_shares_of_lists_are_those_of_the_types_of_gap(name: str) -> None:
    found = active(name)
    types = reach_of(found)
    for kind, table in (
        ("sub_market", types.sub_market), ("demonstration_county", types.demonstration),
    ):  # fmt: skip
        share = found.reaches[kind].rows["gap_share"].to_numpy()
        assert share == pytest.approx(table["share"].to_numpy())


@NAMES
def test_with_every_list_known_the_severity_is_that_of_the_nearest_of_all_tiers(name: str) -> None:
    found = active(name)
    for kind in REACH_SHARES:
        rows = found.reaches[kind].rows
        served = found.served_by_tiers
        served = served[served["kind"] == kind].set_index("adcode")
        is_one = rows["severity_low"] == rows["severity_high"]
        km = served["km"].reindex(rows.index).to_numpy()
        standard = found.reaches[kind].service.standard_km or 0.0
        expected = reach_severity(np.where(np.isnan(km), np.inf, km), standard)
        if name == "demo":
            assert is_one.all()
            assert rows["severity"].to_numpy() == pytest.approx(expected)


@NAMES
def test_residents_stand_in_every_row(name: str) -> None:
    people = places().county_indicators.set_index("adcode")["pop_2020"]
    table = listed(name)
    assert table["residents"].tolist() == people.reindex(table.index).tolist()


def test_weights_in_effect_are_shares_of_the_variance_of_the_priority() -> None:
    found = gap_answer(
        places(), dataset("demo"), active("demo"), score_table(active("demo"), GapQuery().weights),
        query=GapQuery(prefecture_adcode="530600"),
    )  # fmt: skip
    table = listed("demo")
    score = table["score"].to_numpy("float64")
    assert sum(found.weights_in_effect.values()) == pytest.approx(1.0)
    for name, share in found.weights_in_effect.items():
        part = table[f"contribution_{name}"].to_numpy("float64")
        assert share == pytest.approx(np.cov(part, score)[0, 1] / score.var(ddof=1), abs=1e-3)


def test_where_the_order_would_be_noise_there_is_no_rank_and_no_priority() -> None:
    public, demo = listed("public"), listed("demo")
    for column in ("score", "rank", "rank_low", "rank_high", "top_percent", "largest_part"):
        assert public[column].isna().all()
        assert demo[column].notna().all()
    assert public.index.is_monotonic_increasing
    assert not public["reason"].str.contains("优先度|位").any()
    answered = gap_answer(
        places(), dataset("public"), active("public"),
        scores_of(active("public"), GapQuery(draws=200)), query=GapQuery(draws=200),
    )  # fmt: skip
    assert "不列位次" in answered.further_notes[0]
    assert answered.weights_in_effect == {}


# --- weighted lists -------------------------------------------------------------------------------


@pytest.mark.parametrize("odds", [ListOdds.PEOPLE, ListOdds.GDP])
def test_weighted_lists_keep_the_published_total_and_follow_the_odds(odds: ListOdds) -> None:
    plain = facts("public").presence["demonstration_county"]["share_of_lists"]
    found = facts("public", GapQuery(odds=odds).facts_part)
    shares = found.presence["demonstration_county"]["share_of_lists"]
    assert shares.sum() == pytest.approx(33)
    is_open = (plain > 0) & (plain < 1)
    assert shares[~is_open].tolist() == plain[~is_open].tolist()
    weights = list_odds(places(), odds)
    assert weights is not None
    ordered = shares[is_open].loc[weights.reindex(shares[is_open].index).sort_values().index]
    assert (ordered.diff().dropna() >= -1e-12).all()
    assert ordered.iloc[-1] > plain[is_open].max() > ordered.iloc[0]
    # Where there is one list only, nothing is left to weigh.
    pd.testing.assert_series_equal(
        facts("demo", GapQuery(odds=odds).facts_part).reaches["sub_market"].rows["verdict"],
        facts("demo").reaches["sub_market"].rows["verdict"],
    )


def test_drawn_lists_follow_the_odds() -> None:
    found = facts("public", GapQuery(odds=ListOdds.PEOPLE).facts_part)
    ensemble = found.by_kind["demonstration_county"]
    drawn = completion_draws(ensemble, count=4_000, seed=3)
    shares = found.presence["demonstration_county"]["share_of_lists"].reindex(ensemble.adcodes)
    assert np.abs(drawn.mean(axis=0) - shares.to_numpy()).max() < 0.04
