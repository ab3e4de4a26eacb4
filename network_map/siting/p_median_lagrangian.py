"""A quick lower bound of the p-median problem: Lagrangian relaxation with subgradients.

Cornuéjols, Fisher and Nemhauser (1977); Beasley (1993), Lagrangean heuristics for location
problems. The rule that every demand point is served once is priced: with price u of a demand
point, a site is worth the sum of what its costs lie below the prices, and the bound takes the
``count`` best sites. Any prices give a valid bound. Further limits are left out, which keeps it
one. What opening one more site, or shutting one, would do to the bound decides sites for good.
"""

from dataclasses import dataclass

import numpy as np

from network_map.crs import FloatArray
from network_map.siting.limits import IntArray
from network_map.siting.p_median_problem import MedianProblem
from network_map.siting.solved import SolveWatch

BLOCK_CELLS = 200_000  # what stays in a processor's cache
PATIENCE = 12
LEAST_STEP = 0.004
LEAST_SIZE, MOMENTUM = 1e-3, 0.85


@dataclass(frozen=True, slots=True, eq=False)
class PricedBound:
    """A lower bound, the prices that give it, and what it says of single columns.

    Parameters
    ----------
    bound
        No plan costs less.
    prices
        Shape (n,).
    if_open, if_shut
        Shape (c,). No plan with the column open, or shut, costs less.
    chosen
        The columns that the bound takes.
    """

    bound: float
    prices: FloatArray
    if_open: FloatArray
    if_shut: FloatArray
    chosen: IntArray


class PriceSearch:
    """Prices that are moved towards a better bound, step by step.

    Parameters
    ----------
    problem
        What to bound.
    """

    def __init__(self, problem: MedianProblem) -> None:
        self._set(problem)
        last = problem.cost.shape[1] - 1
        k = min(max((last + 1) // max(2 * problem.count, 1), 1), last)
        self.prices = np.minimum(np.partition(problem.cost, k, axis=1)[:, k], self._top)
        self.best_prices = self.prices
        self.bound = -np.inf
        # Prices of great weights are great and move in greater steps.
        size = np.maximum(self.prices, LEAST_SIZE * self.prices.mean()) + 1e-12
        self._size = size / size.mean()
        self._direction = np.zeros(len(problem.cost))
        self._step, self._waited = 1.0, 0

    def narrow(self, problem: MedianProblem) -> None:
        """Go on with what is left of the problem."""
        self._set(problem)
        self.best_prices = self.prices = np.minimum(self.best_prices, self._top)
        self.bound = -np.inf
        self._direction[:] = 0.0

    def _set(self, problem: MedianProblem) -> None:
        self._by_column = np.ascontiguousarray(problem.cost.T)
        self._count = problem.count
        self._top = np.minimum(problem.cap, greatest_finite(problem.cost))

    @property
    def is_done(self) -> bool:
        """Whether the steps have become too short to matter."""
        return self._step < LEAST_STEP

    def move(self, best: float) -> None:
        """Move the prices once, with ``best`` the least objective known."""
        worth = self._worths(self.prices)
        taken = np.argpartition(worth, self._count - 1)[: self._count]
        bound = float(self.prices.sum() + worth[taken].sum())
        if bound > self.bound:
            self._waited = 0 if bound > self.bound + 1e-5 * abs(bound) else self._waited + 1
            self.bound, self.best_prices = bound, self.prices
        else:
            self._waited += 1
        if self._waited > PATIENCE:
            self._step, self._waited = self._step / 1.6, 0
            self.prices = self.best_prices
            self._direction[:] = 0.0
            return
        served = (self._by_column[taken] < self.prices).sum(axis=0)
        self._direction = (1.0 - served) + MOMENTUM * self._direction
        way = self._size * self._direction
        size = float(self._direction @ way)
        if size == 0.0:
            self._step = 0.0
            return
        gap = max(best - bound, 1e-6 * abs(best))
        moved = self.prices + self._step * gap / size * way
        self.prices = np.clip(moved, 0.0, self._top)

    def result(self) -> PricedBound:
        """Return the best bound so far and what it says of every column."""
        worth = self._worths(self.best_prices)
        order = np.argsort(worth, kind="stable")
        taken = order[: self._count]
        bound = float(self.best_prices.sum() + worth[taken].sum())
        is_taken = np.zeros(len(worth), dtype=bool)
        is_taken[taken] = True
        last = worth[taken[-1]]
        following = worth[order[self._count]] if self._count < len(order) else 0.0
        return PricedBound(
            bound=bound,
            prices=self.best_prices,
            if_open=np.where(is_taken, bound, bound + worth - last),
            if_shut=np.where(is_taken, bound - worth + following, bound),
            chosen=taken,
        )

    def _worths(self, prices: FloatArray) -> FloatArray:
        """Return for each column the sum of what its costs lie below the prices, negative."""
        c, n = self._by_column.shape
        worth = np.empty(c)
        step = max(BLOCK_CELLS // max(n, 1), 1)
        room = np.empty((step, n))
        for start in range(0, c, step):
            block = self._by_column[start : start + step]
            part = room[: len(block)]
            np.subtract(block, prices, out=part)
            np.minimum(part, 0.0, out=part)
            worth[start : start + step] = part.sum(axis=1)
        return worth


def greatest_finite(cost: FloatArray) -> FloatArray:
    """Return the greatest finite cost of each row, 0 if there is none."""
    most: FloatArray = np.where(np.isfinite(cost), cost, 0.0).max(axis=1, initial=0.0)
    return most


def priced_bound(
    search: PriceSearch, problem: MedianProblem, best: float, watch: SolveWatch, moves: int
) -> PricedBound:
    """Return the bound after so many moves, or fewer when nothing is left to win."""
    for _ in range(moves):
        search.move(best)
        if search.is_done or search.bound >= problem.cutoff(best):
            break
        if watch.is_over(bound=max(search.bound, 0.0) * problem.scale):
            break
    return search.result()
