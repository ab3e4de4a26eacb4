"""A planner's list of figures of counties: population, product, firms of a year, in columns.

The header names figure, year and unit, as in 2021年GDP(亿元): none of them is guessed. Figures may
also stand one in each row, as they are kept.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from network_map.errors import Problem, Severity
from network_map.listfiles.cells import bare_text, is_blank, number, plain_text
from network_map.listfiles.preview import ListOptions
from network_map.listfiles.table import Record, Wording
from network_map.nodes.importing.small_lists import (
    ListDraft,
    ListRows,
    Report,
    SmallListPreview,
    county_of,
    finished,
    list_rows,
    origin_of,
    without_repeats,
)
from network_map.nodes.importing.words import NODE_SYNONYMS
from network_map.places.gazetteer import Gazetteer
from network_map.places.tables import COUNTY_FIGURES, FIGURES
from network_map.tables import Column, ColumnType
from network_map.tables.check import conform

_PLACES = ("province", "prefecture", "prefecture_adcode", "county", "place", "adcode")
_YEAR = re.compile(r"(.*?)[((](\d{4}) ?年?([^()()]*)[))]")
_UNIT = re.compile(r"[((\[]\s*(?:单位[::]?\s*)?([^()()\[\]]{1,8}?)\s*[))\]]\s*$")
_FACTORS: Mapping[str, Mapping[str, float]] = {
    "hundred_million_yuan": {"亿元": 1.0, "万元": 1e-4, "元": 1e-8, "100 million yuan": 1.0},
    "ten_thousand_persons": {"万人": 1.0, "人": 1e-4},
    "persons": {"人": 1.0, "万人": 1e4},
    "share": {"%": 0.01, "百分比": 0.01},
    "km2": {"平方公里": 1.0, "平方千米": 1.0, "km2": 1.0, "km²": 1.0},
    "count": {"个": 1.0, "家": 1.0, "户": 1.0},
    "years": {"年": 1.0},
}
"""What a figure in a unit is multiplied by, by the unit that the table declares."""
_WITHOUT_UNIT = {"count", "years", "share"}
_SHORT = {"地区生产总值": ("生产总值", "GDP"), "年末常住人口": ("常住人口", "年末人口")}
_FAR = 20.0
_DIGITS = 12
_MOST = 1e10


def _words(column: Column) -> tuple[str, ...]:
    """Return the ways of writing a figure with its year."""
    match = _YEAR.fullmatch(column.zh)
    if match is None:
        return (column.zh, column.en)
    name, year, more = match.groups()
    names = [name, *_SHORT.get(name, ())]
    ways = [f"{year}年{name}" for name in names] + [f"{name}{year}年" for name in names]
    ways += [f"{year}年末{name.removeprefix('年末')}" for name in names if "人口" in name]
    ways += [f"{year}{name}" for name in names]
    extra = [f"{year}年普查人口", "普查人口"] if "普查" in more else []
    return (column.zh, column.en, *ways, *extra)


FIGURE_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    **{c.name: tuple(f"={word}" for word in (c.name, *_words(c))) for c in FIGURES},
    "indicator": ("=指标", "指标名称", "=indicator"),
    "figure_value": ("=数值", "=值", "=value", "=figure_value"),
    **{column: tuple(NODE_SYNONYMS[column]) for column in _PLACES},
    "origin": ("来源性质", "=origin"),
    "source": ("数据来源", "资料来源", "=来源", "=出处", "=source"),
}
"""Wordings of the headers of a list of figures; figures by their whole name and year only."""
_BY_WORD = {bare_text(word): c.name for c in FIGURES for word in (c.name, *_words(c))}
_COLUMNS = {column.name: column for column in FIGURES}


def without_unit(header: str) -> str:
    """Return a header without the unit in brackets at its end: 2021年GDP(亿元) is 2021年GDP."""
    match = _UNIT.search(plain_text(header))
    is_unit = match is not None and any(match[1] in known for known in _FACTORS.values())
    return plain_text(header)[: match.start()] if match is not None and is_unit else header


@dataclass(frozen=True, slots=True)
class _Reader:
    """What a row is read with."""

    rows: ListRows
    gazetteer: Gazetteer
    factors: Mapping[str, float]
    known: pd.DataFrame
    report: Report


def preview_figures(
    content: bytes,
    file_name: str,
    gazetteer: Gazetteer,
    known: pd.DataFrame,
    options: ListOptions | None = None,
) -> SmallListPreview:
    """Return what would be taken of a list of figures of counties.

    Parameters
    ----------
    known
        Table ``county_indicators``: a figure that is more than twenty times as large or as small
        as the known one is asked about, for it may be in another unit.

    Returns
    -------
    SmallListPreview
        Table ``county_figures``, one row a county and figure, in the declared unit. A blank says
        nothing.

    Raises
    ------
    FileFormatError
        If the file cannot be read as a list at all.
    """
    options = options or ListOptions()
    report = Report()
    rows = list_rows(
        content, file_name, FIGURE_SYNONYMS, options, report,
        wording=Wording(without_unit, [*_COLUMNS, "figure_value"]),
    )  # fmt: skip
    factors = _factors(rows, report)
    _units_differ(rows, report)
    is_long = {"indicator", "figure_value"} <= rows.columns
    if not is_long and not rows.columns & set(_COLUMNS):
        report.say(Problem("figure_column_missing"))
    reader = _Reader(rows, gazetteer, factors, known.set_index("adcode"), report)
    drafts = [draft for record in rows.records for draft in _drafts(record, reader)]
    taken = without_repeats(drafts, COUNTY_FIGURES.key, report)
    table = conform(COUNTY_FIGURES, pd.DataFrame([d.cells for d in taken], columns=_NAMES))
    return finished({COUNTY_FIGURES.name: table}, rows, report)


_NAMES = COUNTY_FIGURES.names


def _factors(rows: ListRows, report: Report) -> dict[str, float]:
    """Return what the figures of each column are multiplied by; an open unit is asked about."""
    found = {"figure_value": 1.0}
    for name, place in rows.headers.positions.items():
        if name not in _COLUMNS:
            continue
        header = rows.headers.matches[place].header
        unit, known = str(_COLUMNS[name].unit), _FACTORS[str(_COLUMNS[name].unit)]
        match = _UNIT.search(plain_text(header))
        named = None if match is None else known.get(match[1])
        if named is not None:
            found[name] = named
        elif unit in _WITHOUT_UNIT or header in rows.options.columns:
            found[name] = 1.0
        else:
            values = {"units": "、".join(word for word in known if not word.isascii())}
            report.say(
                Problem("figure_unit_unknown", Severity.DOUBTFUL, None, name, header, values)
            )
    return found


_UNIT_BESIDE = re.compile(
    r"单位(?:均|都)?[为是]?[::]?\(?(亿元|万元|千元|元(?![谋阳江]))|\((亿元|万元|千元)\)"
)


def _units_differ(rows: ListRows, report: Report) -> None:
    """Ask about figures in yuan beside which title, remark or number format names another unit."""
    raw = rows.raw
    remarks = [note.value for note in raw.notes if note.code == "remark_left_out"]
    beside = {
        word
        for text in (*raw.titles, *remarks)
        for found in _UNIT_BESIDE.findall(plain_text(text))
        for word in found
        if word
    }
    for name, place in rows.headers.positions.items():
        header = rows.headers.matches[place].header
        match = _UNIT.search(plain_text(header))
        if name not in _COLUMNS or match is None or not match[1].endswith("元"):
            continue
        shown = {unit for at, unit in raw.file.units if at == place}
        other = next(iter(sorted((beside | shown) - {match[1]})), None)
        if other is not None and match[1] not in beside and header not in rows.options.columns:
            values = {"unit": other}
            report.say(
                Problem("figure_unit_differs", Severity.DOUBTFUL, None, name, header, values)
            )


def _drafts(record: Record, reader: _Reader) -> Sequence[ListDraft]:
    """Return the figures of a row; one with an open problem gives none."""
    report = reader.report
    adcode = county_of(record, reader.gazetteer, report)
    figures = {
        name: value
        for name, column in _figures_of(record, reader).items()
        if (value := _value(record, column, name, adcode, reader)) is not None
    }
    cells = {
        "adcode": adcode,
        "origin": origin_of(record, reader.rows, report),
        "source": reader.rows.source_of(record),
    }
    if record.row in report.open_rows:
        return ()
    if not figures:
        report.note("figure_row_empty", record.row)
    return [
        ListDraft(record.row, {**cells, "indicator": name, "figure_value": value})
        for name, value in figures.items()
    ]


def _figures_of(record: Record, reader: _Reader) -> dict[str, str]:
    """Return for each figure of a row the column of the list that holds it."""
    if not {"indicator", "figure_value"} <= reader.rows.columns:
        return {name: name for name in reader.factors if name in _COLUMNS}
    name = _BY_WORD.get(bare_text(record["indicator"]))
    if name is None:
        report_value = record["indicator"]
        reader.report.say(Problem("figure_unknown", row=record.row, value=report_value))
        return {}
    return {name: "figure_value"}


def _value(
    record: Record, column: str, name: str, adcode: str | None, reader: _Reader
) -> float | None:
    """Return a figure in its declared unit, None where the cell is blank or cannot be used."""
    written, declared = record[column], _COLUMNS[name]
    if is_blank(written):
        return None
    is_percent = plain_text(written).endswith("%") and declared.unit == "share"
    found = number(plain_text(written).removesuffix("%") if is_percent else written)
    factor = 0.01 if is_percent else reader.factors.get(column, 1.0)
    value = None if found is None else float(f"{found * factor:.{_DIGITS}g}")
    least = declared.minimum or 0.0
    most = declared.maximum if declared.maximum is not None else _MOST
    is_whole = declared.type is not ColumnType.INTEGER or (value or 0.0).is_integer()
    if value is None or not least <= value <= most or not is_whole:
        values = {"heading": declared.zh}
        reader.report.say(
            Problem(
                "figure_unreadable", row=record.row, column=column, value=written, values=values
            )
        )
        return None
    known = reader.known[name].get(adcode)
    before = 0.0 if known is None or pd.isna(known) else float(known)
    is_far = before > 0 and not 1 / _FAR <= value / before <= _FAR
    if is_far and column not in record.answered:
        values = {"heading": declared.zh, "found": f"{value:g}", "known": f"{before:g}"}
        reader.report.say(
            Problem("figure_far", Severity.DOUBTFUL, record.row, column, record[column], values,
                    record[column])
        )  # fmt: skip
    return value
