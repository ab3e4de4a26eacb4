"""A data set: one register of the network with what is known about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd


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
    further
        The declared tables beside the network's own by name: ``consortia``,
        ``consortium_members``, ``county_industry``, ``centre_activity``. A name that is missing
        is a table that nobody has given.
    further_sha256
        SHA-256 of each file of consortia that those were read from, by file name.
    """

    dataset_id: str
    name: str
    nodes: pd.DataFrame
    node_kinds: pd.DataFrame
    declared_totals: pd.DataFrame
    complete_lists: pd.DataFrame
    is_demo: bool
    input_sha256: Mapping[str, str]
    further: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    further_sha256: Mapping[str, str] = field(default_factory=dict)
