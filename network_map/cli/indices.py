"""``network-map indices``: an index of the counties, as the page hands it out."""

from argparse import Namespace

from network_map.cli.output import dataset_of, wanted_format, write_bundle
from network_map.config import Settings
from network_map.contracts.register.open import open_contract_register
from network_map.datasets.open import open_dataset
from network_map.gaps.facts import register_facts
from network_map.gaps.query import GapQuery
from network_map.gaps.report import facts_of
from network_map.indices.answer import county_neighbours, index_answer
from network_map.indices.query import Index, IndexQuery
from network_map.indices.report import groups_bundle, index_bundle
from network_map.nodes.report import find_prefecture
from network_map.places.reference import open_places


def run(arguments: Namespace, settings: Settings) -> int:
    """Write an index of a data set.

    Raises
    ------
    QueryError
        If the data set or the prefecture cannot be used, or a binary file has no name.
    WorkspaceError
        If a file cannot be written, or a register not be read.
    """
    format_name = wanted_format(arguments)
    places = open_places()
    prefecture = None
    if arguments.prefecture is not None:
        prefecture = find_prefecture(places, arguments.prefecture)
    query = IndexQuery(
        index=Index(arguments.index), language=settings.language, prefecture_adcode=prefecture
    )
    name = arguments.dataset or settings.dataset
    dataset = open_dataset(dataset_of(arguments.dataset, settings))
    register = register_facts(open_contract_register(name, settings))
    facts = facts_of(places, dataset, register, query=GapQuery())
    answer = index_answer(
        places, dataset, facts, county_neighbours(), index=query.index, language=query.language
    )
    make = groups_bundle if arguments.groups else index_bundle
    bundle = make(places, dataset, facts, answer, query=query)
    write_bundle(bundle, format_name, arguments, settings)
    return 0
