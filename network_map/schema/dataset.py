"""A data set and its reference tables: declared tables that belong together."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from network_map.schema.consortia import ConsortiumTables, no_consortia


@dataclass(frozen=True, eq=False)
class Places:
    """The reference tables of places, the same for every data set; treat them as read-only.

    Parameters
    ----------
    divisions, county_seats, division_aliases
        The declared tables of those names.
    county_indicators, prefecture_indicators
        The declared tables of those names.
    """

    divisions: pd.DataFrame
    county_seats: pd.DataFrame
    division_aliases: pd.DataFrame
    county_indicators: pd.DataFrame
    prefecture_indicators: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Dataset:
    """One register of the network with what is known about it; treat its tables as read-only.

    Parameters
    ----------
    dataset_id
        ``public``, ``demo``, or the id of a workspace's snapshot: the same id, the same content.
    name
        ``public``, ``demo`` or ``own``.
    nodes, node_kinds, declared_totals, complete_lists
        The declared tables of those names.
    is_demo
        Whether rows are invented: every screen and export then says so.
    input_sha256
        SHA-256 of each file that the tables were read from, by file name.
    consortia
        The innovation consortia, their members and industries.
    centre_activity
        The declared table of that name; None where nothing says what the centres did.
    """

    dataset_id: str
    name: str
    nodes: pd.DataFrame
    node_kinds: pd.DataFrame
    declared_totals: pd.DataFrame
    complete_lists: pd.DataFrame
    is_demo: bool
    input_sha256: Mapping[str, str]
    consortia: ConsortiumTables = field(default_factory=no_consortia)
    centre_activity: pd.DataFrame | None = None
