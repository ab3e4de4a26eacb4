"""The demonstration's consortia: seeded, marked, nobody real; the public ones: fields only."""

from functools import cache

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map.catalog import read_shipped
from network_map.consortia.tables import ConsortiumTables, consortium_tables
from network_map.terms import Origin
from scripts.demo.consortia import demo_consortia
from scripts.demo.contracts import SEED
from tests.shipped import dataset


@cache
def register() -> pd.DataFrame:
    return read_shipped("demo_contracts")


def made(seed: int) -> ConsortiumTables:
    return demo_consortia(
        read_shipped("consortia"), read_shipped("divisions"), register(), seed=seed
    )


@pytest.mark.long
def test_the_shipped_tables_are_those_of_the_seed() -> None:
    tables = made(SEED)
    shipped = consortium_tables(dataset("demo"))
    pd.testing.assert_frame_equal(shipped.consortia, tables.consortia)
    pd.testing.assert_frame_equal(shipped.members, tables.members)
    pd.testing.assert_frame_equal(shipped.county_industry, tables.county_industry)


@pytest.mark.long
@pytest.mark.law
@settings(max_examples=5)
@given(st.integers(0, 10**9))
def test_every_seed_marks_every_row_and_names_nobody(seed: int) -> None:
    tables = made(seed)
    for table in (tables.consortia, tables.members, tables.county_industry):
        assert set(table["origin"]) == {Origin.ASSUMED}
        assert set(table["source"]) == {f"演示数据,随机种子 {seed}"}
    names = tables.members["member_name"]
    assert names.str.fullmatch(r"\S+ (牵头单位|成员\d\d)\(假定\)").all()
    leads = tables.members[tables.members["role"] == "lead"]
    assert list(leads["consortium_id"]) == list(read_shipped("consortia")["consortium_id"])


def test_a_member_stands_for_a_party_of_its_own_county() -> None:
    members = made(SEED).members.dropna(subset="register_name")
    contracts = register()
    sides = [
        contracts[[f"{side}_name", f"{side}_adcode"]].set_axis(["name", "adcode"], axis="columns")
        for side in ("seller", "buyer")
    ]
    at = pd.concat(sides).dropna().drop_duplicates()
    pairs = set(zip(at["name"], at["adcode"], strict=True))
    assert set(zip(members["register_name"], members["adcode"], strict=True)) <= pairs


def test_the_public_data_know_five_fields_and_nothing_else() -> None:
    public = consortium_tables(dataset("public"))
    assert list(public.consortia["field_zh"]) == [
        "锡铟",
        "铜铅锌",
        "新能源材料",
        "铝基材料",
        "花卉",
    ]
    assert public.consortia["industries"].isna().all()
    assert public.members.empty
    assert public.county_industry.empty
    assert set(public.input_sha256) == {"consortia.csv"}
