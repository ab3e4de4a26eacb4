"""The tables of a workspace's register."""

from network_map.activity.tables import CENTRE_ACTIVITY
from network_map.consortia.tables import CONSORTIA, CONSORTIUM_MEMBERS, COUNTY_INDUSTRY
from network_map.nodes.tables import COMPLETE_LISTS, DECLARED_TOTALS, NODE_KINDS, NODES
from network_map.workspace.snapshots import TableSet

FURTHER = (CONSORTIA, CONSORTIUM_MEMBERS, COUNTY_INDUSTRY, CENTRE_ACTIVITY)
REGISTER = TableSet(
    required=(NODES, NODE_KINDS, DECLARED_TOTALS, COMPLETE_LISTS),
    further=FURTHER,
    order={NODES.name: ("kind", "adcode", "node_id")},
)
"""What a snapshot of a planner's own data holds."""
