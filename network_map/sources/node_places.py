"""The place of a node: what its code, county, prefecture and name say together."""

from collections.abc import Callable
from dataclasses import dataclass

from network_map.errors import Problem, Severity
from network_map.sources.cells import bare_text
from network_map.sources.division_index import PROVINCE_ADCODE
from network_map.sources.divisions import CERTAIN, Gazetteer, How, Resolution
from network_map.sources.node_rows import Record
from network_map.terms import AdminLevel

_SEVERITY = {
    How.FORMER_NAME: Severity.CORRECTED,
    How.FORMER_CODE: Severity.CORRECTED,
    How.AMBIGUOUS: Severity.DOUBTFUL,
    How.SPLIT: Severity.DOUBTFUL,
    How.NOW_OTHER_LEVEL: Severity.DOUBTFUL,
    How.PARENT_DIFFERS: Severity.DOUBTFUL,
    How.SIMILAR: Severity.DOUBTFUL,
}
_COLUMN = "place"
"""The column under which a person answers any question about a place."""


@dataclass(frozen=True, slots=True)
class PlaceReading:
    """Where a node is.

    Parameters
    ----------
    adcode
        The division that the node serves, or None if that is not settled.
    county_adcode
        The county in which it sits, where the list says so.
    problems
        What was corrected, is open or is wrong.
    """

    adcode: str | None
    county_adcode: str | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of the row, the column it stands in, and what it means."""

    column: str
    text: str
    found: Resolution

    @property
    def adcode(self) -> str | None:
        return self.found.adcode


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
    if _COLUMN in record.answered:
        return _answered(record, tier, gazetteer)
    if tier is AdminLevel.PROVINCE:
        return _in_province(record, gazetteer)
    mixed = _two_level_text(record, mixed_columns, gazetteer)
    if mixed is not None:
        return PlaceReading(None, problems=(_problem(record, mixed, gazetteer),))
    if tier is AdminLevel.PREFECTURE:
        return _in_prefecture(record, gazetteer)
    return _in_county(record, tier, gazetteer)


def _two_level_text(
    record: Record, mixed_columns: frozenset[str], gazetteer: Gazetteer
) -> _Text | None:
    """Return a name of two levels that only a mixed column gives, to be asked about."""
    if any(record[column] for column in ("adcode", "prefecture", "prefecture_adcode")):
        return None
    for column in ("county", "place"):
        read = _read(record, column, None, None, gazetteer)
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
    text = record[_COLUMN]
    found = gazetteer.resolve(text, level=tier)
    if found.adcode is None:
        return PlaceReading(
            None, problems=(_problem(record, _Text(_COLUMN, text, found), gazetteer),)
        )
    problem = Problem(
        "place_answered", Severity.CORRECTED, record.row, _COLUMN, _first_text(record),
        {"name": gazetteer.name(found.adcode)}, found.adcode,
    )  # fmt: skip
    return PlaceReading(found.adcode, None, (problem,))


def _first_text(record: Record) -> str:
    columns = ("county", "place", "prefecture", "adcode", "node_name")
    return next((record[column] for column in columns if record[column]), "")


# --- a county -----------------------------------------------------------------------------------


def _in_county(record: Record, tier: AdminLevel | None, gazetteer: Gazetteer) -> PlaceReading:
    prefecture, problems = _row_prefecture(record, gazetteer)
    code = _read(record, "adcode", tier, None, gazetteer)
    name = _read_name(record, tier, prefecture, gazetteer)
    if code is None and name is None:
        found = _from_node_name(record, tier, prefecture, gazetteer)
        return PlaceReading(found.adcode, None, (*problems, *found.problems))
    reading = _agreed(record, code, name, gazetteer)
    return PlaceReading(reading.adcode, None, (*problems, *reading.problems))


def _row_prefecture(record: Record, gazetteer: Gazetteer) -> tuple[str | None, tuple[Problem, ...]]:
    """Return the prefecture that the row names, and what was corrected about it."""
    for column in ("prefecture", "prefecture_adcode"):
        read = _read(record, column, AdminLevel.PREFECTURE, None, gazetteer)
        if read is None:
            continue
        if read.adcode is None:
            problem = Problem(
                "prefecture_not_known", Severity.CORRECTED, record.row, column, read.text
            )
            return None, (problem,)
        is_weak = column in record.filled
        former = read.found.how in {How.FORMER_NAME, How.FORMER_CODE} and not is_weak
        return read.adcode, (_problem(record, read, gazetteer),) if former else ()
    return None, ()


def _read(
    record: Record,
    column: str,
    level: AdminLevel | None,
    prefecture: str | None,
    gazetteer: Gazetteer,
) -> _Text | None:
    text = record[column]
    if not text:
        return None
    found = gazetteer.resolve(text, level=level, prefecture_adcode=prefecture)
    return None if found.how is How.EMPTY else _Text(column, text, found)


def _read_name(
    record: Record, tier: AdminLevel | None, prefecture: str | None, gazetteer: Gazetteer
) -> _Text | None:
    """Return the county or place of the row, read within its prefecture."""
    for column in ("county", "place"):
        read = _read(record, column, tier, prefecture, gazetteer)
        if read is None:
            continue
        if read.found.how is How.PARENT_DIFFERS and "prefecture" in record.filled:
            return _read(record, column, tier, None, gazetteer)
        if read.found.how is How.UNKNOWN and prefecture is not None:
            anywhere = gazetteer.resolve(read.text, level=tier)
            return _Text(column, read.text, anywhere if anywhere.adcode is None else read.found)
        return read
    return None


def _agreed(
    record: Record, code: _Text | None, name: _Text | None, gazetteer: Gazetteer
) -> PlaceReading:
    """Return the county on which code and name agree, or the question which of them is right."""
    if code is None or name is None:
        only = code or name
        return _alone(record, only, gazetteer) if only is not None else PlaceReading(None)
    if code.adcode is not None and name.adcode is not None:
        if code.adcode == name.adcode:
            former = [
                t for t in (name, code) if t.found.how not in {How.EXACT, How.SHORT, How.ENGLISH}
            ]
            return PlaceReading(
                name.adcode, None, tuple(_problem(record, t, gazetteer) for t in former[:1])
            )
        return PlaceReading(None, problems=(_differ(record, code, name, gazetteer),))
    if name.adcode is not None:
        problem = Problem(
            "code_not_used", Severity.CORRECTED, record.row, "adcode", code.text,
            {"name": gazetteer.name(name.adcode)}, name.adcode,
        )  # fmt: skip
        return PlaceReading(name.adcode, None, (problem, *_alone(record, name, gazetteer).problems))
    return _by_code(record, code, name, gazetteer)


def _by_code(record: Record, code: _Text, name: _Text, gazetteer: Gazetteer) -> PlaceReading:
    """Return the county of the code where the name alone is open."""
    if code.adcode is None:
        return PlaceReading(
            None, problems=(_problem(record, name, gazetteer), _problem(record, code, gazetteer))
        )
    around = {code.adcode, gazetteer.prefecture_of(code.adcode)}
    if around & set(name.found.candidates):
        return _alone(record, code, gazetteer)
    return PlaceReading(None, problems=(_differ(record, code, name, gazetteer),))


def _alone(record: Record, text: _Text, gazetteer: Gazetteer) -> PlaceReading:
    if text.found.how in {How.EXACT, How.SHORT, How.ENGLISH}:
        return PlaceReading(text.adcode, None, _by_level(record, text, gazetteer))
    return PlaceReading(text.adcode, None, (_problem(record, text, gazetteer),))


def _by_level(record: Record, text: _Text, gazetteer: Gazetteer) -> tuple[Problem, ...]:
    """Return the remark that a name of two levels was settled by the level alone."""
    is_alone = text.column in {"county", "place"} and not record["prefecture"]
    if not is_alone or gazetteer.resolve(text.text).how is not How.AMBIGUOUS:
        return ()
    adcode = text.adcode or ""
    values = {"name": gazetteer.name(adcode)}
    return (
        Problem(
            "place_by_level", Severity.CORRECTED, record.row, text.column, text.text, values, adcode
        ),
    )


def _differ(record: Record, code: _Text, name: _Text, gazetteer: Gazetteer) -> Problem:
    meant = name.adcode or (name.found.candidates or (code.adcode or "",))[0]
    return Problem(
        "code_and_name_differ", Severity.DOUBTFUL, record.row, _COLUMN, name.text,
        {"code": code.text, "code_name": gazetteer.name(code.adcode or meant),
         "candidates": _named_codes((meant, code.adcode or ""), gazetteer)},
        meant,
    )  # fmt: skip


# --- a prefecture or the province ---------------------------------------------------------------


def _in_prefecture(record: Record, gazetteer: Gazetteer) -> PlaceReading:
    """Return the prefecture that a node serves; a county in the row says where it sits."""
    named = [
        column for column in ("prefecture", "prefecture_adcode") if column not in record.filled
    ]
    texts = [
        read for column in (*named, "place", "county", "adcode")
        if (read := _read(record, column, None, None, gazetteer)) is not None
    ]  # fmt: skip
    if not texts and record["prefecture"]:
        return _ask_filled(record, gazetteer)
    if not texts:
        return _from_node_name(record, AdminLevel.PREFECTURE, None, gazetteer)
    readings = [_prefecture_reading(record, text, gazetteer) for text in texts]
    settled = [reading for reading in readings if reading.adcode is not None]
    codes = list(dict.fromkeys(reading.adcode for reading in settled))
    if len(codes) > 1:
        return PlaceReading(None, problems=(_prefectures_differ(record, texts, codes, gazetteer),))
    if not settled:
        return readings[0]
    county = next((r.county_adcode for r in settled if r.county_adcode is not None), None)
    return PlaceReading(settled[0].adcode, county, settled[0].problems)


def _prefecture_reading(record: Record, text: _Text, gazetteer: Gazetteer) -> PlaceReading:
    """Return the prefecture that a text names, or in which the county lies that it names."""
    direct = gazetteer.resolve(text.text, level=AdminLevel.PREFECTURE)
    if direct.how in CERTAIN:
        return _alone(record, _Text(text.column, text.text, direct), gazetteer)
    county = gazetteer.resolve(text.text, level=AdminLevel.COUNTY)
    prefecture = gazetteer.prefecture_of(county.adcode) if county.adcode is not None else None
    if county.adcode is None or prefecture is None:
        return _alone(record, _Text(text.column, text.text, direct), gazetteer)
    problem = Problem(
        "place_taken_to_prefecture", Severity.CORRECTED, record.row, text.column, text.text,
        {"name": gazetteer.name(prefecture)}, prefecture,
    )  # fmt: skip
    return PlaceReading(prefecture, county.adcode, (problem,))


def _prefectures_differ(
    record: Record, texts: list[_Text], codes: list[str | None], gazetteer: Gazetteer
) -> Problem:
    candidates = tuple(code for code in codes if code is not None)
    return Problem(
        "prefectures_differ", Severity.DOUBTFUL, record.row, _COLUMN,
        "、".join(text.text for text in texts),
        {"candidates": _named_codes(candidates, gazetteer)}, candidates[0],
    )  # fmt: skip


def _ask_filled(record: Record, gazetteer: Gazetteer) -> PlaceReading:
    found = gazetteer.resolve(record["prefecture"], level=AdminLevel.PREFECTURE)
    return PlaceReading(
        None,
        problems=(
            Problem(
                "place_from_row_above", Severity.DOUBTFUL, record.row, _COLUMN,
                record["prefecture"], {}, found.adcode,
            ),
        ),
    )  # fmt: skip


def _in_province(record: Record, gazetteer: Gazetteer) -> PlaceReading:
    """Return the province, and the county in which its node sits where the row names one."""
    read = _read(record, "county", AdminLevel.COUNTY, None, gazetteer) or _read(
        record, "place", None, None, gazetteer
    )
    county = read.adcode if read is not None else None
    if county is not None and gazetteer.places[county].level is not AdminLevel.COUNTY:
        county = None
    return PlaceReading(PROVINCE_ADCODE, county)


# --- from the node's own name -------------------------------------------------------------------


def _from_node_name(
    record: Record, tier: AdminLevel | None, prefecture: str | None, gazetteer: Gazetteer
) -> PlaceReading:
    """Return the place with which the node's name begins: 嵩明县科技成果转化中心."""
    name = bare_text(record["node_name"])
    found = _beginning(
        name, lambda text: gazetteer.resolve(text, level=tier, prefecture_adcode=prefecture)
    )
    if found is None:
        return PlaceReading(
            None,
            problems=(
                Problem("place_missing", row=record.row, column=_COLUMN, value=record["node_name"]),
            ),
        )
    adcode, text, is_first = found
    severity = Severity.CORRECTED if is_first else Severity.DOUBTFUL
    problem = Problem(
        "place_from_name", severity, record.row, _COLUMN, record["node_name"],
        {"part": text, "name": gazetteer.name(adcode)}, adcode,
    )  # fmt: skip
    return PlaceReading(adcode if is_first else None, None, (problem,))


def _beginning(name: str, resolve: Callable[[str], Resolution]) -> tuple[str, str, bool] | None:
    """Return adcode and text of the longest certain place in a name, and if it stands first."""
    longest = min(len(name), 20)
    for start in range(len(name) - 1):
        for end in range(min(len(name), start + longest), start + 1, -1):
            text = name[start:end]
            found = resolve(text)
            if found.how in CERTAIN and found.adcode is not None and not text.isdecimal():
                return found.adcode, text, start == 0 or name[:start] == "云南省"
    return None


# --- sentences ----------------------------------------------------------------------------------


def _problem(record: Record, text: _Text, gazetteer: Gazetteer) -> Problem:
    """Return what there is to say about a text that is not plainly a name of today."""
    found = text.found
    fix = found.adcode or (found.candidates[0] if found.candidates else None)
    severity = _SEVERITY.get(found.how, Severity.ERROR)
    return Problem(
        f"place_{found.how.value}",
        severity,
        record.row,
        _COLUMN if severity is not Severity.CORRECTED else text.column,
        text.text,
        {
            "name": gazetteer.name(fix) if fix else "",
            "year": str(found.changed_year) if found.changed_year else "—",
            "candidates": _named_codes(found.candidates, gazetteer),
        },
        fix if severity is not Severity.ERROR else None,
    )


def _named_codes(codes: tuple[str, ...], gazetteer: Gazetteer) -> str:
    known = [code for code in dict.fromkeys(codes) if code in gazetteer.places]
    return "、".join(f"{gazetteer.name(code)}({code})" for code in known)
