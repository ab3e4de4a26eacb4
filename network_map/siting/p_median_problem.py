"""The p-median problem in the form its solver works on: scaled, and without what is decided."""

from dataclasses import dataclass, replace

import numpy as np

from network_map.crs import FloatArray
from network_map.reach.service import BoolArray
from network_map.siting.limits import SLACK, IntArray, SiteLimits

# Room for the rounding of sums of doubles, as a share of the objective.
ROUNDING = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class MedianProblem:
    """Choose columns so that the sum over rows of the least chosen entry is least.

    Parameters
    ----------
    cost
        Shape (n, c). Weight times cost, divided by ``scale``; never above ``cap``; infinite where
        the column cannot serve the row and no standing site can either.
    cap
        Shape (n,). What the standing sites cost the row; infinite if none serves it.
    columns
        Shape (c,). The sites that the columns stand for.
    count
        At most so many columns.
    rows, upper
        Shape (r, c) and (r,): further limits.
    forced
        Sites that every better plan opens: they are standing sites here.
    scale
        What the costs are divided by, so that the solver sees numbers near 1.
    unit
        The objective moves in steps of this, 0 if in none: whole numbers stay whole.
    """

    cost: FloatArray
    cap: FloatArray
    columns: IntArray
    count: int
    rows: FloatArray
    upper: FloatArray
    forced: IntArray
    scale: float
    unit: float

    @property
    def is_limited(self) -> bool:
        """Whether there are limits besides the number of sites."""
        return bool(self.rows.shape[0])

    @property
    def is_decided(self) -> bool:
        """Whether no column is left to choose."""
        return self.count <= 0 or bool(self.cost.size == 0) or self.is_overdrawn

    @property
    def is_overdrawn(self) -> bool:
        """Whether the sites that every better plan opens break a limit: there is none, then."""
        return self.count < 0 or bool((self.upper < -SLACK).any())

    @property
    def decided_value(self) -> float:
        """What is left without a choice costs this; infinite if it may not be."""
        return np.inf if self.is_overdrawn else self.value(np.zeros(0, dtype=np.intp))

    def value(self, chosen: IntArray) -> float:
        """Return the objective of these columns, in units of ``scale``."""
        return float(np.minimum(self.cap, self.cost[:, chosen].min(axis=1, initial=np.inf)).sum())

    def cutoff(self, best: float) -> float:
        """Return the bound from which on no plan can be better than ``best``."""
        return best - max(ROUNDING * abs(best), self.unit * (1 - 1e-6))

    def only(self, kept: IntArray) -> "MedianProblem":
        """Return the problem of these columns alone: its plans are plans of this one."""
        return replace(
            self,
            cost=self.cost[:, kept],
            columns=self.columns[kept],
            count=min(self.count, len(kept)),
            rows=self.rows[:, kept],
        )

    def without(self, shut: BoolArray, forced: BoolArray) -> "MedianProblem":
        """Return the problem with some columns shut for good and some open for good."""
        kept = np.flatnonzero(~shut & ~forced)
        cap = np.minimum(self.cap, self.cost[:, forced].min(axis=1, initial=np.inf))
        return replace(
            self,
            cost=np.minimum(self.cost[:, kept], cap[:, None]),
            cap=cap,
            columns=self.columns[kept],
            count=min(self.count - int(forced.sum()), len(kept)),
            rows=self.rows[:, kept],
            upper=self.upper - self.rows[:, forced].sum(axis=1),
            forced=np.concatenate([self.forced, self.columns[forced]]),
        )


def median_problem(cost: FloatArray, weight: FloatArray, limits: SiteLimits) -> MedianProblem:
    """Return the problem of demand points with a weight and sites that may serve one of them.

    Parameters
    ----------
    cost
        Shape (n, m), infinite where j cannot serve i.
    weight
        Shape (n,), not negative.
    limits
        Which sites may be opened, and how many.
    """
    counted, sites = np.flatnonzero(weight > 0), limits.new_sites
    of = weight[counted]
    standing = np.flatnonzero(limits.fixed)
    cap = of * cost[np.ix_(counted, standing)].min(axis=1, initial=np.inf)
    weighted = of[:, None] * cost[np.ix_(counted, sites)]
    np.minimum(weighted, cap[:, None], out=weighted)
    sites_that_help = np.flatnonzero((weighted < cap[:, None]).any(axis=0))
    weighted, sites = weighted[:, sites_that_help], sites[sites_that_help]
    finite = weighted[np.isfinite(weighted)]
    is_whole = bool((finite == np.round(finite)).all()) and bool(
        (cap[np.isfinite(cap)] == np.round(cap[np.isfinite(cap)])).all()
    )
    scale = float(finite.mean()) if finite.size and finite.mean() > 0 else 1.0
    return MedianProblem(
        cost=weighted / scale,
        cap=cap / scale,
        columns=sites,
        count=limits.most_new(sites),
        rows=limits.rows_of(sites).toarray(),
        upper=limits.upper.astype(np.float64),
        forced=np.zeros(0, dtype=np.intp),
        scale=scale,
        unit=1.0 / scale if is_whole else 0.0,
    )
