"""The place of a node that serves a prefecture or the whole province."""

from network_map.errors import Problem, Severity
from network_map.listfiles.table import Record
from network_map.places.gazetteer import CERTAIN, Gazetteer
from network_map.places.gazetteer_index import PROVINCE_ADCODE
from network_map.places.place_texts import (
    PLACE_COLUMN,
    PlaceReading,
    PlaceText,
    named_codes,
    place_in_name,
    plain_reading,
    read_place,
)
from network_map.terms import AdminLevel


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
