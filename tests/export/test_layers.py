"""GeoPackage, HTML and the description in every file, read back by other programs."""

import dataclasses
import io
import json
import re
import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import pytest

from network_map import export
from network_map.errors import QueryError
from network_map.export import Bundle
from network_map.export.meta import META_PART
from network_map.nodes.dataset import Dataset
from network_map.nodes.presence import roll_of
from network_map.nodes.query import OverviewQuery
from network_map.nodes.report import county_bundle, nodes_bundle
from network_map.places.reference import Places


@pytest.fixture(scope="module")
def counties(places: Places, demo: Dataset) -> Bundle:
    query = OverviewQuery(prefecture_adcode="530600")
    return county_bundle(places, demo, roll_of(places, demo), query=query)


@pytest.fixture(scope="module")
def nodes(places: Places, demo: Dataset) -> Bundle:
    return nodes_bundle(demo, places, prefecture_adcode="530600")


def saved(folder: Path, data: bytes) -> Path:
    path = folder / "export.gpkg"
    path.write_bytes(data)
    return path


def test_a_geopackage_has_its_layers_in_cgcs2000_with_chinese_names(
    counties: Bundle, demo: Dataset, places: Places, tmp_path: Path
) -> None:
    path = saved(tmp_path, export.gpkg_bytes(counties))
    kinds = dict(pyogrio.list_layers(path).tolist())
    assert kinds == {
        "counties": "MultiPolygon", "nodes": "Point", "aliases": None, "network_map_meta": None,
    }  # fmt: skip
    areas = gpd.read_file(path, layer="counties")
    assert areas.crs.to_epsg() == 4490
    assert "镇雄县" in set(areas["county_name"])
    assert areas["adcode"].tolist() == counties.table["adcode"].tolist()
    assert areas.geometry.is_valid.all()
    assert areas["pop_2020"].tolist() == counties.table["pop_2020"].tolist()
    assert set(areas["data_nature"]) == {"演示数据"}
    points = gpd.read_file(path, layer="nodes")
    expected = demo.nodes[demo.nodes["prefecture_adcode"] == "530600"]
    assert points.crs.to_epsg() == 4490
    assert sorted(points["node_id"]) == sorted(expected["node_id"])
    assert points.geometry.notna().sum() == expected["lon"].notna().sum()
    assert set(points["data_nature"]) == {"演示数据"}
    assert len(pyogrio.read_dataframe(path, layer="aliases")) == len(places.division_aliases)


def test_the_rows_of_a_list_of_nodes_are_the_layer_nodes_beside_the_counties(
    nodes: Bundle, tmp_path: Path
) -> None:
    path = saved(tmp_path, export.gpkg_bytes(nodes))
    assert pyogrio.list_layers(path)[:, 0].tolist() == [
        "nodes", "counties", "aliases", "network_map_meta",
    ]  # fmt: skip
    points = gpd.read_file(path, layer="nodes")
    placed = points[points.geometry.notna()]
    assert placed.geometry.x.tolist() == placed["lon"].tolist()
    assert len(gpd.read_file(path, layer="counties")) == 11


def test_a_geopackage_has_no_time_of_writing_and_is_the_same_twice(nodes: Bundle) -> None:
    first, second = export.gpkg_bytes(nodes), export.gpkg_bytes(nodes)
    assert first == second
    assert export.read_export(first, "gpkg").grids == export.read_export(second, "gpkg").grids
    years = set(re.findall(rb"(20\d\d)-\d\d-\d\dT", first))
    assert years <= {b"2000"}


def test_a_list_without_rows_makes_a_geopackage_with_its_layer(
    nodes: Bundle, tmp_path: Path
) -> None:
    empty = dataclasses.replace(nodes, table=nodes.table.iloc[:0])
    path = saved(tmp_path, export.gpkg_bytes(empty))
    assert len(pyogrio.read_dataframe(path, layer="nodes")) == 0
    assert pyogrio.read_info(path, layer="nodes")["crs"] == "EPSG:4490"


def test_areas_of_counties_go_into_geojson(counties: Bundle) -> None:
    read = gpd.read_file(io.BytesIO(export.geojson_bytes(counties)))
    assert len(read) == 11
    assert set(read.geometry.geom_type) <= {"Polygon", "MultiPolygon"}


def test_a_bundle_without_places_or_map_offers_tables_only(nodes: Bundle) -> None:
    bare = dataclasses.replace(nodes, points=None, map_document=None, recipe=None)
    assert export.formats_of(bare) == ("csv", "xlsx")
    assert export.formats_of(nodes) == export.FORMATS
    for format_name in ("gpkg", "geojson", "html"):
        with pytest.raises(QueryError):
            export.file_bytes(bare, format_name)


def test_the_html_file_asks_for_nothing_and_says_what_it_is(nodes: Bundle) -> None:
    page = export.html_bytes(nodes).decode()
    assert page == export.html_bytes(nodes).decode()
    assert "default-src 'none'" in page
    assert "<script src" not in page
    outside = re.sub(r"(?s)<(script|style)>.*?</\1>", "", page)
    assert not re.search(r"""(?:src|href)=|https?://""", re.sub(r"(?s)<table.*", "", outside))
    assert nodes.demo_banner in page
    rows, *sentences = tables(page)
    assert [row[-1] for row in rows[1:]] == ["演示数据"] * len(nodes.table)
    assert rows[0] == export.csv_bytes(nodes).decode("utf-8-sig").split("\r\n")[0].split(",")
    assert any("驻地点" in cell for table in sentences for row in table for cell in row)


def tables(page: str) -> list[list[list[str]]]:
    grids = export.read_export(page.encode(), "html").grids[:4]
    return [[list(map(str, row)) for row in (grid.headings, *grid.rows)] for grid in grids]


def test_a_name_cannot_end_a_table_or_a_script_of_the_html_file(nodes: Bundle) -> None:
    name = "</td></script><script>alert(1)</script></section><!-- network-map -->"
    table = nodes.table.assign(node_name=name)
    page = export.html_bytes(dataclasses.replace(nodes, table=table, title=name)).decode()
    assert "<script>alert" not in page
    cells = tables(page)[0]
    assert {row[0] for row in cells[1:]} == {name}


def test_every_file_carries_the_same_description(nodes: Bundle) -> None:
    slip = json.loads(export.meta_bytes(nodes))
    for format_name in ("xlsx", "gpkg", "geojson", "html"):
        meta = export.read_export(export.file_bytes(nodes, format_name), format_name).meta
        assert meta is not None
        assert export.is_sealed(meta)
        own = {"body_sha256", "meta_sha256"}
        assert {k: v for k, v in meta.items() if k not in own} == {
            k: v for k, v in slip.items() if k not in {"data_files", "meta_sha256"}
        }
    assert slip["recipe"]["parameters"] == {"prefecture": "530600", "kinds": None}
    assert {"demo_nodes.csv", "divisions.csv"} <= set(slip["created_from"])
    assert slip["method_versions"] == {"node_list": 1}


def test_the_description_of_a_workbook_is_a_part_and_no_sheet(nodes: Bundle) -> None:
    data = export.xlsx_bytes(nodes)
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["数据", "筛选条件", "口径说明", "来源"]
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert META_PART in parts.namelist()
        assert META_PART in parts.read("xl/_rels/workbook.xml.rels").decode()
        assert {entry.date_time for entry in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_workbook_is_read_back_cell_by_cell_as_openpyxl_reads_it(nodes: Bundle) -> None:
    data = export.xlsx_bytes(nodes)
    *grids, banners = export.read_export(data, "xlsx").grids
    assert {row[0] for row in banners.rows} == {grid.name for grid in grids}
    for grid, sheet in zip(grids, openpyxl.load_workbook(io.BytesIO(data)), strict=True):
        rows = list(sheet.iter_rows(values_only=True))
        top = 1 if nodes.is_demo else 0
        assert list(grid.headings) == ["" if v is None else v for v in rows[top]]
        assert [list(row) for row in grid.rows] == [list(row) for row in rows[top + 1 :]]


@pytest.mark.parametrize("format_name", export.FORMATS)
def test_a_format_is_known_by_its_content(nodes: Bundle, format_name: str) -> None:
    assert export.format_of(export.file_bytes(nodes, format_name)) == format_name
