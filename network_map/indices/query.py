"""What a person asks for on the page of indices, and the part of a link that says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from network_map.errors import Problem, Severity
from network_map.places.tables import PROVINCE_ADCODE
from network_map.terms import NodeKind

_SHOWN_LENGTH = 40


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


@dataclass(frozen=True, slots=True)
class IndexQuery:
    """What the page of indices shows.

    Parameters
    ----------
    index, picture
        What is measured, and what colours the map.
    language
        ``zh`` or ``en``.
    prefecture_adcode
        List this prefecture only; measures of inequality and clusters are of the whole province.
    selected_adcode
        The county that is looked at.
    """

    index: Index = Index.SUB_MARKET_ACCESS
    picture: IndexPicture = IndexPicture.VALUE
    language: str = "zh"
    prefecture_adcode: str | None = None
    selected_adcode: str | None = None

    @property
    def area_adcode(self) -> str:
        """Code of the shown area."""
        return self.prefecture_adcode or PROVINCE_ADCODE


def index_link(index: str, picture: str) -> dict[str, str]:
    """Return the parameters of a link that restore the choice; what is usual is left out."""
    usual = IndexQuery()
    chosen = {"index": (index, usual.index), "index_map": (picture, usual.picture)}
    return {name: value for name, (value, default) in chosen.items() if value != default}


def index_from_link(
    parameters: Mapping[str, str],
) -> tuple[Index, IndexPicture, tuple[Problem, ...]]:
    """Return index and picture of a link, the usual ones where it names others, and its problems.

    Parameters
    ----------
    parameters
        Name and value of each parameter.
    """
    problems = []
    written = {name: parameters.get(name, "") for name in ("index", "index_map")}
    known: dict[str, list[str]] = {"index": list(Index), "index_map": list(IndexPicture)}
    for name, value in written.items():
        if value and value not in known[name]:
            problems.append(
                Problem(
                    "link_index", Severity.NOTE, column=name, value=value[:_SHOWN_LENGTH],
                    values={"name": name, "known": " | ".join(known[name])},
                )
            )  # fmt: skip
            written[name] = ""
    usual = IndexQuery()
    return (
        Index(written["index"] or usual.index),
        IndexPicture(written["index_map"] or usual.picture),
        tuple(problems),
    )
