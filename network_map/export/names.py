"""Names of exported files, good on every system."""

import re

from network_map.export.bundle import Bundle

_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_LONGEST = 120


def file_name(bundle: Bundle, ending: str) -> str:
    """Return the name of a file: the stem of the bundle without what Windows refuses."""
    return stem_name(bundle.file_stem, ending)


def stem_name(file_stem: str, ending: str) -> str:
    """Return the name of a file whose bundle is still to be made."""
    stem = _NOT_IN_NAMES.sub("_", file_stem).strip(" .")[:_LONGEST].rstrip(" .")
    return f"{stem or 'network_map'}.{ending}"
