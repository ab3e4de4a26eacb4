"""What every page shows, without a browser: its texts, widgets and tables, maps and lists.

Everything that unfolds is unfolded. Left out is what names no content: Streamlit's own ids, the
addresses of files and the scripts of the components. What a page registers for its maps and
tables stands behind its elements.
"""

import os
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from json import dumps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from google.protobuf.json_format import MessageToDict
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Dataframe, Widget

from network_map.app import MAIN_PAGE
from network_map.app.kit import map as map_block
from network_map.app.kit import memo as cached
from network_map.app.kit import tables as linked_table
from network_map.config import app_root

SCREENS: Mapping[str, tuple[Mapping[str, str], ...]] = {
    "gaps": (
        {"county": "530627", "compare": "530102", "layers": "sub_market,hierarchy,contracts"},
        {"view": "demonstration_county", "prefecture": "530600", "only_gaps": "1"},
        {
            "gap_km": "sub_market:120",
            "weights": "coverage_first",
            "odds": "gdp",
            "seed": "7",
            "view": "priority",
        },
        {"several": "1", "gap_method": "geodesic_x_circuity", "view": "network"},
        {"view": "contract_coverage", "layers": "flows,consortia", "level": "prefecture"},
        {"view": "industry_consortium", "county": "530102"},
        {"view": "county_centre", "gaps": "no_centre,unknown"},
    ),
    "contracts": (
        {"prefecture": "530600"},
        {"picture": "flows", "side": "both", "by": "prefecture", "year": "2024"},
        {"period": "month", "year": "2025", "part": "11", "measure": "number"},
        {"side": "absorption", "measure": "value_per_people", "kind": "development,service"},
    ),
    "consortia": (
        {"county": "530627"},
        {"consortium": "consortium-3", "reach_km": "50", "prefecture": "530600"},
    ),
    "indices": (
        {"county": "530627", "index_map": "cluster"},
        {"index": "absorption_rate", "index_map": "cluster", "prefecture": "530600"},
        {"index": "output_rate"},
        {"index": "demonstration_access", "county": "530602"},
    ),
    "data_check": ({"prefecture": "530600"},),
    "import_nodes": (),
    "import_contracts": (),
    "methods": (),
}
"""By page the addresses beside the plain one; words of an address are those of a link."""
_UNFOLDS = ":material/expand_more:"
_OPENS = {"gaps": ("gap_files",)}
"""By page what is drawn only while it is open."""
_ID = re.compile(r"^\$\$ID-[0-9a-f]+-")
# A value is told to the browser at the run that sets it; here each widget says its own.
_LEFT_OUT = frozenset(
    {
        "js_content", "css_content", "url", "deferred_file_id", "form_id", "data",
        "page_script_hash", "value", "raw_value", "raw_values", "set_value",
    }
)  # fmt: skip


def screens(page: str) -> Iterator[tuple[str, str]]:
    """Yield what a page shows for each data set, language and address, by name."""
    asked = [("first", {}), *((f"{n}", link) for n, link in enumerate(SCREENS[page], start=1))]
    for name, link in asked:
        for dataset in ("demo", "public"):
            for language in ("zh", "en"):
                # Further addresses in one language each: the words stand in the first.
                if name == "first" or (dataset == "demo") == (language == "zh"):
                    shown = screen(page, {"dataset": dataset, "lang": language, **link})
                    yield f"{dataset}_{language}_{name}", shown


def screen(page: str, link: Mapping[str, str]) -> str:
    """Return what a page shows at an address, with everything unfolded."""
    files: dict[str, bytes] = {}

    def take(content: bytes) -> str:
        name = sha256(content).hexdigest()[:16]
        files[name] = content
        return name

    with (
        TemporaryDirectory() as folder,
        patch.dict(os.environ, {"NETWORK_MAP_WORKSPACE": f"{folder}/workspace"}),
        patch.object(linked_table, "file_url", take),
        patch.object(map_block, "file_url", take),
    ):
        cached.settings.clear()
        try:
            app = _opened(page, link)
        finally:
            cached.settings.clear()
        lines = [_line(node) for root in (app.main, app.sidebar) for node in _below(root)]
        address = {name: "".join(value) for name, value in app.query_params.items()}
        lines += ["== address", dumps(address, ensure_ascii=False, indent=1)]
        for place, content in files.items():
            lines += [f"== {place}", content.decode()]
        return "\n".join([*lines, ""]).replace(folder, "FOLDER")


def _opened(page: str, link: Mapping[str, str]) -> AppTest:
    app = AppTest.from_file(str(app_root() / "streamlit_app.py"), default_timeout=120)
    for name, value in link.items():
        app.query_params[name] = value
    app.run()
    if page != MAIN_PAGE:
        app.switch_page(str(Path("pages") / f"{page}.py")).run()
    if closed_parts := _OPENS.get(page):
        for key in closed_parts:
            app.session_state[key] = True
        app.run()
    while closed := [button for button in app.button if button.proto.icon == _UNFOLDS]:
        for button in closed:
            button.click()
        app.run()
    assert [error.message for error in app.exception] == []
    return app


def _below(node: Any, depth: int = 0) -> Iterator[tuple[int, Any]]:  # noqa: ANN401 -- no common type
    yield depth, node
    for child in getattr(node, "children", {}).values():
        yield from _below(child, depth + 1)


def _line(found: tuple[int, Any]) -> str:
    depth, node = found
    proto = getattr(node, "proto", None)
    told = {} if proto is None else MessageToDict(proto, preserving_proto_field_name=True)
    value, table = "", ""
    if isinstance(node, Widget) and not node.type.endswith("button"):
        value = f" = {node.value!r}"
    elif isinstance(node, Dataframe):
        table = f"\n{node.value.to_csv(lineterminator=chr(10), float_format='%.9g')}"
    return f"{'  ' * depth}{node.type} {dumps(_kept(told), ensure_ascii=False)}{value}{table}"


def _kept(told: Any) -> Any:  # noqa: ANN401 -- JSON
    if isinstance(told, dict):
        return {name: _kept(value) for name, value in told.items() if name not in _LEFT_OUT}
    if isinstance(told, list):
        return [_kept(value) for value in told]
    return _ID.sub("", told) if isinstance(told, str) else told
