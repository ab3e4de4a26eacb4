"""One table in the formats that programs write, with what they write beside the values."""

import io
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import pandas as pd
from xlsxwriter import Workbook

from tests.fixtures.contract_lists.old_excel import compound_file

Value = str | int | float
Row = Sequence["Value | Cell"]
Area = tuple[int, int, int, int]
"""First row, first column, last row and last column, from 0."""
_NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in (
        ("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"),
        ("number", "datastyle"),
    )
)  # fmt: skip
_ODS_KIND = "application/vnd.oasis.opendocument.spreadsheet"


@dataclass(frozen=True)
class Cell:
    """A cell with its number format of Excel, or with the formula that gave its value."""

    value: Value
    number_format: str = ""
    formula: str = ""


@dataclass(frozen=True)
class Beside:
    """What a program writes beside the values.

    Parameters
    ----------
    merged
        Merged ranges.
    hidden
        Hidden rows, from 0.
    is_1904
        Whether days are counted from 1904.
    """

    merged: Sequence[Area] = ()
    hidden: Sequence[int] = ()
    is_1904: bool = False


NOTHING = Beside()


def plain(rows: Sequence[Row]) -> list[list[Value]]:
    """Return the values of cells."""
    return [[cell.value if isinstance(cell, Cell) else cell for cell in row] for row in rows]


def delimited(
    rows: Sequence[Row], *, delimiter: str = ",", encoding: str = "utf-8", end: str = "\n"
) -> bytes:
    """Return a text file; cells with delimiters, quotes or line ends are quoted."""

    def quoted(cell: Value) -> str:
        text = str(cell)
        is_plain = not set(text) & {delimiter, '"', "\n", "\r"}
        return text if is_plain else '"' + text.replace('"', '""') + '"'

    lines = (delimiter.join(quoted(cell) for cell in row) + end for row in plain(rows))
    return "".join(lines).encode(encoding)


def xlsx(rows: Sequence[Row], beside: Beside = NOTHING, sheet_name: str = "名单") -> bytes:
    """Return a workbook of today."""
    stream = io.BytesIO()
    options = {"date_1904": beside.is_1904, "in_memory": True}
    with Workbook(stream, options) as book:
        sheet = book.add_worksheet(sheet_name)
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                one = cell if isinstance(cell, Cell) else Cell(cell)
                shown = book.add_format({"num_format": one.number_format}) if (
                    one.number_format
                ) else None  # fmt: skip
                if one.formula:
                    sheet.write_formula(row, column, one.formula, shown, one.value)
                elif isinstance(one.value, str):
                    if one.value:
                        sheet.write_string(row, column, one.value, shown)
                else:
                    sheet.write_number(row, column, one.value, shown)
        for top, left, bottom, right in beside.merged:
            value = plain(rows)[top][left]
            sheet.merge_range(top, left, bottom, right, value)
        for row in beside.hidden:
            sheet.set_row(row, None, None, {"hidden": True})
    return stream.getvalue()


# --- OpenDocument ---------------------------------------------------------------------------------


def ods(rows: Sequence[Row], beside: Beside = NOTHING, sheet_name: str = "名单") -> bytes:
    """Return an OpenDocument spreadsheet."""
    spans = {(top, left): (bottom - top + 1, right - left + 1)
             for top, left, bottom, right in beside.merged}  # fmt: skip
    covered = {
        (row, column)
        for top, left, bottom, right in beside.merged
        for row in range(top, bottom + 1) for column in range(left, right + 1)
        if (row, column) != (top, left)
    }  # fmt: skip
    lines = []
    for row, cells in enumerate(rows):
        hidden = ' table:visibility="filter"' if row in beside.hidden else ""
        inside = "".join(
            "<table:covered-table-cell/>" if (row, column) in covered
            else _ods_cell(cell, spans.get((row, column)))
            for column, cell in enumerate(cells)
        )  # fmt: skip
        lines.append(f"<table:table-row{hidden}>{inside}</table:table-row>")
    settings = '<table:null-date table:date-value="1904-01-01"/>' if beside.is_1904 else ""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_NAMES} '
        'office:version="1.3"><office:automatic-styles>'
        '<number:number-style style:name="N1"><number:number number:display-factor="10000"/>'
        '</number:number-style><number:number-style style:name="N2"><number:number/>'
        '</number:number-style><style:style style:name="scaled" style:family="table-cell" '
        'style:data-style-name="N1"/><number:number-style style:name="N3"><number:number/>'
        "<number:text>万元</number:text></number:number-style>"
        '<style:style style:name="unit" style:family="table-cell" style:data-style-name="N3"/>'
        '<style:style style:name="plain" style:family="table-cell" '
        'style:data-style-name="N2"/></office:automatic-styles><office:body>'
        f"<office:spreadsheet><table:calculation-settings>{settings}</table:calculation-settings>"
        f'<table:table table:name="{escape(sheet_name)}">{"".join(lines)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS_KIND}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for part, text in (
            ("mimetype", _ODS_KIND), ("content.xml", content), ("META-INF/manifest.xml", manifest),
        ):  # fmt: skip
            archive.writestr(part, text)
    return stream.getvalue()


def _ods_cell(cell: "Value | Cell", span: tuple[int, int] | None) -> str:
    one = cell if isinstance(cell, Cell) else Cell(cell)
    said = ""
    if span is not None:
        said += f' table:number-rows-spanned="{span[0]}" table:number-columns-spanned="{span[1]}"'
    if one.number_format:
        style = "unit" if one.number_format.endswith('"万元"') else "plain"
        said += f' table:style-name="{"scaled" if "," in one.number_format else style}"'
    if one.formula:
        said += f' table:formula="of:{escape(one.formula)}"'
    if one.value == "":
        return f"<table:table-cell{said}/>"
    if isinstance(one.value, str):
        text = f"<text:p>{escape(one.value)}</text:p>"
        return f'<table:table-cell office:value-type="string"{said}>{text}</table:table-cell>'
    return (
        f'<table:table-cell office:value-type="float" office:value="{one.value!r}"{said}>'
        f"<text:p>{one.value}</text:p></table:table-cell>"
    )


# --- Excel 97 -------------------------------------------------------------------------------------


@dataclass
class _Formats:
    """The number formats of a workbook, and the number of the cell style of each."""

    codes: list[str] = field(default_factory=lambda: ["General"])

    def style(self, code: str) -> int:
        if not code:
            return 0
        if code not in self.codes:
            self.codes.append(code)
        return self.codes.index(code)

    def records(self) -> bytes:
        made = b""
        for number, code in enumerate(self.codes[1:], 164):
            letters = code.encode("utf-16-le")
            body = struct.pack("<HHB", number, len(letters) // 2, 1) + letters
            made += _record(0x41E, body)
        styles = [0, *range(164, 163 + len(self.codes))]
        return made + b"".join(
            _record(0xE0, struct.pack("<HH", 0, number) + bytes(16)) for number in styles
        )


def xls(rows: Sequence[Row], beside: Beside = NOTHING, sheet_name: str = "名单") -> bytes:
    """Return a workbook of Excel 97."""
    formats = _Formats()
    cells = b"".join(
        _xls_cell(row, column, cell if isinstance(cell, Cell) else Cell(cell), formats)
        for row, line in enumerate(rows)
        for column, cell in enumerate(line)
        if cell != ""
    )
    width = max((len(row) for row in rows), default=0)
    extent = _record(0x200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    hidden = b"".join(
        _record(0x208, struct.pack("<6HI", row, 0, width, 255, 0, 0, 0x20)) for row in beside.hidden
    )
    areas = b"".join(
        struct.pack("<4H", top, bottom, left, right) for top, left, bottom, right in beside.merged
    )
    merged = _record(0xE5, struct.pack("<H", len(beside.merged)) + areas) if areas else b""
    sheet = _start(0x10) + extent + hidden + cells + merged + _record(0x0A, b"")
    name = sheet_name.encode("utf-16-le")
    before = _start(5) + _record(0x22, struct.pack("<H", int(beside.is_1904))) + formats.records()
    place = len(before) + 4 + 8 + len(name) + 4
    said = struct.pack("<IBBBB", place, 0, 0, len(name) // 2, 1) + name
    return compound_file(before + _record(0x85, said) + _record(0x0A, b"") + sheet)


def _xls_cell(row: int, column: int, cell: Cell, formats: _Formats) -> bytes:
    place = struct.pack("<HHH", row, column, formats.style(cell.number_format))
    if cell.formula:
        number = float(cell.value) if not isinstance(cell.value, str) else 0.0
        # The tokens of =1: what the formula is does not matter here.
        return _record(0x06, place + struct.pack("<dHIH", number, 0, 0, 3) + b"\x1e\x01\x00")
    if isinstance(cell.value, str):
        letters = cell.value.encode("utf-16-le")
        return _record(0x204, place + struct.pack("<HB", len(letters) // 2, 1) + letters)
    return _record(0x203, place + struct.pack("<d", cell.value))


def _start(kind: int) -> bytes:
    return _record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 1997, 0, 6))


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def parquet(rows: Sequence[Row]) -> bytes:
    """Return a Parquet file; the first row names the columns, each of which is text or number."""
    head, *data = plain(rows)
    return pd.DataFrame(data, columns=[str(name) for name in head]).to_parquet(index=False)


def utf8(rows: Sequence[Row]) -> bytes:
    """Return a CSV file in UTF-8."""
    return delimited(rows)


def excel_csv(rows: Sequence[Row]) -> bytes:
    """Return a CSV file as a Chinese Excel writes it."""
    return delimited(rows, encoding="gb18030", end="\r\n")


def excel_text(rows: Sequence[Row]) -> bytes:
    """Return the Unicode text of Excel."""
    return delimited(rows, delimiter="\t", encoding="utf-16", end="\r\n")


BOOKS: Mapping[str, Callable[..., bytes]] = {"xlsx": xlsx, "ods": ods, "xls": xls}
TEXTS: Mapping[str, Callable[[Sequence[Row]], bytes]] = {
    "csv": utf8, "gbk": excel_csv, "txt": excel_text,
}  # fmt: skip
FORMATS: Mapping[str, Callable[[Sequence[Row]], bytes]] = {**TEXTS, **BOOKS}
