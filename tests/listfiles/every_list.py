"""Lists of every kind: a clean one of each, and what reads them."""

from collections.abc import Callable, Mapping
from functools import cache

import pandas as pd

from network_map.activity.importing import preview_centre_activity
from network_map.consortia.importing import preview_industries, preview_members
from network_map.consortia.tables import CONSORTIA
from network_map.contracts.importing.preview import preview_contracts, preview_paid_values
from network_map.contracts.importing.reading import ContractOptions, ContractPreview, PaidPreview
from network_map.datapackage import read_table
from network_map.listfiles.preview import ListPreview
from network_map.nodes.importing.preview import NodeListOptions, NodeListPreview, preview_nodes
from network_map.nodes.importing.small_lists import SmallListPreview, preview_figures
from network_map.nodes.tables import NODES
from network_map.tables.check import conform
from tests.shipped import gazetteer, places, reference
from tests.written import Cell, Value

Rows = list[list["Value | Cell"]]

CLEAN: Mapping[str, Rows] = {
    "nodes": [
        ["节点类型", "节点名称", "州(市)", "县(市、区)", "状态", "设立日期"],
        ["县域中心", "甲中心", "昭通市", "镇雄县", "已建", "2024-03-05"],
        ["示范县", "乙示范", "昆明市", "盘龙区", "已建", "2023-06"],
        ["县域中心", "丙中心", "红河州", "个旧市", "在建", "2024"],
    ],
    "contracts": [
        ["合同登记编号", "合同类型", "合同成交额(元)", "卖方州市", "卖方县区", "签订日期"],
        ["5301002024000001", "技术开发", 1000, "昭通市", "镇雄县", "2024-03-05"],
        ["5301002024000002", "技术服务", 2000, "昆明市", "盘龙区", "2024-03-06"],
        ["5301002024000003", "技术咨询", 3000, "红河州", "个旧市", "2024-03-07"],
    ],
    "payments": [
        ["合同登记编号", "服务机构名称", "服务机构编号", "实收金额(元)", "到账日期"],
        ["5301002024000001", "甲中心", "F001", 100, "2024-04-05"],
        ["5301002024000002", "乙公司", "F002", 200, "2024-04-06"],
        ["5301002024000003", "丙公司", "F003", 300, "2024-04-07"],
    ],
    "consortia": [
        ["联合体名称", "角色", "单位名称", "州(市)", "县(市、区)"],
        ["锡铟产业创新联合体", "牵头", "甲公司", "红河州", "个旧市"],
        ["锡铟产业创新联合体", "成员", "乙大学", "昆明市", "盘龙区"],
        ["花卉产业创新联合体", "牵头", "丙公司", "昭通市", "镇雄县"],
    ],
    "industries": [
        ["州(市)", "县(市、区)", "产业", "有无"],
        ["红河州", "个旧市", "锡", "有"],
        ["昆明市", "盘龙区", "花卉", "有"],
        ["昭通市", "镇雄县", "竹", "无"],
    ],
    "centre-activity": [
        ["年份", "州(市)", "县(市、区)", "在岗人数", "服务次数", "促成合同数"],
        [2024, "昭通市", "镇雄县", 3, 12, 1],
        [2024, "昆明市", "盘龙区", 2, 0, 0],
        [2024, "红河州", "个旧市", 5, 7, 2],
    ],
    "county-indicators": [
        ["州(市)", "县(市、区)", "2021年GDP(亿元)", "2020年普查人口(人)"],
        ["昭通市", "镇雄县", 250.5, 1349000],
        ["昆明市", "盘龙区", 990, 988000],
        ["红河州", "个旧市", 400.25, 419000],
    ],
}
"""A clean list of each kind."""


@cache
def centres() -> pd.DataFrame:
    """The centres that a list of their work speaks of."""
    rows = [
        {"node_id": f"county_centre-{adcode}", "kind": "county_centre", "adcode": adcode,
         "prefecture_adcode": f"{adcode[:4]}00", "node_name": f"{name}中心", "status": "built",
         "origin": "official", "source": "测试", "location_origin": "unknown"}
        for adcode, name in (("530627", "镇雄"), ("530103", "盘龙"), ("532501", "个旧"),
                             ("532504", "弥勒"), ("530304", "马龙"), ("532901", "大理"),
                             ("530102", "五华"))
    ]  # fmt: skip
    return conform(NODES, pd.DataFrame(rows, columns=NODES.names).astype("object"))


READERS: Mapping[str, Callable[[bytes, str], ListPreview]] = {
    "nodes": lambda content, name: preview_nodes(
        content, name, reference(), NodeListOptions(source="测试")
    ),
    "contracts": lambda content, name: preview_contracts(
        content, name, gazetteer(), ContractOptions(source="测试")
    ),
    "payments": lambda content, name: preview_paid_values(
        content, name, ContractOptions(source="测试")
    ),
    "consortia": lambda content, name: preview_members(
        content, name, gazetteer(), read_table(CONSORTIA), NodeListOptions(source="测试")
    ),
    "industries": lambda content, name: preview_industries(
        content, name, gazetteer(), NodeListOptions(source="测试")
    ),
    "centre-activity": lambda content, name: preview_centre_activity(
        content, name, gazetteer(), centres(), NodeListOptions(source="测试")
    ),
    "county-indicators": lambda content, name: preview_figures(
        content, name, gazetteer(), places().county_indicators, NodeListOptions(source="测试")
    ),
}
"""What previews a list of each kind."""


def table_of(found: ListPreview) -> pd.DataFrame:
    """Return what would be taken of a list; of members, not of their consortia."""
    if isinstance(found, NodeListPreview):
        return found.nodes
    if isinstance(found, ContractPreview):
        return found.contracts
    if isinstance(found, PaidPreview):
        return found.paid_values
    assert isinstance(found, SmallListPreview)
    return list(found.tables.values())[-1]
