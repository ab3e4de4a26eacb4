"""The program that solves plans in a process of its own.

Python runs one thread at a time, and what stands around a solve is Python: a plan with its
evidence would hold up everybody's pages for seconds. Started by
:mod:`network_map.app.siting_answers`.
What passes, each a pickle behind its length in eight bytes, between a program and its own child:

* in: places, data set, facts and query of a plan; the end of the input ends the process;
* out: a :class:`SolveReport` now and then, at last the answer or a :class:`Refusal`.
"""

import os
import pickle
import sys
import time
from dataclasses import dataclass
from math import nan
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any

from network_map.errors import NetworkMapError
from network_map.gaps.facts import GapFacts
from network_map.nodes.dataset import Dataset
from network_map.places.reference import Places
from network_map.siting.answer import SiteAnswer, site_answer
from network_map.siting.query import SitingQuery
from network_map.siting.solving import SolveEffort

SolveJob = tuple[Places, Dataset, GapFacts, SitingQuery]
_SIZE_BYTES = 8
_NICE = 10
"""Pages come first: they are short, and people wait for them."""
_REPORT_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class SolveReport:
    """How far a solve, or the many solves of the evidence, have come.

    Parameters
    ----------
    bound, best, seconds
        Of the solve.
    part, done, total
        The part of the evidence, its solves so far and in all; empty and 0 for the plan itself.
    is_waiting
        Whether it has not begun, because others are solved.
    """

    bound: float = nan
    best: float = nan
    seconds: float = 0.0
    part: str = ""
    done: int = 0
    total: int = 0
    is_waiting: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error that a person is to be told about, in parts that any process can read.

    Parameters
    ----------
    kind
        Its class.
    args, state
        What it holds.
    """

    kind: type[NetworkMapError]
    args: tuple[Any, ...]
    state: dict[str, Any]

    @property
    def error(self) -> NetworkMapError:
        """The error."""
        found = self.kind.__new__(self.kind)
        found.args = self.args
        found.__dict__.update(self.state)
        return found


def write_frame(stream: IO[bytes], value: object) -> None:
    """Write a value with its length before it."""
    packed = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    stream.write(len(packed).to_bytes(_SIZE_BYTES) + packed)
    stream.flush()


def read_frame(stream: IO[bytes]) -> Any:  # noqa: ANN401 (whatever was written)
    """Return the next value.

    Raises
    ------
    EOFError
        If the stream ends.
    """
    head = stream.read(_SIZE_BYTES)
    size = int.from_bytes(head) if len(head) == _SIZE_BYTES else 0
    packed = stream.read(size)
    if not packed or len(packed) < size:
        raise EOFError
    # Written by this program, in its parent or its child.
    return pickle.loads(packed)  # noqa: S301


def solve_job(job: SolveJob, out: IO[bytes]) -> None:
    """Solve a plan, reporting meanwhile, and write its answer or why there is none."""
    places, dataset, facts, query = job
    began = told = time.monotonic()
    part: tuple[str, int, int] = ("", 0, 0)

    def report(bound: float = nan, best: float = nan, *, is_due: bool = False) -> None:
        nonlocal told
        now = time.monotonic()
        if is_due or now - told >= _REPORT_EVERY_S:
            told = now
            write_frame(out, SolveReport(bound, best, now - began, *part))

    def goes_on(bound: float, best: float, _seconds: float) -> bool:
        report(bound, best)
        return True

    def tell_part(name: str, done: int, total: int) -> None:
        nonlocal part
        is_new = name != part[0]
        part = (name, done, total)
        report(is_due=is_new)

    effort = SolveEffort(time_limit=float(query.seconds), progress=goes_on, part_progress=tell_part)
    answer: SiteAnswer | Refusal
    try:
        answer = site_answer(places, dataset, facts, query=query, effort=effort)
    except NetworkMapError as error:
        answer = Refusal(type(error), error.args, dict(error.__dict__))
    write_frame(out, answer)


def _hear(stream: IO[bytes], jobs: "SimpleQueue[SolveJob]") -> None:
    """Take in jobs; nobody there any more ends the process, whatever it is at."""
    while True:
        try:
            jobs.put(read_frame(stream))
        except (EOFError, OSError):
            os._exit(0)


def main() -> None:
    """Solve what comes in, one after the other."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    # What a library prints must not stand between the frames.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    jobs: SimpleQueue[SolveJob] = SimpleQueue()
    Thread(target=_hear, args=(sys.stdin.buffer, jobs), daemon=True).start()
    while True:
        solve_job(jobs.get(), out)
