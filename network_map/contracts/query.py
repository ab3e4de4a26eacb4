"""What a person asked of the contract register, and the link that says it again.

The period that a question is about, the same one a year earlier, and their names.
"""

from calendar import monthrange
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import pandas as pd

from network_map.errors import Problem, Severity
from network_map.i18n import text
from network_map.nodes.query import DEFAULT_CLASS_COUNT
from network_map.terms import AdminLevel, Classifier, ContractKind, TechnologyField


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


PARTS = {ContractPeriod.QUARTER: 4, ContractPeriod.MONTH: 12}
"""How many periods of a length a year has, where it has more than one."""
FIRST_YEAR, LAST_YEAR = 1985, 2100
_LEVELS = (AdminLevel.COUNTY, AdminLevel.PREFECTURE)
_SHOWN_LENGTH = 40


@dataclass(frozen=True, slots=True)
class ContractQuery:
    """What is asked of the contract register.

    Parameters
    ----------
    language
        ``zh`` or ``en``.
    prefecture_adcode
        Only contracts placed in this prefecture; None asks for all of them.
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
    classifier, class_count, own_breaks
        How values are cut into classes; own breaks in the unit of the legend.
    picture
        What the map shows.
    """

    language: str = "zh"
    prefecture_adcode: str | None = None
    side: ContractSide = ContractSide.OUTPUT
    measure: ContractMeasure = ContractMeasure.VALUE
    level: AdminLevel = AdminLevel.COUNTY
    period: ContractPeriod = ContractPeriod.YEAR
    year: int | None = None
    part: int | None = None
    kinds: tuple[ContractKind, ...] = ()
    fields: tuple[TechnologyField, ...] = ()
    classifier: Classifier = Classifier.NATURAL_BREAKS
    class_count: int = DEFAULT_CLASS_COUNT
    own_breaks: tuple[float, ...] = ()
    picture: ContractPicture = ContractPicture.AREAS


def contract_link(query: ContractQuery) -> dict[str, str]:
    """Return the parameters that only the contract page has; what is usual is left out."""
    usual = ContractQuery()
    values = {
        "side": query.side.value,
        "measure": query.measure.value,
        "by": query.level.value,
        "period": query.period.value,
        "year": "" if query.year is None else str(query.year),
        "part": "" if query.part is None else str(query.part),
        "kind": ",".join(query.kinds),
        "field": ",".join(query.fields),
        "picture": query.picture.value,
    }
    defaults = {
        "side": usual.side.value,
        "measure": usual.measure.value,
        "by": usual.level.value,
        "period": usual.period.value,
        "picture": usual.picture.value,
    }
    return {name: value for name, value in values.items() if value and value != defaults.get(name)}


def contract_query_from_link(
    parameters: Mapping[str, str],
) -> tuple[ContractQuery, tuple[Problem, ...]]:
    """Return the query of a link, and one problem for each part that could not be used.

    Parameters
    ----------
    parameters
        Name and value of each parameter; those of other pages are left to others.
    """
    reader = _Reader(parameters)
    usual = ContractQuery()
    period = ContractPeriod(reader.choice("period", tuple(ContractPeriod), usual.period))
    query = ContractQuery(
        side=ContractSide(reader.choice("side", tuple(ContractSide), usual.side)),
        measure=ContractMeasure(reader.choice("measure", tuple(ContractMeasure), usual.measure)),
        level=AdminLevel(reader.choice("by", _LEVELS, usual.level)),
        period=period,
        year=reader.number("year", FIRST_YEAR, LAST_YEAR),
        part=reader.number("part", 1, PARTS.get(period, PARTS[ContractPeriod.MONTH])),
        kinds=tuple(ContractKind(code) for code in reader.several("kind", tuple(ContractKind))),
        fields=tuple(
            TechnologyField(code) for code in reader.several("field", tuple(TechnologyField))
        ),
        picture=ContractPicture(reader.choice("picture", tuple(ContractPicture), usual.picture)),
    )
    return query, tuple(reader.problems)


class _Reader:
    """Reads the parameters one by one and keeps what could not be used."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._parameters = parameters
        self.problems: list[Problem] = []

    def choice(self, name: str, allowed: Collection[StrEnum], usual: StrEnum) -> str:
        value = self._parameters.get(name, "")
        if not value or value in set(allowed):
            return value or usual.value
        self._refuse(name, value, "、".join(allowed))
        return usual.value

    def several(self, name: str, allowed: Collection[StrEnum]) -> list[str]:
        asked = [part for part in self._parameters.get(name, "").split(",") if part]
        for part in asked:
            if part not in set(allowed):
                self._refuse(name, part, "、".join(allowed))
        return [code.value for code in allowed if code in asked]

    def number(self, name: str, least: int, most: int) -> int | None:
        value = self._parameters.get(name, "")
        if not value:
            return None
        if value.isascii() and value.isdigit() and least <= int(value[:9]) <= most:
            return int(value)
        self._refuse(name, value, f"{least}–{most}")
        return None

    def _refuse(self, name: str, value: str, allowed: str) -> None:
        shown = value if len(value) <= _SHOWN_LENGTH else value[:_SHOWN_LENGTH] + "…"
        values = {"allowed": allowed}
        problem = Problem("link_choice", Severity.NOTE, column=name, value=shown, values=values)
        self.problems.append(problem)


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
