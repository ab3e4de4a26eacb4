"""The tables of contract activity: counties, peers, what fits no county, idle centres.

Every amount of a side stands in a column that begins with ``output_`` (by the seller's place) or
``absorption_`` (by the buyer's). The two are never added.
"""

from dataclasses import replace
from enum import StrEnum

import pandas as pd

from network_map.nodes.dataset import Dataset
from network_map.nodes.tables import NODES
from network_map.places.tables import COUNTY_INDICATORS
from network_map.tables import ADCODE, KIND, ORIGIN, SOURCE, Column, ColumnType, Table


class ActivitySide(StrEnum):
    """Whose place a contract is counted at."""

    OUTPUT = "output"
    ABSORPTION = "absorption"


class ActivityReason(StrEnum):
    """Whether the activity of a county is known, or why not."""

    KNOWN = "known"
    NO_REGISTER = "no_register"
    NO_POPULATION = "no_population"
    NO_PEERS = "no_peers"
    """No other county to compare with."""


class Coverage(StrEnum):
    """How much of a window the register covers."""

    FULL = "full"
    """The window and the equally long one before it."""
    WINDOW = "window"
    """The window, not all of the one before."""
    PART = "part"
    """Not all of the window: a count is at least so much, and no place is called blank."""
    NONE = "none"
    """No register."""


class Trend(StrEnum):
    """How the number of contracts changed from the window before to the window."""

    RISING = "rising"
    FALLING = "falling"
    STEADY = "steady"
    """No change that chance alone could not make."""
    UNKNOWN = "unknown"


class ResidualReason(StrEnum):
    """Why contracts stand in no county's figures."""

    NOT_A_COUNTY = "not_a_county"
    """Known to a prefecture, a province or a country only, or outside the counties."""
    UNLOCATED = "unlocated"
    UNDATED = "undated"
    """The date is not known closely enough to be in or out of the window."""
    BEFORE_WINDOW = "before_window"
    AFTER_WINDOW = "after_window"


class BlankState(StrEnum):
    """Whether a county has no contract in a window."""

    BLANK = "blank"
    ACTIVE = "active"
    UNKNOWN = "unknown"


class BlankReason(StrEnum):
    """What a blank state rests on."""

    COUNTED = "counted"
    NO_REGISTER = "no_register"
    PART_COVERED = "part_covered"
    UNDATED = "undated"


class CentreState(StrEnum):
    """Whether a centre works; only a table of centre activity can say that it is idle."""

    IDLE = "idle"
    WORKING = "working"
    PROXY_NO_CONTRACT = "proxy_no_contract"
    """A proxy: its county has no contract; the centre itself is not known to be idle."""
    PROXY_HAS_CONTRACT = "proxy_has_contract"
    """A proxy: its county has contracts; who brokered them is not known."""
    UNKNOWN = "unknown"


_PARTIAL = {
    ActivitySide.OUTPUT: ("", ""),
    ActivitySide.ABSORPTION: (
        "仅含本省登记:省外卖方的合同不在内",
        "Registered in this province only: contracts of outside sellers are not in it",
    ),
}
_SIDES = {
    ActivitySide.OUTPUT: ("输出", "output"),
    ActivitySide.ABSORPTION: ("吸纳(仅含本省登记)", "absorption (registered here only)"),
}

SIDE = Column(
    "side", ColumnType.CODE, "输出或吸纳", "Output or absorption",
    "输出按卖方所在地,吸纳按买方所在地;两者不相加",
    "Output by the seller's place, absorption by the buyer's; never added",
    is_required=True, codes=tuple(ActivitySide),
)  # fmt: skip
WINDOW_FROM = Column("window_from", ColumnType.DATE, "统计期起", "Period from")
WINDOW_TO = Column(
    "window_to", ColumnType.DATE, "统计期止", "Period to",
    "数据截止日期;统计期由此往前算", "The data's own cut-off; periods count back from it",
)  # fmt: skip


def _count(name: str, zh: str, en: str, about_zh: str = "", about_en: str = "") -> Column:
    return Column(name, ColumnType.INTEGER, zh, en, about_zh, about_en, unit="count", minimum=0)


def _money(name: str, zh: str, en: str) -> Column:
    return Column(
        name, ColumnType.INTEGER, zh, en, "以分为单位的整数", "Whole fen", unit="fen", minimum=0
    )


def _number(name: str, zh: str, en: str, about: tuple[str, str], unit: str = "") -> Column:
    return Column(
        name, ColumnType.NUMBER, zh, en, *about, unit=unit, minimum=0 if unit else None
    )  # fmt: skip


def _share(name: str, zh: str, en: str, about: tuple[str, str]) -> Column:
    return Column(name, ColumnType.NUMBER, zh, en, *about, unit="share", minimum=0, maximum=1)


MEASURE_COLUMNS = (
    _count("contract_count", "合同数", "Contracts"),
    _money("contract_value_fen", "合同成交额", "Contract value"),
    _money("technology_value_fen", "技术交易额", "Technology value"),
)


def _side_columns(side: ActivitySide) -> tuple[Column, ...]:
    zh, en = _SIDES[side]

    def about(about_zh: str, about_en: str) -> tuple[str, str]:
        partial_zh, partial_en = _PARTIAL[side]
        words_zh = ";".join(filter(None, [about_zh, partial_zh]))
        return words_zh, "; ".join(filter(None, [about_en, partial_en]))

    return (
        _count(f"{side}_contract_count", f"{zh}合同数", f"Contracts, {en}", *about("", "")),
        _money(f"{side}_contract_value_fen", f"{zh}成交额", f"Contract value, {en}"),
        _money(f"{side}_technology_value_fen", f"{zh}技术交易额", f"Technology value, {en}"),
        _count(
            f"{side}_undated_count", f"{zh}日期不明合同数", f"Contracts without exact date, {en}",
            *about("可能在统计期内,未计入", "Possibly in the period; not counted"),
        ),
        _number(
            f"{side}_per_10k", f"{zh}每万人合同数", f"Contracts per 10 000 people, {en}",
            about("统计期合计", "Whole period"), "contracts_per_10k",
        ),
        _number(
            f"{side}_smoothed_per_10k", f"{zh}每万人合同数(平滑)",
            f"Contracts per 10 000 people, smoothed, {en}",
            about(
                "向其他县的总平均收缩,小县收缩多",
                "Drawn to the mean of the other counties, small counties more",
            ),
            "contracts_per_10k",
        ),
        _number(
            f"{side}_peer_per_10k", f"{zh}同类县每万人合同数(平滑后中位)",
            f"Median smoothed rate of the peers, {en}",
            about("同类县见同类县表", "Peers: see the table of peers"), "contracts_per_10k",
        ),
        _number(
            f"{side}_per_100m_gdp", f"{zh}每亿元生产总值合同数", f"Contracts per 100 m yuan, {en}",
            about("统计期合计比 2021 年生产总值", "Whole period over the GDP of 2021"),
            "contracts_per_100m",
        ),
        _number(
            f"{side}_value_per_100m_gdp", f"{zh}每亿元生产总值成交额",
            f"Contract value per 100 m yuan of GDP, {en}",
            about("统计期合计比 2021 年生产总值", "Whole period over the GDP of 2021"),
            "ten_thousand_yuan_per_100m",
        ),
        _number(
            f"{side}_yuan_per_head", f"{zh}人均成交额", f"Contract value per head, {en}",
            about("统计期合计", "Whole period"), "yuan_per_head",
        ),
        _number(
            f"{side}_peer_yuan_per_head", f"{zh}同类县人均成交额(中位)",
            f"Median value per head of the peers, {en}", about("", ""), "yuan_per_head",
        ),
        _number(
            f"{side}_value_log_ratio", f"{zh}人均成交额对同类县(对数比)",
            f"Value per head against the peers, log ratio, {en}",
            about(
                "ln(1+本县) − ln(1+同类县中位),单位元/人;0 为持平",
                "ln(1+own) − ln(1+median of the peers), yuan per head; 0 is level",
            ),
        ),
        _count(
            f"{side}_before_count", f"{zh}上一期合同数", f"Contracts in the period before, {en}",
            *about("等长的上一期", "The equally long period before"),
        ),
        Column(
            f"{side}_trend_code", ColumnType.CODE, f"{zh}趋势", f"Trend, {en}",
            "与全省的增长相比;只在不能用偶然解释时标注升降",
            "Against the province's growth; up or down only where chance does not explain it",
            codes=tuple(Trend),
        ),
        _share(
            f"{side}_trend_p", f"{zh}趋势检验 p 值", f"p of the trend, {en}",
            ("两期泊松数的条件精确检验", "Exact conditional test of two Poisson counts"),
        ),
        _share(
            f"{side}_severity", f"{zh}活跃度缺口", f"Activity gap, {en}",
            about(
                "1 − 本县 ÷ 同类县中位;不低于同类县为 0",
                "1 − own / median of the peers; 0 at or above the peers",
            ),
        ),
        _share(f"{side}_severity_low", f"{zh}活跃度缺口下界", f"Activity gap, low, {en}", ("", "")),
        _share(
            f"{side}_severity_high", f"{zh}活跃度缺口上界", f"Activity gap, high, {en}", ("", "")
        ),
        Column(
            f"{side}_coverage_code", ColumnType.CODE, f"{zh}数据覆盖", f"Coverage, {en}",
            codes=tuple(Coverage),
        ),
        Column(
            f"{side}_reason_code", ColumnType.CODE, f"{zh}是否可知", f"Known or why not, {en}",
            codes=tuple(ActivityReason),
        ),
    )  # fmt: skip


ACTIVITY = Table(
    "activity", "县域合同活跃度", "Contract activity of counties",
    (
        ADCODE,
        WINDOW_FROM,
        WINDOW_TO,
        replace(COUNTY_INDICATORS.column("pop_2020"), is_required=False),
        COUNTY_INDICATORS.column("gdp_2021_100m"),
        *(column for side in ActivitySide for column in _side_columns(side)),
    ),
    key=("adcode",),
)  # fmt: skip

ACTIVITY_SEVERITY = Table(
    "activity_severity", "活跃度缺口", "Activity gap",
    (
        ADCODE, SIDE,
        _share("activity_severity", "活跃度缺口", "Activity gap", ("空白为未知", "Blank: unknown")),
        _share("activity_severity_low", "下界", "Low", ("未知时为 0", "0 where unknown")),
        _share("activity_severity_high", "上界", "High", ("未知时为 1", "1 where unknown")),
        Column(
            "reason_code", ColumnType.CODE, "是否可知", "Known or why not",
            codes=tuple(ActivityReason),
        ),
    ),
    key=("adcode",),
)  # fmt: skip

ACTIVITY_RESIDUAL = Table(
    "activity_residual", "未计入各县的合同", "Contracts in no county's figures",
    (
        SIDE,
        Column(
            "residual_code", ColumnType.CODE, "原因", "Why", is_required=True,
            codes=tuple(ResidualReason),
        ),
        Column(
            "place_adcode", ColumnType.TEXT, "所写代码", "Code as given",
            "空白为未定位,或统计期外各地合计", "Blank: unlocated, or all places outside the period",
        ),
        *MEASURE_COLUMNS,
    ),
    key=("side", "residual_code", "place_adcode"),
)  # fmt: skip

PEERS = Table(
    "peers", "同类县", "Similar counties",
    (
        ADCODE,
        Column("peer_rank", ColumnType.INTEGER, "次序", "Rank", is_required=True, minimum=1),
        Column(
            "peer_adcode", ColumnType.ADCODE, "同类县代码", "Peer's code", is_required=True
        ),
        Column(
            "peer_distance", ColumnType.NUMBER, "差异", "Difference",
            "各指标标准差单位的均方根",
            "Root mean square of the indicators, in standard deviations",
            is_required=True, minimum=0,
        ),
        Column(
            "indicator_count", ColumnType.INTEGER, "所用指标数", "Indicators used",
            "共四项,缺数的指标不用", "Of four; those missing for either county are left out",
            unit="count", minimum=1, maximum=4,
        ),
    ),
    key=("adcode", "peer_rank"),
)  # fmt: skip

BLANK_COUNTIES = Table(
    "blank_counties", "空白县", "Counties without a contract",
    (
        ADCODE, SIDE, WINDOW_FROM, WINDOW_TO,
        Column("state_code", ColumnType.CODE, "结论", "State", codes=tuple(BlankState)),
        Column("reason_code", ColumnType.CODE, "依据", "Basis", codes=tuple(BlankReason)),
        _count("contract_count", "合同数", "Contracts"),
        _count("undated_count", "日期不明合同数", "Contracts without exact date"),
        Column(
            "last_signed_on", ColumnType.DATE, "最近一份合同", "Latest contract",
            "数据中最近一份,精确到数据给出的年或月", "In the whole register, as exact as given",
        ),
        _count(
            "prefecture_only_count", "只写到州(市)的合同数",
            "Contracts known to the prefecture only",
            "其中可能有该县的", "Some of them may be this county's",
        ),
    ),
    key=("adcode", "side"),
)  # fmt: skip

CENTRE_ACTIVITY = Table(
    "centre_activity", "县域中心工作情况", "Work of county centres",
    (
        Column(
            "year", ColumnType.INTEGER, "年份", "Year", is_required=True, minimum=2000, maximum=2100
        ),
        NODES.column("node_id"),
        _count("staff_count", "在岗人数", "Staff"),
        _count("service_count", "服务次数", "Services"),
        _count("contracts_brokered_count", "促成合同数", "Contracts brokered"),
        ORIGIN, SOURCE,
    ),
    key=("year", "node_id"),
)  # fmt: skip

CENTRE_STATES = Table(
    "centre_states", "中心是否闲置", "Whether centres are idle",
    (
        NODES.column("node_id"), KIND, ADCODE,
        Column(
            "centre_state_code", ColumnType.CODE, "结论", "State",
            "闲置只由中心工作情况表得出;其余为代用指标",
            "Idle follows from the table of centre work only; the rest are proxies",
            codes=tuple(CentreState),
        ),
        Column("activity_year", ColumnType.INTEGER, "工作情况年份", "Year of the work table"),
        *(
            CENTRE_ACTIVITY.column(name)
            for name in ("staff_count", "service_count", "contracts_brokered_count")
        ),
        WINDOW_FROM, WINDOW_TO,
        Column(
            "origin", ColumnType.CODE, "来源性质", "Origin", "中心工作情况表的来源性质",
            "Of the row of the work table", codes=ORIGIN.codes,
        ),
        Column("source", ColumnType.TEXT, "来源", "Source"),
    ),
    key=("node_id",),
)  # fmt: skip


def centre_activity_of(dataset: Dataset) -> pd.DataFrame | None:
    """Return the table of what the centres of a data set did; None where nothing says it."""
    work = dataset.further.get(CENTRE_ACTIVITY.name)
    return None if work is None or work.empty else work
