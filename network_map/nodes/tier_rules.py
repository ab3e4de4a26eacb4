"""Rules that a list of nodes of the three-tier network should obey."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import pandas as pd

from network_map.terms import NodeKind, NodeStatus, Origin, Presence

if TYPE_CHECKING:
    import geopandas as gpd

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
