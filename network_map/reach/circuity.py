"""How long a road is for a straight line: an increasing curve with a band, fitted by quantiles.

The curve is ``road = straight × (far + (near - far) / (1 + straight / half_km))``: the factor
falls from ``near`` at the shortest distances to ``far`` at the longest and has come half the way
at ``half_km``. Its slope is ``far + (near - far) / (1 + straight / half_km)²``, which is positive
for every pair of positive factors: a longer straight line never gives a shorter road.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from network_map.crs import FloatArray

_CLASS_LIMITS_KM = (25.0, 50.0, 75.0, 100.0, 150.0, 200.0, 300.0, 400.0, 600.0)
_START = (1.5, 200.0)


@dataclass(frozen=True, slots=True)
class CircuityCurve:
    """Length of a road as a continuous increasing function of the straight line.

    Parameters
    ----------
    near, far
        Factors at distance nought and at infinity; both positive.
    half_km
        Straight line at which the factor stands half-way between them; positive.
    """

    near: float
    far: float
    half_km: float

    def __post_init__(self) -> None:
        """Refuse factors with which a longer line could give a shorter road."""
        if not min(self.near, self.far, self.half_km) > 0:
            raise ValueError(f"positive factors expected, found {self}")

    def road_km(self, straight_km: ArrayLike) -> FloatArray:
        """Return the length of the road in kilometres, of the shape of ``straight_km``."""
        straight = np.asarray(straight_km, dtype="float64")
        share = 1.0 / (1.0 + straight / self.half_km)
        return np.asarray(straight * (self.far + (self.near - self.far) * share))


@dataclass(frozen=True, slots=True)
class CircuityBand:
    """The curve of the estimate and those of its band, ``low <= middle <= high`` everywhere."""

    low: CircuityCurve
    middle: CircuityCurve
    high: CircuityCurve


CIRCUITY = CircuityBand(
    low=CircuityCurve(near=1.10, far=1.157, half_km=270.0),
    middle=CircuityCurve(near=1.53, far=1.30, half_km=750.0),
    high=CircuityCurve(near=3.36, far=1.443, half_km=106.0),
)
"""The curve of Yunnan and its 5-95 % band, fitted on the shipped roads between county seats.

All pairs of seats with access legs up to 10 km: the median of the road estimates, the 5 %
quantile of their lower ends and the 95 % quantile of their upper ends (`fitted_curve`). ``far``
is the mean of the five known trips, 1.30, less and more the error of the road method.
"""


def fitted_curve(
    straight_km: ArrayLike, road_km: ArrayLike, *, quantile: float, far: float
) -> CircuityCurve:
    """Return the curve below which a share of the roads lies, by quantile regression.

    Parameters
    ----------
    straight_km, road_km
        Kilometres, shape (n,), all positive and finite.
    quantile
        The share, between 0 and 1: 0.5 for the median.
    far
        Factor at infinity, which no pair of places in one province can tell.

    Returns
    -------
    CircuityCurve
        With the least sum of tilted absolute errors of ``log(road / straight)``. Ten classes of
        distance weigh the same, so that the many long pairs do not drown the short ones.

    Notes
    -----
    Koenker, R. and Bassett, G. (1978), Regression quantiles, Econometrica 46, 33-50.
    """
    straight = np.asarray(straight_km, dtype="float64")
    observed = np.log(np.asarray(road_km, dtype="float64") / straight)
    classes = np.searchsorted(_CLASS_LIMITS_KM, straight, side="right")
    weight = 1.0 / np.bincount(classes)[classes]

    def loss(logarithms: FloatArray) -> float:
        curve = _curve(logarithms, far)
        error = observed - np.log(curve.road_km(straight) / straight)
        return float((weight * np.maximum(quantile * error, (quantile - 1.0) * error)).sum())

    from scipy.optimize import minimize  # noqa: PLC0415 (1 s, and the curve is fitted in tests only)

    found = minimize(
        loss, np.log(_START), method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-9}
    )
    return _curve(found.x, far)


def _curve(logarithms: FloatArray, far: float) -> CircuityCurve:
    near, half = np.exp(logarithms)
    return CircuityCurve(float(near), far, float(half))
