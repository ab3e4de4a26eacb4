"""What one rerun sends to the map: a few kilobytes, never geometry, never the nodes.

The live map: what its component is told when it is mounted, and at every run of the page.

It stands in the page itself, not in a frame of its own, and is told a small state. The geometry
and the nodes are files that the browser fetches once.

The map as one HTML file that needs nothing else: for a mail, an archive, a meeting room. folium's
figure is the document; what it shows are elements with templates of our own, filled in with
Leaflet, the map's script, the boundaries and the state. Nothing is fetched.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from html import escape

from network_map.config import TileLayer, app_root
from network_map.errors import MissingFileError
from network_map.i18n import text
from network_map.maps.spec import (
    AreaLayer,
    FlowLayer,
    HierarchyLayer,
    HierarchyLine,
    MapSpec,
    NodeLayer,
)

_MISSING, _UNLISTED = -1, -2


def areas_json(areas: AreaLayer) -> bytes:
    """Return an area layer as the browser reads it: made once, fetched once."""
    return _written(_areas(areas)).encode()


def hierarchy_json(hierarchy: HierarchyLayer) -> bytes:
    """Return the lines of the hierarchy as the browser reads them: made once, fetched once."""
    return _written(_hierarchy(hierarchy)).encode()


def update_state(
    spec: MapSpec,
    *,
    nodes_url: str | None,
    seen_event: str | None,
    areas_url: str | None = None,
    hierarchy_url: str | None = None,
) -> dict[str, object]:
    """Return the state of the map as plain values.

    Parameters
    ----------
    spec
        What to show.
    nodes_url
        Where the browser fetches `spec.nodes`, or None if there are none.
    seen_event
        Id of the last click that the page has taken into account: the map keeps its own
        selection until the page has seen it.
    areas_url
        Where the browser fetches `spec.areas`; without it they stand in the state.
    hierarchy_url
        The same for `spec.hierarchy`.
    """
    is_usual = spec.source_line == text("map.source_line", spec.language)
    state: dict[str, object] = {
        "language": spec.language,
        "seen": seen_event,
        "prefecture": spec.prefecture_adcode,
        "selected": spec.selected_adcode,
        # The usual line stands in the map's script already.
        "source": None if is_usual else spec.source_line,
        "nodes": _nodes(spec.nodes, nodes_url),
        "symbols": [
            [s.kind, s.label, s.symbol, s.colour, s.count, s.assumed_count, int(s.is_visible)]
            for s in spec.symbols
        ],
        "areas": _given(None if spec.areas is None else partial(_areas, spec.areas), areas_url),
        "unplaced": [[node.kind, node.name, node.reason] for node in spec.unplaced],
        "lines": [_line(line) for line in spec.lines],
        "words": dict(spec.words),
    }
    if spec.hierarchy is not None:
        state["hierarchy"] = _given(partial(_hierarchy, spec.hierarchy), hierarchy_url)
    for name, layer in (("flows", spec.flows), ("circles", spec.circles)):
        if layer is not None:
            state[name] = _flows(layer)
    if spec.compared_adcode is not None:
        state["compared"] = spec.compared_adcode
    if spec.is_bare:
        state["bare"] = 1
    if spec.watermark:
        state["watermark"] = spec.watermark
    return state


def _written(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _nodes(nodes: NodeLayer | None, url: str | None) -> dict[str, object] | None:
    if nodes is None or url is None:
        return None
    return {"url": url, "hash": nodes.sha256[:16], "placed": nodes.placed_count}


def _given(
    written: Callable[[], dict[str, object]] | None, url: str | None
) -> dict[str, object] | None:
    """Return a layer, or where it is fetched; None where there is none."""
    if written is None:
        return None
    return written() if url is None else {"url": url}


def _areas(areas: AreaLayer) -> dict[str, object]:
    document: dict[str, object] = {
        "level": str(areas.level),
        "title": areas.title,
        "unit": areas.unit,
        "source": areas.source,
        "classes": [
            [entry.label, entry.colour, entry.count, *filter(None, [entry.count_text])]
            for entry in areas.classes
        ],
        "missing": [areas.missing_label, areas.missing_count],
        "groups": _groups(areas),
    }
    if areas.codes:
        document |= {"codes": list(areas.codes), "filters": list(areas.filters)}
    if areas.grid is not None:
        document["grid"] = {
            "columns": areas.grid.column_count, "order": list(areas.grid.order),
            "up": areas.grid.up, "side": areas.grid.side, "ticks": list(areas.grid.ticks),
            "corners": areas.grid.corners,
        }  # fmt: skip
    if areas.faded:
        document["faded"] = [
            "".join(sorted(code for code, found in areas.faded.items() if found == level))
            for level in (1, 2)
        ]
    return document


def _groups(areas: AreaLayer) -> list[list[object]]:
    """Return ``[class, adcodes run together, values separated by tabs]`` for each class.

    An area that has a text but no class belongs to the group -1: no data.
    """
    members: dict[int, list[str]] = defaultdict(list)
    for adcode in sorted({*areas.class_of, *areas.value_text}):
        unclassed = _UNLISTED if adcode in areas.unlisted else _MISSING
        members[areas.class_of.get(adcode, unclassed)].append(adcode)
    return [
        [index, "".join(adcodes), _joined(areas.value_text, adcodes)]
        for index, adcodes in sorted(members.items())
    ]


def _joined(texts: Mapping[str, str], adcodes: Iterable[str]) -> str:
    return "\t".join(texts.get(adcode, "").replace("\t", " ") for adcode in adcodes)


def _flows(flows: FlowLayer) -> dict[str, object]:
    return {
        "title": flows.title,
        "unit": flows.unit,
        "note": flows.note,
        "lines": [
            [*_rounded(line.start), *_rounded(line.end), round(line.width_px, 2), line.label]
            for line in flows.lines
        ],
        "circles": [
            [*_rounded(circle.centre), round(circle.radius_px, 2), circle.label]
            + ([circle.mark] if circle.mark else [])
            for circle in flows.circles
        ],
        "samples": [[round(width, 2), label] for width, label in flows.samples],
        "circle": flows.circle_label,
    }


def _rounded(position: tuple[float, float]) -> list[float]:
    return [round(degrees, 5) for degrees in position]


def _hierarchy(hierarchy: HierarchyLayer) -> dict[str, object]:
    return {
        "title": hierarchy.title,
        "note": hierarchy.note,
        "lines": [_line(line) for line in hierarchy.lines],
        "samples": [[int(kind), label, count] for kind, label, count in hierarchy.samples],
    }


def _line(line: HierarchyLine) -> list[object]:
    ends = [*_rounded(line.start), *_rounded(line.end)]
    return [*ends, int(line.kind), line.adcode, line.label]


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
    height: int | str,
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
        Pixels, or a length in CSS.
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
