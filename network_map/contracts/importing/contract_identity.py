"""Rows of one contract: said twice, changed, cancelled, or in contradiction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from network_map.contracts.importing.options import typed_frame
from network_map.contracts.tables import CONTRACTS
from network_map.errors import Severity
from network_map.listfiles.contract_columns import Mask, Places
from network_map.listfiles.preview import Finding, Said
from network_map.listfiles.spool import KeptRows
from network_map.terms import ContractStatus

_ABOUT_THE_ROW = {"row", "origin", "source"}


@dataclass(frozen=True)
class Identity:
    """Which rows stand for their contracts.

    Parameters
    ----------
    rows
        Numbers of the rows whose contract has more than one.
    dropped_rows
        Numbers of those that another row stands for, or that contradict each other.
    findings
        What there is to say about `rows`, by their place among them.
    """

    rows: Places
    dropped_rows: Places
    findings: tuple[Finding, ...]


def identity(taken: KeptRows) -> Identity:
    """Return which rows stand for their contracts.

    Rows that say the same are kept once. A row that says 变更 replaces the rows before it, one
    that says 注销 cancels them: of these the last one stands. Rows that contradict each other
    without saying so are doubtful, all of them.

    Parameters
    ----------
    taken
        The rows that can be taken, in declared columns, with their number in ``row``.
    """
    ids = taken.columns("contract_id")["contract_id"].to_pandas()
    if ids.is_unique:  # to see is cheaper than to mark
        nothing = np.array([], dtype="int64")
        return Identity(nothing, nothing, ())
    some = _rows_of(taken, ids[ids.duplicated()].unique())
    rows = some["row"].to_numpy()
    content = [name for name in some.columns if name not in _ABOUT_THE_ROW]
    same = some.duplicated(content, keep="first").to_numpy()
    order = _in_time(some)
    replaced, differs = _replaced(some, same, order)
    numbers = some.groupby("contract_id")["row"].agg(list).to_dict()

    def said(place: int) -> Said:
        contract = str(some["contract_id"].iloc[place])
        others = [n for n in numbers[contract] if n != rows[place]]
        return Said(contract, values={"rows": "、".join(map(str, others[:5]))})

    return Identity(
        rows,
        rows[same | replaced | differs],
        tuple(
            Finding(code, severity, "contract_id", np.flatnonzero(mask), said)
            for code, severity, mask in (
                ("contract_said_twice", Severity.CORRECTED, same),
                ("contract_replaced", Severity.CORRECTED, replaced),
                ("contract_contradicted", Severity.DOUBTFUL, differs),
            )
        ),
    )


def _rows_of(taken: KeptRows, ids: object) -> pd.DataFrame:
    """Return the rows of some contracts in declared types, with their number."""
    wanted = pa.array(ids, type=pa.string())
    parts = [
        table.filter(pc.is_in(table["contract_id"], value_set=wanted)) for table in taken.chunks()
    ]
    table = pa.concat_tables(parts)
    return typed_frame(CONTRACTS, table).assign(row=table["row"].to_numpy())


def _in_time(rows: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return the place of each row in time: by its state, by registration, by its row."""
    later = {
        ContractStatus.REGISTERED.value: 0,
        ContractStatus.CHANGED.value: 1,
        ContractStatus.CANCELLED.value: 2,
    }
    sorted_rows = pd.DataFrame({
        "state": rows["contract_status"].map(later),
        "day": rows["registered_on"].fillna(""),
        "row": rows["row"],
    }).sort_values(["state", "day", "row"])  # fmt: skip
    order = np.empty(len(rows), dtype="int64")
    order[sorted_rows.index.to_numpy()] = np.arange(len(rows))
    return order


def _replaced(
    rows: pd.DataFrame, same: Mask, order: Sequence[int] | npt.NDArray[np.int64]
) -> tuple[Mask, Mask]:
    """Return which rows a later one replaces, and which contradict each other."""
    replaced = np.zeros(len(rows), dtype="bool")
    differs = np.zeros(len(rows), dtype="bool")
    registered = (rows["contract_status"] == ContractStatus.REGISTERED.value).to_numpy()
    left = np.flatnonzero(~same)
    ids = rows["contract_id"].to_numpy()
    many = Counter(ids[left])
    groups: dict[str, list[int]] = {}
    for place in left:
        if many[ids[place]] > 1:
            groups.setdefault(ids[place], []).append(int(place))
    for group in groups.values():
        if sum(bool(registered[place]) for place in group) > 1:
            differs[group] = True
            continue
        last = max(group, key=lambda place: order[place])
        replaced[[place for place in group if place != last]] = True
    return replaced, differs
