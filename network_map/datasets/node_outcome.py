"""What an import did or would do, in both languages, for the command line and the page.

What the import page shows of a previewed list, and what a person decided about its rows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import pandas as pd

from network_map.datasets.node_changes import KindChange, change_sentences, node_changes
from network_map.datasets.node_import import (
    apply_node_list,
    merged_register,
    preview_node_list,
    register_before,
)
from network_map.datasets.open import REGISTER
from network_map.errors import Problem
from network_map.export import Bundle
from network_map.i18n import LANGUAGES, problem_text, text
from network_map.listfiles.outcome import (
    Outcome,
    file_values,
    left_out_text,
    outcome_words,
    problem_values,
)
from network_map.listfiles.outcome import Outcome as RowOutcome
from network_map.nodes.importing.options import claims_against_totals, parse_complete
from network_map.nodes.importing.preview import (
    NodeListOptions,
    NodeListPreview,
    NodeListReference,
    open_reference,
)
from network_map.nodes.importing.words import open_kind_book
from network_map.nodes.tables import IMPORT_PROBLEMS, IMPORT_QUESTIONS, IMPORT_ROWS, NODES
from network_map.places.reference import Places, kind_names, place_names
from network_map.tables.check import conform
from network_map.workspace.register import SnapshotInfo, open_current


@dataclass(frozen=True)
class ImportOutcome:
    """What an import did, or why it did nothing yet.

    Parameters
    ----------
    preview
        What would be taken of the list.
    state
        ``applied``, ``unchanged`` (the content is that of the current version), ``waiting`` (for
        the confirmation), ``blocked`` (by errors or open questions) or ``nothing`` (no row left).
    snapshot_id
        The current version of the workspace now, None if there is none.
    previous_snapshot_id
        The version that the import replaced, None if it replaced none.
    left_out_rows
        Rows of the file that were skipped.
    notes
        What is worth saying about the register as a whole.
    changes
        What the list changes in the register, by kind.
    """

    preview: NodeListPreview
    state: str
    snapshot_id: str | None
    previous_snapshot_id: str | None = None
    left_out_rows: tuple[int, ...] = ()
    notes: tuple[Problem, ...] = ()
    changes: tuple[KindChange, ...] = ()

    @property
    def applied(self) -> bool:
        """Whether the list is in the workspace now."""
        return self.state in {"applied", "unchanged"}

    @property
    def counts(self) -> dict[str, int]:
        """Number of rows by outcome."""
        found = Counter(self.preview.rows["outcome"])
        return {outcome.value: found[outcome.value] for outcome in RowOutcome}

    @property
    def totals(self) -> dict[str, int]:
        """Number of nodes to be taken, by kind."""
        found = Counter(self.preview.nodes["kind"])
        return {kind: found[kind] for kind in self.preview.node_kinds["kind"] if found[kind]}

    def sentences(self, language: str) -> tuple[str, ...]:
        """Return what there is to say about the import as a whole, in a language."""
        counts = text("import.result.counts", language, **self.counts)
        values = {
            "snapshot_id": self.snapshot_id or "",
            "open_count": len(self.preview.open_problems),
        }
        state = text(f"import.result.{self.state}", language, **values)
        left_out = (left_out_text(self.left_out_rows, language),) if self.left_out_rows else ()
        said = change_sentences(self.changes, self.preview.node_kinds, language)
        return (counts, *(sentence for sentence, _ in said), state, *left_out)

    def to_json(self) -> dict[str, object]:
        """Return the outcome as plain values: numbers, texts, lists and mappings of them."""
        by_row: dict[int | None, list[Problem]] = {}
        for problem in self.preview.problems:
            by_row.setdefault(problem.row, []).append(problem)
        rows = _row_values(self.preview, by_row)
        listed = {row["row"] for row in rows}
        about_file = [p for p in (*self.preview.problems, *self.notes) if p.row not in listed]
        return {
            "applied": self.applied,
            "state": self.state,
            "snapshot_id": self.snapshot_id,
            "previous_snapshot_id": self.previous_snapshot_id,
            "file": file_values(self.preview),
            "counts": self.counts,
            "totals": self.totals,
            "changes": [change.to_json() for change in self.changes],
            **{
                outcome.value: [row for row in rows if row["outcome"] == outcome.value]
                for outcome in RowOutcome
            },
            "left_out_rows": list(self.left_out_rows),
            "notes": [problem_values(problem) for problem in about_file],
            "message": {language: list(self.sentences(language)) for language in LANGUAGES},
        }


def run_import(  # noqa: PLR0913 - the keywords of one request
    file: Path | bytes,
    workspace: Path,
    *,
    file_name: str | None = None,
    options: NodeListOptions | None = None,
    complete: Sequence[str] = (),
    confirm: bool = False,
    skip_rows: bool = False,
    who: str | None = None,
    today: date | None = None,
    reference: NodeListReference | None = None,
) -> ImportOutcome:
    """Preview a node list and, if it is confirmed and may be, apply it.

    Parameters
    ----------
    file
        Its path, or its content.
    workspace
        The folder; without ``confirm`` nothing in it is touched.
    file_name
        Name of a content without path.
    options
        What a person says about the list.
    complete
        Claims of completeness as :func:`parse_complete` reads them.
    confirm
        Whether to apply the list.
    skip_rows
        Whether refused and unanswered rows may be left out.
    who
        The account for the journal.
    today
        The date of claims that name none; the present day by default.
    reference
        What the list is read against; read from the shipped tables by default.

    Raises
    ------
    FileFormatError, MissingFileError
        If the file cannot be read as a list.
    QueryError
        If an option or a claim cannot be understood.
    WorkspaceError, DamagedFileError
        If the workspace cannot be read or written.
    """
    known = reference or open_reference()
    preview = preview_node_list(file, file_name, options, workspace=workspace, reference=known)
    kinds = open_kind_book(preview.node_kinds)
    day = today or datetime.now(UTC).astimezone().date()
    claims = [parse_complete(claim, kinds, known.gazetteer, today=day) for claim in complete]
    current = open_current(workspace, REGISTER)
    notes: tuple[Problem, ...] = ()
    if claims and not preview.nodes.empty:
        register = merged_register(current, preview, claims)
        notes = claims_against_totals(
            claims, register["nodes"], register["declared_totals"], kinds, known.gazetteer
        )
    changes = node_changes(register_before(current), preview.nodes)
    state = import_state(preview, confirm=confirm, skip_rows=skip_rows)
    now = None if current is None else current.snapshot_id
    if state != "applied":
        return ImportOutcome(preview, state, now, None, (), notes, changes)
    info = apply_node_list(preview, workspace, complete=claims, skip_rows=skip_rows, who=who)
    return replace(_applied(preview, info, notes), changes=changes)


def import_state(preview: NodeListPreview, *, confirm: bool, skip_rows: bool) -> str:
    """Return ``applied`` if the list may be applied now, else what stands in the way."""
    if any(problem.row is None for problem in preview.open_problems):
        return "blocked"
    if preview.open_problems and not skip_rows:
        return "blocked"
    if preview.nodes.empty:
        return "nothing"
    return "applied" if confirm else "waiting"


def _applied(
    preview: NodeListPreview, info: SnapshotInfo, notes: tuple[Problem, ...]
) -> ImportOutcome:
    return ImportOutcome(
        preview,
        "applied" if info.is_changed else "unchanged",
        info.snapshot_id,
        info.previous_snapshot_id,
        info.left_out_rows,
        notes,
    )


def _row_values(
    preview: NodeListPreview, by_row: Mapping[int | None, Sequence[Problem]]
) -> list[dict[str, object]]:
    names = list(preview.rows.columns)
    known = preview.rows.astype("object").where(preview.rows.notna(), None)
    return [
        dict(zip(names, row, strict=True))
        | {"problems": [problem_values(problem) for problem in by_row.get(row[0], ())]}
        for row in known.itertuples(index=False, name=None)
    ]


class PreviewedList(Protocol):
    """A previewed list of any kind."""

    @property
    def rows(self) -> pd.DataFrame:
        """What becomes of each row."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What there is to say."""

    @property
    def open_problems(self) -> tuple[Problem, ...]:
        """The errors and unanswered questions."""

    @property
    def file_name(self) -> str:
        """Name of the file."""

    @property
    def file_sha256(self) -> str:
        """Its SHA-256."""


class Decision(StrEnum):
    """What a person does with an open row."""

    OPEN = "open"
    TAKE_FIX = "take_fix"
    TAKE_OTHER = "take_other"
    EXCLUDE = "exclude"


@dataclass(frozen=True, slots=True)
class RowDecisions:
    """The decisions as an import takes them.

    Parameters
    ----------
    answers
        The value to take, by row number and column.
    exclude_rows
        Rows to leave out.
    """

    answers: dict[tuple[int, str], str] = field(default_factory=dict)
    exclude_rows: frozenset[int] = frozenset()


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


def problem_bundle(preview: PreviewedList, language: str) -> Bundle:
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


def open_questions(preview: PreviewedList, language: str) -> pd.DataFrame:
    """Return what must be settled row by row, as table ``import_questions``.

    A question comes with its suggested value; an error without one can only be corrected or left
    out.
    """
    open_word = text(f"import.decision.{Decision.OPEN.value}", language)
    rows = [
        (problem.row, problem.column or "", problem_text(problem, language), open_word,
         problem.fix or "")
        for problem in preview.open_problems
        if problem.row is not None
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=IMPORT_QUESTIONS.names, dtype="object")
    return conform(IMPORT_QUESTIONS, frame)


def decisions_of(decided: pd.DataFrame, language: str) -> RowDecisions:
    """Return the decisions that a person made in the table of open questions.

    Parameters
    ----------
    decided
        Table ``import_questions`` as the person left it. To take a value without giving one
        decides nothing.
    language
        The language in which the decisions stand there.
    """
    words = {text(f"import.decision.{value.value}", language): value for value in Decision}
    answers: dict[tuple[int, str], str] = {}
    excluded: set[int] = set()
    columns = ["row", "column", "decision", "answer"]
    for row, column, word, answer in decided[columns].itertuples(index=False, name=None):
        decision = words.get(word, Decision.OPEN)
        if decision is Decision.EXCLUDE:
            excluded.add(int(row))
        elif decision is not Decision.OPEN and not pd.isna(answer) and str(answer).strip():
            answers[int(row), "" if pd.isna(column) else str(column)] = str(answer).strip()
    return RowDecisions(answers, frozenset(excluded))


def file_problems(preview: PreviewedList) -> tuple[Problem, ...]:
    """Return the open problems that are about the whole list."""
    return tuple(problem for problem in preview.open_problems if problem.row is None)


def counts_by_outcome(preview: PreviewedList) -> dict[str, int]:
    """Return the number of rows by outcome."""
    found = preview.rows["outcome"].value_counts()
    return {outcome.value: int(found.get(outcome.value, 0)) for outcome in Outcome}
