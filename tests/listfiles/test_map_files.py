"""A list in a map file is a table with points: GeoJSON, GeoPackage, zipped Shapefile."""

import io
import json
import sqlite3
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest

from network_map.errors import FileFormatError
from network_map.i18n import error_text
from network_map.listfiles.map_files import layer_as_csv, map_layers
from network_map.nodes.importing.preview import (
    NodeListOptions,
    NodeListPreview,
    NodeListReference,
    preview_nodes,
)

PLACES = {"盘龙区": (102.752, 25.116), "镇雄县": (104.873, 27.441), "腾冲市": (98.491, 25.021)}


def frame(crs: int = 4490) -> gpd.GeoDataFrame:
    names = [f"{place}科技成果转化中心" for place in PLACES]
    lons, lats = zip(*PLACES.values(), strict=True)
    found = gpd.GeoDataFrame(
        {"名称": names, "类型": "县域中心", "县区": list(PLACES)},
        geometry=gpd.points_from_xy(lons, lats), crs=4490,
    )  # fmt: skip
    return found.to_crs(crs)


def geojson(crs: int = 4490) -> bytes:
    members = json.loads(frame(crs).to_json(drop_id=True))
    members["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{crs}"}}
    return json.dumps(members, ensure_ascii=False).encode()


def gpkg(folder: Path, crs: int = 4490, *more: str) -> bytes:
    path = folder / "a.gpkg"
    frame(crs).iloc[:0].drop(columns=["类型"]).to_file(path, layer="空", driver="GPKG")
    for name in more:
        other = gpd.GeoDataFrame({"road": ["G56"]}, geometry=frame().geometry[:1], crs=4490)
        other.to_file(path, layer=name, driver="GPKG")
    frame(crs).to_file(path, layer="节点", driver="GPKG")
    return path.read_bytes()


def gpkg_in_gbk(folder: Path) -> bytes:
    """As programs write it that take the code page of the computer for the text of every cell."""
    with sqlite3.connect(":memory:") as base:
        base.deserialize(gpkg(folder))
        triggers = base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:  # they ask for functions that only GIS programs have
            base.execute(f'DROP TRIGGER "{name}"')
        for column in ("名称", "类型", "县区"):
            cells = base.execute(f'SELECT fid, "{column}" FROM "节点"').fetchall()  # noqa: S608 -- ours
            base.executemany(
                f'UPDATE "节点" SET "{column}" = CAST(? AS TEXT) WHERE fid = ?',  # noqa: S608 -- ours
                [(text.encode("gbk"), fid) for fid, text in cells],
            )
        base.commit()
        return base.serialize()


def shapefile(folder: Path, crs: int = 4490, encoding: str = "GBK", *, cpg: bool = False) -> bytes:
    frame(crs).to_file(folder / "节点.shp", driver="ESRI Shapefile", encoding=encoding)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.glob("节点.*")):
            if path.suffix != ".cpg" or cpg:
                content = path.read_bytes()
                if path.suffix == ".dbf" and not cpg:
                    content = content[:29] + b"\0" + content[30:]  # says no code page either
                archive.writestr(f"数据/{path.name}", content)
    return stream.getvalue()


def taken(
    reference: NodeListReference, content: bytes, options: NodeListOptions | None = None
) -> NodeListPreview:
    found = preview_nodes(content, "节点", reference, options)
    assert found.open_problems == ()
    points = found.nodes.set_index("node_name")
    for place, point in PLACES.items():
        row = points.loc[f"{place}科技成果转化中心"]
        assert (row["lon"], row["lat"]) == pytest.approx(point, abs=2e-6)
        assert row["location_origin"] == "given"
    assert len(points) == len(PLACES)
    return found


@pytest.mark.parametrize("crs", [4490, 4326, 4543, 3857])
def test_geojson_is_read_in_any_system(reference: NodeListReference, crs: int) -> None:
    taken(reference, geojson(crs))


@pytest.mark.parametrize("crs", [4490, 4522])
def test_a_geopackage_is_read_and_the_layer_of_the_list_is_taken(
    reference: NodeListReference, tmp_path: Path, crs: int
) -> None:
    found = taken(reference, gpkg(tmp_path, crs, "道路"))
    (note,) = [problem for problem in found.problems if problem.code == "sheet_chosen"]
    assert (note.values["sheet"], note.values["others"]) == ("节点", "道路")
    with pytest.raises(FileFormatError):
        taken(reference, gpkg(tmp_path, crs), NodeListOptions(sheet="不在"))


def test_a_geopackage_whose_cells_are_gbk_is_read(
    reference: NodeListReference, tmp_path: Path
) -> None:
    taken(reference, gpkg_in_gbk(tmp_path))


@pytest.mark.parametrize(
    ("encoding", "cpg"), [("GBK", False), ("UTF-8", False), ("UTF-8", True), ("GBK", True)]
)
def test_a_zipped_shapefile_is_read_whatever_it_says_of_its_encoding(
    reference: NodeListReference, tmp_path: Path, encoding: str, *, cpg: bool
) -> None:
    taken(reference, shapefile(tmp_path, encoding=encoding, cpg=cpg))


def test_a_shapefile_in_metres_is_read(reference: NodeListReference, tmp_path: Path) -> None:
    taken(reference, shapefile(tmp_path, 4543))


def test_geojson_in_lines_is_read(reference: NodeListReference) -> None:
    features = json.loads(geojson())["features"]
    lines = "\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    taken(reference, lines.encode())


@pytest.mark.parametrize(("moved", "is_asked"), [(0.0, False), (0.0004, False), (0.01, True)])
@pytest.mark.parametrize("names", [("经度", "纬度"), ("lng", "lat")])
def test_attributes_that_give_another_point_are_asked_about(
    reference: NodeListReference,
    names: tuple[str, str],
    moved: float,
    is_asked: bool,  # noqa: FBT001 - a case
) -> None:
    members = json.loads(geojson())
    for feature in members["features"]:
        lon, lat = feature["geometry"]["coordinates"]
        feature["properties"] |= {names[0]: f"{lon + moved:.5f}", names[1]: f"{lat:.5f}"}
    content = json.dumps(members, ensure_ascii=False).encode()
    found = preview_nodes(content, "节点", reference)
    codes = {problem.code for problem in found.open_problems}
    assert codes == ({"headers_repeated"} if is_asked else set())


def test_a_number_that_lost_digits_stays_recognisable(tmp_path: Path) -> None:
    ids = [2.02453e15, 2024530102000001, 12.0]
    rounded = gpd.GeoDataFrame(
        {"合同编号": ids}, geometry=gpd.points_from_xy([102.7] * 3, [25.0] * 3), crs=4490
    )
    rounded.to_file(tmp_path / "a.gpkg", driver="GPKG")
    for content in (rounded.to_json().encode(), (tmp_path / "a.gpkg").read_bytes()):
        (layer,) = map_layers(content)
        first = [line.split(",")[0] for line in layer_as_csv(layer).decode().splitlines()[1:]]
        assert first == ["2.02453e+15", "2024530102000001", "12"]


def test_an_area_is_a_point_on_it_and_a_feature_without_place_has_its_seat(
    reference: NodeListReference,
) -> None:
    members = json.loads(geojson())
    lon, lat = PLACES["盘龙区"]
    ring = [[lon - 0.01, lat - 0.01], [lon + 0.01, lat - 0.01], [lon, lat + 0.02],
            [lon - 0.01, lat - 0.01]]  # fmt: skip
    members["features"][0]["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    members["features"][1]["geometry"] = None
    found = preview_nodes(json.dumps(members).encode(), "节点", reference)
    assert found.open_problems == ()
    assert list(found.nodes["location_origin"]) == ["given", "county_seat", "given"]
    assert found.nodes["lon"].iloc[0] == pytest.approx(lon, abs=0.01)


@pytest.mark.parametrize("cut", [40, 90, 300, 700])
def test_a_map_file_that_is_cut_off_is_a_sentence(
    reference: NodeListReference, tmp_path: Path, cut: int
) -> None:
    for content in (geojson()[:-cut], gpkg(tmp_path)[: 4096 + cut], shapefile(tmp_path)[:-cut]):
        with pytest.raises(FileFormatError) as refused:
            preview_nodes(content, "节点", reference)
        assert error_text(refused.value, "zh")
