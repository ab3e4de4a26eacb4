"""What the reading library does not say of a packed workbook: formulas, hidden rows, stray cells.

The library gives a formula's saved result and not that it was one, and makes room for every row
down to a blank that somebody left in the last one. So the packed sheet is looked through beside
it: block by block with regular expressions, or element by element where these do not suffice.
"""

import io
import posixpath
import re
import zipfile
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO
from xml.etree import ElementTree as ET
from xml.parsers import expat

from network_map.listfiles.sheet_parts import (
    MOST_OF_A_FORMULA,
    SheetParts,
    of_old_workbook,
    of_open_document,
    said_by_format,
)

_BLOCK_BYTES = 4_000_000
_LONGEST_CELL = 100_000
_TAIL_BYTES = 100_000
_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*>\s*<(?:\w+:)?f[\s/>]')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_OF_MANY = re.compile(rb"<(?:\w+:)?f\s[^>]*\bt=[\"'](?:array|dataTable)")
_ROW = re.compile(rb"<(?:\w+:)?row[\s>][^>]*?\br=[\"'](\d{1,9})[\"']")
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*\bhidden=[\"'](?:1|true)[\"'][^>]*>")
_ROW_NUMBER = re.compile(rb"\br=[\"'](\d{1,9})[\"']")
_FAR_COLUMN = re.compile(rb" r=[\"'][A-Z]{3}\d")
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})(?::([A-Z]{1,3})(\d{1,7}))?")
_FAR = 702
"""Columns from here on have three letters."""
_LETTERS = 26
_TAG_OF_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*>")
_STYLE = re.compile(rb"\bs=[\"'](\d{1,6})[\"']")
_PLACE = re.compile(rb"\br=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_DAYS_1904 = re.compile(rb"\bdate1904\s*=\s*[\"'](?:1|true|on)[\"']")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_USUAL_BOOK = "xl/workbook.xml"
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

DAMAGED = (
    OSError, ValueError, KeyError, zipfile.BadZipFile, NotImplementedError, ET.ParseError,
    expat.ExpatError,
)  # fmt: skip
"""What a damaged file may raise here."""


def part_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the names of the parts by their usual form: slashes, lower case."""
    return {name.replace("\\", "/").lower(): name for name in archive.namelist()}


def book_part(archive: zipfile.ZipFile, names: Mapping[str, str]) -> str | None:
    """Return the usual form of the name of the part that holds the workbook."""
    if _USUAL_BOOK in names or "_rels/.rels" not in names:
        return _USUAL_BOOK if _USUAL_BOOK in names else None
    for relation in ET.fromstring(archive.read(names["_rels/.rels"])):  # noqa: S314 (in a process with limits)
        target = relation.get("Target", "").lstrip("/").replace("\\", "/").lower()
        if relation.get("Type", "").endswith("/officeDocument") and target in names:
            return target
    return None


@dataclass(frozen=True)
class BookParts:
    """What is written beside the values of a workbook.

    Parameters
    ----------
    content
        The workbook, fit for the reading library.
    sheets
        What is written beside the values of each sheet, by its name.
    is_1904
        Whether its days are counted from 1904.
    """

    content: bytes
    sheets: Mapping[str, SheetParts] = field(default_factory=dict)
    is_1904: bool = False


def look_through(content: bytes, *, max_rows: int) -> BookParts:
    """Return a workbook fit for the reading library, and what that does not say of it.

    Parameters
    ----------
    content
        A workbook (.xlsx, .ods, .xls); of another kind of file nothing is known.
    max_rows
        A sheet with more rows is cut down to those that are filled.

    Raises
    ------
    OSError, ValueError, KeyError, zipfile.BadZipFile, xml.etree.ElementTree.ParseError, expat error
        If the file is damaged.
    """
    if content.startswith(_OLE_MAGIC):
        return BookParts(content, *of_old_workbook(content))
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return BookParts(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = part_names(archive)
        if "content.xml" in names:
            return BookParts(content, *of_open_document(archive))
        book = book_part(archive, names)
        if book is None:
            return BookParts(content)
        sheets = _sheet_parts(archive, names, book)
        styles = _telling_styles(archive, names, book)
        found = {
            name: _of_sheet(archive, part, names, max_rows, styles) for name, part in sheets.items()
        }
        cuts = {sheets[name]: parts.cuts for name, parts in found.items() if parts.cuts}
        if book != _USUAL_BOOK or cuts:
            content = _packed_anew(archive, book, cuts)
        is_1904 = _DAYS_1904.search(archive.read(names[book])) is not None
    return BookParts(content, found, is_1904)


def _sheet_parts(archive: zipfile.ZipFile, names: Mapping[str, str], book: str) -> dict[str, str]:
    """Return the part of each visible sheet by the sheet's name."""
    folder, file = posixpath.split(book)
    relations = names.get(f"{folder}/_rels/{file}.rels".lstrip("/"))
    if relations is None:
        return {}
    targets = {
        relation.get("Id", ""): relation.get("Target", "")
        for relation in ET.fromstring(archive.read(relations))  # noqa: S314 (in a process with limits)
    }
    found = {}
    for element in ET.fromstring(archive.read(names[book])).iter():  # noqa: S314 (as above)
        if _local(element.tag) == "sheet" and element.get("state", "visible") == "visible":
            key = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
            target = targets.get(key, "").replace("\\", "/")
            path = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
            part = names.get(posixpath.normpath(path).lstrip("/").lower())
            if part is not None:
                found[element.get("name", "")] = part
    return found


def _telling_styles(
    archive: zipfile.ZipFile, names: Mapping[str, str], book: str
) -> dict[str, str]:
    """Return what the number formats of cell styles say, by the number of the style."""
    part = names.get(posixpath.join(posixpath.dirname(book), "styles.xml"))
    if part is None:
        return {}
    formats: dict[str, str] = {}
    styles: list[str] = []
    for element in ET.fromstring(archive.read(part)):  # noqa: S314 (in a process with limits)
        if _local(element.tag) == "numFmts":
            for one in element:
                formats[one.get("numFmtId", "")] = said_by_format(one.get("formatCode", ""))
        elif _local(element.tag) == "cellXfs":
            styles = [one.get("numFmtId", "") for one in element]
    return {str(n): formats[number] for n, number in enumerate(styles) if formats.get(number)}


def _packed_anew(
    archive: zipfile.ZipFile, book: str, cuts: Mapping[str, Sequence[tuple[int, int]]]
) -> bytes:
    """Return the workbook with usual names and without what lies outside the filled cells."""
    folder, file = posixpath.split(book)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for name in archive.namelist():
            usual = name.replace("\\", "/")
            inside = posixpath.relpath(usual.lower(), folder or ".")
            if book != _USUAL_BOOK and not inside.startswith(".."):
                inside = usual[len(folder) :].lstrip("/") if folder else usual
                plain = {file: "workbook.xml", f"_rels/{file}.rels": "_rels/workbook.xml.rels"}
                usual = f"xl/{plain.get(inside.lower(), inside)}"
            with archive.open(name) as old, new.open(usual, "w") as part:
                _copy(old, part, cuts.get(name, ()), folder if name.endswith(".rels") else None)
    return stream.getvalue()


def _copy(
    old: IO[bytes], part: IO[bytes], cuts: Sequence[tuple[int, int]], folder: str | None
) -> None:
    """Copy a part without some of its bytes, names under another folder brought under ``xl``."""
    if folder is not None:
        text = old.read()
        part.write(text.replace(f'"/{folder}/'.encode(), b'"/xl/') if folder else text)
        return
    place = 0
    for start, end in [*cuts, (-1, -1)]:
        while block := old.read(min(_BLOCK_BYTES, start - place) if start >= 0 else _BLOCK_BYTES):
            part.write(block)
            place += len(block)
        if start >= 0:
            while place < end and (block := old.read(min(_BLOCK_BYTES, end - place))):
                place += len(block)


# --- one sheet ------------------------------------------------------------------------------------


def _of_sheet(
    archive: zipfile.ZipFile,
    part: str,
    names: Mapping[str, str],
    max_rows: int,
    styles: Mapping[str, str],
) -> SheetParts:
    quick = _quickly(archive, part, max_rows, styles)
    if quick is not None:
        return quick
    reader = _ElementReader(_blank_strings(archive, names), styles)
    with archive.open(part) as file:
        reader.read(file)
    return reader.found


def _quickly(
    archive: zipfile.ZipFile, part: str, max_rows: int, styles: Mapping[str, str]
) -> SheetParts | None:
    """Return what regular expressions find in a sheet, None where they do not suffice."""
    found = SheetParts()
    tail = b""
    for block in _blocks(archive, part):
        if block.startswith(_UTF16) or _FAR_COLUMN.search(block):
            return None
        if not (_sees_hidden(block, found) and _sees_formulas(block, found)):
            return None
        if styles and not _sees_formats(block, styles, found):
            return None
        tail = block
    rows = [int(row) for row in _ROW.findall(tail[-_TAIL_BYTES:])]
    if rows and rows[-1] > max_rows:
        return None
    found.hidden_rows = sorted(set(found.hidden_rows))
    return found


def _sees_hidden(block: bytes, found: SheetParts) -> bool:
    """Note the hidden rows of a block, and return whether each has its number."""
    tags = _HIDDEN_ROW.findall(block) if b"hidden" in block else []
    numbers = [number for number in map(_ROW_NUMBER.search, tags) if number is not None]
    found.hidden_rows += [int(number[1]) - 1 for number in numbers]
    return len(numbers) == len(tags)


def _sees_formulas(block: bytes, found: SheetParts) -> bool:
    """Note the formulas of a block, and return whether that is all of them."""
    formulas = len(_FORMULA.findall(block))
    cells = _CELL.findall(block) if formulas else []
    for letters, row in cells:
        found.formulas.setdefault(int(row) - 1, set()).add(_column(letters.decode()))
    return len(cells) == formulas and not (formulas and _OF_MANY.search(block))


def _sees_formats(block: bytes, styles: Mapping[str, str], found: SheetParts) -> bool:
    """Note what the number formats of a block say, and return whether each has its place."""
    for tag in _TAG_OF_CELL.findall(block):
        style, place = _STYLE.search(tag), _PLACE.search(tag)
        said = styles.get(style[1].decode()) if style is not None else None
        if said is not None:
            if place is None:
                return False
            found.note_format(said, _column(place[1].decode()), int(place[2]) - 1)
    return True


def _blocks(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Yield a part in blocks; each begins with the end of the one before."""
    rest = b""
    with archive.open(part) as file:
        while block := file.read(_BLOCK_BYTES):
            whole = rest + block
            yield whole
            cut = max(
                whole.rfind(b"<c "), whole.rfind(b":c "), whole.rfind(b"<row "),
                whole.rfind(b":row "), len(whole) - _LONGEST_CELL,
            )  # fmt: skip
            rest = whole[cut:]


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * _LETTERS + ord(letter) - ord("A") + 1
    return number - 1


def _local(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2]


def _blank_strings(archive: zipfile.ZipFile, names: Mapping[str, str]) -> set[str]:
    """Return the numbers of the shared texts that are blank."""
    part = next((names[name] for name in names if name.endswith("/sharedstrings.xml")), None)
    if part is None:
        return set()
    blank, number = set(), 0
    with archive.open(part) as file:
        for _, element in ET.iterparse(file):  # noqa: S314 (in a process with limits)
            if _local(element.tag) == "si":
                if not "".join(element.itertext()).strip():
                    blank.add(str(number))
                number += 1
                element.clear()
    return blank


class _ElementReader:
    """Reads a sheet element by element."""

    def __init__(self, blank: set[str], styles: Mapping[str, str]) -> None:
        self.found = SheetParts()
        self._blank = blank
        self._styles = styles
        self._row = self._column = -1
        self._is_shared = self._is_text = False
        self._text: list[str] = []
        self._cell_start: int | None = None
        self._rows_start: int | None = None
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def read(self, file: IO[bytes]) -> None:
        """Read a part."""
        self._parser.ParseFile(file)

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        local, place = _local(name), self._parser.CurrentByteIndex
        if local == "row":
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._column = -1
            self._rows_start = place if self._rows_start is None else self._rows_start
            if attributes.get("hidden") in {"1", "true"}:
                self.found.hidden_rows.append(self._row)
        elif local == "c":
            self._cut_cell(place)
            reference = _REFERENCE.match(attributes.get("r", ""))
            self._column = _column(reference[1]) if reference else self._column + 1
            self._is_shared, self._text = attributes.get("t") == "s", []
            said = self._styles.get(attributes.get("s", ""), "")
            self.found.note_format(said, self._column, self._row)
            self._cell_start = place if self._column >= _FAR else None
        elif local == "f":
            self._formula(attributes)
        self._is_text = local in {"v", "t"}

    def _formula(self, attributes: Mapping[str, str]) -> None:
        self.found.formulas.setdefault(self._row, set()).add(self._column)
        area = _REFERENCE.fullmatch(attributes.get("ref", ""))
        if area is None or area[3] is None or attributes.get("t") == "shared":
            return
        columns = range(_column(area[1]), _column(area[3]) + 1)
        rows = range(int(area[2]) - 1, int(area[4]))
        if len(columns) * len(rows) <= MOST_OF_A_FORMULA:
            for row in rows:
                self.found.formulas.setdefault(row, set()).update(columns)

    def _characters(self, text: str) -> None:
        if self._is_text:
            self._text.append(text)

    def _end(self, name: str) -> None:
        local = _local(name)
        if local == "c":
            text = "".join(self._text).strip()
            if text and not (self._is_shared and text in self._blank):
                self._rows_start = self._cell_start = None
        elif local == "row":
            self._cut_cell(self._parser.CurrentByteIndex)
        elif local == "sheetData" and self._rows_start is not None:
            cut = (self._rows_start, self._parser.CurrentByteIndex)
            inside = bisect_right(self.found.cuts, (cut[0], 0))
            self.found.cuts[inside:] = [cut]
        self._is_text = False

    def _cut_cell(self, place: int) -> None:
        """Leave out the blank cell before a place, if it stands far to the right."""
        if self._cell_start is not None:
            self.found.cuts.append((self._cell_start, place))
            self._cell_start = None
