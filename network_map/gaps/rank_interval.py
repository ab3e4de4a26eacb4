"""Rank intervals: how far a rank moves when weights, names, distances and facts vary together.

Joint seeded draws, as in Monte Carlo sensitivity analysis of composite indices (Saisana, Saltelli
& Tarantola 2005): weights from a Dirichlet distribution about the weights given, every list of
unknown names, each county's distances within their band, standards within a spread, and whatever
else is unknown within its bounds. Random numbers belong to codes and names, so the order of rows
changes nothing.

References
----------
Saisana, M., Saltelli, A., Tarantola, S. (2005). Uncertainty and sensitivity analysis techniques
as tools for the quality assessment of composite indicators. Journal of the Royal Statistical
Society A 168, 307–323.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
import pandas as pd

from network_map.completion.choice import Floats, Ints
from network_map.errors import QueryError
from network_map.gaps.priority import TOP_COUNT, Severities, component_weights, orders
from network_map.gaps.rank_draws import (
    DRAWS,
    STANDARD_SPREAD,
    DrawInputs,
    DrawnSeverities,
    FactDraws,
    banded,
    by_code,
    check_draws,
    drawn_severities,
    fact_numbers,
    random_stream,
)
from network_map.gaps.tables import RANK_INTERVALS
from network_map.gaps.weights import COMPONENTS
from network_map.tables.check import assembled

CONCENTRATION = 50.0
"""Default sum of the Dirichlet parameters."""

LOW_SHARE, HIGH_SHARE = 0.05, 0.95
"""Ends of the range of a rank among its draws."""
NOISE_SHARE = 1 / 3
"""Where half of the intervals are wider than this share of all ranks, the order is noise."""
_BLOCK = 250  # draws; of 129 counties they take 258 kB


@dataclass(frozen=True, slots=True, eq=False)
class JointDraws(FactDraws):
    """Drawn random numbers, the same for the same seed: those of the facts, and weights.

    Parameters
    ----------
    band, standards, positions
        As in ``drawn_severities.FactDraws``.
    weights
        Weights of the components, each row summing to 1: (draws, c).
    """

    weights: Floats


def joint_numbers(
    inputs: DrawInputs,
    weights: Mapping[str, float],
    *,
    draws: int = DRAWS,
    seed: int,
    concentration: float = CONCENTRATION,
    standard_spread: float = STANDARD_SPREAD,
) -> JointDraws:
    """Return the random numbers of :func:`rank_intervals`, whose parameters these are.

    Raises
    ------
    QueryError
        As :func:`rank_intervals`.
    """
    facts = fact_numbers(inputs, draws=draws, seed=seed, standard_spread=standard_spread)
    return JointDraws(
        band=facts.band,
        standards=facts.standards,
        positions=facts.positions,
        weights=drawn_weights(
            inputs.severities, weights, draws=draws, seed=seed, concentration=concentration
        ),
    )


def drawn_weights(
    severities: Severities,
    weights: Mapping[str, float],
    *,
    draws: int,
    seed: int,
    concentration: float = CONCENTRATION,
) -> Floats:
    """Return weights from a Dirichlet distribution about the weights given: (draws, c).

    Parameters, errors: as :func:`rank_intervals`.
    """
    check_draws(draws, seed)
    if not (isfinite(concentration) and concentration > 0):
        raise QueryError("priority_concentration", found=concentration)
    own = component_weights(severities, weights)
    given = dict(zip(severities.components, own, strict=True))
    names = [name for name in COMPONENTS if given.get(name, 0.0) > 0]
    drawn = random_stream("weights", seed).dirichlet(
        [concentration * given[name] for name in names], size=draws
    )
    columns = dict(zip(names, drawn.T, strict=True))
    none = np.zeros(draws)
    return np.stack([columns.get(name, none) for name in severities.components], axis=1)


def rank_intervals(
    inputs: DrawInputs,
    weights: Mapping[str, float],
    *,
    draws: int = DRAWS,
    seed: int,
    concentration: float = CONCENTRATION,
    standard_spread: float = STANDARD_SPREAD,
    top_count: int = TOP_COUNT,
    drawn: DrawnSeverities | None = None,
) -> pd.DataFrame:
    """Return how far each county's rank moves.

    Parameters
    ----------
    inputs
        Severities, drawn lists, distances, bounds.
    weights
        By component; scaled to sum 1.
    draws
        Number of joint draws, at least 1.
    seed
        Chooses the draws, 0 or more.
    concentration
        Sum of the Dirichlet parameters: a weight w varies by about sqrt(w (1 - w) / 51) at 50.
    standard_spread
        Standards vary evenly by this share to either side, from 0 to below 1.
    top_count
        Length of the top list.
    drawn
        What ``drawn_severities`` returned for these inputs, draws, seed and spread: they hold for
        every set of weights. None: drawn here.

    Returns
    -------
    pandas.DataFrame
        Declared table ``rank_intervals`` in the order of the severities.

    Raises
    ------
    QueryError
        As ``priority.scaled_weights``; if draws, seed, concentration or spread cannot be used.
    """
    given = drawn_weights(
        inputs.severities, weights, draws=draws, seed=seed, concentration=concentration
    )
    if drawn is None:
        numbers = fact_numbers(inputs, draws=draws, seed=seed, standard_spread=standard_spread)
        drawn = drawn_severities(inputs, numbers)
    counts = _rank_counts(drawn, given)
    low, high = _ends(counts)
    share = counts[:, : max(top_count, 0)].sum(axis=1) / counts.sum(axis=1)
    return assembled(
        RANK_INTERVALS,
        {"adcode": inputs.severities.adcodes, "rank_low": low, "rank_high": high,
         "share_in_top": share},
    )  # fmt: skip


def is_noise(intervals: pd.DataFrame) -> bool:
    """Return whether ranks move so far that their order says nothing.

    Parameters
    ----------
    intervals
        What :func:`rank_intervals` returned.
    """
    width = intervals["rank_high"] - intervals["rank_low"]
    return bool(width.median() > NOISE_SHARE * len(intervals))


def spread(
    adcodes: Sequence[str],
    name: str,
    bounds: tuple[Floats, Floats, Floats],
    draws: int,
    seed: int,
) -> Floats:
    """Return drawn departures from an expectation within its bounds.

    Parameters
    ----------
    adcodes
        Codes of the counties: (n,).
    name
        Chooses the random numbers.
    bounds
        Expectation, least and most: each (n,).
    draws, seed
        Number of draws and their seed.

    Returns
    -------
    numpy.ndarray
        Evenly below in half of the draws, evenly above in the others: (draws, n).
    """
    expected, low, high = bounds
    position = by_code(tuple(adcodes), f"p {name}", draws, seed)
    return banded(0.0, low - expected, high - expected, position)


def _rank_counts(drawn: DrawnSeverities, weights: Floats) -> Ints:
    """Return how often each county takes each rank: (n, n)."""
    codes = drawn.severities.adcodes
    n = len(codes)
    counts = np.zeros(n * n, dtype=np.int64)
    # In blocks that stay in the processor's cache: whole, the draws are fetched from memory anew
    # at each step.
    for start in range(0, drawn.count, _BLOCK):
        order = orders(drawn.scores(weights, rows=slice(start, start + _BLOCK)), codes)
        order *= n
        order += np.arange(n)
        counts += np.bincount(order.ravel(), minlength=n * n)
    return counts.reshape(n, n)


def _ends(counts: Ints) -> tuple[Ints, Ints]:
    """Return the 5th and the 95th percentile of each county's ranks, as ranks that occur."""
    upto = np.cumsum(counts, axis=1)
    last = upto[:, -1:] - 1
    low, high = (
        (upto <= edge).sum(axis=1) + 1
        for edge in (np.floor(LOW_SHARE * last), np.ceil(HIGH_SHARE * last))
    )
    return low.astype(np.int64), high.astype(np.int64)
