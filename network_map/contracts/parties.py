"""Sellers, buyers and service bodies of the contract register, as ibis expressions.

As in :mod:`network_map.contracts.volumes`, nothing is executed here. Parties come out as numbers
and values only: no name leaves the engine.

Contracts of a group of parties, a consortium's members, as ibis expressions.

Nothing here is executed; the rules of :mod:`network_map.contracts.volumes` hold. A party is a
member if its name is written exactly as one of the given names.
"""

from collections.abc import Collection

import ibis
import ibis.expr.types as ir

from network_map.contracts.tables import PERSON_NAME
from network_map.contracts.volumes import EXACT, Side, standing
from network_map.terms import ContractDirection, ContractStatus

SUBSIDY_PERCENT = 3
SUBSIDY_CAP_FEN = 100_000_000
"""One million yuan for each service body and year."""


def largest_parties(contracts: ir.Table, *, count: int, side: Side = "output") -> ir.Table:
    """Return number and value of the contracts of the largest sellers or buyers, without names.

    Natural persons, who all have one name in the register, and rows without a name are left out.

    Returns
    -------
    ibis.expr.types.Table
        ``contract_count``, ``contract_value_fen``; the names do not leave the engine.
    """
    name = _party(side)
    named = _named(standing(contracts), name)
    sums = named.group_by(name).agg(
        contract_count=named.count(), contract_value_fen=named.contract_value_fen.sum()
    )
    order = [sums.contract_value_fen.desc(), sums.contract_count.desc()]
    largest = sums.order_by(order).limit(count)
    return largest.select(
        largest.contract_count, contract_value_fen=largest.contract_value_fen.cast(EXACT)
    )


def named_parties(contracts: ir.Table, *, side: Side = "output") -> ir.Table:
    """Return how many sellers or buyers have a name, and what they have together; one row.

    Returns
    -------
    ibis.expr.types.Table
        ``party_count``, ``contract_count``, ``contract_value_fen``.
    """
    name = _party(side)
    named = _named(standing(contracts), name)
    return named.agg(
        party_count=named[name].nunique(),
        contract_count=named.count(),
        contract_value_fen=named.contract_value_fen.sum().cast(EXACT),
    )


def _party(side: Side) -> str:
    return "buyer_name" if side == "absorption" else "seller_name"


def _named(contracts: ir.Table, name: str) -> ir.Table:
    return contracts.filter(contracts[name].notnull() & (contracts[name] != PERSON_NAME))


def subsidy_estimate(paid: ir.Table, contracts: ir.Table) -> ir.Table:
    """Return what the 3 % rule would pay each service body in each year, and what it leaves out.

    Every paid value stands in exactly one row, so the rows add up to the file.

    Parameters
    ----------
    paid
        The table of paid values with ``paid_year``, the year of ``paid_on``.
    contracts
        The contracts that were paid for; not a rollup.

    Returns
    -------
    ibis.expr.types.Table
        ``service_body_id``, ``paid_year``, ``basis_code``, ``payment_count``,
        ``related_unknown_count``, ``paid_value_fen``, ``subsidy_fen``. The basis is ``counted``,
        or why there is no estimate: ``no_contract`` (not in the register), ``cancelled``,
        ``related_party``, ``no_service_body``, ``no_year``. The estimate is 3 % in whole fen,
        rounded down, at most :data:`SUBSIDY_CAP_FEN`.
    """
    known = contracts.select(
        known_id=contracts.contract_id,
        is_related_party=contracts.is_related_party,
        contract_status=contracts.contract_status,
    )
    joined = paid.left_join(known, paid.contract_id == known.known_id)
    joined = joined.select(
        "service_body_id", "paid_year", "paid_value_fen",
        basis_code=_basis(joined),
        related_unknown=ibis.cases((joined.is_related_party.isnull(), 1), else_=0),
    )  # fmt: skip
    sums = joined.group_by(["service_body_id", "paid_year", "basis_code"]).agg(
        payment_count=joined.count(),
        related_unknown_count=joined.related_unknown.sum().cast(EXACT),
        paid_value_fen=joined.paid_value_fen.sum().cast(EXACT),
    )
    # Below the cap a hundredth is small enough to be exact on engines that divide in floats.
    value, cap = sums.paid_value_fen, SUBSIDY_CAP_FEN
    small = ibis.cases((value < cap * 100, value), else_=0).cast("int64")
    share = ibis.cases(
        (value >= cap * 100 // SUBSIDY_PERCENT + 1, cap), else_=(small * SUBSIDY_PERCENT) // 100
    )
    is_counted = sums.basis_code == "counted"
    return sums.mutate(subsidy_fen=ibis.cases((is_counted, share)).cast(EXACT))


def _basis(joined: ir.Table) -> ir.Value:
    return ibis.cases(
        (joined.known_id.isnull(), "no_contract"),
        (joined.contract_status == ContractStatus.CANCELLED.value, "cancelled"),
        (joined.is_related_party, "related_party"),
        (joined.service_body_id.isnull(), "no_service_body"),
        (joined.paid_year.isnull(), "no_year"),
        else_="counted",
    )


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
