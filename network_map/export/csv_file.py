"""CSV that Excel opens by a double click, and in which nothing runs."""

import csv
import io

from network_map.export.bundle import Bundle, guarded_text, shown_columns, shown_headings


def csv_bytes(bundle: Bundle) -> bytes:
    """Return the rows as CSV: UTF-8 with byte order mark, comma, CRLF, headings for people.

    Numbers are plain, without thousands separators; missing is an empty cell. A text that a
    spreadsheet would take as a formula gets an apostrophe before it. The rows of the
    demonstration carry their mark in a last column.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(guarded_text(heading) for heading in shown_headings(bundle))
    columns = shown_columns(bundle)
    writer.writerows([_cell(value) for value in row] for row in zip(*columns, strict=True))
    return buffer.getvalue().encode("utf-8-sig")


def _cell(value: str | float | None) -> str | float | None:
    return guarded_text(value) if isinstance(value, str) else value
