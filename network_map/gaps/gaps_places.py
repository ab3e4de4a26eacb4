"""The places of each kind of node and the distances to them, for the drawn lists."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from network_map.completion.ensemble import CompletionStatus, Ensemble, location_ensemble
from network_map.gaps.reach import place_bands
from network_map.gaps.severity import KindReach, kind_reach
from network_map.nodes.schema_dataset import Dataset
from network_map.places.sources_reference import Places
from network_map.reach.cost import NO_METHOD, CostMatrix
from network_map.reach.coverage import counted_facilities
from network_map.reach.service import Service
from network_map.terms import NodeKind


def reach_parts(
    places: Places,
    dataset: Dataset,
    cost: CostMatrix,
    counties: pd.DataFrame,
    services: Sequence[Service],
    *,
    by_kind: Mapping[str, Ensemble],
) -> tuple[KindReach, ...]:
    """Return how each kind reaches the counties, over the places of its lists.

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

    Returns
    -------
    tuple of KindReach
        Without the provincial market where not even its number of nodes is known.
    """
    found = []
    for service in services:
        ensemble = by_kind[service.kind]
        if service.kind == NodeKind.PROVINCIAL_MARKET:
            if ensemble.status is not CompletionStatus.COMPLETE:
                continue
            ensemble, chosen = _market(places, dataset, cost, ensemble)
        else:
            chosen = _of_places(places, dataset, cost, ensemble)
        found.append(kind_reach(ensemble, chosen, service, counties))
    return tuple(found)


def _of_places(
    places: Places, dataset: Dataset, cost: CostMatrix, ensemble: Ensemble
) -> CostMatrix:
    bands = place_bands(places, dataset, cost, ensemble.kind, adcodes=ensemble.adcodes)
    return _with_places(cost, ensemble.adcodes, bands)


def _market(
    places: Places, dataset: Dataset, cost: CostMatrix, ensemble: Ensemble
) -> tuple[Ensemble, CostMatrix]:
    """Return the market where it stands; one without a point may be in any county."""
    counted = counted_facilities(dataset.nodes, ensemble.kind)
    is_placed = counted["lon"].notna() & counted["lat"].notna()
    if is_placed.all() or is_placed.any():
        ids = list(counted.loc[is_placed, "node_id"])
        nearest = cost.select(ids)
        bands = {
            name: np.tile(
                getattr(nearest, name).min(axis=1, initial=np.inf)[:, None],
                (1, len(ensemble.adcodes)),
            )
            for name in ("km", "low_km", "high_km")
        }
        return ensemble, _with_places(cost, ensemble.adcodes, bands)
    anywhere = location_ensemble(counted, places.divisions, kind=ensemble.kind)
    return anywhere, cost.select(anywhere.adcodes)


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
