"""A planner's own list, from the file to the map: nothing before the word, everything after it."""

import io
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from playwright.sync_api import Dialog, expect

from benchmarks.servers import ROOT, Server, served
from tests.browser.conftest import Visit
from tests.browser.steps import App, opened

pytestmark = pytest.mark.browser

SCRIPT, MARKUP = "<script>alert(1)</script>", "**x** <img src=x onerror=alert(1)>"
PICTURE = "![x](http://example.org/p.png)"
CLEAN = [
    ("节点类型", "节点名称", "州(市)", "县(市、区)", "状态", "设立日期"),
    ("分市场", "昆明分市场", "昆明市", "", "已建", "2019-05-01"),
    ("分市场", "曲靖分市场", "曲靖市", "", "已建", "2020-06"),
    ("分市场", "昭通分市场", "昭通市", "", "在建", ""),
    ("示范县", "盘龙示范", "昆明市", "盘龙区", "已建", "2018"),
    ("示范县", "=HYPERLINK(1)", "昭通市", "镇雄县", "已建", "2018"),
]
UGLY = (
    f"类型,名称,县区(新),状态,成立时间,联系电话,{PICTURE},补充\n"
    f"县域中心,{SCRIPT},镇雄县,已建,2018.11,0,a,一\n"
    f"县域中心,{MARKUP},弥勒县,已建,2019,0,b,二\n"
    "县域中心,维西中心,维西线,拟建,,0,c,三\n"
    "县域中心,盘龙中心,盘龙曲区,已建,,0,d,四\n"
    "县域中心,没有中心,没有这个县,已建,,0,e,五\n"
).encode("gb18030")


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The application for tests that write nothing."""
    folder = tmp_path_factory.mktemp("import")
    environment = {"NETWORK_MAP_WORKSPACE": str(folder / "workspace")}
    with served(ROOT / "streamlit_app.py", env=environment, log=folder / "log") as running:
        yield running


def workbook(rows: Sequence[tuple[str, ...]]) -> bytes:
    """Return a workbook of texts."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("名单")
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, cell)
    return content.getvalue()


def cells_of(content: bytes) -> list:
    """Every cell of a workbook."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [cell for sheet in book for line in sheet.iter_rows() for cell in line]


def watch_dialogs(app: App) -> list[str]:
    """Return the list in which every dialog of the page will stand."""
    seen: list[str] = []

    def close(dialog: Dialog) -> None:
        seen.append(dialog.message)
        dialog.dismiss()

    app.visit.page.on("dialog", close)
    return seen


def test_a_clean_workbook_becomes_my_data_with_its_gaps_only_after_the_word(
    own_server: Server, visit: Callable[..., Visit], own_workspace: Path
) -> None:
    # The very first visitor of the server comes by the page's own address.
    app = opened(visit, f"{own_server.url}/import_nodes")
    expect(app.title).to_have_text("导入名单")
    app.upload("分市场与示范县.xlsx", workbook(CLEAN))
    expect(app.page.get_by_text("接受 5 行,更正后接受 0 行")).to_be_visible()
    app.page.get_by_test_id("stRadio").get_by_text("完整", exact=True).click()
    # Only the list of sub-markets is complete: the other kind, which stands last, is taken out.
    app.page.locator("[class*='st-key-import_complete_kinds'] input").click()
    app.visit.page.keyboard.press("Backspace")
    app.visit.page.keyboard.press("Escape")
    expect(app.page.get_by_text("写入后:州(市)技术分市场 3、科技成果转化示范县 2")).to_be_visible()
    assert not own_workspace.exists()
    app.page.get_by_role("button", name="确认写入").click()
    expect(app.page.get_by_test_id("stAlertContentSuccess")).to_contain_text("已写入工作区")
    expect(app.page.get_by_role("combobox", name="数据集")).to_have_value("我的数据")
    expect(app.warnings).to_have_count(0)

    app.go("data_check")
    totals = app.table_with("核对结论")
    expect(totals.cell(1, 0)).to_have_text("州(市)技术分市场")
    headings = totals.headings()
    row = {heading: totals.cell(1, n).inner_text() for n, heading in enumerate(headings)}
    assert (row["应有"], row["有"], row["无"], row["未知"]) == ("10", "3", "13", "0")
    assert row["核对结论"] == "名单声明完整,却比公布总数少 7 个"
    centres = {heading: totals.cell(3, n).inner_text() for n, heading in enumerate(headings)}
    assert (centres["有"], centres["无"], centres["未知"]) == ("2", "0", "127")
    app.choose("只看", "无")
    app.table_with("依据").expect_rows(13)
    assert "名单已声明完整" in app.table_with("依据").cell(0, 4).inner_text()

    gaps = app.download("gaps_csv")
    assert gaps.startswith(b"\xef\xbb\xbf")
    rows = pd.read_csv(io.BytesIO(gaps), dtype=str)
    assert (rows["有无"] == "无").sum() == 13
    cells = cells_of(app.download("gaps_xlsx"))
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    assert {cell.data_type for cell in cells if str(cell.value) == "530400"} == {"s"}

    app.go("gaps")
    # The list holds two kinds; of the others the public facts stay.
    app.layer("县域中心").click()
    app.visit.wait_for(drawn_nodes={"sub_market": 3, "demonstration_county": 2, "county_centre": 2})
    told = subprocess.run(
        [sys.executable, "-m", "network_map", "nodes", "--dataset", str(own_workspace)],
        check=True, capture_output=True,
    ).stdout  # fmt: skip
    assert b"'=HYPERLINK(1)" in told
    listed = cells_of(app.download("gap_list_xlsx"))
    assert {cell.data_type for cell in listed}.isdisjoint({"f"})
    app.visit.page.reload()
    app.visit.wait_for(drawn_total=7)
    assert app.visit.external == []


def test_an_ugly_list_is_asked_about_row_by_row_and_its_names_stay_text(
    own_server: Server, visit: Callable[..., Visit], own_workspace: Path
) -> None:
    app = opened(visit, own_server.url)
    app.go("import_nodes")
    dialogs = watch_dialogs(app)
    app.upload("丑 **名单**.csv", UGLY)
    expect(app.page.get_by_text("有 3 处需要处理")).to_be_visible()
    confirm = app.page.get_by_role("button", name="确认写入")
    expect(confirm).to_be_disabled()
    # The headings of the file are shown as written, and another meaning can be given to one.
    app.page.get_by_text("表头对应(可修改)").click()
    labels = app.page.locator("[class*='st-key-import_column'] label").all_inner_texts()
    assert any(label.startswith("县区(新)(") for label in labels)
    assert any(label.startswith(PICTURE) for label in labels)
    assert not any("联系电话" in label for label in labels)
    app.choose("补充(未识别)", "备注")
    # Take the suggestion, write another place, leave a row out.
    table = app.table(questions_key(app))
    table.write(0, 1, "采用建议")
    expect(app.page.get_by_text("待确认 1 行")).to_be_visible()
    table.write(1, 2, "盘龙区")
    table.write(1, 1, "改为")
    expect(app.page.get_by_text("待确认 0 行")).to_be_visible()
    table.write(2, 1, "不导入此行")
    expect(app.page.get_by_text("不能接受 0 行")).to_be_visible()
    expect(confirm).to_be_enabled()
    assert not own_workspace.exists()
    confirm.click()
    expect(app.page.get_by_test_id("stAlertContentSuccess")).to_contain_text("已写入工作区")

    app.go("gaps")
    app.layer("县域中心").click()
    app.visit.wait_for(drawn_nodes={"county_centre": 4, "demonstration_county": 14})
    tips = []
    for marker in app.visit.frame.locator("path.nm-kind-county_centre").all():
        marker.dispatch_event("mouseover")
        tips.append(app.visit.frame.locator(".nm-tooltip strong").inner_text())
    assert {SCRIPT, MARKUP} <= set(tips)
    app.go("data_check")
    app.choose("节点类型", "县域中心")
    app.choose("只看", "有")
    app.table_with("依据").expect_rows(4)
    told = "".join(app.table_with("依据").cell(row, 4).inner_text() for row in range(4))
    assert SCRIPT in told
    assert MARKUP in told
    assert dialogs == []
    app.visit.assert_clean()


def questions_key(app: App) -> str:
    """The key of the table of questions; it changes with the file."""
    place = app.page.locator("[class*='st-key-import_questions']")
    return place.evaluate("e => [...e.classList].find(c => c.startsWith('st-key-')).slice(7)")


# The sentence is none that the name says: Streamlit drops its answer to a file that is given
# while the run of the one before begins, and the file with it.
BAD_FILES = {
    "空.csv": (b"", "没有任何内容"),
    "加密.xlsx": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
        "设有密码",
    ),
    "坏了.xlsx": (workbook(CLEAN)[:900], "已损坏或不完整"),
    "图片.xls": (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "应为 CSV 或 Excel 表格"),
    "网页.xls": (b"<html><table><tr><td>1</td></tr></table></html>", "文件内容是网页"),
    "只有表头.csv": ("节点类型,县(市、区)\n".encode(), "下面没有数据"),
}


def test_a_file_that_is_no_list_is_a_sentence_and_the_next_one_is_read(
    shared_server: Server, visit: Callable[..., Visit], tmp_path: Path
) -> None:
    app = opened(visit, shared_server.url)
    app.go("import_nodes")
    for name, (content, sentence) in BAD_FILES.items():
        app.upload(name, content)
        expect(app.page.get_by_text(name).first).to_be_visible()
        expect(app.page.get_by_text(sentence).first).to_be_visible()
        app.assert_no_traceback()
        assert app.page.get_by_role("button", name="确认写入").count() == 0, name
    app.upload("好.xlsx", workbook(CLEAN))
    expect(app.page.get_by_text("接受 5 行")).to_be_visible()
    expect(app.errors).to_have_count(0)
    # What the browser refuses to send, it refuses in English and out of sight: we say it.
    too_big = tmp_path / "太大.csv"
    with too_big.open("wb") as file:
        file.truncate(21_000_000)
    for path in (too_big, Path(__file__)):
        app.page.locator("input[type='file']").set_input_files(path)
        expect(app.page.locator("[aria-invalid='true']").last).to_be_visible()
        told = app.page.get_by_test_id("stFileUploaderDropzone").evaluate(
            "zone => getComputedStyle(zone, '::after').content"
        )
        assert "这个文件没有上传" in told
        assert "最大 20 MB" in told


def test_two_people_never_see_each_others_preview(
    own_server: Server, visit: Callable[..., Visit], own_workspace: Path
) -> None:
    first, second = (opened(visit, own_server.url) for _ in range(2))
    for app in (first, second):
        app.go("import_nodes")
    first.upload("甲.xlsx", workbook(CLEAN))
    expect(first.page.get_by_text("接受 5 行")).to_be_visible()
    second.upload("乙.xlsx", workbook([CLEAN[0], CLEAN[3]]))
    expect(second.page.get_by_text("接受 1 行")).to_be_visible()
    for app, file, rows in ((first, "甲", 5), (second, "乙", 1)):
        app.language("EN")
        expect(app.page.get_by_text(f"{rows} rows accepted")).to_be_visible()
        app.language("中文")
        expect(app.page.get_by_text(f"{file}.xlsx").first).to_be_visible()
        app.table_with("结果").expect_rows(rows)
    assert not own_workspace.exists()
    second.page.get_by_role("button", name="确认写入").click()
    expect(second.page.get_by_test_id("stAlertContentSuccess")).to_be_visible()
    # What is written belongs to both; what is previewed stays the first one's own.
    first.page.get_by_role("button", name="确认写入").click()
    expect(first.page.get_by_test_id("stAlertContentSuccess")).to_be_visible()
    first.go("gaps")
    first.layer("县域中心").click()
    first.visit.wait_for(
        drawn_nodes={"sub_market": 3, "demonstration_county": 2, "county_centre": 2}
    )
