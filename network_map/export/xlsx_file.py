"""XLSX with four sheets: the rows, the filters, the method, the sources.

The cells of a workbook: as they are written, no formula calculated, no entity resolved.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from math import ceil, isfinite
from typing import TYPE_CHECKING
from unicodedata import east_asian_width
from xml.etree import ElementTree as ET

from network_map.errors import FileFormatError, QueryError
from network_map.export.bundle import (
    Bundle,
    Front,
    cut_text,
    shown_columns,
    shown_headings,
    utf16_length,
    writable_text,
)
from network_map.export.meta import (
    MOST_BYTES,
    MOST_CELLS,
    MOST_DEPTH,
    Cell,
    Grid,
    Reading,
    embedded_json,
    in_limits,
    meta_in_part,
    not_ours,
    parsed_meta,
    parts_sha256,
    with_meta_part,
)
from network_map.i18n import LANGUAGES, count_text, text
from network_map.tables import Column, ColumnType

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_576 - 2
"""Rows that a sheet holds below the banner and the headings."""
LONGEST_TEXT = 32_767
"""UTF-16 units that a cell holds."""

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
# Not the time of writing: the same bundle gives the same bytes.
_CREATED = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_NARROWEST, _WIDEST = 8, 60
_MARGIN_TEXT_LIMIT = 200  # of the 255 characters that a header or footer holds
_A4 = 9
_LINE_PT = 15
_INDENT = 2  # characters of a column that its edges and uneven line ends take
_FRONT_FROZEN = 2  # the place in the order and the name


@dataclass(frozen=True, slots=True)
class _Looks:
    """The cell formats of one workbook."""

    heading: Format
    banner: Format
    text: Format
    note: Format
    front_heading: Format
    front_text: Format
    front_number: Format
    numbers: dict[str, Format]


def xlsx_bytes(bundle: Bundle) -> bytes:
    """Return the rows as an XLSX workbook without a single formula or link.

    Codes of divisions are text. A text longer than a cell holds is cut and ends in a mark, and
    the method sheet counts the cut cells. The description of the export is a part of its own
    (``meta_part``), not a sheet. The demonstration carries a banner on every sheet and
    in every printed header.

    Raises
    ------
    QueryError
        If there are more rows than a sheet holds.
    """
    from xlsxwriter import Workbook  # noqa: PLC0415 (0.1 s: only where a workbook is written)

    if len(bundle.table) > MOST_ROWS:
        raise QueryError("export_too_long", rows=len(bundle.table), limit=MOST_ROWS)
    buffer = io.BytesIO()
    book = Workbook(buffer, _OPTIONS)
    book.set_properties(
        {"title": bundle.title, "comments": bundle.dataset_label, "created": _CREATED}
    )
    looks = _looks(book)
    if bundle.front is not None:
        _write_front(_sheet(book, bundle, "front"), bundle, bundle.front, looks)
    cut_count = _write_rows(_sheet(book, bundle, "rows"), bundle, looks)
    _write_pairs(_sheet(book, bundle, "filters"), bundle, looks, _filter_pairs(bundle))
    _write_pairs(_sheet(book, bundle, "method"), bundle, looks, _method_pairs(bundle, cut_count))
    _write_pairs(_sheet(book, bundle, "sources"), bundle, looks, _source_pairs(bundle))
    book.close()
    return with_meta_part(buffer.getvalue(), partial(embedded_json, bundle))


def _looks(book: Workbook) -> _Looks:
    ruled = {"valign": "top", "text_wrap": True, "bottom": 1, "bottom_color": "#c8d0d8"}
    return _Looks(
        heading=book.add_format(
            {
                "bold": True,
                "text_wrap": True,
                "valign": "vcenter",
                "bg_color": "#e8eef3",
                "bottom": 1,
            }
        ),
        banner=book.add_format({"bold": True, "font_color": "#9c2b00", "bg_color": "#fde9d9"}),
        text=book.add_format({"num_format": "@", "valign": "top"}),
        note=book.add_format({"num_format": "@", "valign": "top", "text_wrap": True}),
        front_heading=book.add_format(
            {**ruled, "bold": True, "bg_color": "#e8eef3", "align": "left"}
        ),
        front_text=book.add_format({**ruled, "num_format": "@", "align": "left"}),
        front_number=book.add_format({**ruled, "num_format": "#,##0", "align": "left"}),
        numbers={
            code: book.add_format({"num_format": code, "valign": "top"})
            for code in ("0", "#,##0", "#,##0.00", "0.000000", "0.0%")
        },
    )


def _sheet(book: Workbook, bundle: Bundle, name: str) -> Worksheet:
    sheet = book.add_worksheet(text(f"export.sheet.{name}", bundle.language))
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    head = f"&C{_margin(bundle.demo_banner)}" if bundle.is_demo else f"&C{_margin(bundle.title)}"
    sheet.set_header(head)
    sheet.set_footer(f"&L{_margin(f'{bundle.title} {bundle.dataset_label}')}&R&P / &N")
    if bundle.is_demo:
        sheet.set_tab_color("#f4b183")
    return sheet


def _margin(words: str) -> str:
    # An ampersand starts a code of the header.
    return writable_text(words).replace("\n", " ")[:_MARGIN_TEXT_LIMIT].replace("&", "&&")


def _banner(sheet: Worksheet, bundle: Bundle, looks: _Looks) -> int:
    """Write the demonstration's banner and return the number of rows it takes."""
    if not bundle.is_demo:
        return 0
    sheet.write_string(0, 0, bundle.demo_banner, looks.banner)
    return 1


def _write_rows(sheet: Worksheet, bundle: Bundle, looks: _Looks) -> int:
    """Write the rows below their headings and return how many cells had to be cut."""
    top = _banner(sheet, bundle, looks)
    headings, columns = shown_headings(bundle), shown_columns(bundle)
    declared: list[Column | None] = [*bundle.declaration.columns, None]
    mark = text("export.cut_mark", bundle.language)
    cut_count = 0
    for place, (heading, cells) in enumerate(zip(headings, columns, strict=True)):
        sheet.write_string(top, place, heading, looks.heading)
        look = _look_of(declared[place], looks)
        for row, cell in enumerate(cells, start=top + 1):
            if isinstance(cell, str):
                cut_count += utf16_length(cell) > LONGEST_TEXT
                sheet.write_string(row, place, cut_text(cell, LONGEST_TEXT, mark), look)
            elif cell is not None:
                sheet.write_number(row, place, cell, look)
        sheet.set_column(place, place, _width(heading, cells), look)
    _frame(sheet, top, len(bundle.table), len(headings))
    return cut_count


def _write_front(sheet: Worksheet, bundle: Bundle, front: Front, looks: _Looks) -> None:
    """Write the sheet for a meeting: headline, what it rests on, and the list, all wrapped."""
    top, last = _banner(sheet, bundle, looks), len(front.headings) - 1
    for number, line in enumerate(front.lines):
        words = writable_text(line)
        sheet.merge_range(top, 0, top, last, words, looks.heading if number == 0 else looks.note)
        sheet.set_row(top, _LINE_PT * ceil((_columns_of_all(words) + 1) / sum(front.widths)) + 4)
        top += 1
    for place, heading in enumerate(front.headings):
        sheet.write_string(top, place, heading, looks.front_heading)
        sheet.set_column(place, place, front.widths[place])
    sheet.set_row(top, _height(front.headings, front.widths))
    for row, cells in enumerate(front.rows[: front.most_rows], start=top + 1):
        # Not every program makes room for text that is wrapped.
        sheet.set_row(row, _height(cells, front.widths))
        for place, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(row, place, writable_text(cell), looks.front_text)
            elif cell is None:
                sheet.write_blank(row, place, None, looks.front_text)
            else:
                sheet.write_number(row, place, cell, looks.front_number)
    sheet.freeze_panes(top + 1, _FRONT_FROZEN)
    sheet.repeat_rows(top)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)


def _height(cells: Sequence[object], widths: Sequence[int]) -> float:
    """Return the height in points of a row whose texts are wrapped in columns of some widths."""
    lines = [
        sum(max(1, ceil(_columns_of_all(part) / (width - _INDENT))) for part in cell.split("\n"))
        for cell, width in zip(cells, widths, strict=True)
        if isinstance(cell, str)
    ]
    return float(_LINE_PT * max(lines, default=1) + 4)


def _columns_of_all(words: str) -> int:
    return sum(2 if east_asian_width(letter) in "WFA" else 1 for letter in words)


def _frame(sheet: Worksheet, top: int, row_count: int, column_count: int) -> None:
    from xlsxwriter.utility import xl_col_to_name  # noqa: PLC0415 (with the workbook)

    last_row, last_column = top + row_count, column_count - 1
    sheet.freeze_panes(top + 1, 0)
    sheet.autofilter(top, 0, last_row, last_column)
    sheet.repeat_rows(0, top)
    if row_count:
        # A division's code is text on purpose: no green corner on every cell.
        sheet.ignore_errors(
            {"number_stored_as_text": f"A{top + 2}:{xl_col_to_name(last_column)}{last_row + 1}"}
        )


def _look_of(column: Column | None, looks: _Looks) -> Format:
    if column is None or column.type not in {ColumnType.INTEGER, ColumnType.NUMBER}:
        return looks.text
    if column.unit == "degrees":
        return looks.numbers["0.000000"]
    if column.unit == "share":
        return looks.numbers["0.0%"]
    if column.type is ColumnType.NUMBER:
        return looks.numbers["#,##0.00"]
    # A whole number without a unit is a year or a rank, not a quantity.
    return looks.numbers["#,##0" if column.unit else "0"]


def _width(heading: str, cells: Sequence[str | float | None]) -> float:
    """Return a column width that fits: a Chinese character is as wide as two digits."""
    widest = max(
        (_columns_of(line) for cell in cells if cell is not None for line in str(cell).split("\n")),
        default=0,
    )
    return min(max(widest + 2, _columns_of(heading) + 4, _NARROWEST), _WIDEST)


def _columns_of(words: str) -> int:
    return _columns_of_all(words[:_WIDEST])


def _write_pairs(
    sheet: Worksheet, bundle: Bundle, looks: _Looks, pairs: Sequence[tuple[str, str]]
) -> None:
    """Write a sheet of labels and values."""
    top = _banner(sheet, bundle, looks)
    mark = text("export.cut_mark", bundle.language)
    for place, name in enumerate(("label", "value")):
        sheet.write_string(top, place, text(f"export.{name}", bundle.language), looks.heading)
    for row, pair in enumerate(pairs, start=top + 1):
        for place, words in enumerate(pair):
            shown = cut_text(writable_text(words), LONGEST_TEXT, mark)
            sheet.write_string(row, place, shown, looks.note)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100)
    sheet.freeze_panes(top + 1, 0)


def _filter_pairs(bundle: Bundle) -> list[tuple[str, str]]:
    language = bundle.language
    none = [(text("export.filters", language), text("export.no_filter", language))]
    return [
        (text("export.title", language), bundle.title),
        (text("export.dataset", language), bundle.dataset_label),
        (text("export.row_count", language), count_text(len(bundle.table))),
        *(bundle.filters or none),
    ]


def _method_pairs(bundle: Bundle, cut_count: int) -> list[tuple[str, str]]:
    notes = list(bundle.method_notes)
    if bundle.is_demo:
        notes.insert(0, bundle.demo_banner)
    if cut_count:
        notes.append(
            text(
                "export.cut_note", bundle.language, count=cut_count, limit=count_text(LONGEST_TEXT)
            )
        )
    return [(str(number), note) for number, note in enumerate(notes, start=1)]


def _source_pairs(bundle: Bundle) -> list[tuple[str, str]]:
    numbered = [(str(number), line) for number, line in enumerate(bundle.sources, start=1)]
    label = text("export.input_file", bundle.language)
    hashes = [
        (f"{label} {name}", f"SHA-256 {digest}")
        for name, digest in sorted(bundle.created_from.items())
    ]
    return numbered + hashes


_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINKED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_MOST_PARTS = 1_000
_MOST_COLUMNS = 16_384
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_BLOCK = 1 << 20
_TAGS_OF_A_CELL = 3
_LONG_TAG = re.compile(rb"<[^>]{20000}").search

_Rows = dict[int, dict[int, Cell]]


def read_xlsx(data: bytes) -> Reading:
    """Return every sheet of a workbook, its description and where it holds formulas.

    Raises
    ------
    FileFormatError
        If it is no workbook, or asks too much of the machine.
    """
    parts = _parts(data)
    meta = None
    for name in [name for name in parts if name.startswith("customXml/")]:
        words = meta_in_part(parts[name])
        if words is not None and meta is None:
            meta = parsed_meta(words)
            del parts[name]
    try:
        texts = _shared_texts(parts.get("xl/sharedStrings.xml"))
        formulas: list[str] = []
        banners: list[tuple[Cell, ...]] = []
        top = 1 if meta is not None and meta.get("is_demo") is True else 0
        fronts = {text("export.sheet.front", language) for language in LANGUAGES}
        read = [
            (name, _read_sheet(name, content, texts, formulas, banners))
            for name, content in _sheets(parts)
        ]
        grids = tuple(
            _grid(place, name, rows, top, banners)
            for place, (name, rows) in enumerate(one for one in read if one[0] not in fronts)
        )
        grids += tuple(_front_grid(name, rows) for name, rows in read if name in fronts)
    except (ET.ParseError, KeyError, IndexError, ValueError) as error:
        if isinstance(error, FileFormatError):
            raise
        raise not_ours() from error
    grids = (*grids, Grid("XLSX", "sentences", ("", ""), tuple(banners)))
    return Reading(grids, meta, parts_sha256(parts), tuple(formulas))


def _parts(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            entries = book.infolist()
            in_limits("parts", len(entries), _MOST_PARTS)
            parts: dict[str, bytes] = {}
            for entry in entries:
                # Other methods may ask for any memory before they give a byte.
                if entry.compress_type not in _METHODS or entry.filename in parts:
                    raise not_ours()
                left = MOST_BYTES - sum(map(len, parts.values()))
                parts[entry.filename] = _unpacked(book, entry, left)
    except (
        zipfile.BadZipFile,
        EOFError,
        RuntimeError,
        NotImplementedError,
        OSError,
        ValueError,
        OverflowError,
        zlib.error,
    ) as error:
        raise not_ours() from error
    for name, content in parts.items():
        is_xml = name.lower().endswith((".xml", ".rels"))
        # Of two bytes a character the next line would see nothing.
        if is_xml and b"\0" in content:
            raise not_ours()
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content or (is_xml and _LONG_TAG(content)):
            raise not_ours()
    return parts


def _unpacked(book: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> bytes:
    """Return a part, unpacked in blocks: what it says of its own size is not believed."""
    content = bytearray()
    with book.open(entry) as part:
        while block := part.read(min(_BLOCK, left - len(content) + 1)):
            content += block
            in_limits("unpacked", len(content) + MOST_BYTES - left, MOST_BYTES)
    return bytes(content)


def _elements(content: bytes, *names: str) -> Iterator[ET.Element]:
    """Yield the elements of some names; what lies outside them is not kept.

    Raises
    ------
    FileFormatError
        If they lie inside each other deeper than in any workbook.
    """
    in_limits("cells", content.count(b"<") // _TAGS_OF_A_CELL, MOST_CELLS)
    tags = {f"{_MAIN}{name}" for name in names}
    open_elements: list[ET.Element] = []
    inside = 0
    for event, element in ET.iterparse(io.BytesIO(content), ("start", "end")):  # noqa: S314
        if event == "start":
            open_elements.append(element)
            if len(open_elements) > MOST_DEPTH:
                raise not_ours()
            inside += element.tag in tags
            continue
        open_elements.pop()
        if element.tag in tags:
            inside -= 1
            yield element
        if not inside and open_elements:
            open_elements[-1].clear()


def _sheets(parts: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each sheet, in order."""
    targets = {
        link.get("Id"): str(link.get("Target"))
        for link in ET.fromstring(parts["xl/_rels/workbook.xml.rels"])  # noqa: S314 -- see above
    }
    book = ET.fromstring(parts["xl/workbook.xml"])  # noqa: S314 -- see above
    for sheet in book.iter(f"{_MAIN}sheet"):
        target = targets[sheet.get(_LINKED)]
        path = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        yield str(sheet.get("name")), parts[path]


def _shared_texts(content: bytes | None) -> list[str]:
    if content is None:
        return []
    texts = []
    for item in _elements(content, "si"):
        texts.append(_text(item))
        in_limits("cells", len(texts), MOST_CELLS)
    return texts


def _text(item: ET.Element) -> str:
    """Return the text of an item; what a reading aid shows above it does not belong to it."""
    aids = {text for aid in item.iter(f"{_MAIN}rPh") for text in aid.iter(f"{_MAIN}t")}
    return "".join(part.text or "" for part in item.iter(f"{_MAIN}t") if part not in aids)


def _read_sheet(
    name: str,
    content: bytes,
    texts: list[str],
    formulas: list[str],
    banners: list[tuple[Cell, ...]],
) -> _Rows:
    """Return the cells of a sheet by row and column; formulas and printed banners are noted."""
    from xlsxwriter.utility import xl_cell_to_rowcol  # noqa: PLC0415 (with the workbook)

    rows: _Rows = {}
    count = 0
    for element in _elements(content, "c", "oddHeader", "oddFooter"):
        if element.tag in {f"{_MAIN}oddHeader", f"{_MAIN}oddFooter"}:
            banners.append((name, element.text))
            continue
        place = _PLACE.fullmatch(element.get("r", ""))
        if place is None:
            raise not_ours()
        if element.find(f"{_MAIN}f") is not None:
            formulas.append(f"{name}!{place[0]}")
        value = _value(element, texts)
        if value is not None:
            row, column = xl_cell_to_rowcol(place[0])
            rows.setdefault(row + 1, {})[column + 1] = value
            count += 1
            in_limits("cells", count, MOST_CELLS)
    return rows


def _value(cell: ET.Element, texts: list[str]) -> Cell:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _text(cell)
    found = cell.find(f"{_MAIN}v")
    if found is None or found.text is None:
        return None
    if kind == "s":
        return texts[int(found.text)]
    if kind != "n":
        return found.text
    number = float(found.text)
    if not isfinite(number):
        raise not_ours()
    return number


def _front_grid(name: str, rows: _Rows) -> Grid:
    """Return the sheet for a meeting, every line of it a sentence."""
    width = max((max(cells) for cells in rows.values()), default=0)
    height = max(rows, default=0)
    in_limits("columns", width, _MOST_COLUMNS)
    in_limits("cells", width * height, MOST_CELLS)
    cells = tuple(
        tuple(rows.get(row, {}).get(column) for column in range(1, width + 1))
        for row in range(1, height + 1)
    )
    return Grid(name, "sentences", ("",) * width, cells)


def _grid(place: int, name: str, rows: _Rows, top: int, banners: list[tuple[Cell, ...]]) -> Grid:
    """Return a sheet; what stands above the headings goes to the banners, and is compared too."""
    width = max((max(cells) for cells in rows.values()), default=0)
    height = max(rows, default=0)
    in_limits("columns", width, _MOST_COLUMNS)
    in_limits("cells", width * height, MOST_CELLS)
    cells = [
        tuple(rows.get(row, {}).get(column) for column in range(1, width + 1))
        for row in range(1, height + 1)
    ]
    headings = cells[top] if len(cells) > top else ()
    banners += [(name, cell) for row in cells[:top] for cell in row if cell is not None]
    return Grid(
        name,
        "rows" if place == 0 else "sentences",
        tuple("" if cell is None else str(cell) for cell in headings),
        tuple(cells[top + 1 :]),
        first_row=top + 2,
    )
