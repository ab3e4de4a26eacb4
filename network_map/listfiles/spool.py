"""Rows of a long list, kept in a file apart while a person looks at the list.

A register may have millions of rows. What can be taken of it is written chunk by chunk into a file
without a name, which the system removes when nobody holds it any more, whatever ends the process;
in memory stays which rows of each chunk still count.

Work that leaves the interpreter free, done side by side: a long file keeps two cores busy.
"""

import tempfile
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import IO, TypeVar

import numpy as np
import pyarrow as pa

from network_map.errors import WorkspaceError
from network_map.listfiles.cells import Mask

Finish = Callable[[pa.Table], pa.Table]
"""What is done to a chunk that is read back."""
_PACKED = pa.ipc.IpcWriteOptions(compression="lz4")


@dataclass(frozen=True, slots=True)
class _Piece:
    offset: int
    byte_count: int
    row_count: int


class RowFile:
    """A file without a name that holds chunks of rows."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._lock = Lock()  # a page may look at a list in two threads
        self._end = 0
        self.pieces: list[_Piece] = []

    def add(self, table: pa.Table) -> None:
        """Write a chunk at the end.

        Raises
        ------
        WorkspaceError
            If the disk does not take it.
        """
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema, options=_PACKED) as stream:
            stream.write_table(table)
        content = sink.getvalue()
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as we do
                weakref.finalize(self, self._file.close)
            with self._lock:
                self._file.seek(self._end)
                self._file.write(content)
        except OSError as error:
            detail = error.strerror or str(error)
            raise WorkspaceError(
                "workspace_unwritable", path=tempfile.gettempdir(), detail=detail
            ) from error
        self.pieces.append(_Piece(self._end, content.size, table.num_rows))
        self._end += content.size

    def read(self, number: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a chunk, or some columns of it."""
        piece = self.pieces[number]
        if self._file is None:
            raise AssertionError  # it has a piece
        with self._lock:
            self._file.seek(piece.offset)
            content = self._file.read(piece.byte_count)
        if columns is None:
            return pa.ipc.open_stream(content).read_all()
        names = pa.ipc.open_stream(content).schema.names
        wanted = pa.ipc.IpcReadOptions(included_fields=[names.index(name) for name in columns])
        return pa.ipc.open_stream(content, options=wanted).read_all().select(list(columns))


@dataclass(frozen=True, eq=False)
class KeptRows:
    """Rows that are kept in a file apart; each `only` leaves out some and writes nothing.

    Parameters
    ----------
    file
        The chunks.
    masks
        For each chunk which of its rows count; all of them where there is no entry.
    finish
        Done to each chunk that is read as a whole.
    """

    file: RowFile
    masks: tuple[Mask | None, ...] = ()
    finish: Finish = field(default=lambda table: table)

    def __len__(self) -> int:
        return sum(
            piece.row_count if mask is None else int(np.count_nonzero(mask))
            for piece, mask in zip(self.file.pieces, self._all_masks(), strict=True)
        )

    def chunks(self) -> Iterator[pa.Table]:
        """Yield the rows that count, chunk by chunk, also of chunks that have none."""
        for number, mask in enumerate(self._all_masks()):
            table = self.finish(self.file.read(number))
            yield table if mask is None else table.filter(pa.array(mask))

    def parts(self, *names: str) -> Iterator[pa.Table]:
        """Yield some columns of the rows that count, chunk by chunk, as they were written."""
        for number, mask in enumerate(self._all_masks()):
            table = self.file.read(number, names)
            yield table if mask is None else table.filter(pa.array(mask))

    def columns(self, *names: str) -> pa.Table:
        """Return some columns of all rows that count, as they were written."""
        return pa.concat_tables(self.parts(*names))

    def only(self, masks: Sequence[Mask]) -> "KeptRows":
        """Return the rows of masks over the rows that count, one for each chunk."""
        found: list[Mask | None] = []
        for old, new in zip(self._all_masks(), masks, strict=True):
            if new.all():
                found.append(old)
            elif old is None:
                found.append(new)
            else:
                both = old.copy()
                both[old] = new
                found.append(both)
        return replace(self, masks=tuple(found))

    def finished(self, finish: Finish) -> "KeptRows":
        """Return the rows with something else done to each chunk."""
        return replace(self, finish=finish)

    def none(self) -> "KeptRows":
        """Return no row."""
        masks = tuple(np.zeros(piece.row_count, dtype="bool") for piece in self.file.pieces)
        return replace(self, masks=masks)

    def _all_masks(self) -> tuple[Mask | None, ...]:
        return self.masks or (None,) * len(self.file.pieces)


Given = TypeVar("Given")
Made = TypeVar("Made")
_THREADS = 2
_END = object()


def one_ahead(source: Iterator[Made]) -> Iterator[Made]:
    """Yield what an iterator yields, the next one being made meanwhile.

    Parameters
    ----------
    source
        Asked from one other thread only; what it raises is raised here, in its turn.
    """
    with ThreadPoolExecutor(max_workers=1) as other:
        coming = other.submit(next, source, _END)
        while (made := coming.result()) is not _END:
            coming = other.submit(next, source, _END)
            yield made  # type: ignore[misc]  # not the end


def in_turn(work: Callable[[Given], Made], items: Iterable[Given]) -> Iterator[tuple[Given, Made]]:
    """Yield each item with what a function makes of it, in the order of the items.

    Parameters
    ----------
    work
        Called side by side; what it raises is raised here, in its turn.
    items
        Asked from this thread, as many ahead as there are threads.
    """
    with ThreadPoolExecutor(max_workers=_THREADS) as threads:
        waiting: deque[tuple[Given, Future[Made]]] = deque()
        for item in items:
            waiting.append((item, threads.submit(work, item)))
            if len(waiting) > _THREADS:
                first, made = waiting.popleft()
                yield first, made.result()
        for first, made in waiting:
            yield first, made.result()
