"""The gap map of a query: fills and their legend, symbols, and the layers over them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from network_map.consortia.answer import member_symbols
from network_map.gaps.overlays import Overlays
from network_map.gaps.query import GapOverlay, GapQuery, GapView
from network_map.gaps.tables import TIERS, ReachVerdict
from network_map.gaps.views import (
    LegendClass,
    fill_classes,
    fill_widths,
    filtered_rows,
    legend,
)
from network_map.i18n import number_text, text
from network_map.maps.spec import (
    INVENTED_ORIGINS,
    NEED,
    AreaLayer,
    ClassEntry,
    ClassGrid,
    HierarchyLine,
    MapSpec,
    NodeSymbol,
    UnplacedNode,
)
from network_map.nodes.dataset import Dataset
from network_map.places.reference import kind_names
from network_map.terms import (
    AdminLevel,
    Certainty,
    ConsortiumRole,
    FitVerdict,
    GapType,
    MapGap,
    NodePresence,
)

COLOURS: Mapping[GapView, Mapping[str, str]] = {
    GapView.GAP_TYPE: {
        MapGap.ACTIVE_OUT_OF_REACH: NEED[4],
        MapGap.OUT_OF_REACH: "#b8502a",
        MapGap.NO_CENTRE: "#7666b0",
        MapGap.CENTRE_PLANNED: "#9d93cf",
        MapGap.IDLE_NODE: "#5db5ae",
        MapGap.NO_CONSORTIUM: "#e6c46e",
        MapGap.NONE: NEED[0],
    },
    GapView.NETWORK: {
        NodePresence.PRESENT: "#2f5f86",
        NodePresence.PLANNED: "#9dbad0",
        NodePresence.ABSENT: NEED[1],
    },
    GapView.COUNTY_CENTRE: {
        NodePresence.ABSENT: NEED[4],
        NodePresence.PLANNED: NEED[2],
        NodePresence.PRESENT: NEED[0],
    },
    GapView.INDUSTRY_CONSORTIUM: {
        FitVerdict.GAP: NEED[4],
        FitVerdict.UNCERTAIN: NEED[2],
        FitVerdict.COVERED: NEED[1],
        FitVerdict.NOT_CONCERNED: NEED[0],
    },
    # Worse to the darker: far is terracotta, active teal, both together the darkest.
    GapView.CONTRACT_COVERAGE: {
        "far_high": "#4a1f1f", "far_middle": "#a4553a", "far_low": "#d49763",
        "middle_high": "#275a60", "middle_middle": "#8d8a72", "middle_low": "#ecd2aa",
        "near_high": "#4a9196", "near_middle": "#8ac2b4", "near_low": NEED[0],
    },
    GapView.PRIORITY: {f"score_{n + 1}": colour for n, colour in enumerate(NEED)},
    **{
        GapView(kind): {
            ReachVerdict.CERTAIN_GAP: NEED[4],
            ReachVerdict.GAP: NEED[4],
            ReachVerdict.POSSIBLE: NEED[2],
            ReachVerdict.UNCERTAIN: NEED[2],
            ReachVerdict.CERTAIN_COVERED: NEED[0],
            ReachVerdict.COVERED: NEED[0],
        }
        for kind in TIERS
    },
}  # fmt: skip
"""Fill of each class of each view; what is not known has none and is hatched."""
_NOMINAL = frozenset({GapView.GAP_TYPE, GapView.NETWORK, *map(GapView, TIERS)})
_WITH_RULE = frozenset({GapView.GAP_TYPE, GapView.SUB_MARKET, GapView.DEMONSTRATION_COUNTY})
_TICKS = ("≤1", "≤1.5", ">1.5")
_FADES = (1 / 3, 2 / 3)
NEXT_COLOURS = {"gained": "#2c7a62", "left": NEED[3], "other": NEED[0]}
"""Fills of the counties that one more node brings within the standard, leaves out, or had."""


def gap_map(
    dataset: Dataset,
    areas: AreaLayer,
    overlays: Overlays,
    symbols: Sequence[NodeSymbol],
    *,
    query: GapQuery,
) -> MapSpec:
    """Return the map of a view, without a selected county.

    Parameters
    ----------
    dataset
        The open data set.
    areas
        What fills the counties.
    overlays
        What the query's layers draw over them.
    symbols
        What :func:`network_symbols` returned; those of layers that are not drawn are known only.
    query
        What is asked for.
    """
    return MapSpec(
        language=query.language,
        selected_adcode=None,
        nodes=overlays.nodes,
        symbols=tuple(
            replace(one, is_visible=_layer_of(one.kind) in query.layers) for one in symbols
        ),
        areas=areas,
        prefecture_adcode=query.prefecture_adcode,
        unplaced=_unplaced(dataset, query),
        source_line=text("map.source_line", query.language),
        lines=overlays.links,
        hierarchy=overlays.hierarchy,
        flows=overlays.flows,
        circles=overlays.circles,
        watermark=text("gap.watermark", query.language) if dataset.is_demo else "",
        is_bare=True,
    )


def with_selection(
    drawn: MapSpec, query: GapQuery, lines: Mapping[str, tuple[HierarchyLine, ...]]
) -> MapSpec:
    """Return a map with the query's counties outlined and the lines to the nodes that serve one.

    Parameters
    ----------
    drawn
        The map of the query without a selected county.
    query
        Names the counties.
    lines
        What :func:`~network_map.gaps.overlays.lines_to_nodes` returned.
    """
    return replace(
        drawn,
        selected_adcode=query.selected_adcode,
        compared_adcode=query.compared_adcode,
        lines=(*drawn.lines, *lines.get(query.selected_adcode or "", ())),
    )


def gap_areas(table: pd.DataFrame, query: GapQuery) -> AreaLayer:
    """Return the counties of a view by class; those that the list leaves out are plain.

    Parameters
    ----------
    table
        Table ``county_gaps`` of the whole province.
    query
        Its view and filters.
    """
    view, language = query.view, query.language
    colours = {str(code): colour for code, colour in COLOURS[view].items()}
    rows = filtered_rows(table, query)
    entries = legend(filtered_rows(table, replace(query, gap_filter=())), query)
    known = [
        entry
        for entry in entries
        if entry.code in colours
        and (view not in _NOMINAL or entry.county_count or _not_public(table, entry, language))
    ]
    number = {entry.code: place for place, entry in enumerate(known)}
    fills = dict(zip(rows["adcode"], fill_classes(rows, query), strict=True))
    labels = {entry.code: entry.label for entry in legend(table, query)}
    missing = [entry for entry in entries if entry.code not in colours]
    values = _values(table, query)
    is_filter = view is GapView.GAP_TYPE
    return AreaLayer(
        level=AdminLevel.COUNTY,
        title=text(f"gap.view.{view.value}", language),
        unit="",
        source=text(f"gap.rule.{view.value}", language) if view in _WITH_RULE else "",
        classes=tuple(
            ClassEntry(
                entry.label,
                colours[entry.code],
                entry.county_count,
                _not_public(table, entry, language),
            )
            for entry in known
        ),
        class_of={code: number[fill] for code, fill in fills.items() if fill in number},
        value_text={
            code: " · ".join(filter(None, (labels.get(fill, ""), values.get(code, ""))))
            for code, fill in zip(table["adcode"], fill_classes(table, query), strict=True)
        },
        missing_label=missing[0].label if missing else text("gap.map_gap.unknown", language),
        missing_count=sum(entry.county_count for entry in missing),
        is_categorical=True,
        codes=(*(entry.code for entry in known), *(entry.code for entry in missing[:1]))
        if is_filter
        else (),
        filters=tuple(gap.value for gap in query.gap_filter) if is_filter else (),
        faded=_faded(rows, query),
        unlisted=frozenset(set(table["adcode"]) - set(rows["adcode"])),
        grid=_grid(number, language) if view is GapView.CONTRACT_COVERAGE else None,
    )


def next_areas(table: pd.DataFrame, counties: pd.DataFrame | None, query: GapQuery) -> AreaLayer:
    """Return the counties by what one more node in the chosen place would do for them.

    Parameters
    ----------
    table
        Table ``county_gaps`` of the whole province.
    counties
        Table ``next_node_counties`` of the place; None where none is chosen.
    query
        Its kind of node and language.
    """
    language, kind = query.language, query.next_kind.value
    share = pd.Series(0.0, index=table["adcode"])
    if counties is not None:
        share.update(counties.set_index("adcode")["relieved_percent"] / 100)
    is_gap = table[f"{kind}_gap_percent"].fillna(0).to_numpy() > 0
    classes = pd.Series(2, index=table["adcode"]).mask(is_gap, 1).mask(share > 0, 0)
    labels = [text(f"gap.next.{name}", language) for name in NEXT_COLOURS]
    counts = classes.value_counts()
    return AreaLayer(
        level=AdminLevel.COUNTY,
        title=text("gap.next.title", language),
        unit="",
        source="",
        classes=tuple(
            ClassEntry(label, colour, int(counts.get(number, 0)))
            for number, (label, colour) in enumerate(
                zip(labels, NEXT_COLOURS.values(), strict=True)
            )
        ),
        class_of={str(code): int(number) for code, number in classes.items()},
        value_text={
            str(code): text("gap.next.share", language, percent=f"{100 * found:.0f}")
            for code, found in share.items()
            if found > 0
        },
        missing_label="",
        missing_count=0,
        is_categorical=True,
        faded={
            str(code): 1
            for code, found, percent in zip(
                share.index, share, table[f"{kind}_gap_percent"], strict=True
            )
            if 0 < found < 1 or (found == 0 and 0 < percent < 100)  # noqa: PLR2004 (percent)
        },
    )


def _not_public(table: pd.DataFrame, entry: LegendClass, language: str) -> str:
    """Return the word for a class without a county that a list which is not public could fill."""
    column = f"{entry.code}_certainty"
    if entry.county_count or column not in table:
        return ""
    is_open = table[column].isin([Certainty.POSSIBLE.value, Certainty.UNKNOWN.value]).any()
    return text("gap.presence.unknown", language) if is_open else ""


def _grid(number: Mapping[str, int], language: str) -> ClassGrid:
    """Return the legend of distance against contracts: far to the right, active upwards."""
    order = [f"{far}_{active}" for active in ("high", "middle", "low") for far in
             ("near", "middle", "far")]  # fmt: skip
    up, side, corners = (text(f"gap.grid.{name}", language) for name in ("up", "side", "corners"))
    return ClassGrid(3, tuple(number[code] for code in order), up, side, _TICKS, corners)


def _faded(rows: pd.DataFrame, query: GapQuery) -> dict[str, int]:
    """Return how far each fill goes towards the grey of what is not known."""
    widths = fill_widths(rows, query)
    levels = (widths >= _FADES[0]).astype("int64") + (widths >= _FADES[1]).astype("int64")
    return {code: level for code, level in zip(rows["adcode"], levels, strict=True) if level}


def _values(table: pd.DataFrame, query: GapQuery) -> dict[str, str]:
    """Return the number of each county that its fill is about."""
    view, language = query.view, query.language
    if view is GapView.PRIORITY:
        column, key, digits = "score", "gap.tip.score", 1
    elif view is GapView.INDUSTRY_CONSORTIUM:
        column, key, digits = "member_km", "gap.tip.km", 0
    elif view is GapView.CONTRACT_COVERAGE:
        column, key, digits = "absorption_per_10k", "gap.tip.rate", 2
    elif view is GapView.COUNTY_CENTRE or view is GapView.NETWORK:
        return {}
    else:
        kind = view.value if view in TIERS else TIERS[0]
        column, key, digits = f"{kind}_km", f"gap.tip.{kind}", 0
    unit = text(f"unit.{query.unit.value}", language)
    return {
        code: text(key, language, value=number_text(float(value), digits), unit=unit)
        for code, value in zip(table["adcode"], table[column], strict=True)
        if pd.notna(value)
    }


def _layer_of(kind: str) -> str:
    """Return the layer that draws a kind: leads and members are one."""
    return GapOverlay.CONSORTIA.value if kind in set(ConsortiumRole) else kind


def network_symbols(
    dataset: Dataset, members: pd.DataFrame, *, language: str, prefecture_adcode: str | None
) -> tuple[NodeSymbol, ...]:
    """Return the legend rows of all kinds of node, leads and members last, counted in an area.

    Parameters
    ----------
    dataset
        The open data set.
    members
        What :func:`~network_map.gaps.overlays.network_members` returned.
    language, prefecture_adcode
        As in every query.
    """
    if prefecture_adcode is not None:
        members = members[members["prefecture_adcode"] == prefecture_adcode]
    kinds = node_symbols(dataset, (), language=language, prefecture_adcode=prefecture_adcode)
    return (*kinds, *member_symbols(members, language))


def _unplaced(dataset: Dataset, query: GapQuery) -> tuple[UnplacedNode, ...]:
    has_none = dataset.nodes["lon"].isna()
    if not has_none.any():
        return ()
    nodes = dataset.nodes[has_none & dataset.nodes["kind"].isin(query.layers)]
    if query.prefecture_adcode is not None:
        nodes = nodes[nodes["prefecture_adcode"] == query.prefecture_adcode]
    reason = text("overview.unplaced_reason", query.language)
    return tuple(
        UnplacedNode(str(kind), str(name), reason)
        for kind, name in zip(nodes["kind"], nodes["node_name"], strict=True)
    )


def node_symbols(
    dataset: Dataset,
    drawn: Collection[str],
    *,
    language: str,
    prefecture_adcode: str | None,
) -> tuple[NodeSymbol, ...]:
    """Return the kinds of the data set, counted in an area; only some of them are drawn.

    Parameters
    ----------
    dataset
        The open data set.
    drawn
        The kinds that are drawn; the map knows the others by their symbol.
    language, prefecture_adcode
        As in every query.
    """
    names = kind_names(dataset.node_kinds, language, short=True)
    nodes = dataset.nodes
    if prefecture_adcode is not None:
        nodes = nodes[nodes["prefecture_adcode"] == prefecture_adcode]
    is_invented = nodes["origin"].isin(list(INVENTED_ORIGINS))
    counts, assumed = nodes["kind"].value_counts(), nodes.loc[is_invented, "kind"].value_counts()
    kinds = dataset.node_kinds
    return tuple(
        NodeSymbol(
            kind=str(kind),
            label=names[str(kind)],
            symbol=str(symbol),
            colour=str(colour),
            count=int(counts.get(kind, 0)),
            assumed_count=int(assumed.get(kind, 0)),
            is_visible=kind in drawn,
        )
        for kind, symbol, colour in zip(
            kinds["kind"], kinds["symbol"], kinds["colour"], strict=True
        )
    )


def gap_chips(row: pd.Series, language: str) -> list[tuple[str, str, str]]:
    """Return code, word and certainty of each type of gap that a county has or may have."""
    return [
        (gap.value, text(f"gap.map_gap.{gap.value}", language), str(certainty))
        for gap in GapType
        if (certainty := row[f"{gap.value}_certainty"]) in ("certain", "possible")
    ]
