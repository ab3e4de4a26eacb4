"""The options of a contract import as words of a command line or a page."""

from collections.abc import Iterable

from network_map.contracts.importing.headers import CONTRACT_SYNONYMS, PAID_SYNONYMS
from network_map.contracts.importing.money import MoneyUnit
from network_map.contracts.importing.options import ContractOptions
from network_map.errors import QueryError
from network_map.nodes.importing.options import column_choice, pair, parse_origin
from network_map.terms import KindScheme

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
_OFFERED = "元、万元、亿元 (yuan, 10k_yuan, 100m_yuan)"


def contract_options(  # noqa: PLR0913 - one keyword for each option of the command
    *,
    payments: bool = False,
    unit: str | None = None,
    scheme: str | None = None,
    answers: Iterable[str] = (),
    exclude_rows: Iterable[int] = (),
    columns: Iterable[str] = (),
    origin: str | None = None,
    source: str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
) -> ContractOptions:
    """Return the options that the words of a command line mean.

    Parameters
    ----------
    payments
        Whether the list is one of payments: it has other columns.
    unit
        ``元``, ``万元``, ``亿元``, ``yuan``, ``10k_yuan`` …
    scheme
        ``four`` or ``five`` kinds of contract.
    answers
        ``row=place``, ``row:column=value``, or for every row where a text stands
        ``text=place``, ``text:column=value``.
    exclude_rows, source, sheet, header_row
        As in :class:`ContractOptions`.
    columns
        ``header=column``; an empty column leaves the header out.
    origin
        ``official``, ``reported``, ``assumed`` or ``synthetic``.

    Raises
    ------
    QueryError
        If one of them cannot be understood.
    """
    known = PAID_SYNONYMS if payments else CONTRACT_SYNONYMS
    return ContractOptions(
        unit=None if unit is None else parse_unit(unit),
        scheme=None if scheme is None else KindScheme(scheme),
        answers=dict(_answer(answer, known) for answer in answers),
        exclude_rows=frozenset(exclude_rows),
        columns={
            header: column or None
            for header, column in (column_choice(words, known) for words in columns)
        },
        origin=parse_origin(origin),
        source=source,
        sheet=sheet,
        header_row=header_row,
    )


def parse_unit(word: str) -> MoneyUnit:
    """Return the unit of money that a word means.

    Raises
    ------
    QueryError
        If it means none.
    """
    unit = UNIT_WORDS.get(word.strip().lower())
    if unit is None:
        raise QueryError("unit_unreadable", value=word, known=_OFFERED)
    return unit


def _answer(words: str, known: Iterable[str]) -> tuple[tuple[int | str, str], str]:
    left, value = pair(words, "answer_unreadable")
    what, sign, column = left.replace("\uff1a", ":").rpartition(":")
    column = column.strip()
    if not sign:
        what, column = left, "place"
    elif column not in {*known, "place"}:
        raise QueryError("answer_unreadable", value=words)
    what = what.strip()
    return (int(what) if what.isdecimal() else what, column), value
