"""The page on distances says what the code gives."""

from collections.abc import Hashable

import pytest

from network_map.catalog import read_shipped
from network_map.reach.cost import CIRCUITY
from network_map.reach.roads import known_pairs
from network_map.reach.standards import DEFAULT_SERVICES
from tests.paths import DOCS
from tests.shipped import roads

pytestmark = pytest.mark.promise

PAGE = DOCS / "roads.md"


def percent(share: float) -> str:
    return f"{share * 100:+.1f} %".replace("-", "\N{MINUS SIGN}")


def pair_lines(language: str) -> list[str]:
    """Return the rows of the table of known trips as the page prints them."""
    graph = roads()
    table = known_pairs(graph, read_shipped("county_seats"))
    divisions = read_shipped("divisions")
    name_column, dash = ("name_zh", "—") if language == "zh" else ("name_en", "–")
    opening, closing = ("(", ")") if language == "zh" else (" (", ")")
    names = dict(zip(divisions["adcode"], divisions[name_column], strict=True))

    def band(row: dict[Hashable, float], name: str) -> str:
        low, high = row[f"{name}_low_km"], row[f"{name}_high_km"]
        return f"{row[f'{name}_km']:.0f}{opening}{low:.0f}–{high:.0f}{closing}"

    return [
        f"| {names[row['from_adcode']]}{dash}{names[row['to_adcode']]} | {row['known_km']:.0f} "
        f"| {band(row, 'road')} | {percent(row['road_error_share'])} "
        f"| {row['left_out_factor']:.3f} | {percent(row['left_out_error_share'])} "
        f"| {band(row, 'circuity')} |"
        for row in table.to_dict("records")
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_table_of_known_trips_is_what_the_code_gives(language: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    table = text.split(f"<!-- pairs-{language} -->\n")[1].split("<!-- end -->")[0]
    assert table.splitlines()[2:] == pair_lines(language)


def test_the_page_states_the_curves_and_the_standards_of_the_code() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for curve in (CIRCUITY.low, CIRCUITY.middle, CIRCUITY.high):
        row = f"| {curve.near:.2f} | {curve.far:.4g} | {curve.half_km:.0f} |"
        assert text.replace("1.30 |", "1.3 |").count(row) == 2, row
    for service in DEFAULT_SERVICES:
        if service.standard_km is not None:
            assert text.count(f"{service.standard_km:.0f} km") >= 1
            assert text.count(f"{service.standard_km:.0f} 公里") >= 1


def test_the_page_credits_the_roads_and_claims_nothing_of_short_mountain_trips() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.count("© OpenStreetMap contributors") == 2
    assert "山区短途:未验证" in text
