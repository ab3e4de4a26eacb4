"""A small province for priorities: ensembles, distances and severities of seven counties."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from network_map.completion.choice import Floats
from network_map.completion.ensemble import Ensemble, nested_ensemble
from network_map.completion.shares import inclusion_shares
from network_map.gaps.priority import Severities
from network_map.gaps.rank_draws import NetworkLists
from network_map.gaps.severity import (
    PRESENCE_SHARES,
    kind_reach,
    kind_severities,
    missing_bounds,
    summed_severities,
)
from network_map.reach.cost import CostMatrix
from network_map.reach.standards import Service
from network_map.terms import ServiceRule
from tests.completion.world import CENTRE, COUNTIES, DEMONSTRATION, PROVINCE, Facts, kinds

COUNTY_TABLE = pd.DataFrame(
    {"adcode": COUNTIES, "prefecture_adcode": [f"{code[:4]}00" for code in COUNTIES]}
).astype("str")
SHARES = {DEMONSTRATION: 1.0}

OPEN = (
    Facts({PROVINCE: 6}, named=COUNTIES[:2], kind=CENTRE),
    Facts({PROVINCE: 3}, named=COUNTIES[:1], kind=DEMONSTRATION),
)
KNOWN = (
    Facts({PROVINCE: 6}, named=COUNTIES[:6], complete=[PROVINCE], kind=CENTRE),
    Facts({PROVINCE: 3}, named=COUNTIES[:3], complete=[PROVINCE], kind=DEMONSTRATION),
)


def matrix(km: Floats, codes: Sequence[str] = COUNTIES, *, width: float = 0.2) -> CostMatrix:
    """Return distances between places with a band of a share to either side."""
    return CostMatrix(
        demand_ids=tuple(codes),
        facility_ids=tuple(codes),
        km=km,
        low_km=km * (1 - width),
        high_km=km * (1 + width),
        method=np.zeros(km.shape, dtype="int8"),
        demand_leg_km=np.zeros(len(km)),
        facility_leg_km=np.zeros(len(km)),
    )


def distances(seed: int = 1) -> Floats:
    """Return distances between seven random points, in kilometres up to some 280."""
    points = np.random.default_rng(seed).uniform(0, 200, (len(COUNTIES), 2))
    return np.asarray(np.linalg.norm(points[:, None] - points[None], axis=2))


def lists(
    facts: Sequence[Facts] = OPEN,
    *,
    rule: ServiceRule = ServiceRule.NEAREST,
    is_nested: bool = False,
    seed: int = 1,
) -> NetworkLists:
    """Return ensembles and distances of the facts; demonstration counties alone reach."""
    by_kind = kinds(*facts)
    service = Service(DEMONSTRATION, rule, 100.0)
    reach = kind_reach(
        by_kind[DEMONSTRATION], matrix(distances(seed)), service, COUNTY_TABLE, share=1.0
    )
    nested = nested_ensemble(by_kind) if is_nested else None
    return NetworkLists(by_kind, (reach,), nested)


def presence_of(network: NetworkLists) -> pd.DataFrame:
    """Return the severity of presence over all lists."""
    found = {
        kind: inclusion_shares(network.by_kind[kind])
        if network.nested is None
        else inclusion_shares(network.nested, kind=kind)
        for kind in PRESENCE_SHARES
    }
    parts = [
        (share, missing_bounds(found[kind], planned=network.planned))
        for kind, share in PRESENCE_SHARES.items()
    ]
    return summed_severities(parts)


def reach_of(network: NetworkLists) -> pd.DataFrame:
    """Return the severity of reach over all lists."""
    return summed_severities([(part.share, kind_severities(part)) for part in network.reaches])


def severities(network: NetworkLists, *, activity: bool = True) -> Severities:
    """Return the severities of the lists, with activity known and consortium fit partly known."""
    step = np.linspace(0.1, 0.9, len(COUNTIES))
    known = pd.DataFrame({"expected": step, "low": step, "high": step}, index=COUNTIES)
    fit = pd.DataFrame({"expected": np.nan, "low": 0.0, "high": 1.0}, index=COUNTIES)
    fit.iloc[:5] = 0.2
    tables = {
        "presence": presence_of(network),
        "reach": reach_of(network),
        "activity": known if activity else fit.assign(expected=np.nan, low=0.0, high=1.0),
        "consortium": fit,
    }
    return Severities.of(COUNTIES, tables)


def with_lists(network: NetworkLists, kind: str, ensemble: Ensemble) -> NetworkLists:
    """Return the lists with the ensemble of one kind replaced."""
    reaches = tuple(
        replace(part, ensemble=ensemble) if part.ensemble.kind == kind else part
        for part in network.reaches
    )
    return replace(network, by_kind={**network.by_kind, kind: ensemble}, reaches=reaches)
