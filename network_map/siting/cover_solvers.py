"""Location set covering and maximal covering: everybody by the fewest sites, the most by a number.

Toregas, Swain, ReVelle and Bergman (1971), The location of emergency service facilities. The
matrix is reduced to rows and columns that matter; a greedy cover is made smaller by exchanges, the
relaxation is raised by cuts, and HiGHS proves what is left between them.

Church and ReVelle (1974), The maximal covering location problem. Solved as one integer model by
HiGHS after the joining of equal demand points (Cordeau, Furini and Ljubić 2019) and the removal of
dominated sites; only opening a site is a yes-or-no decision, coverage follows. Where most is
covered, sites overlap as in set covering, and its cuts of three rows (Balas and Ng 1989) hold in
the form ``z1 + z2 + z3 - 1 <= y(those that cover one or two) + 2 · y(those that cover all three)``.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from network_map.crs import FloatArray
from network_map.reach.cost import BoolArray
from network_map.siting.cover_bounds import (
    WHOLE,
    CoverRelaxation,
    broken_triples,
    coverage_matrix,
    exchanged_cover,
    halved_columns,
    join_equal_rows,
    limit_kinds,
    reduced_cover,
    triple_rows,
    undominated_sites,
)
from network_map.siting.highs import HALF, HighsModel, ModelState
from network_map.siting.p_median_bounds import ROUNDING, MedianProblem, vertex_substitution
from network_map.siting.solving import (
    SLACK,
    IntArray,
    SiteLimits,
    Solved,
    SolveProgress,
    SolveStatus,
    SolveWatch,
    no_plan,
    relative_gap,
)

# --- set covering ---------------------------------------------------------------------------------


GREEDY_TRIES = 20
EXCHANGES = 20_000
SET_COVER_ROUNDS = 40


def solve_set_cover(
    coverage: sparse.sparray | np.ndarray,
    limits: SiteLimits,
    *,
    time_limit: float | None = None,
    gap: float = 0.0,
    progress: SolveProgress | None = None,
    start: IntArray | None = None,
) -> Solved:
    """Return the fewest new sites that, with the fixed ones, cover every demand point.

    Parameters
    ----------
    coverage
        Shape (n, m), boolean or sparse: whether site j covers demand point i. Every row must be
        covered: leave out what need not be.
    limits, time_limit, gap, progress, start
        As in `solve_max_cover`.

    Returns
    -------
    Solved
        ``objective`` is the number of **new** sites, ``bound`` a lower one, a whole number.
        Infeasible if a demand point has no site that may be opened, or the limits do not let
        every demand point be covered.
    """
    watch = SolveWatch(time_limit, progress)
    matrix = coverage_matrix(coverage)
    standing = np.flatnonzero(limits.fixed)
    is_served = np.asarray(matrix[:, standing].sum(axis=1)).reshape(-1) > 0
    sites = limits.new_sites
    left = sparse.csr_array(matrix[np.flatnonzero(~is_served)][:, sites])
    if (np.diff(left.indptr) == 0).any():
        return no_plan(SolveStatus.INFEASIBLE, matrix.shape[0], np.inf, watch)
    kind = limit_kinds(limits, sites)
    cover, _, kept = reduced_cover(left, kind)
    wished = None if start is None else np.flatnonzero(np.isin(sites[kept], start))
    search = fewest_columns(
        cover, _taken(limits, sites[kept]), limits.most_new(sites), watch, gap=gap, start=wished
    )
    if search.is_infeasible:
        return no_plan(SolveStatus.INFEASIBLE, matrix.shape[0], np.inf, watch)
    if search.columns is None:
        status = watch.ended or SolveStatus.TIME_LIMIT
        return no_plan(status, matrix.shape[0], search.bound, watch)
    opened = np.sort(np.concatenate([standing, sites[kept][search.columns]]))
    inside = sparse.csr_array(matrix[:, opened])
    inside.sort_indices()
    objective = float(len(search.columns))
    return Solved(
        status=watch.closing_status(objective, search.bound, gap),
        sites=opened,
        assignment=opened[inside.indices[inside.indptr[:-1]]],
        objective=objective,
        bound=search.bound,
        gap=relative_gap(objective, search.bound),
        seconds=watch.seconds,
    )


def _taken(limits: SiteLimits, sites: IntArray) -> tuple[sparse.csr_array, FloatArray]:
    return limits.rows_of(sites), limits.upper


@dataclass(frozen=True, slots=True, eq=False)
class CoverSearch:
    """Columns that cover every row, or the proof that there are none.

    Parameters
    ----------
    columns
        The fewest found, or None.
    bound
        At least so many are needed: a whole number.
    is_infeasible
        Whether it is proven that no columns within the limits cover every row.
    """

    columns: IntArray | None
    bound: float
    is_infeasible: bool


def fewest_columns(
    cover: sparse.csr_array,
    taken: tuple[sparse.csr_array, FloatArray],
    most: int,
    watch: SolveWatch,
    *,
    gap: float = 0.0,
    start: IntArray | None = None,
) -> CoverSearch:
    """Return the fewest columns that cover every row of a matrix without empty rows.

    Parameters
    ----------
    cover
        Shape (g, c).
    taken
        ``rows`` (r, c) and ``upper`` (r,) of further limits.
    most
        At most so many columns.
    watch
        Ends the search.
    gap
        Relative gap at which to stop.
    start
        Columns to begin with; they are completed greedily.
    """
    if cover.shape[0] == 0:
        return CoverSearch(np.zeros(0, dtype=np.intp), 0.0, is_infeasible=False)
    relaxed = CoverRelaxation(cover, taken)
    relaxed.solve(most + WHOLE, 0, watch)
    first = None
    if taken[0].shape[0] == 0:
        first = greedy_cover(cover, start)
        first = _fewer_by_exchange(cover, first, relaxed.whole_bound, watch)
        first = first if len(first) <= most else None
    # Only a cover by fewer columns than the best known is still looked for.
    enough = most if first is None else len(first) - 1
    if not watch.is_over():
        relaxed.solve(enough + WHOLE, SET_COVER_ROUNDS, watch)
    if relaxed.whole_bound > enough:
        bound = np.inf if first is None else float(len(first))
        return CoverSearch(first, bound, is_infeasible=first is None)
    if watch.is_over():
        return CoverSearch(first, max(relaxed.whole_bound, 1.0), is_infeasible=False)
    return _fewer_by_branching(relaxed, first, enough, gap, watch)


def _fewer_by_branching(
    relaxed: CoverRelaxation, first: IntArray | None, enough: int, gap: float, watch: SolveWatch
) -> CoverSearch:
    """Return the fewest columns, at most ``enough``, or the best known if there are no fewer."""
    model = relaxed.integer_model(enough)
    model.set_option("mip_rel_gap", value=gap)
    model.set_option("mip_abs_gap", value=1 - WHOLE)
    outcome = model.solve(watch.remaining, watch.is_over)
    if outcome.state is ModelState.INFEASIBLE:
        bound = np.inf if first is None else float(len(first))
        return CoverSearch(first, bound, is_infeasible=first is None)
    bound = max(relaxed.whole_bound, 1.0)
    if np.isfinite(outcome.bound):
        bound = max(bound, float(np.ceil(outcome.bound - WHOLE)))
    if outcome.values is not None:
        first = np.flatnonzero(outcome.values > HALF)
    bound = bound if first is None else min(bound, float(len(first)))
    return CoverSearch(first, bound, is_infeasible=False)


def _fewer_by_exchange(
    cover: sparse.csr_array, chosen: IntArray, bound: float, watch: SolveWatch
) -> IntArray:
    """Return the fewest columns that exchanges reach: each time one fewer, down to the bound."""
    while len(chosen) > max(bound, 1.0):
        # The column goes whose loss leaves the fewest rows out.
        inside = cover[:, chosen]
        sole = inside[np.flatnonzero(inside.sum(axis=1) == 1)]
        column = int(np.argmin(sole.sum(axis=0)))
        fewer = exchanged_cover(cover, np.delete(chosen, column), EXCHANGES, watch.is_over)
        if fewer is None:
            break
        chosen = fewer
    return chosen


def greedy_cover(
    cover: sparse.csr_array, start: IntArray | None, *, tries: int = GREEDY_TRIES
) -> IntArray:
    """Return columns that cover every row: the best of several greedy ones, none superfluous."""
    by_column = sparse.csr_array(cover.T)
    rng = np.random.default_rng(0)
    best: IntArray | None = None
    for turn in range(tries):
        noise = np.ones(cover.shape[1]) if turn == 0 else rng.uniform(0.7, 1.0, cover.shape[1])
        added = _greedy_once(by_column, noise, start if turn == 0 else None)
        chosen = _without_superfluous(cover, added)
        if best is None or len(chosen) < len(best):
            best = chosen
    return np.zeros(0, dtype=np.intp) if best is None else best


def _greedy_once(
    by_column: sparse.csr_array, noise: FloatArray, start: IntArray | None
) -> list[int]:
    is_open = np.ones(by_column.shape[1])
    chosen: list[int] = []
    wished = [] if start is None else list(start)
    while is_open.any():
        best = wished.pop() if wished else int(np.argmax((by_column @ is_open) * noise))
        chosen.append(best)
        is_open[by_column.indices[by_column.indptr[best] : by_column.indptr[best + 1]]] = 0.0
    return chosen


def _without_superfluous(cover: sparse.csr_array, chosen: list[int]) -> IntArray:
    """Return the columns without those whose rows the others cover, earliest looked at first."""
    by_column = sparse.csr_array(cover.T)
    opened = np.zeros(cover.shape[1])
    opened[chosen] = 1.0
    times = cover @ opened
    kept = []
    for column in chosen:
        rows = by_column.indices[by_column.indptr[column] : by_column.indptr[column + 1]]
        if (times[rows] >= 2).all():  # noqa: PLR2004 - this column and another one
            times[rows] -= 1
        else:
            kept.append(column)
    return np.array(sorted(set(kept)), dtype=np.intp)


# --- maximal covering -----------------------------------------------------------------------------


# The cuts are given up when a round closes less than this share of the gap.
MAX_COVER_ROUNDS, LEAST_CLOSED = 20, 0.02
_NO_TRIPLES = np.zeros((0, 3), dtype=np.intp)


def solve_max_cover(
    coverage: sparse.sparray | np.ndarray,
    weight: FloatArray,
    limits: SiteLimits,
    *,
    time_limit: float | None = None,
    gap: float = 0.0,
    progress: SolveProgress | None = None,
    start: IntArray | None = None,
) -> Solved:
    """Return the sites that cover the greatest weight.

    Parameters
    ----------
    coverage
        Shape (n, m), boolean or sparse: whether site j covers demand point i.
    weight
        Shape (n,), not negative.
    limits
        Which sites may be opened, and how many.
    time_limit
        Seconds.
    gap
        Relative gap at which to stop; 0 proves the optimum.
    progress
        Called with bound, best objective and seconds; ends the solve by returning False.
    start
        Sites to begin with, as indices; those that the limits do not allow are left out.

    Returns
    -------
    Solved
        ``objective`` is the covered weight, ``bound`` an upper one. A demand point is assigned to
        the first open site that covers it. Sites that add nothing are not opened, so that there
        may be fewer than ``limits.count``.
    """
    watch = SolveWatch(time_limit, progress)
    matrix = coverage_matrix(coverage)
    standing = np.flatnonzero(limits.fixed)
    is_served = np.asarray(matrix[:, standing].sum(axis=1)).reshape(-1) > 0
    is_open_question = ~is_served & (weight > 0)
    sites = limits.new_sites
    left = sparse.csr_array(matrix[np.flatnonzero(is_open_question)][:, sites])
    task = _CoverTask(left, weight[is_open_question], sites, limits)
    chosen, bound = task.solve(watch, gap, start)
    opened = np.sort(np.concatenate([standing, chosen]))
    has_site, assignment = _served_by(matrix, opened)
    objective = float(weight[has_site].sum())
    bound = max(objective, float(weight[is_served].sum()) + bound)
    status = watch.closing_status(objective, bound, gap)
    bound = objective if status is SolveStatus.OPTIMAL else bound
    return Solved(
        status=status,
        sites=opened,
        assignment=assignment,
        objective=objective,
        bound=bound,
        gap=relative_gap(objective, bound),
        seconds=watch.seconds,
    )


def _served_by(matrix: sparse.csr_array, opened: IntArray) -> tuple[BoolArray, IntArray]:
    """Return which rows an open site covers, and the first that does."""
    inside = sparse.csr_array(matrix[:, opened])
    inside.sort_indices()
    has_site = np.diff(inside.indptr) > 0
    assignment = np.full(matrix.shape[0], -1, dtype=np.intp)
    assignment[has_site] = opened[inside.indices[inside.indptr[:-1][has_site]]]
    return has_site, assignment


class _CoverTask:
    """What the new sites can add: the reduced matrix of groups of demand points and sites."""

    def __init__(
        self, coverage: sparse.csr_array, weight: FloatArray, sites: IntArray, limits: SiteLimits
    ) -> None:
        groups, self.weight = join_equal_rows(coverage, weight)
        kept = undominated_sites(groups, limit_kinds(limits, sites))
        self.sites, self.groups = sites[kept], sparse.csr_array(groups[:, kept])
        self.rows, self.upper = limits.rows_of(self.sites), limits.upper
        self.count = limits.most_new(self.sites)

    def solve(
        self, watch: SolveWatch, gap: float, start: IntArray | None
    ) -> tuple[IntArray, float]:
        """Return the sites to open and an upper bound of the weight they can add."""
        reachable = float(self.weight[np.diff(self.groups.indptr) > 0].sum())
        best = self.greedy([] if start is None else start)
        found = self.covered_weight(best)
        if self.count == 0 or found >= reachable:
            return self.sites[best], found
        relaxed = self.model(best, is_integer=False, triples=_NO_TRIPLES)
        bound, m = reachable, len(self.sites)
        is_kept = np.ones(m, dtype=bool)
        triples = _NO_TRIPLES
        for turn in range(MAX_COVER_ROUNDS):
            outcome = relaxed.solve(watch.remaining, lambda _bound, _best: watch.is_over())
            if outcome.values is None or not np.isfinite(outcome.bound):
                break
            before, bound = bound, min(-outcome.bound, bound)
            shares = outcome.values[:m]
            best = self.improved(best, shares, watch)
            found = self.covered_weight(best)
            # No better plan opens a site whose reduced cost closes the gap.
            costs = relaxed.reduced_costs()[:m]
            is_kept &= (-outcome.bound - costs > found * (1 + ROUNDING)) | (shares > ROUNDING)
            is_stalled = turn and before - bound < LEAST_CLOSED * (before - found)
            if bound <= found * (1 + ROUNDING) or is_stalled or watch.is_over():
                break
            more = broken_triples(self.groups, shares, outcome.values[m:])
            if len(more) == 0:
                break
            self.add_cuts(relaxed, more)
            triples = np.concatenate([triples, more])
        if bound <= found * (1 + ROUNDING) or watch.is_over(bound=bound, best=found):
            return self.sites[best], max(bound, found)
        # The best plan may open sites that no better one does: they stay, to begin from.
        is_kept[best] = True
        model = self.model(best, is_integer=True, triples=triples)
        shut = np.flatnonzero(~is_kept)
        model.set_bounds(shut, np.zeros(len(shut)), np.zeros(len(shut)))
        model.set_option("mip_rel_gap", value=gap)
        outcome = model.solve(
            watch.remaining, lambda bound, best: watch.is_over(bound=-bound, best=-best)
        )
        if np.isfinite(outcome.bound):
            bound = min(bound, -outcome.bound)
        if outcome.values is not None:
            solved = np.flatnonzero(outcome.values[: len(self.sites)] > HALF)
            if self.covered_weight(solved) > found:
                best, found = solved, self.covered_weight(solved)
        return self.sites[best], max(bound, found)

    def improved(self, best: IntArray, shares: FloatArray, watch: SolveWatch) -> IntArray:
        """Return the best plan that exchanges reach from this one and from the relaxed one.

        Covering is a p-median problem in which a site costs nothing within the standard, and
        the weight beyond.
        """
        promise = np.lexsort((-self.groups.T @ self.weight, -shares))
        width = np.sort(np.union1d(promise[: 4 * self.count + 200], best))
        cap = self.weight / self.weight.mean()
        cost = np.where(self.groups[:, width].toarray() > 0, 0.0, cap[:, None])
        problem = MedianProblem(
            cost=cost,
            cap=cap,
            columns=self.sites[width],
            count=self.count,
            rows=self.rows.toarray()[:, width],
            upper=self.upper,
            forced=np.zeros(0, dtype=np.intp),
            scale=1.0,
            unit=0.0,
        )
        rounded = promise[: self.count]
        for first in (best, rounded[shares[rounded] > 0]):
            begun = np.flatnonzero(np.isin(width, first))
            plan = width[vertex_substitution(problem, cost, cap, begun, watch)]
            if self.covered_weight(plan) > self.covered_weight(best):
                best = plan
        return best

    def model(self, first: IntArray, *, is_integer: bool, triples: IntArray) -> HighsModel:
        """Return the model with columns (open, covered), begun from these columns."""
        g, m = self.groups.shape
        model = HighsModel(
            cost=np.concatenate([np.zeros(m), -self.weight]),
            lower=np.zeros(m + g),
            upper=np.ones(m + g),
            is_integer=np.arange(m + g) < m if is_integer else None,
        )
        covers = sparse.csr_array(sparse.hstack([self.groups, -sparse.eye_array(g)]))
        model.add_rows(covers, np.zeros(g), np.full(g, np.inf))
        opens = sparse.vstack([sparse.csr_array(np.ones((1, m))), self.rows])
        nothing = sparse.csr_array((opens.shape[0], g))
        upper = np.concatenate([[float(self.count)], self.upper])
        left = sparse.csr_array(sparse.hstack([opens, nothing]))
        model.add_rows(left, np.full(len(upper), -np.inf), upper)
        self.add_cuts(model, triples)
        if not is_integer:
            return model
        opened = np.zeros(m)
        opened[first] = 1.0
        model.start_from(np.concatenate([opened, np.minimum(self.groups @ opened, 1.0)]))
        return model

    def add_cuts(self, model: HighsModel, triples: IntArray) -> None:
        """Add the cuts of these rows, shape (k, 3)."""
        rows = triple_rows(triples, self.groups.shape[0])
        opens = halved_columns(sparse.csr_array(rows @ self.groups))
        left = sparse.csr_array(sparse.hstack([opens, -rows]))
        model.add_rows(left, np.full(len(triples), -1.0), np.full(len(triples), np.inf))

    def greedy(self, start: IntArray | list[int]) -> IntArray:
        """Return columns added one by one, each with the greatest gain; ``start`` before them."""
        by_site = sparse.csr_array(self.groups.T)
        takes, left = self.rows.toarray(), self.upper.astype(np.float64)
        open_weight = self.weight.copy()
        wished = np.flatnonzero(np.isin(self.sites, start)).tolist()
        chosen: list[int] = []
        for _ in range(self.count):
            fits = (takes <= left[:, None] + SLACK).all(axis=0)
            gain = np.where(fits, by_site @ open_weight, 0.0)
            best = next((j for j in wished if gain[j] > 0), int(np.argmax(gain)))
            if gain[best] <= 0:
                break
            chosen.append(best)
            left = left - takes[:, best]
            open_weight[by_site.indices[by_site.indptr[best] : by_site.indptr[best + 1]]] = 0.0
        return np.array(sorted(chosen), dtype=np.intp)

    def covered_weight(self, columns: IntArray) -> float:
        """Return the weight that these columns cover."""
        opened = np.zeros(len(self.sites))
        opened[columns] = 1.0
        return float(self.weight[self.groups @ opened > 0].sum())
