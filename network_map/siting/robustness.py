"""How firm a plan is: the curve over the number of sites, the share of lists, bands and standards.

The best sites of every possible list, how often each place is among them (选中率), and the sites
whose greatest shortfall over the lists is least (minimax regret: Savage 1951, The theory of
statistical decision; for location, Averbakh and Berman 1997, Minimax regret p-center location).
A share of lists is counted over the possible lists alone; it is no probability of the real world.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from network_map.completion.choice import Floats, Ints
from network_map.siting.models import FULL_PROOF, SolveEffort
from network_map.siting.own_first_cover import (
    CoverRows,
    RegretSolved,
    greatest_cover,
    least_regret,
    relieved_rows,
)
from network_map.siting.provincial import (
    WEIGHTS,
    NetworkProblem,
    cover_rows,
    network_limits,
    network_plan,
)
from network_map.siting.query import SiteModel
from network_map.siting.solved import SolveStatus

_ROUNDING = 1e-9
MOST_LISTS = 100
"""Lists that are solved one by one."""


def gain_curve(
    problem: NetworkProblem, *, most: int, effort: SolveEffort = FULL_PROOF
) -> pd.DataFrame:
    """Return what each further site adds: the best plan of every size, and the order of building.

    Parameters
    ----------
    problem
        The problem; its demand is what is maximised, whatever its model.
    most
        Largest number of new sites.
    effort
        Time of each solve.

    Returns
    -------
    pandas.DataFrame
        By ``site_count``: ``counties, residents, value_10k_yuan`` within the standard by the best
        plan in the mean of the lists, ``marginal_*`` against one site fewer, ``is_proven``;
        ``built_adcode`` the site that is added when every step stands on the last, ``built_*``
        what that order has gained, and ``loss`` of its demand against the best plan, as a share.
    """
    rows = cover_rows(problem)
    table = problem.weights[list(WEIGHTS)].fillna(0.0).to_numpy(dtype=np.float64)
    by_county = _mean_by_county(rows)
    built: list[int] = []
    found: list[dict[str, object]] = []
    before = np.zeros(len(WEIGHTS))
    for count in range(1, min(most, len(problem.candidates)) + 1):
        solved = greatest_cover(
            rows, rows.weight, network_limits(problem, count=count),
            time_limit=effort.time_limit, progress=effort.progress,
        )  # fmt: skip
        step = _next_built(problem, rows, built)
        built = built if step is None else [*built, step]
        sites = solved.sites.astype(np.int64)
        sums = (by_county * relieved_rows(rows, sites)) @ table[rows.county]
        order = np.array(built, dtype=np.int64)
        built_sums = (by_county * relieved_rows(rows, order)) @ table[rows.county]
        best = float(rows.weight @ relieved_rows(rows, sites))
        short = best - float(rows.weight @ relieved_rows(rows, order))
        found.append({
            "site_count": count,
            **dict(zip(WEIGHTS, sums, strict=True)),
            **{f"marginal_{n}": v for n, v in zip(WEIGHTS, sums - before, strict=True)},
            "is_proven": solved.status is SolveStatus.OPTIMAL,
            "built_adcode": None if step is None else problem.lists.places[step],
            **{f"built_{n}": v for n, v in zip(WEIGHTS, built_sums, strict=True)},
            "loss": max(short, 0.0) / best if best > 0 else 0.0,
        })  # fmt: skip
        before = sums
    return pd.DataFrame(found)


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
    problem: NetworkProblem, rows: CoverRows, *, count: int, effort: SolveEffort = FULL_PROOF
) -> ListChoices:
    """Return the best sites of each list by maximal covering; lists that ask the same once.

    Parameters
    ----------
    problem, rows
        The problem and its rows; the first :data:`MOST_LISTS` lists are taken.
    count
        Number of new sites.
    effort
        Time of each solve.
    """
    tables = rows.weight_by_list[:MOST_LISTS]
    limits = network_limits(problem, count=count)
    seen: dict[bytes, tuple[float, Ints, bool]] = {}
    best, chosen = np.zeros(len(tables)), np.zeros((len(tables), len(problem.lists.places)), "bool")
    is_proven = True
    for number, weight in enumerate(tables):
        key = weight.tobytes()
        if key not in seen:
            solved = greatest_cover(rows, weight, limits, time_limit=effort.time_limit)
            sites = solved.sites.astype(np.int64)
            value = float(weight @ relieved_rows(rows, sites))
            seen[key] = (value, sites, solved.status is SolveStatus.OPTIMAL)
        best[number], sites, proven = seen[key]
        chosen[number, sites] = True
        is_proven &= proven
    return ListChoices(best, chosen, is_proven)


def regret_plan(
    problem: NetworkProblem, *, count: int, effort: SolveEffort = FULL_PROOF
) -> tuple[RegretSolved, Floats]:
    """Return the sites with the least greatest regret, and the best gain of each list.

    Parameters
    ----------
    problem
        The problem; the first :data:`MOST_LISTS` lists are taken.
    count
        Number of new sites.
    effort
        Time of each solve.
    """
    rows = first_lists(cover_rows(problem))
    best = list_choices(problem, rows, count=count, effort=effort).best
    limits = network_limits(problem, count=count)
    found = least_regret(rows, best, limits, time_limit=effort.time_limit)
    return found, best


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
    effort: SolveEffort = FULL_PROOF,
    most_lists: int = MOST_LISTS,
) -> pd.DataFrame:
    """Return how often each place is chosen over lists, bands of distance and standards.

    Parameters
    ----------
    problems
        The same question with other bands and standards, each with its lists.
    effort
        Time of each solve.
    most_lists
        How many lists of each problem are taken.

    Returns
    -------
    pandas.DataFrame
        By ``place_adcode``: ``share`` of all solves in which it is chosen, and ``solves``, their
        number. The models that look at distances are solved once for each problem.
    """
    chosen: dict[str, float] = {}
    solves = 0
    for problem in problems:
        if problem.query.model is SiteModel.MCLP:
            rows = first_lists(cover_rows(problem), most_lists)
            found = list_choices(problem, rows, count=problem.query.count, effort=effort)
            table, names = found.is_chosen, problem.lists.places
        else:
            plan = network_plan(problem, effort=effort)
            names = problem.lists.places
            table = np.isin(np.array(names), np.array(plan.sites))[None, :]
        solves += len(table)
        for name, many in zip(names, table.sum(axis=0), strict=True):
            chosen[name] = chosen.get(name, 0.0) + float(many)
    shares = pd.Series(chosen, dtype="float64") / max(solves, 1)
    return pd.DataFrame(
        {"place_adcode": list(shares.index), "share": shares.to_numpy(), "solves": solves}
    )
