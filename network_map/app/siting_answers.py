"""The answers of the page of site selection, kept like those of the gap map; a solve can be ended.

A solve runs in a process of its own and reports how far it is. What the page raises meanwhile,
because a person has gone on or pressed a button, ends that process: nothing of it is kept.

Plans are solved in processes beside the server, so that nobody else waits for them. A process is
started when a plan is first asked for and kept for the next; as many at once as there are
processors, whoever comes later waits for a turn.
"""

import atexit
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Lock, Thread
from typing import IO

import network_map
from network_map.app.contract_answers import register_of, version_with_register
from network_map.app.kit.memo import dataset_places, memo
from network_map.errors import QueryError
from network_map.export import Bundle
from network_map.gaps.facts import GapFacts
from network_map.nodes.dataset import Dataset
from network_map.siting.answer import SiteAnswer
from network_map.siting.query import SitingQuery
from network_map.siting.report import (
    ComparedPlan,
    compared_plans,
    comparison_bundle,
    site_bundle,
    site_facts,
)
from network_map.siting.solve_process import (
    Refusal,
    SolveJob,
    SolveReport,
    read_frame,
    write_frame,
)

_KEPT = 16

_Tell = Callable[[SolveReport], None]
_listener: ContextVar[_Tell] = ContextVar("listener", default=lambda _: None)


@contextmanager
def told_of_progress(tell: _Tell) -> Iterator[None]:
    """Let a function hear of the solves of the block.

    Parameters
    ----------
    tell
        Called with how far they have come; where it ends the run, the solves end too.
    """
    before = _listener.set(tell)
    try:
        yield
    finally:
        _listener.reset(before)


def asked(query: SitingQuery) -> SitingQuery:
    """Return what of a query the plan depends on."""
    return replace(query, selected_adcode=None, made_on=None)


def _facts_part(query: SitingQuery) -> SitingQuery:
    usual = SitingQuery()
    return replace(
        usual, language=query.language, kind=query.kind, standard_km=query.standard_km,
        standard_min=query.standard_min, rule=query.rule, method=query.method, travel=query.travel,
        higher_tier_serves=query.higher_tier_serves,
        seed=query.seed, draws=query.draws, demand=query.demand,
    )  # fmt: skip


@memo(version_with_register, size=_KEPT, part=_facts_part)
def facts(dataset: Dataset, query: SitingQuery) -> GapFacts:
    """Return the facts that a plan stands on.

    Raises
    ------
    QueryError, MissingFileError, DamagedFileError, WorkspaceError
        As `network_map.siting.report.site_facts`.
    """
    register = register_of(dataset.name) if query.needs_register else None
    return site_facts(dataset_places(dataset), dataset, register, query=query)


@memo(version_with_register, size=_KEPT, part=asked)
def answer(dataset: Dataset, query: SitingQuery) -> SiteAnswer:
    """Return the answer to a query.

    Raises
    ------
    QueryError
        If it cannot be answered.
    """
    _POOL.prepare()
    found = facts(dataset, query)
    return _POOL.solve((dataset_places(dataset), dataset, found, query), _listener.get())


def bundle(dataset: Dataset, query: SitingQuery) -> Bundle:
    """Return the answer to a query, ready for a file.

    Raises
    ------
    QueryError
        If it cannot be answered.
    """
    found = answer(dataset, query)
    return site_bundle(
        dataset_places(dataset), dataset, facts(dataset, query), replace(found, query=query)
    )  # fmt: skip


def comparison(dataset: Dataset, first: SitingQuery, second: SitingQuery) -> Bundle:
    """Return two plans of a data set side by side, ready for a file.

    Parameters
    ----------
    dataset
        The open data set.
    first, second
        What was asked for; language and day are those of the second.

    Raises
    ------
    QueryError
        If one of them cannot be answered.
    """
    places, language = dataset_places(dataset), second.language
    one, two = (
        ComparedPlan(
            places, dataset, facts(dataset, query), replace(answer(dataset, query), query=query)
        )
        for query in (replace(first, language=language), second)
    )
    found = compared_plans(places, one.answer, two.answer, language=language)
    return comparison_bundle(one, two, found, language=language, made_on=second.made_on)


_Listener = Callable[[SolveReport], None]
_TURN_S = 0.2
"""How long a silent solve goes on before its listener is asked again whether it may."""
_FEWEST = 2
_PROGRAM = "from network_map.siting.solve_process import main; main()"
"""Not run as a module: what it writes must not be of ``__main__``, which is another one here."""
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class _Solver:
    """One process, and what it says."""

    def __init__(self) -> None:
        root = str(Path(network_map.__file__).parents[1])
        self._process = subprocess.Popen(  # noqa: S603 - our own program, fixed arguments
            [sys.executable, "-P", "-c", _PROGRAM],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, **_ONE_THREAD, "PYTHONPATH": root},
        )  # fmt: skip
        self.said: SimpleQueue[SolveReport | SiteAnswer | Refusal | None] = SimpleQueue()
        if self._process.stdin is None or self._process.stdout is None:
            raise QueryError("site_solver_ended")
        self._job_stream = self._process.stdin
        self._hearing = Thread(target=self._hear, args=(self._process.stdout,), daemon=True)
        self._hearing.start()

    @property
    def is_there(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def ask(self, job: SolveJob) -> None:
        """Give it a job; where it has ended, what it says is that."""
        try:
            write_frame(self._job_stream, job)
        except OSError:
            self.said.put(None)

    def end(self) -> None:
        """End it; its input is closed here, its output by whoever hears it."""
        self._process.kill()
        self._process.wait()
        with suppress(OSError):
            self._job_stream.close()
        self._hearing.join()

    def _hear(self, stream: IO[bytes]) -> None:
        try:
            with stream, suppress(EOFError, OSError):
                while True:
                    self.said.put(read_frame(stream))
        finally:
            self.said.put(None)


class SolverPool:
    """Processes that solve plans, one each at a time.

    Parameters
    ----------
    size
        How many at once; as many as there are processors, two at least, by default.
    """

    def __init__(self, size: int | None = None) -> None:
        self._turns = BoundedSemaphore(size or max(_FEWEST, os.cpu_count() or 1))
        self._lock = Lock()
        self._idle: list[_Solver] = []

    def close(self) -> None:
        """End the idle processes."""
        with self._lock:
            while self._idle:
                self._idle.pop().end()

    def prepare(self) -> None:
        """Start a process where none is idle, so that it is there when the job is ready."""
        with self._lock:
            if not any(solver.is_there for solver in self._idle):
                self._idle.append(_Solver())

    def solve(self, job: SolveJob, listener: _Listener) -> SiteAnswer:
        """Return the answer of a job.

        Parameters
        ----------
        job
            What is solved.
        listener
            Told how far it is, five times a second; what it raises ends the solve.

        Raises
        ------
        QueryError
            If it cannot be answered, or the process ends before it has answered.
        """
        began = time.monotonic()
        while not self._turns.acquire(timeout=_TURN_S):
            listener(SolveReport(seconds=time.monotonic() - began, is_waiting=True))
        solver = None
        try:
            solver = self._taken()
            answer = _answer(solver, job, listener)
            with self._lock:
                self._idle.append(solver)
            solver = None
        finally:
            if solver is not None:  # it was interrupted, and may still be at it
                solver.end()
            self._turns.release()
        if isinstance(answer, Refusal):
            raise answer.error
        return answer

    def _taken(self) -> _Solver:
        with self._lock:
            while self._idle:
                solver = self._idle.pop()
                if solver.is_there:
                    return solver
                solver.end()
        return _Solver()


def _answer(solver: _Solver, job: SolveJob, listener: _Listener) -> SiteAnswer | Refusal:
    began, last = time.monotonic(), SolveReport()
    solver.ask(job)
    while True:
        try:
            said = solver.said.get(timeout=_TURN_S)
        except Empty:
            listener(replace(last, seconds=time.monotonic() - began))
            continue
        if said is None:
            raise QueryError("site_solver_ended")
        if not isinstance(said, SolveReport):
            return said
        last = said
        listener(last)


_POOL = SolverPool()
atexit.register(_POOL.close)
