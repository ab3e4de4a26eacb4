"""What the demonstration register adds up to, and where each of those totals comes from."""

from network_map.tables import Column, ColumnType, Table

TOTAL_BASES = ("published", "worked_out", "estimated")


def _basis(name: str, zh: str, en: str) -> Column:
    return Column(
        name, ColumnType.CODE, zh, en,
        "公布、由公布数推算,或按写明的规则估计",
        "Published, worked out from published figures, or estimated by a written rule",
        is_required=True, codes=TOTAL_BASES,
    )  # fmt: skip


def _fen(name: str, zh: str, en: str) -> Column:
    return Column(
        name, ColumnType.INTEGER, zh, en, unit="fen", is_required=True, minimum=0
    )  # fmt: skip


DEMO_TOTALS = Table(
    "demo_contract_totals", "演示合同登记的总数", "Totals of the demonstration register",
    (
        Column("year", ColumnType.INTEGER, "年份", "Year", is_required=True),
        Column(
            "area", ColumnType.CODE, "范围", "Area",
            "全省、昆明市,或其余各州(市)与未定位之和",
            "The province, Kunming, or the other prefectures together with the unlocated",
            is_required=True, codes=("province", "kunming", "rest"),
        ),
        Column("starts_on", ColumnType.DATE, "登记日期起", "Registered from", is_required=True),
        Column(
            "ends_on", ColumnType.DATE, "登记日期止", "Registered to",
            "含当日", "Included", is_required=True,
        ),
        Column(
            "contracts_count", ColumnType.INTEGER, "合同数", "Contracts",
            "不含已注销的", "Cancelled ones left out",
            unit="count", is_required=True, minimum=0,
        ),
        _basis("contracts_count_basis", "合同数依据", "Basis of the number"),
        _fen("contract_value_fen", "成交额", "Contract value"),
        _basis("contract_value_basis", "成交额依据", "Basis of the contract value"),
        _fen("technology_value_fen", "技术交易额", "Technology value"),
        _basis("technology_value_basis", "技术交易额依据", "Basis of the technology value"),
    ),
    key=("year", "area", "ends_on"),
)  # fmt: skip
