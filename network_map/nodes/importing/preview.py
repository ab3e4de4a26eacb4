"""A planner's node list, previewed: what would be taken, in which form, and why some rows not.

Nothing is stored here. A preview is made of the file, the options and the person's answers; a
changed answer gives a new preview.

What a node list is read against: gazetteer, kinds of node, county shapes and seats.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from network_map.datapackage import read_table
from network_map.errors import Problem, Severity
from network_map.listfiles.headers import HeaderMatch
from network_map.listfiles.outcome import OUTCOMES, Outcome
from network_map.listfiles.table import RawTable, twin_problems, used_problems
from network_map.nodes.importing.drafts import (
    Draft,
    DraftRules,
    node_draft,
    with_ids,
    without_duplicates,
)
from network_map.nodes.importing.places import Ground
from network_map.nodes.importing.rows import Records, kind_guess, node_records, read_node_table
from network_map.nodes.importing.words import KindBook, NewKind, known_kind, open_kind_book
from network_map.nodes.tables import NODE_KINDS, NODES
from network_map.places.gazetteer import Gazetteer, open_gazetteer
from network_map.places.reference import read_boundaries
from network_map.places.tables import COUNTY_SEATS, DIVISION_ALIASES, DIVISIONS
from network_map.tables.check import conform
from network_map.terms import AdminLevel, Origin

_SHA_SHOWN = 8
_WHOLE_MONTH = re.compile(r"\d{4}\.(0\d|10)")
"""Only text keeps a final or leading zero: a list with one of these lost none."""


@dataclass(frozen=True)
class NodeListOptions:
    """What a person says about a list.

    Parameters
    ----------
    default_kind
        Kind of the rows that name none: an id, or a word for it.
    new_kinds
        Kinds that the list brings along.
    kind_words
        Unknown words for kinds, explained.
    origin
        Origin of the rows that name none.
    source
        Source of the rows that name none; by default the file's name and the start of its
        SHA-256.
    answers
        The value to take for a row's column, by row number and the problem's column.
    exclude_rows
        Rows to leave out.
    columns
        For a header as written the declared column, or None to leave it out.
    sheet, header_row
        Where the list stands, if that is not found.
    """

    default_kind: str | None = None
    new_kinds: tuple[NewKind, ...] = ()
    kind_words: Mapping[str, str] = field(default_factory=dict)
    origin: Origin = Origin.OFFICIAL
    source: str | None = None
    answers: Mapping[tuple[int, str], str] = field(default_factory=dict)
    exclude_rows: frozenset[int] = frozenset()
    columns: Mapping[str, str | None] = field(default_factory=dict)
    sheet: str | None = None
    header_row: int | None = None


@dataclass(frozen=True)
class NodeListReference:
    """What a list is read against: divisions, kinds, seats and polygons."""

    gazetteer: Gazetteer
    node_kinds: pd.DataFrame
    ground: Ground


@dataclass(frozen=True)
class NodeListPreview:
    """What would be taken of a list.

    Parameters
    ----------
    nodes
        Table ``nodes``: the accepted and corrected rows.
    rows
        One row for each row of the list: ``row`` (its number in the file), ``outcome``, ``kind``,
        ``adcode``, ``node_name``, ``status``.
    problems
        Everything there is to say, rows in order, the whole file first.
    headers
        What was made of each header.
    dropped_columns
        Columns of people and doors, which are never kept.
    ignored_columns
        Columns that nothing was made of.
    node_kinds
        Table ``node_kinds`` with the new kinds of the list.
    file_name, file_sha256
        The file.
    sheet_name, header_row, encoding
        Where and how the list was read.
    """

    nodes: pd.DataFrame
    rows: pd.DataFrame
    problems: tuple[Problem, ...]
    headers: tuple[HeaderMatch, ...]
    dropped_columns: tuple[str, ...]
    ignored_columns: tuple[str, ...]
    node_kinds: pd.DataFrame
    file_name: str
    file_sha256: str
    sheet_name: str | None = None
    header_row: int = 0
    encoding: str | None = None

    @property
    def accepted(self) -> pd.DataFrame:
        """The rows taken as they are."""
        return self._rows(Outcome.ACCEPTED)

    @property
    def corrected(self) -> pd.DataFrame:
        """The rows taken in a corrected form."""
        return self._rows(Outcome.CORRECTED)

    @property
    def doubtful(self) -> pd.DataFrame:
        """The rows that need an answer."""
        return self._rows(Outcome.DOUBTFUL)

    @property
    def refused(self) -> pd.DataFrame:
        """The rows that cannot be taken."""
        return self._rows(Outcome.REFUSED)

    @property
    def excluded(self) -> pd.DataFrame:
        """The rows that a person left out."""
        return self._rows(Outcome.EXCLUDED)

    @property
    def open_problems(self) -> tuple[Problem, ...]:
        """The errors and unanswered questions: while there are any, nothing is applied."""
        return tuple(p for p in self.problems if p.severity in {Severity.ERROR, Severity.DOUBTFUL})

    @property
    def is_clean(self) -> bool:
        """Whether every row that was not excluded can be taken."""
        return not self.open_problems

    def _rows(self, outcome: Outcome) -> pd.DataFrame:
        return self.rows[self.rows["outcome"] == outcome.value].reset_index(drop=True)


def preview_nodes(
    content: bytes,
    file_name: str,
    reference: NodeListReference,
    options: NodeListOptions | None = None,
) -> NodeListPreview:
    """Return what would be taken of a node list.

    Parameters
    ----------
    content
        The file: CSV, TSV or a spreadsheet.
    file_name
        Its name.
    reference
        Divisions, kinds, seats and polygons.
    options
        What a person says about the list.

    Raises
    ------
    FileFormatError
        If the file cannot be read as a list at all.
    QueryError
        If an option names a kind that does not exist.
    """
    options = options or NodeListOptions()
    kinds = open_kind_book(
        reference.node_kinds, new_kinds=options.new_kinds, kind_words=options.kind_words
    )
    raw, choices, notes = read_node_table(
        content,
        file_name,
        reference.gazetteer,
        kinds,
        columns=options.columns,
        sheet=options.sheet,
        header_row=options.header_row,
    )
    records = node_records(
        raw, reference.gazetteer, kinds, choices=choices, answers=options.answers
    )
    default_kind, guesses = _default_kind(raw, records, kinds, options)
    rules = _rules(raw, records, reference, kinds=kinds, default_kind=default_kind, options=options)
    drafts = [
        node_draft(record, rules)
        for record in records.records
        if record.row not in options.exclude_rows
    ]
    drafts = _with_cells_checked(raw, records, drafts, options)
    drafts = with_ids(without_duplicates(drafts, kinds, reference.gazetteer))
    about_file = (
        *notes,
        *raw.notes,
        *records.notes,
        *guesses,
        *twin_problems(raw, records.headers),
    )
    return _preview(raw, records, drafts, kinds=kinds, about_file=about_file, options=options)


def _with_cells_checked(
    raw: RawTable, records: Records, drafts: Sequence[Draft], options: NodeListOptions
) -> list[Draft]:
    """Return the drafts, those of rows with formulas or stray cells with the errors said."""
    used = {str(m.column): m.position for m in records.headers if m.column is not None}
    found: dict[int | None, list[Problem]] = {}
    for problem in used_problems(raw, used, options.answers):
        found.setdefault(problem.row, []).append(problem)
    return [
        replace(draft, problems=(*found.get(draft.row, ()), *draft.problems)) for draft in drafts
    ]


def _default_kind(
    raw: RawTable, records: Records, kinds: KindBook, options: NodeListOptions
) -> tuple[str | None, tuple[Problem, ...]]:
    """Return the kind of rows that name none: the person's, or a guess that must be confirmed."""
    if options.default_kind is not None:
        return known_kind(kinds, options.default_kind), ()
    if all(record["kind"] for record in records.records):
        return None, ()
    guess = kind_guess(raw, records, kinds)
    if guess is None:
        return None, (Problem("kinds_known", Severity.NOTE, values={"known": kinds.names()}),)
    values = {"name": kinds.name(guess)}
    return guess, (Problem("kind_guessed", Severity.DOUBTFUL, None, "kind", "", values, guess),)


def _rules(
    raw: RawTable,
    records: Records,
    reference: NodeListReference,
    *,
    kinds: KindBook,
    default_kind: str | None,
    options: NodeListOptions,
) -> DraftRules:
    dates = (r[column] for r in records.records for column in ("established_on", "withdrawn_on"))
    return DraftRules(
        gazetteer=reference.gazetteer,
        kinds=kinds,
        ground=reference.ground,
        default_kind=default_kind,
        origin=options.origin,
        source=options.source or f"{raw.file.file_name} ({raw.file.file_sha256[:_SHA_SHOWN]})",
        has_whole_months=any(_WHOLE_MONTH.fullmatch(text) for text in dates),
        mixed_columns=frozenset(
            column for column in ("county", "place")
            if _mixes_levels({r[column] for r in records.records}, reference.gazetteer)
        ),
    )  # fmt: skip


def _mixes_levels(texts: Iterable[str], gazetteer: Gazetteer) -> bool:
    """Return whether a column names both prefectures and counties, each beyond doubt."""
    found = [gazetteer.resolve(text) for text in texts]
    levels = {gazetteer.places[f.adcode].level for f in found if f.adcode is not None}
    return {AdminLevel.PREFECTURE, AdminLevel.COUNTY} <= levels


def _preview(
    raw: RawTable,
    records: Records,
    drafts: Sequence[Draft],
    *,
    kinds: KindBook,
    about_file: Iterable[Problem],
    options: NodeListOptions,
) -> NodeListPreview:
    taken = pd.DataFrame([dict(d.cells) for d in drafts if d.is_takeable], columns=NODES.names)
    problems = [*about_file, *(problem for draft in drafts for problem in draft.problems)]
    return NodeListPreview(
        nodes=conform(NODES, taken.astype("object")),
        rows=_row_table(drafts, sorted(options.exclude_rows & set(raw.row_numbers))),
        problems=tuple(sorted(problems, key=lambda problem: problem.row or 0)),
        headers=records.headers,
        dropped_columns=records.dropped_columns,
        ignored_columns=records.ignored_columns,
        node_kinds=kinds.table,
        file_name=raw.file.file_name,
        file_sha256=raw.file.file_sha256,
        sheet_name=raw.file.sheet_name,
        header_row=raw.file.header_row,
        encoding=raw.file.encoding,
    )


def _row_table(drafts: Sequence[Draft], excluded: Sequence[int]) -> pd.DataFrame:
    columns = ["row", "outcome", "kind", "adcode", "node_name", "status"]
    rows = [
        (
            d.row,
            OUTCOMES[d.severity or Severity.NOTE].value,
            *(d.cells[name] for name in columns[2:]),
        )
        for d in drafts
    ]
    rows += [(row, Outcome.EXCLUDED.value, None, None, None, None) for row in excluded]
    return pd.DataFrame(rows, columns=columns).sort_values("row", ignore_index=True)


def open_reference() -> NodeListReference:
    """Return what a node list is read against.

    Raises
    ------
    MissingFileError, DamagedFileError
        If a shipped table is not there or not what it should be.
    """
    seats = read_table(COUNTY_SEATS)[["adcode", "lon", "lat"]]
    counties = read_boundaries(AdminLevel.COUNTY)
    return NodeListReference(
        gazetteer=open_gazetteer(read_table(DIVISIONS), read_table(DIVISION_ALIASES)),
        node_kinds=read_table(NODE_KINDS),
        ground=Ground(
            {adcode: (lon, lat) for adcode, lon, lat in seats.itertuples(index=False, name=None)},
            dict(zip(counties["adcode"], counties.geometry, strict=True)),
        ),
    )
