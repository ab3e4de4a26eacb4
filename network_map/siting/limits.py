"""Which sites may be opened, and how many: what every model of site selection respects."""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from network_map.crs import FloatArray
from network_map.reach.service import BoolArray

IntArray: TypeAlias = NDArray[np.intp]

SLACK = 1e-9
"""A limit is kept when no more than this is lacking: the rounding of sums of what sites take."""


@dataclass(frozen=True, slots=True, eq=False)
class SiteLimits:
    """Which of m candidate sites may be opened, and how many.

    Parameters
    ----------
    fixed
        Shape (m,). Sites that stand already: open in every plan, and free of every limit below.
    allowed
        Shape (m,). Sites that may be opened anew. What is neither fixed nor allowed stays shut.
    count
        At most this many new sites; fixed ones come on top. None: no such limit.
    rows
        Shape (r, m), no negative entry. What a new site takes of each of r further limits: 1
        for each site of a prefecture, or what the site costs. Fixed sites take nothing.
    upper
        Shape (r,). How much of each of them there is.

    Raises
    ------
    ValueError
        If shapes do not fit together, or an entry of ``rows`` or ``count`` is negative.
    """

    fixed: BoolArray
    allowed: BoolArray
    count: int | None = None
    rows: sparse.csr_array | None = None
    upper: FloatArray = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        m = len(self.fixed)
        if len(self.allowed) != m:
            raise ValueError(f"allowed must have {m} entries like fixed, not {len(self.allowed)}")
        if self.count is not None and self.count < 0:
            raise ValueError(f"count must not be negative: {self.count}")
        wanted = (len(self.upper), m)
        if (self.rows is None and len(self.upper)) or (
            self.rows is not None and self.rows.shape != wanted
        ):
            raise ValueError(f"rows must have the shape {wanted} of upper and fixed")
        if self.rows is not None and self.rows.nnz and self.rows.data.min() < 0:
            raise ValueError("rows must not hold a negative entry")

    @property
    def new_sites(self) -> IntArray:
        """Sites that may be opened anew and do not stand already, ascending."""
        return np.flatnonzero(self.allowed & ~self.fixed)

    def most_new(self, sites: IntArray) -> int:
        """Return at most how many of these new sites ``count`` lets open."""
        return len(sites) if self.count is None else min(self.count, len(sites))

    def rows_of(self, sites: IntArray) -> sparse.csr_array:
        """Return the columns of ``rows`` that belong to these sites: shape (r, len(sites))."""
        if self.rows is None:
            return sparse.csr_array((0, len(sites)))
        return sparse.csr_array(self.rows.tocsc()[:, sites])


def plain_limits(site_count: int, new_count: int | None = None) -> SiteLimits:
    """Return limits with nothing fixed, every site allowed and at most ``new_count`` open."""
    return SiteLimits(
        fixed=np.zeros(site_count, dtype=bool),
        allowed=np.ones(site_count, dtype=bool),
        count=new_count,
    )
