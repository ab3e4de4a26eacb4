"""An earlier export derived again from its recipe, and held against what it says: 一致, or why not.

Nothing in the file is trusted. Its recipe is checked like any other question, the rows are
derived again, written again in the same format, and both are compared cell by cell and sentence by
sentence. The hashes in its description only tell why they differ: because the file was edited, or
because the data or the program have changed. ``reports`` knows every report by name.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import isclose
from pathlib import PurePath
from typing import Any

from network_map import __version__
from network_map.errors import (
    DamagedFileError,
    FileFormatError,
    NetworkMapError,
    Problem,
    QueryError,
    Severity,
    WorkspaceError,
)
from network_map.export import (
    META_ENDING,
    Bundle,
    Cell,
    Grid,
    Reading,
    Recipe,
    column_heading,
    file_bytes,
    file_name,
    format_of,
    is_sealed,
    meta_bytes,
    meta_grid,
    parsed_meta,
    read_export,
    read_recipe,
)
from network_map.i18n import error_text
from network_map.nodes.dataset import REPORT_VERSIONS, Dataset
from network_map.places.reference import Places
from network_map.verify.reports import Contracts, derive, is_of_register, without_register

MOST_FINDINGS = 10_000
"""Differences that are told; of a file that is another altogether the rest says nothing new."""
_LONGEST_SHOWN = 120
_BEFORE = 40
"""Characters shown before the first one that differs."""


def differences(
    found: Sequence[Grid], derived: Sequence[Grid], *, key: Sequence[str]
) -> list[Problem]:
    """Return every place in which a file differs from a new derivation.

    Parameters
    ----------
    found, derived
        The tables of the file, and those of the file as it would be written now.
    key
        Headings that together identify a row of the first table; rows are matched by them
        where they are unique, else by their order.

    Returns
    -------
    list of Problem
        In the order of the derived tables, :data:`MOST_FINDINGS` at most; ``value`` is what the
        file says, ``fix`` what the derivation says.
    """
    return list(islice(_differences(found, derived, key), MOST_FINDINGS))


def _differences(
    found: Sequence[Grid], derived: Sequence[Grid], key: Sequence[str]
) -> Iterator[Problem]:
    left = list(found)
    for place, grid in enumerate(derived):
        twin = next((g for g in left if (g.name, g.kind) == (grid.name, grid.kind)), None)
        if twin is None:
            yield Problem("verify_part_missing", values={"part": grid.name})
            continue
        left = [other for other in left if other is not twin]
        yield from _between(twin, grid, key if place == 0 else ())
    yield from (Problem("verify_part_extra", values={"part": grid.name}) for grid in left)


def shown_cell(cell: Cell) -> str:
    """Return a cell as a sentence quotes it."""
    words = _words(cell)
    return words if len(words) <= _LONGEST_SHOWN else f"{words[:_LONGEST_SHOWN]}…"


def shown_beside(one: Cell, other: Cell) -> tuple[str, str]:
    """Return two cells as a sentence quotes them, long ones from just before they differ."""
    words = [_words(cell) for cell in (one, other)]
    if max(map(len, words)) <= _LONGEST_SHOWN:
        return words[0], words[1]
    same = next(
        (place for place, (a, b) in enumerate(zip(*words, strict=False)) if a != b),
        min(map(len, words)),
    )
    start = max(0, same - _BEFORE)
    dots = "…" if start else ""
    first, second = (f"{dots}{shown_cell(text[start:])}" for text in words)
    return first, second


def _words(cell: Cell) -> str:
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _between(found: Grid, derived: Grid, key: Sequence[str]) -> Iterable[Problem]:
    if found.kind == "document":
        return [] if found.rows == derived.rows else [Problem("verify_document")]
    if found.headings != derived.headings:
        headings = ["、".join(grid.headings) for grid in (found, derived)]
        return [
            Problem(
                "verify_columns", value=shown_cell(headings[0]), fix=shown_cell(headings[1]),
                values={"part": found.name},
            )
        ]  # fmt: skip
    if found.kind == "sentences":
        return _sentences(found, derived)
    names = [name for name in key if name in derived.headings]
    if names and len(names) == len(key):
        places = [derived.headings.index(name) for name in names]
        keys = [_keys(grid, places) for grid in (found, derived)]
        if all(max(Counter(k).values(), default=1) == 1 for k in keys):
            return _by_key(found, derived, *keys)
    return _by_order(found, derived)


def _keys(grid: Grid, places: Sequence[int]) -> list[tuple[str, ...]]:
    return [tuple(shown_cell(_at(row, place)) for place in places) for row in grid.rows]


def _by_key(
    found: Grid,
    derived: Grid,
    found_keys: list[tuple[str, ...]],
    derived_keys: list[tuple[str, ...]],
) -> Iterator[Problem]:
    twins = dict(zip(derived_keys, derived.rows, strict=True))
    for number, (key, row) in enumerate(zip(found_keys, found.rows, strict=True)):
        line, name = found.first_row + number, " ".join(key)
        if key in twins:
            yield from _row(found, line, name, row, twins[key])
        else:
            yield _of_row("verify_row_extra", found, name, line)
    there = set(found_keys)
    missing = [key for key in derived_keys if key not in there]
    yield from (_of_row("verify_row_missing", derived, " ".join(key)) for key in missing)
    if there == set(derived_keys) and found_keys != derived_keys:
        yield Problem("verify_row_order", values={"part": found.name})


def _by_order(found: Grid, derived: Grid) -> Iterator[Problem]:
    pairs = zip(found.rows, derived.rows, strict=False)
    for number, (row, twin) in enumerate(pairs):
        yield from _row(found, found.first_row + number, _first(row), row, twin)
    common = min(len(found.rows), len(derived.rows))
    for number, row in enumerate(found.rows[common:], start=common):
        yield _of_row("verify_row_extra", found, _first(row), found.first_row + number)
    for row in derived.rows[common:]:
        yield _of_row("verify_row_missing", derived, _first(row))


def _row(
    grid: Grid, line: int, key: str, row: Sequence[Cell], twin: Sequence[Cell]
) -> Iterator[Problem]:
    for place in range(max(len(row), len(twin))):
        one, other = _at(row, place), _at(twin, place)
        if not _is_same(one, other):
            heading = grid.headings[place] if place < len(grid.headings) else str(place + 1)
            value, fix = shown_beside(one, other)
            yield Problem(
                "verify_cell", Severity.ERROR, line, heading, value, fix=fix,
                values={"part": grid.name, "row_id": key},
            )  # fmt: skip


def _sentences(found: Grid, derived: Grid) -> Iterator[Problem]:
    """Yield the lines that differ; a label is a place, not an identity, so they pair by order."""
    for place in range(max(len(found.rows), len(derived.rows))):
        one, other = (
            grid.rows[place] if place < len(grid.rows) else () for grid in (found, derived)
        )
        width = max(len(one), len(other))
        if all(_is_same(_at(one, cell), _at(other, cell)) for cell in range(width)):
            continue
        label = shown_cell(_at(other or one, 0)) if width > 1 else ""
        start = 1 if width > 1 and _at(one, 0) == _at(other, 0) else 0
        texts = shown_beside(*(" · ".join(map(_words, line[start:])) for line in (one, other)))
        row = found.first_row + place if found.first_row > 1 else None
        yield Problem(
            "verify_sentence", Severity.ERROR, row, label, texts[0], fix=texts[1],
            values={"part": found.name},
        )  # fmt: skip


def _of_row(code: str, grid: Grid, key: str, line: int | None = None) -> Problem:
    return Problem(code, row=line, values={"part": grid.name, "row_id": key})


def _first(row: Sequence[Cell]) -> str:
    return shown_cell(_at(row, 0))


def _at(row: Sequence[Cell], place: int) -> Cell:
    return row[place] if place < len(row) else None


def _is_same(one: Cell, other: Cell) -> bool:
    """Return whether two cells are equal and of one kind; 1 and 1.0 are, 1 and true are not.

    The last digits of a number that another processor has counted, or an earlier version written
    in full, make no difference.
    """
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=_LAST_DIGITS, abs_tol=_NEAR_ZERO)
    return one == other


_LAST_DIGITS, _NEAR_ZERO = 1e-11, 1e-15
_MOST_FILES = 10
_SHEETED = frozenset({"csv", "xlsx", "html"})
"""Formats with headings for people; the others carry the names of the columns."""


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """An export as it was found, with what it says of itself.

    Parameters
    ----------
    file_name
        Its name.
    format_name
        Its format, by its content.
    reading
        Its cells.
    meta
        Its description.
    recipe
        How it says to derive it.
    recorded_sha256
        The hash that its description gives for it, None where there is none.
    """

    file_name: str
    format_name: str
    reading: Reading = field(repr=False)
    meta: Mapping[str, Any] = field(repr=False)
    recipe: Recipe
    recorded_sha256: str | None

    @property
    def is_edited(self) -> bool:
        """Whether the file is not the one that was written."""
        if self.format_name == META_ENDING:
            return not is_sealed(self.meta)
        return self.reading.body_sha256 != self.recorded_sha256 or not is_sealed(self.meta)


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification found.

    Parameters
    ----------
    findings
        What differs, in the order of the file.
    notes
        Why, and what is worth knowing besides.
    row_count
        Rows of the derivation; None if it could not be made.
    """

    findings: tuple[Problem, ...]
    notes: tuple[Problem, ...] = ()
    row_count: int | None = None

    @property
    def is_same(self) -> bool:
        """Whether every row and sentence was derived again."""
        return not self.findings


def read_claim(data: bytes, name: str, sidecar: bytes | None = None) -> Claim:
    """Return what an export says of itself.

    Parameters
    ----------
    data, name
        Content and name of the file.
    sidecar
        Content of the description beside it; only a CSV file needs one.

    Raises
    ------
    FileFormatError
        If it is no export of this program, has no recipe, or asks too much of the machine.
    """
    format_name = format_of(data)
    meta = parsed_meta(sidecar) if sidecar is not None and format_name == "csv" else None
    if format_name == "csv" and meta is None:
        raise FileFormatError("verify_not_ours")
    reading = read_export(data, format_name)
    meta = meta or reading.meta
    if meta is None:
        raise FileFormatError("verify_not_ours")
    if meta.get("recipe") is None:
        raise FileFormatError("verify_no_recipe", file=name)
    recorded = meta.get("body_sha256") if format_name != "csv" else _csv_sha256(meta)
    return Claim(
        PurePath(name).name,
        format_name,
        reading,
        meta,
        read_recipe(meta["recipe"]),
        recorded if isinstance(recorded, str) else None,
    )


def verify(
    claim: Claim, places: Places, dataset: Dataset, *, contracts: Contracts = without_register
) -> Verification:
    """Return whether an export agrees with a new derivation, and if not, where and why.

    Parameters
    ----------
    claim
        What :func:`read_claim` returned.
    places
        The reference tables.
    dataset
        The data set of the recipe: a shipped one, or the workspace's snapshot. A report that is
        made of a contract register alone reads only the kinds of nodes of it.
    contracts
        Opens a version of the contract register of the data set, current or not.
    """
    recipe = claim.recipe
    is_other = (dataset.name, dataset.dataset_id) != (recipe.dataset_name, recipe.dataset_id)
    if is_other and not is_of_register(recipe):
        found = f"{recipe.dataset_name} {recipe.dataset_id}"
        opened = f"{dataset.name} {dataset.dataset_id}"
        return _failed(claim, Problem("verify_dataset", value=found, fix=opened))
    newest = REPORT_VERSIONS.get(recipe.report, recipe.version)
    if recipe.version < newest:
        # Another method gives other figures: a comparison would call every row changed.
        values = {"part": recipe.report}
        newer = Problem(
            "verify_method_newer", value=str(recipe.version), fix=str(newest), values=values
        )
        return _failed(claim, newer, is_edited=claim.is_edited)
    try:
        bundle = derive(recipe, places, dataset, contracts=contracts)
    except QueryError as error:
        return _failed(claim, _because("verify_not_derivable", claim, error))
    except (DamagedFileError, WorkspaceError) as error:
        return _failed(claim, _because("verify_register", claim, error))
    derived = _derived(claim, bundle)
    problems = [
        *_inputs(claim, bundle),
        *(Problem("verify_formula", values={"part": cell}) for cell in claim.reading.formulas),
        *differences(_grids(claim), derived, key=_key(claim, bundle)),
    ]
    if claim.format_name == META_ENDING:
        problems += _data_files(claim, bundle)
    return _judged(claim, bundle, problems)


def not_opened(claim: Claim, error: WorkspaceError | DamagedFileError) -> Verification:
    """Return the finding that the version of the recipe is damaged, or not there."""
    if isinstance(error, DamagedFileError):
        return _failed(claim, _because("verify_snapshot_damaged", claim, error))
    values = {"folder": error.values.get("path", ""), "known": error.values.get("known", "")}
    missing = Problem("verify_snapshot_missing", value=claim.recipe.dataset_id, values=values)
    return _failed(claim, missing)


def _because(code: str, claim: Claim, error: NetworkMapError) -> Problem:
    language = "en" if claim.recipe.language == "en" else "zh"
    return Problem(code, values={"reason": error_text(error, language)})


def _failed(claim: Claim, *findings: Problem, is_edited: bool = False) -> Verification:
    notes = [] if is_sealed(claim.meta) else [_note("verify_meta_edited")]
    notes += [_note("verify_edited")] if is_edited else []
    return Verification(findings, tuple(notes))


def _judged(claim: Claim, bundle: Bundle, problems: list[Problem]) -> Verification:
    software = claim.recipe.software
    notes = []
    if software != __version__:
        notes.append(_note("verify_software", value=shown_cell(software), fix=__version__))
    version = REPORT_VERSIONS[claim.recipe.report]
    if claim.recipe.version != version:
        values = {"part": claim.recipe.report}
        found = str(claim.recipe.version)
        notes.append(
            Problem("verify_report_version", Severity.NOTE, value=found, fix=str(version),
                    values=values)
        )  # fmt: skip
    if not claim.is_edited and software != __version__:
        # Another version draws another map around the same rows: no difference of the data.
        notes += [p for p in problems if p.code == "verify_document"]
        problems = [p for p in problems if p.code != "verify_document"]
    if not is_sealed(claim.meta):
        problems.append(Problem("verify_meta_edited"))
    if claim.is_edited and claim.format_name != META_ENDING:
        notes.append(_note("verify_edited" if problems else "verify_resaved"))
    elif problems and not claim.is_edited:
        notes.append(_note("verify_unedited"))
    return Verification(tuple(problems), tuple(notes), len(bundle.table))


def _note(code: str, *, value: str = "", fix: str | None = None) -> Problem:
    return Problem(code, Severity.NOTE, value=value, fix=fix)


def _grids(claim: Claim) -> tuple[Grid, ...]:
    if claim.format_name == META_ENDING:
        return claim.reading.grids
    return (*claim.reading.grids, meta_grid(claim.meta))


def _derived(claim: Claim, bundle: Bundle) -> tuple[Grid, ...]:
    """Return the tables of the file as it would be written now."""
    reading = read_export(file_bytes(bundle, claim.format_name), claim.format_name)
    if claim.format_name == META_ENDING:
        return reading.grids
    meta = reading.meta or parsed_meta(meta_bytes(bundle)) or {}
    return (*reading.grids, meta_grid(meta))


def _key(claim: Claim, bundle: Bundle) -> list[str]:
    columns = [bundle.declaration.column(name) for name in bundle.declaration.key]
    if claim.format_name in _SHEETED:
        return [column_heading(column, bundle.language) for column in columns]
    return [column.name for column in columns]


def _inputs(claim: Claim, bundle: Bundle) -> list[Problem]:
    """Return the input files that are not what they were when the file was written."""
    recorded = claim.meta.get("created_from")
    told = recorded if isinstance(recorded, dict) else {}
    now = bundle.created_from
    return [
        Problem(
            "verify_input", value=shown_cell(str(told.get(name, "—"))[:12]),
            fix=now.get(name, "—")[:12], values={"part": shown_cell(name)},
        )
        for name in sorted({*map(str, told), *now})
        if told.get(name) != now.get(name)
    ]  # fmt: skip


def _csv_sha256(meta: Mapping[str, Any]) -> object:
    """Return the hash that a description gives for its CSV file."""
    return next((entry["sha256"] for entry in _entries(meta) if entry["format"] == "csv"), None)


def _entries(meta: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return name, format and hash of each data file that a description names."""
    listed = meta.get("data_files")
    entries = (
        [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    )
    # Each is written again to compare it: one for each format, and never more.
    entries = entries[:_MOST_FILES]
    return [
        {
            "name": str(entry.get("name")),
            "format": PurePath(str(entry.get("name"))).suffix.removeprefix(".").lower(),
            "sha256": str(entry.get("sha256")),
        }
        for entry in entries
    ]


def _data_files(claim: Claim, bundle: Bundle) -> list[Problem]:
    """Return the data files of a description that would be other files now."""
    problems = []
    for entry in _entries(claim.meta):
        try:
            data = file_bytes(bundle, entry["format"])
        except QueryError:
            problems.append(
                Problem("verify_part_extra", values={"part": shown_cell(entry["name"])})
            )
            continue
        slip = parsed_meta(meta_bytes(bundle, {file_name(bundle, entry["format"]): data})) or {}
        now = _entries(slip)[0]["sha256"]
        if now != entry["sha256"]:
            problems.append(
                Problem(
                    "verify_file_hash", value=shown_cell(entry["sha256"][:12]), fix=now[:12],
                    values={"part": shown_cell(entry["name"])},
                )
            )  # fmt: skip
    return problems
