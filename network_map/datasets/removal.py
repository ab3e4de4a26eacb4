"""Own driving times or figures leave a workspace: a new version without them, earlier ones stay."""

from pathlib import Path

from network_map.datasets.imports import register_before
from network_map.datasets.open import REGISTER
from network_map.errors import QueryError
from network_map.places.tables import COUNTY_FIGURES
from network_map.reach.router_matrix import own_travel
from network_map.reach.tables import TRAVEL_TIMES
from network_map.terms import DistanceMethod
from network_map.workspace.register import Committed, commit, import_move, open_current
from network_map.workspace.snapshots import Snapshot, Tables

REMOVABLE = {
    "travel-times": DistanceMethod.ROUTER_MATRIX,
    "osm-roads": DistanceMethod.OSM_NETWORK_TIME,
}
"""The method of each list that can be removed, by the word for it on the command line."""


def kept_travel(workspace: Path) -> dict[DistanceMethod, str]:
    """Return the SHA-256 of the input of each method that a workspace has own times of.

    Raises
    ------
    WorkspaceError, DamagedFileError
        If the workspace cannot be read.
    """
    current = open_current(workspace, REGISTER)
    return {} if current is None else own_travel(current.tables)


def remove_travel_times(workspace: Path, method: DistanceMethod) -> Committed:
    """Make a version of a workspace without the own times of a method.

    Raises
    ------
    QueryError
        If it has none.
    WorkspaceError, DamagedFileError
        If the workspace cannot be read or written.
    """
    if method not in kept_travel(workspace):
        raise QueryError("travel_nothing_to_remove", method=method.value)

    def without(current: Snapshot | None) -> Tables:
        base = register_before(current)
        times = base[TRAVEL_TIMES.name]
        kept = times[times["travel_method"] != method.value].reset_index(drop=True)
        return {**base, TRAVEL_TIMES.name: kept}

    return commit(workspace, REGISTER, without, import_move("", ""))


def kept_figure_count(workspace: Path) -> int:
    """Return how many own figures of counties a workspace has.

    Raises
    ------
    WorkspaceError, DamagedFileError
        If the workspace cannot be read.
    """
    current = open_current(workspace, REGISTER)
    return 0 if current is None else len(current.tables[COUNTY_FIGURES.name])


def remove_county_figures(workspace: Path) -> Committed:
    """Make a version of a workspace without its own figures of counties.

    Raises
    ------
    QueryError
        If it has none.
    WorkspaceError, DamagedFileError
        If the workspace cannot be read or written.
    """
    if not kept_figure_count(workspace):
        raise QueryError("figures_nothing_to_remove")

    def without(current: Snapshot | None) -> Tables:
        base = register_before(current)
        return {**base, COUNTY_FIGURES.name: base[COUNTY_FIGURES.name].iloc[:0]}

    return commit(workspace, REGISTER, without, import_move("", ""))
