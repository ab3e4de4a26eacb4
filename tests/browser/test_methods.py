"""The page on methods in a real browser: the contents lead to the sections, the whole downloads."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from benchmarks.servers import Server
from tests.browser.conftest import Visit
from tests.browser.steps import opened

pytestmark = pytest.mark.browser


def test_the_contents_lead_to_a_section_and_the_whole_page_can_be_taken_along(
    app_server: Server, visit: Callable[..., Visit]
) -> None:
    app = opened(visit, f"{app_server.url}/methods")
    heading = app.page.get_by_role("heading", name="数据表和单位")
    expect(heading).to_be_attached()
    expect(heading).not_to_be_in_viewport()
    app.page.locator(".contents a", has_text="数据表和单位").click()
    expect(heading).to_be_in_viewport()
    document = app.download("methods_md").decode()
    assert document.startswith("# 方法说明")
    assert "## 数据表和单位" in document
    app.assert_no_traceback()
    app.visit.assert_clean()
