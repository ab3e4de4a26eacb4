"""A file from outside, read by a program of ours in a process with limits.

A damaged file can make a reading library ask for hundreds of gigabytes, never end, or abort its
process: the application outlives that.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Timer
from typing import IO

import network_map
from network_map.errors import FileFormatError
from network_map.listfiles.grid import Limits

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
