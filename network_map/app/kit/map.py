"""The map on a page: finished specifications in, the county that was clicked out.

Parts of a page that are scripts of our own, and the files that they fetch.

Files that a page hands to the browser: named by their content, fetched once, gone when old.

A page registers the nodes of its map or the rows of its table at every run, and tells the browser
the address only; `server` answers at that address. The address changes exactly when the content
does.
"""

import gzip
import json
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from threading import Lock

import streamlit as st
from streamlit import runtime

from network_map.config import TileLayer, app_root
from network_map.maps.payload import StateFiles, areas_json, component_data, hierarchy_json
from network_map.maps.spec import MapSpec

FOLDER = "files"
"""Where the files lie below the application's root."""

_MAXIMUM_BYTES = 32_000_000
_LEVEL = 6


class RegisteredFiles:
    """LRU store of packed files, bounded by bytes; shared by all sessions.

    Attributes
    ----------
    is_served
        Whether this process answers for the files.
    """

    def __init__(self) -> None:
        self._lock = Lock()  # pages run in threads of their own
        self._files: OrderedDict[str, bytes] = OrderedDict()
        self._byte_count = 0
        self.is_served = False

    def put(self, content: bytes) -> str:
        """Take a file in, unless it is here; return its address below the root."""
        address = f"{FOLDER}/{sha256(content).hexdigest()[:32]}.json"
        with self._lock:
            if address in self._files:
                self._files.move_to_end(address)
                return address
            self._files[address] = packed = gzip.compress(content, _LEVEL, mtime=0)
            self._byte_count += len(packed)
            while self._byte_count > _MAXIMUM_BYTES and len(self._files) > 1:
                _, gone = self._files.popitem(last=False)
                self._byte_count -= len(gone)
        return address

    def packed(self, address: str) -> bytes | None:
        """Return the content in gzip, or None if it is not here."""
        with self._lock:
            return self._files.get(address)


registered = RegisteredFiles()


def file_url(content: bytes) -> str | None:
    """Return where the browser fetches a JSON file, relative to the application's root.

    The file itself as an address where Streamlit runs without our front door; None where no server
    runs.
    """
    if not runtime.exists():
        return None
    if not registered.is_served:
        return f"data:application/json;base64,{b64encode(content).decode()}"
    return registered.put(content)


@cache
def component(name: str, address: str) -> Callable[..., object]:
    """Return the mounting command of a component; its script is a static file.

    Parameters
    ----------
    name
        Names the component among all others.
    address
        Of the module below the application's root; it changes when the script does. Its default
        export is called with the component's arguments. Where it cannot be fetched, the sentence
        under ``failure`` in the data stands instead.
    """
    # Short, for it travels with each new state of the component. The line breaks tell Streamlit
    # that this is the script and not the name of a file.
    loader = (
        f"const m=import(new URL({json.dumps(address)},document.baseURI))\n"
        'const f=c=>{const p=document.createElement("p");p.setAttribute("role","status")\n'
        "p.textContent=c.data.failure;c.parentElement.replaceChildren(p)}\n"
        # The place may be another component's by the time the script is here.
        f"const n={json.dumps(name)}\n"
        "export default c=>{const p=c.parentElement;p.shows=n\n"
        "m.then(s=>p.shows===n&&s.default(c),()=>f(c))}"
    )
    return st.components.v2.component(f"network_map.{name}", js=loader)


@cache
def static_address(script: str) -> str:
    """Return the address of a script below the application's root; it changes with its content."""
    version = sha256((app_root() / script).read_bytes()).hexdigest()[:12]
    return f"app/{script}?{version}"


_STATIC = "app/static"
# Which entries of which index name the files that the map needs.
_INDEXES = {
    "network_map": ("component", "script"),
    "leaflet": ("script", "style"),
    "geometry": ("counties_prefectures",),
}
_ADCODE_LENGTH = 6


def show_map(
    spec: MapSpec,
    *,
    key: str,
    height: int | str,
    on_click: Callable[[str], None] | None = None,
    on_legend: Callable[[str], None] | None = None,
    tile_layers: tuple[TileLayer, ...] = (),
) -> str | None:
    """Draw or update a map and return the county that was just clicked.

    The browser keeps the map as long as the key stays; a rerun sends a few kilobytes.

    Parameters
    ----------
    spec
        What to show.
    key
        Names the map on its page; constant.
    height
        Pixels, or a length in CSS.
    on_click
        Called with the adcode of a clicked county before the page runs, as Streamlit's callbacks
        are: the page then needs one run for a click, not two.
    on_legend
        Called likewise with the code of a class that was clicked in the legend.
    tile_layers
        Layers from the settings; they are taken when the map is made.

    Returns
    -------
    str or None
        The adcode of a county clicked since the last run; each click is given once. None if there
        was no click, or if `on_click` has taken it.
    """
    address = _addresses(app_root())
    files = StateFiles(
        geometry=address["geometry", "counties_prefectures"],
        nodes=None if spec.nodes is None else file_url(spec.nodes.json_bytes),
        areas=None if spec.areas is None else file_url(areas_json(spec.areas)),
        hierarchy=None if spec.hierarchy is None else file_url(hierarchy_json(spec.hierarchy)),
    )
    component("map", address["network_map", "component"])(
        key=key,
        data=component_data(
            spec,
            files,
            height=height,
            seen_event=st.session_state.get(_seen_key(key)),
            tile_layers=tile_layers,
        ),
        on_click_change=_nothing if on_click is None else partial(_hand_over, key, on_click),
        on_legend_change=_nothing if on_legend is None else partial(_hand_code, key, on_legend),
    )
    return None if on_click is not None else _take_click(key)


def map_files() -> tuple[str, ...]:
    """Return the addresses of what every live map fetches, below the application's root."""
    address = _addresses(app_root())
    entries = (
        ("network_map", "component"), ("network_map", "script"), ("leaflet", "script"),
        ("geometry", "counties_prefectures"),
    )  # fmt: skip
    return tuple(address[entry] for entry in entries)


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


@cache
def _addresses(root: Path) -> Mapping[tuple[str, str], str]:
    """Return the address of every file by index and entry; they do not change while we run."""
    static = root / "static"
    return {
        (folder, entry): f"{_STATIC}/{folder}/{_index(static, folder)[entry]}"
        for folder, entries in _INDEXES.items()
        for entry in entries
    }


@cache
def _index(static: Path, folder: str) -> dict[str, str]:
    text = (static / folder / "index.json").read_text(encoding="utf-8")
    index: dict[str, str] = json.loads(text)
    return index


def _nothing() -> None:
    """Leave a click to the page's own run; the component knows its triggers by their callbacks."""


def _hand_over(key: str, on_click: Callable[[str], None]) -> None:
    adcode = _take_click(key)
    if adcode is not None:
        on_click(adcode)


def _hand_code(key: str, on_legend: Callable[[str], None]) -> None:
    value = getattr(st.session_state.get(key), "legend", None)
    if isinstance(value, Mapping) and isinstance(value.get("code"), str):
        on_legend(value["code"])


def _take_click(key: str) -> str | None:
    """Return the adcode of a click that was not seen before, and remember it as seen."""
    value = getattr(st.session_state.get(key), "click", None)
    if not isinstance(value, Mapping):
        return None
    adcode, event = value.get("adcode"), value.get("event")
    if not isinstance(event, str) or event == st.session_state.get(_seen_key(key)):
        return None
    st.session_state[_seen_key(key)] = event
    is_adcode = isinstance(adcode, str) and len(adcode) == _ADCODE_LENGTH and adcode.isdigit()
    return adcode if is_adcode else None


def _seen_key(key: str) -> str:
    return f"{key}.seen_click"
