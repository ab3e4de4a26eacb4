"""The rows of a table as the browser reads them: made once, fetched once."""

import json

import pandas as pd
from pandas.api.extensions import ExtensionArray

from network_map.i18n import text
from network_map.tables.columns import Column, ColumnType, Table

_NUMBERS = (ColumnType.INTEGER, ColumnType.NUMBER)
_DIGITS = {ColumnType.NUMBER: 2}
_SAID_BY_HEADING = ("", "count", "degrees")


def table_rows(
    table: pd.DataFrame,
    declaration: Table,
    *,
    columns: list[str],
    id_column: str,
    label: str,
    language: str,
    missing: str | None = None,
) -> bytes:
    """Return rows with their headings as compact JSON.

    Parameters
    ----------
    table
        Rows of the declared table.
    declaration
        Gives headings, units and explanations.
    columns
        Names of the columns shown, in order.
    id_column
        Column that names a row; its values are unique.
    label
        What the table holds, for people who do not see it.
    language
        ``zh`` or ``en``.
    missing
        What an empty cell says; the word for unknown where none is given.
    """
    cells = [plain_cells(table[name]) for name in columns]
    document = {
        "label": label,
        "missing": text("card.not_known", language) if missing is None else missing,
        "columns": [_heading(declaration.column(name), language) for name in columns],
        "rows": [
            {"id": str(row_id), "cells": list(row)}
            for row_id, row in zip(table[id_column], zip(*cells, strict=True), strict=True)
        ],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def plain_cells(cells: pd.Series | ExtensionArray) -> list[object]:
    """Return cells as Python's own values, None where one is missing."""
    return [
        None if is_missing else cell
        for cell, is_missing in zip(cells.tolist(), cells.isna().tolist(), strict=True)
    ]


def _heading(column: Column, language: str) -> dict[str, object]:
    heading = column.heading(language)
    if column.unit not in _SAID_BY_HEADING:
        unit = text(f"unit.{column.unit}", language)
        heading = text("export.heading_with_unit", language, heading=heading, unit=unit)
    return {
        "heading": heading,
        "about": column.about_zh if language == "zh" else column.about_en,
        "numeric": column.type in _NUMBERS,
        "digits": _DIGITS.get(column.type, 0),
    }
