"""The gap map against two yardsticks: a plain st_folium page, and an empty Streamlit page."""

import asyncio
import math
import os
import platform
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from benchmarks import browser_times, people
from benchmarks.servers import ROOT, Server, application_folder, served

PAGES = ROOT / "benchmarks" / "pages"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Every other host is out of reach by its name: to stop each request in the driver instead would
# cost milliseconds a file, and be counted.
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)  # fmt: skip
# The yardsticks run with Streamlit's own settings; Leaflet has to come from somewhere.
USUAL_SETTINGS = "[server]\nenableStaticServing = true\n"
PEOPLE_COUNT = 20
WARM_UP_COUNT = 12
SEED = 20260101


@dataclass(frozen=True, slots=True)
class Size:
    """How often each thing is measured: first visits once, the rest in each of some rounds."""

    rounds: int = 3
    reruns: int = 15
    clicks: int = 8
    colds: int = 15
    crowd_clicks: int = 6
    memory_reruns: int = 200


@dataclass(frozen=True, slots=True)
class Subject:
    """A page under measurement, and what was measured on it so far."""

    server: Server
    view: browser_times.View
    target: people.Target
    cold_s: list[float] = field(default_factory=list)
    click_ms: list[float] = field(default_factory=list)
    single: list[people.Rerun] = field(default_factory=list)
    crowd: list[people.Rerun] = field(default_factory=list)
    switch_ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


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
    switch_ms
        Median from a click on another view, or layer, to its painted answer, by name.
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
    switch_ms: Mapping[str, float] = field(default_factory=dict)


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
    """Return the figures of the application, the plain page and the floor, from one run.

    The pages take turns, so that a busy moment of the machine falls on all of them.
    """
    with a_browser() as browser, _servers() as servers:
        views = (browser_times.APPLICATION, browser_times.PLAIN, browser_times.FLOOR)
        targets = (people.APPLICATION, people.PLAIN, people.FLOOR)
        subjects = [Subject(*parts) for parts in zip(servers, views, targets, strict=True)]
        for subject in subjects:
            _told(people.reruns(subject.server, subject.target, WARM_UP_COUNT))
        _measure_colds(browser, subjects, size.colds)
        for _ in range(size.rounds):
            for subject in subjects:
                _measure(browser, subject, size)
            _measure_switches(browser, subjects[0], size.clicks)
        application, plain, floor = subjects
        growth_mb = _growth_mb(application, size.memory_reruns)
        return _figures(application, growth_mb), _figures(plain), _figures(floor)


def limits(application: Figures, plain: Figures, floor: Figures) -> list[Limit]:
    """Return every promise with its measurement."""
    return [
        Limit("bytes of a rerun, kB", application.rerun_bytes / 1000, 10),
        Limit("… share of plain", application.rerun_bytes / plain.rerun_bytes, 1 / 60),
        Limit("click → repaint, × floor", application.click_ms / floor.click_ms, 1.3),
        Limit("… times faster than plain", plain.click_ms / application.click_ms, 6, at_least=True),
        Limit(
            f"{PEOPLE_COUNT} people, p95, × floor",
            application.crowd_p95_ms / floor.crowd_p95_ms,
            1,
        ),
        Limit("cold first map, × floor", application.cold_s / floor.cold_s, 1.3),
        *(
            Limit(f"{name}, × floor", taken_ms / floor.click_ms, 1.5)
            for name, taken_ms in application.switch_ms.items()
        ),
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
    return f"""# Measured: the gap map and its yardsticks

{table}

Measured {datetime.now(UTC):%Y-%m-%d} on {machine}, Python {platform.python_version()},
{versions}, headless Chromium, all in one run, one page after the other. Times are for comparison
within the table. Repeat with `make bench`.

* *plain st_folium*: `folium.GeoJson` of the same boundaries through `st_folium`, recoloured at
  each click, with Leaflet served locally. *floor*: a page with one button. Both run with
  Streamlit's usual settings, the application with its own.
* *bytes* is what goes over the connection for one rerun; the application's is compressed. A click
  on the plain page causes two reruns.
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


def _measure_colds(browser: Browser, subjects: list[Subject], count: int) -> None:
    """Measure first visits, one of each page in turn: the machine is not equally fast for long."""
    for number in range(count + 1):
        # Whoever comes first meets the browser as the one before it left it: not always the same.
        for subject in subjects if number % 2 else subjects[::-1]:
            taken = browser_times.cold_seconds(browser, subject.server, subject.view, count=1)
            if number:  # the first one is a warm-up
                subject.cold_s.extend(taken)


def _measure(browser: Browser, subject: Subject, size: Size) -> None:
    """Measure one page once more; the others' servers are idle meanwhile."""
    server, view, target = subject.server, subject.view, subject.target
    subject.click_ms.extend(
        browser_times.click_milliseconds(browser, server, view, count=size.clicks)
    )
    subject.single.extend(_told(people.reruns(server, target, size.reruns)))
    clicks, count = size.crowd_clicks, PEOPLE_COUNT
    crowd = people.crowd(server, target, people_count=count, click_count=clicks, seed=SEED)
    subject.crowd.extend(_told(crowd))


def _measure_switches(browser: Browser, subject: Subject, count: int) -> None:
    for view in browser_times.SWITCHES:
        subject.switch_ms[view.name].extend(
            browser_times.click_milliseconds(browser, subject.server, view, count=count)
        )


def _figures(subject: Subject, growth_mb: float | None = None) -> Figures:
    crowd_ms = [1000 * rerun.seconds for rerun in subject.crowd]
    return Figures(
        name=subject.view.name,
        rerun_bytes=median(rerun.byte_count for rerun in subject.single),
        message_bytes=median(rerun.message_byte_count for rerun in subject.single),
        rerun_ms=1000 * median(rerun.seconds for rerun in subject.single),
        click_ms=median(subject.click_ms),
        cold_s=median(subject.cold_s),
        crowd_p50_ms=_quantile(crowd_ms, 0.5),
        crowd_p95_ms=_quantile(crowd_ms, 0.95),
        growth_mb=growth_mb,
        switch_ms={name: median(taken) for name, taken in subject.switch_ms.items()},
    )


def _told(clicks: Coroutine[None, None, list[people.Rerun]]) -> list[people.Rerun]:
    """Run the simulation in a thread of its own: the browser's driver holds this one's loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, clicks).result()


def _growth_mb(subject: Subject, count: int) -> float:
    before = subject.server.memory_mb()
    _told(people.reruns(subject.server, subject.target, count))
    return subject.server.memory_mb() - before


def _quantile(values: list[float], share: float) -> float:
    """Return the smallest value that at least the share of the values does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def yardstick(folder: Path, name: str) -> Path:
    """Return the start script of a yardstick in a folder of its own, with usual settings."""
    return application_folder(folder, PAGES / name, settings=USUAL_SETTINGS)


@contextmanager
def _servers() -> Iterator[tuple[Server, Server, Server]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        own = {"NETWORK_MAP_WORKSPACE": str(folder / "workspace")}
        with (
            served(ROOT / "asgi.py", env=own, log=folder / "application.log") as application,
            served(yardstick(folder / "plain", "plain.py")) as plain,
            served(yardstick(folder / "floor", "floor.py")) as floor,
        ):
            yield application, plain, floor


@contextmanager
def a_browser() -> Iterator[Browser]:
    """Start the Chromium of this machine, or of ``NETWORK_MAP_CHROMIUM``."""
    named = os.environ.get("NETWORK_MAP_CHROMIUM")
    paths = [shutil.which(name) for name in ((named,) if named else BROWSERS)]
    path = next((path for path in paths if path), None)
    if path is None:
        raise SystemExit("The benchmark needs Chromium. Install it, or set NETWORK_MAP_CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()
