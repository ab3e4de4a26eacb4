"""p-centre: the least greatest distance from a demand point to its nearest open site.

Minieka (1970), The m-center problem: a distance is enough exactly when so many sites cover every
demand point within it, so the optimum is one of the distances and is found by halving. The lower
end comes from covering's linear relaxation, the upper one from a search by exchange; the integer
models between decide (Elloumi, Labbé and Pochet 2004; Gaar and Sinnl 2022). Each covers only the
demand points that matter, found one after another (Chen and Chen 2009; Contardo, Iori and Kramer
2019).
"""

from enum import StrEnum

import numpy as np
from scipy import sparse

from network_map.crs import FloatArray
from network_map.siting.coverage_reduction import coverage_matrix, limit_kinds, reduced_cover
from network_map.siting.limits import SLACK, IntArray, SiteLimits
from network_map.siting.set_cover_solver import (
    WHOLE,
    CoverDecision,
    cover_decision,
    greedy_cover,
)
from network_map.siting.solved import (
    Solved,
    SolveProgress,
    SolveStatus,
    SolveWatch,
    no_plan,
    relative_gap,
)

# How long an integer model may think at first before another distance is tried.
FIRST_SLICE_S = 10.0
# So many demand points more are looked at together.
ROWS_AT_ONCE = 20
GREEDY_TRIES = 4
# The relaxation is halved down to this share of the distance; integer models do the rest.
NARROW_ENOUGH = 0.002
# The relaxation is given up where its growth would not reach the count in so many rounds.
ROUNDS_TO_JUDGE, ROUNDS_AHEAD = 3, 6


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


class DistanceVerdict(StrEnum):
    """Whether so many sites cover all within a distance."""

    ENOUGH = "enough"
    TOO_LITTLE = "too_little"
    OPEN = "open"


class _Search:
    """Closing in over the distances that the optimum can have."""

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
        self.best: IntArray | None = None
        self.values = np.zeros(0)
        self.first, self.last = 0, -1
        self.seen = np.zeros(0, dtype=np.intp)

    def run(self, gap: float, start: IntArray | None) -> tuple[IntArray | None, float]:
        """Return the columns to open, or None, and a lower bound."""
        nothing = np.zeros(0, dtype=np.intp)
        low = float(np.minimum(self.near, self.cost.min(axis=1, initial=np.inf)).max(initial=0.0))
        if not np.isfinite(low):
            return None, np.inf
        high = float(self.near.max(initial=0.0))
        if high <= low:
            return nothing, high
        values = np.unique(np.concatenate([self.cost.ravel(), self.near]))
        self.values = values[np.isfinite(values) & (values >= low) & (values <= high)]
        # The optimum is values[first] or greater; values[last] or less once `best` is known.
        self.last = len(self.values) - 1
        if np.isfinite(high):
            self.best = nothing
        if start is not None:
            self.keep(np.flatnonzero(np.isin(self.sites, start)))
        self.seen = self.begin()
        self.narrow()
        if (
            self.best is None
            and self.decide(self.last, is_exact=True) is DistanceVerdict.TOO_LITTLE
        ):
            return None, np.inf
        self.close(gap)
        return self.best, float(self.values[self.first])

    def keep(self, columns: IntArray) -> None:
        """Keep columns that may be opened together, if they are the best so far."""
        taken = np.asarray(self.rows[:, columns].sum(axis=1)).reshape(-1)
        if len(columns) > self.most or (taken > self.upper + SLACK).any():
            return
        km = np.minimum(self.near, self.cost[:, columns].min(axis=1, initial=np.inf))
        reached = int(np.searchsorted(self.values, km.max(initial=0.0)))
        if reached < self.last or (self.best is None and reached == self.last):
            self.best, self.last = columns, reached

    def is_over(self) -> bool:
        """Report what is known and return whether to stop."""
        best = self.values[self.last] if self.best is not None else np.inf
        return self.watch.is_over(bound=float(self.values[self.first]), best=float(best))

    def narrow(self) -> None:
        """Raise ``first`` by halving to where covering's linear relaxation allows it."""
        upper = self.last
        while self.first < upper and not self.is_over():
            if relative_gap(self.values[upper], self.values[self.first]) <= NARROW_ENOUGH:
                return
            middle = (self.first + upper) // 2
            if self.decide(middle, is_exact=False) is not DistanceVerdict.TOO_LITTLE:
                upper = middle

    def close(self, gap: float) -> None:
        """Halve what is left by integer models; what one cannot decide soon is left for later."""
        seconds = FIRST_SLICE_S
        while self.first < self.last and not self.is_over():
            if relative_gap(self.values[self.last], self.values[self.first]) <= gap:
                return
            if not self.halve(seconds):
                seconds *= 4.0

    def halve(self, seconds: float) -> bool:
        """Halve below and above what stays undecided within so many seconds; whether all is."""
        doubt: tuple[int, int] | None = None
        is_below = True
        while not self.is_over():
            low = self.first if doubt is None else max(doubt[1] + 1, self.first)
            ends = (self.first, self.last if doubt is None else min(doubt[0], self.last))
            if doubt is not None and not is_below:
                ends = (low, self.last)
            if ends[0] >= ends[1]:
                if doubt is None or not is_below:
                    return doubt is None or self.first >= self.last
                is_below = False
                continue
            middle = (ends[0] + ends[1]) // 2
            if self.decide(middle, is_exact=True, seconds=seconds) is DistanceVerdict.OPEN:
                doubt = (
                    (middle, middle)
                    if doubt is None
                    else (min(doubt[0], middle), max(doubt[1], middle))
                )
        return False

    def decide(  # noqa: PLR0911 - each way to know leaves at once
        self, at: int, *, is_exact: bool, seconds: float = np.inf
    ) -> DistanceVerdict:
        """Return whether all can be covered within ``values[at]``, and keep what that tells.

        Only the demand points looked at so far are covered; those that a cover of these leaves
        out are looked at next. A few of them prove that there is none.
        """
        distance = self.values[at]
        if self.is_covered_greedily(distance):
            return DistanceVerdict.ENOUGH
        needed: list[float] = []
        is_integer = False
        while not self.is_over():
            search, kept = self.cover_of_seen(distance, is_integer=is_integer, seconds=seconds)
            if search.is_infeasible:
                return self.refused(at)
            if search.shares is None:
                return DistanceVerdict.OPEN
            if search.columns is not None:
                self.keep(kept[search.columns])
                if self.best is not None and self.last <= at:
                    return DistanceVerdict.ENOUGH
            needed.append(float(search.shares.sum()))
            is_known = not is_integer and _is_hopeless(needed, self.most)
            if not is_known and self.look_at_more(kept, search.shares, distance):
                continue
            if search.columns is not None and not is_known:
                return DistanceVerdict.ENOUGH
            if is_integer or not is_exact:
                return DistanceVerdict.OPEN
            is_integer = True
        return DistanceVerdict.OPEN

    def cover_of_seen(
        self, distance: float, *, is_integer: bool, seconds: float
    ) -> tuple[CoverDecision, IntArray]:
        """Return whether what was looked at so far can be covered, and by which columns' shares."""
        rows = self.seen[self.near[self.seen] > distance]
        matrix = coverage_matrix(self.cost[rows] <= distance)
        if (np.diff(matrix.indptr) == 0).any():
            return CoverDecision(None, None, is_infeasible=True), np.zeros(0, dtype=np.intp)
        cover, _, kept = reduced_cover(matrix, self.kind)
        taken = (sparse.csr_array(self.rows.tocsc()[:, kept]), self.upper)
        search = cover_decision(
            cover, taken, self.most, self.watch, is_integer=is_integer, seconds=seconds
        )
        return search, kept

    def is_covered_greedily(self, distance: float) -> bool:
        """Return whether a greedy cover of everything is within the limits, and keep it."""
        matrix = coverage_matrix(self.cost[self.near > distance] <= distance)
        if self.upper.size or (np.diff(matrix.indptr) == 0).any():
            return False
        columns = greedy_cover(matrix, None, tries=GREEDY_TRIES)
        if len(columns) > self.most:
            return False
        self.keep(columns)
        return True

    def refused(self, at: int) -> DistanceVerdict:
        """Raise ``first`` above a distance that is not enough."""
        self.first = max(self.first, at + 1)
        return DistanceVerdict.TOO_LITTLE

    def look_at_more(self, columns: IntArray, shares: FloatArray, distance: float) -> bool:
        """Look at demand points that these opened shares leave out; whether there are any."""
        support = columns[shares > WHOLE]
        share = shares[shares > WHOLE]
        covered = np.where(self.near <= distance, 1.0, 0.0)
        covered += (self.cost[:, support] <= distance) @ share
        left = np.flatnonzero(covered < 1 - WHOLE)
        if len(left) == 0:
            return False
        # The least covered first, and of those the farthest from what is open.
        far = np.minimum(
            self.near[left], self.cost[np.ix_(left, support)].min(axis=1, initial=np.inf)
        )
        order = np.lexsort((-far, np.round(covered[left], 3)))
        self.seen = np.union1d(self.seen, left[order[: max(ROWS_AT_ONCE, len(self.seen) // 2)]])
        return True

    def begin(self) -> IntArray:
        """Return demand points far from each other, each the farthest from those before it."""
        wanted = min(2 * self.most + ROWS_AT_ONCE, len(self.cost))
        seen: list[int] = []
        sites: list[int] = []
        near = self.near.copy()
        for turn in range(wanted):
            row = int(np.argmax(near)) if turn else int(np.argmax(self.cost.min(axis=1)))
            if near[row] <= 0 and turn:
                break
            seen.append(row)
            site = int(np.argmin(self.cost[row]))
            sites.append(site)
            near = np.minimum(near, self.cost[:, site])
            near[row] = -1.0
        self.keep(np.unique(sites[: self.most]).astype(np.intp))
        return np.unique(seen).astype(np.intp)


def _is_hopeless(needed: list[float], most: int) -> bool:
    """Return whether the sites that more and more demand points need will not reach ``most``."""
    if len(needed) < ROUNDS_TO_JUDGE:
        return False
    return (needed[-1] - needed[-2]) * ROUNDS_AHEAD < most - needed[-1]
