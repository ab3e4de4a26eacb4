"""Registers in spreadsheets (.xlsx, .xls, .ods) and Parquet files, streamed from a process."""

import json
import os
import subprocess
import sys
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
from network_map.listfiles.cells import clean_text
from network_map.listfiles.contract_file import (
    Chunk,
    FoundHeader,
    HeaderRules,
    RegisterFile,
    check_cells,
    check_header,
    found_header,
    titles_above,
)
from network_map.listfiles.contract_formulas import has_external_links
from network_map.listfiles.contract_reader import PARQUET_MAGIC
from network_map.listfiles.grid import Limits
from network_map.listfiles.workbooks import check_workbook

_READER = "network_map.listfiles.contract_reader"
_EXIT_ENCRYPTED = 3


class _Sheet(TypedDict):
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
        if code == _EXIT_ENCRYPTED:
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
        sheets = _sheets(reader, content)
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


def _sheets(reader: _Reader, content: bytes) -> list[_Sheet]:
    try:
        reader.stdin.write(b"%d\n" % len(content))
        reader.stdin.write(content)
        reader.stdin.flush()
    except OSError as error:
        raise reader.failure() from error
    line = reader.stdout.readline()
    if not line.endswith(b"\n"):
        raise reader.failure()
    sheets: list[_Sheet] = json.loads(line)
    return sheets


def _check_extent(sheets: Sequence[_Sheet], limits: Limits) -> None:
    for sheet in sheets:
        for axis, found, limit in (
            ("rows", sheet["height"], limits.max_rows),
            ("columns", sheet["width"], limits.max_columns),
        ):
            if found > limit:
                raise FileFormatError(f"file_{axis}_too_many", found=found, limit=limit)


def _register(
    reader: _Reader,
    sheets: Sequence[_Sheet],
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


def _merge_note(sheet: _Sheet, header: FoundHeader) -> tuple[Problem, ...]:
    count = sum(
        bottom - top for (top, _), (bottom, _) in sheet["merged"] if bottom > top > header.place
    )
    note = Problem("merged_cells_filled", Severity.NOTE, values={"count": count})
    return (note,) if count else ()
