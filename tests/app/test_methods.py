"""The page on methods without a browser: contents, tables, the choice of a table."""

from pathlib import Path

import pytest

from network_map.app.kit import memo as cached
from network_map.catalog import TABLES
from network_map.i18n import text
from tests.app.test_pages import opened, texts

pytestmark = pytest.mark.page


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workspace where nothing was imported."""
    monkeypatch.setenv("NETWORK_MAP_WORKSPACE", str(tmp_path / "workspace"))
    cached.settings.clear()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_contents_name_every_section(language: str) -> None:
    app = opened("methods", lang=language)
    (contents,) = [shown for shown in texts(app) if text("methods.contents", language) in shown]
    assert len(app.subheader) == contents.count("·") + 1 == 13
    assert all(heading.value in contents for heading in app.subheader)


def test_one_declared_table_is_shown_and_another_can_be_chosen() -> None:
    app = opened("methods", lang="zh")
    place = list(TABLES).index("hierarchy")
    app.selectbox(key="methods_table").set_value(place).run()
    assert any("层级连线 · hierarchy" in shown and "from_lon" in shown for shown in texts(app))
