"""A coverage matrix made smaller without losing an optimum: equal rows joined, sites dominated.

Cordeau, Furini and Ljubić (2019), Benders decomposition for very large scale partial set covering
and maximal covering location problems: demand points covered by the same sites are one point with
the sum of their weights. Toregas and ReVelle (1973): a site that covers no more than another, and
a demand point that is covered whenever another one is, change nothing.
"""

import numpy as np
from scipy import sparse

from network_map.crs import FloatArray
from network_map.reach.service import BoolArray
from network_map.siting.limits import IntArray, SiteLimits

# A product of the matrix with itself is worth this many multiplications, not more.
MOST_PRODUCTS = 2_000_000_000


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


def _contained(matrix: sparse.csr_array, kind: IntArray) -> BoolArray:
    """Return which rows are a subset of another row of the same kind; of equal ones all but one."""
    size = np.diff(matrix.indptr).astype(np.int64)
    per_column = np.bincount(matrix.indices, minlength=matrix.shape[1]).astype(np.int64)
    if int((per_column**2).sum()) > MOST_PRODUCTS:
        return np.zeros(matrix.shape[0], dtype=bool)
    shared = sparse.coo_array(matrix @ matrix.T)
    inside, outside = shared.row, shared.col
    is_subset = (
        (shared.data >= size[inside])
        & (inside != outside)
        & (kind[inside] == kind[outside])
        & ((size[outside] > size[inside]) | (outside < inside))
    )
    contained = np.zeros(matrix.shape[0], dtype=bool)
    contained[inside[is_subset]] = True
    return contained


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
    is_empty = np.diff(by_site.indptr) == 0
    return np.flatnonzero(~(_contained(by_site, kind) | is_empty))


def hardest_rows(coverage: sparse.csr_array) -> IntArray:
    """Return the rows that no other row's sites lie within: covering them covers all."""
    n = coverage.shape[0]
    size = np.diff(coverage.indptr).astype(np.int64)
    per_column = np.bincount(coverage.indices, minlength=coverage.shape[1]).astype(np.int64)
    if int((per_column**2).sum()) > MOST_PRODUCTS:
        return np.arange(n)
    shared = sparse.coo_array(coverage @ coverage.T)
    small, large = shared.row, shared.col
    is_within = (
        (shared.data >= size[small])
        & (small != large)
        & ((size[large] > size[small]) | (small < large))
    )
    implied = np.zeros(n, dtype=bool)
    implied[large[is_within]] = True
    return np.flatnonzero(~implied)


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
        hard = hardest_rows(coverage)
        coverage, rows = sparse.csr_array(coverage[hard]), rows[hard]
        kept = undominated_sites(coverage, kind[columns])
        coverage, columns = sparse.csr_array(coverage[:, kept]), columns[kept]
        if coverage.shape == before:
            return coverage, rows, columns
