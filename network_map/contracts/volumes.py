"""Volumes and flows of the contract register, as ibis expressions.

The sums of a small register without filters are taken from its files instead, by
``register.engine.summed_in_files``; tests hold both ways equal.

Nothing here is executed and nothing depends on an engine. The expressions keep to what every
engine speaks: ``filter``, ``mutate``, ``cases``, ``group_by().agg`` of ``count sum nunique``,
``union``, equi-joins. Sums are cast to 38 decimal digits, because engines widen them differently.
Order is made after fetching, because engines sort what is missing differently.

``contracts`` is the table of :data:`network_map.contracts.tables.CONTRACTS` with three whole
numbers taken from ``signed_on``: ``signed_year``, ``signed_month``, ``signed_day``, each missing
where the date is not that exact. A rollup will do too: it has a column ``contract_count``.

``parents`` maps each division's code to the code above it; the province has none. A code that it
does not hold, a missing one too, stays as it is, so that no contract leaves a total.

Sellers, buyers and service bodies of the contract register, as ibis expressions.

As in :mod:`network_map.contracts.volumes`, nothing is executed here. Parties come out as numbers
and values only: no name leaves the engine.

Contracts of a group of parties, a consortium's members, as ibis expressions.

Nothing here is executed; the rules of :mod:`network_map.contracts.volumes` hold. A party is a
member if its name is written exactly as one of the given names.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal

from network_map.contracts.tables import PERSON_NAME, TO_DATE
from network_map.terms import AdminLevel, ContractDirection, ContractStatus, IpKind

if TYPE_CHECKING:
    import ibis.expr.types as ir

Side = Literal["output", "absorption", "both"]
Period = Literal["year", "quarter", "month"]

CUTS = (
    "contract_kind", "kind_scheme", "technology_field", "seller_kind", "buyer_kind", "ip_kind",
    "plan_source",
)  # fmt: skip
"""Columns that a volume may be cut by."""
MEASURES = ("contract_count", "contract_value_fen", "technology_value_fen")

_PLACES = {"output": "seller_adcode", "absorption": "buyer_adcode"}
_PERIODS = {
    "year": ("signed_year",),
    "quarter": ("signed_year", "signed_month"),
    "month": ("signed_year", "signed_month"),
}
EXACT = "decimal(38, 0)"
"""What a sum is cast to."""


# --- which contracts ----------------------------------------------------------------------------


def standing(contracts: ir.Table) -> ir.Table:
    """Return the contracts that were not cancelled; a rollup holds no others."""
    if "contract_status" not in contracts.columns:
        return contracts
    return contracts.filter(contracts.contract_status != ContractStatus.CANCELLED.value)


def chosen(contracts: ir.Table, choices: Mapping[str, Collection[str | int | None]]) -> ir.Table:
    """Return the contracts whose columns have one of the chosen values.

    Parameters
    ----------
    contracts
        The contracts.
    choices
        By column the values that stay; None among them keeps what is missing.
    """
    for column, values in choices.items():
        known = [value for value in values if value is not None]
        is_chosen = contracts[column].isin(known)
        if None in values:
            is_chosen |= contracts[column].isnull()
        contracts = contracts.filter(is_chosen)
    return contracts


def patent_related(contracts: ir.Table) -> ir.Table:
    """Return the contracts under patents: the ones that the target of the province counts."""
    return chosen(contracts, {"ip_kind": [kind.value for kind in IpKind if kind.is_patent]})


def until_day(contracts: ir.Table, *, as_of: date) -> ir.Table:
    """Return the contracts of every year up to a day, as :func:`year_to_date` does."""
    return contracts.filter(_is_until(contracts, as_of))


def year_to_date(contracts: ir.Table, *, as_of: date) -> ir.Table:
    """Return the contracts of the year up to a day, and of the same span of the year before.

    Parameters
    ----------
    contracts
        The contracts; dates less exact than a day are left out, see :func:`without_day`. A rollup
        knows one such day only, the one on which its register ends.
    as_of
        The last day, included. For 29 February the span before ends on the 28th.
    """
    years = contracts.signed_year.isin([as_of.year - 1, as_of.year])
    return contracts.filter(years & _is_until(contracts, as_of))


def without_day(contracts: ir.Table, *, as_of: date) -> ir.Table:
    """Return the contracts of the year and the one before whose day is not known."""
    years = contracts.signed_year.isin([as_of.year - 1, as_of.year])
    day = contracts[TO_DATE] if TO_DATE in contracts.columns else contracts.signed_day
    return contracts.filter(years & day.isnull())


def _is_until(contracts: ir.Table, as_of: date) -> ir.BooleanValue:
    if TO_DATE in contracts.columns:
        return contracts[TO_DATE]
    month, day = contracts.signed_month, contracts.signed_day
    return ((month < as_of.month) & day.notnull()) | ((month == as_of.month) & (day <= as_of.day))


# --- how much -----------------------------------------------------------------------------------


def volume(
    contracts: ir.Table,
    parents: Mapping[str, str],
    *,
    side: Side,
    by: AdminLevel,
    period: Period | None = None,
    cuts: Sequence[str] = (),
) -> ir.Table:
    """Return number and value of the contracts by place, period and cut.

    Parameters
    ----------
    contracts
        The contracts, or a rollup with the columns of :func:`volume_columns`.
    parents
        The code above each division's code.
    side
        ``output`` places a contract with its seller, ``absorption`` with its buyer; ``both``
        counts it once on each side.
    by
        Level of the places.
    period
        Length of a period of signing, None for the whole time.
    cuts
        Columns to cut by, of :data:`CUTS`.

    Returns
    -------
    ibis.expr.types.Table
        ``place_adcode`` (missing: not located; a code above the level: known no closer),
        ``signed_year`` with ``signed_quarter`` or ``signed_month``, the cuts, ``contract_count``,
        ``contract_value_fen``, ``technology_value_fen`` (missing where no contract states one).
    """
    import ibis  # noqa: PLC0415 (0.5 s: only where a register is asked)

    keys = (*_PERIODS.get(period or "", ()), *cuts)
    columns = [_PLACES[side]] if side != "both" else list(_PLACES.values())
    # What no place, side or quarter brings together need not be summed twice.
    is_last = len(columns) == 1 and period != "quarter" and not _inside(parents, by)
    counted, *others = (
        _totals(standing(contracts), (column, *keys), is_last=is_last).rename(place_adcode=column)
        for column in columns
    )
    if is_last:
        return counted
    together = ibis.union(counted, *others, distinct=False) if others else counted
    placed = together.mutate(place_adcode=_at_level(together.place_adcode, parents, by))
    rows = ("place_adcode", *_periods(period), *cuts)
    return _totals(_in_periods(placed, period), rows, is_last=True)


def total(
    contracts: ir.Table, *, period: Period | None = None, cuts: Sequence[str] = ()
) -> ir.Table:
    """Return number and value of all contracts by period and cut; columns as in :func:`volume`."""
    counted = _totals(standing(contracts), (*_PERIODS.get(period or "", ()), *cuts))
    return _totals(_in_periods(counted, period), (*_periods(period), *cuts), is_last=True)


def volume_columns(
    *, side: Side, period: Period | None = None, cuts: Sequence[str] = ()
) -> frozenset[str]:
    """Return the columns that a table must have for :func:`volume`, beside the measures."""
    places = _PLACES.values() if side == "both" else [_PLACES[side]]
    return frozenset([*places, *_PERIODS.get(period or "", ()), *cuts])


def flows(
    contracts: ir.Table,
    parents: Mapping[str, str],
    *,
    by: AdminLevel,
    period: Period | None = None,
    cuts: Sequence[str] = (),
) -> ir.Table:
    """Return number and value of the contracts from place to place.

    Returns
    -------
    ibis.expr.types.Table
        ``seller_place_adcode``, ``buyer_place_adcode`` (missing: not located), then as in
        :func:`volume`.
    """
    ends = ("seller_adcode", "buyer_adcode")
    counted = _totals(standing(contracts), (*ends, *_PERIODS.get(period or "", ()), *cuts))
    counted = counted.mutate(
        seller_place_adcode=_at_level(counted.seller_adcode, parents, by),
        buyer_place_adcode=_at_level(counted.buyer_adcode, parents, by),
    )
    rows = ("seller_place_adcode", "buyer_place_adcode", *_periods(period), *cuts)
    return _totals(_in_periods(counted, period), rows, is_last=True)


def flow_columns(*, period: Period | None = None, cuts: Sequence[str] = ()) -> frozenset[str]:
    """Return the columns that a table must have for :func:`flows`, beside the measures."""
    return volume_columns(side="both", period=period, cuts=cuts)


# --- the parts of an expression -----------------------------------------------------------------


def _totals(counted: ir.Table, keys: Sequence[str], *, is_last: bool = False) -> ir.Table:
    """Return number and value by the keys, of contracts or of rows that are counted already."""
    is_counted = "contract_count" in counted.columns
    sums = {
        "contract_count": counted.contract_count.sum() if is_counted else counted.count(),
        "contract_value_fen": counted.contract_value_fen.sum(),
        "technology_value_fen": counted.technology_value_fen.sum(),
    }
    if is_last:
        sums = {name: value.cast(EXACT) for name, value in sums.items()}
    return counted.group_by(list(keys)).agg(**sums) if keys else counted.agg(**sums)


def _periods(period: Period | None) -> tuple[str, ...]:
    """Return the columns that name a period in a result."""
    by_month = _PERIODS.get(period or "", ())
    return ("signed_year", "signed_quarter") if period == "quarter" else by_month


def _in_periods(counted: ir.Table, period: Period | None) -> ir.Table:
    """Return the rows with the quarter of their month, where quarters are asked for."""
    import ibis  # noqa: PLC0415 (0.5 s: only where a register is asked)

    if period != "quarter":
        return counted
    month = counted.signed_month
    ends = tuple((month <= 3 * quarter, quarter) for quarter in range(1, 5))
    return counted.mutate(signed_quarter=ibis.cases(*ends))


def _at_level(adcode: ir.Value, parents: Mapping[str, str], level: AdminLevel) -> ir.Value:
    """Return the code that holds each code at a level; a code not known so closely stays."""
    import ibis  # noqa: PLC0415 (0.5 s: only where a register is asked)

    groups = sorted(_inside(parents, level).items())
    branches = [(adcode.isin(codes), above) for above, codes in groups]
    return ibis.cases(*branches, else_=adcode) if branches else adcode


def _inside(parents: Mapping[str, str], level: AdminLevel) -> dict[str, list[str]]:
    """Return the codes below each code of a level."""
    depth = {AdminLevel.PROVINCE: 0, AdminLevel.PREFECTURE: 1, AdminLevel.COUNTY: 2}[level]
    groups: dict[str, list[str]] = {}
    for code in sorted(parents):
        line = [code]
        while line[-1] in parents:
            line.append(parents[line[-1]])
        if len(line) - 1 > depth:
            groups.setdefault(line[-1 - depth], []).append(code)
    return groups


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
    import ibis  # noqa: PLC0415 (0.5 s: only where a register is asked)

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
    import ibis  # noqa: PLC0415 (0.5 s: only where a register is asked)

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
    import ibis  # noqa: PLC0415 (0.5 s: only where a register is asked)

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
    import ibis  # noqa: PLC0415 (0.5 s: only where a register is asked)

    return ibis.cases((name.isin(names), ibis.literal(value=True)), else_=False)
