"""The options of an import as words of a command line.

Completeness is declared by the owner of a list, never concluded.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from network_map.errors import Problem, QueryError, Severity
from network_map.nodes.importing.preview import NodeListOptions
from network_map.nodes.importing.words import NODE_SYNONYMS, KindBook, NewKind, known_kind
from network_map.nodes.tables import COMPLETE_LISTS
from network_map.places.gazetteer import Gazetteer
from network_map.places.gazetteer_index import PROVINCE_ADCODE
from network_map.tables.check import conform
from network_map.terms import AdminLevel, NodeStatus, Origin


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
    """Return the origin that a word means; where nothing is said, a person's list is official.

    Raises
    ------
    QueryError
        If it means none.
    """
    if word is None:
        return Origin.OFFICIAL
    if word not in set(Origin):
        raise QueryError("origin_unreadable", value=word, known="、".join(Origin))
    return Origin(word)


def _answer(words: str) -> tuple[tuple[int, str], str]:
    left, value = pair(words, "answer_unreadable")
    row, _, column = left.replace("\uff1a", ":").partition(":")
    if not row.strip().isdecimal():
        raise QueryError("answer_unreadable", value=words)
    return (int(row), column.strip() or "place"), value


@dataclass(frozen=True, slots=True)
class CompleteClaim:
    """The owner's word that the list of a kind is complete in an area as of a date.

    Parameters
    ----------
    kind
        Id of the kind.
    adcode
        The province, or one prefecture.
    as_of
        Date, ISO 8601.
    """

    kind: str
    adcode: str
    as_of: str


def parse_complete(
    text: str, kinds: KindBook, gazetteer: Gazetteer, *, today: date
) -> CompleteClaim:
    """Return the claim that ``示范县``, ``示范县:昭通市`` or ``示范县:昭通市@2024-06-11`` makes.

    Parameters
    ----------
    text
        A kind's id or word; after a colon a prefecture's name or code, the whole province
        without; after an at sign the date, ``today`` without.
    kinds, gazetteer
        The known kinds and divisions.
    today
        The date of a claim that names none.

    Raises
    ------
    QueryError
        If the kind, the area or the date is not understood.
    """
    head, _, as_of = text.replace("\uff1a", ":").partition("@")
    word, _, area = head.partition(":")
    if not word.strip():
        raise QueryError("complete_unreadable", value=text)
    return CompleteClaim(
        known_kind(kinds, word), _area(text, area, gazetteer), _date(text, as_of, today)
    )


def claim_table(claims: Iterable[CompleteClaim], *, source: str) -> pd.DataFrame:
    """Return claims as table ``complete_lists``."""
    rows = [(claim.kind, claim.adcode, claim.as_of, source) for claim in claims]
    frame = pd.DataFrame(rows, columns=["kind", "adcode", "as_of", "source"], dtype="object")
    return conform(COMPLETE_LISTS, frame)


def claims_against_totals(
    claims: Sequence[CompleteClaim],
    nodes: pd.DataFrame,
    declared_totals: pd.DataFrame,
    kinds: KindBook,
    gazetteer: Gazetteer,
) -> tuple[Problem, ...]:
    """Return a note for each claim whose list has another length than the published total.

    Parameters
    ----------
    claims
        The claims.
    nodes
        Table ``nodes`` as it will be; withdrawn nodes do not count.
    declared_totals
        Table ``declared_totals``; the latest one of a kind and area counts.
    kinds, gazetteer
        For the names.
    """
    standing = nodes[nodes["status"] != NodeStatus.WITHDRAWN.value]
    latest = declared_totals.sort_values("as_of").drop_duplicates(["kind", "adcode"], keep="last")
    totals = {
        (kind, adcode): (int(count), as_of)
        for kind, adcode, count, as_of in latest[
            ["kind", "adcode", "declared_count", "as_of"]
        ].itertuples(index=False, name=None)
    }
    notes = []
    for claim in claims:
        of_kind = standing[standing["kind"] == claim.kind]
        inside = of_kind["prefecture_adcode"] == claim.adcode
        found = len(of_kind) if claim.adcode == PROVINCE_ADCODE else int(inside.sum())
        declared = totals.get((claim.kind, claim.adcode))
        if declared is not None and declared[0] != found:
            values = {
                "name": kinds.name(claim.kind),
                "area": gazetteer.name(claim.adcode),
                "found": found,
                "declared": declared[0],
                "as_of": declared[1],
            }
            notes.append(Problem("complete_fewer_than_declared", Severity.NOTE, values=values))
    return tuple(notes)


def _area(text: str, area: str, gazetteer: Gazetteer) -> str:
    if not area.strip():
        return PROVINCE_ADCODE
    found = gazetteer.resolve(area, level=AdminLevel.PREFECTURE)
    if found.adcode is None:
        found = gazetteer.resolve(area, level=AdminLevel.PROVINCE)
    if found.adcode is None:
        raise QueryError("complete_area_unknown", value=text)
    return found.adcode


def _date(text: str, as_of: str, today: date) -> str:
    if not as_of.strip():
        return today.isoformat()
    try:
        return date.fromisoformat(as_of.strip()).isoformat()
    except ValueError as error:
        raise QueryError("complete_date_unreadable", value=text) from error
