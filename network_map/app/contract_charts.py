"""The concentration of sellers or buyers, counted only where somebody asks for it."""

from functools import partial
from html import escape

import streamlit as st

from network_map.app import contract_memo as contract_answers
from network_map.app.kit.frame import Page
from network_map.app.kit.plain import plain
from network_map.app.kit.tables import LIST_FORMATS, later_download_buttons
from network_map.app.kit.unfolding import unfolds
from network_map.app.ui_contract_charts import money_config
from network_map.contracts.contract_results import CONTRACT_PARTIES, PARTY_ROWS
from network_map.contracts.contracts_cuts import cut_side
from network_map.contracts.query import ContractQuery
from network_map.contracts.register.open_contracts import OpenContracts
from network_map.contracts.report import party_bundle, stem_of
from network_map.i18n import count_text, text

_HEIGHT_PX = 498
_COLUMNS = [
    "party_row", "rank", "party_count", "contract_count", "contract_value_10k_yuan",
    "value_share_percent", "cumulative_share_percent",
]  # fmt: skip


def show_parties(page: Page, opened: OpenContracts, query: ContractQuery, span_text: str) -> None:
    """Show how much the largest sellers or buyers have; it takes a pass over every contract."""
    language = query.language
    side = text(f"monitor.parties.{cut_side(query).value}", language)
    head = f"{text('monitor.parties.section', language, side=side)} · {span_text}"
    st.html(f'<h2 class="section">{escape(head)}</h2>')
    row = st.container(horizontal=True)
    if not unfolds(row, text("monitor.parties.open", language), key="contract_parties_open"):
        return
    table = contract_answers.parties(opened, query)
    of_total = table[table["party_row"] == "total"].iloc[0]
    shares = table["cumulative_share_percent"].dropna()
    share = f"{shares.iloc[-1]:.1f}%" if len(shares) else "–"
    count = count_text(int(of_total["party_count"]))
    said = text("monitor.parties.summary", language, side=side, count=count,
                largest=len(shares), share=share)  # fmt: skip
    st.caption(plain(f"{said} {text('monitor.note.parties', language)}"))
    words = {row: text(f"monitor.party_row.{row}", language) for row in PARTY_ROWS}
    st.dataframe(
        table.assign(party_row=table["party_row"].map(words))[_COLUMNS],
        hide_index=True,
        height=_HEIGHT_PX,
        column_config=money_config(CONTRACT_PARTIES, language),
        key="contract_parties_table",
        placeholder="–",
    )
    later_download_buttons(
        partial(party_bundle, opened, page.places, query),
        file_stem=stem_of(opened, query, "parties"),
        key="contract_parties",
        label=text("monitor.parties.download", language),
        language=language,
        formats=LIST_FORMATS,
    )
