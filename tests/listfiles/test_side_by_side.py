"""Chunks of a file are read side by side: the same rows, findings and order as one by one."""

from collections.abc import Iterator
from threading import Event

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from network_map.listfiles.cells import clean_column, clean_text
from network_map.listfiles.spool import in_turn, one_ahead


@given(st.lists(st.integers(), max_size=30))
def test_what_is_made_side_by_side_comes_in_the_order_of_the_items(items: list[int]) -> None:
    assert list(in_turn(lambda item: -item, one_ahead(iter(items)))) == [(n, -n) for n in items]


def test_a_slow_item_lets_the_next_one_begin_and_still_comes_first() -> None:
    has_begun = Event()

    def work(item: int) -> bool:
        if item == 0:
            return has_begun.wait(30)
        has_begun.set()
        return True

    assert list(in_turn(work, range(3))) == [(0, True), (1, True), (2, True)]


@pytest.mark.parametrize("bad", [0, 3, 7])
def test_what_goes_wrong_is_raised_in_its_turn(bad: int) -> None:
    def numbers() -> Iterator[int]:
        for number in range(8):
            if number == bad:
                raise ValueError(bad)
            yield number

    seen: list[int] = []
    with pytest.raises(ValueError, match=str(bad)):
        seen.extend(number for number, _ in in_turn(str, one_ahead(numbers())))
    assert seen == list(range(len(seen)))
    assert len(seen) <= bad

    def work(number: int) -> int:
        return 1 // (number - bad)

    seen.clear()
    with pytest.raises(ZeroDivisionError):
        seen.extend(number for number, _ in in_turn(work, range(8)))
    assert seen == list(range(bad))


@given(st.lists(st.text(max_size=6), max_size=6))
def test_a_column_is_cleaned_like_its_cells(cells: list[str]) -> None:
    column = pa.array(["合同", *cells, "ab"], type=pa.string())
    expected = ["合同", *map(clean_text, cells), "ab"]
    assert clean_column(column).to_pylist() == expected
    assert clean_column(column.slice(1)).to_pylist() == expected[1:]


def test_no_character_to_be_cleaned_is_overlooked() -> None:
    for code in (*range(0xD800), *range(0xE000, 0x11000)):
        cell = f"a{chr(code)}b"
        if clean_text(cell) != cell:
            assert clean_column(pa.array([cell])).to_pylist() == [clean_text(cell)], hex(code)
