"""Data sets: opened by name, and made of a planner's own lists.

Opened here are the shipped ones, ``public`` and ``demo``, and the register of a workspace. Own
driving times or figures leave one by a new version without them; earlier ones stay. ``imports``
makes a new version of a workspace from a previewed list, or changes nothing, and says what an
import did or would do.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from network_map.activity.tables import CENTRE_ACTIVITY
from network_map.consortia.tables import CONSORTIA, CONSORTIUM_MEMBERS, COUNTY_INDUSTRY
from network_map.datapackage import data_root, read_table, table_path, table_sha256
from network_map.errors import QueryError, WorkspaceError
from network_map.nodes.dataset import Dataset
from network_map.nodes.tables import COMPLETE_LISTS, DECLARED_TOTALS, NODE_KINDS, NODES
from network_map.places.reference import Places
from network_map.places.tables import COUNTY_FIGURES
from network_map.reach.tables import TRAVEL_TIMES
from network_map.reach.travel_times import own_travel
from network_map.tables import Table
from network_map.terms import OWN, AdminLevel, DatasetName, DistanceMethod
from network_map.workspace import Snapshot, Tables, TableSet, read_snapshot, snapshot_ids
from network_map.workspace.register import Committed, commit, import_move, open_current

FURTHER = (
    CONSORTIA, CONSORTIUM_MEMBERS, COUNTY_INDUSTRY, CENTRE_ACTIVITY, TRAVEL_TIMES, COUNTY_FIGURES,
)  # fmt: skip
REGISTER = TableSet(
    required=(NODES, NODE_KINDS, DECLARED_TOTALS, COMPLETE_LISTS),
    further=FURTHER,
    order={NODES.name: ("kind", "adcode", "node_id")},
)
"""What a snapshot of a planner's own data holds."""


_NODE_TABLES = {DatasetName.PUBLIC: "public_nodes", DatasetName.DEMO: "demo_nodes"}
_CLAIM_TABLES = {
    DatasetName.PUBLIC: "complete_lists",
    DatasetName.DEMO: "demo_complete_lists",
}
_FURTHER: Mapping[DatasetName, Mapping[str, Table]] = {
    # Of the public one the five fields are known, neither members nor industries.
    DatasetName.PUBLIC: {"consortia": CONSORTIA},
    DatasetName.DEMO: {
        "demo_consortia": CONSORTIA,
        "demo_consortium_members": CONSORTIUM_MEMBERS,
        "demo_county_industry": COUNTY_INDUSTRY,
    },
}
"""The files of the tables beside the network's own."""


def open_dataset(name_or_path: str | Path) -> Dataset:
    """Return a data set.

    Parameters
    ----------
    name_or_path
        ``public``, ``demo``, or the folder of a workspace.

    Raises
    ------
    MissingFileError, DamagedFileError
        If a table is not there or not what it should be.
    WorkspaceError
        If the folder is no workspace, or cannot be read.
    QueryError
        If it is neither a name nor a folder.
    """
    if isinstance(name_or_path, str) and name_or_path in set(DatasetName):
        return _shipped(DatasetName(name_or_path))
    folder = Path(name_or_path)
    if not folder.exists() and isinstance(name_or_path, str) and len(folder.parts) == 1:
        raise QueryError("dataset_unknown", value=name_or_path)
    return _own(folder)


def known_codes(places: Places, dataset: Dataset) -> Mapping[str, Any]:
    """Return the codes that a query about a data set may name: the context it is read in.

    ``travel`` has the SHA-256 of the input of each method that the data set has own times of.
    """
    divisions, consortia = places.divisions, dataset.further.get(CONSORTIA.name)
    return {
        "prefectures": list(divisions.loc[divisions["level"] == AdminLevel.PREFECTURE, "adcode"]),
        "counties": list(divisions.loc[divisions["level"] == AdminLevel.COUNTY, "adcode"]),
        "node_kinds": list(dataset.node_kinds["kind"]),
        "consortia": [] if consortia is None else list(consortia["consortium_id"]),
        "travel": own_travel(dataset.further),
    }


def open_snapshot(folder: Path, snapshot_id: str) -> Dataset:
    """Return a version of a workspace, whichever is current.

    Raises
    ------
    WorkspaceError
        If the workspace has no such version.
    DamagedFileError
        If a file of it is not what it should be.
    """
    known = snapshot_ids(folder)
    if snapshot_id not in known:
        raise WorkspaceError(
            "workspace_no_snapshot",
            path=str(folder),
            snapshot_id=snapshot_id,
            known="、".join(known),
        )
    return _of_snapshot(read_snapshot(folder, REGISTER, snapshot_id))


def _shipped(name: DatasetName) -> Dataset:
    node_table, claim_table = _NODE_TABLES[name], _CLAIM_TABLES[name]
    further = _FURTHER[name]
    return Dataset(
        dataset_id=name.value,
        name=name.value,
        nodes=read_table(NODES, node_table),
        node_kinds=read_table(NODE_KINDS),
        declared_totals=read_table(DECLARED_TOTALS),
        complete_lists=read_table(COMPLETE_LISTS, claim_table),
        is_demo=name is DatasetName.DEMO,
        input_sha256=_sha256((node_table, claim_table, NODE_KINDS.name, DECLARED_TOTALS.name)),
        further={table.name: read_table(table, file) for file, table in further.items()},
        further_sha256=_sha256(further),
    )


def _sha256(tables: Iterable[str]) -> dict[str, str]:
    return {table_path(table).name: table_sha256(table) for table in tables}


def _own(folder: Path) -> Dataset:
    snapshot = open_current(folder, REGISTER)
    if snapshot is None:
        raise WorkspaceError("workspace_not_found", path=str(folder))
    return _of_snapshot(snapshot)


def _of_snapshot(snapshot: Snapshot) -> Dataset:
    return Dataset(
        dataset_id=snapshot.snapshot_id,
        name=OWN,
        nodes=snapshot.tables["nodes"],
        node_kinds=_in_tier_order(snapshot.tables["node_kinds"]),
        declared_totals=snapshot.tables["declared_totals"],
        complete_lists=snapshot.tables["complete_lists"],
        is_demo=False,
        input_sha256=snapshot.file_sha256,
        further={table.name: snapshot.tables[table.name] for table in FURTHER},
        further_sha256=snapshot.file_sha256,
    )


def _in_tier_order(node_kinds: pd.DataFrame) -> pd.DataFrame:
    """Return the kinds in the order of the shipped table, kinds declared later behind them.

    A snapshot keeps its rows in order of their key; people read the tiers from the top.
    """
    shipped = {kind: place for place, kind in enumerate(read_table(NODE_KINDS)["kind"])}
    places = node_kinds["kind"].map(shipped).fillna(len(shipped))
    return node_kinds.loc[places.sort_values(kind="stable").index].reset_index(drop=True)


def register_before(current: Snapshot | None) -> Tables:
    """Return the register that an import starts from: a new workspace has the public facts.

    Raises
    ------
    MissingFileError, DamagedFileError
        If a shipped table is not there or not what it should be.
    """
    return dict(_public_register(data_root())) if current is None else current.tables


@lru_cache(maxsize=1)
def _public_register(root: Path) -> Tables:
    """Return the public facts in a data folder, which nobody changes."""
    return {
        "nodes": read_table(NODES, "public_nodes", root),
        "node_kinds": read_table(NODE_KINDS, root=root),
        "declared_totals": read_table(DECLARED_TOTALS, root=root),
        "complete_lists": read_table(COMPLETE_LISTS, "complete_lists", root),
    }


# --- own driving times or figures leave -----------------------------------------------------------


_TRAVEL_METHODS = {
    "travel-times": DistanceMethod.ROUTER_MATRIX,
    "osm-roads": DistanceMethod.OSM_NETWORK_TIME,
}
REMOVABLE = {**dict.fromkeys(_TRAVEL_METHODS, "travel"), "county-indicators": "figures"}
"""Where the catalogs speak of each list that can be removed, by its word on the command line."""


def held_list(workspace: Path, what: str) -> str:
    """Return what a workspace has of a list that can be removed.

    Parameters
    ----------
    workspace
        Its folder.
    what
        One of :data:`REMOVABLE`.

    Returns
    -------
    str
        The SHA-256 of the file that its driving times come from, or the number of its figures;
        empty where it has none.

    Raises
    ------
    WorkspaceError, DamagedFileError
        If the workspace cannot be read.
    """
    current = open_current(workspace, REGISTER)
    if current is None:
        return ""
    if what in _TRAVEL_METHODS:
        return own_travel(current.tables).get(_TRAVEL_METHODS[what], "")
    return str(len(current.tables[COUNTY_FIGURES.name]) or "")


def remove_list(workspace: Path, what: str) -> Committed:
    """Make a version of a workspace without the own driving times of a method, or own figures.

    Parameters
    ----------
    workspace
        Its folder.
    what
        One of :data:`REMOVABLE`.

    Raises
    ------
    QueryError
        If it has none.
    WorkspaceError, DamagedFileError
        If the workspace cannot be read or written.
    """
    if not held_list(workspace, what):
        raise QueryError("nothing_to_remove", what=what)

    def without(current: Snapshot | None) -> Tables:
        base = register_before(current)
        if what not in _TRAVEL_METHODS:
            return {**base, COUNTY_FIGURES.name: base[COUNTY_FIGURES.name].iloc[:0]}
        times = base[TRAVEL_TIMES.name]
        is_kept = times["travel_method"] != _TRAVEL_METHODS[what].value
        return {**base, TRAVEL_TIMES.name: times[is_kept].reset_index(drop=True)}

    return commit(workspace, REGISTER, without, import_move("", ""))
