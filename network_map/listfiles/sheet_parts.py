"""What is written beside the values of a sheet, whatever program wrote it.

The reading library tells neither merged cells, formulas nor hidden rows and number formats of a
workbook of Excel 97 (.xls) or 95, of which it gives a formula's saved result and not that it was
one, nor of an OpenDocument spreadsheet, whose cells and rows may stand for many; here the records
and parts are walked through beside it. Layouts: [MS-CFB] (the compound file), [MS-XLS] (the
records); OpenDocument 1.3, part 3 (OASIS, 2021).
"""

import re
import struct
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from xml.etree import ElementTree as ET

MOST_OF_A_FORMULA = 100_000
"""Cells that one formula may fill and that are marked."""
_LITERAL = re.compile(r'"[^"]*"|[\\!_*].')
_SCALED = re.compile(r"[0#?],+(?![0#?,])")
"""A number format whose last digits are followed by commas: each shows a thousandth."""
_UNIT = re.compile(r"亿元?|万元?|千元|元|美元|美金|欧元|日元|港元|港币|英镑|US\$|HK\$|[$€£]")
"""What a number format may write behind or before an amount."""
_CURRENCY = re.compile(r"\[\$([^\]-]*)(-[^\]]*)?\]")
_BRACKETED = re.compile(r"\[[^\]]*\]")
SCALED = "scaled"
"""What a number format is called that shows numbers smaller than they are."""
_POINT_DRAWN = re.compile(r"[0#?](?:[!\\]\.|\"\.\")[0#?]")
"""One that draws a point between digits, as ``0!.0000`` does: 12345 is shown as 1.2345."""


@dataclass
class SheetParts:
    """What is written beside the values of a sheet; rows and columns from 0.

    Parameters
    ----------
    formulas
        Columns that are formulas, by row.
    hidden_rows
        Rows that a filter or a person hides.
    cuts
        First and last byte of what lies outside the filled cells.
    scaled
        First row of each column that shows numbers smaller than they are.
    units
        First row of each column and unit that its number format writes beside numbers it shows as
        they are.
    merged
        First and last cell of merged ranges, where the reading library does not tell them.
    """

    formulas: dict[int, set[int]] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    cuts: list[tuple[int, int]] = field(default_factory=list)
    scaled: dict[int, int] = field(default_factory=dict)
    units: dict[tuple[int, str], int] = field(default_factory=dict)
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)

    def note_format(self, said: str, column: int, row: int) -> None:
        """Note what the number format of a cell says, as :func:`said_by_format` has it."""
        if said == SCALED:
            self.scaled.setdefault(column, row)
        elif said:
            self.units.setdefault((column, said), row)


def said_by_format(code: str) -> str:
    """Return what a number format says of an amount: :data:`SCALED`, a unit, or nothing ("")."""
    return SCALED if is_scaled_format(code) else unit_in(code.split(";", maxsplit=1)[0])


def unit_in(text: str) -> str:
    """Return the unit that a number format, as ``0.00"万元"``, writes beside its numbers."""
    plain = _BRACKETED.sub("", _CURRENCY.sub(r"\1", text))
    found = _UNIT.search(re.sub(r'["\\]', "", plain))
    return found[0] if found is not None else ""


def is_scaled_format(code: str) -> bool:
    """Return whether a number format of Excel, as ``0!.0,``, shows a number smaller than it is."""
    is_cut = _SCALED.search(_LITERAL.sub("", code)) is not None
    return is_cut or _POINT_DRAWN.search(code) is not None


_FIRST_TABLE, _TABLES_IN_HEAD = 76, 109
_ENTRY, _STREAM, _ROOT = 128, 2, 5
_LAST = 0xFFFFFFFA
"""Sector numbers from here on are none."""
_BOF, _EOF, _DATE_MODE, _CODE_PAGE, _SHEET = 0x809, 0x0A, 0x22, 0x42, 0x85
_FORMAT, _XF = 0x41E, 0xE0
_ROW, _FORMULAS = 0x208, {0x06, 0x206, 0x406}
_NUMBER, _RK, _MANY_RK = 0x203, 0x27E, 0xBD
_ONE_NUMBER = {_NUMBER, _RK, *_FORMULAS}
_BIFF8 = 0x600
_IS_HIDDEN = 0x20
_CODE_PAGES = {936: "gbk", 1200: "utf-16-le"}


def of_old_workbook(content: bytes) -> tuple[dict[str, SheetParts], bool]:
    """Return what is written beside the values of each sheet, and whether days begin with 1904.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    try:
        return _of_stream(_workbook_stream(content))
    except (struct.error, IndexError, LookupError) as error:
        raise ValueError(str(error)) from error


# --- the records ----------------------------------------------------------------------------------


def _of_stream(stream: bytes) -> tuple[dict[str, SheetParts], bool]:
    formats: dict[int, str] = {}
    styles: dict[int, str] = {}
    starts: dict[str, int] = {}
    is_1904, is_new, count, page = False, True, 0, "cp1252"
    for kind, body in _records(stream, 0):
        if kind == _BOF:
            is_new = body[:2] == struct.pack("<H", _BIFF8)
        elif kind == _DATE_MODE:
            is_1904 = body[:1] == b"\x01"
        elif kind == _CODE_PAGE:
            (number,) = struct.unpack_from("<H", body)
            page = _CODE_PAGES.get(number, f"cp{number}")
        elif kind == _FORMAT:
            code = _text(body[2:], page, is_new=is_new, has_long_count=is_new)
            formats[struct.unpack_from("<H", body)[0]] = said_by_format(code)
        elif kind == _XF:
            said = formats.get(struct.unpack_from("<H", body, 2)[0])
            if said:
                styles[count] = said
            count += 1
        elif kind == _SHEET:
            name = _text(body[6:], page, is_new=is_new, has_long_count=False)
            starts[name] = struct.unpack_from("<I", body)[0]
    return {name: _of_sheet(stream, start, styles) for name, start in starts.items()}, is_1904


def _of_sheet(stream: bytes, start: int, styles: Mapping[int, str]) -> SheetParts:
    found = SheetParts()
    for kind, body in _records(stream, start):
        if kind in _FORMULAS:
            row, column = struct.unpack_from("<HH", body)
            found.formulas.setdefault(row, set()).add(column)
        if kind == _ROW and body[12] & _IS_HIDDEN:
            found.hidden_rows.append(struct.unpack_from("<H", body)[0])
        elif styles and kind in _ONE_NUMBER:
            row, column, style = struct.unpack_from("<HHH", body)
            found.note_format(styles.get(style, ""), column, row)
        elif styles and kind == _MANY_RK:
            row, first = struct.unpack_from("<HH", body)
            for place in range((len(body) - 6) // 6):
                (style,) = struct.unpack_from("<H", body, 4 + 6 * place)
                found.note_format(styles.get(style, ""), first + place, row)
    return found


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Yield kind and content of the records from a place on, those of charts inside left out."""
    place, depth = start, 0
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        body = stream[place + 4 : place + 4 + length]
        place += 4 + length
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            return
        if depth == 1:
            yield kind, body


def _text(body: bytes, page: str, *, is_new: bool, has_long_count: bool) -> str:
    """Return a text with its length before it; Excel 97 says whether letters have two bytes."""
    head = 2 if has_long_count else 1
    count = int.from_bytes(body[:head], "little")
    if not is_new:
        return body[head : head + count].decode(page, "replace")
    is_wide = bool(body[head] & 1)
    letters = body[head + 1 : head + 1 + count * (2 if is_wide else 1)]
    return letters.decode("utf-16-le" if is_wide else "latin-1", "replace")


# --- the compound file ----------------------------------------------------------------------------


def _workbook_stream(content: bytes) -> bytes:
    """Return the stream of records; b"" where the file has none."""
    shift, small_shift = struct.unpack_from("<HH", content, 30)
    if not (7 <= shift <= 16 and 4 <= small_shift <= shift):  # noqa: PLR2004 - what the layout allows
        raise ValueError(shift)
    size = 1 << shift
    table = _sector_table(content, size)
    first, least, first_small = struct.unpack_from("<I4xII", content, 48)
    directory = _chain(content, table, first, size)
    entries = [directory[at : at + _ENTRY] for at in range(0, len(directory) - _ENTRY + 1, _ENTRY)]
    for name in ("workbook", "book"):
        for entry in entries:
            if entry[66] == _STREAM and _name(entry) == name:
                start, length = struct.unpack_from("<II", entry, 116)
                if length >= least:
                    return _chain(content, table, start, size)[:length]
                small = _numbers(_chain(content, table, first_small, size))
                root = next(entry for entry in entries if entry[66] == _ROOT)
                held = _chain(content, table, struct.unpack_from("<I", root, 116)[0], size)
                return _chain(held, small, start, 1 << small_shift, skipped=0)[:length]
    return b""


def _name(entry: bytes) -> str:
    length = max(struct.unpack_from("<H", entry, 64)[0] - 2, 0)
    return entry[:length].decode("utf-16-le", "replace").casefold()


def _sector_table(content: bytes, size: int) -> list[int]:
    """Return the next sector of each sector."""
    more, more_count = struct.unpack_from("<II", content, 68)
    places = list(struct.unpack_from(f"<{_TABLES_IN_HEAD}I", content, _FIRST_TABLE))
    for _ in range(min(more_count, len(content) // size)):
        if more >= _LAST:
            break
        sector = _numbers(content[(more + 1) * size : (more + 2) * size])
        places += sector[:-1]
        more = sector[-1]
    found: list[int] = []
    for place in places:
        if place < _LAST:
            found += _numbers(content[(place + 1) * size : (place + 2) * size])
    return found


def _numbers(sector: bytes) -> list[int]:
    return list(struct.unpack_from(f"<{len(sector) // 4}I", sector))


def _chain(content: bytes, table: list[int], start: int, size: int, *, skipped: int = 1) -> bytes:
    """Return the sectors that hang together from one on; the head of the file is skipped."""

    def sectors() -> Iterator[bytes]:
        place = start
        while place < _LAST:
            yield content[(place + skipped) * size : (place + skipped + 1) * size]
            place = table[place]

    return b"".join(islice(sectors(), len(content) // size + 1))


_NAMES = "urn:oasis:names:tc:opendocument:xmlns:"
_TABLE, _STYLE, _NUMBER_STYLE, _OFFICE = (
    f"{{{_NAMES}{part}:1.0}}" for part in ("table", "style", "datastyle", "office")
)
_FILTERED = {"collapse", "filter"}
_NUMBERS = {"float", "currency"}
_WIDEST = 16_384
_DAY_NULL_1904 = "1904-01-01"


def of_open_document(archive: zipfile.ZipFile) -> tuple[dict[str, SheetParts], bool]:
    """Return what is written beside the values of each table, and whether days begin with 1904.

    Raises
    ------
    OSError, ValueError, KeyError, zipfile.BadZipFile, xml.etree.ElementTree.ParseError
        If the file is damaged.
    """
    styles = _Styles()
    found: dict[str, SheetParts] = {}
    is_1904 = False
    if "styles.xml" in archive.namelist():
        with archive.open("styles.xml") as file:
            for _, element in ET.iterparse(file):  # noqa: S314 (in a process with limits)
                styles.add(element)
    with archive.open("content.xml") as file:
        table = _Table(styles)
        for event, element in ET.iterparse(file, events=("start", "end")):  # noqa: S314 (as above)
            if event == "start":
                if element.tag == f"{_TABLE}table":
                    table = _Table(styles)
                    found[element.get(f"{_TABLE}name", "")] = table.parts
                continue
            styles.add(element)
            if element.tag == f"{_TABLE}null-date":
                is_1904 = element.get(f"{_TABLE}date-value") == _DAY_NULL_1904
            elif element.tag == f"{_TABLE}table-column":
                table.add_column(element)
            elif element.tag == f"{_TABLE}table-row":
                table.add_row(element)
                element.clear()
    return found, is_1904


class _Styles:
    """What the number formats of cell styles say."""

    def __init__(self) -> None:
        self._formats: dict[str, str] = {}
        self._cells: dict[str, tuple[str | None, str | None]] = {}

    def add(self, element: ET.Element) -> None:
        """Note a number format or a cell style."""
        name = element.get(f"{_STYLE}name", "")
        if element.tag in {f"{_NUMBER_STYLE}number-style", f"{_NUMBER_STYLE}currency-style"}:
            factors = (one.get(f"{_NUMBER_STYLE}display-factor", "1") for one in element)
            drawn = element.iter(f"{_NUMBER_STYLE}embedded-text")
            if any(float(factor) > 1 for factor in factors) or any(t.text == "." for t in drawn):
                self._formats[name] = SCALED
            elif said := unit_in("".join(one.text or "" for one in element)):
                self._formats[name] = said
        elif element.tag == f"{_STYLE}style":
            self._cells[name] = (
                element.get(f"{_STYLE}data-style-name"), element.get(f"{_STYLE}parent-style-name")
            )  # fmt: skip

    def said(self, name: str | None) -> str:
        """Return what a cell style, or the one that it comes from, says of its numbers."""
        seen: set[str] = set()
        while self._formats and name is not None and name not in seen:
            seen.add(name)
            number_format, parent = self._cells.get(name, (None, None))
            if number_format is not None:
                return self._formats.get(number_format, "")
            name = parent
        return ""


class _Table:
    """Reads one table, row by row."""

    def __init__(self, styles: _Styles) -> None:
        self.parts = SheetParts()
        self._styles = styles
        self._row = 0
        self._columns: list[str | None] = []

    def add_column(self, element: ET.Element) -> None:
        """Note the style of the cells of a column that have none of their own."""
        style = element.get(f"{_TABLE}default-cell-style-name")
        count = min(_count(element, "number-columns-repeated"), _WIDEST - len(self._columns))
        self._columns += [style] * count

    def add_row(self, row: ET.Element) -> None:
        """Note what the cells of a row say."""
        count = _count(row, "number-rows-repeated")
        if row.get(f"{_TABLE}visibility") in _FILTERED:
            rows = range(self._row, self._row + min(count, MOST_OF_A_FORMULA))
            self.parts.hidden_rows += rows
        place = 0
        for cell in row:
            wide = _count(cell, "number-columns-repeated")
            if place < _WIDEST:
                columns = range(place, min(place + wide, _WIDEST))
                self._add_cell(cell, columns, row.get(f"{_TABLE}default-cell-style-name"))
            place += wide
        self._row += count

    def _add_cell(self, cell: ET.Element, columns: range, row_style: str | None) -> None:
        attributes: Mapping[str, str] = cell.attrib
        if f"{_TABLE}formula" in attributes:
            self.parts.formulas.setdefault(self._row, set()).update(columns)
        down = _count(cell, "number-rows-spanned")
        across = _count(cell, "number-columns-spanned")
        if down > 1 or across > 1:
            last = (self._row + down - 1, columns[0] + across - 1)
            self.parts.merged.append(((self._row, columns[0]), last))
        if attributes.get(f"{_OFFICE}value-type") in _NUMBERS:
            self._note_format(attributes.get(f"{_TABLE}style-name") or row_style, columns)

    def _note_format(self, style: str | None, columns: Collection[int]) -> None:
        for column in columns:
            of_column = self._columns[column] if column < len(self._columns) else None
            self.parts.note_format(self._styles.said(style or of_column), column, self._row)


def _count(element: ET.Element, name: str) -> int:
    return max(int(element.get(f"{_TABLE}{name}", "1")), 1)
