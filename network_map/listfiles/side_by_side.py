"""Work that leaves the interpreter free, done side by side: a long file keeps two cores busy."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

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
