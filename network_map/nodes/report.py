"""The network as files: counts, the document of its map, tables of counties and of nodes."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from unicodedata import normalize

import pandas as pd

from network_map.datapackage import read_table
from network_map.errors import QueryError
from network_map.export import Bundle
from network_map.i18n import text
from network_map.maps.spec import MapSpec, NodeSymbol, UnplacedNode, node_layer
from network_map.nodes.dataset import Dataset, input_hashes, made_by, own_figure_lines
from network_map.nodes.layers import area_shapes, network_layers, node_rows, place_layers
from network_map.nodes.query import OverviewQuery
from network_map.nodes.tables import COUNTY_OVERVIEW, NODE_LIST, NODES
from network_map.places.gazetteer import open_gazetteer
from network_map.places.query import AreaQuery
from network_map.places.reference import (
    Places,
    dataset_label,
    kind_names,
    place_names,
    presence_word,
    source_lines,
)
from network_map.places.tables import DATA_SOURCES, PROVINCE_ADCODE
from network_map.query import recipe_parameters
from network_map.tables.check import conform
from network_map.terms import AdminLevel, LocationOrigin, NodeKind, NodeStatus, Origin

# --- the network as it is -------------------------------------------------------------------------


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
    from network_map.maps.payload import map_document  # noqa: PLC0415 (folium: 0.3 s)

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


# --- the list of nodes ----------------------------------------------------------------------------


_SEATS = frozenset({LocationOrigin.COUNTY_SEAT.value, LocationOrigin.PREFECTURE_SEAT.value})


def nodes_bundle(
    dataset: Dataset,
    places: Places,
    *,
    prefecture_adcode: str | None = None,
    kinds: tuple[str, ...] | None = None,
    language: str = "zh",
) -> Bundle:
    """Return the nodes of a data set as a bundle.

    Parameters
    ----------
    dataset, places
        The register and the reference tables of places.
    prefecture_adcode
        Only nodes in this prefecture, by code or name; None takes all of them, the provincial
        ones too.
    kinds
        Only nodes of these kinds, by id or name; None takes every kind.
    language
        ``zh`` or ``en``.

    Returns
    -------
    Bundle
        Table ``node_list``, by kind in the order of the table ``node_kinds``, then by code and
        id. Withdrawn nodes are in it and say so.

    Raises
    ------
    QueryError
        If there is no such prefecture or kind.
    """
    wanted = _ordered_kinds(dataset.node_kinds, kinds)
    if prefecture_adcode is not None:
        prefecture_adcode = find_prefecture(places, prefecture_adcode)
    nodes = dataset.nodes
    nodes = nodes[nodes["kind"].isin(wanted)]
    if prefecture_adcode is not None:
        nodes = nodes[nodes["prefecture_adcode"] == prefecture_adcode]
    return Bundle(
        table=node_rows(nodes, dataset.node_kinds, places, language=language),
        declaration=NODE_LIST,
        title=text("node_list.title", language),
        language=language,
        filters=_filters(
            dataset, places, prefecture_adcode, None if kinds is None else wanted, language
        ),
        method_notes=_method_notes(dataset, nodes, language),
        sources=_sources(nodes, places, language),
        dataset_label=dataset_label(dataset.name, language),
        is_demo=dataset.is_demo,
        file_stem=nodes_stem(dataset, prefecture_adcode),
        points=("lon", "lat"),
        words=_words(dataset, language),
        created_from=input_hashes(dataset, "divisions", "county_seats", "data_sources"),
        method_versions={"node_list": 1},
        recipe=made_by(
            dataset,
            "nodes",
            {"prefecture": prefecture_adcode, "kinds": None if kinds is None else list(wanted)},
            language=language,
        ),
        layer_name="nodes",
        layers=partial(place_layers, places, prefecture_adcode=prefecture_adcode),
        map_document=partial(
            network_document,
            dataset,
            query=OverviewQuery(
                language=language, prefecture_adcode=prefecture_adcode, kinds=wanted
            ),
            title=text("node_list.title", language),
        ),
    )


def nodes_stem(dataset: Dataset, prefecture_adcode: str | None) -> str:
    """Return the name of the node list's file without its ending."""
    return f"network_nodes_{dataset.name}_{prefecture_adcode or PROVINCE_ADCODE}"


def find_prefecture(places: Places, words: str) -> str:
    """Return the adcode of a prefecture named by its code, a name or the pinyin of its short name.

    Raises
    ------
    QueryError
        If no prefecture is called that; the sentence offers the nearest names.
    """
    gazetteer = open_gazetteer(places.divisions, places.division_aliases)
    found = gazetteer.resolve(words, level=AdminLevel.PREFECTURE)
    if found.adcode is not None:
        return found.adcode
    prefectures = places.divisions[places.divisions["level"] == AdminLevel.PREFECTURE]
    spelled = prefectures.loc[prefectures["pinyin"].map(_folded) == _folded(words), "adcode"]
    if len(spelled) == 1:
        return str(spelled.iloc[0])
    every = prefectures["adcode"].tolist()
    near = [adcode for adcode in found.candidates if adcode in every]
    raise QueryError(
        "prefecture_unknown",
        found=words,
        offered="、".join(f"{gazetteer.name(adcode)}({adcode})" for adcode in near or every),
    )


def find_kinds(node_kinds: pd.DataFrame, words: Iterable[str]) -> tuple[str, ...]:
    """Return the kinds of node named by their ids, names or other accepted wordings.

    Raises
    ------
    QueryError
        With every wording that names no kind.
    """
    known: dict[str, str] = {}
    for column in ("synonyms", "short_en", "short_zh", "kind_name_en", "kind_name_zh", "kind"):
        for kind, names in zip(node_kinds["kind"], node_kinds[column].fillna(""), strict=True):
            known |= {_folded(name): kind for name in names.split(";") if name.strip()}
    asked = [word for word in words if word.strip()]
    unknown = [word for word in asked if _folded(word) not in known]
    if unknown:
        shown = " | ".join(node_kinds["kind"])
        raise QueryError("kind_unknown", found="、".join(unknown), known=shown)
    return tuple(dict.fromkeys(known[_folded(word)] for word in asked))


def _folded(words: str) -> str:
    return "".join(normalize("NFKC", words).casefold().split())


def _ordered_kinds(node_kinds: pd.DataFrame, kinds: tuple[str, ...] | None) -> tuple[str, ...]:
    found = None if kinds is None else find_kinds(node_kinds, kinds)
    return tuple(kind for kind in node_kinds["kind"] if found is None or kind in found)


def _filters(
    dataset: Dataset,
    places: Places,
    prefecture_adcode: str | None,
    kinds: tuple[str, ...] | None,
    language: str,
) -> tuple[tuple[str, str], ...]:
    filters = [(text("node_list.dataset_id", language), dataset.dataset_id)]
    if prefecture_adcode is not None:
        name = place_names(places.divisions, language)[prefecture_adcode]
        filters.append((text("term.level.prefecture", language), f"{name} {prefecture_adcode}"))
    if kinds is not None:
        names = kind_names(dataset.node_kinds, language)
        shown = text("node_list.separator", language).join(names[kind] for kind in kinds)
        filters.append(
            (NODES.column("kind").heading(language), shown or text("node_list.none", language))
        )
    return tuple(filters)


def _method_notes(dataset: Dataset, nodes: pd.DataFrame, language: str) -> tuple[str, ...]:
    notes = ["row", "unknown"]
    if nodes["location_origin"].isin(_SEATS).any():
        notes.append("seat")
    if nodes["lon"].isna().any():
        notes.append("placeless")
    if (nodes["origin"] == Origin.ASSUMED).any():
        notes.append("assumed")
    if not dataset.complete_lists.empty:
        notes.append("complete")
    return tuple(text(f"node_list.note.{note}", language) for note in notes)


def _sources(nodes: pd.DataFrame, places: Places, language: str) -> tuple[str, ...]:
    """Return each source of the rows once, and that of the points that are seats."""
    cells = nodes["source"].dropna().tolist()
    if nodes["location_origin"].isin(_SEATS).any():
        cells += places.county_seats["source"].dropna().tolist()
    return source_lines(cells, read_table(DATA_SOURCES), language=language)


def _words(dataset: Dataset, language: str) -> dict[str, dict[str, str]]:
    return {
        "kind": kind_names(dataset.node_kinds, language),
        "status": {code: text(f"term.status.{code}", language) for code in NodeStatus},
        "origin": {code: text(f"term.origin.{code}", language) for code in Origin},
        "location_origin": {
            code: text(f"term.location_origin.{code}", language) for code in LocationOrigin
        },
    }
