"""Registers in delimited text (.csv, .tsv, .txt), read block by block."""

import csv
import io
import mmap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from network_map.errors import FileFormatError
from network_map.listfiles.cells import clean_text
from network_map.listfiles.contract_file import (
    CHUNK_ROWS,
    TEXT_LIMITS,
    WHOLE_TEXT_BYTES,
    Chunk,
    FoundHeader,
    HeaderRules,
    RegisterFile,
    check_cells,
    check_header,
    chunk_of,
    found_header,
    titles_above,
)
from network_map.listfiles.grid import Limits, check_extent
from network_map.listfiles.text_files import decoded, read_text

Data = bytes | mmap.mmap
"""A file in memory, or mapped into it."""
_HEAD_BYTES = 1_000_000
_BLOCK_BYTES = 8_000_000
_BY_LINES = {"utf-8", "utf-8-sig", "gb18030"}
_CONTROL_BYTES = bytes([*range(9), *range(14, 32), 127])


def open_text(
    data: Data, rules: HeaderRules, *, header_row: int | None, limits: Limits = TEXT_LIMITS
) -> RegisterFile:
    """Return a register in a text file; its rows are read when they are asked for.

    Parameters
    ----------
    data
        The file, in memory or mapped.
    rules
        How its header is known.
    header_row
        Number of the header row, if that is not to be found.
    limits
        What the file may contain.

    Raises
    ------
    FileFormatError
        If it is no text, in no known encoding, or has no header.
    """
    head = _whole_lines(bytes(data[:_HEAD_BYTES]), is_all=len(data) <= _HEAD_BYTES)
    grid = read_text(head, score=rules.score, limits=limits)
    check_extent(replace(grid, rows=grid.rows[:CHUNK_ROWS]), limits)
    header = found_header(grid.rows, rules, header_row)
    check_header(header, grid.rows)
    encoding = _encoding(data, head, str(grid.encoding))
    text, _ = decoded(head)
    lines = _lines_to(header, text, str(grid.delimiter))
    width = max(len(header.cells), 1)
    return RegisterFile(
        headers=tuple(clean_text(cell) for cell in header.cells),
        header_row=header.place + 1,
        titles=titles_above(grid.rows, header),
        total_rows=max(_line_count(data, encoding) - header.place - 1, 1),
        chunks=lambda: _chunks(
            data, lines, encoding, str(grid.delimiter), header.place + 2, width, limits
        ),
        encoding=encoding,
    )


def _let_go(data: Data) -> None:
    """Let the system take back what was read of a mapped file; it is read again where asked for."""
    if isinstance(data, mmap.mmap) and hasattr(data, "madvise"):
        data.madvise(mmap.MADV_DONTNEED)


def blocks(data: Data) -> Iterator[bytes]:
    """Yield a file piece by piece."""
    for start in range(0, len(data), _BLOCK_BYTES):
        yield bytes(data[start : start + _BLOCK_BYTES])
        _let_go(data)


def _whole_lines(head: bytes, *, is_all: bool) -> bytes:
    end = head.rfind(b"\n") + 1
    return head if is_all or not end or head.startswith((b"\xff\xfe", b"\xfe\xff")) else head[:end]


def _encoding(data: Data, head: bytes, found: str) -> str:
    """Return the encoding that holds for the whole file, not its beginning alone."""
    if found not in _BY_LINES:
        if len(data) > WHOLE_TEXT_BYTES:
            raise FileFormatError(
                "file_too_big",
                found_mb=f"{len(data) / 1e6:,.1f}",
                limit_mb=f"{WHOLE_TEXT_BYTES / 1e6:,.0f}",
            )
        return found
    if len(data) <= len(head):
        return found
    tries = [found] if not head.isascii() else [found, "gb18030"]
    for encoding in tries:
        if _is_all(data, encoding):
            return encoding
    raise FileFormatError("file_encoding_mixed" if len(tries) == 1 else "file_encoding_unknown")


def _is_all(data: Data, encoding: str) -> bool:
    """Return whether a file can be read in an encoding; control characters make it no text."""
    rest = b""
    last = (len(data) - 1) // _BLOCK_BYTES
    for number, read in enumerate(blocks(data)):
        block = rest + read
        end = block.rfind(b"\n") + 1 if number < last else len(block)
        if not _is_text(block[:end], encoding):
            return False
        if len(block.translate(None, _CONTROL_BYTES)) != len(block):
            raise FileFormatError("file_binary")
        rest = block[end:]
    return True


def _is_text(block: bytes, encoding: str) -> bool:
    """Return whether bytes can be read in an encoding; Arrow looks at UTF-8 many times faster."""
    try:
        if encoding == "gb18030":
            block.decode(encoding)
        else:
            pa.array([block], type=pa.binary()).cast(pa.string())
    except (UnicodeDecodeError, pa.ArrowInvalid):
        return False
    return True


def _line_count(data: Data, encoding: str) -> int:
    lines = sum(block.count(b"\n") for block in blocks(data))
    return lines if data[-1:] == b"\n" or encoding not in _BY_LINES else lines + 1


def _lines_to(header: FoundHeader, text: str, delimiter: str) -> list[str]:
    """Return the lines of the text down to the end of the header; a cell may hold a line break."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    for _ in islice(reader, header.place + 1):
        pass
    return list(islice(io.StringIO(text, newline=""), reader.line_num))


def _chunks(  # noqa: PLR0917 - called at one place, as the register is opened
    data: Data,
    lines: Sequence[str],
    encoding: str,
    delimiter: str,
    first_row: int,
    width: int,
    limits: Limits,
) -> Iterator[Chunk]:
    if encoding in _BY_LINES and delimiter.isascii():
        mark = 3 if encoding == "utf-8-sig" else 0
        plain = "utf-8" if mark else encoding
        offset = mark + len("".join(lines).encode(plain))
        chunks = _fast_chunks(data, offset, plain, delimiter, first_row, width)
    else:
        chunks = _slow_chunks(data, len(lines), delimiter, first_row, width)
    done = 0
    for chunk in chunks:
        done += len(chunk)
        if done > limits.max_rows:
            raise FileFormatError("file_rows_too_many", found=f">{done - 1}", limit=limits.max_rows)
        check_cells(chunk, limits)
        yield chunk


def _fast_chunks(  # noqa: PLR0917 - as above
    data: Data, offset: int, encoding: str, delimiter: str, first_row: int, width: int
) -> Iterator[Chunk]:
    """Yield the rows block by block; rows of another width are taken apart on their own."""
    odd: list[tuple[int, str]] = []

    def keep(row: pa_csv.InvalidRow) -> str:
        odd.append((row.number, row.text))
        return "skip"

    names = [str(place) for place in range(width)]
    done = 0
    if offset >= len(data):
        return
    try:
        stream = pa_csv.open_csv(
            pa.BufferReader(pa.py_buffer(data).slice(offset)),
            read_options=pa_csv.ReadOptions(
                column_names=names, block_size=_BLOCK_BYTES, use_threads=False, encoding=encoding
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=keep,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
                null_values=[],
            ),
        )
        for batch in stream:
            _let_go(data)
            aside = [(number, text) for number, text in odd if number > done]
            chunk = _with_odd_rows(batch, aside, done, first_row, delimiter)
            done = int(chunk.rows[-1]) - first_row + 1 if len(chunk) else done
            yield chunk
    except pa.ArrowInvalid as error:
        raise FileFormatError("file_quote_open", row=first_row + done) from error
    aside = [(number, text) for number, text in odd if number > done]
    if aside:
        yield _odd_chunk(aside, first_row, width, delimiter)


def _with_odd_rows(
    batch: pa.RecordBatch,
    aside: Sequence[tuple[int, str]],
    done: int,
    first_row: int,
    delimiter: str,
) -> Chunk:
    numbers = np.arange(done + 1, done + 1 + len(batch) + len(aside), dtype="int64")
    taken = np.isin(numbers, [number for number, _ in aside])
    regular = Chunk(
        numbers[~taken][: len(batch)] + first_row - 1,
        tuple(batch.columns),
        np.zeros(len(batch), dtype="bool"),
    )
    last = int(regular.rows[-1]) - first_row + 1 if len(batch) else done
    before = [(number, text) for number, text in aside if number < last]
    if not before:
        return regular
    extra = _odd_chunk(before, first_row, batch.num_columns, delimiter)
    rows = np.concatenate([regular.rows, extra.rows])
    order = np.argsort(rows, kind="stable")
    columns = (
        pa.concat_arrays(pair).take(pa.array(order))
        for pair in zip(regular.columns, extra.columns, strict=True)
    )
    is_too_wide = np.concatenate([regular.is_too_wide, extra.is_too_wide])
    return Chunk(rows[order], tuple(columns), is_too_wide[order])


def _odd_chunk(
    aside: Sequence[tuple[int, str]], first_row: int, width: int, delimiter: str
) -> Chunk:
    rows = [_cells(text, delimiter) for _, text in aside]
    return chunk_of(rows, [number + first_row - 1 for number, _ in aside], width)


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        reader = csv.reader(
            io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True
        )
        return next(reader, [])
    except csv.Error:
        return [text]


def _slow_chunks(
    data: Data, skipped_lines: int, delimiter: str, first_row: int, width: int
) -> Iterator[Chunk]:
    """Yield the rows of a text whose encoding or delimiter the fast reader does not know."""
    stream = io.StringIO(decoded(bytes(data))[0], newline="")
    for _ in islice(stream, skipped_lines):
        pass
    reader = csv.reader(stream, delimiter=delimiter, skipinitialspace=True)
    number = first_row
    try:
        while rows := list(islice(reader, CHUNK_ROWS)):
            yield chunk_of(rows, range(number, number + len(rows)), width)
            number += len(rows)
    except csv.Error as error:
        raise FileFormatError("file_quote_open", row=number) from error
