"""The answer under each switch of the possible lists, on the page and in a file."""

import re

import numpy as np
import pandas as pd
import pytest

from network_map.completion.draws import completion_draws
from network_map.completion.tables import COMPLETION_SHARES
from network_map.export import file_bytes
from network_map.gaps.answer import PRESENCE_NAMES, verdict_counts
from network_map.gaps.facts import list_odds
from network_map.gaps.query import GapQuery, ListOdds
from network_map.gaps.switches import SWITCHES, presence_bundle, switch_table
from network_map.gaps.tables import GAP_SWITCHES
from network_map.i18n import LANGUAGES, text
from network_map.tables.check import check
from tests.app.test_pages import opened
from tests.gaps.test_answer import answer, facts
from tests.shipped import dataset, places

pytestmark = pytest.mark.long


def counts(cell: str) -> list[int]:
    return [int(number) for number in re.findall(r"(\d+)(?: ·|$)", cell)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("prefecture", [None, "530600"])
def test_each_row_counts_the_list_under_its_switch(language: str, prefecture: str | None) -> None:
    query = GapQuery(language=language, prefecture_adcode=prefecture)
    table = switch_table(lambda asked: facts("public", asked), query=query)
    check(GAP_SWITCHES, table)
    assert table["is_chosen"].tolist() == [True, False, False]
    county_count = 129 if prefecture is None else 11
    for row, (_, one_per_place, nested) in zip(table.to_dict("records"), SWITCHES, strict=True):
        asked = GapQuery(prefecture_adcode=prefecture, one_per_place=one_per_place, nested=nested)
        under = answer("public", asked)
        for kind in ("sub_market", "demonstration_county"):
            expected = [count for count in verdict_counts(under, kind).values() if count]
            assert sorted(counts(row[f"{kind}_findings"])) == sorted(expected)
            assert sum(expected) == county_count
        for name in PRESENCE_NAMES.values():
            found = under.table[f"{name}_presence"].value_counts()
            assert sorted(counts(row[f"{name}_findings"])) == sorted(found.tolist())


def test_without_lists_to_pair_the_row_says_so() -> None:
    table = switch_table(lambda asked: facts("demo", asked), query=GapQuery())
    assert (table.iloc[1].isin([text("gap.note.no_nested")]).sum() > 0) == (
        facts("demo", GapQuery(nested=True).facts_part).nested is None
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_has_both_shares_of_every_place(language: str) -> None:
    query = GapQuery(language=language)
    bundle = presence_bundle(places(), dataset("public"), facts("public"), query=query)
    check(COMPLETION_SHARES, bundle.table)
    table = bundle.table.set_index(["kind", "adcode"])
    plain = answer("public").table.set_index("adcode")
    paired = answer("public", GapQuery(nested=True)).table.set_index("adcode")
    for kind, name in PRESENCE_NAMES.items():
        rows = table.loc[kind]
        column = f"{name}_presence"
        pd.testing.assert_series_equal(
            rows["verdict_code"].reindex(plain.index), plain[column], check_names=False
        )
        pd.testing.assert_series_equal(
            rows["verdict_code_nested"].reindex(paired.index), paired[column], check_names=False
        )
    assert len(table.loc["demonstration_county"]) == 129
    assert file_bytes(bundle, "csv").startswith(b"\xef\xbb\xbf")


@pytest.mark.page
def test_the_settings_show_the_answer_under_each_switch() -> None:
    app = opened("gaps", dataset="public")
    assert not [table for table in app.dataframe if "lists" in table.value]
    app.button(key="gap_settings").click().run()
    (shown,) = [table.value for table in app.dataframe if "lists" in table.value]
    assert shown["is_chosen"].tolist() == [True, False, False]
    app.toggle(key="gap_nested").set_value(True).run()
    (shown,) = [table.value for table in app.dataframe if "lists" in table.value]
    assert shown["is_chosen"].tolist() == [False, True, False]


@pytest.mark.parametrize("odds", [ListOdds.PEOPLE, ListOdds.GDP])
def test_weighted_lists_keep_the_published_total_and_follow_the_odds(odds: ListOdds) -> None:
    plain = facts("public").presence["demonstration_county"]["share_of_lists"]
    found = facts("public", GapQuery(odds=odds).facts_part)
    shares = found.presence["demonstration_county"]["share_of_lists"]
    assert shares.sum() == pytest.approx(33)
    is_open = (plain > 0) & (plain < 1)
    assert shares[~is_open].tolist() == plain[~is_open].tolist()
    weights = list_odds(places(), odds)
    assert weights is not None
    ordered = shares[is_open].loc[weights.reindex(shares[is_open].index).sort_values().index]
    assert (ordered.diff().dropna() >= -1e-12).all()
    assert ordered.iloc[-1] > plain[is_open].max() > ordered.iloc[0]
    # Where there is one list only, nothing is left to weigh.
    pd.testing.assert_series_equal(
        facts("demo", GapQuery(odds=odds).facts_part).reaches["sub_market"].rows["verdict"],
        facts("demo").reaches["sub_market"].rows["verdict"],
    )


def test_drawn_lists_follow_the_odds() -> None:
    found = facts("public", GapQuery(odds=ListOdds.PEOPLE).facts_part)
    ensemble = found.by_kind["demonstration_county"]
    drawn = completion_draws(ensemble, count=4_000, seed=3)
    shares = found.presence["demonstration_county"]["share_of_lists"].reindex(ensemble.adcodes)
    assert np.abs(drawn.mean(axis=0) - shares.to_numpy()).max() < 0.04
