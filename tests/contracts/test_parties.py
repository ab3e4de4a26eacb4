"""The concentration of sellers and buyers: counted against the rows, and never a name."""

import pandas as pd
import pytest

from network_map.contracts.flows import SHOWN_PARTIES, party_table
from network_map.contracts.query import ContractQuery, ContractSide, span_of
from network_map.contracts.register.engine import OpenContracts, cut_off_date, register_of
from network_map.contracts.register.tables import ContractTables, empty_tables
from network_map.contracts.report import party_bundle
from network_map.contracts.tables import PERSON_NAME
from network_map.export import file_bytes
from network_map.i18n import LANGUAGES
from network_map.terms import ContractKind
from tests.app.test_pages import opened as opened_page
from tests.app.test_pages import texts
from tests.contracts.world import Row, tables_of
from tests.shipped import places


def rows() -> list[Row]:
    """Forty sellers of falling size in two prefectures, persons, blanks and a cancelled one."""
    plain: Row = {
        "contract_kind": "service", "kind_scheme": "five", "contract_status": "registered",
        "seller_adcode": "530102", "buyer_adcode": "532331", "signed_on": "2024-06-11",
        "buyer_name": "买方0001",
    }  # fmt: skip
    found = [
        {**plain, "seller_name": f"卖方{n:04d}", "contract_value_fen": 1_000 * (40 - n) + part,
         "seller_adcode": "530627" if n % 3 else "530102",
         "signed_on": f"{2023 + n % 2}-06-11"}
        for n in range(40) for part in range(1 + n % 2)
    ]  # fmt: skip
    found += [
        {**plain, "seller_name": name, "contract_value_fen": 7} for name in (PERSON_NAME, None)
    ]
    return [*found, {**plain, "seller_name": "卖方9999", "contract_value_fen": 10**9,
                     "contract_status": "cancelled"}]  # fmt: skip


@pytest.fixture(scope="module")
def opened() -> OpenContracts:
    tables = ContractTables(tables_of(rows()).contracts, empty_tables().paid_values)
    register = register_of("test", tables)
    return OpenContracts(
        name="demo", register=register, as_of=cut_off_date(register), origins=(), sources=(),
        is_demo=True, created_from={},
    )  # fmt: skip


@pytest.mark.parametrize("prefecture", [None, "530600"])
@pytest.mark.parametrize("year", [None, 2024])
def test_the_rows_add_up_and_the_largest_are_the_largest(
    opened: OpenContracts, prefecture: str | None, year: int | None
) -> None:
    query = ContractQuery(prefecture_adcode=prefecture, year=year)
    span = span_of(query, opened.as_of)
    table = party_table(opened, places(), query, span)
    frame = pd.DataFrame(rows())
    frame = frame[frame["contract_status"] == "registered"]
    if span.year is not None:
        frame = frame[frame["signed_on"].str.startswith(str(span.year))]
    if prefecture is not None:
        frame = frame[frame["seller_adcode"].str.startswith(prefecture[:4])]
    named = frame[frame["seller_name"].notna() & (frame["seller_name"] != PERSON_NAME)]
    sums = named.groupby("seller_name")["contract_value_fen"].sum().sort_values(ascending=False)
    by_row = table.groupby("party_row", sort=False)
    largest = by_row.get_group("largest")
    assert largest["contract_value_fen"].tolist() == sums.head(SHOWN_PARTIES).tolist()
    assert largest["rank"].tolist() == list(range(1, SHOWN_PARTIES + 1))
    (total,) = by_row.get_group("total").to_dict("records")
    assert total["contract_value_fen"] == frame["contract_value_fen"].sum()
    assert total["contract_count"] == len(frame)
    assert total["party_count"] == len(sums)
    parts = table[table["party_row"] != "total"]
    for column in ("contract_count", "contract_value_fen"):
        assert parts[column].sum() == total[column]
    assert largest["cumulative_share_percent"].iloc[-1] == pytest.approx(
        100 * sums.head(SHOWN_PARTIES).sum() / total["contract_value_fen"]
    )


def test_buyers_are_counted_where_absorption_is_asked_for(opened: OpenContracts) -> None:
    query = ContractQuery(side=ContractSide.ABSORPTION, year=2024)
    table = party_table(opened, places(), query, span_of(query, opened.as_of))
    assert table["party_row"].tolist() == ["largest", "others", "unnamed", "total"]
    assert table["party_count"].iloc[-1] == 1


def test_nothing_chosen_is_a_table_of_zeros(opened: OpenContracts) -> None:
    query = ContractQuery(kinds=(ContractKind.LICENCE,), year=2024)
    table = party_table(opened, places(), query, span_of(query, opened.as_of))
    assert table["contract_count"].tolist() == [0, 0, 0]
    assert table["value_share_percent"].isna().all()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_leaves_the_register(opened: OpenContracts, language: str) -> None:
    bundle = party_bundle(opened, places(), ContractQuery(language=language, year=2024))
    for format_name in ("csv", "xlsx"):
        assert "卖方0".encode() not in file_bytes(bundle, format_name)
    assert (
        not bundle.table.astype("str").apply(lambda cells: cells.str.contains("卖方0")).any().any()
    )


@pytest.mark.page
def test_the_page_counts_parties_only_when_asked() -> None:
    app = opened_page("contracts", dataset="demo")
    assert not [table for table in app.dataframe if "party_row" in table.value]
    app.button(key="contract_parties_open").click().run()
    (shown,) = [table.value for table in app.dataframe if "party_row" in table.value]
    assert shown["party_row"].tolist()[-3:] == ["其余", "个人及未填", "合计"]
    assert "家占成交额" in " ".join(texts(app))
