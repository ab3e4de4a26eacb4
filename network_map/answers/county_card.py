"""The card of one county: what is there, how we know, and the figures with their units."""

from dataclasses import dataclass

import pandas as pd

from network_map.answers.basis import basis_texts
from network_map.answers.hierarchy import above_sentence
from network_map.answers.words import kind_names, place_names, presence_word
from network_map.i18n import count_text, number_text, share_text, text
from network_map.schema.dataset import Dataset, Places
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


def county_card(
    places: Places,
    dataset: Dataset,
    roll: pd.DataFrame,
    *,
    adcode: str,
    language: str,
    hierarchy: pd.DataFrame | None = None,
) -> CountyCard:
    """Return the card of a county.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    roll
        Presence of each kind in each place, for the same data set.
    adcode
        Code of the county.
    language
        ``zh`` or ``en``.
    hierarchy
        The table ``hierarchy`` of the data set, where the card is to name the sub-market.
    """
    names = place_names(places.divisions, language)
    divisions = places.divisions
    division = divisions[divisions["adcode"] == adcode].iloc[0].to_dict()
    prefecture = str(division["parent_adcode"])
    return CountyCard(
        adcode=adcode,
        title=names[adcode],
        subtitle=text("card.subtitle", language, prefecture=names[prefecture], adcode=adcode),
        presence=tuple(
            _presence_line(
                dataset,
                roll,
                kind=kind,
                place=prefecture if kind is NodeKind.SUB_MARKET else adcode,
                language=language,
            )
            for kind in _CARD_KINDS
        ),
        nodes=_node_lines(dataset, adcode, language),
        figures=_figures(places, adcode, float(division["computed_area_km2"]), language),
        above="" if hierarchy is None else above_sentence(hierarchy, adcode, language),
    )


def _presence_line(
    dataset: Dataset, roll: pd.DataFrame, *, kind: NodeKind, place: str, language: str
) -> PresenceLine:
    rows = roll[(roll["kind"] == kind) & (roll["adcode"] == place)]
    labels = kind_names(dataset.node_kinds, language, short=True)
    presence = str(rows["presence"].iloc[0])
    return PresenceLine(
        label=labels[kind],
        presence=presence,
        presence_word=presence_word(presence, language),
        basis=basis_texts(rows, dataset, language).iloc[0],
    )


def _node_lines(dataset: Dataset, adcode: str, language: str) -> tuple[NodeLine, ...]:
    rows = dataset.nodes[dataset.nodes["adcode"] == adcode].sort_values(["kind", "node_id"])
    labels = kind_names(dataset.node_kinds, language)
    not_known = text("card.not_known", language)
    columns = ["node_name", "kind", "status", "origin", "established_on", "source"]
    filled = rows[columns].fillna(not_known)
    return tuple(
        NodeLine(
            name=str(name),
            kind=labels[str(kind)],
            status=text(f"term.status.{status}", language),
            origin=text(f"term.origin.{origin}", language),
            established_on=str(established_on),
            source=str(source),
        )
        for name, kind, status, origin, established_on, source in filled.itertuples(index=False)
    )


def _figures(
    places: Places, adcode: str, area_km2: float, language: str
) -> tuple[tuple[str, str], ...]:
    rows = places.county_indicators
    values = rows[rows["adcode"] == adcode].iloc[0].to_dict()

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
