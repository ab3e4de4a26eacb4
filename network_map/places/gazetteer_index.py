"""The names and codes of divisions, as they are looked up.

Finding a division while a person types: names old and new, codes, pinyin, English.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from network_map.listfiles.cells import plain_text
from network_map.terms import AdminLevel

PROVINCE_ADCODE = "530000"
_CODE_IN_NOTE = re.compile(r"\b53\d{4}\b")
_SPLIT_IN_NOTE = re.compile(r"split|merged|分设|分归|拆分|并入|合并", re.IGNORECASE)
CURRENT_KINDS = frozenset({"official", "code", "short", "english"})

_INFORMAL_NAMES = {
    "版纳": "532800", "版纳州": "532800", "省级": PROVINCE_ADCODE,
    "全省": PROVINCE_ADCODE, "云南": PROVINCE_ADCODE, "省本级": PROVINCE_ADCODE,
}  # fmt: skip
"""Everyday names that no official list carries."""


@dataclass(frozen=True, slots=True)
class Place:
    """One current division."""

    adcode: str
    level: AdminLevel
    name_zh: str
    short_zh: str
    name_en: str
    parent_adcode: str | None
    pinyin: str
    pinyin_initials: str
    seat_adcode: str


@dataclass(frozen=True, slots=True)
class AliasEntry:
    """One way of writing a division.

    Parameters
    ----------
    text
        As it stands in the table.
    alias_kind
        official, code, short, english, former_name or former_code.
    adcode, level
        The current division that it means.
    changed_year
        Year in which a former name or code ended.
    also
        Further divisions at the same level that a split unit may mean.
    is_split
        Whether the former unit was split or merged, so that it has no one successor.
    is_mistakable
        Whether the table says that the wording may be taken for another division.
    """

    text: str
    alias_kind: str
    adcode: str
    level: AdminLevel
    changed_year: int | None = None
    also: tuple[str, ...] = ()
    is_split: bool = False
    is_mistakable: bool = False

    @property
    def is_current(self) -> bool:
        """Whether the name or code is in use today."""
        return self.alias_kind in CURRENT_KINDS


Entries = Mapping[str, tuple[AliasEntry, ...]]


def places_by_adcode(divisions: pd.DataFrame) -> dict[str, Place]:
    """Return the current divisions by adcode.

    Parameters
    ----------
    divisions
        Table of schema ``divisions``.
    """
    columns = [
        "adcode", "level", "name_zh", "short_zh", "name_en", "parent_adcode", "pinyin",
        "pinyin_initials", "seat_adcode",
    ]  # fmt: skip
    rows = divisions[columns].itertuples(index=False, name=None)
    return {row[0]: _place(row) for row in rows}


def entries_by_text(
    places: Mapping[str, Place], aliases: pd.DataFrame
) -> dict[str, tuple[AliasEntry, ...]]:
    """Return every way of writing a division by its plain text.

    Parameters
    ----------
    places
        The current divisions; their own names and codes need no alias.
    aliases
        Table of schema ``division_aliases``.
    """
    index: dict[str, list[AliasEntry]] = defaultdict(list)
    for entry in (
        *_own_entries(places.values()),
        *_informal_entries(places),
        *_table_entries(places, aliases),
    ):
        same = index[lookup_key(entry.text)]
        if not any((e.adcode, e.is_current) == (entry.adcode, entry.is_current) for e in same):
            same.append(entry)
    return {text: tuple(entries) for text, entries in index.items()}


def lookup_key(text: str) -> str:
    """Return a name as it is looked up: half width, lower case, no spaces, quotes or accents."""
    plain = plain_text(text).strip("\"'“”‘’「」『』《》()[]【】<>,.;:、。·-—_/|*")
    decomposed = unicodedata.normalize("NFKD", plain)
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return unicodedata.normalize("NFKC", bare.replace("'", "").replace("’", ""))


def near_texts(entries: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return an index from every text with one character left out to the texts it came from."""
    index: dict[str, list[str]] = defaultdict(list)
    for text in entries:
        if len(text) > 2 and not text.isascii():  # noqa: PLR2004 - two characters are too few
            for shorter in {text, *without_one(text)}:
                index[shorter].append(text)
    return {shorter: tuple(texts) for shorter, texts in index.items()}


def without_one(text: str) -> tuple[str, ...]:
    """Return the texts that leave one character out."""
    return tuple(text[:place] + text[place + 1 :] for place in range(len(text)))


def _place(row: tuple[Any, ...]) -> Place:
    adcode, level, name_zh, short_zh, name_en, parent, pinyin, initials, seat = row
    return Place(
        str(adcode), AdminLevel(str(level)), str(name_zh), str(short_zh), str(name_en),
        None if pd.isna(parent) else str(parent),
        str(pinyin), str(initials), str(seat),
    )  # fmt: skip


def _own_entries(places: Iterable[Place]) -> list[AliasEntry]:
    return [
        AliasEntry(text, kind, place.adcode, place.level)
        for place in places
        for text, kind in (
            (place.name_zh, "official"),
            (place.adcode, "code"),
            (place.short_zh, "short"),
            (place.name_en, "english"),
        )
    ]


def _informal_entries(places: Mapping[str, Place]) -> list[AliasEntry]:
    return [
        AliasEntry(text, "short", adcode, places[adcode].level)
        for text, adcode in _INFORMAL_NAMES.items()
        if adcode in places
    ]


def _table_entries(places: Mapping[str, Place], aliases: pd.DataFrame) -> list[AliasEntry]:
    columns = ["alias", "alias_kind", "adcode", "changed_year", "is_ambiguous", "note"]
    rows = aliases[columns].itertuples(index=False, name=None)
    return [_entry(places, row) for row in rows if row[2] in places]


def _entry(places: Mapping[str, Place], row: tuple[Any, ...]) -> AliasEntry:
    alias, kind, adcode, year, ambiguous, note = row
    place = places[str(adcode)]
    note_text = "" if pd.isna(note) else str(note)
    is_open = not pd.isna(ambiguous) and bool(ambiguous)
    named = (places.get(code) for code in _CODE_IN_NOTE.findall(note_text)) if is_open else ()
    also = tuple(
        other.adcode
        for other in named
        if other is not None and other.level == place.level and other.adcode != place.adcode
    )
    return AliasEntry(
        str(alias), str(kind), place.adcode, place.level,
        None if pd.isna(year) else int(year),
        also,
        is_open and (bool(also) or _SPLIT_IN_NOTE.search(note_text) is not None),
        is_open,
    )  # fmt: skip


_LEVEL_ORDER = {AdminLevel.COUNTY: 0, AdminLevel.PREFECTURE: 1, AdminLevel.PROVINCE: 2}


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A division that a search box offers.

    Parameters
    ----------
    adcode, level, name_zh, name_en, parent_adcode
        The division.
    matched
        The wording that was found: a former name, a code, the pinyin.
    how
        ``name``, ``former_name``, ``code``, ``former_code``, ``pinyin``, ``initials`` or
        ``english``.
    rank
        The smaller, the better: 0 for a whole name or code of today.
    """

    adcode: str
    level: AdminLevel
    name_zh: str
    name_en: str
    parent_adcode: str | None
    matched: str
    how: str
    rank: int


_LEAST_INSIDE = 3
"""Latin letters that must be typed before the middle of an English name counts."""

_HOW = {
    "official": "name",
    "short": "name",
    "code": "code",
    "english": "english",
    "former_name": "former_name",
    "former_code": "former_code",
}
_RANKS = {
    ("name", "whole"): 0,
    ("code", "whole"): 0,
    ("english", "whole"): 0,
    ("former_name", "whole"): 1,
    ("former_code", "whole"): 1,
    ("pinyin", "whole"): 2,
    ("initials", "whole"): 2,
    ("name", "start"): 3,
    ("code", "start"): 3,
    ("pinyin", "start"): 4,
    ("english", "start"): 4,
    ("initials", "start"): 5,
    ("former_name", "start"): 6,
    ("former_code", "start"): 7,
    ("name", "inside"): 8,
    ("former_name", "inside"): 9,
    ("english", "inside"): 9,
}


def search_places(
    places: Mapping[str, Place], entries: Entries, text: str, *, limit: int
) -> list[SearchHit]:
    """Return at most ``limit`` divisions for a text, best first, each division once."""
    key = lookup_key(text)
    if not key:
        return []
    best: dict[str, SearchHit] = {}
    for hit in (*_name_hits(places, entries, key), *_pinyin_hits(places, key)):
        if hit.adcode not in best or hit.rank < best[hit.adcode].rank:
            best[hit.adcode] = hit
    ordered = sorted(best.values(), key=lambda hit: (hit.rank, _LEVEL_ORDER[hit.level], hit.adcode))
    return ordered[:limit]


def _name_hits(places: Mapping[str, Place], entries: Entries, key: str) -> Iterator[SearchHit]:
    for text, meanings in entries.items():
        where = "whole" if text == f"{key}00" else _where(text, key)
        if where is None or (where == "inside" and key.isascii() and len(key) < _LEAST_INSIDE):
            continue
        for entry in meanings:
            rank = _RANKS.get((_HOW[entry.alias_kind], where))
            if rank is not None:
                yield _hit(places[entry.adcode], entry.text, _HOW[entry.alias_kind], rank)


def _pinyin_hits(places: Mapping[str, Place], key: str) -> Iterator[SearchHit]:
    if not key.isascii():
        return
    for place in places.values():
        for how, text in (("pinyin", place.pinyin), ("initials", place.pinyin_initials)):
            rank = _RANKS.get((how, _where(lookup_key(text), key) or ""))
            if rank is not None:
                yield _hit(place, text, how, rank)


def _where(text: str, key: str) -> str | None:
    if text == key:
        return "whole"
    if text.startswith(key):
        return "start"
    return "inside" if key in text else None


def _hit(place: Place, matched: str, how: str, rank: int) -> SearchHit:
    return SearchHit(
        place.adcode, place.level, place.name_zh, place.name_en, place.parent_adcode,
        matched, how, rank,
    )  # fmt: skip
