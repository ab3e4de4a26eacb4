"""Service standards and rules: how far a node of a kind serves, and which node serves a county.

Nothing here needs a library: the command line shows its options before it loads any.

What a query says of own travel times: the file that they rest on, and standards in minutes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from network_map.errors import QueryError
from network_map.query import Context, ParameterType
from network_map.terms import CostUnit, NodeKind, ServiceRule


@dataclass(frozen=True, slots=True)
class Service:
    """How a kind of node serves counties.

    Parameters
    ----------
    kind
        The kind of node.
    rule
        Which node serves a county.
    standard_km
        The service standard, in kilometres or, where driving times are judged, in minutes; None
        where presence in the county is what counts.
    """

    kind: str
    rule: ServiceRule
    standard_km: float | None


DEFAULT_SERVICES: tuple[Service, ...] = (
    Service(NodeKind.PROVINCIAL_MARKET.value, ServiceRule.NEAREST, 300.0),
    Service(NodeKind.SUB_MARKET.value, ServiceRule.OWN_PREFECTURE, 150.0),
    Service(NodeKind.DEMONSTRATION_COUNTY.value, ServiceRule.NEAREST, 100.0),
    Service(NodeKind.COUNTY_CENTRE.value, ServiceRule.OWN_COUNTY, None),
)
"""Defaults to start a talk from, and no policy: no document sets a distance for the network.

Of sub-markets 150 km: with one at each of the 16 seats, 120 km would still leave 37 counties out
of reach for certain, 150 km leaves 16.
"""


DEFAULT_MINUTES: Mapping[str, float] = MappingProxyType(
    {
        NodeKind.PROVINCIAL_MARKET.value: 360.0,
        NodeKind.SUB_MARKET.value: 180.0,
        NodeKind.DEMONSTRATION_COUNTY.value: 120.0,
    }
)
"""Standards for driving times, in minutes: a start for a talk, and no policy either."""


HIGHER_TIERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        NodeKind.SUB_MARKET.value: (NodeKind.PROVINCIAL_MARKET.value,),
        NodeKind.DEMONSTRATION_COUNTY.value: (
            NodeKind.SUB_MARKET.value, NodeKind.PROVINCIAL_MARKET.value,
        ),
    }
)  # fmt: skip
"""The kinds of node that can serve a county in the place of a kind: they do all that it does."""


def services(
    standards_km: Mapping[str, float] = MappingProxyType({}),
    rules: Mapping[str, ServiceRule] = MappingProxyType({}),
) -> tuple[Service, ...]:
    """Return the default services with some standards and rules replaced.

    Parameters
    ----------
    standards_km
        Standard in kilometres by kind.
    rules
        Rule by kind. A kind whose default is presence in the county needs a standard with it.

    Raises
    ------
    QueryError
        If a standard is negative, missing or infinite, if a kind has no service, or if a rule
        that measures has no standard.
    """
    known = [service.kind for service in DEFAULT_SERVICES]
    for kind in (*standards_km, *rules):
        if kind not in known:
            raise QueryError("service_kind_unknown", value=kind, kinds="、".join(known))
    return tuple(_changed(service, standards_km, rules) for service in DEFAULT_SERVICES)


def _changed(
    service: Service, standards_km: Mapping[str, float], rules: Mapping[str, ServiceRule]
) -> Service:
    standard = standards_km.get(service.kind, service.standard_km)
    rule = service.rule
    if service.kind in standards_km and rule is ServiceRule.OWN_COUNTY:
        rule = ServiceRule.NEAREST
    rule = ServiceRule(rules.get(service.kind, rule))
    if rule is ServiceRule.OWN_COUNTY:
        return Service(service.kind, rule, None)
    if standard is None:
        raise QueryError("standard_missing", kind=service.kind)
    return Service(service.kind, rule, checked_standard(service.kind, standard))


def checked_standard(kind: str, standard_km: float) -> float:
    """Return a service standard that can be used.

    Parameters
    ----------
    kind
        The kind of node, for the sentence.
    standard_km
        Kilometres.

    Raises
    ------
    QueryError
        If it is negative, not a number or infinite.
    """
    if not 0.0 <= standard_km < float("inf"):
        raise QueryError("standard_invalid", kind=kind, value=standard_km)
    return float(standard_km)


# --- own travel times -----------------------------------------------------------------------------


def refuse_other_unit(unit: CostUnit, *, in_km: object, in_minutes: object) -> None:
    """Refuse a standard that is not in the unit of the distances.

    Parameters
    ----------
    unit
        Of the method.
    in_km, in_minutes
        The standards that were given in either unit; falsy where none was.

    Raises
    ------
    QueryError
        If one was given that would be compared with numbers of the other unit, or with none.
    """
    if unit is CostUnit.MINUTES and in_km:
        raise QueryError("standard_unit_min")
    if unit is CostUnit.KM and in_minutes:
        raise QueryError("standard_unit_km")


def _travel_of(found: object, context: Context) -> str | None:
    held: str | None = context.get("travel", {}).get(context["method"])
    if found is not None and found != held:
        raise ValueError(found)
    return held


TRAVEL: ParameterType[str | None] = ParameterType(
    of_text=_travel_of,
    to_text=lambda sha256: sha256 or "",
    allowed=lambda context: "、".join(context.get("travel", {}).values()) or "–",
    problem="link_travel",
    of_json=_travel_of,
    expected="SHA-256 of the file of travel times in this version of the data set",
    # No widget: the open data set says it.
    to_state=lambda _key, _value, _context: {},
    of_state=lambda _key, _state, context: _travel_of(None, context),
    is_optional=True,
)
"""The type of the SHA-256 of the input that a method of own travel times rests on.

It stands behind the method; None for a method that needs none, or that the data set has none for.
"""
