"""Finding a county by any of its names."""

import streamlit as st

from network_map.app.kit import choices as state
from network_map.app.kit import memo as cached
from network_map.app.kit.plain import plain
from network_map.i18n import text
from network_map.places.division_search import SearchHit
from network_map.places.sources_reference import Places
from network_map.places.words import place_names
from network_map.terms import AdminLevel

_LIMIT = 8
_SHOWN_LENGTH = 40
_SEARCH_KEY = "search_text"


def search_county(places: Places, language: str) -> None:
    """Draw the search box; a single hit is selected at once, several are offered.

    Parameters
    ----------
    places
        The reference tables.
    language
        ``zh`` or ``en``.
    """
    st.text_input(
        text("overview.search", language),
        placeholder=text("overview.search_placeholder", language),
        key=_SEARCH_KEY,
        on_change=_take_single_hit,
    )
    wanted = st.session_state[_SEARCH_KEY].strip()
    if not wanted:
        return
    hits = _hits(wanted)
    if not hits:
        found = wanted if len(wanted) <= _SHOWN_LENGTH else f"{wanted[:_SHOWN_LENGTH]}…"
        st.caption(plain(text("overview.search_none", language, found=found)))
        return
    names = place_names(places.divisions, language)
    if len(hits) > 1:
        st.caption(text("overview.search_several", language, count=len(hits)))
    for hit in hits:
        parent = "" if hit.level is AdminLevel.PREFECTURE else f" · {names[str(hit.parent_adcode)]}"
        st.button(
            f"{names[hit.adcode]}{parent}",
            key=f"hit_{hit.adcode}",
            on_click=_select_hit,
            args=(hit,),
            type="primary" if hit.adcode == st.session_state["selected"] else "secondary",
            width="stretch",
        )


def _hits(wanted: str) -> list[SearchHit]:
    found = cached.gazetteer().search(wanted, limit=_LIMIT)
    return [hit for hit in found if hit.level is not AdminLevel.PROVINCE]


def _take_single_hit() -> None:
    wanted = st.session_state[_SEARCH_KEY].strip()
    hits = _hits(wanted) if wanted else []
    if len(hits) == 1:
        _select_hit(hits[0])


def _select_hit(hit: SearchHit) -> None:
    """Select a county, or filter to a prefecture; a filter that hides the county is moved."""
    if hit.level is AdminLevel.PREFECTURE:
        st.session_state["prefecture"] = hit.adcode
        state.select_county(None)
        return
    if st.session_state["prefecture"] not in {state.WHOLE_PROVINCE, hit.parent_adcode}:
        st.session_state["prefecture"] = hit.parent_adcode
    state.select_county(hit.adcode)
