"""Take the pictures of the pages for the documents: ``python -m scripts.take_pictures``.

Every page at 1366×768 in both languages, from the application as it is served, with shipped data
alone. PNG with 128 colours: a page is a tenth of a megabyte.
"""

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from benchmarks.map_page import a_browser
from benchmarks.servers import ROOT, served

FOLDER = ROOT / "docs" / "images"
PAGES = {
    "gaps": "gaps?dataset=demo",
    "gaps_county": "gaps?dataset=demo&view=demonstration_county&prefecture=530600&county=530627",
    "gaps_contracts": "gaps?dataset=demo&view=contract_coverage",
    "gaps_public": "gaps?dataset=public",
    "next_node": "gaps?dataset=demo&view=sub_market&next=sub_market&next_place=532800",
    "siting": "siting?dataset=demo",
    "contracts": "contracts?dataset=demo",
    "consortia": "consortia?dataset=demo",
    "indices": "indices?dataset=demo",
    "data_check": "data_check?dataset=public",
    "import_nodes": "import_nodes?dataset=demo",
    "import_contracts": "import_contracts?dataset=demo",
    "methods": "methods?dataset=demo",
}
_WITHOUT_MAP = {"data_check", "import_nodes", "import_contracts", "methods"}
_SIZE = {"width": 1366, "height": 768}
_WAIT_MS = 60_000
_COLOURS = 128


def picture(browser: Browser, address: str, *, has_map: bool) -> bytes:
    """Return a page as a PNG once its server has said all and its map is drawn."""
    context = browser.new_context(viewport=_SIZE)  # type: ignore[arg-type] # a plain dict
    context.set_default_timeout(_WAIT_MS)
    page = context.new_page()
    page.goto(address)
    page.locator("h1.page-title, .st-key-gap_view").first.wait_for()
    if has_map:
        page.locator(".nm-map[data-ready='1']").wait_for()
    page.locator("[data-testid='stApp'][data-test-script-state='notRunning']").wait_for()
    page.wait_for_timeout(1000)  # fonts and the last tiles of the list
    taken = page.screenshot()
    context.close()
    buffer = io.BytesIO()
    Image.open(io.BytesIO(taken)).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(
        buffer, "PNG", optimize=True
    )
    return buffer.getvalue()


def main() -> None:
    """Take every picture anew."""
    with tempfile.TemporaryDirectory() as name, a_browser() as browser:
        own = {"NETWORK_MAP_WORKSPACE": str(Path(name) / "workspace")}
        with served(ROOT / "asgi.py", env=own, log=Path(name) / "log") as server:
            for page, query in PAGES.items():
                for language, ending in (("zh", ""), ("en", "_en")):
                    address = f"{server.url}/{query}&lang={language}"
                    taken = picture(browser, address, has_map=page not in _WITHOUT_MAP)
                    (FOLDER / f"{page}{ending}.png").write_bytes(taken)
                    print(f"{page}{ending}.png {len(taken) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
