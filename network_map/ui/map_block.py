"""The map on a page: the one place where folium and Streamlit meet."""

import json
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st
from streamlit import runtime
from streamlit_folium import st_folium

from network_map.config import TileLayer, app_root
from network_map.views.live_map import BaseMap, MapAssets, MapUpdate
from network_map.views.map_spec import MapSpec
from network_map.views.payload import areas_json

# The map stands in a frame at <base>/component/<name>/index.html. Addresses relative to it hold
# under every base path.
_APP = "../.."
_STATIC = f"{_APP}/app/static"
# Which entries of which index name the files that the map needs.
_INDEXES = {
    "network_map": ("script",),
    "leaflet": ("script", "style"),
    "geometry": ("counties_prefectures",),
}
_ADCODE_LENGTH = 6


def show_map(
    spec: MapSpec,
    *,
    key: str,
    height: int,
    on_click: Callable[[str], None] | None = None,
    tile_layers: tuple[TileLayer, ...] = (),
) -> str | None:
    """Draw or update a map and return the county that was just clicked.

    The browser keeps the map as long as the key and the tile layers stay; a rerun sends a few
    kilobytes.

    Parameters
    ----------
    spec
        What to show.
    key
        Names the map on its page; constant.
    height
        Pixels.
    on_click
        Called with the adcode of a clicked county before the page runs, as Streamlit's callbacks
        are: the page then needs one run for a click, not two.
    tile_layers
        Layers from the settings.

    Returns
    -------
    str or None
        The adcode of a county clicked since the last run; each click is given once. None if there
        was no click, or if `on_click` has taken it.
    """
    nodes_url = None if spec.nodes is None else _file_url(f"{key}.nodes", spec.nodes.json_bytes)
    areas_url = None if spec.areas is None else _file_url(f"{key}.areas", areas_json(spec.areas))
    value = st_folium(
        BaseMap(_assets(app_root(), spec.language, (nodes_url, areas_url)), tile_layers),
        key=key,
        height=height,
        use_container_width=True,
        returned_objects=[],
        render=False,
        feature_group_to_add=MapUpdate(
            spec,
            nodes_url=nodes_url,
            areas_url=areas_url,
            seen_event=st.session_state.get(_seen_key(key)),
        ),
        on_change=None if on_click is None else partial(_hand_over, key, on_click),
    )
    return _take_click(key, value)


def missing_assets() -> list[str]:
    """Return the files that the map needs and that are not there, as paths below ``static``."""
    static = app_root() / "static"
    missing: list[str] = []
    for folder, entries in _INDEXES.items():
        try:
            index = _index(static, folder)
        except (OSError, ValueError):
            missing.append(f"{folder}/index.json")
            continue
        names = [f"{folder}/{index.get(entry, entry)}" for entry in entries]
        missing += [name for name in names if not (static / name).is_file()]
    return missing


def _assets(root: Path, language: str, further: tuple[str | None, ...]) -> MapAssets:
    """Return the addresses of the map's files.

    The address of the first script also says, behind ``#``, what the browser may use before the
    first state arrives: the language of a failure, and the files that it can fetch ahead.
    """
    address = _addresses(root)
    geometry = address["geometry", "counties_prefectures"]
    ahead = [("ahead", url) for url in (geometry, *further) if url]
    told = urlencode([("language", language), *ahead], safe="/.")
    return MapAssets(
        scripts=(f"{address['network_map', 'script']}#{told}", address["leaflet", "script"]),
        styles=(address["leaflet", "style"],),
        geometry=geometry,
    )


@cache
def _addresses(root: Path) -> Mapping[tuple[str, str], str]:
    """Return the address of every file by index and entry; they do not change while we run."""
    static = root / "static"
    return {
        (folder, entry): f"{_STATIC}/{folder}/{_index(static, folder)[entry]}"
        for folder, entries in _INDEXES.items()
        for entry in entries
    }


def _index(static: Path, folder: str) -> dict[str, str]:
    text = (static / folder / "index.json").read_text(encoding="utf-8")
    index: dict[str, str] = json.loads(text)
    return index


def _file_url(place: str, content: bytes) -> str | None:
    """Register a file for this session and return where the browser fetches it.

    Streamlit drops a file that a run has not registered again, and names files by content: the
    address changes exactly when the content does.

    Parameters
    ----------
    place
        Names the file on the page: a new content takes the place of the old one.
    content
        Its bytes.
    """
    if not runtime.exists():
        return None
    manager = runtime.get_instance().media_file_mgr
    url = manager.add(content, "application/json", f"network_map.{place}")
    return f"{_APP}{url}" if url.startswith("/") else url


def _hand_over(key: str, on_click: Callable[[str], None]) -> None:
    adcode = _take_click(key, st.session_state.get(key))
    if adcode is not None:
        on_click(adcode)


def _take_click(key: str, value: object) -> str | None:
    """Return the adcode of a click that was not seen before, and remember it as seen."""
    if not isinstance(value, dict):
        return None
    adcode, event = value.get("adcode"), value.get("event")
    if not isinstance(event, str) or event == st.session_state.get(_seen_key(key)):
        return None
    st.session_state[_seen_key(key)] = event
    is_adcode = isinstance(adcode, str) and len(adcode) == _ADCODE_LENGTH and adcode.isdigit()
    return adcode if is_adcode else None


def _seen_key(key: str) -> str:
    return f"{key}.seen_click"
