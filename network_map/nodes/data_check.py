"""Data check: declared against named, the roll by name, and the tier rules.

The tier rules are what a list of nodes of the three-tier network should obey.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

from network_map.export import Bundle
from network_map.i18n import text
from network_map.nodes.dataset import Dataset, input_hashes, made_by
from network_map.nodes.layers import area_shapes, network_layers
from network_map.nodes.presence import basis_texts, reconciliation
from network_map.nodes.query import OverviewQuery
from network_map.nodes.report import network_document
from network_map.nodes.tables import RECONCILIATION, ROLL, RULE_FINDINGS, TIER_RULES
from network_map.places.reference import Places, code_words, dataset_label, kind_names, place_names
from network_map.places.tables import PROVINCE_ADCODE
from network_map.tables import Table
from network_map.tables.check import conform
from network_map.terms import NodeKind, NodeStatus, Origin, Presence

if TYPE_CHECKING:
    import geopandas as gpd


# --- the tier rules -------------------------------------------------------------------------------


FINDING_COLUMNS = [
    "rule_id",
    "severity",
    "result",
    "kind",
    "adcode",
    "node_id",
    "node_name",
    "found",
]


class RuleSeverity(StrEnum):
    """How much breaking a rule weighs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class RuleResult(StrEnum):
    """What a rule says of one node or place."""

    VIOLATION = "violation"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class RuleInput:
    """What the rules look at: declared tables, and the roll made from them.

    Parameters
    ----------
    nodes, divisions, node_kinds, declared_totals
        The declared tables of those names.
    roll
        What ``presence.place_roll`` returned for them.
    boundaries
        County and prefecture areas: ``adcode, geometry`` in EPSG:4490.
    """

    nodes: pd.DataFrame
    divisions: pd.DataFrame
    node_kinds: pd.DataFrame
    declared_totals: pd.DataFrame
    roll: pd.DataFrame
    boundaries: gpd.GeoDataFrame

    @property
    def live(self) -> pd.DataFrame:
        """The nodes that are not withdrawn."""
        return self.nodes[self.nodes["status"] != NodeStatus.WITHDRAWN]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Parameters
    ----------
    rule_id
        Stable id; the catalogs hold its words under ``rule.<rule_id>``.
    severity
        How much breaking it weighs.
    judge
        Returns the rows that the rule speaks of: ``kind, adcode, node_id, node_name, found`` and
        ``result``, missing where the row obeys.
    """

    rule_id: str
    severity: RuleSeverity
    judge: Callable[[RuleInput], pd.DataFrame]


def tier_rule_findings(facts: RuleInput) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the count of each rule and every row that breaks one or cannot be judged.

    Parameters
    ----------
    facts
        The tables to be judged.

    Returns
    -------
    rules
        ``rule_id, severity, checked_count, violation_count, undecided_count``.
    findings
        ``rule_id, severity, result, kind, adcode, node_id, node_name, found``; ``found`` holds
        the facts that the sentence names.
    """
    counts: list[dict[str, object]] = []
    findings: list[pd.DataFrame] = []
    for rule in RULES:
        judged = rule.judge(facts).assign(rule_id=rule.rule_id, severity=rule.severity.value)
        counts.append(
            {
                "rule_id": rule.rule_id,
                "severity": rule.severity.value,
                "checked_count": len(judged),
                "violation_count": int((judged["result"] == RuleResult.VIOLATION).sum()),
                "undecided_count": int((judged["result"] == RuleResult.UNDECIDED).sum()),
            }
        )
        findings.append(judged.loc[judged["result"].notna(), FINDING_COLUMNS])
    joined = pd.concat(findings, ignore_index=True).astype("str")
    return pd.DataFrame(counts), joined


def _judged(rows: pd.DataFrame, violation: pd.Series, found: pd.Series | str = "") -> pd.DataFrame:
    """Return the rows with a result: True breaks the rule, False obeys, missing is undecided."""
    violation = violation.astype("boolean")
    result = pd.Series(pd.NA, index=rows.index, dtype="str")
    result = result.mask(violation.fillna(value=False).astype("bool"), RuleResult.VIOLATION.value)
    result = result.mask(violation.isna(), RuleResult.UNDECIDED.value)
    return rows[["kind", "adcode", "node_id", "node_name"]].assign(result=result, found=found)


def _one_per_place(facts: RuleInput) -> pd.DataFrame:
    live = facts.live
    size = live.groupby(["kind", "adcode"])["node_id"].transform("size")
    return _judged(live, size > 1, size.astype("str"))


def _kind_matches_level(facts: RuleInput) -> pd.DataFrame:
    rows = facts.live.merge(
        facts.node_kinds[["kind", "tier"]], how="left", on="kind", validate="many_to_one"
    ).merge(
        facts.divisions[["adcode", "level", "name_zh"]],
        how="left",
        on="adcode",
        validate="many_to_one",
    )
    is_counted = rows["kind"].isin(list(NodeKind))
    rows = rows[is_counted]
    return _judged(
        rows, (rows["tier"] != rows["level"]).where(rows["level"].notna()), rows["adcode"]
    )


def _known_place(facts: RuleInput) -> pd.DataFrame:
    live = facts.live
    return _judged(live, ~live["adcode"].isin(facts.divisions["adcode"]), live["adcode"])


def _inside_own_place(facts: RuleInput) -> pd.DataFrame:
    import geopandas as gpd  # noqa: PLC0415 (only where shapes are asked for)

    live = facts.live.reset_index(drop=True)
    areas = facts.boundaries.set_index("adcode")["geometry"]
    own_area = gpd.GeoSeries(live["adcode"].map(areas), index=live.index, crs=areas.crs)
    points = gpd.GeoSeries(
        gpd.points_from_xy(live["lon"], live["lat"]), index=live.index, crs=areas.crs
    )
    is_outside = ~own_area.covers(points)
    is_known = live["lon"].notna() & live["lat"].notna() & own_area.notna()
    position = live["lon"].round(4).astype("str") + ", " + live["lat"].round(4).astype("str")
    return _judged(live, is_outside.astype("boolean").where(is_known), position.where(is_known, ""))


def _demonstration_has_centre(facts: RuleInput) -> pd.DataFrame:
    rows = facts.live[facts.live["kind"] == NodeKind.DEMONSTRATION_COUNTY]
    centres = facts.roll[facts.roll["kind"] == NodeKind.COUNTY_CENTRE]
    rows = rows.merge(
        centres[["adcode", "presence"]], how="left", on="adcode", validate="many_to_one"
    )
    lacks = (rows["presence"] == Presence.ABSENT).astype("boolean")
    return _judged(
        rows, lacks.where(rows["presence"].ne(Presence.UNKNOWN) & rows["presence"].notna())
    )


def _within_declared(facts: RuleInput) -> pd.DataFrame:
    totals = facts.declared_totals.sort_values("as_of").drop_duplicates(
        ["kind", "adcode"], keep="last"
    )
    live = facts.live
    in_area = pd.concat(
        [
            live.assign(area=live["prefecture_adcode"]),
            live.assign(
                area=facts.divisions.loc[facts.divisions["level"] == "province", "adcode"].iloc[0]
            ),
        ]
    )
    named = in_area.groupby(["kind", "area"]).size().rename("named_count").reset_index()
    rows = totals.merge(
        named, how="left", left_on=["kind", "adcode"], right_on=["kind", "area"],
        validate="one_to_one",
    )  # fmt: skip
    named_count = rows["named_count"].fillna(0).astype("Int64")
    rows = rows.assign(node_id="", node_name="")
    found = named_count.astype("str") + " / " + rows["declared_count"].astype("str")
    return _judged(rows, named_count > rows["declared_count"], found)


def _dates_in_order(facts: RuleInput) -> pd.DataFrame:
    rows = facts.nodes[facts.nodes["established_on"].notna() & facts.nodes["withdrawn_on"].notna()]
    established, withdrawn = rows["established_on"].str, rows["withdrawn_on"].str
    # Dates can be less exact than a day: they are compared on the part that both have.
    shared = pd.concat([established.len(), withdrawn.len()], axis=1).min(axis=1)
    pairs = zip(rows["established_on"], rows["withdrawn_on"], shared, strict=True)
    is_wrong = [start[: int(n)] > end[: int(n)] for start, end, n in pairs]
    found = rows["established_on"] + " / " + rows["withdrawn_on"]
    return _judged(rows, pd.Series(is_wrong, index=rows.index, dtype="boolean"), found)


def _withdrawn_has_date(facts: RuleInput) -> pd.DataFrame:
    rows = facts.nodes[facts.nodes["status"] == NodeStatus.WITHDRAWN]
    return _judged(rows, rows["withdrawn_on"].isna())


def _centre_has_approval(facts: RuleInput) -> pd.DataFrame:
    rows = facts.live[facts.live["kind"] == NodeKind.COUNTY_CENTRE]
    has_number = rows["approval_number"].notna().astype("boolean")
    return _judged(rows, (~has_number).where(has_number))


def _location_known(facts: RuleInput) -> pd.DataFrame:
    live = facts.live
    return _judged(live, live["lon"].isna() | live["lat"].isna())


def _not_assumed(facts: RuleInput) -> pd.DataFrame:
    live = facts.live
    return _judged(live, live["origin"].isin([Origin.ASSUMED, Origin.SYNTHETIC]))


RULES: tuple[Rule, ...] = (
    Rule("T01", RuleSeverity.ERROR, _one_per_place),
    Rule("T02", RuleSeverity.WARNING, _demonstration_has_centre),
    Rule("T03", RuleSeverity.ERROR, _inside_own_place),
    Rule("T04", RuleSeverity.ERROR, _kind_matches_level),
    Rule("T05", RuleSeverity.ERROR, _known_place),
    Rule("T06", RuleSeverity.ERROR, _within_declared),
    Rule("T07", RuleSeverity.ERROR, _dates_in_order),
    Rule("T08", RuleSeverity.NOTE, _withdrawn_has_date),
    Rule("T09", RuleSeverity.WARNING, _centre_has_approval),
    Rule("T10", RuleSeverity.NOTE, _location_known),
    Rule("T11", RuleSeverity.NOTE, _not_assumed),
)


# --- the data check -------------------------------------------------------------------------------


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
