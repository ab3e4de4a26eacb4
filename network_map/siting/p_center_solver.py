"""p-centre: the least greatest distance from a demand point to its nearest open site.

Minieka (1970), The m-center problem: a distance is enough exactly when so many sites cover every
demand point within it, so the optimum is one of the distances and is found by halving. The lower
end comes from covering's linear relaxation, the upper one from a search by exchange; the integer
models between decide (Elloumi, Labbé and Pochet 2004; Gaar and Sinnl 2022).
"""

import numpy as np
from scipy import sparse

from network_map.crs import FloatArray
from network_map.siting.coverage_reduction import coverage_matrix, limit_kinds, reduced_cover
from network_map.siting.limits import IntArray, SiteLimits
from network_map.siting.set_cover_solver import fewest_columns
from network_map.siting.solved import (
    Solved,
    SolveProgress,
    SolveStatus,
    SolveWatch,
    no_plan,
    relative_gap,
)


def solve_p_center(
    cost: FloatArray,
    weight: FloatArray,
    limits: SiteLimits,
    *,
    time_limit: float | None = None,
    gap: float = 0.0,
    progress: SolveProgress | None = None,
    start: IntArray | None = None,
) -> Solved:
    """Return the sites with the least greatest distance.

    Parameters
    ----------
    cost
        Shape (n, m), not negative, infinite where j cannot serve i.
    weight
        Shape (n,). Demand points of weight 0 do not count; other weights do not change a distance.
    limits, time_limit, gap, progress, start
        As in `solve_max_cover`.

    Returns
    -------
    Solved
        ``objective`` is the greatest distance, ``bound`` a lower one. Infeasible if the limits
        leave a demand point without a site in reach.
    """
    watch = SolveWatch(time_limit, progress)
    standing, sites = np.flatnonzero(limits.fixed), limits.new_sites
    counted = np.flatnonzero(weight > 0)
    near = np.full(len(counted), np.inf)
    if len(standing):
        near = cost[np.ix_(counted, standing)].min(axis=1)
    search = _Search(cost[np.ix_(counted, sites)], near, sites, limits, watch)
    chosen, bound = search.run(gap, start)
    if chosen is None:
        status = watch.ended or SolveStatus.INFEASIBLE
        return no_plan(status, len(cost), bound, watch)
    opened = np.sort(np.concatenate([standing, sites[chosen]]))
    assignment = np.full(len(cost), -1, dtype=np.intp)
    objective = 0.0
    if len(opened):
        nearest = cost[:, opened].argmin(axis=1)
        km = cost[np.arange(len(cost)), opened[nearest]]
        assignment = np.where(np.isfinite(km), opened[nearest], -1)
        objective = float(km[counted].max(initial=0.0))
    return Solved(
        status=watch.closing_status(objective, bound, gap),
        sites=opened,
        assignment=assignment,
        objective=objective,
        bound=bound,
        gap=relative_gap(objective, bound),
        seconds=watch.seconds,
    )


class _Search:
    """Halving over the distances that the optimum can have."""

    def __init__(
        self,
        cost: FloatArray,
        near: FloatArray,
        sites: IntArray,
        limits: SiteLimits,
        watch: SolveWatch,
    ) -> None:
        self.cost, self.near, self.sites = cost, near, sites
        self.kind = limit_kinds(limits, sites)
        self.rows, self.upper = limits.rows_of(sites), limits.upper
        self.most = limits.most_new(sites)
        self.watch = watch

    def run(self, gap: float, _start: IntArray | None) -> tuple[IntArray | None, float]:
        """Return the columns to open, or None, and a lower bound."""
        nothing = np.zeros(0, dtype=np.intp)
        low = float(np.minimum(self.near, self.cost.min(axis=1, initial=np.inf)).max(initial=0.0))
        if not np.isfinite(low):
            return None, np.inf
        high = float(self.near.max(initial=0.0))
        if high <= low:
            return nothing, high
        best: IntArray | None = nothing if np.isfinite(high) else None
        values = np.unique(np.concatenate([self.cost.ravel(), self.near]))
        values = values[np.isfinite(values) & (values >= low) & (values <= high)]
        # The optimum is values[first] or greater, and values[last] or less once `best` is known.
        first, last = 0, len(values) - 1
        while first < last or best is None:
            middle = (first + last) // 2
            if self.watch.is_over(values[first], values[last] if best is not None else np.inf):
                break
            if best is not None and relative_gap(values[last], values[first]) <= gap:
                break
            columns, is_decided = self.cover_within(values[middle])
            if not is_decided:
                break
            if columns is not None:
                best = columns
                reached = self.greatest(columns)
                last = int(np.searchsorted(values, reached))
            elif middle == len(values) - 1:
                return None, np.inf
            else:
                first = middle + 1
        return best, float(values[first])

    def greatest(self, columns: IntArray) -> float:
        """Return the greatest distance with these columns open."""
        km = np.minimum(self.near, self.cost[:, columns].min(axis=1, initial=np.inf))
        return float(km.max(initial=0.0))

    def cover_within(self, distance: float) -> tuple[IntArray | None, bool]:
        """Return columns that cover all within a distance, or None, and whether that is sure."""
        open_rows = self.near > distance
        matrix = coverage_matrix(self.cost[open_rows] <= distance)
        if (np.diff(matrix.indptr) == 0).any():
            return None, True
        cover, _, kept = reduced_cover(matrix, self.kind)
        taken = (sparse.csr_array(self.rows.tocsc()[:, kept]), self.upper)
        search = fewest_columns(cover, taken, self.most, self.watch)
        if search.columns is not None:
            return kept[search.columns], True
        return None, search.is_infeasible
