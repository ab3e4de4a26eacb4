"""p-median: the sites with the least sum of weight times cost to the nearest open one.

Hakimi (1964); ReVelle and Swain (1970). The compact model has a variable for each pair and does
not fit into memory at the size of a country. Here the answer is closed in from both sides: a
Lagrangian bound and vertex substitution, which shut most sites for good, then Benders cuts, linear
and then integer, until bound and objective meet.
"""

import numpy as np
from scipy import sparse

from network_map.crs import FloatArray
from network_map.siting.highs import HALF, ModelState
from network_map.siting.limits import IntArray, SiteLimits
from network_map.siting.p_median_branch import BranchAndCut
from network_map.siting.p_median_cuts import SHARE, CutModel
from network_map.siting.p_median_lagrangian import PricedBound, PriceSearch, priced_bound
from network_map.siting.p_median_problem import MedianProblem, median_problem
from network_map.siting.p_median_swap import (
    greedy_addition,
    reachable_cost,
    vertex_substitution,
)
from network_map.siting.set_cover_solver import fewest_columns
from network_map.siting.solved import (
    Solved,
    SolveProgress,
    SolveStatus,
    SolveWatch,
    no_plan,
    relative_gap,
)

PRICE_MOVES = (60, 60, 120, 240)
SWAP_WIDTH, SWAP_LEAST = 3, 150
# While the gap is wide the prices do not yet tell which columns are good: more are exchanged.
NEAR, SWAP_FAR = 0.01, 1_000
MOST_NODES = 400
WORTH_A_TRY = 3.0  # a rounded plan may be so many gaps dearer and still lead to a better one
LINEAR_ROUNDS = 60
ALMOST_SOLVED = 1e-6


def solve_p_median(
    cost: FloatArray,
    weight: FloatArray,
    limits: SiteLimits,
    *,
    time_limit: float | None = None,
    gap: float = 0.0,
    progress: SolveProgress | None = None,
    start: IntArray | None = None,
) -> Solved:
    """Return the sites with the least sum over demand points of weight times cost.

    Parameters
    ----------
    cost
        Shape (n, m), not negative, infinite where j cannot serve i.
    weight
        Shape (n,), not negative. Demand points of weight 0 need no site in reach.
    limits, time_limit, gap, progress, start
        As in `solve_max_cover`.

    Returns
    -------
    Solved
        ``objective`` is the weighted sum, ``bound`` a lower one. Infeasible if the limits leave a
        demand point of positive weight without a site in reach. Sites that serve nobody better
        are not opened, so that there may be fewer than ``limits.count``.
    """
    watch = SolveWatch(time_limit, progress)
    problem = median_problem(cost, weight, limits)
    search = _MedianSearch(problem, watch, gap)
    wished = np.zeros(0, dtype=np.intp) if start is None else np.asarray(start, dtype=np.intp)
    status = search.run(wished)
    if status is not None:
        bound = np.inf if status is SolveStatus.INFEASIBLE else search.bound * problem.scale
        return no_plan(status, len(cost), bound, watch)
    opened = np.sort(np.concatenate([np.flatnonzero(limits.fixed), search.sites]))
    assignment = np.full(len(cost), -1, dtype=np.intp)
    objective = 0.0
    if len(opened):
        at = cost[:, opened].argmin(axis=1)
        reached = cost[np.arange(len(cost)), opened[at]]
        assignment = np.where(np.isfinite(reached), opened[at], -1)
        counted = weight > 0
        objective = float(weight[counted] @ reached[counted])
    is_proven = search.bound >= problem.cutoff(search.best)
    bound = objective if is_proven else min(search.bound * problem.scale, objective)
    return Solved(
        status=SolveStatus.OPTIMAL if is_proven else watch.closing_status(objective, bound, gap),
        sites=opened,
        assignment=assignment,
        objective=objective,
        bound=bound,
        gap=relative_gap(objective, bound),
        seconds=watch.seconds,
    )


class _MedianSearch:
    """The closing in: ``best`` and ``bound`` in units of the problem's scale."""

    def __init__(self, problem: MedianProblem, watch: SolveWatch, gap: float) -> None:
        self.problem, self.watch, self.gap = problem, watch, gap
        self.sites = np.zeros(0, dtype=np.intp)
        self.best, self.bound = np.inf, 0.0
        self.prices = np.zeros(len(problem.cost))

    def is_closed(self) -> bool:
        """Whether bound and objective are as near as was asked for."""
        if not np.isfinite(self.best):
            return False
        is_proven = self.bound >= self.problem.cutoff(self.best)
        return is_proven or relative_gap(self.best, self.bound) <= self.gap

    def is_over(self, bound: float = np.nan, _best: float = np.nan) -> bool:
        """Report what is known and return whether to stop."""
        scale = self.problem.scale
        known = max(self.bound, bound) if np.isfinite(bound) else self.bound
        return self.watch.is_over(bound=known * scale, best=self.best * scale)

    def run(self, start: IntArray) -> SolveStatus | None:
        """Close in as far as time allows; return a status only if there is no plan at all."""
        problem = self.problem
        first = np.flatnonzero(np.isin(problem.columns, start))
        if problem.is_decided:
            self.bound = self.best = problem.decided_value
            return None if np.isfinite(self.best) else SolveStatus.INFEASIBLE
        if not np.isfinite(problem.cost).all():
            found, status = _columns_in_reach(problem, self.watch)
            if status is not None:
                return status
            first = found if not np.isfinite(problem.value(first)) else first
        cost, cap = reachable_cost(problem)
        self.take(greedy_addition(problem, cost, cap, first))
        if not np.isfinite(self.best):
            self.take(first)
        self.price()
        if not (self.is_closed() or self.is_over()):
            self.cut()
        return None

    def take(self, chosen: IntArray) -> None:
        """Keep these columns of the problem if they are the best so far."""
        value = self.problem.value(chosen)
        if value < self.best:
            self.best = value
            self.sites = np.concatenate([self.problem.forced, self.problem.columns[chosen]])

    def improve(self, chosen: IntArray, promise: FloatArray) -> None:
        """Try vertex substitution from these columns, among those that promise most.

        Parameters
        ----------
        chosen
            Columns to begin with.
        promise
            Shape (c,): the less, the sooner a column is in a good plan.
        """
        is_near = relative_gap(self.best, self.bound) <= NEAR
        most = SWAP_WIDTH * self.problem.count + (SWAP_LEAST if is_near else SWAP_FAR)
        promise = promise.copy()
        promise[chosen] = -np.inf
        kept = np.sort(np.argsort(promise, kind="stable")[:most])
        among = self.problem.only(kept)
        cost, cap = reachable_cost(among)
        first = np.searchsorted(kept, np.sort(chosen))
        self.take(kept[vertex_substitution(among, cost, cap, first, self.watch)])

    def shut_columns(self, priced: PricedBound) -> None:
        """Take decided columns out of the problem."""
        cutoff = self.problem.cutoff(self.best)
        forced = priced.if_shut >= cutoff
        shut = (priced.if_open >= cutoff) & ~forced
        self.problem = self.problem.without(shut, forced)
        self.close_if_decided()

    def close_if_decided(self) -> None:
        """Take the plan that is left when nothing is to be chosen any more."""
        if self.problem.is_decided:
            if not self.problem.is_overdrawn:
                self.take(_NONE)
            self.bound = self.best

    def price(self) -> None:
        """Raise the bound by prices, improve the plan by what they choose, shut columns."""
        search = PriceSearch(self.problem)
        for moves in PRICE_MOVES:
            priced = priced_bound(search, self.problem, self.best, self.watch, moves)
            self.bound = max(self.bound, priced.bound)
            self.improve(priced.chosen, priced.if_open)
            if self.is_closed() or self.is_over():
                return
            self.prices = priced.prices
            self.shut_columns(priced)
            if self.is_closed():
                return
            search.narrow(self.problem)

    def cut(self) -> None:
        """Close the gap by cuts."""
        master = CutModel(self.problem)
        master.add_around(np.minimum(self.prices, self.problem.cap))
        self.cut_linear(master)
        if not (self.is_closed() or self.is_over()):
            self.branch(master)
        if not (self.is_closed() or self.is_over()):
            self.cut_integer(master)

    def cut_linear(self, master: CutModel) -> None:
        """Solve the linear master problem to its end."""
        for turn in range(LINEAR_ROUNDS):
            outcome = master.solve(self.watch.remaining, self.is_over)
            if outcome.state is ModelState.INFEASIBLE:
                self.bound = self.best
            if outcome.values is None or not np.isfinite(outcome.bound):
                return
            self.bound = max(self.bound, min(outcome.bound, self.best))
            shares, paid = master.split(outcome.values)
            order = np.argsort(-shares, kind="stable")[: self.problem.count]
            costs = master.model.reduced_costs()[: len(shares)]
            self.improve_within(order[shares[order] > 0], costs - shares)
            if self.is_closed() or self.is_over():
                return
            shut = (outcome.bound + costs >= self.problem.cutoff(self.best)) & (shares < SHARE)
            if turn and turn % 3 == 0:
                master.drop_loose_cuts()
            if master.separate(shares, paid) <= ALMOST_SOLVED * abs(self.best):
                return
            if shut.any():
                master.shut(shut)
                self.problem = master.problem
                self.close_if_decided()
                if self.is_closed():
                    return

    def branch(self, master: CutModel) -> None:
        """Try out what the linear bound leaves open, as far as some hundred nodes go."""

        def take(shares: FloatArray, costs: FloatArray) -> float:
            order = np.argsort(-shares, kind="stable")[: self.problem.count]
            self.improve_within(order[shares[order] > SHARE], costs - shares)
            return self.best

        def is_over(bound: float) -> bool:
            self.bound = max(self.bound, min(bound, self.best))
            return self.is_closed() or self.is_over()

        search = BranchAndCut(master, take, self.problem.cutoff, is_over)
        reached = search.run(self.best, self.bound, lambda: self.watch.remaining, MOST_NODES)
        self.bound = max(self.bound, min(reached, self.best))

    def improve_within(self, chosen: IntArray, promise: FloatArray) -> None:
        """Try vertex substitution from the columns of a relaxed solution if that may help."""
        if self.problem.value(chosen) < self.best + WORTH_A_TRY * (self.best - self.bound):
            self.improve(chosen, promise)

    def cut_integer(self, master: CutModel) -> None:
        """Solve integer master problems until their bound meets the best plan."""
        while not (self.is_closed() or self.is_over()):
            chosen = np.flatnonzero(np.isin(self.problem.columns, self.sites))
            opened = np.zeros(len(self.problem.columns))
            opened[chosen] = 1.0
            master.separate(opened, np.zeros(len(self.problem.cost)))
            outcome = master.solve_integer(chosen, self.watch.remaining, self.is_over, self.gap)
            if outcome.state is ModelState.INFEASIBLE:
                # What was shut holds no better plan, and nothing is left.
                self.bound = self.best
            elif np.isfinite(outcome.bound):
                self.bound = max(self.bound, min(outcome.bound, self.best))
            if outcome.values is None:
                return
            shares, paid = master.split(outcome.values)
            found = np.flatnonzero(shares > HALF)
            self.take(found)
            master.separate(np.where(shares > HALF, 1.0, 0.0), paid)


_NONE = np.zeros(0, dtype=np.intp)


def _columns_in_reach(
    problem: MedianProblem, watch: SolveWatch
) -> tuple[IntArray, SolveStatus | None]:
    """Return columns with which every row is served, or the status that says there are none."""
    needy = problem.cost[~np.isfinite(problem.cap)]
    reach = np.isfinite(needy)
    reach = reach[~reach.all(axis=1)]
    if len(reach) == 0:
        return _NONE, None
    if not reach.any(axis=1).all():
        return _NONE, SolveStatus.INFEASIBLE
    taken = (sparse.csr_array(problem.rows), problem.upper)
    search = fewest_columns(sparse.csr_array(reach.astype(np.float64)), taken, problem.count, watch)
    if search.columns is not None:
        return search.columns, None
    status = SolveStatus.INFEASIBLE if search.is_infeasible else watch.ended
    return _NONE, status or SolveStatus.TIME_LIMIT
