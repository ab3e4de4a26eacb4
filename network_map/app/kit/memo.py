"""What is shared between people and reruns: read-only tables, nothing a person imported.

An imported register is kept in the session of the person who opened it, not here.

What a session keeps about a person's own data set: made once, forgotten when it is old.
"""

import gc
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from functools import lru_cache
from typing import TypeVar

import geopandas as gpd
import pandas as pd
import streamlit as st

from network_map.config import Settings, load_settings
from network_map.datasets.open import open_dataset
from network_map.errors import NetworkMapError
from network_map.i18n import DEFAULT_LANGUAGE, LANGUAGES
from network_map.maps.spec import NodeLayer
from network_map.maps.symbols import node_layer
from network_map.nodes.county_card import CountyCards
from network_map.nodes.dataset import Dataset
from network_map.nodes.hierarchy import hierarchy_table
from network_map.nodes.importing.preview import NodeListReference, open_reference
from network_map.nodes.overview import Overview, kinds_of, overview, roll_of
from network_map.nodes.query import OverviewQuery
from network_map.places.gazetteer import Gazetteer, open_gazetteer
from network_map.places.reference import Places, open_places, read_boundaries
from network_map.reach.cost import CostMatrix
from network_map.reach.roads import RoadGraph, county_cost, open_roads
from network_map.terms import AdminLevel, DatasetName

_KEPT_ANSWERS = 64
_settled: set[tuple[str, str]] = set()
_KEPT_CARDS = len(DatasetName) * len(LANGUAGES)


@st.cache_resource(max_entries=1, show_spinner=False)
def settings() -> Settings:
    """Return the settings that the application was started with."""
    return load_settings()


@st.cache_resource(max_entries=1, show_spinner=False)
def places() -> Places:
    """Return the reference tables."""
    return open_places()


@st.cache_resource(max_entries=1, show_spinner=False)
def boundaries() -> gpd.GeoDataFrame:
    """Return the county and prefecture areas in EPSG:4490."""
    levels = (AdminLevel.COUNTY, AdminLevel.PREFECTURE)
    return pd.concat([read_boundaries(level) for level in levels], ignore_index=True)


@st.cache_resource(max_entries=1, show_spinner=False)
def county_distances() -> CostMatrix:
    """Return the distances between all county seats."""
    return county_cost(places())


@st.cache_resource(max_entries=1, show_spinner=False)
def gazetteer() -> Gazetteer:
    """Return the names of all divisions, ready to be searched."""
    tables = places()
    return open_gazetteer(tables.divisions, tables.division_aliases)


@st.cache_resource(max_entries=1, show_spinner=False)
def reference() -> NodeListReference:
    """Return what a node list is read against."""
    return open_reference()


@st.cache_resource(max_entries=len(DatasetName), show_spinner=False)
def shipped_dataset(name: str) -> Dataset:
    """Return a data set that the application ships."""
    return open_dataset(name)


@st.cache_resource(max_entries=len(DatasetName), show_spinner=False)
def shipped_roll(name: str) -> pd.DataFrame:
    """Return the presence of each kind in each place of a shipped data set."""
    return roll_of(places(), shipped_dataset(name))


@st.cache_resource(max_entries=len(DatasetName), show_spinner=False)
def shipped_nodes(name: str) -> NodeLayer:
    """Return the nodes of a shipped data set as the browser reads them."""
    dataset = shipped_dataset(name)
    return node_layer(dataset.nodes, dataset.node_kinds)


@st.cache_resource(max_entries=len(DatasetName), show_spinner=False)
def shipped_kinds(name: str) -> tuple[str, ...]:
    """Return the kinds of node that a page about a shipped data set shows."""
    return kinds_of(shipped_dataset(name))


@st.cache_resource(max_entries=_KEPT_CARDS, show_spinner=False)
def shipped_cards(name: str, language: str) -> CountyCards:
    """Return the county cards of a shipped data set in one language."""
    return CountyCards(places(), shipped_dataset(name), shipped_roll(name), language)


@st.cache_resource(max_entries=1, show_spinner=False)
def roads() -> RoadGraph:
    """Return the shipped road network, ready for routing."""
    return open_roads()


@st.cache_resource(max_entries=len(DatasetName), show_spinner=False)
def shipped_hierarchy(name: str) -> pd.DataFrame:
    """Return the lines of the three tiers of a shipped data set, measured once."""
    return hierarchy_table(places(), shipped_dataset(name), roads())


@lru_cache(maxsize=_KEPT_ANSWERS)
def shipped_overview(name: str, query: OverviewQuery) -> Overview:
    """Return the overview of a shipped data set; the same question is answered once.

    Parameters
    ----------
    name
        Name of the data set.
    query
        The question without a selected county: what is selected changes no figure.

    Raises
    ------
    QueryError
        If the classes asked for cannot be made; that is not kept.
    """
    return overview(
        places(),
        shipped_dataset(name),
        shipped_roll(name),
        shipped_nodes(name),
        query=query,
        hierarchy=shipped_hierarchy(name) if query.hierarchy else None,
    )


def settle_once(page: str, dataset: str) -> None:
    """After a page's first run, keep all that it has loaded out of later collections.

    Streamlit collects garbage after each run: with what the heavier pages load left among it, that
    took longer than some of the runs.

    Parameters
    ----------
    page, dataset
        What was shown; each pair settles once.
    """
    if (page, dataset) not in _settled:
        _settled.add((page, dataset))
        gc.collect()
        gc.freeze()


@st.cache_resource(max_entries=1, show_spinner=False)
def warm_up() -> bool:
    """Load what everybody shares, then keep it out of later garbage collections.

    Streamlit collects garbage after each script run. With the geometry libraries loaded that
    costs tens of milliseconds each time; frozen objects are not looked at again. What cannot be
    loaded is left to the page that needs it, which says so.
    """
    with suppress(NetworkMapError):
        gazetteer()
    for name in DatasetName:
        with suppress(NetworkMapError):
            shipped_roll(name.value)
            shipped_nodes(name.value)
            shipped_cards(name.value, DEFAULT_LANGUAGE)
    gc.collect()
    gc.freeze()
    return True


_KEPT = 32
_Found = TypeVar("_Found")


def kept_own(place: str, question: Hashable, make: Callable[[], _Found]) -> _Found:
    """Return the answer to a question about an own data set, made where the session lacks it.

    Parameters
    ----------
    place
        Names what kind of answers these are; each kind keeps the latest few.
    question
        Everything that the answer depends on, the version of the data set among it.
    make
        Makes the answer. What it raises is not kept.
    """
    kept: OrderedDict[Hashable, _Found]
    kept = st.session_state.setdefault(f"own_{place}", OrderedDict())
    if question not in kept:
        kept[question] = make()
        if len(kept) > _KEPT:
            kept.popitem(last=False)
    return kept[question]
