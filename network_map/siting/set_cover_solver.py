"""Location set covering: the fewest new sites that cover every demand point.

Toregas, Swain, ReVelle and Bergman (1971), The location of emergency service facilities. The
matrix is reduced to rows and columns that matter; greedy covers with redundant sites taken out
give the first solution; HiGHS proves the rest.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from network_map.crs import FloatArray
from network_map.siting.coverage_reduction import coverage_matrix, limit_kinds, reduced_cover
from network_map.siting.highs import HALF, HighsModel, ModelState
from network_map.siting.limits import IntArray, SiteLimits
from network_map.siting.solved import (
    Solved,
    SolveProgress,
    SolveStatus,
    SolveWatch,
    no_plan,
    relative_gap,
)

# A bound on a whole number, less what floating point may have added to it.
WHOLE = 1e-6
GREEDY_TRIES = 20


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
    g, c = cover.shape
    if g == 0:
        return CoverSearch(np.zeros(0, dtype=np.intp), 0.0, is_infeasible=False)
    is_limited = taken[0].shape[0] > 0
    first = None if is_limited else greedy_cover(cover, start)
    model = _cover_model(cover, taken, most, is_integer=True)
    model.set_option("mip_rel_gap", value=gap)
    model.set_option("mip_abs_gap", value=1 - WHOLE)
    if first is not None and len(first) <= most:
        opened = np.zeros(c)
        opened[first] = 1.0
        model.start_from(opened)
    else:
        first = None
    outcome = model.solve(watch.remaining, watch.is_over)
    if outcome.state is ModelState.INFEASIBLE:
        return CoverSearch(None, np.inf, is_infeasible=True)
    bound = max(np.ceil(outcome.bound - WHOLE), 1.0) if np.isfinite(outcome.bound) else 1.0
    if outcome.values is not None:
        found = np.flatnonzero(outcome.values > HALF)
        first = found if first is None or len(found) < len(first) else first
    return CoverSearch(first, bound, is_infeasible=False)


@dataclass(frozen=True, slots=True, eq=False)
class CoverDecision:
    """Whether columns within the limits cover every row.

    Parameters
    ----------
    columns
        Columns that do, or None.
    shares
        Shape (c,): opened shares, of the columns or of the linear relaxation; None if the solver
        was stopped, or there is no cover.
    is_infeasible
        Whether it is proven that there are none.
    """

    columns: IntArray | None
    shares: FloatArray | None
    is_infeasible: bool


def cover_decision(
    cover: sparse.csr_array,
    taken: tuple[sparse.csr_array, FloatArray],
    most: int,
    watch: SolveWatch,
    *,
    is_integer: bool,
    seconds: float = np.inf,
) -> CoverDecision:
    """Return columns within the limits that cover every row, or the proof that there are none.

    Parameters
    ----------
    cover, taken, most, watch
        As in `fewest_columns`.
    is_integer
        Whether to solve the integer model; otherwise the linear relaxation decides or does not.
    seconds
        Most seconds for the integer model.
    """
    g, c = cover.shape
    if g == 0:
        return CoverDecision(np.zeros(0, dtype=np.intp), np.zeros(c), is_infeasible=False)
    model = _cover_model(cover, taken, most, is_integer=is_integer)
    if is_integer:
        model.set_option("objective_target", value=most + HALF)
    else:
        # Covering is degenerate: the interior point is many times sooner there than a corner.
        model.set_option("solver", value="ipm")
        model.set_option("run_crossover", value="off")
    outcome = model.solve(
        min(watch.remaining, seconds if is_integer else np.inf),
        lambda _bound, _best: watch.is_over(),
    )
    if outcome.state is ModelState.INFEASIBLE:
        return CoverDecision(None, None, is_infeasible=True)
    if outcome.values is None:
        return CoverDecision(None, None, is_infeasible=False)
    opened = np.flatnonzero(outcome.values > (HALF if is_integer else WHOLE))
    is_whole = bool((outcome.values[opened] > 1 - WHOLE).all())
    columns = opened if (is_integer or is_whole) and len(opened) <= most else None
    shares = np.where(outcome.values > HALF, 1.0, 0.0) if is_integer else outcome.values
    return CoverDecision(columns, shares, is_infeasible=False)


def _cover_model(
    cover: sparse.csr_array,
    taken: tuple[sparse.csr_array, FloatArray],
    most: int,
    *,
    is_integer: bool,
) -> HighsModel:
    """Return the fewest columns that cover every row, at most so many, as a model."""
    g, c = cover.shape
    is_whole = np.ones(c, dtype=bool) if is_integer else None
    model = HighsModel(np.ones(c), np.zeros(c), np.ones(c), is_whole)
    model.add_rows(cover, np.ones(g), np.full(g, np.inf))
    model.add_rows(taken[0], np.full(taken[0].shape[0], -np.inf), taken[1])
    total = sparse.csr_array(np.ones((1, c)))
    model.add_rows(total, np.array([-np.inf]), np.array([float(most)]))
    return model


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
