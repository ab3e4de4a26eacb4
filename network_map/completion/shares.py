"""An ensemble of completions in the form that the exact calculations take.

Exact shares of lists: who has a node, who is left without, and how far the nearest one is.

With all lists alike and every stratum held to a fixed number, the shares have closed forms: a
candidate is taken in r of n, and k places are all passed over in C(n-k, r) / C(n, r) of the lists
(hypergeometric; for several nodes in a place C(n-k+r-1, r) / C(n+r-1, r), Feller 1968, II.5).
All else is read from ``constrained_choice``, exactly too.

References
----------
Feller, W. (1968). An Introduction to Probability Theory and Its Applications, vol. I, 3rd ed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from typing import Literal

import numpy as np
import pandas as pd

from network_map.completion.choice import (
    ConstrainedChoice,
    Flags,
    Floats,
    Ints,
    constrained_choice,
    first_shares,
    is_possible,
    option_shares,
)
from network_map.completion.ensemble import Ensemble, NestedEnsemble
from network_map.errors import QueryError

_NOTHING, _TAKES, _LACKS = range(3)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One kind of an ensemble, ready to be counted.

    Parameters
    ----------
    kind, adcodes, stratum, bounds, missing_count, one_per_place
        As in ``completion.Ensemble``.
    is_present
        Whether a place has a known node: (places,).
    is_candidate
        Whether it may take a missing one: (places,).
    has_lists
        Whether there is an ensemble.
    positions
        The places that the choices are about, in the order of their codes: (choices,).
    is_node
        Which options of a choice give the place a node: (choices, options).
    choice
        The choices. None where there is no ensemble, or where the closed forms hold: all lists
        alike, and every stratum held to a fixed number.
    """

    kind: str
    adcodes: tuple[str, ...]
    stratum: Ints
    bounds: Ints
    missing_count: int | None
    one_per_place: bool
    is_present: Flags
    is_candidate: Flags
    has_lists: bool
    positions: Ints
    is_node: Flags
    choice: ConstrainedChoice | None


@dataclass(frozen=True, slots=True, eq=False)
class PairChoice:
    """The joint choices of a nested ensemble.

    Parameters
    ----------
    positions
        The places in the order of their codes: (places,).
    gives_inner, gives_outer
        Which options put a missing node of either kind in the place: (places, options).
    choice
        The choices; None where no pair of lists fits.
    """

    positions: Ints
    gives_inner: Flags
    gives_outer: Flags
    choice: ConstrainedChoice | None


def part_of(ensemble: Ensemble | NestedEnsemble, kind: str | None) -> Part:
    """Return one kind of an ensemble, ready to be counted.

    Raises
    ------
    ValueError
        If a nested ensemble is asked for a kind that it does not have.
    """
    if isinstance(ensemble, NestedEnsemble):
        return _nested_part(ensemble, kind)
    positions = in_code_order(ensemble)
    is_fixed = bool((ensemble.bounds[:, 0] == ensemble.bounds[:, 1]).all())
    has_closed_form = is_fixed and ensemble.weights is None
    choice, gives = None, np.zeros((positions.size, 1), dtype=np.int64)
    if ensemble.has_lists and not has_closed_form:
        choice, gives = node_choice(ensemble)
    return Part(
        kind=ensemble.kind,
        adcodes=ensemble.adcodes,
        stratum=ensemble.stratum,
        bounds=ensemble.bounds,
        missing_count=ensemble.missing_count,
        one_per_place=ensemble.one_per_place,
        is_present=ensemble.known_counts > 0,
        is_candidate=ensemble.is_candidate,
        has_lists=ensemble.has_lists,
        positions=positions,
        is_node=gives > 0,
        choice=choice,
    )


def in_code_order(ensemble: Ensemble) -> Ints:
    """Return the positions of the candidates in the order of their codes."""
    order = np.argsort(np.asarray(ensemble.adcodes), kind="stable")
    return np.asarray(order[ensemble.is_candidate[order]], dtype=np.int64)


def node_choice(ensemble: Ensemble) -> tuple[ConstrainedChoice, Ints]:
    """Return the choices of the candidates, and how many nodes each option gives a place.

    Where fewer places stay without a node than take one, those without are counted.
    """
    positions = in_code_order(ensemble)
    missing = ensemble.missing_count or 0
    stratum = ensemble.stratum[positions]
    log_weight = np.zeros(positions.size)
    if ensemble.weights is not None:
        log_weight = np.log(ensemble.weights[positions])
    bounds = np.zeros((len(ensemble.bounds), 2, 2), dtype=np.int64)
    bounds[:, 0] = ensemble.bounds
    nodes = np.arange(missing + 1 if not ensemble.one_per_place else 2)
    total, steps = missing, nodes
    if ensemble.one_per_place and 2 * missing > positions.size:
        sizes = np.bincount(stratum, minlength=len(bounds))
        bounds[:, 0] = sizes[:, None] - ensemble.bounds[:, ::-1]
        nodes, total = nodes[::-1], positions.size - missing
    choice = constrained_choice(
        log_weight[:, None] * nodes,
        np.stack([steps, np.zeros_like(steps)], axis=1),
        stratum,
        bounds,
        (total, 0),
    )
    return choice, np.tile(nodes, (positions.size, 1))


def pair_choice(nested: NestedEnsemble) -> PairChoice:
    """Return the joint choices of the places of a nested ensemble.

    A place takes a demonstration county (option 1), or stays without a centre (option 2), or
    neither (option 0). The counts are the demonstration counties that are added and the places
    open to a centre that stay without one.
    """
    inner, outer = nested.inner, nested.outer
    positions = np.argsort(np.asarray(inner.adcodes), kind="stable")
    has_inner, has_outer = inner.known_counts > 0, outer.known_counts > 0
    may_inner = inner.is_candidate & ~has_inner
    may_outer = outer.is_candidate & ~has_outer
    log_inner = np.zeros(len(positions)) if inner.weights is None else np.log(inner.weights)
    log_outer = np.zeros(len(positions)) if outer.weights is None else np.log(outer.weights)
    log_outer = np.where(may_outer, log_outer, 0.0)
    is_broken = has_inner & ~has_outer & ~may_outer
    log_odds = np.full((len(positions), 3), -np.inf)
    log_odds[:, _NOTHING] = log_outer
    can_take = may_inner & (may_outer | has_outer)
    log_odds[can_take, _TAKES] = (log_inner + log_outer)[can_take]
    log_odds[may_outer & ~has_inner, _LACKS] = 0.0
    cell, bounds, totals = _pair_cells(inner, outer)
    gives_outer = may_outer[:, None] & np.asarray([True, True, False])
    gives_inner = np.tile([False, True, False], (len(positions), 1))
    choice = None
    if nested.has_parts and not is_broken.any() and (bounds[:, :, 1] >= 0).all():
        choice = constrained_choice(
            log_odds[positions], np.asarray([[0, 0], [1, 0], [0, 1]]), cell[positions], bounds,
            totals,
        )  # fmt: skip
        choice = choice if is_possible(choice) else None
    return PairChoice(positions, gives_inner[positions], gives_outer[positions], choice)


def _pair_cells(inner: Ensemble, outer: Ensemble) -> tuple[Ints, Ints, tuple[int, int]]:
    """Return the cells in which both kinds have bounds of their own, the bounds, the totals."""
    pairs = np.stack([inner.stratum, outer.stratum], axis=1)
    found, cell = np.unique(pairs, axis=0, return_inverse=True)
    cell = cell.reshape(-1)
    added = inner.missing_count or 0
    lacking = outer.candidate_count - (outer.missing_count or 0)
    bounds = np.zeros((len(found), 2, 2), dtype=np.int64)
    for number, (inner_stratum, outer_stratum) in enumerate(found):
        # Stratum 0 is the rest of the province: it is held by the totals alone.
        bounds[number, 0] = inner.bounds[inner_stratum] if inner_stratum else (0, added)
        size = int((outer.is_candidate & (outer.stratum == outer_stratum)).sum())
        own = size - outer.bounds[outer_stratum][::-1]
        bounds[number, 1] = own if outer_stratum else (0, lacking)
    return cell, bounds, (added, lacking)


def _nested_part(nested: NestedEnsemble, kind: str | None) -> Part:
    own = {nested.inner.kind: nested.inner, nested.outer.kind: nested.outer}.get(kind or "")
    if own is None:
        msg = f"kind must be {nested.inner.kind} or {nested.outer.kind}, not {kind}"
        raise ValueError(msg)
    pair = pair_choice(nested)
    return Part(
        kind=own.kind,
        adcodes=own.adcodes,
        stratum=own.stratum,
        bounds=own.bounds,
        missing_count=own.missing_count,
        one_per_place=True,
        is_present=own.known_counts > 0,
        is_candidate=own.is_candidate,
        has_lists=pair.choice is not None,
        positions=pair.positions,
        is_node=pair.gives_inner if own is nested.inner else pair.gives_outer,
        choice=pair.choice,
    )


class PresenceVerdict(StrEnum):
    """What all completions together say of a node in a place."""

    CERTAIN_PRESENT = "certain_present"
    POSSIBLE = "possible"
    CERTAIN_ABSENT = "certain_absent"
    UNKNOWN = "unknown"
    """There is no ensemble, and the place is not known."""


@dataclass(frozen=True, slots=True, eq=False)
class NearestCost:
    """The distribution of the cost of the nearest node over all lists.

    Parameters
    ----------
    demand_ids
        The demand points: (demand,).
    costs
        What the nearest node can cost; infinite where there may be none: (demand, costs).
    shares
        Share of the lists with that cost, each row summing to 1; 0 where it cannot be, NaN where
        it can and there is no ensemble: (demand, costs).
    """

    demand_ids: pd.Index
    costs: Floats
    shares: Floats


def inclusion_shares(
    ensemble: Ensemble | NestedEnsemble, *, kind: str | None = None
) -> pd.DataFrame:
    """Return, for each place, the share of lists in which it has a node.

    Parameters
    ----------
    ensemble
        The completions.
    kind
        With a nested ensemble, which of its two kinds.

    Returns
    -------
    pandas.DataFrame
        ``adcode, share_of_lists, verdict_code`` (a :class:`PresenceVerdict`) in the order of the
        ensemble; the share is missing where there is no ensemble and the place is not known.
    """
    part = part_of(ensemble, kind)
    shares = part.is_present.astype(np.float64)
    is_unknown = part.is_candidate & ~part.is_present
    if not part.has_lists:
        shares[is_unknown] = np.nan
    elif part.choice is None:
        sizes, taken = _sizes(part), part.bounds[:, 0]
        slots = sizes if part.one_per_place else sizes + taken - 1
        shares[is_unknown] = (taken / np.maximum(slots, 1))[part.stratum[is_unknown]]
    else:
        options = option_shares(part.choice)
        has = np.where(part.is_node, options, 0.0).sum(axis=1)
        lacks = np.where(part.is_node, 0.0, options).sum(axis=1)
        # Rounding decides nothing: what always or never holds has no term on the other side.
        has = np.where(lacks == 0, 1.0, np.minimum(has, np.nextafter(1.0, 0.0)))
        known = part.is_present[part.positions]
        shares[part.positions] = np.where(known, 1.0, has)
    verdict = np.full(shares.shape, PresenceVerdict.POSSIBLE.value, dtype=object)
    verdict[shares == 0] = PresenceVerdict.CERTAIN_ABSENT.value
    verdict[shares == 1] = PresenceVerdict.CERTAIN_PRESENT.value
    verdict[np.isnan(shares)] = PresenceVerdict.UNKNOWN.value
    return pd.DataFrame(
        {
            "adcode": pd.Series(part.adcodes, dtype="str"),
            "share_of_lists": shares,
            "verdict_code": pd.Series(verdict, dtype="str"),
        }
    )


def nearest_cost_distribution(
    ensemble: Ensemble | NestedEnsemble,
    cost: pd.DataFrame,
    *,
    fixed_min: pd.Series | None = None,
    kind: str | None = None,
) -> NearestCost:
    """Return the distribution of the cost of the nearest node over all lists.

    Candidates are put in order of cost. The share of lists in which the j-th is the nearest has a
    closed form: none among the j-1 before it, and one in it.

    Parameters
    ----------
    ensemble
        The completions.
    cost
        Cost from each demand point (index) to each place (columns, adcodes), infinite where
        there is no way.
    fixed_min
        Cost to the nearest other node that is there for certain, by demand point; infinite by
        default. Known nodes of the ensemble are counted in any case.
    kind
        With a nested ensemble, which of its two kinds.

    Raises
    ------
    QueryError
        If a place that has or may take a node is no column, or a cost is missing.
    """
    part = part_of(ensemble, kind)
    costs = _aligned(part, cost, fill=np.nan).to_numpy(dtype=np.float64)
    known = np.full(len(cost), np.inf)
    if fixed_min is not None:
        known = fixed_min.reindex(cost.index).to_numpy(dtype=np.float64)
    if np.isnan(costs[:, part.is_candidate | part.is_present]).any() or np.isnan(known).any():
        raise QueryError("completion_cost_missing", kind=part.kind)
    known = np.minimum(known, costs[:, part.is_present].min(axis=1, initial=np.inf))
    own = np.where(np.isnan(costs), np.inf, costs)[:, part.positions]
    order = np.argsort(own, axis=1, kind="stable")
    sorted_costs = np.minimum(np.take_along_axis(own, order, axis=1), known[:, None])
    shares = _first(part, order)
    # A list with a missing node has one somewhere: only without any is the known one alone.
    rest = np.full((len(cost), 1), 1.0 if part.missing_count == 0 else 0.0)
    if not part.has_lists:
        rest[:] = np.nan
    return NearestCost(
        cost.index,
        np.concatenate([sorted_costs, known[:, None]], axis=1),
        np.concatenate([shares, rest], axis=1),
    )


def nearest_of_kinds(parts: Sequence[NearestCost]) -> NearestCost:
    """Return the distribution of the cost of the nearest node of several kinds.

    Parameters
    ----------
    parts
        Of each kind, over the same demand points; their lists are independent of each other.
    """
    return reduce(_nearer, parts)


def _nearer(first: NearestCost, second: NearestCost) -> NearestCost:
    """Return the nearer of two: each cost with the share of lists in which the other is beyond."""
    shares = np.concatenate(
        [
            _both(first.shares, _beyond(second, first.costs, side="left")),
            _both(second.shares, _beyond(first, second.costs, side="right")),
        ],
        axis=1,
    )
    possible = (shares != 0).any(axis=0)
    costs = np.concatenate([first.costs, second.costs], axis=1)
    return NearestCost(first.demand_ids, costs[:, possible], shares[:, possible])


def _both(shares: Floats, others: Floats) -> Floats:
    """Return products of shares; what never is stays so, whatever is not known."""
    is_never = (shares == 0) | (others == 0)
    return np.asarray(np.where(is_never, 0.0, shares * others))


def _beyond(nearest: NearestCost, costs: Floats, *, side: Literal["left", "right"]) -> Floats:
    """Return the share of lists in which the nearest node costs as much or more (left), or more."""
    order = np.argsort(nearest.costs, axis=1)
    ordered = np.take_along_axis(nearest.costs, order, axis=1)
    shares = np.take_along_axis(nearest.shares, order, axis=1)
    none = np.zeros((len(costs), 1))
    nearer = np.concatenate([none, np.cumsum(shares, axis=1)], axis=1)
    beyond = np.concatenate([np.cumsum(shares[:, ::-1], axis=1)[:, ::-1], none], axis=1)
    result = np.empty_like(costs)
    for row, values in enumerate(costs):
        at = np.searchsorted(ordered[row], values, side=side)
        result[row] = np.where(nearer[row, at] == 0, 1.0, beyond[row, at])
    return result


def expected_severity(nearest: NearestCost, severity: Callable[[Floats], Floats]) -> pd.DataFrame:
    """Return the mean, the least and the most of a function of the nearest cost over all lists.

    Parameters
    ----------
    nearest
        What :func:`nearest_cost_distribution` returned.
    severity
        Maps an array of costs, infinite ones too, to finite values of the same shape.

    Returns
    -------
    pandas.DataFrame
        ``expected, least, most`` indexed by demand point; ``expected`` is missing where there is
        no ensemble and the known facts do not decide.
    """
    values = severity(nearest.costs)
    is_possible = nearest.shares != 0
    least = np.where(is_possible, values, np.inf).min(axis=1)
    most = np.where(is_possible, values, -np.inf).max(axis=1)
    expected = np.where(is_possible, nearest.shares * values, 0.0).sum(axis=1)
    # A mean lies between its extremes; rounding may carry it a hair beyond.
    expected = np.where(least == most, least, np.clip(expected, least, most))
    return pd.DataFrame(
        {"expected": expected, "least": least, "most": most}, index=nearest.demand_ids
    )


def _aligned(part: Part, table: pd.DataFrame, *, fill: float) -> pd.DataFrame:
    """Return the columns in the order of the places; those that do not matter are filled."""
    matters = part.is_candidate | part.is_present
    lacking = [
        code
        for code, is_needed in zip(part.adcodes, matters, strict=True)
        if is_needed and code not in table.columns
    ]
    if lacking:
        raise QueryError(
            "completion_places_missing", kind=part.kind, found="、".join(lacking[:3]),
            count=len(lacking),
        )  # fmt: skip
    return table.reindex(columns=list(part.adcodes), fill_value=fill)


def _sizes(part: Part) -> Ints:
    return np.bincount(part.stratum[part.positions], minlength=len(part.bounds))


def none_table(size: int, taken: int, *, one_per_place: bool = True) -> Floats:
    """Return the share of lists that pass over 0, 1, … of a number of candidates, all lists alike.

    Parameters
    ----------
    size
        Candidates.
    taken
        Missing nodes that they take together.
    one_per_place
        Whether a candidate takes at most one.

    Returns
    -------
    numpy.ndarray
        Shares that never grow, (candidates + 1,); (2,) without a candidate.
    """
    passed = np.arange(max(size, 1), dtype=np.float64)
    if one_per_place:
        ratios = (size - passed - taken) / np.maximum(size - passed, 1)
    else:
        ratios = (size - passed - 1) / np.maximum(size - passed - 1 + taken, 1)
        ratios = ratios if taken else np.ones_like(ratios)
    return np.concatenate([[1.0], np.cumprod(np.maximum(ratios, 0.0))])


def _none_tables(part: Part) -> list[Floats]:
    return [
        none_table(size, taken, one_per_place=part.one_per_place)
        for size, taken in zip(_sizes(part), part.bounds[:, 0], strict=True)
    ]


def _first(part: Part, order: Ints) -> Floats:
    """Return the share of lists in which the j-th candidate of an order is the first with a node.

    NaN without an ensemble.
    """
    if not part.has_lists:
        return np.where(part.is_candidate[part.positions][order], np.nan, 0.0)
    if part.choice is not None:
        return first_shares(part.choice, order, part.is_node)
    strata = part.stratum[part.positions][order]
    before = np.ones(order.shape)
    here = np.zeros(order.shape)
    tables = zip(_sizes(part), part.bounds[:, 0], _none_tables(part), strict=True)
    for number, (size, taken, passed) in enumerate(tables):
        is_own = strata == number
        count = np.cumsum(is_own, axis=1) - is_own
        before *= passed[count]
        left = size - count if part.one_per_place else size - count + taken - 1
        chance = taken / np.maximum(left, 1)
        here[is_own] = np.minimum(chance, 1.0)[is_own]
    return np.asarray(before * here)
