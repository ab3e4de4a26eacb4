"""How much of the contracts the largest sellers or buyers have; no name is ever shown.

The five cuts that planners make, in their order; what is not filled in stays visible.
"""

from typing import Any

import pandas as pd

from network_map.contracts.by_place import declared, growth_percent, in_10k_yuan, share_percent
from network_map.contracts.counts import PLACE_OF, choice_of
from network_map.contracts.flows import span_filters
from network_map.contracts.query import ContractQuery, ContractSide, Span
from network_map.contracts.register.engine import OpenContracts, fetch
from network_map.contracts.tables import CONTRACT_CUTS, CONTRACT_PARTIES, TO_DATE
from network_map.contracts.volumes import (
    Period,
    Side,
    chosen,
    largest_parties,
    named_parties,
    total,
    year_to_date,
)
from network_map.i18n import text
from network_map.places.reference import Places
from network_map.terms import KindScheme

CUTS = ("contract_kind", "technology_field", "seller_kind", "ip_kind", "plan_source")
"""In the order in which planners make them."""
_KEYS = ["code", "kind_scheme"]
_SUMS = ("contract_count", "contract_value_fen", "technology_value_fen")


def cut_side(query: ContractQuery) -> ContractSide:
    """Return the side by which contracts are cut: with both sides it is the seller's."""
    return ContractSide.OUTPUT if query.side is ContractSide.BOTH else query.side


def place_filters(
    places: Places, query: ContractQuery, side: ContractSide
) -> dict[str, list[str | int | None]]:
    """Return the codes that keep a prefecture's contracts of a side; none for the province."""
    if query.prefecture_adcode is None:
        return {}
    divisions = places.divisions
    inside = divisions.loc[divisions["parent_adcode"] == query.prefecture_adcode, "adcode"]
    column = PLACE_OF["absorption" if side is ContractSide.ABSORPTION else "output"]
    return {column: [query.prefecture_adcode, *inside]}


def cut_table(
    opened: OpenContracts, places: Places, query: ContractQuery, span: Span
) -> pd.DataFrame:
    """Return every cut of a span as table ``contract_cuts``, each adding up to the same sum.

    Kinds of the four-kind and of the five-kind register are rows of their own.

    Raises
    ------
    WorkspaceError
        If the engine cannot answer.
    """
    parts = [_cut(opened, places, query, span, cut) for cut in CUTS]
    return declared(CONTRACT_CUTS, pd.concat(parts, ignore_index=True))


def _cut(
    opened: OpenContracts, places: Places, query: ContractQuery, span: Span, cut: str
) -> pd.DataFrame:
    cuts = [cut, "kind_scheme"] if cut == "contract_kind" else [cut]
    filters: dict[str, list[str | int | None]] = {
        **choice_of(query).filters,
        **place_filters(places, query, cut_side(query)),
        **{name: list(v) for name, v in span_filters(span, years_back=(0, 1)).items()},
    }
    # The rollups are by side: a prefecture asks for the one that has its place.
    columns = {*filters, *cuts, "signed_year"}
    rows = _fetched(opened, chosen(opened.register.table(columns), filters), cuts, span)
    now, before = _of(rows, span, 0), _of(rows, span, 1)
    base = now
    if span.is_partial and span.ends_on is not None:
        exact = opened.register.table({*columns, "signed_month", TO_DATE})
        dated = year_to_date(chosen(exact, filters), as_of=span.ends_on)
        rows = _fetched(opened, dated, cuts, span)
        base, before = _of(rows, span, 0), _of(rows, span, 1)
    before = before.rename(columns={name: f"{name}_before" for name in _SUMS})
    table = now.merge(before, how="outer", on=_KEYS, validate="one_to_one")
    base = base[[*_KEYS, *_SUMS]].rename(columns={name: f"compared_{name}" for name in _SUMS})
    table = table.merge(base, how="left", on=_KEYS, validate="one_to_one")
    whole_numbers = [name for name in table.columns if name not in (*_KEYS, _SUMS[2])]
    table = table.assign(**{name: table[name].fillna(0) for name in whole_numbers})
    value = in_10k_yuan(table["contract_value_fen"])
    named = table.assign(
        cut=cut,
        label=_labels(table, cut, query.language),
        contract_value_10k_yuan=value,
        contract_value_before_10k_yuan=in_10k_yuan(table["contract_value_fen_before"]),
        technology_value_10k_yuan=in_10k_yuan(table["technology_value_fen"]),
        count_growth_percent=growth_percent(
            table["compared_contract_count"], table["contract_count_before"]
        ),
        value_growth_percent=growth_percent(
            table["compared_contract_value_fen"], table["contract_value_fen_before"]
        ),
        value_share_percent=share_percent(value, float(value.sum())),
        contract_value_before_fen=table["contract_value_fen_before"],
    )
    return named.sort_values(
        ["contract_value_fen", *_KEYS], ascending=[False, True, True], ignore_index=True
    )


def _fetched(
    opened: OpenContracts, table: Any, cuts: list[str], span: Span  # noqa: ANN401 (ibis has no types)
) -> pd.DataFrame:  # fmt: skip
    period: Period | None = None if span.year is None else "year"
    rows = fetch(opened.register, total(table, period=period, cuts=cuts))
    scheme = rows["kind_scheme"] if "kind_scheme" in cuts else pd.Series(pd.NA, index=rows.index)
    return rows.rename(columns={cuts[0]: "code"}).assign(kind_scheme=scheme.astype("str"))


def _of(rows: pd.DataFrame, span: Span, years_back: int) -> pd.DataFrame:
    """Return the rows of the span or of the one before, without the year."""
    if span.year is None:
        kept = rows if years_back == 0 else rows.iloc[:0]
    else:
        kept = rows[(rows["signed_year"] == span.year - years_back).fillna(value=False)]
    # A sum over no rows comes as one row without a number.
    kept = kept[kept["contract_count"].fillna(0) > 0]
    # As objects: pandas cannot join two empty columns of Arrow strings.
    return kept[[*_KEYS, *_SUMS]].astype(dict.fromkeys(_KEYS, "object")).reset_index(drop=True)


def _labels(table: pd.DataFrame, cut: str, language: str) -> pd.Series:
    """Return the names of the parts; a four-kind row says so where five kinds stand beside it."""
    codes = table["code"].dropna().unique()
    words = {code: text(f"monitor.{cut}.{code}", language) for code in codes}
    labels = table["code"].map(words).astype("object").fillna(text("monitor.not_filled", language))
    is_four = table["kind_scheme"] == KindScheme.FOUR.value
    four = [text("monitor.four_kinds", language, name=label) for label in labels]
    return labels.where(~is_four, pd.Series(four, index=labels.index, dtype="str"))


SHOWN_PARTIES = 10


def party_table(
    opened: OpenContracts, places: Places, query: ContractQuery, span: Span
) -> pd.DataFrame:
    """Return the largest parties of a span as table ``contract_parties``, adding up to the sum.

    Sellers, or buyers where absorption is asked for.

    Raises
    ------
    WorkspaceError
        If the engine cannot answer.
    """
    side: Side = "absorption" if cut_side(query) is ContractSide.ABSORPTION else "output"
    filters: dict[str, list[str | int | None]] = {
        **choice_of(query).filters,
        **place_filters(places, query, cut_side(query)),
        **{name: list(values) for name, values in span_filters(span).items()},
    }
    contracts = chosen(opened.register.contracts, filters)
    largest = fetch(opened.register, largest_parties(contracts, count=SHOWN_PARTIES, side=side))
    largest = largest.sort_values(
        ["contract_value_fen", "contract_count"], ascending=False, ignore_index=True
    )
    named = _one(fetch(opened.register, named_parties(contracts, side=side)))
    whole = _one(fetch(opened.register, total(contracts)))
    top = {name: _sum(largest[name]) for name in ("contract_count", "contract_value_fen")}
    rows = [
        {"party_row": "largest", "rank": place, "party_count": 1, **row}
        for place, row in enumerate(largest.to_dict("records"), start=1)
    ]
    rows.append({
        "party_row": "others", "party_count": named["party_count"] - len(largest),
        **{name: named[name] - top[name] for name in top},
    })  # fmt: skip
    rows.append({"party_row": "unnamed", **{name: whole[name] - named[name] for name in top}})
    rows.append({
        "party_row": "total", "party_count": named["party_count"],
        **{name: whole[name] for name in top},
    })  # fmt: skip
    table = pd.DataFrame(rows).reindex(
        columns=["party_row", "rank", "party_count", "contract_count", "contract_value_fen"]
    )
    value = in_10k_yuan(table["contract_value_fen"])
    share = share_percent(value, float(value.iloc[-1]))
    is_largest = table["party_row"] == "largest"
    return declared(
        CONTRACT_PARTIES,
        table.assign(
            contract_value_10k_yuan=value,
            value_share_percent=share,
            cumulative_share_percent=share.where(is_largest).cumsum(),
        ),
    )


def _one(rows: pd.DataFrame) -> dict[str, int]:
    """Return the numbers of the only row; a sum over nothing is 0."""
    (row,) = rows.to_dict("records")
    return {str(name): 0 if pd.isna(value) else int(value) for name, value in row.items()}


def _sum(cells: pd.Series) -> int:
    return sum(int(cell) for cell in cells.dropna())
