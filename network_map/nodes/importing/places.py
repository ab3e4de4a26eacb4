"""The place of a node: what its code, county, prefecture and name say together."""

from network_map.errors import Problem, Severity
from network_map.listfiles.table import Record
from network_map.nodes.importing.node_prefectures import in_prefecture, in_province
from network_map.places.gazetteer import Gazetteer, How
from network_map.places.place_texts import (
    PLACE_COLUMN,
    PlaceReading,
    PlaceText,
    named_codes,
    place_in_name,
    place_problem,
    plain_reading,
    read_place,
)
from network_map.terms import AdminLevel


def node_place(
    record: Record,
    tier: AdminLevel | None,
    gazetteer: Gazetteer,
    *,
    mixed_columns: frozenset[str] = frozenset(),
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
    """
    outside = _outside(record, gazetteer)
    if outside is not None:
        return outside
    if PLACE_COLUMN in record.answered:
        return _answered(record, tier, gazetteer)
    if tier is AdminLevel.PROVINCE:
        return in_province(record, gazetteer)
    mixed = _two_level_text(record, mixed_columns, gazetteer)
    if mixed is not None:
        return PlaceReading(None, problems=(place_problem(record, mixed, gazetteer),))
    if tier is AdminLevel.PREFECTURE:
        return in_prefecture(record, gazetteer)
    return _in_county(record, tier, gazetteer)


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


def _in_county(record: Record, tier: AdminLevel | None, gazetteer: Gazetteer) -> PlaceReading:
    prefecture, problems = _row_prefecture(record, gazetteer)
    code = read_place(record, "adcode", tier, None, gazetteer)
    name = _read_name(record, tier, prefecture, gazetteer)
    if code is None and name is None:
        found = place_in_name(record, tier, prefecture, gazetteer)
        return PlaceReading(found.adcode, None, (*problems, *found.problems))
    reading = _agreed(record, code, name, gazetteer)
    return PlaceReading(reading.adcode, None, (*problems, *reading.problems))


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
        return PlaceReading(
            None,
            problems=(
                place_problem(record, name, gazetteer),
                place_problem(record, code, gazetteer),
            ),
        )
    around = {code.adcode, gazetteer.prefecture_of(code.adcode)}
    if around & set(name.found.candidates):
        return plain_reading(record, code, gazetteer)
    return PlaceReading(None, problems=(_differ(record, code, name, gazetteer),))


def _differ(record: Record, code: PlaceText, name: PlaceText, gazetteer: Gazetteer) -> Problem:
    meant = (name.adcode or next(iter(name.found.candidates), None), code.adcode)
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
