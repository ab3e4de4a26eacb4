"""Which division a text means: names of today and of former times, codes, whole paths.

The rules are those of a careful clerk: what the text says decides; then the level that is asked
for; then the prefecture that the row names; what is still open is asked, never guessed.

The texts of a row that speak of its place: what each means, and what to say about it.
"""

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import pandas as pd

from network_map.datapackage import read_table
from network_map.errors import Problem, Severity
from network_map.listfiles.cells import bare_text, whole_number_text
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

if TYPE_CHECKING:  # who reads no list loads no reader of lists
    from network_map.listfiles.table import Record

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


_SEVERITY = {
    How.FORMER_NAME: Severity.CORRECTED,
    How.FORMER_CODE: Severity.CORRECTED,
    How.FORMER_DOUBTFUL: Severity.DOUBTFUL,
    How.AMBIGUOUS: Severity.DOUBTFUL,
    How.SPLIT: Severity.DOUBTFUL,
    How.NOW_OTHER_LEVEL: Severity.DOUBTFUL,
    How.PARENT_DIFFERS: Severity.DOUBTFUL,
    How.SIMILAR: Severity.DOUBTFUL,
}
_LONGEST_NAME = 20
PLACE_COLUMN = "place"
"""The column under which a person answers any question about a place."""


@dataclass(frozen=True, slots=True)
class PlaceReading:
    """Where a node is.

    Parameters
    ----------
    adcode
        The division that the node serves, or None if that is not settled.
    county_adcode
        The county in which it sits, where the list says so.
    problems
        What was corrected, is open or is wrong.
    """

    adcode: str | None
    county_adcode: str | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceText:
    """A text of the row, the column it stands in, and what it means."""

    column: str
    text: str
    found: Resolution

    @property
    def adcode(self) -> str | None:
        """The division that the text surely means, or None."""
        return self.found.adcode


def read_place(
    record: "Record",
    column: str,
    level: AdminLevel | None,
    prefecture: str | None,
    gazetteer: Gazetteer,
) -> PlaceText | None:
    """Return what a column of the row says about its place, None if it says nothing."""
    text = record[column]
    if not text:
        return None
    found = gazetteer.resolve(text, level=level, prefecture_adcode=prefecture)
    return None if found.how is How.EMPTY else PlaceText(column, text, found)


def plain_reading(record: "Record", text: PlaceText, gazetteer: Gazetteer) -> PlaceReading:
    """Return the place that a text alone gives, with what there is to say about the text."""
    if text.found.how in {How.EXACT, How.SHORT, How.ENGLISH}:
        return PlaceReading(text.adcode)
    return PlaceReading(text.adcode, None, (place_problem(record, text, gazetteer),))


def place_problem(record: "Record", text: PlaceText, gazetteer: Gazetteer) -> Problem:
    """Return what there is to say about a text that is not plainly a name of today."""
    found = text.found
    only = found.candidates[0] if len(found.candidates) == 1 else None
    # A unit that was split has no one successor, though the table may name one.
    fix = None if found.how is How.SPLIT else found.adcode or only
    severity = _SEVERITY.get(found.how, Severity.ERROR)
    return Problem(
        f"place_{found.how.value}",
        severity,
        record.row,
        PLACE_COLUMN if severity is not Severity.CORRECTED else text.column,
        text.text,
        {
            "name": gazetteer.name(fix) if fix else "",
            "year": str(found.changed_year) if found.changed_year else "—",
            "candidates": named_codes(found.candidates, gazetteer),
            "adcodes": found.candidates,
        },
        fix if severity is not Severity.ERROR else None,
    )


def named_codes(codes: tuple[str, ...], gazetteer: Gazetteer) -> str:
    """Return divisions by name and code in one line."""
    known = [code for code in dict.fromkeys(codes) if code in gazetteer.places]
    return "、".join(f"{gazetteer.name(code)}({code})" for code in known)


def place_in_name(
    record: "Record", tier: AdminLevel | None, prefecture: str | None, gazetteer: Gazetteer
) -> PlaceReading:
    """Return the place with which the node's name begins: 嵩明县科技成果转化中心."""
    name = bare_text(record["node_name"])

    def resolve(text: str) -> Resolution:
        return gazetteer.resolve(text, level=tier, prefecture_adcode=prefecture)

    found = _beginning(name, resolve, gazetteer.entries)
    if found is None:
        code = "place_not_in_name" if name else "place_missing"
        missing = Problem(code, row=record.row, column=PLACE_COLUMN, value=record["node_name"])
        return PlaceReading(None, problems=(missing,))
    adcode, text, is_first = found
    if prefecture is None and tier is not AdminLevel.PREFECTURE:
        alone = PlaceText("node_name", text, gazetteer.resolve_alone(text, level=tier))
        if alone.adcode is None:
            return PlaceReading(None, None, (place_problem(record, alone, gazetteer),))
    severity = Severity.CORRECTED if is_first else Severity.DOUBTFUL
    problem = Problem(
        "place_from_name", severity, record.row, PLACE_COLUMN, record["node_name"],
        {"part": text, "name": gazetteer.name(adcode)}, adcode,
    )  # fmt: skip
    return PlaceReading(adcode if is_first else None, None, (problem,))


def _beginning(
    name: str, resolve: Callable[[str], Resolution], known: Container[str]
) -> tuple[str, str, bool] | None:
    """Return adcode and text of the longest certain place in a name, and if it stands first."""
    for start in range(len(name) - 1):
        is_first = start == 0 or name[:start] == "云南省"
        for end in range(min(len(name), start + _LONGEST_NAME), start + 1, -1):
            text = name[start:end]
            if text.isdecimal() or not (is_first or text in known):
                continue
            found = resolve(text)
            if found.how in CERTAIN and found.adcode is not None:
                return found.adcode, text, is_first
    return None
