"""Every declared table by name, and which of them the application ships as a file."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

import network_map.schema
from network_map.schema.columns import Table
from network_map.schema.context import (
    CONSORTIA,
    DATA_SOURCES,
    INSTITUTIONS,
    PARKS,
    ROAD_EDGES,
    ROAD_NODES,
)
from network_map.schema.figures import (
    CONTRACTS_NATIONAL,
    CONTRACTS_PREFECTURE,
    CONTRACTS_PROVINCE,
    POLICY_INDICATORS,
)
from network_map.schema.indicators import COUNTY_INDICATORS, PREFECTURE_INDICATORS
from network_map.schema.network import (
    COMPLETE_LISTS,
    DECLARED_TOTALS,
    NODE_KINDS,
    NODES,
)
from network_map.schema.places import BOUNDARIES, COUNTY_SEATS, DIVISION_ALIASES, DIVISIONS


def _declared() -> dict[str, Table]:
    tables: dict[str, Table] = {}
    for module in sorted(entry.name for entry in iter_modules(network_map.schema.__path__)):
        if module == "tables":
            continue
        members = vars(import_module(f"network_map.schema.{module}")).values()
        for table in (member for member in members if isinstance(member, Table)):
            if tables.setdefault(table.name, table) != table:
                msg = f"two tables are called {table.name}"
                raise ValueError(msg)
    return tables


TABLES: Mapping[str, Table] = MappingProxyType(_declared())
"""Every table that a module of this folder declares, by name."""

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
        "county_indicators": COUNTY_INDICATORS,
        "prefecture_indicators": PREFECTURE_INDICATORS,
        "institutions": INSTITUTIONS,
        "parks": PARKS,
        "consortia": CONSORTIA,
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
