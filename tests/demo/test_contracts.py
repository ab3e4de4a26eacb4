"""The demonstration register: published totals to the fen, invented rows, the same everywhere."""

import re
from contextlib import closing
from decimal import Decimal
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.catalog import read_shipped
from network_map.contracts.register.open import demo_contract_register
from network_map.contracts.register.tables import ContractTables, arrow_table
from network_map.contracts.tables import CONTRACTS, PAID_VALUES
from network_map.datapackage import table_path
from network_map.errors import DamagedFileError, MissingFileError
from network_map.tables.check import conform
from scripts.build_common import DATA
from scripts.build_demo import demo_register
from scripts.build_demo_register_doc import DOC, content, figures
from scripts.demo.contracts import AS_OF, SEED, demo_contracts, source_text
from scripts.demo.draws import draws, picked
from scripts.demo.money import shared_out, technology_values
from scripts.demo.totals import demo_contract_totals

PLACES = ("divisions", "county_indicators", "institutions")
FIGURES = ("contracts_province", "contracts_prefecture")
CONTRACTS_SHA256 = "61d70bf9f0eeda77ab75fd3217bddf12815758b8cefc6c593ffa8ecdfafb979c"
PAID_SHA256 = "5f82ee95293b6d616577befdbe2d38a2ea6ec38a5ef31f450f31e080171b0be6"
AMOUNTS = ["contracts_count", "contract_value_fen", "technology_value_fen"]


@cache
def table(name: str) -> pd.DataFrame:
    return read_shipped(name)


@cache
def generated() -> ContractTables:
    return demo_register()


def register() -> pd.DataFrame:
    return table("demo_contracts")


def paid() -> pd.DataFrame:
    return table("demo_paid_values")


def standing(contracts: pd.DataFrame) -> pd.DataFrame:
    return contracts[contracts["contract_status"] != "cancelled"]


def small_figures() -> list[pd.DataFrame]:
    """Return the published figures with a fortieth of the contracts: quick to draw."""
    return [
        table(name).assign(contracts_count=table(name)["contracts_count"] // 40) for name in FIGURES
    ]


def csv_sha256(frame: pd.DataFrame) -> str:
    return sha256(frame.to_csv(index=False, lineterminator="\n").encode()).hexdigest()


def sums(contracts: pd.DataFrame, day: str, end: str) -> dict[str, list[int]]:
    """Return the three amounts from 1 January to a day, by area."""
    rows = contracts[contracts[day].between(f"{end[:4]}-01-01", end)]
    in_kunming = rows["seller_adcode"].str[:4] == "5301"
    parts = {"province": rows, "kunming": rows[in_kunming], "rest": rows[~in_kunming]}
    return {
        area: [len(part), *(int(part[name].sum()) for name in AMOUNTS[1:])]
        for area, part in parts.items()
    }


# --- published figures --------------------------------------------------------------------------


def test_every_official_figure_is_met_exactly_and_every_other_within_its_stated_error() -> None:
    compared = figures()
    assert {row["figure_id"] for row in compared} == {
        "prov-2020", "prov-2022-06", "prov-2022", "prov-2023-06", "prov-2023",
        "pref-530100-2023", "pref-rest-2023", "pref-530100-2024-q1",
    }  # fmt: skip
    for row in compared:
        allowed = Decimal(0) if row["grade"] == "A" else Decimal(str(row["error"]))
        assert abs(Decimal(str(row["difference"]))) <= allowed, row


@pytest.mark.promise
def test_the_tables_of_the_document_are_counted_from_the_register() -> None:
    written = DOC.read_text(encoding="utf-8")
    assert content(written) == written
    assert written.count("<!-- end -->") == 6


def test_every_total_says_whether_it_was_published_and_targets_are_no_totals() -> None:
    totals = demo_contract_totals(*(table(name) for name in FIGURES))
    whole = totals[(totals["area"] == "province") & totals["ends_on"].str.endswith("12-31")]
    told = whole.set_index("year")
    assert told["contracts_count_basis"].to_dict() == {
        2020: "worked_out", 2021: "estimated", 2022: "worked_out",
        2023: "published", 2024: "estimated", 2025: "estimated",
    }  # fmt: skip
    assert told.loc[2022, "contract_value_basis"] == "published"
    assert set(told["technology_value_basis"]) == {"estimated"}
    # 2021 lies between its neighbours; growth goes on, and slows down.
    counts = told["contracts_count"].to_list()
    assert counts == [3331, 5002, 7514, 14179, 20467, 25005]
    assert told.loc[2025, "contract_value_fen"] != 130 * 10**10


def test_kunming_has_83_percent_of_the_number_and_42_6_of_the_value_in_2023() -> None:
    found = sums(standing(register()), "registered_on", "2023-12-31")
    shares = [a / b for a, b in zip(found["kunming"], found["province"], strict=True)]
    assert round(shares[0], 3) == 0.830
    assert round(shares[1], 3) == 0.426


def test_without_the_figures_it_starts_from_the_register_says_what_it_needs() -> None:
    province, prefecture = (table(name) for name in FIGURES)
    for lacking in (
        (province.iloc[:0], prefecture),
        (province, prefecture.iloc[:0]),
        (province[province["figure_id"] != "prov-2020"], prefecture),
    ):
        with pytest.raises(ValueError, match="figures lack some"):
            demo_contract_totals(*lacking)


# --- the same everywhere ------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.golden
def test_a_seed_gives_the_same_bytes_on_every_machine_and_they_are_shipped() -> None:
    made = generated()
    assert csv_sha256(made.contracts) == CONTRACTS_SHA256
    assert csv_sha256(made.paid_values) == PAID_SHA256
    for declared, frame in ((CONTRACTS, made.contracts), (PAID_VALUES, made.paid_values)):
        shipped = pq.read_table(table_path(f"demo_{declared.name}"))
        assert shipped.equals(arrow_table(declared, frame))


def test_the_shipped_register_opens_under_its_seed_with_every_row_synthetic() -> None:
    with closing(demo_contract_register()) as opened:
        assert (opened.name, opened.register_id, opened.is_demo) == ("demo", f"demo-{SEED}", True)
        assert (opened.origins, opened.sources) == (("synthetic",), (source_text(SEED),))
        assert str(opened.as_of) == AS_OF
        assert opened.created_from == {
            name: sha256((DATA / name).read_bytes()).hexdigest()
            for name in ("demo_contracts.parquet", "demo_paid_values.parquet")
        }


def test_a_damaged_file_of_the_register_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("demo_contracts", "demo_paid_values"):
        (tmp_path / f"{name}.parquet").write_bytes(b"PAR1 damaged")
    monkeypatch.setattr("network_map.datapackage.data_root", lambda: tmp_path)
    with pytest.raises(DamagedFileError, match="data_damaged"):
        demo_contract_register()
    (tmp_path / "demo_contracts.parquet").unlink()
    with pytest.raises(MissingFileError, match="data_missing"):
        demo_contract_register()


@pytest.mark.oracle
def test_draws_are_splitmix64_as_published() -> None:
    mask = 2**64 - 1
    state = int.from_bytes(sha256(b"7|a stream").digest()[:8], "big")
    expected = []
    for _ in range(5):
        state = (state + 0x9E3779B97F4A7C15) & mask
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & mask
        expected.append(mixed ^ (mixed >> 31))
    assert draws(7, "a stream", 5).tolist() == expected


def test_what_weighs_nothing_is_never_picked_and_the_rest_as_its_weight_says() -> None:
    counted = np.bincount(picked(draws(1, "weights", 40_000), [0, 3, 0, 1]), minlength=4)
    assert counted[[0, 2]].tolist() == [0, 0]
    assert abs(counted[1] / 40_000 - 0.75) < 0.01


@pytest.mark.long
@pytest.mark.law
@settings(max_examples=5)
@given(st.integers(0, 10**9))
def test_another_seed_changes_the_rows_and_no_total(seed: int) -> None:
    small = small_figures()
    first = demo_contracts(*(table(name) for name in PLACES), *small, seed=seed)
    other = demo_contracts(*(table(name) for name in PLACES), *small, seed=seed + 1)
    assert not first["seller_name"].equals(other["seller_name"])
    totals = demo_contract_totals(*small).set_index(["ends_on", "area"])[AMOUNTS]
    for end in totals.index.unique("ends_on"):
        expected = {area: totals.loc[(end, area)].to_list() for area in totals.loc[end].index}
        assert sums(standing(first), "registered_on", end) == expected
        assert sums(standing(first), "signed_on", end) == expected
        assert sums(standing(other), "registered_on", end) == expected
    assert (first["technology_value_fen"] <= first["contract_value_fen"]).all()
    assert (first["contract_value_fen"] > 0).all()


@pytest.mark.law
@given(
    st.lists(st.integers(1, 10**12), min_size=1, max_size=60),
    st.integers(0, 10**13),
    st.integers(0, 1000),
)
def test_any_total_is_shared_out_to_the_last_fen(
    weights: list[int], total: int, share: int
) -> None:
    values = shared_out(np.array(weights), total, seed=1, stream="law")
    assert int(values.sum()) == total
    assert (values >= 0).all()
    technology = technology_values(values, total * share // 1000, seed=1, stream="law")
    assert int(technology.sum()) == total * share // 1000
    assert ((technology >= 0) & (technology <= values)).all()


# --- invented, and says so ----------------------------------------------------------------------


@pytest.mark.long
def test_the_register_and_the_payments_are_the_declared_tables() -> None:
    made = generated()
    pd.testing.assert_frame_equal(made.contracts, conform(CONTRACTS, made.contracts))
    pd.testing.assert_frame_equal(made.paid_values, conform(PAID_VALUES, made.paid_values))


def test_no_name_is_outside_the_invented_pattern_and_nobody_is_a_person() -> None:
    patterns = {
        "seller_name": r"卖方\d{4}", "buyer_name": r"买方\d{4}", "title": r"演示项目\d{6}",
        "registry_name": r"登记机构\d{2}", "contract_id": r"DEMO20\d{10}",
    }  # fmt: skip
    for name, pattern in patterns.items():
        assert all(re.fullmatch(pattern, cell) for cell in register()[name].unique()), name
    bodies = paid()["service_body_name"].dropna().unique()
    assert all(re.fullmatch(r"服务机构\d{2}", body) for body in bodies)
    assert "person" not in set(register()["seller_kind"]) | set(register()["buyer_kind"])
    for frame in (register(), paid()):
        assert set(frame["origin"]) == {"synthetic"}
        assert set(frame["source"]) == {source_text(SEED)}


def test_a_seller_keeps_its_kind_and_its_place() -> None:
    kinds = register()[["seller_name", "seller_kind"]].drop_duplicates()
    assert kinds["seller_name"].is_unique
    places = register()[["seller_name", "seller_adcode"]].drop_duplicates()
    fine = places[~places["seller_adcode"].fillna("00").str.endswith("00")]
    assert fine["seller_name"].is_unique


def test_places_are_counties_and_a_few_coarse_outside_or_missing() -> None:
    divisions = set(table("divisions")["adcode"])
    contracts = standing(register())
    sellers, buyers = contracts["seller_adcode"], contracts["buyer_adcode"]
    assert set(sellers.dropna()) <= divisions
    outside = buyers[~buyers.isin(divisions)].dropna()
    assert outside.str.fullmatch(r"(?!53)\d{2}0000").all()
    assert 0.3 < len(outside) / len(contracts) < 0.4
    unlocated = (sellers.isna() | buyers.isna()).mean()
    assert 0.004 < unlocated < 0.015
    counties = table("divisions").query("level == 'county'")["adcode"]
    silent = set(counties) - set(sellers.dropna())
    assert 5 < len(silent) < 30


def test_licences_are_a_kind_of_their_own_from_2023_on() -> None:
    year = register()["registered_on"].str[:4].astype(int)
    assert set(register().loc[year < 2023, "kind_scheme"]) == {"four"}
    assert set(register().loc[year >= 2023, "kind_scheme"]) == {"five"}
    kinds = register().groupby(year >= 2023)["contract_kind"].unique()
    assert "licence" not in kinds[False]
    assert set(kinds[True]) == {"service", "development", "consulting", "transfer", "licence"}


def test_dates_follow_one_another_and_stop_at_the_cut_off() -> None:
    contracts = register()
    assert (contracts["signed_on"] <= contracts["registered_on"]).all()
    assert (contracts["starts_on"] < contracts["ends_on"]).all()
    assert contracts["registered_on"].max() <= AS_OF
    assert contracts["registered_on"].is_monotonic_increasing
    december = contracts["registered_on"].str[5:7].eq("12").mean()
    assert december > 0.3


def test_a_few_contracts_are_changed_cancelled_or_between_related_parties() -> None:
    share = register()["contract_status"].value_counts(normalize=True)
    assert 0.005 < share["changed"] < 0.015
    assert 0.003 < share["cancelled"] < 0.006
    assert 0.02 < register()["is_related_party"].mean() < 0.03


def test_values_are_heavy_tailed_and_no_single_contract_makes_the_year() -> None:
    contracts = standing(register())
    for _, values in contracts.groupby(contracts["registered_on"].str[:4])["contract_value_fen"]:
        ordered = values.sort_values(ascending=False)
        assert ordered.head(len(ordered) // 100).sum() > 0.15 * ordered.sum()
        assert ordered.iloc[0] < 0.1 * ordered.sum()


def test_payments_stay_within_the_contract_and_some_have_no_service_body() -> None:
    contracts = register().set_index("contract_id")
    by_contract = paid().groupby("contract_id")
    values = contracts["contract_value_fen"]
    totals = by_contract["paid_value_fen"].sum()
    assert (totals <= values.reindex(totals.index)).all()
    of_contract = contracts.reindex(paid()["contract_id"]).reset_index()
    assert set(of_contract["contract_status"]) == {"registered", "changed"}
    assert (paid()["paid_on"] > of_contract["registered_on"]).all()
    assert paid()["paid_on"].max() <= AS_OF
    assert (paid()["paid_value_fen"] > 0).all()
    assert 0.2 < paid()["service_body_id"].isna().mean() < 0.3
    assert (paid()["service_body_id"].isna() == paid()["service_body_name"].isna()).all()
    assert by_contract.size().max() == 2
