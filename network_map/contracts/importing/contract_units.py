"""The unit of a register's money: from its header, from a person, or an open question.

Never guessed: a wrong unit is wrong by a factor of ten thousand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow.compute as pc

from network_map.contracts.importing.headers import Headers
from network_map.contracts.importing.money import MoneyUnit, fen_column
from network_map.errors import Problem, Severity
from network_map.listfiles.contract_columns import is_matching
from network_map.listfiles.contract_file import Chunk

_ASKED = (MoneyUnit.YUAN, MoneyUnit.WAN, MoneyUnit.YI)
_BARE = r"[0-9０-９.,）)][\s\x{3000}]*$"
"""A cell that ends in a digit names no unit."""


@dataclass(frozen=True)
class UnitCheck:
    """The units of the money columns, and what is open about them.

    Parameters
    ----------
    units
        Unit of each column where it is known.
    silent
        Place of each money column whose unit nobody named.
    labels
        Header of each money column as written.
    differs
        Columns whose header names another unit than the person.
    found
        Sum in fen of the cells without a unit, by column and reading; it is added to.
    """

    units: Mapping[str, MoneyUnit]
    silent: Mapping[str, int]
    labels: Mapping[str, str] = field(default_factory=dict)
    differs: Mapping[str, MoneyUnit] = field(default_factory=dict)
    found: dict[tuple[str, MoneyUnit], int] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether a person must say the unit."""
        return bool(self.found)

    def add(self, chunk: Chunk) -> None:
        """Sum the cells of a chunk that name no unit, under each reading."""
        for column, position in self.silent.items():
            texts = chunk.columns[position]
            if not is_matching(texts, _BARE).any():
                continue
            for unit in _ASKED:
                amounts = fen_column(pc.utf8_trim_whitespace(texts), unit)
                key = (column, unit)
                self.found[key] = self.found.get(key, 0) + sum(amounts.fen.tolist())

    def sums(self) -> dict[MoneyUnit, int]:
        """Return the sum of the first open column in fen under each reading."""
        first = next(iter(self.found))[0]
        return {unit: self.found[first, unit] for unit in _ASKED}


def check_units(headers: Headers, chosen: MoneyUnit | None) -> UnitCheck:
    """Return the units of the money columns.

    Parameters
    ----------
    headers
        What the headers say.
    chosen
        What a person says of the columns whose header names no unit.
    """
    money = [
        c for c in ("contract_value", "technology_value", "paid_value") if c in headers.positions
    ]
    units = dict(headers.units)
    if chosen is not None:
        units = {column: units.get(column, chosen) for column in money}
    return UnitCheck(
        units=units,
        silent={column: headers.positions[column] for column in money if column not in units},
        labels={column: headers.matches[headers.positions[column]].header for column in money},
        differs={c: unit for c, unit in units.items() if chosen not in {None, unit}},
    )


def unit_problems(check: UnitCheck) -> tuple[Problem, ...]:
    """Return what there is to ask about the units."""
    asked = tuple(
        Problem(
            "contract_unit_unknown", Severity.DOUBTFUL, None, "unit", check.labels[column],
            {u.name.lower(): f"{check.found[column, u] / 100:,.2f}" for u in _ASKED},
        )
        for column in check.silent
        if (column, MoneyUnit.YUAN) in check.found
    )  # fmt: skip
    differs = tuple(
        Problem("contract_unit_differs", Severity.DOUBTFUL, None, "unit", unit.value)
        for unit in dict.fromkeys(check.differs.values())
    )
    return (*asked, *differs)
