"""What an import asks beside the rows: speeds of own times, and whether nodes are complete."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import streamlit as st

from network_map.app.kit import memo as cached
from network_map.app.kit.choices import KEPT, kept
from network_map.app.kit.frame import Page
from network_map.app.kit.tables import upload_style
from network_map.datasets import REMOVABLE, held_list, remove_list
from network_map.i18n import count_text, text
from network_map.nodes.importing.preview import CompleteClaim, NodeListPreview
from network_map.places.reference import kind_names, place_names
from network_map.places.tables import PROVINCE_ADCODE
from network_map.reach.travel_times import ROAD_SPEEDS, told_of_reading
from network_map.terms import AdminLevel

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


def choose_claims(page: Page, answered: NodeListPreview) -> list[CompleteClaim]:
    """Draw the question whether the list is complete and return the claims made."""
    language = page.language
    kinds = kind_names(answered.node_kinds, language)
    present = [kind for kind in kinds if kind in set(answered.nodes["kind"])]
    # A declaration is about one file: the next one does not find it there.
    file = answered.file_sha256[:8]
    kinds_key, area_key = f"import_complete_kinds_{file}", f"import_complete_area_{file}"
    is_complete = st.radio(
        text("import.page.complete", language),
        [False, True],
        format_func=lambda whole: text(
            "import.page.complete_yes" if whole else "import.page.complete_no", language
        ),
        key=kept(f"import_complete_{file}"),
        persist_state=KEPT,
        help=text("import.page.complete_help", language),
        horizontal=True,
    )
    if not is_complete:
        return []
    kind_place, area_place, date_place = st.columns([2, 1, 1])
    st.session_state.setdefault(kinds_key, present)
    chosen = kind_place.multiselect(
        text("import.page.complete_kinds", language),
        present,
        format_func=lambda kind: kinds.get(kind, kind),
        key=kept(kinds_key),
        persist_state=KEPT,
        placeholder=text("import.page.complete_none", language),
    )
    divisions = page.places.divisions
    names = place_names(divisions, language)
    prefectures = divisions.loc[divisions["level"] == AdminLevel.PREFECTURE, "adcode"]
    area = area_place.selectbox(
        text("import.page.complete_area", language),
        [PROVINCE_ADCODE, *prefectures],
        format_func=lambda adcode: names[adcode],
        key=kept(area_key),
        persist_state=KEPT,
    )
    today = datetime.now(UTC).astimezone().date()
    as_of = date_place.date_input(
        text("import.page.complete_as_of", language),
        value=today,
        format="YYYY-MM-DD",
        key=f"import_complete_as_of_{file}",
    )
    return [CompleteClaim(kind, area, as_of.isoformat()) for kind in chosen]
