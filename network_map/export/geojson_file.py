"""GeoJSON by RFC 7946: longitude and latitude, exterior rings anticlockwise, no ``crs``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from network_map.errors import QueryError
from network_map.export.bundle import Bundle, column_heading, values, writable_text
from network_map.export.meta import content_sha256, embedded_json
from network_map.tables.columns import Column

if TYPE_CHECKING:
    import geopandas as gpd

META_MEMBER = "network_map_meta"
"""Name of the member that describes the export."""
BEFORE_META = f',\n"{META_MEMBER}": '
"""What stands between the body of the file and its description."""
_DIGITS = 7  # about a centimetre, finer than any coordinate of the project
_LON_LAT = frozenset({4326, 4490})


def geojson_bytes(bundle: Bundle) -> bytes:
    """Return the rows as a feature collection in UTF-8.

    CGCS2000 equals the WGS 84 of RFC 7946 within a metre and is written unchanged. A row
    without a place has the geometry ``null``. Properties carry the declared column names and
    the codes; title, filters, sources, headings and words are members of the collection. The
    description of the export is its last member, :data:`META_MEMBER`.

    Raises
    ------
    QueryError
        If the bundle has no places.
    ValueError
        If geometries are in another system than CGCS2000 or WGS 84.
    """
    columns = bundle.declaration.columns
    cells = {column.name: [_json_value(v) for v in values(bundle, column)] for column in columns}
    key = bundle.declaration.key
    features = []
    for position, geometry in enumerate(_geometries(bundle)):
        properties = {name: column[position] for name, column in cells.items()}
        if bundle.is_demo:
            properties["data_nature"] = bundle.demo_mark
        identity = {"id": properties[key[0]]} if len(key) == 1 else {}
        features.append(
            {"type": "Feature", **identity, "geometry": geometry, "properties": properties}
        )
    head = _json({"type": "FeatureCollection", **_members(bundle)}).removesuffix("}")
    # A feature on a line: small, and two versions of a file can be compared line by line.
    rows = ",\n".join(_json(feature) for feature in features)
    body = f'{head}, "features": [\n{rows}\n]'
    meta = embedded_json(bundle, content_sha256(body.encode()))
    return f"{body}{BEFORE_META}{meta}}}\n".encode()


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _members(bundle: Bundle) -> dict[str, Any]:
    """Return what the file says about itself; none of it changes how a reader takes the rows."""
    language = bundle.language
    return {
        "title": bundle.title,
        "language": language,
        "dataset": bundle.dataset_label,
        "is_demo": bundle.is_demo,
        **({"notice": bundle.demo_banner} if bundle.is_demo else {}),
        "filters": [{"label": label, "value": writable_text(v)} for label, v in bundle.filters],
        "method_notes": list(bundle.method_notes),
        "sources": [writable_text(source) for source in bundle.sources],
        "created_from": dict(bundle.created_from),
        "headings": {c.name: column_heading(c, language) for c in bundle.declaration.columns},
        "words": {name: dict(words) for name, words in bundle.words.items()},
    }


def _json_value(value: str | float | None) -> str | float | None:
    return writable_text(value) if isinstance(value, str) else value


def _geometries(bundle: Bundle) -> list[Mapping[str, Any] | None]:
    if bundle.points is not None:
        lon, lat = (_numbers(bundle, bundle.declaration.column(name)) for name in bundle.points)
        return [_point(x, y) for x, y in zip(lon, lat, strict=True)]
    if bundle.shapes is not None:
        return _shapes(bundle.shapes())
    if "geometry" in bundle.table.columns:
        return _shapes(bundle.table.geometry)
    raise QueryError("export_without_places", title=bundle.title, format="GeoJSON")


def _numbers(bundle: Bundle, column: Column) -> list[float | None]:
    return [v if isinstance(v, int | float) else None for v in values(bundle, column)]


def _point(lon: float | None, lat: float | None) -> Mapping[str, Any] | None:
    if lon is None or lat is None:
        return None
    return {"type": "Point", "coordinates": [round(lon, _DIGITS), round(lat, _DIGITS)]}


def _shapes(shapes: gpd.GeoSeries) -> list[Mapping[str, Any] | None]:
    import shapely  # noqa: PLC0415 (only where shapes are written)

    if shapes.crs is None or shapes.crs.to_epsg() not in _LON_LAT:
        msg = f"expected geometries in EPSG:4490 or EPSG:4326, found {shapes.crs}"
        raise ValueError(msg)
    turned = shapely.orient_polygons(shapes.to_numpy(), exterior_cw=False)
    return [
        None if shape is None or shape.is_empty else _rounded(shapely.geometry.mapping(shape))
        for shape in turned
    ]


def _rounded(geometry: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the mapping with coordinates cut to the digits that mean something."""
    if "geometries" in geometry:
        parts = [_rounded(part) for part in geometry["geometries"]]
        return {"type": geometry["type"], "geometries": parts}
    return {"type": geometry["type"], "coordinates": _round_all(geometry["coordinates"])}


def _round_all(coordinates: Any) -> Any:  # noqa: ANN401 - nested to a depth that varies by type
    if isinstance(coordinates, int | float):
        return round(coordinates, _DIGITS)
    return [_round_all(part) for part in coordinates]
