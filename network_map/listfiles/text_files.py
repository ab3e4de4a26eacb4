"""Delimited text files (.csv, .tsv, .txt): encoding and delimiter found, cells split."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Sequence

from network_map.errors import FileFormatError
from network_map.listfiles.grid import DEFAULT_LIMITS, Grid, Limits

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
