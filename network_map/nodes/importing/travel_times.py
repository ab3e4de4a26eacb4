"""A planner's matrix of driving times: from a county's seat to a node or another seat.

It comes as such, or is worked out over the roads of a file.
"""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from math import isfinite

import pandas as pd

from network_map.errors import Problem
from network_map.listfiles.cells import is_blank, number
from network_map.listfiles.preview import ListOptions
from network_map.listfiles.table import Record
from network_map.nodes.importing.small_lists import (
    ListDraft,
    ListRows,
    Report,
    SmallListPreview,
    finished,
    list_rows,
    without_repeats,
)
from network_map.reach.tables import TRAVEL_TIMES
from network_map.reach.travel_times import LEAST_COMPARED, osm_network_time, road_speeds
from network_map.tables.check import conform
from network_map.terms import DistanceMethod

_LEAST_MINUTES = 0.01
MOST_MINUTES = 10_000.0
"""A week of driving: a larger number is in another unit."""
_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_REQUIRED = ("origin_id", "dest_id", "minutes")
TRAVEL_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "origin_id": ("=origin_id", "origin id", "=origin", "=起点", "起点代码", "起点编号"),
    "dest_id": (
        "=dest_id", "dest id", "=destination_id", "=destination", "=dest", "=终点", "终点代码",
        "终点编号",
    ),
    "minutes": (
        "=minutes", "=分钟", "驾车时间", "驾车分钟", "时间(分钟)", "=duration_min",
        "driving time",
    ),
    "km": ("=km", "=公里", "里程", "里程(公里)", "=distance_km"),
    "source": ("数据来源", "资料来源", "=来源", "=出处", "=source"),
    "retrieved_on": ("=retrieved_on", "取得日期", "查询日期", "retrieved on"),
}  # fmt: skip
"""Wordings of the headers of a matrix of driving times."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """What a row is read with."""

    rows: ListRows
    counties: Collection[str]
    county_of: Mapping[str, str]
    report: Report
    method: DistanceMethod
    sha256: str


def preview_travel_times(
    content: bytes,
    file_name: str,
    counties: Collection[str],
    nodes: pd.DataFrame,
    options: ListOptions | None = None,
    *,
    method: DistanceMethod = DistanceMethod.ROUTER_MATRIX,
    sha256: str = "",
) -> SmallListPreview:
    """Return what would be taken of a matrix of driving times.

    Parameters
    ----------
    counties
        Codes of the counties.
    nodes
        Table ``nodes`` of the workspace: the other places that a time may lead to.
    method
        Whose times they are.
    sha256
        Of the file that they come from, where that is not this one.

    Returns
    -------
    SmallListPreview
        Table ``travel_times``. What leads from a place to itself is left out: it takes no time.

    Raises
    ------
    FileFormatError
        If the file cannot be read as a list at all.
    """
    report = Report()
    rows = list_rows(content, file_name, TRAVEL_SYNONYMS, options or ListOptions(), report)
    missing = [name for name in _REQUIRED if name not in rows.columns]
    if missing:
        report.say(Problem("travel_columns", value="、".join(missing)))
    known = frozenset(counties)
    county_of = dict(zip(nodes["node_id"], nodes["adcode"], strict=True))
    county_of |= {code: code for code in known}
    reader = _Reader(rows, known, county_of, report, method, sha256 or rows.raw.file.file_sha256)
    records = () if missing else rows.records
    apart = [record for record in records if not _stays(record, county_of)]
    if len(apart) < len(records):
        report.note("travel_same_place", count=len(records) - len(apart))
    drafts = [draft for record in apart if (draft := _draft(record, reader)) is not None]
    taken = without_repeats(drafts, TRAVEL_TIMES.key, report)
    if records and not report.open_rows and len(taken) < LEAST_COMPARED:
        report.say(
            Problem("travel_rows_few", value=str(len(taken)), values={"least": LEAST_COMPARED})
        )
    table = conform(
        TRAVEL_TIMES, pd.DataFrame([draft.cells for draft in taken], columns=TRAVEL_TIMES.names)
    )
    return finished({TRAVEL_TIMES.name: table}, rows, report)


@dataclass(frozen=True)
class RoadOptions(ListOptions):
    """What a person says about a file of roads.

    Parameters
    ----------
    speeds
        ``class=km/h`` each, where it is not the usual speed.
    """

    speeds: tuple[str, ...] = ()


def preview_road_times(
    content: bytes,
    file_name: str,
    seats: pd.DataFrame,
    nodes: pd.DataFrame,
    options: ListOptions | None = None,
) -> SmallListPreview:
    """Return the driving times over the roads of an .osm.pbf file as they would be taken.

    Parameters
    ----------
    seats
        Table ``county_seats``: where ways begin, and where they end.
    nodes
        Table ``nodes`` of the workspace: those with a point of their own are ends too.
    options
        A :class:`RoadOptions` where speeds are said.

    Returns
    -------
    SmallListPreview
        Table ``travel_times``, by method ``osm_network_time``. A row of it is a pair of places.

    Raises
    ------
    FileFormatError
        If the file cannot be read, or says nothing of the points.
    QueryError
        If a speed cannot be used.
    """
    asked = options if isinstance(options, RoadOptions) else RoadOptions()
    points = seats.rename(columns={"adcode": "place_id"})[["place_id", "lon", "lat"]]
    placed = nodes.rename(columns={"node_id": "place_id"})[["place_id", "lon", "lat"]].dropna()
    times = osm_network_time(
        content, points, pd.concat([points, placed], ignore_index=True),
        speeds=road_speeds(asked.speeds),
    )  # fmt: skip
    sha256 = hashlib.sha256(content).hexdigest()
    source = asked.source or " · ".join((f"{file_name} ({sha256[:12]})", *asked.speeds))
    times["minutes"] = times["minutes"].clip(lower=_LEAST_MINUTES)
    preview = preview_travel_times(
        times.to_csv(index=False).encode(), file_name, list(seats["adcode"]), nodes,
        ListOptions(origin=asked.origin, source=source),
        method=DistanceMethod.OSM_NETWORK_TIME, sha256=sha256,
    )  # fmt: skip
    file = replace(preview.file, file_name=file_name, file_sha256=sha256)
    return replace(preview, file=file)


def _stays(record: Record, county_of: Mapping[str, str]) -> bool:
    """Return whether a row leads from a place to itself, or in no time to a node in its county."""
    origin, dest = record["origin_id"].strip(), record["dest_id"].strip()
    is_same = origin == dest or number(record["minutes"]) == 0
    return origin != "" and is_same and county_of.get(dest) == origin


def _draft(record: Record, reader: _Reader) -> ListDraft | None:
    """Return the row as it would be kept, None where it has an open problem."""
    report = reader.report
    origin, dest = record["origin_id"].strip(), record["dest_id"].strip()
    if origin not in reader.counties:
        report.say(Problem("travel_origin", row=record.row, column="origin_id", value=origin))
    if dest not in reader.county_of:
        report.say(Problem("travel_dest", row=record.row, column="dest_id", value=dest))
    minutes = number(record["minutes"])
    km = None if is_blank(record["km"]) else number(record["km"])
    if minutes is None or not 0 < minutes <= MOST_MINUTES:
        report.say(_wrong(record, "minutes", "travel_minutes", most=f"{MOST_MINUTES:,.0f}"))
    if not is_blank(record["km"]) and (km is None or not (isfinite(km) and km >= 0)):
        report.say(_wrong(record, "km", "travel_km"))
    day = record["retrieved_on"].strip()
    if day and not _DAY.fullmatch(day):
        report.say(_wrong(record, "retrieved_on", "travel_day"))
    if record.row in report.open_rows:
        return None
    return ListDraft(
        record.row,
        {
            "travel_method": reader.method.value,
            "origin_id": origin,
            "dest_id": dest,
            "minutes": minutes,
            "km": km,
            "source": reader.rows.source_of(record),
            "retrieved_on": day or None,
            "input_sha256": reader.sha256,
        },
    )


def _wrong(record: Record, column: str, code: str, **values: object) -> Problem:
    return Problem(code, row=record.row, column=column, value=record[column], values=values)
