"""The words of a contract register: what each kind, field, party and state is called there.

An empty register to fill in has them as headings and choices to pick from, so these are Chinese in
both languages; the explanations are in the language of the reader.
"""

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from network_map.contracts.tables import CONTRACTS
from network_map.i18n import text
from network_map.listfiles.cells import bare_text
from network_map.tables import Column
from network_map.terms import (
    ContractKind,
    ContractStatus,
    IpKind,
    KindScheme,
    Origin,
    PartyKind,
    PlanSource,
    TechnologyField,
)

if TYPE_CHECKING:  # the library is loaded where a workbook is written
    from xlsxwriter import Workbook

_NUMBERING = re.compile(r"^[\d一二三四五六七八九十]{1,3}(?=[^\d\W])")
_DIGITS = re.compile(r"\d{2,3}(?!\d)")
_SUFFIXES = ("技术合同", "合同", "技术领域", "领域", "类")
_NEGATIONS = ("非", "不", "未", "无", "除", "其他", "其它")

_KINDS: Mapping[str, str] = {
    ContractKind.DEVELOPMENT: "技术开发|开发|委托开发|合作开发|技术开发委托开发|技术开发合作开发",
    ContractKind.TRANSFER: (
        "技术转让|转让|技术秘密转让|专利权转让|专利申请权转让|专利申请权|专利权|技术秘密"
        "|计算机软件著作权转让|软件著作权转让|计算机软件著作权|集成电路布图设计专有权转让"
        "|植物新品种权转让|植物新品种转让|生物医药新品种权转让|生物医药新品种转让|技术秘密的转让"
        "|专利权的转让|设计著作权转让"
    ),
    ContractKind.LICENCE: (
        "技术许可|许可|专利实施许可|专利许可|技术秘密使用许可|技术秘密许可|技术秘密实施许可"
        "|计算机软件著作权许可|软件著作权许可|植物新品种权许可|植物新品种许可"
        "|集成电路布图设计专有权许可|生物医药新品种权许可|专利实施许可转让"
    ),
    ContractKind.CONSULTING: "技术咨询|咨询",
    ContractKind.SERVICE: (
        "技术服务|服务|一般性技术服务|一般技术服务|技术中介|技术培训|技术服务技术中介"
        "|技术服务技术培训"
    ),
}
_FIELDS: Mapping[str, str] = {
    TechnologyField.INFORMATION: "电子信息|电子信息技术|电子与信息|信息技术|电子信息与通信",
    TechnologyField.AEROSPACE: "航空航天|航空航天技术",
    TechnologyField.MANUFACTURING: "先进制造|先进制造技术|先进制造与自动化",
    TechnologyField.BIOMEDICINE: (
        "生物医药和医疗器械|生物医药和医疗器械技术|生物医药与医疗器械|生物医药医疗器械|生物医药"
        "|生物技术|生物与新医药"
    ),
    TechnologyField.MATERIALS: "新材料及其应用|新材料|新材料技术|新材料及应用",
    TechnologyField.ENERGY: "新能源与高效节能|新能源与节能|新能源|新能源及高效节能|新能源高效节能",
    TechnologyField.ENVIRONMENT: (
        "环境保护与资源综合利用|环境保护与资源综合利用技术|环境保护及资源综合利用|环境保护"
        "|资源与环境|环保与资源综合利用|环境保护与资源利用"
    ),
    TechnologyField.NUCLEAR: "核应用|核应用技术",
    TechnologyField.AGRICULTURE: "农业|农业技术|现代农业|农林牧渔",
    TechnologyField.TRANSPORT: "现代交通|现代交通技术|交通",
    TechnologyField.URBAN: "城市建设与社会发展|城市建设和社会发展|城市建设社会发展|城市建设",
}
_IP: Mapping[str, str] = {
    IpKind.INVENTION_PATENT: "发明专利|专利发明|发明|发明专利权",
    IpKind.UTILITY_PATENT: "实用新型专利|实用新型|专利实用新型|实用新型专利权",
    IpKind.DESIGN_PATENT: "外观设计专利|外观设计|专利外观设计|外观专利",
    IpKind.PATENT: "专利|专利权|专利技术|专利类|专利申请权",
    IpKind.TECHNICAL_SECRET: "技术秘密|专有技术|技术诀窍|技术秘密专有技术|非专利技术",
    IpKind.SOFTWARE_COPYRIGHT: "计算机软件著作权|软件著作权|计算机软件|软著|著作权",
    IpKind.CIRCUIT_LAYOUT: "集成电路布图设计专有权|集成电路布图设计|集成电路布图设计权",
    IpKind.NEW_DRUG: "生物医药新品种|生物医药新品种权|医药新品种|新药",
    IpKind.PLANT_VARIETY: "植物新品种|植物新品种权",
    IpKind.NONE: (
        "未涉及知识产权|未涉及|不涉及知识产权|不涉及|无知识产权|无|没有|未涉及知识产权类|非知识产权"
    ),
}
_PARTIES: Mapping[str, str] = {
    PartyKind.GOVERNMENT: "机关法人|机关|政府机关|政府|党政机关|国家机关|行政机关|政府部门",
    PartyKind.RESEARCH_INSTITUTE: (
        "科研机构|科研院所|科研事业单位|研究机构|科研单位|事业法人科研机构|科学研究机构"
    ),
    PartyKind.UNIVERSITY: "高等院校|高校|大专院校|高等学校|大学|事业法人高等院校|院校",
    PartyKind.HEALTH_INSTITUTION: "医疗卫生|医疗卫生机构|医院|医疗机构|事业法人医疗卫生",
    PartyKind.OTHER_INSTITUTION: "其他事业法人|事业法人|事业单位|事业法人其他|其他事业单位|事业",
    PartyKind.ASSOCIATION: "社团法人|社团|社会团体|社会团体法人|社会组织|民办非企业|学会协会",
    PartyKind.DOMESTIC_FIRM: (
        "内资企业|企业法人|企业|国有企业|集体企业|股份合作企业|联营企业|有限责任公司|股份有限公司"
        "|私营企业|其他企业|其他内资企业|内资|公司|民营企业|国有独资公司|个体经营|企业法人内资企业"
    ),
    PartyKind.HK_MACAO_TAIWAN_FIRM: (
        "港澳台商投资企业|港澳台投资企业|港澳台企业|港澳台|港澳台资企业|港澳台商独资"
    ),
    PartyKind.FOREIGN_FIRM: (
        "外商投资企业|外资企业|外商|中外合资|中外合资企业|外商独资|境外企业|外资"
    ),
    PartyKind.PERSON: "个人|自然人|个体工商户|公民|个体",
    PartyKind.OTHER: "其他|其它|其他组织|其它组织|其他类",
}
_PLANS: Mapping[str, str] = {
    PlanSource.NATIONAL: (
        "国家科技计划|国家计划|国家级|国家级计划|国家级科技计划|国家重点研发计划|国家自然科学基金"
        "|国家科技重大专项|国家|863计划|973计划"
    ),
    PlanSource.MINISTRY: "部门计划|部委计划|部级计划|部门科技计划|部级|部门|国务院各部门计划",
    PlanSource.PROVINCE: (
        "省级计划|省计划|省科技计划|省级科技计划|云南省科技计划|省自治区直辖市计划|省级|省部级计划"
        "|省自治区直辖市及计划单列市计划|省市计划|省自治区直辖市科技计划|省市自治区计划"
    ),
    PlanSource.PREFECTURE: (
        "地市计划|州市计划|市级计划|地市级计划|州市科技计划|地市县计划|地市州计划|市县计划|市级"
        "|州市级计划|地市级|地方计划"
    ),
    PlanSource.OTHER_PLAN: "其他计划|其它计划|其他|企业计划",
    PlanSource.OUTSIDE_PLAN: "计划外|非计划|无计划|计划外项目|无|没有|自选|自选项目",
}
_STATES: Mapping[str, str] = {
    ContractStatus.REGISTERED: (
        "登记|已登记|认定登记|正常|有效|已认定|已审核|审核通过|已通过|新登记|首次登记|初始登记|通过"
        "|已认定登记|履行中|已完成"
    ),
    ContractStatus.CHANGED: "变更|已变更|变更登记|修改|修订|合同变更",
    ContractStatus.CANCELLED: (
        "注销|已注销|撤销|已撤销|撤消|已撤消|作废|已作废|注销登记|终止|解除|取消|已取消|合同注销"
        "|已终止|合同终止|已解除|合同撤销"
    ),
}
_ORIGINS: Mapping[str, str] = {
    Origin.OFFICIAL: "官方", Origin.REPORTED: "公开报道", Origin.ASSUMED: "假定",
    Origin.SYNTHETIC: "合成",
}  # fmt: skip
_SCHEMES: Mapping[str, str] = {
    KindScheme.FOUR: "四类|四类合同|4", KindScheme.FIVE: "五类|五类合同|5",
}  # fmt: skip
_YES = {"是", "有", "y", "yes", "1", "true", "√", "关联", "关联交易", "是关联交易", "属于"}
_NO = {"否", "无", "没有", "n", "no", "0", "false", "×", "非关联", "非关联交易", "不是", "不属于"}

_PARTY_CODES = {
    "01": PartyKind.GOVERNMENT, "021": PartyKind.RESEARCH_INSTITUTE, "022": PartyKind.UNIVERSITY,
    "023": PartyKind.HEALTH_INSTITUTION, "02": PartyKind.OTHER_INSTITUTION,
    "03": PartyKind.ASSOCIATION, "1": PartyKind.DOMESTIC_FIRM,
    "2": PartyKind.HK_MACAO_TAIWAN_FIRM, "3": PartyKind.FOREIGN_FIRM, "4": PartyKind.PERSON,
}  # fmt: skip
"""Beginnings of the three-digit codes of parties, the longer ones first in force."""


@dataclass(frozen=True, slots=True)
class Word:
    """What a cell of a code column means.

    Parameters
    ----------
    code
        The code, or None if the cell says nothing or nothing known.
    is_sure
        Whether the whole cell is a known word; otherwise it only contains one.
    is_blank
        Whether the cell says nothing.
    """

    code: str | None
    is_sure: bool = True
    is_blank: bool = False


def _book(words: Mapping[str, str]) -> dict[str, str]:
    return {
        bare_text(word): str(code)
        for code, text in words.items()
        for word in (*text.split("|"), str(code))
    }


_FIRST_KINDS = tuple((bare_text(words.split("|")[0]), str(kind)) for kind, words in _KINDS.items())
_BOOKS: Mapping[str, Mapping[str, str]] = {
    "contract_kind": _book(_KINDS),
    "technology_field": _book(_FIELDS),
    "ip_kind": _book(_IP),
    "seller_kind": _book(_PARTIES),
    "buyer_kind": _book(_PARTIES),
    "plan_source": _book(_PLANS),
    "contract_status": _book(_STATES),
    "origin": _book(_ORIGINS),
    "kind_scheme": _book(_SCHEMES),
}
_BLANK = {"", "-", "--", "—", "——", "/", "\\", "n/a", "na", "null", "none", "nan", "无", "暂无"}
_LEAST_CONTAINED = 2


def word_reader(column: str) -> Callable[[str], Word]:
    """Return what reads one cell of a code column."""
    book = _BOOKS[column]

    def read(text: str) -> Word:
        return read_word(text, column, book)

    return read


def read_word(text: str, column: str, book: Mapping[str, str]) -> Word:
    """Return the code that a cell means.

    Read are the known words with or without numbering and 合同/类, the first level before a
    second one (技术转让-专利权转让), codes of parties, and words that contain just one known.
    """
    bare = bare_text(text)
    if bare in book:
        return Word(book[bare])
    if text.strip().casefold() in _BLANK or not bare:
        return Word(None, is_blank=True)
    digits = _DIGITS.match(bare)
    if digits is not None and column in {"seller_kind", "buyer_kind"}:
        return Word(_party_code(digits.group()))
    short = _stripped(bare)
    if short in book:
        return Word(book[short])
    if column == "contract_kind":
        first = {code for word, code in _FIRST_KINDS if word in short}
        begins = [code for word, code in _FIRST_KINDS if short.startswith(word)]
        if begins:  # 技术开发、技术服务 is not one kind
            return Word(begins[0] if len(first) == 1 else None)
    return _contained(short, book)


def read_yes_no(text: str) -> Word:
    """Return ``true`` or ``false`` for a cell of a yes/no column."""
    bare = bare_text(text) or text.strip()
    if bare in _YES or bare in _NO:
        return Word("true" if bare in _YES else "false")
    return Word(None, is_blank=not bare or bare in _BLANK)


def _stripped(bare: str) -> str:
    short = _NUMBERING.sub("", bare)
    for suffix in _SUFFIXES:
        if short.endswith(suffix) and len(short) > len(suffix) + 1:
            return short.removesuffix(suffix)
    return short


def _party_code(digits: str) -> str | None:
    """Return the kind of a party by its three-digit code, a lost leading zero put back."""
    code = digits.zfill(3)
    longest = max((start for start in _PARTY_CODES if code.startswith(start)), key=len, default="")
    return _PARTY_CODES[longest].value if longest else None


def _contained(short: str, book: Mapping[str, str]) -> Word:
    """Return the one code whose words the text contains, if it denies nothing."""
    if any(word in short for word in _NEGATIONS):
        return Word(None)
    found = [word for word in book if len(word) >= _LEAST_CONTAINED and word in short]
    longest = [w for w in found if not any(w in other and w != other for other in found)]
    codes = {book[word] for word in longest}
    return Word(codes.pop(), is_sure=False) if len(codes) == 1 else Word(None)


_CREATED = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_LEFT_OUT = {"kind_scheme", "origin", "source"}
_ROWS = 5_000
"""Rows below the headings that offer the choices."""
_WIDTH, _WIDE = 18, 60
_PARTY_CHOICES = (
    "机关法人|科研机构|高等院校|医疗卫生|其他事业法人|社团法人|内资企业|港澳台商投资企业"
    "|外商投资企业|个人|其他"
)
_CHOICES: Mapping[str, str] = {
    "contract_kind": "技术开发|技术转让|技术许可|技术咨询|技术服务",
    "seller_kind": _PARTY_CHOICES,
    "buyer_kind": _PARTY_CHOICES,
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
    """Return the empty register as an XLSX workbook, with a sheet of explanations."""
    from xlsxwriter import Workbook  # noqa: PLC0415 (0.1 s: only where a workbook is written)

    columns = [column for column in CONTRACTS.columns if column.name not in _LEFT_OUT]
    stream = io.BytesIO()
    book = Workbook(stream, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": _CREATED})
    _write_form(book, columns)
    _write_explanations(book, columns, language)
    book.close()
    return stream.getvalue()


def _write_form(book: "Workbook", columns: list[Column]) -> None:
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


def _write_explanations(book: "Workbook", columns: list[Column], language: str) -> None:
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
