"""p-centre: the least greatest distance from a demand point to its nearest open site.

Minieka (1970), The m-center problem: a distance is enough exactly when so many sites cover every
demand point within it, so the optimum is one of the distances and is found by halving. The lower
end comes from covering's linear relaxation, the upper one from a search by exchange; the integer
models between decide (Elloumi, Labbé and Pochet 2004; Gaar and Sinnl 2022). Each covers only the
demand points that matter, found one after another (Chen and Chen 2009; Contardo, Iori and Kramer
2019).
"""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from scipy import sparse

from network_map.crs import FloatArray
from network_map.siting.cover_bounds import (
    WHOLE,
    CoverRelaxation,
    coverage_matrix,
    exchanged_cover,
    limit_kinds,
    reduced_cover,
)
from network_map.siting.cover_solvers import greedy_cover
from network_map.siting.highs import HALF, ModelState
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

# How long an integer model may think at first before another distance is tried.
FIRST_SLICE_S = 10.0
# So many demand points more are looked at together.
ROWS_AT_ONCE, APART = 20, 0.2
EXCHANGES, SHORT = 2_000, 5e-4
# A cover of few demand points is found by few exchanges, or there is none.
EXCHANGES_OF_A_ROW = 8
# The relaxation is halved down to this share of the distance; integer models do the rest.
NARROW_ENOUGH = 0.005
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


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard a distance is tried.

    Parameters
    ----------
    exchanges
        Most exchanges in the search for a cover.
    rounds
        Most rounds of cuts on the relaxation.
    seconds
        Most seconds for integer models.
    """

    exchanges: int
    rounds: int
    seconds: float


RELAXED, WHOLLY = Effort(200, 0, 0.0), Effort(2_000, 40, np.inf)


@dataclass(frozen=True, slots=True, eq=False)
class _SeenCover:
    """The reduced cover of the demand points looked at.

    Parameters
    ----------
    matrix, taken
        Shape (g, c), and what the columns take of further limits.
    demand, columns
        Shape (g,) and (c,): what the rows and columns stand for.
    """

    matrix: sparse.csr_array
    taken: tuple[sparse.csr_array, FloatArray]
    demand: IntArray
    columns: IntArray

    def triples_of(self, demand: IntArray) -> IntArray:
        """Return the rows of those triples of demand points that are all among the rows."""
        at = np.searchsorted(self.demand, demand)
        at = np.minimum(at, max(len(self.demand) - 1, 0))
        is_here = (self.demand[at] == demand).all(axis=1) if len(self.demand) else at[:, 0] < 0
        return np.asarray(at[is_here], dtype=np.intp)


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
        self.core = np.zeros(0, dtype=np.intp)
        self.triples = np.zeros((0, 3), dtype=np.intp)

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
        if self.best is None and self.decide(self.last, WHOLLY) is DistanceVerdict.TOO_LITTLE:
            return None, np.inf
        self.descend()
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
        """Raise ``first`` by halving to where a relaxation allows it."""
        upper = self.last
        while self.first < upper and not self.is_over():
            if relative_gap(self.values[upper], self.values[self.first]) <= NARROW_ENOUGH:
                return
            middle = (self.first + upper) // 2
            if self.decide(middle, RELAXED) is not DistanceVerdict.TOO_LITTLE:
                upper = middle

    def descend(self) -> None:
        """Lower ``last`` by exchanges, in shorter and shorter steps."""
        step = (self.last - self.first) // 2
        while self.first < self.last and not self.is_over():
            step = min(step, self.last - self.first - 1)
            if step <= 1:
                return
            at = self.last - step
            if not self.is_found_by_exchange(self.values[at], EXCHANGES):
                if self.values[self.last] - self.values[at] < SHORT * self.values[at]:
                    return
                step = step // 2

    def close(self, gap: float) -> None:
        """Decide the distance below the best one, and where that takes too long others between.

        What cannot be decided within some seconds is left for later, when they are more.
        """
        seconds = FIRST_SLICE_S
        while self.first < self.last and not self.is_over():
            effort = replace(WHOLLY, seconds=seconds)
            doubtful = self.last
            while self.first < doubtful and not self.is_over():
                if relative_gap(self.values[self.last], self.values[self.first]) <= gap:
                    return
                at = self.last - 1 if doubtful == self.last else (self.first + doubtful) // 2
                if self.decide(at, effort) is DistanceVerdict.OPEN:
                    doubtful = at
                doubtful = min(doubtful, self.last)
                if relative_gap(self.values[doubtful], self.values[self.first]) <= NARROW_ENOUGH:
                    break
            seconds *= 4.0

    def decide(self, at: int, effort: Effort) -> DistanceVerdict:
        """Return whether all can be covered within ``values[at]``, and keep what that tells.

        Only the demand points looked at so far are covered; those that a cover of these leaves
        out are looked at next. A few of them prove that there is none.
        """
        if self.is_found_by_exchange(self.values[at], effort.exchanges):
            return DistanceVerdict.ENOUGH
        verdict = self.relax(at, effort.rounds)
        if verdict is DistanceVerdict.OPEN and effort.seconds > 0:
            verdict = self.branch(at, effort)
        return verdict

    def relax(self, at: int, rounds: int) -> DistanceVerdict:
        """Decide by the relaxation, looking at what its shares leave out while that may help."""
        needed: list[float] = []
        # What exchanges looked at since would only slow the relaxation down.
        self.seen = self.core if len(self.core) else self.seen
        while not self.is_over():
            found = self.relaxed_seen(at, rounds)
            if found is None:
                return DistanceVerdict.TOO_LITTLE
            cover, relaxed = found
            if relaxed.shares is None:
                break
            needed.append(relaxed.bound)
            is_hopeless = _is_hopeless(needed, self.most)
            if is_hopeless or not self.look_at_more(cover.columns, relaxed.shares, self.values[at]):
                # Integer models are the sooner solved the fewer rows they have.
                self.look_only_at(cover, relaxed)
                break
        return DistanceVerdict.OPEN

    def branch(self, at: int, effort: Effort) -> DistanceVerdict:
        """Decide by integer models, each of what exchanges do not find a cover for."""
        distance, ends = self.values[at], self.watch.seconds + effort.seconds
        while not (self.is_over() or self.is_found_by_exchange(distance, effort.exchanges)):
            found = self.relaxed_seen(at, effort.rounds)
            if found is None:
                return DistanceVerdict.TOO_LITTLE
            cover, relaxed = found
            seconds = min(ends - self.watch.seconds, self.watch.remaining)
            if relaxed.shares is None or seconds <= 0:
                return DistanceVerdict.OPEN
            model = relaxed.integer_model(self.most)
            model.set_option("objective_target", value=self.most + HALF)
            outcome = model.solve(seconds, lambda *_: self.watch.is_over())
            if outcome.values is None:
                is_refused = outcome.state is ModelState.INFEASIBLE
                return self.refused(at) if is_refused else DistanceVerdict.OPEN
            columns = cover.columns[outcome.values > HALF]
            self.keep(columns)
            if not self.look_at_more(columns, np.ones(len(columns)), distance):
                break
        is_enough = self.best is not None and self.last <= at
        return DistanceVerdict.ENOUGH if is_enough else DistanceVerdict.OPEN

    def relaxed_seen(self, at: int, rounds: int) -> tuple[_SeenCover, CoverRelaxation] | None:
        """Return the relaxation of what was looked at; None if it proves ``at`` too little."""
        cover = self.cover_of_seen(self.values[at])
        if cover is None:
            self.refused(at)
            return None
        relaxed = CoverRelaxation(cover.matrix, cover.taken, cover.triples_of(self.triples))
        relaxed.solve(self.most + WHOLE, rounds, self.watch)
        self.triples = cover.demand[relaxed.tight_triples()]
        if relaxed.bound <= self.most + WHOLE:
            return cover, relaxed
        self.look_only_at(cover, relaxed)
        self.refused(at)
        return None

    def look_only_at(self, cover: _SeenCover, relaxed: CoverRelaxation) -> None:
        """Look only at the demand points that make the bound what it is, and keep their cuts."""
        self.triples = cover.demand[relaxed.tight_triples()]
        rows = relaxed.needed_rows()
        if np.isfinite(relaxed.bound) and len(rows):
            self.seen = self.core = cover.demand[rows]

    def is_found_by_exchange(self, distance: float, moves: int) -> bool:
        """Return whether exchanges find a cover of everything, and keep it."""
        chosen = self.best
        while moves and self.most and not self.upper.size and not self.is_over():
            cover = self.cover_of_seen(distance)
            if cover is None:
                return False
            begun = self.begun(cover, chosen, distance)
            enough = min(moves, EXCHANGES_OF_A_ROW * cover.matrix.shape[0])
            found = exchanged_cover(cover.matrix, begun, enough, self.watch.is_over)
            if found is None:
                return False
            chosen = cover.columns[found]
            self.keep(chosen)
            if not self.look_at_more(chosen, np.ones(len(chosen)), distance):
                return True
        return False

    def begun(self, cover: _SeenCover, chosen: IntArray | None, distance: float) -> IntArray:
        """Return places in the cover: the likest to these columns, filled up greedily."""
        greedy = greedy_cover(cover.matrix, None, tries=1)
        if chosen is None:
            return greedy[: self.most]
        inside = (self.cost[np.ix_(cover.demand, chosen)] <= distance).astype(np.float64)
        likest = np.asarray((cover.matrix.T @ inside).argmax(axis=0), dtype=np.intp)
        return np.concatenate([likest, greedy])[: self.most]

    def cover_of_seen(self, distance: float) -> _SeenCover | None:
        """Return what covers the demand points looked at so far; None if one cannot be."""
        rows = self.seen[self.near[self.seen] > distance]
        matrix = coverage_matrix(self.cost[rows] <= distance)
        if (np.diff(matrix.indptr) == 0).any():
            return None
        cover, hard, kept = reduced_cover(matrix, self.kind)
        taken = (sparse.csr_array(self.rows.tocsc()[:, kept]), self.upper)
        return _SeenCover(cover, taken, rows[hard], kept)

    def refused(self, at: int) -> DistanceVerdict:
        """Raise ``first`` above a distance that is not enough."""
        self.first = max(self.first, at + 1)
        return DistanceVerdict.TOO_LITTLE

    def look_at_more(self, columns: IntArray, shares: FloatArray, distance: float) -> bool:
        """Look at demand points that these opened shares leave out; whether there are any."""
        support, share = columns[shares > WHOLE], shares[shares > WHOLE]
        covered = np.where(self.near <= distance, 1.0, 0.0)
        covered += (self.cost[:, support] <= distance) @ share
        left = np.flatnonzero(covered < 1 - WHOLE)
        if len(left) == 0:
            return False
        # The least covered first, then those that are far from what was taken before.
        lack, near = 1.0 - covered[left], np.full(len(left), distance)
        added: list[int] = []
        for _ in range(min(max(ROWS_AT_ONCE, len(self.seen) // 4), len(left))):
            at = int(np.argmax(lack * near))
            if near[at] <= APART * distance and added:
                break
            added.append(int(left[at]))
            site = int(np.argmin(self.cost[left[at]]))
            near = np.minimum(near, self.cost[left, site])
            near[at] = 0.0
        self.seen = np.union1d(self.seen, added)
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
