"""Opening a file of a register of any kind: guards, then the reader that fits."""

import hashlib
import mmap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from network_map.errors import FileFormatError, MissingFileError
from network_map.listfiles.grid import (
    BOOK_LIMITS,
    TEXT_LIMITS,
    UPLOAD_BYTES,
    HeaderRules,
    RegisterFile,
)
from network_map.listfiles.register_process import PARQUET_MAGIC
from network_map.listfiles.text_files import Data, blocks, open_text
from network_map.listfiles.workbooks import is_workbook, open_book

_START = 8


@contextmanager
def open_register(
    content_or_path: bytes | Path,
    file_name: str,
    rules: HeaderRules,
    *,
    sheet: str | None = None,
    header_row: int | None = None,
) -> Iterator[RegisterFile]:
    """Open a register; whatever reads it ends with the block.

    Parameters
    ----------
    content_or_path
        The file: CSV, TSV, a spreadsheet or Parquet. A text file given by its path is mapped,
        not held in memory.
    file_name
        Its name.
    rules
        How its header is known.
    sheet, header_row
        Where the list stands, if that is not to be found.

    Raises
    ------
    FileFormatError
        If it cannot be read as a register at all.
    MissingFileError
        If there is no such file.
    """
    data = _data(content_or_path)
    start = bytes(data[:_START])
    is_book = is_workbook(start) or start.startswith(PARQUET_MAGIC)
    is_held = isinstance(content_or_path, bytes) or is_book
    _check_size(len(data), UPLOAD_BYTES if is_held else TEXT_LIMITS.max_bytes)
    if not bytes(data[:4096]).strip() and not bytes(data[:]).strip():
        raise FileFormatError("file_empty", file_name=file_name)
    with ThreadPoolExecutor(max_workers=1) as other:  # hashing leaves the interpreter free
        sha256 = other.submit(_sha256, data)
        if not is_book:
            register = open_text(data, rules, header_row=header_row)
            yield replace(register, file_name=file_name, file_sha256=sha256.result())
            return
        with open_book(
            bytes(data[:]), rules, sheet=sheet, header_row=header_row, limits=BOOK_LIMITS
        ) as register:
            yield replace(register, file_name=file_name, file_sha256=sha256.result())


def _sha256(data: Data) -> str:
    digest = hashlib.sha256()
    for block in blocks(data):
        digest.update(block)
    return digest.hexdigest()


def _data(content_or_path: bytes | Path) -> Data:
    if isinstance(content_or_path, bytes):
        return content_or_path
    try:
        with content_or_path.open("rb") as file:
            if content_or_path.stat().st_size == 0:
                return b""
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError as error:
        raise MissingFileError("file_missing", file=str(content_or_path)) from error
    except OSError as error:
        detail = error.strerror or str(error)
        raise FileFormatError(
            "file_unreadable", file=str(content_or_path), detail=detail
        ) from error


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise FileFormatError(
            "file_too_big", found_mb=f"{size / 1e6:,.1f}", limit_mb=f"{limit / 1e6:,.0f}"
        )
