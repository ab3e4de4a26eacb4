"""What the import of a file of roads draws beside other lists: speeds, and how far reading is."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from network_map.app.kit.choices import KEPT, kept
from network_map.i18n import count_text, text
from network_map.reach.osm_network import ROAD_SPEEDS, told_of_reading


def choose_speeds(language: str) -> tuple[str, ...]:
    """Draw the speeds of the classes of road, and return those that a person has changed."""
    words = st.text_input(
        text("travel.speeds", language),
        key=kept("import_speeds"),
        persist_state=KEPT,
        placeholder="motorway=100, trunk=70",
        help=text(
            "travel.speeds_help", language,
            speeds=", ".join(f"{name} {speed:g}" for name, speed in ROAD_SPEEDS.items()),
        ),
    )  # fmt: skip
    parts = words.replace(",", ",").replace("、", ",").split(",")
    return tuple(part.strip() for part in parts if part.strip())


@contextmanager
def shown_reading(language: str) -> Iterator[None]:
    """Show how far the roads are that are read in the block."""
    line = st.empty()

    def tell(step: str, count: int) -> None:
        line.caption(text(f"travel.step_{step}", language, count=count_text(count)))

    with told_of_reading(tell):
        yield
    line.empty()
