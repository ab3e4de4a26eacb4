"""What an import of contracts or payments did or would do, in both languages."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from network_map.contracts.importing.apply import (
    RegisterImport,
    apply_register_import,
    import_totals,
    preview_contract_list,
    preview_payment_list,
)
from network_map.contracts.importing.options import ContractOptions, PaidPreview
from network_map.contracts.importing.reading import Progress
from network_map.errors import Problem, Severity
from network_map.i18n import LANGUAGES, count_text, text
from network_map.listfiles.outcome import Outcome, file_values, left_out_text, problem_values
from network_map.listfiles.preview import MOST_DESCRIBED
from network_map.places.gazetteer import Gazetteer

MOST_ACCEPTED = 10_000
"""Accepted rows that are listed one by one; the ranges of all of them are always given."""
_FEN_IN_YUAN = 100


@dataclass(frozen=True)
class RegisterOutcome:
    """What an import did, or why it did nothing yet.

    Parameters
    ----------
    planned
        The list, judged against the register.
    state
        ``applied``, ``unchanged``, ``waiting``, ``blocked`` or ``nothing``, as for nodes.
    snapshot_id
        The current version of the contract register now, None if there is none.
    previous_snapshot_id
        The version that the import replaced, None if it replaced none.
    left_out_rows
        Rows of the file that were skipped.
    """

    planned: RegisterImport
    state: str
    snapshot_id: str | None
    previous_snapshot_id: str | None = None
    left_out_rows: tuple[int, ...] = ()

    @property
    def applied(self) -> bool:
        """Whether the list is in the workspace now."""
        return self.state in {"applied", "unchanged"}

    def sentences(self, language: str) -> tuple[str, ...]:
        """Return what there is to say about the import as a whole, in a language."""
        preview = self.planned.preview
        values = {"snapshot_id": self.snapshot_id or "", "open_count": preview.open_count}
        said = [
            text("import.result.counts", language, **preview.counts),
            *totals_sentences(self.planned, language),
            text(f"import.result.{self.state}", language, **values),
        ]
        if self.left_out_rows:
            said.append(left_out_text(self.left_out_rows, language))
        return tuple(said)

    def to_json(self) -> dict[str, object]:
        """Return the outcome as plain values: numbers, texts, lists and mappings of them.

        ``corrected``, ``doubtful``, ``refused`` and ``excluded`` list every row. ``accepted``
        lists the first ten thousand; ``accepted_row_ranges`` holds first and last number of each
        run of accepted rows, all of them.
        """
        preview = self.planned.preview
        by_row: dict[int | None, list[Problem]] = defaultdict(list)
        for problem in preview.problems:
            by_row[problem.row].append(problem)
        rows = {
            outcome.value: preview.rows[preview.rows["outcome"] == outcome.value]
            for outcome in Outcome
        }
        accepted = rows[Outcome.ACCEPTED.value]
        rows[Outcome.ACCEPTED.value] = accepted.head(MOST_ACCEPTED)
        listed = set(preview.rows["row"].tolist())
        apart = [p for row, found in by_row.items() if row not in listed for p in found]
        return {
            "applied": self.applied,
            "state": self.state,
            "snapshot_id": self.snapshot_id,
            "previous_snapshot_id": self.previous_snapshot_id,
            "file": file_values(preview),
            "units": {column: unit.value for column, unit in preview.units.items()},
            "unit_sums": {unit.value: fen for unit, fen in preview.unit_sums.items()},
            "counts": preview.counts,
            "totals": import_totals(preview),
            "effect": asdict(self.planned.effect),
            "accepted_row_ranges": _ranges(accepted["row"].to_list()),
            **{
                outcome: [
                    _row_values(row, contract_id, reason, by_row.get(row, ()))
                    for row, contract_id, reason in frame[
                        ["row", "contract_id", "reason"]
                    ].itertuples(index=False, name=None)
                ]
                for outcome, frame in rows.items()
            },
            "left_out_rows": list(self.left_out_rows),
            "problem_counts": dict(preview.problem_counts),
            "notes": [problem_values(problem) for problem in (*apart, *self.planned.notes)],
            "message": {language: list(self.sentences(language)) for language in LANGUAGES},
        }


def run_contract_import(  # noqa: PLR0913 - the keywords of one request
    file: Path | bytes,
    workspace: Path,
    *,
    payments: bool = False,
    file_name: str | None = None,
    options: ContractOptions | None = None,
    replaces_known: bool = False,
    confirm: bool = False,
    skip_rows: bool = False,
    who: str | None = None,
    gazetteer: Gazetteer | None = None,
    progress: Progress | None = None,
    most_described: int = MOST_DESCRIBED,
) -> RegisterOutcome:
    """Preview a list of contracts or payments and, if it is confirmed and may be, apply it.

    Parameters
    ----------
    file
        Its path, or its content.
    workspace
        The folder; without ``confirm`` nothing in it is touched.
    payments
        Whether it is a list of payments.
    file_name
        Name of a content without path.
    options
        What a person says about the list.
    replaces_known
        Whether the list is right wherever it contradicts what the workspace holds.
    confirm
        Whether to apply the list.
    skip_rows
        Whether refused and unanswered rows may be left out.
    who
        The account for the journal.
    gazetteer
        The divisions; the shipped ones by default.
    progress
        Told how many rows are done, and how many there are about.
    most_described
        Problems of one code that are described; all are counted.

    Raises
    ------
    FileFormatError, MissingFileError
        If the file cannot be read as such a list.
    QueryError
        If another import changed the register meanwhile so that other rows are open.
    WorkspaceError, DamagedFileError
        If the workspace cannot be read or written.
    """
    if payments:
        planned = preview_payment_list(
            file, file_name, options, workspace=workspace,
            progress=progress, most_described=most_described,
        )  # fmt: skip
    else:
        planned = preview_contract_list(
            file, file_name, options, workspace=workspace, replaces_known=replaces_known,
            gazetteer=gazetteer, progress=progress, most_described=most_described,
        )  # fmt: skip
    state = planned.state(confirm=confirm, skip_rows=skip_rows)
    if state != "applied":
        return RegisterOutcome(planned, state, planned.snapshot_id)
    done = apply_register_import(planned, workspace, skip_rows=skip_rows, who=who)
    return RegisterOutcome(
        planned,
        "applied" if done.is_changed else "unchanged",
        done.snapshot_id,
        done.previous_snapshot_id,
        done.left_out_rows,
    )


def totals_sentences(planned: RegisterImport, language: str) -> tuple[str, ...]:
    """Return the sums of what would be taken, to the fen, and what it does to the register."""
    totals = import_totals(planned.preview)
    values = {name: count_text(n) for name, n in totals.items() if name.endswith("_count")}
    values |= {
        name.removesuffix("_fen"): yuan_text(n) for name, n in totals.items() if "_fen" in name
    }
    kind = "payments" if isinstance(planned.preview, PaidPreview) else "contracts"
    effect = {name: count_text(n) for name, n in asdict(planned.effect).items()}
    return (
        text(f"contract_import.totals.{kind}", language, **values),
        text(f"contract_import.effect.{kind}", language, **effect),
    )


def yuan_text(fen: int) -> str:
    """Return an amount in yuan with both decimals, exactly."""
    return f"{fen // _FEN_IN_YUAN:,}.{fen % _FEN_IN_YUAN:02d}"


def _row_values(
    row: int, contract_id: object, reason: str, problems: Sequence[Problem]
) -> Mapping[str, object]:
    return {
        "row": row,
        "contract_id": contract_id if isinstance(contract_id, str) else None,
        "reason": reason or None,
        "corrections": [
            {"column": p.column, "from": p.value, "to": p.fix}
            for p in problems
            if p.severity is Severity.CORRECTED and p.fix
        ],
        "problems": [problem_values(problem) for problem in problems],
    }


def _ranges(rows: Sequence[int]) -> list[list[int]]:
    """Return first and last number of each run of rows."""
    numbers = np.asarray(rows, dtype="int64")
    if not len(numbers):
        return []
    breaks = np.flatnonzero(np.diff(numbers) != 1)
    firsts = numbers[np.concatenate([[0], breaks + 1])]
    lasts = numbers[np.concatenate([breaks, [-1]])]
    return [[int(first), int(last)] for first, last in zip(firsts, lasts, strict=True)]
