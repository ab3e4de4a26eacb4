"""Put Leaflet into the static folder, from its npm package, byte for byte.

Run again to repeat it: the package is pinned by version and hash, and what it gives is listed
with its hashes in ``static/leaflet/index.json``. Needs ``npm``::

    python -m scripts.vendor_leaflet
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from scripts.build_common import ROOT, sha256_of, write_bytes

PACKAGE = "leaflet"
VERSION = "1.9.4"
SHA256 = "84c65a256e50657896f54c33bd857b6849ebe94c817803be818bf32a3dde0b77"
LICENCE = "BSD-2-Clause"
TARGET = ROOT / "static" / "leaflet" / VERSION
MEMBERS = {
    "package/LICENSE": "LICENSE",
    "package/dist/leaflet.js": "leaflet.js",
    "package/dist/leaflet.css": "leaflet.css",
    # Named by the style sheet. Marker pictures are not used, but a missing one would be a request
    # that fails.
    "package/dist/images/layers.png": "images/layers.png",
    "package/dist/images/layers-2x.png": "images/layers-2x.png",
    "package/dist/images/marker-icon.png": "images/marker-icon.png",
}


def fetched(folder: Path) -> Path:
    """Fetch the package with npm and return its archive, checked by hash."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is needed to fetch Leaflet; it was not found.")
    command = [npm, "pack", "--silent", f"{PACKAGE}@{VERSION}", "--pack-destination", str(folder)]
    subprocess.run(command, check=True)
    (archive,) = folder.glob("*.tgz")
    if (found := sha256_of(archive)) != SHA256:
        sys.exit(f"{PACKAGE}@{VERSION} has sha256 {found}, not {SHA256}")
    return archive


def main() -> None:
    """Fetch, check, unpack, list."""
    hashes: dict[str, str] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        tarfile.open(fetched(Path(folder))) as archive,
    ):
        for member, name in MEMBERS.items():
            stream = archive.extractfile(member)
            if stream is None:
                sys.exit(f"{member} is not a file of {PACKAGE}@{VERSION}")
            content = stream.read()
            write_bytes(TARGET / name, content)
            hashes[f"{VERSION}/{name}"] = hashlib.sha256(content).hexdigest()
    index = {
        "package": PACKAGE, "version": VERSION, "registry": "npm", "licence": LICENCE,
        "package_sha256": SHA256, "script": f"{VERSION}/leaflet.js",
        "style": f"{VERSION}/leaflet.css", "sha256": hashes,
    }  # fmt: skip
    text = json.dumps(index, indent=2, ensure_ascii=False) + "\n"
    write_bytes(TARGET.parent / "index.json", text.encode())


if __name__ == "__main__":
    main()
