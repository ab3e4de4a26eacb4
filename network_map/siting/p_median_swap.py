"""Good plans for the p-median problem: greedy addition, then vertex substitution.

Teitz and Bart (1968), Heuristic methods for estimating the generalized vertex median of a weighted
graph; Whitaker (1983) and Resende and Werneck (2007) for the sums that judge every exchange of an
open for a closed site at once. Greedy gains only shrink as sites are added, so a gain once
computed is an upper bound later (Minoux 1978).
"""

import heapq

import numpy as np

from network_map.crs import FloatArray
from network_map.siting.limits import SLACK, IntArray
from network_map.siting.p_median_problem import MedianProblem
from network_map.siting.solved import SolveWatch

LEAST_GAIN = 1e-9


def reachable_cost(problem: MedianProblem) -> tuple[FloatArray, FloatArray]:
    """Return cost and cap with a finite penalty that outweighs every plan that serves all."""
    is_open_end = ~np.isfinite(problem.cap)
    if not is_open_end.any():
        return problem.cost, problem.cap
    finite = np.where(np.isfinite(problem.cost), problem.cost, 0.0)
    penalty = 2.0 * float(finite.max(axis=1, initial=0.0).sum()) + 1.0
    cap = np.where(is_open_end, penalty, problem.cap)
    return np.minimum(problem.cost, cap[:, None]), cap


def greedy_addition(
    problem: MedianProblem, cost: FloatArray, cap: FloatArray, start: IntArray
) -> IntArray:
    """Return columns added one by one, each with the greatest gain, ``start`` before them."""
    by_column = np.ascontiguousarray(cost.T)
    near, left = cap.copy(), problem.upper.copy()
    chosen: list[int] = []

    def take(column: int) -> None:
        nonlocal left
        chosen.append(column)
        left = left - problem.rows[:, column]
        np.minimum(near, by_column[column], out=near)

    def fits(column: int) -> bool:
        return bool((problem.rows[:, column] <= left + SLACK).all())

    for column in start:
        if len(chosen) < problem.count and fits(column):
            take(int(column))
    gains = [(-float(np.maximum(near - row, 0).sum()), j) for j, row in enumerate(by_column)]
    heapq.heapify(gains)
    while gains and len(chosen) < problem.count:
        _, column = heapq.heappop(gains)
        if not fits(column):
            continue
        gain = float(np.maximum(near - by_column[column], 0).sum())
        if gains and gain < -gains[0][0]:
            heapq.heappush(gains, (-gain, column))
        elif gain > LEAST_GAIN:
            take(column)
        else:
            break
    return np.array(sorted(chosen), dtype=np.intp)


def vertex_substitution(
    problem: MedianProblem, cost: FloatArray, cap: FloatArray, chosen: IntArray, watch: SolveWatch
) -> IntArray:
    """Return columns that no exchange of one for another makes better.

    Parameters
    ----------
    problem
        With n rows and c columns.
    cost, cap
        As `reachable_cost` gives them.
    chosen
        The columns to begin with; filled up greedily when there are fewer than may be open.
    watch
        Ends the search.
    """
    if len(chosen) < problem.count or problem.is_limited:
        chosen = greedy_addition(problem, cost, cap, chosen)
    while len(chosen) and not watch.is_over():
        gain = _exchange_gains(cost, cap, chosen)
        if problem.is_limited:
            used = problem.rows[:, chosen].sum(axis=1)
            for row, used_of_row, most in zip(problem.rows, used, problem.upper, strict=True):
                after = used_of_row + row[:, None] - row[chosen][None, :]
                gain[after > most + SLACK] = -np.inf
        gain[chosen] = -np.inf
        enters, leaves = np.unravel_index(int(np.argmax(gain)), gain.shape)
        if gain[enters, leaves] <= LEAST_GAIN:
            break
        chosen = np.append(np.delete(chosen, leaves), enters).astype(np.intp)
    return np.sort(chosen)


def _exchange_gains(cost: FloatArray, cap: FloatArray, chosen: IntArray) -> FloatArray:
    """Return what the objective gains when column j enters and chosen column r leaves: (c, p)."""
    c, p = cost.shape[1], len(chosen)
    inside = cost[:, chosen]
    every = np.arange(len(cost))
    server = inside.argmin(axis=1)
    first = inside[every, server]
    inside[every, server] = np.inf
    second = np.minimum(inside.min(axis=1), cap)
    row, column = np.nonzero(cost < second[:, None])
    reached = cost[row, column]
    gained = np.bincount(column, np.maximum(first[row] - reached, 0), minlength=c)
    saved = np.bincount(
        column * p + server[row],
        second[row] - np.maximum(reached, first[row]),
        minlength=c * p,
    ).reshape(c, p)
    lost = np.bincount(server, second - first, minlength=p)
    return np.asarray(saved + gained[:, None] - lost[None, :], dtype=np.float64)
