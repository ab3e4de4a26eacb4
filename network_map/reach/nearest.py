"""The nearest of a set of facilities and the next one, and what is left when each one closes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from network_map.crs import FloatArray
from network_map.reach.cost import CostMatrix
from network_map.reach.service import GAP, UNCERTAIN, BoolArray, verdict_codes

NO_PLACE = -1
"""Column of a facility that is not there."""


@dataclass(frozen=True, eq=False)
class Best:
    """The least and the second least value of each row.

    Parameters
    ----------
    place, second_place
        Their columns, shape (n,); `NO_PLACE` where there is none.
    first, second
        The values, shape (n,); infinite where there is none.
    """

    place: NDArray[np.intp]
    first: FloatArray
    second_place: NDArray[np.intp]
    second: FloatArray

    def without(self, m: int) -> FloatArray:
        """Return the least value of each row when each of m columns is taken away, (n, m)."""
        is_best = np.arange(m)[None, :] == self.place[:, None]
        return np.where(is_best, self.second[:, None], self.first[:, None])


def best_of(values: FloatArray, eligible: BoolArray) -> Best:
    """Return the least and second least of the eligible values of each row.

    Parameters
    ----------
    values
        Shape (n, m); a missing value is as good as none. Of equals, the first column wins.
    eligible
        Shape (n, m).
    """
    n, m = values.shape
    none = np.full(n, NO_PLACE, dtype="intp")
    if m == 0:
        return Best(none, np.full(n, np.inf), none, np.full(n, np.inf))
    rows = np.arange(n)
    left = np.where(eligible & np.isfinite(values), values, np.inf)
    place = left.argmin(axis=1)
    first = left[rows, place]
    left[rows, place] = np.inf
    second_place = left.argmin(axis=1)
    second = left[rows, second_place]
    return Best(
        np.where(np.isfinite(first), place, NO_PLACE),
        first,
        np.where(np.isfinite(second), second_place, NO_PLACE),
        second,
    )


@dataclass(frozen=True, eq=False)
class NearestOf:
    """The nearest eligible facility of each demand point, with the band of its distance.

    Parameters
    ----------
    km, low, high
        Best estimate and best ends of the band, each over all eligible facilities: the distance
        to the nearest lies between the last two, whichever facility that is.
    is_unplaced
        Eligible facilities at an unknown distance, shape (n, m).
    """

    km: Best
    low: Best
    high: Best
    is_unplaced: BoolArray

    @property
    def unplaced_count(self) -> NDArray[np.int64]:
        """Number of eligible facilities at an unknown distance, shape (n,)."""
        return np.asarray(self.is_unplaced.sum(axis=1), dtype="int64")

    def codes(self, standard_km: float) -> NDArray[np.int8]:
        """Return the verdict on each point, shape (n,); unknown distances forbid a gap."""
        codes = verdict_codes(self.low.first, self.high.first, standard_km)
        return _softened(codes, self.unplaced_count)

    def codes_without(self, standard_km: float) -> NDArray[np.int8]:
        """Return the verdicts when each facility closes, shape (n, m)."""
        m = self.is_unplaced.shape[1]
        codes = verdict_codes(self.low.without(m), self.high.without(m), standard_km)
        return _softened(codes, self.unplaced_count[:, None] - self.is_unplaced)


def nearest_of(cost: CostMatrix, eligible: BoolArray) -> NearestOf:
    """Return the nearest eligible facilities of a matrix.

    Parameters
    ----------
    cost
        n demand points by m facilities.
    eligible
        Which facility may serve which point, shape (n, m).
    """
    return NearestOf(
        km=best_of(cost.km, eligible),
        low=best_of(cost.low_km, eligible),
        high=best_of(cost.high_km, eligible),
        is_unplaced=eligible & np.isnan(cost.km),
    )


def own_facilities(
    counties: pd.DataFrame, facilities: pd.DataFrame, *, area: str = "prefecture_adcode"
) -> BoolArray:
    """Return whether each facility lies in each county's own area, shape (n, m).

    Parameters
    ----------
    counties, facilities
        n and m rows, with the column ``area``.
    area
        ``prefecture_adcode`` or ``adcode``.
    """
    here, there = (table[area].to_numpy("object") for table in (counties, facilities))
    return np.asarray(here[:, None] == there[None, :], dtype="bool")


def _softened(codes: NDArray[np.int8], unplaced: NDArray[np.int64]) -> NDArray[np.int8]:
    """Return the codes with every gap uncertain where a facility could be anywhere."""
    return np.where((codes == GAP) & (unplaced > 0), UNCERTAIN, codes).astype("int8")
