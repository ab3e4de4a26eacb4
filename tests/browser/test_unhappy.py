"""What goes wrong is a sentence: a file that is missing or broken, a link that cannot be used."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from benchmarks.servers import ROOT, Server, served
from tests.browser.conftest import Visit
from tests.browser.steps import App, opened

pytestmark = pytest.mark.browser


def application_copy(folder: Path) -> Path:
    """Return a copy of the application whose files may be broken."""
    leave_out = shutil.ignore_patterns("__pycache__")
    for part in ("network_map", "pages", "data", "static", ".streamlit"):
        shutil.copytree(ROOT / part, folder / part, ignore=leave_out)
    shutil.copy(ROOT / "streamlit_app.py", folder)
    return folder


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the application of this test alone."""
    return application_copy(tmp_path / "copy")


@pytest.fixture
def start(copy: Path, tmp_path: Path) -> Iterator[Callable[[], Server]]:
    """Serve the copy, as it is by then."""
    running = []

    def started() -> Server:
        environment = {"PYTHONPATH": str(copy), "NETWORK_MAP_WORKSPACE": str(tmp_path / "none")}
        context = served(copy / "streamlit_app.py", env=environment, log=tmp_path / "log")
        running.append(context)
        return context.__enter__()

    yield started
    for context in running:
        context.__exit__(None, None, None)


@pytest.mark.parametrize("missing", ["geometry", "leaflet"])
def test_a_missing_static_file_is_a_sentence_and_table_and_downloads_work(
    copy: Path, start: Callable[[], Server], visit: Callable[..., Visit], missing: str
) -> None:
    for file in (copy / "static" / missing).rglob("*"):
        if file.is_file() and (missing == "leaflet" or file.name != "index.json"):
            file.unlink()
    app = opened(visit, start().url)
    expect(app.errors).to_contain_text("地图需要的文件不在 static 文件夹中")
    expect(app.errors).to_contain_text(f"{missing}/")
    assert app.visit.page.locator(".nm-map").count() == 0
    app.gap_list.expect_rows(129)
    second = app.gap_list.ids()[1]
    app.gap_list.tick(1)
    expect(app.gap_list.chosen).to_have_attribute("data-id", second)
    expect(app.card.locator(".chip").first).to_be_visible()
    assert len(app.download("gap_list_csv").splitlines()) > 129
    app.assert_no_traceback()
    app.visit.assert_clean()


def test_a_broken_node_list_is_a_sentence_and_the_other_data_set_opens(
    copy: Path, start: Callable[[], Server], visit: Callable[..., Visit]
) -> None:
    nodes = copy / "data" / "demo_nodes.csv"
    nodes.write_bytes(nodes.read_bytes()[:4_000] + b'"\xff\xfe\x00')
    app = opened(visit, start().url)
    expect(app.errors).to_contain_text("demo_nodes.csv")
    expect(app.page.locator(".nm-map")).to_have_count(0)
    app.language("EN")
    expect(app.page.get_by_test_id("stTopNav")).to_contain_text("Gap map")
    expect(app.errors).to_contain_text("demo_nodes.csv")
    app.language("中文")
    app.choose("数据集", "公开数据")
    app.visit.wait_for(counties=129)
    expect(app.errors).to_have_count(0)
    app.assert_no_traceback()


def test_a_broken_table_of_places_is_a_sentence_on_every_page(
    copy: Path, start: Callable[[], Server], visit: Callable[..., Visit]
) -> None:
    (copy / "data" / "county_indicators.csv").write_text("adcode\n530102\n", encoding="utf-8")
    (copy / "data" / "boundaries_county.parquet").write_bytes(b"PAR1")
    server = start()
    app = App(visit(server.url))
    for page in ("gaps", "data_check", "import_nodes", "import_contracts"):
        app.visit.page.goto(f"{server.url}/{page}")
        expect(app.errors).to_have_count(1)
        expect(app.errors).to_contain_text("county_indicators.csv")
        app.assert_no_traceback()


def test_a_setting_that_cannot_be_used_is_a_sentence(
    copy: Path, start: Callable[[], Server], visit: Callable[..., Visit]
) -> None:
    (copy / "network_map.toml").write_text('dataset = "geheim"\n', encoding="utf-8")
    app = App(visit(start().url))
    expect(app.errors).to_contain_text("geheim")
    app.assert_no_traceback()


def test_a_link_that_cannot_be_used_is_told_part_by_part_until_the_view_changes(
    app_server: Server, visit: Callable[..., Visit]
) -> None:
    wrong = "prefecture=999999&dataset=xyz&lang=fr&years=99&view=![x](http://example.org/p.png)"
    app = opened(visit, f"{app_server.url}/?{wrong}")
    told = app.warnings.filter(has_text="链接中有 5 处不能使用")
    expect(told).to_be_visible()
    for value in ("999999", "xyz", "fr", "99", "![x](http://example.org/p.png)"):
        expect(told).to_contain_text(value)
    assert told.locator("img").count() == 0
    app.visit.wait_for(counties=129, drawn_total=44)
    marked = app.visit.map.evaluate("map => { map.marked = true; return true; }")
    app.choose("州(市)", "昭通市")
    app.visit.wait_for(visible_counties=11)
    expect(told).to_have_count(0)
    # The sentence went away, and the map below it is the same one.
    assert marked
    assert app.visit.map.evaluate("map => map.marked === true")
    app.visit.assert_clean()


def test_own_data_before_any_import_says_where_to_go(
    app_server: Server, visit: Callable[..., Visit]
) -> None:
    app = opened(visit, app_server.url)
    app.visit.wait_for(counties=129)
    app.choose("数据集", "我的数据")
    expect(app.page.get_by_text("还没有导入名单")).to_be_visible()
    app.visit.wait_for(drawn_total=14, unplaced=1)
    app.go("import_nodes")
    expect(app.page.get_by_text("“我的数据”当前版本:—")).to_be_visible()
    app.visit.assert_clean()
