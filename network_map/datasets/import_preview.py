"""What the import page shows of a previewed list, and what a person decided about its rows."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import pandas as pd

from network_map.errors import Problem
from network_map.export import Bundle
from network_map.i18n import problem_text, text
from network_map.listfiles.outcome import Outcome, outcome_words
from network_map.nodes.importing.preview import NodeListPreview
from network_map.nodes.results import IMPORT_PROBLEMS, IMPORT_QUESTIONS, IMPORT_ROWS
from network_map.nodes.tables import NODES
from network_map.places.sources_reference import Places
from network_map.places.words import kind_names, place_names
from network_map.tables.check import conform


class ListPreview(Protocol):
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


def file_problems(preview: ListPreview) -> tuple[Problem, ...]:
    """Return the open problems that are about the whole list."""
    return tuple(problem for problem in preview.open_problems if problem.row is None)


def counts_by_outcome(preview: ListPreview) -> dict[str, int]:
    """Return the number of rows by outcome."""
    found = preview.rows["outcome"].value_counts()
    return {outcome.value: int(found.get(outcome.value, 0)) for outcome in Outcome}
