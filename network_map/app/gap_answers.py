"""The answers of the page of coverage gaps, each step of them kept for itself.

A weight changes scores alone, a colour or a click neither facts nor scores.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pandas as pd

from network_map.app.contract_answers import register_of, version_with_register
from network_map.app.kit.distances import roads
from network_map.app.kit.memo import (
    KEPT_ANSWERS,
    dataset_version,
    memo,
    places,
    settings,
    shipped_dataset,
)
from network_map.gaps.answer import (
    ActionParts,
    Gaps,
    action_parts,
    drawn_of,
    fact_rows,
    gap_answer,
    inputs_of,
    score_table,
    with_intervals,
)
from network_map.gaps.ask_first import ListEffects
from network_map.gaps.calls import CallRows, GapRows, call_rows, calls_of, effects_of, gap_rows
from network_map.gaps.closures import fragile_nodes
from network_map.gaps.facts import GapFacts, Register, gap_facts, register_facts
from network_map.gaps.map import TierLayer, tier_layer
from network_map.gaps.query import GapQuery
from network_map.gaps.rank_draws import DrawInputs, DrawnSeverities
from network_map.gaps.reach import gap_costs
from network_map.nodes.dataset import Dataset
from network_map.reach.cost import CostMatrix
from network_map.terms import DatasetName, DistanceMethod

_KEPT_FACTS = 16
_KEPT_DRAWS = 4
_Step = TypeVar("_Step")


def _step(
    part: Callable[[GapQuery], GapQuery], size: int = KEPT_ANSWERS
) -> Callable[[Callable[[Dataset, GapQuery], _Step]], Callable[[Dataset, GapQuery], _Step]]:
    return memo(version_with_register, size=size, part=part)


# --- what of a query a step depends on ------------------------------------------------------------


def _facts(query: GapQuery) -> GapQuery:
    return query.facts_part


def _worded_facts(query: GapQuery) -> GapQuery:
    return replace(query.facts_part, language=query.language)


def _draws(query: GapQuery) -> GapQuery:
    return replace(query.facts_part, draws=query.draws, seed=query.seed)


def _scores(query: GapQuery) -> GapQuery:
    return query.scores_part


def _list(query: GapQuery) -> GapQuery:
    """Return the query without what only the map or the card needs."""
    usual = GapQuery()
    return replace(
        query, picture=usual.picture, tier=usual.tier, selected_adcode=None, compared_adcode=None
    )


def _province_list(query: GapQuery) -> GapQuery:
    return replace(_list(query), prefecture_adcode=None)


def _unweighted_list(query: GapQuery) -> GapQuery:
    return replace(_list(query), weights=GapQuery().weights)


def _tier(query: GapQuery) -> GapQuery:
    return query.tier_part


# --- the steps ------------------------------------------------------------------------------------


@memo(dataset_version, size=_KEPT_FACTS)
def costs(dataset: Dataset, method: DistanceMethod) -> CostMatrix:
    """Return the distances from county seats to the nodes of a data set and to seats."""
    graph = roads() if method is DistanceMethod.ROAD_NETWORK_KM else None
    return gap_costs(places(), dataset, graph, method=method)


@memo(version_with_register, size=len(DatasetName))
def register(dataset: Dataset) -> Register:
    """Return what the list of gaps uses of the contract register of a data set."""
    return register_facts(register_of(dataset.name))


@_step(_facts, _KEPT_FACTS)
def facts(dataset: Dataset, query: GapQuery) -> GapFacts:
    """Return the facts of a query.

    Raises
    ------
    QueryError, WorkspaceError, DamagedFileError, ConfigError
        If a setting cannot be used, or a register or the road network not be read.
    """
    cost = costs(dataset, query.method)
    return gap_facts(places(), dataset, register(dataset), cost, query=query)


@_step(_worded_facts, _KEPT_FACTS)
def _rows(dataset: Dataset, query: GapQuery) -> pd.DataFrame:
    return fact_rows(places(), dataset, facts(dataset, query), language=query.language)


@_step(_draws, _KEPT_FACTS)
def _inputs(dataset: Dataset, query: GapQuery) -> DrawInputs:
    return inputs_of(facts(dataset, query), draws=query.draws, seed=query.seed)


@_step(_draws, _KEPT_DRAWS)
def _drawn(dataset: Dataset, query: GapQuery) -> DrawnSeverities:
    """Return the drawn severities, some megabytes."""
    return drawn_of(_inputs(dataset, query), draws=query.draws, seed=query.seed)


@_step(_draws, _KEPT_FACTS)
def _effects(dataset: Dataset, query: GapQuery) -> tuple[ListEffects, ...]:
    return effects_of(facts(dataset, query), _inputs(dataset, query))


@_step(_facts, _KEPT_FACTS)
def _action_parts(dataset: Dataset, query: GapQuery) -> ActionParts:
    return action_parts(facts(dataset, query))


@_step(_scores, _KEPT_FACTS)
def _scored(dataset: Dataset, query: GapQuery) -> pd.DataFrame:
    inputs, parts = _inputs(dataset, query), _action_parts(dataset, query)
    table = score_table(
        facts(dataset, query), query.weights, severities=inputs.severities, parts=parts
    )
    return with_intervals(
        table, inputs, query.weights,
        draws=query.draws, seed=query.seed, drawn=_drawn(dataset, query),
    )  # fmt: skip


# --- the answers ----------------------------------------------------------------------------------


@_step(_list)
def answer(dataset: Dataset, query: GapQuery) -> Gaps:
    """Return the list of gaps of a query; what only the map or the card needs changes none."""
    return gap_answer(
        places(), dataset, facts(dataset, query), _scored(dataset, query), query=query,
        rows=_rows(dataset, query),
    )  # fmt: skip


@_step(_list)
def rows(dataset: Dataset, query: GapQuery) -> GapRows:
    """Return the list of a query as the browser reads it."""
    return gap_rows(places(), answer(dataset, query), query=query)


@_step(_tier)
def tier(dataset: Dataset, query: GapQuery) -> TierLayer:
    """Return the nodes of the chosen kind on the map."""
    return tier_layer(dataset, query)


@_step(_scores, _KEPT_FACTS)
def calls(dataset: Dataset, query: GapQuery) -> pd.DataFrame:
    """Return which list to ask for first, for the weights of a query."""
    inputs, effects = _inputs(dataset, query), _effects(dataset, query)
    return calls_of(facts(dataset, query), inputs, query, effects=effects)


@_step(_province_list)
def call_list(dataset: Dataset, query: GapQuery) -> CallRows:
    """Return which list to ask for first as the browser reads it."""
    return call_rows(places(), calls(dataset, query), language=query.language)


@_step(_unweighted_list)
def fragile(dataset: Dataset, query: GapQuery) -> tuple[tuple[str, int], ...]:
    """Return the named nodes that counties depend on, and of how many each; no weight counts."""
    return fragile_nodes(places(), dataset, facts(dataset, query), query=query)


def first_page(dataset: Dataset, query: GapQuery) -> None:
    """Make all that a first page of gaps asks, before it is drawn or before anybody comes.

    Raises
    ------
    QueryError, WorkspaceError, DamagedFileError, ConfigError
        As :func:`facts`.
    """
    for step in (rows, call_list, tier, fragile):
        step(dataset, query)


def warm_first_page() -> None:
    """Make the first page of gaps of the data set that the application opens with.

    An own one belongs to a session, which makes its own.
    """
    told = settings()
    if told.dataset in set(DatasetName):
        first_page(shipped_dataset(told.dataset), GapQuery(language=told.language))
