"""Own driving times stand cell by cell; the other cells are estimated at their pace and counted."""

import numpy as np
import pandas as pd
import pytest

from network_map.errors import QueryError
from network_map.reach.cost import CostMatrix
from network_map.reach.tables import TRAVEL_TIMES
from network_map.reach.travel_times import (
    estimated_times,
    own_travel,
    travel_times_matrix,
)
from network_map.tables.check import conform
from network_map.terms import CostUnit, DistanceMethod
from tests.reach.world import COUNTIES, costs

ROUTER = DistanceMethod.ROUTER_MATRIX
NAMES = ("a", "b", "c", "d", "e")


def kilometres() -> CostMatrix:
    """Five nodes; node ``a`` stands at the seat of the first county."""
    away = np.arange(1.0, 6.0) * 60.0
    cells = {name: away + 10.0 * place for place, name in enumerate(NAMES)}
    cells["a"] = np.array([0.0, 60.0, 120.0, 180.0, 240.0])
    return costs({name: list(values) for name, values in cells.items()})


def times(
    *, left_out: tuple[tuple[str, str], ...] = (), pace: float = 1.5, **changed: float
) -> pd.DataFrame:
    """A table of times at a pace, some cells left out or changed."""
    km, rows = kilometres(), []
    for row, origin in enumerate(km.demand_ids):
        for column, dest in enumerate(km.facility_ids):
            if (origin, dest) in left_out or km.km[row, column] == 0:
                continue
            minutes = changed.get(f"{dest}_{origin}", pace * km.km[row, column])
            rows.append((ROUTER.value, origin, dest, minutes, 1.1 * km.km[row, column]))
    columns = ["travel_method", "origin_id", "dest_id", "minutes", "km"]
    table = pd.DataFrame(rows, columns=columns)
    return conform(
        TRAVEL_TIMES, table.assign(source="t", retrieved_on=None, input_sha256="ab" * 32)
    )


def matrix(table: pd.DataFrame, seat_of: dict[str, str] | None = None) -> CostMatrix:
    return travel_times_matrix(kilometres(), table, method=ROUTER, seat_of=seat_of or {})


def test_a_given_time_stands_and_a_missing_one_is_the_distance_at_the_median_pace() -> None:
    missing = ("530103", "b"), ("530602", "e")
    found = matrix(times(left_out=missing, c_530627=1000.0))
    assert found.unit is CostUnit.MINUTES
    assert found.at("530627", "c") == (1000.0, 1000.0, 1000.0, "router_matrix")
    minutes, low, high, method = found.at("530103", "b")
    # 130 km at 1.5 minutes each; the one slow cell is beyond the middle 90 % of the 22.
    assert minutes == pytest.approx(195.0)
    assert method == "road_network_km"
    # All others keep one pace: the middle 90 % of it is that pace.
    assert (low, high) == pytest.approx((195.0, 195.0))
    travel = found.travel
    assert travel is not None
    assert (travel.missing_count, travel.cell_count, travel.compared_count) == (2, 24, 22)
    assert travel.minutes_per_km == pytest.approx((1.5, 1.5, 1.5))
    assert travel.error_share == pytest.approx(0.0)
    assert travel.km_error_share == pytest.approx(1 - 1 / 1.1)


def test_from_a_place_to_itself_it_takes_no_time_and_is_not_missing() -> None:
    found = matrix(times())
    assert found.at("530102", "a")[:3] == (0.0, 0.0, 0.0)
    assert found.travel is not None
    assert found.travel.missing_count == 0


def test_a_time_to_a_county_holds_for_the_node_at_its_seat_and_the_nodes_own_time_first() -> None:
    table = times(left_out=tuple((code, "b") for code in COUNTIES["adcode"]))
    seat = table[table["dest_id"] == "c"].assign(dest_id="530103", minutes=77.0)
    both = conform(TRAVEL_TIMES, pd.concat([table, seat], ignore_index=True))
    found = matrix(both, {"b": "530103", "c": "530103"})
    assert found.at("530602", "b")[0] == 77.0
    assert found.at("530602", "c")[0] == pytest.approx(1.5 * 260.0)


def test_the_order_of_the_rows_and_columns_carries_no_meaning() -> None:
    table = times(left_out=(("530103", "b"),))
    first, second = matrix(table), matrix(table.iloc[::-1])
    km = kilometres().select(NAMES[::-1], demand_ids=list(COUNTIES["adcode"])[::-1])
    third = travel_times_matrix(km, table, method=ROUTER, seat_of={})
    assert np.array_equal(first.km, second.km)
    assert np.allclose(first.km, third.select(NAMES, demand_ids=first.demand_ids).km)


def test_without_the_given_times_every_cell_is_an_estimate() -> None:
    found = matrix(times(c_530627=1000.0))
    other = estimated_times(found)
    assert other.at("530627", "c")[0] == pytest.approx(1.5 * kilometres().at("530627", "c")[0])
    assert set(other.table()["method"]) == {"road_network_km"}
    assert found.kilometres.km[4, 2] == kilometres().km[4, 2]
    with pytest.raises(ValueError, match="minutes"):
        estimated_times(kilometres())


@pytest.mark.parametrize(
    ("table", "code"),
    [
        (None, "travel_missing"),
        (times().iloc[:0], "travel_missing"),
        (times().iloc[:19], "travel_few"),
        (times().assign(travel_method="osm_network_time"), "travel_missing"),
    ],
)
def test_no_times_or_too_few_are_a_sentence(table: pd.DataFrame | None, code: str) -> None:
    with pytest.raises(QueryError) as caught:
        travel_times_matrix(kilometres(), table, method=ROUTER, seat_of={})
    assert caught.value.code == code


def test_a_data_set_says_which_methods_it_has_times_of_and_from_which_file() -> None:
    assert own_travel({"travel_times": times()}) == {ROUTER: "ab" * 32}
    assert own_travel({}) == {}
