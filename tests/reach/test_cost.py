"""The cost matrix and the circuity curve: ids, order, band; a longer line is no shorter road."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from network_map.reach.cost import (
    CIRCUITY,
    METHODS,
    CircuityCurve,
    CostMatrix,
    geodesic_x_circuity,
)
from network_map.terms import DistanceMethod
from tests.reach.world import costs, fitted_curve, points

KILOMETRES = st.floats(0, 5000, allow_nan=False)
LON = st.floats(97.5, 106.2)
LAT = st.floats(21.1, 29.3)


@pytest.mark.law
@pytest.mark.parametrize("curve", [CIRCUITY.low, CIRCUITY.middle, CIRCUITY.high])
@given(one=KILOMETRES, other=KILOMETRES)
def test_a_longer_straight_line_never_gives_a_shorter_road(
    curve: CircuityCurve, one: float, other: float
) -> None:
    short, long = sorted([one, other])
    assert curve.road_km(short) <= curve.road_km(long)


@pytest.mark.law
@given(
    near=st.floats(0.1, 10), far=st.floats(0.1, 10), half=st.floats(1, 1e4),
    one=KILOMETRES, other=KILOMETRES,
)  # fmt: skip
def test_no_curve_that_can_be_made_falls(
    near: float, far: float, half: float, one: float, other: float
) -> None:
    short, long = sorted([one, other])
    curve = CircuityCurve(near, far, half)
    assert curve.road_km(short) <= curve.road_km(long) * (1 + 1e-12)


def test_a_factor_of_nought_is_refused() -> None:
    with pytest.raises(ValueError, match="positive factors expected"):
        CircuityCurve(near=0.0, far=1.3, half_km=100.0)


@pytest.mark.law
@given(straight=KILOMETRES)
def test_the_band_of_the_curve_is_in_order_and_no_road_is_shorter_than_the_line(
    straight: float,
) -> None:
    low, middle, high = (
        float(curve.road_km(straight)) for curve in (CIRCUITY.low, CIRCUITY.middle, CIRCUITY.high)
    )
    assert straight <= low <= middle <= high


def test_the_curve_is_about_one_and_a_half_near_and_falls_to_one_point_three() -> None:
    factors = CIRCUITY.middle.road_km([10.0, 100.0, 500.0, 1e6]) / [10.0, 100.0, 500.0, 1e6]
    assert factors == pytest.approx([1.527, 1.503, 1.438, 1.300], abs=0.001)
    assert CIRCUITY.middle.road_km(0.0) == 0.0


def test_quantile_regression_finds_the_curve_that_made_the_roads() -> None:
    made = CircuityCurve(near=1.8, far=1.2, half_km=150.0)
    straight = np.linspace(1, 900, 400)
    found = fitted_curve(straight, made.road_km(straight), quantile=0.5, far=1.2)
    assert found.near == pytest.approx(made.near, abs=1e-3)
    assert found.half_km == pytest.approx(made.half_km, rel=1e-3)


@pytest.mark.law
@settings(max_examples=10)
@given(data=st.data(), quantile=st.sampled_from([0.1, 0.5, 0.9]))
def test_a_fitted_quantile_leaves_its_share_of_roads_below(
    data: st.DataObject, quantile: float
) -> None:
    seed = data.draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    straight = rng.uniform(30, 49, 400)  # one class of distance: all weigh the same
    road = straight * rng.uniform(1.1, 2.0, 400)
    curve = fitted_curve(straight, road, quantile=quantile, far=1.3)
    assert (road <= curve.road_km(straight)).mean() == pytest.approx(quantile, abs=0.02)


@pytest.mark.oracle
@settings(max_examples=30)
@given(places=st.lists(st.tuples(LON, LAT), min_size=2, max_size=4))
def test_straight_lines_are_those_of_pyproj(places: list[tuple[float, float]]) -> None:
    table = points("node_id", *((f"n{i}", *place) for i, place in enumerate(places)))
    found = geodesic_x_circuity(table, table, demand_id="node_id")
    geod = Geod(ellps="GRS80")
    for row, (lon1, lat1) in enumerate(places):
        for column, (lon2, lat2) in enumerate(places):
            metres = geod.inv(lon1, lat1, lon2, lat2)[2]
            road = CIRCUITY.middle.road_km(metres / 1000)
            assert found.km[row, column] == pytest.approx(float(road), rel=1e-9, abs=1e-9)


def test_a_point_without_coordinates_has_no_distance_and_no_method() -> None:
    demand = points("adcode", ("530102", 102.0, 25.0))
    facilities = points("node_id", ("a", 102.0, 25.0), ("b", np.nan, np.nan))
    found = geodesic_x_circuity(demand, facilities)
    assert found.at("530102", "a") == (0.0, 0.0, 0.0, "geodesic_x_circuity")
    assert np.isnan(found.km[0, 1])
    assert found.table()["method"].isna().tolist() == [False, True]


def test_cells_are_found_by_id_whatever_the_order() -> None:
    matrix = costs({"a": [1, 2, 3, 4, 5], "b": [6, 7, 8, 9, 10]})
    turned = matrix.select(["b", "a"], demand_ids=["530627", "530102"])
    assert turned.km.tolist() == [[10, 5], [6, 1]]
    assert turned.at("530627", "a") == matrix.at("530627", "a")
    assert turned.demand_ids == ("530627", "530102")
    with pytest.raises(KeyError, match="c"):
        matrix.select(["c"])


def test_a_facility_that_the_matrix_lacks_is_at_an_unknown_distance() -> None:
    matrix = costs({"a": [1, 2, 3, 4, 5]}).covering(["new", "a"], demand_ids=["530103"])
    assert matrix.facility_ids == ("new", "a")
    assert np.isnan(matrix.km[0, 0])
    assert matrix.km[0, 1] == 2


def test_a_matrix_cannot_be_written_to_and_refuses_repeated_ids_and_wrong_shapes() -> None:
    matrix = costs({"a": [1, 2, 3, 4, 5]})
    with pytest.raises(ValueError, match="read-only"):
        matrix.km[0, 0] = 7
    with pytest.raises(ValueError, match="occurs twice"):
        matrix.select(["a", "a"])
    wrong = {name: getattr(matrix, name) for name in CostMatrix.__dataclass_fields__}
    with pytest.raises(ValueError, match=r"km: shape \(5, 1\) expected, found \(1, 5\)"):
        CostMatrix(**wrong | {"km": matrix.km.T})


def test_the_table_of_a_matrix_names_both_ids_and_the_method() -> None:
    table = costs({"a": [1, 2, 3, 4, 5]}).table()
    assert table.columns.tolist() == [
        "demand_id", "facility_id", "km", "low_km", "high_km", "method"
    ]  # fmt: skip
    assert set(table["method"]) == {DistanceMethod.ROAD_NETWORK_KM}
    assert isinstance(table, pd.DataFrame)
    assert METHODS[0] is DistanceMethod.GEODESIC_X_CIRCUITY
