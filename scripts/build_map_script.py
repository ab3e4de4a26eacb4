"""Build the map's scripts from their parts, the words of the catalogs and the node symbols.

The parts stand in ``scripts/map_script``. They are put together as they are, not minified: what
the browser runs can be read. Two files come out: the map itself, which also goes into single
files, and the component that puts it on a live page. They are named by their hashes, so that a
browser never keeps an old one; ``static/network_map/index.json`` names them::

    python -m scripts.build_map_script
"""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

from network_map.i18n import LANGUAGES, catalog
from network_map.maps.spec import NO_DATA_COLOUR, SYMBOLS

ROOT = Path(__file__).resolve().parents[1]
PARTS = ROOT / "scripts" / "map_script"
TARGET = ROOT / "static" / "network_map"
LEAFLET = ROOT / "static" / "leaflet"
ORDER = (
    "boot.js", "geometry.js", "outlines.js", "symbols.js", "nodes.js", "labels.js", "areas.js",
    "flows.js", "tiles.js", "controls.js", "live_map.js",
)  # fmt: skip
WORD_PREFIXES = ("map.", "term.status.", "term.origin.", "term.location_origin.")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_HEAD = "// Built by scripts/build_map_script.py from scripts/map_script: edit the parts there."


def words(language: str) -> Mapping[str, str]:
    """Return the words of the map: ``map.x`` as ``x``, ``term.status.x`` as ``status.x``."""
    return {
        key.removeprefix("map.").removeprefix("term."): template
        for key, template in sorted(catalog(language).items())
        if key.startswith(WORD_PREFIXES)
    }


def map_script() -> bytes:
    """Return the map: a classic script that sets ``window.networkMap``."""
    constants = {
        "WORDS": {language: words(language) for language in LANGUAGES},
        "SYMBOLS": {name: [list(corner) for corner in SYMBOLS[name]] for name in SYMBOLS},
        "NO_DATA_COLOUR": NO_DATA_COLOUR,
        "STYLE": (PARTS / "style.css").read_text(encoding="utf-8"),
    }
    lines = [
        _HEAD,
        "(() => {",
        '"use strict";',
        *(_constant(name, value) for name, value in constants.items()),
        *((PARTS / name).read_text(encoding="utf-8") for name in ORDER),
        "})();",
    ]
    return ("\n".join(lines) + "\n").encode()


def map_component(script_name: str) -> bytes:
    """Return the component: a module that loads Leaflet and the map and mounts it.

    Parameters
    ----------
    script_name
        File name of the map beside it.
    """
    leaflet = json.loads((LEAFLET / "index.json").read_text(encoding="utf-8"))
    style = _COMMENT.sub("", (LEAFLET / leaflet["style"]).read_text(encoding="utf-8"))
    body = (PARTS / "component.js").read_text(encoding="utf-8")
    lines = [
        _HEAD,
        f'import "../leaflet/{leaflet["script"]}";',
        f'import "./{script_name}";',
        _constant("LEAFLET_STYLE", style),
        body.replace("LEAFLET_FOLDER", f"leaflet/{leaflet['version']}"),
    ]
    return "\n".join(lines).encode()


def built_files() -> dict[str, bytes]:
    """Return every file of the folder by its name."""
    script = map_script()
    script_name = _hashed("network_map", script)
    component = map_component(script_name)
    component_name = _hashed("map_component", component)
    index = json.dumps({"component": component_name, "script": script_name}, indent=2) + "\n"
    return {script_name: script, component_name: component, "index.json": index.encode()}


def _constant(name: str, value: object) -> str:
    return f"const {name} = {json.dumps(value, ensure_ascii=False)};"


def _hashed(stem: str, content: bytes) -> str:
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:16]}.js"


def main() -> None:
    """Write the files under their hashes, and remove those before them."""
    TARGET.mkdir(parents=True, exist_ok=True)
    files = built_files()
    for old in TARGET.glob("*.js"):
        if old.name not in files:
            old.unlink()
    for name, content in files.items():
        part = TARGET / f"{name}.part"
        part.write_bytes(content)
        part.replace(TARGET / name)
        print(f"{(TARGET / name).relative_to(ROOT)}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
