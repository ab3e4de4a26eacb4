"""A planner's list of consortium members.

It has a row for each member, or a row for each consortium with its lead and its members in a
cell each; the place in such a row is the lead's.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import pandas as pd

from network_map.consortia.consortium_words import (
    MEMBER_SYNONYMS,
    consortium_field,
    industry_name,
    listed,
    read_role,
)
from network_map.consortia.tables import CONSORTIA, CONSORTIUM_MEMBERS
from network_map.errors import Problem
from network_map.listfiles.cells import is_blank, plain_text
from network_map.listfiles.table import Record
from network_map.nodes.importing.preview import NodeListOptions
from network_map.nodes.importing.small_lists import (
    Draft,
    ListPreview,
    ListRows,
    Report,
    finished,
    list_rows,
    member_place,
    origin_of,
    source_of,
    without_repeats,
)
from network_map.places.gazetteer import Gazetteer
from network_map.tables.check import conform
from network_map.terms import ConsortiumRole

_NAMES = frozenset({"member_name", "member_names", "lead_name"})


@dataclass(frozen=True)
class _Reader:
    """What the rows of one list are read with."""

    rows: ListRows
    gazetteer: Gazetteer
    known: Mapping[str, tuple[str, str | None]]
    options: NodeListOptions
    report: Report


def preview_members(
    content: bytes,
    file_name: str,
    gazetteer: Gazetteer,
    known: pd.DataFrame,
    options: NodeListOptions | None = None,
) -> ListPreview:
    """Return what would be taken of a list of consortium members.

    Parameters
    ----------
    content, file_name
        The file: CSV, TSV or a spreadsheet.
    gazetteer
        The divisions.
    known
        Table ``consortia`` of those already known: a list's consortium of the same field is that
        one, any other is new.
    options
        What a person says about the list.

    Returns
    -------
    ListPreview
        Tables ``consortia`` and ``consortium_members``. A member whose place is not given has
        none; one outside the province says so.

    Raises
    ------
    FileFormatError
        If the file cannot be read as a list at all.
    """
    options = options or NodeListOptions()
    report = Report()
    rows = list_rows(content, file_name, MEMBER_SYNONYMS, options, report)
    fields = known[["field_zh", "consortium_id", "field_en"]].itertuples(index=False, name=None)
    ids = {plain_text(field): (name, english) for field, name, english in fields}
    reader = _Reader(rows, gazetteer, ids, options, report)
    records = [] if _is_unreadable(rows, report) else _filled_down(rows.records, report)
    drafts = [draft for record in records for draft in _drafts(record, reader)]
    taken = without_repeats(drafts, ("consortium_id", "member_name"), report)
    members = conform(CONSORTIUM_MEMBERS, pd.DataFrame([draft.cells for draft in taken]))
    _note_leads(members, report)
    tables = {
        CONSORTIA.name: _consortia(records, members, reader),
        CONSORTIUM_MEMBERS.name: members,
    }
    return finished(tables, rows, options, report)


def _is_unreadable(rows: ListRows, report: Report) -> bool:
    """Report the columns that a list of members cannot do without, and return if one is missing."""
    missing = [
        code
        for code, is_there in (
            ("consortium_column_missing", "consortium" in rows.columns),
            ("member_column_missing", bool(rows.columns & _NAMES)),
        )
        if not is_there
    ]
    report.say(*(Problem(code) for code in missing))
    return bool(missing)


def _filled_down(records: Sequence[Record], report: Report) -> list[Record]:
    """Fill empty cells of the consortium from the row above, as a merged cell would read."""
    filled: list[Record] = []
    last, count = "", 0
    for record in records:
        name = "" if is_blank(record["consortium"]) else record["consortium"]
        last = name or last
        count += bool(last and not name)
        if not last:
            report.say(Problem("consortium_missing", row=record.row))
            continue
        filled.append(record.with_cell("consortium", last))
    if count:
        report.note("consortium_filled_down", count=count)
    return filled


def _drafts(record: Record, reader: _Reader) -> Iterator[Draft]:
    """Yield the members of a row; one with an open problem is left out."""
    for single in _one_by_one(record, reader.rows):
        name = single["member_name"]
        if is_blank(name):
            reader.report.say(Problem("member_missing", row=record.row))
            continue
        role = _role(single, reader.report)
        place = member_place(single, reader.gazetteer, reader.report)
        cells: dict[str, object] = {
            "consortium_id": _identity(record["consortium"], reader)[0],
            "role": role,
            "member_name": name,
            "register_name": single["register_name"] or None,
            "adcode": place.adcode,
            "prefecture_adcode": place.prefecture_adcode,
            "is_outside_province": place.is_outside,
            "origin": origin_of(single, reader.options, reader.report),
            "source": source_of(single, reader.rows.raw, reader.options),
        }
        if record.row not in reader.report.open_rows:
            yield Draft(record.row, cells)


def _one_by_one(record: Record, rows: ListRows) -> Iterator[Record]:
    """Yield a record for each organisation of a row."""
    if "lead_name" not in rows.columns:
        column = "member_name" if "member_name" in rows.columns else "member_names"
        yield record.with_cell("member_name", record[column])
        return
    common = {"consortium": record["consortium"], "source": record["source"],
              "origin": record["origin"]}  # fmt: skip
    leads = listed(record["lead_name"])
    for name in leads:
        yield Record(record.row, {**record.cells, "member_name": name, "role": "lead"})
    for name in listed(record["member_names"] or record["member_name"]):
        if name not in leads:
            yield Record(record.row, {**common, "member_name": name, "role": "member"})


def _role(record: Record, report: Report) -> str:
    """Return the role of a row; a row that gives none is a member's."""
    word = record["role"]
    if is_blank(word):
        return ConsortiumRole.MEMBER.value
    role = read_role(word)
    if role is None:
        report.say(Problem("role_unknown", row=record.row, value=word))
    return (role or ConsortiumRole.MEMBER).value


def _identity(name: str, reader: _Reader) -> tuple[str, str, str | None]:
    """Return id, field and English field of a consortium by its name."""
    field = consortium_field(name)
    found = reader.known.get(plain_text(field))
    if found is not None:
        return found[0], field, found[1]
    return f"own-{sha256(plain_text(field).encode()).hexdigest()[:8]}", field, None


def _consortia(records: Iterable[Record], members: pd.DataFrame, reader: _Reader) -> pd.DataFrame:
    """Return the consortia that have a member in the list."""
    named: dict[str, dict[str, object]] = {}
    industries: dict[str, dict[str, None]] = {}
    for record in records:
        consortium_id, field, english = _identity(record["consortium"], reader)
        words = (industry_name(word) for word in listed(record["industries"]))
        industries.setdefault(consortium_id, {}).update(dict.fromkeys(words))
        named.setdefault(
            consortium_id,
            {
                "consortium_id": consortium_id,
                "field_zh": field,
                "field_en": english,
                "consortium_name": record["consortium"],
                "origin": reader.options.origin.value,
                "source": source_of(record, reader.rows.raw, reader.options),
            },
        )
    kept = [cells for name, cells in named.items() if name in set(members["consortium_id"])]
    bare = [str(cells["field_zh"]) for cells in kept if not industries[str(cells["consortium_id"])]]
    if bare:
        reader.report.note("industries_by_field", fields="、".join(bare))
    lists = [";".join(industries[str(c["consortium_id"])] or [str(c["field_zh"])]) for c in kept]
    return conform(CONSORTIA, pd.DataFrame(kept).assign(industries=lists))


def _note_leads(members: pd.DataFrame, report: Report) -> None:
    """Say which consortia have no lead; a list may leave it out."""
    led = set(members.loc[members["role"] == ConsortiumRole.LEAD, "consortium_id"])
    count = len(set(members["consortium_id"]) - led)
    if count:
        report.note("consortium_without_lead", count=count)
