"""Own driving times or figures leave a workspace: a new version without them, earlier ones stay."""

from pathlib import Path

from network_map.datasets.imports import register_before
from network_map.datasets.open import REGISTER
from network_map.errors import QueryError
from network_map.places.tables import COUNTY_FIGURES
from network_map.reach.tables import TRAVEL_TIMES
from network_map.reach.travel_times import own_travel
from network_map.terms import DistanceMethod
from network_map.workspace.register import Committed, commit, import_move, open_current
from network_map.workspace.snapshots import Snapshot, Tables

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
