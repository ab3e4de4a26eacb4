"""What is asked of the register's engine: counted rows, from which every answer is put together.

The engine is asked for codes and months; places, periods and growth are put together here, so
that another measure, level or period of the same contracts asks the engine nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from network_map.contracts.query import ContractQuery
from network_map.contracts.register.engine import OpenContracts, fetch, summed_in_files
from network_map.contracts.tables import TO_DATE
from network_map.contracts.volumes import (
    Side,
    chosen,
    total,
    volume,
    volume_columns,
    without_day,
    year_to_date,
)
from network_map.terms import AdminLevel, ContractKind, TechnologyField

MEASURES = ("contract_count", "contract_value_fen", "technology_value_fen")
SIDES: tuple[Side, Side] = ("output", "absorption")
PLACE_OF: Mapping[Side, str] = {"output": "seller_adcode", "absorption": "buyer_adcode"}


@dataclass(frozen=True, slots=True)
class Choice:
    """Which contracts are counted, whatever their place and time.

    Parameters
    ----------
    kinds, fields
        Contract kinds and technology fields; empty means every one.
    """

    kinds: tuple[ContractKind, ...] = ()
    fields: tuple[TechnologyField, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the choice is made by."""
        return tuple(self.filters)

    @property
    def filters(self) -> dict[str, list[str | int | None]]:
        """The values that stay, by column."""
        parts = {"contract_kind": self.kinds, "technology_field": self.fields}
        return {name: [code.value for code in codes] for name, codes in parts.items() if codes}


@dataclass(frozen=True, eq=False)
class Counts:
    """The contracts of a choice, counted by code of place and month.

    Parameters
    ----------
    months
        For each side ``place_adcode, signed_year, signed_month`` and the measures; a contract
        without a date has neither, one without a place no code.
    to_date
        For each side the same by year alone, of the year of the cut-off date and the one before,
        up to the same day of each month of the year; a column ``signed_month`` too.
    undated
        Number of contracts of those two years whose day is not known: they are in no comparison
        up to a day.
    as_of
        The cut-off date of the register.
    """

    months: Mapping[Side, pd.DataFrame]
    to_date: Mapping[Side, pd.DataFrame]
    undated: int
    as_of: date | None


def choice_of(query: ContractQuery) -> Choice:
    """Return which contracts a query counts."""
    return Choice(query.kinds, query.fields)


def counts_of(opened: OpenContracts, choice: Choice) -> Counts:
    """Return the contracts of a choice counted by place and month, on either side.

    Parameters
    ----------
    opened
        The register.
    choice
        Which contracts.

    Raises
    ------
    WorkspaceError
        If the engine cannot answer.
    """
    months = month_counts(opened, choice)
    if opened.as_of is None:
        nothing = {side: frame.iloc[:0] for side, frame in months.items()}
        return Counts(months, nothing, 0, None)
    days = {side: _by_place(opened, choice, side, as_of=opened.as_of) for side in SIDES}
    columns = {*volume_columns(side="output", period="month"), TO_DATE, *choice.columns}
    undated = without_day(_table(opened, choice, columns), as_of=opened.as_of)
    found = fetch(opened.register, total(undated))["contract_count"].fillna(0)
    return Counts(months, days, int(found.sum()), opened.as_of)


def month_counts(opened: OpenContracts, choice: Choice) -> Mapping[Side, pd.DataFrame]:
    """Return the months of :func:`counts_of` alone; small files are counted without an engine.

    Raises
    ------
    WorkspaceError
        As there.
    """
    return {side: _by_month(opened, choice, side) for side in SIDES}


def _by_month(opened: OpenContracts, choice: Choice, side: Side) -> pd.DataFrame:
    place = PLACE_OF[side]
    keys = (place, "signed_year", "signed_month")
    found = None if choice.filters else summed_in_files(opened.register, keys)
    if found is None:
        return _by_place(opened, choice, side)
    return found.rename(columns={place: "place_adcode"})


def _by_place(
    opened: OpenContracts, choice: Choice, side: Side, *, as_of: date | None = None
) -> pd.DataFrame:
    columns = {*volume_columns(side=side, period="month"), *choice.columns}
    if as_of is None:
        table = _table(opened, choice, columns)
    else:
        table = year_to_date(_table(opened, choice, {*columns, TO_DATE}), as_of=as_of)
    # Codes are put to places here: without parents they stay as the register has them.
    asked = volume(table, {}, side=side, by=AdminLevel.COUNTY, period="month")
    return fetch(opened.register, asked)


def _table(opened: OpenContracts, choice: Choice, columns: set[str]) -> Any:  # noqa: ANN401 (ibis has no types)
    return chosen(opened.register.table(columns), choice.filters)


def summed(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return the measures by the keys, exact; an amount that no row states stays missing.

    Parameters
    ----------
    frame
        The keys and the measures.
    keys
        Columns to group by; a missing key is a group of its own.
    """
    grouped = frame.groupby(keys, dropna=False, sort=True)[list(MEASURES)]
    return grouped.sum(min_count=1).reset_index().astype(dict.fromkeys(MEASURES, "Int64"))
