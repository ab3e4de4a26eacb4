"""What the lists beside the nodes share: the rows by column, the place of a row, the preview."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from network_map.errors import Problem, Severity
from network_map.listfiles.cells import bare_text, clean_text, is_blank, number, without_contacts
from network_map.listfiles.headers import (
    ListHeaders,
    Synonyms,
    figure_headers,
    list_headers,
)
from network_map.listfiles.preview import (
    OUTCOMES,
    WEIGHT,
    ListOptions,
    ListPreview,
    Outcome,
    in_row_order,
    is_open,
)
from network_map.listfiles.table import (
    RawTable,
    Record,
    Wording,
    read_raw_table,
    twin_problems,
    used_problems,
)
from network_map.nodes.importing.drafts import ORIGIN_WORDS, written_oddly
from network_map.nodes.importing.places import node_place
from network_map.places.gazetteer import CERTAIN, Gazetteer, How
from network_map.terms import AdminLevel

_PLACE_COLUMNS = ("adcode", "county", "place", "prefecture", "prefecture_adcode")


@dataclass(frozen=True, eq=False, kw_only=True)
class SmallListPreview(ListPreview):
    """What would be taken of a list beside the nodes.

    Parameters
    ----------
    tables
        The declared tables that the list fills, by name.
    """

    tables: Mapping[str, pd.DataFrame]

    @property
    def taken_count(self) -> int:
        """Number of rows that would be stored."""
        return sum(map(len, self.tables.values()))


@dataclass
class Report:
    """Collects what there is to say while a list is read."""

    problems: list[Problem] = field(default_factory=list)
    open_rows: set[int] = field(default_factory=set)

    def say(self, *problems: Problem) -> None:
        """Keep problems; a row with an open one is not taken."""
        self.problems += problems
        self.open_rows |= {p.row for p in problems if p.row is not None and is_open([p])}

    def note(self, code: str, row: int | None = None, value: str = "", **values: object) -> None:
        """Keep something that is worth saying."""
        self.say(Problem(code, Severity.NOTE, row, value=value, values=values))


@dataclass(frozen=True)
class ListRows:
    """The rows of a list by declared column.

    Parameters
    ----------
    raw
        The list as text.
    records
        Its rows without those that a person left out; their cells are free of contacts.
    headers
        What was made of the headers.
    options
        What a person says about the list.
    """

    raw: RawTable
    records: tuple[Record, ...]
    headers: ListHeaders
    options: ListOptions

    @property
    def columns(self) -> frozenset[str]:
        """The columns that the list has."""
        return frozenset(self.headers.positions)

    def source_of(self, record: Record) -> str:
        """Return the source of a row: its own, or that of the list."""
        return record["source"] or self.options.source_of(self.raw.file)


@dataclass(frozen=True, slots=True)
class ListDraft:
    """A row of a declared table, and the row of the file that it comes from."""

    row: int
    cells: Mapping[str, object]


def without_repeats(
    drafts: Iterable[ListDraft], key: tuple[str, ...], report: Report
) -> list[ListDraft]:
    """Return the drafts, of several with one key the first; a repeat that differs is an error."""
    kept: dict[tuple[object, ...], ListDraft] = {}
    for draft in drafts:
        first = kept.setdefault(tuple(draft.cells[name] for name in key), draft)
        if first is draft:
            continue
        value = " / ".join(str(draft.cells[name]) for name in key[-1:])
        if _without_source(first) == _without_source(draft):
            report.note("row_repeated_left_out", draft.row, value, first=first.row)
        else:
            values = {"first": first.row}
            report.say(Problem("row_repeated_differs", row=draft.row, value=value, values=values))
    return list(kept.values())


def _without_source(draft: ListDraft) -> dict[str, object]:
    return {name: value for name, value in draft.cells.items() if name not in {"source", "origin"}}


def finished(
    tables: Mapping[str, pd.DataFrame], rows: ListRows, report: Report
) -> SmallListPreview:
    """Return the preview of a list that has been read."""
    return SmallListPreview(
        file=rows.raw.file.without_rows(),
        columns=rows.headers,
        rows=_outcomes(rows.raw.row_numbers, rows.options.exclude_rows, report.problems),
        problems=in_row_order(*report.problems),
        tables=tables,
    )


def _outcomes(
    rows: Sequence[int], excluded: frozenset[int], problems: Iterable[Problem]
) -> pd.DataFrame:
    """Return what becomes of each row: the worst that is said about it decides."""
    outcomes = dict.fromkeys(rows, Outcome.ACCEPTED)
    for problem in sorted(problems, key=lambda problem: WEIGHT[problem.severity]):
        if problem.row in outcomes:
            outcomes[problem.row] = OUTCOMES[problem.severity]
    outcomes |= dict.fromkeys(excluded & set(rows), Outcome.EXCLUDED)
    pairs = [(row, outcome.value) for row, outcome in outcomes.items()]
    return pd.DataFrame(pairs, columns=["row", "outcome"])


def list_rows(
    content: bytes,
    file_name: str,
    synonyms: Synonyms,
    options: ListOptions,
    report: Report,
    *,
    wording: Wording | None = None,
) -> ListRows:
    """Return the rows of a file, columns of people and doors dropped and named.

    Parameters
    ----------
    wording
        What else is known of the headers of the kind of list.

    Raises
    ------
    FileFormatError
        If the file cannot be read as a list at all.
    """
    raw = read_raw_table(
        content, file_name, synonyms, sheet=options.sheet, header_row=options.header_row,
        choices=options.columns, wording=wording,
    )  # fmt: skip
    words = (wording or Wording()).in_own_words
    headers = list_headers(raw.headers, synonyms, options.columns, in_own_words=words)
    columns = headers.positions
    report.say(*raw.notes, *headers.notes)
    found = used_problems(raw, columns, options.answers)
    report.say(*(problem for problem in found if problem.row not in options.exclude_rows))
    report.say(*twin_problems(raw, headers.matches))
    records = []
    texts = {name: raw.frame[position].to_list() for name, position in columns.items()}
    for place, row in enumerate(raw.row_numbers):
        if row in options.exclude_rows:
            continue
        cells = {name: str(column[place]) for name, column in texts.items()}
        record = Record(row, cells).answered_with(options.answers_about(row))
        records.append(_without_contacts(record, report))
    return ListRows(raw, tuple(records), headers, options)


def summary_problems(
    rows: ListRows, gazetteer: Gazetteer, named_by: Collection[str], counts: Collection[str] = ()
) -> tuple[Problem, ...]:
    """Return the refusal of a table of figures: none of its rows is one that the list is of.

    Parameters
    ----------
    named_by
        Columns that tell what a row is about. A place tells it by a county, not by a prefecture.
    counts
        Columns of the list that are figures themselves.
    """
    if any(_tells(record, column, gazetteer) for record in rows.records for column in named_by):
        return ()
    used = {position: column for column, position in rows.headers.positions.items()}
    figures = [
        header
        for place, header in enumerate(rows.raw.headers)
        if (used.get(place) in counts or figure_headers([header]))
        and all(is_blank(text) or number(text) is not None for text in rows.raw.frame[place])
    ]
    values = {"columns": "、".join(figures)}
    return (Problem("list_is_summary", values=values),) if figures else ()


def _tells(record: Record, column: str, gazetteer: Gazetteer) -> bool:
    text = record[column]
    if not text or column not in _PLACE_COLUMNS:
        return bool(text)
    return gazetteer.resolve(text, level=AdminLevel.PREFECTURE).how not in CERTAIN


COUNTY_COLUMNS = _PLACE_COLUMNS[:3]
"""Columns that may name the county of a row."""


def _without_contacts(record: Record, report: Report) -> Record:
    clean = {name: without_contacts(clean_text(cell)) for name, cell in record.cells.items()}
    for name, cell in record.cells.items():
        if clean[name] != clean_text(cell):
            report.say(Problem("contact_removed", Severity.CORRECTED, record.row, name))
    return replace(record, cells=clean)


def county_of(record: Record, gazetteer: Gazetteer, report: Report) -> str | None:
    """Return the county of a row, or None with its problems reported."""
    reading = node_place(_cleared(record), AdminLevel.COUNTY, gazetteer)
    report.say(*reading.problems, *written_oddly(record, reading, gazetteer))
    return reading.adcode


def places_said(record: Record, gazetteer: Gazetteer) -> frozenset[str]:
    """Return the counties that a row may mean; its prefecture where it names no county."""
    if not any(record[column] for column in _PLACE_COLUMNS[:3]):
        wide = _in_prefecture(record, _PLACE_COLUMNS[3:], gazetteer, None)
        return frozenset(filter(None, [wide.prefecture_adcode]))
    reading = node_place(_cleared(record), AdminLevel.COUNTY, gazetteer)
    codes = {reading.adcode} | {problem.fix for problem in reading.problems}
    return frozenset(str(code) for code in codes if code in gazetteer.places)


@dataclass(frozen=True, slots=True)
class MemberPlace:
    """Where a member is: a county, at least a prefecture, outside the province, or not known."""

    adcode: str | None = None
    prefecture_adcode: str | None = None
    is_outside: bool = False


# As our own exports say it, and as people do.
_OUTSIDE_WORDS = frozenset(map(bare_text, ("省外", "外省", "outside the province")))
_UNKNOWN_WORDS = frozenset(map(bare_text, ("地点不明", "不明", "place unknown")))


def member_place(record: Record, gazetteer: Gazetteer, report: Report) -> MemberPlace:
    """Return where a member is; a place that the row does not give stays unknown.

    The name of an organisation is not read for its place: a firm named after Kunming may sit
    anywhere.
    """
    given = [record[column] for column in ("province", *_PLACE_COLUMNS) if record[column]]
    said = {bare_text(text) for text in given}
    if said & _OUTSIDE_WORDS or any(gazetteer.resolve(text).how is How.OUTSIDE for text in given):
        return MemberPlace(is_outside=True)
    if said <= _UNKNOWN_WORDS or not any(record[column] for column in _PLACE_COLUMNS):
        return MemberPlace()
    if not any(record[column] for column in _PLACE_COLUMNS[:3]):
        return _in_prefecture(record, _PLACE_COLUMNS[3:], gazetteer, report)
    named = [
        _in_prefecture(record, [column], gazetteer, None).prefecture_adcode
        for column in _PLACE_COLUMNS
        if record[column]
    ]
    if None not in named and len(set(named)) == 1:
        return MemberPlace(None, named[0])
    adcode = county_of(record, gazetteer, report)
    return MemberPlace(adcode, None if adcode is None else gazetteer.prefecture_of(adcode))


def _in_prefecture(
    record: Record, columns: Sequence[str], gazetteer: Gazetteer, report: Report | None
) -> MemberPlace:
    """Return the prefecture that a column names as such, and nothing more exact than that."""
    for column in columns:
        found = gazetteer.resolve(record[column], level=AdminLevel.PREFECTURE)
        is_whole = report is not None or gazetteer.resolve(record[column]).how in CERTAIN
        if record[column] and found.how in CERTAIN and is_whole:
            return MemberPlace(None, found.adcode)
    if report is not None:
        text = next(record[column] for column in columns if record[column])
        report.say(Problem("place_unknown", row=record.row, column=columns[0], value=text))
    return MemberPlace()


def _cleared(record: Record) -> Record:
    """Return the row without a node's name, so that no place is read from one."""
    return record.with_cell("node_name", "")


def origin_of(record: Record, rows: ListRows, report: Report) -> str:
    """Return the origin of a row: its own, or that of the list."""
    word = record["origin"].casefold()
    if word and word not in ORIGIN_WORDS:
        report.say(Problem("list_origin", row=record.row, value=record["origin"]))
    return ORIGIN_WORDS.get(word, rows.options.origin).value
