"""Every list goes in from its page once: seen, confirmed, held; what it removes is named in red."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from benchmarks.servers import Server
from network_map.datasets import open_dataset
from tests.browser.conftest import Visit
from tests.browser.steps import App, opened
from tests.listfiles.every_list import CLEAN
from tests.written import FORMATS, delimited

pytestmark = pytest.mark.browser

CENTRES = (
    "节点类型,节点名称,州(市),县(市、区)\n县域中心,甲中心,昭通市,镇雄县\n"
    "县域中心,乙中心,昆明市,盘龙区\n县域中心,丙中心,红河州,个旧市\n"
)
LISTS = {
    "节点名单": ("名单.csv", CENTRES.encode()),
    "中心工作情况": ("工作.xlsx", FORMATS["xlsx"](CLEAN["centre-activity"])),
    "创新联合体(牵头与成员)": ("成员.ods", FORMATS["ods"](CLEAN["consortia"])),
    "县(市、区)产业": ("产业.xls", FORMATS["xls"](CLEAN["industries"])),
    "县域指标": ("指标.csv", FORMATS["gbk"](CLEAN["county-indicators"])),
}


INTRO = {
    "节点名单": "上传一份节点名单",
    "中心工作情况": "每行一个中心、一年",
    "创新联合体(牵头与成员)": "上传创新联合体名单",
    "县(市、区)产业": "上传县(市、区)产业名单",
    "县域指标": "表头写明指标、年份和单位",
}
"""What stands above the box for a file of each list, once that is the one that is drawn."""


def test_every_list_is_imported_from_its_page_and_removals_stand_in_red(
    own_server: Server, visit: Callable[..., Visit], own_workspace: Path
) -> None:
    app = opened(visit, f"{own_server.url}/import_nodes")
    for what, (name, content) in LISTS.items():
        choose(app, what)
        app.upload(name, content)
        expect(app.page.get_by_text("接受 3 行,更正后接受 0 行")).to_be_visible()
        confirm(app)
    further = open_dataset(own_workspace).further
    assert {name: len(table) for name, table in further.items() if len(table)} == {
        "consortia": 2, "consortium_members": 3, "county_industry": 3, "centre_activity": 3,
        "county_figures": 6,
    }  # fmt: skip
    # A shorter list takes names away: they are told before, in red.
    choose(app, "节点名单")
    app.upload("新名单.csv", CENTRES.rpartition("县域中心")[0].encode())
    removed = app.page.locator("span[style*='color']", has_text="丙中心")
    expect(removed.first).to_be_visible()
    expect(removed.first).to_contain_text("撤除")
    confirm(app)
    # A list that is wrong is refused, and nothing changes.
    before = open_dataset(own_workspace).dataset_id
    choose(app, "县域指标")
    wrong = [list(row) for row in CLEAN["county-indicators"]]
    wrong[1][2] = "很多"
    app.upload("错.csv", delimited(wrong))
    expect(app.page.get_by_text("有 1 处需要处理")).to_be_visible()
    expect(app.page.get_by_role("button", name="确认写入")).to_be_disabled()
    assert open_dataset(own_workspace).dataset_id == before
    app.visit.assert_clean()


def choose(app: App, what: str) -> None:
    """Say what the list is."""
    app.page.get_by_test_id("stRadio").get_by_text(what, exact=True).first.click()
    expect(app.page.get_by_text(INTRO[what]).first).to_be_visible()
    app.settled()


def confirm(app: App) -> None:
    """Give the word, and see that it was done."""
    app.page.get_by_role("button", name="确认写入").click()
    expect(app.page.get_by_test_id("stAlertContentSuccess")).to_contain_text("已写入工作区")
