"""An ensemble of completions in the form that the exact calculations take."""

from dataclasses import dataclass

import numpy as np

from network_map.completion.choice import (
    ConstrainedChoice,
    Flags,
    Ints,
    constrained_choice,
    is_possible,
)
from network_map.completion.ensemble import Ensemble, NestedEnsemble

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
