"""Every report by its name: a recipe and a data set in, the same bundle out.

Pages, command line and ``verify`` all end in the same function of a report; this is where its
name leads to it. A new report adds its line to :data:`REPORTS` and its version to
``REPORT_VERSIONS`` of ``nodes.dataset``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

import geopandas as gpd
import pandas as pd

from network_map.consortia.answer import ConsortiumQuery
from network_map.consortia.report import consortium_bundle, fit_bundle
from network_map.contracts.query import ContractQuery, span_of
from network_map.contracts.register.engine import OpenContracts
from network_map.contracts.report import (
    cut_bundle,
    flow_bundle,
    party_bundle,
    place_bundle,
    season_bundle,
    series_bundle,
    subsidy_bundle,
)
from network_map.contracts.tables import POLICY_INDICATORS
from network_map.contracts.target import subsidy_table, target_of, target_progress
from network_map.datapackage import read_table
from network_map.datasets import known_codes
from network_map.errors import QueryError
from network_map.export import Bundle, Recipe
from network_map.gaps.facts import GapFacts, register_facts
from network_map.gaps.query import GapQuery
from network_map.gaps.report import facts_of, gap_bundle
from network_map.i18n import LANGUAGES
from network_map.indices.answer import IndexQuery, county_neighbours, index_answer
from network_map.indices.report import groups_bundle, index_bundle
from network_map.nodes.data_check import REPORTS as CHECKS
from network_map.nodes.data_check import data_check
from network_map.nodes.dataset import Dataset, places_of
from network_map.nodes.presence import roll_of
from network_map.nodes.query import NodeListQuery, OverviewQuery
from network_map.nodes.report import county_bundle, nodes_bundle
from network_map.places.query import AreaQuery
from network_map.places.reference import Places, read_boundaries
from network_map.query import RecipeParameterError, parameters_of, query_of_recipe
from network_map.reach.roads import county_cost
from network_map.siting.query import SitingQuery
from network_map.terms import AdminLevel

Contracts: TypeAlias = Callable[[str | None], OpenContracts | None]
"""Opens the version of a contract register that has this id; None where there is none."""
_Found = TypeVar("_Found")
_REGISTER, _REGISTER_EXPECTED = "register", 'null | "demo-…"'


def without_register(_register_id: str | None) -> None:
    """Return no register."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What a report is made of.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    query
        What was asked for.
    register_id
        The version of the contract register that the report needs.
    contracts
        Opens a version of it; called only by a report that needs it.
    """

    places: Places
    dataset: Dataset
    query: Any
    register_id: str | None
    contracts: Contracts


@dataclass(frozen=True, slots=True)
class DerivedReport:
    """A report that can be derived again.

    Parameters
    ----------
    make
        Returns its bundle.
    query
        The class of its query; None where only the language is asked.
    needs_register
        Whether the recipe names a version of the contract register.
    is_of_register
        Whether it is made of that alone: the recipe's data set is then the register itself.
    """

    make: Callable[[Asked], Bundle]
    query: type[AreaQuery] | None
    needs_register: bool = False
    is_of_register: bool = False

    @property
    def parameters(self) -> dict[str, str]:
        """What each parameter that must be given should be, in JSON."""
        parts = () if self.query is None else parameters_of(self.query)
        expected = {
            part.json: part.type.expected
            for part in parts
            if part.json and not part.type.is_optional
        }
        return expected | ({_REGISTER: _REGISTER_EXPECTED} if self.needs_register else {})


def is_of_register(recipe: Recipe) -> bool:
    """Return whether a report is made of a contract register alone."""
    report = REPORTS.get(recipe.report)
    return report is not None and report.is_of_register


def derive(
    recipe: Recipe, places: Places, dataset: Dataset, *, contracts: Contracts = without_register
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
    try:
        return report.make(_asked(report, recipe, places, dataset, contracts))
    except RecipeParameterError as error:
        raise QueryError(
            "recipe_parameter", report=recipe.report,
            name=error.name, expected=error.expected, found=str(error.found)[:80],
        ) from error  # fmt: skip


def _asked(
    report: DerivedReport, recipe: Recipe, places: Places, dataset: Dataset, contracts: Contracts
) -> Asked:
    if recipe.language not in LANGUAGES:
        raise RecipeParameterError("language", " | ".join(LANGUAGES), recipe.language)
    given = dict(recipe.parameters)
    register = given.pop(_REGISTER, ...) if report.needs_register else None
    query = query_of_recipe(
        report.query or _LanguageQuery, given, known_codes(places, dataset), recipe.language
    )
    if not (register is None or isinstance(register, str)):
        raise RecipeParameterError(_REGISTER, _REGISTER_EXPECTED, recipe.parameters.get(_REGISTER))
    own = places if report.is_of_register else places_of(places, dataset)
    return Asked(own, dataset, query, register, contracts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _LanguageQuery:
    """What a report is asked that is always the same."""

    language: str


def _consortium_fit(asked: Asked) -> Bundle:
    return fit_bundle(asked.places, asked.dataset, county_cost(asked.places), query=asked.query)


def _consortia(asked: Asked) -> Bundle:
    return consortium_bundle(asked.dataset, language=asked.query.language)


def _gaps(asked: Asked) -> Bundle:
    facts = _facts(asked, asked.query)
    return gap_bundle(asked.places, asked.dataset, facts, query=asked.query)


def _facts(asked: Asked, query: GapQuery) -> GapFacts:
    register = register_facts(_register(asked))
    return facts_of(asked.places, asked.dataset, register, query=query)


def _register(asked: Asked) -> OpenContracts | None:
    """Return the version of the contract register that the recipe names."""
    expected = asked.register_id
    opened = asked.contracts(expected)
    found = None if opened is None else opened.register_id
    if found != expected:
        raise QueryError("gap_register", expected=expected or "—", found=found or "—")
    return opened


_CONTRACT_REPORTS: Mapping[str, Callable[..., Bundle]] = {
    "contract_places": place_bundle,
    "contract_cuts": cut_bundle,
    "contract_flows": flow_bundle,
    "contract_series": series_bundle,
    "contract_parties": party_bundle,
}


def _contract(make: Callable[..., Bundle], asked: Asked) -> Bundle:
    return make(_known_register(asked), asked.places, asked.query)


def _season(asked: Asked) -> Bundle:
    opened, query = _known_register(asked), asked.query
    goal = target_of(read_table(POLICY_INDICATORS))
    progress = target_progress(opened, goal, span_of(query, opened.as_of))
    return season_bundle(opened, asked.places, query, _given(progress, asked))


def _subsidy(asked: Asked) -> Bundle:
    opened, query = _known_register(asked), asked.query
    estimate = subsidy_table(opened, query.language)
    return subsidy_bundle(opened, asked.places, query, _given(estimate, asked))


def _known_register(asked: Asked) -> OpenContracts:
    return _given(_register(asked), asked)


def _given(found: _Found | None, asked: Asked) -> _Found:
    """Return what was found; a register of that id has it."""
    if found is None:
        raise QueryError("gap_register", expected=asked.register_id or "—", found="—")
    return found


def _sites(asked: Asked) -> Bundle:
    # The solvers are loaded where sites are asked for.
    from network_map.siting.report import site_report  # noqa: PLC0415

    contracts = None
    if asked.query.needs_register:
        contracts = _register(asked)
    return site_report(asked.places, asked.dataset, contracts, query=asked.query)


def _index(make: Callable[..., Bundle], asked: Asked) -> Bundle:
    query = asked.query
    facts = _facts(asked, GapQuery())
    answer = index_answer(
        asked.places, asked.dataset, facts, county_neighbours(),
        index=query.index, language=query.language,
    )  # fmt: skip
    return make(asked.places, asked.dataset, facts, answer, query=query)


def _nodes(asked: Asked) -> Bundle:
    query = asked.query
    return nodes_bundle(
        asked.dataset,
        asked.places,
        prefecture_adcode=query.prefecture_adcode,
        kinds=query.kinds,
        language=query.language,
    )


def _county_overview(asked: Asked) -> Bundle:
    roll = roll_of(asked.places, asked.dataset)
    return county_bundle(asked.places, asked.dataset, roll, query=asked.query)


def _check(name: str, asked: Asked) -> Bundle:
    answer = data_check(
        asked.places,
        asked.dataset,
        roll_of(asked.places, asked.dataset),
        _boundaries(),
        prefecture_adcode=asked.query.prefecture_adcode,
        language=asked.query.language,
    )
    return answer.bundles[name]


def _boundaries() -> gpd.GeoDataFrame:
    levels = (AdminLevel.COUNTY, AdminLevel.PREFECTURE)
    return pd.concat([read_boundaries(level) for level in levels], ignore_index=True)


REPORTS: Mapping[str, DerivedReport] = MappingProxyType(
    {
        "nodes": DerivedReport(_nodes, NodeListQuery),
        "county_overview": DerivedReport(_county_overview, OverviewQuery),
        "consortium_fit": DerivedReport(_consortium_fit, ConsortiumQuery),
        "consortia": DerivedReport(_consortia, None),
        "gaps": DerivedReport(_gaps, GapQuery, needs_register=True),
        "site_plan": DerivedReport(_sites, SitingQuery, needs_register=True),
        "county_index": DerivedReport(
            partial(_index, index_bundle), IndexQuery, needs_register=True
        ),
        "index_groups": DerivedReport(
            partial(_index, groups_bundle), IndexQuery, needs_register=True
        ),
        **{
            name: DerivedReport(
                partial(_contract, make), ContractQuery, needs_register=True, is_of_register=True
            )
            for name, make in _CONTRACT_REPORTS.items()
        },
        "contract_season": DerivedReport(
            _season, ContractQuery, needs_register=True, is_of_register=True
        ),
        "contract_subsidy": DerivedReport(
            _subsidy, ContractQuery, needs_register=True, is_of_register=True
        ),
        **{
            report: DerivedReport(partial(_check, name), AreaQuery)
            for name, report in CHECKS.items()
        },
    }
)
"""Every report by its name; their versions stand in ``provenance``."""
