"""How firm a plan is: the curve over the number of sites, the share of lists, bands and standards.

The best sites of every possible list, how often each place is among them (选中率), and the sites
whose greatest shortfall over the lists is least (minimax regret: Savage 1951, The theory of
statistical decision; for location, Averbakh and Berman 1997, Minimax regret p-center location).
A share of lists is counted over the possible lists alone; it is no probability of the real world.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from network_map.completion.choice import Floats, Ints
from network_map.siting.budget import EvidencePart, SolveBudget, until_ended
from network_map.siting.limits import SiteLimits
from network_map.siting.models import SolveEffort
from network_map.siting.own_first_cover import (
    CoverRows,
    RegretSolved,
    greatest_cover,
    least_regret,
    relieved_rows,
)
from network_map.siting.plan import SitingPlan
from network_map.siting.provincial import (
    WEIGHTS,
    NetworkProblem,
    cover_rows,
    network_limits,
    network_plan,
)
from network_map.siting.query import SiteModel
from network_map.siting.solved import Solved, SolveStatus

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
