"""A planner's list of the industries of counties: what it does not say stays unknown."""

from collections.abc import Iterator

import pandas as pd

from network_map.consortia.consortium_words import (
    INDUSTRY_SYNONYMS,
    industry_name,
    listed,
    read_presence,
)
from network_map.consortia.tables import COUNTY_INDUSTRY
from network_map.errors import Problem
from network_map.listfiles.table import Record
from network_map.nodes.importing.preview import NodeListOptions
from network_map.nodes.importing.small_lists import (
    Draft,
    ListPreview,
    ListRows,
    Report,
    county_of,
    finished,
    list_rows,
    origin_of,
    source_of,
    without_repeats,
)
from network_map.places.gazetteer import Gazetteer
from network_map.tables.check import conform
from network_map.terms import Presence


def preview_industries(
    content: bytes, file_name: str, gazetteer: Gazetteer, options: NodeListOptions | None = None
) -> ListPreview:
    """Return what would be taken of a list of county industries.

    Parameters
    ----------
    content, file_name
        The file: CSV, TSV or a spreadsheet; a cell may name several industries.
    gazetteer
        The divisions.
    options
        What a person says about the list.

    Returns
    -------
    ListPreview
        Table ``county_industry``. A row says that the industry is there, unless a column 有无
        says that it is not; where that column says 未知 nothing is kept, for that is what a
        missing row means.

    Raises
    ------
    FileFormatError
        If the file cannot be read as a list at all.
    """
    options = options or NodeListOptions()
    report = Report()
    rows = list_rows(content, file_name, INDUSTRY_SYNONYMS, options, report)
    is_readable = "industry" in rows.columns
    if not is_readable:
        report.say(Problem("industry_column_missing"))
    records = rows.records if is_readable else ()
    drafts = [d for record in records for d in _drafts(record, rows, gazetteer, options, report)]
    taken = without_repeats(drafts, ("adcode", "industry"), report)
    table = conform(COUNTY_INDUSTRY, pd.DataFrame([draft.cells for draft in taken]))
    return finished({COUNTY_INDUSTRY.name: table}, rows, options, report)


def _drafts(
    record: Record,
    rows: ListRows,
    gazetteer: Gazetteer,
    options: NodeListOptions,
    report: Report,
) -> Iterator[Draft]:
    """Yield a draft for each industry of a row; a row with an open problem gives none."""
    words = listed(record["industry"])
    if not words:
        report.say(Problem("industry_missing", row=record.row))
    presence = Presence.PRESENT
    if "presence" in rows.columns:
        found = read_presence(record["presence"])
        if found is None:
            report.say(Problem("presence_unreadable", row=record.row, value=record["presence"]))
        elif found is Presence.UNKNOWN:
            report.note("presence_unknown_left_out", record.row)
        presence = found or Presence.UNKNOWN
    adcode = county_of(record, gazetteer, report)
    cells = {
        "adcode": adcode,
        "presence": presence.value,
        "origin": origin_of(record, options, report),
        "source": source_of(record, rows.raw, options),
    }
    if record.row in report.open_rows or presence is Presence.UNKNOWN:
        return
    for industry in dict.fromkeys(industry_name(word) for word in words):
        yield Draft(record.row, {**cells, "industry": industry})
