"""Numbers drawn for the demonstration register: the same on every machine, for ever.

The draws are SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number
generators", OOPSLA), run as a counter: draw *i* of a stream depends on seed, stream and *i* alone.
Everything here uses whole numbers, and of floating point only what IEEE 754 rounds exactly
(``+ - * /`` and square roots): no logarithm or exponential, whose last digit differs between
processors, and no generator of a library, whose stream may change with its version.
"""

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

Draws = NDArray[np.uint64]
Whole = NDArray[np.int64]
Real = NDArray[np.float64]
Flags = NDArray[np.bool_]
Cells = NDArray[np.object_] | Whole | Flags

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIXERS = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)
_LAST_SHIFT = np.uint64(31)
_NORMAL_PARTS = 12
_NORMAL_BITS = 24
_EXPONENTIAL_SQUARINGS = 10


def draws(seed: int, stream: str, count: int) -> Draws:
    """Return ``count`` draws of 64 bits; a longer stream begins with the shorter one."""
    key = int.from_bytes(sha256(f"{seed}|{stream}".encode()).digest()[:8], "big")
    mixed = np.arange(1, count + 1, dtype=np.uint64) * _STEP + np.uint64(key)
    for shift, factor in _MIXERS:
        mixed = (mixed ^ (mixed >> shift)) * factor
    return np.asarray(mixed ^ (mixed >> _LAST_SHIFT), dtype=np.uint64)


def below(numbers: Draws, bound: int) -> Whole:
    """Return the draws as whole numbers from 0 to ``bound - 1``, evenly."""
    return (numbers % np.uint64(bound)).astype(np.int64)


def picked(numbers: Draws, weights: Sequence[int] | Whole) -> Whole:
    """Return for each draw a position, each as often as its whole-number weight says."""
    ends = np.cumsum(np.asarray(weights, dtype=np.int64))
    return np.searchsorted(ends, below(numbers, int(ends[-1])), side="right").astype(np.int64)


def skewed(numbers: Draws, bounds: Whole) -> Whole:
    """Return whole numbers below each bound, the small ones more often (a squared uniform)."""
    half = np.uint64(32)
    uniform = numbers >> half
    squared = (uniform * uniform) >> half
    return ((squared * bounds.astype(np.uint64)) >> half).astype(np.int64)


def normals(seed: int, stream: str, count: int) -> Real:
    """Return nearly normal numbers of mean 0 and variance 1: twelve uniforms less six."""
    shift = np.uint64(64 - _NORMAL_BITS)
    total = np.zeros(count, dtype=np.uint64)
    for part in range(_NORMAL_PARTS):
        total += draws(seed, f"{stream}|{part}", count) >> shift
    sums: Real = total.astype(np.float64)
    return np.asarray(sums / 2**_NORMAL_BITS - _NORMAL_PARTS / 2)


def exponentials(numbers: Real) -> Real:
    """Return about ``exp`` of small numbers: ``(1 + x / 1024) ** 1024`` by squaring ten times."""
    power: Real = 1 + numbers / 2**_EXPONENTIAL_SQUARINGS
    for _ in range(_EXPONENTIAL_SQUARINGS):
        power = power * power
    return power
