"""The page of coverage gaps in a real browser: the list equals the map, and no other host."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from benchmarks.servers import Server
from network_map.app import gap_answers
from network_map.app.kit.memo import shipped_dataset
from network_map.cli import main
from network_map.export import META_ENDING, read_export
from network_map.gaps.map import VERDICT_COLOURS
from network_map.gaps.query import GapQuery
from network_map.gaps.tables import ReachVerdict
from tests.browser.conftest import Visit
from tests.browser.steps import App, opened

pytestmark = pytest.mark.browser


def test_the_map_has_the_colours_of_the_list(
    app_server: Server, visit: Callable[..., Visit], artifacts: Path
) -> None:
    app: App = opened(visit, f"{app_server.url}/gaps?dataset=demo&gap_map=verdict&county=530627")
    app.visit.wait_for(counties=129)
    table = gap_answers.answer(shipped_dataset("demo"), GapQuery()).table
    counts = table["sub_market_verdict"].value_counts()
    for verdict, count in counts.items():
        colour = VERDICT_COLOURS[ReachVerdict(str(verdict))]
        painted = app.visit.frame.locator(f"path.nm-county[fill='{colour}']")
        expect(painted).to_have_count(int(count))
    assert sum(count for _, count in app.classes()) == 129
    expect(app.card.first).to_contain_text("镇雄县")
    app.visit.page.screenshot(path=str(artifacts / "gaps.png"))
    app.visit.assert_clean()


ASKED = ("gaps", "--dataset", "demo", "--prefecture", "530600")


@pytest.mark.slow
def test_the_buttons_hand_out_the_files_of_the_command_line(
    app_server: Server, visit: Callable[..., Visit], tmp_path: Path
) -> None:
    app = opened(visit, f"{app_server.url}/gaps?dataset=demo&prefecture=530600")
    expect(app.page.locator("h2.section").first).to_contain_text("11 个县(市、区)")
    names = ("csv", "xlsx", "geojson", "gpkg", "html", META_ENDING)
    page = {name: app.download(f"gap_list_{name.replace('.', '-')}") for name in names}

    def written(name: str, turn: str = "") -> bytes:
        out = tmp_path / f"gaps{turn}.{name}"
        assert main([*ASKED, "--format", name, "--out", str(out)]) == 0
        return out.read_bytes()

    for name in ("csv", "geojson", "html"):
        assert page[name] == written(name), name
    assert page[META_ENDING] == (tmp_path / f"gaps.{META_ENDING}").read_bytes()
    assert page["csv"] == written("csv", "_again")
    for name in ("xlsx", "gpkg"):
        ours, theirs = read_export(page[name], name), read_export(written(name), name)
        assert len(ours.grids[0].rows) == 11
        assert ours.grids == theirs.grids, name
        assert ours.meta == theirs.meta, name
    app.visit.assert_clean()
