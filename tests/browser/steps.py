"""What a person does on the pages, in words: open, toggle, choose, click, read."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, TimeoutError, expect  # noqa: A004 -- playwright's own

from network_map.app import MAIN_PAGE
from network_map.i18n import LANGUAGES, text
from tests.browser.conftest import WAIT_MS, Visit

expect.set_options(timeout=WAIT_MS)
ROW_HEIGHT_PX = 35
TALL_ROW_HEIGHT_PX = 66
CLICKS = 20
SHORT_MS = 2_000
COUNT_KINDS = ("provincial_market", "sub_market", "demonstration_county", "county_centre")

# Draws a character on a canvas and returns its pixels, to compare with a missing glyph's.
_PIXELS = """
(heading, characters) => {
  const style = getComputedStyle(heading);
  return characters.map((character) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 48;
    const pen = canvas.getContext("2d");
    pen.font = `32px ${style.fontFamily}`;
    pen.fillText(character, 4, 38);
    return Array.from(pen.getImageData(0, 0, 48, 48).data).join("");
  });
}
"""


@dataclass(frozen=True)
class App:
    """The application in the browser of one person."""

    visit: Visit

    @property
    def page(self) -> Locator:
        """Everything on the page."""
        return self.visit.page.locator("body")

    def go(self, page: str) -> None:
        """Choose a page in the navigation by its name in the address, its group unfolded."""
        at_root = page == MAIN_PAGE
        place = f"[href$='/{'' if at_root else page}']"
        single = self.page.locator(f"[data-testid='stTopNavLink']{place}")
        grouped = self.page.locator(f"[data-testid='stTopNavDropdownLink']{place}")
        section = self.page.get_by_test_id("stTopNavSection")
        self.page.get_by_test_id("stTopNavLink").or_(section).first.wait_for()
        # A page that is drawn meanwhile draws the navigation anew: click until it has been heard.
        for _ in range(CLICKS):
            with suppress(AssertionError, TimeoutError):
                if single.count() == 0 and not grouped.is_visible():
                    section.last.click(timeout=SHORT_MS)
                single.or_(grouped).first.click(timeout=SHORT_MS)
                there = re.compile(r"^[^?]*[^/?]/(\?|$)" if at_root else f"/{page}([?]|$)")
                expect(self.visit.page).to_have_url(there, timeout=2 * SHORT_MS)
                break
        if at_root:
            expect(self.views).to_be_visible()
        else:
            titles = (re.escape(text(f"page.{page}.title", language)) for language in LANGUAGES)
            expect(self.title).to_have_text(re.compile("|".join(titles)))
        # A click in a page that is still being drawn meets the end of its run.
        self.settled()

    @property
    def views(self) -> Locator:
        """The row of views of the gap map."""
        return self.page.locator(".st-key-gap_view")

    @property
    def title(self) -> Locator:
        """The heading of the page."""
        return self.page.locator("h1.page-title")

    @property
    def heading(self) -> Locator:
        """The heading of the page, on the gap map its row of views."""
        return self.title.or_(self.views)

    def settled(self) -> None:
        """Wait until the server has nothing more to say."""
        expect(self.page.get_by_test_id("stApp")).to_have_attribute(
            "data-test-script-state", "notRunning"
        )

    def choose(self, label: str, option: str) -> None:
        """Choose an option of a list."""
        field = self.page.get_by_role("combobox", name=label, exact=True)
        listed = self.page.get_by_role("option", name=option, exact=True)
        # A list closes when the page around it moves: open it until it stays.
        for _ in range(CLICKS):
            with suppress(TimeoutError):
                field.click()
                field.fill(option)  # a long list draws only what is in sight
                listed.click(timeout=SHORT_MS)
                break
        expect(field).to_have_value(option)

    def view(self, label: str) -> Locator:
        """The button of a view of the gap map."""
        return self.views.get_by_role("radio", name=label, exact=True)

    def layer(self, label: str) -> Locator:
        """The button of a layer over the gap map."""
        return self.page.locator(".st-key-gap_layers button").filter(
            has_text=re.compile(rf"(^|\s){re.escape(label)}$")
        )

    def language(self, name: str) -> None:
        """Press the button of the other language."""
        self.page.locator(".st-key-other_language").get_by_role(
            "button", name=name, exact=True
        ).click()

    @property
    def search(self) -> Locator:
        """The search of the top bar."""
        return self.page.locator(".st-key-top_bar input")

    @property
    def offered(self) -> Locator:
        """What the search offers."""
        return self.page.locator(".st-key-top_bar li[role='option']")

    def find(self, typed: str) -> None:
        """Type into the search and take what stands first."""
        self.search.fill(typed)
        expect(self.offered.first).to_be_visible()
        self.search.press("Enter")
        expect(self.offered.first).to_be_hidden()

    def classes(self) -> list[tuple[str, int]]:
        """Return the area rows of the legend: label and number, the last one without data."""
        rows = self.visit.frame.locator(".nm-legend li[data-class]")
        told = rows.evaluate_all(
            "all => all.map(r => [r.querySelector('.nm-name').textContent, +r.dataset.count])"
        )
        return [(label, count) for label, count in told]

    def expect_legend(self, counts: Sequence[int]) -> None:
        """Wait until the classes of the legend have these numbers of areas, in any order."""
        self.visit.until(
            "JSON.stringify([...map.getContainer().querySelectorAll('.nm-legend [data-class]')]"
            ".map((row) => +row.dataset.count).filter(Boolean).sort((a, b) => a - b))"
            " === JSON.stringify(value)",
            sorted(counts),
        )

    def upload(self, name: str, content: bytes) -> None:
        """Give a file to the import page, once its place for files is the one that stays."""
        # A page that is still being drawn may put another in its stead, and the file is lost.
        self.settled()
        media = "application/octet-stream"
        self.page.locator("input[type='file']").set_input_files(
            {"name": name, "mimeType": media, "buffer": content}
        )

    def download(self, key: str) -> bytes:
        """Press a download button, its formats unfolded if need be, and return the file."""
        button = self.page.locator(f".st-key-{key} button")
        menu = self.page.locator(
            f".st-key-{key.rpartition('_')[0]}_files button,"
            " :is(.st-key-gap_bar, .st-key-site_bar) .stPopover [kind=primary]"
        )
        button.or_(menu).first.wait_for()  # the page may still be on its way
        if not button.is_visible():
            menu.click()
        with self.visit.page.expect_download() as coming:
            button.click()
        return Path(coming.value.path()).read_bytes()

    @property
    def card(self) -> Locator:
        """The card of the selected county."""
        return self.page.locator(".card")

    @property
    def warnings(self) -> Locator:
        """The yellow boxes."""
        return self.page.get_by_test_id("stAlertContentWarning")

    @property
    def errors(self) -> Locator:
        """The red boxes."""
        return self.page.get_by_test_id("stAlertContentError")

    def click_map(self, lon: float, lat: float) -> None:
        """Bring the whole map into sight and click a position on it with the mouse."""
        self.visit.map.scroll_into_view_if_needed()
        point = self.visit.map.evaluate(
            "(_, p) => { const c = window.networkMap.map.latLngToContainerPoint([p[1], p[0]]);"
            " return {x: c.x, y: c.y}; }",
            [lon, lat],
        )
        self.visit.map.click(position=point)

    def table(self, key: str) -> "Table":
        """A table by its key."""
        return Table(self.page.locator(f".st-key-{key}"))

    def table_with(self, heading: str) -> "Table":
        """The first table that has this heading."""
        tables = self.page.get_by_test_id("stDataFrame")
        return Table(tables.filter(has=self.visit.page.locator("th", has_text=heading)).first)

    @property
    def gap_list(self) -> "LinkedTable":
        """The list of the gap map."""
        return LinkedTable(self.page.locator(".st-key-gap_table"))

    def assert_draws_chinese(self) -> None:
        """Chinese characters are drawn as themselves, not as the box of a missing one."""
        drawn = self.heading.evaluate(_PIXELS, ["云", "南", "县", "\U0010fffe"])
        assert len(set(drawn)) == len(drawn)

    def assert_no_traceback(self) -> None:
        """No traceback, no bare key of a catalog, no error box of Streamlit's own."""
        told = self.page.inner_text()
        assert "Traceback" not in told
        assert not re.search(r"\b(error|gap|overview|frame|card|import|problem)\.[a-z_]{3,}", told)
        assert self.page.get_by_test_id("stException").count() == 0


@dataclass(frozen=True)
class Table:
    """A table of the page; its cells are drawn on a canvas that tells them to screen readers."""

    place: Locator

    @property
    def grid(self) -> Locator:
        """The table for screen readers."""
        return self.place.locator("table[role='grid']")

    def expect_rows(self, count: int) -> None:
        """Wait until the table has so many rows."""
        expect(self.grid).to_have_attribute("aria-rowcount", str(count + 1))

    def headings(self) -> list[str]:
        """Return the headings."""
        return [h for h in self.grid.locator("[role='columnheader']").all_text_contents() if h]

    def cell(self, row: int, column: int) -> Locator:
        """A cell in sight, both counted from 0 without the column of ticks."""
        return self.grid.locator(f"[role='row'][aria-rowindex='{row + 2}'] [role='gridcell']").nth(
            column
        )

    def write(self, row: int, column: int, typed: str) -> None:
        """Write into a cell of a table that can be edited; the first cell of a row is text."""
        cells = self.place.get_by_test_id("stDataFrameResizable")
        cells.scroll_into_view_if_needed()
        # A table that is drawn anew forgets where one was: write until it is written.
        for _ in range(CLICKS):
            with suppress(AssertionError, TimeoutError):
                down = ROW_HEIGHT_PX + TALL_ROW_HEIGHT_PX * (row + 0.5)
                cells.click(position={"x": 120, "y": down})
                self._write_right_of(row, column, typed)
                return
        raise AssertionError(f"{typed} could not be written")

    def _write_right_of(self, row: int, column: int, typed: str) -> None:
        keyboard, target = self.place.page.keyboard, self.cell(row, column)
        for _ in range(column):
            keyboard.press("ArrowRight")
        expect(target).to_have_attribute("aria-selected", "true", timeout=SHORT_MS)
        keyboard.press("Enter")
        editor = self.place.page.locator("#portal input, #portal textarea").first
        expect(editor).to_be_focused(timeout=SHORT_MS)
        editor.fill(typed)
        keyboard.press("Enter")
        expect(target).to_have_text(typed, timeout=SHORT_MS)

    @property
    def chosen(self) -> Locator:
        """The chosen rows in sight."""
        return self.grid.locator("[role='row'][aria-selected='true']")

    def tick(self, row: int) -> None:
        """Choose a row that is in sight."""
        cells = self.place.get_by_test_id("stDataFrameResizable")
        cells.scroll_into_view_if_needed()
        cells.click(position={"x": 18, "y": ROW_HEIGHT_PX * (row + 1.5)})


_HAS_IDS = """
async (frame, wanted) => {
  const end = Date.now() + 15000;
  let ids = [];
  while (Date.now() < end) {
    ids = [...frame.querySelectorAll("tbody tr")].map((row) => row.dataset.id);
    if (JSON.stringify(ids) === JSON.stringify(wanted)) return ids;
    await new Promise((next) => setTimeout(next, 20));
  }
  return ids;
}
"""


def opened(visit: Callable[..., Visit], url: str, **how: object) -> App:
    """Open an address in a new browser and wait for the page."""
    app = App(visit(url, **how))
    expect(app.heading.or_(app.errors).first).to_be_visible()
    app.settled()
    return app


class LinkedTable(Table):
    """A table with rows of its own, one of which is linked to the map."""

    def ids(self) -> list[str]:
        """Return what the rows stand for, in their order, once all of them are drawn."""
        self.place.locator(".frame[data-rows]:not([data-rows=''])").wait_for()
        found: list[str] = self.grid.locator("tbody tr").evaluate_all(
            "rows => rows.map(row => row.dataset.id)"
        )
        return found

    def expect_ids(self, ids: Sequence[str]) -> None:
        """Wait until the rows stand for these, in this order."""
        assert self.place.locator(".frame").evaluate(_HAS_IDS, list(ids)) == list(ids)

    def row(self, adcode: str) -> Locator:
        """The row of a place."""
        return self.grid.locator(f"tbody tr[data-id='{adcode}']")

    def tick(self, row: int) -> None:
        """Choose a row that is in sight."""
        self.grid.locator(f"[role='row'][aria-rowindex='{row + 2}']").click()
