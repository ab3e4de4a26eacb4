"""The page on methods says what the code computes with, and says it again when that changes."""

from dataclasses import replace
from functools import cache

import pytest

from network_map.activity import activity
from network_map.activity import activity as peers
from network_map.catalog import TABLES
from network_map.consortia import answer as consortium_query
from network_map.contracts import volumes as contract_parties
from network_map.gaps import priority, severity
from network_map.gaps import priority as priority_actions
from network_map.gaps import rank_draws as drawn_severities
from network_map.gaps import rank_interval as priority_draws
from network_map.gaps import weights as gap_weights
from network_map.gaps.tables import AskedList, SuggestedAction
from network_map.gaps.weights import COMPONENTS, PRESETS
from network_map.i18n import LANGUAGES, catalog, number_text, share_text, text
from network_map.indices import accessibility, distribution
from network_map.maps import spec as map_spec
from network_map.methods import (
    MethodFacts,
    MethodTable,
    Section,
    markdown,
    method_sections,
    methods_document,
)
from network_map.nodes import data_check
from network_map.reach import cost as circuity
from network_map.reach import roads, standards
from network_map.terms import GapType
from tests import shipped


@cache
def facts() -> MethodFacts:
    return MethodFacts(shipped.places(), shipped.dataset("public").node_kinds, shipped.roads())


def said(key: str, language: str = "zh") -> str:
    """Return all that a section says."""
    (part,) = [part for part in method_sections(facts(), language) if part.key == key]
    cells = [cell for table in part.tables for row in table.rows for cell in row]
    return "\n".join([*part.sentences, *cells])


@pytest.mark.parametrize(
    ("constant", "value", "key", "shown"),
    [
        ((roads, "NETWORK_FACTOR"), 1.777, "distance", "1.777"),
        ((roads, "NETWORK_ERROR"), 0.43, "distance", "43%"),
        ((roads, "LEG_FACTOR"), 7.7, "distance", "7.7"),
        ((roads, "LEG_LOW"), 0.3, "distance", "0.3"),
        ((roads, "LEG_HIGH"), 8.8, "distance", "8.8"),
        ((roads, "LONGEST_LEG_KM"), 77.0, "distance", "77"),
        ((roads, "SMALLEST_COMPONENT_SHARE"), 0.09, "distance", "9%"),
        ((roads, "MEAN_CIRCUITY"), 1.87, "distance", "1.87"),
        ((peers, "PEER_COUNT"), 77, "activity", "77"),
        ((peers, "LEAST_INDICATORS"), 66, "activity", "66"),
        ((activity, "TREND_LEVEL"), 0.123, "activity", "0.123"),
        ((activity, "PEOPLE"), 54_321.0, "activity", "54,321"),
        ((accessibility, "LUO_QI_WEIGHTS"), (1.0, 0.77), "indices", "1 / 0.77"),
        ((distribution, "PERMUTATIONS"), 12_345, "indices", "12,345"),
        ((distribution, "SIGNIFICANCE"), 0.077, "indices", "0.077"),
        ((distribution, "LEAST_PLACES"), 77, "indices", "77"),
        ((severity, "FREE_RATIO"), 0.77, "priority", "0.77"),
        ((severity, "FULL_RATIO"), 6.66, "priority", "6.66"),
        ((severity, "PRESENCE_SHARES"), {"county_centre": 0.87}, "priority", "0.87"),
        ((severity, "REACH_SHARES"), {"sub_market": 0.78}, "priority", "0.78"),
        (
            (gap_weights, "PRESETS"),
            {"balanced": dict.fromkeys(COMPONENTS, 0.77)},
            "priority",
            "0.77",
        ),
        ((priority, "TOP_COUNT"), 77, "priority", "77"),
        ((drawn_severities, "DRAWS"), 7_654, "priority", "7,654"),
        ((priority_draws, "LOW_SHARE"), 0.07, "priority", "7%"),
        ((priority_draws, "HIGH_SHARE"), 0.88, "priority", "88%"),
        ((priority_draws, "CONCENTRATION"), 77.0, "priority", "77"),
        ((priority_draws, "NOISE_SHARE"), 0.77, "priority", "77%"),
        ((severity, "PLANNED_SEVERITY"), 0.77, "priority", "0.77"),
        ((drawn_severities, "STANDARD_SPREAD"), 0.44, "priority", "44%"),
        ((priority_actions, "LEAST_POINTS"), 7.5, "priority", "7.5"),
        ((consortium_query, "DEFAULT_STANDARD_KM"), 777.0, "priority", "777"),
        ((contract_parties, "SUBSIDY_PERCENT"), 77, "contracts", "77%"),
        ((contract_parties, "SUBSIDY_CAP_FEN"), 66_000_000, "contracts", "66"),
        ((map_spec, "MINIMUM_CLASSES"), 77, "classes", "77"),
        ((map_spec, "MAXIMUM_CLASSES"), 88, "classes", "88"),
    ],
)
def test_a_changed_constant_changes_the_page(
    monkeypatch: pytest.MonkeyPatch,
    constant: tuple[object, str],
    value: object,
    key: str,
    shown: str,
) -> None:
    before = [said(key, language) for language in LANGUAGES]
    monkeypatch.setattr(*constant, value)
    after = [said(key, language) for language in LANGUAGES]
    for old, new in zip(before, after, strict=True):
        assert new.count(shown) > old.count(shown)


def test_changed_standards_curves_and_rules_change_their_tables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, *others = standards.DEFAULT_SERVICES
    monkeypatch.setattr(standards, "DEFAULT_SERVICES", (replace(first, standard_km=777.0), *others))
    assert "777" in said("service")
    curve = circuity.CircuityCurve(near=7.77, far=1.0, half_km=555.0)
    monkeypatch.setattr(circuity, "CIRCUITY", replace(circuity.CIRCUITY, low=curve))
    assert "7.77" in said("distance")
    assert "555" in said("distance")
    monkeypatch.setattr(data_check, "RULES", data_check.RULES[:1])
    assert "T01" in said("rules")
    assert "T02" not in said("rules")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_known_trips_are_those_of_the_code(language: str) -> None:
    pairs = roads.known_pairs(facts().graph, facts().places.county_seats)
    told = said("distance", language)
    for row in pairs.to_dict("records"):
        assert number_text(row["left_out_factor"], 3) in told
        assert share_text(row["left_out_error_share"]) in told
    largest = pairs["left_out_error_share"].astype("float64").abs().max()
    assert share_text(float(largest)) in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_declared_table_stands_with_every_column_and_its_unit(language: str) -> None:
    tables = method_sections(facts(), language)[-1].tables
    assert len(tables) == len(TABLES)
    for shown, declared in zip(tables, TABLES.values(), strict=True):
        assert shown.title.endswith(declared.name)
        assert [row[1] for row in shown.rows] == declared.names
        units = [text(f"unit.{c.unit}", language) if c.unit else "" for c in declared.columns]
        assert [row[3] for row in shown.rows] == units


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_section_on_reading_comes_first_and_tells_every_type_of_gap(language: str) -> None:
    assert method_sections(facts(), language)[0].key == "reading"
    told = said("reading", language)
    assert all(text(f"methods.gap_type.{gap}", language) in told for gap in GapType)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_priority_names_every_preset_part_list_keeper_and_action(language: str) -> None:
    told = said("priority", language)
    codes = {
        "gap.preset": PRESETS, "gap.component": COMPONENTS,
        "priority.fact": AskedList, "priority.keeper": AskedList,
        "gap.action": set(SuggestedAction) - {SuggestedAction.NONE, SuggestedAction.VERIFY_FIRST},
    }  # fmt: skip
    for area, names in codes.items():
        assert all(text(f"{area}.{name}", language) in told for name in names), area


def test_the_logic_of_three_values_has_nine_rows() -> None:
    (logic, _) = method_sections(facts(), "zh")[1].tables
    assert len(logic.rows) == 9
    assert ("未知", "无", "无", "未知", "未知") in logic.rows


def test_no_sentence_of_the_catalogs_holds_a_number_of_the_code() -> None:
    for language in LANGUAGES:
        for key, template in catalog(language).items():
            if key.startswith(("methods.distance.", "methods.service.", "methods.classes.")):
                # The one of the curve's formula is no default.
                digits = "".join(c for c in template if c.isdigit())
                assert digits in {"", "1"}, (language, key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_download_holds_every_sentence_and_every_cell(language: str) -> None:
    document = methods_document(facts(), language).decode()
    for part in method_sections(facts(), language):
        assert f"## {part.title}" in document
        assert all(sentence in document for sentence in part.sentences)
        for table in part.tables:
            assert all(cell.replace("|", "\\|") in document for row in table.rows for cell in row)


def test_a_bar_in_a_cell_does_not_start_a_column() -> None:
    table = MethodTable("t", ("a", "b"), (("x|y", "z"),))
    written = markdown([Section("k", "T", (), (table,))], title="M")
    assert "| x\\|y | z |" in written
    with pytest.raises(ValueError, match="2 cells"):
        MethodTable("t", ("a", "b"), (("x",),))
