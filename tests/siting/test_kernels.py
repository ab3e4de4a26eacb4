"""The solver kernels of site selection give the optimum, and the proof."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import combinations, product

import numpy as np
import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from spopt.locate import LSCP, MCLP, PCenter, PMedian

from network_map.crs import FloatArray
from network_map.siting import cover_bounds
from network_map.siting.cover_bounds import broken_triples, coverage_matrix, reduced_cover
from network_map.siting.cover_solvers import solve_max_cover, solve_set_cover
from network_map.siting.highs import HighsModel
from network_map.siting.p_center_solver import solve_p_center
from network_map.siting.p_median_solver import solve_p_median
from network_map.siting.solving import SiteLimits, Solved, SolveStatus, plain_limits

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


def assert_optimum(found: Solved, optimum: float, *, within: float = 1e-9) -> None:
    if np.isinf(optimum):
        assert found.status is SolveStatus.INFEASIBLE
        return
    assert found.status is SolveStatus.OPTIMAL
    assert found.objective == pytest.approx(optimum, abs=within)
    assert found.bound == pytest.approx(optimum, abs=within)


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


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # pulp's, of its next version
@pytest.mark.parametrize("seed", range(30))
def test_the_kernels_agree_with_spopt(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cost = np.round(rng.random((14, 10)) * 10, 2)
    weight = rng.integers(1, 9, 14).astype(float)
    count = int(rng.integers(1, 5))
    limits, solver = plain_limits(10, count), pulp.HiGHS(msg=False)

    def optimum(model: LSCP | MCLP | PCenter | PMedian) -> float:
        return float(pulp.value(model.solve(solver).problem.objective))

    assert_optimum(
        solve_p_median(cost, weight, limits),
        optimum(PMedian.from_cost_matrix(cost, weight, p_facilities=count)),
        within=1e-5,
    )
    assert_optimum(
        solve_p_center(cost, weight, limits),
        optimum(PCenter.from_cost_matrix(cost, p_facilities=count)),
        within=1e-5,
    )
    assert_optimum(
        solve_max_cover(cost <= STANDARD, weight, limits),
        optimum(MCLP.from_cost_matrix(cost, weight, STANDARD, p_facilities=count)),
        within=1e-5,
    )
    widest = float(cost.min(axis=1).max())
    assert_optimum(
        solve_set_cover(cost <= widest, plain_limits(10)),
        optimum(LSCP.from_cost_matrix(cost, widest)),
        within=1e-5,
    )


Kernel = Callable[[FloatArray, FloatArray, SiteLimits], Solved]
KERNELS: dict[str, Kernel] = {
    "p_median": solve_p_median,
    "p_center": solve_p_center,
    "max_cover": lambda cost, weight, limits: solve_max_cover(cost <= STANDARD, weight, limits),
    "set_cover": lambda cost, _weight, limits: solve_set_cover(cost <= STANDARD, limits),
}


@pytest.mark.law
@pytest.mark.parametrize("name", KERNELS)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=12)
def test_standing_sites_stay_open_and_forbidden_ones_shut(name: str, seed: int) -> None:
    cost, weight, limits = random_case(seed)
    found = KERNELS[name](cost, weight, limits)
    if found.status is SolveStatus.INFEASIBLE:
        return
    opened = np.zeros(len(limits.fixed), dtype=bool)
    opened[found.sites] = True
    assert opened[limits.fixed].all()
    assert not (opened & ~limits.fixed & ~limits.allowed).any()
    assert (opened & ~limits.fixed).sum() <= (limits.count or 0)
    assert set(found.assignment) - {-1} <= set(found.sites)


@pytest.mark.law
@pytest.mark.parametrize("name", ["p_median", "p_center", "max_cover"])
@given(seed=st.integers(0, 10_000))
@settings(max_examples=12)
def test_one_more_site_never_makes_it_worse(name: str, seed: int) -> None:
    cost, weight, limits = random_case(seed)
    sign = -1.0 if name == "max_cover" else 1.0
    found = [
        sign * KERNELS[name](cost, weight, replace(limits, count=count)).objective
        for count in range(4)
    ]
    reached = [value for value in found if not np.isnan(value)]
    assert found[len(found) - len(reached) :] == reached, "once feasible, always feasible"
    assert reached == sorted(reached, reverse=True)


@pytest.mark.law
@pytest.mark.parametrize("name", KERNELS)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=12)
def test_the_order_of_points_and_sites_carries_no_meaning(name: str, seed: int) -> None:
    cost, weight, limits = random_case(seed)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(weight)), rng.permutation(len(limits.fixed))
    moved = SiteLimits(
        fixed=limits.fixed[columns],
        allowed=limits.allowed[columns],
        count=limits.count,
        rows=None if limits.rows is None else limits.rows_of(columns),
        upper=limits.upper,
    )
    found = KERNELS[name](cost, weight, limits)
    again = KERNELS[name](cost[np.ix_(rows, columns)], weight[rows], moved)
    assert again.status is found.status
    assert again.objective == pytest.approx(found.objective, nan_ok=True)


@pytest.mark.parametrize("name", KERNELS)
def test_a_solve_that_runs_out_of_time_is_never_called_optimal(name: str) -> None:
    rng = np.random.default_rng(5)
    place = rng.random((250, 2)) * 30
    cost = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1))
    weight, limits = rng.random(250), plain_limits(250, None if name == "set_cover" else 20)
    kernels: dict[str, Callable[..., Solved]] = {
        "p_median": partial(solve_p_median, cost, weight, limits),
        "p_center": partial(solve_p_center, cost, weight, limits),
        "max_cover": partial(solve_max_cover, cost <= STANDARD, weight, limits),
        "set_cover": partial(solve_set_cover, cost <= STANDARD, limits),
    }
    stopped = kernels[name](time_limit=0.0)
    cancelled = kernels[name](progress=lambda *_: False)
    for found, status in (
        (stopped, SolveStatus.TIME_LIMIT),
        (cancelled, SolveStatus.CANCELLED),
    ):
        assert found.status is status
        assert found.gap > 0
        sign = -1.0 if name == "max_cover" else 1.0
        assert np.isnan(found.objective) or sign * found.bound <= sign * found.objective


def test_a_linear_model_that_is_solved_again_has_its_whole_time_again() -> None:
    # HiGHS counts the seconds of all its solves; a limit of a later one must come on top.
    model = HighsModel(np.ones(3), np.zeros(3), np.ones(3))
    model.solve(60.0)
    spent = model._solver.getRunTime()
    model.add_rows(sparse.csr_array(np.ones((1, 3))), np.ones(1), np.array([np.inf]))
    assert model.solve(60.0).objective == 1.0
    assert float(model._solver.getOptionValue("time_limit")[1]) >= 60.0 + spent > 60.0


@pytest.mark.law
@given(seed=st.integers(0, 10_000))
@settings(max_examples=20)
def test_no_cover_breaks_a_cut_of_three_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    inside = rng.random((9, 7)) < 0.4
    inside[np.arange(9), rng.integers(0, 7, 9)] = True
    cover = sparse.csr_array(inside.astype(float))
    covers = [
        np.isin(np.arange(7), chosen).astype(float)
        for size in range(1, 8)
        for chosen in combinations(range(7), size)
        if inside[:, chosen].any(axis=1).all()
    ]
    for first, second, third in broken_triples(cover, rng.random(7) * 0.5):
        times = cover[[first, second, third]].sum(axis=0)
        assert min(np.ceil(times / 2) @ chosen for chosen in covers) >= 2.0
    # Where not all is covered, no choice of columns breaks the cut less what it leaves out.
    choices = np.array(list(product([0.0, 1.0], repeat=7)))
    covered = np.minimum(cover @ choices.T, 1.0)
    shares, asked = rng.random(7) * 0.5, rng.random(9)
    for triple in broken_triples(cover, shares, asked):
        opens = np.ceil(cover[triple].sum(axis=0) / 2)
        assert opens @ shares < asked[triple].sum() - 1.0
        assert (choices @ opens >= covered[triple].sum(axis=0) - 1.0).all()


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(12))
def test_covers_in_the_plane_are_what_trying_every_plan_finds(seed: int) -> None:
    # Discs that overlap: here the relaxation is cut and the matrix reduced.
    rng = np.random.default_rng(seed)
    place = rng.random((24, 2)) * 10
    cost = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1))
    weight, count = rng.integers(1, 9, 24).astype(float), 4 + seed % 2
    nearest = cost[:, list(combinations(range(24), count))].min(axis=2)
    limits = plain_limits(24, count)
    assert_optimum(solve_p_center(cost, weight, limits), nearest.max(axis=0).min())
    for standard in (1.5, 2.5):
        most = (weight @ (nearest <= standard)).max()
        assert_optimum(solve_max_cover(cost <= standard, weight, limits), most)


@pytest.mark.law
@given(seed=st.integers(0, 10_000))
@settings(max_examples=20)
def test_a_cover_is_reduced_alike_as_a_table_and_as_a_sparse_matrix(seed: int) -> None:
    rng = np.random.default_rng(seed)
    inside = rng.random((12, 10)) < rng.choice([0.1, 0.3, 0.6])
    inside[np.arange(12), rng.integers(0, 10, 12)] = True
    matrix, kind = coverage_matrix(inside), rng.integers(0, 2, 10).astype(np.intp)
    with pytest.MonkeyPatch.context() as patch:
        small, rows, columns = reduced_cover(matrix, kind)
        patch.setattr(cover_bounds, "TABLE_PRODUCTS", 0)
        assert reduced_cover(matrix, kind)[0].shape == small.shape
    assert (small.toarray() == inside[np.ix_(rows, columns)]).all()
    # What covers the rows that were kept covers all, and each site has one that stands for it.
    kept = inside[rows]
    left = inside[:, columns]
    assert all((left[rows] <= row).all(axis=1).any() for row in left)
    for site in range(10):
        stands = (kept[:, columns] >= kept[:, [site]]).all(axis=0) & (kind[columns] == kind[site])
        assert stands.any() or not kept[:, site].any()


@pytest.mark.parametrize("name", KERNELS)
def test_nothing_may_be_opened_and_no_point_may_be_given(name: str) -> None:
    weight = np.ones(3)
    shut = KERNELS[name](np.ones((3, 2)), weight, plain_limits(2, 0))
    assert shut.sites.size == 0
    if name == "max_cover":
        assert shut.status is SolveStatus.OPTIMAL
    else:
        assert shut.status is SolveStatus.INFEASIBLE
    empty = KERNELS[name](np.ones((0, 2)), np.ones(0), plain_limits(2, 1))
    assert empty.status is SolveStatus.OPTIMAL
    assert empty.objective == 0
