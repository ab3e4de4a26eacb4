"""Cells that programs write oddly: moments for days, powers of ten, radicals."""

import unicodedata

import pytest

from network_map.listfiles.cells import (
    date_remark,
    iso_date,
    plain_text,
    whole_number_text,
    without_radicals,
)


@pytest.mark.parametrize(
    ("text", "day", "remark"),
    [
        ("2023-12-31T16:00:00.000Z", "2024-01-01", "date_in_beijing"),
        ("2023-12-31T16:00:00+00:00", "2024-01-01", "date_in_beijing"),
        ("2023-12-31 16:00:00 UTC", "2024-01-01", "date_in_beijing"),
        ("2024-01-01T01:00+0900", "2024-01-01", None),
        ("2024-01-01T00:30:00+09:00", "2023-12-31", "date_in_beijing"),
        ("2023-12-31T12:00:00-05:00", "2024-01-01", "date_in_beijing"),
        ("2024-03-05T00:00:00+08:00", "2024-03-05", None),
        ("2024-03-05T00:00:00Z", "2024-03-05", None),
        ("2024-03-05T00:00:00", "2024-03-05", None),
        ("2024-03-05 10:20:30", "2024-03-05", None),
        ("2024/3/5 0:00", "2024-03-05", None),
        ("2024-12-31 23:59:59", "2024-12-31", None),
        ("2024-12-31 23:59", "2024-12-31", None),
        ("45355.9995023", "2024-03-05", "date_moved_off_midnight"),
        ("2024-03-04 23:59:17", "2024-03-05", "date_moved_off_midnight"),
        ("2023-12-31T15:59:17.000Z", "2024-01-01", "date_moved_off_midnight"),
        ("2023-12-31 23:54:17", "2024-01-01", "date_moved_off_midnight"),
        ("45355.99999999", "2024-03-05", None),
        ("45355.5", "2024-03-04", None),
        ("45355.0", "2024-03-04", None),
        ("2024-03-04 23:59:30", "2024-03-04", "date_near_midnight"),
        ("45355", "2024-03-04", None),
        ("2024-02-30 10:00", None, None),
    ],
)
def test_a_moment_is_a_day_in_beijing(text: str, day: str | None, remark: str | None) -> None:
    assert (iso_date(text), date_remark(text)) == (day, remark)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("5.30102E+05", "530102"), ("5.30102e5", "530102"), ("5.30102E+005", "530102"),
        ("5.3E+05", "5.3e+05"), ("5.301E5", "5.301e5"), ("530102.0", "530102"),
        ("5.30102E-05", "5.30102e-05"), ("5.30102000000E+11", "530102000000"), ("5e2", "5e2"),
    ],
)  # fmt: skip
def test_a_power_of_ten_is_written_out_where_no_digit_is_lost(text: str, plain: str) -> None:
    assert whole_number_text(text) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("⻢⻰区", "马龙区"), ("⻄⼭区", "西山区"), ("⼤理市", "大理市"), ("⾦平县", "金平县"),
        ("⻘⻰⻔", "青龙门"), ("⻛⻜", "风飞"), ("昆明市", "昆明市"), ("一—二", "一—二"),
    ],
)  # fmt: skip
def test_radicals_are_the_characters_that_they_look_like(text: str, plain: str) -> None:
    assert without_radicals(text) == plain
    assert plain_text(text) == plain


def test_every_radical_of_a_simplified_character_is_known() -> None:
    for code in (*range(0x2E80, 0x2EF4), *range(0x2F00, 0x2FD6)):
        if "C-SIMPLIFIED" in unicodedata.name(chr(code), "") or code >= 0x2F00:
            assert without_radicals(chr(code)) != chr(code)
