"""The tables of the contract register: registered technology contracts, and what was paid.

The tables of the contract monitor: volumes by place, cuts, series, flows, seasons, subsidies.

Amounts stand twice: in 10 000 yuan for reading, in whole fen for checking.

The tables that the import of contracts and payments shows of a list.

The tables of published figures: technology contracts and policy indicators.
"""

from network_map.tables import (
    GRADE,
    NOTE,
    ORIGIN,
    PREFECTURE_NAME,
    SOURCE,
    SOURCE_ON,
    Column,
    ColumnType,
    Table,
)
from network_map.terms import (
    ContractKind,
    ContractStatus,
    IpKind,
    KindScheme,
    PartyKind,
    PlanSource,
    TechnologyField,
)


def _money(name: str, zh: str, en: str, *, is_required: bool = False) -> Column:
    return Column(
        name, ColumnType.INTEGER, zh, en,
        "以分为单位的整数", "Whole fen",
        unit="fen", is_required=is_required, minimum=0,
    )  # fmt: skip


def _place(name: str, zh: str, en: str) -> Column:
    return Column(
        name, ColumnType.ADCODE, zh, en,
        "现行六位代码;省外只到省;空白为未定位", "Current six-digit code; outside the province "
        "the province's; blank: unlocated",
    )  # fmt: skip


CONTRACTS = Table(
    "contracts", "技术合同", "Technology contracts",
    (
        Column(
            "contract_id", ColumnType.TEXT, "合同登记编号", "Contract id",
            "保留前导零", "Leading zeros kept", is_required=True,
        ),
        Column("title", ColumnType.TEXT, "项目名称", "Title"),
        Column(
            "contract_kind", ColumnType.CODE, "合同类型", "Contract kind",
            is_required=True, codes=tuple(ContractKind),
        ),
        Column(
            "kind_scheme", ColumnType.CODE, "合同分类", "Kind scheme",
            "四类时许可含在转让内", "With four kinds, licences are inside transfers",
            is_required=True, codes=tuple(KindScheme),
        ),
        Column("seller_name", ColumnType.TEXT, "卖方名称", "Seller"),
        Column("buyer_name", ColumnType.TEXT, "买方名称", "Buyer"),
        _place("seller_adcode", "卖方行政区划代码", "Seller's division code"),
        _place("buyer_adcode", "买方行政区划代码", "Buyer's division code"),
        Column("seller_country", ColumnType.TEXT, "卖方国别代码", "Seller's country code"),
        Column("buyer_country", ColumnType.TEXT, "买方国别代码", "Buyer's country code"),
        Column("seller_kind", ColumnType.CODE, "卖方性质", "Seller kind", codes=tuple(PartyKind)),
        Column("buyer_kind", ColumnType.CODE, "买方性质", "Buyer kind", codes=tuple(PartyKind)),
        _money("contract_value_fen", "合同成交额", "Contract value", is_required=True),
        _money("technology_value_fen", "技术交易额", "Technology value"),
        Column("is_related_party", ColumnType.BOOLEAN, "关联交易", "Related-party deal"),
        Column("signed_on", ColumnType.DATE, "签订日期", "Signed on"),
        Column("registered_on", ColumnType.DATE, "认定登记日期", "Registered on"),
        Column("starts_on", ColumnType.DATE, "有效期起", "Starts on"),
        Column("ends_on", ColumnType.DATE, "有效期止", "Ends on"),
        Column(
            "technology_field", ColumnType.CODE, "技术领域", "Technology field",
            codes=tuple(TechnologyField),
        ),
        Column("ip_kind", ColumnType.CODE, "知识产权类型", "IP kind", codes=tuple(IpKind)),
        Column("plan_source", ColumnType.CODE, "计划来源", "Plan source", codes=tuple(PlanSource)),
        Column("registry_name", ColumnType.TEXT, "登记机构", "Registry"),
        Column(
            "contract_status", ColumnType.CODE, "登记状态", "Register status",
            is_required=True, codes=tuple(ContractStatus),
        ),
        ORIGIN, SOURCE,
    ),
    key=("contract_id",),
)  # fmt: skip

PAID_VALUES = Table(
    "paid_values", "实收金额", "Paid values",
    (
        Column("contract_id", ColumnType.TEXT, "合同登记编号", "Contract id", is_required=True),
        Column(
            "service_body_id", ColumnType.TEXT, "服务机构编号", "Service body id",
            "奖补付给促成交易的服务机构", "The subsidy is paid to bodies that broker deals",
        ),
        Column("service_body_name", ColumnType.TEXT, "服务机构名称", "Service body"),
        _money("paid_value_fen", "实收金额", "Paid value", is_required=True),
        Column("evidence_kind", ColumnType.TEXT, "凭证类型", "Evidence"),
        Column("paid_on", ColumnType.DATE, "到账日期", "Paid on"),
        ORIGIN, SOURCE,
    ),
)  # fmt: skip

TO_DATE = "is_to_date"
"""In a rollup: whether a contract was signed by the day of the year on which the register ends;
missing where its day is not known."""
PERSON_NAME = "个人"
"""Kept instead of the name of a natural person."""


ROW_KINDS = ("place", "coarse", "outside", "unlocated", "total")
"""A place; known no closer than a place above; outside the province; not located; the sum."""
FLOW_KINDS = ("inside", "between", "outside", "coarse", "unlocated")
"""Within a prefecture; between two; out of the province; to the province; an end without place."""


def _counted(name: str, zh: str, en: str, *about: str) -> Column:
    about_zh, about_en = about or ("", "")
    return Column(name, ColumnType.INTEGER, zh, en, about_zh, about_en, unit="count")


def _fen(name: str, zh: str, en: str) -> Column:
    return Column(
        name, ColumnType.INTEGER, zh, en, "精确到分", "Exact to the fen", unit="fen"
    )  # fmt: skip


def _ten_k(name: str, zh: str, en: str, *about: str) -> Column:
    about_zh, about_en = about or ("", "")
    return Column(name, ColumnType.NUMBER, zh, en, about_zh, about_en, unit="ten_thousand_yuan")


def _percent(name: str, zh: str, en: str, *about: str) -> Column:
    about_zh, about_en = about or ("", "")
    return Column(name, ColumnType.NUMBER, zh, en, about_zh, about_en, unit="percent")


_BEFORE = (
    "上年同期;当期未结束时只比到同一天",
    "The same period last year; a period under way is compared up to the same day",
)
_GROWTH = (
    "较上年同期;上年同期为 0 时空白",
    "Against the same period last year; blank if that is 0",
)
_ROW_KIND = Column(
    "row_kind", ColumnType.CODE, "行的性质", "Row",
    "地区、只知上级、省外、未定位或合计",
    "A place, known to the level above only, outside the province, not located, or the total",
    codes=ROW_KINDS,
)  # fmt: skip
_PLACE_CODE = Column("adcode", ColumnType.ADCODE, "行政区划代码", "Division code")
_PLACE = Column("place_name", ColumnType.TEXT, "地区", "Place")
_RANK = Column(
    "rank", ColumnType.INTEGER, "位次", "Rank",
    "按所选指标在所列地区中排位", "By the chosen measure among the listed places",
)  # fmt: skip
_COUNT = _counted("contract_count", "合同数", "Contracts")
_COUNT_BEFORE = _counted(
    "contract_count_before", "上年同期合同数", "Contracts, year before", *_BEFORE
)
_COUNT_GROWTH = _percent("count_growth_percent", "合同数同比", "Growth of contracts", *_GROWTH)
_RESULT_VALUE = _ten_k("contract_value_10k_yuan", "成交额", "Contract value")
_VALUE_BEFORE = _ten_k(
    "contract_value_before_10k_yuan", "上年同期成交额", "Contract value, year before", *_BEFORE
)
_VALUE_GROWTH = _percent("value_growth_percent", "成交额同比", "Growth of value", *_GROWTH)
_VALUE_SHARE = _percent(
    "value_share_percent", "成交额占比", "Share of value", "占合计", "Of the total"
)
_TECHNOLOGY = _ten_k(
    "technology_value_10k_yuan", "技术交易额", "Technology value",
    "登记簿没有写的合同不在内", "Contracts that state none are not in it",
)  # fmt: skip
_VALUE_FEN = _fen("contract_value_fen", "成交额", "Contract value")
_VALUE_BEFORE_FEN = _fen(
    "contract_value_before_fen", "上年同期成交额", "Contract value, year before"
)
_TECHNOLOGY_FEN = _fen("technology_value_fen", "技术交易额", "Technology value")
_MEASURES = (
    _COUNT, _COUNT_BEFORE, _COUNT_GROWTH,
    _RESULT_VALUE, _VALUE_BEFORE, _VALUE_GROWTH, _VALUE_SHARE, _TECHNOLOGY,
)  # fmt: skip
_EXACT = (_VALUE_FEN, _VALUE_BEFORE_FEN, _TECHNOLOGY_FEN)

CONTRACT_VOLUMES = Table(
    "contract_volumes", "技术合同分地区", "Contracts by place",
    (
        _RANK, _PLACE, PREFECTURE_NAME, *_MEASURES,
        Column(
            "value_per_10k_people", ColumnType.NUMBER, "每万人成交额", "Value per 10 000 people",
            "人口为 2020 年普查数", "Population of the census of 2020",
            unit="ten_thousand_yuan",
        ),
        Column(
            "value_per_100m_gdp", ColumnType.NUMBER, "每亿元生产总值成交额",
            "Value per 100 m yuan of GDP", "生产总值为 2021 年数", "GDP of 2021",
            unit="ten_thousand_yuan",
        ),
        *_EXACT, _ROW_KIND, _PLACE_CODE,
    ),
)  # fmt: skip


_PARTIAL = "只含本省登记的合同,外省卖方登记的不在内"
_PARTIAL_EN = "Contracts registered in this province only, not those of sellers elsewhere"


def _side(side: str, zh: str, en: str, about: tuple[str, str] = ("", "")) -> tuple[Column, ...]:
    value_zh, value_en = (f"{zh}成交额", f"{en}: value")
    if about[0]:
        value_zh, value_en = (f"{value_zh}(仅含本省登记)", f"{value_en} (registered here)")
    return (
        _counted(f"{side}_count", f"{zh}合同数", f"{en}: contracts", *about),
        _ten_k(f"{side}_value_10k_yuan", value_zh, value_en, *about),
        _percent(f"{side}_growth_percent", f"{zh}同比", f"{en}: growth", *_GROWTH),
    )


CONTRACT_BALANCE = Table(
    "contract_balance", "技术合同输出与吸纳", "Output and absorption",
    (
        _RANK, _PLACE, PREFECTURE_NAME,
        *_side("output", "输出", "Output"),
        *_side("absorption", "吸纳", "Absorption", (_PARTIAL, _PARTIAL_EN)),
        _counted("net_count", "净输出合同数", "Net output: contracts"),
        _ten_k("net_value_10k_yuan", "净输出成交额", "Net output: value", _PARTIAL, _PARTIAL_EN),
        _fen("output_value_fen", "输出成交额", "Output: value"),
        _fen("absorption_value_fen", "吸纳成交额(仅含本省登记)", "Absorption: value"),
        _fen("net_value_fen", "净输出成交额", "Net output: value"),
        _fen("output_technology_value_fen", "输出技术交易额", "Output: technology value"),
        _fen("absorption_technology_value_fen", "吸纳技术交易额", "Absorption: technology value"),
        _ROW_KIND, _PLACE_CODE,
    ),
)  # fmt: skip

CONTRACT_CUTS = Table(
    "contract_cuts", "技术合同构成", "Composition of the contracts",
    (
        Column("cut", ColumnType.CODE, "分组", "Cut by"),
        Column("code", ColumnType.TEXT, "代号", "Code", "空白为未填", "Blank: not filled in"),
        Column(
            "kind_scheme", ColumnType.CODE, "合同分类", "Kind scheme",
            "四类口径的许可含在转让内,与五类分列",
            "With four kinds licences are inside transfers: kept apart from five",
            codes=tuple(KindScheme),
        ),
        Column("label", ColumnType.TEXT, "项目", "Part"),
        *_MEASURES, *_EXACT,
    ),
)  # fmt: skip

CONTRACT_SERIES = Table(
    "contract_series", "技术合同按时间", "Contracts over time",
    (
        Column("side", ColumnType.CODE, "口径", "Side", codes=("output", "absorption")),
        Column("year", ColumnType.INTEGER, "年份", "Year"),
        Column("part", ColumnType.INTEGER, "季度或月份", "Quarter or month"),
        Column("period_name", ColumnType.TEXT, "期间", "Period"),
        _COUNT, _COUNT_BEFORE, _COUNT_GROWTH,
        _RESULT_VALUE, _VALUE_BEFORE, _VALUE_GROWTH, _TECHNOLOGY, *_EXACT,
    ),
)  # fmt: skip

CONTRACT_FLOWS = Table(
    "contract_flows", "技术合同流向", "Flows of contracts",
    (
        Column("flow_kind", ColumnType.CODE, "流向", "Flow", codes=FLOW_KINDS),
        Column("seller_place_name", ColumnType.TEXT, "卖方所在地", "Seller's place"),
        Column("buyer_place_name", ColumnType.TEXT, "买方所在地", "Buyer's place"),
        _COUNT, _RESULT_VALUE, _VALUE_SHARE, _TECHNOLOGY, _VALUE_FEN, _TECHNOLOGY_FEN,
        Column("seller_place_adcode", ColumnType.ADCODE, "卖方所在地代码", "Seller's place code"),
        Column("buyer_place_adcode", ColumnType.ADCODE, "买方所在地代码", "Buyer's place code"),
    ),
)  # fmt: skip

CONTRACT_SEASON = Table(
    "contract_season", "涉及专利的成交额:各年进度", "Patent-related value: pace by year",
    (
        Column("year", ColumnType.INTEGER, "年份", "Year"),
        _ten_k("to_date_10k_yuan", "至同一天累计", "To the same day"),
        _ten_k("whole_year_10k_yuan", "全年", "Whole year"),
        _percent("to_date_share_percent", "累计占全年", "Share of the whole year"),
        _fen("to_date_fen", "至同一天累计", "To the same day"),
        _fen("whole_year_fen", "全年", "Whole year"),
    ),
    key=("year",),
)  # fmt: skip

PARTY_ROWS = ("largest", "others", "unnamed", "total")
"""One of the largest; the others with a name; natural persons and rows without one; the sum."""

CONTRACT_PARTIES = Table(
    "contract_parties", "交易主体集中度", "Concentration of parties",
    (
        Column("party_row", ColumnType.CODE, "行的性质", "Row",
               "最大的几家、其余、个人及未填、合计",
               "One of the largest, the others, persons and blanks, or the total",
               codes=PARTY_ROWS),
        Column("rank", ColumnType.INTEGER, "位次", "Rank", "按成交额", "By contract value"),
        _counted("party_count", "家数", "Parties", "个人及未填的不计家数",
               "Persons and blanks are not counted"),
        _COUNT, _RESULT_VALUE, _VALUE_SHARE,
        _percent("cumulative_share_percent", "累计占比", "Cumulative share"),
        _VALUE_FEN,
    ),
)  # fmt: skip

CONTRACT_SUBSIDY = Table(
    "contract_subsidy", "技术合同奖补估算", "Subsidy estimate",
    (
        Column("service_body_id", ColumnType.TEXT, "服务机构编号", "Service body"),
        Column("paid_year", ColumnType.INTEGER, "到账年份", "Year of payment"),
        Column("basis", ColumnType.TEXT, "是否计入", "Counted or why not"),
        _counted("payment_count", "到账笔数", "Payments"),
        _counted("related_unknown_count", "其中关联与否不明", "Of which related or not is unknown"),
        _ten_k("paid_10k_yuan", "实收金额", "Paid value"),
        _ten_k("subsidy_10k_yuan", "估算奖补", "Estimated subsidy"),
        _fen("paid_value_fen", "实收金额", "Paid value"),
        _fen("subsidy_fen", "估算奖补", "Estimated subsidy"),
    ),
)  # fmt: skip


_ROW = Column("row", ColumnType.INTEGER, "行号", "Row")
_OUTCOME = Column("outcome", ColumnType.TEXT, "结果", "Outcome")
_CONTRACT = Column("contract_id", ColumnType.TEXT, "合同登记编号", "Contract id")


def _wan(name: str, zh: str, en: str) -> Column:
    return Column(name, ColumnType.NUMBER, zh, en, unit="ten_thousand_yuan", minimum=0)


CONTRACT_IMPORT_ROWS = Table(
    "contract_import_rows", "合同导入预览", "Contract import preview",
    (
        _ROW,
        _OUTCOME,
        _CONTRACT,
        Column("kind_name", ColumnType.TEXT, "合同类型", "Contract kind"),
        Column("seller_place_name", ColumnType.TEXT, "卖方所在地", "Seller's place"),
        Column("buyer_place_name", ColumnType.TEXT, "买方所在地", "Buyer's place"),
        _wan("contract_value_wan", "合同成交额", "Contract value"),
        _wan("technology_value_wan", "技术交易额", "Technology value"),
        Column("signed_on", ColumnType.DATE, "签订日期", "Signed on"),
        Column("status_name", ColumnType.TEXT, "登记状态", "Register status"),
    ),
)  # fmt: skip

PAID_IMPORT_ROWS = Table(
    "paid_import_rows", "实收导入预览", "Payment import preview",
    (_ROW, _OUTCOME, _CONTRACT),
)  # fmt: skip


FIGURE_KINDS = ("reported", "derived", "target")


def _number(name: str, zh: str, en: str, unit: str, *about: str) -> Column:
    about_zh, about_en = about or ("", "")
    return Column(name, ColumnType.NUMBER, zh, en, about_zh, about_en, unit=unit, minimum=0)


def _figure_count(name: str, zh: str, en: str, about_zh: str = "", about_en: str = "") -> Column:
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
_CONTRACTS = _figure_count(
    "contracts_count",
    "合同数",
    "Contracts",
    "认定登记的技术合同",
    "Registered technology contracts",
)
_FIGURE_VALUE = _number(
    "contract_value_100m_yuan", "成交额", "Contract value", "hundred_million_yuan"
)

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
        _FIGURE_VALUE,
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
        _FIGURE_VALUE,
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
        _FIGURE_VALUE,
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
