"""Location set covering: the fewest new sites that cover every demand point.

Toregas, Swain, ReVelle and Bergman (1971), The location of emergency service facilities. The
matrix is reduced to rows and columns that matter; a greedy cover is made smaller by exchanges, the
relaxation is raised by cuts, and HiGHS proves what is left between them.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from network_map.crs import FloatArray
from network_map.siting.cover_exchange import exchanged_cover
from network_map.siting.cover_relaxation import WHOLE, CoverRelaxation
from network_map.siting.coverage_reduction import coverage_matrix, limit_kinds, reduced_cover
from network_map.siting.highs import HALF, ModelState
from network_map.siting.limits import IntArray, SiteLimits
from network_map.siting.solved import (
    Solved,
    SolveProgress,
    SolveStatus,
    SolveWatch,
    no_plan,
    relative_gap,
)

GREEDY_TRIES = 20
EXCHANGES = 20_000
CUT_ROUNDS = 40


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
        relaxed.solve(enough + WHOLE, CUT_ROUNDS, watch)
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
