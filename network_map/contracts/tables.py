"""The tables of the contract register: registered technology contracts, and what was paid."""

from network_map.tables.columns import Column, ColumnType, Table
from network_map.tables.shared_columns import ORIGIN, SOURCE
from network_map.terms import (
    ContractKind,
    ContractStatus,
    IpKind,
    KindScheme,
    PartyKind,
    PlanSource,
    TechnologyField,
)


def _money(name: str, zh: str, en: str, *, is_required: bool = False) -> Column:
    return Column(
        name, ColumnType.INTEGER, zh, en,
        "以分为单位的整数", "Whole fen",
        unit="fen", is_required=is_required, minimum=0,
    )  # fmt: skip


def _place(name: str, zh: str, en: str) -> Column:
    return Column(
        name, ColumnType.ADCODE, zh, en,
        "现行六位代码;省外只到省;空白为未定位", "Current six-digit code; outside the province "
        "the province's; blank: unlocated",
    )  # fmt: skip


CONTRACTS = Table(
    "contracts", "技术合同", "Technology contracts",
    (
        Column(
            "contract_id", ColumnType.TEXT, "合同登记编号", "Contract id",
            "保留前导零", "Leading zeros kept", is_required=True,
        ),
        Column("title", ColumnType.TEXT, "项目名称", "Title"),
        Column(
            "contract_kind", ColumnType.CODE, "合同类型", "Contract kind",
            is_required=True, codes=tuple(ContractKind),
        ),
        Column(
            "kind_scheme", ColumnType.CODE, "合同分类", "Kind scheme",
            "四类时许可含在转让内", "With four kinds, licences are inside transfers",
            is_required=True, codes=tuple(KindScheme),
        ),
        Column("seller_name", ColumnType.TEXT, "卖方名称", "Seller"),
        Column("buyer_name", ColumnType.TEXT, "买方名称", "Buyer"),
        _place("seller_adcode", "卖方行政区划代码", "Seller's division code"),
        _place("buyer_adcode", "买方行政区划代码", "Buyer's division code"),
        Column("seller_country", ColumnType.TEXT, "卖方国别代码", "Seller's country code"),
        Column("buyer_country", ColumnType.TEXT, "买方国别代码", "Buyer's country code"),
        Column("seller_kind", ColumnType.CODE, "卖方性质", "Seller kind", codes=tuple(PartyKind)),
        Column("buyer_kind", ColumnType.CODE, "买方性质", "Buyer kind", codes=tuple(PartyKind)),
        _money("contract_value_fen", "合同成交额", "Contract value", is_required=True),
        _money("technology_value_fen", "技术交易额", "Technology value"),
        Column("is_related_party", ColumnType.BOOLEAN, "关联交易", "Related-party deal"),
        Column("signed_on", ColumnType.DATE, "签订日期", "Signed on"),
        Column("registered_on", ColumnType.DATE, "认定登记日期", "Registered on"),
        Column("starts_on", ColumnType.DATE, "有效期起", "Starts on"),
        Column("ends_on", ColumnType.DATE, "有效期止", "Ends on"),
        Column(
            "technology_field", ColumnType.CODE, "技术领域", "Technology field",
            codes=tuple(TechnologyField),
        ),
        Column("ip_kind", ColumnType.CODE, "知识产权类型", "IP kind", codes=tuple(IpKind)),
        Column("plan_source", ColumnType.CODE, "计划来源", "Plan source", codes=tuple(PlanSource)),
        Column("registry_name", ColumnType.TEXT, "登记机构", "Registry"),
        Column(
            "contract_status", ColumnType.CODE, "登记状态", "Register status",
            is_required=True, codes=tuple(ContractStatus),
        ),
        ORIGIN, SOURCE,
    ),
    key=("contract_id",),
)  # fmt: skip

PAID_VALUES = Table(
    "paid_values", "实收金额", "Paid values",
    (
        Column("contract_id", ColumnType.TEXT, "合同登记编号", "Contract id", is_required=True),
        Column(
            "service_body_id", ColumnType.TEXT, "服务机构编号", "Service body id",
            "奖补付给促成交易的服务机构", "The subsidy is paid to bodies that broker deals",
        ),
        Column("service_body_name", ColumnType.TEXT, "服务机构名称", "Service body"),
        _money("paid_value_fen", "实收金额", "Paid value", is_required=True),
        Column("evidence_kind", ColumnType.TEXT, "凭证类型", "Evidence"),
        Column("paid_on", ColumnType.DATE, "到账日期", "Paid on"),
        ORIGIN, SOURCE,
    ),
)  # fmt: skip

TO_DATE = "is_to_date"
"""In a rollup: whether a contract was signed by the day of the year on which the register ends;
missing where its day is not known."""
PERSON_NAME = "个人"
"""Kept instead of the name of a natural person."""
