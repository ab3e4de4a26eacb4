"""Sites for the shipped data: words, lists, files and commands say the same, and no more."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from network_map.cli import main
from network_map.config import load_settings
from network_map.contracts.register.open import open_contract_register
from network_map.errors import QueryError
from network_map.export import file_bytes, formats_of
from network_map.gaps.facts import GapFacts, Register
from network_map.gaps.next_node import next_node_gains
from network_map.gaps.report import facts_of
from network_map.i18n import LANGUAGES, error_text, text
from network_map.siting import solving
from network_map.siting.answer import SiteAnswer, site_answer
from network_map.siting.map import site_map
from network_map.siting.provincial import network_problem
from network_map.siting.query import (
    SITED_KINDS,
    SiteBand,
    SiteDemand,
    SiteModel,
    SitingQuery,
)
from network_map.siting.report import compared_plans, site_bundle, site_facts
from network_map.siting.solving import EvidencePart, SolveEffort, SolveStatus
from network_map.siting.tables import (
    SITE_COMPARISON,
    SITE_COUNTIES,
    SITE_CURVE,
    SITE_PLAN,
    SITE_REVERSALS,
)
from network_map.tables.check import check
from network_map.verify import read_claim, verify
from tests import shipped

SUB, COUNTY = SITED_KINDS


@cache
def facts(name: str, *, standard_km: float | None = None, kind: str = SUB) -> GapFacts:
    query = SitingQuery(kind=kind, standard_km=standard_km).gap_query
    return facts_of(shipped.places(), shipped.dataset(name), Register(), query=query)


def answer(name: str, **asked: Any) -> SiteAnswer:  # noqa: ANN401 (fields of a query)
    query = SitingQuery(draws=60, **asked)
    found = facts(name, standard_km=query.standard_km, kind=query.kind)
    return site_answer(shipped.places(), shipped.dataset(name), found, query=query)


@pytest.mark.parametrize("name", ["demo", "public"])
@pytest.mark.parametrize("kind", SITED_KINDS)
def test_one_more_node_is_the_next_node_of_the_gap_map(name: str, kind: str) -> None:
    query = SitingQuery(kind=kind, count=1)
    places, dataset = shipped.places(), shipped.dataset(name)
    problem = network_problem(places, dataset, facts(name), query=query)
    gains = next_node_gains(problem.lists, problem.weights[["residents"]])
    found = site_answer(places, dataset, facts(name), query=query)
    assert found.plan.sites == (gains.iloc[0]["place_adcode"],)
    assert found.rows["gained_counties"].item() == pytest.approx(
        gains.iloc[0]["counties"], abs=0.01
    )
    assert found.rows["gained_residents"].item() == pytest.approx(
        gains.iloc[0]["residents"], abs=0.01
    )


@pytest.mark.parametrize("model", list(SiteModel))
@pytest.mark.parametrize("kind", SITED_KINDS)
def test_existing_nodes_stay_and_excluded_places_get_none(kind: str, model: SiteModel) -> None:
    free = answer("demo", kind=kind, model=model, count=2)
    assert free.plan.is_optimal
    assert free.plan.sites
    has_node = set(free.standing)
    assert not has_node & set(free.plan.sites)
    out = free.plan.sites[0]
    excluded = (out, "532500" if kind == COUNTY else "530100")
    less = answer("demo", kind=kind, model=model, count=2, excluded=excluded)
    assert out not in less.plan.sites
    assert set(less.standing) == has_node
    if kind == COUNTY:
        assert not [site for site in less.plan.sites if site.startswith("5325")]
    for table, declaration in (
        (free.rows, SITE_PLAN), (free.counties, SITE_COUNTIES), (free.curve, SITE_CURVE),
    ):  # fmt: skip
        check(declaration, table)
    total = free.effect.gained["counties"][0]
    assert free.rows["gained_counties"].sum() == pytest.approx(total, abs=0.05)


def test_a_solver_that_hands_out_its_first_solution_for_a_better_one_is_asked_again() -> None:
    """HiGHS 1.16 says 36 of this one, and gives the 35 that it began with."""
    query = SitingQuery(
        kind=COUNTY, model=SiteModel.LSCP, band=SiteBand.HIGH, most_per_prefecture=1,
        higher_tier_serves=False,
    )  # fmt: skip
    places, dataset = shipped.places(), shipped.dataset("demo")
    found = facts_of(places, dataset, Register(), query=query.gap_query)
    plan = site_answer(places, dataset, found, query=query).plan
    assert plan.is_optimal
    assert len(plan.sites) == plan.objective > 0


def test_a_plan_that_cannot_be_is_said_to_be_impossible_and_who_stands_in_the_way() -> None:
    found = answer(
        "demo", kind=COUNTY, model=SiteModel.LSCP_BACKUP, standard_km=60.0, most_per_prefecture=1
    )
    assert found.plan.blocking
    assert "已证明" in found.headline
    assert "已证明无解" in found.proof


@pytest.mark.long
def test_a_plan_with_evidence_says_what_it_stands_on_in_both_languages() -> None:
    for language in LANGUAGES:
        found = answer("demo", count=2, evidence=True, language=language)
        check(SITE_REVERSALS, found.overturn)
        check(SITE_CURVE, found.curve)
        assert set(found.plan.sites) <= set(found.overturn["site_adcode"])
        assert set(found.cards) >= set(found.plan.sites)
        assert found.rows["robust_percent"].notna().all()
        words = " ".join(
            [found.headline, found.proof, *found.notes, *sum(found.cards.values(), ())]
        )
        assert "{" not in words
        assert found.rests_on_assumed
        assert ("假定" if language == "zh" else "assumed") in words
        assert ("必然" if language == "zh" else "certainly") not in words


@pytest.mark.long
def test_with_lists_that_are_not_public_nothing_is_said_to_be_sure() -> None:
    found = answer("public", count=2, evidence=True)
    assert found.is_open
    assert not found.standing
    assert "名单未公开" in " ".join(found.notes)
    assert "不是概率" in " ".join(found.notes)
    assert found.rows["chosen_percent"].between(0, 100).all()
    assert set(found.overturn["cause"]) <= {"register"}
    assert found.regret is not None
    assert found.regret.regret <= found.regret.plan_regret + 1e-6
    with pytest.raises(QueryError) as caught:
        answer("public", model=SiteModel.LSCP_BACKUP)
    assert error_text(caught.value, "en")


def test_what_if_a_node_closes_or_one_is_added_first() -> None:
    plain = answer("demo", count=1)
    closed = answer("demo", count=1, closed=("530600",))
    assert "530600" not in closed.standing
    assert closed.plan.objective >= plain.plan.objective
    assert "530600" not in closed.plan.sites
    added = answer("demo", count=1, added=plain.plan.sites)
    assert plain.plan.sites[0] in added.standing
    assert added.plan.sites != plain.plan.sites
    with pytest.raises(QueryError, match="site_place_level"):
        answer("demo", count=1, added=("530602",))


def test_gap_priority_is_a_demand_where_it_is_an_order_and_a_sentence_where_it_is_noise() -> None:
    register = open_contract_register("demo", load_settings({}))
    places, dataset = shipped.places(), shipped.dataset("demo")
    query = SitingQuery(count=2, demand=SiteDemand.PRIORITY, draws=60)
    found = site_facts(places, dataset, register, query=query)
    for demand in (SiteDemand.PRIORITY, SiteDemand.CONTRACTS):
        asked = replace(query, demand=demand)
        plan = site_answer(places, dataset, found, query=asked).plan
        assert plan.is_optimal
        assert plan.objective > 0
    with pytest.raises(QueryError, match="site_priority_noise"):
        answer("public", count=2, demand=SiteDemand.PRIORITY)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"count": 40}, "site_count_large"),
        ({"excluded": tuple(f"53{n:02}00" for n in range(1, 35))}, "site_no_candidates"),
        ({"demand": SiteDemand.CONTRACTS}, "site_no_register"),
    ],
)
def test_what_cannot_be_answered_is_a_sentence(asked: dict[str, Any], code: str) -> None:
    with pytest.raises(QueryError) as caught:
        answer("demo", **({"model": SiteModel.LSCP} | asked if "excluded" in asked else asked))
    assert caught.value.code == code
    for language in LANGUAGES:
        assert "{" not in error_text(caught.value, language)


def test_every_file_of_a_plan_is_derived_again_and_the_same() -> None:
    places, dataset = shipped.places(), shipped.dataset("demo")
    found = answer("demo", count=2, standard_km=140.0)
    bundle = site_bundle(places, dataset, facts("demo", standard_km=140.0), found)
    assert {"csv", "xlsx", "geojson", "html"} <= set(formats_of(bundle))
    assert bundle.front is not None
    assert found.headline in bundle.front.lines
    claim = read_claim(file_bytes(bundle, "geojson"), "plan.geojson")
    assert verify(claim, places, dataset).is_same
    spec = site_map(places, dataset, found)
    assert spec.areas is not None
    assert spec.areas.classes[0].count == len(found.effect.gained_counties)
    assert spec.circles is not None
    assert len(spec.circles.circles) == len(found.plan.sites)
    assert spec.watermark


def test_a_comparison_lists_differences_of_sets() -> None:
    first, second = answer("demo", count=2), answer("demo", count=2, excluded=("532800",))
    found = compared_plans(shipped.places(), first, second, language="zh")
    check(SITE_COMPARISON, found.rows)
    one, two = (set(a.effect.gained_counties) for a in (first, second))
    assert set(found.both_counties) == one & two
    assert set(found.first_counties) == one - two
    assert set(found.second_counties) == two - one
    assert set(found.first_sites) == set(first.plan.sites) - set(second.plan.sites)


@pytest.mark.long
def test_the_commands_say_what_the_answer_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["site", "--dataset", "demo", "--kind", "sub_market", "--model", "mclp"]
    plans = [tmp_path / "a.xlsx", tmp_path / "b.csv"]
    code = main([*words, "--count", "3", "--standard", "150", "--exclude", "533400", "--json",
                 "--out", str(plans[0])])  # fmt: skip
    told = json.loads(capsys.readouterr().out.rpartition("}")[0] + "}")
    assert code == 0
    same = answer("demo", count=3, excluded=("533400",))
    assert tuple(told["plan"]["sites"]) == same.plan.sites
    assert told["headline"] == same.headline
    assert told["gained_counties"] == list(same.effect.gained_counties)
    assert main([*words, "--count", "2", "--exclude", "西双版纳州", "--out", str(plans[1])]) == 0
    assert main(["verify", str(plans[1])]) == 0
    capsys.readouterr()
    assert main(["compare", *map(str, plans), "--json"]) == 0
    compared = json.loads(capsys.readouterr().out)
    other = answer("demo", count=2, excluded=("532800",))
    gained = set(same.effect.gained_counties), set(other.effect.gained_counties)
    assert set(compared["counties"]["first_only"]) == gained[0] - gained[1]
    assert set(compared["counties"]["second_only"]) == gained[1] - gained[0]
    assert main(["compare", *map(str, plans)]) == 0
    for bad in (["--count", "0"], ["--standard", "x"], ["--exclude", "乌有县"]):
        assert main([*words, *bad]) == 1
        sentence = capsys.readouterr().err.strip()
        assert sentence.endswith("。")
        assert "Traceback" not in sentence


class _Clock:
    """A clock that goes on by a second each time it is read."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        self.now += 1.0
        return self.now


@pytest.mark.parametrize("name", ["demo", "public"])
@pytest.mark.parametrize("seconds", [40, 400])
def test_evidence_that_the_time_does_not_reach_is_said_to_be_unfinished(
    name: str, seconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solving, "time", _Clock())
    for language in LANGUAGES:
        found = answer(name, count=2, evidence=True, language=language, seconds=seconds)
        missing = {one.part for one in found.unfinished}
        assert missing
        words = " ".join(found.notes)
        assert ("未算完" if language == "zh" else "not finished") in words.replace("N", "n")
        for part in missing:
            assert text(f"siting.part.{part.value}", language) in words
        for part, column in (
            (EvidencePart.CHOSEN, "chosen_percent"), (EvidencePart.ROBUST, "robust_percent")
        ):  # fmt: skip
            if part in missing:
                assert found.rows[column].isna().all()
        if EvidencePart.OVERTURN in missing:
            for site in found.plan.sites:
                assert text("siting.part.overturn", language) in " ".join(found.cards[site])
                told = found.rows.set_index("site_adcode")["overturn"]
                assert text("siting.part.overturn", language) in told[site]
        if EvidencePart.REGRET in missing:
            assert found.regret is None


def test_who_ends_the_solve_of_the_plan_gets_no_evidence_and_is_told_so() -> None:
    places, dataset = shipped.places(), shipped.dataset("demo")
    query = SitingQuery(count=4, model=SiteModel.P_CENTER, kind=COUNTY, evidence=True)
    parts: list[str] = []
    effort = SolveEffort(
        progress=lambda _bound, _best, _seconds: False,
        part_progress=lambda part, _done, _total: parts.append(part),
    )
    found = site_answer(places, dataset, facts("demo", kind=COUNTY), query=query, effort=effort)
    assert found.plan.status is SolveStatus.CANCELLED
    assert found.curve.empty
    assert {one.done for one in found.unfinished} == {0}
    # Maximal covering, for without a limit the evidence of a centre takes minutes.
    whole = site_answer(
        places, dataset, facts("demo", kind=COUNTY),
        query=replace(query, count=1, model=SiteModel.MCLP),
        effort=SolveEffort(part_progress=effort.part_progress),
    )  # fmt: skip
    assert whole.unfinished == ()
    assert {"curve", "robust"} <= set(parts)
