"""The query of a command that lists an area."""

from argparse import Namespace
from dataclasses import replace
from typing import TypeVar

from network_map.nodes.report import find_prefecture
from network_map.places.query import AreaQuery
from network_map.places.reference import Places
from network_map.query import query_of_arguments

_Query = TypeVar("_Query", bound=AreaQuery)


def area_query(query: type[_Query], arguments: Namespace, places: Places, language: str) -> _Query:
    """Return the query that the options ask for; the prefecture may be named by a name.

    Raises
    ------
    QueryError
        If an option has a value that cannot be used.
    """
    asked = query_of_arguments(query, arguments)
    found = None if arguments.prefecture is None else find_prefecture(places, arguments.prefecture)
    return replace(asked, language=language, prefecture_adcode=found)
