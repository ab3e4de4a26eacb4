"""Severities drawn from what is unknown: all that rank intervals need of the facts.

No weight enters here: a moved weight leaves the drawn severities as they are. Random numbers
belong to codes and names, so the order of rows changes nothing.

What rank intervals are drawn from: drawn lists of nodes, distances, bounds of what is open.

Reach over drawn lists: who serves whom, and how severe that is as bands and standards vary.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType

import numpy as np
import pandas as pd

from network_map.completion.choice import Flags, Floats, Ints
from network_map.completion.draws import joint_draws
from network_map.completion.ensemble import Ensemble, NestedEnsemble
from network_map.completion.shares import inclusion_shares
from network_map.errors import QueryError
from network_map.gaps.priority import Severities
from network_map.gaps.severity import (
    PLANNED_SEVERITY,
    PRESENCE_SHARES,
    KindReach,
    kind_severities,
    missing_bounds,
    reach_severity,
)
from network_map.gaps.weights import Component

# --- reach over drawn lists -----------------------------------------------------------------------


_NONE = -1


@dataclass(frozen=True, slots=True, eq=False)
class ReachDraws:
    """Drawn lists of a kind of node, and the distances to its places.

    Parameters
    ----------
    kind
        The kind of node.
    share
        What it counts in the severity of reach.
    standard_km
        The service standard in kilometres.
    km, low_km, high_km
        Estimate and band from n counties to m places; a missing distance never serves: (n, m).
    places
        Codes of the places: (m,).
    is_open
        Which places have a node in each list, (lists, m); one row where the list is known.
    is_own
        Which places come first for a county whatever the distance, (n, m); None for the nearest.
    higher
        The kinds that serve in its place; their standards play no part.
    """

    kind: str
    share: float
    standard_km: float
    km: Floats
    low_km: Floats
    high_km: Floats
    places: tuple[str, ...]
    is_open: Flags
    is_own: Flags | None = None
    higher: tuple["ReachDraws", ...] = ()


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
    lists, n = len(part.is_open), len(part.km)
    own = np.ones_like(part.km, dtype=np.bool_) if part.is_own is None else part.is_own
    by_code = np.argsort(np.asarray(part.places, dtype="str"), kind="stable")
    is_always = np.asarray(part.is_open.all(axis=0), dtype=np.bool_)
    is_ever = np.asarray(part.is_open.any(axis=0), dtype=np.bool_)
    # In the order in which places would serve a county, the first open one has the least number.
    numbers = np.arange(len(part.places), dtype=np.min_scalar_type(len(part.places)))
    none = np.iinfo(numbers.dtype).max
    closed = np.where(part.is_open.T, numbers.dtype.type(0), none)
    result = np.full((n, lists), _NONE, dtype=np.int64)
    for county in range(n):
        km = np.where(np.isnan(part.km[county]), np.inf, part.km[county])
        order = by_code[np.lexsort((km[by_code], ~own[county][by_code]))]
        order = order[is_ever[order] & np.isfinite(km[order])]
        if not order.size:
            continue
        # Nobody is served by what lies behind a place that every list opens.
        last = is_always[order].argmax() if is_always[order].any() else order.size - 1
        order = order[: last + 1]
        numbered = closed[order]
        numbered |= numbers[: order.size, None]
        first = numbered.min(axis=0)
        result[county] = np.where(first == none, _NONE, order[np.where(first == none, 0, first)])
    return np.ascontiguousarray(result.T)


def serving_tiers(parts: Iterable[ReachDraws]) -> dict[str, Ints]:
    """Return :func:`serving_places` of every kind of some parts and of those in their place."""
    tiers = {tier.kind: tier for part in parts for tier in (part, *part.higher)}
    return {kind: serving_places(tier) for kind, tier in tiers.items()}


def drawn_reach(
    part: ReachDraws,
    places: Mapping[str, Ints],
    draws: int,
    *,
    band: Floats | None = None,
    factors: Floats | None = None,
) -> Floats:
    """Return the severity of reach in each draw.

    Parameters
    ----------
    part
        A kind of node.
    places
        What :func:`serving_tiers` returned for it.
    draws
        Number of draws; lists come again where there are fewer.
    band
        Where in its band each county's distances lie, from -1 to 1: (draws, n). None: at the
        estimate.
    factors
        Factors of the standard: (draws,). None: the standard itself.
    """
    standards = part.standard_km * (np.ones(draws) if factors is None else factors)
    found = _drawn_tier(part, places[part.kind], standards, band)
    for tier in part.higher:
        np.minimum(found, _drawn_tier(tier, places[tier.kind], standards, band), out=found)
    return found


def tier_severity(part: ReachDraws, places: Ints, standard_km: float) -> Floats:
    """Return the severity in each drawn list of one kind alone, at the estimates: (lists, n)."""
    return _drawn_tier(part, places, np.full(len(places), standard_km), None)


def _drawn_tier(part: ReachDraws, places: Ints, standards: Floats, band: Floats | None) -> Floats:
    rows = np.arange(len(part.km))
    km, down, up = _padded(part)
    here = places[np.arange(len(standards)) % len(places)]
    found = km[rows, here]
    if band is not None:
        found = banded(found, down[rows, here], up[rows, here], band)
    return reach_severity(found, standards[:, None])


def banded(middle: Floats | float, down: Floats, up: Floats, position: Floats) -> Floats:
    """Return values in a band about their middle, all broadcast.

    Parameters
    ----------
    middle
        The values at position 0.
    down, up
        What the lower end (0 or less) and the upper end (0 or more) add.
    position
        -1 for the lower end, 1 for the upper one.
    """
    return np.asarray(middle + np.maximum(position, 0.0) * up - np.minimum(position, 0.0) * down)


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


# --- drawn severities -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class PresenceDraws:
    """Drawn lists of a kind of node: which county lacks one.

    Parameters
    ----------
    kind
        The kind of node.
    share
        What it counts in the severity of presence.
    lacking
        1 without, 0 with one, between where it is being built: (lists, n); one row where the list
        is known.
    """

    kind: str
    share: float
    lacking: Floats


@dataclass(frozen=True, slots=True, eq=False)
class BoundedPart:
    """A part of a component of which only an expectation and bounds are known.

    It is drawn evenly below the expectation in half of the draws, evenly above in the others.

    Parameters
    ----------
    component, name
        The component, and the name of the part, which chooses its random numbers.
    share
        What it counts in the component.
    expected, low, high
        Severities from 0 to 1: (n,).
    """

    component: str
    name: str
    share: float
    expected: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True, eq=False)
class DrawInputs:
    """All that rank intervals are drawn from.

    Parameters
    ----------
    severities
        n counties. A component that no part below stands for is drawn within its bounds.
    presence, reach, bounded
        Parts of the components presence, reach and any; the shares of a component sum to 1. Rows
        of lists belong together across kinds; where there are fewer than draws they come again.
    """

    severities: Severities
    presence: tuple[PresenceDraws, ...] = ()
    reach: tuple[ReachDraws, ...] = ()
    bounded: tuple[BoundedPart, ...] = ()

    def parts(self) -> tuple[BoundedPart, ...]:
        """Return the bounded parts, those of components without any other part included."""
        drawn = {part.component for part in self.bounded}
        drawn |= {Component.PRESENCE.value} if self.presence else set()
        drawn |= {Component.REACH.value} if self.reach else set()
        rest = [name for name in self.severities.components if name not in drawn]
        return (
            *self.bounded,
            *(BoundedPart(name, name, 1.0, *self.severities.column(name)) for name in rest),
        )


@dataclass(frozen=True, slots=True, eq=False)
class NetworkLists:
    """The possible lists of all kinds, and how the kinds reach the counties.

    Parameters
    ----------
    by_kind
        The ensembles of presence by kind.
    reaches
        The kinds of reach, over the same counties; each has its own ensemble.
    nested
        Takes demonstration counties and centres together.
    planned
        The counties whose node is being built, for presence.
    presence_shares
        What each kind counts in presence.
    """

    by_kind: Mapping[str, Ensemble]
    reaches: tuple[KindReach, ...]
    nested: NestedEnsemble | None = None
    planned: frozenset[str] = frozenset()
    presence_shares: Mapping[str, float] = field(default_factory=lambda: PRESENCE_SHARES)


def draw_inputs(
    severities: Severities, lists: NetworkLists, *, count: int, seed: int
) -> DrawInputs:
    """Return the inputs of rank intervals from ensembles and distances.

    Parameters
    ----------
    severities
        n counties.
    lists
        Ensembles and distances.
    count, seed
        Number of drawn lists and their seed. A list that is known is drawn once.

    Raises
    ------
    QueryError
        As ``completion_draws.joint_draws``.
    """
    tiers = [tier for part in lists.reaches for tier in (part, *part.higher)]
    wanted = {kind: lists.by_kind[kind] for kind in lists.presence_shares}
    wanted |= {part.ensemble.kind: part.ensemble for part in tiers}
    drawn = joint_draws(wanted, count=count, seed=seed, nested=lists.nested)
    rows_of = {kind: rows[:1] if _is_one(rows) else rows for kind, rows in drawn.items()}
    codes = list(severities.adcodes)
    presence, reach, bounded = [], [], []
    is_planned = np.array([code in lists.planned for code in codes], dtype=np.bool_)
    for kind, share in lists.presence_shares.items():
        ensemble = lists.by_kind[kind]
        if kind in rows_of:
            places = [ensemble.adcodes.index(code) for code in codes]
            lacking = np.where(is_planned, PLANNED_SEVERITY, 1.0 - rows_of[kind][:, places])
            presence.append(PresenceDraws(kind, share, lacking))
            continue
        found = missing_bounds(inclusion_shares(ensemble), planned=lists.planned).loc[codes]
        bounded.append(_bounded(Component.PRESENCE.value, kind, share, found))
    for part in lists.reaches:
        kind = part.ensemble.kind
        if all(tier.ensemble.kind in rows_of for tier in (part, *part.higher)):
            reach.append(_reach_draws(part, codes, rows_of))
        else:
            found = kind_severities(part).loc[codes]
            bounded.append(_bounded(Component.REACH.value, kind, part.share, found))
    return DrawInputs(severities, tuple(presence), tuple(reach), tuple(bounded))


def _reach_draws(part: KindReach, codes: list[str], rows_of: Mapping[str, Flags]) -> ReachDraws:
    cost = part.cost.select(demand_ids=codes)
    rows = [part.cost.demand_ids.index(code) for code in codes]
    return ReachDraws(
        part.ensemble.kind, part.share, part.standard_km, cost.km, cost.low_km, cost.high_km,
        part.ensemble.adcodes, rows_of[part.ensemble.kind],
        None if part.is_own is None else part.is_own[rows],
        tuple(_reach_draws(tier, codes, rows_of) for tier in part.higher),
    )  # fmt: skip


def _is_one(rows: Flags) -> bool:
    return bool((rows == rows[:1]).all())


def _bounded(component: str, kind: str, share: float, found: pd.DataFrame) -> BoundedPart:
    values = (found[name].to_numpy(dtype=np.float64) for name in ("expected", "low", "high"))
    return BoundedPart(component, f"{component} {kind}", share, *values)


DRAWS, STANDARD_SPREAD = 2000, 0.1
"""Defaults: draws, relative spread of the standards."""


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
    moved
        By name of each component that is not the same in every draw, the severities from 0 to 1:
        (draws, n).
    """

    severities: Severities
    count: int
    moved: Mapping[str, Floats]

    def scores(self, weights: Floats, *, rows: slice = slice(None)) -> Floats:
        """Return the scores in points.

        Parameters
        ----------
        weights
            Of the components: (draws, c), or (1, c) for the same in every draw.
        rows
            Which draws; all where none are given.

        Returns
        -------
        numpy.ndarray
            (draws, n).
        """
        own = weights if len(weights) == 1 else weights[rows]
        components = self.severities.components
        rest = [place for place, name in enumerate(components) if name not in self.moved]
        fixed = own[:, rest] @ self.severities.expected[:, rest].T
        total = np.empty((len(range(self.count)[rows]), len(self.severities.adcodes)))
        total[:] = fixed
        for name, values in self.moved.items():
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
            part.kind: 1
            + standard_spread * (2 * random_stream(f"s {part.kind}", seed).random(draws) - 1)
            for part in inputs.reach
        },
        positions={
            part.name: by_code(codes, f"p {part.name}", draws, seed)
            for part in inputs.parts()
            if (part.high > part.low).any()
        },
    )


def drawn_severities(inputs: DrawInputs, numbers: FactDraws) -> DrawnSeverities:
    """Return the drawn severities, everything that is not known drawn together.

    Parameters
    ----------
    inputs
        Severities, drawn lists, distances, bounds.
    numbers
        What :func:`fact_numbers` returned for them.
    """
    places = serving_tiers(inputs.reach)
    drawn = {name: _component(inputs, name, places, numbers) for name in Component}
    return DrawnSeverities(
        inputs.severities,
        len(numbers.band),
        MappingProxyType(
            {
                name.value: np.clip(values, 0.0, 1.0)
                for name, values in drawn.items()
                if values is not None and name in inputs.severities.components
            }
        ),
    )


def _component(
    inputs: DrawInputs, name: str, places: Mapping[str, Ints], numbers: FactDraws
) -> Floats | None:
    """Return the drawn severities of a component, None where nothing moves it."""
    bounded = [part for part in inputs.parts() if part.component == name]
    presence = inputs.presence if name == Component.PRESENCE else ()
    reach = inputs.reach if name == Component.REACH else ()
    moving = [part for part in bounded if part.name in numbers.positions]
    if not (presence or reach or moving):
        return None
    has_lists = bool(presence or reach)
    value = _at_rest(bounded) if has_lists else inputs.severities.column(name)[0]
    for lists in presence:
        value = value + lists.share * _repeated(lists.lacking, numbers)
    for draws in reach:
        value = value + draws.share * drawn_reach(
            draws, places, len(numbers.band),
            band=numbers.band, factors=numbers.standards[draws.kind],
        )  # fmt: skip
    for part in moving:
        value = value + part.share * banded(
            0.0, part.low - part.expected, part.high - part.expected, numbers.positions[part.name]
        )
    return value


def _at_rest(parts: Iterable[BoundedPart]) -> Floats:
    """Return what the bounded parts of a component add at their expectation."""
    return np.asarray(sum((part.share * part.expected for part in parts), np.zeros(1)))


def _repeated(values: Floats, numbers: FactDraws) -> Floats:
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


def random_stream(name: str, seed: int) -> np.random.Generator:
    """Return the random stream that the seed and a name choose."""
    word = int.from_bytes(sha256(f"priority {name}".encode()).digest()[:8], "big")
    return np.random.default_rng([seed, word])


def by_code(codes: tuple[str, ...], name: str, draws: int, seed: int) -> Floats:
    """Return numbers from -1 to 1 for each draw and county, given out in the order of codes."""
    order = np.argsort(np.asarray(codes, dtype="str"), kind="stable")
    numbers = np.empty((draws, len(codes)))
    numbers[:, order] = 2 * random_stream(name, seed).random((draws, len(codes))) - 1
    return numbers
