"""The road network and the distances between county seats, loaded once for all sessions."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from network_map.app.kit.choices import KEPT, kept
from network_map.app.kit.memo import places
from network_map.gaps.query import GAP_METHODS
from network_map.i18n import text
from network_map.reach.cost import CostMatrix
from network_map.reach.roads import ShippedRoads, county_cost, open_roads
from network_map.terms import CostUnit


@st.cache_resource(max_entries=1, show_spinner=False)
def roads() -> ShippedRoads:
    """Return the shipped road network."""
    return open_roads()


@st.cache_resource(max_entries=1, show_spinner=False)
def county_distances() -> CostMatrix:
    """Return the distances between all county seats."""
    return county_cost(places())


def choose_method(key: str, context: Mapping[str, Any], language: str) -> None:
    """Draw the choice of how distances are found.

    Parameters
    ----------
    key
        Of the widget.
    context
        The codes of the open data set: methods of own travel times are offered where it has any.
    language
        ``zh`` or ``en``.
    """
    offered = [
        method.value
        for method in GAP_METHODS
        if method.unit is CostUnit.KM
        or method in context["travel"]
        or method.value == st.session_state[key]
    ]
    st.selectbox(
        text("gap.method_label", language),
        offered,
        format_func=lambda value: text(f"term.distance_method.{value}", language),
        key=kept(key),
        persist_state=KEPT,
        help=None if context["travel"] else text("gap.travel.bring", language),
    )
