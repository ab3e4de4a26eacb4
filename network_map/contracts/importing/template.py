"""An empty contract register to fill in: headings, choices to pick from, what each column means.

The headings and the choices are the words of the register itself, so they are Chinese in both
languages; the explanations are in the language of the reader.
"""

import io
from collections.abc import Mapping
from datetime import UTC, datetime

from xlsxwriter import Workbook

from network_map.contracts.tables import CONTRACTS
from network_map.i18n import text
from network_map.tables.columns import Column

_CREATED = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_LEFT_OUT = {"kind_scheme", "origin", "source"}
_ROWS = 5_000
"""Rows below the headings that offer the choices."""
_WIDTH, _WIDE = 18, 60
_PARTIES = (
    "机关法人|科研机构|高等院校|医疗卫生|其他事业法人|社团法人|内资企业|港澳台商投资企业"
    "|外商投资企业|个人|其他"
)
_CHOICES: Mapping[str, str] = {
    "contract_kind": "技术开发|技术转让|技术许可|技术咨询|技术服务",
    "seller_kind": _PARTIES,
    "buyer_kind": _PARTIES,
    "is_related_party": "是|否",
    "technology_field": (
        "电子信息|航空航天|先进制造|生物、医药和医疗器械|新材料及其应用|新能源与高效节能"
        "|环境保护与资源综合利用|核应用|农业|现代交通|城市建设与社会发展"
    ),
    "ip_kind": (
        "发明专利|实用新型专利|外观设计专利|专利|技术秘密|计算机软件著作权|集成电路布图设计专有权"
        "|生物、医药新品种|植物新品种|未涉及知识产权"
    ),
    "plan_source": "国家科技计划|部门计划|省级计划|地市计划|其他计划|计划外",
    "contract_status": "登记|变更|注销",
}


def contract_template_bytes(language: str) -> bytes:
    """Return the empty register as an XLSX workbook: a sheet to fill in, a sheet of explanations.

    Parameters
    ----------
    language
        Of the explanations: ``zh`` or ``en``.
    """
    columns = [column for column in CONTRACTS.columns if column.name not in _LEFT_OUT]
    stream = io.BytesIO()
    book = Workbook(stream, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": _CREATED})
    _write_form(book, columns)
    _write_explanations(book, columns, language)
    book.close()
    return stream.getvalue()


def _write_form(book: Workbook, columns: list[Column]) -> None:
    sheet = book.add_worksheet(CONTRACTS.zh)
    bold = book.add_format({"bold": True, "bg_color": "#dfe7ef", "text_wrap": True})
    as_text = book.add_format({"num_format": "@"})
    as_money = book.add_format({"num_format": "#,##0.00"})
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, _heading(column), bold)
        # As text, so that a long id keeps its digits and a date is left as typed.
        sheet.set_column(place, place, _WIDTH, as_money if column.unit == "fen" else as_text)
        if column.name in _CHOICES:
            choices = {"validate": "list", "source": _CHOICES[column.name].split("|")}
            sheet.data_validation(1, place, _ROWS, place, choices)


def _write_explanations(book: Workbook, columns: list[Column], language: str) -> None:
    sheet = book.add_worksheet(text("contract_template.sheet", language))
    bold = book.add_format({"bold": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 1, _WIDTH)
    sheet.set_column(2, 3, _WIDE)
    for place, key in enumerate(("column", "need", "meaning", "choices")):
        sheet.write_string(0, place, text(f"contract_template.{key}", language), bold)
    for row, column in enumerate(columns, start=1):
        need = "must" if column.is_required else "may"
        about = column.about_zh if language == "zh" else column.about_en
        cells = (
            _heading(column),
            text(f"contract_template.{need}", language),
            text("contract_template.in_yuan", language) if column.unit == "fen" else about,
            _CHOICES.get(column.name, "").replace("|", " / "),
        )
        for place, cell in enumerate(cells):
            sheet.write_string(row, place, cell, wrapped)
    for row, key in enumerate(("unit", "place", "person", "contact"), start=len(columns) + 2):
        sheet.write_string(row, 0, text(f"contract_template.note.{key}", language))


def _heading(column: Column) -> str:
    return f"{column.zh}(元)" if column.unit == "fen" else column.zh
