"""The columns of a chunk of a register, each read with what there is to say about its cells."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from network_map.contracts.importing.money import Money, MoneyState, MoneyUnit, fen_column
from network_map.contracts.importing.words import Word
from network_map.contracts.tables import CONTRACTS, PAID_VALUES
from network_map.errors import Severity
from network_map.listfiles.cells import (
    RADICALS,
    Mask,
    Places,
    clean_column,
    date_remark,
    is_matching,
    is_month_cut_short,
    iso_date,
    mended,
    next_day,
    plain_text,
    read_column,
    replaced,
    without_radicals,
)
from network_map.listfiles.grid import Chunk
from network_map.listfiles.preview import Finding, Said, finding
from network_map.listfiles.workbook_process import FORMULA_MARK
from network_map.nodes.importing.words import without_contacts

Answers = Mapping[tuple[int | str, str], str]
"""What a person answered: the text to take for a column, by row number or by what stands there."""

_ROUNDED_ID = r"^[0-9]([.,][0-9]+[eE]\+?|[eE]\+)[0-9]+$"
"""As Excel writes a long number (2.02453E+15), and as Java does (2.02453E15)."""
_MOST_POWER = 40
_NEAR_MIDNIGHT = "date_near_midnight"
_FORMULA = r"^\s*([=\x{fdd0}]|#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)\s*$)"
"""A formula, or what a spreadsheet shows for one that failed."""
_FORMULA_STARTS = (FORMULA_MARK, "=", "#", " ", "\t", "\n", "\r")
_QUOTED_FORMULA = r'^\s*="[^"]*"\s*$'
_QUOTED = re.compile(r'^\s*="([^"]*)"\s*$')
_MONEY_WORDS: Mapping[str, Mapping[str, str]] = {
    column.name.removesuffix("_fen"): {"zh": column.zh, "en": column.en}
    for table in (CONTRACTS, PAID_VALUES)
    for column in table.columns
    if column.name.endswith("_fen")
}
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
        found = is_formula & ~cells.is_answered(column)
        findings.append(
            finding("contract_formula", Severity.ERROR, column, found, quote(clean_column(bare)))
        )
        columns[position] = bare
    return replace(cells, chunk=replace(cells.chunk, columns=tuple(columns))), findings


def _may_hold_formulas(texts: pa.Array) -> bool:
    """Return whether a cell begins as a formula may: to look is cheaper than an expression."""
    return any(pc.any(pc.starts_with(texts, start)).as_py() for start in _FORMULA_STARTS)


def contract_ids(cells: Cells) -> tuple[pa.Array, list[Finding]]:
    """Return the ids as text; leading zeros stay, what a spreadsheet rounded is refused."""
    texts = mended(cells.text("contract_id"), r"^['‘’`]|[^\x20-\x7e]|\.0+$| ", _plain_id)
    is_missing = is_matching(texts, BLANK)
    is_rounded = is_matching(texts, _ROUNDED_ID)
    findings = [
        finding("contract_id_missing", Severity.ERROR, "contract_id", is_missing),
        Finding(
            "contract_id_rounded", Severity.ERROR, "contract_id", np.flatnonzero(is_rounded),
            lambda place: _rounded(str(texts[place].as_py())),
        ),
    ]  # fmt: skip
    return texts, findings


def words(
    cells: Cells,
    column: str,
    read: Callable[[str], Word],
    *,
    unknown: tuple[str, Severity],
    missing: str | None = None,
) -> tuple[pa.Array, list[Finding]]:
    """Return a code column, with what is unknown, only contained or missing.

    Parameters
    ----------
    cells
        The chunk.
    column
        Its name.
    read
        What a text means.
    unknown
        Code and weight of what is said about an unknown word.
    missing
        Code of what is said about an empty cell, if it must not be.
    """
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
    return re.sub(r"(?<=^\d{5})(\d*)\.0+$", r"\1", plain).upper()


def _rounded(text: str) -> Said:
    """Return what is said about a number written with a power of ten, with every digit of it."""
    mantissa, power = text.replace(",", ".").lower().split("e")
    digits = f"{Decimal(mantissa).scaleb(int(power)):f}" if int(power) < _MOST_POWER else text
    return Said(text[:80], values={"digits": digits})


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
