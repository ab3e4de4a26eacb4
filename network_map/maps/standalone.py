"""The map as one HTML file that needs nothing else: for a mail, an archive, a meeting room.

A map as one HTML document: the drawing with the scripts and boundaries that it needs.
"""

import json
from dataclasses import dataclass, field
from functools import cache
from html import escape

import folium
from folium.template import Template

from network_map.config import app_root
from network_map.errors import MissingFileError
from network_map.maps.payload import update_state
from network_map.maps.spec import MapSpec

# The file may run what stands in it and ask for nothing.
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"


@dataclass(frozen=True, slots=True)
class StandaloneParts:
    """Texts that are written into the file.

    Parameters
    ----------
    map_script
        The map's own script, ``static/network_map``.
    leaflet_script, leaflet_style
        Leaflet, ``static/leaflet``.
    geometry
        The boundaries as TopoJSON text, ``static/geometry``.
    """

    map_script: str = field(repr=False)
    leaflet_script: str = field(repr=False)
    leaflet_style: str = field(repr=False)
    geometry: str = field(repr=False)


class StandaloneMap(folium.Map):
    """A folium map with everything inlined.

    Parameters
    ----------
    spec
        What to show.
    parts
        What is written in.
    """

    _template = Template(
        "{% macro header(this, kwargs) %}"
        "<style>html, body, .folium-map { height: 100%; margin: 0; }</style>"
        "<style>{{ this.parts.leaflet_style }}</style>"
        "<script>{{ this.parts.map_script }}</script>"
        "<script>{{ this.parts.leaflet_script }}</script>"
        "{% endmacro %}"
        "{% macro html(this, kwargs) %}"
        '<div class="folium-map" id="{{ this.get_name() }}"></div>'
        "{% endmacro %}"
        "{% macro script(this, kwargs) %}"
        "window.networkMap.addStyle(document.head);\n"
        'window.networkMap.start(document.getElementById("{{ this.get_name() }}"), '
        '{"inlineGeometry": {{ this.geometry }}}).update({{ this.state }});'
        "{% endmacro %}"
    )
    default_js = []  # noqa: RUF012 - folium's own attribute
    default_css = []  # noqa: RUF012 - the same

    def __init__(self, spec: MapSpec, parts: StandaloneParts) -> None:
        super().__init__(tiles=None)
        # Not a random one: the same map gives the same bytes.
        self._id = "standalone"
        self.parts = parts
        self.geometry = _inside_script(parts.geometry)
        self.state = _inside_script(_state(spec))


def standalone_html(spec: MapSpec, parts: StandaloneParts, *, title: str) -> str:
    """Return a map as an HTML document that asks for no file and no host.

    Parameters
    ----------
    spec
        What to show; its nodes are written into the file.
    parts
        Scripts, styles and boundaries to write in.
    title
        Title of the document.

    Raises
    ------
    ValueError
        If a script would end its own element.
    """
    for text in (parts.map_script, parts.leaflet_script):
        if "</script" in text.lower():
            raise ValueError("a script with </script in it cannot be written into a page")
    figure = folium.Figure(title=escape(title))
    figure.header.add_child(
        folium.Element(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        name="policy",
        index=0,
    )
    figure.add_child(StandaloneMap(spec, parts))
    html: str = figure.render()
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


def map_document(spec: MapSpec, *, title: str) -> str:
    """Return a map as an HTML document that asks for no file and no host.

    Parameters
    ----------
    spec
        What to show.
    title
        Title of the document.

    Raises
    ------
    MissingFileError
        If a script, a style or the boundaries are missing.
    """
    # folium: a second, and no page needs it before a file is asked for.

    parts = StandaloneParts(
        map_script=_static("network_map", "script"),
        leaflet_script=_static("leaflet", "script"),
        leaflet_style=_static("leaflet", "style"),
        geometry=_static("geometry", "counties_prefectures"),
    )
    return standalone_html(spec, parts, title=title)


@cache
def _static(folder: str, entry: str) -> str:
    """Return the text of a static file that the folder's index names."""
    root = app_root() / "static" / folder
    try:
        index = json.loads((root / "index.json").read_text(encoding="utf-8"))
        return (root / str(index[entry])).read_text(encoding="utf-8")
    except (OSError, ValueError, KeyError) as error:
        raise MissingFileError("map_asset_missing", files=f"{folder}/{entry}") from error
