"""Which system the coordinates of a list are in, judged from the whole column.

Chinese map services shift coordinates by hundreds of metres, all of a list alike. One point cannot
show that: a centre may stand anywhere in its town. Many can: on the whole they lie around the seats
of their counties, and a shifted list lies beside all of them in the same direction.

For each county the offset of its points from its seat is one observation (their median: points of
one town are not independent). Under each system the offsets are those of the seat plus the known
shift of the system at that place; what is left follows a bivariate Student t distribution with 6
degrees of freedom, which lets towns far from the seat weigh little, with a scale that is estimated.
The systems are compared by their profile likelihoods (Royall 1997, Statistical Evidence, ch. 1): of
a true system, another is preferred by a factor k at most once in k lists.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from network_map.crs import (
    FloatArray,
    bd09_to_wgs84,
    gcj02_to_wgs84,
    geodesic_km,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)


class Datum(StrEnum):
    """Systems of geographic coordinates in use in China; CGCS2000 counts as WGS 84."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


LEAST_COUNTIES = 5
"""Counties with points below which nothing is said."""
_FAR_KM = 15.0
_FILLED_IN_KM = 0.002
_SMALLEST_SCALE_KM = 0.15
_SCALES_KM = np.geomspace(_SMALLEST_SCALE_KM, 8.0, 40)
_FREEDOM = 6.0
# By what factor a system must be more likely than every other one, in logarithms.
_SHIFT_FOUND = np.log(1e4)
_CLEAN_FOUND = np.log(1e3)
# Shifted or not, the offsets must lie around the place where the system puts them.
_FREE_MAY_GAIN = np.log(1e4)

_TO_WGS84 = {Datum.GCJ02: gcj02_to_wgs84, Datum.BD09: bd09_to_wgs84}
_FROM_WGS84 = {Datum.GCJ02: wgs84_to_gcj02, Datum.BD09: wgs84_to_bd09}

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class DatumFinding:
    """What a column of coordinates says about its system.

    Parameters
    ----------
    datum
        The system that it is in; None: it cannot be told (无法判断).
    county_count
        Counties that have points near their seats.
    shift_m
        How far the system is off at these places, in metres (median); 0 for WGS 84.
    """

    datum: Datum | None
    county_count: int
    shift_m: float = 0.0


def in_wgs84(point: Point, datum: Datum) -> Point:
    """Return a point with the shift of its system taken back; degrees, longitude first."""
    undo = _TO_WGS84.get(datum)
    if undo is None:
        return point
    lon, lat = undo(*point)
    return float(lon), float(lat)


def judged_datum(
    points: Sequence[Point], adcodes: Sequence[str], seats: Mapping[str, Point]
) -> DatumFinding:
    """Return the system in which points given for counties are.

    Parameters
    ----------
    points
        Longitude and latitude in degrees, as given.
    adcodes
        County of each point.
    seats
        Longitude and latitude of each county's seat, WGS 84. Points that are a seat to the metre
        were filled in and tell nothing; points far from the seat lie in another town.
    """
    offsets, where = _offsets(points, adcodes, seats)
    if len(offsets) < LEAST_COUNTIES:
        return DatumFinding(None, len(offsets))
    shifts = {datum: _shift_km(where, datum) for datum in Datum}
    told = {datum: _likelihood(offsets - shift) for datum, shift in shifts.items()}
    free = _likelihood(offsets - _centre(offsets))
    best = max(told, key=lambda datum: told[datum])
    others = max(value for datum, value in told.items() if datum is not best)
    needed = _CLEAN_FOUND if best is Datum.WGS84 else _SHIFT_FOUND
    if told[best] - others < needed or free - told[best] > _FREE_MAY_GAIN:
        return DatumFinding(None, len(offsets))
    size = 0.0 if best is Datum.WGS84 else float(np.median(np.hypot(*shifts[best].T))) * 1000
    return DatumFinding(best, len(offsets), size)


def _offsets(
    points: Sequence[Point], adcodes: Sequence[str], seats: Mapping[str, Point]
) -> tuple[FloatArray, FloatArray]:
    """Return east and north of the seat in kilometres by county, and the seats; each (n, 2)."""
    known = [place for place, adcode in enumerate(adcodes) if adcode in seats]
    given = np.array([points[place] for place in known], dtype="float64").reshape(-1, 2)
    counties = np.array([adcodes[place] for place in known], dtype="str")
    where = np.array([seats[adcode] for adcode in counties], dtype="float64").reshape(-1, 2)
    from_seat = _east_north_km(given, where)
    away = np.hypot(*from_seat.T)
    is_near = (away > _FILLED_IN_KM) & (away < _FAR_KM)
    counties, from_seat = counties[is_near], from_seat[is_near]
    found, first = np.unique(counties, return_index=True)
    offsets = [np.median(from_seat[counties == adcode], axis=0) for adcode in found]
    return np.array(offsets).reshape(-1, 2), where[is_near][first]


def _east_north_km(points: FloatArray, origin: FloatArray) -> FloatArray:
    """Return points east and north of an origin near by, in kilometres; all (n, 2)."""
    lon, lat, lon0, lat0 = points[:, 0], points[:, 1], origin[:, 0], origin[:, 1]
    east = geodesic_km(lon0, lat0, lon, lat0) * np.sign(lon - lon0)
    north = geodesic_km(lon0, lat0, lon0, lat) * np.sign(lat - lat0)
    return np.stack([east, north], axis=-1)


def _shift_km(where: FloatArray, datum: Datum) -> FloatArray:
    """Return how far east and north a system shows places, in kilometres; (n, 2)."""
    shifted = _FROM_WGS84.get(datum)
    if shifted is None:
        return np.zeros_like(where)
    return _east_north_km(np.stack(shifted(where[:, 0], where[:, 1]), axis=-1), where)


def _likelihood(rest: FloatArray) -> float:
    """Return the largest log likelihood over all scales; bivariate t around zero."""
    square = (rest**2).sum(axis=1)[:, None] / _SCALES_KM**2
    density = -(_FREEDOM + 2) / 2 * np.log1p(square / _FREEDOM) - 2 * np.log(_SCALES_KM)
    return float(density.sum(axis=0).max())


def _centre(offsets: FloatArray) -> FloatArray:
    """Return the centre of offsets, reweighted as the t distribution weighs."""
    centre = np.median(offsets, axis=0)
    for _ in range(20):
        square = ((offsets - centre) ** 2).sum(axis=1)
        scale = max(float(np.median(square)), _SMALLEST_SCALE_KM**2)
        weight = 1 / (_FREEDOM + square / scale)
        centre = (offsets * weight[:, None]).sum(axis=0) / weight.sum()
    return np.asarray(centre)
