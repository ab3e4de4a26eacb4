"""What can be asked of the nodes: a map of them, and the list."""

import re
from dataclasses import dataclass

from network_map.places.query import AreaQuery
from network_map.query import Context, Option, ParameterType, parameter
from network_map.terms import NodeKind

_BETWEEN_KINDS = re.compile(r"[,\uff0c;\u3001\uff1b]")


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewQuery(AreaQuery):
    """What a map of the network shows.

    Parameters
    ----------
    language, prefecture_adcode, selected_adcode
        As for every map.
    kinds
        Kinds of node drawn on it.
    """

    kinds: tuple[str, ...] = tuple(kind.value for kind in NodeKind)


def _kinds_of_json(found: object, context: Context) -> tuple[str, ...] | None:
    if found is None:
        return None
    if not isinstance(found, list) or not set(found) <= set(context["node_kinds"]):
        raise TypeError(found)
    return tuple(found)


def _kinds_of_argument(found: list[str] | None, _context: Context) -> tuple[str, ...] | None:
    if found is None:
        return None
    return tuple(kind for words in found for kind in _BETWEEN_KINDS.split(words) if kind.strip())


_KINDS: ParameterType[tuple[str, ...] | None] = ParameterType(
    of_text=lambda text, _: tuple(text.split(",")),
    allowed=lambda context: "、".join(context["node_kinds"]),
    of_json=_kinds_of_json,
    to_json=lambda kinds: None if kinds is None else list(kinds),
    expected='null | ["sub_market"]',
    argument={"action": "append"},
    of_argument=_kinds_of_argument,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeListQuery(AreaQuery):
    """Which nodes are listed.

    Parameters
    ----------
    language, prefecture_adcode, selected_adcode
        As for every page.
    kinds
        Only these kinds; None lists all.
    """

    kinds: tuple[str, ...] | None = parameter(
        None, _KINDS, json="kinds", option=Option("kind", metavar="KIND")
    )
