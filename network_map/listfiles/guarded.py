"""A file from outside, read by a program of ours in a process with limits.

A damaged file can make a reading library ask for hundreds of gigabytes, never end, or abort its
process: the application outlives that.

The layers of a map file as tables: what kind of map file it is is told here from its first bytes or
the names of its parts.
"""

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Timer
from typing import IO

import network_map
from network_map.errors import FileFormatError
from network_map.listfiles.grid import DEFAULT_LIMITS, HeaderRules, Limits

_ENCRYPTED = 3


@dataclass(frozen=True)
class GuardedReader:
    """The reading process, and whether its time ran out.

    Parameters
    ----------
    process, stdin, stdout
        The process and what it hears and says.
    is_late
        Set when its time ran out.
    limits
        What the file may ask of the machine.
    damaged
        The refusal of a file that the process cannot read.
    """

    process: subprocess.Popen[bytes]
    stdin: IO[bytes]
    stdout: IO[bytes]
    is_late: Event
    limits: Limits
    damaged: FileFormatError

    def failure(self) -> FileFormatError:
        """Return why the process ended early."""
        code = self.process.wait()
        if self.is_late.is_set():
            return FileFormatError("file_takes_too_long", seconds=f"{self.limits.seconds:.0f}")
        if code == _ENCRYPTED:
            return FileFormatError("file_encrypted")
        return self.damaged

    def say(self, line: bytes) -> None:
        """Write to the process.

        Raises
        ------
        FileFormatError
            If it has ended.
        """
        try:
            self.stdin.write(line)
            self.stdin.flush()
        except OSError as error:
            raise self.failure() from error

    def line(self) -> str:
        """Return the next line of JSON.

        Raises
        ------
        FileFormatError
            If the process ends before.
        """
        line = self.stdout.readline()
        if not line.endswith(b"\n"):
            raise self.failure()
        return line.decode("ascii")


@contextmanager
def guarded_reader(
    program: str, *arguments: int, limits: Limits, damaged: FileFormatError
) -> Iterator[GuardedReader]:
    """Start a program of ours that reads a file; it ends with the block.

    Parameters
    ----------
    program
        Name of the module.
    arguments
        What it is started with.
    limits
        Its time; its memory it limits itself.
    damaged
        The refusal of a file that it cannot read.

    Raises
    ------
    FileFormatError
        If it cannot be started.
    """
    root = str(Path(network_map.__file__).parents[1])
    process = subprocess.Popen(  # noqa: S603 - our own program, fixed arguments
        [sys.executable, "-P", "-m", program, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": root},
    )
    is_late = Event()

    def stop() -> None:
        is_late.set()
        process.kill()

    timer = Timer(limits.seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        if process.stdin is None or process.stdout is None:
            raise damaged
        yield GuardedReader(process, process.stdin, process.stdout, is_late, limits, damaged)
    finally:
        timer.cancel()
        process.kill()
        with suppress(OSError, ValueError):
            process.communicate()


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
