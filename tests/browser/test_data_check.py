"""The data check in a real browser: declared against named, gaps by name, rules with their rows."""

import io
from collections.abc import Callable

import pandas as pd
import pytest
from playwright.sync_api import expect

from benchmarks.servers import Server
from tests.browser.conftest import Visit
from tests.browser.steps import App, opened
from tests.paths import DATA

pytestmark = pytest.mark.browser

DECLARED = (1, 10, 33, 128)
PLACES = {"province": 1, "prefecture": 16, "county": 129}


@pytest.fixture
def app(app_server: Server, visit: Callable[..., Visit]) -> App:
    """The data check of the public data."""
    made = opened(visit, f"{app_server.url}/?dataset=public")
    made.go("data_check")
    expect(made.page.get_by_text("全省 · 应有与实有")).to_be_visible()
    return made


def totals(app: App) -> list[dict[str, str]]:
    """Return the rows of the table of totals by heading."""
    table = app.table_with("核对结论")
    expect(table.cell(3, 0)).to_have_text("县域科技成果转化中心")
    headings = table.headings()
    return [
        {heading: table.cell(row, n).inner_text() for n, heading in enumerate(headings)}
        for row in range(4)
    ]


def test_declared_and_named_agree_with_the_files_and_the_three_values_with_the_places(
    app: App,
) -> None:
    nodes = pd.read_csv(DATA / "public_nodes.csv")
    kinds = ("provincial_market", "sub_market", "demonstration_county", "county_centre")
    named = [int((nodes["kind"] == kind).sum()) for kind in kinds]
    rows = totals(app)
    assert [int(row["应有"]) for row in rows] == list(DECLARED)
    assert [int(row["实有(有名单)"]) for row in rows] == named
    assert [int(row["差额"]) for row in rows] == [
        declared - count for declared, count in zip(DECLARED, named, strict=True)
    ]
    spread = [sum(int(row[word]) for word in ("有", "无", "未知")) for row in rows]
    assert spread == [1, 16, 129, 129]
    assert {row["无"] for row in rows} == {"0"}  # nobody has declared a public list complete
    app.table_with("依据").expect_rows(sum(spread))
    app.visit.assert_clean()


def test_the_gaps_are_filtered_on_screen_and_whole_in_the_file(app: App) -> None:
    app.choose("数据集", "演示数据")
    app.choose("州(市)", "昭通市")
    expect(app.page.get_by_text("昭通市 · 应有与实有")).to_be_visible()
    roll = app.table_with("依据")
    roll.expect_rows(1 + 11 + 11)
    app.choose("节点类型", "示范县")
    roll.expect_rows(11)
    app.choose("只看", "无")
    roll.expect_rows(8)
    expect(app.page.get_by_text("缺口(无)8 处,未知 0 处,有 3 处")).to_be_visible()
    content = app.download("gaps_csv")
    assert content.startswith(b"\xef\xbb\xbf")
    gaps = pd.read_csv(io.BytesIO(content), dtype=str)
    assert set(gaps["州(市)"]) == {"昭通市"}
    assert set(gaps["有无"]) == {"无"}
    assert len(gaps) == 8
    assert "演示" in content.decode("utf-8-sig")


def test_a_rule_shows_its_rows_and_the_language_keeps_it(app: App) -> None:
    rules = app.table("rules")
    rules.tick(1)
    expect(app.page.get_by_text("规则明细:示范县应设有县域中心")).to_be_visible()
    undecided = int(rules.cell(1, 5).inner_text())
    app.table_with("说明").expect_rows(undecided)
    app.language("EN")
    expect(app.title).to_have_text("Data check")
    app.assert_no_traceback()
    expect(
        app.page.get_by_text("Rows of the rule: A demonstration county has a county centre")
    ).to_be_visible()
    app.visit.assert_clean()
