"""How well the distance methods meet known trips: a table with every pair left out once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from network_map.reach.cost import geodesic_x_circuity
from network_map.reach.roads import LEG_FACTOR, Roads, road_network_km, ways
from network_map.reach.tables import KNOWN_PAIRS
from network_map.tables.check import conform

MEAN_CIRCUITY = 1.30
"""Known length over straight line, the mean of the five known trips: the factor at long range."""


@dataclass(frozen=True, slots=True)
class KnownPair:
    """A trip of known length between two county seats.

    Parameters
    ----------
    from_adcode, to_adcode
        Counties of the seats.
    known_km
        Length in kilometres.
    """

    from_adcode: str
    to_adcode: str
    known_km: float


EXPRESSWAY_PAIRS = (
    KnownPair("530102", "532901", 330.0),
    KnownPair("530102", "532801", 540.0),
    KnownPair("530102", "530602", 350.0),
    KnownPair("532901", "530702", 180.0),
    KnownPair("530102", "532503", 250.0),
)
"""Kunming-Dali, -Jinghong, -Zhaotong, Dali-Lijiang and Kunming-Mengzi: road lengths in common use,
rounded to ten kilometres, all on expressways. No short trip in the mountains is among them."""


def known_pairs(
    roads: Roads, seats: pd.DataFrame, *, pairs: Sequence[KnownPair] = EXPRESSWAY_PAIRS
) -> pd.DataFrame:
    """Return the known trips beside the estimates, each also estimated from the others alone.

    Parameters
    ----------
    roads
        The road network.
    seats
        ``adcode, lon, lat``: the ends of the trips.
    pairs
        Trips of known length, two at least.

    Returns
    -------
    pandas.DataFrame
        Declared table ``known_pairs``. The factor is what is known, less the access legs, over
        the paths, sums over sums.

    Raises
    ------
    KeyError
        If a county has no seat.
    """
    rows = pd.DataFrame(
        [(pair.from_adcode, pair.to_adcode, pair.known_km) for pair in pairs],
        columns=["from_adcode", "to_adcode", "known_km"],
    )
    used = seats[seats["adcode"].isin({*rows["from_adcode"], *rows["to_adcode"]})]
    seat_of = {adcode: place for place, adcode in enumerate(used["adcode"])}
    start = np.array([seat_of[adcode] for adcode in rows["from_adcode"]], dtype="intp")
    end = np.array([seat_of[adcode] for adcode in rows["to_adcode"]], dtype="intp")
    found, is_any = ways(roads, used, used), np.ones(len(used), dtype=np.bool_)
    path = found.paths_of(is_any, is_any)[start, end]
    leg = LEG_FACTOR * (found.leg_km[0][start] + found.leg_km[1][end])
    known = rows["known_km"].to_numpy("float64")
    factor = ((known - leg).sum() - (known - leg)) / (path.sum() - path)
    left_out = factor * path + leg
    road = road_network_km(roads, used, used, facility_id="adcode")
    plain = geodesic_x_circuity(used, used, facility_id="adcode")
    cells = start, end
    table = rows.assign(
        straight_km=found.straight_km[cells],
        path_km=path,
        leg_km=leg,
        road_km=road.km[cells],
        road_low_km=road.low_km[cells],
        road_high_km=road.high_km[cells],
        road_error_share=road.km[cells] / known - 1.0,
        left_out_factor=factor,
        left_out_km=left_out,
        left_out_error_share=left_out / known - 1.0,
        circuity_km=plain.km[cells],
        circuity_low_km=plain.low_km[cells],
        circuity_high_km=plain.high_km[cells],
    )
    return conform(KNOWN_PAIRS, table)
