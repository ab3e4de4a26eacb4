"""The readers of workbooks and map files as forks of one process that has loaded its libraries.

As safe as the processes that the application starts, and many times as quick: for thousands of
small files. The application's own way of starting them is tested with real processes.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pyarrow.parquet  # noqa: F401 - loaded before the forks
import pytest

from network_map.errors import FileFormatError
from network_map.listfiles import guarded, workbooks
from network_map.listfiles.grid import Limits
from network_map.listfiles.map_files import layers_of
from network_map.listfiles.workbook_process import limit_memory, serve, write_line
from tests.paths import ROOT

_SECONDS = 20


def read(source: BinaryIO, sink: BinaryIO) -> None:
    """Do in a fork what the reading program does that the first line names."""
    program, *words = source.readline().split()
    arguments = [int(word) for word in words]
    if program.endswith(b"map_files"):
        limit_memory(arguments[0])
        write_line(layers_of(source.read(int(source.readline()))), sink)
        return
    rows, columns, memory, head = arguments
    limit_memory(memory)
    serve(source, sink, max_rows=rows, max_columns=columns, head_rows=head)


def main() -> None:
    """Fork for each connection to the socket that is inherited."""
    listener = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        line, _ = listener.accept()
        if os.fork() == 0:
            signal.alarm(_SECONDS)
            with suppress(BaseException):  # a panic of the library is no Exception
                read(line.makefile("rb"), line.makefile("wb"))
            os._exit(0)
        line.close()


class ForkedReader:
    """Says and hears what a reading process does."""

    def __init__(self, line: socket.socket, damaged: FileFormatError) -> None:
        self.limits, self._damaged = Limits(), damaged
        self._line, self.stdout = line, line.makefile("rb")

    def failure(self) -> FileFormatError:
        return self._damaged

    def say(self, line: bytes) -> None:
        try:
            self._line.sendall(line)
        except OSError as error:
            raise self.failure() from error

    def line(self) -> str:
        line = b""
        with suppress(OSError):
            line = self.stdout.readline()
        if not line.endswith(b"\n"):
            raise self.failure()
        return line.decode("ascii")


@contextmanager
def _forked_reader(
    address: Path, program: str, *arguments: int, limits: Limits, damaged: FileFormatError
) -> Iterator[ForkedReader]:
    assert limits.seconds >= _SECONDS
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(address))
        reader = ForkedReader(line, damaged)
        reader.say(f"{program} {' '.join(map(str, arguments))}\n".encode())
        with reader.stdout:
            yield reader


@contextmanager
def forked_readers(folder: Path) -> Iterator[None]:
    """Let files be read by forks of a process whose socket lies in a folder."""
    address = folder / "readers"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        listener.listen()
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(listener.fileno())],
            cwd=ROOT, pass_fds=[listener.fileno()],
        )  # fmt: skip
        try:
            with pytest.MonkeyPatch.context() as patch:
                for module in (workbooks, guarded):
                    patch.setattr(module, "guarded_reader", partial(_forked_reader, address))
                yield
        finally:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main()
