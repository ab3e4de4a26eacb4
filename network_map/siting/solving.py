"""What every solve is given and hands back: site limits, effort and watch, status and sites.

A plan is one solve; what stands behind it is hundreds, which share the time of one budget. Each of
them gets what is left of one time limit, hears the same person who watches, and counts only where
it was solved to its end.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from network_map.crs import FloatArray
from network_map.reach.cost import BoolArray

# --- which sites may be opened, and how many ------------------------------------------------------


IntArray: TypeAlias = NDArray[np.intp]

SLACK = 1e-9
"""A limit is kept when no more than this is lacking: the rounding of sums of what sites take."""


@dataclass(frozen=True, slots=True, eq=False)
class SiteLimits:
    """Which of m candidate sites may be opened, and how many.

    Parameters
    ----------
    fixed
        Shape (m,). Sites that stand already: open in every plan, and free of every limit below.
    allowed
        Shape (m,). Sites that may be opened anew. What is neither fixed nor allowed stays shut.
    count
        At most this many new sites; fixed ones come on top. None: no such limit.
    rows
        Shape (r, m), no negative entry. What a new site takes of each of r further limits: 1
        for each site of a prefecture, or what the site costs. Fixed sites take nothing.
    upper
        Shape (r,). How much of each of them there is.

    Raises
    ------
    ValueError
        If shapes do not fit together, or an entry of ``rows`` or ``count`` is negative.
    """

    fixed: BoolArray
    allowed: BoolArray
    count: int | None = None
    rows: sparse.csr_array | None = None
    upper: FloatArray = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        m = len(self.fixed)
        if len(self.allowed) != m:
            raise ValueError(f"allowed must have {m} entries like fixed, not {len(self.allowed)}")
        if self.count is not None and self.count < 0:
            raise ValueError(f"count must not be negative: {self.count}")
        wanted = (len(self.upper), m)
        if (self.rows is None and len(self.upper)) or (
            self.rows is not None and self.rows.shape != wanted
        ):
            raise ValueError(f"rows must have the shape {wanted} of upper and fixed")
        if self.rows is not None and self.rows.nnz and self.rows.data.min() < 0:
            raise ValueError("rows must not hold a negative entry")

    @property
    def new_sites(self) -> IntArray:
        """Sites that may be opened anew and do not stand already, ascending."""
        return np.flatnonzero(self.allowed & ~self.fixed)

    def most_new(self, sites: IntArray) -> int:
        """Return at most how many of these new sites ``count`` lets open."""
        return len(sites) if self.count is None else min(self.count, len(sites))

    def rows_of(self, sites: IntArray) -> sparse.csr_array:
        """Return the columns of ``rows`` that belong to these sites: shape (r, len(sites))."""
        if self.rows is None:
            return sparse.csr_array((0, len(sites)))
        return sparse.csr_array(self.rows.tocsc()[:, sites])


def plain_limits(site_count: int, new_count: int | None = None) -> SiteLimits:
    """Return limits with nothing fixed, every site allowed and at most ``new_count`` open."""
    return SiteLimits(
        fixed=np.zeros(site_count, dtype=bool),
        allowed=np.ones(site_count, dtype=bool),
        count=new_count,
    )


# --- what a solve hands back, and the watch that stops it -----------------------------------------


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveEffort:
    """How much is spent on a plan.

    Parameters
    ----------
    time_limit
        Seconds; None lets it run until it is proven.
    gap
        Relative gap at which to stop; 0 proves the optimum.
    progress
        Called now and then with bound, best objective and seconds; ends the solve by returning
        False.
    part_progress
        Called after each of many solves with the name of the part of the evidence they belong to,
        their number so far and in all (0 where nobody knows).
    """

    time_limit: float | None = None
    gap: float = 0.0
    progress: SolveProgress | None = None
    part_progress: Callable[[str, int, int], None] | None = None


FULL_PROOF = SolveEffort()


# --- the time that many solves share --------------------------------------------------------------


_CUT_SHORT = frozenset({SolveStatus.TIME_LIMIT, SolveStatus.CANCELLED})


class EvidencePart(StrEnum):
    """What is found by solving again and again."""

    CHOSEN = "chosen"
    """How often a site is chosen over the possible lists."""
    ROBUST = "robust"
    """How often it is chosen with other standards and distances."""
    CURVE = "curve"
    """What each further site adds."""
    OVERTURN = "overturn"
    """What would overturn a choice."""
    REGRET = "regret"
    """The sites of least regret."""


class SolvesEndedError(Exception):
    """The time of a budget is over, or the one who watches has ended it: no answer of the rest."""


class _HasStatus(Protocol):
    @property
    def status(self) -> SolveStatus: ...


_Solution = TypeVar("_Solution", bound=_HasStatus)
_Found = TypeVar("_Found")


class SolveBudget:
    """One time limit for many solves.

    Parameters
    ----------
    effort
        Seconds for all solves together, the gap of each, and who watches.
    """

    def __init__(self, effort: SolveEffort = FULL_PROOF) -> None:
        self._effort = effort
        self._watch = SolveWatch(effort.time_limit, effort.progress)
        self._part = ""
        self.done = 0
        self.total = 0

    def begin(self, part: EvidencePart, total: int = 0) -> None:
        """Begin a part and tell so; ``total`` is its number of solves, 0 where nobody knows."""
        self._part, self.done, self.total = part.value, 0, total
        self._tell()

    def check(self) -> None:
        """Ask whether to go on, between two solves or where much is computed without one.

        Raises
        ------
        SolvesEndedError
            If the time is over or the one who watches says no.
        """
        if self._watch.is_over():
            raise SolvesEndedError

    def solved(self, solve: Callable[[SolveEffort], _Solution]) -> _Solution:
        """Return what a solve finds with the time that is left, and count it.

        Parameters
        ----------
        solve
            The solve; it must keep to the effort that it is given.

        Raises
        ------
        SolvesEndedError
            If it was ended before it was through.
        """
        self.check()
        found = solve(
            SolveEffort(time_limit=self.remaining, gap=self._effort.gap, progress=self.goes_on)
        )
        if found.status in _CUT_SHORT:
            # A solve may end unproven for other reasons, with time left: that is no end of all.
            self.check()
        self.done += 1
        self._tell()
        return found

    @property
    def remaining(self) -> float | None:
        """Seconds that are left; None without a limit."""
        return None if self._effort.time_limit is None else self._watch.remaining

    def goes_on(self, bound: float, best: float, _seconds: float) -> bool:
        """Report bound and best of a solve, and return whether it may go on."""
        return not self._watch.is_over(bound, best)

    def _tell(self) -> None:
        if self._part and self._effort.part_progress is not None:
            self._effort.part_progress(self._part, self.done, self.total)


def until_ended(found: Iterator[_Found]) -> tuple[list[_Found], bool]:
    """Return what was found before the budget ended, and whether that is all.

    Parameters
    ----------
    found
        Found one by one; raises :class:`SolvesEndedError` where the budget ends.
    """
    kept: list[_Found] = []
    try:
        for one in found:
            kept.append(one)  # noqa: PERF402 (what came before the end is kept)
    except SolvesEndedError:
        return kept, False
    return kept, True
