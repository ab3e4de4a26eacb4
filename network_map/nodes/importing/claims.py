"""Completeness is declared by the owner of a list, never concluded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from network_map.errors import Problem, QueryError, Severity
from network_map.nodes.importing.node_kinds import KindBook, known_kind
from network_map.nodes.tables import COMPLETE_LISTS
from network_map.places.gazetteer import Gazetteer
from network_map.places.gazetteer_index import PROVINCE_ADCODE
from network_map.tables.check import conform
from network_map.terms import AdminLevel, NodeStatus


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
