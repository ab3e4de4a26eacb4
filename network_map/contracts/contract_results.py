"""The tables of the contract monitor: volumes by place, cuts, series, flows, seasons, subsidies.

Amounts stand twice: in 10 000 yuan for reading, in whole fen for checking.
"""

from network_map.tables.columns import Column, ColumnType, Table
from network_map.tables.shared_columns import PREFECTURE_NAME
from network_map.terms import KindScheme

ROW_KINDS = ("place", "coarse", "outside", "unlocated", "total")
"""A place; known no closer than a place above; outside the province; not located; the sum."""
FLOW_KINDS = ("inside", "between", "outside", "coarse", "unlocated")
"""Within a prefecture; between two; out of the province; to the province; an end without place."""


def _count(name: str, zh: str, en: str, *about: str) -> Column:
    about_zh, about_en = about or ("", "")
    return Column(name, ColumnType.INTEGER, zh, en, about_zh, about_en, unit="count")


def _fen(name: str, zh: str, en: str) -> Column:
    return Column(
        name, ColumnType.INTEGER, zh, en, "精确到分", "Exact to the fen", unit="fen"
    )  # fmt: skip


def _money(name: str, zh: str, en: str, *about: str) -> Column:
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
_COUNT = _count("contract_count", "合同数", "Contracts")
_COUNT_BEFORE = _count(
    "contract_count_before", "上年同期合同数", "Contracts, year before", *_BEFORE
)
_COUNT_GROWTH = _percent("count_growth_percent", "合同数同比", "Growth of contracts", *_GROWTH)
_VALUE = _money("contract_value_10k_yuan", "成交额", "Contract value")
_VALUE_BEFORE = _money(
    "contract_value_before_10k_yuan", "上年同期成交额", "Contract value, year before", *_BEFORE
)
_VALUE_GROWTH = _percent("value_growth_percent", "成交额同比", "Growth of value", *_GROWTH)
_VALUE_SHARE = _percent(
    "value_share_percent", "成交额占比", "Share of value", "占合计", "Of the total"
)
_TECHNOLOGY = _money(
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
    _VALUE, _VALUE_BEFORE, _VALUE_GROWTH, _VALUE_SHARE, _TECHNOLOGY,
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
        _count(f"{side}_count", f"{zh}合同数", f"{en}: contracts", *about),
        _money(f"{side}_value_10k_yuan", value_zh, value_en, *about),
        _percent(f"{side}_growth_percent", f"{zh}同比", f"{en}: growth", *_GROWTH),
    )


CONTRACT_BALANCE = Table(
    "contract_balance", "技术合同输出与吸纳", "Output and absorption",
    (
        _RANK, _PLACE, PREFECTURE_NAME,
        *_side("output", "输出", "Output"),
        *_side("absorption", "吸纳", "Absorption", (_PARTIAL, _PARTIAL_EN)),
        _count("net_count", "净输出合同数", "Net output: contracts"),
        _money("net_value_10k_yuan", "净输出成交额", "Net output: value", _PARTIAL, _PARTIAL_EN),
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
        _VALUE, _VALUE_BEFORE, _VALUE_GROWTH, _TECHNOLOGY, *_EXACT,
    ),
)  # fmt: skip

CONTRACT_FLOWS = Table(
    "contract_flows", "技术合同流向", "Flows of contracts",
    (
        Column("flow_kind", ColumnType.CODE, "流向", "Flow", codes=FLOW_KINDS),
        Column("seller_place_name", ColumnType.TEXT, "卖方所在地", "Seller's place"),
        Column("buyer_place_name", ColumnType.TEXT, "买方所在地", "Buyer's place"),
        _COUNT, _VALUE, _VALUE_SHARE, _TECHNOLOGY, _VALUE_FEN, _TECHNOLOGY_FEN,
        Column("seller_place_adcode", ColumnType.ADCODE, "卖方所在地代码", "Seller's place code"),
        Column("buyer_place_adcode", ColumnType.ADCODE, "买方所在地代码", "Buyer's place code"),
    ),
)  # fmt: skip

CONTRACT_SEASON = Table(
    "contract_season", "涉及专利的成交额:各年进度", "Patent-related value: pace by year",
    (
        Column("year", ColumnType.INTEGER, "年份", "Year"),
        _money("to_date_10k_yuan", "至同一天累计", "To the same day"),
        _money("whole_year_10k_yuan", "全年", "Whole year"),
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
        _count("party_count", "家数", "Parties", "个人及未填的不计家数",
               "Persons and blanks are not counted"),
        _COUNT, _VALUE, _VALUE_SHARE,
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
        _count("payment_count", "到账笔数", "Payments"),
        _count("related_unknown_count", "其中关联与否不明", "Of which related or not is unknown"),
        _money("paid_10k_yuan", "实收金额", "Paid value"),
        _money("subsidy_10k_yuan", "估算奖补", "Estimated subsidy"),
        _fen("paid_value_fen", "实收金额", "Paid value"),
        _fen("subsidy_fen", "估算奖补", "Estimated subsidy"),
    ),
)  # fmt: skip
