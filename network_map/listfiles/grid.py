"""Cells before anyone has understood them: the grid of a file, and the limits of a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from network_map.errors import FileFormatError, MissingFileError


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may ask of the machine.

    Parameters
    ----------
    max_bytes
        Size of the file.
    max_rows, max_columns
        Extent of the used cells of one sheet.
    max_cell_length
        Characters of one cell.
    max_unpacked_bytes
        Size of a spreadsheet's parts together after unpacking.
    seconds
        Time that reading a spreadsheet may take.
    memory_bytes
        Memory that reading a spreadsheet may take.
    """

    max_bytes: int = 20_000_000
    max_rows: int = 50_000
    max_columns: int = 512
    max_cell_length: int = 10_000
    max_unpacked_bytes: int = 200_000_000
    seconds: float = 60.0
    memory_bytes: int = 2_000_000_000


DEFAULT_LIMITS = Limits()

Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column of merged cells, in the numbers of the grid."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a text file or of one sheet, as text.

    Parameters
    ----------
    rows
        The rows, each as long as it was written.
    first_row
        Number of the first row as a person sees it.
    merged
        The merged cells, rows and columns counted from 0 within ``rows``.
    sheet_name
        Name of the sheet, or None for a text file.
    encoding, delimiter
        Of a text file, or None for a sheet.
    """

    rows: tuple[tuple[str, ...], ...]
    first_row: int = 1
    merged: tuple[Merge, ...] = ()
    sheet_name: str | None = None
    encoding: str | None = None
    delimiter: str | None = None

    @property
    def width(self) -> int:
        """Number of columns of the longest row."""
        return max((len(row) for row in self.rows), default=0)


def check_extent(grid: Grid, limits: Limits) -> None:
    """Refuse a grid that is larger than the limits.

    Raises
    ------
    FileFormatError
        If there are too many rows or columns, or a cell is too long.
    """
    if len(grid.rows) > limits.max_rows:
        raise FileFormatError("file_rows_too_many", found=len(grid.rows), limit=limits.max_rows)
    if grid.width > limits.max_columns:
        raise FileFormatError("file_columns_too_many", found=grid.width, limit=limits.max_columns)
    place = _long_cell(grid.rows, limits.max_cell_length)
    if place is not None:
        raise FileFormatError(
            "file_cell_too_long", row=grid.first_row + place, limit=limits.max_cell_length
        )


def _long_cell(rows: Sequence[Sequence[str]], limit: int) -> int | None:
    return next(
        (place for place, row in enumerate(rows) if any(len(cell) > limit for cell in row)), None
    )


def read_file(path: Path, *, max_bytes: int = DEFAULT_LIMITS.max_bytes) -> bytes:
    """Return the content of a file that a person named.

    Parameters
    ----------
    path
        The file.
    max_bytes
        Size that is still read.

    Raises
    ------
    MissingFileError
        If it is not there.
    FileFormatError
        If it is too big, or cannot be read.
    """
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise FileFormatError(
                "file_too_big",
                found_mb=f"{size / 1e6:,.1f}",
                limit_mb=f"{max_bytes / 1e6:,.0f}",
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise MissingFileError("file_missing", file=str(path)) from error
    except OSError as error:
        detail = error.strerror or str(error)
        raise FileFormatError("file_unreadable", file=str(path), detail=detail) from error
