"""How much of the contracts the largest sellers or buyers have; no name is ever shown."""

import pandas as pd

from network_map.contracts.by_place import declared, in_10k_yuan, share_percent
from network_map.contracts.contract_results import CONTRACT_PARTIES
from network_map.contracts.contracts_cuts import cut_side, place_filters
from network_map.contracts.contracts_spans import Span
from network_map.contracts.counts import choice_of
from network_map.contracts.flows import span_filters
from network_map.contracts.parties import largest_parties, named_parties
from network_map.contracts.query import ContractQuery, ContractSide
from network_map.contracts.register.engine import fetch
from network_map.contracts.register.open_contracts import OpenContracts
from network_map.contracts.volumes import Side, chosen, total
from network_map.places.sources_reference import Places

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
