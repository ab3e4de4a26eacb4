"""The cells of a workbook: as they are written, no formula calculated, no entity resolved."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from network_map.errors import FileFormatError
from network_map.export.meta_part import meta_in_part, parts_sha256
from network_map.export.reading import (
    MOST_CELLS,
    MOST_UNPACKED,
    Cell,
    Grid,
    Reading,
    in_limits,
    not_ours,
    parsed_meta,
)

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINKED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_MOST_PARTS = 1_000
_MOST_COLUMNS = 16_384

_Rows = dict[int, dict[int, Cell]]


def read_xlsx(data: bytes) -> Reading:
    """Return every sheet of a workbook, its description and where it holds formulas.

    Raises
    ------
    FileFormatError
        If it is no workbook, or asks too much of the machine.
    """
    parts = _parts(data)
    meta = None
    for name in [name for name in parts if name.startswith("customXml/")]:
        words = meta_in_part(parts[name])
        if words is not None and meta is None:
            meta = parsed_meta(words)
            del parts[name]
    try:
        texts = _shared_texts(parts.get("xl/sharedStrings.xml"))
        formulas: list[str] = []
        banners: list[tuple[Cell, ...]] = []
        top = 1 if meta is not None and meta.get("is_demo") is True else 0
        grids = tuple(
            _grid(place, name, _sheet(name, content, texts, formulas, banners), top, banners)
            for place, (name, content) in enumerate(_sheets(parts))
        )
    except (ET.ParseError, KeyError, IndexError, ValueError) as error:
        if isinstance(error, FileFormatError):
            raise
        raise not_ours() from error
    grids = (*grids, Grid("XLSX", "sentences", ("", ""), tuple(banners)))
    return Reading(grids, meta, parts_sha256(parts), tuple(formulas))


def _parts(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            entries = book.infolist()
            in_limits(len(entries), _MOST_PARTS)
            in_limits(sum(entry.file_size for entry in entries), MOST_UNPACKED)
            # What an entry says of its size is the limit of what is unpacked from it.
            parts = {entry.filename: book.read(entry) for entry in entries}
    except (
        zipfile.BadZipFile,
        EOFError,
        RuntimeError,
        NotImplementedError,
        OSError,
        zlib.error,
    ) as error:
        raise not_ours() from error
    if any(b"<!DOCTYPE" in content or b"<!ENTITY" in content for content in parts.values()):
        raise not_ours()
    return parts


def _sheets(parts: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each sheet, in order."""
    targets = {
        link.get("Id"): str(link.get("Target"))
        for link in ET.fromstring(parts["xl/_rels/workbook.xml.rels"])  # noqa: S314 -- see above
    }
    book = ET.fromstring(parts["xl/workbook.xml"])  # noqa: S314 -- see above
    for sheet in book.iter(f"{_MAIN}sheet"):
        target = targets[sheet.get(_LINKED)]
        path = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        yield str(sheet.get("name")), parts[path]


def _shared_texts(content: bytes | None) -> list[str]:
    if content is None:
        return []
    return [_text(item) for item in ET.fromstring(content).iter(f"{_MAIN}si")]  # noqa: S314


def _text(item: ET.Element) -> str:
    """Return the text of an item; what a reading aid shows above it does not belong to it."""
    aids = {text for aid in item.iter(f"{_MAIN}rPh") for text in aid.iter(f"{_MAIN}t")}
    return "".join(part.text or "" for part in item.iter(f"{_MAIN}t") if part not in aids)


def _sheet(
    name: str,
    content: bytes,
    texts: list[str],
    formulas: list[str],
    banners: list[tuple[Cell, ...]],
) -> _Rows:
    """Return the cells of a sheet by row and column; formulas and printed banners are noted."""
    rows: _Rows = {}
    count = 0
    for _, element in ET.iterparse(io.BytesIO(content)):  # noqa: S314 -- see above
        if element.tag in {f"{_MAIN}oddHeader", f"{_MAIN}oddFooter"}:
            banners.append((name, element.text))
        if element.tag != f"{_MAIN}c":
            continue
        place = _PLACE.fullmatch(element.get("r", ""))
        if place is None:
            raise not_ours()
        if element.find(f"{_MAIN}f") is not None:
            formulas.append(f"{name}!{place[0]}")
        value = _value(element, texts)
        if value is not None:
            rows.setdefault(int(place[2]), {})[_column(place[1])] = value
            count += 1
            in_limits(count, MOST_CELLS)
        element.clear()
    return rows


def _value(cell: ET.Element, texts: list[str]) -> Cell:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _text(cell)
    found = cell.find(f"{_MAIN}v")
    if found is None or found.text is None:
        return None
    if kind == "s":
        return texts[int(found.text)]
    return float(found.text) if kind == "n" else found.text


def _column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place


def _grid(place: int, name: str, rows: _Rows, top: int, banners: list[tuple[Cell, ...]]) -> Grid:
    """Return a sheet; what stands above the headings goes to the banners, and is compared too."""
    width = max((max(cells) for cells in rows.values()), default=0)
    height = max(rows, default=0)
    in_limits(width, _MOST_COLUMNS)
    in_limits(width * height, MOST_CELLS)
    cells = [
        tuple(rows.get(row, {}).get(column) for column in range(1, width + 1))
        for row in range(1, height + 1)
    ]
    headings = cells[top] if len(cells) > top else ()
    banners += [(name, cell) for row in cells[:top] for cell in row if cell is not None]
    return Grid(
        name,
        "rows" if place == 0 else "sentences",
        tuple("" if cell is None else str(cell) for cell in headings),
        tuple(cells[top + 1 :]),
        first_row=top + 2,
    )
