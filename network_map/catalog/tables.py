"""Every declared table by name, which of them the application ships, and how those refer."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from network_map.activity import tables as activity_tables
from network_map.completion import tables as completion_tables
from network_map.consortia import tables as consortia_tables
from network_map.consortia.tables import CONSORTIA, CONSORTIUM_MEMBERS, COUNTY_INDUSTRY
from network_map.contracts import tables as contracts_tables
from network_map.contracts.tables import (
    CONTRACTS,
    CONTRACTS_NATIONAL,
    CONTRACTS_PREFECTURE,
    CONTRACTS_PROVINCE,
    PAID_VALUES,
    POLICY_INDICATORS,
)
from network_map.datapackage import read_table
from network_map.gaps import tables as gaps_tables
from network_map.indices import tables as indices_tables
from network_map.nodes import tables as nodes_tables
from network_map.nodes.tables import COMPLETE_LISTS, DECLARED_TOTALS, NODE_KINDS, NODES
from network_map.places import tables as places_tables
from network_map.places.reference import read_boundaries
from network_map.places.tables import (
    BOUNDARIES,
    COUNTY_INDICATORS,
    COUNTY_SEATS,
    DATA_SOURCES,
    DIVISION_ALIASES,
    DIVISIONS,
    INSTITUTIONS,
    PARKS,
    PREFECTURE_INDICATORS,
    ROAD_EDGES,
    ROAD_NODES,
)
from network_map.reach import tables as reach_tables
from network_map.tables.columns import ColumnType, Table
from network_map.terms import AdminLevel

_DECLARING = (
    activity_tables,
    completion_tables,
    consortia_tables,
    contracts_tables,
    gaps_tables,
    indices_tables,
    nodes_tables,
    places_tables,
    reach_tables,
)
"""The module of each subject that declares its tables."""


def _declared() -> dict[str, Table]:
    tables: dict[str, Table] = {}
    for module in _DECLARING:
        members = vars(module).values()
        for table in (member for member in members if isinstance(member, Table)):
            if tables.setdefault(table.name, table) != table:
                msg = f"two tables are called {table.name}"
                raise ValueError(msg)
    return tables


TABLES: Mapping[str, Table] = MappingProxyType(_declared())
"""Every table that a subject declares, by name."""

SHIPPED: Mapping[str, Table] = MappingProxyType(
    {
        "boundaries_county": BOUNDARIES,
        "boundaries_prefecture": BOUNDARIES,
        "boundaries_province": BOUNDARIES,
        "divisions": DIVISIONS,
        "division_aliases": DIVISION_ALIASES,
        "county_seats": COUNTY_SEATS,
        "node_kinds": NODE_KINDS,
        "public_nodes": NODES,
        "demo_nodes": NODES,
        "declared_totals": DECLARED_TOTALS,
        "complete_lists": COMPLETE_LISTS,
        "demo_complete_lists": COMPLETE_LISTS,
        "county_indicators": COUNTY_INDICATORS,
        "prefecture_indicators": PREFECTURE_INDICATORS,
        "institutions": INSTITUTIONS,
        "parks": PARKS,
        "consortia": CONSORTIA,
        "demo_consortia": CONSORTIA,
        "demo_consortium_members": CONSORTIUM_MEMBERS,
        "demo_county_industry": COUNTY_INDUSTRY,
        "demo_contracts": CONTRACTS,
        "demo_paid_values": PAID_VALUES,
        "contracts_province": CONTRACTS_PROVINCE,
        "contracts_prefecture": CONTRACTS_PREFECTURE,
        "contracts_national": CONTRACTS_NATIONAL,
        "policy_indicators": POLICY_INDICATORS,
        "road_nodes": ROAD_NODES,
        "road_edges": ROAD_EDGES,
        "data_sources": DATA_SOURCES,
    }
)
"""The declaration of each table in the folder ``data``, by the name of its file."""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A column whose values must stand in a column of another shipped table.

    Parameters
    ----------
    column
        Name of the column that refers.
    table, target
        Name of the table and of the column referred to.
    """

    column: str
    table: str
    target: str


_BY_COLUMN = {
    "kind": ("node_kinds", "kind"),
    "from_road_node_id": ("road_nodes", "road_node_id"),
    "to_road_node_id": ("road_nodes", "road_node_id"),
    "consortium_id": ("consortia", "consortium_id"),
}
_BEYOND_THE_PROVINCE = frozenset({"seller_adcode", "buyer_adcode"})
"""Parties of a contract may sit in another province, which ``divisions`` does not list."""


def foreign_keys(name: str) -> tuple[ForeignKey, ...]:
    """Return the references of a shipped table to others: codes of places, kinds, road nodes."""
    found = []
    for column in SHIPPED[name].columns:
        if column.type is ColumnType.ADCODE and column.name not in _BEYOND_THE_PROVINCE:
            table, target = "divisions", "adcode"
        else:
            table, target = _BY_COLUMN.get(column.name, ("", ""))
        if table and (table, target) != (name, column.name):
            found.append(ForeignKey(column.name, table, target))
    return tuple(found)


def read_shipped(name: str, root: Path | None = None) -> pd.DataFrame:
    """Return a shipped table by the name of its file, boundaries with their geometry.

    Parameters
    ----------
    name
        Name in :data:`SHIPPED`.
    root
        Folder of the tables; the application's own by default.

    Raises
    ------
    KeyError
        If no table of that name is shipped.
    MissingFileError, DamagedFileError
        If its file is not there or not what it should be.
    """
    table = SHIPPED[name]
    if table.has_geometry:
        boundaries: pd.DataFrame = read_boundaries(
            AdminLevel(name.removeprefix("boundaries_")), root
        )
        return boundaries
    return read_table(table, name, root)
