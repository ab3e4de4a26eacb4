"""The time that many solves share, and who may end them all: what evidence costs.

A plan is one solve; what stands behind it is hundreds. Each of them gets what is left of one time
limit, hears the same person who watches, and counts only where it was solved to its end.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Protocol, TypeVar

from network_map.siting.models import FULL_PROOF, SolveEffort
from network_map.siting.solved import SolveStatus, SolveWatch

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
