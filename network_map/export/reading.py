"""Reading our own exports back: what stands in a file, cell by cell, nothing trusted.

A file comes from outside: its size is limited, nothing in it runs, no formula is calculated, and
of XML no entity is resolved. Text formats are parsed as text, a GeoPackage is read as plain
tables.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from network_map.errors import FileFormatError
from network_map.export.meta import META_FORMAT

Cell: TypeAlias = str | int | float | bool | None
MOST_BYTES = 100_000_000
"""Size of a file that is read."""
MOST_UNPACKED = 400_000_000
"""Size of its parts together after unpacking."""
MOST_CELLS = 20_000_000
"""Cells of a file together."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of one table of a file.

    Parameters
    ----------
    name
        Of the sheet, the layer or the part.
    kind
        ``rows``: the bundle's rows or those of a further layer; ``sentences``: labels and
        values, one pair a row; ``document``: the rest of the file as one hash.
    headings, rows
        The cells; each row as long as it was written.
    first_row
        Number of the first row as a person sees it.
    """

    name: str
    kind: Literal["rows", "sentences", "document"]
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    first_row: int = 1


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands in a file.

    Parameters
    ----------
    grids
        Its tables; the one with the rows first.
    meta
        Its own description, or None.
    body_sha256
        Hash of the file without that description.
    formulas
        Sheet and cell of each formula: an export of ours has none.
    """

    grids: tuple[Grid, ...]
    meta: Mapping[str, Any] | None
    body_sha256: str
    formulas: tuple[str, ...] = field(default=())


def parsed_json(data: bytes | str) -> Any:  # noqa: ANN401 -- JSON from outside is of any shape
    """Return a JSON document.

    Raises
    ------
    FileFormatError
        If it is none, or nested too deeply to be one of ours.
    """
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
        return json.loads(text, parse_constant=_refused_number)
    except (ValueError, RecursionError) as error:
        raise not_ours() from error


def parsed_meta(data: bytes | str) -> Mapping[str, Any] | None:
    """Return a description, or None if the document is none of ours."""
    try:
        found = parsed_json(data)
    except FileFormatError:
        return None
    return found if is_meta(found) else None


def is_meta(found: object) -> bool:
    """Return whether a JSON value says that it describes an export of ours."""
    return isinstance(found, dict) and found.get("format") == META_FORMAT


def not_ours() -> FileFormatError:
    """Return the error of a file that this program did not write."""
    return FileFormatError("verify_not_ours")


def in_limits(count: int, limit: int) -> None:
    """Refuse a file that asks too much of the machine.

    Raises
    ------
    FileFormatError
        If the count is over the limit.
    """
    if count > limit:
        raise FileFormatError("verify_too_big", found=f"{count:,}", limit=f"{limit:,}")


def _refused_number(word: str) -> float:
    msg = f"{word} is no JSON number"
    raise ValueError(msg)


Reader: TypeAlias = Callable[[bytes], Reading]
