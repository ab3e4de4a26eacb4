"""Lists in map files: GeoJSON, GeoPackage and zipped Shapefiles, as tables with two coordinates.

A map file comes from outside: it is read with limits, by its published layout, and nothing in it
runs. One layer is one table: its attributes, then longitude and latitude of each point in CGCS2000;
of an area or a line a point on it.

Layouts: RFC 7946; OGC 12-128r18 (GeoPackage); ESRI Shapefile Technical Description (1998).

Run as a program, started by :mod:`network_map.listfiles.guarded` in a process with limits, it
reads a map file from standard input and writes its layers as tables, a line of JSON: what is in
such a file goes to libraries that a damaged one may abort.
"""

import csv
import io
import json
import re
import sqlite3
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from typing import Any

import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from network_map.crs import projected_to_cgcs2000
from network_map.errors import FileFormatError
from network_map.listfiles.cells import degrees as found_degrees
from network_map.listfiles.guarded import map_kind
from network_map.listfiles.workbook_process import cell_text, limit_memory, write_line

LON_HEADER, LAT_HEADER = "经度", "纬度"
_IS_COORDINATE = re.compile(r"经度|纬度|经纬度|lon|lng|lat|longitude|latitude", re.IGNORECASE)
_IS_LON = re.compile(r"经度|lon|lng|longitude", re.IGNORECASE)
_IS_LAT = re.compile(r"纬度|lat|latitude", re.IGNORECASE)
_SAME_DEGREES = 1e-3
_MOST_VALUES = 2_000_000
_MOST_FEATURES = 50_001
_MOST_UNPACKED = 100_000_000
_MOST_COLUMNS, _LONGEST_VALUE = 300, 1_000_000
_MOST_STEPS, _STEPS_PER_LOOK = 200, 1_000_000
_ENVELOPES = {0: 8, 1: 40, 2: 56, 3: 56, 4: 72}
_POINTS, _AREAS = {1, 11, 21}, {3, 5, 8, 13, 15, 18, 23, 25, 28}
_CODE_PAGES = {0x4D: "gbk", 0x4F: "cp950", 0x57: "", 0x00: ""}
_MOSTLY = 0.8
_CHINESE = {"936", "cp936", "gb2312", "gbk", "gb18030", "ansi 936", "chinese"}

Point = tuple[float, float] | None
Row = Mapping[str, object]


@dataclass(frozen=True)
class MapLayer:
    """One layer of a map file: attributes and point of each feature."""

    name: str
    rows: Sequence[Row]
    points: Sequence[Point]

    @property
    def headers(self) -> list[str]:
        """The names of the attributes, in the order in which they first stand."""
        return list(dict.fromkeys(name for row in self.rows for name in row))


def map_layers(content: bytes) -> list[MapLayer]:
    """Return the layers of a map file that hold a feature.

    Raises
    ------
    FileFormatError
        If it cannot be read, or holds no feature.
    """
    kind = str(map_kind(content))
    read = {"GeoJSON": _geojson, "Shapefile": _shapefiles}.get(kind, _geopackage)
    try:
        layers = [layer for layer in read(content) if layer.rows]
    except (*_DAMAGED, RecursionError) as error:
        raise FileFormatError("file_not_a_list", found=kind) from error
    if not layers:
        raise FileFormatError("file_not_a_list", found=kind)
    return layers


_DAMAGED = (
    ValueError, KeyError, IndexError, TypeError, AttributeError, struct.error, sqlite3.Error,
    zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError,
    OverflowError, LookupError, shapely.errors.ShapelyError,
)  # fmt: skip


def layer_as_csv(layer: MapLayer) -> bytes:
    """Return a layer as a table in UTF-8: a row for each feature, its point in two columns."""
    headers = layer.headers
    given = [header for header in headers if _IS_COORDINATE.fullmatch(header.strip())]
    of_points = _headers_of_points(layer, given)
    is_placed = any(point is not None for point in layer.points) and bool(of_points)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*map(_text, headers), *(of_points if is_placed else ())])
    for row, point in zip(layer.rows, layer.points, strict=True):
        place = ["", ""] if point is None else [f"{number:.7f}" for number in point]
        writer.writerow([*(_text(row.get(h)) for h in headers), *(place if is_placed else ())])
    return stream.getvalue().encode("utf-8", "replace")


def _headers_of_points(layer: MapLayer, given: Sequence[str]) -> Sequence[str]:
    """Return the headers of the points' columns, none where the attributes give the same points.

    Where the two differ, the points stand under the headers of the attributes once more, so that
    a person is asked which are right.
    """
    if not given:
        return (LON_HEADER, LAT_HEADER)
    lon = next((header for header in given if _IS_LON.fullmatch(header.strip())), None)
    lat = next((header for header in given if _IS_LAT.fullmatch(header.strip())), None)
    if lon is None or lat is None:
        return ()
    is_same = all(
        point is None or (_is_near(row.get(lon), point[0]) and _is_near(row.get(lat), point[1]))
        for row, point in zip(layer.rows, layer.points, strict=True)
    )
    return () if is_same else (lon, lat)


def _is_near(value: object, number: float) -> bool:
    """Return whether an attribute is a coordinate to 100 m or so, or no number of degrees."""
    degrees = found_degrees(_text(value))
    return degrees is None or abs(degrees - number) < _SAME_DEGREES


def _text(value: object) -> str:
    if value is None or isinstance(value, bytes):
        return ""
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    return " ".join(cell_text(value).split())


def _in_degrees(points: Sequence[Point], system: str | int | None) -> list[Point]:
    """Return points of a system in CGCS2000; as they are where the system is not known."""
    try:
        is_plane = system is not None and CRS.from_user_input(system).is_projected
    except CRSError:
        is_plane = False
    if not is_plane or system is None:
        return list(points)
    turned: list[Point] = []
    for point in points:
        if point is None:
            turned.append(None)
            continue
        lon, lat = map(float, projected_to_cgcs2000(*point, system))
        turned.append((lon, lat) if isfinite(lon) and isfinite(lat) else None)
    return turned


def _on_shape(shape: shapely.Geometry | None) -> Point:
    if shape is None or shape.is_empty:
        return None
    point = shape if shape.geom_type == "Point" else shape.representative_point()
    return (point.x, point.y) if isfinite(point.x) and isfinite(point.y) else None


# --- GeoJSON --------------------------------------------------------------------------------------


def _geojson(content: bytes) -> list[MapLayer]:
    if sum(content.count(mark) for mark in (b",", b"[", b"{")) > _MOST_VALUES:
        raise FileFormatError("file_rows_too_many", found=f">{_MOST_FEATURES}", limit=50_000)
    found = _parsed(content.decode("utf-8-sig"))
    features = [found] if found["type"] == "Feature" else found["features"]
    system = re.search(r"EPSG:{1,2}(\d+)", json.dumps(found.get("crs") or ""))
    rows = [
        {str(name): value for name, value in (feature.get("properties") or {}).items()}
        for feature in features
    ]
    points = [_of_geojson(feature.get("geometry")) for feature in features]
    name = str(found.get("name") or "GeoJSON")
    return [MapLayer(name, rows, _in_degrees(points, int(system[1]) if system else None))]


def _parsed(text: str) -> dict[str, Any]:
    """Return what a text of GeoJSON says, also with one feature in each line."""
    try:
        whole: dict[str, Any] = json.loads(text)
    except ValueError:
        lines = [line.strip("\x1e \r") for line in text.split("\n")]
        return {"type": "FeatureCollection", "features": [json.loads(n) for n in lines if n]}
    return whole


def _of_geojson(geometry: object) -> Point:
    return None if geometry is None else _on_shape(shapely.from_geojson(json.dumps(geometry)))


# --- GeoPackage -----------------------------------------------------------------------------------


def _geopackage(content: bytes) -> list[MapLayer]:
    looks = iter(range(_MOST_STEPS))
    with closing(sqlite3.connect(":memory:")) as base:
        base.set_progress_handler(lambda: next(looks, None) is None, _STEPS_PER_LOOK)
        base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
        base.deserialize(content)
        for pragma in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON"):
            base.execute(f"PRAGMA {pragma}")
        names = base.execute(
            "SELECT c.table_name, g.column_name, s.organization_coordsys_id FROM gpkg_contents c "
            "LEFT JOIN gpkg_geometry_columns g ON g.table_name = c.table_name "
            "LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id "
            "JOIN sqlite_master m ON m.name = c.table_name AND m.type = 'table' "
            "AND upper(m.sql) NOT LIKE 'CREATE VIRTUAL%' ORDER BY c.rowid"
        ).fetchall()
        return [_gpkg_layer(base, *entry) for entry in islice(names, 50)]


def _gpkg_layer(
    base: sqlite3.Connection, name: str, geometry: str | None, srs: int | None
) -> MapLayer:
    quoted = name.replace('"', '""')
    base.text_factory = str
    columns = base.execute(f'PRAGMA table_xinfo("{quoted}")').fetchall()
    if len(columns) > _MOST_COLUMNS or any(hidden for *_, hidden in columns):
        raise FileFormatError("file_columns_too_many", found=len(columns), limit=_MOST_COLUMNS)
    ids = {column[1] for column in columns if column[5]}
    base.text_factory = _RawText
    cursor = base.execute(f'SELECT * FROM "{quoted}" LIMIT {_MOST_FEATURES}')  # noqa: S608 -- quoted
    headers = [column[0] for column in cursor.description]
    rows, points = [], []
    for cells in _read_texts(list(cursor)):
        found = dict(zip(headers, cells, strict=True))
        blob = found.pop(geometry, None) if geometry else None
        points.append(_of_blob(blob) if isinstance(blob, bytes) else None)
        rows.append({str(key): value for key, value in found.items() if key not in ids})
    return MapLayer(name, rows, _in_degrees(points, srs if srs and srs > 0 else None))


class _RawText(bytes):
    """A text of a database before its encoding is known."""


def _read_texts(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Return the rows with their texts: UTF-8, as the standard has it, or all of them GBK.

    Programs that take the code page of the computer write GBK; a table is of one encoding.
    """
    texts = {cell for row in rows for cell in row if isinstance(cell, _RawText)}
    try:
        read = {text: text.decode() for text in texts}
    except UnicodeDecodeError:
        read = {text: text.decode("gb18030") for text in texts}
    return [
        tuple(read[cell] if isinstance(cell, _RawText) else cell for cell in row) for row in rows
    ]


def _of_blob(blob: bytes) -> Point:
    header = _ENVELOPES.get((blob[3] & 0b1110) >> 1, 8) if blob[:2] == b"GP" else 0
    return _on_shape(shapely.from_wkb(blob[header:]))


# --- Shapefile ------------------------------------------------------------------------------------


def _shapefiles(content: bytes) -> list[MapLayer]:
    parts: dict[str, bytes] = {}
    left = _MOST_UNPACKED
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            stem, _, ending = entry.filename.rpartition(".")
            if ending.lower() not in {"shp", "dbf", "prj", "cpg"} or "__MACOSX" in stem:
                continue
            if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                raise NotImplementedError
            with archive.open(entry) as part:
                data = part.read(left + 1)
            left -= len(data)
            if left < 0:
                limit = f"{_MOST_UNPACKED / 1e6:,.0f}"
                raise FileFormatError(
                    "file_unpacks_too_large", found_mb=f">{limit}", limit_mb=limit
                )
            parts[f"{stem}.{ending.lower()}"] = data
    stems = [name.removesuffix(".shp") for name in parts if name.endswith(".shp")]
    return [_shapefile(stem, parts) for stem in stems if f"{stem}.dbf" in parts]


def _shapefile(stem: str, parts: Mapping[str, bytes]) -> MapLayer:
    page = parts.get(f"{stem}.cpg", b"").decode("ascii", "replace").strip()
    rows = _dbf(parts[f"{stem}.dbf"], page)
    points = list(islice(_shp(parts[f"{stem}.shp"]), _MOST_FEATURES))
    points += [None] * (len(rows) - len(points))
    system = parts.get(f"{stem}.prj", b"").decode("utf-8", "replace").strip() or None
    placed = _in_degrees(points[: len(rows)], system)
    kept = [(row, point) for row, point in zip(rows, placed, strict=True) if row is not None]
    return MapLayer(stem.rpartition("/")[2], [row for row, _ in kept], [point for _, point in kept])


def _shp(data: bytes) -> Iterator[Point]:
    place = 100
    while place + 12 <= len(data):
        (words,) = struct.unpack(">i", data[place + 4 : place + 8])
        (kind,) = struct.unpack("<i", data[place + 8 : place + 12])
        body = data[place + 12 : place + 8 + 2 * words]
        if words <= 0:
            raise ValueError(words)
        if kind in _POINTS:
            x, y = struct.unpack("<2d", body[:16])
            yield (x, y) if isfinite(x) and isfinite(y) else None
        elif kind in _AREAS:
            x0, y0, x1, y1 = struct.unpack("<4d", body[:32])
            yield (x0 + x1) / 2, (y0 + y1) / 2
        else:
            yield None
        place += 8 + 2 * words


def _dbf(data: bytes, page: str) -> list[Row | None]:
    """Return the records of a dBASE table; None for one that was deleted."""
    count, start, size = struct.unpack("<IHH", data[4:12])
    fields, place, offset = [], 32, 1
    while place + 32 <= start and data[place] != 0x0D:  # noqa: PLR2004 -- ends the list of fields
        name, length = data[place : place + 11].split(b"\0")[0], data[place + 16]
        fields.append((name, chr(data[place + 11]), offset, length))
        place, offset = place + 32, offset + length
    if not fields or size < offset or len(fields) > _MOST_COLUMNS:
        raise ValueError(size)
    records = [
        data[start + n * size : start + (n + 1) * size] for n in range(min(count, _MOST_FEATURES))
    ]
    encoding = _dbf_encoding(data, page, b"".join(name for name, *_ in fields) + data[start:])
    names = [name.decode(encoding, "replace") for name, *_ in fields]
    return [
        None if record[:1] == b"*" else {
            name: _dbf_value(record[offset : offset + length], kind, encoding)
            for name, (_, kind, offset, length) in zip(names, fields, strict=True)
        }
        for record in records if len(record) == size
    ]  # fmt: skip


def _dbf_value(cell: bytes, kind: str, encoding: str) -> str:
    text = cell.split(b"\0")[0].decode(encoding, "replace").strip()
    if kind == "D" and re.fullmatch(r"\d{8}", text):
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return "" if text and not text.strip("*") else text


def _dbf_encoding(data: bytes, page: str, texts: bytes) -> str:
    """Return the encoding of a table: as it says, else UTF-8 where all of it is, else GBK."""
    said = page.lower().removeprefix("oem ").strip()
    if said in _CHINESE or (not said and _CODE_PAGES.get(data[29], "") == "gbk"):
        return "gb18030"
    if said and said not in {"utf-8", "utf8", "65001"}:
        try:
            "".encode(said)
        except LookupError:
            return "gb18030"
        return said
    # A field ends where its length ends, also within a character.
    good = texts.decode("utf-8", "ignore").encode()
    found, there = (sum(byte >= 0x80 for byte in text) for text in (good, texts))  # noqa: PLR2004
    return "utf-8" if found >= _MOSTLY * there else "gb18030"


def _whole(text: str) -> str:
    """Return a text without halves of characters, which JSON may hold and no file can."""
    return text.encode("utf-8", "replace").decode()


def layers_of(content: bytes) -> dict[str, object]:
    """Return the layers of a map file as plain values, or why it is refused."""
    try:
        return {
            "layers": [
                {
                    "name": _whole(layer.name),
                    "headers": [_whole(header) for header in layer.headers],
                    "table": layer_as_csv(layer).decode(),
                }
                for layer in map_layers(content)
            ]
        }
    except FileFormatError as error:
        values = {name: str(value) for name, value in error.values.items()}
        return {"refused": error.code, "values": values}


def main() -> int:
    """Read, write, and say by the exit code whether that could be done."""
    limit_memory(int(sys.argv[1]))
    size = int(sys.stdin.buffer.readline())
    try:
        write_line(layers_of(sys.stdin.buffer.read(size)), sys.stdout.buffer)
    except MemoryError:
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
