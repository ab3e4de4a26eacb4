"""Benders decomposition of the p-median problem: cuts in closed form, first linear, then integer.

Durán-Mateluna, Alès and Elloumi (2023), An efficient Benders decomposition for the p-median
problem. With y the opened share of each column and θ the cost of each row, every threshold t gives
the cut ``θ[i] + Σ max(t - cost[i, j], 0) · y[j] >= t``. The cut most broken at y has as its
threshold the cost of the column at which the opened shares, nearest first, add up to 1.
"""

from collections.abc import Callable

import numpy as np
from scipy import sparse

from network_map.crs import FloatArray
from network_map.reach.service import BoolArray
from network_map.siting.highs import HighsModel, ModelOutcome
from network_map.siting.limits import IntArray
from network_map.siting.p_median_lagrangian import greatest_finite
from network_map.siting.p_median_problem import MedianProblem

BLOCK_ROWS = 256
LEAST_BREACH = 1e-7
SHARE = 1e-9


class CutModel:
    """The master problem: columns y, then θ, and the cuts found so far.

    Parameters
    ----------
    problem
        What is to be solved.
    """

    def __init__(self, problem: MedianProblem) -> None:
        self.problem = problem
        self.cut_rows = np.zeros(0, dtype=np.intp)
        self.thresholds = np.zeros(0)
        self.model = self._master(is_integer=False)

    def _master(self, *, is_integer: bool) -> HighsModel:
        problem = self.problem
        n, c = problem.cost.shape
        nearest = np.minimum(problem.cost.min(axis=1, initial=np.inf), problem.cap)
        model = HighsModel(
            cost=np.concatenate([np.zeros(c), np.ones(n)]),
            lower=np.concatenate([np.zeros(c), nearest]),
            upper=np.concatenate([np.ones(c), np.full(n, np.inf)]),
            is_integer=np.arange(c + n) < c if is_integer else None,
        )
        limits = np.vstack([np.ones(c), problem.rows])
        upper = np.concatenate([[float(problem.count)], problem.upper])
        _add(model, sparse.csr_array(limits), n, np.full(len(upper), -np.inf), upper)
        # A row that no standing site serves must have an open site within its reach.
        needy = problem.cost[~np.isfinite(problem.cap)]
        needy = needy[~np.isfinite(needy).all(axis=1)]
        reach = sparse.csr_array(np.isfinite(needy).astype(np.float64))
        _add(model, reach, n, np.ones(len(needy)), np.full(len(needy), np.inf))
        self.first_cut = model.row_count
        self._add_cuts(model, self.cut_rows, self.thresholds)
        return model

    def _add_cuts(self, model: HighsModel, rows: IntArray, thresholds: FloatArray) -> None:
        n = len(self.problem.cost)
        for start in range(0, len(rows), BLOCK_ROWS):
            row, most = rows[start : start + BLOCK_ROWS], thresholds[start : start + BLOCK_ROWS]
            below = sparse.csr_array(np.maximum(most[:, None] - self.problem.cost[row], 0.0))
            own = sparse.csr_array((np.ones(len(row)), (np.arange(len(row)), row)), (len(row), n))
            cut = sparse.csr_array(sparse.hstack([below, own]))
            model.add_rows(cut, most, np.full(len(row), np.inf))

    def add(self, rows: IntArray, thresholds: FloatArray) -> None:
        """Add cuts, each of a row of the problem and a threshold."""
        self._add_cuts(self.model, rows, thresholds)
        self.cut_rows = np.concatenate([self.cut_rows, rows])
        self.thresholds = np.concatenate([self.thresholds, thresholds])

    def add_around(self, prices: FloatArray) -> None:
        """Add the cuts with the two costs around the price of each row as thresholds."""
        cost = self.problem.cost
        ends = np.where(np.isfinite(self.problem.cap), self.problem.cap, greatest_finite(cost))
        above = np.where(cost >= prices[:, None], cost, np.inf).min(axis=1)
        below = np.where(cost < prices[:, None], cost, -np.inf).max(axis=1)
        above = np.minimum(above, ends)
        every = np.arange(len(cost))
        is_real = np.isfinite(below)
        self.add(np.concatenate([every, every[is_real]]), np.concatenate([above, below[is_real]]))

    def separate(self, shares: FloatArray, paid: FloatArray) -> float:
        """Add the cuts that these opened shares and row costs break, and return by how much.

        Parameters
        ----------
        shares
            Shape (c,).
        paid
            Shape (n,): the values of θ.
        """
        thresholds, values = cost_of_shares(self.problem, shares)
        breach = values - paid
        broken = np.flatnonzero(breach > LEAST_BREACH * np.maximum(1.0, values))
        self.add(broken, thresholds[broken])
        return float(breach[broken].sum())

    def solve(
        self, time_limit: float, is_over: Callable[[float, float], bool] | None = None
    ) -> ModelOutcome:
        """Return the optimum of the linear master problem."""
        return self.model.solve(time_limit, is_over)

    def drop_loose_cuts(self) -> None:
        """Take cuts away that do not bind at the solution found last."""
        slack = self.model.row_values()[self.first_cut :] - self.thresholds
        loose = slack > 1e-4 * np.maximum(1.0, self.thresholds)
        self.model.delete_rows(self.first_cut + np.flatnonzero(loose))
        self.cut_rows, self.thresholds = self.cut_rows[~loose], self.thresholds[~loose]

    def shut(self, is_shut: BoolArray) -> None:
        """Take columns away that no better plan opens."""
        self.model.delete_columns(np.flatnonzero(is_shut))
        self.problem = self.problem.without(is_shut, np.zeros_like(is_shut))

    def split(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the opened shares and the row costs of a solution."""
        c = self.problem.cost.shape[1]
        return values[:c], values[c:]

    def solve_integer(
        self,
        chosen: IntArray,
        time_limit: float,
        is_over: Callable[[float, float], bool],
        gap: float,
    ) -> ModelOutcome:
        """Return the integer optimum under the cuts so far, begun from these columns."""
        model = self._master(is_integer=True)
        model.set_option("mip_abs_gap", value=1e-9)
        model.set_option("mip_rel_gap", value=gap)
        c = self.problem.cost.shape[1]
        opened = np.zeros(c)
        opened[chosen] = 1.0
        paid = np.minimum(
            self.problem.cost[:, chosen].min(axis=1, initial=np.inf), self.problem.cap
        )
        model.start_from(np.concatenate([opened, paid]))
        return model.solve(time_limit, is_over)


def cost_of_shares(problem: MedianProblem, shares: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the threshold of the most broken cut of every row, and the least row cost it asks.

    Parameters
    ----------
    problem
        With n rows and c columns.
    shares
        Shape (c,): the opened share of each column.
    """
    support = np.flatnonzero(shares > SHARE)
    cost, share = problem.cost[:, support], shares[support]
    n = len(cost)
    thresholds, values = np.empty(n), np.empty(n)
    ends = np.where(np.isfinite(problem.cap), problem.cap, greatest_finite(problem.cost))
    for start in range(0, n, BLOCK_ROWS):
        block = cost[start : start + BLOCK_ROWS]
        order = np.argsort(block, axis=1, kind="stable")
        near = np.take_along_axis(block, order, axis=1)
        filled = np.cumsum(share[order], axis=1)
        is_full = filled >= 1.0 - 1e-7
        at = is_full.argmax(axis=1) if len(support) else np.zeros(len(block), dtype=np.intp)
        end = ends[start : start + BLOCK_ROWS]
        if len(support):
            each = np.arange(len(block))
            end = np.where(is_full[each, at], np.minimum(near[each, at], end), end)
        thresholds[start : start + BLOCK_ROWS] = end
        room = np.maximum(end[:, None] - block, 0.0)
        values[start : start + BLOCK_ROWS] = end - room @ share
    return thresholds, values


def _add(
    model: HighsModel, left: sparse.csr_array, width: int, lower: FloatArray, upper: FloatArray
) -> None:
    """Add rows that concern the y columns alone."""
    nothing = sparse.csr_array((left.shape[0], width))
    model.add_rows(sparse.csr_array(sparse.hstack([left, nothing])), lower, upper)
