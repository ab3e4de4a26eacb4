"""What a session remembers of the page of coverage gaps, and how its link says it again."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from network_map.errors import Problem, QueryError
from network_map.gaps.priority import COMPONENTS, PRESETS
from network_map.gaps.query import (
    REACH_KINDS,
    GapPicture,
    GapQuery,
    ListOdds,
    as_tuple,
    changed_rules,
    changed_standards,
    gap_link,
    gap_query_from_link,
    preset_of,
)
from network_map.reach.service import DEFAULT_SERVICES
from network_map.terms import AdminLevel, DistanceMethod, ServiceRule

OWN_WEIGHTS = "own"
NO_COUNTY = ""
CHOICES = (
    "gap_picture", "gap_tier", "gap_method", "gap_preset", "gap_years", "gap_seed",
    "gap_one_per_place", "gap_nested", "gap_odds", "gap_compare",
    *(f"gap_km_{kind}" for kind in REACH_KINDS), *(f"gap_rule_{kind}" for kind in REACH_KINDS),
    *(f"gap_weight_{name}" for name in COMPONENTS),
)  # fmt: skip


def start(parameters: Mapping[str, str], divisions: pd.DataFrame) -> tuple[Problem, ...]:
    """Take the choices from the link and return what of it could not be used."""
    counties = frozenset(divisions.loc[divisions["level"] == AdminLevel.COUNTY, "adcode"])
    query, problems = gap_query_from_link(parameters, counties)
    chosen = st.session_state
    chosen["gap_picture"] = query.picture.value
    chosen["gap_tier"] = query.tier
    chosen["gap_method"] = query.method.value
    chosen["gap_preset"] = preset_of(query.weights) or OWN_WEIGHTS
    chosen["gap_years"] = query.years
    chosen["gap_seed"] = query.seed
    chosen["gap_one_per_place"] = query.one_per_place
    chosen["gap_nested"] = query.nested
    chosen["gap_odds"] = query.odds.value
    chosen["gap_compare"] = query.compared_adcode or NO_COUNTY
    for service in query.services:
        chosen[f"gap_km_{service.kind}"] = float(service.standard_km or 0.0)
        chosen[f"gap_rule_{service.kind}"] = service.rule.value
    for name, weight in query.weight_of.items():
        chosen[f"gap_weight_{name}"] = weight
    return problems


def link() -> dict[str, str]:
    """Return the parameters of the choices, none before the first."""
    return gap_link(query()[0]) if "gap_picture" in st.session_state else {}


def take_preset() -> None:
    """Write the weights of the chosen preset into the four fields."""
    preset = PRESETS.get(st.session_state["gap_preset"])
    for name, weight in (preset or {}).items():
        st.session_state[f"gap_weight_{name}"] = weight


def take_weight() -> None:
    """Call the weights own ones where they are no preset any more."""
    try:
        found = preset_of(as_tuple(written_weights()))
    except QueryError:
        found = None
    st.session_state["gap_preset"] = found or OWN_WEIGHTS


def written_weights() -> dict[str, float]:
    """Return the four weights as they were written."""
    return {name: float(st.session_state[f"gap_weight_{name}"] or 0.0) for name in COMPONENTS}


def query() -> tuple[GapQuery, tuple[QueryError, ...]]:
    """Return the question that the choices describe, and what of them cannot be used."""
    chosen = st.session_state
    problems: list[QueryError] = []
    usual = GapQuery()
    weights, standards = usual.weights, usual.standards_km
    try:
        weights = as_tuple(written_weights())
    except QueryError as error:
        problems.append(error)
    found = {kind: float(chosen[f"gap_km_{kind}"] or 0.0) for kind in REACH_KINDS}
    for service in DEFAULT_SERVICES:
        try:
            changed_standards({k: v for k, v in found.items() if k == service.kind})
        except QueryError as error:
            problems.append(error)
            found[service.kind] = float(service.standard_km or 0.0)
    standards = changed_standards(found)
    one_per_place = bool(chosen["gap_one_per_place"])
    return (
        GapQuery(
            language=chosen["language"],
            prefecture_adcode=chosen["prefecture"] or None,
            standards_km=standards,
            rules=changed_rules(
                {kind: ServiceRule(chosen[f"gap_rule_{kind}"]) for kind in REACH_KINDS}
            ),
            method=DistanceMethod(chosen["gap_method"]),
            weights=weights,
            years=int(chosen["gap_years"]),
            seed=int(chosen["gap_seed"]),
            one_per_place=one_per_place,
            nested=bool(chosen["gap_nested"]) and one_per_place,
            odds=ListOdds(chosen["gap_odds"]),
            picture=GapPicture(chosen["gap_picture"]),
            tier=chosen["gap_tier"],
            selected_adcode=chosen["selected"],
            compared_adcode=chosen["gap_compare"] or None,
        ),
        tuple(problems),
    )
