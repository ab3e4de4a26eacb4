"""Delimited text (.csv, .tsv, .txt): encoding, delimiter and quotes found, rows in chunks.

A file whose quotes all close in the line where they open is read by Arrow, block by block. Any
other file is read line by line, so that a quote that swallows lines is seen and named.
"""

import codecs
import csv
import io
import mmap
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from network_map.errors import FileFormatError
from network_map.listfiles.cells import clean_text, mended
from network_map.listfiles.encodings import unmarked_encoding
from network_map.listfiles.grid import (
    CHUNK_ROWS,
    HEADER_WITHIN,
    TEXT_LIMITS,
    WHOLE_TEXT_BYTES,
    Chunk,
    FoundHeader,
    HeaderRules,
    Limits,
    ListFile,
    check_cells,
    check_header,
    chunk_of,
    found_header,
    shown,
    titles_above,
)

Data = bytes | mmap.mmap
"""A file in memory, or mapped into it."""

DELIMITERS = (",", "\t", ";", "\uff0c", "\uff1b", "|")
"""The last but one are the full-width comma and semicolon of a Chinese keyboard."""
_SAMPLE_LINES = 60
_MOST_LINES = 60
"""Lines of one cell; a cell with more of them was never closed."""
_HEAD_BYTES = 1_000_000
_BLOCK_BYTES = 8_000_000
_ESCAPES_JUDGED = 200
_LEAST_COLUMNS = 4
"""With fewer columns a line inside a cell may have as many commas as a row."""
_BY_BYTES = {"utf-8", "utf-8-sig", "gb18030"}
_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_MARKUP = re.compile(r"\s*(<!doctype\s+html|<html|<head|<body|<table|<meta|<\?xml)", re.IGNORECASE)
_GEOJSON = re.compile(r'\s*\{[^{}]{0,400}"type"\s*:\s*"(Feature|FeatureCollection|Topology)"')
_JSON = re.compile(r'\s*(\[\s*)?\{\s*"[^"\n]{0,100}"\s*:')
_KML = re.compile(r"\s*(<\?xml[^>]*>\s*)?<kml[\s>]", re.IGNORECASE)
_SHAPEFILE_MAGIC = b"\x00\x00\x27\x0a"
_FOREIGN_MAGIC = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"{\\rtf", "RTF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "GZIP"),
    (b"SQLite format 3", "SQLite / GeoPackage"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_CONTROL_BYTES = bytes([*range(9), *range(14, 32), 127])
_LINE_END = re.compile(r"\r\n|\r|\n")
_GUARDED = re.compile(rb"'[=+\-@\t]")
_GUARD = r"^'[=+\-@\t]"
_QUOTE, _LINE_FEED, _RETURN = (ord(letter) for letter in '"\n\r')
_EURO = "code_page_936"


def _euro(error: UnicodeError) -> tuple[str, int]:
    """Return the euro sign for the byte that code page 936 has for it and GB 18030 has not."""
    if isinstance(error, UnicodeDecodeError) and error.object[error.start] == 0x80:  # noqa: PLR2004 - the byte
        return "€", error.start + 1
    raise error


codecs.register_error(_EURO, _euro)


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How the cells of a text are told apart.

    Parameters
    ----------
    encoding, delimiter
        As found.
    escape
        What stands before a quote that belongs to the cell, where it is not doubled.
    is_plain
        Whether every quote closes in its line, so that any reader finds the same cells.
    is_guarded
        Whether cells begin with the apostrophe that keeps them from becoming formulas.
    """

    encoding: str
    delimiter: str
    escape: str | None = None
    is_plain: bool = False
    is_guarded: bool = False


def open_text(
    data: Data, file_name: str, rules: HeaderRules, *, header_row: int | None, limits: Limits
) -> ListFile:
    """Return a list in a text file; its rows are read when they are asked for.

    Raises
    ------
    FileFormatError
        If it is no text, in no known encoding, or has no header.
    """
    text, encoding = _head(data)
    _refuse_markup(text)
    delimiter = _best_delimiter(text, rules)
    dialect = _survey(data, encoding, delimiter)
    wanted = max(HEADER_WITHIN, header_row or 0)
    rows = list(islice(_records(_lines(text), dialect, 1, None), wanted))
    _check_rows(rows, limits)
    if not any(shown(row) for row in rows):
        raise FileFormatError("file_empty", file_name=file_name)
    header = found_header(rows, rules, header_row)
    check_header(header, rows, rules)
    width = max(len(header.cells), 1)
    return ListFile(
        headers=tuple(clean_text(cell) for cell in header.cells),
        header_row=header.place + 1,
        titles=titles_above(rows, header),
        total_rows=max(_line_count(data) - header.place - 1, 1),
        chunks=lambda _: _chunks(data, text, header, dialect, width, limits),
        encoding=dialect.encoding,
        delimiter=delimiter,
    )


def blocks(data: Data) -> Iterator[bytes]:
    """Yield a file piece by piece."""
    for start in range(0, len(data), _BLOCK_BYTES):
        yield bytes(data[start : start + _BLOCK_BYTES])
        _let_go(data)


def _let_go(data: Data) -> None:
    """Let the system take back what was read of a mapped file; it is read again where asked for."""
    if isinstance(data, mmap.mmap) and hasattr(data, "madvise"):
        data.madvise(mmap.MADV_DONTNEED)


# --- what kind of text it is ----------------------------------------------------------------------


def _head(data: Data) -> tuple[str, str]:
    """Return the beginning of a file as text, whole lines of it, and the name of its encoding.

    UTF-8 with or without a byte order mark, UTF-16 and UTF-32, GB18030 (which holds GBK and
    GB2312, here with the euro sign of code page 936) otherwise.
    """
    head = bytes(data[:_HEAD_BYTES])
    foreign = next((name for magic, name in _FOREIGN_MAGIC if head.startswith(magic)), None)
    if foreign is not None:
        raise FileFormatError("file_not_a_list", found=foreign)
    if head.startswith(_SHAPEFILE_MAGIC):
        raise FileFormatError("file_shapefile_part")
    is_all = len(data) <= len(head)
    marked = next((name for mark, name in _BYTE_ORDER_MARKS if head.startswith(mark)), None)
    encoding = marked or unmarked_encoding(head, is_all=is_all)
    try:
        text = codecs.getincrementaldecoder(encoding)(_errors(encoding)).decode(head, is_all)
    except UnicodeDecodeError as error:
        raise FileFormatError("file_encoding_unknown") from error
    if _CONTROL.search(text):
        raise FileFormatError("file_binary")
    end = max(text.rfind("\n"), text.rfind("\r")) + 1
    return (text if is_all or not end else text[:end]), encoding


def _errors(encoding: str) -> str:
    return _EURO if encoding == "gb18030" else "strict"


def _refuse_markup(text: str) -> None:
    found = _GEOJSON.match(text)
    if found:
        name = "TopoJSON" if found[1] == "Topology" else "GeoJSON"
        raise FileFormatError("file_not_a_list", found=name)
    for pattern, name in ((_JSON, "JSON"), (_KML, "KML")):
        if pattern.match(text):
            raise FileFormatError("file_not_a_list", found=name)
    if _MARKUP.match(text):
        raise FileFormatError("file_is_web_page")


def _best_delimiter(text: str, rules: HeaderRules) -> str:
    """Return the delimiter under which a row looks most like a header, then the most regular."""
    sample = "\n".join(_LINE_END.split(text[:_HEAD_BYTES], _SAMPLE_LINES)[:_SAMPLE_LINES])

    def merit(delimiter: str) -> tuple[float, float]:
        rows = [row for row in _sample_rows(sample, delimiter) if any(row)]
        widths = Counter(len(row) for row in rows if len(row) > 1)
        regular = max(widths.values(), default=0) / max(len(rows), 1)
        # Not the columns beyond the limit: there may be any number, and the file is refused anyway.
        scores = (rules.score(row[: TEXT_LIMITS.max_columns]) for row in rows)
        return max(scores, default=0.0), regular

    return max(DELIMITERS, key=merit)


def _sample_rows(sample: str, delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))
    except csv.Error:
        return []


def _survey(data: Data, encoding: str, delimiter: str) -> _Dialect:
    """Return how the whole file is read, each of its blocks looked at once or twice."""
    if encoding not in _BY_BYTES:
        if len(data) > WHOLE_TEXT_BYTES:
            raise FileFormatError(
                "file_too_big",
                found_mb=f"{len(data) / 1e6:,.1f}",
                limit_mb=f"{WHOLE_TEXT_BYTES / 1e6:,.0f}",
            )
        return _Dialect(encoding, delimiter)
    is_open = encoding == "utf-8" and bytes(data[:_HEAD_BYTES]).isascii()
    is_euro = is_plain = False
    for name in ("utf-8", "gb18030") if is_open else (encoding,):
        found = _in_encoding(data, name, delimiter)
        if found is not None:
            encoding, (is_plain, is_euro) = name, found
            break
    else:
        raise FileFormatError("file_encoding_unknown" if is_open else "file_encoding_mixed")
    escape = _escape(data, encoding, delimiter) if data.find(rb"\"") >= 0 else None
    return _Dialect(
        encoding,
        delimiter,
        escape,
        is_plain=is_plain and not is_euro and escape is None and delimiter.isascii(),
        is_guarded=any(_GUARDED.search(block) for block in blocks(data)),
    )


def _in_encoding(data: Data, encoding: str, delimiter: str) -> tuple[bool, bool] | None:
    """Return whether every quote closes in its line and whether there is a euro sign of 936.

    None if the file is not in the encoding; control characters make it no text at all.
    """
    rest, is_plain, is_euro = b"", True, False
    last = (len(data) - 1) // _BLOCK_BYTES
    for number, read in enumerate(blocks(data)):
        block = rest + read
        end = max(block.rfind(b"\n"), block.rfind(b"\r")) + 1 if number < last else len(block)
        whole, rest = block[:end], block[end:]
        if not _is_text(whole, encoding):
            if encoding != "gb18030" or not _is_text(whole, encoding, _EURO):
                return None
            is_euro = True
        if len(whole.translate(None, _CONTROL_BYTES)) != len(whole):
            raise FileFormatError("file_binary")
        is_plain = is_plain and _closes_in_line(whole, delimiter)
    return is_plain, is_euro


def _is_text(block: bytes, encoding: str, errors: str = "strict") -> bool:
    """Return whether bytes can be read in an encoding; Arrow looks at UTF-8 many times faster."""
    try:
        if encoding == "gb18030":
            block.decode(encoding, errors)
        else:
            pa.array([block], type=pa.binary()).cast(pa.string())
    except (UnicodeDecodeError, pa.ArrowInvalid):
        return False
    return True


def _closes_in_line(block: bytes, delimiter: str) -> bool:
    """Return whether every quote stands where one opens or closes, all closed in their line."""
    if b'"' not in block:
        return True
    letters = np.frombuffer(block, "uint8")
    quotes = np.flatnonzero(letters == _QUOTE)
    ends = np.flatnonzero((letters == _LINE_FEED) | (letters == _RETURN))
    if (np.bincount(np.searchsorted(ends, quotes)) % 2).any():
        return False
    beside = [_QUOTE, _LINE_FEED, _RETURN, *delimiter.encode()]
    framed = np.concatenate([[_LINE_FEED], letters, [_LINE_FEED]])
    opens, closes = quotes[::2], quotes[1::2]
    return bool(np.isin(framed[opens], beside).all() and np.isin(framed[closes + 2], beside).all())


def _escape(data: Data, encoding: str, delimiter: str) -> str | None:
    r"""Return the backslash if lines with \" are more regular when it keeps the quote."""
    usual = Counter(
        _width(line, delimiter, None) for line in islice(_text_lines(data, encoding), _SAMPLE_LINES)
    ).most_common(1)[0][0]
    lines = (line for line in _text_lines(data, encoding) if r"\"" in line)
    gain = sum(
        (_width(line, delimiter, "\\") == usual) - (_width(line, delimiter, None) == usual)
        for line in islice(lines, _ESCAPES_JUDGED)
    )
    return "\\" if gain > 0 else None


_cells = partial(csv.reader, skipinitialspace=True)


def _width(line: str, delimiter: str, escape: str | None) -> int:
    try:
        return len(next(_cells([line], delimiter=delimiter, escapechar=escape, strict=True), []))
    except csv.Error:
        return 0


def _line_count(data: Data) -> int:
    feeds = sum(block.count(b"\n") for block in blocks(data))
    return (feeds or sum(block.count(b"\r") for block in blocks(data))) + 1


# --- rows, line by line ---------------------------------------------------------------------------


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a text with their ends; only CR, LF and both together end a line."""
    return iter(io.StringIO(text, newline=""))


def _text_lines(data: Data, encoding: str) -> Iterator[str]:
    """Yield the lines of a file, decoded block by block."""
    decoder = codecs.getincrementaldecoder(encoding)(_errors(encoding))
    rest, done = "", 0
    try:
        for block in blocks(data):
            text = decoder.decode(block)
            if encoding not in _BY_BYTES and _CONTROL.search(text):
                raise FileFormatError("file_binary")
            lines = list(_lines(rest + text))
            rest = lines.pop() if lines else ""
            yield from lines
            done += len(lines)
            if len(rest) > _BLOCK_BYTES:
                limit = TEXT_LIMITS.max_cell_length
                raise FileFormatError("file_cell_too_long", row=done + 1, limit=limit)
        yield from _lines(rest + decoder.decode(b"", final=True))
    except UnicodeDecodeError as error:
        raise FileFormatError("file_encoding_unknown") from error


def _records(
    lines: Iterable[str], dialect: _Dialect, first_row: int, width: int | None
) -> Iterator[list[str]]:
    """Yield the cells of each row, and refuse a quote that swallows other rows."""
    raw: list[str] = []

    def fed() -> Iterator[str]:
        for line in lines:
            raw.append(line)
            yield line

    feed, number = fed(), first_row
    try:
        for row in _cells(feed, delimiter=dialect.delimiter, escapechar=dialect.escape):
            if len(raw) > 1:
                _check_quotes(raw, dialect, number, width)
            elif width is not None and _is_cut_short(raw[0], dialect):
                raise FileFormatError("file_quote_open", row=number, lines=0)
            raw.clear()
            yield row
            number += 1
    except csv.Error as error:
        if len(raw) > 1:
            following = len(raw) - 1 + sum(1 for _ in feed)
            raise FileFormatError("file_quote_open", row=number, lines=following) from error
        raise FileFormatError(
            "file_cell_too_long", row=number, limit=TEXT_LIMITS.max_cell_length
        ) from error


def _check_quotes(raw: Sequence[str], dialect: _Dialect, number: int, width: int | None) -> None:
    """Refuse a row of several lines whose quote never closes, or whose lines are rows."""
    following = len(raw) - 1
    text = "".join(raw)
    quotes = text.count('"') - (text.count(r"\"") if dialect.escape else 0)
    if quotes % 2 or following > _MOST_LINES:
        raise FileFormatError("file_quote_open", row=number, lines=following)
    if width is None or width == 1:
        return
    full = [_is_row(line, dialect, width) for line in raw]
    if sum(full) > 1 or (any(full[1:-1]) and width >= _LEAST_COLUMNS):
        raise FileFormatError(
            "file_quote_swallows", row=number, last=number + following, lines=following
        )


def _is_cut_short(line: str, dialect: _Dialect) -> bool:
    """Return whether a quote opens in a line, the last one then, and does not close."""
    if '"' not in line:
        return False
    try:
        next(_cells([line], delimiter=dialect.delimiter, escapechar=dialect.escape, strict=True))
    except csv.Error as error:
        return "end of data" in str(error)
    return False


def _is_row(line: str, dialect: _Dialect, width: int) -> bool:
    """Return whether a line alone has the cells of a row, quotes taken as such or not."""
    literal = line.count(dialect.delimiter) + 1
    return literal == width or _width(line, dialect.delimiter, dialect.escape) == width


def _check_rows(rows: Sequence[Sequence[str]], limits: Limits) -> None:
    """Refuse rows that are longer than the limits."""
    for number, row in enumerate(rows, 1):
        if len(row) > limits.max_columns:
            raise FileFormatError("file_columns_too_many", found=len(row), limit=limits.max_columns)
        if any(len(cell) > limits.max_cell_length for cell in row):
            raise FileFormatError("file_cell_too_long", row=number, limit=limits.max_cell_length)


# --- rows, in chunks ------------------------------------------------------------------------------


def _chunks(  # noqa: PLR0917 - called at one place, as the list is opened
    data: Data,
    head: str,
    header: FoundHeader,
    dialect: _Dialect,
    width: int,
    limits: Limits,
) -> Iterator[Chunk]:
    first_row = header.place + 2
    if dialect.is_plain:
        above = "".join(islice(_lines(head), header.place + 1))
        mark = 3 if dialect.encoding == "utf-8-sig" else 0
        plain = "utf-8" if mark else dialect.encoding
        offset = mark + len(above.encode(plain))
        chunks = _fast_chunks(data, offset, plain, dialect, first_row, width)
    else:
        chunks = _careful_chunks(data, dialect, first_row, width)
    done = 0
    for chunk in chunks:
        done += len(chunk)
        if done > limits.max_rows:
            raise FileFormatError("file_rows_too_many", found=f">{done - 1}", limit=limits.max_rows)
        check_cells(chunk, limits)
        yield _unguarded(chunk) if dialect.is_guarded else chunk


def _unguarded(chunk: Chunk) -> Chunk:
    """Return a chunk without the apostrophes that keep cells from becoming formulas."""
    columns = tuple(mended(column, _GUARD, lambda text: text[1:]) for column in chunk.columns)
    return Chunk(chunk.rows, columns, chunk.is_too_wide)


def _careful_chunks(data: Data, dialect: _Dialect, first_row: int, width: int) -> Iterator[Chunk]:
    """Yield the rows of a text that is read line by line."""
    records = _records(_text_lines(data, dialect.encoding), dialect, 1, width)
    for _ in islice(records, first_row - 1):
        pass
    number = first_row
    while rows := list(islice(records, CHUNK_ROWS)):
        yield chunk_of(rows, range(number, number + len(rows)), width)
        number += len(rows)


def _fast_chunks(  # noqa: PLR0917 - as above
    data: Data, offset: int, encoding: str, dialect: _Dialect, first_row: int, width: int
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
                delimiter=dialect.delimiter,
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
            chunk = _with_odd_rows(batch, aside, done, first_row, dialect)
            done = int(chunk.rows[-1]) - first_row + 1 if len(chunk) else done
            yield chunk
    except pa.ArrowInvalid as error:  # a line longer than a block
        raise FileFormatError(
            "file_cell_too_long", row=first_row + done, limit=TEXT_LIMITS.max_cell_length
        ) from error
    aside = [(number, text) for number, text in odd if number > done]
    if aside:
        yield _odd_chunk(aside, first_row, width, dialect)


def _with_odd_rows(
    batch: pa.RecordBatch,
    aside: Sequence[tuple[int, str]],
    done: int,
    first_row: int,
    dialect: _Dialect,
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
    extra = _odd_chunk(before, first_row, batch.num_columns, dialect)
    rows = np.concatenate([regular.rows, extra.rows])
    order = np.argsort(rows, kind="stable")
    columns = (
        pa.concat_arrays(pair).take(pa.array(order))
        for pair in zip(regular.columns, extra.columns, strict=True)
    )
    is_too_wide = np.concatenate([regular.is_too_wide, extra.is_too_wide])
    return Chunk(rows[order], tuple(columns), is_too_wide[order])


def _odd_chunk(
    aside: Sequence[tuple[int, str]], first_row: int, width: int, dialect: _Dialect
) -> Chunk:
    numbers = [number + first_row - 1 for number, _ in aside]
    rows = [
        next(_records([text], dialect, row, width), [])
        for row, (_, text) in zip(numbers, aside, strict=True)
    ]
    return chunk_of(rows, numbers, width)
