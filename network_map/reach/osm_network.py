"""Driving times over a planner's own roads: an .osm.pbf file, a speed for each class of road.

Speeds are assumptions that a person may change; a class at 0 is left out. One-way streets are
kept. A point is joined to the nearest node of the largest piece of which all nodes reach each
other; one farther than ten kilometres from it gets no time.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Timer
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

import network_map
from network_map.errors import FileFormatError, QueryError
from network_map.reach.osm_process import LONGEST_LEG_KM, NO_ROADS

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
