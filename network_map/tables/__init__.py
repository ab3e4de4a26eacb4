"""Declarations: a column once, a table once; ``check`` holds rows against them.

A column is declared once: name, type, unit, words in both languages. Many tables share columns:
codes and names of places, kinds, points, provenance.
"""

from dataclasses import dataclass
from enum import StrEnum

from network_map.terms import Grade, Origin, Presence


class ColumnType(StrEnum):
    """What a cell of a column holds, and how it is kept in a data frame."""

    TEXT = "text"
    """Text; pandas ``str``, missing is NaN."""
    ADCODE = "adcode"
    """Six digits of GB/T 2260 as text."""
    CODE = "code"
    """Text from a closed list."""
    INTEGER = "integer"
    """Whole number; pandas ``Int64``."""
    NUMBER = "number"
    """Number; ``float64``."""
    BOOLEAN = "boolean"
    """True or false; pandas ``boolean``."""
    DATE = "date"
    """ISO 8601 calendar date as text, as exact as the source: 2018, 2018-01 or 2018-01-31."""


@dataclass(frozen=True, slots=True)
class Column:
    """A declared column.

    Parameters
    ----------
    name
        Name in code and in stored files; the unit stands last.
    type
        What a cell holds.
    zh, en
        Heading for people.
    about_zh, about_en
        One sentence on what it means; empty where the heading says it all.
    unit
        Key of the unit in the catalogs below ``unit.``, empty for none.
    is_required
        Whether a cell may be empty.
    codes
        The closed list for a ``CODE`` column.
    minimum, maximum
        Bounds of a numeric column, both included.
    """

    name: str
    type: ColumnType
    zh: str
    en: str
    about_zh: str = ""
    about_en: str = ""
    unit: str = ""
    is_required: bool = False
    codes: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    def heading(self, language: str) -> str:
        """Return the heading in ``zh`` or ``en``."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Table:
    """A declared table.

    Parameters
    ----------
    name
        Name in code, in the data package and in messages.
    zh, en
        Title for people.
    columns
        Its columns in order.
    key
        Names of the columns that together identify a row.
    has_geometry
        Whether a ``geometry`` column in EPSG:4490 belongs to it.
    """

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    has_geometry: bool = False

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names) or not set(self.key) <= set(names):
            msg = f"table {self.name}: column names repeat, or the key names no column"
            raise ValueError(msg)

    @property
    def names(self) -> list[str]:
        """Names of the columns in order."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column:
        """Return the column of that name.

        Raises
        ------
        KeyError
            If the table has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def headings(self, language: str) -> dict[str, str]:
        """Return the heading of each column by name."""
        return {column.name: column.heading(language) for column in self.columns}


ORIGIN = Column(
    "origin",
    ColumnType.CODE,
    "来源性质",
    "Origin",
    "官方、公开报道、假定或合成",
    "Official, reported, assumed or synthetic",
    is_required=True,
    codes=tuple(Origin),
)
SOURCE = Column(
    "source",
    ColumnType.TEXT,
    "来源",
    "Source",
    "说明这一行出自何处",
    "Where the row comes from",
    is_required=True,
)
SOURCE_ON = Column("source_on", ColumnType.DATE, "来源日期", "Source date")
GRADE = Column(
    "grade",
    ColumnType.CODE,
    "可靠程度",
    "Grade",
    "A 官方或两个独立来源;B 单一来源;C 推算",
    "A official or two sources; B one source; C worked out",
    codes=tuple(Grade),
)
NOTE = Column("note", ColumnType.TEXT, "备注", "Note")
ADCODE = Column(
    "adcode",
    ColumnType.ADCODE,
    "行政区划代码",
    "Division code",
    "GB/T 2260 六位代码",
    "Six-digit code of GB/T 2260",
    is_required=True,
)
PREFECTURE_ADCODE = Column(
    "prefecture_adcode",
    ColumnType.ADCODE,
    "州(市)代码",
    "Prefecture code",
    "省级节点为空",
    "Empty for a provincial node",
)
LON = Column(
    "lon",
    ColumnType.NUMBER,
    "经度",
    "Longitude",
    "CGCS2000",
    "CGCS2000",
    unit="degrees",
    minimum=-180,
    maximum=180,
)
LAT = Column(
    "lat",
    ColumnType.NUMBER,
    "纬度",
    "Latitude",
    "CGCS2000",
    "CGCS2000",
    unit="degrees",
    minimum=-90,
    maximum=90,
)
KIND = Column(
    "kind",
    ColumnType.TEXT,
    "节点类型",
    "Node kind",
    "节点类型表中的代号",
    "An id of the table of node kinds",
    is_required=True,
)
PREFECTURE_NAME = Column("prefecture_name", ColumnType.TEXT, "州(市)", "Prefecture")
PLACE_NAME = Column("place_name", ColumnType.TEXT, "地区", "Place")
KIND_NAME = Column("kind_name", ColumnType.TEXT, "节点类型", "Node kind")
PRESENCE = Column(
    "presence",
    ColumnType.CODE,
    "有无",
    "Presence",
    "有、无、未知;未知不等于无",
    "Present, absent or unknown; unknown is not absent",
    codes=tuple(Presence),
)
