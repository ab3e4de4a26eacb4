"""Every declared table by name, and which of them the application ships as a file."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

import network_map.schema
from network_map.schema.columns import Table
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
    }
)
"""The declaration of each table in the folder ``data``, by the name of its file."""
