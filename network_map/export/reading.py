"""Reading our own exports back: what stands in a file, cell by cell, nothing trusted.

A file comes from outside: its size is limited, nothing in it runs, no formula is calculated, and
of XML no entity is resolved. Text formats are parsed as text, a GeoPackage is read as plain
tables.

CSV, GeoJSON, HTML and the description itself, read as text.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from math import isfinite
from typing import Any, Literal, TypeAlias

from network_map.errors import FileFormatError
from network_map.export import text_formats
from network_map.export.meta import META_FORMAT, content_sha256

Cell: TypeAlias = str | int | float | bool | None
MOST_BYTES = 25_000_000
"""Size of a file that is read, and of its parts together after unpacking."""
MOST_TEXT_BYTES = 12_000_000
"""Size of a text: in memory it may take four times as much."""
MOST_CELLS = 500_000
"""Cells of a file together."""
MOST_VALUES = 1_500_000
"""Values of a JSON file together."""
MOST_DEPTH = 40
"""Parts inside parts, in JSON and XML."""
MOST_META_BYTES = 2_000_000
"""Size of a description."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of one table of a file.

    Parameters
    ----------
    name
        Of the sheet, the layer or the part.
    kind
        ``rows``: the bundle's rows or those of a further layer; ``sentences``: labels and
        values, one pair a row; ``document``: the rest of the file as one hash.
    headings, rows
        The cells; each row as long as it was written.
    first_row
        Number of the first row as a person sees it.
    """

    name: str
    kind: Literal["rows", "sentences", "document"]
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    first_row: int = 1


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands in a file.

    Parameters
    ----------
    grids
        Its tables; the one with the rows first.
    meta
        Its own description, or None.
    body_sha256
        Hash of the file without that description.
    formulas
        Sheet and cell of each formula: an export of ours has none.
    """

    grids: tuple[Grid, ...]
    meta: Mapping[str, Any] | None
    body_sha256: str
    formulas: tuple[str, ...] = field(default=())


def parsed_json(data: bytes | str) -> Any:  # noqa: ANN401 -- JSON from outside is of any shape
    """Return a JSON document.

    Raises
    ------
    FileFormatError
        If it is none, nested too deeply to be one of ours, or too large.
    """
    in_limits("values", sum(_count(data, mark) for mark in ",[{"), MOST_VALUES)
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
        found = json.loads(text, parse_constant=_refused_number, parse_float=_finite)
        if _HALF.search(text):  # half a character stands in no file of ours
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise not_ours() from error
    if not _is_shallow(found):
        raise not_ours()
    return found


_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def _count(data: bytes | str, mark: str) -> int:
    return data.count(mark.encode()) if isinstance(data, bytes) else data.count(mark)


def _is_shallow(found: object) -> bool:
    """Return whether lists and objects are nested at most as deep as in a file of ours."""
    level = [found]
    for _ in range(MOST_DEPTH):
        level = [
            part
            for value in level
            if isinstance(value, dict | list)
            for part in (value.values() if isinstance(value, dict) else value)
            if isinstance(part, dict | list)
        ]
        if not level:
            return True
    return False


def parsed_meta(data: bytes | str) -> Mapping[str, Any] | None:
    """Return a description, or None if the document is none of ours.

    Raises
    ------
    FileFormatError
        If it is far larger than one of ours.
    """
    in_limits("meta_bytes", len(data), MOST_META_BYTES)
    try:
        found = parsed_json(data)
    except FileFormatError:
        return None
    return found if is_meta(found) else None


def is_meta(found: object) -> bool:
    """Return whether a JSON value says that it describes an export of ours."""
    return isinstance(found, dict) and found.get("format") == META_FORMAT


def not_ours() -> FileFormatError:
    """Return the error of a file that this program did not write."""
    return FileFormatError("verify_not_ours")


Limited: TypeAlias = Literal["bytes", "text_bytes", "meta_bytes", "unpacked", "parts", "cells",
                             "columns", "values"]  # fmt: skip
"""What of a file is limited: the last part of the error's code."""


def in_limits(what: Limited, count: int, limit: int) -> None:
    """Refuse a file that asks too much of the machine, and name the limit.

    Parameters
    ----------
    what
        Which limit.
    count, limit
        What the file has, and may have at most.

    Raises
    ------
    FileFormatError
        If the count is over the limit.
    """
    if count > limit:
        raise FileFormatError(
            f"verify_most_{what}", found=f"{count:,}", limit=f"{limit:,}",
            found_mb=f"{count / 1e6:,.1f}", limit_mb=f"{limit / 1e6:,.0f}",
        )  # fmt: skip


def _refused_number(word: str) -> float:
    msg = f"{word} is no JSON number"
    raise ValueError(msg)


def _finite(word: str) -> float:
    number = float(word)
    return number if isfinite(number) else _refused_number(word)


Reader: TypeAlias = Callable[[bytes], Reading]


_LONGEST_SHOWN = 200
# A tag begins with a letter or a stroke and ends before the next one begins.
_LOOSE_SIGN = re.compile(r"<(?![a-zA-Z/])|<[^<>]*(?:<|\Z)")
# What only says how the export was made, or repeats what is compared anyway.
_NOT_COMPARED = frozenset({"meta_sha256", "body_sha256", "recipe", "data_files", "format_version"})


def read_csv(data: bytes) -> Reading:
    """Return the cells of a CSV file; its description lies beside it.

    Raises
    ------
    FileFormatError
        If it is not UTF-8, or no table.
    """
    in_limits("text_bytes", len(data), MOST_TEXT_BYTES)
    in_limits("cells", data.count(b",") + data.count(b"\n"), MOST_CELLS)
    try:
        text = data.decode("utf-8-sig")
        rows = [tuple(row) for row in csv.reader(io.StringIO(text, newline=""))]
    except (UnicodeDecodeError, csv.Error) as error:
        raise not_ours() from error
    headings = rows[0] if rows else ()
    grid = Grid("CSV", "rows", headings, tuple(rows[1:]), first_row=2)
    return Reading((grid,), None, content_sha256(data))


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
    meta = found.pop(text_formats.META_MEMBER, None)
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
        content_sha256(text.rpartition(text_formats.BEFORE_META_MEMBER)[0].encode()),
    )


def read_meta(data: bytes) -> Reading:
    """Return the sentences of a description.

    Raises
    ------
    FileFormatError
        If it is no description of ours.
    """
    meta = parsed_meta(data)
    if meta is None:
        raise not_ours()
    return Reading((meta_grid(meta),), meta, "")


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
    before, found, rest = text.partition(text_formats.BEFORE_META)
    meta, _, after = rest.partition(text_formats.AFTER_META)
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
        *(
            Grid(name, "sentences", *_headed(parser.tables.get(name, [])))
            for name in text_formats.SHEETS
        ),
        Grid("HTML", "sentences", ("",), tuple((line,) for line in parser.lines)),
        Grid("HTML", "document", ("sha256",), ((content_sha256((tail + after).encode()),),)),
    ]
    return Reading(
        tuple(grids),
        parsed_meta(meta) if found else None,
        content_sha256((before + after).encode()),
    )


def meta_grid(meta: Mapping[str, Any]) -> Grid:
    """Return what a description says about the rows, a line for each value."""
    told = {name: value for name, value in meta.items() if name not in _NOT_COMPARED}
    return Grid("meta", "sentences", ("member", "value"), flat_members(told))


def flat_members(value: object, path: str = "") -> tuple[tuple[Cell, ...], ...]:
    """Return path and value of each plain value inside a JSON value."""
    if isinstance(value, dict):
        parts: Iterable[tuple[str, object]] = [(f"{path}.{k}", v) for k, v in value.items()]
    elif isinstance(value, list):
        parts = [(f"{path}[{place}]", part) for place, part in enumerate(value, start=1)]
    else:
        return ((path.removeprefix("."), _plain(value)),)
    return tuple(row for name, part in parts for row in flat_members(part, name))


def _plain(value: object) -> Cell:
    return value if isinstance(value, str | int | float | bool) else None


def _feature(feature: object) -> dict[str, Cell]:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        raise not_ours()
    rest = {key: value for key, value in feature.items() if key != "properties"}
    properties = {str(name): _written(value) for name, value in feature["properties"].items()}
    return {**properties, **{f"({name})": _written(value) for name, value in rest.items()}}


def _written(value: object) -> Cell:
    """Return a plain value as it is, a point or a list as its JSON, a large shape as its hash."""
    if not isinstance(value, dict | list):
        return _plain(value)
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
    for name in (text_formats.HEAD_ID, text_formats.ROWS_ID):
        left, mark, right = rest.partition(f'<section id="{name}">')
        inner, end, right = right.partition(text_formats.SECTION_END)
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
