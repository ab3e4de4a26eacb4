"""Where the contracts of a span go: from the seller's prefecture to the buyer's.

The five cuts that planners make, in their order, and how much of the contracts the largest sellers
or buyers have: no name is ever shown, and what is not filled in stays visible.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from network_map.contracts.by_place import (
    declared,
    growth_percent,
    in_10k_yuan,
    is_outside,
    outside_name,
    share_percent,
)
from network_map.contracts.counts import PLACE_OF, choice_of
from network_map.contracts.query import ContractMeasure, ContractQuery, ContractSide, Span
from network_map.contracts.register.engine import OpenContracts, fetch
from network_map.contracts.tables import CONTRACT_CUTS, CONTRACT_FLOWS, CONTRACT_PARTIES, TO_DATE
from network_map.contracts.volumes import (
    Period,
    Side,
    chosen,
    flow_columns,
    flows,
    largest_parties,
    named_parties,
    total,
    year_to_date,
)
from network_map.i18n import number_text, text
from network_map.maps.spec import FlowCircle, FlowLayer, FlowLine
from network_map.places.reference import Places, place_names
from network_map.places.tables import PROVINCE_ADCODE
from network_map.terms import AdminLevel, KindScheme

DRAWN_LINES = 40
"""Largest flows that the map draws; the table has all of them."""
_WIDEST_PX, _THINNEST_PX = 9.0, 0.8
_LARGEST_PX, _SMALLEST_PX = 22.0, 2.0
_10K_IN_100M = 10_000
_ENDS = ("seller_place_adcode", "buyer_place_adcode")


def parents_of(places: Places) -> Mapping[str, str]:
    """Return the code above each division's code."""
    known = places.divisions.dropna(subset="parent_adcode")
    return dict(zip(known["adcode"], known["parent_adcode"], strict=True))


def span_filters(span: Span, *, years_back: tuple[int, ...] = (0,)) -> dict[str, list[int]]:
    """Return the values of the columns that keep a span, or the same one of earlier years."""
    if span.year is None:
        return {}
    years = {"signed_year": [span.year - back for back in years_back]}
    return years | ({"signed_month": list(span.months)} if span.months else {})


def flow_table(
    opened: OpenContracts, places: Places, query: ContractQuery, span: Span
) -> pd.DataFrame:
    """Return the flows of a span as table ``contract_flows``, the largest first.

    Every contract is in one row: within a prefecture, between two, out of the province, known to
    the province only, or with an end that is not located. With a prefecture, those stay whose
    seller (output), buyer (absorption) or either (both) is in it.

    Raises
    ------
    WorkspaceError
        If the engine cannot answer.
    """
    filters: dict[str, list[str | int | None]] = {**choice_of(query).filters}
    filters |= {name: list(values) for name, values in span_filters(span).items()}
    table = opened.register.table({*flow_columns(), *filters})
    asked = flows(chosen(table, filters), parents_of(places), by=AdminLevel.PREFECTURE)
    rows = _in_prefecture(fetch(opened.register, asked), query)
    levels = places.divisions.set_index("adcode")["level"]
    ends = {end: _end_kinds(rows[end], levels) for end in _ENDS}
    seller, buyer = (ends[end] for end in _ENDS)
    is_same = rows[_ENDS[0]].fillna("") == rows[_ENDS[1]].fillna("")
    kinds = pd.Series("between", index=rows.index, dtype="object").mask(is_same, "inside")
    for kind in ("coarse", "outside", "unlocated"):
        kinds = kinds.mask((seller == kind) | (buyer == kind), kind)
    names = {end: _end_names(rows[end], ends[end], places, query.language) for end in _ENDS}
    value = in_10k_yuan(rows["contract_value_fen"])
    named = rows.assign(
        flow_kind=kinds,
        seller_place_name=names[_ENDS[0]],
        buyer_place_name=names[_ENDS[1]],
        contract_value_10k_yuan=value,
        value_share_percent=share_percent(value, float(value.sum())),
        technology_value_10k_yuan=in_10k_yuan(rows["technology_value_fen"]),
    )
    ordered = named.sort_values(
        ["contract_value_fen", *_ENDS], ascending=[False, True, True], ignore_index=True
    )
    return declared(CONTRACT_FLOWS, ordered)


def flow_sums(table: pd.DataFrame) -> pd.DataFrame:
    """Return number and value by kind of flow."""
    measures = ["contract_count", "contract_value_fen", "contract_value_10k_yuan"]
    return table.groupby("flow_kind")[measures].sum()


def flow_layer(
    table: pd.DataFrame, places: Places, query: ContractQuery, *, source: str
) -> FlowLayer:
    """Return the flows as arrows as wide as their value, what stays in a prefecture as circles.

    Parameters
    ----------
    table
        Table ``contract_flows``.
    places
        The reference tables: an arrow goes from seat to seat.
    query
        What is asked: the number of contracts, or the value.
    source
        Where the figures come from, for the legend.
    """
    is_number = query.measure is ContractMeasure.NUMBER
    column = "contract_count" if is_number else "contract_value_10k_yuan"
    amount = table[column].astype("float64") / (1 if is_number else _10K_IN_100M)
    unit = text(f"monitor.unit.{'contracts' if is_number else '100m_yuan'}", query.language)
    digits = 0 if is_number else 2
    seats = _seats(places)
    drawn = table.assign(amount=amount, written=[number_text(a, digits) for a in amount])
    between = drawn[drawn["flow_kind"] == "between"].nlargest(DRAWN_LINES, "amount")
    inside = drawn[drawn["flow_kind"] == "inside"]
    most = float(between["amount"].max()) if len(between) else 0.0
    widest = float(inside["amount"].max()) if len(inside) else 0.0
    columns = [*_ENDS, "seller_place_name", "buyer_place_name", "amount", "written"]
    lines = [
        FlowLine(
            seats[seller], seats[buyer],
            max(_WIDEST_PX * size / most, _THINNEST_PX),
            text("monitor.flow.line", query.language, seller=name, buyer=other, amount=written,
                 unit=unit),
        )
        for seller, buyer, name, other, size, written in between[columns].itertuples(index=False)
        if size > 0
    ]  # fmt: skip
    circles = [
        FlowCircle(
            seats[seller],
            max(_LARGEST_PX * float(np.sqrt(size / widest)), _SMALLEST_PX),
            text("monitor.flow.circle", query.language, place=name, amount=written, unit=unit),
        )
        for seller, _, name, _, size, written in inside[columns].itertuples(index=False)
        if size > 0
    ]
    samples = [(_WIDEST_PX * part, number_text(most * part, digits)) for part in (1, 0.5, 0.2)]
    note = text(
        "monitor.flow.note", query.language, count=len(lines),
        all=int((table["flow_kind"] == "between").sum()), source=source,
    )  # fmt: skip
    return FlowLayer(
        title=text("monitor.flow.title", query.language),
        unit=unit,
        note=note,
        lines=tuple(reversed(lines)),
        circles=tuple(circles),
        samples=tuple(samples) if lines else (),
        circle_label=text("monitor.flow.inside", query.language) if circles else "",
    )


def _in_prefecture(rows: pd.DataFrame, query: ContractQuery) -> pd.DataFrame:
    if query.prefecture_adcode is None:
        return rows
    is_end = {end: rows[end] == query.prefecture_adcode for end in _ENDS}
    if query.side is ContractSide.OUTPUT:
        kept = is_end[_ENDS[0]]
    elif query.side is ContractSide.ABSORPTION:
        kept = is_end[_ENDS[1]]
    else:
        kept = is_end[_ENDS[0]] | is_end[_ENDS[1]]
    return rows[kept].reset_index(drop=True)


def _end_kinds(codes: pd.Series, levels: pd.Series) -> pd.Series:
    level = codes.map(levels)
    kinds = pd.Series("unlocated", index=codes.index)
    kinds = kinds.mask(codes.map(is_outside).astype("bool"), "outside")
    return kinds.mask(level == AdminLevel.PREFECTURE, "place").mask(
        codes == PROVINCE_ADCODE, "coarse"
    )


def _end_names(codes: pd.Series, kinds: pd.Series, places: Places, language: str) -> pd.Series:
    names = place_names(places.divisions, language)
    names[PROVINCE_ADCODE] = text(
        "monitor.row.coarse_province", language, name=names[PROVINCE_ADCODE]
    )
    names |= {code: outside_name(code, language) for code in codes[kinds == "outside"].unique()}
    return codes.map(names).astype("object").fillna(text("monitor.row.unlocated", language))


def _seats(places: Places) -> dict[str, tuple[float, float]]:
    """Return the position of each prefecture's seat."""
    divisions = places.divisions[places.divisions["level"] == AdminLevel.PREFECTURE]
    points = places.county_seats.set_index("adcode")[["lon", "lat"]]
    at = points.reindex(divisions["seat_adcode"])
    rows = zip(divisions["adcode"], at["lon"], at["lat"], strict=True)
    return {adcode: (float(lon), float(lat)) for adcode, lon, lat in rows}


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
