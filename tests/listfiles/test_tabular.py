"""Any file becomes cells with the row numbers of the file, or one clear sentence."""

import io
import struct
import zipfile
from collections.abc import Callable

import pytest
from xlsxwriter import Workbook

from network_map.errors import FileFormatError
from network_map.i18n import LANGUAGES, error_text
from network_map.listfiles.grid import DEFAULT_LIMITS, Limits
from network_map.listfiles.headers import Confidence, header_score, match_headers, with_choices
from network_map.listfiles.table import RawTable, read_raw_table
from tests.paths import NODE_LISTS

SYNONYMS = {
    "county": ("县(市、区)", "县区", "=县"),
    "kind": ("节点类型", "=类型"),
    "value": ("成交金额",),
}


def read(content: bytes, *, sheet: str | None = None, limits: Limits = DEFAULT_LIMITS) -> RawTable:
    return read_raw_table(content, "名单.csv", SYNONYMS, sheet=sheet, limits=limits)


def workbook(fill: Callable[[Workbook], None]) -> bytes:
    stream = io.BytesIO()
    with Workbook(stream) as book:
        fill(book)
    return stream.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "，", "；", "|"])
def test_encoding_and_delimiter_are_found(encoding: str, delimiter: str) -> None:
    text = f"县区{delimiter}类型\n镇雄县{delimiter}示范县\n"
    table = read(text.encode(encoding))
    assert table.headers == ("县区", "类型")
    assert table.frame.to_numpy().tolist() == [["镇雄县", "示范县"]]
    assert table.file.delimiter == delimiter


def test_rows_keep_the_numbers_of_the_file() -> None:
    text = (
        '名单,,\n\n县区,类型,备注\n镇雄县,示范县,"两\n行"\n\n,,\n盘龙区,示范县,\n合  计,2,\n注:完\n'
    )
    table = read(text.encode())
    assert table.file.header_row == 3
    assert table.titles == ("名单",)
    assert table.row_numbers == (4, 7)
    assert [(note.code, note.row) for note in table.notes] == [
        ("total_left_out", 8),
        ("remark_left_out", 9),
    ]


def test_a_sheet_that_begins_further_down_keeps_its_row_numbers() -> None:
    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet("表")
        sheet.write_row(4, 2, ["县区", "类型"])
        sheet.write_row(5, 2, ["镇雄县", "示范县"])

    table = read(workbook(fill))
    assert (table.file.header_row, table.row_numbers, table.file.sheet_name) == (5, (6,), "表")


def test_codes_dates_and_formulas_of_a_sheet_become_plain_text() -> None:
    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["县区", "类型", "日期", "公式", "真假", "小数"])
        sheet.write(1, 0, 530302.0)
        sheet.write(1, 1, "012")
        sheet.write(1, 2, 43410, day)
        sheet.write_formula(1, 3, "=1+1", value=2)
        sheet.write(1, 4, True)  # noqa: FBT003 - a cell's value
        sheet.write(1, 5, 0.1 + 0.2)

    cells = read(workbook(fill)).frame.iloc[0].tolist()
    assert cells == ["530302", "012", "2018-11-06", "2", "TRUE", "0.3"]


def test_a_repeated_header_inside_the_list_is_left_out() -> None:
    table = read("县区,类型\n镇雄县,示范县\n县区,类型\n盘龙区,示范县\n".encode())
    assert table.row_numbers == (2, 4)


def test_the_sheet_to_read_can_be_named() -> None:
    def fill(book: Workbook) -> None:
        for name in ("甲", "乙"):
            book.add_worksheet(name).write_column(0, 0, ["县区", "镇雄县"])

    content = workbook(fill)
    assert read(content).file.sheet_name == "甲"
    assert read(content, sheet="乙").file.sheet_name == "乙"
    with pytest.raises(FileFormatError) as error:
        read(content, sheet="丙")
    assert "甲、乙" in error_text(error.value)


def zip_of(parts: dict[str, bytes], *, flag_bits: int = 0) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    data = bytearray(stream.getvalue())
    if flag_bits:
        place = data.index(b"PK\x01\x02")
        data[place + 8 : place + 10] = struct.pack("<H", flag_bits)
    return bytes(data)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BAD_FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "file_empty"),
    "blank": (b"  \r\n\r\n", "file_empty"),
    "only blank cells": (b",,,\n,,,\n", "file_empty"),
    "bom alone": (b"\xef\xbb\xbf", "file_empty"),
    "only header": ("县区,类型\n".encode(), "file_only_header"),
    "header and total": ("县区,类型\n合计,3\n".encode(), "file_only_header"),
    "no header": ("甲,乙\n1,2\n".encode(), "file_no_header"),
    "pdf": (b"%PDF-1.7\n", "file_not_a_list"),
    "picture": (b"\x89PNG\r\n\x1a\n\x00", "file_not_a_list"),
    "word": (zip_of({"word/document.xml": b"<a/>"}), "file_not_a_list"),
    "ods": (zip_of({"content.xml": b"<a/>", "mimetype": b"x"}), "file_not_a_list"),
    "zip": (zip_of({"a.csv": b"x"}), "file_not_a_list"),
    "old word": (OLE + "WordDocument".encode("utf-16-le"), "file_not_a_list"),
    "encrypted workbook": (OLE + "EncryptedPackage".encode("utf-16-le"), "file_encrypted"),
    "encrypted zip": (zip_of({"xl/workbook.xml": b"x"}, flag_bits=1), "file_encrypted"),
    "damaged xls": (OLE + bytes(2000), "file_spreadsheet_damaged"),
    "damaged xlsx": (zip_of({"xl/workbook.xml": b"<broken"}), "file_spreadsheet_damaged"),
    "cut xlsx": (b"PK\x03\x04" + bytes(100), "file_spreadsheet_damaged"),
    "bomb": (zip_of({"xl/workbook.xml": bytes(210_000_000)}), "file_unpacks_too_large"),
    "web page": (b"<html><table><tr><td>x</td></tr></table>", "file_is_web_page"),
    "xml sheet": (b'<?xml version="1.0"?><Workbook/>', "file_is_web_page"),
    "binary": (b"\x00\x01\x02\x03" * 50, "file_binary"),
    "neither encoding": (b"\xff\xff\xff,\xfe", "file_encoding_unknown"),
    "mixed": ("县区,类型\n".encode() * 20 + "镇雄".encode("gbk"), "file_encoding_mixed"),
    "open quote": ('县区,类型\n"镇雄县,示范县\n'.encode() + b"a,b\n" * 80, "file_quote_open"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_list_is_refused_with_a_sentence(name: str) -> None:
    content, code = BAD_FILES[name]
    with pytest.raises(FileFormatError) as error:
        read(content)
    assert error.value.code == code
    assert all(error_text(error.value, language) for language in LANGUAGES)


@pytest.mark.parametrize(
    ("limits", "content", "code"),
    [
        (Limits(max_bytes=10), "县区,类型\n镇雄县,示范县\n".encode(), "file_too_big"),
        (Limits(max_rows=3), "县区\n".encode() + b"a\n" * 5, "file_rows_too_many"),
        (Limits(max_columns=3), "县区,a,b,c\n1,2,3,4\n".encode(), "file_columns_too_many"),
        (Limits(max_cell_length=9), "县区\n".encode() + b"x" * 10, "file_cell_too_long"),
        (Limits(), "县区\n".encode() + b"x" * 200_000, "file_cell_too_long"),
    ],
)
def test_a_file_beyond_the_limits_is_refused(limits: Limits, content: bytes, code: str) -> None:
    with pytest.raises(FileFormatError) as error:
        read(content, limits=limits)
    assert error.value.code == code
    assert error_text(error.value)


def test_a_stray_cell_at_the_end_of_a_sheet_cannot_take_the_memory() -> None:
    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_column(0, 0, ["县区", "镇雄县"])
        sheet.write(1_048_575, 16_383, "x")

    with pytest.raises(FileFormatError) as error:
        read(workbook(fill))
    assert error.value.code in {"file_rows_too_many", "file_spreadsheet_damaged"}


def test_a_damaged_old_workbook_never_takes_the_application_down() -> None:
    """Some damage makes the reading library ask for 800 GB and abort its process."""
    content = bytearray((NODE_LISTS / "old_format.xls").read_bytes())
    outcomes = set()
    for place in range(512, len(content), 331):
        damaged = bytearray(content)
        damaged[place : place + 4] = b"\xff\xff\xff\x7f"
        try:
            read(bytes(damaged))
            outcomes.add("read")
        except FileFormatError as error:
            outcomes.add(error.code)
    assert outcomes <= {
        "read", "file_spreadsheet_damaged", "file_empty", "file_no_header", "file_encrypted",
        "file_rows_too_many", "file_columns_too_many", "file_only_header", "file_takes_too_long",
    }  # fmt: skip


# --- headers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "column", "confidence"),
    [
        ("县(市、区)", "county", Confidence.EXACT),
        (" 县（市、区） ", "county", Confidence.NORMALISED),
        ("县 市 区", "county", Confidence.NORMALISED),
        ("所属县(市、区)名称", "county", Confidence.CONTAINS),
        ("成交金额(万元)", "value", Confidence.NORMALISED),
        ("县", "county", Confidence.EXACT),
        ("县志", None, Confidence.NONE),
        ("", None, Confidence.NONE),
        ("类型说明", None, Confidence.NONE),
    ],
)
def test_a_header_is_matched_with_its_confidence(
    header: str, column: str | None, confidence: Confidence
) -> None:
    (match,) = match_headers([header], SYNONYMS)
    assert (match.column, match.confidence) == (column, confidence)


def test_one_column_goes_to_the_better_header_only() -> None:
    matches = match_headers(["所属县区", "县区"], SYNONYMS)
    assert [match.column for match in matches] == [None, "county"]
    assert header_score(["县区", "类型", "其他"], SYNONYMS) == 2


def test_a_person_can_change_every_match() -> None:
    matches = with_choices(
        match_headers(["县区", "地方", "类型"], SYNONYMS), {"地方": "county", "类型": None}
    )
    assert [(m.column, m.confidence.value) for m in matches] == [
        (None, "none"), ("county", "chosen"), (None, "chosen"),
    ]  # fmt: skip
