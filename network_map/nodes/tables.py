"""The tables of the network: kinds of node, nodes, declared totals, complete lists.

The list of nodes as people take it away: the declared columns with the names of places.

The tables that come out of the analysis: they are declared like those that go in.
"""

from network_map.tables import (
    ADCODE,
    GRADE,
    KIND,
    KIND_NAME,
    LAT,
    LON,
    NOTE,
    ORIGIN,
    PLACE_NAME,
    PREFECTURE_ADCODE,
    PREFECTURE_NAME,
    PRESENCE,
    SOURCE,
    SOURCE_ON,
    Column,
    ColumnType,
    Table,
)
from network_map.terms import AdminLevel, LocationOrigin, NodeStatus, Origin

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


_FIRST = ("node_name", "kind")
_LAST = tuple(name for name in NODES.names if name not in _FIRST)

NODE_LIST = Table(
    "node_list",
    "网络节点名单",
    "List of network nodes",
    (
        *(NODES.column(name) for name in _FIRST),
        PREFECTURE_NAME,
        Column(
            "county_name",
            ColumnType.TEXT,
            "县(市、区)",
            "County",
            "省级和州(市)级节点为空",
            "Empty for a node of the province or of a prefecture",
        ),
        *(NODES.column(name) for name in _LAST),
    ),
    key=("node_id",),
)


def _count(name: str, zh: str, en: str, about: tuple[str, str] = ("", "")) -> Column:
    return Column(name, ColumnType.INTEGER, zh, en, *about, unit="count", minimum=0)


RECONCILIATION = Table(
    "reconciliation",
    "网络核对",
    "Reconciliation",
    (
        KIND,
        KIND_NAME,
        ADCODE,
        PLACE_NAME,
        Column("level", ColumnType.CODE, "级别", "Level", codes=tuple(AdminLevel)),
        _count(
            "declared_count",
            "应有",
            "Declared",
            ("公布的总数;空白表示未公布", "The published total; blank where none is published"),
        ),
        Column("declared_on", ColumnType.DATE, "应有截至", "Declared as of"),
        _count(
            "named_count",
            "实有(有名单)",
            "Named",
            ("名单中未撤销的节点数", "Nodes on the list that are not withdrawn"),
        ),
        _count("planned_count", "其中在建", "Being built"),
        _count("assumed_count", "其中假定", "Assumed"),
        _count("withdrawn_count", "另有撤销", "Withdrawn"),
        Column(
            "unnamed_count",
            ColumnType.INTEGER,
            "差额",
            "Difference",
            "应有减实有;正数为尚缺名单,负数为名单多出",
            "Declared minus named; positive: names missing, negative: surplus names",
            unit="count",
        ),
        _count("place_count", "地区总数", "Places"),
        _count("present_count", "有", "Present"),
        _count("absent_count", "无", "Absent"),
        _count("unknown_count", "未知", "Unknown"),
        Column("is_complete", ColumnType.BOOLEAN, "名单已声明完整", "List declared complete"),
        Column("verdict", ColumnType.TEXT, "核对结论", "Finding"),
    ),
    key=("kind", "adcode"),
)

ROLL = Table(
    "roll",
    "逐地名单",
    "Roll of places",
    (
        KIND,
        KIND_NAME,
        ADCODE,
        PLACE_NAME,
        Column("prefecture_adcode", ColumnType.ADCODE, "州(市)代码", "Prefecture code"),
        PREFECTURE_NAME,
        PRESENCE,
        Column("node_names", ColumnType.TEXT, "节点名称", "Nodes"),
        Column("origin", ColumnType.CODE, "来源性质", "Origin", codes=tuple(Origin)),
        Column(
            "basis",
            ColumnType.TEXT,
            "依据",
            "Basis",
            "为何是有、无或未知",
            "Why it is present, absent or unknown",
        ),
    ),
    key=("kind", "adcode"),
)

TIER_RULES = Table(
    "tier_rules",
    "层级规则",
    "Tier rules",
    (
        Column("rule_id", ColumnType.TEXT, "规则编号", "Rule", is_required=True),
        Column("rule", ColumnType.TEXT, "规则", "What must hold"),
        Column("severity", ColumnType.TEXT, "级别", "Severity"),
        _count("checked_count", "检查数", "Checked"),
        _count("violation_count", "不符合", "Violations"),
        _count("undecided_count", "无法判断", "Undecided"),
    ),
    key=("rule_id",),
)

RULE_FINDINGS = Table(
    "rule_findings",
    "规则明细",
    "Rule findings",
    (
        Column("rule_id", ColumnType.TEXT, "规则编号", "Rule", is_required=True),
        Column("severity", ColumnType.TEXT, "级别", "Severity"),
        Column("result", ColumnType.TEXT, "结果", "Result"),
        KIND,
        KIND_NAME,
        ADCODE,
        PLACE_NAME,
        Column("node_id", ColumnType.TEXT, "节点编号", "Node id"),
        Column("node_name", ColumnType.TEXT, "节点名称", "Name"),
        Column("detail", ColumnType.TEXT, "说明", "Detail"),
    ),
)

COUNTY_OVERVIEW = Table(
    "county_overview",
    "县(市、区)总览",
    "County overview",
    (
        ADCODE,
        Column("county_name", ColumnType.TEXT, "县(市、区)", "County"),
        PREFECTURE_NAME,
        Column("county_centre", ColumnType.TEXT, "县域中心", "County centre"),
        Column("demonstration_county", ColumnType.TEXT, "示范县", "Demonstration county"),
        Column("sub_market", ColumnType.TEXT, "所属州(市)分市场", "Sub-market of its prefecture"),
        _count("node_count", "节点数", "Nodes"),
        Column(
            "pop_2020",
            ColumnType.INTEGER,
            "常住人口(2020普查)",
            "Residents (census 2020)",
            unit="persons",
            minimum=0,
        ),
        Column(
            "gdp_2021_100m",
            ColumnType.NUMBER,
            "地区生产总值(2021)",
            "GDP (2021)",
            unit="hundred_million_yuan",
            minimum=0,
        ),
        Column("data_note", ColumnType.TEXT, "数据性质", "Data"),
    ),
    key=("adcode",),
)

IMPORT_ROWS = Table(
    "import_rows",
    "导入预览",
    "Import preview",
    (
        Column("row", ColumnType.INTEGER, "行号", "Row"),
        Column("outcome", ColumnType.TEXT, "结果", "Outcome"),
        KIND_NAME,
        PLACE_NAME,
        Column("node_name", ColumnType.TEXT, "节点名称", "Name"),
        Column("status_name", ColumnType.TEXT, "状态", "Status"),
    ),
)

IMPORT_PROBLEMS = Table(
    "import_problems",
    "导入问题清单",
    "Import problems",
    (
        Column(
            "row", ColumnType.INTEGER, "行号", "Row", "空白表示整个文件", "Blank: the whole file"
        ),
        Column("severity", ColumnType.TEXT, "性质", "Severity"),
        Column("sentence", ColumnType.TEXT, "说明", "What it is"),
        Column("value", ColumnType.TEXT, "原值", "Found"),
        Column("fix", ColumnType.TEXT, "建议值", "Suggested"),
    ),
)

IMPORT_QUESTIONS = Table(
    "import_questions",
    "待确认的行",
    "Open rows",
    (
        Column("row", ColumnType.INTEGER, "行号", "Row"),
        Column("column", ColumnType.TEXT, "栏目", "Column"),
        Column("sentence", ColumnType.TEXT, "问题", "Question"),
        Column("decision", ColumnType.TEXT, "处理", "Decision"),
        Column(
            "answer",
            ColumnType.TEXT,
            "改为",
            "Take",
            "选择“改为”时填写,可写名称或代码",
            "Filled in for “take”: a name or a code",
        ),
    ),
)

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
