"""What both lists of consortia share: the rows by column, the place of a row, the outcome."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from network_map.errors import Problem, Severity
from network_map.listfiles.cells import clean_text
from network_map.listfiles.headers import (
    HeaderMatch,
    Synonyms,
    contains_word,
    match_headers,
    with_choices,
)
from network_map.listfiles.outcome import OUTCOMES, Outcome
from network_map.listfiles.preview import WEIGHT
from network_map.listfiles.table import (
    RawTable,
    Record,
    read_raw_table,
    twin_problems,
    used_problems,
)
from network_map.nodes.importing.drafts import ORIGIN_WORDS
from network_map.nodes.importing.places import node_place
from network_map.nodes.importing.preview import NodeListOptions
from network_map.nodes.importing.words import CONTACT_WORDS, without_contacts
from network_map.places.gazetteer import CERTAIN, Gazetteer, How
from network_map.terms import AdminLevel

_OPEN = (Severity.ERROR, Severity.DOUBTFUL)
_PLACE_COLUMNS = ("adcode", "county", "place", "prefecture", "prefecture_adcode")


@dataclass(frozen=True, eq=False)
class ListPreview:
    """What would be taken of a list of members or of county industries.

    Parameters
    ----------
    tables
        The declared tables that the list fills, by name.
    problems
        Everything there is to say, the whole file first.
    left_out
        Numbers of the rows that cannot be taken, or that a person left out.
    rows
        ``row`` (its number in the file) and ``outcome`` of each row of the list.
    headers
        What was made of each header.
    dropped_columns
        Headers of people and doors, whose cells are never kept.
    file_name, file_sha256
        The file.
    """

    tables: Mapping[str, pd.DataFrame]
    problems: tuple[Problem, ...]
    left_out: tuple[int, ...]
    rows: pd.DataFrame
    headers: tuple[HeaderMatch, ...]
    dropped_columns: tuple[str, ...]
    file_name: str
    file_sha256: str

    @property
    def row_count(self) -> int:
        """Rows of the list."""
        return len(self.rows)

    @property
    def open_problems(self) -> tuple[Problem, ...]:
        """The errors and unanswered questions: while there are any, nothing is applied."""
        return tuple(problem for problem in self.problems if problem.severity in _OPEN)


@dataclass
class Report:
    """Collects what there is to say while a list is read."""

    problems: list[Problem] = field(default_factory=list)
    open_rows: set[int] = field(default_factory=set)

    def say(self, *problems: Problem) -> None:
        """Keep problems; a row with an open one is not taken."""
        self.problems += problems
        self.open_rows |= {p.row for p in problems if p.row is not None and p.severity in _OPEN}

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
    columns
        The columns that the list has.
    headers
        What was made of each header.
    dropped
        Headers of people and doors.
    """

    raw: RawTable
    records: tuple[Record, ...]
    columns: frozenset[str]
    headers: tuple[HeaderMatch, ...]
    dropped: tuple[str, ...]


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
    tables: Mapping[str, pd.DataFrame], rows: ListRows, options: NodeListOptions, report: Report
) -> ListPreview:
    """Return the preview of a list that has been read."""
    ordered = sorted(report.problems, key=lambda problem: problem.row or 0)
    return ListPreview(
        tables=tables,
        problems=tuple(ordered),
        left_out=tuple(
            sorted(report.open_rows | (options.exclude_rows & set(rows.raw.row_numbers)))
        ),
        rows=_outcomes(rows.raw.row_numbers, options.exclude_rows, report.problems),
        headers=rows.headers,
        dropped_columns=rows.dropped,
        file_name=rows.raw.file.file_name,
        file_sha256=rows.raw.file.file_sha256,
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
    content: bytes, file_name: str, synonyms: Synonyms, options: NodeListOptions, report: Report
) -> ListRows:
    """Return the rows of a file, columns of people and doors dropped and named.

    Raises
    ------
    FileFormatError
        If the file cannot be read as a list at all.
    """
    raw = read_raw_table(
        content, file_name, synonyms, sheet=options.sheet, header_row=options.header_row
    )
    dropped = tuple(h for h in raw.headers if h and contains_word(h, CONTACT_WORDS))
    kept = ["" if header in dropped else header for header in raw.headers]
    choices = {header: c for header, c in options.columns.items() if header not in dropped}
    matches = with_choices(match_headers(kept, synonyms), choices)
    ignored = tuple(match.header for match in matches if match.header and match.column is None)
    report.say(*raw.notes)
    if dropped:
        report.note("contact_columns_dropped", columns="、".join(dropped))
    if ignored:
        report.note("columns_ignored", columns="、".join(ignored))
    columns = {str(m.column): m.position for m in matches if m.column is not None}
    found = used_problems(raw, columns, options.answers)
    report.say(*(problem for problem in found if problem.row not in options.exclude_rows))
    report.say(*twin_problems(raw, matches))
    records = []
    for place, row in enumerate(raw.row_numbers):
        if row in options.exclude_rows:
            continue
        cells = {name: str(raw.frame[position].iloc[place]) for name, position in columns.items()}
        given = {c: value for (number, c), value in options.answers.items() if number == row}
        record = Record(row, {**cells, **given}, answered=frozenset(given))
        records.append(_without_contacts(record, report))
    named = tuple(
        replace(match, header=header) for match, header in zip(matches, raw.headers, strict=True)
    )
    return ListRows(raw, tuple(records), frozenset(columns), named, dropped)


def _without_contacts(record: Record, report: Report) -> Record:
    clean = {name: without_contacts(clean_text(cell)) for name, cell in record.cells.items()}
    for name, cell in record.cells.items():
        if clean[name] != clean_text(cell):
            report.say(Problem("contact_removed", Severity.CORRECTED, record.row, name))
    return replace(record, cells=clean)


def county_of(record: Record, gazetteer: Gazetteer, report: Report) -> str | None:
    """Return the county of a row, or None with its problems reported."""
    reading = node_place(_cleared(record), AdminLevel.COUNTY, gazetteer)
    report.say(*reading.problems)
    return reading.adcode


@dataclass(frozen=True, slots=True)
class MemberPlace:
    """Where a member is: a county, at least a prefecture, outside the province, or not known."""

    adcode: str | None = None
    prefecture_adcode: str | None = None
    is_outside: bool = False


def member_place(record: Record, gazetteer: Gazetteer, report: Report) -> MemberPlace:
    """Return where a member is; a place that the row does not give stays unknown.

    The name of an organisation is not read for its place: a firm named after Kunming may sit
    anywhere.
    """
    given = [record[column] for column in ("province", *_PLACE_COLUMNS) if record[column]]
    if any(gazetteer.resolve(text).how is How.OUTSIDE for text in given):
        return MemberPlace(is_outside=True)
    if not any(record[column] for column in _PLACE_COLUMNS):
        return MemberPlace()
    if not any(record[column] for column in _PLACE_COLUMNS[:3]):
        return _in_prefecture(record, _PLACE_COLUMNS[3:], gazetteer, report)
    wide = _in_prefecture(record, _PLACE_COLUMNS[:3], gazetteer, None)
    if wide.prefecture_adcode is not None:
        return wide
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


def origin_of(record: Record, options: NodeListOptions, report: Report) -> str:
    """Return the origin of a row: its own, or that of the list."""
    word = record["origin"].casefold()
    if word and word not in ORIGIN_WORDS:
        report.say(Problem("list_origin", row=record.row, value=record["origin"]))
    return ORIGIN_WORDS.get(word, options.origin).value


def source_of(record: Record, raw: RawTable, options: NodeListOptions) -> str:
    """Return the source of a row: its own, that of the list, or the file with its fingerprint."""
    return (
        record["source"] or options.source or f"{raw.file.file_name} ({raw.file.file_sha256[:8]})"
    )
