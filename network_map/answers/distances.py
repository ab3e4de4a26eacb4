"""Distances between counties, made once for every page that asks for them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from network_map.crs import geodesic_matrix_km
from network_map.schema.dataset import Places

METHOD = "geodesic_x_circuity"
# One increasing curve from 1.5 at short range to 1.3 at long range, and a band around it.
_SHORT, _LONG, _FADE_KM = 1.5, 1.3, 60.0
_LOW, _HIGH = 0.85, 1.2


@dataclass(frozen=True, slots=True, eq=False)
class CountyCost:
    """Distances between county seats.

    Parameters
    ----------
    demand_ids, facility_ids
        Codes of the counties, lengths m and n.
    km, low_km, high_km
        Estimate and band in kilometres, shape (m, n).
    method
        How they were made: a code below ``term.distance_method.``.
    """

    demand_ids: tuple[str, ...]
    facility_ids: tuple[str, ...]
    km: NDArray[np.float64]
    low_km: NDArray[np.float64]
    high_km: NDArray[np.float64]
    method: str


def county_cost(places: Places) -> CountyCost:
    """Return the distances between all county seats, by code.

    A straight line is multiplied by a factor that falls from 1.5 to 1.3 as it gets longer; a
    longer straight line never gives a shorter estimate.
    """
    seats = places.county_seats.sort_values("adcode")
    lon, lat = seats["lon"].to_numpy(), seats["lat"].to_numpy()
    straight = geodesic_matrix_km(lon, lat, lon, lat)
    km = straight * (_LONG + (_SHORT - _LONG) * np.exp(-straight / _FADE_KM))
    codes = tuple(seats["adcode"])
    low = np.maximum(km * _LOW, straight)
    return CountyCost(codes, codes, km, low, km * _HIGH, METHOD)
