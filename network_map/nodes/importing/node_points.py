"""The point of a node: the coordinates that a list gives, tested, or the seat of its place."""

from collections.abc import Mapping
from dataclasses import dataclass

import shapely

from network_map.errors import Problem, Severity
from network_map.listfiles.cells import degree_pair, degrees
from network_map.listfiles.table import Record
from network_map.places.gazetteer import Gazetteer
from network_map.places.gazetteer_index import PROVINCE_ADCODE
from network_map.places.place_texts import PlaceReading
from network_map.terms import AdminLevel, LocationOrigin

COLUMN = "coordinates"
"""The column under which a person answers: ``swap``, ``keep`` or ``seat``."""
_WEST, _SOUTH, _EAST, _NORTH = 97.4, 21.0, 106.3, 29.4
_TOLERANCE_DEGREES = 0.02
"""About 2 km: boundaries are simplified, and a shifted datum is a question of its own."""
_FAR_FROM_SEAT_DEGREES = 1.5

Point = tuple[float, float]


@dataclass(frozen=True)
class Ground:
    """What coordinates are tested against.

    Parameters
    ----------
    seats
        Longitude and latitude of each county's seat.
    counties
        Polygon of each county; empty if boundaries are not at hand.
    """

    seats: Mapping[str, Point]
    counties: Mapping[str, shapely.Geometry]


@dataclass(frozen=True, slots=True)
class PointReading:
    """Where a node is drawn."""

    point: Point | None
    location_origin: LocationOrigin
    problems: tuple[Problem, ...] = ()


def node_point(
    record: Record, place: PlaceReading, ground: Ground, gazetteer: Gazetteer
) -> PointReading:
    """Return the point of a node.

    Parameters
    ----------
    record
        The row; ``lon`` and ``lat`` or ``lonlat`` are looked at.
    place
        Where the node is, as far as it is settled.
    ground
        Seats and polygons.
    gazetteer
        The divisions.
    """
    answer = record[COLUMN].casefold() if COLUMN in record.answered else ""
    texts = [record[column] for column in ("lon", "lat", "lonlat")]
    if answer == "seat" or not any(texts):
        return _seat(record, place, ground, gazetteer)
    given = _given(record)
    if given is None:
        return _asked("coordinates_unreadable", record, " ".join(filter(None, texts)), "seat")
    if answer == "swap":
        given = (given[1], given[0])
    shown = f"{given[0]:g},{given[1]:g}"
    if not _in_province(given):
        if _in_province((given[1], given[0])):
            return _asked("coordinates_swapped", record, shown, "swap")
        return _asked("coordinates_outside_province", record, shown, "seat")
    reading = PointReading(given, _stated_origin(record))
    if answer == "keep" or place.adcode is None:
        return reading
    return _inside_place(reading, record, place, ground, gazetteer)


def _given(record: Record) -> Point | None:
    if record["lonlat"] and not (record["lon"] and record["lat"]):
        pair = degree_pair(record["lonlat"])
        # The header does not say which comes first; in Yunnan only one order is possible.
        if pair is not None and not _in_province(pair) and _in_province((pair[1], pair[0])):
            return (pair[1], pair[0])
        return pair
    lon, lat = degrees(record["lon"]), degrees(record["lat"])
    return None if lon is None or lat is None else (lon, lat)


def _in_province(point: Point) -> bool:
    return _WEST <= point[0] <= _EAST and _SOUTH <= point[1] <= _NORTH


def _stated_origin(record: Record) -> LocationOrigin:
    stated = record["location_origin"]
    known = {origin.value for origin in LocationOrigin} - {LocationOrigin.UNKNOWN}
    return LocationOrigin(stated) if stated in known else LocationOrigin.GIVEN


def _inside_place(
    reading: PointReading,
    record: Record,
    place: PlaceReading,
    ground: Ground,
    gazetteer: Gazetteer,
) -> PointReading:
    """Return the reading, or a question if the point lies outside the node's place."""
    point, adcode = reading.point, place.adcode
    if point is None or adcode is None or _is_inside(point, adcode, ground, gazetteer):
        return reading
    found = _county_at(point, ground)
    values = {
        "name": gazetteer.name(adcode),
        "found": gazetteer.name(found) if found else "—",
    }
    problem = Problem(
        "coordinates_outside_place", Severity.DOUBTFUL, record.row, COLUMN,
        f"{point[0]:g},{point[1]:g}", values, "seat",
    )  # fmt: skip
    return PointReading(point, reading.location_origin, (problem,))


def _is_inside(point: Point, adcode: str, ground: Ground, gazetteer: Gazetteer) -> bool:
    members = [
        county for county, place in gazetteer.places.items()
        if place.level is AdminLevel.COUNTY
        and adcode in {county, place.parent_adcode, PROVINCE_ADCODE}
    ]  # fmt: skip
    polygons = [ground.counties[county] for county in members if county in ground.counties]
    if adcode == PROVINCE_ADCODE:
        return True
    if polygons:
        spot = shapely.Point(point)
        return any(shapely.dwithin(polygon, spot, _TOLERANCE_DEGREES) for polygon in polygons)
    seats = [ground.seats[county] for county in members if county in ground.seats]
    return any(
        max(abs(point[0] - lon), abs(point[1] - lat)) <= _FAR_FROM_SEAT_DEGREES
        for lon, lat in seats
    )


def _county_at(point: Point, ground: Ground) -> str | None:
    spot = shapely.Point(point)
    return next(
        (code for code, polygon in ground.counties.items() if shapely.covers(polygon, spot)), None
    )


def _seat(
    record: Record, place: PlaceReading, ground: Ground, gazetteer: Gazetteer
) -> PointReading:
    if place.adcode is None:
        return PointReading(None, LocationOrigin.UNKNOWN)
    if place.county_adcode is not None:
        return PointReading(ground.seats.get(place.county_adcode), LocationOrigin.COUNTY_SEAT)
    division = gazetteer.places[place.adcode]
    point = ground.seats.get(division.seat_adcode)
    if division.level is AdminLevel.COUNTY:
        return PointReading(point, LocationOrigin.COUNTY_SEAT)
    if division.level is AdminLevel.PREFECTURE:
        return PointReading(point, LocationOrigin.PREFECTURE_SEAT)
    note = Problem(
        "location_assumed", Severity.NOTE, record.row, COLUMN,
        values={"name": gazetteer.name(division.seat_adcode)},
    )  # fmt: skip
    return PointReading(point, LocationOrigin.ASSUMED, (note,))


def _asked(code: str, record: Record, value: str, fix: str) -> PointReading:
    problem = Problem(code, Severity.DOUBTFUL, record.row, COLUMN, value, fix=fix)
    return PointReading(None, LocationOrigin.UNKNOWN, (problem,))
