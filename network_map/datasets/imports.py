"""A planner's lists in a workspace: previewed, then one new version or nothing.

A list of nodes replaces the workspace's rows of exactly the kinds that occur in it, and the
completeness claims of those kinds; rows of other kinds stay. So the lists of sub-markets,
demonstration counties and county centres can be brought in one after the other, in any order. The
first import starts from the public facts: what no list replaces, such as the provincial market,
stays. A list beside the nodes replaces the rows of what it names: consortia, industries, centres
in a year. What goes is seen by name before it happens.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path

import pandas as pd

from network_map.activity.importing import CENTRE_SYNONYMS, preview_centre_activity
from network_map.activity.tables import CENTRE_ACTIVITY
from network_map.consortia.importing import (
    INDUSTRY_SYNONYMS,
    MEMBER_SYNONYMS,
    preview_industries,
    preview_members,
)
from network_map.consortia.tables import CONSORTIA, CONSORTIUM_MEMBERS, COUNTY_INDUSTRY
from network_map.datapackage import read_table
from network_map.datasets import REGISTER, register_before
from network_map.errors import Problem, QueryError, WorkspaceError
from network_map.export import Bundle
from network_map.i18n import count_text, problem_text, text
from network_map.listfiles.grid import DEFAULT_LIMITS, UPLOAD_BYTES
from network_map.listfiles.headers import Synonyms
from network_map.listfiles.preview import Answers, ListOptions, ListPreview, outcome_words
from network_map.listfiles.table import read_file, readable_name
from network_map.nodes.importing.preview import (
    CompleteClaim,
    KindChange,
    NodeListOptions,
    NodeListPreview,
    NodeListReference,
    change_sentences,
    claim_table,
    claims_against_totals,
    node_changes,
    open_reference,
    parse_complete,
    preview_nodes,
)
from network_map.nodes.importing.small_lists import (
    FIGURE_SYNONYMS,
    SmallListPreview,
    preview_figures,
)
from network_map.nodes.importing.travel_times import (
    TRAVEL_SYNONYMS,
    preview_road_times,
    preview_travel_times,
)
from network_map.nodes.importing.words import open_kind_book
from network_map.nodes.tables import (
    COMPLETE_LISTS,
    IMPORT_PROBLEMS,
    IMPORT_QUESTIONS,
    IMPORT_ROWS,
    NODE_KINDS,
    NODES,
)
from network_map.places.gazetteer import Gazetteer, open_divisions
from network_map.places.reference import Places, kind_names, place_names
from network_map.places.tables import COUNTY_FIGURES, COUNTY_INDICATORS, COUNTY_SEATS
from network_map.reach.tables import TRAVEL_TIMES
from network_map.tables import Table
from network_map.tables.check import conform
from network_map.terms import AdminLevel
from network_map.workspace import Snapshot, Tables
from network_map.workspace.imports import ImportPlan
from network_map.workspace.register import Committed, Move, commit, current_id, open_current


def _content(
    source: Path | bytes, file_name: str | None, *, max_bytes: int = DEFAULT_LIMITS.max_bytes
) -> tuple[bytes, str]:
    """Return content and name of a file; a path brings its own name."""
    if isinstance(source, bytes):
        return source, file_name or ""
    return read_file(source, max_bytes=max_bytes), file_name or readable_name(source.name)


def _stacked(table: Table, first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of two tables of one declaration."""
    if first.empty or second.empty:
        return conform(table, second if first.empty else first)
    return conform(table, pd.concat([first, second], ignore_index=True))


# --- a list of nodes ----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, kw_only=True)
class NodeImport(ImportPlan[NodeListPreview]):
    """A list of nodes as it would change a workspace.

    Parameters
    ----------
    changes
        What it changes in the register, by kind.
    claims
        For which kinds and areas the list's owner declares it complete.
    """

    changes: tuple[KindChange, ...]
    claims: Sequence[CompleteClaim]

    @property
    def totals(self) -> dict[str, int]:
        """Number of nodes to be taken, by kind."""
        found = Counter(self.preview.nodes["kind"])
        return {kind: found[kind] for kind in self.preview.node_kinds["kind"] if found[kind]}

    def store(self, workspace: Path, move: Move) -> Committed:
        """Make the list the register's rows of its kinds.

        Raises
        ------
        QueryError
            If it is declared complete though rows of it are left out.
        """
        unasked = sorted(set(move.left_out_rows) - set(self.preview.excluded["row"]))
        if unasked and self.claims:
            raise QueryError("complete_but_rows_left_out", rows="、".join(map(str, unasked)))
        return commit(
            workspace, REGISTER, lambda now: _with_nodes(now, self.preview, self.claims), move
        )

    def totals_told(self, language: str) -> tuple[str, ...]:
        """Return the number of nodes of each kind."""
        names = kind_names(self.preview.node_kinds, language)
        return tuple(
            text("cli.import_total", language, name=names[kind], count=count_text(count))
            for kind, count in self.totals.items()
        )

    def told(self, language: str) -> tuple[str, ...]:
        """Return a sentence for each kind of node."""
        said = change_sentences(self.changes, self.preview.node_kinds, language)
        return tuple(sentence for sentence, _ in said)

    def values(self) -> dict[str, object]:
        """Return number and changes of each kind of node."""
        return {"totals": self.totals, "changes": [asdict(change) for change in self.changes]}


def preview_node_list(
    source: Path | bytes,
    file_name: str | None = None,
    options: NodeListOptions | None = None,
    *,
    workspace: Path | None = None,
    reference: NodeListReference | None = None,
) -> NodeListPreview:
    """Return what would be taken of a node list; nothing is stored.

    Parameters
    ----------
    source
        The path of a file, or its content.
    workspace
        The folder it is meant for: kinds that were declared there are known.
    reference
        What the list is read against; read from the shipped tables by default.

    Raises
    ------
    FileFormatError, MissingFileError
        If the file cannot be read as a list.
    QueryError
        If an option names a kind that does not exist.
    """
    known = reference or open_reference()
    current = None if workspace is None else open_current(workspace, REGISTER)
    if current is not None:
        kinds = _all_kinds(current.tables["node_kinds"], known.node_kinds)
        known = replace(known, node_kinds=kinds)
    return preview_nodes(*_content(source, file_name), known, options)


def node_import(
    preview: NodeListPreview,
    workspace: Path,
    *,
    complete: Sequence[str | CompleteClaim] = (),
    today: date | None = None,
    gazetteer: Gazetteer | None = None,
) -> NodeImport:
    """Return a previewed list of nodes as it would change a workspace.

    Parameters
    ----------
    complete
        For which kinds and areas the list's owner declares it complete, also in the words of
        :func:`parse_complete`.
    today
        The date of claims that name none; the present day by default.
    gazetteer
        The divisions; the shipped ones by default.

    Raises
    ------
    QueryError
        If a claim cannot be understood.
    WorkspaceError, DamagedFileError
        If the workspace cannot be read, or an id of the list is taken by a row that stays.
    """
    current = open_current(workspace, REGISTER)
    claims: list[CompleteClaim] = []
    notes: tuple[Problem, ...] = ()
    if complete:
        kinds, known = open_kind_book(preview.node_kinds), gazetteer or open_divisions()
        day = today or datetime.now(UTC).astimezone().date()
        claims = [
            parse_complete(claim, kinds, known, today=day) if isinstance(claim, str) else claim
            for claim in complete
        ]
        if not preview.nodes.empty:
            register = _with_nodes(current, preview, claims)
            nodes, totals = register["nodes"], register["declared_totals"]
            notes = claims_against_totals(claims, nodes, totals, kinds, known)
    return NodeImport(
        preview=preview,
        snapshot_id=None if current is None else current.snapshot_id,
        notes=notes,
        changes=node_changes(register_before(current)["nodes"], preview.nodes),
        claims=claims,
    )


def _with_nodes(
    current: Snapshot | None, preview: NodeListPreview, complete: Sequence[CompleteClaim]
) -> Tables:
    """Return the register with the nodes of a list in the place of those of the same kinds."""
    base = register_before(current)
    kinds = set(preview.nodes["kind"])
    staying = base["nodes"][~base["nodes"]["kind"].isin(kinds)]
    taken = sorted(set(staying["node_id"]) & set(preview.nodes["node_id"]))
    if taken:
        raise WorkspaceError("node_ids_taken", ids="、".join(taken[:3]), count=len(taken))
    claims = claim_table(complete, source=ListOptions().source_of(preview.file))
    old_claims = base["complete_lists"]
    is_renewed = old_claims["kind"].isin(kinds) | _are_among(old_claims, claims, ["kind", "adcode"])
    return {
        **base,
        "nodes": _stacked(NODES, staying, preview.nodes),
        "node_kinds": _all_kinds(base["node_kinds"], preview.node_kinds),
        "complete_lists": _stacked(COMPLETE_LISTS, old_claims[~is_renewed], claims),
    }


def _all_kinds(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return the kinds of both tables; where both have a kind, as the second one has it."""
    return _stacked(NODE_KINDS, first[~first["kind"].isin(second["kind"])], second)


def _are_among(rows: pd.DataFrame, others: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Return which rows agree with one of the others in some columns."""
    found, wanted = (pd.MultiIndex.from_frame(table[columns]) for table in (rows, others))
    return pd.Series(found.isin(wanted), index=rows.index, dtype="bool")


# --- the lists beside the nodes -----------------------------------------------------------------

_Read = Callable[[bytes, str, Gazetteer, Tables, ListOptions | None], SmallListPreview]


@dataclass(frozen=True, slots=True)
class SmallList:
    """A kind of list beside the nodes: the wordings of its columns, and what reads it."""

    columns: Synonyms
    read: _Read


ROADS = "osm-roads"
"""The word for a file of roads: the only one of the lists that may be as large as an upload."""

SMALL_LISTS: Mapping[str, SmallList] = {
    "consortia": SmallList(
        MEMBER_SYNONYMS,
        lambda content, name, divisions, held, options: preview_members(
            content, name, divisions, held[CONSORTIA.name], options
        ),
    ),
    "industries": SmallList(
        INDUSTRY_SYNONYMS,
        lambda content, name, divisions, _, options: preview_industries(
            content, name, divisions, options
        ),
    ),
    "centre-activity": SmallList(
        CENTRE_SYNONYMS,
        lambda content, name, divisions, held, options: preview_centre_activity(
            content, name, divisions, held[NODES.name], options
        ),
    ),
    "travel-times": SmallList(
        TRAVEL_SYNONYMS,
        lambda content, name, divisions, held, options: preview_travel_times(
            content, name, _counties(divisions), held[NODES.name], options
        ),
    ),
    ROADS: SmallList(
        TRAVEL_SYNONYMS,
        lambda content, name, _, held, options: preview_road_times(
            content, name, read_table(COUNTY_SEATS), held[NODES.name], options
        ),
    ),
    "county-indicators": SmallList(
        FIGURE_SYNONYMS,
        lambda content, name, divisions, _, options: preview_figures(
            content, name, divisions, read_table(COUNTY_INDICATORS), options
        ),
    ),
}
"""The kinds of lists beside the nodes, by the word for each on the command line."""


def _counties(divisions: Gazetteer) -> list[str]:
    return [code for code, place in divisions.places.items() if place.level is AdminLevel.COUNTY]


# The columns whose values decide which rows of the workspace a list replaces.
_REPLACED_BY: Mapping[Table, list[str]] = {
    CONSORTIA: ["consortium_id"], CONSORTIUM_MEMBERS: ["consortium_id"],
    COUNTY_INDUSTRY: ["industry"], CENTRE_ACTIVITY: list(CENTRE_ACTIVITY.key),
    TRAVEL_TIMES: ["travel_method"],
    COUNTY_FIGURES: list(COUNTY_FIGURES.key),
}  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class SmallListImport(ImportPlan[SmallListPreview]):
    """A list beside the nodes as it would change a workspace."""

    @property
    def totals(self) -> dict[str, int]:
        """Number of rows of each table that the list fills."""
        return {name: len(table) for name, table in self.preview.tables.items()}

    def store(self, workspace: Path, move: Move) -> Committed:
        """Put the rows of the list in the place of those that it renews."""
        return commit(workspace, REGISTER, self._renewed, move)

    def told(self, language: str) -> tuple[str, ...]:
        """Return the number of rows of each table."""
        return tuple(
            text(f"consortium_import.count_{name}", language, count=count)
            for name, count in self.totals.items()
        )

    def values(self) -> dict[str, object]:
        """Return the number of rows of each table."""
        return {"totals": self.totals}

    def _renewed(self, current: Snapshot | None) -> Tables:
        base, tables = register_before(current), self.preview.tables
        return {
            **base,
            **{
                table.name: _replaced(table, base.get(table.name, new), new)
                for table in _REPLACED_BY
                if (new := tables.get(table.name)) is not None
            },
        }


def preview_list(
    what: str,
    source: Path | bytes,
    file_name: str | None = None,
    options: ListOptions | None = None,
    *,
    workspace: Path,
    gazetteer: Gazetteer | None = None,
) -> SmallListPreview:
    """Return what would be taken of a list beside the nodes; nothing is stored.

    Parameters
    ----------
    what
        A kind of :data:`SMALL_LISTS`.
    source
        The path of a file, or its content.
    workspace
        The folder it is meant for: its centres and consortia are known.
    gazetteer
        The divisions; the shipped ones by default.

    Raises
    ------
    FileFormatError, MissingFileError
        If the file cannot be read as a list.
    WorkspaceError, DamagedFileError
        If the workspace cannot be read.
    """
    base = register_before(open_current(workspace, REGISTER))
    public = read_table(CONSORTIA)
    consortia = _replaced(CONSORTIA, public, base.get(CONSORTIA.name, public))
    held = {**base, CONSORTIA.name: consortia}
    most = UPLOAD_BYTES if what == ROADS else DEFAULT_LIMITS.max_bytes
    content, name = _content(source, file_name, max_bytes=most)
    return SMALL_LISTS[what].read(content, name, gazetteer or open_divisions(), held, options)


def small_list_import(preview: SmallListPreview, workspace: Path) -> SmallListImport:
    """Return a previewed list as it would change a workspace.

    Raises
    ------
    DamagedFileError
        If the pointer of the workspace is not what it should be.
    """
    return SmallListImport(preview=preview, snapshot_id=current_id(workspace))


def _replaced(table: Table, old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Return the new rows and the old ones that they do not replace."""
    return _stacked(table, old[~_are_among(old, new, _REPLACED_BY[table])], new)


# --- what a page shows of a list of any kind ----------------------------------------------------


class Decision(StrEnum):
    """What a person does with an open row."""

    OPEN = "open"
    TAKE_FIX = "take_fix"
    TAKE_OTHER = "take_other"
    EXCLUDE = "exclude"


def row_table(preview: NodeListPreview, places: Places, language: str) -> pd.DataFrame:
    """Return the rows of the list with what becomes of them, as table ``import_rows``."""
    rows = preview.rows
    kinds = kind_names(preview.node_kinds, language)
    names = place_names(places.divisions, language)
    outcomes = outcome_words(language)
    statuses = {
        status: text(f"term.status.{status}", language) for status in rows["status"].dropna()
    }
    table = rows.assign(
        outcome=rows["outcome"].map(outcomes),
        kind_name=rows["kind"].map(kinds),
        place_name=rows["adcode"].map(names),
        status_name=rows["status"].map(statuses),
    )
    return conform(IMPORT_ROWS, table)


def problem_table(problems: Iterable[Problem], language: str) -> pd.DataFrame:
    """Return problems as table ``import_problems``, one sentence each, in row order."""
    rows = [
        (
            problem.row,
            text(f"import.severity.{problem.severity.value}", language),
            problem_text(problem, language),
            problem.value,
            problem.fix,
        )
        for problem in problems
    ]
    frame = pd.DataFrame(rows, columns=IMPORT_PROBLEMS.names, dtype="object")
    return conform(IMPORT_PROBLEMS, frame)


def problem_bundle(preview: ListPreview, language: str) -> Bundle:
    """Return every problem of a list, ready to be written and handed back to its author."""
    return Bundle(
        table=problem_table(preview.problems, language),
        declaration=IMPORT_PROBLEMS,
        title=text("import.page.problem_title", language, file=preview.file_name),
        language=language,
        sources=(preview.file_name,),
        file_stem="import_problems",
        created_from={preview.file_name: preview.file_sha256},
    )


def template_bundle(language: str) -> Bundle:
    """Return an empty node list: the headings that an import understands."""
    return Bundle(
        table=conform(NODES, pd.DataFrame(columns=NODES.names, dtype="object")),
        declaration=NODES,
        title=text("import.page.template_title", language),
        language=language,
        method_notes=tuple(
            text(f"import.page.template_{part}", language) for part in ("kind", "place", "status")
        ),
        file_stem="node_list_template",
    )


def open_questions(preview: ListPreview, language: str) -> pd.DataFrame:
    """Return what must be settled row by row, as table ``import_questions``.

    A question comes with its suggested value, which may be to leave the cell empty; an error
    without one can only be corrected or left out.
    """
    open_word = text(f"import.decision.{Decision.OPEN.value}", language)
    empty = text("import.page.leave_empty", language)
    rows = [
        (problem.row, problem.column or "", problem_text(problem, language), open_word,
         empty if problem.fix == "" else problem.fix or "")
        for problem in preview.open_problems
        if problem.row is not None
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=IMPORT_QUESTIONS.names, dtype="object")
    return conform(IMPORT_QUESTIONS, frame)


def decisions_of(decided: pd.DataFrame, language: str) -> tuple[Answers, frozenset[int]]:
    """Return the answers given in the table of open questions, and the rows left out.

    To take a value without giving one decides nothing.
    """
    words = {text(f"import.decision.{value.value}", language): value for value in Decision}
    empty = text("import.page.leave_empty", language)
    answers: dict[tuple[int | str, str], str] = {}
    excluded: set[int] = set()
    columns = ["row", "column", "decision", "answer"]
    for row, column, word, answer in decided[columns].itertuples(index=False, name=None):
        decision = words.get(word, Decision.OPEN)
        if decision is Decision.EXCLUDE:
            excluded.add(int(row))
        elif decision is not Decision.OPEN and not pd.isna(answer) and str(answer).strip():
            said = str(answer).strip()
            key = int(row), "" if pd.isna(column) else str(column)
            answers[key] = "" if said == empty else said
    return answers, frozenset(excluded)
