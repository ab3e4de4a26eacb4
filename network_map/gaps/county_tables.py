"""The tables of the gap map: counties, prefectures, and what one more node would bring."""

from collections.abc import Mapping

from network_map.activity.tables import CentreState
from network_map.gaps.tables import TIERS, ReachVerdict
from network_map.tables.columns import (
    ADCODE,
    PREFECTURE_ADCODE,
    PREFECTURE_NAME,
    Column,
    ColumnType,
    Table,
)
from network_map.terms import Certainty, FitVerdict, GapType, MapGap, NodePresence, Origin

_KINDS = {
    "sub_market": ("分市场", "Sub-market"),
    "demonstration_county": ("示范县", "Demonstration county"),
}
_LISTS = (
    "占可能名单的比例;不是现实中的概率",
    "Share of possible lists; no probability of the real world",
)
_PARTIAL = ("仅含本省登记", "Registered in this province only")


def _text(name: str, zh: str, en: str, about_zh: str = "", about_en: str = "") -> Column:
    return Column(name, ColumnType.TEXT, zh, en, about_zh, about_en)


def _integer(name: str, zh: str, en: str, about_zh: str = "", about_en: str = "") -> Column:
    return Column(name, ColumnType.INTEGER, zh, en, about_zh, about_en, minimum=0)


def _number(
    name: str, zh: str, en: str, about: tuple[str, str] = ("", ""), unit: str = ""
) -> Column:
    return Column(name, ColumnType.NUMBER, zh, en, *about, unit=unit, minimum=0)


def _code(
    name: str, zh: str, en: str, codes: tuple[str, ...], about: tuple[str, str] = ("", "")
) -> Column:
    return Column(name, ColumnType.CODE, zh, en, *about, codes=codes)


GAP_WORDS: Mapping[GapType, tuple[str, str]] = {
    GapType.ACTIVE_OUT_OF_REACH: ("有合同、够不着", "Active, out of reach"),
    GapType.OUT_OF_REACH: ("够不着", "Out of reach"),
    GapType.NO_CENTRE: ("没有中心", "No centre"),
    GapType.CENTRE_PLANNED: ("中心在建", "Centre being built"),
    GapType.IDLE_NODE: ("有节点、少合同", "Node with few contracts"),
    GapType.NO_CONSORTIUM: ("有产业、没联合体", "Industry without consortium"),
}


def _km(name: str, zh: str, en: str, about: tuple[str, str] = ("", "")) -> Column:
    return Column(name, ColumnType.NUMBER, zh, en, *about, unit="km")


_DISTANCES = (
    ("km", "距离", "distance", "平均", "mean"),
    ("low_km", "距离下限", "distance, low", "最小", "least"),
    ("high_km", "距离上限", "distance, high", "最大", "greatest"),
)


def _tier_gap_columns(kind: str) -> tuple[Column, ...]:
    zh, en = _KINDS[kind]
    return (
        _code(f"{kind}_verdict", f"{zh}覆盖结论", f"{en}: verdict", tuple(ReachVerdict),
              ("上级节点在标准内时也算覆盖", "A node of a higher tier within the standard serves")),
        _number(f"{kind}_gap_percent", f"{zh}缺口占可能名单", f"{en}: lists with a gap",
                _LISTS, "percent"),
        _text(f"{kind}_node_kind", f"{zh}服务节点类型", f"{en}: kind of the serving node",
              "上级节点也可服务", "A node of a higher tier may serve"),
        _text(f"{kind}_node_name", f"{zh}服务节点", f"{en}: serving node",
              "名单未公开时为空", "Empty where names are missing"),
        Column(f"{kind}_node_is_assumed", ColumnType.BOOLEAN, f"{zh}服务节点为假定",
               f"{en}: serving node is assumed"),
        *(
            _km(f"{kind}_{name}", f"{zh}{zh_name}", f"{en}: {en_name}",
                (f"名单未公开时为可能名单的{of_zh}", f"The {of_en} over the possible lists"))
            for name, zh_name, en_name, of_zh, of_en in _DISTANCES
        ),
        _km(f"{kind}_excess_km", f"{zh}超标距离", f"{en}: beyond the standard",
            ("距离减标准,负数为富余;可能名单不一致时为空",
             "Distance less standard, negative is to spare; empty where possible lists differ")),
        _km(f"{kind}_threshold_km", f"{zh}临界标准", f"{en}: standard that turns it",
            ("标准不小于此值就不是(必然)缺口", "No (certain) gap from this standard on")),
        _number(f"{kind}_standard_km", f"{zh}服务标准", f"{en}: standard",
                ("默认值,不是政策", "A default and no policy"), "km"),
        _text(f"{kind}_other_node_name", f"{zh}另一最近节点", f"{en}: nearest other node"),
        _km(f"{kind}_other_km", f"{zh}另一最近距离", f"{en}: distance to it"),
    )  # fmt: skip


def _node_presence_columns(kind: str, zh: str, en: str) -> tuple[Column, ...]:
    return (
        _code(f"{kind}_presence", f"{zh}有无", f"{en}: presence", tuple(NodePresence)),
        _number(f"{kind}_present_percent", f"有{zh}占可能名单", f"{en}: lists with one",
                _LISTS, "percent"),
        _code(f"{kind}_presence_origin", f"{zh}有无的来源性质", f"{en}: origin of the presence",
              tuple(Origin), ("未知时为空", "Empty where it is not known")),
    )  # fmt: skip


def _side_gap_columns(side: str, zh: str, en: str, about: tuple[str, str]) -> tuple[Column, ...]:
    return (
        _integer(f"{side}_contract_count", f"{zh}合同数", f"{en} contracts", *about),
        _number(f"{side}_value_10k_yuan", f"{zh}成交额", f"{en} contract value",
                about, "ten_thousand_yuan"),
        _number(f"{side}_per_10k", f"{zh}每万人合同数(平滑)",
                f"{en} per 10 000 people, smoothed", about, "contracts_per_10k"),
        _number(f"{side}_peer_per_10k", f"同类县{zh}每万人合同数(中位)",
                f"{en}: median of the peers", about, "contracts_per_10k"),
        _number(f"{side}_peer_ratio", f"{zh}为同类县的倍数", f"{en}: own over peers",
                ("本县 ÷ 同类县中位", "Own rate over the median of the peers")),
    )  # fmt: skip


_RESIDENTS = Column("residents", ColumnType.INTEGER, "常住人口", "Residents", "2020 年人口普查",
                    "Census of 2020", unit="persons", minimum=0)  # fmt: skip
COUNTY_GAPS = Table(
    "county_gaps", "县(市、区)缺口", "Gaps by county",
    (
        ADCODE,
        _text("county_name", "县(市、区)", "County"),
        PREFECTURE_ADCODE,
        PREFECTURE_NAME,
        Column("name_key", ColumnType.TEXT, "拼音", "Pinyin"),
        _RESIDENTS,
        _code("map_gap", "缺口类型", "Type of gap", tuple(MapGap),
              ("按次序第一个必然成立的", "The first that holds for certain, in their order")),
        *(
            column
            for gap, (zh, en) in GAP_WORDS.items()
            for column in (
                Column(f"{gap.value}_share", ColumnType.NUMBER, f"{zh}占可能名单",
                       f"{en}: share of lists", *_LISTS, unit="share", minimum=0, maximum=1),
                _code(f"{gap.value}_certainty", f"{zh}把握", f"{en}: certainty", tuple(Certainty)),
            )
        ),
        Column("certainty_width", ColumnType.NUMBER, "不确定程度", "Width of what is uncertain",
               "0 已知,1 全不知道", "0 known, 1 not known at all", minimum=0, maximum=1),
        *(column for kind in TIERS for column in _tier_gap_columns(kind)),
        _text("provincial_market_node_name", "省技术市场", "Provincial market"),
        _km("provincial_market_km", "到省技术市场距离", "Distance to the provincial market",
            ("只显示,不计缺口", "Shown, no gap by itself")),
        *_node_presence_columns("county_centre", "县域中心", "County centre"),
        *_node_presence_columns("demonstration_county", "示范县", "Demonstration county here"),
        *_node_presence_columns("sub_market", "本州(市)分市场", "Sub-market of the prefecture"),
        _code("centre_state", "中心状态", "State of the centre", tuple(CentreState),
              ("闲置只由中心工作情况表得出;其余为代用指标",
               "Idle follows from the table of centre work only; the rest are proxies")),
        *_side_gap_columns("absorption", "吸纳", "Absorption", _PARTIAL),
        *_side_gap_columns("output", "输出", "Output", ("", "")),
        _text("peer_names", "同类县", "Peers"),
        _integer("distance_class", "距离档", "Class of distance",
                 "距离 ÷ 标准:0 不超过 1,1 不超过 1.5,2 更远;空为未知",
                 "Distance over standard: 0 up to 1, 1 up to 1.5, 2 beyond; empty if unknown"),
        _integer("absorption_class", "吸纳档", "Class of absorption",
                 "对同类县:0 不到一半,1 不到持平,2 持平或更高;空为未知",
                 "Against peers: 0 under half, 1 under level, 2 level or above; empty if unknown"),
        _code("consortium_verdict", "联合体结论", "Consortium verdict", tuple(FitVerdict),
              ("各联合体中最差的结论", "The worst over all consortia")),
        _text("consortium_names", "相关联合体", "Consortia concerned"),
        _km("member_km", "到最近成员", "Distance to the nearest member",
            ("相关联合体中最远的一个", "Of the consortium whose is farthest")),
        _number("score", "缺口优先度", "Gap priority",
                ("名单公开太少、次序只是噪声时为空", "Empty where the order would be noise"),
                "points"),
        _integer("rank", "位次", "Rank"),
        _integer("rank_low", "位次下限", "Rank, low"),
        _integer("rank_high", "位次上限", "Rank, high"),
        _number("top_percent", "进入前十位的抽样", "Draws in the first ten", unit="percent"),
        _text("reason", "理由", "Reason"),
        _text("suggestion", "建议", "Suggestion"),
        _text("overturn", "什么会推翻它", "What would overturn it"),
        Column("rests_on_assumed", ColumnType.BOOLEAN, "依据假定节点或合成合同",
               "Rests on assumed nodes or synthetic contracts"),
    ),
    key=("adcode",),
)  # fmt: skip

PREFECTURE_GAPS = Table(
    "prefecture_gaps", "州(市)缺口", "Gaps by prefecture",
    (
        PREFECTURE_ADCODE,
        PREFECTURE_NAME,
        _integer("county_count", "县(市、区)数", "Counties"),
        _RESIDENTS,
        *(
            _integer(f"{gap.value}_count", f"{zh}(县)", f"{en}, counties",
                     "一县可有几类", "A county may have several")
            for gap, (zh, en) in GAP_WORDS.items()
        ),
        _integer("unknown_count", "未知,先核实(县)", "Unknown, counties"),
        _integer("none_count", "未见缺口(县)", "No gap seen, counties"),
        _integer("gap_residents", "有缺口的县的人口", "Residents of counties with a gap"),
        *_node_presence_columns("sub_market", "分市场", "Sub-market"),
        _text("farthest_county_name", "离分市场最远的县", "County farthest from a sub-market"),
        _km("farthest_km", "最远距离", "Farthest distance"),
    ),
    key=("prefecture_adcode",),
)  # fmt: skip


def _gain_columns(name: str, zh: str, en: str, unit: str) -> tuple[Column, ...]:
    ends = (("", "(平均)", ", expected"), ("_low", "(少)", ", low"), ("_high", "(多)", ", high"))
    about = ("可能名单的平均;少、多为其中九成之间", "Mean over the lists, and nine in ten of them")
    return tuple(
        _number(f"{name}{end}", f"{zh}{end_zh}", f"{en}{end_en}", about, unit)
        for end, end_zh, end_en in ends
    )


NEXT_NODE_GAINS = Table(
    "next_node_gains", "下一个节点", "The next node",
    (
        _integer("order", "次序", "Order"),
        Column("site_adcode", ColumnType.ADCODE, "地区代码", "Place code", is_required=True),
        _text("site_name", "再设一处", "One more in"),
        PREFECTURE_NAME,
        _number("lacking_percent", "尚无节点占可能名单", "Lists in which it has none",
                _LISTS, "percent"),
        *_gain_columns("gained_counties", "新进标准的县数", "Counties newly within", ""),
        *_gain_columns("gained_residents", "新进标准的人口", "Residents newly within", "persons"),
        *_gain_columns("gained_value_10k_yuan", "新进标准的吸纳额", "Contract value newly within",
                       "ten_thousand_yuan"),
        _number("worse_counties", "因此变差的县数", "Counties worse off",
                ("本州(市)优先:首个节点接管原由邻州更近节点服务的县",
                 "Own prefecture first: its first node takes counties from nearer neighbours")),
    ),
    key=("site_adcode",),
)  # fmt: skip

NEXT_NODE_COUNTIES = Table(
    "next_node_counties", "新进标准的县", "Counties newly within",
    (
        ADCODE,
        _text("county_name", "县(市、区)", "County"),
        PREFECTURE_NAME,
        _RESIDENTS,
        _number("relieved_percent", "新进标准占可能名单", "Newly within, of the lists",
                _LISTS, "percent"),
        _number("worse_percent", "变差占可能名单", "Worse off, of the lists", _LISTS, "percent"),
    ),
    key=("adcode",),
)  # fmt: skip

STANDARD_CURVE = Table(
    "standard_curve", "标准与缺口", "Gaps by standard",
    (
        _number("standard_km", "服务标准", "Standard", unit="km"),
        _number("beyond_counties", "标准外的县数", "Counties beyond",
                ("可能名单的平均", "The mean over the possible lists")),
        _number("beyond_residents", "标准外的人口", "Residents beyond", unit="persons"),
    ),
    key=("standard_km",),
)  # fmt: skip
