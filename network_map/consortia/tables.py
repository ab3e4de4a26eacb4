"""The tables of innovation consortia: their fields, their members, where their industry is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import pandas as pd

from network_map.nodes.dataset import Dataset
from network_map.tables import (
    ADCODE,
    GRADE,
    NOTE,
    ORIGIN,
    PLACE_NAME,
    PREFECTURE_NAME,
    SOURCE,
    SOURCE_ON,
    Column,
    ColumnType,
    Table,
)
from network_map.tables.check import conform
from network_map.terms import ConsortiumRole, ContractDirection, FitVerdict, Presence

CONSORTIUM_ID = Column("consortium_id", ColumnType.TEXT, "编号", "Id", is_required=True)
INDUSTRY = Column("industry", ColumnType.TEXT, "产业", "Industry", is_required=True)
FIELD = Column("field_name", ColumnType.TEXT, "联合体领域", "Consortium")

CONSORTIA = Table(
    "consortia", "创新联合体", "Innovation consortia",
    (
        CONSORTIUM_ID,
        Column("field_zh", ColumnType.TEXT, "领域", "Field", is_required=True),
        Column(
            "field_en", ColumnType.TEXT, "领域英文名", "Field in English",
            "空白时用中文名", "Blank: the Chinese name is used",
        ),
        Column(
            "industries", ColumnType.TEXT, "对应产业", "Industries",
            "以分号分隔;空白为未公开", "Separated by semicolons; blank: not public",
        ),
        Column("consortium_name", ColumnType.TEXT, "全称", "Full name", "空白为未公开",
               "Blank: not public"),
        Column("founded_text", ColumnType.TEXT, "成立时间", "Founded", "来源所写", "As written"),
        ORIGIN, SOURCE, SOURCE_ON, GRADE, NOTE,
    ),
    key=("consortium_id",),
)  # fmt: skip

CONSORTIUM_MEMBERS = Table(
    "consortium_members", "联合体成员", "Members of consortia",
    (
        CONSORTIUM_ID,
        Column(
            "role", ColumnType.CODE, "角色", "Role",
            "牵头单位或成员单位", "Lead or member", is_required=True, codes=tuple(ConsortiumRole),
        ),
        Column("member_name", ColumnType.TEXT, "单位名称", "Name", is_required=True),
        Column(
            "register_name", ColumnType.TEXT, "合同登记名称", "Name in the register",
            "在技术合同登记中的写法;空白表示与单位名称相同",
            "As the contract register writes it; blank: the same name",
        ),
        Column(
            "adcode", ColumnType.ADCODE, "县(市、区)代码", "County code",
            "空白为未知", "Blank: not known",
        ),
        Column(
            "prefecture_adcode", ColumnType.ADCODE, "州(市)代码", "Prefecture code",
            "空白为未知", "Blank: not known",
        ),
        Column(
            "is_outside_province", ColumnType.BOOLEAN, "在省外", "Outside the province",
            "省外单位不计入可达", "Members outside are not counted in the reach", is_required=True,
        ),
        ORIGIN, SOURCE,
    ),
    key=("consortium_id", "member_name"),
)  # fmt: skip

COUNTY_INDUSTRY = Table(
    "county_industry", "县(市、区)产业", "Industries of counties",
    (
        ADCODE, INDUSTRY,
        Column(
            "presence", ColumnType.CODE, "有无", "Presence",
            "没有列出的县(市、区)为未知,不由其他数据推断",
            "A county that is not listed is unknown; nothing is inferred from other data",
            is_required=True, codes=(Presence.PRESENT.value, Presence.ABSENT.value),
        ),
        ORIGIN, SOURCE,
    ),
    key=("adcode", "industry"),
)  # fmt: skip


def _km(name: str, zh: str, en: str, about: tuple[str, str] = ("", "")) -> Column:
    return Column(name, ColumnType.NUMBER, zh, en, *about, unit="km", minimum=0)


def _severity(name: str, zh: str, en: str, about: tuple[str, str] = ("", "")) -> Column:
    return Column(name, ColumnType.NUMBER, zh, en, *about, minimum=0, maximum=1)


CONSORTIUM_FIT = Table(
    "consortium_fit", "联合体产业匹配", "Consortium fit",
    (
        CONSORTIUM_ID, FIELD, ADCODE, PLACE_NAME, PREFECTURE_NAME,
        Column(
            "industry_presence", ColumnType.CODE, "产业有无", "Industry",
            "本县(市、区)有无该联合体的产业", "Whether the county has the consortium's industry",
            codes=tuple(Presence),
        ),
        Column(
            "fit_verdict", ColumnType.CODE, "判定", "Verdict",
            "有该产业的县(市、区)在服务标准内有无名单上的成员",
            "Whether a county with the industry has a listed member within the standard",
            is_required=True, codes=tuple(FitVerdict),
        ),
        Column("member_count", ColumnType.INTEGER, "本县成员数", "Members here", minimum=0),
        Column("nearest_member_name", ColumnType.TEXT, "最近成员", "Nearest member"),
        _km("nearest_km", "到最近成员", "To the nearest member"),
        _km("nearest_low_km", "估计下限", "Low estimate",
            ("地点未知的成员按最有利计", "Members of unknown place where they help most")),
        _km("nearest_high_km", "估计上限", "High estimate",
            ("地点未知的成员按最不利计", "Members of unknown place where they help least")),
        Column("distance_method_name", ColumnType.TEXT, "距离方法", "Distance method"),
        _severity(
            "fit_severity", "匹配缺口程度", "Fit severity",
            ("0 为标准以内,1 为达到标准的两倍或没有省内成员;空白为无法判断",
             "0 within the standard, 1 at twice it or without a member; blank: cannot be told"),
        ),
        _severity("fit_severity_low", "程度下限", "Lowest severity"),
        _severity("fit_severity_high", "程度上限", "Highest severity"),
        Column("reason", ColumnType.TEXT, "理由", "Reason"),
    ),
    key=("consortium_id", "adcode"),
)  # fmt: skip

MEMBER_LIST = Table(
    "consortium_member_list", "联合体成员名单", "Members",
    (
        FIELD,
        Column("role_name", ColumnType.TEXT, "角色", "Role"),
        Column("member_name", ColumnType.TEXT, "单位名称", "Name", is_required=True),
        PLACE_NAME, PREFECTURE_NAME,
        Column("register_name", ColumnType.TEXT, "合同登记名称", "Name in the register"),
        Column("sold_count", ColumnType.INTEGER, "卖出合同", "Contracts sold", minimum=0),
        Column("bought_count", ColumnType.INTEGER, "买入合同", "Contracts bought", minimum=0),
        ORIGIN, SOURCE,
    ),
)  # fmt: skip

MEMBER_VOLUMES = Table(
    "consortium_volumes", "联合体合同", "Contracts of a consortium",
    (
        Column(
            "direction", ColumnType.CODE, "流向", "Direction",
            is_required=True, codes=tuple(ContractDirection),
        ),
        Column("contract_count", ColumnType.INTEGER, "合同数", "Contracts", minimum=0),
        Column(
            "contract_value_fen", ColumnType.INTEGER, "合同成交额", "Contract value",
            unit="fen", minimum=0,
        ),
    ),
    key=("direction",),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class ConsortiumTables:
    """What a data set knows of consortia; treat the tables as read-only.

    Parameters
    ----------
    consortia, members, county_industry
        The declared tables ``consortia``, ``consortium_members``, ``county_industry``. A
        consortium without a row of ``members`` has members that are not known.
    input_sha256
        SHA-256 of each file that the tables were read from, by file name.
    """

    consortia: pd.DataFrame
    members: pd.DataFrame
    county_industry: pd.DataFrame
    input_sha256: Mapping[str, str] = field(default_factory=dict)


def consortium_tables(dataset: Dataset) -> ConsortiumTables:
    """Return what a data set knows of consortia; a table that it lacks has no rows."""
    consortia, members, county_industry = (
        dataset.further[table.name] if table.name in dataset.further else _without_rows(table)
        for table in (CONSORTIA, CONSORTIUM_MEMBERS, COUNTY_INDUSTRY)
    )
    return ConsortiumTables(consortia, members, county_industry, dataset.further_sha256)


@cache
def _without_rows(table: Table) -> pd.DataFrame:
    return conform(table, pd.DataFrame(columns=table.names, dtype="object"))


def industry_words(cell: object) -> tuple[str, ...]:
    """Return the industries in a cell of ``industries``; none for a blank cell."""
    words = cell.split(";") if isinstance(cell, str) else []
    return tuple(dict.fromkeys(word.strip() for word in words if word.strip()))


def consortium_names(dataset: Dataset, language: str) -> dict[str, str]:
    """Return the name of each consortium by its id."""
    table = consortium_tables(dataset).consortia
    name = table["field_zh"] if language == "zh" else table["field_en"].fillna(table["field_zh"])
    return dict(zip(table["consortium_id"], name, strict=True))
