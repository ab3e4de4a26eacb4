"""A table on a page that is linked to the map: a row is chosen here, or marked from there.

Streamlit's own table sends all its rows again when another row is marked. This one fetches the
rows once, by their hash, and is told the chosen row only.
"""

from collections.abc import Callable
from functools import cache
from hashlib import sha256

import streamlit as st

from network_map.app.kit.map import component
from network_map.app.kit.registered_files import file_url
from network_map.config import app_root
from network_map.i18n import DEFAULT_LANGUAGE, text

_SCRIPT = "static/linked_table/linked_table.js"


@cache
def _address() -> str:
    version = sha256((app_root() / _SCRIPT).read_bytes()).hexdigest()[:12]
    return f"app/{_SCRIPT}?{version}"


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
        What :func:`network_map.maps.table_rows.table_rows` returned.
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

    component("linked_table", _address())(
        key=key,
        data={
            "url": file_url(rows) or "",
            "selected": selected,
            "height": height,
            "failure": text("table.missing", st.session_state.get("language", DEFAULT_LANGUAGE)),
        },
        on_row_change=take,
    )
