"""``network-map nodes`` and ``contracts``: lists, byte for byte as the pages hand them out."""

import re
from argparse import Namespace
from contextlib import closing
from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

from network_map.cli.output import area_query, dataset_of, wanted_format, write_bundle
from network_map.config import Settings
from network_map.contracts.query import PARTS, ContractQuery
from network_map.contracts.register.open import open_contract_register
from network_map.contracts.report import place_bundle
from network_map.datasets import open_dataset
from network_map.errors import QueryError
from network_map.i18n import text
from network_map.nodes.query import NodeListQuery
from network_map.nodes.report import nodes_bundle
from network_map.places.reference import Places, open_places
from network_map.query import query_of_arguments
from network_map.terms import ContractKind, TechnologyField


def run(arguments: Namespace, settings: Settings) -> int:
    """Write the nodes of a data set.

    Raises
    ------
    QueryError
        If the data set, prefecture or kind is unknown, or a binary file has no name.
    WorkspaceError
        If a file cannot be written.
    """
    format_name = wanted_format(arguments)
    query = query_of_arguments(NodeListQuery, arguments)
    bundle = nodes_bundle(
        open_dataset(dataset_of(arguments.dataset, settings)),
        open_places(),
        prefecture_adcode=query.prefecture_adcode,
        kinds=query.kinds,
        language=settings.language,
    )
    write_bundle(bundle, format_name, arguments, settings)
    return 0


_BETWEEN = re.compile(r"[,;、,;]")
_Code = TypeVar("_Code", bound=StrEnum)


def run_contracts(arguments: Namespace, settings: Settings) -> int:
    """Write the contract volumes of a data set.

    Raises
    ------
    QueryError
        If the data set has no register, a choice is unknown, or a binary file has no name.
    WorkspaceError, DamagedFileError, ConfigError
        If the register cannot be opened or asked, or a file cannot be written.
    """
    format_name = wanted_format(arguments)
    places = open_places()
    query = _query(arguments, places, settings.language)
    name = arguments.dataset or settings.dataset
    opened = open_contract_register(name, settings)
    if opened is None:
        raise QueryError("contracts_none", dataset=name)
    with closing(opened):
        bundle = place_bundle(opened, places, query)
    write_bundle(bundle, format_name, arguments, settings)
    return 0


def _query(arguments: Namespace, places: Places, language: str) -> ContractQuery:
    query = area_query(ContractQuery, arguments, places, language)
    most = PARTS.get(query.period, 0)
    if query.part is not None and not 1 <= query.part <= most:
        raise QueryError("contract_part", period=query.period.value, most=most, found=query.part)
    return replace(
        query,
        kinds=_codes(arguments.kind, ContractKind, "contract_kind", language),
        fields=_codes(arguments.field, TechnologyField, "technology_field", language),
    )


def _codes(asked: list[str], codes: type[_Code], family: str, language: str) -> tuple[_Code, ...]:
    """Return the codes named by themselves or by their word, in the order of the register."""
    known = {text(f"monitor.{family}.{code}", language): code for code in codes}
    known |= {code.value: code for code in codes}
    named = [word.strip() for words in asked for word in _words(words, known) if word.strip()]
    if unknown := [word for word in named if word not in known]:
        raise QueryError("kind_unknown", found="、".join(unknown), known=" | ".join(codes))
    chosen = {known[word] for word in named}
    return tuple(code for code in codes if code in chosen)


def _words(words: str, known: dict[str, _Code]) -> list[str]:
    """Return the names in a text; a name may hold a comma itself."""
    return [words] if words in known else _BETWEEN.split(words)
