"""Writing files so that a reader sees the old content or the new one, never a part."""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from hashlib import file_digest, sha256
from pathlib import Path

TEMPORARY = ".tmp-"
"""How the name of everything begins that is not finished."""


def write_file(path: Path, content: bytes) -> None:
    """Write a file under a temporary name, force it to disk, and give it its name."""
    temporary = path.with_name(f"{TEMPORARY}{path.name}-{os.getpid()}")
    write_synced(temporary, content)
    temporary.replace(path)
    sync_folder(path.parent)


def write_synced(path: Path, content: bytes) -> None:
    """Write a file in place and force it to disk."""
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def write_folder(folder: Path, fill: Callable[[Path], None]) -> None:
    """Fill a folder under a temporary name, then give it its name; replace what has the name."""

    def named(new: Path) -> Path:
        fill(new)
        return folder

    write_named_folder(folder.parent, named)


def write_named_folder(parent: Path, fill: Callable[[Path], Path | None]) -> None:
    """Fill a folder whose name follows from what is in it.

    Parameters
    ----------
    parent
        Where it stands; made if it is not there.
    fill
        Fills the folder that it is given, and returns its name in `parent`, or None where there
        is one of the same content and the new one is not wanted.
    """
    parent.mkdir(parents=True, exist_ok=True)
    temporary = parent / f"{TEMPORARY}{os.getpid()}"
    remove(temporary)
    try:
        temporary.mkdir()
        folder = fill(temporary)
        if folder is None:
            return
        sync_folder(temporary)
        remove(folder)  # only ever a damaged one: a whole one was found before
        temporary.rename(folder)
        sync_folder(parent)
    finally:
        remove(temporary)


def sync_file(path: Path) -> None:
    """Force a file that another library wrote to disk."""
    with path.open("r+b") as stream:
        os.fsync(stream.fileno())


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal, read in pieces."""
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Force the names in a folder to disk, where the system can."""
    if os.name == "nt":  # a folder cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def json_bytes(value: Mapping[str, object]) -> bytes:
    """Return JSON that is the same for the same content."""
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
    return f"{text}\n".encode()


def hash_of(content: bytes) -> str:
    """Return the SHA-256 of a content in hexadecimal."""
    return sha256(content).hexdigest()


def remove_unfinished(folder: Path) -> None:
    """Remove what a killed writer left behind under temporary names."""
    for path in folder.glob(f"{TEMPORARY}*"):
        remove(path)


def remove(path: Path) -> None:
    """Remove a file or a folder with all it holds."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
