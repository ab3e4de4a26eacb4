"""The facts behind the list of gaps: all that no weight, language or filter changes.

What there is to say of driving times: which are estimates, how good, what turns on them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import isfinite

import numpy as np
import pandas as pd

from network_map.activity.activity import activity_severity, county_activity, county_peers
from network_map.activity.tables import ActivitySide, centre_activity_of
from network_map.activity.windows import blank_counties, centre_states, window_of
from network_map.completion.ensemble import (
    CompletionStatus,
    Ensemble,
    NestedEnsemble,
    ensembles,
    nested_ensemble,
)
from network_map.completion.shares import inclusion_shares
from network_map.consortia.answer import DEFAULT_STANDARD_KM
from network_map.consortia.fit import consortium_fits
from network_map.consortia.tables import consortium_tables
from network_map.contracts.counts import Choice, month_counts
from network_map.contracts.register.engine import OpenContracts
from network_map.gaps.query import GapQuery, ListOdds
from network_map.gaps.rank_draws import STANDARD_SPREAD
from network_map.gaps.reach import KindCoverage, coverages, reach_parts
from network_map.gaps.severity import KindReach
from network_map.gaps.tables import TIERS
from network_map.i18n import count_text, share_text, text
from network_map.nodes.dataset import Dataset
from network_map.nodes.presence import reconciliation, roll_of
from network_map.places.reference import Places
from network_map.reach.cost import CostMatrix
from network_map.reach.coverage import closure_losses, reach
from network_map.reach.travel_times import estimated_times
from network_map.terms import AdminLevel, FitVerdict, NodeKind, NodeStatus

PLANNED = NodeStatus.PLANNED.value
"""Verdict on the presence of a node that is being built."""
PRESENCE_KINDS = (NodeKind.COUNTY_CENTRE.value, NodeKind.DEMONSTRATION_COUNTY.value)
_WORST_FIRST = (
    FitVerdict.GAP, FitVerdict.UNCERTAIN, FitVerdict.UNKNOWN, FitVerdict.COVERED,
    FitVerdict.NOT_CONCERNED,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Register:
    """What of a contract register the list of gaps uses.

    Parameters
    ----------
    register_id
        Names its content; None where there is no register.
    as_of
        Its cut-off date; None where there is none.
    output, absorption
        Contracts by code of place and month; None where there is none.
    sources
        Where its rows come from.
    created_from
        SHA-256 of the files that it was read from.
    opened
        The register itself; None where there is none.
    """

    register_id: str | None = None
    as_of: date | None = None
    output: pd.DataFrame | None = None
    absorption: pd.DataFrame | None = None
    sources: tuple[str, ...] = ()
    created_from: Mapping[str, str] | None = None
    opened: OpenContracts | None = None


@dataclass(frozen=True, eq=False)
class GapFacts:
    """The facts of every county.

    Parameters
    ----------
    query
        What they were asked for: only what changes a fact.
    counties
        ``adcode, prefecture_adcode``, by code.
    by_kind, nested
        The possible lists; ``nested`` only where that switch is on.
    presence
        By kind: ``share_of_lists, verdict_code``, indexed by county; the code is ``planned`` and
        the share 0 where the node is being built.
    reaches
        By kind: the reach over all lists.
    served, served_by_tiers
        Table ``reach`` of the named nodes: of each kind alone, and with higher tiers serving too.
    losses
        Table ``closure_losses`` of the named nodes.
    activity, activity_severity, blanks, states, peers
        The tables of those names. Without a register ``activity`` is None, and ``states`` is
        what a list of the work of centres says, None without one.
    fit
        Indexed by county: the worst verdict over the consortia, the ids of those that have it,
        the severity with its bounds, whether a member ``is_lacking`` (1, 0 or missing) and how
        far the nearest one is, of the consortium whose is farthest.
    register
        The register that the activity was counted in.
    cost
        Counties by nodes and seats.
    parts
        How each kind of known number reaches the counties, for the drawn lists.
    turned_counts
        By kind: counties whose verdict would be another if all driving times were estimates;
        none where distances are kilometres.
    """

    query: GapQuery
    counties: pd.DataFrame
    by_kind: Mapping[str, Ensemble]
    nested: NestedEnsemble | None
    presence: Mapping[str, pd.DataFrame]
    reaches: Mapping[str, KindCoverage]
    served: pd.DataFrame
    served_by_tiers: pd.DataFrame
    losses: pd.DataFrame
    activity: pd.DataFrame | None
    activity_severity: pd.DataFrame | None
    blanks: pd.DataFrame | None
    states: pd.DataFrame | None
    peers: pd.DataFrame
    fit: pd.DataFrame
    register: Register
    cost: CostMatrix
    parts: tuple[KindReach, ...]
    turned_counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def planned(self) -> frozenset[str]:
        """The counties whose centre is being built."""
        codes = self.presence[NodeKind.COUNTY_CENTRE.value]["verdict_code"]
        return frozenset(codes.index[codes == PLANNED])

    def lacks_names(self, kind: str) -> bool:
        """Whether names of the list are missing."""
        return lacks_names(self.by_kind[kind])


def lacks_names(ensemble: Ensemble) -> bool:
    """Return whether names of a list are missing, or it is not known whether they are."""
    return ensemble.status is not CompletionStatus.COMPLETE


def register_facts(opened: OpenContracts | None) -> Register:
    """Return what of a register is used; counting takes the engine a moment.

    Parameters
    ----------
    opened
        The register of the data set, None where there is none.

    Raises
    ------
    WorkspaceError
        If the engine cannot answer.
    """
    if opened is None:
        return Register()
    months = month_counts(opened, Choice())
    return Register(
        register_id=opened.register_id,
        as_of=opened.as_of,
        output=months["output"],
        absorption=months["absorption"],
        sources=opened.sources,
        created_from=opened.created_from,
        opened=opened,
    )


def gap_facts(
    places: Places, dataset: Dataset, register: Register, cost: CostMatrix, *, query: GapQuery
) -> GapFacts:
    """Return the facts of every county of the province.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    register
        What :func:`register_facts` returned.
    cost
        What :func:`~network_map.gaps.reach.gap_costs` returned for the method of the query.
    query
        What is asked for.

    Raises
    ------
    QueryError
        If a standard, the length of the period or the nested switch cannot be used.
    """
    asked = query.facts_part
    divisions = places.divisions
    counties = divisions.loc[divisions["level"] == AdminLevel.COUNTY, ["adcode", "parent_adcode"]]
    counties = counties.rename(columns={"parent_adcode": "prefecture_adcode"})
    counties = counties.sort_values("adcode", ignore_index=True)
    roll = roll_of(places, dataset)
    reconciled = reconciliation(dataset.nodes, roll, divisions, dataset.declared_totals)
    odds = list_odds(places, asked.odds)
    by_kind = ensembles(
        dataset.nodes, roll, reconciled, one_per_place=asked.one_per_place,
        weights=None if odds is None else dict.fromkeys(roll["kind"].unique(), odds),
    )  # fmt: skip
    nested = _nested(by_kind) if asked.nested else None
    active = _activity(places, dataset, register, asked.years)

    def reaches_by(matrix: CostMatrix) -> dict[str, KindCoverage]:
        return coverages(
            places, dataset, matrix, asked.services,
            {service.kind: _lists(by_kind, nested, service.kind) for service in asked.services},
            lacking={kind for kind, ensemble in by_kind.items() if lacks_names(ensemble)},
            higher_tier_serves=asked.higher_tier_serves,
        )  # fmt: skip

    reaches = reaches_by(cost)
    estimated = {} if cost.travel is None else reaches_by(estimated_times(cost))
    return GapFacts(
        query=asked,
        counties=counties,
        by_kind=by_kind,
        nested=nested,
        presence={kind: _presence(dataset, by_kind, nested, kind) for kind in PRESENCE_KINDS},
        reaches=reaches,
        turned_counts={
            kind: int((found.rows["verdict"] != reaches[kind].rows["verdict"]).sum())
            for kind, found in estimated.items()
        },
        served=reach(cost, counties, dataset.nodes, services=asked.services),
        served_by_tiers=reach(
            cost, counties, dataset.nodes, services=asked.services,
            higher_tier_serves=asked.higher_tier_serves,
        ),
        losses=closure_losses(
            cost, counties, dataset.nodes, services=asked.services,
            higher_tier_serves=asked.higher_tier_serves,
        ),
        peers=county_peers(places.county_indicators),
        fit=_fit(dataset, cost, counties),
        register=register,
        cost=cost,
        parts=reach_parts(
            places, dataset, cost, counties, asked.services,
            by_kind=by_kind, higher_tier_serves=asked.higher_tier_serves,
        ),
        **active,
    )  # fmt: skip


def list_odds(places: Places, odds: ListOdds) -> "pd.Series[float] | None":
    """Return the odds of every county, prefecture and of the province; None where all are alike.

    A list weighs the product of the odds of the places that it gives a node (conditional
    Poisson). A prefecture's are the sum of its counties', all of which are known.
    """
    if odds is ListOdds.EVEN:
        return None
    name = {ListOdds.PEOPLE: "pop_2020", ListOdds.GDP: "gdp_2021_100m"}[odds]
    counties = places.county_indicators.set_index("adcode")[name].astype("float64")
    parents = places.divisions.set_index("adcode")["parent_adcode"]
    prefectures = counties.groupby(parents.reindex(counties.index).to_numpy()).sum()
    provinces = prefectures.groupby(parents.reindex(prefectures.index).to_numpy()).sum()
    return pd.concat([counties, prefectures, provinces])


def _nested(by_kind: Mapping[str, Ensemble]) -> NestedEnsemble | None:
    """Return the pairs of lists; None where one of the two kinds has none to pair."""
    nested = nested_ensemble(by_kind)
    return nested if nested.has_parts else None


def _lists(
    by_kind: Mapping[str, Ensemble], nested: NestedEnsemble | None, kind: str
) -> Ensemble | NestedEnsemble:
    return nested if nested is not None and kind in PRESENCE_KINDS else by_kind[kind]


def _presence(
    dataset: Dataset, by_kind: Mapping[str, Ensemble], nested: NestedEnsemble | None, kind: str
) -> pd.DataFrame:
    """Return shares and verdicts; what is being built is on the list, and not there yet."""
    found = (
        inclusion_shares(by_kind[kind]) if nested is None else inclusion_shares(nested, kind=kind)
    ).set_index("adcode")
    nodes = dataset.nodes[(dataset.nodes["kind"] == kind) & dataset.nodes["adcode"].notna()]
    there = nodes.loc[nodes["status"].isin([NodeStatus.BUILT, NodeStatus.UNKNOWN]), "adcode"]
    planned = nodes.loc[nodes["status"] == NodeStatus.PLANNED, "adcode"]
    is_planned = found.index.isin(planned) & ~found.index.isin(there)
    return found.assign(
        share_of_lists=found["share_of_lists"].mask(is_planned, 0.0),
        verdict_code=found["verdict_code"].mask(is_planned, PLANNED),
    )


def _activity(
    places: Places, dataset: Dataset, register: Register, years: int
) -> dict[str, pd.DataFrame | None]:
    volumes = (register.output, register.absorption)
    if register.as_of is None:
        unknown = dict.fromkeys(("activity", "activity_severity", "blanks"))
        return {**unknown, "states": _work(places, dataset, years)}
    window = window_of(register.as_of, years=years)
    indicators = places.county_indicators
    activity = county_activity(indicators, *volumes, county_peers(indicators), window=window)
    blanks = blank_counties(places.divisions, *volumes, window=window)
    return {
        "activity": activity,
        "activity_severity": activity_severity(activity, side=ActivitySide.ABSORPTION),
        "blanks": blanks,
        "states": centre_states(dataset.nodes, blanks, centre_activity_of(dataset), window=window),
    }


def _work(places: Places, dataset: Dataset, years: int) -> pd.DataFrame | None:
    """Return what the centres did without a register: the window ends with their latest year."""
    work = centre_activity_of(dataset)
    if work is None:
        return None
    window = window_of(date(int(work["year"].max()), 12, 31), years=years)
    blanks = blank_counties(places.divisions, None, None, window=window)
    return centre_states(dataset.nodes, blanks, work, window=window)


def _fit(dataset: Dataset, cost: CostMatrix, counties: pd.DataFrame) -> pd.DataFrame:
    """Return the worst consortium of each county.

    ``low`` and ``high`` hold what is unknown of industry and members; ``near`` and ``far`` the band
    of the distance where both are known, with the standard moved by its spread.
    """
    tables = consortium_tables(dataset)
    codes = list(counties["adcode"])
    parents = dict(zip(codes, counties["prefecture_adcode"], strict=True))
    unknown = pd.DataFrame(
        {"verdict": FitVerdict.UNKNOWN.value, "ids": "", "severity": 0.5, "low": 0.0, "high": 1.0,
         "near": 0.5, "far": 0.5, "is_lacking": np.nan, "member_km": np.nan,
         "member_low_km": np.nan},
        index=codes,
    )  # fmt: skip
    if tables.consortia.empty:
        return unknown
    # How far a member may be is said in kilometres, whatever the nodes are judged by.
    between = cost.kilometres.select(codes, demand_ids=codes)
    spread = STANDARD_SPREAD
    found = consortium_fits(
        tables.consortia, tables.members, tables.county_industry, between, parents,
        standards_km=[DEFAULT_STANDARD_KM * (1.0 + moved) for moved in (0.0, spread, -spread)],
    )  # fmt: skip
    fit, nearer, farther = (
        table.sort_values(["consortium_id", "adcode"], ignore_index=True) for table in found
    )
    near, far = nearer["fit_severity_low"], farther["fit_severity_high"]
    low, high, is_told = (
        fit["fit_severity_low"],
        fit["fit_severity_high"],
        fit["fit_severity"].notna(),
    )
    severity = fit["fit_severity"].fillna((low + high) / 2)
    fit = fit.assign(
        severity=severity,
        low=low.mask(is_told, severity), high=high.mask(is_told, severity),
        near=near.where(is_told, severity), far=far.where(is_told, severity),
        order=fit["fit_verdict"].map({v.value: n for n, v in enumerate(_WORST_FIRST)}),
    )  # fmt: skip
    by_county = fit.groupby("adcode")
    worst = by_county["order"].min()
    is_worst = fit["order"] == fit["adcode"].map(worst)
    named = is_worst & fit["fit_verdict"].isin([FitVerdict.GAP, FitVerdict.UNCERTAIN])
    ids = fit[named].groupby("adcode")["consortium_id"].agg(";".join)
    table = by_county[["severity", "low", "high", "near", "far"]].max()
    member = fit[is_worst].groupby("adcode")[["nearest_km", "nearest_low_km"]].max()
    # Kleene's or: one that is lacking decides, else all have to be known.
    lacking = _is_lacking(fit).groupby(fit["adcode"])
    most = lacking.max()
    return table.assign(
        member_km=member["nearest_km"],
        member_low_km=member["nearest_low_km"],
        is_lacking=most.where((most == 1) | (lacking.count() == lacking.size())),
        verdict=worst.map(dict(enumerate(v.value for v in _WORST_FIRST))),
        ids=ids.reindex(table.index).fillna(""),
    ).reindex(codes)


def _is_lacking(fit: pd.DataFrame) -> pd.Series:
    """Return 1 where the industry is there without a member within reach, 0 where it is not so.

    Missing where industry, members or their places are not known. A band across the standard is no
    gap: a gap is never a matter of the estimate.
    """
    verdict = fit["fit_verdict"]
    is_open = fit["reason_code"].isin(["place_unknown", "place_bounded"])
    is_unknown = (verdict == FitVerdict.UNKNOWN) | (verdict == FitVerdict.UNCERTAIN) & is_open
    return (verdict == FitVerdict.GAP).astype("float64").mask(is_unknown)


# --- what is said of driving times ----------------------------------------------------------------


_SHA_SHOWN = 12


def travel_notes(facts: GapFacts, kinds: Mapping[str, str], language: str) -> tuple[str, ...]:
    """Return the sentences about the driving times that the facts stand on; none for kilometres.

    Parameters
    ----------
    facts
        What :func:`~network_map.gaps.facts.gap_facts` returned.
    kinds
        Short names of the kinds in the language.
    language
        ``zh`` or ``en``.
    """
    travel = facts.cost.travel
    if travel is None:
        return ()
    low, pace, high = travel.minutes_per_km
    said = [
        text(
            "gap.travel.cells", language,
            method=text(f"term.distance_method.{travel.method.value}", language),
            sha256=travel.input_sha256[:_SHA_SHOWN],
            cells=count_text(travel.cell_count), missing=count_text(travel.missing_count),
        ),
        text(
            "gap.travel.pace", language, pace=f"{pace:.2f}", low=f"{low:.2f}", high=f"{high:.2f}",
            compared=count_text(travel.compared_count), error=share_text(travel.error_share),
        ),
    ]  # fmt: skip
    # Missing where the file gave no kilometres.
    if isfinite(travel.km_error_share):
        said.append(text("gap.travel.km", language, error=share_text(travel.km_error_share)))
    and_ = "、" if language == "zh" else ", "
    turned = and_.join(f"{kinds[kind]} {facts.turned_counts[kind]}" for kind in TIERS)
    said.append(text("gap.travel.turned", language, counts=turned))
    band = text(f"gap.travel.band_{travel.method.value}", language)
    return (*said, band)
