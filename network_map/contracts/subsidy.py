"""What the subsidy rule would pay each service body, where payments are known; else why not."""

from dataclasses import dataclass

import pandas as pd

from network_map.contracts.by_place import declared, in_10k_yuan
from network_map.contracts.parties import subsidy_estimate
from network_map.contracts.register.engine import OpenContracts, fetch
from network_map.contracts.tables import CONTRACT_SUBSIDY
from network_map.places.words import code_words

COUNTED = "counted"


@dataclass(frozen=True, eq=False)
class SubsidyEstimate:
    """The estimate.

    Parameters
    ----------
    table
        Table ``contract_subsidy``: service body, year and whether counted; the largest first.
    paid_fen, counted_fen, subsidy_fen
        Everything paid, what of it counts, and what the rule would pay.
    body_count
        Service bodies with an estimate.
    """

    table: pd.DataFrame
    paid_fen: int
    counted_fen: int
    subsidy_fen: int
    body_count: int


def subsidy_table(opened: OpenContracts, language: str) -> SubsidyEstimate | None:
    """Return the estimate for the whole register, None where no payment names a service body.

    The rule pays bodies that broker deals: 3 % of the value actually paid, capped for each body
    and year, without deals between related parties. It is about years of payment, so that no
    filter of the page touches it.

    Raises
    ------
    WorkspaceError
        If the engine cannot answer.
    """
    paid = opened.register.paid_values
    if paid is None:
        return None
    rows = fetch(opened.register, subsidy_estimate(paid, opened.register.contracts))
    if not rows["service_body_id"].notna().any():
        return None
    is_counted = rows["basis_code"] == COUNTED
    named = rows.assign(
        basis=code_words("monitor.subsidy.basis", rows["basis_code"], language),
        paid_10k_yuan=in_10k_yuan(rows["paid_value_fen"]),
        subsidy_10k_yuan=in_10k_yuan(rows["subsidy_fen"]),
    )
    ordered = named.sort_values(
        ["subsidy_fen", "paid_value_fen", "service_body_id", "paid_year", "basis_code"],
        ascending=[False, False, True, True, True],
        ignore_index=True,
    )
    return SubsidyEstimate(
        table=declared(CONTRACT_SUBSIDY, ordered),
        paid_fen=int(rows["paid_value_fen"].sum()),
        counted_fen=int(rows.loc[is_counted, "paid_value_fen"].sum()),
        subsidy_fen=int(rows["subsidy_fen"].fillna(0).sum()),
        body_count=int(rows.loc[is_counted, "service_body_id"].nunique()),
    )
