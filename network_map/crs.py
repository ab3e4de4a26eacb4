"""The only place that measures: distance and area on the ellipsoid, and shifted coordinates.

Coordinates are stored in CGCS2000 (EPSG:4490), longitude first, in degrees; CGCS2000 and WGS 84
agree within a metre and are treated as one. Chinese map services give two shifted systems:
GCJ-02, and BD-09 on top of it. Both are defined by published formulas, and both leave points
outside a rectangle around China where they are.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import shapely
    from pyproj import Geod, Transformer

STORAGE_CRS = "EPSG:4490"
"""The system of every stored coordinate and geometry."""

FloatArray: TypeAlias = NDArray[np.float64]
Coordinates: TypeAlias = tuple[FloatArray, FloatArray]

_SQUARE_METRES_PER_KM2 = 1e6
_METRES_PER_KM = 1e3

# The shift is computed on the ellipsoid of Krasovsky (1940), whatever the data are on.
_KRASOVSKY_AXIS_M = 6_378_245.0
_KRASOVSKY_E2 = 0.006_693_421_622_965_943
_SHIFTED_LON = (72.004, 137.8347)
_SHIFTED_LAT = (0.8293, 55.8271)
_BD09_TURNS = np.pi * 3000.0 / 180.0
# Each round brings the inverse about three digits closer; six reach the last bit.
_INVERSE_ROUNDS = 6


@cache
def _cgcs2000() -> Geod:
    from pyproj import Geod  # noqa: PLC0415 (only where something is measured)

    return Geod(a=6_378_137.0, rf=298.257_222_101)


def geodesic_km(lon1: ArrayLike, lat1: ArrayLike, lon2: ArrayLike, lat2: ArrayLike) -> FloatArray:
    """Shortest distances on the CGCS2000 ellipsoid, in kilometres.

    Parameters
    ----------
    lon1, lat1, lon2, lat2
        Degrees, of one shape or broadcast to one. A missing coordinate gives a missing distance.

    Returns
    -------
    numpy.ndarray
        Kilometres, of the common shape.

    Notes
    -----
    Karney (2013), Algorithms for geodesics, as implemented in PROJ.
    """
    given = (np.asarray(degrees, dtype="float64") for degrees in (lon1, lat1, lon2, lat2))
    x1, y1, x2, y2 = np.broadcast_arrays(*given)
    _, _, metres = _cgcs2000().inv(x1.ravel(), y1.ravel(), x2.ravel(), y2.ravel())
    return (np.asarray(metres, dtype="float64") / _METRES_PER_KM).reshape(x1.shape)


def geodesic_matrix_km(
    lon_from: ArrayLike, lat_from: ArrayLike, lon_to: ArrayLike, lat_to: ArrayLike
) -> FloatArray:
    """Distances from each of m points to each of n points.

    Parameters
    ----------
    lon_from, lat_from
        Degrees, shape (m,).
    lon_to, lat_to
        Degrees, shape (n,).

    Returns
    -------
    numpy.ndarray
        Kilometres, shape (m, n).
    """
    return geodesic_km(
        np.asarray(lon_from, dtype="float64")[:, None],
        np.asarray(lat_from, dtype="float64")[:, None],
        np.asarray(lon_to, dtype="float64")[None, :],
        np.asarray(lat_to, dtype="float64")[None, :],
    )


def earth_centred_km(lon: ArrayLike, lat: ArrayLike) -> FloatArray:
    """Points on the CGCS2000 ellipsoid as Cartesian coordinates, to search neighbours with.

    Parameters
    ----------
    lon, lat
        Degrees, shape (n,).

    Returns
    -------
    numpy.ndarray
        Kilometres from the centre of the Earth, shape (n, 3). The chord between two points orders
        neighbours as the geodesic does; it is no distance on the ground.
    """
    x, y = (
        np.radians(np.asarray(lon, dtype="float64")),
        np.radians(np.asarray(lat, dtype="float64")),
    )
    ellipsoid = _cgcs2000()
    normal = ellipsoid.a / np.sqrt(1.0 - ellipsoid.es * np.sin(y) ** 2) / _METRES_PER_KM
    flat = normal * np.cos(y)
    height = normal * (1.0 - ellipsoid.es) * np.sin(y)
    return np.stack([flat * np.cos(x), flat * np.sin(x), height], axis=-1)


def area_km2(geometry: shapely.Geometry) -> float:
    """Area of a polygon or multipolygon on the CGCS2000 ellipsoid, in square kilometres.

    Parameters
    ----------
    geometry
        Longitude and latitude in degrees; holes are left out of the area.
    """
    import shapely  # noqa: PLC0415 (only where areas are measured)

    oriented = shapely.orient_polygons(geometry)
    square_metres, _ = _cgcs2000().geometry_area_perimeter(oriented)
    return abs(square_metres) / _SQUARE_METRES_PER_KM2


def is_shifted_area(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Whether points lie in the rectangle in which GCJ-02 and BD-09 shift coordinates."""
    x, y = np.asarray(lon, dtype="float64"), np.asarray(lat, dtype="float64")
    in_x = (x >= _SHIFTED_LON[0]) & (x <= _SHIFTED_LON[1])
    return np.asarray(in_x & (y >= _SHIFTED_LAT[0]) & (y <= _SHIFTED_LAT[1]), dtype="bool")


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Coordinates:
    """Coordinates as a GCJ-02 map shows them.

    Parameters
    ----------
    lon, lat
        Degrees, WGS 84 or CGCS2000.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude in degrees; unchanged outside the rectangle around China.
    """
    x, y = np.asarray(lon, dtype="float64"), np.asarray(lat, dtype="float64")
    dx, dy = _gcj02_shift(x, y)
    return x + dx, y + dy


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Coordinates:
    """Coordinates with the shift of GCJ-02 taken back, to well under 0.1 m.

    Parameters
    ----------
    lon, lat
        Degrees, GCJ-02.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude in degrees; unchanged outside the rectangle around China.
    """
    given_x, given_y = np.asarray(lon, dtype="float64"), np.asarray(lat, dtype="float64")
    x, y = given_x, given_y
    for _ in range(_INVERSE_ROUNDS):
        dx, dy = _gcj02_shift(x, y)
        x, y = given_x - dx, given_y - dy
    return x, y


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Coordinates:
    """Coordinates as a BD-09 map shows them, from GCJ-02.

    Parameters
    ----------
    lon, lat
        Degrees, GCJ-02.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude in degrees; unchanged outside the rectangle around China.
    """
    x, y = np.asarray(lon, dtype="float64"), np.asarray(lat, dtype="float64")
    dx, dy = _bd09_shift(x, y)
    return x + dx, y + dy


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Coordinates:
    """Coordinates with the shift of BD-09 over GCJ-02 taken back, to well under 0.1 m.

    Parameters
    ----------
    lon, lat
        Degrees, BD-09.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude in degrees; unchanged outside the rectangle around China.
    """
    given_x, given_y = np.asarray(lon, dtype="float64"), np.asarray(lat, dtype="float64")
    x, y = given_x, given_y
    for _ in range(_INVERSE_ROUNDS):
        dx, dy = _bd09_shift(x, y)
        x, y = given_x - dx, given_y - dy
    return x, y


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Coordinates:
    """Coordinates as a BD-09 map shows them, from WGS 84; degrees in, degrees out."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Coordinates:
    """Coordinates with both shifts of BD-09 taken back; degrees in, degrees out."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def projected_to_cgcs2000(
    easting: ArrayLike, northing: ArrayLike, system: int | str
) -> Coordinates:
    """Longitude and latitude of points given in metres.

    Parameters
    ----------
    easting, northing
        Metres, as the system writes them, with the number of the zone where it has one.
    system
        EPSG code of a projected system, or its definition as WKT.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude in degrees; infinite where the system does not reach.
    """
    lon, lat = _to_storage(system).transform(
        np.asarray(easting, dtype="float64"), np.asarray(northing, dtype="float64")
    )
    return np.asarray(lon, dtype="float64"), np.asarray(lat, dtype="float64")


@lru_cache(maxsize=16)
def _to_storage(system: int | str) -> Transformer:
    from pyproj import Transformer  # noqa: PLC0415 (only where metres are read)

    return Transformer.from_crs(system, STORAGE_CRS, always_xy=True)


def _gcj02_shift(lon: FloatArray, lat: FloatArray) -> Coordinates:
    """Return the shift in degrees at points given in WGS 84."""
    x, y = lon - 105.0, lat - 35.0
    east_m, north_m = _eastward_m(x, y), _northward_m(x, y)
    phi = np.radians(lat)
    curvature = 1.0 - _KRASOVSKY_E2 * np.sin(phi) ** 2
    meridian_m = _KRASOVSKY_AXIS_M * (1.0 - _KRASOVSKY_E2) / curvature**1.5
    parallel_m = _KRASOVSKY_AXIS_M / np.sqrt(curvature) * np.cos(phi)
    inside = is_shifted_area(lon, lat)
    dx = np.where(inside, np.degrees(east_m / parallel_m), 0.0)
    return dx, np.where(inside, np.degrees(north_m / meridian_m), 0.0)


def _waves(angle: FloatArray, terms: tuple[tuple[float, float], ...]) -> FloatArray:
    """Return two thirds of a sum of sines, each given as amplitude and frequency over pi."""
    total = np.zeros_like(angle)
    for amplitude, frequency in terms:
        total = total + amplitude * np.sin(frequency * np.pi * angle)
    return total * 2.0 / 3.0


def _eastward_m(x: FloatArray, y: FloatArray) -> FloatArray:
    smooth = 300.0 + x + 2.0 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    short = _waves(x, ((20.0, 6.0), (20.0, 2.0), (20.0, 1.0), (40.0, 1 / 3)))
    return smooth + short + _waves(x, ((150.0, 1 / 12), (300.0, 1 / 30)))


def _northward_m(x: FloatArray, y: FloatArray) -> FloatArray:
    smooth = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    short = _waves(x, ((20.0, 6.0), (20.0, 2.0))) + _waves(y, ((20.0, 1.0), (40.0, 1 / 3)))
    return smooth + short + _waves(y, ((160.0, 1 / 12), (320.0, 1 / 30)))


def _bd09_shift(lon: FloatArray, lat: FloatArray) -> Coordinates:
    """Return the shift in degrees at points given in GCJ-02."""
    radius = np.hypot(lon, lat) + 2e-5 * np.sin(lat * _BD09_TURNS)
    angle = np.arctan2(lat, lon) + 3e-6 * np.cos(lon * _BD09_TURNS)
    inside = is_shifted_area(lon, lat)
    dx = np.where(inside, radius * np.cos(angle) + 0.0065 - lon, 0.0)
    return dx, np.where(inside, radius * np.sin(angle) + 0.006 - lat, 0.0)
