"""The tables of the ensemble of completions, and of three-valued logic."""

from network_map.tables.columns import (
    ADCODE,
    KIND,
    KIND_NAME,
    PLACE_NAME,
    PREFECTURE_NAME,
    PRESENCE,
    Column,
    ColumnType,
    Table,
)
from network_map.terms import Presence

_PRESENCE_VERDICTS = ("certain_present", "possible", "certain_absent", "unknown")
_STATUSES = ("complete", "open", "surplus", "undeclared", "infeasible")


def _count(name: str, zh: str, en: str, about: tuple[str, str] = ("", "")) -> Column:
    return Column(name, ColumnType.INTEGER, zh, en, *about, unit="count", minimum=0)


def _share(name: str, zh: str, en: str, about: tuple[str, str]) -> Column:
    return Column(name, ColumnType.NUMBER, zh, en, *about, unit="share", minimum=0, maximum=1)


def _verdict(name: str, zh: str, en: str) -> Column:
    return Column(
        name, ColumnType.CODE, zh, en,
        "必然有、可能、必然无;未知表示没有可能名单可算",
        "Certainly present, possible, certainly absent; unknown: there are no lists to count",
        codes=_PRESENCE_VERDICTS,
    )  # fmt: skip


STATUS = Column(
    "status_code",
    ColumnType.CODE,
    "名单状态",
    "State of the list",
    "完整、开放、多出、未公布、无解",
    "Complete, open, surplus, undeclared, infeasible",
    codes=_STATUSES,
)

COMPLETION_KINDS = Table(
    "completion_kinds",
    "可能名单概况",
    "Possible lists by kind",
    (
        KIND,
        KIND_NAME,
        STATUS,
        _count("declared_count", "应有", "Declared"),
        _count("named_count", "实有(有名单)", "Named"),
        _count(
            "missing_count",
            "地点未知的节点",
            "Nodes without a known place",
            (
                "应有数减去已知所在地的节点数",
                "Declared, less those whose place is known",
            ),
        ),
        _count(
            "unplaced_count",
            "其中有名称而所在地未知",
            "Of these, named without a place",
        ),
        _count("surplus_count", "多出的名称", "Surplus names"),
        _count("candidate_count", "候选地区", "Candidate places"),
        Column(
            "list_count_log10",
            ColumnType.NUMBER,
            "可能名单数(以 10 为底的对数)",
            "Number of possible lists (log 10)",
            "空白表示没有可能名单可算",
            "Blank: there are no lists to count",
            minimum=0,
        ),
        Column(
            "has_nested",
            ColumnType.BOOLEAN,
            "可按“示范县均设中心”计算",
            "Nested answer available",
            "只对示范县和县域中心有意义",
            "Of demonstration counties and county centres only",
        ),
    ),
    key=("kind",),
)

COMPLETION_SHARES = Table(
    "completion_shares",
    "可能名单中的有无",
    "Presence over possible lists",
    (
        KIND,
        KIND_NAME,
        ADCODE,
        PLACE_NAME,
        Column("prefecture_adcode", ColumnType.ADCODE, "州(市)代码", "Prefecture code"),
        PREFECTURE_NAME,
        PRESENCE,
        STATUS,
        Column("is_candidate", ColumnType.BOOLEAN, "候选", "Candidate"),
        _share(
            "share_of_lists",
            "占可能名单的比例",
            "Share of possible lists",
            (
                "该地区有此类节点的名单占全部可能名单的比例;不是现实中的概率",
                "Part of all possible lists with a node in the place; not a real-world probability",
            ),
        ),
        _verdict("verdict_code", "结论", "Finding"),
        _share(
            "share_of_lists_nested",
            "占可能名单的比例(示范县均设中心)",
            "Share of possible lists (demonstration counties have a centre)",
            (
                "只计每个示范县都有县域中心的名单",
                "Counting only lists in which every demonstration county has a centre",
            ),
        ),
        _verdict("verdict_code_nested", "结论(示范县均设中心)", "Finding (nested)"),
    ),
    key=("kind", "adcode"),
)


def _presence(name: str, zh: str, en: str) -> Column:
    return Column(name, ColumnType.CODE, zh, en, is_required=True, codes=tuple(Presence))


KLEENE = Table(
    "kleene",
    "三值逻辑",
    "Three-valued logic",
    (
        _presence("left", "甲", "A"),
        _presence("right", "乙", "B"),
        _presence("both", "甲且乙", "A and B"),
        _presence("either", "甲或乙", "A or B"),
        _presence("not_left", "非甲", "Not A"),
    ),
    key=("left", "right"),
)
