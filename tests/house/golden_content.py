"""What an exported file says, as text that can be compared with that of another day.

CSV, GeoJSON and the description beside a file stay as they are, byte for byte. Of a workbook it
is the cells and what is seen of a sheet (widths, formats of numbers, header, filter, choices), of
a GeoPackage the cells of every layer with the hash of each shape, of an HTML file the words that
are read and the data that the map draws.

Left out, because it may change without any result being another:

- ``software`` of a recipe, the version of the program;
- ``meta_sha256``, the seal of a description, because it covers that version;
- ``body_sha256`` of XLSX, GPKG and HTML: it covers what other libraries write around the cells,
  and the scripts of a page (that of GeoJSON covers the rows alone and stays);
- the times of a workbook and of a GeoPackage, its spatial index and its definitions of systems;
- scripts and styles of an HTML file;
- in what a command says, the folder that it worked in, which is called ``FOLDER``, and that of
  the application, ``ROOT``.
"""

import json
import re
import sqlite3
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from xml.sax.saxutils import unescape

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

LEFT_OUT = "*"
_VERSION = re.compile(r'"(software|meta_sha256)": "[^"]*"')
_BODY = re.compile(r'"(body_sha256)": "[^"]*"')
_META_PART, _META_LAYER, _META_ID = "customXml/item1.xml", "network_map_meta", "network-map-meta"
_INLINE_GEOMETRY, _UPDATE = '{"inlineGeometry": ', ".update("


@dataclass(frozen=True, slots=True)
class Frozen:
    """What is kept of a file.

    Parameters
    ----------
    sha256
        Hash of its content.
    size
        Bytes of its content, which tell a moved digit from a lost column.
    rows
        Rows of the table in it; lines where it holds none.
    """

    sha256: str
    size: int
    rows: int


def frozen(content: str, rows: int | None = None) -> Frozen:
    """Return what is kept of a content."""
    data = content.encode()
    lines = content.count("\n") if rows is None else rows
    return Frozen(sha256(data).hexdigest(), len(data), lines)


def content_of(data: bytes, ending: str) -> str:
    """Return the content of a file.

    Parameters
    ----------
    data
        The file.
    ending
        Ending of its name: ``csv``, ``meta.json``, ``geojson``, ``xlsx``, ``gpkg``, ``html`` or
        that of another text.
    """
    return _READERS.get(ending, _text)(data)


def _text(data: bytes) -> str:
    return _VERSION.sub(rf'"\1": "{LEFT_OUT}"', data.decode())


def _described(meta: str) -> str:
    """Return a description that stands in a file, one member a line."""
    shown = json.dumps(json.loads(meta), ensure_ascii=False, indent=1)
    for pattern in (_VERSION, _BODY):
        shown = pattern.sub(rf'"\1": "{LEFT_OUT}"', shown)
    return f"== description\n{shown}\n"


def _line(cells: object) -> str:
    return f"{json.dumps(cells, ensure_ascii=False, default=str)}\n"


# --- workbook -----------------------------------------------------------------------------------


def _workbook(data: bytes) -> str:
    book = openpyxl.load_workbook(BytesIO(data))
    parts = []
    for sheet in book.worksheets:
        parts += [f"== sheet {sheet.title}\n", _line(_looks(sheet))]
        parts += [_line([cell.value for cell in row]) for row in sheet.iter_rows()]
    with zipfile.ZipFile(BytesIO(data)) as files:
        if _META_PART in files.namelist():
            part = files.read(_META_PART).decode()
            start, end = part.index(">", part.index("<meta")) + 1, part.rindex("</meta>")
            parts.append(_described(unescape(part[start:end])))
    return "".join(parts)


def _looks(sheet: Worksheet) -> dict[str, Any]:
    head, foot = sheet.oddHeader, sheet.oddFooter
    choices = [[str(r.sqref), r.formula1] for r in sheet.data_validations.dataValidation]
    return {
        "widths": {letter: found.width for letter, found in sheet.column_dimensions.items()},
        "formats": [cell.number_format for cell in sheet[sheet.max_row]],
        "frozen": sheet.freeze_panes,
        "filter": sheet.auto_filter.ref,
        "header": None if head is None else head.center.text,
        "footer": None if foot is None else [foot.left.text, foot.right.text],
        "repeated": sheet.print_title_rows,
        "tab": None if (colour := sheet.sheet_properties.tabColor) is None else colour.rgb,
        "choices": choices,
    }


# --- GeoPackage ---------------------------------------------------------------------------------


def _geopackage(data: bytes) -> str:
    parts = []
    with closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(data)
        listed = base.execute(
            "SELECT table_name, data_type, identifier, min_x, min_y, max_x, max_y, srs_id "
            "FROM gpkg_contents ORDER BY rowid"
        ).fetchall()
        shapes = base.execute("SELECT * FROM gpkg_geometry_columns ORDER BY 1").fetchall()
        parts = ["== layers\n", *map(_line, listed), "== shapes\n", *map(_line, shapes)]
        for name, *_ in listed:
            quoted = str(name).replace('"', '""')
            rows = base.execute(f'SELECT * FROM "{quoted}" ORDER BY 1')  # noqa: S608 -- quoted
            columns = base.execute(f'PRAGMA table_info("{quoted}")').fetchall()
            if name == _META_LAYER:
                parts += [_described(row[-1]) for row in rows]
                continue
            parts += [f"== layer {name}\n", _line([column[1:3] for column in columns])]
            parts += [_line([_shown(cell) for cell in row]) for row in rows]
    return "".join(parts)


def _shown(cell: object) -> object:
    return f"sha256 {sha256(cell).hexdigest()}" if isinstance(cell, bytes) else cell


# --- HTML ---------------------------------------------------------------------------------------


class _Page(HTMLParser):
    """The words of a page in lines, and its scripts."""

    _starts = frozenset({"title", "h1", "h2", "p", "table", "tr", "section", "div"})

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.scripts: list[tuple[str | None, str]] = []
        self._silent: str | None = None
        self._script: tuple[str | None, list[str]] = (None, [])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style"}:
            self._silent, self._script = tag, (dict(attrs).get("id"), [])
        elif tag in self._starts:
            self.words.append("\n")
        elif tag in {"td", "th"}:
            self.words.append("\t")
        elif tag == "meta":
            self.words.append(f"\nmeta {attrs}")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent:
            if tag == "script":
                self.scripts.append((self._script[0], "".join(self._script[1])))
            self._silent = None

    def handle_data(self, data: str) -> None:
        if self._silent is not None:
            self._script[1].append(data)
        elif data.strip():
            self.words.append(data)


def _page(data: bytes) -> str:
    page = _Page()
    page.feed(data.decode())
    parts = [f"== words{''.join(page.words)}\n"]
    for identity, script in page.scripts:
        if identity == _META_ID:
            parts.append(_described(script))
        elif _INLINE_GEOMETRY in script:
            parts.append(_drawn(script))
    return "".join(parts)


def _drawn(script: str) -> str:
    """Return what a map is told to draw: the state member by member, the boundaries as a hash."""
    read = json.JSONDecoder().raw_decode
    start = script.rindex(_INLINE_GEOMETRY) + len(_INLINE_GEOMETRY)
    geometry, end = read(script, start)
    written = json.dumps(geometry, ensure_ascii=False, sort_keys=True).encode()
    state, _ = read(script, script.index(_UPDATE, end) + len(_UPDATE))
    lines = [f"== map\nboundaries sha256 {sha256(written).hexdigest()}\n"]
    lines += [f"{name} {_line(value)}" for name, value in state.items()]
    return "".join(lines)


_READERS: Mapping[str, Callable[[bytes], str]] = {
    "xlsx": _workbook,
    "gpkg": _geopackage,
    "html": _page,
}
