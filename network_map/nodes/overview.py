"""The network as it is: counts of nodes, the document of its map, the table of counties."""

from dataclasses import dataclass
from functools import partial

import pandas as pd

from network_map.export import Bundle
from network_map.i18n import text
from network_map.maps.spec import MapSpec, NodeSymbol, UnplacedNode, node_layer
from network_map.nodes.dataset import Dataset, input_hashes, made_by
from network_map.nodes.figures import own_figure_lines
from network_map.nodes.layers import area_shapes, network_layers
from network_map.nodes.query import OverviewQuery
from network_map.nodes.tables import COUNTY_OVERVIEW
from network_map.places.query import AreaQuery
from network_map.places.reference import (
    Places,
    dataset_label,
    kind_names,
    place_names,
    presence_word,
)
from network_map.places.tables import PROVINCE_ADCODE
from network_map.query import recipe_parameters
from network_map.tables.check import conform
from network_map.terms import AdminLevel, NodeKind, NodeStatus, Origin

_SHOWN_KINDS = (NodeKind.COUNTY_CENTRE, NodeKind.DEMONSTRATION_COUNTY, NodeKind.SUB_MARKET)


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many nodes of a kind there are.

    Parameters
    ----------
    kind, label
        The kind and its short name.
    named_count
        Nodes on the list in the shown area that are not withdrawn.
    assumed_count
        How many of those are assumed or synthetic.
    declared_count
        The published total; None where none is published, as for a single prefecture.
    is_counted
        Whether the kind belongs to the three-tier network.
    """

    kind: str
    label: str
    named_count: int
    assumed_count: int
    declared_count: int | None
    is_counted: bool


def in_area(nodes: pd.DataFrame, query: AreaQuery) -> pd.DataFrame:
    """Return the nodes of the shown prefecture, or all of them."""
    if query.prefecture_adcode is None:
        return nodes
    return nodes[nodes["prefecture_adcode"] == query.prefecture_adcode]


def kind_counts(dataset: Dataset, query: AreaQuery) -> tuple[KindCount, ...]:
    """Return the number of nodes of each kind in the shown area."""
    nodes = in_area(dataset.nodes, query)
    live = nodes[nodes["status"] != NodeStatus.WITHDRAWN]
    named = live["kind"].value_counts()
    invented = live.loc[live["origin"].isin([Origin.ASSUMED, Origin.SYNTHETIC]), "kind"]
    assumed = invented.value_counts()
    latest = dataset.declared_totals.sort_values("as_of").drop_duplicates(
        ["kind", "adcode"], keep="last"
    )
    area = query.prefecture_adcode or PROVINCE_ADCODE
    declared = latest[latest["adcode"] == area].set_index("kind")["declared_count"]
    labels = kind_names(dataset.node_kinds, query.language, short=True)
    counted = dict(zip(dataset.node_kinds["kind"], dataset.node_kinds["is_counted"], strict=True))
    kinds = [kind for kind in labels if counted[kind] or kind in named.index]
    return tuple(
        KindCount(
            kind=kind,
            label=labels[kind],
            named_count=int(named.get(kind, 0)),
            assumed_count=int(assumed.get(kind, 0)),
            declared_count=int(declared[kind]) if kind in declared.index else None,
            is_counted=bool(counted[kind]),
        )
        for kind in kinds
    )


def county_table(
    places: Places, dataset: Dataset, roll: pd.DataFrame, *, query: OverviewQuery
) -> pd.DataFrame:
    """Return the counties of the shown area, one row each, as ``county_overview``."""
    counties = places.divisions[places.divisions["level"] == AdminLevel.COUNTY]
    if query.prefecture_adcode is not None:
        counties = counties[counties["parent_adcode"] == query.prefecture_adcode]
    names = place_names(places.divisions, query.language)
    table = counties[["adcode", "parent_adcode"]].reset_index(drop=True)
    table = table.assign(
        county_name=table["adcode"].map(names), prefecture_name=table["parent_adcode"].map(names)
    )
    for kind in _SHOWN_KINDS:
        place = "parent_adcode" if kind is NodeKind.SUB_MARKET else "adcode"
        words = _presence_words(roll, kind, query.language)
        table = table.assign(**{kind.value: table[place].map(words)})
    live = dataset.nodes[dataset.nodes["status"] != NodeStatus.WITHDRAWN]
    node_count = live["adcode"].value_counts()
    figures = places.county_indicators[["adcode", "pop_2020", "gdp_2021_100m"]]
    table = table.merge(figures, how="left", on="adcode", validate="one_to_one")
    table = table.assign(
        node_count=table["adcode"].map(node_count).fillna(0).astype("Int64"),
        data_note=text(f"dataset_note.{dataset.name}", query.language),
    )
    return conform(COUNTY_OVERVIEW, table)


def county_bundle(
    places: Places, dataset: Dataset, roll: pd.DataFrame, *, query: OverviewQuery
) -> Bundle:
    """Return the county table with everything that a file about it must say."""
    language = query.language
    names = place_names(places.divisions, language)
    area = names[query.prefecture_adcode or PROVINCE_ADCODE]
    title = text("overview.export_title", language, area=area)
    table = county_table(places, dataset, roll, query=query)
    asked = OverviewQuery(language=language, prefecture_adcode=query.prefecture_adcode)
    return Bundle(
        table=table,
        declaration=COUNTY_OVERVIEW,
        title=title,
        language=language,
        filters=((text("filter.prefecture", language), area),),
        method_notes=(
            text("method.presence", language),
            text("method.population", language),
            text("method.gdp", language),
        ),
        sources=(
            text("source.network", language),
            text("source.population", language),
            text("source.gdp", language),
            *own_figure_lines(dataset, language),
            text("map.source_line", language),
        ),
        dataset_label=dataset_label(dataset.name, language),
        is_demo=dataset.is_demo,
        file_stem=f"network_overview_{dataset.name}_{query.area_adcode}",
        created_from=input_hashes(dataset, "divisions", "county_indicators", "boundaries_county"),
        method_versions={"presence": 1},
        recipe=made_by(dataset, "county_overview", recipe_parameters(query), language=language),
        layer_name="counties",
        shapes=partial(area_shapes, table["adcode"]),
        layers=partial(
            network_layers,
            places,
            dataset,
            prefecture_adcode=query.prefecture_adcode,
            language=language,
            without=("counties",),
        ),
        map_document=partial(network_document, dataset, query=asked, title=title),
    )


def _presence_words(roll: pd.DataFrame, kind: NodeKind, language: str) -> dict[str, str]:
    rows = roll[roll["kind"] == kind]
    assumed = text("overview.assumed_mark", language)
    return {
        adcode: presence_word(presence, language) + (assumed if basis == "named_assumed" else "")
        for adcode, presence, basis in zip(
            rows["adcode"], rows["presence"], rows["basis_code"], strict=True
        )
    }


def network_document(dataset: Dataset, *, query: OverviewQuery, title: str) -> str:
    """Return the map of the network as an HTML document that needs nothing else.

    Parameters
    ----------
    dataset
        The open data set.
    query
        What the map shows: the area and the kinds of node.
    title
        Title of the document.
    """
    from network_map.maps.standalone import map_document  # noqa: PLC0415 (folium: 0.3 s)

    return map_document(network_map(dataset, query=query), title=title)


def network_map(dataset: Dataset, *, query: OverviewQuery) -> MapSpec:
    """Return the map of the nodes of an area.

    Parameters
    ----------
    dataset
        The open data set.
    query
        What the map shows: the area and the kinds of node.
    """
    kinds = dataset.node_kinds.set_index("kind")
    shown = in_area(dataset.nodes, query)
    shown = shown[shown["kind"].isin(query.kinds)]
    unplaced = shown[shown["lon"].isna() | shown["lat"].isna()]
    reason = text("overview.unplaced_reason", query.language)
    return MapSpec(
        language=query.language,
        nodes=node_layer(shown, dataset.node_kinds),
        symbols=tuple(
            NodeSymbol(
                kind=count.kind,
                label=count.label,
                symbol=str(kinds.loc[count.kind, "symbol"]),
                colour=str(kinds.loc[count.kind, "colour"]),
                count=count.named_count,
                assumed_count=count.assumed_count,
                is_visible=count.kind in query.kinds,
            )
            for count in kind_counts(dataset, query)
        ),
        areas=None,
        prefecture_adcode=query.prefecture_adcode,
        selected_adcode=query.selected_adcode,
        unplaced=tuple(
            UnplacedNode(str(kind), str(name), reason)
            for kind, name in zip(unplaced["kind"], unplaced["node_name"], strict=True)
        ),
        source_line=text("map.source_line", query.language),
    )
