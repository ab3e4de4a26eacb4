"""Exported files: nothing in them runs, breaks or is lost, and they say what they are."""

import csv
import dataclasses
import hashlib
import io
import json
import math
import re
import zipfile
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map import export, i18n
from network_map.errors import QueryError
from network_map.export import Bundle
from network_map.tables import Column, ColumnType, Table

PLACES = Table(
    "places", "地点", "Places",
    (
        Column("place_id", ColumnType.TEXT, "编号", "Id"),
        Column("place_name", ColumnType.TEXT, "名称", "Name"),
        Column("adcode", ColumnType.ADCODE, "行政区划代码", "Division code"),
        Column("status", ColumnType.CODE, "状态", "Status", codes=("built", "planned")),
        Column("change_km", ColumnType.NUMBER, "变化", "Change", unit="km"),
        Column("year", ColumnType.INTEGER, "年份", "Year"),
        Column("is_open", ColumnType.BOOLEAN, "开放", "Open"),
        Column("lon", ColumnType.NUMBER, "经度", "Longitude", unit="degrees"),
        Column("lat", ColumnType.NUMBER, "纬度", "Latitude", unit="degrees"),
    ),
    key=("place_id",),
)  # fmt: skip

NASTY = [
    '=HYPERLINK("http://x.example","a")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1",
    "＝1", "\ufeff=1", "<script>alert(1)</script>", "a\x00b\x07c", "_x0041_", "甲\r\n乙",
    "http://x.example", "0012", "\ud800", "第一\u2028行", '"引号",逗号', "😀",
]  # fmt: skip


def frame(names: list[str]) -> pd.DataFrame:
    count = len(names)
    return pd.DataFrame(
        {
            "place_id": [f"p{number}" for number in range(count)],
            "place_name": pd.Series(names, dtype="object"),
            "adcode": ["530102"] * count,
            "status": ["built", *["planned"] * (count - 1)][:count],
            "change_km": [-1.5, *[math.nan] * (count - 1)][:count],
            "year": pd.array([2018, *[None] * (count - 1)][:count], dtype="Int64"),
            "is_open": pd.array([True, *[None] * (count - 1)][:count], dtype="boolean"),
            "lon": [102.712345678, *[math.nan] * (count - 1)][:count],
            "lat": [25.04, *[math.nan] * (count - 1)][:count],
        }
    )


def bundle(names: list[str], *, language: str = "zh", is_demo: bool = False) -> Bundle:
    return Bundle(
        table=frame(names),
        declaration=PLACES,
        title="地点 & 名单",
        language=language,
        filters=(("州(市)", "=昭通市"),),
        method_notes=("一句说明",),
        sources=("某文件",),
        dataset_label="演示数据" if is_demo else "公开数据",
        is_demo=is_demo,
        file_stem="地点/昭通:市",
        points=("lon", "lat"),
        words={"status": {"built": "已建", "planned": "在建"}},
        created_from={"nodes.csv": "ab" * 32},
        map_document=lambda: "<!DOCTYPE html><html><body><div></div></body></html>",
    )


def csv_rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def sheet_xml(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        names = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
        return "".join(book.read(name).decode() for name in names)


def workbook(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def test_a_csv_file_has_a_byte_order_mark_crlf_and_headings_in_its_language() -> None:
    data = export.csv_bytes(bundle(["甲"]))
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == data.count(b"\n") == 2
    assert csv_rows(data)[0][:5] == ["编号", "名称", "行政区划代码", "状态", "变化(公里)"]
    assert csv_rows(export.csv_bytes(bundle(["甲"], language="en")))[0][4] == "Change (km)"


def test_a_csv_cell_that_would_run_gets_an_apostrophe_and_a_negative_number_stays_one() -> None:
    rows = csv_rows(export.csv_bytes(bundle(NASTY)))
    names = [row[1] for row in rows[1:]]
    for found, name in zip(names, NASTY, strict=True):
        runs = re.match(r"[\s\ufeff]*[=+\-@＝]|[\t\r\n]", name) is not None
        assert found.startswith("'") == runs, name
    assert rows[1][4:7] == ["-1.5", "2018", "是"]
    assert rows[2][4:7] == ["", "", ""]


def test_every_row_of_the_demonstration_says_so_in_its_last_cell() -> None:
    for language, heading, mark in [
        ("zh", "数据性质", "演示数据"), ("en", "Nature of the data", "Demonstration data"),
    ]:  # fmt: skip
        rows = csv_rows(export.csv_bytes(bundle(["甲", "乙"], language=language, is_demo=True)))
        assert [row[-1] for row in rows] == [heading, mark, mark]
    assert "演示" not in export.csv_bytes(bundle(["甲"])).decode()


def test_a_workbook_has_four_sheets_no_formula_no_link_and_text_codes() -> None:
    data = export.xlsx_bytes(bundle(NASTY))
    book = workbook(data)
    assert book.sheetnames == ["数据", "筛选条件", "口径说明", "来源"]
    assert "<f>" not in sheet_xml(data)
    assert "<f " not in sheet_xml(data)
    assert "hyperlink" not in sheet_xml(data)
    for sheet in book:
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    codes = [row[2] for row in book["数据"].iter_rows(min_row=2)]
    assert {(code.value, code.data_type, code.number_format) for code in codes} == {
        ("530102", "s", "@")
    }
    assert [cell.value for cell in book["数据"][2]][3:7] == ["已建", -1.5, 2018, "是"]
    assert book["筛选条件"]["B5"].value == "=昭通市"
    assert "ab" * 32 in str(book["来源"]["B3"].value)


def test_text_comes_out_of_a_workbook_as_it_went_in_but_for_what_no_workbook_holds() -> None:
    cells = workbook(export.xlsx_bytes(bundle(NASTY)))["数据"]
    found = [row[1].value for row in cells.iter_rows(min_row=2)]
    expected = [
        re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800]", "\ufffd", name.replace("\r\n", "\n"))
        .replace("\r", "\n")
        for name in NASTY
    ]  # fmt: skip
    assert [str(name).replace("_x005F_", "_") for name in found] == expected


def test_a_cell_longer_than_a_workbook_holds_is_cut_and_the_method_sheet_counts_it() -> None:
    long = "😀" * 20_000
    book = workbook(export.xlsx_bytes(bundle([long, "乙"])))
    cell = str(book["数据"]["B2"].value)
    assert cell.endswith("…(已截断)")
    assert 32_765 <= len(cell.encode("utf-16-le")) // 2 <= 32_767
    notes = [str(row[1].value) for row in book["口径说明"].iter_rows(min_row=2)]
    assert any("1 个单元格" in note for note in notes)
    assert long in export.csv_bytes(bundle([long])).decode()


def test_the_demonstration_has_a_banner_on_every_sheet_and_in_every_printed_header() -> None:
    book = workbook(export.xlsx_bytes(bundle(["甲"], is_demo=True)))
    for sheet in book:
        assert "演示数据" in str(sheet["A1"].value)
        assert sheet.oddHeader is not None
        assert "演示数据" in str(sheet.oddHeader.center.text)
    data = book["数据"]
    assert [data.cell(2, 10).value, data.cell(3, 10).value] == ["数据性质", "演示数据"]
    assert data.freeze_panes == "A3"
    assert data.auto_filter.ref == "A2:J3"


def test_a_sheet_has_frozen_headings_a_filter_and_columns_wide_enough_for_chinese() -> None:
    sheet = workbook(export.xlsx_bytes(bundle(["云南省科技成果转化示范县" * 2])))["数据"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:I2"
    assert sheet.column_dimensions["B"].width > 48
    assert sheet["H2"].number_format == "0.000000"


def test_more_rows_than_a_sheet_holds_are_refused_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("network_map.export.xlsx_file.MOST_ROWS", 1)
    with pytest.raises(QueryError) as caught:
        export.xlsx_bytes(bundle(["甲", "乙"]))
    assert "2" in i18n.error_text(caught.value, "zh")


def is_anticlockwise(ring: list[list[float]]) -> bool:
    return sum((b[0] - a[0]) * (b[1] + a[1]) for a, b in pairwise(ring)) < 0


def check_rfc_7946(collection: dict[str, Any]) -> None:
    """Hold a collection against the rules of RFC 7946 that a writer can break."""
    assert collection["type"] == "FeatureCollection"
    assert not {"crs", "coordinates", "geometries", "geometry", "properties"} & set(collection)
    for feature in collection["features"]:
        assert feature["type"] == "Feature"
        assert isinstance(feature["properties"], dict)
        assert "features" not in feature
        geometry = feature["geometry"]
        if geometry is None:
            continue
        assert set(geometry) == {"type", "coordinates"}
        if geometry["type"] == "Point":
            lon, lat = geometry["coordinates"]
            assert -180 <= lon <= 180
            assert -90 <= lat <= 90
        else:
            parts = geometry["coordinates"]
            for polygon in parts if geometry["type"] == "MultiPolygon" else [parts]:
                for number, ring in enumerate(polygon):
                    assert len(ring) >= 4
                    assert ring[0] == ring[-1]
                    assert is_anticlockwise(ring) == (number == 0)


def test_geojson_keeps_to_rfc_7946_and_a_row_without_a_place_is_kept() -> None:
    data = export.geojson_bytes(bundle(["甲", "<script>", "=1"], is_demo=True))
    collection = json.loads(data)
    check_rfc_7946(collection)
    assert [f["geometry"] is None for f in collection["features"]] == [False, True, True]
    assert collection["features"][0]["geometry"]["coordinates"] == [102.7123457, 25.04]
    assert collection["features"][0]["id"] == "p0"
    assert collection["features"][0]["properties"]["status"] == "built"
    assert collection["features"][1]["properties"]["place_name"] == "<script>"
    assert collection["features"][2]["properties"]["place_name"] == "=1"
    assert {f["properties"]["data_nature"] for f in collection["features"]} == {"演示数据"}
    assert collection["is_demo"] is True
    assert collection["filters"] == [{"label": "州(市)", "value": "=昭通市"}]
    read = gpd.read_file(io.BytesIO(data))
    assert list(read["adcode"]) == ["530102"] * 3
    assert read.geometry.notna().sum() == 1


def test_polygons_are_turned_to_the_right_hand_and_another_system_is_refused() -> None:
    clockwise = shapely.Polygon(
        [(100, 25), (100, 26), (101, 26), (101, 25)],
        [[(100.2, 25.2), (100.4, 25.2), (100.4, 25.4), (100.2, 25.4)]],
    )
    shapes = Table("shapes", "面", "Shapes", PLACES.columns[:1], ("place_id",), has_geometry=True)
    table = gpd.GeoDataFrame(
        {"place_id": ["a", "b"]}, geometry=[shapely.MultiPolygon([clockwise]), None], crs=4490
    )
    made = Bundle(table=table, declaration=shapes, title="面", language="zh")
    collection = json.loads(export.geojson_bytes(made))
    check_rfc_7946(collection)
    assert collection["features"][1]["geometry"] is None
    with pytest.raises(ValueError, match="EPSG"):
        export.geojson_bytes(dataclasses.replace(made, table=table.to_crs(3857)))


def test_a_table_without_places_cannot_become_geojson() -> None:
    with pytest.raises(QueryError):
        export.geojson_bytes(dataclasses.replace(bundle(["甲"]), points=None))


def test_the_slip_names_filters_inputs_and_the_hash_of_the_data_file() -> None:
    made = bundle(["甲", "乙"])
    slip = json.loads(export.meta_bytes(made))
    assert slip["row_count"] == 2
    assert slip["created_from"] == {"nodes.csv": "ab" * 32}
    data = export.csv_bytes(made)
    assert slip["data_files"] == [
        {
            "name": "地点_昭通_市.csv",
            "bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
        }
    ]
    other = json.loads(export.meta_bytes(made, {"b.xlsx": b"1", "a.geojson": b"2"}))
    assert [file["name"] for file in other["data_files"]] == ["a.geojson", "b.xlsx"]


@pytest.mark.parametrize("format_name", [*export.FORMATS])
def test_the_same_bundle_gives_the_same_bytes_in_every_format(format_name: str) -> None:
    first = export.file_bytes(bundle(NASTY, is_demo=True), format_name)
    assert first == export.file_bytes(bundle(NASTY, is_demo=True), format_name)
    assert export.file_name(bundle([]), format_name).endswith(f".{format_name}")
    assert format_name in export.MEDIA_TYPES


@pytest.mark.parametrize("format_name", [*export.FORMATS])
def test_an_empty_table_makes_a_file_with_headings(format_name: str) -> None:
    assert export.file_bytes(bundle([]), format_name)


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(QueryError) as caught:
        export.file_bytes(bundle([]), "pdf")
    assert "pdf" in i18n.error_text(caught.value, "en")


def test_a_bundle_without_a_declared_column_is_refused() -> None:
    with pytest.raises(ValueError, match="year"):
        dataclasses.replace(bundle(["甲"]), table=frame(["甲"]).drop(columns="year"))


@pytest.mark.law
@settings(deadline=None, derandomize=True, max_examples=60)
@given(name=st.text(st.characters(exclude_categories=()), max_size=12))
def test_whatever_a_name_holds_every_format_can_be_read_back_and_nothing_runs(name: str) -> None:
    made = bundle([name or "x"])
    rows = csv_rows(export.csv_bytes(made))
    assert len(rows) == 2
    assert rows[1][1].lstrip()[:1] not in {*"=+-@"}
    feature = json.loads(export.geojson_bytes(made))["features"][0]
    cell = workbook(export.xlsx_bytes(made))["数据"]["B2"]
    assert cell.data_type != "f"
    assert rows[1][1].removeprefix("'") == feature["properties"]["place_name"].removeprefix("'")


def test_numpy_and_pandas_scalars_are_written_as_plain_numbers() -> None:
    made = bundle(["甲"])
    table = made.table.assign(change_km=np.array([np.float32(2.5)]), is_open=np.array([np.False_]))
    row = csv_rows(export.csv_bytes(dataclasses.replace(made, table=table)))[1]
    assert (row[4], row[6]) == ("2.5", "否")
