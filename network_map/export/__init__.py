"""Files for people: one finished bundle in, the bytes of a file out.

A page's download and the command line take the same bundle to the same writer, so they hand
out the same bytes. No writer reads a clock: the same bundle gives the same file. Each file says
how it was made, and can be read back cell by cell to be held against a new derivation.
"""

from network_map.export.bundle import (
    Bundle,
    Front,
    Layer,
    column_heading,
    csv_bytes,
    file_name,
    stem_name,
)
from network_map.export.formats import (
    BINARY_FORMATS,
    FORMATS,
    MEDIA_TYPES,
    META_ENDING,
    file_bytes,
    format_of,
    formats_of,
    read_export,
)
from network_map.export.geojson_file import geojson_bytes
from network_map.export.gpkg_file import gpkg_bytes
from network_map.export.html_file import html_bytes
from network_map.export.meta import is_sealed, meta_bytes
from network_map.export.reading import (
    MOST_BYTES,
    Cell,
    Grid,
    Reading,
    flat_members,
    meta_grid,
    parsed_meta,
)
from network_map.export.recipe import Recipe, read_recipe
from network_map.export.xlsx_file import xlsx_bytes

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
