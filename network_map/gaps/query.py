"""What can be asked of the list of coverage gaps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from network_map.errors import QueryError
from network_map.gaps.weights import (
    COMPONENTS,
    DEFAULT_PRESET,
    OWN_WEIGHTS,
    PRESETS,
    as_tuple,
    preset_of,
    weights_named,
)
from network_map.places.query import AreaQuery
from network_map.query import (
    Context,
    Option,
    ParameterType,
    UnusableError,
    choice,
    flag,
    integer,
    known_code,
    parameter,
    real_number,
    subset,
)
from network_map.reach.standards import DEFAULT_MINUTES, DEFAULT_SERVICES, TRAVEL, Service, services
from network_map.terms import AdminLevel, CostUnit, DistanceMethod, MapGap, NodeKind, ServiceRule

REACH_KINDS = (
    NodeKind.SUB_MARKET.value, NodeKind.DEMONSTRATION_COUNTY.value,
    NodeKind.PROVINCIAL_MARKET.value,
)  # fmt: skip
"""The kinds whose distance is judged by a standard, in the order of their weight."""
GAP_METHODS = (
    DistanceMethod.ROAD_NETWORK_KM, DistanceMethod.GEODESIC_X_CIRCUITY,
    DistanceMethod.OSM_NETWORK_TIME, DistanceMethod.ROUTER_MATRIX,
)  # fmt: skip
"""How distances may be found; the last two need a planner's own data."""
GAP_RULES = (ServiceRule.OWN_PREFECTURE, ServiceRule.NEAREST)
DEFAULT_LAYERS: tuple[str, ...] = (
    NodeKind.PROVINCIAL_MARKET.value, NodeKind.SUB_MARKET.value,
    NodeKind.DEMONSTRATION_COUNTY.value,
)  # fmt: skip
DEFAULT_YEARS, DEFAULT_SEED, DEFAULT_DRAWS = 3, 1, 2000
MOST_YEARS, MOST_SEED, MOST_DRAWS, MOST_STANDARD_KM = 10, 2**31 - 1, 100_000, 2000.0
_Setting = TypeVar("_Setting", float, ServiceRule)


class ListOdds(StrEnum):
    """How the possible lists weigh against each other: by the odds of the places in them."""

    EVEN = "even"
    """Every list alike."""
    PEOPLE = "people"
    GDP = "gdp"


class GapView(StrEnum):
    """What the gap map fills the counties by, and what its list is ranked by."""

    NETWORK = "network"
    GAP_TYPE = "gap_type"
    SUB_MARKET = "sub_market"
    DEMONSTRATION_COUNTY = "demonstration_county"
    COUNTY_CENTRE = "county_centre"
    CONTRACT_COVERAGE = "contract_coverage"
    """Distance to the serving node against contracts absorbed."""
    INDUSTRY_CONSORTIUM = "industry_consortium"
    """Where the industry of a consortium is, and how far its nearest member."""
    PRIORITY = "priority"


class NextKind(StrEnum):
    """The kind of node that one more of is asked about."""

    NONE = "none"
    SUB_MARKET = "sub_market"
    DEMONSTRATION_COUNTY = "demonstration_county"


class GapOverlay(StrEnum):
    """What lies over the counties beside the kinds of node."""

    CONTRACTS = "contracts"
    FLOWS = "flows"
    CONSORTIA = "consortia"
    HIERARCHY = "hierarchy"


class GapPicture(StrEnum):
    """What colours the counties of the map."""

    SCORE = "score"
    VERDICT = "verdict"


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
    usual = {kind: _USUAL[kind].standard_km for kind in REACH_KINDS}
    return tuple((k, float(found[k] or 0)) for k in REACH_KINDS if found[k] != usual[k])


def changed_minutes(standards_min: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """Return the standards in minutes that are not the default ones, checked.

    Raises
    ------
    QueryError
        As :func:`changed_standards`.
    """
    if unknown := [kind for kind in standards_min if kind not in REACH_KINDS]:
        raise QueryError("service_kind_unknown", value=unknown[0], kinds="、".join(REACH_KINDS))
    services(standards_min)
    found = {**DEFAULT_MINUTES, **standards_min}
    return tuple((k, float(found[k])) for k in REACH_KINDS if found[k] != DEFAULT_MINUTES[k])


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
    return tuple(
        (kind, ServiceRule(rules[kind]))
        for kind in REACH_KINDS
        if kind in rules and rules[kind] != _USUAL[kind].rule
    )


_USUAL = {service.kind: service for service in DEFAULT_SERVICES}


def _of_each_kind(
    one: ParameterType[_Setting],
    usual: Mapping[str, _Setting],
    changed: Callable[[Mapping[str, _Setting]], tuple[tuple[str, _Setting], ...]],
    *,
    option: str,
    examples: tuple[str, str],
) -> ParameterType[tuple[tuple[str, _Setting], ...]]:
    """Return the type of a setting of each of :data:`REACH_KINDS`, those that are not usual.

    Parameters
    ----------
    one
        The type of a setting.
    usual
        The usual setting of each kind.
    changed
        Keeps what is not usual and refuses what cannot be used.
    option
        The option of the command line, which is given once for each kind.
    examples
        A setting of sub-markets as a text and in JSON.
    """

    def of_text(text: str, context: Context) -> tuple[tuple[str, _Setting], ...]:
        pairs = (part.partition(":") for part in text.split(",") if part)
        return changed({kind: one.of_text(value, context) for kind, _, value in pairs})

    def of_json(found: Any, context: Context) -> tuple[tuple[str, _Setting], ...]:  # noqa: ANN401
        if not isinstance(found, dict) or set(found) != set(usual):
            raise TypeError(found)
        return changed({kind: one.of_json(value, context) for kind, value in found.items()})

    def of_argument(found: list[str], context: Context) -> tuple[tuple[str, _Setting], ...]:
        try:
            return of_text(",".join(_with_colon(words) for words in found), context)
        except QueryError:
            raise
        except ValueError as error:
            raise QueryError(
                "gap_pair", option=f"--{option}", expected=f"sub_market={examples[0]}",
                found=" ".join(found),
            ) from error  # fmt: skip

    def of_state(
        key: str, state: Mapping[str, Any], context: Context
    ) -> tuple[tuple[str, _Setting], ...]:
        held = {kind: str(state[f"{key}_{kind}"] or 0.0) for kind in usual}
        found = {kind: one.of_text(text, context) for kind, text in held.items()}
        problems = {kind: _refusal(changed, {kind: setting}) for kind, setting in found.items()}
        usable = changed({kind: usual[kind] if problems[kind] else found[kind] for kind in usual})
        if any(problems.values()):
            raise UnusableError(usable, [problem for problem in problems.values() if problem])
        return usable

    def to_json(settings: tuple[tuple[str, _Setting], ...]) -> dict[str, Any]:
        return {kind: one.to_json(value) for kind, value in {**usual, **dict(settings)}.items()}

    return ParameterType(
        of_text=of_text,
        to_text=lambda settings: ",".join(f"{kind}:{one.to_text(v)}" for kind, v in settings),
        allowed=lambda _: f"sub_market:{examples[0]}",
        of_json=of_json,
        to_json=to_json,
        expected=f'{{"sub_market": {examples[1]}, …}}',
        argument={"action": "append", "default": []},
        of_argument=of_argument,
        to_state=lambda key, settings, _: {
            f"{key}_{kind}": value for kind, value in to_json(settings).items()
        },
        of_state=of_state,
    )


def _with_colon(words: str) -> str:
    name, is_given, value = words.partition("=")
    if not is_given:
        raise ValueError(words)
    return f"{name.strip()}:{value.strip()}"


def _refusal(
    changed: Callable[[Mapping[str, _Setting]], object], given: Mapping[str, _Setting]
) -> QueryError | None:
    try:
        changed(given)
    except QueryError as error:
        return error
    return None


# A link may ask for any length; what a list was made by was always less than the most.
_STANDARDS = _of_each_kind(
    replace(real_number(0, MOST_STANDARD_KM, problem=""), of_text=lambda text, _: float(text)),
    {kind: float(_USUAL[kind].standard_km or 0) for kind in REACH_KINDS},
    changed_standards,
    option="standard",
    examples=("150", "150"),
)
_MINUTES = replace(
    _of_each_kind(
        replace(real_number(0, MOST_STANDARD_KM, problem=""), of_text=lambda text, _: float(text)),
        dict(DEFAULT_MINUTES),
        changed_minutes,
        option="minutes",
        examples=("180", "180"),
    ),
    is_optional=True,
)
_RULES = _of_each_kind(
    replace(choice(GAP_RULES), of_text=lambda text, _: ServiceRule(text)),
    {kind: _USUAL[kind].rule for kind in REACH_KINDS},
    changed_rules,
    option="rule",
    examples=("nearest", '"own_prefecture"'),
)


def _weights_of_text(text: str, _context: Context) -> tuple[float, ...]:
    if text in PRESETS:
        return tuple(PRESETS[text].values())
    return as_tuple(dict(zip(COMPONENTS, map(float, text.split(",")), strict=True)))


def _weights_of_json(found: Any, _context: Context) -> tuple[float, ...]:  # noqa: ANN401 (any JSON)
    if not isinstance(found, dict) or set(found) != set(COMPONENTS):
        raise TypeError(found)
    values = found.values()
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        raise TypeError(found)
    if max(values) > 1:
        raise ValueError(found)
    return as_tuple(found)


def held_weights(state: Mapping[str, Any]) -> dict[str, float]:
    """Return the four weights as their widgets hold them."""
    return {name: float(state[f"gap_weight_{name}"] or 0.0) for name in COMPONENTS}


_WEIGHTS = ParameterType(
    of_text=_weights_of_text,
    to_text=lambda weights: preset_of(weights) or ",".join(f"{value:.6g}" for value in weights),
    allowed=lambda _: "、".join(PRESETS),
    of_json=_weights_of_json,
    to_json=lambda weights: dict(zip(COMPONENTS, weights, strict=True)),
    expected='{"presence": 0.3, …}',
    argument={"default": DEFAULT_PRESET},
    of_argument=lambda found, _: weights_named(found),
    to_state=lambda key, weights, _: {
        key: preset_of(weights) or OWN_WEIGHTS,
        **{f"gap_weight_{name}": weight for name, weight in zip(COMPONENTS, weights, strict=True)},
    },
    of_state=lambda _key, state, _: as_tuple(held_weights(state)),
)


_PLACE = known_code("counties", problem="link_county")


# A place that may take one more node: a prefecture or a county.
_NEXT_PLACE = replace(
    _PLACE,
    of_text=lambda text, context: _PLACE.of_text(
        text, {"counties": (*context["prefectures"], *context["counties"])}
    ),
    of_json=lambda found, context: _PLACE.of_json(
        found, {"counties": (*context["prefectures"], *context["counties"])}
    ),
)


def _day(found: object, _context: Context) -> str | None:
    if found is not None and not isinstance(found, str):
        raise TypeError(found)
    return None if found is None else date.fromisoformat(found).isoformat()


DAY: ParameterType[str | None] = ParameterType(
    of_text=_day, allowed=lambda _: "2026-11-30", of_json=_day, expected='null | "2026-11-30"'
)
"""The type of the day on which a file is made."""
_GAPS = replace(
    subset(MapGap),
    argument={"action": "append", "default": [], "choices": tuple(MapGap)},
    of_argument=lambda found, _: tuple(gap for gap in MapGap if gap in found),
)


def _nested_of_argument(found: Any, context: Context) -> bool:  # noqa: ANN401 (argparse's)
    if found and not context["one_per_place"]:
        raise QueryError("completion_nested_several")
    return bool(found)


# Which counties are nested is asked only where a place has one node at most.
_NESTED = replace(
    flag(),
    of_text=lambda text, context: flag().of_text(text, context) and context["one_per_place"],
    of_argument=_nested_of_argument,
    of_state=lambda key, state, context: bool(state[key]) and context["one_per_place"],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GapQuery(AreaQuery):
    """What can be asked of the list of coverage gaps.

    Parameters
    ----------
    language, prefecture_adcode, selected_adcode
        As for every page; scores and ranks are those of the whole province.
    standards_km
        Service standards in kilometres that differ from the defaults: kind and value, in the
        order of :data:`REACH_KINDS`.
    rules
        Service rules that differ from the defaults, likewise.
    method
        How distances are found; its unit is that of the standards that judge.
    travel
        SHA-256 of the file behind a method of own travel times.
    standards_min
        As ``standards_km``, in minutes: what judges driving times.
    weights
        Of the four components, in the order of :data:`COMPONENTS`, scaled to sum 1.
    years
        Length of the period of contracts, back from the register's own cut-off.
    seed, draws
        Of the joint draws behind the rank intervals.
    one_per_place, nested
        The two switches of the possible lists.
    higher_tier_serves
        Whether a node of a higher tier counts for the lower one as well.
    odds
        How the possible lists weigh against each other.
    picture, tier
        What colours the map: the score, or the verdict of this kind of node.
    compared_adcode
        The county beside the one that is looked at.
    view
        What fills the counties of the gap map and ranks its list.
    layers
        Kinds of node and :class:`GapOverlay` drawn over it.
    only_gaps
        Whether the list leaves out what is no gap in the view.
    gap_filter
        List only the counties of which the map shows one of these; empty for all.
    level
        Whether counties or prefectures are listed.
    next_kind, next_place
        What one more node of this kind would bring, everywhere and in this place.
    made_on
        The day on which a file of the list is made, ISO 8601.
    """

    standards_km: tuple[tuple[str, float], ...] = parameter(
        (), _STANDARDS,
        link="gap_km", json="standards_km", key="gap_km",
        option=Option("standard", "gap_standard", "KIND=KM"),
    )  # fmt: skip
    rules: tuple[tuple[str, ServiceRule], ...] = parameter(
        (), _RULES,
        link="gap_rule", json="rules", key="gap_rule",
        option=Option("rule", "gap_rule", "KIND=RULE"),
    )  # fmt: skip
    method: DistanceMethod = parameter(
        DistanceMethod.ROAD_NETWORK_KM, choice(GAP_METHODS),
        link="gap_method", json="method", key="gap_method", option=Option("method", "gap_method"),
    )  # fmt: skip
    travel: str | None = parameter(None, TRAVEL, link="gap_travel", json="travel", key="gap_travel")
    standards_min: tuple[tuple[str, float], ...] = parameter(
        (), _MINUTES,
        link="gap_min", json="standards_min", key="gap_min",
        option=Option("minutes", "gap_minutes", "KIND=MIN"),
    )  # fmt: skip
    weights: tuple[float, ...] = parameter(
        tuple(PRESETS[DEFAULT_PRESET].values()), _WEIGHTS,
        link="weights", json="weights", key="gap_preset",
        option=Option("weights", "gap_weights", "NAME"),
    )  # fmt: skip
    years: int = parameter(
        DEFAULT_YEARS, integer(1, MOST_YEARS, "gap_years"),
        link="years", json="years", key="gap_years", option=Option("years", "gap_years", "N"),
    )  # fmt: skip
    seed: int = parameter(
        DEFAULT_SEED, integer(0, MOST_SEED, "gap_seed"),
        link="seed", json="seed", key="gap_seed", option=Option("seed", "gap_seed", "N"),
    )  # fmt: skip
    draws: int = parameter(DEFAULT_DRAWS, integer(1, MOST_DRAWS), json="draws")
    one_per_place: bool = parameter(
        True, flag(is_said=False),
        link="several", json="one_per_place", key="gap_one_per_place",
        option=Option(
            "one-per-place", "gap_one_per_place",
            opposite="several-per-place", off_key="gap_several_per_place",
        ),
    )  # fmt: skip
    nested: bool = parameter(
        False, _NESTED,
        link="nested", json="nested", key="gap_nested", option=Option("nested", "gap_nested"),
    )  # fmt: skip
    higher_tier_serves: bool = parameter(
        True, flag(is_said=False),
        link="own_tier", json="higher_tier_serves", key="gap_higher_tier",
        option=Option(
            "higher-tier-serves", "gap_higher_tier",
            opposite="own-tier-only", off_key="gap_own_tier",
        ),
    )  # fmt: skip
    odds: ListOdds = parameter(
        ListOdds.EVEN, choice(ListOdds),
        link="odds", json="odds", key="gap_odds", option=Option("odds", "gap_odds"),
    )  # fmt: skip
    picture: GapPicture = parameter(
        GapPicture.SCORE, choice(GapPicture), link="gap_map", key="gap_picture"
    )
    tier: str = parameter(
        NodeKind.SUB_MARKET.value, choice(REACH_KINDS), link="gap_tier", key="gap_tier"
    )
    compared_adcode: str | None = parameter(
        None, known_code("counties", problem="link_county"), link="compare", key="gap_compare"
    )

    view: GapView = parameter(
        GapView.GAP_TYPE, choice(GapView),
        link="view", json="view", key="gap_view", option=Option("view", "gap_view"),
    )  # fmt: skip
    layers: tuple[str, ...] = parameter(
        DEFAULT_LAYERS, subset(known="node_kinds", further=tuple(GapOverlay)),
        link="layers", json="layers", key="gap_layers",
    )  # fmt: skip
    only_gaps: bool = parameter(
        False, flag(),
        link="only_gaps", json="only_gaps", key="gap_only_gaps",
        option=Option("only-gaps", "gap_only_gaps"),
    )  # fmt: skip
    gap_filter: tuple[MapGap, ...] = parameter(
        (), _GAPS,
        link="gaps", json="gap_filter", key="gap_filter",
        option=Option("gap", "gap_filter", "TYPE"),
    )  # fmt: skip
    level: AdminLevel = parameter(
        AdminLevel.COUNTY, choice((AdminLevel.COUNTY, AdminLevel.PREFECTURE)),
        link="level", json="level", key="level", option=Option("level", "gap_level"),
    )  # fmt: skip
    next_kind: NextKind = parameter(
        NextKind.NONE, choice(NextKind),
        link="next", json="next_kind", key="gap_next", option=Option("next", "gap_next"),
    )  # fmt: skip
    next_place: str | None = parameter(
        None, _NEXT_PLACE, link="next_place", json="next_place", key="gap_next_place"
    )
    made_on: str | None = parameter(None, DAY, json="made_on")

    @staticmethod
    def of_earlier_link(parameters: Mapping[str, str]) -> dict[str, str]:
        """Return what a link to the page of scores and verdicts says in the words of today."""
        if parameters.get("v") != "1":
            return {}
        picture, tier = parameters.get("gap_map"), parameters.get("gap_tier")
        if picture == GapPicture.SCORE:
            return {"view": GapView.PRIORITY.value}
        if picture != GapPicture.VERDICT:
            return {}
        is_view = tier in {view.value for view in GapView}
        return {"view": str(tier) if is_view else GapView.SUB_MARKET.value}

    @property
    def weight_of(self) -> dict[str, float]:
        """The scaled weights by component."""
        return dict(zip(COMPONENTS, self.weights, strict=True))

    @property
    def unit(self) -> CostUnit:
        """What distances and standards are measured in."""
        return self.method.unit

    @property
    def services(self) -> tuple[Service, ...]:
        """The services of :data:`REACH_KINDS`, their standards in the unit of the method."""
        standards = dict(self.standards_km)
        if self.unit is CostUnit.MINUTES:
            standards = {**DEFAULT_MINUTES, **dict(self.standards_min)}
        found = services(standards, dict(self.rules))
        by_kind = {service.kind: service for service in found}
        return tuple(by_kind[kind] for kind in REACH_KINDS)

    @property
    def facts_part(self) -> "GapQuery":
        """The query with all that changes no fact taken back to its default."""
        usual = GapQuery()
        return replace(self.scores_part, weights=usual.weights, seed=usual.seed, draws=usual.draws)

    @property
    def scores_part(self) -> "GapQuery":
        """The query with all that changes no score taken back to its default."""
        return replace(self.table_part, language=GapQuery().language)

    @property
    def table_part(self) -> "GapQuery":
        """The query with all that only chooses and orders rows taken back to its default."""
        usual = GapQuery()
        return replace(self, **{name: getattr(usual, name) for name in _OF_THE_SCREEN})


_OF_THE_SCREEN = (
    "prefecture_adcode", "selected_adcode", "compared_adcode", "picture", "tier", "view", "layers",
    "only_gaps", "gap_filter", "level", "next_kind", "next_place", "made_on",
)  # fmt: skip
"""The fields of which no row of the table of counties depends."""
