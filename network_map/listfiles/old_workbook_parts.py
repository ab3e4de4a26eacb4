"""What a workbook of Excel 97 (.xls) or 95 says beside its values.

The reading library gives a formula's saved result and not that it was one, and neither hidden rows
nor number formats; here the records of the workbook are walked through beside it.

Layouts: [MS-CFB] (the compound file), [MS-XLS] (the records).
"""

import struct
from collections.abc import Iterator, Mapping
from itertools import islice

from network_map.listfiles.sheet_parts import SheetParts, said_by_format

_FIRST_TABLE, _TABLES_IN_HEAD = 76, 109
_ENTRY, _STREAM, _ROOT = 128, 2, 5
_LAST = 0xFFFFFFFA
"""Sector numbers from here on are none."""
_BOF, _EOF, _DATE_MODE, _CODE_PAGE, _SHEET = 0x809, 0x0A, 0x22, 0x42, 0x85
_FORMAT, _XF = 0x41E, 0xE0
_ROW, _FORMULAS = 0x208, {0x06, 0x206, 0x406}
_NUMBER, _RK, _MANY_RK = 0x203, 0x27E, 0xBD
_ONE_NUMBER = {_NUMBER, _RK, *_FORMULAS}
_BIFF8 = 0x600
_IS_HIDDEN = 0x20
_CODE_PAGES = {936: "gbk", 1200: "utf-16-le"}


def of_old_workbook(content: bytes) -> tuple[dict[str, SheetParts], bool]:
    """Return what is written beside the values of each sheet, and whether days begin with 1904.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    try:
        return _of_stream(_workbook_stream(content))
    except (struct.error, IndexError, LookupError) as error:
        raise ValueError(str(error)) from error


# --- the records ----------------------------------------------------------------------------------


def _of_stream(stream: bytes) -> tuple[dict[str, SheetParts], bool]:
    formats: dict[int, str] = {}
    styles: dict[int, str] = {}
    starts: dict[str, int] = {}
    is_1904, is_new, count, page = False, True, 0, "cp1252"
    for kind, body in _records(stream, 0):
        if kind == _BOF:
            is_new = body[:2] == struct.pack("<H", _BIFF8)
        elif kind == _DATE_MODE:
            is_1904 = body[:1] == b"\x01"
        elif kind == _CODE_PAGE:
            (number,) = struct.unpack_from("<H", body)
            page = _CODE_PAGES.get(number, f"cp{number}")
        elif kind == _FORMAT:
            code = _text(body[2:], page, is_new=is_new, has_long_count=is_new)
            formats[struct.unpack_from("<H", body)[0]] = said_by_format(code)
        elif kind == _XF:
            said = formats.get(struct.unpack_from("<H", body, 2)[0])
            if said:
                styles[count] = said
            count += 1
        elif kind == _SHEET:
            name = _text(body[6:], page, is_new=is_new, has_long_count=False)
            starts[name] = struct.unpack_from("<I", body)[0]
    return {name: _of_sheet(stream, start, styles) for name, start in starts.items()}, is_1904


def _of_sheet(stream: bytes, start: int, styles: Mapping[int, str]) -> SheetParts:
    found = SheetParts()
    for kind, body in _records(stream, start):
        if kind in _FORMULAS:
            row, column = struct.unpack_from("<HH", body)
            found.formulas.setdefault(row, set()).add(column)
        if kind == _ROW and body[12] & _IS_HIDDEN:
            found.hidden_rows.append(struct.unpack_from("<H", body)[0])
        elif styles and kind in _ONE_NUMBER:
            row, column, style = struct.unpack_from("<HHH", body)
            found.note_format(styles.get(style, ""), column, row)
        elif styles and kind == _MANY_RK:
            row, first = struct.unpack_from("<HH", body)
            for place in range((len(body) - 6) // 6):
                (style,) = struct.unpack_from("<H", body, 4 + 6 * place)
                found.note_format(styles.get(style, ""), first + place, row)
    return found


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Yield kind and content of the records from a place on, those of charts inside left out."""
    place, depth = start, 0
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        body = stream[place + 4 : place + 4 + length]
        place += 4 + length
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            return
        if depth == 1:
            yield kind, body


def _text(body: bytes, page: str, *, is_new: bool, has_long_count: bool) -> str:
    """Return a text with its length before it; Excel 97 says whether letters have two bytes."""
    head = 2 if has_long_count else 1
    count = int.from_bytes(body[:head], "little")
    if not is_new:
        return body[head : head + count].decode(page, "replace")
    is_wide = bool(body[head] & 1)
    letters = body[head + 1 : head + 1 + count * (2 if is_wide else 1)]
    return letters.decode("utf-16-le" if is_wide else "latin-1", "replace")


# --- the compound file ----------------------------------------------------------------------------


def _workbook_stream(content: bytes) -> bytes:
    """Return the stream of records; b"" where the file has none."""
    shift, small_shift = struct.unpack_from("<HH", content, 30)
    if not (7 <= shift <= 16 and 4 <= small_shift <= shift):  # noqa: PLR2004 - what the layout allows
        raise ValueError(shift)
    size = 1 << shift
    table = _sector_table(content, size)
    first, least, first_small = struct.unpack_from("<I4xII", content, 48)
    directory = _chain(content, table, first, size)
    entries = [directory[at : at + _ENTRY] for at in range(0, len(directory) - _ENTRY + 1, _ENTRY)]
    for name in ("workbook", "book"):
        for entry in entries:
            if entry[66] == _STREAM and _name(entry) == name:
                start, length = struct.unpack_from("<II", entry, 116)
                if length >= least:
                    return _chain(content, table, start, size)[:length]
                small = _numbers(_chain(content, table, first_small, size))
                root = next(entry for entry in entries if entry[66] == _ROOT)
                held = _chain(content, table, struct.unpack_from("<I", root, 116)[0], size)
                return _chain(held, small, start, 1 << small_shift, skipped=0)[:length]
    return b""


def _name(entry: bytes) -> str:
    length = max(struct.unpack_from("<H", entry, 64)[0] - 2, 0)
    return entry[:length].decode("utf-16-le", "replace").casefold()


def _sector_table(content: bytes, size: int) -> list[int]:
    """Return the next sector of each sector."""
    more, more_count = struct.unpack_from("<II", content, 68)
    places = list(struct.unpack_from(f"<{_TABLES_IN_HEAD}I", content, _FIRST_TABLE))
    for _ in range(min(more_count, len(content) // size)):
        if more >= _LAST:
            break
        sector = _numbers(content[(more + 1) * size : (more + 2) * size])
        places += sector[:-1]
        more = sector[-1]
    found: list[int] = []
    for place in places:
        if place < _LAST:
            found += _numbers(content[(place + 1) * size : (place + 2) * size])
    return found


def _numbers(sector: bytes) -> list[int]:
    return list(struct.unpack_from(f"<{len(sector) // 4}I", sector))


def _chain(content: bytes, table: list[int], start: int, size: int, *, skipped: int = 1) -> bytes:
    """Return the sectors that hang together from one on; the head of the file is skipped."""

    def sectors() -> Iterator[bytes]:
        place = start
        while place < _LAST:
            yield content[(place + skipped) * size : (place + skipped + 1) * size]
            place = table[place]

    return b"".join(islice(sectors(), len(content) // size + 1))
