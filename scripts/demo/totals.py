"""What the demonstration register must add up to: published figures, and written rules between.

A year without a published total is the geometric mean of its neighbours; after the last published
year the growth halves every year. What part falls before 19 June, before April and to Kunming is
taken from the nearest year for which that part is published.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from math import isqrt

import pandas as pd

from network_map.tables.check import conform
from network_map.terms import Grade
from scripts.demo.tables import DEMO_TOTALS

YEARS = tuple(range(2020, 2026))
KUNMING = "530100"
AREAS = ("kunming", "rest")
SPAN_ENDS = ("03-31", "06-19", "12-31")
"""Ends of the spans that published figures cover, each from 1 January."""

_MARCH, _JUNE, _YEAR = SPAN_ENDS
_FEN_IN_100M_YUAN = 10**10
_MEASURES = ("contracts_count", "contract_value_100m_yuan", "technology_value_100m_yuan")


@dataclass(frozen=True, slots=True)
class _Figure:
    """A number and its basis, one of ``TOTAL_BASES``."""

    amount: int
    basis: str


_Known = Mapping[tuple[int, str], _Figure]
"""Figures by year and end of the span (month and day)."""
_Cells = dict[tuple[int, str, str], _Figure]
"""Figures by year, area and end of the span."""


def demo_contract_totals(
    contracts_province: pd.DataFrame, contracts_prefecture: pd.DataFrame
) -> pd.DataFrame:
    """Return the totals that a demonstration register has, whatever its seed.

    Parameters
    ----------
    contracts_province, contracts_prefecture
        The declared tables of published figures.

    Returns
    -------
    pandas.DataFrame
        Table ``demo_contract_totals``: years 2020–2025, the province, Kunming and the rest, each
        to 31 March, 19 June and 31 December.

    Raises
    ------
    ValueError
        If the published figures that the rules start from are not there.
    """
    is_total = (contracts_province["figure_kind"] != "target") & (
        contracts_province["measure"] == "all_contracts"
    )
    whole = [_known(contracts_province[is_total], measure) for measure in _MEASURES]
    in_kunming = contracts_prefecture[contracts_prefecture["adcode"] == KUNMING]
    capital = [_known(in_kunming, measure) for measure in _MEASURES[:2]]
    try:
        counts, part = _counts(whole[0], capital[0])
        values = _spread(whole[1], capital[1], part)
        technology = _technology(whole[2], values)
    except (KeyError, ValueError, ZeroDivisionError) as error:
        raise ValueError("the published figures lack some that the rules start from") from error
    return conform(DEMO_TOTALS, _rows(counts, values, technology))


def _known(figures: pd.DataFrame, measure: str) -> _Known:
    """Return the figures of a measure that run from 1 January to the end of a span."""
    found: dict[tuple[int, str], _Figure] = {}
    if measure not in figures.columns:
        return found
    given = figures[figures[measure].notna()]
    grades = given["grade"]
    if measure == "contracts_count" and "count_grade" in given.columns:
        grades = given["count_grade"].fillna(grades)
    for end_text, amount, grade in zip(given["ends_on"], given[measure], grades, strict=True):
        year, end = int(end_text[:4]), end_text[5:]
        # 2022 is told "to about 19 June": the month alone.
        span = _JUNE if end == _JUNE[:2] else end
        is_money = measure != "contracts_count"
        whole = Decimal(str(amount)) * (_FEN_IN_100M_YUAN if is_money else 1)
        found[year, span] = _Figure(int(whole), _basis(grade))
    return found


def _basis(grade: str) -> str:
    return "worked_out" if grade == Grade.C else "published"


def _part_of(amount: int, part: int, whole: int) -> int:
    """Return ``amount * part / whole``, rounded half up."""
    return (2 * amount * part + whole) // (2 * whole)


def _years(known: _Known) -> dict[int, _Figure]:
    """Return the total of every year: known, the geometric mean between, or growth that halves."""
    totals = {year: figure for (year, end), figure in known.items() if end == _YEAR}
    for year in YEARS:
        if year in totals:
            continue
        before = totals[year - 1].amount
        if year + 1 in totals:
            amount = isqrt(before * totals[year + 1].amount)
        else:
            earlier = totals[year - 2].amount
            amount = before + before * (before - earlier) // (2 * earlier)
        totals[year] = _Figure(amount, "estimated")
    return {year: totals[year] for year in YEARS}


def _nearest(year: int, known: list[int]) -> int:
    return min(known, key=lambda other: (abs(other - year), other))


def _filled(known: Mapping[int, _Figure], whole: Mapping[int, _Figure], year: int) -> _Figure:
    """Return the known part of a year's whole, or the share of the nearest year that has one."""
    if year in known:
        return known[year]
    model = _nearest(year, sorted(known))
    return _Figure(
        _part_of(whole[year].amount, known[model].amount, whole[model].amount), "estimated"
    )


def _of_span(known: _Known, span: str) -> dict[int, _Figure]:
    return {year: figure for (year, end), figure in known.items() if end == span}


def _to_june(known: _Known, capital: _Known) -> _Cells:
    """Return the province and Kunming to 19 June and in the whole year."""
    cells: _Cells = {}
    years, june, seat = _years(known), _of_span(known, _JUNE), _of_span(capital, _YEAR)
    for year in YEARS:
        whole, half = years[year], _filled(june, years, year)
        own = _filled(seat, years, year)
        own_half = _part_of(half.amount, own.amount, whole.amount)
        cells[year, "province", _YEAR], cells[year, "province", _JUNE] = whole, half
        cells[year, "kunming", _YEAR] = own
        cells[year, "kunming", _JUNE] = _Figure(own_half, "estimated")
    return cells


def _counts(known: _Known, capital: _Known) -> tuple[_Cells, tuple[int, int]]:
    """Return the numbers, and what part of those to 19 June falls before April.

    The newest that is known for Kunming is used for every year, area and measure.
    """
    marches = _of_span(capital, _MARCH)
    year, march = max(marches.items())
    half = _to_june(known, capital)[year, "kunming", _JUNE].amount
    part = (march.amount, half)
    cells = _spread(known, capital, part)
    cells |= {(other, "kunming", _MARCH): figure for other, figure in marches.items()}
    return _with_rest(cells), part


def _spread(known: _Known, capital: _Known, part: tuple[int, int]) -> _Cells:
    """Return every cell of a measure."""
    cells = _to_june(known, capital)
    for year, area in product(YEARS, ("province", "kunming")):
        half = cells[year, area, _JUNE].amount
        cells[year, area, _MARCH] = _Figure(_part_of(half, *part), "estimated")
    return _with_rest(cells)


def _with_rest(cells: _Cells) -> _Cells:
    """Return the cells with what is left of the province without Kunming."""
    rest = {
        (year, "rest", span): _difference(
            cells[year, "province", span], cells[year, "kunming", span]
        )
        for year, span in product(YEARS, SPAN_ENDS)
    }
    return cells | rest


def _difference(whole: _Figure, part: _Figure) -> _Figure:
    is_known = "estimated" not in {whole.basis, part.basis}
    return _Figure(whole.amount - part.amount, "worked_out" if is_known else "estimated")


def _technology(known: _Known, values: _Cells) -> _Cells:
    """Return the technology value: its share is known to 19 June of some years alone."""
    june = _of_span(known, _JUNE)
    cells: _Cells = {}
    for year, span, area in product(YEARS, SPAN_ENDS, ("province", "kunming")):
        model = _nearest(year, sorted(june))
        share = (june[model].amount, values[model, "province", _JUNE].amount)
        is_known = (area, span) == ("province", _JUNE) and model == year
        amount = _part_of(values[year, area, span].amount, *share)
        cells[year, area, span] = _Figure(amount, june[year].basis if is_known else "estimated")
    return _with_rest(cells)


def _rows(counts: _Cells, values: _Cells, technology: _Cells) -> pd.DataFrame:
    keys = list(product(YEARS, ("province", *AREAS), SPAN_ENDS))
    return pd.DataFrame(
        {
            "year": [year for year, _, _ in keys],
            "area": [area for _, area, _ in keys],
            "starts_on": [f"{year}-01-01" for year, _, _ in keys],
            "ends_on": [f"{year}-{end}" for year, _, end in keys],
            "contracts_count": [counts[key].amount for key in keys],
            "contracts_count_basis": [counts[key].basis for key in keys],
            "contract_value_fen": [values[key].amount for key in keys],
            "contract_value_basis": [values[key].basis for key in keys],
            "technology_value_fen": [technology[key].amount for key in keys],
            "technology_value_basis": [technology[key].basis for key in keys],
        }
    )
