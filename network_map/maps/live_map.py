"""The live map: what its component is told when it is mounted, and at every run of the page.

Nothing here depends on folium: the map stands in the page itself, not in a frame of its own, and
is told a small state. The geometry and the nodes are files that the browser fetches once.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from network_map.config import TileLayer
from network_map.i18n import text
from network_map.maps.payload import update_state
from network_map.maps.spec import MapSpec


@dataclass(frozen=True, slots=True)
class StateFiles:
    """Addresses of what the browser fetches for a state.

    Parameters
    ----------
    geometry
        The boundaries (TopoJSON).
    nodes
        The nodes, or None if there are none.
    areas, hierarchy
        The area layer and the lines of the hierarchy; without it a layer stands in the state.
    """

    geometry: str
    nodes: str | None = None
    areas: str | None = None
    hierarchy: str | None = None


def component_data(
    spec: MapSpec,
    files: StateFiles,
    *,
    height: int,
    seen_event: str | None = None,
    tile_layers: Iterable[TileLayer] = (),
) -> dict[str, object]:
    """Return what the map's component is told, as plain values.

    Parameters
    ----------
    spec
        What to show.
    files
        Where the browser fetches the rest.
    height
        Pixels.
    seen_event
        Id of the last click that the page has taken into account.
    tile_layers
        Layers from the settings; none by default.
    """
    return {
        "height": height,
        "failure": text("map.script_missing", spec.language),
        "settings": {
            "language": spec.language,
            "geometry": files.geometry,
            "tiles": [_tiles(layer) for layer in tile_layers],
        },
        "state": update_state(
            spec,
            nodes_url=files.nodes,
            areas_url=files.areas,
            hierarchy_url=files.hierarchy,
            seen_event=seen_event,
        ),
    }


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
