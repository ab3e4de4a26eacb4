"""Which division a text means: names of today and of former times, codes, whole paths.

The rules are those of a careful clerk: what the text says decides; then the level that is asked
for; then the prefecture that the row names; what is still open is asked, never guessed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import pandas as pd

from network_map.datapackage import read_table
from network_map.listfiles.cells import whole_number_text
from network_map.places.gazetteer_index import (
    PROVINCE_ADCODE,
    AliasEntry,
    Place,
    SearchHit,
    entries_by_text,
    lookup_key,
    near_texts,
    places_by_adcode,
    search_places,
    without_one,
)
from network_map.places.tables import DIVISION_ALIASES, DIVISIONS
from network_map.terms import AdminLevel

_PROVINCE_PREFIX = re.compile(r"^(中国)?(云南省|云南)[/>、,.\-—|·]*(?=.)")
_SEPARATORS = "/>、,.-—|·"
_SUFFIXES = ("自治县", "自治州", "地区", "县", "市", "区", "州", "省")
_OTHER_PROVINCES = (
    "北京", "天津", "河北", "山西", "内蒙古", "辽宁", "吉林", "黑龙江", "上海", "江苏", "浙江",
    "安徽", "福建", "江西", "山东", "河南", "湖北", "湖南", "广东", "广西", "海南", "重庆",
    "四川", "贵州", "西藏", "陕西", "甘肃", "青海", "宁夏", "新疆", "台湾", "香港", "澳门",
)  # fmt: skip
_REMARK = re.compile(r"[(\[【<].*$|[\d*※#△▲☆★]+$")
"""What follows a bracket, and marks of footnotes: 澄江市(原澄江县), 镇雄县①."""
_CODE = re.compile(r"\d{4}|\d{6}|\d{9}|\d{12}")


class How(StrEnum):
    """How a text was understood, or why it was not."""

    EXACT = "exact"
    """Name or code of today."""
    SHORT = "short"
    """Short name of today."""
    ENGLISH = "english"
    """English name of today."""
    FORMER_NAME = "former_name"
    """A name that has been replaced."""
    FORMER_CODE = "former_code"
    """A code that has been replaced."""
    AMBIGUOUS = "ambiguous"
    """Several divisions; a person must say which."""
    FORMER_DOUBTFUL = "former_doubtful"
    """A name that has been replaced and is easily taken for another one of today."""
    SPLIT = "split"
    """A unit that was split or merged; a person must say which successor."""
    NOW_OTHER_LEVEL = "now_other_level"
    """Today the name of another level, formerly one of the level asked for."""
    WRONG_LEVEL = "wrong_level"
    """A division, but of another level than asked for."""
    PARENT_DIFFERS = "parent_differs"
    """A division, but not in the prefecture that the row names."""
    SIMILAR = "similar"
    """No division, but close to one."""
    OUTSIDE = "outside"
    """A place outside the province."""
    UNKNOWN = "unknown"
    """Nothing known."""
    EMPTY = "empty"
    """No text."""


CERTAIN = frozenset({How.EXACT, How.SHORT, How.ENGLISH, How.FORMER_NAME, How.FORMER_CODE})
_HOW_OF_KIND = {
    "official": How.EXACT,
    "code": How.EXACT,
    "short": How.SHORT,
    "english": How.ENGLISH,
    "former_name": How.FORMER_NAME,
    "former_code": How.FORMER_CODE,
}


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a text means.

    Parameters
    ----------
    adcode
        The division, or None if a person must be asked or nothing is known.
    how
        How it was understood, or why it was not.
    candidates
        The divisions to choose from, the likeliest first.
    changed_year
        Year in which a former name or code ended.
    """

    adcode: str | None
    how: How
    candidates: tuple[str, ...] = ()
    changed_year: int | None = None


@dataclass(frozen=True)
class Gazetteer:
    """The divisions of the province and every way of writing them.

    Parameters
    ----------
    places
        Current divisions by adcode.
    entries
        Ways of writing by their plain text.
    """

    places: Mapping[str, Place]
    entries: Mapping[str, tuple[AliasEntry, ...]]
    _near: Mapping[str, tuple[str, ...]] = field(repr=False, default_factory=dict)

    def resolve(
        self,
        text: str,
        *,
        level: AdminLevel | None = None,
        prefecture_adcode: str | None = None,
    ) -> Resolution:
        """Return which division a text means.

        Parameters
        ----------
        text
            A name, former name, short name, code, former code, or a path of names.
        level
            The level that is asked for, or None if any will do.
        prefecture_adcode
            The prefecture that the row names, or None.
        """
        key = lookup_key(whole_number_text(text))
        if not key:
            return Resolution(None, How.EMPTY)
        if key.isdecimal():
            return self._code(key, level, prefecture_adcode)
        if _names_other_province(key) and key not in self.entries:
            return Resolution(None, How.OUTSIDE)
        return self._name(key, level, prefecture_adcode)

    def _name(
        self, key: str, level: AdminLevel | None, prefecture_adcode: str | None
    ) -> Resolution:
        direct = self._lookup(key, level, prefecture_adcode)
        if direct.how is not How.UNKNOWN:
            return direct
        path = self._path(key, level, prefecture_adcode)
        if path is not None:
            return path
        shorter = _REMARK.sub("", key)
        if shorter not in {key, ""}:
            return self.resolve(shorter, level=level, prefecture_adcode=prefecture_adcode)
        return self._similar(key, level, prefecture_adcode)

    def resolve_alone(self, text: str, *, level: AdminLevel | None) -> Resolution:
        """Return which division a text means where neither prefecture nor point says more.

        There the level alone does not decide: 大理 in a column of counties may be the prefecture,
        and 普洱县, the former name of a county, is easily taken for today's 普洱市.

        Parameters
        ----------
        text, level
            As in :meth:`resolve`.
        """
        found = self.resolve(text, level=level)
        if found.adcode is None:
            return found
        anywhere = self.resolve(text)
        if anywhere.how is How.AMBIGUOUS:
            candidates = dict.fromkeys((found.adcode, *anywhere.candidates))
            return Resolution(None, How.AMBIGUOUS, tuple(candidates))
        key = _PROVINCE_PREFIX.sub("", lookup_key(text))
        if any(entry.is_mistakable for entry in self.entries.get(key, ())) and (
            found.how is How.FORMER_NAME
        ):
            return replace(found, adcode=None, how=How.FORMER_DOUBTFUL)
        return found

    def search(self, text: str, *, limit: int = 10) -> list[SearchHit]:
        """Return the divisions that a search box should offer for a text, best first.

        Found are names and short names, former names, codes and their beginnings, pinyin and
        its initials, English names.
        """
        return search_places(self.places, self.entries, text, limit=limit)

    def name(self, adcode: str) -> str:
        """Return the Chinese name of a division."""
        return self.places[adcode].name_zh

    def prefecture_of(self, adcode: str) -> str | None:
        """Return the prefecture of a county, a prefecture itself, None for the province."""
        place = self.places[adcode]
        if place.level is AdminLevel.COUNTY:
            return place.parent_adcode
        return adcode if place.level is AdminLevel.PREFECTURE else None

    def _code(
        self, digits: str, level: AdminLevel | None, prefecture_adcode: str | None
    ) -> Resolution:
        if _CODE.fullmatch(digits) is None:
            return Resolution(None, How.UNKNOWN)
        code = digits[:6].ljust(6, "0")
        if not code.startswith(PROVINCE_ADCODE[:2]):
            return Resolution(None, How.OUTSIDE)
        return self._lookup(code, level, prefecture_adcode)

    def _lookup(
        self, key: str, level: AdminLevel | None, prefecture_adcode: str | None
    ) -> Resolution:
        """Return what the whole text means, without taking it apart."""
        entries = self.entries.get(key, ())
        if not entries:
            return Resolution(None, How.UNKNOWN)
        at_level = [entry for entry in entries if level is None or entry.level == level]
        if not at_level:
            return Resolution(None, How.WRONG_LEVEL, _codes(entries))
        inside = [entry for entry in at_level if self._is_in(entry.adcode, prefecture_adcode)]
        if not inside:
            return Resolution(None, How.PARENT_DIFFERS, _codes(at_level))
        current = [entry for entry in inside if entry.is_current]
        if not current and any(entry.is_current for entry in entries):
            return Resolution(None, How.NOW_OTHER_LEVEL, _codes(inside), inside[0].changed_year)
        return _settled(current or inside)

    def _is_in(self, adcode: str, prefecture_adcode: str | None) -> bool:
        return prefecture_adcode is None or self.prefecture_of(adcode) in {prefecture_adcode, None}

    def _path(
        self, key: str, level: AdminLevel | None, prefecture_adcode: str | None
    ) -> Resolution | None:
        """Return what 云南省昭通市镇雄县 means: province and prefecture taken off in turn."""
        rest = _PROVINCE_PREFIX.sub("", key)
        if rest != key:
            found = self._lookup(rest, level, prefecture_adcode)
            if found.how is not How.UNKNOWN:
                return found
        for prefecture, tail in self._prefecture_prefixes(rest):
            found = self._lookup(tail, level, prefecture)
            if found.how is How.AMBIGUOUS:  # behind 大理州, 大理 is the county in it
                found = self._lookup(tail, level or AdminLevel.COUNTY, prefecture)
            if found.how is not How.UNKNOWN:
                return self._against_row(found, prefecture_adcode)
        return None

    def _prefecture_prefixes(self, key: str) -> list[tuple[str, str]]:
        """Return every way of cutting a prefecture's name off the front, longest first."""
        return [
            (entry.adcode, key[end:].lstrip(_SEPARATORS))
            for end in range(len(key) - 1, 1, -1)
            for entry in self.entries.get(key[:end].rstrip(_SEPARATORS), ())
            if entry.level is AdminLevel.PREFECTURE and key[end:].lstrip(_SEPARATORS)
        ]

    def _against_row(self, found: Resolution, prefecture_adcode: str | None) -> Resolution:
        if found.adcode is None or self._is_in(found.adcode, prefecture_adcode):
            return found
        return Resolution(None, How.PARENT_DIFFERS, (found.adcode,))

    def _similar(
        self, key: str, level: AdminLevel | None, prefecture_adcode: str | None
    ) -> Resolution:
        """Return what the text may have been meant to be: another suffix, one wrong character."""
        rest = _PROVINCE_PREFIX.sub("", key)
        texts = [rest.removesuffix(suffix) for suffix in _SUFFIXES if rest.endswith(suffix)]
        close = [near for short in (rest, *without_one(rest)) for near in self._near.get(short, ())]
        for group in (texts, close):
            codes = dict.fromkeys(
                entry.adcode
                for text in group
                for entry in self.entries.get(text, ())
                if (level is None or entry.level == level)
                and self._is_in(entry.adcode, prefecture_adcode)
            )
            if codes:
                return Resolution(None, How.SIMILAR, tuple(codes))
        return Resolution(None, How.UNKNOWN)


def open_gazetteer(divisions: pd.DataFrame, aliases: pd.DataFrame) -> Gazetteer:
    """Return the gazetteer of the tables ``divisions`` and ``division_aliases``."""
    places = places_by_adcode(divisions)
    entries = entries_by_text(places, aliases)
    return Gazetteer(places, entries, near_texts(entries))


def _names_other_province(key: str) -> bool:
    return key.startswith(_OTHER_PROVINCES) or "缅甸" in key or "老挝" in key or "越南" in key


def _codes(entries: Iterable[AliasEntry]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for entry in entries for code in (entry.adcode, *entry.also)))


def _settled(entries: Sequence[AliasEntry]) -> Resolution:
    """Return the one division that the entries mean, or the question which."""
    first = entries[0]
    resolution = Resolution(
        first.adcode, _HOW_OF_KIND[first.alias_kind], (first.adcode,), first.changed_year
    )
    codes = _codes(entries)
    if len({entry.adcode for entry in entries}) > 1:
        return replace(resolution, adcode=None, how=How.AMBIGUOUS, candidates=codes)
    if first.is_split:
        return replace(resolution, adcode=None, how=How.SPLIT, candidates=codes)
    return resolution


def open_divisions() -> Gazetteer:
    """Return the shipped divisions and every way of writing them.

    Raises
    ------
    MissingFileError, DamagedFileError
        If a shipped table is not there or not what it should be.
    """
    return open_gazetteer(read_table(DIVISIONS), read_table(DIVISION_ALIASES))
