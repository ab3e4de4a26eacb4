"""Reads a spreadsheet or Parquet file from standard input and streams its cells as Arrow.

A program of its own, started by :mod:`network_map.listfiles.workbooks` in a process apart
with limits, as :mod:`network_map.listfiles.workbook_process` is. A register may have a million
rows, so the cells travel in batches and not as one text. What passes, in order:

* in: the length of the file in a line of its own, then the file;
* out: one line of JSON, for each sheet its name, extent, first rows and merged cells;
* in: one line, the number of the sheet to read and its first row of data (both from 0);
* out: the rows from there, as an Arrow stream of text columns.

Which cells of a sheet are formulas: what they said when the file was saved is no statement.

The reading library gives a formula's saved result and not that it was one, so the packed sheet is
looked through beside it, block by block and only as far as it holds formulas at all.
"""

import io
import json
import re
import sys
import zipfile
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Protocol
from xml.etree import ElementTree as ET

import pyarrow as pa
import pyarrow.parquet as pq
import python_calamine

from network_map.listfiles.workbook_process import cell_text, limit_memory

FORMULA_MARK = "="
"""Stands before the text of a cell that is a formula."""
_BLOCK_BYTES = 4_000_000
_LONGEST_CELL = 100_000
_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*>\s*<(?:\w+:)?f[\s/>]')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^>]*?>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s[^>]*?>")
_LETTERS = 26
_EXTERNAL = "xl/externalLinks/"
_ODS_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"

Formulas = dict[int, list[int]]
"""Columns that are formulas, by row; both from 0."""


def has_external_links(content: bytes) -> bool:
    """Return whether a packed workbook takes values from other files."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(name.startswith(_EXTERNAL) for name in archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return False


def formula_cells(content: bytes, sheet_name: str) -> Formulas:
    """Return the cells of a sheet that are formulas.

    Parameters
    ----------
    content
        A workbook (.xlsx, .ods); of another kind of file nothing is known.
    sheet_name
        The sheet.

    Raises
    ------
    OSError, ValueError, zipfile.BadZipFile, xml.etree.ElementTree.ParseError
        If the file is damaged.
    """
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if "content.xml" in archive.namelist():
            return _of_open_document(archive, sheet_name)
        part = _part_of(archive, sheet_name)
        return {} if part is None else _of_sheet(_blocks(archive, part))


def marked(row: list[object], columns: Sequence[int], left: int) -> list[object]:
    """Return a row with the mark before the cells that are formulas."""
    for column in columns:
        if 0 <= column - left < len(row):
            row[column - left] = f"{FORMULA_MARK}{cell_text(row[column - left])}"
    return row


def _part_of(archive: zipfile.ZipFile, sheet_name: str) -> str | None:
    """Return the part that holds a sheet."""
    book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    names = archive.namelist()
    relations = "xl/_rels/workbook.xml.rels"
    if relations not in names:
        return None
    targets = {
        _attribute(tag, "Id"): _attribute(tag, "Target")
        for tag in _RELATION.findall(archive.read(relations).decode("utf-8", "replace"))
    }
    for tag in _SHEET.findall(book):
        if _attribute(tag, "name") == sheet_name:
            target = targets.get(_attribute(tag, r"\w+:id"), "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            return part if part in names else None
    return None


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}\s*=\s*(?:"([^"]*)"|\'([^\']*)\')', tag)
    if found is None:
        return ""
    value = found[1] if found[1] is not None else found[2]
    try:
        return ET.fromstring(f"<t>{value}</t>").text or ""  # noqa: S314 (one attribute, no entity of its own)
    except ET.ParseError:
        return value


def _blocks(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Yield a part in blocks; each begins with the end of the one before."""
    rest = b""
    with archive.open(part) as file:
        while block := file.read(_BLOCK_BYTES):
            whole = rest + block
            yield whole
            cut = max(whole.rfind(b"<c "), whole.rfind(b":c "), len(whole) - _LONGEST_CELL)
            rest = whole[cut:]


def _of_sheet(blocks: Iterator[bytes]) -> Formulas:
    found: dict[int, set[int]] = {}
    for block in blocks:
        if _FORMULA.search(block) is None:
            continue
        for match in _CELL.finditer(block):
            found.setdefault(int(match[2]) - 1, set()).add(_column(match[1]))
    return {row: sorted(columns) for row, columns in found.items()}


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * _LETTERS + letter - ord("A") + 1
    return number - 1


def _of_open_document(archive: zipfile.ZipFile, sheet_name: str) -> Formulas:
    """Return the formulas of a sheet of an OpenDocument file, whose cells may stand for many."""
    found: Formulas = {}
    with archive.open("content.xml") as file:
        row, is_wanted = 0, False
        for event, element in ET.iterparse(file, events=("start", "end")):  # noqa: S314 (in a process with limits)
            if event == "start":
                if element.tag == f"{_ODS_TABLE}table":
                    row, is_wanted = 0, element.get(f"{_ODS_TABLE}name") == sheet_name
            elif element.tag == f"{_ODS_TABLE}table-row":
                if is_wanted and (columns := _open_document_columns(element)):
                    found[row] = columns
                row += int(element.get(f"{_ODS_TABLE}number-rows-repeated", "1"))
                element.clear()
    return found


def _open_document_columns(row: ET.Element) -> list[int]:
    columns, place = [], 0
    for cell in row:
        if cell.get(f"{_ODS_TABLE}formula") is not None:
            columns.append(place)
        place += int(cell.get(f"{_ODS_TABLE}number-columns-repeated", "1"))
    return columns


HEAD_ROWS = 60
BATCH_ROWS = 50_000
MOST_MERGES = 10_000
PARQUET_MAGIC = b"PAR1"

Rows = Iterator[list[object]]


class Sheet(Protocol):
    """A table of the file."""

    name: str
    height: int
    width: int
    merged: list[list[list[int]]]

    def head(self) -> list[list[str]]:
        """Return the first rows as text."""

    def batches(self, start: int) -> Iterator[list[pa.Array]]:
        """Yield the columns of the rows from ``start`` on as text, batch by batch."""


class BookSheet:
    """A worksheet, its columns counted from the first one that is used."""

    def __init__(self, name: str, sheet: python_calamine.CalamineSheet, content: bytes) -> None:
        self.name = name
        self._sheet = sheet
        self._content = content
        is_used = sheet.start is not None and sheet.end is not None
        self.height = sheet.total_height if is_used else 0
        self.width = sheet.width if is_used else 0
        self._left = left = sheet.start[1] if sheet.start is not None else 0
        self.merged = [
            [[top, max(first - left, 0)], [bottom, last - left]]
            for (top, first), (bottom, last) in (sheet.merged_cell_ranges or [])
        ]

    def head(self) -> list[list[str]]:
        """Return the first rows as text."""
        rows = islice(self._rows(), HEAD_ROWS)
        return [[cell_text(cell) for cell in row] for row in rows]

    def batches(self, start: int) -> Iterator[list[pa.Array]]:
        """Yield the columns of the rows from ``start`` on as text, merged cells filled.

        The text of a formula begins with an equals sign.
        """
        rows = self._filled(start) if self.merged else islice(self._rows(), start, None)
        if formulas := formula_cells(self._content, self.name):
            rows = self._marked(rows, start, formulas)
        while batch := list(islice(rows, BATCH_ROWS)):
            yield [text_array(column) for column in zip(*batch, strict=True)]

    def _rows(self) -> Rows:
        return (list(row) for row in self._sheet.iter_rows()) if self.height else iter(())

    def _marked(self, rows: Rows, start: int, formulas: Formulas) -> Rows:
        for number, row in enumerate(rows, start):
            yield marked(row, formulas.get(number, ()), self._left)

    def _filled(self, start: int) -> Rows:
        """Yield rows with cells that are merged over several rows repeated in each."""
        open_cells: dict[int, tuple[int, object]] = {}
        starts: dict[int, list[tuple[int, int]]] = {}
        for (top, left), (bottom, _) in self.merged[:MOST_MERGES]:
            if bottom > top >= start and left < self.width:
                starts.setdefault(top, []).append((left, bottom))
        for number, row in enumerate(islice(self._rows(), start, None), start):
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
        self._file = pq.ParquetFile(pa.BufferReader(content))
        self.name = ""
        self.height = self._file.metadata.num_rows + 1
        self.width = len(self._file.schema_arrow.names)
        self.merged: list[list[list[int]]] = []

    def head(self) -> list[list[str]]:
        """Return the names and the first rows as text."""
        first = next(self._file.iter_batches(batch_size=HEAD_ROWS), None)
        columns = [text_array(c.to_pylist()).to_pylist() for c in first.columns] if first else []
        return [list(self._file.schema_arrow.names), *(list(r) for r in zip(*columns, strict=True))]

    def batches(self, start: int) -> Iterator[list[pa.Array]]:
        """Yield the columns as text; the first row of data is row 1."""
        left_out = start - 1
        for batch in self._file.iter_batches(batch_size=BATCH_ROWS):
            rest = batch.slice(min(max(left_out, 0), len(batch)))
            left_out -= len(batch)
            yield [text_of(column) for column in rest.columns]


def text_of(column: pa.Array) -> pa.Array:
    """Return a typed column as text, empty where it has no value."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_string(column.type) or pa.types.is_integer(column.type):
        return column.cast(pa.string()).fill_null("")
    return text_array(column.to_pylist())


def text_array(cells: "list[object] | tuple[object, ...]") -> pa.Array:
    """Return cells of any kind as a column of text."""
    return pa.array(
        [cell if cell.__class__ is str else cell_text(cell) for cell in cells], type=pa.string()
    )


def open_sheets(content: bytes) -> list[Sheet]:
    """Return every visible worksheet in order, or the one table of a Parquet file."""
    if content.startswith(PARQUET_MAGIC):
        return [ParquetSheet(content)]
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    worksheet = python_calamine.SheetTypeEnum.WorkSheet
    visible = python_calamine.SheetVisibleEnum.Visible
    return [
        BookSheet(meta.name, book.get_sheet_by_name(meta.name), content)
        for meta in book.sheets_metadata
        if meta.typ == worksheet and meta.visible == visible
    ]


def serve(max_rows: int, max_columns: int) -> None:
    """Say what there is, hear what is wanted, stream it."""
    size = int(sys.stdin.buffer.readline())
    sheets = open_sheets(sys.stdin.buffer.read(size))
    about = [
        {
            "name": sheet.name,
            "height": sheet.height,
            "width": sheet.width,
            "head": sheet.head() if fits(sheet, max_rows, max_columns) else [],
            "merged": sheet.merged[:MOST_MERGES],
        }
        for sheet in sheets
    ]
    sys.stdout.buffer.write(json.dumps(about, ensure_ascii=True).encode("ascii") + b"\n")
    sys.stdout.buffer.flush()
    wanted = sys.stdin.buffer.readline().split()
    if wanted:
        stream(sheets[int(wanted[0])], int(wanted[1]))


def fits(sheet: Sheet, max_rows: int, max_columns: int) -> bool:
    """Return whether the extent of a sheet is that of a list."""
    return sheet.height <= max_rows and sheet.width <= max_columns


def stream(sheet: Sheet, start: int) -> None:
    """Write the rows of a sheet from ``start`` on as an Arrow stream."""
    schema = pa.schema([(str(place), pa.string()) for place in range(sheet.width)])
    with pa.ipc.new_stream(sys.stdout.buffer, schema) as writer:
        for columns in sheet.batches(start):
            writer.write_batch(pa.record_batch(columns, schema=schema))


def main() -> int:
    """Read, write, and say by the exit code whether the file could be read."""
    max_rows, max_columns, memory_bytes = (int(text) for text in sys.argv[1:4])
    pa.set_memory_pool(pa.system_memory_pool())
    limit_memory(memory_bytes)
    try:
        serve(max_rows, max_columns)
    except python_calamine.PasswordError:
        return 3
    except (python_calamine.CalamineError, pa.ArrowException, ValueError, OSError, MemoryError):
        return 4
    except (zipfile.BadZipFile, NotImplementedError, ET.ParseError):
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
