"""What the contract page and its files show of one query: map, answer and bundles.

Areas are in classes with zero and difference told apart; the answer is built from contracts that
are counted already.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from network_map import __version__
from network_map.contracts.by_place import (
    FEN_PER_10K_YUAN,
    FEN_PER_100M_YUAN,
    PlaceTable,
    YearToDate,
    measured,
    place_table,
    series_table,
    year_to_date_sums,
)
from network_map.contracts.counts import Counts, choice_of, counts_of
from network_map.contracts.flows import cut_side, cut_table, flow_layer, flow_table, party_table
from network_map.contracts.query import (
    ContractMeasure,
    ContractPicture,
    ContractQuery,
    ContractSide,
    Span,
    span_name,
    span_of,
)
from network_map.contracts.register.engine import OpenContracts, register_line
from network_map.contracts.tables import (
    CONTRACT_CUTS,
    CONTRACT_FLOWS,
    CONTRACT_PARTIES,
    CONTRACT_SEASON,
    CONTRACT_SERIES,
    CONTRACT_SUBSIDY,
    FLOW_KINDS,
    PARTY_ROWS,
    ROW_KINDS,
)
from network_map.contracts.target import SubsidyEstimate, TargetProgress
from network_map.export import Bundle, Recipe
from network_map.i18n import number_text, text
from network_map.maps.charts import ClassBreaks, class_breaks, class_of
from network_map.maps.spec import (
    MINIMUM_CLASSES,
    ZERO_COLOUR,
    AreaLayer,
    ClassEntry,
    FlowLayer,
    MapSpec,
    class_colours,
    diverging_colours,
)
from network_map.nodes.dataset import REPORT_VERSIONS
from network_map.places.reference import Places, dataset_label, place_names, read_boundaries
from network_map.places.tables import PROVINCE_ADCODE
from network_map.query import recipe_parameters
from network_map.tables import Table
from network_map.terms import AdminLevel, Classifier, KindScheme, Origin

_MONEY = (ContractMeasure.VALUE, ContractMeasure.TECHNOLOGY_VALUE)


def legend_unit(query: ContractQuery) -> tuple[str, float, int]:
    """Return the key of the legend's unit, what values are divided by, and its decimals.

    The unit follows measure and level, not the values: own breaks keep their meaning.
    """
    if query.measure is ContractMeasure.NUMBER:
        return "contracts", 1, 0
    if query.measure not in _MONEY:
        return f"10k_yuan_{query.measure.value}", 1, 2
    if query.level is AdminLevel.PREFECTURE:
        return "100m_yuan", FEN_PER_100M_YUAN, 2
    return "10k_yuan", FEN_PER_10K_YUAN, 1


def unit_name(query: ContractQuery) -> str:
    """Return the unit of the legend for people."""
    return text(f"monitor.unit.{legend_unit(query)[0]}", query.language)


def measure_title(query: ContractQuery) -> str:
    """Return what the map shows: the measure and its side."""
    measure = text(f"monitor.measure.{query.measure.value}", query.language)
    return text(f"monitor.title.{query.side.value}", query.language, measure=measure)


def area_layer_of(
    found: PlaceTable, places: Places, query: ContractQuery, *, source: str
) -> AreaLayer:
    """Return the areas in classes.

    A place without a contract is 0 and has a class of its own; a place without population or GDP
    has no data. Other classes are cut over the positive values. A difference of output and
    absorption is cut by its size, with the same breaks on both sides of zero.

    Parameters
    ----------
    found
        The volumes of the whole province: a prefecture filter must not change a colour.
    places
        The reference tables.
    query
        What is asked; its prefecture decides which areas the legend counts.
    source
        Where the figures come from, for the legend.

    Raises
    ------
    QueryError
        If the classes asked for cannot be made.
    """
    _, divisor, digits = legend_unit(query)
    values = measured(found, places, query) / divisor
    if query.side is ContractSide.BOTH:
        labels, colours, classes = _difference(values, query, digits)
    else:
        labels, colours, classes = _amount(values, query, digits)
    shown = classes[classes.index.isin(_inside(places, query))]
    counts = [int((shown == number).sum()) for number in range(len(labels))]
    note = text("monitor.map.source", query.language, source=source, count=len(shown))
    return AreaLayer(
        level=query.level,
        title=measure_title(query),
        unit=unit_name(query),
        source=note,
        classes=tuple(
            ClassEntry(label, colour, count)
            for label, colour, count in zip(labels, colours, counts, strict=True)
        ),
        class_of={str(adcode): int(number) for adcode, number in classes.dropna().items()},
        value_text={
            str(adcode): number_text(value, digits) for adcode, value in values.dropna().items()
        },
        missing_label=text("overlay.no_data", query.language),
        missing_count=int(shown.isna().sum()),
    )


def map_spec_of(
    query: ContractQuery,
    *,
    areas: AreaLayer | None,
    flows: FlowLayer | None,
    selected_adcode: str | None = None,
) -> MapSpec:
    """Return the map: coloured areas or flows, no nodes."""
    return MapSpec(
        language=query.language,
        nodes=None,
        symbols=(),
        areas=areas,
        prefecture_adcode=query.prefecture_adcode,
        selected_adcode=selected_adcode,
        unplaced=(),
        source_line=text("map.source_line", query.language),
        flows=flows,
    )


def without_place(query: ContractQuery) -> ContractQuery:
    """Return the query for the whole province, by which classes are cut."""
    return replace(query, prefecture_adcode=None)


def _inside(places: Places, query: ContractQuery) -> set[str]:
    divisions = places.divisions[places.divisions["level"] == query.level.value]
    if query.prefecture_adcode is not None:
        name = "adcode" if query.level is AdminLevel.PREFECTURE else "parent_adcode"
        divisions = divisions[divisions[name] == query.prefecture_adcode]
    return set(divisions["adcode"])


def _breaks(values: pd.Series, query: ContractQuery, class_count: int) -> ClassBreaks:
    return class_breaks(
        values, classifier=query.classifier, class_count=class_count, own_breaks=query.own_breaks
    )


def _ranges(breaks: ClassBreaks, digits: int) -> list[str]:
    if not breaks.uppers:
        return []
    lowers = (breaks.lower, *breaks.uppers[:-1])
    return [
        f"{number_text(low, digits)} – {number_text(high, digits)}"
        for low, high in zip(lowers, breaks.uppers, strict=True)
    ]


def _amount(
    values: pd.Series, query: ContractQuery, digits: int
) -> tuple[list[str], list[str], pd.Series]:
    breaks = _breaks(values[values > 0], query, query.class_count)
    classes = class_of(values.where(values > 0), breaks) + 1
    classes = classes.mask(values == 0, 0)
    colours = class_colours(len(breaks.uppers)) if breaks.uppers else ()
    zero = text("monitor.map.zero", query.language)
    return [zero, *_ranges(breaks, digits)], [ZERO_COLOUR, *colours], classes


def _difference(
    values: pd.Series, query: ContractQuery, digits: int
) -> tuple[list[str], list[str], pd.Series]:
    sizes = values.abs()
    is_own = query.classifier is Classifier.OWN_BREAKS
    count = query.class_count if is_own else max(MINIMUM_CLASSES, (query.class_count + 1) // 2)
    breaks = _breaks(sizes[sizes > 0], query, count)
    steps = len(breaks.uppers)
    ranges = _ranges(breaks, digits)
    below, above = diverging_colours(steps) if steps else ((), ())
    labels = [text("monitor.map.below", query.language, range=r) for r in reversed(ranges)]
    labels += [text("monitor.map.zero", query.language)]
    labels += [text("monitor.map.above", query.language, range=r) for r in ranges]
    step = class_of(sizes.where(sizes > 0), breaks)
    sign = pd.Series(np.sign(values), index=values.index)
    classes = steps + (sign * (step.astype("Float64") + 1)).astype("Float64").astype("Int64")
    return labels, [*reversed(below), ZERO_COLOUR, *above], classes.mask(values == 0, steps)


@dataclass(frozen=True, eq=False)
class ContractMonitor:
    """The finished answer.

    Parameters
    ----------
    span, span_text
        The period, and its name.
    places
        The volumes by place.
    series
        Table ``contract_series``.
    year_to_date
        The year to the cut-off date against the year before.
    map_spec
        What the map draws.
    undated
        Contracts that no comparison up to a day can hold.
    """

    span: Span
    span_text: str
    places: PlaceTable
    series: pd.DataFrame
    year_to_date: YearToDate | None
    map_spec: MapSpec
    undated: int


def contract_monitor(
    opened: OpenContracts,
    counts: Counts,
    places: Places,
    flows: pd.DataFrame,
    *,
    query: ContractQuery,
) -> ContractMonitor:
    """Return what the contract page shows.

    Parameters
    ----------
    opened
        The register.
    counts
        The contracts of the query's choice, counted.
    places
        The reference tables.
    flows
        Table ``contract_flows`` of the query.
    query
        What is asked.

    Raises
    ------
    QueryError
        If the classes asked for cannot be made.
    """
    span = span_of(query, opened.as_of)
    found = place_table(counts, places, query, span)
    source = text(
        "monitor.map.register", query.language,
        register=register_line(opened, query.language), span=span_name(span, query.language),
    )  # fmt: skip
    if query.picture is ContractPicture.FLOWS:
        areas, layer = None, flow_layer(flows, places, query, source=source)
    else:
        whole = found
        if query.prefecture_adcode is not None:
            whole = place_table(counts, places, without_place(query), span)
        areas, layer = area_layer_of(whole, places, query, source=source), None
    return ContractMonitor(
        span=span,
        span_text=span_name(span, query.language),
        places=found,
        series=series_table(counts, places, query),
        year_to_date=year_to_date_sums(counts, places, query),
        map_spec=map_spec_of(query, areas=areas, flows=layer),
        undated=counts.undated,
    )


def years_of(counts: Counts) -> tuple[int, ...]:
    """Return the years that contracts were signed in, the latest first."""
    years = counts.months["output"]["signed_year"].dropna().unique()
    return tuple(sorted((int(year) for year in years), reverse=True))


_SHOWN_SOURCES = 20
_CRS = "EPSG:4490"


def place_bundle(opened: OpenContracts, places: Places, query: ContractQuery) -> Bundle:
    """Return the volumes by place that a query asks for, with the areas themselves.

    The page's download and the command line both call this.

    Raises
    ------
    WorkspaceError
        If the engine cannot answer.
    """
    import geopandas as gpd  # noqa: PLC0415 (only where shapes are asked for)

    span = span_of(query, opened.as_of)
    counts = counts_of(opened, choice_of(query))
    found = place_table(counts, places, query, span)
    notes = ["signed", "unplaced", "per_part"]
    if query.side is ContractSide.BOTH:
        notes.append("net")
    if span.is_partial:
        notes.append("partial")
    bundle = _bundle(opened, places, query, span, "places", found.declaration, found.table, notes)
    shapes = read_boundaries(query.level).set_index("adcode")["geometry"]
    table = gpd.GeoDataFrame(
        found.table, geometry=found.table["adcode"].map(shapes).to_numpy(), crs=_CRS
    )
    more = (text("source.population", query.language), text("source.gdp", query.language))
    if span.is_partial:
        undated = text("monitor.note.undated", query.language, count=counts.undated)
        return _with(bundle, table, more, (undated,))
    return _with(bundle, table, more, ())


def places_stem(opened: OpenContracts, query: ContractQuery) -> str:
    """Return the name of the file of volumes by place, without its ending."""
    return _stem(opened, query, span_of(query, opened.as_of), "places")


def cut_bundle(opened: OpenContracts, places: Places, query: ContractQuery) -> Bundle:
    """Return the five cuts of a query.

    Raises
    ------
    WorkspaceError
        If the engine cannot answer.
    """
    span = span_of(query, opened.as_of)
    table = cut_table(opened, places, query, span)
    notes = ["signed", f"cut_{cut_side(query).value}", "four_kinds"]
    return _bundle(opened, places, query, span, "cuts", CONTRACT_CUTS, table, notes)


def flow_bundle(opened: OpenContracts, places: Places, query: ContractQuery) -> Bundle:
    """Return the flows of a query.

    Raises
    ------
    WorkspaceError
        If the engine cannot answer.
    """
    span = span_of(query, opened.as_of)
    table = flow_table(opened, places, query, span)
    return _bundle(opened, places, query, span, "flows", CONTRACT_FLOWS, table, ["signed", "flows"])


def series_bundle(opened: OpenContracts, places: Places, query: ContractQuery) -> Bundle:
    """Return every period of a query.

    Raises
    ------
    WorkspaceError
        If the engine cannot answer.
    """
    span = span_of(query, opened.as_of)
    table = series_table(counts_of(opened, choice_of(query)), places, query)
    notes = ["signed", "series"]
    return _bundle(opened, places, query, span, "series", CONTRACT_SERIES, table, notes)


def season_bundle(
    opened: OpenContracts, places: Places, query: ContractQuery, progress: TargetProgress
) -> Bundle:
    """Return the pace of earlier years that the projection stands on."""
    span = span_of(query, opened.as_of)
    notes = ["signed", "patent", "projection"]
    return _bundle(opened, places, query, span, "season", CONTRACT_SEASON, progress.seasons, notes)


def subsidy_bundle(
    opened: OpenContracts, places: Places, query: ContractQuery, estimate: SubsidyEstimate
) -> Bundle:
    """Return the subsidy estimate of each service body and year."""
    span = span_of(query, opened.as_of)
    return _bundle(
        opened, places, query, span, "subsidy", CONTRACT_SUBSIDY, estimate.table, ["subsidy"]
    )


def party_bundle(opened: OpenContracts, places: Places, query: ContractQuery) -> Bundle:
    """Return how much the largest parties of a query have, without a name.

    Raises
    ------
    WorkspaceError
        If the engine cannot answer.
    """
    span = span_of(query, opened.as_of)
    table = party_table(opened, places, query, span)
    notes = ["signed", f"cut_{cut_side(query).value}", "parties"]
    return _bundle(opened, places, query, span, "parties", CONTRACT_PARTIES, table, notes)


def stem_of(opened: OpenContracts, query: ContractQuery, name: str) -> str:
    """Return the name of a file without its ending, by what it holds (``cuts``, ``flows``)."""
    return _stem(opened, query, span_of(query, opened.as_of), name)


def area_name(places: Places, query: ContractQuery) -> str:
    """Return the shown prefecture, or the province."""
    names = place_names(places.divisions, query.language)
    return names[query.prefecture_adcode or PROVINCE_ADCODE]


def _with(
    bundle: Bundle, table: pd.DataFrame, sources: tuple[str, ...], notes: tuple[str, ...]
) -> Bundle:
    return replace(
        bundle,
        table=table,
        method_notes=(*bundle.method_notes, *notes),
        sources=(*bundle.sources, *sources, text("map.source_line", bundle.language)),
    )


def _bundle(  # noqa: PLR0917 (a file says everything about itself)
    opened: OpenContracts,
    places: Places,
    query: ContractQuery,
    span: Span,
    name: str,
    declaration: Table,
    table: pd.DataFrame,
    notes: list[str],
) -> Bundle:
    language = query.language
    if query.side is not ContractSide.OUTPUT:
        notes = [*notes, "absorption_partial"]
    title = text(
        f"monitor.export.{name}", language,
        area=area_name(places, query), span=span_name(span, language),
    )  # fmt: skip
    return Bundle(
        table=table,
        declaration=declaration,
        title=title,
        language=language,
        filters=filters_of(opened, places, query, span),
        method_notes=tuple(text(f"monitor.note.{note}", language) for note in notes),
        sources=_sources(opened, language),
        dataset_label=dataset_label(opened.name, language),
        is_demo=opened.is_demo,
        file_stem=_stem(opened, query, span, name),
        words=_words(language),
        created_from=dict(opened.created_from),
        recipe=_recipe(opened, query, f"contract_{name}"),
    )


def _recipe(opened: OpenContracts, query: ContractQuery, report: str) -> Recipe:
    """Return how a file is made again: a register says which version of it that needs."""
    return Recipe(
        report=report,
        version=REPORT_VERSIONS[report],
        parameters={**recipe_parameters(query), "register": opened.register_id},
        dataset_name=opened.name,
        dataset_id=opened.register_id,
        language=query.language,
        software=__version__,
    )


def filters_of(
    opened: OpenContracts, places: Places, query: ContractQuery, span: Span
) -> tuple[tuple[str, str], ...]:
    """Return label and value of everything that was chosen."""
    language = query.language
    between = text("node_list.separator", language)
    every = text("monitor.every", language)
    kinds = between.join(text(f"monitor.contract_kind.{kind}", language) for kind in query.kinds)
    fields = between.join(
        text(f"monitor.technology_field.{code}", language) for code in query.fields
    )
    return (
        (text("monitor.filter.register", language), register_line(opened, language)),
        (text("node_list.dataset_id", language), opened.register_id),
        (text("filter.prefecture", language), area_name(places, query)),
        (text("monitor.filter.span", language), span_name(span, language)),
        (text("monitor.filter.measure", language), measure_title(query)),
        (text("monitor.filter.level", language), text(f"term.level.{query.level}", language)),
        (text("monitor.filter.kind", language), kinds or every),
        (text("monitor.filter.field", language), fields or every),
    )


def _sources(opened: OpenContracts, language: str) -> tuple[str, ...]:
    origins = [
        text(f"term.origin.{origin}", language) if origin in set(Origin) else origin
        for origin in opened.origins
    ]
    shown = opened.sources[:_SHOWN_SOURCES]
    more = len(opened.sources) - len(shown)
    lines = [
        text(
            "monitor.source.register", language,
            register=register_line(opened, language),
            origins=text("node_list.separator", language).join(origins) or "–",
        ),
        *shown,
    ]  # fmt: skip
    if more:
        lines.append(text("monitor.source.more", language, count=more))
    return tuple(lines)


def _words(language: str) -> dict[str, dict[str, str]]:
    return {
        "row_kind": {kind: text(f"monitor.row_kind.{kind}", language) for kind in ROW_KINDS},
        "flow_kind": {kind: text(f"monitor.flow_kind.{kind}", language) for kind in FLOW_KINDS},
        "cut": {name: text(f"monitor.cut.{name}", language) for name in _CUT_NAMES},
        "kind_scheme": {
            scheme.value: text(f"monitor.scheme.{scheme.value}", language) for scheme in KindScheme
        },
        "party_row": {row: text(f"monitor.party_row.{row}", language) for row in PARTY_ROWS},
        "side": {side: text(f"monitor.side.{side}", language) for side in ("output", "absorption")},
    }


_CUT_NAMES = ("contract_kind", "technology_field", "seller_kind", "ip_kind", "plan_source")


def _stem(opened: OpenContracts, query: ContractQuery, span: Span, name: str) -> str:
    when = "all" if span.year is None else str(span.year)
    if span.part is not None:
        when += f"{'q' if span.period == 'quarter' else 'm'}{span.part}"
    area = query.prefecture_adcode or PROVINCE_ADCODE
    level = "counties" if query.level is AdminLevel.COUNTY else "prefectures"
    what = f"{level}_{query.side.value}" if name == "places" else f"{name}_{query.side.value}"
    return f"contracts_{what}_{when}_{opened.name}_{area}"
