"""The unit and the currency that a register writes beside the amounts, in columns of their own.

Where no header names the unit, that of the row is read with the amount; where one does, a row
that says another one is asked about. An amount in another currency is asked about.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from network_map.contracts.importing.cells import MoneyUnit, is_foreign, unit_word
from network_map.contracts.importing.headers import MONEY_COLUMNS
from network_map.errors import Severity
from network_map.listfiles.cells import clean_column, clean_text, distinct, is_blank, plain_text
from network_map.listfiles.grid import Chunk
from network_map.listfiles.headers import HeaderMatch
from network_map.listfiles.preview import Answers, Finding, Said

_ENDS_IN_DIGIT = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", ".")
_BARE = {"单位", "计量单位"}
_OWN_CURRENCY = ("人民币", "rmb", "cny", "元", "¥", "￥", "156", "本币", "yuan")


@dataclass(frozen=True)
class RowUnits:
    """The columns of units and currencies of a register.

    Parameters
    ----------
    positions
        Place of each recognised column in the file.
    units
        Unit of each money column where it is known.
    """

    positions: Mapping[str, int]
    units: Mapping[str, MoneyUnit]
    bare: int | None = None
    """Place of a column 单位: of what is no unit there, nothing is said."""

    @property
    def _money(self) -> dict[str, int]:
        return {c: self.positions[c] for c in MONEY_COLUMNS if c in self.positions}

    def written_in(self, chunk: Chunk) -> Chunk:
        """Return rows whose amounts, where no header names the unit, name that of their row."""
        silent = [place for column, place in self._money.items() if column not in self.units]
        place_of_unit = self.positions.get("money_unit", self.bare)
        if place_of_unit is None or not silent:
            return chunk
        words = chunk.columns[place_of_unit].to_pylist()
        units = [unit_word(word) for word in words]
        columns = list(chunk.columns)
        for place in silent:
            texts = (clean_text(text) for text in columns[place].to_pylist())
            columns[place] = pa.array(
                [
                    f"{text}{unit}" if unit is not None and text.endswith(_ENDS_IN_DIGIT) else text
                    for text, unit in zip(texts, units, strict=True)
                ],
                type=pa.string(),
            )
        return replace(chunk, columns=tuple(columns))

    def findings(self, chunk: Chunk, answers: Answers) -> Iterator[Finding]:
        """Yield the questions about amounts whose row says another unit, or another currency."""
        beside = [
            (code, place)
            for code, place in (
                ("contract_row_unit", self.positions.get("money_unit", self.bare)),
                ("contract_row_currency", self.positions.get("currency")),
            )
            if place is not None
        ]
        for column, place in self._money.items() if beside else ():
            amounts = clean_column(chunk.columns[place])
            is_open = np.array(
                [
                    not is_blank(text) and (int(row), column) not in answers
                    for row, text in zip(chunk.rows, amounts.to_pylist(), strict=True)
                ],
                dtype="bool",
            )
            for code, at in beside:
                texts = clean_column(chunk.columns[at])
                yield self._finding(code, column, amounts, texts, is_open)

    def _finding(
        self,
        code: str,
        column: str,
        amounts: pa.Array,
        texts: pa.Array,
        is_open: npt.NDArray[np.bool_],
    ) -> Finding:
        places, words = distinct(texts)
        own = self.units.get(column)
        is_unit = code == "contract_row_unit"
        is_sure = "money_unit" in self.positions

        def differs(word: str) -> bool:
            if is_unit and unit_word(word) is None and not is_sure:
                return False
            return _is_other_unit(word, own) if is_unit else _is_other_currency(word)

        is_other = np.array([differs(word) for word in words], dtype="bool")[places]

        def said(place: int) -> Said:
            amount, word = str(amounts[place].as_py()), str(texts[place].as_py())
            unit = unit_word(word)
            is_bare = unit is not None and amount.endswith(_ENDS_IN_DIGIT)
            values = {"amount": amount[:40], "unit": str(own or "—")}
            return Said(word[:40], f"{amount}{unit}" if is_bare else None, values)

        return Finding(code, Severity.DOUBTFUL, column, np.flatnonzero(is_other & is_open), said)


def _is_other_unit(word: str, own: MoneyUnit | None) -> bool:
    """Return whether a word is a unit of another size, of other money, or none at all."""
    unit = unit_word(word)
    if is_blank(word) or (unit is None and not _is_other_currency(word)):
        return False
    return unit is None or (own is not None and unit is not own)


def bare_unit_place(headers: Sequence[HeaderMatch]) -> int | None:
    """Return the place of an unused column that is headed 单位, which may be of amounts."""
    found = [m.position for m in headers if m.column is None and plain_text(m.header) in _BARE]
    return found[0] if len(found) == 1 else None


def _is_other_currency(word: str) -> bool:
    plain = plain_text(word)
    is_own = any(name in plain for name in _OWN_CURRENCY) and not is_foreign(plain)
    return not (is_blank(word) or is_own)
