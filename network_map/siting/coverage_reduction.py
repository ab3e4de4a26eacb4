"""A coverage matrix made smaller without losing an optimum: equal rows joined, sites dominated.

Cordeau, Furini and Ljubić (2019), Benders decomposition for very large scale partial set covering
and maximal covering location problems: demand points covered by the same sites are one point with
the sum of their weights. Toregas and ReVelle (1973): a site that covers no more than another, and
a demand point that is covered whenever another one is, change nothing.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from network_map.crs import FloatArray
from network_map.reach.service import BoolArray
from network_map.siting.limits import IntArray, SiteLimits

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
