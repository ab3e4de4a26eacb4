"""The map as one HTML file that needs nothing else: for a mail, an archive, a meeting room.

folium's figure is the document; what it shows are elements with templates of our own, filled in
with Leaflet, the map's script, the boundaries and the state. Nothing is fetched.
"""

import json
from functools import cache
from html import escape

from network_map.config import app_root
from network_map.errors import MissingFileError
from network_map.maps.payload import update_state
from network_map.maps.spec import MapSpec

# The file may run what stands in it and ask for nothing.
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:\">"
)
_HEAD = (
    "<style>html, body, .folium-map { height: 100%; margin: 0; }</style>"
    "<style>{{ kwargs.leaflet_style }}</style>"
    "<script>{{ kwargs.map_script }}</script>"
    "<script>{{ kwargs.leaflet_script }}</script>"
)
_BODY = '<div class="folium-map" id="map_standalone"></div>'
_SCRIPT = (
    "window.networkMap.addStyle(document.head);\n"
    'window.networkMap.start(document.getElementById("map_standalone"), '
    '{"inlineGeometry": {{ kwargs.geometry }}}).update({{ kwargs.state }});'
)


def map_document(spec: MapSpec, *, title: str) -> str:
    """Return a map as an HTML document that asks for no file and no host.

    Parameters
    ----------
    spec
        What to show; its nodes are written into the file.
    title
        Title of the document.

    Raises
    ------
    MissingFileError
        If a script, a style or the boundaries are missing.
    """
    import folium  # noqa: PLC0415 -- a second, and nothing needs it before such a file is asked for

    figure = folium.Figure(title=escape(title))
    figure.header.add_child(folium.Element(_POLICY), index=0)
    figure.header.add_child(folium.Element(_HEAD))
    figure.html.add_child(folium.Element(_BODY))
    figure.script.add_child(folium.Element(_SCRIPT))
    html: str = figure.render(
        leaflet_style=_static("leaflet", "style"),
        map_script=_static("network_map", "script"),
        leaflet_script=_static("leaflet", "script"),
        geometry=_inside_script(_static("geometry", "counties_prefectures")),
        state=_inside_script(_state(spec)),
    )
    return html


def _state(spec: MapSpec) -> str:
    """Return the state with the nodes in it, as the script takes it."""
    state = update_state(spec, nodes_url=None, seen_event=None)
    if spec.nodes is not None:
        nodes = json.loads(spec.nodes.json_bytes)
        state["nodes"] = {"hash": spec.nodes.sha256[:16], "inline": nodes}
    return json.dumps(state, ensure_ascii=False, separators=(",", ":"))


def _inside_script(document: str) -> str:
    """Return JSON that cannot end the script element or open a comment in it."""
    return document.replace("<", "\\u003c")


@cache
def _static(folder: str, entry: str) -> str:
    """Return the text of a static file that the folder's index names."""
    root = app_root() / "static" / folder
    try:
        index = json.loads((root / "index.json").read_text(encoding="utf-8"))
        return (root / str(index[entry])).read_text(encoding="utf-8")
    except (OSError, ValueError, KeyError) as error:
        raise MissingFileError("map_asset_missing", files=f"{folder}/{entry}") from error
