"""The overview in a real browser: map, boxes, legend, table and card say the same."""

import re
from collections.abc import Callable

import pandas as pd
import pytest
from playwright.sync_api import expect

from benchmarks.servers import Server
from network_map.i18n import text
from tests.browser.conftest import Visit
from tests.browser.steps import COUNT_KINDS, App, opened
from tests.paths import DATA

pytestmark = pytest.mark.browser

LABELS = dict(zip(COUNT_KINDS, ("省级", "分市场", "示范县", "县域中心"), strict=True))
ZHAOTONG, ZHENXIONG = "530600", "530627"
ZHENXIONG_AT, WEIXIN_AT = (104.87, 27.44), (105.05, 27.85)
GRAY_CODE = [n ^ n >> 1 for n in range(16)]
OVERLAYS = ("常住人口", "地区生产总值", "州(市)分市场有无", "示范县有无", "县域中心有无")


@pytest.fixture
def app(app_server: Server, visit: Callable[..., Visit]) -> App:
    """The overview of the demonstration data, its map drawn."""
    made = opened(visit, app_server.url)
    made.visit.map.wait_for()
    made.visit.wait_for(loaded_nodes=len(rows_of("demo").dropna(subset="lon")))
    return made


def rows_of(dataset: str) -> pd.DataFrame:
    """The shipped nodes of a data set that stand."""
    nodes = pd.read_csv(DATA / f"{dataset}_nodes.csv", dtype={"prefecture_adcode": str})
    return nodes[nodes["status"] != "withdrawn"]


def counted(nodes: pd.DataFrame) -> dict[str, int]:
    found = nodes["kind"].value_counts()
    return {kind: int(found.get(kind, 0)) for kind in COUNT_KINDS}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", ["overview", "consortia", "indices", "data_check", "import_nodes"])
def test_every_page_opens_without_another_host_and_without_an_error(
    app_server: Server, visit: Callable[..., Visit], page: str, language: str
) -> None:
    app = opened(visit, f"{app_server.url}/?lang={language}")
    if page == "overview":
        app.visit.wait_for(counties=129, visible_counties=129)
        assert app.visit.frame.locator("path.nm-county").count() == 129
    else:
        app.go(text(f"page.{page}.title", language))
        app.settled()
    if language == "zh":
        app.assert_draws_chinese()
    assert bool(re.search(r"[\u4e00-\u9fff]", app.title.inner_text())) == (language == "zh")
    app.assert_no_traceback()
    app.visit.assert_clean()
    if page != "overview":  # the overview's own address is the first one
        direct = opened(visit, f"{app_server.url}/{page}?lang={language}")
        assert direct.title.inner_text() == app.title.inner_text()
        assert direct.visit.external == []


@pytest.mark.parametrize("dataset", ["demo", "public"])
def test_legend_boxes_and_rows_agree_and_each_row_is_drawn_or_listed_in_every_toggle_state(
    app_server: Server, visit: Callable[..., Visit], dataset: str
) -> None:
    app = opened(visit, f"{app_server.url}/?dataset={dataset}")
    rows = rows_of(dataset)
    assert app.counts() == counted(rows)
    placed = counted(rows.dropna(subset="lon"))
    before = GRAY_CODE[0]
    for hidden in GRAY_CODE[1:]:
        changed = (hidden ^ before).bit_length() - 1
        app.kind(LABELS[COUNT_KINDS[changed]]).click()
        shown = [kind for bit, kind in enumerate(COUNT_KINDS) if not hidden >> bit & 1]
        drawn = {kind: placed[kind] for kind in shown if placed[kind]}
        expected = sum(counted(rows)[kind] for kind in shown)
        state = app.visit.wait_for(drawn_nodes=drawn, unplaced=expected - sum(drawn.values()))
        assert app.visit.frame.locator("path.nm-node").count() == state["drawn_total"]
        before = hidden
    # The boxes and the legend count what there is, not what is shown.
    assert app.counts() == counted(rows)
    assert {kind: app.legend()[kind] for kind in COUNT_KINDS} == counted(rows)
    app.visit.assert_clean()


def test_no_kind_chosen_is_a_sentence_and_the_rest_stays(app: App) -> None:
    for label in LABELS.values():
        app.kind(label).click()
    expect(app.page.get_by_text("没有选择要显示的节点类型")).to_be_visible()
    assert app.visit.wait_for(drawn_total=0)["counties"] == 129
    app.county_table.expect_rows(129)
    assert app.counts()["county_centre"] == 128


def test_toggles_and_overlays_keep_the_map_element_its_zoom_and_its_centre(app: App) -> None:
    app.visit.map.evaluate(
        "(map) => { map.marked = window.networkMap.marked = true;"
        " window.networkMap.map.setView([24.1, 101.3], 8, {animate: false}); }"
    )
    before = app.visit.state()
    revision = before["revision"]
    app.kind("县域中心").click()
    app.kind("东部中心工作站").click()
    app.visit.wait_for(drawn_nodes=counted_without(rows_of("demo"), "county_centre"))
    for overlay in (*OVERLAYS, "无底色", "地区生产总值"):
        app.choose("底色", overlay)
        level = "prefecture" if "分市场" in overlay else "county"
        app.visit.wait_for(level=None if overlay == "无底色" else level)
        if overlay != "无底色":
            expect(app.visit.frame.locator(".nm-legend .nm-title")).to_contain_text(overlay)
            areas = 16 if level == "prefecture" else 129
            assert sum(count for _, count in app.classes()) == areas
    after = app.visit.state()
    assert (after["zoom"], after["center"]) == (before["zoom"], before["center"])
    assert after["revision"] > revision
    assert app.visit.map.evaluate("map => map.marked && window.networkMap.marked")
    app.visit.assert_clean()


def counted_without(nodes: pd.DataFrame, hidden: str) -> dict[str, int]:
    """Placed nodes by kind, the workstations too, without the hidden kind."""
    found = nodes.dropna(subset="lon")["kind"].value_counts()
    return {str(kind): int(count) for kind, count in found.items() if kind != hidden}


def test_a_prefecture_drives_map_boxes_legend_and_table_and_back(app: App) -> None:
    whole = app.visit.state()
    app.choose("州(市)", "昭通市")
    near = app.visit.wait_for(visible_counties=11, prefecture=ZHAOTONG)
    assert near["zoom"] > whole["zoom"]
    assert app.visit.map.evaluate(
        "() => { const b = window.networkMap.map.getBounds();"
        " return b.contains([28.6, 104.2]) && b.contains([26.6, 103.2]); }"
    )
    rows = rows_of("demo")
    expected = counted(rows[rows["prefecture_adcode"] == ZHAOTONG])
    assert app.counts() == expected
    assert {kind: app.legend()[kind] for kind in COUNT_KINDS} == expected
    app.county_table.expect_rows(11)
    expect(app.page.get_by_text("昭通市:11 个县(市、区)")).to_be_visible()
    app.choose("底色", "地区生产总值")
    app.visit.wait_for(level="county")
    assert sum(count for _, count in app.classes()) == 11
    app.choose("底色", "无底色")
    app.choose("州(市)", "全省")
    back = app.visit.wait_for(visible_counties=129, prefecture=None)
    assert back["zoom"] == whole["zoom"]
    app.county_table.expect_rows(129)
    assert app.counts() == counted(rows)


def test_map_table_and_card_show_one_selection(app: App) -> None:
    app.choose("州(市)", "昭通市")
    app.visit.wait_for(visible_counties=11)
    table = app.county_table
    app.click_map(*ZHENXIONG_AT)
    expect(app.card.locator("h2")).to_have_text("镇雄县")
    expect(app.card).to_contain_text("1,349,795 人")
    expect(table.chosen).to_have_count(1)
    expect(table.chosen).to_contain_text(ZHENXIONG)
    # From the table to the map, and a second tick takes the selection away.
    table.tick(1)
    expect(app.card.locator("h2")).to_have_text("鲁甸县")
    app.visit.wait_for(selected="530621")
    expect(table.chosen).to_contain_text("530621")
    table.tick(1)
    expect(app.card).to_have_count(0)
    app.visit.wait_for(selected=None)
    app.click_map(*ZHENXIONG_AT)
    app.page.get_by_role("button", name="取消选择").click()
    expect(app.card).to_have_count(0)
    expect(table.chosen).to_have_count(0)
    app.visit.wait_for(selected=None)
    # The same county once more: the click is new; and another one at once.
    app.click_map(*ZHENXIONG_AT)
    expect(app.card.locator("h2")).to_have_text("镇雄县")
    app.click_map(*WEIXIN_AT)
    expect(app.card.locator("h2")).to_have_text("威信县")
    expect(table.chosen).to_contain_text("530629")


def test_a_table_that_is_sorted_or_shown_again_has_all_its_rows(app: App) -> None:
    table = app.county_table.grid
    rows = table.locator("tbody [role='row']")
    expect(rows).to_have_count(129)
    first = table.locator("[role='columnheader']").first
    for way, adcode in (("ascending", "530102"), ("descending", "533423")):
        first.locator("button").click()
        expect(first).to_have_attribute("aria-sort", way)
        expect(rows).to_have_count(129)
        expect(rows.first).to_contain_text(adcode)
    app.choose("州(市)", "昭通市")
    expect(rows).to_have_count(11)
    app.choose("州(市)", text("frame.whole_province", "zh"))
    expect(rows).to_have_count(129)


def test_a_selection_that_the_filter_hides_is_taken_away_everywhere(app: App) -> None:
    app.click_map(*ZHENXIONG_AT)
    expect(app.card.locator("h2")).to_have_text("镇雄县")
    app.choose("州(市)", "昆明市")
    expect(app.card).to_have_count(0)
    app.visit.wait_for(prefecture="530100", selected=None)
    expect(app.county_table.chosen).to_have_count(0)


def test_a_county_is_found_by_name_old_name_code_and_initials(app: App) -> None:
    for typed, county, adcode in (
        ("维西", "维西傈僳族自治县", "533423"),
        ("路南", "石林彝族自治县", "530126"),
        ("530627", "镇雄县", ZHENXIONG),
    ):
        app.find(typed)
        expect(app.card.locator("h2")).to_have_text(county)
        app.visit.wait_for(selected=adcode)
    app.find("wx")
    expect(app.offered).to_have_count(2)
    assert min(app.offered.all_inner_texts()).startswith("威信县")
    app.page.get_by_role("button", name="维西傈僳族自治县").click()
    app.visit.wait_for(selected="533423")
    app.find("昭通")
    app.page.get_by_role("button", name="昭通市", exact=True).click()
    app.visit.wait_for(prefecture=ZHAOTONG, visible_counties=11, selected=None)
    # A county elsewhere moves the filter along.
    app.find("533423")
    app.visit.wait_for(prefecture="533400", selected="533423")
    app.find("<img src=x>**没有**")
    expect(app.page.get_by_text("没有找到“<img src=x>**没有**”")).to_be_visible()
    app.visit.assert_clean()


def test_each_classifier_counts_every_area_once(app: App) -> None:
    app.choose("底色", "地区生产总值")
    app.page.get_by_role("button", name="分级设置").click()
    for level, areas in (("县(市、区)", 129), ("州(市)", 16)):
        app.choose("分级单位", level)
        for classifier in ("分位数", "等间距", "自定分级", "自然断点"):
            app.choose("分级方法", classifier)
            if classifier == "自定分级":
                field = app.page.get_by_role("textbox", name="自定分级上限(亿元)")
                field.fill("50,200,800")
                field.press("Enter")
            app.visit.wait_for(level="county" if areas == 129 else "prefecture")
            expect(app.visit.frame.locator("li[data-class]")).to_have_count(
                5 if classifier == "自定分级" else 6
            )
            classes = app.classes()
            assert sum(count for _, count in classes) == areas, classifier
            assert classes[-1][0] == "无数据"
    assert not app.warnings.filter(has_text="自定分级").count()


def test_own_breaks_that_are_no_numbers_are_a_sentence_and_the_page_works(app: App) -> None:
    app.choose("底色", "常住人口")
    app.page.get_by_role("button", name="分级设置").click()
    app.choose("分级方法", "自定分级")
    field = app.page.get_by_role("textbox", name="自定分级上限(万人)")
    field.fill("**十**, <b>")
    field.press("Enter")
    expect(app.warnings.filter(has_text="实际是“**十**, <b>”")).to_be_visible()
    app.visit.wait_for(level="county")
    assert sum(count for _, count in app.classes()) == 129
    app.kind("县域中心").click()
    assert "county_centre" not in app.visit.wait_for(drawn_total=44)["drawn_nodes"]
    app.assert_no_traceback()


def test_a_change_of_language_and_of_data_set_keeps_the_view(app: App) -> None:
    app.choose("州(市)", "昭通市")
    app.choose("底色", "地区生产总值")
    app.kind("示范县").click()
    app.visit.wait_for(visible_counties=11, level="county")
    app.click_map(*ZHENXIONG_AT)
    expect(app.card.locator("h2")).to_have_text("镇雄县")
    before = app.visit.state()
    app.language("English")
    expect(app.title).to_have_text("Network overview")
    after = app.visit.wait_for(language="en", selected=ZHENXIONG, prefecture=ZHAOTONG)
    same = ("drawn_nodes", "level", "zoom", "center", "visible_counties")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    expect(app.card.locator("h2")).to_have_text("Zhenxiong County")
    expect(app.page.get_by_role("combobox", name="Colour areas by")).to_have_value("GDP")
    expect(app.kind("Demonstration county")).to_have_attribute("aria-pressed", "false")
    app.choose("Data set", "Public data")
    public = app.visit.wait_for(drawn_total=0, selected=ZHENXIONG, prefecture=ZHAOTONG)
    assert (public["zoom"], public["center"]) == (before["zoom"], before["center"])
    app.language("中文")
    expect(app.card).to_contain_text("未知")
    assert app.counts()["demonstration_county"] == 2


def test_the_address_restores_the_view_for_somebody_else_and_after_a_reload(
    app: App, visit: Callable[..., Visit]
) -> None:
    app.choose("数据集", "公开数据")
    app.choose("州(市)", "昭通市")
    app.choose("底色", "县域中心有无")
    app.kind("省级").click()
    app.visit.wait_for(prefecture=ZHAOTONG, visible_counties=11)
    app.click_map(*ZHENXIONG_AT)
    expect(app.card).to_be_visible()
    expect(app.visit.page).to_have_url(re.compile(f"county={ZHENXIONG}"))
    other = opened(visit, app.visit.page.url)
    other.visit.wait_for(prefecture=ZHAOTONG, selected=ZHENXIONG, level="county")
    expect(other.kind("省级")).to_have_attribute("aria-pressed", "false")
    expect(other.card.locator("h2")).to_have_text("镇雄县")
    assert other.counts() == app.counts()
    # On another page a reload keeps the data set and the filter as well.
    other.go("数据核对")
    expect(other.visit.page).to_have_url(re.compile("dataset=public.*prefecture=530600"))
    other.visit.page.reload()
    expect(other.page.get_by_text("昭通市 · 应有与实有")).to_be_visible()
    expect(other.page.get_by_role("combobox", name="数据集")).to_have_value("公开数据")
    other.go("网络总览")
    other.visit.wait_for(prefecture=ZHAOTONG, selected=ZHENXIONG, level="county")


def test_the_choices_survive_a_change_of_page_and_the_back_button_walks_through_the_views(
    app: App,
) -> None:
    app.choose("数据集", "公开数据")
    app.choose("州(市)", "昭通市")
    app.visit.wait_for(visible_counties=11)
    app.choose("底色", "地区生产总值")  # reruns the overview alone, not the page
    app.visit.wait_for(level="county")
    app.kind("示范县").click()
    app.visit.wait_for(drawn_total=0)
    app.go("数据核对")
    for label, value in (("数据集", "公开数据"), ("州(市)", "昭通市")):
        expect(app.page.get_by_role("combobox", name=label, exact=True)).to_have_value(value)
    app.go("网络总览")
    app.visit.wait_for(prefecture=ZHAOTONG, level="county", drawn_total=0)
    app.choose("底色", "常住人口")
    expect(app.visit.frame.locator(".nm-legend .nm-title")).to_contain_text("常住人口")
    expect(app.visit.page).to_have_url(re.compile("overlay=population"))
    app.visit.page.go_back()
    expect(app.visit.frame.locator(".nm-legend .nm-title")).to_contain_text("地区生产总值")
    expect(app.page.get_by_role("combobox", name="底色")).to_have_value("地区生产总值")
    expect(app.page.get_by_role("combobox", name="州(市)", exact=True)).to_have_value("昭通市")


def test_quick_clicks_end_in_the_state_that_the_switches_show(app: App) -> None:
    for label in ("示范县", "县域中心", "分市场", "县域中心", "省级", "示范县", "县域中心"):
        app.kind(label).click(no_wait_after=True)
    app.visit.wait_for(drawn_nodes={"demonstration_county": 33})
    pressed = {
        kind: app.kind(label).get_attribute("aria-pressed") == "true"
        for kind, label in LABELS.items()
    }
    assert [kind for kind, is_on in pressed.items() if is_on] == ["demonstration_county"]


def test_the_demonstration_banner_cannot_be_closed_and_is_on_every_page(app: App) -> None:
    for page in ("数据核对", "导入名单", "网络总览"):
        app.go(page)
        expect(app.warnings.filter(has_text="不得作为决策依据")).to_be_visible()
        assert app.warnings.get_by_role("button").count() == 0


def test_at_900_pixels_nothing_is_cut_off_and_map_table_and_card_work(
    app_server: Server, visit: Callable[..., Visit]
) -> None:
    app = opened(
        visit,
        f"{app_server.url}/?overlay=gdp&county={ZHENXIONG}",
        size={"width": 900, "height": 700},
    )
    app.visit.wait_for(counties=129, selected=ZHENXIONG)
    cut = app.page.evaluate(
        """() => [...document.querySelectorAll(
             '.card, .card *, .count, .count *, [data-testid=stMain] button, .stButtonGroup *')]
           .filter(e => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1 && e.clientWidth)
           .map(e => e.outerHTML.slice(0, 80))"""
    )
    assert cut == []
    assert app.page.evaluate("() => document.body.scrollWidth <= window.innerWidth")
    app.kind("县域中心").click()
    app.visit.wait_for(drawn_total=44)
    app.visit.assert_clean()


def test_a_part_that_is_unfolded_does_not_follow_to_the_next_page(app: App) -> None:
    app.go("数据核对")
    assert app.download("gaps_csv").startswith(b"\xef\xbb\xbf")
    app.go("网络总览")
    app.visit.wait_for(counties=129)
    app.download("overview_csv")
    app.go("覆盖缺口")
    app.page.get_by_role("button", name="标准与规则").click()
    expect(app.page.get_by_text("分市场服务标准").first).to_be_visible()
    app.go("网络总览")
    app.visit.wait_for(counties=129)
    expect(app.page.locator(".st-key-overview_csv button")).to_be_visible()
    app.assert_no_traceback()
