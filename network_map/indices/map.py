"""The map of an index: counties in classes, or where high and low values stand together."""

from collections.abc import Mapping, Sequence

import pandas as pd

from network_map.gaps.map import tier_layer
from network_map.gaps.query import GapQuery
from network_map.i18n import number_text, text
from network_map.indices.answer import IndexAnswer
from network_map.indices.query import ACCESS_KINDS, IndexPicture, IndexQuery
from network_map.indices.tables import Cluster, ClusterReason
from network_map.maps.classes import class_breaks, class_of
from network_map.maps.spec import AreaLayer, ClassEntry, MapSpec
from network_map.maps.symbols import ZERO_COLOUR, class_colours
from network_map.nodes.dataset import Dataset
from network_map.places.reference import Places
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
    tier = None
    if kind is not None:
        asked = GapQuery(
            language=query.language, prefecture_adcode=query.prefecture_adcode, tier=kind
        )
        tier = tier_layer(dataset, asked)
    return MapSpec(
        language=query.language,
        nodes=None if tier is None else tier.nodes,
        symbols=() if tier is None else tier.symbols,
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
