"""What a session remembers of the contract page, and how its link says it again."""

from collections.abc import Mapping

import streamlit as st

from network_map.contracts.query import (
    PARTS,
    ContractMeasure,
    ContractPeriod,
    ContractPicture,
    ContractQuery,
    ContractSide,
    contract_link,
    contract_query_from_link,
)
from network_map.errors import Problem
from network_map.nodes.query import parse_breaks
from network_map.terms import AdminLevel, Classifier, ContractKind, TechnologyField

LATEST = 0
"""Stands for a year or a part that is not chosen: the latest of the register."""
CHOICES = (
    "contract_side", "contract_measure", "contract_level", "contract_period", "contract_year",
    "contract_quarter", "contract_month", "contract_kinds", "contract_fields",
    "contract_picture",
)  # fmt: skip
_PART_KEYS = {ContractPeriod.QUARTER: "contract_quarter", ContractPeriod.MONTH: "contract_month"}


def start(parameters: Mapping[str, str]) -> tuple[Problem, ...]:
    """Take the choices from the link and return what of it could not be used."""
    query, problems = contract_query_from_link(parameters)
    st.session_state["contract_side"] = query.side.value
    st.session_state["contract_measure"] = query.measure.value
    st.session_state["contract_level"] = query.level.value
    st.session_state["contract_period"] = query.period.value
    st.session_state["contract_year"] = query.year or LATEST
    for period, key in _PART_KEYS.items():
        st.session_state[key] = (query.part if period is query.period else None) or LATEST
    st.session_state["contract_kinds"] = [kind.value for kind in query.kinds]
    st.session_state["contract_fields"] = [code.value for code in query.fields]
    st.session_state["contract_picture"] = query.picture.value
    return problems


def link() -> dict[str, str]:
    """Return the parameters of the choices, none before the first."""
    return contract_link(query()) if "contract_side" in st.session_state else {}


def query() -> ContractQuery:
    """Return the question that the choices describe; own breaks that are none are left out.

    With a prefecture the counties of it are listed: one row for it would say nothing.
    """
    chosen = st.session_state
    period = ContractPeriod(chosen["contract_period"])
    part_key = _PART_KEYS.get(period)
    part = chosen[part_key] if part_key is not None else LATEST
    return ContractQuery(
        language=chosen["language"],
        prefecture_adcode=chosen["prefecture"] or None,
        side=ContractSide(chosen["contract_side"]),
        measure=ContractMeasure(chosen["contract_measure"]),
        level=AdminLevel(chosen["contract_level"]),
        period=period,
        year=chosen["contract_year"] or None if period is not ContractPeriod.ALL else None,
        part=part or None,
        kinds=tuple(kind for kind in ContractKind if kind in chosen["contract_kinds"]),
        fields=tuple(code for code in TechnologyField if code in chosen["contract_fields"]),
        classifier=Classifier(chosen["classifier"]),
        class_count=int(chosen["class_count"]),
        own_breaks=parse_breaks(chosen["own_breaks_text"]) or (),
        picture=ContractPicture(chosen["contract_picture"]),
    )


def part_key(period: ContractPeriod) -> str | None:
    """Return the key of the choice of a quarter or a month, None for other periods."""
    return _PART_KEYS.get(period)


def part_count(period: ContractPeriod) -> int:
    """Return how many quarters or months a year has."""
    return PARTS[period]
