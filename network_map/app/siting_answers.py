"""The answers of the page of site selection, kept like those of the gap map; a solve can be ended.

A solve reports bound and best plan while it runs. What the page raises meanwhile, because a person
has gone on or pressed a button, ends the solve and is raised again: nothing of it is kept.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from math import nan
from typing import Any

from streamlit.runtime.scriptrunner import RerunException, StopException

from network_map.app.contract_answers import register_of, version_with_register
from network_map.app.kit.memo import dataset_places, memo
from network_map.export import Bundle
from network_map.gaps.facts import GapFacts
from network_map.nodes.dataset import Dataset
from network_map.siting.answer import SiteAnswer, site_answer
from network_map.siting.models import SolveEffort
from network_map.siting.query import SitingQuery
from network_map.siting.report import site_bundle, site_facts

_KEPT = 16


@dataclass(frozen=True, slots=True)
class SolveReport:
    """How far a solve, or the many solves of the evidence, have come.

    Parameters
    ----------
    bound, best, seconds
        Of the solve.
    part, done, total
        The part of the evidence, its solves so far and in all; empty and 0 for the plan itself.
    """

    bound: float = nan
    best: float = nan
    seconds: float = 0.0
    part: str = ""
    done: int = 0
    total: int = 0


_Tell = Callable[[SolveReport], None]
_listener: ContextVar[_Tell | None] = ContextVar("listener", default=None)


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
    found = facts(dataset, query)
    raised: list[RerunException | StopException] = []
    began, last = time.monotonic(), SolveReport()

    def tell(**news: Any) -> None:  # noqa: ANN401 (fields of a report)
        # How Streamlit ends a run; the solver is no place for that: it waits until it has ended.
        nonlocal last
        last = replace(last, seconds=time.monotonic() - began, **news)
        try:
            if not raised and (listener := _listener.get()) is not None:
                listener(last)
        except (RerunException, StopException) as error:
            raised.append(error)

    def goes_on(bound: float, best: float, _seconds: float) -> bool:
        tell(bound=bound, best=best)
        return not raised

    def tell_part(part: str, done: int, total: int) -> None:
        tell(part=part, done=done, total=total)

    effort = SolveEffort(time_limit=float(query.seconds), progress=goes_on, part_progress=tell_part)
    made = site_answer(dataset_places(dataset), dataset, found, query=query, effort=effort)
    if raised:
        raise raised[0]
    return made


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
