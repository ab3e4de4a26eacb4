"""``network-map gaps``: the list of coverage gaps, byte for byte as the page hands it out.

``network-map indices``: an index of the counties, as the page hands it out.
"""

import sys
from argparse import Namespace

from network_map.cli.output import dataset_of, say, wanted_format, write_bundle
from network_map.config import Settings
from network_map.contracts.register.open import open_contract_register
from network_map.datasets.open import open_dataset
from network_map.errors import QueryError
from network_map.gaps.facts import register_facts
from network_map.gaps.priority import is_scaled
from network_map.gaps.query import (
    MOST_SEED,
    MOST_YEARS,
    GapQuery,
    ListOdds,
    changed_rules,
    changed_standards,
    weights_of,
    written_weights,
)
from network_map.gaps.report import facts_of, gap_bundle, weights_text
from network_map.i18n import text
from network_map.indices.answer import county_neighbours, index_answer
from network_map.indices.query import Index, IndexQuery
from network_map.indices.report import groups_bundle, index_bundle
from network_map.nodes.report import find_prefecture
from network_map.places.reference import Places, open_places
from network_map.terms import DistanceMethod, ServiceRule


def run(arguments: Namespace, settings: Settings) -> int:
    """Write the coverage gaps of a data set.

    Raises
    ------
    QueryError
        If the data set, the prefecture or a setting cannot be used, or a binary file has no name.
    WorkspaceError
        If a file cannot be written, or a register not be read.
    """
    format_name = wanted_format(arguments)
    places = open_places()
    query = _query(arguments, places, settings.language)
    name = arguments.dataset or settings.dataset
    dataset = open_dataset(dataset_of(arguments.dataset, settings))
    register = register_facts(open_contract_register(name, settings))
    _say_scaled(arguments.weights, query)
    facts = facts_of(places, dataset, register, query=query)
    write_bundle(gap_bundle(places, dataset, facts, query=query), format_name, arguments, settings)
    return 0


def _query(arguments: Namespace, places: Places, language: str) -> GapQuery:
    if not 1 <= arguments.years <= MOST_YEARS:
        raise QueryError("gap_years", most=MOST_YEARS, found=arguments.years)
    if not 0 <= arguments.seed <= MOST_SEED:
        raise QueryError("gap_seed", most=MOST_SEED, found=arguments.seed)
    if arguments.nested and arguments.several_per_place:
        raise QueryError("completion_nested_several")
    prefecture = None
    if arguments.prefecture is not None:
        prefecture = find_prefecture(places, arguments.prefecture)
    return GapQuery(
        language=language,
        prefecture_adcode=prefecture,
        standards_km=changed_standards(_standards(arguments.standard)),
        rules=changed_rules(_rules(arguments.rule)),
        method=DistanceMethod(arguments.method),
        weights=weights_of(arguments.weights),
        years=arguments.years,
        seed=arguments.seed,
        one_per_place=not arguments.several_per_place,
        nested=arguments.nested,
        odds=ListOdds(arguments.odds),
    )


def _say_scaled(written: str, query: GapQuery) -> None:
    """Say on stderr that weights which do not sum to 1 were scaled; the file tells the result."""
    given = written_weights(written)
    if is_scaled(given):
        shown = weights_text(query.weights, query.language)
        total = f"{sum(given.values()):.3g}"
        say(text("gap.scaled", query.language, total=total, weights=shown), file=sys.stderr)


def _standards(written: list[str]) -> dict[str, float]:
    pairs = dict(_pair(words, "--standard", "sub_market=120") for words in written)
    try:
        return {kind: float(value) for kind, value in pairs.items()}
    except ValueError as error:
        raise QueryError(
            "gap_pair", option="--standard", expected="sub_market=120", found=" ".join(written)
        ) from error


def _rules(written: list[str]) -> dict[str, ServiceRule]:
    pairs = dict(_pair(words, "--rule", "sub_market=nearest") for words in written)
    try:
        return {kind: ServiceRule(value) for kind, value in pairs.items()}
    except ValueError as error:
        raise QueryError(
            "gap_pair", option="--rule", expected="sub_market=nearest", found=" ".join(written)
        ) from error


def _pair(words: str, option: str, expected: str) -> tuple[str, str]:
    name, is_given, value = words.partition("=")
    if not is_given:
        raise QueryError("gap_pair", option=option, expected=expected, found=words)
    return name.strip(), value.strip()


def run_indices(arguments: Namespace, settings: Settings) -> int:
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
