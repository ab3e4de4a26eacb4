"""The list of gaps as a bundle: the same object for the page, the command line and ``verify``."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any

import pandas as pd

from network_map.activity.tables import CentreState
from network_map.consortia.answer import DEFAULT_STANDARD_KM
from network_map.consortia.tables import consortium_tables
from network_map.contracts.register.engine import OpenContracts
from network_map.datapackage import read_table
from network_map.errors import QueryError
from network_map.export import Bundle, Front
from network_map.export.bundle import column_heading
from network_map.gaps.answer import further_notes, list_notes, scores_of
from network_map.gaps.county_gaps import county_gaps
from network_map.gaps.facts import GapFacts, Register, gap_facts, register_facts, travel_notes
from network_map.gaps.next_node import next_node
from network_map.gaps.priority import effective_weights
from network_map.gaps.query import GapQuery, ListOdds, NextKind
from network_map.gaps.ranked_list import gain_text
from network_map.gaps.reach import gap_costs
from network_map.gaps.tables import (
    COUNTY_GAPS,
    NEXT_NODE_COUNTIES,
    NEXT_NODE_GAINS,
    PREFECTURE_GAPS,
    TIERS,
    ReachVerdict,
)
from network_map.gaps.views import prefecture_rows, shown_rows, view_finding
from network_map.gaps.weights import COMPONENTS, preset_of
from network_map.i18n import number_text, text
from network_map.maps.spec import INVENTED_ORIGINS
from network_map.nodes.dataset import Dataset, input_hashes, made_by, own_figure_lines
from network_map.nodes.layers import area_shapes, network_layers
from network_map.places.reference import (
    Places,
    dataset_label,
    kind_names,
    place_names,
    source_lines,
)
from network_map.places.tables import DATA_SOURCES
from network_map.query import recipe_parameters
from network_map.reach.roads import ROAD_TABLES, ROADS_SOURCE, open_roads
from network_map.reach.tables import in_unit
from network_map.tables import Table
from network_map.terms import (
    AdminLevel,
    Certainty,
    DistanceMethod,
    FitVerdict,
    GapType,
    MapGap,
    NodePresence,
    Origin,
)

_TABLES = (
    "divisions", "county_seats", "county_indicators", "boundaries_county", "data_sources",
    *ROAD_TABLES,
)  # fmt: skip
METHOD_VERSIONS: Mapping[str, int] = MappingProxyType(
    {"gaps": 3, "presence": 1, "completion": 1, "reach": 2, "activity": 2, "consortium_fit": 1}
)
"""Version of each method behind the figures."""


_ALWAYS_KM = ("member_km",)
"""How far members are is said in kilometres, whatever the nodes are judged by."""


def travel_input(facts: GapFacts) -> dict[str, str]:
    """Return the SHA-256 of the file that driving times came from, by what it is."""
    travel = facts.cost.travel
    return {} if travel is None else {travel.method.value: travel.input_sha256}


def facts_of(places: Places, dataset: Dataset, register: Register, *, query: GapQuery) -> GapFacts:
    """Return the facts of a query, the road network read for them.

    Parameters
    ----------
    places, dataset, register, query
        As for :func:`~network_map.gaps.facts.gap_facts`.

    Raises
    ------
    QueryError, MissingFileError, DamagedFileError
        As there, and if the road network cannot be read.
    """
    is_straight = query.method is DistanceMethod.GEODESIC_X_CIRCUITY
    graph = None if is_straight else open_roads()
    cost = gap_costs(places, dataset, graph, method=query.method)
    return gap_facts(places, dataset, register, cost, query=query)


def gap_report(
    places: Places, dataset: Dataset, contracts: OpenContracts | None, *, query: GapQuery
) -> Bundle:
    """Return the list of gaps of a query, ready for a file, everything for it made anew.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    contracts
        Its contract register, None where there is none.
    query
        What is asked for.

    Raises
    ------
    QueryError, MissingFileError, DamagedFileError, WorkspaceError
        If a setting cannot be used, or the road network or the register cannot be read.
    """
    facts = facts_of(places, dataset, register_facts(contracts), query=query)
    return gap_bundle(places, dataset, facts, query=query)


def gap_stem(dataset: Dataset, query: GapQuery) -> str:
    """Return the name of the files of a list without their ending: view, standard and day."""
    shown = query.view.value
    if query.next_kind is not NextKind.NONE:
        shown = f"next_{query.next_kind.value}"
    elif query.level is AdminLevel.PREFECTURE:
        shown = "prefectures"
    tier = query.next_kind.value if query.next_kind is not NextKind.NONE else query.view.value
    wanted = [tier] if tier in TIERS else TIERS
    standards = {service.kind: service.standard_km for service in query.services}
    km = "-".join(f"{standards[kind]:g}" for kind in wanted)
    parts = [
        "gaps",
        dataset.name,
        query.area_adcode,
        shown,
        f"{km}{query.unit.value}",
        query.made_on,
    ]
    return "_".join(part for part in parts if part)


def gap_bundle(places: Places, dataset: Dataset, facts: GapFacts, *, query: GapQuery) -> Bundle:
    """Return the list that a query shows with everything that a file about it must say.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    facts
        What :func:`facts_of` returned for the query.
    query
        What is asked for: counties or prefectures as its view ranks them, or the places that may
        take one more node.

    Raises
    ------
    QueryError
        If the next node is asked for and a list has no published total to be drawn from.
    """
    language = query.language
    asked = replace(query, selected_adcode=None, compared_adcode=None)
    scores = scores_of(facts, query)
    counties = county_gaps(places, dataset, facts, scores, query=asked)
    shown = shown_rows(counties, asked)
    listed = _listed(places, dataset, facts, counties, query=asked)
    area = place_names(places.divisions, language)[query.area_adcode]
    what = "export_next" if query.next_kind is not NextKind.NONE else "export_view"
    title = text(
        f"gap.{what}", language, area=area, view=text(f"gap.view.{query.view.value}", language),
        kind=kind_names(dataset.node_kinds, language).get(query.next_kind.value, ""),
    )  # fmt: skip
    label = dataset_label(dataset.name, language)
    rests_on = tuple(filter(None, (query.made_on, label, _standards_text(dataset, asked))))
    words = _words(dataset, language)
    rows, declaration = in_unit(listed.rows, listed.declaration, query.unit, but=_ALWAYS_KM)
    if listed.declaration is COUNTY_GAPS:
        kinds = kind_names(dataset.node_kinds, language, short=True)
        front = meeting_front(shown, kinds, rests_on, query=asked)
    else:
        of_prefectures = listed.declaration is PREFECTURE_GAPS
        headline = _headline(shown, asked) if of_prefectures else title
        front = _short_front(_Listed(rows, declaration), (headline, *rests_on), words, language)
    return Bundle(
        table=rows,
        declaration=declaration,
        title=title,
        language=language,
        filters=(*_filters(dataset, facts, asked, area), *_in_effect(scores, language)),
        method_notes=(
            *list_notes(dataset, facts, language).values(),
            *further_notes(facts, language, has_order=bool(scores["rank"].notna().any())),
            *travel_notes(facts, kind_names(dataset.node_kinds, language, short=True), language),
            *_method_notes(asked),
        ),
        sources=(*own_figure_lines(dataset, language), *_sources(facts, language)),
        dataset_label=label,
        is_demo=dataset.is_demo,
        file_stem=gap_stem(dataset, query),
        words=words,
        created_from={
            **dict(facts.register.created_from or {}),
            **consortium_tables(dataset).input_sha256,
            **input_hashes(dataset, *_TABLES),
            **travel_input(facts),
        },
        weights=query.weight_of,
        method_versions=METHOD_VERSIONS,
        recipe=made_by(
            dataset, "gaps", {**recipe_parameters(asked), "register": facts.register.register_id},
            language=language,
        ),
        layer_name="gaps",
        shapes=partial(area_shapes, listed.rows[listed.declaration.key[0]]),
        layers=partial(
            network_layers, places, dataset,
            prefecture_adcode=query.prefecture_adcode, language=language,
        ),
        map_document=partial(_document, places, dataset, facts, asked, title),
        front=front,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Listed:
    rows: pd.DataFrame
    declaration: Table


def _listed(
    places: Places, dataset: Dataset, facts: GapFacts, counties: pd.DataFrame, *, query: GapQuery
) -> _Listed:
    """Return the rows of a file: places for the next node, prefectures, or counties."""
    if query.next_kind is not NextKind.NONE:
        found = next_node(places, dataset, facts, query=query)
        if found is None:
            kind = kind_names(dataset.node_kinds, query.language)[query.next_kind.value]
            raise QueryError("gap_next_unknown", kind=kind)
        if found.counties is not None:
            return _Listed(found.counties, NEXT_NODE_COUNTIES)
        return _Listed(found.gains, NEXT_NODE_GAINS)
    if query.level is AdminLevel.PREFECTURE:
        return _Listed(prefecture_rows(counties, query), PREFECTURE_GAPS)
    return _Listed(shown_rows(counties, query), COUNTY_GAPS)


def _words(dataset: Dataset, language: str) -> dict[str, dict[str, str]]:
    """Return the word for each code of the columns of the lists."""
    kinds = kind_names(dataset.node_kinds, language)
    prefixes = {
        "verdict": ("gap.verdict", ReachVerdict),
        "certainty": ("gap.certainty", Certainty),
        "presence": ("gap.presence", NodePresence),
        "origin": ("term.origin", Origin),
        "gap": ("gap.map_gap", MapGap),
    }
    words = {
        ending: {code.value: text(f"{prefix}.{code.value}", language) for code in codes}
        for ending, (prefix, codes) in prefixes.items()
    }
    found = {
        column.name: words[column.name.rsplit("_", 1)[-1]]
        for table in (COUNTY_GAPS, PREFECTURE_GAPS)
        for column in table.columns
        if column.codes and column.name not in {"consortium_verdict", "centre_state"}
    }
    named = {f"{kind}_node_kind": kinds for kind in TIERS}
    own = {
        "consortium_verdict": {c.value: text(f"term.fit_verdict.{c.value}", language)
                               for c in FitVerdict},
        "centre_state": {c.value: text(f"activity.centre.{c.value}", language)
                         for c in CentreState},
    }  # fmt: skip
    return {**found, **named, **own}


# --- the sheet for a meeting ----------------------------------------------------------------------

MEETING_ROWS = 20
"""Counties on the sheet for a meeting: what fits one page."""
_LONGEST_REASON = {"zh": 60, "en": 120}
_MEETING_WIDTHS = (6, 16, 15, 18, 22, 10, 48, 28)
_SURE = (ReachVerdict.GAP.value, ReachVerdict.COVERED.value, ReachVerdict.UNCERTAIN.value)


def meeting_front(
    rows: pd.DataFrame, kinds: Mapping[str, str], rests_on: Sequence[str], *, query: GapQuery
) -> Front:
    """Return the sheet for a meeting: the headline and the first counties in eight columns.

    Parameters
    ----------
    rows
        What :func:`~network_map.gaps.views.shown_rows` returned for the query.
    kinds
        Short names of the kinds in its language.
    rests_on
        Day, data set and standards.
    query
        What is asked for.
    """
    language = query.language
    names = ("order", "county", "prefecture", "gap", "distance", "residents", "reason", "action")
    listed, unit = rows.to_dict("records"), text(f"unit.{query.unit.value}", language)
    return Front(
        lines=(_headline(rows, query), text("gap.meeting.between", language).join(rests_on)),
        headings=tuple(text(f"gap.meeting.{name}", language, unit=unit) for name in names),
        rows=tuple(
            (
                number, row["county_name"], row["prefecture_name"], _types_text(row, language),
                _distance_text(row, kinds, query), int(row["residents"]),
                _short_reason(row["reason"], language), row["suggestion"],
            )
            for number, row in enumerate(listed, start=1)
        ),
        widths=_MEETING_WIDTHS, most_rows=MEETING_ROWS,
    )  # fmt: skip


def _headline(rows: pd.DataFrame, query: GapQuery) -> str:
    return "".join(part.text for part in view_finding(rows, query))


_SHORT_COLUMNS: Mapping[str, Mapping[str, int]] = MappingProxyType({
    PREFECTURE_GAPS.name: {
        "prefecture_name": 22, "sub_market_presence": 14, "active_out_of_reach_count": 18,
        "out_of_reach_count": 18, "gap_residents": 20, "farthest_county_name": 24,
        "farthest_km": 18, "farthest_min": 18,
    },
    NEXT_NODE_GAINS.name: {
        "site_name": 24, "prefecture_name": 20, "gained_counties": 24, "gained_residents": 34,
        "gained_value_10k_yuan": 34, "worse_counties": 18,
    },
    NEXT_NODE_COUNTIES.name: {
        "county_name": 28, "prefecture_name": 28, "residents": 24, "relieved_percent": 28,
        "worse_percent": 28,
    },
})  # fmt: skip
"""Columns that the other lists show to a meeting, with their widths in characters."""


def _short_front(
    listed: _Listed, lines: Sequence[str], words: Mapping[str, Mapping[str, str]], language: str
) -> Front:
    """Return the sheet for a meeting of prefectures, or of what one more node would bring."""
    wanted = _SHORT_COLUMNS[listed.declaration.name]
    columns = [column for column in listed.declaration.columns if column.name in wanted]
    headline, *rests_on = lines
    return Front(
        lines=(headline, text("gap.meeting.between", language).join(rests_on)),
        headings=(text("gap.meeting.order", language),
                  *(column_heading(column, language) for column in columns)),
        rows=tuple(
            (number, *(_short_cell(row, column.name, words, language) for column in columns))
            for number, row in enumerate(listed.rows.to_dict("records"), start=1)
        ),
        widths=(6, *(wanted[column.name] for column in columns)), most_rows=MEETING_ROWS,
    )  # fmt: skip


def _short_cell(
    row: Mapping[Hashable, Any], name: str, words: Mapping[str, Mapping[str, str]], language: str
) -> str | int:
    value = row[name]
    if pd.isna(value):
        return text("gap.presence.unknown", language)
    if f"{name}_low" in row:
        digits = 1 if name == "gained_counties" else 0
        return gain_text(value, row[f"{name}_low"], row[f"{name}_high"], digits)
    if isinstance(value, str):
        assumed = row.get(f"{name}_origin") in INVENTED_ORIGINS
        return words.get(name, {}).get(value, value) + (
            text("gap.row.assumed", language) if assumed else ""
        )
    rounded: int = round(value)
    return rounded


def _types_text(row: Mapping[Hashable, Any], language: str) -> str:
    held = [gap.value for gap in GapType if row[f"{gap.value}_share"] == 1]
    if GapType.ACTIVE_OUT_OF_REACH in held:
        held.remove(GapType.OUT_OF_REACH.value)
    words = [text(f"gap.map_gap.{gap}", language) for gap in held or [row["map_gap"]]]
    return (";" if language == "zh" else "; ").join(words)


def _distance_text(row: Mapping[Hashable, Any], kinds: Mapping[str, str], query: GapQuery) -> str:
    """Return how far the tiers of a view are and how far beyond the standard."""
    said = []
    for kind in [query.view.value] if query.view.value in TIERS else TIERS:
        if row[f"{kind}_verdict"] in _SURE and pd.notna(row[f"{kind}_km"]):
            key, km = "km", row[f"{kind}_km"]
        elif row[f"{kind}_verdict"] == ReachVerdict.CERTAIN_GAP:
            key, km = "at_least", row[f"{kind}_low_km"]
        else:
            key, km = "open", row[f"{kind}_gap_percent"]
        values = {"km": number_text(km, 0) if pd.notna(km) else "–",
                  "excess": f"{row[f'{kind}_excess_km']:+,.0f}"}  # fmt: skip
        said.append(text(f"gap.meeting.{key}", query.language, kind=kinds[kind], **values))
    return "\n".join(said)


def _short_reason(reason: str, language: str) -> str:
    """Return the sentences of a reason that fit, the first one cut if it has to be."""
    end, longest = ("。" if language == "zh" else ". "), _LONGEST_REASON[language]
    kept = ""
    for sentence in reason.split(end):
        more = f"{kept}{sentence.removesuffix('.')}{end}" if sentence else kept
        if len(more.strip()) > longest:
            break
        kept = more
    return kept.strip() or f"{reason[: longest - 1]}…"


def _document(
    places: Places, dataset: Dataset, facts: GapFacts, query: GapQuery, title: str
) -> str:
    # Only where the map is asked for: folium alone takes 0.3 s.
    from network_map.gaps.map import (  # noqa: PLC0415
        gap_areas,
        gap_map,
        network_symbols,
        next_areas,
        with_selection,
    )
    from network_map.gaps.overlays import (  # noqa: PLC0415
        lines_to_nodes,
        network_members,
        overlays_of,
    )
    from network_map.maps.payload import map_document  # noqa: PLC0415

    table = county_gaps(places, dataset, facts, scores_of(facts, query), query=query)
    overlays = overlays_of(places, dataset, facts.register.opened, table, query=query)
    areas = gap_areas(table, query)
    if query.next_kind is not NextKind.NONE and query.next_kind.value == query.view.value:
        found = next_node(places, dataset, facts, query=query)
        areas = areas if found is None else next_areas(table, found.counties, query)
    symbols = network_symbols(
        dataset, network_members(places, dataset),
        language=query.language, prefecture_adcode=query.prefecture_adcode,
    )  # fmt: skip
    drawn = gap_map(dataset, areas, overlays, symbols, query=query)
    lines = lines_to_nodes(places, dataset, table)
    return map_document(with_selection(drawn, query, lines), title=title)


def weights_text(weights: tuple[float, ...], language: str) -> str:
    """Return weights for people: the preset's name and the four numbers."""
    numbers = parts_text(dict(zip(COMPONENTS, weights, strict=True)), language)
    preset = preset_of(weights)
    name = text("gap.own_weights" if preset is None else f"gap.preset.{preset}", language)
    return f"{name}({numbers})" if language == "zh" else f"{name} ({numbers})"


def parts_text(parts: Mapping[str, float], language: str) -> str:
    """Return a number for each component, for people."""
    said = (
        f"{text(f'gap.component.{name}', language)} {value:.3g}" for name, value in parts.items()
    )
    return ("、" if language == "zh" else ", ").join(said)


def _in_effect(scores: pd.DataFrame, language: str) -> tuple[tuple[str, str], ...]:
    """Return what the components make of the differences, nothing where there is no order."""
    if scores["rank"].isna().all():
        return ()
    label = text("gap.filter.weights_in_effect", language)
    return ((label, parts_text(effective_weights(scores), language)),)


def _filters(
    dataset: Dataset, facts: GapFacts, query: GapQuery, area: str
) -> tuple[tuple[str, str], ...]:
    language = query.language
    kinds = kind_names(dataset.node_kinds, language, short=True)
    and_ = "、" if language == "zh" else ", "
    rules = and_.join(
        f"{kinds[s.kind]} {text(f'term.service_rule.{s.rule.value}', language)}"
        for s in query.services
    )
    as_of = facts.register.as_of
    years = "gap.filter.years_none" if as_of is None else "gap.filter.years_value"
    lists = ["gap.filter.lists_one" if query.one_per_place else "gap.filter.lists_several"]
    if query.nested:
        lists.append("gap.filter.lists_nested")
    if not query.higher_tier_serves:
        lists.append("gap.filter.own_tier")
    if query.odds is not ListOdds.EVEN:
        lists.append(f"gap.odds.{query.odds.value}")
    none = text("gap.filter.all", language)
    types = and_.join(text(f"gap.map_gap.{gap.value}", language) for gap in query.gap_filter)
    return (
        (text("filter.prefecture", language), area),
        (text("gap.filter.view", language), text(f"gap.view.{query.view.value}", language)),
        (text("gap.filter.types", language), types or none),
        (text("gap.filter.only_gaps", language),
         text(f"export.{str(query.only_gaps).lower()}", language)),
        *([] if query.made_on is None else [(text("gap.filter.made_on", language),
                                             query.made_on)]),
        (text("gap.filter.standards", language), _standards_text(dataset, query)),
        (text("gap.filter.rules", language), rules),
        (text("gap.filter.method", language),
         text(f"term.distance_method.{query.method.value}", language)),
        (text("gap.filter.weights", language), weights_text(query.weights, language)),
        (text("gap.filter.years", language),
         text(years, language, years=query.years, as_of=as_of)),
        (text("gap.filter.seed", language), str(query.seed)),
        (text("gap.filter.lists", language), and_.join(text(key, language) for key in lists)),
    )  # fmt: skip


def _standards_text(dataset: Dataset, query: GapQuery) -> str:
    kinds = kind_names(dataset.node_kinds, query.language, short=True)
    km = text(f"unit.{query.unit.value}", query.language)
    standards = (f"{kinds[s.kind]} {s.standard_km:g} {km}" for s in query.services)
    return ("、" if query.language == "zh" else ", ").join(standards)


def _method_notes(query: GapQuery) -> tuple[str, ...]:
    language = query.language
    method = text(f"term.distance_method.{query.method.value}", language)
    return (
        text("gap.method.score", language),
        text("gap.method.presence", language),
        text("gap.method.reach", language),
        text("gap.method.activity", language),
        text("gap.method.consortium", language, standard=f"{DEFAULT_STANDARD_KM:g}"),
        text("gap.method.verdict", language),
        text("gap.method.distance", language, method=method),
    )


def _sources(facts: GapFacts, language: str) -> tuple[str, ...]:
    shipped = source_lines([ROADS_SOURCE], read_table(DATA_SOURCES), language=language)
    return (
        text("source.network", language),
        text("source.population", language),
        text("source.gdp", language),
        *facts.register.sources,
        *shipped,
        text("map.source_line", language),
    )
