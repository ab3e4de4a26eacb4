"""A lower bound of the columns that cover every row: the linear relaxation and cuts of three rows.

Balas and Ng (1989), On the set covering polytope: all the facets with coefficients in {0, 1, 2}.
Of three rows that no column covers together, two columns are needed: ``2 · x(those that cover all
three) + x(those that cover one or two) >= 2``. In the plane, where the relaxation covers without
overlap, these cuts close most of what discs lose by overlapping.
"""

import numpy as np
from scipy import sparse

from network_map.crs import FloatArray
from network_map.siting.highs import HALF, HighsModel, ModelState
from network_map.siting.limits import IntArray
from network_map.siting.solved import SolveWatch

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
