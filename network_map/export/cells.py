"""What a cell may hold, so that no file breaks and nothing in it runs."""

import math
import re

import numpy as np
import pandas as pd

# XML 1.0 takes none of these, and a lone surrogate fits no UTF-8 file.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_REPLACEMENT = "\ufffd"
_LINE_END = re.compile("\r\n?")
# A spreadsheet takes a cell as a formula by its first character; East Asian editions take the
# full-width forms too, and blanks or invisible characters before it are passed over.
_STARTS_FORMULA = re.compile("[\\s\u200b\u2060\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")


def plain_value(value: object) -> str | int | float | bool | None:
    """Return a cell of a data frame as a plain Python value; missing or infinite is None."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return str(value)


def clean_text(value: str) -> str:
    """Return text that every format can hold.

    A character that no workbook can hold becomes U+FFFD, so that a reader sees that something
    stood there; line ends become one line feed.
    """
    return _UNWRITABLE.sub(_REPLACEMENT, _LINE_END.sub("\n", value))


def guarded_text(value: str) -> str:
    """Return text that a spreadsheet reading a CSV file does not run.

    An apostrophe is put before a cell that would start a formula. A workbook needs none: its
    cells say themselves that they are text.
    """
    return f"'{value}" if _STARTS_FORMULA.match(value) else value


def cut_text(value: str, limit: int, mark: str) -> str:
    """Return text of at most ``limit`` UTF-16 units, with ``mark`` at the end where it was cut."""
    if utf16_length(value) <= limit:
        return value
    room = limit - utf16_length(mark)
    kept = value.encode("utf-16-le")[: room * 2].decode("utf-16-le", errors="ignore")
    return kept + mark


def utf16_length(value: str) -> int:
    """Return the length of a text as a spreadsheet counts it."""
    return len(value.encode("utf-16-le")) // 2
