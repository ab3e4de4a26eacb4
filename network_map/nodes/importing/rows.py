"""The rows of a node list as records of text by declared column.

The table in a planner's file, with or without a header.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from network_map.errors import FileFormatError, Problem, Severity
from network_map.listfiles.cells import bare_text, clean_text, is_blank, number, plain_text
from network_map.listfiles.grid import shown
from network_map.listfiles.headers import (
    Confidence,
    HeaderMatch,
    ListHeaders,
    figure_headers,
    list_headers,
)
from network_map.listfiles.preview import ListOptions, Options
from network_map.listfiles.table import RawTable, Record, Wording, read_raw_table
from network_map.nodes.importing.words import NODE_SYNONYMS, KindBook, is_ticked
from network_map.places.gazetteer import CERTAIN, Gazetteer, How
from network_map.terms import AdminLevel

_KIND_COLUMNS = ("kind", "kind_or_type", "kind_or_level")
_WITHOUT_KINDS = {"kind": None, "kind_or_type": "node_type", "kind_or_level": None}
"""What such a column is if another one holds the kinds, or none does."""
_MOSTLY, _OFFERED = 0.5, 0.75
_BUILT_OR_NOT = {"是": "已建成", "否": "未建成"}
"""Answers to a header that asks 是否建成."""
_NUMBERING = re.compile(r"^[一二三四五六七八九十\d、.,()()第章节部分\s]+")
_COUNT = re.compile(r"[(\uff08:\uff1a].*$|[共\d\s个家]+$")


@dataclass(frozen=True)
class Records:
    """The records of a list in the order of the file, and what was made of its columns."""

    records: tuple[Record, ...]
    columns: ListHeaders
    notes: tuple[Problem, ...] = ()


def node_records(
    raw: RawTable,
    gazetteer: Gazetteer,
    kinds: KindBook,
    options: ListOptions,
    *,
    is_datum_told: bool = False,
) -> Records:
    """Return the rows of a list by declared column.

    Parameters
    ----------
    raw
        The list as text.
    gazetteer, kinds
        Tell a heading inside the list (昆明市(5 个), 二、县域中心) from a row.
    options
        The person's own matches of headers and values.
    is_datum_told
        Whether the person said which system the coordinates are in.
    """
    found = list_headers(raw.headers, NODE_SYNONYMS, options.columns, in_own_words=_without_datum)
    ticked = _kind_columns(raw, kinds)
    columns = ListHeaders(
        tuple(
            replace(match, column=None, confidence=Confidence.NONE)
            if match.position in ticked else match
            for match in _settled_type(raw, found.matches, kinds)
        ),
        found.dropped,
        tuple(raw.headers[position] for position in ticked),
    )  # fmt: skip
    records = _ticked_records(raw, _records(raw, columns.matches), ticked)
    records, sections = _without_sections(records, gazetteer, kinds)
    records, fills = _filled_down(records, "prefecture")
    records, _ = _filled_down(records, "kind")
    notes = (
        *columns.notes,
        *(() if is_datum_told else _other_datum(raw, columns.matches, options.columns)),
        *_summary(raw, columns.matches, kinds, ticked),
        *sections,
        *fills,
    )
    answered = (record.answered_with(options.answers_about(record.row)) for record in records)
    return Records(tuple(answered), columns, notes)


_OTHER_DATUM = re.compile(
    r"百度|baidu|bd-?_?09|高德|amap|gcj-?_?02|火星|腾讯|国测局"
    r"|(北京|西安|beijing|xian)-?_?(19)?(54|80)"
)
_OUR_DATUM = re.compile(r"wgs-?_?(19)?84|cgcs-?_?2000|(国家|大地)2000")
_POINT_COLUMNS = ("lon", "lat", "lonlat")
_POINT_WORDS = {
    bare_text(word) for column in _POINT_COLUMNS for word in NODE_SYNONYMS[column]
}  # fmt: skip
_DATUM_HEADER = "坐标系"


def _without_datum(header: str) -> str:
    """Return a header of coordinates without the datum that it names: 高德坐标 is 坐标."""
    plain = plain_text(header)
    for datum in (_OTHER_DATUM, _OUR_DATUM):
        plain = datum.sub("", plain)
    bare = bare_text(plain)
    return bare if bare in _POINT_WORDS and bare != bare_text(header) else header


def _other_datum(
    raw: RawTable, headers: Sequence[HeaderMatch], choices: Mapping[str, str | None]
) -> tuple[Problem, ...]:
    """Return the question about coordinates of which the file says another datum than WGS 84.

    In their headers, in the lines above or below the list, or in a column 坐标系.
    """
    points = [m.header for m in headers if m.column in _POINT_COLUMNS and m.header not in choices]
    if not points:
        return ()
    remarks = [note.value for note in raw.notes if note.code == "remark_left_out"]
    texts = [text for text in (*raw.titles, *remarks) if text and "坐标" in text]
    texts += [
        word for place, header in enumerate(raw.headers)
        if _DATUM_HEADER in header and header not in points
        for word in dict.fromkeys(raw.frame[place])
    ]  # fmt: skip
    named = [text for text in points if _OTHER_DATUM.search(plain_text(text))] + [
        shown([text]) for text in texts
        if _OTHER_DATUM.search(plain_text(text)) and not _OUR_DATUM.search(plain_text(text))
    ]  # fmt: skip
    if not named:
        return ()
    values = {"columns": "、".join(named), "first": points[0]}
    return (Problem("coordinates_other_datum", Severity.DOUBTFUL, None, "columns", values=values),)


_QUANTITY = re.compile(r"(节点|机构|中心)?(数|数量|个数|总数|小计|合计)(\(.*\))?")
_MOST_NODES = 10_000
"""No place has so many nodes: a number from here on is a code."""


def _summary(
    raw: RawTable,
    headers: Sequence[HeaderMatch],
    kinds: KindBook,
    ticked: Collection[int],
) -> tuple[Problem, ...]:
    """Return the refusal of a table of figures by place or kind: it lists no node.

    Figures stand under 示范县数 or under the kind alone; beside a column of kinds only the number
    of nodes itself is one, and it is not 1 in every row.
    """
    figures: dict[int, str] = {}
    for place, header in enumerate(raw.headers):
        found = [number(text) for text in raw.frame[place] if not is_blank(text)]
        known = [value for value in found if value is not None]
        if place in ticked or not known or len(known) < len(found):
            continue
        reading = kinds.read(header)
        is_kind = reading.kind is not None and not reading.candidates
        if figure_headers([header]) or (is_kind and max(known) < _MOST_NODES):
            figures[place] = header
    columns = {match.column for match in headers if match.position not in figures}
    if "kind" in columns:
        figures = {
            place: header for place, header in figures.items()
            if _QUANTITY.fullmatch(plain_text(header))
            and any(number(text) not in {None, 1.0} for text in raw.frame[place])
        }  # fmt: skip
    if not figures or ticked or columns & {"node_name", "node_id", "status", "adcode"}:
        return ()
    values = {"columns": "、".join(figures.values())}
    return (Problem("list_is_summary", values=values),)


def _settled_type(
    raw: RawTable, matches: tuple[HeaderMatch, ...], kinds: KindBook
) -> tuple[HeaderMatch, ...]:
    """Decide by its cells which of 节点类型, 类型 and 级别 holds the kinds of node."""
    shares = {
        match.position: _known_share(raw, match.position, kinds)
        for match in matches
        if match.column in _KIND_COLUMNS
    }
    best = max(shares, key=lambda position: shares[position], default=None)
    settled: list[HeaderMatch] = []
    for match in matches:
        column = match.column
        if match.position in shares and match.confidence is not Confidence.CHOSEN:
            is_kind = match.position == best and (column == "kind" or shares[best] > _MOSTLY)
            column = "kind" if is_kind else _WITHOUT_KINDS[str(column)]
        taken = {other.column for other in settled}
        settled.append(replace(match, column=None if column in taken else column))
    return tuple(settled)


def _known_share(raw: RawTable, position: int, kinds: KindBook) -> float:
    """Return the share of a column's words that are kinds of node, or may be offered as one."""
    words = {word for word in raw.frame[position] if not is_blank(word)}
    known = sum(kinds.read(word).kind is not None for word in words)
    offered = sum(kinds.read(word).kind is None and bool(kinds.suggested(word)) for word in words)
    return (known + _OFFERED * offered) / max(len(words), 1)


def _records(raw: RawTable, headers: Sequence[HeaderMatch]) -> list[Record]:
    columns = [(match.column, match.position) for match in headers if match.column is not None]
    texts = {
        column: ["" if is_blank(text) else clean_text(text) for text in raw.frame[position]]
        for column, position in columns
    }
    for match in headers:
        if match.column == "status" and "是否" in match.header and "建" in match.header:
            texts["status"] = [_BUILT_OR_NOT.get(text, text) for text in texts["status"]]
    return [
        Record(row, {column: cells[place] for column, cells in texts.items()})
        for place, row in enumerate(raw.row_numbers)
    ]


def _kind_columns(raw: RawTable, kinds: KindBook) -> dict[int, str]:
    """Return the columns that are headed by a kind and hold nothing but ticks, with their kind."""
    found: dict[int, str] = {}
    for position, header in enumerate(raw.headers):
        reading = kinds.read(header)
        ticks = {is_ticked(cell) for cell in raw.frame[position]}
        is_sure = reading.kind is not None and not reading.candidates
        if is_sure and None not in ticks and True in ticks:
            found[position] = reading.kind or ""
    return found


def _ticked_records(
    raw: RawTable, records: list[Record], ticked: Mapping[int, str]
) -> list[Record]:
    """Return one record for each tick, if the list has a column of ticks for each kind."""
    if not ticked:
        return records
    return [
        record.with_cell("kind", kind)
        for place, record in enumerate(records)
        for position, kind in ticked.items()
        if is_ticked(raw.frame[position].iloc[place])
    ]


def _without_sections(
    records: Sequence[Record], gazetteer: Gazetteer, kinds: KindBook
) -> tuple[list[Record], tuple[Problem, ...]]:
    """Take headings inside the list as the kind or prefecture of the rows below them."""
    kept: list[Record] = []
    notes: list[Problem] = []
    heading: dict[str, str] = {}
    width = max((len(record.cells) for record in records), default=0)
    for record in records:
        found = _section(record, gazetteer, kinds) if width > 1 else None
        if found is not None:
            column, value, text = found
            heading[column] = value
            notes.append(Problem("section_heading", Severity.NOTE, row=record.row, value=text))
            continue
        for column, value in heading.items():
            if not record[column]:
                is_weak = column == "prefecture"
                record = record.with_cell(column, value, is_filled=is_weak)  # noqa: PLW2901 - the row with its heading
        kept.append(record)
    # A list of nothing but headings is a list of places after all.
    return (kept, tuple(notes)) if kept else (list(records), ())


def _section(record: Record, gazetteer: Gazetteer, kinds: KindBook) -> tuple[str, str, str] | None:
    """Return column, value and text if the row is a heading: one cell, a kind or a prefecture."""
    texts = [
        text for column, text in record.cells.items()
        if text and (column != "ordinal" or text.isdecimal() or _NUMBERING.sub("", text))
    ]  # fmt: skip
    if len(texts) != 1:
        return None
    text = texts[0]
    bare = _COUNT.sub("", _NUMBERING.sub("", text)) or text
    reading = kinds.read(bare)
    if reading.kind is not None and not reading.candidates:
        return "kind", reading.kind, text
    if record["county"] or record["node_name"]:
        return None
    found = gazetteer.resolve(bare, level=AdminLevel.PREFECTURE)
    if found.how in CERTAIN and found.adcode is not None and record["prefecture"] != bare:
        return "prefecture", gazetteer.name(found.adcode), text
    return None


def _filled_down(
    records: Sequence[Record], column: str
) -> tuple[list[Record], tuple[Problem, ...]]:
    """Fill empty cells of a grouping column from the row above, as a merged cell would read."""
    filled: list[Record] = []
    last = ""
    rows: list[int] = []
    for record in records:
        last = record[column] or last
        if last and not record[column] and record[column] != last:
            filled.append(record.with_cell(column, last, is_filled=True))
            rows.append(record.row)
        else:
            filled.append(record)
    values = {"count": len(rows), "rows": _spans(rows)}
    note = Problem("prefecture_filled_down", Severity.NOTE, values=values)
    return filled, (note,) if rows else ()


def _spans(rows: Sequence[int]) -> str:
    """Return rising row numbers in short: 3–5、9."""
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][-1] + 1:
            spans[-1] = [spans[-1][0], row]
        else:
            spans.append([row])
    return "、".join("–".join(map(str, span)) for span in spans)


def kind_guess(raw: RawTable, records: Records, kinds: KindBook) -> str | None:
    """Return the one kind that title, sheet name, headers, node names or file name speak of."""
    place_headers = [
        m.header for m in records.columns.matches if m.column in {"county", "place", "node_name"}
    ]
    names = list(dict.fromkeys(record["node_name"] for record in records.records))
    for texts in (
        raw.titles, [raw.file.sheet_name or ""], place_headers, names,
        [bare_text(raw.file.file_name)],
    ):  # fmt: skip
        found = {kind for text in texts for kind in kinds.mentioned(text)}
        if len(found) == 1:
            return found.pop()
    return None


_MOSTLY_KNOWN = 0.6


def read_node_table(
    content: bytes,
    file_name: str,
    gazetteer: Gazetteer,
    kinds: KindBook,
    options: Options,
) -> tuple[RawTable, Options, tuple[Problem, ...]]:
    """Return the cells of a node list, what is said about it, and notes.

    Gazetteer and kinds tell the columns of a list without any header by what stands in them.

    Raises
    ------
    FileFormatError
        If the file cannot be read as a list at all.
    """
    sheet, header_row = options.sheet, options.header_row
    try:
        raw = read_raw_table(
            content, file_name, NODE_SYNONYMS, sheet=sheet, header_row=header_row,
            choices=options.columns, wording=Wording(_without_datum),
        )  # fmt: skip
    except FileFormatError as error:
        if error.code != "file_no_header":
            raise
        bare = read_raw_table(content, file_name, NODE_SYNONYMS, sheet=sheet, header_row=0)
        found = _by_content(bare, gazetteer, kinds)
        if found is None:
            raise
        raw, columns, note = found
        return raw, replace(options, columns=columns), (note,)
    return raw, options, ()


def _by_content(
    raw: RawTable, gazetteer: Gazetteer, kinds: KindBook
) -> tuple[RawTable, Mapping[str, str | None], Problem] | None:
    """Return a list without header whose columns speak for themselves, or None."""
    headers = tuple(f"[{position + 1}]" for position in range(len(raw.headers)))
    choices: dict[str, str | None] = {}
    for position, header in enumerate(headers):
        column = _column_of(raw.frame[position].tolist(), gazetteer, kinds)
        if column is not None and column not in choices.values():
            choices[header] = column
    if "place" not in choices.values():
        return None
    title = _title_rows(raw, list(choices.values()).index("place"), choices, gazetteer)
    columns = "、".join(f"{header} {column}" for header, column in choices.items())
    note = Problem("no_header_columns_guessed", Severity.NOTE, values={"columns": columns})
    shown = tuple(
        " ".join(filter(None, row)) for row in raw.frame.iloc[:title].itertuples(index=False)
    )
    cut = replace(
        raw,
        frame=raw.frame.iloc[title:].reset_index(drop=True),
        row_numbers=raw.row_numbers[title:],
        headers=headers,
        titles=shown,
    )
    return cut, choices, note


def _title_rows(
    raw: RawTable, place: int, choices: Mapping[str, str | None], gazetteer: Gazetteer
) -> int:
    """Return how many rows stand above the first one that names a place."""
    position = int(list(choices)[place].strip("[]")) - 1
    texts = raw.frame[position].tolist()
    return next(
        (
            n
            for n, text in enumerate(texts)
            if gazetteer.resolve(text).how not in {How.UNKNOWN, How.EMPTY}
        ),
        0,
    )


def _column_of(texts: Sequence[str], gazetteer: Gazetteer, kinds: KindBook) -> str | None:
    filled = [text for text in texts if not is_blank(text)]
    if not filled:
        return None
    places = sum(
        gazetteer.resolve(text).how in CERTAIN | {How.AMBIGUOUS, How.SPLIT} for text in filled
    )
    if places >= _MOSTLY_KNOWN * len(filled):
        return "place"
    named = sum(kinds.read(text).kind is not None for text in filled)
    return "kind" if named >= _MOSTLY_KNOWN * len(filled) else None
