"""Opening a list in a file of any kind: guards, then the reader that fits."""

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
    DEFAULT_LIMITS,
    TEXT_LIMITS,
    UPLOAD_BYTES,
    HeaderRules,
    Limits,
    ListFile,
)
from network_map.listfiles.text_files import Data, blocks, open_text
from network_map.listfiles.workbooks import is_workbook, open_book

_START = 8


@contextmanager
def open_list(
    content_or_path: bytes | Path,
    file_name: str,
    rules: HeaderRules,
    *,
    sheet: str | None = None,
    header_row: int | None = None,
    limits: Limits | None = None,
) -> Iterator[ListFile]:
    """Open a list; whatever reads it ends with the block.

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
    limits
        What the file may ask of the machine; by default what its kind may.

    Raises
    ------
    FileFormatError
        If it cannot be read as such a list at all.
    MissingFileError
        If there is no such file.
    """
    data = _data(content_or_path)
    is_book = is_workbook(bytes(data[:_START]))
    is_held = isinstance(content_or_path, bytes) or is_book
    most = UPLOAD_BYTES if is_held else TEXT_LIMITS.max_bytes
    _check_size(len(data), most if limits is None else min(most, limits.max_bytes))
    if not bytes(data[:4096]).strip() and not bytes(data[:]).strip():
        raise FileFormatError("file_empty", file_name=file_name)
    with ThreadPoolExecutor(max_workers=1) as other:  # hashing leaves the interpreter free
        sha256 = other.submit(_sha256, data)
        if not is_book:
            found = open_text(
                data, file_name, rules, header_row=header_row, limits=limits or TEXT_LIMITS
            )
            yield _named(found, file_name, sha256.result())
            return
        with open_book(
            bytes(data[:]),
            rules,
            sheet=sheet,
            header_row=header_row,
            limits=limits or BOOK_LIMITS,
        ) as found:
            yield _named(found, file_name, sha256.result())


def _named(found: ListFile, file_name: str, sha256: str) -> ListFile:
    """Return the list with its file, and a number behind each header that stood there before."""
    seen: dict[str, int] = {}
    headers = []
    for header in found.headers:
        seen[header] = seen.get(header, 0) + 1
        is_again = header and seen[header] > 1
        headers.append(f"{header} ({seen[header]})" if is_again else header)
    return replace(found, headers=tuple(headers), file_name=file_name, file_sha256=sha256)


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
    except (OSError, ValueError) as error:
        raise _unreadable(content_or_path, error) from error


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise FileFormatError(
            "file_too_big", found_mb=f"{size / 1e6:,.1f}", limit_mb=f"{limit / 1e6:,.0f}"
        )


def read_file(path: Path, *, max_bytes: int = DEFAULT_LIMITS.max_bytes) -> bytes:
    """Return the content of a file that a person named.

    Parameters
    ----------
    path
        The file.
    max_bytes
        Size that is still read.

    Raises
    ------
    MissingFileError
        If it is not there.
    FileFormatError
        If it is too big, or cannot be read.
    """
    try:
        _check_size(path.stat().st_size, max_bytes)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise MissingFileError("file_missing", file=str(path)) from error
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> FileFormatError:
    detail = getattr(error, "strerror", None) or str(error)
    return FileFormatError("file_unreadable", file=str(path), detail=detail)
