"""Which counties would lose which node, if it closed: counted for the page, by name for a file."""

import pandas as pd

from network_map.export import Bundle
from network_map.gaps.facts import GapFacts
from network_map.gaps.query import GapQuery
from network_map.gaps.tables import GAP_LOSSES
from network_map.i18n import text
from network_map.nodes.dataset import Dataset, node_labels
from network_map.places.reference import Places, code_words, dataset_label, kind_names, place_names
from network_map.reach.tables import in_unit
from network_map.tables.check import conform

_SHOWN_NODES = 8
_KM_DIGITS = 1


def loss_table(
    places: Places, dataset: Dataset, facts: GapFacts, *, query: GapQuery
) -> pd.DataFrame:
    """Return every county that the closure of a named node would make worse off.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    facts
        What :func:`~network_map.gaps.facts.gap_facts` returned for the query.
    query
        Its language and prefecture.

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
    km = text(f"unit.{query.unit.value}", language)
    standards = (f"{kinds[s.kind]} {s.standard_km:g} {km}" for s in query.services)
    method = text(f"term.distance_method.{query.method.value}", language)
    rows, declaration = in_unit(
        loss_table(places, dataset, facts, query=query), GAP_LOSSES, query.unit
    )
    return Bundle(
        table=rows,
        declaration=declaration,
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
