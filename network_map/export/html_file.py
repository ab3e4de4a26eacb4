"""One HTML file that needs nothing else: the map, the rows below it, and what they mean.

The map document is made elsewhere; here its rows, filters, notes and sources are written into it
for people, and the description of the export for programs.
"""

from collections.abc import Iterable
from html import escape

from network_map.errors import QueryError
from network_map.export.bundle import Bundle, shown_columns, shown_headings, writable_text
from network_map.export.meta import content_sha256, embedded_json
from network_map.i18n import text

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
