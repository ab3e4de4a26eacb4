"""What stands behind a plan, found by solving again and again within one time limit.

How often its sites are chosen, what would overturn them, what each further site adds, the sites of
least regret. Where the time does not reach, a part is missing and said to be: no share of some of
the lists is ever told as one of all.

The best sites of every possible list, how often each place is among them (选中率), and the sites
whose greatest shortfall over the lists is least (minimax regret: Savage 1951, The theory of
statistical decision; for location, Averbakh and Berman 1997, Minimax regret p-center location).
A share of lists is counted over the possible lists alone; it is no probability of the real world.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

import numpy as np
import pandas as pd

from network_map.completion.choice import Floats, Ints
from network_map.gaps.facts import GapFacts
from network_map.nodes.dataset import Dataset
from network_map.places.reference import Places
from network_map.siting.integer_models import (
    CoverRows,
    RegretSolved,
    greatest_cover,
    least_regret,
    relieved_rows,
)
from network_map.siting.problem import SitingPlan
from network_map.siting.provincial import (
    WEIGHTS,
    NetworkProblem,
    cover_rows,
    network_limits,
    network_plan,
    network_problem,
)
from network_map.siting.query import SiteBand, SiteModel, SitingQuery
from network_map.siting.reversal import Reversal, reversals
from network_map.siting.solving import (
    EvidencePart,
    SiteLimits,
    SolveBudget,
    Solved,
    SolveEffort,
    SolvesEndedError,
    SolveStatus,
    until_ended,
)

# --- how firm a plan is ---------------------------------------------------------------------------


_ROUNDING = 1e-9
_CURVE_COLUMNS = [
    "site_count", *WEIGHTS, *(f"marginal_{name}" for name in WEIGHTS), "is_proven",
    "built_adcode", *(f"built_{name}" for name in WEIGHTS), "loss",
]  # fmt: skip
MOST_LISTS = 100
"""Lists that are solved one by one."""


def gain_curve(
    problem: NetworkProblem, *, most: int, budget: SolveBudget | None = None
) -> pd.DataFrame:
    """Return what each further site adds: the best plan of every size, and the order of building.

    Parameters
    ----------
    problem
        The problem; its demand is what is maximised, whatever its model.
    most
        Largest number of new sites.
    budget
        Time of all solves together; without end by default. What it does not reach is left out.

    Returns
    -------
    pandas.DataFrame
        By ``site_count``: ``counties, residents, value_10k_yuan`` within the standard by the best
        plan in the mean of the lists, ``marginal_*`` against one site fewer, ``is_proven``;
        ``built_adcode`` the site that is added when every step stands on the last, ``built_*``
        what that order has gained, and ``loss`` of its demand against the best plan, as a share.
    """
    most = min(most, len(problem.candidates))
    spent = SolveBudget() if budget is None else budget
    spent.begin(EvidencePart.CURVE, most)
    found, _ = until_ended(_curve_rows(problem, most, spent))
    return pd.DataFrame(found, columns=_CURVE_COLUMNS)


def _curve_rows(
    problem: NetworkProblem, most: int, budget: SolveBudget
) -> Iterator[dict[str, object]]:
    rows = cover_rows(problem)
    table = problem.weights[list(WEIGHTS)].fillna(0.0).to_numpy(dtype=np.float64)
    by_county = _mean_by_county(rows)
    built: list[int] = []
    before = np.zeros(len(WEIGHTS))
    for count in range(1, most + 1):
        solved = budget.solved(
            partial(_cover_solved, rows, rows.weight, network_limits(problem, count=count))
        )
        step = _next_built(problem, rows, built)
        built = built if step is None else [*built, step]
        sites = solved.sites.astype(np.int64)
        sums = (by_county * relieved_rows(rows, sites)) @ table[rows.county]
        order = np.array(built, dtype=np.int64)
        built_sums = (by_county * relieved_rows(rows, order)) @ table[rows.county]
        best = float(rows.weight @ relieved_rows(rows, sites))
        short = best - float(rows.weight @ relieved_rows(rows, order))
        yield {
            "site_count": count,
            **dict(zip(WEIGHTS, sums, strict=True)),
            **{f"marginal_{n}": v for n, v in zip(WEIGHTS, sums - before, strict=True)},
            "is_proven": solved.status is SolveStatus.OPTIMAL,
            "built_adcode": None if step is None else problem.lists.places[step],
            **{f"built_{n}": v for n, v in zip(WEIGHTS, built_sums, strict=True)},
            "loss": max(short, 0.0) / best if best > 0 else 0.0,
        }
        before = sums


def _cover_solved(
    rows: CoverRows, weight: Floats, limits: SiteLimits, effort: SolveEffort
) -> Solved:
    return greatest_cover(
        rows, weight, limits, time_limit=effort.time_limit, progress=effort.progress
    )


def _mean_by_county(rows: CoverRows) -> Floats:
    """Return in which share of the lists each row is out of reach: (R,)."""
    return np.asarray((rows.weight_by_list > 0).mean(axis=0), dtype=np.float64)


def _next_built(problem: NetworkProblem, rows: CoverRows, built: list[int]) -> int | None:
    """Return the site that adds the most to those built, None where none adds anything."""
    names = [problem.lists.places[one] for one in built]
    limits = network_limits(problem, count=1, kept=names, left_out=names)
    spare = limits.allowed
    if len(limits.upper):
        full = limits.rows_of(np.arange(len(spare))).toarray()[limits.upper < 1]
        spare = spare & ~full.any(axis=0)
    best, most = None, float(rows.weight @ relieved_rows(rows, np.array(built, dtype=np.int64)))
    for one in np.flatnonzero(spare):
        value = float(rows.weight @ relieved_rows(rows, np.array([*built, one], dtype=np.int64)))
        if value > most + _ROUNDING:
            best, most = int(one), value
    return best


@dataclass(frozen=True, slots=True, eq=False)
class ListChoices:
    """The best sites of each of some possible lists.

    Parameters
    ----------
    best
        What they gain in it: (L,).
    is_chosen
        Whether a place is among them: (L, m).
    is_proven
        Whether every one of them is proven.
    """

    best: Floats
    is_chosen: "np.ndarray"
    is_proven: bool


def list_choices(
    problem: NetworkProblem, rows: CoverRows, *, count: int, budget: SolveBudget | None = None
) -> ListChoices:
    """Return the best sites of each list by maximal covering; lists that ask the same once.

    Parameters
    ----------
    problem, rows
        The problem and its rows; the first :data:`MOST_LISTS` lists are taken.
    count
        Number of new sites.
    budget
        Time of all solves together; without end by default.

    Raises
    ------
    SolvesEndedError
        If the budget ends before every list is solved: a part of them says nothing of all.
    """
    spent = SolveBudget() if budget is None else budget
    tables = rows.weight_by_list[:MOST_LISTS]
    limits = network_limits(problem, count=count)
    seen: dict[bytes, tuple[float, Ints, bool]] = {}
    best, chosen = np.zeros(len(tables)), np.zeros((len(tables), len(problem.lists.places)), "bool")
    is_proven = True
    for number, weight in enumerate(tables):
        key = weight.tobytes()
        if key not in seen:
            solved = spent.solved(partial(_cover_solved, rows, weight, limits))
            sites = solved.sites.astype(np.int64)
            value = float(weight @ relieved_rows(rows, sites))
            seen[key] = (value, sites, solved.status is SolveStatus.OPTIMAL)
        best[number], sites, proven = seen[key]
        chosen[number, sites] = True
        is_proven &= proven
    return ListChoices(best, chosen, is_proven)


def list_solves(rows: CoverRows) -> int:
    """Return how many solves the first :data:`MOST_LISTS` lists take: those alike are one."""
    return len({weight.tobytes() for weight in rows.weight_by_list[:MOST_LISTS]})


def regret_plan(
    problem: NetworkProblem,
    *,
    count: int,
    budget: SolveBudget | None = None,
    choices: ListChoices | None = None,
) -> tuple[RegretSolved, Floats]:
    """Return the sites with the least greatest regret, and the best gain of each list.

    Parameters
    ----------
    problem
        The problem; the first :data:`MOST_LISTS` lists are taken.
    count
        Number of new sites.
    budget
        Time of all solves together; without end by default.
    choices
        The best sites of each list where they are known; solved by default.

    Raises
    ------
    SolvesEndedError
        If the budget ends before the best of every list is known, or before any sites are found.
    """
    spent = SolveBudget() if budget is None else budget
    rows = first_lists(cover_rows(problem))
    if choices is None:
        choices = list_choices(problem, rows, count=count, budget=spent)
    best, limits = choices.best, network_limits(problem, count=count)
    spent.check()
    found = least_regret(
        rows, best, limits, time_limit=spent.remaining, progress=spent.goes_on
    )  # fmt: skip
    if not len(found.sites):
        spent.check()
    if not choices.is_proven and found.status is SolveStatus.OPTIMAL:
        found = replace(found, status=SolveStatus.TIME_LIMIT)
    return found, best


def _planned(problem: NetworkProblem, effort: SolveEffort) -> SitingPlan:
    return network_plan(problem, effort=effort)


def first_lists(rows: CoverRows, most_lists: int = MOST_LISTS) -> CoverRows:
    """Return the rows in the first lists alone."""
    return replace(rows, weight_by_list=rows.weight_by_list[:most_lists])


def greatest_regret(rows: CoverRows, best: Floats, sites: Ints) -> float:
    """Return how far some sites fall short of the best of a list, where that is most."""
    gained = rows.weight_by_list @ relieved_rows(rows, sites)
    return float(np.max(best - gained, initial=0.0))


def selection_shares(
    problems: Sequence[NetworkProblem],
    *,
    budget: SolveBudget | None = None,
    most_lists: int = MOST_LISTS,
) -> pd.DataFrame:
    """Return how often each place is chosen over lists, bands of distance and standards.

    Parameters
    ----------
    problems
        The same question with other bands and standards, each with its lists.
    budget
        Time of all solves together; without end by default.
    most_lists
        How many lists of each problem are taken.

    Returns
    -------
    pandas.DataFrame
        By ``place_adcode``: ``share`` of all solves in which it is chosen, and ``solves``, their
        number. The models that look at distances are solved once for each problem.

    Raises
    ------
    SolvesEndedError
        If the budget ends before all of them are solved: a part of them is no share of all.
    """
    spent = SolveBudget() if budget is None else budget
    chosen: dict[str, float] = {}
    solves = 0
    for problem in problems:
        if problem.query.model is SiteModel.MCLP:
            rows = first_lists(cover_rows(problem), most_lists)
            found = list_choices(problem, rows, count=problem.query.count, budget=spent)
            table, names = found.is_chosen, problem.lists.places
        else:
            plan = spent.solved(partial(_planned, problem))
            names = problem.lists.places
            table = np.isin(np.array(names), np.array(plan.sites))[None, :]
        solves += len(table)
        for name, many in zip(names, table.sum(axis=0), strict=True):
            chosen[name] = chosen.get(name, 0.0) + float(many)
    shares = pd.Series(chosen, dtype="float64") / max(solves, 1)
    return pd.DataFrame(
        {"place_adcode": list(shares.index), "share": shares.to_numpy(), "solves": solves}
    )


# --- all of it within one time limit --------------------------------------------------------------


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
        As :func:`~network_map.siting.evidence.gain_curve`; None where it was not asked for.
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
