"""The map of coverage gaps: counties by score or by verdict, the colours of the list."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from network_map.gaps.answer import Gaps
from network_map.gaps.query import GapPicture, GapQuery
from network_map.gaps.tables import ReachVerdict
from network_map.i18n import number_text, text
from network_map.maps.spec import (
    AreaLayer,
    ClassEntry,
    MapSpec,
    NodeLayer,
    NodeSymbol,
    class_colours,
    node_layer,
)
from network_map.nodes.dataset import Dataset
from network_map.nodes.overview import kind_counts
from network_map.nodes.query import OverviewQuery
from network_map.places.reference import kind_names
from network_map.terms import AdminLevel

VERDICT_COLOURS: Mapping[ReachVerdict, str] = {
    ReachVerdict.CERTAIN_GAP: "#b5482a",
    ReachVerdict.GAP: "#d1603d",
    ReachVerdict.POSSIBLE: "#f2c45a",
    ReachVerdict.UNCERTAIN: "#f0dca0",
    ReachVerdict.CERTAIN_COVERED: "#5b93b8",
    ReachVerdict.COVERED: "#7fb2d0",
}
"""Fill of each verdict; unknown has none and is hatched."""
SCORE_UPPERS = (20.0, 40.0, 60.0, 80.0, 100.0)
"""Upper ends of the classes of the score: fixed, so that two maps can be compared."""
_SCORE_DIGITS = 2


@dataclass(frozen=True, slots=True)
class TierLayer:
    """The nodes of a kind on the map, and their row of the legend."""

    nodes: NodeLayer
    symbols: tuple[NodeSymbol, ...]


def gap_map(
    dataset: Dataset, answer: Gaps, *, query: GapQuery, tier: TierLayer | None = None
) -> MapSpec:
    """Return the map of a list of gaps.

    Parameters
    ----------
    dataset
        The open data set; its nodes of the chosen kind are drawn.
    answer
        The list; its counties are coloured, others have no data.
    query
        What is asked for.
    tier
        What :func:`tier_layer` returned for the query; None: made here.
    """
    tier = tier or tier_layer(dataset, query)
    score = query.picture is GapPicture.SCORE
    areas = _scores(answer.table, query) if score else _verdicts(dataset, answer.table, query)
    return MapSpec(
        language=query.language,
        nodes=tier.nodes,
        symbols=tier.symbols,
        areas=areas,
        prefecture_adcode=query.prefecture_adcode,
        selected_adcode=query.selected_adcode,
        unplaced=(),
        source_line=text("map.source_line", query.language),
    )


def tier_layer(dataset: Dataset, query: GapQuery) -> TierLayer:
    """Return the nodes of the chosen kind as the browser reads them; no weight changes them.

    Parameters
    ----------
    dataset
        The open data set.
    query
        Its kind, language and prefecture.
    """
    nodes = dataset.nodes[dataset.nodes["kind"] == query.tier]
    return TierLayer(node_layer(nodes, dataset.node_kinds), _symbols(dataset, query))


def _symbols(dataset: Dataset, query: GapQuery) -> tuple[NodeSymbol, ...]:
    kinds = dataset.node_kinds.set_index("kind")
    asked = OverviewQuery(language=query.language, prefecture_adcode=query.prefecture_adcode)
    return tuple(
        NodeSymbol(
            kind=count.kind,
            label=count.label,
            symbol=str(kinds.loc[count.kind, "symbol"]),
            colour=str(kinds.loc[count.kind, "colour"]),
            count=count.named_count,
            assumed_count=count.assumed_count,
            is_visible=True,
        )
        for count in kind_counts(dataset, asked)
        if count.kind == query.tier
    )


def _scores(table: pd.DataFrame, query: GapQuery) -> AreaLayer:
    lows = (0.0, *SCORE_UPPERS[:-1])
    uppers = pd.Series(SCORE_UPPERS)
    unranked_count = int(table["score"].isna().sum())
    table = table[table["score"].notna()]
    classes = uppers.searchsorted(table["score"])
    colours = class_colours(len(SCORE_UPPERS))
    return AreaLayer(
        level=AdminLevel.COUNTY,
        title=text("gap.legend_score", query.language),
        unit="",
        source=text("gap.legend_source", query.language, count=len(table)),
        classes=tuple(
            ClassEntry(f"{low:g} – {high:g}", colours[number], int((classes == number).sum()))
            for number, (low, high) in enumerate(zip(lows, SCORE_UPPERS, strict=True))
        ),
        class_of=dict(zip(table["adcode"], map(int, classes), strict=True)),
        value_text={
            code: number_text(score, _SCORE_DIGITS)
            for code, score in zip(table["adcode"], table["score"], strict=True)
        },
        missing_label=text("gap.no_order", query.language),
        missing_count=unranked_count,
    )


def _verdicts(dataset: Dataset, table: pd.DataFrame, query: GapQuery) -> AreaLayer:
    found = table[f"{query.tier}_verdict"]
    shown = [verdict for verdict in VERDICT_COLOURS if (found == verdict).any()]
    number = {verdict.value: place for place, verdict in enumerate(shown)}
    words = {v.value: text(f"gap.verdict.{v.value}", query.language) for v in ReachVerdict}
    kind = kind_names(dataset.node_kinds, query.language, short=True)[query.tier]
    known = table[found != ReachVerdict.UNKNOWN]
    return AreaLayer(
        level=AdminLevel.COUNTY,
        title=text("gap.legend_verdict", query.language, kind=kind),
        unit="",
        source=text("gap.legend_source", query.language, count=len(table)),
        classes=tuple(
            ClassEntry(words[v.value], VERDICT_COLOURS[v], int((found == v).sum())) for v in shown
        ),
        class_of={
            code: number[verdict]
            for code, verdict in zip(known["adcode"], known[f"{query.tier}_verdict"], strict=True)
        },
        value_text={
            code: words[verdict] for code, verdict in zip(table["adcode"], found, strict=True)
        },
        missing_label=words[ReachVerdict.UNKNOWN.value],
        missing_count=int((found == ReachVerdict.UNKNOWN).sum()),
        is_categorical=True,
    )
