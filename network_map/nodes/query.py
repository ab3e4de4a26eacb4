"""What a person asked for on a page, and the link that says it again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import pandas as pd

from network_map.errors import Problem, Severity
from network_map.maps.classes import MAXIMUM_CLASSES, MINIMUM_CLASSES
from network_map.terms import AdminLevel, Classifier, NodeKind

LINK_VERSION = "1"
DEFAULT_CLASS_COUNT = 5
_SHOWN = "1"


class Overlay(StrEnum):
    """What the areas of the map are coloured by."""

    NONE = "none"
    POPULATION = "population"
    GDP = "gdp"
    SUB_MARKET = "sub_market"
    DEMONSTRATION_COUNTY = "demonstration_county"
    COUNTY_CENTRE = "county_centre"

    @property
    def is_presence(self) -> bool:
        """Whether it shows where a kind of node is present, absent or unknown."""
        return self.value in set(NodeKind)


@dataclass(frozen=True, slots=True)
class OverviewQuery:
    """What the overview shows.

    Parameters
    ----------
    language
        ``zh`` or ``en``.
    prefecture_adcode
        Show this prefecture only; None shows the province.
    kinds
        Kinds of node drawn on the map.
    overlay
        What colours the areas.
    level
        Whether counties or prefectures are coloured.
    classifier, class_count, own_breaks
        How values are cut into classes; own breaks in the unit of the legend.
    selected_adcode
        The county whose card is open.
    hierarchy
        Whether lines join counties to sub-markets and those to the provincial market.
    """

    language: str = "zh"
    prefecture_adcode: str | None = None
    kinds: tuple[str, ...] = tuple(kind.value for kind in NodeKind)
    overlay: Overlay = Overlay.NONE
    level: AdminLevel = AdminLevel.COUNTY
    classifier: Classifier = Classifier.NATURAL_BREAKS
    class_count: int = DEFAULT_CLASS_COUNT
    own_breaks: tuple[float, ...] = field(default=())
    selected_adcode: str | None = None
    hierarchy: bool = False


def link_parameters(query: OverviewQuery) -> dict[str, str]:
    """Return the parameters of a link that restores the query; what is usual is left out."""
    usual = OverviewQuery()
    values = {
        "prefecture": query.prefecture_adcode or "",
        "kinds": "-" if not query.kinds else ",".join(query.kinds),
        "overlay": query.overlay.value,
        "level": query.level.value,
        "classes": query.classifier.value,
        "k": str(query.class_count),
        "breaks": ",".join(f"{value:g}" for value in query.own_breaks),
        "county": query.selected_adcode or "",
        "lines": _SHOWN if query.hierarchy else "",
    }
    defaults = {
        "kinds": ",".join(usual.kinds),
        "overlay": usual.overlay.value,
        "level": usual.level.value,
        "classes": usual.classifier.value,
        "k": str(usual.class_count),
    }
    return {name: value for name, value in values.items() if value and value != defaults.get(name)}


def query_from_link(
    parameters: Mapping[str, str], divisions: pd.DataFrame, node_kinds: pd.DataFrame, language: str
) -> tuple[OverviewQuery, tuple[Problem, ...]]:
    """Return the query that a link asks for, and what in the link could not be used.

    Parameters
    ----------
    parameters
        Name and value of each parameter; unknown names are left to others.
    divisions, node_kinds
        The declared tables of those names.
    language
        Language of the page.

    Returns
    -------
    query
        The query; a part that could not be used has its usual value.
    problems
        One for each such part, naming what was expected and found.
    """
    reader = _LinkReader(parameters)
    prefectures = set(divisions.loc[divisions["level"] == AdminLevel.PREFECTURE, "adcode"])
    counties = set(divisions.loc[divisions["level"] == AdminLevel.COUNTY, "adcode"])
    usual = OverviewQuery()
    query = OverviewQuery(
        language=language,
        prefecture_adcode=reader.member("prefecture", prefectures, "link_prefecture"),
        kinds=reader.kinds(list(node_kinds["kind"])),
        overlay=Overlay(reader.choice("overlay", tuple(Overlay), usual.overlay)),
        level=AdminLevel(
            reader.choice("level", (AdminLevel.COUNTY, AdminLevel.PREFECTURE), usual.level)
        ),
        classifier=Classifier(reader.choice("classes", tuple(Classifier), usual.classifier)),
        class_count=reader.class_count(),
        own_breaks=reader.breaks(),
        selected_adcode=reader.member("county", counties, "link_county"),
        hierarchy=reader.is_shown("lines"),
    )
    return query, tuple(reader.problems)


class _LinkReader:
    """Reads the parameters one by one and keeps what could not be used."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._parameters = parameters
        self.problems: list[Problem] = []

    def member(self, name: str, allowed: set[str], code: str) -> str | None:
        value = self._parameters.get(name, "")
        if not value or value in allowed:
            return value or None
        self._refuse(code, name, value)
        return None

    def choice(self, name: str, allowed: tuple[StrEnum, ...], usual: StrEnum) -> str:
        value = self._parameters.get(name, "")
        if not value or value in set(allowed):
            return value or usual.value
        self._refuse("link_choice", name, value, allowed="、".join(allowed))
        return usual.value

    def is_shown(self, name: str) -> bool:
        value = self._parameters.get(name, "")
        if value not in {"", _SHOWN}:
            self._refuse("link_choice", name, value, allowed=_SHOWN)
        return value == _SHOWN

    def kinds(self, allowed: list[str]) -> tuple[str, ...]:
        value = self._parameters.get("kinds", "")
        if not value:
            return OverviewQuery().kinds
        asked = [] if value == "-" else value.split(",")
        for kind in asked:
            if kind not in allowed:
                self._refuse("link_choice", "kinds", kind, allowed="、".join(allowed))
        return tuple(kind for kind in allowed if kind in asked)

    def class_count(self) -> int:
        value = self._parameters.get("k", "")
        if not value:
            return DEFAULT_CLASS_COUNT
        if value.isdecimal() and MINIMUM_CLASSES <= int(value) <= MAXIMUM_CLASSES:
            return int(value)
        allowed = f"{MINIMUM_CLASSES}–{MAXIMUM_CLASSES}"
        self._refuse("link_choice", "k", value, allowed=allowed)
        return DEFAULT_CLASS_COUNT

    def breaks(self) -> tuple[float, ...]:
        value = self._parameters.get("breaks", "")
        numbers = parse_breaks(value)
        if numbers is None:
            self._refuse("link_breaks", "breaks", value)
        return numbers or ()

    def _refuse(self, code: str, name: str, value: str, **values: object) -> None:
        shown = value if len(value) <= _SHOWN_LENGTH else value[:_SHOWN_LENGTH] + "…"
        self.problems.append(Problem(code, Severity.NOTE, column=name, value=shown, values=values))


_SHOWN_LENGTH = 40


def parse_breaks(text: str) -> tuple[float, ...] | None:
    """Return the numbers of a list separated by commas or blanks, or None if one is no number."""
    parts = text.replace(",", " ").replace(",", " ").replace("、", " ").replace(";", " ").split()
    try:
        return tuple(float(part) for part in parts)
    except ValueError:
        return None
