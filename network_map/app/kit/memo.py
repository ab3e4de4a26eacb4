"""What is shared between people and reruns, and what a session keeps: each made once.

Shared are read-only tables and the answers about a shipped data set. What a person imported, and
every answer about it, is kept in that person's session alone.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from functools import wraps
from threading import RLock
from typing import Any, Generic, TypeVar, TypeVarTuple

import geopandas as gpd
import pandas as pd
import streamlit as st

from network_map.config import Settings, load_settings
from network_map.datasets import open_dataset
from network_map.errors import NetworkMapError
from network_map.maps.spec import NodeLayer, node_layer
from network_map.nodes.dataset import Dataset, places_of
from network_map.nodes.presence import kinds_of, roll_of
from network_map.places.gazetteer import Gazetteer, open_gazetteer
from network_map.places.reference import Places, open_places, read_boundaries
from network_map.reach.cost import CostMatrix
from network_map.reach.roads import ShippedRoads, county_cost, open_roads
from network_map.terms import OWN, AdminLevel, DatasetName

KEPT_ANSWERS = 64
_READERS = 4
"""A session keeps one in so many: an own data set has one reader, a shipped one many."""
_Data = TypeVar("_Data")
_Asked = TypeVarTuple("_Asked")
_Made = TypeVar("_Made")


class LruCache(Generic[_Made]):
    """LRU cache for many threads: what several ask for at once is made once.

    Parameters
    ----------
    size
        How many values are kept, the latest used.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = RLock()
        self._entries: OrderedDict[Hashable, tuple[RLock, list[_Made]]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], _Made]) -> _Made:
        """Return the value of a key, made where there is none; what ``make`` raises is not kept."""
        with self._lock:
            lock, made = self._entries.setdefault(key, (RLock(), []))
            self._entries.move_to_end(key)
            if len(self._entries) > self._size:
                self._entries.popitem(last=False)
        with lock:
            if not made:
                made.append(make())
            return made[0]


def session_cache(place: str, size: int, version: Hashable = None) -> LruCache[Any]:
    """Return a cache of this session, an empty one when the version is another.

    Parameters
    ----------
    place
        Key of the session that holds it.
    size
        How many values it keeps.
    version
        Of what they are about.
    """
    known: tuple[Hashable, LruCache[Any]] | None = st.session_state.get(place)
    if known is None or known[0] != version:
        known = st.session_state[place] = (version, LruCache(size))
    return known[1]


def memo(
    version: Callable[[_Data], tuple[Hashable, ...]],
    *,
    size: int = KEPT_ANSWERS,
    part: Callable[[Any], Hashable] | None = None,
) -> Callable[[Callable[[_Data, *_Asked], _Made]], Callable[[_Data, *_Asked], _Made]]:
    """Return a decorator of functions about a data set that are asked the same again and again.

    Answers about a shipped data set are shared, so nobody may change them. Those about an own one
    are kept in the session and forgotten with the version that they are about.

    Parameters
    ----------
    version
        Returns the name of the data set, then all that tells one version of it from another.
    size
        How many answers are kept.
    part
        Returns what of an argument the answer depends on; the function is called with that.
    """

    def decorate(make: Callable[[_Data, *_Asked], _Made]) -> Callable[[_Data, *_Asked], _Made]:
        shared: LruCache[_Made] = LruCache(size)
        place = f"memo_{make.__module__}.{make.__qualname__}"

        @wraps(make)
        def answer(data: _Data, *asked: *_Asked) -> _Made:
            parts: Any = asked if part is None else tuple(map(part, asked))
            of = version(data)
            cache = shared
            if of[0] == OWN:
                cache = session_cache(place, max(1, size // _READERS), of)
            return cache.get((of, parts), lambda: make(data, *parts))

        return answer

    return decorate


def dataset_version(dataset: Dataset) -> tuple[str, str]:
    """Return the version of a data set for :func:`memo`."""
    return dataset.name, dataset.dataset_id


@st.cache_resource(max_entries=1, show_spinner=False)
def settings() -> Settings:
    """Return the settings that the application was started with."""
    return load_settings()


@st.cache_resource(max_entries=1, show_spinner=False)
def places() -> Places:
    """Return the reference tables."""
    return open_places()


@st.cache_resource(max_entries=4, show_spinner=False)
def _own_places(_dataset: Dataset, version: tuple[str, str]) -> Places:  # noqa: ARG001 - the key of the cache
    return places_of(places(), _dataset)


def dataset_places(dataset: Dataset) -> Places:
    """Return the reference tables with a data set's own figures of counties in them."""
    return _own_places(dataset, dataset_version(dataset))


@st.cache_resource(max_entries=1, show_spinner=False)
def boundaries() -> gpd.GeoDataFrame:
    """Return the county and prefecture areas in EPSG:4490."""
    levels = (AdminLevel.COUNTY, AdminLevel.PREFECTURE)
    return pd.concat([read_boundaries(level) for level in levels], ignore_index=True)


@st.cache_resource(max_entries=1, show_spinner=False)
def gazetteer() -> Gazetteer:
    """Return the names of all divisions, ready to be searched."""
    tables = places()
    return open_gazetteer(tables.divisions, tables.division_aliases)


@st.cache_resource(max_entries=len(DatasetName), show_spinner=False)
def shipped_dataset(name: str) -> Dataset:
    """Return a data set that the application ships."""
    return open_dataset(name)


@memo(dataset_version, size=len(DatasetName))
def roll(dataset: Dataset) -> pd.DataFrame:
    """Return the presence of each kind in each place of a data set."""
    return roll_of(places(), dataset)


@memo(dataset_version, size=len(DatasetName))
def nodes(dataset: Dataset) -> NodeLayer:
    """Return the nodes of a data set as the browser reads them."""
    return node_layer(dataset.nodes, dataset.node_kinds)


@memo(dataset_version, size=len(DatasetName))
def kinds(dataset: Dataset) -> tuple[str, ...]:
    """Return the kinds of node that a page about a data set shows."""
    return kinds_of(dataset)


@st.cache_resource(max_entries=1, show_spinner=False)
def warm_up() -> bool:
    """Load what everybody shares; what cannot be loaded is left to the page, which says so."""
    with suppress(NetworkMapError):
        gazetteer()
    for name in DatasetName:
        with suppress(NetworkMapError):
            nodes(shipped_dataset(name.value))
    return True


@st.cache_resource(max_entries=1, show_spinner=False)
def roads() -> ShippedRoads:
    """Return the shipped road network."""
    return open_roads()


@st.cache_resource(max_entries=1, show_spinner=False)
def county_distances() -> CostMatrix:
    """Return the distances between all county seats."""
    return county_cost(places())
