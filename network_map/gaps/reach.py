"""Reach over all possible lists: who is a gap in every list, in some, or in none.

A list puts its unnamed nodes at the seats of their places. The rule ``own_prefecture`` is kept in
each list: a county is served by its own prefecture's node where the list has one, else by the
nearest. Lists and the bands of distances are told apart: a *share of lists* counts lists, a
verdict of a single list may still be uncertain because of the band.

The places of each kind of node and the distances to them, for the drawn lists.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from network_map.completion.ensemble import (
    CompletionStatus,
    Ensemble,
    NestedEnsemble,
    location_ensemble,
)
from network_map.completion.shares import (
    NearestCost,
    expected_severity,
    nearest_cost_distribution,
    nearest_of_kinds,
)
from network_map.crs import FloatArray
from network_map.gaps.query import REACH_KINDS
from network_map.gaps.severity import REACH_SHARES, KindReach, kind_reach, reach_severity
from network_map.gaps.tables import ReachVerdict
from network_map.nodes.dataset import Dataset
from network_map.places.reference import Places
from network_map.reach.cost import (
    NO_METHOD,
    CostMatrix,
    geodesic_x_circuity,
    own_first,
    without_order,
)
from network_map.reach.coverage import counted_facilities, own_places
from network_map.reach.roads import Roads, road_network_km
from network_map.reach.standards import HIGHER_TIERS, Service
from network_map.reach.tables import TRAVEL_TIMES
from network_map.reach.travel_times import travel_times_matrix
from network_map.terms import AdminLevel, CostUnit, DistanceMethod, NodeKind, ServiceRule

_BANDS = ("km", "low_km", "high_km")
_MARKET = NodeKind.PROVINCIAL_MARKET.value
_RULES = (ServiceRule.OWN_PREFECTURE, ServiceRule.NEAREST)


@dataclass(frozen=True, eq=False)
class KindCoverage:
    """The reach of one kind over all its lists, by county.

    Parameters
    ----------
    service
        Rule and standard.
    rows
        Indexed by county: ``verdict`` (a ``ReachVerdict``), ``gap_share`` and ``covered_share``
        of the lists (missing without an ensemble), ``severity``, ``severity_low``,
        ``severity_high`` over the lists, at the estimate of each distance.
    by_rule
        Verdict by each rule, indexed by county.
    nearest
        Kilometres to the node of this kind alone that serves, and the ends of its band: ``km,
        low_km, high_km``; none where not even the number of places is known.
    """

    service: Service
    rows: pd.DataFrame
    by_rule: Mapping[ServiceRule, pd.Series]
    nearest: Mapping[str, NearestCost]


def gap_costs(
    places: Places, dataset: Dataset, graph: Roads | None, *, method: DistanceMethod
) -> CostMatrix:
    """Return the distances from county seats to placed nodes and to county seats.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    graph
        The road network, needed by ``road_network_km``, and by own travel times: cells without
        one are estimated from it.
    method
        How distances are found.

    Returns
    -------
    CostMatrix
        Counties by ids of nodes and codes of counties.

    Raises
    ------
    QueryError
        If the method needs own travel times and the data set has none, or too few.
    """
    seats = places.county_seats.sort_values("adcode", ignore_index=True)
    nodes = dataset.nodes
    is_placed = nodes["kind"].isin(REACH_KINDS) & nodes["lon"].notna() & nodes["lat"].notna()
    columns = ["node_id", "lon", "lat"]
    facilities = pd.concat(
        [nodes.loc[is_placed, columns], seats.rename(columns={"adcode": "node_id"})[columns]],
        ignore_index=True,
    )
    if method is DistanceMethod.GEODESIC_X_CIRCUITY or graph is None:
        cost = geodesic_x_circuity(seats, facilities)
    else:
        cost = road_network_km(graph, seats, facilities)
    if method.unit is CostUnit.KM:
        return cost
    at = dict(zip(zip(seats["lon"], seats["lat"], strict=True), seats["adcode"], strict=True))
    points = zip(facilities["lon"], facilities["lat"], strict=True)
    return travel_times_matrix(
        cost,
        dataset.further.get(TRAVEL_TIMES.name),
        method=method,
        seat_of={
            node: at[point]
            for node, point in zip(facilities["node_id"], points, strict=True)
            if point in at
        },
    )


def coverages(
    places: Places,
    dataset: Dataset,
    cost: CostMatrix,
    services: Sequence[Service],
    lists: Mapping[str, Ensemble | NestedEnsemble],
    *,
    lacking: Container[str] = (),
    higher_tier_serves: bool = True,
) -> dict[str, KindCoverage]:
    """Return the reach of each kind over all its lists.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    cost
        What :func:`gap_costs` returned.
    services
        The kinds with rule and standard.
    lists
        The completions of each kind.
    lacking
        The kinds of which names are missing.
    higher_tier_serves
        Whether a node of a higher tier counts for a lower one too, by the rule of its own kind.
    """
    found: dict[str, KindCoverage] = {}
    alone = {
        service.kind: _distances(
            places, dataset, cost, lists[service.kind], kind=service.kind, lacking=lacking
        )
        for service in services
    }
    chosen = {service.kind: alone[service.kind].get(service.rule, {}) for service in services}
    for service in services:
        kind, standard = service.kind, float(service.standard_km or 0.0)
        if not chosen[kind]:
            found[kind] = _unknown(service, cost)
            continue
        higher = HIGHER_TIERS.get(kind, ()) if higher_tier_serves else ()
        # A market of which the place is not known serves nobody for certain.
        higher = tuple(
            tier
            for tier in higher
            if chosen.get(tier) and (tier != _MARKET or not _is_open(dataset, tier, lacking))
        )
        is_open = any(_is_open(dataset, tier, lacking) for tier in (kind, *higher))
        by_rule = {
            rule: {
                name: nearest_of_kinds([band, *(chosen[tier][name] for tier in higher)])
                for name, band in bands.items()
            }
            for rule, bands in alone[kind].items()
        }
        verdicts = {rule: _verdicts(b, standard, is_open=is_open) for rule, b in by_rule.items()}
        severity = expected_severity(by_rule[service.rule]["km"], _severity_of(standard))
        rows = verdicts[service.rule].assign(
            severity=severity["expected"].fillna((severity["least"] + severity["most"]) / 2),
            severity_low=severity["least"],
            severity_high=severity["most"],
        )
        words = {rule: table["verdict"] for rule, table in verdicts.items()}
        found[kind] = KindCoverage(service, rows, words, chosen[kind])
    return found


def _is_open(dataset: Dataset, kind: str, lacking: Container[str]) -> bool:
    """Return whether names are missing, or the place of a market."""
    if kind in lacking or kind != _MARKET:
        return kind in lacking
    return bool(counted_facilities(dataset.nodes, kind)[["lon", "lat"]].isna().any(axis=None))


def _distances(
    places: Places,
    dataset: Dataset,
    cost: CostMatrix,
    ensemble: Ensemble | NestedEnsemble,
    *,
    kind: str,
    lacking: Container[str],
) -> dict[ServiceRule, dict[str, NearestCost]]:
    """Return by rule the distributions of the kilometres to a kind, and of their bands' ends."""
    if kind != _MARKET:
        found = _distributions(places, dataset, cost, kind, ensemble)
    elif kind in lacking:
        return {}
    else:
        counted = counted_facilities(dataset.nodes, kind)
        # One node serves all: the rules do not differ.
        found = dict.fromkeys(_RULES, _by_location(places, counted, cost, kind))
    return {
        rule: {name: replace(b, costs=without_order(b.costs)) for name, b in bands.items()}
        for rule, bands in found.items()
    }


def _unknown(service: Service, cost: CostMatrix) -> KindCoverage:
    """Return the reach of a kind of which not even the number of places is known."""
    rows = pd.DataFrame(
        {
            "verdict": ReachVerdict.UNKNOWN.value,
            "gap_share": np.nan,
            "covered_share": np.nan,
            "severity": 0.5,
            "severity_low": 0.0,
            "severity_high": 1.0,
        },
        index=list(cost.demand_ids),
    )
    return KindCoverage(service, rows, dict.fromkeys(_RULES, rows["verdict"]), {})


def _severity_of(standard: float) -> Callable[[FloatArray], FloatArray]:
    return lambda km: reach_severity(km, standard)


def _verdicts(bands: Mapping[str, NearestCost], standard: float, *, is_open: bool) -> pd.DataFrame:
    gap = expected_severity(bands["low_km"], lambda km: (km > standard).astype("float64"))
    cover = expected_severity(bands["high_km"], lambda km: (km <= standard).astype("float64"))
    is_gap, is_covered = gap["least"] == 1, cover["least"] == 1
    never = (gap["most"] == 0) & (cover["most"] == 0)
    is_known = gap["expected"].notna() & cover["expected"].notna()
    if is_open:
        conditions = [is_gap, is_covered, never, is_known]
        words = [
            ReachVerdict.CERTAIN_GAP, ReachVerdict.CERTAIN_COVERED,
            ReachVerdict.UNCERTAIN, ReachVerdict.POSSIBLE,
        ]  # fmt: skip
    else:
        conditions = [is_gap, is_covered, is_known]
        words = [ReachVerdict.GAP, ReachVerdict.COVERED, ReachVerdict.UNCERTAIN]
    verdict = np.select(
        [mask.to_numpy() for mask in conditions],
        [word.value for word in words],
        ReachVerdict.UNKNOWN.value,
    )
    return pd.DataFrame(
        {"verdict": verdict, "gap_share": gap["expected"], "covered_share": cover["expected"]},
        index=gap.index,
    ).astype({"verdict": "str"})


def _distributions(
    places: Places,
    dataset: Dataset,
    cost: CostMatrix,
    kind: str,
    ensemble: Ensemble | NestedEnsemble,
) -> dict[ServiceRule, dict[str, NearestCost]]:
    """Return by rule the distributions of the distance and of its band's ends, in serving order."""
    part = ensemble.inner if isinstance(ensemble, NestedEnsemble) else ensemble
    divisions = places.divisions
    counties = divisions[divisions["level"] == AdminLevel.COUNTY].set_index("adcode")
    prefectures = counties["parent_adcode"].rename("prefecture_adcode")
    is_own = own_places(prefectures.loc[list(cost.demand_ids)].reset_index(), part.adcodes)
    chosen = kind if isinstance(ensemble, NestedEnsemble) else None
    index, columns = list(cost.demand_ids), list(part.adcodes)
    bands = place_bands(places, dataset, cost, kind, adcodes=part.adcodes)
    return {
        rule: {
            name: nearest_cost_distribution(
                ensemble,
                pd.DataFrame(
                    own_first(table, is_own if rule is ServiceRule.OWN_PREFECTURE else None),
                    index=index,
                    columns=columns,
                ),
                kind=chosen,
            )
            for name, table in bands.items()
        }
        for rule in _RULES
    }


def place_bands(
    places: Places,
    dataset: Dataset,
    cost: CostMatrix,
    kind: str,
    *,
    adcodes: tuple[str, ...],
) -> dict[str, FloatArray]:
    """Return the distances from each county to the node that each place has or may get.

    Parameters
    ----------
    places, dataset, cost
        As in :func:`coverages`.
    kind
        The kind of node.
    adcodes
        The places.

    Returns
    -------
    dict
        ``km, low_km, high_km``, each of shape (counties, places): to the nearest named node of
        the place that counts; to the seat of the place where none is named or it has no
        coordinates; infinite where the named ones do not serve yet.
    """
    column = {name: number for number, name in enumerate(cost.facility_ids)}
    nodes = dataset.nodes[dataset.nodes["kind"] == kind]
    counted = counted_facilities(nodes, kind)
    named: dict[str, list[str]] = {}
    for code, node_id in zip(counted["adcode"], counted["node_id"], strict=True):
        named.setdefault(code, []).append(node_id)
    # Named, but still being built: it serves nobody yet.
    idle = set(nodes["adcode"].dropna()) - set(named)
    seat = {code: column[seat] for code, seat in seats_of(places).items() if seat in column}
    sites = {
        code: [column.get(node_id, seat[code]) for node_id in named.get(code, [])] or [seat[code]]
        for code in adcodes
        if code not in idle
    }
    first = [sites.get(code, [0])[0] for code in adcodes]
    bands = {name: getattr(cost, name)[:, first] for name in _BANDS}
    for number, code in enumerate(adcodes):
        if code not in sites or len(sites[code]) > 1:
            for name, table in bands.items():
                nearest = getattr(cost, name)[:, sites.get(code, [])]
                table[:, number] = nearest.min(axis=1, initial=np.inf)
    return bands


def seats_of(places: Places) -> dict[str, str]:
    """Return the county in which the seat of each county and prefecture lies."""
    divisions = places.divisions
    is_county = divisions["level"] == AdminLevel.COUNTY
    seat = divisions["seat_adcode"].where(~is_county, divisions["adcode"])
    return dict(zip(divisions["adcode"], seat, strict=True))


def _by_location(
    places: Places, counted: pd.DataFrame, cost: CostMatrix, kind: str
) -> dict[str, NearestCost]:
    """Return the distributions of a kind of the province: one without a point may be anywhere."""
    ensemble = location_ensemble(counted, places.divisions, kind=kind)
    column = {facility: number for number, facility in enumerate(cost.facility_ids)}
    seats = [column[code] for code in ensemble.adcodes]
    placed = [column[node_id] for node_id in counted["node_id"] if node_id in column]
    index, codes = list(cost.demand_ids), list(ensemble.adcodes)
    return {
        name: nearest_cost_distribution(
            ensemble,
            pd.DataFrame(kilometres[:, seats], index=index, columns=codes),
            fixed_min=pd.Series(kilometres[:, placed].min(axis=1, initial=np.inf), index=index),
        )
        for name, kilometres in ((name, getattr(cost, name)) for name in _BANDS)
    }


def reach_parts(
    places: Places,
    dataset: Dataset,
    cost: CostMatrix,
    counties: pd.DataFrame,
    services: Sequence[Service],
    *,
    by_kind: Mapping[str, Ensemble],
    higher_tier_serves: bool = True,
) -> tuple[KindReach, ...]:
    """Return how each kind that counts reaches the counties, over the places of its lists.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    cost
        Counties by nodes and seats.
    counties
        ``adcode, prefecture_adcode``.
    services
        Kinds with rule and standard.
    by_kind
        The possible lists.
    higher_tier_serves
        As in :func:`coverages`.
    """
    found: dict[str, KindReach] = {}
    for service in services:
        ensemble = by_kind[service.kind]
        if service.kind != _MARKET:
            chosen = _of_places(places, dataset, cost, ensemble)
        elif ensemble.status is CompletionStatus.COMPLETE and not _is_open(dataset, _MARKET, ()):
            chosen = _market(dataset, cost, ensemble)
        else:
            continue
        found[service.kind] = kind_reach(ensemble, chosen, service, counties)
    tiers = HIGHER_TIERS if higher_tier_serves else {}
    return tuple(
        replace(found[kind], higher=tuple(found[t] for t in tiers.get(kind, ()) if t in found))
        for kind in REACH_SHARES
    )


def _of_places(
    places: Places, dataset: Dataset, cost: CostMatrix, ensemble: Ensemble
) -> CostMatrix:
    bands = place_bands(places, dataset, cost, ensemble.kind, adcodes=ensemble.adcodes)
    return _with_places(cost, ensemble.adcodes, bands)


def _market(dataset: Dataset, cost: CostMatrix, ensemble: Ensemble) -> CostMatrix:
    """Return the distances to the market where it stands, of the one place that it is of."""
    counted = counted_facilities(dataset.nodes, ensemble.kind)
    nearest = cost.select(list(counted["node_id"]))
    bands = {
        name: np.tile(
            getattr(nearest, name).min(axis=1, initial=np.inf)[:, None], (1, len(ensemble.adcodes))
        )
        for name in _BANDS
    }
    return _with_places(cost, ensemble.adcodes, bands)


def _with_places(
    cost: CostMatrix, adcodes: tuple[str, ...], bands: Mapping[str, np.ndarray]
) -> CostMatrix:
    shape = (len(cost.demand_ids), len(adcodes))
    return replace(
        cost,
        facility_ids=adcodes,
        km=bands["km"], low_km=bands["low_km"], high_km=bands["high_km"],
        method=np.full(shape, NO_METHOD, dtype="int8"),
        facility_leg_km=np.full(len(adcodes), np.nan),
    )  # fmt: skip
