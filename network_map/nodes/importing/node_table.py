"""The table in a planner's file, with or without a header."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from network_map.errors import FileFormatError, Problem, Severity
from network_map.listfiles.cells import is_blank
from network_map.listfiles.table import RawTable, read_raw_table
from network_map.nodes.importing.node_kinds import KindBook
from network_map.nodes.importing.words import NODE_SYNONYMS
from network_map.places.gazetteer import CERTAIN, Gazetteer, How

_MOSTLY = 0.6


def read_node_table(
    content: bytes,
    file_name: str,
    gazetteer: Gazetteer,
    kinds: KindBook,
    *,
    columns: Mapping[str, str | None],
    sheet: str | None,
    header_row: int | None,
) -> tuple[RawTable, Mapping[str, str | None], tuple[Problem, ...]]:
    """Return the cells of a node list, what is said about its headers, and notes.

    Parameters
    ----------
    content, file_name
        The file.
    gazetteer, kinds
        Tell the columns of a list without any header by what stands in them.
    columns
        The person's own matches of headers.
    sheet, header_row
        Where the list stands, if that is not to be found.

    Raises
    ------
    FileFormatError
        If the file cannot be read as a list at all.
    """
    try:
        raw = read_raw_table(content, file_name, NODE_SYNONYMS, sheet=sheet, header_row=header_row)
    except FileFormatError as error:
        if error.code != "file_no_header":
            raise
        bare = read_raw_table(content, file_name, NODE_SYNONYMS, sheet=sheet, header_row=0)
        found = _by_content(bare, gazetteer, kinds)
        if found is None:
            raise
        return found
    return raw, columns, ()


def _by_content(
    raw: RawTable, gazetteer: Gazetteer, kinds: KindBook
) -> tuple[RawTable, Mapping[str, str | None], tuple[Problem, ...]] | None:
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
    return cut, choices, (note,)


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
    if places >= _MOSTLY * len(filled):
        return "place"
    named = sum(kinds.read(text).kind is not None for text in filled)
    return "kind" if named >= _MOSTLY * len(filled) else None
