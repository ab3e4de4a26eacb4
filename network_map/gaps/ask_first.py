"""Which list to ask for first: what knowing it would change at the top of the order.

For each list that is not public the priorities are expected anew with the list known, over all
that it may say, and the counties that enter the first ten are counted; the mean is the expected
number of changes, a value of information as in Raiffa & Schlaifer (1961). Below a list stand the
single facts that it would settle, each by itself. All from drawn lists, by conditioning: what
chance alone could move is left where it was. What one list tells of another (as pairs of lists
do) is left out.

References
----------
Raiffa, H., Schlaifer, R. (1961). Applied Statistical Decision Theory. Harvard University.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from network_map.completion.choice import Flags, Floats, Ints
from network_map.completion.shares import inclusion_shares
from network_map.export import Bundle
from network_map.gaps.answer import lists_of
from network_map.gaps.facts import GapFacts
from network_map.gaps.priority import TOP_COUNT, Severities, component_weights, ranks
from network_map.gaps.query import GapQuery
from network_map.gaps.rank_draws import (
    DRAWS,
    DrawInputs,
    NetworkLists,
    ReachDraws,
    serving_tiers,
    tier_severity,
)
from network_map.gaps.rank_interval import spread
from network_map.gaps.report import weights_text
from network_map.gaps.tables import ASK_FIRST, GAP_CALLS, AskedList, Question
from network_map.gaps.weights import Component
from network_map.i18n import text
from network_map.nodes.dataset import Dataset
from network_map.places.reference import Places, code_words, dataset_label, place_names
from network_map.tables.check import assembled

LEAST_CHANGES = 0.05
"""Expected changes below which a row is left out."""
_COUNTED = 500
"""Drawn lists over which the entries of a whole list are counted."""
_ERRORS = 4.0
"""A mean over drawn lists is a change where it is beyond so many of its standard errors."""
_Row = tuple[str, str | None, str, float, float | None]


@dataclass(frozen=True, slots=True, eq=False)
class ListEffects:
    """What a list of nodes would do to the severities, once it is known; no weight counts.

    Parameters
    ----------
    kind
        The kind of node.
    adcodes, shares
        Its open places, and the share of lists with a node there: (k,).
    moved
        By component: by how much each county's expected severity differs with each of the drawn
        lists known: (lists, n).
    settled
        The same means over the lists with a node in each open place: (k, n).
    """

    kind: str
    adcodes: tuple[str, ...]
    shares: Floats
    moved: Mapping[str, Floats]
    settled: Mapping[str, Floats]


def list_effects(inputs: DrawInputs, lists: NetworkLists) -> list[ListEffects]:
    """Return, for each kind with unknown places, what its list would do to the severities.

    Parameters
    ----------
    inputs
        What ``rank_draws.draw_inputs`` returned.
    lists
        As given to ``draw_inputs``.
    """
    tiers = [tier for part in lists.reaches for tier in (part, *part.higher)]
    ensembles = {kind: lists.by_kind[kind] for kind in lists.presence_shares}
    ensembles |= {part.ensemble.kind: part.ensemble for part in tiers}
    joined = lists.nested
    pairs = frozenset() if joined is None else {joined.inner.kind, joined.outer.kind}
    drawn = {tier.kind: tier for part in inputs.reach for tier in (part, *part.higher)}
    places = serving_tiers(inputs.reach)
    found = []
    for kind, ensemble in ensembles.items():
        moved = dict(_moved(inputs, kind, places))
        if not moved:
            continue
        in_pairs = joined is not None and kind in pairs
        shares = inclusion_shares(
            joined if joined is not None and in_pairs else ensemble, kind=kind if in_pairs else None
        ).set_index("adcode")["share_of_lists"]
        shares = shares[(shares > 0) & (shares < 1)]
        if kind in drawn:
            has = drawn[kind].is_open[:, [drawn[kind].places.index(code) for code in shares.index]]
        else:
            lacking = next(part.lacking for part in inputs.presence if part.kind == kind)
            columns = [inputs.severities.adcodes.index(code) for code in shares.index]
            has = lacking[:, columns] == 0
        settled = {name: _means(has, values) for name, values in moved.items()}
        found.append(ListEffects(kind, tuple(shares.index), shares.to_numpy(), moved, settled))
    return found


def _moved(
    inputs: DrawInputs, kind: str, places: Mapping[str, Ints]
) -> Iterator[tuple[str, Floats]]:
    """Yield the components that a list moves, and by how much in each drawn list."""
    presence = [part for part in inputs.presence if part.kind == kind and len(part.lacking) > 1]
    reach = [
        part
        for part in inputs.reach
        if any(tier.kind == kind and len(tier.is_open) > 1 for tier in (part, *part.higher))
    ]
    for name, values in (
        (Component.PRESENCE, [part.share * part.lacking for part in presence]),
        (Component.REACH, [part.share * _given_list(part, kind, places) for part in reach]),
    ):
        if values:
            total = np.sum(values, axis=0)
            yield name.value, total - total.mean(axis=0)


def _given_list(part: ReachDraws, kind: str, places: Mapping[str, Ints]) -> Floats:
    """Return the expected severity of reach with each drawn list of one tier known: (lists, n)."""
    others: Floats | None = None
    known = np.zeros(0)
    for tier in (part, *part.higher):
        found = tier_severity(tier, places[tier.kind], part.standard_km)
        if tier.kind == kind:
            known = found
        else:
            others = found if others is None else np.minimum(others, found)
    return known if others is None else _mean_of_least(known, others)


def _mean_of_least(values: Floats, others: Floats) -> Floats:
    """Return the mean of the lesser of each value and what else it may be: (lists, n)."""
    ordered = np.sort(others, axis=0)
    below = np.concatenate([np.zeros((1, ordered.shape[1])), np.cumsum(ordered, axis=0)])
    count = len(ordered)
    result = np.empty_like(values)
    for county in range(values.shape[1]):
        at = np.searchsorted(ordered[:, county], values[:, county], side="right")
        result[:, county] = below[at, county] + values[:, county] * (count - at)
    return result / count


def _means(has: Flags, moved: Floats) -> Floats:
    """Return the mean over the lists with a node in each place, 0 where chance could give it."""
    counts = has.sum(axis=0)[:, None]
    means = has.astype(np.float64).T @ moved / np.maximum(counts, 1)
    variance = moved.var(axis=0) * np.maximum(1 / np.maximum(counts, 1) - 1 / len(moved), 0.0)
    is_sure = (counts > 0) & (np.abs(means) > _ERRORS * np.sqrt(variance))
    return np.asarray(np.where(is_sure, means, 0.0))


def ask_first(
    inputs: DrawInputs,
    weights: Mapping[str, float],
    effects: Sequence[ListEffects],
    *,
    seed: int,
    draws: int = DRAWS,
    top_count: int = TOP_COUNT,
) -> pd.DataFrame:
    """Return the lists in the order of what knowing them would change, their facts below each.

    Parameters
    ----------
    inputs
        What ``rank_draws.draw_inputs`` returned.
    weights
        By component; scaled to sum 1.
    effects
        What :func:`list_effects` returned for the inputs.
    seed, draws
        For what has bounds only.
    top_count
        Length of the top list.

    Returns
    -------
    pandas.DataFrame
        Declared table ``ask_first``, without what would change nothing.

    Raises
    ------
    QueryError
        As ``rank_interval.rank_intervals``.
    """
    top = _Top(inputs.severities, weights, top_count)
    groups = [_of_list(effect, top) for effect in effects]
    groups += _of_bounds(inputs.severities, top, draws=draws, seed=seed)
    names = [kind.value for kind in AskedList]
    rows: list[_Row] = []
    for whole, *facts in sorted(groups, key=lambda group: (-group[0][3], names.index(group[0][0]))):
        rows += [whole, *sorted(facts, key=lambda row: (-row[3], row[1] or ""))]
    rows = [row for row in rows if row[3] >= LEAST_CHANGES]
    columns = zip(*rows, strict=True) if rows else ((),) * 5
    return assembled(
        ASK_FIRST,
        {"order": range(1, len(rows) + 1),
         **dict(zip(ASK_FIRST.names[1:], map(list, columns), strict=True))},
    )  # fmt: skip


class _Top:
    """The top list at the expected scores, and how many counties enter it at others."""

    def __init__(self, severities: Severities, weights: Mapping[str, float], count: int) -> None:
        self.adcodes = severities.adcodes
        points = 100 * component_weights(severities, weights)
        self.points = dict(zip(severities.components, points, strict=True))
        self.score: Floats = (severities.expected * points).sum(axis=1)
        self.count = count
        self.is_in: Flags = ranks(self.score[None], self.adcodes)[0] <= count

    def entries(self, changes: Floats) -> Floats:
        """Return how many counties enter the top list by each row of changed points: (rows,)."""
        is_in = ranks(np.round(self.score + changes, 9), self.adcodes) <= self.count
        return np.asarray((is_in & ~self.is_in).sum(axis=1), dtype=np.float64)

    def changes(self, moved: Mapping[str, Floats]) -> Floats:
        """Return the points that moved severities make."""
        parts = [self.points.get(name, 0.0) * values for name, values in moved.items()]
        return np.asarray(np.sum(parts, axis=0))


def _of_list(effect: ListEffects, top: _Top) -> list[_Row]:
    """Return the row of a list, and those of its places."""
    some = {name: values[:_COUNTED] for name, values in effect.moved.items()}
    whole = float(top.entries(top.changes(some)).mean())
    rows: list[_Row] = [(effect.kind, None, Question.WHOLE_LIST.value, whole, None)]
    if not effect.adcodes:
        return rows
    changes = top.changes(effect.settled)
    odds = (effect.shares / (1 - effect.shares))[:, None]
    yes, no = top.entries(changes), top.entries(-odds * changes)
    expected = effect.shares * yes + (1 - effect.shares) * no
    for code, value, share in zip(effect.adcodes, expected, effect.shares, strict=True):
        rows.append((effect.kind, code, Question.HAS_NODE.value, float(value), float(share)))
    return rows


_BOUNDED = (
    (Component.ACTIVITY, AskedList.REGISTER, Question.ACTIVITY_OF_COUNTY),
    (Component.CONSORTIUM, AskedList.CONSORTIUM, Question.CONSORTIUM_OF_COUNTY),
)


def _of_bounds(severities: Severities, top: _Top, *, draws: int, seed: int) -> Iterator[list[_Row]]:
    """Yield the rows of each component of which bounds are known only."""
    for component, asked, question in _BOUNDED:
        name = component.value
        if name not in severities.components:
            continue
        points = top.points[name]
        expected, low, high = bounds = severities.column(name)
        is_open = high > low
        if not is_open.any():
            continue
        moved = spread(severities.adcodes, name, bounds, draws, seed)[:_COUNTED]
        whole = float(top.entries(points * moved).mean())
        rows: list[_Row] = [(asked.value, None, Question.WHOLE_LIST.value, whole, None)]
        here = np.flatnonzero(is_open if not ((low == 0) & (high == 1)).all() else [])
        step = np.eye(len(expected))[here] * points
        share = ((expected - low) / np.where(is_open, high - low, 1.0))[here]
        rise, fall = (top.entries(step * (end - expected)) for end in (high, low))
        changes = share * rise + (1 - share) * fall
        for place, value in zip(here, changes, strict=True):
            rows.append(
                (asked.value, severities.adcodes[place], question.value, float(value), None)
            )
        yield rows


# --- as a table and a bundle ----------------------------------------------------------------------


_DIGITS = 3


def effects_of(facts: GapFacts, inputs: DrawInputs) -> tuple[ListEffects, ...]:
    """Return what each unknown list would do to the severities; no weight changes it.

    Parameters
    ----------
    facts, inputs
        As in :func:`calls_of`.
    """
    return tuple(list_effects(inputs, lists_of(facts)))


def calls_of(
    facts: GapFacts,
    inputs: DrawInputs,
    query: GapQuery,
    *,
    effects: Sequence[ListEffects] | None = None,
) -> pd.DataFrame:
    """Return table ``ask_first`` for the weights, draws and seed of a query.

    Parameters
    ----------
    facts
        What :func:`~network_map.gaps.facts.gap_facts` returned.
    inputs
        What :func:`~network_map.gaps.answer.inputs_of` returned for them.
    query
        What is asked for.
    effects
        What :func:`effects_of` returned for them; None: made here.
    """
    known = effects_of(facts, inputs) if effects is None else effects
    return ask_first(inputs, query.weight_of, known, seed=query.seed, draws=query.draws)


def call_table(places: Places, calls: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return the calls in words as ``gap_calls``."""
    names = place_names(places.divisions, language)
    whole = text("gap.whole_list", language)
    return assembled(
        GAP_CALLS,
        {
            "order": calls["order"].array,
            "list_name": code_words("priority.fact", calls["list_code"], language),
            "keeper": code_words("priority.keeper", calls["list_code"], language),
            "place_name": [names.get(code, whole) for code in calls["adcode"].tolist()],
            "question": code_words("priority.question", calls["question_code"], language),
            "expected_changes": calls["expected_changes"].to_numpy("float64").round(_DIGITS),
            "adcode": calls["adcode"].array,
        },
    )


def call_bundle(
    places: Places, dataset: Dataset, calls: pd.DataFrame, *, query: GapQuery
) -> Bundle:
    """Return the list of calls with what a file about it must say."""
    language = query.language
    return Bundle(
        table=call_table(places, calls, language),
        declaration=GAP_CALLS,
        title=text("gap.calls_title", language),
        language=language,
        filters=((text("gap.filter.weights", language), weights_text(query.weights, language)),),
        method_notes=(text("gap.calls_note", language),),
        sources=(text("source.network", language),),
        dataset_label=dataset_label(dataset.name, language),
        is_demo=dataset.is_demo,
        file_stem=call_stem(dataset),
    )


def call_stem(dataset: Dataset) -> str:
    """Return the name of the files without their ending."""
    return f"ask_first_{dataset.name}"
