"""The plan as a bundle: the same object for the page, the command line and ``verify``."""

from functools import partial

from network_map.contracts.register.engine import OpenContracts
from network_map.datapackage import read_table
from network_map.export import Bundle, Front
from network_map.gaps.facts import GapFacts, Register, register_facts
from network_map.gaps.report import METHOD_VERSIONS, facts_of, travel_input
from network_map.i18n import number_text, text
from network_map.nodes.dataset import Dataset, input_hashes, made_by
from network_map.nodes.figures import own_figure_lines
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
from network_map.reach.roads import ROAD_TABLES, ROADS_SOURCE
from network_map.siting.answer import SiteAnswer, site_answer
from network_map.siting.map import site_map
from network_map.siting.query import SitingQuery
from network_map.siting.tables import SITE_PLAN

_TABLES = (
    "divisions", "county_seats", "county_indicators", "boundaries_county", "data_sources",
    *ROAD_TABLES,
)  # fmt: skip
_WIDTHS = (6, 16, 14, 10, 12, 10, 44, 44)
_MEETING_ROWS = 20
_PEOPLE = 10_000


def site_facts(
    places: Places, dataset: Dataset, contracts: OpenContracts | None, *, query: SitingQuery
) -> GapFacts:
    """Return the facts that a query stands on; a register is counted only where contracts decide.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    contracts
        Its contract register; None where there is none, or none is needed.
    query
        What is asked for.

    Raises
    ------
    QueryError, MissingFileError, DamagedFileError, WorkspaceError
        If a setting cannot be used, or the road network or the register cannot be read.
    """
    register = register_facts(contracts) if query.needs_register else Register()
    return facts_of(places, dataset, register, query=query.gap_query)


def site_report(
    places: Places, dataset: Dataset, contracts: OpenContracts | None, *, query: SitingQuery
) -> Bundle:
    """Return the plan of a query, ready for a file, everything for it made anew.

    Parameters
    ----------
    places, dataset, contracts, query
        As for :func:`site_facts`.

    Raises
    ------
    QueryError, MissingFileError, DamagedFileError, WorkspaceError
        As there, and if the query cannot be answered.
    """
    facts = site_facts(places, dataset, contracts, query=query)
    return site_bundle(places, dataset, facts, site_answer(places, dataset, facts, query=query))


def site_bundle(places: Places, dataset: Dataset, facts: GapFacts, answer: SiteAnswer) -> Bundle:
    """Return a plan with everything that a file about it must say.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    facts
        What :func:`site_facts` returned for the query.
    answer
        What :func:`~network_map.siting.answer.site_answer` returned for it.
    """
    query, language = answer.query, answer.query.language
    kind = kind_names(dataset.node_kinds, language)[query.kind]
    title = text("siting.title", language, kind=kind)
    label = dataset_label(dataset.name, language)
    return Bundle(
        table=answer.rows,
        declaration=SITE_PLAN,
        title=title,
        language=language,
        filters=plan_filters(places, dataset, query, language=language),
        method_notes=(
            answer.proof, *answer.notes,
            text("siting.method", language),
        ),
        sources=(
            text("source.network", language),
            text("source.population", language),
            *own_figure_lines(dataset, language),
            *facts.register.sources,
            *source_lines([ROADS_SOURCE], read_table(DATA_SOURCES), language=language),
            text("map.source_line", language),
        ),
        dataset_label=label,
        is_demo=dataset.is_demo,
        file_stem=site_stem(dataset, query),
        created_from={
            **dict(facts.register.created_from or {}), **input_hashes(dataset, *_TABLES),
            **travel_input(facts),
        },
        method_versions={**METHOD_VERSIONS, "siting": 1},
        recipe=made_by(
            dataset, "site_plan",
            {**recipe_parameters(query), "register": facts.register.register_id},
            language=language,
        ),
        layer_name="site_plan",
        shapes=partial(area_shapes, answer.rows["site_adcode"]),
        layers=partial(
            network_layers, places, dataset, prefecture_adcode=None, language=language
        ),
        map_document=partial(_document, places, dataset, answer, title),
        front=site_front(answer, label),
    )  # fmt: skip


def site_stem(dataset: Dataset, query: SitingQuery) -> str:
    """Return the name of the files of a plan without their ending: kind, model, standard, day."""
    count = str(query.count) if query.model.has_count else ""
    parts = ["sites", dataset.name, query.kind, query.model.value, count,
             f"{query.standard:g}{query.unit.value}", query.made_on]  # fmt: skip
    return "_".join(part for part in parts if part)


def site_front(answer: SiteAnswer, label: str) -> Front:
    """Return the sheet for a meeting: what to build, what it brings, what would overturn it.

    Parameters
    ----------
    answer
        The answer.
    label
        Name of the data set.
    """
    query, language = answer.query, answer.query.language
    unit = text(f"unit.{query.unit.value}", language)
    rests_on = (query.made_on, label, text("siting.meeting.standard", language,
                                           standard=f"{query.standard:g}", unit=unit))  # fmt: skip
    columns = ("order", "site", "prefecture", "counties", "people", "chosen", "reason", "overturn")
    rows = tuple(
        (
            int(row["order"]), str(row["site_name"]), str(row["prefecture_name"]),
            number_text(float(row["gained_counties"]), 1 if answer.is_open else 0),
            number_text(float(row["gained_residents"]) / _PEOPLE, 1),
            "–" if row["chosen_percent"] != row["chosen_percent"]
            else f"{row['chosen_percent']:.0f}%",
            str(row["reason"]), str(row["overturn"] or ""),
        )
        for row in answer.rows.to_dict("records")
    )  # fmt: skip
    return Front(
        lines=(
            answer.headline, answer.proof,
            text("gap.meeting.between", language).join(filter(None, rests_on)), *answer.notes[:2],
        ),
        headings=tuple(text(f"siting.meeting.{name}", language) for name in columns),
        rows=rows,
        widths=_WIDTHS,
        most_rows=_MEETING_ROWS,
    )  # fmt: skip


def plan_filters(
    places: Places, dataset: Dataset, query: SitingQuery, *, language: str
) -> tuple[tuple[str, str], ...]:
    """Return label and value of each setting of a plan.

    Parameters
    ----------
    places, dataset, query
        As for :func:`site_facts`.
    language
        ``zh`` or ``en``.
    """
    names = place_names(places.divisions, language)
    and_ = "、" if language == "zh" else ", "
    none = text("siting.filter.none", language)

    unit = text(f"unit.{query.unit.value}", language)

    def said(name: str, value: str) -> tuple[str, str]:
        return text(f"siting.filter.{name}", language, unit=unit), value

    def listed(codes: tuple[str, ...]) -> str:
        return and_.join(names[code] for code in codes) or none

    kinds = kind_names(dataset.node_kinds, language)
    return (
        said("kind", kinds[query.kind]),
        said("model", text(f"siting.model.{query.model.value}", language)),
        *([said("count", str(query.count))] if query.model.has_count else []),
        said("standard", f"{query.standard:g}"),
        said("band", text(f"siting.band.{query.distance_band}", language)),
        said("method", text(f"term.distance_method.{query.method.value}", language)),
        said("demand", text(f"siting.demand.{query.demand.value}", language)),
        said("area", names[query.area_adcode]),
        said("excluded", listed(query.excluded)),
        said("closed", listed(query.closed)),
        said("added", listed(query.added)),
        said("most", str(query.most_per_prefecture) if query.most_per_prefecture else none),
        said("seed", str(query.seed)),
    )


def _document(places: Places, dataset: Dataset, answer: SiteAnswer, title: str) -> str:
    from network_map.maps.standalone import map_document  # noqa: PLC0415 (folium: 0.3 s)

    return map_document(site_map(places, dataset, answer), title=title)
