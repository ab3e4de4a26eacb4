"""Spreadsheet files (.xlsx, .xlsm, .xls, .et): guarded, and read in a process of their own.

Only cached values are read; no formula, macro or link is followed.
"""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from network_map.errors import FileFormatError
from network_map.listfiles import workbook_process as workbook_reader
from network_map.listfiles.grid import DEFAULT_LIMITS, Grid, Limits, Merge

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAX_PARTS = 5_000
_MAX_RATIO = 200
_RATIO_MATTERS_FROM = 20_000_000
_ODS_KIND = b"application/vnd.oasis.opendocument.spreadsheet"
_KIND_WITHIN = 200
"""An OpenDocument file names its kind uncompressed in its first part."""
_EXIT_ENCRYPTED = 3
_EXIT_TOO_MUCH_TEXT = 5
_FOREIGN_PARTS = {
    "word/document.xml": "Word",
    "ppt/presentation.xml": "PowerPoint",
    "content.xml": "OpenDocument",
    "xl/workbook.bin": "XLSB",
}


class _Sheet(TypedDict, total=False):
    """One sheet as the reading process writes it."""

    name: str
    start: Sequence[int]
    rows: Sequence[Sequence[str]]
    merged: Sequence[Sequence[Sequence[int]]]
    too_many: str
    found: int


def is_workbook(content: bytes) -> bool:
    """Return whether the file begins like a spreadsheet (or like another packed office file)."""
    return content.startswith((ZIP_MAGIC, b"PK\x05\x06", OLE_MAGIC))


def read_workbook(content: bytes, *, limits: Limits = DEFAULT_LIMITS) -> tuple[Grid, ...]:
    """Return the visible worksheets of a spreadsheet file, in order, empty ones left out.

    Parameters
    ----------
    content
        The file.
    limits
        What reading it may cost.

    Raises
    ------
    FileFormatError
        If it is encrypted, damaged, too large when unpacked, or no spreadsheet at all.
    """
    check_workbook(content, limits)
    sheets = _sheets(content, limits)
    _check_sheets(sheets, limits)
    return tuple(_grid(sheet) for sheet in sheets if sheet["rows"])


def check_workbook(content: bytes, limits: Limits, *, takes_ods: bool = False) -> None:
    """Look at a spreadsheet file from outside, before anything is unpacked.

    Parameters
    ----------
    content
        The file.
    limits
        What reading it may cost.
    takes_ods
        Whether an OpenDocument spreadsheet will do.

    Raises
    ------
    FileFormatError
        If it is encrypted, damaged, too large when unpacked, or no spreadsheet at all.
    """
    if content.startswith(OLE_MAGIC):
        _check_compound_file(content)
    else:
        _check_zip(content, limits, takes_ods=takes_ods)


def _check_compound_file(content: bytes) -> None:
    def has(stream: str) -> bool:
        return stream.encode("utf-16-le") in content

    if has("EncryptedPackage") or has("EncryptionInfo"):
        raise FileFormatError("file_encrypted")
    if has("WordDocument") or has("PowerPoint Document"):
        raise FileFormatError("file_not_a_list", found="Word / PowerPoint")


def _check_zip(content: bytes, limits: Limits, *, takes_ods: bool) -> None:
    """Look at the directory of the packed file before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise FileFormatError("file_spreadsheet_damaged") from error
    if any(part.flag_bits & 1 for part in parts):
        raise FileFormatError("file_encrypted")
    _check_unpacked_size(content, parts, limits)
    names = {part.filename for part in parts}
    is_ods = takes_ods and _ODS_KIND in content[:_KIND_WITHIN]
    if "xl/workbook.xml" not in names and not is_ods:
        foreign = next((name for part, name in _FOREIGN_PARTS.items() if part in names), "ZIP")
        raise FileFormatError("file_not_a_list", found=foreign)


def _check_unpacked_size(content: bytes, parts: Sequence[zipfile.ZipInfo], limits: Limits) -> None:
    unpacked = sum(part.file_size for part in parts)
    suspicious = unpacked > _RATIO_MATTERS_FROM and unpacked > _MAX_RATIO * len(content)
    if unpacked > limits.max_unpacked_bytes or suspicious or len(parts) > _MAX_PARTS:
        raise FileFormatError(
            "file_unpacks_too_large",
            found_mb=f"{unpacked / 1e6:,.0f}",
            limit_mb=f"{limits.max_unpacked_bytes / 1e6:,.0f}",
        )


def _sheets(content: bytes, limits: Limits) -> list[_Sheet]:
    """Run the reader on the file and return what it wrote."""
    reader = [
        sys.executable, "-P", str(Path(workbook_reader.__file__)),
        str(limits.max_rows), str(limits.max_columns), str(limits.memory_bytes),
    ]  # fmt: skip
    try:
        done = subprocess.run(  # noqa: S603 - our own program, fixed arguments
            reader,
            input=content,
            capture_output=True,
            timeout=limits.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise FileFormatError("file_takes_too_long", seconds=f"{limits.seconds:.0f}") from error
    if done.returncode == _EXIT_ENCRYPTED:
        raise FileFormatError("file_encrypted")
    if done.returncode == _EXIT_TOO_MUCH_TEXT:
        raise FileFormatError("file_too_much_text", limit=f"{workbook_reader.MAX_TEXT:,}")
    if done.returncode != 0:
        raise FileFormatError("file_spreadsheet_damaged")
    return list(json.loads(done.stdout))


def _check_sheets(sheets: Sequence[_Sheet], limits: Limits) -> None:
    for sheet in sheets:
        if "too_many" in sheet:
            axis = sheet["too_many"]
            limit = limits.max_rows if axis == "rows" else limits.max_columns
            raise FileFormatError(f"file_{axis}_too_many", found=sheet["found"], limit=limit)


def _grid(sheet: _Sheet) -> Grid:
    top, left = sheet["start"]
    return Grid(
        tuple(tuple(row) for row in sheet["rows"]),
        first_row=top + 1,
        merged=tuple(_merge(area, top, left) for area in sheet["merged"]),
        sheet_name=sheet["name"],
    )


def _merge(area: Sequence[Sequence[int]], top: int, left: int) -> Merge:
    (first_row, first_column), (last_row, last_column) = area
    return (first_row - top, first_column - left, last_row - top, last_column - left)
