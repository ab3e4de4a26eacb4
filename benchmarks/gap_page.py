"""A moved weight on the page of coverage gaps, in a browser, against an empty Streamlit page.

Every weight is new to the server: scores, ranks, list and calls are made anew, facts and draws are
there. The time ends when both the map and the list show the new answer.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.browser_times import FLOOR, View, click_milliseconds
from benchmarks.map_page import a_browser, yardstick
from benchmarks.servers import ROOT, served

LIMIT_TIMES = 3.0
ROUNDS, MOVES = 3, 8

# The list of all counties and a line of headings; the page has a second table, drawn when it likes.
_LIST = "table[aria-rowcount='130'] tbody"

_MOVE = """
  const field = () => document.querySelector("input[aria-label='有无']");
  if (!field()) {
    [...document.querySelectorAll("button")]
      .find((button) => button.innerText.trim().startsWith("调整")).click();
    await painted(field);
  }
  // Without innerText and without a search in each frame: looking must not slow what is seen.
  const host = [...document.querySelectorAll("*")]
    .find((one) => one.shadowRoot?.querySelector(LIST));
  const list = () => host.shadowRoot.querySelector(LIST)?.textContent;
  const [rows, shown] = [list(), liveMap().dataset.revision];
  const value = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
  const input = field();
  input.focus();
  let weight = input.value;
  while ((+weight).toFixed(2) === (+input.value).toFixed(2)) {
    weight = (0.1 + 0.8 * Math.random()).toFixed(4);
  }
  value.set.call(input, weight);
  input.dispatchEvent(new Event("input", { bubbles: true }));
  await painted(() => true);
  input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  return painted(() => liveMap()?.dataset.revision !== shown && list() && list() !== rows);
""".replace("LIST", f'"{_LIST}"')


def page_view(dataset: str) -> View:
    """Return the page of coverage gaps of a data set, whose click moves a weight."""
    painted = (
        "liveMap() && +liveMap().dataset.counties === 129 && [...document.querySelectorAll('*')]"
        f'.some((one) => one.shadowRoot?.querySelector("{_LIST}"))'
        " && document.querySelector('[data-test-script-state=notRunning]')"
    )
    return View(f"gaps, {dataset}", painted, _MOVE, f"gaps?dataset={dataset}")


@dataclass(frozen=True, slots=True)
class Moves:
    """Medians from the moved weight, or the click on the floor, to the painted answer."""

    floor_ms: float
    by_dataset: dict[str, float]

    @property
    def times(self) -> float:
        """How many floors the slowest data set takes."""
        return max(self.by_dataset.values()) / self.floor_ms


def moves(*, rounds: int = ROUNDS, count: int = MOVES) -> Moves:
    """Return the times of moved weights and of the floor, in turns in one run."""
    views = {name: page_view(name) for name in ("public", "demo")}
    taken: dict[str, list[float]] = {name: [] for name in (*views, "floor")}
    with tempfile.TemporaryDirectory() as name, a_browser() as browser:
        folder = Path(name)
        own = {"NETWORK_MAP_WORKSPACE": str(folder / "workspace")}
        with (
            served(ROOT / "asgi.py", env=own, log=folder / "application.log") as application,
            served(yardstick(folder / "floor", "floor.py")) as floor,
        ):
            for _ in range(rounds):
                for dataset, view in views.items():
                    taken[dataset] += click_milliseconds(browser, application, view, count=count)
                taken["floor"] += click_milliseconds(browser, floor, FLOOR, count=count)
    floor_ms = median(taken.pop("floor"))
    return Moves(floor_ms, {name: median(times) for name, times in taken.items()})
