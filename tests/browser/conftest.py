"""What browser tests share: the served application, a browser, and pages that are watched.

Every request to another host than this one is aborted and written down, and so is every error
on the console.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    Error,
    Locator,
    Page,
    Route,
    ViewportSize,
    sync_playwright,
)

from benchmarks.servers import ROOT, Server, served

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic",
    "--no-first-run", "--disable-component-update", "--disable-sync",
)  # fmt: skip
LAPTOP = ViewportSize(width=1366, height=768)
WAIT_MS = 30_000
OFFICE_NAME = "map.office.localhost"
"""A browser finds this computer under it without asking a resolver."""
_LOCAL = frozenset({"127.0.0.1", "localhost", OFFICE_NAME})


@dataclass
class Visit:
    """A page in a browser of its own, and what went wrong on it.

    Parameters
    ----------
    page
        The page.
    external
        Addresses on other hosts that were asked for (and refused).
    errors
        Errors on the console and uncaught exceptions.
    """

    page: Page
    external: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def frame(self) -> Page:
        """What holds the map: the page itself."""
        return self.page

    @property
    def map(self) -> Locator:
        """The map, once it is drawn."""
        return self.frame.locator(".nm-map[data-ready='1']")

    def state(self) -> dict:
        """Return what stands on the map, in numbers."""
        self.map.wait_for()
        return self.map.evaluate("() => window.networkMap.state()")

    def until(self, condition: str, value: object = None) -> None:
        """Wait until a JavaScript expression over ``state``, ``map`` and ``value`` holds."""
        self.map.wait_for()
        held = self.map.evaluate(
            # Written in, for a page of ours may not make a function of a text.
            """async (_, value) => {
                const holds = (state, map, value) => CONDITION;
                const end = Date.now() + 15000;
                while (Date.now() < end) {
                    if (holds(window.networkMap.state(), window.networkMap.map, value)) return true;
                    await new Promise((next) => setTimeout(next, 20));
                }
                return false;
            }""".replace("CONDITION", condition),
            value,
        )
        assert held, f"{condition} did not come true: {self.state()}"

    def wait_for(self, **expected: object) -> dict:
        """Wait until the map's numbers are the expected ones, and return all of them."""
        self.until(
            """(() => {
                const written = (v) => JSON.stringify(v,
                    v && typeof v === "object" ? Object.keys(v).sort() : undefined);
                return Object.entries(value).every(([k, v]) => written(state[k]) === written(v));
            })()""",
            expected,
        )
        return self.state()

    def seen(self) -> str:
        """Return what is on the page, for whoever reads of a test that failed."""
        try:
            shown = self.page.evaluate(
                """() => {
                    const app = document.querySelector("[data-testid='stApp']");
                    const map = document.querySelector(".nm-map");
                    return [
                        `script ${app?.dataset.testScriptState}`,
                        `map ${map ? JSON.stringify({...map.dataset}) : "none"}`,
                        document.body.innerText.slice(0, 1500),
                    ].join("\\n");
                }"""
            )
        except Error as gone:
            shown = f"not readable: {gone}"
        return "\n".join([self.page.url, *self.errors, *self.external, shown])

    def assert_clean(self) -> None:
        """Nothing was asked of another host, and nothing went wrong."""
        assert self.external == []
        assert self.errors == []


_opened: list[Visit] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failed test what its pages show."""
    report = yield
    if report.failed and item.path.is_relative_to(Path(__file__).parent):
        report.sections += [("page", visit.seen()) for visit in _opened]
    return report


def _watch(visit: Visit, route: Route) -> None:
    address = urlsplit(route.request.url)
    if address.scheme == "file" or address.hostname in _LOCAL:
        route.continue_()
    else:
        visit.external.append(route.request.url)
        route.abort()


@pytest.fixture
def own_workspace(tmp_path: Path) -> Path:
    """A folder that is not there yet."""
    return tmp_path / "workspace"


@pytest.fixture
def own_server(own_workspace: Path, tmp_path: Path) -> Iterator[Server]:
    """The application with a workspace of this test alone."""
    environment = {"NETWORK_MAP_WORKSPACE": str(own_workspace)}
    log = tmp_path / "server.log"
    with served(ROOT / "asgi.py", env=environment, log=log) as running:
        yield running


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield running
        running.close()


@pytest.fixture(scope="session")
def app_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The application as people start it, with a workspace of its own."""
    folder = tmp_path_factory.mktemp("application")
    workspace = {"NETWORK_MAP_WORKSPACE": str(folder / "workspace")}
    with served(ROOT / "asgi.py", env=workspace, log=folder / "server.log") as server:
        yield server


@contextmanager
def visits(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open addresses, each in a new browser context; close them all at the end."""
    contexts = []

    def opened(url: str, *, size: ViewportSize | None = None, language: str = "zh-CN") -> Visit:
        context = browser.new_context(viewport=size or LAPTOP, locale=language)
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        made = Visit(context.new_page())
        _opened.append(made)
        context.route("**/*", lambda route: _watch(made, route))
        made.page.on("pageerror", lambda error: made.errors.append(str(error)))
        made.page.on(
            "console",
            lambda message: (
                made.errors.append(f"{message.text} {message.location.get('url', '')}".strip())
                if message.type == "error"
                else None
            ),
        )
        made.page.goto(url)
        return made

    _opened.clear()
    yield opened
    _opened.clear()
    for context in contexts:
        context.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open an address in a new browser context; several visits are several people."""
    with visits(browser) as opened:
        yield opened


@pytest.fixture(scope="session")
def artifacts() -> Path:
    """Where tests leave pictures for people to look at."""
    folder = ROOT / "tests" / ".artifacts"
    folder.mkdir(exist_ok=True)
    return folder
