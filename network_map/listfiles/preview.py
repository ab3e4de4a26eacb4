"""What is said about the rows of a register: kept for every row, described for the first ones."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from network_map.errors import Problem, Severity
from network_map.listfiles.cells import Mask, Places

MOST_DESCRIBED = 1_000
"""Problems of one code that are described; all are counted, and every row keeps its reason."""
WEIGHT = {Severity.NOTE: 0, Severity.CORRECTED: 1, Severity.DOUBTFUL: 2, Severity.ERROR: 3}


@dataclass(frozen=True)
class Said:
    """What one finding says about one row.

    Parameters
    ----------
    value
        What was found, as text.
    fix
        What it becomes if the offered correction is taken.
    values
        Further values that the sentence names.
    """

    value: str = ""
    fix: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """One thing that is said about some rows of a chunk.

    Parameters
    ----------
    code
        Key of the sentence.
    severity
        How much it weighs.
    column
        The column under which a person answers.
    places
        The rows, by their place in the chunk.
    said
        What is said about the row at a place.
    keeps_row
        Whether the row can be taken without an answer, the cell left empty.
    """

    code: str
    severity: Severity
    column: str
    places: Places
    said: Callable[[int], Said] = lambda _: Said()
    keeps_row: bool = False


@dataclass(frozen=True)
class Judgement:
    """What becomes of the rows of a chunk.

    Parameters
    ----------
    weight
        For each row the weight of its worst finding, as in :data:`WEIGHT`.
    reason
        For each row the code of that finding, "" if there is none.
    problems
        The findings described, as far as they are.
    is_takeable
        Whether each row has nothing wrong, and nothing open without whose answer it is no row.
    """

    weight: npt.NDArray[np.int8]
    reason: npt.NDArray[np.object_]
    problems: tuple[Problem, ...]
    is_takeable: Mask


def judged(
    rows: Places,
    findings: Sequence[Finding],
    counts: Counter[str],
    *,
    most_described: int = MOST_DESCRIBED,
) -> Judgement:
    """Return what becomes of the rows of a chunk.

    Parameters
    ----------
    rows
        Number of each row.
    findings
        What is said about them.
    counts
        How often each code was found before; it is added to.
    most_described
        Problems of one code that are described; all are counted.
    """
    weight = np.zeros(len(rows), dtype="int8")
    reason = np.full(len(rows), "", dtype="object")
    is_takeable = np.ones(len(rows), dtype="bool")
    problems: list[Problem] = []
    for finding in findings:
        if not len(finding.places):
            continue
        heavier = finding.places[weight[finding.places] < WEIGHT[finding.severity]]
        weight[heavier] = WEIGHT[finding.severity]
        reason[heavier] = finding.code
        if WEIGHT[finding.severity] >= WEIGHT[Severity.DOUBTFUL] and not finding.keeps_row:
            is_takeable[finding.places] = False
        room = max(most_described - counts[finding.code], 0)
        problems += [_problem(finding, rows, int(place)) for place in finding.places[:room]]
        counts[finding.code] += len(finding.places)
    return Judgement(weight, reason, tuple(problems), is_takeable)


def finding(  # noqa: PLR0917 - one place each, as in the sentence
    code: str,
    severity: Severity,
    column: str,
    mask: Mask,
    texts: Callable[[int], str] | None = None,
    fix: str | None = None,
) -> Finding:
    """Return a finding about the rows of a mask that quotes their text."""
    quoted = texts or (lambda _: "")
    return Finding(
        code, severity, column, np.flatnonzero(mask), lambda place: Said(quoted(place), fix)
    )


def _problem(finding: Finding, rows: Places, place: int) -> Problem:
    said = finding.said(place)
    return Problem(
        finding.code, finding.severity, int(rows[place]), finding.column,
        said.value, said.values, said.fix,
    )  # fmt: skip
