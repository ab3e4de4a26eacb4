"""Finding a division while a person types: names old and new, codes, pinyin, English."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from network_map.places.gazetteer_index import Entries, Place, lookup_key
from network_map.terms import AdminLevel

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
