"""What is written beside the values of a sheet, whatever program wrote it."""

import re
from dataclasses import dataclass, field

MOST_OF_A_FORMULA = 100_000
"""Cells that one formula may fill and that are marked."""
_LITERAL = re.compile(r'"[^"]*"|[\\!_*].')
_SCALED = re.compile(r"[0#?],+(?![0#?,])")
"""A number format whose last digits are followed by commas: each shows a thousandth."""
_UNIT = re.compile(r"亿元?|万元?|千元|元|美元|美金|欧元|日元|港元|港币|英镑|US\$|HK\$|[$€£]")
"""What a number format may write behind or before an amount."""
_CURRENCY = re.compile(r"\[\$([^\]-]*)(-[^\]]*)?\]")
_BRACKETED = re.compile(r"\[[^\]]*\]")
SCALED = "scaled"
"""What a number format is called that shows numbers smaller than they are."""
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
    units
        First row of each column and unit that its number format writes beside numbers it shows as
        they are.
    merged
        First and last cell of merged ranges, where the reading library does not tell them.
    """

    formulas: dict[int, set[int]] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    cuts: list[tuple[int, int]] = field(default_factory=list)
    scaled: dict[int, int] = field(default_factory=dict)
    units: dict[tuple[int, str], int] = field(default_factory=dict)
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)

    def note_format(self, said: str, column: int, row: int) -> None:
        """Note what the number format of a cell says, as :func:`said_by_format` has it."""
        if said == SCALED:
            self.scaled.setdefault(column, row)
        elif said:
            self.units.setdefault((column, said), row)


def said_by_format(code: str) -> str:
    """Return what a number format says of an amount: :data:`SCALED`, a unit, or nothing ("")."""
    return SCALED if is_scaled_format(code) else unit_in(code.split(";", maxsplit=1)[0])


def unit_in(text: str) -> str:
    """Return the unit that a number format, as ``0.00"万元"``, writes beside its numbers."""
    plain = _BRACKETED.sub("", _CURRENCY.sub(r"\1", text))
    found = _UNIT.search(re.sub(r'["\\]', "", plain))
    return found[0] if found is not None else ""


def is_scaled_format(code: str) -> bool:
    """Return whether a number format of Excel, as ``0!.0,``, shows a number smaller than it is."""
    is_cut = _SCALED.search(_LITERAL.sub("", code)) is not None
    return is_cut or _POINT_DRAWN.search(code) is not None
