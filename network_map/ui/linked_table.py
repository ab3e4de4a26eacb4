"""A table on a page that is linked to the map: a row is chosen here, or marked from there.

Streamlit's own table sends all its rows again when another row is marked. This one fetches the
rows once, by their hash, and is told the chosen row only.
"""

from collections.abc import Callable
from functools import cache
from hashlib import sha256

import streamlit as st
from streamlit import runtime

from network_map.config import app_root

_SCRIPT = "static/linked_table/linked_table.js"


@cache
def _component() -> Callable[..., object]:
    """Return the mounting command; the script itself is a static file that browsers keep."""
    version = sha256((app_root() / _SCRIPT).read_bytes()).hexdigest()[:12]
    # Short, for it travels with each new state of the table. The line break tells Streamlit that
    # this is the script and not the name of a file.
    loader = (
        f'const m=import(new URL("app/{_SCRIPT}?{version}",document.baseURI))\n'
        "export default c=>{m.then(s=>s.default(c))}"
    )
    return st.components.v2.component("network_map.linked_table", js=loader)


def linked_table(
    rows: bytes,
    *,
    key: str,
    selected: str | None,
    height: int,
    on_choose: Callable[[str | None], None],
) -> None:
    """Show a table and call back with the id of a row that was chosen.

    Parameters
    ----------
    rows
        What ``views.table_rows.table_rows`` returned.
    key
        Names the table on its page.
    selected
        Id of the marked row, or None.
    height
        Pixels at most.
    on_choose
        Called before the page runs, with the id of the row, or None if it was let go.
    """

    def take() -> None:
        chosen = st.session_state[key].row
        if chosen is not None:
            on_choose(chosen or None)

    _component()(
        key=key,
        data={
            "url": _rows_url(rows, key),
            "selected": selected,
            "height": height,
        },
        on_row_change=take,
    )


def _rows_url(rows: bytes, key: str) -> str:
    """Register the rows for this session and return where the browser fetches them."""
    if not runtime.exists():
        return ""
    url = runtime.get_instance().media_file_mgr.add(rows, "application/json", f"network_map.{key}")
    return url.removeprefix("/")
