"""Driving times of a planner's own: over the roads of an .osm.pbf file, or as a router gave them.

Speeds are assumptions that a person may change; a class at 0 is left out. One-way streets are
kept. A point is joined to the nearest node of the largest piece of which all nodes reach each
other; one farther than ten kilometres from it gets no time.

Given times are laid over the other distances, cell by cell. The times that a person brought stand
as they are. Where there is none, the distance of another method is turned into minutes at the pace
of the cells that both have: the median of minutes over kilometres, with the middle 90 % of it as
band. Such a cell keeps the other method's name.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Timer
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

import network_map
from network_map.crs import FloatArray
from network_map.errors import FileFormatError, QueryError
from network_map.reach.cost import METHODS, CostMatrix, TravelBasis
from network_map.reach.osm_process import LONGEST_LEG_KM, NO_ROADS
from network_map.reach.tables import TRAVEL_TIMES
from network_map.terms import DistanceMethod

# --- over a file of roads -------------------------------------------------------------------------


ROAD_SPEEDS: Mapping[str, float] = MappingProxyType(
    {
        "motorway": 95.0, "motorway_link": 45.0, "trunk": 65.0, "trunk_link": 40.0,
        "primary": 55.0, "primary_link": 35.0, "secondary": 45.0, "secondary_link": 30.0,
        "tertiary": 35.0, "tertiary_link": 25.0, "unclassified": 25.0, "residential": 20.0,
        "living_street": 10.0,
    }
)  # fmt: skip
"""Assumed speeds in kilometres an hour by class of road, for a mountainous province; no source
measures them. Classes that are not named, such as tracks and footways, are not driven on."""

FASTEST_KMH = 130.0
READ_SECONDS = 900.0
READ_MEMORY_BYTES = 6_000_000_000
_PROCESS = "network_map.reach.osm_process"
_HEAD_BYTES = 64
_Tell = Callable[[str, int], None]
_listener: ContextVar[_Tell | None] = ContextVar("road_listener", default=None)


@contextmanager
def told_of_reading(tell: _Tell) -> Iterator[None]:
    """Let a function hear of the steps of the roads that are read in the block.

    Parameters
    ----------
    tell
        Called with the step (``ways``, ``nodes``, ``paths``) and how many are done.
    """
    before = _listener.set(tell)
    try:
        yield
    finally:
        _listener.reset(before)


def road_speeds(words: Iterable[str]) -> dict[str, float]:
    """Return the speed of each class of road, some of them as a person says.

    Parameters
    ----------
    words
        ``class=km/h`` each; 0 leaves a class out.

    Raises
    ------
    QueryError
        If a class is not known or a speed cannot be used.
    """
    found = dict(ROAD_SPEEDS)
    for said in words:
        name, _, value = (part.strip() for part in said.partition("="))
        try:
            speed = float(value)
        except ValueError:
            speed = -1.0
        if name not in found or not 0.0 <= speed <= FASTEST_KMH:
            known = "、".join(ROAD_SPEEDS)
            raise QueryError("osm_speed", found=said, most=f"{FASTEST_KMH:g}", known=known)
        found[name] = speed
    return found


def osm_network_time(
    content: bytes,
    origins: pd.DataFrame,
    dests: pd.DataFrame,
    *,
    speeds: Mapping[str, float] = ROAD_SPEEDS,
) -> pd.DataFrame:
    """Return the driving times from points to others over the roads of a file.

    Parameters
    ----------
    content
        The .osm.pbf file.
    origins, dests
        ``place_id, lon, lat``, n and m rows; degrees.
    speeds
        Kilometres an hour by class of road; a class that is not named is not driven on.

    Returns
    -------
    pandas.DataFrame
        ``origin_id, dest_id, minutes``: a row for each pair that the roads join, but none from a
        place to itself.

    Raises
    ------
    FileFormatError
        If what reads such files is not installed, the file is none, damaged or too large, or it
        has no roads, or none near the points.
    """
    if find_spec("osmium") is None:
        raise FileFormatError("osm_not_installed", command="pip install 'network-map[osm]'")
    if b"OSMHeader" not in content[:_HEAD_BYTES]:
        raise FileFormatError("osm_not_pbf")
    asked = pd.concat([origins, dests], ignore_index=True)
    asking = {
        "speeds": {name: speed for name, speed in speeds.items() if speed > 0},
        "points": asked[["lon", "lat"]].to_numpy("float64").tolist(),
        "origins": len(origins),
    }
    with TemporaryDirectory() as folder:
        path = Path(folder) / "roads.osm.pbf"
        path.write_bytes(content)
        answer = _asked(path, asking)
    minutes = np.array(answer["minutes"], dtype="float64")[:, len(origins) :]
    table = pd.DataFrame(
        {
            "origin_id": np.repeat(origins["place_id"].to_numpy("object"), len(dests)),
            "dest_id": np.tile(dests["place_id"].to_numpy("object"), len(origins)),
            "minutes": minutes.ravel(),
        }
    )
    table = table[(table["origin_id"] != table["dest_id"]) & table["minutes"].notna()]
    if table.empty:
        raise FileFormatError("osm_elsewhere", km=f"{LONGEST_LEG_KM:g}")
    return table.reset_index(drop=True)


def _asked(path: Path, asking: Mapping[str, object]) -> dict[str, Any]:
    """Return the last line of the reading process, telling of those before it."""
    command = [sys.executable, "-P", "-m", _PROCESS, str(path), str(READ_MEMORY_BYTES)]
    process = subprocess.Popen(  # noqa: S603 - our own program, fixed arguments
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(Path(network_map.__file__).parents[1])},
        text=True,
        encoding="utf-8",
    )
    is_late = Event()

    def stop() -> None:
        is_late.set()
        process.kill()

    timer = Timer(READ_SECONDS, stop)
    timer.daemon = True
    timer.start()
    said: dict[str, Any] = {}
    try:
        if process.stdin is None or process.stdout is None:
            raise FileFormatError("osm_damaged")
        process.stdin.write(json.dumps(asking) + "\n")
        process.stdin.close()
        for line in process.stdout:
            said = json.loads(line)
            if (tell := _listener.get()) is not None and said["step"] != "done":
                tell(said["step"], int(said["count"]))
        code = process.wait()
    except (OSError, ValueError) as error:
        raise FileFormatError("osm_damaged") from error
    finally:
        timer.cancel()
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
    if is_late.is_set():
        raise FileFormatError("osm_too_long", seconds=f"{READ_SECONDS:.0f}")
    if code == NO_ROADS:
        raise FileFormatError("osm_no_roads", known="、".join(ROAD_SPEEDS))
    if code or said.get("step") != "done":
        raise FileFormatError("osm_damaged")
    return said


# --- laid over the other distances ----------------------------------------------------------------


OWN_METHODS = (DistanceMethod.OSM_NETWORK_TIME, DistanceMethod.ROUTER_MATRIX)
"""The methods whose data a planner brings."""

TIME_BANDS: Mapping[DistanceMethod, tuple[float, float]] = {
    DistanceMethod.ROUTER_MATRIX: (1.0, 1.0),
    DistanceMethod.OSM_NETWORK_TIME: (0.8, 1.25),
}
"""Ends of the band of a given time over the time. A router's is taken as it stands. Over one's own
roads speeds are assumed by class: a quarter faster, or a fifth slower."""

LEAST_COMPARED = 20
"""With fewer cells that both have, no pace is taken from them."""
_PACE = (0.05, 0.5, 0.95)
_LEAST_KM = 1.0
"""Over shorter distances the quotient says more of the rounding than of the road."""


def own_travel(further: Mapping[str, pd.DataFrame]) -> dict[DistanceMethod, str]:
    """Return the SHA-256 of the input file of each method that a data set has times of.

    Parameters
    ----------
    further
        The tables beside the network's own, by name.
    """
    times = further.get(TRAVEL_TIMES.name)
    if times is None or times.empty:
        return {}
    found = times.groupby("travel_method")["input_sha256"].first()
    return {m: str(found[m.value]) for m in OWN_METHODS if m.value in found.index}


def travel_times_matrix(
    kilometres: CostMatrix,
    times: pd.DataFrame | None,
    *,
    method: DistanceMethod,
    seat_of: Mapping[str, str],
) -> CostMatrix:
    """Return the driving times from demand points to facilities.

    Parameters
    ----------
    kilometres
        The distances by another method, (n, m): what missing cells are estimated from.
    times
        Declared table ``travel_times``; None where nobody has given one.
    method
        Whose rows of it are taken.
    seat_of
        For a facility that stands at a county's seat the code of the county, for which a time may
        be given as well.

    Returns
    -------
    CostMatrix
        In minutes, missing where ``kilometres`` is missing and no time is given. From a place to
        itself it is 0.

    Raises
    ------
    QueryError
        If there are no rows of the method, or fewer than `LEAST_COMPARED` of their cells have a
        distance too.
    """
    rows = None if times is None else times[times["travel_method"] == method.value]
    if rows is None or rows.empty:
        raise QueryError("travel_missing", method=method.value)
    minutes, given_km = _given(rows, kilometres, seat_of)
    known_km = kilometres.km
    # A node at a seat that stands in the matrix itself is no place of its own.
    held = set(kilometres.facility_ids)
    is_place = np.array([(seat := seat_of.get(one, one)) == one or seat not in held
                         for one in kilometres.facility_ids], dtype="bool")  # fmt: skip
    is_apart = (known_km > 0) & is_place
    is_given = np.isfinite(minutes) & ~(known_km == 0)
    compared = is_given & (known_km >= _LEAST_KM) & is_place
    if compared.sum() < LEAST_COMPARED:
        raise QueryError(
            "travel_few", method=method.value, found=int(compared.sum()), least=LEAST_COMPARED
        )
    low, pace, high = (
        float(value) for value in np.quantile(minutes[compared] / known_km[compared], _PACE)
    )
    ends = TIME_BANDS[method]
    found = [
        np.where(is_given, minutes * share, distance * rate)
        for share, distance, rate in (
            (1.0, known_km, pace),
            (ends[0], kilometres.km, low),
            (ends[1], kilometres.km, high),
        )
    ]
    return replace(
        kilometres,
        km=found[0],
        low_km=np.minimum(found[1], found[0]),
        high_km=np.maximum(found[2], found[0]),
        method=np.where(is_given, METHODS.index(method), kilometres.method).astype("int8"),
        travel=TravelBasis(
            method=method,
            input_sha256=str(rows["input_sha256"].iloc[0]),
            kilometres=kilometres,
            minutes_per_km=(low, pace, high),
            error_share=_error(pace * known_km, minutes, compared),
            km_error_share=_error(known_km, given_km, compared & (given_km > 0)),
            compared_count=int(compared.sum()),
            missing_count=int((is_apart & ~is_given).sum()),
            cell_count=int((is_apart | (is_given & is_place)).sum()),
        ),
    )


def estimated_times(cost: CostMatrix) -> CostMatrix:
    """Return a matrix of minutes as it would be without the given times: estimates alone.

    Parameters
    ----------
    cost
        What :func:`travel_times_matrix` returned.

    Raises
    ------
    ValueError
        If it is in kilometres.
    """
    if cost.travel is None:
        raise ValueError("a matrix of minutes expected")
    low, pace, high = cost.travel.minutes_per_km
    other = cost.travel.kilometres
    return replace(
        cost, km=other.km * pace, low_km=other.km * low, high_km=other.km * high,
        method=other.method,
    )  # fmt: skip


def _given(
    rows: pd.DataFrame, cost: CostMatrix, seat_of: Mapping[str, str]
) -> tuple[FloatArray, FloatArray]:
    """Return the given minutes and kilometres, shape (n, m) each; missing where there are none."""
    dests = pd.Index(rows["dest_id"].unique())
    at = (
        pd.Index(cost.demand_ids).get_indexer(pd.Index(rows["origin_id"])),
        dests.get_indexer(pd.Index(rows["dest_id"])),
    )
    is_known = at[0] >= 0
    found = []
    for name in ("minutes", "km"):
        cells = np.full((len(cost.demand_ids), len(dests) + 1), np.nan)
        cells[at[0][is_known], at[1][is_known]] = rows[name].to_numpy("float64")[is_known]
        own, seat = (
            # What has no column of its own has the last one, which is empty.
            cells[:, dests.get_indexer(pd.Index([*ids], dtype="object"))]
            for ids in (cost.facility_ids, _seats(cost.facility_ids, seat_of))
        )
        found.append(np.where(np.isfinite(own), own, seat))
    return found[0], found[1]


def _seats(facility_ids: Iterable[str], seat_of: Mapping[str, str]) -> list[str]:
    return [seat_of.get(one, "") for one in facility_ids]


def _error(estimate: FloatArray, known: FloatArray, where: np.ndarray) -> float:
    if not where.any():
        return float("nan")
    return float(np.median(np.abs(estimate[where] / known[where] - 1.0)))
