"""What a register may ask of the machine, the unit that is asked, and the list of paid values."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from xlsxwriter import Workbook

from network_map.contracts.importing.cells import MoneyUnit
from network_map.contracts.importing.preview import preview_contracts, preview_paid_values
from network_map.contracts.importing.reading import ContractOptions
from network_map.contracts.tables import PAID_VALUES
from network_map.errors import FileFormatError, MissingFileError, Severity
from network_map.i18n import LANGUAGES, error_text, problem_text
from network_map.listfiles import table as contract_open
from network_map.listfiles.grid import BOOK_LIMITS
from network_map.places.gazetteer import Gazetteer
from network_map.tables.check import check
from tests.contracts.ugly_lists import HEAD, ROW, inline
from tests.paths import CONTRACT_LISTS


def refusal(content: bytes | Path, reference: Gazetteer) -> str:
    with pytest.raises(FileFormatError) as raised:
        preview_contracts(content, "合同", reference)
    assert all(error_text(raised.value, language) for language in LANGUAGES)
    return raised.value.code


def workbook(rows: list[list[str]], columns: int = 0) -> bytes:
    stream = io.BytesIO()
    book = Workbook(stream, {"constant_memory": True})
    sheet = book.add_worksheet()
    for place, row in enumerate(rows):
        sheet.write_row(place, 0, row)
    if columns:
        sheet.write_string(len(rows), columns - 1, "x")
    book.close()
    return stream.getvalue()


def with_part(content: bytes, name: str, raw: bytes) -> bytes:
    stream = io.BytesIO(content)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, raw)
    return stream.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unpacked(reference: Gazetteer) -> None:
    bomb = with_part(workbook([HEAD.split(",")]), "xl/media/bomb.bin", bytes(50_000_000))
    assert refusal(bomb, reference) == "file_unpacks_too_large"


def test_a_sheet_of_16384_columns_is_refused(reference: Gazetteer) -> None:
    wide = workbook([HEAD.split(","), ROW.split(",")], columns=16_384)
    assert refusal(wide, reference) == "file_columns_too_many"
    head = HEAD + "," * 16_384
    assert refusal(f"{head}\n{ROW}".encode(), reference) == "file_columns_too_many"


def test_a_cell_of_a_million_characters_is_refused(reference: Gazetteer) -> None:
    rows = f"{HEAD}\n{ROW}\n2,{'长' * 1_000_000},1,1,2023-06-01,530102\n"
    assert refusal(rows.encode(), reference) == "file_cell_too_long"
    cell = ["2", "长" * 30_000, "1", "1", "2023-06-01", "530102"]
    assert refusal(workbook([HEAD.split(","), cell]), reference) == "file_cell_too_long"


def test_an_upload_that_is_too_big_is_refused_unread(
    reference: Gazetteer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contract_open, "UPLOAD_BYTES", 1_000)
    assert refusal(f"{HEAD}\n{ROW}\n".encode() * 20, reference) == "file_too_big"


def test_an_encrypted_workbook_is_refused(reference: Gazetteer) -> None:
    stream = bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le")
    assert refusal(stream, reference) == "file_encrypted"


def test_a_workbook_that_takes_too_long_is_stopped(
    reference: Gazetteer, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = replace(BOOK_LIMITS, seconds=0.01)
    monkeypatch.setattr(contract_open, "BOOK_LIMITS", quick)
    assert refusal(workbook([HEAD.split(","), ROW.split(",")]), reference) == "file_takes_too_long"


def test_a_file_that_is_not_there_is_named(reference: Gazetteer, tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        preview_contracts(tmp_path / "没有.csv", "没有.csv", reference)


def test_a_list_without_a_unit_shows_the_sum_of_each_reading(reference: Gazetteer) -> None:
    text = "合同编号,合同类型,合同金额\n1,技术开发,12.5\n2,技术开发,1\n3,技术开发,100元\n"
    found = inline(reference, text)
    (question,) = found.file_problems
    assert question.severity is Severity.DOUBTFUL
    assert problem_text(question) == (
        "“合同金额”没有写明单位。若为元,合计 113.50 元;若为万元,合计 135,100.00 元;"
        "若为亿元,合计 1,350,000,100.00 元。请选择单位(命令行 --unit 万元)。"
    )
    assert found.unit_sums[MoneyUnit.WAN] == 13_510_000
    assert found.contracts.empty
    assert not found.is_clean
    answered = inline(reference, text, ContractOptions(unit=MoneyUnit.WAN))
    assert answered.totals.contract_value_fen == 13_510_000
    assert answered.is_clean


@pytest.mark.parametrize(
    ("title", "unit", "is_asked"),
    [("万元", "元", True), ("元", "万元", True), ("万元", "万元", False), ("万元", "", False)],
)
def test_a_unit_above_the_table_that_the_header_contradicts_is_asked(
    reference: Gazetteer,
    title: str,
    unit: str,
    is_asked: bool,  # noqa: FBT001 - a case
) -> None:
    head = HEAD.replace("(元)", f"({unit})" if unit else "")
    content = f"技术合同登记表(单位:{title}),,,,,\n{head}\n{ROW}\n"
    found = inline(reference, content)
    codes = {problem.code for problem in found.problems if problem.row is None}
    assert ({"contract_unit_above", "contract_unit_unknown"} <= codes) is is_asked
    assert found.is_clean is not is_asked
    assert all(problem_text(p, language) for p in found.problems for language in LANGUAGES)
    if is_asked:
        told = inline(reference, content, ContractOptions(unit=MoneyUnit.WAN))
        assert told.totals.contract_value_fen == 1_000_000_000


def test_a_list_whose_every_cell_names_its_unit_needs_no_answer(reference: Gazetteer) -> None:
    found = inline(reference, "合同编号,合同类型,合同金额\n1,技术开发,12万元\n2,技术开发,3元\n")
    assert found.is_clean
    assert found.totals.contract_value_fen == 12_000_300


def test_an_export_reads_the_same_as_text_as_workbook_and_by_its_path(
    reference: Gazetteer,
) -> None:
    options = ContractOptions(source="名单")
    rows = [HEAD.split(","), *([*ROW.split(",")[:5], code] for code in ("532331", "5301"))]
    rows[2][0] = "2"
    text = "\n".join(",".join(row) for row in rows).encode()
    by_text = preview_contracts(text, "a", reference, options)
    by_book = preview_contracts(workbook(rows), "b", reference, options)
    assert by_text.contracts.equals(by_book.contracts)
    assert by_text.totals == by_book.totals


PAID = "合同登记编号,服务机构编号,服务机构名称,实收金额(万元),凭证类型,到账日期\n"


def test_paid_values_keep_every_payment_of_a_contract() -> None:
    rows = "1,S1,某技术转移中心,10.5,发票,2023.6.1\n1,S1,某技术转移中心,1,发票,2023年7月\n"
    found = preview_paid_values((PAID + rows).encode(), "实收.csv")
    check(PAID_VALUES, found.paid_values)
    assert found.paid_value_fen == 11_500_000
    assert list(found.paid_values["paid_on"]) == ["2023-06-01", "2023-07"]
    assert found.is_clean


def test_paid_values_that_cannot_be_read_are_refused_with_their_row() -> None:
    rows = ",S1,甲,1,,\n2,S1,甲,,,\n3,S1,甲,-1,,\n4,S1,甲,1,,上月\n合计,,,3,,\n"
    found = preview_paid_values((PAID + rows).encode(), "实收.csv")
    assert list(found.rows["outcome"]) == ["refused", "refused", "refused", "doubtful"]
    assert {p.row: p.code for p in found.problems if p.row} == {
        2: "contract_id_missing",
        3: "paid_value_missing",
        4: "contract_money_negative",
        5: "date_not_read",
        6: "total_left_out",
    }


def test_paid_values_without_a_service_body_are_told_of_no_estimate() -> None:
    found = preview_paid_values("合同编号,实收金额(元)\n1,5\n".encode(), "实收.csv")
    assert "paid_no_service_body" in {p.code for p in found.problems}
    assert found.paid_value_fen == 500


def test_answers_about_paid_values_are_taken() -> None:
    options = ContractOptions(answers={(2, "paid_on"): "2023-06-01", ("坏", "paid_value"): "7"})
    found = preview_paid_values((PAID + "1,S1,甲,坏,,上月\n").encode(), "实收.csv", options)
    assert found.is_clean
    assert found.paid_value_fen == 7_000_000


def test_nothing_of_a_contact_column_is_kept(reference: Gazetteer) -> None:
    found = preview_contracts(
        (CONTRACT_LISTS / "contacts.xlsx").read_bytes(), "合同.xlsx", reference
    )
    assert found.columns.dropped == ("卖方联系人", "联系电话", "卖方地址", "卖方法定代表人")
    kept = found.contracts.to_csv() + "".join(map(str, found.problems))
    assert not any(word in kept for word in ("王五", "赵六", "某路", "138" + "0" * 8))
