"""The list of gaps as the page shows it: codes in words, rows as the browser reads them.

Which list to ask for first, by what knowing it would change, ready for a file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from network_map.export import Bundle
from network_map.gaps.answer import Gaps, lists_of
from network_map.gaps.ask_first import ListEffects, ask_first, list_effects
from network_map.gaps.facts import GapFacts
from network_map.gaps.query import REACH_KINDS, GapQuery
from network_map.gaps.rank_draws import DrawInputs
from network_map.gaps.report import code_words_of, weights_text
from network_map.gaps.tables import GAP_CALLS, GAPS
from network_map.i18n import text
from network_map.maps.charts import table_rows
from network_map.nodes.dataset import Dataset
from network_map.places.reference import Places, code_words, dataset_label, place_names
from network_map.tables.check import assembled

_DIGITS = 3


def effects_of(facts: GapFacts, inputs: DrawInputs) -> tuple[ListEffects, ...]:
    """Return what each unknown list would do to the severities; no weight changes it.

    Parameters
    ----------
    facts, inputs
        As in :func:`calls_of`.
    """
    return tuple(list_effects(inputs, lists_of(facts)))


def calls_of(
    facts: GapFacts,
    inputs: DrawInputs,
    query: GapQuery,
    *,
    effects: Sequence[ListEffects] | None = None,
) -> pd.DataFrame:
    """Return table ``ask_first`` for the weights, draws and seed of a query.

    Parameters
    ----------
    facts
        What :func:`~network_map.gaps.facts.gap_facts` returned.
    inputs
        What :func:`~network_map.gaps.answer.inputs_of` returned for them.
    query
        What is asked for.
    effects
        What :func:`effects_of` returned for them; None: made here.
    """
    known = effects_of(facts, inputs) if effects is None else effects
    return ask_first(inputs, query.weight_of, known, seed=query.seed, draws=query.draws)


def call_table(places: Places, calls: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return the calls in words as ``gap_calls``."""
    names = place_names(places.divisions, language)
    whole = text("gap.whole_list", language)
    return assembled(
        GAP_CALLS,
        {
            "order": calls["order"].array,
            "list_name": code_words("priority.fact", calls["list_code"], language),
            "keeper": code_words("priority.keeper", calls["list_code"], language),
            "place_name": [names.get(code, whole) for code in calls["adcode"].tolist()],
            "question": code_words("priority.question", calls["question_code"], language),
            "expected_changes": calls["expected_changes"].to_numpy("float64").round(_DIGITS),
            "adcode": calls["adcode"].array,
        },
    )


def call_bundle(
    places: Places, dataset: Dataset, calls: pd.DataFrame, *, query: GapQuery
) -> Bundle:
    """Return the list of calls with what a file about it must say."""
    language = query.language
    return Bundle(
        table=call_table(places, calls, language),
        declaration=GAP_CALLS,
        title=text("gap.calls_title", language),
        language=language,
        filters=((text("gap.filter.weights", language), weights_text(query.weights, language)),),
        method_notes=(text("gap.calls_note", language),),
        sources=(text("source.network", language),),
        dataset_label=dataset_label(dataset.name, language),
        is_demo=dataset.is_demo,
        file_stem=call_stem(dataset),
    )


def call_stem(dataset: Dataset) -> str:
    """Return the name of the files without their ending."""
    return f"ask_first_{dataset.name}"


_COLUMNS = [
    "rank", "rank_low", "rank_high", "county_name", "prefecture_name", "residents", "score",
    "top_percent", "suggested_action", *(f"{kind}_verdict" for kind in REACH_KINDS),
    "consortium_verdict",
    "absorption_contract_count", "reason",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class GapRows:
    """What the list is called, and its rows as the browser reads them."""

    title: str
    json_bytes: bytes


def gap_rows(places: Places, answer: Gaps, *, query: GapQuery) -> GapRows:
    """Return the list of an answer; a column without any value is left out.

    Parameters
    ----------
    places
        The reference tables.
    answer
        What ``gaps.gap_answer`` returned for the query.
    query
        Its language and prefecture.
    """
    language, table = query.language, answer.table
    area = (
        text("frame.whole_province", language)
        if query.prefecture_adcode is None
        else place_names(places.divisions, language)[query.prefecture_adcode]
    )
    title_key = "gap.table" if table["rank"].notna().any() else "gap.table_unranked"
    title = text(title_key, language, area=area, count=len(table))
    words = code_words_of(language)
    shown = [name for name in _COLUMNS if table[name].notna().any()]
    worded = table.assign(**{n: _worded(table[n], words[n]) for n in shown if n in words})
    return GapRows(
        title,
        table_rows(worded, GAPS, columns=shown, id_column="adcode", label=title, language=language),
    )


@dataclass(frozen=True, slots=True)
class CallRows:
    """Which list to ask for first, as the browser reads it.

    Parameters
    ----------
    title, json_bytes
        What the list is called, and its rows.
    counties
        Code of the place of each row, by the row's id; empty where there is nothing to ask.
    """

    title: str
    json_bytes: bytes
    counties: Mapping[str, str]


def call_rows(places: Places, calls: pd.DataFrame, *, language: str) -> CallRows:
    """Return which list to ask for first; ``calls`` from :func:`calls_of`."""
    table = call_table(places, calls, language)
    title = text("gap.calls_title", language)
    shown = table_rows(
        table, GAP_CALLS, columns=GAP_CALLS.names[:-1], id_column="order", label=title,
        language=language,
    )  # fmt: skip
    return CallRows(title, shown, dict(zip(map(str, table["order"]), table["adcode"], strict=True)))


def _worded(codes: pd.Series, words: Mapping[str, str]) -> pd.Series:
    return pd.Series([words.get(code) for code in codes.tolist()], codes.index, dtype="str")
