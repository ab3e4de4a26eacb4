"""Matching the headers of a file to declared columns, in any usual wording.

The matching knows no table of its own: node lists and contract registers give their synonyms.
A person may change every match (:func:`with_choices`).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from network_map.errors import Problem, Severity
from network_map.listfiles.cells import bare_text, clean_text, plain_text

Synonyms = Mapping[str, Sequence[str]]
"""For each declared column the wordings of its header; one that begins with = must be the whole
header, any other may be part of it."""

_BRACKETED = re.compile(r"[(\[{【〔〈<][^()\[\]{}【】〔〕〈〉<>]*[)\]}】〕〉>]")
_LONGEST_HEADER = 60
_KEPT_OFFERS = 1_024
_MIN_CONTAINED = {"ascii": 4, "chinese": 2}


class Confidence(StrEnum):
    """How a header was recognised, best first."""

    CHOSEN = "chosen"
    """A person said so."""
    EXACT = "exact"
    """The wording is in the list of synonyms."""
    NORMALISED = "normalised"
    """It is, apart from width, spaces, brackets, punctuation or a unit."""
    CONTAINS = "contains"
    """It contains a wording of the list."""
    NONE = "none"
    """It was not recognised, or a better header took its column."""


_ORDER = {confidence: place for place, confidence in enumerate(Confidence)}
_WEIGHT = {
    Confidence.CHOSEN: 1.0,
    Confidence.EXACT: 1.0,
    Confidence.NORMALISED: 0.9,
    Confidence.CONTAINS: 0.5,
    Confidence.NONE: 0.0,
}


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """What was made of one header.

    Parameters
    ----------
    position
        Place of the column in the file, from 0.
    header
        The header as written.
    column
        Name of the declared column, or None.
    confidence
        How it was recognised.
    """

    position: int
    header: str
    column: str | None
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class _Wording:
    """One wording of a column's header."""

    column: str
    text: str
    bare: str
    may_be_part: bool


@dataclass(frozen=True, slots=True)
class _Offer:
    """A possible match: the longer the matched wording, the better."""

    column: str
    confidence: Confidence
    length: int

    @property
    def rank(self) -> tuple[int, int]:
        return (_ORDER[self.confidence], -self.length)


_FIGURE = re.compile(
    r"(数|数量|个数|总量|合计|同比|增长|增速|增幅|占比|比重|排名|位次)(\(.*\))?%?$"
    r"|^(19|20)\d\d年?度?$"
)


def figure_headers(headers: Sequence[str]) -> tuple[str, ...]:
    """Return the headers that name figures of a summary: 合同数, 同比增长(%), 2023年."""
    return tuple(header for header in headers if _FIGURE.search(plain_text(header)))


NUMBERED_AGAIN = re.compile(r" \(\d+\)$")
"""What stands behind a header that stood there before: 金额 (2)."""
CONTACT_WORDS = (
    "联系人", "电话", "手机", "联系方式", "邮箱", "电子邮件", "邮件", "传真", "法定代表人",
    "法人代表", "负责人", "责任人", "经办人", "填报人", "姓名", "主任", "身份证", "地址", "住址",
    "邮编", "邮政编码", "微信", "职务", "qq", "email", "mail", "fax", "phone", "telephone", "tel",
    "mobile", "contact", "address", "director",
)  # fmt: skip
"""A header that contains one of them is of people or doors: its column is dropped."""


@dataclass(frozen=True)
class ListHeaders:
    """What was made of the headers of a list.

    Parameters
    ----------
    matches
        One for each column of the file.
    dropped
        Headers of people and doors: never read.
    ticked
        Headers whose cells are ticks and which stand for no column of their own.
    """

    matches: tuple[HeaderMatch, ...]
    dropped: tuple[str, ...]
    ticked: tuple[str, ...] = ()

    @property
    def positions(self) -> dict[str, int]:
        """Place of each recognised column in the file."""
        found: dict[str, int] = {}
        for match in self.matches:
            if match.column is not None and match.confidence is not Confidence.NONE:
                found.setdefault(match.column, match.position)
        return found

    @property
    def ignored(self) -> tuple[str, ...]:
        """Headers that no column was found for."""
        known = {"", *self.dropped, *self.ticked}
        return tuple(m.header for m in self.matches if not m.column and m.header not in known)

    @property
    def notes(self) -> tuple[Problem, ...]:
        """What is worth saying about the headers."""
        named = {
            "contact_columns_dropped": self.dropped,
            "columns_ignored": self.ignored,
            "kind_columns_ticked": self.ticked,
        }
        return tuple(
            Problem(code, Severity.NOTE, values={"columns": "、".join(headers)})
            for code, headers in named.items()
            if headers
        )


def list_headers(
    headers: Sequence[str],
    synonyms: Synonyms,
    choices: Mapping[str, str | None],
    *,
    personal: Sequence[str] = CONTACT_WORDS,
    in_own_words: Callable[[str], str] = str,
) -> ListHeaders:
    """Return what is made of the headers of a list with what a person said about them.

    Parameters
    ----------
    headers, synonyms, choices
        As in :func:`match_headers` and :func:`with_choices`.
    personal
        Words of the headers that are dropped.
    in_own_words
        A header as the synonyms have it.
    """
    dropped = tuple(header for header in headers if header and contains_word(header, personal))
    readable = ["" if header in dropped else in_own_words(header) for header in headers]
    found = (
        replace(match, header=header)
        for match, header in zip(match_headers(readable, synonyms), headers, strict=True)
    )
    allowed = {header: column for header, column in choices.items() if header not in dropped}
    return ListHeaders(with_choices(found, allowed), dropped)


def match_headers(headers: Sequence[str], synonyms: Synonyms) -> tuple[HeaderMatch, ...]:
    """Return the match of every header, each declared column given to one header at most.

    Returns
    -------
    tuple of HeaderMatch
        As long as ``headers``. A header whose best column went to a better header has none.
    """
    found = {match.position: match for match in _assigned(headers, synonyms)}
    return tuple(
        found.get(position, HeaderMatch(position, header, None, Confidence.NONE))
        for position, header in enumerate(headers)
    )


def with_choices(
    matches: Iterable[HeaderMatch], choices: Mapping[str, str | None]
) -> tuple[HeaderMatch, ...]:
    """Return the matches as a person changed them.

    Returns
    -------
    tuple of HeaderMatch
        A column chosen for one header is taken from any other that had it.
    """
    wanted = {column for column in choices.values() if column is not None}
    changed = []
    for match in matches:
        if match.header in choices:
            column = choices[match.header]
            changed.append(replace(match, column=column, confidence=Confidence.CHOSEN))
        elif match.column in wanted:
            changed.append(replace(match, column=None, confidence=Confidence.NONE))
        else:
            changed.append(match)
    return tuple(changed)


def header_score(headers: Sequence[str], synonyms: Synonyms) -> float:
    """Return how much a row looks like a header row: the sum of its matches' weights."""
    return sum(_WEIGHT[match.confidence] for match in match_headers(headers, synonyms))


def contains_word(header: str, words: Iterable[str]) -> bool:
    """Return whether a header contains one of the words; a Latin word must stand alone in it."""
    plain = plain_text(header)
    latin = set(re.findall(r"[a-z]+", clean_text(header).casefold()))
    return any(word in latin if word.isascii() else word in plain for word in words)


def _assigned(headers: Sequence[str], synonyms: Synonyms) -> list[HeaderMatch]:
    vocabulary = _vocabulary(tuple((column, tuple(words)) for column, words in synonyms.items()))
    offers = [
        (offer, position)
        for position, header in enumerate(headers)
        if (offer := vocabulary.best_offer(header)) is not None
    ]
    taken: set[str] = set()
    matches = []
    for offer, position in sorted(offers, key=lambda pair: (pair[0].rank, pair[1])):
        if offer.column not in taken:
            taken.add(offer.column)
            header = headers[position]
            matches.append(HeaderMatch(position, header, offer.column, offer.confidence))
    return matches


class _Vocabulary:
    """The wordings of a kind of list; a cell is looked up many times until its header is found."""

    def __init__(self, words: Iterable[tuple[str, Sequence[str]]]) -> None:
        self._wordings = [
            _Wording(column, word.removeprefix("="), bare_text(word), not word.startswith("="))
            for column, of_column in words
            for word in of_column
        ]
        self.best_offer = lru_cache(maxsize=_KEPT_OFFERS)(self._best_offer)

    def _best_offer(self, header: str) -> _Offer | None:
        """Return what a header matches best, None where it matches nothing."""
        bare = bare_text(header) if len(header) <= _LONGEST_HEADER else ""
        if not bare:
            return None
        written, short = header.strip(), bare_text(_BRACKETED.sub("", plain_text(header)))
        near = [w for w in self._wordings if w.bare in bare or written == w.text or short == w.bare]
        offers = (_offer((written, bare, short), wording) for wording in near)
        return min((o for o in offers if o is not None), key=lambda o: o.rank, default=None)


_vocabulary = lru_cache(maxsize=64)(_Vocabulary)


_OF_OTHERS = re.compile(
    r"((未|待|非|不|(?<![对相])应|预计|预期|预算|计划|拟|上年度?|去年|上期|同期|剩余|尚欠|暂定|概算|目标)"
    r"(技术|合同|成交|交易|支付|实际|到账)*@"
    r"|@(增速|增长|增幅|同比|环比|占比|比重|排名|目标|任务|计划))"
)
"""What makes of an amount or a date another one: 未到账金额, 上年成交额, 成交额目标."""
_OTHER_IN_BRACKETS = re.compile(r"[((\[](预计|预期|预算|计划|拟|上年|去年|上期|同期|暂定|目标)")
_OF_OTHER_COUNTS = re.compile(
    r"累计@|@(合同|技术|成交|交易)*(总额|金额|额|价款|收入)|[((\[](单位[::])?[万千百亿]"
)
"""What makes of a count an amount of money, one of several years, or one of thousands."""
_MEASURED = ("_on", "_value", "_count")


def _is_of_others(texts: tuple[str, str, str], wording: _Wording) -> bool:
    """Return whether a header only seems to name an amount or a date, by a word beside it."""
    if not wording.column.endswith(_MEASURED):
        return False
    marked = texts[1].replace(wording.bare, "@", 1)
    if wording.column.endswith("_count") and (
        _OF_OTHER_COUNTS.search(plain_text(texts[0]).replace(wording.bare, "@", 1))
        or _OF_OTHER_COUNTS.search(marked)
    ):
        return True
    return bool(_OF_OTHERS.search(marked) or _OTHER_IN_BRACKETS.search(plain_text(texts[0])))


def _offer(texts: tuple[str, str, str], wording: _Wording) -> _Offer | None:
    written, bare, without_brackets = texts
    wanted = wording.bare
    if written == wording.text:
        return _Offer(wording.column, Confidence.EXACT, len(wanted))
    if _is_of_others(texts, wording):
        return None
    if wanted in {bare, without_brackets}:
        return _Offer(wording.column, Confidence.NORMALISED, len(wanted))
    least = _MIN_CONTAINED["ascii" if wanted.isascii() else "chinese"]
    if wording.may_be_part and len(wanted) >= least and wanted in bare:
        return _Offer(wording.column, Confidence.CONTAINS, len(wanted))
    return None
