"""Data check: declared against named, the roll by name, and the tier rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

from network_map.export import Bundle
from network_map.i18n import text
from network_map.nodes.dataset import Dataset, input_hashes, made_by
from network_map.nodes.layers import area_shapes, network_layers
from network_map.nodes.overview import network_document
from network_map.nodes.presence import basis_texts, reconciliation
from network_map.nodes.query import OverviewQuery
from network_map.nodes.tables import RECONCILIATION, ROLL, RULE_FINDINGS, TIER_RULES
from network_map.nodes.tier_rules import RuleInput, tier_rule_findings
from network_map.places.reference import Places, code_words, dataset_label, kind_names, place_names
from network_map.places.tables import PROVINCE_ADCODE
from network_map.tables.check import conform
from network_map.tables.columns import Table
from network_map.terms import Presence

if TYPE_CHECKING:
    import geopandas as gpd

REPORTS: Mapping[str, str] = MappingProxyType(
    {
        "reconciliation": "reconciliation",
        "gaps": "roll_gaps",
        "roll": "roll",
        "findings": "rule_findings",
    }
)
"""Name of the report that each bundle of a data check is."""
_AREAS = ("boundaries_county", "boundaries_prefecture", "boundaries_province")


@dataclass(frozen=True, slots=True, eq=False)
class DataCheck:
    """The finished answer; each table is declared in the tables of nodes.

    Parameters
    ----------
    totals
        ``reconciliation``: each counted kind in the province, or in the shown prefecture.
    by_prefecture
        ``reconciliation``: each counted kind in each prefecture.
    roll
        ``roll``: each counted kind in each place of the shown area.
    gaps
        The rows of the roll that are absent or unknown.
    rules, findings
        ``tier_rules`` and ``rule_findings`` for the shown area.
    bundles
        What can be downloaded, by name: ``reconciliation``, ``gaps``, ``roll``, ``findings``.
    """

    totals: pd.DataFrame
    by_prefecture: pd.DataFrame
    roll: pd.DataFrame
    gaps: pd.DataFrame
    rules: pd.DataFrame
    findings: pd.DataFrame
    bundles: dict[str, Bundle]


def data_check(
    places: Places,
    dataset: Dataset,
    roll: pd.DataFrame,
    boundaries: gpd.GeoDataFrame,
    *,
    prefecture_adcode: str | None,
    language: str,
) -> DataCheck:
    """Return the data check of a data set, for the province or for one prefecture.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    roll
        Presence of each kind in each place (``presence.place_roll``) of that data set.
    boundaries
        County and prefecture areas: ``adcode, geometry`` in EPSG:4490.
    prefecture_adcode
        Show this prefecture only; None shows the province.
    language
        ``zh`` or ``en``.
    """
    words = _Words(places, dataset, language)
    table = words.reconciliation(
        reconciliation(dataset.nodes, roll, places.divisions, dataset.declared_totals)
    )
    area = prefecture_adcode or PROVINCE_ADCODE
    by_prefecture = table[table["level"] == "prefecture"]
    if prefecture_adcode is not None:
        by_prefecture = by_prefecture[by_prefecture["adcode"] == prefecture_adcode]
        roll = roll[roll["prefecture_adcode"] == prefecture_adcode]
    named_roll = words.roll(roll)
    gaps = named_roll[named_roll["presence"] != Presence.PRESENT].reset_index(drop=True)
    rules, findings = words.rules(_facts(places, dataset, roll, boundaries, prefecture_adcode))
    parts = {
        "reconciliation": (RECONCILIATION, table if prefecture_adcode is None else by_prefecture),
        "gaps": (ROLL, gaps),
        "roll": (ROLL, named_roll),
        "findings": (RULE_FINDINGS, findings),
    }
    return DataCheck(
        totals=table[table["adcode"] == area].reset_index(drop=True),
        by_prefecture=by_prefecture.reset_index(drop=True),
        roll=named_roll,
        gaps=gaps,
        rules=rules,
        findings=findings,
        bundles={
            name: words.bundle(name, declaration, rows.reset_index(drop=True), area)
            for name, (declaration, rows) in parts.items()
        },
    )


def _facts(
    places: Places,
    dataset: Dataset,
    roll: pd.DataFrame,
    boundaries: gpd.GeoDataFrame,
    prefecture_adcode: str | None,
) -> RuleInput:
    nodes, totals = dataset.nodes, dataset.declared_totals
    if prefecture_adcode is not None:
        # A rule on totals needs the whole province: one prefecture is held to its own totals.
        nodes = nodes[nodes["prefecture_adcode"] == prefecture_adcode]
        totals = totals[totals["adcode"] == prefecture_adcode]
    return RuleInput(nodes, places.divisions, dataset.node_kinds, totals, roll, boundaries)


class _Words:
    """Puts the words of one language to the tables of one data set."""

    def __init__(self, places: Places, dataset: Dataset, language: str) -> None:
        self.dataset = dataset
        self.tables = places
        self.language = language
        self.places = place_names(places.divisions, language)
        self.kinds = kind_names(dataset.node_kinds, language)

    def reconciliation(self, table: pd.DataFrame) -> pd.DataFrame:
        counts = table["unnamed_count"].abs()
        verdict = [
            text(f"verdict.{code}", self.language, count=count)
            for code, count in zip(table["verdict_code"], counts, strict=True)
        ]
        named = table.assign(
            verdict=verdict,
            kind_name=table["kind"].map(self.kinds),
            place_name=table["adcode"].map(self.places),
        )
        return conform(RECONCILIATION, named)

    def roll(self, roll: pd.DataFrame) -> pd.DataFrame:
        named = roll.assign(
            basis=basis_texts(roll, self.dataset, self.language),
            kind_name=roll["kind"].map(self.kinds),
            place_name=roll["adcode"].map(self.places),
            prefecture_name=roll["prefecture_adcode"].map(self.places),
        )
        return conform(ROLL, named)

    def rules(self, facts: RuleInput) -> tuple[pd.DataFrame, pd.DataFrame]:
        rules, findings = tier_rule_findings(facts)
        rules = rules.assign(
            rule=[text(f"rule.{rule_id}.title", self.language) for rule_id in rules["rule_id"]],
            severity=code_words("rule.severity", rules["severity"], self.language),
        )
        detail = [
            text(f"rule.{rule_id}.{result}", self.language, found=found)
            for rule_id, result, found in zip(
                findings["rule_id"], findings["result"], findings["found"], strict=True
            )
        ]
        findings = findings.assign(
            detail=detail,
            severity=code_words("rule.severity", findings["severity"], self.language),
            result=code_words("rule.result", findings["result"], self.language),
            kind_name=findings["kind"].map(self.kinds),
            place_name=findings["adcode"].map(self.places),
        )
        return conform(TIER_RULES, rules), conform(RULE_FINDINGS, findings)

    def bundle(self, name: str, declaration: Table, rows: pd.DataFrame, area: str) -> Bundle:
        presence = {
            value.value: text(f"term.presence.{value.value}", self.language) for value in Presence
        }
        origins = {
            origin: text(f"term.origin.{origin}", self.language)
            for origin in ("official", "reported", "assumed", "synthetic")
        }
        levels = {
            level: text(f"term.level.{level}", self.language)
            for level in ("province", "prefecture", "county")
        }
        prefecture = None if area == PROVINCE_ADCODE else area
        title = text(f"data_check.export.{name}", self.language, area=self.places[area])
        return Bundle(
            table=rows,
            declaration=declaration,
            title=title,
            language=self.language,
            filters=((text("filter.prefecture", self.language), self.places[area]),),
            method_notes=(
                text("method.presence", self.language),
                text("method.reconciliation", self.language),
                text("method.tier_rules", self.language),
            ),
            sources=(text("source.network", self.language), text("source.totals", self.language)),
            dataset_label=dataset_label(self.dataset.name, self.language),
            is_demo=self.dataset.is_demo,
            file_stem=f"{name}_{self.dataset.name}_{area}",
            words={"presence": presence, "origin": origins, "level": levels},
            created_from=input_hashes(self.dataset, "divisions", *_AREAS),
            method_versions={"presence": 1, "reconciliation": 1, "tier_rules": 1},
            recipe=made_by(
                self.dataset, REPORTS[name], {"prefecture": prefecture}, language=self.language
            ),
            layer_name=name,
            shapes=partial(area_shapes, rows["adcode"]),
            layers=partial(
                network_layers,
                self.tables,
                self.dataset,
                prefecture_adcode=prefecture,
                language=self.language,
            ),
            map_document=partial(
                network_document,
                self.dataset,
                query=OverviewQuery(language=self.language, prefecture_adcode=prefecture),
                title=title,
            ),
        )
