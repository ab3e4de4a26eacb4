"""What the page of coverage gaps shares: distances, facts, scores and lists of shipped data sets.

Apart from what every page shares, because the contract register takes seconds to load.
"""

from functools import lru_cache

import pandas as pd
import streamlit as st

from network_map.app.contract_cached import demo_contracts
from network_map.app.kit.memo import places, roads, shipped_dataset
from network_map.gaps.answer import Gaps, fact_rows, gap_answer
from network_map.gaps.ask_first import NameEffects
from network_map.gaps.calls import CallRows, GapRows, call_rows, calls_of, effects_of, gap_rows
from network_map.gaps.facts import GapFacts, Register, gap_facts, register_facts
from network_map.gaps.map import TierLayer, tier_layer
from network_map.gaps.query import GapQuery
from network_map.gaps.rank_draws import DrawInputs, DrawnSeverities
from network_map.gaps.reach import gap_costs
from network_map.gaps.scores import (
    ActionParts,
    action_parts,
    drawn_of,
    inputs_of,
    score_table,
    with_intervals,
)
from network_map.gaps.switches import fragile_nodes
from network_map.indices.answer import IndexAnswer, county_neighbours, index_answer
from network_map.indices.query import Index
from network_map.reach.cost import CostMatrix
from network_map.terms import DatasetName, DistanceMethod

_KEPT_ANSWERS = 64
_KEPT_FACTS = 16
_KEPT_DRAWS = 4


@st.cache_resource(max_entries=_KEPT_FACTS, show_spinner=False)
def shipped_gap_costs(name: str, method: DistanceMethod) -> CostMatrix:
    """Return the distances from county seats to the nodes of a shipped data set and to seats."""
    graph = roads() if method is DistanceMethod.ROAD_NETWORK_KM else None
    return gap_costs(places(), shipped_dataset(name), graph, method=method)


@st.cache_resource(max_entries=1, show_spinner=False)
def demo_register_facts() -> Register:
    """Return what the list of gaps uses of the demonstration register."""
    return register_facts(demo_contracts())


@lru_cache(maxsize=_KEPT_FACTS)
def shipped_gap_facts(name: str, query: GapQuery) -> GapFacts:
    """Return the facts behind the gaps of a shipped data set.

    Parameters
    ----------
    name
        Name of the data set.
    query
        Only what changes a fact.

    Raises
    ------
    QueryError
        If a setting cannot be used; that is not kept.
    """
    register = demo_register_facts() if name == DatasetName.DEMO else Register()
    cost = shipped_gap_costs(name, query.method)
    return gap_facts(places(), shipped_dataset(name), register, cost, query=query)


@lru_cache(maxsize=_KEPT_FACTS)
def shipped_gap_inputs(name: str, query: GapQuery, draws: int, seed: int) -> DrawInputs:
    """Return what the rank intervals of a shipped data set are drawn from; no weight counts."""
    return inputs_of(shipped_gap_facts(name, query), draws=draws, seed=seed)


@lru_cache(maxsize=_KEPT_DRAWS)
def shipped_gap_draws(name: str, query: GapQuery, draws: int, seed: int) -> DrawnSeverities:
    """Return the drawn severities of a shipped data set, some megabytes; no weight counts."""
    return drawn_of(shipped_gap_inputs(name, query, draws, seed), draws=draws, seed=seed)


@lru_cache(maxsize=_KEPT_FACTS)
def shipped_gap_effects(
    name: str, query: GapQuery, draws: int, seed: int
) -> tuple[NameEffects, ...]:
    """Return what each unknown name of a shipped data set would change; no weight counts."""
    inputs = shipped_gap_inputs(name, query, draws, seed)
    return effects_of(shipped_gap_facts(name, query), inputs, draws=draws, seed=seed)


@lru_cache(maxsize=_KEPT_FACTS)
def shipped_gap_calls(name: str, query: GapQuery) -> pd.DataFrame:
    """Return whom to ask first about a shipped data set; ``query`` as for the scores."""
    part = (name, query.facts_part, query.draws, query.seed)
    facts = shipped_gap_facts(name, query.facts_part)
    return calls_of(facts, shipped_gap_inputs(*part), query, effects=shipped_gap_effects(*part))


@lru_cache(maxsize=_KEPT_FACTS)
def shipped_gap_action_parts(name: str, query: GapQuery) -> ActionParts:
    """Return what the actions of a shipped data set are chosen from; no weight counts."""
    return action_parts(shipped_gap_facts(name, query))


@lru_cache(maxsize=_KEPT_FACTS)
def shipped_gap_scores(name: str, query: GapQuery) -> pd.DataFrame:
    """Return the scores of a shipped data set; ``query`` holds only what changes a score."""
    part = (name, query.facts_part, query.draws, query.seed)
    inputs, facts = shipped_gap_inputs(*part), shipped_gap_facts(name, query.facts_part)
    parts = shipped_gap_action_parts(name, query.facts_part)
    table = score_table(facts, query.weights, severities=inputs.severities, parts=parts)
    return with_intervals(
        table, inputs, query.weights, draws=query.draws, seed=query.seed,
        drawn=shipped_gap_draws(*part),
    )  # fmt: skip


@lru_cache(maxsize=_KEPT_FACTS)
def shipped_gap_rows(name: str, query: GapQuery, language: str) -> pd.DataFrame:
    """Return what the facts of a shipped data set say of each county; no weight counts."""
    facts = shipped_gap_facts(name, query)
    return fact_rows(places(), shipped_dataset(name), facts, language=language)


@lru_cache(maxsize=_KEPT_ANSWERS)
def shipped_gaps(name: str, query: GapQuery) -> Gaps:
    """Return the list of gaps of a shipped data set; ``query`` without colours and clicks."""
    return gap_answer(
        places(), shipped_dataset(name), shipped_gap_facts(name, query.facts_part),
        shipped_gap_scores(name, query.scores_part), query=query,
        rows=shipped_gap_rows(name, query.facts_part, query.language),
    )  # fmt: skip


@lru_cache(maxsize=_KEPT_ANSWERS)
def shipped_gap_list(name: str, query: GapQuery) -> GapRows:
    """Return the list of a shipped data set as the browser reads it; ``query`` as for the gaps."""
    return gap_rows(places(), shipped_gaps(name, query), query=query)


@lru_cache(maxsize=_KEPT_ANSWERS)
def shipped_gap_call_list(name: str, query: GapQuery) -> CallRows:
    """Return whom to ask first as the browser reads it; ``query`` with its language."""
    return call_rows(places(), shipped_gap_calls(name, query.scores_part), language=query.language)


@lru_cache(maxsize=_KEPT_ANSWERS)
def shipped_fragile_nodes(name: str, query: GapQuery) -> tuple[tuple[str, int], ...]:
    """Return the named nodes that counties depend on; ``query`` without weights."""
    facts = shipped_gap_facts(name, query.facts_part)
    return fragile_nodes(places(), shipped_dataset(name), facts, query=query)


@lru_cache(maxsize=_KEPT_ANSWERS)
def shipped_gap_tier(name: str, query: GapQuery) -> TierLayer:
    """Return the nodes on the map of a shipped data set; ``query`` with nothing else."""
    return tier_layer(shipped_dataset(name), query)


@lru_cache(maxsize=1)
def neighbours() -> pd.DataFrame:
    """Return which counties touch; treat it as read-only."""
    return county_neighbours()


@lru_cache(maxsize=_KEPT_ANSWERS)
def shipped_index(name: str, index: Index, language: str) -> IndexAnswer:
    """Return an index of a shipped data set."""
    facts = shipped_gap_facts(name, GapQuery().facts_part)
    return index_answer(
        places(), shipped_dataset(name), facts, neighbours(), index=index, language=language
    )
