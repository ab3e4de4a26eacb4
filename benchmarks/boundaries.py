"""The boundaries that the application serves, as GeoJSON for the yardstick page."""

import json
from typing import Any

from benchmarks.servers import ROOT

Point = list[float]


def county_geojson() -> dict[str, Any]:
    """Return the 129 counties of the served TopoJSON as a GeoJSON feature collection.

    Coordinates have six decimals, as the county file has.
    """
    folder = ROOT / "static" / "geometry"
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    topology = json.loads((folder / index["counties_prefectures"]).read_text(encoding="utf-8"))
    arcs = [_points(arc, topology["transform"]) for arc in topology["arcs"]]
    features = [_feature(shape, arcs) for shape in topology["objects"]["counties"]["geometries"]]
    return {"type": "FeatureCollection", "features": features}


def _points(arc: list[list[int]], transform: dict[str, list[float]]) -> list[Point]:
    (kx, ky), (x0, y0) = transform["scale"], transform["translate"]
    x = y = 0
    points = []
    for dx, dy in arc:
        x, y = x + dx, y + dy
        points.append([round(x * kx + x0, 6), round(y * ky + y0, 6)])
    return points


def _ring(indexes: list[int], arcs: list[list[Point]]) -> list[Point]:
    ring: list[Point] = []
    for index in indexes:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        ring += arc[1:] if ring else arc
    return ring


def _feature(shape: dict[str, Any], arcs: list[list[Point]]) -> dict[str, Any]:
    polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
    coordinates = [[_ring(ring, arcs) for ring in polygon] for polygon in polygons]
    return {
        "type": "Feature",
        "properties": {name: shape["properties"][name] for name in ("id", "zh")},
        "geometry": {"type": "MultiPolygon", "coordinates": coordinates},
    }
