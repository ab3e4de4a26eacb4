"""How values are cut into classes: the same choices on every page with a coloured map."""

import streamlit as st

from network_map.analysis.classify import MAXIMUM_CLASSES, MINIMUM_CLASSES
from network_map.i18n import text
from network_map.terms import Classifier


def choose_classes(unit: str, language: str) -> None:
    """Draw the choices of the classes.

    Parameters
    ----------
    unit
        The unit that own breaks are written in, for people.
    language
        ``zh`` or ``en``.
    """
    st.selectbox(
        text("overview.classifier", language),
        [value.value for value in Classifier],
        format_func=lambda value: text(f"term.classifier.{value}", language),
        key="classifier",
    )
    is_own = st.session_state["classifier"] == Classifier.OWN_BREAKS
    st.number_input(
        text("overview.class_count", language),
        min_value=MINIMUM_CLASSES,
        max_value=MAXIMUM_CLASSES,
        key="class_count",
        disabled=is_own,
    )
    st.text_input(
        text("overview.own_breaks", language, unit=unit),
        key="own_breaks_text",
        disabled=not is_own,
        help=text("overview.own_breaks_help", language),
    )
