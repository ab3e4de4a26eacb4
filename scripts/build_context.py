"""Build the tables around the network: indicators, institutions, parks, published figures.

Run ``python -m scripts.build_context``. Rows of the source that give no figure are left out;
docs/data.md names them.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from network_map.terms import Grade, Origin
from scripts.build_common import read_raw, write_csv

FOUNDING_SOURCE = "P7"
KINDS = {"university": "university", "research institute": "institute"}
PARK_KINDS = {
    "high-tech zone": "high_tech_zone",
    "economic and technological development zone": "economic_technological_zone",
    "border economic cooperation zone": "border_cooperation_zone",
    "state-level new area": "state_level_new_area",
    "economic development zone": "economic_zone",
    "industrial park": "industrial_park",
}
PARK_NOTES = {
    "Kunming list; county from the name": "见昆明市园区名单;所在县(市、区)由名称推得",
    "one of seven named together; county from the name": (
        "同时公布的七个之一;所在县(市、区)由名称推得"
    ),
    "Kunming list; county not stated in the source": "见昆明市园区名单;来源未说明所在县(市、区)",
    "planned core area; district per source, some blocks lie elsewhere": (
        "规划核心区面积;所在区依来源,部分片区在他处"
    ),
    "国函〔2018〕45号": "国函〔2018〕45号",
    (
        "approved area; the zone manages Ala and Luoyang subdistricts (156.6 km2); "
        "county inferred from Ala subdistrict"
    ): "批准面积;托管阿拉、洛羊街道(156.6 平方公里);所在区由阿拉街道推得",
    (
        "manages 157 km2, incl. Xicheng and Cuifeng subdistricts of Qilin and Dahaishao of Malong"
    ): "托管 157 平方公里,含麒麟区西城、翠峰街道和马龙区大海哨",
    "year not found in the sources read": "所查来源未见年份",
    "three parts: Mengding (Gengma), Nansan (Zhenkang), Yonghe (Cangyuan)": (
        "分三片:孟定(耿马)、南伞(镇康)、永和(沧源)"
    ),
    "Wanding merged into Ruili in 1999": "畹町市 1999 年并入瑞丽市",
    "国函〔2015〕141号; spans three counties": "国函〔2015〕141号;跨三个县(市、区)",
    "later a China-Laos cooperation zone; year of that not read": "后为中老合作区,年份未查到",
    "planned area": "规划面积",
    "called a provincial high-tech zone in a March 2017 report": (
        "2017 年 3 月的报道称其为省级高新区"
    ),
    "one of seven named together; county inferred, not in the source": (
        "同时公布的七个之一;所在县(市、区)为推断,来源未写"
    ),
}
CONSORTIUM_FIELDS = {
    "锡铟": "tin and indium",
    "铜铅锌": "copper, lead and zinc",
    "新能源材料": "new-energy materials",
    "铝基材料": "aluminium-based materials",
    "花卉": "flowers",
}
CONSORTIUM_NOTE = "牵头单位、成员和所在地未见公开"
TIN_NOTE = (
    "2021 年 11 月,省和云南锡业集团(控股)有限责任公司设立锡铟联合基金"
    "(http://yn.sina.com.cn/news/2021-11-18/detail-iktzscyy6224071.shtml),不能据此认定其牵头"
)
UNITS_ZH = {
    "100 million yuan": "亿元",
    "10 000 yuan": "万元",
    "count": "个",
    "patents per 10 000 people": "件/万人",
    "percent": "%",
    "100 million": "亿件",
    "10 000 firms": "万家",
}
# period as the source writes it: id, text, first and last day, note
PROVINCE_FIGURES = {
    ("2020", "full year"): (
        "prov-2020", "2020 年全年", "2020-01-01", "2020-12-31",
        ("由 2023 年数和公布的较 2020 年增幅(合同数 +325.7%,成交额 +437.6%)倒推;"
        "误差约 ±0.5 项、±0.01 亿元"),
    ),
    ("2022", "1 Jan to about 19 Jun"): (
        "prov-2022-06", "2022 年 1 月 1 日至约 6 月 19 日", "2022-01-01", "2022-06",
        "由 2023 年同期数减去公布的增量得到;止日约为 6 月 19 日",
    ),
    ("2022", "full year"): (
        "prov-2022", "2022 年全年", "2022-01-01", "2022-12-31",
        ("成交额由省级新闻发布会公布(增速居全国第二);合同数由 2023 年数(+88.7%)倒推,误差 ±2 项;"
        "核对:269.36÷1.229=219.2,一致"),
    ),
    ("2023", "1 Jan to 19 Jun"): (
        "prov-2023-06", "2023 年 1 月 1 日至 6 月 19 日", "2023-01-01", "2023-06-19",
        ("省级新闻发布会;只有这里公布了技术交易额,为成交额的 47.6%;较上年同期增加 763 项、17.9 亿元"
        "(技术交易额 14.8 亿元);半年只占全年合同数的 22%、成交额的 35%,年底集中登记"),
    ),
    ("2023", "full year"): (
        "prov-2023", "2023 年全年", "2023-01-01", "2023-12-31", "省科技厅引用火炬中心统计",
    ),
    ("2025", "full year"): (
        "prov-2025-target", "2025 年全年", "2025-01-01", "2025-12-31",
        "2022 年 25 条财政措施提出的目标,不低于 130 亿元;2022 年已超过;2025 年实际数未查到",
    ),
    ("2026", "full year"): (
        "prov-2026-target", "2026 年全年", "2026-01-01", "2026-12-31",
        "只计涉及专利的技术合同,与全部技术合同不可比;各年实际数均未查到",
    ),
}  # fmt: skip
PREFECTURE_FIGURES = {
    ("2023", "full year", "昆明市"): (
        "pref-530100-2023", "2023 年全年", "2023-01-01", "2023-12-31",
        "《云南日报》转载;两项均居全省第一",
    ),
    ("2023", "full year", "其余15州市合计"): (
        "pref-rest-2023", "2023 年全年", "2023-01-01", "2023-12-31",
        ("全省数减昆明市数;两个来源的截止日期或口径可能不同:昆明市占合同数的 83.0%,"
        "却只占成交额的 42.6%;未经核实不宜发布"),
    ),
    ("2024", "Q1", "昆明市"): (
        "pref-530100-2024-q1", "2024 年第一季度", "2024-01-01", "2024-03-31",
        "所见摘录未含成交额",
    ),
}  # fmt: skip
NATIONAL_FIGURES = {
    "2013": ("nat-2013", "2013 年全年", "2013-01-01", "2013-12-31", "合同数为约数"),
    "2019": (
        "nat-2019", "2019 年全年", "2019-01-01", "2019-12-31",
        "其中技术服务 12418.1 亿元;输出港澳台和境外 2090.0 亿元,自其吸纳 649.1 亿元",
    ),
    "2020 H1": (
        "nat-2020-h1", "2020 年上半年", "2020-01-01", "2020-06-30",
        "其中技术服务 3684.1 亿元;原文按类型、领域、卖方性质、知识产权和计划来源分列",
    ),
    "2024": ("nat-2024", "2024 年全年", "2024-01-01", "2024-12-31", "原文为 6.8 万亿元"),
    "2025 Jan-Apr": ("nat-2025-04", "2025 年 1—4 月", "2025-01-01", "2025-04-30", "同比 +13.3%"),
    "2025 Jan-Sep": ("nat-2025-09", "2025 年 1—9 月", "2025-01-01", "2025-09-30", "同比 +18.3%"),
}  # fmt: skip
FIGURE_COLUMNS = ["figure_id", "period_text", "starts_on", "ends_on", "note"]
PUBLISHED = {
    "contracts": "contracts_count",
    "value_100m_yuan": "contract_value_100m_yuan",
    "tech_value_100m_yuan": "technology_value_100m_yuan",
    "yoy_contracts_pct": "contracts_growth_percent",
    "yoy_value_pct": "contract_value_growth_percent",
    "source_url": "source",
    "source_date": "source_on",
}


def county_indicators() -> pd.DataFrame:
    """Return what is known of each county."""
    return read_raw("county_indicators.csv")


def prefecture_indicators() -> pd.DataFrame:
    """Return what is known of each prefecture."""
    raw = read_raw("prefecture_indicators.csv").rename(columns={"prefecture_code": "adcode"})
    # Its heading says that the figure is the sum of the counties.
    return raw.assign(pop_2021_src=raw["pop_2021_src"].str.removesuffix(" (sum of counties)"))


def institutions() -> pd.DataFrame:
    """Return the universities and institutes."""
    raw = read_raw("institutions.csv").rename(
        columns={
            "id": "institution_id",
            "level": "school_level",
            "prefecture_code": "prefecture_adcode",
        }
    )
    return raw.assign(institution_kind=raw["type"].map(KINDS))


def parks() -> pd.DataFrame:
    """Return the development and high-tech zones."""
    raw = read_raw("parks.csv").rename(
        columns={"level": "park_level", "year": "approved_year", "area_km2": "park_area_km2"}
    )
    return raw.assign(
        park_kind=raw["type"].map(PARK_KINDS),
        note=raw["note"].map(PARK_NOTES.__getitem__, na_action="ignore"),
    )


def consortia() -> pd.DataFrame:
    """Return the five consortia that the founding document names."""
    raw = read_raw("consortia.csv").rename(
        columns={"name_field": "field_zh", "evidence_date": "source_on", "confidence": "grade"}
    )
    is_tin = raw["field_zh"] == "锡铟"
    return raw.assign(
        consortium_id=[f"consortium-{number}" for number in range(1, len(raw) + 1)],
        field_en=raw["field_zh"].map(CONSORTIUM_FIELDS),
        founded_text="2024-06-11 以前",
        origin=Origin.OFFICIAL.value,
        source=FOUNDING_SOURCE,
        note=is_tin.map({True: f"{CONSORTIUM_NOTE};{TIN_NOTE}", False: CONSORTIUM_NOTE}),
    )


def figures(raw: pd.DataFrame, by: list[str], known: Mapping[Any, tuple[str, ...]]) -> pd.DataFrame:
    """Return the rows of a table of published contracts whose period is known, in our columns.

    Parameters
    ----------
    raw
        The compiled table.
    by
        Columns that name a row.
    known
        ``FIGURE_COLUMNS`` of each row that gives a figure, by those columns.
    """
    names = raw[by[0]] if len(by) == 1 else pd.Series(zip(*(raw[c] for c in by), strict=True))
    kept = raw[names.isin(list(known))].drop(columns="note").reset_index(drop=True)
    words = [known[name] for name in names[names.isin(list(known))]]
    written = pd.DataFrame(words, columns=FIGURE_COLUMNS)
    return pd.concat([written, kept.rename(columns=PUBLISHED)], axis="columns")


def contracts_province() -> pd.DataFrame:
    """Return the published figures of the whole province."""
    table = figures(read_raw("contracts_province.csv"), ["year", "period"], PROVINCE_FIGURES)
    kind = table["kind"].str.extract(r"(target|reported|derived)")[0]
    is_patent = table["measure"].str.contains("专利")
    amount = table["contract_value_100m_yuan"].str.extract(r"([\d.]+)")[0]
    grades = table["confidence"].str.extract(r"^(?P<value>[ABC])(?: value / (?P<count>[ABC]))?")
    return table.assign(
        figure_kind=kind,
        measure=is_patent.map({True: "patent_contracts", False: "all_contracts"}),
        contract_value_100m_yuan=amount,
        grade=grades["value"],
        count_grade=grades["count"],
    )


def contracts_prefecture() -> pd.DataFrame:
    """Return the published figures of prefectures."""
    raw = read_raw("contracts_prefecture.csv")
    table = figures(raw, ["year", "period", "prefecture"], PREFECTURE_FIGURES)
    return table.assign(
        area_name=table["prefecture"], figure_kind=table["kind"], grade=table["confidence"]
    )


def contracts_national() -> pd.DataFrame:
    """Return the published figures of the country, for comparison."""
    raw = read_raw("contracts_national_context.csv")
    table = figures(raw, ["period"], dict(NATIONAL_FIGURES))
    return table.assign(figure_kind="reported", grade=table["confidence"].map(Grade))


def policy_indicators() -> pd.DataFrame:
    """Return the figures of the founding document."""
    raw = read_raw("policy_indicators.csv").rename(
        columns={
            "value": "indicator_value",
            "unit": "value_unit_en",
            "kind": "figure_kind",
            "section": "document_section",
        }
    )
    return raw.assign(
        indicator_id=[f"policy-{number:02d}" for number in range(1, len(raw) + 1)],
        value_unit_zh=raw["value_unit_en"].map(UNITS_ZH),
        source=FOUNDING_SOURCE,
    )


def main() -> None:
    """Write the tables around the network."""
    write_csv("county_indicators", county_indicators())
    write_csv("prefecture_indicators", prefecture_indicators())
    write_csv("institutions", institutions())
    write_csv("parks", parks())
    write_csv("consortia", consortia())
    write_csv("contracts_province", contracts_province())
    write_csv("contracts_prefecture", contracts_prefecture())
    write_csv("contracts_national", contracts_national())
    write_csv("policy_indicators", policy_indicators())
    write_csv("data_sources", read_raw("sources.csv"))


if __name__ == "__main__":
    main()
