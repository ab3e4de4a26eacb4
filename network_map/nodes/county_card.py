"""The card of one county: what is there, how we know, and the figures with their units."""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from network_map.i18n import count_text, number_text, share_text, text
from network_map.nodes.dataset import Dataset
from network_map.nodes.layers import above_sentence
from network_map.nodes.presence import basis_texts
from network_map.places.reference import Places, kind_names, place_names, presence_word
from network_map.terms import NodeKind

_CARD_KINDS = (NodeKind.SUB_MARKET, NodeKind.DEMONSTRATION_COUNTY, NodeKind.COUNTY_CENTRE)


@dataclass(frozen=True, slots=True)
class PresenceLine:
    """One kind of node in the county or its prefecture: 有, 无 or 未知, and why."""

    label: str
    presence: str
    presence_word: str
    basis: str


@dataclass(frozen=True, slots=True)
class NodeLine:
    """One node in the county."""

    name: str
    kind: str
    status: str
    origin: str
    established_on: str
    source: str


@dataclass(frozen=True, slots=True)
class CountyCard:
    """Everything that the card says.

    Parameters
    ----------
    adcode, title, subtitle
        The county, its name, and its prefecture with the code.
    presence
        The three kinds that planners look for.
    nodes
        Every node whose place is the county, of whatever kind and status.
    figures
        Label and value with its unit; a figure that is not known says so.
    above
        The sub-market that the county belongs to and how far it is; empty where nobody asked.
    """

    adcode: str
    title: str
    subtitle: str
    presence: tuple[PresenceLine, ...]
    nodes: tuple[NodeLine, ...]
    figures: tuple[tuple[str, str], ...]
    above: str = ""


class CountyCards:
    """The cards of one data set in one language: what they share is looked up once.

    A page that shows one card at each click would otherwise search every table for it again.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    roll
        Presence of each kind in each place, for the same data set.
    language
        ``zh`` or ``en``.
    """

    def __init__(self, places: Places, dataset: Dataset, roll: pd.DataFrame, language: str) -> None:
        self._language = language
        self._names = place_names(places.divisions, language)
        divisions = places.divisions
        self._prefectures = dict(zip(divisions["adcode"], divisions["parent_adcode"], strict=True))
        self._presence = _presence_lines(dataset, roll, language)
        self._nodes = _node_lines(dataset, language)
        self._figures = _figures(places, language)

    def card(self, adcode: str, hierarchy: pd.DataFrame | None = None) -> CountyCard:
        """Return the card of a county.

        Parameters
        ----------
        adcode
            Code of the county.
        hierarchy
            The table ``hierarchy`` of the data set, where the card is to name the sub-market.
        """
        language, names = self._language, self._names
        prefecture = self._prefectures[adcode]
        return CountyCard(
            adcode=adcode,
            title=names[adcode],
            subtitle=text("card.subtitle", language, prefecture=names[prefecture], adcode=adcode),
            presence=tuple(
                self._presence[kind, prefecture if kind is NodeKind.SUB_MARKET else adcode]
                for kind in _CARD_KINDS
            ),
            nodes=self._nodes.get(adcode, ()),
            figures=self._figures[adcode],
            above="" if hierarchy is None else above_sentence(hierarchy, adcode, language),
        )


def _presence_lines(
    dataset: Dataset, roll: pd.DataFrame, language: str
) -> dict[tuple[str, str], PresenceLine]:
    """Return the line of each kind in each place."""
    labels = kind_names(dataset.node_kinds, language, short=True)
    basis = basis_texts(roll, dataset, language)
    cells = zip(roll["kind"], roll["adcode"], roll["presence"], basis, strict=True)
    return {
        (kind, place): PresenceLine(
            labels[kind], presence, presence_word(presence, language), sentence
        )
        for kind, place, presence, sentence in cells
    }


def _node_lines(dataset: Dataset, language: str) -> dict[str, tuple[NodeLine, ...]]:
    """Return the nodes of each county that has any."""
    labels = kind_names(dataset.node_kinds, language)
    not_known = text("card.not_known", language)
    columns = ["adcode", "node_name", "kind", "status", "origin", "established_on", "source"]
    rows = dataset.nodes.sort_values(["kind", "node_id"])[columns].fillna(not_known)
    lines: dict[str, list[NodeLine]] = defaultdict(list)
    for adcode, name, kind, status, origin, established_on, source in rows.itertuples(index=False):
        lines[str(adcode)].append(
            NodeLine(
                name=str(name),
                kind=labels[str(kind)],
                status=text(f"term.status.{status}", language),
                origin=text(f"term.origin.{origin}", language),
                established_on=str(established_on),
                source=str(source),
            )
        )
    return {adcode: tuple(found) for adcode, found in lines.items()}


def _figures(places: Places, language: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return label and value of each figure of each county."""
    areas = places.divisions.set_index("adcode")["computed_area_km2"]
    return {
        str(row["adcode"]): _figure_lines(row, float(areas[str(row["adcode"])]), language)
        for row in places.county_indicators.to_dict("records")
    }


def _figure_lines(
    values: Mapping[Hashable, Any], area_km2: float, language: str
) -> tuple[tuple[str, str], ...]:
    def number(column: str) -> float | None:
        value = values[column]
        return None if pd.isna(value) else float(value)

    def with_unit(value: float | None, unit: str, digits: int) -> str | None:
        if value is None:
            return None
        written = number_text(value, digits) if digits else count_text(round(value))
        return f"{written} {text(f'unit.{unit}', language)}"

    urban = number("urban_share_2020")
    lines = {
        "population": with_unit(number("pop_2020"), "persons", 0),
        "urban_share": None if urban is None else share_text(urban),
        "gdp": with_unit(number("gdp_2021_100m"), "hundred_million_yuan", 2),
        "area": with_unit(area_km2, "km2", 0),
    }
    not_known = text("card.not_known", language)
    return tuple(
        (text(f"card.{key}", language), value or not_known) for key, value in lines.items()
    )
