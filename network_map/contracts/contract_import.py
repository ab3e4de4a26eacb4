"""The tables that the import of contracts and payments shows of a list."""

from network_map.tables.columns import Column, ColumnType, Table

_ROW = Column("row", ColumnType.INTEGER, "行号", "Row")
_OUTCOME = Column("outcome", ColumnType.TEXT, "结果", "Outcome")
_CONTRACT = Column("contract_id", ColumnType.TEXT, "合同登记编号", "Contract id")


def _wan(name: str, zh: str, en: str) -> Column:
    return Column(name, ColumnType.NUMBER, zh, en, unit="ten_thousand_yuan", minimum=0)


CONTRACT_IMPORT_ROWS = Table(
    "contract_import_rows", "合同导入预览", "Contract import preview",
    (
        _ROW,
        _OUTCOME,
        _CONTRACT,
        Column("kind_name", ColumnType.TEXT, "合同类型", "Contract kind"),
        Column("seller_place_name", ColumnType.TEXT, "卖方所在地", "Seller's place"),
        Column("buyer_place_name", ColumnType.TEXT, "买方所在地", "Buyer's place"),
        _wan("contract_value_wan", "合同成交额", "Contract value"),
        _wan("technology_value_wan", "技术交易额", "Technology value"),
        Column("signed_on", ColumnType.DATE, "签订日期", "Signed on"),
        Column("status_name", ColumnType.TEXT, "登记状态", "Register status"),
    ),
)  # fmt: skip

PAID_IMPORT_ROWS = Table(
    "paid_import_rows", "实收导入预览", "Payment import preview",
    (_ROW, _OUTCOME, _CONTRACT),
)  # fmt: skip
