"""The tables of reach: who serves a county, who would lose it, the lines between, known trips.

They are declared in kilometres; :func:`in_unit` reads them where the numbers are driving times.
"""

from collections.abc import Collection
from dataclasses import replace

import pandas as pd

from network_map.tables import (
    ADCODE,
    KIND,
    PREFECTURE_ADCODE,
    SOURCE,
    Column,
    ColumnType,
    Table,
)
from network_map.terms import CostUnit, DistanceMethod, ServiceRule, Verdict


def _km(name: str, zh: str, en: str, about_zh: str = "", about_en: str = "") -> Column:
    return Column(
        name, ColumnType.NUMBER, zh, en, about_zh, about_en, unit="km", minimum=0,
    )  # fmt: skip


def _share(name: str, zh: str, en: str, about_zh: str, about_en: str) -> Column:
    return Column(name, ColumnType.NUMBER, zh, en, about_zh, about_en, minimum=-1)


def _verdict(name: str, zh: str, en: str, about_zh: str = "", about_en: str = "") -> Column:
    return Column(name, ColumnType.CODE, zh, en, about_zh, about_en, codes=tuple(Verdict))


def _text(name: str, zh: str, en: str, about_zh: str = "", about_en: str = "") -> Column:
    return Column(name, ColumnType.TEXT, zh, en, about_zh, about_en)


def _flag(name: str, zh: str, en: str, about_zh: str, about_en: str) -> Column:
    return Column(name, ColumnType.BOOLEAN, zh, en, about_zh, about_en)


def _count(name: str, zh: str, en: str, about_zh: str, about_en: str) -> Column:
    return Column(
        name, ColumnType.INTEGER, zh, en, about_zh, about_en, unit="count", minimum=0,
    )  # fmt: skip


METHOD = Column(
    "method", ColumnType.CODE, "距离方法", "Distance method",
    "这一行的距离是怎样得出的", "How the distance of this row was found",
    codes=tuple(DistanceMethod),
)  # fmt: skip
RULE = Column(
    "service_rule", ColumnType.CODE, "服务规则", "Service rule",
    "实际采用的规则;本州(市)没有节点时改用最近节点",
    "The rule that was used; the nearest node where the own prefecture has none",
    codes=tuple(ServiceRule),
)  # fmt: skip

REACH = Table(
    "reach", "服务覆盖", "Reach",
    (
        KIND,
        ADCODE,
        PREFECTURE_ADCODE,
        _km("standard_km", "服务标准", "Service standard",
            "可修改的默认值,不是政策;以本县有无为准时为空",
            "An editable default and no policy; empty where presence in the county counts"),
        RULE,
        _verdict("reach_verdict", "覆盖结论", "Verdict",
                 "区间上限不超过标准为覆盖,下限超过标准为缺口,其余为不确定",
                 "Covered if the band ends within the standard, a gap if it begins beyond it, "
                 "else uncertain"),
        _text("node_id", "服务节点编号", "Serving node id"),
        _text("node_name", "服务节点", "Serving node"),
        _km("km", "距离", "Distance"),
        _km("low_km", "距离下限", "Distance, low",
            "到最近一个可用节点的距离区间", "Band of the distance to the nearest eligible node"),
        _km("high_km", "距离上限", "Distance, high"),
        METHOD,
        _text("nearest_node_id", "最近节点编号", "Nearest node id"),
        _text("nearest_node_name", "最近节点", "Nearest node"),
        _km("nearest_km", "最近距离", "Nearest distance"),
        _verdict("nearest_verdict", "按最近节点的结论", "Verdict by the nearest node"),
        _text("second_node_id", "另一最近节点编号", "Nearest other node id"),
        _text("second_node_name", "另一最近节点", "Nearest other node"),
        _km("second_km", "另一最近距离", "Distance to it"),
        _text("own_node_id", "本地节点编号", "Own node id",
              "本州(市)内最近的节点;按本县规则时为本县的节点",
              "Nearest node of the own prefecture, or in the own county by that rule"),
        _text("own_node_name", "本地节点", "Own node"),
        _km("own_km", "本地节点距离", "Distance of own node"),
        _verdict("own_verdict", "按本地节点的结论", "Verdict by the own node",
                 "本地没有节点时为空", "Empty without a node of its own"),
        _flag("only_one_within", "仅靠一个节点", "Held by one node",
              "该服务节点一旦撤销,本县不再确定被覆盖",
              "Without the serving node the county would no longer surely be covered"),
        _count("unplaced_count", "无坐标节点", "Nodes without coordinates",
               "可能更近,因此有此类节点时不下“缺口”结论",
               "One of them may be nearer: with any, nothing is called a gap"),
        _count("unknown_status_count", "状态未知节点", "Nodes of unknown status",
               "按已建计入的状态未知节点数", "Counted as if built"),
    ),
    key=("kind", "adcode"),
)  # fmt: skip

CLOSURE_LOSSES = Table(
    "closure_losses", "撤销影响", "Losses by closure",
    (
        KIND,
        _text("node_id", "撤销的节点编号", "Closed node id"),
        _text("node_name", "撤销的节点", "Closed node"),
        ADCODE,
        _verdict("reach_verdict", "现结论", "Verdict now"),
        _verdict("verdict_after", "撤销后结论", "Verdict after"),
        _flag("is_new_gap", "新增缺口", "New gap",
              "撤销后成为缺口", "Becomes a gap by the closure"),
        _km("km", "现距离", "Distance now"),
        _km("km_after", "撤销后距离", "Distance after"),
    ),
    key=("kind", "node_id", "adcode"),
)  # fmt: skip

HIERARCHY = Table(
    "hierarchy", "层级连线", "Hierarchy lines",
    (
        Column("level", ColumnType.CODE, "起点", "From", is_required=True,
               codes=("county", "sub_market")),
        Column("from_id", ColumnType.TEXT, "起点编号", "From id",
               "县代码或分市场编号", "A county code or the id of a sub-market", is_required=True),
        _text("from_name", "起点名称", "From name"),
        PREFECTURE_ADCODE,
        _text("to_node_id", "上级节点编号", "Node id"),
        _text("to_node_name", "上级节点", "Node"),
        _flag("is_orphan", "跨州(市)", "Orphan",
              "本州(市)没有分市场,连到最近的分市场,画虚线",
              "No sub-market in its prefecture: drawn dashed to the nearest one"),
        _km("km", "距离", "Distance"),
        METHOD,
        Column("from_lon", ColumnType.NUMBER, "起点经度", "From longitude", unit="degrees"),
        Column("from_lat", ColumnType.NUMBER, "起点纬度", "From latitude", unit="degrees"),
        Column("to_lon", ColumnType.NUMBER, "终点经度", "To longitude", unit="degrees"),
        Column("to_lat", ColumnType.NUMBER, "终点纬度", "To latitude", unit="degrees"),
        Column("line", ColumnType.CODE, "连线", "Line",
               "有连线、缺起点坐标、缺上级坐标、没有上级节点",
               "Drawn, start or node without coordinates, or no node above",
               is_required=True,
               codes=("drawn", "start_unplaced", "node_unplaced", "no_node")),
    ),
    key=("level", "from_id"),
)  # fmt: skip

KNOWN_PAIRS = Table(
    "known_pairs", "已知里程对照", "Known trips",
    (
        Column("from_adcode", ColumnType.ADCODE, "起点代码", "From code", is_required=True),
        Column("to_adcode", ColumnType.ADCODE, "终点代码", "To code", is_required=True),
        _km("known_km", "已知里程", "Known length",
            "取整到 10 公里", "Rounded to 10 km"),
        _km("straight_km", "直线", "Straight line"),
        _km("path_km", "路网原长", "Path on the network", "未乘系数", "Before the factor"),
        _km("leg_km", "两端接入", "Access legs",
            "直线乘 1.5", "Straight line times 1.5"),
        _km("road_km", "路网估计", "Road estimate"),
        _km("road_low_km", "下限", "Low"),
        _km("road_high_km", "上限", "High"),
        _share("road_error_share", "误差", "Error",
               "估计除以已知再减一", "Estimate over known, less one"),
        Column("left_out_factor", ColumnType.NUMBER, "留一系数", "Factor without it",
               "只用其余各对得出的系数", "Fitted on the other pairs alone"),
        _km("left_out_km", "留一估计", "Estimate without it"),
        _share("left_out_error_share", "留一误差", "Error without it",
               "留一估计除以已知再减一", "That estimate over known, less one"),
        _km("circuity_km", "直线估计", "Circuity estimate"),
        _km("circuity_low_km", "直线估计下限", "Circuity, low"),
        _km("circuity_high_km", "直线估计上限", "Circuity, high"),
    ),
    key=("from_adcode", "to_adcode"),
)  # fmt: skip

TRAVEL_TIMES = Table(
    "travel_times", "自备驾车时间", "Own travel times",
    (
        Column(
            "travel_method", ColumnType.CODE, "方法", "Method",
            "导入的驾车时间表,或由自备路网算出",
            "An imported matrix, or worked out from an own road network",
            is_required=True, codes=("osm_network_time", "router_matrix"),
        ),
        Column("origin_id", ColumnType.ADCODE, "起点代码", "Origin id",
               "县(市、区)代码,从县城出发", "A county's code: from its seat", is_required=True),
        Column("dest_id", ColumnType.TEXT, "终点编号", "Destination id",
               "节点编号,或县(市、区)代码,表示县城",
               "A node's id, or a county's code for its seat", is_required=True),
        Column("minutes", ColumnType.NUMBER, "驾车时间", "Driving time", unit="min",
               is_required=True, minimum=0),
        _km("km", "里程", "Length"),
        SOURCE,
        Column("retrieved_on", ColumnType.DATE, "取得日期", "Retrieved on"),
        Column("input_sha256", ColumnType.TEXT, "输入文件 SHA-256", "SHA-256 of the input file",
               is_required=True),
    ),
    key=("travel_method", "origin_id", "dest_id"),
)  # fmt: skip


def in_unit(
    rows: pd.DataFrame, table: Table, unit: CostUnit, *, but: Collection[str] = ()
) -> tuple[pd.DataFrame, Table]:
    """Return rows and their declaration with the unit of the distances in names and headings.

    Parameters
    ----------
    rows
        Rows of the table.
    table
        Its declaration, written for kilometres.
    unit
        What the distances are.
    but
        Columns that are kilometres all the same.
    """
    changed = {
        column.name: column.name.removesuffix(CostUnit.KM) + unit
        for column in table.columns
        if unit is not CostUnit.KM and column.unit == CostUnit.KM and column.name not in but
    }
    if not changed:
        return rows, table
    columns = tuple(
        replace(column, name=changed[column.name], unit=unit.value)
        if column.name in changed
        else column
        for column in table.columns
    )
    key = tuple(changed.get(name, name) for name in table.key)
    return rows.rename(columns=changed), replace(table, columns=columns, key=key)
