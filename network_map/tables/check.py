"""Typing a raw table by its declaration, and checking it: every problem at once."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from network_map.errors import Problem, TableError
from network_map.tables import Column, ColumnType, Table

_ADCODE = re.compile(r"\d{6}", re.ASCII)
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
_PATTERNS = {ColumnType.ADCODE: _ADCODE, ColumnType.DATE: _DATE}
_FEW = 2000
"""So many cells are looked at sooner one by one than by pandas."""
_TRUE = {"1", "true", "True", "TRUE"}
_FALSE = {"0", "false", "False", "FALSE"}
# By its name, pandas looks a type up anew for each column.
_STRING = pd.StringDtype(na_value=np.nan)
_DTYPES: Mapping[ColumnType, Any] = defaultdict(
    lambda: _STRING,
    {
        ColumnType.BOOLEAN: pd.BooleanDtype(),
        ColumnType.INTEGER: pd.Int64Dtype(),
        ColumnType.NUMBER: np.dtype("float64"),
    },
)


@dataclass(frozen=True, slots=True)
class _Typed:
    """The typed cells of a column, and a mask of those that could not be read."""

    typed: pd.Series
    bad: npt.NDArray[np.bool_]


def conform(table: Table, raw: pd.DataFrame, *, first_row: int = 2) -> pd.DataFrame:
    """Return ``raw`` with the declared columns in order and in their declared types.

    Parameters
    ----------
    table
        The declaration.
    raw
        Any columns as text or already typed; a declared column that is absent becomes empty.
        A ``geometry`` column is kept where the table has one.
    first_row
        Number of the first row as a person sees it, for the messages.

    Returns
    -------
    pandas.DataFrame
        The declared columns, a fresh integer index.

    Raises
    ------
    TableError
        With every cell that cannot be read as its type, every empty required cell, every value
        outside its list or bounds, every repeated key.
    """
    columns: dict[str, pd.Series] = {}
    problems: list[Problem] = []
    raw = raw.reset_index(drop=True)
    for column in table.columns:
        cells = (
            raw[column.name]
            if column.name in raw.columns
            else pd.Series(pd.NA, index=range(len(raw)), dtype="object")
        )
        read = _typed(column, cells)
        columns[column.name] = read.typed
        problems += _cell_problems(column, cells, read, first_row)
    # From arrays: columns with an index of their own would be aligned first.
    frame = pd.DataFrame(
        {name: cells.array for name, cells in columns.items()}, index=raw.index, copy=False
    )
    problems += _key_problems(table, frame, first_row)
    if problems:
        raise TableError(table.name, sorted(problems, key=lambda p: p.row or 0))
    if table.has_geometry and "geometry" in raw.columns:
        frame["geometry"] = raw["geometry"].array
    return frame


def assembled(table: Table, columns: Mapping[str, Any] | pd.DataFrame) -> pd.DataFrame:
    """Return computed columns as a declared table, each in its declared type, unchecked.

    For what is counted anew at each change of a weight: :func:`check` holds it in the tests, where
    it costs nobody time.

    Parameters
    ----------
    table
        The declaration.
    columns
        By name: arrays, and no missing cell where one is required; an absent column is empty.
    """
    return pd.DataFrame(
        {column.name: pd.array(columns[column.name], dtype=_DTYPES[column.type])
         for column in table.columns},
        copy=False,
    )  # fmt: skip


def check(table: Table, frame: pd.DataFrame, *, first_row: int = 2) -> None:
    """Check a typed frame against its declaration.

    Raises
    ------
    TableError
        With every problem, as in :func:`conform`; a missing declared column is a problem too.
    """
    missing = [name for name in table.names if name not in frame.columns]
    if missing:
        raise TableError(
            table.name, [Problem("column_missing", column=name, value=name) for name in missing]
        )
    conform(table, frame, first_row=first_row)


def _typed(column: Column, cells: pd.Series) -> _Typed:
    """Return the typed cells and a mask of those that could not be read."""
    if column.type is ColumnType.BOOLEAN:
        return _typed_boolean(cells)
    if column.type in {ColumnType.INTEGER, ColumnType.NUMBER}:
        return _typed_number(column, cells)
    text = _text(cells)
    return _Typed(text, ~_is_read(column, text))


def _is_read(column: Column, text: pd.Series) -> npt.NDArray[np.bool_]:
    pattern = _PATTERNS.get(column.type)
    is_listed = column.type is ColumnType.CODE and bool(column.codes)
    if pattern is None and not is_listed:
        return np.ones(len(text), dtype=np.bool_)
    if len(text) > _FEW:
        found = text.isin(column.codes) if pattern is None else text.str.fullmatch(pattern.pattern)
        return np.asarray(found.fillna(value=False).to_numpy(bool) | text.isna().to_numpy())
    cells, codes = text.to_numpy("object"), frozenset(column.codes)
    if pattern is None:
        read = [cell in codes or not isinstance(cell, str) for cell in cells]
    else:
        read = [not isinstance(cell, str) or bool(pattern.fullmatch(cell)) for cell in cells]
    return np.array(read, dtype=np.bool_)


def _text(cells: pd.Series) -> pd.Series:
    """Return the cells as text without blanks about it; an empty text is missing."""
    text = cells if cells.dtype == _STRING else cells.astype(_STRING).where(cells.notna())
    if len(text) <= _FEW and not any(
        isinstance(cell, str) and (not cell or cell != cell.strip())
        for cell in text.to_numpy("object")
    ):
        return text
    text = text.astype(_STRING).str.strip()
    is_empty = text.eq("").to_numpy(np.bool_, na_value=False)
    return text.mask(is_empty) if is_empty.any() else text


def _typed_boolean(cells: pd.Series) -> _Typed:
    if pd.api.types.is_bool_dtype(cells.dtype):
        return _Typed(cells.astype("boolean"), np.zeros(len(cells), dtype=bool))
    text = _text(cells)
    typed = pd.Series(pd.NA, index=cells.index, dtype="boolean")
    typed = typed.mask(text.isin(_TRUE), other=True).mask(text.isin(_FALSE), other=False)
    return _Typed(typed, (text.notna() & typed.isna()).to_numpy(bool))


def _typed_number(column: Column, cells: pd.Series) -> _Typed:
    # Numbers need not be read as text first.
    is_number = pd.api.types.is_numeric_dtype(cells.dtype) and not (
        pd.api.types.is_bool_dtype(cells.dtype)
    )
    text = None if is_number else cells if cells.dtype == _STRING else _text(cells)
    read = cells if text is None else pd.to_numeric(text, errors="coerce")
    if text is not None and (read.isna() & text.notna()).any():  # perhaps of blanks about it
        text = _text(cells)
        read = pd.to_numeric(text, errors="coerce")
    is_plain = isinstance(read.dtype, np.dtype)
    values = read.to_numpy() if is_plain else read.to_numpy(np.float64, na_value=np.nan)
    values = values.astype(np.float64)
    is_bad = np.isinf(values)
    if text is not None:
        is_bad |= text.notna().to_numpy() & np.isnan(values)
    if column.type is ColumnType.INTEGER:
        with np.errstate(invalid="ignore"):
            is_bad |= np.isfinite(values) & (values % 1 != 0)
    if is_bad.any():
        values = np.where(is_bad, np.nan, values)
    if column.type is ColumnType.NUMBER:
        return _Typed(pd.Series(values, index=cells.index), is_bad)
    is_empty = np.isnan(values)
    if pd.api.types.is_integer_dtype(read.dtype):
        # Not by way of floats, which are exact to 2 ** 53 only.
        whole = read.to_numpy() if is_plain else read.to_numpy(np.int64, na_value=0)
        whole = whole.astype(np.int64)
    else:
        whole = np.where(is_empty, 0, values).astype(np.int64)
    typed = pd.Series(pd.arrays.IntegerArray(whole, is_empty), index=cells.index)
    return _Typed(typed, is_bad)


def _cell_problems(column: Column, cells: pd.Series, read: _Typed, first_row: int) -> list[Problem]:
    typed, bad = read.typed, read.bad
    problems = [
        Problem(
            f"cell_not_{column.type.value}",
            row=first_row + int(position),
            column=column.name,
            value=str(cells.iloc[position]),
            values={"codes": "、".join(column.codes)} if column.codes else {},
        )
        for position in bad.nonzero()[0]
    ]
    if column.is_required:
        empty = typed.isna().to_numpy() & ~bad
        problems += [
            Problem("cell_empty", row=first_row + int(position), column=column.name)
            for position in empty.nonzero()[0]
        ]
    if column.minimum is not None or column.maximum is not None:
        low = column.minimum if column.minimum is not None else float("-inf")
        high = column.maximum if column.maximum is not None else float("inf")
        number = typed.to_numpy("float64", na_value=np.nan)
        outside = (number < low) | (number > high)
        problems += [
            Problem(
                "cell_out_of_bounds",
                row=first_row + int(position),
                column=column.name,
                value=str(cells.iloc[position]),
                values={"minimum": column.minimum, "maximum": column.maximum},
            )
            for position in outside.nonzero()[0]
        ]
    return problems


def _key_problems(table: Table, frame: pd.DataFrame, first_row: int) -> list[Problem]:
    if not table.key or frame.empty:
        return []
    key = list(table.key)
    repeated = frame.duplicated(key, keep="first")
    return [
        Problem(
            "key_repeated",
            row=first_row + int(position),
            column="+".join(key),
            value=" / ".join(str(value) for value in frame.loc[position, key]),
        )
        for position in repeated.to_numpy().nonzero()[0]
    ]
