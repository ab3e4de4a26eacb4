"""The options of an import as words of a command line."""

from collections.abc import Collection, Iterable

from network_map.errors import QueryError
from network_map.nodes.importing.node_kinds import NewKind
from network_map.nodes.importing.preview import NodeListOptions
from network_map.nodes.importing.words import NODE_SYNONYMS
from network_map.terms import Origin


def import_options(  # noqa: PLR0913 - one keyword for each option of the command
    *,
    default_kind: str | None = None,
    new_kinds: Iterable[NewKind] = (),
    kind_words: Iterable[str] = (),
    answers: Iterable[str] = (),
    exclude_rows: Iterable[int] = (),
    columns: Iterable[str] = (),
    origin: str | None = None,
    source: str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    known_columns: Collection[str] = NODE_SYNONYMS,
) -> NodeListOptions:
    """Return the options that the words of a command line mean.

    Parameters
    ----------
    default_kind, new_kinds, exclude_rows, source, sheet, header_row
        As in :class:`NodeListOptions`.
    kind_words
        ``word=kind``.
    answers
        ``row:column=value``; ``row=value`` answers about the place.
    columns
        ``header=column``; an empty column leaves the header out.
    origin
        ``official``, ``reported``, ``assumed`` or ``synthetic``.
    known_columns
        Columns that the list may have.

    Raises
    ------
    QueryError
        If one of them cannot be understood.
    """
    return NodeListOptions(
        default_kind=default_kind,
        new_kinds=tuple(new_kinds),
        kind_words=dict(pair(word, "answer_unreadable") for word in kind_words),
        origin=parse_origin(origin),
        source=source,
        answers=dict(_answer(answer) for answer in answers),
        exclude_rows=frozenset(exclude_rows),
        columns={
            header: column or None
            for header, column in (column_choice(words, known_columns) for words in columns)
        },
        sheet=sheet,
        header_row=header_row,
    )


def pair(words: str, code: str) -> tuple[str, str]:
    """Return what stands left and right of the first equals sign.

    Raises
    ------
    QueryError
        With the given code, if there is none or nothing stands left of it.
    """
    left, sign, right = words.partition("=")
    if not sign or not left.strip():
        raise QueryError(code, value=words)
    return left.strip(), right.strip()


def column_choice(words: str, known: Collection[str]) -> tuple[str, str]:
    """Return header and column of ``header=column``; a header may hold an equals sign.

    Raises
    ------
    QueryError
        If there is no equals sign, or no such column.
    """
    header, sign, column = words.rpartition("=")
    if not sign or (column.strip() and column.strip() not in known):
        raise QueryError("column_choice_unreadable", value=words, columns="、".join(known))
    return header.strip(), column.strip()


def parse_origin(word: str | None) -> Origin:
    """Return the origin that a word means; rows are reported where nothing is said.

    Raises
    ------
    QueryError
        If it means none.
    """
    if word is None:
        return Origin.REPORTED
    if word not in set(Origin):
        raise QueryError("origin_unreadable", value=word, known="、".join(Origin))
    return Origin(word)


def _answer(words: str) -> tuple[tuple[int, str], str]:
    left, value = pair(words, "answer_unreadable")
    row, _, column = left.replace("\uff1a", ":").partition(":")
    if not row.strip().isdecimal():
        raise QueryError("answer_unreadable", value=words)
    return (int(row), column.strip() or "place"), value
