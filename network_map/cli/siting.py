"""``network-map site``: where the next nodes go.

``network-map compare``: two plans side by side.
"""

import os
from argparse import Namespace
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from network_map.cli.output import (
    area_query,
    dataset_of,
    json_text,
    say,
    wanted_format,
    write_bundle,
)
from network_map.config import Settings, day_of_making
from network_map.contracts.register.open import open_contract_register, open_contract_version
from network_map.datasets import known_codes, open_dataset
from network_map.errors import QueryError
from network_map.export.bundle import plain_value
from network_map.nodes.dataset import places_of
from network_map.places.gazetteer import open_gazetteer
from network_map.places.reference import Places, open_places
from network_map.query import query_of_recipe
from network_map.reach.standards import refuse_other_unit
from network_map.reach.tables import in_unit
from network_map.reach.travel_times import own_travel
from network_map.siting.answer import SiteAnswer, site_answer
from network_map.siting.query import SitingQuery
from network_map.siting.report import (
    ComparedPlan,
    compared_plans,
    comparison_bundle,
    site_bundle,
    site_facts,
)
from network_map.siting.tables import SITE_COUNTIES
from network_map.terms import AdminLevel

_REPORT = "site_plan"


def run(arguments: Namespace, settings: Settings) -> int:
    """Write a plan of new sites, or tell it to a program.

    Raises
    ------
    QueryError
        If the data set or a setting cannot be used, or a binary file has no name.
    WorkspaceError
        If a file cannot be written, or a register not be read.
    """
    format_name = wanted_format(arguments)
    places = open_places()
    asked = area_query(SitingQuery, arguments, places, settings.language)
    refuse_other_unit(asked.unit, in_km=arguments.standard, in_minutes=arguments.minutes)
    name = arguments.dataset or settings.dataset
    dataset = open_dataset(dataset_of(arguments.dataset, settings))
    query = replace(
        _with_places(asked, places), made_on=day_of_making(os.environ),
        travel=own_travel(dataset.further).get(asked.method),
    )  # fmt: skip
    places = places_of(places, dataset)
    register = open_contract_register(name, settings) if query.needs_register else None
    facts = site_facts(places, dataset, register, query=query)
    answer = site_answer(places, dataset, facts, query=query)
    if arguments.json:
        say(json_text(answer_record(answer)))
    if not arguments.json or arguments.out is not None:
        write_bundle(site_bundle(places, dataset, facts, answer), format_name, arguments, settings)
    return 0


def _with_places(query: SitingQuery, places: Places) -> SitingQuery:
    """Return the query with codes for the names that were given."""
    gazetteer = open_gazetteer(places.divisions, places.division_aliases)

    def code(words: str) -> str:
        for level in (AdminLevel.PREFECTURE, AdminLevel.COUNTY):
            found = gazetteer.resolve(words, level=level)
            if found.adcode is not None:
                return found.adcode
        raise QueryError("site_place_unknown", found=words)

    def codes(named: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted({code(words) for words in named}))

    return replace(
        query,
        excluded=codes(query.excluded), closed=codes(query.closed), added=codes(query.added),
    )  # fmt: skip


def run_compare(arguments: Namespace, settings: Settings) -> int:
    """Say what two exported plans share and what each has alone; both are derived again.

    With a file or a format the comparison is written as the page exports it.

    Raises
    ------
    QueryError
        If a file is no plan of sites, or a binary file has no name.
    FileFormatError, MissingFileError
        If a file is none that this program exported, or is not there.
    """
    places = open_places()
    format_name = wanted_format(arguments)
    language = settings.language
    first, second = (
        _exported_plan(Path(file), places, settings) for file in (arguments.first, arguments.second)
    )
    found = compared_plans(second.places, first.answer, second.answer, language=language)
    if arguments.out is not None or arguments.format is not None:
        today = day_of_making(os.environ)
        bundle = comparison_bundle(first, second, found, language=language, made_on=today)
        write_bundle(bundle, format_name, arguments, settings)
        if not arguments.json:
            return 0
    if arguments.json:
        record = {
            "headline": found.headline,
            "notes": list(found.notes),
            "sites": {"both": found.both_sites, "first_only": found.first_sites,
                      "second_only": found.second_sites},
            "counties": {"both": found.both_counties, "first_only": found.first_counties,
                         "second_only": found.second_counties},
            "rows": table_record(found.rows),
        }  # fmt: skip
        say(json_text(record))
        return 0
    say(found.headline)
    for row in found.rows.to_dict("records"):
        mark = {"both": "=", "first_only": "-", "second_only": "+"}[row["side"]]
        say(f"{mark} {row['adcode']} {row['county_name']} ({row['prefecture_name']})")
    say(*found.notes)
    return 0


def _exported_plan(path: Path, places: Places, settings: Settings) -> ComparedPlan:
    # A plan alone needs none of what verifies every report.
    from network_map.cli.verify import read_exported, recipe_dataset  # noqa: PLC0415

    claim = read_exported(path)
    recipe = claim.recipe
    if recipe.report != _REPORT:
        raise QueryError("site_compare_report", file=path.name, report=recipe.report)
    dataset = recipe_dataset(claim, settings)
    parameters = dict(recipe.parameters)
    register_id = parameters.pop("register", None)
    query = query_of_recipe(
        SitingQuery, parameters, known_codes(places, dataset), settings.language
    )
    opened = partial(open_contract_version, recipe.dataset_name, settings)
    register = opened(register_id) if query.needs_register else None
    own = places_of(places, dataset)
    facts = site_facts(own, dataset, register, query=query)
    answer = site_answer(own, dataset, facts, query=query)
    return ComparedPlan(own, dataset, facts, answer)


def table_record(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table for a program; what is missing is null."""
    return [
        {str(name): plain_value(value) for name, value in row.items()}
        for row in table.to_dict("records")
    ]


def answer_record(answer: SiteAnswer) -> dict[str, Any]:
    """Return an answer for a program."""
    plan, regret = answer.plan, answer.regret
    return {
        "headline": answer.headline,
        "proof": answer.proof,
        "notes": list(answer.notes),
        "is_open": answer.is_open,
        "rests_on_assumed": answer.rests_on_assumed,
        "plan": {
            "method": plan.method,
            "sites": list(plan.sites),
            "standing": list(plan.fixed),
            "status": plan.status.value,
            "objective": plain_value(plan.objective),
            "bound": plain_value(plan.bound),
            "gap": plain_value(plan.gap),
            "seconds": round(plan.seconds, 3),
            "blocking": list(plan.blocking),
        },
        "sites": table_record(answer.rows),
        "unit": answer.query.unit.value,
        "counties": table_record(in_unit(answer.counties, SITE_COUNTIES, answer.query.unit)[0]),
        "gained_counties": list(answer.effect.gained_counties),
        "lost_counties": list(answer.effect.lost_counties),
        "curve": table_record(answer.curve),
        "overturn": table_record(answer.overturn),
        "unfinished": [
            {"part": one.part.value, "done": one.done, "total": one.total}
            for one in answer.unfinished
        ],
        "least_regret": None
        if regret is None
        else {
            "sites": list(regret.sites),
            "regret": regret.regret,
            "plan_regret": regret.plan_regret,
            "is_proven": regret.is_proven,
            "list_count": regret.list_count,
        },
    }
