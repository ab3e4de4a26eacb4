"""Money of a register as whole fen, exactly: no float is ever involved."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, DecimalException, localcontext
from enum import IntEnum, StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from network_map.listfiles.cells import distinct, is_matching, plain_text

MOST_FEN = 9 * 10**15
"""90 000 亿元: no contract is larger, and the sum of 1 000 such still fits in 64 bits."""
_MOST_DIGITS = 15
_PRECISION = 60
_HALF = Decimal("0.5")
_LONGEST = 40
_AMOUNT = re.compile(
    r"(?:人民币|rmb|cny|[¥￥])?"
    r"(?P<sign>[-+]?)(?P<open>\()?[¥￥]?(?P<digits>[\d,]*\.?\d+|[\d,]+\.)(?P<power>e[-+]?\d{1,2})?\)?"
    r"(?P<unit>亿元?|万元?|千元|元|圆|分)?(?:人民币|rmb|cny|整|正)?"
)
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?|\d{1,4}(,\d{4})+(\.\d*)?|[\d.]+")
_FOREIGN = re.compile(r"美元|美金|欧元|日元|英镑|港元|港币|usd|eur|jpy|gbp|hkd|[$€£]")
_BLANK = {"", "-", "--", "—", "——", "/", "\\", "无", "暂无", "n/a", "na", "null", "none", "nan"}


class MoneyUnit(StrEnum):
    """The unit of a column of money."""

    FEN = "分"
    YUAN = "元"
    THOUSAND = "千元"
    WAN = "万元"
    YI = "亿元"

    @property
    def power(self) -> int:
        """Number of decimal places from the unit to fen."""
        return _POWERS[self]


_POWERS = {
    MoneyUnit.FEN: 0, MoneyUnit.YUAN: 2, MoneyUnit.THOUSAND: 5, MoneyUnit.WAN: 6, MoneyUnit.YI: 10,
}  # fmt: skip
_CELL_UNITS = {
    "亿": MoneyUnit.YI, "亿元": MoneyUnit.YI, "万": MoneyUnit.WAN, "万元": MoneyUnit.WAN,
    "千元": MoneyUnit.THOUSAND, "元": MoneyUnit.YUAN, "圆": MoneyUnit.YUAN, "分": MoneyUnit.FEN,
}  # fmt: skip


class MoneyState(IntEnum):
    """How a cell of money was understood, or why it was not."""

    READ = 0
    """In the unit of its column."""
    OWN_UNIT = 1
    """In the unit that the cell names."""
    ROUNDED = 2
    """Rounded to whole fen."""
    EMPTY = 3
    UNREADABLE = 4
    NEGATIVE = 5
    FOREIGN = 6
    TOO_LARGE = 7
    HALF_FEN = 8
    """Just between two whole fen: a person must say which."""


_KNOWN = [MoneyState.READ, MoneyState.OWN_UNIT, MoneyState.ROUNDED, MoneyState.HALF_FEN]


@dataclass(frozen=True)
class Money:
    """A column of money.

    Parameters
    ----------
    fen
        Whole fen, 0 where there is none.
    state
        A :class:`MoneyState` for each cell.
    """

    fen: npt.NDArray[np.int64]
    state: npt.NDArray[np.int8]

    @property
    def is_known(self) -> npt.NDArray[np.bool_]:
        """Whether each cell holds an amount."""
        return np.isin(self.state, _KNOWN)


def fen_column(texts: pa.Array, unit: MoneyUnit) -> Money:
    """Return a column of money in whole fen.

    Parameters
    ----------
    texts
        The cells; plain numbers are read together, anything else one by one.
    unit
        The unit of cells that name none.
    """
    plain = is_matching(texts, _plain_pattern(unit))
    fen = np.zeros(len(texts), dtype="int64")
    state = np.zeros(len(texts), dtype="int8")
    fen[plain] = _plain_fen(texts.filter(pa.array(plain)), unit)
    odd = np.flatnonzero(~plain)
    if len(odd):
        places, words = distinct(texts.take(pa.array(odd)))
        read = [read_money(word, unit) for word in words]
        fen[odd] = np.array([found for found, _ in read], dtype="int64")[places]
        state[odd] = np.array([how for _, how in read], dtype="int8")[places]
    return Money(fen, state)


def read_money(text: str, unit: MoneyUnit) -> tuple[int, MoneyState]:
    """Return one amount in whole fen, and how it was understood.

    Thousands separators, full-width digits, a currency sign and a unit of its own (12.3万元) are
    read. A part of a fen is rounded; half a fen is rounded up and must be asked about.
    """
    plain = plain_text(text[: _LONGEST * 2])
    if plain in _BLANK:
        return 0, MoneyState.EMPTY
    if _FOREIGN.search(plain):
        return 0, MoneyState.FOREIGN
    match = _AMOUNT.fullmatch(plain) if len(plain) <= _LONGEST else None
    if match is None or _GROUPED.fullmatch(match["digits"]) is None:
        return 0, MoneyState.UNREADABLE
    if match["sign"] == "-" or match["open"]:
        return 0, MoneyState.NEGATIVE
    own = _CELL_UNITS.get(match["unit"] or "")
    number = match["digits"].replace(",", "") + (match["power"] or "")
    return _whole_fen(number, own or unit, has_own_unit=own is not None and own is not unit)


def _whole_fen(number: str, unit: MoneyUnit, *, has_own_unit: bool) -> tuple[int, MoneyState]:
    with localcontext(prec=_PRECISION):
        try:
            exact = Decimal(number).scaleb(unit.power)
            whole = exact.to_integral_value(ROUND_HALF_UP)
        except DecimalException:
            return 0, MoneyState.UNREADABLE
    if exact > MOST_FEN:
        return 0, MoneyState.TOO_LARGE
    if abs(whole - exact) == _HALF:
        return int(whole), MoneyState.HALF_FEN
    if whole != exact:
        return int(whole), MoneyState.ROUNDED
    return int(whole), MoneyState.OWN_UNIT if has_own_unit else MoneyState.READ


def _plain_pattern(unit: MoneyUnit) -> str:
    decimals = rf"(\.[0-9]{{1,{unit.power}}})?" if unit.power else ""
    return rf"^[0-9]{{1,{_MOST_DIGITS - unit.power}}}{decimals}$"


def _plain_fen(texts: pa.Array, unit: MoneyUnit) -> npt.NDArray[np.int64]:
    """Return plain decimal numbers in fen: digits before and after the point joined."""
    replace: Callable[..., pa.Array] = pc.replace_substring_regex
    whole = replace(texts, pattern=r"\..*$", replacement="")
    decimals = replace(texts, pattern=r"^[0-9]+\.?", replacement="")
    padded = pc.utf8_rpad(decimals, width=unit.power, padding="0")
    joined = pc.binary_join_element_wise(whole, padded, "")
    return np.asarray(pc.cast(joined, pa.int64()).to_numpy(zero_copy_only=False))
