"""The declarations: complete, in both languages, and kept by what is read through them."""

import re

import pandas as pd
import pytest

from network_map.catalog import SHIPPED, TABLES, foreign_keys
from network_map.errors import TableError
from network_map.i18n import LANGUAGES, has_text
from network_map.tables import Column, ColumnType, Table
from network_map.tables.check import check, conform

PLACE = Table(
    "place", "地方", "Places",
    (
        Column("adcode", ColumnType.ADCODE, "代码", "Code", is_required=True),
        Column("level", ColumnType.CODE, "级别", "Level", codes=("county", "prefecture")),
        Column("people_count", ColumnType.INTEGER, "人数", "People", minimum=0),
        Column("share_urban", ColumnType.NUMBER, "占比", "Share", minimum=0, maximum=1),
        Column("is_seat", ColumnType.BOOLEAN, "驻地", "Seat"),
        Column("founded_on", ColumnType.DATE, "设立", "Founded"),
    ),
    key=("adcode",),
)  # fmt: skip


def broken(table: Table, raw: pd.DataFrame) -> list[tuple[str, int | None, str | None]]:
    with pytest.raises(TableError) as caught:
        conform(table, raw)
    return [(p.code, p.row, p.column) for p in caught.value.problems]


def test_every_shipped_table_is_a_declared_one() -> None:
    assert {table.name for table in SHIPPED.values()} <= set(TABLES)


@pytest.mark.promise
@pytest.mark.parametrize("name", TABLES)
def test_every_column_speaks_both_languages_and_has_a_known_unit(name: str) -> None:
    table = TABLES[name]
    assert table.zh
    assert table.en
    for column in table.columns:
        assert column.zh, column.name
        assert re.search(r"[A-Za-z]", column.en), column.name
        assert bool(column.about_zh) == bool(column.about_en), column.name
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
        for language in LANGUAGES if column.unit else ():
            assert has_text(f"unit.{column.unit}", language), column.unit


def test_the_same_column_name_never_means_two_types() -> None:
    kinds: dict[str, set[ColumnType]] = {}
    for table in TABLES.values():
        for column in table.columns:
            kinds.setdefault(column.name, set()).add(column.type)
    assert {name: found for name, found in kinds.items() if len(found) > 1} == {}


def test_a_number_written_in_text_gets_its_type_and_an_empty_cell_stays_missing() -> None:
    raw = pd.DataFrame({"adcode": [" 530102 "], "people_count": ["12"], "is_seat": ["1"]})
    typed = conform(PLACE, raw)
    assert typed["adcode"].tolist() == ["530102"]
    assert typed["people_count"].tolist() == [12]
    assert typed["is_seat"].tolist() == [True]
    assert typed["share_urban"].isna().all()
    assert list(typed.columns) == PLACE.names


def test_every_problem_of_a_table_is_named_at_once_with_its_row() -> None:
    raw = pd.DataFrame(
        {
            "adcode": ["530102", "5301", None, "530102"],
            "level": ["county", "town", "county", "county"],
            "people_count": ["1.5", "-1", "many", "3"],
            "share_urban": ["0.5", "1.5", "inf", ""],
            "is_seat": ["yes", "0", "1", ""],
            "founded_on": ["2018-11-06", "2018-13", "2018", "6 Nov"],
        }
    )
    assert sorted(broken(PLACE, raw), key=str) == sorted(
        [
            ("cell_not_integer", 2, "people_count"), ("cell_not_boolean", 2, "is_seat"),
            ("cell_not_adcode", 3, "adcode"), ("cell_not_code", 3, "level"),
            ("cell_out_of_bounds", 3, "people_count"), ("cell_out_of_bounds", 3, "share_urban"),
            ("cell_not_date", 3, "founded_on"), ("cell_empty", 4, "adcode"),
            ("cell_not_integer", 4, "people_count"), ("cell_not_number", 4, "share_urban"),
            ("key_repeated", 5, "adcode"), ("cell_not_date", 5, "founded_on"),
        ],
        key=str,
    )  # fmt: skip


def test_a_typed_table_without_a_declared_column_is_refused() -> None:
    with pytest.raises(TableError) as caught:
        check(PLACE, pd.DataFrame({"adcode": ["530102"]}))
    assert [p.column for p in caught.value.problems] == PLACE.names[1:]


def test_a_code_of_a_place_refers_to_the_divisions() -> None:
    assert {(key.column, key.table) for key in foreign_keys("public_nodes")} == {
        ("kind", "node_kinds"), ("adcode", "divisions"), ("prefecture_adcode", "divisions"),
    }  # fmt: skip
    assert {key.column for key in foreign_keys("divisions")} == {"parent_adcode", "seat_adcode"}
