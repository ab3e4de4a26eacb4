"""Service standards, rules and verdicts on plain arrays: one question or thousands at once.

Everything here is distances in, codes out. A distance is three numbers: the estimate and the ends
of its band. *The nearest of several* is taken of each of the three on its own: the true distance
to the nearest facility lies between the least lower end and the least upper end, whichever
facility that is, and both can only fall when a facility is added.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from network_map.crs import FloatArray
from network_map.errors import QueryError
from network_map.terms import NodeKind, ServiceRule, Verdict

BoolArray: TypeAlias = NDArray[np.bool_]
_BEHIND_KM, _DIGITS = 1e6, 6
"""Puts what another prefecture has behind all of one's own; no distance comes near it."""

VERDICTS: tuple[Verdict, ...] = tuple(Verdict)
"""The verdicts in the order of their codes, from good to bad: a larger code is a worse verdict."""

COVERED, UNCERTAIN, GAP = range(3)


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
        The service standard in kilometres; None where presence in the county is what counts.
    """

    kind: str
    rule: ServiceRule
    standard_km: float | None


DEFAULT_SERVICES: tuple[Service, ...] = (
    Service(NodeKind.PROVINCIAL_MARKET.value, ServiceRule.NEAREST, 300.0),
    Service(NodeKind.SUB_MARKET.value, ServiceRule.OWN_PREFECTURE, 120.0),
    Service(NodeKind.DEMONSTRATION_COUNTY.value, ServiceRule.NEAREST, 100.0),
    Service(NodeKind.COUNTY_CENTRE.value, ServiceRule.OWN_COUNTY, None),
)
"""Defaults to start a talk from, and no policy: no document sets a distance for the network."""


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


def own_first(km: FloatArray, is_own: BoolArray | None) -> FloatArray:
    """Return distances in whose order facilities serve: those of the own prefecture first.

    Parameters
    ----------
    km
        Kilometres from n demand points to m facilities.
    is_own
        Which facilities lie in a point's own prefecture, (n, m); None where none comes first.
    """
    return km if is_own is None else np.where(is_own, km, km + _BEHIND_KM)


def without_order(ordered: FloatArray) -> FloatArray:
    """Return kilometres from those of :func:`own_first`, without the bits that these have cost."""
    is_behind = np.isfinite(ordered) & (ordered >= _BEHIND_KM)
    return np.where(is_behind, np.round(ordered - _BEHIND_KM, _DIGITS), ordered)


def admitted(is_own: BoolArray) -> BoolArray:
    """Return which facilities may serve: a point's own ones, all where it has none, (n, m)."""
    return np.asarray(is_own | ~is_own.any(axis=1, keepdims=True), dtype="bool")


def verdict_codes(
    low_km: ArrayLike, high_km: ArrayLike, standard_km: ArrayLike
) -> NDArray[np.int8]:
    """Return the verdict on each distance as its place in `VERDICTS`.

    Parameters
    ----------
    low_km, high_km
        Ends of the band in kilometres; infinite where there is no facility, missing where there
        is one and its distance is not known.
    standard_km
        Kilometres. All three are broadcast: distances (draws, n) against standards (draws, 1).

    Returns
    -------
    numpy.ndarray
        `COVERED` where the band ends within the standard, `GAP` where it begins beyond it, else
        `UNCERTAIN`, an unknown distance among them. A larger standard never gives a larger code.
    """
    standard = np.asarray(standard_km, dtype="float64")
    is_covered = np.asarray(high_km, dtype="float64") <= standard
    is_gap = np.asarray(low_km, dtype="float64") > standard
    codes = np.where(is_gap, GAP, np.where(is_covered, COVERED, UNCERTAIN))
    return np.asarray(codes, dtype="int8")
