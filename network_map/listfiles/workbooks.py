"""Spreadsheets (.xlsx, .xlsm, .xls, .et, .ods) and Parquet files, read in a process of their own.

Only saved values are read; no formula, macro or link is followed.
"""

import io
import json
import zipfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TypedDict

import numpy as np
import pyarrow as pa

from network_map.errors import FileFormatError, Problem, Severity
from network_map.listfiles.cells import clean_text
from network_map.listfiles.grid import (
    HEADER_WITHIN,
    Chunk,
    FoundHeader,
    HeaderRules,
    Limits,
    ListFile,
    check_cells,
    check_header,
    chunk_of,
    found_header,
    titles_above,
)
from network_map.listfiles.guarded import GuardedReader, guarded_reader
from network_map.listfiles.workbook_parts import DAMAGED, book_part, part_names
from network_map.listfiles.workbook_process import PARQUET_MAGIC

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_READER = "network_map.listfiles.workbook_process"
_MAX_PARTS = 5_000
_MAX_RATIO = 200
_RATIO_MATTERS_FROM = 20_000_000
_ODS_KIND = b"application/vnd.oasis.opendocument.spreadsheet"
_KIND_WITHIN = 200
"""An OpenDocument file names its kind uncompressed in its first part."""
_EXTERNAL = "xl/externallinks/"
_FOREIGN_PARTS = {
    "word/document.xml": "Word",
    "ppt/presentation.xml": "PowerPoint",
    "content.xml": "OpenDocument",
    "xl/workbook.bin": "XLSB",
    "doc.kml": "KMZ",
}
_ROWS_NAMED = 20


class _Sheet(TypedDict):
    """What the reading process says of a sheet."""

    name: str
    height: int
    width: int
    head: list[list[str]]
    merged: list[list[list[int]]]
    hidden_rows: list[int]
    hidden_count: int
    is_1904: bool
    scaled: list[tuple[int, int]]
    units: list[tuple[int, str, int]]
    is_short: bool


def is_workbook(content: bytes) -> bool:
    """Return whether the file begins like a spreadsheet, a packed office file or Parquet."""
    return content.startswith((ZIP_MAGIC, b"PK\x05\x06", OLE_MAGIC, PARQUET_MAGIC))


@contextmanager
def open_book(
    content: bytes,
    rules: HeaderRules,
    *,
    sheet: str | None,
    header_row: int | None,
    limits: Limits,
) -> Iterator[ListFile]:
    """Open a list in a spreadsheet or Parquet file; the reading process ends with the block.

    Raises
    ------
    FileFormatError
        If it is no such file, damaged, encrypted or too large, takes values from other files, or
        has no header.
    """
    if content.startswith(OLE_MAGIC):
        _check_compound_file(content)
    elif not content.startswith(PARQUET_MAGIC):
        _check_zip(content, limits)
    wanted = (limits.max_rows, limits.max_columns, limits.memory_bytes)
    head_rows = max(HEADER_WITHIN, header_row or 0)
    damaged = FileFormatError("file_spreadsheet_damaged")
    with guarded_reader(_READER, *wanted, head_rows, limits=limits, damaged=damaged) as reader:
        reader.say(b"%d\n" % len(content))
        reader.say(content)
        sheets: list[_Sheet] = json.loads(reader.line())
        _check_extent(sheets, limits)
        yield _list_file(reader, sheets, rules, sheet=sheet, header_row=header_row)


# --- looked at from outside, before anything is unpacked ------------------------------------------


def _check_compound_file(content: bytes) -> None:
    def has(stream: str) -> bool:
        return stream.encode("utf-16-le") in content

    if has("EncryptedPackage") or has("EncryptionInfo"):
        raise FileFormatError("file_encrypted")
    if has("WordDocument") or has("PowerPoint Document"):
        raise FileFormatError("file_not_a_list", found="Word / PowerPoint")


def _check_zip(content: bytes, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            names = part_names(archive)
            is_encrypted = any(part.flag_bits & 1 for part in parts)
            is_small = _fits_unpacked(content, parts, limits)
            book = book_part(archive, names) if is_small and not is_encrypted else None
    except DAMAGED as error:
        raise FileFormatError("file_spreadsheet_damaged") from error
    if is_encrypted:
        raise FileFormatError("file_encrypted")
    if not is_small:
        raise FileFormatError(
            "file_unpacks_too_large",
            found_mb=f"{sum(part.file_size for part in parts) / 1e6:,.0f}",
            limit_mb=f"{limits.max_unpacked_bytes / 1e6:,.0f}",
        )
    if book is None and _ODS_KIND not in content[:_KIND_WITHIN]:
        if any(name.endswith((".shp", ".dbf")) for name in names):
            raise FileFormatError("file_shapefile_part")
        raise FileFormatError("file_not_a_list", found=_foreign_kind(names))
    if any(name.startswith(_EXTERNAL) for name in names):
        raise FileFormatError("file_external_links")


def _foreign_kind(names: Collection[str]) -> str:
    if any(name.endswith((".geojson", ".gpkg", ".kml")) for name in names):
        return "GeoJSON / GeoPackage / KML"
    return next((kind for part, kind in _FOREIGN_PARTS.items() if part in names), "ZIP")


def _fits_unpacked(content: bytes, parts: Sequence[zipfile.ZipInfo], limits: Limits) -> bool:
    unpacked = sum(part.file_size for part in parts)
    is_suspicious = unpacked > _RATIO_MATTERS_FROM and unpacked > _MAX_RATIO * len(content)
    is_small = unpacked <= limits.max_unpacked_bytes and len(parts) <= _MAX_PARTS
    return is_small and not is_suspicious


# --- read -----------------------------------------------------------------------------------------


def _check_extent(sheets: Sequence[_Sheet], limits: Limits) -> None:
    for sheet in sheets:
        for axis, found, limit in (
            ("rows", sheet["height"], limits.max_rows),
            ("columns", sheet["width"], limits.max_columns),
        ):
            if found > limit:
                raise FileFormatError(f"file_{axis}_too_many", found=found, limit=limit)


def _list_file(
    reader: GuardedReader,
    sheets: Sequence[_Sheet],
    rules: HeaderRules,
    *,
    sheet: str | None,
    header_row: int | None,
) -> ListFile:
    names = [one["name"] for one in sheets]
    places = [n for n, name in enumerate(names) if sheet is None or name == sheet]
    if sheet is not None and not places:
        raise FileFormatError("file_sheet_unknown", sheet=sheet, sheets="、".join(names))
    filled = [n for n in places if any(any(row) for row in sheets[n]["head"])]
    if not filled:
        raise FileFormatError("file_empty", file_name="、".join(names))
    found = {n: found_header(sheets[n]["head"], rules, header_row) for n in filled}
    best = max(filled, key=lambda n: found[n].score)
    chosen, header = sheets[best], found[best]
    check_header(header, chosen["head"], rules)
    others = tuple(name for n, name in enumerate(names) if n != best and name)
    width = chosen["width"]
    return ListFile(
        headers=tuple(
            clean_text(cell) for cell in (*header.cells, *[""] * (width - len(header.cells)))
        ),
        header_row=header.place + 1,
        titles=titles_above(chosen["head"], header),
        total_rows=chosen["height"] - header.place - 1,
        chunks=lambda unfilled: _chunks(reader, best, chosen, header.place + 1, unfilled),
        sheet_name=chosen["name"] or None,
        other_sheets=others,
        merged=tuple(
            (top + 1, bottom + 1, left)
            for (top, left), (bottom, _) in chosen["merged"]
            if bottom > top > header.place
        ),
        is_1904=chosen["is_1904"],
        scaled={column: row + 1 for column, row in chosen["scaled"] if row > header.place},
        units={(at, unit): row + 1 for at, unit, row in chosen["units"] if row > header.place},
        notes=_notes(chosen, others, header),
    )


def _chunks(
    reader: GuardedReader, place: int, sheet: _Sheet, start: int, unfilled: Collection[int]
) -> Iterator[Chunk]:
    number = start + 1
    reader.say(" ".join(map(str, (place, start, *unfilled))).encode() + b"\n")
    if sheet["is_short"]:
        rows: list[list[str]] = json.loads(reader.line())
        chunk = chunk_of(rows, range(number, number + len(rows)), sheet["width"])
        check_cells(chunk, reader.limits)
        yield chunk
        return
    try:
        with pa.ipc.open_stream(reader.stdout) as stream:
            for batch in stream:
                chunk = Chunk(
                    np.arange(number, number + len(batch), dtype="int64"),
                    tuple(batch.columns),
                    np.zeros(len(batch), dtype="bool"),
                )
                check_cells(chunk, reader.limits)
                yield chunk
                number += len(batch)
    except (pa.ArrowException, OSError) as error:
        raise reader.failure() from error


def _notes(sheet: _Sheet, others: Sequence[str], header: FoundHeader) -> tuple[Problem, ...]:
    hidden = [row + 1 for row in sheet["hidden_rows"] if row > header.place]
    count = sheet["hidden_count"] - len(sheet["hidden_rows"]) + len(hidden)
    rows = "、".join(map(str, hidden[:_ROWS_NAMED])) + ("…" if count > _ROWS_NAMED else "")
    told = (
        ("sheet_chosen", {"sheet": sheet["name"], "others": "、".join(others)}, bool(others)),
        ("rows_hidden", {"count": count, "rows": rows}, bool(hidden)),
    )
    return tuple(
        Problem(code, Severity.NOTE, values=values) for code, values, is_so in told if is_so
    )
