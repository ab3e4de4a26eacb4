"""What can be asked of the indices of the counties, and the answer: one index at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from network_map.completion.ensemble import completion_sentence
from network_map.gaps.facts import GapFacts
from network_map.i18n import text
from network_map.indices.accessibility import luo_qi_steps, zoned_access
from network_map.indices.distribution import (
    inequality,
    local_moran,
    lorenz_curve,
    moran,
    queen_neighbours,
    theil_groups,
)
from network_map.indices.tables import COUNTY_INDEX, THEIL_BY_PREFECTURE
from network_map.nodes.dataset import Dataset
from network_map.places.query import AreaQuery
from network_map.places.reference import Places, kind_names, place_names, read_boundaries
from network_map.query import Option, choice, parameter
from network_map.reach.coverage import counted_facilities
from network_map.tables.check import conform
from network_map.terms import AdminLevel, NodeKind


class Index(StrEnum):
    """What is measured of each county."""

    SUB_MARKET_ACCESS = "sub_market_access"
    DEMONSTRATION_ACCESS = "demonstration_access"
    ABSORPTION_RATE = "absorption_rate"
    OUTPUT_RATE = "output_rate"


class IndexPicture(StrEnum):
    """What colours the map."""

    VALUE = "value"
    CLUSTER = "cluster"


ACCESS_KINDS: Mapping[Index, str] = {
    Index.SUB_MARKET_ACCESS: NodeKind.SUB_MARKET.value,
    Index.DEMONSTRATION_ACCESS: NodeKind.DEMONSTRATION_COUNTY.value,
}
"""The kind of node of each index of accessibility."""
RATE_SIDES: Mapping[Index, str] = {
    Index.ABSORPTION_RATE: "absorption",
    Index.OUTPUT_RATE: "output",
}
"""The side of the contracts of each rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexQuery(AreaQuery):
    """What the page of indices shows.

    Parameters
    ----------
    language, prefecture_adcode, selected_adcode
        As for every page; measures of inequality and clusters are of the whole province.
    index, picture
        What is measured, and what colours the map.
    """

    index: Index = parameter(
        Index.SUB_MARKET_ACCESS, choice(Index),
        link="index", json="index", key="index_kind", option=Option("index"),
    )  # fmt: skip
    picture: IndexPicture = parameter(
        IndexPicture.VALUE, choice(IndexPicture), link="index_map", key="index_picture"
    )


SEED = 1
"""Chooses the permutations behind the clusters."""
LEAST_ACTIVE = 5
"""In how many counties contracts must be for their rates to be drawn to each other's mean."""
PEOPLE = 1_000_000
"""Accessibility is told for so many people."""
_DIGITS = 3


@dataclass(frozen=True, eq=False)
class IndexAnswer:
    """The finished answer, of the whole province.

    Parameters
    ----------
    table
        Declared table ``county_index``, by rank.
    measures, groups, curve, global_moran
        Declared tables ``inequality``, ``theil_by_prefecture``, ``lorenz`` and ``moran``.
    notes
        What is not known and how it counts, a sentence each.
    """

    table: pd.DataFrame
    measures: pd.DataFrame
    groups: pd.DataFrame
    curve: pd.DataFrame
    global_moran: pd.DataFrame
    notes: tuple[str, ...]

    def inside(self, places: Places, prefecture_adcode: str | None) -> pd.DataFrame:
        """Return the rows of a prefecture, all of them for None."""
        if prefecture_adcode is None:
            return self.table
        divisions = places.divisions
        own = divisions.loc[divisions["parent_adcode"] == prefecture_adcode, "adcode"]
        return self.table[self.table["adcode"].isin(own)].reset_index(drop=True)


def county_neighbours() -> pd.DataFrame:
    """Return which counties touch, by the shipped boundaries.

    Raises
    ------
    MissingFileError, DamagedFileError
        If the boundaries are not there or not what they should be.
    """
    return queen_neighbours(read_boundaries(AdminLevel.COUNTY))


def index_answer(
    places: Places,
    dataset: Dataset,
    facts: GapFacts,
    neighbours: pd.DataFrame,
    *,
    index: Index,
    language: str,
) -> IndexAnswer:
    """Return an index of every county, how unevenly it is spread and where it gathers.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    facts
        What ``gaps.facts.gap_facts`` returned for the usual query: distances and activity.
    neighbours
        What :func:`county_neighbours` returned.
    index
        What is measured.
    language
        ``zh`` or ``en``.
    """
    indicators = places.county_indicators.set_index("adcode")
    people = indicators["pop_2020"].astype("float64").sort_index()
    values = _values(dataset, facts, people, index).reindex(people.index)
    names = place_names(places.divisions, language)
    parents = places.divisions.set_index("adcode")["parent_adcode"].reindex(people.index)
    value = values["index_value"]
    local = local_moran(value, neighbours, seed=SEED).set_index("adcode")
    is_cluster = local["is_cluster"].fillna(value=False).astype("bool")
    table = values.assign(
        adcode=values.index,
        rank=value.rank(ascending=False, method="min").astype("Int64"),
        index_value=value.round(_DIGITS),
        county_name=[names[code] for code in values.index],
        prefecture_name=parents.map(names),
        cluster_code=local["quadrant_code"].where(is_cluster),
        cluster_reason_code=local["cluster_reason_code"],
        adjusted_p=local["adjusted_p"].round(_DIGITS),
    )
    table = table.rename_axis(None).sort_values(["rank", "adcode"], na_position="last")
    groups = theil_groups(value, people, parents)
    return IndexAnswer(
        table=conform(COUNTY_INDEX, table),
        measures=inequality(value, people, parents),
        groups=conform(
            THEIL_BY_PREFECTURE, groups.assign(prefecture_name=groups["group_adcode"].map(names))
        ),
        curve=lorenz_curve(value, people),
        global_moran=moran(value, neighbours, seed=SEED),
        notes=_notes(dataset, facts, index, language),
    )


def catchment_km(facts: GapFacts, index: Index) -> float:
    """Return the catchment of an index of accessibility: the service standard of its kind."""
    kind = ACCESS_KINDS[index]
    (standard,) = (s.standard_km for s in facts.query.services if s.kind == kind)
    return float(standard or 0.0)


def _values(
    dataset: Dataset, facts: GapFacts, people: "pd.Series[float]", index: Index
) -> pd.DataFrame:
    """Return ``index_value`` and ``reachable_count`` by county."""
    if index in RATE_SIDES:
        if facts.activity is None or _active_count(facts, index) < LEAST_ACTIVE:
            return pd.DataFrame({"index_value": np.nan, "reachable_count": pd.NA}, people.index)
        rates = facts.activity.set_index("adcode")[f"{RATE_SIDES[index]}_smoothed_per_10k"]
        return pd.DataFrame({"index_value": rates.astype("float64"), "reachable_count": pd.NA})
    nodes = counted_facilities(dataset.nodes, ACCESS_KINDS[index])
    placed = nodes.loc[nodes["node_id"].isin(facts.cost.facility_ids), "node_id"]
    cost = facts.cost.covering(placed, demand_ids=people.index)
    steps = luo_qi_steps(catchment_km(facts, index))
    supply = pd.Series(1.0, index=list(placed))
    found = zoned_access(cost, people, supply, steps=steps).set_index("demand_id")
    return pd.DataFrame(
        {"index_value": found["access"] * PEOPLE, "reachable_count": found["reachable_count"]}
    )


def _active_count(facts: GapFacts, index: Index) -> int:
    """Return how many counties have a contract on the side of a rate."""
    if facts.activity is None:
        return 0
    return int((facts.activity[f"{RATE_SIDES[index]}_contract_count"] > 0).sum())


def _notes(dataset: Dataset, facts: GapFacts, index: Index, language: str) -> tuple[str, ...]:
    if index in RATE_SIDES:
        if facts.activity is None:
            return (text("index.no_register", language),)
        if (count := _active_count(facts, index)) < LEAST_ACTIVE:
            return (text("index.few_active", language, count=count, least=LEAST_ACTIVE),)
        years = {"years": facts.query.years, "as_of": facts.register.as_of}
        notes = [text("index.rate_note", language, **years)]
        if RATE_SIDES[index] == "absorption":
            notes.append(text("index.partial", language))
        return tuple(notes)
    kind = ACCESS_KINDS[index]
    name = kind_names(dataset.node_kinds, language, short=True)[kind]
    km = f"{catchment_km(facts, index):g}"
    notes = [text("index.access_note", language, kind=name, km=km)]
    if facts.lacks_names(kind):
        notes.append(completion_sentence(facts.by_kind[kind], name, language))
        notes.append(text("index.named_only", language))
    return tuple(notes)
