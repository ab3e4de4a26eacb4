"""The list of the gap map and its files: the list equals the map, and the command line."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import expect

from benchmarks import people
from benchmarks.people import Person, Rerun
from benchmarks.servers import Server
from network_map.app import gap_answers
from network_map.app.kit.memo import places, shipped_dataset
from network_map.cli import main
from network_map.export import META_ENDING, file_bytes, read_export
from network_map.gaps.query import GapOverlay, GapQuery, GapView
from network_map.gaps.report import gap_bundle
from network_map.gaps.views import fill_classes, is_gap, shown_rows
from network_map.i18n import text
from tests.browser.conftest import Visit
from tests.browser.steps import App, opened

pytestmark = pytest.mark.browser


def test_every_view_lists_its_rows_in_order_and_its_legend_counts_them(
    app_server: Server, visit: Callable[..., Visit]
) -> None:
    app: App = opened(visit, f"{app_server.url}/?dataset=demo&prefecture=530600")
    for view in GapView:
        query = GapQuery(view=view, prefecture_adcode="530600")
        rows = shown_rows(gap_answers.counties(shipped_dataset("demo"), query), query)
        app.view(text(f"gap.view.{view}")).click()
        app.gap_list.expect_ids(rows["adcode"].to_list())
        app.expect_legend(fill_classes(rows, query).value_counts().to_list())
    app.visit.assert_clean()


ASKED = ("gaps", "--dataset", "demo", "--prefecture", "530600")


def test_the_gaps_of_a_tier_in_a_prefecture_are_four_clicks_away_ranked_by_excess(
    app_server: Server, visit: Callable[..., Visit]
) -> None:
    app: App = opened(visit, f"{app_server.url}/?dataset=demo")
    app.visit.wait_for(counties=129)
    app.view("示范县").click()
    app.page.get_by_role("combobox", name="州(市)", exact=True).click()
    app.page.get_by_role("option", name="昭通市", exact=True).click()
    app.page.locator(".st-key-gap_only_gaps label").click()
    query = GapQuery(view=GapView.DEMONSTRATION_COUNTY, prefecture_adcode="530600", only_gaps=True)
    table = gap_answers.counties(shipped_dataset("demo"), query)
    rows = shown_rows(table, query)
    excess = rows["demonstration_county_excess_km"]
    assert excess.is_monotonic_decreasing
    assert is_gap(rows, query).all()
    app.gap_list.expect_ids(rows["adcode"].to_list())
    app.visit.assert_clean()


def test_the_standards_stay_open_while_they_are_changed_and_close_elsewhere(
    app_server: Server, visit: Callable[..., Visit]
) -> None:
    app = opened(visit, f"{app_server.url}/?dataset=demo&view=demonstration_county")
    bar, button = app.page.locator(".st-key-gap_settings"), text("gap.settings")
    field = app.page.locator("input[aria-label='示范县服务标准(公里)']")
    expect(bar).to_contain_text("示范县 ≤100 km")
    expect(field).to_have_count(0)
    for km in ("80", "60"):  # the second time it is open already
        if not field.is_visible():
            bar.get_by_role("button", name=button).click()
        field.fill(km)
        field.press("Enter")
        expect(bar).to_contain_text(f"示范县 ≤{km} km")
        standards = (("demonstration_county", float(km)),)
        query = GapQuery(view=GapView.DEMONSTRATION_COUNTY, standards_km=standards)
        rows = shown_rows(gap_answers.counties(shipped_dataset("demo"), query), query)
        app.gap_list.expect_ids(rows["adcode"].to_list())
        expect(field).to_be_visible()
    app.page.locator(".st-key-list_pane .note").click()
    expect(field).to_have_count(0)
    bar.get_by_role("button", name=button).click()
    expect(field).to_have_value("60")
    app.visit.assert_clean()


MOST_CLICK_BYTES = 6_000
MOST_CLICK_MESSAGES = 30


def test_a_click_draws_the_panes_again_and_nothing_else(app_server: Server) -> None:
    """What a click sends is what 20 people wait for: never the settings, files or sentence."""

    async def sent() -> tuple[list[Rerun], list[str]]:
        person = Person(app_server, people.APPLICATION)
        await person.arrive()
        reruns = [await person.click() for _ in range(3)]
        kinds = list(person.last_kinds)
        await person.leave()
        return reruns, kinds

    with ThreadPoolExecutor(1) as pool:  # the browser's driver holds this thread's loop
        reruns, kinds = pool.submit(asyncio.run, sent()).result()
    assert max(rerun.message_byte_count for rerun in reruns) < 2 * MOST_CLICK_BYTES
    assert max(rerun.byte_count for rerun in reruns) < MOST_CLICK_BYTES
    assert 5 < len(kinds) < MOST_CLICK_MESSAGES
    assert kinds.count("bidi_component") == 2, "the map and its list"
    assert not {"number_input", "download_button", "button", "checkbox"} & set(kinds)


@pytest.mark.slow
def test_the_buttons_hand_out_the_files_of_the_command_line(
    app_server: Server, visit: Callable[..., Visit], tmp_path: Path
) -> None:
    app = opened(visit, f"{app_server.url}/gaps?dataset=demo&prefecture=530600")
    app.gap_list.expect_rows(11)
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


def test_the_file_for_a_meeting_draws_every_layer_of_the_screen_and_names_its_symbols(
    visit: Callable[..., Visit], tmp_path: Path
) -> None:
    kinds = ("sub_market", "county_centre", *(overlay.value for overlay in GapOverlay))
    query = GapQuery(view=GapView.SUB_MARKET, layers=kinds, draws=100)
    dataset = shipped_dataset("demo")
    facts = gap_answers.facts(dataset, query)
    bundle = gap_bundle(places(), dataset, facts, query=query)
    (tmp_path / "gaps.html").write_bytes(file_bytes(bundle, "html"))
    made = visit("about:blank")
    made.page.goto((tmp_path / "gaps.html").as_uri())
    drawn = made.page.locator(".nm-map[data-ready='1']")
    drawn.wait_for()
    found = drawn.evaluate("() => window.networkMap.state()")
    on_screen = gap_answers.drawn_map(dataset, query)
    assert on_screen.flows is not None
    assert on_screen.hierarchy is not None
    assert on_screen.circles is not None
    assert found["flows"] == len(on_screen.flows.lines)
    assert found["lines"] == len(on_screen.lines) + len(on_screen.hierarchy.lines)
    counts = {symbol.kind: symbol.count for symbol in on_screen.symbols if symbol.is_visible}
    assert set(counts) == {"sub_market", "county_centre", "lead", "member"}
    for kind, count in counts.items():
        expect(made.page.locator(f"[data-kind='{kind}'] .nm-count")).to_have_text(str(count))
    for title in (on_screen.flows.title, on_screen.hierarchy.title, on_screen.circles.title):
        expect(made.page.locator(".nm-title").filter(has_text=title)).to_have_count(1)
    made.assert_clean()
