"""Backup covering: everybody within the standard once, and as much demand as possible twice.

Hogan and ReVelle (1986), Concepts and applications of backup coverage, Management Science 32.
"""

import numpy as np
from scipy import sparse

from network_map.completion.choice import Flags, Floats
from network_map.siting.highs import HALF, HighsModel, ModelState
from network_map.siting.limits import SiteLimits
from network_map.siting.solved import (
    Solved,
    SolveProgress,
    SolveStatus,
    SolveWatch,
    no_plan,
    relative_gap,
)


def solve_backup_cover(
    covers: Flags,
    weight: Floats,
    limits: SiteLimits,
    *,
    time_limit: float | None = None,
    progress: SolveProgress | None = None,
) -> Solved:
    """Return the sites that cover every point with demand, and the most demand a second time.

    Parameters
    ----------
    covers
        Whether a site covers a point: (n, m).
    weight
        Demand: (n,).
    limits
        What may be opened.
    time_limit, progress
        As for the other solvers.

    Returns
    -------
    Solved
        ``objective`` is the demand covered by two open sites or more.
    """
    watch = SolveWatch(time_limit, progress)
    n, m = covers.shape
    has_demand = weight > 0
    rows = np.flatnonzero(has_demand)
    is_usable = limits.fixed | limits.allowed
    model = HighsModel(
        cost=np.concatenate([np.zeros(m), -weight[rows]]),
        lower=np.concatenate([limits.fixed.astype(np.float64), np.zeros(len(rows))]),
        upper=np.concatenate([is_usable.astype(np.float64), np.ones(len(rows))]),
        # A point is covered twice or not: half a time is none.
        is_integer=np.ones(m + len(rows), dtype=np.bool_),
    )
    cover = sparse.csr_array(covers[rows].astype(np.float64))
    twice = sparse.csr_array(sparse.hstack([cover, -sparse.eye_array(len(rows))]))
    model.add_rows(twice, np.ones(len(rows)), np.full(len(rows), np.inf))
    is_new = (limits.allowed & ~limits.fixed).astype(np.float64)
    tail = np.zeros(len(rows))
    if limits.count is not None:
        total = np.concatenate([is_new, tail])[None, :]
        model.add_rows(
            sparse.csr_array(total), np.array([-np.inf]), np.array([float(limits.count)])
        )
    if len(limits.upper):
        taken = limits.rows_of(np.arange(m)).toarray() * is_new
        wide = np.hstack([taken, np.zeros((len(taken), len(rows)))])
        model.add_rows(sparse.csr_array(wide), np.full(len(taken), -np.inf), limits.upper)
    found = model.solve(watch.remaining, lambda bound, best: watch.is_over(-bound, -best))
    if found.state is ModelState.INFEASIBLE:
        return no_plan(SolveStatus.INFEASIBLE, n, np.nan, watch)
    if found.values is None:
        return no_plan(watch.ended or SolveStatus.TIME_LIMIT, n, -found.bound, watch)
    sites = np.flatnonzero(found.values[:m] > HALF)
    inside = covers[:, sites]
    objective = float(weight[inside.sum(axis=1) > 1].sum())
    bound = objective if found.state is ModelState.OPTIMAL else max(objective, -found.bound)
    first = np.where(inside.any(axis=1), sites[inside.argmax(axis=1)], -1)
    return Solved(
        status=watch.closing_status(objective, bound, 0.0), sites=sites, assignment=first,
        objective=objective, bound=bound, gap=relative_gap(objective, bound),
        seconds=watch.seconds,
    )  # fmt: skip
