"""The texts of a row that speak of its place: what each means, and what to say about it."""

from collections.abc import Callable, Container
from dataclasses import dataclass

from network_map.errors import Problem, Severity
from network_map.listfiles.cells import bare_text
from network_map.listfiles.table import Record
from network_map.places.gazetteer import CERTAIN, Gazetteer, How, Resolution
from network_map.terms import AdminLevel

_SEVERITY = {
    How.FORMER_NAME: Severity.CORRECTED,
    How.FORMER_CODE: Severity.CORRECTED,
    How.FORMER_DOUBTFUL: Severity.DOUBTFUL,
    How.AMBIGUOUS: Severity.DOUBTFUL,
    How.SPLIT: Severity.DOUBTFUL,
    How.NOW_OTHER_LEVEL: Severity.DOUBTFUL,
    How.PARENT_DIFFERS: Severity.DOUBTFUL,
    How.SIMILAR: Severity.DOUBTFUL,
}
_LONGEST_NAME = 20
PLACE_COLUMN = "place"
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
class PlaceText:
    """A text of the row, the column it stands in, and what it means."""

    column: str
    text: str
    found: Resolution

    @property
    def adcode(self) -> str | None:
        """The division that the text surely means, or None."""
        return self.found.adcode


def read_place(
    record: Record,
    column: str,
    level: AdminLevel | None,
    prefecture: str | None,
    gazetteer: Gazetteer,
) -> PlaceText | None:
    """Return what a column of the row says about its place, None if it says nothing."""
    text = record[column]
    if not text:
        return None
    found = gazetteer.resolve(text, level=level, prefecture_adcode=prefecture)
    return None if found.how is How.EMPTY else PlaceText(column, text, found)


def plain_reading(record: Record, text: PlaceText, gazetteer: Gazetteer) -> PlaceReading:
    """Return the place that a text alone gives, with what there is to say about the text."""
    if text.found.how in {How.EXACT, How.SHORT, How.ENGLISH}:
        return PlaceReading(text.adcode)
    return PlaceReading(text.adcode, None, (place_problem(record, text, gazetteer),))


def place_problem(record: Record, text: PlaceText, gazetteer: Gazetteer) -> Problem:
    """Return what there is to say about a text that is not plainly a name of today."""
    found = text.found
    only = found.candidates[0] if len(found.candidates) == 1 else None
    # A unit that was split has no one successor, though the table may name one.
    fix = None if found.how is How.SPLIT else found.adcode or only
    severity = _SEVERITY.get(found.how, Severity.ERROR)
    return Problem(
        f"place_{found.how.value}",
        severity,
        record.row,
        PLACE_COLUMN if severity is not Severity.CORRECTED else text.column,
        text.text,
        {
            "name": gazetteer.name(fix) if fix else "",
            "year": str(found.changed_year) if found.changed_year else "—",
            "candidates": named_codes(found.candidates, gazetteer),
            "adcodes": found.candidates,
        },
        fix if severity is not Severity.ERROR else None,
    )


def named_codes(codes: tuple[str, ...], gazetteer: Gazetteer) -> str:
    """Return divisions by name and code in one line."""
    known = [code for code in dict.fromkeys(codes) if code in gazetteer.places]
    return "、".join(f"{gazetteer.name(code)}({code})" for code in known)


def place_in_name(
    record: Record, tier: AdminLevel | None, prefecture: str | None, gazetteer: Gazetteer
) -> PlaceReading:
    """Return the place with which the node's name begins: 嵩明县科技成果转化中心."""
    name = bare_text(record["node_name"])

    def resolve(text: str) -> Resolution:
        return gazetteer.resolve(text, level=tier, prefecture_adcode=prefecture)

    found = _beginning(name, resolve, gazetteer.entries)
    if found is None:
        code = "place_not_in_name" if name else "place_missing"
        missing = Problem(code, row=record.row, column=PLACE_COLUMN, value=record["node_name"])
        return PlaceReading(None, problems=(missing,))
    adcode, text, is_first = found
    if prefecture is None and tier is not AdminLevel.PREFECTURE:
        alone = PlaceText("node_name", text, gazetteer.resolve_alone(text, level=tier))
        if alone.adcode is None:
            return PlaceReading(None, None, (place_problem(record, alone, gazetteer),))
    severity = Severity.CORRECTED if is_first else Severity.DOUBTFUL
    problem = Problem(
        "place_from_name", severity, record.row, PLACE_COLUMN, record["node_name"],
        {"part": text, "name": gazetteer.name(adcode)}, adcode,
    )  # fmt: skip
    return PlaceReading(adcode if is_first else None, None, (problem,))


def _beginning(
    name: str, resolve: Callable[[str], Resolution], known: Container[str]
) -> tuple[str, str, bool] | None:
    """Return adcode and text of the longest certain place in a name, and if it stands first."""
    for start in range(len(name) - 1):
        is_first = start == 0 or name[:start] == "云南省"
        for end in range(min(len(name), start + _LONGEST_NAME), start + 1, -1):
            text = name[start:end]
            if text.isdecimal() or not (is_first or text in known):
                continue
            found = resolve(text)
            if found.how in CERTAIN and found.adcode is not None:
                return found.adcode, text, is_first
    return None
