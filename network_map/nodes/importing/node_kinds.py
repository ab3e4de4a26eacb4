"""Which kind of node a word means; a kind is data, so a list may bring new ones."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

import pandas as pd

from network_map.errors import QueryError
from network_map.listfiles.cells import bare_text, clean_text, plain_text
from network_map.nodes.tables import NODE_KINDS
from network_map.tables.check import conform
from network_map.terms import AdminLevel

_DECORATION = re.compile(
    r"[((\[【][^))\]】]*[))\]】]|^云南省|^省级|名单$|一览表$|第[一二三四五六七八九十\d]+批"
)
_SURE_LENGTH = 5
"""A contained wording of this length leaves no doubt; a shorter one is asked about."""
_LEAST_LENGTH = 3
_SYMBOLS = ("diamond", "cross", "triangle", "square", "circle")
_COLOURS = ("#804000", "#5c3d99", "#00664d", "#994d00", "#4d4d4d", "#800060")
_LEVEL_WORDS = {
    "省": AdminLevel.PROVINCE, "province": AdminLevel.PROVINCE,
    "州市": AdminLevel.PREFECTURE, "prefecture": AdminLevel.PREFECTURE,
    "县": AdminLevel.COUNTY, "县市区": AdminLevel.COUNTY, "county": AdminLevel.COUNTY,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewKind:
    """A kind of node that a list brings along.

    Parameters
    ----------
    name_zh
        Its Chinese name, the word in the list.
    tier
        The administrative level that such a node serves.
    name_en
        Its English name; the Chinese one where it is empty.
    """

    name_zh: str
    tier: AdminLevel = AdminLevel.COUNTY
    name_en: str = ""

    @property
    def kind(self) -> str:
        """Id of the kind: the same for the same name."""
        return f"kind_{sha256(self.name_zh.encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class KindReading:
    """What a word in the column of kinds means.

    Parameters
    ----------
    kind
        Id of the kind, or None.
    is_sure
        Whether the wording is known; otherwise it only contains a known one.
    candidates
        The kinds that it may mean.
    """

    kind: str | None
    is_sure: bool = True
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class KindBook:
    """The known kinds and their wordings.

    Parameters
    ----------
    table
        Table of schema ``node_kinds``.
    words
        For each wording without punctuation the kind.
    tiers
        The level that each kind serves.
    short_names, long_names
        The Chinese names of each kind.
    counted
        The kinds that the published totals count.
    """

    table: pd.DataFrame
    words: Mapping[str, str]
    tiers: Mapping[str, AdminLevel]
    short_names: Mapping[str, str]
    long_names: Mapping[str, str]
    counted: frozenset[str]

    def name(self, kind: str) -> str:
        """Return a kind's short Chinese name with its id, which both languages can use."""
        return f"{self.short_names[kind]}({kind})"

    def names(self) -> str:
        """Return the names of all kinds in one line."""
        return "、".join(self.name(kind) for kind in self.tiers)

    def read(self, word: str) -> KindReading:
        """Return the kind that a word means, by its whole wording or by one that it contains."""
        for text in (bare_text(word), bare_text(_DECORATION.sub("", plain_text(word)))):
            if text in self.words:
                return KindReading(self.words[text])
        spans = self._spans(bare_text(word))
        if not spans:
            return KindReading(None, is_sure=False)
        # The head of a Chinese name stands last: 云南省技术市场昭通分市场 is a sub-market.
        start, end, kind = max(spans, key=lambda span: (span[1], span[1] - span[0]))
        candidates = tuple(dict.fromkeys(span[2] for span in reversed(spans)))
        return KindReading(kind, end - start >= _SURE_LENGTH, candidates)

    def mentioned(self, text: str) -> tuple[str, ...]:
        """Return the kinds that a title names, each once."""
        spans = self._spans(bare_text(text))
        longest: list[tuple[int, int, str]] = []
        for span in sorted(spans, key=lambda s: s[0] - s[1]):
            if all(span[1] <= other[0] or span[0] >= other[1] for other in longest):
                longest.append(span)
        return tuple(dict.fromkeys(span[2] for span in sorted(longest)))

    def _spans(self, text: str) -> list[tuple[int, int, str]]:
        """Return where known wordings stand in a text: start, end, kind."""
        return [
            (match.start(), match.end(), kind)
            for word, kind in self.words.items()
            if len(word) >= _LEAST_LENGTH
            for match in re.finditer(re.escape(word), text)
        ]


def open_kind_book(
    node_kinds: pd.DataFrame,
    *,
    new_kinds: Iterable[NewKind] = (),
    kind_words: Mapping[str, str] | None = None,
) -> KindBook:
    """Return the kinds of the table and the new ones, with every wording.

    Parameters
    ----------
    node_kinds
        Table of schema ``node_kinds``.
    new_kinds
        Kinds that a person accepts for a list.
    kind_words
        Further wordings that a person explained: the word, and a kind's id or known wording.

    Raises
    ------
    QueryError
        If a wording is explained by a kind that does not exist.
    """
    table = _with_new_kinds(node_kinds, list(new_kinds))
    words: dict[str, str] = {}
    columns = ["kind", "kind_name_zh", "kind_name_en", "short_zh", "short_en", "synonyms"]
    for kind, *names, synonyms in table[columns].itertuples(index=False, name=None):
        listed = [] if pd.isna(synonyms) else re.split("[;\uff1b]", str(synonyms))
        for word in (kind, *names, *listed):
            words.setdefault(bare_text(str(word)), str(kind))
    words.pop("", None)
    by_kind = table.set_index("kind")
    book = KindBook(
        table,
        words,
        {str(kind): AdminLevel(tier) for kind, tier in by_kind["tier"].items()},
        {str(kind): str(name) for kind, name in by_kind["short_zh"].items()},
        {str(kind): str(name) for kind, name in by_kind["kind_name_zh"].items()},
        frozenset(by_kind.index[by_kind["is_counted"].fillna(value=False).astype("bool")]),
    )
    for word, meaning in (kind_words or {}).items():
        words[bare_text(word)] = known_kind(book, meaning)
    return book


def known_kind(book: KindBook, word: str) -> str:
    """Return the kind that a word surely means.

    Raises
    ------
    QueryError
        If it means none.
    """
    reading = book.read(word)
    if reading.kind is None or not reading.is_sure:
        raise QueryError("kind_not_known", value=word, known=book.names())
    return reading.kind


def parse_new_kind(text: str) -> NewKind:
    """Return the kind that ``概念验证中心`` or ``概念验证中心:州(市)`` declares.

    Raises
    ------
    QueryError
        If the name is empty or the level is none of 省, 州(市), 县.
    """
    name, _, level = clean_text(text).replace("\uff1a", ":").partition(":")
    tier = _LEVEL_WORDS.get(bare_text(level) or "县")
    if tier is None or not bare_text(name):
        raise QueryError("new_kind_unreadable", value=text)
    return NewKind(name.strip(), tier)


def _with_new_kinds(node_kinds: pd.DataFrame, new_kinds: list[NewKind]) -> pd.DataFrame:
    known = set(node_kinds["kind"])
    fresh = {kind.kind: kind for kind in new_kinds if kind.kind not in known}
    if not fresh:
        return node_kinds
    rows = pd.DataFrame([_kind_row(kind, place) for place, kind in enumerate(fresh.values())])
    return conform(NODE_KINDS, pd.concat([node_kinds.astype("object"), rows], ignore_index=True))


def _kind_row(kind: NewKind, place: int) -> dict[str, object]:
    name_en = kind.name_en or kind.name_zh
    return {
        "kind": kind.kind,
        "tier": kind.tier.value,
        "kind_name_zh": kind.name_zh,
        "kind_name_en": name_en,
        "short_zh": kind.name_zh,
        "short_en": name_en,
        "is_counted": False,
        "symbol": _SYMBOLS[place % len(_SYMBOLS)],
        "colour": _COLOURS[place % len(_COLOURS)],
    }
