"""The period that a question is about, the same one a year earlier, and their names."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

import pandas as pd

from network_map.contracts.query import PARTS, ContractPeriod, ContractQuery
from network_map.i18n import text

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
