"""What a person asks for on the page of coverage gaps.

The part of a link that says what the page of coverage gaps shows.

Whether the parameters of a list of gaps can be used; they may come from a changed file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from network_map.errors import Problem, QueryError, Severity
from network_map.gaps.priority import COMPONENTS, PRESETS, is_scaled, scaled_weights
from network_map.i18n import LANGUAGES, text
from network_map.places.tables import PROVINCE_ADCODE
from network_map.reach.service import DEFAULT_SERVICES, Service, services
from network_map.terms import DistanceMethod, NodeKind, ServiceRule

REACH_KINDS = (
    NodeKind.SUB_MARKET.value, NodeKind.DEMONSTRATION_COUNTY.value,
    NodeKind.PROVINCIAL_MARKET.value,
)  # fmt: skip
"""The kinds whose distance is judged by a standard, in the order of their weight."""
GAP_METHODS = (DistanceMethod.ROAD_NETWORK_KM, DistanceMethod.GEODESIC_X_CIRCUITY)
GAP_RULES = (ServiceRule.OWN_PREFECTURE, ServiceRule.NEAREST)
DEFAULT_PRESET = "balanced"
DEFAULT_YEARS, DEFAULT_SEED, DEFAULT_DRAWS = 3, 1, 2000
MOST_YEARS, MOST_SEED, MOST_STANDARD_KM = 10, 2**31 - 1, 2000.0
_SHOWN_LENGTH = 40
_SAME_WITHIN = 1e-9


class ListOdds(StrEnum):
    """How the possible lists weigh against each other: by the odds of the places in them."""

    EVEN = "even"
    """Every list alike."""
    PEOPLE = "people"
    GDP = "gdp"


class GapPicture(StrEnum):
    """What colours the counties of the map."""

    SCORE = "score"
    VERDICT = "verdict"


@dataclass(frozen=True, slots=True)
class GapQuery:
    """What the page of coverage gaps shows.

    Parameters
    ----------
    language
        ``zh`` or ``en``.
    prefecture_adcode
        List this prefecture only; scores and ranks are those of the whole province.
    standards_km
        Service standards in kilometres that differ from the defaults: kind and value, in the
        order of :data:`REACH_KINDS`.
    rules
        Service rules that differ from the defaults, likewise.
    method
        How distances are found.
    weights
        Of the four components, in the order of :data:`COMPONENTS`, scaled to sum 1.
    years
        Length of the period of contracts, back from the register's own cut-off.
    seed, draws
        Of the joint draws behind the rank intervals.
    one_per_place, nested
        The two switches of the possible lists.
    odds
        How the possible lists weigh against each other.
    picture, tier
        What colours the map: the score, or the verdict of this kind of node.
    selected_adcode, compared_adcode
        The county that is looked at, and the one beside it.
    """

    language: str = "zh"
    prefecture_adcode: str | None = None
    standards_km: tuple[tuple[str, float], ...] = ()
    rules: tuple[tuple[str, ServiceRule], ...] = ()
    method: DistanceMethod = DistanceMethod.ROAD_NETWORK_KM
    weights: tuple[float, ...] = tuple(PRESETS[DEFAULT_PRESET].values())
    years: int = DEFAULT_YEARS
    seed: int = DEFAULT_SEED
    draws: int = DEFAULT_DRAWS
    one_per_place: bool = True
    nested: bool = False
    odds: ListOdds = ListOdds.EVEN
    picture: GapPicture = GapPicture.SCORE
    tier: str = NodeKind.SUB_MARKET.value
    selected_adcode: str | None = None
    compared_adcode: str | None = None

    @property
    def area_adcode(self) -> str:
        """Code of the listed area."""
        return self.prefecture_adcode or PROVINCE_ADCODE

    @property
    def weight_of(self) -> dict[str, float]:
        """The scaled weights by component."""
        return dict(zip(COMPONENTS, self.weights, strict=True))

    @property
    def services(self) -> tuple[Service, ...]:
        """The services of :data:`REACH_KINDS`."""
        found = services(dict(self.standards_km), dict(self.rules))
        by_kind = {service.kind: service for service in found}
        return tuple(by_kind[kind] for kind in REACH_KINDS)

    @property
    def facts_part(self) -> "GapQuery":
        """The query with all that changes no fact taken back to its default."""
        usual = GapQuery()
        return replace(self.scores_part, weights=usual.weights, seed=usual.seed, draws=usual.draws)

    @property
    def tier_part(self) -> "GapQuery":
        """The query with all that changes no node on the map taken back to its default."""
        return GapQuery(
            language=self.language, prefecture_adcode=self.prefecture_adcode, tier=self.tier
        )

    @property
    def scores_part(self) -> "GapQuery":
        """The query with all that changes no score taken back to its default."""
        usual = GapQuery()
        return replace(
            self,
            language=usual.language, prefecture_adcode=None, picture=usual.picture,
            tier=usual.tier, selected_adcode=None, compared_adcode=None,
        )  # fmt: skip


def as_tuple(weights: Mapping[str, float]) -> tuple[float, ...]:
    """Return weights in the order of the components, scaled to sum 1; scaled ones as they are.

    Raises
    ------
    QueryError
        If a component is unknown, a weight is negative or no number, or all are 0.
    """
    scaled = scaled_weights(weights)
    if is_scaled(weights):
        return tuple(scaled[name] for name in COMPONENTS)
    return tuple(float(weights.get(name, 0.0)) for name in COMPONENTS)


def weights_of(written: str) -> tuple[float, ...]:
    """Return the weights that a text names, scaled to sum 1.

    Raises
    ------
    QueryError
        As :func:`written_weights`, and if the weights cannot be used.
    """
    return as_tuple(written_weights(written))


def written_weights(written: str) -> dict[str, float]:
    """Return the weights as a text gives them: a preset in either language, or ``presence=0.3,…``.

    Raises
    ------
    QueryError
        If it is neither.
    """
    for name, preset in PRESETS.items():
        if written.strip() in {name, *(text(f"gap.preset.{name}", lang) for lang in LANGUAGES)}:
            return dict(preset)
    named: dict[str, float] = {}
    for part in written.replace(",", ",").replace("、", ",").split(","):
        name, is_given, value = part.partition("=")
        try:
            named[_component(name.strip())] = float(value)
        except ValueError:
            is_given = ""
        if not is_given:
            known = "、".join(text(f"gap.preset.{preset}", "zh") for preset in PRESETS)
            raise QueryError("gap_weights_text", found=written[:_SHOWN_LENGTH], known=known)
    return named


def _component(name: str) -> str:
    for component in COMPONENTS:
        if name in {text(f"gap.component.{component}", lang) for lang in LANGUAGES}:
            return component
    return name


def preset_of(weights: tuple[float, ...]) -> str | None:
    """Return the name of the preset that the weights are, None where they are none."""
    for name, preset in PRESETS.items():
        if all(abs(a - b) <= _SAME_WITHIN for a, b in zip(weights, preset.values(), strict=True)):
            return name
    return None


def changed_standards(standards_km: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """Return the standards that are not the default ones, checked.

    Raises
    ------
    QueryError
        If a kind has no standard, or one is negative or no number.
    """
    if unknown := [kind for kind in standards_km if kind not in REACH_KINDS]:
        raise QueryError("service_kind_unknown", value=unknown[0], kinds="、".join(REACH_KINDS))
    found = {service.kind: service.standard_km for service in services(standards_km)}
    usual = {service.kind: service.standard_km for service in DEFAULT_SERVICES}
    return tuple((k, float(found[k] or 0)) for k in REACH_KINDS if found[k] != usual[k])


def changed_rules(rules: Mapping[str, ServiceRule]) -> tuple[tuple[str, ServiceRule], ...]:
    """Return the rules that are not the default ones, checked.

    Raises
    ------
    QueryError
        If a kind is not judged by a distance, or the rule is none of :data:`GAP_RULES`.
    """
    for kind, rule in rules.items():
        if kind not in REACH_KINDS:
            raise QueryError("service_kind_unknown", value=kind, kinds="、".join(REACH_KINDS))
        if rule not in GAP_RULES:
            raise QueryError("gap_rule", found=rule, known="、".join(GAP_RULES))
    usual = {service.kind: service.rule for service in DEFAULT_SERVICES}
    return tuple(
        (kind, ServiceRule(rules[kind]))
        for kind in REACH_KINDS
        if kind in rules and rules[kind] != usual[kind]
    )


def recipe_parameters(query: GapQuery, register_id: str | None) -> dict[str, Any]:
    """Return what a list of gaps was made by, as plain JSON values."""
    return {
        "prefecture": query.prefecture_adcode,
        "standards_km": {service.kind: service.standard_km for service in query.services},
        "rules": {service.kind: service.rule.value for service in query.services},
        "method": query.method.value,
        "weights": query.weight_of,
        "years": query.years,
        "seed": query.seed,
        "draws": query.draws,
        "one_per_place": query.one_per_place,
        "nested": query.nested,
        "odds": query.odds.value,
        "register": register_id,
    }


def query_of_recipe(parameters: Mapping[str, Any], language: str) -> GapQuery:
    """Return the query that a recipe describes; its parameters have been checked.

    Raises
    ------
    QueryError
        If a standard, a rule or a weight cannot be used.
    """
    rules = {kind: ServiceRule(rule) for kind, rule in parameters["rules"].items()}
    return GapQuery(
        language=language,
        prefecture_adcode=parameters["prefecture"],
        standards_km=changed_standards(parameters["standards_km"]),
        rules=changed_rules(rules),
        method=DistanceMethod(parameters["method"]),
        weights=as_tuple(parameters["weights"]),
        years=parameters["years"],
        seed=parameters["seed"],
        draws=parameters["draws"],
        one_per_place=parameters["one_per_place"],
        nested=parameters["nested"],
        odds=ListOdds(parameters["odds"]),
    )


_LINK_SHOWN_LENGTH = 40


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
        shown = value if len(value) <= _LINK_SHOWN_LENGTH else value[:_LINK_SHOWN_LENGTH] + "…"
        values = {"allowed": allowed}
        problem = Problem("link_choice", Severity.NOTE, column=name, value=shown, values=values)
        self.problems.append(problem)


MOST_DRAWS = 100_000


def _is_number(found: object, most: float) -> bool:
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return is_number and 0 <= float(str(found)) <= most


def _is_integer(found: object, least: int, most: int) -> bool:
    return isinstance(found, int) and not isinstance(found, bool) and least <= found <= most


def _are_numbers(found: object, names: tuple[str, ...], most: float) -> bool:
    return (
        isinstance(found, dict)
        and set(found) == set(names)
        and all(_is_number(value, most) for value in found.values())
    )


def _are_weights(found: object) -> bool:
    return (
        isinstance(found, dict)
        and _are_numbers(found, COMPONENTS, 1.0)
        and any(value > 0 for value in found.values())
    )


def _are_rules(found: object) -> bool:
    return (
        isinstance(found, dict)
        and set(found) == set(REACH_KINDS)
        and all(isinstance(rule, str) and rule in set(GAP_RULES) for rule in found.values())
    )


GAP_CHECKS: Mapping[str, tuple[Callable[[object], bool], str]] = MappingProxyType(
    {
        "standards_km": (
            lambda found: _are_numbers(found, REACH_KINDS, MOST_STANDARD_KM),
            '{"sub_market": 120, …}',
        ),
        "rules": (_are_rules, '{"sub_market": "own_prefecture", …}'),
        "method": (
            lambda found: isinstance(found, str) and found in set(GAP_METHODS),
            " | ".join(GAP_METHODS),
        ),
        "weights": (_are_weights, '{"presence": 0.3, …}'),
        "years": (lambda found: _is_integer(found, 1, MOST_YEARS), f"1 – {MOST_YEARS}"),
        "seed": (lambda found: _is_integer(found, 0, MOST_SEED), f"0 – {MOST_SEED}"),
        "draws": (lambda found: _is_integer(found, 1, MOST_DRAWS), f"1 – {MOST_DRAWS}"),
        "one_per_place": (lambda found: isinstance(found, bool), "true | false"),
        "nested": (lambda found: isinstance(found, bool), "true | false"),
        "odds": (
            lambda found: isinstance(found, str) and found in set(ListOdds),
            " | ".join(ListOdds),
        ),
        "register": (lambda found: found is None or isinstance(found, str), 'null | "demo-…"'),
    }
)
"""For each parameter beside the prefecture its check, and what it should be, in JSON."""
