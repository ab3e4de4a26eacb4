"""The contract monitor in a real browser: map, table and boxes say the same, and ask no host."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from benchmarks.servers import Server
from network_map.i18n import text
from tests.browser.conftest import Visit
from tests.browser.steps import App, opened

pytestmark = pytest.mark.browser


def monitor(server: Server, visit: Callable[..., Visit], **link: str) -> App:
    asked = "&".join(f"{name}={value}" for name, value in {"dataset": "demo", **link}.items())
    app = opened(visit, f"{server.url}/?{asked}")
    app.go("contracts")
    app.visit.map.wait_for()
    app.settled()
    return app


def shown_values(app: App) -> dict[str, str]:
    """The value that the map tells of each area, by its code."""
    return dict(
        app.visit.map.evaluate("() => [...window.networkMap.map.networkMap.values.entries()]")
    )


def table_values(app: App, column: str) -> dict[str, float]:
    """The cells of a column of the table, by the row's id."""
    table = app.page.locator(".st-key-contract_table")
    titles = table.locator("[role='columnheader']")
    titles.filter(has_text=re.compile(f"^{column}")).first.wait_for()
    # Its last rows are drawn a moment after its first ones.
    table.locator(".frame[data-rows]:not([data-rows=''])").wait_for()
    headings = titles.all_text_contents()
    place = next(n for n, heading in enumerate(headings) if heading.startswith(column))
    pairs = table.locator("tbody tr").evaluate_all(
        "(rows, place) => rows.map(r => [r.dataset.id, r.cells[place].textContent])", place
    )
    return {row: float(cell.replace(",", "")) for row, cell in pairs}


def test_the_map_tells_what_the_table_says_and_stays_when_the_measure_changes(
    app_server: Server, visit: Callable[..., Visit]
) -> None:
    app = monitor(app_server, visit)
    app.assert_draws_chinese()
    assert app.visit.frame.locator("path.nm-county").count() == 129
    assert sum(count for _, count in app.classes()) == 129
    values = table_values(app, "成交额")
    told = shown_values(app)
    assert len(told) == 129
    written = {code: float(shown.replace(",", "")) for code, shown in told.items()}
    assert all(abs(written[code] - values[code]) < 0.06 for code in written)
    app.visit.map.evaluate(
        "(map) => { map.marked = true;"
        " window.networkMap.map.setView([24.1, 101.3], 8, {animate: false}); }"
    )
    before = app.visit.state()
    app.choose("指标", "合同数")
    app.visit.until("state.revision > value", before["revision"])
    counts = table_values(app, "合同数")
    told = shown_values(app)
    assert {c: float(told[c].replace(",", "")) for c in told} == {c: counts[c] for c in told}
    after = app.visit.state()
    assert (after["zoom"], after["center"]) == (before["zoom"], before["center"])
    assert app.visit.map.evaluate("map => map.marked")
    app.assert_no_traceback()
    app.visit.assert_clean()


def test_flows_are_drawn_and_the_target_is_marked_as_a_demonstration(
    app_server: Server, visit: Callable[..., Visit]
) -> None:
    app = monitor(app_server, visit, picture="flows", period="quarter", part="2")
    app.visit.wait_for(flows=40)
    assert app.visit.frame.locator("path.nm-flow").count() == 40
    expect(app.page.locator(".gauge .watermark")).to_have_text("演示")
    expect(app.page.locator(".gauge .band").first).to_be_visible()
    app.visit.assert_clean()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_public_data_show_published_figures_only(
    app_server: Server, visit: Callable[..., Visit], language: str
) -> None:
    app = monitor(app_server, visit, dataset="public", lang=language)
    assert [count for _, count in app.classes()] == [1, 15]
    expect(app.page.get_by_text(text("monitor.target.public", language))).to_be_visible()
    assert app.page.locator(".gauge").count() == 0
    app.assert_no_traceback()
    app.visit.assert_clean()
