"""The road network and the distances between county seats, loaded once for all sessions."""

import streamlit as st

from network_map.app.kit.memo import places
from network_map.reach.cost import CostMatrix
from network_map.reach.roads import ShippedRoads, county_cost, open_roads


@st.cache_resource(max_entries=1, show_spinner=False)
def roads() -> ShippedRoads:
    """Return the shipped road network."""
    return open_roads()


@st.cache_resource(max_entries=1, show_spinner=False)
def county_distances() -> CostMatrix:
    """Return the distances between all county seats."""
    return county_cost(places())
