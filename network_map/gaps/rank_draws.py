"""Severities drawn from what is unknown: all that rank intervals need of the facts.

No weight enters here: a moved weight leaves the drawn severities as they are. Random numbers
belong to codes and names, so the order of rows changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType

import numpy as np

from network_map.completion.choice import Flags, Floats, Ints
from network_map.errors import QueryError
from network_map.gaps.priority import Severities
from network_map.gaps.priority_inputs import BoundedPart, DrawInputs, ReachDraws
from network_map.gaps.reach_draws import banded, drawn_reach, moved_reach, serving_places
from network_map.gaps.schema_priority import Component, RankCause

DRAWS, STANDARD_SPREAD = 2000, 0.1
"""Defaults: draws, relative spread of the standards."""

FACT_CAUSES = (RankCause.NAMES, RankCause.DISTANCES, RankCause.FACTS)
"""The causes that are no weight."""


@dataclass(frozen=True, slots=True, eq=False)
class FactDraws:
    """Drawn random numbers of all that is no weight, the same for the same seed.

    Parameters
    ----------
    band
        Where in its band each county's distances lie, from -1 (lower end) over 0 (estimate) to
        1 (upper end): (draws, n).
    standards
        By kind: factor of the service standard: (draws,).
    positions
        By name of a bounded part: as ``band``, within its bounds: (draws, n).
    """

    band: Floats
    standards: Mapping[str, Floats]
    positions: Mapping[str, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class DrawnSeverities:
    """Drawn severities of n counties.

    Parameters
    ----------
    severities
        The expected ones, with their bounds.
    count
        Number of draws.
    by_cause
        By cause, None being all of them together: by name of each component that it moves, the
        severities from 0 to 1: (draws, n).
    """

    severities: Severities
    count: int
    by_cause: Mapping[RankCause | None, Mapping[str, Floats]]

    def scores(
        self, weights: Floats, cause: RankCause | None, *, rows: slice = slice(None)
    ) -> Floats:
        """Return the scores in points with a cause open, all others at their expectation.

        Parameters
        ----------
        weights
            Of the components: (draws, c), or (1, c) for the same in every draw.
        cause
            One of ``FACT_CAUSES``, ``RankCause.WEIGHTS`` for none of these, None for all.
        rows
            Which draws; all where none are given.

        Returns
        -------
        numpy.ndarray
            (draws, n).
        """
        drawn = self.by_cause.get(cause, {})
        own = weights if len(weights) == 1 else weights[rows]
        components = self.severities.components
        rest = [place for place, name in enumerate(components) if name not in drawn]
        fixed = own[:, rest] @ self.severities.expected[:, rest].T
        total = np.empty((len(range(self.count)[rows]), len(self.severities.adcodes)))
        total[:] = fixed
        for name, values in drawn.items():
            total += own[:, components.index(name), None] * values[rows]
        total *= 100
        return total


def fact_numbers(
    inputs: DrawInputs,
    *,
    draws: int = DRAWS,
    seed: int,
    standard_spread: float = STANDARD_SPREAD,
) -> FactDraws:
    """Return the random numbers of :func:`drawn_severities`.

    Parameters
    ----------
    inputs
        Severities, drawn lists, distances, bounds.
    draws
        Number of joint draws, at least 1.
    seed
        Chooses the draws, 0 or more.
    standard_spread
        Standards vary evenly by this share to either side, from 0 to below 1.

    Raises
    ------
    QueryError
        If draws, seed or spread cannot be used.
    """
    check_draws(draws, seed)
    if not 0 <= standard_spread < 1:
        raise QueryError("priority_spread", found=standard_spread)
    codes = inputs.severities.adcodes
    return FactDraws(
        band=by_code(codes, "band", draws, seed),
        standards={
            part.kind: 1 + standard_spread * (2 * stream(f"s {part.kind}", seed).random(draws) - 1)
            for part in inputs.reach
        },
        positions={
            part.name: by_code(codes, f"p {part.name}", draws, seed)
            for part in inputs.parts()
            if (part.high > part.low).any()
        },
    )


def drawn_severities(
    inputs: DrawInputs,
    numbers: FactDraws,
    *,
    causes: Iterable[RankCause | None] = (None, *FACT_CAUSES),
) -> DrawnSeverities:
    """Return the drawn severities: all causes together (None), and each alone.

    Parameters
    ----------
    inputs
        Severities, drawn lists, distances, bounds.
    numbers
        What :func:`fact_numbers` returned for them.
    causes
        Which of them are wanted.
    """
    places = {part.kind: serving_places(part) for part in inputs.reach}
    by_cause: dict[RankCause | None, Mapping[str, Floats]] = {}
    count = len(numbers.band)
    for cause in causes:
        opened = frozenset(FACT_CAUSES) if cause is None else frozenset({cause})
        drawn = {
            name: _component(inputs, name, places, numbers, opened)
            for name in inputs.severities.components
        }
        by_cause[cause] = MappingProxyType(
            {
                name: np.clip(values, 0.0, 1.0)
                for name, values in drawn.items()
                if values is not None
            }
        )
    return DrawnSeverities(inputs.severities, count, MappingProxyType(by_cause))


def _component(
    inputs: DrawInputs,
    name: str,
    places: Mapping[str, Ints],
    numbers: FactDraws,
    open_causes: frozenset[RankCause],
) -> Floats | None:
    """Return the severities of a component with some causes open, None where none moves it."""
    has_names = RankCause.NAMES in open_causes
    rest = inputs.severities.column(name)[0][None]
    value = rest
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
    return None if value is rest else value


def _reach(part: ReachDraws, places: Ints, numbers: FactDraws, *, has_distances: bool) -> Floats:
    draws = len(numbers.band)
    if not has_distances:
        return drawn_reach(part, places, draws)
    factors = numbers.standards[part.kind]
    return drawn_reach(part, places, draws, band=numbers.band, factors=factors)


def _at_rest(parts: Iterable[BoundedPart]) -> Floats:
    """Return what the bounded parts of a component add at their expectation."""
    return np.asarray(sum((part.share * part.expected for part in parts), np.zeros(1)))


def _repeated(values: Flags, numbers: FactDraws) -> Flags:
    """Return rows of lists for each draw, from the first again where there are too few."""
    return values[np.arange(len(numbers.band)) % len(values)]


def check_draws(draws: int, seed: int) -> None:
    """Refuse a number of draws below 1 and a seed below 0.

    Raises
    ------
    QueryError
        If one of them is.
    """
    if draws < 1:
        raise QueryError("completion_draw_count", found=draws)
    if seed < 0:
        raise QueryError("completion_seed", found=seed)


def stream(name: str, seed: int) -> np.random.Generator:
    """Return the random stream that the seed and a name choose."""
    word = int.from_bytes(sha256(f"priority {name}".encode()).digest()[:8], "big")
    return np.random.default_rng([seed, word])


def by_code(codes: tuple[str, ...], name: str, draws: int, seed: int) -> Floats:
    """Return numbers from -1 to 1 for each draw and county, given out in the order of codes."""
    order = np.argsort(np.asarray(codes, dtype="str"), kind="stable")
    numbers = np.empty((draws, len(codes)))
    numbers[:, order] = 2 * stream(name, seed).random((draws, len(codes))) - 1
    return numbers
