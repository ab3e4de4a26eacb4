"""A bundle: one finished table with everything a file about it must say.

Layers that a GeoPackage carries beside the rows of its bundle.

Names of exported files, good on every system.

What a cell may hold, so that no file breaks and nothing in it runs; the plainest file, CSV.

The recipe of a bundle: what to ask of which data set to get the same rows again.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from network_map.errors import FileFormatError
from network_map.i18n import text
from network_map.tables import Column, ColumnType, Table

if TYPE_CHECKING:
    import geopandas as gpd


# --- the recipe -----------------------------------------------------------------------------------


_TEXTS = ("report", "dataset_name", "dataset_id", "language", "software")
_LONGEST_TEXT = 200
_LONGEST_PARAMETERS = 100_000


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a bundle was asked for, in plain JSON values.

    Parameters
    ----------
    report
        Name of the report in :mod:`network_map.verify.reports`.
    version
        Version of that report: another one may give other rows.
    parameters
        What was asked for; names and plain values.
    dataset_name
        ``public``, ``demo`` or ``own``.
    dataset_id
        Its id: for ``own`` the snapshot, so that a later import changes nothing.
    language
        ``zh`` or ``en``.
    software
        Version of the program that wrote the file.
    """

    report: str
    version: int
    parameters: Mapping[str, Any]
    dataset_name: str
    dataset_id: str
    language: str
    software: str

    def as_json(self) -> dict[str, Any]:
        """Return the recipe as a JSON object."""
        return {
            "report": self.report,
            "version": self.version,
            "parameters": dict(self.parameters),
            "dataset_name": self.dataset_name,
            "dataset_id": self.dataset_id,
            "language": self.language,
            "software": self.software,
        }


def read_recipe(found: object) -> Recipe:
    """Return the recipe that a file gives, whatever the file may hold.

    Parameters
    ----------
    found
        A value parsed from JSON; nothing about it is trusted.

    Raises
    ------
    FileFormatError
        If it is no recipe.
    """
    if not isinstance(found, dict):
        raise _unreadable()
    texts = {name: _text(found.get(name)) for name in _TEXTS}
    version, parameters = found.get("version"), found.get("parameters")
    if not isinstance(version, int) or isinstance(version, bool):
        raise _unreadable()
    if not isinstance(parameters, dict) or len(json.dumps(parameters)) > _LONGEST_PARAMETERS:
        raise _unreadable()
    return Recipe(version=version, parameters=parameters, **texts)


def _text(found: object) -> str:
    if not isinstance(found, str) or len(found) > _LONGEST_TEXT:
        raise _unreadable()
    return found


def _unreadable() -> FileFormatError:
    return FileFormatError("verify_recipe_unreadable")


# --- the bundle -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A further table of a file of several layers.

    Parameters
    ----------
    name
        Name of the layer.
    table
        Its rows; a GeoDataFrame in EPSG:4490 where the layer has places.
    declaration
        The declared table.
    is_demo
        Whether its rows belong to the demonstration; each row then says so.
    """

    name: str
    table: pd.DataFrame
    declaration: Table
    is_demo: bool = False


@dataclass(frozen=True, slots=True)
class Front:
    """A list for a meeting: one page wide, few columns.

    Parameters
    ----------
    lines
        Above the rows: the headline, then what it rests on.
    headings, rows
        The list.
    widths
        Of the columns, in characters.
    most_rows
        How many of the rows a sheet of paper takes.
    """

    lines: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[str | int | None, ...], ...]
    widths: tuple[int, ...]
    most_rows: int


# XML 1.0 takes none of these, and a lone surrogate fits no UTF-8 file.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_REPLACEMENT = "\ufffd"
_LINE_END = re.compile("\r\n?")
# A spreadsheet takes a cell as a formula by its first character; East Asian editions take the
# full-width forms too, and blanks or invisible characters before it are passed over.
_STARTS_FORMULA = re.compile("[\\s\u200b\u2060\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")


def plain_value(value: object) -> str | int | float | bool | None:
    """Return a cell of a data frame as a plain Python value; missing or infinite is None.

    A number has twelve digits: the last ones of a double differ between processors, and the same
    question would give files that are not the same.
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(f"{value:.12g}") if math.isfinite(value) else None
    return str(value)


def writable_text(value: str) -> str:
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


# The heading of a coordinate or of a number of things says its unit already.
_SAID_BY_HEADING = frozenset({"", "degrees", "count"})


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """A table ready for any writer.

    Parameters
    ----------
    table
        The rows, columns named as declared; a ``geometry`` column where the declaration has one.
    declaration
        The declared table.
    title
        What the file shows.
    language
        ``zh`` or ``en``: of headings, words and notes.
    filters
        Label and value of each filter in force.
    method_notes
        How the figures came about, a sentence each.
    sources
        Where the rows come from, a line each.
    dataset_label
        Name of the data set for people.
    is_demo
        Whether the rows belong to the demonstration; every file and every row then says so.
    file_stem
        Name of a file without its ending.
    points
        Names of the longitude and latitude columns (degrees, CGCS2000), or None.
    words
        For a column of codes, the word for each code; a code without a word stays.
    created_from
        SHA-256 of each input file by its name.
    weights
        The weights in force, by name; empty where nothing was weighed.
    method_versions
        Version of each method behind the figures, by its name.
    recipe
        How to derive the rows again; without it a file cannot be verified.
    layer_name
        Name of the rows as a layer of a GeoPackage; the declaration's name by default.
    shapes
        Makes the place of each row, in the order of the rows, in EPSG:4490; called only by the
        formats that hold places. Not needed with ``points`` or a ``geometry`` column.
    layers
        Makes the further layers of a GeoPackage.
    map_document
        Makes the map of the rows as one HTML document that needs nothing else.
    front
        The list for a meeting: a workbook begins with its first rows, an HTML file shows it in
        place of all columns.

    Raises
    ------
    ValueError
        If a declared column is missing from the table.
    """

    table: pd.DataFrame
    declaration: Table
    title: str
    language: str
    filters: tuple[tuple[str, str], ...] = ()
    method_notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    dataset_label: str = ""
    is_demo: bool = False
    file_stem: str = "network_map"
    points: tuple[str, str] | None = None
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    created_from: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    method_versions: Mapping[str, int] = field(default_factory=dict)
    recipe: Recipe | None = None
    layer_name: str = ""
    shapes: Callable[[], gpd.GeoSeries] | None = None
    layers: Callable[[], tuple[Layer, ...]] | None = None
    map_document: Callable[[], str] | None = None
    front: Front | None = None

    def __post_init__(self) -> None:
        missing = set(self.declaration.names) - set(self.table.columns)
        if missing:
            msg = f"the table {self.declaration.name} lacks the columns {sorted(missing)}"
            raise ValueError(msg)

    @property
    def has_places(self) -> bool:
        """Whether its rows can be put on a map."""
        has_geometry = "geometry" in self.table.columns
        return self.points is not None or self.shapes is not None or has_geometry

    @property
    def demo_heading(self) -> str:
        """Heading of the column that marks each row of the demonstration."""
        return text("export.demo_column", self.language)

    @property
    def demo_mark(self) -> str:
        """What that column says in each row."""
        return text("export.demo_mark", self.language)

    @property
    def demo_banner(self) -> str:
        """The sentence that stands above the rows of the demonstration."""
        return text("export.demo_banner", self.language)


def column_heading(column: Column, language: str) -> str:
    """Return the heading of a column with its unit, as every file and list shows it."""
    heading = column.heading(language)
    if column.unit in _SAID_BY_HEADING:
        return heading
    unit = text(f"unit.{column.unit}", language)
    return text("export.heading_with_unit", language, heading=heading, unit=unit)


def shown_headings(bundle: Bundle) -> list[str]:
    """Return the headings of a list of rows, the demonstration's mark last."""
    headings = [column_heading(column, bundle.language) for column in bundle.declaration.columns]
    return [*headings, bundle.demo_heading] if bundle.is_demo else headings


def shown_columns(bundle: Bundle) -> list[list[str | int | float | None]]:
    """Return the cells of a list of rows, column by column, as people read them.

    Codes are words, true and false are words, missing is None, numbers are numbers; a last
    column marks each row of the demonstration.
    """
    columns = [_shown(bundle, column) for column in bundle.declaration.columns]
    return [*columns, [bundle.demo_mark] * len(bundle.table)] if bundle.is_demo else columns


def _shown(bundle: Bundle, column: Column) -> list[str | int | float | None]:
    words = bundle.words.get(column.name, {})
    truth = {
        answer: text(f"export.{str(answer).lower()}", bundle.language) for answer in (True, False)
    }
    cells: list[str | int | float | None] = []
    for value in values(bundle, column):
        if isinstance(value, bool):
            cells.append(truth[value])
        elif isinstance(value, str):
            cells.append(writable_text(words.get(value, value)))
        else:
            cells.append(value)
    return cells


def values(bundle: Bundle, column: Column) -> list[str | int | float | bool | None]:
    """Return the plain values of a declared column: codes stay codes, missing is None."""
    is_text = column.type not in {ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.BOOLEAN}
    cells = [plain_value(value) for value in bundle.table[column.name]]
    if is_text:
        return [None if cell is None else str(cell) for cell in cells]
    return cells


_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_LONGEST = 120


def file_name(bundle: Bundle, ending: str) -> str:
    """Return the name of a file: the stem of the bundle without what Windows refuses."""
    return stem_name(bundle.file_stem, ending)


def stem_name(file_stem: str, ending: str) -> str:
    """Return the name of a file whose bundle is still to be made."""
    stem = _NOT_IN_NAMES.sub("_", file_stem).strip(" .")[:_LONGEST].rstrip(" .")
    return f"{stem or 'network_map'}.{ending}"


def csv_bytes(bundle: Bundle) -> bytes:
    """Return the rows as CSV that Excel opens by a double click, and in which nothing runs.

    It is UTF-8 with byte order mark, comma and CRLF, under headings for people.
    Numbers are plain, without thousands separators; missing is an empty cell. A text that a
    spreadsheet would take as a formula gets an apostrophe before it. The rows of the
    demonstration carry their mark in a last column.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(guarded_text(heading) for heading in shown_headings(bundle))
    columns = shown_columns(bundle)
    writer.writerows([_guarded(value) for value in row] for row in zip(*columns, strict=True))
    return buffer.getvalue().encode("utf-8-sig")


def _guarded(value: str | float | None) -> str | float | None:
    return guarded_text(value) if isinstance(value, str) else value
