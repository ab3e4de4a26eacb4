"""The list of coverage gaps: verdicts over lists, scores, reasons, links."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    verdict_counts,
)
from network_map.gaps.calls import call_table, calls_of
from network_map.gaps.facts import GapFacts, Register, gap_facts
from network_map.gaps.query import (
    REACH_KINDS,
    GapQuery,
    changed_standards,
)
from network_map.gaps.reach import gap_costs, seats_of
from network_map.gaps.severity import kind_severities
from network_map.gaps.tables import ASK_FIRST, GAP_CALLS, GAPS, RankCause, ReachVerdict
from network_map.gaps.weights import COMPONENTS, as_tuple, weights_named
from network_map.query import query_of_link
from network_map.reach.service import GAP, verdict_codes
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


def test_what_is_known_of_a_consortium_leaves_the_score_no_range_but_the_rank() -> None:
    found = facts("demo")
    fit = found.fit
    is_known = (fit["low"] == fit["high"]) & (fit["far"] > fit["near"])
    assert is_known.any()
    inputs = inputs_of(found, draws=200, seed=1)
    expected, low, high = inputs.severities.column("consortium")
    rows = is_known.reindex(inputs.severities.adcodes).to_numpy(bool)
    assert (low[rows] == expected[rows]).all()
    assert (high[rows] == expected[rows]).all()
    drawn = drawn_of(inputs, draws=200, seed=1).by_cause
    assert np.ptp(drawn[RankCause.DISTANCES]["consortium"][:, rows], axis=0).min() > 0
    by_facts = drawn[RankCause.FACTS].get("consortium")
    assert by_facts is None or np.ptp(by_facts[:, rows], axis=0).max() < 1e-12


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


def test_with_one_list_the_verdicts_are_those_of_reach_by_both_rules() -> None:
    found = facts("demo")
    served = found.served.set_index(["kind", "adcode"])
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
    found = facts("public")
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
    assert (table["score_low"] <= table["score"]).all()
    assert (table["score"] <= table["score_high"]).all()
    assert list(table["rank"]) == sorted(table["rank"])


@pytest.mark.parametrize("name", ["demo", "public"])
def test_the_bounds_of_reach_are_those_of_the_lists_alone(name: str) -> None:
    found = facts(name)
    assert len(found.parts) == len(REACH_KINDS)
    for part in found.parts:
        rows = found.reaches[part.ensemble.kind].rows
        table = kind_severities(part).reindex(rows.index)
        for ours, theirs in (("severity", "expected"), ("severity_low", "low"),
                             ("severity_high", "high")):  # fmt: skip
            assert np.allclose(rows[ours], table[theirs], atol=1e-9), part.ensemble.kind
        if not found.lacks_names(part.ensemble.kind) and part.ensemble.missing_count == 0:
            assert np.allclose(rows["severity_low"], rows["severity_high"], atol=1e-12)


def test_verdicts_are_counted_in_the_words_that_can_occur() -> None:
    by_lists = {
        ReachVerdict.CERTAIN_GAP, ReachVerdict.POSSIBLE, ReachVerdict.CERTAIN_COVERED,
    }  # fmt: skip
    by_band = {ReachVerdict.GAP, ReachVerdict.UNCERTAIN, ReachVerdict.COVERED}
    public, demo = answer("public"), answer("demo")
    assert set(public.list_notes) == {"sub_market", "demonstration_county", "county_centre"}
    assert demo.list_notes == {}
    for kind in ("sub_market", "demonstration_county"):
        assert set(verdict_counts(public, kind)) == by_lists
        assert set(verdict_counts(demo, kind)) == by_band
    for found in (public, demo):
        for kind in REACH_KINDS:
            assert sum(verdict_counts(found, kind).values()) == 129


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
