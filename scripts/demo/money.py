"""Amounts of the demonstration register: heavy-tailed, and equal to their totals to the fen."""

import numpy as np
from numpy.typing import NDArray

from scripts.demo.draws import Whole, below, draws, exponentials, normals

SIGMA = 1.3
"""Standard deviation of the logarithm of an ordinary contract value."""
TAIL_IN_1000 = 40
"""Of a thousand contracts, how many get a Pareto factor with exponent 4/3 on top."""

_LOWEST_FEN = 100_000
_ROUND_FEN = 10_000
_EXACT_IN_100 = 25
_LARGE_FEN = 500_000_000
_ALL_TECHNOLOGY_IN_100 = 25


def value_weights(multipliers: Whole, *, seed: int, stream: str) -> Whole:
    """Return a whole-number weight for each contract: lognormal with a Pareto tail.

    Parameters
    ----------
    multipliers
        How a contract compares with others of its block, in any one unit.
    """
    count = len(multipliers)
    ordinary = exponentials(SIGMA * normals(seed, f"{stream}|normal", count))
    uniform = (below(draws(seed, f"{stream}|tail", count), 1024) + 1) / 1024
    # u ** -0.75 by square roots, which are exact; u is at least 1/1024, so at most 181-fold.
    pareto = 1 / (np.sqrt(uniform) * np.sqrt(np.sqrt(uniform)))
    in_tail = below(draws(seed, f"{stream}|in tail", count), 1000) < TAIL_IN_1000
    weights = ordinary * np.where(in_tail, pareto, 1.0) * multipliers
    return np.asarray((weights * 100).astype(np.int64) + 1, dtype=np.int64)


def _proportional(weights: Whole, total: int) -> Whole:
    """Return ``total`` in proportion to the weights, each part rounded down, without overflow."""
    exact: NDArray[np.object_] = weights.astype(np.object_) * total // int(weights.sum())
    return exact.astype(np.int64)


def shared_out(weights: Whole, total: int, *, seed: int, stream: str) -> Whole:
    """Return values in whole fen that sum exactly to ``total``; most are round sums.

    What rounding leaves over goes to the largest.
    """
    count = len(weights)
    lowest = min(_LOWEST_FEN, total // (2 * count))
    parts = _proportional(weights, total - lowest * count)
    is_exact = below(draws(seed, f"{stream}|exact", count), 100) < _EXACT_IN_100
    values = lowest + parts - parts % np.where(is_exact, 1, _ROUND_FEN)
    values[np.argmax(weights)] += total - int(values.sum())
    return np.asarray(values, dtype=np.int64)


def technology_values(values: Whole, total: int, *, seed: int, stream: str) -> Whole:
    """Return a technology value for each contract, at most its value, that sum to ``total``.

    Small contracts are often technology through and through; large ones carry equipment.
    """
    count = len(values)
    is_large = values >= _LARGE_FEN
    is_all = below(draws(seed, f"{stream}|all", count), 100) < _ALL_TECHNOLOGY_IN_100
    share = 20 + below(draws(seed, f"{stream}|share", count), 480)
    share = np.where(is_all & ~is_large, 1000, share)
    wanted = (values.astype(np.object_) * share // 1000).astype(np.int64)
    lack = total - int(wanted.sum())
    room = wanted if lack < 0 else values - wanted
    moved = _proportional(room, abs(lack)) if lack else np.zeros(count, dtype=np.int64)
    result = wanted + moved if lack > 0 else wanted - moved
    return _settled(result, values, total)


def _settled(parts: Whole, values: Whole, total: int) -> Whole:
    """Return the parts with the last few fen put where there is most room."""
    left = total - int(parts.sum())
    settled = parts.copy()
    room = values - parts if left > 0 else parts
    for position in np.argsort(-room, kind="stable"):
        if left == 0:
            break
        step = min(int(room[position]), abs(left)) * (1 if left > 0 else -1)
        settled[position] += step
        left -= step
    return settled
