"""Which cells of a sheet are formulas: what they said when the file was saved is no statement.

The reading library gives a formula's saved result and not that it was one, so the packed sheet is
looked through beside it, block by block and only as far as it holds formulas at all.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

from network_map.listfiles.workbook_process import cell_text

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
