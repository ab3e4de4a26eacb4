"""What a session remembers of the page of indices, and how its link says it again."""

from collections.abc import Mapping

import streamlit as st

from network_map.errors import Problem
from network_map.indices.query import Index, IndexPicture, IndexQuery, index_from_link, index_link

CHOICES = ("index_kind", "index_picture")


def start(parameters: Mapping[str, str]) -> tuple[Problem, ...]:
    """Take the choices from the link and return what of it could not be used."""
    index, picture, problems = index_from_link(parameters)
    st.session_state["index_kind"] = index.value
    st.session_state["index_picture"] = picture.value
    return problems


def link() -> dict[str, str]:
    """Return the parameters of the choices, none before the first."""
    chosen = st.session_state
    if "index_kind" not in chosen:
        return {}
    return index_link(chosen["index_kind"], chosen["index_picture"])


def query() -> IndexQuery:
    """Return the question that the choices describe."""
    chosen = st.session_state
    return IndexQuery(
        index=Index(chosen["index_kind"]),
        picture=IndexPicture(chosen["index_picture"]),
        language=chosen["language"],
        prefecture_adcode=chosen["prefecture"] or None,
        selected_adcode=chosen["selected"],
    )
