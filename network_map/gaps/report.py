"""The list of gaps as a bundle: the same object for the page, the command line and ``verify``."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from network_map.activity.tables import BlankState, CentreState, Trend
from network_map.completion.shares import PresenceVerdict
from network_map.completion.summary import presence_verdict_word
from network_map.consortia.answer import DEFAULT_STANDARD_KM
from network_map.consortia.tables import consortium_tables
from network_map.contracts.register.engine import OpenContracts
from network_map.datapackage import read_table
from network_map.export import Bundle
from network_map.gaps.answer import Gaps, gap_answer, scores_of
from network_map.gaps.county_gaps import county_gaps
from network_map.gaps.facts import PLANNED, GapFacts, Register, gap_facts, register_facts
from network_map.gaps.map import Overlays, gap_map
from network_map.gaps.query import GapPicture, GapQuery, ListOdds
from network_map.gaps.reach import gap_costs
from network_map.gaps.tables import GAPS, ReachVerdict, SuggestedAction
from network_map.gaps.weights import COMPONENTS, preset_of
from network_map.i18n import text
from network_map.maps.spec import node_layer
from network_map.nodes.dataset import Dataset, input_hashes, made_by
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
from network_map.terms import DistanceMethod, FitVerdict, ServiceRule

_TABLES = (
    "divisions", "county_seats", "county_indicators", "boundaries_county", "data_sources",
    *ROAD_TABLES,
)  # fmt: skip


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
    is_road = query.method is DistanceMethod.ROAD_NETWORK_KM
    graph = open_roads() if is_road else None
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
    """Return the name of the files of a list without their ending."""
    return f"coverage_gaps_{dataset.name}_{query.area_adcode}"


def gap_bundle(places: Places, dataset: Dataset, facts: GapFacts, *, query: GapQuery) -> Bundle:
    """Return the list of gaps with everything that a file about it must say.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    facts
        What :func:`facts_of` returned for the query.
    query
        What is asked for; the map of the file is coloured by score.
    """
    language = query.language
    asked = replace(
        query, picture=GapPicture.SCORE, tier=GapQuery().tier,
        selected_adcode=None, compared_adcode=None,
    )  # fmt: skip
    answer = gap_answer(places, dataset, facts, scores_of(facts, query), query=asked)
    area = place_names(places.divisions, language)[query.area_adcode]
    title = text("gap.export_title", language, area=area)
    codes = answer.table["adcode"]
    return Bundle(
        table=answer.table,
        declaration=GAPS,
        title=title,
        language=language,
        filters=(*_filters(dataset, facts, asked, area), *_in_effect(answer, language)),
        method_notes=(*answer.notes, *_method_notes(asked)),
        sources=_sources(facts, language),
        dataset_label=dataset_label(dataset.name, language),
        is_demo=dataset.is_demo,
        file_stem=gap_stem(dataset, query),
        words=code_words_of(language),
        created_from={
            **dict(facts.register.created_from or {}),
            **consortium_tables(dataset).input_sha256,
            **input_hashes(dataset, *_TABLES),
        },
        weights=query.weight_of,
        method_versions={"gaps": 2, "presence": 1, "completion": 1, "reach": 2, "activity": 2,
                         "consortium_fit": 1},
        recipe=made_by(
            dataset, "gaps", {**recipe_parameters(asked), "register": facts.register.register_id},
            language=language,
        ),
        layer_name="gaps",
        shapes=partial(area_shapes, codes),
        layers=partial(
            network_layers, places, dataset,
            prefecture_adcode=query.prefecture_adcode, language=language,
        ),
        map_document=partial(_document, places, dataset, facts, query, title),
    )  # fmt: skip


def code_words_of(language: str) -> dict[str, dict[str, str]]:
    """Return the word for each code of each column of ``gaps``."""
    lists: dict[str, dict[str, str]] = {
        "verdict": {c.value: text(f"gap.verdict.{c.value}", language) for c in ReachVerdict},
        "method": {
            c.value: text(f"term.distance_method.{c.value}", language) for c in DistanceMethod
        },
        "rule": {c.value: text(f"term.service_rule.{c.value}", language) for c in ServiceRule},
        "presence": {
            **{c.value: presence_verdict_word(c, language) for c in PresenceVerdict},
            PLANNED: text("gap.planned", language),
        },
    }
    own = {
        "largest_part": {c: text(f"gap.component.{c}", language) for c in COMPONENTS},
        "suggested_action": {
            c.value: text(f"gap.action.{c.value}", language) for c in SuggestedAction
        },
        **{
            f"{side}_trend": {c.value: text(f"activity.trend.{c.value}", language) for c in Trend}
            for side in ("output", "absorption")
        },
        "blank_state": {c.value: text(f"activity.blank.{c.value}", language) for c in BlankState},
        "centre_state": {
            c.value: text(f"activity.centre.{c.value}", language) for c in CentreState
        },
        "consortium_verdict": {
            c.value: text(f"term.fit_verdict.{c.value}", language) for c in FitVerdict
        },
    }
    by_ending = {
        column.name: lists[column.name.rsplit("_", 1)[-1]]
        for column in GAPS.columns
        if column.codes and column.name not in own
    }
    return {**by_ending, **own}


def _document(
    places: Places, dataset: Dataset, facts: GapFacts, query: GapQuery, title: str
) -> str:
    from network_map.maps.standalone import map_document  # noqa: PLC0415 (folium: 0.3 s)

    table = county_gaps(places, dataset, facts, scores_of(facts, query), query=query)
    overlays = Overlays(nodes=node_layer(dataset.nodes, dataset.node_kinds))
    return map_document(gap_map(places, dataset, table, overlays, query=query), title=title)


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


def _in_effect(answer: Gaps, language: str) -> tuple[tuple[str, str], ...]:
    """Return what the components make of the differences, nothing where there is no order."""
    if not answer.weights_in_effect:
        return ()
    label = text("gap.filter.weights_in_effect", language)
    return ((label, parts_text(answer.weights_in_effect, language)),)


def _filters(
    dataset: Dataset, facts: GapFacts, query: GapQuery, area: str
) -> tuple[tuple[str, str], ...]:
    language = query.language
    kinds = kind_names(dataset.node_kinds, language, short=True)
    km = text("unit.km", language)
    and_ = "、" if language == "zh" else ", "
    standards = and_.join(f"{kinds[s.kind]} {s.standard_km:g} {km}" for s in query.services)
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
    return (
        (text("filter.prefecture", language), area),
        (text("gap.filter.standards", language), standards),
        (text("gap.filter.rules", language), rules),
        (text("gap.filter.method", language),
         text(f"term.distance_method.{query.method.value}", language)),
        (text("gap.filter.weights", language), weights_text(query.weights, language)),
        (text("gap.filter.years", language),
         text(years, language, years=query.years, as_of=as_of)),
        (text("gap.filter.seed", language), str(query.seed)),
        (text("gap.filter.lists", language), and_.join(text(key, language) for key in lists)),
    )  # fmt: skip


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
