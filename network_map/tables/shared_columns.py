"""Columns that many tables share: codes and names of places, kinds, points, provenance."""

from network_map.tables.columns import Column, ColumnType
from network_map.terms import Grade, Origin, Presence

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
