"""How values are cut into classes: the same choices on every page with a coloured map."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from network_map.app.kit.kept_choices import KEPT, kept
from network_map.i18n import text
from network_map.maps.classes import MAXIMUM_CLASSES, MINIMUM_CLASSES
from network_map.terms import Classifier


def choose_classes(places: Sequence[DeltaGenerator], unit: str, language: str) -> None:
    """Draw the choices of the classes.

    Parameters
    ----------
    places
        Where the three of them stand.
    unit
        The unit that own breaks are written in, for people.
    language
        ``zh`` or ``en``.
    """
    classifier_place, count_place, breaks_place = places
    classifier_place.selectbox(
        text("overview.classifier", language),
        [value.value for value in Classifier],
        format_func=lambda value: text(f"term.classifier.{value}", language),
        key=kept("classifier"),
        persist_state=KEPT,
    )
    is_own = st.session_state["classifier"] == Classifier.OWN_BREAKS
    count_place.number_input(
        text("overview.class_count", language),
        min_value=MINIMUM_CLASSES,
        max_value=MAXIMUM_CLASSES,
        key=kept("class_count"),
        persist_state=KEPT,
        disabled=is_own,
    )
    breaks_place.text_input(
        text("overview.own_breaks", language, unit=unit),
        key=kept("own_breaks_text"),
        persist_state=KEPT,
        disabled=not is_own,
        help=text("overview.own_breaks_help", language),
    )
