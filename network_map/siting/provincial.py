"""Site selection for a kind of node of a data set: the gap map's own distances, rule and lists.

What the gap map calls out of reach is what the covering models relieve: the same distances and
bands, the rule of the kind, higher tiers that serve, and the same drawn lists where names are not
public. One more node by ``mclp`` is the gap map's next node.

Over possible lists the covering models maximise the mean gain, the p-median the mean distance; the
p-center looks at the list that is worst for each county, set covering at every list at once.

Whatever model chose the sites, gaps are judged as on the gap map: by the rule of the kind, with
higher tiers serving, over the same lists. By *own prefecture first* a new node can make a county
worse off; such counties are told, never set off.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from network_map.completion.choice import Floats, Ints
from network_map.errors import QueryError
from network_map.gaps.answer import scores_of
from network_map.gaps.facts import GapFacts
from network_map.gaps.next_node import (
    RANGE,
    DrawnLists,
    drawn_lists,
    gain_weights,
    out_of_reach,
    serving_km,
)
from network_map.gaps.reach import seats_of
from network_map.nodes.dataset import Dataset
from network_map.places.reference import Places, kind_names
from network_map.siting.integer_models import (
    CoverRows,
    fewest_sites,
    greatest_cover,
    relieved_rows,
)
from network_map.siting.models import lscp_backup
from network_map.siting.p_center_solver import solve_p_center
from network_map.siting.p_median_solver import solve_p_median
from network_map.siting.problem import SiteRules, SitingPlan
from network_map.siting.query import SiteDemand, SiteModel, SitingQuery
from network_map.siting.solving import FULL_PROOF, SiteLimits, Solved, SolveEffort, SolveStatus

WEIGHTS = ("counties", "residents", "value_10k_yuan")
"""What a gain is told in."""


@dataclass(frozen=True, slots=True, eq=False)
class NetworkProblem:
    """Where new nodes of a kind may go, and whom they would reach in each possible list.

    Parameters
    ----------
    query
        What was asked for.
    lists
        The lists as the counties see them, closures and additions of the query in them.
    weights
        ``counties, residents, value_10k_yuan`` of each county, indexed by code.
    demand
        What each county counts for the model, indexed by code.
    candidates
        Places that may get a new node.
    prefecture_of
        Prefecture of each place and county.
    is_open
        Whether names of a list that decides are not public.
    """

    query: SitingQuery
    lists: DrawnLists
    weights: pd.DataFrame
    demand: pd.Series
    candidates: tuple[str, ...]
    prefecture_of: Mapping[str, str]
    is_open: bool

    @property
    def list_count(self) -> int:
        """Number of possible lists."""
        return len(self.lists.has_node)

    def numbers(self, places: Sequence[str]) -> Ints:
        """Return the numbers of places among those of the lists."""
        order = {place: number for number, place in enumerate(self.lists.places)}
        return np.array([order[place] for place in places], dtype=np.int64)


def network_problem(
    places: Places, dataset: Dataset, facts: GapFacts, *, query: SitingQuery
) -> NetworkProblem:
    """Return the problem of a query.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    facts
        What :func:`~network_map.gaps.facts.gap_facts` returned for ``query.gap_query``.
    query
        What is asked for.

    Raises
    ------
    QueryError
        If a list has no published total to be drawn from, the demand is not known, nothing is
        left to choose from, or fewer places are left than new sites are asked for.
    """
    kind = query.kind
    if not all(facts.by_kind[one].has_lists for one in {kind, SUB}):
        name = kind_names(dataset.node_kinds, query.language)[kind]
        raise QueryError("gap_next_unknown", kind=name)
    lists = drawn_lists(
        places, dataset, facts, kind, draws=query.draws, seed=query.seed,
        band=query.distance_band,
    )  # fmt: skip
    lists = changed_lists(lists, added=query.added, closed=query.closed)
    parents = places.divisions.set_index("adcode")["parent_adcode"]
    prefecture_of = {code: str(parents[code]) for code in lists.adcodes}
    if kind == SUB:
        prefecture_of |= {place: place for place in lists.places}
    candidates = _candidates(places, lists, prefecture_of, query)
    if query.model.has_count and query.count > len(candidates):
        raise QueryError("site_count_large", found=query.count, most=len(candidates))
    if not candidates:
        raise QueryError("site_no_candidates")
    weights = gain_weights(places, facts)
    weights.insert(0, "counties", 1.0)
    return NetworkProblem(
        query=query,
        lists=lists,
        weights=weights,
        demand=_demand(places, dataset, facts, weights, query=query, lists=len(lists.has_node)),
        candidates=candidates,
        prefecture_of=prefecture_of,
        is_open=len(lists.has_node) > 1,
    )


SUB = "sub_market"


def changed_lists(
    lists: DrawnLists, *, added: Sequence[str] = (), closed: Sequence[str] = ()
) -> DrawnLists:
    """Return the lists with nodes taken away from some places, and one given to others.

    Raises
    ------
    QueryError
        If a place is none of the kind's.
    """
    order = {place: number for number, place in enumerate(lists.places)}
    if unknown := [place for place in (*added, *closed) if place not in order]:
        raise QueryError("site_place_level", found="、".join(unknown))
    if not (added or closed):
        return lists
    has_node = lists.has_node.copy()
    has_node[:, [order[place] for place in closed]] = False
    has_node[:, [order[place] for place in added]] = True
    return replace(lists, has_node=has_node)


def _candidates(
    places: Places, lists: DrawnLists, prefecture_of: Mapping[str, str], query: SitingQuery
) -> tuple[str, ...]:
    """Return the places that lack a node in some list and are not excluded.

    A place is excluded itself, by its prefecture, or by the county in which its node would stand.
    """
    lacking = lists.has_node.sum(axis=0) < len(lists.has_node)
    seats, out = seats_of(places), set(query.excluded) | set(query.closed)
    return tuple(
        place
        for place, lacks in zip(lists.places, lacking, strict=True)
        if lacks
        and not out & {place, prefecture_of[place], seats.get(place, place)}
        and query.prefecture_adcode in {None, prefecture_of[place]}
    )


def _demand(
    places: Places,
    dataset: Dataset,
    facts: GapFacts,
    weights: pd.DataFrame,
    *,
    query: SitingQuery,
    lists: int,
) -> pd.Series:
    """Return what each county counts.

    Counties count alike; so that of plans with as many the one with more residents is chosen, all
    residents together weigh less than one county in one of the lists.
    """
    residents = weights["residents"].fillna(0.0)
    if query.demand is SiteDemand.COUNTIES:
        if not query.model.has_standard:
            return weights["counties"]
        return 1.0 + residents / (1.0 + float(residents.sum())) / (2.0 * lists)
    if query.demand is SiteDemand.RESIDENTS:
        return residents
    if query.demand is SiteDemand.GDP:
        gdp = places.county_indicators.set_index("adcode")["gdp_2021_100m"]
        return gdp.reindex(weights.index).astype("float64").fillna(0.0)
    if query.demand is SiteDemand.CONTRACTS:
        if facts.activity is None:
            raise QueryError("site_no_register", dataset=dataset.name)
        return weights["value_10k_yuan"].fillna(0.0)
    scores = scores_of(facts, query.gap_query)
    if scores["rank"].isna().all():
        raise QueryError("site_priority_noise", dataset=dataset.name)
    return scores["score"].reindex(weights.index).astype("float64").fillna(0.0)


def cover_rows(problem: NetworkProblem, *, standard_km: float | None = None) -> CoverRows:
    """Return what new nodes would do to the counties out of reach, list by list.

    A county out of reach is told apart by whether its prefecture has a node already: with one, by
    the rule *own prefecture first*, only another of its own can help.

    Parameters
    ----------
    problem
        The problem.
    standard_km
        Another standard than the query's.
    """
    lists = problem.lists
    if standard_km is not None:
        lists = replace(lists, standard_km=standard_km)
    n, m = lists.low_km.shape
    within = lists.low_km <= lists.standard_km
    own = np.zeros((n, m), dtype=np.bool_) if lists.is_own is None else lists.is_own
    has_own = lists.has_node.astype(np.float32) @ own.T.astype(np.float32) > 0
    is_gap = out_of_reach(lists)
    demand = problem.demand.to_numpy(dtype=np.float64)
    alone = np.concatenate([is_gap & ~has_own, is_gap & has_own], axis=1) * np.tile(demand, 2)
    return CoverRows(
        county=np.tile(np.arange(n), 2),
        covers=np.vstack([within, within & own]),
        own_covers=np.vstack([within & own, within & own]),
        blocks=np.vstack([own & ~within, np.zeros((n, m), dtype=np.bool_)]),
        weight_by_list=alone,
    )


def network_limits(
    problem: NetworkProblem,
    *,
    count: int | None,
    kept: Sequence[str] = (),
    left_out: Sequence[str] = (),
) -> SiteLimits:
    """Return what may be chosen.

    Parameters
    ----------
    problem
        The problem.
    count
        Most new sites, the kept ones not counted; None for any number.
    kept, left_out
        Places that every plan shall have, and places that none may have.
    """
    m = len(problem.lists.places)
    fixed, allowed = np.zeros(m, dtype=np.bool_), np.zeros(m, dtype=np.bool_)
    allowed[problem.numbers(problem.candidates)] = True
    allowed[problem.numbers(left_out)] = False
    fixed[problem.numbers(kept)] = True
    rows, upper = None, np.zeros(0)
    if problem.query.most_per_prefecture:
        areas = [problem.prefecture_of[place] for place in problem.lists.places]
        kinds = sorted({area for area, may in zip(areas, allowed, strict=True) if may})
        table = np.array([[float(area == one) for area in areas] for one in kinds])
        held = table @ fixed.astype(np.float64)
        rows = sparse.csr_array(table)
        upper = np.maximum(problem.query.most_per_prefecture - held, 0.0)
    return SiteLimits(fixed=fixed, allowed=allowed, count=count, rows=rows, upper=upper)


def network_plan(problem: NetworkProblem, *, effort: SolveEffort = FULL_PROOF) -> SitingPlan:
    """Return the plan of a problem: new sites first by what they add.

    Parameters
    ----------
    problem
        What :func:`network_problem` returned.
    effort
        Time, gap and progress.

    Returns
    -------
    SitingPlan
        ``assignment`` says which place's node serves each county where the list is complete.
        ``blocking`` names the counties that set covering cannot bring within the standard.

    Raises
    ------
    QueryError
        If the model cannot be used with lists that are not public.
    """
    query = problem.query
    if query.model is SiteModel.LSCP_BACKUP:
        return _backup_plan(problem, effort)
    if query.model in {SiteModel.P_MEDIAN, SiteModel.P_CENTER}:
        return _distance_plan(problem, effort)
    rows = cover_rows(problem)
    blocking: tuple[str, ...] = ()
    if query.model is SiteModel.MCLP:
        solved = greatest_cover(
            rows, rows.weight, network_limits(problem, count=query.count),
            time_limit=effort.time_limit, progress=effort.progress,
        )  # fmt: skip
    else:
        solved = fewest_sites(
            rows, network_limits(problem, count=None), time_limit=effort.time_limit,
            progress=effort.progress,
        )  # fmt: skip
        is_left = (rows.weight > 0) & ~relieved_rows(rows, solved.sites.astype(np.int64))
        blocking = tuple(problem.lists.adcodes[i] for i in np.unique(rows.county[is_left]))
    return _told(problem, rows, solved, blocking)


def _told(
    problem: NetworkProblem, rows: CoverRows, solved: Solved, blocking: tuple[str, ...] = ()
) -> SitingPlan:
    sites = sites_by_gain(problem, rows, solved.sites.astype(np.int64))
    objective = solved.objective
    is_counted = problem.query.demand is SiteDemand.COUNTIES and np.isfinite(objective)
    if problem.query.model is SiteModel.MCLP and is_counted:
        # The residents that break ties are no part of what is told.
        relieved = relieved_rows(rows, solved.sites.astype(np.int64))
        objective = float((rows.weight_by_list[:, relieved] > 0).sum(axis=1).mean())
    return SitingPlan(
        method=problem.query.model.value,
        sites=sites,
        fixed=_standing(problem),
        assignment=served_by(problem, sites),
        objective=objective,
        status=solved.status,
        bound=objective if solved.status is SolveStatus.OPTIMAL else solved.bound,
        gap=solved.gap,
        seconds=solved.seconds,
        blocking=blocking,
    )


def sites_by_gain(problem: NetworkProblem, rows: CoverRows, sites: Ints) -> tuple[str, ...]:
    """Return sites in the order in which each adds the most to those before it."""
    left, order = [int(one) for one in sites], list[int]()
    while left:
        gains = [rows.weight @ relieved_rows(rows, np.array([*order, one])) for one in left]
        order.append(left.pop(int(np.argmax(gains))))
    return tuple(problem.lists.places[one] for one in order)


def _standing(problem: NetworkProblem) -> tuple[str, ...]:
    """Return the places that have a node in every list."""
    certain = problem.lists.has_node.sum(axis=0) == problem.list_count
    return tuple(p for p, has in zip(problem.lists.places, certain, strict=True) if has)


def served_by(problem: NetworkProblem, sites: Sequence[str]) -> "pd.Series[str]":
    """Return the place whose node serves each county with some new sites, by the rule of the kind.

    Missing where lists are open, or where a higher tier serves better.
    """
    lists = problem.lists
    ids: list[str | None] = [None] * len(lists.adcodes)
    if not problem.is_open:
        has = changed_lists(lists, added=sites).has_node[0]
        cells = np.where(has, lists.low_km, np.inf)
        if lists.is_own is not None:
            own = np.where(lists.is_own, cells, np.inf)
            has_own = (lists.is_own & has).any(axis=1)
            cells = np.where(has_own[:, None], own, cells)
        nearest = cells.argmin(axis=1)
        km = cells[np.arange(len(cells)), nearest]
        higher = np.broadcast_to(np.atleast_2d(lists.higher_km), (1, len(cells)))[0]
        for row in np.flatnonzero(np.isfinite(km) & (km <= higher)):
            ids[row] = lists.places[nearest[row]]
    return pd.Series(ids, index=list(lists.adcodes), dtype="str", name="site_id")


def nearest_any_km(problem: NetworkProblem) -> Floats:
    """Return how far the nearest node is of each county in each list, whatever the rule: (L, n)."""
    lists = replace(problem.lists, is_own=None)
    return np.minimum(serving_km(lists), np.atleast_2d(lists.higher_km))


def _distance_plan(problem: NetworkProblem, effort: SolveEffort) -> SitingPlan:
    """Return the plan of the p-median or the p-center: to the nearest node, new or standing."""
    limits = network_limits(problem, count=problem.query.count)
    return _told(problem, cover_rows(problem), distance_solved(problem, limits, effort))


def distance_solved(problem: NetworkProblem, limits: SiteLimits, effort: SolveEffort) -> Solved:
    """Return the best sites of the p-median or the p-center under some limits.

    Parameters
    ----------
    problem, limits
        The problem, and what may be chosen.
    effort
        Time, gap and progress.
    """
    standing = nearest_any_km(problem)
    demand = problem.demand.to_numpy(dtype=np.float64)
    is_center = problem.query.model is SiteModel.P_CENTER
    if is_center:
        # What is worst over the lists without new nodes is worst with them.
        county, km, weight = np.arange(len(demand)), standing.max(axis=0), demand
    else:
        pairs = pd.DataFrame(
            {"county": np.tile(np.arange(len(demand)), len(standing)), "km": standing.ravel()}
        )
        counted = pairs.value_counts(sort=False).reset_index()
        county = counted["county"].to_numpy(dtype=np.int64)
        km = counted["km"].to_numpy(dtype=np.float64)
        weight = demand[county] * counted["count"].to_numpy() / len(standing)
    cost = np.column_stack([problem.lists.low_km[county], km])
    # One column more: the network as it stands.
    wide = SiteLimits(
        fixed=np.append(limits.fixed, True),
        allowed=np.append(limits.allowed, False),
        count=limits.count,
        rows=None if limits.rows is None
        else sparse.csr_array(sparse.hstack([limits.rows, np.zeros((len(limits.upper), 1))])),
        upper=limits.upper,
    )  # fmt: skip
    solve = solve_p_center if is_center else solve_p_median
    solved = solve(
        cost, weight, wide, time_limit=effort.time_limit, gap=effort.gap,
        progress=effort.progress,
    )  # fmt: skip
    return replace(solved, sites=solved.sites[solved.sites < len(problem.lists.places)])


def _backup_plan(problem: NetworkProblem, effort: SolveEffort) -> SitingPlan:
    """Return the plan with a second node within the standard for as many as possible."""
    if problem.is_open:
        raise QueryError("site_backup_lists")
    lists = problem.lists
    cost = pd.DataFrame(lists.low_km, index=list(lists.adcodes), columns=list(lists.places))
    usable = [*_standing(problem), *problem.candidates]
    reached = cost.loc[:, usable].min(axis=1) <= lists.standard_km
    groups = dict(problem.prefecture_of) if problem.query.most_per_prefecture else None
    rules = SiteRules(
        candidates=problem.candidates, groups=groups,
        most_per_group=problem.query.most_per_prefecture or None,
    )  # fmt: skip
    plan = lscp_backup(
        problem.demand.where(reached.to_numpy(), 0.0), cost, service_standard=lists.standard_km,
        fixed=_standing(problem), rules=rules, effort=effort,
    )  # fmt: skip
    out = tuple(code for code, is_reached in reached.items() if not is_reached)
    blocking = (*plan.blocking, *(str(code) for code in out))
    order = sites_by_gain(problem, cover_rows(problem), problem.numbers(plan.sites))
    return replace(plan, sites=order, blocking=blocking)


# --- what a change of the network does ------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class NetworkEffect:
    """What some change does.

    Parameters
    ----------
    shares
        ``gained_share, lost_share, open_share`` of the lists in which a county comes within the
        standard, drops out, is beyond it with the change; indexed by county, every county.
    gained
        By weight (``counties, residents, value_10k_yuan``): mean over the lists, and the ends of
        nine lists in ten.
    lost
        The same of what drops out.
    """

    shares: pd.DataFrame
    gained: Mapping[str, tuple[float, float, float]]
    lost: Mapping[str, tuple[float, float, float]]

    @property
    def gained_counties(self) -> tuple[str, ...]:
        """Codes of the counties that come within the standard in some list."""
        return tuple(self.shares.index[self.shares["gained_share"] > 0])

    @property
    def lost_counties(self) -> tuple[str, ...]:
        """Codes of the counties that drop out in some list."""
        return tuple(self.shares.index[self.shares["lost_share"] > 0])


def network_effect(
    problem: NetworkProblem,
    *,
    added: Sequence[str] = (),
    closed: Sequence[str] = (),
    before: DrawnLists | None = None,
) -> NetworkEffect:
    """Return what new nodes in some places and the end of others do.

    Parameters
    ----------
    problem
        The problem.
    added, closed
        Places that get a node, and places that lose theirs.
    before
        The network to compare with; that of the problem by default.

    Raises
    ------
    QueryError
        If a place is none of the kind's.
    """
    start = problem.lists if before is None else before
    old = out_of_reach(start)
    new = out_of_reach(changed_lists(problem.lists, added=added, closed=closed))
    gained, lost = old & ~new, new & ~old
    return NetworkEffect(
        shares=pd.DataFrame(
            {
                "gained_share": gained.mean(axis=0),
                "lost_share": lost.mean(axis=0),
                "open_share": new.mean(axis=0),
            },
            index=pd.Index(problem.lists.adcodes, name="adcode"),
        ),
        gained=_mean_and_range(gained, problem.weights),
        lost=_mean_and_range(lost, problem.weights),
    )


def _mean_and_range(
    changed: np.ndarray, weights: pd.DataFrame
) -> dict[str, tuple[float, float, float]]:
    table = weights[list(WEIGHTS)].fillna(0.0).to_numpy(dtype=np.float64)
    sums = changed.astype(np.float64) @ table
    low, high = np.quantile(sums, RANGE, axis=0, method="inverted_cdf")
    return {
        name: (float(mean), float(least), float(most))
        for name, mean, least, most in zip(WEIGHTS, sums.mean(axis=0), low, high, strict=True)
    }
