"""Spreadsheet files (.xlsx, .xlsm, .xls, .et): guarded, and read in a process of their own.

Only cached values are read; no formula, macro or link is followed.

Registers in spreadsheets (.xlsx, .xls, .ods) and Parquet files, streamed from a process.
"""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Timer
from typing import IO, TypedDict

import numpy as np
import pyarrow as pa

import network_map
from network_map.errors import FileFormatError, Problem, Severity
from network_map.listfiles import workbook_process as workbook_reader
from network_map.listfiles.cells import clean_text
from network_map.listfiles.grid import (
    DEFAULT_LIMITS,
    Chunk,
    FoundHeader,
    Grid,
    HeaderRules,
    Limits,
    Merge,
    RegisterFile,
    check_cells,
    check_header,
    found_header,
    titles_above,
)
from network_map.listfiles.register_process import PARQUET_MAGIC, has_external_links

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


_READER = "network_map.listfiles.register_process"
_BOOK_ENCRYPTED = 3


class _BookSheet(TypedDict):
    """What the reading process says of a sheet."""

    name: str
    height: int
    width: int
    head: list[list[str]]
    merged: list[list[list[int]]]


@dataclass(frozen=True)
class _Reader:
    """The reading process, and whether its time ran out."""

    process: subprocess.Popen[bytes]
    stdin: IO[bytes]
    stdout: IO[bytes]
    is_late: Event
    limits: Limits

    def failure(self) -> FileFormatError:
        """Return why the process ended early."""
        code = self.process.wait()
        if self.is_late.is_set():
            return FileFormatError("file_takes_too_long", seconds=f"{self.limits.seconds:.0f}")
        if code == _BOOK_ENCRYPTED:
            return FileFormatError("file_encrypted")
        return FileFormatError("file_spreadsheet_damaged")


@contextmanager
def open_book(
    content: bytes,
    rules: HeaderRules,
    *,
    sheet: str | None,
    header_row: int | None,
    limits: Limits,
) -> Iterator[RegisterFile]:
    """Open a register in a spreadsheet or Parquet file; the reading process ends with the block.

    Parameters
    ----------
    content
        The file.
    rules
        How its header is known.
    sheet, header_row
        Where the list stands, if that is not to be found.
    limits
        What reading may cost.

    Raises
    ------
    FileFormatError
        If it is no such file, damaged, encrypted or too large, takes values from other files, or
        has no header.
    """
    if not content.startswith(PARQUET_MAGIC):
        check_workbook(content, limits, takes_ods=True)
        if has_external_links(content):
            raise FileFormatError("file_external_links")
    with _reading(limits) as reader:
        sheets = _book_sheets(reader, content)
        _check_extent(sheets, limits)
        yield _register(reader, sheets, rules, sheet=sheet, header_row=header_row)


@contextmanager
def _reading(limits: Limits) -> Iterator[_Reader]:
    command = [
        sys.executable, "-P", "-m", _READER,
        str(limits.max_rows), str(limits.max_columns), str(limits.memory_bytes),
    ]  # fmt: skip
    root = str(Path(network_map.__file__).parents[1])
    process = subprocess.Popen(  # noqa: S603 - our own program, fixed arguments
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": root},
    )
    is_late = Event()

    def stop() -> None:
        is_late.set()
        process.kill()

    timer = Timer(limits.seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        if process.stdin is None or process.stdout is None:
            raise FileFormatError("file_spreadsheet_damaged")
        yield _Reader(process, process.stdin, process.stdout, is_late, limits)
    finally:
        timer.cancel()
        process.kill()
        with suppress(OSError, ValueError):
            process.communicate()


def _book_sheets(reader: _Reader, content: bytes) -> list[_BookSheet]:
    try:
        reader.stdin.write(b"%d\n" % len(content))
        reader.stdin.write(content)
        reader.stdin.flush()
    except OSError as error:
        raise reader.failure() from error
    line = reader.stdout.readline()
    if not line.endswith(b"\n"):
        raise reader.failure()
    sheets: list[_BookSheet] = json.loads(line)
    return sheets


def _check_extent(sheets: Sequence[_BookSheet], limits: Limits) -> None:
    for sheet in sheets:
        for axis, found, limit in (
            ("rows", sheet["height"], limits.max_rows),
            ("columns", sheet["width"], limits.max_columns),
        ):
            if found > limit:
                raise FileFormatError(f"file_{axis}_too_many", found=found, limit=limit)


def _register(
    reader: _Reader,
    sheets: Sequence[_BookSheet],
    rules: HeaderRules,
    *,
    sheet: str | None,
    header_row: int | None,
) -> RegisterFile:
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
    check_header(header, chosen["head"])
    others = tuple(name for n, name in enumerate(names) if n != best and name)
    return RegisterFile(
        headers=_headers(header, chosen["width"]),
        header_row=header.place + 1,
        titles=titles_above(chosen["head"], header),
        total_rows=chosen["height"] - header.place - 1,
        chunks=lambda: _chunks(reader, best, header.place + 1),
        sheet_name=chosen["name"] or None,
        other_sheets=others,
        notes=(*_sheet_note(chosen["name"], others), *_merge_note(chosen, header)),
    )


def _headers(header: FoundHeader, width: int) -> tuple[str, ...]:
    return tuple(clean_text(cell) for cell in (*header.cells, *[""] * (width - len(header.cells))))


def _chunks(reader: _Reader, sheet: int, start: int) -> Iterator[Chunk]:
    number = start + 1
    try:
        reader.stdin.write(b"%d %d\n" % (sheet, start))
        reader.stdin.flush()
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


def _sheet_note(name: str, others: Sequence[str]) -> tuple[Problem, ...]:
    if not others:
        return ()
    values = {"sheet": name, "others": "、".join(others)}
    return (Problem("sheet_chosen", Severity.NOTE, values=values),)


def _merge_note(sheet: _BookSheet, header: FoundHeader) -> tuple[Problem, ...]:
    count = sum(
        bottom - top for (top, _), (bottom, _) in sheet["merged"] if bottom > top > header.place
    )
    note = Problem("merged_cells_filled", Severity.NOTE, values={"count": count})
    return (note,) if count else ()
