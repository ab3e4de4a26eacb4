"""What can be asked of site selection."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from network_map.errors import QueryError
from network_map.gaps.query import (
    DAY,
    DEFAULT_DRAWS,
    DEFAULT_SEED,
    GAP_METHODS,
    GAP_RULES,
    MOST_DRAWS,
    MOST_SEED,
    MOST_STANDARD_KM,
    GapQuery,
    changed_minutes,
    changed_rules,
    changed_standards,
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
    parameter,
)
from network_map.reach.standards import TRAVEL
from network_map.terms import CostUnit, DistanceMethod, NodeKind, ServiceRule

SITED_KINDS = (NodeKind.SUB_MARKET.value, NodeKind.DEMONSTRATION_COUNTY.value)
"""The kinds of node that sites are sought for."""
MOST_SITES, MOST_SECONDS = 50, 3600
DEFAULT_COUNT, DEFAULT_SECONDS = 3, 60
_Value = TypeVar("_Value")


class SiteModel(StrEnum):
    """Which model chooses the sites."""

    MCLP = "mclp"
    P_MEDIAN = "p_median"
    P_CENTER = "p_center"
    LSCP = "lscp"
    LSCP_BACKUP = "lscp_backup"

    @property
    def has_standard(self) -> bool:
        """Whether it asks who is within the standard, not how far everybody is."""
        return self not in {SiteModel.P_MEDIAN, SiteModel.P_CENTER}

    @property
    def has_count(self) -> bool:
        """Whether it is told how many sites; the others find the fewest."""
        return self not in {SiteModel.LSCP, SiteModel.LSCP_BACKUP}


class SiteDemand(StrEnum):
    """What a county counts."""

    COUNTIES = "counties"
    """Every county alike; of plans with as many counties the one with more residents."""
    RESIDENTS = "residents"
    GDP = "gdp"
    CONTRACTS = "contracts"
    """The contracts that it absorbs."""
    PRIORITY = "priority"
    """Its gap priority."""


class SiteBand(StrEnum):
    """Which end of the band of a distance is taken for the distance."""

    USUAL = "usual"
    """The near end where a gap is to be certain, as on the gap map; else the estimate."""
    LOW = "low_km"
    ESTIMATE = "km"
    HIGH = "high_km"


def _or_usual(one: ParameterType[_Value], of_words: Any) -> ParameterType[_Value | None]:  # noqa: ANN401 (a reader of words)
    """Return the type of a setting that may be left to what is usual."""
    return ParameterType(
        of_text=one.of_text,
        to_text=lambda value: "" if value is None else one.to_text(value),
        allowed=one.allowed,
        problem=one.problem,
        of_json=lambda found, context: None if found is None else one.of_json(found, context),
        to_json=lambda value: None if value is None else one.to_json(value),
        expected=f"null | {one.expected}",
        argument={"default": None, **({"choices": one.argument["choices"]}
                                      if "choices" in one.argument else {})},
        of_argument=lambda found, context: None if found is None else of_words(found, context),
        to_state=lambda key, value, _: {key: value},
        of_state=lambda key, state, _: state[key],
    )  # fmt: skip


def _km(found: object, _context: Context) -> float:
    if not isinstance(found, int | float) or isinstance(found, bool):
        raise TypeError(found)
    if not 0 <= found <= MOST_STANDARD_KM:
        raise ValueError(found)
    return float(found)


def _km_of_words(found: str, context: Context) -> float:
    try:
        return _km(float(found), context)
    except ValueError as error:
        raise QueryError("site_standard", most=f"{MOST_STANDARD_KM:g}", found=found) from error


_STANDARD = _or_usual(
    ParameterType(
        of_text=lambda text, context: _km(float(text), context),
        to_text=lambda value: f"{value:g}",
        allowed=lambda _: f"0–{MOST_STANDARD_KM:g}",
        of_json=_km,
        expected=f"0 – {MOST_STANDARD_KM:g}",
    ),
    _km_of_words,
)
_MINUTES = replace(_STANDARD, is_optional=True)
_RULE = _or_usual(choice(GAP_RULES), lambda found, _: ServiceRule(found))


def _places_of(found: list[str], context: Context) -> tuple[str, ...]:
    known = {*context["prefectures"], *context["counties"]}
    usable = tuple(sorted({code for code in found if code in known}))
    if unknown := [code for code in found if code not in known]:
        raise UnusableError(usable, unknown)
    return usable


def _places_of_json(found: object, context: Context) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(code, str) for code in found):
        raise TypeError(found)
    return _places_of(found, context)


_PLACES: ParameterType[tuple[str, ...]] = ParameterType(
    of_text=lambda text, context: _places_of([c for c in text.split(",") if c], context),
    to_text=",".join,
    allowed=lambda _: "530600",
    problem="link_county",
    of_json=_places_of_json,
    to_json=list,
    expected='["530600", …]',
    argument={"action": "append", "default": []},
    # The words of the command line are looked up where names are known.
    of_argument=lambda found, _: tuple(found),
    to_state=lambda key, codes, _: {key: list(codes)},
    of_state=lambda key, state, _: tuple(sorted(state[key])),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SitingQuery(AreaQuery):
    """What can be asked of site selection.

    Parameters
    ----------
    language, selected_adcode
        As for every page.
    prefecture_adcode
        New sites in this prefecture alone; gaps are counted in the whole province.
    kind, model, count
        What is built, which model chooses, and how many new sites; ``count`` plays no part in
        models that find the fewest.
    standard_km, rule
        Service standard and rule of the kind; None for its usual ones.
    travel
        SHA-256 of the file behind a method of own travel times.
    standard_min
        As ``standard_km``, in minutes: what judges driving times.
    method, band
        How distances are found, and which end of their band is taken.
    demand
        What a county counts.
    excluded
        Places where nothing may be built: a county, or all of a prefecture.
    closed, added
        Nodes that are taken away, and places that get one, before anything is chosen.
    most_per_prefecture
        Most new sites in one prefecture; 0 sets no limit.
    higher_tier_serves
        Whether a node of a higher tier counts for the lower one as well.
    seed, draws
        Of the possible lists.
    seconds
        Longest time of the plan's solve, and again of all the evidence together.
    evidence
        Whether the curve, what would overturn each site and the least regret are looked for too.
    made_on
        The day on which a file is made, ISO 8601.
    """

    kind: str = parameter(
        NodeKind.SUB_MARKET.value, choice(SITED_KINDS),
        link="site_kind", json="kind", key="site_kind", option=Option("kind", "site_kind"),
    )  # fmt: skip
    model: SiteModel = parameter(
        SiteModel.MCLP, choice(SiteModel),
        link="site_model", json="model", key="site_model", option=Option("model", "site_model"),
    )  # fmt: skip
    count: int = parameter(
        DEFAULT_COUNT, integer(1, MOST_SITES, "site_count"),
        link="site_count", json="count", key="site_count",
        option=Option("count", "site_count", "N"),
    )  # fmt: skip
    standard_km: float | None = parameter(
        None, _STANDARD,
        link="site_km", json="standard_km", key="site_standard",
        option=Option("standard", "site_standard", "KM"),
    )  # fmt: skip
    rule: ServiceRule | None = parameter(
        None,
        _RULE,
        link="site_rule",
        json="rule",
        key="site_rule",
        option=Option("rule", "site_rule"),
    )
    method: DistanceMethod = parameter(
        DistanceMethod.ROAD_NETWORK_KM, choice(GAP_METHODS),
        link="site_method", json="method", key="site_method", option=Option("method", "gap_method"),
    )  # fmt: skip
    travel: str | None = parameter(
        None, TRAVEL, link="site_travel", json="travel", key="site_travel"
    )
    standard_min: float | None = parameter(
        None, _MINUTES,
        link="site_min", json="standard_min", key="site_minutes",
        option=Option("minutes", "site_minutes", "MIN"),
    )  # fmt: skip
    band: SiteBand = parameter(
        SiteBand.USUAL, choice(SiteBand),
        link="site_band", json="band", key="site_band", option=Option("band", "site_band"),
    )  # fmt: skip
    demand: SiteDemand = parameter(
        SiteDemand.COUNTIES, choice(SiteDemand),
        link="site_demand", json="demand", key="site_demand",
        option=Option("demand", "site_demand"),
    )  # fmt: skip
    excluded: tuple[str, ...] = parameter(
        (), _PLACES,
        link="site_exclude", json="excluded", key="site_excluded",
        option=Option("exclude", "site_exclude", "CODE|NAME"),
    )  # fmt: skip
    closed: tuple[str, ...] = parameter(
        (), _PLACES,
        link="site_close", json="closed", key="site_closed",
        option=Option("close", "site_close", "CODE|NAME"),
    )  # fmt: skip
    added: tuple[str, ...] = parameter(
        (), _PLACES,
        link="site_add", json="added", key="site_added",
        option=Option("add", "site_add", "CODE|NAME"),
    )  # fmt: skip
    most_per_prefecture: int = parameter(
        0, integer(0, MOST_SITES, "site_per_prefecture"),
        link="site_per_prefecture", json="most_per_prefecture", key="site_per_prefecture",
        option=Option("per-prefecture", "site_per_prefecture", "N"),
    )  # fmt: skip
    higher_tier_serves: bool = parameter(
        True, flag(is_said=False),
        link="site_own_tier", json="higher_tier_serves", key="site_higher_tier",
        option=Option(
            "higher-tier-serves", "gap_higher_tier",
            opposite="own-tier-only", off_key="gap_own_tier",
        ),
    )  # fmt: skip
    seed: int = parameter(
        DEFAULT_SEED, integer(0, MOST_SEED, "gap_seed"),
        link="site_seed", json="seed", key="site_seed", option=Option("seed", "gap_seed", "N"),
    )  # fmt: skip
    draws: int = parameter(DEFAULT_DRAWS, integer(1, MOST_DRAWS), json="draws")
    seconds: int = parameter(
        DEFAULT_SECONDS, integer(1, MOST_SECONDS, "site_seconds"),
        link="site_seconds", json="seconds", key="site_seconds",
        option=Option("seconds", "site_seconds", "N"),
    )  # fmt: skip
    evidence: bool = parameter(
        False, flag(),
        link="site_evidence", json="evidence", key="site_evidence",
        option=Option("evidence", "site_evidence"),
    )  # fmt: skip
    made_on: str | None = parameter(None, DAY, json="made_on")

    @property
    def gap_query(self) -> GapQuery:
        """The question of the gap map with the same standard, rule, distances and lists."""
        standards = {} if self.standard_km is None else {self.kind: self.standard_km}
        minutes = {} if self.standard_min is None else {self.kind: self.standard_min}
        rules = {} if self.rule is None else {self.kind: self.rule}
        return GapQuery(
            language=self.language, method=self.method, seed=self.seed, draws=self.draws,
            standards_km=changed_standards(standards), standards_min=changed_minutes(minutes),
            rules=changed_rules(rules), travel=self.travel,
            higher_tier_serves=self.higher_tier_serves,
        )  # fmt: skip

    @property
    def unit(self) -> CostUnit:
        """What distances and the standard are measured in."""
        return self.method.unit

    @property
    def standard(self) -> float:
        """The service standard of the kind, in the unit of the method."""
        by_kind = {service.kind: service for service in self.gap_query.services}
        return float(by_kind[self.kind].standard_km or 0.0)

    @property
    def distance_band(self) -> str:
        """Name of the end of the band that is taken."""
        if self.band is SiteBand.USUAL:
            return (SiteBand.LOW if self.model.has_standard else SiteBand.ESTIMATE).value
        return self.band.value

    @property
    def needs_register(self) -> bool:
        """Whether contracts decide."""
        return self.demand in {SiteDemand.CONTRACTS, SiteDemand.PRIORITY}
