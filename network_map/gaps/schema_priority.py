"""The tables of the priority score: scores, rank intervals, and whom to ask first."""

from enum import StrEnum

from network_map.tables.columns import Column, ColumnType, Table
from network_map.tables.shared_columns import ADCODE


class Component(StrEnum):
    """What the score is made of, in the order of the columns."""

    PRESENCE = "presence"
    REACH = "reach"
    ACTIVITY = "activity"
    CONSORTIUM = "consortium"


class RankCause(StrEnum):
    """What makes a rank uncertain."""

    WEIGHTS = "weights"
    NAMES = "names"
    """The names that are not public: completions of the lists."""
    DISTANCES = "distances"
    """The bands of the distances and the service standards."""
    FACTS = "facts"
    """Activity and consortium fit that are not known."""
    NONE = "none"
    """No part moves the rank."""


class SuggestedAction(StrEnum):
    """What a row asks for."""

    BUILD_CENTRE = "build_centre"
    SET_SUB_MARKET = "set_sub_market"
    GROW_DEMONSTRATION = "grow_demonstration"
    ACTIVATE_CENTRE = "activate_centre"
    BRING_CONSORTIUM = "bring_consortium"
    VERIFY_FIRST = "verify_first"
    NONE = "none"


class FactKind(StrEnum):
    """A kind of fact that one telephone call settles."""

    COUNTY_CENTRE = "county_centre"
    DEMONSTRATION_COUNTY = "demonstration_county"
    SUB_MARKET = "sub_market"
    PROVINCIAL_MARKET = "provincial_market"
    ACTIVITY = "activity"
    """The contract register of a county."""
    CONSORTIUM = "consortium"
    """The industry of a county, and where members are."""
    REGISTER = "register"
    """The contract register as a whole: one question for all counties."""


class Question(StrEnum):
    """What to ask."""

    HAS_NODE = "has_node"
    WHERE_IS_NODE = "where_is_node"
    ACTIVITY_OF_COUNTY = "activity_of_county"
    CONSORTIUM_OF_COUNTY = "consortium_of_county"
    REGISTER = "register"


_POINTS = "points"


def _score(name: str, zh: str, en: str, about: tuple[str, str] = ("", "")) -> Column:
    return Column(
        name, ColumnType.NUMBER, zh, en, *about, unit=_POINTS, minimum=0, maximum=100,
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
CAUSE_WORDS = {
    RankCause.WEIGHTS: ("只变权重", "only weights vary"),
    RankCause.NAMES: ("只变未公开名单", "only unknown names vary"),
    RankCause.DISTANCES: ("只变距离和标准", "only distances and standards vary"),
    RankCause.FACTS: ("只变未知的活跃度和产业", "only unknown activity and fit vary"),
}
"""How a column about one cause alone is called."""

PRIORITY_SCORES = Table(
    "priority_scores", "优先度", "Priority scores",
    (
        ADCODE,
        _score("score", "优先度", "Score",
               ("0 到 100,越高越应优先;对未知部分取期望",
                "0 to 100, higher first; an expectation over what is unknown")),
        _score("score_low", "优先度下限", "Score, lowest",
               ("未知部分都取最小", "Everything unknown at its least")),
        _score("score_high", "优先度上限", "Score, highest",
               ("未知部分都取最大", "Everything unknown at its most")),
        _rank("rank", "位次", "Rank", ("同分按代码", "Ties by code")),
        Column("verify_first", ColumnType.BOOLEAN, "先核实", "Verify first",
               "本行的未知部分可能使它进入或退出前列",
               "What is unknown of the row may carry it across the line of the top",
               is_required=True),
        *(
            _score(f"contribution_{component.value}", f"{zh}得分", f"Points from {en}",
                   ("各项相加等于优先度", "The parts add up to the score"))
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
        *(
            column
            for cause, (zh, en) in CAUSE_WORDS.items()
            for column in (
                _rank(f"rank_low_{cause.value}", f"位次下限({zh})", f"Rank, 5 % ({en})"),
                _rank(f"rank_high_{cause.value}", f"位次上限({zh})", f"Rank, 95 % ({en})"),
            )
        ),
        Column("largest_cause", ColumnType.CODE, "最大原因", "Largest cause",
               "单独变动时位次区间最宽的一项", "The part that alone gives the widest interval",
               is_required=True, codes=tuple(RankCause)),
        Column("share_in_top", ColumnType.NUMBER, "进入前列的抽取占比", "Share of draws in the top",
               "占全部抽取的比例;不是现实中的概率", "Of all draws; no real-world probability",
               unit="share", is_required=True, minimum=0, maximum=1),
    ),
    key=("adcode",),
)  # fmt: skip

ASK_FIRST = Table(
    "ask_first", "先问谁", "Whom to ask first",
    (
        _rank("order", "次序", "Order"),
        Column("fact_kind", ColumnType.CODE, "未知事项", "Unknown fact",
               is_required=True, codes=tuple(FactKind)),
        Column("adcode", ColumnType.ADCODE, "地区代码", "Place code",
               "不止一地的事项为空:登记数据、节点在哪里",
               "Empty where the fact is about no single place: the register, where a node is"),
        Column("question_code", ColumnType.CODE, "问题", "Question", is_required=True,
               codes=tuple(Question)),
        Column("expected_changes", ColumnType.NUMBER, "前列预计变动数", "Expected changes",
               "问清后前列名单预计换入的县数,按可能答案的份额加权",
               "Counties expected to enter the top once the fact is settled, weighted by answers",
               is_required=True, minimum=0),
        Column("share_yes", ColumnType.NUMBER, "答“有”的份额", "Share of lists with a node",
               "占可能名单的比例;不是现实中的概率", "Of possible lists; no real-world probability",
               unit="share", minimum=0, maximum=1),
    ),
    key=("fact_kind", "adcode"),
)  # fmt: skip
