"""The readers of workbooks and map files without a process of their own: many small files, quick.

Only for files that no reading library aborts on; the guard itself is tested with real processes.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

import pytest

from network_map.errors import FileFormatError
from network_map.listfiles import guarded, workbooks
from network_map.listfiles.grid import Limits
from network_map.listfiles.map_files import layers_of
from network_map.listfiles.workbook_process import serve, write_line

Run = Callable[[BinaryIO, BinaryIO], None]


class ReaderThread:
    """Says and hears what a reading process does."""

    def __init__(self, run: Run, limits: Limits, damaged: FileFormatError) -> None:
        self.limits, self._damaged = limits, damaged
        hears, says = os.pipe(), os.pipe()
        self._stdin = os.fdopen(hears[1], "wb")
        self.stdout = os.fdopen(says[0], "rb")
        self._streams = (os.fdopen(hears[0], "rb"), os.fdopen(says[1], "wb"))
        self._thread = threading.Thread(target=self._read, args=(run,), daemon=True)
        self._thread.start()

    def _read(self, run: Run) -> None:
        try:
            with suppress(BaseException):  # a panic of the library is no Exception
                run(*self._streams)
        finally:
            for stream in self._streams:
                with suppress(OSError):
                    stream.close()

    def failure(self) -> FileFormatError:
        return self._damaged

    def say(self, line: bytes) -> None:
        try:
            self._stdin.write(line)
            self._stdin.flush()
        except OSError as error:
            raise self.failure() from error

    def line(self) -> str:
        line = self.stdout.readline()
        if not line.endswith(b"\n"):
            raise self.failure()
        return line.decode("ascii")

    def close(self) -> None:
        for stream in (self._stdin, self.stdout):
            with suppress(OSError):
                stream.close()
        self._thread.join()


@contextmanager
def _thread_reader(
    program: str, *arguments: int, limits: Limits, damaged: FileFormatError
) -> Iterator[ReaderThread]:
    def read_book(source: BinaryIO, sink: BinaryIO) -> None:
        rows, columns, _, head = arguments
        serve(source, sink, max_rows=rows, max_columns=columns, head_rows=head)

    def read_map(source: BinaryIO, sink: BinaryIO) -> None:
        write_line(layers_of(source.read(int(source.readline()))), sink)

    reader = ReaderThread(read_map if program.endswith("map_files") else read_book, limits, damaged)
    try:
        yield reader
    finally:
        reader.close()


@contextmanager
def readers_in_process() -> Iterator[None]:
    """Let the readers run as threads of this process."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (workbooks, guarded):
            patch.setattr(module, "guarded_reader", _thread_reader)
        yield
