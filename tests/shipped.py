"""The shipped data, opened once for all tests of a process; nobody may change them."""

from functools import cache

from network_map.datasets import open_dataset
from network_map.nodes.dataset import Dataset
from network_map.nodes.importing import preview
from network_map.nodes.importing.preview import NodeListReference
from network_map.places.gazetteer import Gazetteer
from network_map.places.reference import Places, open_places
from network_map.reach import roads as road_network
from network_map.reach.cost import CostMatrix
from network_map.reach.roads import ShippedRoads


@cache
def places() -> Places:
    """Divisions, seats, aliases and indicators."""
    return open_places()


@cache
def dataset(name: str) -> Dataset:
    """A shipped data set."""
    return open_dataset(name)


@cache
def roads() -> ShippedRoads:
    """The road network."""
    return road_network.open_roads()


@cache
def county_cost() -> CostMatrix:
    """The distances between the counties."""
    return road_network.county_cost(places())


@cache
def reference() -> NodeListReference:
    """What a node list is read against."""
    return preview.open_reference()


def gazetteer() -> Gazetteer:
    """The divisions and every way of writing them."""
    return reference().gazetteer
