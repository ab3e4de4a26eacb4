"""Every cut of the contract register adds up to the register, to the fen."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from network_map.contracts.counts import PLACE_OF
from network_map.contracts.register.engine import (
    ContractRegister,
    cut_off_date,
    fetch,
    origins_and_sources,
    register_of,
    register_of_files,
    summed_in_files,
)
from network_map.contracts.register.open import open_register
from network_map.contracts.register.tables import ContractTables
from network_map.contracts.register.versions import commit_contracts
from network_map.contracts.tables import CONTRACTS, PERSON_NAME, TO_DATE
from network_map.contracts.volumes import (
    CUTS,
    SUBSIDY_CAP_FEN,
    Period,
    Side,
    chosen,
    flow_columns,
    flows,
    largest_parties,
    named_parties,
    patent_related,
    subsidy_estimate,
    total,
    until_day,
    volume,
    volume_columns,
    without_day,
    year_to_date,
)
from network_map.errors import DamagedFileError
from network_map.terms import AdminLevel
from tests.contracts.stored_register import whole_register
from tests.contracts.world import (
    PARENTS,
    PAYMENTS,
    ROWS,
    Row,
    as_sums,
    period_of,
    place_of,
    sums_by_hand,
    tables_of,
)
from tests.workspace.writer import MOVE

pytestmark = pytest.mark.long

SIDES: tuple[Side, ...] = ("output", "absorption", "both")
PERIODS: tuple[Period | None, ...] = (None, "year", "quarter", "month")
ENDS = {"output": ["seller_adcode"], "absorption": ["buyer_adcode"]}
ENDS["both"] = [*ENDS["output"], *ENDS["absorption"]]


def registers(rows: list[Row]) -> Iterator[ContractRegister]:
    """Yield the same contracts counted one by one, and through the rollups of a workspace."""
    tables = tables_of(rows)
    yield register_of("test", tables)
    with TemporaryDirectory() as folder:
        commit_contracts(Path(folder), lambda _: whole_register(tables), MOVE)
        stored = open_register("duckdb://", Path(folder))
        assert stored is not None
        yield stored


@pytest.mark.law
@settings(max_examples=12)
@given(
    rows=ROWS,
    side=st.sampled_from(SIDES),
    level=st.sampled_from(list(AdminLevel)),
    period=st.sampled_from(PERIODS),
    cuts=st.lists(st.sampled_from(CUTS), max_size=2, unique=True),
)
def test_every_cut_is_the_sum_of_its_contracts(
    rows: list[Row], side: Side, level: AdminLevel, period: Period | None, cuts: list[str]
) -> None:
    expected = sums_by_hand(
        rows,
        lambda row: [
            (place_of(row[end], level), *period_of(row, period), *(row[cut] for cut in cuts))
            for end in ENDS[side]
        ],
    )
    for register in registers(rows):
        table = register.table(volume_columns(side=side, period=period, cuts=cuts))
        asked = volume(table, PARENTS, side=side, by=level, period=period, cuts=cuts)
        assert as_sums(fetch(register, asked)) == expected


@pytest.mark.law
@settings(max_examples=8)
@given(rows=ROWS)
def test_files_alone_give_the_sums_origins_and_sources_that_the_engine_gives(
    rows: list[Row],
) -> None:
    found = registers(rows)
    engine, stored = next(found), next(found)
    # With a rollup, and without one.
    plain = register_of_files("test", {CONTRACTS.name: stored.files[CONTRACTS.name]})
    for side, end in PLACE_OF.items():
        keys = (end, "signed_year", "signed_month")
        asked = volume(engine.contracts, {}, side=side, by=AdminLevel.COUNTY, period="month")
        expected = fetch(engine, asked).rename(columns={"place_adcode": end})
        for register in (stored, plain):
            sums = summed_in_files(register, keys)
            assert sums is not None
            assert_frame_equal(sums, expected)
        assert summed_in_files(engine, keys) is None
    assert origins_and_sources(plain) == origins_and_sources(engine)


def test_the_engine_sums_many_rows_large_values_and_what_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = ("seller_adcode", "signed_year")
    written = tmp_path / "contracts.parquet"
    register = register_of_files("test", {CONTRACTS.name: [written]})
    assert summed_in_files(register, keys) is None
    written.write_bytes(b"PAR1 damaged")
    assert summed_in_files(register, keys) is None
    with pytest.raises(DamagedFileError, match="data_damaged"):
        _ = register.contracts
    cells = {"seller_adcode": ["530102"] * 2, "signed_year": [2024] * 2,
             "contract_status": ["registered"] * 2, "technology_value_fen": [1, 1]}  # fmt: skip
    pq.write_table(pa.table({**cells, "contract_value_fen": [2**62, 2**62]}), written)
    assert summed_in_files(register, keys) is None
    pq.write_table(pa.table({**cells, "contract_value_fen": [3, None]}), written)
    found = summed_in_files(register, keys)
    assert found is not None
    assert found["contract_value_fen"].tolist() == [3]
    monkeypatch.setattr("network_map.contracts.register.engine._FEW_ROWS", 1)
    assert summed_in_files(register, keys) is None


@pytest.mark.law
@settings(max_examples=8)
@given(rows=ROWS)
def test_places_periods_and_cuts_all_add_up_to_the_register(rows: list[Row]) -> None:
    live = [row for row in rows if row["contract_status"] != "cancelled"]
    value = sum(row["contract_value_fen"] for row in live)
    register = register_of("test", tables_of(rows))
    for cut in CUTS:
        found = fetch(
            register,
            volume(register.contracts, PARENTS, side="output", by=AdminLevel.COUNTY, cuts=[cut]),
        )
        assert (found["contract_count"].sum(), found["contract_value_fen"].sum()) == (
            len(live),
            value,
        )
    both = volume(register.contracts, PARENTS, side="both", by=AdminLevel.PREFECTURE)
    assert fetch(register, both)["contract_value_fen"].sum() == 2 * value
    by_month = total(register.contracts, period="month")
    assert fetch(register, by_month)["contract_value_fen"].sum() == value


@pytest.mark.law
@settings(max_examples=8)
@given(rows=ROWS, level=st.sampled_from(list(AdminLevel)), period=st.sampled_from(PERIODS))
def test_flows_leave_what_places_sell_and_arrive_where_they_buy(
    rows: list[Row], level: AdminLevel, period: Period | None
) -> None:
    expected = sums_by_hand(
        rows,
        lambda row: [
            (
                place_of(row["seller_adcode"], level),
                place_of(row["buyer_adcode"], level),
                *period_of(row, period),
            )
        ],
    )
    for register in registers(rows):
        table = register.table(flow_columns(period=period))
        found = fetch(register, flows(table, PARENTS, by=level, period=period))
        assert as_sums(found) == expected


@pytest.mark.law
@settings(max_examples=8)
@given(rows=ROWS, as_of=st.sampled_from([date(2024, 2, 29), date(2024, 6, 11), date(2024, 12, 31)]))
def test_the_same_span_of_last_year_ends_on_the_same_day(rows: list[Row], as_of: date) -> None:
    expected: dict[int, int] = {}
    open_days = 0
    for row in rows:
        signed = row["signed_on"] or ""
        is_near = signed[:4] in {str(as_of.year), str(as_of.year - 1)}
        if row["contract_status"] == "cancelled" or not is_near:
            continue
        if len(signed) < 10:
            open_days += 1
        elif signed[5:] <= as_of.isoformat()[5:]:
            expected[int(signed[:4])] = expected.get(int(signed[:4]), 0) + 1
    for register in registers(rows):
        columns = {"signed_year", "signed_month", "signed_day", "seller_adcode", "contract_kind"}
        table = register.table(columns)
        found = fetch(register, total(year_to_date(table, as_of=as_of), period="year"))
        assert dict(zip(found["signed_year"], found["contract_count"], strict=True)) == expected
        undated = fetch(register, total(without_day(table, as_of=as_of)))
        assert undated["contract_count"].fillna(0).sum() == open_days


@pytest.mark.law
@settings(max_examples=8)
@given(rows=ROWS)
def test_rollups_know_what_was_signed_by_the_last_day_of_the_register(rows: list[Row]) -> None:
    counted_twice = registers(rows)
    _, rolled = next(counted_twice), next(counted_twice)
    as_of = cut_off_date(rolled) or date(2024, 12, 31)
    columns = {"signed_year", "signed_month", TO_DATE, "seller_adcode", "ip_kind"}
    counted = rolled.table(columns)
    assert TO_DATE in counted.columns
    for part in (until_day, year_to_date, without_day):
        first, second = (
            fetch(rolled, total(part(table, as_of=as_of), period="month", cuts=["ip_kind"]))
            for table in (counted, rolled.contracts)
        )
        pd.testing.assert_frame_equal(first, second)


def test_a_rollup_of_an_earlier_program_is_not_asked_for_what_it_lacks() -> None:
    counted_twice = registers([])
    _, rolled = next(counted_twice), next(counted_twice)
    months = rolled.tables["rollup_seller_month"].drop(TO_DATE)
    tables = {**rolled.tables, "rollup_seller_month": months}
    earlier = replace(rolled, connect=lambda: (rolled.backend, tables))
    assert earlier.table({"signed_year", "seller_adcode"}) is months
    assert earlier.table({"signed_year", "seller_adcode", TO_DATE}) is earlier.contracts


@pytest.mark.law
@settings(max_examples=12)
@given(rows=ROWS, payments=PAYMENTS)
def test_every_payment_is_counted_once_or_left_out_with_a_reason(
    rows: list[Row], payments: list[Row]
) -> None:
    register = register_of("test", tables_of(rows, payments))
    assert register.paid_values is not None
    found = fetch(register, subsidy_estimate(register.paid_values, register.contracts))
    assert found["paid_value_fen"].sum() == sum(row["paid_value_fen"] for row in payments)
    assert found["payment_count"].sum() == len(payments)
    is_counted = found["basis_code"] == "counted"
    assert found.loc[~is_counted, "subsidy_fen"].isna().all()
    counted = found[is_counted]
    assert counted["service_body_id"].notna().all()
    expected = [min(int(paid) * 3 // 100, SUBSIDY_CAP_FEN) for paid in counted["paid_value_fen"]]
    assert counted["subsidy_fen"].tolist() == expected


def one(**cells: object) -> Row:
    plain: Row = {
        "contract_kind": "service", "kind_scheme": "five", "contract_status": "registered",
        "seller_adcode": "530102", "buyer_adcode": "532331", "seller_name": "卖方0001",
        "contract_value_fen": 100, "technology_value_fen": None, "signed_on": "2024-06-11",
    }  # fmt: skip
    return {**plain, **cells}


def test_a_county_that_changed_its_code_is_in_the_prefecture_that_the_divisions_say() -> None:
    register = register_of("test", tables_of([one(), one(buyer_adcode="532302")]))
    asked = volume(register.contracts, PARENTS, side="absorption", by=AdminLevel.PREFECTURE)
    assert as_sums(fetch(register, asked)) == {("532300",): (2, 200, None)}


def test_only_contracts_under_patents_count_for_the_target() -> None:
    kinds = ["invention_patent", "patent", "software_copyright", "none", None]
    register = register_of("test", tables_of([one(ip_kind=kind) for kind in kinds]))
    found = fetch(register, total(patent_related(register.contracts)))
    assert found["contract_count"].tolist() == [2]


def test_what_is_missing_can_be_chosen_too() -> None:
    rows = [one(technology_field=field) for field in ("energy", "urban", None)]
    register = register_of("test", tables_of(rows))
    some = chosen(register.contracts, {"technology_field": ["urban", None]})
    assert fetch(register, total(some))["contract_count"].tolist() == [2]
    none = chosen(register.contracts, {"technology_field": []})
    assert fetch(register, total(none, cuts=["technology_field"])).empty


def test_parties_are_numbers_and_never_names() -> None:
    rows = [one(), one(contract_value_fen=5), one(seller_name="卖方0002"), one(seller_name=None)]
    register = register_of("test", tables_of(rows))
    register = register_of("test", tables_of([*rows, one(seller_name=PERSON_NAME)]))
    (named,) = fetch(register, named_parties(register.contracts)).to_dict("records")
    assert named == {"party_count": 2, "contract_count": 3, "contract_value_fen": 205}
    largest = fetch(register, largest_parties(register.contracts, count=1))
    assert largest.columns.tolist() == ["contract_count", "contract_value_fen"]
    assert largest["contract_value_fen"].tolist() == [105]


def test_the_cap_holds_for_each_body_and_year() -> None:
    rows = [one(is_related_party=related) for related in (False, False, True, None)]
    payments: list[Row] = [
        {"number": 0, "service_body_id": "甲", "paid_value_fen": 10**10, "paid_on": "2024-01-02"},
        {"number": 1, "service_body_id": "甲", "paid_value_fen": 199, "paid_on": "2025-01-02"},
        {"number": 2, "service_body_id": "甲", "paid_value_fen": 10**6, "paid_on": "2024-01-02"},
        {"number": 3, "service_body_id": None, "paid_value_fen": 10**6, "paid_on": "2024-01-02"},
    ]
    register = register_of("test", tables_of(rows, payments))
    assert register.paid_values is not None
    found = fetch(register, subsidy_estimate(register.paid_values, register.contracts))
    assert found[["paid_year", "basis_code"]].to_numpy().tolist() == [
        [2024, "counted"], [2024, "related_party"], [2025, "counted"], [2024, "no_service_body"],
    ]  # fmt: skip
    assert found["subsidy_fen"].fillna(-1).tolist() == [SUBSIDY_CAP_FEN, -1, 5, -1]


def test_an_empty_register_is_asked_without_a_fuss() -> None:
    nothing: ContractTables = tables_of([])
    register = register_of("test", nothing)
    asked = volume(register.contracts, PARENTS, side="output", by=AdminLevel.COUNTY, period="month")
    assert fetch(register, asked).empty
