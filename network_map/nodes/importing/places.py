"""The place of a node: what its code, county, prefecture and name say together.

The place of a node that serves a prefecture or the whole province.

The point of a node: the coordinates that a list gives, tested, or the seat of its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import shapely

from network_map.crs import geodesic_km
from network_map.errors import Problem, Severity
from network_map.listfiles.table import Record
from network_map.nodes.importing.coordinates import (
    Datum,
    in_degrees,
    in_wgs84,
    is_near_province,
    written_numbers,
)
from network_map.places.gazetteer import (
    CERTAIN,
    PLACE_COLUMN,
    Gazetteer,
    How,
    PlaceReading,
    PlaceText,
    named_codes,
    place_in_name,
    place_problem,
    plain_reading,
    read_place,
)
from network_map.places.gazetteer_index import PROVINCE_ADCODE
from network_map.terms import AdminLevel, LocationOrigin


def in_prefecture(record: Record, gazetteer: Gazetteer) -> PlaceReading:
    """Return the prefecture that a node serves; a county in the row says where it sits."""
    named = [
        column for column in ("prefecture", "prefecture_adcode") if column not in record.filled
    ]
    texts = [
        read for column in (*named, "place", "county", "adcode")
        if (read := read_place(record, column, None, None, gazetteer)) is not None
    ]  # fmt: skip
    if not texts and record["prefecture"]:
        return _ask_filled(record, gazetteer)
    if not texts:
        return place_in_name(record, AdminLevel.PREFECTURE, None, gazetteer)
    readings = [_prefecture_reading(record, text, gazetteer) for text in texts]
    settled = [reading for reading in readings if reading.adcode is not None]
    codes = list(dict.fromkeys(reading.adcode for reading in settled))
    if len(codes) > 1:
        return PlaceReading(None, problems=(_prefectures_differ(record, texts, codes, gazetteer),))
    if not settled:
        return readings[0]
    county = next((r.county_adcode for r in settled if r.county_adcode is not None), None)
    return PlaceReading(settled[0].adcode, county, settled[0].problems)


def _prefecture_reading(record: Record, text: PlaceText, gazetteer: Gazetteer) -> PlaceReading:
    """Return the prefecture that a text names, or in which the county lies that it names."""
    direct = gazetteer.resolve(text.text, level=AdminLevel.PREFECTURE)
    if direct.how in CERTAIN:
        return plain_reading(record, PlaceText(text.column, text.text, direct), gazetteer)
    county = gazetteer.resolve(text.text, level=AdminLevel.COUNTY)
    prefecture = gazetteer.prefecture_of(county.adcode) if county.adcode is not None else None
    if county.adcode is None or prefecture is None:
        return plain_reading(record, PlaceText(text.column, text.text, direct), gazetteer)
    problem = Problem(
        "place_taken_to_prefecture", Severity.CORRECTED, record.row, text.column, text.text,
        {"name": gazetteer.name(prefecture)}, prefecture,
    )  # fmt: skip
    return PlaceReading(prefecture, county.adcode, (problem,))


def _prefectures_differ(
    record: Record, texts: list[PlaceText], codes: list[str | None], gazetteer: Gazetteer
) -> Problem:
    candidates = tuple(code for code in codes if code is not None)
    return Problem(
        "prefectures_differ", Severity.DOUBTFUL, record.row, PLACE_COLUMN,
        "、".join(text.text for text in texts),
        {"candidates": named_codes(candidates, gazetteer), "adcodes": candidates},
    )  # fmt: skip


def _ask_filled(record: Record, gazetteer: Gazetteer) -> PlaceReading:
    found = gazetteer.resolve(record["prefecture"], level=AdminLevel.PREFECTURE)
    return PlaceReading(
        None,
        problems=(
            Problem(
                "place_from_row_above", Severity.DOUBTFUL, record.row, PLACE_COLUMN,
                record["prefecture"], {}, found.adcode,
            ),
        ),
    )  # fmt: skip


def in_province(record: Record, gazetteer: Gazetteer) -> PlaceReading:
    """Return the province, and the county in which its node sits where the row names one."""
    read = read_place(record, "county", AdminLevel.COUNTY, None, gazetteer) or read_place(
        record, "place", None, None, gazetteer
    )
    county = read.adcode if read is not None else None
    if county is not None and gazetteer.places[county].level is not AdminLevel.COUNTY:
        county = None
    return PlaceReading(PROVINCE_ADCODE, county)


def node_place(
    record: Record,
    tier: AdminLevel | None,
    gazetteer: Gazetteer,
    *,
    mixed_columns: frozenset[str] = frozenset(),
    ground: "Ground | None" = None,
) -> PlaceReading:
    """Return where a node of a tier is.

    Parameters
    ----------
    record
        The row; ``adcode``, ``county``, ``place``, ``prefecture`` and ``node_name`` are looked at.
    tier
        The level of the node's kind, or None if the kind is not known: then a name that means
        two levels is asked about.
    gazetteer
        The divisions.
    mixed_columns
        Columns that name prefectures and counties alike: there a name that means both is asked
        about, though the kind tells the level.
    ground
        Polygons of the counties: a point of the row settles a name that may mean several.
    """
    outside = _outside(record, gazetteer)
    if outside is not None:
        return outside
    if PLACE_COLUMN in record.answered:
        return _answered(record, tier, gazetteer)
    if tier is AdminLevel.PROVINCE:
        return in_province(record, gazetteer)
    mixed = _two_level_text(record, mixed_columns, gazetteer)
    if mixed is not None and not _is_at_point(record, mixed, tier, gazetteer, ground):
        return PlaceReading(None, problems=(place_problem(record, mixed, gazetteer),))
    if tier is AdminLevel.PREFECTURE:
        return in_prefecture(record, gazetteer)
    return _in_county(record, tier, gazetteer, ground)


def _is_at_point(
    record: Record,
    text: PlaceText,
    tier: AdminLevel | None,
    gazetteer: Gazetteer,
    ground: "Ground | None",
) -> bool:
    """Return whether the row's point lies in the county that a text may mean."""
    adcode = gazetteer.resolve(text.text, level=tier).adcode
    given = _given(record)
    if ground is None or adcode is None or given is None:
        return False
    return gazetteer.places[adcode].level is AdminLevel.COUNTY and (
        _county_at(given, ground) == adcode
    )


def _two_level_text(
    record: Record, mixed_columns: frozenset[str], gazetteer: Gazetteer
) -> PlaceText | None:
    """Return a name of two levels that only a mixed column gives, to be asked about."""
    if any(record[column] for column in ("adcode", "prefecture", "prefecture_adcode")):
        return None
    for column in ("county", "place"):
        read = read_place(record, column, None, None, gazetteer)
        if read is not None:
            is_open = column in mixed_columns and read.found.how is How.AMBIGUOUS
            return read if is_open else None
    return None


def _outside(record: Record, gazetteer: Gazetteer) -> PlaceReading | None:
    """Return the refusal of a row that names a place outside the province."""
    for column in ("province", "adcode", "prefecture", "county", "place"):
        text = record[column]
        if text and gazetteer.resolve(text).how is How.OUTSIDE:
            return PlaceReading(
                None,
                problems=(Problem("place_outside", row=record.row, column=column, value=text),),
            )
    return None


def _answered(record: Record, tier: AdminLevel | None, gazetteer: Gazetteer) -> PlaceReading:
    text = record[PLACE_COLUMN]
    found = gazetteer.resolve(text, level=tier)
    if found.adcode is None:
        return PlaceReading(
            None, problems=(place_problem(record, PlaceText(PLACE_COLUMN, text, found), gazetteer),)
        )
    problem = Problem(
        "place_answered", Severity.CORRECTED, record.row, PLACE_COLUMN, _first_text(record),
        {"name": gazetteer.name(found.adcode)}, found.adcode,
    )  # fmt: skip
    return PlaceReading(found.adcode, None, (problem,))


def _first_text(record: Record) -> str:
    columns = ("county", "place", "prefecture", "adcode", "node_name")
    return next((record[column] for column in columns if record[column]), "")


# --- a county -----------------------------------------------------------------------------------


def _in_county(
    record: Record, tier: AdminLevel | None, gazetteer: Gazetteer, ground: "Ground | None"
) -> PlaceReading:
    prefecture, problems = _row_prefecture(record, gazetteer)
    code = read_place(record, "adcode", tier, None, gazetteer)
    name = _read_name(record, tier, prefecture, gazetteer)
    if prefecture is not None and record.filled & _PREFECTURES:
        # What the row above says counts for as long as it fits.
        prefecture = prefecture if _lies_in(name or code, prefecture, gazetteer) else None
    if name is not None and prefecture is None and (code is None or code.adcode is None):
        alone = gazetteer.resolve_alone(name.text, level=tier)
        if alone.adcode is None and not _is_at_point(record, name, tier, gazetteer, ground):
            name = PlaceText(name.column, name.text, alone)
    if code is None and name is None:
        found = place_in_name(record, tier, prefecture, gazetteer)
        return PlaceReading(found.adcode, None, (*problems, *found.problems))
    reading = _agreed(record, code, name, gazetteer)
    if prefecture is not None and not _lies_in(reading, prefecture, gazetteer):
        said = next(t for t in (name, code) if t is not None and t.adcode == reading.adcode)
        differing = replace(said.found, adcode=None, how=How.PARENT_DIFFERS)
        elsewhere = PlaceText(said.column, said.text, differing)
        return PlaceReading(None, problems=(place_problem(record, elsewhere, gazetteer),))
    return PlaceReading(reading.adcode, None, (*problems, *reading.problems))


_PREFECTURES = frozenset({"prefecture", "prefecture_adcode"})


def _lies_in(said: PlaceText | PlaceReading | None, prefecture: str, gazetteer: Gazetteer) -> bool:
    """Return whether a place lies in a prefecture; one that is open does not contradict."""
    if said is None or said.adcode is None:
        return True
    return gazetteer.prefecture_of(said.adcode) in {prefecture, None}


def _row_prefecture(record: Record, gazetteer: Gazetteer) -> tuple[str | None, tuple[Problem, ...]]:
    """Return the prefecture that the row names, and what was corrected about it."""
    for column in ("prefecture", "prefecture_adcode"):
        read = read_place(record, column, AdminLevel.PREFECTURE, None, gazetteer)
        if read is None:
            continue
        if read.adcode is None:
            problem = Problem(
                "prefecture_not_known", Severity.CORRECTED, record.row, column, read.text
            )
            return None, (problem,)
        is_weak = column in record.filled
        former = read.found.how in {How.FORMER_NAME, How.FORMER_CODE} and not is_weak
        return read.adcode, (place_problem(record, read, gazetteer),) if former else ()
    return None, ()


def _read_name(
    record: Record, tier: AdminLevel | None, prefecture: str | None, gazetteer: Gazetteer
) -> PlaceText | None:
    """Return the county or place of the row, read within its prefecture."""
    for column in ("county", "place"):
        read = read_place(record, column, tier, prefecture, gazetteer)
        if read is None:
            continue
        if read.found.how is How.PARENT_DIFFERS and "prefecture" in record.filled:
            return read_place(record, column, tier, None, gazetteer)
        if read.found.how is How.UNKNOWN and prefecture is not None:
            anywhere = gazetteer.resolve(read.text, level=tier)
            return PlaceText(column, read.text, anywhere if anywhere.adcode is None else read.found)
        return read
    return None


def _agreed(
    record: Record, code: PlaceText | None, name: PlaceText | None, gazetteer: Gazetteer
) -> PlaceReading:
    """Return the county on which code and name agree, or the question which of them is right."""
    if code is None or name is None:
        only = code or name
        return plain_reading(record, only, gazetteer) if only is not None else PlaceReading(None)
    if code.adcode is not None and name.adcode is not None:
        if code.adcode == name.adcode:
            former = [
                t for t in (name, code) if t.found.how not in {How.EXACT, How.SHORT, How.ENGLISH}
            ]
            return PlaceReading(
                name.adcode, None, tuple(place_problem(record, t, gazetteer) for t in former[:1])
            )
        return PlaceReading(None, problems=(_differ(record, code, name, gazetteer),))
    if name.adcode is not None:
        around = {gazetteer.prefecture_of(name.adcode), PROVINCE_ADCODE}
        if code.found.how is How.WRONG_LEVEL and not around & set(code.found.candidates):
            return PlaceReading(None, problems=(_differ(record, code, name, gazetteer),))
        problem = Problem(
            "code_not_used", Severity.CORRECTED, record.row, "adcode", code.text,
            {"name": gazetteer.name(name.adcode)}, name.adcode,
        )  # fmt: skip
        return PlaceReading(
            name.adcode, None, (problem, *plain_reading(record, name, gazetteer).problems)
        )
    return _by_code(record, code, name, gazetteer)


def _by_code(
    record: Record, code: PlaceText, name: PlaceText, gazetteer: Gazetteer
) -> PlaceReading:
    """Return the county of the code where the name alone is open."""
    if code.adcode is None:
        asked = place_problem(record, name, gazetteer)
        if asked.severity is Severity.DOUBTFUL:  # its answer settles the place
            return PlaceReading(None, problems=(asked,))
        return PlaceReading(None, problems=(asked, place_problem(record, code, gazetteer)))
    around = {code.adcode, gazetteer.prefecture_of(code.adcode)}
    if around & set(name.found.candidates):
        return plain_reading(record, code, gazetteer)
    return PlaceReading(None, problems=(_differ(record, code, name, gazetteer),))


def _differ(record: Record, code: PlaceText, name: PlaceText, gazetteer: Gazetteer) -> Problem:
    meant = (t.adcode or next(iter(t.found.candidates), None) for t in (name, code))
    adcodes = tuple(adcode for adcode in meant if adcode is not None)
    return Problem(
        "code_and_name_differ", Severity.DOUBTFUL, record.row, PLACE_COLUMN, name.text,
        {
            "code": code.text,
            "code_name": gazetteer.name(adcodes[-1]),
            "candidates": named_codes(adcodes, gazetteer),
            "adcodes": adcodes,
        },
    )  # fmt: skip


COLUMN = "coordinates"
"""The column under which a person answers: ``swap``, ``keep`` or ``seat``."""
_SAME_DEGREES = 2e-5
"""About 2 m: coordinates are written with five decimals or more."""
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
    record: Record,
    place: PlaceReading,
    ground: Ground,
    gazetteer: Gazetteer,
    system: str | None = None,
) -> PointReading:
    """Return the point of a node; `system` is what the coordinates of its list are in."""
    answer = record[COLUMN].casefold() if COLUMN in record.answered else ""
    texts = [record[column] for column in ("lon", "lat", "lonlat")]
    if answer == "seat" or not any(texts):
        return _seat(record, place, ground, gazetteer)
    given = _given(record, system)
    if given is None:
        return _asked("coordinates_unreadable", record, " ".join(filter(None, texts)), "seat")
    if answer == "swap":
        given = (given[1], given[0])
    shown = f"{given[0]:g},{given[1]:g}"
    if not is_near_province(given):
        if is_near_province((given[1], given[0])):
            return _asked("coordinates_swapped", record, shown, "swap")
        return _asked("coordinates_outside_province", record, shown, "seat")
    if system in set(Datum) and not _is_filled_in(record, given, ground):
        given = in_wgs84(given, Datum(system))
    reading = PointReading(given, _stated_origin(record))
    if answer == "keep" or place.adcode is None:
        return reading
    return _inside_place(reading, record, place, ground, gazetteer)


def _given(record: Record, system: str | None = None) -> Point | None:
    numbers = written_numbers(record)
    given = None if numbers is None else in_degrees(numbers, system)
    is_one_cell = not (record["lon"] and record["lat"])
    # The header of one cell does not say which comes first; in Yunnan only one order is possible.
    if is_one_cell and given is not None and not is_near_province(given):
        turned = (given[1], given[0])
        return turned if is_near_province(turned) else given
    return given


def _is_filled_in(record: Record, point: Point, ground: Ground) -> bool:
    """Return whether a point is a seat that this program put where the list had none."""
    if _stated_origin(record) is not LocationOrigin.GIVEN:
        return True
    return any(
        abs(point[0] - lon) < _SAME_DEGREES and abs(point[1] - lat) < _SAME_DEGREES
        for lon, lat in ground.seats.values()
    )


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
        "km": f"{_km_outside(point, adcode, ground, gazetteer):,.1f}",
    }
    problem = Problem(
        "coordinates_outside_place", Severity.DOUBTFUL, record.row, COLUMN,
        f"{point[0]:g},{point[1]:g}", values, "seat",
    )  # fmt: skip
    return PointReading(point, reading.location_origin, (problem,))


def _counties_of(adcode: str, gazetteer: Gazetteer) -> list[str]:
    return [
        county for county, place in gazetteer.places.items()
        if place.level is AdminLevel.COUNTY
        and adcode in {county, place.parent_adcode, PROVINCE_ADCODE}
    ]  # fmt: skip


def _km_outside(point: Point, adcode: str, ground: Ground, gazetteer: Gazetteer) -> float:
    """Return how far a point lies outside its place; from the seat where there is no boundary."""
    members = _counties_of(adcode, gazetteer)
    spot = shapely.Point(point)
    near = [
        shapely.shortest_line(spot, ground.counties[county]).coords[-1]
        for county in members if county in ground.counties
    ] or [ground.seats[county] for county in members if county in ground.seats]  # fmt: skip
    lons, lats = zip(*near, strict=True)
    return float(geodesic_km(point[0], point[1], lons, lats).min())


def _is_inside(point: Point, adcode: str, ground: Ground, gazetteer: Gazetteer) -> bool:
    members = _counties_of(adcode, gazetteer)
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
