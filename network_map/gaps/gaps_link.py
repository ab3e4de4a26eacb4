"""The part of a link that says what the page of coverage gaps shows."""

from collections.abc import Mapping

from network_map.errors import Problem, QueryError, Severity
from network_map.gaps.priority import COMPONENTS, PRESETS
from network_map.gaps.query import (
    DEFAULT_PRESET,
    DEFAULT_SEED,
    DEFAULT_YEARS,
    GAP_METHODS,
    MOST_SEED,
    MOST_YEARS,
    REACH_KINDS,
    GapPicture,
    GapQuery,
    ListOdds,
    as_tuple,
    changed_rules,
    changed_standards,
    preset_of,
)
from network_map.terms import DistanceMethod, ServiceRule

_SHOWN_LENGTH = 40


def gap_link(query: GapQuery) -> dict[str, str]:
    """Return the parameters that only this page has; what is usual is left out."""
    usual = GapQuery()
    preset = preset_of(query.weights)
    values = {
        "gap_map": query.picture.value,
        "gap_tier": query.tier,
        "gap_km": ",".join(f"{kind}:{value:g}" for kind, value in query.standards_km),
        "gap_rule": ",".join(f"{kind}:{rule.value}" for kind, rule in query.rules),
        "gap_method": query.method.value,
        "weights": preset or ",".join(f"{value:.6g}" for value in query.weights),
        "years": str(query.years),
        "seed": str(query.seed),
        "several": "" if query.one_per_place else "1",
        "nested": "1" if query.nested else "",
        "odds": query.odds.value,
        "compare": query.compared_adcode or "",
    }
    defaults = {
        "gap_map": usual.picture.value,
        "gap_tier": usual.tier,
        "gap_method": usual.method.value,
        "weights": DEFAULT_PRESET,
        "years": str(usual.years),
        "seed": str(usual.seed),
        "odds": usual.odds.value,
    }
    return {name: value for name, value in values.items() if value and value != defaults.get(name)}


def gap_query_from_link(
    parameters: Mapping[str, str], counties: frozenset[str]
) -> tuple[GapQuery, tuple[Problem, ...]]:
    """Return the query of a link, and one problem for each part that could not be used.

    Parameters
    ----------
    parameters
        Name and value of each parameter; those of other pages are left to others.
    counties
        Codes of the counties.
    """
    reader = _Reader(parameters)
    several = reader.choice("several", ("0", "1"), "0") == "1"
    nested = reader.choice("nested", ("0", "1"), "0") == "1"
    query = GapQuery(
        picture=GapPicture(reader.choice("gap_map", tuple(GapPicture), GapPicture.SCORE)),
        tier=reader.choice("gap_tier", REACH_KINDS, GapQuery().tier),
        standards_km=reader.standards(),
        rules=reader.rules(),
        method=DistanceMethod(reader.choice("gap_method", GAP_METHODS, GapQuery().method)),
        weights=reader.weights(),
        years=reader.number("years", 1, MOST_YEARS, DEFAULT_YEARS),
        seed=reader.number("seed", 0, MOST_SEED, DEFAULT_SEED),
        one_per_place=not several,
        nested=nested and not several,
        odds=ListOdds(reader.choice("odds", tuple(ListOdds), ListOdds.EVEN)),
        compared_adcode=reader.choice("compare", tuple(counties), "") or None,
    )
    return query, tuple(reader.problems)


class _Reader:
    """Reads the parameters one by one and keeps what could not be used."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._parameters = parameters
        self.problems: list[Problem] = []

    def choice(self, name: str, allowed: tuple[str, ...], usual: str) -> str:
        value = self._parameters.get(name, "")
        if not value or value in set(allowed):
            return str(value or usual)
        self._refuse(name, value, "、".join(allowed[: len(REACH_KINDS)]))
        return str(usual)

    def number(self, name: str, least: int, most: int, usual: int) -> int:
        value = self._parameters.get(name, "")
        if not value:
            return usual
        if value.isascii() and value.isdigit() and least <= int(value[:11]) <= most:
            return int(value)
        self._refuse(name, value, f"{least}–{most}")
        return usual

    def standards(self) -> tuple[tuple[str, float], ...]:
        pairs = self._pairs("gap_km")
        try:
            return changed_standards({kind: float(value) for kind, value in pairs.items()})
        except (ValueError, QueryError):
            self._refuse("gap_km", self._parameters["gap_km"], "sub_market:120")
            return ()

    def rules(self) -> tuple[tuple[str, ServiceRule], ...]:
        pairs = self._pairs("gap_rule")
        try:
            return changed_rules({kind: ServiceRule(value) for kind, value in pairs.items()})
        except (ValueError, QueryError):
            self._refuse("gap_rule", self._parameters["gap_rule"], "sub_market:nearest")
            return ()

    def weights(self) -> tuple[float, ...]:
        value = self._parameters.get("weights", "")
        if not value or value in PRESETS:
            return tuple(PRESETS[value or DEFAULT_PRESET].values())
        parts = value.split(",")
        try:
            numbers = dict(zip(COMPONENTS, map(float, parts), strict=True))
            return as_tuple(numbers)
        except (ValueError, QueryError):
            self._refuse("weights", value, "、".join(PRESETS))
            return GapQuery().weights

    def _pairs(self, name: str) -> dict[str, str]:
        parts = [part for part in self._parameters.get(name, "").split(",") if part]
        return {kind: value for kind, _, value in (part.partition(":") for part in parts)}

    def _refuse(self, name: str, value: str, allowed: str) -> None:
        shown = value if len(value) <= _SHOWN_LENGTH else value[:_SHOWN_LENGTH] + "…"
        values = {"allowed": allowed}
        problem = Problem("link_choice", Severity.NOTE, column=name, value=shown, values=values)
        self.problems.append(problem)
