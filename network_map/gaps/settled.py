"""What the scores would be if a place turned out to have a node: exactly, where forms are closed.

Let candidates stand in the order in which they would serve a county, with severities v_1, v_2, …,
and let j be known to have a node. Then the mean severity is
``v_1 + sum over k < j of (v_(k+1) - v_k) G(k)``, with G(k) the share of the remaining lists that
pass over the first k candidates (hypergeometric, Feller 1968, II.5): one running sum answers for
every j at once. What "no" would change follows from the law of total expectation.

References
----------
Feller, W. (1968). An Introduction to Probability Theory and Its Applications, vol. I, 3rd ed.
"""

import numpy as np

from network_map.completion.choice import Floats, Ints
from network_map.completion.completion_shares import none_table
from network_map.completion.ensemble import Ensemble
from network_map.completion.shares import part_of
from network_map.gaps.severity import KindReach, ruled_km, ruled_severity


def has_closed_form(ensemble: Ensemble) -> bool:
    """Return whether settling one place keeps closed forms: all lists alike, one per place.

    Several per place are the same as one where each stratum has at most one missing node.
    """
    if not ensemble.has_lists:
        return False
    part = part_of(ensemble, None)
    is_single = part.one_per_place or bool((part.bounds[:, 1] <= 1).all())
    return part.choice is None and is_single


def presence_if_present(ensemble: Ensemble) -> Floats:
    """Return the share of lists in which a place lacks a node, given that a candidate has one.

    Parameters
    ----------
    ensemble
        With closed forms, m places.

    Returns
    -------
    numpy.ndarray
        (m, m): row j is for a node in place j. Rows of places that are no candidate are missing.
    """
    open_places = _open(ensemble)
    sizes, taken = _strata(ensemble)
    own = ensemble.stratum[open_places]
    lacks = np.where(ensemble.known_counts > 0, 0.0, 1.0)
    lacks[open_places] = 1 - (taken / np.maximum(sizes, 1))[own]
    result = np.full((len(lacks), len(lacks)), np.nan)
    result[open_places] = lacks
    fewer = 1 - np.maximum(taken - 1, 0) / np.maximum(sizes - 1, 1)
    cells = np.ix_(open_places, open_places)
    is_same = own[:, None] == own[None]
    result[cells] = np.where(is_same, fewer[own][None], result[cells])
    result[open_places, open_places] = 0.0
    return result


def reach_if_present(reach: KindReach) -> Floats:
    """Return the mean severity of reach of each county, given that a candidate has a node.

    Parameters
    ----------
    reach
        A kind with closed forms, n counties by m places.

    Returns
    -------
    numpy.ndarray
        (m, n): row j is for a node in place j. Rows of places that are no candidate are missing.
    """
    ensemble = reach.ensemble
    open_places = _open(ensemble)
    km = ruled_km(reach)
    known = km[:, ensemble.known_counts > 0].min(axis=1, initial=np.inf)
    order = np.argsort(km[:, open_places], axis=1, kind="stable")
    in_order = np.take_along_axis(km[:, open_places], order, axis=1)
    values = ruled_severity(np.minimum(in_order, known[:, None]), reach.standard_km)
    steps = np.diff(values, axis=1)
    place_of = np.argsort(order, axis=1, kind="stable")
    strata = ensemble.stratum[open_places]
    result = np.full((len(ensemble.adcodes), len(km)), np.nan)
    for number in np.unique(strata):
        passed = _passed(ensemble, strata[order], int(number))
        means = values[:, :1] + np.cumsum(steps * passed, axis=1)
        means = np.concatenate([values[:, :1], means], axis=1)
        at = np.take_along_axis(means, place_of, axis=1)
        result[open_places[strata == number]] = at[:, strata == number].T
    return np.asarray(np.clip(result, 0.0, 1.0))


def _open(ensemble: Ensemble) -> Ints:
    """Return the places that may have a node and are not known to: (candidates,)."""
    is_open = ensemble.is_candidate & (ensemble.known_counts == 0)
    return np.flatnonzero(is_open).astype(np.int64)


def _strata(ensemble: Ensemble) -> tuple[Ints, Ints]:
    """Return how many candidates each stratum has, and how many nodes they take."""
    sizes = np.bincount(ensemble.stratum[_open(ensemble)], minlength=len(ensemble.bounds))
    return sizes.astype(np.int64), ensemble.bounds[:, 0]


def _passed(ensemble: Ensemble, strata: Ints, settled: int) -> Floats:
    """Return the share of lists that pass over the first 1, 2, … candidates of each order.

    One candidate of the stratum ``settled`` has a node already and is not among those passed.
    """
    sizes, taken = _strata(ensemble)
    result = np.ones((len(strata), max(strata.shape[1] - 1, 0)))
    for number, (size, count) in enumerate(zip(sizes, taken, strict=True)):
        less = int(number == settled)
        table = none_table(int(size) - less, max(int(count) - less, 0))
        seen = np.cumsum(strata == number, axis=1)[:, :-1]
        result *= table[np.minimum(seen, len(table) - 1)]
    return result
