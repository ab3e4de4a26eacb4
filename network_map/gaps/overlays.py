"""What lies over the counties of the gap map: nodes, contracts, consortia, lines between tiers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from network_map.consortia.answer import (
    member_kinds,
    member_lines,
    member_nodes,
    members_of,
)
from network_map.consortia.tables import consortium_tables
from network_map.contracts.flows import flow_layer, flow_table
from network_map.contracts.query import ContractQuery, span_of
from network_map.contracts.register.engine import OpenContracts, register_line
from network_map.gaps.query import GapOverlay, GapQuery
from network_map.gaps.tables import TIERS
from network_map.i18n import number_text, text
from network_map.maps.spec import (
    FlowCircle,
    FlowLayer,
    HierarchyLayer,
    HierarchyLine,
    LineKind,
    NodeLayer,
    node_layer,
)
from network_map.nodes.dataset import Dataset
from network_map.nodes.layers import hierarchy_layer, hierarchy_table
from network_map.places.query import AreaQuery
from network_map.places.reference import Places
from network_map.reach.roads import open_roads

_LARGEST_PX, _SMALLEST_PX = 20.0, 2.0
_10K_IN_100M = 10_000
_SAMPLES = (1.0, 0.25)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlays:
    """What lies over the counties of the map.

    Parameters
    ----------
    nodes
        All nodes as the browser reads them.
    links, hierarchy, flows
        Lines between members of consortia, between tiers, and of contracts.
    circles
        What the counties absorbed.
    """

    nodes: NodeLayer
    links: tuple[HierarchyLine, ...] = ()
    hierarchy: HierarchyLayer | None = None
    flows: FlowLayer | None = None
    circles: FlowLayer | None = None


def composed(
    query: GapQuery, nodes: NodeLayer, makers: Mapping[GapOverlay, Callable[[], Any]]
) -> Overlays:
    """Return the layers that a query draws, each from what makes it.

    Parameters
    ----------
    query
        Its layers.
    nodes
        All nodes as the browser reads them, members of consortia among them.
    makers
        By layer what returns it; those of layers that are not drawn are not called.
    """
    fields = {
        GapOverlay.CONSORTIA: "links", GapOverlay.HIERARCHY: "hierarchy",
        GapOverlay.FLOWS: "flows", GapOverlay.CONTRACTS: "circles",
    }  # fmt: skip
    drawn = {overlay for overlay in GapOverlay if overlay.value in query.layers}
    made = {name: makers[overlay]() for overlay, name in fields.items() if overlay in drawn}
    return Overlays(nodes=nodes, **made)


def overlays_of(
    places: Places,
    dataset: Dataset,
    contracts: OpenContracts | None,
    table: pd.DataFrame,
    *,
    query: GapQuery,
) -> Overlays:
    """Return what lies over the counties of a query, everything for it made anew.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    contracts
        Its contract register, None where there is none.
    table
        Table ``county_gaps`` of the whole province.
    query
        Its layers, prefecture, language and years.

    Raises
    ------
    MissingFileError, DamagedFileError, WorkspaceError
        If the road network or the register cannot be read.
    """
    members = network_members(places, dataset)
    if GapOverlay.CONSORTIA.value not in query.layers:
        members = members.head(0)  # a file carries what it shows

    def tiers() -> HierarchyLayer | None:
        return tier_lines(dataset, hierarchy_table(places, dataset, open_roads()), query)

    def flows() -> FlowLayer | None:
        if contracts is None:
            return None
        asked = contracts_asked(query)
        rows = flow_table(contracts, places, asked, span_of(asked, contracts.as_of))
        return contract_flows(rows, places, contracts, query)

    return composed(
        query,
        network_nodes(dataset, members, query.language),
        {
            GapOverlay.CONSORTIA: lambda: consortium_links(
                places, dataset, query.prefecture_adcode
            ),
            GapOverlay.HIERARCHY: tiers,
            GapOverlay.FLOWS: flows,
            GapOverlay.CONTRACTS: lambda: contract_circles(places, table, query),
        },
    )


def network_members(places: Places, dataset: Dataset) -> pd.DataFrame:
    """Return the members of all consortia whose county is known, as rows of ``nodes``."""
    return member_nodes(places, consortium_tables(dataset).members)


def network_nodes(dataset: Dataset, members: pd.DataFrame, language: str) -> NodeLayer:
    """Return nodes and members of consortia as the browser reads them."""
    return node_layer(
        pd.concat([dataset.nodes, members], ignore_index=True),
        pd.concat([dataset.node_kinds, member_kinds(language)], ignore_index=True),
    )


def consortium_links(
    places: Places, dataset: Dataset, prefecture_adcode: str | None
) -> tuple[HierarchyLine, ...]:
    """Return the lines between the members of each consortium, of a prefecture those it has."""
    return tuple(
        line
        for one in consortium_tables(dataset).consortia["consortium_id"]
        for line in member_lines(member_nodes(places, members_of(dataset, one)), prefecture_adcode)
    )


def contracts_asked(query: GapQuery) -> ContractQuery:
    """Return the question to the contract register that the layer of flows answers."""
    return ContractQuery(language=query.language, prefecture_adcode=query.prefecture_adcode)


def contract_flows(
    rows: pd.DataFrame, places: Places, contracts: OpenContracts, query: GapQuery
) -> FlowLayer:
    """Return the flows of contracts between prefectures.

    Parameters
    ----------
    rows
        Table ``contract_flows`` of :func:`contracts_asked`.
    places
        The reference tables.
    contracts
        The register they come from.
    query
        Its prefecture and language.
    """
    source = register_line(contracts, query.language)
    return flow_layer(rows, places, contracts_asked(query), source=source)


def tier_lines(dataset: Dataset, table: pd.DataFrame, query: GapQuery) -> HierarchyLayer | None:
    """Return the lines from each county to its sub-market and on; None where there is not one.

    Parameters
    ----------
    dataset
        The open data set.
    table
        Table ``hierarchy``.
    query
        Its prefecture and language.
    """
    asked = AreaQuery(language=query.language, prefecture_adcode=query.prefecture_adcode)
    return hierarchy_layer(dataset, table, query=asked)


def contract_circles(places: Places, table: pd.DataFrame, query: GapQuery) -> FlowLayer | None:
    """Return what each county absorbed as circles, their area the value; None without a register.

    Parameters
    ----------
    places
        The reference tables; a circle stands at the seat of its county.
    table
        Table ``county_gaps`` of the whole province: circles compare over every filter.
    query
        Its prefecture, language and years.
    """
    value = table["absorption_value_10k_yuan"].astype("float64") / _10K_IN_100M
    if value.isna().all() or value.max() <= 0:
        return None
    seats = _seats(places)
    most = float(value.max())
    language = query.language
    shown = table.assign(value=value)
    shown = shown[shown["value"] > 0].sort_values(["value", "adcode"], ascending=[False, True])
    if query.prefecture_adcode is not None:
        shown = shown[shown["prefecture_adcode"] == query.prefecture_adcode]
    circles = tuple(
        FlowCircle(
            seats[code],
            max(_LARGEST_PX * (amount / most) ** 0.5, _SMALLEST_PX),
            text("gap.circle.label", language, place=name, value=number_text(amount, 2)),
        )
        for code, name, amount in shown[["adcode", "county_name", "value"]].itertuples(index=False)
    )
    return FlowLayer(
        title=text("gap.circle.title", language),
        unit=text("monitor.unit.100m_yuan", language),
        note=text("gap.circle.note", language, years=query.years),
        lines=(),
        circles=circles,
        samples=tuple(
            (_LARGEST_PX * share**0.5, number_text(most * share, 1)) for share in _SAMPLES
        ),
    )


def _seats(places: Places) -> dict[str, tuple[float, float]]:
    seats = places.county_seats
    rows = zip(seats["adcode"], seats["lon"], seats["lat"], strict=True)
    return {code: (float(lon), float(lat)) for code, lon, lat in rows}


def lines_to_nodes(
    places: Places, dataset: Dataset, table: pd.DataFrame
) -> dict[str, tuple[HierarchyLine, ...]]:
    """Return by county the lines from its seat to the nodes that serve it, where they are named.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    table
        Table ``county_gaps``.
    """
    nodes = dataset.nodes[dataset.nodes["lon"].notna()]
    names = zip(nodes["kind"], nodes["node_name"], strict=True)
    ends = zip(nodes["lon"].astype("float64"), nodes["lat"].astype("float64"), strict=True)
    # Of two nodes of one name the first one, as in the list.
    end_of = dict(reversed(list(zip(names, ends, strict=True))))
    seats = _seats(places)
    found: dict[str, tuple[HierarchyLine, ...]] = {}
    for kind in TIERS:
        columns = table[["adcode", f"{kind}_node_kind", f"{kind}_node_name"]]
        for adcode, node_kind, name in columns.itertuples(index=False, name=None):
            end = end_of.get((node_kind, name))
            if end is not None:
                line = HierarchyLine(seats[adcode], end, LineKind.UPPER)
                found[adcode] = (*found.get(adcode, ()), line)
    return found
