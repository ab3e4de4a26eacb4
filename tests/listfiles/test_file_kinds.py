"""Files of kinds that people have are read as they are meant, or named for what they are."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping

import pytest
from xlsxwriter import Workbook

from network_map.contracts.importing.cells import MoneyUnit
from network_map.contracts.importing.preview import preview_contracts
from network_map.contracts.importing.reading import ContractOptions, ContractPreview
from network_map.errors import FileFormatError
from network_map.i18n import LANGUAGES, error_text, problem_text
from network_map.listfiles.preview import Answers
from network_map.listfiles.table import RawTable, read_raw_table
from network_map.nodes.importing.preview import NodeListReference, open_reference, preview_nodes

SYNONYMS = {"county": ("县区",), "kind": ("类型",), "note": ("备注",), "established_on": ("日期",)}
HEAD = "合同编号,合同类型,合同金额(元),卖方名称,签订日期\n"
ROWS = "1,技术开发,1000,甲公司,2024-03-05\n2,技术服务,2000,乙公司,2024-03-06\n"
WORKSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.fixture(scope="module")
def reference() -> NodeListReference:
    return open_reference()


@pytest.fixture
def contracts(
    reference: NodeListReference,
) -> Callable[..., ContractPreview]:
    def read(content: bytes | str, options: ContractOptions | None = None) -> ContractPreview:
        raw = content.encode() if isinstance(content, str) else content
        return preview_contracts(raw, "合同", reference.gazetteer, options)

    return read


Contracts = Callable[..., ContractPreview]


def read(content: bytes | str) -> RawTable:
    raw = content.encode() if isinstance(content, str) else content
    return read_raw_table(raw, "名单", SYNONYMS)


def cells(content: bytes | str) -> list[list[str]]:
    return read(content).frame.to_numpy().tolist()


def refusal(content: bytes | str) -> FileFormatError:
    with pytest.raises(FileFormatError) as raised:
        read(content)
    assert all(error_text(raised.value, language) for language in LANGUAGES)
    return raised.value


def codes(found: ContractPreview) -> set[str]:
    assert all(problem_text(p, language) for p in found.problems for language in LANGUAGES)
    return {problem.code for problem in found.problems}


# --- quotes ---------------------------------------------------------------------------------------

LIST = "县区,类型,备注\n镇雄县,示范县,一\n盘龙区,示范县,二\n官渡区,示范县,三\n五华区,示范县,四\n"


@pytest.mark.parametrize(
    ("opens", "closes"), [("镇雄县", "官渡区"), ("一", "三"), ("一", "五华区"), ("镇雄县", "四")]
)
def test_quotes_that_swallow_rows_are_named(opens: str, closes: str) -> None:
    error = refusal(LIST.replace(opens, f'"{opens}').replace(closes, f'{closes}"'))
    last = {"官渡区": 4, "三": 4, "五华区": 5, "四": 5}[closes]
    assert error.code == "file_quote_swallows"
    assert (error.values["row"], error.values["last"]) == (2, last)
    assert error.values["lines"] == last - 2


def test_a_quote_in_the_middle_that_closes_nothing_swallows_nothing() -> None:
    found = cells(LIST.replace("盘龙区", '盘"龙区').replace("二", '二"'))
    assert len(found) == 4
    assert found[1] == ['盘"龙区', "示范县", '二"']


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_quote_that_never_closes_is_named_with_its_row(end: str) -> None:
    error = refusal((LIST + "注:完\n").replace("盘龙区", '"盘龙区').replace("\n", end))
    assert (error.code, error.values["row"], error.values["lines"]) == ("file_quote_open", 3, 3)


@pytest.mark.parametrize("cell", ["五华区", "示范县,四", "四"])
@pytest.mark.parametrize("end", ["\n", ""])
def test_a_quote_that_opens_in_the_last_row_is_named_too(cell: str, end: str) -> None:
    error = refusal(LIST.removesuffix("\n").replace(cell, f'"{cell}') + end)
    assert (error.code, error.values["row"], error.values["lines"]) == ("file_quote_open", 5, 0)


def test_a_quote_that_swallows_contracts_is_named(contracts: Contracts) -> None:
    text = HEAD + "".join(f"{n},技术开发,{n},甲公司,2024-03-05\n" for n in range(1, 60))
    text = text.replace("\n40,", '\n40,"').replace("\n43,技术开发", '\n43,技术"开发')
    with pytest.raises(FileFormatError) as raised:
        contracts(text)
    assert raised.value.values == {"row": 41, "last": 44, "lines": 3}


@pytest.mark.parametrize(
    "cell",
    ['"两\n行"', '"一,二\n三"', '"说 ""好""\n完"', '"\n"', '5" 管', '"a"b', '"a ""b"" c"', "'=1+1"],
)
def test_good_quotes_raise_no_alarm(cell: str) -> None:
    found = cells(LIST.replace("二", cell))
    assert len(found) == 4
    assert found[2:] == [["官渡区", "示范县", "三"], ["五华区", "示范县", "四"]]


def test_backslashes_before_quotes_keep_them() -> None:
    found = cells(LIST.replace("二", r'"说 \"好,好\" 了"').replace("三", r'"C:\甲"'))
    assert found[1][2] == '说 "好,好" 了'
    assert cells(LIST.replace("二", r'"C:\甲\"'))[1] == ["盘龙区", "示范县", "C:\\甲\\"]


# --- encodings, lines -----------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n", "\r\r\n"])
@pytest.mark.parametrize("has_last", [True, False])
def test_any_line_end_is_read(contracts: Contracts, end: str, has_last: bool) -> None:  # noqa: FBT001 - a case
    text = (HEAD + ROWS).replace("\n", end)
    found = contracts(text if has_last else text.removesuffix(end))
    assert found.totals.contract_value_fen == 300_000
    assert found.is_clean


@pytest.mark.long
@pytest.mark.parametrize("end", ["\r", "\n"])
def test_a_long_text_of_any_line_end_is_read_whole(contracts: Contracts, end: str) -> None:
    rows = [f"{n},技术开发,1,甲{'甲' * 20},2024-03-05" for n in range(40_000)]
    text = end.join([HEAD.strip(), *rows])
    for encoding in ("utf-8", "gb18030", "utf-16"):
        assert contracts(text.encode(encoding)).totals.contract_value_fen == 4_000_000


def test_the_euro_of_code_page_936_is_read(contracts: Contracts) -> None:
    raw = (
        (HEAD + ROWS)
        .replace("甲公司", "€€")
        .encode("gb18030")
        .replace("€".encode("gb18030"), b"\x80")
    )
    found = contracts(raw)
    assert list(found.contracts["seller_name"]) == ["€€", "乙公司"]
    assert found.file.encoding == "gb18030"


def test_utf_16_without_a_mark_is_read(contracts: Contracts) -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        assert contracts((HEAD + ROWS).encode(encoding)).totals.contract_value_fen == 300_000


def test_an_apostrophe_that_guards_a_cell_is_not_of_the_cell() -> None:
    assert cells(LIST.replace("二", "'=HYPERLINK(1)"))[1][2] == "=HYPERLINK(1)"
    assert cells(LIST.replace("二", "'二'"))[1][2] == "'二'"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b'{"type": "FeatureCollection", "features": []}', "GeoJSON"),
        (b"SQLite format 3\x00" + bytes(100), "GeoPackage"),
        (b'{"type": "Topology", "objects": {}}', "TopoJSON"),
        ('[{"类型": "县域中心", "县区": "盘龙区"}]'.encode(), " JSON"),
        (b'<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"/>', "KML"),
    ],
)
def test_map_files_are_called_by_their_names(content: bytes, name: str) -> None:
    assert name in error_text(refusal(content))


def zipped(*endings: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for ending in endings:
            archive.writestr(f"节点/节点.{ending}", b"x")
    return stream.getvalue()


def test_a_zipped_shapefile_is_called_so() -> None:
    assert "Shapefile" in error_text(refusal(zipped("shp", "shx", "dbf")))


@pytest.mark.parametrize(
    "content", [b"\x00\x00\x27\x0a" + bytes(100), zipped("shp", "shx"), zipped("dbf", "prj")]
)
def test_a_part_of_a_shapefile_is_told_what_else_belongs_into_the_zip(content: bytes) -> None:
    assert refusal(content).code == "file_shapefile_part"
    assert all(
        word in error_text(refusal(content), language)
        for word in (".shp", ".dbf", "ZIP") for language in ("zh", "en")
    )  # fmt: skip


# --- workbooks ------------------------------------------------------------------------------------


def workbook(
    fill: Callable[[Workbook], None], options: Mapping[str, object] | None = None
) -> bytes:
    stream = io.BytesIO()
    with Workbook(stream, dict(options or {})) as book:
        fill(book)
    return stream.getvalue()


def table(book: Workbook) -> None:
    sheet = book.add_worksheet()
    for place, line in enumerate((HEAD + ROWS).splitlines()):
        values = [int(c) if c.isdigit() and place else c for c in line.split(",")]
        sheet.write_row(place, 0, values)


def changed(
    content: bytes,
    rename: Callable[[str], str] = lambda name: name,
    edit: Callable[[str, bytes], bytes] = lambda _, raw: raw,
) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            new.writestr(rename(name), edit(name, old.read(name)))
    return stream.getvalue()


def other_folder(name: str, raw: bytes) -> bytes:
    return raw.replace(b"xl/workbook.xml", b"/book/main.xml") if name == "_rels/.rels" else raw


RENAMED: Mapping[str, bytes] = {
    "backslashes": changed(workbook(table), lambda name: name.replace("/", "\\")),
    "capitals": changed(workbook(table), lambda name: name.replace("workbook", "Workbook")),
    "other names": changed(
        workbook(table),
        lambda name: re.sub("^xl/", "book/", name).replace("workbook.xml", "main.xml"),
        other_folder,
    ),
}


@pytest.mark.parametrize("name", RENAMED)
def test_workbooks_of_other_programs_are_read(contracts: Contracts, name: str) -> None:
    assert contracts(RENAMED[name]).totals.contract_value_fen == 300_000


@pytest.mark.parametrize("stray", ["A1048576", "XFD2", "XFD1048576", "ZZ3"])
@pytest.mark.parametrize(
    "cell", ['<c r="{}" s="0"/>', '<c r="{}" t="inlineStr"><is><t> </t></is></c>']
)
def test_stray_blanks_at_the_edge_are_no_rows(contracts: Contracts, stray: str, cell: str) -> None:
    letters, number = re.fullmatch(r"([A-Z]+)(\d+)", stray).groups()  # type: ignore[union-attr]  # it does

    def edit(name: str, raw: bytes) -> bytes:
        if not name.endswith("sheet1.xml"):
            return raw
        blank = cell.format(stray).encode()
        if int(number) > 3:
            row = b'<row r="%s">%s</row></sheetData>' % (number.encode(), blank)
            return raw.replace(b"</sheetData>", row)
        end = raw.index(b"</row>", raw.index(b'<row r="%s"' % number.encode()))
        return raw[:end] + blank + raw[end:]

    found = contracts(changed(workbook(table), edit=edit))
    assert found.totals.contract_value_fen == 300_000
    assert found.is_clean, letters


FORMULAS = {
    "usual": b'<c r="C2"><f>500*2</f><v>1000</v></c>',
    "single quotes": b"<c r='C2'><f>500*2</f><v>1000</v></c>",
    "value first": b'<c r="C2"><v>1000</v><f>500*2</f></c>',
    "other attributes": b'<c t="n" s="0" r="C2" ><!-- x --><f ca="1">500*2</f><v>1000</v></c>',
    "no reference": b"<c><f>500*2</f><v>1000</v></c>",
    "array": b'<c r="C2"><f t="array" ref="C2:C2">500*2</f><v>1000</v></c>',
}


@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_is_found_however_its_cell_is_written(contracts: Contracts, name: str) -> None:
    def edit(part: str, raw: bytes) -> bytes:
        return re.sub(rb'<c r="C2">.*?</c>', FORMULAS[name], raw) if "sheet1" in part else raw

    found = contracts(changed(workbook(table), edit=edit))
    assert list(found.rows["reason"]) == ["contract_formula", ""]


def test_every_cell_of_an_array_formula_is_one(contracts: Contracts) -> None:
    def edit(part: str, raw: bytes) -> bytes:
        formula = b'<c r="C2"><f t="array" ref="C2:C3">A2:A3</f><v>1000</v></c>'
        return re.sub(rb'<c r="C2">.*?</c>', formula, raw) if "sheet1" in part else raw

    found = contracts(changed(workbook(table), edit=edit))
    assert list(found.rows["reason"]) == ["contract_formula"] * 2


def test_a_formula_in_a_node_list_is_asked_with_its_saved_value(
    reference: NodeListReference,
) -> None:
    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["序号", "县区", "类型"])
        sheet.write_formula(1, 0, "=ROW()-1", None, 1)
        sheet.write_row(1, 1, ["镇雄县", "示范县"])
        sheet.write_formula(2, 1, '="盘龙"&"区"', None, "盘龙区")
        sheet.write_string(2, 2, "示范县")

    found = preview_nodes(workbook(fill), "名单.xlsx", reference)
    assert list(found.rows["outcome"]) == ["accepted", "refused"]
    (problem,) = (p for p in found.problems if p.code == "cell_formula")
    assert (problem.row, problem.column, problem.fix) == (3, "county", "盘龙区")


def test_hidden_rows_are_taken_and_said(contracts: Contracts) -> None:
    def fill(book: Workbook) -> None:
        table(book)
        book.worksheets()[0].set_row(2, None, None, {"hidden": True})

    found = contracts(workbook(fill))
    assert found.totals.contract_value_fen == 300_000
    (note,) = (p for p in found.problems if p.code == "rows_hidden")
    assert (note.values["count"], note.values["rows"]) == (1, "3")


def test_a_merged_amount_is_asked_and_never_repeated(contracts: Contracts) -> None:
    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["合同编号", "合同类型", "合同金额(元)", "卖方名称"])
        for row in range(1, 5):
            sheet.write_row(row, 0, [str(row), "技术开发", 10])
        sheet.merge_range(1, 2, 3, 2, 9000)
        sheet.merge_range(1, 3, 4, 3, "甲公司")

    content = workbook(fill)
    found = contracts(content)
    assert list(found.rows["reason"]) == ["contract_money_merged"] * 3 + [""]
    assert found.totals.contract_value_fen == 1_000
    answers: Answers = {(row, "contract_value"): "3000" for row in (2, 3, 4)}
    answered = contracts(content, ContractOptions(answers=answers))
    assert answered.totals.contract_value_fen == 901_000
    assert set(answered.contracts["seller_name"]) == {"甲公司"}


def amounts(header: str, number_format: str) -> bytes:
    """Return a workbook with one amount of 1 230 000 in a number format."""

    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(1, 1, ["合同编号", "合同类型", header])
        sheet.write_row(2, 1, ["1", "技术开发"])
        sheet.write_number(2, 3, 1_230_000, book.add_format({"num_format": number_format}))

    return workbook(fill)


@pytest.mark.parametrize(
    "shown",
    [
        "0!.0,",
        '0"."0,"万"',
        "#,##0,",
        "0.00,,;-0.00,,",
        "0\\.0,",
        "0!.0000",
        "0\\.0000",
        '0"."0000',
        '#"."0000"万元"',
    ],
)
def test_amounts_shown_smaller_by_their_format_are_asked(contracts: Contracts, shown: str) -> None:
    content = amounts("合同金额(万元)", shown)
    asked = contracts(content)
    assert [p.code for p in asked.file_problems] == ["contract_unit_unknown"]
    (said,) = [p for p in asked.problems if p.code == "contract_money_scaled"]
    assert said.values["row"] == 3
    yuan = contracts(content, ContractOptions(unit=MoneyUnit.YUAN))
    assert yuan.is_clean
    assert yuan.totals.contract_value_fen == 123_000_000


@pytest.mark.parametrize(
    ("header", "shown"),
    [("合同金额(元)", "0!.0,"), *[("合同金额(万元)", plain) for plain in (
        "General", "#,##0", "#,##0.00", "#,##0.00_);(#,##0.00)", '0.00"万元,"', "[$¥-804]#,##0.00",
    )]],
)  # fmt: skip
def test_amounts_shown_as_they_are_need_no_question(
    contracts: Contracts, header: str, shown: str
) -> None:
    assert contracts(amounts(header, shown)).is_clean


def test_equal_headers_with_different_values_are_asked(contracts: Contracts) -> None:
    head = HEAD.strip() + ",合同金额(元)\n"
    same = head + "1,技术开发,1000,甲公司,2024-03-05,1000\n2,技术服务,5,乙公司,2024-03-06,\n"
    assert contracts(same).is_clean
    other = same.replace("05,1000", "05,700")
    assert [p.code for p in contracts(other).file_problems] == ["headers_repeated"]
    first = contracts(other, ContractOptions(columns={"合同金额(元) (2)": None}))
    second = contracts(other, ContractOptions(columns={"合同金额(元) (2)": "contract_value"}))
    assert first.totals.contract_value_fen == 100_500
    assert second.totals.contract_value_fen == 70_000


@pytest.mark.parametrize("again", ["合同金额（元）", "合同金额 (元)", "合同 金额(元)"])
def test_headers_that_only_look_different_are_equal(contracts: Contracts, again: str) -> None:
    content = HEAD.strip() + f",{again}\n1,技术开发,1000,甲公司,2024-03-05,700\n"
    (asked,) = contracts(content).file_problems
    assert (asked.code, asked.values["again"]) == ("headers_repeated", f"{again} (2)")
    left_out = ContractOptions(columns={f"{again} (2)": None})
    assert contracts(content, left_out).totals.contract_value_fen == 100_000


@pytest.mark.parametrize(
    ("header", "amount", "is_asked"),
    [
        ("成交额(元)", "1000", False), ("成交额(万元)", "0.1", False), ("成交额(元)", "", False),
        ("合同成交额(元)", "700", True), ("成交额(万元)", "1000", True), ("合同总价", "900", True),
        ("合同税额(元)", "700", False),
    ],
)  # fmt: skip
def test_two_headers_of_one_amount_are_asked_where_they_differ(
    contracts: Contracts,
    header: str,
    amount: str,
    is_asked: bool,  # noqa: FBT001 - a case
) -> None:
    content = HEAD.strip() + f",{header}\n1,技术开发,1000,甲公司,2024-03-05,{amount}\n"
    found = contracts(content)
    assert ("contract_amounts_differ" in codes(found)) is is_asked
    asked = [p for p in found.file_problems if p.code == "contract_amounts_differ"]
    left_out = ContractOptions(columns={str(p.values["again"]): None for p in asked})
    assert "contract_amounts_differ" not in codes(contracts(content, left_out))


def test_days_counted_from_1904_are_the_days_meant(contracts: Contracts) -> None:
    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["合同编号", "合同类型", "合同金额(元)", "签订日期"])
        sheet.write_row(1, 0, ["1", "技术开发", 1, 43894])
        sheet.write_row(2, 0, ["2", "技术开发", 1, 43894])
        sheet.write_number(2, 3, 43894, book.add_format({"num_format": "yyyy-mm-dd"}))

    found = contracts(
        changed(
            workbook(fill),
            edit=lambda _, raw: raw.replace(b"<workbookPr ", b'<workbookPr date1904="1" '),
        )
    )
    assert list(found.contracts["signed_on"]) == ["2024-03-05"] * 2
    assert "signed" not in codes(found)


def test_a_text_that_looks_like_a_formula_is_a_text_in_a_node_list(
    reference: NodeListReference,
) -> None:
    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet()
        for row, cells_of_row in enumerate(
            (["县区", "类型", "名称"], ["镇雄县", "示范县", "=1+1"])
        ):
            for column, cell in enumerate(cells_of_row):
                sheet.write_string(row, column, cell)

    found = preview_nodes(workbook(fill), "名单.xlsx", reference)
    assert list(found.nodes["node_name"]) == ["=1+1"]
