"""A small network for tests of reach: places on a grid of degrees, and distances given by hand."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import minimize

from network_map.crs import FloatArray
from network_map.places.tables import ROAD_EDGES, ROAD_NODES
from network_map.reach.cost import METHODS, NO_METHOD, CircuityCurve, CostMatrix
from network_map.tables.check import conform
from network_map.terms import DistanceMethod

CLASS_LIMITS_KM = (25.0, 50.0, 75.0, 100.0, 150.0, 200.0, 300.0, 400.0, 600.0)
COUNTIES = pd.DataFrame(
    [
        ("530102", "530100", 102.0, 25.0),
        ("530103", "530100", 102.2, 25.0),
        ("530127", "530100", 102.4, 25.0),
        ("530602", "530600", 103.0, 25.0),
        ("530627", "530600", 103.2, 25.0),
    ],
    columns=["adcode", "prefecture_adcode", "lon", "lat"],
).astype({"adcode": "str", "prefecture_adcode": "str"})


def costs(
    km: Mapping[str, Sequence[float]], *, spread: float = 0.1, low: ArrayLike | None = None
) -> CostMatrix:
    """Return distances from the five counties: kilometres by node id, and a band around them."""
    table = np.zeros((len(COUNTIES), len(km)))
    for column, values in enumerate(km.values()):
        table[:, column] = values
    code = METHODS.index(DistanceMethod.ROAD_NETWORK_KM)
    return CostMatrix(
        demand_ids=tuple(COUNTIES["adcode"]),
        facility_ids=tuple(km),
        km=table,
        low_km=table * (1 - spread) if low is None else np.asarray(low, dtype="float64"),
        high_km=table * (1 + spread),
        method=np.where(np.isnan(table), NO_METHOD, code).astype("int8"),
        demand_leg_km=np.zeros(len(COUNTIES)),
        facility_leg_km=np.zeros(len(km)),
    )


def points(name: str, *places: tuple[str, float, float]) -> pd.DataFrame:
    """Return points from ``(id, lon, lat)``."""
    return pd.DataFrame(places, columns=[name, "lon", "lat"]).astype({name: "str"})


def roads(
    nodes: Sequence[tuple[float, float]], edges: Sequence[tuple[int, int, float]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables of a road network from positions and ``(from, to, km)``."""
    places = pd.DataFrame(nodes, columns=["lon", "lat"]).assign(road_node_id=range(len(nodes)))
    links = pd.DataFrame(edges, columns=["from_road_node_id", "to_road_node_id", "length_km"])
    return conform(ROAD_NODES, places), conform(ROAD_EDGES, links)


def fitted_curve(
    straight_km: ArrayLike, road_km: ArrayLike, *, quantile: float, far: float
) -> CircuityCurve:
    """Return the curve below which a share of the roads lies, by quantile regression.

    It has the least sum of tilted absolute errors of ``log(road / straight)``, with this factor at
    infinity. Ten classes of distance weigh the same: the many long pairs do not drown the short.
    Koenker, R. and Bassett, G. (1978), Regression quantiles, Econometrica 46, 33-50.
    """
    straight = np.asarray(straight_km, dtype="float64")
    observed = np.log(np.asarray(road_km, dtype="float64") / straight)
    classes = np.searchsorted(CLASS_LIMITS_KM, straight, side="right")
    weight = 1.0 / np.bincount(classes)[classes]

    def loss(logarithms: FloatArray) -> float:
        curve = _curve(logarithms, far)
        error = observed - np.log(curve.road_km(straight) / straight)
        return float((weight * np.maximum(quantile * error, (quantile - 1.0) * error)).sum())

    found = minimize(
        loss, np.log((1.5, 200.0)), method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-9}
    )
    return _curve(found.x, far)


def _curve(logarithms: FloatArray, far: float) -> CircuityCurve:
    near, half = np.exp(logarithms)
    return CircuityCurve(float(near), far, float(half))
