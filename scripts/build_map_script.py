"""Build the map's script from its parts, the words of the catalogs and the node symbols.

The parts stand in ``scripts/map_script``. They are put together as they are, not minified: what
the browser runs can be read. The file is named by its hash, so that a browser never keeps an old
one; ``static/network_map/index.json`` names it::

    python -m scripts.build_map_script
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from network_map.i18n import LANGUAGES, catalog
from network_map.views.colours import NO_DATA_COLOUR
from network_map.views.symbols import SYMBOLS

ROOT = Path(__file__).resolve().parents[1]
PARTS = ROOT / "scripts" / "map_script"
TARGET = ROOT / "static" / "network_map"
ORDER = (
    "boot.js", "geometry.js", "symbols.js", "nodes.js", "labels.js", "areas.js", "tiles.js",
    "controls.js", "live_map.js",
)  # fmt: skip
WORD_PREFIXES = ("map.", "term.status.", "term.origin.", "term.location_origin.")


def words(language: str) -> Mapping[str, str]:
    """Return the words of the map: ``map.x`` as ``x``, ``term.status.x`` as ``status.x``."""
    return {
        key.removeprefix("map.").removeprefix("term."): template
        for key, template in sorted(catalog(language).items())
        if key.startswith(WORD_PREFIXES)
    }


def map_script() -> bytes:
    """Return the whole script."""
    constants = {
        "WORDS": {language: words(language) for language in LANGUAGES},
        "SYMBOLS": {name: [list(corner) for corner in SYMBOLS[name]] for name in SYMBOLS},
        "NO_DATA_COLOUR": NO_DATA_COLOUR,
        "STYLE": (PARTS / "style.css").read_text(encoding="utf-8"),
    }
    lines = [
        "// Built by scripts/build_map_script.py from scripts/map_script: edit the parts there.",
        "(() => {",
        '"use strict";',
        *(
            f"const {name} = {json.dumps(value, ensure_ascii=False)};"
            for name, value in constants.items()
        ),
        *((PARTS / name).read_text(encoding="utf-8") for name in ORDER),
        "})();",
    ]
    return ("\n".join(lines) + "\n").encode()


def main() -> None:
    """Write the script under its hash, remove the one before, write the index."""
    script = map_script()
    name = f"network_map.{hashlib.sha256(script).hexdigest()[:16]}.js"
    TARGET.mkdir(parents=True, exist_ok=True)
    for old in TARGET.glob("network_map.*.js"):
        old.unlink()
    index = json.dumps({"script": name}, indent=2) + "\n"
    for path, content in ((TARGET / name, script), (TARGET / "index.json", index.encode())):
        part = path.with_name(path.name + ".part")
        part.write_bytes(content)
        part.replace(path)
        print(f"{path.relative_to(ROOT)}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
