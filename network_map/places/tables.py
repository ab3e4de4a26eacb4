"""The tables of places: divisions with their names, seats and aliases."""

from network_map.tables.columns import Column, ColumnType, Table
from network_map.tables.shared_columns import ADCODE, LAT, LON, NOTE, SOURCE
from network_map.terms import AdminLevel

PROVINCE_ADCODE = "530000"
"""Code of Yunnan: the area of totals and claims that hold for the whole province."""

LEVEL = Column("level", ColumnType.CODE, "级别", "Level", is_required=True, codes=tuple(AdminLevel))

DIVISIONS = Table(
    "divisions",
    "行政区划",
    "Divisions",
    (
        ADCODE,
        LEVEL,
        Column("name_zh", ColumnType.TEXT, "名称", "Chinese name", is_required=True),
        Column("short_zh", ColumnType.TEXT, "简称", "Short Chinese name", is_required=True),
        Column("name_en", ColumnType.TEXT, "英文名称", "English name", is_required=True),
        Column(
            "parent_adcode",
            ColumnType.ADCODE,
            "上级代码",
            "Parent code",
            "省为空",
            "Empty for the province",
        ),
        Column("pinyin", ColumnType.TEXT, "简称拼音", "Pinyin of the short name", is_required=True),
        Column(
            "pinyin_initials", ColumnType.TEXT, "拼音首字母", "Pinyin initials", is_required=True
        ),
        Column(
            "seat_adcode",
            ColumnType.ADCODE,
            "驻地县(市、区)代码",
            "Code of the seat county",
            "省、州(市)政府驻地所在的县(市、区);县级为其自身",
            "The county in which the government sits; a county names itself",
            is_required=True,
        ),
        Column(
            "computed_area_km2",
            ColumnType.NUMBER,
            "计算面积",
            "Computed area",
            "由所附边界按椭球面计算,不是公布面积",
            "From the shipped boundary on the ellipsoid; not the published area",
            unit="km2",
            is_required=True,
            minimum=0,
        ),
        SOURCE,
    ),
    key=("adcode",),
)

BOUNDARIES = Table(
    "boundaries",
    "行政区划边界",
    "Boundaries of divisions",
    (
        ADCODE,
        Column("name_zh", ColumnType.TEXT, "名称", "Chinese name", is_required=True),
    ),
    key=("adcode",),
    has_geometry=True,
)

COUNTY_SEATS = Table(
    "county_seats",
    "县(市、区)驻地点",
    "County seats",
    (
        ADCODE,
        Column("name_zh", ColumnType.TEXT, "名称", "Chinese name", is_required=True),
        LON,
        LAT,
        SOURCE,
        NOTE,
    ),
    key=("adcode",),
)

DIVISION_ALIASES = Table(
    "division_aliases",
    "区划别名与旧代码",
    "Division aliases and former codes",
    (
        Column("alias", ColumnType.TEXT, "写法", "Alias", is_required=True),
        Column(
            "alias_kind",
            ColumnType.CODE,
            "写法类别",
            "Kind of alias",
            is_required=True,
            codes=("official", "code", "short", "english", "former_name", "former_code"),
        ),
        ADCODE,
        LEVEL,
        Column("changed_year", ColumnType.INTEGER, "变更年份", "Year of change"),
        Column(
            "is_ambiguous", ColumnType.BOOLEAN, "可能多义", "May be ambiguous", is_required=True
        ),
        NOTE,
        SOURCE,
    ),
    key=("alias", "alias_kind", "adcode"),
)
