"""A small world of contracts: places, random registers, and the sums by hand."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from network_map.contracts.register.tables import ContractTables
from network_map.contracts.tables import CONTRACTS, PAID_VALUES
from network_map.tables.check import conform
from network_map.terms import (
    AdminLevel,
    ContractKind,
    ContractStatus,
    IpKind,
    PartyKind,
    PlanSource,
    TechnologyField,
)

PARENTS = {
    "530102": "530100", "530111": "530100", "530100": "530000",
    "532302": "532300", "532331": "532300", "532300": "530000",
}  # fmt: skip
PLACES = [*PARENTS, "530000", "440000", "999999", None]
"""Counties, prefectures, the province, another one, a code nobody knows, nothing."""
DATES = ["2023-02-28", "2023-06-11", "2023-12-31", "2024-02-29", "2024-06", "2024-07-01", "2024"]
Row = dict[str, Any]


def _one_of(values: Sequence[str]) -> st.SearchStrategy[str | None]:
    return st.sampled_from([*[str(value) for value in values], None])


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "contract_kind": st.sampled_from([kind.value for kind in ContractKind]),
            "kind_scheme": st.sampled_from(["four", "five"]),
            "contract_status": st.sampled_from([status.value for status in ContractStatus]),
            "seller_adcode": st.sampled_from(PLACES),
            "buyer_adcode": st.sampled_from(PLACES),
            "seller_name": _one_of(["卖方0001", "卖方0002"]),
            "buyer_name": _one_of(["买方0001", '买"方,\n0002', "\\."]),
            "seller_kind": _one_of(list(PartyKind)[:3]),
            "buyer_kind": _one_of(list(PartyKind)[:3]),
            "technology_field": _one_of(list(TechnologyField)[:3]),
            "ip_kind": _one_of(list(IpKind)[:5]),
            "plan_source": _one_of(list(PlanSource)[:3]),
            "contract_value_fen": st.integers(0, 10**15),
            "technology_value_fen": st.none() | st.integers(0, 10**15),
            "is_related_party": st.sampled_from([True, False, None]),
            "signed_on": st.sampled_from([*DATES, None]),
        }
    ),
    max_size=30,
)
PAYMENTS = st.lists(
    st.fixed_dictionaries(
        {
            "number": st.integers(0, 40),
            "service_body_id": st.sampled_from(["甲", "乙", None]),
            "paid_value_fen": st.integers(0, 10**11),
            "paid_on": st.sampled_from(["2023-05-01", "2024", None]),
        }
    ),
    max_size=20,
)


def contracts_of(rows: Sequence[Row]) -> pd.DataFrame:
    """Return table ``contracts`` with the rows, numbered."""
    frame = pd.DataFrame(rows, dtype="object").assign(
        contract_id=[f"{number:016d}" for number in range(len(rows))],
        origin="synthetic",
        source="test",
    )
    return conform(CONTRACTS, frame)


def tables_of(rows: Sequence[Row], payments: Sequence[Row] = ()) -> ContractTables:
    """Return a register; a payment's number is the contract's, perhaps of one that is not there."""
    paid = pd.DataFrame(payments, dtype="object").assign(origin="synthetic", source="test")
    if payments:
        paid["contract_id"] = [f"{payment['number']:016d}" for payment in payments]
    return ContractTables(contracts_of(rows), conform(PAID_VALUES, paid))


def place_of(code: str | None, level: AdminLevel) -> str | None:
    """Return the place of a code at a level, by climbing."""
    line = [code]
    while line[-1] in PARENTS:
        line.append(PARENTS[str(line[-1])])
    wanted = {AdminLevel.PROVINCE: 0, AdminLevel.PREFECTURE: 1, AdminLevel.COUNTY: 2}[level]
    return line[-1 - wanted] if len(line) > wanted else code


def period_of(row: Row, period: str | None) -> tuple[int | None, ...]:
    """Return the year, and the quarter or month, that a row was signed in."""
    if period is None:
        return ()
    parts = [int(part) for part in (row["signed_on"] or "").split("-") if part]
    year = parts[0] if parts else None
    month = parts[1] if len(parts) > 1 else None
    if period == "year":
        return (year,)
    return (year, month if period == "month" or month is None else (month + 2) // 3)


def sums_by_hand(
    rows: Sequence[Row], keys: Callable[[Row], Sequence[tuple[Any, ...]]]
) -> dict[tuple[Any, ...], tuple[int, int, int | None]]:
    """Return number, value and technology value by the keys of each row that stands."""
    found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if row["contract_status"] != "cancelled":
            for key in keys(row):
                found[key].append(row)
    return {
        key: (len(group), sum(row["contract_value_fen"] for row in group), _known(group))
        for key, group in found.items()
    }


def _known(group: Sequence[Row]) -> int | None:
    known = [r["technology_value_fen"] for r in group if r["technology_value_fen"] is not None]
    return sum(known) if known else None


def as_sums(frame: pd.DataFrame) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Return a result as a mapping from its keys to its measures."""
    clean = frame.astype("object").where(frame.notna(), None)
    keys = [name for name in frame.columns if not name.endswith(("_count", "_fen"))]
    measures = [name for name in frame.columns if name not in keys]
    return {
        tuple(row[name] for name in keys): tuple(row[name] for name in measures)
        for row in clean.to_dict("records")
    }
