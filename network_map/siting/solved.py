"""What a kernel hands back, and the watch that stops it: time limit, progress, cancelling."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np

from network_map.siting.limits import IntArray

SolveProgress: TypeAlias = Callable[[float, float, float], bool]
"""Called with bound, best objective and seconds; returns whether to go on."""

PROOF_TOLERANCE = 1e-9
"""Bound and objective count as equal within this share: the rounding of sums of doubles."""
REPORT_EVERY_S = 0.2


class SolveStatus(StrEnum):
    """How a solve ended."""

    OPTIMAL = "optimal"
    """Bound and objective are equal: proven."""
    WITHIN_GAP = "within_gap"
    """The gap that was asked for is reached; not proven further."""
    TIME_LIMIT = "time_limit"
    CANCELLED = "cancelled"
    INFEASIBLE = "infeasible"


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """Sites, whom they serve, and how good that is.

    Parameters
    ----------
    status
        How the solve ended; ``OPTIMAL`` only when proven.
    sites
        Indices of open sites, fixed ones included, ascending; empty if none was found.
    assignment
        Shape (n,). The index of the open site that serves each demand point, -1 for none.
    objective
        Of these sites; NaN if none were found.
    bound
        No plan has a better objective than this: below it for a minimum, above for a maximum.
    gap
        ``|objective - bound| / max(|objective|, |bound|)``; 0 when proven, infinite without an
        objective or a bound.
    seconds
        Time it took.
    """

    status: SolveStatus
    sites: IntArray
    assignment: IntArray
    objective: float
    bound: float
    gap: float
    seconds: float


def relative_gap(objective: float, bound: float) -> float:
    """Return ``|objective - bound|`` as a share of the greater of both; inf if unknown."""
    if not (np.isfinite(objective) and np.isfinite(bound)):
        return np.inf
    size = max(abs(objective), abs(bound))
    return abs(objective - bound) / size if size > 0 else 0.0


class SolveWatch:
    """The time a solve may take, and who may end it.

    Parameters
    ----------
    time_limit
        Seconds, or None.
    progress
        Called now and then; ends the solve by returning False.
    """

    def __init__(self, time_limit: float | None, progress: SolveProgress | None) -> None:
        self._began = time.perf_counter()
        self._limit = np.inf if time_limit is None else time_limit
        self._progress = progress
        self._told = -np.inf
        self._ended: SolveStatus | None = None
        self.bound = np.nan
        self.best = np.nan

    @property
    def seconds(self) -> float:
        """Seconds since the solve began."""
        return time.perf_counter() - self._began

    @property
    def remaining(self) -> float:
        """Seconds that are left, not below 0; infinite without a limit."""
        return max(self._limit - self.seconds, 0.0)

    @property
    def ended(self) -> SolveStatus | None:
        """``TIME_LIMIT`` or ``CANCELLED`` once that has happened."""
        return self._ended

    def is_over(self, bound: float | None = None, best: float | None = None) -> bool:
        """Report bound and best where known, and return whether the solve must end now."""
        self.bound = self.bound if bound is None else bound
        self.best = self.best if best is None else best
        if self._ended is None and self.seconds >= self._limit:
            self._ended = SolveStatus.TIME_LIMIT
        if self._ended is None and self._progress is not None:
            now = self.seconds
            if now - self._told >= REPORT_EVERY_S:
                self._told = now
                if not self._progress(self.bound, self.best, now):
                    self._ended = SolveStatus.CANCELLED
        return self._ended is not None

    def closing_status(self, objective: float, bound: float, gap: float) -> SolveStatus:
        """Return the status of a solve that ends with this objective and this bound."""
        reached = relative_gap(objective, bound)
        if reached <= PROOF_TOLERANCE:
            return SolveStatus.OPTIMAL
        if reached <= gap:
            return SolveStatus.WITHIN_GAP
        return self._ended or SolveStatus.TIME_LIMIT


def no_plan(status: SolveStatus, demand_count: int, bound: float, watch: SolveWatch) -> Solved:
    """Return a result without sites: infeasible, or ended before any plan was found."""
    return Solved(
        status=status,
        sites=np.zeros(0, dtype=np.intp),
        assignment=np.full(demand_count, -1, dtype=np.intp),
        objective=np.nan,
        bound=bound,
        gap=np.inf,
        seconds=watch.seconds,
    )
