"""Reach over drawn lists: who serves whom, and how severe that is as bands and standards vary."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from network_map.completion.choice import Flags, Floats, Ints
from network_map.gaps.severity import reach_severity

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
