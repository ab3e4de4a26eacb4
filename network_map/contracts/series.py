"""Volumes over time: by year, quarter or month, each against the same period a year earlier."""

from dataclasses import dataclass

import pandas as pd

from network_map.contracts.by_place import declared, growth_percent, in_10k_yuan, placed
from network_map.contracts.counts import MEASURES, SIDES, Counts, summed
from network_map.contracts.query import PARTS, ContractPeriod, ContractQuery, ContractSide
from network_map.contracts.span import part_name
from network_map.contracts.tables import CONTRACT_SERIES
from network_map.contracts.volumes import Side
from network_map.i18n import text
from network_map.places.reference import Places

_MONTHS = 12
_KEYS = ["year", "part"]
_BEFORE = {name: f"{name}_before" for name in MEASURES}


@dataclass(frozen=True, slots=True)
class YearToDate:
    """The year up to the cut-off date against the same span of the year before.

    Parameters
    ----------
    value_fen, value_before_fen
        Contract value of either.
    count, count_before
        Number of contracts of either.
    """

    value_fen: int
    value_before_fen: int
    count: int
    count_before: int


def series_table(counts: Counts, places: Places, query: ContractQuery) -> pd.DataFrame:
    """Return the volumes of every period as table ``contract_series``.

    Without a period there is one row for each year. Contracts whose date is not that exact have
    a row of their own at the end: the rows of a side add up to all its contracts.
    """
    wanted = SIDES if query.side is ContractSide.BOTH else (query.side.value,)
    parts = [_side(counts, places, query, side) for side in SIDES if side in wanted]
    return declared(CONTRACT_SERIES, pd.concat(parts, ignore_index=True))


def year_to_date_sums(counts: Counts, places: Places, query: ContractQuery) -> YearToDate | None:
    """Return the year to date and the same span before, None where the register has no dates."""
    if counts.as_of is None:
        return None
    side: Side = "absorption" if query.side is ContractSide.ABSORPTION else "output"
    rows = placed(counts.to_date[side], places, query)
    now, before = (rows[rows["signed_year"] == counts.as_of.year - back] for back in (0, 1))
    return YearToDate(
        value_fen=int(now["contract_value_fen"].sum()),
        value_before_fen=int(before["contract_value_fen"].sum()),
        count=int(now["contract_count"].sum()),
        count_before=int(before["contract_count"].sum()),
    )


def series_period(query: ContractQuery) -> ContractPeriod:
    """Return the length of a period of the series: a year where the whole time is asked for."""
    return ContractPeriod.YEAR if query.period is ContractPeriod.ALL else query.period


def _side(counts: Counts, places: Places, query: ContractQuery, side: Side) -> pd.DataFrame:
    period = series_period(query)
    rows = _parts(placed(counts.months[side], places, query), period)
    before = rows.dropna(subset=["year"]).assign(year=lambda found: found["year"] + 1)
    if period is not ContractPeriod.YEAR:
        before = before.dropna(subset=["part"])
    table = rows.merge(before.rename(columns=_BEFORE), how="left", on=_KEYS, validate="one_to_one")
    compared = table["contract_count"], table["contract_value_fen"]
    is_known = table["year"].notna() & (
        table["part"].notna() if period is not ContractPeriod.YEAR else True
    )
    table = _to_date(table, counts, places, query, side)
    compared = (
        table["compared_count"].fillna(compared[0]),
        table["compared_fen"].fillna(compared[1]),
    )
    names = [
        _name(year, part, period, query.language)
        for year, part in table[_KEYS].astype("object").itertuples(index=False)
    ]
    return table.assign(
        side=side,
        period_name=names,
        contract_value_10k_yuan=in_10k_yuan(table["contract_value_fen"]),
        contract_value_before_10k_yuan=in_10k_yuan(table["contract_value_fen_before"]),
        contract_value_before_fen=table["contract_value_fen_before"],
        technology_value_10k_yuan=in_10k_yuan(table["technology_value_fen"]),
        count_growth_percent=growth_percent(compared[0], table["contract_count_before"]).where(
            is_known
        ),
        value_growth_percent=growth_percent(compared[1], table["contract_value_fen_before"]).where(
            is_known
        ),
    )


def _parts(rows: pd.DataFrame, period: ContractPeriod) -> pd.DataFrame:
    """Return the sums by year and part, what has no date last."""
    length = _MONTHS // PARTS.get(period, _MONTHS)
    part = (rows["signed_month"].astype("Int64") - 1) // length + 1
    if period is ContractPeriod.YEAR:
        part = pd.Series(pd.NA, index=rows.index, dtype="Int64")
    return summed(rows.assign(year=rows["signed_year"].astype("Int64"), part=part), _KEYS)


def _to_date(
    table: pd.DataFrame, counts: Counts, places: Places, query: ContractQuery, side: Side
) -> pd.DataFrame:
    """Return the table with the period under way compared up to the same day only."""
    table = table.assign(
        compared_count=pd.Series(pd.NA, index=table.index, dtype="Int64"),
        compared_fen=pd.Series(pd.NA, index=table.index, dtype="Int64"),
    )
    as_of = counts.as_of
    if as_of is None or (as_of.month, as_of.day) == (_MONTHS, 31):
        return table
    period = series_period(query)
    length = _MONTHS // PARTS.get(period, 1)
    current = (as_of.month - 1) // length + 1
    is_last = table["year"] == as_of.year
    if period is not ContractPeriod.YEAR:
        is_last &= table["part"] == current
    is_last = is_last.fillna(value=False).astype("bool")
    dated = _parts(placed(counts.to_date[side], places, query), period)
    if period is not ContractPeriod.YEAR:
        dated = dated[dated["part"] == current]
    sums = dated.set_index("year")
    for name, column, year in (
        ("contract_count_before", "contract_count", as_of.year - 1),
        ("contract_value_fen_before", "contract_value_fen", as_of.year - 1),
        ("compared_count", "contract_count", as_of.year),
        ("compared_fen", "contract_value_fen", as_of.year),
    ):
        value = int(sums[column].get(year, 0))
        table[name] = table[name].mask(is_last, value)
    return table


def _name(year: object, part: object, period: ContractPeriod, language: str) -> str:
    if not isinstance(year, int):
        return text("monitor.span.no_year", language)
    if period is ContractPeriod.YEAR:
        return part_name(year, period, None, language)
    if not isinstance(part, int):
        return text("monitor.span.no_part", language, year=year)
    return part_name(year, period, part, language)
