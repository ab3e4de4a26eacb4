"""The parts of an import's outcome as plain values, for lists of any kind."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from network_map.errors import Problem, Severity
from network_map.i18n import LANGUAGES, problem_text, text
from network_map.listfiles.headers import HeaderMatch

_SHOWN = 20


class Outcome(StrEnum):
    """What becomes of a row."""

    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    DOUBTFUL = "doubtful"
    REFUSED = "refused"
    EXCLUDED = "excluded"


OUTCOMES = {
    Severity.NOTE: Outcome.ACCEPTED, Severity.CORRECTED: Outcome.CORRECTED,
    Severity.DOUBTFUL: Outcome.DOUBTFUL, Severity.ERROR: Outcome.REFUSED,
}  # fmt: skip
"""What becomes of a row by the worst that is said about it."""


class ReadList(Protocol):
    """A list that was read from a file."""

    @property
    def file_name(self) -> str:
        """Name of the file."""

    @property
    def file_sha256(self) -> str:
        """Its SHA-256."""

    @property
    def sheet_name(self) -> str | None:
        """The worksheet that was read."""

    @property
    def encoding(self) -> str | None:
        """The encoding of a text file."""

    @property
    def header_row(self) -> int:
        """Number of the header row."""

    @property
    def headers(self) -> tuple[HeaderMatch, ...]:
        """What was made of each header."""

    @property
    def dropped_columns(self) -> tuple[str, ...]:
        """Headers of people and doors."""

    @property
    def ignored_columns(self) -> tuple[str, ...]:
        """Headers that were not recognised."""


def outcome_words(language: str) -> dict[str, str]:
    """Return the word for each outcome of a row."""
    return {outcome.value: text(f"import.outcome.{outcome.value}", language) for outcome in Outcome}


def file_values(found: ReadList) -> dict[str, object]:
    """Return what is known of the file."""
    return {
        "name": found.file_name,
        "sha256": found.file_sha256,
        "sheet": found.sheet_name,
        "encoding": found.encoding,
        "header_row": found.header_row,
        "columns": [
            {"header": m.header, "column": m.column, "confidence": m.confidence.value}
            for m in found.headers
            if m.column is not None
        ],
        "dropped_columns": list(found.dropped_columns),
        "ignored_columns": list(found.ignored_columns),
    }


def problem_values(problem: Problem) -> dict[str, object]:
    """Return a problem with its sentence in both languages."""
    return {
        "row": problem.row,
        "code": problem.code,
        "severity": problem.severity.value,
        "column": problem.column,
        "value": problem.value,
        "fix": problem.fix,
        "adcodes": _adcodes(problem),
        **{language: problem_text(problem, language) for language in LANGUAGES},
    }


def left_out_text(rows: Sequence[int], language: str) -> str:
    """Return the sentence that names the rows left out, the first of them."""
    shown = "、".join(str(row) for row in rows[:_SHOWN])
    more = "…" if len(rows) > _SHOWN else ""
    return text("import.result.left_out", language, rows=shown + more)


def _adcodes(problem: Problem) -> list[str]:
    """Return the divisions that a question offers."""
    found = problem.values.get("adcodes")
    return list(found) if isinstance(found, tuple) else []
