"""Types of gap against every list tried one by one."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.completion.shares import nearest_cost_distribution
from network_map.gaps.severity import (
    CountyFacts,
    ReachGaps,
    TierDistances,
    gap_types,
    reach_gaps,
)
from network_map.terms import GapType, MapGap
from tests.completion.world import COUNTIES, DEMONSTRATION, Facts, ensemble, every_completion

SUB_KM, DEMO_KM = 100.0, 60.0
KM = st.sampled_from([0.0, 30.0, 60.0, 61.0, 100.0, 101.0, 400.0])
SUB = Facts({"530000": 2}, named=["530102"], kind="sub_market")
DEMO = Facts({"530000": 3}, named=["530602"], kind=DEMONSTRATION)


def table(rows: list[list[float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, index=pd.Index(COUNTIES), columns=COUNTIES)


def has(facts: Facts) -> list[tuple[list[int], float]]:
    """Return for every completion the places with a node, and its weight."""
    named = {COUNTIES.index(code) for code in facts.named}
    lists = list(every_completion(facts))
    total = sum(weight for _, weight in lists)
    return [
        (sorted(named | {i for i, n in enumerate(counts) if n}), weight / total)
        for counts, weight in lists
    ]


matrices = st.lists(
    st.lists(KM, min_size=len(COUNTIES), max_size=len(COUNTIES)),
    min_size=len(COUNTIES),
    max_size=len(COUNTIES),
)


@pytest.mark.law
@pytest.mark.oracle
@given(
    sub_rows=matrices,
    demo_rows=matrices,
    market=st.lists(KM, min_size=7, max_size=7),
    serves=st.booleans(),
)
@settings(deadline=None, derandomize=True, max_examples=60)
def test_shares_out_of_reach_are_those_of_every_list_tried(
    *, sub_rows: list[list[float]], demo_rows: list[list[float]], market: list[float], serves: bool
) -> None:
    distances = TierDistances(
        nearest_cost_distribution(ensemble(SUB), table(sub_rows)),
        nearest_cost_distribution(ensemble(DEMO), table(demo_rows)),
        np.array(market),
    )
    found = reach_gaps(
        distances, sub_market_km=SUB_KM, demonstration_km=DEMO_KM, higher_tier_serves=serves
    )
    for county in range(len(COUNTIES)):
        shares = {"sub_market": 0.0, "demonstration": 0.0, "either": 0.0}
        for sub_places, sub_share in has(SUB):
            sub_km = min(sub_rows[county][place] for place in sub_places)
            sub_km = min(sub_km, market[county]) if serves else sub_km
            for demo_places, demo_share in has(DEMO):
                demo_km = min(demo_rows[county][place] for place in demo_places)
                demo_km = min(demo_km, sub_km) if serves else demo_km
                gaps = {"sub_market": sub_km > SUB_KM, "demonstration": demo_km > DEMO_KM}
                gaps["either"] = any(gaps.values())
                for name, is_gap in gaps.items():
                    shares[name] += is_gap * sub_share * demo_share
        for name, share in shares.items():
            row = getattr(found, name).iloc[county]
            assert row["share"] == pytest.approx(share)
            assert (row["share"] in {0.0, 1.0}) == (round(share, 12) in {0.0, 1.0})


def facts_of(**changes: object) -> CountyFacts:
    usual: dict[str, object] = {
        "centre_share": np.array([1.0]), "centre_planned": np.array([False]),
        "rate": np.array([1.0]), "peer_rate": np.array([1.0]), "is_blank": np.array([False]),
        "lacks_consortium": np.array([0.0]),
    }  # fmt: skip
    return CountyFacts(**(usual | {k: np.array([v]) for k, v in changes.items()}))  # type: ignore[arg-type]  # arrays by name


def reach_of(codes: list[str], shares: list[float]) -> ReachGaps:
    table = pd.DataFrame({"share": shares}, index=codes)
    return ReachGaps(sub_market=table, demonstration=table, either=table)


def shown(out_of_reach: float = 0.0, **changes: object) -> str:
    found = gap_types(reach_of(["530102"], [out_of_reach]), facts_of(**changes))
    return str(found["map_gap"].iloc[0])


@pytest.mark.parametrize(
    ("expected", "out", "changes"),
    [
        (MapGap.NONE, 0.0, {}),
        (MapGap.ACTIVE_OUT_OF_REACH, 1.0, {}),
        (MapGap.ACTIVE_OUT_OF_REACH, 1.0, {"centre_share": 0.0, "lacks_consortium": 1.0}),
        (MapGap.OUT_OF_REACH, 1.0, {"rate": 0.99}),
        (MapGap.OUT_OF_REACH, 1.0, {"rate": np.nan}),
        (MapGap.OUT_OF_REACH, 1.0, {"rate": 0.0, "peer_rate": 0.0, "is_blank": True}),
        (MapGap.NO_CENTRE, 0.0, {"centre_share": 0.0}),
        (MapGap.CENTRE_PLANNED, 0.0, {"centre_share": 0.0, "centre_planned": True}),
        (MapGap.IDLE_NODE, 0.0, {"rate": 0.49}),
        (MapGap.NONE, 0.0, {"rate": 0.5}),
        (MapGap.IDLE_NODE, 0.0, {"rate": 0.6, "is_blank": True}),
        (MapGap.NO_CONSORTIUM, 0.0, {"lacks_consortium": 1.0}),
        (MapGap.UNKNOWN, 0.0, {"lacks_consortium": np.nan}),
        (MapGap.UNKNOWN, 0.3, {}),
        (MapGap.UNKNOWN, 0.0, {"centre_share": 0.7}),
        (MapGap.UNKNOWN, 0.0, {"rate": np.nan}),
    ],
)
def test_the_map_shows_the_first_type_that_is_certain(
    expected: MapGap, out: float, changes: dict[str, object]
) -> None:
    assert shown(out, **changes) == expected


def test_several_types_hold_at_once_and_none_follows_from_another_but_the_first() -> None:
    facts = CountyFacts(
        centre_share=np.array([0.0, 0.5]), centre_planned=np.array([False, False]),
        rate=np.array([2.0, 0.1]), peer_rate=np.array([1.0, 1.0]),
        is_blank=np.array([False, False]), lacks_consortium=np.array([1.0, 0.0]),
    )  # fmt: skip
    found = gap_types(reach_of(["530102", "530103"], [1.0, 0.25]), facts)
    assert found[[k.value for k in GapType]].to_numpy()[0].tolist() == [1, 1, 1, 0, 0, 1]
    assert found[[k.value for k in GapType]].to_numpy()[1].tolist() == [0, 0.25, 0.5, 0, 0.5, 0]
    assert found.loc["530103", "idle_node_certainty"] == "possible"
    assert found["map_gap"].tolist() == ["active_out_of_reach", "unknown"]
