"""The list of nodes as people take it away: the declared columns with the names of places."""

from network_map.nodes.tables import NODES
from network_map.tables.columns import Column, ColumnType, Table
from network_map.tables.shared_columns import PREFECTURE_NAME

_FIRST = ("node_name", "kind")
_LAST = tuple(name for name in NODES.names if name not in _FIRST)

NODE_LIST = Table(
    "node_list",
    "网络节点名单",
    "List of network nodes",
    (
        *(NODES.column(name) for name in _FIRST),
        PREFECTURE_NAME,
        Column(
            "county_name",
            ColumnType.TEXT,
            "县(市、区)",
            "County",
            "省级和州(市)级节点为空",
            "Empty for a node of the province or of a prefecture",
        ),
        *(NODES.column(name) for name in _LAST),
    ),
    key=("node_id",),
)
