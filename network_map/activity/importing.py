"""A planner's list of what county centres did in a year: staff, services, contracts brokered."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from network_map.activity.tables import CENTRE_ACTIVITY
from network_map.errors import Problem, Severity
from network_map.listfiles.cells import (
    is_blank,
    number,
    plain_text,
    today_in_china,
    whole_number_text,
)
from network_map.listfiles.preview import ListOptions
from network_map.listfiles.table import Record
from network_map.nodes.importing.small_lists import (
    COUNTY_COLUMNS,
    ListDraft,
    ListRows,
    Report,
    SmallListPreview,
    county_of,
    finished,
    list_rows,
    origin_of,
    places_said,
    summary_problems,
    without_repeats,
)
from network_map.nodes.importing.words import NODE_SYNONYMS
from network_map.places.gazetteer import Gazetteer, place_in_name
from network_map.tables.check import conform
from network_map.terms import AdminLevel, NodeKind

_COUNTS = ("staff_count", "service_count", "contracts_brokered_count")
_PLACES = ("province", "prefecture", "prefecture_adcode", "county", "place", "adcode")
_COUNT_WORD = re.compile(r"(?<=\d)[人个名次份件项家]$")
_MOST_COUNT = 10_000_000
_YEAR = CENTRE_ACTIVITY.column("year")
CENTRE_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "year": ("=年份", "=年度", "=年", "统计年度", "统计年份", "所属年度", "报告年度", "=year"),
    "node_id": ("节点编号", "中心编号", "节点代码", "=编号", "node_id", "node id"),
    "node_name": ("中心名称", "节点名称", "=中心", "=名称", "centre name", "center name", "=name"),
    "staff_count": (
        "在岗人数", "在职人数", "工作人员数", "专职人数", "=人数", "=人员数", "=工作人员",
        "=专职人员", "=在岗人员", "staff_count", "staff",
    ),
    "service_count": (
        "服务次数", "开展服务次数", "服务企业次数", "=服务企业", "=服务企业数", "服务量", "=服务数",
        "service_count", "services",
    ),
    "contracts_brokered_count": (
        "促成合同数", "促成合同", "促成技术合同", "撮合合同", "促成交易", "促成合同份数",
        "contracts_brokered_count", "contracts brokered", "brokered",
    ),
    **{column: tuple(NODE_SYNONYMS[column]) for column in _PLACES},
    "origin": ("来源性质", "=origin"),
    "source": ("数据来源", "资料来源", "=来源", "=出处", "=source"),
}  # fmt: skip
"""Wordings of the headers of a list of the work of centres."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """What a row is read with."""

    rows: ListRows
    gazetteer: Gazetteer
    centres: pd.DataFrame
    report: Report


def preview_centre_activity(
    content: bytes,
    file_name: str,
    gazetteer: Gazetteer,
    nodes: pd.DataFrame,
    options: ListOptions | None = None,
) -> SmallListPreview:
    """Return what would be taken of a list of the work of county centres.

    Parameters
    ----------
    nodes
        Table ``nodes`` of the workspace: the centres that the list speaks of.

    Returns
    -------
    SmallListPreview
        Table ``centre_activity``, one row a centre and year. A blank count is not known, never 0;
        a row without any count is left out.

    Raises
    ------
    FileFormatError
        If the file cannot be read as a list at all.
    """
    options = options or ListOptions()
    report = Report()
    rows = list_rows(content, file_name, CENTRE_SYNONYMS, options, report)
    centres = nodes[nodes["kind"] == NodeKind.COUNTY_CENTRE]
    reader = _Reader(rows, gazetteer, centres, report)
    missing = []
    summary = summary_problems(rows, gazetteer, ("node_id", "node_name", *COUNTY_COLUMNS), _COUNTS)
    report.say(*summary)
    if "year" not in rows.columns:
        missing.append("centre_year_column")
    if not rows.columns & {"service_count", "contracts_brokered_count"}:
        missing.append("centre_work_column")
    report.say(*map(Problem, () if summary else missing))
    if centres.empty:
        report.say(Problem("centre_list_first"))
    records = () if summary or missing or centres.empty else rows.records
    drafts = [draft for record in records if (draft := _draft(record, reader)) is not None]
    taken = without_repeats(drafts, ("year", "node_id"), report)
    table = conform(
        CENTRE_ACTIVITY,
        pd.DataFrame([draft.cells for draft in taken], columns=CENTRE_ACTIVITY.names),
    )
    return finished({CENTRE_ACTIVITY.name: table}, rows, report)


def _draft(record: Record, reader: _Reader) -> ListDraft | None:
    """Return the row as it would be kept, None where it says nothing or has an open problem."""
    report = reader.report
    year = _year(record, report)
    counts = {name: _count(record, name, report) for name in _COUNTS}
    node_id = _centre(record, reader)
    cells = {
        "year": year,
        "node_id": node_id,
        **counts,
        "origin": origin_of(record, reader.rows, report),
        "source": reader.rows.source_of(record),
    }
    if record.row in report.open_rows:
        return None
    if all(value is None for value in counts.values()):
        report.note("centre_row_empty", record.row)
        return None
    return ListDraft(record.row, cells)


def _year(record: Record, report: Report) -> int | None:
    written = whole_number_text(record["year"]).removesuffix("年").removesuffix("年度")
    least, most = int(_YEAR.minimum or 0), int(today_in_china()[:4])
    if written.isascii() and written.isdigit() and least <= int(written[:5]) <= most:
        return int(written)
    values = {"least": least, "most": most}
    report.say(Problem("centre_year", row=record.row, value=record["year"], values=values))
    return None


def _count(record: Record, name: str, report: Report) -> int | None:
    """Return a count, None where the cell is blank: that is not known, and no 0."""
    if is_blank(record[name]):
        return None
    found = number(_COUNT_WORD.sub("", plain_text(record[name])))
    if found is not None and 0 <= found <= _MOST_COUNT and found.is_integer():
        return int(found)
    values = {"heading": CENTRE_ACTIVITY.column(name).zh}
    report.say(
        Problem("centre_count", row=record.row, column=name, value=record[name], values=values)
    )
    return None


def _undisputed(
    record: Record, centre: pd.Series, named: pd.DataFrame, reader: _Reader
) -> str | None:
    """Return the id of a centre, unless the row also names another one or another county."""
    gazetteer = reader.gazetteer
    node_id, adcode = str(centre["node_id"]), str(centre["adcode"])
    if {"node_id", "node_name"} & record.answered:
        return node_id
    said = places_said(record, gazetteer)
    if len(named) == 1 and str(named["node_id"].iloc[0]) != node_id:
        other = str(named["node_name"].iloc[0])
    elif (
        said
        and adcode in gazetteer.places
        and not (said & {adcode, gazetteer.prefecture_of(adcode)})
    ):
        other = "、".join(map(gazetteer.name, sorted(said)))
    else:
        return node_id
    _dispute(record, centre, other, reader.report)
    return None


def _dispute(record: Record, centre: pd.Series, other: str, report: Report) -> None:
    name, node_id = str(centre["node_name"]), str(centre["node_id"])
    values = {"other": other}
    report.say(
        Problem("centre_disputed", Severity.DOUBTFUL, record.row, "node_id", name, values, node_id)
    )


def _centre(record: Record, reader: _Reader) -> str | None:
    """Return the centre that a row means: by its id, else by its name, else by its county."""
    centres, report = reader.centres, reader.report
    named = centres[centres["node_name"].map(plain_text) == plain_text(record["node_name"])]
    has_id = not is_blank(record["node_id"])
    known = centres[centres["node_id"] == record["node_id"]] if has_id else named
    if len(known) == 1:
        return _undisputed(record, known.iloc[0], named, reader)
    only = record["node_id"] if has_id else record["node_name"]
    if has_id or (only and known.empty and not any(record[column] for column in _PLACES)):
        report.say(Problem("centre_unknown", row=record.row, value=only))
        return None
    adcode = county_of(record, reader.gazetteer, report)
    if adcode is None:
        return None
    among = named if len(named) else centres
    here = among[among["adcode"] == adcode]
    if len(here) == 1:
        other = place_in_name(record, AdminLevel.COUNTY, None, reader.gazetteer).adcode
        if named.empty and other not in {None, adcode} and "node_id" not in record.answered:
            _dispute(record, here.iloc[0], record["node_name"], report)
            return None
        return str(here["node_id"].iloc[0])
    code = "centre_unknown" if here.empty else "centre_several"
    value = record["node_name"] or record["county"] or record["place"] or adcode
    report.say(
        Problem(code, row=record.row, value=value, values={"ids": "、".join(here["node_id"][:3])})
    )
    return None
