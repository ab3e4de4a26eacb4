"""XLSX with four sheets: the rows, the filters, the method, the sources."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from unicodedata import east_asian_width

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from network_map.errors import QueryError
from network_map.export.bundle import Bundle, shown_columns, shown_headings
from network_map.export.cells import clean_text, cut_text, utf16_length
from network_map.export.meta import embedded_json
from network_map.export.meta_part import with_meta_part
from network_map.i18n import count_text, text
from network_map.tables.columns import Column, ColumnType

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


@dataclass(frozen=True, slots=True)
class _Looks:
    """The cell formats of one workbook."""

    heading: Format
    banner: Format
    text: Format
    note: Format
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
    if len(bundle.table) > MOST_ROWS:
        raise QueryError("export_too_long", rows=len(bundle.table), limit=MOST_ROWS)
    buffer = io.BytesIO()
    book = Workbook(buffer, _OPTIONS)
    book.set_properties(
        {"title": bundle.title, "comments": bundle.dataset_label, "created": _CREATED}
    )
    looks = _looks(book)
    cut_count = _write_rows(_sheet(book, bundle, "rows"), bundle, looks)
    _write_pairs(_sheet(book, bundle, "filters"), bundle, looks, _filter_pairs(bundle))
    _write_pairs(_sheet(book, bundle, "method"), bundle, looks, _method_pairs(bundle, cut_count))
    _write_pairs(_sheet(book, bundle, "sources"), bundle, looks, _source_pairs(bundle))
    book.close()
    return with_meta_part(buffer.getvalue(), partial(embedded_json, bundle))


def _looks(book: Workbook) -> _Looks:
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
    return clean_text(words).replace("\n", " ")[:_MARGIN_TEXT_LIMIT].replace("&", "&&")


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


def _frame(sheet: Worksheet, top: int, row_count: int, column_count: int) -> None:
    last_row, last_column = top + row_count, column_count - 1
    sheet.freeze_panes(top + 1, 0)
    sheet.autofilter(top, 0, last_row, last_column)
    sheet.repeat_rows(0, top)
    if row_count:
        # A division's code is text on purpose: no green corner on every cell.
        sheet.ignore_errors(
            {"number_stored_as_text": f"A{top + 2}:{_column_name(last_column)}{last_row + 1}"}
        )


def _column_name(place: int) -> str:
    name = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


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
    shown = words[:_WIDEST]
    return sum(2 if east_asian_width(letter) in "WFA" else 1 for letter in shown)


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
            shown = cut_text(clean_text(words), LONGEST_TEXT, mark)
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
