"""Tables that exist only in exports."""

from network_map.tables.columns import Column, ColumnType, Table
from network_map.tables.shared_columns import ADCODE

COUNTY_AREAS = Table(
    "county_areas",
    "县(市、区)边界",
    "County areas",
    (
        ADCODE,
        Column("name_zh", ColumnType.TEXT, "名称", "Chinese name", is_required=True),
        Column("name_en", ColumnType.TEXT, "英文名称", "English name", is_required=True),
        Column("prefecture_adcode", ColumnType.ADCODE, "州(市)代码", "Prefecture code"),
        Column("prefecture_name_zh", ColumnType.TEXT, "州(市)", "Prefecture (Chinese)"),
        Column("source", ColumnType.TEXT, "来源", "Source"),
    ),
    key=("adcode",),
    has_geometry=True,
)
