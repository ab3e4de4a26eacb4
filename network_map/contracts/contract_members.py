"""Contracts of a group of parties, a consortium's members, as ibis expressions.

Nothing here is executed; the rules of :mod:`network_map.contracts.volumes` hold. A party is a
member if its name is written exactly as one of the given names.
"""

from collections.abc import Collection

import ibis
import ibis.expr.types as ir

from network_map.contracts.volumes import standing
from network_map.terms import ContractDirection

_EXACT = "decimal(38, 0)"


def member_volumes(contracts: ir.Table, members: Collection[str]) -> ir.Table:
    """Return number and value of the contracts inside a group, out of it, and into it.

    Parameters
    ----------
    contracts
        The contracts; not a rollup, which knows no names. Cancelled ones are left out.
    members
        Names of the members, as the register writes them.

    Returns
    -------
    ibis.expr.types.Table
        ``direction`` (a ``ContractDirection``), ``contract_count``, ``contract_value_fen``. A
        direction without a contract has no row; contracts between others are not counted.
    """
    sided = _sided(contracts, members)
    is_any = sided.is_seller | sided.is_buyer
    directed = sided.filter(is_any)
    directed = directed.mutate(
        direction=ibis.cases(
            (directed.is_seller & directed.is_buyer, ContractDirection.INSIDE.value),
            (directed.is_seller, ContractDirection.OUT.value),
            else_=ContractDirection.IN.value,
        )
    )
    return directed.group_by("direction").agg(
        contract_count=directed.count(),
        contract_value_fen=directed.contract_value_fen.sum().cast(_EXACT),
    )


def member_contract_counts(contracts: ir.Table, members: Collection[str]) -> ir.Table:
    """Return how many contracts each member sold and bought; only members are named.

    Returns
    -------
    ibis.expr.types.Table
        ``register_name``, ``sold_count``, ``bought_count``. A member without a contract has no
        row.
    """
    sided = _sided(contracts, members)
    sold = sided.filter(sided.is_seller)
    bought = sided.filter(sided.is_buyer)
    rows = sold.select(register_name=sold.seller_name, sold=1, bought=0).union(
        bought.select(register_name=bought.buyer_name, sold=0, bought=1)
    )
    return rows.group_by("register_name").agg(
        sold_count=rows.sold.sum().cast(_EXACT), bought_count=rows.bought.sum().cast(_EXACT)
    )


def _sided(contracts: ir.Table, members: Collection[str]) -> ir.Table:
    """Return the contracts that were not cancelled, each side told whether it is a member."""
    live = standing(contracts)
    names = sorted(set(members))
    return live.select(
        "seller_name",
        "buyer_name",
        "contract_value_fen",
        is_seller=_is_in(live.seller_name, names),
        is_buyer=_is_in(live.buyer_name, names),
    )


def _is_in(name: ir.Value, names: list[str]) -> ir.Value:
    """Return whether a name is one of the names; a missing one is none."""
    return ibis.cases((name.isin(names), ibis.literal(value=True)), else_=False)
