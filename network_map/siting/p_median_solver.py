"""p-median: the sites with the least sum of weight times cost to the nearest open one.

Hakimi (1964); ReVelle and Swain (1970). The compact model has a variable for each pair and does
not fit into memory at the size of a country. Here the answer is closed in from both sides: a
Lagrangian bound and vertex substitution, which shut most sites for good, then Benders cuts, linear
and then integer, until bound and objective meet.

Branch and cut tries out what the linear bound leaves open: Land and Doig (1960) on the master
problem of the cuts. The node with the least bound is next, its linear model is solved from where
the last one stood, cuts are found at every node, and reduced costs shut columns for the whole
branch. With the bounds of a p-median problem so near the optimum a few nodes are enough; each takes
a fraction of what a fresh integer model costs.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from network_map.crs import FloatArray
from network_map.reach.cost import BoolArray
from network_map.siting.cover_solvers import fewest_columns
from network_map.siting.highs import HALF, ModelState
from network_map.siting.p_median_bounds import (
    SHARE,
    CutModel,
    MedianProblem,
    PricedBound,
    PriceSearch,
    greedy_addition,
    median_problem,
    priced_bound,
    reachable_cost,
    vertex_substitution,
)
from network_map.siting.solving import (
    IntArray,
    SiteLimits,
    Solved,
    SolveProgress,
    SolveStatus,
    SolveWatch,
    no_plan,
    relative_gap,
)

# --- branch and cut -------------------------------------------------------------------------------


NODES_BETWEEN_CLEANING = 15
WHOLE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """A part of the plans: some columns shut, some open.

    Parameters
    ----------
    bound
        No plan of the branch costs less.
    is_shut, is_open
        Shape (c,).
    """

    bound: float
    is_shut: BoolArray
    is_open: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class NodeSolution:
    """The linear bound of a branch.

    Parameters
    ----------
    bound
        Infinite if the branch holds no plan; NaN if the solver was stopped.
    shares, reduced
        Shape (c,): opened shares and reduced costs; None where there is no solution.
    is_exact
        Whether the shares are whole and every row pays what they cost.
    """

    bound: float
    shares: FloatArray | None
    reduced: FloatArray | None
    is_exact: bool


class BranchAndCut:
    """The search over branches of a master problem.

    Parameters
    ----------
    master
        Its problem and the cuts found so far.
    take
        Called with opened shares and reduced costs; makes plans of them and returns the least
        objective known.
    cutoff
        From an objective, the bound from which on no plan can be better.
    is_over
        Called with the bound; whether to stop.
    """

    def __init__(
        self,
        master: CutModel,
        take: Callable[[FloatArray, FloatArray], float],
        cutoff: Callable[[float], float],
        is_over: Callable[[float], bool],
    ) -> None:
        self.master, self.take, self.cutoff, self.is_over = master, take, cutoff, is_over

    def run(self, best: float, bound: float, remaining: Callable[[], float], most: int) -> float:
        """Return the bound after at most so many nodes, at most ``best`` or what was taken."""
        c = self.master.problem.cost.shape[1]
        nothing = np.zeros(c, dtype=bool)
        heap: list[tuple[float, int, Branch]] = [(bound, 0, Branch(bound, nothing, nothing))]
        for node in range(most):
            while heap and heap[0][0] >= self.cutoff(best):
                heapq.heappop(heap)
            if not heap:
                return best
            if self.is_over(heap[0][0]):
                break
            branch = heap[0][2]
            solved = self.solve(branch, best, remaining)
            if np.isnan(solved.bound):
                break
            heapq.heappop(heap)
            if node % NODES_BETWEEN_CLEANING == NODES_BETWEEN_CLEANING - 1:
                self.master.drop_loose_cuts()
            if solved.shares is None or solved.reduced is None:
                continue
            best = min(best, self.take(solved.shares, solved.reduced))
            if solved.is_exact or solved.bound >= self.cutoff(best):
                continue
            for number, child in enumerate(self.children(branch, solved, best)):
                heapq.heappush(heap, (child.bound, 2 * node + number + 1, child))
        return min(heap[0][0] if heap else best, best)

    def solve(self, branch: Branch, best: float, remaining: Callable[[], float]) -> NodeSolution:
        """Return the linear bound of a branch, with cuts added until they stop to matter."""
        c = len(branch.is_shut)
        columns = np.arange(c)
        self.master.model.set_bounds(
            columns, branch.is_open.astype(np.float64), (~branch.is_shut).astype(np.float64)
        )
        before = -np.inf
        while True:
            outcome = self.master.solve(remaining())
            if outcome.state is ModelState.INFEASIBLE:
                return NodeSolution(np.inf, None, None, is_exact=False)
            if outcome.values is None or not np.isfinite(outcome.bound):
                return NodeSolution(np.nan, None, None, is_exact=False)
            bound = max(outcome.bound, branch.bound)
            reduced = self.master.model.reduced_costs()[:c]
            shares, paid = self.master.split(outcome.values)
            is_whole = bool((np.abs(shares - np.round(shares)) <= WHOLE).all())
            breach = 0.0
            if bound < self.cutoff(best):
                breach = self.master.separate(np.round(shares) if is_whole else shares, paid)
            # An unpaid whole solution is cut off, for it has no column to branch on.
            is_stalled = bound - before < 0.02 * (self.cutoff(best) - bound)
            if breach <= 0.0 or (is_stalled and not is_whole):
                return NodeSolution(bound, shares, reduced, is_exact=is_whole and breach <= 0.0)
            before = bound

    def children(self, branch: Branch, solved: NodeSolution, best: float) -> list[Branch]:
        """Return the branch with the least decided column shut, and with it open."""
        shares, reduced = solved.shares, solved.reduced
        if shares is None or reduced is None:
            return []
        # At the bound of 0 a positive reduced cost is what opening the column costs at least.
        is_free = ~branch.is_open & (shares <= WHOLE)
        dear = branch.is_shut | (is_free & (solved.bound + reduced >= self.cutoff(best)))
        column = int(np.argmin(np.abs(shares - 0.5)))
        one: IntArray = np.array([column])
        shut, opened = dear.copy(), branch.is_open.copy()
        shut[one], opened[one] = True, True
        return [Branch(solved.bound, dear, opened), Branch(solved.bound, shut, branch.is_open)]


# --- the solver -----------------------------------------------------------------------------------


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
