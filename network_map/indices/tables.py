"""The tables of the indices: accessibility, inequality and clusters."""

from enum import StrEnum

from network_map.tables import ADCODE, PREFECTURE_NAME, Column, ColumnType, Table


class Cluster(StrEnum):
    """Where a place stands among its neighbours: its own value first, then theirs."""

    HIGH_HIGH = "high_high"
    LOW_LOW = "low_low"
    HIGH_LOW = "high_low"
    LOW_HIGH = "low_high"


class ClusterReason(StrEnum):
    """What the cluster of a place rests on, or why it has none."""

    SIGNIFICANT = "significant"
    CHANCE = "chance"
    """The pattern is no clearer than chance makes."""
    NO_NEIGHBOURS = "no_neighbours"
    UNKNOWN = "unknown"
    """The value of the place is missing."""
    NO_VARIATION = "no_variation"
    """All values are equal, or too few are known."""


class InequalityMeasure(StrEnum):
    """A measure of how unevenly something is spread."""

    GINI = "gini"
    THEIL = "theil"
    THEIL_BETWEEN = "theil_between"
    THEIL_WITHIN = "theil_within"


def _count(name: str, zh: str, en: str, about_zh: str = "", about_en: str = "") -> Column:
    return Column(name, ColumnType.INTEGER, zh, en, about_zh, about_en, unit="count", minimum=0)


def _number(name: str, zh: str, en: str, about_zh: str = "", about_en: str = "") -> Column:
    return Column(name, ColumnType.NUMBER, zh, en, about_zh, about_en)


def _share(name: str, zh: str, en: str, about_zh: str = "", about_en: str = "") -> Column:
    return Column(
        name, ColumnType.NUMBER, zh, en, about_zh, about_en, unit="share", minimum=0, maximum=1
    )


_UNKNOWN_COST = (
    "距离未知的对数,按不可达计", "Pairs of unknown distance, taken as out of reach"
)  # fmt: skip
_P = ("双侧置换检验", "Two-sided permutation test")

ACCESSIBILITY = Table(
    "accessibility", "可达性指数", "Accessibility index",
    (
        Column("demand_id", ColumnType.TEXT, "需求点", "Demand point", is_required=True),
        Column(
            "access", ColumnType.NUMBER, "可达性", "Accessibility",
            "每单位需求可得的供给;0 为服务半径内没有设施",
            "Supply per unit of demand; 0: no facility within the catchment",
            is_required=True, minimum=0,
        ),
        _count("reachable_count", "可达设施数", "Facilities within reach"),
        _count("unknown_cost_count", "距离未知的设施数", "Facilities at unknown distance",
               *_UNKNOWN_COST),
    ),
    key=("demand_id",),
)  # fmt: skip

FACILITY_RATIOS = Table(
    "facility_ratios", "设施供需比", "Supply to demand at facilities",
    (
        Column("facility_id", ColumnType.TEXT, "设施", "Facility", is_required=True),
        Column("supply", ColumnType.NUMBER, "供给", "Supply", is_required=True, minimum=0),
        Column(
            "weighted_demand", ColumnType.NUMBER, "服务半径内的需求(加权)",
            "Weighted demand within the catchment", is_required=True, minimum=0,
        ),
        Column(
            "ratio", ColumnType.NUMBER, "供需比", "Supply per unit of demand",
            "空白:服务半径内没有需求,供给用不上",
            "Blank: no demand within the catchment, the supply reaches nobody", minimum=0,
        ),
        _count("unknown_cost_count", "距离未知的需求点数", "Demand points at unknown distance",
               *_UNKNOWN_COST),
    ),
    key=("facility_id",),
)  # fmt: skip

INEQUALITY = Table(
    "inequality", "差异指标", "Inequality",
    (
        Column(
            "measure_code", ColumnType.CODE, "指标", "Measure", is_required=True,
            codes=tuple(InequalityMeasure),
        ),
        _number("index_value", "数值", "Value", "空白:全为零或没有数",
                "Blank: all zero, or no data"),
        _number("share_of_theil", "占总泰尔指数", "Share of the Theil index"),
        _count("place_count", "地区数", "Places"),
        _count("missing_count", "无数据地区数", "Places without data"),
    ),
    key=("measure_code",),
)  # fmt: skip

LORENZ = Table(
    "lorenz", "洛伦兹曲线", "Lorenz curve",
    (
        _share("share_population", "人口累计占比", "Cumulative share of people",
               "由低到高排列", "From the lowest value to the highest"),
        _share("share_value", "数值累计占比", "Cumulative share of the value"),
    ),
)  # fmt: skip

THEIL_GROUPS = Table(
    "theil_groups", "泰尔指数分州(市)", "Theil index by prefecture",
    (
        Column("group_adcode", ColumnType.ADCODE, "州(市)代码", "Prefecture code",
               is_required=True),
        _count("place_count", "地区数", "Places"),
        _share("share_population", "人口占比", "Share of people"),
        _share("share_value", "数值占比", "Share of the value"),
        _number("theil_inside", "州(市)内泰尔指数", "Theil index inside the prefecture"),
        _number("within_part", "组内贡献", "Part of the within term"),
        _number("between_part", "组间贡献", "Part of the between term",
                "可为负;各州(市)相加不为负", "May be negative; the sum is not"),
    ),
    key=("group_adcode",),
)  # fmt: skip

THEIL_BY_PREFECTURE = Table(
    "theil_by_prefecture",
    "泰尔指数分州(市)",
    "Theil index by prefecture",
    (PREFECTURE_NAME, *THEIL_GROUPS.columns),
    key=("group_adcode",),
)
"""The same with names, for people."""

COUNTY_NEIGHBOURS = Table(
    "county_neighbours", "相邻县", "Neighbouring counties",
    (
        ADCODE,
        Column(
            "neighbour_adcode", ColumnType.ADCODE, "相邻县代码", "Neighbour's code",
            "共边或共点即相邻;每对写两行", "Sharing an edge or a point; both directions listed",
            is_required=True,
        ),
    ),
    key=("adcode", "neighbour_adcode"),
)  # fmt: skip

MORAN = Table(
    "moran", "全局莫兰指数", "Moran's I",
    (
        _number("moran_i", "莫兰指数", "Moran's I", "空白:数值全相等或太少",
                "Blank: all values equal, or too few"),
        _number("expected_i", "期望值", "Expected"),
        _share("p_value", "p 值", "p value", *_P),
        _count("place_count", "地区数", "Places"),
        _count("missing_count", "无数据地区数", "Places without data"),
        _count("permutation_count", "置换次数", "Permutations"),
    ),
)  # fmt: skip

LISA = Table(
    "lisa", "局部空间聚类", "Local clusters",
    (
        ADCODE,
        _number("rate", "数值", "Value"),
        _count("neighbour_count", "相邻地区数", "Neighbours", "有数据的", "With data"),
        _number("z_score", "标准化值", "Standardised value"),
        _number("neighbour_z", "邻县标准化均值", "Mean of the neighbours, standardised"),
        _number("local_i", "局部莫兰指数", "Local Moran's I"),
        _share("p_value", "p 值", "p value", *_P),
        _share("adjusted_p", "校正 p 值", "Adjusted p value",
               "按 Benjamini–Hochberg 控制错误发现率",
               "False discovery rate by Benjamini and Hochberg"),
        Column("quadrant_code", ColumnType.CODE, "象限", "Quadrant",
               "本县在前,邻县在后", "Own value first, then the neighbours'", codes=tuple(Cluster)),
        Column("is_cluster", ColumnType.BOOLEAN, "显著", "Significant"),
        Column("cluster_reason_code", ColumnType.CODE, "依据", "Basis",
               codes=tuple(ClusterReason)),
    ),
    key=("adcode",),
)  # fmt: skip

COUNTY_INDEX = Table(
    "county_index", "县域指标", "Index by county",
    (
        Column("rank", ColumnType.INTEGER, "位次", "Rank", "由高到低;无数据的不排",
               "From the highest; none without data", minimum=1),
        ADCODE,
        Column("county_name", ColumnType.TEXT, "县(市、区)", "County"),
        PREFECTURE_NAME,
        Column("index_value", ColumnType.NUMBER, "数值", "Value", "单位见标题", "Unit in the title",
               minimum=0),
        _count("reachable_count", "可达节点数", "Nodes within reach", "服务半径内",
               "Within the catchment"),
        Column("cluster_code", ColumnType.CODE, "聚集", "Cluster",
               "本县在前,邻县在后;空白:不显著或无数据",
               "Own value first, then the neighbours'; blank: not significant or no data",
               codes=tuple(Cluster)),
        Column("cluster_reason_code", ColumnType.CODE, "依据", "Basis",
               codes=tuple(ClusterReason)),
        Column("adjusted_p", ColumnType.NUMBER, "校正 p 值", "Adjusted p value",
               "按 Benjamini–Hochberg 控制错误发现率",
               "False discovery rate by Benjamini and Hochberg", minimum=0, maximum=1),
    ),
    key=("adcode",),
)  # fmt: skip
