"""Files of every kind of list and format, damaged by chance: bytes, parts, cells, rows."""

import io
import random
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd

from tests.listfiles.every_list import CLEAN, Rows
from tests.written import BOOKS, FORMATS, Beside, Cell, Value, parquet

NASTY: Sequence[Value | Cell] = (
    "", " ", "\u3000", "合计", "注:", "=1+1", "#N/A", "<b>", '"', "'", "9" * 30, "1e999", "nan",
    "-1", "0", "1,234.5", "12.3万元", "2.02453E+15", "5.30102E+05", "大理", "⻢⻰区", "弥勒县",
    "2018.1", "43894", "45355.9995023", "2023-12-31T16:00:00Z", "2099-01-01", "\u200b", "\n", "\r",
    "√", "县域中心", "示范县", "县级中心", "530627", "539999", "未知", "有;无", "a@b.cn",
    "138" + "0" * 8, "x" * 300, "\ud7ff", "𠮷", "102.7", "25,102", -5, 0, 1e300, 43894, 0.125,
    45355.9995023, 2024530102000011, Cell(1.5, "0!.0,"), Cell(7, formula="=A1"),
    Cell(43894, "yyyy"),
)  # fmt: skip
"""Cells that people, programs and attackers write."""


def some_rows(chance: random.Random, what: str) -> Rows:
    """Return a clean list with cells, rows and columns changed by chance."""
    rows = [list(row) for row in CLEAN[what]]
    for _ in range(chance.randint(1, 5)):
        change = chance.randrange(8)
        row = chance.randrange(len(rows)) if rows else 0
        if change <= 3 and rows and rows[row]:
            rows[row][chance.randrange(len(rows[row]))] = chance.choice(NASTY)
        elif change == 4 and rows:
            rows.insert(row, list(chance.choice(rows)))
        elif change == 5 and len(rows) > 1:
            del rows[row]
        elif change == 6 and rows:
            place = chance.randrange(max(map(len, rows)) + 1)
            for one in rows:
                one.insert(place, chance.choice(NASTY))
        elif rows:
            rows[row] = rows[row][: chance.randrange(len(rows[row]) + 1)]
    return rows


def some_beside(chance: random.Random, rows: Rows) -> Beside:
    """Return merged areas, hidden rows and a calendar by chance."""
    height, width = len(rows), max(map(len, rows), default=0)
    if not height or not width or chance.random() < 0.5:
        return Beside(is_1904=chance.random() < 0.2)
    top, left = chance.randrange(height), chance.randrange(width)
    bottom, right = chance.randrange(top, height), chance.randrange(left, width)
    is_area = (bottom, right) != (top, left) and left < len(rows[top])
    return Beside(
        merged=[(top, left, bottom, right)] if is_area else (),
        hidden=[chance.randrange(height)],
        is_1904=chance.random() < 0.2,
    )


def written(chance: random.Random, what: str, kind: str) -> bytes:
    """Return a list with changed cells in a format."""
    rows = some_rows(chance, what)
    if kind in BOOKS:
        return BOOKS[kind](rows, some_beside(chance, rows))
    if kind == "parquet":
        width = max(map(len, rows), default=0)
        names = [f"{place}{chance.choice(['', '县区'])}" for place in range(width)]
        head = [*map(str, CLEAN[what][0][:width]), *names[len(CLEAN[what][0]) :]][:width]
        return parquet([head, *[[*map(str, row), *[""] * (width - len(row))] for row in rows]])
    return FORMATS[kind](rows)


@cache
def seed(what: str, kind: str) -> bytes:
    """Return a clean list in a format."""
    if kind in MAP_FILES:
        return MAP_FILES[kind]()
    return parquet(CLEAN[what]) if kind == "parquet" else FORMATS[kind](CLEAN[what])


def damaged(chance: random.Random, content: bytes) -> bytes:
    """Return a file with bytes changed, left out, repeated, or cut off."""
    if content.startswith(b"PK") and chance.random() < 0.7:
        return _damaged_part(chance, content)
    found = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(found) + 1)
        change = chance.randrange(5)
        if change == 0:
            found[place : place + 1] = bytes([chance.randrange(256)])
        elif change == 1:
            del found[place : place + chance.randint(1, 40)]
        elif change == 2:
            found[place:place] = found[place : place + chance.randint(1, 200)]
        elif change == 3:
            found[place : place + 4] = chance.choice(
                [b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\xff" * 4]
            )
        elif chance.random() < 0.3:
            del found[max(place, 1) :]
    return bytes(found)


def _damaged_part(chance: random.Random, content: bytes) -> bytes:
    """Return a packed file with good packing and damage inside one part."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        names = old.namelist()
        chosen = chance.choice(names)
        for name in names:
            inside = old.read(name)
            if name == chosen and chance.random() < 0.1:
                continue
            new.writestr(name, damaged(chance, inside) if name == chosen and inside else inside)
    return stream.getvalue()


# --- map files ------------------------------------------------------------------------------------

_POINTS = {"盘龙区": (102.752, 25.116), "镇雄县": (104.873, 27.441), "腾冲市": (98.491, 25.021)}


def _frame() -> gpd.GeoDataFrame:
    lons, lats = zip(*_POINTS.values(), strict=True)
    columns = {
        "名称": [f"{place}中心" for place in _POINTS],
        "类型": "县域中心",
        "县区": list(_POINTS),
    }
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(lons, lats), crs=4490)


def _geojson() -> bytes:
    return _frame().to_json(drop_id=True, ensure_ascii=False).encode()


def _on_disk(driver: str, name: str) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        _frame().to_file(path, driver=driver, encoding="UTF-8" if driver == "GPKG" else "GBK")
        if path.suffix == ".gpkg":
            return path.read_bytes()
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.writestr(part.name, part.read_bytes())
        return stream.getvalue()


MAP_FILES: Mapping[str, Callable[[], bytes]] = {
    "geojson": _geojson,
    "gpkg": lambda: _on_disk("GPKG", "节点.gpkg"),
    "shp.zip": lambda: _on_disk("ESRI Shapefile", "节点.shp"),
}
"""A clean list of nodes as a map file."""
