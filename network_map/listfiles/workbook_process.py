"""Reads a spreadsheet or Parquet file from standard input and writes its cells.

A program of its own, started by :mod:`network_map.listfiles.workbooks` in a process with limits:
a damaged .xls can make the reading library ask for hundreds of gigabytes and abort the process,
and the application must outlive that. What passes, in order:

* in: the length of the file in a line of its own, then the file;
* out: one line of JSON, for each sheet its name, extent, first rows, merged cells, hidden rows;
* in: one line, the number of the sheet to read, its first row of data (both from 0), and the
  columns whose merged cells are not repeated;
* out: the rows from there, as one line of JSON where they are few, as an Arrow stream otherwise.
"""

import datetime as dt
import importlib
import io
import json
import sys
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, Protocol

import python_calamine

from network_map.listfiles.sheet_parts import SheetParts
from network_map.listfiles.workbook_parts import DAMAGED, BookParts, look_through

if TYPE_CHECKING:  # Arrow takes longer to load than a short list to read
    import pyarrow as pa

FORMULA_MARK = "\ufdd0"
"""Stands before the saved text of a cell that is a formula: no character that a text may hold."""
PARQUET_MAGIC = b"PAR1"
FEW_CELLS = 100_000
"""So many cells are written as JSON."""
MAX_WHOLE = 1e15
MAX_EXACT = 2.0**53
"""From here on a float is no exact whole number."""
BATCH_ROWS = 50_000
MOST_MERGES = 10_000
MOST_HIDDEN = 1_000

Rows = Iterator[list[object]]


def _is_in_full(value: float) -> bool:
    """Return whether a number of sixteen digits has all of them: a spreadsheet leaves a zero."""
    return abs(value) < MAX_EXACT and value % 10 != 0


def cell_text(value: object) -> str:
    """Return a cell as text: whole numbers without a point, dates in ISO 8601."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        is_whole = value.is_integer() and (abs(value) < MAX_WHOLE or _is_in_full(value))
        return str(int(value)) if is_whole else format(value, ".15g")
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return "" if value is None else str(value)


class Sheet(Protocol):
    """A table of the file."""

    name: str
    height: int
    width: int
    merged: list[list[list[int]]]
    hidden_rows: list[int]
    is_1904: bool
    scaled: list[tuple[int, int]]
    units: list[tuple[int, str, int]]

    def head(self, count: int) -> list[list[str]]:
        """Return the first rows as text."""

    def batches(self, start: int, unfilled: Collection[int]) -> "Iterator[list[pa.Array]]":
        """Yield the columns of the rows from ``start`` on as text, batch by batch."""

    def rows(self, start: int, unfilled: Collection[int]) -> Rows:
        """Yield the rows from ``start`` on."""


class BookSheet:
    """A worksheet, its columns counted from the first one that is used."""

    def __init__(self, name: str, sheet: python_calamine.CalamineSheet, parts: BookParts) -> None:
        self.name = name
        self._sheet = sheet
        beside = parts.sheets.get(name, SheetParts())
        self._formulas = beside.formulas
        self.hidden_rows = beside.hidden_rows
        self.is_1904 = parts.is_1904
        self.height = sheet.end[0] + 1 if sheet.end is not None else 0
        self.width = sheet.width if sheet.end is not None else 0
        self._left = left = sheet.start[1] if sheet.start is not None else 0
        self.scaled = [(column - left, row) for column, row in beside.scaled.items()]
        self.units = [(column - left, unit, row) for (column, unit), row in beside.units.items()]
        self.merged = [
            [[top, max(first - left, 0)], [bottom, last - left]]
            for (top, first), (bottom, last) in (sheet.merged_cell_ranges or beside.merged)
        ]

    def shrink(self) -> None:
        """Leave out blank rows at the end and blank columns on the right."""
        height = width = 0
        for number, row in enumerate(self._plain(), 1):
            filled = [place for place, cell in enumerate(row, 1) if cell_text(cell).strip()]
            if filled:
                height, width = number, max(width, filled[-1])
        self.height, self.width = height, width

    def head(self, count: int) -> list[list[str]]:
        """Return the first rows as text."""
        return [[cell_text(cell) for cell in row] for row in islice(self._plain(), count)]

    def batches(self, start: int, unfilled: Collection[int]) -> "Iterator[list[pa.Array]]":
        """Yield the columns of the rows as text."""
        rows = self.rows(start, unfilled)
        while batch := list(islice(rows, BATCH_ROWS)):
            yield [text_array(column) for column in zip(*batch, strict=True)]

    def rows(self, start: int, unfilled: Collection[int]) -> Rows:
        """Yield the rows, merged cells filled; the text of a formula begins with its mark."""
        rows = self._filled(start, unfilled) if self.merged else islice(self._plain(), start, None)
        return self._marked(rows, start) if self._formulas else rows

    def _plain(self) -> Rows:
        rows = islice(self._sheet.iter_rows(), self.height) if self.height else iter(())
        return (list(row[: self.width]) for row in rows)

    def _marked(self, rows: Rows, start: int) -> Rows:
        for number, row in enumerate(rows, start):
            for column in self._formulas.get(number, ()):
                if 0 <= column - self._left < len(row):
                    text = cell_text(row[column - self._left])
                    row[column - self._left] = f"{FORMULA_MARK}{text}"
            yield row

    def _filled(self, start: int, unfilled: Collection[int]) -> Rows:
        """Yield rows with cells that are merged over several rows repeated in each."""
        open_cells: dict[int, tuple[int, object]] = {}
        starts: dict[int, list[tuple[int, int]]] = {}
        for (top, left), (bottom, _) in self.merged[:MOST_MERGES]:
            if bottom > top >= start and left < self.width and left not in unfilled:
                starts.setdefault(top, []).append((left, bottom))
        for number, row in enumerate(islice(self._plain(), start, None), start):
            for column, bottom in starts.get(number, ()):
                open_cells[column] = (bottom, row[column])
            for column, (bottom, value) in list(open_cells.items()):
                if number > bottom:
                    del open_cells[column]
                elif row[column] == "":
                    row[column] = value
            yield row


class ParquetSheet:
    """A Parquet file; its column names are its first row."""

    def __init__(self, content: bytes) -> None:
        self._arrow = importlib.import_module("pyarrow")
        self._arrow.set_memory_pool(self._arrow.system_memory_pool())
        parquet = importlib.import_module("pyarrow.parquet")
        self._file = parquet.ParquetFile(self._arrow.BufferReader(content))
        self.name = ""
        self.height = self._file.metadata.num_rows + 1
        self.width = len(self._file.schema_arrow.names)
        self.scaled: list[tuple[int, int]] = []
        self.units: list[tuple[int, str, int]] = []
        self.merged: list[list[list[int]]] = []
        self.hidden_rows: list[int] = []
        self.is_1904 = False

    def head(self, count: int) -> list[list[str]]:
        """Return the names and the first rows as text."""
        first = next(self._file.iter_batches(batch_size=count), None)
        columns = [text_array(c.to_pylist()).to_pylist() for c in first.columns] if first else []
        return [list(self._file.schema_arrow.names), *(list(r) for r in zip(*columns, strict=True))]

    def batches(self, start: int, _unfilled: Collection[int]) -> "Iterator[list[pa.Array]]":
        """Yield the columns as text; the first row of data is row 1."""
        left_out = start - 1
        for batch in self._file.iter_batches(batch_size=BATCH_ROWS):
            rest = batch.slice(min(max(left_out, 0), len(batch)))
            left_out -= len(batch)
            yield [self._text_of(column) for column in rest.columns]

    def rows(self, start: int, unfilled: Collection[int]) -> Rows:
        """Yield the rows."""
        for columns in self.batches(start, unfilled):
            yield from (list(row) for row in zip(*(c.to_pylist() for c in columns), strict=True))

    def _text_of(self, column: "pa.Array") -> "pa.Array":
        """Return a typed column as text, empty where it has no value."""
        types = self._arrow.types
        if types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if types.is_string(column.type) or types.is_integer(column.type):
            return column.cast(self._arrow.string()).fill_null("")
        return text_array(column.to_pylist())


def text_array(cells: Sequence[object]) -> "pa.Array":
    """Return cells of any kind as a column of text."""
    arrow = importlib.import_module("pyarrow")
    return arrow.array(
        [cell if cell.__class__ is str else cell_text(cell) for cell in cells], type=arrow.string()
    )


def open_sheets(content: bytes, max_rows: int, max_columns: int) -> list[Sheet]:
    """Return every visible worksheet in order, or the one table of a Parquet file."""
    if content.startswith(PARQUET_MAGIC):
        return [ParquetSheet(content)]
    parts = look_through(content, max_rows=max_rows)
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(parts.content))
    worksheet = python_calamine.SheetTypeEnum.WorkSheet
    visible = python_calamine.SheetVisibleEnum.Visible
    sheets = [
        BookSheet(meta.name, book.get_sheet_by_name(meta.name), parts)
        for meta in book.sheets_metadata
        if meta.typ == worksheet and meta.visible == visible
    ]
    for sheet in sheets:
        if sheet.height > max_rows or sheet.width > max_columns:
            sheet.shrink()
    return list(sheets)


def serve(
    source: BinaryIO, sink: BinaryIO, *, max_rows: int, max_columns: int, head_rows: int
) -> None:
    """Say what there is, hear what is wanted, write it."""
    size = int(source.readline())
    sheets = open_sheets(source.read(size), max_rows, max_columns)
    about = [
        {
            "name": sheet.name,
            "height": sheet.height,
            "width": sheet.width,
            "head": sheet.head(head_rows) if fits(sheet, max_rows, max_columns) else [],
            "merged": sheet.merged[:MOST_MERGES],
            "hidden_rows": sheet.hidden_rows[:MOST_HIDDEN],
            "hidden_count": len(sheet.hidden_rows),
            "is_1904": sheet.is_1904,
            "scaled": sheet.scaled,
            "units": sheet.units,
            "is_short": sheet.height * sheet.width <= FEW_CELLS,
        }
        for sheet in sheets
    ]
    write_line(about, sink)
    wanted = [int(word) for word in source.readline().split()]
    if not wanted:
        return
    sheet, start, unfilled = sheets[wanted[0]], wanted[1], frozenset(wanted[2:])
    if about[wanted[0]]["is_short"]:
        rows = [[cell_text(cell) for cell in row] for row in sheet.rows(start, unfilled)]
        write_line(rows, sink)
    else:
        stream(sheet, start, unfilled, sink)


def fits(sheet: Sheet, max_rows: int, max_columns: int) -> bool:
    """Return whether the extent of a sheet is that of a list."""
    return sheet.height <= max_rows and sheet.width <= max_columns


def write_line(values: object, sink: BinaryIO) -> None:
    """Write a line of JSON."""
    sink.write(json.dumps(values, ensure_ascii=True).encode("ascii") + b"\n")
    sink.flush()


def stream(sheet: Sheet, start: int, unfilled: Collection[int], sink: BinaryIO) -> None:
    """Write the rows of a sheet from ``start`` on as an Arrow stream."""
    arrow = importlib.import_module("pyarrow")
    arrow.set_memory_pool(arrow.system_memory_pool())
    schema = arrow.schema([(str(place), arrow.string()) for place in range(sheet.width)])
    with arrow.ipc.new_stream(sink, schema) as writer:
        for columns in sheet.batches(start, unfilled):
            writer.write_batch(arrow.record_batch(columns, schema=schema))


def limit_memory(memory_bytes: int) -> None:
    """Let this process take no more memory than that, where the system knows such a limit."""
    try:
        resource = importlib.import_module("resource")
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def main() -> int:
    """Read, write, and say by the exit code whether the file could be read."""
    max_rows, max_columns, memory_bytes, head_rows = (int(text) for text in sys.argv[1:5])
    limit_memory(memory_bytes)
    try:
        serve(
            sys.stdin.buffer, sys.stdout.buffer,
            max_rows=max_rows, max_columns=max_columns, head_rows=head_rows,
        )  # fmt: skip
    except python_calamine.PasswordError:
        return 3
    except (python_calamine.CalamineError, MemoryError, *DAMAGED):
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
