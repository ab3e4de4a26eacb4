"""Rates of rare events, smoothed so that small places do not swing with chance.

Counts are Poisson around a place's own rate, and the rates follow a gamma distribution over the
places (Clayton and Kaldor 1987). Mean and variance of that distribution come from moments, as in
the global estimator of Marshall (1991), whose shrunken rate is the posterior mean of this model.

References
----------
Clayton, D. and Kaldor, J. (1987). Empirical Bayes estimates of age-standardized relative risks
for use in disease mapping. Biometrics 43, 671-681.

Marshall, R. J. (1991). Mapping disease and mortality rates using empirical Bayes estimators.
Applied Statistics 40, 283-294.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from network_map.activity.windows import Floats


@dataclass(frozen=True, slots=True)
class Prior:
    """Mean and variance of the rates over places.

    Parameters
    ----------
    mean, variance
        Of events per unit of exposure. One number for all places, or one for each.
    """

    mean: Floats
    variance: Floats

    def smoothed(self, counts: ArrayLike, exposure: ArrayLike) -> Floats:
        """Return the posterior mean rate of counts of a given exposure.

        Parameters
        ----------
        counts
            Events, n.
        exposure
            What they are out of (10 000 people, say), n, above 0.

        Returns
        -------
        numpy.ndarray
            Rates between ``counts / exposure`` and the mean of the prior; n.
        """
        events, base = np.asarray(counts, dtype="float64"), np.asarray(exposure, dtype="float64")
        # Gamma with shape mean²/variance and rate mean/variance; no division by a variance of 0.
        weight = self.variance * base
        with np.errstate(invalid="ignore"):
            own = np.where(weight > 0, weight / (weight + self.mean), 0.0)
        rates: Floats = self.mean + own * (events / base - self.mean)
        return rates


def moment_prior(counts: ArrayLike, exposure: ArrayLike) -> Prior:
    """Return mean and variance of the rates over places, by moments (Marshall 1991).

    Parameters
    ----------
    counts
        Events, n.
    exposure
        Their exposure, n, above 0.
    """
    events, base = np.asarray(counts, dtype="float64"), np.asarray(exposure, dtype="float64")
    return _prior(events.sum(), base.sum(), (events**2 / base).sum(), events.size)


def prior_of_others(counts: ArrayLike, exposure: ArrayLike) -> Prior:
    """Return for each place the prior that all *other* places give.

    A place that does not shape its own prior cannot lower itself by gaining events.

    Parameters
    ----------
    counts, exposure
        As in :func:`moment_prior`; n of at least 2.

    Returns
    -------
    Prior
        Arrays of n.
    """
    events, base = np.asarray(counts, dtype="float64"), np.asarray(exposure, dtype="float64")
    squares = events**2 / base
    return _prior(
        events.sum() - events, base.sum() - base, squares.sum() - squares, events.size - 1
    )


def smoothed_rates(counts: ArrayLike, exposure: ArrayLike) -> Floats:
    """Return the rates of places, drawn to their common mean; n.

    Parameters
    ----------
    counts, exposure
        As in :func:`moment_prior`.

    Examples
    --------
    >>> smoothed_rates([0, 10, 20], [1.0, 10.0, 10.0]).round(3).tolist()
    [1.25, 1.064, 1.831]
    """
    return moment_prior(counts, exposure).smoothed(counts, exposure)


def _prior(events: ArrayLike, exposure: ArrayLike, squares: ArrayLike, place_count: int) -> Prior:
    """Return the prior of sums: of events, of exposure, of squared events over exposure."""
    total, base = np.asarray(events, dtype="float64"), np.asarray(exposure, dtype="float64")
    mean = total / base
    spread = np.asarray(squares, dtype="float64") / base - mean**2
    # What is left of the spread after chance has had its share.
    variance = np.maximum(spread - mean * place_count / base, 0.0)
    return Prior(mean, variance)
