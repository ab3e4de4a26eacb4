"""The section on the priority score of the page on methods, from the constants of the code."""

import pandas as pd

from network_map.consortia import query as consortium_query
from network_map.gaps import priority, priority_actions, severity
from network_map.gaps import rank_draws as drawn_severities
from network_map.gaps import rank_interval as priority_draws
from network_map.gaps.schema_priority import Component, FactKind, Question, RankCause
from network_map.i18n import count_text, number_text, share_text, text
from network_map.methods.methods_parts import MethodTable, Section, section, table
from network_map.places.words import kind_names

_MOST_POINTS = 100
_QUESTIONS = {
    FactKind.PROVINCIAL_MARKET: Question.WHERE_IS_NODE,
    FactKind.ACTIVITY: Question.ACTIVITY_OF_COUNTY,
    FactKind.CONSORTIUM: Question.CONSORTIUM_OF_COUNTY,
    FactKind.REGISTER: Question.REGISTER,
}


def priority_section(node_kinds: pd.DataFrame, language: str) -> Section:
    """Return components, weights, severities, draws, questions and actions.

    Parameters
    ----------
    node_kinds
        The kinds of node.
    language
        ``zh`` or ``en``.
    """
    return section(
        "priority",
        language,
        (
            "score", "weights", "presence", "reach", "standards", "activity", "consortium",
            "unknown", "bounds", "first", "interval", "draws", "causes", "ask", "actions", "limits",
        ),
        (
            _presets(language), _parts(node_kinds, language), _causes(language),
            _questions(language), _actions(node_kinds, language),
        ),
        points=_MOST_POINTS,
        free=f"{severity.FREE_RATIO:g}",
        full=f"{severity.FULL_RATIO:g}",
        standard=f"{consortium_query.DEFAULT_STANDARD_KM:g}",
        top=priority.TOP_COUNT,
        draws=count_text(drawn_severities.DRAWS),
        low=share_text(priority_draws.LOW_SHARE, 0),
        high=share_text(priority_draws.HIGH_SHARE, 0),
        concentration=f"{priority_draws.CONCENTRATION:g}",
        spread=share_text(drawn_severities.STANDARD_SPREAD, 0),
        least=f"{priority_actions.LEAST_POINTS:g}",
    )  # fmt: skip


def _component(name: str, language: str) -> str:
    return text(f"gap.component.{name}", language)


def _presets(language: str) -> MethodTable:
    """Return the presets with their weights, one column for each component."""
    return MethodTable(
        title=text("methods.table.presets", language),
        headings=(
            text("methods.heading.preset", language),
            *(_component(name, language) for name in priority.COMPONENTS),
        ),
        rows=tuple(
            (
                text(f"gap.preset.{name}", language),
                *(number_text(weights[part], 2) for part in priority.COMPONENTS),
            )
            for name, weights in priority.PRESETS.items()
        ),
    )


def _parts(node_kinds: pd.DataFrame, language: str) -> MethodTable:
    kinds = kind_names(node_kinds, language)
    shares = (
        (Component.PRESENCE, severity.PRESENCE_SHARES),
        (Component.REACH, severity.REACH_SHARES),
    )
    return table(
        "priority_parts",
        language,
        ["component", "kind", "part_share"],
        [
            (_component(component, language), kinds[kind], number_text(share, 2))
            for component, by_kind in shares
            for kind, share in by_kind.items()
        ],
    )


def _causes(language: str) -> MethodTable:
    rows = [
        (text(f"gap.cause.{cause}", language), text(f"methods.cause.{cause}", language))
        for cause in RankCause
    ]
    return table("causes", language, ["cause", "meaning"], rows)


def _questions(language: str) -> MethodTable:
    rows = [
        (
            text(f"priority.fact.{fact}", language),
            text(f"priority.question.{_QUESTIONS.get(fact, Question.HAS_NODE)}", language),
        )
        for fact in FactKind
    ]
    return table("questions", language, ["fact", "question"], rows)


def _actions(node_kinds: pd.DataFrame, language: str) -> MethodTable:
    kinds = kind_names(node_kinds, language)
    rows = [
        (
            text(f"gap.action.{action}", language),
            kinds[name] if name in kinds else _component(name, language),
        )
        for name, action in priority_actions.ACTIONS.items()
    ]
    return table("actions", language, ["action", "against"], rows)
