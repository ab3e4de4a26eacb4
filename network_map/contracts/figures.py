"""The tables of published figures: technology contracts and policy indicators."""

from network_map.tables.columns import Column, ColumnType, Table
from network_map.tables.shared_columns import GRADE, NOTE, SOURCE, SOURCE_ON

FIGURE_KINDS = ("reported", "derived", "target")


def _number(name: str, zh: str, en: str, unit: str, *about: str) -> Column:
    about_zh, about_en = about or ("", "")
    return Column(name, ColumnType.NUMBER, zh, en, about_zh, about_en, unit=unit, minimum=0)


def _count(name: str, zh: str, en: str, about_zh: str = "", about_en: str = "") -> Column:
    return Column(name, ColumnType.INTEGER, zh, en, about_zh, about_en, unit="count", minimum=0)


_FIGURE_KIND = Column(
    "figure_kind", ColumnType.CODE, "数字性质", "Nature of the figure",
    "公布、推算或目标", "Reported, derived or a target",
    is_required=True, codes=FIGURE_KINDS,
)  # fmt: skip
_PERIOD_TEXT = Column(
    "period_text", ColumnType.TEXT, "期间", "Period", "来源所写", "As written", is_required=True
)
_PERIOD_START = Column("starts_on", ColumnType.DATE, "期间起", "From")
_PERIOD_END = Column("ends_on", ColumnType.DATE, "期间止", "To", "含当日", "Included")
_CONTRACTS = _count(
    "contracts_count",
    "合同数",
    "Contracts",
    "认定登记的技术合同",
    "Registered technology contracts",
)
_VALUE = _number("contract_value_100m_yuan", "成交额", "Contract value", "hundred_million_yuan")

CONTRACTS_PROVINCE = Table(
    "contracts_province", "全省技术合同(公布数)", "Technology contracts of the province",
    (
        Column("figure_id", ColumnType.TEXT, "编号", "Id", is_required=True),
        _PERIOD_TEXT,
        _PERIOD_START,
        _PERIOD_END,
        Column(
            "measure", ColumnType.CODE, "口径", "What is counted",
            "全部技术合同,或只计涉及专利的技术合同;两者不可比",
            "All contracts, or patent-related contracts only; the two cannot be compared",
            is_required=True, codes=("all_contracts", "patent_contracts"),
        ),
        _FIGURE_KIND,
        _CONTRACTS,
        _VALUE,
        _number(
            "technology_value_100m_yuan", "技术交易额", "Technology value", "hundred_million_yuan"
        ),
        Column(
            "contracts_growth_percent", ColumnType.NUMBER, "合同数同比", "Growth of contracts",
            unit="percent",
        ),
        Column(
            "contract_value_growth_percent", ColumnType.NUMBER, "成交额同比",
            "Growth of contract value", unit="percent",
        ),
        SOURCE,
        SOURCE_ON,
        GRADE,
        Column(
            "count_grade", ColumnType.CODE, "合同数可靠程度", "Grade of the number",
            "与成交额不同时才填", "Only where it differs from that of the value",
            codes=("A", "B", "C"),
        ),
        NOTE,
    ),
    key=("figure_id",),
)  # fmt: skip

CONTRACTS_PREFECTURE = Table(
    "contracts_prefecture", "州(市)技术合同(公布数)", "Technology contracts of prefectures",
    (
        Column("figure_id", ColumnType.TEXT, "编号", "Id", is_required=True),
        _PERIOD_TEXT,
        _PERIOD_START,
        _PERIOD_END,
        Column(
            "adcode", ColumnType.ADCODE, "州(市)代码", "Prefecture code",
            "多个州(市)合计时为空", "Empty for a sum of several",
        ),
        Column("area_name", ColumnType.TEXT, "范围", "Area", is_required=True),
        _FIGURE_KIND,
        _CONTRACTS,
        _VALUE,
        SOURCE,
        SOURCE_ON,
        GRADE,
        NOTE,
    ),
    key=("figure_id",),
)  # fmt: skip

CONTRACTS_NATIONAL = Table(
    "contracts_national", "全国技术合同(公布数)", "Technology contracts of the country",
    (
        Column("figure_id", ColumnType.TEXT, "编号", "Id", is_required=True),
        _PERIOD_TEXT,
        _PERIOD_START,
        _PERIOD_END,
        _FIGURE_KIND,
        _CONTRACTS,
        _VALUE,
        SOURCE,
        SOURCE_ON,
        GRADE,
        NOTE,
    ),
    key=("figure_id",),
)  # fmt: skip

POLICY_INDICATORS = Table(
    "policy_indicators", "政策指标", "Policy indicators",
    (
        Column("indicator_id", ColumnType.TEXT, "编号", "Id", is_required=True),
        Column("indicator_zh", ColumnType.TEXT, "指标", "Indicator in Chinese", is_required=True),
        Column(
            "indicator_en", ColumnType.TEXT, "指标英文名", "Indicator in English",
            is_required=True,
        ),
        Column("indicator_value", ColumnType.NUMBER, "数值", "Value", is_required=True),
        Column("value_unit_zh", ColumnType.TEXT, "单位", "Unit in Chinese", is_required=True),
        Column("value_unit_en", ColumnType.TEXT, "单位英文名", "Unit in English", is_required=True),
        Column("as_of", ColumnType.DATE, "截至", "As of", is_required=True),
        Column(
            "figure_kind", ColumnType.CODE, "数字性质", "Nature of the figure",
            "实际、目标或规则", "Actual, a target or a rule",
            is_required=True, codes=("actual", "target", "rule"),
        ),
        Column("document_section", ColumnType.TEXT, "答复文件章节", "Section of the document"),
        SOURCE,
    ),
    key=("indicator_id",),
)  # fmt: skip
