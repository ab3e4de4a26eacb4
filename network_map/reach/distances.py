"""Distances between counties, made once for every page that asks for them."""

from network_map.datapackage import read_table
from network_map.places.context import ROAD_EDGES, ROAD_NODES
from network_map.places.sources_reference import Places
from network_map.reach.cost import CostMatrix
from network_map.reach.roads import RoadGraph, road_graph, road_network_km

ROAD_TABLES = (ROAD_NODES.name, ROAD_EDGES.name)
"""Shipped tables that the distances are made of, beside the seats."""


def open_roads() -> RoadGraph:
    """Return the shipped road network, ready for routing.

    Raises
    ------
    MissingFileError, DamagedFileError
        If a table of the network is not there or not what it should be.
    """
    return road_graph(read_table(ROAD_NODES), read_table(ROAD_EDGES))


def county_cost(places: Places) -> CostMatrix:
    """Return the distances between all county seats, ids being codes of counties on both sides.

    Parameters
    ----------
    places
        The reference tables of places.

    Returns
    -------
    CostMatrix
        By ``road_network_km`` over the shipped network, with its fall-back to
        ``geodesic_x_circuity`` cell by cell; counties in the order of their codes.

    Raises
    ------
    MissingFileError, DamagedFileError
        If a table of the network is not there or not what it should be.
    """
    seats = places.county_seats.sort_values("adcode", ignore_index=True)
    return road_network_km(open_roads(), seats, seats, facility_id="adcode")
