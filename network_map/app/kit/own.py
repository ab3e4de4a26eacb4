"""What a session keeps about a person's own data set: made once, forgotten when it is old."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

import streamlit as st

_KEPT = 32
_Found = TypeVar("_Found")


def kept_own(place: str, question: Hashable, make: Callable[[], _Found]) -> _Found:
    """Return the answer to a question about an own data set, made where the session lacks it.

    Parameters
    ----------
    place
        Names what kind of answers these are; each kind keeps the latest few.
    question
        Everything that the answer depends on, the version of the data set among it.
    make
        Makes the answer. What it raises is not kept.
    """
    kept: OrderedDict[Hashable, _Found]
    kept = st.session_state.setdefault(f"own_{place}", OrderedDict())
    if question not in kept:
        kept[question] = make()
        if len(kept) > _KEPT:
            kept.popitem(last=False)
    return kept[question]
