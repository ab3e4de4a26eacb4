"""A map as one HTML document: the drawing with the scripts and boundaries that it needs."""

import json
from functools import cache

from network_map.config import app_root
from network_map.errors import MissingFileError
from network_map.maps.spec import MapSpec


def map_document(spec: MapSpec, *, title: str) -> str:
    """Return a map as an HTML document that asks for no file and no host.

    Parameters
    ----------
    spec
        What to show.
    title
        Title of the document.

    Raises
    ------
    MissingFileError
        If a script, a style or the boundaries are missing.
    """
    # folium: a second, and no page needs it before a file is asked for.
    from network_map.maps.standalone import StandaloneParts, standalone_html  # noqa: PLC0415

    parts = StandaloneParts(
        map_script=_static("network_map", "script"),
        leaflet_script=_static("leaflet", "script"),
        leaflet_style=_static("leaflet", "style"),
        geometry=_static("geometry", "counties_prefectures"),
    )
    return standalone_html(spec, parts, title=title)


@cache
def _static(folder: str, entry: str) -> str:
    """Return the text of a static file that the folder's index names."""
    root = app_root() / "static" / folder
    try:
        index = json.loads((root / "index.json").read_text(encoding="utf-8"))
        return (root / str(index[entry])).read_text(encoding="utf-8")
    except (OSError, ValueError, KeyError) as error:
        raise MissingFileError("map_asset_missing", files=f"{folder}/{entry}") from error
