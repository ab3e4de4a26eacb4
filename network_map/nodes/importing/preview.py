"""A planner's node list, previewed: what would be taken, in which form, and why some rows not.

Nothing is stored here. A preview is made of the file, the options and the person's answers; a
changed answer gives a new preview. That a list is complete is declared by its owner, never
concluded.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import pandas as pd

from network_map.datapackage import read_table
from network_map.errors import Problem, QueryError, Severity
from network_map.i18n import text
from network_map.listfiles.cells import bare_text
from network_map.listfiles.preview import (
    OUTCOMES,
    ListOptions,
    ListPreview,
    Outcome,
    in_row_order,
)
from network_map.listfiles.table import RawTable, Record, twin_problems, used_problems
from network_map.nodes.importing.coordinates import (
    Datum,
    found_system,
    judged_datum,
    written_numbers,
)
from network_map.nodes.importing.drafts import (
    Draft,
    DraftRules,
    node_draft,
    with_ids,
    without_duplicates,
)
from network_map.nodes.importing.places import Ground, node_place
from network_map.nodes.importing.rows import Records, kind_guess, node_records, read_node_table
from network_map.nodes.importing.words import KindBook, NewKind, known_kind, open_kind_book
from network_map.nodes.tables import COMPLETE_LISTS, NODE_KINDS, NODES
from network_map.places.gazetteer import Gazetteer, open_divisions
from network_map.places.gazetteer_index import PROVINCE_ADCODE
from network_map.places.reference import kind_names, read_boundaries
from network_map.places.tables import COUNTY_SEATS
from network_map.tables.check import conform
from network_map.terms import AdminLevel, LocationOrigin, NodeStatus

_LEAST_METRES = 1000.0
_WHOLE_MONTH = re.compile(r"\d{4}\.(0\d|10)")
"""Only text keeps a final or leading zero: a list with one of these lost none."""


@dataclass(frozen=True, kw_only=True)
class NodeListOptions(ListOptions):
    """What a person says about a list of nodes.

    Parameters
    ----------
    default_kind
        Kind of the rows that name none: an id, or a word for it.
    new_kinds
        Kinds that the list brings along.
    kind_words
        Unknown words for kinds, explained.
    coordinate_system
        What the coordinates are in: ``wgs84``, ``gcj02``, ``bd09`` or ``EPSG:`` and a number; by
        default that is judged.
    """

    default_kind: str | None = None
    new_kinds: tuple[NewKind, ...] = ()
    kind_words: Mapping[str, str] = field(default_factory=dict)
    coordinate_system: str | None = None


@dataclass(frozen=True)
class NodeListReference:
    """What a list is read against: divisions, kinds, seats and polygons."""

    gazetteer: Gazetteer
    node_kinds: pd.DataFrame
    ground: Ground


@dataclass(frozen=True, eq=False, kw_only=True)
class NodeListPreview(ListPreview):
    """What would be taken of a list of nodes.

    ``rows`` says ``kind``, ``adcode``, ``node_name`` and ``status`` of each row as well.

    Parameters
    ----------
    nodes
        Table ``nodes``: the accepted and corrected rows.
    node_kinds
        Table ``node_kinds`` with the new kinds of the list.
    """

    nodes: pd.DataFrame
    node_kinds: pd.DataFrame

    @property
    def taken_count(self) -> int:
        """Number of rows that would be stored."""
        return len(self.nodes)


def preview_nodes(
    content: bytes,
    file_name: str,
    reference: NodeListReference,
    options: NodeListOptions | None = None,
) -> NodeListPreview:
    """Return what would be taken of a node list.

    Raises
    ------
    FileFormatError
        If the file cannot be read as a list at all.
    QueryError
        If an option names a kind that does not exist.
    """
    options = options or NodeListOptions()
    kinds = open_kind_book(
        reference.node_kinds, new_kinds=options.new_kinds, kind_words=options.kind_words
    )
    raw, options, notes = read_node_table(content, file_name, reference.gazetteer, kinds, options)
    told = options.coordinate_system
    records = node_records(raw, reference.gazetteer, kinds, options, is_datum_told=told is not None)
    default_kind, guesses = _default_kind(raw, records, kinds, options)
    rules = _rules(raw, records, reference, kinds=kinds, default_kind=default_kind, options=options)
    used = [record for record in records.records if record.row not in options.exclude_rows]
    system, system_notes = _system(used, rules, told)
    rules = replace(rules, system=system)
    drafts = [node_draft(record, rules) for record in used]
    drafts, swapped = _swapped_columns(drafts, used, records)
    system_notes += (*swapped, *_datum_notes(drafts, reference, told))
    drafts = _with_cells_checked(raw, records, drafts, options)
    drafts = with_ids(without_duplicates(drafts, kinds, reference.gazetteer))
    taken = pd.DataFrame([dict(d.cells) for d in drafts if d.is_takeable], columns=NODES.names)
    return NodeListPreview(
        file=raw.file.without_rows(),
        columns=records.columns,
        rows=_row_table(drafts, sorted(options.exclude_rows & set(raw.row_numbers))),
        problems=in_row_order(
            *notes,
            *raw.notes,
            *records.notes,
            *guesses,
            *system_notes,
            *twin_problems(raw, records.columns.matches),
            *(problem for draft in drafts for problem in draft.problems),
        ),
        nodes=conform(NODES, taken.astype("object")),
        node_kinds=kinds.table,
    )


def _system(
    records: Sequence[Record], rules: DraftRules, told: str | None
) -> tuple[str | None, tuple[Problem, ...]]:
    """Return the system of coordinates, the person's or that of a list in metres, and notes."""
    numbers = {place: found for place, r in enumerate(records) if (found := written_numbers(r))}
    lengths = [place for place, found in numbers.items() if min(map(abs, found)) >= _LEAST_METRES]
    if told is not None or not lengths:
        return told, ()
    places = [node_place(records[place], None, rules.gazetteer).adcode for place in lengths]
    return found_system([numbers[place] for place in lengths], places, rules.ground.counties)


_SWAPPED, _LEAST_SWAPPED = "coordinates_swapped", 2


def _swapped_columns(
    drafts: list[Draft], records: Sequence[Record], found: Records
) -> tuple[list[Draft], tuple[Problem, ...]]:
    """Ask once where longitude and latitude stand in each other's place in every row."""
    placed = [record.row for record in records if record["lon"] and record["lat"]]
    swapped = [d.row for d in drafts if any(p.code == _SWAPPED for p in d.problems)]
    if len(swapped) < _LEAST_SWAPPED or swapped != placed:
        return drafts, ()
    headers = {match.column: match.header for match in found.columns.matches}
    values = {"count": len(swapped), "lon": headers["lon"], "lat": headers["lat"]}
    asked = Problem("coordinates_swapped_all", Severity.DOUBTFUL, None, "columns", values=values)
    bare = [
        replace(draft, problems=tuple(p for p in draft.problems if p.code != _SWAPPED))
        for draft in drafts
    ]
    return bare, (asked,)


def _datum_notes(
    drafts: Sequence[Draft], reference: NodeListReference, told: str | None
) -> tuple[Problem, ...]:
    """Return what the coordinates as a whole say about their system."""
    given = [
        (draft.cells["lon"], draft.cells["lat"], str(draft.cells["adcode"]))
        for draft in drafts
        if draft.cells["location_origin"] == LocationOrigin.GIVEN and draft.cells["lon"] is not None
    ]
    if not given:
        return ()
    if told is not None:
        values = {"system": told, "count": len(given)}
        is_shift = told in set(Datum) and told != Datum.WGS84
        note = Problem(
            "coordinates_shift_undone", Severity.NOTE, None, "coordinates", values=values
        )
        return (note,) if is_shift else ()
    points = [(float(lon or 0), float(lat or 0)) for lon, lat, _ in given]
    found = judged_datum(points, [adcode for *_, adcode in given], reference.ground.seats)
    if found.datum is Datum.WGS84:
        return ()
    if found.datum is None:
        values = {"count": found.county_count}
        code, severity, fix = "coordinates_datum_unknown", Severity.NOTE, None
    else:
        values = {
            "system": found.datum.value,
            "count": found.county_count,
            "metres": round(found.shift_m),
        }
        code, severity, fix = "coordinates_shifted", Severity.DOUBTFUL, found.datum.value
    return (Problem(code, severity, None, "coordinates", "", values, fix),)


def _with_cells_checked(
    raw: RawTable, records: Records, drafts: Sequence[Draft], options: NodeListOptions
) -> list[Draft]:
    """Return the drafts, those of rows with formulas or stray cells with the errors said."""
    found: dict[int | None, list[Problem]] = {}
    for problem in used_problems(raw, records.columns.positions, options.answers):
        found.setdefault(problem.row, []).append(problem)
    return [
        replace(draft, problems=(*found.get(draft.row, ()), *draft.problems)) for draft in drafts
    ]


def _default_kind(
    raw: RawTable, records: Records, kinds: KindBook, options: NodeListOptions
) -> tuple[str | None, tuple[Problem, ...]]:
    """Return the kind of rows that name none: the person's, or a guess that must be confirmed."""
    if options.default_kind is not None:
        return known_kind(kinds, options.default_kind), ()
    if all(record["kind"] for record in records.records):
        return None, ()
    guess = kind_guess(raw, records, kinds)
    if guess is None:
        return None, (Problem("kinds_known", Severity.NOTE, values={"known": kinds.names()}),)
    values = {"name": kinds.name(guess)}
    return guess, (Problem("kind_guessed", Severity.DOUBTFUL, None, "kind", "", values, guess),)


def _rules(
    raw: RawTable,
    records: Records,
    reference: NodeListReference,
    *,
    kinds: KindBook,
    default_kind: str | None,
    options: NodeListOptions,
) -> DraftRules:
    dates = (r[column] for r in records.records for column in ("established_on", "withdrawn_on"))
    return DraftRules(
        gazetteer=reference.gazetteer,
        kinds=kinds,
        ground=reference.ground,
        default_kind=default_kind,
        origin=options.origin,
        source=options.source_of(raw.file),
        has_whole_months=any(_WHOLE_MONTH.fullmatch(text) for text in dates),
        mixed_columns=frozenset(
            column for column in ("county", "place")
            if _mixes_levels({r[column] for r in records.records}, reference.gazetteer)
        ),
    )  # fmt: skip


def _mixes_levels(texts: Iterable[str], gazetteer: Gazetteer) -> bool:
    """Return whether a column names both prefectures and counties, each beyond doubt."""
    found = [gazetteer.resolve(text) for text in texts]
    levels = {gazetteer.places[f.adcode].level for f in found if f.adcode is not None}
    return {AdminLevel.PREFECTURE, AdminLevel.COUNTY} <= levels


def _row_table(drafts: Sequence[Draft], excluded: Sequence[int]) -> pd.DataFrame:
    columns = ["row", "outcome", "kind", "adcode", "node_name", "status"]
    rows = [
        (
            d.row,
            OUTCOMES[d.severity or Severity.NOTE].value,
            *(d.cells[name] for name in columns[2:]),
        )
        for d in drafts
    ]
    rows += [(row, Outcome.EXCLUDED.value, None, None, None, None) for row in excluded]
    return pd.DataFrame(rows, columns=columns).sort_values("row", ignore_index=True)


def open_reference() -> NodeListReference:
    """Return what a node list is read against.

    Raises
    ------
    MissingFileError, DamagedFileError
        If a shipped table is not there or not what it should be.
    """
    seats = read_table(COUNTY_SEATS)[["adcode", "lon", "lat"]]
    counties = read_boundaries(AdminLevel.COUNTY)
    return NodeListReference(
        gazetteer=open_divisions(),
        node_kinds=read_table(NODE_KINDS),
        ground=Ground(
            {adcode: (lon, lat) for adcode, lon, lat in seats.itertuples(index=False, name=None)},
            dict(zip(counties["adcode"], counties.geometry, strict=True)),
        ),
    )


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

    After a colon stands a prefecture's name or code, the whole province without; after an at sign
    the date, ``today`` without.

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
        known_kind(kinds, word), _area(text, area, gazetteer), _claim_date(text, as_of, today)
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

    Withdrawn nodes do not count; of the totals of a kind and area the latest one does.
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


def _claim_date(text: str, as_of: str, today: date) -> str:
    if not as_of.strip():
        return today.isoformat()
    try:
        return date.fromisoformat(as_of.strip()).isoformat()
    except ValueError as error:
        raise QueryError("complete_date_unreadable", value=text) from error


# --- what a list changes ----------------------------------------------------------------------

MOST_NAMED = 200
"""Names that a sentence carries; all are counted."""
_ABOUT_THE_ROW = {"node_id", "origin", "source", "source_on", "grade", "note"}
_CONTENT = [name for name in NODES.names if name not in _ABOUT_THE_ROW]


@dataclass(frozen=True, slots=True)
class KindChange:
    """What a list does to the nodes of one kind.

    Parameters
    ----------
    before, after
        Number of its nodes before and after the import.
    added, removed, changed
        Names of the nodes that only the list has, that only the register has, and that both have
        with other contents.
    """

    kind: str
    before: int
    after: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


def node_changes(held: pd.DataFrame, nodes: pd.DataFrame) -> tuple[KindChange, ...]:
    """Return what the nodes of a list change among those of a register, one entry for each kind."""
    return tuple(
        _change(str(kind), held[held["kind"] == kind], nodes[nodes["kind"] == kind])
        for kind in nodes["kind"].drop_duplicates()
    )


def change_sentences(
    changes: Sequence[KindChange], node_kinds: pd.DataFrame, language: str
) -> tuple[tuple[str, bool], ...]:
    """Return a sentence for each kind, and whether nodes go."""
    names = kind_names(node_kinds, language)
    return tuple(
        (_sentence(change, names.get(change.kind, change.kind), language), bool(change.removed))
        for change in changes
    )


def _sentence(change: KindChange, name: str, language: str) -> str:
    parts = [
        text(
            "import.change.counts", language, name=name, before=change.before, after=change.after,
            added=len(change.added), removed=len(change.removed), changed=len(change.changed),
        ),
        *(
            text(f"import.change.{what}", language, names=_named(names, language))
            for what, names in (
                ("removed", change.removed), ("added", change.added), ("changed", change.changed),
            )
            if names
        ),
    ]  # fmt: skip
    return " ".join(parts)


def _named(names: Sequence[str], language: str) -> str:
    shown = text("import.page.separator", language).join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return shown if more <= 0 else text("import.change.more", language, names=shown, count=more)


def _change(kind: str, old: pd.DataFrame, new: pd.DataFrame) -> KindChange:
    pairs = _pairs(old, new)
    known = frozenset(pairs.values())
    before, after = (rows[_CONTENT].astype("object").to_numpy().tolist() for rows in (old, new))
    old_names, new_names = (rows["node_name"].astype("str").tolist() for rows in (old, new))
    return KindChange(
        kind,
        len(old),
        len(new),
        added=tuple(name for n, name in enumerate(new_names) if n not in known),
        removed=tuple(name for n, name in enumerate(old_names) if n not in pairs),
        changed=tuple(
            new_names[second]
            for first, second in pairs.items()
            if not _is_same(before[first], after[second])
        ),
    )


def _is_same(first: Sequence[object], second: Sequence[object]) -> bool:
    return all(
        a == b or (pd.isna(a) and pd.isna(b))  # type: ignore[call-overload]  # cells are scalars
        for a, b in zip(first, second, strict=True)
    )


def _pairs(old: pd.DataFrame, new: pd.DataFrame) -> dict[int, int]:
    """Return for places of old nodes the place of the same node in the list.

    The same are two of one place and name; of those that are left, two of one place.
    """
    pairs: dict[int, int] = {}
    old_keys, new_keys = (
        list(zip(rows["adcode"].astype("str"), rows["node_name"].astype("str").map(bare_text),
                 strict=True))
        for rows in (old, new)
    )  # fmt: skip
    for has_name in (True, False):
        free: dict[tuple[str, str], list[int]] = {}
        taken = set(pairs.values())
        for n, (place, name) in enumerate(new_keys):
            if n not in taken:
                free.setdefault((place, name if has_name else ""), []).append(n)
        for n, (place, name) in enumerate(old_keys):
            same = free.get((place, name if has_name else ""))
            if n not in pairs and same:
                pairs[n] = same.pop(0)
    return pairs
