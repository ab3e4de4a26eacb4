"""What a person sees: times from a click, or from opening the page, to the painted answer."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

from benchmarks.servers import Server

SIZE = {"width": 1366, "height": 768}
WAIT_MS = 30_000

_TOOLS = Path(__file__).with_name("browser_tools.js").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class View:
    """How to see that a page has been painted, and how to click it.

    Parameters
    ----------
    name
        For the table.
    is_painted
        JavaScript: whether the first view is on the page.
    click
        JavaScript over ``number``: clicks, then returns the milliseconds to the painted answer.
    query
        What the address says where clicks are measured.
    """

    name: str
    is_painted: str
    click: str
    query: str = ""


FLOOR = View(
    "floor",
    "Boolean(floorButton()) && document.body.innerText.includes('clicks: ')",
    """const before = document.body.innerText;
       floorButton().click();
       return painted(() => document.body.innerText !== before);""",
)
APPLICATION = View(
    "application",
    "liveMap() && +liveMap().dataset.counties === 129 && +liveMap().dataset.drawnTotal > 0",
    # The map paints the selection at once; what counts here is the page's answer to the click.
    """const map = liveMap();
       const before = map.dataset.revision;
       const paths = [...map.querySelectorAll("path.nm-county")];
       press(paths[(number * 7) % paths.length]);
       return painted(() => map.isConnected && map.dataset.revision !== before);""",
)
# Both wait for the server's answer on the map; a view also for its list.
SWITCHES = (
    View(
        "another view",
        f"{APPLICATION.is_painted} && rankedList() && viewButtons().length",
        """const free = viewButtons()
             .filter((button) => button.getAttribute("aria-checked") !== "true");
           const [map, list] = [liveMap().dataset.revision, rankedList().textContent];
           free[number % free.length].click();
           return painted(() => liveMap()?.dataset.revision !== map
             && rankedList() && rankedList().textContent !== list);""",
    ),
    View(
        "another layer",
        f"{APPLICATION.is_painted} && layerButtons().length",
        """const layers = layerButtons();
           const before = liveMap().dataset.revision;
           layers[number % layers.length].click();
           return painted(() => liveMap() && liveMap().dataset.revision !== before);""",
    ),
)
PLAIN = View(
    "plain st_folium",
    "Boolean(plainPaths())",
    """const before = plainColours();
       press(plainPaths()[(number * 7) % 129]);
       return painted(() => plainPaths() && plainColours() !== before);""",
)


def cold_seconds(browser: Browser, server: Server, view: View, *, count: int) -> list[float]:
    """Return the seconds from opening the page to its first painted view, each in a new browser."""
    taken = []
    for _ in range(count):
        with _Visit(browser) as page:
            page.goto(server.url, wait_until="commit")
            page.wait_for_function(f"() => {{ {_TOOLS}\n return {view.is_painted}; }}")
            moment = page.evaluate(
                "() => new Promise((done) => requestAnimationFrame("
                "() => setTimeout(() => done(performance.now()))))"
            )
            taken.append(moment / 1000)
    return taken


def click_milliseconds(browser: Browser, server: Server, view: View, *, count: int) -> list[float]:
    """Return the milliseconds from each of a number of clicks to the painted answer."""
    with _Visit(browser) as page:
        page.goto(f"{server.url}/{view.query}")
        page.wait_for_function(f"() => {{ {_TOOLS}\n return {view.is_painted}; }}")
        click: Callable[[int], float] = lambda number: page.evaluate(  # noqa: E731 - one use
            f"async (number) => {{ {_TOOLS}\n {view.click} }}", number
        )
        click(0)
        taken = []
        for number in range(1, count + 1):
            page.wait_for_timeout(600)  # the page has settled, as before a person's next click
            taken.append(click(number))
        return taken


class _Visit:
    """A page in a new browser context that reaches this machine only."""

    def __init__(self, browser: Browser) -> None:
        # The tools above are text that the page's own policy would not run.
        self._context = browser.new_context(viewport=SIZE, bypass_csp=True)  # type: ignore[arg-type]
        self._context.set_default_timeout(WAIT_MS)

    def __enter__(self) -> Page:
        return self._context.new_page()

    def __exit__(self, *_: object) -> None:
        self._context.close()
