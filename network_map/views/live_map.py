"""The live map as folium elements: a constant base and a small update.

The base map carries no geometry and nothing that depends on the page's state, so its script is
the same at every rerun and the browser keeps the map. All the rest travels in the update, which
hands one JSON object to the script in ``static/network_map``.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

import folium
from folium.template import Template

from network_map.config import TileLayer
from network_map.views.map_spec import MapSpec
from network_map.views.payload import update_payload


@dataclass(frozen=True, slots=True)
class MapAssets:
    """Addresses of the map's files, as seen from the page that shows the map.

    Parameters
    ----------
    scripts, styles
        In loading order: the map's own script first, so that it can say when Leaflet is missing.
    geometry
        The boundaries (TopoJSON).
    """

    scripts: tuple[str, ...]
    styles: tuple[str, ...]
    geometry: str


class BaseMap(folium.Map):
    """A folium map that loads local files only and leaves the drawing to the map script.

    Parameters
    ----------
    assets
        Where the files are.
    tile_layers
        Layers from the settings; none by default.
    """

    _template = Template(
        "{% macro script(this, kwargs) %}"
        'var {{ this.get_name() }} = window.networkMap.start("{{ this.get_name() }}", '
        "{{ this.start_settings }});"
        "{% endmacro %}"
    )

    def __init__(self, assets: MapAssets, tile_layers: Iterable[TileLayer] = ()) -> None:
        super().__init__(tiles=None)
        self.default_js = [(f"script_{n}", url) for n, url in enumerate(assets.scripts)]
        self.default_css = [(f"style_{n}", url) for n, url in enumerate(assets.styles)]
        settings = {"geometry": assets.geometry, "tiles": [_tiles(t) for t in tile_layers]}
        self.start_settings = json.dumps(settings, ensure_ascii=False)

    def render(self, **kwargs: object) -> str:  # noqa: ARG002 - folium's signature
        """Put nothing into the page: streamlit-folium takes the script and the links itself."""
        return ""


class MapUpdate(folium.FeatureGroup):
    """The state of the map, passed to `st_folium` as ``feature_group_to_add``.

    Parameters
    ----------
    spec
        What to show.
    nodes_url
        Where the browser fetches the nodes.
    areas_url
        Where the browser fetches the area layer; without it the layer stands in the state.
    seen_event
        Id of the last click that the page has taken into account.
    """

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = window.networkMap.update({{ this._parent.get_name() }}, "
        "{{ this.payload }});"
        "{% endmacro %}"
    )

    def __init__(
        self,
        spec: MapSpec,
        *,
        nodes_url: str | None,
        areas_url: str | None = None,
        seen_event: str | None,
    ) -> None:
        super().__init__()
        self.payload = update_payload(
            spec, nodes_url=nodes_url, areas_url=areas_url, seen_event=seen_event
        )

    def render(self, **kwargs: object) -> str:  # noqa: ARG002 - folium's signature
        """Put nothing into the page: streamlit-folium takes the script itself."""
        return ""


def _tiles(layer: TileLayer) -> dict[str, object]:
    return {
        "name": layer.name,
        "url": layer.address,
        "attribution": layer.attribution,
        "datum": layer.datum,
        "maxZoom": layer.max_zoom,
        "subdomains": layer.subdomains,
        "isOverlay": layer.is_overlay,
    }
