"""The pages: subjects side by side at the top, what is about data under one heading."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from network_map.app.kit import choices as state
from network_map.app.kit import memo as cached
from network_map.app.kit.frame import told
from network_map.app.server import MAIN_PAGE
from network_map.config import app_root
from network_map.i18n import DEFAULT_LANGUAGE, text

_GROUPS = (
    (None, (MAIN_PAGE, "siting", "contracts", "consortia", "indices")),
    ("data", ("data_check", "import_nodes", "import_contracts", "methods")),
)


def navigation() -> StreamlitPage:
    """Return the page that was asked for, its place in the navigation drawn.

    Page titles follow the language; their addresses do not, so that a link stays good.
    """
    state.follow_history()
    with told(DEFAULT_LANGUAGE, is_final=True):
        state.start_session(cached.settings())
    cached.warm_up()
    language = st.session_state["language"]
    st.set_page_config(page_title=text("app.title", language), layout="wide")
    pages = {
        text(f"nav.{group}", language) if group else "": [_page(name, language) for name in names]
        for group, names in _GROUPS
    }
    page = st.navigation(pages, position="top")
    st.session_state["page"] = page.url_path
    return page


def _page(name: str, language: str) -> StreamlitPage:
    return st.Page(
        app_root() / "pages" / f"{name}.py",
        title=text(f"nav.page.{name}", language),
        url_path=name,
        default=name == MAIN_PAGE,
    )
