"""What can be asked of the nodes: the overview, and the list."""

import re
from dataclasses import dataclass
from enum import StrEnum

from network_map.places.query import AreaQuery, ClassedQuery
from network_map.query import Context, Option, ParameterType, choice, flag, parameter, subset
from network_map.terms import AdminLevel, NodeKind

_BETWEEN_KINDS = re.compile(r"[,\uff0c;\u3001\uff1b]")


class Overlay(StrEnum):
    """What the areas of the map are coloured by."""

    NONE = "none"
    POPULATION = "population"
    GDP = "gdp"
    SUB_MARKET = "sub_market"
    DEMONSTRATION_COUNTY = "demonstration_county"
    COUNTY_CENTRE = "county_centre"

    @property
    def is_presence(self) -> bool:
        """Whether it shows where a kind of node is present, absent or unknown."""
        return self.value in set(NodeKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewQuery(ClassedQuery):
    """What the overview shows.

    Parameters
    ----------
    language, prefecture_adcode, selected_adcode, classifier, class_count, own_breaks
        As for every map.
    kinds
        Kinds of node drawn on the map.
    overlay
        What colours the areas.
    level
        Whether counties or prefectures are coloured.
    hierarchy
        Whether lines join counties to sub-markets and those to the provincial market.
    """

    kinds: tuple[str, ...] = parameter(
        tuple(kind.value for kind in NodeKind), subset(known="node_kinds"),
        link="kinds", key="kinds",
    )  # fmt: skip
    overlay: Overlay = parameter(Overlay.NONE, choice(Overlay), link="overlay", key="overlay")
    level: AdminLevel = parameter(
        AdminLevel.COUNTY, choice((AdminLevel.COUNTY, AdminLevel.PREFECTURE)),
        link="level", key="level",
    )  # fmt: skip
    hierarchy: bool = parameter(False, flag(), link="lines", key="hierarchy_lines")


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
