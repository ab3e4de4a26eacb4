"""Files for people: one finished bundle in, the bytes of a file out.

A page's download and the command line take the same bundle to the same writer, so they hand
out the same bytes. No writer reads a clock: the same bundle gives the same file.
"""

from network_map.export.bundle import Bundle, column_heading
from network_map.export.delimited import csv_bytes
from network_map.export.files import FORMATS, MEDIA_TYPES, file_bytes
from network_map.export.geojson import geojson_bytes
from network_map.export.meta import meta_bytes
from network_map.export.names import file_name, stem_name
from network_map.export.workbook import xlsx_bytes

__all__ = [
    "FORMATS",
    "MEDIA_TYPES",
    "Bundle",
    "column_heading",
    "csv_bytes",
    "file_bytes",
    "file_name",
    "geojson_bytes",
    "meta_bytes",
    "stem_name",
    "xlsx_bytes",
]
