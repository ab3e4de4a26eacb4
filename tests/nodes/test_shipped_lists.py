"""The shipped lists of nodes: what is public, and what the demonstration adds."""

from functools import cache

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.catalog import read_shipped
from network_map.errors import DamagedFileError
from network_map.terms import Grade, LocationOrigin, NodeKind, NodeStatus, Origin
from scripts.demo.nodes import demo_completion

TOTALS = {
    "provincial_market": 1,
    "sub_market": 10,
    "demonstration_county": 33,
    "county_centre": 128,
}
SHIPPED_SEED = 2024


@cache
def table(name: str) -> pd.DataFrame:
    return read_shipped(name)


@cache
def completed(seed: int) -> pd.DataFrame:
    return demo_completion(
        table("public_nodes"), table("divisions"), table("county_seats"),
        table("declared_totals"), table("node_kinds"), seed=seed,
    )  # fmt: skip


def of_kind(nodes: pd.DataFrame, kind: str) -> pd.DataFrame:
    return nodes[nodes["kind"] == kind]


def test_public_names_one_market_fourteen_counties_two_centres_and_no_sub_market() -> None:
    counts = table("public_nodes")["kind"].value_counts().to_dict()
    assert counts == {
        "demonstration_county": 14, "related_workstation": 3, "county_centre": 2,
        "provincial_market": 1,
    }  # fmt: skip


def test_public_nodes_are_official_or_reported_and_name_their_source() -> None:
    nodes = table("public_nodes")
    assert set(nodes["origin"]) == {Origin.OFFICIAL, Origin.REPORTED}
    assert nodes.loc[nodes["origin"] == Origin.OFFICIAL, "kind"].tolist() == ["provincial_market"]
    assert nodes["source"].str.contains("http|答复").all()
    assert set(nodes["grade"]) == {Grade.A, Grade.B}


def test_a_public_node_has_no_place_of_its_own_but_the_seat_of_its_county() -> None:
    nodes = table("public_nodes").set_index("node_id")
    market = nodes.loc[["pub-pm-530000"]]
    assert market[["lon", "lat"]].isna().all(axis=None)
    assert market["location_origin"].tolist() == [LocationOrigin.UNKNOWN]
    assert set(nodes.drop("pub-pm-530000")["location_origin"]) == {
        LocationOrigin.COUNTY_SEAT, LocationOrigin.PREFECTURE_SEAT,
    }  # fmt: skip


def test_dates_are_as_exact_as_their_source_and_notes_are_chinese() -> None:
    nodes = table("public_nodes").set_index("node_id")
    dates = nodes["established_on"]
    assert dates["pub-cc-530127"] == "2018-01"
    assert "pub-dc-530103" in dates.index[dates.isna()]
    assert nodes["note"].str.contains("[\u4e00-\u9fff]").all()
    assert not nodes["note"].str.contains(r"[A-Za-z]{4,}").any()


def test_only_nodes_whose_source_says_so_are_called_built() -> None:
    nodes = table("public_nodes")
    built = nodes.loc[nodes["status"] == NodeStatus.BUILT, "node_id"]
    assert set(built) == {"pub-pm-530000", "pub-dc-530103", "pub-cc-530127", "pub-cc-530103"}


def test_the_totals_are_the_published_ones_and_the_sum_of_two_is_called_worked_out() -> None:
    totals = table("declared_totals")
    newest = totals.sort_values("as_of").drop_duplicates("kind", keep="last")
    assert newest.set_index("kind")["declared_count"].to_dict() == TOTALS
    worked_out = totals[totals["grade"] == Grade.C]
    assert worked_out[["as_of", "declared_count"]].to_numpy().tolist() == [["2018-11-06", 23]]


def test_no_list_is_shipped_as_complete() -> None:
    assert table("complete_lists").empty


def test_kinds_differ_in_shape_or_colour_and_no_wording_means_two_of_them() -> None:
    kinds = table("node_kinds")
    assert set(kinds.loc[kinds["is_counted"], "kind"]) == set(NodeKind)
    assert kinds.loc[kinds["is_counted"], "symbol"].is_unique
    assert not kinds.duplicated(["symbol", "colour"]).any()
    wordings = kinds["synonyms"].str.split(";").explode().str.lower()
    assert wordings.is_unique


def test_the_shipped_demonstration_list_is_the_completion_of_its_seed() -> None:
    pd.testing.assert_frame_equal(table("demo_nodes"), completed(SHIPPED_SEED))


@pytest.mark.law
@settings(max_examples=25)
@given(st.integers(0, 10**9))
def test_every_seed_completes_to_the_published_totals(seed: int) -> None:
    nodes = completed(seed)
    for kind, total in TOTALS.items():
        rows = of_kind(nodes, kind)
        assert len(rows) == total
        assert rows["adcode"].is_unique
    centres = set(of_kind(nodes, "county_centre")["adcode"])
    assert set(of_kind(nodes, "demonstration_county")["adcode"]) <= centres
    assert nodes["node_id"].is_unique


@pytest.mark.law
@settings(max_examples=25)
@given(st.integers(0, 10**9))
def test_every_seed_leaves_the_public_nodes_and_marks_the_others(seed: int) -> None:
    public, nodes = table("public_nodes"), completed(seed)
    kept = nodes.iloc[: len(public)]
    placed = ["lon", "lat", "location_origin", "note"]
    pd.testing.assert_frame_equal(kept.drop(columns=placed), public.drop(columns=placed))
    changed = kept.loc[~kept["location_origin"].eq(public["location_origin"]), "kind"]
    assert changed.tolist() == ["provincial_market"]
    added = nodes.iloc[len(public) :]
    assert set(added["origin"]) == {Origin.ASSUMED}
    assert added["node_name"].str.endswith("(假定)").all()
    assert set(added["source"]) == {f"演示数据,随机种子 {seed}"}
    assert added["note"].notna().all()


@pytest.mark.law
@settings(max_examples=25)
@given(st.integers(0, 10**9))
def test_every_seed_grows_as_the_published_totals_did(seed: int) -> None:
    nodes, totals = completed(seed), table("declared_totals")
    for kind, as_of, total in totals[["kind", "as_of", "declared_count"]].itertuples(index=False):
        dates = of_kind(nodes, kind)["established_on"]
        assert (dates.isna() | (dates <= as_of)).sum() == total


def test_the_same_seed_gives_the_same_rows_and_another_seed_gives_others() -> None:
    again = demo_completion(
        table("public_nodes"), table("divisions").sample(frac=1, random_state=1),
        table("county_seats"), table("declared_totals"), table("node_kinds"), seed=7,
    )  # fmt: skip
    pd.testing.assert_frame_equal(again, completed(7))
    markets = [set(of_kind(completed(seed), "sub_market")["adcode"]) for seed in (7, 8)]
    assert markets[0] != markets[1]


def test_most_assumed_centres_are_built_and_some_are_not() -> None:
    counts = of_kind(completed(SHIPPED_SEED), "county_centre")["status"].value_counts()
    assert counts["built"] > 100
    assert counts["planned"] > 0
    assert counts["unknown"] > 0


def test_a_total_that_the_places_cannot_reach_is_refused() -> None:
    totals = table("declared_totals")
    many = totals.assign(
        declared_count=totals["declared_count"].mask(totals["kind"] == "sub_market", 17)
    )
    with pytest.raises(DamagedFileError) as caught:
        demo_completion(
            table("public_nodes"), table("divisions"), table("county_seats"), many,
            table("node_kinds"), seed=1,
        )  # fmt: skip
    assert caught.value.code == "demo_unreachable"
