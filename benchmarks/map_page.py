"""The map page against two yardsticks: a plain st_folium page, and an empty Streamlit page."""

import asyncio
import math
import os
import platform
import shutil
import tempfile
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from benchmarks import browser_times, people
from benchmarks.servers import ROOT, Server, application_folder, served

PAGES = ROOT / "benchmarks" / "pages"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic")
PEOPLE_COUNT = 20
WARM_UP_COUNT = 12
SEED = 20260101


@dataclass(frozen=True, slots=True)
class Size:
    """How often each thing is measured."""

    reruns: int = 40
    clicks: int = 15
    colds: int = 5
    crowd_clicks: int = 12
    memory_reruns: int = 200


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured on one page.

    Parameters
    ----------
    name
        The page.
    rerun_bytes, message_bytes
        Sent by the server for one click: over the connection, and before compression.
    rerun_ms
        Median of a rerun without a browser.
    click_ms
        Median from the click to the painted answer.
    cold_s
        Median from opening the page in a new browser to its first painted view.
    crowd_p50_ms, crowd_p95_ms
        Of the reruns of many people at once.
    growth_mb
        Growth of the server's memory; None where it was not measured.
    """

    name: str
    rerun_bytes: float
    message_bytes: float
    rerun_ms: float
    click_ms: float
    cold_s: float
    crowd_p50_ms: float
    crowd_p95_ms: float
    growth_mb: float | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """One promise, what was measured, and whether it is kept."""

    promise: str
    measured: float
    limit: float
    at_least: bool = False

    @property
    def is_kept(self) -> bool:
        """Whether the measurement keeps the promise."""
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


def measure(size: Size) -> tuple[Figures, Figures, Figures]:
    """Return the figures of the application, the plain page and the floor, from one run."""
    with _browser() as browser, _servers() as (application, plain, floor):
        return (
            _figures(browser, application, browser_times.APPLICATION, people.APPLICATION, size),
            _figures(browser, plain, browser_times.PLAIN, people.PLAIN, size),
            _figures(browser, floor, browser_times.FLOOR, people.FLOOR, size),
        )


def limits(application: Figures, plain: Figures, floor: Figures) -> list[Limit]:
    """Return every promise with its measurement."""
    return [
        Limit("bytes of a rerun, kB", application.rerun_bytes / 1000, 10),
        Limit("… share of plain", application.rerun_bytes / plain.rerun_bytes, 1 / 60),
        Limit("click → repaint, × floor", application.click_ms / floor.click_ms, 4),
        Limit("… times faster than plain", plain.click_ms / application.click_ms, 6, at_least=True),
        Limit(
            f"{PEOPLE_COUNT} people, p95, × floor",
            application.crowd_p95_ms / floor.crowd_p95_ms,
            4,
        ),
        Limit("cold first map, × floor", application.cold_s / floor.cold_s, 1.5),
        Limit("memory growth, MB", application.growth_mb or 0.0, 20),
    ]


def report(pages: tuple[Figures, ...], kept: list[Limit], size: Size) -> str:
    """Return the figures and the promises as a Markdown page."""
    crowd, growth = f"{PEOPLE_COUNT} people p50 / p95", f"memory, {size.memory_reruns} reruns"
    heads = ("page", "bytes of a rerun", "before compression", "rerun", "click → repaint")
    rows = [
        "| " + " | ".join((*heads, "cold first view", crowd, growth)) + " |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
        *(_row(page) for page in pages),
        "",
        "| promise | measured | limit | kept |",
        "|---|---:|---:|---|",
        *(
            f"| {limit.promise} | {limit.measured:.3g} | {'≥' if limit.at_least else '≤'} "
            f"{limit.limit:.3g} | {'yes' if limit.is_kept else '**no**'} |"
            for limit in kept
        ),
    ]
    return "\n".join(rows)


def page_of(table: str) -> str:
    """Return the whole results page: the tables, the machine, how to repeat it."""
    packages = ("streamlit", "streamlit-folium", "folium", "pandas")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    return f"""# Measured: the map page and its yardsticks

{table}

Measured {datetime.now(UTC):%Y-%m-%d} on {machine}, Python {platform.python_version()},
{versions}, headless Chromium, all in one run, one page after the other. Times are for comparison
within the table. Repeat with `make bench`.

* *plain st_folium*: `folium.GeoJson` of the same boundaries through `st_folium`, recoloured at
  each click, with Leaflet served locally. *floor*: a page with one button.
* *bytes* is what the server sends for one rerun. A click on the plain page causes two reruns.
* *people* are websocket clients that click every two seconds; *click → repaint* and *cold first
  view* are seen in the browser, with every other host blocked.
"""


def _row(page: Figures) -> str:
    growth = "" if page.growth_mb is None else f"{page.growth_mb:+.1f} MB"
    return (
        f"| {page.name} | {page.rerun_bytes:,.0f} | {page.message_bytes:,.0f} "
        f"| {page.rerun_ms:.0f} ms | {page.click_ms:.0f} ms | {page.cold_s:.2f} s "
        f"| {page.crowd_p50_ms:.0f} / {page.crowd_p95_ms:.0f} ms | {growth} |"
    )


def _figures(
    browser: Browser, server: Server, view: browser_times.View, target: people.Target, size: Size
) -> Figures:
    """Measure one page; the others' servers are idle meanwhile."""
    _told(people.reruns(server, target, WARM_UP_COUNT))
    cold = browser_times.cold_seconds(browser, server, view, count=size.colds)
    clicks = browser_times.click_milliseconds(browser, server, view, count=size.clicks)
    single = _told(people.reruns(server, target, size.reruns))
    crowd = _told(
        people.crowd(
            server, target, people_count=PEOPLE_COUNT, click_count=size.crowd_clicks, seed=SEED
        )
    )
    # A yardstick only needs its times: 200 reruns of the plain page take minutes.
    count = size.memory_reruns if view is browser_times.APPLICATION else 0
    return Figures(
        name=view.name,
        rerun_bytes=median(rerun.byte_count for rerun in single),
        message_bytes=median(rerun.message_byte_count for rerun in single),
        rerun_ms=1000 * median(rerun.seconds for rerun in single),
        click_ms=median(clicks),
        cold_s=median(cold),
        crowd_p50_ms=1000 * _quantile([rerun.seconds for rerun in crowd], 0.5),
        crowd_p95_ms=1000 * _quantile([rerun.seconds for rerun in crowd], 0.95),
        growth_mb=_growth_mb(server, target, count) if count else None,
    )


def _told(clicks: Coroutine[None, None, list[people.Rerun]]) -> list[people.Rerun]:
    """Run the simulation in a thread of its own: the browser's driver holds this one's loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, clicks).result()


def _growth_mb(server: Server, target: people.Target, count: int) -> float:
    before = server.memory_mb()
    _told(people.reruns(server, target, count))
    return server.memory_mb() - before


def _quantile(values: list[float], share: float) -> float:
    """Return the smallest value that at least the share of the values does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


@contextmanager
def _servers() -> Iterator[tuple[Server, Server, Server]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        own = {"NETWORK_MAP_WORKSPACE": str(folder / "workspace")}
        with (
            served(
                ROOT / "streamlit_app.py", env=own, log=folder / "application.log"
            ) as application,
            served(application_folder(folder / "plain", PAGES / "plain.py")) as plain,
            served(application_folder(folder / "floor", PAGES / "floor.py")) as floor,
        ):
            yield application, plain, floor


@contextmanager
def _browser() -> Iterator[Browser]:
    named = os.environ.get("NETWORK_MAP_CHROMIUM")
    paths = [shutil.which(name) for name in ((named,) if named else BROWSERS)]
    path = next((path for path in paths if path), None)
    if path is None:
        raise SystemExit("The benchmark needs Chromium. Install it, or set NETWORK_MAP_CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()
