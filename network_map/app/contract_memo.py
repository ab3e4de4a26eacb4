"""The contract register of the open data set, and its answers, each asked once.

The demonstration register and its answers are shared by everybody. An own register belongs to the
session that opened it, and so do its answers.
"""

from collections import OrderedDict
from typing import Any, cast

import pandas as pd
import streamlit as st

from network_map.app import contract_cached
from network_map.app.kit import memo as cached
from network_map.contracts.counts import Counts
from network_map.contracts.query import ContractQuery
from network_map.contracts.questions import Question, Topic, answer_of, question_of
from network_map.contracts.register.engine import OpenContracts
from network_map.contracts.register.open import contract_register_id, open_contract_register
from network_map.contracts.subsidy import SubsidyEstimate
from network_map.contracts.target import TargetProgress
from network_map.terms import OWN, DatasetName

_KEPT = 32


def opened_register() -> OpenContracts | None:
    """Return the register of the chosen data set, None where there is none.

    Raises
    ------
    ConfigError, DamagedFileError, WorkspaceError
        If an own register cannot be opened.
    """
    name = st.session_state["dataset"]
    if name == DatasetName.DEMO.value:
        return contract_cached.demo_contracts()
    if name != OWN:
        return None
    register_id = contract_register_id(cached.settings())
    known = st.session_state.get("own_contracts")
    if known is None or known[0] != register_id:
        opened = open_contract_register(OWN, cached.settings())
        answers: OrderedDict[Question, Any] = OrderedDict()
        known = st.session_state["own_contracts"] = (register_id, opened, answers)
    own: OpenContracts | None = known[1]
    return own


def counts(opened: OpenContracts, query: ContractQuery) -> Counts:
    """Return the contracts of a query's choice, counted by place and month."""
    return cast("Counts", _answer(opened, question_of(Topic.COUNTS, query)))


def cuts(opened: OpenContracts, query: ContractQuery) -> pd.DataFrame:
    """Return the five cuts of a query."""
    return cast("pd.DataFrame", _answer(opened, question_of(Topic.CUTS, query)))


def flows(opened: OpenContracts, query: ContractQuery) -> pd.DataFrame:
    """Return the flows of a query."""
    return cast("pd.DataFrame", _answer(opened, question_of(Topic.FLOWS, query)))


def target(opened: OpenContracts, query: ContractQuery) -> TargetProgress | None:
    """Return how far the patent-related value has come by the end of a query's period."""
    return cast("TargetProgress | None", _answer(opened, question_of(Topic.TARGET, query)))


def subsidy(opened: OpenContracts, query: ContractQuery) -> SubsidyEstimate | None:
    """Return the subsidy estimate of the register."""
    return cast("SubsidyEstimate | None", _answer(opened, question_of(Topic.SUBSIDY, query)))


def parties(opened: OpenContracts, query: ContractQuery) -> pd.DataFrame:
    """Return how much the largest parties of a query have."""
    return cast("pd.DataFrame", _answer(opened, question_of(Topic.PARTIES, query)))


def _answer(opened: OpenContracts, question: Question) -> object:
    if opened.is_demo:
        return contract_cached.demo_contract_answer(question)
    answers: OrderedDict[Question, Any] = st.session_state["own_contracts"][2]
    if question not in answers:
        answers[question] = answer_of(opened, cached.places(), question)
        if len(answers) > _KEPT:
            answers.popitem(last=False)
    return answers[question]
