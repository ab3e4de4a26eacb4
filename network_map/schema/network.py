"""The tables of the network: kinds of node, nodes, declared totals, complete lists."""

from network_map.schema.columns import Column, ColumnType, Table
from network_map.terms import AdminLevel, Grade, LocationOrigin, NodeStatus, Origin

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

NODE_KINDS = Table(
    "node_kinds",
    "节点类型",
    "Node kinds",
    (
        KIND,
        Column(
            "tier",
            ColumnType.CODE,
            "层级",
            "Tier",
            "节点服务的行政层级",
            "The administrative level that the node serves",
            is_required=True,
            codes=tuple(AdminLevel),
        ),
        Column("kind_name_zh", ColumnType.TEXT, "中文名称", "Chinese name", is_required=True),
        Column("kind_name_en", ColumnType.TEXT, "英文名称", "English name", is_required=True),
        Column("short_zh", ColumnType.TEXT, "中文简称", "Short Chinese name", is_required=True),
        Column("short_en", ColumnType.TEXT, "英文简称", "Short English name", is_required=True),
        Column(
            "is_counted",
            ColumnType.BOOLEAN,
            "计入三级网络",
            "Counted in the network",
            is_required=True,
        ),
        Column(
            "symbol",
            ColumnType.CODE,
            "符号",
            "Symbol",
            is_required=True,
            codes=("star", "square", "triangle", "circle", "diamond", "cross"),
        ),
        Column("colour", ColumnType.TEXT, "颜色", "Colour", is_required=True),
        Column(
            "synonyms",
            ColumnType.TEXT,
            "导入时的其他写法",
            "Other wordings accepted at import",
            "以分号分隔",
            "Separated by semicolons",
        ),
        NOTE,
    ),
    key=("kind",),
)

NODES = Table(
    "nodes",
    "网络节点",
    "Network nodes",
    (
        Column(
            "node_id",
            ColumnType.TEXT,
            "节点编号",
            "Node id",
            "同一名单内唯一",
            "Unique within a list",
            is_required=True,
        ),
        KIND,
        Column("node_name", ColumnType.TEXT, "节点名称", "Name", is_required=True),
        ADCODE,
        PREFECTURE_ADCODE,
        LON,
        LAT,
        Column(
            "status",
            ColumnType.CODE,
            "状态",
            "Status",
            "在建、已建、撤销、未知",
            "Being built, built, withdrawn, unknown",
            is_required=True,
            codes=tuple(NodeStatus),
        ),
        Column("batch", ColumnType.TEXT, "批次", "Batch"),
        Column(
            "node_type",
            ColumnType.TEXT,
            "类别",
            "Type",
            "示范县为创新引领型、民生福祉型或开放辐射型",
            "Of a demonstration county: innovation-led, livelihood or open-radiating",
        ),
        Column("established_on", ColumnType.DATE, "设立日期", "Established on"),
        Column("withdrawn_on", ColumnType.DATE, "撤销日期", "Withdrawn on"),
        Column(
            "approval_number",
            ColumnType.TEXT,
            "编办批文号",
            "Approval number",
            "编制部门的批复文号",
            "Number of the staffing office's approval",
        ),
        Column("evaluated_on", ColumnType.DATE, "评估日期", "Evaluated on"),
        Column("evaluation_result", ColumnType.TEXT, "评估结果", "Evaluation result"),
        Column("host_name", ColumnType.TEXT, "依托单位", "Host"),
        ORIGIN,
        Column(
            "location_origin",
            ColumnType.CODE,
            "位置来源",
            "Location origin",
            is_required=True,
            codes=tuple(LocationOrigin),
        ),
        SOURCE,
        SOURCE_ON,
        GRADE,
        NOTE,
    ),
    key=("node_id",),
)

DECLARED_TOTALS = Table(
    "declared_totals",
    "公布总数",
    "Declared totals",
    (
        Column("as_of", ColumnType.DATE, "截至日期", "As of", is_required=True),
        KIND,
        ADCODE,
        Column(
            "declared_count",
            ColumnType.INTEGER,
            "应有数量",
            "Declared number",
            unit="count",
            is_required=True,
            minimum=0,
        ),
        ORIGIN,
        SOURCE,
        SOURCE_ON,
        GRADE,
        NOTE,
    ),
    key=("as_of", "kind", "adcode"),
)

COMPLETE_LISTS = Table(
    "complete_lists",
    "完整性声明",
    "Complete lists",
    (
        KIND,
        Column(
            "adcode",
            ColumnType.ADCODE,
            "范围",
            "Area",
            "省代码表示全省,州(市)代码表示该州(市)",
            "The province's code for all of it, a prefecture's for that prefecture",
            is_required=True,
        ),
        Column(
            "as_of",
            ColumnType.DATE,
            "截至日期",
            "As of",
            "名单完整的日期,由名单所有者声明",
            "Date at which the list's owner declares it complete",
            is_required=True,
        ),
        SOURCE,
        NOTE,
    ),
    key=("kind", "adcode"),
)
