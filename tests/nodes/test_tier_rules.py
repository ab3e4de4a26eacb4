"""Each tier rule names the rows that break it and those it cannot judge."""

import pandas as pd
import pytest

from network_map.i18n import has_text
from network_map.nodes.data_check import RULES, Rule, RuleInput, tier_rule_findings
from network_map.nodes.presence import place_roll
from tests.nodes.world import DIVISIONS, KINDS, boundaries, complete, nodes, totals

CENTRE = "county_centre"
DEMO = "demonstration_county"
UNDECIDABLE = {"T02", "T03", "T04", "T09"}


def _judge(
    register: pd.DataFrame,
    *,
    declared: pd.DataFrame | None = None,
    claims: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    claims = complete() if claims is None else claims
    facts = RuleInput(
        nodes=register,
        divisions=DIVISIONS,
        node_kinds=KINDS,
        declared_totals=totals() if declared is None else declared,
        roll=place_roll(register, DIVISIONS, KINDS, claims),
        boundaries=boundaries(),
    )
    rules, findings = tier_rule_findings(facts)
    return rules.set_index("rule_id"), findings


def _found(findings: pd.DataFrame, rule_id: str) -> list[tuple[str, str]]:
    rows = findings[findings["rule_id"] == rule_id]
    return list(zip(rows["adcode"], rows["result"], strict=True))


def test_two_live_nodes_of_a_kind_in_one_county_are_both_named() -> None:
    register = nodes((CENTRE, "530102"), (CENTRE, "530102"), (CENTRE, "530103"))
    rules, findings = _judge(register)
    assert _found(findings, "T01") == [("530102", "violation"), ("530102", "violation")]
    assert rules.loc["T01", "checked_count"] == 3


def test_a_demonstration_county_without_a_centre_is_broken_only_when_absence_is_known() -> None:
    register = nodes((DEMO, "530102"), (DEMO, "530602"), (DEMO, "530103"), (CENTRE, "530103"))
    _, findings = _judge(register, claims=complete((CENTRE, "530100")))
    assert _found(findings, "T02") == [("530102", "violation"), ("530602", "undecided")]


def test_a_node_outside_its_county_is_found_and_one_without_coordinates_is_undecided() -> None:
    register = nodes(
        (CENTRE, "530102", {"lon": 0.5, "lat": 0.5}),
        (CENTRE, "530103", {"lon": 0.5, "lat": 0.5}),
        ("sub_market", "530100", {"lon": 2.5, "lat": 0.5}),
        (CENTRE, "530127"),
    )
    _, findings = _judge(register)
    assert _found(findings, "T03") == [("530103", "violation"), ("530127", "undecided")]
    assert _found(findings, "T10") == [("530127", "violation")]


def test_levels_unknown_places_dates_and_totals_are_checked() -> None:
    register = nodes(
        (CENTRE, "530100"),
        (CENTRE, "539999"),
        (CENTRE, "530102", {"established_on": "2020-05", "withdrawn_on": "2020-04-30",
                            "status": "withdrawn"}),
        (CENTRE, "530103", {"established_on": "2020", "withdrawn_on": "2020-01",
                            "status": "withdrawn"}),
        (CENTRE, "530127", {"status": "withdrawn"}),
        ("sub_market", "530100"),
        ("sub_market", "530600"),
    )  # fmt: skip
    _, findings = _judge(
        register, declared=totals(("sub_market", "530000", 1), (CENTRE, "530000", 9))
    )
    assert _found(findings, "T04") == [("530100", "violation"), ("539999", "undecided")]
    assert _found(findings, "T05") == [("539999", "violation")]
    assert _found(findings, "T07") == [("530102", "violation")]
    assert _found(findings, "T08") == [("530127", "violation")]
    surplus = findings[findings["rule_id"] == "T06"]
    assert surplus[["kind", "found"]].to_numpy().tolist() == [["sub_market", "2 / 1"]]


def test_a_centre_without_an_approval_number_is_undecided_and_assumed_rows_are_noted() -> None:
    register = nodes(
        (CENTRE, "530102", {"approval_number": "云编办〔2018〕1号"}),
        (CENTRE, "530103", {"origin": "assumed"}),
    )
    _, findings = _judge(register)
    assert _found(findings, "T09") == [("530103", "undecided")]
    assert _found(findings, "T11") == [("530103", "violation")]


def test_an_empty_register_breaks_no_rule() -> None:
    rules, findings = _judge(nodes())
    assert findings.empty
    assert rules["violation_count"].sum() == 0


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rule_id)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_rule_has_its_words(rule: Rule, language: str) -> None:
    parts = ["title", "violation"] + (["undecided"] if rule.rule_id in UNDECIDABLE else [])
    for part in parts:
        assert has_text(f"rule.{rule.rule_id}.{part}", language)
