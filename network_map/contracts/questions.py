"""The questions of the contract page that cost the engine time: what is equal is asked once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from network_map.contracts.counts import Choice, counts_of
from network_map.contracts.cuts import cut_table, party_table
from network_map.contracts.flows import flow_table
from network_map.contracts.query import ContractQuery, span_of
from network_map.contracts.register.engine import OpenContracts
from network_map.contracts.subsidy import subsidy_table
from network_map.contracts.tables import POLICY_INDICATORS
from network_map.contracts.target import target_of, target_progress
from network_map.datapackage import read_table
from network_map.places.reference import Places


class Topic(StrEnum):
    """What is asked."""

    COUNTS = "counts"
    CUTS = "cuts"
    FLOWS = "flows"
    TARGET = "target"
    SUBSIDY = "subsidy"
    PARTIES = "parties"


@dataclass(frozen=True, slots=True)
class Question:
    """A question that can be told from others: two equal ones have one answer.

    Parameters
    ----------
    topic
        What is asked.
    query
        What it depends on; the rest is as usual.
    """

    topic: Topic
    query: ContractQuery


def question_of(topic: Topic, query: ContractQuery) -> Question:
    """Return the question of a topic, without what its answer does not depend on."""
    asked = {
        Topic.COUNTS: lambda: ContractQuery(kinds=query.kinds, fields=query.fields),
        Topic.CUTS: lambda: _placed(query),
        Topic.FLOWS: lambda: _placed(query),
        Topic.TARGET: lambda: ContractQuery(period=query.period, year=query.year, part=query.part),
        Topic.SUBSIDY: lambda: ContractQuery(language=query.language),
        Topic.PARTIES: lambda: replace(_placed(query), language=ContractQuery().language),
    }
    return Question(topic, asked[topic]())


def answer_of(opened: OpenContracts, places: Places, question: Question) -> Any:  # noqa: ANN401 (one of six)
    """Return the answer to a question: ``Counts``, a table, ``TargetProgress`` or an estimate.

    Raises
    ------
    WorkspaceError
        If the engine cannot answer.
    """
    return _ANSWERS[question.topic](opened, places, question.query)


def _placed(query: ContractQuery) -> ContractQuery:
    return ContractQuery(
        language=query.language,
        prefecture_adcode=query.prefecture_adcode,
        side=query.side,
        period=query.period,
        year=query.year,
        part=query.part,
        kinds=query.kinds,
        fields=query.fields,
    )


_ANSWERS: Mapping[Topic, Callable[[OpenContracts, Places, ContractQuery], Any]] = {
    Topic.COUNTS: lambda opened, _, query: counts_of(opened, Choice(query.kinds, query.fields)),
    Topic.CUTS: lambda opened, places, query: cut_table(
        opened, places, query, span_of(query, opened.as_of)
    ),
    Topic.FLOWS: lambda opened, places, query: flow_table(
        opened, places, query, span_of(query, opened.as_of)
    ),
    Topic.TARGET: lambda opened, _, query: target_progress(
        opened, target_of(read_table(POLICY_INDICATORS)), span_of(query, opened.as_of)
    ),
    Topic.SUBSIDY: lambda opened, _, query: subsidy_table(opened, query.language),
    Topic.PARTIES: lambda opened, places, query: party_table(
        opened, places, query, span_of(query, opened.as_of)
    ),
}
