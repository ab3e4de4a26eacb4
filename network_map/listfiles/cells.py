"""Reading one cell: its text, a date in any usual form, a number, a coordinate.

Columns of text worked on together: what differs is read once, what is clean is left alone.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SPACE = re.compile(r"\s+")
_PUNCTUATION = re.compile(r"[^\w]|_")
_EMPTY = {"", "-", "--", "—", "——", "/", "\\", "无", "暂无", "n/a", "na", "null", "none", "nan"}

_CHINESE_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_TENS = {"十": 10, "二十": 20, "三十": 30}

_DAY = re.compile(r"(\d{4})(?:年|[-./\\])(\d{1,2})(?:月|[-./\\])(\d{1,2})[日号]?")
_MONTH = re.compile(r"(\d{4})(?:年|[-./\\])(\d{1,2})(?:月份?)?")
_YEAR = re.compile(r"(\d{4})(?:年度?|年?(?:初|底|末|中|上半年|下半年|[一二三四]季度))?")
_COMPACT_DAY = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_COMPACT_MONTH = re.compile(r"((?:19|20)\d{2})(\d{2})")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_CHINESE_DATE = re.compile(
    r"([〇○零一二三四五六七八九]{4})年(?:([一二三四五六七八九十]{1,3})月(?:([一二三四五六七八九十]{1,3})[日号])?)?"
)
_TIME_OF_DAY = re.compile(r"(?:\s+|T|\s*[上下]午\s*)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?$")
_WEEKDAY = re.compile(r"\s*[((]?(?:星期|周)[一二三四五六日天][))]?(?=\s|[上下]午|$)")
_WHOLE_FLOAT = re.compile(r"(\d+)\.0+")
_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d+))?e\+?0*(\d{1,2})")
ROUNDED_NUMBER = r"^[0-9]([.,][0-9]+[eE]\+?|[eE]\+)[0-9]+$"
"""As Excel writes a long number (2.02453E+15), and as Java does (2.02453E15)."""
_MOST_POWER = 40
_MOMENT = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:\s+|T)"
    r"(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?\s?(Z|UTC|GMT|[-+]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_DAY_NUMBER = re.compile(r"(\d{5})(\.\d+)")
_LOCAL_MEAN_SECONDS = (43, 343)
"""What local mean time of Shanghai (8:05:43) takes from a midnight, whole or but the seconds."""
_NOISE_SECONDS, _END_OF_DAY_SECONDS, _NEAR_SECONDS = 0.6, 1.6, 60
RADICALS = r"[\x{2e80}-\x{2fdf}]"
"""Radicals: PDF files give them in place of the characters that look the same."""
_RADICAL = re.compile("[\u2e80-\u2fdf]")
_CHARACTER_OF_RADICAL = str.maketrans(
    "⺁⺃⺄⺅⺈⺉⺊⺌⺍⺒⺕⺗⺘⺙⺛⺜⺝⺞⺟⺠⺡⺣⺤⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺶⺷⺸⺹⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
    "厂乚乙亻刀刂卜小小巳彐㣺扌攵旡日月歹母民氵灬爫爫丬牛犭王疋目示礻竹糹纟罓罒羊羊羊耂月臼艹艹艹虎衤覀西见角讠贝足车辶辶辶阝钅長镸长门阜阝雨青韦页风飞食飠饣首马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
)
_SEXAGESIMAL = re.compile(
    r"(\d{1,3})[°度](?:(\d{1,2}(?:\.\d+)?)['′’分](?:(\d{1,2}(?:\.\d+)?)(?:[\"″”秒]|''|′′)?)?)?"
)
_DASHED = re.compile(r"(\d{1,3})[-:](\d{1,2})[-:](\d{1,2}(?:\.\d+)?)")
_COMPASS = re.compile(r"^(?:东经|北纬|[EN])\s*[::]?|(?:[EN])$", re.IGNORECASE)

EXCEL_EPOCH = date(1899, 12, 30)
FIRST_SERIAL = 18_264
"""1950-01-01 as a spreadsheet's day number."""
LAST_SERIAL = 73_050
"""2099-12-31 as a spreadsheet's day number."""
FIRST_YEAR = 1949
LAST_YEAR = 2099


def today_in_china() -> str:
    """Return the day it is in China, in ISO 8601: what is dated later is yet to come."""
    return datetime.now(timezone(timedelta(hours=8))).date().isoformat()


def clean_text(value: str) -> str:
    """Return a cell as it is kept: no control or invisible characters, single spaces inside."""
    if value.isprintable():  # most cells: then no blank is in it but the plain one
        return " ".join(value.split()) if " " in value else value
    visible = _CONTROL.sub(" ", _INVISIBLE.sub("", value))
    return _SPACE.sub(" ", visible).strip()


def plain_text(value: str) -> str:
    """Return a cell as it is compared: half width, no spaces at all, lower case, no radicals."""
    text = clean_text(value)
    if text.isascii():
        return text.replace(" ", "").casefold()
    return _SPACE.sub("", unicodedata.normalize("NFKC", without_radicals(text))).casefold()


def has_radicals(value: str) -> bool:
    """Return whether a text has radicals in it: ⻢⻰区."""
    return _RADICAL.search(value) is not None


def without_radicals(value: str) -> str:
    """Return a text with the characters that its radicals look like: 马龙区."""
    if not has_radicals(value):
        return value
    plain = _RADICAL.sub(lambda found: unicodedata.normalize("NFKC", found[0]), value)
    return plain.translate(_CHARACTER_OF_RADICAL)


def bare_text(value: str) -> str:
    """Return a cell as it is compared when punctuation does not matter either."""
    return _PUNCTUATION.sub("", plain_text(value))


def is_blank(value: str) -> bool:
    """Return whether a cell says nothing: empty, a dash, 无, N/A."""
    return plain_text(value) in _EMPTY


def whole_number_text(value: str) -> str:
    """Return ``530302.0`` and ``5.30302E+05`` as ``530302``, any other text unchanged.

    Full-width digits become half-width ones. ``5.303E+05`` has lost digits and stays as it is.
    """
    text = plain_text(value)
    match = _WHOLE_FLOAT.fullmatch(text)
    if match is not None:
        return match.group(1)
    scientific = _SCIENTIFIC.fullmatch(text)
    if scientific is not None and len(scientific[2] or "") == int(scientific[3]):
        return f"{scientific[1]}{scientific[2] or ''}"
    return text


def is_scientific(value: str) -> bool:
    """Return whether a number is written with a power of ten: 5.30102E+05."""
    return _SCIENTIFIC.fullmatch(plain_text(value)) is not None


def is_rounded_number(value: str) -> bool:
    """Return whether a spreadsheet wrote a long number with a power of ten: 2.02453E+15."""
    return re.match(ROUNDED_NUMBER, plain_text(value)) is not None


def written_out(value: str) -> str:
    """Return every digit of a number that is written with a power of ten."""
    mantissa, power = plain_text(value).replace(",", ".").split("e")
    is_short = int(power) < _MOST_POWER
    return f"{Decimal(mantissa).scaleb(int(power)):f}" if is_short else value


def iso_date(value: str) -> str | None:
    """Return a date as ISO 8601 text, as exact as it was written, or None if it is no date.

    Read are 2018-11-06, 2018/11/6, 2018.11.6, 2018年11月6日, 二〇一八年十一月, 2018年11月, 2018.11,
    2018年, 2018年底, 20181106, 201811 and the day numbers of spreadsheets. A day before a month
    (6/11/2018) is not read: it is ambiguous. A moment with a zone is a day in Beijing; one that
    programs moved off midnight by Shanghai's local mean time is the day after.
    """
    moment = _moment(value)
    if moment is not None:
        return _checked_date(*_day_of(moment).timetuple()[:3])
    text = unicodedata.normalize("NFKC", clean_text(value)).replace(" 年", "年")
    text = _SPACE.sub("", _TIME_OF_DAY.sub("", _WEEKDAY.sub("", text))).rstrip(".")
    serial = _SERIAL.fullmatch(text)
    if serial is not None:
        return _serial_date(int(serial.group(1)))
    chinese = _CHINESE_DATE.fullmatch(text)
    if chinese is not None:
        return _chinese_date(*chinese.groups())
    for pattern in (_COMPACT_DAY, _COMPACT_MONTH, _DAY, _MONTH, _YEAR):
        match = pattern.fullmatch(text)
        if match is not None:
            return _checked_date(*(int(part) for part in match.groups()))
    return None


def date_remark(value: str) -> str | None:
    """Return the code of what there is to say about a moment that is read as a day, or None.

    ``date_in_beijing`` if the zone changes the day, ``date_moved_off_midnight`` if a program did,
    ``date_near_midnight`` if that is not sure and must be asked.
    """
    moment = _moment(value)
    if moment is None:
        return None
    left = _seconds_left(moment)
    if _is_moved(left):
        return "date_moved_off_midnight"
    if _END_OF_DAY_SECONDS < left < _NEAR_SECONDS:
        return "date_near_midnight"
    written = _MOMENT.search(unicodedata.normalize("NFKC", clean_text(value)))
    is_same = written is None or int(written[3]) == moment.day
    return None if is_same else "date_in_beijing"


def next_day(value: str) -> str:
    """Return the day after the one that a date begins with."""
    return (date.fromisoformat(value[:10]) + timedelta(days=1)).isoformat()


def _moment(value: str) -> datetime | None:
    """Return the moment in Beijing that a text gives to the second, or None."""
    text = unicodedata.normalize("NFKC", clean_text(value))
    number_ = _DAY_NUMBER.fullmatch(text)
    if number_ is not None:
        if not FIRST_SERIAL <= int(number_[1]) <= LAST_SERIAL:
            return None
        start = datetime.combine(EXCEL_EPOCH, datetime.min.time())
        return start + timedelta(days=int(number_[1]), seconds=float(number_[2]) * 86_400)
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    try:
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute))  # noqa: DTZ001 (the zone follows)
    except ValueError:
        return None
    moment += timedelta(seconds=float(second or 0))
    return moment if zone is None else _in_beijing(moment, zone.upper())


def _in_beijing(moment: datetime, zone: str) -> datetime:
    hours = 0.0
    if zone not in {"Z", "UTC", "GMT"}:
        digits = zone[1:].replace(":", "")
        hours = (int(digits[:2]) + int(digits[2:]) / 60) * (-1 if zone[0] == "-" else 1)
    return moment + timedelta(hours=8 - hours)


def _day_of(moment: datetime) -> date:
    left = _seconds_left(moment)
    is_next = left <= _NOISE_SECONDS or _is_moved(left)
    return moment.date() + timedelta(days=int(is_next))


def _seconds_left(moment: datetime) -> float:
    """Return how long after a moment its day ends."""
    midnight = datetime.combine(moment.date(), datetime.min.time())
    return 86_400 - (moment - midnight).total_seconds()


def _is_moved(left: float) -> bool:
    return any(abs(left - seconds) < 1 for seconds in _LOCAL_MEAN_SECONDS)


def is_month_cut_short(value: str) -> bool:
    """Return whether the text may be October whose zero a spreadsheet dropped (2018.10, 2018.1)."""
    return re.fullmatch(r"\d{4}\.1", plain_text(value)) is not None


_NUMBER = re.compile(
    r"[-+]?((\d+|\d{1,3}(,\d{3})+|\d{1,4}(,\d{4})+)(\.\d*)?|\.\d+)(e[-+]?\d{1,2})?"
)


def number(value: str) -> float | None:
    """Return a number written with or without separators of thousands or 万, or None.

    A comma that separates neither (990,5) may stand for a point: that is no number.
    """
    text = plain_text(value)
    return None if _NUMBER.fullmatch(text) is None else float(text.replace(",", ""))


def degrees(value: str) -> float | None:
    """Return a coordinate in degrees from 102.7, 东经102.7°, 102°42′30″ or 102度42分, or None."""
    text = unicodedata.normalize("NFKC", clean_text(value)).replace(" ", "")
    text = _COMPASS.sub("", _COMPASS.sub("", text))
    match = _SEXAGESIMAL.fullmatch(text) or _DASHED.fullmatch(text)
    if match is not None:
        whole, minutes, seconds = (float(part) if part else 0.0 for part in match.groups())
        return whole + minutes / 60 + seconds / 3600
    return number(text.rstrip("°度"))


def degree_pair(value: str) -> tuple[float, float] | None:
    """Return the two numbers of a cell that holds both coordinates (102.7,25.0), or None."""
    parts = re.split(r"[,;、/\s]+", unicodedata.normalize("NFKC", clean_text(value)).strip())
    if len(parts) != 2:  # noqa: PLR2004 - a pair
        return None
    first, second = degrees(parts[0]), degrees(parts[1])
    return None if first is None or second is None else (first, second)


def _serial_date(day: int) -> str | None:
    if not FIRST_SERIAL <= day <= LAST_SERIAL:
        return None
    return (EXCEL_EPOCH + timedelta(days=day)).isoformat()


def _checked_date(year: int, month: int | None = None, day: int | None = None) -> str | None:
    try:
        date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        return None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    parts = [f"{year:04d}", *(f"{part:02d}" for part in (month, day) if part is not None)]
    return "-".join(parts)


def _chinese_date(year: str, month: str | None, day: str | None) -> str | None:
    numbers = [int(year.translate(_CHINESE_DIGITS))]
    for part in (month, day):
        if part is not None:
            value = _chinese_number(part)
            if value is None:
                return None
            numbers.append(value)
    return _checked_date(*numbers)


def _chinese_number(text: str) -> int | None:
    """Return one to thirty-nine written in Chinese numerals."""
    if "十" not in text:
        return int(text.translate(_CHINESE_DIGITS)) if len(text) == 1 else None
    tens, _, ones = text.partition("十")
    base = _TENS.get(f"{tens}十")
    if base is None or len(ones) > 1 or "十" in ones:
        return None
    return base + (int(ones.translate(_CHINESE_DIGITS)) if ones else 0)


Read = TypeVar("Read")
Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

_UNCLEAN = (
    r"[\x00-\x1f\x7f-\x9f\x{a0}\x{ad}\x{1680}\x{2000}-\x{200f}\x{2028}-\x{202f}\x{205f}-\x{2069}"
    r"\x{3000}\x{feff}]|^ | $|  "
)

_IS_SUSPECT = np.zeros(256, dtype="bool")
_IS_SUSPECT[
    [*range(0x21), 0x7F, *(char.encode()[0] for char in "\x80\xa0\u1680\u2000\u3000\ufeff")]
] = True
"""Which bytes an unclean character may begin with in UTF-8."""


def is_matching(texts: pa.Array, pattern: str) -> Mask:
    """Return which cells match a regular expression somewhere."""
    found = pc.match_substring_regex(texts, pattern)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype="bool")


def distinct(texts: pa.Array) -> tuple[Places, list[str]]:
    """Return the different texts of a column, and for each cell the place of its text."""
    encoded = texts.dictionary_encode()
    places = encoded.indices.to_numpy(zero_copy_only=False).astype("int64")
    return places, encoded.dictionary.to_pylist()


def clean_column(texts: pa.Array) -> pa.Array:
    """Return a column with every cell cleaned of control and invisible characters and spaces."""
    return mended(texts, _UNCLEAN, clean_text) if _may_be_unclean(texts) else texts


def _may_be_unclean(texts: pa.Array) -> bool:
    """Return whether a byte stands anywhere that an unclean cell has: cheaper than expressions."""
    _, ends, letters = texts.buffers()
    if letters is None:
        return False
    places = np.frombuffer(ends, "int32")[[texts.offset, texts.offset + len(texts)]]
    return bool(_IS_SUSPECT[np.frombuffer(letters, "uint8")[slice(*places)]].any())


def mended(texts: pa.Array, pattern: str, mend: Callable[[str], str]) -> pa.Array:
    """Return a column whose cells that match a pattern went through a function."""
    mask = is_matching(texts, pattern)
    if not mask.any():
        return texts
    places, words = distinct(texts.filter(pa.array(mask)))
    new = pa.array([mend(word) for word in words], type=pa.string()).take(pa.array(places))
    return pc.replace_with_mask(texts, pa.array(mask), new)


def read_column(
    texts: pa.Array, read: Callable[[str], Read], known: dict[str, Read]
) -> tuple[Places, list[str], list[Read]]:
    """Return for each cell the place of its text, the different texts, and what each means."""
    places, words = distinct(texts)
    for word in words:
        if word not in known:
            known[word] = read(word)
    return places, words, [known[word] for word in words]


def replaced(texts: pa.Array, cells: Mapping[int, str]) -> pa.Array:
    """Return a column with other texts at some places."""
    if not cells:
        return texts
    mask = np.zeros(len(texts), dtype="bool")
    mask[list(cells)] = True
    new = pa.array([cells[place] for place in sorted(cells)], type=pa.string())
    return pc.replace_with_mask(texts, pa.array(mask), new)


_CREDIT_CODE = (
    r"(?:1[1-39]|2[19]|3[1-59]|4[19]|5[1-39]|6[129]|7[129]|8[19]|9[1-3])"
    r"(?:10|1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])\d{4}"
)
"""How the code of an organisation begins: its registry and kind, and the code of a division.

Where no day of birth follows, eighteen digits that begin so are no person's.
"""
_PERSONAL = re.compile(
    r"(?<!\d)1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"  # mobile
    r"|(?<!\d)0\d{2,3}[- ]\d{7,8}(?!\d)"  # telephone
    r"|(?<![0-9A-Za-z])(?:\d{6}(?:19|20)\d\d(?:0\d|1[0-2])[0-3]\d|(?!"
    + _CREDIT_CODE
    + r")\d{14})\d{3}[\dXx](?![0-9A-Za-z])"  # identity number
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # mail
)


def without_contacts(text: str) -> str:
    """Return a text with telephone, identity numbers and mail addresses taken out."""
    return _PERSONAL.sub("…", text)
