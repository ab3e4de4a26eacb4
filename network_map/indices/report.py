"""An index as a map and as bundles: counties in classes or clusters, parts of the prefectures."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import isfinite

import pandas as pd

from network_map.export import Bundle
from network_map.gaps.facts import GapFacts
from network_map.gaps.map import node_symbols
from network_map.i18n import number_text, text
from network_map.indices.answer import ACCESS_KINDS, IndexAnswer, IndexPicture, IndexQuery
from network_map.indices.tables import (
    COUNTY_INDEX,
    THEIL_BY_PREFECTURE,
    Cluster,
    ClusterReason,
    InequalityMeasure,
)
from network_map.maps.charts import class_breaks, class_of
from network_map.maps.spec import (
    ZERO_COLOUR,
    AreaLayer,
    ClassEntry,
    MapSpec,
    class_colours,
    node_layer,
)
from network_map.nodes.dataset import Dataset, input_hashes, made_by, own_figure_lines
from network_map.nodes.layers import area_shapes
from network_map.places.reference import Places, dataset_label, place_names
from network_map.query import recipe_parameters
from network_map.reach.roads import ROAD_TABLES
from network_map.tables import Table
from network_map.terms import AdminLevel, Classifier

CLUSTER_COLOURS: Mapping[Cluster, str] = {
    Cluster.HIGH_HIGH: "#b5482a",
    Cluster.HIGH_LOW: "#f0b48a",
    Cluster.LOW_HIGH: "#a9c9e2",
    Cluster.LOW_LOW: "#2f6590",
}
_NOT_SIGNIFICANT = "#eeeae0"
_CLASS_COUNT = 5
_DIGITS = 2


def index_map(
    places: Places, dataset: Dataset, answer: IndexAnswer, *, query: IndexQuery
) -> MapSpec:
    """Return the map of an index; classes are cut over the province, the legend counts the area.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set; its nodes are drawn where the index is of them.
    answer
        What ``indices.index_answer`` returned for the index.
    query
        What is asked for.
    """
    shown = set(answer.inside(places, query.prefecture_adcode)["adcode"])
    areas = _clusters if query.picture is IndexPicture.CLUSTER else _values
    kind = ACCESS_KINDS.get(query.index)
    nodes = dataset.nodes[dataset.nodes["kind"] == kind]
    symbols = node_symbols(
        dataset, () if kind is None else (kind,),
        language=query.language, prefecture_adcode=query.prefecture_adcode,
    )  # fmt: skip
    return MapSpec(
        language=query.language,
        nodes=None if kind is None else node_layer(nodes, dataset.node_kinds),
        symbols=symbols,
        areas=areas(answer.table, shown, query),
        prefecture_adcode=query.prefecture_adcode,
        selected_adcode=query.selected_adcode,
        unplaced=(),
        source_line=text("map.source_line", query.language),
    )


def _values(table: pd.DataFrame, shown: set[str], query: IndexQuery) -> AreaLayer:
    values = table.set_index("adcode")["index_value"].astype("float64")
    breaks = class_breaks(
        values[values > 0], classifier=Classifier.QUANTILE, class_count=_CLASS_COUNT
    )
    classes = (class_of(values.where(values > 0), breaks) + 1).mask(values == 0, 0)
    ends = (breaks.lower, *breaks.uppers)
    labels = [text("monitor.map.zero", query.language)] + [
        f"{number_text(low, _DIGITS)} – {number_text(high, _DIGITS)}"
        for low, high in zip(ends, ends[1:] if breaks.uppers else (), strict=False)
    ]
    colours = [ZERO_COLOUR, *(class_colours(len(breaks.uppers)) if breaks.uppers else ())]
    legend = list(zip(labels, colours, strict=True))
    return _layer(query, classes, legend, shown=shown, written=_written(values))


def _clusters(table: pd.DataFrame, shown: set[str], query: IndexQuery) -> AreaLayer:
    rows = table.set_index("adcode")
    numbers = {cluster.value: number for number, cluster in enumerate(CLUSTER_COLOURS)}
    classes = rows["cluster_code"].map(numbers).astype("Int64")
    is_chance = rows["cluster_code"].isna() & (rows["cluster_reason_code"] == ClusterReason.CHANCE)
    classes = classes.mask(is_chance, len(numbers))
    words = [
        text(f"indices.cluster.{cluster.value}", query.language) for cluster in CLUSTER_COLOURS
    ]
    labels = [*words, text("index.not_significant", query.language)]
    colours = [*CLUSTER_COLOURS.values(), _NOT_SIGNIFICANT]
    written = _written(rows["index_value"].astype("float64"))
    legend = list(zip(labels, colours, strict=True))
    return _layer(query, classes, legend, shown=shown, written=written, is_categorical=True)


def _written(values: "pd.Series[float]") -> dict[str, str]:
    return {str(code): number_text(value, _DIGITS) for code, value in values.dropna().items()}


def _layer(
    query: IndexQuery,
    classes: "pd.Series[int]",
    legend: Sequence[tuple[str, str]],
    *,
    shown: set[str],
    written: Mapping[str, str],
    is_categorical: bool = False,
) -> AreaLayer:
    counted = classes[classes.index.isin(shown)]
    language = query.language
    return AreaLayer(
        level=AdminLevel.COUNTY,
        title=text(f"index.title.{query.index.value}", language),
        unit=text(f"index.unit.{query.index.value}", language),
        source=text("index.legend_source", language, count=len(counted)),
        classes=tuple(
            ClassEntry(label, colour, int((counted == number).sum()))
            for number, (label, colour) in enumerate(legend)
        ),
        class_of={str(code): int(number) for code, number in classes.dropna().items()},
        value_text=written,
        missing_label=text("overlay.no_data", language),
        missing_count=int(counted.isna().sum()),
        is_categorical=is_categorical,
    )


_SHOWN_DIGITS = 3
_TABLES = (
    "divisions", "county_seats", "county_indicators", "boundaries_county", *ROAD_TABLES,
)  # fmt: skip
_REPORTS = {COUNTY_INDEX.name: "county_index", THEIL_BY_PREFECTURE.name: "index_groups"}


def index_bundle(
    places: Places, dataset: Dataset, facts: GapFacts, answer: IndexAnswer, *, query: IndexQuery
) -> Bundle:
    """Return the counties of an index with what a file about them must say.

    Parameters
    ----------
    places, dataset, facts
        What the answer was made of.
    answer
        What ``indices.index_answer`` returned.
    query
        What is asked for.
    """
    table = answer.inside(places, query.prefecture_adcode)
    bundle = _bundle(places, dataset, facts, answer, query, table, COUNTY_INDEX, "counties")
    return replace(
        bundle,
        shapes=partial(area_shapes, table["adcode"]),
        map_document=partial(_document, places, dataset, answer, query, bundle.title),
    )


def _document(
    places: Places, dataset: Dataset, answer: IndexAnswer, query: IndexQuery, title: str
) -> str:
    from network_map.maps.payload import map_document  # noqa: PLC0415 (folium: 0.3 s)

    return map_document(index_map(places, dataset, answer, query=query), title=title)


def groups_bundle(
    places: Places, dataset: Dataset, facts: GapFacts, answer: IndexAnswer, *, query: IndexQuery
) -> Bundle:
    """Return what each prefecture adds to the Theil index."""
    return _bundle(
        places, dataset, facts, answer, query, answer.groups, THEIL_BY_PREFECTURE, "groups"
    )


def measure_lines(answer: IndexAnswer, language: str) -> tuple[tuple[str, str], ...]:
    """Return the measures of inequality and Moran's I as label and value."""
    lines = []
    for row in answer.measures.to_dict("records"):
        name = text(f"indices.measure.{row['measure_code']}", language)
        value = _number(row["index_value"], language)
        is_part = row["measure_code"] in {
            InequalityMeasure.THEIL_BETWEEN.value, InequalityMeasure.THEIL_WITHIN.value,
        }  # fmt: skip
        if is_part and pd.notna(row["share_of_theil"]):
            share = f"{row['share_of_theil']:.1%}"
            value = text("index.share", language, value=value, share=share)
        lines.append((name, value))
    (found,) = answer.global_moran[["moran_i", "p_value"]].to_numpy("float64").tolist()
    value = _number(found[0], language)
    if pd.notna(found[1]):
        value = text("index.p_value", language, value=value, p=f"{found[1]:.3f}")
    return (*lines, (text("index.moran", language), value))


def index_stem(dataset: Dataset, query: IndexQuery, name: str = "counties") -> str:
    """Return the name of the files without their ending."""
    return f"index_{query.index.value}_{name}_{dataset.name}_{query.area_adcode}"


def _number(value: float, language: str) -> str:
    return (
        number_text(value, _SHOWN_DIGITS) if isfinite(value) else text("index.no_value", language)
    )


def _bundle(  # noqa: PLR0917 (a file says everything about itself)
    places: Places,
    dataset: Dataset,
    facts: GapFacts,
    answer: IndexAnswer,
    query: IndexQuery,
    table: pd.DataFrame,
    declaration: Table,
    name: str,
) -> Bundle:
    language = query.language
    area = place_names(places.divisions, language)[query.area_adcode]
    title = text(f"index.title.{query.index.value}", language)
    unit = text(f"index.unit.{query.index.value}", language)
    measures = tuple(f"{label}: {value}" for label, value in measure_lines(answer, language))
    return Bundle(
        table=table,
        declaration=declaration,
        title=text("index.export_title", language, area=area, index=title, unit=unit),
        language=language,
        filters=(
            (text("filter.prefecture", language), area),
            (text("index.choose", language), f"{title} ({unit})"),
        ),
        method_notes=(*answer.notes, *measures, text("index.method", language)),
        sources=(
            text("source.network", language), text("source.population", language),
            *own_figure_lines(dataset, language), *facts.register.sources,
            text("map.source_line", language),
        ),
        dataset_label=dataset_label(dataset.name, language),
        is_demo=dataset.is_demo,
        file_stem=index_stem(dataset, query, name),
        words={
            "cluster_code": {
                c.value: text(f"indices.cluster.{c.value}", language) for c in Cluster
            },
            "cluster_reason_code": {
                c.value: text(f"indices.cluster_reason.{c.value}", language) for c in ClusterReason
            },
        },
        created_from={
            **dict(facts.register.created_from or {}), **input_hashes(dataset, *_TABLES),
        },
        method_versions={"reach": 1, "activity": 2, "accessibility": 1, "inequality": 1,
                         "clusters": 1},
        recipe=made_by(
            dataset, _REPORTS[declaration.name],
            {**recipe_parameters(query), "register": facts.register.register_id},
            language=language,
        ),
        layer_name="index",
    )  # fmt: skip
