"""The blocks of the page of coverage gaps, in the order a planner reads them."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from html import escape

import pandas as pd
import streamlit as st

from network_map.app import gap_memo as gap_answers
from network_map.app.gap_controls import choose, choose_weights, chosen
from network_map.app.kit import choices as state
from network_map.app.kit import gap_state
from network_map.app.kit import memo as cached
from network_map.app.kit.frame import Page, told
from network_map.app.kit.kept_choices import KEPT, kept
from network_map.app.kit.linked_table import linked_table
from network_map.app.kit.map import missing_assets, show_map
from network_map.app.kit.plain import plain
from network_map.app.kit.tables import LIST_FORMATS, column_config, later_download_buttons
from network_map.app.kit.unfolding import unfolds
from network_map.errors import MissingFileError
from network_map.gaps.answer import Gaps, verdict_counts
from network_map.gaps.card import CardPart, card_parts
from network_map.gaps.gaps_calls import call_bundle, call_stem
from network_map.gaps.gaps_switches import presence_bundle, presence_stem, switch_table
from network_map.gaps.map import gap_map
from network_map.gaps.priority import COMPONENTS
from network_map.gaps.query import GapQuery
from network_map.gaps.rank_interval import CAUSES
from network_map.gaps.report import gap_bundle, gap_stem
from network_map.gaps.switches import loss_bundle, loss_stem
from network_map.gaps.tables import GAP_LOSSES, GAP_SWITCHES
from network_map.i18n import number_text, text
from network_map.maps.charts import Bar, bar_list
from network_map.places.words import kind_names, place_names
from network_map.terms import AdminLevel

MAP_HEIGHT_PX = 520
TABLE_HEIGHT_PX = 380
CALLS_HEIGHT_PX = 260
LOSSES_HEIGHT_PX = 320


@st.fragment
def show(page: Page) -> None:
    """Show the page; a choice in it reruns this part only, not the whole page.

    Parameters
    ----------
    page
        What the page works with.
    """
    with told(page.language):
        # The choices are drawn after the answer, into a place kept for them: the browser then has
        # the answer while it still builds the rest.
        choices_place = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
        settings_place = st.container()
        show_answer(page)
        with choices_place:
            is_open = choose(page, settings_place)
        if is_open:
            with settings_place:
                _show_switches(page)


def _show_switches(page: Page) -> None:
    """Show what the two switches of the possible lists change, and the shares by place."""
    language = page.language
    query, _ = gap_state.query()
    st.caption(text("gap.switch.heading", language))
    st.dataframe(
        switch_table(partial(gap_answers.facts, page), query=query),
        hide_index=True,
        column_config=column_config(GAP_SWITCHES, language),
        key="gap_switches",
    )
    later_download_buttons(
        partial(
            presence_bundle, page.places, page.dataset, gap_answers.facts(page, query), query=query
        ),
        file_stem=presence_stem(page.dataset, query),
        key="gap_presence_file",
        label=text("gap.switch.download", language),
        language=language,
        formats=LIST_FORMATS,
    )


@st.fragment
def show_answer(page: Page) -> None:
    """Show weights, map and lists; a moved weight or a chosen county reruns these alone.

    Parameters
    ----------
    page
        What the page works with.
    """
    with told(page.language):
        # Sentences come and go in a place of their own, so that the map keeps its number.
        notes_place = st.container()
        try:
            with notes_place:
                query, answer = _counted(page)
        finally:
            # The weights stand above the contributions that they make, also where nothing else can.
            map_place, card_place = st.columns([2.6, 1])
            with card_place.container(height=MAP_HEIGHT_PX, border=True):
                choose_weights(page.language)
                county_place = st.container()
        state.write_link(page.dataset)
        if answer.table.empty:
            map_place.info(text("gap.table_empty", page.language, area=page.area_name))
            return
        with map_place:
            _show_map(page, answer, query)
        with county_place:
            _show_county(page, answer, query)
        _show_table(page, query)
        _show_downloads(page, query)
        _show_calls(page, query)
        _show_fragile(page, query)


def _counted(page: Page) -> tuple[GapQuery, Gaps]:
    """Return query and answer, and say what there is to say.

    All of the part is counted before any of it is drawn: the browser draws once, and what it then
    fetches does not wait for a server that counts.
    """
    query = chosen(page)
    answer = gap_answers.answer(page, query)
    gap_answers.rows(page, query)
    gap_answers.call_list(page, query)
    _say_notes(page, answer, query)
    return query, answer


def _say_notes(page: Page, answer: Gaps, query: GapQuery) -> None:
    """Count the verdicts of the chosen kind, say what its list lacks, and keep the rest at hand."""
    language = page.language
    kind = kind_names(page.dataset.node_kinds, language, short=True)[query.tier]
    counts = " · ".join(
        f"{text(f'gap.verdict.{verdict.value}', language)} {count}"
        for verdict, count in verdict_counts(answer, query.tier).items()
    )
    first = answer.list_notes.get(query.tier)
    others = [note for note in answer.notes if note != first]
    line = text("gap.summary", language, kind=kind, counts=counts)
    said = plain(" ".join(said for said in (line, first) if said))
    if not others:
        st.caption(said)
        return
    said_place, rest_place = st.columns([5, 1], vertical_alignment="center")
    said_place.caption(said)
    with rest_place.popover(text("gap.more_notes", language, count=len(others)), width="stretch"):
        st.markdown("\n\n".join(map(plain, others)))


def _show_map(page: Page, answer: Gaps, query: GapQuery) -> None:
    with told(page.language):
        if missing := missing_assets():
            raise MissingFileError("map_asset_missing", files="、".join(missing))
        show_map(
            gap_map(page.dataset, answer, query=query, tier=gap_answers.tier(page, query)),
            key="gap_map",
            height=MAP_HEIGHT_PX,
            on_click=state.select_county,
            tile_layers=cached.settings().tile_layers,
        )


def _show_county(page: Page, answer: Gaps, query: GapQuery) -> None:
    """Show where the score of the selected county comes from, another one beside it."""
    language = page.language
    row = _row_of(answer, query.selected_adcode)
    if row is None:
        st.caption(text("gap.card_hint", language))
        return
    most = 100.0 * max(query.weights)  # of both counties, so that they compare
    kinds = kind_names(page.dataset.node_kinds, language, short=True)
    st.html(_county_html(row, most, kinds, language))
    names = place_names(page.places.divisions, language)
    counties = page.places.divisions
    codes = counties.loc[counties["level"] == AdminLevel.COUNTY, "adcode"]
    st.selectbox(
        text("gap.compare_label", language),
        [gap_state.NO_COUNTY, *codes],
        format_func=lambda code: names.get(code, text("gap.compare_none", language)),
        key=kept("gap_compare"),
        persist_state=KEPT,
    )
    if query.compared_adcode is None:
        return
    whole = gap_answers.answer(page, replace(query, prefecture_adcode=None))
    other = _row_of(whole, query.compared_adcode)
    if other is not None:
        st.html(_county_html(other, most, kinds, language))


def _row_of(answer: Gaps, adcode: str | None) -> pd.Series | None:
    """Return the row of a county, None where the list has none."""
    place = {code: place for place, code in enumerate(answer.table["adcode"].tolist())}.get(adcode)
    return None if place is None else answer.table.iloc[place]


def _causes_line(row: pd.Series, language: str) -> str:
    """Return how far the rank moves by each cause alone, and which one moves it most."""
    parts = " · ".join(
        text("gap.cause_range", language, cause=text(f"gap.cause.{cause.value}", language),
             low=row[f"rank_low_{cause.value}"], high=row[f"rank_high_{cause.value}"])
        for cause in CAUSES
    )  # fmt: skip
    largest = text(f"gap.cause.{row['largest_cause']}", language)
    return text("gap.causes_line", language, parts=parts, largest=largest)


def _county_html(row: pd.Series, most: float, kinds: Mapping[str, str], language: str) -> str:
    score, low, high = (number_text(row[n], 2) for n in ("score", "score_low", "score_high"))
    lines = [text("gap.score_line", language, score=score, low=low, high=high)]
    if pd.isna(row["rank_low"]):
        lines.append(text("gap.rank_line", language, rank=row["rank"]))
    else:
        ends = {"low": row["rank_low"], "high": row["rank_high"]}
        lines.append(text("gap.rank_interval_line", language, rank=row["rank"], **ends))
        lines.append(_causes_line(row, language))
    bars = [
        Bar(
            text(f"gap.component.{name}", language),
            float(row[f"contribution_{name}"]),
            text("gap.points", language, points=number_text(row[f"contribution_{name}"], 2)),
        )
        for name in COMPONENTS
    ]
    title = text(
        "gap.contributions", language, name=row["county_name"], score=number_text(row["score"], 2)
    )
    told_lines = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return (
        f'<div class="card"><h2>{escape(str(row["county_name"]))}</h2>{told_lines}</div>'
        f"{bar_list(title, bars, most=most)}"
        f'<div class="card"><p>{escape(str(row["reason"]))}</p>'
        f"{''.join(map(_part_html, card_parts(row, kinds, language=language)))}</div>"
    )


def _part_html(part: CardPart) -> str:
    lines = "".join(
        f'<div class="line"><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>'
        for label, value in part.lines
    )
    notes = "".join(f"<p>{escape(note)}</p>" for note in part.notes)
    return f"<h3>{escape(part.title)}</h3><dl>{lines}</dl>{notes}"


def _show_table(page: Page, query: GapQuery) -> None:
    """Show the list; a chosen row selects the county on the map."""
    rows = gap_answers.rows(page, query)
    st.html(f'<h2 class="section">{escape(rows.title)}</h2>')
    linked_table(
        rows.json_bytes,
        key="gap_table",
        selected=query.selected_adcode,
        height=TABLE_HEIGHT_PX,
        on_choose=state.select_county,
    )


def _show_downloads(page: Page, query: GapQuery) -> None:
    later_download_buttons(
        partial(gap_bundle, page.places, page.dataset, gap_answers.facts(page, query), query=query),
        file_stem=gap_stem(page.dataset, query),
        key="gap_list",
        label=text("gap.download", page.language),
        language=page.language,
    )


def _show_calls(page: Page, query: GapQuery) -> None:
    """Show which unknown fact, settled by one call, would change the first ten most."""
    language = page.language
    calls = gap_answers.calls(page, query)
    rows = gap_answers.call_list(page, query)
    st.html(f'<h2 class="section">{escape(rows.title)}</h2>')
    if not rows.counties:
        st.caption(text("gap.calls_none", language))
        return
    linked_table(
        rows.json_bytes,
        key="gap_calls",
        selected=None,
        height=CALLS_HEIGHT_PX,
        on_choose=partial(_choose_call, rows.counties),
    )
    st.caption(text("gap.calls_note", language))
    later_download_buttons(
        partial(call_bundle, page.places, page.dataset, calls, query=query),
        file_stem=call_stem(page.dataset),
        key="gap_calls_file",
        label=text("gap.calls_download", language),
        language=language,
        formats=LIST_FORMATS,
    )


def _choose_call(counties: Mapping[str, str], row_id: str | None) -> None:
    """Select the county of a call; a prefecture or the province is none."""
    adcode = counties.get(str(row_id))
    if isinstance(adcode, str) and not adcode.endswith("00"):
        state.select_county(adcode)


def _show_fragile(page: Page, query: GapQuery) -> None:
    """Show the named nodes whose closure would make the verdict of counties worse."""
    language = page.language
    lost = gap_answers.fragile(page, query)
    bars = [
        Bar(name, float(count), text("gap.fragile_count", language, count=count))
        for name, count in lost
    ]
    none = f"<p>{escape(text('gap.fragile_none', language))}</p>"
    title = f'<h2 class="section">{escape(text("gap.fragile", language))}</h2>'
    st.html(title + (bar_list("", bars) if bars else none))
    if not bars:
        return
    row = st.container(horizontal=True)
    if not unfolds(row, text("gap.losses_open", language), key="gap_losses_open"):
        return
    st.caption(text("gap.losses_note", language))
    bundle = partial(
        loss_bundle, page.places, page.dataset, gap_answers.facts(page, query), query=query
    )
    st.dataframe(
        bundle().table,
        hide_index=True,
        height=LOSSES_HEIGHT_PX,
        column_config=column_config(GAP_LOSSES, language),
        column_order=GAP_LOSSES.names[:-2],
        key="gap_losses",
        placeholder="—",
    )
    later_download_buttons(
        bundle,
        file_stem=loss_stem(page.dataset, query),
        key="gap_losses_file",
        label=text("gap.losses_download", language),
        language=language,
        formats=LIST_FORMATS,
    )
