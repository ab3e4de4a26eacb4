"""The tables of the gap map: counties, priorities and ranks, prefectures, one node more or less."""

from collections.abc import Mapping
from enum import StrEnum

from network_map.activity.tables import BlankState, CentreState, Trend
from network_map.gaps.weights import Component
from network_map.tables import (
    ADCODE,
    PREFECTURE_ADCODE,
    PREFECTURE_NAME,
    Column,
    ColumnType,
    Table,
)
from network_map.terms import (
    Certainty,
    DistanceMethod,
    FitVerdict,
    GapType,
    MapGap,
    NodePresence,
    Origin,
    ServiceRule,
)


class SuggestedAction(StrEnum):
    """What a row asks for."""

    BUILD_CENTRE = "build_centre"
    FINISH_CENTRE = "finish_centre"
    """A centre is being built."""
    SET_SUB_MARKET = "set_sub_market"
    GROW_DEMONSTRATION = "grow_demonstration"
    ACTIVATE_CENTRE = "activate_centre"
    BRING_CONSORTIUM = "bring_consortium"
    VERIFY_FIRST = "verify_first"
    NONE = "none"


class AskedList(StrEnum):
    """A list that can be asked for."""

    REGISTER = "register"
    """The contract register."""
    CONSORTIUM = "consortium"
    """The industries of counties, and the members of consortia."""
    DEMONSTRATION_COUNTY = "demonstration_county"
    SUB_MARKET = "sub_market"
    COUNTY_CENTRE = "county_centre"


class Question(StrEnum):
    """What to ask."""

    WHOLE_LIST = "whole_list"
    HAS_NODE = "has_node"
    ACTIVITY_OF_COUNTY = "activity_of_county"
    CONSORTIUM_OF_COUNTY = "consortium_of_county"


def _score(name: str, zh: str, en: str, about: tuple[str, str] = ("", "")) -> Column:
    return Column(
        name, ColumnType.NUMBER, zh, en, *about, unit="points", minimum=0, maximum=100,
        is_required=True,
    )  # fmt: skip


def _rank(name: str, zh: str, en: str, about: tuple[str, str] = ("", "")) -> Column:
    return Column(name, ColumnType.INTEGER, zh, en, *about, minimum=1, is_required=True)


_COMPONENTS = {
    Component.PRESENCE: ("有无", "presence"),
    Component.REACH: ("可达", "reach"),
    Component.ACTIVITY: ("活跃度", "activity"),
    Component.CONSORTIUM: ("联合体", "consortium"),
}
PRIORITY_SCORES = Table(
    "priority_scores", "缺口优先度", "Gap priorities",
    (
        ADCODE,
        _score("score", "缺口优先度", "Gap priority",
               ("0 到 100,越高缺口越重;对未知部分取期望",
                "0 to 100, the higher the worse; an expectation over what is unknown")),
        _score("score_low", "缺口优先度下限", "Gap priority, lowest",
               ("未知部分都取最小", "Everything unknown at its least")),
        _score("score_high", "缺口优先度上限", "Gap priority, highest",
               ("未知部分都取最大", "Everything unknown at its most")),
        _rank("rank", "位次", "Rank", ("同分按代码", "Ties by code")),
        Column("verify_first", ColumnType.BOOLEAN, "先核实", "Verify first",
               "本行的未知部分可能使它进入或退出前列",
               "What is unknown of the row may carry it across the line of the top",
               is_required=True),
        *(
            _score(f"contribution_{component.value}", f"{zh}分数", f"Points from {en}",
                   ("各项相加等于缺口优先度", "The parts add up to the priority"))
            for component, (zh, en) in _COMPONENTS.items()
        ),
    ),
    key=("adcode",),
)  # fmt: skip

RANK_INTERVALS = Table(
    "rank_intervals", "位次区间", "Rank intervals",
    (
        ADCODE,
        _rank("rank_low", "位次下限", "Rank, 5 %", ("5% 的抽取不高于此位次", "5 % of draws")),
        _rank("rank_high", "位次上限", "Rank, 95 %", ("95% 的抽取不低于此位次", "95 % of draws")),
        Column("share_in_top", ColumnType.NUMBER, "进入前列的抽取占比", "Share of draws in the top",
               "占全部抽取的比例;不是现实中的概率", "Of all draws; no real-world probability",
               unit="share", is_required=True, minimum=0, maximum=1),
    ),
    key=("adcode",),
)  # fmt: skip

ASK_FIRST = Table(
    "ask_first", "先要哪份名单", "Which list to ask for first",
    (
        _rank("order", "次序", "Order"),
        Column("list_code", ColumnType.CODE, "名单", "List",
               is_required=True, codes=tuple(AskedList)),
        Column("adcode", ColumnType.ADCODE, "地区代码", "Place code",
               "整份名单为空", "Empty for the whole list"),
        Column("question_code", ColumnType.CODE, "问题", "Question", is_required=True,
               codes=tuple(Question)),
        Column("expected_changes", ColumnType.NUMBER, "前列预计变动数", "Expected changes",
               "拿到后前列预计换入的县数,按可能答案的份额加权",
               "Counties expected to enter the top once it is known, weighted by the answers",
               is_required=True, minimum=0),
        Column("share_yes", ColumnType.NUMBER, "答“有”的份额", "Share of lists with a node",
               "占可能名单的比例;不是现实中的概率", "Of possible lists; no real-world probability",
               unit="share", minimum=0, maximum=1),
    ),
    key=("list_code", "adcode"),
)  # fmt: skip


_PRESENCE = ("certain_present", "planned", "possible", "certain_absent", "unknown")


class ReachVerdict(StrEnum):
    """What all lists and the bands of distances together say of a county's reach.

    The first three where names are missing; ``covered`` and ``gap`` where there is one list.
    """

    CERTAIN_GAP = "certain_gap"
    POSSIBLE = "possible"
    """A gap in some lists."""
    CERTAIN_COVERED = "certain_covered"
    GAP = "gap"
    COVERED = "covered"
    UNCERTAIN = "uncertain"
    """The band of the distance lies across the standard, in every list."""
    UNKNOWN = "unknown"
    """There is no list to go by."""


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


TIERS = ("sub_market", "demonstration_county")
"""The tiers whose distance makes a gap."""
_LISTS = (
    "占可能名单的比例;不是现实中的概率",
    "Share of possible lists; no probability of the real world",
)
_KINDS = {
    "sub_market": ("分市场", "Sub-market"),
    "demonstration_county": ("示范县", "Demonstration county"),
    "provincial_market": ("省技术市场", "Provincial market"),
}


def _fragile_columns(kind: str) -> tuple[Column, ...]:
    """Return what a closure would do; there is no second provincial market."""
    if kind not in TIERS:
        return ()
    zh, en = _KINDS[kind]
    named = (
        "服务节点以外最近的有名单的节点,不论规则",
        "The nearest named node but the serving one, by whichever rule",
    )
    return (
        _text(f"{kind}_second_node_name", f"{zh}另一最近节点", f"{en}: nearest other node", *named),
        _number(f"{kind}_second_km", f"{zh}另一最近距离", f"{en}: distance to it", named, "km"),
        Column(f"{kind}_only_one", ColumnType.BOOLEAN, f"{zh}仅靠一个节点",
               f"{en}: hangs on one node", "服务节点一旦撤销即不再确定覆盖",
               "No longer surely covered if its serving node closed"),
    )  # fmt: skip


def _reach_columns(kind: str) -> tuple[Column, ...]:
    zh, en = _KINDS[kind]
    verdicts = tuple(ReachVerdict)
    return (
        _code(
            f"{kind}_verdict", f"{zh}覆盖结论", f"{en}: verdict", verdicts,
            (
                "名单不全时为必然缺口、可能、必然覆盖;名单完整时为缺口、不确定、覆盖",
                "Certain or possible where names are missing; else gap, uncertain or covered",
            ),
        ),
        _number(f"{kind}_gap_percent", f"{zh}缺口占可能名单", f"{en}: lists with a gap",
                _LISTS, "percent"),
        _number(f"{kind}_covered_percent", f"{zh}覆盖占可能名单", f"{en}: lists that cover",
                _LISTS, "percent"),
        _code(f"{kind}_other_verdict", f"{zh}按另一规则的结论", f"{en}: verdict by the other rule",
              verdicts, ("本州(市)规则与最近规则互为另一规则",
                         "Own prefecture and nearest are each other's other rule")),
        _text(f"{kind}_node_name", f"{zh}服务节点", f"{en}: serving node",
              "有名单的节点中的服务节点", "Among the named nodes"),
        _number(f"{kind}_km", f"{zh}距离", f"{en}: distance",
                ("到有名单的服务节点", "To the named serving node"), "km"),
        _number(f"{kind}_low_km", f"{zh}距离下限", f"{en}: distance, low", unit="km"),
        _number(f"{kind}_high_km", f"{zh}距离上限", f"{en}: distance, high", unit="km"),
        *_fragile_columns(kind),
        _code(f"{kind}_method", f"{zh}距离方法", f"{en}: method", tuple(DistanceMethod)),
        _code(f"{kind}_rule", f"{zh}服务规则", f"{en}: rule", tuple(ServiceRule)),
        _number(f"{kind}_standard_km", f"{zh}服务标准", f"{en}: standard",
                ("默认值,不是政策", "A default and no policy"), "km"),
    )  # fmt: skip


def _side_columns(side: str, zh: str, en: str, about: tuple[str, str]) -> tuple[Column, ...]:
    return (
        _integer(f"{side}_contract_count", f"{zh}合同数", f"{en} contracts", *about),
        _number(f"{side}_per_10k", f"{zh}每万人合同数(平滑)",
                f"{en} per 10 000 people, smoothed", about, "contracts_per_10k"),
        _number(f"{side}_peer_per_10k", f"同类县{zh}每万人合同数(中位)",
                f"{en}: median of the peers", about, "contracts_per_10k"),
        Column(f"{side}_value_log_ratio", ColumnType.NUMBER, f"{zh}人均成交额对同类县(对数比)",
               f"{en} value per head against the peers, log ratio",
               "ln(1+本县) − ln(1+同类县中位),元/人;0 为持平",
               "ln(1+own) − ln(1+median of the peers), yuan per head; 0 is level"),
        _code(f"{side}_trend", f"{zh}趋势", f"{en} trend", tuple(Trend),
              ("与等长的上一期比,只在变化不能用偶然解释时标注升降",
               "Against the period before; up or down only where chance does not explain it")),
    )  # fmt: skip


def _presence_columns(name: str, zh: str, en: str) -> tuple[Column, ...]:
    return (
        _code(f"{name}_presence", f"{zh}有无", f"{en}: presence", _PRESENCE,
              ("必然有、在建、可能、必然无;未知表示没有可能名单可算",
               "Certainly there, being built, possible, certainly not; unknown: no lists")),
        _number(f"{name}_present_percent", f"有{zh}占可能名单", f"{en}: lists with one",
                _LISTS, "percent"),
        _integer(f"{name}_missing_count", f"{zh}名单未公开数", f"{en}: names not public",
                 "全省公布总数减去有名单的", "The published total less the names, in the province"),
    )  # fmt: skip


_PARTIAL = ("仅含本省登记", "Registered in this province only")
_OF_SCORE = ("四项之和等于缺口优先度", "The four add up to the priority")

GAPS = Table(
    "gaps", "覆盖缺口", "Coverage gaps",
    (
        _integer("rank", "位次", "Rank", "在全省 129 个县(市、区)中", "Among all counties"),
        _integer("rank_low", "位次下限", "Rank, low", "联合抽样的 5%", "5 % of the joint draws"),
        _integer("rank_high", "位次上限", "Rank, high", "联合抽样的 95%",
                 "95 % of the joint draws"),
        ADCODE,
        _text("county_name", "县(市、区)", "County"),
        PREFECTURE_NAME,
        Column("residents", ColumnType.INTEGER, "常住人口", "Residents",
               "2020 年人口普查", "Census of 2020", unit="persons", minimum=0),
        _number("score", "缺口优先度", "Gap priority",
                ("0–100,越高缺口越重,对可能名单取平均;次序只是噪声时为空",
                 "0 to 100, higher is worse, the mean over the lists; empty if the order is noise"),
                "points"),
        _number("contribution_presence", "有无分数", "Points for presence", _OF_SCORE, "points"),
        _number("contribution_reach", "距离分数", "Points for reach", _OF_SCORE, "points"),
        _number("contribution_activity", "活跃度分数", "Points for activity", _OF_SCORE, "points"),
        _number("contribution_consortium", "联合体分数", "Points for consortium fit",
                _OF_SCORE, "points"),
        _code("largest_part", "主要因素", "Largest part",
              tuple(Component)),
        _code("suggested_action", "建议", "Suggested action", tuple(SuggestedAction)),
        Column("verify_first", ColumnType.BOOLEAN, "先核实", "Check first",
               "未知部分可能使它进出前十位",
               "What is unknown could move it across the line of the first ten"),
        _number("top_percent", "进入前十位的抽样", "Draws in the first ten",
                ("联合抽样中位次不大于 10 的比例", "Joint draws with a rank of 10 or less"),
                "percent"),
        *_presence_columns("county_centre", "县域中心", "County centre"),
        *_presence_columns("demonstration_county_here", "示范县", "Demonstration county here"),
        *(column for kind in _KINDS for column in _reach_columns(kind)),
        _integer("contract_years", "合同统计期(年)", "Period of contracts, years",
                 "从数据截止日期往前算", "Back from the cut-off of the data"),
        *_side_columns("output", "输出", "Output", ("", "")),
        *_side_columns("absorption", "吸纳", "Absorption", _PARTIAL),
        _code("blank_state", "空白县(吸纳)", "No absorption contract", tuple(BlankState)),
        _code("centre_state", "中心状态", "State of the centre", tuple(CentreState),
              ("闲置只由中心工作情况表得出;其余为代用指标",
               "Idle follows from the table of centre work only; the rest are proxies")),
        _text("peer_names", "同类县", "Peers"),
        _code("consortium_verdict", "联合体结论", "Consortium verdict", tuple(FitVerdict),
              ("各联合体中最差的结论", "The worst over all consortia")),
        _text("consortium_names", "相关联合体", "Consortia concerned"),
        _text("reason", "入选原因", "Reason"),
        _text("data_note", "数据说明", "Note on the data"),
    ),
    key=("adcode",),
)  # fmt: skip

GAP_SCORES = Table(
    "gap_scores", "缺口优先度", "Gap priorities",
    tuple(
        column for column in GAPS.columns
        if column.name.startswith(("rank", "score", "contribution_", "largest_"))
        or column.name in {"suggested_action", "verify_first", "top_percent"}
    ),
)  # fmt: skip
"""The columns of ``gaps`` that a weight changes, apart from the reason."""

GAP_FACTS = Table(
    "gap_facts", "缺口的事实", "Facts behind gaps",
    tuple(
        column for column in GAPS.columns
        if column.name != "reason" and column not in GAP_SCORES.columns
    ),
    key=("adcode",),
)  # fmt: skip
"""The columns of ``gaps`` that no weight changes."""

GAP_CALLS = Table(
    "gap_calls", "先要哪份名单", "Which list to ask for first",
    (
        _integer("order", "次序", "Order"),
        _text("list_name", "名单", "List"),
        _text("keeper", "向谁要", "Keeper"),
        _text("place_name", "地区", "Place"),
        _text("question", "要问的话", "Question"),
        _number("expected_changes", "前十位预计变动数", "Expected changes of the first ten",
                ("拿到后前十位预计换入的县数,按可能答案的份额加权",
                 "Counties expected to enter once it is known, weighted by the answers")),
        Column("adcode", ColumnType.ADCODE, "行政区划代码", "Division code"),
    ),
    key=("order",),
)  # fmt: skip

GAP_LOSSES = Table(
    "gap_losses", "撤销影响", "Losses by closure",
    (
        _text("kind_name", "服务", "Service", "由哪类节点的服务变差", "Of which kind of node"),
        _text("node_label", "撤销的节点", "Closed node"),
        _text("county_name", "县(市、区)", "County"),
        PREFECTURE_NAME,
        _text("verdict_now", "现结论", "Verdict now"),
        _text("verdict_then", "撤销后结论", "Verdict after"),
        Column("is_new_gap", ColumnType.BOOLEAN, "新增缺口", "New gap",
               "撤销后成为缺口", "Becomes a gap by the closure"),
        _number("km", "现距离", "Distance now", unit="km"),
        _number("km_after", "撤销后距离", "Distance after",
                ("空白:没有别的有名单的节点", "Blank: there is no other named node"), "km"),
        Column("node_id", ColumnType.TEXT, "节点编号", "Node id"),
        ADCODE,
    ),
    key=("kind_name", "node_id", "adcode"),
)  # fmt: skip

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
