"""What is written beside the values of a sheet, whatever program wrote it."""

import re
from dataclasses import dataclass, field

MOST_OF_A_FORMULA = 100_000
"""Cells that one formula may fill and that are marked."""
_LITERAL = re.compile(r'"[^"]*"|[\\!_*].')
_SCALED = re.compile(r"[0#?],+(?![0#?,])")
"""A number format whose last digits are followed by commas: each shows a thousandth."""
_POINT_DRAWN = re.compile(r"[0#?](?:[!\\]\.|\"\.\")[0#?]")
"""One that draws a point between digits, as ``0!.0000`` does: 12345 is shown as 1.2345."""


@dataclass
class SheetParts:
    """What is written beside the values of a sheet; rows and columns from 0.

    Parameters
    ----------
    formulas
        Columns that are formulas, by row.
    hidden_rows
        Rows that a filter or a person hides.
    cuts
        First and last byte of what lies outside the filled cells.
    scaled
        First row of each column that shows numbers smaller than they are.
    merged
        First and last cell of merged ranges, where the reading library does not tell them.
    """

    formulas: dict[int, set[int]] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    cuts: list[tuple[int, int]] = field(default_factory=list)
    scaled: dict[int, int] = field(default_factory=dict)
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)


def is_scaled_format(code: str) -> bool:
    """Return whether a number format of Excel, as ``0!.0,``, shows a number smaller than it is."""
    is_cut = _SCALED.search(_LITERAL.sub("", code)) is not None
    return is_cut or _POINT_DRAWN.search(code) is not None
