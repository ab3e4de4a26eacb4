"""What the import of own driving times and figures draws beside that of other lists."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from network_map.app.kit import memo as cached
from network_map.app.kit.choices import KEPT, kept
from network_map.app.kit.tables import upload_style
from network_map.datasets import REMOVABLE, held_list, remove_list
from network_map.i18n import count_text, text
from network_map.reach.travel_times import ROAD_SPEEDS, told_of_reading

_SHA_SHOWN = 12


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


def road_style(megabytes: int, language: str) -> str:
    """Return the style element that names the largest file of roads."""
    return upload_style(
        text("import_contracts.upload_limit", language, megabytes=megabytes),
        text("travel.upload_refused", language, megabytes=megabytes),
    )


def offer_removal(what: str, language: str) -> None:
    """Draw the button that takes own driving times or figures out of the workspace, if any."""
    if said := st.session_state.pop("list_removed", None):
        st.success(said)
    workspace = cached.settings().workspace_dir
    if what not in REMOVABLE or not (held := held_list(workspace, what)):
        return
    label = text(f"removal.{REMOVABLE[what]}.button", language, held=held[:_SHA_SHOWN])
    if st.button(label, key=f"remove_{what}"):
        done = remove_list(workspace, what)
        st.session_state["list_removed"] = text(
            f"removal.{REMOVABLE[what]}.done", language, snapshot_id=done.snapshot_id[:8]
        )
        st.rerun()
