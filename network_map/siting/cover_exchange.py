"""A cover by a given number of sites, searched by exchange with weights on what is left out.

Zhang, Lü, Su, Li, Fang and Ma (2020), Vertex weighting-based tabu search for p-center problem. One
row that is left out is drawn, a column that covers it enters, the column leaves whose loss weighs
least, and what was moved last may not be moved back at once. Where no exchange leaves less weight
out, the rows that are left out weigh more from then on, so that hard ones are served first. The
same search makes a set cover smaller and a greatest distance shorter.
"""

from collections.abc import Callable

import numpy as np
from scipy import sparse

from network_map.crs import FloatArray
from network_map.siting.limits import IntArray

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
