"""The shipped places: divisions, boundaries, seats and aliases agree with one another."""

import json
import re
from functools import cache
from hashlib import sha256
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from network_map.catalog import read_shipped
from network_map.config import app_root
from network_map.crs import area_km2, geodesic_km
from network_map.places.reference import read_boundaries
from network_map.terms import AdminLevel

STATIC = app_root() / "static" / "geometry"
# Names that are not Han Chinese in origin keep their own spelling in English.
OTHER_SPELLINGS = {"Shangri-La"}


@cache
def table(name: str) -> pd.DataFrame:
    return read_shipped(name)


def by_level(level: AdminLevel) -> pd.DataFrame:
    divisions = table("divisions")
    return divisions[divisions["level"] == level]


def test_there_are_one_province_16_prefectures_and_129_counties() -> None:
    assert [len(by_level(level)) for level in AdminLevel] == [1, 16, 129]


def test_every_county_lies_in_a_prefecture_and_every_prefecture_in_the_province() -> None:
    assert set(by_level(AdminLevel.COUNTY)["parent_adcode"]) == set(
        by_level(AdminLevel.PREFECTURE)["adcode"]
    )
    assert set(by_level(AdminLevel.PREFECTURE)["parent_adcode"]) == {"530000"}
    assert by_level(AdminLevel.PROVINCE)["parent_adcode"].isna().all()


def test_a_government_sits_in_a_county_of_its_own() -> None:
    counties = set(by_level(AdminLevel.COUNTY)["adcode"])
    above = table("divisions").loc[lambda places: ~places["adcode"].isin(counties)]
    assert set(above["seat_adcode"]) <= counties
    prefectures = above[above["level"] == AdminLevel.PREFECTURE]
    assert (prefectures["seat_adcode"].str[:4] == prefectures["adcode"].str[:4]).all()
    county_rows = by_level(AdminLevel.COUNTY)
    assert (county_rows["seat_adcode"] == county_rows["adcode"]).all()


@pytest.mark.oracle
def test_the_pinyin_of_every_han_name_begins_its_english_name() -> None:
    places = table("divisions")
    english = places["name_en"].str.replace(r"[ (].*", "", regex=True)
    spelled = english.str.lower().str.replace("'", "").str.replace("ü", "v")
    is_own = ~english.isin(OTHER_SPELLINGS)
    # 云县 cannot be shortened: its pinyin holds the word for county too.
    stem = places["pinyin"].where(places["short_zh"] != "云县", "yun")
    apart = places[is_own & (spelled != stem)]
    assert apart[["name_zh", "pinyin", "name_en"]].to_numpy().tolist() == []


def test_two_letters_offer_both_weixi_and_weixin() -> None:
    found = by_level(AdminLevel.COUNTY).loc[lambda places: places["pinyin_initials"] == "wx"]
    assert set(found["name_zh"]) == {"维西傈僳族自治县", "威信县"}


@pytest.mark.parametrize("level", list(AdminLevel))
def test_boundaries_have_the_codes_and_names_of_the_divisions(level: AdminLevel) -> None:
    shapes = read_boundaries(level)
    names = by_level(level).set_index("adcode")["name_zh"]
    assert shapes.set_index("adcode")["name_zh"].to_dict() == names.to_dict()
    assert shapes.crs == "EPSG:4490"


@pytest.mark.parametrize("level", list(AdminLevel))
def test_boundaries_are_valid_share_their_edges_and_leave_no_hole(level: AdminLevel) -> None:
    shapes = read_boundaries(level).geometry.array
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    outline = shapely.get_parts(shapely.coverage_union_all(shapes))
    assert [len(part.interiors) for part in outline] == [0]


def test_the_areas_of_the_levels_nest_and_equal_the_shapes() -> None:
    area = table("divisions").set_index("adcode")["computed_area_km2"]
    counties = by_level(AdminLevel.COUNTY)
    sums = area[counties["adcode"]].groupby(counties["parent_adcode"].array).sum()
    assert (sums - area[sums.index]).abs().max() < 0.1
    assert area["530000"] == pytest.approx(sums.sum(), abs=1)
    assert area["530000"] == pytest.approx(383_270, abs=5)
    shapes = read_boundaries(AdminLevel.COUNTY).set_index("adcode").geometry
    assert area["530102"] == pytest.approx(area_km2(shapes["530102"]), abs=0.01)


def test_every_seat_lies_in_its_county() -> None:
    shapes = read_boundaries(AdminLevel.COUNTY).set_index("adcode").geometry
    seats = table("county_seats").set_index("adcode")
    points = shapely.points(seats["lon"], seats["lat"])
    assert shapely.contains(shapes.loc[seats.index].array, points).all()
    assert len(seats) == 129


def test_level_and_prefecture_settle_every_alias() -> None:
    aliases = table("division_aliases")
    prefecture = (aliases["adcode"].str[:4] + "00").where(aliases["adcode"] != "530000", "530000")
    known = aliases.assign(prefecture=prefecture)
    meanings = known.groupby(["alias", "level", "prefecture"])["adcode"].nunique()
    assert meanings.max() == 1
    # By the word alone some stay open, and each of those rows says so.
    words = known.groupby("alias")["adcode"].transform("nunique")
    assert known.loc[words > 1, "is_ambiguous"].all()
    assert set(known.loc[words > 1, "alias"]) == {
        "Yiliang County", "保山市", "大理", "思茅市", "文山", "昭通市", "曲靖市", "楚雄",
        "玉溪市", "红河",
    }  # fmt: skip


def test_every_current_code_and_name_is_an_alias_of_itself() -> None:
    aliases, places = table("division_aliases"), table("divisions")
    for kind, column in (("code", "adcode"), ("official", "name_zh")):
        rows = aliases[aliases["alias_kind"] == kind].set_index("adcode")["alias"]
        assert rows.to_dict() == places.set_index("adcode", drop=False)[column].to_dict()


@pytest.mark.parametrize(
    ("alias", "adcode"),
    [("路南", "530126"), ("弥勒县", "532504"), ("532331", "532302"), ("中甸县", "533401")],
)
def test_former_names_and_codes_lead_to_the_place_of_today(alias: str, adcode: str) -> None:
    aliases = table("division_aliases")
    assert aliases.loc[aliases["alias"] == alias, "adcode"].tolist() == [adcode]


# --- the geometry file of the browser ------------------------------------------------------------


@cache
def topology() -> dict[str, Any]:
    index = json.loads((STATIC / "index.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = json.loads((STATIC / index["counties_prefectures"]).read_bytes())
    return found


@cache
def decoded(name: str) -> dict[str, shapely.Geometry]:
    """Return the shapes of an object by code, decoded by the published rules of TopoJSON."""
    scale, shift = topology()["transform"]["scale"], topology()["transform"]["translate"]
    arcs = [np.cumsum(arc, axis=0) * scale + shift for arc in topology()["arcs"]]

    def ring(numbers: list[int]) -> np.ndarray:
        parts = [arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers]
        for before, after in pairwise(parts):
            assert np.allclose(before[-1], after[0])
        return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])

    def polygon(rings: list[list[int]]) -> shapely.Polygon:
        return shapely.Polygon(ring(rings[0]), [ring(hole) for hole in rings[1:]])

    shapes = {}
    for geometry in topology()["objects"][name]["geometries"]:
        many = geometry["type"] == "MultiPolygon"
        polygons = [polygon(rings) for rings in (geometry["arcs"] if many else [geometry["arcs"]])]
        shapes[geometry["properties"]["id"]] = shapely.MultiPolygon(polygons)
    return shapes


def test_the_geometry_file_is_named_by_its_content_and_small() -> None:
    (name,) = json.loads((STATIC / "index.json").read_text(encoding="utf-8")).values()
    content = (STATIC / name).read_bytes()
    assert name == f"{sha256(content).hexdigest()[:16]}.json"
    assert len(content) <= 130_000
    assert {path.name for path in STATIC.glob("*.json")} == {name, "index.json"}


@pytest.mark.parametrize(
    ("name", "level"), [("counties", AdminLevel.COUNTY), ("prefectures", AdminLevel.PREFECTURE)]
)
def test_simplified_shapes_stay_close_to_the_boundaries(name: str, level: AdminLevel) -> None:
    full = read_boundaries(level).set_index("adcode").geometry
    found = decoded(name)
    assert set(found) == set(full.index)
    for code, shape in found.items():
        assert shapely.is_valid(shape), code
        common = shapely.intersection(shape, full[code]).area
        assert common / shapely.union(shape, full[code]).area > 0.97, code


def test_simplified_neighbours_share_their_edges() -> None:
    snapped = shapely.set_precision(list(decoded("counties").values()), 1e-9)
    assert shapely.coverage_is_valid(snapped)
    objects = topology()["objects"]

    def arcs_of(name: str) -> set[int]:
        text = json.dumps([geometry["arcs"] for geometry in objects[name]["geometries"]])
        return {n if n >= 0 else ~n for n in map(int, re.findall(r"-?\d+", text))}

    assert arcs_of("prefectures") < arcs_of("counties")


def test_every_shape_says_its_names_its_parent_its_seat_and_where_a_label_fits() -> None:
    places = table("divisions").set_index("adcode")
    seats = table("county_seats").set_index("adcode")
    for name in ("counties", "prefectures"):
        for geometry in topology()["objects"][name]["geometries"]:
            told = geometry["properties"]
            place = places.loc[told["id"]]
            assert [told["zh"], told["short"], told["en"], told["parent"]] == [
                place["name_zh"], place["short_zh"], place["name_en"], place["parent_adcode"],
            ]  # fmt: skip
            seat = seats.loc[place["seat_adcode"]]
            lon, lat = told["seat"]
            assert float(geodesic_km(lon, lat, seat["lon"], seat["lat"])) < 0.02
            assert shapely.contains_xy(decoded(name)[told["id"]], *told["label"])
