"""Every report by its name: a recipe and a data set in, the same bundle out.

Pages, command line and ``verify`` all end in the same function of a report; this is where its
name leads to it. A new report adds its line to :data:`REPORTS` and its version to
``provenance.REPORT_VERSIONS``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, TypeAlias

import geopandas as gpd
import pandas as pd

from network_map.consortia.query import LEAST_STANDARD_KM, LONGEST_STANDARD_KM, ConsortiumQuery
from network_map.consortia.report import consortium_bundle, fit_bundle
from network_map.consortia.tables import consortium_tables
from network_map.contracts.register.engine import OpenContracts
from network_map.errors import QueryError
from network_map.export import Bundle, Recipe
from network_map.gaps.facts import GapFacts, register_facts
from network_map.gaps.query import GAP_CHECKS, GapQuery, query_of_recipe
from network_map.gaps.report import facts_of, gap_bundle
from network_map.i18n import LANGUAGES
from network_map.indices.answer import county_neighbours, index_answer
from network_map.indices.query import Index, IndexQuery
from network_map.indices.report import groups_bundle, index_bundle
from network_map.nodes.data_check import REPORTS as CHECKS
from network_map.nodes.data_check import data_check
from network_map.nodes.dataset import Dataset
from network_map.nodes.overview import county_bundle, roll_of
from network_map.nodes.query import OverviewQuery
from network_map.nodes.report import nodes_bundle
from network_map.places.reference import Places, read_boundaries
from network_map.reach.roads import county_cost
from network_map.terms import AdminLevel

Contracts: TypeAlias = Callable[[str | None], OpenContracts | None]
"""Opens the version of a contract register that has this id; None where there is none."""


def no_contracts(_register_id: str | None) -> None:
    """Return no register."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What a report is made of.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    parameters
        What was asked for, checked.
    language
        ``zh`` or ``en``.
    contracts
        Opens a version of the contract register; called only by a report that needs it.
    """

    places: Places
    dataset: Dataset
    parameters: Mapping[str, Any]
    language: str
    contracts: Contracts


Check: TypeAlias = Callable[[Asked, object], bool]
"""Whether a parameter has a value that the report can use."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report that can be derived again.

    Parameters
    ----------
    make
        Returns its bundle.
    parameters
        For each parameter its check, and what it should be, in JSON; every one of them must be
        given.
    """

    make: Callable[[Asked], Bundle]
    parameters: Mapping[str, tuple[Check, str]]


def derive(
    recipe: Recipe, places: Places, dataset: Dataset, *, contracts: Contracts = no_contracts
) -> Bundle:
    """Return the bundle that a recipe asks for.

    Parameters
    ----------
    recipe
        The recipe; it may come from a file that somebody has changed.
    places, dataset
        The reference tables and the data set that the recipe names.
    contracts
        Opens a version of its contract register.

    Raises
    ------
    QueryError
        If there is no such report or language, or a parameter is missing, unknown or unusable.
    """
    report = REPORTS.get(recipe.report)
    if report is None:
        known = " | ".join(REPORTS)
        raise QueryError("recipe_report_unknown", found=recipe.report, known=known)
    if recipe.language not in LANGUAGES:
        raise _refusal(recipe, "language", " | ".join(LANGUAGES), recipe.language)
    asked = Asked(places, dataset, recipe.parameters, recipe.language, contracts)
    for name in {**report.parameters, **recipe.parameters}:
        check, expected = report.parameters.get(name, (_never, "—"))
        found = recipe.parameters.get(name)
        is_given = name in recipe.parameters
        if not (is_given and check(asked, found)):
            raise _refusal(recipe, name, expected, found)
    return report.make(asked)


def _refusal(recipe: Recipe, name: str, expected: str, found: object) -> QueryError:
    return QueryError(
        "recipe_parameter",
        report=recipe.report,
        name=name,
        expected=expected,
        found=str(found)[:80],
    )


def _never(_asked: Asked, _found: object) -> bool:
    return False


def _unasked(check: Callable[[object], bool], _asked: Asked, found: object) -> bool:
    return check(found)


def _is_area(asked: Asked, found: object) -> bool:
    divisions = asked.places.divisions
    prefectures = divisions.loc[divisions["level"] == AdminLevel.PREFECTURE, "adcode"]
    return found is None or (isinstance(found, str) and found in set(prefectures))


def _are_kinds(asked: Asked, found: object) -> bool:
    known = set(asked.dataset.node_kinds["kind"])
    return found is None or (
        isinstance(found, list) and all(isinstance(kind, str) and kind in known for kind in found)
    )


def _is_consortium(asked: Asked, found: object) -> bool:
    known = set(consortium_tables(asked.dataset).consortia["consortium_id"])
    return isinstance(found, str) and found in known


def _is_standard(_asked: Asked, found: object) -> bool:
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return is_number and LEAST_STANDARD_KM <= float(str(found)) <= LONGEST_STANDARD_KM


def _consortium_fit(asked: Asked) -> Bundle:
    query = ConsortiumQuery(
        consortium_id=asked.parameters["consortium"],
        language=asked.language,
        standard_km=float(asked.parameters["standard_km"]),
        prefecture_adcode=asked.parameters["prefecture"],
    )
    return fit_bundle(asked.places, asked.dataset, county_cost(asked.places), query=query)


def _consortia(asked: Asked) -> Bundle:
    return consortium_bundle(asked.dataset, language=asked.language)


def _gaps(asked: Asked) -> Bundle:
    query = query_of_recipe(asked.parameters, asked.language)
    facts = _facts(asked, query)
    return gap_bundle(asked.places, asked.dataset, facts, query=query)


def _facts(asked: Asked, query: GapQuery) -> GapFacts:
    expected = asked.parameters["register"]
    opened = asked.contracts(expected)
    found = None if opened is None else opened.register_id
    if found != expected:
        raise QueryError("gap_register", expected=expected or "—", found=found or "—")
    return facts_of(asked.places, asked.dataset, register_facts(opened), query=query)


def _index(make: Callable[..., Bundle], asked: Asked) -> Bundle:
    query = IndexQuery(
        index=Index(asked.parameters["index"]),
        language=asked.language,
        prefecture_adcode=asked.parameters["prefecture"],
    )
    facts = _facts(asked, GapQuery())
    answer = index_answer(
        asked.places, asked.dataset, facts, county_neighbours(),
        index=query.index, language=query.language,
    )  # fmt: skip
    return make(asked.places, asked.dataset, facts, answer, query=query)


def _is_index(_asked: Asked, found: object) -> bool:
    return isinstance(found, str) and found in set(Index)


def _nodes(asked: Asked) -> Bundle:
    kinds = asked.parameters["kinds"]
    return nodes_bundle(
        asked.dataset,
        asked.places,
        prefecture_adcode=asked.parameters["prefecture"],
        kinds=None if kinds is None else tuple(kinds),
        language=asked.language,
    )


def _county_overview(asked: Asked) -> Bundle:
    query = OverviewQuery(language=asked.language, prefecture_adcode=asked.parameters["prefecture"])
    roll = roll_of(asked.places, asked.dataset)
    return county_bundle(asked.places, asked.dataset, roll, query=query)


def _check(name: str, asked: Asked) -> Bundle:
    answer = data_check(
        asked.places,
        asked.dataset,
        roll_of(asked.places, asked.dataset),
        _boundaries(),
        prefecture_adcode=asked.parameters["prefecture"],
        language=asked.language,
    )
    return answer.bundles[name]


def _boundaries() -> gpd.GeoDataFrame:
    levels = (AdminLevel.COUNTY, AdminLevel.PREFECTURE)
    return pd.concat([read_boundaries(level) for level in levels], ignore_index=True)


GAP_PARAMETERS: Mapping[str, tuple[Check, str]] = {
    name: (partial(_unasked, check), expected) for name, (check, expected) in GAP_CHECKS.items()
}
_AREA: Mapping[str, tuple[Check, str]] = {"prefecture": (_is_area, 'null | "530600"')}
_INDEX: Mapping[str, tuple[Check, str]] = {
    **_AREA,
    "index": (_is_index, " | ".join(Index)),
    "register": GAP_PARAMETERS["register"],
}

REPORTS: Mapping[str, Report] = MappingProxyType(
    {
        "nodes": Report(_nodes, {**_AREA, "kinds": (_are_kinds, 'null | ["sub_market"]')}),
        "county_overview": Report(_county_overview, _AREA),
        "consortium_fit": Report(
            _consortium_fit,
            {
                **_AREA,
                "consortium": (_is_consortium, '"consortium-1"'),
                "standard_km": (_is_standard, f"{LEAST_STANDARD_KM:g} – {LONGEST_STANDARD_KM:g}"),
            },
        ),
        "consortia": Report(_consortia, {}),
        "gaps": Report(_gaps, {**_AREA, **GAP_PARAMETERS}),
        "county_index": Report(partial(_index, index_bundle), _INDEX),
        "index_groups": Report(partial(_index, groups_bundle), _INDEX),
        **{report: Report(partial(_check, name), _AREA) for name, report in CHECKS.items()},
    }
)
"""Every report by its name; their versions stand in ``provenance``."""
