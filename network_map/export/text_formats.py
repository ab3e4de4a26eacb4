"""Formats of text that carry places or a map: GeoJSON by RFC 7946, and one HTML file.

GeoJSON: longitude and latitude, exterior rings anticlockwise, no ``crs``.

HTML: one file that needs nothing else. The map document is made elsewhere; here its rows, filters,
notes and sources are written into it for people, and the description of the export for programs.

Both are read back as text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from html import escape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from network_map.errors import QueryError
from network_map.export.bundle import (
    Bundle,
    column_heading,
    shown_columns,
    shown_headings,
    values,
    writable_text,
)
from network_map.export.meta import (
    MOST_CELLS,
    MOST_TEXT_BYTES,
    Cell,
    Grid,
    Reading,
    content_sha256,
    embedded_json,
    flat_members,
    in_limits,
    is_meta,
    not_ours,
    parsed_json,
    parsed_meta,
    plain_cell,
)
from network_map.i18n import text
from network_map.tables import Column

if TYPE_CHECKING:
    import geopandas as gpd


# --- GeoJSON --------------------------------------------------------------------------------------


META_MEMBER = "network_map_meta"
"""Name of the member that describes the export."""
BEFORE_META_MEMBER = f',\n"{META_MEMBER}": '
"""What stands between the body of the file and its description."""
_DIGITS = 7  # about a centimetre, finer than any coordinate of the project
_LON_LAT = frozenset({4326, 4490})


def geojson_bytes(bundle: Bundle) -> bytes:
    """Return the rows as a feature collection in UTF-8.

    CGCS2000 equals the WGS 84 of RFC 7946 within a metre and is written unchanged. A row
    without a place has the geometry ``null``. Properties carry the declared column names and
    the codes; title, filters, sources, headings and words are members of the collection. The
    description of the export is its last member, :data:`META_MEMBER`.

    Raises
    ------
    QueryError
        If the bundle has no places.
    ValueError
        If geometries are in another system than CGCS2000 or WGS 84.
    """
    columns = bundle.declaration.columns
    cells = {column.name: [_json_value(v) for v in values(bundle, column)] for column in columns}
    key = bundle.declaration.key
    features = []
    for position, geometry in enumerate(_geometries(bundle)):
        properties = {name: column[position] for name, column in cells.items()}
        if bundle.is_demo:
            properties["data_nature"] = bundle.demo_mark
        identity = {"id": properties[key[0]]} if len(key) == 1 else {}
        features.append(
            {"type": "Feature", **identity, "geometry": geometry, "properties": properties}
        )
    head = _json({"type": "FeatureCollection", **_members(bundle)}).removesuffix("}")
    # A feature on a line: small, and two versions of a file can be compared line by line.
    rows = ",\n".join(_json(feature) for feature in features)
    body = f'{head}, "features": [\n{rows}\n]'
    meta = embedded_json(bundle, content_sha256(body.encode()))
    return f"{body}{BEFORE_META_MEMBER}{meta}}}\n".encode()


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _members(bundle: Bundle) -> dict[str, Any]:
    """Return what the file says about itself; none of it changes how a reader takes the rows."""
    language = bundle.language
    return {
        "title": bundle.title,
        "language": language,
        "dataset": bundle.dataset_label,
        "is_demo": bundle.is_demo,
        **({"notice": bundle.demo_banner} if bundle.is_demo else {}),
        "filters": [{"label": label, "value": writable_text(v)} for label, v in bundle.filters],
        "method_notes": list(bundle.method_notes),
        "sources": [writable_text(source) for source in bundle.sources],
        "created_from": dict(bundle.created_from),
        "headings": {c.name: column_heading(c, language) for c in bundle.declaration.columns},
        "words": {name: dict(words) for name, words in bundle.words.items()},
    }


def _json_value(value: str | float | None) -> str | float | None:
    return writable_text(value) if isinstance(value, str) else value


def _geometries(bundle: Bundle) -> list[Mapping[str, Any] | None]:
    if bundle.points is not None:
        lon, lat = (_numbers(bundle, bundle.declaration.column(name)) for name in bundle.points)
        return [_point(x, y) for x, y in zip(lon, lat, strict=True)]
    if bundle.shapes is not None:
        return _shapes(bundle.shapes())
    if "geometry" in bundle.table.columns:
        return _shapes(bundle.table.geometry)
    raise QueryError("export_without_places", title=bundle.title, format="GeoJSON")


def _numbers(bundle: Bundle, column: Column) -> list[float | None]:
    return [v if isinstance(v, int | float) else None for v in values(bundle, column)]


def _point(lon: float | None, lat: float | None) -> Mapping[str, Any] | None:
    if lon is None or lat is None:
        return None
    return {"type": "Point", "coordinates": [round(lon, _DIGITS), round(lat, _DIGITS)]}


def _shapes(shapes: gpd.GeoSeries) -> list[Mapping[str, Any] | None]:
    import shapely  # noqa: PLC0415 (only where shapes are written)

    if shapes.crs is None or shapes.crs.to_epsg() not in _LON_LAT:
        msg = f"expected geometries in EPSG:4490 or EPSG:4326, found {shapes.crs}"
        raise ValueError(msg)
    turned = shapely.orient_polygons(shapes.to_numpy(), exterior_cw=False)
    return [
        None if shape is None or shape.is_empty else _rounded(shapely.geometry.mapping(shape))
        for shape in turned
    ]


def _rounded(geometry: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the mapping with coordinates cut to the digits that mean something."""
    if "geometries" in geometry:
        parts = [_rounded(part) for part in geometry["geometries"]]
        return {"type": geometry["type"], "geometries": parts}
    return {"type": geometry["type"], "coordinates": _round_all(geometry["coordinates"])}


def _round_all(coordinates: Any) -> Any:  # noqa: ANN401 - nested to a depth that varies by type
    if isinstance(coordinates, int | float):
        return round(coordinates, _DIGITS)
    return [_round_all(part) for part in coordinates]


# --- HTML -----------------------------------------------------------------------------------------


META_ID = "network-map-meta"
BEFORE_META = f'<script type="application/json" id="{META_ID}">'
AFTER_META = "</script>\n"
HEAD_ID, ROWS_ID = "network-map-head", "network-map-rows"
SECTION_END = "</section><!-- network-map -->\n"
SHEETS = ("filters", "method", "sources")
"""The tables of sentences, in the order of a workbook's sheets."""

_STYLE = (
    "<style>#network-map-head,#network-map-rows{font:13px/1.4 sans-serif;margin:8px 16px}"
    ".folium-map{height:84vh!important}"
    "#network-map-head h1{font-size:18px;margin:4px 0}"
    "#network-map-head .notice{background:#fde9d9;color:#9c2b00;font-weight:bold;padding:4px 8px}"
    "#network-map-rows{overflow-x:auto}#network-map-rows h2{font-size:16px;display:inline}"
    "#network-map-rows table"
    "{border-collapse:collapse;margin-bottom:16px;font-size:12px;line-height:1.25}"
    "#network-map-rows th{background:#e8eef3;text-align:left}"
    "#network-map-rows th,#network-map-rows td"
    "{border:1px solid #c8d0d8;padding:0 6px;min-width:2.5em;"
    "vertical-align:top;white-space:pre-wrap}</style>\n"
)


def html_bytes(bundle: Bundle) -> bytes:
    """Return the map and the rows as one HTML document.

    Above the map stands the title, and the banner of the demonstration where it is one; below it
    the rows with the headings of the CSV file, then filters, method notes and sources.

    Raises
    ------
    QueryError
        If the bundle has no map.
    """
    if bundle.map_document is None:
        raise QueryError("export_without_map", title=bundle.title)
    document = bundle.map_document()
    start = document.index("<body>") + len("<body>")
    end = document.rindex("</body>")
    body = "".join((document[:start], "\n", _head(bundle), document[start:end], _tables(bundle)))
    after = document[end:]
    meta = embedded_json(bundle, content_sha256((body + after).encode()))
    block = f"{BEFORE_META}{meta.replace('<', chr(92) + 'u003c')}{AFTER_META}"
    return f"{body}{block}{after}".encode()


def sentence_pairs(bundle: Bundle) -> dict[str, list[tuple[str, str]]]:
    """Return label and value of each sentence of the three tables below the rows."""
    language = bundle.language
    none = [(text("export.filters", language), text("export.no_filter", language))]
    return {
        "filters": [
            (text("export.title", language), bundle.title),
            (text("export.dataset", language), bundle.dataset_label),
            *(bundle.filters or none),
        ],
        "method": [(str(n), note) for n, note in enumerate(bundle.method_notes, start=1)],
        "sources": [
            *((str(number), line) for number, line in enumerate(bundle.sources, start=1)),
            *(
                (f"{text('export.input_file', language)} {name}", f"SHA-256 {digest}")
                for name, digest in sorted(bundle.created_from.items())
            ),
        ],
    }


def _head(bundle: Bundle) -> str:
    notice = f'<p class="notice">{escape(bundle.demo_banner)}</p>' if bundle.is_demo else ""
    return f'{_STYLE}<section id="{HEAD_ID}"><h1>{_escaped(bundle.title)}</h1>{notice}{SECTION_END}'


def _tables(bundle: Bundle) -> str:
    rows = _table("rows", bundle.language, *_listed(bundle))
    pair = [text("export.label", bundle.language), text("export.value", bundle.language)]
    sentences = sentence_pairs(bundle)
    # Folded: the file is read for its map and its list.
    tables = "".join(
        f"<details>{_table(name, bundle.language, pair, sentences[name])}</details>\n"
        for name in SHEETS
    )
    return f'<section id="{ROWS_ID}">\n{rows}{tables}{SECTION_END}'


def _listed(bundle: Bundle) -> tuple[list[str], Iterable[Iterable[object]]]:
    """Return headings and rows of the list: those for a meeting where the bundle has them."""
    if bundle.front is None:
        return shown_headings(bundle), zip(*shown_columns(bundle), strict=True)
    mark = [bundle.demo_mark] if bundle.is_demo else []
    heading = [bundle.demo_heading] if bundle.is_demo else []
    return [*bundle.front.headings, *heading], ((*row, *mark) for row in bundle.front.rows)


def _table(
    name: str, language: str, headings: Iterable[str], rows: Iterable[Iterable[object]]
) -> str:
    head = "".join(f"<th>{_escaped(heading)}</th>" for heading in headings)
    body = "".join(
        f"<tr>{''.join(f'<td>{_escaped(cell)}</td>' for cell in row)}</tr>\n" for row in rows
    )
    title = escape(text(f"export.sheet.{name}", language))
    heading = f"<h2>{title}</h2>"
    if name in SHEETS:
        heading = f"<summary>{heading}</summary>"
    return f'{heading}\n<table id="{name}"><tr>{head}</tr>\n{body}</table>\n'


def _escaped(cell: object) -> str:
    return "" if cell is None else escape(writable_text(str(cell)))


# --- read back ------------------------------------------------------------------------------------


_LONGEST_SHOWN = 200
# A tag begins with a letter or a stroke and ends before the next one begins.
_LOOSE_SIGN = re.compile(r"<(?![a-zA-Z/])|<[^<>]*(?:<|\Z)")


def read_geojson(data: bytes) -> Reading:
    """Return the features of a GeoJSON file, and what it says about itself.

    Raises
    ------
    FileFormatError
        If it is no feature collection.
    """
    in_limits("text_bytes", len(data), MOST_TEXT_BYTES)
    found = parsed_json(data)
    if not isinstance(found, dict) or not isinstance(found.get("features"), list):
        raise not_ours()
    text = data.decode("utf-8-sig")
    meta = found.pop(META_MEMBER, None)
    features = found.pop("features")
    rows = [_feature(feature) for feature in features]
    headings = tuple(dict.fromkeys(name for row in rows for name in row))
    in_limits("cells", len(rows) * max(len(headings), 1), MOST_CELLS)
    cells = tuple(tuple(row.get(name) for name in headings) for row in rows)
    return Reading(
        (
            Grid("GeoJSON", "rows", headings, cells),
            Grid("GeoJSON", "sentences", ("member", "value"), flat_members(found)),
        ),
        meta if is_meta(meta) else None,
        content_sha256(text.rpartition(BEFORE_META_MEMBER)[0].encode()),
    )


def read_html(data: bytes) -> Reading:
    """Return the tables of an HTML export and the hash of the map around them.

    Raises
    ------
    FileFormatError
        If it is no text.
    """
    in_limits("text_bytes", len(data), MOST_TEXT_BYTES)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise not_ours() from error
    before, found, rest = text.partition(BEFORE_META)
    meta, _, after = rest.partition(AFTER_META)
    head, inner, tail = _sections(before)
    in_limits("cells", (head + inner).count("<") // 4, MOST_CELLS)
    # A parser that waits for the end of a remark looks for it again at every sign; ours has none.
    if "<!" in head + inner or "<?" in head + inner or _LOOSE_SIGN.search(head + inner):
        raise not_ours()
    parser = _Tables()
    parser.feed(head + inner)
    parser.close()
    grids = [
        Grid("HTML", "rows", *_headed(parser.tables.get("rows", []))),
        *(Grid(name, "sentences", *_headed(parser.tables.get(name, []))) for name in SHEETS),
        Grid("HTML", "sentences", ("",), tuple((line,) for line in parser.lines)),
        Grid("HTML", "document", ("sha256",), ((content_sha256((tail + after).encode()),),)),
    ]
    return Reading(
        tuple(grids),
        parsed_meta(meta) if found else None,
        content_sha256((before + after).encode()),
    )


def _feature(feature: object) -> dict[str, Cell]:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        raise not_ours()
    rest = {key: value for key, value in feature.items() if key != "properties"}
    properties = {str(name): _written(value) for name, value in feature["properties"].items()}
    return {**properties, **{f"({name})": _written(value) for name, value in rest.items()}}


def _written(value: object) -> Cell:
    """Return a plain value as it is, a point or a list as its JSON, a large shape as its hash."""
    if not isinstance(value, dict | list):
        return plain_cell(value)
    text = json.dumps(value)
    return text if len(text) <= _LONGEST_SHOWN else f"sha256:{content_sha256(text.encode())}"


def _headed(
    rows: list[tuple[str, ...]],
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    return (rows[0], tuple(rows[1:])) if rows else ((), ())


def _sections(before: str) -> tuple[str, str, str]:
    """Return the section above the map, the one below, and all the rest."""
    found = []
    rest = before
    for name in (HEAD_ID, ROWS_ID):
        left, mark, right = rest.partition(f'<section id="{name}">')
        inner, end, right = right.partition(SECTION_END)
        found.append(inner if mark and end else "")
        rest = left + right if mark and end else rest
    return found[0], found[1], rest


class _Tables(HTMLParser):
    """Collects the cells of the tables and the lines of the head; nothing is followed or run."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: dict[str, list[tuple[str, ...]]] = {}
        self.lines: list[str] = []
        self._rows: list[tuple[str, ...]] = []
        self._row: list[str] = []
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._rows = self.tables.setdefault(str(dict(attrs).get("id")), [])
        elif tag == "tr":
            self._row = []
        elif tag in {"td", "th", "h1", "h2", "p"}:
            self._text = []

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._row.append("".join(self._text))
        elif tag in {"h1", "h2", "p"}:
            self.lines.append("".join(self._text))
        elif tag == "tr":
            self._rows.append(tuple(self._row))

    def handle_data(self, data: str) -> None:
        self._text.append(data)
