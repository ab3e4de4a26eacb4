"""The tables of the contract monitor ready for files: filters, method, sources, the demo's mark."""

from dataclasses import replace

import pandas as pd

from network_map.contracts.answer import register_line
from network_map.contracts.by_place import place_table
from network_map.contracts.counts import choice_of, counts_of
from network_map.contracts.cuts import cut_side, cut_table, party_table
from network_map.contracts.flows import flow_table
from network_map.contracts.map import measure_title
from network_map.contracts.query import ContractQuery, ContractSide
from network_map.contracts.register.engine import OpenContracts
from network_map.contracts.series import series_table
from network_map.contracts.span import Span, span_name, span_of
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
from network_map.export import Bundle
from network_map.i18n import text
from network_map.places.reference import Places, dataset_label, place_names, read_boundaries
from network_map.places.tables import PROVINCE_ADCODE
from network_map.tables.columns import Table
from network_map.terms import AdminLevel, KindScheme, Origin

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
