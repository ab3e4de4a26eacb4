"""Files that ask too much are refused with a reason, and the machine does not feel them."""

import io
import json
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from xlsxwriter import Workbook

from network_map.contracts.importing.preview import preview_contracts
from network_map.contracts.importing.reading import ContractOptions
from network_map.errors import FileFormatError
from network_map.i18n import LANGUAGES, error_text, problem_text
from network_map.places.gazetteer import Gazetteer
from tests.contracts.test_import_guards import with_part, workbook
from tests.contracts.ugly_lists import HEAD, ROW, inline
from tests.fixtures.contract_lists.make import open_document
from tests.paths import ROOT

pytestmark = pytest.mark.long

MOST_ADDED_MB, MOST_READER_MB = 150, 600
"""What previewing any of the files may add here, and what the reading process may hold."""
EXTERNAL = (
    b'<?xml version="1.0"?><externalLink '
    b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
)
EXPECTED = {
    "zip_bomb": "file_unpacks_too_large",
    "bomb_that_lies": "file_spreadsheet_damaged",
    "columns_16384": "file_columns_too_many",
    "columns_16384_text": "file_columns_too_many",
    "long_cell": "file_cell_too_long",
    "long_cell_sheet": "file_cell_too_long",
    "upload_200_mb": "file_too_big",
    "encrypted": "file_encrypted",
    "external_link": "file_external_links",
    "formulas": {"contract_formula": 20_000},
}


def of_formulas(count: int) -> bytes:
    """Return a workbook whose every amount is a formula."""
    stream = io.BytesIO()
    with Workbook(stream, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["合同编号", "合同类型", "合同金额(元)"])
        for row in range(1, count + 1):
            sheet.write_row(row, 0, [str(row), "技术开发"])
            sheet.write_formula(row, 2, "=1+1", None, 2)
    return stream.getvalue()


def lying(content: bytes, part: str) -> bytes:
    """Return a packed file that says of a part of 200 MB that it has a thousand bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for info in old.infolist():
            if info.filename != part:
                new.writestr(info.filename, old.read(info))
        new.writestr(part, bytes(200_000_000), zipfile.ZIP_DEFLATED)
    raw = bytearray(stream.getvalue())
    size = struct.pack("<I", 200_000_000)
    while (place := raw.find(size)) >= 0:
        raw[place : place + 4] = struct.pack("<I", 1_000)
    return bytes(raw)


def write_files(folder: Path) -> list[Path]:
    """Write a file of each sort and return them."""
    rows = [HEAD.split(","), ROW.split(",")]
    plain = workbook(rows)
    long_row = f"{HEAD}\n{ROW}\n2,{'长' * 1_000_000},1,1,2023-06-01,530102\n"
    contents = {
        "zip_bomb.xlsx": with_part(plain, "xl/media/bomb.bin", bytes(100_000_000)),
        "bomb_that_lies.xlsx": lying(plain, "xl/worksheets/sheet1.xml"),
        "columns_16384.xlsx": workbook(rows, columns=16_384),
        "columns_16384_text.csv": f"{HEAD}{',' * 16_384}\n{ROW}".encode(),
        "long_cell.csv": long_row.encode(),
        "long_cell_sheet.xlsx": workbook([rows[0], ["2", "长" * 30_000, "1", "1", "", ""]]),
        "upload_200_mb.xlsx": b"PK\x03\x04",
        "encrypted.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + "EncryptedPackage".encode("utf-16-le"),
        "external_link.xlsx": with_part(plain, "xl/externalLinks/externalLink1.xml", EXTERNAL),
        "formulas.xlsx": of_formulas(20_000),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    with (folder / "upload_200_mb.xlsx").open("r+b") as file:
        file.truncate(200_000_001)  # a hole: nothing is written to the disk
    return [folder / name for name in contents]


def test_every_file_that_asks_too_much_is_refused_and_little_memory_is_taken(
    tmp_path: Path,
) -> None:
    command = [
        sys.executable,
        "-m",
        "tests.contracts.guard_reader",
        *map(str, write_files(tmp_path)),
    ]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    formulas = told["outcomes"].pop("formulas")
    assert formulas["contract_formula"] == 20_000
    assert told["outcomes"] == {name: code for name, code in EXPECTED.items() if name != "formulas"}
    assert told["added_mb"] < MOST_ADDED_MB
    assert told["reader_mb"] < MOST_READER_MB


# --- formulas and links -------------------------------------------------------------------------


def test_a_row_with_a_formula_is_refused_and_a_total_made_of_formulas_is_left_out(
    reference: Gazetteer,
) -> None:
    stream = io.BytesIO()
    with Workbook(stream) as book:
        sheet = book.add_worksheet('合同&"表"')
        sheet.write_row(1, 1, ["序号", "合同编号", "合同类型", "合同金额(元)", "卖方名称"])
        for row in (2, 3, 4):
            sheet.write_formula(row, 1, "=ROW()-2", None, row - 1)
            sheet.write_row(row, 2, [str(row), "技术开发", 100, "甲公司"])
        sheet.write_formula(3, 4, "=50*2", None, 100)
        sheet.write_formula(4, 5, "=B3", None, "乙公司")
        sheet.write_string(5, 2, "合计")
        sheet.write_formula(5, 4, "=SUM(E3:E5)", None, 300)
    found = preview_contracts(stream.getvalue(), "合同.xlsx", reference)
    assert list(found.rows["outcome"]) == ["accepted", "refused", "refused"]
    said = {(p.row, p.column): p for p in found.problems if p.code == "contract_formula"}
    assert set(said) == {(4, "contract_value"), (5, "seller_name")}
    for language in LANGUAGES:
        assert "100" in problem_text(said[4, "contract_value"], language)
    answered = ContractOptions(answers={(4, "contract_value"): "100", (5, "seller_name"): "乙公司"})
    again = preview_contracts(stream.getvalue(), "合同.xlsx", reference, answered)
    assert again.is_clean
    assert again.totals.contract_value_fen == 30_000


def test_a_formula_of_an_open_document_is_found_behind_repeated_cells(
    reference: Gazetteer,
) -> None:
    cell = '<table:table-cell table:number-columns-repeated="2"/>'
    formula = (
        '<table:table-cell table:formula="of:=1+1" office:value-type="float" office:value="2">'
        "<text:p>2</text:p></table:table-cell>"
    )
    rows = [
        ["合同编号", "合同类型", "备注", "另注", "合同金额(元)"],
        ["1", "技术开发", "", "", "5"],
    ]
    row = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
        for text in ("2", "技术开发")
    )
    extra = f"<table:table-row>{row}{cell}{formula}</table:table-row>"
    found = preview_contracts(open_document({"合同": rows}, extra), "合同.ods", reference)
    assert list(found.rows["outcome"]) == ["accepted", "refused"]
    assert list(found.rows["reason"]) == ["", "contract_formula"]


def test_a_text_behind_an_equals_sign_is_that_text(reference: Gazetteer) -> None:
    rows = '"=""0012""",技术开发,"=""7""",1,2023-06-01,530102\n13,技术开发,=1+1,1,2023-06-01,530102'
    found = inline(reference, f"{HEAD}\n{rows}\n")
    assert list(found.rows["reason"]) == ["", "contract_formula"]
    assert list(found.contracts["contract_id"]) == ["0012"]
    assert found.totals.contract_value_fen == 700


def test_a_workbook_that_takes_from_other_files_is_refused_with_what_to_do(
    reference: Gazetteer,
) -> None:
    content = with_part(
        workbook([HEAD.split(","), ROW.split(",")]), "xl/externalLinks/externalLink1.xml", EXTERNAL
    )
    with pytest.raises(FileFormatError) as raised:
        preview_contracts(content, "合同.xlsx", reference)
    assert raised.value.code == "file_external_links"
    said = [error_text(raised.value, language) for language in LANGUAGES]
    assert "断开链接" in said[0]
    assert "Break Link" in said[1]
