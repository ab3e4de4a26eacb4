"""What the lists beside the nodes share: the rows by column, the place of a row, the preview.

The figures of counties (population, product, firms of a year, in columns): the header names
figure, year and unit, as in 2021年GDP(亿元): none of them is guessed. Figures may also stand one
in each row, as they are kept.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from network_map.errors import Problem, Severity
from network_map.listfiles.cells import (
    bare_text,
    clean_text,
    is_blank,
    number,
    plain_text,
    without_contacts,
)
from network_map.listfiles.headers import ListHeaders, Synonyms, figure_headers, list_headers
from network_map.listfiles.preview import (
    OUTCOMES,
    WEIGHT,
    ListOptions,
    ListPreview,
    Outcome,
    in_row_order,
    is_open,
)
from network_map.listfiles.table import (
    RawTable,
    Record,
    Wording,
    read_raw_table,
    twin_problems,
    used_problems,
)
from network_map.nodes.importing.drafts import ORIGIN_WORDS, written_oddly
from network_map.nodes.importing.places import node_place
from network_map.nodes.importing.words import NODE_SYNONYMS
from network_map.places.gazetteer import CERTAIN, Gazetteer, How
from network_map.places.tables import COUNTY_FIGURES, FIGURES
from network_map.tables import Column, ColumnType
from network_map.tables.check import conform
from network_map.terms import AdminLevel

_PLACE_COLUMNS = ("adcode", "county", "place", "prefecture", "prefecture_adcode")


@dataclass(frozen=True, eq=False, kw_only=True)
class SmallListPreview(ListPreview):
    """What would be taken of a list beside the nodes.

    Parameters
    ----------
    tables
        The declared tables that the list fills, by name.
    """

    tables: Mapping[str, pd.DataFrame]

    @property
    def taken_count(self) -> int:
        """Number of rows that would be stored."""
        return sum(map(len, self.tables.values()))


@dataclass
class Report:
    """Collects what there is to say while a list is read."""

    problems: list[Problem] = field(default_factory=list)
    open_rows: set[int] = field(default_factory=set)

    def say(self, *problems: Problem) -> None:
        """Keep problems; a row with an open one is not taken."""
        self.problems += problems
        self.open_rows |= {p.row for p in problems if p.row is not None and is_open([p])}

    def note(self, code: str, row: int | None = None, value: str = "", **values: object) -> None:
        """Keep something that is worth saying."""
        self.say(Problem(code, Severity.NOTE, row, value=value, values=values))


@dataclass(frozen=True)
class ListRows:
    """The rows of a list by declared column.

    Parameters
    ----------
    raw
        The list as text.
    records
        Its rows without those that a person left out; their cells are free of contacts.
    headers
        What was made of the headers.
    options
        What a person says about the list.
    """

    raw: RawTable
    records: tuple[Record, ...]
    headers: ListHeaders
    options: ListOptions

    @property
    def columns(self) -> frozenset[str]:
        """The columns that the list has."""
        return frozenset(self.headers.positions)

    def source_of(self, record: Record) -> str:
        """Return the source of a row: its own, or that of the list."""
        return record["source"] or self.options.source_of(self.raw.file)


@dataclass(frozen=True, slots=True)
class ListDraft:
    """A row of a declared table, and the row of the file that it comes from."""

    row: int
    cells: Mapping[str, object]


def without_repeats(
    drafts: Iterable[ListDraft], key: tuple[str, ...], report: Report
) -> list[ListDraft]:
    """Return the drafts, of several with one key the first; a repeat that differs is an error."""
    kept: dict[tuple[object, ...], ListDraft] = {}
    for draft in drafts:
        first = kept.setdefault(tuple(draft.cells[name] for name in key), draft)
        if first is draft:
            continue
        value = " / ".join(str(draft.cells[name]) for name in key[-1:])
        if _without_source(first) == _without_source(draft):
            report.note("row_repeated_left_out", draft.row, value, first=first.row)
        else:
            values = {"first": first.row}
            report.say(Problem("row_repeated_differs", row=draft.row, value=value, values=values))
    return list(kept.values())


def _without_source(draft: ListDraft) -> dict[str, object]:
    return {name: value for name, value in draft.cells.items() if name not in {"source", "origin"}}


def finished(
    tables: Mapping[str, pd.DataFrame], rows: ListRows, report: Report
) -> SmallListPreview:
    """Return the preview of a list that has been read."""
    return SmallListPreview(
        file=rows.raw.file.without_rows(),
        columns=rows.headers,
        rows=_outcomes(rows.raw.row_numbers, rows.options.exclude_rows, report.problems),
        problems=in_row_order(*report.problems),
        tables=tables,
    )


def _outcomes(
    rows: Sequence[int], excluded: frozenset[int], problems: Iterable[Problem]
) -> pd.DataFrame:
    """Return what becomes of each row: the worst that is said about it decides."""
    outcomes = dict.fromkeys(rows, Outcome.ACCEPTED)
    for problem in sorted(problems, key=lambda problem: WEIGHT[problem.severity]):
        if problem.row in outcomes:
            outcomes[problem.row] = OUTCOMES[problem.severity]
    outcomes |= dict.fromkeys(excluded & set(rows), Outcome.EXCLUDED)
    pairs = [(row, outcome.value) for row, outcome in outcomes.items()]
    return pd.DataFrame(pairs, columns=["row", "outcome"])


def list_rows(
    content: bytes,
    file_name: str,
    synonyms: Synonyms,
    options: ListOptions,
    report: Report,
    *,
    wording: Wording | None = None,
) -> ListRows:
    """Return the rows of a file, columns of people and doors dropped and named.

    Parameters
    ----------
    wording
        What else is known of the headers of the kind of list.

    Raises
    ------
    FileFormatError
        If the file cannot be read as a list at all.
    """
    raw = read_raw_table(
        content, file_name, synonyms, sheet=options.sheet, header_row=options.header_row,
        choices=options.columns, wording=wording,
    )  # fmt: skip
    words = (wording or Wording()).in_own_words
    headers = list_headers(raw.headers, synonyms, options.columns, in_own_words=words)
    columns = headers.positions
    report.say(*raw.notes, *headers.notes)
    found = used_problems(raw, columns, options.answers)
    report.say(*(problem for problem in found if problem.row not in options.exclude_rows))
    report.say(*twin_problems(raw, headers.matches))
    records = []
    texts = {name: raw.frame[position].to_list() for name, position in columns.items()}
    for place, row in enumerate(raw.row_numbers):
        if row in options.exclude_rows:
            continue
        cells = {name: str(column[place]) for name, column in texts.items()}
        record = Record(row, cells).answered_with(options.answers_about(row))
        records.append(_without_contacts(record, report))
    return ListRows(raw, tuple(records), headers, options)


def summary_problems(
    rows: ListRows, gazetteer: Gazetteer, named_by: Collection[str], counts: Collection[str] = ()
) -> tuple[Problem, ...]:
    """Return the refusal of a table of figures: none of its rows is one that the list is of.

    Parameters
    ----------
    named_by
        Columns that tell what a row is about. A place tells it by a county, not by a prefecture.
    counts
        Columns of the list that are figures themselves.
    """
    if any(_tells(record, column, gazetteer) for record in rows.records for column in named_by):
        return ()
    used = {position: column for column, position in rows.headers.positions.items()}
    figures = [
        header
        for place, header in enumerate(rows.raw.headers)
        if (used.get(place) in counts or figure_headers([header]))
        and all(is_blank(text) or number(text) is not None for text in rows.raw.frame[place])
    ]
    values = {"columns": "、".join(figures)}
    return (Problem("list_is_summary", values=values),) if figures else ()


def _tells(record: Record, column: str, gazetteer: Gazetteer) -> bool:
    text = record[column]
    if not text or column not in _PLACE_COLUMNS:
        return bool(text)
    return gazetteer.resolve(text, level=AdminLevel.PREFECTURE).how not in CERTAIN


COUNTY_COLUMNS = _PLACE_COLUMNS[:3]
"""Columns that may name the county of a row."""


def _without_contacts(record: Record, report: Report) -> Record:
    clean = {name: without_contacts(clean_text(cell)) for name, cell in record.cells.items()}
    for name, cell in record.cells.items():
        if clean[name] != clean_text(cell):
            report.say(Problem("contact_removed", Severity.CORRECTED, record.row, name))
    return replace(record, cells=clean)


def county_of(record: Record, gazetteer: Gazetteer, report: Report) -> str | None:
    """Return the county of a row, or None with its problems reported."""
    reading = node_place(_cleared(record), AdminLevel.COUNTY, gazetteer)
    report.say(*reading.problems, *written_oddly(record, reading, gazetteer))
    return reading.adcode


def places_said(record: Record, gazetteer: Gazetteer) -> frozenset[str]:
    """Return the counties that a row may mean; its prefecture where it names no county."""
    if not any(record[column] for column in _PLACE_COLUMNS[:3]):
        wide = _in_prefecture(record, _PLACE_COLUMNS[3:], gazetteer, None)
        return frozenset(filter(None, [wide.prefecture_adcode]))
    reading = node_place(_cleared(record), AdminLevel.COUNTY, gazetteer)
    codes = {reading.adcode} | {problem.fix for problem in reading.problems}
    return frozenset(str(code) for code in codes if code in gazetteer.places)


@dataclass(frozen=True, slots=True)
class MemberPlace:
    """Where a member is: a county, at least a prefecture, outside the province, or not known."""

    adcode: str | None = None
    prefecture_adcode: str | None = None
    is_outside: bool = False


# As our own exports say it, and as people do.
_OUTSIDE_WORDS = frozenset(map(bare_text, ("省外", "外省", "outside the province")))
_UNKNOWN_WORDS = frozenset(map(bare_text, ("地点不明", "不明", "place unknown")))


def member_place(record: Record, gazetteer: Gazetteer, report: Report) -> MemberPlace:
    """Return where a member is; a place that the row does not give stays unknown.

    The name of an organisation is not read for its place: a firm named after Kunming may sit
    anywhere.
    """
    given = [record[column] for column in ("province", *_PLACE_COLUMNS) if record[column]]
    said = {bare_text(text) for text in given}
    if said & _OUTSIDE_WORDS or any(gazetteer.resolve(text).how is How.OUTSIDE for text in given):
        return MemberPlace(is_outside=True)
    if said <= _UNKNOWN_WORDS or not any(record[column] for column in _PLACE_COLUMNS):
        return MemberPlace()
    if not any(record[column] for column in _PLACE_COLUMNS[:3]):
        return _in_prefecture(record, _PLACE_COLUMNS[3:], gazetteer, report)
    named = [
        _in_prefecture(record, [column], gazetteer, None).prefecture_adcode
        for column in _PLACE_COLUMNS
        if record[column]
    ]
    if None not in named and len(set(named)) == 1:
        return MemberPlace(None, named[0])
    adcode = county_of(record, gazetteer, report)
    return MemberPlace(adcode, None if adcode is None else gazetteer.prefecture_of(adcode))


def _in_prefecture(
    record: Record, columns: Sequence[str], gazetteer: Gazetteer, report: Report | None
) -> MemberPlace:
    """Return the prefecture that a column names as such, and nothing more exact than that."""
    for column in columns:
        found = gazetteer.resolve(record[column], level=AdminLevel.PREFECTURE)
        is_whole = report is not None or gazetteer.resolve(record[column]).how in CERTAIN
        if record[column] and found.how in CERTAIN and is_whole:
            return MemberPlace(None, found.adcode)
    if report is not None:
        text = next(record[column] for column in columns if record[column])
        report.say(Problem("place_unknown", row=record.row, column=columns[0], value=text))
    return MemberPlace()


def _cleared(record: Record) -> Record:
    """Return the row without a node's name, so that no place is read from one."""
    return record.with_cell("node_name", "")


def origin_of(record: Record, rows: ListRows, report: Report) -> str:
    """Return the origin of a row: its own, or that of the list."""
    word = record["origin"].casefold()
    if word and word not in ORIGIN_WORDS:
        report.say(Problem("list_origin", row=record.row, value=record["origin"]))
    return ORIGIN_WORDS.get(word, rows.options.origin).value


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
