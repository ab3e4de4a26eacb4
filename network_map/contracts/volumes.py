"""Volumes and flows of the contract register, as ibis expressions.

Nothing here is executed and nothing depends on an engine. The expressions keep to what every
engine speaks: ``filter``, ``mutate``, ``cases``, ``group_by().agg`` of ``count sum nunique``,
``union``, equi-joins. Sums are cast to 38 decimal digits, because engines widen them differently.
Order is made after fetching, because engines sort what is missing differently.

``contracts`` is the table of :data:`network_map.contracts.tables.CONTRACTS` with three whole
numbers taken from ``signed_on``: ``signed_year``, ``signed_month``, ``signed_day``, each missing
where the date is not that exact. A rollup will do too: it has a column ``contract_count``.

``parents`` maps each division's code to the code above it; the province has none. A code that it
does not hold, a missing one too, stays as it is, so that no contract leaves a total.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Literal

import ibis
import ibis.expr.types as ir

from network_map.contracts.tables import TO_DATE
from network_map.terms import AdminLevel, ContractStatus, IpKind

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
    if period != "quarter":
        return counted
    month = counted.signed_month
    ends = tuple((month <= 3 * quarter, quarter) for quarter in range(1, 5))
    return counted.mutate(signed_quarter=ibis.cases(*ends))


def _at_level(adcode: ir.Value, parents: Mapping[str, str], level: AdminLevel) -> ir.Value:
    """Return the code that holds each code at a level; a code not known so closely stays."""
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
