"""Build hook: what the wheel carries beside the package's own modules.

The pages, the data, the static files, the start scripts and Streamlit's settings go to
``network_map/_app``, so that an installed wheel starts in an empty directory and nothing but the
package lands in site-packages.
"""

import os
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PARTS = (".streamlit/config.toml", "asgi.py", "data", "pages", "static", "streamlit_app.py")
LEFT_OUT = frozenset({"data/raw"})
_NEVER = frozenset({"__pycache__", ".DS_Store"})


def files_of(root: Path, part: str) -> list[str]:
    """Return the files of one part as paths below ``root``, sorted, with ``/`` between folders."""
    start = root / part
    if not start.exists():
        message = f"The wheel needs {part}, and {start} does not exist."
        raise FileNotFoundError(message)
    if start.is_file():
        return [part]
    found = (path for path in start.rglob("*") if path.is_file() and not _NEVER & {*path.parts})
    names = (path.relative_to(root).as_posix() for path in found)
    return sorted(n for n in names if not any(n.startswith(f"{out}/") for out in LEFT_OUT))


class WheelLayout(BuildHookInterface[BuilderConfig]):
    """Adds the application folder to a standard wheel; an editable wheel needs none."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Map every file of the application to its place under ``network_map/_app``."""
        if version != "standard":
            return
        root = Path(self.root)
        for part in PARTS:
            for name in files_of(root, part):
                build_data["force_include"][os.fspath(root / name)] = f"network_map/_app/{name}"
