"""The gap map: its table against brute force, its views against each other."""

import re
from dataclasses import replace
from functools import cache
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.config import load_settings
from network_map.contracts.register.open import open_contract_register
from network_map.errors import QueryError
from network_map.export import Bundle, Grid, file_bytes, read_export
from network_map.gaps.answer import scores_of
from network_map.gaps.county_gaps import county_facts, county_gaps, reach_of, with_ranking
from network_map.gaps.facts import GapFacts, Register, gap_facts, register_facts
from network_map.gaps.next_node import next_node
from network_map.gaps.query import (
    GAP_METHODS,
    GapOverlay,
    GapQuery,
    GapView,
    NextKind,
    changed_standards,
)
from network_map.gaps.reach import gap_costs, seats_of
from network_map.gaps.report import gap_bundle
from network_map.gaps.severity import FEW_SHARE, TierDistances, gap_types, reach_gaps
from network_map.gaps.tables import (
    COUNTY_GAPS,
    NEXT_NODE_COUNTIES,
    NEXT_NODE_GAINS,
    PREFECTURE_GAPS,
    STANDARD_CURVE,
    TIERS,
    ReachVerdict,
)
from network_map.gaps.views import (
    CLASSES,
    UNKNOWN,
    fill_classes,
    fill_widths,
    is_gap,
    legend,
    prefecture_rows,
    shown_rows,
    view_finding,
)
from network_map.i18n import LANGUAGES
from network_map.reach.coverage import counted_facilities
from network_map.reach.travel_times import OWN_METHODS
from network_map.tables.check import check
from network_map.terms import (
    AdminLevel,
    Certainty,
    DistanceMethod,
    GapType,
    MapGap,
    NodeKind,
    NodePresence,
)
from tests.paths import ROOT
from tests.shipped import dataset, places, roads
from tests.verify.planting import unzipped

NAMES = ("demo", "public")
DRAWS = 200
KINDS = [kind.value for kind in NodeKind]
PREFECTURES = [
    f"53{n:02d}00" for n in (*range(1, 10), *range(23, 35)) if n not in {2, 24, 27, 30, 32}
]


@cache
def register(name: str) -> Register:
    return register_facts(open_contract_register(name, load_settings({}, ROOT)))


@cache
def facts(
    name: str,
    method: DistanceMethod = DistanceMethod.ROAD_NETWORK_KM,
    standards: tuple[float, float] = (150.0, 100.0),
) -> GapFacts:
    changed = changed_standards(dict(zip(TIERS, standards, strict=True)))
    query = GapQuery(method=method, standards_km=changed)
    graph = roads() if method is DistanceMethod.ROAD_NETWORK_KM else None
    cost = gap_costs(places(), dataset(name), graph, method=method)
    return gap_facts(places(), dataset(name), register(name), cost, query=query)


@cache
def scores(name: str) -> pd.DataFrame:
    return scores_of(facts(name), GapQuery(draws=DRAWS))


@cache
def table(name: str, language: str = "zh") -> pd.DataFrame:
    query = GapQuery(language=language)
    return county_gaps(places(), dataset(name), facts(name), scores(name), query=query)


# --- the table ------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tables_are_as_declared_and_hold_every_county(name: str, language: str) -> None:
    found = table(name, language)
    check(COUNTY_GAPS, found)
    assert len(found) == 129
    rows = prefecture_rows(found, GapQuery())
    check(PREFECTURE_GAPS, rows)
    assert len(rows) == 16
    assert rows["residents"].sum() == found["residents"].sum()
    assert rows["county_count"].sum() == 129


def km_to_places(facts: GapFacts, name: str, kind: str) -> pd.DataFrame:
    """Return the near end from counties to each place that has or may get a node, by hand."""
    ensemble, cost = facts.by_kind[kind], facts.cost
    column = {facility: n for n, facility in enumerate(cost.facility_ids)}
    nodes = dataset(name).nodes
    nodes = nodes[nodes["kind"] == kind]
    serving = counted_facilities(nodes, kind)
    seat = seats_of(places())
    found = {}
    for code in ensemble.adcodes:
        at = serving[serving["adcode"] == code]["node_id"]
        ids = [n if n in column else seat[code] for n in at]
        if not ids and (nodes["adcode"] == code).any():
            found[code] = np.full(129, np.inf)
            continue
        found[code] = cost.low_km[:, [column[i] for i in ids or [seat[code]]]].min(axis=1)
    return pd.DataFrame(found, index=list(cost.demand_ids))


def shares_by_hand(facts: GapFacts, name: str) -> pd.DataFrame:
    """Return in which share of all lists counties are out of reach, by counting lists."""
    sub_standard, demo_standard = (float(s.standard_km or 0) for s in facts.query.services[:2])
    sub_km, demo_km = (km_to_places(facts, name, kind) for kind in TIERS)
    sub, demo = (facts.by_kind[kind] for kind in TIERS)
    market = facts.served[facts.served["kind"] == "provincial_market"].set_index("adcode")
    market_km = market["low_km"].reindex(sub_km.index).fillna(np.inf).to_numpy()
    own = facts.counties["prefecture_adcode"].to_numpy()[:, None] == np.array(sub.adcodes)[None, :]

    named = demo_km.loc[:, demo.known_counts > 0].min(axis=1).to_numpy()
    may = demo_km.loc[:, demo.is_candidate].to_numpy()
    missing = int(demo.missing_count or 0)
    near = (may <= demo_standard).sum(axis=1)
    total = comb(may.shape[1], missing)
    none_near = np.array([comb(may.shape[1] - n, missing) / total for n in near.tolist()])
    lacks_demo = np.where(named <= demo_standard, 0.0, none_near)

    open_places = np.flatnonzero(sub.is_candidate)
    gaps = []
    for added in combinations(open_places, int(sub.missing_count or 0)):
        has = sub.known_counts > 0
        has[list(added)] = True
        km = sub_km.to_numpy()
        own_km = np.where(own & has, km, np.inf).min(axis=1)
        any_km = np.where(has, km, np.inf).min(axis=1)
        serving = np.where((own & has).any(axis=1), own_km, any_km)
        serving = np.minimum(serving, market_km)
        lacking = serving > sub_standard
        unserved = np.where(serving > demo_standard, lacks_demo, 0.0)
        gaps.append((lacking.astype(float), unserved, np.where(lacking, 1.0, unserved)))
    means = np.mean(gaps, axis=0)
    return pd.DataFrame(dict(zip(("sub_market", "demonstration", "either"), means, strict=True)))


CASES = [
    (name, method, standards)
    for name in NAMES
    for method, standards in (
        (DistanceMethod.ROAD_NETWORK_KM, (150.0, 100.0)),
        (DistanceMethod.ROAD_NETWORK_KM, (100.0, 60.0)),
        (DistanceMethod.GEODESIC_X_CIRCUITY, (200.0, 150.0)),
        (DistanceMethod.GEODESIC_X_CIRCUITY, (150.0, 100.0)),
    )
]


@pytest.mark.oracle
@pytest.mark.long
@pytest.mark.parametrize(("name", "method", "standards"), CASES)
def test_types_are_those_of_every_list_counted(
    name: str, method: DistanceMethod, standards: tuple[float, float]
) -> None:
    found = facts(name, method, standards)
    reach = reach_of(found)
    by_hand = shares_by_hand(found, name)
    for tier in by_hand.columns:
        np.testing.assert_allclose(getattr(reach, tier)["share"], by_hand[tier], atol=1e-9)
    types = gap_types(reach, county_facts(dataset(name), found))
    shown = county_gaps(places(), dataset(name), found, None, query=found.query)
    nodes = dataset(name).nodes
    centres = nodes[nodes["kind"] == "county_centre"]
    activity = None if found.activity is None else found.activity.set_index("adcode")
    for row, out in zip(shown.to_dict("records"), by_hand["either"], strict=True):
        code = row["adcode"]
        assert row["out_of_reach_share"] == pytest.approx(out, abs=1e-9)
        mine = centres[centres["adcode"] == code]
        built = (mine["status"] != "planned").any()
        if name == "demo":
            assert row["no_centre_share"] == float(mine.empty)
            assert row["centre_planned_share"] == float(not mine.empty and not built)
        else:
            assert row["no_centre_share"] == pytest.approx(0.0 if built else 1 / 127)
        is_active = is_few = None
        if activity is not None:
            rate, peers = activity.loc[
                code, ["absorption_smoothed_per_10k", "absorption_peer_per_10k"]
            ]
            is_active, is_few = rate >= peers, rate < FEW_SHARE * peers
            assert row["active_out_of_reach_share"] == pytest.approx(out * is_active)
            assert row["idle_node_share"] == float(built and is_few)
        elif out > 0:
            assert row["active_out_of_reach_certainty"] == Certainty.UNKNOWN
        certain = [gap.value for gap in GapType if row[f"{gap.value}_share"] == 1]
        undecided = any(row[f"{gap.value}_share"] not in {0.0, 1.0} for gap in GapType)
        expected = [*certain, "unknown" if undecided else "none"][0]
        assert row["map_gap"] == types.loc[code, "map_gap"] == expected


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_what_the_planner_must_never_be_told(name: str) -> None:
    rows, found = table(name), facts(name)
    planned = rows["county_centre_presence"] == NodePresence.PLANNED
    assert planned.sum() == (7 if name == "demo" else 0)
    assert (rows.loc[planned, "idle_node_share"] == 0).all()
    assert (rows.loc[planned, "no_centre_share"] == 0).all()
    idle = rows["idle_node_share"] == 1
    assert (rows.loc[idle, "absorption_peer_ratio"] <= FEW_SHARE).all()
    for kind in TIERS:
        served = found.served[found.served["kind"] == kind].set_index("adcode")
        other = rows.set_index("adcode")[f"{kind}_other_node_name"].dropna()
        assert (other != rows.set_index("adcode").loc[other.index, f"{kind}_node_name"]).all()
        assert len(other) == (129 if name == "demo" else 0)
        assert set(other) <= set(served["nearest_node_name"]) | set(served["second_node_name"])
        gap = rows[f"{kind}_verdict"].isin(["gap", "certain_gap"])
        assert (rows.loc[gap, f"{kind}_low_km"] >= rows.loc[gap, f"{kind}_standard_km"]).all()
        assert (rows.loc[gap, "provincial_market_km"].fillna(1e4) > 100).all()
    none = rows["map_gap"] == MapGap.NONE
    shares = rows.loc[none, [f"{gap.value}_share" for gap in GapType]]
    assert (shares == 0).all(axis=None)
    assert (rows["certainty_width"] > 0).eq(rows["map_gap"] == MapGap.UNKNOWN).all()


def test_an_order_that_is_noise_is_not_shown_whatever_the_data_set() -> None:
    assert table("demo")["rank"].notna().all()
    assert table("public")[["score", "rank", "rank_low", "top_percent"]].isna().all(axis=None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_invented_is_called_certain(language: str) -> None:
    certain = ("必然",) if language == "zh" else ("certain", "sure")
    told = table("demo", language)[["reason", "suggestion", "overturn"]]
    assert not any(told[name].str.contains(word).any() for name in told for word in certain)
    assert table("demo", language)["rests_on_assumed"].all()
    assert not table("public", language)["rests_on_assumed"].any()
    for view in GapView:
        query = GapQuery(language=language, view=view)
        said = "".join(part.text for part in view_finding(table("demo", language), query))
        assert said.startswith("若按假定名单" if language == "zh" else "By the assumed lists")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reason_is_at_most_three_sentences_each_with_a_number(name: str, language: str) -> None:
    rows = table(name, language)
    end = "。" if language == "zh" else r"\.(?: |$)"
    for reason in rows["reason"]:
        sentences = [s for s in re.split(end, reason) if s]
        assert 1 <= len(sentences) <= 3
        assert all(re.search(r"\d", sentence) for sentence in sentences)
    assert rows[["suggestion", "overturn"]].notna().all(axis=None)


@pytest.mark.law
@pytest.mark.parametrize("name", NAMES)
def test_a_gap_ends_at_its_threshold_and_not_a_tenth_before(name: str) -> None:
    found, rows = facts(name), table(name)
    market = found.served[found.served["kind"] == "provincial_market"]["low_km"].fillna(np.inf)
    sub, demo = (found.reaches[kind].nearest["low_km"] for kind in TIERS)
    distances = TierDistances(sub, demo, market.to_numpy("float64"))
    for kind, column in zip(TIERS, ("sub_market", "demonstration"), strict=True):
        limits = rows[f"{kind}_threshold_km"]
        for limit in sorted(set(limits.dropna()))[::8]:
            for moved, is_gap_expected in ((limit, False), (round(limit - 0.1, 1), True)):
                if moved < 0:
                    continue
                reach = reach_gaps(distances, sub_market_km=moved, demonstration_km=moved)
                is_certain = (getattr(reach, column)["share"] == 1).to_numpy()
                assert (is_certain[(limits == limit).to_numpy()] == is_gap_expected).all()


def test_a_weight_changes_the_ranking_of_the_table_and_nothing_else() -> None:
    plain = county_gaps(places(), dataset("demo"), facts("demo"), None, query=GapQuery())
    pd.testing.assert_frame_equal(with_ranking(plain, scores("demo")), table("demo"))
    assert plain["rank"].isna().all()


# --- the views ------------------------------------------------------------------------------------

states = st.builds(
    GapQuery,
    language=st.sampled_from(LANGUAGES),
    prefecture_adcode=st.none() | st.sampled_from(PREFECTURES),
    view=st.sampled_from(GapView),
    only_gaps=st.booleans(),
    gap_filter=st.just(())
    | st.sets(st.sampled_from(MapGap)).map(
        lambda kept: tuple(gap for gap in MapGap if gap in kept)
    ),
    layers=st.sets(st.sampled_from([*KINDS, *GapOverlay])).map(tuple),
)


@pytest.mark.law
@pytest.mark.long
@given(st.sampled_from(NAMES), states)
@settings(deadline=None, derandomize=True, max_examples=220)
def test_list_legend_fill_and_finding_agree(name: str, query: GapQuery) -> None:
    whole = table(name, query.language)
    rows = shown_rows(whole, query)
    kept = whole["adcode"].isin(rows["adcode"])
    if query.prefecture_adcode is not None:
        assert (rows["prefecture_adcode"] == query.prefecture_adcode).all()
    if query.gap_filter:
        assert set(rows["map_gap"]) <= set(query.gap_filter)
    if query.only_gaps:
        assert is_gap(rows, query).all()
    without = shown_rows(whole, replace(query, only_gaps=False))
    assert len(rows) == (is_gap(without, query).sum() if query.only_gaps else len(without))
    assert kept.sum() == len(rows)

    fills = fill_classes(rows, query)
    assert set(fills) <= set(CLASSES[query.view])
    assert fill_widths(rows, query).between(0, 1).all()
    entries = legend(rows, query)
    for entry in entries:
        assert entry.county_count == (fills == entry.code).sum()
        assert entry.residents == rows.loc[fills == entry.code, "residents"].sum()
        assert not entry.is_open or entry.county_count == 0
    assert sum(entry.county_count for entry in entries) == len(rows)

    parts = view_finding(rows, query)
    counts = {entry.code: entry.county_count for entry in entries}
    for part in parts:
        if part.code:
            assert part.county_count == counts[part.code] > 0
            assert f"{part.county_count}" in part.text
        if part.gap is not None:
            chosen = shown_rows(rows, replace(query, gap_filter=(part.gap,)))
            assert len(chosen) == part.county_count
    if query.view not in {GapView.PRIORITY, GapView.CONTRACT_COVERAGE}:
        assert sum(part.county_count for part in parts) == len(rows)
    assert "".join(part.text for part in parts).endswith(("。", "."))


@pytest.mark.parametrize("name", NAMES)
def test_each_view_ranks_by_what_it_is_about(name: str) -> None:
    def ranked(view: GapView) -> pd.DataFrame:
        return shown_rows(table(name), GapQuery(view=view))

    for kind in TIERS:
        rows = ranked(GapView(kind))
        excess, verdicts = rows[f"{kind}_excess_km"], rows[f"{kind}_verdict"]
        assert excess.dropna().is_monotonic_decreasing
        # What every list bears out: beyond the standard, open, within it; in this order.
        assert (excess[verdicts == ReachVerdict.CERTAIN_GAP] > 0).all()
        assert excess[verdicts == ReachVerdict.POSSIBLE].isna().all()
        assert (excess[verdicts == ReachVerdict.CERTAIN_COVERED] <= 0).all()
        is_open = verdicts == ReachVerdict.POSSIBLE
        assert not (is_open.cummax() & (excess > 0)).any()
        assert not (is_open[::-1].cummax()[::-1] & (excess < 0)).any()
    by_type = ranked(GapView.GAP_TYPE)
    order = by_type["map_gap"].map({gap.value: n for n, gap in enumerate(MapGap)})
    assert order.is_monotonic_increasing
    assert (by_type["residents"].diff()[order.diff() == 0] <= 0).all()
    assert ranked(GapView.NETWORK)["name_key"].is_monotonic_increasing
    if name == "demo":
        assert ranked(GapView.PRIORITY)["rank"].tolist() == list(range(1, 130))
        corner = ranked(GapView.CONTRACT_COVERAGE)
        assert (corner["distance_class"] + corner["absorption_class"]).is_monotonic_decreasing
        industry = ranked(GapView.INDUSTRY_CONSORTIUM)
        gaps = industry[industry["consortium_verdict"] == "gap"]
        assert gaps["member_km"].is_monotonic_decreasing
        assert gaps.index.tolist() == list(range(len(gaps)))


def test_the_cells_of_the_bivariate_view_are_the_tables() -> None:
    rows = table("demo")
    query = GapQuery(view=GapView.CONTRACT_COVERAGE)
    words = {"near": 0, "middle": 1, "far": 2}, {"low": 0, "middle": 1, "high": 2}
    for entry in legend(rows, query):
        if entry.code == UNKNOWN:
            assert entry.county_count == 0
            continue
        far, active = entry.code.split("_")
        is_here = (rows["distance_class"] == words[0][far]) & (
            rows["absorption_class"] == words[1][active]
        )
        assert entry.county_count == is_here.sum()


def test_what_is_not_public_is_no_zero() -> None:
    entries = {e.code: e for e in legend(table("public"), GapQuery())}
    assert entries[MapGap.NO_CENTRE].is_open
    assert entries[MapGap.NONE].is_open
    rows = prefecture_rows(table("public"), GapQuery())
    assert rows["no_centre_count"].isna().all()
    assert rows["active_out_of_reach_count"].isna().any()
    assert prefecture_rows(table("demo"), GapQuery())["no_centre_count"].sum() == 1


def test_one_prefecture_has_one_row_and_its_own_counties() -> None:
    query = GapQuery(prefecture_adcode="530600", view=GapView.DEMONSTRATION_COUNTY, only_gaps=True)
    rows = shown_rows(table("demo"), query)
    assert rows["county_name"].iloc[0] == "巧家县"
    assert (rows["demonstration_county_low_km"] > 100).all()
    assert prefecture_rows(table("demo"), query)["prefecture_adcode"].tolist() == ["530600"]


# --- the next node --------------------------------------------------------------------------------


@pytest.mark.oracle
@pytest.mark.long
@pytest.mark.parametrize("method", [m for m in GAP_METHODS if m not in OWN_METHODS])
@pytest.mark.parametrize("standards", [(150.0, 100.0), (100.0, 60.0), (200.0, 150.0)])
@pytest.mark.parametrize("kind", TIERS)
def test_the_gain_of_every_place_is_that_of_putting_a_node_there(
    kind: str, standards: tuple[float, float], method: DistanceMethod
) -> None:
    found = facts("demo", method, standards)
    query = replace(found.query, next_kind=NextKind(kind))
    answer = next_node(places(), dataset("demo"), found, query=query)
    assert answer is not None
    check(NEXT_NODE_GAINS, answer.gains)
    check(STANDARD_CURVE, answer.curve)
    seat, cost = seats_of(places()), found.cost
    people = table("demo").set_index("adcode")["residents"]
    sub_km, demo_km = (km_to_places(found, "demo", one) for one in TIERS)
    has_sub, has_demo = (found.by_kind[one].known_counts > 0 for one in TIERS)
    prefectures = found.counties["prefecture_adcode"].to_numpy()
    market = found.served[found.served["kind"] == "provincial_market"]["low_km"].to_numpy()

    def gaps(sub: np.ndarray, demo: np.ndarray) -> np.ndarray:
        own = (prefectures[:, None] == np.array(sub_km.columns)) & sub
        nearest = np.where(sub, sub_km, np.inf).min(axis=1)
        serving = np.where(own.any(axis=1), np.where(own, sub_km, np.inf).min(axis=1), nearest)
        serving = np.minimum(serving, market)
        if kind == "sub_market":
            return np.asarray(serving > standards[0])
        return np.asarray(
            np.minimum(np.where(demo, demo_km, np.inf).min(axis=1), serving) > standards[1]
        )

    before = gaps(has_sub, has_demo)
    gains = answer.gains.set_index("site_adcode")
    km, has = (sub_km, has_sub) if kind == "sub_market" else (demo_km, has_demo)
    assert set(gains.index) == set(km.columns[~has])
    for number, place in enumerate(gains.index):
        column = list(km.columns).index(place)
        km.isetitem(column, cost.low_km[:, cost.facility_ids.index(seat[place])])
        more = has.copy()
        more[column] = True
        after = gaps(more, has_demo) if kind == "sub_market" else gaps(has_sub, more)
        won = before & ~after
        assert (
            gains.loc[place, "gained_counties"]
            == gains.loc[place, "gained_counties_high"]
            == won.sum()
        )
        assert gains.loc[place, "gained_residents"] == people.to_numpy()[won].sum()
        assert gains.loc[place, "worse_counties"] == (after & ~before).sum()
        if number % 12:
            continue
        one = next_node(places(), dataset("demo"), found, query=replace(query, next_place=place))
        assert one is not None
        assert one.counties is not None
        check(NEXT_NODE_COUNTIES, one.counties)
        relieved = one.counties[one.counties["relieved_percent"] == 100]
        assert set(relieved["adcode"]) == set(people.index[won])
    assert gains["gained_counties"].is_monotonic_decreasing


@pytest.mark.parametrize("kind", TIERS)
def test_over_possible_lists_a_gain_has_a_range_and_no_value_without_a_register(kind: str) -> None:
    query = GapQuery(next_kind=NextKind(kind), draws=200)
    answer = next_node(places(), dataset("public"), facts("public"), query=query)
    assert answer is not None
    gains = answer.gains
    assert (gains["gained_counties_low"] <= gains["gained_counties"]).all()
    assert (gains["gained_counties"] <= gains["gained_counties_high"]).all()
    assert (gains["gained_counties_low"] < gains["gained_counties_high"]).any()
    assert gains["gained_value_10k_yuan"].isna().all()
    own = answer.curve.set_index("standard_km").loc[150.0 if kind == "sub_market" else 100.0]
    share = getattr(reach_of(facts("public")), kind.removesuffix("_county"))["share"]
    assert own["beyond_counties"] == pytest.approx(share.sum(), rel=0.05)
    inside = replace(query, prefecture_adcode="530600")
    listed = next_node(places(), dataset("public"), facts("public"), query=inside)
    assert listed is not None
    assert set(listed.gains["prefecture_name"]) == {"昭通市"}
    assert next_node(places(), dataset("public"), facts("public"), query=GapQuery()) is None


# --- what leaves the building ---------------------------------------------------------------------


def sheets(bundle: Bundle) -> dict[str, Grid]:
    return {grid.name: grid for grid in read_export(file_bytes(bundle, "xlsx"), "xlsx").grids}


@cache
def listed(name: str, query: GapQuery) -> Bundle:
    return gap_bundle(places(), dataset(name), facts(name), query=query)


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_workbook_begins_with_the_sheet_for_a_meeting(name: str, language: str) -> None:
    query = GapQuery(language=language, draws=DRAWS, made_on="2026-11-30")
    bundle = listed(name, query)
    grids = sheets(bundle)
    front = grids["会议清单" if language == "zh" else "Meeting list"]
    rows = shown_rows(table(name, language), query)
    top = 1 if name == "demo" else 0
    headline, rests_on, headings, *cells = front.rows[top:]
    assert headline[0] == "".join(part.text for part in view_finding(rows, query))
    assert "2026-11-30" in str(rests_on[0])
    assert "150" in str(rests_on[0])
    assert len(headings) == 8
    assert [row[1] for row in cells] == rows["county_name"].head(20).tolist()
    longest = 60 if language == "zh" else 120
    assert all(0 < len(str(row[6])) <= longest for row in cells)
    assert all(reason.startswith(str(row[6])[:20]) for row, reason in
               zip(cells, rows["reason"], strict=False))  # fmt: skip
    full = grids["数据" if language == "zh" else "Data"]
    assert full.kind == "rows"
    assert len(full.rows) == 129
    assert bundle.file_stem.endswith("_gap_type_150-100km_2026-11-30")


def test_the_sheet_for_a_meeting_is_printed_one_page_wide_on_a4() -> None:
    data = file_bytes(listed("demo", GapQuery(draws=DRAWS, made_on="2026-11-30")), "xlsx")
    sheet = unzipped(data)["xl/worksheets/sheet1.xml"].decode()
    assert '<pageSetUpPr fitToPage="1"/>' in sheet
    assert 'paperSize="9"' in sheet
    assert 'fitToHeight="0" orientation="landscape"' in sheet
    assert 'xSplit="2"' in sheet


@pytest.mark.long
@pytest.mark.parametrize(
    ("changes", "rows", "stem"),
    [
        ({"level": AdminLevel.PREFECTURE}, 16, "prefectures_150-100km"),
        ({"next_kind": NextKind.SUB_MARKET}, 6, "next_sub_market_150km"),
        ({"next_kind": NextKind.DEMONSTRATION_COUNTY}, 96, "next_demonstration_county_100km"),
        (
            {"view": GapView.DEMONSTRATION_COUNTY, "only_gaps": True,
             "prefecture_adcode": "530600"},
            3, "demonstration_county_100km",
        ),
    ],
)  # fmt: skip
def test_a_file_holds_what_the_screen_lists_and_its_name_says_what(
    changes: dict[str, Any], rows: int, stem: str
) -> None:
    bundle = listed("demo", replace(GapQuery(draws=DRAWS), **changes))
    check(bundle.declaration, bundle.table)
    assert len(bundle.table) == rows
    assert bundle.file_stem.endswith(stem)
    grids = sheets(bundle)
    assert len(grids["数据"].rows) == rows
    front, names = grids["会议清单"].rows, bundle.declaration.names
    name = next(n for n in ("county_name", "site_name", "prefecture_name") if n in names)
    assert [row[1] for row in front[4:]] == bundle.table[name].head(20).tolist()
    assert all(cell not in {None, ""} for row in front[3:] for cell in row)


def test_a_kind_whose_total_nobody_published_has_no_gain_to_tell() -> None:
    bare = replace(dataset("public"), declared_totals=dataset("public").declared_totals.iloc[:0])
    cost = gap_costs(places(), bare, None, method=DistanceMethod.GEODESIC_X_CIRCUITY)
    found = gap_facts(places(), bare, Register(), cost, query=GapQuery())
    query = GapQuery(next_kind=NextKind.SUB_MARKET, draws=20)
    with pytest.raises(QueryError) as caught:
        gap_bundle(places(), bare, found, query=query)
    assert caught.value.code == "gap_next_unknown"


def test_the_list_of_the_work_of_centres_alone_calls_one_idle() -> None:
    found = facts("demo")
    states = pd.DataFrame(
        {"node_id": ["a"], "adcode": ["530627"], "centre_state_code": ["idle"]}
    ).astype("str")
    told = replace(found, states=states)
    rows = county_gaps(places(), dataset("demo"), told, None, query=GapQuery())
    row = rows.set_index("adcode").loc["530627"]
    assert row["idle_node_share"] == 1
    assert "闲置" in row["reason"]
    assert rows["reason"].str.contains("闲置").sum() == 1
