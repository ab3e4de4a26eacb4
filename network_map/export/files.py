"""Every format by its name, for a page's buttons and for the command line."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from network_map.errors import QueryError
from network_map.export.bundle import Bundle
from network_map.export.delimited import csv_bytes
from network_map.export.geojson import geojson_bytes
from network_map.export.workbook import xlsx_bytes

_WRITERS: Mapping[str, Callable[[Bundle], bytes]] = MappingProxyType(
    {"csv": csv_bytes, "xlsx": xlsx_bytes, "geojson": geojson_bytes}
)

FORMATS = tuple(_WRITERS)
MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "csv": "text/csv",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "geojson": "application/geo+json",
        "json": "application/json",
    }
)


def file_bytes(bundle: Bundle, format_name: str) -> bytes:
    """Return a bundle in one of :data:`FORMATS`.

    Raises
    ------
    QueryError
        If there is no such format, or the format cannot hold the bundle.
    """
    writer = _WRITERS.get(format_name)
    if writer is None:
        raise QueryError("export_format", found=format_name, formats=" | ".join(FORMATS))
    return writer(bundle)
