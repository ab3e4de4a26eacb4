"""``network-map gaps``: the list of coverage gaps, byte for byte as the page hands it out.

``network-map indices``: an index of the counties, as the page hands it out.
"""

import os
import sys
from argparse import Namespace
from dataclasses import replace

from network_map.cli.output import area_query, dataset_of, say, wanted_format, write_bundle
from network_map.config import Settings, day_of_making
from network_map.contracts.register.open import open_contract_register
from network_map.datasets import open_dataset
from network_map.gaps.answer import inputs_of
from network_map.gaps.ask_first import call_bundle, calls_of
from network_map.gaps.facts import register_facts
from network_map.gaps.query import GapQuery
from network_map.gaps.report import facts_of, gap_report, weights_text
from network_map.gaps.weights import is_scaled, written_weights
from network_map.i18n import text
from network_map.nodes.dataset import places_of
from network_map.places.reference import open_places
from network_map.reach.standards import refuse_other_unit
from network_map.reach.travel_times import own_travel


def run(arguments: Namespace, settings: Settings) -> int:
    """Write the coverage gaps of a data set, or which lists to ask for first.

    Raises
    ------
    QueryError
        If the data set, the prefecture or a setting cannot be used, or a binary file has no name.
    WorkspaceError
        If a file cannot be written, or a register not be read.
    """
    format_name = wanted_format(arguments)
    places = open_places()
    asked = area_query(GapQuery, arguments, places, settings.language)
    refuse_other_unit(asked.unit, in_km=arguments.standard, in_minutes=arguments.minutes)
    name = arguments.dataset or settings.dataset
    dataset = open_dataset(dataset_of(arguments.dataset, settings))
    query = replace(
        asked, made_on=day_of_making(os.environ),
        travel=own_travel(dataset.further).get(asked.method),
    )  # fmt: skip
    places = places_of(places, dataset)
    _say_scaled(arguments.weights, query)
    register = open_contract_register(name, settings)
    if arguments.ask:
        facts = facts_of(places, dataset, register_facts(register), query=query)
        inputs = inputs_of(facts, draws=query.draws, seed=query.seed)
        bundle = call_bundle(places, dataset, calls_of(facts, inputs, query), query=query)
    else:
        bundle = gap_report(places, dataset, register, query=query)
    write_bundle(bundle, format_name, arguments, settings)
    return 0


def _say_scaled(written: str, query: GapQuery) -> None:
    """Say on stderr that weights which do not sum to 1 were scaled; the file tells the result."""
    given = written_weights(written)
    if is_scaled(given):
        shown = weights_text(query.weights, query.language)
        total = f"{sum(given.values()):.3g}"
        say(text("gap.scaled", query.language, total=total, weights=shown), file=sys.stderr)


def run_indices(arguments: Namespace, settings: Settings) -> int:
    """Write an index of a data set.

    Raises
    ------
    QueryError
        If the data set or the prefecture cannot be used, or a binary file has no name.
    WorkspaceError
        If a file cannot be written, or a register not be read.
    """
    # The list of gaps needs none of these.
    from network_map.indices.answer import (  # noqa: PLC0415
        IndexQuery,
        county_neighbours,
        index_answer,
    )
    from network_map.indices.report import groups_bundle, index_bundle  # noqa: PLC0415

    format_name = wanted_format(arguments)
    places = open_places()
    query = area_query(IndexQuery, arguments, places, settings.language)
    name = arguments.dataset or settings.dataset
    dataset = open_dataset(dataset_of(arguments.dataset, settings))
    places = places_of(places, dataset)
    register = register_facts(open_contract_register(name, settings))
    facts = facts_of(places, dataset, register, query=GapQuery())
    answer = index_answer(
        places, dataset, facts, county_neighbours(), index=query.index, language=query.language
    )
    make = groups_bundle if arguments.groups else index_bundle
    bundle = make(places, dataset, facts, answer, query=query)
    write_bundle(bundle, format_name, arguments, settings)
    return 0
