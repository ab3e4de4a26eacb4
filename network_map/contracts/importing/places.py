"""The place of a seller or a buyer: codes and names of any age, other provinces, or 未定位.

Nothing is guessed: what may be two places is asked, and what is no place stays without one while
its contract stays in the totals.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from network_map.errors import Severity
from network_map.listfiles.cells import (
    has_radicals,
    is_blank,
    is_scientific,
    plain_text,
    whole_number_text,
    without_radicals,
)
from network_map.places.gazetteer import CERTAIN, Gazetteer, How, Resolution
from network_map.terms import AdminLevel

PLACE_ITEMS = ("adcode", "place", "province", "prefecture", "county")
"""The columns of a party that speak of its place, in the order of the texts given here."""

_OWN = "53"
_PROVINCES = {
    "11": "北京", "12": "天津", "13": "河北", "14": "山西", "15": "内蒙古", "21": "辽宁",
    "22": "吉林", "23": "黑龙江", "31": "上海", "32": "江苏", "33": "浙江", "34": "安徽",
    "35": "福建", "36": "江西", "37": "山东", "41": "河南", "42": "湖北", "43": "湖南",
    "44": "广东", "45": "广西", "46": "海南", "50": "重庆", "51": "四川", "52": "贵州",
    _OWN: "云南", "54": "西藏", "61": "陕西", "62": "甘肃", "63": "青海", "64": "宁夏",
    "65": "新疆", "71": "台湾", "81": "香港", "82": "澳门",
}  # fmt: skip
"""First two digits of GB/T 2260 and the names that a text outside the province begins with."""
_FRACTION = re.compile(r"\d+\.\d+")
_DIGITS = re.compile(r"\d{2}|\d{4}|\d{6}|\d{9}|\d{12}")
_DISTRICTS_OF_CITY = "01"
LEAVE_UNLOCATED = "未定位"
UNLOCATED_WORDS = frozenset({LEAVE_UNLOCATED, "暂记未定位", "unlocated"})
"""Answers that leave a contract in the totals without a place."""
_NO_COUNTY = frozenset({
    "市辖区", "市本级", "州本级", "本级", "市直", "州直", "省直", "省本级", "市级", "州级", "省级",
    "其他", "其它", "全市", "全州", "不详", "未知",
})  # fmt: skip
"""What a column of counties says of a party that belongs to no county."""


@dataclass(frozen=True, slots=True)
class PlaceWord:
    """What the texts of a party say about its place.

    Parameters
    ----------
    adcode
        Current code of the division, ``xx0000`` of another province, or None.
    code
        Code of what there is to say, or None.
    severity
        How much that weighs.
    value
        The texts in one line, as a person answers about them.
    fix
        The offered answer.
    values
        What the sentence names.
    """

    adcode: str | None
    code: str | None = None
    severity: Severity = Severity.NOTE
    value: str = ""
    fix: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)


def read_party_place(texts: Sequence[str], gazetteer: Gazetteer) -> PlaceWord:
    """Return the place that a party's texts mean.

    Parameters
    ----------
    texts
        The cells of :data:`PLACE_ITEMS` in that order; "" where there is none.
    gazetteer
        The divisions of the province.
    """
    filled = ["" if is_blank(text) else text for text in texts]
    value = " ".join(dict.fromkeys(text for text in filled if text))
    if not value:
        return PlaceWord(None)
    if plain_text(value) in UNLOCATED_WORDS:
        return PlaceWord(None, "contract_place_left_open", Severity.NOTE, value)
    found = _read_texts(filled, value, gazetteer)
    if found.adcode is None or found.code is not None:
        return found
    values = {"name": gazetteer.name(found.adcode)} if found.adcode in gazetteer.places else {}
    if has_radicals(value):
        return replace(
            found, code="place_radicals", severity=Severity.CORRECTED, fix=found.adcode,
            values={"text": without_radicals(value), **values},
        )  # fmt: skip
    if any(is_scientific(text) for text in filled):
        return replace(
            found, code="place_code_scientific", severity=Severity.CORRECTED, fix=found.adcode,
            values=values,
        )  # fmt: skip
    return found


def _read_texts(filled: Sequence[str], value: str, gazetteer: Gazetteer) -> PlaceWord:
    said = _place_texts_of(filled, gazetteer)
    outside = _other_province(filled)
    if outside is not None:
        return _outside(outside, said, value, gazetteer)
    sure = [one for one in said if one.found.how in CERTAIN]
    if sure:
        return _settled(sure, [one for one in said if one not in sure], value, gazetteer)
    asked = next((one for one in said if one.found.candidates), None)
    if asked is not None:
        return _question(asked, value, gazetteer)
    if any(is_scientific(text) for text in filled):
        code = "place_code_rounded"
        return PlaceWord(None, code, Severity.DOUBTFUL, value, LEAVE_UNLOCATED)
    return PlaceWord(None, "contract_place_unknown", Severity.NOTE, value)


@dataclass(frozen=True, slots=True)
class _PlaceText:
    """A text about a party's place, the item it stands under, and what it means."""

    item: str
    text: str
    found: Resolution

    @property
    def adcode(self) -> str:
        """The division that it surely means, else ""."""
        return self.found.adcode or ""


def _outside(
    outside: str, said: Sequence[_PlaceText], value: str, gazetteer: Gazetteer
) -> PlaceWord:
    """Return another province, or the question which, if the row also names one of ours.

    A county does not contradict: its name may occur in the other province too.
    """
    ours = [one.adcode for one in said if one.item != "county" and one.found.how in CERTAIN]
    if not ours:
        return PlaceWord(outside, value=value)
    candidates = f"{_PROVINCES[outside[:2]]}({outside})、{_names(ours[:1], gazetteer)}"
    values = {"candidates": candidates}
    return PlaceWord(None, "contract_places_differ", Severity.DOUBTFUL, value, None, values)


def _other_province(texts: Sequence[str]) -> str | None:
    """Return ``xx0000`` if a text names another province, by name or by the start of its code."""
    for text in texts:
        plain = whole_number_text(text)
        if _DIGITS.fullmatch(plain):
            start = plain[:2]
        else:
            start = next((c for c, name in _PROVINCES.items() if plain.startswith(name)), _OWN)
        if start in _PROVINCES and start != _OWN:
            return f"{start}0000"
    return None


def _place_texts_of(texts: Sequence[str], gazetteer: Gazetteer) -> list[_PlaceText]:
    """Return what each text means, read within the prefecture that the row names."""
    code, place, province, prefecture, county = texts
    above = _at_level(prefecture, AdminLevel.PREFECTURE, None, gazetteer)
    inside = gazetteer.prefecture_of(above.adcode) if above.adcode is not None else None
    county = "" if plain_text(county) in _NO_COUNTY else county
    is_alone = inside is None and not (code or place)
    found = [
        _PlaceText("county", county, _county(county, inside, gazetteer, is_alone=is_alone)),
        _PlaceText("adcode", code, _by_code(code, inside, gazetteer)),
        _PlaceText("place", place, _of_any_level(place, prefecture, inside, gazetteer)),
        _PlaceText("prefecture", prefecture, above),
        _PlaceText("province", province, gazetteer.resolve(province, level=AdminLevel.PROVINCE)),
    ]
    return [one for one in found if one.text and one.found.how is not How.EMPTY]


def _at_level(text: str, level: AdminLevel, inside: str | None, gazetteer: Gazetteer) -> Resolution:
    """Return what a text means at the level of its column, or at the one that it surely has."""
    found = gazetteer.resolve(text, level=level, prefecture_adcode=inside)
    if found.how is How.WRONG_LEVEL:
        other = gazetteer.resolve(text)
        return other if other.how in CERTAIN else found
    return found


def _county(text: str, inside: str | None, gazetteer: Gazetteer, *, is_alone: bool) -> Resolution:
    found = _at_level(text, AdminLevel.COUNTY, inside, gazetteer)
    if is_alone and found.adcode is not None:
        return gazetteer.resolve_alone(text, level=gazetteer.places[found.adcode].level)
    return found


def _of_any_level(
    text: str, prefecture: str, inside: str | None, gazetteer: Gazetteer
) -> Resolution:
    """Return what a text means in a column of any level: a short name is a county's within one.

    大理 beside 大理州 is the city; beside another 大理 it may be either.
    """
    if inside is None:
        return gazetteer.resolve_alone(text, level=None)
    found = gazetteer.resolve(text, prefecture_adcode=inside)
    if found.how is How.AMBIGUOUS and text != prefecture:
        county = gazetteer.resolve(text, level=AdminLevel.COUNTY, prefecture_adcode=inside)
        return county if county.how in CERTAIN else found
    if found.how is How.PARENT_DIFFERS and len(found.candidates) == 1:
        return gazetteer.resolve(text)  # sure in itself: it contradicts the prefecture
    return found


def _by_code(text: str, inside: str | None, gazetteer: Gazetteer) -> Resolution:
    plain = whole_number_text(text)
    if _FRACTION.fullmatch(plain):  # 530102.5 is no code and not a little more than one
        return Resolution(None, How.UNKNOWN)
    if not plain.isdecimal():
        return _of_any_level(plain, "", inside, gazetteer)
    if plain == _OWN:
        plain = f"{_OWN}0000"
    found = gazetteer.resolve(plain)
    city = f"{plain[:4]}00"
    if found.how is How.UNKNOWN and plain[4:6] == _DISTRICTS_OF_CITY and city in gazetteer.places:
        return Resolution(city, How.FORMER_CODE, (city,))
    return found


def _settled(
    sure: Sequence[_PlaceText], open_texts: Sequence[_PlaceText], value: str, gazetteer: Gazetteer
) -> PlaceWord:
    """Return the narrowest of the places that are sure, or the question which.

    It is asked if they differ, or if another text of the row does not fit: what is sure does not
    silence what is not.
    """
    codes = list(dict.fromkeys(one.adcode for one in sure))
    narrowest = max(codes, key=lambda code: _depth(code, gazetteer))
    if any(not _holds(code, narrowest, gazetteer) for code in codes):
        values = {"candidates": _names(codes, gazetteer)}
        return PlaceWord(None, "contract_places_differ", Severity.DOUBTFUL, value, codes[0], values)
    chosen = next(one for one in sure if one.adcode == narrowest)
    by_code = next((one.adcode for one in sure if one.item in {"adcode", "place"}), None)
    strange = [one for one in open_texts if not _fits(one.found, narrowest, by_code, gazetteer)]
    values = {"name": gazetteer.name(narrowest), "year": str(chosen.found.changed_year or "—")}
    for one in strange:
        if one.found.candidates:
            return _question(one, value, gazetteer)
        values["text"] = one.text
        is_county = gazetteer.places[narrowest].level is AdminLevel.COUNTY
        if not is_county or one.item == "county":
            code = "contract_place_text_unknown"
            return PlaceWord(None, code, Severity.DOUBTFUL, value, narrowest, values)
    if strange:
        code = "contract_place_text_not_used"
        return PlaceWord(narrowest, code, Severity.CORRECTED, value, narrowest, values)
    if chosen.found.how not in {How.FORMER_NAME, How.FORMER_CODE}:
        return PlaceWord(narrowest, value=value)
    return PlaceWord(
        narrowest, _changed_code(chosen.text, chosen.found), Severity.CORRECTED,
        plain_text(chosen.text), narrowest, values,
    )  # fmt: skip


def _fits(found: Resolution, adcode: str, by_code: str | None, gazetteer: Gazetteer) -> bool:
    """Return whether a text that may mean several places may mean this one, and nothing narrower.

    A code or a full name beside it says which of its places 大理 or 昭通市 is.
    """
    candidates = found.candidates
    if adcode == by_code:
        is_once_county = found.how is How.NOW_OTHER_LEVEL
        return (
            adcode in candidates
            or gazetteer.prefecture_of(adcode) in candidates
            or (is_once_county and any(_holds(adcode, one, gazetteer) for one in candidates))
        )
    narrower = [one for one in candidates if one != adcode and _holds(adcode, one, gazetteer)]
    return not narrower and (adcode in candidates or gazetteer.prefecture_of(adcode) in candidates)


def _changed_code(text: str, one: Resolution) -> str:
    if one.how is How.FORMER_NAME:
        return "place_former_name"
    is_city = one.changed_year is None and whole_number_text(text)[4:6] == _DISTRICTS_OF_CITY
    return "contract_place_city" if is_city else "place_former_code"


def _question(asked: _PlaceText, value: str, gazetteer: Gazetteer) -> PlaceWord:
    one = asked.found
    is_one = len(one.candidates) == 1 and one.how is not How.SPLIT
    only = one.candidates[0] if is_one else LEAVE_UNLOCATED
    values = {
        "name": gazetteer.name(one.candidates[0]) if one.candidates else "",
        "year": str(one.changed_year or "—"),
        "candidates": _names(one.candidates, gazetteer),
        "text": asked.text,
    }
    return PlaceWord(None, f"place_{one.how.value}", Severity.DOUBTFUL, value, only, values)


def _names(codes: Sequence[str], gazetteer: Gazetteer) -> str:
    return "、".join(
        f"{gazetteer.name(code)}({code})" for code in codes if code in gazetteer.places
    )


def _depth(code: str, gazetteer: Gazetteer) -> int:
    return list(AdminLevel).index(gazetteer.places[code].level)


def _holds(outer: str, inner: str, gazetteer: Gazetteer) -> bool:
    """Return whether a division is another one or lies above it."""
    return (
        outer == inner
        or gazetteer.places[outer].level is AdminLevel.PROVINCE
        or gazetteer.prefecture_of(inner) == outer
    )
