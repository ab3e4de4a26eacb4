"""Branch and cut for the p-median problem: what the linear bound leaves open is tried out.

Land and Doig (1960) on the master problem of the cuts: the node with the least bound is next, its
linear model is solved from where the last one stood, cuts are found at every node, and reduced
costs shut columns for the whole branch. With the bounds of a p-median problem so near the optimum
a few nodes are enough; each takes a fraction of what a fresh integer model costs.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from network_map.crs import FloatArray
from network_map.reach.service import BoolArray
from network_map.siting.highs import ModelState
from network_map.siting.limits import IntArray
from network_map.siting.p_median_cuts import CutModel

NODES_BETWEEN_CLEANING = 15
WHOLE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """A part of the plans: some columns shut, some open.

    Parameters
    ----------
    bound
        No plan of the branch costs less.
    is_shut, is_open
        Shape (c,).
    """

    bound: float
    is_shut: BoolArray
    is_open: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class NodeSolution:
    """The linear bound of a branch.

    Parameters
    ----------
    bound
        Infinite if the branch holds no plan; NaN if the solver was stopped.
    shares, reduced
        Shape (c,): opened shares and reduced costs; None where there is no solution.
    is_exact
        Whether the shares are whole and every row pays what they cost.
    """

    bound: float
    shares: FloatArray | None
    reduced: FloatArray | None
    is_exact: bool


class BranchAndCut:
    """The search over branches of a master problem.

    Parameters
    ----------
    master
        Its problem and the cuts found so far.
    take
        Called with opened shares and reduced costs; makes plans of them and returns the least
        objective known.
    cutoff
        From an objective, the bound from which on no plan can be better.
    is_over
        Called with the bound; whether to stop.
    """

    def __init__(
        self,
        master: CutModel,
        take: Callable[[FloatArray, FloatArray], float],
        cutoff: Callable[[float], float],
        is_over: Callable[[float], bool],
    ) -> None:
        self.master, self.take, self.cutoff, self.is_over = master, take, cutoff, is_over

    def run(self, best: float, bound: float, remaining: Callable[[], float], most: int) -> float:
        """Return the bound after at most so many nodes, at most ``best`` or what was taken."""
        c = self.master.problem.cost.shape[1]
        nothing = np.zeros(c, dtype=bool)
        heap: list[tuple[float, int, Branch]] = [(bound, 0, Branch(bound, nothing, nothing))]
        for node in range(most):
            while heap and heap[0][0] >= self.cutoff(best):
                heapq.heappop(heap)
            if not heap:
                return best
            if self.is_over(heap[0][0]):
                break
            branch = heap[0][2]
            solved = self.solve(branch, best, remaining)
            if np.isnan(solved.bound):
                break
            heapq.heappop(heap)
            if node % NODES_BETWEEN_CLEANING == NODES_BETWEEN_CLEANING - 1:
                self.master.drop_loose_cuts()
            if solved.shares is None or solved.reduced is None:
                continue
            best = min(best, self.take(solved.shares, solved.reduced))
            if solved.is_exact or solved.bound >= self.cutoff(best):
                continue
            for number, child in enumerate(self.children(branch, solved, best)):
                heapq.heappush(heap, (child.bound, 2 * node + number + 1, child))
        return min(heap[0][0] if heap else best, best)

    def solve(self, branch: Branch, best: float, remaining: Callable[[], float]) -> NodeSolution:
        """Return the linear bound of a branch, with cuts added until they stop to matter."""
        c = len(branch.is_shut)
        columns = np.arange(c)
        self.master.model.set_bounds(
            columns, branch.is_open.astype(np.float64), (~branch.is_shut).astype(np.float64)
        )
        before = -np.inf
        while True:
            outcome = self.master.solve(remaining())
            if outcome.state is ModelState.INFEASIBLE:
                return NodeSolution(np.inf, None, None, is_exact=False)
            if outcome.values is None or not np.isfinite(outcome.bound):
                return NodeSolution(np.nan, None, None, is_exact=False)
            bound = max(outcome.bound, branch.bound)
            reduced = self.master.model.reduced_costs()[:c]
            shares, paid = self.master.split(outcome.values)
            is_whole = bool((np.abs(shares - np.round(shares)) <= WHOLE).all())
            breach = 0.0
            if bound < self.cutoff(best):
                breach = self.master.separate(np.round(shares) if is_whole else shares, paid)
            # An unpaid whole solution is cut off, for it has no column to branch on.
            is_stalled = bound - before < 0.02 * (self.cutoff(best) - bound)
            if breach <= 0.0 or (is_stalled and not is_whole):
                return NodeSolution(bound, shares, reduced, is_exact=is_whole and breach <= 0.0)
            before = bound

    def children(self, branch: Branch, solved: NodeSolution, best: float) -> list[Branch]:
        """Return the branch with the least decided column shut, and with it open."""
        shares, reduced = solved.shares, solved.reduced
        if shares is None or reduced is None:
            return []
        # At the bound of 0 a positive reduced cost is what opening the column costs at least.
        is_free = ~branch.is_open & (shares <= WHOLE)
        dear = branch.is_shut | (is_free & (solved.bound + reduced >= self.cutoff(best)))
        column = int(np.argmin(np.abs(shares - 0.5)))
        one: IntArray = np.array([column])
        shut, opened = dear.copy(), branch.is_open.copy()
        shut[one], opened[one] = True, True
        return [Branch(solved.bound, dear, opened), Branch(solved.bound, shut, branch.is_open)]
