"""Files for people: one finished bundle in, the bytes of a file out.

A page's download and the command line take the same bundle to the same writer, so they hand
out the same bytes. No writer reads a clock: the same bundle gives the same file. Each file says
how it was made, and can be read back cell by cell to be held against a new derivation.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from network_map.errors import QueryError
from network_map.export.bundle import (
    Bundle,
    Front,
    Layer,
    Recipe,
    column_heading,
    csv_bytes,
    file_name,
    read_recipe,
    stem_name,
)
from network_map.export.gpkg_file import gpkg_bytes, read_gpkg
from network_map.export.meta import (
    MOST_BYTES,
    Cell,
    Grid,
    Reader,
    Reading,
    flat_members,
    in_limits,
    is_sealed,
    meta_bytes,
    meta_grid,
    parsed_meta,
    read_csv,
    read_meta,
)
from network_map.export.text_formats import geojson_bytes, html_bytes, read_geojson, read_html
from network_map.export.xlsx_file import read_xlsx, xlsx_bytes

__all__ = [
    "BINARY_FORMATS",
    "FORMATS",
    "MEDIA_TYPES",
    "META_ENDING",
    "MOST_BYTES",
    "Bundle",
    "Cell",
    "Front",
    "Grid",
    "Layer",
    "Reading",
    "Recipe",
    "column_heading",
    "csv_bytes",
    "file_bytes",
    "file_name",
    "flat_members",
    "format_of",
    "formats_of",
    "geojson_bytes",
    "gpkg_bytes",
    "html_bytes",
    "is_sealed",
    "meta_bytes",
    "meta_grid",
    "parsed_meta",
    "read_export",
    "read_recipe",
    "stem_name",
    "xlsx_bytes",
]

_WRITERS: Mapping[str, Callable[[Bundle], bytes]] = MappingProxyType(
    {
        "csv": csv_bytes,
        "xlsx": xlsx_bytes,
        "gpkg": gpkg_bytes,
        "geojson": geojson_bytes,
        "html": html_bytes,
    }
)
_READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "csv": read_csv,
        "xlsx": read_xlsx,
        "gpkg": read_gpkg,
        "geojson": read_geojson,
        "html": read_html,
        "meta.json": read_meta,
    }
)

FORMATS = tuple(_WRITERS)
BINARY_FORMATS = frozenset({"xlsx", "gpkg"})
"""Formats that no terminal shows."""
META_ENDING = "meta.json"
"""Ending of the description beside a file, in the place of the format's own."""
MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "csv": "text/csv",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "gpkg": "application/geopackage+sqlite3",
        "geojson": "application/geo+json",
        "html": "text/html",
        META_ENDING: "application/json",
    }
)


def file_bytes(bundle: Bundle, format_name: str) -> bytes:
    """Return a bundle in one of :data:`FORMATS`, or its description as :data:`META_ENDING`.

    Raises
    ------
    QueryError
        If there is no such format, or the format cannot hold the bundle.
    """
    if format_name == META_ENDING:
        return meta_bytes(bundle)
    writer = _WRITERS.get(format_name)
    if writer is None:
        raise QueryError("export_format", found=format_name, formats=" | ".join(FORMATS))
    return writer(bundle)


def formats_of(bundle: Bundle) -> tuple[str, ...]:
    """Return the formats that can hold a bundle."""
    without = set() if bundle.has_places else {"gpkg", "geojson"}
    without |= set() if bundle.map_document is not None else {"html"}
    return tuple(name for name in FORMATS if name not in without)


def format_of(data: bytes) -> str:
    """Return the format of a file by its content, whatever its name says."""
    head = data[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if data.startswith(b"PK"):
        return "xlsx"
    if data.startswith(b"SQLite format 3\x00"):
        return "gpkg"
    if head.startswith((b"<!doctype html", b"<html")):
        return "html"
    if head.startswith(b"{"):
        return "geojson" if b'"featurecollection"' in head else META_ENDING
    return "csv"


def read_export(data: bytes, format_name: str) -> Reading:
    """Return what stands in a file of a format; nothing about it is trusted.

    Parameters
    ----------
    data
        The file's content.
    format_name
        What :func:`format_of` said.

    Raises
    ------
    FileFormatError
        If it is no file of that format, or asks too much of the machine.
    """
    in_limits("bytes", len(data), MOST_BYTES)
    return _READERS[format_name](data)
