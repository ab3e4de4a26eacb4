"""Which counties would lose which node, if it closed: counted for the page, by name for a file.

What the two switches of the possible lists change: the answer under each, side by side.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from network_map.completion.ensemble import nested_ensemble
from network_map.completion.summary import completion_table
from network_map.completion.tables import COMPLETION_SHARES
from network_map.export import Bundle
from network_map.gaps.answer import PRESENCE_NAMES
from network_map.gaps.facts import GapFacts
from network_map.gaps.query import REACH_KINDS, GapQuery
from network_map.gaps.report import code_words_of
from network_map.gaps.tables import GAP_LOSSES, GAP_SWITCHES
from network_map.i18n import text
from network_map.nodes.dataset import Dataset, node_labels
from network_map.nodes.presence import roll_of
from network_map.places.reference import Places, code_words, dataset_label, kind_names, place_names
from network_map.tables.check import conform

_SHOWN_NODES = 8
_KM_DIGITS = 1


def fragile_nodes(
    places: Places, dataset: Dataset, facts: GapFacts, *, query: GapQuery
) -> tuple[tuple[str, int], ...]:
    """Return the named nodes whose closure would make verdicts worse, and of how many counties.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    facts
        What :func:`~network_map.gaps.facts.gap_facts` returned for the query.
    query
        Its language and prefecture.
    """
    counts = _inside(places, facts, query)["node_id"].value_counts().head(_SHOWN_NODES)
    labels = node_labels(dataset, places.divisions, query.language)
    return tuple((labels[str(node)], int(count)) for node, count in counts.items())


def loss_table(
    places: Places, dataset: Dataset, facts: GapFacts, *, query: GapQuery
) -> pd.DataFrame:
    """Return every county that the closure of a named node would make worse off.

    Parameters
    ----------
    places, dataset, facts, query
        As in :func:`fragile_nodes`.

    Returns
    -------
    pandas.DataFrame
        Declared table ``gap_losses``: the nodes that most would miss first, new gaps first.
    """
    language = query.language
    losses = _inside(places, facts, query)
    names = place_names(places.divisions, language)
    parents = places.divisions.set_index("adcode")["parent_adcode"]
    many = losses["node_id"].map(losses["node_id"].value_counts())
    ordered = losses.assign(many=many, old=~losses["is_new_gap"]).sort_values(
        ["many", "node_id", "old", "adcode"], ascending=[False, True, True, True]
    )
    kilometres = {name: ordered[name].round(_KM_DIGITS) for name in ("km", "km_after")}
    named = ordered.assign(
        kind_name=ordered["kind"].map(kind_names(dataset.node_kinds, language)),
        node_label=ordered["node_id"].map(node_labels(dataset, places.divisions, language)),
        county_name=ordered["adcode"].map(names),
        prefecture_name=ordered["adcode"].map(parents).map(names),
        verdict_now=code_words("term.verdict", ordered["reach_verdict"], language),
        verdict_then=code_words("term.verdict", ordered["verdict_after"], language),
        **kilometres,
    )
    return conform(GAP_LOSSES, named)


def loss_bundle(places: Places, dataset: Dataset, facts: GapFacts, *, query: GapQuery) -> Bundle:
    """Return the losses with what a file about them must say."""
    language = query.language
    area = place_names(places.divisions, language)[query.area_adcode]
    kinds = kind_names(dataset.node_kinds, language, short=True)
    km = text("unit.km", language)
    standards = (f"{kinds[s.kind]} {s.standard_km:g} {km}" for s in query.services)
    method = text(f"term.distance_method.{query.method.value}", language)
    return Bundle(
        table=loss_table(places, dataset, facts, query=query),
        declaration=GAP_LOSSES,
        title=text("gap.losses_title", language, area=area),
        language=language,
        filters=(
            (text("filter.prefecture", language), area),
            (text("gap.filter.standards", language),
             text("node_list.separator", language).join(standards)),
            (text("gap.filter.method", language), method),
        ),
        method_notes=(text("gap.losses_note", language),),
        sources=(text("source.network", language),),
        dataset_label=dataset_label(dataset.name, language),
        is_demo=dataset.is_demo,
        file_stem=loss_stem(dataset, query),
    )  # fmt: skip


def loss_stem(dataset: Dataset, query: GapQuery) -> str:
    """Return the name of the files without their ending."""
    return f"closure_losses_{dataset.name}_{query.area_adcode}"


def _inside(places: Places, facts: GapFacts, query: GapQuery) -> pd.DataFrame:
    losses = facts.losses
    if query.prefecture_adcode is None:
        return losses
    divisions = places.divisions
    is_inside = divisions["parent_adcode"] == query.prefecture_adcode
    return losses[losses["adcode"].isin(divisions.loc[is_inside, "adcode"])]


SWITCHES = (("one", True, False), ("nested", True, True), ("several", False, False))
"""Name, *one per place*, *a demonstration county has a centre*: the lists that can be counted."""


def switch_table(facts_of: Callable[[GapQuery], GapFacts], *, query: GapQuery) -> pd.DataFrame:
    """Return how many counties of the area have each finding under each switch.

    Parameters
    ----------
    facts_of
        Returns the facts of a query.
    query
        What is asked for, with its area and language.

    Returns
    -------
    pandas.DataFrame
        Declared table ``gap_switches``.
    """
    rows = []
    for name, one_per_place, nested in SWITCHES:
        asked = replace(query, one_per_place=one_per_place, nested=nested)
        facts = facts_of(asked.facts_part)
        is_chosen = (query.one_per_place, query.nested) == (one_per_place, nested)
        label = text(f"gap.switch.{name}", query.language)
        if nested and facts.nested is None:
            none = text("gap.note.no_nested", query.language)
            rows.append({"lists": label, "is_chosen": is_chosen, **dict.fromkeys(_COLUMNS, none)})
        else:
            rows.append({"lists": label, "is_chosen": is_chosen, **_counts(facts, query)})
    return conform(GAP_SWITCHES, pd.DataFrame(rows))


def presence_bundle(
    places: Places, dataset: Dataset, facts: GapFacts, *, query: GapQuery
) -> Bundle:
    """Return the share of lists with a node for each place by name, under both switches.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    facts
        What :func:`~network_map.gaps.facts.gap_facts` returned for the query.
    query
        Its area and language.
    """
    language = query.language
    names = place_names(places.divisions, language)
    nested = nested_ensemble(facts.by_kind)
    table = completion_table(
        roll_of(places, dataset), facts.by_kind, nested=nested if nested.has_parts else None
    )
    if query.prefecture_adcode is not None:
        table = table[table["prefecture_adcode"] == query.prefecture_adcode]
    named = table.assign(
        kind_name=table["kind"].map(kind_names(dataset.node_kinds, language)),
        place_name=table["adcode"].map(names),
        prefecture_name=table["prefecture_adcode"].map(names),
    )
    verdicts = code_words_of(language)["county_centre_presence"]
    switch = "one" if query.one_per_place else "several"
    return Bundle(
        table=conform(COMPLETION_SHARES, named),
        declaration=COMPLETION_SHARES,
        title=text("gap.switch.title", language, area=names[query.area_adcode]),
        language=language,
        filters=(
            (text("filter.prefecture", language), names[query.area_adcode]),
            (text("gap.filter.lists", language), text(f"gap.switch.{switch}", language)),
        ),
        method_notes=(text("gap.method.presence", language),),
        sources=(text("source.network", language),),
        dataset_label=dataset_label(dataset.name, language),
        is_demo=dataset.is_demo,
        file_stem=presence_stem(dataset, query),
        words={"verdict_code": verdicts, "verdict_code_nested": verdicts},
    )


def presence_stem(dataset: Dataset, query: GapQuery) -> str:
    """Return the name of the files without their ending."""
    return f"possible_lists_{dataset.name}_{query.area_adcode}"


_COLUMNS = tuple(f"{name}_findings" for name in (*PRESENCE_NAMES.values(), *REACH_KINDS))


def _counts(facts: GapFacts, query: GapQuery) -> dict[str, str]:
    counties = facts.counties.set_index("adcode")
    inside = counties.index
    if query.prefecture_adcode is not None:
        inside = counties.index[counties["prefecture_adcode"] == query.prefecture_adcode]
    words = code_words_of(query.language)
    found = {
        name: (facts.presence[kind]["verdict_code"], words[f"{name}_presence"])
        for kind, name in PRESENCE_NAMES.items()
    } | {
        kind: (facts.reaches[kind].rows["verdict"], words[f"{kind}_verdict"])
        for kind in REACH_KINDS
    }
    return {
        f"{name}_findings": _counted(codes.reindex(inside), called)
        for name, (codes, called) in found.items()
    }


def _counted(codes: "pd.Series[str]", words: dict[str, str]) -> str:
    """Return the findings that occur with their counts, in the order of their declaration."""
    counts = Counter(codes.tolist())
    return " · ".join(f"{word} {counts[code]}" for code, word in words.items() if counts[code])
