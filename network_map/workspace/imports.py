"""A previewed list of any kind becomes one new version of a workspace, or nothing.

What applying means is said by the kind of list: :class:`ImportPlan` is a list judged against the
workspace that it is meant for, and :class:`ImportOutcome` says what became of it, for a page and a
command line alike.
"""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from network_map.errors import Problem, QueryError
from network_map.i18n import LANGUAGES, text
from network_map.listfiles.preview import (
    ListPreview,
    Outcome,
    file_values,
    left_out_text,
    problem_values,
)
from network_map.workspace.register import Committed, Move, SnapshotInfo, import_move

MOST_ACCEPTED = 10_000
"""Accepted rows that are listed one by one; the ranges of all of them are always given."""
Previewed = TypeVar("Previewed", bound=ListPreview)
Plan = TypeVar("Plan", bound="ImportPlan[Any]")


@dataclass(frozen=True, eq=False, kw_only=True)
class ImportPlan(ABC, Generic[Previewed]):
    """A list as it would change a workspace.

    Parameters
    ----------
    preview
        What would be taken of it.
    snapshot_id
        The version that it was judged against, None if there was none.
    notes
        What is worth saying about list and workspace together.
    """

    preview: Previewed
    snapshot_id: str | None
    notes: tuple[Problem, ...] = ()

    @abstractmethod
    def store(self, workspace: Path, move: Move) -> Committed:
        """Make the new version of a workspace, whatever became of it meanwhile."""

    @abstractmethod
    def told(self, language: str) -> tuple[str, ...]:
        """Return the sentences about what is taken and what that changes."""

    def totals_told(self, language: str) -> tuple[str, ...]:  # noqa: ARG002 - most have no parts
        """Return a line for each part of what is taken, where a list has parts."""
        return ()

    @abstractmethod
    def values(self) -> dict[str, object]:
        """Return what is taken and what that changes as plain values."""

    def apply(
        self,
        workspace: Path,
        *,
        skip_rows: bool = False,
        who: str | None = None,
        at: datetime | None = None,
    ) -> SnapshotInfo:
        """Bring the list into a workspace: all that can be taken of it, or nothing.

        Parameters
        ----------
        workspace
            The folder; it is created if it does not exist.
        skip_rows
            Whether refused and unanswered rows may be left out; otherwise one of them stops all.
        who, at
            For the journal: the account of the process and the present moment by default.

        Raises
        ------
        QueryError
            If rows are open and may not be left out, if no row is left, or if the kind of list
            says that this cannot be done.
        WorkspaceError
            If the workspace is busy or cannot be written; it is then unchanged.
        DamagedFileError
            If the current version of the workspace is damaged.
        """
        preview = self.preview
        state = preview.state(confirm=True, skip_rows=skip_rows)
        if state == "blocked":
            raise QueryError("import_open_rows", count=preview.open_count)
        if state == "nothing":
            raise QueryError("import_no_rows")
        left_out = preview.left_out_rows
        done = self.store(
            workspace,
            import_move(
                preview.file_name, preview.file_sha256, left_out_rows=left_out, who=who, at=at
            ),
        )
        return SnapshotInfo(done.snapshot_id, done.previous_snapshot_id, done.is_changed, left_out)


@dataclass(frozen=True, eq=False)
class ImportOutcome(Generic[Plan]):
    """What an import did, or why it did nothing yet.

    Parameters
    ----------
    plan
        The list, judged against the workspace.
    state
        ``applied``, ``unchanged`` (the content is that of the current version), ``waiting`` (for
        the confirmation), ``blocked`` (by errors or open questions) or ``nothing`` (no row left).
    snapshot_id
        The current version of the workspace now, None if there is none.
    previous_snapshot_id
        The version that the import replaced, None if it replaced none.
    left_out_rows
        Rows of the file that were skipped.
    """

    plan: Plan
    state: str
    snapshot_id: str | None
    previous_snapshot_id: str | None = None
    left_out_rows: tuple[int, ...] = ()

    @property
    def preview(self) -> ListPreview:
        """What would be taken of the list."""
        found: ListPreview = self.plan.preview
        return found

    @property
    def applied(self) -> bool:
        """Whether the list is in the workspace now."""
        return self.state in {"applied", "unchanged"}

    def sentences(self, language: str) -> tuple[str, ...]:
        """Return what there is to say about the import as a whole, in a language."""
        values = {"snapshot_id": self.snapshot_id or "", "open_count": self.preview.open_count}
        return (
            text("import.result.counts", language, **self.preview.counts),
            *self.plan.told(language),
            text(f"import.result.{self.state}", language, **values),
            *([left_out_text(self.left_out_rows, language)] if self.left_out_rows else []),
        )

    def to_json(self) -> dict[str, object]:
        """Return the outcome as plain values: numbers, texts, lists and mappings of them.

        ``corrected``, ``doubtful``, ``refused`` and ``excluded`` list every row. ``accepted``
        lists the first ten thousand; ``accepted_row_ranges`` holds first and last number of each
        run of accepted rows, all of them.
        """
        preview = self.preview
        by_row: dict[int | None, list[Problem]] = defaultdict(list)
        for problem in preview.problems:
            by_row[problem.row].append(problem)
        listed = set(preview.rows["row"].tolist())
        apart = [p for row, found in by_row.items() if row not in listed for p in found]
        return {
            "applied": self.applied,
            "state": self.state,
            "snapshot_id": self.snapshot_id,
            "previous_snapshot_id": self.previous_snapshot_id,
            "file": file_values(preview),
            "counts": preview.counts,
            **self.plan.values(),
            "accepted_row_ranges": _ranges(preview.accepted["row"].to_list()),
            **{outcome.value: _listed(preview, outcome, by_row) for outcome in Outcome},
            "left_out_rows": list(self.left_out_rows),
            "notes": [problem_values(problem) for problem in (*apart, *self.plan.notes)],
            "message": {language: list(self.sentences(language)) for language in LANGUAGES},
        }


def carried_out(
    plan: Plan,
    workspace: Path,
    *,
    confirm: bool = False,
    skip_rows: bool = False,
    who: str | None = None,
) -> ImportOutcome[Plan]:
    """Apply a list if it is confirmed and may be, and return what became of it.

    Raises
    ------
    QueryError, WorkspaceError, DamagedFileError
        As in :meth:`ImportPlan.apply`; without ``confirm`` nothing in the workspace is touched.
    """
    state = plan.preview.state(confirm=confirm, skip_rows=skip_rows)
    if state != "applied":
        return ImportOutcome(plan, state, plan.snapshot_id)
    done = plan.apply(workspace, skip_rows=skip_rows, who=who)
    return ImportOutcome(
        plan,
        "applied" if done.is_changed else "unchanged",
        done.snapshot_id,
        done.previous_snapshot_id,
        done.left_out_rows,
    )


def _listed(
    preview: ListPreview, outcome: Outcome, by_row: Mapping[int | None, Sequence[Problem]]
) -> list[dict[str, object]]:
    """Return the rows of an outcome with everything that is said about them."""
    rows = preview.with_outcome(outcome)
    if outcome is Outcome.ACCEPTED:
        rows = rows.head(MOST_ACCEPTED)
    cells = rows.astype("object").where(rows.notna(), None).to_dict("records")
    return [
        preview.row_values(
            {str(name): cell for name, cell in row.items()}, by_row.get(row["row"], ())
        )
        for row in cells
    ]


def _ranges(rows: Sequence[int]) -> list[list[int]]:
    """Return first and last number of each run of rows."""
    numbers = np.asarray(rows, dtype="int64")
    if not len(numbers):
        return []
    breaks = np.flatnonzero(np.diff(numbers) != 1)
    firsts = numbers[np.concatenate([[0], breaks + 1])]
    lasts = numbers[np.concatenate([breaks, [-1]])]
    return [[int(first), int(last)] for first, last in zip(firsts, lasts, strict=True)]
