"""Two readings of an export held against each other, cell by cell and sentence by sentence."""

from collections import Counter
from collections.abc import Iterator, Sequence

from network_map.errors import Problem, Severity
from network_map.export import Cell, Grid

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
        In the order of the derived tables; ``value`` is what the file says, ``fix`` what the
        derivation says.
    """
    problems: list[Problem] = []
    left = list(found)
    for place, grid in enumerate(derived):
        twin = next((g for g in left if (g.name, g.kind) == (grid.name, grid.kind)), None)
        if twin is None:
            problems.append(Problem("verify_part_missing", values={"part": grid.name}))
            continue
        left.remove(twin)
        problems += _between(twin, grid, key if place == 0 else ())
    problems += [Problem("verify_part_extra", values={"part": grid.name}) for grid in left]
    return problems


def shown(cell: Cell) -> str:
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
    first, second = (f"{dots}{shown(text[start:])}" for text in words)
    return first, second


def _words(cell: Cell) -> str:
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _between(found: Grid, derived: Grid, key: Sequence[str]) -> list[Problem]:
    if found.kind == "document":
        return [] if found.rows == derived.rows else [Problem("verify_document")]
    if found.headings != derived.headings:
        headings = ["、".join(grid.headings) for grid in (found, derived)]
        return [
            Problem(
                "verify_columns", value=shown(headings[0]), fix=shown(headings[1]),
                values={"part": found.name},
            )
        ]  # fmt: skip
    if found.kind == "sentences":
        return list(_sentences(found, derived))
    names = [name for name in key if name in derived.headings]
    if names and len(names) == len(key):
        places = [derived.headings.index(name) for name in names]
        keys = [_keys(grid, places) for grid in (found, derived)]
        if all(max(Counter(k).values(), default=1) == 1 for k in keys):
            return list(_by_key(found, derived, *keys))
    return list(_by_order(found, derived))


def _keys(grid: Grid, places: Sequence[int]) -> list[tuple[str, ...]]:
    return [tuple(shown(_at(row, place)) for place in places) for row in grid.rows]


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
    missing = [key for key in derived_keys if key not in set(found_keys)]
    yield from (_of_row("verify_row_missing", derived, " ".join(key)) for key in missing)
    if set(found_keys) == set(derived_keys) and found_keys != derived_keys:
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
        label = shown(_at(other or one, 0)) if width > 1 else ""
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
    return shown(_at(row, 0))


def _at(row: Sequence[Cell], place: int) -> Cell:
    return row[place] if place < len(row) else None


def _is_same(one: Cell, other: Cell) -> bool:
    """Return whether two cells are equal and of one kind; 1 and 1.0 are, 1 and true are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other
