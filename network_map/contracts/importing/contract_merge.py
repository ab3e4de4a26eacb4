"""What a list of contracts or payments does to the register that a workspace already holds.

An import adds. A row with a known id replaces the held one if it says 变更, cancels it if it says
注销, and changes nothing if it says the same. A row that says 登记 (or nothing) and contradicts the
held one is doubtful, as it would be inside one list: which of the two is right is for a person to
say, row by row or for the whole list.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from network_map.contracts.importing.options import (
    ContractPreview,
    PaidPreview,
    contract_totals,
    typed_frame,
)
from network_map.contracts.importing.reading import with_verdict
from network_map.contracts.tables import CONTRACTS, PAID_VALUES
from network_map.errors import Problem, Severity
from network_map.listfiles.contract_columns import Mask, Places
from network_map.listfiles.preview import Finding, Judgement, Said, judged
from network_map.listfiles.spool import KeptRows
from network_map.terms import ContractStatus

_ABOUT_THE_ROW = {"contract_id", "kind_scheme", "origin", "source"}
"""What two rows may differ in and still say the same of their contract."""
_CONTENT = [name for name in CONTRACTS.names if name not in _ABOUT_THE_ROW]
_PAYMENT = [name for name in PAID_VALUES.names if name not in {"origin", "source"}]
_SAYS_CHANGED = "变更"


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
    listed
        The list as it was read.
    held
        Asked for the contracts that the register holds, chunk by chunk; None if it holds none.
    replaces_known
        Whether a person said that the list is right wherever the two contradict each other.
    most_described
        Problems of one code that are described.
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
    )
    said = np.concatenate([one.rows[one.is_said] for one in chunks])
    taken = listed.taken.only([one.takes for one in chunks])
    preview = replace(
        listed,
        rows=with_verdict(listed.rows, said, verdict),
        problems=tuple(
            sorted((*listed.problems, *verdict.problems), key=lambda problem: problem.row or 0)
        ),
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

    Parameters
    ----------
    listed
        The list.
    held
        Table ``paid_values`` of the register.
    """
    count = "so_manieth"
    listed_keys = listed.paid_values[_PAYMENT].astype("str").fillna("")
    held_keys = held[_PAYMENT].astype("str").fillna("")
    listed_keys[count] = listed_keys.groupby(_PAYMENT).cumcount()
    held_keys[count] = held_keys.groupby(_PAYMENT).cumcount()
    both = listed_keys.merge(held_keys, how="left", indicator=True, validate="1:1")
    is_new = (both["_merge"] == "left_only").to_numpy()
    return listed.paid_values[is_new].reset_index(drop=True)


def merged_payments(held: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Return the held payments and the new ones."""
    return _stacked(held, new)


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
