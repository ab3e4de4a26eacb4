"""Rank intervals: how far a rank moves when weights, names, distances and facts vary together.

Joint seeded draws, as in Monte Carlo sensitivity analysis of composite indices (Saisana, Saltelli
& Tarantola 2005): weights from a Dirichlet distribution about the weights given, every list of
unknown names, each county's distances within their band, standards within a spread, and whatever
else is unknown within its bounds. Each cause is drawn on its own as well, all others held at
their expectation. Random numbers belong to codes and names, so the order of rows changes nothing.

References
----------
Saisana, M., Saltelli, A., Tarantola, S. (2005). Uncertainty and sensitivity analysis techniques
as tools for the quality assessment of composite indicators. Journal of the Royal Statistical
Society A 168, 307–323.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import ceil, floor, isfinite

import numpy as np
import pandas as pd

from network_map.analysis.constrained_choice import Flags, Floats, Ints
from network_map.analysis.priority import (
    COMPONENTS,
    TOP_COUNT,
    ranks,
    weights_of,
)
from network_map.analysis.priority_inputs import BoundedPart, DrawInputs, ReachDraws
from network_map.analysis.reach_draws import banded, drawn_reach, moved_reach, serving_places
from network_map.errors import QueryError
from network_map.schema.check import conform
from network_map.schema.priority import RANK_INTERVALS, Component, RankCause

CAUSES: tuple[RankCause, ...] = tuple(cause for cause in RankCause if cause != RankCause.NONE)
"""What is drawn, in the order in which a tie for the largest cause is settled."""

DRAWS, CONCENTRATION, STANDARD_SPREAD = 2000, 50.0, 0.1
"""Defaults: draws, sum of the Dirichlet parameters, relative spread of the standards."""

_LOW, _HIGH = 0.05, 0.95


@dataclass(frozen=True, slots=True, eq=False)
class JointDraws:
    """Drawn random numbers, the same for the same seed.

    Parameters
    ----------
    weights
        Weights of the components, each row summing to 1: (draws, c).
    band
        Where in its band each county's distances lie, from -1 (lower end) over 0 (estimate) to
        1 (upper end): (draws, n).
    standards
        By kind: factor of the service standard: (draws,).
    positions
        By name of a bounded part: as ``band``, within its bounds: (draws, n).
    """

    weights: Floats
    band: Floats
    standards: Mapping[str, Floats]
    positions: Mapping[str, Floats]


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
    _check(draws, seed, concentration, standard_spread)
    codes = inputs.severities.adcodes
    given = dict(
        zip(inputs.severities.components, weights_of(inputs.severities, weights), strict=True)
    )
    names = [name for name in COMPONENTS if given.get(name, 0.0) > 0]
    drawn = _stream("weights", seed).dirichlet(
        [concentration * given[name] for name in names], size=draws
    )
    columns = dict(zip(names, drawn.T, strict=True))
    none = np.zeros(draws)
    return JointDraws(
        weights=np.stack(
            [columns.get(name, none) for name in inputs.severities.components], axis=1
        ),
        band=_by_code(codes, "band", draws, seed),
        standards={
            part.kind: 1 + standard_spread * (2 * _stream(f"s {part.kind}", seed).random(draws) - 1)
            for part in inputs.reach
        },
        positions={
            part.name: _by_code(codes, f"p {part.name}", draws, seed)
            for part in inputs.parts()
            if (part.high > part.low).any()
        },
    )


def rank_intervals(
    inputs: DrawInputs,
    weights: Mapping[str, float],
    *,
    draws: int = DRAWS,
    seed: int,
    concentration: float = CONCENTRATION,
    standard_spread: float = STANDARD_SPREAD,
    top_count: int = TOP_COUNT,
) -> pd.DataFrame:
    """Return how far each county's rank moves, all causes together and each on its own.

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

    Returns
    -------
    pandas.DataFrame
        Declared table ``rank_intervals`` in the order of the severities.

    Raises
    ------
    QueryError
        As ``priority.scaled_weights``; if draws, seed, concentration or spread cannot be used.
    """
    numbers = joint_numbers(
        inputs, weights, draws=draws, seed=seed, concentration=concentration,
        standard_spread=standard_spread,
    )  # fmt: skip
    found = {
        cause: ranks(scores, inputs.severities.adcodes)
        for cause, scores in drawn_scores(inputs, weights, numbers)
    }
    return _table(inputs.severities.adcodes, found, top_count)


def drawn_scores(
    inputs: DrawInputs,
    weights: Mapping[str, float],
    numbers: JointDraws,
    *,
    causes: Sequence[RankCause | None] = (None, *CAUSES),
) -> Iterator[tuple[RankCause | None, Floats]]:
    """Yield the drawn scores in points, (draws, n): all causes together (None), then each alone.

    Parameters
    ----------
    inputs, weights
        As in :func:`rank_intervals`.
    numbers
        What :func:`joint_numbers` returned for them.
    causes
        Which of them to yield, in this order.
    """
    severities = inputs.severities
    own = weights_of(severities, weights)[None]
    places = {part.kind: serving_places(part) for part in inputs.reach}
    runs: dict[RankCause | None, tuple[Floats, frozenset[RankCause]]] = {
        None: (numbers.weights, frozenset(CAUSES)),
        RankCause.WEIGHTS: (numbers.weights, frozenset()),
    }
    runs |= {cause: (own, frozenset({cause})) for cause in CAUSES[1:]}
    for cause in causes:
        row, open_causes = runs[cause]
        total = np.zeros((len(numbers.weights), len(severities.adcodes)))
        for place, name in enumerate(severities.components):
            part = _component(inputs, name, places, numbers, open_causes)
            total += row[:, place, None] * np.clip(part, 0.0, 1.0)
        yield cause, 100 * total


def _component(
    inputs: DrawInputs,
    name: str,
    places: Mapping[str, Ints],
    numbers: JointDraws,
    open_causes: frozenset[RankCause],
) -> Floats:
    """Return the severities of a component with some causes open: (draws, n) or (1, n)."""
    has_names = RankCause.NAMES in open_causes
    value = inputs.severities.column(name)[0][None]
    parts = [part for part in inputs.parts() if part.component == name]
    drawn = inputs.presence if name == Component.PRESENCE else ()
    if drawn and has_names:
        value = _at_rest(parts) + sum(
            part.share * ~_repeated(part.is_present, numbers) for part in drawn
        )
    if name == Component.REACH and inputs.reach:
        has_distances = RankCause.DISTANCES in open_causes
        if has_names:
            value = _at_rest(parts) + sum(
                part.share * _reach(part, places[part.kind], numbers, has_distances=has_distances)
                for part in inputs.reach
            )
        elif has_distances:
            value = value + sum(
                part.share
                * moved_reach(part, places[part.kind], numbers.band, numbers.standards[part.kind])
                for part in inputs.reach
            )
    for part in parts:
        if part.cause in open_causes and part.name in numbers.positions:
            value = value + part.share * banded(
                0.0, part.low - part.expected, part.high - part.expected,
                numbers.positions[part.name],
            )  # fmt: skip
    return value


def _reach(part: ReachDraws, places: Ints, numbers: JointDraws, *, has_distances: bool) -> Floats:
    draws = len(numbers.weights)
    if not has_distances:
        return drawn_reach(part, places, draws)
    factors = numbers.standards[part.kind]
    return drawn_reach(part, places, draws, band=numbers.band, factors=factors)


def _at_rest(parts: Iterable[BoundedPart]) -> Floats:
    """Return what the bounded parts of a component add at their expectation."""
    return np.asarray(sum((part.share * part.expected for part in parts), np.zeros(1)))


def _repeated(values: Flags, numbers: JointDraws) -> Flags:
    """Return rows of lists for each draw, from the first again where there are too few."""
    return values[np.arange(len(numbers.weights)) % len(values)]


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
    position = _by_code(tuple(adcodes), f"p {name}", draws, seed)
    return banded(0.0, low - expected, high - expected, position)


def _table(
    adcodes: tuple[str, ...], found: Mapping[RankCause | None, Ints], top_count: int
) -> pd.DataFrame:
    columns: dict[str, object] = {"adcode": pd.Series(adcodes, dtype="str")}
    widths = []
    for cause, drawn in found.items():
        low, high = _ends(drawn)
        suffix = "" if cause is None else f"_{cause.value}"
        columns |= {f"rank_low{suffix}": low, f"rank_high{suffix}": high}
        if cause is not None:
            widths.append(high - low)
    width = np.stack(widths)
    codes = np.array([cause.value for cause in CAUSES], dtype="object")[width.argmax(axis=0)]
    columns["largest_cause"] = np.where(width.max(axis=0) > 0, codes, RankCause.NONE.value)
    columns["share_in_top"] = (found[None] <= top_count).mean(axis=0)
    return conform(RANK_INTERVALS, pd.DataFrame(columns))


def _ends(drawn: Ints) -> tuple[Ints, Ints]:
    """Return the 5th and the 95th percentile of each column, as ranks that occur."""
    ordered = np.sort(drawn.astype(np.int32), axis=0)
    last = len(ordered) - 1
    return (
        ordered[floor(_LOW * last)].astype(np.int64),
        ordered[ceil(_HIGH * last)].astype(np.int64),
    )


def _check(draws: int, seed: int, concentration: float, standard_spread: float) -> None:
    if draws < 1:
        raise QueryError("completion_draw_count", found=draws)
    if seed < 0:
        raise QueryError("completion_seed", found=seed)
    if not (isfinite(concentration) and concentration > 0):
        raise QueryError("priority_concentration", found=concentration)
    if not 0 <= standard_spread < 1:
        raise QueryError("priority_spread", found=standard_spread)


def _stream(name: str, seed: int) -> np.random.Generator:
    """Return the random stream that the seed and a name choose."""
    word = int.from_bytes(sha256(f"priority {name}".encode()).digest()[:8], "big")
    return np.random.default_rng([seed, word])


def _by_code(codes: tuple[str, ...], name: str, draws: int, seed: int) -> Floats:
    """Return numbers from -1 to 1 for each draw and county, given out in the order of codes."""
    order = np.argsort(np.asarray(codes, dtype="str"), kind="stable")
    numbers = np.empty((draws, len(codes)))
    numbers[:, order] = 2 * _stream(name, seed).random((draws, len(codes))) - 1
    return numbers
