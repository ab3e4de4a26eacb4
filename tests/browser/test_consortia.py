"""The consortia page in a real browser: links, symbols, gap counties, and no other host."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from benchmarks.servers import Server
from tests.browser.conftest import Visit
from tests.browser.steps import App, opened

pytestmark = pytest.mark.browser

VERDICTS = ["缺口", "不确定", "已覆盖", "无该产业", "未知"]


def test_choosing_a_consortium_shows_its_links_and_its_gap_counties(
    app_server: Server, visit: Callable[..., Visit], artifacts: Path
) -> None:
    app: App = opened(visit, f"{app_server.url}/consortia?dataset=demo&consortium=consortium-5")
    app.visit.wait_for(counties=129, drawn_nodes={"lead": 1, "member": 9})
    app.choose("联合体", "锡铟")
    expect(app.visit.frame.locator(".nm-legend .nm-title")).to_have_text("锡铟:产业与成员")
    app.settled()
    state = app.visit.wait_for(drawn_nodes={"lead": 1, "member": 9}, unplaced=1)
    assert state["visible_counties"] == 129
    lines = app.visit.frame.locator(".leaflet-nm-lines-pane path")
    assert lines.count() == 8
    classes = dict(app.classes())
    assert list(classes) == VERDICTS
    assert sum(classes.values()) == 129
    assert classes["缺口"] > 0
    # The gap's own colour stands in the legend, whatever it is, and on so many counties.
    app.visit.until(
        "(() => { const map_ = map.getContainer();"
        " const swatch = map_.querySelector(\".nm-legend li[data-class='0'] .nm-swatch\");"
        " const same = [...map_.querySelectorAll('path.nm-county')].filter((path) => {"
        "   const probe = document.createElement('i');"
        "   probe.style.color = path.getAttribute('fill');"
        "   return probe.style.color === swatch.style.backgroundColor; });"
        " return same.length === value; })()",
        classes["缺口"],
    )
    app.find("镇雄")
    expect(app.page.locator("h2.section", has_text="镇雄县")).to_be_visible()
    app.visit.page.screenshot(path=str(artifacts / "consortia.png"))
    app.visit.assert_clean()
