"""One cell: dates in any usual form, numbers, coordinates, text."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network_map.listfiles.cells import (
    clean_text,
    degree_pair,
    degrees,
    iso_date,
    number,
    plain_text,
    whole_number_text,
    without_contacts,
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2018-11-06", "2018-11-06"),
        ("2018/11/6", "2018-11-06"),
        ("2018.11.6", "2018-11-06"),
        ("2018.11.6.", "2018-11-06"),
        ("2018年11月6日", "2018-11-06"),
        ("2018 年 11 月 6 日", "2018-11-06"),
        ("2018年11月6号", "2018-11-06"),
        ("2018-11-06 00:00:00", "2018-11-06"),
        ("2018-11-06T08:30:00Z", "2018-11-06"),
        ("2018年11月6日星期二", "2018-11-06"),
        ("2018/11/6 周二", "2018-11-06"),
        ("2018/11/6 上午10:20:00", "2018-11-06"),
        ("2018年11月6日(星期二)下午 3:20", "2018-11-06"),
        ("20181106", "2018-11-06"),
        ("43410", "2018-11-06"),
        ("43410.0", "2018-11-06"),
        ("2018年11月", "2018-11"),
        ("2018年11月份", "2018-11"),
        ("2018.11", "2018-11"),
        ("201811", "2018-11"),
        ("2018", "2018"),
        ("2018年", "2018"),
        ("2018年底", "2018"),
        ("2018年上半年", "2018"),
        ("二〇一八年十一月六日", "2018-11-06"),
        ("二○一八年十月", "2018-10"),
        ("二零二〇年二十月", None),
        ("２０１８年１１月", "2018-11"),
    ],
)
def test_a_date_is_read_as_exactly_as_it_was_written(written: str, meant: str | None) -> None:
    assert iso_date(written) == meant


@pytest.mark.parametrize(
    "written",
    ["", "6/11/2018", "2018-02-30", "2018-13", "18.11.6", "明年", "99999", "12345", "1800年"],
)
def test_what_is_no_clear_date_is_not_guessed(written: str) -> None:
    assert iso_date(written) is None


@pytest.mark.law
@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)))
def test_a_day_reads_the_same_from_a_sheet_serial_and_from_its_iso_text(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    assert iso_date(str(serial)) == iso_date(day.isoformat()) == day.isoformat()


@pytest.mark.law
@given(st.text(max_size=40))
def test_any_text_is_a_date_or_none_and_is_kept_clean(text: str) -> None:
    value = iso_date(text)
    assert value is None or iso_date(value) == value
    kept = clean_text(text)
    assert clean_text(kept) == kept
    assert not any(ord(letter) < 32 for letter in kept)
    assert plain_text(plain_text(text)) == plain_text(text)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("102.7", 102.7),
        ("102.7°", 102.7),
        ("东经102.7°", 102.7),
        ("E102.7", 102.7),
        ("102.7E", 102.7),
        ("102°42′", 102.7),
        ("102°42′00″", 102.7),
        ("102度42分", 102.7),
        ("１０２．７", 102.7),
        ("某处", None),
        ("", None),
    ],
)
def test_a_coordinate_is_read_in_any_usual_form(written: str, meant: float | None) -> None:
    found = degrees(written)
    assert found == (meant if meant is None else pytest.approx(meant))


def test_both_coordinates_may_stand_in_one_cell() -> None:
    assert degree_pair("102.7, 25.0") == (102.7, 25.0)
    assert degree_pair("102.7，25.0") == (102.7, 25.0)
    assert degree_pair("102.7") is None


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("530102199001011234", "…"), ("身份证53010219900101123X", "身份证…"),
        ("530102188801011234", "…"), ("915301007134567890", "915301007134567890"),
        ("12530000431201234X", "12530000431201234X"), ("129001198012123456", "…"),
        ("机构 91530100MA6K000011", "机构 91530100MA6K000011"),
    ],
)  # fmt: skip
def test_the_code_of_an_organisation_is_no_identity_number(written: str, kept: str) -> None:
    assert without_contacts(written) == kept


def test_numbers_keep_their_sign_and_lose_their_separators() -> None:
    assert number("1,234.5") == 1234.5
    assert number("-1.5") == -1.5
    assert number("1/2") is None
    assert number("12,345,678") == number("1234,5678") == 12345678
    assert [number(text) for text in ("990,5", "1,2", "12,34,567", "1,234,56")] == [None] * 4
    assert whole_number_text("530302.0") == "530302"
    assert whole_number_text("530302.5") == "530302.5"
    assert whole_number_text("012") == "012"
