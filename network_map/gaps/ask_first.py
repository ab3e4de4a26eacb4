"""Whom to ask first: which unknown fact, once settled, would change the top of the list most.

For each fact and each answer the scores are expected anew, and the counties that enter the top
list are counted; the mean over the answers is the expected number of changes, a value of
information as in Raiffa & Schlaifer (1961). Answers weigh what they weigh among the possible
lists. Exact where closed forms hold (``settled``), else from drawn lists by conditioning.

References
----------
Raiffa, H., Schlaifer, R. (1961). Applied Statistical Decision Theory. Harvard University.

What the scores would be if a place turned out to have a node: exactly, where forms are closed.

Let candidates stand in the order in which they would serve a county, with severities v_1, v_2, …,
and let j be known to have a node. Then the mean severity is
``v_1 + sum over k < j of (v_(k+1) - v_k) G(k)``, with G(k) the share of the remaining lists that
pass over the first k candidates (hypergeometric, Feller 1968, II.5): one running sum answers for
every j at once. What "no" would change follows from the law of total expectation.

References
----------
Feller, W. (1968). An Introduction to Probability Theory and Its Applications, vol. I, 3rd ed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from network_map.completion.choice import Flags, Floats, Ints
from network_map.completion.ensemble import Ensemble
from network_map.completion.shares import inclusion_shares, none_table, part_of
from network_map.gaps.priority import TOP_COUNT, Severities, component_weights, ranks
from network_map.gaps.rank_draws import (
    DRAWS,
    DrawInputs,
    NetworkLists,
    drawn_severities,
    fact_numbers,
)
from network_map.gaps.rank_interval import spread
from network_map.gaps.severity import KindReach, kind_severities, reach_severity
from network_map.gaps.tables import ASK_FIRST, FactKind, Question, RankCause
from network_map.gaps.weights import Component
from network_map.reach.service import own_first, without_order
from network_map.tables.check import assembled
from network_map.terms import NodeKind


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
    km = own_first(reach.cost.km, reach.is_own)
    known = km[:, ensemble.known_counts > 0].min(axis=1, initial=np.inf)
    order = np.argsort(km[:, open_places], axis=1, kind="stable")
    in_order = np.take_along_axis(km[:, open_places], order, axis=1)
    nearest = without_order(np.minimum(in_order, known[:, None]))
    values = reach_severity(nearest, reach.standard_km)
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


_LOCATED_KINDS = frozenset({NodeKind.PROVINCIAL_MARKET.value})
"""Kinds of which one call says where the node is, not whether a place has one."""


@dataclass(frozen=True, slots=True, eq=False)
class NameFacts:
    """The facts of one kind of node: whether each of k places has one.

    Parameters
    ----------
    kind
        The kind of node.
    adcodes
        Codes of the places: (k,).
    shares
        Share of lists with a node in the place, between 0 and 1: (k,).
    changes
        By how many points each county's score changes if the place has one: (k, n).
    """

    kind: str
    adcodes: tuple[str, ...]
    shares: Floats
    changes: Floats


@dataclass(frozen=True, slots=True, eq=False)
class NameEffects:
    """What a node in each of k places would do to the severities; no weight counts.

    Parameters
    ----------
    kind, adcodes, shares
        As in :class:`NameFacts`.
    changes
        By component: by how much each county's severity changes: (k, n).
    """

    kind: str
    adcodes: tuple[str, ...]
    shares: Floats
    changes: Mapping[str, Floats]


def ask_first(
    inputs: DrawInputs,
    weights: Mapping[str, float],
    lists: NetworkLists,
    *,
    seed: int,
    draws: int = DRAWS,
    top_count: int = TOP_COUNT,
    effects: Sequence[NameEffects] | None = None,
) -> pd.DataFrame:
    """Return the unknown facts in the order of what settling them would change.

    Parameters
    ----------
    inputs
        What ``priority_inputs.draw_inputs`` returned; its drawn lists answer where no closed form
        holds.
    weights
        By component; scaled to sum 1.
    lists
        As given to ``draw_inputs``.
    seed, draws
        For what has no exact answer.
    top_count
        Length of the top list.
    effects
        What :func:`name_effects` returned for these inputs, lists, draws and seed: they hold for
        every set of weights. None: made here.

    Returns
    -------
    pandas.DataFrame
        Declared table ``ask_first``: a place of a list that is not public, the county of a market
        whose place is not known, a county's activity or consortium fit that is not known, the
        register as a whole where no county's activity is known.

    Raises
    ------
    QueryError
        As ``priority_draws.rank_intervals``.
    """
    severities = inputs.severities
    top = _Top(severities, weights, top_count)
    names = name_facts(inputs, weights, lists, seed=seed, draws=draws, effects=effects)
    rows = [row for facts in names for row in _name_rows(facts, top)]
    rows += [row for part in _bounded_rows(severities, top, draws=draws, seed=seed) for row in part]
    kinds = {kind.value: place for place, kind in enumerate(FactKind)}
    kind, code, question, changes, share = zip(*rows, strict=True) if rows else ((),) * 5
    settled = np.round(np.array(changes, dtype=np.float64), 9)
    order = sorted(
        range(len(rows)), key=lambda row: (-settled[row], kinds[kind[row]], code[row] or "")
    )
    found = dict(zip(ASK_FIRST.names[1:], (kind, code, question, changes, share), strict=True))
    columns = {name: [cells[row] for row in order] for name, cells in found.items()}
    return assembled(ASK_FIRST, {"order": range(1, len(rows) + 1), **columns})


def name_facts(
    inputs: DrawInputs,
    weights: Mapping[str, float],
    lists: NetworkLists,
    *,
    seed: int,
    draws: int = DRAWS,
    effects: Sequence[NameEffects] | None = None,
) -> list[NameFacts]:
    """Return, for each kind with unknown places, what a node in each would do to the scores.

    Parameters, errors: as :func:`ask_first`.
    """
    severities = inputs.severities
    own = dict(zip(severities.components, component_weights(severities, weights), strict=True))
    if effects is None:
        effects = name_effects(inputs, lists, seed=seed, draws=draws)
    return [
        NameFacts(
            part.kind, part.adcodes, part.shares,
            sum(
                (100 * own.get(name, 0.0) * changes for name, changes in part.changes.items()),
                start=np.zeros((len(part.adcodes), len(severities.adcodes))),
            ),
        )
        for part in effects
    ]  # fmt: skip


def name_effects(
    inputs: DrawInputs, lists: NetworkLists, *, seed: int, draws: int = DRAWS
) -> list[NameEffects]:
    """Return, for each kind with unknown places, what a node in each would do to the severities.

    Parameters, errors: as :func:`ask_first`.
    """
    reaches = {part.ensemble.kind: part for part in lists.reaches}
    ensembles = {kind: lists.by_kind[kind] for kind in lists.presence_shares}
    ensembles |= {kind: part.ensemble for kind, part in reaches.items()}
    nested = lists.nested
    joined = frozenset() if nested is None else {nested.inner.kind, nested.outer.kind}
    drawn: Mapping[str, Floats] | None = None
    found = []
    for kind, ensemble in ensembles.items():
        if not ensemble.has_lists:
            continue
        is_joined = nested is not None and kind in joined
        table = inclusion_shares(
            nested if nested is not None and is_joined else ensemble,
            kind=kind if is_joined else None,
        )
        shares = table["share_of_lists"].to_numpy(dtype=np.float64)
        is_open = (shares > 0) & (shares < 1)
        if not is_open.any():
            continue
        changes: dict[str, Floats] = {}
        if is_joined or not has_closed_form(ensemble):
            drawn = _drawn_names(inputs, seed, draws) if drawn is None else drawn
            changes = {
                name: _from_draws(inputs, ensemble, values) for name, values in drawn.items()
            }
        else:
            if kind in lists.presence_shares:
                own = _presence_changes(inputs.severities, ensemble, shares)
                changes[Component.PRESENCE.value] = lists.presence_shares[kind] * own
            if kind in reaches:
                own = _reach_changes(inputs.severities, reaches[kind])
                changes[Component.REACH.value] = reaches[kind].share * own
        codes = tuple(np.array(ensemble.adcodes, dtype="object")[is_open])
        changes = {name: values[is_open] for name, values in changes.items()}
        found.append(NameEffects(kind, codes, shares[is_open], changes))
    return found


def _presence_changes(severities: Severities, ensemble: Ensemble, shares: Floats) -> Floats:
    columns = [ensemble.adcodes.index(code) for code in severities.adcodes]
    changes: Floats = presence_if_present(ensemble) - (1 - shares)
    return changes[:, columns]


def _reach_changes(severities: Severities, reach: KindReach) -> Floats:
    columns = [reach.cost.demand_ids.index(code) for code in severities.adcodes]
    before = kind_severities(reach)["expected"].to_numpy(dtype=np.float64)
    changes: Floats = reach_if_present(reach) - before
    return changes[:, columns]


def _drawn_names(inputs: DrawInputs, seed: int, draws: int) -> Mapping[str, Floats]:
    """Return the severities that only unknown names move, by component: (draws, n)."""
    numbers = fact_numbers(inputs, draws=draws, seed=seed)
    causes = (RankCause.NAMES,)
    return drawn_severities(inputs, numbers, causes=causes).by_cause[RankCause.NAMES]


def _from_draws(inputs: DrawInputs, ensemble: Ensemble, drawn: Floats) -> Floats:
    """Return the mean change of severities over the drawn lists with a node in each place."""
    lists = _lists(inputs, ensemble)
    has = lists[np.arange(len(drawn)) % len(lists)].astype(np.float64)
    counts = has.sum(axis=0)
    means = has.T @ drawn / np.maximum(counts, 1)[:, None]
    return np.asarray(np.where(counts[:, None] > 0, means - drawn.mean(axis=0), 0.0))


def _lists(inputs: DrawInputs, ensemble: Ensemble) -> Flags:
    """Return the drawn lists of a kind in the order of the places of its ensemble."""
    for reach in inputs.reach:
        if reach.kind == ensemble.kind:
            return reach.is_open[:, [reach.places.index(code) for code in ensemble.adcodes]]
    part = next(part for part in inputs.presence if part.kind == ensemble.kind)
    codes = inputs.severities.adcodes
    return part.is_present[:, [codes.index(code) for code in ensemble.adcodes]]


class _Top:
    """The top list at the expected scores, and how many counties enter it at others."""

    def __init__(self, severities: Severities, weights: Mapping[str, float], count: int) -> None:
        self.adcodes = severities.adcodes
        self.weights = component_weights(severities, weights)
        self.score: Floats = 100 * (severities.expected * self.weights).sum(axis=1)
        self.count = count
        self.is_in: Flags = ranks(self.score[None], self.adcodes)[0] <= count

    def entries(self, scores: Floats) -> Floats:
        """Return how many counties enter the top list at each row of scores: (rows,)."""
        is_in = ranks(scores, self.adcodes) <= self.count
        return np.asarray((is_in & ~self.is_in).sum(axis=1), dtype=np.float64)


def _name_rows(facts: NameFacts, top: _Top) -> Iterator[tuple[object, ...]]:
    yes = top.entries(top.score + facts.changes)
    if facts.kind in _LOCATED_KINDS and facts.shares.sum() < 1 + 1e-6:
        expected = float(yes @ facts.shares)
        yield facts.kind, None, Question.WHERE_IS_NODE.value, expected, None
        return
    odds = (facts.shares / (1 - facts.shares))[:, None]
    no = top.entries(top.score - odds * facts.changes)
    expected_changes = facts.shares * yes + (1 - facts.shares) * no
    for code, changes, share in zip(facts.adcodes, expected_changes, facts.shares, strict=True):
        yield facts.kind, code, Question.HAS_NODE.value, float(changes), float(share)


def _bounded_rows(
    severities: Severities, top: _Top, *, draws: int, seed: int
) -> Iterator[list[tuple[object, ...]]]:
    for component, question in (
        (Component.ACTIVITY, Question.ACTIVITY_OF_COUNTY),
        (Component.CONSORTIUM, Question.CONSORTIUM_OF_COUNTY),
    ):
        if component.value not in severities.components:
            continue
        points = 100 * top.weights[severities.components.index(component.value)]
        expected, low, high = severities.column(component.value)
        is_open = high > low
        if component is Component.ACTIVITY and ((low == 0) & (high == 1)).all():
            moved = spread(severities.adcodes, component.value, (expected, low, high), draws, seed)
            changes = float(top.entries(top.score + points * moved).mean())
            yield [(FactKind.REGISTER.value, None, Question.REGISTER.value, changes, None)]
            continue
        here = np.flatnonzero(is_open)
        step = np.eye(len(expected))[here] * points
        share = ((expected - low) / np.where(is_open, high - low, 1.0))[here]
        rise = top.entries(top.score + step * (high - expected))
        fall = top.entries(top.score + step * (low - expected))
        changes_of = share * rise + (1 - share) * fall
        yield [
            (component.value, severities.adcodes[place], question.value, float(value), None)
            for place, value in zip(here, changes_of, strict=True)
        ]
