"""The switch of the hierarchy lines on the overview page, without a browser."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from network_map.app.kit import memo as cached
from network_map.i18n import text
from tests.app.test_pages import opened, texts

pytestmark = pytest.mark.page


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workspace where nothing was imported."""
    monkeypatch.setenv("NETWORK_MAP_WORKSPACE", str(tmp_path / "workspace"))
    cached.settings.clear()


def link_of(app: AppTest) -> dict[str, str]:
    return {name: "".join(value) for name, value in app.query_params.items()}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_public_data_say_why_there_are_no_lines(language: str) -> None:
    sentence = text("hierarchy.none", language)
    app = opened(dataset="public", lang=language, lines="1", county="530627")
    assert [caption.value for caption in app.caption].count(sentence) == 1
    (card,) = [shown for shown in texts(app) if sentence in shown and shown != sentence]
    assert ("镇雄县" if language == "zh" else "Zhenxiong County") in card
    app.toggle(key="hierarchy_lines").set_value(False).run()
    assert sentence not in [caption.value for caption in app.caption]


def test_the_switch_is_in_the_link_and_survives_a_change_of_page() -> None:
    app = opened(dataset="demo", lang="zh")
    assert "lines" not in link_of(app)
    app.toggle(key="hierarchy_lines").set_value(True).run()
    assert link_of(app)["lines"] == "1"
    app.switch_page("pages/data_check.py").run()
    app.switch_page("pages/overview.py").run()
    assert app.toggle(key="hierarchy_lines").value


def test_the_card_names_the_sub_market_with_kilometres_and_method() -> None:
    app = opened(dataset="demo", lang="zh", lines="1", county="530627")
    (card,) = [shown for shown in texts(app) if "镇雄县" in shown and "层级连线" in shown]
    assert "分市场:昭通市技术分市场(假定)" in card
    assert "公里 · 路网里程(估算)" in card
