"""A list as it stands in a file: its header found, its rows in chunks of text columns."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, zip_longest

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from network_map.errors import FileFormatError, Problem
from network_map.listfiles.cells import Mask, Places, clean_text, number, plain_text
from network_map.listfiles.headers import figure_headers


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may ask of the machine.

    Parameters
    ----------
    max_bytes
        Size of the file.
    max_rows, max_columns
        Extent of the used cells of one sheet.
    max_cell_length
        Characters of one cell.
    max_unpacked_bytes
        Size of a spreadsheet's parts together after unpacking.
    seconds
        Time that reading a spreadsheet may take.
    memory_bytes
        Memory that reading a spreadsheet may take.
    """

    max_bytes: int = 20_000_000
    max_rows: int = 50_000
    max_columns: int = 512
    max_cell_length: int = 10_000
    max_unpacked_bytes: int = 200_000_000
    seconds: float = 60.0
    memory_bytes: int = 2_000_000_000


DEFAULT_LIMITS = Limits()

HEADER_WITHIN = 40
CHUNK_ROWS = 50_000
_PAIR_MUST_GAIN = 0.7
_SHOWN = 40
_LOOKED_AT = 20
"""Rows below a header that tell whether it is one."""
_MOST_LIKE_DATA = 2

TEXT_LIMITS = Limits(max_bytes=1_000_000_000, max_rows=2_000_000, max_columns=512)
"""For delimited text, which is read in chunks."""
WHOLE_TEXT_BYTES = 100_000_000
"""Text in UTF-16 or UTF-32 is read as a whole: no more of it than this."""
UPLOAD_BYTES = 200_000_000
"""What may be held in memory as a whole: an upload, or a spreadsheet."""
BOOK_LIMITS = Limits(
    max_bytes=UPLOAD_BYTES,
    max_rows=500_000,
    max_columns=512,
    max_unpacked_bytes=1_500_000_000,
    seconds=300.0,
    memory_bytes=4_000_000_000,
)
"""For spreadsheets and Parquet files, which are read in a process of their own."""


@dataclass(frozen=True)
class HeaderRules:
    """How the header of one kind of list is known.

    Parameters
    ----------
    score
        How much a row of cells looks like the header; 0 for a row of data.
    under_group
        A header with what the group header over it adds.
    has_unit
        Whether a header names the unit of its column.
    least_score
        What the header scores at least.
    missing
        Code of the refusal of a file without header.
    """

    score: Callable[[Sequence[str]], float]
    under_group: Callable[[str, str], str] = lambda _, header: header
    has_unit: Callable[[str], bool] = lambda _: False
    least_score: float = 0.9
    missing: str = "file_no_header"


Merge = tuple[int, int, int]
"""First row, last row and column of merged cells, rows as a person counts them."""


@dataclass(frozen=True)
class Chunk:
    """Some rows of a list as text.

    Parameters
    ----------
    rows
        Number of each row as a person sees it in the file.
    columns
        One array of text for each column of the file.
    is_too_wide
        Which rows have more cells than the header.
    """

    rows: Places
    columns: tuple[pa.Array, ...]
    is_too_wide: Mask

    def __len__(self) -> int:
        return len(self.rows)

    def only(self, mask: Mask) -> "Chunk":
        """Return the chunk with the rows of a mask."""
        keep = pa.array(mask)
        columns = tuple(column.filter(keep) for column in self.columns)
        return Chunk(self.rows[mask], columns, self.is_too_wide[mask])


@dataclass(frozen=True)
class ListFile:
    """A list whose header is found.

    Parameters
    ----------
    headers
        The headers as written.
    header_row
        Number of the header row (the lower one of two).
    titles
        What stands above the header.
    total_rows
        About how many rows follow, for the progress.
    chunks
        Yields the rows below the header, given the columns whose merged cells are not to be
        filled; may be called once.
    file_name, file_sha256
        The file.
    sheet_name, other_sheets, encoding, delimiter
        Where and how it was read.
    merged
        First row, last row and column (from 0) of the cells merged over several rows.
    is_1904
        Whether its days are counted from 1904.
    scaled
        First row of each column whose number format shows numbers smaller than they are.
    units
        First row of each column and unit that its number format writes beside the numbers.
    notes
        What is worth saying about the file.
    """

    headers: tuple[str, ...]
    header_row: int
    titles: tuple[str, ...]
    total_rows: int
    chunks: Callable[[Collection[int]], Iterator[Chunk]]
    file_name: str = ""
    file_sha256: str = ""
    sheet_name: str | None = None
    other_sheets: tuple[str, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    merged: tuple[Merge, ...] = ()
    is_1904: bool = False
    scaled: Mapping[int, int] = field(default_factory=dict)
    units: Mapping[tuple[int, str], int] = field(default_factory=dict)
    notes: tuple[Problem, ...] = ()

    def without_rows(self) -> "ListFile":
        """Return what is known of the file, which need not be held any longer."""
        return replace(self, chunks=lambda _: iter(()), notes=())


@dataclass(frozen=True)
class FoundHeader:
    """Where a header stands among the first rows of a file.

    Parameters
    ----------
    place
        Index of its last row.
    cells
        Its cells, two rows put into one where there are two.
    score
        How good it is.
    row_count
        1 or 2.
    """

    place: int
    cells: tuple[str, ...]
    score: float
    row_count: int = 1


def found_header(
    rows: Sequence[Sequence[str]], rules: HeaderRules, header_row: int | None
) -> FoundHeader:
    """Return the header among the first rows of a file.

    Parameters
    ----------
    rows
        The rows, the first one being row 1 of the file.
    rules
        How its header is known.
    header_row
        Number of the header row where a person gave it; 0 says there is none.

    Raises
    ------
    FileFormatError
        If there is no row of that number.
    """
    if header_row == 0:
        width = max((len(row) for row in rows), default=0)
        return FoundHeader(-1, ("",) * width, rules.least_score, 0)
    if header_row is not None:
        if not 1 <= header_row <= len(rows):
            raise FileFormatError("file_no_such_row", row=header_row, rows=len(rows))
        cells = tuple(rows[header_row - 1])
        return FoundHeader(header_row - 1, cells, rules.least_score)
    singles = [
        FoundHeader(place, tuple(row), rules.score(row))
        for place, row in enumerate(rows[:HEADER_WITHIN])
    ]
    best = max(singles, key=lambda header: header.score, default=_NO_HEADER)
    if best.score > 0 and _is_data(best, rows, rules):
        return _NO_HEADER
    for upper, lower in pairwise(singles):
        if upper.score > 0 or lower.score > 0:
            pair = _pair(upper, lower, rules)
            if pair.score >= max(best.score, upper.score, lower.score) + _PAIR_MUST_GAIN:
                best = pair
    return best


_NO_HEADER = FoundHeader(-1, (), 0.0)


def _is_data(header: FoundHeader, rows: Sequence[Sequence[str]], rules: HeaderRules) -> bool:
    """Return whether what speaks for a header stands in the rows below it as well.

    A list without header may begin with 镇雄县,示范县: the kind looks like a header, but the next
    row has it too. The header said again is no row of data, and one that is known by more cells
    than data can be taken for is one, whatever its second row repeats.
    """
    named = [n for n, cell in enumerate(header.cells) if plain_text(cell) and rules.score([cell])]
    cells = [clean_text(cell) for cell in header.cells]
    below = [[clean_text(cell) for cell in row] for row in rows[header.place + 1 :][:_LOOKED_AT]]
    others = [row for row in below if any(row) and row != cells]
    if not others or not 0 < len(named) <= _MOST_LIKE_DATA:
        return False
    again = [{n for n in named if n < len(row) and row[n] == cells[n]} for row in others]
    return 2 * len(again[0]) >= len(named) or set().union(*again) == set(named)


def check_header(header: FoundHeader, rows: Sequence[Sequence[str]], rules: HeaderRules) -> None:
    """Refuse a file without any header of such a list; a table of figures is called by its name.

    Raises
    ------
    FileFormatError
        If too few headers are known.
    """
    if header.score < rules.least_score:
        for names, cells in pairwise(rows[:HEADER_WITHIN]):
            figures = _figures(names, cells)
            if figures:
                raise FileFormatError("list_is_summary", columns="、".join(figures))
        first = next((shown(row) for row in rows if shown(row)), "")
        raise FileFormatError(rules.missing, found=first)


_AMOUNT = re.compile(r"\((百万|[千万亿])?元\)$")


def _figures(names: Sequence[str], cells: Sequence[str]) -> tuple[str, ...]:
    """Return the headers of figures of a summary: at least half of all, with numbers below them.

    Beside a number of entries, 成交额(万元) is one too.
    """
    filled = [name for name in names if plain_text(name)]
    figures = figure_headers(filled)
    if figures:
        figures = tuple(n for n in filled if n in figures or _AMOUNT.search(plain_text(n)))
    below = [
        cell
        for name, cell in zip(names, cells, strict=False)
        if name in figures and clean_text(cell)
    ]
    is_summary = (
        len(filled) > len(figures) and 2 * len(figures) >= len(filled) - 1
        and bool(below) and all(number(cell) is not None for cell in below)
    )  # fmt: skip
    return tuple(clean_text(name) for name in figures) if is_summary else ()


def titles_above(rows: Sequence[Sequence[str]], header: FoundHeader) -> tuple[str, ...]:
    """Return the texts above the header, merged ones once."""
    above = rows[: max(header.place - header.row_count + 1, 0)]
    return tuple(
        text for row in above for text in dict.fromkeys(clean_text(cell) for cell in row) if text
    )


def shown(cells: Sequence[str]) -> str:
    """Return the filled cells of a row in one line, cut to what a sentence can hold."""
    text = " ".join(clean_text(cell[: _SHOWN * 2]) for cell in cells if clean_text(cell))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def chunk_of(rows: Sequence[Sequence[str]], numbers: Sequence[int], width: int) -> Chunk:
    """Return rows of any length as a chunk; short ones are filled up."""
    wide = [any(cell.strip() for cell in row[width:]) for row in rows]
    filled = [(*row[:width], *[""] * (width - len(row))) for row in rows]
    columns = zip(*filled, strict=True) if filled else [()] * width
    return Chunk(
        np.array(numbers, dtype="int64"),
        tuple(pa.array(list(column), type=pa.string()) for column in columns),
        np.array(wide, dtype="bool"),
    )


def _pair(upper: FoundHeader, lower: FoundHeader, rules: HeaderRules) -> FoundHeader:
    """Return two rows as one header: the lower cell, or the upper one where that is empty.

    An upper cell with others below it, up to the next one, stands over all of these.
    """
    cells, group = [], ""
    for up, low in zip_longest(upper.cells, lower.cells, fillvalue=""):
        group = up if plain_text(up) or not plain_text(low) else group
        cells.append(rules.under_group(group, low) if plain_text(low) and group else low or up)
    score = rules.score(cells)
    if sum(map(rules.has_unit, cells)) > sum(map(rules.has_unit, lower.cells)):
        score = max(score, lower.score + _PAIR_MUST_GAIN)
    return FoundHeader(lower.place, tuple(cells), score, 2)


def check_cells(chunk: Chunk, limits: Limits) -> None:
    """Refuse a chunk with an endless cell.

    Raises
    ------
    FileFormatError
        Naming the row.
    """
    for column in chunk.columns:
        if (pc.max(pc.binary_length(column)).as_py() or 0) <= limits.max_cell_length:
            continue
        lengths = pc.utf8_length(column).to_numpy(zero_copy_only=False)
        if (lengths > limits.max_cell_length).any():
            row = int(chunk.rows[int(np.argmax(lengths > limits.max_cell_length))])
            raise FileFormatError("file_cell_too_long", row=row, limit=limits.max_cell_length)
