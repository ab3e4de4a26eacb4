"""What the contract page and the command line say about a register, to the fen."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.contracts.by_place import PlaceTable, place_table, series_table, year_to_date_sums
from network_map.contracts.counts import Choice, Counts, choice_of, counts_of
from network_map.contracts.flows import CUTS, cut_table, flow_layer, flow_table
from network_map.contracts.query import (
    ContractMeasure,
    ContractPeriod,
    ContractPicture,
    ContractQuery,
    ContractSide,
    span_name,
    span_of,
)
from network_map.contracts.register.engine import (
    ContractRegister,
    OpenContracts,
    cut_off_date,
    register_of,
)
from network_map.contracts.register.open import open_register
from network_map.contracts.register.versions import commit_contracts
from network_map.contracts.report import area_layer_of, contract_monitor, place_bundle
from network_map.contracts.target import Target, subsidy_table, target_progress
from network_map.export import file_bytes
from network_map.maps.spec import AreaLayer
from network_map.places.reference import Places
from network_map.terms import AdminLevel, ContractKind
from tests.contracts.stored_register import whole_register
from tests.contracts.world import ROWS, Row, period_of, tables_of
from tests.shipped import places
from tests.workspace.writer import MOVE

pytestmark = pytest.mark.long

LEVELS = (AdminLevel.COUNTY, AdminLevel.PREFECTURE)
AS_OF = date(2024, 7, 1)
QUERIES = st.builds(
    ContractQuery,
    side=st.sampled_from(list(ContractSide)),
    level=st.sampled_from(LEVELS),
    period=st.sampled_from(list(ContractPeriod)),
    year=st.sampled_from([2023, 2024]),
    part=st.sampled_from([1, 2, 3]),
    kinds=st.sampled_from([(), (ContractKind.SERVICE, ContractKind.TRANSFER)]),
)
TARGET = Target(2026, 26 * 10**11, "test")


def opened_of(register: ContractRegister, as_of: date | None = AS_OF) -> OpenContracts:
    return OpenContracts("own", register, as_of, ("reported",), ("test",), is_demo=False)


def registers(rows: list[Row]) -> Iterator[OpenContracts]:
    """The same contracts counted one by one, and through the rollups of a workspace."""
    tables = tables_of(rows)
    yield opened_of(register_of("test", tables))
    with TemporaryDirectory() as folder:
        commit_contracts(Path(folder), lambda _: whole_register(tables), MOVE)
        stored = open_register("duckdb://", Path(folder))
        assert stored is not None
        yield opened_of(stored)


def chosen_rows(rows: list[Row], query: ContractQuery) -> list[Row]:
    """The contracts of a query that stand and were signed in its span, by hand."""
    wanted = {kind.value for kind in query.kinds}
    live = [row for row in rows if row["contract_status"] != "cancelled"]
    live = [row for row in live if not wanted or row["contract_kind"] in wanted]
    if query.period is ContractPeriod.ALL:
        return live
    key = (query.year,) if query.period is ContractPeriod.YEAR else (query.year, query.part)
    return [row for row in live if period_of(row, query.period.value) == key]


def fen(rows: list[Row]) -> int:
    return sum(row["contract_value_fen"] for row in rows)


def found_of(opened: OpenContracts, query: ContractQuery) -> PlaceTable:
    counts = counts_of(opened, choice_of(query))
    return place_table(counts, places(), query, span_of(query, opened.as_of))


@pytest.mark.law
@settings(max_examples=6)
@given(rows=ROWS, query=QUERIES)
def test_the_rows_of_every_place_table_add_up_to_the_register_with_what_fits_no_place(
    rows: list[Row], query: ContractQuery
) -> None:
    expected = chosen_rows(rows, query)
    for opened in registers(rows):
        found = found_of(opened, query).table
        names = [f"{side}_value_fen" for side in ("output", "absorption")]
        columns = names if query.side is ContractSide.BOTH else ["contract_value_fen"]
        for name in columns:
            parts = found.iloc[:-1]
            assert int(parts[name].sum()) == int(found.iloc[-1][name]) == fen(expected)
        assert found.iloc[-1]["row_kind"] == "total"
        listed = 129 if query.level is AdminLevel.COUNTY else 16
        assert (found["row_kind"] == "place").sum() == listed


@pytest.mark.law
@settings(max_examples=4)
@given(rows=ROWS, query=QUERIES)
def test_every_cut_every_flow_and_every_period_adds_up_to_the_same_contracts(
    rows: list[Row], query: ContractQuery
) -> None:
    expected = chosen_rows(rows, query)
    every = chosen_rows(rows, replace(query, period=ContractPeriod.ALL))
    for opened in registers(rows):
        span = span_of(query, opened.as_of)
        table = cut_table(opened, places(), query, span)
        for cut in CUTS:
            part = table[table["cut"] == cut]
            assert int(part["contract_value_fen"].sum()) == fen(expected)
            assert int(part["contract_count"].sum()) == len(expected)
        flows = flow_table(opened, places(), query, span)
        assert int(flows["contract_value_fen"].sum()) == fen(expected)
        series = series_table(counts_of(opened, choice_of(query)), places(), query)
        for _, of_side in series.groupby("side"):
            assert int(of_side["contract_value_fen"].sum()) == fen(every)


@pytest.mark.law
@settings(max_examples=4)
@given(rows=ROWS)
def test_the_prefectures_and_the_rest_are_the_province(rows: list[Row]) -> None:
    opened = opened_of(register_of("test", tables_of(rows)))
    query = ContractQuery(period=ContractPeriod.ALL)
    counts = counts_of(opened, Choice())
    span = span_of(query, AS_OF)
    whole = place_table(counts, places(), query, span)
    codes = places().divisions.loc[places().divisions["level"] == "prefecture", "adcode"]
    parts = [
        place_table(counts, places(), replace(query, prefecture_adcode=code), span).total
        for code in codes
    ]
    rest = whole.table[
        whole.table["row_kind"].isin(["outside", "unlocated"]) | (whole.table["adcode"] == "530000")
    ]
    inside = sum(int(str(part["contract_value_fen"])) for part in parts)
    assert inside + int(rest["contract_value_fen"].sum()) == fen(chosen_rows(rows, query))


def one(**cells: object) -> Row:
    plain: Row = {
        "contract_kind": "service", "kind_scheme": "five", "contract_status": "registered",
        "seller_adcode": "530102", "buyer_adcode": "530627", "seller_name": "卖方0001",
        "contract_value_fen": 100, "technology_value_fen": None, "signed_on": "2024-06-11",
    }  # fmt: skip
    return {**plain, **cells}


def asked(rows: list[Row], query: ContractQuery, as_of: date | None = AS_OF) -> pd.DataFrame:
    found = found_of(opened_of(register_of("test", tables_of(rows)), as_of), query)
    return found.table.set_index("place_name")


def test_a_year_under_way_is_compared_to_the_same_day_and_the_undated_are_counted_apart() -> None:
    rows = [
        one(contract_value_fen=300), one(signed_on="2024-06", contract_value_fen=50),
        one(signed_on="2023-07-01", contract_value_fen=200),
        one(signed_on="2023-07-02", contract_value_fen=700),
    ]  # fmt: skip
    query = ContractQuery(level=AdminLevel.PREFECTURE)
    row = asked(rows, query).loc["昆明市"]
    assert row["contract_value_fen"] == 350
    assert row["contract_value_before_fen"] == 200
    assert row["value_growth_percent"] == pytest.approx(50)
    whole_year = asked(rows, query, date(2024, 12, 31)).loc["昆明市"]
    assert whole_year["contract_value_before_fen"] == 900
    opened = opened_of(register_of("test", tables_of(rows)))
    assert counts_of(opened, Choice()).undated == 1
    assert span_name(span_of(query, AS_OF), "zh") == "2024年(截至 2024-07-01)"


def test_what_is_known_no_closer_outside_or_nowhere_has_a_row_of_its_own() -> None:
    codes = ["530102", "530100", "530000", "440000", "999999", None]
    rows = [one(buyer_adcode=code, contract_value_fen=10**n) for n, code in enumerate(codes)]
    found = asked(rows, ContractQuery(side=ContractSide.ABSORPTION))
    values = found["contract_value_fen"]
    assert values["五华区"] == 1
    assert values["昆明市(未写到县)"] == 10
    assert values["云南省(未写到州市)"] == 100
    assert values["省外"] == 1000
    assert values["未定位"] == 110_000
    assert values["合计"] == 111_111
    by_prefecture = asked(
        rows, ContractQuery(side=ContractSide.ABSORPTION, level=AdminLevel.PREFECTURE)
    )
    assert by_prefecture["contract_value_fen"]["昆明市"] == 11


def test_ranks_follow_the_measure_and_shares_the_total() -> None:
    rows = [one(), one(), one(seller_adcode="530627", contract_value_fen=600)]
    by_value = asked(rows, ContractQuery())
    assert by_value["rank"]["镇雄县"] == 1
    assert by_value["value_share_percent"]["镇雄县"] == pytest.approx(75)
    by_number = asked(rows, ContractQuery(measure=ContractMeasure.NUMBER))
    assert by_number["rank"]["五华区"] == 1


def layer_of(rows: list[Row], query: ContractQuery, known: Places | None = None) -> AreaLayer:
    found = found_of(opened_of(register_of("test", tables_of(rows))), query)
    return area_layer_of(found, known or places(), query, source="test")


def test_no_contract_is_zero_and_no_population_is_no_data() -> None:
    rows = [one(), one(seller_adcode="530627", contract_value_fen=10**9)]
    layer = layer_of(rows, ContractQuery())
    assert layer.classes[0].label == "0"
    assert layer.classes[0].count == 127
    assert sum(entry.count for entry in layer.classes) + layer.missing_count == 129
    indicators = places().county_indicators
    without = indicators.assign(
        pop_2020=indicators["pop_2020"].where(indicators["adcode"] != "530627")
    )
    unknown = replace(places(), county_indicators=without)
    query = ContractQuery(measure=ContractMeasure.VALUE_PER_PEOPLE)
    opened = opened_of(register_of("test", tables_of(rows)))
    found = place_table(counts_of(opened, Choice()), unknown, query, span_of(query, AS_OF))
    layer = area_layer_of(found, unknown, query, source="test")
    assert layer.missing_count == 1
    assert "530627" not in layer.class_of


@pytest.mark.parametrize("side", list(ContractSide))
def test_a_period_without_a_contract_is_zero_everywhere(side: ContractSide) -> None:
    layer = layer_of([one()], ContractQuery(side=side, year=1999))
    assert [(entry.label, entry.count) for entry in layer.classes] == [("0", 129)]
    assert layer.missing_count == 0


def test_the_difference_has_the_same_breaks_on_both_sides_of_zero() -> None:
    rows = [
        one(seller_adcode="530102", buyer_adcode="530627", contract_value_fen=5 * 10**8),
        one(seller_adcode="530111", buyer_adcode="530628", contract_value_fen=10**8),
    ]
    layer = layer_of(rows, ContractQuery(side=ContractSide.BOTH))
    labels = [entry.label for entry in layer.classes]
    middle = labels.index("0")
    below = [label.removeprefix("净吸纳 ") for label in labels[:middle]]
    above = [label.removeprefix("净输出 ") for label in labels[middle + 1 :]]
    assert below == above[::-1]
    assert layer.class_of["530102"] == 2 * middle - layer.class_of["530627"]
    assert layer.class_of["530627"] < middle < layer.class_of["530102"]
    assert layer.class_of["530602"] == middle
    assert sum(entry.count for entry in layer.classes) == 129
    assert "仅含本省登记" in layer.title


def test_flows_are_told_by_kind_and_the_widest_line_is_the_largest() -> None:
    rows = [
        one(buyer_adcode="530111", contract_value_fen=9 * 10**12),
        one(contract_value_fen=4 * 10**12), one(buyer_adcode="530300", contract_value_fen=10**12),
        one(buyer_adcode="440000"), one(buyer_adcode="530000"), one(buyer_adcode=None),
    ]  # fmt: skip
    opened = opened_of(register_of("test", tables_of(rows)))
    query = ContractQuery(picture=ContractPicture.FLOWS)
    table = flow_table(opened, places(), query, span_of(query, AS_OF))
    kinds = table["flow_kind"].value_counts().to_dict()
    assert kinds == {"between": 2, "inside": 1, "outside": 1, "coarse": 1, "unlocated": 1}
    layer = flow_layer(table, places(), query, source="test")
    assert [line.label for line in layer.lines][-1] == "昆明市 → 昭通市:400.00 亿元"
    thin, wide = (line.width_px for line in layer.lines)
    assert wide == pytest.approx(4 * thin)
    assert len(layer.circles) == 1
    counts = counts_of(opened, Choice())
    monitor = contract_monitor(opened, counts, places(), table, query=query)
    assert monitor.map_spec.areas is None
    assert monitor.map_spec.flows is not None


def test_four_kinds_and_five_stand_apart_and_what_is_not_filled_in_is_seen() -> None:
    rows = [
        one(contract_kind="transfer", kind_scheme="four"), one(contract_kind="transfer"),
        one(technology_field="energy"),
    ]  # fmt: skip
    opened = opened_of(register_of("test", tables_of(rows)))
    table = cut_table(opened, places(), ContractQuery(), span_of(ContractQuery(), AS_OF))
    kinds = table[table["cut"] == "contract_kind"]
    assert sorted(kinds["label"]) == ["技术服务", "技术转让", "技术转让(四类口径)"]
    fields = table[table["cut"] == "technology_field"].set_index("label")
    assert fields["contract_count"]["未填"] == 2


def test_the_target_counts_patents_only_and_projects_with_the_pace_of_earlier_years() -> None:
    patent = {"ip_kind": "patent"}
    rows = [
        one(**patent, signed_on="2023-06-11", contract_value_fen=25),
        one(**patent, signed_on="2023-12-31", contract_value_fen=75),
        one(**patent, signed_on="2024-06-11", contract_value_fen=50),
        one(ip_kind="none"), one(),
    ]  # fmt: skip
    opened = opened_of(register_of("test", tables_of(rows)), date(2024, 6, 30))
    found = target_progress(opened, TARGET, span_of(ContractQuery(), opened.as_of))
    assert found is not None
    assert found.projection is not None
    assert (found.value_fen, found.contract_count, found.unknown_count) == (50, 1, 1)
    assert found.projection.value == pytest.approx(200)
    assert (found.year, found.months_left) == (2024, 30)
    in_month = replace(opened, as_of=date(2024, 6, 10))
    before = target_progress(in_month, TARGET, span_of(ContractQuery(), in_month.as_of))
    assert before is not None
    assert (before.value_fen, before.projection) == (0, None)
    assert before.months_left == 30


def test_a_register_without_intellectual_property_or_dates_makes_no_claim() -> None:
    silent = opened_of(register_of("test", tables_of([one()])), date(2024, 6, 30))
    found = target_progress(silent, TARGET, span_of(ContractQuery(), silent.as_of))
    assert found is not None
    assert not found.is_countable
    register = register_of("test", tables_of([one(signed_on=None)]))
    assert cut_off_date(register) is None
    undated = opened_of(register, None)
    assert target_progress(undated, TARGET, span_of(ContractQuery(), None)) is None
    counts: Counts = counts_of(undated, Choice())
    assert year_to_date_sums(counts, places(), ContractQuery()) is None
    assert asked([one(signed_on=None)], ContractQuery(), None)["contract_value_fen"]["合计"] == 100


def test_a_subsidy_needs_a_service_body_and_stays_below_its_cap() -> None:
    paid: Row = {"number": 0, "service_body_id": "甲", "paid_value_fen": 10**12, "paid_on": "2024"}
    estimate = subsidy_table(opened_of(register_of("t", tables_of([one()], [paid]))), "zh")
    assert estimate is not None
    assert estimate.subsidy_fen == 10**8
    nobody = {**paid, "service_body_id": None}
    assert subsidy_table(opened_of(register_of("t", tables_of([one()], [nobody]))), "zh") is None
    assert subsidy_table(opened_of(register_of("t", tables_of([one()]))), "zh") is None


def test_an_export_says_its_filters_its_method_and_what_absorption_lacks() -> None:
    query = ContractQuery(side=ContractSide.ABSORPTION, kinds=(ContractKind.SERVICE,))
    bundle = place_bundle(opened_of(register_of("t", tables_of([one()]))), places(), query)
    assert ("合同类型", "技术服务") in bundle.filters
    assert any("只含本省登记" in note for note in bundle.method_notes)
    assert file_bytes(bundle, "csv").startswith("\ufeff位次,地区".encode())
    assert b'"MultiPolygon"' in file_bytes(bundle, "geojson")
    assert bundle.file_stem == "contracts_counties_absorption_2024_own_530000"
