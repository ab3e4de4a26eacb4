"""What a person says about a list of any kind, and what becomes of its rows.

What is said about rows is kept for every row and described for the first ones.

Here a list also loses the rows that are none: totals, remarks, blanks, the header again.
"""

import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import ClassVar, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from network_map.errors import Problem, QueryError, Severity
from network_map.i18n import LANGUAGES, problem_text, text
from network_map.listfiles.cells import Mask, Places, clean_column, clean_text, is_matching
from network_map.listfiles.grid import Chunk, ListFile, shown
from network_map.listfiles.headers import NUMBERED_AGAIN, ListHeaders
from network_map.terms import Origin

MOST_DESCRIBED = 1_000
"""Problems of one code that are described; all are counted, and every row keeps its reason."""
WEIGHT = {Severity.NOTE: 0, Severity.CORRECTED: 1, Severity.DOUBTFUL: 2, Severity.ERROR: 3}
_OPEN = frozenset({Severity.ERROR, Severity.DOUBTFUL})
_SHOWN = 20
_SHA_SHOWN = 8


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
_OPEN_ROWS = (Outcome.REFUSED.value, Outcome.DOUBTFUL.value)

Answers = Mapping[tuple[int | str, str], str]
"""What a person answered: the text to take for a column, by row number or by what stands there."""


@dataclass(frozen=True, kw_only=True)
class ListOptions:
    """What a person says about a list.

    Parameters
    ----------
    columns
        For a header as written the declared column, or None to leave it out.
    answers
        The text to take for a row's column.
    exclude_rows
        Rows to leave out.
    origin
        Origin of the rows that name none.
    source
        Source of the rows that name none; by default the file's name and the start of its
        SHA-256.
    sheet, header_row
        Where the list stands, if that is not found.
    """

    answers_by_text: ClassVar[bool] = False
    """Whether one answer may be meant for every row where a text stands."""
    columns: Mapping[str, str | None] = field(default_factory=dict)
    answers: Answers = field(default_factory=dict)
    exclude_rows: frozenset[int] = frozenset()
    origin: Origin = Origin.OFFICIAL
    source: str | None = None
    sheet: str | None = None
    header_row: int | None = None

    def source_of(self, file: ListFile) -> str:
        """Return the source of the rows of a file that name none."""
        return self.source or f"{file.file_name} ({file.file_sha256[:_SHA_SHOWN]})"

    def answers_about(self, row: int) -> dict[str, str]:
        """Return the answers about a row, by column."""
        return {column: value for (number, column), value in self.answers.items() if number == row}


Options = TypeVar("Options", bound=ListOptions)


def options_in_words(
    options: Options,
    known: Collection[str],
    *,
    columns: Iterable[str] = (),
    answers: Iterable[str] = (),
    exclude_rows: Iterable[int] = (),
    origin: str | None = None,
) -> Options:
    """Return options with what the words of a command line mean.

    Parameters
    ----------
    options
        What else is said about the list.
    known
        Columns that the list may have.
    columns
        ``header=column``; an empty column leaves the header out.
    answers
        ``row:column=value``; ``row=value`` answers about the place. Where answers may be about a
        text, that stands in the place of the row.
    origin
        ``official``, ``reported``, ``assumed`` or ``synthetic``; where nothing is said, a
        person's list is official.

    Raises
    ------
    QueryError
        If one of them cannot be understood.
    """
    by_text = options.answers_by_text
    if origin is not None and origin not in set(Origin):
        raise QueryError("origin_unreadable", value=origin, known="、".join(Origin))
    return replace(
        options,
        columns=dict(_column_choice(words, known) for words in columns),
        answers=dict(_answer(words, {*known, "place"}, by_text=by_text) for words in answers),
        exclude_rows=frozenset(exclude_rows),
        origin=Origin(origin or Origin.OFFICIAL),
    )


def pair(words: str, code: str) -> tuple[str, str]:
    """Return what stands left and right of the first equals sign.

    Raises
    ------
    QueryError
        With the given code, if there is none or nothing stands left of it.
    """
    left, sign, right = words.partition("=")
    if not sign or not left.strip():
        raise QueryError(code, value=words)
    return left.strip(), right.strip()


def _column_choice(words: str, known: Collection[str]) -> tuple[str, str | None]:
    """Return header and column of ``header=column``; a header may hold an equals sign."""
    header, sign, column = words.rpartition("=")
    if not sign or (column.strip() and column.strip() not in known):
        raise QueryError("column_choice_unreadable", value=words, columns="、".join(known))
    return header.strip(), column.strip() or None


def _answer(
    words: str, known: Collection[str], *, by_text: bool
) -> tuple[tuple[int | str, str], str]:
    left, value = pair(words, "answer_unreadable")
    what, sign, column = (part.strip() for part in left.replace("\uff1a", ":").rpartition(":"))
    if not sign or not (column or by_text):
        what, column = what or column, "place"
    is_row = what.isdecimal()
    if not (is_row or by_text) or (by_text and column not in known):
        raise QueryError("answer_unreadable", value=words)
    return (int(what) if is_row else what, column), value


@dataclass(frozen=True, eq=False, kw_only=True)
class ListPreview(ABC):
    """What would be taken of a list.

    Parameters
    ----------
    file
        Where and how the list was read; its rows are gone.
    columns
        What was made of its headers.
    rows
        One row for each row of the list: ``row`` (its number in the file), ``outcome`` and what
        the kind of list shows of it.
    problems
        What there is to say, the whole file first, then by row.
    """

    file: ListFile
    columns: ListHeaders
    rows: pd.DataFrame
    problems: tuple[Problem, ...]

    @property
    @abstractmethod
    def taken_count(self) -> int:
        """Number of rows that would be stored."""

    @property
    def file_name(self) -> str:
        """Name of the file."""
        return self.file.file_name

    @property
    def file_sha256(self) -> str:
        """Its SHA-256."""
        return self.file.file_sha256

    def with_outcome(self, outcome: Outcome) -> pd.DataFrame:
        """Return the rows of which this becomes."""
        return self.rows[self.rows["outcome"] == outcome.value].reset_index(drop=True)

    @property
    def accepted(self) -> pd.DataFrame:
        """The rows taken as they are."""
        return self.with_outcome(Outcome.ACCEPTED)

    @property
    def corrected(self) -> pd.DataFrame:
        """The rows taken in a corrected form, and those that another row stands for."""
        return self.with_outcome(Outcome.CORRECTED)

    @property
    def doubtful(self) -> pd.DataFrame:
        """The rows that need an answer."""
        return self.with_outcome(Outcome.DOUBTFUL)

    @property
    def refused(self) -> pd.DataFrame:
        """The rows that cannot be taken."""
        return self.with_outcome(Outcome.REFUSED)

    @property
    def excluded(self) -> pd.DataFrame:
        """The rows that a person left out."""
        return self.with_outcome(Outcome.EXCLUDED)

    @property
    def counts(self) -> dict[str, int]:
        """Number of rows by outcome."""
        found = self.rows["outcome"].value_counts()
        return {outcome.value: int(found.get(outcome.value, 0)) for outcome in Outcome}

    @property
    def open_problems(self) -> tuple[Problem, ...]:
        """The errors and unanswered questions, as far as they are described."""
        return tuple(problem for problem in self.problems if problem.severity in _OPEN)

    @property
    def open_count(self) -> int:
        """Number of errors and unanswered questions: while there are any, nothing is applied."""
        return len(self.open_problems)

    @property
    def file_problems(self) -> tuple[Problem, ...]:
        """The errors and questions about the whole file: no skipping of rows answers them."""
        return tuple(problem for problem in self.open_problems if problem.row is None)

    @property
    def open_rows(self) -> tuple[int, ...]:
        """Numbers of the rows that are refused or unanswered."""
        return self._numbers(_OPEN_ROWS)

    @property
    def unanswered_rows(self) -> tuple[int, ...]:
        """Numbers of the rows with an open question that are taken without an answer."""
        return ()

    @property
    def left_out_rows(self) -> tuple[int, ...]:
        """Numbers of the rows that are refused, unanswered or excluded and not taken."""
        taken = set(self.unanswered_rows)
        found = self._numbers((*_OPEN_ROWS, Outcome.EXCLUDED.value))
        return tuple(row for row in found if row not in taken)

    @property
    def has_capped_problems(self) -> bool:
        """Whether some problem occurs more often than it is described."""
        return False

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong or open, so that the list may be applied as it is."""
        return not self.open_count

    def state(self, *, confirm: bool, skip_rows: bool) -> str:
        """Return ``applied`` if the list may be applied now, else what stands in the way.

        That is ``blocked`` (errors or open questions), ``nothing`` (no row left) or ``waiting``
        (for the confirmation).
        """
        if self.file_problems or (self.open_count and not skip_rows):
            return "blocked"
        if not self.taken_count:
            return "nothing"
        return "applied" if confirm else "waiting"

    def row_values(
        self, cells: Mapping[str, object], problems: Sequence[Problem]
    ) -> dict[str, object]:
        """Return a row of ``rows`` with what is said about it as plain values."""
        return {**cells, "problems": [problem_values(problem) for problem in problems]}

    def _numbers(self, outcomes: Sequence[str]) -> tuple[int, ...]:
        rows = self.rows.loc[self.rows["outcome"].isin(outcomes), "row"]
        return tuple(np.asarray(rows.to_numpy(), dtype="int64").tolist())


def in_row_order(*problems: Problem) -> tuple[Problem, ...]:
    """Return problems as a person reads them: the whole file first, then by row."""
    return tuple(sorted(problems, key=lambda problem: problem.row or 0))


def is_open(problems: Iterable[Problem]) -> bool:
    """Return whether one of the problems is an error or a question."""
    return any(problem.severity in _OPEN for problem in problems)


def outcome_words(language: str) -> dict[str, str]:
    """Return the word for each outcome of a row."""
    return {outcome.value: text(f"import.outcome.{outcome.value}", language) for outcome in Outcome}


def file_values(preview: ListPreview) -> dict[str, object]:
    """Return what is known of the file."""
    file, columns = preview.file, preview.columns
    return {
        "name": file.file_name,
        "sha256": file.file_sha256,
        "sheet": file.sheet_name,
        "encoding": file.encoding,
        "header_row": file.header_row,
        "columns": [
            {"header": m.header, "column": m.column, "confidence": m.confidence.value}
            for m in columns.matches
            if m.column is not None
        ],
        "dropped_columns": list(columns.dropped),
        "ignored_columns": list(columns.ignored),
    }


def problem_values(problem: Problem) -> dict[str, object]:
    """Return a problem with its sentence in both languages."""
    found = problem.values.get("adcodes")  # noqa: PD011 - no frame
    return {
        "row": problem.row,
        "code": problem.code,
        "severity": problem.severity.value,
        "column": problem.column,
        "value": problem.value,
        "fix": problem.fix,
        "adcodes": list(found) if isinstance(found, tuple) else [],  # what a question offers
        **{language: problem_text(problem, language) for language in LANGUAGES},
    }


def left_out_text(rows: Sequence[int], language: str) -> str:
    """Return the sentence that names the rows left out, the first of them."""
    shown = "、".join(str(row) for row in rows[:_SHOWN])
    more = "…" if len(rows) > _SHOWN else ""
    return text("import.result.left_out", language, rows=shown + more)


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
    """Return what becomes of the rows of a chunk; ``counts`` is added to."""
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


_SPACES = r"[\s\x{3000}\x{a0}]*"
_TOTAL_WORD = rf"(合|总|小|共|累|汇){_SPACES}(计|总)(数|额|金额)?|总数"
_TOTAL = (
    rf"(?i)^{_SPACES}[(（【\[]?(本页|累|总|全部)?{_SPACES}({_TOTAL_WORD})[)）】\]]?"
    rf"{_SPACES}([:：(（].*|[0-9,.]+.*)?$|^{_SPACES}((sub|grand )?totals?|sum):?{_SPACES}$"
)
_BEGINS_WITH_TOTAL = (
    rf"(?i)^{_SPACES}[(（【\[]?(本页|累|总|全部)?{_SPACES}({_TOTAL_WORD})"
    rf"|^{_SPACES}((sub|grand )?total|sum)"
)
_COUNTED = re.compile(r"(合计|总计|共计)\W*[\d〇零一二两三四五六七八九十百千]+\D*")
_REMARK = (
    rf"(?i)^{_SPACES}[*※]?(注{_SPACES}[:：1-9]|备注{_SPACES}[:：]|说明{_SPACES}[:：]|附注|填表|制表"
    rf"|审核{_SPACES}[人:：]|填报|联系|数据来源|资料来源|来源{_SPACES}[:：]|单位负责人|日期{_SPACES}[:：]"
    rf"|[(（]?(以上|表中)?(金额|货币)?单位{_SPACES}(均|都)?[为是]?[:：]?{_SPACES}[(（]?(人民币)?[(（]?([亿万千]元|元[)）]?{_SPACES}$)"
    rf"|notes?{_SPACES}:|source{_SPACES}:)"
)
_NUMBERED = re.compile(r"[1-9][.、,,]\D.{10,}")
"""A sentence below a list, no name."""
_FIRST_CELLS = 4
_REMARK_CELLS = 5


def sifted(
    chunk: Chunk, headers: Sequence[str], counts: Counter[str]
) -> tuple[Chunk, tuple[Problem, ...]]:
    """Return the rows of the list, and a note for each other row; ``counts`` is added to."""
    if not len(chunk):
        return chunk, ()
    joined = pc.binary_join_element_wise(*chunk.columns, "")
    has_text = is_matching(joined, r"[^\s\x{3000}\x{a0}\x{feff}\x{200b}]")
    masks = {
        "total_left_out": has_text & _are_totals(chunk, joined),
        "remark_left_out": has_text & _are_remarks(chunk, joined, has_text),
        "header_repeated_left_out": has_text & _is_header(chunk, headers),
    }
    notes: list[Problem] = []
    keep = has_text
    for code, mask in masks.items():
        hit = mask & keep
        room = max(MOST_DESCRIBED - counts[code], 0)
        notes += [
            Problem(code, Severity.NOTE, int(chunk.rows[place]), value=shown(_row(chunk, place)))
            for place in np.flatnonzero(hit)[:room]
        ]
        if hit.any():
            counts[code] += int(hit.sum())
        keep &= ~mask
    return (chunk if keep.all() else chunk.only(keep)), tuple(notes)


def _row(chunk: Chunk, place: int) -> list[str]:
    return [column[int(place)].as_py() for column in chunk.columns]


def _are_totals(chunk: Chunk, joined: pa.Array) -> Mask:
    """Return which rows have 合计 among their first cells, as a cell of its own."""
    found = np.zeros(len(chunk), dtype="bool")
    for column in chunk.columns[:_FIRST_CELLS]:
        found |= is_matching(column, _TOTAL)
    for place in np.flatnonzero(is_matching(joined, _BEGINS_WITH_TOTAL) & ~found):
        cells = pa.array(_filled(chunk, int(place))[:1])
        found[place] = is_matching(cells, _TOTAL).any() or _COUNTED.fullmatch(cells[0].as_py())
    return found


def _are_remarks(chunk: Chunk, joined: pa.Array, has_text: Mask) -> Mask:
    """Return which rows begin with 注:, 说明:, 填表人 … or, at the end, are numbered sentences."""
    found = is_matching(joined, _REMARK)
    for remark in np.flatnonzero(found):
        found[remark] = len(_filled(chunk, int(remark))) <= _REMARK_CELLS
    if len(chunk.columns) > 1:
        for place in reversed(range(len(chunk))):
            cells = _filled(chunk, place) if has_text[place] and not found[place] else []
            if cells and not (len(cells) == 1 and _NUMBERED.fullmatch(cells[0])):
                break
            found[place] |= bool(cells)
    return found


def _filled(chunk: Chunk, place: int) -> list[str]:
    return [text for cell in _row(chunk, place) if (text := clean_text(cell))]


def _is_header(chunk: Chunk, headers: Sequence[str]) -> Mask:
    """Return which rows say the header again."""
    same = np.ones(len(chunk), dtype="bool")
    named = [(place, header) for place, header in enumerate(headers) if header]
    for place, header in named:
        if not same.any():
            break
        clean = clean_column(chunk.columns[place])
        written = NUMBERED_AGAIN.sub("", header)
        same &= np.asarray(pc.equal(clean, written).to_numpy(zero_copy_only=False), dtype="bool")
    return same & bool(named)
