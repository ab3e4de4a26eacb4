"""The blocks of the data check: declared against named, the roll by name, the tier rules."""

from html import escape

import pandas as pd
import streamlit as st

from network_map.app.kit import memo as cached
from network_map.app.kit.choices import KEPT, kept
from network_map.app.kit.frame import Page
from network_map.app.kit.tables import column_config, download_buttons
from network_map.i18n import count_text, text
from network_map.nodes.data_check import DataCheck, data_check
from network_map.nodes.tables import RECONCILIATION, ROLL, RULE_FINDINGS, TIER_RULES
from network_map.places.reference import code_words, kind_names
from network_map.tables import Table
from network_map.terms import Presence

_ALL = ""
_TOTALS = [
    "kind_name", "place_name", "declared_count", "named_count", "unnamed_count", "verdict",
    "present_count", "absent_count", "unknown_count", "planned_count", "assumed_count",
    "withdrawn_count", "is_complete", "declared_on",
]  # fmt: skip
_ROLL = ["kind_name", "place_name", "prefecture_name", "presence", "basis", "origin", "adcode"]
_RULES = ["rule_id", "rule", "severity", "checked_count", "violation_count", "undecided_count"]
_FINDINGS = ["result", "place_name", "kind_name", "node_name", "detail", "adcode"]
_ROLL_HEIGHT_PX = 360


def get(page: Page) -> DataCheck:
    """Return the data check of the open data set."""
    return data_check(
        page.places,
        page.dataset,
        page.roll,
        cached.boundaries(),
        prefecture_adcode=page.prefecture_adcode,
        language=page.language,
    )


def show_totals(page: Page, answer: DataCheck) -> None:
    """Show declared against named for the area, and by prefecture below."""
    language = page.language
    _section(f"{page.area_name} · {text('data_check.totals', language)}")
    of_area = [name for name in _TOTALS if name != "place_name"]
    _table(answer.totals, RECONCILIATION, of_area, page, key="totals")
    with st.expander(text("data_check.by_prefecture", language)):
        _table(answer.by_prefecture, RECONCILIATION, _TOTALS, page, key="by_prefecture")
        download_buttons(answer.bundles["reconciliation"], key="reconciliation")


def show_gaps(page: Page, answer: DataCheck) -> None:
    """Show the roll by name, gaps and unknowns first, with its downloads."""
    language = page.language
    _section(text("data_check.gaps_title", language))
    kinds = list(dict.fromkeys(answer.roll["kind"]))
    labels = kind_names(page.dataset.node_kinds, language, short=True)
    kind_place, presence_place, count_place = st.columns([2, 2, 3], vertical_alignment="bottom")
    kind = kind_place.selectbox(
        text("data_check.roll_kind", language),
        [_ALL, *kinds],
        format_func=lambda value: labels.get(value, text("data_check.all", language)),
        key=kept("roll_kind"),
        persist_state=KEPT,
    )
    presence = presence_place.selectbox(
        text("data_check.roll_presence", language),
        [_ALL, *(value.value for value in (Presence.ABSENT, Presence.UNKNOWN, Presence.PRESENT))],
        format_func=lambda value: (
            text(f"term.presence.{value}", language) if value else text("data_check.all", language)
        ),
        key=kept("roll_presence"),
        persist_state=KEPT,
    )
    roll = answer.roll if not kind else answer.roll[answer.roll["kind"] == kind]
    counts = {value.value: count_text(int((roll["presence"] == value).sum())) for value in Presence}
    count_place.caption(text("data_check.counts", language, **counts))
    shown = roll if not presence else roll[roll["presence"] == presence]
    order = {Presence.ABSENT.value: 0, Presence.UNKNOWN.value: 1, Presence.PRESENT.value: 2}
    shown = shown.sort_values("presence", key=lambda codes: codes.map(order), kind="stable")
    words = shown.assign(
        presence=code_words("term.presence", shown["presence"], language),
        origin=code_words("term.origin", shown["origin"], language),
    )
    _table(words, ROLL, _ROLL, page, key="roll", height=_ROLL_HEIGHT_PX)
    st.caption(text("data_check.gaps_hint", language))
    download_buttons(
        answer.bundles["gaps"], key="gaps", label=text("data_check.download_gaps", language)
    )
    download_buttons(
        answer.bundles["roll"], key="roll_file", label=text("data_check.download_roll", language)
    )


def show_rules(page: Page, answer: DataCheck) -> None:
    """Show every tier rule with its counts, and the rows of the chosen one."""
    language = page.language
    _section(text("data_check.rules", language))
    st.caption(text("data_check.rules_hint", language))
    picked = st.dataframe(
        answer.rules[_RULES],
        hide_index=True,
        column_config=column_config(TIER_RULES, language),
        key="rules",
        on_select="rerun",
        selection_mode="single-row",
    )
    rows = picked["selection"]["rows"]
    if rows and rows[0] < len(answer.rules):
        rule = answer.rules.iloc[rows[0]]
        _section(text("data_check.findings", language, rule=rule["rule"]))
        findings = answer.findings[answer.findings["rule_id"] == rule["rule_id"]]
        if findings.empty:
            st.caption(text("data_check.no_findings", language))
        else:
            _table(findings, RULE_FINDINGS, _FINDINGS, page, key="findings")
    download_buttons(
        answer.bundles["findings"],
        key="findings_file",
        label=text("data_check.download_findings", language),
    )


def _section(title: str) -> None:
    st.html(f'<h2 class="section">{escape(title)}</h2>')


def _table(
    rows: pd.DataFrame,
    declaration: Table,
    columns: list[str],
    page: Page,
    *,
    key: str,
    height: int | None = None,
) -> None:
    st.dataframe(
        rows[columns],
        hide_index=True,
        height=height or "auto",
        column_config=column_config(declaration, page.language),
        key=key,
        placeholder="—",
    )
