"""The tables around the network: institutions, parks, sources, roads."""

from network_map.places.indicators import NAME_ZH
from network_map.tables.columns import Column, ColumnType, Table
from network_map.tables.shared_columns import LAT, LON, NOTE, PREFECTURE_ADCODE, SOURCE

COUNTY_ADCODE = Column(
    "adcode", ColumnType.ADCODE, "县(市、区)代码", "County code",
    "来源未说明所在县时为空", "Empty where the source does not say",
)  # fmt: skip

INSTITUTIONS = Table(
    "institutions", "高校和科研机构", "Institutions",
    (
        Column("institution_id", ColumnType.TEXT, "编号", "Id", is_required=True),
        NAME_ZH,
        Column("current_name_zh", ColumnType.TEXT, "现名", "Current name"),
        Column("moe_code", ColumnType.TEXT, "学校标识码", "Code of the Ministry of Education"),
        Column(
            "institution_kind", ColumnType.CODE, "类别", "Kind",
            is_required=True, codes=("university", "institute"),
        ),
        Column("school_level", ColumnType.TEXT, "办学层次", "Level"),
        Column(
            "ownership", ColumnType.CODE, "举办性质", "Ownership", codes=("public", "private")
        ),
        PREFECTURE_ADCODE,
        Column("county_text", ColumnType.TEXT, "来源所写县(市、区)", "County as written"),
        COUNTY_ADCODE,
        SOURCE,
    ),
    key=("institution_id",),
)  # fmt: skip

PARKS = Table(
    "parks", "开发区和高新区", "Parks",
    (
        NAME_ZH,
        Column(
            "park_level", ColumnType.CODE, "级别", "Level",
            is_required=True, codes=("national", "provincial"),
        ),
        Column(
            "park_kind", ColumnType.CODE, "类别", "Kind", is_required=True,
            codes=(
                "high_tech_zone", "economic_technological_zone", "border_cooperation_zone",
                "state_level_new_area", "economic_zone", "industrial_park",
            ),
        ),
        COUNTY_ADCODE,
        Column("county_text", ColumnType.TEXT, "来源所写县(市、区)", "County as written"),
        Column("approved_year", ColumnType.INTEGER, "批准年份", "Year of approval"),
        Column(
            "park_area_km2", ColumnType.NUMBER, "面积", "Area", "批准或规划面积",
            "Approved or planned", unit="km2", minimum=0,
        ),
        NOTE,
        SOURCE,
    ),
    key=("name_zh",),
)  # fmt: skip

DATA_SOURCES = Table(
    "data_sources", "数据来源", "Data sources",
    (
        Column("source_id", ColumnType.TEXT, "来源编号", "Source id", is_required=True),
        Column("title_zh", ColumnType.TEXT, "内容", "What, in Chinese", is_required=True),
        Column("title_en", ColumnType.TEXT, "内容英文名", "What, in English", is_required=True),
        Column("period_text", ColumnType.TEXT, "年份", "Year"),
        Column("found_at", ColumnType.TEXT, "出处", "Where", is_required=True),
        Column("terms", ColumnType.TEXT, "使用条件", "Terms", is_required=True),
    ),
    key=("source_id",),
)  # fmt: skip

ROAD_NODES = Table(
    "road_nodes", "道路结点", "Road nodes",
    (
        Column(
            "road_node_id", ColumnType.INTEGER, "结点编号", "Node id",
            is_required=True, minimum=0,
        ),
        LON,
        LAT,
    ),
    key=("road_node_id",),
)  # fmt: skip

ROAD_EDGES = Table(
    "road_edges", "道路路段", "Road edges",
    (
        Column(
            "from_road_node_id", ColumnType.INTEGER, "一端结点", "One end",
            is_required=True, minimum=0,
        ),
        Column(
            "to_road_node_id", ColumnType.INTEGER, "另一端结点", "Other end",
            "编号大于一端;路段双向", "Higher id than the one end; both ways",
            is_required=True, minimum=0,
        ),
        Column(
            "length_km", ColumnType.NUMBER, "长度", "Length",
            "概化路网的长度,比实际道路短一成左右", "Of a generalised network: about a tenth short",
            unit="km", is_required=True, minimum=0,
        ),
    ),
    key=("from_road_node_id", "to_road_node_id"),
)  # fmt: skip
