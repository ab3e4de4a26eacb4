"""The point that a row writes: degrees, degrees-minutes-seconds or metres, in any system in use.

Lengths in metres are those of the Gauss-Krüger zones of CGCS2000 (GB/T 17798: 6 degrees wide,
numbered 13 to 23, or 3 degrees wide, 25 to 45). A number before the easting names the zone; without
it three meridians are possible in Yunnan, and the counties of the rows tell which.

Which system the coordinates of a list are in is judged from the whole column. Chinese map services
shift coordinates by hundreds of metres, all of a list alike. One point cannot show that: a centre
may stand anywhere in its town. Many can: on the whole they lie around the seats of their counties,
and a shifted list lies beside all of them in the same direction.

For each county the offset of its points from its seat is one observation (their median: points of
one town are not independent). Under each system the offsets are those of the seat plus the known
shift of the system at that place; what is left follows a bivariate Student t distribution with 6
degrees of freedom, which lets towns far from the seat weigh little, with a scale that is estimated.
The systems are compared by their profile likelihoods (Royall 1997, Statistical Evidence, ch. 1): of
a true system, another is preferred by a factor k at most once in k lists.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely

from network_map.crs import (
    FloatArray,
    bd09_to_wgs84,
    gcj02_to_wgs84,
    geodesic_km,
    projected_to_cgcs2000,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)
from network_map.errors import Problem, QueryError, Severity
from network_map.listfiles.cells import clean_text, degree_pair, degrees
from network_map.listfiles.table import Record

Point = tuple[float, float]


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


_WEST, _SOUTH, _EAST, _NORTH = 97.4, 21.0, 106.3, 29.4
_LEAST_METRES = 1000.0
_NORTHINGS = (2.2e6, 3.4e6)
_ZONE_SIZE = 1e6
_WIDE_ZONES, _NARROW_ZONES = range(13, 24), range(25, 46)
_WITHOUT_ZONE = {4542: 99, 4543: 102, 4544: 105}
"""EPSG code and central meridian of what a list without zones may be in."""
COORDINATE_SYSTEMS = (
    *(datum.value for datum in Datum),
    *(f"EPSG:{code}" for code in _WITHOUT_ZONE),
)
"""What a person chooses from; a list that writes its zones needs no choice."""
_WEB_MERCATOR, _MERCATOR_EASTINGS = 3857, (1.08e7, 1.19e7)
_EPSG = re.compile(r"EPSG:(\d{4,5})")
_MOST, _FEW = 0.8, 0.2
_LABELS = re.compile(
    r"(?:经度|纬度|坐标|lon(?:gitude)?|lng|lat(?:itude)?|[xy])\s*[=:]", re.IGNORECASE
)
_BETWEEN_COMPASS = re.compile(r"(?<=[\d°′″'\"度分秒])\s*(?=[EWNS东西北南])", re.IGNORECASE)
_AROUND = re.compile(r"^(?:POINT)?\s*[(\[{]|[)\]}]$", re.IGNORECASE)


def is_near_province(point: Point) -> bool:
    """Return whether a point lies in the rectangle around the province."""
    return _WEST <= point[0] <= _EAST and _SOUTH <= point[1] <= _NORTH


def parse_system(words: str) -> str:
    """Return the system of coordinates that a person names: a datum, or ``EPSG:`` with its number.

    Raises
    ------
    QueryError
        If it is none that is known here.
    """
    plain = words.strip().casefold().replace("-", "").replace("_", "").replace(" ", "")
    names = {datum.value: datum.value for datum in Datum}
    found = (names | {"cgcs2000": Datum.WGS84.value, "4490": Datum.WGS84.value}).get(plain)
    if found is not None:
        return found
    code = plain.removeprefix("epsg:")
    known = {*_codes(_WIDE_ZONES), *_codes(_NARROW_ZONES), *_WITHOUT_ZONE, _WEB_MERCATOR}
    if code.isdecimal() and int(code) in known:
        return f"EPSG:{int(code)}"
    raise QueryError("coordinate_system_unknown", found=words[:40])


def _codes(zones: Iterable[int]) -> list[int]:
    return [_zone_code(zone) for zone in zones]


def _zone_code(zone: int) -> int:
    return 4491 + zone - 13 if zone in _WIDE_ZONES else 4513 + zone - 25


def written_numbers(record: Record) -> Point | None:
    """Return the two numbers of a row as they stand there, or None."""
    if record["lonlat"] and not (record["lon"] and record["lat"]):
        return _pair(record["lonlat"])
    lon, lat = degrees(_bare(record["lon"])), degrees(_bare(record["lat"]))
    return None if lon is None or lat is None else (lon, lat)


def _pair(cell: str) -> Point | None:
    text = _bare(cell)
    return degree_pair(text) or degree_pair(_BETWEEN_COMPASS.sub(",", text))


def _bare(cell: str) -> str:
    """Return a cell without names and brackets: ``POINT (102.7 25.0)``, ``经度:102.7``."""
    text = unicodedata.normalize("NFKC", clean_text(cell)).strip()
    return _AROUND.sub("", _AROUND.sub("", _LABELS.sub("", text))).strip()


def in_degrees(numbers: Point, system: str | None) -> Point | None:
    """Return numbers of a row as degrees, longitude first where it can be told.

    Parameters
    ----------
    numbers
        As they stand there.
    system
        What is known of the whole list; where nothing is, a zone before the number counts.

    Returns
    -------
    tuple or None
        None for metres of a zone that is not known.
    """
    if min(map(abs, numbers)) < _LEAST_METRES:
        return numbers
    if (point := _packed(numbers)) is not None:
        return point
    code = _code_of(system) or _own_code(numbers)
    if code is None:
        return None
    northing, easting = _ordered(numbers)
    lon, lat = projected_to_cgcs2000(easting, northing, code)
    return float(lon), float(lat)


def _packed(numbers: Point) -> Point | None:
    """Return the point of two numbers written DDDMMSS, None where that is none of ours."""
    first, second = (_packed_degrees(number) for number in numbers)
    if first is None or second is None:
        return None
    is_ours = is_near_province((first, second)) or is_near_province((second, first))
    return (first, second) if is_ours else None


def _packed_degrees(number: float) -> float | None:
    """Return degrees from DDDMMSS written as one number, or None."""
    whole, rest = divmod(number, 10_000)
    minutes, seconds = divmod(rest, 100)
    is_time = minutes < 60 and seconds < 60 and 10 <= whole < 180  # noqa: PLR2004 -- of an angle
    return whole + minutes / 60 + seconds / 3600 if is_time else None


def _ordered(numbers: Point) -> Point:
    """Return northing and easting; in Chinese surveying x points to the north."""
    first, second = numbers
    is_north = _NORTHINGS[0] <= first <= _NORTHINGS[1]
    return (first, second) if is_north else (second, first)


def _own_code(numbers: Point) -> int | None:
    """Return the code of the system that the numbers themselves tell, or None."""
    northing, easting = _ordered(numbers)
    if not _NORTHINGS[0] <= northing <= _NORTHINGS[1]:
        return None
    zone = int(easting // _ZONE_SIZE)
    if zone in _WIDE_ZONES or zone in _NARROW_ZONES:
        return _zone_code(zone)
    if _MERCATOR_EASTINGS[0] <= easting <= _MERCATOR_EASTINGS[1]:
        return _WEB_MERCATOR
    return None


def _code_of(system: str | None) -> int | None:
    found = _EPSG.fullmatch(system or "")
    return None if found is None else int(found[1])


def found_system(
    numbers: Sequence[Point], adcodes: Sequence[str | None], counties: Mapping[str, object]
) -> tuple[str | None, tuple[Problem, ...]]:
    """Return the system of a list in metres, and what is said about it.

    Parameters
    ----------
    numbers
        Of each row that writes a point.
    adcodes
        County of each, None where it is not known.
    counties
        Polygon of each county.

    Returns
    -------
    tuple
        The system, None where the list is in degrees, names its zones or must be asked about.
    """
    lengths = [
        (pair, adcode) for pair, adcode in zip(numbers, adcodes, strict=True)
        if min(map(abs, pair)) >= _LEAST_METRES and _packed(pair) is None
    ]  # fmt: skip
    if not lengths:
        return None, ()
    own = [_own_code(pair) for pair, _ in lengths]
    zones = sorted({code for code in own if code is not None})
    # A list that keeps to one zone has eastings beyond its edge, which look like the next one.
    shares = {code: _inside_share(lengths, code, counties) for code in zones or _WITHOUT_ZONE}
    best, *others = sorted(shares, key=lambda code: -shares[code])
    if shares[best] >= _MOST and all(shares[code] <= _FEW for code in others):
        return f"EPSG:{best}", (_projected(f"EPSG:{best}"),)
    if None not in own:
        return None, (_projected("、".join(f"EPSG:{code}" for code in zones)),)
    known = "、".join(f"EPSG:{code} ({meridian}°E)" for code, meridian in _WITHOUT_ZONE.items())
    values = {"count": own.count(None), "known": known}
    asked = Problem("coordinates_in_metres", Severity.DOUBTFUL, None, "coordinates", values=values)
    return None, (asked,)


def _projected(system: str) -> Problem:
    values = {"system": system}
    return Problem("coordinates_projected", Severity.NOTE, None, "coordinates", values=values)


def _inside_share(
    rows: Sequence[tuple[Point, str | None]], code: int, counties: Mapping[str, object]
) -> float:
    """Return the share of rows whose point lies in their county if it is in this system."""
    placed = [
        (pair, counties[adcode]) for pair, adcode in rows
        if adcode is not None and adcode in counties
    ]  # fmt: skip
    if not placed:
        return 0.0
    northings, eastings = np.array([_ordered(pair) for pair, _ in placed]).T
    lons, lats = projected_to_cgcs2000(eastings, northings, code)
    areas = [area for _, area in placed]
    return float(np.mean(shapely.dwithin(areas, shapely.points(lons, lats), 0.02)))
