"""A register or a list of payments in a workspace: judged against what that holds, then added.

Unlike a list of nodes, an import adds. A row with a known id replaces the held one if it says 变更,
cancels it if it says 注销, and changes nothing if it says the same. A row that says 登记 (or
nothing) and contradicts the held one is doubtful, as it would be inside one list: which of the two
is right is for a person to say, row by row or for the whole list. Contracts and payments are kept
in one version together, so an import of the ones leaves the others as they are.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from network_map.contracts.importing.preview import preview_contracts, preview_paid_values
from network_map.contracts.importing.reading import (
    ContractOptions,
    ContractPreview,
    PaidPreview,
    Progress,
    contract_totals,
    typed_frame,
    with_verdict,
)
from network_map.contracts.register.tables import RegisterChange, empty_tables
from network_map.contracts.register.versions import (
    ContractSnapshot,
    added_to,
    commit_contracts,
    current_contracts,
    known_contract_ids,
    read_contracts_of,
    read_paid_values,
)
from network_map.contracts.tables import CONTRACTS, PAID_VALUES
from network_map.errors import Problem, QueryError, Severity
from network_map.i18n import count_text, text
from network_map.listfiles.cells import Mask, Places
from network_map.listfiles.preview import (
    MOST_DESCRIBED,
    Finding,
    Judgement,
    Said,
    in_row_order,
    judged,
)
from network_map.listfiles.spool import KeptRows
from network_map.listfiles.table import readable_name
from network_map.places.gazetteer import Gazetteer, open_divisions
from network_map.terms import ContractStatus
from network_map.workspace.imports import ImportPlan
from network_map.workspace.register import Committed, Move

_ABOUT_THE_ROW = {"contract_id", "kind_scheme", "origin", "source"}
"""What two rows may differ in and still say the same of their contract."""
_CONTENT = [name for name in CONTRACTS.names if name not in _ABOUT_THE_ROW]
_PAYMENT = [name for name in PAID_VALUES.names if name not in {"origin", "source"}]
_SAYS_CHANGED = "变更"
_FEN_PER_YUAN = 100


@dataclass(frozen=True, slots=True)
class Effect:
    """How many rows of a list do what to a register.

    Parameters
    ----------
    added
        Contracts or payments that it did not hold.
    replaced
        Contracts that it held otherwise.
    cancelled
        Contracts that it held and the list cancels.
    unchanged
        Contracts or payments that it holds already.
    """

    added: int
    replaced: int
    cancelled: int
    unchanged: int


@dataclass(frozen=True, eq=False)
class ContractsSettled:
    """A list of contracts, judged against a register.

    Parameters
    ----------
    preview
        The list; rows that the register contradicts are doubtful in it.
    new
        The rows that the register does not hold like this.
    effect
        What they do.
    notes
        What is worth saying about it.
    """

    preview: ContractPreview
    new: KeptRows
    effect: Effect
    notes: tuple[Problem, ...]


Held = Callable[[pd.Series], pd.DataFrame]
"""Returns the contracts of a register with one of these ids, as table ``contracts``."""


def settled_contracts(
    listed: ContractPreview, held: Held | None, *, replaces_known: bool, most_described: int
) -> ContractsSettled:
    """Return a list judged against the register that it is meant for.

    Parameters
    ----------
    held
        Asked for the contracts that the register holds, chunk by chunk; None if it holds none.
    replaces_known
        Whether a person said that the list is right wherever the two contradict each other.
    """
    if held is None:  # nothing to compare with: the usual first import
        return ContractsSettled(listed, listed.taken, Effect(len(listed.taken), 0, 0, 0), ())
    counts: Counter[str] = Counter()
    chunks = []
    for table in listed.taken.chunks():
        new = typed_frame(CONTRACTS, table)
        old = held(new["contract_id"])
        rows = table["row"].to_numpy()
        chunks.append(
            _settled_chunk(
                new, old, rows, counts,
                replaces_known=replaces_known, most_described=most_described,
            )
        )  # fmt: skip
    verdict = Judgement(
        np.concatenate([one.verdict.weight[one.is_said] for one in chunks]),
        np.concatenate([one.verdict.reason[one.is_said] for one in chunks]),
        tuple(problem for one in chunks for problem in one.verdict.problems),
        np.concatenate([one.verdict.is_takeable[one.is_said] for one in chunks]),
    )
    said = np.concatenate([one.rows[one.is_said] for one in chunks])
    taken = listed.taken.only([one.takes for one in chunks])
    preview = replace(
        listed,
        rows=with_verdict(listed.rows, said, verdict),
        problems=in_row_order(*listed.problems, *verdict.problems),
        problem_counts={**listed.problem_counts, **counts},
        taken=taken,
        totals=contract_totals(taken),
    )
    effect = Effect(
        *(sum(getattr(one.effect, name) for one in chunks) for name in Effect.__slots__)
    )
    changed = listed.taken.only([one.changes for one in chunks])
    return ContractsSettled(preview, changed, effect, _poorer(chunks))


@dataclass(frozen=True, eq=False, slots=True)
class _SettledChunk:
    """What becomes of the rows of one chunk: masks over them, and what is said."""

    rows: Places
    takes: Mask
    changes: Mask
    verdict: Judgement
    effect: Effect
    lost: Counter[str]

    @property
    def is_said(self) -> Mask:
        """Rows about which something is said."""
        return self.verdict.weight > 0


def _settled_chunk(
    new: pd.DataFrame,
    held: pd.DataFrame,
    rows: Places,
    counts: Counter[str],
    *,
    replaces_known: bool,
    most_described: int,
) -> _SettledChunk:
    old = held.set_index("contract_id").reindex(new["contract_id"]).reset_index(drop=True)
    is_known = old["contract_status"].notna().to_numpy()
    differs = _differs(new, old, _CONTENT) & is_known
    is_same = is_known & ~differs & ~_differs(new, old, ["kind_scheme", "origin"])
    findings = () if replaces_known else _contradictions(new, old, differs)
    verdict = judged(rows, findings, counts, most_described=most_described)
    takes = verdict.is_takeable
    status = new["contract_status"].to_numpy()
    cancels = is_known & (status == ContractStatus.CANCELLED.value) & takes & ~is_same
    replaces = is_known & takes & ~is_same & ~cancels
    effect = Effect(
        added=int((~is_known).sum()),
        replaced=int(replaces.sum()),
        cancelled=int(cancels.sum()),
        unchanged=int((is_same & takes).sum()),
    )
    lost = Counter({
        name: int((replaces & (new[name].isna() & old[name].notna())).sum()) for name in _CONTENT
    })  # fmt: skip
    return _SettledChunk(rows, takes, takes & ~is_same, verdict, effect, lost)


def new_payments(listed: PaidPreview, held: pd.DataFrame) -> pd.DataFrame:
    """Return the payments of a list that a register does not hold.

    A payment has no number. One that agrees in contract, service body, value, evidence and day
    is the same payment; where a list has it more often than the register, the rest is new. So a
    list that goes on from an earlier one can be brought in as a whole, and the same list twice
    adds nothing.
    """
    count = "so_manieth"
    listed_keys = listed.paid_values[_PAYMENT].astype("str").fillna("")
    held_keys = held[_PAYMENT].astype("str").fillna("")
    listed_keys[count] = listed_keys.groupby(_PAYMENT).cumcount()
    held_keys[count] = held_keys.groupby(_PAYMENT).cumcount()
    both = listed_keys.merge(held_keys, how="left", indicator=True, validate="1:1")
    is_new = (both["_merge"] == "left_only").to_numpy()
    return listed.paid_values[is_new].reset_index(drop=True)


def _stacked(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of both, typed as they are: no number goes through a float."""
    if first.empty or second.empty:
        return (second if first.empty else first).reset_index(drop=True)
    return pd.concat([first, second.astype(first.dtypes.to_dict())], ignore_index=True)


def _differs(new: pd.DataFrame, old: pd.DataFrame, names: Sequence[str]) -> Mask:
    """Return which rows differ in one of the columns; blank and blank are the same."""
    differs = np.zeros(len(new), dtype="bool")
    for name in names:
        first, second = new[name], old[name]
        same = (first == second).fillna(value=False).to_numpy(dtype="bool")
        differs |= ~same & ~(first.isna() & second.isna()).to_numpy(dtype="bool")
    return differs


def _contradictions(new: pd.DataFrame, old: pd.DataFrame, differs: Mask) -> tuple[Finding, ...]:
    """Return the rows that contradict the register without a later state that explains it."""
    status = new["contract_status"].to_numpy()
    was_cancelled = (old["contract_status"] == ContractStatus.CANCELLED.value).to_numpy()
    changes = differs & (status == ContractStatus.CHANGED.value)
    is_older = (
        (new["registered_on"] < old["registered_on"]).fillna(value=False).to_numpy(dtype="bool")
    )
    says_nothing = differs & (status == ContractStatus.REGISTERED.value)
    return (
        _finding("contract_known_cancelled", new, (changes | says_nothing) & was_cancelled, None),
        _finding("contract_known_later", new, changes & ~was_cancelled & is_older, None),
        _finding("contract_known_differs", new, says_nothing & ~was_cancelled, _SAYS_CHANGED),
    )


def _finding(code: str, new: pd.DataFrame, mask: Mask, fix: str | None) -> Finding:
    ids = new["contract_id"]
    return Finding(
        code, Severity.DOUBTFUL, "contract_status", np.flatnonzero(mask),
        lambda place: Said(str(ids.iloc[place]), fix),
    )  # fmt: skip


def _poorer(chunks: Sequence[_SettledChunk]) -> tuple[Problem, ...]:
    """Return a note for each column in which replaced contracts lose what they said."""
    lost = sum((one.lost for one in chunks), Counter[str]())
    return tuple(
        Problem(
            "contract_known_loses", Severity.NOTE, None, column.name,
            values={"count": lost[column.name], "zh": column.zh, "en": column.en},
        )
        for column in CONTRACTS.columns
        if lost[column.name]
    )  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class RegisterImport(ImportPlan[ContractPreview | PaidPreview]):
    """A list of contracts or payments as it would change a workspace.

    Parameters
    ----------
    effect
        What its rows do to the register; those that contradict it are doubtful.
    build
        Makes the new register from the one that is current when the list is applied.
    """

    effect: Effect
    build: Callable[[ContractSnapshot | None], RegisterChange]

    def store(self, workspace: Path, move: Move) -> Committed:
        """Add the list to the register.

        Raises
        ------
        QueryError
            If another import changed the register meanwhile so that other rows are open.
        """
        return commit_contracts(workspace, self.build, move)

    def told(self, language: str) -> tuple[str, ...]:
        """Return the sums of what is taken, to the fen, and what it does to the register."""
        totals = import_totals(self.preview)
        values = {name: count_text(n) for name, n in totals.items() if name.endswith("_count")}
        values |= {
            name.removesuffix("_fen"): yuan_text(n) for name, n in totals.items() if "_fen" in name
        }
        kind = "payments" if isinstance(self.preview, PaidPreview) else "contracts"
        effect = {name: count_text(n) for name, n in asdict(self.effect).items()}
        before = totals.get("contract_value_fen", 0) + totals.get("left_out_value_fen", 0)
        said = [text(f"contract_import.totals.{kind}", language, **values)]
        if totals.get("unanswered_place_count"):
            said.append(text("contract_import.totals.unanswered", language, **values))
        if totals.get("left_out_value_fen"):
            before_all = yuan_text(before)
            said.append(
                text("contract_import.totals.before", language, before=before_all, **values)
            )
        return (*said, text(f"contract_import.effect.{kind}", language, **effect))

    def values(self) -> dict[str, object]:
        """Return units, sums and effect as plain values."""
        preview = self.preview
        return {
            "units": {column: unit.value for column, unit in preview.units.items()},
            "unit_sums": {unit.value: fen for unit, fen in preview.unit_sums.items()},
            "totals": import_totals(preview),
            "effect": asdict(self.effect),
            "problem_counts": dict(preview.problem_counts),
        }


def contract_import(
    source: Path | bytes,
    file_name: str | None = None,
    options: ContractOptions | None = None,
    *,
    workspace: Path,
    replaces_known: bool = False,
    gazetteer: Gazetteer | None = None,
    progress: Progress | None = None,
    most_described: int = MOST_DESCRIBED,
) -> RegisterImport:
    """Return what a contract register would change in a workspace; nothing is stored.

    Parameters
    ----------
    source
        The path of a file, or its content.
    replaces_known
        Whether the list is right wherever it contradicts what the workspace holds.
    gazetteer
        The divisions; the shipped ones by default.
    progress
        Told how many rows are done, and how many there are about.
    most_described
        Problems of one code that are described; all are counted.

    Raises
    ------
    FileFormatError, MissingFileError
        If the file cannot be read as a register.
    WorkspaceError, DamagedFileError
        If the workspace cannot be read.
    """
    listed = preview_contracts(
        source, _name(source, file_name), gazetteer or open_divisions(), options,
        progress=progress, most_described=most_described,
    )  # fmt: skip
    settle = partial(settled_contracts, listed, replaces_known=replaces_known)
    current = current_contracts(workspace)
    found = settle(_held(current), most_described=most_described)
    open_rows = found.preview.open_rows

    def build(before: ContractSnapshot | None) -> RegisterChange:
        new = found.new
        if not _is_same(before, current):  # another import came between
            now = settle(_held(before), most_described=0)
            if now.preview.open_rows != open_rows:
                raise QueryError("import_register_moved")
            new = now.new
        return added_to(before, new.chunks)

    return RegisterImport(
        preview=found.preview,
        snapshot_id=None if current is None else current.snapshot_id,
        notes=found.notes,
        effect=found.effect,
        build=build,
    )


def payment_import(
    source: Path | bytes,
    file_name: str | None = None,
    options: ContractOptions | None = None,
    *,
    workspace: Path,
    progress: Progress | None = None,
    most_described: int = MOST_DESCRIBED,
) -> RegisterImport:
    """Return what a list of payments would change in a workspace; nothing is stored.

    The arguments and refusals are those of :func:`contract_import`.
    """
    listed = preview_paid_values(
        source, _name(source, file_name), options,
        progress=progress, most_described=most_described,
    )  # fmt: skip
    current = current_contracts(workspace)
    ids = listed.paid_values["contract_id"]
    is_known = (
        pd.Series(data=False, index=ids.index)
        if current is None
        else known_contract_ids(current, ids)
    )
    new = new_payments(listed, _paid(current))
    same = len(listed.paid_values) - len(new)

    def build(before: ContractSnapshot | None) -> RegisterChange:
        held = _paid(before)
        return added_to(before, paid_values=_stacked(held, new_payments(listed, held)))

    notes = {
        "paid_without_contract": int((~is_known.to_numpy(dtype="bool")).sum()),
        "paid_known": same,
    }
    return RegisterImport(
        preview=listed,
        snapshot_id=None if current is None else current.snapshot_id,
        notes=tuple(
            Problem(code, Severity.NOTE, values={"count": count})
            for code, count in notes.items()
            if count
        ),
        effect=Effect(len(new), 0, 0, same),
        build=build,
    )


def import_totals(preview: ContractPreview | PaidPreview) -> dict[str, int]:
    """Return number and sums in fen of the rows that would be taken."""
    if isinstance(preview, PaidPreview):
        return {
            "payment_count": preview.taken_count,
            "paid_value_fen": preview.paid_value_fen,
        }
    totals = preview.totals
    return {
        "contract_count": totals.contract_count,
        "contract_value_fen": totals.contract_value_fen,
        "technology_value_fen": totals.technology_value_fen,
        "unlocated_count": totals.unlocated_count,
        "unlocated_value_fen": totals.unlocated_value_fen,
        "unanswered_place_count": len(preview.unanswered_rows),
        "unanswered_place_value_fen": preview.value_fen_of(preview.unanswered_rows),
        "left_out_value_fen": preview.left_out_value_fen,
        "cancelled_count": totals.cancelled_count,
    }


def yuan_text(fen: int) -> str:
    """Return an amount in yuan with both decimals, exactly."""
    return f"{fen // _FEN_PER_YUAN:,}.{fen % _FEN_PER_YUAN:02d}"


def _name(source: Path | bytes, file_name: str | None) -> str:
    return file_name or (readable_name(source.name) if isinstance(source, Path) else "")


def _held(snapshot: ContractSnapshot | None) -> Held | None:
    return None if snapshot is None else partial(read_contracts_of, snapshot)


def _paid(snapshot: ContractSnapshot | None) -> pd.DataFrame:
    return empty_tables().paid_values if snapshot is None else read_paid_values(snapshot)


def _is_same(first: ContractSnapshot | None, second: ContractSnapshot | None) -> bool:
    return (first and first.snapshot_id) == (second and second.snapshot_id)
