"""What can be asked of the contract register."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from network_map.places.query import ClassedQuery
from network_map.query import (
    Context,
    Option,
    ParameterType,
    choice,
    known_code,
    parameter,
    subset,
    whole_number,
)
from network_map.terms import AdminLevel, ContractKind, TechnologyField


class ContractSide(StrEnum):
    """On which side of a contract its place is looked at."""

    OUTPUT = "output"
    ABSORPTION = "absorption"
    BOTH = "both"
    """Both side by side, with the difference."""


class ContractMeasure(StrEnum):
    """What is counted."""

    VALUE = "value"
    NUMBER = "number"
    TECHNOLOGY_VALUE = "technology_value"
    VALUE_PER_PEOPLE = "value_per_people"
    VALUE_PER_GDP = "value_per_gdp"


class ContractPeriod(StrEnum):
    """How long a period of signing is."""

    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"
    ALL = "all"


class ContractPicture(StrEnum):
    """What the map shows."""

    AREAS = "areas"
    FLOWS = "flows"


PARTS: Mapping[ContractPeriod, int] = {ContractPeriod.QUARTER: 4, ContractPeriod.MONTH: 12}
"""How many periods of a length a year has, where it has more than one."""
PART_KEYS: Mapping[ContractPeriod, str] = {
    ContractPeriod.QUARTER: "contract_quarter",
    ContractPeriod.MONTH: "contract_month",
}
"""Names of the widgets that choose one of them."""
LATEST = 0
"""Stands in a widget for a year or a part that is not chosen: the latest of the register."""
FIRST_YEAR, LAST_YEAR = 1985, 2100


def _part_count(context: Context) -> int:
    return PARTS.get(context["period"], PARTS[ContractPeriod.MONTH])


def _part_of_state(_key: str, state: Mapping[str, Any], context: Context) -> int | None:
    key = PART_KEYS.get(context["period"])
    return state[key] or None if key else None


def _year_of(found: int | None, context: Context) -> int | None:
    return None if context["period"] is ContractPeriod.ALL else found or None


_YEAR: ParameterType[int | None] = ParameterType(
    of_text=lambda text, _: whole_number(text, FIRST_YEAR, LAST_YEAR),
    to_text=lambda year: "" if year is None else str(year),
    allowed=lambda _: f"{FIRST_YEAR}–{LAST_YEAR}",
    argument={"type": int},
    of_argument=_year_of,
    to_state=lambda key, year, _: {key: year or LATEST},
    of_state=lambda key, state, context: _year_of(state[key], context),
)
_PART: ParameterType[int | None] = ParameterType(
    of_text=lambda text, context: whole_number(text, 1, _part_count(context)),
    to_text=lambda part: "" if part is None else str(part),
    allowed=lambda context: f"1–{_part_count(context)}",
    argument={"type": int},
    to_state=lambda _key, part, context: {
        key: (part if period is context["period"] else None) or LATEST
        for period, key in PART_KEYS.items()
    },
    of_state=_part_of_state,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractQuery(ClassedQuery):
    """What is asked of the contract register.

    Parameters
    ----------
    language, prefecture_adcode, selected_adcode, classifier, class_count, own_breaks
        As for every map; only contracts placed in the prefecture.
    side
        Contracts are placed with their sellers, their buyers, or both.
    measure
        What the map shows and places are ranked by; with both sides the difference of it.
    level
        Whether counties or prefectures are listed and coloured.
    period, year, part
        Length of the period, its year, and which quarter or month of it; None takes the latest
        that the register reaches.
    kinds, fields
        Only these contract kinds and technology fields; empty asks for every one.
    picture
        What the map shows.
    """

    prefecture_adcode: str | None = parameter(
        None, known_code("prefectures", problem="link_prefecture"),
        link="prefecture", key="prefecture",
        option=Option("prefecture", "contract_prefecture", "CODE|NAME"),
    )  # fmt: skip
    side: ContractSide = parameter(
        ContractSide.OUTPUT, choice(ContractSide),
        link="side", key="contract_side", option=Option("side"),
    )  # fmt: skip
    measure: ContractMeasure = parameter(
        ContractMeasure.VALUE, choice(ContractMeasure),
        link="measure", key="contract_measure", option=Option("measure"),
    )  # fmt: skip
    level: AdminLevel = parameter(
        AdminLevel.COUNTY, choice((AdminLevel.COUNTY, AdminLevel.PREFECTURE)),
        link="by", key="contract_level", option=Option("by"),
    )  # fmt: skip
    period: ContractPeriod = parameter(
        ContractPeriod.YEAR, choice(ContractPeriod),
        link="period", key="contract_period", option=Option("period"),
    )  # fmt: skip
    year: int | None = parameter(
        None, _YEAR, link="year", key="contract_year", option=Option("year", metavar="YEAR")
    )
    part: int | None = parameter(
        None, _PART, link="part", key="contract_part", option=Option("part", metavar="N")
    )
    kinds: tuple[ContractKind, ...] = parameter(
        (), subset(ContractKind),
        link="kind", key="contract_kinds", option=Option("kind", "contract_kind", "KIND"),
    )  # fmt: skip
    fields: tuple[TechnologyField, ...] = parameter(
        (), subset(TechnologyField),
        link="field", key="contract_fields", option=Option("field", metavar="FIELD"),
    )  # fmt: skip
    picture: ContractPicture = parameter(
        ContractPicture.AREAS, choice(ContractPicture), link="picture", key="contract_picture"
    )
