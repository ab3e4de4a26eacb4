"""Bounds of covering from both sides: the matrix reduced, its linear relaxation, a cover exchanged.

Cordeau, Furini and Ljubić (2019), Benders decomposition for very large scale partial set covering
and maximal covering location problems: demand points covered by the same sites are one point with
the sum of their weights. Toregas and ReVelle (1973): a site that covers no more than another, and
a demand point that is covered whenever another one is, change nothing.

Balas and Ng (1989), On the set covering polytope: all the facets with coefficients in {0, 1, 2}.
Of three rows that no column covers together, two columns are needed: ``2 · x(those that cover all
three) + x(those that cover one or two) >= 2``. In the plane, where the relaxation covers without
overlap, these cuts close most of what discs lose by overlapping.

Zhang, Lü, Su, Li, Fang and Ma (2020), Vertex weighting-based tabu search for p-center problem. One
row that is left out is drawn, a column that covers it enters, the column leaves whose loss weighs
least, and what was moved last may not be moved back at once. Where no exchange leaves less weight
out, the rows that are left out weigh more from then on, so that hard ones are served first. The
same search makes a set cover smaller and a greatest distance shorter.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from network_map.crs import FloatArray
from network_map.reach.cost import BoolArray
from network_map.siting.highs import HALF, HighsModel, ModelState
from network_map.siting.solving import IntArray, SiteLimits, SolveWatch

# --- the matrix without what changes nothing ------------------------------------------------------


FloatArray32: TypeAlias = NDArray[np.float32]

# A product of the matrix with itself is worth this many multiplications, not more; one in a sparse
# product takes as long as so many in a dense one.
MOST_PRODUCTS = 60_000_000_000
SPARSE_COST = 60
# A matrix with so few multiplications is reduced as a table: what sparse ones ask for around it
# would take longer.
TABLE_PRODUCTS = 4_000_000


def coverage_matrix(coverage: object) -> sparse.csr_array:
    """Return a 0/1 matrix in rows, indices ascending, from a boolean array or a sparse one."""
    matrix = sparse.csr_array(coverage, dtype=np.float64)
    matrix.eliminate_zeros()
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix


def join_equal_rows(
    coverage: sparse.csr_array, weight: FloatArray
) -> tuple[sparse.csr_array, FloatArray]:
    """Return one row for all demand points that the same sites cover, with their weights' sum."""
    starts, index = coverage.indptr, coverage.indices
    groups: dict[bytes, int] = {}
    group = np.empty(coverage.shape[0], dtype=np.intp)
    first: list[int] = []
    for row in range(coverage.shape[0]):
        key = index[starts[row] : starts[row + 1]].tobytes()
        if key not in groups:
            groups[key] = len(groups)
            first.append(row)
        group[row] = groups[key]
    total = np.bincount(group, weights=weight, minlength=len(first))
    return coverage[first], total.astype(np.float64)


def _containing_pairs(matrix: sparse.csr_array) -> tuple[IntArray, IntArray]:
    """Return pairs of rows (inside, outside), the first a subset of the second and not itself."""
    n, m = matrix.shape
    size = np.diff(matrix.indptr).astype(np.int64)
    per_column = np.bincount(matrix.indices, minlength=m).astype(np.int64)
    products = int((per_column**2).sum())
    if min(products * SPARSE_COST, n * n * m) > MOST_PRODUCTS:
        return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp)
    if products * SPARSE_COST > n * n * m:
        dense = matrix.toarray().astype(np.float32)  # exact: no count reaches 2 ** 24
        inside, outside = np.nonzero(dense @ dense.T >= size[:, None])
    else:
        shared = sparse.coo_array(matrix @ matrix.T)
        is_within = shared.data >= size[shared.row]
        inside, outside = shared.row[is_within], shared.col[is_within]
    is_other = inside != outside  # equal rows were joined: all others are proper subsets
    return inside[is_other].astype(np.intp), outside[is_other].astype(np.intp)


def limit_kinds(limits: SiteLimits, sites: IntArray) -> IntArray:
    """Return a number for each site, equal for sites that take the same of every limit."""
    rows = limits.rows_of(sites)
    if rows.shape[0] == 0:
        return np.zeros(len(sites), dtype=np.intp)
    _, kind = np.unique(rows.toarray().T, axis=0, return_inverse=True)
    return np.asarray(kind, dtype=np.intp).reshape(-1)


def undominated_sites(coverage: sparse.csr_array, kind: IntArray) -> IntArray:
    """Return the columns that no other column of the same kind covers entirely.

    Parameters
    ----------
    coverage
        Shape (n, m).
    kind
        Shape (m,), from `limit_kinds`: only sites that take the same of every limit compare.
    """
    by_site = sparse.csr_array(coverage.T)
    by_site.sort_indices()
    first = _first_of_equal(by_site, kind)
    by_site, kind = sparse.csr_array(by_site[first]), kind[first]
    size = np.diff(by_site.indptr)
    inside, outside = _containing_pairs(by_site)
    is_dominated = size == 0
    is_dominated[inside[kind[inside] == kind[outside]]] = True
    return np.asarray(first[~is_dominated], dtype=np.intp)


def _first_of_equal(matrix: sparse.csr_array, kind: IntArray) -> IntArray:
    """Return the first row of each set of equal rows of the same kind."""
    starts, index = matrix.indptr, matrix.indices
    seen: dict[tuple[bytes, int], int] = {}
    for row in range(matrix.shape[0]):
        seen.setdefault((index[starts[row] : starts[row + 1]].tobytes(), int(kind[row])), row)
    return np.fromiter(seen.values(), dtype=np.intp, count=len(seen))


def hardest_rows(coverage: sparse.csr_array) -> IntArray:
    """Return the rows that no other row's sites lie within: covering them covers all."""
    coverage.sort_indices()
    first = _first_of_equal(coverage, np.zeros(coverage.shape[0], dtype=np.intp))
    _, large = _containing_pairs(sparse.csr_array(coverage[first]))
    is_implied = np.zeros(len(first), dtype=bool)
    is_implied[large] = True
    return first[~is_implied]


def reduced_cover(
    coverage: sparse.csr_array, kind: IntArray
) -> tuple[sparse.csr_array, IntArray, IntArray]:
    """Return the matrix without implied rows and dominated columns, and which were kept.

    Parameters
    ----------
    coverage
        Shape (n, m). Every row must be covered.
    kind
        Shape (m,), as in `undominated_sites`.

    Returns
    -------
    coverage, rows, columns
        Both reductions, repeated until neither takes anything away.
    """
    rows, columns = np.arange(coverage.shape[0]), np.arange(coverage.shape[1])
    while True:
        before = coverage.shape
        if before[0] * before[1] * sum(before) <= TABLE_PRODUCTS:
            hard, kept = _reduced_table(coverage.toarray().astype(np.float32), kind[columns])
            return sparse.csr_array(coverage[hard][:, kept]), rows[hard], columns[kept]
        hard = hardest_rows(coverage)
        coverage, rows = sparse.csr_array(coverage[hard]), rows[hard]
        kept = undominated_sites(coverage, kind[columns])
        coverage, columns = sparse.csr_array(coverage[:, kept]), columns[kept]
        if coverage.shape == before:
            return coverage, rows, columns


def _reduced_table(inside: FloatArray32, kind: IntArray) -> tuple[IntArray, IntArray]:
    """Return the rows and columns that `reduced_cover` keeps of a 0/1 table."""
    rows, columns = np.arange(inside.shape[0]), np.arange(inside.shape[1])
    while True:
        before = inside.shape
        within = _is_within(inside)
        hard = np.flatnonzero(~(within & _is_rival(within)).any(axis=0))
        inside, rows = inside[hard], rows[hard]
        within = _is_within(inside.T) & (kind[columns][:, None] == kind[columns])
        is_dominated = (within & _is_rival(within.T).T).any(axis=1) | ~inside.any(axis=0)
        kept = np.flatnonzero(~is_dominated)
        inside, columns = inside[:, kept], columns[kept]
        if inside.shape == before:
            return rows, columns


def _is_within(inside: FloatArray32) -> BoolArray:
    """Return whether what row i holds, row j holds as well: shape (n, n)."""
    shared = inside @ inside.T  # exact: no count reaches 2 ** 24
    return np.asarray(shared >= shared.diagonal()[:, None], dtype=np.bool_)


def _is_rival(within: BoolArray) -> BoolArray:
    """Return whether i may take the place of j: i is not j, and the first of two equal ones."""
    before = np.triu(np.ones_like(within), 1)
    return np.asarray(before | (np.tril(~within.T, -1)), dtype=np.bool_)


# --- from below: the linear relaxation and cuts of three rows -------------------------------------


SHARE = 1e-7
WHOLE = 1e-6
# A cut must be broken by so much; so many are taken of each row, the most broken ones in all.
LEAST_BREACH, CUTS_OF_A_ROW, CUTS_AT_ONCE = 0.02, 2, 400
# The cuts are given up where their gain in so many rounds, going on so long, is not enough.
ROUNDS_TO_JUDGE, ROUNDS_AHEAD = 3, 20


class CoverRelaxation:
    """The linear model of the fewest columns that cover every row.

    Parameters
    ----------
    cover
        Shape (g, c), 0/1, no empty row.
    taken
        ``rows`` (r, c) and ``upper`` (r,) of further limits.
    triples
        Shape (k, 3): rows that make a cut from the beginning.
    """

    def __init__(
        self,
        cover: sparse.csr_array,
        taken: tuple[sparse.csr_array, FloatArray],
        triples: IntArray | None = None,
    ) -> None:
        g, c = cover.shape
        self.cover, self.taken = cover, taken
        self.model = HighsModel(np.ones(c), np.zeros(c), np.ones(c))
        self.model.add_rows(cover, np.ones(g), np.full(g, np.inf))
        self.model.add_rows(taken[0], np.full(taken[0].shape[0], -np.inf), taken[1])
        self.first_cut = self.model.row_count
        self.triples = np.zeros((0, 3), dtype=np.intp)
        if triples is not None:
            self.add(triples)
        self.is_shut = np.zeros(c, dtype=bool)
        self.bound = 0.0
        self.shares: FloatArray | None = None

    def add(self, triples: IntArray) -> None:
        """Add the cuts of these rows."""
        add_triple_cuts(self.model, self.cover, triples)
        self.triples = np.concatenate([self.triples, triples])

    def solve(self, enough: float, rounds: int, watch: SolveWatch) -> None:
        """Raise ``bound`` above ``enough``, infinite where nothing covers, or as far as it goes.

        Parameters
        ----------
        enough
            What is greater needs no further cut.
        rounds
            Most rounds of cuts.
        watch
            Ends it.
        """
        reached: list[float] = []
        for turn in range(rounds + 1):
            outcome = self.model.solve(watch.remaining, lambda *_: watch.is_over())
            if outcome.state is ModelState.INFEASIBLE:
                self.bound = np.inf
            if outcome.state is not ModelState.OPTIMAL or outcome.values is None:
                return
            self.bound, self.shares = max(self.bound, outcome.bound), outcome.values
            reached.append(self.bound)
            if self.bound > enough:
                return
            self.shut(self.shares, enough)
            if turn == rounds or _is_hopeless(reached, enough):
                return
            triples = broken_triples(self.cover, self.shares)
            if len(triples) == 0:
                return
            self.add(triples)

    def shut(self, shares: FloatArray, enough: float) -> None:
        """Shut the columns that no cover opens that is not greater than ``enough``."""
        dear = self.bound + self.model.reduced_costs() > enough
        dear &= ~self.is_shut & (shares <= SHARE)
        columns = np.flatnonzero(dear)
        self.is_shut |= dear
        self.model.set_bounds(columns, np.zeros(len(columns)), np.zeros(len(columns)))

    @property
    def whole_bound(self) -> float:
        """The bound on a whole number, less what floating point may have added to it."""
        return float(np.ceil(self.bound - WHOLE))

    def integer_model(self, most: int) -> HighsModel:
        """Return the integer model of at most so many columns, with the cuts that bind."""
        g, c = self.cover.shape
        rows, upper = self.taken
        model = HighsModel(
            np.ones(c), np.zeros(c), (~self.is_shut).astype(np.float64), np.ones(c, dtype=bool)
        )
        # Without a bound from the beginning HiGHS would not shut a column by its reduced cost.
        model.set_option("objective_bound", value=most + HALF)
        model.add_rows(self.cover, np.ones(g), np.full(g, np.inf))
        model.add_rows(rows, np.full(len(upper), -np.inf), upper)
        total = sparse.csr_array(np.ones((1, c)))
        model.add_rows(total, np.array([-np.inf]), np.array([float(most)]))
        add_triple_cuts(model, self.cover, self.tight_triples())
        return model

    def needed_rows(self) -> IntArray:
        """Return the rows without which the bound would be lower, ascending."""
        g = self.cover.shape[0]
        priced = np.flatnonzero(np.abs(self.model.row_duals()[:g]) > SHARE)
        return np.union1d(priced, self.tight_triples().ravel()).astype(np.intp)

    def tight_triples(self) -> IntArray:
        """Return the rows of the cuts that bind at the solution found last: shape (k, 3)."""
        if self.shares is None:
            return self.triples
        return self.triples[self.model.row_values()[self.first_cut :] <= 2.0 + LEAST_BREACH]


def _is_hopeless(reached: list[float], enough: float) -> bool:
    if len(reached) <= ROUNDS_TO_JUDGE:
        return False
    gain = (reached[-1] - reached[-1 - ROUNDS_TO_JUDGE]) / ROUNDS_TO_JUDGE
    return gain * ROUNDS_AHEAD < enough - reached[-1]


def add_triple_cuts(model: HighsModel, cover: sparse.csr_array, triples: IntArray) -> None:
    """Add the cuts of these rows of the cover, shape (k, 3), to a model of its columns."""
    k = len(triples)
    left = halved_columns(sparse.csr_array(triple_rows(triples, cover.shape[0]) @ cover))
    model.add_rows(left, np.full(k, 2.0), np.full(k, np.inf))


def triple_rows(triples: IntArray, g: int) -> sparse.csr_array:
    """Return which of g rows each triple holds: shape (k, g)."""
    k = len(triples)
    of = (np.repeat(np.arange(k), 3), triples.ravel())
    return sparse.csr_array((np.ones(3 * k), of), shape=(k, g))


def halved_columns(times: sparse.csr_array) -> sparse.csr_array:
    """Return 1 for columns that cover one or two rows of a triple, and 2 for all three."""
    times.data = np.ceil(times.data / 2.0)
    return times


def broken_triples(
    cover: sparse.csr_array, shares: FloatArray, covered: FloatArray | None = None
) -> IntArray:
    """Return the rows of the cuts that opened shares break most: shape (k, 3).

    Parameters
    ----------
    cover
        Shape (g, c), 0/1.
    shares
        Shape (c,).
    covered
        Shape (g,): how much of each row has to be covered; all of it without. A cut then asks
        for the sum of its three rows less 1.
    """
    asked = np.ones(cover.shape[0]) if covered is None else covered
    support = np.flatnonzero(shares > SHARE)
    inside = sparse.csc_array(cover)[:, support].toarray()
    share = shares[support]
    once = inside @ share
    both = (inside * share) @ inside.T
    found: list[IntArray] = []
    value: list[FloatArray] = []
    for row in np.flatnonzero(once < asked + 1.0 - LEAST_BREACH):
        near = np.flatnonzero(both[row] > SHARE)
        near = near[near > row]
        if len(near) < 2:  # noqa: PLR2004 - two more rows make three
            continue
        columns = np.flatnonzero(inside[row])
        of_row = inside[np.ix_(near, columns)]
        all_three = (of_row * share[columns]) @ of_row.T
        alone = once[near] - both[row, near]
        # The columns that cover one row or more, and once more those that cover all three.
        left = once[row] + alone[:, None] + alone[None, :] - both[np.ix_(near, near)]
        left += 2.0 * all_three
        left += 3.0 - asked[row] - asked[near][:, None] - asked[near][None, :]
        left[np.tril_indices(len(near))] = np.inf
        flat = left.ravel()
        best = np.argpartition(flat, CUTS_OF_A_ROW - 1)[:CUTS_OF_A_ROW]
        best = best[flat[best] < 2.0 - LEAST_BREACH]
        second, third = np.divmod(best, len(near))
        found.append(np.column_stack([np.full(len(best), row), near[second], near[third]]))
        value.append(flat[best])
    if not found:
        return np.zeros((0, 3), dtype=np.intp)
    order = np.argsort(np.concatenate(value), kind="stable")[:CUTS_AT_ONCE]
    return np.concatenate(found)[order].astype(np.intp)


# --- from above: a cover by a given number of sites -----------------------------------------------


MOVES_BETWEEN_LOOKS = 64


def exchanged_cover(
    cover: sparse.csr_array, chosen: IntArray, moves: int, is_over: Callable[[], bool]
) -> IntArray | None:
    """Return as many columns as were given that cover every row, or None if none were found.

    Parameters
    ----------
    cover
        Shape (g, c), no empty row.
    chosen
        Columns to begin with.
    moves
        Most exchanges.
    is_over
        Whether to stop.
    """
    search = _Exchange(cover, chosen)
    for move in range(moves):
        if search.is_done or (move % MOVES_BETWEEN_LOOKS == 0 and is_over()):
            break
        search.move()
    return np.unique(search.chosen) if search.is_done else None


class _Exchange:
    """The columns of each place, and how often they cover each row."""

    def __init__(self, cover: sparse.csr_array, chosen: IntArray) -> None:
        self.cover, self.by_column = cover, sparse.csr_array(cover.T)
        self.chosen = np.array(chosen, dtype=np.intp)
        self.weight = np.ones(cover.shape[0])
        # The sum of the places that cover a row is the place itself where there is only one.
        self.times = np.zeros(cover.shape[0], dtype=np.intp)
        self.places = np.zeros(cover.shape[0], dtype=np.intp)
        for place in range(len(chosen)):
            self.count(place, 1)
        self.barred_place, self.barred_column = -1, -1
        self.rng = np.random.default_rng(0)

    @property
    def is_done(self) -> bool:
        """Whether every row is covered."""
        return bool(self.times.all())

    def count(self, place: int, sign: int) -> None:
        """Count the rows of the column at a place, or take them back."""
        column, starts = self.chosen[place], self.by_column.indptr
        rows = self.by_column.indices[starts[column] : starts[column + 1]]
        self.times[rows] += sign
        self.places[rows] += sign * place

    def move(self) -> None:
        """Let one column enter that covers a row that is left out, and one leave."""
        bare = np.flatnonzero(self.times == 0)
        row = bare[self.rng.integers(len(bare))]
        enters = self.cover.indices[self.cover.indptr[row] : self.cover.indptr[row + 1]]
        if len(enters) > 1:
            enters = enters[enters != self.barred_column]
        gain = self.gains(enters)
        if len(self.chosen) > 1 and self.barred_place >= 0:
            gain[:, self.barred_place] = -np.inf
        most = gain.max()
        best = np.flatnonzero(gain.ravel() == most)
        at, place = divmod(int(best[self.rng.integers(len(best))]), len(self.chosen))
        self.barred_place, self.barred_column = place, int(self.chosen[place])
        self.count(place, -1)
        self.chosen[place] = enters[at]
        self.count(place, 1)
        if most <= 0:
            self.weight[self.times == 0] += 1.0

    def gains(self, enters: IntArray) -> FloatArray:
        """Return the weight that is covered more when a column enters and a place is left."""
        p, k = len(self.chosen), len(enters)
        starts = self.by_column.indptr
        size = starts[enters + 1] - starts[enters]
        owner = np.repeat(np.arange(k), size)
        shift = starts[enters] - np.cumsum(size) + size
        rows = self.by_column.indices[np.arange(len(owner)) + shift[owner]]
        times = self.times[rows]
        is_new, is_kept = times == 0, times == 1
        gained = np.bincount(owner[is_new], self.weight[rows[is_new]], minlength=k)
        kept = rows[is_kept]
        saved = np.bincount(
            owner[is_kept] * p + self.places[kept], self.weight[kept], minlength=k * p
        )
        sole = np.flatnonzero(self.times == 1)
        lost = np.bincount(self.places[sole], self.weight[sole], minlength=p)
        gain = gained[:, None] + saved.reshape(k, p) - lost[None, :]
        return np.asarray(gain, dtype=np.float64)
