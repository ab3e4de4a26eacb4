"""Files that want something of the program that reads them, made for a test."""

# ruff: noqa: E501 -- one line for each kind of file, as in a table

import io
import json
import sqlite3
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from network_map.export import Bundle, meta_bytes
from network_map.export.meta import embedded_json, sealed
from tests.verify.planting import exported, unzipped, zipped

MB = 1_000_000
SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
SHEET_END = b"</sheetData></worksheet>"
FEATURES = b'{"type": "FeatureCollection", "features": ['

Files = Mapping[str, bytes]
"""Content by name; the first one is verified."""


def packed(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return buffer.getvalue()


def lying(data: bytes) -> bytes:
    """A workbook whose directory says that each part has a hundred bytes."""
    place = data.find(b"PK\x01\x02")
    while place >= 0:
        data = data[: place + 24] + struct.pack("<I", 100) + data[place + 28 :]
        place = data.find(b"PK\x01\x02", place + 4)
    return data


def overlapping(count: int) -> bytes:
    """A workbook of many parts that are all the same bytes of the file."""
    data = packed({"xl/workbook.xml": b"\0" * MB})
    start = data.find(b"PK\x01\x02")
    end = data.find(b"PK\x05\x06")
    directory = data[start:end] * count
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, len(directory), start, 0)
    return data[:start] + directory + tail


def database(*statements: str) -> bytes:
    with sqlite3.connect(":memory:") as base:
        base.execute("CREATE TABLE gpkg_contents (table_name TEXT)")
        base.execute("INSERT INTO gpkg_contents VALUES ('nodes')")
        for statement in statements:
            base.execute(statement)
        base.commit()
        return base.serialize()


def slip(bundle: Bundle, **change: object) -> bytes:
    told = json.loads(meta_bytes(bundle))
    return json.dumps(sealed({**told, **change})).encode()


def deep(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


def hostile_files(bundle: Bundle) -> dict[str, Callable[[], Files]]:
    """How to make each kind of file; `bundle` is a small one of ours."""

    def workbook(part: str, content: bytes) -> bytes:
        return zipped({**unzipped(exported(bundle, "xlsx")[0]), part: content})

    def sheet(content: bytes) -> Files:
        return {"a.xlsx": workbook("xl/worksheets/sheet1.xml", SHEET + content + SHEET_END)}

    def table(content: bytes) -> Files:
        return {"a.csv": content, "a.meta.json": meta_bytes(bundle)}

    def one(name: str, content: bytes) -> Files:
        return {name: content}

    whole = exported(bundle, "geojson")[0]
    ours = embedded_json(bundle, "0" * 64)
    page = exported(bundle, "html")[0]
    rows = page.index(b"</section>")
    return {
        # workbooks
        "a bomb": lambda: one("a.xlsx", packed({f"xl/{n}.xml": b"\0" * 50 * MB for n in range(9)})),
        "a bomb in one part": lambda: {"a.xlsx": workbook("xl/x.xml", b"\0" * 300 * MB)},
        "a bomb that lies": lambda: one("a.xlsx", lying(packed({"xl/workbook.xml": b"\0" * 60 * MB}))),
        "parts over each other": lambda: one("a.xlsx", overlapping(60_000)),
        "packed with LZMA": lambda: one("a.xlsx", packed({"xl/workbook.xml": b"x" * MB}, zipfile.ZIP_LZMA)),
        "packed with bzip2": lambda: one("a.xlsx", packed({"xl/workbook.xml": b"x" * MB}, zipfile.ZIP_BZIP2)),
        "entities": lambda: {"a.xlsx": workbook("xl/workbook.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')},
        "entities in UTF-16": lambda: {
            "a.xlsx": workbook("xl/workbook.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16"))
        },
        "elements inside each other": lambda: sheet(b"<a>" * 5 * MB),
        "cells without end": lambda: sheet(b'<row r="1">' + b'<c r="A1"><v>1</v></c>' * MB + b"</row>"),
        "empty cells without end": lambda: sheet(b'<row><c r="A1"/></row>' * MB),
        "attributes without end": lambda: sheet(
            b"<row " + b" ".join(b'a%d=""' % n for n in range(2 * MB)) + b"></row>"
        ),
        "the last cell of a sheet": lambda: sheet(b'<row><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>'),
        "texts without end": lambda: {
            "a.xlsx": workbook(
                "xl/sharedStrings.xml",
                SHEET.split(b"<sheetData>")[0].replace(b"worksheet", b"sst") + b"<si><t>ab</t></si>" * MB + b"</sst>",
            )
        },
        "a number that is none": lambda: sheet(b'<row><c r="A1"><v>1e999</v></c><c r="B1"><v>nan</v></c></row>'),
        "a deep description in a workbook": lambda: {
            "a.xlsx": workbook("customXml/item1.xml", (
                '<meta xmlns="urn:network_map:export-meta:1">'
                + ours[:-1] + ', "x": ' + "[" * 900 + "]" * 900 + "}</meta>").encode())
        },
        # databases
        "a view without end": lambda: one("a.gpkg", database(
            "CREATE VIEW nodes AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n")),
        "values made while reading": lambda: one("a.gpkg", database(
            "CREATE TABLE nodes (a, b AS (zeroblob(400000000)))", "INSERT INTO nodes (a) VALUES (1)")),
        "many values made while reading": lambda: one("a.gpkg", database(
            f"CREATE TABLE nodes (a, {', '.join(f'b{n} AS (hex(zeroblob(400000)))' for n in range(900))})",
            "INSERT INTO nodes (a) VALUES (1), (2), (3)")),
        "one enormous value": lambda: one("a.gpkg", database(
            "CREATE TABLE nodes (a)", "INSERT INTO nodes VALUES (hex(zeroblob(9000000)))")),
        "a virtual table": lambda: one("a.gpkg", database("CREATE VIRTUAL TABLE nodes USING fts5(a)")),
        "a table named twenty thousand times": lambda: one("a.gpkg", database(
            "CREATE TABLE nodes (a)", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000) "
            "INSERT INTO nodes SELECT hex(randomblob(30)) FROM n",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000) "
            "INSERT INTO gpkg_contents SELECT 'nodes' FROM n")),
        "a damaged database": lambda: one("a.gpkg", b"SQLite format 3\x00" + b"\xff" * 90_000),
        # JSON
        "brackets without end": lambda: one("a.geojson", FEATURES + b"[" * 200_000),
        "deep but closed": lambda: one("a.geojson", whole.replace(
            b'"network_map_meta"', b'"x": ' + b"[" * 900 + b"]" * 900 + b', "network_map_meta"')),
        "a deep description": lambda: {"a.csv": b"a\r\n1\r\n", "a.meta.json": slip(bundle, x=deep(600))},
        "empty lists without end": lambda: one("a.geojson", FEATURES + b"[]," * 6 * MB + b"[]]}"),
        "words without end": lambda: one("a.geojson", b'{"type": "FeatureCollection", "x": "' + "𠀀".encode() + b"a" * 60 * MB + b'"}'),
        "a long number": lambda: one("a.geojson", FEATURES + b"9" * MB + b"]}"),
        "numbers that are none": lambda: one("a.geojson", whole.replace(b'"features": [', b'"y": [1e999, NaN], "features": [', 1)),
        "half a character": lambda: one("a.meta.json", slip(bundle, title="\ud800")),
        "a description of many files": lambda: one("a.meta.json", slip(bundle, data_files=[{"name": "a.xlsx", "sha256": "0"}] * 20_000)),
        "a recipe that asks too much": lambda: one("a.meta.json", slip(bundle, recipe={
            **json.loads(meta_bytes(bundle))["recipe"], "report": "gaps", "version": 99,
            "parameters": {"draws": 10**12, "prefecture": "x" * 90_000}})),
        "a recipe that leads elsewhere": lambda: one("a.meta.json", slip(bundle, recipe={
            **json.loads(meta_bytes(bundle))["recipe"], "dataset_name": "own", "dataset_id": "../../../etc/passwd"})),
        "an enormous description": lambda: {"a.csv": b"a\r\n1\r\n", "a.meta.json": slip(bundle, x=[[]] * 4 * MB)},
        # text
        "commas without end": lambda: table(b"," * 19 * MB),
        "lines without end": lambda: table(b"a\r\n" * 9 * MB),
        "a quote that never closes": lambda: table(b'a,b\r\n"' + b"x" * 19 * MB),
        "other rows without end": lambda: table(b"id\r\n" + b"a,b\r\n" * 400_000),
        "signs without end": lambda: one("a.html", page[:rows] + b"<" * 3 * MB + page[rows:]),
        "remarks without end": lambda: one("a.html", page[:rows] + b"<!--" * MB + page[rows:]),
        "sections without end": lambda: one("a.html", page[:rows] + b"<![CDATA[" * MB + page[rows:]),
        "cells of a page without end": lambda: one("a.html", page[:rows] + b"<table><tr>" + b"<td>" * 2 * MB + page[rows:]),
        "signs of a terminal": lambda: one("a.geojson", whole.replace("昭阳区".encode(), b"\\u001b]0;x\\u0007\\u001b[2J")),
        "zeros": lambda: one("a", bytes(99 * MB)),
        "nothing": lambda: one("a.xlsx", b""),
    }  # fmt: skip


def write(files: Files, folder: Path) -> Path:
    """Write the files into a folder and return the path of the first."""
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder / next(iter(files))
