"""The live map in a real browser: what is drawn, what a click does, what never happens."""

import json
import math
from collections.abc import Callable, Iterator
from functools import reduce
from pathlib import Path
from urllib.parse import urlsplit

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from playwright.sync_api import Browser, Route

from benchmarks.servers import ROOT, Server, application_folder, served
from network_map.crs import wgs84_to_gcj02
from network_map.maps.payload import map_document
from network_map.maps.spec import MapSpec, node_layer
from tests.browser.conftest import Visit, visits

pytestmark = pytest.mark.browser

PAGE = Path(__file__).with_name("map_page.py")
ZHAOTONG, ZHENXIONG = "530600", "530627"
COUNTED = ("provincial_market", "sub_market", "demonstration_county", "county_centre")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The test page with one map."""
    folder = tmp_path_factory.mktemp("map_page")
    script = application_folder(folder, PAGE)
    door = (ROOT / "asgi.py").read_text(encoding="utf-8")
    door = door.replace("App(START_SCRIPT", f'App("{script.as_posix()}"')
    script.with_name("asgi.py").write_text(door, encoding="utf-8")
    with served(script.with_name("asgi.py"), log=folder / "server.log") as running:
        yield running


@pytest.fixture
def fresh(server: Server, visit: Callable[..., Visit]) -> Visit:
    """The test page in a browser of its own, its map drawn."""
    made = visit(server.url)
    made.wait_for(loaded_nodes=placed_count())
    return made


@pytest.fixture(scope="module")
def shared(server: Server, browser: Browser) -> Iterator[tuple[Visit, dict]]:
    """The test page for all tests that leave no trace on it, and the numbers of its first map."""
    with visits(browser) as visit:
        made = visit(server.url)
        yield made, made.wait_for(loaded_nodes=placed_count())


@pytest.fixture
def opened(shared: tuple[Visit, dict]) -> Visit:
    """The map of the test page as it was first drawn."""
    made, first = shared
    ask(made)
    unasked = ("language", "level", "prefecture", "selected", "drawn_nodes", "visible_counties")
    made.wait_for(**{name: first[name] for name in unasked})
    made.map.evaluate(
        "(_, [center, zoom]) => window.networkMap.map.setView(center, zoom, {animate: false})",
        [first["center"], first["zoom"]],
    )
    return made


def placed_count() -> int:
    """Nodes with coordinates of the page's list: the seeded ones and four planted ones."""
    nodes = pd.read_csv(PAGE.parents[2] / "data" / "demo_nodes.csv")
    return int(nodes["lon"].notna().sum()) + 4


def ask(visit: Visit, **wanted: object) -> None:
    """Type a new state into the page."""
    field = visit.page.get_by_label("state")
    field.fill(json.dumps(wanted))
    field.press("Enter")


def mark(visit: Visit) -> None:
    """Put a mark on the map's element that a remount would lose."""
    visit.map.evaluate("(map) => { map.marked = true; }")


def is_marked(visit: Visit) -> bool:
    return visit.map.evaluate("(map) => map.marked === true")


def expected_nodes(prefecture: str | None = None) -> dict[str, int]:
    """Placed nodes of the page's list by kind."""
    nodes = pd.read_csv(
        PAGE.parents[2] / "data" / "demo_nodes.csv", dtype={"prefecture_adcode": str}
    )
    centres = nodes[nodes["kind"] == "county_centre"].iloc[:4]
    odd = centres.assign(kind=["county_centre"] * 3 + ["never_declared"])
    nodes = pd.concat([nodes, odd])
    nodes = nodes[nodes["lon"].notna()]
    if prefecture:
        nodes = nodes[nodes["prefecture_adcode"] == prefecture]
    return {str(kind): int(count) for kind, count in nodes["kind"].value_counts().items()}


def test_the_first_map_shows_129_counties_and_every_placed_node(opened: Visit) -> None:
    state = opened.state()
    assert (state["counties"], state["visible_counties"]) == (129, 129)
    assert state["drawn_nodes"] == expected_nodes()
    assert opened.frame.locator("path.nm-county").count() == 129
    assert opened.frame.locator("path.nm-node").count() == state["loaded_nodes"]
    opened.assert_clean()


def test_in_every_toggle_state_the_drawn_points_are_the_rows(opened: Visit) -> None:
    for prefecture in (None, ZHAOTONG):
        rows = expected_nodes(prefecture)
        for number in range(2 ** len(COUNTED)):
            hidden = [kind for bit, kind in enumerate(COUNTED) if number >> bit & 1]
            ask(opened, prefecture=prefecture, hidden=hidden)
            shown = {kind: count for kind, count in rows.items() if kind not in hidden}
            state = opened.wait_for(drawn_nodes=shown, prefecture=prefecture)
            assert opened.frame.locator("path.nm-node").count() == state["drawn_total"]


def test_the_legend_says_the_numbers_it_was_given_and_names_undeclared_kinds(opened: Visit) -> None:
    rows = opened.frame.locator(".nm-legend li[data-kind]")
    told = dict(rows.evaluate_all("(all) => all.map((r) => [r.dataset.kind, +r.dataset.count])"))
    assert told == {"provincial_market": 0, **expected_nodes()}
    assert "空心符号为假定节点" in opened.frame.locator(".nm-legend").inner_text()


@pytest.mark.parametrize("zoom", [None, 8, 11])
def test_neighbours_stay_neighbours_and_counties_keep_their_size(
    opened: Visit, zoom: int | None
) -> None:
    if zoom:
        opened.map.evaluate(
            "(_, zoom) => window.networkMap.map.setView([25.0, 102.7], zoom, {animate: false})",
            zoom,
        )
    drawn = opened.frame.locator("path.nm-county").evaluate_all(
        "(all) => all.map((path) => [path.dataset.adcode, path.getAttribute('d')])"
    )
    areas = {adcode: drawn_area(path) for adcode, path in drawn}
    assert len(areas) == 129
    together = shapely.union_all(list(areas.values()))
    # An overlap between two counties would make the sum differ from the whole, a gap would leave a
    # hole: some 250 square pixels of each where counties are simplified one by one. Rounded to
    # whole pixels, a narrow bend may cross itself; that is all that may.
    assert sum(area.area for area in areas.values()) == pytest.approx(together.area, abs=3)
    filled = [shapely.Polygon(part.exterior) for part in shapely.get_parts(together)]
    assert shapely.union_all(filled).area == pytest.approx(together.area, abs=3)
    metre_px = 256 * 2 ** opened.state()["zoom"] / (2 * math.pi * 6_378_137)
    given = gpd.read_parquet(PAGE.parents[2] / "data" / "boundaries_county.parquet").to_crs(3857)
    for adcode, shape in zip(given["adcode"], given.geometry, strict=True):
        # A border that is off by half a pixel all along is what the eye cannot tell.
        slack = 0.5 * shape.length * metre_px
        assert abs(areas[adcode].area - shape.area * metre_px**2) < slack


def drawn_area(path: str) -> shapely.Geometry:
    """What an SVG path of straight lines fills, by the even-odd rule."""
    rings = [
        shapely.Polygon(np.array(ring.split(), dtype=float).reshape(-1, 2))
        for ring in path.removeprefix("M").removesuffix("z").split("zM")
    ]
    return reduce(shapely.symmetric_difference, map(shapely.make_valid, rings))


def test_a_tier_or_overlay_switch_keeps_the_map_its_zoom_and_its_centre(opened: Visit) -> None:
    mark(opened)
    opened.map.evaluate("() => window.networkMap.map.setView([24.1, 101.3], 8, {animate: false})")
    before = opened.state()
    ask(opened, hidden=["county_centre"], level="county")
    after = opened.wait_for(level="county")
    assert (after["zoom"], after["center"]) == (before["zoom"], before["center"])
    assert is_marked(opened)


def test_choosing_a_prefecture_fits_the_map_to_its_counties_and_back(opened: Visit) -> None:
    mark(opened)
    whole = opened.state()
    ask(opened, prefecture=ZHAOTONG)
    near = opened.wait_for(visible_counties=11)
    assert near["zoom"] > whole["zoom"]
    assert near["labels"] == 11
    assert opened.frame.locator("path.nm-county:not(.nm-pale)").count() == 11
    ask(opened)
    back = opened.wait_for(visible_counties=129)
    assert (back["zoom"], is_marked(opened)) == (whole["zoom"], True)


def test_a_change_of_language_keeps_the_map(opened: Visit) -> None:
    mark(opened)
    ask(opened, language="en", level="county")
    opened.wait_for(language="en")
    assert opened.frame.get_by_role("button", name="Zoom in").is_visible()
    assert "Legend" in opened.frame.locator(".nm-legend").inner_text()
    assert is_marked(opened)
    opened.assert_clean()


def test_areas_without_data_are_hatched_and_counted_on_their_own(opened: Visit) -> None:
    ask(opened, level="county")
    opened.wait_for(level="county")
    fills = dict(
        opened.frame.locator("path.nm-county").evaluate_all(
            "(all) => all.map((p) => [p.dataset.adcode, p.getAttribute('fill')])"
        )
    )
    hatched = sorted(adcode for adcode, fill in fills.items() if fill.startswith("url("))
    assert hatched == ["530921", "533401"]
    counts = opened.frame.locator(".nm-legend li[data-class]").evaluate_all(
        "(all) => all.map((row) => [row.dataset.class, +row.dataset.count])"
    )
    assert counts[-1] == ["missing", 2]
    assert sum(count for _, count in counts) == 129


def test_prefecture_values_colour_every_county_of_the_prefecture(opened: Visit) -> None:
    ask(opened, level="prefecture")
    opened.wait_for(level="prefecture")
    fills = opened.frame.locator("path.nm-county").evaluate_all(
        "(all) => [...new Set(all.filter((p) => p.dataset.adcode.startsWith('5306'))"
        ".map((p) => p.getAttribute('fill')))]"
    )
    assert len(fills) == 1


def test_a_click_selects_at_once_and_reaches_the_page_once(fresh: Visit) -> None:
    county = fresh.frame.locator(f"path[data-adcode='{ZHENXIONG}']")
    selected = county.evaluate(
        """(path) => {
            const box = path.getBoundingClientRect();
            const at = {clientX: box.x + box.width / 2, clientY: box.y + box.height / 2};
            path.dispatchEvent(new MouseEvent('click', {bubbles: true, view: window, ...at}));
            return window.networkMap.state().selected;
        }"""
    )
    assert selected == ZHENXIONG
    fresh.page.get_by_text(f"clicked:{ZHENXIONG}", exact=True).wait_for()
    ask(fresh, level="county")
    fresh.wait_for(level="county", selected=ZHENXIONG)
    assert fresh.page.get_by_text(f"clicked:{ZHENXIONG}", exact=True).is_visible()


def test_without_a_callback_each_click_is_returned_once(fresh: Visit) -> None:
    ask(fresh, callback=False)
    told = []
    for adcode in (ZHENXIONG, "530602", ZHENXIONG):
        fresh.frame.locator(f"path[data-adcode='{adcode}']").dispatch_event("click")
        told.append(adcode)
        fresh.page.get_by_text("clicked:" + ",".join(told), exact=True).wait_for()


def test_a_click_on_a_node_selects_its_county(fresh: Visit) -> None:
    ask(fresh, prefecture=ZHAOTONG, hidden=["county_centre", "demonstration_county"])
    fresh.wait_for(drawn_total=1)
    fresh.frame.locator("path.nm-kind-sub_market").click()
    fresh.wait_for(selected="530602")


def test_a_county_selected_elsewhere_is_brought_into_view_only_if_it_is_outside(
    opened: Visit,
) -> None:
    before = opened.state()
    ask(opened, selected="533423")
    seen = opened.wait_for(selected="533423")
    assert seen["center"] == before["center"]
    opened.map.evaluate("() => window.networkMap.map.setView([22.0, 100.8], 9, {animate: false})")
    ask(opened, selected=ZHENXIONG)
    opened.wait_for(selected=ZHENXIONG)
    opened.until("map.getBounds().contains([27.44, 104.87])")


def test_a_name_with_markup_is_shown_as_text(fresh: Visit) -> None:
    ask(fresh, prefecture="530100")
    fresh.wait_for(prefecture="530100")
    told = ""
    for path in fresh.frame.locator("path.nm-kind-county_centre").all():
        path.dispatch_event("mouseover")
        if "<script>" in (told := fresh.frame.locator(".nm-tooltip").inner_text()):
            break
    assert "<img src=x onerror=" in told
    fresh.frame.locator(".nm-unplaced .nm-fold").click()
    assert fresh.frame.locator(".nm-unplaced").inner_text().count("<script>") == 1
    assert fresh.map.evaluate("() => window.planted === undefined")
    assert fresh.frame.locator(".nm-map img").count() == 0


def test_a_template_in_a_name_stays_what_was_typed(opened: Visit) -> None:
    names = opened.map.evaluate(
        "() => window.networkMap.map.networkMap.nodes.nodes.map((node) => node.name)"
    )
    assert "{{ 'withdrawn' }}" in names


def test_nodes_at_one_seat_stand_side_by_side(opened: Visit) -> None:
    overlaps = opened.map.evaluate(
        """() => {
            const shown = [...window.networkMap.map.networkMap.nodes.shown];
            const bySeat = Map.groupBy(shown, (m) => m.node.lon + ',' + m.node.lat);
            let hidden = 0;
            for (const group of bySeat.values())
                for (const a of group) for (const b of group)
                    if (a !== b && a._point.distanceTo(b._point) < 9) hidden += 1;
            return [hidden, [...bySeat.values()].filter((g) => g.length > 1).length];
        }"""
    )
    assert overlaps[0] == 0
    assert overlaps[1] > 20


def test_assumed_planned_and_withdrawn_nodes_look_different(opened: Visit) -> None:
    looks = opened.map.evaluate(
        """() => Object.fromEntries([...window.networkMap.map.networkMap.nodes.shown].map((m) => {
            const p = m.getElement();
            const dash = p.getAttribute('stroke-dasharray');
            const crossed = (p.getAttribute('d').match(/M/g) || []).length > 1;
            return [m.node.id, [p.getAttribute('fill') === '#ffffff', dash !== null, crossed]];
        }))"""
    )
    assert looks["odd-2"][2]
    assert looks["odd-3"][1]
    assert sum(hollow for hollow, _, _ in looks.values()) > 100


def test_ten_thousand_nodes_are_drawn_on_a_canvas_and_can_be_pointed_at(
    server: Server, visit: Callable[..., Visit]
) -> None:
    made = visit(server.url)
    copies = 60
    ask(made, copies=copies)
    state = made.wait_for(renderer="canvas", loaded_nodes=copies * placed_count())
    assert state["drawn_total"] == copies * placed_count()
    took = made.map.evaluate(
        """() => {
            const start = performance.now();
            window.networkMap.map.setZoom(window.networkMap.map.getZoom() + 1, {animate: false});
            return performance.now() - start;
        }"""
    )
    assert took < 2000
    made.assert_clean()


def test_the_source_line_opens_and_the_legend_folds(fresh: Visit) -> None:
    fresh.frame.get_by_role("button", name="展开说明").click()
    assert fresh.frame.get_by_role("button", name="收起说明").is_visible()
    fresh.frame.locator(".nm-legend .nm-fold").click()
    assert not fresh.frame.locator(".nm-legend .nm-panel").is_visible()


def test_the_map_can_be_moved_with_the_keyboard(opened: Visit) -> None:
    before = opened.state()
    opened.map.focus()
    opened.page.keyboard.press("+")
    opened.until("state.zoom > value", before["zoom"])


def test_a_map_taken_away_draws_nothing_of_what_is_still_on_its_way(fresh: Visit) -> None:
    drawn = fresh.map.evaluate(
        """async () => {
            const { settings, state } = window.networkMap.map.networkMap;
            const hosts = [0, 1].map(() => document.createElement("div"));
            hosts.forEach((host) => { host.style.height = "300px"; });
            document.body.append(hosts[0]);
            const first = window.networkMap.start(hosts[0], settings);
            const coming = first.loadNodes(state);
            hosts[0].remove();
            document.body.append(hosts[1]);
            const second = window.networkMap.start(hosts[1], settings);
            await Promise.all([coming, first.update(state), second.update(state)]);
            await second.loadNodes(state);
            return [first.revision, second.nodes.nodes.length];
        }"""
    )
    assert drawn[0] == 0
    assert drawn[1] > 0
    fresh.assert_clean()


def test_boundaries_that_do_not_arrive_are_a_sentence_and_the_page_goes_on(
    server: Server, visit: Callable[..., Visit]
) -> None:
    made = visit("about:blank")
    made.page.route(
        lambda url: urlsplit(url).path.startswith("/app/static/geometry/"),
        lambda route: route.fulfill(status=404),
    )
    made.page.goto(server.url)
    made.frame.get_by_text("没有取到行政区划边界文件").wait_for()
    ask(made, language="en")
    made.frame.get_by_text("The boundary file could not be fetched").wait_for()
    assert made.page.get_by_text("clicked:").is_visible()


def test_an_area_layer_that_does_not_arrive_is_a_sentence_and_no_wrong_colour(
    fresh: Visit,
) -> None:
    fresh.page.route(
        lambda url: urlsplit(url).path.startswith("/files/"),
        lambda route: route.fulfill(status=404),
    )
    ask(fresh, level="county", hidden=["county_centre"])
    fresh.frame.get_by_text("没有取到底色数据").wait_for()
    assert fresh.state()["level"] is None
    assert "county_centre" not in fresh.state()["drawn_nodes"]


def test_a_leaflet_that_does_not_arrive_is_a_sentence_not_a_blank(
    server: Server, visit: Callable[..., Visit]
) -> None:
    made = visit("about:blank")
    made.page.route("**/leaflet.js", lambda route: route.abort())
    made.page.goto(server.url)
    made.frame.get_by_text("没有取到地图程序").wait_for()


def test_the_map_works_under_a_base_path(tmp_path: Path, visit: Callable[..., Visit]) -> None:
    with served(application_folder(tmp_path, PAGE), base_path="plan/yunnan") as running:
        made = visit(running.url)
        made.wait_for(loaded_nodes=placed_count(), counties=129)
        made.assert_clean()


def test_shifted_tiles_use_the_shift_of_the_crs_room(opened: Visit) -> None:
    for lon, lat in ((102.71, 25.04), (98.85, 27.73), (105.6, 23.6)):
        shifted = opened.map.evaluate(
            "(_, p) => { const s = window.networkMap.shiftedPosition({lat: p[1], lng: p[0]});"
            " return [s.lng, s.lat]; }",
            [lon, lat],
        )
        expected = [float(value) for value in wgs84_to_gcj02(lon, lat)]
        assert shifted == pytest.approx(expected, abs=1e-9)


def test_a_tile_layer_of_the_settings_is_asked_for_and_its_name_is_text(
    server: Server, visit: Callable[..., Visit]
) -> None:
    made = visit("about:blank")
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=404)

    made.page.route("**/tiles/**", refuse)
    made.page.goto(server.url)
    ask(made, tiles=True, datum="gcj02")
    made.frame.locator(".leaflet-control-layers").wait_for()
    made.wait_for(counties=129)
    assert asked
    assert "&lt;b&gt;瓦片&lt;/b&gt;" in made.frame.locator(".leaflet-control-layers").inner_html()


def test_the_single_file_shows_the_same_map_and_asks_for_nothing(
    visit: Callable[..., Visit], tmp_path: Path, project_root: Path
) -> None:
    nodes = pd.read_csv(
        project_root / "data" / "demo_nodes.csv",
        dtype={"adcode": "str", "prefecture_adcode": "str"},
    )
    kinds = pd.read_csv(project_root / "data" / "node_kinds.csv")
    shown = MapSpec("en", node_layer(nodes, kinds), (), None, None, None, (), "source")
    (tmp_path / "map.html").write_text(map_document(shown, title="Yunnan"), encoding="utf-8")
    made = visit("about:blank")
    asked: list[str] = []
    made.page.on("request", lambda request: asked.append(request.url))
    made.page.goto((tmp_path / "map.html").as_uri())
    drawn = made.page.locator(".nm-map[data-ready='1']")
    drawn.wait_for()
    state = drawn.evaluate("() => window.networkMap.state()")
    assert (state["counties"], state["language"]) == (129, "en")
    assert state["drawn_total"] == nodes["lon"].notna().sum()
    assert asked == [(tmp_path / "map.html").as_uri()]
    made.assert_clean()
