"""Delimited text files (.csv, .tsv, .txt): encoding and delimiter found, cells split.

Registers in delimited text (.csv, .tsv, .txt), read block by block.
"""

import csv
import io
import mmap
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from network_map.errors import FileFormatError
from network_map.listfiles.cells import clean_text
from network_map.listfiles.grid import (
    CHUNK_ROWS,
    DEFAULT_LIMITS,
    TEXT_LIMITS,
    WHOLE_TEXT_BYTES,
    Chunk,
    FoundHeader,
    Grid,
    HeaderRules,
    Limits,
    RegisterFile,
    check_cells,
    check_extent,
    check_header,
    chunk_of,
    found_header,
    titles_above,
)

DELIMITERS = (",", "\t", ";", "\uff0c", "\uff1b", "|")
"""The last but one are the full-width comma and semicolon of a Chinese keyboard."""
_SAMPLE_ROWS = 60
_MAX_LINES_IN_CELL = 60
_MOSTLY = 3
_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_MARKUP = re.compile(r"\s*(<!doctype\s+html|<html|<head|<body|<table|<meta|<\?xml)", re.IGNORECASE)
_FOREIGN_MAGIC = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"{\\rtf", "RTF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "GZIP"),
    (b"SQLite format 3", "SQLite"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")

Score = Callable[[Sequence[str]], float]
"""How much a row looks like a header row."""


def read_text(content: bytes, *, score: Score, limits: Limits = DEFAULT_LIMITS) -> Grid:
    """Return the cells of a delimited text file.

    Parameters
    ----------
    content
        The file.
    score
        Tells header rows; the delimiter under which a row scores best is taken.
    limits
        What the file may contain.

    Raises
    ------
    FileFormatError
        If it is no text, or in no known encoding, or a web page, or its quotes never close.
    """
    text, encoding = decoded(content)
    if _MARKUP.match(text):
        raise FileFormatError("file_is_web_page")
    delimiter = _best_delimiter(text, score)
    rows = tuple(_rows(text, delimiter, limits))
    return Grid(rows, encoding=encoding, delimiter=delimiter)


def decoded(content: bytes) -> tuple[str, str]:
    """Return the text of a file and the name of its encoding.

    UTF-8 with or without a byte order mark, UTF-16 and UTF-32 with one, GB18030 (which holds
    GBK and GB2312) otherwise.

    Raises
    ------
    FileFormatError
        If the file is of another kind, binary, or mixes encodings.
    """
    foreign = next((name for magic, name in _FOREIGN_MAGIC if content.startswith(magic)), None)
    if foreign is not None:
        raise FileFormatError("file_not_a_list", found=foreign)
    marked = next((name for mark, name in _BYTE_ORDER_MARKS if content.startswith(mark)), None)
    text, encoding = _marked_text(content, marked) if marked else _unmarked_text(content)
    if _CONTROL.search(text):
        raise FileFormatError("file_binary")
    return text, encoding


def _marked_text(content: bytes, encoding: str) -> tuple[str, str]:
    try:
        return content.decode(encoding), encoding
    except UnicodeDecodeError as error:
        raise FileFormatError("file_encoding_unknown") from error


def _unmarked_text(content: bytes) -> tuple[str, str]:
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    if b"\x00" in content:
        raise FileFormatError("file_binary")
    if _is_mostly_utf8(content):
        raise FileFormatError("file_encoding_mixed")
    try:
        return content.decode("gb18030"), "gb18030"
    except UnicodeDecodeError as error:
        raise FileFormatError("file_encoding_unknown") from error


def _is_mostly_utf8(content: bytes) -> bool:
    """Return whether most of what is not ASCII is good UTF-8; of GBK nearly nothing is."""
    lenient = content.decode("utf-8", errors="replace")
    good = sum(not letter.isascii() and letter != "\ufffd" for letter in lenient)
    return good > _MOSTLY * lenient.count("\ufffd")


def _best_delimiter(text: str, score: Score) -> str:
    """Return the delimiter under which a row looks most like a header, then the most regular."""
    sample = "\n".join(text.splitlines()[:_SAMPLE_ROWS])

    def merit(delimiter: str) -> tuple[float, float]:
        rows = [row for row in _sample_rows(sample, delimiter) if any(row)]
        widths = Counter(len(row) for row in rows if len(row) > 1)
        regular = max(widths.values(), default=0) / max(len(rows), 1)
        return max((score(row) for row in rows), default=0.0), regular

    return max(DELIMITERS, key=merit)


def _sample_rows(sample: str, delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))
    except csv.Error:
        return []


def _rows(text: str, delimiter: str, limits: Limits) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        for row in reader:
            if any(cell.count("\n") > _MAX_LINES_IN_CELL for cell in row):
                raise FileFormatError("file_quote_open", row=len(rows) + 1)
            rows.append(tuple(row))
            if len(rows) > limits.max_rows:
                raise FileFormatError(
                    "file_rows_too_many", found=f">{limits.max_rows}", limit=limits.max_rows
                )
    except csv.Error as error:
        raise FileFormatError(
            "file_cell_too_long", row=len(rows) + 1, limit=limits.max_cell_length
        ) from error
    return rows


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
