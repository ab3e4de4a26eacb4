"""The columns of a chunk of a register, each read with what there is to say about its cells.

Money is read as whole fen, exactly: no float is ever involved.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal, DecimalException, localcontext
from enum import IntEnum, StrEnum
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from network_map.contracts.importing.words import Word
from network_map.contracts.tables import CONTRACTS, PAID_VALUES
from network_map.errors import QueryError, Severity
from network_map.listfiles.cells import (
    RADICALS,
    ROUNDED_NUMBER,
    Mask,
    Places,
    clean_column,
    date_remark,
    distinct,
    is_matching,
    is_month_cut_short,
    iso_date,
    mended,
    next_day,
    plain_text,
    read_column,
    replaced,
    without_contacts,
    without_radicals,
    written_out,
)
from network_map.listfiles.grid import Chunk
from network_map.listfiles.preview import Answers, Finding, Said, finding
from network_map.listfiles.workbook_process import FORMULA_MARK

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
_NO_MONEY = {"", "-", "--", "—", "——", "/", "\\", "无", "暂无", "n/a", "na", "null", "none", "nan"}


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
    """Return a column of money in whole fen."""
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
    if plain in _NO_MONEY:
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


UNIT_WORDS = {
    "元": MoneyUnit.YUAN, "yuan": MoneyUnit.YUAN,
    "千元": MoneyUnit.THOUSAND, "1k_yuan": MoneyUnit.THOUSAND,
    "万元": MoneyUnit.WAN, "万": MoneyUnit.WAN, "10k_yuan": MoneyUnit.WAN,
    "wan": MoneyUnit.WAN, "wan_yuan": MoneyUnit.WAN, "10000_yuan": MoneyUnit.WAN,
    "亿元": MoneyUnit.YI, "亿": MoneyUnit.YI, "100m_yuan": MoneyUnit.YI,
    "yi": MoneyUnit.YI, "yi_yuan": MoneyUnit.YI,
    "分": MoneyUnit.FEN, "fen": MoneyUnit.FEN,
}  # fmt: skip
"""Words for the units of money."""
_ROW_UNIT_NOISE = re.compile(r"人民币|rmb|cny|单位|[::()\s]")


def unit_word(text: str) -> MoneyUnit | None:
    """Return the unit that a cell or a number format names: 万元, 人民币(元)."""
    return _CELL_UNITS.get(_ROW_UNIT_NOISE.sub("", plain_text(text)))


def is_foreign(text: str) -> bool:
    """Return whether a text names another currency than the yuan."""
    return _FOREIGN.search(plain_text(text)) is not None


_OFFERED_UNITS = "元、万元、亿元 (yuan, 10k_yuan, 100m_yuan)"


def parse_unit(word: str | None) -> MoneyUnit | None:
    """Return the unit of money that a word means; without one, none is said.

    Raises
    ------
    QueryError
        If it means none.
    """
    if word is None:
        return None
    unit = UNIT_WORDS.get(word.strip().lower())
    if unit is None:
        raise QueryError("unit_unreadable", value=word, known=_OFFERED_UNITS)
    return unit


_NEAR_MIDNIGHT = "date_near_midnight"
_FORMULA = r"^\s*([=\x{fdd0}]|#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)\s*$)"
"""A formula, or what a spreadsheet shows for one that failed."""
_TOO_NARROW = r"^\s*##+\s*$"
"""What a spreadsheet shows of a number in a column too narrow for it."""
_FORMULA_STARTS = (FORMULA_MARK, "=", "#", " ", "\t", "\n", "\r")
_QUOTED_FORMULA = r'^\s*="[^"]*"\s*$'
_QUOTED = re.compile(r'^\s*="([^"]*)"\s*$')
_MONEY_WORDS: Mapping[str, Mapping[str, str]] = {
    column.name.removesuffix("_fen"): {"zh": column.zh, "en": column.en}
    for table in (CONTRACTS, PAID_VALUES)
    for column in table.columns
    if column.name.endswith("_fen")
}
_NO_ID = r"^(待定|待补充?|待编号?|未编号?|未知|不详|空)$"
_SEVERAL_IDS = r"\d{8,}([,;、|~至和及]+\d{2,}|[,;、/|~至和及]+[A-Za-z]*\d{8,})|^\d{24,}$"
_SEPARATED = re.compile(r"\d{1,3}(,\d{3})+")
"""A number with separators of thousands."""
_CONTACT = r"\d{7,}|\d{3,4}[ -]\d{4}|@"
BLANK = r"(?i)^([-—/\\\\]*|无|暂无|n/?a|null|none|nan)$"
_SPAN = re.compile(
    r"(\d{4}\D\d{1,2}(?:\D\d{1,2})?[日号]?|\d{8})(?:\s*(?:至|到|~|～|—+|-+|–)\s*)"
    r"(\d{4}\D\d{1,2}(?:\D\d{1,2})?[日号]?|\d{8})"
)


@dataclass(frozen=True)
class Cells:
    """The text columns of a chunk by name, with the person's answers in them.

    Parameters
    ----------
    chunk
        The rows.
    positions
        Place of each recognised column in the file.
    answers
        What a person answered.
    known
        For each column what its texts mean, as far as they were read before; it is added to.
    """

    chunk: Chunk
    positions: Mapping[str, int]
    answers: Answers
    known: dict[str, dict[str, object]] = field(default_factory=dict)

    def has(self, column: str) -> bool:
        """Return whether the file has a column."""
        return column in self.positions

    def text(self, column: str) -> pa.Array:
        """Return a column of clean text; empty where the file has none."""
        if column in self.positions:
            texts = clean_column(self.chunk.columns[self.positions[column]])
        else:
            texts = pa.repeat("", len(self.chunk))
        return replaced(texts, self.by_row(column))

    def by_row(self, column: str) -> dict[int, str]:
        """Return the answers about a column by the place of their row in the chunk."""
        rows = self.chunk.rows
        found: dict[int, str] = {}
        for (row, name), value in self.answers.items():
            if name == column and isinstance(row, int) and len(rows):
                place = int(np.searchsorted(rows, row))
                if place < len(rows) and rows[place] == row:
                    found[place] = value
        return found

    def is_answered(self, column: str) -> Mask:
        """Return which rows have an answer of their own about a column."""
        mask = np.zeros(len(self.chunk), dtype="bool")
        mask[list(self.by_row(column))] = True
        return mask

    def answer(self, text: str, column: str) -> str:
        """Return the text to take for a text."""
        return self.answers.get((text, column), text)


def without_formulas(cells: Cells) -> tuple[Cells, list[Finding]]:
    """Return the cells without the marks of formulas, and an error for each row with a formula.

    A formula says what it was when the file was saved, perhaps of cells that are gone since: it is
    no statement. ``="530102"``, by which programs keep a text from becoming a number, is a text.
    """
    columns, findings = list(cells.chunk.columns), []
    for column, position in cells.positions.items():
        texts = columns[position]
        if column == "ordinal" or not _may_hold_formulas(texts):
            continue
        texts = mended(texts, _QUOTED_FORMULA, lambda text: _QUOTED.sub(r"\1", text))
        is_formula = is_matching(texts, _FORMULA)
        bare = mended(texts, _FORMULA, lambda text: text.strip().lstrip(f"{FORMULA_MARK}="))
        is_open = ~cells.is_answered(column)
        said = {"contract_formula": is_formula, "cell_too_narrow": is_matching(texts, _TOO_NARROW)}
        findings += [
            finding(code, Severity.ERROR, column, found & is_open, quote(clean_column(bare)))
            for code, found in said.items()
        ]
        columns[position] = bare
    return replace(cells, chunk=replace(cells.chunk, columns=tuple(columns))), findings


def _may_hold_formulas(texts: pa.Array) -> bool:
    """Return whether a cell begins as a formula may: to look is cheaper than an expression."""
    return any(pc.any(pc.starts_with(texts, start)).as_py() for start in _FORMULA_STARTS)


def contract_ids(cells: Cells) -> tuple[pa.Array, list[Finding]]:
    """Return the ids as text; leading zeros stay, what a spreadsheet rounded is refused."""
    texts = mended(
        cells.text("contract_id"), r"^['‘’`]|[^\x20-\x7e]|\.0+$| |^\d+(,\d{3})+$", _plain_id
    )
    is_missing = is_matching(texts, BLANK) | is_matching(texts, _NO_ID)
    is_rounded = is_matching(texts, ROUNDED_NUMBER)
    is_several = is_matching(texts, _SEVERAL_IDS) & ~cells.is_answered("contract_id")
    findings = [
        finding(
            "contract_ids_several", Severity.DOUBTFUL, "contract_id", is_several, quote(texts)
        ),
        finding("contract_id_missing", Severity.ERROR, "contract_id", is_missing),
        Finding(
            "contract_id_rounded", Severity.ERROR, "contract_id", np.flatnonzero(is_rounded),
            lambda place: _said_of_rounded(str(texts[place].as_py())),
        ),
    ]  # fmt: skip
    return texts, findings


def rounded(cells: Cells, column: str) -> Finding:
    """Return the rows whose number of another thing than a contract a spreadsheet rounded."""
    texts = mended(cells.text(column), r"[^\x20-\x7e]", plain_text)
    return Finding(
        "id_rounded", Severity.DOUBTFUL, column, np.flatnonzero(is_matching(texts, ROUNDED_NUMBER)),
        lambda place: replace(_said_of_rounded(str(texts[place].as_py())), fix=""),
    )  # fmt: skip


def words(
    cells: Cells,
    column: str,
    read: Callable[[str], Word],
    *,
    unknown: tuple[str, Severity],
    missing: str | None = None,
) -> tuple[pa.Array, list[Finding]]:
    """Return a code column, with what is unknown, only contained or missing."""
    texts = cells.text(column)

    def meaning(text: str) -> Word:
        given = cells.answer(text, column)
        found = read(given)
        return Word(found.code, is_sure=True, is_blank=found.is_blank) if given != text else found

    known: dict[str, Word] = cells.known.setdefault(column, {})  # type: ignore[assignment]  # of this column
    places, _, found = read_column(texts, meaning, known)
    codes = pa.array([word.code for word in found], type=pa.string()).take(pa.array(places))
    is_blank_word, is_open, is_part = (
        np.array(flags, dtype="bool")
        for flags in (
            [word.is_blank for word in found],
            [word.code is None and not word.is_blank for word in found],
            [word.code is not None and not word.is_sure for word in found],
        )
    )
    if not len(found):
        return codes, []
    offered = "" if unknown[1] is Severity.DOUBTFUL else None
    findings = [
        finding(*unknown, column, is_open[places], quote(texts), offered),
        Finding(
            "contract_word_contained", Severity.CORRECTED, column,
            np.flatnonzero(is_part[places]),
            lambda place: Said(texts[place].as_py(), found[places[place]].code),
        ),
    ]  # fmt: skip
    if missing is not None:
        findings.append(finding(missing, Severity.ERROR, column, is_blank_word[places]))
    return codes, findings


def money(cells: Cells, column: str, unit: MoneyUnit) -> tuple[Money, list[Finding]]:
    """Return a column of money in fen, with what was corrected or cannot be read."""
    texts = cells.text(column)
    given = {text for text, name in cells.answers if name == column and isinstance(text, str)}
    if given:
        texts = pa.array([cells.answer(text, column) for text in texts.to_pylist()], pa.string())
    amounts = fen_column(texts, unit)
    said = {
        MoneyState.OWN_UNIT: ("contract_money_own_unit", Severity.CORRECTED),
        MoneyState.ROUNDED: ("contract_money_rounded", Severity.CORRECTED),
        MoneyState.HALF_FEN: ("contract_money_half_fen", Severity.DOUBTFUL),
        MoneyState.UNREADABLE: ("contract_money_unreadable", Severity.ERROR),
        MoneyState.NEGATIVE: ("contract_money_negative", Severity.ERROR),
        MoneyState.FOREIGN: ("contract_money_foreign", Severity.ERROR),
        MoneyState.TOO_LARGE: ("contract_money_too_large", Severity.ERROR),
    }
    findings = [
        Finding(
            code, severity, column, np.flatnonzero(amounts.state == state),
            partial(_said_of_money, texts, amounts, column, severity is not Severity.ERROR),
        )
        for state, (code, severity) in said.items()
    ]  # fmt: skip
    return amounts, findings


def _said_of_money(
    texts: pa.Array,
    amounts: Money,
    column: str,
    has_fix: bool,  # noqa: FBT001 - filled in above
    place: int,
) -> Said:
    fen = int(amounts.fen[place])
    yuan = f"{fen // 100:,}.{fen % 100:02d}"
    fix = f"{yuan.replace(',', '')}元" if has_fix else None
    return Said(texts[place].as_py()[:40], fix, {"yuan": yuan, **_MONEY_WORDS[column]})


def dates(cells: Cells, column: str) -> tuple[pa.Array, list[Finding]]:
    """Return a column of dates in ISO 8601, as exact as written, with those not understood."""
    texts = cells.text(column)
    known: dict[str, str | None] = cells.known.setdefault(column, {})  # type: ignore[assignment]  # of this column
    places, words, found = read_column(texts, lambda t: iso_date(cells.answer(t, column)), known)
    different = [text for text in list(known) if is_month_cut_short(text)]
    values = pa.array(found, type=pa.string()).take(pa.array(places))
    is_open = np.array([value is None for value in found], dtype="bool")[places]
    is_open &= ~is_matching(texts, BLANK)
    findings = [finding("date_not_read", Severity.DOUBTFUL, column, is_open, quote(texts), "")]
    findings += _moved_dates(cells, column, words, places, values)
    if different:
        is_short = is_matching(texts, r"^\d{4}\.1$") & ~cells.is_answered(column)
        is_short &= np.array([(t, column) not in cells.answers for t in texts.to_pylist()])
        findings.append(
            Finding(
                "date_month_doubtful", Severity.DOUBTFUL, column, np.flatnonzero(is_short),
                lambda place: _two_months(texts[place].as_py()),
            )
        )  # fmt: skip
    return values, findings


def _moved_dates(
    cells: Cells, column: str, words: Sequence[str], places: Places, values: pa.Array
) -> list[Finding]:
    """Return what there is to say about moments that became days."""
    codes = [
        date_remark(word)
        if (":" in word or "." in word) and cells.answer(word, column) == word
        else None
        for word in words
    ]  # fmt: skip
    said = [code or "" for code in codes]
    of_row = np.array(said)[places] if any(said) else np.array([])
    return [
        Finding(
            code,
            Severity.DOUBTFUL if code == _NEAR_MIDNIGHT else Severity.CORRECTED,
            column,
            np.flatnonzero((of_row == code) & ~cells.is_answered(column)),
            partial(_said_of_moment, words, places, values, code),
        )
        for code in sorted({*said} - {""})
    ]


def _said_of_moment(
    words: Sequence[str], places: Places, values: pa.Array, code: str, place: int
) -> Said:
    day = str(values[place].as_py())
    fix = next_day(day) if code == _NEAR_MIDNIGHT else day
    return Said(words[places[place]][:40], fix, {"day": day})


def spans(cells: Cells) -> tuple[pa.Array, pa.Array, list[Finding]]:
    """Return first and last day of a column like 2023年1月1日至2024年12月31日."""
    texts = cells.text("valid_span")
    known: dict[str, tuple[str | None, str | None]] = cells.known.setdefault("valid_span", {})  # type: ignore[assignment]  # of this column
    places, _, found = read_column(texts, _span, known)
    starts, ends = (
        pa.array([pair[side] for pair in found], type=pa.string()).take(pa.array(places))
        for side in (0, 1)
    )
    is_open = np.array([pair[0] is None for pair in found], dtype="bool")[places]
    is_open &= ~is_matching(texts, BLANK)
    note = finding("contract_span_not_read", Severity.NOTE, "valid_span", is_open, quote(texts))
    return starts, ends, [note]


def names(cells: Cells, column: str) -> tuple[pa.Array, list[Finding]]:
    """Return a column of text for people, telephone numbers and the like taken out."""
    texts = cells.text(column)
    whole = mended(texts, RADICALS, without_radicals)
    kept = mended(whole, _CONTACT, without_contacts)
    changed = np.asarray(pc.not_equal(whole, kept).to_numpy(zero_copy_only=False), dtype="bool")
    had_radicals = np.asarray(
        pc.not_equal(texts, whole).to_numpy(zero_copy_only=False), dtype="bool"
    )
    empty = is_matching(kept, BLANK)
    values = pc.if_else(pa.array(empty), None, kept)
    return values, [
        finding("contact_removed", Severity.CORRECTED, column, changed),
        finding("radicals_replaced", Severity.CORRECTED, column, had_radicals, quote(texts)),
    ]


def quote(texts: pa.Array) -> Callable[[int], str]:
    """Return what quotes the text of a row, cut to what a sentence can hold."""
    return lambda place: str(texts[place].as_py())[:80]


def _plain_id(text: str) -> str:
    plain = plain_text(text).strip("'‘’`")
    if _SEPARATED.fullmatch(plain):
        plain = plain.replace(",", "")
    return re.sub(r"(?<=^\d{5})(\d*)\.0+$", r"\1", plain).upper()


def _said_of_rounded(text: str) -> Said:
    return Said(text[:80], values={"digits": written_out(text)})


def _two_months(text: str) -> Said:
    year = plain_text(text)[:4]
    values = {"first": f"{year}-01", "second": f"{year}-10"}
    return Said(text, f"{year}-01", values)


def _span(text: str) -> tuple[str | None, str | None]:
    match = _SPAN.fullmatch(plain_text(text))
    if match is None:
        return None, None
    first, last = (iso_date(part) for part in match.groups())
    return (first, last) if first is not None and last is not None else (None, None)
