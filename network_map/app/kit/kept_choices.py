"""Choices that outlast the widget that shows them.

Streamlit keeps what a widget holds while it is not drawn, if the widget asks for it. Writing the
value again at every run would keep it too, but then the browser is told with every answer what
it told the server before: a person who has clicked on meanwhile loses the newer click.
"""

from typing import Literal

import streamlit as st

KEPT: Literal["session"] = "session"
"""For ``persist_state`` of a widget whose choice is kept from one page to the next."""
_KEYS = "kept_choices"


def kept(key: str) -> str:
    """Return the key of a widget, remembered as one whose choice is kept.

    Parameters
    ----------
    key
        Names the widget.
    """
    st.session_state.setdefault(_KEYS, set()).add(key)
    return key


def say_again() -> None:
    """Tell the browser every kept choice once more, after a change of language or of page.

    A list sends back the words of its choice, and in another language the words are others; the
    choices that stand on every page are other widgets on each.
    """
    for key in st.session_state.get(_KEYS, ()):
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]
