"""The place of a seller or a buyer: codes and names of any age, other provinces, or 未定位.

Nothing is guessed: what may be two places is asked, and what is no place stays without one while
its contract stays in the totals.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from network_map.errors import Severity
from network_map.listfiles.cells import is_blank, plain_text, whole_number_text
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
_OPEN = {How.AMBIGUOUS, How.SPLIT, How.NOW_OTHER_LEVEL, How.SIMILAR, How.PARENT_DIFFERS}


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


def read_place(texts: Sequence[str], gazetteer: Gazetteer) -> PlaceWord:
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
    outside = _other_province(filled)
    if outside is not None:
        return PlaceWord(outside, value=value)
    found = _resolutions(filled, gazetteer)
    sure = [(text, one) for text, one in found if one.how in CERTAIN and one.adcode is not None]
    asked = [(text, one) for text, one in found if one.how in _OPEN]
    if sure and not _asks_county(filled, asked):
        return _settled(sure, value, gazetteer)
    if asked:
        return _question(*asked[0], value, gazetteer)
    return PlaceWord(None, "contract_place_unknown", Severity.NOTE, value)


def _asks_county(texts: Sequence[str], asked: Sequence[tuple[str, Resolution]]) -> bool:
    """Return whether the county column has a name that only was a county's, and nothing says more.

    昭通市 in both columns may be the prefecture twice, or the county-level city of that name.
    """
    code, place, _, _, county = texts
    is_open = any(text == county and one.how is How.NOW_OTHER_LEVEL for text, one in asked)
    return bool(county) and is_open and not (code or place)


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


def _resolutions(texts: Sequence[str], gazetteer: Gazetteer) -> list[tuple[str, Resolution]]:
    code, place, province, prefecture, county = texts
    above = gazetteer.resolve(prefecture, level=AdminLevel.PREFECTURE)
    inside = above.adcode
    found = [
        (county, gazetteer.resolve(county, level=AdminLevel.COUNTY, prefecture_adcode=inside)),
        (code, _by_code(code, gazetteer)),
        (place, gazetteer.resolve(place)),
        (prefecture, above),
        (province, gazetteer.resolve(province, level=AdminLevel.PROVINCE)),
    ]
    return [(text, one) for text, one in found if text and one.how is not How.EMPTY]


def _by_code(text: str, gazetteer: Gazetteer) -> Resolution:
    plain = whole_number_text(text)
    if _FRACTION.fullmatch(plain):  # 530102.5 is no code and not a little more than one
        return Resolution(None, How.UNKNOWN)
    if plain == _OWN:
        plain = f"{_OWN}0000"
    found = gazetteer.resolve(plain)
    city = f"{plain[:4]}00"
    if (
        found.how is How.UNKNOWN
        and plain[4:6] == _DISTRICTS_OF_CITY
        and plain.isdecimal()
        and city in gazetteer.places
    ):
        return Resolution(city, How.FORMER_CODE, (city,))
    return found


def _settled(sure: Sequence[tuple[str, Resolution]], value: str, gazetteer: Gazetteer) -> PlaceWord:
    """Return the narrowest of the places that are sure, or the question which, if they differ."""
    codes = list(dict.fromkeys(str(one.adcode) for _, one in sure))
    narrowest = max(codes, key=lambda code: _depth(code, gazetteer))
    if any(not _holds(code, narrowest, gazetteer) for code in codes):
        values = {"candidates": _names(codes, gazetteer)}
        return PlaceWord(None, "contract_places_differ", Severity.DOUBTFUL, value, codes[0], values)
    text, one = next(pair for pair in sure if pair[1].adcode == narrowest)
    if one.how not in {How.FORMER_NAME, How.FORMER_CODE}:
        return PlaceWord(narrowest, value=value)
    values = {"name": gazetteer.name(narrowest), "year": str(one.changed_year or "—")}
    return PlaceWord(
        narrowest, _changed_code(text, one), Severity.CORRECTED, plain_text(text), narrowest, values
    )


def _changed_code(text: str, one: Resolution) -> str:
    if one.how is How.FORMER_NAME:
        return "place_former_name"
    is_city = one.changed_year is None and whole_number_text(text)[4:6] == _DISTRICTS_OF_CITY
    return "contract_place_city" if is_city else "place_former_code"


def _question(text: str, one: Resolution, value: str, gazetteer: Gazetteer) -> PlaceWord:
    only = one.candidates[0] if len(one.candidates) == 1 and one.how is not How.SPLIT else None
    values = {
        "name": gazetteer.name(one.candidates[0]) if one.candidates else "",
        "year": str(one.changed_year or "—"),
        "candidates": _names(one.candidates, gazetteer),
        "text": text,
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
