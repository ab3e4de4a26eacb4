"""Measuring on the ellipsoid, and taking the shifts of Chinese map services back."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from network_map import crs

LON = st.floats(73.5, 135.0)
LAT = st.floats(18.2, 53.5)
KUNMING, DALI = (102.7058, 25.0466), (100.2123, 25.5847)


def test_the_storage_system_has_the_ellipsoid_that_distances_use() -> None:
    ellipsoid = CRS(crs.STORAGE_CRS).ellipsoid
    assert ellipsoid is not None
    assert crs._cgcs2000().a == ellipsoid.semi_major_metre
    assert crs._cgcs2000().f == pytest.approx(1 / ellipsoid.inverse_flattening, rel=1e-12)


@pytest.mark.oracle
def test_a_short_distance_equals_the_one_in_a_projected_grid() -> None:
    grid = Transformer.from_crs(
        crs.STORAGE_CRS, "+proj=aeqd +lon_0=102.7 +lat_0=25", always_xy=True
    )
    x, y = grid.transform(102.8, 25.1)
    found = crs.geodesic_km(102.7, 25.0, 102.8, 25.1)
    assert float(found) == pytest.approx(np.hypot(x, y) / 1000, rel=1e-7)


@pytest.mark.oracle
def test_a_small_area_equals_the_one_in_an_equal_area_projection() -> None:
    equal = Transformer.from_crs(
        crs.STORAGE_CRS, "+proj=laea +lon_0=102.5 +lat_0=25.5 +ellps=GRS80", always_xy=True
    )
    ring = shapely.segmentize(shapely.box(102, 25, 103, 26), 0.001)
    hole = shapely.box(102.4, 25.4, 102.6, 25.6)
    cut = shapely.difference(ring, shapely.segmentize(hole, 0.001))
    flat = shapely.transform(cut, lambda xy: np.column_stack(equal.transform(*xy.T)))
    assert crs.area_km2(cut) == pytest.approx(flat.area / 1e6, rel=1e-6)


def test_a_polygon_has_the_same_area_whichever_way_its_ring_turns() -> None:
    box = shapely.box(102, 25, 103, 26)
    assert crs.area_km2(shapely.reverse(box)) == crs.area_km2(box) > 0


def test_the_matrix_holds_the_distance_of_every_pair() -> None:
    lon, lat = np.array([102.7, 100.2, 103.7]), np.array([25.0, 25.6, 27.3])
    matrix = crs.geodesic_matrix_km(lon[:2], lat[:2], lon, lat)
    assert matrix.shape == (2, 3)
    assert matrix[0, 0] == matrix[1, 1] == 0
    assert matrix[0, 2] == crs.geodesic_km(lon[0], lat[0], lon[2], lat[2])


def test_kunming_and_dali_are_some_258_km_apart_as_the_crow_flies() -> None:
    assert float(crs.geodesic_km(*KUNMING, *DALI)) == pytest.approx(258.0, abs=1.0)


def test_a_missing_coordinate_gives_a_missing_distance() -> None:
    found = crs.geodesic_km([102.7, np.nan], [25.0, 25.0], 100.2, 25.6)
    assert np.isnan(found).tolist() == [False, True]


@pytest.mark.oracle
def test_published_points_are_shifted_as_published() -> None:
    # The worked example that implementations of the two shifts share.
    point = (116.404, 39.915)
    assert crs.wgs84_to_gcj02(*point) == pytest.approx((116.41024449916938, 39.91640428150164))
    assert crs.gcj02_to_bd09(*point) == pytest.approx((116.41036949371029, 39.92133699351021))
    # One step back, as most implementations take it, is right to a metre or two.
    assert crs.gcj02_to_wgs84(*point) == pytest.approx((116.397755, 39.913596), abs=2e-5)
    assert crs.bd09_to_gcj02(*point) == pytest.approx((116.397627, 39.908657), abs=2e-5)


def test_the_shift_in_yunnan_is_a_few_hundred_metres() -> None:
    moved = crs.wgs84_to_gcj02(*KUNMING)
    assert 0.2 < float(crs.geodesic_km(*KUNMING, *moved)) < 0.7


@pytest.mark.law
@given(LON, LAT)
def test_taking_a_shift_back_returns_to_the_point_within_a_centimetre(
    lon: float, lat: float
) -> None:
    for there, back in (
        (crs.wgs84_to_gcj02, crs.gcj02_to_wgs84),
        (crs.gcj02_to_bd09, crs.bd09_to_gcj02),
        (crs.wgs84_to_bd09, crs.bd09_to_wgs84),
    ):
        home = back(*there(lon, lat))
        assert float(crs.geodesic_km(lon, lat, *home)) < 1e-5


@pytest.mark.law
@given(st.floats(-180, 60), st.floats(-90, 90))
def test_points_far_from_china_stay_where_they_are(lon: float, lat: float) -> None:
    for convert in (
        crs.wgs84_to_gcj02, crs.gcj02_to_wgs84, crs.gcj02_to_bd09,
        crs.bd09_to_gcj02, crs.wgs84_to_bd09, crs.bd09_to_wgs84,
    ):  # fmt: skip
        assert [float(axis) for axis in convert(lon, lat)] == [lon, lat]


def test_arrays_are_converted_as_single_points_are() -> None:
    lon, lat = np.array([102.7, 2.35]), np.array([25.0, 48.85])
    moved = crs.wgs84_to_gcj02(lon, lat)
    assert [float(axis[0]) for axis in moved] == [float(v) for v in crs.wgs84_to_gcj02(102.7, 25.0)]
    assert [float(axis[1]) for axis in moved] == [2.35, 48.85]
