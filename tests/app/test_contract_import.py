"""The page that imports contracts, without a browser: asked, shown, applied only at the word."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from network_map.app import imports
from network_map.app.kit import memo as cached
from network_map.contracts.register.versions import current_contracts
from network_map.export import Bundle
from network_map.i18n import catalog
from tests.app.test_pages import opened, texts
from tests.cli.test_contracts import BAD, GOOD, PAID
from tests.contracts.stored_register import read_tables
from tests.paths import CONTRACT_LISTS

pytestmark = pytest.mark.page

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_ENGLISH = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace of its own for the application; nothing imported yet."""
    monkeypatch.setenv("NETWORK_MAP_WORKSPACE", str(tmp_path / "workspace"))
    cached.settings.clear()
    yield tmp_path / "workspace"
    monkeypatch.undo()
    cached.settings.clear()


def uploaded(text: str, **link: str) -> AppTest:
    app = opened("import_contracts", **link)
    app.file_uploader[0].upload("合同.csv", text.encode()).run()
    assert [error.message for error in app.exception] == []
    assert not app.error
    return app


def unit_box(app: AppTest) -> object:
    (box,) = [box for box in app.radio if "register_unit" in str(box.key)]
    return box


def test_an_ugly_register_is_previewed_in_both_languages_and_changes_nothing(
    workspace: Path,
) -> None:
    name = "contacts.xlsx"
    for language, foreign in (("zh", _ENGLISH), ("en", _CHINESE)):
        app = opened("import_contracts", lang=language)
        app.file_uploader[0].upload(name, (CONTRACT_LISTS / name).read_bytes()).run()
        assert [error.message for error in app.exception] == []
        assert not app.error
        assert app.button(key="register_confirm").label == catalog(language)["import.page.confirm"]
        headers = {box.label for box in app.selectbox if "register_column" in str(box.key)}
        assert headers
        own_words = texts(app) - headers
        quoted = {text for text in own_words if language == "en" and "“" in text}
        assert [text for text in own_words - quoted if foreign.search(text)] == []
    assert not workspace.exists()


def test_an_open_unit_shows_what_each_answer_would_sum_to(workspace: Path) -> None:
    app = uploaded(GOOD)
    box = unit_box(app)
    assert box.options == [  # type: ignore[attr-defined]  # a radio box
        "元:成交额合计 11.50 元", "万元:成交额合计 11.50 万元", "亿元:成交额合计 11.50 亿元",
    ]  # fmt: skip
    assert app.button(key="register_confirm").disabled
    box.set_value("万元").run()  # type: ignore[attr-defined]  # a radio box
    assert any("11.50 万元" in text and "115,000.00 元" in text for text in {" ".join(texts(app))})
    assert not app.button(key="register_confirm").disabled
    assert not workspace.exists()


def test_the_word_makes_it_the_register_and_payments_go_beside_it(workspace: Path) -> None:
    app = uploaded(GOOD.replace("合同额", "合同额(万元)").replace("易额", "易额(万元)"))
    app.button(key="register_confirm").click().run()
    assert "新增 2 份" in app.success[0].value
    app.radio(key="register_what").set_value("payments").run()
    app.file_uploader[0].upload("实收.csv", PAID.encode()).run()
    app.button(key="register_confirm").click().run()
    assert "新增 1 笔" in app.success[0].value
    snapshot = current_contracts(workspace)
    assert snapshot is not None
    tables = read_tables(snapshot)
    assert (len(tables.contracts), len(tables.paid_values)) == (2, 1)
    assert app.session_state["dataset"] == "demo", "there is no list of nodes to open"


@pytest.mark.usefixtures("workspace")
def test_open_rows_are_asked_and_stop_the_word_until_they_may_be_skipped() -> None:
    app = uploaded(BAD.replace("合同额", "合同额(万元)").replace("易额", "易额(万元)"))
    assert app.button(key="register_confirm").disabled
    (skip,) = [box for box in app.checkbox if "skip_rows" in str(box.key)]
    skip.check().run()
    assert not app.button(key="register_confirm").disabled


@pytest.mark.usefixtures("workspace")
def test_an_import_is_kept_in_the_session_alone() -> None:
    app = uploaded(GOOD)
    assert "register_previews" in app.session_state
    assert "register_previews" not in opened("import_contracts").session_state


def test_a_long_list_of_problems_is_shown_in_part_and_downloaded_whole(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Callable[[], Bundle]] = []
    monkeypatch.setattr(imports, "later_download_buttons", lambda make, **_: made.append(make))
    rows = "".join(f"{number},技术开发,1,1,2023-06-01,月球\n" for number in range(1_200))
    app = uploaded(
        f"合同编号,合同类型,合同成交额(元),技术交易额(元),签订日期,卖方行政区划代码\n{rows}"
    )
    assert any("下载的文件列出全部" in caption.value for caption in app.caption)
    shown = next(table.value for table in app.dataframe if "sentence" in table.value)
    whole = made[-1]().table
    of_rows = [table[table["row"].notna()] for table in (shown, whole)]
    assert [table["row"].tolist() for table in of_rows] == [
        list(range(2, 1_002)), list(range(2, 1_202)),
    ]  # fmt: skip
    assert set(whole["sentence"]) > set(shown["sentence"])
    assert not (workspace / "contracts").exists()


@pytest.mark.usefixtures("workspace")
def test_the_first_of_two_equal_headers_can_be_confirmed() -> None:
    app = uploaded(
        "合同编号,合同类型,合同成交额(元),合同成交额(元),签订日期\n"
        "1,技术开发,100,900,2023-06-01\n2,技术服务,200,800,2023-06-02\n"
    )
    assert app.button(key="register_confirm").disabled
    (first,) = [box for box in app.checkbox if "register_first" in str(box.key)]
    assert "合同成交额(元)" in first.label
    first.check().run()
    assert not app.exception
    assert not app.button(key="register_confirm").disabled
    assert any("300.00 元" in text for text in texts(app))
