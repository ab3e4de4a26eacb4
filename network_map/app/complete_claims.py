"""The question whether a list of nodes is complete, and for which kinds, where and since when."""

from datetime import UTC, datetime

import streamlit as st

from network_map.app.kit.choices import KEPT, kept
from network_map.app.kit.frame import Page
from network_map.i18n import text
from network_map.nodes.importing.preview import CompleteClaim, NodeListPreview
from network_map.places.reference import kind_names, place_names
from network_map.places.tables import PROVINCE_ADCODE
from network_map.terms import AdminLevel


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
