"""What was paid on the invented contracts, and which invented service body brokered them."""

import numpy as np
import pandas as pd

from network_map.contracts.tables import PAID_VALUES
from network_map.tables.check import conform
from network_map.terms import ContractStatus
from scripts.demo.content import texts
from scripts.demo.draws import Whole, below, draws, skewed

SERVICE_BODIES = 40
EVIDENCE_KINDS = ("银行回单", "发票")

_PAID_IN_1000 = 160
_WITHOUT_BODY_IN_100 = 25
_IN_FULL_IN_100 = 50
_TWICE_IN_100 = 40
_FIRST_OF_TWO_IN_1000 = 600
_LONGEST_WAIT = 180


def demo_paid_values(contracts: pd.DataFrame, as_of: str, *, seed: int) -> pd.DataFrame:
    """Return invented payments on some of the contracts of a demonstration register.

    Parameters
    ----------
    contracts
        Table ``contracts`` of :func:`scripts.demo.contracts.demo_contracts`.
    as_of
        Cut-off date: later payments are not known yet.
    seed
        Chooses the payments.

    Returns
    -------
    pandas.DataFrame
        Table ``paid_values``: one or two payments on a contract, together at most its value; some
        without a service body, which earn no subsidy.
    """
    numbers = draws(seed, "is paid", len(contracts))
    is_paid = below(numbers, 1000) < _PAID_IN_1000
    standing = (contracts["contract_status"] != ContractStatus.CANCELLED).to_numpy()
    paid = contracts[is_paid & standing].reset_index(drop=True)
    table = pd.concat(_instalments(paid, seed=seed), ignore_index=True)
    known = table[(table["paid_value_fen"] > 0) & (table["paid_on"] <= as_of)]
    ordered = known.sort_values(["paid_on", "contract_id"], kind="stable")
    return conform(PAID_VALUES, ordered)


def _instalments(paid: pd.DataFrame, *, seed: int) -> list[pd.DataFrame]:
    """Return the first and the second payments; a payment of nothing is still in them."""
    count = len(paid)
    registered = paid["registered_on"].to_numpy(dtype="datetime64[D]")
    wait = below(draws(seed, "wait", count), _LONGEST_WAIT) + 1
    again = below(draws(seed, "second wait", count), _LONGEST_WAIT) + 1
    amounts = _amounts(paid["contract_value_fen"].to_numpy(dtype=np.int64), seed=seed)
    days = [registered + wait.astype("timedelta64[D]")]
    days.append(days[0] + again.astype("timedelta64[D]"))
    bodies = _bodies(count, seed=seed)
    kinds = below(draws(seed, "evidence", count), len(EVIDENCE_KINDS))
    return [
        bodies.assign(
            contract_id=paid["contract_id"],
            paid_value_fen=amount,
            evidence_kind=texts(list(EVIDENCE_KINDS), kinds),
            paid_on=np.datetime_as_string(day),
            origin=paid["origin"],
            source=paid["source"],
        )
        for amount, day in zip(amounts, days, strict=True)
    ]


def _amounts(values: Whole, *, seed: int) -> tuple[Whole, Whole]:
    """Return what is paid first and later, in whole fen."""
    count = len(values)
    in_full = below(draws(seed, "in full", count), 100) < _IN_FULL_IN_100
    part = values // 1000 * (200 + below(draws(seed, "part", count), 750))
    due = np.where(in_full, values, part)
    twice = below(draws(seed, "twice", count), 100) < _TWICE_IN_100
    first = np.where(twice, due // 1000 * _FIRST_OF_TWO_IN_1000, due)
    return first, due - first


def _bodies(count: int, *, seed: int) -> pd.DataFrame:
    """Return the body that brokered each contract; the first ones are busiest."""
    numbers = skewed(draws(seed, "body", count), np.full(count, SERVICE_BODIES))
    has_body = below(draws(seed, "has body", count), 100) >= _WITHOUT_BODY_IN_100
    names = [f"服务机构{number:02d}" for number in range(1, SERVICE_BODIES + 1)]
    ids = [f"FW{number:02d}" for number in range(1, SERVICE_BODIES + 1)]
    return pd.DataFrame(
        {"service_body_id": texts(ids, numbers), "service_body_name": texts(names, numbers)}
    ).where(pd.Series(has_body))
