"""What stands behind a plan, found by solving again and again within one time limit.

How often its sites are chosen, what would overturn them, what each further site adds, the sites of
least regret. Where the time does not reach, a part is missing and said to be: no share of some of
the lists is ever told as one of all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import pandas as pd

from network_map.gaps.facts import GapFacts
from network_map.nodes.dataset import Dataset
from network_map.places.reference import Places
from network_map.siting.budget import EvidencePart, SolveBudget, SolvesEndedError
from network_map.siting.models import SolveEffort
from network_map.siting.plan import SitingPlan
from network_map.siting.provincial import NetworkProblem, cover_rows, network_problem
from network_map.siting.query import SiteBand, SiteModel, SitingQuery
from network_map.siting.reversal import Reversal, reversals
from network_map.siting.robustness import (
    MOST_LISTS,
    ListChoices,
    first_lists,
    gain_curve,
    greatest_regret,
    list_choices,
    list_solves,
    regret_plan,
    selection_shares,
)
from network_map.siting.solved import SolveStatus

CURVE_SITES = 8
"""Sites that a curve goes up to at least."""
STANDARD_SHARES = (0.8, 1.0, 1.2)
"""Standards around the one in force at which a plan is solved anew."""
ROBUST_LISTS = 20
"""Possible lists at each of them."""
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True, eq=False)
class LeastRegret:
    """The sites that fall short of the best of any possible list by least, and by how much.

    Parameters
    ----------
    sites
        Their codes.
    regret, plan_regret
        Their greatest shortfall over the lists, and that of the plan, in what the model counts.
    is_proven
        Whether no other sites have a smaller one.
    list_count
        Lists that were looked at.
    """

    sites: tuple[str, ...]
    regret: float
    plan_regret: float
    is_proven: bool
    list_count: int


@dataclass(frozen=True, slots=True)
class UnfinishedPart:
    """A part of the evidence that the time did not reach.

    Parameters
    ----------
    part
        Which.
    done, total
        Solves that were made and solves in all; 0 in all where nobody knows.
    """

    part: EvidencePart
    done: int
    total: int


@dataclass(frozen=True, slots=True, eq=False)
class SiteEvidence:
    """What stands behind a plan.

    Parameters
    ----------
    chosen, robust
        In which share of the possible lists, and of settings around the query's, each place is
        chosen; None where that says nothing, was not asked for or is not finished.
    reversals
        What would overturn the plan, every one confirmed.
    curve
        As :func:`~network_map.siting.robustness.gain_curve`; None where it was not asked for.
    regret
        The plan of least regret; None with a complete list, without evidence or unfinished.
    unfinished
        The parts that were begun, or should have been, and are not complete.
    """

    chosen: Mapping[str, float] | None = None
    robust: Mapping[str, float] | None = None
    reversals: tuple[Reversal, ...] = ()
    curve: pd.DataFrame | None = None
    regret: LeastRegret | None = None
    unfinished: tuple[UnfinishedPart, ...] = ()


def has_reversals(problem: NetworkProblem) -> bool:
    """Return whether what would overturn a plan can be looked for.

    With open lists a turn must be told from the accident of which were drawn, which is known for
    maximal covering; backup covering takes two solves whose goals are of two kinds.
    """
    model = problem.query.model
    return model is SiteModel.MCLP or not (problem.is_open or model is SiteModel.LSCP_BACKUP)


def site_evidence(
    places: Places,
    dataset: Dataset,
    facts: GapFacts,
    problem: NetworkProblem,
    plan: SitingPlan,
    *,
    effort: SolveEffort,
) -> SiteEvidence:
    """Return what stands behind a plan.

    Parameters
    ----------
    places, dataset, facts
        What the problem was made from.
    problem, plan
        The problem and its plan.
    effort
        Seconds for all of it together, and who watches; a plan whose solve was cancelled gets
        none.
    """
    limit = 0.0 if plan.status is SolveStatus.CANCELLED else effort.time_limit
    search = _Search(problem, plan, SolveBudget(replace(effort, time_limit=limit)))
    query = problem.query
    is_cover = query.model is SiteModel.MCLP
    wants_more = query.evidence and bool(plan.sites)
    choices = None
    if is_cover and problem.is_open:
        choices = search.part(EvidencePart.CHOSEN, search.choices)
    curve = search.part(EvidencePart.CURVE, search.curve) if query.evidence else None
    robust, regret = None, None
    if wants_more:

        def around() -> Mapping[str, float]:
            return _robust(places, dataset, facts, query, search.budget)

        robust = search.part(EvidencePart.ROBUST, around)
    if wants_more and is_cover and problem.is_open:

        def least() -> LeastRegret | None:
            return search.least_regret(choices)

        regret = search.part(EvidencePart.REGRET, least)
    # Last, because it may take all the time there is.
    reversed_: tuple[Reversal, ...] = ()
    if wants_more and has_reversals(problem):
        reversed_ = search.part(EvidencePart.OVERTURN, search.reversals) or ()
    return SiteEvidence(
        chosen=None if choices is None else search.shares(choices),
        robust=robust,
        reversals=reversed_,
        curve=curve,
        regret=regret,
        unfinished=tuple(search.unfinished),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """The parts of one search, and those that did not come to their end."""

    problem: NetworkProblem
    plan: SitingPlan
    budget: SolveBudget
    unfinished: list[UnfinishedPart] = field(default_factory=list)

    def part(self, part: EvidencePart, find: Callable[[], _Found]) -> _Found | None:
        """Return a part, None where the time does not reach."""
        self.budget.begin(part)
        try:
            return find()
        except SolvesEndedError:
            self.stop(part)
            return None

    def stop(self, part: EvidencePart) -> None:
        """Say that a part is not complete."""
        self.unfinished.append(UnfinishedPart(part, self.budget.done, self.budget.total))

    def choices(self) -> ListChoices:
        rows = first_lists(cover_rows(self.problem))
        self.budget.begin(EvidencePart.CHOSEN, list_solves(rows))
        return list_choices(self.problem, rows, count=self.problem.query.count, budget=self.budget)

    def shares(self, choices: ListChoices) -> Mapping[str, float]:
        chosen = choices.is_chosen.mean(axis=0)
        return dict(zip(self.problem.lists.places, map(float, chosen), strict=True))

    def reversals(self) -> tuple[Reversal, ...]:
        self.budget.check()
        found = reversals(self.problem, self.plan.sites, budget=self.budget)
        if not found.is_complete:
            self.stop(EvidencePart.OVERTURN)
        return found.reversals

    def curve(self) -> pd.DataFrame:
        most = max(self.problem.query.count, CURVE_SITES)
        curve = gain_curve(self.problem, most=most, budget=self.budget)
        if len(curve) < self.budget.total:
            self.stop(EvidencePart.CURVE)
        return curve

    def least_regret(self, choices: ListChoices | None) -> LeastRegret | None:
        self.budget.check()
        problem = self.problem
        found, best = regret_plan(
            problem, count=problem.query.count, budget=self.budget, choices=choices
        )
        if not len(found.sites):
            return None
        rows = first_lists(cover_rows(problem))
        return LeastRegret(
            sites=tuple(problem.lists.places[int(one)] for one in found.sites),
            regret=found.regret,
            plan_regret=greatest_regret(rows, best, problem.numbers(self.plan.sites)),
            is_proven=found.status is SolveStatus.OPTIMAL,
            list_count=min(MOST_LISTS, problem.list_count),
        )


def _robust(
    places: Places, dataset: Dataset, facts: GapFacts, query: SitingQuery, budget: SolveBudget
) -> Mapping[str, float]:
    """Return how often each place is chosen over ends of the band and standards around."""
    problems: list[NetworkProblem] = []
    for band in (SiteBand.LOW, SiteBand.ESTIMATE, SiteBand.HIGH):
        budget.check()
        asked = replace(query, band=band)
        problem = network_problem(places, dataset, facts, query=asked)
        for share in STANDARD_SHARES if query.model.has_standard else (1.0,):
            standard = problem.lists.standard_km * share
            lists = replace(problem.lists, standard_km=standard)
            problems.append(replace(problem, lists=lists))
    budget.begin(EvidencePart.ROBUST, _settings(problems))
    found = selection_shares(problems, budget=budget, most_lists=ROBUST_LISTS)
    return dict(zip(found["place_adcode"], found["share"], strict=True))


def _settings(problems: Sequence[NetworkProblem]) -> int:
    """Return at most how many solves these problems take."""
    if problems[0].query.model is not SiteModel.MCLP:
        return len(problems)
    return sum(min(problem.list_count, ROBUST_LISTS) for problem in problems)
