"""The solver kernels of site selection give the optimum, and the proof."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pytest
from scipy import sparse

from network_map.crs import FloatArray
from network_map.siting.limits import SiteLimits
from network_map.siting.max_cover_solver import solve_max_cover
from network_map.siting.p_center_solver import solve_p_center
from network_map.siting.p_median_solver import solve_p_median
from network_map.siting.set_cover_solver import solve_set_cover
from network_map.siting.solved import Solved, SolveStatus

STANDARD = 3.0


def random_case(seed: int) -> tuple[FloatArray, FloatArray, SiteLimits]:
    """Return a small case: some sites stand, some are forbidden, some pairs are out of reach."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(3, 12)), int(rng.integers(3, 9))
    cost = np.round(rng.random((n, m)) * 10, 1)
    if seed % 3 == 0:
        cost[rng.random((n, m)) < 0.3] = np.inf
    takes = sparse.csr_array(rng.integers(0, 3, (2, m)).astype(float)) if seed % 2 else None
    limits = SiteLimits(
        fixed=rng.random(m) < 0.15,
        allowed=rng.random(m) < 0.8,
        count=int(rng.integers(1, 4)),
        rows=takes,
        upper=np.zeros(0) if takes is None else np.array([2.0, 3.0]),
    )
    return cost, rng.integers(0, 5, n).astype(float), limits


def every_plan(limits: SiteLimits) -> Iterator[list[int]]:
    new = limits.new_sites
    for size in range(limits.most_new(new) + 1):
        for chosen in map(list, combinations(new, size)):
            taken = 0.0 if limits.rows is None else limits.rows.toarray()[:, chosen].sum(axis=1)
            if limits.rows is None or (taken <= limits.upper).all():
                yield [*np.flatnonzero(limits.fixed), *chosen]


def assert_optimum(found: Solved, optimum: float) -> None:
    if np.isinf(optimum):
        assert found.status is SolveStatus.INFEASIBLE
        return
    assert found.status is SolveStatus.OPTIMAL
    assert found.objective == pytest.approx(optimum, abs=1e-9)
    assert found.bound == pytest.approx(optimum, abs=1e-9)


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(40))
def test_every_kernel_finds_what_trying_every_plan_finds(seed: int) -> None:
    cost, weight, limits = random_case(seed)
    counted = cost[weight > 0]
    nearest = [(plan, counted[:, plan].min(axis=1, initial=np.inf)) for plan in every_plan(limits)]
    assert_optimum(
        solve_p_median(cost, weight, limits), min(weight[weight > 0] @ near for _, near in nearest)
    )
    assert_optimum(
        solve_p_center(cost, weight, limits), min(near.max(initial=0.0) for _, near in nearest)
    )
    assert_optimum(
        solve_max_cover(cost <= STANDARD, weight, limits),
        max(weight[weight > 0] @ (near <= STANDARD) for _, near in nearest),
    )
    covering = [len(plan) for plan, _ in nearest if (cost[:, plan] <= STANDARD).any(axis=1).all()]
    fewest = min(covering, default=np.inf) - limits.fixed.sum()
    assert_optimum(solve_set_cover(cost <= STANDARD, limits), fewest)
