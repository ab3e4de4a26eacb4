"""A button that unfolds a part of the page; what is folded is not drawn at all.

Streamlit draws the inside of its popovers at every run, seen or not, unless their opening reruns
the page. Then their closing does too: a click on another page's name closes one, and Streamlit
runs the page that was just left once more, over the new one.
"""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

_ICONS = {False: ":material/expand_more:", True: ":material/expand_less:"}


def unfolds(place: DeltaGenerator, words: str, *, key: str) -> bool:
    """Draw the button and return whether its part is unfolded.

    Parameters
    ----------
    place
        Where the button stands.
    words
        On the button.
    key
        Names the button on its page; the part stays as it is from one page to the next.
    """
    is_open = bool(st.session_state.get(_unfolded(key)))
    place.button(
        words,
        key=key,
        icon=_ICONS[is_open],
        on_click=_turn,
        args=(key, not is_open),
    )
    return is_open


def _unfolded(key: str) -> str:
    """Return where the session remembers that a part is unfolded."""
    return f"unfolded.{key}"


def _turn(key: str, is_open: bool) -> None:  # noqa: FBT001 - as Streamlit hands it over
    st.session_state[_unfolded(key)] = is_open
