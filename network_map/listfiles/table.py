"""A list in a file of any kind, opened; a short one as a table of text."""

import hashlib
import mmap
import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from network_map.errors import FileFormatError, MissingFileError, Problem, Severity
from network_map.listfiles.cells import clean_column, clean_text, mended, plain_text
from network_map.listfiles.grid import (
    BOOK_LIMITS,
    DEFAULT_LIMITS,
    TEXT_LIMITS,
    UPLOAD_BYTES,
    Chunk,
    HeaderRules,
    Limits,
    ListFile,
    Merge,
    shown,
)
from network_map.listfiles.guarded import chosen_layer, layer_tables, map_kind
from network_map.listfiles.headers import (
    NUMBERED_AGAIN,
    Confidence,
    HeaderMatch,
    Synonyms,
    header_score,
    match_headers,
    with_choices,
)
from network_map.listfiles.preview import sifted
from network_map.listfiles.text_files import Data, blocks, open_text
from network_map.listfiles.workbook_process import FORMULA_MARK
from network_map.listfiles.workbooks import is_workbook, open_book

_START = 8


@contextmanager
def open_list(
    content_or_path: bytes | Path,
    file_name: str,
    rules: HeaderRules,
    *,
    sheet: str | None = None,
    header_row: int | None = None,
    limits: Limits | None = None,
) -> Iterator[ListFile]:
    """Open a list; whatever reads it ends with the block.

    Parameters
    ----------
    content_or_path
        The file: CSV, TSV, a spreadsheet or Parquet. A text file given by its path is mapped,
        not held in memory.
    limits
        What the file may ask of the machine; by default what its kind may.

    Raises
    ------
    FileFormatError
        If it cannot be read as such a list at all.
    MissingFileError
        If there is no such file.
    """
    data = _data(content_or_path)
    layer = _map_layer(data, rules, sheet) if _may_be_map(data) else None
    is_book = layer is None and is_workbook(bytes(data[:_START]))
    is_held = isinstance(content_or_path, bytes) or is_book or layer is not None
    most = UPLOAD_BYTES if is_held else TEXT_LIMITS.max_bytes
    _check_size(len(data), most if limits is None else min(most, limits.max_bytes))
    if not bytes(data[:4096]).strip() and not bytes(data[:]).strip():
        raise FileFormatError("file_empty", file_name=file_name)
    with ThreadPoolExecutor(max_workers=1) as other:  # hashing leaves the interpreter free
        sha256 = other.submit(_sha256, data)
        if layer is not None:
            name, others, table = layer
            found = open_text(table, file_name, rules, header_row=header_row, limits=TEXT_LIMITS)
            notes = (*found.notes, *_layer_notes(name, others))
            found = replace(found, sheet_name=name, other_sheets=others, notes=notes)
            yield _named(found, file_name, sha256.result())
            return
        if not is_book:
            found = open_text(
                data, file_name, rules, header_row=header_row, limits=limits or TEXT_LIMITS
            )
            yield _named(found, file_name, sha256.result())
            return
        with open_book(
            bytes(data[:]),
            rules,
            sheet=sheet,
            header_row=header_row,
            limits=limits or BOOK_LIMITS,
        ) as found:
            yield _named(found, file_name, sha256.result())


def _may_be_map(data: Data) -> bool:
    """Return whether a file begins as a map file may, and is no larger than what is read of one."""
    start = bytes(data[:_START]).removeprefix(b"\xef\xbb\xbf").lstrip()
    return len(data) <= DEFAULT_LIMITS.max_bytes and start.startswith((b"{", b"SQLite", b"PK"))


def _map_layer(
    data: Data, rules: HeaderRules, sheet: str | None
) -> tuple[str, tuple[str, ...], bytes] | None:
    """Return the layer of a map file: name, those of the others, and its table as CSV."""
    content = bytes(data[:])
    kind = map_kind(content)
    if kind is None:
        return None
    layer, others = chosen_layer(layer_tables(content, kind), rules, sheet)
    return layer.name, others, layer.table


def _layer_notes(name: str, others: Sequence[str]) -> tuple[Problem, ...]:
    values = {"sheet": name, "others": "、".join(others)}
    return (Problem("sheet_chosen", Severity.NOTE, values=values),) if others else ()


def _named(found: ListFile, file_name: str, sha256: str) -> ListFile:
    """Return the list with its file, and a number behind each header that stood there before."""
    seen: dict[str, int] = {}
    headers = []
    for header in found.headers:
        key = plain_text(header)  # 金额（元） is 金额(元)
        seen[key] = seen.get(key, 0) + 1
        is_again = header and seen[key] > 1
        headers.append(f"{header} ({seen[key]})" if is_again else header)
    return replace(found, headers=tuple(headers), file_name=file_name, file_sha256=sha256)


def _sha256(data: Data) -> str:
    digest = hashlib.sha256()
    for block in blocks(data):
        digest.update(block)
    return digest.hexdigest()


def _data(content_or_path: bytes | Path) -> Data:
    if isinstance(content_or_path, bytes):
        return content_or_path
    check_regular(content_or_path)
    try:
        with content_or_path.open("rb") as file:
            if content_or_path.stat().st_size == 0:
                return b""
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise _unreadable(content_or_path, error) from error


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise FileFormatError(
            "file_too_big", found_mb=f"{size / 1e6:,.1f}", limit_mb=f"{limit / 1e6:,.0f}"
        )


def read_file(path: Path, *, max_bytes: int = DEFAULT_LIMITS.max_bytes) -> bytes:
    """Return the content of a file that a person named.

    Raises
    ------
    MissingFileError
        If it is not there.
    FileFormatError
        If it is too big, or cannot be read.
    """
    check_regular(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:  # it may grow while it is read
            content = file.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    _check_size(max(len(content), size), max_bytes)
    return content


def check_regular(path: Path) -> None:
    """Refuse what is no file: a folder has no rows, a device or a pipe no end.

    Raises
    ------
    MissingFileError
        If nothing lies there.
    FileFormatError
        If something else does, or the name can be none.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise MissingFileError("file_missing", file=str(path)) from error
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if not stat.S_ISREG(mode):
        raise FileFormatError("file_not_regular", file=str(path))


def readable_name(name: str) -> str:
    """Return the name of a file as text, also where its bytes are no UTF-8."""
    return os.fsencode(name).decode("utf-8", errors="replace")


def _unreadable(path: Path, error: Exception) -> FileFormatError:
    detail = getattr(error, "strerror", None) or str(error)
    return FileFormatError("file_unreadable", file=str(path), detail=detail)


_QUOTED = re.compile(r'^="([^"]*)"$')
_FAILED = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|#+)")
TOO_NARROW = "##"
"""How a cell begins whose column was too narrow for its number when the file was saved."""
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a list.

    Parameters
    ----------
    row
        Its number as a person sees it.
    cells
        Its texts by column of the list; an empty cell is "".
    answered
        The columns whose text a person gave.
    filled
        The columns whose text was taken from a row above.
    """

    row: int
    cells: Mapping[str, str]
    answered: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def with_cell(self, column: str, value: str, *, is_filled: bool = False) -> "Record":
        """Return the record with another text in a column."""
        filled = self.filled | {column} if is_filled else self.filled
        return replace(self, cells={**self.cells, column: value}, filled=filled)

    def answered_with(self, given: Mapping[str, str]) -> "Record":
        """Return the record with the texts that a person gave, by column."""
        if not given:
            return self
        return replace(self, cells={**self.cells, **given}, answered=frozenset(given))


@dataclass(frozen=True)
class RawTable:
    """The rows of a list as text, before their meaning is known.

    Parameters
    ----------
    file
        The file as it was opened: name, sheet, encoding, headers as written, titles above them.
    frame
        One text column for each header, named by its position (0, 1, …); empty cells are "".
    headers
        The headers as written.
    row_numbers
        Number of each row as a person sees it in the file.
    titles
        What stands above the header.
    formulas
        The cells that are formulas, by row number and position; the frame has what they said when
        the file was saved.
    wide_rows
        Numbers of the rows that have more cells than the header.
    merged_numbers
        First row, last row and position of the numbers that are merged over several rows.
    notes
        What was left out or filled in.
    """

    file: ListFile
    frame: pd.DataFrame
    headers: tuple[str, ...]
    row_numbers: tuple[int, ...]
    titles: tuple[str, ...]
    formulas: frozenset[tuple[int, int]] = frozenset()
    wide_rows: tuple[int, ...] = ()
    merged_numbers: tuple[Merge, ...] = ()
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """What is known of the headers of a kind of list beside its synonyms.

    Parameters
    ----------
    in_own_words
        A header as the synonyms have it.
    numbers
        Columns of counts or amounts, besides those whose names say so.
    """

    in_own_words: Callable[[str], str] = str
    numbers: Collection[str] = ()


def list_rules(synonyms: Synonyms, in_own_words: Callable[[str], str] = str) -> HeaderRules:
    """Return how the header of a short list is known: by one of its columns."""
    return HeaderRules(score=lambda row: header_score(list(map(in_own_words, row)), synonyms))


def read_raw_table(
    content_or_path: bytes | Path,
    file_name: str,
    synonyms: Synonyms,
    *,
    sheet: str | None = None,
    header_row: int | None = None,
    choices: Mapping[str, str | None] = MappingProxyType({}),
    wording: "Wording | None" = None,
    limits: Limits = DEFAULT_LIMITS,
) -> RawTable:
    """Return the list in a CSV, TSV, spreadsheet or Parquet file.

    Parameters
    ----------
    sheet
        Name of the sheet to read; by default the one whose header matches best.
    header_row
        Number of the header row as a person sees it; by default found. 0 says there is none.
    choices
        What a person said of headers: the column that each of them is, or None.
    wording
        What else is known of the headers of the kind of list.

    Returns
    -------
    RawTable
        Merged title rows above the header, blank rows, totals and remarks below the list are
        left out, with a note each; cells merged over several rows are filled, but for numbers: one
        number is not that of several rows.

    Raises
    ------
    FileFormatError
        If the file cannot be read, has no header that is understood, or no row.
    MissingFileError
        If there is no such file.
    """
    wording = wording or Wording()
    with open_list(
        content_or_path, file_name, list_rules(synonyms, wording.in_own_words),
        sheet=sheet, header_row=header_row, limits=limits,
    ) as file:  # fmt: skip
        counts: Counter[str] = Counter()
        found = match_headers(list(map(wording.in_own_words, file.headers)), synonyms)
        matches = with_choices(
            (replace(m, header=h) for m, h in zip(found, file.headers, strict=True)), choices
        )
        dates = {match.position for match in matches if is_date(match.column)}
        amounts = {
            m.position for m in matches if is_number(m.column) or m.column in wording.numbers
        }
        read = [
            sifted(in_usual_days(chunk, dates if file.is_1904 else ()), file.headers, counts)
            for chunk in file.chunks(amounts)
        ]
    chunks = [chunk for chunk, _ in read if len(chunk)]
    if not chunks:
        raise FileFormatError("file_only_header", row=file.header_row, found=shown(file.headers))
    rows = np.concatenate([chunk.rows for chunk in chunks])
    wide = np.concatenate([chunk.is_too_wide for chunk in chunks])
    formulas: set[tuple[int, int]] = set()
    columns = {}
    for position in range(len(file.headers)):
        texts = [text for chunk in chunks for text in chunk.columns[position].to_pylist()]
        columns[position], marked = _values(texts)
        formulas |= {(int(rows[place]), position) for place in marked}
    left_out = sorted((note for _, notes in read for note in notes), key=lambda p: p.row or 0)
    return RawTable(
        file=replace(file, notes=()),
        frame=pd.DataFrame(columns, dtype="str"),
        headers=file.headers,
        row_numbers=tuple(rows.tolist()),
        titles=file.titles,
        formulas=frozenset(formulas),
        wide_rows=tuple(rows[wide].tolist()),
        merged_numbers=tuple(merge for merge in file.merged if merge[2] in amounts),
        notes=(*file.notes, *merge_note(file, amounts), *left_out),
    )


def _values(texts: Sequence[str]) -> tuple[list[str], list[int]]:
    """Return clean cells, and the places of formulas, of which the saved result is given.

    What a spreadsheet shows for a formula that failed (#N/A) is none the less of one.
    """
    values = [clean_text(text) for text in texts]
    marked = [
        place for place, value in enumerate(values)
        if value.startswith((FORMULA_MARK, "#")) and (value[0] != "#" or _FAILED.fullmatch(value))
    ]  # fmt: skip
    bare = (clean_text(value.removeprefix(FORMULA_MARK)) for value in values)
    return [clean_text(_QUOTED.sub(r"\1", value)) for value in bare], marked


def used_problems(
    raw: RawTable, columns: Mapping[str, int], answered: Collection[tuple[int | str, str]]
) -> tuple[Problem, ...]:
    """Return the errors of cells that are no statement: formulas, and cells without a header.

    A number that is merged over several rows is asked about: it may be that of all together.
    """
    names = {position: column for column, position in columns.items() if column != "ordinal"}
    wide = [Problem("row_too_wide", row=row) for row in raw.wide_rows]
    places = dict(zip(raw.row_numbers, range(len(raw.row_numbers)), strict=True))
    formulas = [
        Problem(
            "cell_too_narrow" if value.startswith(TOO_NARROW) else "cell_formula",
            row=row, column=names[at], value=value,
            fix=None if _FAILED.fullmatch(value) else value or None,
        )
        for row, at in sorted(raw.formulas)
        if at in names and (row, names[at]) not in answered
        for value in [str(raw.frame[at].iloc[places[row]])]
    ]  # fmt: skip
    merged = [
        Problem(
            "number_merged", Severity.DOUBTFUL, row, names[at],
            values={"first": first, "last": last}, fix="",
        )
        for first, last, at in raw.merged_numbers
        if at in names
        for row in raw.row_numbers
        if first <= row <= last and (row, names[at]) not in answered
    ]  # fmt: skip
    return (*wide, *formulas, *merged)


@dataclass
class TwinCheck:
    """Whether a column that is used has a twin of the same header that says something else.

    Parameters
    ----------
    pairs
        Header used, that of the twin, position used and position of the twin.
    found
        For each twin the first row that differs, with both texts.
    """

    pairs: tuple[tuple[str, str, int, int], ...]
    found: dict[int, tuple[int, str, str]] = field(default_factory=dict)

    def add(self, rows: Sequence[int], columns: Mapping[int, pa.Array]) -> None:
        """Compare the columns of some rows."""
        for *_, used, twin in self.pairs:
            if twin in self.found:
                continue
            first, second = clean_column(columns[used]), clean_column(columns[twin])
            differs = pc.and_(pc.not_equal(first, second), pc.not_equal(second, ""))
            place = pc.index(differs, True).as_py()
            if place >= 0:
                texts = (first[place].as_py(), second[place].as_py())
                self.found[twin] = (int(rows[place]), *texts)

    def problems(self) -> tuple[Problem, ...]:
        """Return a question for each twin that differs."""
        return tuple(
            Problem(
                "headers_repeated", Severity.DOUBTFUL, None, "columns", header,
                {"row": row, "first": first[:_SHOWN], "second": second[:_SHOWN], "again": again},
            )
            for header, again, _, twin in self.pairs
            if twin in self.found
            for row, first, second in [self.found[twin]]
        )  # fmt: skip


def twin_check(matches: Sequence[HeaderMatch]) -> TwinCheck:
    """Return what compares the columns of equal headers, one of which is used unasked."""
    used = {plain_text(m.header): m for m in matches if m.column not in {None, "ordinal"}}
    return TwinCheck(
        tuple(
            (used[base].header, match.header, used[base].position, match.position)
            for match in matches
            if (bare := NUMBERED_AGAIN.sub("", match.header)) != match.header
            and (base := plain_text(bare)) in used
            and match.column is None
            and Confidence.CHOSEN not in {match.confidence, used[base].confidence}
        )
    )


def twin_problems(raw: RawTable, matches: Sequence[HeaderMatch]) -> tuple[Problem, ...]:
    """Return the questions about equal headers with different cells."""
    check = twin_check(matches)
    positions = {position for *_, used, twin in check.pairs for position in (used, twin)}
    check.add(raw.row_numbers, {n: pa.array(raw.frame[n], type=pa.string()) for n in positions})
    return check.problems()


_NUMBER_ENDINGS = ("_count", "_fen")
_EPOCHS_APART = 1_462
"""Days between the first days of the two calendars of spreadsheets."""
_DAY_NUMBER = r"^\s*\d{5}(\.\d+)?\s*$"


def in_usual_days(chunk: Chunk, positions: Collection[int]) -> Chunk:
    """Return rows of a workbook that counts days from 1904 with day numbers as from 1900."""

    def usual(text: str) -> str:
        return f"{float(text) + _EPOCHS_APART:.10g}"

    columns = (
        mended(texts, _DAY_NUMBER, usual) if place in positions else texts
        for place, texts in enumerate(chunk.columns)
    )  # fmt: skip
    return replace(chunk, columns=tuple(columns)) if positions else chunk


def is_date(column: str | None) -> bool:
    """Return whether a declared column is one of dates: their names end so."""
    return column is not None and column.endswith("_on")


def is_number(column: str | None) -> bool:
    """Return whether a declared column is one of counts or amounts: their names end so."""
    return column is not None and column.endswith(_NUMBER_ENDINGS)


def merge_note(file: ListFile, unfilled: Collection[int] = ()) -> tuple[Problem, ...]:
    """Return a note about the merged cells that are filled in."""
    count = sum(last - first for first, last, column in file.merged if column not in unfilled)
    note = Problem("merged_cells_filled", Severity.NOTE, values={"count": count})
    return (note,) if count else ()
