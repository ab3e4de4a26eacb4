"""Service standards, rules and verdicts on plain arrays: one question or thousands at once.

Everything here is distances in, codes out. A distance is three numbers: the estimate and the ends
of its band. *The nearest of several* is taken of each of the three on its own: the true distance
to the nearest facility lies between the least lower end and the least upper end, whichever
facility that is, and both can only fall when a facility is added.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from network_map.crs import FloatArray
from network_map.terms import Verdict

BoolArray: TypeAlias = NDArray[np.bool_]
_BEHIND_KM, _DIGITS = 1e6, 9
"""Puts what another prefecture has behind all of one's own; no distance comes near it.

Beside a million kilometres a float keeps nine decimals: fewer would move severities by more than
they differ by."""

VERDICTS: tuple[Verdict, ...] = tuple(Verdict)
"""The verdicts in the order of their codes, from good to bad: a larger code is a worse verdict."""

COVERED, UNCERTAIN, GAP = range(3)


def own_first(km: FloatArray, is_own: BoolArray | None) -> FloatArray:
    """Return distances in whose order facilities serve: those of the own prefecture first.

    Parameters
    ----------
    km
        Kilometres from n demand points to m facilities.
    is_own
        Which facilities lie in a point's own prefecture, (n, m); None where none comes first.
    """
    return km if is_own is None else np.where(is_own, km, km + _BEHIND_KM)


def without_order(ordered: FloatArray) -> FloatArray:
    """Return kilometres from those of :func:`own_first`, without the bits that these have cost."""
    is_behind = np.isfinite(ordered) & (ordered >= _BEHIND_KM)
    return np.where(is_behind, np.round(ordered - _BEHIND_KM, _DIGITS), ordered)


def admitted(is_own: BoolArray) -> BoolArray:
    """Return which facilities may serve: a point's own ones, all where it has none, (n, m)."""
    return np.asarray(is_own | ~is_own.any(axis=1, keepdims=True), dtype="bool")


def verdict_codes(
    low_km: ArrayLike, high_km: ArrayLike, standard_km: ArrayLike
) -> NDArray[np.int8]:
    """Return the verdict on each distance as its place in `VERDICTS`.

    Parameters
    ----------
    low_km, high_km
        Ends of the band in kilometres; infinite where there is no facility, missing where there
        is one and its distance is not known.
    standard_km
        Kilometres. All three are broadcast: distances (draws, n) against standards (draws, 1).

    Returns
    -------
    numpy.ndarray
        `COVERED` where the band ends within the standard, `GAP` where it begins beyond it, else
        `UNCERTAIN`, an unknown distance among them. A larger standard never gives a larger code.
    """
    standard = np.asarray(standard_km, dtype="float64")
    is_covered = np.asarray(high_km, dtype="float64") <= standard
    is_gap = np.asarray(low_km, dtype="float64") > standard
    codes = np.where(is_gap, GAP, np.where(is_covered, COVERED, UNCERTAIN))
    return np.asarray(codes, dtype="int8")
