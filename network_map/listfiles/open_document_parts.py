"""What an OpenDocument spreadsheet says beside its values, whose cells and rows may stand for many.

The reading library tells no merged cells, formulas, hidden rows or number formats of such a file.
Layout: OpenDocument 1.3, part 3 (OASIS, 2021).
"""

import zipfile
from collections.abc import Collection, Mapping
from xml.etree import ElementTree as ET

from network_map.listfiles.sheet_parts import MOST_OF_A_FORMULA, SCALED, SheetParts, unit_in

_NAMES = "urn:oasis:names:tc:opendocument:xmlns:"
_TABLE, _STYLE, _NUMBER, _OFFICE = (
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
        if element.tag in {f"{_NUMBER}number-style", f"{_NUMBER}currency-style"}:
            factors = (one.get(f"{_NUMBER}display-factor", "1") for one in element)
            drawn = element.iter(f"{_NUMBER}embedded-text")
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
