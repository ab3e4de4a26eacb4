"""The plan as a bundle: the same object for the page, the command line and ``verify``.

Two plans side by side: sites and counties that only one of them has.
A comparison rests on two plans, of two data sets perhaps, and a recipe names one: what is verified
are the two files of the plans, not this one, and it says so.
"""

import zlib
from dataclasses import dataclass
from functools import partial

import pandas as pd

from network_map.contracts.register.engine import OpenContracts
from network_map.datapackage import read_table
from network_map.export import Bundle, Front
from network_map.gaps.facts import GapFacts, Register, register_facts
from network_map.gaps.report import METHOD_VERSIONS, facts_of, travel_input
from network_map.i18n import count_text, number_text, people_text, text
from network_map.maps.spec import AreaLayer, ClassEntry, FlowCircle, FlowLayer, MapSpec
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
from network_map.reach.roads import ROAD_TABLES, ROADS_SOURCE
from network_map.siting.answer import SiteAnswer, site_answer
from network_map.siting.map import COLOURS, site_circles, site_map
from network_map.siting.query import SitingQuery
from network_map.siting.tables import SITE_COMPARISON, SITE_PLAN
from network_map.tables.check import assembled
from network_map.terms import AdminLevel

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
    from network_map.maps.payload import map_document  # noqa: PLC0415 (folium: 0.3 s)

    return map_document(site_map(places, dataset, answer), title=title)


# --- two plans side by side -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class PlanComparison:
    """What two plans share and what each has alone; the lists are differences of sets.

    Parameters
    ----------
    both_sites, first_sites, second_sites
        Sites of both, and of the first or the second alone, in the order of their plans.
    both_counties, first_counties, second_counties
        Counties that come within the standard, in some list, by both or by one of them alone.
    rows
        Declared table ``site_comparison``: every county that either brings within the standard.
    headline
        The difference in a sentence.
    notes
        What must be said beside it, a sentence each.
    """

    both_sites: tuple[str, ...]
    first_sites: tuple[str, ...]
    second_sites: tuple[str, ...]
    both_counties: tuple[str, ...]
    first_counties: tuple[str, ...]
    second_counties: tuple[str, ...]
    rows: pd.DataFrame
    headline: str
    notes: tuple[str, ...]


def compared_plans(
    places: Places, first: SiteAnswer, second: SiteAnswer, *, language: str
) -> PlanComparison:
    """Return what two plans share and what each has alone.

    Parameters
    ----------
    places
        The reference tables.
    first, second
        The answers; they may differ in anything, and what they differ in is said.
    language
        ``zh`` or ``en``.
    """
    names = place_names(places.divisions, language)
    sites = _parts(first.plan.sites, second.plan.sites)
    one, two = (answer.effect.shares["gained_share"] for answer in (first, second))
    counties = _parts(first.effect.gained_counties, second.effect.gained_counties)
    people = places.county_indicators.set_index("adcode")["pop_2020"]
    parents = places.divisions.set_index("adcode")["parent_adcode"]
    sides = {
        code: side
        for side, codes in zip(("both", "first_only", "second_only"), counties, strict=True)
        for code in codes
    }
    rows = [
        {"adcode": code, "county_name": names[code], "prefecture_name": names[str(parents[code])],
         "residents": int(people[code]), "first_percent": round(100 * float(one[code]), 1),
         "second_percent": round(100 * float(two[code]), 1), "side": side}
        for code, side in sides.items()
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=SITE_COMPARISON.names)
    table = table.sort_values(["side", "residents"], ascending=[True, False], kind="stable")
    and_ = "、" if language == "zh" else ", "
    values = {
        f"{name}_{what}": said
        for name, answer in (("first", first), ("second", second))
        for what, said in (
            ("counties", number_text(answer.effect.gained["counties"][0], 1)),
            ("residents", people_text(answer.effect.gained["residents"][0], language)),
        )
    }
    headline = text(
        "siting.compare.headline", language, **values,
        first_sites=and_.join(names[site] for site in sites[1]) or "–",
        second_sites=and_.join(names[site] for site in sites[2]) or "–",
        gained=len(counties[2]), lost=len(counties[1]),
    )  # fmt: skip
    notes = [text(f"siting.compare.{name}", language) for name in _differences(first, second)]
    return PlanComparison(
        *sites, *counties, rows=assembled(SITE_COMPARISON, table), headline=headline,
        notes=(*notes, *dict.fromkeys((*first.notes, *second.notes))),
    )  # fmt: skip


def _parts(
    first: tuple[str, ...], second: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return what is in both, in the first alone, in the second alone."""
    one, two = set(first), set(second)
    return (
        tuple(code for code in first if code in two),
        tuple(code for code in first if code not in two),
        tuple(code for code in second if code not in one),
    )


def _differences(first: SiteAnswer, second: SiteAnswer) -> list[str]:
    """Return what makes the gains of two plans no like for like."""
    found = []
    if first.query.kind != second.query.kind:
        found.append("other_kind")
    if first.query.standard != second.query.standard:
        found.append("other_standard")
    if first.plan.is_optimal is False or second.plan.is_optimal is False:
        found.append("not_proven")
    return found


# --- as a bundle: the same object for the page and the command line -------------------------------


_SIDES = ("both", "first_only", "second_only")
_SIDE_COLOURS = {"both": "#7fa99b", "first_only": "#c98a3c", "second_only": COLOURS["gained"]}
_COMPARED_WIDTHS = (6, 16, 14, 14, 10, 12, 12)
_COMPARED_ROWS = 30


@dataclass(frozen=True, slots=True, eq=False)
class ComparedPlan:
    """One of two plans, with what it was made from.

    Parameters
    ----------
    places, dataset, facts
        The reference tables, data set and facts of the plan.
    answer
        The plan.
    """

    places: Places
    dataset: Dataset
    facts: GapFacts
    answer: SiteAnswer

    @property
    def bundle(self) -> Bundle:
        """The plan as a file of its own has it."""
        return site_bundle(self.places, self.dataset, self.facts, self.answer)


def comparison_bundle(
    first: ComparedPlan,
    second: ComparedPlan,
    found: PlanComparison,
    *,
    language: str,
    made_on: str | None,
) -> Bundle:
    """Return two plans side by side with everything that a file about them must say.

    Parameters
    ----------
    first, second
        The plans.
    found
        What :func:`~network_map.siting.report.compared_plans` returned for them.
    language
        ``zh`` or ``en``.
    made_on
        The day on which the file is made, ISO 8601.
    """
    one, two = first.bundle, second.bundle
    labels = dict.fromkeys((one.dataset_label, two.dataset_label))
    between = text("gap.meeting.between", language)
    title = text("siting.compare.title", language)
    return Bundle(
        table=found.rows,
        declaration=SITE_COMPARISON,
        title=title,
        language=language,
        filters=_both_filters(first, second, language),
        method_notes=(
            found.headline, *found.notes, text("siting.method", language),
            text("siting.compare.no_recipe", language),
        ),
        sources=tuple(dict.fromkeys((*one.sources, *two.sources))),
        dataset_label=between.join(labels),
        is_demo=one.is_demo or two.is_demo,
        file_stem=comparison_stem(
            (first.dataset.name, second.dataset.name), (first.answer, second.answer),
            made_on=made_on,
        ),
        words={"side": _side_words(language)},
        created_from={**one.created_from, **two.created_from},
        method_versions=one.method_versions,
        layer_name="site_comparison",
        shapes=partial(area_shapes, found.rows["adcode"]),
        map_document=partial(_compared_document, first, second, found, title, language),
        front=_front(found, between.join(filter(None, (made_on, *labels))), language),
    )  # fmt: skip


def comparison_stem(
    datasets: tuple[str, str], answers: tuple[SiteAnswer, SiteAnswer], *, made_on: str | None
) -> str:
    """Return the name of the files without their ending: both plans in short, and the day.

    Parameters
    ----------
    datasets, answers
        Name of the data set and answer of the first and of the second plan.
    made_on
        The day, ISO 8601.
    """
    asked = [
        f"{name}-{answer.query.kind}-{answer.query.model.value}-{len(answer.plan.sites)}"
        f"-{answer.query.standard:g}{answer.query.unit.value}"
        for name, answer in zip(datasets, answers, strict=True)
    ]
    # Plans that are called alike may have other sites.
    sites = "|".join(",".join(answer.plan.sites) for answer in answers)
    mark = f"{zlib.crc32(sites.encode()):08x}"
    return "_".join(filter(None, ("compare", *asked, mark, made_on)))


def _side_words(language: str) -> dict[str, str]:
    return {side: text(f"siting.compare.{side}", language) for side in _SIDES}


def _both_filters(
    first: ComparedPlan, second: ComparedPlan, language: str
) -> tuple[tuple[str, str], ...]:
    """Return each setting once where both plans have it alike, else that of each."""
    one, two = (
        dict(plan_filters(plan.places, plan.dataset, plan.answer.query, language=language))
        for plan in (first, second)
    )
    return tuple(
        (label, one[label])
        if one.get(label) == two.get(label)
        else (label, text("siting.compare.setting", language,
                          first=one.get(label, "–"), second=two.get(label, "–")))
        for label in dict.fromkeys((*one, *two))
    )  # fmt: skip


def _front(found: PlanComparison, rests_on: str, language: str) -> Front:
    columns = ("order", "side", "county", "prefecture", "people", "first", "second")
    words = _side_words(language)
    # What only one of them has is what the meeting talks about.
    table = found.rows.assign(is_both=found.rows["side"] == "both")
    table = table.sort_values("is_both", kind="stable")
    rows = tuple(
        (
            number, words[row["side"]], str(row["county_name"]), str(row["prefecture_name"]),
            people_text(float(row["residents"]), language),
            f"{row['first_percent']:.0f}%", f"{row['second_percent']:.0f}%",
        )
        for number, row in enumerate(table.to_dict("records"), start=1)
    )  # fmt: skip
    counts = text(
        "siting.compare.counts", language,
        **{side: count_text(int((found.rows["side"] == side).sum())) for side in _SIDES},
    )  # fmt: skip
    return Front(
        lines=(found.headline, counts, rests_on, *found.notes[:2]),
        headings=tuple(text(f"siting.compare.column_{name}", language) for name in columns),
        rows=rows,
        widths=_COMPARED_WIDTHS,
        most_rows=_COMPARED_ROWS,
    )


def comparison_map(
    first: ComparedPlan, second: ComparedPlan, found: PlanComparison, *, language: str
) -> MapSpec:
    """Return the map of two plans: whose counties are whose, the sites of A and of B.

    Parameters
    ----------
    first, second, found, language
        As for :func:`comparison_bundle`.
    """
    side_of = dict(zip(found.rows["adcode"], found.rows["side"], strict=True))
    classes = [*_SIDES, "neither"]
    every = [str(code) for code in second.answer.effect.shares.index]
    class_of = {code: classes.index(side_of.get(code, "neither")) for code in every}
    counts = pd.Series(class_of).value_counts()
    colours = {**_SIDE_COLOURS, "neither": COLOURS["other"]}
    areas = AreaLayer(
        level=AdminLevel.COUNTY, title=text("siting.compare.title", language), unit="", source="",
        classes=tuple(
            ClassEntry(text(f"siting.compare.{side}", language), colours[side],
                       int(counts.get(number, 0)))
            for number, side in enumerate(classes)
        ),
        class_of=class_of, value_text={}, missing_label="", missing_count=0, is_categorical=True,
    )  # fmt: skip
    spec = site_map(second.places, second.dataset, second.answer)
    return MapSpec(
        language=language, nodes=spec.nodes, symbols=spec.symbols, areas=areas,
        prefecture_adcode=None, selected_adcode=None, unplaced=(), source_line=spec.source_line,
        circles=_circles(first, second, language), is_bare=True,
        watermark=text("gap.watermark", language)
        if first.dataset.is_demo or second.dataset.is_demo else "",
    )  # fmt: skip


def _circles(first: ComparedPlan, second: ComparedPlan, language: str) -> FlowLayer | None:
    sides: dict[str, str] = {}
    for mark, plan in zip(text("siting.compare.marks", language), (first, second), strict=True):
        for site in plan.answer.plan.sites:
            sides[site] = sides.get(site, "") + mark
    circles: list[FlowCircle] = []
    names = place_names(second.places.divisions, language)
    for site, mark in sides.items():
        circles += site_circles(second.places, [site], names, marks=[mark])
    if not circles:
        return None
    return FlowLayer(
        title=text("siting.map.sites", language), unit="",
        note=text("siting.compare.marks_note", language), lines=(), circles=tuple(circles),
    )  # fmt: skip


def _compared_document(
    first: ComparedPlan, second: ComparedPlan, found: PlanComparison, title: str, language: str
) -> str:
    from network_map.maps.payload import map_document  # noqa: PLC0415 (folium: 0.3 s)

    return map_document(comparison_map(first, second, found, language=language), title=title)
