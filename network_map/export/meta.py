"""The description of an export, and what is read back with it: nothing trusted.

What was asked, from which files, and what came out stands in every file itself and, as
``….meta.json``, beside it. It holds the recipe to derive the rows again, the hash of what was
written, and a hash of its own, so that an edited file can be told from data that have changed. In a
workbook it is a custom XML part, ``customXml/item1.xml``: spreadsheet programs show nothing of it,
and Excel keeps it when the file is saved again.

A file that is read comes from outside: its size is limited, nothing in it runs, no formula is
calculated, and of XML no entity is resolved. Text formats are parsed as text, a GeoPackage is read
as plain tables.
"""

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Literal, TypeAlias

from network_map.errors import FileFormatError
from network_map.export.bundle import (
    Bundle,
    column_heading,
    csv_bytes,
    file_name,
    values,
    writable_text,
)

# --- written --------------------------------------------------------------------------------------


META_FORMAT = "network_map.export"
"""What a description says it is."""
META_VERSION = 1
"""Version of the description's own layout."""
SEAL = "meta_sha256"


def meta_bytes(bundle: Bundle, data_files: Mapping[str, bytes] | None = None) -> bytes:
    """Return a JSON description of an export in UTF-8.

    Parameters
    ----------
    bundle
        What was exported.
    data_files
        The files that the slip accompanies, by name; the CSV file where none is given.
    """
    if data_files is None:
        data_files = {file_name(bundle, "csv"): csv_bytes(bundle)}
    slip = {
        **description(bundle),
        "data_files": [
            {"name": name, "bytes": len(data), "sha256": content_sha256(data)}
            for name, data in sorted(data_files.items())
        ],
    }
    return _json(sealed(slip), indent=1).encode() + b"\n"


def embedded_json(bundle: Bundle, body_sha256: str) -> str:
    """Return the description that stands in a file itself.

    Parameters
    ----------
    bundle
        What the file holds.
    body_sha256
        Hash of the file without this description; each format says how it is taken.
    """
    return _json(sealed({**description(bundle), "body_sha256": body_sha256}))


def description(bundle: Bundle) -> dict[str, Any]:
    """Return everything that is known about a bundle, as plain JSON values."""
    return {
        "format": META_FORMAT,
        "format_version": META_VERSION,
        "title": writable_text(bundle.title),
        "language": bundle.language,
        "dataset": bundle.dataset_label,
        "is_demo": bundle.is_demo,
        **({"notice": bundle.demo_banner} if bundle.is_demo else {}),
        "filters": [{"label": label, "value": writable_text(v)} for label, v in bundle.filters],
        "weights": dict(bundle.weights),
        "method_notes": [writable_text(note) for note in bundle.method_notes],
        "method_versions": dict(bundle.method_versions),
        "sources": [writable_text(source) for source in bundle.sources],
        "created_from": dict(bundle.created_from),
        "recipe": None if bundle.recipe is None else bundle.recipe.as_json(),
        "row_count": len(bundle.table),
        "rows_sha256": _rows_sha256(bundle),
        "columns": [
            {
                "name": column.name,
                "type": column.type.value,
                "heading": column_heading(column, bundle.language),
            }
            for column in bundle.declaration.columns
        ],
    }


def sealed(slip: Mapping[str, Any]) -> dict[str, Any]:
    """Return the description with its own hash as the last member."""
    plain = {name: value for name, value in slip.items() if name != SEAL}
    return {**plain, SEAL: content_sha256(json.dumps(plain, sort_keys=True).encode())}


def is_sealed(slip: Mapping[str, Any]) -> bool:
    """Return whether a description is as it was written."""
    return bool(slip.get(SEAL) == sealed(slip)[SEAL])


def content_sha256(data: bytes) -> str:
    """Return the SHA-256 of some bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _rows_sha256(bundle: Bundle) -> str:
    """Return a hash of the rows that is the same in every format: codes, not words."""
    cells = [values(bundle, column) for column in bundle.declaration.columns]
    rows = [bundle.declaration.names, *map(list, zip(*cells, strict=True))]
    return content_sha256(json.dumps(rows, allow_nan=False).encode())


def _json(value: Mapping[str, Any], indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)


META_PART = "customXml/item1.xml"
"""The part that our writer uses; another program may number it anew."""
META_NAMESPACE = "urn:network_map:export-meta:1"
_HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<meta xmlns="{META_NAMESPACE}">'
_TAIL = "</meta>"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_RELATION = (
    '<Relationship Id="rIdNetworkMapMeta" Target="../customXml/item1.xml" Type="http://schemas.'
    'openxmlformats.org/officeDocument/2006/relationships/customXml"/></Relationships>'
)
_DATE = (1980, 1, 1, 0, 0, 0)


def with_meta_part(workbook: bytes, make_meta: Callable[[str], str]) -> bytes:
    """Return a workbook with the description in it.

    Parameters
    ----------
    workbook
        The workbook as it was written.
    make_meta
        Returns the description, given the hash of all other parts.
    """
    from xml.sax.saxutils import escape  # noqa: PLC0415 (it loads what reads addresses)

    with zipfile.ZipFile(io.BytesIO(workbook)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    relations = parts[_RELATIONS].decode().replace("</Relationships>", _RELATION)
    parts[_RELATIONS] = relations.encode()
    meta = f"{_HEAD}{escape(make_meta(parts_sha256(parts)))}{_TAIL}"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in {**parts, META_PART: meta.encode()}.items():
            book.writestr(zipfile.ZipInfo(name, _DATE), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def parts_sha256(parts: Mapping[str, bytes]) -> str:
    """Return the hash of the parts of a workbook, whatever their order in the file."""
    listed = [f"{name} {content_sha256(content)}" for name, content in sorted(parts.items())]
    return content_sha256("\n".join(listed).encode())


def meta_in_part(content: bytes) -> str | None:
    """Return the description that a part holds, or None if it is another part.

    No XML reader is needed, and none runs on a file from outside.
    """
    from xml.sax.saxutils import unescape  # noqa: PLC0415 (as above)

    words = content.decode("utf-8", errors="replace")
    if META_NAMESPACE not in words:
        return None
    start = words.find(">", words.find("<meta")) + 1
    end = words.rfind(_TAIL)
    return unescape(words[start:end], {"&quot;": '"', "&apos;": "'"}) if 0 < start < end else None


# --- read back ------------------------------------------------------------------------------------


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
        return ((path.removeprefix("."), plain_cell(value)),)
    return tuple(row for name, part in parts for row in flat_members(part, name))


def plain_cell(value: object) -> Cell:
    """Return a plain value as it is, None for any other."""
    return value if isinstance(value, str | int | float | bool) else None
