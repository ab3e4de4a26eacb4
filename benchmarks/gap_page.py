"""A moved weight on the gap map's view of priority, in a browser, against an empty Streamlit page.

Every weight is new to the server: scores, ranks, list and calls are made anew, facts and draws are
there. The time ends when both the map and the list show the new answer. Demonstration data alone:
public facts settle no order, so that a weight moves nothing there.
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
    document.querySelector(".st-key-gap_settings button").click();
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


_PAINTED = (
    "liveMap() && +liveMap().dataset.counties === 129 && [...document.querySelectorAll('*')]"
    f'.some((one) => one.shadowRoot?.querySelector("{_LIST}"))'
    " && document.querySelector('[data-test-script-state=notRunning]')"
)
PAGE = View("priority", _PAINTED, _MOVE, "gaps?dataset=demo&view=priority")
"""The page, whose click moves a weight."""


@dataclass(frozen=True, slots=True)
class Moves:
    """Medians from the moved weight, or the click on the floor, to the painted answer."""

    floor_ms: float
    moved_ms: float

    @property
    def times(self) -> float:
        """How many floors a moved weight takes."""
        return self.moved_ms / self.floor_ms


def moves(*, rounds: int = ROUNDS, count: int = MOVES) -> Moves:
    """Return the times of moved weights and of the floor, in turns in one run."""
    moved: list[float] = []
    nothing: list[float] = []
    with tempfile.TemporaryDirectory() as name, a_browser() as browser:
        folder = Path(name)
        own = {"NETWORK_MAP_WORKSPACE": str(folder / "workspace")}
        with (
            served(ROOT / "asgi.py", env=own, log=folder / "application.log") as application,
            served(yardstick(folder / "floor", "floor.py")) as floor,
        ):
            for _ in range(rounds):
                moved += click_milliseconds(browser, application, PAGE, count=count)
                nothing += click_milliseconds(browser, floor, FLOOR, count=count)
    return Moves(median(nothing), median(moved))
