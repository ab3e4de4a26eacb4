"""The table of three-valued logic."""

from network_map.tables.columns import Column, ColumnType, Table
from network_map.terms import Presence


def _presence(name: str, zh: str, en: str) -> Column:
    return Column(name, ColumnType.CODE, zh, en, is_required=True, codes=tuple(Presence))


KLEENE = Table(
    "kleene",
    "三值逻辑",
    "Three-valued logic",
    (
        _presence("left", "甲", "A"),
        _presence("right", "乙", "B"),
        _presence("both", "甲且乙", "A and B"),
        _presence("either", "甲或乙", "A or B"),
        _presence("not_left", "非甲", "Not A"),
    ),
    key=("left", "right"),
)
