"""Roads: paths, legs, fall-backs and the trips whose length is known."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.catalog import read_shipped
from network_map.crs import FloatArray, geodesic_km, geodesic_matrix_km
from network_map.errors import DamagedFileError
from network_map.places.tables import ROAD_PATHS
from network_map.reach.cost import (
    CIRCUITY,
    METHODS,
    CircuityBand,
    CircuityCurve,
    CostMatrix,
    geodesic_x_circuity,
    straight_km,
)
from network_map.reach.roads import (
    LEG_FACTOR,
    LEG_HIGH,
    LONGEST_LEG_KM,
    MEAN_CIRCUITY,
    NETWORK_ERROR,
    NETWORK_FACTOR,
    RoadGraph,
    access,
    known_pairs,
    network_km,
    open_roads,
    road_graph,
    road_network_blocks,
    road_network_km,
    seat_paths,
)
from network_map.reach.tables import KNOWN_PAIRS
from network_map.tables.check import check
from network_map.terms import DistanceMethod
from tests.reach.world import fitted_curve, points, roads

ROAD, PLAIN = "road_network_km", "geodesic_x_circuity"


@cache
def shipped() -> tuple[RoadGraph, pd.DataFrame]:
    seats = read_shipped("county_seats")
    return road_graph(read_shipped("road_nodes"), read_shipped("road_edges")), seats


@cache
def between_seats() -> CostMatrix:
    graph, seats = shipped()
    return road_network_km(graph, seats, seats, facility_id="adcode")


LINE = [(102.0, 25.0), (102.5, 25.0), (103.0, 25.0)]
LINE_EDGES = [(0, 1, 60.0), (1, 2, 70.0)]


@cache
def line() -> RoadGraph:
    return road_graph(*roads(LINE, LINE_EDGES))


# --- paths --------------------------------------------------------------------------------------


@pytest.mark.oracle
@settings(max_examples=25)
@given(data=st.data(), size=st.integers(2, 7))
def test_shortest_paths_are_those_of_floyd(data: st.DataObject, size: int) -> None:
    pairs = [(a, b) for a in range(size) for b in range(a + 1, size)]
    chosen = data.draw(st.lists(st.sampled_from(pairs), unique=True))
    lengths = data.draw(st.lists(st.floats(0.1, 100), min_size=len(chosen), max_size=len(chosen)))
    edges = [(a, b, km) for (a, b), km in zip(chosen, lengths, strict=True)]
    graph = road_graph(*roads([(100.0 + n / 10, 25.0) for n in range(size)], edges))
    everywhere = np.arange(size)
    assert network_km(graph, everywhere, everywhere) == pytest.approx(floyd(size, edges))


def floyd(size: int, edges: Sequence[tuple[int, int, float]]) -> np.ndarray:
    """Return all shortest paths by trying every node between every pair."""
    found = np.where(np.eye(size, dtype="bool"), 0.0, np.inf)
    for a, b, km in edges:
        found[a, b] = found[b, a] = min(found[a, b], km)
    for middle in range(size):
        found = np.minimum(found, found[:, [middle]] + found[[middle], :])
    return found


def test_a_road_is_the_path_times_the_factor_and_the_legs() -> None:
    graph = line()
    start = points("adcode", ("530102", 102.0, 25.02))
    end = points("node_id", ("a", 103.0, 24.97))
    leg = [float(geodesic_km(102.0, 25.02, 102.0, 25.0)), float(geodesic_km(103, 24.97, 103, 25))]
    km, low, high, method = road_network_km(graph, start, end).at("530102", "a")
    assert method == ROAD
    assert km == pytest.approx(NETWORK_FACTOR * 130 + LEG_FACTOR * sum(leg))
    assert low == pytest.approx((1 - NETWORK_ERROR) * NETWORK_FACTOR * 130 + sum(leg))
    assert high == pytest.approx((1 + NETWORK_ERROR) * NETWORK_FACTOR * 130 + LEG_HIGH * sum(leg))


def test_legs_come_with_the_matrix_on_both_sides() -> None:
    graph = line()
    start = points("adcode", ("530102", 102.0, 25.02), ("530103", np.nan, 25.0))
    found = road_network_km(graph, start, points("node_id", ("a", 103.0, 25.0)))
    assert found.demand_leg_km[0] == pytest.approx(float(geodesic_km(102, 25.02, 102, 25)))
    assert np.isnan(found.demand_leg_km[1])
    assert np.isnan(found.km[1, 0])
    assert found.facility_leg_km.tolist() == [0.0]


# --- fall-backs ---------------------------------------------------------------------------------


def test_a_point_too_far_from_the_road_falls_back_and_says_so() -> None:
    graph = line()
    start = points("adcode", ("530102", 102.0, 25.2))
    end = points("node_id", ("a", 103.0, 25.0))
    found = road_network_km(graph, start, end)
    assert found.demand_leg_km[0] > LONGEST_LEG_KM
    assert found.at("530102", "a") == geodesic_x_circuity(start, end).at("530102", "a")
    assert found.at("530102", "a")[3] == PLAIN


def test_ends_that_no_road_joins_fall_back_and_say_so() -> None:
    graph = road_graph(*roads([*LINE, (104.0, 25.0), (104.5, 25.0)], [*LINE_EDGES, (3, 4, 55.0)]))
    start = points("adcode", ("530102", 102.0, 25.0))
    end = points("node_id", ("a", 104.0, 25.0), ("b", 103.0, 25.0))
    found = road_network_km(graph, start, end)
    assert [found.at("530102", name)[3] for name in ("a", "b")] == [PLAIN, ROAD]


def test_scraps_of_the_network_are_no_way_to_it() -> None:
    chain = [(102.0 + n / 100, 25.0) for n in range(300)]
    edges = [(n, n + 1, 1.1) for n in range(299)]
    scrap = [(102.0, 25.03), (102.01, 25.03)]
    graph = road_graph(*roads([*chain, *scrap], [*edges, (300, 301, 1.0)]))
    assert graph.node_count == 300
    found = road_network_km(
        graph, points("adcode", ("530102", 102.0, 25.03)), points("node_id", ("a", 104.0, 25.0))
    )
    assert found.at("530102", "a")[3] == ROAD


def test_neighbours_far_from_a_road_do_not_go_round_by_it() -> None:
    graph = line()
    start = points("adcode", ("530102", 102.0, 25.05))
    end = points("node_id", ("same", 102.0, 25.05), ("near", 102.0, 25.06))
    found = road_network_km(graph, start, end)
    assert found.at("530102", "same") == (0.0, 0.0, 0.0, PLAIN)
    km, _, _, method = found.at("530102", "near")
    assert method == PLAIN
    assert 1.1 < km < 2


def test_an_empty_network_leaves_only_the_straight_line() -> None:
    graph = road_graph(*roads([], []))
    start, end = points("adcode", ("530102", 102.0, 25.0)), points("node_id", ("a", 103.0, 25.0))
    found = road_network_km(graph, start, end)
    assert found.at("530102", "a") == geodesic_x_circuity(start, end).at("530102", "a")


def test_no_points_make_an_empty_matrix() -> None:
    graph = line()
    found = road_network_km(graph, points("adcode"), points("node_id", ("a", 103.0, 25.0)))
    assert found.km.shape == (0, 1)
    assert road_network_km(graph, points("adcode"), points("node_id")).km.shape == (0, 0)


# --- laws ---------------------------------------------------------------------------------------

PLACES = st.lists(st.tuples(st.floats(101.9, 103.1), st.floats(24.9, 25.1)), min_size=1, max_size=6)


@pytest.mark.law
@settings(max_examples=25)
@given(starts=PLACES, ends=PLACES)
def test_roads_are_never_shorter_than_the_line_and_the_band_is_in_order(
    starts: list[tuple[float, float]], ends: list[tuple[float, float]]
) -> None:
    graph = line()
    demand = points("adcode", *((str(i), *p) for i, p in enumerate(starts)))
    facilities = points("node_id", *((str(i), *p) for i, p in enumerate(ends)))
    found = road_network_km(graph, demand, facilities)
    assert (straight_km(demand, facilities) <= found.low_km + 1e-9).all()
    assert (found.low_km <= found.km).all()
    assert (found.km <= found.high_km).all()


@pytest.mark.law
@settings(max_examples=25)
@given(starts=PLACES, ends=PLACES, data=st.data())
def test_order_and_names_and_direction_change_no_distance(
    starts: list[tuple[float, float]], ends: list[tuple[float, float]], data: st.DataObject
) -> None:
    graph = line()
    demand = points("adcode", *((f"d{i}", *p) for i, p in enumerate(starts)))
    facilities = points("node_id", *((f"f{i}", *p) for i, p in enumerate(ends)))
    plain = road_network_km(graph, demand, facilities)
    order = data.draw(st.permutations(range(len(ends))))
    turned = road_network_km(
        graph,
        demand.iloc[::-1].assign(adcode=lambda t: "x" + t["adcode"]),
        facilities.iloc[order].reset_index(drop=True),
    ).select(plain.facility_ids, demand_ids=[f"x{name}" for name in plain.demand_ids])
    back = road_network_km(graph, facilities, demand, demand_id="node_id", facility_id="adcode")
    for name in ("km", "low_km", "high_km", "method"):
        assert getattr(turned, name) == pytest.approx(getattr(plain, name))
        reverse = getattr(back, name).T
        assert reverse == pytest.approx(getattr(plain, name))


SEATS = st.lists(st.integers(0, 128), min_size=1, max_size=20, unique=True)


@pytest.mark.law
@settings(max_examples=25)
@given(starts=SEATS, ends=SEATS)
def test_what_is_looked_up_between_seats_is_what_a_search_finds(
    starts: list[int], ends: list[int]
) -> None:
    graph, seats = shipped()
    demand, facilities = (seats.iloc[found].reset_index(drop=True) for found in (starts, ends))
    known = road_network_km(open_roads(), demand, facilities, facility_id="adcode")
    found = road_network_km(graph, demand, facilities, facility_id="adcode")
    for name in ("km", "low_km", "high_km", "method", "demand_leg_km", "facility_leg_km"):
        assert getattr(known, name) == pytest.approx(getattr(found, name), rel=1e-9), name


@pytest.mark.golden
def test_the_shipped_paths_between_seats_are_those_of_the_shipped_network() -> None:
    graph, seats = shipped()
    held, found = read_shipped("road_paths"), seat_paths(graph, seats)
    check(ROAD_PATHS, found)
    keys = ["from_adcode", "to_adcode"]
    assert held[keys].to_numpy().tolist() == found[keys].to_numpy().tolist()
    numbers = [name for name in ROAD_PATHS.names if name not in keys]
    assert held[numbers].to_numpy() == pytest.approx(found[numbers].to_numpy(), rel=1e-9)


def test_only_seats_are_looked_up_and_any_other_point_is_searched_for() -> None:
    graph, seats = shipped()
    aside = points("node_id", ("a", seats["lon"][0] + 0.01, seats["lat"][0]))
    nowhere = points("node_id", ("a", float("nan"), float("nan")))
    opened = open_roads()
    for other in (aside, nowhere):
        found = road_network_km(opened, seats, other)
        assert found.km == pytest.approx(road_network_km(graph, seats, other).km, nan_ok=True)
    assert "graph" in vars(opened)
    untouched = open_roads()
    road_network_km(untouched, seats, seats, facility_id="adcode")
    assert "graph" not in vars(untouched)


def test_a_table_of_paths_that_lacks_one_is_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = read_shipped("road_paths").drop(index=3)
    monkeypatch.setattr("network_map.reach.roads.read_table", lambda _: rows)
    with pytest.raises(DamagedFileError):
        _ = open_roads().seats


def test_blocks_together_are_the_whole_matrix() -> None:
    graph, seats = shipped()
    blocks = list(road_network_blocks(graph, seats, seats[:9], facility_id="adcode", block_rows=50))
    assert [len(block.demand_ids) for block in blocks] == [50, 50, 29]
    whole = between_seats().select(seats["adcode"][:9])
    assert np.vstack([block.km for block in blocks]) == pytest.approx(whole.km)


# --- the shipped network ------------------------------------------------------------------------


@pytest.mark.oracle
def test_the_nearest_road_node_is_the_nearest_of_all() -> None:
    graph, seats = shipped()
    some = seats[::8]
    found = access(graph, some["lon"], some["lat"])
    everywhere = geodesic_matrix_km(some["lon"], some["lat"], graph.lon, graph.lat)
    assert found.leg_km == pytest.approx(everywhere.min(axis=1))


def test_four_seats_are_too_far_from_the_shipped_roads() -> None:
    graph, seats = shipped()
    legs = access(graph, seats["lon"], seats["lat"]).leg_km
    far = set(seats["adcode"][legs > LONGEST_LEG_KM])
    assert far == {"530521", "530826", "530925", "533323"}
    matrix, straight = between_seats(), straight_km(seats, seats)
    fell = matrix.method == METHODS.index(DistanceMethod.GEODESIC_X_CIRCUITY)
    is_far = seats["adcode"].isin(far).to_numpy()
    aside = straight <= np.add.outer(legs, legs)
    assert (fell == (aside | np.logical_or.outer(is_far, is_far))).all()


def test_known_trips_lie_in_the_band_and_the_constants_are_what_they_give() -> None:
    graph, seats = shipped()
    table = known_pairs(graph, seats)
    check(KNOWN_PAIRS, table)
    known = table["known_km"]
    for method in ("road", "circuity"):
        assert (table[f"{method}_low_km"] <= known).all()
        assert (known <= table[f"{method}_high_km"]).all()
    factor = (known - table["leg_km"]).sum() / table["path_km"].sum()
    assert factor == pytest.approx(NETWORK_FACTOR, abs=0.003)
    error = table["left_out_error_share"]
    assert error.abs().mean() == pytest.approx(0.048, abs=0.0005)
    assert error.abs().max() == pytest.approx(0.137, abs=0.0005)
    assert 1.645 * np.sqrt((error**2).mean()) == pytest.approx(NETWORK_ERROR, abs=0.001)
    assert (known / table["straight_km"]).mean() == pytest.approx(MEAN_CIRCUITY, abs=0.001)


def test_leaving_a_pair_out_uses_the_other_four_alone() -> None:
    graph, seats = shipped()
    table = known_pairs(graph, seats)
    rest = table.drop(index=4)
    factor = (rest["known_km"] - rest["leg_km"]).sum() / rest["path_km"].sum()
    assert table.loc[4, "left_out_factor"] == pytest.approx(factor)
    estimates = factor * table["path_km"] + table["leg_km"]
    assert table["left_out_km"].iloc[4] == pytest.approx(estimates.iloc[4])


def fitted_circuity(road: CostMatrix, straight: FloatArray) -> CircuityBand:
    """Return the circuity curve and its band fitted on road distances between the same places."""
    code = METHODS.index(DistanceMethod.ROAD_NETWORK_KM)
    pairs = np.triu(road.method == code, k=1)
    near = straight[pairs]

    def fitted(lengths: FloatArray, quantile: float, error: float) -> CircuityCurve:
        far = MEAN_CIRCUITY * (1.0 + error)
        return fitted_curve(near, lengths[pairs], quantile=quantile, far=far)

    return CircuityBand(
        low=fitted(road.low_km, 0.05, -NETWORK_ERROR),
        middle=fitted(road.km, 0.5, 0.0),
        high=fitted(road.high_km, 0.95, NETWORK_ERROR),
    )


def test_the_curve_of_circuity_is_what_the_shipped_roads_give() -> None:
    _, seats = shipped()
    fitted = fitted_circuity(between_seats(), straight_km(seats, seats))
    distances = np.array([10.0, 30.0, 100.0, 300.0, 900.0])
    for name in ("low", "middle", "high"):
        shipped_curve, found = getattr(CIRCUITY, name), getattr(fitted, name)
        assert shipped_curve.road_km(distances) == pytest.approx(
            found.road_km(distances), rel=0.01
        ), name


def test_the_worst_leg_is_that_of_neighbouring_seats() -> None:
    _, seats = shipped()
    matrix, straight = between_seats(), straight_km(seats, seats)
    near = np.triu(matrix.method == 1, k=1) & (straight < 25)
    factors = matrix.km[near] / straight[near]
    assert np.quantile(factors, 0.95) == pytest.approx(LEG_HIGH, abs=0.02)
    assert np.median(factors) == pytest.approx(LEG_FACTOR, abs=0.02)
