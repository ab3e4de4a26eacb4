"""The empty register can be filled in and comes back as it was meant."""

import io

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from network_map.contracts.importing.preview import preview_contracts
from network_map.contracts.importing.words import contract_template_bytes
from network_map.contracts.tables import CONTRACTS
from network_map.i18n import LANGUAGES
from network_map.listfiles.headers import Confidence
from tests.shipped import reference


def choices(sheet: Worksheet) -> dict[int, list[str]]:
    """Return what each column offers, by its place from 1."""
    return {
        next(iter(rule.sqref.ranges)).min_col: str(rule.formula1).strip('"').split(",")
        for rule in sheet.data_validations.dataValidation
    }


@pytest.mark.long
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_choice_of_the_template_is_read_as_a_code(language: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(contract_template_bytes(language)))
    sheet = book.worksheets[0]
    headings = [str(cell.value) for cell in sheet[1]]
    offered = choices(sheet)
    most = max(len(words) for words in offered.values())
    for row in range(most):
        cells: dict[str, str | float] = {"合同登记编号": f"{row:016d}", "合同成交额(元)": 10.5}
        for place, words in offered.items():
            cells[headings[place - 1]] = words[row % len(words)]
        for place, heading in enumerate(headings, start=1):
            sheet.cell(row + 2, place, cells.get(heading))
    stream = io.BytesIO()
    book.save(stream)
    found = preview_contracts(stream.getvalue(), "模板.xlsx", reference().gazetteer)
    assert found.is_clean
    assert found.counts["accepted"] == most
    sure = {Confidence.EXACT, Confidence.NORMALISED}
    assert all(match.confidence in sure for match in found.columns.matches)
    for place, words in offered.items():
        column = next(c for c in CONTRACTS.columns if headings[place - 1].startswith(c.zh))
        assert found.contracts[column.name].nunique() == len(words), column.name


def test_the_template_is_the_same_every_time() -> None:
    assert contract_template_bytes("zh") == contract_template_bytes("zh")
