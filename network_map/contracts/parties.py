"""Sellers, buyers and service bodies of the contract register, as ibis expressions.

As in :mod:`network_map.contracts.volumes`, nothing is executed here. Parties come out as numbers
and values only: no name leaves the engine.
"""

import ibis
import ibis.expr.types as ir

from network_map.contracts.tables import PERSON_NAME
from network_map.contracts.volumes import EXACT, Side, standing
from network_map.terms import ContractStatus

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
