"""From the gap map to a plan that can be defended, in a real browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from benchmarks.servers import Server
from network_map.app import siting_answers
from network_map.app.kit.memo import shipped_dataset
from network_map.cli import main
from network_map.export import META_ENDING
from network_map.siting.query import SitingQuery
from tests.browser.conftest import Visit
from tests.browser.steps import App, opened

pytestmark = pytest.mark.browser

# The standards of the gap map travel along.
QUERY = SitingQuery(standard_km=150.0, evidence=True)


def test_the_next_three_sub_markets_are_found_defended_and_verified_in_five_clicks(
    app_server: Server, visit: Callable[..., Visit], tmp_path: Path
) -> None:
    app: App = opened(visit, f"{app_server.url}/?dataset=demo")
    app.view("分市场").click()
    app.page.get_by_role("button", name="下一个节点").click()
    app.page.get_by_role("button", name="选址").click()
    app.page.locator(".st-key-site_evidence label").click()
    found = siting_answers.answer(shipped_dataset("demo"), QUERY)
    rows = app.page.locator(".st-key-site_table tbody tr")
    expect(rows).to_have_count(3)
    for sentence in (found.headline, *found.cards[found.plan.sites[0]]):
        expect(app.page.get_by_text(sentence).first).to_be_visible()
    assert len(found.cards[found.plan.sites[0]]) > 2
    file = tmp_path / "sites.csv"
    file.write_bytes(app.download("site_plan_csv"))
    meta = tmp_path / f"sites.{META_ENDING}"
    meta.write_bytes(app.download(f"site_plan_{META_ENDING.replace('.', '-')}"))
    assert main(["verify", str(file)]) == 0
    app.visit.assert_clean()


def test_sites_map_and_card_stand_in_one_viewport_and_a_county_can_be_supposed(
    app_server: Server, visit: Callable[..., Visit]
) -> None:
    app: App = opened(visit, f"{app_server.url}/siting?dataset=demo")
    app.visit.wait_for(counties=129)
    bottom = app.page.locator(".st-key-panes").evaluate("e => e.getBoundingClientRect().bottom")
    assert bottom <= 768
    app.click_map(101.55, 21.45)
    app.page.get_by_role("button", name="假设西双版纳").first.click()
    supposed = SitingQuery(added=("532800",))
    answer = siting_answers.answer(shipped_dataset("demo"), supposed)
    expect(app.page.get_by_text(answer.headline)).to_be_visible()
    app.visit.assert_clean()
