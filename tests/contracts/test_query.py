"""A link says the question of the contract page again; what it cannot mean is named."""

import pandas as pd
import pytest

from network_map.contracts.query import (
    ContractMeasure,
    ContractPeriod,
    ContractQuery,
)
from network_map.contracts.target import seasonal_projection
from network_map.maps.charts import Bar, Gauge, bar_list, column_chart, gauge
from network_map.maps.spec import diverging_colours
from network_map.query import query_of_link


def test_a_bad_parameter_is_named_and_the_rest_is_taken() -> None:
    asked = {"side": "sideways", "measure": "number", "year": "24", "part": "9", "kind": "gift",
             "period": "quarter", "by": "village"}  # fmt: skip
    query, problems = query_of_link(ContractQuery, asked)
    assert query == ContractQuery(measure=ContractMeasure.NUMBER, period=ContractPeriod.QUARTER)
    found = {problem.column: problem.value for problem in problems}
    assert found == {name: asked[name] for name in ("side", "by", "year", "part", "kind")}


def test_the_projection_uses_last_years_pace_and_ranges_over_all_paces() -> None:
    years = [(2022, 50, 100), (2023, 20, 100), (2024, 40, 100), (2021, 0, 100), (2020, 5, 0)]
    seasons = pd.DataFrame(years, columns=["year", "to_date", "whole_year"])
    found = seasonal_projection(20, seasons)
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((50, 40, 100))
    assert found.years == (2022, 2023, 2024)
    assert seasonal_projection(20, seasons.iloc[:0]) is None
    assert seasonal_projection(0, seasons) is None


def test_charts_take_names_as_text_and_write_what_they_are_given() -> None:
    planted = "<script>"
    html = bar_list(planted, [Bar(planted, 2, "2.00"), Bar("b", 1)])
    assert planted not in html
    assert "width:100.00%" in html
    assert "width:50.00%" in html
    columns = column_chart([[Bar("2023", 1)], [Bar("2024", 4)]], ("a", "b"), label="c")
    assert "height:25.00%" in columns
    assert columns.count('class="column"') == 2
    shown = gauge(Gauge(10, 20, 15, 18, "now", "aim", "range", watermark="演示"))
    assert "演示" in shown
    assert "band" in shown
    assert "band" not in gauge(Gauge(10, 20, None, None, "now", "aim"))


def test_colours_on_both_sides_of_zero_are_all_different() -> None:
    below, above = diverging_colours(4)
    assert len({*below, *above}) == 8
    with pytest.raises(ValueError, match="1 to 9"):
        diverging_colours(0)
