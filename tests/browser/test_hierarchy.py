"""The hierarchy lines over the gap map: drawn, counted, told, kept in the address."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Position, expect

from benchmarks.servers import Server
from tests.browser.conftest import Visit
from tests.browser.steps import App, opened

pytestmark = pytest.mark.browser

ZHENXIONG_AT = (104.87, 27.44)


def legend_lines(app: App) -> dict[str, int]:
    rows = app.visit.frame.locator(".nm-legend li[data-line]")
    return dict(rows.evaluate_all("all => all.map(r => [r.dataset.line, +r.dataset.count])"))


def point_of(app: App, lon: float, lat: float) -> Position:
    point: Position = app.visit.map.evaluate(
        "(_, p) => { const c = window.networkMap.map.latLngToContainerPoint([p[1], p[0]]);"
        " return {x: c.x, y: c.y}; }",
        [lon, lat],
    )
    return point


def switch(app: App) -> None:
    app.layer("层级线").click()


def test_the_switch_draws_solid_and_dashed_lines_and_the_legend_counts_them(
    app_server: Server, visit: Callable[..., Visit]
) -> None:
    app = opened(visit, app_server.url)
    before = app.visit.wait_for(counties=129, lines=0)
    switch(app)
    after = app.visit.wait_for(lines=139)
    assert (after["zoom"], after["center"]) == (before["zoom"], before["center"])
    counts = legend_lines(app)
    assert sum(counts.values()) == 139
    strokes = app.visit.frame.locator(".leaflet-nm-lines-pane path")
    dashed = strokes.evaluate_all(
        "all => all.filter(p => p.getAttribute('stroke-dasharray')).length"
    )
    assert dashed == counts["1"] > 0
    expect(app.visit.page).to_have_url(re.compile("layers=[^&]*hierarchy"))
    app.choose("州(市)", "昭通市")
    app.visit.wait_for(lines=12, visible_counties=11)
    assert legend_lines(app) == {"0": 11, "1": 0, "2": 1}
    app.visit.assert_clean()


def test_a_county_tells_its_sub_market_on_the_map_and_on_the_card(
    app_server: Server, visit: Callable[..., Visit]
) -> None:
    app = opened(visit, f"{app_server.url}/?prefecture=530600&layers=hierarchy")
    app.visit.wait_for(lines=12)
    app.click_map(*ZHENXIONG_AT)
    app.settled()
    expect(app.card).to_contain_text("昭通市 分市场")
    expect(app.card).to_contain_text("到分市场(假定) 169 公里")
    app.visit.map.hover(position={"x": 5, "y": 300})
    app.visit.map.hover(position=point_of(app, *ZHENXIONG_AT))
    expect(app.visit.frame.locator(".nm-tooltip")).to_contain_text("分市场:昭通市技术分市场")
    switch(app)
    # What is left are the lines from the selected county to its own nodes.
    app.visit.until("state.lines < 12")
    expect(app.visit.page).not_to_have_url(re.compile("hierarchy"))
    app.visit.assert_clean()


def test_public_data_draw_no_line(app_server: Server, visit: Callable[..., Visit]) -> None:
    app = opened(visit, f"{app_server.url}/?dataset=public&layers=hierarchy")
    app.visit.wait_for(counties=129, lines=0)
    assert legend_lines(app) == {}
    assert app.visit.frame.locator(".leaflet-nm-lines-pane path").count() == 0
    app.visit.assert_clean()
