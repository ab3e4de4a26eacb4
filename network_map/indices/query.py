"""What can be asked of the indices of the counties."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from network_map.places.query import AreaQuery
from network_map.query import Option, choice, parameter
from network_map.terms import NodeKind


class Index(StrEnum):
    """What is measured of each county."""

    SUB_MARKET_ACCESS = "sub_market_access"
    DEMONSTRATION_ACCESS = "demonstration_access"
    ABSORPTION_RATE = "absorption_rate"
    OUTPUT_RATE = "output_rate"


class IndexPicture(StrEnum):
    """What colours the map."""

    VALUE = "value"
    CLUSTER = "cluster"


ACCESS_KINDS: Mapping[Index, str] = {
    Index.SUB_MARKET_ACCESS: NodeKind.SUB_MARKET.value,
    Index.DEMONSTRATION_ACCESS: NodeKind.DEMONSTRATION_COUNTY.value,
}
"""The kind of node of each index of accessibility."""
RATE_SIDES: Mapping[Index, str] = {
    Index.ABSORPTION_RATE: "absorption",
    Index.OUTPUT_RATE: "output",
}
"""The side of the contracts of each rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexQuery(AreaQuery):
    """What the page of indices shows.

    Parameters
    ----------
    language, prefecture_adcode, selected_adcode
        As for every page; measures of inequality and clusters are of the whole province.
    index, picture
        What is measured, and what colours the map.
    """

    index: Index = parameter(
        Index.SUB_MARKET_ACCESS, choice(Index),
        link="index", json="index", key="index_kind", option=Option("index"),
    )  # fmt: skip
    picture: IndexPicture = parameter(
        IndexPicture.VALUE, choice(IndexPicture), link="index_map", key="index_picture"
    )
