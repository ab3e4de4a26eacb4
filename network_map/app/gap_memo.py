"""The answers of the page of coverage gaps, each asked once.

Those of a shipped data set are shared; those of an own one are kept in the session. A weight
changes scores alone, a colour or a click neither facts nor scores.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pandas as pd

from network_map.app import contract_memo as contract_answers
from network_map.app import gap_cached
from network_map.app.kit import memo as cached
from network_map.app.kit.frame import Page
from network_map.app.kit.memo import kept_own
from network_map.gaps.answer import Gaps, fact_rows, gap_answer
from network_map.gaps.calls import CallRows, GapRows, call_rows, calls_of, effects_of, gap_rows
from network_map.gaps.facts import GapFacts, Register, gap_facts, register_facts
from network_map.gaps.map import TierLayer, tier_layer
from network_map.gaps.query import GapQuery
from network_map.gaps.rank_draws import DrawInputs
from network_map.gaps.reach import gap_costs
from network_map.gaps.scores import action_parts, drawn_of, inputs_of, score_table, with_intervals
from network_map.gaps.switches import fragile_nodes
from network_map.terms import OWN, DistanceMethod

_Found = TypeVar("_Found")


def facts(page: Page, query: GapQuery) -> GapFacts:
    """Return the facts of a query.

    Raises
    ------
    QueryError, WorkspaceError, DamagedFileError, ConfigError
        If a setting cannot be used, or a register or the road network not be read.
    """
    asked = query.facts_part
    if page.dataset.name != OWN:
        return gap_cached.shipped_gap_facts(page.dataset.name, asked)
    return _kept(page, ("facts", asked), lambda: _own_facts(page, asked))


def answer(page: Page, query: GapQuery) -> Gaps:
    """Return the list of gaps of a query; what only the map or the card needs changes none."""
    asked = _list_part(query)
    if page.dataset.name != OWN:
        return gap_cached.shipped_gaps(page.dataset.name, asked)
    return _kept(page, ("gaps", asked), lambda: _own_answer(page, asked))


def rows(page: Page, query: GapQuery) -> GapRows:
    """Return the list of a query as the browser reads it."""
    asked = _list_part(query)
    if page.dataset.name != OWN:
        return gap_cached.shipped_gap_list(page.dataset.name, asked)
    found = answer(page, query)
    return _kept(page, ("list", asked), lambda: gap_rows(page.places, found, query=asked))


def _list_part(query: GapQuery) -> GapQuery:
    """Return the query without what only the map or the card needs."""
    usual = GapQuery()
    return replace(
        query, picture=usual.picture, tier=usual.tier, selected_adcode=None, compared_adcode=None
    )


def tier(page: Page, query: GapQuery) -> TierLayer:
    """Return the nodes of the chosen kind on the map."""
    part = query.tier_part
    if page.dataset.name != OWN:
        return gap_cached.shipped_gap_tier(page.dataset.name, part)
    return _kept(page, ("tier", part), lambda: tier_layer(page.dataset, part))


def calls(page: Page, query: GapQuery) -> pd.DataFrame:
    """Return whom to ask first, for the weights of a query."""
    part = query.scores_part
    if page.dataset.name != OWN:
        return gap_cached.shipped_gap_calls(page.dataset.name, part)
    found = facts(page, query)
    inputs = _own_inputs(page, part)
    effects = _kept(
        page, ("effects", part.facts_part, part.draws, part.seed),
        lambda: effects_of(found, inputs, draws=part.draws, seed=part.seed),
    )  # fmt: skip
    return _kept(page, ("calls", part), lambda: calls_of(found, inputs, part, effects=effects))


def call_list(page: Page, query: GapQuery) -> CallRows:
    """Return whom to ask first as the browser reads it."""
    asked = replace(_list_part(query), prefecture_adcode=None)
    if page.dataset.name != OWN:
        return gap_cached.shipped_gap_call_list(page.dataset.name, asked)
    found = calls(page, query)
    return _kept(
        page, ("call list", asked),
        lambda: call_rows(page.places, found, language=query.language),
    )  # fmt: skip


def fragile(page: Page, query: GapQuery) -> tuple[tuple[str, int], ...]:
    """Return the named nodes that counties depend on, and of how many each; no weight counts."""
    asked = replace(_list_part(query), weights=GapQuery().weights)
    if page.dataset.name != OWN:
        return gap_cached.shipped_fragile_nodes(page.dataset.name, asked)
    found = facts(page, query)
    return _kept(
        page, ("fragile", asked),
        lambda: fragile_nodes(page.places, page.dataset, found, query=asked),
    )  # fmt: skip


def _own_inputs(page: Page, part: GapQuery) -> DrawInputs:
    found = facts(page, part)
    return _kept(
        page, ("inputs", part.facts_part, part.draws, part.seed),
        lambda: inputs_of(found, draws=part.draws, seed=part.seed),
    )  # fmt: skip


def _own_answer(page: Page, query: GapQuery) -> Gaps:
    found = facts(page, query)
    part = query.scores_part
    inputs = _own_inputs(page, part)
    drawn = _kept(
        page, ("draws", part.facts_part, part.draws, part.seed),
        lambda: drawn_of(inputs, draws=part.draws, seed=part.seed),
    )  # fmt: skip
    parts = _kept(page, ("parts", part.facts_part), lambda: action_parts(found))
    scores = _kept(
        page, ("scores", part),
        lambda: with_intervals(
            score_table(found, part.weights, severities=inputs.severities, parts=parts),
            inputs, part.weights,
            draws=part.draws, seed=part.seed, drawn=drawn,
        ),
    )  # fmt: skip
    rows = _kept(
        page, ("rows", part.facts_part, query.language),
        lambda: fact_rows(page.places, page.dataset, found, language=query.language),
    )  # fmt: skip
    return gap_answer(page.places, page.dataset, found, scores, query=query, rows=rows)


def _own_facts(page: Page, query: GapQuery) -> GapFacts:
    graph = cached.roads() if query.method is DistanceMethod.ROAD_NETWORK_KM else None
    cost = _kept(
        page, ("cost", query.method),
        lambda: gap_costs(page.places, page.dataset, graph, method=query.method),
    )  # fmt: skip
    return gap_facts(page.places, page.dataset, _own_register(page), cost, query=query)


def _own_register(page: Page) -> Register:
    opened = contract_answers.opened_register()
    name = None if opened is None else opened.register_id
    return _kept(page, ("register", name), lambda: register_facts(opened))


def _kept(page: Page, question: tuple[object, ...], make: Callable[[], _Found]) -> _Found:
    """Return what the session keeps for its data set and register, made where it is missing."""
    opened = contract_answers.opened_register()
    asked = (page.dataset.dataset_id, None if opened is None else opened.register_id, *question)
    return kept_own("gaps", asked, make)
