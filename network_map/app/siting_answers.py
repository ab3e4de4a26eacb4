"""The answers of the page of site selection, kept like those of the gap map; a solve can be ended.

A solve runs in a process of its own and reports how far it is. What the page raises meanwhile,
because a person has gone on or pressed a button, ends that process: nothing of it is kept.
"""

import atexit
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace

from network_map.app.contract_answers import register_of, version_with_register
from network_map.app.kit.memo import dataset_places, memo
from network_map.app.solver import SolverPool
from network_map.export import Bundle
from network_map.gaps.facts import GapFacts
from network_map.nodes.dataset import Dataset
from network_map.siting.answer import SiteAnswer
from network_map.siting.query import SitingQuery
from network_map.siting.report import (
    ComparedPlan,
    compared_plans,
    comparison_bundle,
    site_bundle,
    site_facts,
)
from network_map.siting.solve_process import SolveReport

_KEPT = 16

_Tell = Callable[[SolveReport], None]
_listener: ContextVar[_Tell] = ContextVar("listener", default=lambda _: None)
_POOL = SolverPool()
atexit.register(_POOL.close)


@contextmanager
def told_of_progress(tell: _Tell) -> Iterator[None]:
    """Let a function hear of the solves of the block.

    Parameters
    ----------
    tell
        Called with how far they have come; where it ends the run, the solves end too.
    """
    before = _listener.set(tell)
    try:
        yield
    finally:
        _listener.reset(before)


def asked(query: SitingQuery) -> SitingQuery:
    """Return what of a query the plan depends on."""
    return replace(query, selected_adcode=None, made_on=None)


def _facts_part(query: SitingQuery) -> SitingQuery:
    usual = SitingQuery()
    return replace(
        usual, language=query.language, kind=query.kind, standard_km=query.standard_km,
        standard_min=query.standard_min, rule=query.rule, method=query.method, travel=query.travel,
        higher_tier_serves=query.higher_tier_serves,
        seed=query.seed, draws=query.draws, demand=query.demand,
    )  # fmt: skip


@memo(version_with_register, size=_KEPT, part=_facts_part)
def facts(dataset: Dataset, query: SitingQuery) -> GapFacts:
    """Return the facts that a plan stands on.

    Raises
    ------
    QueryError, MissingFileError, DamagedFileError, WorkspaceError
        As `network_map.siting.report.site_facts`.
    """
    register = register_of(dataset.name) if query.needs_register else None
    return site_facts(dataset_places(dataset), dataset, register, query=query)


@memo(version_with_register, size=_KEPT, part=asked)
def answer(dataset: Dataset, query: SitingQuery) -> SiteAnswer:
    """Return the answer to a query.

    Raises
    ------
    QueryError
        If it cannot be answered.
    """
    _POOL.prepare()
    found = facts(dataset, query)
    return _POOL.solve((dataset_places(dataset), dataset, found, query), _listener.get())


def bundle(dataset: Dataset, query: SitingQuery) -> Bundle:
    """Return the answer to a query, ready for a file.

    Raises
    ------
    QueryError
        If it cannot be answered.
    """
    found = answer(dataset, query)
    return site_bundle(
        dataset_places(dataset), dataset, facts(dataset, query), replace(found, query=query)
    )  # fmt: skip


def comparison(dataset: Dataset, first: SitingQuery, second: SitingQuery) -> Bundle:
    """Return two plans of a data set side by side, ready for a file.

    Parameters
    ----------
    dataset
        The open data set.
    first, second
        What was asked for; language and day are those of the second.

    Raises
    ------
    QueryError
        If one of them cannot be answered.
    """
    places, language = dataset_places(dataset), second.language
    one, two = (
        ComparedPlan(
            places, dataset, facts(dataset, query), replace(answer(dataset, query), query=query)
        )
        for query in (replace(first, language=language), second)
    )
    found = compared_plans(places, one.answer, two.answer, language=language)
    return comparison_bundle(one, two, found, language=language, made_on=second.made_on)
