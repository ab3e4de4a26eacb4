"""Reads a spreadsheet file from standard input and writes its cells as JSON.

A program of its own, started by :mod:`network_map.listfiles.workbooks` in a separate process with
limits: a damaged .xls can make the reading library ask for hundreds of gigabytes and abort the
process, and the application must outlive that. It imports nothing of the project.
"""

import datetime as dt
import importlib
import io
import json
import sys

import python_calamine

MAX_WHOLE = 1e15
"""From here on a float is no exact whole number."""
MAX_TEXT = 64_000_000
"""Characters of all cells together: more is not a list."""


def cell_text(value: object) -> str:
    """Return a cell as text: whole numbers without a point, dates in ISO 8601."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        is_whole = value.is_integer() and abs(value) < MAX_WHOLE
        return str(int(value)) if is_whole else format(value, ".15g")
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return "" if value is None else str(value)


def sheet_content(sheet: python_calamine.CalamineSheet, max_rows: int, max_columns: int) -> object:
    """Return one sheet: where its cells start, its rows as text, its merged ranges."""
    if sheet.start is None:
        return {"start": [0, 0], "rows": [], "merged": []}
    if sheet.height > max_rows:
        return {"too_many": "rows", "found": sheet.height}
    if sheet.width > max_columns:
        return {"too_many": "columns", "found": sheet.width}
    return {
        "start": list(sheet.start),
        "rows": [[cell_text(cell) for cell in row] for row in sheet.to_python()],
        "merged": sheet.merged_cell_ranges or [],
    }


def workbook_content(content: bytes, max_rows: int, max_columns: int) -> object:
    """Return every visible worksheet by name, in order."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    worksheet = python_calamine.SheetTypeEnum.WorkSheet
    visible = python_calamine.SheetVisibleEnum.Visible
    return [
        {"name": meta.name}
        | dict(sheet_content(book.get_sheet_by_name(meta.name), max_rows, max_columns))  # type: ignore[call-overload]  # JSON values
        for meta in book.sheets_metadata
        if meta.typ == worksheet and meta.visible == visible
    ]


def limit_memory(memory_bytes: int) -> None:
    """Let this process take no more memory than that, where the system knows such a limit."""
    try:
        resource = importlib.import_module("resource")
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def main() -> int:
    """Read, write, and say by the exit code whether the file could be read."""
    max_rows, max_columns, memory_bytes = (int(text) for text in sys.argv[1:4])
    limit_memory(memory_bytes)
    try:
        sheets = workbook_content(sys.stdin.buffer.read(), max_rows, max_columns)
    except python_calamine.PasswordError:
        return 3
    except (python_calamine.CalamineError, ValueError, OSError):
        return 4
    text = json.dumps(sheets, ensure_ascii=True)
    if len(text) > MAX_TEXT * 2:
        return 5
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
