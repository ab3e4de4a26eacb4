"""Declared tables of distances as they read where the numbers are driving times."""

from collections.abc import Collection
from dataclasses import replace

import pandas as pd

from network_map.tables.columns import Table
from network_map.terms import CostUnit


def in_unit(
    rows: pd.DataFrame, table: Table, unit: CostUnit, *, but: Collection[str] = ()
) -> tuple[pd.DataFrame, Table]:
    """Return rows and their declaration with the unit of the distances in names and headings.

    Parameters
    ----------
    rows
        Rows of the table.
    table
        Its declaration, written for kilometres.
    unit
        What the distances are.
    but
        Columns that are kilometres all the same.
    """
    changed = {
        column.name: column.name.removesuffix(CostUnit.KM) + unit
        for column in table.columns
        if unit is not CostUnit.KM and column.unit == CostUnit.KM and column.name not in but
    }
    if not changed:
        return rows, table
    columns = tuple(
        replace(column, name=changed[column.name], unit=unit.value)
        if column.name in changed
        else column
        for column in table.columns
    )
    key = tuple(changed.get(name, name) for name in table.key)
    return rows.rename(columns=changed), replace(table, columns=columns, key=key)
