"""The page of coverage gaps in a real browser: the list equals the map, and no other host."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from benchmarks.servers import Server
from network_map.answers.gaps_map import VERDICT_COLOURS
from network_map.answers.gaps_query import GapQuery
from network_map.schema.gaps import ReachVerdict
from network_map.ui import gap_cached
from tests.browser.conftest import Visit
from tests.browser.steps import App, opened

pytestmark = pytest.mark.browser


def test_the_map_has_the_colours_of_the_list(
    app_server: Server, visit: Callable[..., Visit], artifacts: Path
) -> None:
    app: App = opened(visit, f"{app_server.url}/gaps?dataset=demo&gap_map=verdict&county=530627")
    app.visit.wait_for(counties=129)
    table = gap_cached.shipped_gaps("demo", GapQuery()).table
    counts = table["sub_market_verdict"].value_counts()
    for verdict, count in counts.items():
        colour = VERDICT_COLOURS[ReachVerdict(str(verdict))]
        painted = app.visit.frame.locator(f"path.nm-county[fill='{colour}']")
        expect(painted).to_have_count(int(count))
    assert sum(count for _, count in app.classes()) == 129
    expect(app.card.first).to_contain_text("镇雄县")
    app.visit.page.screenshot(path=str(artifacts / "gaps.png"))
    app.visit.assert_clean()
