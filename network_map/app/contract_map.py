"""The map of the contract page, the same element with a register and without."""

from dataclasses import replace

import streamlit as st

from network_map.app.kit import choices as state
from network_map.app.kit import memo as cached
from network_map.app.kit.map import missing_assets, show_map
from network_map.errors import MissingFileError
from network_map.maps.spec import MapSpec

MAP_HEIGHT_PX = 540


def draw_map(spec: MapSpec) -> None:
    """Draw the map of the page; a click selects a county.

    Raises
    ------
    MissingFileError
        If a file that the map needs is not there.
    """
    if missing := missing_assets():
        raise MissingFileError("map_asset_missing", files="、".join(missing))
    show_map(
        replace(spec, selected_adcode=st.session_state["selected"]),
        key="contract_map",
        height=MAP_HEIGHT_PX,
        on_click=state.select_county,
        tile_layers=cached.settings().tile_layers,
    )
