"""The lines of the three tiers: each county to its sub-market, each sub-market to the market."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from network_map.nodes.dataset import Dataset
from network_map.places.reference import Places
from network_map.reach.cost import (
    NO_METHOD,
    BoolArray,
    CostMatrix,
    admitted,
    geodesic_x_circuity,
    method_names,
)
from network_map.reach.coverage import NO_PLACE, counted_facilities, nearest_of, own_facilities
from network_map.reach.roads import Roads, road_network_km
from network_map.reach.tables import HIERARCHY
from network_map.tables.check import conform
from network_map.terms import AdminLevel, NodeKind


def hierarchy_lines(
    cost: CostMatrix,
    counties: pd.DataFrame,
    nodes: pd.DataFrame,
    *,
    include_planned: bool = False,
) -> pd.DataFrame:
    """Return to which node each county and each sub-market belongs, with the ends of the line.

    Parameters
    ----------
    cost
        Counties by nodes, ids ``adcode`` and ``node_id``; sub-markets may be missing from it.
    counties
        ``adcode, prefecture_adcode, lon, lat``, n rows, all of them in ``cost``.
    nodes
        Table ``nodes``.
    include_planned
        Whether nodes being built count already.

    Returns
    -------
    pandas.DataFrame
        Declared table ``hierarchy``: n counties, then the sub-markets by id. A county belongs to
        the nearest sub-market of its prefecture; where the prefecture has none it is an orphan
        and belongs to the nearest of all. A line without both ends is a row that says why.

    Raises
    ------
    KeyError
        If a county is not in ``cost``.
    """
    sub_markets, markets = (
        counted_facilities(nodes, kind, include_planned=include_planned)
        for kind in (NodeKind.SUB_MARKET, NodeKind.PROVINCIAL_MARKET)
    )
    to_sub_market = cost.covering(sub_markets["node_id"], demand_ids=counties["adcode"])
    to_market = geodesic_x_circuity(sub_markets, markets, demand_id="node_id")
    starts = counties.assign(level="county", from_id=counties["adcode"], from_name=None)
    middles = sub_markets.assign(
        level="sub_market", from_id=sub_markets["node_id"], from_name=sub_markets["node_name"]
    )
    no_own = np.zeros((len(sub_markets), len(markets)), dtype="bool")
    own = own_facilities(counties, sub_markets)
    tables = [
        _lines(starts, sub_markets, to_sub_market, own).assign(is_orphan=_orphans(own)),
        _lines(middles, markets, to_market, no_own).assign(is_orphan=False),
    ]
    return conform(HIERARCHY, pd.concat(tables, ignore_index=True))


def _lines(
    starts: pd.DataFrame, facilities: pd.DataFrame, cost: CostMatrix, is_own: BoolArray
) -> pd.DataFrame:
    admits = admitted(is_own)
    nearest = nearest_of(cost, admits).km
    # Without distances the node above is known only where there is just one that it can be.
    is_single = admits.sum(axis=1) == 1
    single = np.where(is_single, _first(admits), NO_PLACE)
    place = np.where(nearest.place == NO_PLACE, single, nearest.place)
    above = facilities.reset_index(drop=True).reindex(place)
    table = starts[["level", "from_id", "from_name", "prefecture_adcode"]].assign(
        to_node_id=above["node_id"].to_numpy(),
        to_node_name=above["node_name"].to_numpy(),
        km=np.where(np.isfinite(nearest.first), nearest.first, np.nan),
        method=_methods(cost, nearest.place),
        from_lon=starts["lon"],
        from_lat=starts["lat"],
        to_lon=above["lon"].to_numpy(),
        to_lat=above["lat"].to_numpy(),
    )
    line = np.select(
        [
            np.full(len(starts), len(facilities) == 0),
            (starts["lon"].isna() | starts["lat"].isna()).to_numpy(),
            nearest.place == NO_PLACE,
        ],
        ["no_node", "start_unplaced", "node_unplaced"],
        default="drawn",
    )
    return table.assign(line=line)


def _orphans(is_own: BoolArray) -> NDArray[np.object_]:
    """Return who has no sub-market of its own; unknown where the list names not a single one."""
    if is_own.shape[1] == 0:
        return np.full(len(is_own), None, dtype="object")
    return np.asarray(~np.asarray(is_own.any(axis=1)), dtype="object")


def _first(admits: BoolArray) -> NDArray[np.intp]:
    if admits.shape[1] == 0:
        return np.full(len(admits), NO_PLACE, dtype="intp")
    return np.asarray(admits.argmax(axis=1), dtype="intp")


def _methods(cost: CostMatrix, place: NDArray[np.intp]) -> list[str]:
    known = place != NO_PLACE
    codes = np.full(len(place), NO_METHOD, dtype="int8")
    codes[known] = cost.method[np.flatnonzero(known), place[known]]
    return method_names(codes).to_list()


def hierarchy_table(places: Places, dataset: Dataset, roads: Roads) -> pd.DataFrame:
    """Return which sub-market each county belongs to, and the lines above, by road.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    roads
        What :func:`network_map.reach.roads.open_roads` returned.

    Returns
    -------
    pandas.DataFrame
        Declared table ``hierarchy``. Distances start at the seats of the counties and are those
        of ``road_network_km`` with its fall-back; from a sub-market to the provincial market they
        are ``geodesic_x_circuity``. The column ``method`` tells them apart.
    """
    level = places.divisions["level"] == AdminLevel.COUNTY
    counties = places.divisions.loc[level, ["adcode", "parent_adcode"]].merge(
        places.county_seats[["adcode", "lon", "lat"]],
        how="left",
        on="adcode",
        validate="one_to_one",
    )
    counties = counties.rename(columns={"parent_adcode": "prefecture_adcode"})
    nodes = dataset.nodes
    cost = road_network_km(roads, counties, nodes[nodes["kind"] == NodeKind.SUB_MARKET])
    return hierarchy_lines(cost, counties, nodes)
