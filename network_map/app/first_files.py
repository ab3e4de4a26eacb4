"""What the browser will need for the first page, told to it before Streamlit's client asks.

The client fetches the parts of a page one after the other, each when its place in the page comes:
a part, then what the part imports, then the map's script, then Leaflet, then the boundaries.
"""

import json
import re
from functools import cache
from pathlib import Path

from streamlit import file_util

from network_map.app.kit.map import map_files, missing_assets

PAGES = {
    "": True,
    "contracts": True,
    "consortia": True,
    "gaps": True,
    "indices": True,
    "data_check": False,
    "import_nodes": False,
    "import_contracts": False,
    "methods": False,
}
"""The pages by their addresses below the application's root, and whether they show the map."""

# Parts of Streamlit's client that our pages are made of. The map comes first.
_PARTS = (
    "BidiComponent", "Html", "ButtonGroup", "Selectbox", "TextInput", "Radio", "Button",
    "Checkbox",
)  # fmt: skip
# The scripts run and the boundaries are unpacked while the browser waits for the server's first
# word: a part that has run by then is drawn with the page, not after it. What goes wrong here goes
# wrong again where the part is needed, and is told there.
_WARM = (
    '<script type="module">(window.requestIdleCallback ?? setTimeout)(() => {{{first}'
    "for (const part of {parts}) "
    'import("./static/js/" + part).catch(() => {{}})}})</script>'
)
_WARM_MAP = 'import("./" + {component}).then((map) => map.warm({geometry})).catch(() => {{}});'
_IMPORT = re.compile(r"""(?:from|import)\s*["']\./([\w.-]+\.js)["']""")


@cache
def head_links(document: str, page: str) -> str:
    """Return the links for the head of the start document, a line each.

    Parameters
    ----------
    document
        Streamlit's start document; what it names already is left out.
    page
        Address of the page below the application's root.
    """
    folder = Path(file_util.get_static_dir()) / "static" / "js"
    links = [
        _module(f"static/js/{name}") for name in client_parts(folder) if f'/{name}"' not in document
    ]
    first = ""
    if PAGES[page] and not missing_assets():
        component, *scripts, geometry = map_files()
        links += [*map(_module, (component, *scripts)), _fetched(geometry)]
        first = _WARM_MAP.format(component=json.dumps(component), geometry=json.dumps(geometry))
    links.append(_WARM.format(first=first, parts=json.dumps(_part_files(folder))))
    return "".join(f"    {link}\n" for link in links)


def client_parts(folder: Path) -> list[str]:
    """Return the files of the parts and of what they import, in loading order.

    Parameters
    ----------
    folder
        Where Streamlit keeps the scripts of its client; a part that is not there is left out.
    """
    found: dict[str, None] = {}
    waiting = _part_files(folder)
    while waiting:
        name = waiting.pop(0)
        if name in found or not (folder / name).is_file():
            continue
        found[name] = None
        waiting += _IMPORT.findall((folder / name).read_text(encoding="utf-8"))
    return list(found)


def _part_files(folder: Path) -> list[str]:
    return [path.name for stem in _PARTS for path in sorted(folder.glob(f"{stem}.*.js"))]


def _module(address: str) -> str:
    return f'<link rel="modulepreload" crossorigin href="./{address}">'


def _fetched(address: str) -> str:
    # Not "preload": of that the browser complains where the map takes a few seconds to come.
    return f'<link rel="prefetch" as="fetch" href="./{address}">'
