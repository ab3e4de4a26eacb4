"""What every test stands on: no network, no stray settings, and browser tests that count.

A browser test carries ``@pytest.mark.browser`` and takes ``chromium``, the path of the browser.
The closing lines say how many of them ran. They fail when no browser is there; they are left out
only when ``NETWORK_MAP_NO_BROWSER=1`` says so, and then the closing line says that too.
"""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from network_map.nodes.dataset import Dataset
from network_map.nodes.importing.preview import NodeListReference
from network_map.places.gazetteer import Gazetteer
from network_map.places.reference import Places
from tests import shipped
from tests.paths import ROOT

pytest_plugins = ["pytester"]

LEAVE_OUT = "NETWORK_MAP_NO_BROWSER"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_BROWSER_TEXT = (
    "浏览器测试需要 Chromium,这台机器上没有。请运行 sudo apt-get install chromium fonts-noto-cjk,"
    "或用 NETWORK_MAP_CHROMIUM=/路径 指定;确实不运行时设 NETWORK_MAP_NO_BROWSER=1。 "
    "Browser tests need Chromium, and this machine has none. Run: sudo apt-get install chromium "
    "fonts-noto-cjk, or name it with NETWORK_MAP_CHROMIUM=/path; to leave the tests out, set "
    "NETWORK_MAP_NO_BROWSER=1."
)
NO_FONT_TEXT = (
    "浏览器测试需要中文字体,这台机器上没有。请运行 sudo apt-get install fonts-noto-cjk。 "
    "Browser tests need a Chinese font, and this machine has none. Run: sudo apt-get install "
    "fonts-noto-cjk."
)
_OURS = frozenset({LEAVE_OUT, "NETWORK_MAP_CHROMIUM"})
_LOCAL = frozenset({"127.0.0.1", "::1", "localhost", "0.0.0.0"})  # noqa: S104 -- compared, not bound

# The same examples every time: a failure on one machine is a failure on all.
settings.register_profile("house", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("quick", parent=settings.get_profile("house"), max_examples=5)
settings.load_profile("house")


@cache
def chromium_path() -> str | None:
    """Return the path of a Chromium that starts, or None."""
    named = os.environ.get("NETWORK_MAP_CHROMIUM")
    for name in (named,) if named else BROWSERS:
        if path := shutil.which(name):
            return path
    return None


@cache
def has_chinese_font() -> bool:
    """Return whether Chinese text can be drawn; a system without fontconfig brings its own."""
    listing = shutil.which("fc-list")
    if listing is None:
        return True
    found = subprocess.run(
        [listing, ":lang=zh-cn", "family"], capture_output=True, check=False, text=True
    )
    return bool(found.stdout.strip())


def is_left_out() -> bool:
    """Return whether the person running the tests has left the browser tests out."""
    return os.environ.get(LEAVE_OUT) == "1"


def _ask_few_examples(item: pytest.Item) -> None:
    """Let the profile's number stand over the one that a law asks for itself."""
    law: Any = getattr(item, "obj", None)
    own = getattr(law, "_hypothesis_internal_use_settings", None)  # there is no public road
    most = settings.get_profile("quick").max_examples
    if own is not None and own.max_examples > most:
        law._hypothesis_internal_use_settings = settings(own, max_examples=most)


# --- browser tests: never silently skipped ------------------------------------------------------


class OneBrowser(LoadScopeScheduling):  # type: ignore[misc]  # xdist publishes no types
    """Keeps a file's tests on one worker, and all browser tests on the same one.

    Two browsers starve each other on two cores; one beside the other tests uses both.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "browser" if file.startswith("tests/browser/") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneBrowser:  # noqa: ANN401 -- xdist types it privately
    """Distribute the tests over workers."""
    return OneBrowser(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Note which tests need a browser, and ask laws for few examples where a run is to be quick."""
    if config.getoption("--hypothesis-profile") == "quick":
        for item in items:
            _ask_few_examples(item)
    for item in items:
        if item.get_closest_marker("browser") is not None:
            item.user_properties.append(("browser", True))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Stop a browser test that cannot run, with the reason."""
    if item.get_closest_marker("browser") is None:
        return
    if is_left_out():
        pytest.skip(f"{LEAVE_OUT}=1")  # asked for by who runs them; the closing line says it again
    if chromium_path() is None:
        pytest.fail(NO_BROWSER_TEXT, pytrace=False)
    if not has_chinese_font():
        pytest.fail(NO_FONT_TEXT, pytrace=False)


def _browser_counts(reporter: Any) -> tuple[int, int]:  # noqa: ANN401 -- pytest types it privately
    """Return how many browser tests ran and how many were skipped."""
    seen: dict[str, bool] = {}
    for reports in reporter.stats.values():
        for report in reports:
            # Deselected tests stand among the reports too, as they are.
            if not isinstance(report, pytest.TestReport):
                continue
            if ("browser", True) in map(tuple, report.user_properties):
                did_run = hasattr(report, "wasxfail")  # an expected failure: reported as skipped
                skipped = report.skipped and not did_run  # counted, because it fails the run
                seen[report.nodeid] = seen.get(report.nodeid, False) or skipped
    return sum(not skipped for skipped in seen.values()), sum(seen.values())


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which a browser test was skipped without being asked to."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or is_left_out():
        return
    if _browser_counts(reporter)[1] and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:  # noqa: ANN401 -- pytest types it privately
    """Say how many browser tests ran."""
    ran, skipped = _browser_counts(terminalreporter)
    reason = ""
    if is_left_out():
        reason = f" ({LEAVE_OUT}=1)"
    elif skipped:
        reason = " (a skipped browser test fails the run)"
    terminalreporter.write_line(f"browser tests: {ran} ran, {skipped} skipped{reason}")


# --- what every test gets -----------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the Chromium for a browser test."""
    path = chromium_path()
    if path is None:
        pytest.fail(NO_BROWSER_TEXT, pytrace=False)
    return path


@pytest.fixture(scope="session")
def project_root() -> Path:
    """Return the folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def places() -> Places:
    """Return the shipped places, which nobody changes."""
    return shipped.places()


@pytest.fixture(scope="session")
def demo() -> Dataset:
    """Return the demonstration, which nobody changes."""
    return shipped.dataset("demo")


@pytest.fixture(scope="session")
def reference() -> NodeListReference:
    """Return what a node list is read against, which nobody changes."""
    return shipped.reference()


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    """Return the shipped divisions and every way of writing them."""
    return shipped.gazetteer()


def _refuse_outside(address: object) -> None:
    host = address[0] if isinstance(address, tuple) else None
    if host is not None and host not in _LOCAL:
        message = f"a test tried to reach {host}; tests use this machine only"
        raise AssertionError(message)


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Refuse every connection that leaves the machine."""
    plain = socket.socket.connect
    plain_ex = socket.socket.connect_ex

    def connect(self: socket.socket, address: Any) -> None:  # noqa: ANN401 -- as in the library
        _refuse_outside(address)
        plain(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:  # noqa: ANN401 -- as in the library
        _refuse_outside(address)
        return plain_ex(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        patch.setattr(socket.socket, "connect_ex", connect_ex)
        yield


@pytest.fixture(autouse=True)
def _no_stray_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the settings of whoever runs the tests."""
    for name in [n for n in os.environ if n.startswith("NETWORK_MAP_") and n not in _OURS]:
        monkeypatch.delenv(name)
