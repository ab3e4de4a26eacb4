"""The tables of places: divisions with their names, seats and aliases.

The tables of indicators of counties and prefectures.

A column ``…_src`` holds ids of the table ``data_sources``, separated by semicolons, for the columns
before it. The indicators keep the names of the compiled tables: ``_10k`` is ten thousand persons,
``_100m`` a hundred million yuan, ``_pct`` percent, a share lies from 0 to 1.

The tables around the network: institutions, parks, sources, roads.
"""

from dataclasses import replace

from network_map.tables import (
    ADCODE,
    LAT,
    LON,
    NOTE,
    ORIGIN,
    PREFECTURE_ADCODE,
    SOURCE,
    Column,
    ColumnType,
    Table,
)
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


NAME_ZH = Column("name_zh", ColumnType.TEXT, "名称", "Chinese name", is_required=True)


def _number(name: str, zh: str, en: str, unit: str, *about: str) -> Column:
    about_zh, about_en = about or ("", "")
    return Column(name, ColumnType.NUMBER, zh, en, about_zh, about_en, unit=unit, minimum=0)


def _count(name: str, zh: str, en: str, about_zh: str = "", about_en: str = "") -> Column:
    return Column(name, ColumnType.INTEGER, zh, en, about_zh, about_en, unit="count", minimum=0)


def _share(name: str, zh: str, en: str, about_zh: str = "", about_en: str = "") -> Column:
    return Column(
        name, ColumnType.NUMBER, zh, en, about_zh, about_en, unit="share", minimum=0, maximum=1
    )


def _percent(name: str, zh: str, en: str) -> Column:
    return Column(name, ColumnType.NUMBER, zh, en, unit="percent", minimum=0, maximum=100)


def _source(name: str, zh: str, en: str) -> Column:
    return Column(f"{name}_src", ColumnType.TEXT, f"{zh}来源", f"Source of {en}")


_SAMPLE = ("长表抽样数据", "From the long-form sample")

COUNTY_INDICATORS = Table(
    "county_indicators", "县域指标", "County indicators",
    (
        ADCODE,
        NAME_ZH,
        Column(
            "pop_2020", ColumnType.INTEGER, "常住人口(2020 年普查)",
            "Population (census 2020)",
            "2020 年 11 月 1 日零时;按 2024 年 9 月前的界线",
            "1 November 2020; boundaries before September 2024",
            unit="persons", is_required=True, minimum=0,
        ),
        _source("pop_2020", "普查人口", "the census population"),
        _share("urban_share_2020", "城镇人口占比(2020 年)", "Urban share (2020)"),
        _share("minority_share_2020", "少数民族人口占比(2020 年)", "Minority share (2020)"),
        _share(
            "college_share_2020", "大专及以上学历占比(2020 年)", "College-educated share (2020)",
            "只宜用于排序", "Good for ranking only",
        ),
        Column(
            "avg_edu_years_2020", ColumnType.NUMBER, "平均受教育年限(2020 年)",
            "Mean years of education (2020)", unit="years", minimum=0,
        ),
        _share(
            "emp_manufacturing_share_2020", "制造业就业占比(2020 年)",
            "Manufacturing share of jobs (2020)", *_SAMPLE,
        ),
        _share(
            "emp_scitech_share_2020", "科研技术服务业就业占比(2020 年)",
            "Research and technical services share of jobs (2020)", *_SAMPLE,
        ),
        _share(
            "emp_it_share_2020", "信息业就业占比(2020 年)",
            "Information industry share of jobs (2020)", *_SAMPLE,
        ),
        _share(
            "emp_agri_share_2020", "农林牧渔业就业占比(2020 年)",
            "Farming share of jobs (2020)", *_SAMPLE,
        ),
        _share(
            "emp_professional_share_2020", "专业技术人员占比(2020 年)",
            "Professional and technical share of jobs (2020)", *_SAMPLE,
        ),
        _source("census_shares", "普查占比", "the census shares"),
        _number(
            "pop_2021_10k", "年末常住人口(2021 年)", "Residents, year end 2021",
            "ten_thousand_persons",
        ),
        _source("pop_2021", "2021 年人口", "the residents of 2021"),
        _number(
            "pop_2023_10k", "年末常住人口(2023 年)", "Residents, year end 2023",
            "ten_thousand_persons", "只有 20 个县(市、区)有数", "Known for 20 counties only",
        ),
        _source("pop_2023", "2023 年人口", "the residents of 2023"),
        _number(
            "gdp_2021_100m", "地区生产总值(2021 年)", "GDP 2021", "hundred_million_yuan"
        ),
        _number(
            "gdp_primary_2021_100m", "第一产业增加值(2021 年)", "Primary sector 2021",
            "hundred_million_yuan",
        ),
        _source("gdp_2021", "2021 年生产总值", "the GDP of 2021"),
        _number(
            "gdp_2020_100m", "地区生产总值(2020 年)", "GDP 2020", "hundred_million_yuan",
            "119 个县(市、区)有数", "Known for 119 counties",
        ),
        _number(
            "gdp_primary_2020_100m", "第一产业增加值(2020 年)", "Primary sector 2020",
            "hundred_million_yuan",
        ),
        _number(
            "gdp_secondary_2020_100m", "第二产业增加值(2020 年)", "Secondary sector 2020",
            "hundred_million_yuan",
        ),
        _number(
            "gdp_tertiary_2020_100m", "第三产业增加值(2020 年)", "Tertiary sector 2020",
            "hundred_million_yuan",
        ),
        _count(
            "large_industrial_firms_2020", "规模以上工业企业(2020 年)",
            "Industrial firms above designated size (2020)",
        ),
        _number(
            "land_area_km2_2020", "行政区域面积(2020 年,年鉴)", "Land area (2020, yearbook)", "km2",
            "年鉴数;计算面积见行政区划表", "As published; the computed area is in divisions",
        ),
        _source("gdp_2020", "2020 年年鉴数", "the yearbook figures of 2020"),
        _count(
            "hightech_firms", "高新技术企业", "High-tech firms",
            "只有少数县有数,不可用于排序", "Known for few counties: do not rank by it",
        ),
        Column("hightech_year", ColumnType.INTEGER, "高新技术企业年份", "Year of high-tech firms"),
        _source("hightech", "高新技术企业", "the high-tech firms"),
    ),
    key=("adcode",),
)  # fmt: skip

FIGURES = tuple(
    column for column in COUNTY_INDICATORS.columns
    if column.type in {ColumnType.INTEGER, ColumnType.NUMBER} and column.unit
)  # fmt: skip
"""The columns of county indicators that a planner may give figures of their own for."""

COUNTY_FIGURES = Table(
    "county_figures", "自有县域指标", "Own figures of counties",
    (
        ADCODE,
        Column(
            "indicator", ColumnType.CODE, "指标", "Indicator", "县域指标表的列名",
            "Name of a column of county indicators", is_required=True,
            codes=tuple(column.name for column in FIGURES),
        ),
        Column(
            "figure_value", ColumnType.NUMBER, "数值", "Value", "以县域指标表的单位计",
            "In the unit of the table of county indicators", is_required=True, minimum=0,
        ),
        ORIGIN, SOURCE,
    ),
    key=("adcode", "indicator"),
)  # fmt: skip

PREFECTURE_INDICATORS = Table(
    "prefecture_indicators", "州(市)指标", "Prefecture indicators",
    (
        ADCODE,
        NAME_ZH,
        _count("counties", "县(市、区)数", "Counties"),
        Column(
            "pop_2020", ColumnType.INTEGER, "常住人口(2020 年普查)",
            "Population (census 2020)", "2020 年 11 月 1 日零时", "1 November 2020",
            unit="persons", is_required=True, minimum=0,
        ),
        _source("pop_2020", "普查人口", "the census population"),
        _share("urban_share_2020", "城镇人口占比(2020 年)", "Urban share (2020)"),
        _source("urban", "城镇人口占比", "the urban share"),
        _number(
            "pop_2021_10k", "年末常住人口(2021 年)", "Residents, year end 2021",
            "ten_thousand_persons", "各县(市、区)之和", "Sum of the counties",
        ),
        _source("pop_2021", "2021 年人口", "the residents of 2021"),
        _number(
            "pop_2022_10k", "年末常住人口(2022 年)", "Residents, year end 2022",
            "ten_thousand_persons", "只有少数州(市)有数", "Known for few prefectures",
        ),
        _source("pop_2022", "2022 年人口", "the residents of 2022"),
        _number(
            "pop_2023_10k", "年末常住人口(2023 年)", "Residents, year end 2023",
            "ten_thousand_persons", "只有少数州(市)有数", "Known for few prefectures",
        ),
        _source("pop_2023", "2023 年人口", "the residents of 2023"),
        _number("gdp_2020_100m", "地区生产总值(2020 年)", "GDP 2020", "hundred_million_yuan"),
        _percent("secondary_share_2020_pct", "第二产业占比(2020 年)", "Secondary share 2020"),
        _number("gdp_2021_100m", "地区生产总值(2021 年)", "GDP 2021", "hundred_million_yuan"),
        _percent("secondary_share_2021_pct", "第二产业占比(2021 年)", "Secondary share 2021"),
        _number("gdp_per_capita_2021", "人均生产总值(2021 年)", "GDP per person 2021", "yuan"),
        _source("gdp_2020_2021", "2020—2021 年生产总值", "the GDP of 2020 and 2021"),
        _number("gdp_2022_100m", "地区生产总值(2022 年)", "GDP 2022", "hundred_million_yuan"),
        _number("gdp_per_capita_2022", "人均生产总值(2022 年)", "GDP per person 2022", "yuan"),
        _source("gdp_2022", "2022 年生产总值", "the GDP of 2022"),
        _count(
            "hightech_firms", "高新技术企业", "High-tech firms",
            "只有少数州(市)有数,不可用于排序", "Known for few prefectures: do not rank by it",
        ),
        Column("hightech_year", ColumnType.INTEGER, "高新技术企业年份", "Year of high-tech firms"),
        _source("hightech", "高新技术企业", "the high-tech firms"),
        _number(
            "rd_spend_100m", "研发经费", "R&D spending", "hundred_million_yuan",
            "只有昆明市有数", "Known for Kunming only",
        ),
        Column("rd_year", ColumnType.INTEGER, "研发经费年份", "Year of R&D spending"),
        _source("rd", "研发经费", "the R&D spending"),
        _count("universities_listed", "高等学校(所附名单)", "Universities (shipped list)"),
        _count("of_which_undergraduate", "其中本科院校", "Of which undergraduate"),
    ),
    key=("adcode",),
)  # fmt: skip


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

ROAD_PATHS = Table(
    "road_paths", "县(市、区)驻地间的路", "Roads between seats",
    (
        Column(
            "from_adcode", ColumnType.ADCODE, "起点代码", "Code of the start", is_required=True
        ),
        Column("to_adcode", ColumnType.ADCODE, "终点代码", "Code of the end", is_required=True),
        replace(LON, name="from_lon", zh="起点经度", en="Longitude of the start"),
        replace(LAT, name="from_lat", zh="起点纬度", en="Latitude of the start"),
        Column(
            "from_leg_km", ColumnType.NUMBER, "起点接入段", "Leg at the start",
            "到最近路网结点的直线", "Straight line to the nearest road node",
            unit="km", is_required=True, minimum=0,
        ),
        Column(
            "straight_km", ColumnType.NUMBER, "直线距离", "Straight line",
            unit="km", is_required=True, minimum=0,
        ),
        Column(
            "path_km", ColumnType.NUMBER, "路网最短路径", "Shortest path",
            "两端的路网结点之间,未乘系数", "Between the road nodes at both ends, no factor applied",
            unit="km", is_required=True, minimum=0,
        ),
    ),
    key=("from_adcode", "to_adcode"),
)  # fmt: skip
