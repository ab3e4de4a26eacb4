"""What a closure would do, and what the card of a county says beside its score."""

import math
import re

import numpy as np
import pandas as pd
import pytest

from network_map.app import gap_answers
from network_map.app.kit.memo import shipped_dataset
from network_map.gaps.answer import Gaps, gap_answer, score_table
from network_map.gaps.next_node import loss_bundle, loss_table
from network_map.gaps.query import REACH_KINDS, GapQuery
from network_map.gaps.tables import GAP_LOSSES, TIERS, SuggestedAction
from network_map.i18n import LANGUAGES, text
from network_map.places.reference import kind_names
from network_map.reach.coverage import counted_facilities, reach
from network_map.reach.standards import HIGHER_TIERS
from network_map.tables.check import check
from tests.gaps.test_answer import answer, facts
from tests.shipped import dataset, places

_NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?")
_WORSE = {"covered": 0, "uncertain": 1, "gap": 2}


@pytest.fixture(scope="module")
def active() -> Gaps:
    """The list of the demonstration data with its register."""
    query = GapQuery()
    found = gap_answers.facts(shipped_dataset("demo"), query)
    scores = score_table(found, query.weights)
    return gap_answer(places(), dataset("demo"), found, scores, query=query)


@pytest.mark.parametrize("name", ["public", "demo"])
def test_the_nearest_other_node_is_never_the_serving_one(name: str) -> None:
    found, table = facts(name), answer(name).table.set_index("adcode")
    rows = [found.cost.demand_ids.index(code) for code in table.index]
    served = found.served_by_tiers.set_index(["kind", "adcode"])["node_id"]
    for kind in TIERS:
        tiers = (kind, *HIGHER_TIERS[kind])
        nodes = [
            n for tier in tiers for n in counted_facilities(dataset(name).nodes, tier)["node_id"]
        ]
        placed = [node for node in nodes if node in set(found.cost.facility_ids)]
        columns = [found.cost.facility_ids.index(node) for node in placed]
        km = found.cost.km[np.ix_(rows, columns)]
        for row, code in enumerate(table.index):
            left = [
                k for k, node in zip(km[row], placed, strict=True) if node != served[kind, code]
            ]
            shown = float(table.loc[code, f"{kind}_second_km"])
            if left:
                assert shown == pytest.approx(min(left), abs=0.05 + 1e-9)
            else:
                assert np.isnan(shown)


@pytest.mark.long
def test_the_losses_are_those_of_a_list_without_the_node() -> None:
    found, data = facts("demo"), dataset("demo")
    query = GapQuery()
    table = loss_table(places(), data, found, query=query)
    check(GAP_LOSSES, table)
    kind_of = {word: kind for kind, word in kind_names(data.node_kinds, "zh").items()}
    lost = {
        (kind_of[name], node, code): (bool(new), km)
        for name, node, code, new, km in table[
            ["kind_name", "node_id", "adcode", "is_new_gap", "km_after"]
        ].itertuples(index=False)
    }
    before = found.served_by_tiers.set_index(["kind", "adcode"])["reach_verdict"]
    seen = 0
    for node in data.nodes.loc[data.nodes["kind"].isin(REACH_KINDS), "node_id"]:
        left = data.nodes[data.nodes["node_id"] != node]
        after = reach(
            found.cost, found.counties, left, services=query.services, higher_tier_serves=True
        )
        for row in after.to_dict("records"):
            key = (row["kind"], node, row["adcode"])
            now = before[row["kind"], row["adcode"]]
            is_worse = _WORSE[row["reach_verdict"]] > _WORSE[now]
            assert is_worse == (key in lost)
            if is_worse:
                seen += 1
                is_new, km = lost[key]
                assert is_new == (row["reach_verdict"] == "gap")
                assert math.isclose(km, round(row["km"], 1)) or (
                    math.isnan(km) and pd.isna(row["km"])
                )
    assert seen == len(table) > 50


def test_only_one_is_said_where_the_closure_of_the_serving_node_is_a_loss() -> None:
    table = answer("demo").table.set_index("adcode")
    found = facts("demo")
    served = found.served_by_tiers.set_index(["kind", "adcode"])["node_id"]
    covered = found.served_by_tiers.set_index(["kind", "adcode"])["reach_verdict"] == "covered"
    lost = set(found.losses[["kind", "node_id", "adcode"]].itertuples(index=False, name=None))
    for kind in TIERS:
        assert table[f"{kind}_only_one"].any()
        for name, only_one in table[f"{kind}_only_one"].items():
            code = str(name)
            is_lost = (kind, served[kind, code], code) in lost and covered[kind, code]
            assert bool(only_one) == is_lost


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_of_losses_names_the_area_and_lists_its_counties_only(language: str) -> None:
    query = GapQuery(language=language, prefecture_adcode="530600")
    bundle = loss_bundle(places(), dataset("demo"), facts("demo"), query=query)
    assert len(bundle.table) > 0
    assert set(bundle.table["adcode"].str[:4]) == {"5306"}
    assert bundle.is_demo
    words = {text(f"term.verdict.{name}", language) for name in _WORSE}
    assert set(bundle.table["verdict_now"]) | set(bundle.table["verdict_then"]) <= words


@pytest.mark.long
@pytest.mark.long
def test_a_prefecture_that_has_a_sub_market_is_not_told_to_set_up_another() -> None:
    nodes = dataset("demo").nodes
    has_one = set(nodes.loc[nodes["kind"] == "sub_market", "prefecture_adcode"])
    action = SuggestedAction.SET_SUB_MARKET.value

    def told(query: GapQuery) -> set[str]:
        found = facts("demo", query.facts_part)
        table = score_table(found, query.weights)
        codes = table.index[table["suggested_action"] == action]
        parents = found.counties.set_index("adcode")["prefecture_adcode"]
        return set(parents.loc[list(codes)])

    reach_only = (0.0, 1.0, 0.0, 0.0)
    assert told(GapQuery(weights=reach_only))
    assert not told(GapQuery(weights=reach_only)) & has_one
    assert told(GapQuery(weights=reach_only, one_per_place=False)) & has_one
