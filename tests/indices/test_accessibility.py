"""Floating catchments: all reachable supply is handed out, aligned by id, equal to PySAL."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from access.fca import two_stage_fca
from access.weights import step_fn
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.errors import QueryError
from network_map.i18n import LANGUAGES, error_text
from network_map.indices.accessibility import (
    Steps,
    facility_ratios,
    luo_qi_steps,
    zoned_access,
)
from network_map.indices.tables import ACCESSIBILITY, FACILITY_RATIOS
from network_map.tables.check import check


@dataclass(frozen=True)
class Matrix:
    demand_ids: tuple[str, ...]
    facility_ids: tuple[str, ...]
    km: np.ndarray


def random_matrix(seed: int, rows: int = 12, columns: int = 5) -> Matrix:
    km = np.random.default_rng(seed).uniform(0, 200, (rows, columns)).round(1)
    return Matrix(tuple(f"d{n}" for n in range(rows)), tuple(f"f{n}" for n in range(columns)), km)


def amounts(seed: int, ids: tuple[str, ...], top: int) -> pd.Series:
    return pd.Series(
        np.random.default_rng(seed).integers(1, top, len(ids)).astype("float64"), index=list(ids)
    )


SMALL = Matrix(("a", "b", "c"), ("x", "y"), np.array([[10.0, 90.0], [50.0, 50.0], [200.0, np.nan]]))
PEOPLE = pd.Series({"c": 7.0, "a": 100.0, "b": 300.0})
NODES = pd.Series({"y": 2.0, "x": 1.0})


def test_a_hand_worked_case() -> None:
    table = zoned_access(SMALL, PEOPLE, NODES, steps=((60, 1.0),))
    check(ACCESSIBILITY, table)
    # x serves a and b: 1/400. y serves b alone: 2/300. c reaches nothing.
    assert table["access"].tolist() == pytest.approx([1 / 400, 1 / 400 + 2 / 300, 0.0])
    assert table["reachable_count"].tolist() == [1, 2, 0]
    assert table["unknown_cost_count"].tolist() == [0, 0, 1]


def test_a_distance_on_the_edge_of_the_catchment_is_inside() -> None:
    assert zoned_access(SMALL, PEOPLE, NODES, steps=((50, 1.0),))["access"][1] > 0
    assert zoned_access(SMALL, PEOPLE, NODES, steps=((49.9, 1.0),))["access"][1] == 0


@pytest.mark.oracle
@pytest.mark.parametrize("steps", [((80.0, 1.0),), luo_qi_steps(150), ((30.0, 1.0), (60.0, 0.4))])
@pytest.mark.parametrize("seed", range(4))
def test_accessibility_equals_pysal_access(seed: int, steps: Steps) -> None:
    cost = random_matrix(seed)
    demand, supply = amounts(seed, cost.demand_ids, 1000), amounts(seed, cost.facility_ids, 9)
    pairs = pd.DataFrame(
        {
            "origin": np.repeat(cost.demand_ids, len(cost.facility_ids)),
            "dest": np.tile(cost.facility_ids, len(cost.demand_ids)),
            "cost": cost.km.ravel(),
        }
    )
    theirs = two_stage_fca(
        demand.rename_axis("geoid").rename("demand").reset_index(),
        supply.rename("supply").to_frame(),
        pairs,
        max_cost=steps[-1][0],
        demand_name="demand",
        supply_name="supply",
        weight_fn=step_fn(dict(steps)),
    ).reindex(list(cost.demand_ids), fill_value=0.0)
    ours = zoned_access(cost, demand, supply, steps=steps).set_index("demand_id")["access"]
    assert ours.to_numpy() == pytest.approx(theirs.to_numpy(), rel=1e-12)


@pytest.mark.law
@settings(max_examples=20)
@given(seed=st.integers(0, 999), radius=st.floats(1, 250), unknown=st.floats(0, 0.5))
def test_access_times_demand_is_the_reachable_supply(
    seed: int, radius: float, unknown: float
) -> None:
    cost = random_matrix(seed)
    hidden = np.random.default_rng(seed).random(cost.km.shape) < unknown
    cost = replace(cost, km=np.where(hidden, np.nan, cost.km))
    demand, supply = amounts(seed, cost.demand_ids, 1000), amounts(seed, cost.facility_ids, 9)
    demand.iloc[:6] = 0.0
    for steps in (((radius, 1.0),), luo_qi_steps(radius)):
        ratios = facility_ratios(cost, demand, supply, steps=steps)
        check(FACILITY_RATIOS, ratios)
        reachable = ratios.loc[ratios["ratio"].notna(), "supply"].sum()
        access = zoned_access(cost, demand, supply, steps=steps)["access"].to_numpy()
        assert access @ demand.to_numpy() == pytest.approx(reachable)


@pytest.mark.law
@settings(max_examples=20)
@given(seed=st.integers(0, 99), order=st.permutations(range(12)), across=st.permutations(range(5)))
def test_order_and_names_of_the_ids_change_nothing(
    seed: int, order: list[int], across: list[int]
) -> None:
    cost = random_matrix(seed)
    demand, supply = amounts(seed, cost.demand_ids, 1000), amounts(seed, cost.facility_ids, 9)
    shuffled = Matrix(
        tuple(f"new {cost.demand_ids[n]}" for n in order),
        tuple(cost.facility_ids[n] for n in across),
        cost.km[np.ix_(order, across)],
    )
    plain = zoned_access(cost, demand, supply, steps=luo_qi_steps(120)).set_index("demand_id")
    renamed = demand.rename(index=lambda name: f"new {name}")
    other = zoned_access(shuffled, renamed, supply, steps=luo_qi_steps(120))
    other = other.assign(demand_id=other["demand_id"].str.removeprefix("new "))
    pd.testing.assert_frame_equal(plain, other.set_index("demand_id").loc[plain.index], rtol=1e-12)


def test_a_facility_that_nobody_reaches_hands_out_nothing() -> None:
    table = facility_ratios(SMALL, PEOPLE, NODES, steps=((20.0, 1.0),))
    ratios: Any = table.set_index("facility_id")
    assert ratios.loc["x", "ratio"] == pytest.approx(1 / 100)
    assert pd.isna(ratios.loc["y", "ratio"])


def test_a_matrix_without_facilities_gives_no_access() -> None:
    nothing = Matrix(("a", "b"), (), np.empty((2, 0)))
    table = zoned_access(
        nothing, pd.Series({"a": 1, "b": 2}), pd.Series(dtype="float64"), steps=((9, 1.0),)
    )
    assert table["access"].tolist() == [0.0, 0.0]


_WRONG: Mapping[str, tuple[Matrix, pd.Series, pd.Series, Steps]] = {
    "access_demand_ids": (SMALL, PEOPLE.drop("b"), NODES, ((9.0, 1.0),)),
    "access_supply_ids": (SMALL, PEOPLE, pd.Series({"x": 1, "y": 1, "z": 1}), ((9.0, 1.0),)),
    "access_demand": (SMALL, PEOPLE.mask(PEOPLE == 7.0), NODES, ((9.0, 1.0),)),
    "access_supply": (SMALL, PEOPLE, -NODES, ((9.0, 1.0),)),
    "access_steps": (SMALL, PEOPLE, NODES, ((9.0, 0.5), (20.0, 1.0))),
}


@pytest.mark.parametrize("code", _WRONG)
def test_wrong_ids_amounts_and_zones_end_in_a_sentence(code: str) -> None:
    cost, demand, supply, steps = _WRONG[code]
    with pytest.raises(QueryError) as caught:
        zoned_access(cost, demand, supply, steps=steps)
    assert caught.value.code == code
    assert all(error_text(caught.value, language) for language in LANGUAGES)


@pytest.mark.parametrize(
    "steps",
    [(), ((0.0, 1.0),), ((9.0, 0.0),), ((9.0, 1.0), (9.0, 0.5)), ((9.0, 1.0), (20.0, -1.0)),
     ((float("nan"), 1.0),)],
)  # fmt: skip
def test_zones_that_are_none_are_refused(steps: Steps) -> None:
    with pytest.raises(QueryError) as caught:
        zoned_access(SMALL, PEOPLE, NODES, steps=steps)
    assert caught.value.code == "access_steps"


def test_a_repeated_id_is_refused() -> None:
    twice = pd.concat([PEOPLE, PEOPLE.head(1)])
    with pytest.raises(QueryError) as caught:
        zoned_access(SMALL, twice, NODES, steps=((9, 1.0),))
    assert caught.value.code == "access_demand_ids"
