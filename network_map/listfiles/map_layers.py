"""The layers of a map file as tables; a process of its own reads it.

What kind of map file it is is told here from its first bytes or the names of its parts.
"""

import io
import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from network_map.errors import FileFormatError
from network_map.listfiles.grid import DEFAULT_LIMITS, HeaderRules
from network_map.listfiles.guarded import guarded_reader

SQLITE_MAGIC = b"SQLite format 3\x00"
_READER = "network_map.listfiles.map_files"
_IS_GEOJSON = re.compile(rb'\s*\{.{0,2000}?"(?:FeatureCollection|Feature)"', re.DOTALL)
_MOST_COLUMNS = 300


@dataclass(frozen=True)
class LayerTable:
    """One layer of a map file as a table.

    Parameters
    ----------
    name
        As the file has it.
    headers
        The names of the attributes.
    table
        Attributes and point of each feature, as CSV in UTF-8.
    """

    name: str
    headers: Sequence[str]
    table: bytes


def map_kind(content: bytes) -> str | None:
    """Return the name of the kind of map file, None if the file is none."""
    if _IS_GEOJSON.match(content.removeprefix(b"\xef\xbb\xbf")) is not None:
        return "GeoJSON"
    if content.startswith(SQLITE_MAGIC):
        return "SQLite / GeoPackage"
    return "Shapefile" if _holds_shapefile(content) else None


def layer_tables(content: bytes, kind: str) -> list[LayerTable]:
    """Return the layers of a map file that hold a feature.

    Raises
    ------
    FileFormatError
        If it cannot be read, or holds no feature.
    """
    limits, damaged = DEFAULT_LIMITS, FileFormatError("file_not_a_list", found=kind)
    with guarded_reader(_READER, limits.memory_bytes, limits=limits, damaged=damaged) as reader:
        reader.say(b"%d\n" % len(content))
        reader.say(content)
        said = json.loads(reader.line())
    if "refused" in said:
        raise FileFormatError(said["refused"], **said["values"])
    return [
        LayerTable(layer["name"], layer["headers"], layer["table"].encode())
        for layer in said["layers"]
    ]


def chosen_layer(
    layers: Sequence[LayerTable], rules: HeaderRules, wanted: str | None
) -> tuple[LayerTable, tuple[str, ...]]:
    """Return the layer that is asked for, or looks most like the list, and the names of the others.

    Raises
    ------
    FileFormatError
        If there is no layer of that name.
    """
    if wanted is not None:
        found = next((layer for layer in layers if layer.name == wanted), None)
        if found is None:
            names = "、".join(layer.name for layer in layers)
            raise FileFormatError("file_sheet_unknown", sheet=wanted, sheets=names)
    else:
        found = max(layers, key=lambda layer: rules.score(layer.headers[:_MOST_COLUMNS]))
    return found, tuple(layer.name for layer in layers if layer is not found)


def _holds_shapefile(content: bytes) -> bool:
    if not content.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [name.lower() for name in archive.namelist()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    return any(name.endswith(".shp") for name in names) and any(n.endswith(".dbf") for n in names)
