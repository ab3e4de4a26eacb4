"""The lines between tiers on the gap map, without a browser."""

import re
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
    app = opened(dataset="public", lang=language, layers="sub_market,hierarchy", county="530627")
    assert [caption.value for caption in app.caption].count(sentence) == 1
    app.pills(key="gap_layers").set_value(["sub_market"]).run()
    assert sentence not in [caption.value for caption in app.caption]


def test_the_lines_are_in_the_link_and_survive_a_change_of_page() -> None:
    app = opened(dataset="demo", lang="zh")
    assert "layers" not in link_of(app)
    app.pills(key="gap_layers").set_value(["sub_market", "hierarchy"]).run()
    assert link_of(app)["layers"] == "sub_market,hierarchy"
    assert text("hierarchy.none") not in [caption.value for caption in app.caption]
    app.switch_page("pages/data_check.py").run()
    app.switch_page("pages/gaps.py").run()
    assert app.pills(key="gap_layers").value == ["sub_market", "hierarchy"]


def test_the_card_names_the_serving_sub_market_with_kilometres() -> None:
    app = opened(dataset="demo", lang="zh", county="530627")
    (card,) = [shown for shown in texts(app) if shown.startswith("镇雄县 ")]
    assert re.search(r"分市场\(假定\) \d+ 公里", card)
