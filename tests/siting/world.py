"""Small location problems, and their optima by trying every choice."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

DEMANDS = tuple("abcdefg")
SITES = ("s1", "s2", "s3", "s4", "s5")


def random_world(seed: int) -> tuple[pd.Series, pd.DataFrame]:
    """Return demand and cost with ids, the demand in another order than the rows of the cost."""
    rng = np.random.default_rng(seed)
    cost = pd.DataFrame(
        rng.integers(1, 40, (len(DEMANDS), len(SITES))).astype(float),
        index=list(DEMANDS), columns=list(SITES),
    )  # fmt: skip
    demand = pd.Series(rng.integers(0, 9, len(DEMANDS)).astype(float), index=list(DEMANDS))
    demand.iloc[0] += 1
    return demand.sample(frac=1, random_state=seed), cost


def choices(candidates: Sequence[str], count: int) -> Iterator[tuple[str, ...]]:
    """Yield every set of up to `count` candidates."""
    for size in range(count + 1):
        yield from combinations(candidates, size)


def covered(
    demand: pd.Series, cost: pd.DataFrame, sites: Sequence[str], standard: float, times: int = 1
) -> float:
    """Return the demand within the standard of so many of the sites."""
    if not sites:
        return 0.0
    near = (cost[list(sites)] <= standard).sum(axis=1) >= times
    return float(demand.reindex(cost.index)[near].sum())


def travelled(demand: pd.Series, cost: pd.DataFrame, sites: Sequence[str]) -> float:
    """Return the sum of demand times cost to the nearest of the sites."""
    if not sites:
        return np.inf
    return float((demand.reindex(cost.index) * cost[list(sites)].min(axis=1)).sum())
