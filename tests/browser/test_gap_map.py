"""The gap map in a real browser: list, map and card show one thing, and all of it in sight."""

import re
from collections.abc import Callable, Iterator

import pandas as pd
import pytest
from playwright.sync_api import Browser, Position, ViewportSize, expect

from benchmarks.servers import Server
from network_map.gaps.query import GapOverlay, GapView
from network_map.i18n import text
from tests.browser.conftest import Visit, visits
from tests.browser.steps import COUNT_KINDS, App, opened
from tests.paths import DATA

pytestmark = pytest.mark.browser

ZHAOTONG, ZHENXIONG, WEIXI = "530600", "530627", "533423"
ZHENXIONG_AT = (104.87, 27.44)
FULL_HD = ViewportSize(width=1920, height=1080)
LEAST_ROWS = 15
GRAY_CODE = [n ^ n >> 1 for n in range(16)]
KIND_LAYERS = {kind: text(f"gap.layer.{kind}") for kind in COUNT_KINDS}


@pytest.fixture(scope="module")
def shared(app_server: Server, browser: Browser) -> Iterator[App]:
    """The gap map for all tests that say by the address what they start from."""
    with visits(browser) as visit:
        yield opened(visit, f"{app_server.url}/?dataset=demo")


@pytest.fixture
def at(shared: App, app_server: Server) -> Iterator[Callable[..., App]]:
    """The gap map of an address, drawn; nothing may go wrong on it."""

    def gone(link: str = "", size: ViewportSize | None = None) -> App:
        if size is not None:
            shared.visit.page.set_viewport_size(size)
        shared.visit.page.goto(f"{app_server.url}/?{link}")
        expect(shared.views).to_be_visible()
        shared.visit.wait_for(counties=129)
        shared.settled()
        return shared

    before = shared.visit.page.viewport_size
    yield gone
    if before is not None:
        shared.visit.page.set_viewport_size(before)
    shared.visit.assert_clean()


def rows_of(dataset: str) -> pd.DataFrame:
    """The shipped nodes of a data set that stand."""
    nodes = pd.read_csv(DATA / f"{dataset}_nodes.csv", dtype={"prefecture_adcode": str})
    return nodes[nodes["status"] != "withdrawn"]


def counted(nodes: pd.DataFrame) -> dict[str, int]:
    """Nodes by kind."""
    return {str(kind): int(count) for kind, count in nodes["kind"].value_counts().items()}


def scrolled(app: App) -> list[float]:
    """How far the page and its main part can be and are scrolled."""
    return app.page.evaluate(
        """() => [document.documentElement, document.body,
                  document.querySelector('[data-testid=stMain]')]
          .flatMap((part) =>
            [part.scrollTop, Math.max(0, part.scrollHeight - part.clientHeight)])"""
    )


def link_of(view: GapView) -> re.Pattern[str]:
    """What the address says in a view; nothing in the usual one."""
    return re.compile(r"^(?!.*view=)" if view is GapView.GAP_TYPE else f"view={view}")


# --- everything in sight --------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_on_a_laptop_list_map_and_card_stand_in_one_view_that_does_not_scroll(
    at: Callable[..., App], language: str
) -> None:
    app = at(f"lang={language}")
    assert scrolled(app) == [0] * 6
    rows = app.gap_list.grid.locator("tbody tr")
    app.gap_list.ids()  # they come after the map
    in_sight = rows.evaluate_all(
        """rows => {
            const frame = rows[0].closest('.frame').getBoundingClientRect();
            const end = Math.min(frame.bottom, innerHeight);
            return rows.filter((row) => row.getBoundingClientRect().bottom <= end).length;
        }"""
    )
    assert in_sight >= LEAST_ROWS
    place = app.visit.map.bounding_box()
    assert place is not None
    assert place["width"] >= 600
    assert place["height"] >= 560
    assert place["y"] + place["height"] <= 768
    rows.first.click()
    first = str(rows.first.get_attribute("data-id"))
    app.visit.wait_for(selected=first)
    expect(app.visit.map).to_have_attribute("data-selected", first)
    expect(app.gap_list.chosen).to_have_attribute("data-id", first)
    name = rows.first.locator("b").inner_text()
    expect(app.card.locator("h2")).to_contain_text(name)
    expect(app.card.locator("h2")).to_be_in_viewport(ratio=1)
    expect(app.card.locator(".advice")).to_be_in_viewport(ratio=1)
    assert scrolled(app) == [0] * 6
    outline = app.visit.frame.locator(".leaflet-nm-selection-pane path[stroke='#111418']").first
    assert len(str(outline.get_attribute("d"))) > 10
    app.assert_no_traceback()
    if language == "zh":
        app.assert_draws_chinese()
    else:
        assert not re.search(r"[\u4e00-\u9fff]", app.page.inner_text().replace("中文", ""))


def test_on_a_large_screen_the_panes_grow(at: Callable[..., App]) -> None:
    app = at()
    small = app.visit.map.bounding_box()
    app.visit.page.set_viewport_size(FULL_HD)
    app.visit.until("map.getSize().x > value + 400", small["width"] if small else 0)
    large = app.visit.map.bounding_box()
    assert small is not None
    assert large is not None
    assert large["height"] >= small["height"] + 300
    listed = app.gap_list.place.locator(".frame").bounding_box()
    assert listed is not None
    assert listed["height"] >= 1080 - 250
    assert scrolled(app) == [0] * 6


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [1000, 900])
def test_on_a_narrow_screen_nothing_is_cut_off_and_all_can_be_reached(
    at: Callable[..., App], width: int, language: str
) -> None:
    size = ViewportSize(width=width, height=700)
    app = at(f"county={ZHENXIONG}&lang={language}", size)
    assert app.page.evaluate("() => document.body.scrollWidth <= window.innerWidth")
    assert app.page.evaluate(_CUT_OFF) == []
    before = app.card.locator("h2").inner_text()
    app.gap_list.tick(0)
    first = str(app.gap_list.chosen.get_attribute("data-id"))
    app.visit.wait_for(selected=first)
    expect(app.card.locator("h2")).not_to_have_text(before)
    app.card.locator("h2").scroll_into_view_if_needed()
    expect(app.card.locator("h2")).to_be_in_viewport()
    app.card.locator(".advice").scroll_into_view_if_needed()
    expect(app.card.locator(".advice")).to_be_in_viewport()


# Controls of the bars that reach out of the window or lie under another one; a row of its own that
# scrolls sideways may hide some.
_CUT_OFF = """() => {
  const bars = ".stAppHeader, .st-key-top_bar_row, .st-key-gap_bar";
  const scrolls = (part) => part && (/auto|scroll/.test(getComputedStyle(part).overflowX)
    && part.scrollWidth > part.clientWidth || scrolls(part.parentElement));
  const inside = [...document.querySelectorAll(bars)].flatMap((bar) =>
    [...bar.querySelectorAll("a, button, input, label"), ...[...bar.querySelectorAll("*")]
      .filter((part) => part.shadowRoot)
      .flatMap((part) => [...part.shadowRoot.querySelectorAll("button, input")])]);
  const seen = inside.filter((part) => {
    const { width, height } = part.getBoundingClientRect();
    return part.checkVisibility({visibilityProperty: true, opacityProperty: true})
      && width > 4 && height > 4 && !part.closest("[aria-hidden=true], [inert]") && !scrolls(part);
  });
  return seen.filter((part) => {
    const { left, right, top, bottom } = part.getBoundingClientRect();
    if (left < 0 || right > innerWidth) return true;
    let over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    while (over && over.shadowRoot) {
      const deeper = over.shadowRoot.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      if (!deeper || deeper === over) break;
      over = deeper;
    }
    const root = part.getRootNode();
    const whole = part.closest("label, [role=group]") || part;
    return !(whole.contains(over) || (over && over.contains(part)) || root.host?.contains(over));
  }).map((part) => part.outerHTML.slice(0, 90) + (part.textContent || part.placeholder));
}"""


# --- views and layers -----------------------------------------------------------------------------


def test_each_view_is_one_click_and_keeps_the_map_its_zoom_and_its_centre(
    at: Callable[..., App],
) -> None:
    app = at(f"county={ZHENXIONG}")
    app.visit.map.evaluate(
        "(map) => { map.marked = window.networkMap.marked = true;"
        " window.networkMap.map.setView([24.1, 101.3], 8, {animate: false}); }"
    )
    before = app.visit.state()
    for view in (*GapView, GapView.GAP_TYPE):
        app.view(text(f"gap.view.{view}")).click()
        expect(app.view(text(f"gap.view.{view}"))).to_have_attribute("aria-checked", "true")
        expect(app.visit.page).to_have_url(link_of(view))
        app.settled()
        app.visit.until("state.revision > value", before["revision"])
        told = app.visit.frame.locator(".nm-legend [data-class]").evaluate_all(
            "rows => rows.map((row) => +row.dataset.count)"
        )
        assert sum(told) == 129, view
        app.gap_list.expect_rows(129)
        after = app.visit.state()
        assert (after["zoom"], after["center"]) == (before["zoom"], before["center"])
        assert (after["selected"], after["counties"]) == (ZHENXIONG, 129)
    assert app.visit.map.evaluate("map => map.marked && window.networkMap.marked")
    app.assert_no_traceback()


@pytest.mark.parametrize("dataset", ["demo", "public"])
def test_each_row_of_the_list_of_nodes_is_drawn_or_told_in_every_state_of_the_kinds(
    at: Callable[..., App], dataset: str
) -> None:
    app = at(f"layers=-&dataset={dataset}")
    rows = rows_of(dataset)
    placed = counted(rows.dropna(subset="lon"))
    app.visit.wait_for(drawn_total=0)
    before = 0
    for shown in [*GRAY_CODE[1:], 0]:
        changed = (shown ^ before).bit_length() - 1
        app.layer(KIND_LAYERS[COUNT_KINDS[changed]]).click()
        kinds = [kind for bit, kind in enumerate(COUNT_KINDS) if shown >> bit & 1]
        drawn = {kind: placed[kind] for kind in kinds if placed.get(kind)}
        expected = sum(counted(rows).get(kind, 0) for kind in kinds)
        state = app.visit.wait_for(drawn_nodes=drawn, unplaced=expected - sum(drawn.values()))
        assert app.visit.frame.locator("path.nm-node").count() == state["drawn_total"]
        before = shown


def test_each_layer_alone_and_all_together_are_drawn_over_any_view(
    at: Callable[..., App],
) -> None:
    app = at("layers=-")
    drawn = (
        "map.getContainer().querySelectorAll('.leaflet-nm-nodes-pane g > path,"
        " .leaflet-nm-lines-pane g > path, .leaflet-nm-flows-pane g > path').length"
    )
    app.visit.until(f"{drawn} === 0")
    layers = [*KIND_LAYERS.values(), *(text(f"gap.layer.{layer}") for layer in GapOverlay)]
    for label in layers:
        app.layer(label).click()
        expect(app.layer(label)).to_have_attribute("aria-pressed", "true")
        app.visit.until(f"{drawn} > 0")
        app.layer(label).click()
        app.visit.until(f"{drawn} === 0")
    for label in layers:
        app.layer(label).click()
        expect(app.layer(label)).to_have_attribute("aria-pressed", "true")
    # The links of the consortia are lines too.
    app.visit.until("state.lines > 139 && state.flows === 40")
    state = app.visit.state()
    assert set(COUNT_KINDS) <= set(state["drawn_nodes"])
    for view in GapView:
        app.view(text(f"gap.view.{view}")).click()
        expect(app.visit.page).to_have_url(link_of(view))
        app.settled()
        assert app.visit.state()["drawn_nodes"] == state["drawn_nodes"]
    app.assert_no_traceback()


# --- legend, wheel, buttons -----------------------------------------------------------------------


def test_a_click_in_the_legend_or_the_finding_filters_list_and_map(
    at: Callable[..., App],
) -> None:
    app = at()
    row = app.visit.frame.locator(".nm-legend li[data-class='0']")
    count = int(str(row.get_attribute("data-count")))
    assert 0 < count < 129
    row.locator("button").click()
    app.gap_list.expect_rows(count)
    expect(row.locator("button")).to_have_attribute("aria-pressed", "true")
    colour = row.locator(".nm-swatch").evaluate("box => box.style.backgroundColor")
    app.visit.until(
        """[...map.getContainer().querySelectorAll('path.nm-county')].filter((path) => {
            const probe = document.createElement('i');
            probe.style.color = path.getAttribute('fill');
            return probe.style.color === value[0];
        }).length <= value[1]""",
        [colour, count],
    )
    unlisted = app.visit.frame.locator("path.nm-county[fill='#fbfaf7']")
    expect(unlisted).to_have_count(129 - count)
    expect(app.visit.page).to_have_url(re.compile("gaps=active_out_of_reach"))
    row.locator("button").click()
    app.gap_list.expect_rows(129)
    expect(unlisted).to_have_count(0)
    # The numbers of the finding are the same filters.
    app.page.locator(".st-key-gap_finding button").first.click()
    app.gap_list.expect_rows(count)
    expect(row.locator("button")).to_have_attribute("aria-pressed", "true")


_COVERED = """() => {
    const map = window.networkMap.map.getContainer();
    const box = map.querySelector(".nm-legend").getBoundingClientRect();
    const found = new Set();
    for (let x = box.left + 1; x < box.right; x += 5)
      for (let y = box.top + 1; y < box.bottom; y += 5)
        for (const part of map.getRootNode().elementsFromPoint(x, y))
          if (part.matches("path.nm-county:not(.nm-pale)")) found.add(part.dataset.adcode);
    return [...found];
}"""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_legend_covers_no_county_of_the_shown_area(
    at: Callable[..., App], language: str
) -> None:
    app = at(f"lang={language}")
    assert app.visit.map.evaluate(_COVERED) == []
    for prefecture in (ZHAOTONG, "530100", "533400"):
        app = at(f"lang={language}&prefecture={prefecture}")
        app.visit.wait_for(prefecture=prefecture)
        assert app.visit.map.evaluate(_COVERED) == []
        # The area fills the map all the same.
        share = app.visit.map.evaluate(
            """() => {
                const { x, y } = window.networkMap.map.getSize();
                const parts = [...document.querySelectorAll("*")].map((e) => e.shadowRoot)
                  .filter(Boolean).flatMap((root) => [...root.querySelectorAll(
                    "path.nm-county:not(.nm-pale)")]).map((path) => path.getBoundingClientRect());
                const far = (side) => Math.max(...parts.map((part) => part[side]));
                const near = (side) => Math.min(...parts.map((part) => part[side]));
                return Math.max(
                  (far("right") - near("left")) / x, (far("bottom") - near("top")) / y);
            }"""
        )
        assert share > 0.55
    for view in (GapView.CONTRACT_COVERAGE, GapView.PRIORITY):
        app = at(f"lang={language}&view={view}")
        assert app.visit.map.evaluate(_COVERED) == []


def test_the_wheel_scrolls_and_zooms_nothing_and_zooms_with_ctrl(at: Callable[..., App]) -> None:
    app = at()
    before = app.visit.state()
    app.visit.map.hover(position={"x": 300, "y": 300})
    mouse, keyboard = app.visit.page.mouse, app.visit.page.keyboard
    mouse.wheel(0, 400)
    expect(app.visit.frame.locator(".nm-noted")).to_be_visible()
    assert app.visit.state()["zoom"] == before["zoom"]
    assert scrolled(app) == [0] * 6
    keyboard.down("Control")
    mouse.wheel(0, -400)
    keyboard.up("Control")
    # A click while the map still moves would be lost.
    app.visit.until("state.zoom > value && !map._animatingZoom", before["zoom"])
    zoomed = app.visit.state()["zoom"]
    app.visit.frame.get_by_role("button", name="放大").click()
    app.visit.until("state.zoom > value && !map._animatingZoom", zoomed)
    app.visit.frame.locator(".nm-fit").click()
    app.visit.until("Math.abs(state.zoom - value) < 0.01", before["zoom"])


# --- one selection --------------------------------------------------------------------------------


def test_list_map_and_card_show_one_selection(at: Callable[..., App]) -> None:
    app = at(f"prefecture={ZHAOTONG}")
    app.visit.wait_for(visible_counties=11)
    app.click_map(*ZHENXIONG_AT)
    expect(app.card.locator("h2")).to_have_text("镇雄县")
    expect(app.card).to_contain_text("1,349,795 人")
    expect(app.gap_list.chosen).to_have_attribute("data-id", ZHENXIONG)
    app.gap_list.row("530621").click()
    expect(app.card.locator("h2")).to_have_text("鲁甸县")
    app.visit.wait_for(selected="530621")
    # The same row once more takes the selection away.
    app.gap_list.row("530621").click()
    expect(app.card.locator("h2")).to_have_text("选一个县")
    app.visit.wait_for(selected=None)
    expect(app.gap_list.chosen).to_have_count(0)
    app.click_map(*ZHENXIONG_AT)
    expect(app.card.locator("h2")).to_have_text("镇雄县")
    # A filter that hides it takes it away everywhere.
    app.choose("州(市)", "昆明市")
    app.visit.wait_for(prefecture="530100", selected=None)
    expect(app.card.locator("h2")).to_have_text("选一个县")
    expect(app.gap_list.chosen).to_have_count(0)


def test_a_selected_row_that_is_out_of_sight_comes_into_sight_and_no_name_is_lost(
    at: Callable[..., App],
) -> None:
    app = at()
    last = app.gap_list.ids()[-1]
    expect(app.gap_list.row(last)).not_to_be_in_viewport()
    app.visit.frame.locator(f"path[data-adcode='{last}']").dispatch_event("click")
    expect(app.gap_list.row(last)).to_be_in_viewport()
    expect(app.gap_list.row(last)).to_have_attribute("aria-selected", "true")
    rows = app.gap_list.grid.locator("tbody [role='row']")
    headings = app.gap_list.grid.locator("[role='columnheader']")
    for way in ("ascending", "descending"):
        headings.nth(1).locator("button").click()
        expect(headings.nth(1)).to_have_attribute("aria-sort", way)
        expect(rows).to_have_count(129)
    titles = rows.locator(".place").evaluate_all("all => all.map(place => place.title)")
    assert all(titles)


def test_the_search_suggests_while_typing_and_takes_the_filter_along(
    at: Callable[..., App],
) -> None:
    app = at(f"prefecture={ZHAOTONG}")
    app.search.click()
    app.visit.page.keyboard.type("wx")
    expect(app.offered).to_have_count(2)
    expect(app.search).to_have_attribute("aria-expanded", "true")
    names = app.offered.all_inner_texts()
    at_weixi = next(n for n, name in enumerate(names) if name.startswith("维西"))
    for _ in range(at_weixi):
        app.visit.page.keyboard.press("ArrowDown")
    expect(app.offered.nth(at_weixi)).to_have_attribute("aria-selected", "true")
    app.visit.page.keyboard.press("Enter")
    app.visit.wait_for(prefecture="533400", selected=WEIXI)
    expect(app.card.locator("h2")).to_have_text("维西傈僳族自治县")
    expect(app.page.get_by_role("combobox", name="州(市)", exact=True)).to_have_value(
        "迪庆藏族自治州"
    )
    for typed, county, adcode in (
        ("路南", "石林彝族自治县", "530126"),
        ("530627", "镇雄县", ZHENXIONG),
    ):
        app.find(typed)
        expect(app.card.locator("h2")).to_have_text(county)
        app.visit.wait_for(selected=adcode)
    app.find("昆明")
    app.visit.wait_for(prefecture="530100", selected=None)
    app.search.fill("<img src=x>**没有**")
    expect(app.page.locator(".st-key-top_bar li.none")).to_be_visible()
    app.search.press("Escape")
    expect(app.page.locator(".st-key-top_bar li.none")).to_be_hidden()


def test_a_prefecture_fits_the_map_and_filters_the_list_and_back(at: Callable[..., App]) -> None:
    app = at()
    whole = app.visit.state()
    app.choose("州(市)", "昭通市")
    near = app.visit.wait_for(visible_counties=11, prefecture=ZHAOTONG)
    assert near["zoom"] > whole["zoom"]
    assert app.visit.map.evaluate(
        "() => { const b = window.networkMap.map.getBounds();"
        " return b.contains([28.6, 104.2]) && b.contains([26.6, 103.2]); }"
    )
    placed = rows_of("demo").dropna(subset="lon")
    placed = placed[placed["prefecture_adcode"] == ZHAOTONG]
    drawn = counted(placed[placed["kind"].isin(["sub_market", "demonstration_county"])])
    assert near["drawn_nodes"] == drawn
    app.gap_list.expect_rows(11)
    app.choose("州(市)", "全省")
    back = app.visit.wait_for(visible_counties=129, prefecture=None)
    assert back["zoom"] == pytest.approx(whole["zoom"])
    app.gap_list.expect_rows(129)


def test_the_list_of_prefectures_filters_by_a_row(at: Callable[..., App]) -> None:
    app = at()
    app.page.get_by_role("radio", name="州(市)", exact=True).click()
    app.gap_list.expect_rows(16)
    app.gap_list.row(ZHAOTONG).click()
    app.visit.wait_for(prefecture=ZHAOTONG, visible_counties=11)
    expect(app.page.get_by_role("combobox", name="州(市)", exact=True)).to_have_value("昭通市")


# --- the link, the language, other pages ----------------------------------------------------------


def test_the_copied_link_restores_the_view_for_somebody_else(
    at: Callable[..., App], visit: Callable[..., Visit]
) -> None:
    app = at(
        f"prefecture={ZHAOTONG}&view=demonstration_county&only_gaps=1"
        "&layers=sub_market,hierarchy&gap_km=demonstration_county=80"
    )
    first = app.gap_list.ids()[0]
    app.gap_list.row(first).click()
    expect(app.visit.page).to_have_url(re.compile(f"county={first}"))
    app.visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    copy = app.page.locator(".st-key-top_bar button.copy")
    copy.click()
    expect(copy).to_have_text(text("frame.bar.copied"))
    link = app.visit.page.evaluate("() => navigator.clipboard.readText()")
    assert link == app.visit.page.url
    other = opened(visit, link)
    other.visit.wait_for(prefecture=ZHAOTONG, selected=first)
    expect(other.view("示范县")).to_have_attribute("aria-checked", "true")
    other.gap_list.expect_ids(app.gap_list.ids())
    mine, theirs = app.visit.state(), other.visit.state()
    same = ("drawn_nodes", "lines", "level", "prefecture", "selected", "visible_counties")
    assert {name: theirs[name] for name in same} == {name: mine[name] for name in same}
    assert other.card.inner_text() == app.card.inner_text()
    # On another page and after a reload there the choices stay.
    other.go("data_check")
    other.visit.page.reload()
    expect(other.page.get_by_role("combobox", name="州(市)", exact=True)).to_have_value("昭通市")
    other.go("gaps")
    other.visit.wait_for(prefecture=ZHAOTONG, selected=first, drawn_nodes=mine["drawn_nodes"])
    expect(other.view("示范县")).to_have_attribute("aria-checked", "true")
    other.visit.assert_clean()


def test_earlier_addresses_lead_to_the_gap_map_with_what_they_say(
    at: Callable[..., App], app_server: Server
) -> None:
    app = at()
    for path in ("overview", "gaps"):
        app.visit.page.goto(f"{app_server.url}/{path}?county={ZHENXIONG}&prefecture={ZHAOTONG}")
        app.visit.wait_for(prefecture=ZHAOTONG, selected=ZHENXIONG)
        expect(app.visit.page).to_have_url(re.compile(rf"^{app_server.url}/\?"))
        expect(app.card.locator("h2")).to_have_text("镇雄县")


def test_a_change_of_language_and_of_data_set_keeps_the_view(at: Callable[..., App]) -> None:
    app = at(f"prefecture={ZHAOTONG}&view=sub_market&county={ZHENXIONG}")
    app.layer("示范县").click()
    before = app.visit.wait_for(drawn_nodes={"sub_market": 1})
    app.language("EN")
    after = app.visit.wait_for(language="en", selected=ZHENXIONG, prefecture=ZHAOTONG)
    same = ("drawn_nodes", "level", "visible_counties")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    expect(app.card.locator("h2")).to_have_text("Zhenxiong County")
    expect(app.view("Sub-market")).to_have_attribute("aria-checked", "true")
    app.choose("Data set", "Public data")
    app.visit.wait_for(drawn_total=0, selected=ZHENXIONG, prefecture=ZHAOTONG)
    app.language("中文")
    expect(app.card).to_contain_text("未公开")
    expect(app.card.locator("h2")).to_have_text("镇雄县")


def test_the_back_button_walks_through_the_views(at: Callable[..., App]) -> None:
    app = at()
    for view in (GapView.SUB_MARKET, GapView.PRIORITY):
        app.view(text(f"gap.view.{view}")).click()
        expect(app.visit.page).to_have_url(re.compile(f"view={view}"))
        app.settled()
    app.visit.page.go_back()
    expect(app.view("分市场")).to_have_attribute("aria-checked", "true")
    expect(app.visit.frame.locator(".nm-legend .nm-fold")).to_contain_text("分市场")


def test_quick_clicks_end_in_the_state_that_the_buttons_show(at: Callable[..., App]) -> None:
    app = at()
    for label in ("示范县", "县域中心", "分市场", "县域中心", "省市场"):
        app.layer(label).click(no_wait_after=True)
    app.visit.wait_for(drawn_total=0)
    for label in KIND_LAYERS.values():
        expect(app.layer(label)).to_have_attribute("aria-pressed", "false")
    app.layer("示范县").click()
    app.visit.wait_for(drawn_nodes={"demonstration_county": 33})


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", ["consortia", "indices", "data_check", "import_nodes"])
def test_every_other_page_opens_without_another_host_and_without_an_error(
    at: Callable[..., App], app_server: Server, page: str, language: str
) -> None:
    app = at(f"lang={language}")
    app.go(page)
    app.settled()
    assert bool(re.search(r"[\u4e00-\u9fff]", app.title.inner_text())) == (language == "zh")
    if language == "zh":
        app.assert_draws_chinese()
        expect(app.warnings.filter(has_text="不得作为决策依据")).to_be_visible()
        assert app.warnings.get_by_role("button").count() == 0
    app.assert_no_traceback()
    title = app.title.inner_text()
    app.visit.page.goto(f"{app_server.url}/{page}?lang={language}")
    expect(app.title).to_have_text(title)


# --- the keyboard ---------------------------------------------------------------------------------

_FOCUSED = """() => {
  let part = document.activeElement;
  while (part.shadowRoot && part.shadowRoot.activeElement) part = part.shadowRoot.activeElement;
  const row = part.closest("tr");
  const told = [row && row.dataset.id, part.textContent.trim(), part.placeholder];
  return [part.tagName, told.find(Boolean) || ""];
}"""
TABS = 60


def tab_to(app: App, tag: str, told: str, key: str = "Tab") -> None:
    """Press Tab until something with this text has the focus."""
    passed = []
    for _ in range(TABS):
        app.visit.page.keyboard.press(key)
        passed.append(app.page.evaluate(_FOCUSED))
        if passed[-1][0] == tag and told in passed[-1][1]:
            return
    raise AssertionError(f"{tag} {told} was not reached: {passed}")


def test_the_whole_journey_needs_no_mouse(at: Callable[..., App]) -> None:
    app = at()
    before = app.gap_list.ids()
    keyboard = app.visit.page.keyboard
    # Tab leads to the row of views and past it, the arrows from view to view.
    tab_to(app, "BUTTON", "缺口类型")
    tab_to(app, "BUTTON", "分市场", "ArrowRight")
    keyboard.press("Enter")
    expect(app.view("分市场")).to_have_attribute("aria-checked", "true")
    expect(app.visit.page).to_have_url(re.compile("view=sub_market"))
    # The rows of the view are fetched after the page has said all.
    expect(app.gap_list.grid.locator("tbody tr").first).not_to_have_attribute("data-id", before[0])
    ids = app.gap_list.ids()
    tab_to(app, "TR", ids[0])
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    keyboard.press("ArrowUp")
    keyboard.press("Enter")
    app.visit.wait_for(selected=ids[1])
    expect(app.gap_list.row(ids[1])).to_have_attribute("aria-selected", "true")
    expect(app.card.locator(".advice")).to_be_visible()
    tab_to(app, "INPUT", text("frame.bar.placeholder"), "Shift+Tab")
    keyboard.type("维西")
    expect(app.offered).not_to_have_count(0)
    keyboard.press("Enter")
    app.visit.wait_for(selected=WEIXI)
    expect(app.card.locator("h2")).to_have_text("维西傈僳族自治县")
    expect(app.gap_list.row(WEIXI)).to_be_in_viewport()


def test_the_edges_of_the_map_can_be_clicked_after_the_window_has_changed(
    at: Callable[..., App],
) -> None:
    app = at(f"prefecture={ZHAOTONG}", FULL_HD)
    app.visit.page.set_viewport_size(ViewportSize(width=1366, height=768))
    app.visit.until("map.getSize().x < 800")
    app.click_map(*ZHENXIONG_AT)
    app.visit.wait_for(selected=ZHENXIONG)
    point: Position = {"x": 5, "y": 5}
    app.visit.map.click(position=point)
    app.visit.wait_for(selected=ZHENXIONG)


def test_a_place_that_another_component_had_meanwhile_shows_its_own_again(
    at: Callable[..., App],
) -> None:
    # The browser keeps a component's place and may hand it on: a late script drew into it.
    app = at("dataset=demo")
    emptied = app.visit.page.evaluate(
        """() => {
            const roots = [...document.querySelectorAll("[data-testid='stBidiComponentIsolated']")]
                .map((host) => host.shadowRoot);
            roots.forEach((root) => root.replaceChildren());
            return roots.length;
        }"""
    )
    assert emptied == 4
    app.layer("县域中心").click()
    app.visit.wait_for(drawn_total=172)
    app.view("分市场").click()
    expect(app.page.locator(".st-key-gap_table tbody tr").nth(LEAST_ROWS)).to_be_visible()
    expect(app.page.locator(".st-key-gap_finding p")).not_to_be_empty()


def test_a_click_on_a_contract_circle_chooses_the_county_under_it(at: Callable[..., App]) -> None:
    app = at("dataset=demo")
    app.layer("合同额").click()
    circles = app.visit.frame.locator(".nm-flow-circle")
    circles.first.wait_for()
    sizes = circles.evaluate_all("all => all.map((one) => one.getBoundingClientRect().width)")
    # Circles lie over each other in Kunming; whichever takes the click, the county gets it.
    largest = circles.nth(sizes.index(max(sizes)))
    largest.click(position=Position(x=4, y=max(sizes) / 2), force=True)
    app.visit.until("state.selected !== null")
    expect(app.page.locator(".gap-card .why").first).to_be_visible()
