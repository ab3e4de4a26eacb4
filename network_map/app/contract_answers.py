"""The contract register of the open data set, and its answers, each asked once.

Apart from what every page shares, because the engine that is asked takes seconds to load.
"""

from dataclasses import replace

import pandas as pd
import streamlit as st

from network_map.app.kit.memo import dataset_version, memo, places, settings
from network_map.contracts.counts import Choice, Counts, counts_of
from network_map.contracts.flows import cut_table, flow_table, party_table
from network_map.contracts.query import ContractQuery, span_of
from network_map.contracts.register.engine import OpenContracts
from network_map.contracts.register.open import contract_register_id, open_contract_register
from network_map.contracts.tables import POLICY_INDICATORS
from network_map.contracts.target import (
    Published,
    SubsidyEstimate,
    TargetProgress,
    published_figures,
    subsidy_table,
    target_of,
    target_progress,
)
from network_map.datapackage import read_table
from network_map.nodes.dataset import Dataset
from network_map.terms import OWN, DatasetName


def register_version(name: str) -> tuple[str, str | None]:
    """Return the version of the register of a data set, without opening it."""
    return name, contract_register_id(settings()) if name == OWN else None


def version_with_register(dataset: Dataset) -> tuple[str | None, ...]:
    """Return the version of a data set and of its register."""
    return *dataset_version(dataset), *register_version(dataset.name)


@memo(register_version, size=len(DatasetName))
def register_of(name: str) -> OpenContracts | None:
    """Return the register of a data set, None where there is none.

    Raises
    ------
    ConfigError, DamagedFileError, WorkspaceError
        If an own register cannot be opened.
    """
    return open_contract_register(name, settings())


def opened_register() -> OpenContracts | None:
    """Return the register of the chosen data set as :func:`register_of`."""
    return register_of(st.session_state["dataset"])


@st.cache_resource(show_spinner=False)
def published() -> Published:
    """Return the published contract figures and the target."""
    return published_figures()


def _version(opened: OpenContracts) -> tuple[str, str]:
    return opened.name, opened.register_id


def _contracts(query: ContractQuery) -> ContractQuery:
    return ContractQuery(kinds=query.kinds, fields=query.fields)


def _span(query: ContractQuery) -> ContractQuery:
    return ContractQuery(period=query.period, year=query.year, part=query.part)


def _placed(query: ContractQuery) -> ContractQuery:
    """Return a query without what only the map and the list of places need."""
    usual = ContractQuery()
    return replace(
        query,
        measure=usual.measure, level=usual.level, picture=usual.picture,
        classifier=usual.classifier, class_count=usual.class_count, own_breaks=usual.own_breaks,
    )  # fmt: skip


def _in_any_language(query: ContractQuery) -> ContractQuery:
    return replace(_placed(query), language=ContractQuery().language)


def _language(query: ContractQuery) -> ContractQuery:
    return ContractQuery(language=query.language)


@memo(_version, part=_contracts)
def counts(opened: OpenContracts, query: ContractQuery) -> Counts:
    """Return the contracts of a query's choice, counted by place and month."""
    return counts_of(opened, Choice(query.kinds, query.fields))


@memo(_version, part=_placed)
def cuts(opened: OpenContracts, query: ContractQuery) -> pd.DataFrame:
    """Return the five cuts of a query."""
    return cut_table(opened, places(), query, span_of(query, opened.as_of))


@memo(_version, part=_placed)
def flows(opened: OpenContracts, query: ContractQuery) -> pd.DataFrame:
    """Return the flows of a query."""
    return flow_table(opened, places(), query, span_of(query, opened.as_of))


@memo(_version, part=_span)
def target(opened: OpenContracts, query: ContractQuery) -> TargetProgress | None:
    """Return how far the patent-related value has come by the end of a query's period."""
    goal = target_of(read_table(POLICY_INDICATORS))
    return target_progress(opened, goal, span_of(query, opened.as_of))


@memo(_version, part=_language)
def subsidy(opened: OpenContracts, query: ContractQuery) -> SubsidyEstimate | None:
    """Return the subsidy estimate of the register."""
    return subsidy_table(opened, query.language)


@memo(_version, part=_in_any_language)
def parties(opened: OpenContracts, query: ContractQuery) -> pd.DataFrame:
    """Return how much the largest parties of a query have."""
    return party_table(opened, places(), query, span_of(query, opened.as_of))
