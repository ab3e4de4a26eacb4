"""What a person asks for on the page of coverage gaps."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from network_map.errors import QueryError
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
