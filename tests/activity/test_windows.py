"""A window counts back from the cut-off in whole months, and says what it cannot tell."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.activity.windows import (
    activity_residual,
    county_sums,
    covered_from,
    in_counties,
    window_of,
)
from network_map.errors import QueryError, TableError
from network_map.i18n import error_text
from tests.activity.world import COUNTIES, WINDOW, Row, counties, volumes, window


@pytest.mark.parametrize(
    ("as_of", "months", "first"),
    [
        (date(2025, 12, 31), 36, date(2023, 1, 1)),
        (date(2024, 2, 29), 12, date(2023, 3, 1)),  # the last day of a leap February
        (date(2024, 2, 28), 12, date(2023, 2, 1)),  # a day short of it: February is not over
        (date(2023, 2, 28), 12, date(2022, 3, 1)),
        (date(2025, 4, 30), 1, date(2025, 4, 1)),
        (date(2025, 11, 15), 12, date(2024, 11, 1)),
        (date(2025, 1, 1), 12, date(2024, 1, 1)),
        (date(2025, 3, 31), 3, date(2025, 1, 1)),
    ],
)
def test_a_window_begins_on_the_first_of_a_month(as_of: date, months: int, first: date) -> None:
    assert window_of(as_of, months=months).first == first


def test_three_years_to_the_end_of_2025_hold_2023_to_2025_and_the_window_before_2020_to_2022() -> (
    None
):
    assert (WINDOW.first, WINDOW.as_of) == (date(2023, 1, 1), date(2025, 12, 31))
    assert (WINDOW.before.first, WINDOW.before.as_of) == (date(2020, 1, 1), date(2022, 12, 31))
    assert (WINDOW.days, WINDOW.before.days) == (1096, 1096)


@pytest.mark.law
@given(
    as_of=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    months=st.integers(min_value=1, max_value=240),
)
def test_a_window_holds_at_least_its_months_and_less_than_one_more(
    as_of: date, months: int
) -> None:
    found = window_of(as_of, months=months)
    day_after = as_of + timedelta(days=1)
    whole = (day_after.year - found.first.year) * 12 + day_after.month - found.first.month
    assert whole == months
    assert found.first.day == 1
    assert found.before.as_of + timedelta(days=1) == found.first
    assert found.before.months == months


@pytest.mark.parametrize(("years", "months"), [(0, 0), (-1, 24), (0, -3), (0, 100_000)])
def test_a_window_without_a_month_or_before_history_is_refused(years: int, months: int) -> None:
    with pytest.raises(QueryError) as caught:
        window_of(date(2025, 12, 31), years=years, months=months)
    assert caught.value.code == "activity_window_length"


def test_contracts_on_both_edges_are_in_and_those_beyond_are_out() -> None:
    table = volumes(
        ("530102", 2022, 12, 1), ("530102", 2023, 1, 1), ("530102", 2025, 12, 1),
        ("530102", 2026, 1, 1), ("530102", 2024, None, 1), ("530102", None, None, 1),
    )  # fmt: skip
    assert in_counties(table, WINDOW).tolist() == [
        "before_window", "inside", "inside", "after_window", "inside", "undated",
    ]  # fmt: skip


def test_a_contract_known_to_its_year_is_undated_where_the_window_cuts_the_year() -> None:
    cut = window(2025, 6, 30, 12)
    table = volumes(("530102", 2025, None, 1), ("530102", 2025, 6, 1), ("530102", 2023, None, 1))
    assert in_counties(table, cut).tolist() == ["undated", "inside", "before_window"]


def test_quarters_fit_a_window_of_quarters_and_are_refused_by_one_that_cuts_them() -> None:
    quarters = volumes(("530102", 2025, None, 4), ("530102", 2025, None, 5)).drop(
        columns="signed_month"
    )
    quarters = quarters.assign(signed_quarter=pd.array([1, 2], dtype="Int64"))
    assert in_counties(quarters, window(2025, 6, 30, 3)).tolist() == ["before_window", "inside"]
    with pytest.raises(QueryError) as caught:
        in_counties(quarters, window(2025, 5, 31, 3))
    assert caught.value.code == "activity_periods_too_long"
    assert "signed_quarter" in error_text(caught.value)


def test_years_fit_whole_years_only() -> None:
    years = volumes(("530102", 2022, None, 4), ("530102", 2023, None, 5))
    years = years.drop(columns="signed_month")
    assert in_counties(years, WINDOW).tolist() == ["before_window", "inside"]
    with pytest.raises(QueryError):
        in_counties(years, window(2023, 6, 30, 12))


def test_the_register_begins_with_the_first_contract_of_either_side() -> None:
    late, early = volumes(("530102", 2024, 5, 1)), volumes(("530102", 2021, None, 1))
    assert covered_from(late, None) == date(2024, 5, 1)
    assert covered_from(late, early) == date(2021, 1, 1)
    assert covered_from(volumes(), None) is None


_PLACES = [*COUNTIES, "530100", "530000", "110000", None]
_ROWS = st.lists(
    st.tuples(
        st.sampled_from(_PLACES),
        st.sampled_from([2019, 2022, 2023, 2025, 2026, None]),
        st.sampled_from([1, 6, 12, None]),
        st.integers(0, 9),
    ),
    max_size=25,
)


@pytest.mark.law
@settings(max_examples=15)
@given(rows=_ROWS, months=st.integers(1, 40), month=st.sampled_from([2, 6, 12]))
def test_counties_and_residual_add_up_to_the_register_to_the_fen(
    rows: list[Row], months: int, month: int
) -> None:
    table = volumes(*rows)
    table = table.assign(signed_month=table["signed_month"].where(table["signed_year"].notna()))
    period = window(2025, month, 28, months)
    rest = activity_residual(counties(), table, None, window=period)
    inside = county_sums(table, pd.Index(COUNTIES), period)
    for name in ("contract_count", "contract_value_fen", "technology_value_fen"):
        assert inside[name].sum() + rest[name].sum() == table[name].sum()


def test_the_residual_names_the_place_and_the_reason() -> None:
    table = volumes(
        ("530100", 2024, 1, 2), ("110000", 2024, 1, 3), (None, 2024, 1, 4),
        ("530102", None, None, 5), ("530102", 2019, 1, 6), ("530103", 2019, 2, 1),
    )  # fmt: skip
    rest = activity_residual(counties(), None, table, window=WINDOW)
    found = {
        (row["residual_code"], row["place_adcode"] if isinstance(row["place_adcode"], str) else "")
        : row["contract_count"]
        for row in rest.to_dict("records")
    }  # fmt: skip
    assert found == {
        ("not_a_county", "530100"): 2, ("not_a_county", "110000"): 3, ("unlocated", ""): 4,
        ("undated", "530102"): 5, ("before_window", ""): 7,
    }  # fmt: skip
    assert set(rest["side"]) == {"absorption"}


def test_no_register_leaves_an_empty_residual() -> None:
    assert activity_residual(counties(), None, None, window=WINDOW).empty


def test_a_volume_without_its_columns_is_refused_with_all_of_them() -> None:
    with pytest.raises(TableError) as caught:
        activity_residual(counties(), pd.DataFrame({"place_adcode": []}), None, window=WINDOW)
    assert [problem.column for problem in caught.value.problems] == [
        "signed_year", "contract_count", "contract_value_fen", "technology_value_fen",
    ]  # fmt: skip
