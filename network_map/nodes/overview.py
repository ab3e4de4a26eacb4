"""The overview: counts, the map and the table of counties, all from one query.

What colours the areas of the overview: a figure in classes, or presence in three values.
"""

from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from network_map.export import Bundle
from network_map.i18n import number_text, text
from network_map.maps.charts import table_rows
from network_map.maps.classes import ClassBreaks, class_breaks, class_of
from network_map.maps.spec import (
    AreaLayer,
    ClassEntry,
    MapSpec,
    NodeLayer,
    NodeSymbol,
    UnplacedNode,
    class_colours,
    node_layer,
)
from network_map.nodes.dataset import Dataset, input_hashes, made_by
from network_map.nodes.layers import area_shapes, hierarchy_layer, network_layers, nothing_drawn
from network_map.nodes.presence import roll_of
from network_map.nodes.query import Overlay, OverviewQuery
from network_map.nodes.tables import COUNTY_OVERVIEW
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
from network_map.terms import AdminLevel, NodeKind, NodeStatus, Origin, Presence

PRESENT_COLOUR = "#7fb2d0"
ABSENT_COLOUR = "#d1603d"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that can colour the areas.

    Parameters
    ----------
    column
        Column of the county and of the prefecture indicators.
    unit
        Key of the unit that the legend uses.
    divisor
        What the column is divided by to be in that unit.
    digits
        Decimals shown.
    """

    column: str
    unit: str
    divisor: float
    digits: int


FIGURES = {
    Overlay.POPULATION: Figure("pop_2020", "ten_thousand_persons", 10_000, 1),
    Overlay.GDP: Figure("gdp_2021_100m", "hundred_million_yuan", 1, 1),
}


def area_layer(places: Places, roll: pd.DataFrame, query: OverviewQuery) -> AreaLayer | None:
    """Return the colouring of the areas, or None where the query wants none.

    Parameters
    ----------
    places
        The reference tables.
    roll
        Presence of each kind in each place (``presence.place_roll``).
    query
        What is shown. Classes are cut over the whole province, so that a prefecture filter does
        not change the colour of a county; their counts are those of the shown area.

    Raises
    ------
    QueryError
        If the classes asked for cannot be made.
    """
    if query.overlay is Overlay.NONE:
        return None
    if query.overlay.is_presence:
        return _presence_layer(places, roll, query)
    return _figure_layer(places, query)


def figure_values(places: Places, figure: Figure, level: AdminLevel) -> pd.Series:
    """Return the values of a figure in its legend unit, by adcode."""
    table = (
        places.prefecture_indicators if level is AdminLevel.PREFECTURE else places.county_indicators
    )
    return table.set_index("adcode")[figure.column].astype("float64") / figure.divisor


def shown_areas(places: Places, query: OverviewQuery, level: AdminLevel) -> set[str]:
    """Return the adcodes of a level that the query shows."""
    areas = places.divisions[places.divisions["level"] == level]
    if query.prefecture_adcode is not None:
        name = "adcode" if level is AdminLevel.PREFECTURE else "parent_adcode"
        areas = areas[areas[name] == query.prefecture_adcode]
    return set(areas["adcode"])


def _figure_layer(places: Places, query: OverviewQuery) -> AreaLayer:
    figure = FIGURES[query.overlay]
    values = figure_values(places, figure, query.level)
    breaks = class_breaks(
        values,
        classifier=query.classifier,
        class_count=query.class_count,
        own_breaks=query.own_breaks,
    )
    classes = class_of(values, breaks)
    shown = classes[classes.index.isin(shown_areas(places, query, query.level))]
    counts = [int((shown == number).sum()) for number in range(len(breaks.uppers))]
    known = values.dropna()
    return AreaLayer(
        level=query.level,
        title=text(f"overlay.{query.overlay.value}.title", query.language),
        unit=text(f"unit.{figure.unit}", query.language),
        source=text(f"overlay.{query.overlay.value}.source", query.language),
        classes=_class_entries(breaks, counts, figure.digits),
        class_of={str(adcode): int(number) for adcode, number in classes.dropna().items()},
        value_text={
            str(adcode): number_text(value, figure.digits) for adcode, value in known.items()
        },
        missing_label=text("overlay.no_data", query.language),
        missing_count=int(shown.isna().sum()),
    )


def _class_entries(breaks: ClassBreaks, counts: list[int], digits: int) -> tuple[ClassEntry, ...]:
    lowers = (breaks.lower, *breaks.uppers[:-1])
    colours = class_colours(len(breaks.uppers)) if breaks.uppers else ()
    return tuple(
        ClassEntry(f"{number_text(low, digits)} – {number_text(high, digits)}", colour, count)
        for low, high, colour, count in zip(lowers, breaks.uppers, colours, counts, strict=True)
    )


def _presence_layer(places: Places, roll: pd.DataFrame, query: OverviewQuery) -> AreaLayer:
    rows = roll[roll["kind"] == query.overlay.value]
    level = AdminLevel.PREFECTURE if query.overlay is Overlay.SUB_MARKET else AdminLevel.COUNTY
    presence = dict(zip(rows["adcode"], rows["presence"], strict=True))
    order = (Presence.PRESENT, Presence.ABSENT)
    colours = (PRESENT_COLOUR, ABSENT_COLOUR)
    words = {value: text(f"term.presence.{value}", query.language) for value in Presence}
    is_shown = rows["adcode"].isin(shown_areas(places, query, level))
    counts = rows.loc[is_shown, "presence"].value_counts()
    return AreaLayer(
        level=level,
        title=text(f"overlay.{query.overlay.value}.title", query.language),
        unit="",
        source=text("overlay.presence_source", query.language),
        classes=tuple(
            ClassEntry(words[value], colour, int(counts.get(value.value, 0)))
            for value, colour in zip(order, colours, strict=True)
        ),
        class_of={
            adcode: order.index(Presence(value))
            for adcode, value in presence.items()
            if value != Presence.UNKNOWN
        },
        value_text={adcode: words[Presence(value)] for adcode, value in presence.items()},
        missing_label=words[Presence.UNKNOWN],
        missing_count=int(counts.get(Presence.UNKNOWN.value, 0)),
        is_categorical=True,
    )


_SHOWN_KINDS = (NodeKind.COUNTY_CENTRE, NodeKind.DEMONSTRATION_COUNTY, NodeKind.SUB_MARKET)
_TABLE_COLUMNS = [name for name in COUNTY_OVERVIEW.names if name != "data_note"]


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


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """The finished answer.

    Parameters
    ----------
    counts
        One entry for each kind that has nodes or is counted, in tier order.
    table
        Declared table ``county_overview``: the counties of the shown area.
    table_title, table_json
        What the table is called, and its rows as the browser reads them.
    map_spec
        What the map draws.
    hierarchy_note
        Why there are no lines of the hierarchy although they were asked for; empty otherwise.
    """

    counts: tuple[KindCount, ...]
    table: pd.DataFrame
    table_title: str
    table_json: bytes
    map_spec: MapSpec
    hierarchy_note: str = ""


def overview(
    places: Places,
    dataset: Dataset,
    roll: pd.DataFrame,
    nodes: NodeLayer,
    *,
    query: OverviewQuery,
    hierarchy: pd.DataFrame | None = None,
) -> Overview:
    """Return everything that the overview shows.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    roll
        What :func:`roll_of` returned for them.
    nodes
        The nodes of the data set as the browser reads them.
    query
        What is asked for.
    hierarchy
        What `hierarchy.hierarchy_table` returned for them; used where the query asks for lines.

    Raises
    ------
    QueryError
        If the classes asked for cannot be made.
    """
    counts = kind_counts(dataset, query)
    table = county_table(places, dataset, roll, query=query)
    spec = map_spec(places, dataset, roll, nodes, query=query, counts=counts)
    note = ""
    if query.hierarchy and hierarchy is not None:
        spec = replace(spec, hierarchy=hierarchy_layer(dataset, hierarchy, query=query))
        note = "" if spec.hierarchy else nothing_drawn(hierarchy, query.language)
    title = _table_title(places, query, len(table))
    rows = table_rows(
        table,
        COUNTY_OVERVIEW,
        columns=_TABLE_COLUMNS,
        id_column="adcode",
        label=title,
        language=query.language,
    )
    return Overview(counts, table, title, rows, spec, hierarchy_note=note)


def _table_title(places: Places, query: OverviewQuery, count: int) -> str:
    language, prefecture = query.language, query.prefecture_adcode
    area = (
        text("frame.whole_province", language)
        if prefecture is None
        else place_names(places.divisions, language)[prefecture]
    )
    return text("overview.table", language, area=area, count=count)


def in_area(nodes: pd.DataFrame, query: OverviewQuery) -> pd.DataFrame:
    """Return the nodes of the shown prefecture, or all of them."""
    if query.prefecture_adcode is None:
        return nodes
    return nodes[nodes["prefecture_adcode"] == query.prefecture_adcode]


def kind_counts(dataset: Dataset, query: OverviewQuery) -> tuple[KindCount, ...]:
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


def county_stem(dataset: Dataset, prefecture_adcode: str | None) -> str:
    """Return the name of the county table's file without its ending."""
    return f"network_overview_{dataset.name}_{prefecture_adcode or PROVINCE_ADCODE}"


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
            text("map.source_line", language),
        ),
        dataset_label=dataset_label(dataset.name, language),
        is_demo=dataset.is_demo,
        file_stem=county_stem(dataset, query.prefecture_adcode),
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
        map_document=partial(network_document, places, dataset, query=asked, title=title),
    )


def network_document(places: Places, dataset: Dataset, *, query: OverviewQuery, title: str) -> str:
    """Return the map of the network as an HTML document that needs nothing else.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    query
        What the map shows: the area and the kinds of node.
    title
        Title of the document.
    """
    from network_map.maps.standalone import map_document  # noqa: PLC0415 (folium: 0.3 s)

    shown = in_area(dataset.nodes, query)
    shown = shown[shown["kind"].isin(query.kinds)]
    spec = map_spec(
        places,
        dataset,
        roll_of(places, dataset),
        node_layer(shown, dataset.node_kinds),
        query=query,
        counts=kind_counts(dataset, query),
    )
    return map_document(spec, title=title)


def _presence_words(roll: pd.DataFrame, kind: NodeKind, language: str) -> dict[str, str]:
    rows = roll[roll["kind"] == kind]
    assumed = text("overview.assumed_mark", language)
    return {
        adcode: presence_word(presence, language) + (assumed if basis == "named_assumed" else "")
        for adcode, presence, basis in zip(
            rows["adcode"], rows["presence"], rows["basis_code"], strict=True
        )
    }


def map_spec(
    places: Places,
    dataset: Dataset,
    roll: pd.DataFrame,
    nodes: NodeLayer,
    *,
    query: OverviewQuery,
    counts: tuple[KindCount, ...],
) -> MapSpec:
    """Return what the map of a query draws.

    Parameters
    ----------
    places, dataset, roll, nodes, query
        As in :func:`overview`.
    counts
        What :func:`kind_counts` returned for them.
    """
    kinds = dataset.node_kinds.set_index("kind")
    drawn = in_area(dataset.nodes, query)
    unplaced = drawn[drawn["lon"].isna() | drawn["lat"].isna()]
    unplaced = unplaced[unplaced["kind"].isin(query.kinds)]
    reason = text("overview.unplaced_reason", query.language)
    return MapSpec(
        language=query.language,
        nodes=nodes,
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
            for count in counts
        ),
        areas=area_layer(places, roll, query),
        prefecture_adcode=query.prefecture_adcode,
        selected_adcode=query.selected_adcode,
        unplaced=tuple(
            UnplacedNode(str(kind), str(name), reason)
            for kind, name in zip(unplaced["kind"], unplaced["node_name"], strict=True)
        ),
        source_line=text("map.source_line", query.language),
    )
