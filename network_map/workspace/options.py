"""The options of an import as words of a command line."""

from collections.abc import Iterable

from network_map.errors import QueryError
from network_map.sources.node_kinds import NewKind
from network_map.sources.node_list import NodeListOptions
from network_map.sources.node_words import NODE_SYNONYMS
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

    Raises
    ------
    QueryError
        If one of them cannot be understood.
    """
    return NodeListOptions(
        default_kind=default_kind,
        new_kinds=tuple(new_kinds),
        kind_words=dict(_pair(word, "answer_unreadable") for word in kind_words),
        origin=_origin(origin),
        source=source,
        answers=dict(_answer(answer) for answer in answers),
        exclude_rows=frozenset(exclude_rows),
        columns={header: column or None for header, column in map(_column, columns)},
        sheet=sheet,
        header_row=header_row,
    )


def _pair(words: str, code: str) -> tuple[str, str]:
    left, sign, right = words.partition("=")
    if not sign or not left.strip():
        raise QueryError(code, value=words)
    return left.strip(), right.strip()


def _answer(words: str) -> tuple[tuple[int, str], str]:
    left, value = _pair(words, "answer_unreadable")
    row, _, column = left.replace("\uff1a", ":").partition(":")
    if not row.strip().isdecimal():
        raise QueryError("answer_unreadable", value=words)
    return (int(row), column.strip() or "place"), value


def _column(words: str) -> tuple[str, str]:
    header, sign, column = words.rpartition("=")
    if not sign or (column.strip() and column.strip() not in NODE_SYNONYMS):
        raise QueryError("column_choice_unreadable", value=words, columns="、".join(NODE_SYNONYMS))
    return header.strip(), column.strip()


def _origin(word: str | None) -> Origin:
    if word is None:
        return Origin.REPORTED
    if word not in set(Origin):
        raise QueryError("origin_unreadable", value=word, known="、".join(Origin))
    return Origin(word)
