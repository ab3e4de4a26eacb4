"""The answers of the page of coverage gaps, each step of them kept for itself.

A weight changes scores alone, a colour or a click neither facts nor scores.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

import pandas as pd

from network_map.app.contract_answers import flows, register_of, version_with_register
from network_map.app.kit.memo import (
    KEPT_ANSWERS,
    dataset_places,
    dataset_version,
    memo,
    places,
    roads,
    settings,
    shipped_dataset,
)
from network_map.gaps.answer import (
    ActionParts,
    action_parts,
    drawn_of,
    inputs_of,
    score_table,
    with_intervals,
)
from network_map.gaps.ask_first import ListEffects, call_table, calls_of, effects_of
from network_map.gaps.card import hint_html
from network_map.gaps.county_gaps import county_gaps, with_ranking
from network_map.gaps.facts import GapFacts, Register, gap_facts, register_facts
from network_map.gaps.map import (
    gap_areas,
    gap_map,
    network_symbols,
    next_areas,
    with_selection,
)
from network_map.gaps.next_node import NextNode, next_node
from network_map.gaps.overlays import (
    Overlays,
    composed,
    consortium_links,
    contract_circles,
    contract_flows,
    contracts_asked,
    lines_to_nodes,
    network_members,
    network_nodes,
    tier_lines,
)
from network_map.gaps.query import GapOverlay, GapQuery, GapView
from network_map.gaps.rank_draws import DrawInputs, DrawnSeverities
from network_map.gaps.ranked_list import gap_list
from network_map.gaps.reach import gap_costs
from network_map.gaps.views import FindingPart, prefecture_rows, shown_rows, view_finding
from network_map.i18n import text
from network_map.maps.spec import (
    INVENTED_ORIGINS,
    AreaLayer,
    FlowLayer,
    HierarchyLayer,
    HierarchyLine,
    MapSpec,
    NodeLayer,
    NodeSymbol,
)
from network_map.nodes.dataset import Dataset
from network_map.nodes.layers import hierarchy_table, nothing_drawn
from network_map.nodes.report import KindCount, kind_counts
from network_map.places.reference import kind_names, place_names
from network_map.reach.cost import CostMatrix
from network_map.terms import AdminLevel, DatasetName, DistanceMethod, NodeKind

_FIRST = 3
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


def _draws(query: GapQuery) -> GapQuery:
    return replace(query.facts_part, draws=query.draws, seed=query.seed)


def _scores(query: GapQuery) -> GapQuery:
    return query.scores_part


def _table(query: GapQuery) -> GapQuery:
    return query.table_part


def _unweighted(query: GapQuery) -> GapQuery:
    usual = GapQuery()
    return replace(query.table_part, weights=usual.weights, seed=usual.seed, draws=usual.draws)


def _unselected(query: GapQuery) -> GapQuery:
    return replace(query, selected_adcode=None, compared_adcode=None, made_on=GapQuery().made_on)


def _counted(query: GapQuery) -> GapQuery:
    """Return what list, sentence and fills depend on: of the layers, those that a view counts."""
    is_of_layers = query.view is GapView.NETWORK
    return replace(_unselected(query), layers=query.layers if is_of_layers else ())


def _area(query: GapQuery) -> GapQuery:
    """Return what the lines of a layer depend on."""
    return GapQuery(language=query.language, prefecture_adcode=query.prefecture_adcode)


def _next(query: GapQuery) -> GapQuery:
    return replace(
        query.table_part, prefecture_adcode=query.prefecture_adcode, next_kind=query.next_kind,
        next_place=query.next_place, weights=GapQuery().weights,
    )  # fmt: skip


# --- the steps ------------------------------------------------------------------------------------


@memo(dataset_version, size=_KEPT_FACTS)
def costs(dataset: Dataset, method: DistanceMethod) -> CostMatrix:
    """Return the distances from county seats to the nodes of a data set and to seats."""
    graph = None if method is DistanceMethod.GEODESIC_X_CIRCUITY else roads()
    return gap_costs(dataset_places(dataset), dataset, graph, method=method)


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
    return gap_facts(dataset_places(dataset), dataset, register(dataset), cost, query=query)


@_step(_draws, _KEPT_FACTS)
def _inputs(dataset: Dataset, query: GapQuery) -> DrawInputs:
    return inputs_of(facts(dataset, query), draws=query.draws, seed=query.seed)


@_step(_draws, _KEPT_DRAWS)
def _drawn(dataset: Dataset, query: GapQuery) -> DrawnSeverities:
    """Return the drawn severities, some megabytes."""
    return drawn_of(_inputs(dataset, query), draws=query.draws, seed=query.seed)


@_step(_facts, _KEPT_FACTS)
def _action_parts(dataset: Dataset, query: GapQuery) -> ActionParts:
    return action_parts(facts(dataset, query))


@_step(_scores, _KEPT_FACTS)
def scores(dataset: Dataset, query: GapQuery) -> pd.DataFrame:
    """Return the scores of the counties by code, with their contributions."""
    inputs, parts = _inputs(dataset, query), _action_parts(dataset, query)
    table = score_table(
        facts(dataset, query), query.weights, severities=inputs.severities, parts=parts
    )
    return with_intervals(
        table, inputs, query.weights,
        draws=query.draws, seed=query.seed, drawn=_drawn(dataset, query),
    )  # fmt: skip


# --- the answers ----------------------------------------------------------------------------------


@_step(_table)
def counties(dataset: Dataset, query: GapQuery) -> pd.DataFrame:
    """Return table ``county_gaps``; what only chooses and orders rows changes none."""
    return with_ranking(_unranked(dataset, query), scores(dataset, query))


@_step(_table)
def county_rows(dataset: Dataset, query: GapQuery) -> dict[str, pd.Series]:
    """Return the rows of :func:`counties` by code, as the card reads them."""
    # Of one type a table lends its rows; of many it would copy each of its columns for a row.
    table = counties(dataset, query).astype("object")
    return {row["adcode"]: row for _, row in table.iterrows()}


@_step(_scores, _KEPT_FACTS)
def score_rows(dataset: Dataset, query: GapQuery) -> dict[str, pd.Series]:
    """Return the rows of :func:`scores` by code."""
    return {str(code): row for code, row in scores(dataset, query).iterrows()}


@_step(_unweighted, _KEPT_FACTS)
def _unranked(dataset: Dataset, query: GapQuery) -> pd.DataFrame:
    return county_gaps(dataset_places(dataset), dataset, facts(dataset, query), None, query=query)


@_step(_draws, _KEPT_FACTS)
def _effects(dataset: Dataset, query: GapQuery) -> tuple[ListEffects, ...]:
    return effects_of(facts(dataset, query), _inputs(dataset, query))


@_step(_scores, _KEPT_FACTS)
def calls(dataset: Dataset, query: GapQuery) -> pd.DataFrame:
    """Return which list to ask for first, for the weights of a query."""
    inputs, effects = _inputs(dataset, query), _effects(dataset, query)
    return calls_of(facts(dataset, query), inputs, query, effects=effects)


@_step(_counted)
def shown(dataset: Dataset, query: GapQuery) -> pd.DataFrame:
    """Return the rows of ``county_gaps`` that a query lists, in the order of its view."""
    return shown_rows(counties(dataset, query), query)


@_step(_counted)
def finding(dataset: Dataset, query: GapQuery) -> tuple[FindingPart, ...]:
    """Return the sentence about the rows that a query lists."""
    return view_finding(shown(dataset, query), query)


@_step(_counted)
def listed(dataset: Dataset, query: GapQuery) -> bytes:
    """Return the ranked list as the browser reads it; a click in it changes no row."""
    if query.level is AdminLevel.PREFECTURE:
        rows = prefecture_rows(counties(dataset, query), query)
    else:
        rows = shown(dataset, query)
    return gap_list(dataset_places(dataset), rows, query)


@_step(_area)
def _kind_counts(dataset: Dataset, query: GapQuery) -> tuple[KindCount, ...]:
    return kind_counts(dataset, query)


@_step(_counted)
def hint(dataset: Dataset, query: GapQuery) -> str:
    """Return what stands in the card's place where no county is selected."""
    language = query.language
    first = shown(dataset, query)[["county_name", "suggestion"]].head(_FIRST)
    return hint_html(
        _kind_counts(dataset, query),
        call_table(dataset_places(dataset), calls(dataset, query), language),
        language=language,
        top=list(zip(first["county_name"], first["suggestion"], strict=True)),
    )


@_step(_next)
def next_nodes(dataset: Dataset, query: GapQuery) -> NextNode | None:
    """Return what one more node of the query's kind would bring; None where none is asked for."""
    return next_node(dataset_places(dataset), dataset, facts(dataset, query), query=query)


@memo(dataset_version, size=2 * len(DatasetName))
def _nodes(dataset: Dataset, language: str) -> NodeLayer:
    """Return nodes and members of consortia as the browser reads them."""
    return network_nodes(dataset, _members(dataset), language)


@memo(dataset_version, size=len(DatasetName))
def _members(dataset: Dataset) -> pd.DataFrame:
    return network_members(places(), dataset)


@memo(dataset_version, size=2 * len(DatasetName))
def node_names(dataset: Dataset, language: str) -> dict[tuple[str, str], str]:
    """Return what each node is called in short by kind and name, marked where it is assumed."""
    short = place_names(places().divisions, language, short=True)
    kinds = kind_names(dataset.node_kinds, language, short=True)
    nodes = dataset.nodes
    by_prefecture = nodes["kind"] == NodeKind.SUB_MARKET
    at = nodes["adcode"].where(~by_prefecture, nodes["prefecture_adcode"])
    assumed = text("gap.row.assumed", language)
    marks = nodes["origin"].isin(list(INVENTED_ORIGINS)).map({True: assumed, False: ""})
    return {
        (kind, name): f"{short.get(place, name)} {kinds[kind]}{mark}"
        for kind, name, place, mark in zip(
            nodes["kind"], nodes["node_name"], at, marks, strict=True
        )
    }


@_step(_area)
def _links(dataset: Dataset, query: GapQuery) -> tuple[HierarchyLine, ...]:
    return consortium_links(places(), dataset, query.prefecture_adcode)


@_step(_area)
def _flows(dataset: Dataset, query: GapQuery) -> FlowLayer | None:
    opened = register_of(dataset.name)
    if opened is None:
        return None
    return contract_flows(flows(opened, contracts_asked(query)), places(), opened, query)


@_step(_counted)
def _areas(dataset: Dataset, query: GapQuery) -> AreaLayer:
    """Return what fills the counties: the view, or what one more node would bring."""
    table, following = counties(dataset, query), following_nodes(dataset, query)
    if following is not None:
        return next_areas(table, following.counties, query)
    return gap_areas(table, query)


@_step(_counted)
def _circles(dataset: Dataset, query: GapQuery) -> FlowLayer | None:
    return contract_circles(dataset_places(dataset), counties(dataset, query), query)


def overlays(dataset: Dataset, query: GapQuery) -> Overlays:
    """Return what lies over the counties of the map, each layer kept for itself."""
    return composed(
        query,
        _nodes(dataset, query.language),
        {
            overlay: partial(maker, dataset, query)
            for overlay, maker in {
                GapOverlay.CONSORTIA: _links,
                GapOverlay.HIERARCHY: _hierarchy,
                GapOverlay.FLOWS: _flows,
                GapOverlay.CONTRACTS: _circles,
            }.items()
        },
    )


@_step(_area)
def _symbols(dataset: Dataset, query: GapQuery) -> tuple[NodeSymbol, ...]:
    return network_symbols(
        dataset, _members(dataset),
        language=query.language, prefecture_adcode=query.prefecture_adcode,
    )  # fmt: skip


@_step(_unselected)
def _unselected_map(dataset: Dataset, query: GapQuery) -> MapSpec:
    drawn = overlays(dataset, query)
    return gap_map(dataset, _areas(dataset, query), drawn, _symbols(dataset, query), query=query)


def drawn_map(dataset: Dataset, query: GapQuery) -> MapSpec:
    """Return the map of a view with its layers; a click changes outline and lines alone."""
    return with_selection(_unselected_map(dataset, query), query, _lines(dataset, query))


@_step(_unweighted, _KEPT_FACTS)
def _lines(dataset: Dataset, query: GapQuery) -> dict[str, tuple[HierarchyLine, ...]]:
    return lines_to_nodes(dataset_places(dataset), dataset, _unranked(dataset, query))


def following_nodes(dataset: Dataset, query: GapQuery) -> NextNode | None:
    """Return :func:`next_nodes` where the view is about the kind that is asked for."""
    return next_nodes(dataset, query) if query.next_kind.value == query.view.value else None


@memo(dataset_version, size=len(DatasetName))
def _hierarchy_table(dataset: Dataset) -> pd.DataFrame:
    return hierarchy_table(dataset_places(dataset), dataset, roads())


def hierarchy_note(dataset: Dataset, query: GapQuery) -> str:
    """Return why not a line between tiers is drawn although they were asked for, else nothing."""
    if GapOverlay.HIERARCHY.value not in query.layers:
        return ""
    if _hierarchy(dataset, query) is not None:
        return ""
    return nothing_drawn(_hierarchy_table(dataset), query.language)


@_step(_area)
def _hierarchy(dataset: Dataset, query: GapQuery) -> HierarchyLayer | None:
    return tier_lines(dataset, _hierarchy_table(dataset), query)


def first_page(dataset: Dataset, query: GapQuery) -> None:
    """Make all that a first page of gaps asks, before it is drawn or before anybody comes.

    Raises
    ------
    QueryError, WorkspaceError, DamagedFileError, ConfigError
        As :func:`facts`.
    """
    for step in (hint, finding, listed, drawn_map):
        step(dataset, query)


def warm_first_page() -> None:
    """Make the first page of gaps of the data set that the application opens with, in every view.

    An own one belongs to a session, which makes its own.
    """
    told = settings()
    if told.dataset in set(DatasetName):
        first = GapQuery(language=told.language)
        dataset = shipped_dataset(told.dataset)
        for view in (first.view, *GapView):
            first_page(dataset, replace(first, view=view))
        overlays(dataset, replace(first, layers=tuple(GapOverlay)))
