"""Peers: the most similar counties, whatever the order of rows, with what is known."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.activity.activity import county_peers, peer_medians
from network_map.activity.tables import PEERS
from network_map.catalog import read_shipped
from network_map.errors import QueryError
from network_map.tables.check import check

COLUMNS = ["adcode", "pop_2020", "gdp_2021_100m", "urban_share_2020", "avg_edu_years_2020"]


def table(
    *rows: tuple[str, float | None, float | None, float | None, float | None],
) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS).astype({"adcode": "str"})


def peers_of(peers: pd.DataFrame, adcode: str) -> list[str]:
    return peers.loc[peers["adcode"] == adcode, "peer_adcode"].tolist()


SIX = table(
    ("530001", 100_000, 50, 0.2, 7.0),
    ("530002", 110_000, 56, 0.22, 7.1),
    ("530003", 130_000, 60, 0.25, 7.3),
    ("530004", 900_000, 900, 0.8, 10.0),
    ("530005", 1_000_000, 1300, 0.9, 11.0),
    ("530006", 400_000, 200, 0.5, 8.0),
)


def test_similar_counties_are_peers_nearest_first() -> None:
    peers = county_peers(SIX, peer_count=2)
    check(PEERS, peers)
    assert peers_of(peers, "530001") == ["530002", "530003"]
    assert peers_of(peers, "530005") == ["530004", "530006"]
    assert set(peers["indicator_count"]) == {4}


@pytest.mark.oracle
def test_distances_equal_the_root_mean_square_of_standard_scores() -> None:
    people, wealth = SIX["pop_2020"], SIX["gdp_2021_100m"]
    plain = pd.DataFrame(
        {
            "people": np.log(people),
            "wealth": np.log(wealth / people),
            "urban": SIX["urban_share_2020"],
            "school": SIX["avg_edu_years_2020"],
        }
    )
    scores = (plain - plain.mean()) / plain.std(ddof=0)
    peers = county_peers(SIX).set_index(["adcode", "peer_adcode"])["peer_distance"]
    gaps = scores.iloc[0] - scores.iloc[4]
    assert peers["530001", "530005"] == pytest.approx(float(np.sqrt((gaps**2).mean())))
    assert peers["530005", "530001"] == peers["530001", "530005"]


def test_equally_similar_counties_stand_in_the_order_of_their_codes() -> None:
    twins = table(
        ("530009", 200_000, 100, 0.4, 8.0),
        ("530003", 100_000, 50, 0.2, 7.0),
        ("530002", 100_000, 50, 0.2, 7.0),
        ("530001", 100_000, 50, 0.2, 7.0),
    )
    assert peers_of(county_peers(twins, peer_count=2), "530009") == ["530001", "530002"]


def test_a_missing_indicator_is_left_out_of_the_comparison_and_said() -> None:
    gap = SIX.assign(avg_edu_years_2020=SIX["avg_edu_years_2020"].mask(SIX.index == 0))
    peers = county_peers(gap, peer_count=2)
    assert peers_of(peers, "530001") == ["530002", "530003"]
    counts = peers.set_index(["adcode", "peer_adcode"])["indicator_count"]
    assert counts["530001", "530002"] == 3
    assert counts["530005", "530004"] == 4


def test_a_county_of_which_one_indicator_is_known_has_no_peers_and_is_none() -> None:
    bare = pd.concat([SIX, table(("530007", None, None, 0.2, None))], ignore_index=True)
    peers = county_peers(bare)
    assert peers_of(peers, "530007") == []
    assert "530007" not in set(peers["peer_adcode"])


def test_an_indicator_that_is_the_same_everywhere_tells_nobody_apart() -> None:
    flat = SIX.assign(avg_edu_years_2020=7.1)
    assert peers_of(county_peers(flat, peer_count=1), "530001") == ["530002"]
    assert np.isfinite(county_peers(flat)["peer_distance"]).all()


def test_the_median_leaves_out_peers_without_a_value() -> None:
    values = pd.Series([1.0, None, 5.0, 7.0, 9.0, 11.0], index=SIX["adcode"])
    medians = peer_medians(values, county_peers(SIX, peer_count=2))
    assert medians["530001"] == 5.0
    alone = peer_medians(values * np.nan, county_peers(SIX, peer_count=2))
    assert alone.isna().all()


def test_fewer_counties_than_peers_asked_for_give_those_there_are() -> None:
    assert len(county_peers(SIX.head(3), peer_count=8)) == 6
    assert county_peers(SIX.head(1)).empty
    assert county_peers(SIX.head(0)).empty


def test_no_peer_asked_for_is_refused() -> None:
    with pytest.raises(QueryError) as caught:
        county_peers(SIX, peer_count=0)
    assert caught.value.code == "peer_count"


@pytest.mark.law
@settings(max_examples=15)
@given(order=st.permutations(range(6)))
def test_the_order_of_rows_changes_no_peer(order: list[int]) -> None:
    pd.testing.assert_frame_equal(county_peers(SIX), county_peers(SIX.iloc[order]))


@pytest.mark.law
@given(factor=st.sampled_from([0.5, 2.0, 10_000.0]))
def test_the_unit_of_wealth_and_the_number_of_people_do_not_matter(factor: float) -> None:
    scaled = SIX.assign(
        pop_2020=SIX["pop_2020"] * factor, gdp_2021_100m=SIX["gdp_2021_100m"] * factor**2
    )
    pd.testing.assert_frame_equal(county_peers(SIX), county_peers(scaled))


def test_every_county_of_the_shipped_data_has_eight_peers_and_none_is_itself() -> None:
    peers = county_peers(read_shipped("county_indicators"))
    assert len(peers) == 129 * 8
    assert (peers["adcode"] != peers["peer_adcode"]).all()
    assert not peers.duplicated(["adcode", "peer_adcode"]).any()
