"""Any list a person has, as cells of text: the header row found, and what is no row left out.

Rows of a file that are no contracts: blanks, totals, remarks, headers said again.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from network_map.errors import FileFormatError, Problem, Severity
from network_map.listfiles.cells import (
    Mask,
    bare_text,
    clean_column,
    clean_text,
    is_matching,
    plain_text,
)
from network_map.listfiles.grid import DEFAULT_LIMITS, Chunk, Grid, Limits, check_extent, shown
from network_map.listfiles.headers import Synonyms, header_score
from network_map.listfiles.preview import MOST_DESCRIBED
from network_map.listfiles.text_files import read_text
from network_map.listfiles.workbooks import is_workbook, read_workbook

_HEADER_WITHIN = 40
_LEAST_SCORE = 0.9
_PAIR_MUST_GAIN = 0.7
_TOTAL_WORDS = {"合计", "总计", "小计", "共计", "总数", "累计", "total", "subtotal", "sum"}
_REMARK_WORDS = (
    "注:", "注1", "备注:", "说明:", "附注", "填表", "制表", "审核", "填报", "联系人", "联系电话",
    "数据来源", "资料来源", "来源:", "单位负责人", "日期:", "note:", "notes:", "source:",
)  # fmt: skip
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a list.

    Parameters
    ----------
    row
        Its number as a person sees it.
    cells
        Its texts by column of the list; an empty cell is "".
    answered
        The columns whose text a person gave.
    filled
        The columns whose text was taken from a row above.
    """

    row: int
    cells: Mapping[str, str]
    answered: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def with_cell(self, column: str, value: str, *, is_filled: bool = False) -> "Record":
        """Return the record with another text in a column."""
        filled = self.filled | {column} if is_filled else self.filled
        return replace(self, cells={**self.cells, column: value}, filled=filled)


@dataclass(frozen=True)
class RawTable:
    """The rows of a list as text, before their meaning is known.

    Parameters
    ----------
    frame
        One text column for each header, named by its position (0, 1, …); empty cells are "".
    headers
        The headers as written.
    row_numbers
        Number of each row as a person sees it in the file.
    header_row
        Number of the header row (the lower one of two), 0 if the file has none.
    titles
        What stands above the header.
    grid
        Where the cells come from: sheet name, encoding, delimiter.
    file_name, file_sha256, other_sheets
        The file; the names of its sheets that were not read.
    notes
        What was left out or filled in.
    """

    frame: pd.DataFrame
    headers: tuple[str, ...]
    row_numbers: tuple[int, ...]
    header_row: int
    titles: tuple[str, ...]
    grid: Grid
    file_name: str
    file_sha256: str
    other_sheets: tuple[str, ...] = ()
    notes: tuple[Problem, ...] = ()

    @property
    def sheet_name(self) -> str | None:
        """Name of the sheet, or None for a text file."""
        return self.grid.sheet_name

    @property
    def encoding(self) -> str | None:
        """Encoding of a text file."""
        return self.grid.encoding

    @property
    def delimiter(self) -> str | None:
        """Delimiter of a text file."""
        return self.grid.delimiter


@dataclass(frozen=True, slots=True)
class _Header:
    """Where a header stands: the place of its last row, its cells, how good it is."""

    place: int
    cells: tuple[str, ...]
    score: float
    row_count: int = 1


def read_raw_table(
    content: bytes,
    file_name: str,
    synonyms: Synonyms,
    *,
    sheet: str | None = None,
    header_row: int | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> RawTable:
    """Return the list in a CSV, TSV or spreadsheet file.

    Parameters
    ----------
    content
        The file.
    file_name
        Its name, for messages; what the file is, is told from its content.
    synonyms
        Wordings of the headers that may occur.
    sheet
        Name of the sheet to read; by default the one whose header matches best.
    header_row
        Number of the header row as a person sees it; by default found. 0 says there is none.
    limits
        What the file may ask of the machine.

    Returns
    -------
    RawTable
        Merged title rows above the header, blank rows, totals and remarks below the list are
        left out, with a note each; cells merged over several rows are filled.

    Raises
    ------
    FileFormatError
        If the file cannot be read, has no header that is understood, or no row.
    """
    grids = _grids(content, file_name, synonyms, limits)
    grid, header, others = _chosen(grids, synonyms, sheet, header_row)
    table = _below_header(grid, header, file_name, hashlib.sha256(content).hexdigest())
    note = _sheet_note(grid, others)
    return replace(table, other_sheets=others, notes=(*note, *table.notes))


def _grids(content: bytes, file_name: str, synonyms: Synonyms, limits: Limits) -> tuple[Grid, ...]:
    if len(content) > limits.max_bytes:
        raise FileFormatError(
            "file_too_big",
            found_mb=f"{len(content) / 1e6:,.1f}",
            limit_mb=f"{limits.max_bytes / 1e6:,.0f}",
        )
    if not content.strip():
        raise FileFormatError("file_empty", file_name=file_name)
    if is_workbook(content):
        grids = read_workbook(content, limits=limits)
    else:
        grids = (read_text(content, score=lambda row: header_score(row, synonyms), limits=limits),)
    if not any(any(plain_text(cell) for cell in row) for grid in grids for row in grid.rows):
        raise FileFormatError("file_empty", file_name=file_name)
    for grid in grids:
        check_extent(grid, limits)
    return grids


def _chosen(
    grids: Sequence[Grid], synonyms: Synonyms, sheet: str | None, header_row: int | None
) -> tuple[Grid, _Header, tuple[str, ...]]:
    """Return the sheet to read, its header, and the names of the other sheets."""
    names = [grid.sheet_name or "" for grid in grids]
    if sheet is not None:
        grids = [grid for grid in grids if grid.sheet_name == sheet]
        if not grids:
            raise FileFormatError("file_sheet_unknown", sheet=sheet, sheets="、".join(names))
    found = [(grid, _header(grid, synonyms, header_row)) for grid in grids]
    grid, header = max(found, key=lambda pair: pair[1].score)
    if header_row is None and header.score < _LEAST_SCORE:
        raise FileFormatError("file_no_header", found=_first_cells(grid))
    others = tuple(name for name in names if name and name != grid.sheet_name)
    return grid, header, others


def _header(grid: Grid, synonyms: Synonyms, header_row: int | None) -> _Header:
    if header_row == 0:
        return _Header(-1, tuple("" for _ in range(grid.width)), 0.0, 0)
    if header_row is not None:
        place = header_row - grid.first_row
        if not 0 <= place < len(grid.rows):
            raise FileFormatError("file_no_such_row", row=header_row, rows=len(grid.rows))
        return _Header(place, grid.rows[place], header_score(grid.rows[place], synonyms))
    return _best_header(grid.rows[:_HEADER_WITHIN], synonyms)


def _best_header(rows: Sequence[Sequence[str]], synonyms: Synonyms) -> _Header:
    """Return the row, or the two rows one below the other, that match most headers."""
    singles = [
        _Header(place, tuple(row), header_score(row, synonyms)) for place, row in enumerate(rows)
    ]
    best = max(singles, key=lambda header: header.score, default=_Header(-1, (), 0.0))
    for upper, lower in pairwise(singles):
        if upper.score == 0 or lower.score == 0:
            continue
        cells = tuple(
            low if plain_text(low) else up for up, low in _side_by_side(upper.cells, lower.cells)
        )
        pair = _Header(lower.place, cells, header_score(cells, synonyms), row_count=2)
        if pair.score >= max(best.score, upper.score, lower.score) + _PAIR_MUST_GAIN:
            best = pair
    return best


def _side_by_side(upper: Sequence[str], lower: Sequence[str]) -> list[tuple[str, str]]:
    width = max(len(upper), len(lower))
    return list(zip(_padded(upper, width), _padded(lower, width), strict=True))


def _padded(row: Sequence[str], width: int) -> tuple[str, ...]:
    return (*row, *("" for _ in range(width - len(row))))


def _below_header(grid: Grid, header: _Header, file_name: str, sha256: str) -> RawTable:
    width = max(grid.width, len(header.cells))
    rows, fills = _filled(grid, header.place + 1, width)
    kept, notes = _sifted(rows, header.cells, grid.first_row + header.place + 1)
    if not kept:
        raise FileFormatError(
            "file_only_header", row=grid.first_row + header.place, found=_shown(header.cells)
        )
    frame = pd.DataFrame([row for _, row in kept], columns=range(width), dtype="str")
    return RawTable(
        frame=frame,
        headers=tuple(clean_text(cell) for cell in _padded(header.cells, width)),
        row_numbers=tuple(number for number, _ in kept),
        header_row=max(grid.first_row + header.place, 0) if header.row_count else 0,
        titles=_titles(grid.rows[: max(header.place - header.row_count + 1, 0)]),
        grid=grid,
        file_name=file_name,
        file_sha256=sha256,
        notes=(*fills, *notes),
    )


def _filled(
    grid: Grid, start: int, width: int
) -> tuple[list[tuple[str, ...]], tuple[Problem, ...]]:
    """Return the rows from ``start`` with cells merged over several rows filled, and a note."""
    rows = [[clean_text(cell) for cell in _padded(row, width)] for row in grid.rows[start:]]
    filled = 0
    for top, left, bottom, right in grid.merged:
        if top < start or bottom == top or bottom >= start + len(rows) or right >= width:
            continue
        value = rows[top - start][left]
        for place in range(top - start + 1, bottom - start + 1):
            if value and not rows[place][left]:
                rows[place][left] = value
                filled += 1
    note = Problem("merged_cells_filled", Severity.NOTE, values={"count": filled})
    return [tuple(row) for row in rows], (note,) if filled else ()


def _sifted(
    rows: Sequence[tuple[str, ...]], header: Sequence[str], first_number: int
) -> tuple[list[tuple[int, tuple[str, ...]]], tuple[Problem, ...]]:
    """Return the rows that are rows of the list, numbered, and a note for each other one."""
    kept: list[tuple[int, tuple[str, ...]]] = []
    notes: list[Problem] = []
    header_cells = [plain_text(cell) for cell in header]
    end = len(rows) - _remark_rows(rows)
    for place, row in enumerate(rows):
        number = first_number + place
        cells = [plain_text(cell) for cell in row]
        if not any(cells):
            continue
        if place >= end:
            notes.append(_left_out("remark_left_out", number, row))
        elif _is_total(row):
            notes.append(_left_out("total_left_out", number, row))
        elif any(header_cells) and cells[: len(header_cells)] == header_cells:
            notes.append(_left_out("header_repeated_left_out", number, row))
        else:
            kept.append((number, row))
    return kept, tuple(notes)


def _remark_rows(rows: Sequence[Sequence[str]]) -> int:
    """Return how many rows at the end are remarks: from the first 注/说明/填表人 … on, or blank."""
    start = len(rows)
    for place in range(len(rows) - 1, -1, -1):
        filled = [plain_text(cell) for cell in rows[place] if plain_text(cell)]
        if filled and not _is_remark(filled):
            break
        if filled:
            start = place
    return len(rows) - start


def _is_remark(filled: Sequence[str]) -> bool:
    first = filled[0]
    if first.startswith(tuple(plain_text(word) for word in _REMARK_WORDS)) or first == "注":
        return True
    numbered = first[:2] in {f"{n}{mark}" for n in range(1, 10) for mark in ".、,"}
    return numbered and len(filled) == 1 and len(first) > 12  # noqa: PLR2004 - a sentence, no name


def _is_total(row: Sequence[str]) -> bool:
    filled = [bare_text(cell) for cell in row if bare_text(cell)]
    return any(
        cell in _TOTAL_WORDS or cell.removesuffix("数") in _TOTAL_WORDS for cell in filled[:3]
    ) or (bool(filled) and filled[0][:2] in {"合计", "总计", "共计"})


def _titles(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    return tuple(
        text for row in rows for text in dict.fromkeys(clean_text(cell) for cell in row) if text
    )


def _left_out(code: str, number: int, row: Sequence[str]) -> Problem:
    return Problem(code, Severity.NOTE, row=number, value=_shown(row))


def _shown(cells: Sequence[str]) -> str:
    """Return the filled cells of a row in one line, cut to what a sentence can hold."""
    text = " ".join(clean_text(cell) for cell in cells if clean_text(cell))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _first_cells(grid: Grid) -> str:
    return next((_shown(row) for row in grid.rows if _shown(row)), "")


def _sheet_note(grid: Grid, others: Sequence[str]) -> tuple[Problem, ...]:
    if not others:
        return ()
    values = {"sheet": grid.sheet_name, "others": "、".join(others)}
    return (Problem("sheet_chosen", Severity.NOTE, values=values),)


_SPACES = r"[\s\x{3000}\x{a0}]*"
_TOTAL = (
    rf"(?i)^{_SPACES}(本页|累|总|全部)?{_SPACES}(合|总|小|共|累|汇){_SPACES}(计|总)(数|额|金额)?"
    rf"{_SPACES}([:：(（].*|[0-9,.]+.*)?$|^{_SPACES}(sub|grand )?totals?:?{_SPACES}$"
)
_REMARK = (
    rf"(?i)^{_SPACES}[*※]?(注{_SPACES}[:：1-9]|备注{_SPACES}[:：]|说明{_SPACES}[:：]|附注|填表|制表"
    rf"|审核{_SPACES}[人:：]|填报|联系|数据来源|资料来源|来源{_SPACES}[:：]|单位负责人|日期{_SPACES}[:：]"
    rf"|notes?{_SPACES}:|source{_SPACES}:)"
)
_FIRST_CELLS = 4
_REMARK_CELLS = 3


def sifted(
    chunk: Chunk, headers: Sequence[str], counts: Counter[str]
) -> tuple[Chunk, tuple[Problem, ...]]:
    """Return the rows of a chunk that are rows of the list, and a note for each other one.

    Parameters
    ----------
    chunk
        The rows as they stand.
    headers
        The headers as written.
    counts
        How often each code was found before; it is added to.
    """
    if not len(chunk):
        return chunk, ()
    joined = pc.binary_join_element_wise(*chunk.columns, "")
    has_text = is_matching(joined, r"[^\s\x{3000}\x{a0}\x{feff}\x{200b}]")
    masks = {
        "total_left_out": has_text & _are_totals(chunk),
        "remark_left_out": has_text & _are_remarks(chunk, joined),
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


def _are_totals(chunk: Chunk) -> Mask:
    """Return which rows have 合计 among their first cells, as a cell of its own."""
    found = np.zeros(len(chunk), dtype="bool")
    for column in chunk.columns[:_FIRST_CELLS]:
        found |= is_matching(column, _TOTAL)
    return found


def _are_remarks(chunk: Chunk, joined: pa.Array) -> Mask:
    """Return which rows begin with 注:, 说明:, 填表人 … and have little else."""
    found = is_matching(joined, _REMARK)
    for place in np.flatnonzero(found):
        filled = [cell for cell in _row(chunk, int(place)) if clean_text(cell)]
        found[place] = len(filled) <= _REMARK_CELLS
    return found


def _is_header(chunk: Chunk, headers: Sequence[str]) -> Mask:
    """Return which rows say the header again."""
    same = np.ones(len(chunk), dtype="bool")
    named = [(place, header) for place, header in enumerate(headers) if header]
    for place, header in named:
        if not same.any():
            break
        clean = clean_column(chunk.columns[place])
        same &= np.asarray(pc.equal(clean, header).to_numpy(zero_copy_only=False), dtype="bool")
    return same & bool(named)
