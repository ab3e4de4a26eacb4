"""Build the geometry file that the browser fetches once.

Run ``python -m scripts.build_static_geometry`` after ``build_places``. The result is one TopoJSON
file, named by its hash, with the objects ``counties`` and ``prefectures`` over the same arcs, and
``index.json``, which names the file.
"""

import json
from hashlib import sha256

import geopandas as gpd
import pandas as pd
import shapely
from topojson.core.topology import Topology

from network_map.terms import AdminLevel
from scripts.build_common import DATA, STATIC_GEOMETRY, read_built, write_bytes

# Corners whose triangle is smaller than the square of this many degrees go; less than a pixel
# when the whole province is on the screen.
TOLERANCE_DEGREES = 0.008
# Steps across the province in each direction: about 45 m, finer than the lines are accurate.
QUANTIZATION = 20_000
POINT_DECIMALS = 4
OBJECTS = {"counties": AdminLevel.COUNTY, "prefectures": AdminLevel.PREFECTURE}


def simplified() -> dict[AdminLevel, gpd.GeoSeries]:
    """Return the simplified shapes by code; prefectures are united from the counties."""
    full = gpd.read_parquet(DATA / "boundaries_county.parquet").set_index("adcode").geometry
    shapes = shapely.coverage_simplify(full.array, TOLERANCE_DEGREES)
    # A division of one part is a polygon: the reader has one case less in most features.
    plain = [parts[0] if len(parts := shapely.get_parts(s)) == 1 else s for s in shapes]
    counties = gpd.GeoSeries(plain, index=full.index, crs=full.crs)
    united = counties.groupby(counties.index.str[:4] + "00").agg(
        lambda parts: shapely.coverage_union_all(parts.array)
    )
    return {
        AdminLevel.COUNTY: counties,
        AdminLevel.PREFECTURE: gpd.GeoSeries(united, crs=full.crs),
    }


def labelled(shapes: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Return the shapes with what the map says of them.

    Columns ``id`` (code), ``zh``, ``short``, ``en``, ``parent``, ``seat`` and ``label``: the
    seat point and the centre of the largest circle inside, longitude and latitude.
    """
    divisions = read_built("divisions").set_index("adcode").loc[shapes.index]
    points = read_built("county_seats").set_index("adcode")[["lon", "lat"]]
    inside = shapely.get_point(shapely.maximum_inscribed_circle(shapes.array), 0)
    return gpd.GeoDataFrame(
        {
            "id": shapes.index,
            "zh": divisions["name_zh"],
            "short": divisions["short_zh"],
            "en": divisions["name_en"],
            "parent": divisions["parent_adcode"],
            "seat": rounded(points.loc[divisions["seat_adcode"]]),
            "label": rounded(pd.DataFrame(shapely.get_coordinates(inside))),
        },
        geometry=shapes.array,
    )


def rounded(points: pd.DataFrame) -> list[list[float]]:
    """Return points as pairs with few decimals."""
    return [[float(x), float(y)] for x, y in points.round(POINT_DECIMALS).to_numpy()]


def topology() -> bytes:
    """Return the TopoJSON text."""
    shapes = simplified()
    frames = [labelled(shapes[level]) for level in OBJECTS.values()]
    built = Topology(
        frames, object_name=list(OBJECTS), prequantize=QUANTIZATION, shared_coords=True
    ).to_dict()
    for found in built["objects"].values():
        for geometry in found["geometries"]:
            geometry.pop("id", None)
    built["bbox"] = [round(float(edge), POINT_DECIMALS) for edge in built["bbox"]]
    return json.dumps(built, ensure_ascii=False, separators=(",", ":")).encode()


def main() -> None:
    """Write the file and the index, and remove the file that the index named before."""
    content = topology()
    name = f"{sha256(content).hexdigest()[:16]}.json"
    write_bytes(STATIC_GEOMETRY / name, content)
    index = json.dumps({"counties_prefectures": name}, indent=2) + "\n"
    write_bytes(STATIC_GEOMETRY / "index.json", index.encode())
    for other in STATIC_GEOMETRY.glob("*.json"):
        if other.name not in {name, "index.json"}:
            other.unlink()


if __name__ == "__main__":
    main()
