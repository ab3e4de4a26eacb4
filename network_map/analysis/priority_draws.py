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

from collections.abc import Iterable, Iterator, Mapping
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
from network_map.analysis.severity import reach_severity
from network_map.errors import QueryError
from network_map.schema.check import conform
from network_map.schema.priority import RANK_INTERVALS, Component, RankCause

CAUSES: tuple[RankCause, ...] = tuple(cause for cause in RankCause if cause != RankCause.NONE)
"""What is drawn, in the order in which a tie for the largest cause is settled."""

DRAWS, CONCENTRATION, STANDARD_SPREAD = 2000, 50.0, 0.1
"""Defaults: draws, sum of the Dirichlet parameters, relative spread of the standards."""

_LOW, _HIGH = 0.05, 0.95
_NONE = -1


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
    inputs: DrawInputs, weights: Mapping[str, float], numbers: JointDraws
) -> Iterator[tuple[RankCause | None, Floats]]:
    """Yield the drawn scores in points, (draws, n): all causes together (None), then each alone.

    Parameters
    ----------
    inputs, weights
        As in :func:`rank_intervals`.
    numbers
        What :func:`joint_numbers` returned for them.
    """
    severities = inputs.severities
    own = weights_of(severities, weights)[None]
    places = {part.kind: serving_places(part) for part in inputs.reach}
    runs: dict[RankCause | None, tuple[Floats, frozenset[RankCause]]] = {
        None: (numbers.weights, frozenset(CAUSES)),
        RankCause.WEIGHTS: (numbers.weights, frozenset()),
    }
    runs |= {cause: (own, frozenset({cause})) for cause in CAUSES[1:]}
    for cause, (row, open_causes) in runs.items():
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
        standards = numbers if RankCause.DISTANCES in open_causes else None
        if has_names:
            value = _at_rest(parts) + sum(
                part.share * _repeated_severity(part, places[part.kind], numbers, standards)
                for part in inputs.reach
            )
        elif standards is not None:
            value = value + sum(
                part.share * _moved(part, places[part.kind], numbers) for part in inputs.reach
            )
    for part in parts:
        if part.cause in open_causes and part.name in numbers.positions:
            value = value + part.share * _banded(
                0.0, part.low - part.expected, part.high - part.expected,
                numbers.positions[part.name],
            )  # fmt: skip
    return value


def _at_rest(parts: Iterable[BoundedPart]) -> Floats:
    """Return what the bounded parts of a component add at their expectation."""
    return np.asarray(sum((part.share * part.expected for part in parts), np.zeros(1)))


def serving_places(part: ReachDraws) -> Ints:
    """Return the place that serves each county in each list by the estimate, -1 for none.

    Parameters
    ----------
    part
        Lists by m places, distances from n counties.

    Returns
    -------
    numpy.ndarray
        Columns of the places, (lists, n); of equals the place with the smaller code.
    """
    is_always = np.asarray(part.is_open.all(axis=0), dtype=np.bool_)
    is_ever = np.asarray(part.is_open.any(axis=0), dtype=np.bool_)
    lists, n = len(part.is_open), len(part.km)
    own = np.ones_like(part.km, dtype=np.bool_) if part.is_own is None else part.is_own
    by_code = np.argsort(np.asarray(part.places, dtype="str"), kind="stable")
    result = np.full((lists, n), _NONE, dtype=np.int64)
    rows = np.arange(lists)
    for county in range(n):
        km = np.where(np.isnan(part.km[county]), np.inf, part.km[county])
        order = by_code[np.lexsort((km[by_code], ~own[county][by_code]))]
        order = order[is_ever[order] & np.isfinite(km[order])]
        if not order.size:
            continue
        # Nobody is served by what lies behind a place that every list opens.
        last = is_always[order].argmax() if is_always[order].any() else order.size - 1
        order = order[: last + 1]
        opened = part.is_open[:, order]
        first = opened.argmax(axis=1)
        result[:, county] = np.where(opened[rows, first], order[first], _NONE)
    return result


def _repeated(values: Flags, numbers: JointDraws) -> Flags:
    """Return rows of lists for each draw, from the first again where there are too few."""
    return values[np.arange(len(numbers.weights)) % len(values)]


def _repeated_severity(
    part: ReachDraws, places: Ints, numbers: JointDraws, standards: JointDraws | None
) -> Floats:
    """Return the severity of reach by draw; distances at their estimate without ``standards``."""
    draws = len(numbers.weights)
    rows = np.arange(len(part.km))
    km, down, up = _padded(part)
    if standards is None:
        severity = reach_severity(km[rows, places], part.standard_km)
        return severity[np.arange(draws) % len(places)]
    here = places[np.arange(draws) % len(places)]
    moved = _banded(km[rows, here], down[rows, here], up[rows, here], standards.band)
    return reach_severity(moved, part.standard_km * standards.standards[part.kind][:, None])


def _moved(part: ReachDraws, places: Ints, numbers: JointDraws) -> Floats:
    """Return by how much distances and standard alone move the mean severity over the lists."""
    km, down, up = _padded(part)
    standard = part.standard_km * numbers.standards[part.kind][:, None]
    result = np.empty((len(numbers.weights), len(part.km)))
    for county in range(len(part.km)):
        columns, counts = np.unique(places[:, county], return_counts=True)
        shares = counts / len(places)
        values = (km[county, columns], down[county, columns], up[county, columns])
        moved = reach_severity(_banded(*values, numbers.band[:, county, None]), standard)
        rest = reach_severity(values[0], part.standard_km)
        result[:, county] = moved @ shares - rest @ shares
    return result


def _padded(part: ReachDraws) -> tuple[Floats, Floats, Floats]:
    """Return distances and what the band adds to either side, a last column for no place."""
    is_known = np.isfinite(part.km)
    km = np.where(is_known, part.km, np.inf)
    down, up = (
        np.where(is_known & np.isfinite(end), end - np.where(is_known, part.km, 0.0), 0.0)
        for end in (part.low_km, part.high_km)
    )
    return (
        np.pad(km, ((0, 0), (0, 1)), constant_values=np.inf),
        np.pad(down, ((0, 0), (0, 1))),
        np.pad(up, ((0, 0), (0, 1))),
    )


def _banded(middle: Floats | float, down: Floats, up: Floats, position: Floats) -> Floats:
    """Return a value in a band about its middle: -1 is its lower end, 1 its upper one."""
    return np.asarray(middle + np.maximum(position, 0.0) * up - np.minimum(position, 0.0) * down)


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
