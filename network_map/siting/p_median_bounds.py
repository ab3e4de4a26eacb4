"""Bounds of the p-median from both sides: vertex substitution, Lagrangian prices, Benders cuts.

The problem stands in the form that its solver works on: scaled, and without what is decided.

Teitz and Bart (1968), Heuristic methods for estimating the generalized vertex median of a weighted
graph; Whitaker (1983) and Resende and Werneck (2007) for the sums that judge every exchange of an
open for a closed site at once. Greedy gains only shrink as sites are added, so a gain once
computed is an upper bound later (Minoux 1978).

Cornuéjols, Fisher and Nemhauser (1977); Beasley (1993), Lagrangean heuristics for location
problems. The rule that every demand point is served once is priced: with price u of a demand
point, a site is worth the sum of what its costs lie below the prices, and the bound takes the
``count`` best sites. Any prices give a valid bound. Further limits are left out, which keeps it
one. What opening one more site, or shutting one, would do to the bound decides sites for good.

Durán-Mateluna, Alès and Elloumi (2023), An efficient Benders decomposition for the p-median
problem. With y the opened share of each column and θ the cost of each row, every threshold t gives
the cut ``θ[i] + Σ max(t - cost[i, j], 0) · y[j] >= t``. The cut most broken at y has as its
threshold the cost of the column at which the opened shares, nearest first, add up to 1.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from network_map.crs import FloatArray
from network_map.reach.cost import BoolArray
from network_map.siting.highs import HighsModel, ModelOutcome
from network_map.siting.solving import SLACK, IntArray, SiteLimits, SolveWatch

# --- the problem ----------------------------------------------------------------------------------


# Room for the rounding of sums of doubles, as a share of the objective.
ROUNDING = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class MedianProblem:
    """Choose columns so that the sum over rows of the least chosen entry is least.

    Parameters
    ----------
    cost
        Shape (n, c). Weight times cost, divided by ``scale``; never above ``cap``; infinite where
        the column cannot serve the row and no standing site can either.
    cap
        Shape (n,). What the standing sites cost the row; infinite if none serves it.
    columns
        Shape (c,). The sites that the columns stand for.
    count
        At most so many columns.
    rows, upper
        Shape (r, c) and (r,): further limits.
    forced
        Sites that every better plan opens: they are standing sites here.
    scale
        What the costs are divided by, so that the solver sees numbers near 1.
    unit
        The objective moves in steps of this, 0 if in none: whole numbers stay whole.
    """

    cost: FloatArray
    cap: FloatArray
    columns: IntArray
    count: int
    rows: FloatArray
    upper: FloatArray
    forced: IntArray
    scale: float
    unit: float

    @property
    def is_limited(self) -> bool:
        """Whether there are limits besides the number of sites."""
        return bool(self.rows.shape[0])

    @property
    def is_decided(self) -> bool:
        """Whether no column is left to choose."""
        return self.count <= 0 or bool(self.cost.size == 0) or self.is_overdrawn

    @property
    def is_overdrawn(self) -> bool:
        """Whether the sites that every better plan opens break a limit: there is none, then."""
        return self.count < 0 or bool((self.upper < -SLACK).any())

    @property
    def decided_value(self) -> float:
        """What is left without a choice costs this; infinite if it may not be."""
        return np.inf if self.is_overdrawn else self.value(np.zeros(0, dtype=np.intp))

    def value(self, chosen: IntArray) -> float:
        """Return the objective of these columns, in units of ``scale``."""
        return float(np.minimum(self.cap, self.cost[:, chosen].min(axis=1, initial=np.inf)).sum())

    def cutoff(self, best: float) -> float:
        """Return the bound from which on no plan can be better than ``best``."""
        return best - max(ROUNDING * abs(best), self.unit * (1 - 1e-6))

    def only(self, kept: IntArray) -> "MedianProblem":
        """Return the problem of these columns alone: its plans are plans of this one."""
        return replace(
            self,
            cost=self.cost[:, kept],
            columns=self.columns[kept],
            count=min(self.count, len(kept)),
            rows=self.rows[:, kept],
        )

    def without(self, shut: BoolArray, forced: BoolArray) -> "MedianProblem":
        """Return the problem with some columns shut for good and some open for good."""
        kept = np.flatnonzero(~shut & ~forced)
        cap = np.minimum(self.cap, self.cost[:, forced].min(axis=1, initial=np.inf))
        return replace(
            self,
            cost=np.minimum(self.cost[:, kept], cap[:, None]),
            cap=cap,
            columns=self.columns[kept],
            count=min(self.count - int(forced.sum()), len(kept)),
            rows=self.rows[:, kept],
            upper=self.upper - self.rows[:, forced].sum(axis=1),
            forced=np.concatenate([self.forced, self.columns[forced]]),
        )


def median_problem(cost: FloatArray, weight: FloatArray, limits: SiteLimits) -> MedianProblem:
    """Return the problem of demand points with a weight and sites that may serve one of them.

    Parameters
    ----------
    cost
        Shape (n, m), infinite where j cannot serve i.
    weight
        Shape (n,), not negative.
    limits
        Which sites may be opened, and how many.
    """
    counted, sites = np.flatnonzero(weight > 0), limits.new_sites
    of = weight[counted]
    standing = np.flatnonzero(limits.fixed)
    cap = of * cost[np.ix_(counted, standing)].min(axis=1, initial=np.inf)
    weighted = of[:, None] * cost[np.ix_(counted, sites)]
    np.minimum(weighted, cap[:, None], out=weighted)
    sites_that_help = np.flatnonzero((weighted < cap[:, None]).any(axis=0))
    weighted, sites = weighted[:, sites_that_help], sites[sites_that_help]
    finite = weighted[np.isfinite(weighted)]
    is_whole = bool((finite == np.round(finite)).all()) and bool(
        (cap[np.isfinite(cap)] == np.round(cap[np.isfinite(cap)])).all()
    )
    scale = float(finite.mean()) if finite.size and finite.mean() > 0 else 1.0
    return MedianProblem(
        cost=weighted / scale,
        cap=cap / scale,
        columns=sites,
        count=limits.most_new(sites),
        rows=limits.rows_of(sites).toarray(),
        upper=limits.upper.astype(np.float64),
        forced=np.zeros(0, dtype=np.intp),
        scale=scale,
        unit=1.0 / scale if is_whole else 0.0,
    )


# --- from above: greedy addition and vertex substitution ------------------------------------------


LEAST_GAIN = 1e-9


def reachable_cost(problem: MedianProblem) -> tuple[FloatArray, FloatArray]:
    """Return cost and cap with a finite penalty that outweighs every plan that serves all."""
    is_open_end = ~np.isfinite(problem.cap)
    if not is_open_end.any():
        return problem.cost, problem.cap
    finite = np.where(np.isfinite(problem.cost), problem.cost, 0.0)
    penalty = 2.0 * float(finite.max(axis=1, initial=0.0).sum()) + 1.0
    cap = np.where(is_open_end, penalty, problem.cap)
    return np.minimum(problem.cost, cap[:, None]), cap


def greedy_addition(
    problem: MedianProblem, cost: FloatArray, cap: FloatArray, start: IntArray
) -> IntArray:
    """Return columns added one by one, each with the greatest gain, ``start`` before them."""
    by_column = np.ascontiguousarray(cost.T)
    near, left = cap.copy(), problem.upper.copy()
    chosen: list[int] = []

    def take(column: int) -> None:
        nonlocal left
        chosen.append(column)
        left = left - problem.rows[:, column]
        np.minimum(near, by_column[column], out=near)

    def fits(column: int) -> bool:
        return bool((problem.rows[:, column] <= left + SLACK).all())

    for column in start:
        if len(chosen) < problem.count and fits(column):
            take(int(column))
    gains = [(-float(np.maximum(near - row, 0).sum()), j) for j, row in enumerate(by_column)]
    heapq.heapify(gains)
    while gains and len(chosen) < problem.count:
        _, column = heapq.heappop(gains)
        if not fits(column):
            continue
        gain = float(np.maximum(near - by_column[column], 0).sum())
        if gains and gain < -gains[0][0]:
            heapq.heappush(gains, (-gain, column))
        elif gain > LEAST_GAIN:
            take(column)
        else:
            break
    return np.array(sorted(chosen), dtype=np.intp)


def vertex_substitution(
    problem: MedianProblem, cost: FloatArray, cap: FloatArray, chosen: IntArray, watch: SolveWatch
) -> IntArray:
    """Return columns that no exchange of one for another makes better.

    Parameters
    ----------
    problem
        With n rows and c columns.
    cost, cap
        As `reachable_cost` gives them.
    chosen
        The columns to begin with; filled up greedily when there are fewer than may be open.
    watch
        Ends the search.
    """
    if len(chosen) < problem.count or problem.is_limited:
        chosen = greedy_addition(problem, cost, cap, chosen)
    while len(chosen) and not watch.is_over():
        gain = _exchange_gains(cost, cap, chosen)
        if problem.is_limited:
            used = problem.rows[:, chosen].sum(axis=1)
            for row, used_of_row, most in zip(problem.rows, used, problem.upper, strict=True):
                after = used_of_row + row[:, None] - row[chosen][None, :]
                gain[after > most + SLACK] = -np.inf
        gain[chosen] = -np.inf
        enters, leaves = np.unravel_index(int(np.argmax(gain)), gain.shape)
        if gain[enters, leaves] <= LEAST_GAIN:
            break
        chosen = np.append(np.delete(chosen, leaves), enters).astype(np.intp)
    return np.sort(chosen)


def _exchange_gains(cost: FloatArray, cap: FloatArray, chosen: IntArray) -> FloatArray:
    """Return what the objective gains when column j enters and chosen column r leaves: (c, p)."""
    c, p = cost.shape[1], len(chosen)
    inside = cost[:, chosen]
    every = np.arange(len(cost))
    server = inside.argmin(axis=1)
    first = inside[every, server]
    inside[every, server] = np.inf
    second = np.minimum(inside.min(axis=1), cap)
    row, column = np.nonzero(cost < second[:, None])
    reached = cost[row, column]
    gained = np.bincount(column, np.maximum(first[row] - reached, 0), minlength=c)
    saved = np.bincount(
        column * p + server[row],
        second[row] - np.maximum(reached, first[row]),
        minlength=c * p,
    ).reshape(c, p)
    lost = np.bincount(server, second - first, minlength=p)
    return np.asarray(saved + gained[:, None] - lost[None, :], dtype=np.float64)


# --- from below: prices ---------------------------------------------------------------------------


BLOCK_CELLS = 200_000  # what stays in a processor's cache
PATIENCE = 12
LEAST_STEP = 0.004
LEAST_SIZE, MOMENTUM = 1e-3, 0.85


@dataclass(frozen=True, slots=True, eq=False)
class PricedBound:
    """A lower bound, the prices that give it, and what it says of single columns.

    Parameters
    ----------
    bound
        No plan costs less.
    prices
        Shape (n,).
    if_open, if_shut
        Shape (c,). No plan with the column open, or shut, costs less.
    chosen
        The columns that the bound takes.
    """

    bound: float
    prices: FloatArray
    if_open: FloatArray
    if_shut: FloatArray
    chosen: IntArray


class PriceSearch:
    """Prices that are moved towards a better bound, step by step.

    Parameters
    ----------
    problem
        What to bound.
    """

    def __init__(self, problem: MedianProblem) -> None:
        self._set(problem)
        last = problem.cost.shape[1] - 1
        k = min(max((last + 1) // max(2 * problem.count, 1), 1), last)
        self.prices = np.minimum(np.partition(problem.cost, k, axis=1)[:, k], self._top)
        self.best_prices = self.prices
        self.bound = -np.inf
        # Prices of great weights are great and move in greater steps.
        size = np.maximum(self.prices, LEAST_SIZE * self.prices.mean()) + 1e-12
        self._size = size / size.mean()
        self._direction = np.zeros(len(problem.cost))
        self._step, self._waited = 1.0, 0

    def narrow(self, problem: MedianProblem) -> None:
        """Go on with what is left of the problem."""
        self._set(problem)
        self.best_prices = self.prices = np.minimum(self.best_prices, self._top)
        self.bound = -np.inf
        self._direction[:] = 0.0

    def _set(self, problem: MedianProblem) -> None:
        self._by_column = np.ascontiguousarray(problem.cost.T)
        self._count = problem.count
        self._top = np.minimum(problem.cap, greatest_finite(problem.cost))

    @property
    def is_done(self) -> bool:
        """Whether the steps have become too short to matter."""
        return self._step < LEAST_STEP

    def move(self, best: float) -> None:
        """Move the prices once, with ``best`` the least objective known."""
        worth = self._worths(self.prices)
        taken = np.argpartition(worth, self._count - 1)[: self._count]
        bound = float(self.prices.sum() + worth[taken].sum())
        if bound > self.bound:
            self._waited = 0 if bound > self.bound + 1e-5 * abs(bound) else self._waited + 1
            self.bound, self.best_prices = bound, self.prices
        else:
            self._waited += 1
        if self._waited > PATIENCE:
            self._step, self._waited = self._step / 1.6, 0
            self.prices = self.best_prices
            self._direction[:] = 0.0
            return
        served = (self._by_column[taken] < self.prices).sum(axis=0)
        self._direction = (1.0 - served) + MOMENTUM * self._direction
        way = self._size * self._direction
        size = float(self._direction @ way)
        if size == 0.0:
            self._step = 0.0
            return
        gap = max(best - bound, 1e-6 * abs(best))
        moved = self.prices + self._step * gap / size * way
        self.prices = np.clip(moved, 0.0, self._top)

    def result(self) -> PricedBound:
        """Return the best bound so far and what it says of every column."""
        worth = self._worths(self.best_prices)
        order = np.argsort(worth, kind="stable")
        taken = order[: self._count]
        bound = float(self.best_prices.sum() + worth[taken].sum())
        is_taken = np.zeros(len(worth), dtype=bool)
        is_taken[taken] = True
        last = worth[taken[-1]]
        following = worth[order[self._count]] if self._count < len(order) else 0.0
        return PricedBound(
            bound=bound,
            prices=self.best_prices,
            if_open=np.where(is_taken, bound, bound + worth - last),
            if_shut=np.where(is_taken, bound - worth + following, bound),
            chosen=taken,
        )

    def _worths(self, prices: FloatArray) -> FloatArray:
        """Return for each column the sum of what its costs lie below the prices, negative."""
        c, n = self._by_column.shape
        worth = np.empty(c)
        step = max(BLOCK_CELLS // max(n, 1), 1)
        room = np.empty((step, n))
        for start in range(0, c, step):
            block = self._by_column[start : start + step]
            part = room[: len(block)]
            np.subtract(block, prices, out=part)
            np.minimum(part, 0.0, out=part)
            worth[start : start + step] = part.sum(axis=1)
        return worth


def greatest_finite(cost: FloatArray) -> FloatArray:
    """Return the greatest finite cost of each row, 0 if there is none."""
    most: FloatArray = np.where(np.isfinite(cost), cost, 0.0).max(axis=1, initial=0.0)
    return most


def priced_bound(
    search: PriceSearch, problem: MedianProblem, best: float, watch: SolveWatch, moves: int
) -> PricedBound:
    """Return the bound after so many moves, or fewer when nothing is left to win."""
    for _ in range(moves):
        search.move(best)
        if search.is_done or search.bound >= problem.cutoff(best):
            break
        if watch.is_over(bound=max(search.bound, 0.0) * problem.scale):
            break
    return search.result()


# --- from below: cuts in closed form --------------------------------------------------------------


BLOCK_ROWS = 256
LEAST_BREACH = 1e-7
SHARE = 1e-9


class CutModel:
    """The master problem: columns y, then θ, and the cuts found so far.

    Parameters
    ----------
    problem
        What is to be solved.
    """

    def __init__(self, problem: MedianProblem) -> None:
        self.problem = problem
        self.cut_rows = np.zeros(0, dtype=np.intp)
        self.thresholds = np.zeros(0)
        self.model = self._master(is_integer=False)

    def _master(self, *, is_integer: bool) -> HighsModel:
        problem = self.problem
        n, c = problem.cost.shape
        nearest = np.minimum(problem.cost.min(axis=1, initial=np.inf), problem.cap)
        model = HighsModel(
            cost=np.concatenate([np.zeros(c), np.ones(n)]),
            lower=np.concatenate([np.zeros(c), nearest]),
            upper=np.concatenate([np.ones(c), np.full(n, np.inf)]),
            is_integer=np.arange(c + n) < c if is_integer else None,
        )
        limits = np.vstack([np.ones(c), problem.rows])
        upper = np.concatenate([[float(problem.count)], problem.upper])
        _add(model, sparse.csr_array(limits), n, np.full(len(upper), -np.inf), upper)
        # A row that no standing site serves must have an open site within its reach.
        needy = problem.cost[~np.isfinite(problem.cap)]
        needy = needy[~np.isfinite(needy).all(axis=1)]
        reach = sparse.csr_array(np.isfinite(needy).astype(np.float64))
        _add(model, reach, n, np.ones(len(needy)), np.full(len(needy), np.inf))
        self.first_cut = model.row_count
        self._add_cuts(model, self.cut_rows, self.thresholds)
        return model

    def _add_cuts(self, model: HighsModel, rows: IntArray, thresholds: FloatArray) -> None:
        n = len(self.problem.cost)
        for start in range(0, len(rows), BLOCK_ROWS):
            row, most = rows[start : start + BLOCK_ROWS], thresholds[start : start + BLOCK_ROWS]
            below = sparse.csr_array(np.maximum(most[:, None] - self.problem.cost[row], 0.0))
            own = sparse.csr_array((np.ones(len(row)), (np.arange(len(row)), row)), (len(row), n))
            cut = sparse.csr_array(sparse.hstack([below, own]))
            model.add_rows(cut, most, np.full(len(row), np.inf))

    def add(self, rows: IntArray, thresholds: FloatArray) -> None:
        """Add cuts, each of a row of the problem and a threshold."""
        self._add_cuts(self.model, rows, thresholds)
        self.cut_rows = np.concatenate([self.cut_rows, rows])
        self.thresholds = np.concatenate([self.thresholds, thresholds])

    def add_around(self, prices: FloatArray) -> None:
        """Add the cuts with the two costs around the price of each row as thresholds."""
        cost = self.problem.cost
        ends = np.where(np.isfinite(self.problem.cap), self.problem.cap, greatest_finite(cost))
        above = np.where(cost >= prices[:, None], cost, np.inf).min(axis=1)
        below = np.where(cost < prices[:, None], cost, -np.inf).max(axis=1)
        above = np.minimum(above, ends)
        every = np.arange(len(cost))
        is_real = np.isfinite(below)
        self.add(np.concatenate([every, every[is_real]]), np.concatenate([above, below[is_real]]))

    def separate(self, shares: FloatArray, paid: FloatArray) -> float:
        """Add the cuts that these opened shares and row costs break, and return by how much.

        Parameters
        ----------
        shares
            Shape (c,).
        paid
            Shape (n,): the values of θ.
        """
        thresholds, values = cost_of_shares(self.problem, shares)
        breach = values - paid
        broken = np.flatnonzero(breach > LEAST_BREACH * np.maximum(1.0, values))
        self.add(broken, thresholds[broken])
        return float(breach[broken].sum())

    def solve(
        self, time_limit: float, is_over: Callable[[float, float], bool] | None = None
    ) -> ModelOutcome:
        """Return the optimum of the linear master problem."""
        return self.model.solve(time_limit, is_over)

    def drop_loose_cuts(self) -> None:
        """Take cuts away that do not bind at the solution found last."""
        slack = self.model.row_values()[self.first_cut :] - self.thresholds
        loose = slack > 1e-4 * np.maximum(1.0, self.thresholds)
        self.model.delete_rows(self.first_cut + np.flatnonzero(loose))
        self.cut_rows, self.thresholds = self.cut_rows[~loose], self.thresholds[~loose]

    def shut(self, is_shut: BoolArray) -> None:
        """Take columns away that no better plan opens."""
        self.model.delete_columns(np.flatnonzero(is_shut))
        self.problem = self.problem.without(is_shut, np.zeros_like(is_shut))

    def split(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the opened shares and the row costs of a solution."""
        c = self.problem.cost.shape[1]
        return values[:c], values[c:]

    def solve_integer(
        self,
        chosen: IntArray,
        time_limit: float,
        is_over: Callable[[float, float], bool],
        gap: float,
    ) -> ModelOutcome:
        """Return the integer optimum under the cuts so far, begun from these columns."""
        model = self._master(is_integer=True)
        model.set_option("mip_abs_gap", value=1e-9)
        model.set_option("mip_rel_gap", value=gap)
        c = self.problem.cost.shape[1]
        opened = np.zeros(c)
        opened[chosen] = 1.0
        paid = np.minimum(
            self.problem.cost[:, chosen].min(axis=1, initial=np.inf), self.problem.cap
        )
        model.start_from(np.concatenate([opened, paid]))
        return model.solve(time_limit, is_over)


def cost_of_shares(problem: MedianProblem, shares: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the threshold of the most broken cut of every row, and the least row cost it asks.

    Parameters
    ----------
    problem
        With n rows and c columns.
    shares
        Shape (c,): the opened share of each column.
    """
    support = np.flatnonzero(shares > SHARE)
    cost, share = problem.cost[:, support], shares[support]
    n = len(cost)
    thresholds, values = np.empty(n), np.empty(n)
    ends = np.where(np.isfinite(problem.cap), problem.cap, greatest_finite(problem.cost))
    for start in range(0, n, BLOCK_ROWS):
        block = cost[start : start + BLOCK_ROWS]
        order = np.argsort(block, axis=1, kind="stable")
        near = np.take_along_axis(block, order, axis=1)
        filled = np.cumsum(share[order], axis=1)
        is_full = filled >= 1.0 - 1e-7
        at = is_full.argmax(axis=1) if len(support) else np.zeros(len(block), dtype=np.intp)
        end = ends[start : start + BLOCK_ROWS]
        if len(support):
            each = np.arange(len(block))
            end = np.where(is_full[each, at], np.minimum(near[each, at], end), end)
        thresholds[start : start + BLOCK_ROWS] = end
        room = np.maximum(end[:, None] - block, 0.0)
        values[start : start + BLOCK_ROWS] = end - room @ share
    return thresholds, values


def _add(
    model: HighsModel, left: sparse.csr_array, width: int, lower: FloatArray, upper: FloatArray
) -> None:
    """Add rows that concern the y columns alone."""
    nothing = sparse.csr_array((left.shape[0], width))
    model.add_rows(sparse.csr_array(sparse.hstack([left, nothing])), lower, upper)
