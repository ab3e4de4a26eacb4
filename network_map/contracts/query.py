"""What can be asked of the contract register, and the period that a question is about."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import pandas as pd

from network_map.i18n import text
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


def _year_of_recipe(found: object, _context: Context) -> int | None:
    return _number_of_recipe(found, FIRST_YEAR, LAST_YEAR)


def _part_of_recipe(found: object, context: Context) -> int | None:
    return _number_of_recipe(found, 1, _part_count(context))


def _number_of_recipe(found: object, least: int, most: int) -> int | None:
    if found is None:
        return None
    if not isinstance(found, int) or isinstance(found, bool) or not least <= found <= most:
        raise ValueError(found)
    return found


_YEAR: ParameterType[int | None] = ParameterType(
    of_text=lambda text, _: whole_number(text, FIRST_YEAR, LAST_YEAR),
    of_json=_year_of_recipe,
    expected=f"null | {FIRST_YEAR}–{LAST_YEAR}",
    to_text=lambda year: "" if year is None else str(year),
    allowed=lambda _: f"{FIRST_YEAR}–{LAST_YEAR}",
    argument={"type": int},
    of_argument=_year_of,
    to_state=lambda key, year, _: {key: year or LATEST},
    of_state=lambda key, state, context: _year_of(state[key], context),
)
_PART: ParameterType[int | None] = ParameterType(
    of_text=lambda text, context: whole_number(text, 1, _part_count(context)),
    of_json=_part_of_recipe,
    expected="null | 1–12",
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
        link="prefecture", json="prefecture", key="prefecture",
        option=Option("prefecture", "contract_prefecture", "CODE|NAME"),
    )  # fmt: skip
    side: ContractSide = parameter(
        ContractSide.OUTPUT, choice(ContractSide),
        link="side", json="side", key="contract_side", option=Option("side"),
    )  # fmt: skip
    measure: ContractMeasure = parameter(
        ContractMeasure.VALUE, choice(ContractMeasure),
        link="measure", json="measure", key="contract_measure", option=Option("measure"),
    )  # fmt: skip
    level: AdminLevel = parameter(
        AdminLevel.COUNTY, choice((AdminLevel.COUNTY, AdminLevel.PREFECTURE)),
        link="by", json="by", key="contract_level", option=Option("by"),
    )  # fmt: skip
    period: ContractPeriod = parameter(
        ContractPeriod.YEAR, choice(ContractPeriod),
        link="period", json="period", key="contract_period", option=Option("period"),
    )  # fmt: skip
    year: int | None = parameter(
        None, _YEAR,
        link="year", json="year", key="contract_year", option=Option("year", metavar="YEAR"),
    )  # fmt: skip
    part: int | None = parameter(
        None, _PART,
        link="part", json="part", key="contract_part", option=Option("part", metavar="N"),
    )  # fmt: skip
    kinds: tuple[ContractKind, ...] = parameter(
        (), subset(ContractKind),
        link="kind", json="kinds", key="contract_kinds",
        option=Option("kind", "contract_kind", "KIND"),
    )  # fmt: skip
    fields: tuple[TechnologyField, ...] = parameter(
        (), subset(TechnologyField),
        link="field", json="fields", key="contract_fields", option=Option("field", metavar="FIELD"),
    )  # fmt: skip
    picture: ContractPicture = parameter(
        ContractPicture.AREAS, choice(ContractPicture), link="picture", key="contract_picture"
    )


_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Span:
    """A period of signing.

    Parameters
    ----------
    period
        Its length; with ``ALL`` the rest is empty.
    year
        Its year.
    part
        Which quarter or month of the year, None for a year.
    months
        Its months, empty where it is the whole year or the whole time.
    ends_on
        Its last day, or the cut-off date of the register where that falls inside; None where the
        register has no dates.
    is_partial
        Whether the cut-off date falls before its last day: comparisons then end on the same day.
    """

    period: ContractPeriod
    year: int | None
    part: int | None
    months: tuple[int, ...]
    ends_on: date | None
    is_partial: bool

    def holds(self, frame: pd.DataFrame, *, years_back: int = 0) -> pd.Series:
        """Return which rows lie in the span, or in the same one of an earlier year.

        Parameters
        ----------
        frame
            Columns ``signed_year`` and, unless the span is a year, ``signed_month``.
        years_back
            How many years earlier.
        """
        if self.year is None:
            return pd.Series(years_back == 0, index=frame.index)
        inside = frame["signed_year"] == self.year - years_back
        if self.months:
            inside &= frame["signed_month"].isin(self.months)
        return inside.fillna(value=False).astype("bool")


def span_of(query: ContractQuery, as_of: date | None) -> Span:
    """Return the period that a query is about.

    Parameters
    ----------
    query
        Its year and part may be missing: the latest that the register reaches.
    as_of
        The cut-off date of the register; without one there is only the whole time.
    """
    if query.period is ContractPeriod.ALL or as_of is None:
        return Span(ContractPeriod.ALL, None, None, (), as_of, is_partial=False)
    year = query.year if query.year is not None else as_of.year
    part, months = _part(query, year, as_of)
    last = months[-1] if months else _MONTHS
    ends_on = date(year, last, monthrange(year, last)[1])
    is_partial = date(year, months[0] if months else 1, 1) <= as_of < ends_on
    return Span(
        query.period, year, part, months, as_of if is_partial else ends_on, is_partial=is_partial
    )


def span_name(span: Span, language: str) -> str:
    """Return the period for people: 2024年, 2024年第2季度, 2024年6月; how far it is known."""
    if span.year is None:
        return text("monitor.span.all", language)
    name = part_name(span.year, span.period, span.part, language)
    if not span.is_partial or span.ends_on is None:
        return name
    return text("monitor.span.partial", language, name=name, day=span.ends_on.isoformat())


def part_name(year: int, period: ContractPeriod, part: int | None, language: str) -> str:
    """Return the name of a year, a quarter or a month."""
    if part is None:
        return text("monitor.span.year", language, year=year)
    return text(f"monitor.span.{period.value}", language, year=year, part=part)


def _part(query: ContractQuery, year: int, as_of: date) -> tuple[int | None, tuple[int, ...]]:
    count = PARTS.get(query.period)
    if count is None:
        return None, ()
    length = _MONTHS // count
    latest = (as_of.month - 1) // length + 1 if year == as_of.year else count
    part = min(query.part or latest, count)
    return part, tuple(range(length * (part - 1) + 1, length * part + 1))
